"""Several training steps in one compiled call."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mycelium.core import context
from mycelium.core.array import holder
from mycelium.core.tensor import Tensor
from mycelium.dataset.iterators import as_tensor
from mycelium.engine import backend
from mycelium.graph.compiler import GraphFunction
from mycelium.graph.structure import unflatten
from mycelium.nn.cell import Cell

_MOST_STEPS = 32            # in one call: Ctrl-C and callbacks wait for it
_MOST_BYTES = 64 << 20      # of batches in one call
_SMALL = 1 << 15            # numbers that a step on a CPU touches; larger ones gain nothing from a loop on the device


Batch = list[np.ndarray]


def on_cpu() -> bool:
    """Whether programs run on a CPU: it was asked for, or nothing was and there is nothing else."""
    return (context.get_context("device_target") or backend.device_target()) == "CPU"


def tensors(batch: Batch) -> list:
    """The columns of a batch as Tensors."""
    return [as_tensor(column) for column in batch]


def inputs_of(batch: Batch) -> list:
    """The columns of a batch as inputs of a network."""
    if not context.state.graph:
        return tensors(batch)
    # a compiled program takes NumPy arrays much faster than they become arrays of a device first
    return [as_tensor(c) if c.dtype.kind in "SU" else Tensor._wrap(c) for c in batch]


class StepOutputs:
    """What several steps returned in one call; `outputs[i]` are the outputs of step i."""

    def __init__(self, arrays: Sequence, structure: Any):
        self._arrays, self._structure = arrays, structure
        self._host: list[np.ndarray] | None = None

    def __getitem__(self, i: int) -> Any:
        if self._host is None:
            self._host = [np.asarray(a) for a in self._arrays]
        return self._assembled([a[i, ...] for a in self._host])

    def last(self) -> Any:
        """The outputs of the last step, which nothing waits for."""
        return self._assembled([a[-1] for a in self._arrays])

    def _assembled(self, arrays: list) -> Any:
        return unflatten(self._structure, iter(arrays), tuple)


class StepRunner:
    """Runs a function on batches, several at once where that is possible and worth it.

    Args:
        fn: A Cell, or a function of Tensors.
        compiled: Compile a plain function as one program.
    """

    def __init__(self, fn: Callable, compiled: bool = False):
        self._fn = fn
        self._graph = GraphFunction(fn, getattr(fn, "__name__", "step"), (Cell,)) if compiled else None

    def step(self, inputs: Sequence) -> Any:
        """Runs one step on Tensors."""
        return self._fn(*inputs) if self._graph is None else self._graph(tuple(inputs))

    def worth(self, batch: Batch, wanted: int) -> int:
        """How many steps to run in one call, of `wanted` steps with batches like this one."""
        if not isinstance(self._fn, Cell) or not context.state.graph or any(c.dtype.kind in "SU" for c in batch):
            return 1
        if on_cpu():
            touched = sum(c.size for c in batch) + sum(p.size for p in self._fn.get_parameters())
            if touched > _SMALL:
                return 1
        most = max(1, min(wanted, _MOST_STEPS, _MOST_BYTES // max(1, sum(c.nbytes for c in batch))))
        return wanted // -(-wanted // most)     # calls of one size, and as few steps left over as possible

    def steps(self, batches: Sequence[Batch]) -> StepOutputs | None:
        """Runs one step per batch in one compiled call; None, with nothing done, where that is not possible."""
        first, cell = batches[0], self._fn
        shapes = [(c.shape, c.dtype) for c in first]
        if not isinstance(cell, Cell) or any([(c.shape, c.dtype) for c in b] != shapes for b in batches):
            return None
        inputs = tuple(inputs_of(first))
        cell.compile(*inputs)
        arrays: list = []
        program = cell._graph.program(inputs, {}, arrays)
        if program is None or len(arrays) != len(first):
            return None
        stacked = [holder.backend.put(np.stack(column)) for column in zip(*batches, strict=True)]
        return StepOutputs(program.run_steps(len(batches), stacked), program.structure)


class Groups:
    """Batches in groups that run in one compiled call.

    Args:
        runner: Runs them, and says how many are worth a call.
        per_epoch: Batches in an epoch.
    """

    def __init__(self, runner: StepRunner, per_epoch: int):
        self._runner, self._per_epoch = runner, per_epoch
        self._size = 0      # one size for a whole training: each size is a program to be compiled

    def of(self, batches: Iterator[Batch], steps_without: Callable[[], int | None]) -> Iterator[list[Batch]]:
        """The batches of an epoch in groups, none longer than what `steps_without` allows when it begins."""
        left = self._per_epoch
        pending: list[Batch] = []
        goal = 1
        for batch in batches:
            if not pending:
                limit = steps_without()
                allowed = left if limit is None else min(left, limit)
                if allowed > 1 and not self._size:
                    self._size = self._runner.worth(batch, allowed)
                goal = self._size if 1 < self._size <= allowed else 1
            pending.append(batch)
            left -= 1
            if len(pending) == goal:
                yield pending
                pending = []
        for batch in pending:       # the dataset ended earlier than it said
            yield [batch]
