"""What every dataset can be asked: its rows, its size, its columns, their shapes and types."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.batch_step import Batch
from mycelium.dataset.checks import INT32_MAX, check_bool, check_columns, check_int
from mycelium.dataset.iterators import DictIterator, DummyIterator, TupleIterator
from mycelium.dataset.node import Node
from mycelium.dataset.steps import Project, Repeat, Shuffle


class PipelineView:
    """A pipeline to iterate over and to ask about.

    Args:
        node: Its last step.
        children: The datasets that step was applied to.
    """

    def __init__(self, node: Node, children: Sequence[PipelineView] = ()) -> None:
        self._node = node
        self.children = list(children)
        self.condition: tuple[str, Callable[..., Any] | None] | None = None     # what sync_wait registered
        self._first_row: tuple[list[list[int]], list[np.dtype]] | None = None
        self._dynamic_columns: dict[str, list[int | None]] = {}
        self._input_indexs: Any = ()

    # ***** iteration *****

    def create_dict_iterator(self, num_epochs: int = -1, output_numpy: bool = False) -> DictIterator:
        """An iterator over rows as dicts from column name to value; one epoch per `for` loop.

        Args:
            num_epochs: How many epochs may be read from it; -1 for any number.
            output_numpy: Whether to give NumPy arrays instead of Tensors.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `num_epochs` is below -1.
            RuntimeError: `num_epochs` is 0.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset({"a": [1, 2]}, shuffle=False)
            >>> [row["a"].item() for row in data.create_dict_iterator(num_epochs=1, output_numpy=True)]
            [1, 2]

        MindSpore r1.8 `dataset.Dataset.create_dict_iterator`.
        """
        return DictIterator(self._node, _epochs("create_dict_iterator", num_epochs),
                            check_bool("create_dict_iterator", "output_numpy", output_numpy))

    def create_tuple_iterator(self, columns: Any = None, num_epochs: int = -1, output_numpy: bool = False,
                              do_copy: bool = True) -> TupleIterator:
        """An iterator over rows as lists of values; one epoch per `for` loop.

        Args:
            columns: The columns to give, in order. Default: all.
            num_epochs: How many epochs may be read from it; -1 for any number.
            output_numpy: Whether to give NumPy arrays instead of Tensors.
            do_copy: Accepted for compatibility: nobody else ever holds the arrays given.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `num_epochs` is below -1.
            RuntimeError: `num_epochs` is 0, or a column does not exist.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset({"a": [1, 2], "b": [3, 4]}, shuffle=False)
            >>> [row[0].item() for row in data.create_tuple_iterator(["b"], num_epochs=1, output_numpy=True)]
            [3, 4]

        MindSpore r1.8 `dataset.Dataset.create_tuple_iterator`.
        """
        check_bool("create_tuple_iterator", "do_copy", do_copy)
        names = check_columns("create_tuple_iterator", "columns", columns)
        node = Project(self._node, names, "create_tuple_iterator") if names else self._node
        return TupleIterator(node, _epochs("create_tuple_iterator", num_epochs),
                             check_bool("create_tuple_iterator", "output_numpy", output_numpy))

    def __iter__(self) -> Iterator[list[Any]]:
        return self.create_tuple_iterator(num_epochs=1)

    def __len__(self) -> int:
        if not self._node.sized():
            raise TypeError(f"The length of this {type(self).__name__} is only known after reading it; "
                            "get_dataset_size() reads it once to count.")
        return self.get_dataset_size()

    def __bool__(self) -> bool:
        return True

    def iterator_bootstrap(self) -> None:
        """Does nothing; MindSpore prepares iterators with it."""

    # ***** size *****

    def get_dataset_size(self) -> int:
        """How many rows (after `batch`: batches) an epoch has. Reads the data once where nothing else tells.

        Examples:
            >>> ms.dataset.NumpySlicesDataset([1, 2, 3]).batch(2).get_dataset_size()
            2

        MindSpore r1.8 `dataset.Dataset.get_dataset_size`.
        """
        return self._node.size()

    def get_batch_size(self) -> int:
        """The rows in a batch: 1 without `batch`, -1 where a function decides.

        Examples:
            >>> ms.dataset.NumpySlicesDataset([1, 2, 3]).batch(2).get_batch_size()
            2

        MindSpore r1.8 `dataset.Dataset.get_batch_size`.
        """
        batch = self._nearest(Batch)
        if batch is None:
            return 1
        return batch.batch_size if isinstance(batch.batch_size, int) else -1

    def get_repeat_count(self) -> int:
        """The count of the last `repeat`; 1 without one.

        Examples:
            >>> ms.dataset.NumpySlicesDataset([1, 2, 3]).repeat(4).batch(2).get_repeat_count()
            4

        MindSpore r1.8 `dataset.Dataset.get_repeat_count`.
        """
        repeat = self._nearest(Repeat)
        return 1 if repeat is None else repeat.times

    def _nearest(self, kind: type) -> Any:
        node: Node | None = self._node
        while node is not None and not isinstance(node, kind):
            node = node.inputs[0] if node.inputs else None
        return node

    # ***** columns *****

    def get_col_names(self) -> list[str]:
        """The names of the columns, in order.

        Examples:
            >>> ms.dataset.NumpySlicesDataset(([1], [2])).get_col_names()
            ['column_0', 'column_1']

        MindSpore r1.8 `dataset.Dataset.get_col_names`.
        """
        return list(self._node.columns)

    def output_shapes(self, estimate: bool = False) -> list[list[int | None]]:
        """The shape of each column, from the first row.

        Args:
            estimate: Whether to read all rows, and give None for sizes that vary.

        Raises:
            TypeError: `estimate` is not a bool.

        Examples:
            >>> ms.dataset.NumpySlicesDataset([[1, 2], [3, 4], [5, 6]]).batch(2).output_shapes()
            [[2, 2]]

        MindSpore r1.8 `dataset.Dataset.output_shapes`.
        """
        check_bool("output_shapes", "estimate", estimate)
        if estimate:
            return self._sizes_that_vary()
        shapes: list[list[int | None]] = [list(shape) for shape in self._look()[0]]
        if self._dynamic_columns:
            dynamic = self._checked_dynamic(shapes)
            return [[-1 if n is None else n for n in dynamic.get(name, shape)]
                    for name, shape in zip(self._node.columns, shapes, strict=False)]
        return shapes

    def output_types(self) -> list[np.dtype]:
        """The NumPy dtype of each column, from the first row; text has the dtype "S".

        Examples:
            >>> ms.dataset.NumpySlicesDataset([1.5, 2.5]).output_types()
            [dtype('float64')]

        MindSpore r1.8 `dataset.Dataset.output_types`.
        """
        return list(self._look()[1])

    def _look(self) -> tuple[list[list[int]], list[np.dtype]]:
        if self._first_row is None:
            iterator = TupleIterator(self._node, 1, True, inline=True)
            row = next(iterator, [])
            iterator.stop()
            self._first_row = ([list(a.shape) for a in row],
                               [np.dtype("S") if a.dtype.kind == "S" else a.dtype for a in row])
        return self._first_row

    def _sizes_that_vary(self) -> list[list[int | None]]:
        seen: list[list[int | None]] | None = None
        for row in TupleIterator(self._node, 1, True, inline=True):
            shapes: list[list[int | None]] = [list(a.shape) for a in row]
            if seen is None:
                seen = shapes
            for old, new in zip(seen, shapes, strict=True):
                if len(old) != len(new):
                    raise RuntimeError(f"output_shapes: a column has rows of {len(old)} and of {len(new)} axes.")
                old[:] = [a if a == b else None for a, b in zip(old, new, strict=True)]
        return seen or []

    def set_dynamic_columns(self, columns: dict[str, list[int | None]]) -> None:
        """Says which sizes vary from row to row.

        Args:
            columns: Column name to shape, with None for the sizes that vary.

        Raises:
            TypeError: `columns` is not a dict.

        Examples:
            >>> data = ms.dataset.GeneratorDataset(lambda: (np.ones((2, n)) for n in (1, 3)), ["x"])
            >>> data.set_dynamic_columns({"x": [2, None]})
            >>> data.dynamic_min_max_shapes()
            ([[2, 1]], [[2, 3]])

        MindSpore r1.8 `dataset.Dataset.set_dynamic_columns`.
        """
        if not isinstance(columns, dict):
            raise TypeError("For 'set_dynamic_columns', 'columns' should be a dict such as {\"x\": [16, None]}, but "
                            f"got {describe(columns)}.")
        self._dynamic_columns = columns

    def dynamic_min_max_shapes(self) -> tuple[list[list[int]], list[list[int]]]:
        """The smallest and the largest size of every axis, over all rows. Needs `set_dynamic_columns`.

        Raises:
            RuntimeError: `set_dynamic_columns` was not called, or what it said does not fit the rows.

        MindSpore r1.8 `dataset.Dataset.dynamic_min_max_shapes`.
        """
        if not self._dynamic_columns:
            raise RuntimeError("For 'dynamic_min_max_shapes', call set_dynamic_columns on this dataset first.")
        low: list[list[int]] = []
        high: list[list[int]] = []
        for row in TupleIterator(self._node, 1, True, inline=True):
            shapes = [list(a.shape) for a in row]
            self._checked_dynamic(shapes)
            if not low:
                low, high = shapes, [list(shape) for shape in shapes]
            low = [[min(p) for p in zip(a, b, strict=True)] for a, b in zip(low, shapes, strict=True)]
            high = [[max(p) for p in zip(a, b, strict=True)] for a, b in zip(high, shapes, strict=True)]
        return low, high

    def _checked_dynamic(self, shapes: Sequence[Sequence[int | None]]) -> dict[str, list[int | None]]:
        for name, shape in self._dynamic_columns.items():
            have = list(shapes[self._node.position(name, "set_dynamic_columns")])
            if len(have) != len(shape) or any(n is not None and n != m for n, m in zip(shape, have, strict=True)):
                raise RuntimeError(f"The shape {shape} that set_dynamic_columns gives for column {name!r} does not fit "
                                   f"a row of shape {have}.")
        return self._dynamic_columns

    # ***** other facts *****

    def num_classes(self) -> int | None:
        """The number of classes, for datasets that know it; None here.

        MindSpore r1.8 `dataset.Dataset.num_classes`.
        """
        return None

    def get_class_indexing(self) -> dict[str, int]:
        """The number of each class name, for datasets that know it; empty here.

        MindSpore r1.8 `dataset.Dataset.get_class_indexing`.
        """
        return {}

    @property
    def input_indexs(self) -> Any:
        """What the program set; MindSpore hands it to the network (see `Model`)."""
        return self._input_indexs

    @input_indexs.setter
    def input_indexs(self, value: Any) -> None:
        self._input_indexs = value

    def is_shuffled(self) -> bool:
        """Whether a step makes the order random."""
        return isinstance(self._node, Shuffle) or any(child.is_shuffled() for child in self.children)

    def is_sharded(self) -> bool:
        """Whether the rows are one shard of several."""
        return any(child.is_sharded() for child in self.children)

    def reset(self) -> None:
        """Does nothing: every iterator starts anew."""

    def close_pool(self) -> None:
        """Does nothing: worker processes end with the iterator that uses them."""

    # ***** handing over to a device *****

    def to_device(self, send_epoch_end: bool = True, create_data_info_queue: bool = False) -> PipelineView:
        """This dataset: rows go to the device when they are used, without a queue in between.

        MindSpore r1.8 `dataset.Dataset.to_device`.
        """
        return self.device_que(send_epoch_end, create_data_info_queue)

    def device_que(self, send_epoch_end: bool = True, create_data_info_queue: bool = False) -> PipelineView:
        """This dataset: rows go to the device when they are used, without a queue in between.

        MindSpore r1.8 `dataset.Dataset.device_que`.
        """
        check_bool("device_que", "send_epoch_end", send_epoch_end)
        check_bool("device_que", "create_data_info_queue", create_data_info_queue)
        return self

    def dummy_iterator(self, mode: str) -> DummyIterator:
        """Ones in the shapes and dtypes of the rows."""
        return DummyIterator(self, mode)

    # ***** changes from the consumer *****

    def sync_update(self, condition_name: str, num_batch: int | None = None, data: Any = None) -> None:
        """Calls the callback that `sync_wait` registered under a name.

        Args:
            condition_name: The name.
            num_batch: Accepted for compatibility.
            data: Given to the callback; without it the callback is called without arguments.

        Raises:
            RuntimeError: There is no `sync_wait` of that name.
            ValueError: `num_batch` is below 1.

        MindSpore r1.8 `dataset.Dataset.sync_update`.
        """
        if num_batch is not None:
            check_int("sync_update", "num_batch", num_batch, 1)
        conditions = self.conditions()
        if condition_name not in conditions:
            raise RuntimeError(f"For 'sync_update', there is no sync_wait named {condition_name!r}; there are "
                               f"{sorted(conditions)}.")
        callback = conditions[condition_name]
        if callback is not None:
            callback() if data is None else callback(data)

    def conditions(self) -> dict[str, Callable[..., Any] | None]:
        """The names and callbacks that `sync_wait` registered on the way here."""
        found = dict([self.condition] if self.condition else [])
        for child in self.children:
            found.update(child.conditions())
        return found

    def is_sync(self) -> bool:
        """Whether there is a `sync_wait` on the way here."""
        return bool(self.conditions())

    def disable_sync(self) -> None:
        """Does nothing: a pipeline never waits here."""


def _epochs(owner: str, num_epochs: Any) -> int:
    if check_int(owner, "num_epochs", num_epochs, -1, INT32_MAX) == 0:
        raise RuntimeError(f"For '{owner}', 'num_epochs' should be -1 or positive, but got 0.")
    return num_epochs
