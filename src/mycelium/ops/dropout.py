"""Dropout: elements or whole channels set to 0 at random, the others scaled up. `keep_prob` is the share that stays."""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp

from mycelium.core.tensor import Tensor
from mycelium.engine import random
from mycelium.ops.annotations import Array
from mycelium.ops.checks import Probability, floats, half_open_unit, rank
from mycelium.ops.op import function, op


@op("Dropout", function=None, random=True)
def dropout_(key: Any, x: Array, *, keep_prob: Annotated[float, half_open_unit] = 0.5, Seed0: int = 0,
             Seed1: int = 0) -> tuple[Array, Array]:
    """Keeps each element with probability `keep_prob` and divides it by that; sets the others to 0.

    Args:
        x: Tensor, float.
        keep_prob: In (0, 1].
        Seed0, Seed1: Unless 0, used in place of the global seed.

    Returns:
        (Tensor like `x`, Tensor like `x` of 1 for kept and 0 for dropped).

    Raises:
        TypeError: `x` or `keep_prob` is not float.
        ValueError: `keep_prob` is not in (0, 1].

    Examples:
        >>> y, mask = ops.Dropout(keep_prob=0.5)(Tensor([1.0, 2.0, 3.0]))
        >>> print(np.array_equal(y.asnumpy(), 2 * mask.asnumpy() * [1, 2, 3]))
        True

    Srivastava et al., Dropout. MindSpore r1.8 `ops.Dropout`.
    """
    x = floats("Dropout", x=x)
    if keep_prob == 1:
        return x, jnp.ones_like(x)
    kept = _keep(key, x.shape, keep_prob, Seed0, Seed1)
    return jnp.where(kept, x / keep_prob, 0).astype(x.dtype), kept.astype(x.dtype)


def _keep(key: Any, shape: tuple, keep_prob: float, seed0: int = 0, seed1: int = 0) -> Any:
    """True with probability `keep_prob`."""
    return jax.random.uniform(random.make_key(key, seed0, seed1), shape, jnp.float32) < keep_prob


def _channels(owner: str, key: Any, x: Any, axes: int, keep_prob: float) -> tuple:
    rank(owner, "x", x, axes)
    kept = jnp.broadcast_to(_keep(key, x.shape[:2] + (1,) * (axes - 2), keep_prob), x.shape)
    if keep_prob == 0:
        return jnp.zeros_like(x), kept
    return jnp.where(kept, x / keep_prob, 0).astype(x.dtype), kept


@op("Dropout2D", function=None, random=True)
def dropout2d_(key: Any, x: Array, *, keep_prob: Probability = 0.5) -> tuple[Array, Array]:
    """Keeps each channel of each image with probability `keep_prob` and divides it by that; sets the others to 0.

    Args:
        x: Tensor of shape (N, C, H, W).
        keep_prob: In [0, 1].

    Returns:
        (Tensor like `x`, bool Tensor of its shape: True for kept).

    Raises:
        ValueError: `keep_prob` is not in [0, 1], or `x` does not have 4 axes.

    Examples:
        >>> y, mask = ops.Dropout2D(keep_prob=1.0)(Tensor(np.ones((1, 1, 1, 2), np.float32)))
        >>> print(y, mask)
        [[[[1. 1.]]]] [[[[ True  True]]]]

    Tompson et al., Efficient Object Localization Using Convolutional Networks. MindSpore r1.8 `ops.Dropout2D`.
    """
    return _channels("Dropout2D", key, x, 4, keep_prob)


