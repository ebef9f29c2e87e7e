"""Samplers: which rows of a random-access source are read, and in which order."""
from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.orders import Twister32, weighted_with_replacement, weighted_without_replacement

_INT64_MAX = 2**63 - 1
_UINT32 = 2**32 - 1


def _number(owner: str, name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"For '{owner}', {name!r} should be int, but got {describe(value)}.")
    return int(value)


def _flag(owner: str, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"For '{owner}', {name!r} should be bool, but got {describe(value)}.")
    return value


def _count(owner: str, value: Any) -> int | None:
    """`num_samples`: None and 0 mean all."""
    if value is None:
        return None
    if not 0 <= _number(owner, "num_samples", value) <= _INT64_MAX:
        raise ValueError(f"For '{owner}', 'num_samples' should be 0 (all) or greater, but got {value}.")
    return int(value) or None


class BuiltinSampler:
    """Base of the samplers of this package.

    A sampler with a child picks from the rows that the child picked.

    Args:
        num_samples: How many rows to pick at most; None or 0 for all.
    """

    def __init__(self, num_samples: int | None = None) -> None:
        self.num_samples = _count(type(self).__name__, num_samples)
        self.child_sampler: BuiltinSampler | None = None

    def add_child(self, sampler: BuiltinSampler) -> None:
        """Makes this sampler pick from what `sampler` picks.

        Args:
            sampler: The sampler that picks first.

        Raises:
            RuntimeError: There is a child already.
        """
        if self.child_sampler is not None:
            raise RuntimeError(f"For '{type(self).__name__}', this sampler has a child already; add the new one to it "
                               "instead.")
        self.child_sampler = sampler

    def get_child(self) -> BuiltinSampler | None:
        """The sampler that picks before this one, or None."""
        return self.child_sampler

    def get_num_samples(self) -> int | None:
        """How many rows are picked at most; None when nothing limits it."""
        limits = [n for n in (self.num_samples, self.child_sampler and self.child_sampler.get_num_samples()) if n]
        return min(limits) if limits else None

    def is_shuffled(self) -> bool:
        """Whether the order is random."""
        return self.child_sampler is not None and self.child_sampler.is_shuffled()

    def is_sharded(self) -> bool:
        """Whether the rows are one shard of several."""
        return self.child_sampler is not None and self.child_sampler.is_sharded()

    def size(self, rows: int) -> int:
        """How many of `rows` rows are picked."""
        if self.child_sampler is not None:
            rows = self.child_sampler.size(rows)
        return self._size(rows)

    def epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        """For each epoch, without end, the numbers of the rows to read.

        Args:
            rows: How many rows the source has.
            seed: The seed of the pipeline.
        """
        if self.child_sampler is None:
            yield from self._epochs(rows, seed)
            return
        own = None
        for picked in self.child_sampler.epochs(rows, seed):
            own = own or self._epochs(len(picked), seed)
            yield picked[next(own)]

    def _size(self, rows: int) -> int:
        return min(rows, self.num_samples or rows)

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        raise NotImplementedError


