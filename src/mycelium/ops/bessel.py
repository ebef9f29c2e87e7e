"""Bessel functions of order 0 and 1.

I comes from JAX. J, Y and K are Chebyshev series of what is smooth in them: near 0 the function without its logarithm
and pole, far out amplitude and phase (J, Y) or the function without its decay (K). Derivatives follow from the
recurrences between the orders, so they are exact at every order.
"""
from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy import special

from mycelium.ops import bessel_tables as tables
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats
from mycelium.ops.op import op

_EDGE = 8.0         # where J and Y change from series in x^2 to amplitude and phase
_EDGE_K = 2.0       # the same for K


def _chebyshev(coefficients: tuple, t: Any) -> Any:
    """The Chebyshev series at `t` in [-1, 1], with as many terms as its dtype resolves (Clenshaw's recurrence)."""
    limit = float(jnp.finfo(t.dtype).eps) * max(map(abs, coefficients)) / 8
    count = max(i for i, c in enumerate(coefficients) if abs(c) > limit) + 1
    high = low = jnp.zeros_like(t)
    for c in reversed(coefficients[1:count]):
        high, low = c + 2 * t * high - low, high
    return coefficients[0] + t * high - low


def _near(x: Any) -> Any:
    return jnp.square(jnp.minimum(x, _EDGE)) / (_EDGE * _EDGE / 2) - 1


def _far(x: Any, p: tuple, q: tuple, order: int) -> tuple:
    """(J, Y) for x beyond the edge, through their amplitude and phase."""
    x = jnp.maximum(x, _EDGE)
    t = 2 * jnp.square(_EDGE / x) - 1
    in_phase, out_of_phase = _chebyshev(p, t), _chebyshev(q, t) * (_EDGE / x)
    sine, cosine = jnp.sin(x), jnp.cos(x)       # of x - (order + 1/2) pi/2, without rounding that difference
    c, s = (cosine + sine, sine - cosine) if order == 0 else (sine - cosine, -sine - cosine)
    scale = 1 / jnp.sqrt(math.pi * x)
    return scale * (in_phase * c - out_of_phase * s), scale * (in_phase * s + out_of_phase * c)


def _j0_value(x: Any) -> Any:
    x = jnp.abs(x)
    far = _far(x, tables.P0_FAR, tables.Q0_FAR, 0)[0]
    return jnp.where(x <= _EDGE, _chebyshev(tables.J0_NEAR, _near(x)), far)


def _j1_value(x: Any) -> Any:
    size = jnp.abs(x)
    far = jnp.sign(x) * _far(size, tables.P1_FAR, tables.Q1_FAR, 1)[0]
    return jnp.where(size <= _EDGE, x * _chebyshev(tables.J1_NEAR, _near(size)), far)


def _y0_value(x: Any) -> Any:
    near = _chebyshev(tables.Y0_NEAR, _near(x)) + 2 / math.pi * jnp.log(x) * _j0_value(x)
    far = _far(x, tables.P0_FAR, tables.Q0_FAR, 0)[1]
    return jnp.where(x > _EDGE, far, jnp.where(x == 0, -jnp.inf, near))


def _y1_value(x: Any) -> Any:
    near = x * _chebyshev(tables.Y1_NEAR, _near(x)) + 2 / math.pi * (jnp.log(x) * _j1_value(x) - 1 / x)
    far = _far(x, tables.P1_FAR, tables.Q1_FAR, 1)[1]
    return jnp.where(x > _EDGE, far, jnp.where(x == 0, -jnp.inf, near))


def _k_value(x: Any, order: int, scaled: bool) -> Any:
    """K of an order, times e^x if `scaled`."""
    low = jnp.minimum(x, _EDGE_K)
    t, log = low * low / 2 - 1, jnp.log(low / 2)
    if order == 0:
        near, high = _chebyshev(tables.K0_LOW, t) - log * special.i0(low), tables.K0_HIGH
    else:
        near, high = _chebyshev(tables.K1_LOW, t) / low + log * special.i1(low), tables.K1_HIGH
    near = jnp.where(low == 0, jnp.inf, near)
    far = jnp.maximum(x, _EDGE_K)
    far = _chebyshev(high, 2 * _EDGE_K / far - 1) / jnp.sqrt(far)
    grow = jnp.exp(low) if scaled else 1
    decay = 1 if scaled else jnp.exp(-x)
    return jnp.where(x <= _EDGE_K, near * grow, jnp.where(jnp.isnan(x), x, far * decay))


def _differentiable(value: Any, slope: Any) -> Any:
    """`value` as a function whose derivative is `slope(x)`."""
    f = jax.custom_jvp(value)
    f.defjvps(lambda tangent, answer, x: slope(x) * tangent)
    return f


def _j1_slope(x: Any) -> Any:
    safe = jnp.where(x == 0, 1, x)
    return jnp.where(x == 0, 0.5, _j0(x) - _j1(safe) / safe)


