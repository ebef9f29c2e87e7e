"""`ops.interpolate` and `ops.upsample`: images resized by nearest, linear, cubic or area interpolation."""
from __future__ import annotations

import math
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import resize
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats
from mycelium.ops.op import function, op
from mycelium.ops.pooling_functions import _adaptive_mean
from mycelium.ops.resize import _linear, _positions

_AXES = {"nearest": (1, 2, 3), "linear": (1,), "bilinear": (2,), "trilinear": (3,), "bicubic": (2,), "area": (1, 2, 3)}
_SHARPNESS = -0.75      # of the cubic kernel (Keys 1981)


def _cubic_weights(gap: np.ndarray) -> list:
    """The weights of the elements at -1, 0, 1 and 2 for a place between 0 and 1."""
    def near(t: np.ndarray) -> np.ndarray:
        return ((_SHARPNESS + 2) * t - (_SHARPNESS + 3)) * t * t + 1

    def far(t: np.ndarray) -> np.ndarray:
        return ((_SHARPNESS * t - 5 * _SHARPNESS) * t + 8 * _SHARPNESS) * t - 4 * _SHARPNESS

    return [far(gap + 1), near(gap), near(1 - gap), far(2 - gap)]


def _cubic(x: Any, axis: int, out: int, align_corners: bool) -> Any:
    n = x.shape[axis]
    place = _positions(n, out, "align_corners") if align_corners else (np.arange(out) + 0.5) * (n / out) - 0.5
    low = np.floor(place).astype(np.int32)
    total: Any = 0
    for shift, weight in zip((-1, 0, 1, 2), _cubic_weights(place - low), strict=True):
        shaped = weight.reshape([-1] + [1] * (x.ndim - 1 - axis % x.ndim)).astype(x.dtype)
        total = total + jnp.take(x, np.clip(low + shift, 0, n - 1), axis) * shaped
    return total


@op(None, function=None)
def resampled(x: Array, *, size: tuple, mode: str, align_corners: bool) -> Array:
    """`ops.interpolate` of r2.0."""
    x = floats("interpolate", input=x)
    axes = len(size)
    if mode == "area":
        return _adaptive_mean("interpolate", x, size, axes)
    dtype = x.dtype
    x = x.astype(jnp.promote_types(dtype, jnp.float32))
    for axis, out in zip(range(-axes, 0), size, strict=True):
        n = x.shape[axis]
        if mode == "nearest":
            place = np.minimum(np.floor(np.arange(out) * np.float32(n / out)), n - 1).astype(np.int32)
            x = jnp.take(x, place, axis)
        elif mode == "bicubic":
            x = _cubic(x, axis, out, align_corners)
        else:
            x = _linear(x, axis, out, "align_corners" if align_corners else "half_pixel")
    return x.astype(dtype)


def _wanted_size(x: Tensor, size: Any, factor: Any) -> tuple[int, ...]:
    axes = x.ndim - 2
    if (size is None) == (factor is None):
        raise ValueError(f"For 'interpolate', give either 'size' or 'scale_factor', but got {size} and {factor}.")
    given = factor if size is None else size
    values = tuple(given) if isinstance(given, (list, tuple)) else (given,) * axes
    if len(values) != axes:
        raise ValueError(f"For 'interpolate', 'size' or 'scale_factor' should have {axes} numbers for an input of "
                         f"shape {x.shape}, but got {given}.")
    found = tuple([math.floor(n * s) for n, s in zip(x.shape[2:], values, strict=True)]) if size is None else values
    if not all(type(n) is int and n > 0 for n in found):
        raise ValueError(f"For 'interpolate', the sizes should be positive ints, but got {describe(given)}.")
    return found


def _resize(x: Tensor, size: Any, factor: Any, mode: str, align_corners: bool | None) -> Tensor:
    if mode not in _AXES:
        raise ValueError(f"For 'interpolate', 'mode' should be one of {list(_AXES)}, but got {mode!r}.")
    if x.ndim - 2 not in _AXES[mode]:
        raise ValueError(f"For 'interpolate' with mode {mode!r}, 'input' should have {_AXES[mode][0] + 2} axes, but "
                         f"got shape {x.shape}.")
    if align_corners is not None and mode in ("nearest", "area"):
        raise ValueError(f"For 'interpolate', 'align_corners' should not be given with mode {mode!r}.")
    return resampled(x, size=_wanted_size(x, size, factor), mode=mode, align_corners=bool(align_corners))