class SequentialSampler(BuiltinSampler):
    """Rows in their order.

    Args:
        start_index: The first row. Default: 0.
        num_samples: How many rows; None or 0 for all.

    Raises:
        TypeError: An argument is not an int.
        ValueError: `num_samples` is negative.
        RuntimeError: On reading, `start_index` is not a row of the dataset.

    Examples:
        >>> sampler = ms.dataset.SequentialSampler(start_index=1, num_samples=2)
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7, 8], sampler=sampler)
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [6, 7]

    MindSpore r1.8 `dataset.SequentialSampler`.
    """

    def __init__(self, start_index: int | None = None, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self.start_index = 0 if start_index is None else _number("SequentialSampler", "start_index", start_index)

    def _start(self, rows: int) -> int:
        if not 0 <= self.start_index < max(rows, 1):
            raise RuntimeError(f"For 'SequentialSampler', 'start_index' should be from 0 to {rows - 1}, the last row "
                               f"of the dataset, but got {self.start_index}.")
        return self.start_index

    def _size(self, rows: int) -> int:
        return super()._size(rows - self._start(rows))

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        start = self._start(rows)
        while True:
            yield np.arange(start, start + self._size(rows))


class RandomSampler(BuiltinSampler):
    """Rows in a random order, another one in every epoch.

    Args:
        replacement: Whether a row may come again before all have come. Default: False.
        num_samples: How many rows; None or 0 for as many as there are.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `num_samples` is negative.

    Examples:
        >>> ms.dataset.config.set_seed(1)
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7, 8], sampler=ms.dataset.RandomSampler())
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [6, 5, 7, 8]

    MindSpore r1.8 `dataset.RandomSampler`.
    """

    def __init__(self, replacement: bool = False, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self.replacement = _flag("RandomSampler", "replacement", replacement)

    def is_shuffled(self) -> bool:
        return True

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        order = list(range(rows))
        while True:
            twister = Twister32(seed & _UINT32)
            if self.replacement:
                yield np.array([twister.below(rows) for _ in range(self._size(rows))], np.int64)
            else:
                twister.shuffle(order)
                yield np.array(order[:self._size(rows)], np.int64)
            seed += 1


class SubsetSampler(BuiltinSampler):
    """The listed rows, in the order of the list.

    Args:
        indices: Row numbers: an int, or an iterable of ints.
        num_samples: How many of them; None or 0 for all.

    Raises:
        TypeError: `indices` is neither an int nor an iterable of ints, or `num_samples` is not an int.
        ValueError: `num_samples` is negative.
        RuntimeError: On reading, a number is not a row of the dataset.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7, 8], sampler=ms.dataset.SubsetSampler([3, 0]))
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [8, 5]

    MindSpore r1.8 `dataset.SubsetSampler`.
    """

    def __init__(self, indices: Iterable[int] | int, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        owner = type(self).__name__
        if isinstance(indices, numbers.Number):
            indices = [indices]   # pyright: ignore[reportAssignmentType]
        elif isinstance(indices, str) or not hasattr(indices, "__iter__") and not hasattr(indices, "__getitem__"):
            raise TypeError(f"For '{owner}', 'indices' should be an int or an iterable of ints, but got "
                            f"{describe(indices)}.")
        self.indices = [_number(owner, f"indices[{i}]", n) for i, n in enumerate(indices)]

    def get_num_samples(self) -> int | None:
        """How many rows are picked at most."""
        limit = super().get_num_samples()
        return len(self.indices) if limit is None else min(limit, len(self.indices))

    def _size(self, rows: int) -> int:
        return min(len(self.indices), self.num_samples or len(self.indices))

    def _checked(self, rows: int) -> np.ndarray:
        indices = np.array(self.indices, np.int64)
        bad = indices[(indices < 0) | (indices >= rows)]
        if len(bad):
            raise RuntimeError(f"For '{type(self).__name__}', the row numbers should be from 0 to {rows - 1}, but got "
                               f"{bad[0]}.")
        return indices

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        indices = self._checked(rows)
        while True:
            yield indices[:self._size(rows)]


class SubsetRandomSampler(SubsetSampler):
    """The listed rows in a random order, another one in every epoch.

    Args:
        indices: Row numbers: an int, or an iterable of ints.
        num_samples: How many of them; None or 0 for all.

    Raises:
        TypeError: `indices` is neither an int nor an iterable of ints, or `num_samples` is not an int.
        ValueError: `num_samples` is negative.
        RuntimeError: On reading, a number is not a row of the dataset.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7, 8], sampler=ms.dataset.SubsetRandomSampler([3, 0]))
        >>> sorted(int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True))
        [5, 8]

    MindSpore r1.8 `dataset.SubsetRandomSampler`.
    """

    def is_shuffled(self) -> bool:
        return True

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        order = self._checked(rows).tolist()
        while True:     # the same swaps on the order of the epoch before, as in MindSpore
            Twister32(seed & _UINT32).shuffle(order)
            yield np.array(order[:self._size(rows)], np.int64)


class DistributedSampler(BuiltinSampler):
    """Every `num_shards`-th row, so that each of several processes reads its own part.

    Args:
        num_shards: How many parts.
        shard_id: Which part, 0 to num_shards - 1.
        shuffle: Whether to shuffle before dividing, the same way in every part. Default: True.
        num_samples: How many rows of the part; None or 0 for all.
        offset: Which part gets the first row, 0 to num_shards - 1; parts may then differ by one row. Default -1: the
            first part gets it, and rows from the start are repeated until all parts are equally long.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `shard_id` or `offset` is not below `num_shards`.

    Examples:
        >>> sampler = ms.dataset.DistributedSampler(num_shards=2, shard_id=1, shuffle=False)
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7], sampler=sampler)
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [6, 5]

    MindSpore r1.8 `dataset.DistributedSampler`.
    """

    def __init__(self, num_shards: int, shard_id: int, shuffle: bool = True, num_samples: int | None = None,
                 offset: int = -1) -> None:
        super().__init__(num_samples)
        owner = "DistributedSampler"
        self.num_shards = _number(owner, "num_shards", num_shards)
        self.shard_id = _number(owner, "shard_id", shard_id)
        self.shuffle = _flag(owner, "shuffle", shuffle)
        self.offset = _number(owner, "offset", offset)
        if self.num_shards < 1 or not 0 <= self.shard_id < self.num_shards or not -1 <= self.offset < self.num_shards:
            raise ValueError(f"For '{owner}', 'shard_id' should be from 0 to num_shards - 1 and 'offset' from -1 to "
                             f"num_shards - 1, but got num_shards={num_shards}, shard_id={shard_id}, offset={offset}.")

    def is_shuffled(self) -> bool:
        return self.shuffle or super().is_shuffled()

    def is_sharded(self) -> bool:
        return True

    def _positions(self, rows: int) -> np.ndarray:
        if self.offset == -1:
            positions = (self.shard_id + np.arange(-(-rows // self.num_shards)) * self.num_shards) % max(rows, 1)
        else:
            positions = np.arange((self.shard_id - self.offset) % self.num_shards, rows, self.num_shards)
        return positions[:self.num_samples]

    def _size(self, rows: int) -> int:
        return len(self._positions(rows))

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        order, epoch = list(range(rows)), 0
        while True:
            if self.shuffle:
                epoch += 1      # not the pipeline's seed: processes that were seeded apart must agree on the order
                Twister32(epoch).shuffle(order)
            yield np.array(order, np.int64)[self._positions(rows)]


class WeightedRandomSampler(BuiltinSampler):
    """Row numbers drawn with probabilities proportional to weights.

    Args:
        weights: One non-negative number for each row, not all zero.
        num_samples: How many rows; None or 0 for as many as the dataset has.
        replacement: Whether a row may come again. Default: True.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A weight is negative or not finite, or `num_samples` is negative.
        RuntimeError: On reading, all weights are zero or there are more weights than rows.

    Examples:
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7], sampler=ms.dataset.WeightedRandomSampler([0, 0, 1], 2))
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [7, 7]

    MindSpore r1.8 `dataset.WeightedRandomSampler`.
    """

    def __init__(self, weights: Iterable[float], num_samples: int | None = None, replacement: bool = True) -> None:
        super().__init__(num_samples)
        self.weights = list(weights)
        for i, weight in enumerate(self.weights):
            if isinstance(weight, bool) or not isinstance(weight, numbers.Number):
                raise TypeError(f"For 'WeightedRandomSampler', weights[{i}] should be a number, but got "
                                f"{describe(weight)}.")
            if not 0 <= weight < np.inf:
                raise ValueError(f"For 'WeightedRandomSampler', weights[{i}] should be 0 or a positive finite number, "
                                 f"but got {weight}.")
        self.replacement = _flag("WeightedRandomSampler", "replacement", replacement)

    def is_shuffled(self) -> bool:
        return True

    def _size(self, rows: int) -> int:
        count = super()._size(rows)
        return count if self.replacement else min(count, len(self.weights))

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        weights = np.array(self.weights, np.float64)
        if len(weights) > rows or not weights.any():
            raise RuntimeError("For 'WeightedRandomSampler', 'weights' should be one number for each row, not all "
                               f"zero, but got {len(weights)} weights with the sum {weights.sum()} for {rows} rows.")
        draw = weighted_with_replacement if self.replacement else weighted_without_replacement
        while True:     # one seed for all epochs, as in MindSpore
            yield draw(weights, self._size(rows), seed & _UINT32)


class PKSampler(BuiltinSampler):
    """`num_val` rows of every class, for sources that know their classes (image folders and the like).

    Args:
        num_val: How many rows of each class.
        num_class: Not supported, as in MindSpore; leave it None.
        shuffle: Whether the classes come in a random order. Default: False.
        class_column: The column with the class. Default: "label".
        num_samples: How many rows in all; None or 0 for all.

    Raises:
        TypeError: An argument has the wrong type.
        NotImplementedError: `num_class` is given.
        ValueError: `num_val` is below 1; or the dataset is a GeneratorDataset, which does not know classes.

    Examples:
        >>> sampler = ms.dataset.PKSampler(3)

    MindSpore r1.8 `dataset.PKSampler`.
    """

    def __init__(self, num_val: int, num_class: int | None = None, shuffle: bool = False,
                 class_column: str = "label", num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self.num_val = _number("PKSampler", "num_val", num_val)
        if num_class is not None:
            raise NotImplementedError("For 'PKSampler', 'num_class' is not supported; leave it None.")
        self.shuffle = _flag("PKSampler", "shuffle", shuffle)
        if not isinstance(class_column, str):
            raise TypeError(f"For 'PKSampler', 'class_column' should be str, but got {describe(class_column)}.")
        if self.num_val < 1:
            raise ValueError(f"For 'PKSampler', 'num_val' should be 1 or greater, but got {num_val}.")
        self.class_column = class_column

    def is_shuffled(self) -> bool:
        return self.shuffle


class Sampler:
    """Base of samplers that a program writes itself: define `__iter__` to yield row numbers.

    Attributes:
        dataset_size: Set before `__iter__` is called: the number of rows.
        num_samples: The number of rows to yield.

    Args:
        num_samples: How many rows `__iter__` yields; None for as many as the dataset has.

    Examples:
        >>> class Backwards(ms.dataset.Sampler):
        ...     def __iter__(self):
        ...         yield from range(self.dataset_size - 1, -1, -1)
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7], sampler=Backwards())
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [7, 6, 5]

    MindSpore r1.8 `dataset.samplers.Sampler`.
    """

    def __init__(self, num_samples: int | None = None) -> None:
        self.dataset_size = 0
        self.child_sampler: BuiltinSampler | None = None
        self.num_samples = _count("Sampler", num_samples)

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError(f"{type(self).__name__} should define __iter__, which yields row numbers.")

    def add_child(self, sampler: BuiltinSampler) -> None:
        """Makes this sampler see the rows that `sampler` picks."""
        self.child_sampler = sampler

    def get_child(self) -> BuiltinSampler | None:
        """The sampler that picks before this one, or None."""
        return self.child_sampler

    def get_num_samples(self) -> int | None:
        """How many rows `__iter__` yields, or None."""
        return self.num_samples


class UserSampler(BuiltinSampler):
    """A program's own sampler, or any iterable of row numbers, as one of this package's.

    Args:
        source: A `Sampler`, or an iterable that can be iterated again in every epoch.
        num_samples: How many rows to take at most; None for all.
    """

    def __init__(self, source: Any, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self.source = source
        if isinstance(source, Sampler):
            self.num_samples = self.num_samples or source.num_samples
            self.child_sampler = source.child_sampler

    def is_shuffled(self) -> bool:
        return False

    def _size(self, rows: int) -> int:
        if isinstance(self.source, Sampler):
            return self.num_samples or rows
        known = len(self.source) if hasattr(self.source, "__len__") else sum(1 for _ in self.source)
        return min(known, self.num_samples or known)

    def _epochs(self, rows: int, seed: int) -> Iterator[np.ndarray]:
        wanted = self._size(rows)
        while True:
            if isinstance(self.source, Sampler):
                self.source.dataset_size = rows
                self.source.num_samples = wanted
            picked = []
            for number in self.source:
                if len(picked) == wanted:
                    break
                picked.append(_number("sampler", f"row number {len(picked)}", number))
            if len(picked) < wanted:
                raise RuntimeError(f"The sampler {describe(self.source)} yielded {len(picked)} row numbers where "
                                   f"{wanted} are expected; pass num_samples={len(picked)} to Sampler.__init__, or "
                                   "yield as many as the dataset has rows (dataset_size).")
            bad = [n for n in picked if not 0 <= n < rows]
            if bad:
                raise RuntimeError(f"The sampler yielded the row number {bad[0]}, but the dataset has rows 0 to "
                                   f"{rows - 1}.")
            yield np.array(picked, np.int64)


def as_sampler(sampler: Any, num_samples: int | None = None) -> BuiltinSampler:
    """A `sampler` argument as a sampler of this package; TypeError when it is none."""
    if isinstance(sampler, BuiltinSampler):
        return sampler
    if isinstance(sampler, Sampler) or hasattr(sampler, "__iter__") or hasattr(sampler, "__getitem__"):
        once = isinstance(sampler, Iterator)    # would be used up after one epoch
        return UserSampler(list(sampler) if once else sampler, num_samples)
    raise TypeError("'sampler' should be a sampler of mindspore.dataset or an iterable of row numbers, but got "
                    f"{describe(sampler)}.")


def choose_sampler(num_samples: int | None, sampler: Any, shuffle: bool | None, num_shards: int | None,
                   shard_id: int | None) -> BuiltinSampler:
    """The sampler that a dataset's arguments ask for; without any, a random order.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: Arguments that exclude each other, or a shard without the number of shards.
    """
    if shuffle is not None:
        _flag("dataset", "shuffle", shuffle)
    num_samples = _count("dataset", num_samples)
    if sampler is not None:
        given = {"num_samples": num_samples if isinstance(sampler, BuiltinSampler) else None, "shuffle": shuffle,
                 "num_shards": num_shards, "shard_id": shard_id}
        clash = [f"{name}={value}" for name, value in given.items() if value is not None]
        if clash:
            raise ValueError(f"'sampler' decides by itself which rows are read; it excludes {', '.join(clash)}.")
        return as_sampler(sampler, num_samples)
    if (num_shards is None) != (shard_id is None):
        raise ValueError(f"'num_shards' and 'shard_id' belong together, but got num_shards={num_shards}, "
                         f"shard_id={shard_id}.")
    if num_shards is not None and shard_id is not None:
        _number("dataset", "num_shards", num_shards)
        _number("dataset", "shard_id", shard_id)
        if num_shards < 1 or not 0 <= shard_id < num_shards:
            raise ValueError(f"'shard_id' should be from 0 to num_shards - 1, but got num_shards={num_shards}, "
                             f"shard_id={shard_id}.")
        return DistributedSampler(num_shards, shard_id, shuffle is not False, num_samples)
    if shuffle is False:
        return SequentialSampler(num_samples=num_samples)
    return RandomSampler(replacement=num_samples is not None, num_samples=num_samples)  # as MindSpore does
