"""Dataset: the methods that build a pipeline step by step."""
from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from mycelium.core.errors import describe
from mycelium.dataset import config
from mycelium.dataset.batch_step import Batch, BucketBatch
from mycelium.dataset.callbacks import DSCallback
from mycelium.dataset.checks import (
    INT32_MAX,
    check_bool,
    check_buckets,
    check_columns,
    check_int,
    check_workers,
    split_sizes,
)
from mycelium.dataset.map_step import Map
from mycelium.dataset.node import Node
from mycelium.dataset.parallel import Workers
from mycelium.dataset.steps import Concat, Filter, Frozen, InStep, Project, Rename, Repeat, Shuffle, Skip, Take, Zip
from mycelium.dataset.views import PipelineView


class Dataset(PipelineView):
    """A data pipeline: a source and the steps after it. Every step makes a new Dataset and leaves this one as it is.

    Iterating over it gives, for one epoch, lists of Tensors in the order of the columns.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0]}, shuffle=False)
        >>> data = data.map(lambda x: x * 10, "x").batch(2)
        >>> for row in data.create_dict_iterator(num_epochs=1, output_numpy=True):
        ...     print(row["x"], row["y"])
        [10. 20.] [0 1]
        [30.] [0]

    MindSpore r1.8 `dataset.Dataset`.
    """

    def map(self, operations: Any, input_columns: Any = None, output_columns: Any = None, column_order: Any = None,
            num_parallel_workers: int | None = None, python_multiprocessing: bool = False, cache: Any = None,
            callbacks: Any = None, max_rowsize: int = 16, offload: bool | None = None) -> Dataset:
        """Applies operations to columns of every row.

        The first operation gets the input columns as arguments; a tuple that one returns is the arguments of the next.

        Args:
            operations: A transform or function, or a list of them.
            input_columns: Name, or list of names. Default: the first column.
            output_columns: Names for what the last operation returns. Default: those of the inputs.
            column_order: The columns to keep, in order. Default: all, made ones first where there are more or fewer.
            num_parallel_workers: Threads or processes. Default: as many as pay off, up to the number in `config`.
            python_multiprocessing: Whether to use processes, for functions that spend their time in Python.
            cache: Accepted for compatibility.
            callbacks: A `DSCallback`, or a list of them.
            max_rowsize: Accepted for compatibility.
            offload: Accepted for compatibility.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: An operation cannot be called.
            RuntimeError: A column does not exist; on iteration, an operation failed.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset({"a": [1, 2]}, shuffle=False)
            >>> data = data.map(lambda a: (a, a * a), ["a"], ["a", "square"], column_order=["square", "a"])
            >>> [[int(v) for v in row] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [[1, 1], [4, 2]]

        MindSpore r1.8 `dataset.Dataset.map`.
        """
        if not isinstance(operations, (list, tuple)):
            operations = [operations]
        if not operations or operations == [None]:
            raise RuntimeError("For 'map', 'operations' should be a transform or function, or a list of them, but there"
                               " are none.")
        for i, operation in enumerate(operations):
            if isinstance(operation, type) or not callable(operation):
                hint = "; add parentheses to make one" if isinstance(operation, type) else ""
                raise ValueError(f"For 'map', operations[{i}] should be a transform or a function, but got "
                                 f"{describe(operation)}{hint}.")
        inputs = check_columns("map", "input_columns", input_columns)
        outputs = check_columns("map", "output_columns", output_columns)
        order = check_columns("map", "column_order", column_order)
        workers = Workers(check_workers("map", num_parallel_workers),
                          check_bool("map", "python_multiprocessing", python_multiprocessing))
        callbacks = callbacks if isinstance(callbacks, (list, tuple)) else [] if callbacks is None else [callbacks]
        for callback in callbacks:
            if not isinstance(callback, DSCallback):
                raise TypeError(f"For 'map', 'callbacks' should be DSCallbacks, but got {describe(callback)}.")
        node: Node = Map(self._node, operations, inputs, outputs, workers, callbacks)
        return MapDataset(Project(node, order, "map (column_order)") if order else node, [self])

    def batch(self, batch_size: int | Callable[..., int], drop_remainder: bool = False,
              num_parallel_workers: int | None = None, per_batch_map: Callable[..., Any] | None = None,
              input_columns: Any = None, output_columns: Any = None, column_order: Any = None,
              pad_info: dict[str, Any] | None = None, python_multiprocessing: bool = False,
              max_rowsize: int = 16) -> Dataset:
        """Stacks groups of rows.

        Args:
            batch_size: Rows in a group: an int, or a function of a `BatchInfo` that returns one.
            drop_remainder: Whether to leave out a last group that is not full. Default: False.
            num_parallel_workers: Threads or processes for `per_batch_map`.
            per_batch_map: A function of each group: it gets a list of arrays for every input column, and a `BatchInfo`
                if it takes one more argument, and returns a tuple with a list or array for every output column.
            input_columns: Columns `per_batch_map` gets. Default: all.
            output_columns: Names for what it returns. Default: those of the inputs.
            column_order: The columns to keep, in order.
            pad_info: Column name to (shape, value), to fill up rows behind; None in a shape means the largest of the
                group. {} does so for all columns, with 0 and "".
            python_multiprocessing: Whether to use processes for `per_batch_map`.
            max_rowsize: Accepted for compatibility.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `batch_size` below 1, arguments that exclude each other, or a `per_batch_map` that takes another
                number of arguments.
            RuntimeError: A column does not exist; on iteration, rows of one group differ in shape or dtype, or a
                function failed.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3], "x", shuffle=False)
            >>> data = data.batch(2, per_batch_map=lambda x, info: ([v * 10 for v in x],))
            >>> [row[0].tolist() for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [[10, 20], [30]]

        MindSpore r1.8 `dataset.Dataset.batch`.
        """
        if not callable(batch_size):
            if not isinstance(batch_size, int):
                raise TypeError(f"For 'batch', 'batch_size' should be int or a function, but got "
                                f"{describe(batch_size)}.")
            if not 1 <= batch_size <= INT32_MAX:
                raise ValueError(f"For 'batch', 'batch_size' should be from 1 to {INT32_MAX}, but got {batch_size}.")
        elif len(inspect.signature(batch_size).parameters) != 1:
            raise ValueError("For 'batch', a 'batch_size' function should take one argument, the BatchInfo, but its "
                             f"signature is {inspect.signature(batch_size)}.")
        check_bool("batch", "drop_remainder", drop_remainder)
        inputs = check_columns("batch", "input_columns", input_columns)
        outputs = check_columns("batch", "output_columns", output_columns)
        order = check_columns("batch", "column_order", column_order)
        if per_batch_map is None and (inputs or outputs):
            raise ValueError("For 'batch', 'input_columns' and 'output_columns' are for 'per_batch_map', which is not "
                             "given.")
        if per_batch_map is not None and not callable(per_batch_map):
            raise ValueError(f"For 'batch', 'per_batch_map' should be a function, but got {describe(per_batch_map)}.")
        if pad_info is not None and not isinstance(pad_info, dict):
            raise TypeError(f"For 'batch', 'pad_info' should be a dict, but got {describe(pad_info)}.")
        if pad_info is not None and per_batch_map is not None:
            raise ValueError("For 'batch', 'pad_info' and 'per_batch_map' exclude each other; pad in per_batch_map.")
        workers = Workers(check_workers("batch", num_parallel_workers),
                          check_bool("batch", "python_multiprocessing", python_multiprocessing))
        size = int(batch_size) if isinstance(batch_size, int) else batch_size
        node: Node = Batch(self._node, size, drop_remainder, per_batch_map, inputs, outputs, pad_info, workers)
        return BatchDataset(Project(node, order, "batch (column_order)") if order else node, [self])

    def bucket_batch_by_length(self, column_names: Any, bucket_boundaries: list[int], bucket_batch_sizes: list[int],
                               element_length_function: Callable[..., int] | None = None,
                               pad_info: dict[str, Any] | None = None, pad_to_bucket_boundary: bool = False,
                               drop_remainder: bool = False) -> Dataset:
        """Groups rows of similar length, and pads each group.

        Args:
            column_names: Columns that `element_length_function` gets.
            bucket_boundaries: Strictly increasing lengths; each is the first of the next bucket.
            bucket_batch_sizes: Rows in a group of each bucket; one more than there are boundaries.
            element_length_function: The length of a row. Default: the first axis of the only column.
            pad_info: As for `batch`. Default: all columns, with 0.
            pad_to_bucket_boundary: Whether to pad to the bucket's last length instead of the group's longest.
            drop_remainder: Whether to leave out groups that are not full at the end.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: Boundaries or sizes that make no buckets.
            RuntimeError: A column does not exist; on iteration, a row is longer than the last boundary to pad to.

        Examples:
            >>> data = ms.dataset.GeneratorDataset(lambda: (np.arange(n) for n in (1, 5, 2)), ["x"])
            >>> data = data.bucket_batch_by_length(["x"], [4], [2, 1])
            >>> [row[0].shape for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [(1, 5), (2, 2)]

        MindSpore r1.8 `dataset.Dataset.bucket_batch_by_length`.
        """
        owner = "bucket_batch_by_length"
        names = check_columns(owner, "column_names", column_names)
        check_buckets(owner, bucket_boundaries, bucket_batch_sizes)
        if element_length_function is None and len(names) != 1:
            raise ValueError(f"For '{owner}', 'column_names' should name one column when there is no "
                             f"'element_length_function', but got {names}.")
        if pad_info is not None and not isinstance(pad_info, dict):
            raise TypeError(f"For '{owner}', 'pad_info' should be a dict, but got {describe(pad_info)}.")
        positions = [self._node.position(name, owner) for name in names]
        node = BucketBatch(self._node, positions, bucket_boundaries, bucket_batch_sizes, element_length_function,
                           pad_info or {}, check_bool(owner, "pad_to_bucket_boundary", pad_to_bucket_boundary),
                           check_bool(owner, "drop_remainder", drop_remainder))
        return BucketBatchByLengthDataset(node, [self])

    def shuffle(self, buffer_size: int) -> Dataset:
        """Draws rows from a buffer that is kept full while there are rows; another order in every epoch.

        Args:
            buffer_size: Rows in the buffer, 2 or more. As many as the dataset has shuffles fully.

        Raises:
            TypeError: `buffer_size` is not an int.
            ValueError: `buffer_size` is below 2.

        Examples:
            >>> ms.dataset.config.set_seed(1)
            >>> data = ms.dataset.NumpySlicesDataset([0, 1, 2, 3], shuffle=False).shuffle(4)
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [0, 3, 2, 1]

        MindSpore r1.8 `dataset.Dataset.shuffle`.
        """
        check_int("shuffle", "buffer_size", buffer_size, 2)
        return ShuffleDataset(Shuffle(self._node, buffer_size), [self])

    def repeat(self, count: int | None = None) -> Dataset:
        """Makes one epoch of several.

        Args:
            count: How many; None or -1 for without end.

        Raises:
            TypeError: `count` is not an int.
            ValueError: `count` is 0 or below -1.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2], shuffle=False).repeat(2)
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [1, 2, 1, 2]

        MindSpore r1.8 `dataset.Dataset.repeat`.
        """
        count = -1 if count is None else count
        if count != -1 or isinstance(count, bool):
            check_int("repeat", "count", count, 1)
        return RepeatDataset(Repeat(self._node, count), [self])

    def skip(self, count: int) -> Dataset:
        """Leaves out the first rows of every epoch.

        Args:
            count: How many, 0 or more.

        Raises:
            TypeError: `count` is not an int.
            ValueError: `count` is negative.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3], shuffle=False).skip(1)
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [2, 3]

        MindSpore r1.8 `dataset.Dataset.skip`.
        """
        return SkipDataset(Skip(self._node, check_int("skip", "count", count, 0)), [self])

    def take(self, count: int = -1) -> Dataset:
        """Keeps the first rows of every epoch.

        Args:
            count: How many; -1 for all.

        Raises:
            TypeError: `count` is not an int.
            ValueError: `count` is 0 or below -1.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3], shuffle=False).take(2)
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [1, 2]

        MindSpore r1.8 `dataset.Dataset.take`.
        """
        if count != -1 or isinstance(count, bool):
            check_int("take", "count", count, 1)
        return TakeDataset(Take(self._node, INT32_MAX if count == -1 else count), [self])

    def filter(self, predicate: Callable[..., Any], input_columns: Any = None,
               num_parallel_workers: int | None = None) -> Dataset:
        """Keeps the rows for which a function returns something true.

        Args:
            predicate: Called with the input columns.
            input_columns: Name, or list of names. Default: all columns.
            num_parallel_workers: Accepted for compatibility.

        Raises:
            TypeError: An argument has the wrong type.
            RuntimeError: A column does not exist; on iteration, the function failed.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3, 4], shuffle=False).filter(lambda x: x % 2 == 0)
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [2, 4]

        MindSpore r1.8 `dataset.Dataset.filter`.
        """
        if not callable(predicate):
            raise TypeError(f"For 'filter', 'predicate' should be a function, but got {describe(predicate)}.")
        check_workers("filter", num_parallel_workers)
        return FilterDataset(Filter(self._node, predicate, check_columns("filter", "input_columns", input_columns)),
                             [self])

    def project(self, columns: Any) -> Dataset:
        """Keeps some columns, in a given order.

        Args:
            columns: Name, or list of names.

        Raises:
            TypeError: `columns` is not a str or a list of str.
            ValueError: It is empty, or names a column twice.
            RuntimeError: A column does not exist.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset({"a": [1], "b": [2], "c": [3]})
            >>> data.project(["c", "a"]).get_col_names()
            ['c', 'a']

        MindSpore r1.8 `dataset.Dataset.project`.
        """
        names = check_columns("project", "columns", columns)
        if not names:
            raise ValueError("For 'project', 'columns' should name at least one column.")
        return ProjectDataset(Project(self._node, names), [self])

    def rename(self, input_columns: Any, output_columns: Any) -> Dataset:
        """Gives columns other names.

        Args:
            input_columns: Name, or list of names.
            output_columns: The new name of each.

        Raises:
            TypeError: An argument is not a str or a list of str.
            ValueError: The lists differ in length, or name a column twice.
            RuntimeError: A column does not exist, or a new name is taken.

        Examples:
            >>> ms.dataset.NumpySlicesDataset({"a": [1], "b": [2]}).rename("a", "z").get_col_names()
            ['z', 'b']

        MindSpore r1.8 `dataset.Dataset.rename`.
        """
        old = check_columns("rename", "input_columns", input_columns)
        new = check_columns("rename", "output_columns", output_columns)
        if len(old) != len(new):
            raise ValueError(f"For 'rename', there should be one new name for each column, but got {old} and {new}.")
        return RenameDataset(Rename(self._node, old, new), [self])

    def zip(self, datasets: Dataset | tuple[Dataset, ...]) -> Dataset:
        """Puts the columns of other datasets beside this one's.

        Args:
            datasets: A Dataset, or a tuple of them.

        Raises:
            TypeError: It is something else.
            RuntimeError: Two columns have the same name.

        Examples:
            >>> a, b = ms.dataset.NumpySlicesDataset([1], "a"), ms.dataset.NumpySlicesDataset([2], "b")
            >>> a.zip(b).get_col_names()
            ['a', 'b']

        MindSpore r1.8 `dataset.Dataset.zip`.
        """
        if isinstance(datasets, Dataset):
            datasets = (datasets,)
        elif not isinstance(datasets, tuple):
            raise TypeError(f"For 'zip', 'datasets' should be a Dataset or a tuple of them, but got "
                            f"{describe(datasets)}.")
        return zip_datasets((self, *datasets))

    def concat(self, datasets: Dataset | list[Dataset]) -> Dataset:
        """Appends the rows of other datasets; `a + b` is the same.

        Args:
            datasets: A Dataset, or a list of them, with the same columns.

        Raises:
            TypeError: It is something else.
            RuntimeError: The columns differ; on iteration, dtypes or ranks differ.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2], shuffle=False)
            >>> both = data + ms.dataset.NumpySlicesDataset([3], shuffle=False)
            >>> [int(row[0]) for row in both.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [1, 2, 3]

        MindSpore r1.8 `dataset.Dataset.concat`.
        """
        if isinstance(datasets, Dataset):
            datasets = [datasets]
        elif not isinstance(datasets, list):
            raise TypeError(f"For 'concat', 'datasets' should be a Dataset or a list of them, but got "
                            f"{describe(datasets)}.")
        everything = [self, *datasets]
        _check_datasets("concat", everything)
        return ConcatDataset(Concat(tuple(d._node for d in everything)), everything)

    def __add__(self, datasets: Dataset) -> Dataset:
        return self.concat(datasets)

    def flat_map(self, func: Callable[..., Dataset]) -> Dataset:
        """Turns each row into a dataset and appends those. Reads this dataset once, now.

        Args:
            func: Called with the arrays of a row; returns a Dataset.

        Raises:
            TypeError: `func` is not a function or does not return a Dataset.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([[0, 1], [2, 3]], shuffle=False)
            >>> flat = data.flat_map(lambda x: ms.dataset.NumpySlicesDataset(x, shuffle=False))
            >>> [int(row[0]) for row in flat.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [0, 1, 2, 3]

        MindSpore r1.8 `dataset.Dataset.flat_map`.
        """
        if not callable(func):
            raise TypeError(f"For 'flat_map', 'func' should be a function, but got {describe(func)}.")
        made = [func(*row) for row in self.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        for dataset in made:
            if not isinstance(dataset, Dataset):
                raise TypeError(f"For 'flat_map', 'func' should return a Dataset, but returned {describe(dataset)}.")
        return made[0].concat(made[1:]) if len(made) > 1 else made[0]

    def apply(self, apply_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Calls a function with this dataset and returns the Dataset it makes.

        Args:
            apply_func: The function.

        Raises:
            TypeError: It is not a function, or does not return a Dataset.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([1, 2, 3])
            >>> data.apply(lambda d: d.batch(2)).get_dataset_size()
            2

        MindSpore r1.8 `dataset.Dataset.apply`.
        """
        if not callable(apply_func):
            raise TypeError(f"For 'apply', 'apply_func' should be a function, but got {describe(apply_func)}.")
        made = apply_func(self)
        if not isinstance(made, Dataset):
            raise TypeError(f"For 'apply', 'apply_func' should return a Dataset, but returned {describe(made)}.")
        return made

    def split(self, sizes: list[int] | list[float], randomize: bool = True) -> tuple[Dataset, ...]:
        """Divides the rows into datasets without common rows.

        Args:
            sizes: Numbers of rows that sum up to the size of the dataset, or fractions that sum up to 1.
            randomize: Whether to shuffle first, the same way in every epoch. Default: True.

        Raises:
            TypeError: An argument has the wrong type.
            ValueError: `sizes` is empty, mixed, not positive, or fractions that do not sum up to 1.
            RuntimeError: Numbers that do not sum up to the size, or a fraction of less than half a row.

        Examples:
            >>> train, test = ms.dataset.NumpySlicesDataset(list(range(10))).split([0.8, 0.2])
            >>> train.get_dataset_size(), test.get_dataset_size()
            (8, 2)

        MindSpore r1.8 `dataset.Dataset.split`.
        """
        check_bool("split", "randomize", randomize)
        counts = split_sizes(sizes, self.get_dataset_size())
        node = self._shuffled() if randomize else self._node
        if randomize or self.is_shuffled():
            seed = config.run_seed()
            node = Frozen(node, secrets.randbits(32) if seed is None else seed)
        parts, start = [], 0
        for count in counts:
            parts.append(TakeDataset(Take(Skip(node, start), count), [self]))
            start += count
        return tuple(parts)

    def _shuffled(self) -> Node:
        return Shuffle(self._node, max(2, self.get_dataset_size()))

    def sync_wait(self, condition_name: str, num_batch: int = 1, callback: Callable[..., Any] | None = None) -> Dataset:
        """Keeps the pipeline in step with its consumer, who changes something in it with `sync_update`.

        Args:
            condition_name: A name for `sync_update`.
            num_batch: Accepted for compatibility: here no row is ever made ahead of time.
            callback: Called by `sync_update` with its data.

        Raises:
            TypeError: An argument has the wrong type.
            RuntimeError: The name is taken.

        Examples:
            >>> scale = [1]
            >>> data = ms.dataset.NumpySlicesDataset([1, 2], shuffle=False).sync_wait("scale", callback=scale.append)
            >>> data = data.map(lambda x: x * scale[-1])
            >>> for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True):
            ...     print(row[0])
            ...     data.sync_update("scale", data=100)
            1
            200

        MindSpore r1.8 `dataset.Dataset.sync_wait`.
        """
        if not isinstance(condition_name, str):
            raise TypeError(f"For 'sync_wait', 'condition_name' should be str, but got {describe(condition_name)}.")
        check_int("sync_wait", "num_batch", num_batch, 1)
        if callback is not None and not callable(callback):
            raise TypeError(f"For 'sync_wait', 'callback' should be a function, but got {describe(callback)}.")
        if condition_name in self.conditions():
            raise RuntimeError(f"For 'sync_wait', the name {condition_name!r} is taken by a step before.")
        made = SyncWaitDataset(InStep(self._node), [self])
        made.condition = (condition_name, callback)
        return made


# ***** one class per step, for programs that ask what kind of dataset they have *****


def _kind(name: str, maker: str) -> type[Dataset]:
    return type(name, (Dataset,), {"__doc__": f"What `{maker}` makes.", "__module__": __name__})


MapDataset = _kind("MapDataset", "Dataset.map")
BatchDataset = _kind("BatchDataset", "Dataset.batch")
BucketBatchByLengthDataset = _kind("BucketBatchByLengthDataset", "Dataset.bucket_batch_by_length")
ShuffleDataset = _kind("ShuffleDataset", "Dataset.shuffle")
RepeatDataset = _kind("RepeatDataset", "Dataset.repeat")
SkipDataset = _kind("SkipDataset", "Dataset.skip")
TakeDataset = _kind("TakeDataset", "Dataset.take")
FilterDataset = _kind("FilterDataset", "Dataset.filter")
ProjectDataset = _kind("ProjectDataset", "Dataset.project")
RenameDataset = _kind("RenameDataset", "Dataset.rename")
ZipDataset = _kind("ZipDataset", "zip")
ConcatDataset = _kind("ConcatDataset", "Dataset.concat")
SyncWaitDataset = _kind("SyncWaitDataset", "Dataset.sync_wait")


def zip_datasets(datasets: tuple[Dataset, ...]) -> Dataset:
    """Puts the columns of several datasets side by side, as long as all have rows.

    Args:
        datasets: A tuple of two or more.

    Raises:
        TypeError: It is not a tuple of Datasets.
        ValueError: There are fewer than two.
        RuntimeError: Two columns have the same name.

    Examples:
        >>> a = ms.dataset.NumpySlicesDataset([1, 2, 3], "a", shuffle=False)
        >>> b = ms.dataset.NumpySlicesDataset([4, 5], "b", shuffle=False)
        >>> both = ms.dataset.zip((a, b))
        >>> [[int(v) for v in row] for row in both.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[1, 4], [2, 5]]

    MindSpore r1.8 `dataset.zip`.
    """
    if not isinstance(datasets, tuple):
        raise TypeError(f"For 'zip', 'datasets' should be a tuple of Datasets, but got {describe(datasets)}.")
    if len(datasets) < 2:
        raise ValueError(f"For 'zip', there should be two datasets or more, but got {len(datasets)}.")
    _check_datasets("zip", datasets)
    return ZipDataset(Zip(tuple(d._node for d in datasets)), datasets)


def _check_datasets(owner: str, datasets: Sequence[Any]) -> None:
    for i, dataset in enumerate(datasets):
        if not isinstance(dataset, Dataset):
            raise TypeError(f"For '{owner}', datasets[{i}] should be a Dataset, but got {describe(dataset)}.")