@op("Dropout3D", function=None, random=True)
def dropout3d_(key: Any, x: Array, *, keep_prob: Probability = 0.5) -> tuple[Array, Array]:
    """Keeps each channel of each volume with probability `keep_prob` and divides it by that; sets the others to 0.

    Args:
        x: Tensor of shape (N, C, D, H, W).
        keep_prob: In [0, 1].

    Returns:
        (Tensor like `x`, bool Tensor of its shape: True for kept).

    Raises:
        ValueError: `keep_prob` is not in [0, 1], or `x` does not have 5 axes.

    Examples:
        >>> y, mask = ops.Dropout3D(keep_prob=1.0)(Tensor(np.ones((1, 1, 1, 1, 2), np.float32)))
        >>> print(y, mask)
        [[[[[1. 1.]]]]] [[[[[ True  True]]]]]

    MindSpore r1.8 `ops.Dropout3D`.
    """
    return _channels("Dropout3D", key, x, 5, keep_prob)


@function()
def dropout2d(x: Tensor, p: float = 0.5, training: bool | None = None) -> Any:
    """Sets each channel of each image to 0 with probability `p`, and divides the others by 1 - p.

    Args:
        x: Tensor of shape (N, C, H, W).
        p: Probability of dropping, in [0, 1].
        training: Whether to drop at all. Where it is given, the result is the Tensor alone, as in r2.0.

    Returns:
        (Tensor like `x`, bool Tensor of its shape: True for kept) as in r1.8, or the Tensor alone.

    Examples:
        >>> print(ops.dropout2d(Tensor(np.ones((1, 1, 1, 2), np.float32)), 0.0)[0])
        [[[[1. 1.]]]]

    MindSpore r1.8 and r2.0 `ops.dropout2d`.
    """
    if training is False:
        return x
    found = dropout2d_(x, keep_prob=1.0 - p)
    return found if training is None else found[0]


@function()
def dropout3d(x: Tensor, p: float = 0.5, training: bool | None = None) -> Any:
    """Sets each channel of each volume to 0 with probability `p`, and divides the others by 1 - p.

    Args:
        x: Tensor of shape (N, C, D, H, W).
        p: Probability of dropping, in [0, 1].
        training: Whether to drop at all. Where it is given, the result is the Tensor alone, as in r2.0.

    Returns:
        (Tensor like `x`, bool Tensor of its shape: True for kept) as in r1.8, or the Tensor alone.

    Examples:
        >>> print(ops.dropout3d(Tensor(np.ones((1, 1, 1, 1, 2), np.float32)), 0.0)[0])
        [[[[[1. 1.]]]]]

    MindSpore r1.8 and r2.0 `ops.dropout3d`.
    """
    if training is False:
        return x
    found = dropout3d_(x, keep_prob=1.0 - p)
    return found if training is None else found[0]


@function()
def dropout(input: Tensor, p: float = 0.5, training: bool = True, seed: int | None = None) -> Tensor:
    """Sets each element to 0 with probability `p`, and divides the others by 1 - p; does nothing unless `training`.

    Args:
        input: Tensor, float.
        p: Probability of dropping, in [0, 1).
        training: Whether to drop at all.
        seed: Used in place of the global seed.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.dropout(Tensor([1.0, 2.0]), training=False))
        [1. 2.]

    MindSpore r2.0 `ops.dropout`.
    """
    return dropout_(input, keep_prob=1.0 - p, Seed0=seed or 0)[0] if training else input


@op(None, function=None, random=True)
def channels_of_lines(key: Any, x: Array, *, keep_prob: Probability) -> Array:
    """`ops.dropout1d`: the draw."""
    rank("dropout1d", "input", x, 2, 3)
    return _channels("dropout1d", key, x if x.ndim == 3 else x[None], 3, keep_prob)[0].reshape(x.shape)


@function()
def dropout1d(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Sets each channel of each line to 0 with probability `p`, and divides the others by 1 - p.

    Args:
        input: Tensor of shape (N, C, L) or (C, L), float.
        p: Probability of dropping, in [0, 1].
        training: Whether to drop at all.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.dropout1d(Tensor([[1.0, 2.0]]), 0.0))
        [[1. 2.]]

    MindSpore r2.0 `ops.dropout1d`.
    """
    return channels_of_lines(input, keep_prob=1.0 - p) if training else input
