"""Annotations of operator signatures, and the checks made from them."""
from __future__ import annotations

import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe, nearest

if typing.TYPE_CHECKING:    # for the type checker an array may be anything: a jax.Array, a tracer, a number
    Array = Arrays = Any
else:
    class Array:
        """A Tensor input; inside the operator a jax.Array, or a Python number."""

    class Arrays:
        """A sequence of Tensors; inside the operator a list of arrays."""


Ints = int | tuple | None      # one int, several, or none given
Dtype = mstype.Type


def checker(annotation: Any) -> Callable[[str, str, Any], Any] | None:
    """A function (owner, name, value) -> value that raises TypeError or ValueError, or None when nothing is checked.

    `Annotated[int | tuple, f]` applies `f(owner, name, value) -> value` to what `int | tuple` let through.
    """
    if get_origin(annotation) is Annotated:
        base, *further = get_args(annotation)
        return _Chain([c for c in (checker(base), *further) if c is not None])
    if annotation is Any or isinstance(annotation, str) or annotation is None or annotation is getattr(Any, "empty", 0):
        return None
    members = get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)
    kinds: list[type] = []
    words: list[Any] = []
    for m in members:
        if get_origin(m) is Literal:
            words.extend(get_args(m))
        elif m is type(None) or m is None:
            kinds.append(type(None))
        elif isinstance(m, type) and (m in (bool, int, float, str, tuple) or issubclass(m, mstype.Type)):
            kinds.append(m)
        else:
            return None
    return _Check(tuple(kinds), tuple(words))


class _Chain:
    """Checks applied one after the other."""

    __slots__ = ("checks",)

    def __init__(self, checks: list):
        self.checks = checks

    def __call__(self, owner: str, name: str, value: Any) -> Any:
        for check in self.checks:
            value = check(owner, name, value)
        return value


class _Check:
    __slots__ = ("kinds", "words")

    def __init__(self, kinds: tuple, words: tuple):
        self.kinds, self.words = kinds, words

    def __call__(self, owner: str, name: str, value: Any) -> Any:
        kinds, words = self.kinds, self.words
        kind = type(value)
        if kind in kinds or (words and any(value == w and type(value) is type(w) for w in words)):
            return value
        if kind is int and float in kinds:
            return float(value)
        if kind is list and tuple in kinds:
            return tuple(value)
        if mstype.Type in kinds and not isinstance(value, (str, tuple)):
            try:
                return mstype.pytype_to_dtype(value)
            except (NotImplementedError, TypeError):
                pass        # refused below
        expected = [k.__name__ for k in kinds if k is not type(None)] + [repr(w) for w in words]
        if type(None) in kinds:
            expected.append("None")
        wanted = " or ".join(expected)
        if words and isinstance(value, str):
            strings = [w for w in words if isinstance(w, str)]
            raise ValueError(f"For '{owner}', '{name}' should be one of {strings}, but got {value!r}"
                             f"{nearest(value, strings) or '.'}")
        raise TypeError(f"For '{owner}', the type of '{name}' should be {wanted}, but got {describe(value)}.")


__all__ = ["Annotated", "Array", "Arrays", "Dtype", "Ints", "Literal", "checker", "typing"]
