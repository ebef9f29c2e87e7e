"""Functions that are made anew at every call and mean the same: `def step(x): ...; return ms.grad(loss)(x)`.

A program compiled for one of them serves the next, as long as nothing that the function reads by name can differ.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.ops.primitive import Primitive

_MOST = 64      # derived functions that are kept; the one that was not asked for longest goes first
_DEPTH = 4      # functions that call functions
_FIXED = (Parameter, Primitive, np.ufunc, np.dtype)
# They keep no state; a program that would draw numbers of theirs is refused when it is compiled.
_LIBRARIES = {"mycelium", "mindspore", "numpy", "math", "builtins", "functools", "operator"}
_CONSTANTS = (int, float, complex, str, bytes, bool, type(None))

_Kept = OrderedDict[Any, tuple[list, Any]]      # the list keeps alive what a key has ids of

_kept: _Kept = OrderedDict()        # of functions without a Cell; with one, it keeps them, and they end with it


def shared(fn: Callable, key: Any, make: Callable[[], Any]) -> Any:
    """What `make` gives for `fn` and these options; what it gave for a function of the same meaning, if there is one.

    Args:
        fn: A function of the user's.
        key: The options.
        make: Makes the derived function.
    """
    read: list = []
    meaning = _meaning(fn, _DEPTH, read)
    if meaning is None:
        return make()
    cell = next((value for value in read if _is_cell(value)), None)
    derived = {} if cell is None else cell.__dict__.setdefault("_derived", {})
    kept: _Kept = _kept if cell is None else derived.setdefault("shared", OrderedDict())
    found = kept.get((meaning, key))
    if found is None:
        found = kept[meaning, key] = read, make()
        if len(kept) > _MOST:
            kept.popitem(last=False)
    kept.move_to_end((meaning, key))
    return found[1]


def _is_cell(value: Any) -> bool:
    return hasattr(type(value), "_fingerprint")


def _meaning(fn: Any, depth: int, read: list) -> tuple | None:
    """What a function is, by its code and all that it reads from outside; None where that may change unseen.

    Args:
        fn: The function.
        depth: How many functions that call functions are followed.
        read: Gets what was read, the function included.
    """
    if not isinstance(fn, FunctionType) or depth == 0 or fn.__kwdefaults__ or set(fn.__dict__) - {"_derived"}:
        return None
    outside = []
    try:
        outside += [cell.cell_contents for cell in fn.__closure__ or ()]
    except ValueError:      # a name that is not set yet
        return None
    known = fn.__globals__
    outside += [known[name] for name in sorted(set(_names(fn.__code__))) if name in known]
    parts = [_part(value, fn, depth, read) for value in (*outside, *(fn.__defaults__ or ()))]
    read.append(fn.__code__)
    return None if None in parts else (id(fn.__code__), *parts)


def _part(value: Any, fn: Any, depth: int, read: list) -> Any:
    if isinstance(value, _CONSTANTS):
        return type(value), value if value == value else "nan"
    if isinstance(value, _FIXED):
        read.append(value)
        return id(value)
    if _is_cell(value):
        read.append(value)
        states = [_state(cell) for _, cell in value.cells_and_names()]
        return None if None in states else (id(value), *states)
    if value is fn:
        return "itself"
    if isinstance(value, tuple):
        parts = [_part(item, fn, depth, read) for item in value]
        return None if None in parts else tuple(parts)
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or ""
    if isinstance(value, (ModuleType, type, FunctionType, BuiltinFunctionType)) and (
            module.partition(".")[0] in _LIBRARIES):
        read.append(value)
        return id(value)
    return _meaning(value, depth - 1, read)


def _state(cell: Any) -> tuple | None:
    """What a function may read of a Cell that it does not call: its settings, and what its attributes hold."""
    held = _held([value for name, value in cell.__dict__.items() if not name.startswith("_")])
    return None if held is None else (cell._fingerprint(), held)


def _held(value: Any) -> Any:
    """An attribute's value; None for one that may change unseen: a Tensor, an array, an object of the user's."""
    if isinstance(value, (list, tuple, dict)):
        parts = [_held(item) for item in (value.items() if isinstance(value, dict) else value)]
        return None if None in parts else (type(value), *parts)
    if isinstance(value, _CONSTANTS):
        return type(value), value
    if isinstance(value, _FIXED) or _is_cell(value):
        return id(value)
    kind = value if isinstance(value, (type, FunctionType, BuiltinFunctionType)) else type(value)
    library = (kind.__module__ or "").partition(".")[0] in _LIBRARIES
    return id(value) if library and not isinstance(value, (Tensor, np.ndarray)) else None


def _names(code: CodeType) -> Iterator[str]:
    """Names that code reads, those of functions inside it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
