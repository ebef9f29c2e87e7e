"""Reductions over axes: sum, mean, maximum, minimum, product, all, any."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array, Dtype, Ints
from mycelium.ops.casting import cast, named_dtype
from mycelium.ops.checks import axes_in, booleans, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


def _reduce(owner: str, fn: Callable, x: Any, axis: Ints, keep_dims: bool, **options: Any) -> Any:
    """`fn` over the axes, in the dtype of `x` (JAX alone would widen int32 sums)."""
    return fn(x, axis=axes_in(owner, axis, x.ndim), keepdims=keep_dims, **options)


@op("ReduceSum", function="reduce_sum")
def reduce_sum(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """Sums over axes.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis or axes to sum over; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: `x` is bool, or `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.reduce_sum(x), ops.ReduceSum(keep_dims=True)(x, 0))
        10.0 [[4. 6.]]

    MindSpore r1.8 `ops.ReduceSum`.
    """
    numbers("ReduceSum", x=x)
    return _reduce("ReduceSum", jnp.sum, x, axis, keep_dims, dtype=x.dtype)


@op("ReduceMean", function=("reduce_mean", "mean"), method="mean")
def reduce_mean(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """The average over axes.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis or axes to average over; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`: the average of integers is truncated.

    Raises:
        TypeError: `x` is bool, or `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.mean(x), ops.ReduceMean(keep_dims=True)(x, 0))
        2.5 [[2. 3.]]

    MindSpore r1.8 `ops.ReduceMean`.
    """
    numbers("ReduceMean", x=x)
    if not jnp.issubdtype(x.dtype, jnp.integer):
        return _reduce("ReduceMean", jnp.mean, x, axis, keep_dims)
    total = _reduce("ReduceMean", jnp.sum, x, axis, keep_dims, dtype=jnp.int64)
    return lax.div(total, jnp.asarray(x.size // max(total.size, 1), jnp.int64)).astype(x.dtype)


@op("ReduceMax", function="reduce_max")
def reduce_max(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """The largest element over axes.

    Args:
        x: Tensor.
        axis: Axis or axes to reduce; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`. The gradient is shared equally between equal maxima.

    Raises:
        TypeError: `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.reduce_max(x), ops.ReduceMax(keep_dims=True)(x, 0))
        4.0 [[3. 4.]]

    MindSpore r1.8 `ops.ReduceMax`.
    """
    return _reduce("ReduceMax", jnp.max, x, axis, keep_dims)


@op("ReduceMin", function="reduce_min")
def reduce_min(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """The smallest element over axes.

    Args:
        x: Tensor.
        axis: Axis or axes to reduce; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`. The gradient is shared equally between equal minima.

    Raises:
        TypeError: `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.reduce_min(x), ops.ReduceMin(keep_dims=True)(x, 0))
        1.0 [[1. 2.]]

    MindSpore r1.8 `ops.ReduceMin`.
    """
    return _reduce("ReduceMin", jnp.min, x, axis, keep_dims)


@op("ReduceProd", function=("reduce_prod", "prod"), method="prod")
def reduce_prod(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """The product over axes.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis or axes to reduce; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: `x` is bool, or `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.prod(x), ops.ReduceProd(keep_dims=True)(x, 0))
        24.0 [[3. 8.]]

    MindSpore r1.8 `ops.ReduceProd`.
    """
    numbers("ReduceProd", x=x)
    return _reduce("ReduceProd", jnp.prod, x, axis, keep_dims, dtype=x.dtype)


@op("ReduceAll", function=None, method="all")
def reduce_all(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """True where all elements over axes are true.

    Args:
        x: Tensor of bool.
        axis: Axis or axes to reduce; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of bool.

    Raises:
        TypeError: `x` is not bool, or `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.ReduceAll()(Tensor([[True, False], [True, True]]), 0))
        [ True False]

    MindSpore r1.8 `ops.ReduceAll`.
    """
    booleans("ReduceAll", x=x)
    return _reduce("ReduceAll", jnp.all, x, axis, keep_dims)


@op("ReduceAny", function=None, method="any")
def reduce_any(x: Array, axis: Ints = (), *, keep_dims: bool = False) -> Array:
    """True where any element over axes is true.

    Args:
        x: Tensor of bool.
        axis: Axis or axes to reduce; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of bool.

    Raises:
        TypeError: `x` is not bool, or `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.ReduceAny()(Tensor([[True, False], [False, False]]), 1))
        [ True False]

    MindSpore r1.8 `ops.ReduceAny`.
    """
    booleans("ReduceAny", x=x)
    return _reduce("ReduceAny", jnp.any, x, axis, keep_dims)


# ***** Tensor methods with signatures of their own *****


@op(None, function=None, method="sum")
def tensor_sum(x: Array, axis: Ints = None, dtype: Dtype | str | None = None, keepdims: bool = False,
               initial: float | None = None) -> Array:
    """Sums over axes; booleans are counted in int32.

    Args:
        axis: Axis or axes to sum over; None is all of them.
        dtype: dtype of the result; default that of the Tensor.
        keepdims: Whether the reduced axes stay, with length 1.
        initial: Number to start the sum from.

    Returns:
        Tensor.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([[1.0, 2.0], [3.0, 4.0]]).sum(axis=0, initial=10))
        [14. 16.]

    MindSpore r1.8 `Tensor.sum`.
    """
    if x.dtype == jnp.bool_:
        x = x.astype(jnp.int32)
    total = _reduce("Tensor.sum", jnp.sum, x, axis, keepdims, dtype=x.dtype)
    result = total if initial is None else sum(promote(total, initial))
    return cast.pure(result, named_dtype("Tensor.sum", dtype, total.dtype))


def _extreme(owner: str, fn: Callable, worst: Any, x: Any, axis: Ints, keepdims: bool, initial: Any, where: Any) -> Any:
    if initial is None:
        if where is not True:
            raise ValueError(f"For '{owner}', 'initial' should be given together with 'where': it stands for what is "
                             "masked out.")
        return _reduce(owner, fn, x, axis, keepdims)
    if where is not True:
        x = jnp.where(where, x, jnp.asarray(initial, x.dtype))
    return worst(_reduce(owner, fn, x, axis, keepdims), jnp.asarray(initial, x.dtype))


@op(None, function=None)
def tensor_max(x: Array, where: Array | None = None, *, axis: Ints = None, keepdims: bool = False,
               initial: float | None = None) -> Array:
    """`Tensor.max`."""
    return _extreme("Tensor.max", jnp.max, jnp.maximum, x, axis, keepdims, initial, True if where is None else where)


@op(None, function=None)
def tensor_min(x: Array, where: Array | None = None, *, axis: Ints = None, keepdims: bool = False,
               initial: float | None = None) -> Array:
    """`Tensor.min`."""
    return _extreme("Tensor.min", jnp.min, jnp.minimum, x, axis, keepdims, initial, True if where is None else where)


@op(None, function=None, method="ptp")
def tensor_ptp(x: Array, axis: Ints = None, keepdims: bool = False) -> Array:
    """The largest element minus the smallest, over axes.

    Args:
        axis: Axis or axes to reduce; None is all of them.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the same dtype.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([[4.0, 9.0], [1.0, 2.0]]).ptp(axis=1))
        [5. 1.]

    MindSpore r1.8 `Tensor.ptp`.
    """
    numbers("Tensor.ptp", x=x)
    return _reduce("Tensor.ptp", jnp.max, x, axis, keepdims) - _reduce("Tensor.ptp", jnp.min, x, axis, keepdims)
