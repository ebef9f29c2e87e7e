"""Softmax and its relatives."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.engine import random
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import PositiveFloat, axis_in, floats
from mycelium.ops.op import op
from mycelium.ops.special import _wide


def _axes(owner: str, x, axis):
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not axes or not x.ndim:
        raise ValueError(f"For '{owner}', 'axis' should name at least one axis of the input, but got axis {axis} for "
                         f"shape {x.shape}.")
    return tuple([axis_in(owner, a, x.ndim) for a in axes])


@op("Softmax", function=None)
def softmax_(x: Array, *, axis: int | tuple = -1) -> Array:
    """Softmax: exp(x_i) / sum_j exp(x_j) along an axis.

    Args:
        x: Tensor, float, of at least one axis.
        axis: One axis, or several to sum over.

    Returns:
        Tensor like `x`; it sums to 1 along `axis`.

    Raises:
        TypeError: `axis` is neither int nor tuple.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.Softmax()(Tensor([1.0, 2.0, 3.0])))
        [0.09003057 0.24472848 0.66524094]

    MindSpore r1.8 `ops.Softmax`.
    """
    x = floats("Softmax", x=x)
    axes = _axes("Softmax", x, axis)
    return _wide(lambda v: jax.nn.softmax(v, axes), x)


@op(method="softmax")
def softmax(x: Array, axis: int | tuple = -1, *, dtype: Dtype | None = None) -> Array:
    """Softmax: exp(x_i) / sum_j exp(x_j) along an axis.

    Args:
        x: Tensor, float, of at least one axis.
        axis: One axis, or several to sum over.
        dtype: What `x` is converted to first; default its own.

    Returns:
        Tensor of the shape of `x`; it sums to 1 along `axis`.

    Examples:
        >>> print(ops.softmax(Tensor([1.0, 2.0, 3.0])))
        [0.09003057 0.24472848 0.66524094]

    MindSpore r2.0 `ops.softmax`.
    """
    return softmax_.pure(x if dtype is None else lax.convert_element_type(x, mstype.to_numpy_dtype(dtype)), axis=axis)


@op()
def softmin(x: Array, axis: int | tuple = -1, *, dtype: Dtype | None = None) -> Array:
    """The softmax of -x.

    Args:
        x: Tensor, float, of at least one axis.
        axis: One axis, or several to sum over.
        dtype: What `x` is converted to first; default its own.

    Returns:
        Tensor of the shape of `x`; it sums to 1 along `axis`.

    Examples:
        >>> print(ops.softmin(Tensor([1.0, 2.0, 3.0])))
        [0.66524094 0.24472848 0.09003057]

    MindSpore r2.0 `ops.softmin`.
    """
    return softmax.pure(-floats("softmin", x=x), axis, dtype=dtype)


@op("LogSoftmax")
def log_softmax(logits: Array, *, axis: int = -1) -> Array:
    """Logarithm of the softmax: x_i - log(sum_j exp(x_j)) along an axis.

    Args:
        logits: Tensor, float, of at least one axis.
        axis: The axis.

    Returns:
        Tensor like `logits`.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `logits` has no such axis.

    Examples:
        >>> print(ops.log_softmax(Tensor([1.0, 2.0])))
        [-1.3132616  -0.31326163]

    MindSpore r1.8 `ops.LogSoftmax`.
    """
    x = floats("LogSoftmax", logits=logits)
    axes = _axes("LogSoftmax", x, axis)
    return _wide(lambda v: jax.nn.log_softmax(v, axes), x)


@op(random=True)
def gumbel_softmax(key: Any, logits: Array, *, tau: PositiveFloat = 1.0, hard: bool = False, dim: int = -1) -> Array:
    """The softmax of (logits + Gumbel noise) / tau: a differentiable sample of one category.

    Args:
        logits: Tensor, float: unnormalised log probabilities.
        tau: Temperature, positive.
        hard: Return one-hot samples, with the gradient of the soft ones.
        dim: The axis of the categories.

    Returns:
        Tensor like `logits`; it sums to 1 along `dim`.

    Examples:
        >>> print(ops.gumbel_softmax(Tensor([[0.0, 9.0]]), hard=True).shape)
        (1, 2)

    Jang et al., Categorical Reparameterization with Gumbel-Softmax. MindSpore r1.8 `ops.gumbel_softmax`.
    """
    x = floats("gumbel_softmax", logits=logits)
    axis = axis_in("gumbel_softmax", dim, x.ndim, "dim")
    noise = jax.random.gumbel(random.make_key(key), x.shape, x.dtype)
    soft = jax.nn.softmax((x + noise) / tau, axis)
    if not hard:
        return soft
    one_hot = jax.nn.one_hot(jnp.argmax(soft, axis), x.shape[axis], dtype=x.dtype, axis=axis)
    return one_hot + (soft - lax.stop_gradient(soft))     # exactly one-hot, and soft's gradient