_j0 = _differentiable(_j0_value, lambda x: -_j1(x))
_j1 = _differentiable(_j1_value, _j1_slope)
_y0 = _differentiable(_y0_value, lambda x: -_y1(x))
_y1 = _differentiable(_y1_value, lambda x: _y0(x) - _y1(x) / x)
_k0 = _differentiable(lambda x: _k_value(x, 0, False), lambda x: -_k1(x))
_k1 = _differentiable(lambda x: _k_value(x, 1, False), lambda x: -_k0(x) - _k1(x) / x)
_k0e = _differentiable(lambda x: _k_value(x, 0, True), lambda x: _k0e(x) - _k1e(x))
_k1e = _differentiable(lambda x: _k_value(x, 1, True), lambda x: _k1e(x) * (1 - 1 / x) - _k0e(x))


def _apply(owner: str, fn: Any, x: Any) -> Any:
    """`fn` in at least float32."""
    x = floats(owner, x=x)
    return fn(x.astype(jnp.promote_types(x.dtype, jnp.float32))).astype(x.dtype)


@op("BesselI0")
def bessel_i0(x: Array) -> Array:
    """The modified Bessel function of the first kind of order 0.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_i0(Tensor([0.5, 2.0])))
        [1.0635 2.2796]

    MindSpore r1.8 `ops.BesselI0`.
    """
    return _apply("BesselI0", special.i0, x)


@op("BesselI0e")
def bessel_i0e(x: Array) -> Array:
    """The modified Bessel function of the first kind of order 0, times e^-|x|.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_i0e(Tensor([0.5, 2.0])))
        [0.6450 0.3085]

    MindSpore r1.8 `ops.BesselI0e`.
    """
    return _apply("BesselI0e", special.i0e, x)


@op("BesselI1")
def bessel_i1(x: Array) -> Array:
    """The modified Bessel function of the first kind of order 1.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_i1(Tensor([2.0, 0.5])))
        [1.5906 0.2579]

    MindSpore r1.8 `ops.BesselI1`.
    """
    return _apply("BesselI1", special.i1, x)


@op("BesselI1e")
def bessel_i1e(x: Array) -> Array:
    """The modified Bessel function of the first kind of order 1, times e^-|x|.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_i1e(Tensor([0.5, 2.0])))
        [0.1564 0.2153]

    MindSpore r1.8 `ops.BesselI1e`.
    """
    return _apply("BesselI1e", special.i1e, x)


@op(None)
def bessel_j0(x: Array) -> Array:
    """The Bessel function of the first kind of order 0.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_j0(Tensor([0.5, 2.0])))
        [0.9385 0.2239]

    MindSpore r1.8 `ops.bessel_j0`.
    """
    return _apply("bessel_j0", _j0, x)


@op(None)
def bessel_j1(x: Array) -> Array:
    """The Bessel function of the first kind of order 1.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_j1(Tensor([2.0, 0.5])))
        [0.5767 0.2423]

    MindSpore r1.8 `ops.bessel_j1`.
    """
    return _apply("bessel_j1", _j1, x)


@op(None)
def bessel_k0(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 0; infinite at 0, NaN below.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_k0(Tensor([0.5, 2.0])))
        [0.9244 0.1139]

    MindSpore r1.8 `ops.bessel_k0`.
    """
    return _apply("bessel_k0", _k0, x)


@op(None)
def bessel_k0e(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 0, times e^x.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_k0e(Tensor([0.5, 2.0])))
        [1.5241 0.8416]

    MindSpore r1.8 `ops.bessel_k0e`.
    """
    return _apply("bessel_k0e", _k0e, x)


@op(None)
def bessel_k1(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 1; infinite at 0, NaN below.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_k1(Tensor([0.5, 2.0])))
        [1.6564 0.1399]

    MindSpore r1.8 `ops.bessel_k1`.
    """
    return _apply("bessel_k1", _k1, x)


@op(None)
def bessel_k1e(x: Array) -> Array:
    """The modified Bessel function of the second kind of order 1, times e^x.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_k1e(Tensor([0.5, 2.0])))
        [2.7310 1.0335]

    MindSpore r1.8 `ops.bessel_k1e`.
    """
    return _apply("bessel_k1e", _k1e, x)


@op(None)
def bessel_y0(x: Array) -> Array:
    """The Bessel function of the second kind of order 0; minus infinity at 0, NaN below.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_y0(Tensor([0.5, 2.0])))
        [-0.4445 0.5104]

    MindSpore r1.8 `ops.bessel_y0`.
    """
    return _apply("bessel_y0", _y0, x)


@op(None)
def bessel_y1(x: Array) -> Array:
    """The Bessel function of the second kind of order 1; minus infinity at 0, NaN below.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.bessel_y1(Tensor([0.5, 2.0])))
        [-1.4715 -0.1070]

    MindSpore r1.8 `ops.bessel_y1`.
    """
    return _apply("bessel_y1", _y1, x)

