"""Which Parameters a traced call reads and writes.

While a program is traced, every read and write of a Parameter goes to the innermost `Scope` instead of the object. A
scope stands for one pure function: the whole program, or the body of a gradient, a branch or a loop inside it.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mycelium.core.local import busy, local
from mycelium.engine.checks import Checks


class Scope:
    """Values of Parameters as one traced function sees them.

    Attributes:
        values: What each Parameter reads as now.
        writes: The Parameters written, with their latest value, in the order of their first write.
        link: While differentiating, makes the written value from (the value before, the new one), as MindSpore has it:
            nothing flows back through a write, and each read of a Parameter, before or after one, counts as the
            Parameter.
        forward: Whether the program is differentiated forward.
        forwards: Calls of Cells with `set_grad()` by the id of the Cell, for gradients of them that follow.
    """

    __slots__ = ("parent", "values", "writes", "restore", "link", "forward", "forwards")

    def __init__(self, parent: Scope | None):
        self.parent = parent
        self.values: dict[Any, Any] = {}
        self.writes: dict[Any, Any] = {}
        self.restore: list[tuple[Any, Any]] = []
        self.link: Any = None if parent is None else parent.link
        self.forward: bool = parent is not None and parent.forward
        self.forwards: dict[int, Any] = {}

    @property
    def root(self) -> Scope:
        """The outermost scope: the program itself."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def preset(self, param: Any, array: Any) -> None:
        """Makes `param` read as `array` without counting as a write."""
        self.values[param] = array

    def read(self, param: Any) -> Any:
        """The value of `param` here, found in the parents or discovered as an input of the program."""
        value = self.values.get(param)
        if value is None:
            value = self.discover(param) if self.parent is None else self.parent.read(param)
            self.values[param] = value
        return value

    def write(self, param: Any, array: Any) -> None:
        """Makes `param` read as `array` from here on."""
        if self.link is not None:
            array = self.link(self.read(param), array)
        self.values[param] = self.writes[param] = array

    def discover(self, param: Any) -> Any:
        """The value of a Parameter that the program did not read before."""
        return param._array

    def enter_cell(self, cell: Any) -> None:
        """Notes that the program depends on the attributes of `cell`."""
        if self.parent is not None:
            self.parent.enter_cell(cell)

    def mutate(self, tensor: Any) -> None:
        """Notes that `tensor` gets a traced array in place, to be put back when the trace ends."""
        self.restore.append((tensor, tensor._data))


class ProgramScope(Scope):
    """The scope of a whole program: finds the Parameters and Cells it depends on, and keeps what it has to check."""

    __slots__ = ("inputs", "cells", "alias", "checks")

    def __init__(self, alias: Any):
        super().__init__(None)
        self.inputs: dict[Any, Any] = {}
        self.cells: dict[int, Any] = {}
        self.alias = alias
        self.checks = Checks()

    def discover(self, param: Any) -> Any:
        """A fresh array object for the Parameter's memory, so that it is found again among the constants."""
        self.inputs[param] = array = self.alias(param._array)
        return array

    def enter_cell(self, cell: Any) -> None:
        self.cells[id(cell)] = cell


def current() -> Scope | None:
    """The innermost scope of this thread, or None when nothing is traced."""
    return local.scope


@contextmanager
def use(scope: Scope) -> Iterator[Scope]:
    """Makes `scope` the innermost one; tapes of the eager world do not see inside."""
    before, tapes, cast = local.scope, local.tapes, local.cast
    busy.append(None)
    local.scope, local.tapes = scope, ()
    try:
        yield scope
    finally:
        local.scope, local.tapes, local.cast = before, tapes, cast
        busy.pop()
        for tensor, array in reversed(scope.restore):
            tensor._data = array


def child_scope() -> Any:
    """A scope inside the current one, whose writes the caller applies (or drops) afterwards."""
    return use(Scope(local.scope))


def apply_writes(params: Any, arrays: Any) -> None:
    """Writes what a finished scope wrote into the one around it, or into the Parameters themselves."""
    for param, array in zip(params, arrays, strict=True):
        param._data = array
