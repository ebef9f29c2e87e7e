"""The text of Tensors and Parameters, as MindSpore prints them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.array import holder

_EDGE = 3               # elements shown at each end of a long axis
_NUMBERS_PER_LINE, _INTS_PER_LINE = 12, 24


def tensor_str(tensor: Any) -> str:
    """`str(tensor)`: the values, as NumPy prints them."""
    data = tensor._data
    if data is None:
        return tensor_repr(tensor)
    if holder.backend.is_traced(data):
        return f"Tensor(shape={list(tensor.shape)}, dtype={tensor.dtype}, value=<computed when the graph runs>)"
    host = np.asarray(data)
    return str(host.astype(np.float32) if host.dtype.name == "bfloat16" else host)


def tensor_repr(tensor: Any) -> str:
    """`repr(tensor)`: shape, dtype and values."""
    data = tensor._data
    if data is None:
        return f"Tensor(shape={list(tensor.shape)}, dtype={tensor.dtype}, value=\n<uninitialized>)"
    if holder.backend.is_traced(data):
        return tensor_str(tensor)
    host = np.asarray(data)
    digits = 4 if host.dtype.itemsize == 2 else 8
    if host.dtype.name == "bfloat16":
        host = host.astype(np.float32)
    return f"Tensor(shape={list(host.shape)}, dtype={tensor.dtype}, value={_values(host, digits)})"


def parameter_repr(parameter: Any) -> str:
    """`repr(parameter)`: name, shape, dtype and whether it is trained."""
    return (f"Parameter (name={parameter.name}, shape={tuple(parameter.shape)}, dtype={parameter.dtype}, "
            f"requires_grad={parameter.requires_grad})")


def _values(host: np.ndarray, digits: int) -> str:
    if host.size == 0:
        return " " if host.ndim < 2 else "\n"
    if host.ndim == 0:
        return f" {host[()]:g}" if host.dtype.kind == "f" else f" {host[()]}"
    text = _formatter(host, digits)
    if host.ndim > 1:
        return "\n" + _nested(host, text, 1)
    per_line = _INTS_PER_LINE if host.dtype.kind in "iu" else _NUMBERS_PER_LINE
    items = [text(x) for x in host]
    lines = [", ".join(items[i:i + per_line]) for i in range(0, len(items), per_line)]
    return " [" + ", \n ".join(lines) + "]"


def _formatter(host: np.ndarray, digits: int) -> Callable[[Any], str]:
    """Text of one element, padded so that columns align."""
    kind = host.dtype.kind
    if kind == "f":
        width = digits + 7
        return lambda x: f"{x: .{digits}e}".rjust(width)
    if kind == "c":
        return lambda x: f"{x.real:g}{x.imag:+g}j"
    width = max(len(str(x)) for x in (host.min(), host.max())) if kind != "b" else 5
    return lambda x: str(x).rjust(width)


def _nested(host: np.ndarray, text: Callable[[Any], str], depth: int) -> str:
    long = len(host) > 2 * _EDGE
    if host.ndim == 1:
        if long:
            return f"[{', '.join(map(text, host[:_EDGE]))} ... {', '.join(map(text, host[-_EDGE:]))}]"
        return "[" + ", ".join(map(text, host)) + "]"
    rows = [_nested(row, text, depth + 1) for row in ([*host[:_EDGE], *host[-_EDGE:]] if long else host)]
    gap = ",\n" + " " * depth
    if long:
        return f"[{gap.join(rows[:_EDGE])},\n{' ' * depth}...\n{' ' * depth}{gap.join(rows[_EDGE:])}]"
    return "[" + gap.join(rows) + "]"
