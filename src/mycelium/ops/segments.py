"""Reducing rows that carry the same number: UnsortedSegmentSum and kin, sparse_segment_mean."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.engine.compile import DynamicShapeError
from mycelium.ops.annotations import Array
from mycelium.ops.checks import OutOfRangeError, positions_in, tensors
from mycelium.ops.op import function, op
from mycelium.ops.scattering import check_indices, combine


def _segments(owner: str, how: str, x: Any, ids: Any, count: int, empty: Any) -> Any:
    """Rows of `x` with the same id combined; `empty` is what a segment without rows gets."""
    tensors(owner, x=x, segment_ids=ids)
    check_indices(owner, ids, "segment_ids")
    if x.shape[:ids.ndim] != ids.shape or not ids.ndim:
        raise ValueError(f"For '{owner}', the shape of 'segment_ids' should be the start of that of 'x', but got "
                         f"{ids.shape} and {x.shape}.")
    if count < 1:
        raise ValueError(f"For '{owner}', 'num_segments' should be greater than 0, but got {count}.")
    return combine(how, jnp.full((count, *x.shape[ids.ndim:]), empty, x.dtype), x, (ids,))


@op("UnsortedSegmentSum")
def unsorted_segment_sum(input_x: Array, segment_ids: Array, num_segments: int):
    """Sums the rows that carry the same id.

    Args:
        input_x: Tensor.
        segment_ids: Tensor of int32 or int64 whose shape is the start of that of `input_x`. Ids outside
            [0, num_segments) are left out.
        num_segments: How many ids there are; an int or a constant Tensor.

    Returns:
        Tensor of shape (num_segments,) + input_x.shape[segment_ids.ndim:]. A segment without rows is 0.

    Raises:
        TypeError: `segment_ids` is not an int Tensor, or `num_segments` not an int.
        ValueError: The shapes do not fit, or `num_segments` is below 1.

    Examples:
        >>> print(ops.UnsortedSegmentSum()(Tensor([1.0, 2.0, 3.0]), Tensor([0, 0, 1]), 2))
        [3. 3.]

    MindSpore r1.8 `ops.UnsortedSegmentSum`.
    """
    return _segments("UnsortedSegmentSum", "add", input_x, segment_ids, num_segments, 0)


def _limit(x: Any, largest: bool) -> Any:
    info = jnp.finfo(x.dtype) if jnp.issubdtype(x.dtype, jnp.floating) else jnp.iinfo(x.dtype)
    return info.max if largest else info.min


@op("UnsortedSegmentMax", method="unsorted_segment_max")
def unsorted_segment_max(x: Array, segment_ids: Array, num_segments: int):
    """The largest of the rows that carry the same id, element by element.

    Args:
        x: Tensor.
        segment_ids: Tensor of int32 or int64 whose shape is the start of that of `x`.
        num_segments: How many ids there are.

    Returns:
        Tensor of shape (num_segments,) + x.shape[segment_ids.ndim:]. A segment without rows is the lowest number of the
        dtype. Equal largest elements share the gradient.

    Raises:
        TypeError: `segment_ids` is not an int Tensor, or `num_segments` not an int.
        ValueError: The shapes do not fit, or `num_segments` is below 1.

    Examples:
        >>> print(ops.unsorted_segment_max(Tensor([1.0, 2.0, 3.0]), Tensor([0, 0, 1]), 2))
        [2. 3.]

    MindSpore r1.8 `ops.UnsortedSegmentMax`.
    """
    tensors("UnsortedSegmentMax", x=x)
    return _segments("UnsortedSegmentMax", "max", x, segment_ids, num_segments, _limit(x, False))


@op("UnsortedSegmentMin", method="unsorted_segment_min")
def unsorted_segment_min(x: Array, segment_ids: Array, num_segments: int):
    """The smallest of the rows that carry the same id, element by element.

    Args:
        x: Tensor.
        segment_ids: Tensor of int32 or int64 whose shape is the start of that of `x`.
        num_segments: How many ids there are.

    Returns:
        Tensor of shape (num_segments,) + x.shape[segment_ids.ndim:]. A segment without rows is the largest number of
        the dtype. Equal smallest elements share the gradient.

    Raises:
        TypeError: `segment_ids` is not an int Tensor, or `num_segments` not an int.
        ValueError: The shapes do not fit, or `num_segments` is below 1.

    Examples:
        >>> print(ops.unsorted_segment_min(Tensor([1.0, 2.0, 3.0]), Tensor([0, 0, 1]), 2))
        [1. 3.]

    MindSpore r1.8 `ops.UnsortedSegmentMin`.
    """
    tensors("UnsortedSegmentMin", x=x)
    return _segments("UnsortedSegmentMin", "min", x, segment_ids, num_segments, _limit(x, True))


@op("UnsortedSegmentProd", method="unsorted_segment_prod")
def unsorted_segment_prod(x: Array, segment_ids: Array, num_segments: int):
    """The product of the rows that carry the same id, element by element.

    Args:
        x: Tensor.
        segment_ids: Tensor of int32 or int64 whose shape is the start of that of `x`.
        num_segments: How many ids there are.

    Returns:
        Tensor of shape (num_segments,) + x.shape[segment_ids.ndim:]. A segment without rows is 1.

    Raises:
        TypeError: `segment_ids` is not an int Tensor, or `num_segments` not an int.
        ValueError: The shapes do not fit, or `num_segments` is below 1.

    Examples:
        >>> print(ops.unsorted_segment_prod(Tensor([1.0, 2.0, 3.0]), Tensor([0, 0, 1]), 2))
        [2. 3.]

    MindSpore r1.8 `ops.UnsortedSegmentProd`.
    """
    return _segments("UnsortedSegmentProd", "mul", x, segment_ids, num_segments, 1)


def _examine_sorted(owner: str, x: Any, indices: Any, segment_ids: Any) -> None:
    """OutOfRangeError unless indices are rows of `x` and ids are sorted from 0 on."""
    positions_in(owner, np.asarray(indices)[..., None], np.shape(x)[:1])
    ids = np.asarray(segment_ids)
    if ids.dtype.kind == "i" and ids.size and (ids.min() < 0 or (np.diff(ids) < 0).any()):
        raise OutOfRangeError(f"For '{owner}', 'segment_ids' should be sorted and not negative, but got {ids}.")


@op(None, function=None, examine=_examine_sorted)
def segment_mean(x: Array, indices: Array, segment_ids: Array, *, count: int):
    """The mean of chosen rows per segment."""
    owner = "sparse_segment_mean"
    check_indices(owner, indices)
    check_indices(owner, segment_ids, "segment_ids")
    if not x.ndim or indices.ndim != 1 or indices.shape != segment_ids.shape:
        raise ValueError(f"For '{owner}', 'indices' and 'segment_ids' should have one axis of one size, and 'x' at "
                         f"least one axis, but got {indices.shape}, {segment_ids.shape} and {x.shape}.")
    chosen = jnp.take(x, indices, axis=0, mode="fill", fill_value=0)
    total = combine("add", jnp.zeros((count, *x.shape[1:]), x.dtype), chosen, (segment_ids,))
    rows = combine("add", jnp.zeros(count, x.dtype), jnp.ones(indices.shape, x.dtype), (segment_ids,))
    return total / jnp.maximum(rows, 1).reshape((count,) + (1,) * (x.ndim - 1))


@function()
def sparse_segment_mean(x: Tensor, indices: Tensor, segment_ids: Tensor) -> Tensor:
    """The mean of chosen rows that carry the same id.

    Args:
        x: Tensor of float, (N, ...).
        indices: Tensor of int32 or int64 of one axis, rows of `x`.
        segment_ids: Tensor of the same size and dtype, sorted, from 0 on.

    Returns:
        Tensor of shape (last id + 1,) + x.shape[1:]; 0 for ids without rows. In GRAPH_MODE the Cell around it runs op
        by op, as the last id is data.

    Raises:
        TypeError: `x` is not float, or the ids are not int Tensors.
        ValueError: The shapes do not fit.
        RuntimeError: An index is out of range, or the ids are not sorted.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.sparse_segment_mean(x, Tensor([0, 1]), Tensor([0, 0])))
        [[2. 3.]]

    MindSpore r1.8 `ops.sparse_segment_mean`.
    """
    for name, value in (("x", x), ("indices", indices), ("segment_ids", segment_ids)):
        if not isinstance(value, Tensor):
            raise TypeError(f"For 'sparse_segment_mean', '{name}' should be a Tensor, but got {describe(value)}.")
    if not isinstance(x.dtype, mstype.Float):
        raise TypeError(f"For 'sparse_segment_mean', 'x' should be a float Tensor, but got {x.dtype}.")
    ids = segment_ids._ready()
    if holder.backend.is_traced(ids):
        raise DynamicShapeError("sparse_segment_mean")
    return segment_mean(x, indices, segment_ids, int(np.max(np.asarray(ids), initial=-1)) + 1)


_SORTED = """{words} the rows that carry the same id.

    Args:
        x: Tensor.
        segment_ids: Tensor of int32 or int64 of one axis, as long as the first of `x`, in rising order.

    Returns:
        Tensor with a row for each id up to the last; {empty} where there is none. The length depends on data.

    Examples:
        >>> print(ops.Segment{name}()(Tensor([1.0, 2.0, 3.0]), Tensor([0, 0, 1])))
        {result}

    MindSpore r2.0 `ops.Segment{name}`.
    """


def _sorted_segments(name: str, how: str, words: str, empty: int, result: str) -> None:
    owner = f"Segment{name}"

    def pure(x: Array, segment_ids: Array) -> Any:
        count = int(segment_ids[-1]) + 1
        total = _segments(owner, how, x, segment_ids, count, empty)
        sizes = _segments(owner, "add", jnp.ones(segment_ids.shape, x.dtype), segment_ids, count, 0)
        sizes = sizes.reshape(-1, *[1] * (x.ndim - 1))
        if name == "Mean":
            return total / jnp.maximum(sizes, 1).astype(x.dtype)
        return total if how in ("add", "mul") else jnp.where(sizes > 0, total, 0)

    pure.__name__ = pure.__qualname__ = f"sorted_segment_{name.lower()}"
    pure.__doc__ = _SORTED.format(words=words, name=name, result=result, empty=int(how == "mul"))
    op(owner, function=None, dynamic_shape=True)(pure)


_sorted_segments("Sum", "add", "Sums", 0, "[3. 3.]")
_sorted_segments("Mean", "add", "Averages", 0, "[1.5 3. ]")
_sorted_segments("Prod", "mul", "Multiplies", 1, "[2. 3.]")
_sorted_segments("Max", "max", "Takes the largest of", -1 << 30, "[2. 3.]")
_sorted_segments("Min", "min", "Takes the smallest of", 1 << 30, "[1. 3.]")
