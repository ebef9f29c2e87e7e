"""Error and gamma functions of each element."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax
from jax.scipy import special

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


def _wide(fn: Any, x: Any, *more: Any) -> Any:
    """`fn` in at least float32, as an array of the dtype of `x`."""
    dtype = jnp.promote_types(x.dtype, jnp.float32)
    return fn(*(v.astype(dtype) for v in (x, *more))).astype(x.dtype)


@op("Erf", method="erf")
def erf(x: Array) -> Array:
    """The error function of each element: 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.erf(Tensor([0.0, 1.0])))
        [0.         0.8427]

    MindSpore r1.8 `ops.Erf`.
    """
    return special.erf(floats("Erf", x=x))


@op("Erfc", method="erfc")
def erfc(x: Array) -> Array:
    """One minus the error function of each element, accurate where that is small.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.erfc(Tensor([0.0, 1.0])))
        [1.         0.1573]

    MindSpore r1.8 `ops.Erfc`.
    """
    return special.erfc(floats("Erfc", x=x))


@op("Erfinv", method="erfinv")
def erfinv(input_x: Array) -> Array:
    """The number whose error function is each element; infinite at -1 and 1, NaN beyond.

    Args:
        input_x: Tensor of a float dtype, in [-1, 1].

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `input_x` is not floating point.

    Examples:
        >>> print(ops.Erfinv()(Tensor([0.0, 0.5])))
        [0.         0.4769]

    MindSpore r1.8 `ops.Erfinv`.
    """
    return special.erfinv(floats("Erfinv", input_x=input_x))


@op("Lgamma", method="lgamma")
def lgamma(x: Array) -> Array:
    """The logarithm of the absolute value of the gamma function of each element.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.Lgamma()(Tensor([1.0, 4.0])))
        [0.     1.7918]

    MindSpore `nn.LGamma`, as an operator.
    """
    return _wide(special.gammaln, floats("Lgamma", x=x))


@op("Digamma", method="digamma")
def digamma(x: Array) -> Array:
    """The derivative of the logarithm of the gamma function, for each element.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.Digamma()(Tensor([1.0, 2.0])))
        [-0.5772  0.4228]

    MindSpore `nn.DiGamma`, as an operator.
    """
    return _wide(special.digamma, floats("Digamma", x=x))


def _igamma(owner: str, fn: Any, a: Any, x: Any) -> Any:
    a, x = promote(*floats(owner, a=a, x=x))
    return _wide(fn, *jnp.broadcast_arrays(a, x))


@op("Igamma", method="igamma")
def igamma(a: Array, x: Array) -> Array:
    """The lower regularised incomplete gamma function: the integral of t^(a-1) e^-t from 0 to x, over gamma(a).

    Args:
        a: Tensor of a float dtype, positive.
        x: Tensor whose shape broadcasts with that of `a`, not negative.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not floating point.

    Examples:
        >>> print(ops.Igamma()(Tensor([1.0, 2.0]), Tensor([1.0, 1.0])))
        [0.6321 0.2642]

    MindSpore `nn.IGamma`, as an operator.
    """
    return _igamma("Igamma", lax.igamma, a, x)


@op("Igammac", method="igammac")
def igammac(a: Array, x: Array) -> Array:
    """The upper regularised incomplete gamma function: 1 - igamma(a, x).

    Args:
        a: Tensor of a float dtype, positive.
        x: Tensor whose shape broadcasts with that of `a`, not negative.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not floating point.

    Examples:
        >>> print(ops.Igammac()(Tensor([2.0, 1.0]), Tensor([1.0, 1.0])))
        [0.7358 0.3679]

    The complement of MindSpore `nn.IGamma`, as an operator.
    """
    return _igamma("Igammac", lax.igammac, a, x)
