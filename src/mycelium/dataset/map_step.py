"""The step `map`: operations on chosen columns of every row."""
from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from mycelium.dataset.callbacks import DSCallback, Observer
from mycelium.dataset.node import Follower, Node, Run, Runner
from mycelium.dataset.parallel import RowWork, Workers
from mycelium.dataset.rows import Row, own, to_array
from mycelium.dataset.transforms.base import entry, is_user_code


class Chain:
    """Operations one after the other; a tuple that one returns is several arguments of the next.

    Args:
        operations: Callables.
        outputs: How many arrays the last one has to return.
    """

    def __init__(self, operations: Sequence[Callable[..., Any]], outputs: int) -> None:
        self.operations = [entry(operation) for operation in operations]
        self.outputs = outputs

    def __call__(self, *values: Any) -> Row:
        for operation in self.operations:
            result = operation(*values)
            values = result if type(result) is tuple else (result,)
        if len(values) != self.outputs:
            raise ValueError(f"the operations returned {len(values)} arrays, but there are {self.outputs} output "
                             "columns; name as many output_columns as the last operation returns.")
        return tuple([to_array(value, "the result of an operation") for value in values])


class Map(Follower):
    """Operations on chosen columns.

    Args:
        source: The step before.
        operations: Callables, applied in order.
        input_columns: Columns the first operation gets; empty for the first column.
        output_columns: Names for what the last operation returns; empty for those of the inputs.
        workers: How the operations are run.
        callbacks: `DSCallback`s to call around epochs and steps.
    """

    def __init__(self, source: Node, operations: Sequence[Callable[..., Any]], input_columns: list[str],
                 output_columns: list[str], workers: Workers, callbacks: Sequence[DSCallback] = ()) -> None:
        inputs = input_columns or source.columns[:1]
        outputs = output_columns or inputs
        self.positions = [source.position(name, "map") for name in inputs]
        self.layout, columns = arrange(source.columns, inputs, outputs)
        super().__init__(source, columns)
        self.operations = list(operations)
        self.outputs = len(outputs)
        self.user_code = any(is_user_code(operation) for operation in operations)
        self.workers = replace(workers, user_code=self.user_code)
        self.callbacks = list(callbacks)

    def start(self, run: Run) -> Runner:
        if self.callbacks:
            run.keep_lockstep()
        return _MapRunner(self, run, self.source.start(run))


def arrange(columns: list[str], inputs: list[str], outputs: list[str]) -> tuple[list[tuple[bool, int]], list[str]]:
    """Where each column of the result comes from: (from the operation, position) pairs, and the names.

    As many outputs as inputs take the places of the inputs in the order of the columns; otherwise the outputs come
    first. A column with the name of an output gives way to it.
    """
    rest = [(False, i, name) for i, name in enumerate(columns) if name not in inputs]
    made = [(True, i, name) for i, name in enumerate(outputs)]
    if len(inputs) == len(outputs):
        by_input = dict(zip(inputs, made, strict=True))
        cells = [by_input[name] if name in by_input else (False, i, name) for i, name in enumerate(columns)]
    else:
        cells = made + rest
    cells = [cell for cell in cells if cell[0] or cell[2] not in outputs]
    return [cell[:2] for cell in cells], [cell[2] for cell in cells]


class _MapRunner(Runner):
    def __init__(self, node: Map, run: Run, before: Runner) -> None:
        super().__init__(node.columns)
        self.node = node
        self.before = before
        self.fresh = before.fresh and not node.user_code
        # Whole batches at once, when every operation can and the rows come from stacked arrays anyway.
        self.stacked = (before.stacked and not node.user_code and len(node.positions) == 1 and node.outputs == 1
                        and all(operation.vectorized for operation in node.operations))
        self._observer = Observer(node.callbacks, run) if node.callbacks else None
        self._work = RowWork(run, Chain(node.operations, node.outputs), "An operation of map", node.workers)

    def rows(self) -> Iterator[Row]:
        positions, layout = self.node.positions, self.node.layout
        source = self.before.rows()
        if self.node.user_code and not self.before.fresh:
            source = map(own, source)   # a function may write to its argument
        if self._observer is not None:
            source = self._observer.before(source)
        under_way: deque[Row] = deque()

        def arguments() -> Iterator[Row]:
            hold, pick = under_way.append, itemgetter(*positions)
            for row in source:
                hold(row)
                yield (pick(row),) if len(positions) == 1 else pick(row)

        results = self._work.results(arguments())
        for made in results if self._observer is None else self._observer.after(results):
            row = under_way.popleft()
            yield tuple([made[i] if new else row[i] for new, i in layout])

    def blocks(self, size: int) -> Iterator[list[np.ndarray]]:
        if not self.stacked:
            yield from super().blocks(size)
            return
        position, layout = self.node.positions[0], self.node.layout
        for block in self.before.blocks(size):
            made = block[position]
            for operation in self.node.operations:
                made = operation.on_batch(made)
            yield [made if new else block[i] for new, i in layout]
