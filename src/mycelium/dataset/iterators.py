"""Iterators over a pipeline: where rows become Tensors, and where rows are prepared ahead of the consumer."""
from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.dataset import config
from mycelium.dataset.node import Node, Run
from mycelium.dataset.row_random import global_state
from mycelium.dataset.rows import Row, decode_text

_AHEAD_BYTES = 1 << 28              # what may wait for the consumer, beside the limit set by config
_WORTH_A_THREAD = 5e-4              # seconds a row has to take before it pays to prepare it in another thread
_TRIAL_ROWS = 3                     # rows timed in the consumer's thread before that is decided
_CAUGHT_UP, _FAILED, _HANDED_BACK = object(), object(), object()


class _Ahead:
    """A thread that prepares the rows of one epoch while the consumer works.

    Args:
        rows: The rest of the epoch.
        run: The iteration; when it turns out to have to run in the consumer's thread, the rows are handed back.
    """

    def __init__(self, rows: Iterator[Row], run: Run) -> None:
        self._rows = rows
        self._run = run
        self._ready: deque[tuple[Any, Any]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="dataset-ahead", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        limit = config.get_prefetch_size()
        try:
            while not self._closed:
                if self._run.in_step:
                    self._put(_HANDED_BACK, None)
                    return
                row = next(self._rows, None)
                if row is None:
                    self._put(_CAUGHT_UP, None)
                    return
                size = sum(a.nbytes for a in row)
                with self._changed:
                    while not self._closed and self._ready and (len(self._ready) >= limit
                                                                or self._bytes + size > _AHEAD_BYTES):
                        self._changed.wait()
                    self._bytes += size
                self._put(None, row)
        except BaseException as error:
            self._put(_FAILED, error)

    def _put(self, kind: Any, content: Any) -> None:
        with self._changed:
            self._ready.append((kind, content))
            self._changed.notify_all()

    def rows(self) -> Iterator[Row]:
        """The prepared rows, in order."""
        while True:
            with self._changed:
                while not self._ready:
                    self._changed.wait()
                kind, content = self._ready.popleft()
                if kind is None:
                    self._bytes -= sum(a.nbytes for a in content)
                self._changed.notify_all()
            if kind is None:
                yield content
            elif kind is _FAILED:
                raise content
            else:
                if kind is _HANDED_BACK:
                    yield from self._rows
                return

    def close(self) -> None:
        """Lets the thread end after the row it is at."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class BaseIterator:
    """What `create_dict_iterator` and `create_tuple_iterator` return: one epoch per `for` loop.

    Args:
        node: The pipeline.
        num_epochs: How many epochs may be read; -1 for any number.
        output_numpy: Whether to return NumPy arrays instead of Tensors.
        inline: Whether to do without threads and processes.
    """

    def __init__(self, node: Node, num_epochs: int = -1, output_numpy: bool = False, inline: bool = False) -> None:
        self._run = Run(inline)
        self._finalizer = weakref.finalize(self, self._run.close)
        self._output_numpy = output_numpy
        self._columns = node.columns
        runner = node.start(self._run)
        self._fresh = runner.fresh
        self._num_epochs = num_epochs
        self._epochs = self._run.epochs(runner, num_epochs)
        self._rows: Iterator[Row] | None = None
        self._stopped = False

    def __iter__(self) -> BaseIterator:
        return self

    def __next__(self) -> Any:
        if self._rows is None:
            self._begin_epoch()
        try:
            row = next(self._rows)      # type: ignore[arg-type]
        except StopIteration:
            self._rows = None
            if self._run.epoch == self._num_epochs:
                self._run.close()
            raise
        except BaseException:
            self.stop()
            raise
        return self._output(row)

    def _begin_epoch(self) -> None:
        if self._stopped:
            raise RuntimeError("The iterator has been stopped; create another one from the dataset.")
        rows = next(self._epochs, None)
        if rows is None:
            self.stop()
            raise RuntimeError(f"All {self._run.epoch} epochs of the iterator have been read; give "
                               "create_dict_iterator or create_tuple_iterator a larger num_epochs, or create another "
                               "iterator.")
        self._rows = rows if self._run.inline else _prepared(rows, self._run)

    def _output(self, row: Row) -> Any:
        raise NotImplementedError

    def _values(self, row: Row) -> list[Any]:
        if self._output_numpy:
            return list(row) if self._fresh else [a.copy() for a in row]
        return [as_tensor(a) for a in row]

    def get_col_names(self) -> list[str]:
        """The column names."""
        return list(self._columns)

    def stop(self) -> None:
        """Ends the iteration and its workers."""
        self._stopped = True
        self._rows = None
        self._epochs = iter(())
        self._run.close()

    def release(self) -> None:
        """Ends the iteration and its workers."""
        self.stop()


class DictIterator(BaseIterator):
    """Rows as dicts from column name to value."""

    def _output(self, row: Row) -> dict[str, Any]:
        return dict(zip(self._columns, self._values(row), strict=True))


class TupleIterator(BaseIterator):
    """Rows as lists of values in the order of the columns."""

    def _output(self, row: Row) -> list[Any]:
        return self._values(row)


class DummyIterator:
    """Ones in the shapes and dtypes of a pipeline, without running it (MindSpore compiles graphs with it)."""

    def __init__(self, dataset: Any, mode: str) -> None:
        self._columns = dataset.get_col_names()
        self._arrays = [np.ones(shape, dtype) for shape, dtype in
                        zip(dataset.output_shapes(), dataset.output_types(), strict=True)]
        self._mode = mode
        self._given = 0

    def __iter__(self) -> DummyIterator:
        return self

    def __next__(self) -> Any:
        if self._given == 2:
            raise StopIteration
        self._given += 1
        values = [as_tensor(a) for a in self._arrays]
        return values if self._mode == "tuple" else dict(zip(self._columns, values, strict=True))


def as_tensor(array: np.ndarray) -> Any:
    """A column's value as a Tensor; text stays a NumPy array of `str`, which Tensors do not hold."""
    return decode_text(array) if array.dtype.kind == "S" else Tensor(array)


def _prepared(rows: Iterator[Row], run: Run) -> Iterator[Row]:
    """The rows of an epoch; from another thread if they take long and draw no global random numbers.

    The first row is made here, which shows whether the pipeline's functions draw from the generators that the consumer
    may draw from too. The next ones show how long a row takes.
    """
    if not run.in_step:
        before = global_state() if run.epoch == 1 else None
        row = next(rows, None)
        if row is None:
            return
        if before is not None and global_state() != before:
            run.in_step = True
        yield row
        spent = 0.0
        for _ in range(_TRIAL_ROWS):
            start = time.perf_counter()
            row = next(rows, None)
            spent += time.perf_counter() - start
            if row is None:
                return
            yield row
        if not run.in_step and spent > _TRIAL_ROWS * _WORTH_A_THREAD:
            ahead = _Ahead(rows, run)
            try:
                yield from ahead.rows()
            finally:
                ahead.close()
            return
    yield from rows
