"""The steps that pick, order and combine rows: take, skip, repeat, shuffle, filter, project, rename, zip, concat."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from mycelium.dataset.node import FixedRun, Follower, Node, Run, Runner
from mycelium.dataset.orders import Twister64
from mycelium.dataset.rows import Row, own
from mycelium.dataset.workers import failure_text


def call_user(what: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a user's function; what it raises becomes a RuntimeError with the user's traceback."""
    try:
        return function(*arguments)
    except Exception as error:
        raise RuntimeError(failure_text(what, error)) from error


class _Through(Runner):
    """A runner whose rows come from a function of the runner before it."""

    def __init__(self, before: Runner, columns: list[str], make: Callable[[Runner], Iterator[Row]]) -> None:
        super().__init__(columns)
        self.before = before
        self.fresh = before.fresh
        self._make = make

    def rows(self) -> Iterator[Row]:
        return self._make(self.before)


class Take(Follower):
    """The first `count` rows of each epoch."""

    def __init__(self, source: Node, count: int) -> None:
        super().__init__(source)
        self.limit = count

    def size(self) -> int:
        return min(self.limit, self.source.size())

    def start(self, run: Run) -> Runner:
        return _Through(self.source.start(run), self.columns, lambda before: islice(before.rows(), self.limit))


class Skip(Follower):
    """All but the first `count` rows of each epoch."""

    def __init__(self, source: Node, count: int) -> None:
        super().__init__(source)
        self.skipped = count

    def size(self) -> int:
        return max(0, self.source.size() - self.skipped)

    def start(self, run: Run) -> Runner:
        return _Through(self.source.start(run), self.columns, lambda before: islice(before.rows(), self.skipped, None))


class Repeat(Follower):
    """The epochs of what comes before, `count` at a time (-1: without end)."""

    def __init__(self, source: Node, count: int) -> None:
        super().__init__(source)
        self.times = count

    def size(self) -> int:
        return self.source.size() * max(1, self.times)

    def start(self, run: Run) -> Runner:
        def rows(before: Runner) -> Iterator[Row]:
            done = 0
            while done != self.times:
                empty = True
                for row in before.rows():
                    empty = False
                    yield row
                if empty and self.times == -1:
                    return      # an empty dataset without end would never answer
                done += 1

        return _Through(self.source.start(run), self.columns, rows)


class Filter(Follower):
    """The rows for which a predicate is true."""

    def __init__(self, source: Node, predicate: Callable[..., Any], input_columns: list[str]) -> None:
        super().__init__(source)
        self.predicate = predicate
        names = input_columns or source.columns
        self.positions = [source.position(name, "filter") for name in names]

    def size(self) -> int:
        return self.count()

    def sized(self) -> bool:
        return False

    def start(self, run: Run) -> Runner:
        def rows(before: Runner) -> Iterator[Row]:
            for row in before.rows():
                if call_user("The predicate of filter", self.predicate, *own(tuple(row[i] for i in self.positions))):
                    yield row

        return _Through(self.source.start(run), self.columns, rows)


class Project(Follower):
    """Some of the columns, in a given order."""

    def __init__(self, source: Node, columns: list[str], owner: str = "project") -> None:
        super().__init__(source, columns)
        self.positions = [source.position(name, owner) for name in columns]

    def start(self, run: Run) -> Runner:
        return _ProjectRunner(self.source.start(run), self.columns, self.positions)


class _ProjectRunner(Runner):
    def __init__(self, before: Runner, columns: list[str], positions: list[int]) -> None:
        super().__init__(columns)
        self.before = before
        self.fresh, self.stacked = before.fresh, before.stacked
        self.positions = positions

    def rows(self) -> Iterator[Row]:
        positions = self.positions
        return (tuple(row[i] for i in positions) for row in self.before.rows())

    def blocks(self, size: int) -> Iterator[list[np.ndarray]]:
        positions = self.positions
        return ([block[i] for i in positions] for block in self.before.blocks(size))


class Rename(Follower):
    """The same rows under other column names."""

    def __init__(self, source: Node, old: list[str], new: list[str]) -> None:
        columns = list(source.columns)
        for name, other in zip(old, new, strict=True):
            columns[source.position(name, "rename")] = other
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise RuntimeError(f"rename: {twice} would name two columns; the columns are {source.columns}.")
        super().__init__(source, columns)

    def start(self, run: Run) -> Runner:
        runner = self.source.start(run)
        return _ProjectRunner(runner, self.columns, list(range(len(self.columns))))


