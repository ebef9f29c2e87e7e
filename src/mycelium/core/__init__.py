"""What everything else stands on: data types, errors, context, Tensor and Parameter. Knows nothing above it."""
