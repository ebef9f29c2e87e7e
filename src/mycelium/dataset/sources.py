"""The datasets that a program makes from its own data: GeneratorDataset, NumpySlicesDataset, PaddedDataset."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.dataset.checks import check_bool, check_columns, check_int, check_workers
from mycelium.dataset.dataset import Dataset
from mycelium.dataset.node import Node
from mycelium.dataset.parallel import Workers
from mycelium.dataset.rows import to_array
from mycelium.dataset.samplers import (
    BuiltinSampler,
    PKSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    as_sampler,
    choose_sampler,
)
from mycelium.dataset.schema import Schema
from mycelium.dataset.source_steps import Arrays, RandomAccess, Sampled, Stream


class SampledDataset(Dataset):
    """A source whose rows are read in the order of a sampler."""

    _node: Sampled

    @property
    def sampler(self) -> BuiltinSampler | None:
        """The sampler, or None for a stream."""
        return getattr(self._node, "sampler", None)

    def use_sampler(self, new_sampler: Any) -> None:
        """Reads the rows in the order of another sampler from now on.

        Args:
            new_sampler: A sampler.

        Raises:
            TypeError: It is not a sampler.
            ValueError: The rows come in an order of their own.

        Examples:
            >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7])
            >>> data.use_sampler(ms.dataset.SubsetSampler([2, 0]))
            >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
            [7, 5]

        MindSpore r1.8 `MappableDataset.use_sampler`.
        """
        if not isinstance(new_sampler, (BuiltinSampler, Sampler)):
            raise TypeError(f"For 'use_sampler', 'new_sampler' should be a sampler, but got {describe(new_sampler)}.")
        self._require_sampler("use_sampler")
        self._replace(as_sampler(new_sampler))

    def add_sampler(self, new_sampler: Any) -> None:
        """Makes another sampler pick from the rows that the present one picks.

        Args:
            new_sampler: A sampler.

        Raises:
            TypeError: It is not a sampler.
            ValueError: The rows come in an order of their own.

        MindSpore r1.8 `MappableDataset.add_sampler`.
        """
        if not isinstance(new_sampler, (BuiltinSampler, Sampler)):
            raise TypeError(f"For 'add_sampler', 'new_sampler' should be a sampler, but got {describe(new_sampler)}.")
        present = self._require_sampler("add_sampler")
        outer = as_sampler(new_sampler)
        outer.add_child(present)
        self._replace(outer)

    def _require_sampler(self, owner: str) -> BuiltinSampler:
        sampler = self.sampler
        if sampler is None:
            raise ValueError(f"For '{owner}', the source should have __getitem__ and __len__ to be read in another "
                             "order.")
        return sampler

    def _replace(self, sampler: BuiltinSampler) -> None:
        self._node = self._node.with_sampler(sampler)
        self._first_row = None

    def is_shuffled(self) -> bool:
        """Whether the sampler makes the order random."""
        return self.sampler is not None and self.sampler.is_shuffled()

    def is_sharded(self) -> bool:
        """Whether the rows are one shard of several."""
        return self.sampler is not None and self.sampler.is_sharded()

    def _shuffled(self) -> Node:
        present = self.sampler
        if present is None:
            return super()._shuffled()
        order = RandomSampler()
        if not isinstance(present, SequentialSampler) or present.num_samples or present.start_index:
            order.add_child(present)
        return self._node.with_sampler(order)


class GeneratorDataset(SampledDataset):
    """Rows from a Python object.

    A row is a tuple with one value per column (array, Tensor, number or text), or the value of the only column.

    Args:
        source: An object with `__getitem__` and `__len__`, read in the order of a sampler; or a function that returns
            an iterator, or an iterable, read from start to end in every epoch.
        column_names: Name, or list of names.
        column_types: The type each column must have (`mindspore.int32` and the like). Default: not checked.
        schema: A `Schema` or the path of its file, instead of `column_names`.
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: Workers that call `__getitem__`. Default: 1.
        shuffle: Whether to read in a random order. Default: yes, for an object with `__getitem__`.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.
        python_multiprocessing: Whether more than one worker means processes (default) or threads. The source is then
            sent to the processes; one that cannot be sent is read in threads.
        max_rowsize: Accepted for compatibility.

    Raises:
        TypeError: `source` or another argument has the wrong type.
        ValueError: Names are missing or come twice, or arguments exclude each other.
        RuntimeError: `source` has `__getitem__` without `__len__`; on iteration, it failed or yielded something else
            than the columns say.

    Examples:
        >>> class Squares:
        ...     def __getitem__(self, index):
        ...         return np.array(index), np.array(index * index)
        ...     def __len__(self):
        ...         return 3
        >>> data = ms.dataset.GeneratorDataset(Squares(), ["x", "y"], shuffle=False)
        >>> [[int(v) for v in row] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[0, 0], [1, 1], [2, 4]]

    MindSpore r1.8 `dataset.GeneratorDataset`.
    """

    def __init__(self, source: Any, column_names: Any = None, column_types: Any = None, schema: Any = None,
                 num_samples: int | None = None, num_parallel_workers: int | None = 1, shuffle: bool | None = None,
                 sampler: Any = None, num_shards: int | None = None, shard_id: int | None = None,
                 python_multiprocessing: bool = True, max_rowsize: int = 6) -> None:
        owner = type(self).__name__
        names, types = _columns(owner, column_names, column_types, schema)
        workers = Workers(check_workers(owner, num_parallel_workers) or 1)
        workers.processes = check_bool(owner, "python_multiprocessing", python_multiprocessing) and workers.count != 1
        check_int(owner, "max_rowsize", max_rowsize, 1)
        chosen = choose_sampler(num_samples, sampler, shuffle, num_shards, shard_id)
        if isinstance(chosen, PKSampler):
            raise ValueError(f"For '{owner}', PKSampler does not apply: the classes of the rows are not known.")
        if hasattr(source, "__getitem__") and not isinstance(source, type):
            if not hasattr(source, "__len__"):
                raise RuntimeError(f"For '{owner}', a source with __getitem__ should have __len__ too, but "
                                   f"{type(source).__name__} has none.")
            node: Node = RandomAccess(names, types, source, chosen, workers)
        else:
            for name, value in (("sampler", sampler), ("num_shards", num_shards)):
                if value is not None:
                    raise ValueError(f"For '{owner}', {name!r} needs a source with __getitem__ and __len__, which can "
                                     f"be read in any order, but got {describe(source)}.")
            length = len(source) if hasattr(source, "__len__") and not isinstance(source, type) else None
            node = Stream(names, types, _beginning(owner, source), length, chosen.num_samples)
        super().__init__(node)
        self.source = source
        self.column_names = names


def _beginning(owner: str, source: Any) -> Callable[[], Iterable[Any]]:
    if callable(source) and not isinstance(source, type):
        return source   # pyright: ignore[reportReturnType]
    if hasattr(source, "__iter__") and not isinstance(source, type):
        return lambda: source
    hint = "; make an instance of it" if isinstance(source, type) else ""
    raise TypeError(f"For '{owner}', 'source' should be a function that returns an iterator, an iterable, or an object "
                    f"with __getitem__ and __len__, but got {describe(source)}{hint}.")


def _columns(owner: str, column_names: Any, column_types: Any, schema: Any) -> tuple[list[str], list[Any] | None]:
    if schema is not None:
        if isinstance(schema, str):
            schema = Schema(schema)
        elif not isinstance(schema, Schema):
            raise ValueError(f"For '{owner}', 'schema' should be a Schema or the path of its file, but got "
                             f"{describe(schema)}.")
    if column_types is not None and not isinstance(column_types, list):
        raise TypeError(f"For '{owner}', 'column_types' should be a list, but got {describe(column_types)}.")
    names = check_columns(owner, "column_names", column_names)
    if not names:
        if schema is None:
            raise ValueError(f"For '{owner}', give 'column_names' or 'schema'.")
        names = [column["name"] for column in schema.columns]
        column_types = schema.types()
    if column_types is None:
        return names, None
    if len(column_types) != len(names):
        raise ValueError(f"For '{owner}', there should be one type for each of the columns {names}, but got "
                         f"{column_types}.")
    for type_ in column_types:
        if not isinstance(type_, (mstype.Type, type, np.dtype)):
            raise NotImplementedError(f"For '{owner}', 'column_types' should hold types such as mindspore.int32, but "
                                      f"got {describe(type_)}.")
    types = [mstype.pytype_to_dtype(t) for t in column_types]
    return names, [None if t is mstype.string else mstype.to_numpy_dtype(t) for t in types]


class NumpySlicesDataset(SampledDataset):
    """Rows along the first axis of arrays.

    Args:
        data: An array or list (one column); a tuple of arrays or lists (a column each); or a dict of them by name.
        column_names: Name, or list of names. Default: the keys of a dict, or "column_0", "column_1", ...
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: Accepted for compatibility: slicing needs no workers.
        shuffle: Whether to read in a random order. Default: yes.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.

    Raises:
        TypeError: `data` or another argument has the wrong type.
        ValueError: `data` is empty, its columns differ in length, or the names do not fit them.
        RuntimeError: `data` holds rows of different shapes, or something else than numbers or text.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset({"x": [[1, 2], [3, 4]], "y": [0, 1]}, shuffle=False)
        >>> [[v.tolist() for v in row] for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[[1, 2], 0], [[3, 4], 1]]

    MindSpore r1.8 `dataset.NumpySlicesDataset`.
    """

    def __init__(self, data: Any, column_names: Any = None, num_samples: int | None = None,
                 num_parallel_workers: int | None = 1, shuffle: bool | None = None, sampler: Any = None,
                 num_shards: int | None = None, shard_id: int | None = None) -> None:
        owner = type(self).__name__
        check_workers(owner, num_parallel_workers)
        names = check_columns(owner, "column_names", column_names)
        keys, columns = _sliced(owner, data)
        names = names or keys
        if len(names) != len(columns):
            raise ValueError(f"For '{owner}', 'data' has {len(columns)} columns (a list or array is one, a tuple or "
                             f"dict has several), but 'column_names' has {len(names)}: {names}.")
        chosen = choose_sampler(num_samples, sampler, shuffle, num_shards, shard_id)
        if isinstance(chosen, PKSampler):
            raise ValueError(f"For '{owner}', PKSampler does not apply: the classes of the rows are not known.")
        super().__init__(Arrays(names, columns, chosen))
        self.column_names = names


def _sliced(owner: str, data: Any) -> tuple[list[str], list[np.ndarray]]:
    if not isinstance(data, (list, tuple, dict, np.ndarray)):
        raise TypeError(f"For '{owner}', 'data' should be a list, tuple, dict or NumPy array, but got "
                        f"{describe(data)}.")
    if not len(data):
        raise ValueError(f"For '{owner}', 'data' should not be empty.")
    if isinstance(data, dict):
        keys, values = [str(key) for key in data], list(data.values())
    elif isinstance(data, tuple):
        keys, values = [f"column_{i}" for i in range(len(data))], list(data)
    else:
        keys, values = ["column_0"], [data]
    for i, value in enumerate(values):
        if not isinstance(value, (list, np.ndarray)) and not (isinstance(data, dict) and isinstance(value, tuple)):
            raise TypeError(f"For '{owner}', column {i} of 'data' should be a list or NumPy array, but got "
                            f"{describe(value)}; write a single column as a list.")
    if len({len(value) for value in values}) > 1:
        raise ValueError(f"For '{owner}', the columns of 'data' should be equally long, but have "
                         f"{[len(value) for value in values]} rows.")
    columns = []
    for key, value in zip(keys, values, strict=True):
        try:
            columns.append(to_array(value, f"column {key!r}"))
        except TypeError as error:
            raise RuntimeError(f"For '{owner}', {error} For rows of different shapes use GeneratorDataset.") from error
    return keys, columns


class FakeImageDataset(SampledDataset):
    """Random images and labels, for trying out a pipeline. The same base_seed gives the same images.

    Args:
        num_images: How many. Default: 1000.
        image_size: (height, width, channels). Default: (224, 224, 3).
        num_classes: Labels are 0 to num_classes - 1. Default: 10.
        base_seed: Which images. They are not those of MindSpore. Default: 0.
        num_samples: How many rows at most; None or 0 for all.
        num_parallel_workers: Accepted for compatibility.
        shuffle: Whether to read in a random order. Default: yes.
        sampler: A sampler, or an iterable of row numbers, instead of `shuffle`.
        num_shards: Into how many parts to divide the rows.
        shard_id: Which part to read.
        cache: Accepted for compatibility.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> data = ms.dataset.FakeImageDataset(num_images=3, image_size=(4, 6, 3))
        >>> data.output_shapes(), data.output_types()
        ([[4, 6, 3], []], [dtype('uint8'), dtype('uint32')])

    MindSpore r1.8 `dataset.FakeImageDataset`.
    """

    def __init__(self, num_images: int = 1000, image_size: tuple[int, int, int] = (224, 224, 3), num_classes: int = 10,
                 base_seed: int = 0, num_samples: int | None = None, num_parallel_workers: int | None = None,
                 shuffle: bool | None = None, sampler: Any = None, num_shards: int | None = None,
                 shard_id: int | None = None, cache: Any = None) -> None:
        owner = "FakeImageDataset"
        for name, value, low in (("num_images", num_images, 1), ("num_classes", num_classes, 1),
                                 ("base_seed", base_seed, 0)):
            check_int(owner, name, value, low)
        if not isinstance(image_size, (list, tuple)) or len(image_size) != 3:
            raise TypeError(f"For '{owner}', 'image_size' should be (height, width, channels), but got "
                            f"{describe(image_size)}.")
        for size in image_size:
            check_int(owner, "image_size", size, 1)
        check_workers(owner, num_parallel_workers)
        images = _FakeImages(num_images, tuple(image_size), num_classes, base_seed)
        chosen = choose_sampler(num_samples, sampler, shuffle, num_shards, shard_id)
        super().__init__(RandomAccess(["image", "label"], None, images, chosen, Workers(1)))


class _FakeImages:
    """Images made when they are read, each from a seed of its own."""

    def __init__(self, count: int, shape: tuple[int, ...], classes: int, seed: int) -> None:
        self._count, self._shape, self._classes, self._seed = count, shape, classes, seed

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng([self._seed, index])
        return random.integers(0, 256, self._shape, np.uint8), random.integers(0, self._classes, (), np.uint32)

    def __len__(self) -> int:
        return self._count


class PaddedDataset(SampledDataset):
    """Given rows, used to fill up another dataset to a common number of rows.

    Args:
        padded_samples: A list of dicts from column name to value.

    Raises:
        TypeError: It is not a list of dicts.
        ValueError: It is empty.
        RuntimeError: On iteration, a row lacks a column.

    Examples:
        >>> data = ms.dataset.PaddedDataset([{"x": np.zeros(1)}, {"x": np.ones(2)}])
        >>> [row[0].tolist() for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[0.0], [1.0, 1.0]]

    MindSpore r1.8 `dataset.PaddedDataset`.
    """

    def __init__(self, padded_samples: list[dict[str, Any]]) -> None:
        if not isinstance(padded_samples, list):
            raise TypeError(f"For 'PaddedDataset', 'padded_samples' should be a list, but got "
                            f"{describe(padded_samples)}.")
        if not padded_samples:
            raise ValueError("For 'PaddedDataset', 'padded_samples' should hold at least one row.")
        for i, row in enumerate(padded_samples):
            if not isinstance(row, dict):
                raise TypeError(f"For 'PaddedDataset', padded_samples[{i}] should be a dict, but got {describe(row)}.")
        names = check_columns("PaddedDataset", "padded_samples", list(padded_samples[0]))
        super().__init__(RandomAccess(names, None, _Dicts(padded_samples, names), SequentialSampler(), Workers(1)))
        self.padded_samples = padded_samples


class _Dicts:
    """Dicts as rows."""

    def __init__(self, rows: list[dict[str, Any]], names: list[str]) -> None:
        self._rows = rows
        self._names = names

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return tuple(self._rows[index][name] for name in self._names)

    def __len__(self) -> int:
        return len(self._rows)
