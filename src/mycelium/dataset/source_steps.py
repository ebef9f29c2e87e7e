"""The steps a pipeline begins with: stacked arrays, random-access objects, and streams."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from mycelium.dataset.node import Node, Run, Runner
from mycelium.dataset.parallel import RowWork, Workers
from mycelium.dataset.rows import Row, to_array
from mycelium.dataset.samplers import BuiltinSampler
from mycelium.dataset.workers import failure_text

_BLOCK_ROWS, _BLOCK_BYTES = 64, 1 << 18     # read ahead of a row-by-row consumer, as one copy


class Sampled(Node):
    """A source whose rows are read in the order of a sampler.

    Args:
        columns: The column names.
        sampler: Which rows, in which order.
    """

    def __init__(self, columns: list[str], sampler: BuiltinSampler) -> None:
        super().__init__((), columns)
        self.sampler = sampler

    def length(self) -> int:
        """How many rows there are to pick from."""
        raise NotImplementedError

    def size(self) -> int:
        return self.sampler.size(self.length())

    def with_sampler(self, sampler: BuiltinSampler) -> Sampled:
        """The same source read in another order."""
        twin = self.copy(())
        assert isinstance(twin, Sampled)
        twin.sampler = sampler
        return twin


class Arrays(Sampled):
    """Rows of stacked arrays.

    Args:
        columns: The column names.
        arrays: One array per column, all with the same first axis.
        sampler: Which rows, in which order.
    """

    def __init__(self, columns: list[str], arrays: Sequence[np.ndarray], sampler: BuiltinSampler) -> None:
        super().__init__(columns, sampler)
        self.arrays = list(arrays)

    def length(self) -> int:
        return len(self.arrays[0])

    def start(self, run: Run) -> Runner:
        return _ArraysRunner(self, run)


class _ArraysRunner(Runner):
    fresh = True
    stacked = True

    def __init__(self, node: Arrays, run: Run) -> None:
        super().__init__(node.columns)
        self.arrays = node.arrays
        self._orders = node.sampler.epochs(node.length(), run.order_seed())
        row_bytes = max(1, sum(a[:1].nbytes for a in node.arrays))
        self._block = max(1, min(_BLOCK_ROWS, _BLOCK_BYTES // row_bytes))

    def rows(self) -> Iterator[Row]:
        for block in self.blocks(self._block):
            yield from zip(*(_split(column) for column in block), strict=True)

    def blocks(self, size: int) -> Iterator[list[np.ndarray]]:
        order = next(self._orders)
        for start in range(0, len(order), size):
            picked = order[start:start + size]
            yield [a.take(picked, axis=0) for a in self.arrays]


def _split(column: np.ndarray) -> Iterable[np.ndarray]:
    if column.ndim > 1:
        return column
    return [column[i:i + 1].reshape(()) for i in range(len(column))]   # a[i] would be a scalar, not an array


class Fetch:
    """Makes rows of what a program's source yields.

    Args:
        columns: The column names.
        types: The NumPy dtype each column must have, or None.
        source: The object whose `[index]` is read; None for values that come by themselves.
    """

    def __init__(self, columns: list[str], types: list[np.dtype | None] | None, source: Any = None) -> None:
        self.columns = columns
        self.types = types
        self.source = source

    def __call__(self, index: int) -> Row:
        return self.row(self.source[index])

    def row(self, value: Any) -> Row:
        """The arrays of one row."""
        values = value if isinstance(value, (tuple, list)) else (value,)
        if len(values) != len(self.columns):
            raise ValueError(f"the source should yield one value for each of the columns {self.columns}, but yielded "
                             f"{len(values)}.")
        row = []
        for k, value in enumerate(values):
            if isinstance(value, bytes):
                value = np.frombuffer(value, np.uint8).copy()   # the content of a file
            array = to_array(value, f"column {self.columns[k]!r}")
            if self.types is not None and self.types[k] not in (None, array.dtype):
                raise TypeError(f"column_types says that column {self.columns[k]!r} holds {self.types[k]}, but the "
                                f"source yielded {array.dtype}.")
            row.append(array)
        return tuple(row)


class RandomAccess(Sampled):
    """Rows of an object with `__getitem__` and `__len__`.

    Args:
        columns: The column names.
        types: The NumPy dtype each column must have, or None.
        source: The object.
        sampler: Which rows, in which order.
        workers: How the rows are read.
    """

    def __init__(self, columns: list[str], types: list[np.dtype | None] | None, source: Any, sampler: BuiltinSampler,
                 workers: Workers) -> None:
        super().__init__(columns, sampler)
        self.source = source
        self.fetch = Fetch(columns, types, source)
        self.workers = workers

    def length(self) -> int:
        return len(self.source)

    def start(self, run: Run) -> Runner:
        return _AccessRunner(self, run)


class _AccessRunner(Runner):
    def __init__(self, node: RandomAccess, run: Run) -> None:
        super().__init__(node.columns)
        self.node = node
        self._orders = node.sampler.epochs(node.length(), run.order_seed())
        self._work = RowWork(run, node.fetch, "The source of GeneratorDataset", node.workers)

    def rows(self) -> Iterator[Row]:
        return self._work.results((index,) for index in next(self._orders).tolist())


class Stream(Node):
    """Rows that come in an order of their own.

    Args:
        columns: The column names.
        types: The NumPy dtype each column must have, or None.
        begin: Called for every epoch; returns an iterable.
        length: The number of rows the source claims to have, or None.
        limit: The most rows to read in an epoch, or None.
    """

    def __init__(self, columns: list[str], types: list[np.dtype | None] | None, begin: Callable[[], Iterable[Any]],
                 length: int | None, limit: int | None) -> None:
        super().__init__((), columns)
        self.fetch = Fetch(columns, types)
        self.begin = begin
        self.length = length
        self.limit = limit

    def size(self) -> int:
        if self.length is None:
            return self.count()
        return self.length if self.limit is None else min(self.length, self.limit)

    def sized(self) -> bool:
        return self.length is not None

    def start(self, run: Run) -> Runner:
        return _StreamRunner(self)


class _StreamRunner(Runner):
    def __init__(self, node: Stream) -> None:
        super().__init__(node.columns)
        self.node = node

    def rows(self) -> Iterator[Row]:
        node, done = self.node, 0
        try:
            values = iter(node.begin())
            while node.limit is None or done < node.limit:
                try:
                    value = next(values)
                except StopIteration:
                    break
                row = node.fetch.row(value)
                done += 1
                yield row
        except Exception as error:
            raise RuntimeError(failure_text("The source of GeneratorDataset", error)) from error
        if node.length is not None and done < node.size():
            raise RuntimeError(f"The source of GeneratorDataset says that it has {node.length} rows (__len__), but "
                               f"yielded {done}; make the two agree.")
