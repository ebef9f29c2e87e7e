"""Elements of Tensors, lists and dicts in converted code: read, and assigned as `graph.assignment` has it."""
from __future__ import annotations

import functools
import operator
from collections import deque
from typing import Any

from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.engine import control
from mycelium.graph.branches import RANGE, give, holds_traced, is_traced, select
from mycelium.graph.calls import call

HOOKS = ("item", "stored_into", "with_item", "with_updated_item", "index", "set_outside", "change_outside")


def item(value: Any, index: Any) -> Any:
    """`value[index]`; a Tensor may pick from a list, tuple or CellList."""
    _check_range(value, index)
    if isinstance(value, dict) and is_traced(index):
        raise TypeError("A Tensor of a compiled program cannot be the key of a dict: its value is known only when the "
                        "program runs. Use a list, tuple or CellList, of which a Tensor can pick an element, or 'if'.")
    if is_traced(index) and not isinstance(value, (Tensor, dict, str)) and hasattr(value, "__len__") \
            and index._data.dtype.kind in "iu" and index.size == 1:
        candidates = [value[i] for i in range(len(value))]
        if not candidates:
            raise IndexError("An empty list has no element for the Tensor index.")
        return select(control.index(index._data, len(candidates)), [functools.partial(give, c) for c in candidates],
                      "The element")
    return value[index]


def _check_range(value: Any, index: Any) -> None:
    """Whether each index of a loop may stand for itself.

    Raises:
        IndexError: Not if it is one into a list, or out of range.
    """
    if isinstance(index, Tensor) and RANGE in index.__dict__:
        first, last = index.__dict__[RANGE]
        if not isinstance(value, Tensor) or not value.shape or first < -value.shape[0] or last >= value.shape[0]:
            raise IndexError(f"The indices from {first} to {last} are not all in range.")


def stored_into(value: Any, text: str) -> Any:
    """The attribute whose element is assigned, as in `self.a[i] = x`.

    Raises:
        TypeError: It is a list or dict, which outlives the program.
    """
    if isinstance(value, (list, dict)):
        raise TypeError(f"An element of '{text}', a {type(value).__name__}, is assigned in a compiled function, which "
                        "would happen while compiling only. Use a Parameter, or a local variable.")
    return value


class _Index:
    """`index[i, 1:2]` is the key of `x[i, 1:2]`."""

    def __getitem__(self, key: Any) -> Any:
        return key


index = _Index()


def with_item(value: Any, owner: Any, *path: Any) -> Any:
    """What `owner` is after `owner[path[0]][path[1]]... = value`."""
    first, *more = path
    if more:
        inner = item(owner, first)
        value = with_item(value, inner, *more)
        if value is inner:      # a list or dict: changed in place
            return owner
        if isinstance(owner, tuple):
            inner[more[0]] = value[more[0]]
            return owner
    _check_range(owner, first)
    if isinstance(owner, Tensor) and not isinstance(owner, Parameter):
        owner = Tensor._wrap(owner._ready())
    owner[first] = value
    return owner


def with_updated_item(owner: Any, path: tuple, value: Any, name: str) -> Any:
    """What `owner` is after `owner[path[0]]... op= value`."""
    old = owner
    for key in path:
        old = item(old, key)
    return with_item(getattr(operator, name)(old, value), owner, *path)


# ***** what outlives the program *****

def set_outside(value: Any, text: str, owner: Any, *path: Any) -> None:
    """`owner[path[0]]... = value` where `owner` is no variable of the program.

    Raises:
        TypeError: A Tensor of the program would be kept.
    """
    *outer, last = path
    for key in outer:
        owner = item(owner, key)
    if not isinstance(owner, Tensor):
        _stays(text, owner, value)
    owner[last] = value


def change_outside(method: Any, text: str) -> Any:
    """What to call for a method that may put something into a list, dict or set that is no variable of the program."""
    owner = getattr(method, "__self__", None)
    if not isinstance(owner, (list, dict, set, deque)):
        return call(method)

    def change(*args: Any, **kwargs: Any) -> Any:
        _stays(text, owner, (args, kwargs))
        return method(*args, **kwargs)

    return change


def _stays(text: str, owner: Any, value: Any) -> None:
    if holds_traced(value):
        raise TypeError(f"A Tensor of a compiled program would be kept in '{text}', a {type(owner).__name__} that "
                        "outlives it, where it has no value. Return the Tensor, assign it to a Parameter, or collect "
                        "Tensors in a list made in this function.")
