"""The functions of `mycelium.numpy`: NumPy's names and meaning on Tensors, with MindSpore's dtypes."""
from __future__ import annotations

import importlib

for _family in ("elementwise", "reductions", "creation", "shaping", "products", "indexing", "histograms",
                "polynomials"):
    importlib.import_module(f"mycelium.ops.numpy_functions.{_family}")
