"""The steps that make batches: `batch` and `bucket_batch_by_length`."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from mycelium.dataset.map_step import arrange
from mycelium.dataset.node import Follower, Node, Run, Runner
from mycelium.dataset.parallel import RowWork, Workers
from mycelium.dataset.rows import Batcher, Row, own, pad_rows, stack, to_array
from mycelium.dataset.steps import call_user


class BatchInfo:
    """Which batch a `batch_size` or `per_batch_map` function is called for.

    Args:
        epoch: The epoch, from 0.
        batch: The batch within the epoch, from 0.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3], shuffle=False).batch(lambda info: info.get_batch_num() + 1)
        >>> [row[0].tolist() for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[1], [2, 3]]

    MindSpore r1.8 `dataset.BatchInfo`.
    """

    def __init__(self, epoch: int, batch: int) -> None:
        self._epoch = epoch
        self._batch = batch

    def get_batch_num(self) -> int:
        """The batch within the epoch, from 0."""
        return self._batch

    def get_epoch_num(self) -> int:
        """The epoch, from 0."""
        return self._epoch


class PerBatch:
    """A `per_batch_map` function as the pipeline calls it.

    Args:
        function: Called with one list of arrays per input column, and a `BatchInfo` if it takes one more argument.
        inputs: The number of input columns.
        outputs: The names of the columns it returns.

    Raises:
        ValueError: The function does not take as many arguments.
    """

    def __init__(self, function: Callable[..., Any], inputs: int, outputs: list[str]) -> None:
        self.function = function
        self.outputs = outputs
        self.with_info = self._takes(inputs + 1)
        if not self.with_info and not self._takes(inputs):
            raise ValueError(f"per_batch_map should take {inputs + 1} arguments, one list for each of the {inputs} "
                             f"input columns and the BatchInfo, but its signature is {inspect.signature(function)}.")

    def _takes(self, count: int) -> bool:
        try:
            inspect.signature(self.function).bind(*range(count))
        except TypeError:
            return False
        except ValueError:      # a built-in function without a signature
            return True
        return True

    def __call__(self, columns: list[list[np.ndarray]], info: BatchInfo) -> list[np.ndarray]:
        made = self.function(*columns, info) if self.with_info else self.function(*columns)
        if not isinstance(made, (tuple, list)) or len(made) != len(self.outputs):
            got = f"{len(made)} columns" if isinstance(made, (tuple, list)) else f"a {type(made).__name__}"
            raise ValueError(f"per_batch_map should return a tuple with one list or array for each of the columns "
                             f"{self.outputs}, but returned {got}.")
        return [self._stacked(column, name, len(columns[0])) for column, name in zip(made, self.outputs, strict=True)]

    @staticmethod
    def _stacked(column: Any, name: str, rows: int) -> np.ndarray:
        if not isinstance(column, (list, tuple, np.ndarray)) and not hasattr(column, "asnumpy"):
            raise ValueError(f"per_batch_map should return lists or arrays, but column {name!r} is a "
                             f"{type(column).__name__}.")
        if isinstance(column, (list, tuple)):
            arrays = [to_array(value, f"a row of column {name!r}") for value in column]
            stacked = stack([(a,) for a in arrays], [name])[0] if arrays else np.empty(0)
        else:
            stacked = to_array(column, f"column {name!r}")
        if stacked.ndim == 0 or len(stacked) != rows:
            raise ValueError(f"per_batch_map should return as many rows as it gets, {rows}, but column {name!r} has "
                             f"{len(stacked) if stacked.ndim else 'none'}.")
        return stacked


class Batch(Follower):
    """Groups of rows, stacked.

    Args:
        source: The step before.
        batch_size: An int, or a function of a `BatchInfo`.
        drop_remainder: Whether to leave out a last group that is not full.
        per_batch_map: A function of each group, or None.
        input_columns: Columns the function gets; empty for all.
        output_columns: Names for what it returns; empty for those of the inputs.
        pad_info: See `rows.pad_rows`; None where rows have to have one shape.
        workers: How `per_batch_map` is run.
    """

    def __init__(self, source: Node, batch_size: int | Callable[[BatchInfo], int], drop_remainder: bool,
                 per_batch_map: Callable[..., Any] | None, input_columns: list[str], output_columns: list[str],
                 pad_info: dict[str, Any] | None, workers: Workers) -> None:
        inputs = input_columns or source.columns
        outputs = output_columns or inputs
        self.positions = [source.position(name, "batch") for name in inputs]
        self.layout, columns = arrange(source.columns, inputs, outputs)
        super().__init__(source, columns)
        for name in pad_info or ():
            source.position(name, "batch: pad_info")
        self.batch_size = batch_size
        self.drop_remainder = drop_remainder
        self.per_batch = None if per_batch_map is None else PerBatch(per_batch_map, len(inputs), outputs)
        self.pad_info = pad_info
        self.workers = replace(workers, user_code=True)

    def size(self) -> int:
        if not isinstance(self.batch_size, int):
            return self.count()
        full, rest = divmod(self.source.size(), self.batch_size)
        return full + (rest > 0 and not self.drop_remainder)

    def sized(self) -> bool:
        return isinstance(self.batch_size, int) and super().sized()

    def start(self, run: Run) -> Runner:
        return _BatchRunner(self, run, self.source.start(run))


class _BatchRunner(Runner):
    fresh = True

    def __init__(self, node: Batch, run: Run, before: Runner) -> None:
        super().__init__(node.columns)
        self.node = node
        self.before = before
        self._epoch = 0
        self._work = None if node.per_batch is None else RowWork(run, node.per_batch, "The per_batch_map of batch",
                                                                 node.workers)

    def rows(self) -> Iterator[Row]:
        node, epoch = self.node, self._epoch
        self._epoch += 1
        if self._work is None and node.pad_info is None and isinstance(node.batch_size, int):
            for block in self.before.blocks(node.batch_size):
                if len(block[0]) == node.batch_size or not node.drop_remainder:
                    yield tuple(block)
            return
        groups = self._groups(epoch)
        if self._work is None:
            for group, _ in groups:
                yield tuple(stack(group, node.source.columns))
            return
        kept: list[Any] = []

        def arguments() -> Iterator[Any]:
            for group, info in groups:
                kept.append(group)
                yield [[row[i] for row in group] for i in node.positions], info

        for made in self._work.results(arguments()):
            group = kept.pop(0)
            rest = self._rest(group)
            yield tuple(made[i] if new else rest[i] for new, i in node.layout)

    def _rest(self, group: Sequence[Row]) -> dict[int, np.ndarray]:
        """The columns that per_batch_map does not touch, stacked."""
        positions = [i for new, i in self.node.layout if not new]
        names = [self.node.source.columns[i] for i in positions]
        stacked = stack([tuple(row[i] for i in positions) for row in group], names) if positions else []
        return dict(zip(positions, stacked, strict=True))

    def _groups(self, epoch: int) -> Iterator[tuple[Sequence[Row], BatchInfo]]:
        node, number = self.node, 0
        source = self.before.rows() if self.before.fresh else map(own, self.before.rows())
        while True:
            info = BatchInfo(epoch, number)
            size = node.batch_size
            if not isinstance(size, int):
                size = call_user("The batch_size function of batch", size, info)
                if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
                    raise RuntimeError("batch: the batch_size function should return an int of 1 or more, but "
                                       f"returned {size!r}.")
            group = list(islice(source, int(size)))
            if not group or (len(group) < size and node.drop_remainder):
                return
            if node.pad_info is not None:
                group = pad_rows(group, node.source.columns, node.pad_info)
            yield group, info
            number += 1


class BucketBatch(Follower):
    """Groups of rows of similar length, padded.

    Args:
        source: The step before.
        positions: Columns that give the length.
        boundaries: Strictly increasing; bucket i takes lengths from boundaries[i - 1] (included) to boundaries[i].
        sizes: Rows in a batch of each bucket, one more than there are boundaries.
        length: A function of the columns, or None for the first axis of the only column.
        pad_info: See `rows.pad_rows`.
        to_boundary: Whether to pad to the longest length the bucket can hold instead of the longest it does hold.
        drop_remainder: Whether to leave out batches that are not full at the end.
    """

    def __init__(self, source: Node, positions: list[int], boundaries: list[int], sizes: list[int],
                 length: Callable[..., Any] | None, pad_info: dict[str, Any], to_boundary: bool,
                 drop_remainder: bool) -> None:
        super().__init__(source)
        for name in pad_info:
            source.position(name, "bucket_batch_by_length: pad_info")
        self.positions = positions
        self.boundaries = boundaries
        self.sizes = sizes
        self.length = length
        self.pad_info = pad_info
        self.to_boundary = to_boundary
        self.drop_remainder = drop_remainder

    def size(self) -> int:
        return self.count()

    def sized(self) -> bool:
        return False

    def start(self, run: Run) -> Runner:
        return _BucketRunner(self, self.source.start(run))


class _BucketRunner(Runner):
    fresh = True

    def __init__(self, node: BucketBatch, before: Runner) -> None:
        super().__init__(node.columns)
        self.node = node
        self.before = before

    def rows(self) -> Iterator[Row]:
        node = self.node
        buckets: list[list[Row]] = [[] for _ in node.sizes]
        for row in self.before.rows() if self.before.fresh else map(own, self.before.rows()):
            bucket = int(np.searchsorted(node.boundaries, self._length(row), side="right"))
            buckets[bucket].append(row)
            if len(buckets[bucket]) == node.sizes[bucket]:
                yield self._batch(bucket, buckets[bucket])
                buckets[bucket] = []
        if not node.drop_remainder:
            for bucket, group in enumerate(buckets):
                if group:
                    yield self._batch(bucket, group)

    def _length(self, row: Row) -> int:
        columns = [row[i] for i in self.node.positions]
        if self.node.length is None:
            return len(columns[0])
        return int(call_user("The element_length_function of bucket_batch_by_length", self.node.length, *columns))

    def _batch(self, bucket: int, group: list[Row]) -> Row:
        node = self.node
        pad_info = node.pad_info
        if node.to_boundary:
            if bucket == len(node.boundaries):
                raise RuntimeError("bucket_batch_by_length: with pad_to_bucket_boundary a row may not be as long as "
                                   f"the last boundary, {node.boundaries[-1]}; add a larger one.")
            longest = node.boundaries[bucket] - 1
            pad_info = {name: (None if shape is None else [longest if s is None else s for s in shape], value)
                        for name, (shape, value) in pad_info.items()}
        batcher = Batcher(node.columns, len(group))
        for row in pad_rows(group, node.columns, pad_info):
            batcher.add(row)
        return tuple(batcher.take())
