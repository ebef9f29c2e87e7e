"""Loops of converted code: Python values are looped over while compiling, a Tensor as condition makes a loop of the
program.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mycelium.core.tensor import Tensor
from mycelium.engine import control, state
from mycelium.graph.branches import (
    RANGE,
    Box,
    both,
    boxes_of,
    cells_of,
    condition,
    is_traced,
    negated,
    select,
    slots_of,
    tracing,
    unbind,
)
from mycelium.graph.values import (
    MISSING,
    Array,
    Items,
    Mapping,
    Number,
    Static,
    Tree,
    assemble,
    capture,
    common_type,
    same,
    take,
)

HOOKS = ("while_stmt", "for_stmt")
MOST_UNROLLED = 100     # steps of a loop over a Python range that become a piece of program each


class _Known(threading.local):
    hints: tuple = (None, {})


_known = _Known()


class TracedRange:
    """`range` with an end known only when the program runs."""

    def __init__(self, *args: Any):
        start, stop, step = (0, *args, 1) if len(args) == 1 else (*args, 1) if len(args) == 2 else args
        if is_traced(step):
            raise TypeError("For 'range', the step should be a Python int, but got a Tensor. Use a 'while' loop.")
        if step == 0:
            raise ValueError("For 'range', the step should not be zero.")
        for a in (start, stop):
            if isinstance(a, Tensor) and (a.size != 1 or a.dtype.np_dtype.kind not in "iu"):
                raise TypeError(f"For 'range', the bounds should be integers, but got a Tensor of shape "
                                f"{tuple(a.shape)} and dtype {a.dtype}. Convert it, as in x.astype('int32').")
        self.start, self.stop, self.step = start, stop, step

    def goes_on(self, index: Any) -> Any:
        """Whether `index` is still in the range."""
        return index < self.stop if self.step > 0 else index > self.stop


class _Hidden:
    """A variable of the loop itself."""

    __slots__ = ("name", "value", "fill")

    def __init__(self, name: str, value: Any):
        self.name, self.value, self.fill = name, value, False

    def get(self) -> Any:
        return self.value

    def set(self, value: Any) -> None:
        self.value = value


def while_stmt(test: Callable, body: Callable, stop: Callable | None, names: Sequence[str],
               dead: Sequence[str]) -> None:
    """`while test: body`; `stop` tells whether a jump left the loop."""
    def goes_on() -> Any:
        if stop is None:
            return test()
        stopped = stop()
        if is_traced(stopped):
            return both(negated(stopped), test)
        return not stopped and test()

    while True:
        again = goes_on()
        if is_traced(again):
            slots, rest = slots_of(names, dead, body, test)
            _loop(again, goes_on, body, slots, boxes_of(cells_of(body, test)))
            unbind(rest)
            return
        if not again:
            return
        body()


def for_stmt(iterable: Any, body: Callable, stop: Callable | None, names: Sequence[str], dead: Sequence[str],
             rollable: bool = False) -> None:
    """`for item in iterable: body(item)`; `rollable` tells that the item is at most an index in the body."""
    if isinstance(iterable, TracedRange):
        _for_range(iterable, body, stop, names, dead)
        return
    rollable = rollable and type(iterable) is range and len(iterable) > MOST_UNROLLED and state.current() is not None
    items = iter(iterable)
    for item in items:
        body(item)
        stopped = stop is not None and stop()
        if not is_traced(stopped) and stopped:
            return
        if rollable and _roll(iterable[1:], body, stop, names, dead):
            return
        rollable = False
        if is_traced(stopped):
            break
    else:
        return
    # from here on a Tensor decides whether the loop was left: each further step is a branch
    slots, rest = slots_of(names, dead, body)
    for item in items:
        stopped = stop()        # type: ignore[misc]
        select(condition(stopped), [lambda: None, lambda: body(item)], "The step", slots, rest, True)     # noqa: B023


def _roll(steps: range, body: Callable, stop: Callable | None, names: Sequence[str], dead: Sequence[str]) -> bool:
    """Makes a long loop over a range a loop of the program, if its steps are alike; tells whether they are."""
    index = _Hidden("the index of the loop", steps.start)
    slots, rest = slots_of(names, dead, body)
    boxes = boxes_of(cells_of(body))
    before = [s.get() for s in (*slots, *rest, *boxes)]

    def goes_on() -> Any:
        inside = index.value < steps.stop if steps.step > 0 else index.value > steps.stop
        inside = inside if isinstance(inside, Tensor) else Tensor._wrap(control.number(inside))
        return inside if stop is None else both(negated(stop()), lambda: inside)

    def step() -> None:
        index.value.__dict__[RANGE] = min(steps), max(steps)
        body(index.value)
        index.value = index.value + steps.step

    try:
        _loop(goes_on(), goes_on, step, [*slots, index], boxes, stop is None or not is_traced(stop()))
    except Exception:       # whatever it is, step by step it is either fine or raised again
        for s, value in zip((*slots, *rest, *boxes), before, strict=True):
            s.set(value)
        return False
    unbind(rest)
    return True


def _for_range(steps: TracedRange, body: Callable, stop: Callable | None, names: Sequence[str],
               dead: Sequence[str]) -> None:
    index = _Hidden("the index of the loop", steps.start)
    slots, rest = slots_of(names, dead, body)

    def goes_on() -> Any:
        inside = steps.goes_on(index.value)
        return inside if stop is None else both(negated(stop()), lambda: inside)

    def step() -> None:
        body(index.value)
        index.value = index.value + steps.step

    again = goes_on()
    if is_traced(again):
        _loop(again, goes_on, step, [*slots, index], boxes_of(cells_of(body)))
    unbind(rest)


class _Plan:
    """What a loop carries from step to step.

    Attributes:
        slots: The variables.
        trees: The value of each before the first step; carried leaves are Arrays whose place counts in `start`.
        start: The arrays before the first step, converted to what the steps make of them.
        given: The Tensors a step starts with; a variable that still holds its own at the end is left alone by steps.
        late: Trees of variables that have no value before the first step, by slot.
    """

    def __init__(self, slots: Sequence[Any], known: list):
        self.slots = list(slots)
        self.start: list = []
        self.original: list = []        # the values that `start` was made of
        self.untouched: set[int] = set()
        self.trees = [self._carry(capture(s.get(), [])) for s in self.slots]
        for i, (array, like) in enumerate(zip(self.start, known, strict=False)):
            if control.is_number(array) or array.dtype == like.dtype:
                self.start[i] = control.convert(array, like)
        self.late: dict[int, Tree] = {}

    def _carry(self, tree: Tree) -> Tree:
        if isinstance(tree, (Array, Number)):
            self.start.append(control.number(tree.value) if isinstance(tree, Number) else tree.array)
            self.original.append(tree.value if isinstance(tree, Number) else tree.tensor)
            return Array(None, self.start[-1], len(self.start) - 1)     # type: ignore[arg-type]
        if isinstance(tree, Items):
            return Items(tree.kind, [self._carry(t) for t in tree.items])
        if isinstance(tree, Mapping):
            return Mapping(tree.keys, [self._carry(t) for t in tree.items])
        return tree

    def put(self, arrays: Sequence) -> None:
        """Gives the variables the values a step starts with."""
        self.given = [Tensor._wrap(a) for a in arrays]
        self.arrays = arrays
        for s, t in zip(self.slots, self.trees, strict=True):
            s.set(_value(t, self.given))

    def join(self, outs: Sequence[Tree]) -> tuple[bool, list]:
        """Compares the values after a step with those before it.

        Returns:
            Whether the step has to be traced again, as it starts with other dtypes; and the sources of what it carries.
        """
        self.changed = False
        self.untouched.clear()
        self.sources: list = [None] * len(self.start)
        self.late, likes = {}, []
        for i, (slot, before, after) in enumerate(zip(self.slots, self.trees, outs, strict=True)):
            if isinstance(before, Static) and before.value is MISSING:
                self.late[i] = after
            else:
                self._join(before, after, slot.name)
        for i in list(self.late):
            arrays = _leaves(self.late[i])
            self.sources += arrays
            likes += [common_type([a], _never) for a in arrays]
        self.late_start = [control.zeros(like) for like in likes]
        return self.changed, self.sources

    def _join(self, before: Tree, after: Tree, name: str) -> None:
        if isinstance(before, Array) and isinstance(after, (Array, Number)):
            if isinstance(after, Array) and after.tensor is self.given[before.place] \
                    and after.array is self.arrays[before.place]:
                self.untouched.add(before.place)
            if isinstance(after, Number):       # the same number after any step
                old = self.original[before.place]
                if type(old) is type(after.value) and old == after.value:
                    self.untouched.add(before.place)
            now = Array(None, self.start[before.place], 0)              # type: ignore[arg-type]
            like = common_type([now, after], lambda kind, _: _changes(kind, name, now, after), spread=True)
            if not _equal(control.abstract(now.array), like):
                self.start[before.place] = control.convert(now.array, like)
                self.changed = True
            self.sources[before.place] = after
        elif isinstance(before, (Items, Mapping)) and type(after) is type(before) and \
                len(after.items) == len(before.items) and \
                (after.kind is before.kind if isinstance(before, Items) else after.keys == before.keys):    # type: ignore[union-attr]
            for i, (b, a) in enumerate(zip(before.items, after.items, strict=True)):
                self._join(b, a, f"{name}[{before.keys[i] if isinstance(before, Mapping) else i}]")
        elif not (isinstance(before, Static) and isinstance(after, Static) and same(before.value, after.value)):
            raise _changes(TypeError, name, before, after)

    def keeps_numbers(self) -> bool:
        """Whether what is a Python number before the loop or first made in it stays one that is known."""
        hidden = {t.place for s, t in zip(self.slots, self.trees, strict=True)
                  if isinstance(t, Array) and (isinstance(s, _Hidden) or s.fill)}
        late = [leaf for t in self.late.values() for leaf in _leaves(t)]
        return not any(isinstance(leaf, Number) for leaf in late) and all(
            isinstance(value, Tensor) or place in self.untouched or place in hidden
            for place, value in enumerate(self.original))

    def finish(self, outs: Sequence) -> list:
        """What a step hands to the next one, from the outputs of its Block: the condition, then the carried arrays."""
        likes = [control.abstract(a) for a in (*self.start, *self.late_start)]
        return [outs[0], *[take(s.place if isinstance(s, Array) else s, like, outs)
                           for s, like in zip(self.sources, likes, strict=True)]]

    def set(self, results: Sequence) -> None:
        """Gives the variables their values after the loop."""
        late = iter(results[len(self.start):])
        after = [self.original[i] if i in self.untouched else Tensor._wrap(a)
                 for i, a in enumerate(results[:len(self.start)])]
        for i, (s, t) in enumerate(zip(self.slots, self.trees, strict=True)):
            s.set(_rebuild(self.late[i], late) if i in self.late else _value(t, after))


def _value(tree: Tree, leaves: Sequence) -> Any:
    if isinstance(tree, Array):
        return leaves[tree.place]
    if isinstance(tree, (Items, Mapping)):
        return assemble(tree, [_value(t, leaves) for t in tree.items])
    return tree.value       # type: ignore[union-attr]


def _rebuild(tree: Tree, arrays: Iterator) -> Any:
    if isinstance(tree, (Array, Number)):
        return Tensor._wrap(next(arrays))
    if isinstance(tree, (Items, Mapping)):
        return assemble(tree, [_rebuild(t, arrays) for t in tree.items])
    return tree.value       # type: ignore[union-attr]


def _leaves(tree: Tree) -> list:
    if isinstance(tree, (Array, Number)):
        return [tree]
    return [leaf for t in tree.items for leaf in _leaves(t)] if isinstance(tree, (Items, Mapping)) else []


def _equal(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and a.weak_type == b.weak_type


def _never(kind: type, place: int) -> Exception:
    return kind(f"unexpected value {place}")


def _changes(kind: type, name: str, before: Tree, after: Tree) -> Exception:
    return kind(f"{name} is {before} before a step of the loop, but {after} after it. The condition of the loop is a "
                "Tensor, so all steps are one piece of program: a variable should keep its type, shape and dtype. Give "
                "it its final ones before the loop, or loop over a Python range.")


def _loop(again: Tensor, goes_on: Callable, body: Callable, slots: Sequence[Any], boxes: Sequence[Box],
          numbers: bool = False) -> None:
    """Makes the program repeat `body` while `goes_on()`; `again` is its value before the first step.

    Raises:
        TypeError: A Python number would become a Tensor although `numbers` says that it should not.
    """
    hint = _hint(body)
    extra: list[Box] = []
    before = [s.get() for s in (*slots, *boxes)]
    targets, known, rebound = hint.get("targets", []), hint.get("likes", []), set(hint.get("rebound", ()))

    def restore() -> None:
        for s, value in zip((*slots, *boxes), before, strict=True):
            s.set(value)

    def fixed(i: int) -> bool:
        """Whether a variable keeps its list or dict, of which only the content may change."""
        return isinstance(before[i], (list, dict)) and slots[i].name not in rebound

    def make_plan(known: list) -> _Plan:
        return _Plan([*[s for i, s in enumerate(slots) if not fixed(i)], *extra], known)

    plan = make_plan(known)
    while True:
        def step(*arrays: Any) -> tuple[list, list]:
            plan.put(arrays)                                # noqa: B023  called at once
            body()
            more = goes_on()
            outs = [condition(more) if isinstance(more, Tensor) else control.number(bool(more))]
            trees = [capture(s.get(), outs) for s in plan.slots]    # noqa: B023
            return outs, trees

        with tracing():
            block = control.trace(step, plan.start, targets)
        grown = [b for b, value in zip(boxes, before[len(slots):], strict=True) if b not in extra and b.changed(value)]
        moved = {s.name for i, s in enumerate(slots) if fixed(i) and s.get() is not before[i]}
        restore()
        if grown or moved:
            extra += grown
            rebound |= moved
            plan = make_plan([])
            continue
        retrace, _ = plan.join(block.extra)
        if not retrace and len(block.targets) == len(targets):
            break
        targets = block.targets
    if numbers and not plan.keeps_numbers():
        raise TypeError("A step changes a Python number.")
    hint.update(targets=targets, likes=[control.abstract(a) for a in plan.start], rebound=rebound)
    plan.set(control.while_loop(condition(again), block, plan.finish, plan.start, plan.late_start))


def _hint(body: Callable) -> dict:
    """What an earlier trace of this loop in this program found out: loops in loops are not traced 2^depth times."""
    scope = state.current()
    root = id(scope.root) if scope is not None else None
    if _known.hints[0] != root:
        _known.hints = root, {}
    things = [id(c.cell_contents) for c in body.__closure__ or () if _is_fixed(c)]
    return _known.hints[1].setdefault((body.__code__, *things), {})


def _is_fixed(cell: Any) -> bool:
    try:
        return hasattr(cell.cell_contents, "construct")
    except ValueError:
        return False
