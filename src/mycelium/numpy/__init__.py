"""`mycelium.numpy`: NumPy's functions on Tensors, differentiable and compiled like any operator."""
from __future__ import annotations

import mycelium.ops.numpy_functions  # fills the table
from mycelium.core.tensor import Tensor as Tensor
from mycelium.ops.numpy_functions.mechanism import table as _table

globals().update(_table)
__all__ = sorted(_table)
