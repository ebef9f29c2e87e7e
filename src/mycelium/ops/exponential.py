"""Exponentials, logarithms, squares and roots of each element."""
from __future__ import annotations

import math

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import inexact, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import as_float, promote


@op("Exp", function=("exp", "tensor_exp"), method="exp")
def exp(x: Array) -> Array:
    """E to the power of each element: e^x.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.exp(Tensor([0.0, 1.0])))
        [1.        2.7183]

    MindSpore r1.8 `ops.Exp`.
    """
    return jnp.exp(inexact("Exp", x=x))


@op("Expm1", function=("expm1", "tensor_expm1"), method="expm1")
def expm1(x: Array) -> Array:
    """E to the power of each element, minus 1, accurate near 0: e^x - 1.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.expm1(Tensor([0.0, 1.0])))
        [0.        1.7183]

    MindSpore r1.8 `ops.Expm1`.
    """
    return jnp.expm1(inexact("Expm1", x=x))


@op(None)
def exp2(x: Array) -> Array:
    """Two to the power of each element: 2^x.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`; float32 for integers.

    Examples:
        >>> print(ops.exp2(Tensor([1.0, 3.0])))
        [2. 8.]

    MindSpore r1.8 `ops.exp2`.
    """
    return jnp.exp2(as_float(x))


@op("Log", method="log")
def log(x: Array) -> Array:
    """The natural logarithm of each element: ln x.

    Args:
        x: Tensor of a float or complex dtype; NaN below 0.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.log(Tensor([1.0, 2.0])))
        [0.        0.6931]

    MindSpore r1.8 `ops.Log`.
    """
    return jnp.log(inexact("Log", x=x))


@op("Log1p", method="log1p")
def log1p(x: Array) -> Array:
    """The natural logarithm of one plus each element, accurate near 0: ln(1 + x).

    Args:
        x: Tensor of a float or complex dtype; NaN below -1.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.log1p(Tensor([0.0, 1.0])))
        [0.        0.6931]

    MindSpore r1.8 `ops.Log1p`.
    """
    return jnp.log1p(inexact("Log1p", x=x))


@op(None, method="log2")
def log2(x: Array) -> Array:
    """The logarithm to base 2 of each element.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.log2(Tensor([2.0, 8.0])))
        [1. 3.]

    MindSpore r1.8 `ops.log2`.
    """
    return jnp.log2(inexact("log2", x=x))


@op(None, method="logaddexp")
def logaddexp(x1: Array, x2: Array) -> Array:
    """The logarithm of a sum of exponentials, without overflow: ln(e^x1 + e^x2).

    Args:
        x1: Tensor of a float dtype.
        x2: Tensor whose shape broadcasts with that of `x1`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.logaddexp(Tensor([0.0, 100.0]), Tensor([0.0, 100.0])))
        [  0.6931 100.6932  ]

    MindSpore r1.8 `ops.logaddexp`.
    """
    return jnp.logaddexp(*promote(*inexact("logaddexp", x1=x1, x2=x2)))


@op(None, method="logaddexp2")
def logaddexp2(x1: Array, x2: Array) -> Array:
    """The base 2 logarithm of a sum of powers of 2, without overflow: log2(2^x1 + 2^x2).

    Args:
        x1: Tensor of a float dtype.
        x2: Tensor whose shape broadcasts with that of `x1`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.logaddexp2(Tensor([1.0, 2.0]), Tensor([1.0, 2.0])))
        [2. 3.]

    MindSpore r1.8 `ops.logaddexp2`.
    """
    return jnp.logaddexp2(*promote(*inexact("logaddexp2", x1=x1, x2=x2)))


@op(None, method="ldexp")
def ldexp(x: Array, other: Array) -> Array:
    """Each element times a power of 2: x * 2^other.

    Args:
        x: Tensor of any numeric dtype.
        other: Tensor whose shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape; float.

    Examples:
        >>> print(ops.ldexp(Tensor([1.0, 2.0]), Tensor([1, 3])))
        [ 2. 16.]

    MindSpore r1.8 `ops.ldexp`.
    """
    x, power = promote(x, exp2.pure(other))
    return x * power


@op("Xlogy", method="xlogy")
def xlogy(x: Array, y: Array) -> Array:
    """Multiplies by a logarithm, and gives 0 wherever `x` is 0: x * ln y.

    Args:
        x: Tensor of a float or complex dtype, or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: The promoted dtype is an integer or bool.

    Examples:
        >>> print(ops.xlogy(Tensor([0.0, 2.0]), Tensor([0.0, 1.0])))
        [0. 0.]

    MindSpore r1.8 `ops.Xlogy`.
    """
    x, y = inexact("Xlogy", **dict(zip("xy", promote(x, y), strict=True)))
    return jnp.where(x == 0, 0, x * jnp.log(jnp.where(x == 0, 1, y)))


@op("Square", method="square")
def square(x: Array) -> Array:
    """The square of each element: x^2.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.square(Tensor([1.0, -3.0])))
        [1. 9.]

    MindSpore r1.8 `ops.Square`.
    """
    numbers("Square", x=x)
    return jnp.square(x)


@op("Sqrt", method="sqrt")
def sqrt(x: Array) -> Array:
    """The square root of each element; NaN below 0.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.sqrt(Tensor([1.0, 4.0])))
        [1. 2.]

    MindSpore r1.8 `ops.Sqrt`.
    """
    return jnp.sqrt(inexact("Sqrt", x=x))


@op("Rsqrt", method="rsqrt")
def rsqrt(x: Array) -> Array:
    """One divided by the square root of each element; NaN below 0.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.Rsqrt()(Tensor([1.0, 4.0])))
        [1.  0.5]

    MindSpore r1.8 `ops.Rsqrt`.
    """
    return lax.rsqrt(inexact("Rsqrt", x=x))


@op(None, method="deg2rad")
def deg2rad(x: Array) -> Array:
    """Degrees as radians: x * pi / 180.

    Args:
        x: Tensor of a float dtype, in degrees.

    Returns:
        Tensor like `x`, in radians.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.deg2rad(Tensor([90.0, 180.0])))
        [1.5708 3.1416]

    MindSpore r1.8 `ops.deg2rad`.
    """
    return inexact("deg2rad", x=x) * (math.pi / 180)


@op(None, method="rad2deg")
def rad2deg(x: Array) -> Array:
    """Radians as degrees: x * 180 / pi.

    Args:
        x: Tensor of a float dtype, in radians.

    Returns:
        Tensor like `x`, in degrees.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.rad2deg(Tensor([1.5707964, 3.1415927])))
        [ 90. 180.]

    MindSpore r1.8 `ops.rad2deg`.
    """
    return inexact("rad2deg", x=x) * (180 / math.pi)
