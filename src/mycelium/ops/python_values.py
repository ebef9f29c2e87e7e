"""Functions of Python values that r1.8 lists beside its operators: numbers, bools, strings, tuples, lists, dicts.

They run at once, also while a program is traced, where such values are constants.
"""
from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from mycelium.core.tensor import Tensor
from mycelium.ops.op import function


def _divided(x: Any, y: Any) -> Any:
    """A quotient; of two ints the part before the point."""
    return math.trunc(x / y) if isinstance(x, int) and isinstance(y, int) else x / y


def _replaced(sequence: Any, index: int, value: Any) -> Any:
    return type(sequence)([*sequence[:index], value, *sequence[index:][1:]])


def _with_key(mapping: dict, key: Any, value: Any) -> dict:
    return {**mapping, key: value}


def _reduced(shape: tuple, axes: tuple) -> tuple:
    """The shape after a reduction that keeps its axes."""
    chosen = {a % len(shape) for a in axes} or set(range(len(shape)))
    return tuple([1 if a in chosen else n for a, n in enumerate(shape)])


def _broadcast_axes(x: tuple, y: tuple) -> tuple[tuple, tuple]:
    """The axes over which the gradients of two broadcast inputs are summed."""
    rank = max(len(x), len(y))
    a, b = ((1,) * (rank - len(s)) + tuple(s) for s in (x, y))
    pad = rank - len(x), rank - len(y)
    return (tuple([i for i in range(rank) if i < pad[0] or a[i] == 1 != b[i]]),
            tuple([i for i in range(rank) if i < pad[1] or b[i] == 1 != a[i]]))


# name -> (function, what it gives)
_FUNCTIONS: dict[str, tuple[Callable, str]] = {
    "scalar_add": (operator.add, "x + y"),
    "scalar_sub": (operator.sub, "x - y"),
    "scalar_mul": (operator.mul, "x * y"),
    "scalar_div": (_divided, "x / y; of two ints the part before the point"),
    "scalar_floordiv": (operator.floordiv, "x // y"),
    "scalar_mod": (operator.mod, "x % y"),
    "scalar_pow": (operator.pow, "x ** y"),
    "scalar_uadd": (operator.pos, "+x"),
    "scalar_usub": (operator.neg, "-x"),
    "scalar_log": (math.log, "The natural logarithm of x"),
    "scalar_eq": (operator.eq, "x == y"),
    "scalar_ne": (operator.ne, "x != y"),
    "scalar_lt": (operator.lt, "x < y"),
    "scalar_le": (operator.le, "x <= y"),
    "scalar_gt": (operator.gt, "x > y"),
    "scalar_ge": (operator.ge, "x >= y"),
    "bool_and": (lambda x, y: x and y, "x and y"),
    "bool_or": (lambda x, y: x or y, "x or y"),
    "bool_not": (operator.not_, "not x"),
    "bool_eq": (operator.eq, "x == y, for bools"),
    "string_eq": (operator.eq, "x == y, for strings"),
    "string_concat": (operator.add, "x + y, for strings"),
    "is_": (operator.is_, "x is y"),
    "is_not": (operator.is_not, "x is not y"),
    "in_dict": (lambda key, mapping: key in mapping, "Whether a key is in a dict"),
    "not_in_dict": (lambda key, mapping: key not in mapping, "Whether a key is not in a dict"),
    "make_tuple": (lambda *values: values, "The arguments as a tuple"),
    "make_list": (lambda *values: list(values), "The arguments as a list"),
    "make_dict": (lambda keys, values: dict(zip(keys, values, strict=True)), "A dict of keys and values"),
    "make_slice": (slice, "slice(start, stop, step)"),
    "make_range": (lambda *bounds: tuple(range(*bounds)), "The numbers of a range as a tuple"),
    "tuple_len": (len, "The length of a tuple"),
    "list_len": (len, "The length of a list"),
    "tuple_getitem": (operator.getitem, "x[i]"),
    "list_getitem": (operator.getitem, "x[i]"),
    "dict_getitem": (operator.getitem, "x[key]"),
    "tuple_setitem": (_replaced, "The tuple with another element at a place"),
    "list_setitem": (_replaced, "The list with another element at a place"),
    "dict_setitem": (_with_key, "The dict with a key set"),
    "tuple_equal": (operator.eq, "x == y, for tuples"),
    "list_equal": (operator.eq, "x == y, for lists"),
    "tuple_reversed": (lambda x: x[::-1], "The tuple in reverse order"),
    "tuple_div": (lambda x, y: tuple([_divided(a, b) for a, b in zip(x, y, strict=True)]), "x / y, place by place"),
    "shape_mul": (lambda shape: math.prod(shape), "The product of the sizes of a shape"),
    "reduced_shape": (_reduced, "The shape after a reduction over axes that keeps them with size 1"),
    "broadcast_gradient_args": (_broadcast_axes, "The axes over which gradients of two broadcast shapes are summed"),
    "isconstant": (lambda x: not isinstance(x, Tensor), "Whether a value is a constant of the program"),
    "array_to_scalar": (lambda x: x.asnumpy().item(), "The number in a Tensor of one element"),
}


def _define(name: str, compute: Callable, words: str) -> None:
    def fn(*args: Any) -> Any:
        return compute(*args)

    fn.__name__ = fn.__qualname__ = name
    fn.__doc__ = f"{words} (MindSpore r1.8 `ops.functional.{name}`)."
    function(name)(fn)


for _name, (_compute, _words) in _FUNCTIONS.items():
    _define(_name, _compute, _words)
