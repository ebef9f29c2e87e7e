"""Checks of arguments that several methods of datasets share."""
from __future__ import annotations

from itertools import pairwise
from typing import Any

from mycelium.core.errors import describe

INT32_MAX = 2**31 - 1


def check_columns(owner: str, name: str, columns: Any) -> list[str]:
    """`columns` (None, a str or a list of str) as a list.

    Raises:
        TypeError: It is something else.
        ValueError: A name is empty or comes twice.
    """
    if columns is None:
        return []
    if isinstance(columns, str):
        columns = [columns]
    if not isinstance(columns, (list, tuple)):
        raise TypeError(f"For '{owner}', {name!r} should be a str or a list of str, but got {describe(columns)}.")
    for i, column in enumerate(columns):
        if not isinstance(column, str):
            raise TypeError(f"For '{owner}', {name}[{i}] should be a str, but got {describe(column)}.")
        if not column:
            raise ValueError(f"For '{owner}', {name}[{i}] should not be empty.")
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise ValueError(f"For '{owner}', {name!r} should name every column once, but {twice} come twice.")
    return list(columns)


def check_int(owner: str, name: str, value: Any, low: int, high: int = INT32_MAX) -> int:
    """`value` if it is an int (not bool) in [low, high]; TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"For '{owner}', {name!r} should be int, but got {describe(value)}.")
    if not low <= value <= high:
        raise ValueError(f"For '{owner}', {name!r} should be from {low} to {high}, but got {value}.")
    return value


def check_bool(owner: str, name: str, value: Any) -> bool:
    """`value` if it is a bool; TypeError otherwise."""
    if not isinstance(value, bool):
        raise TypeError(f"For '{owner}', {name!r} should be bool, but got {describe(value)}.")
    return value


def check_workers(owner: str, count: Any) -> int | None:
    """`num_parallel_workers`; more than the machine has cores is allowed."""
    return None if count is None else check_int(owner, "num_parallel_workers", count, 1)


def check_buckets(owner: str, bucket_boundaries: Any, bucket_batch_sizes: Any) -> None:
    """Checks the buckets of `bucket_batch_by_length`.

    Raises:
        TypeError: An argument is not a list of int.
        ValueError: Numbers below 1, boundaries that do not increase, or not one size more than boundaries.
    """
    for name, values in (("bucket_boundaries", bucket_boundaries), ("bucket_batch_sizes", bucket_batch_sizes)):
        if not isinstance(values, list) or not all(isinstance(v, int) for v in values):
            raise TypeError(f"For '{owner}', {name!r} should be a list of int, but got {describe(values)}.")
        if not values or any(v < 1 for v in values):
            raise ValueError(f"For '{owner}', {name!r} should hold positive numbers, but got {values}.")
    if any(a >= b for a, b in pairwise(bucket_boundaries)):
        raise ValueError(f"For '{owner}', 'bucket_boundaries' should be increasing, but got {bucket_boundaries}.")
    if len(bucket_batch_sizes) != len(bucket_boundaries) + 1:
        raise ValueError(f"For '{owner}', 'bucket_batch_sizes' should hold one number more than "
                         f"'bucket_boundaries', but got {bucket_batch_sizes} and {bucket_boundaries}.")


def split_sizes(sizes: Any, total: int) -> list[int]:
    """How many rows each part of a split gets; fractions are rounded, and the first part makes up the difference.

    Raises:
        TypeError: `sizes` is not a list.
        ValueError: It is empty, mixed, not positive, or fractions that do not sum up to 1.
        RuntimeError: Numbers that do not sum up to `total`, or a fraction of less than half a row.
    """
    if not isinstance(sizes, list):
        raise TypeError(f"For 'split', 'sizes' should be a list, but got {describe(sizes)}.")
    whole = bool(sizes) and all(isinstance(n, int) and not isinstance(n, bool) for n in sizes)
    if not whole and not (sizes and all(isinstance(n, float) for n in sizes)):
        raise ValueError(f"For 'split', 'sizes' should be a list of ints or a list of floats, but got {sizes}.")
    if any(n <= 0 or (not whole and n > 1) for n in sizes):
        raise ValueError(f"For 'split', 'sizes' should hold positive numbers, fractions at most 1, but got {sizes}.")
    if whole:
        if sum(sizes) != total:
            raise RuntimeError(f"For 'split', 'sizes' sum up to {sum(sizes)}, but the dataset has {total} rows.")
        return list(sizes)
    if abs(sum(sizes) - 1) > 1e-9:
        raise ValueError(f"For 'split', fractions in 'sizes' should sum up to 1, but {sizes} sum up to {sum(sizes)}.")
    counts = [round(fraction * total) for fraction in sizes]
    if 0 in counts:
        raise RuntimeError(f"For 'split', {sizes[counts.index(0)]} of {total} rows is less than half a row.")
    rest = total - sum(counts)
    if rest > 0:
        counts[0] += rest
    for i, count in enumerate(counts):
        if rest < 0 and count > -rest:
            counts[i] += rest
            break
    return counts
