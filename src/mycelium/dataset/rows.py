"""Rows are tuples of NumPy arrays: how values become arrays, and how rows become batches."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

Row = tuple[np.ndarray, ...]
_KINDS = "biufS"    # bool, integers, floats, bytes


def to_array(value: Any, what: str) -> np.ndarray:
    """`value` as one of the arrays a column may hold; text becomes UTF-8 bytes.

    Raises:
        TypeError: `value` is not a number, text, array, Tensor, image or nested list of numbers or texts.
    """
    if type(value) is np.ndarray:
        if value.dtype.kind in _KINDS:
            return value
        array = value
    elif hasattr(value, "asnumpy"):
        array = value.asnumpy()
    elif isinstance(value, dict) or value is None:
        raise TypeError(f"{what} should be an array, a Tensor, a number or text, but got {type(value).__name__}.")
    else:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise TypeError(f"{what} is a {type(value).__name__} that makes no array: {error}") from error
    if array.dtype.kind in _KINDS:
        return array
    if array.dtype.kind == "U":
        return np.char.encode(array, "utf-8")
    raise TypeError(f"{what} should hold bool, int, uint, float or text, but got dtype {array.dtype} "
                    f"(from {type(value).__name__}).")


def decode_text(array: np.ndarray) -> np.ndarray:
    """Text columns as `str`, everything else unchanged."""
    return np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array


def own(row: Row) -> Row:
    """A copy of a row that nobody else holds."""
    return tuple([a.copy() for a in row])


class Batcher:
    """Collects rows into arrays with one more axis in front.

    Rows are copied in as they come, so a function that hands out the same buffer for every row does no harm.

    Args:
        columns: The names, for error messages.
        size: The most rows to take.
    """

    def __init__(self, columns: Sequence[str], size: int) -> None:
        self.columns = columns
        self.size = size
        self.count = 0
        self._arrays: list[np.ndarray] = []
        self._kinds: list[tuple[Any, Any]] = []     # dtype and shape of each column

    def add(self, row: Row) -> None:
        """Takes one row; RuntimeError when its shapes or dtypes are not those of the rows before."""
        i = self.count
        if not i:
            self._arrays = [np.empty((min(self.size, 1024), *a.shape), a.dtype) for a in row]
            self._kinds = [(a.dtype, a.shape) for a in row]
        elif i == len(self._arrays[0]):
            self._arrays = [np.concatenate([a, np.empty_like(a)]) for a in self._arrays]
        k = 0
        for a in row:
            dtype, shape = self._kinds[k]
            if a.shape != shape or a.dtype != dtype:
                self._differs(k, a)
            self._arrays[k][i] = a
            k += 1
        self.count = i + 1

    def _differs(self, k: int, a: np.ndarray) -> None:
        dtype, shape = self._kinds[k]
        if a.shape != shape:
            raise RuntimeError(
                f"batch: the rows of one batch should have the same shape, but in column {self.columns[k]!r} a row of "
                f"shape {a.shape} follows rows of shape {shape}; give batch a pad_info, or make the shapes equal with "
                "map.")
        if a.dtype.kind != "S" or dtype.kind != "S":
            raise RuntimeError(
                f"batch: the rows of one batch should have the same dtype, but in column {self.columns[k]!r} a row of "
                f"{a.dtype} follows rows of {dtype}; convert them with transforms.TypeCast.")
        if a.dtype.itemsize > dtype.itemsize:
            self._arrays[k] = self._arrays[k].astype(a.dtype)
            self._kinds[k] = (a.dtype, shape)

    def take(self) -> list[np.ndarray]:
        """The batch so far; starts a new one."""
        n, arrays = self.count, self._arrays
        self.count, self._arrays = 0, []
        return [a if len(a) == n else a[:n].copy() for a in arrays]


def batches(rows: Iterator[Row], columns: Sequence[str], size: int) -> Iterator[list[np.ndarray]]:
    """Groups of up to `size` rows, each column stacked."""
    batcher = Batcher(columns, size)
    for row in rows:
        batcher.add(row)
        if batcher.count == size:
            yield batcher.take()
    if batcher.count:
        yield batcher.take()


def stack(rows: Sequence[Row], columns: Sequence[str]) -> list[np.ndarray]:
    """The rows as one batch."""
    batcher = Batcher(columns, len(rows))
    for row in rows:
        batcher.add(row)
    return batcher.take()


def pad_end(array: np.ndarray, shape: Sequence[int], value: Any, what: str) -> np.ndarray:
    """`array` cut off or filled up with `value` to `shape`.

    Raises:
        RuntimeError: The ranks differ, or only one of `array` and `value` is text.
    """
    if len(shape) != array.ndim:
        raise RuntimeError(f"{what}: the pad shape {tuple(shape)} has {len(shape)} axes, but the data of shape "
                           f"{array.shape} has {array.ndim}.")
    text = array.dtype.kind == "S"
    if value is None:
        value = b"" if text else 0
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes) != text:
        raise RuntimeError(f"{what}: the pad value {value!r} and the data should both be text or both be numbers, but "
                           f"the data is {array.dtype}.")
    dtype = np.promote_types(array.dtype, np.array(value).dtype) if text else array.dtype
    out = np.empty(tuple(shape), dtype)
    out[...] = np.array(value).astype(dtype)
    window = tuple(slice(min(have, want)) for have, want in zip(array.shape, shape, strict=True))
    out[window] = array[window]
    return out


def pad_rows(rows: Sequence[Row], columns: Sequence[str], pad_info: dict[str, Any]) -> list[Row]:
    """Rows whose columns named in `pad_info` (all of them when it is empty) have one shape each.

    Args:
        rows: The rows of one batch.
        columns: The column names.
        pad_info: Column name to (shape, value); None as shape or as one of its sizes means the largest in this batch.
    """
    padded = []
    for k, name in enumerate(columns):
        column = [row[k] for row in rows]
        if not pad_info or name in pad_info:
            shape, value = pad_info.get(name, (None, None))
            largest = _largest(column, name)
            if shape is not None and len(shape) != len(largest):
                raise RuntimeError(f"batch: pad_info of column {name!r} has the shape {tuple(shape)} of {len(shape)} "
                                   f"axes, but the data has {len(largest)}.")
            target = largest if shape is None else [m if s is None or s == -1 else s
                                                    for s, m in zip(shape, largest, strict=True)]
            column = [pad_end(a, target, value, f"batch: pad_info of column {name!r}") for a in column]
        padded.append(column)
    return list(zip(*padded, strict=True))


def _largest(column: Sequence[np.ndarray], name: str) -> list[int]:
    if len({a.ndim for a in column}) > 1:
        raise RuntimeError(f"batch: column {name!r} cannot be padded, its rows differ in rank: "
                           f"{sorted({a.ndim for a in column})}.")
    return [max(sizes) for sizes in zip(*(a.shape for a in column), strict=True)]
