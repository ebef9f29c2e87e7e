"""Rounding, absolute value and sign of each element."""
from __future__ import annotations

import jax
import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, numbers
from mycelium.ops.op import op

magnitude = jax.custom_jvp(jnp.abs)     # whose slope at 0 is 0, as MindSpore's; JAX's own is 1
magnitude.defjvps(lambda tangent, answer, x: jnp.sign(x) * tangent)


@op("Floor", method="floor")
def floor(x: Array) -> Array:
    """Rounds each element down.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.floor(Tensor([1.5, -1.5])))
        [ 1. -2.]

    MindSpore r1.8 `ops.Floor`.
    """
    return jnp.floor(floats("Floor", x=x))


@op("Ceil", method="ceil")
def ceil(x: Array) -> Array:
    """Rounds each element up.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.ceil(Tensor([1.5, -1.5])))
        [ 2. -1.]

    MindSpore r1.8 `ops.Ceil`.
    """
    return jnp.ceil(floats("Ceil", x=x))


@op("Round", method="round")
def round_(x: Array) -> Array:
    """Rounds each element to the nearest integer, halves to the even one.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.round(Tensor([0.5, 1.5, -1.7])))
        [ 0.  2. -2.]

    MindSpore r1.8 `ops.Round`.
    """
    numbers("Round", x=x)
    return jnp.round(x)


@op("Rint", function=None)
def rint(x: Array) -> Array:
    """Rounds each element to the nearest integer, halves to the even one.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.Rint()(Tensor([0.5, 1.5, -1.7])))
        [ 0.  2. -2.]

    MindSpore r1.8 `ops.Rint`.
    """
    return jnp.round(floats("Rint", x=x))


@op("Trunc", method="trunc")
def trunc(input_x: Array) -> Array:
    """Rounds each element towards zero.

    Args:
        input_x: Tensor of any numeric dtype.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `input_x` is bool.

    Examples:
        >>> print(ops.trunc(Tensor([1.7, -1.7])))
        [ 1. -1.]

    MindSpore r1.8 `ops.Trunc`.
    """
    numbers("Trunc", input_x=input_x)
    return input_x if jnp.issubdtype(input_x.dtype, jnp.integer) else jnp.trunc(input_x)


@op("Abs", function=("abs", "absolute"), method=("abs", "absolute"))
def abs_(x: Array) -> Array:
    """The absolute value of each element.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`; for complex64 float32, for complex128 float64. The gradient at 0 is 0.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.abs(Tensor([1.0, -2.0])))
        [1. 2.]

    MindSpore r1.8 `ops.Abs`.
    """
    numbers("Abs", x=x)
    return magnitude(x) if jnp.issubdtype(x.dtype, jnp.floating) else jnp.abs(x)


@op("Sign", method="sign")
def sign(x: Array) -> Array:
    """The sign of each element: -1, 0 or 1.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.Sign()(Tensor([2.0, 0.0, -3.0])))
        [ 1.  0. -1.]

    MindSpore r1.8 `ops.Sign`.
    """
    numbers("Sign", x=x)
    return jnp.sign(x)


@op("Eps", function=None)
def eps(x: Array) -> Array:
    """The smallest step that MindSpore counts on in a dtype: 2^-14 for float16, 2^-16 for float32, 2^-52 for float64.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`, filled with that number.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.Eps()(Tensor([1.0, 2.0])))
        [1.5258789e-05 1.5258789e-05]

    MindSpore r1.8 `ops.Eps`.
    """
    x = floats("Eps", x=x)
    return jnp.full_like(x, {2: 2.0 ** -14, 4: 2.0 ** -16, 8: 2.0 ** -52}[x.dtype.itemsize])
