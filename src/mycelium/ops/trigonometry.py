"""Trigonometric and hyperbolic functions of each element, and their inverses."""
from __future__ import annotations

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import inexact, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import as_float, promote


@op("Sin", method="sin")
def sin(x: Array) -> Array:
    """The sine of each element.

    Args:
        x: Tensor of a float or complex dtype, in radians.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.sin(Tensor([0.0, 1.0])))
        [0.       0.8415]

    MindSpore r1.8 `ops.Sin`.
    """
    return jnp.sin(inexact("Sin", x=x))


@op("Cos", method="cos")
def cos(x: Array) -> Array:
    """The cosine of each element.

    Args:
        x: Tensor of a float or complex dtype, in radians.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.cos(Tensor([0.0, 1.0])))
        [1.        0.5403]

    MindSpore r1.8 `ops.Cos`.
    """
    return jnp.cos(inexact("Cos", x=x))


@op("Tan", method="tan")
def tan(x: Array) -> Array:
    """The tangent of each element.

    Args:
        x: Tensor of a float or complex dtype, in radians.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.tan(Tensor([0.0, 1.0])))
        [0.        1.5574]

    MindSpore r1.8 `ops.Tan`.
    """
    return jnp.tan(inexact("Tan", x=x))


@op("Asin", method="asin")
def asin(x: Array) -> Array:
    """The angle in [-pi/2, pi/2] whose sine is `x`; NaN outside [-1, 1].

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.asin(Tensor([0.0, 1.0])))
        [0.        1.5708]

    MindSpore r1.8 `ops.Asin`.
    """
    return jnp.arcsin(inexact("Asin", x=x))


@op("ACos", method="acos")
def acos(x: Array) -> Array:
    """The angle in [0, pi] whose cosine is `x`; NaN outside [-1, 1].

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.acos(Tensor([0.0, 1.0])))
        [1.5708 0.       ]

    MindSpore r1.8 `ops.ACos`.
    """
    return jnp.arccos(inexact("ACos", x=x))


@op("Atan", method="atan")
def atan(x: Array) -> Array:
    """The angle in (-pi/2, pi/2) whose tangent is `x`.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.atan(Tensor([0.0, 1.0])))
        [0.        0.7854]

    MindSpore r1.8 `ops.Atan`.
    """
    return jnp.arctan(inexact("Atan", x=x))


@op("Sinh", method="sinh")
def sinh(x: Array) -> Array:
    """The hyperbolic sine of each element: (e^x - e^-x) / 2.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.sinh(Tensor([0.0, 1.0])))
        [0.        1.1752]

    MindSpore r1.8 `ops.Sinh`.
    """
    return jnp.sinh(inexact("Sinh", x=x))


@op("Cosh", method="cosh")
def cosh(x: Array) -> Array:
    """The hyperbolic cosine of each element: (e^x + e^-x) / 2.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.cosh(Tensor([0.0, 1.0])))
        [1.        1.5431]

    MindSpore r1.8 `ops.Cosh`.
    """
    return jnp.cosh(inexact("Cosh", x=x))


@op("Asinh", method="asinh")
def asinh(x: Array) -> Array:
    """The inverse hyperbolic sine of each element.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.asinh(Tensor([0.0, 1.0])))
        [0.        0.8814]

    MindSpore r1.8 `ops.Asinh`.
    """
    return jnp.arcsinh(inexact("Asinh", x=x))


@op("Acosh", method="acosh")
def acosh(x: Array) -> Array:
    """The inverse hyperbolic cosine of each element; NaN below 1.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.acosh(Tensor([1.0, 2.0])))
        [0.       1.3170]

    MindSpore r1.8 `ops.Acosh`.
    """
    return jnp.arccosh(inexact("Acosh", x=x))


@op("Atanh", method="atanh")
def atanh(x: Array) -> Array:
    """The inverse hyperbolic tangent of each element; NaN outside [-1, 1].

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.atanh(Tensor([0.0, 0.5])))
        [0.         0.5493]

    MindSpore r1.8 `ops.Atanh`.
    """
    return jnp.arctanh(inexact("Atanh", x=x))


@op("Atan2", method="atan2")
def atan2(x: Array, y: Array) -> Array:
    """The angle of the point (y, x) in [-pi, pi]: the arc tangent of x / y in the right quadrant.

    Args:
        x: Tensor or number, the coordinate over which the sine is.
        y: Tensor or number, the coordinate over which the cosine is; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype; float32 for integers.

    Examples:
        >>> print(ops.atan2(Tensor([1.0, 1.0]), Tensor([1.0, -1.0])))
        [0.7854 2.3562]

    MindSpore r1.8 `ops.Atan2`.
    """
    x, y = promote(x, y)
    numbers("Atan2", x=x)
    return jnp.arctan2(as_float(x), as_float(y))
