"""Functions of each element, alone or in pairs: tables of name, meaning and array function."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.numpy_functions.mechanism import cast, floating, np_op, to_array
from mycelium.ops.promotion import promote

_UNARY = """
    Args:
        x: Tensor or array-like of any shape.
        dtype: Of the result. Default: that of the computation.

    Returns:
        Tensor of the shape of `x`.

    MindSpore r1.8 `numpy.{name}`.
    """
_BINARY = """
    Args:
        x1: Tensor or array-like.
        x2: Tensor or array-like; the shapes broadcast.
        dtype: Of the result. Default: the promoted one.

    Returns:
        Tensor of the broadcast shape.

    MindSpore r1.8 `numpy.{name}`.
    """


def _unary(names: str, meaning: str, fn: Callable, first: Callable, argument: str = "x") -> None:
    """A function of one array; `first` prepares it (`floating`, `to_array`)."""
    name = names.split()[0]

    def x_function(x: Array, dtype: Any = None):
        return cast(fn(first(x)), dtype)

    def a_function(a: Array, dtype: Any = None):
        return cast(fn(first(a)), dtype)

    pure = x_function if argument == "x" else a_function
    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = meaning + "\n" + _UNARY.format(name=name).replace("    x:", f"    {argument}:")
    np_op(*names.split())(pure)


def _binary(names: str, meaning: str, fn: Callable, floats: bool = False) -> None:
    """A function of two arrays, promoted; as floating point first where `floats`."""
    name = names.split()[0]

    def pure(x1: Array, x2: Array, dtype: Any = None):
        a, b = promote(x1, x2)
        if not hasattr(x1, "shape") and not hasattr(x2, "shape"):
            a, b = to_array(a), to_array(b)
        if floats:
            a, b = floating(a), floating(b)
        return cast(fn(a, b), dtype)

    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = meaning + "\n" + _BINARY.format(name=name)
    np_op(*names.split())(pure)


def _cbrt(x: Any) -> Any:
    return jnp.sign(x) * jnp.power(jnp.abs(x), 1 / 3)


for _names, _meaning, _fn in (
        ("sin", "Sine of angles in radians.", jnp.sin), ("cos", "Cosine of angles in radians.", jnp.cos),
        ("tan", "Tangent of angles in radians.", jnp.tan), ("arcsin", "Inverse sine, in radians.", jnp.arcsin),
        ("arccos", "Inverse cosine, in radians.", jnp.arccos), ("arctan", "Inverse tangent, in radians.", jnp.arctan),
        ("sinh", "Hyperbolic sine.", jnp.sinh), ("cosh", "Hyperbolic cosine.", jnp.cosh),
        ("tanh", "Hyperbolic tangent.", jnp.tanh), ("arcsinh", "Inverse hyperbolic sine.", jnp.arcsinh),
        ("arccosh", "Inverse hyperbolic cosine.", jnp.arccosh),
        ("arctanh", "Inverse hyperbolic tangent.", jnp.arctanh), ("exp", "e to the power of x.", jnp.exp),
        ("exp2", "2 to the power of x.", jnp.exp2), ("expm1", "exp(x) - 1, exact near 0.", jnp.expm1),
        ("log", "Natural logarithm.", jnp.log), ("log2", "Logarithm to base 2.", jnp.log2),
        ("log10", "Logarithm to base 10.", jnp.log10), ("log1p", "ln(1 + x), exact near 0.", jnp.log1p),
        ("sqrt", "Square root.", jnp.sqrt), ("cbrt", "Cube root.", _cbrt),
        ("deg2rad radians", "Degrees to radians.", jnp.deg2rad), ("rad2deg", "Radians to degrees.", jnp.rad2deg),
        ("floor", "The largest whole number that is not greater.", jnp.floor),
        ("ceil", "The smallest whole number that is not less.", jnp.ceil),
        ("trunc", "The whole number towards zero.", jnp.trunc), ("fix", "The whole number towards zero.", jnp.trunc),
        ("rint", "The nearest whole number, halves to even.", jnp.round),
        ("reciprocal", "1 / x.", lambda x: 1 / x), ("fabs", "Absolute value, as floating point.", jnp.abs)):
    _unary(_names, _meaning, _fn, floating)
for _names, _meaning, _fn in (
        ("abs absolute", "Absolute value.", jnp.abs), ("sign", "-1, 0 or 1 by sign.", jnp.sign),
        ("square", "x * x.", jnp.square), ("signbit", "Whether the sign bit is set.", jnp.signbit),
        ("isnan", "Whether an element is not a number.", jnp.isnan),
        ("isinf", "Whether an element is infinite.", jnp.isinf),
        ("isfinite", "Whether an element is finite.", jnp.isfinite),
        ("isneginf", "Whether an element is minus infinity.", jnp.isneginf),
        ("isposinf", "Whether an element is plus infinity.", jnp.isposinf),
        ("invert bitwise_not", "Every bit flipped.", jnp.invert)):
    _unary(_names, _meaning, _fn, to_array)
for _names, _meaning, _fn in (("negative", "-a.", jnp.negative), ("positive", "a itself.", jnp.positive),
                              ("logical_not", "Whether an element is zero or false.", jnp.logical_not)):
    _unary(_names, _meaning, _fn, to_array, "a")


def _safe_remainder(a: Any, b: Any) -> Any:
    return jnp.mod(a, b)


def _floor_divide(a: Any, b: Any) -> Any:
    return jnp.floor_divide(a, b)


for _names, _meaning, _fn, _floats in (
        ("add", "x1 + x2.", jnp.add, False), ("subtract", "x1 - x2.", jnp.subtract, False),
        ("multiply", "x1 * x2.", jnp.multiply, False), ("divide true_divide", "x1 / x2.", jnp.true_divide, True),
        ("floor_divide", "x1 / x2, rounded down.", _floor_divide, False),
        ("mod remainder", "The remainder of x1 / x2, with the sign of x2.", _safe_remainder, False),
        ("fmod", "The remainder of x1 / x2, with the sign of x1.", jnp.fmod, False),
        ("power", "x1 to the power of x2.", jnp.power, False),
        ("maximum", "The greater of two.", jnp.maximum, False), ("minimum", "The lesser of two.", jnp.minimum, False),
        ("arctan2", "The angle of (x2, x1), in radians.", jnp.arctan2, True),
        ("hypot", "sqrt(x1^2 + x2^2).", jnp.hypot, True),
        ("copysign", "x1 with the sign of x2.", jnp.copysign, True),
        ("logaddexp", "ln(exp(x1) + exp(x2)).", jnp.logaddexp, True),
        ("logaddexp2", "log2(2^x1 + 2^x2).", jnp.logaddexp2, True),
        ("heaviside", "0 where x1 < 0, x2 where x1 is 0, else 1.", jnp.heaviside, True),
        ("gcd", "Greatest common divisor.", jnp.gcd, False), ("lcm", "Least common multiple.", jnp.lcm, False),
        ("equal", "x1 == x2.", jnp.equal, False), ("not_equal", "x1 != x2.", jnp.not_equal, False),
        ("less", "x1 < x2.", jnp.less, False), ("less_equal", "x1 <= x2.", jnp.less_equal, False),
        ("greater", "x1 > x2.", jnp.greater, False), ("greater_equal", "x1 >= x2.", jnp.greater_equal, False),
        ("logical_and", "x1 and x2.", jnp.logical_and, False), ("logical_or", "x1 or x2.", jnp.logical_or, False),
        ("logical_xor", "Either x1 or x2.", jnp.logical_xor, False),
        ("bitwise_and", "Bits in both.", jnp.bitwise_and, False),
        ("bitwise_or", "Bits in either.", jnp.bitwise_or, False),
        ("bitwise_xor", "Bits in one of both.", jnp.bitwise_xor, False)):
    _binary(_names, _meaning, _fn, _floats)


@np_op()
def float_power(x1: Array, x2: Array, dtype: Any = None):
    """x1 to the power of x2, in floating point.

    Args:
        x1: Tensor or array-like.
        x2: Tensor or array-like; the shapes broadcast.
        dtype: Of the result. Default: float32 or wider.

    Returns:
        Tensor of the broadcast shape.

    MindSpore r1.8 `numpy.float_power`.
    """
    a, b = promote(floating(x1), floating(x2))
    return cast(jnp.power(a, b), dtype)


@np_op()
def divmod_(x1: Array, x2: Array, dtype: Any = None):
    """(x1 // x2, x1 % x2).

    Args:
        x1: Tensor or array-like.
        x2: Tensor or array-like; the shapes broadcast.
        dtype: Of the results.

    Returns:
        Tuple of two Tensors.

    MindSpore r1.8 `numpy.divmod`.
    """
    a, b = promote(to_array(x1), x2)
    return cast(jnp.floor_divide(a, b), dtype), cast(jnp.mod(a, b), dtype)


@np_op()
def clip(x: Array, xmin: Array | None, xmax: Array | None, dtype: Any = None):
    """Elements limited to [xmin, xmax].

    Args:
        x: Tensor or array-like.
        xmin: Lower limit, or None.
        xmax: Upper limit, or None; at least one is given.
        dtype: Of the result.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.clip(ms.numpy.array([1, 5, 9]), 2, 6))
        [2 5 6]

    MindSpore r1.8 `numpy.clip`.
    """
    if xmin is None and xmax is None:
        raise ValueError("For 'clip', 'xmin' and 'xmax' are both None: give at least one limit.")
    out = to_array(x)
    if xmin is not None:
        out = jnp.maximum(*promote(out, xmin))
    if xmax is not None:
        out = jnp.minimum(*promote(out, xmax))
    return cast(out, dtype)


@np_op()
def isclose(a: Array, b: Array, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False):
    """Whether |a - b| <= atol + rtol * |b|, element by element.

    Args:
        a: Tensor or array-like.
        b: Tensor or array-like; the shapes broadcast.
        rtol: Relative tolerance. Default: 1e-5.
        atol: Absolute tolerance. Default: 1e-8.
        equal_nan: Whether NaN is close to NaN. Default: False.

    Returns:
        Tensor, bool.

    MindSpore r1.8 `numpy.isclose`.
    """
    a, b = promote(a, b)
    return jnp.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan)


@np_op()
def where(condition: Array, x: Array | None = None, y: Array | None = None):
    """x where the condition holds, else y.

    Args:
        condition: Tensor or array-like, bool.
        x: Tensor or array-like.
        y: Tensor or array-like; all shapes broadcast.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.where(Tensor([True, False]), 1, 2))
        [1 2]

    MindSpore r1.8 `numpy.where`.
    """
    if x is None or y is None:
        raise ValueError("For 'where', give both 'x' and 'y'.")
    x, y = promote(to_array(x), to_array(y))
    return jnp.where(to_array(condition).astype(jnp.bool_), x, y)


@np_op()
def unwrap(p: Array, discont: float = 3.141592653589793, axis: int = -1):
    """Angles in radians without jumps of 2 pi.

    Args:
        p: Tensor or array-like.
        discont: Jumps below this stay. Default: pi.
        axis: Default: -1.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.unwrap`.
    """
    return jnp.unwrap(floating(p), discont=max(discont, 3.141592653589793), axis=axis)


