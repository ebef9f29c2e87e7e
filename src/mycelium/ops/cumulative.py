"""Running sums, products, maxima and minima along an axis."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.casting import cast, named_dtype
from mycelium.ops.checks import axis_in, numbers
from mycelium.ops.op import op


def _running(owner: str, fn: Callable, start: int, x: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
    numbers(owner, x=x)
    axis = axis_in(owner, axis, x.ndim)
    if exclusive:
        head = jnp.full_like(lax.slice_in_dim(x, 0, 1, axis=axis), start)
        size = x.shape[axis]
        parts = [lax.slice_in_dim(x, 1, size, axis=axis), head] if reverse else \
            [head, lax.slice_in_dim(x, 0, size - 1, axis=axis)]
        x = jnp.concatenate(parts, axis)
    return fn(x, axis=axis, reverse=reverse)


@op("CumSum", function="cumsum")
def cumsum(x: Array, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Array:
    """The sum of each element and those before it along an axis.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to sum along.
        exclusive: Whether each sum leaves out its own element, so that the first is 0.
        reverse: Whether to sum from the end.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> print(ops.CumSum()(x, 0), ops.CumSum(exclusive=True, reverse=True)(x, 0))
        [1. 3. 6.] [5. 3. 0.]

    MindSpore r1.8 `ops.CumSum`.
    """
    return _running("CumSum", lax.cumsum, 0, x, axis, exclusive, reverse)


@op("CumProd", method="cumprod")
def cumprod(x: Array, axis: int, *, exclusive: bool = False, reverse: bool = False) -> Array:
    """The product of each element and those before it along an axis.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to multiply along.
        exclusive: Whether each product leaves out its own element, so that the first is 1.
        reverse: Whether to multiply from the end.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> print(ops.CumProd()(x, 0), ops.CumProd(exclusive=True, reverse=True)(x, 0))
        [1. 2. 6.] [6. 3. 1.]

    MindSpore r1.8 `ops.CumProd`.
    """
    return _running("CumProd", lax.cumprod, 1, x, axis, exclusive, reverse)


def _leader(owner: str, better: Callable, x: Any, axis: int) -> tuple:
    """The best element so far and its place, of equal ones the last; the gradient goes to that element."""
    numbers(owner, x=x)
    axis = axis_in(owner, axis, x.ndim)

    def later(left: tuple, right: tuple) -> tuple:
        take = better(right[0], left[0]) | jnp.isnan(right[0])
        return jnp.where(take, right[0], left[0]), jnp.where(take, right[1], left[1])

    places = lax.broadcasted_iota(jnp.int64, x.shape, axis)
    index = lax.associative_scan(later, (lax.stop_gradient(x), places), axis=axis)[1]
    return jnp.take_along_axis(x, index, axis), index


@op("Cummax", function=None)
def cummax_(x: Array, *, axis: int) -> tuple:
    """The largest element so far along an axis, and its place.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to go along.

    Returns:
        Tensor like `x` (the elements) and Tensor of int64 (their places, of equal ones the last).

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> value, index = ops.Cummax(axis=0)(Tensor([1.0, 3.0, 2.0]))
        >>> print(value, index)
        [1. 3. 3.] [0 1 1]

    MindSpore r1.8 `ops.Cummax`.
    """
    return _leader("Cummax", jnp.greater_equal, x, axis)


@op(None, method="cummax")
def cummax(x: Array, axis: int) -> tuple:
    """The largest element so far along an axis, and its place.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to go along.

    Returns:
        Tensor like `x` (the elements) and Tensor of int64 (their places, of equal ones the last).

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> value, index = ops.cummax(Tensor([1.0, 3.0, 2.0]), 0)
        >>> print(value, index)
        [1. 3. 3.] [0 1 1]

    MindSpore r1.8 `ops.cummax`.
    """
    return _leader("Cummax", jnp.greater_equal, x, axis)


@op(None, method="cummin")
def cummin(x: Array, axis: int) -> tuple:
    """The smallest element so far along an axis, and its place.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to go along.

    Returns:
        Tensor like `x` (the elements) and Tensor of int32 (their places, of equal ones the last).

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> value, index = ops.cummin(Tensor([2.0, 1.0, 3.0]), 0)
        >>> print(value, index)
        [2. 1. 1.] [0 1 1]

    MindSpore r1.8 `ops.cummin`.
    """
    value, index = _leader("Cummin", jnp.less_equal, x, axis)
    return value, index.astype(jnp.int32)


@op(None, function=None, method="cumsum")
def tensor_cumsum(x: Array, axis: int | None = None, dtype: Dtype | str | None = None) -> Array:
    """The sum of each element and those before it, along an axis or in the flattened Tensor.

    Args:
        axis: Axis to sum along; None sums the flattened Tensor.
        dtype: dtype of the result; default that of the Tensor, or int32 for bool and narrower integers.

    Returns:
        Tensor.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([[1.0, 2.0], [3.0, 4.0]]).cumsum(axis=0))
        [[1. 2.]
         [4. 6.]]

    MindSpore r1.8 `Tensor.cumsum`.
    """
    if x.dtype in (jnp.bool_, jnp.int8, jnp.int16, jnp.uint8):
        x = x.astype(jnp.int32)
    if axis is None:
        x, axis = x.reshape(-1), 0
    total = cumsum.pure(x, axis)
    return cast.pure(total, named_dtype("Tensor.cumsum", dtype, total.dtype))
