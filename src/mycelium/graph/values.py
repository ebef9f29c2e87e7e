"""Python values that meet at the end of branches or of loop steps: taken apart, made equal in kind, put together.

A value is described by a tree: arrays and numbers are its leaves, tuples, lists and dicts its inner nodes, and anything
else is `Static`, the same on every path. Where paths meet, arrays of one shape and dtype become outputs of the program.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import MethodType
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.parameter import ParameterTuple
from mycelium.core.promotion import promote_scalar
from mycelium.core.tensor import Tensor
from mycelium.engine import control

MISSING = type("Missing", (), {"__repr__": lambda self: "undefined"})()     # a variable without a value


class Array:
    """A Tensor: the object, its array, and which output of the Block it is."""

    __slots__ = ("tensor", "array", "place")

    def __init__(self, tensor: Tensor, array: Any, place: int):
        self.tensor, self.array, self.place = tensor, array, place

    def __str__(self) -> str:
        if control.is_number(self.array):
            return {"f": "a float", "b": "a bool"}.get(self.array.dtype.kind, "an int")
        return f"Tensor(shape={tuple(self.array.shape)}, dtype={mstype.from_numpy_dtype(self.array.dtype)})"


class Number:
    """A Python number known while compiling."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __str__(self) -> str:
        return f"{type(self.value).__name__} {self.value}"


