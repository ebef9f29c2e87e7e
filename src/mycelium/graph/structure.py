"""Arguments and results of compiled functions, taken apart into arrays and a hashable description, and put together."""
from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor

LEAF = "tensor"
_CONSTANTS = (bool, int, float, complex, str, bytes, type(None), slice, type(Ellipsis), mstype.Type, type, range,
              FunctionType, MethodType, np.generic, np.dtype)


def flatten(value: Any, arrays: list, extra: tuple[type, ...] = ()) -> Any:
    """Appends the arrays in `value` to `arrays` and returns a hashable description of the rest.

    Args:
        value: Tensors, constants, and tuples, lists and dicts of them.
        arrays: Gets the array of each Tensor, in order.
        extra: Further types that are constants by identity (Cells, for one).

    Raises:
        TypeError: `value` is of a type a compiled program cannot take.
    """
    kind = type(value)
    if kind is Tensor:
        arrays.append(value._ready())
        return LEAF
    if isinstance(value, Parameter):
        return "parameter", value
    if isinstance(value, Tensor):
        arrays.append(value._ready())
        return LEAF
    if isinstance(value, (tuple, list)):
        return kind, tuple([flatten(v, arrays, extra) for v in value])
    if isinstance(value, dict):
        return dict, tuple(value), tuple([flatten(v, arrays, extra) for v in value.values()])
    if hasattr(kind, "_fields"):    # a sparse Tensor, by its parts
        return kind, tuple([flatten(getattr(value, name), arrays, extra) for name in kind._fields])
    if isinstance(value, _CONSTANTS) or (extra and isinstance(value, extra)):
        return ("constant", kind, value) if kind is not slice else ("slice", value.start, value.stop, value.step)
    if isinstance(value, np.ndarray):
        raise TypeError(f"A Cell or compiled function takes Tensors, but got {describe(value)}. Wrap it: "
                        "Tensor(array).")
    raise TypeError(f"GRAPH_MODE takes Tensors, numbers, strings, None, and tuples, lists and dicts of them as "
                    f"arguments, but got {describe(value)}. Pass its parts, keep it as an attribute of the Cell, or "
                    "use PYNATIVE_MODE.")


def unflatten(spec: Any, arrays: Iterator, lists_as: type = list) -> Any:
    """What `flatten` took apart, with new arrays; `lists_as=tuple` returns lists as a graph does."""
    if spec is LEAF:
        return Tensor._wrap(next(arrays))
    head = spec[0]
    if head == "constant":
        return spec[2]
    if head == "parameter":
        return spec[1]
    if head == "slice":
        return slice(*spec[1:])
    if head is dict:
        return {k: unflatten(s, arrays, lists_as) for k, s in zip(spec[1], spec[2], strict=True)}
    values = [unflatten(s, arrays, lists_as) for s in spec[1]]
    if hasattr(head, "_fields"):
        return head(*values)
    if issubclass(head, list):
        return lists_as(values)
    return head(values) if head is not tuple else tuple(values)


def flatten_result(value: Any, arrays: list) -> Any:
    """Like `flatten`, for what a compiled function returns: a Parameter is returned by value."""
    if isinstance(value, Tensor):
        arrays.append(value._ready())
        return LEAF
    if isinstance(value, (tuple, list)):
        kind = type(value) if type(value) in (tuple, list) or hasattr(value, "_fields") else tuple
        return kind, tuple([flatten_result(v, arrays) for v in value])
    if isinstance(value, dict):
        return dict, tuple(value), tuple([flatten_result(v, arrays) for v in value.values()])
    if hasattr(type(value), "_fields"):
        return type(value), tuple([flatten_result(getattr(value, name), arrays) for name in type(value)._fields])
    return "constant", type(value), value