@function()
def interpolate(x: Tensor, roi: Any = None, scales: Any = None, sizes: Any = None,
                coordinate_transformation_mode: Any = "align_corners", mode: str | None = None, *, size: Any = None,
                scale_factor: Any = None, align_corners: bool | None = None,
                recompute_scale_factor: bool | None = None) -> Tensor:
    """Resizes images or signals.

    r1.8 `interpolate(x, roi=None, scales=None, sizes=None, coordinate_transformation_mode="align_corners",
    mode="linear")`; r2.0 `interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None,
    recompute_scale_factor=None)`. `size`, `scale_factor` or a size in the second place mean r2.0.

    Args:
        x: Tensor of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W), float.
        roi: Accepted for compatibility; in r2.0 the size, where it is given by place.
        scales: Factor for each axis of `x`, N and C included; the sizes are rounded down.
        sizes: (width,) or (height, width) of the output.
        coordinate_transformation_mode: "align_corners", "half_pixel" or "asymmetric", see `ops.ResizeBilinear`.
        mode: "linear" or "bilinear"; r2.0 also "nearest", "bicubic", "trilinear" and "area".
        size: An int or one for each spatial axis: of the output.
        scale_factor: A factor, or one for each spatial axis; the sizes are rounded down.
        align_corners: Whether the centres of the outer elements stay in place; default their edges.
        recompute_scale_factor: Accepted for compatibility: positions follow from the sizes.

    Returns:
        Tensor of shape (N, C, *sizes).

    Raises:
        TypeError: `coordinate_transformation_mode` is none of these.
        ValueError: Both or none of factor and size are given, or they or `mode` do not fit `x`.

    Examples:
        >>> print(ops.interpolate(Tensor([[[1.0, 2.0]]]), sizes=(3,)))
        [[[1.  1.5 2. ]]]
        >>> print(ops.interpolate(Tensor([[[1.0, 2.0]]]), size=4))
        [[[1. 1. 2. 2.]]]

    MindSpore r1.8 and r2.0 `ops.interpolate`.
    """
    if size is None and scale_factor is None and roi is None:
        return resize.interpolate(x, roi, scales, sizes, coordinate_transformation_mode, mode or "linear")
    if size is None and roi is not None:        # by place: (input, size, scale_factor, mode, align_corners)
        if scales is not None or sizes is not None and not isinstance(sizes, str):
            return resize.interpolate(x, roi, scales, sizes, coordinate_transformation_mode, mode or "linear")
        size, mode = roi, sizes if sizes is not None else mode
        if not isinstance(coordinate_transformation_mode, str):
            align_corners = coordinate_transformation_mode
    return _resize(x, size, scale_factor, mode or "nearest", align_corners)


@function()
def upsample(input: Tensor, size: Any = None, scale_factor: Any = None,
             mode: Literal["nearest", "linear", "bilinear", "bicubic", "trilinear", "area"] = "nearest",
             align_corners: bool | None = None, recompute_scale_factor: bool | None = None) -> Tensor:
    """Resizes images or signals, as `ops.interpolate` of r2.0.

    Args:
        input: Tensor of shape (N, C, L), (N, C, H, W) or (N, C, D, H, W), float.
        size: An int or one for each spatial axis: of the output.
        scale_factor: A factor, or one for each spatial axis; the sizes are rounded down.
        mode: "nearest", "linear", "bilinear", "trilinear", "bicubic" or "area".
        align_corners: Whether the centres of the outer elements stay in place; default their edges.
        recompute_scale_factor: Accepted for compatibility: positions follow from the sizes.

    Returns:
        Tensor of shape (N, C, *sizes).

    Examples:
        >>> print(ops.upsample(Tensor([[[1.0, 2.0]]]), scale_factor=2.0))
        [[[1. 1. 2. 2.]]]

    MindSpore r2.0 `ops.upsample`.
    """
    return _resize(input, size, scale_factor, mode, align_corners)
