"""The part that knows JAX: eager kernels, the gradient tape, traced state, compilation, randomness."""
