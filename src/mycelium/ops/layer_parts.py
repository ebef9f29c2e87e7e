"""Operators that only layers use: triangles, rolling, patches of images, the beta function."""
from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

from mycelium.ops.annotations import Array, Ints
from mycelium.ops.checks import axes_in, floats, rank, same_dtype, tensors
from mycelium.ops.op import op


@op(function=None)
def triangle(x: Array, k: int = 0, *, upper: bool = False) -> Array:
    """`x` with zeros above (or, for the upper triangle, below) diagonal `k`; a vector is taken for every row."""
    tensors("triu" if upper else "tril", x=x)
    if x.ndim == 1:
        x = jnp.broadcast_to(x, (x.shape[0], x.shape[0]))
    rows, columns = np.ogrid[:x.shape[-2], :x.shape[-1]]
    inside = columns - rows >= k if upper else columns - rows <= k
    return jnp.where(inside, x, jnp.zeros((), x.dtype))


@op(function=None)
def rolled(x: Array, *, shift: Ints, axis: Ints) -> Array:
    """`x` with its elements moved along axes; those that fall off come in again."""
    tensors("Roll", x=x)
    return jnp.roll(x, shift, axes_in("Roll", axis, x.ndim))


@op(function=None)
def patches(x: Array, *, size: tuple, strides: tuple, rates: tuple, padding: Literal["valid", "same"]) -> Array:
    """The windows of (N, C, H, W) as channels: (N, height * width * C, H_out, W_out), C running fastest."""
    rank("Unfold", "input_x", x, 4)
    n, c = x.shape[:2]
    kinds = jnp.float32 if not jnp.issubdtype(x.dtype, jnp.floating) else x.dtype
    y = lax.conv_general_dilated_patches(x.astype(kinds), size, strides, padding.upper(), rhs_dilation=rates,
                                         precision=lax.Precision.HIGHEST)
    y = y.reshape(n, c, size[0] * size[1], *y.shape[2:])
    return jnp.moveaxis(y, 1, 2).reshape(n, -1, *y.shape[3:]).astype(x.dtype)


@op(function=None)
def lbeta(x: Array, y: Array) -> Array:
    """ln(gamma(x) gamma(y) / gamma(x + y)), for each element."""
    x, y = floats("LBeta", x=x, y=y)
    same_dtype("LBeta", x=x, y=y)
    wide: Any = jnp.float64 if x.dtype == jnp.float64 else jnp.float32
    return special.betaln(x.astype(wide), y.astype(wide)).astype(x.dtype)
