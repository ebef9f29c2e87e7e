"""Functions over structures: HyperMap, Map, MultitypeFuncGraph, Partial."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.engine.user_code import prepare
from mycelium.ops import registry
from mycelium.ops.op import primitive
from mycelium.ops.primitive import Primitive

_KINDS = {"Tensor": lambda v: isinstance(v, Tensor), "Ref": lambda v: isinstance(v, Parameter),
          "Number": lambda v: isinstance(v, (bool, int, float)), "Int": lambda v: type(v) is int,
          "Float": lambda v: isinstance(v, float), "Bool": lambda v: isinstance(v, bool),
          "String": lambda v: isinstance(v, str), "Tuple": lambda v: isinstance(v, tuple),
          "List": lambda v: isinstance(v, list), "Dictionary": lambda v: isinstance(v, dict),
          "Function": callable, "None": lambda v: v is None, "Func": callable,
          "Type": lambda v: isinstance(v, mstype.Type),
          "Slice": lambda v: isinstance(v, slice), "Ellipsis": lambda v: v is Ellipsis}


def _matches(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, str):
        kind = _KINDS.get(wanted)
        if kind is not None:
            return kind(value)
        return type(value).__name__ == wanted
    if isinstance(wanted, mstype.Type):
        if wanted.np_dtype is None:
            return _matches(value, str(wanted))
        if isinstance(value, (bool, int, float)):
            return isinstance(value, mstype.dtype_to_pytype(wanted))
        return isinstance(value, Tensor) and value.dtype is wanted
    if isinstance(wanted, type):
        return isinstance(value, wanted)
    return False


@primitive
class MultitypeFuncGraph(Primitive):
    """A function that is chosen by the types of its arguments.

    Args:
        name: For messages.
        read_value: Pass Parameters by value.

    Examples:
        >>> add = ops.MultitypeFuncGraph("add")
        >>> @add.register("Number", "Number")
        ... def add_numbers(x, y):
        ...     return x + y
        >>> add(1, 2)
        3

    MindSpore r1.8 `ops.MultitypeFuncGraph`.
    """

    def __init__(self, name: str, read_value: bool = False):
        super().__init__(name)
        self.entries: list[tuple[tuple, Callable]] = []
        self.read_value = read_value

    def register(self, *type_names: Any) -> Callable:
        """Registers the decorated function for these types: MindSpore types or names such as "Tensor"."""
        def decorate(fn: Callable) -> Callable:
            self.entries.append((type_names, fn))
            return fn

        return decorate

    def __call__(self, *args: Any) -> Any:
        if self.read_value:
            args = tuple([a.value() if isinstance(a, Parameter) else a for a in args])
        if len(self.entries) == 1:
            return prepare(self.entries[0][1])(*args)
        for types, fn in self.entries:
            if len(types) == len(args) and all(_matches(a, t) for a, t in zip(args, types, strict=True)):
                return prepare(fn)(*args)
        known = "; ".join("(" + ", ".join(map(str, t)) + ")" for t, _ in self.entries)
        raise ValueError(f"For 'MultitypeFuncGraph', '{self.name}' has no function for "
                         f"({', '.join(map(describe, args))}). It has: {known}.")


class _Mapping(Primitive):
    """Shared by Map and HyperMap."""

    deep = False

    def __init__(self, ops: Callable | None = None, reverse: bool = False):
        super().__init__(type(self).__name__)
        self.ops, self.reverse = ops, reverse

    def __call__(self, *args: Any) -> Any:
        fn = self.ops
        if fn is None:
            fn, *args = args        # type: ignore[assignment]
        fn = prepare(fn)
        if not args or not isinstance(args[0], (tuple, list)):
            return fn(*args)
        return self._map(fn, args)

    def _map(self, fn: Any, args: Any) -> tuple:
        lengths = {len(a) for a in args}
        if len(lengths) != 1:
            raise ValueError(f"For '{self.name}', the sequences should have one length, but got {sorted(lengths)}.")
        rows = list(zip(*args, strict=True))
        if self.reverse:
            rows.reverse()
        done = [self._map(fn, row) if self.deep and all(isinstance(r, (tuple, list)) for r in row) else fn(*row)
                for row in rows]
        return tuple(reversed(done) if self.reverse else done)


@primitive
class HyperMap(_Mapping):
    """Applies a function to corresponding elements of nested sequences.

    Args:
        ops: The function; None takes it as the first argument of the call.
        reverse: Go from the last to the first.

    Examples:
        >>> ops.HyperMap()(lambda x, y: x + y, (1, (2, 3)), (10, (20, 30)))
        (11, (22, 33))

    MindSpore r1.8 `ops.HyperMap`.
    """

    deep = True


@primitive
class Map(_Mapping):
    """Applies a function to corresponding elements of sequences.

    Args:
        ops: The function; None takes it as the first argument of the call.
        reverse: Go from the last to the first.

    Examples:
        >>> ops.Map()(lambda x, y: x + y, (1, 2), (10, 20))
        (11, 22)

    MindSpore r1.8 `ops.Map`.
    """


@primitive
class Partial(Primitive):
    """A function with its first arguments given.

    Examples:
        >>> ops.Partial()(lambda x, y: x - y, 5)(3)
        2

    MindSpore r1.8 `ops.Partial`.
    """

    def __init__(self) -> None:
        super().__init__("Partial")

    def __call__(self, *args: Any) -> Any:
        return functools.partial(args[0], *args[1:])


registry.add(registry.functions, "partial", Partial())
