"""What a pipeline is made of: nodes say what a step does, runners do it once per epoch, a Run ties one iteration up."""
from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from mycelium.core.errors import nearest
from mycelium.dataset import config
from mycelium.dataset.row_random import mix
from mycelium.dataset.rows import Row, batches


class Run:
    """One iteration over a pipeline: its seed, and what has to be closed when it ends.

    Attributes:
        seeded: Whether a seed was set, so that every number drawn has to be repeatable.
        in_step: Whether the pipeline has to run in the consumer's thread: its functions draw from the global random
            generators, and the draws of two threads would mix differently every time.
        lockstep: Whether nothing at all may be done ahead, because rows depend on what the consumer does (sync_wait).
        inline: Whether to do without workers, for a look at the first row.
    """

    def __init__(self, inline: bool = False) -> None:
        seed = config.run_seed()
        self.seeded = seed is not None
        self._seed = secrets.randbits(32) if seed is None else seed
        self._nodes = 0
        self.in_step = False
        self.lockstep = False
        self.inline = inline
        self._epoch = 0
        self._closers: list[Callable[[], None]] = []
        self._epoch_ends: list[Callable[[], None]] = []

    @property
    def epoch(self) -> int:
        """The epoch under way, from 1; 0 before the first."""
        return self._epoch

    def order_seed(self) -> int:
        """The seed of an order: the same for all samplers and buffers of a seeded pipeline, as in MindSpore."""
        return self._seed if self.seeded else secrets.randbits(32)

    def node_seed(self) -> int:
        """A seed for the rows of one more step."""
        self._nodes += 1
        return mix(self._seed, self._nodes)

    def keep_in_step(self) -> None:
        """Says that the pipeline has to run in the consumer's thread."""
        self.in_step = True

    def keep_lockstep(self) -> None:
        """Says that nothing may be done ahead of the consumer."""
        self.in_step = self.lockstep = True

    def epochs(self, runner: Runner, count: int) -> Iterator[Iterator[Row]]:
        """The rows of each of `count` epochs (-1: without end)."""
        while self.epoch != count:
            self._epoch += 1
            yield self._rows(runner)

    def _rows(self, runner: Runner) -> Iterator[Row]:
        yield from runner.rows()
        for end in self._epoch_ends:
            end()

    def on_epoch_end(self, function: Callable[[], None]) -> None:
        """Registers what to call after the last row of each epoch."""
        self._epoch_ends.append(function)

    def on_close(self, closer: Callable[[], None]) -> None:
        """Registers what to call when the iteration ends."""
        self._closers.append(closer)

    def close(self) -> None:
        """Ends the iteration's workers."""
        while self._closers:
            self._closers.pop()()


class FixedRun(Run):
    """A part of an iteration that has orders of its own.

    Args:
        run: The iteration.
        seed: The seed of the orders.
    """

    def __init__(self, run: Run, seed: int) -> None:
        super().__init__(run.inline)
        self.seeded, self.lockstep = run.seeded, run.lockstep
        self._run = run
        self._order_seed = seed

    @property
    def epoch(self) -> int:
        return self._run.epoch

    def order_seed(self) -> int:
        return self._order_seed

    def node_seed(self) -> int:
        return self._run.node_seed()

    def keep_in_step(self) -> None:
        super().keep_in_step()
        self._run.keep_in_step()

    def keep_lockstep(self) -> None:
        super().keep_lockstep()
        self._run.keep_lockstep()

    def on_epoch_end(self, function: Callable[[], None]) -> None:
        self._run.on_epoch_end(function)


class Runner:
    """A step at work. `rows` is called once per epoch.

    Attributes:
        fresh: Whether nobody else holds the arrays it yields, so that they may be kept or written to.
        stacked: Whether `blocks` is cheaper than `rows`, because the rows lie in one array already.
    """

    fresh = False
    stacked = False

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns

    def rows(self) -> Iterator[Row]:
        """The rows of one epoch."""
        raise NotImplementedError

    def blocks(self, size: int) -> Iterator[list[Any]]:
        """The rows of one epoch in groups of `size` (the last may be smaller), each column stacked."""
        return batches(self.rows(), self.columns, size)


class Node:
    """A step of a pipeline.

    Args:
        inputs: The steps before it.
        columns: The names of the columns it yields.
    """

    def __init__(self, inputs: tuple[Node, ...], columns: list[str]) -> None:
        self.inputs = inputs
        self.columns = columns
        self._counted: int | None = None

    def size(self) -> int:
        """How many rows an epoch has."""
        raise NotImplementedError

    def sized(self) -> bool:
        """Whether `size` can tell without reading the data."""
        return all(node.sized() for node in self.inputs)

    def start(self, run: Run) -> Runner:
        """A runner for one iteration."""
        raise NotImplementedError

    def copy(self, inputs: tuple[Node, ...]) -> Node:
        """The same step after other inputs."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.inputs, twin._counted = inputs, None
        return twin

    def count(self) -> int:
        """The number of rows, found by running the pipeline up to here once."""
        if self._counted is None:
            with closing(Run()) as run:
                self._counted = sum(1 for _ in self.start(run).rows())
        return self._counted

    def position(self, name: str, owner: str) -> int:
        """Where a column stands; RuntimeError when there is none of that name."""
        try:
            return self.columns.index(name)
        except ValueError:
            raise RuntimeError(f"{owner}: there is no column {name!r}; the columns are {self.columns}"
                               f"{nearest(name, self.columns) or '.'}") from None


class Follower(Node):
    """A step with one input whose size and columns it keeps unless it says otherwise."""

    def __init__(self, source: Node, columns: list[str] | None = None) -> None:
        super().__init__((source,), source.columns if columns is None else columns)

    @property
    def source(self) -> Node:
        """The step before."""
        return self.inputs[0]

    def size(self) -> int:
        """How many rows an epoch has."""
        return self.source.size()
