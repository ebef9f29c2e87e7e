"""Functions of one Tensor, element by element, that MindSpore r2.0 added: one table of name, meaning and function."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.scipy import special

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import inexact
from mycelium.ops.op import function, op
from mycelium.ops.promotion import as_float

_DOC = """{meaning}

    Args:
        input: Tensor or number.

    Returns:
        Tensor of the shape of `input`{dtype}.

    Examples:
        >>> print(ops.{name}({example}))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """


def _single(names: str, meaning: str, fn: Callable, example: str, result: str, *, primitive: str | None = None,
            first: Callable | None = None, dtype: str = "") -> None:
    """Defines one operator; `first` prepares its input."""
    name, *more = names.split()

    def pure(input: Array) -> Any:
        x = input if hasattr(input, "dtype") else jnp.asarray(input)
        return fn(x if first is None else first(x))

    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = _DOC.format(meaning=meaning, dtype=dtype, name=name, example=example, result=result)
    op(primitive, function=(name, *more), method=(name, *more))(pure)


def _frac(x: Any) -> Any:
    return x - lax.stop_gradient(jnp.trunc(x)).astype(x.dtype)


def _sgn(x: Any) -> Any:
    if not jnp.issubdtype(x.dtype, jnp.complexfloating):
        return jnp.sign(x)
    zero = x == 0
    return jnp.where(zero, 0, x / jnp.where(zero, 1, jnp.abs(x)))


def _sinc(x: Any) -> Any:
    zero = x == 0
    angle = math.pi * jnp.where(zero, 1, x)
    near = 1 - (math.pi * x) ** 2 / 6       # its value and both derivatives at 0
    return jnp.where(zero, near, jnp.sin(angle) / angle)


def _angle(x: Any) -> Any:
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        return jnp.arctan2(jnp.imag(x), jnp.real(x))
    return jnp.where(x < 0, jnp.asarray(math.pi, x.dtype), jnp.where(jnp.isnan(x), x, 0))


_single("frac", "The part behind the point: x - trunc(x).", _frac, "Tensor([2.5, -1.25])", "[ 0.5  -0.25]")
_single("sgn", "The sign of each element; of a complex number x / abs(x).", _sgn, "Tensor([-3.0, 0.0, 2.0])",
        "[-1.  0.  1.]")
_single("signbit", "True where the sign bit is set: below 0, and for -0.", jnp.signbit, "Tensor([-1.0, 2.0])",
        "[ True False]", dtype=" and bool")
_single("sinc", "sin(pi x) / (pi x), 1 at 0.", _sinc, "Tensor([0.0, 0.5])", "[1.        0.6366198]", primitive="Sinc",
        first=as_float)
_single("log10", "The logarithm to base 10 of each element.", jnp.log10, "Tensor([1.0, 100.0])", "[0. 2.]",
        first=as_float)
_single("isposinf", "True where an element is positive infinity.", jnp.isposinf, 'Tensor([float("inf"), 1.0])',
        "[ True False]", dtype=" and bool")
_single("isneginf", "True where an element is negative infinity.", jnp.isneginf, 'Tensor([-float("inf"), 1.0])',
        "[ True False]", dtype=" and bool")
_single("angle", "The angle of each complex number, in radians; pi for negative numbers.", _angle,
        "Tensor([1.0, -1.0])", "[0.        3.1415927]", primitive="Angle", first=as_float)


@op("Logit", method="logit")
def logit(input: Array, *, eps: float | None = None) -> Array:
    """The logarithm of the odds: ln(x / (1 - x)).

    Args:
        input: Tensor, float.
        eps: Probabilities are kept in [eps, 1 - eps] where this is given and not negative.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.logit(Tensor([0.5])))
        [0.]

    MindSpore r2.0 `ops.logit`.
    """
    x = inexact("Logit", input=input)
    if eps is not None and eps >= 0:
        x = jnp.clip(x, eps, 1 - eps)
    return special.logit(x)


@op("NanToNum", method="nan_to_num")
def nan_to_num(input: Array, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    """Puts numbers in place of NaN and of infinities.

    Args:
        input: Tensor, float.
        nan: For NaN.
        posinf: For positive infinity; default the largest number of the dtype.
        neginf: For negative infinity; default the smallest.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.nan_to_num(Tensor([float("nan"), float("inf"), 1.0]), 0.0, 9.0))
        [0. 9. 1.]

    MindSpore r2.0 `ops.nan_to_num`.
    """
    x = inexact("NanToNum", input=input)
    return jnp.nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@op("Zeta")
def zeta(input: Array, other: Array) -> Array:
    """The Hurwitz zeta function: the sum over k from 0 of (k + other)^-input.

    Args:
        input: Tensor of float32 or float64, greater than 1.
        other: Tensor of the same dtype and shape.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.zeta(Tensor([2.0]), Tensor([1.0])))
        [1.644934]

    MindSpore r2.0 `ops.zeta`.
    """
    x, q = as_float(input), as_float(other)
    return special.zeta(x, q)


@op("Polygamma")
def polygamma(n: Array, input: Array) -> Array:
    """The derivative of order n of the digamma function.

    Args:
        n: Tensor of int, or an int: the order, 0 or greater.
        input: Tensor, float.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.polygamma(Tensor(1), Tensor([1.0])))
        [1.644934]

    MindSpore r2.0 `ops.polygamma`.
    """
    x = as_float(input)
    wide = jnp.promote_types(x.dtype, jnp.float32)
    order = jnp.asarray(n).astype(jnp.int32)
    return special.polygamma(order, x.astype(wide)).astype(x.dtype)


@op("Mvlgamma", method="mvlgamma")
def mvlgamma(input: Array, *, p: int) -> Array:
    """The logarithm of the multivariate gamma function of dimension p.

    Args:
        input: Tensor of float32 or float64, greater than (p - 1) / 2.
        p: The dimension, 1 or greater.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.mvlgamma(Tensor([3.0]), p=1))
        [0.69315]

    MindSpore r2.0 `ops.mvlgamma`.
    """
    x = inexact("Mvlgamma", input=input)
    start = jnp.asarray(p * (p - 1) / 4 * math.log(math.pi), x.dtype)
    return sum([special.gammaln(x - jnp.asarray(i / 2, x.dtype)) for i in range(p)], start)


@op("Betainc", function=None)
def betainc(a: Array, b: Array, x: Array) -> Array:
    """The regularised incomplete beta function.

    Args:
        a: Tensor of float32 or float64, greater than 0.
        b: Tensor of the same dtype.
        x: Tensor of the same dtype, in [0, 1].

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.Betainc()(Tensor([1.0]), Tensor([1.0]), Tensor([0.25])))
        [0.25]

    MindSpore r2.0 `ops.Betainc`.
    """
    return special.betainc(as_float(a), as_float(b), as_float(x))


@op("ComplexAbs", function=None)
def complex_abs(x: Array) -> Array:
    """The size of each complex number.

    Args:
        x: Tensor of complex64 or complex128.

    Returns:
        Tensor of float32 or float64.

    Examples:
        >>> print(ops.ComplexAbs()(Tensor(np.array([3 + 4j], np.complex64))))
        [5.]

    MindSpore r2.0 `ops.ComplexAbs`.
    """
    return jnp.abs(inexact("ComplexAbs", x=x))


@op(None)
def view_as_real(input: Array) -> Array:
    """Complex numbers as pairs of real and imaginary part along a new last axis.

    Args:
        input: Tensor of a complex dtype.

    Returns:
        Tensor of shape (*input.shape, 2).

    Examples:
        >>> print(ops.view_as_real(Tensor(np.array([1 + 2j], np.complex64))))
        [[1. 2.]]

    MindSpore r2.0 `ops.view_as_real`.
    """
    return jnp.stack([jnp.real(input), jnp.imag(input)], -1)


@function(method="positive")
def positive(input: Tensor) -> Tensor:
    """The Tensor itself.

    Args:
        input: Tensor of numbers.

    Returns:
        `input`.

    Raises:
        TypeError: `input` is bool.

    Examples:
        >>> print(ops.positive(Tensor([-1.0])))
        [-1.]

    MindSpore r2.0 `ops.positive`.
    """
    if str(input.dtype) == "Bool":
        raise TypeError("For 'positive', 'input' should be a Tensor of numbers, but got Bool.")
    return input
