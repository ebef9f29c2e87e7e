"""Activation functions that clip, shrink or gate."""
from __future__ import annotations

from typing import Annotated

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, floats, not_negative
from mycelium.ops.op import op


@op("HShrink", method="hardshrink")
def hardshrink(x: Array, *, lambd: float = 0.5) -> Array:
    """Hard shrinkage: x where |x| > lambd, 0 elsewhere.

    Args:
        x: Tensor, float.
        lambd: The threshold.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.hardshrink(Tensor([0.5, -2.0])))
        [ 0. -2.]

    MindSpore r1.8 `ops.HShrink`.
    """
    x = floats("HShrink", x=x)
    return jnp.where(jnp.abs(x) <= lambd, 0, x)


@op("SoftShrink", function=("soft_shrink", "softshrink"), method="soft_shrink")
def soft_shrink(x: Array, *, lambd: Annotated[float, not_negative] = 0.5) -> Array:
    """Soft shrinkage: x moved towards 0 by lambd, and 0 where |x| <= lambd.

    Args:
        x: Tensor, float.
        lambd: The threshold, not negative.

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `lambd` is negative.

    Examples:
        >>> print(ops.soft_shrink(Tensor([0.25, 1.5, -2.0])))
        [ 0.   1.  -1.5]

    MindSpore r1.8 `ops.SoftShrink`.
    """
    x = floats("SoftShrink", x=x)
    return jnp.where(jnp.abs(x) <= lambd, 0, x - lambd * jnp.sign(x))


@op()
def tanhshrink(input: Array) -> Array:
    """Tanh shrinkage: x - tanh(x).

    Args:
        input: Tensor, float.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.tanhshrink(Tensor([0.0, 1.0])))
        [0.         0.23840582]

    MindSpore r2.0 `ops.tanhshrink`.
    """
    x = floats("tanhshrink", input=input)
    return x - jnp.tanh(x)


@op()
def hardtanh(input: Array, *, min_val: float = -1.0, max_val: float = 1.0) -> Array:
    """Hard tanh: x held between min_val and max_val.

    Args:
        input: Tensor, float.
        min_val, max_val: The bounds.

    Returns:
        Tensor like `input`. The gradient on the bounds is 0.

    Examples:
        >>> print(ops.hardtanh(Tensor([-3.0, 0.5, 2.0])))
        [-1.   0.5  1. ]

    MindSpore r2.0 `ops.hardtanh`.
    """
    x = floats("hardtanh", input=input)
    return jnp.where((x > min_val) & (x < max_val), x, lax.stop_gradient(jnp.clip(x, min_val, max_val)))


@op()
def threshold(input: Array, *, thr: float, value: float) -> Array:
    """Threshold: x where x > thr, value elsewhere.

    Args:
        input: Tensor, float.
        thr: The threshold.
        value: What takes the place of elements not above it.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.threshold(Tensor([0.5, 2.0]), 1.0, -1.0))
        [-1.  2.]

    MindSpore r2.0 `ops.threshold`.
    """
    x = floats("threshold", input=input)
    return jnp.where(x > thr, x, value)


@op()
def glu(x: Array, *, axis: int = -1) -> Array:
    """The first half of `x` along `axis` times the sigmoid of the second half.

    Args:
        x: Tensor, float, of even size along `axis`.
        axis: The axis that is halved.

    Returns:
        Tensor like `x`, half as long along `axis`.

    Raises:
        ValueError: The size along `axis` is odd.

    Examples:
        >>> print(ops.glu(Tensor([2.0, 0.0])))
        [1.]

    Dauphin et al., Language Modeling with Gated Convolutional Networks. MindSpore r2.0 `ops.glu`.
    """
    x = floats("glu", x=x)
    axis = axis_in("glu", axis, x.ndim)
    if x.shape[axis] % 2:
        raise ValueError(f"For 'glu', the size of 'x' along 'axis' should be even, but got shape {x.shape} "
                         f"and axis {axis}.")
    a, b = jnp.split(x, 2, axis)
    return a * jax.nn.sigmoid(b)