class Static:
    """Anything else: the same object on every path."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = value

    def __str__(self) -> str:
        text = repr(self.value)
        return text if len(text) < 60 else f"{text[:57]}..."


class Items:
    """A tuple or list."""

    __slots__ = ("kind", "items")

    def __init__(self, kind: type, items: list):
        self.kind, self.items = kind, items

    def __str__(self) -> str:
        return f"{self.kind.__name__} of {len(self.items)}"


class Mapping:
    """A dict."""

    __slots__ = ("keys", "items")

    def __init__(self, keys: list, items: list):
        self.keys, self.items = keys, items

    def __str__(self) -> str:
        return f"dict with keys {self.keys}"


class Leaf:
    """An array that the program hands on: what it is like, and where each path takes it from."""

    __slots__ = ("like", "sources")

    def __init__(self, like: Any, sources: Sequence):
        self.like, self.sources = like, sources


class Callables:
    """Functions or Cells of which the program picks one at run time, by an int."""

    __slots__ = ("candidates", "leaf")

    def __init__(self, candidates: list, leaf: Leaf):
        self.candidates, self.leaf = candidates, leaf


Tree = Array | Number | Static | Items | Mapping | Leaf | Callables


def capture(value: Any, arrays: list) -> Tree:
    """The tree of a value; its arrays are appended to `arrays`."""
    if isinstance(value, Tensor):
        arrays.append(value._ready())
        return Array(value, arrays[-1], len(arrays) - 1)
    kind = type(value)
    if kind in (bool, int, float):
        return Number(value)
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return Number(value.item())
    if kind in (tuple, list) or (isinstance(value, tuple) and hasattr(value, "_fields")):
        return Items(kind, [capture(v, arrays) for v in value])
    if kind is dict:
        return Mapping(list(value), [capture(v, arrays) for v in value.values()])
    return Static(value)


def same(a: Any, b: Any) -> bool:
    """Whether two static values are interchangeable."""
    if a is b:
        return True
    kinds = (str, bytes, complex, slice, range, mstype.Type, MethodType, np.dtype, frozenset, type(...))
    return type(a) is type(b) and isinstance(a, (*kinds, ParameterTuple)) and bool(a == b)


class Merger:
    """Makes one tree of the trees of several paths.

    Args:
        paths: What to call the paths in messages, such as "when the condition is true".
        choose: Makes the object that stands for one of several callables, from an index Tensor and the candidates.

    Attributes:
        leaves: The arrays to hand on.
    """

    def __init__(self, paths: Sequence[str], choose: Callable):
        self.paths = paths
        self.choose = choose
        self.leaves: list[Leaf] = []

    def merge(self, trees: Sequence[Tree], name: str, fill: bool = False) -> Tree:
        """The common tree.

        Args:
            trees: One for each path.
            name: What they belong to, for messages.
            fill: A path without a value gets zeros: it is known not to be read there.

        Raises:
            TypeError: The values differ in kind or dtype.
            ValueError: They differ in shape.
        """
        first = trees[0]
        if any(isinstance(t, Static) and t.value is MISSING for t in trees):
            return self._merge_missing(trees, name, fill)
        if all(isinstance(t, Static) for t in trees):
            if all(same(first.value, t.value) for t in trees):      # type: ignore[union-attr]
                return first
            if all(callable(t.value) for t in trees):               # type: ignore[union-attr]
                return self._callables(trees)
        if all(isinstance(t, Array) and t.tensor is first.tensor for t in trees):   # type: ignore[union-attr]
            return Static(first.tensor)                             # type: ignore[union-attr]
        if all(isinstance(t, Number) and type(t.value) is type(first.value) and t.value == first.value
               for t in trees):                                     # type: ignore[union-attr]
            return first
        if all(isinstance(t, (Array, Number)) for t in trees):
            return self._leaf(common_type(trees, lambda kind, i: self._mismatch(kind, trees, name, i)),
                              [t.place if isinstance(t, Array) else t for t in trees])
        if all(isinstance(t, Items) and t.kind is first.kind and len(t.items) == len(first.items)
               for t in trees):                                     # type: ignore[union-attr]
            return Items(first.kind, [self.merge(ts, f"{name}[{i}]", fill) for i, ts in enumerate(  # type: ignore[union-attr]
                zip(*[t.items for t in trees], strict=True))])      # type: ignore[union-attr]
        if all(isinstance(t, Mapping) and t.keys == first.keys for t in trees):     # type: ignore[union-attr]
            return Mapping(first.keys, [self.merge(ts, f"{name}[{k!r}]", fill) for k, ts in zip(  # type: ignore[union-attr]
                first.keys, zip(*[t.items for t in trees], strict=True), strict=True)])     # type: ignore[union-attr]
        other = next(i for i, t in enumerate(trees) if i and (type(t) is not type(first) or str(t) != str(first)
                                                              or i == len(trees) - 1))
        raise self._mismatch(TypeError, trees, name, other)

    def _leaf(self, like: Any, sources: Sequence) -> Leaf:
        leaf = Leaf(like, sources)
        self.leaves.append(leaf)
        return leaf

    def _merge_missing(self, trees: Sequence[Tree], name: str, fill: bool) -> Tree:
        there = [t for t in trees if not (isinstance(t, Static) and t.value is MISSING)]
        if not fill or not there:
            return Static(MISSING)
        if isinstance(there[0], Items):
            kind, count = there[0].kind, len(there[0].items)
            empty = Items(kind, [Static(MISSING)] * count)
            return self.merge([t if t in there else empty for t in trees], name, fill)
        if isinstance(there[0], Mapping):
            keys = there[0].keys
            empty = Mapping(keys, [Static(MISSING)] * len(keys))
            return self.merge([t if t in there else empty for t in trees], name, fill)
        if isinstance(there[0], (Number, Static)) and len(there) == 1:
            return there[0]
        like = common_type(there, lambda kind, i: self._mismatch(kind, trees, name, i))
        return self._leaf(like, [t.place if isinstance(t, Array) else t if isinstance(t, Number) else None
                                 for t in trees])

    def _callables(self, trees: Sequence[Tree]) -> Tree:
        leaf = self._leaf(control.abstract(np.int32(0)), [Number(np.int32(i)) for i in range(len(trees))])
        return Callables([t.value for t in trees], leaf)        # type: ignore[union-attr]

    def _mismatch(self, kind: type[Exception], trees: Sequence[Tree], name: str, other: int) -> Exception:
        return kind(f"{name} is {trees[0]} {self.paths[0]}, but {trees[other]} {self.paths[other]}. A Tensor decides "
                    "which of them it is only when the program runs, so both should have the same type, shape and "
                    "dtype. Make them equal, for example with astype, reshape or a Tensor in place of a Python value.")

    def outputs(self, path: int, outs: Sequence) -> list:
        """The arrays a path hands on, from the outputs of its Block."""
        return [take(leaf.sources[path], leaf.like, outs) for leaf in self.leaves]

    def build(self, tree: Tree, results: Iterator) -> Any:
        """The value of a merged tree, from the arrays handed on (in the order of the leaves)."""
        if isinstance(tree, (Static, Number)):
            return tree.value
        if isinstance(tree, Leaf):
            return Tensor._wrap(next(results))
        if isinstance(tree, Callables):
            return self.choose(next(results), tree.candidates)
        return assemble(tree, [self.build(t, results) for t in tree.items])     # type: ignore[union-attr]


def assemble(tree: Tree, items: list) -> Any:
    """A tuple, list or dict like `tree` from its items."""
    if isinstance(tree, Mapping):
        return dict(zip(tree.keys, items, strict=True))
    kind = tree.kind                                        # type: ignore[union-attr]
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def take(source: Any, like: Any, outs: Sequence) -> Any:
    """The array of one source, in the shape and dtype of `like`: an output, a number, or zeros for None."""
    if source is None:
        return control.zeros(like)
    if isinstance(source, Number):
        value = source.value
        array = control.number(float(value) if like.dtype.kind == "f" and type(value) is not bool else value)
        return control.convert(array, like)
    return control.convert(outs[source], like)


_ORDER = (bool, int, float)


def number_kind(tree: Array | Number) -> type | None:
    """The Python type of a number, known or not, or None for a Tensor."""
    if isinstance(tree, Number):
        return type(tree.value)
    if control.is_number(tree.array):
        return {"b": bool, "f": float}.get(tree.array.dtype.kind, int)
    return None


def common_type(trees: Sequence[Array | Number], mismatch: Callable[[type, int], Exception],
                spread: bool = False) -> Any:
    """What several arrays or numbers are made like.

    Args:
        trees: The values.
        mismatch: Makes the exception for the value at a place.
        spread: Whether a number may become a Tensor of any shape and of any dtype that holds it.
    """
    kinds = [number_kind(t) for t in trees]
    tensors = [i for i, k in enumerate(kinds) if k is None]
    if not tensors:
        return control.abstract(control.number(max(kinds, key=_ORDER.index)()))     # type: ignore[arg-type,misc]
    like = control.abstract(trees[tensors[0]].array)        # type: ignore[union-attr]
    for i, (t, kind) in enumerate(zip(trees, kinds, strict=True)):
        if kind is None:
            if t.array.shape != like.shape:                 # type: ignore[union-attr]
                raise mismatch(ValueError, i)
            if t.array.dtype != like.dtype:                 # type: ignore[union-attr]
                raise mismatch(TypeError, i)
        elif not spread and like.shape:
            raise mismatch(TypeError, i or tensors[0])
        elif not _holds(like.dtype, kind):
            raise mismatch(TypeError, i or tensors[0])
    return like


def _holds(dtype: Any, kind: type) -> bool:
    try:
        return promote_scalar(np.dtype(dtype), kind) == dtype
    except TypeError:
        return False
