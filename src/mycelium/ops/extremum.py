"""Larger and smaller of two, and clipping."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.checks import numbers, reals
from mycelium.ops.op import function, op
from mycelium.ops.promotion import promote, to_dtype


def _choose(owner: str, x: Any, y: Any, first: Any) -> Any:
    """`x` where `first(x, y)` holds or `x` is NaN, else `y`: where both are equal the gradient goes to `y` alone."""
    x, y = promote(x, y)
    numbers(owner, x=x)
    reals(owner, x=x)
    if not jnp.issubdtype(x.dtype, jnp.integer):
        first = first(x, y) | jnp.isnan(x)
    else:
        first = first(x, y)
    return jnp.where(first, x, y)


@op("Maximum", method="maximum")
def maximum(x: Array, y: Array) -> Array:
    """The larger of two values, element by element, with broadcasting; NaN where either is NaN.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype. Where both are equal the gradient goes to `y`.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.maximum(Tensor([1.0, 5.0]), Tensor([4.0, 2.0])))
        [4. 5.]

    MindSpore r1.8 `ops.Maximum`.
    """
    return _choose("Maximum", x, y, jnp.greater)


@op("Minimum", method="minimum")
def minimum(x: Array, y: Array) -> Array:
    """The smaller of two values, element by element, with broadcasting; NaN where either is NaN.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype. Where both are equal the gradient goes to `y`.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.minimum(Tensor([1.0, 5.0]), Tensor([4.0, 2.0])))
        [1. 2.]

    MindSpore r1.8 `ops.Minimum`.
    """
    return _choose("Minimum", x, y, jnp.less)


@op(None)
def clip_by_value(x: Array, clip_value_min: Array | None = None, clip_value_max: Array | None = None) -> Array:
    """Limits each element to a range. Where the range is empty the lower end wins.

    Args:
        x: Tensor.
        clip_value_min: Lower end, Tensor or number that broadcasts with `x`, or None for none.
        clip_value_max: Upper end, Tensor or number that broadcasts with `x`, or None for none.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        ValueError: Both ends are None.

    Examples:
        >>> print(ops.clip_by_value(Tensor([-1.0, 0.5, 2.0]), 0.0, 1.0))
        [0.  0.5 1. ]

    MindSpore r1.8 `ops.clip_by_value`.
    """
    if clip_value_min is None and clip_value_max is None:
        raise ValueError("For 'clip_by_value', at least one of 'clip_value_min' and 'clip_value_max' should be given, "
                         "but got None for both.")
    if clip_value_max is not None:
        x = minimum.pure(x, clip_value_max)
    return x if clip_value_min is None else maximum.pure(x, clip_value_min)


@op(None, function=None)
def clip(x: Array, xmin: Array | None = None, xmax: Array | None = None) -> Array:
    """`Tensor.clip`: keeps the dtype of `x`, and where the range is empty the upper end wins."""
    dtype = x.dtype
    if xmin is not None:
        x = maximum.pure(x, xmin)
    return to_dtype(x if xmax is None else minimum.pure(x, xmax), dtype)


@function(method="clamp")
def clamp(input: Any, min: Any = None, max: Any = None) -> Any:
    """Limits each element to a range; where the range is empty the upper end wins.

    Args:
        input: Tensor, or list or tuple of Tensors.
        min: Lower end, Tensor or number, or None for none.
        max: Upper end, Tensor or number, or None for none.

    Returns:
        Tensor like `input`, or a tuple of them.

    Raises:
        ValueError: Both ends are None.

    Examples:
        >>> print(ops.clamp(Tensor([1.0, 5.0, 9.0]), 2, 6))
        [2. 5. 6.]

    MindSpore r2.0 `ops.clamp`.
    """
    if min is None and max is None:
        raise ValueError("For 'clamp', at least one of 'min' and 'max' should be given, but got None for both.")
    if isinstance(input, (list, tuple)):
        return tuple([clamp(x, min, max) for x in input])
    return clip(input, min, max)


@op(None, function=None)
def scale_to_norm(x: Arrays, *, clip_norm: float) -> tuple:
    """Scales arrays so that their common L2 norm is at most `clip_norm`."""
    wide = [v.astype(jnp.promote_types(v.dtype, jnp.float32)) for v in x]
    square = sum(jnp.sum(v * v) for v in wide)
    scale = clip_norm / jnp.sqrt(jnp.maximum(square, clip_norm * clip_norm))    # no root of 0: its slope is infinite
    return tuple([to_dtype(w * scale, v.dtype) for w, v in zip(wide, x, strict=True)])


@function()
def clip_by_global_norm(x: Any, clip_norm: float = 1.0, use_norm: None = None) -> Any:
    """Scales Tensors together so that the L2 norm over all their elements is at most `clip_norm`.

    Each becomes x * clip_norm / max(norm, clip_norm), where norm = sqrt(sum of all squared elements).

    Args:
        x: Tensor, or tuple or list of Tensors.
        clip_norm: The largest norm allowed, positive.
        use_norm: None; nothing else is supported, as in MindSpore.

    Returns:
        Tensor for a Tensor, else a tuple of Tensors, each of its input's shape and dtype.

    Raises:
        TypeError: `clip_norm` is no number.
        ValueError: `clip_norm` is not positive, or `use_norm` is given.

    Examples:
        >>> print(ops.clip_by_global_norm([Tensor([3.0]), Tensor([4.0])], 1.0)[1])
        [0.8]

    MindSpore r1.8 `ops.clip_by_global_norm`.
    """
    if use_norm is not None:
        raise ValueError(f"For 'clip_by_global_norm', 'use_norm' should be None, but got {use_norm}.")
    if isinstance(clip_norm, (int, float)) and not clip_norm > 0:
        raise ValueError(f"For 'clip_by_global_norm', 'clip_norm' should be greater than 0, but got {clip_norm}.")
    if isinstance(x, (tuple, list)):
        return scale_to_norm(x, clip_norm=clip_norm)
    return scale_to_norm([x], clip_norm=clip_norm)[0]
