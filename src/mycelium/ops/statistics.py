"""Norms, variances and counts over axes."""
from __future__ import annotations

import math
from typing import Annotated, Any

import jax.numpy as jnp
from jax import lax
from jax.scipy import special

from mycelium.core import dtype as mstype
from mycelium.ops.annotations import Array, Dtype, Ints
from mycelium.ops.checks import axes_in, floats, not_negative, numbers
from mycelium.ops.op import op
from mycelium.ops.reductions import reduce_mean
from mycelium.ops.rounding import magnitude


@op("LpNorm", function=None)
def norm(input_x: Array, *, axis: int | tuple, p: Annotated[int, not_negative] = 2, keep_dims: bool = False,
         epsilon: float = 1e-12) -> Array:
    """The p-norm over axes: (sum of abs(x)^p + epsilon)^(1/p); for p = 0 the number of elements that are not 0.

    Args:
        input_x: Tensor of a float dtype.
        axis: Axis or axes of the vectors.
        p: Order of the norm, 0 or greater.
        keep_dims: Whether the reduced axes stay, with length 1.
        epsilon: Added under the root, so that the gradient at 0 is finite.

    Returns:
        Tensor of the dtype of `input_x`.

    Raises:
        TypeError: `input_x` is not floating point, or an argument has a wrong type.
        ValueError: `p` is negative, or there is no such axis.

    Examples:
        >>> print(ops.LpNorm(1)(Tensor([[3.0, 4.0], [6.0, 8.0]])))
        [ 5. 10.]

    MindSpore r1.8 `ops.LpNorm`.
    """
    x = floats("LpNorm", input_x=input_x)
    axes = axes_in("LpNorm", axis, x.ndim)
    if p == 0:
        return jnp.sum(x != 0, axis=axes, keepdims=keep_dims, dtype=x.dtype)
    power = x * x if p == 2 else magnitude(x) if p == 1 else magnitude(x) ** p
    total = jnp.sum(power, axis=axes, keepdims=keep_dims) + epsilon
    return jnp.sqrt(total) if p == 2 else total if p == 1 else total ** (1 / p)


@op(None, method="logsumexp")
def logsumexp(x: Array, axis: int | tuple, keep_dims: bool = False) -> Array:
    """The logarithm of the sum of exponentials over axes, without overflow: ln(sum of e^x).

    Args:
        x: Tensor of a float dtype.
        axis: Axis or axes to sum over; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: `x` is not floating point.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.logsumexp(Tensor([1000.0, 1000.0]), 0))
        1000.693

    MindSpore r1.8 `ops.logsumexp`.
    """
    x = floats("logsumexp", x=x)
    return special.logsumexp(x, axis=axes_in("logsumexp", axis, x.ndim), keepdims=keep_dims)


@op(None)
def count_nonzero(x: Array, axis: Ints = (), keep_dims: bool = False, dtype: Dtype = mstype.int32) -> Array:
    """How many elements over axes are not 0.

    Args:
        x: Tensor.
        axis: Axis or axes to count over; () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.
        dtype: dtype of the result.

    Returns:
        Tensor of `dtype`.

    Raises:
        TypeError: `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.count_nonzero(Tensor([[0, 1, 2], [0, 0, 3]]), 1))
        [2 1]

    MindSpore r1.8 `ops.count_nonzero`.
    """
    return jnp.sum(x != 0, axis=axes_in("count_nonzero", axis, x.ndim), keepdims=keep_dims,
                   dtype=mstype.to_numpy_dtype(dtype))


def _variance(owner: str, x: Any, axis: Ints, ddof: int, keepdims: bool) -> Any:
    """As MindSpore composes it: integers stay integers, and are truncated twice."""
    numbers(owner, x=x)
    axes = axes_in(owner, axis, x.ndim)
    deviation = x - reduce_mean.pure(x, axes, keep_dims=True) if axes else x - x
    total = jnp.sum(deviation * deviation, axis=axes, keepdims=keepdims, dtype=x.dtype)
    count = jnp.asarray(math.prod(x.shape[a] for a in axes) - ddof, x.dtype)
    return lax.div(total, jnp.broadcast_to(count, total.shape))


@op(None, function=None, method="var")
def tensor_var(x: Array, axis: Ints = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """The variance over axes: the sum of (x - mean)^2, divided by the number of elements minus `ddof`.

    Args:
        axis: Axis or axes to reduce; None is all of them.
        ddof: Subtracted from the number of elements; 1 gives the unbiased estimate.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the same dtype.

    Raises:
        TypeError: The Tensor is bool, or an argument has a wrong type.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([1.0, 2.0, 3.0, 6.0]).var())
        3.5

    MindSpore r1.8 `Tensor.var`.
    """
    return _variance("Tensor.var", x, axis, ddof, keepdims)


@op(None, function=None, method="std")
def tensor_std(x: Array, axis: Ints = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """The standard deviation over axes: the root of the variance.

    Args:
        axis: Axis or axes to reduce; None is all of them.
        ddof: Subtracted from the number of elements; 1 is the usual correction for samples.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of the same dtype; float32 for integers.

    Raises:
        TypeError: The Tensor is bool, or an argument has a wrong type.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([1.0, 3.0]).std())
        1.0

    MindSpore r1.8 `Tensor.std`.
    """
    variance = _variance("Tensor.std", x, axis, ddof, keepdims)
    return jnp.sqrt(variance if jnp.issubdtype(variance.dtype, jnp.inexact) else variance.astype(jnp.float32))
