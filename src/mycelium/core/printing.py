"""The text of Tensors and Parameters, as MindSpore prints them."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.array import holder


def tensor_str(tensor: Any) -> str:
    """`str(tensor)`: the values only."""
    if tensor.has_init or tensor._data is None:
        return f"Unfixed Tensor(shape={tensor.shape}, dtype={tensor.dtype})"
    data = tensor._data
    if holder.backend.is_traced(data):
        return f"Tensor(shape={_list(tensor.shape)}, dtype={tensor.dtype}, value=<computed when the graph runs>)"
    return _array_text(np.asarray(data))


def tensor_repr(tensor: Any) -> str:
    """`repr(tensor)`: shape, dtype and values."""
    if tensor._data is None or holder.backend.is_traced(tensor._data):
        return tensor_str(tensor)
    host = np.asarray(tensor._data)
    values = _array_text(host, repr_=True)
    gap = "\n" if host.ndim else " "
    return f"Tensor(shape={_list(host.shape)}, dtype={tensor.dtype}, value={gap}{values})"


def parameter_repr(parameter: Any) -> str:
    """`repr(parameter)`: name, shape, dtype and whether it is trained."""
    return (f"Parameter (name={parameter.name}, shape={tuple(parameter.shape)}, dtype={parameter.dtype}, "
            f"requires_grad={parameter.requires_grad})")


def _list(shape: tuple) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"


def _array_text(host: np.ndarray, repr_: bool = False) -> str:
    if host.dtype.name == "bfloat16":
        host = host.astype(np.float32)
    return np.array2string(host, separator=", " if repr_ else " ", threshold=1000,
                           formatter=_formatter(host) if repr_ else None) if host.ndim else _scalar_text(host, repr_)


def _scalar_text(host: np.ndarray, repr_: bool) -> str:
    return np.array2string(host, formatter=_formatter(host) if repr_ else None)


def _formatter(host: np.ndarray) -> dict | None:
    if host.dtype.kind == "f":
        return {"float_kind": lambda x: f"{x: .8e}"}
    return None
