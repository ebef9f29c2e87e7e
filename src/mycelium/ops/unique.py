"""Distinct elements: Unique, UniqueWithPad, UniqueConsecutive."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, rank, tensors
from mycelium.ops.op import function, op
from mycelium.ops.scattering import into_dtype


def _place_dtype(x: Any) -> Any:
    return np.int64 if x.dtype == np.int64 else np.int32


@op("Unique", dynamic_shape=True)
def unique(x: Array):
    """The distinct elements in the order of their first appearance.

    Args:
        x: Tensor.

    Returns:
        Tuple of the distinct elements, in one axis, and for each element of `x` its place among them: int64 for int64,
        else int32. In GRAPH_MODE the Cell around it runs op by op; `UniqueWithPad` compiles whole.

    Raises:
        TypeError: `x` is not a Tensor.

    Examples:
        >>> values, places = ops.unique(Tensor([3, 1, 3]))
        >>> print(values, places)
        [3 1] [0 1 0]

    MindSpore r1.8 `ops.Unique`.
    """
    tensors("Unique", x=x)
    host = np.asarray(lax.stop_gradient(x))
    _, first, inverse = np.unique(host.ravel(), return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    values = jnp.take(jnp.ravel(x), first[order])
    return values, jnp.asarray(np.argsort(order, kind="stable")[inverse].reshape(host.shape).astype(_place_dtype(x)))


@op("UniqueWithPad", method="unique_with_pad")
def unique_with_pad(x: Array, pad_num: Array):
    """The distinct elements in the order of their first appearance, filled up to the size of `x`.

    Args:
        x: Tensor of int32 or int64, or float, of one axis.
        pad_num: Number, or Tensor without axes, that fills the places left over.

    Returns:
        Tuple of the distinct elements followed by `pad_num`, and for each element its place among them: int64 for
        int64, else int32. Both have the shape of `x`.

    Raises:
        TypeError: `pad_num` is of another kind than `x`.
        ValueError: `x` has not one axis.

    Examples:
        >>> values, places = ops.unique_with_pad(Tensor([3, 1, 3]), 8)
        >>> print(values, places)
        [3 1 8] [0 1 0]

    MindSpore r1.8 `ops.UniqueWithPad`.
    """
    tensors("UniqueWithPad", x=x)
    rank("UniqueWithPad", "x", x, 1)
    pad = into_dtype("UniqueWithPad", x, pad_num)
    size = x.shape[0]
    place = lax.iota(_place_dtype(x), size)
    if not size:
        return x, place
    ordered, origin = lax.sort((lax.stop_gradient(x), place), is_stable=True, num_keys=1)
    starts = jnp.concatenate([jnp.ones(1, bool), ordered[1:] != ordered[:-1]])
    # the first place of each group of equal elements, at every member of the group
    first = lax.associative_scan(lambda a, b: (jnp.where(b[1], b[0], a[0]), a[1] | b[1]), (origin, starts))[0]
    first_of = jnp.zeros_like(place).at[origin].set(first)
    is_first = first_of == place
    turn = (jnp.cumsum(is_first) - 1).astype(place.dtype)
    values = jnp.full(size, pad, x.dtype).at[jnp.where(is_first, turn, size)].set(x, mode="drop")
    return values, turn[first_of]


def _runs(x: Any, axis: int | None) -> tuple:
    host = np.asarray(x)
    host = host.ravel() if axis is None else np.moveaxis(host, axis, 0)
    rows = host.reshape(host.shape[0], -1)
    starts = np.concatenate([[True], (rows[1:] != rows[:-1]).any(1)]) if len(rows) else np.zeros(0, bool)
    return host, np.flatnonzero(starts), np.cumsum(starts) - 1


@op("UniqueConsecutive", function=None, dynamic_shape=True)
def unique_consecutive_(x: Array, *, return_idx: bool = False, return_counts: bool = False, axis: int | None = None):
    """The elements, or slices along an axis, without those that equal the one before.

    Args:
        x: Tensor.
        return_idx: Whether to return the place of each element among them too.
        return_counts: Whether to return how many were joined in each.
        axis: The axis; None joins all axes into one.

    Returns:
        Tuple of the Tensor and, as asked for, the places and the counts, int32.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> values, counts = ops.UniqueConsecutive(return_counts=True)(Tensor([1, 1, 2, 1]))
        >>> print(values, counts)
        [1 2 1] [2 1 1]

    MindSpore r1.8 `ops.UniqueConsecutive`.
    """
    tensors("UniqueConsecutive", x=x)
    axis = None if axis is None else axis_in("UniqueConsecutive", axis, x.ndim)
    host, starts, place = _runs(lax.stop_gradient(x), axis)
    outs = [jnp.take(jnp.ravel(x) if axis is None else x, starts, 0 if axis is None else axis)]
    if return_idx:
        outs.append(jnp.asarray(place.reshape(x.shape if axis is None else -1).astype(np.int32)))
    if return_counts:
        outs.append(jnp.asarray(np.diff(np.append(starts, len(host))).astype(np.int32)))
    return tuple(outs)


@function(method="unique_consecutive")
def unique_consecutive(x: Tensor, return_idx: bool = False, return_counts: bool = False, axis: int | None = None
                       ) -> Any:
    """The elements, or slices along an axis, without those that equal the one before.

    Args:
        x: Tensor.
        return_idx: Whether to return the place of each element among them too.
        return_counts: Whether to return how many were joined in each.
        axis: The axis; None joins all axes into one.

    Returns:
        Tensor, or a tuple of it and, as asked for, the places and the counts, int32.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> print(ops.unique_consecutive(Tensor([1, 1, 2, 1])))
        [1 2 1]

    MindSpore r1.8 `ops.unique_consecutive`.
    """
    outs = unique_consecutive_(x, return_idx, return_counts, axis)
    return outs if return_idx or return_counts else outs[0]
