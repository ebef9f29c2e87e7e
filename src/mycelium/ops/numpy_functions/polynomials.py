"""Polynomials by their coefficients, the highest power first."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.ops.annotations import Array
from mycelium.ops.numpy_functions.mechanism import floating, np_op, to_array
from mycelium.ops.promotion import promote


def _combined(name: str, meaning: str, fn: Any) -> None:
    def pure(a1: Array, a2: Array):
        return fn(*promote(jnp.atleast_1d(to_array(a1)), jnp.atleast_1d(to_array(a2))))

    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = f"""{meaning}

    Args:
        a1: Coefficients, Tensor or array-like, 1-d.
        a2: Coefficients, Tensor or array-like, 1-d.

    Returns:
        Tensor, the coefficients.

    MindSpore r1.8 `numpy.{name}`.
    """
    np_op(name)(pure)


_combined("polyadd", "The sum of two polynomials.", jnp.polyadd)
_combined("polysub", "The difference of two polynomials.", jnp.polysub)
_combined("polymul", "The product of two polynomials.", jnp.convolve)


@np_op()
def polyval(p: Array, x: Array):
    """The values of a polynomial.

    Args:
        p: Coefficients, 1-d.
        x: Where.

    Returns:
        Tensor of the shape of `x`.

    MindSpore r1.8 `numpy.polyval`.
    """
    p, x = promote(to_array(p), to_array(x))
    return jnp.polyval(p, x)


@np_op()
def polyder(p: Array, m: int = 1):
    """The m-th derivative of a polynomial.

    Args:
        p: Coefficients, 1-d.
        m: Default: 1.

    Returns:
        Tensor, the coefficients.

    MindSpore r1.8 `numpy.polyder`.
    """
    p = to_array(p)
    for _ in range(m):
        p = p[:-1] * np.arange(p.shape[0] - 1, 0, -1, dtype=p.dtype)
    return p


@np_op()
def polyint(p: Array, m: int = 1, k: Any = None):
    """The m-th integral of a polynomial.

    Args:
        p: Coefficients, 1-d.
        m: Default: 1.
        k: Constants of integration. Default: 0.

    Returns:
        Tensor, the coefficients.

    MindSpore r1.8 `numpy.polyint`.
    """
    p = floating(p)
    constants = [0.0] * m if k is None else [k] * m if isinstance(k, (int, float)) else list(k)
    for c in constants:
        powers = np.arange(p.shape[0], 0, -1).astype(p.dtype)
        p = jnp.concatenate([p / powers, jnp.full((1,), c, p.dtype)])
    return p
