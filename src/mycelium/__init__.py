"""Mycelium: MindSpore's API on JAX and XLA. `import mycelium as ms`."""
from __future__ import annotations

__version__ = "0.1.0"

from mycelium import ops
from mycelium.autodiff import grad as _gradients
from mycelium.core import dtype
from mycelium.core.context import GRAPH_MODE, PYNATIVE_MODE, get_context, get_seed, set_context, set_seed
from mycelium.core.dtype import *  # noqa: F403
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor

from mycelium import nn

common = None
