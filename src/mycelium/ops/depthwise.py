"""Depthwise convolution as shifted products. XLA's own takes 10 to 50 times longer on a CPU.

y[n, c, o] = sum_k w[c, k] x[n, c, s o + d k] is linear in x and in w. The three functions here, y of (x, w),
x of (y, w) and w of (x, y), are each other's gradients, so that all orders of derivatives stay fast.
"""
from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.local import local
from mycelium.ops.windows import Padding, Windows

MAX_TAPS = 49       # weights for each channel; beyond that the program grows too long


def depthwise(x: Any, w: Any, stride: tuple, sides: Padding, dilation: tuple) -> Any:
    """The convolution of each channel with its own kernel.

    Args:
        x: Array of shape (N, C, *spatial).
        w: Array of shape (C * m, *kernel); channel c of `x` gives channels c * m to c * m + m - 1.
        stride, sides, dilation: One entry for each spatial axis.
    """
    dtype = x.dtype
    multiplier = w.shape[0] // x.shape[1]
    if multiplier > 1:
        x = jnp.repeat(x, multiplier, 1)
    wide = jnp.promote_types(dtype, jnp.float32)    # half precision is summed in float32
    windows = Windows(x.shape[2:], w.shape[1:], stride, dilation, tuple(sides))
    return _forward(windows, x.astype(wide), w.astype(wide)).astype(dtype)


def _per_channel(weight: Any, tap: tuple, axes: int) -> Any:
    return weight[(slice(None), *tap)].reshape((-1,) + (1,) * axes)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _forward(w: Windows, x: Any, weight: Any) -> Any:
    """Gives y of x and the weight."""
    axes = len(w.kernel)
    return sum(v * _per_channel(weight, tap, axes) for v, tap in zip(w.shifted(x), w.taps(), strict=True))


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _to_input(w: Windows, y: Any, weight: Any) -> Any:
    """Gives x of y and the weight: y spread out by the stride, and the kernel turned round."""
    config = [(0, 0, 0), (0, 0, 0)]
    for n, o, k, s, d, (lo, _) in zip(w.size, w.out, w.kernel, w.stride, w.dilation, w.sides, strict=True):
        before = (k - 1) * d - lo
        config.append((before, n + (k - 1) * d - before - ((o - 1) * s + 1), s - 1))
    spread = lax.pad(y, np.zeros((), y.dtype), config)
    total: Any = 0
    for tap in w.taps():
        start = [(k - 1 - i) * d for i, k, d in zip(tap, w.kernel, w.dilation, strict=True)]
        limit = [a + n for a, n in zip(start, w.size, strict=True)]
        total += lax.slice(spread, (0, 0, *start), (*y.shape[:2], *limit)) * _per_channel(weight, tap, len(w.kernel))
    return total


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _to_weight(w: Windows, x: Any, y: Any) -> Any:
    """Gives the weight of x and y: for each tap a sum over N and space, all taps in one pass."""
    products = tuple([v * y for v in w.shifted(x)])
    zeros = tuple([np.zeros((), p.dtype) for p in products])
    sums = lax.reduce(products, zeros, lambda a, b: tuple([p + q for p, q in zip(a, b, strict=True)]),
                      tuple(range(2, y.ndim)))
    return jnp.stack([jnp.sum(s, 0) for s in sums], -1).reshape((y.shape[1], *w.kernel))


_forward.defvjp(lambda w, x, weight: (_forward(w, x, weight), (x, weight)),
                lambda w, kept, y: (_to_input(w, y, kept[1]), _to_weight(w, kept[0], y)))
_to_input.defvjp(lambda w, y, weight: (_to_input(w, y, weight), (y, weight)),
                 lambda w, kept, x: (_forward(w, x, kept[1]), _to_weight(w, x, kept[0])))
_to_weight.defvjp(lambda w, x, y: (_to_weight(w, x, y), (x, y)),
                  lambda w, kept, weight: (_to_input(w, kept[1], weight), _forward(w, kept[0], weight)))


def fits(x: Any, weight: Any, group: int) -> bool:
    """Whether a convolution with `weight` of shape (O, I / group, *kernel) is depthwise and its kernel small.

    Not in forward mode, which JAX does not have for functions with a gradient of their own.
    """
    scope = local.scope
    if scope is not None and scope.forward:
        return False
    return group > 1 and group == x.shape[1] and weight.shape[1] == 1 and math.prod(weight.shape[2:]) <= MAX_TAPS
