"""Programs as users write them, by subject: run in both modes, and compared with MindSpore 1.8.1."""