class Shuffle(Follower):
    """Rows drawn from a buffer that is kept full while the input lasts."""

    def __init__(self, source: Node, buffer_size: int) -> None:
        super().__init__(source)
        self.buffer_size = buffer_size

    def start(self, run: Run) -> Runner:
        word = Twister64(run.order_seed()).word

        def rows(before: Runner) -> Iterator[Row]:
            source = before.rows() if before.fresh else map(own, before.rows())
            buffer = list(islice(source, self.buffer_size))
            while buffer:
                i = word() % len(buffer)
                row, buffer[i] = buffer[i], buffer[-1]
                refill = next(source, None)
                if refill is None:
                    buffer.pop()
                else:
                    buffer[-1] = refill
                yield row

        runner = _Through(self.source.start(run), self.columns, rows)
        runner.fresh = True
        return runner


class Zip(Node):
    """The columns of several inputs side by side, as long as all have rows."""

    def __init__(self, inputs: tuple[Node, ...]) -> None:
        columns = [name for node in inputs for name in node.columns]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise RuntimeError(f"zip: the datasets have columns of the same name, {twice}; rename one of them.")
        super().__init__(inputs, columns)

    def size(self) -> int:
        return min(node.size() for node in self.inputs)

    def start(self, run: Run) -> Runner:
        return _ZipRunner([node.start(run) for node in self.inputs], self.columns)


class _ZipRunner(Runner):
    def __init__(self, before: list[Runner], columns: list[str]) -> None:
        super().__init__(columns)
        self.before = before
        self.fresh = all(runner.fresh for runner in before)
        self.stacked = all(runner.stacked for runner in before)

    def rows(self) -> Iterator[Row]:
        streams = [runner.rows() for runner in self.before]
        return (sum(parts, ()) for parts in zip(*streams, strict=False))

    def blocks(self, size: int) -> Iterator[list[np.ndarray]]:
        streams = [runner.blocks(size) for runner in self.before]
        for parts in zip(*streams, strict=False):
            n = min(len(part[0]) for part in parts)
            yield [column[:n] for part in parts for column in part]
            if n < size:
                return


class Concat(Node):
    """The rows of several inputs one after the other."""

    def __init__(self, inputs: tuple[Node, ...]) -> None:
        for node in inputs[1:]:
            if node.columns != inputs[0].columns:
                raise RuntimeError("concat: the datasets should have the same columns in the same order, but got "
                                   f"{inputs[0].columns} and {node.columns}.")
        super().__init__(inputs, inputs[0].columns)

    def size(self) -> int:
        return sum(node.size() for node in self.inputs)

    def start(self, run: Run) -> Runner:
        return _ConcatRunner([node.start(run) for node in self.inputs], self.columns)


class _ConcatRunner(Runner):
    def __init__(self, before: list[Runner], columns: list[str]) -> None:
        super().__init__(columns)
        self.before = before
        self.fresh = all(runner.fresh for runner in before)

    def rows(self) -> Iterator[Row]:
        kinds: list[tuple[str, int]] | None = None
        for runner in self.before:
            first = True
            for row in runner.rows():
                if first:
                    first = False
                    got = [("text" if a.dtype.kind == "S" else str(a.dtype), a.ndim) for a in row]
                    if kinds is not None and got != kinds:
                        raise RuntimeError("concat: the datasets should agree in dtype and rank, but the rows have "
                                           f"(dtype, rank) {kinds} and then {got}.")
                    kinds = got
                yield row


class Frozen(Follower):
    """The rows in one order, whatever the epoch and whoever reads them, so that parts of them never overlap (split).

    Args:
        source: The step before, which may shuffle.
        seed: The seed of its orders.
    """

    def __init__(self, source: Node, seed: int) -> None:
        super().__init__(source)
        self.seed = seed

    def start(self, run: Run) -> Runner:
        return _FrozenRunner(self, run)


class _FrozenRunner(Runner):
    def __init__(self, node: Frozen, run: Run) -> None:
        super().__init__(node.columns)
        self.node = node
        self._run = run
        self._next = self._begin()
        self.fresh = self._next[1].fresh

    def _begin(self) -> tuple[Run, Runner]:
        run = FixedRun(self._run, self.node.seed)
        return run, self.node.source.start(run)

    def rows(self) -> Iterator[Row]:
        run, before = self._next or self._begin()
        self._next = None
        try:
            yield from before.rows()
        finally:
            run.close()


class InStep(Follower):
    """Nothing is prepared ahead of the consumer, so that the rows see what it has done (sync_wait)."""

    def start(self, run: Run) -> Runner:
        run.keep_lockstep()
        return self.source.start(run)
