"""Mycelium: MindSpore's API on JAX and XLA. `import mycelium as ms`."""
# isort: skip_file
from __future__ import annotations

import importlib
import sys
from typing import Any

__version__ = "0.1.0"

from mycelium import ops
from mycelium.core import context, dtype
from mycelium.core.context import GRAPH_MODE, PYNATIVE_MODE, get_context, get_seed, set_context, set_seed
from mycelium.core.dtype import (
    Type, bool_, byte, bfloat16, complex64, complex128, double, dtype_to_nptype, dtype_to_pytype, float16, float32,
    float64, float_, get_py_obj_dtype, half, int16, int32, int64, int8, int_, intc, intp, issubclass_, list_, number,
    pytype_to_dtype, short, single, string, tensor, tensor_type, tuple_, type_none, ubyte, uint, uint16, uint32, uint64,
    uint8, uintc, uintp, ushort)
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.ops.sparse_tensors import COOTensor, CSRTensor, RowTensor, SparseTensor
from mycelium.autodiff.grad import GradOperation, derivative, jet, jvp, value_and_grad, vmap
from mycelium.autodiff.jacobians import get_grad, grad, jacfwd, jacrev, linearize, vjp
from mycelium.autodiff.hooks import HookBackward, InsertGradientOf
from mycelium.graph.api import constexpr, jit, ms_class, ms_function, mutable

from mycelium.graph.bucketing import pad_to_bucket
from mycelium.graph.records import explain_compile

ops.publish(GradOperation=GradOperation, derivative=derivative, grad=grad, jet=jet, jvp=jvp,
            value_and_grad=value_and_grad, vjp=vjp, vmap=vmap, constexpr=constexpr, HookBackward=HookBackward,
            InsertGradientOf=InsertGradientOf, get_grad=get_grad, jacfwd=jacfwd, jacrev=jacrev, linearize=linearize)

from mycelium.compat import spellings as _spellings

_spellings.apply(ops.__dict__, ops.publish, Tensor)
globals().update({new: globals()[old] for new, old in _spellings.TOP.items()})

from mycelium import initializer, nn

# Imported when first used: a program that only builds networks need not wait for them. The namespaces themselves
# (train, dataset, numpy...) are found in the table of compat.paths.
_LAZY_NAMES = dict.fromkeys(
    ("Model", "Callback", "CheckpointConfig", "DatasetHelper", "DynamicLossScaleManager", "EarlyStopping",
     "FixedLossScaleManager", "History", "LambdaCallback", "LearningRateScheduler", "LossMonitor", "LossScaleManager",
     "ModelCheckpoint", "ReduceLROnPlateau", "RunContext", "SummaryCollector", "SummaryRecord", "TimeMonitor",
     "build_train_network", "connect_network_with_dataset", "data_sink", "load_checkpoint", "load_param_into_net",
     "save_checkpoint", "async_ckpt_thread_status"), "mycelium.train") | dict.fromkeys(
    ("ParallelMode", "get_auto_parallel_context", "reset_auto_parallel_context", "set_auto_parallel_context"),
    "mycelium.parallel.context")


def __getattr__(name: str) -> Any:
    if name in _LAZY_NAMES:
        value = getattr(importlib.import_module(_LAZY_NAMES[name]), name)
        setattr(sys.modules[__name__], name, value)
        return value
    raise AttributeError(f"module 'mycelium' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY_NAMES})


__all__ = sorted([n for n in globals() if not n.startswith("_") and n not in ("annotations", "importlib", "sys", "Any")]
                 + [n for n in _LAZY_NAMES])

from mycelium.compat.importer import guard as _guard

_guard(sys.modules[__name__], "mindspore")
_guard(ops, "mindspore.ops")
_guard(nn, "mindspore.nn")
