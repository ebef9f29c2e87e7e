"""Branches of converted code: a Python value decides at once, a Tensor becomes part of the program."""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from mycelium.core.array import holder
from mycelium.core.tensor import Tensor
from mycelium.engine import control
from mycelium.engine.compile import DynamicShapeError
from mycelium.graph.transform import convert
from mycelium.graph.values import MISSING, Merger, Static, capture

HOOKS = ("if_stmt", "guard", "if_return", "if_exp")
RANGE = "_mc_range"     # what the index of a loop is between, as an attribute of the Tensor


class _Local(threading.local):
    depth = 0           # how many branches and loops of the program are being traced


local = _Local()


def is_traced(value: Any) -> bool:
    """Whether a value is a Tensor known only when the program runs."""
    return isinstance(value, Tensor) and holder.backend.is_traced(value._data)


def give(value: Any) -> Any:
    """The value itself."""
    return value


def holds_traced(value: Any) -> bool:
    """Whether a value is one, or contains one in tuples, lists, sets and dicts."""
    if isinstance(value, dict):
        return any(map(holds_traced, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(holds_traced, value))
    return is_traced(value)


def condition(value: Tensor) -> Any:
    """The boolean array that a Tensor in place of a condition stands for.

    Raises:
        ValueError: The Tensor has more than one element.
    """
    if value.size != 1:
        raise ValueError(f"A condition should be a Tensor with one element, but got shape {tuple(value.shape)}. Reduce "
                         "it with .all() or .any().")
    return control.predicate(value._data)


# ***** variables, and lists changed in place *****

class Slot:
    """A variable of the converted function, through its cell."""

    __slots__ = ("name", "cell", "fill")

    def __init__(self, name: str, cell: Any):
        self.name, self.cell = f"'{name}'", cell
        self.fill = name.startswith("_mc_")
        if name == "_mc_value":
            self.name = "The returned value"

    def get(self) -> Any:
        """The value, MISSING if there is none."""
        try:
            return self.cell.cell_contents
        except ValueError:
            return MISSING

    def set(self, value: Any) -> None:
        """Binds the variable, or unbinds it for MISSING."""
        if value is not MISSING:
            self.cell.cell_contents = value
        elif self.get() is not MISSING:
            del self.cell.cell_contents


class Box:
    """A list or dict that blocks may change in place; its value is its content."""

    __slots__ = ("name", "object", "fill")

    def __init__(self, value: list | dict, name: str):
        self.object, self.name, self.fill = value, name, False

    def get(self) -> Any:
        """A copy of the content."""
        return self.object.copy()

    def set(self, value: Any) -> None:
        """Replaces the content."""
        if isinstance(self.object, list):
            self.object[:] = value
        else:
            self.object.clear()
            self.object.update(value)

    def changed(self, before: Any) -> bool:
        """Whether the content differs from `before`, by identity."""
        now = self.object
        if len(now) != len(before):
            return True
        if isinstance(now, list):
            return any(a is not b for a, b in zip(now, before, strict=True))
        return any(now.get(k, MISSING) is not v for k, v in before.items())


def cells_of(*blocks: Callable) -> dict[str, Any]:
    """The variables around blocks, by name."""
    cells: dict[str, Any] = {}
    for b in blocks:
        if isinstance(b, FunctionType):
            cells.update(zip(b.__code__.co_freevars, b.__closure__ or (), strict=True))
    return cells


def boxes_of(cells: dict[str, Any]) -> list[Box]:
    """The lists and dicts in variables, and those inside them."""
    found: dict[int, Box] = {}

    def collect(value: Any, name: str, depth: int) -> None:
        if isinstance(value, (list, dict)) and id(value) not in found:
            found[id(value)] = Box(value, name)
        if depth and isinstance(value, (list, tuple, dict)) and len(value) <= 64:
            for v in value.values() if isinstance(value, dict) else value:
                if isinstance(v, (list, tuple, dict)):
                    collect(v, f"an element of {name}", depth - 1)

    for name, cell in cells.items():
        value = Slot(name, cell).get()
        if isinstance(value, (list, tuple, dict)):
            collect(value, f"'{name}'", 3)
    return list(found.values())


@contextmanager
def tracing() -> Iterator[None]:
    """A block is traced that may or may not run."""
    local.depth += 1
    try:
        yield
    finally:
        local.depth -= 1


# ***** branches *****

class Choice:
    """One of several functions or Cells, picked by a Tensor; a call runs the picked one."""

    def __init__(self, index: Any, candidates: list):
        self.index, self.candidates = index, candidates

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the picked candidate."""
        def run(candidate: Callable) -> Callable:
            return lambda: convert(candidate)(*args, **kwargs)

        return select(self.index, [run(c) for c in self.candidates], "The result of the picked function")


def select(chosen: Any, thunks: Sequence[Callable], what: str, slots: Sequence[Slot] = (), scratch: Sequence[Slot] = (),
           fill: bool = False) -> Any:
    """Traces every alternative, and makes the program run the chosen one.

    Args:
        chosen: Boolean array (two alternatives, the first if true) or int array.
        thunks: The alternatives; each returns a value.
        what: What that value is, for messages.
        slots: Variables the alternatives may bind.
        scratch: Further ones, which are not read afterwards; they end up unbound.
        fill: A variable without a value in one alternative is not read after that one.

    Returns:
        The value, with the slots set.
    """
    paths = ["when the condition is true", "when it is false"] if len(thunks) == 2 else \
        [f"for index {i}" for i in range(len(thunks))]
    boxes = boxes_of(cells_of(*thunks))
    before = [s.get() for s in (*slots, *scratch)]
    contents = [b.get() for b in boxes]
    blocks, changed = [], set()

    def run(thunk: Callable) -> tuple[list, list]:
        arrays: list = []
        trees = [capture(thunk(), arrays)]
        # a list that a branch only changes is handed on as itself, its content below
        trees += [Static(v) if v is old and isinstance(v, (list, dict)) else capture(v, arrays)
                  for v, old in zip([s.get() for s in slots], before, strict=False)]
        trees += [capture(b.get(), arrays) for b in boxes]
        return arrays, trees

    for thunk in thunks:
        with tracing():
            try:
                blocks.append(control.trace(lambda: run(thunk)))    # noqa: B023  called at once
            except RecursionError:
                raise DynamicShapeError("recursion", "a recursion ends by the value of a Tensor",
                                        "write it as a 'while' loop, or let a Python number end it") from None
        changed |= {i for i, (b, c) in enumerate(zip(boxes, contents, strict=True)) if b.changed(c)}
        for s, value in zip((*slots, *scratch), before, strict=True):
            s.set(value)
        for b, value in zip(boxes, contents, strict=True):
            b.set(value)

    merger = Merger(paths, Choice)
    columns = list(zip(*[b.extra for b in blocks], strict=True))
    trees = [merger.merge(columns[0], what)]
    trees += [merger.merge(c, s.name, fill or s.fill) for c, s in zip(columns[1:], slots, strict=False)]
    # the content of a list is compared only if a path changed it
    touched = [(boxes[i], merger.merge(columns[1 + len(slots) + i], boxes[i].name)) for i in sorted(changed)]
    results = iter(control.cond(chosen, blocks, [_finish(merger, i) for i in range(len(blocks))]))
    value = merger.build(trees[0], results)
    for s, t in zip(slots, trees[1:], strict=True):
        s.set(merger.build(t, results))
    for b, t in touched:
        b.set(merger.build(t, results))
    unbind(scratch)
    return value


def _finish(merger: Merger, path: int) -> Callable:
    return lambda outs: merger.outputs(path, outs)


def slots_of(names: Sequence[str], dead: Sequence[str], *blocks: Callable) -> tuple[list[Slot], list[Slot]]:
    """The variables of blocks that are used afterwards, and those that are not."""
    cells = cells_of(*blocks)
    return [Slot(n, cells[n]) for n in names], [Slot(n, cells[n]) for n in dead]


def unbind(slots: Iterable[Slot]) -> None:
    """Variables that only the blocks used would hold values of a trace that has ended."""
    for s in slots:
        s.set(MISSING)


def if_stmt(test: Any, body: Callable, orelse: Callable, names: Sequence[str], dead: Sequence[str],
            fill: bool = False) -> None:
    """`if test: body` with variables `names` used afterwards and `dead` ones not."""
    if not is_traced(test):
        (body if test else orelse)()
        return
    slots, scratch = slots_of(names, dead, body, orelse)
    select(condition(test), [body, orelse], "The branch", slots, scratch, fill)


def guard(test: Any, body: Callable, orelse: Callable, names: Sequence[str], dead: Sequence[str]) -> None:
    """`if` around what a jump skips: variables first bound in it are not read if it is skipped."""
    if_stmt(test, body, orelse, names, dead, True)


def if_return(test: Any, body: Callable, orelse: Callable, dead: Sequence[str]) -> Any:
    """`if` of which both branches return; `dead` are the variables they bind."""
    if not is_traced(test):
        return body() if test else orelse()
    _, scratch = slots_of((), dead, body, orelse)
    return select(condition(test), [body, orelse], "The returned value", (), scratch)


def if_exp(test: Any, body: Callable, orelse: Callable) -> Any:
    """`body if test else orelse`."""
    if not is_traced(test):
        return body() if test else orelse()
    return select(condition(test), [body, orelse], "The value of the conditional expression")


# ***** conditions *****

def negated(value: Any) -> Any:
    """`not value`."""
    return Tensor._wrap(control.logical_not(condition(value))) if is_traced(value) else not value


def both(left: Any, right: Callable) -> Any:
    """`left and right()` of conditions."""
    if not is_traced(left):
        return left and right()
    value = right()
    if not isinstance(value, Tensor):
        return left if value else False
    return Tensor._wrap(control.logical_and(condition(left), condition(value)))
