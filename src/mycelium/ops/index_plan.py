"""Reading an index: what `x[index]` asks for, as a hashable pattern and the arrays and positions that fill it."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.array import holder
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.engine.compile import DynamicShapeError
from mycelium.ops import registry

_TAKEN = "integers, slices, '...', None, True, Tensors of int or bool, lists and tuples"


def items(owner: str, index: Any) -> tuple:
    """The parts of an index as a tuple."""
    if type(index) is tuple:
        return index
    if type(index) is list:
        if not index:
            raise IndexError(f"For '{owner}', a list that indexes a Tensor should not be empty.")
        # a list of numbers is an index array, a list of anything else a tuple of indices
        return (index,) if all(isinstance(i, (int, float)) for i in index) else tuple(index)
    return (index,)


def basic(items: tuple, shape: tuple) -> tuple | None:
    """(axes, new axes, starts) of an index without Tensors and lists, else None.

    `axes` says for each leading axis: None, taken whole; 0, an int; (length, step), a slice. `starts` are the lowest
    positions of those that are not whole. `new` lists where the result has new axes.
    """
    axes: list = []
    starts: list = []
    new: list = []
    rank = len(shape)
    place = 0       # in the result
    for n, item in enumerate(items):
        kind = type(item)
        if kind is int:
            axis = len(axes)
            if axis >= rank:
                raise _too_many(items, shape)
            size = shape[axis]
            if not -size <= item < size:
                raise IndexError(f"index {item} is out of bounds for dimension {axis} with size {size}")
            axes.append(0)
            starts.append(item + size if item < 0 else item)
        elif kind is slice:
            axis = len(axes)
            if axis >= rank:
                raise _too_many(items, shape)
            size = shape[axis]
            start, stop, step = _slice(item, size)
            length = len(range(start, stop, step))
            place += 1
            if length == size and step == 1:
                axes.append(None)
            else:
                axes.append((length, step))
                starts.append(min(start if step > 0 else start + (length - 1) * step, size) if length else 0)
        elif item is None or item is True:
            new.append(place)
            place += 1
        elif item is Ellipsis:
            rest = items[n + 1:]
            if any(i is Ellipsis for i in rest):
                raise IndexError("For 'getitem', an index can only have a single ellipsis ('...').")
            whole = rank - len(axes) - sum(1 for i in rest if i is not None and i is not True)
            if whole < 0:
                raise _too_many(items, shape)
            axes.extend([None] * whole)
            place += whole
        elif item is False:
            raise IndexError("A bool that indexes a Tensor should be True, but got False.")
        else:
            return None
    while axes and axes[-1] is None:
        axes.pop()
    return tuple(axes), tuple(new), starts


def _slice(item: slice, size: int) -> tuple[int, int, int]:
    """(start, stop, step) of a slice of an axis; Tensors in it are read, which a compiled program cannot."""
    parts = []
    for part in (item.start, item.stop, item.step):
        if isinstance(part, Tensor):
            if holder.backend.is_traced(part._data):
                raise DynamicShapeError("slice with a Tensor as its bound")
            part = int(part)
        elif part is not None and not hasattr(part, "__index__"):
            raise TypeError(f"For 'Tensor' indexing, the bounds of a slice should be int, Tensor or None, but got "
                            f"{describe(part)}.")
        parts.append(part)
    if parts[2] == 0:
        raise ValueError("For 'Tensor' indexing, the step of a slice should not be 0.")
    return slice(*parts).indices(size)


def _too_many(items: tuple, shape: tuple) -> Exception:
    if not shape:
        return ValueError("A Tensor without dimensions (a scalar) cannot be indexed by position; use `...` or None.")
    return IndexError(f"Too many indices: the Tensor has {len(shape)} dimensions (shape {tuple(shape)}), but the index "
                      f"is {items}.")


def holds_tensors(value: Any) -> bool:
    """Whether a nested list or tuple has a Tensor in it."""
    return any(isinstance(v, Tensor) or isinstance(v, (list, tuple)) and holds_tensors(v) for v in value)


def is_bool(item: Any) -> bool:
    return isinstance(item, Tensor) and item._ready().dtype == np.bool_


def advanced(owner: str, items: tuple, shape: tuple, checked: bool = False) -> tuple[tuple, list]:
    """The pattern of an index with Tensors or lists (hashable; "a" stands for an array), and the arrays."""
    plan: list = []
    arrays: list = []
    axis = 0
    used = sum(_width(owner, i) for i in items)
    if used > len(shape):
        raise _too_many(items, shape)
    for item in items:
        kind = type(item)
        if item is None or item is True:
            plan.append(None)
        elif item is False:
            raise IndexError("A bool that indexes a Tensor should be True, but got False.")
        elif item is Ellipsis:
            if "..." in plan:
                raise IndexError(f"For '{owner}', an index can only have a single ellipsis ('...').")
            plan.append("...")
            axis += len(shape) - used
        elif kind is slice:
            plan.append(_bounds(*_slice(item, shape[axis])))
            axis += 1
        else:
            for array in _index_arrays(owner, item, shape, axis, checked):
                plan.append("a")
                arrays.append(array)
                axis += 1
    return tuple(plan), arrays


def _bounds(start: int, stop: int, step: int) -> tuple:
    """A slice as a tuple that gives the same slice again (a stop before the start of the axis becomes None)."""
    return start, None if stop < 0 else stop, step


def _width(owner: str, item: Any) -> int:
    """How many axes one part of an index uses up."""
    if item is None or item is True or item is Ellipsis:
        return 0
    if is_bool(item):
        return item.ndim
    if isinstance(item, (list, tuple)) and not holds_tensors(item):
        host = _host(owner, item)
        return host.ndim if host.dtype == np.bool_ else 1
    return 1


def _index_arrays(owner: str, item: Any, shape: tuple, axis: int, checked: bool) -> list:
    """The integer arrays that one int, list or Tensor in an index stands for."""
    if isinstance(item, Tensor):
        data = item._ready()
        if data.dtype == np.bool_:
            if data.ndim == 0:
                raise IndexError("A bool Tensor that indexes a Tensor should have at least one dimension.")
            check_mask(data.shape, shape, axis)
            return _positions(data)
        if data.dtype.kind != "i":
            raise IndexError(f"For '{owner}', a Tensor index should have an int or bool dtype, but got {item.dtype}.")
        if checked and not holder.backend.is_traced(data):
            _check_positions(np.asarray(data), shape[axis], axis)
        return [data]
    if type(item) is int:
        item = [item]
        scalar = True
    elif isinstance(item, (list, tuple)):
        scalar = False
    else:
        raise IndexError(f"A Tensor can be indexed by {_TAKEN}, but got {describe(item)}. A NumPy array becomes an "
                         "index by Tensor(array).")
    if holds_tensors(item):
        return [registry.functions["stack"]([i if isinstance(i, Tensor) else Tensor(i) for i in item])._data]
    host = _host(owner, item)
    if host.dtype == np.bool_:
        check_mask(host.shape, shape, axis)
        return list(np.nonzero(host))
    _check_positions(host, shape[axis], axis)
    return [host[0] if scalar else host]


def _positions(mask: Any) -> list:
    """The positions of the True elements, an array for each dimension; a compiled program cannot know how many."""
    if holder.backend.is_traced(mask):
        raise DynamicShapeError("index with a bool Tensor")
    return list(np.nonzero(np.asarray(mask)))


def _host(owner: str, item: Any) -> Any:
    """A list or tuple of numbers as an array."""
    try:
        host = np.array(item)
    except (ValueError, TypeError):
        raise IndexError(f"For '{owner}', a nested list as an index should be regular, but got {item}.") from None
    if host.dtype == np.bool_ or host.dtype.kind == "i":
        return host
    if host.size == 0:
        raise IndexError(f"For '{owner}', a list that indexes a Tensor should not be empty.")
    raise TypeError(f"For '{owner}', the numbers in an index should be int or bool, but got {item}. An index is made "
                    f"of {_TAKEN}.")


def _check_positions(host: np.ndarray, size: int, axis: int) -> None:
    if host.size and (host.min() < -size or host.max() >= size):
        wrong = host[(host < -size) | (host >= size)].ravel()[0]
        raise IndexError(f"index {wrong} is out of bounds for dimension {axis} with size {size}")


def check_mask(mask: tuple, shape: tuple, axis: int) -> None:
    for n, size in enumerate(mask):
        if axis + n >= len(shape) or size != shape[axis + n]:
            raise IndexError(f"A bool index of shape {tuple(mask)} does not fit a Tensor of shape {tuple(shape)} from "
                             f"dimension {axis} on: the sizes should be equal.")
