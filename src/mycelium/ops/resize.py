"""Changing the size of images by interpolation."""
from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, rank
from mycelium.ops.op import op


def _size(owner: str, name: str, value: Any) -> tuple:
    if not all(type(v) is int for v in value):
        raise TypeError(f"For '{owner}', '{name}' should be a tuple of ints, but got {describe(value)}.")
    if len(value) != 2 or min(value) < 1:
        raise ValueError(f"For '{owner}', '{name}' should be (height, width), both greater than 0, but got {value}.")
    return value


Size = Annotated[tuple, _size]


def _positions(n: int, out: int, mode: str) -> np.ndarray:
    """Where along an axis of size n the `out` new elements lie."""
    i = np.arange(out)
    if mode == "align_corners":
        return i * ((n - 1) / (out - 1)) if out > 1 else np.zeros(1)
    if mode == "half_pixel":
        return np.clip((i + 0.5) * (n / out) - 0.5, 0, n - 1)
    return np.minimum(i * (n / out), n - 1)


def _linear(x: Any, axis: int, out: int, mode: str) -> Any:
    """Linear interpolation along one axis."""
    n = x.shape[axis]
    if out == n:
        return x
    position = _positions(n, out, mode)
    low = np.minimum(np.floor(position).astype(np.int32), n - 1)
    weight = (position - low).reshape([-1] + [1] * (x.ndim - 1 - axis % x.ndim)).astype(x.dtype)
    return jnp.take(x, low, axis) * (1 - weight) + jnp.take(x, np.minimum(low + 1, n - 1), axis) * weight


def _bilinear(x: Any, size: tuple, mode: str) -> Any:
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    return _linear(_linear(wide, -2, size[0], mode), -1, size[1], mode).astype(x.dtype)


def _mode(align_corners: bool, half_pixel_centers: bool) -> str:
    return "align_corners" if align_corners else "half_pixel" if half_pixel_centers else "asymmetric"


def _not_both(owner: str, *, align_corners: bool, half_pixel_centers: bool, **rest: Any) -> None:
    if align_corners and half_pixel_centers:
        raise ValueError(f"For '{owner}', 'align_corners' and 'half_pixel_centers' should not both be True.")


@op("ResizeBilinear", function=None, validate=_not_both)
def resize_bilinear(x: Array, *, size: Size, align_corners: bool = False, half_pixel_centers: bool = False) -> Array:
    """Resizes images by bilinear interpolation.

    Pixel i of the output lies at i * old / new of the input, at i * (old - 1) / (new - 1) with `align_corners`, or at
    (i + 1 / 2) * old / new - 1 / 2 with `half_pixel_centers`.

    Args:
        x: Tensor of shape (N, C, H, W), float.
        size: (height, width) of the output.
        align_corners: Corner pixels stay corner pixels.
        half_pixel_centers: Pixels are squares, as in PyTorch and OpenCV.

    Returns:
        Tensor of shape (N, C, height, width).

    Raises:
        TypeError: `size` is not a tuple of ints, or `x` is not float.
        ValueError: `size` is not of 2 positive numbers, or `x` does not have 4 axes.

    Examples:
        >>> print(ops.ResizeBilinear((1, 3), align_corners=True)(Tensor([[[[1.0, 2.0]]]])))
        [[[[1.  1.5 2. ]]]]

    MindSpore r1.8 `ops.ResizeBilinear`.
    """
    x = floats("ResizeBilinear", x=x)
    rank("ResizeBilinear", "x", x, 4)
    return _bilinear(x, size, _mode(align_corners, half_pixel_centers))


@op("ResizeNearestNeighbor", function=None)
def resize_nearest_neighbor(x: Array, *, size: Size, align_corners: bool = False) -> Array:
    """Resizes images by taking the nearest pixel: floor(i * old / new).

    Args:
        x: Tensor of shape (N, C, H, W).
        size: (height, width) of the output.
        align_corners: Take round(i * (old - 1) / (new - 1)).

    Returns:
        Tensor of shape (N, C, height, width).

    Raises:
        TypeError: `size` is not a tuple of ints.
        ValueError: `size` is not of 2 positive numbers, or `x` does not have 4 axes.

    Examples:
        >>> print(ops.ResizeNearestNeighbor((1, 4))(Tensor([[[[1.0, 2.0]]]])))
        [[[[1. 1. 2. 2.]]]]

    MindSpore r1.8 `ops.ResizeNearestNeighbor`.
    """
    rank("ResizeNearestNeighbor", "x", x, 4)
    for axis, out in ((2, size[0]), (3, size[1])):
        n = x.shape[axis]
        if align_corners:
            place = np.floor(_positions(n, out, "align_corners") + 0.5)
        else:
            place = np.floor(np.arange(out) * np.float32(n / out))
        x = jnp.take(x, np.minimum(place, n - 1).astype(np.int32), axis)
    return x


@op(function=None)
def _interpolate(x: Array, *, sizes: tuple, mode: str, coordinates: str) -> Array:
    x = floats("interpolate", x=x)
    if mode == "bilinear":
        return _bilinear(x, sizes, coordinates)
    wide = x.astype(jnp.promote_types(x.dtype, jnp.float32))
    return _linear(wide, -1, sizes[0], coordinates).astype(x.dtype)


def interpolate(x: Tensor, roi: tuple | None = None, scales: tuple | None = None, sizes: tuple | None = None,
                coordinate_transformation_mode: Literal["align_corners", "half_pixel", "asymmetric"] = "align_corners",
                mode: Literal["linear", "bilinear"] = "linear") -> Tensor:
    """`ops.interpolate` of r1.8; see `interpolation.py`."""
    axes = {"linear": 1, "bilinear": 2}.get(mode)
    if axes is None:
        raise ValueError(f"For 'interpolate', 'mode' should be 'linear' or 'bilinear', but got {mode!r}.")
    if coordinate_transformation_mode not in ("align_corners", "half_pixel", "asymmetric"):
        raise TypeError("For 'interpolate', 'coordinate_transformation_mode' should be 'align_corners', 'half_pixel' "
                        f"or 'asymmetric', but got {coordinate_transformation_mode!r}.")
    if (scales is None) == (sizes is None):
        raise ValueError(f"For 'interpolate', give either 'scales' or 'sizes', but got scales={scales}, sizes={sizes}.")
    if x.ndim != axes + 2:
        raise ValueError(f"For 'interpolate' with mode {mode!r}, 'x' should have {axes + 2} axes, but got shape "
                         f"{x.shape}.")
    if sizes is None:
        if len(scales) != x.ndim:    # type: ignore[arg-type]
            raise ValueError(f"For 'interpolate', 'scales' should have {x.ndim} numbers, one for each axis of 'x', but "
                             f"got {scales}.")
        sizes = tuple([math.floor(n * s) for n, s in zip(x.shape[-axes:], scales[-axes:], strict=True)])  # type: ignore
    if len(sizes) != axes or not all(type(v) is int and v > 0 for v in sizes):
        raise ValueError(f"For 'interpolate', 'sizes' should be {axes} positive ints, but got {sizes}.")
    return _interpolate(x, sizes=tuple(sizes), mode=mode, coordinates=coordinate_transformation_mode)
