"""Looking images up at positions between their pixels."""
from __future__ import annotations

import itertools
from typing import Annotated, Any, Literal

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import PositiveInt, floats, rank, same_dtype
from mycelium.ops.convolution import conv2d_
from mycelium.ops.op import function, op


def _flat_take(x: Any, places: list, sizes: tuple) -> Any:
    """Elements of x (N, C, *sizes) at integer places, each (N, *out): an array (N, C, *out)."""
    flat = 0
    for place, n in zip(places, sizes, strict=True):
        flat = flat * n + place
    out = flat.shape[1:]
    index = flat.reshape((flat.shape[0], 1, -1))
    values = jnp.take_along_axis(x.reshape((*x.shape[:2], -1)), index, 2, mode="promise_in_bounds")
    return values.reshape((*x.shape[:2], *out))


def _linear_lookup(x: Any, positions: list) -> Any:
    """x (N, C, *spatial) at real positions, each (N, *out), by linear interpolation; outside x is 0."""
    sizes = x.shape[2:]
    lows = [jnp.floor(p) for p in positions]
    total: Any = 0
    for corner in itertools.product((0, 1), repeat=len(sizes)):
        weight: Any = 1
        places = []
        for c, p, low, n in zip(corner, positions, lows, sizes, strict=True):
            place = low + c
            weight = weight * jnp.where((place >= 0) & (place < n), p - low if c else 1 - (p - low), 0)
            places.append(jnp.clip(place, 0, n - 1).astype(jnp.int32))
        total = total + _flat_take(x, places, sizes) * jnp.expand_dims(weight, 1)
    return total


# ***** grid_sample *****


def _unnormalized(g: Any, n: int, align_corners: bool) -> Any:
    return (g + 1) / 2 * (n - 1) if align_corners else ((g + 1) * n - 1) / 2


def _reflected(p: Any, n: int, align_corners: bool) -> Any:
    """Positions folded back at the edges: the centres of the corner pixels, or their outer edges."""
    low, span = (0.0, n - 1.0) if align_corners else (-0.5, float(n))
    if span == 0:
        return jnp.zeros_like(p)
    p = jnp.abs(p - low) % (2 * span)
    return jnp.clip(low + jnp.minimum(p, 2 * span - p), 0, n - 1)


@op()
def grid_sample(input_x: Array, grid: Array, *, interpolation_mode: Literal["bilinear", "nearest"] = "bilinear",
                padding_mode: Literal["zeros", "border", "reflection"] = "zeros", align_corners: bool = False) -> Array:
    """The images looked up at the positions that a grid gives.

    Args:
        input_x: Tensor of shape (N, C, H, W) or (N, C, D, H, W), float.
        grid: Tensor of shape (N, H_out, W_out, 2) or (N, D_out, H_out, W_out, 3), same dtype: x, y (and z), from -1
            (left, top, front) to 1.
        interpolation_mode: "bilinear" or "nearest".
        padding_mode: What lies outside: "zeros", the "border" pixels, or the "reflection" of the image.
        align_corners: Whether -1 and 1 are the centres of the corner pixels; if not, their outer edges.

    Returns:
        Tensor of shape (N, C, H_out, W_out) or (N, C, D_out, H_out, W_out).

    Raises:
        TypeError: Different dtypes, or not float.
        ValueError: A mode is misspelt, or the shapes do not go together.

    Examples:
        >>> x, grid = Tensor([[[[1.0, 2.0, 3.0]]]]), Tensor([[[[-0.5, 0.0], [1.0, 0.0]]]])
        >>> print(ops.grid_sample(x, grid, align_corners=True))
        [[[[1.5 3. ]]]]

    Jaderberg et al., Spatial Transformer Networks. MindSpore r1.8 `ops.grid_sample`.
    """
    x, grid = floats("grid_sample", input_x=input_x, grid=grid)
    same_dtype("grid_sample", input_x=x, grid=grid)
    rank("grid_sample", "input_x", x, 4, 5)
    axes = x.ndim - 2
    if grid.ndim != x.ndim or grid.shape[0] != x.shape[0] or grid.shape[-1] != axes:
        raise ValueError(f"For 'grid_sample', 'grid' should have {x.ndim} axes, the first of size {x.shape[0]} and the "
                         f"last of size {axes}, for input_x of shape {x.shape}, but got {grid.shape}.")
    dtype = x.dtype
    wide = jnp.promote_types(dtype, jnp.float32)
    x, grid = x.astype(wide), grid.astype(wide)
    sizes = x.shape[2:]
    positions = [_unnormalized(grid[..., axes - 1 - i], n, align_corners) for i, n in enumerate(sizes)]
    if padding_mode == "border":
        positions = [jnp.clip(p, 0, n - 1) for p, n in zip(positions, sizes, strict=True)]
    elif padding_mode == "reflection":
        positions = [_reflected(p, n, align_corners) for p, n in zip(positions, sizes, strict=True)]
    if interpolation_mode == "bilinear":
        return _linear_lookup(x, positions).astype(dtype)
    nearest = [jnp.round(p) for p in positions]
    inside: Any = True
    for p, n in zip(nearest, sizes, strict=True):
        inside = inside & (p >= 0) & (p < n)
    places = [jnp.clip(p, 0, n - 1).astype(jnp.int32) for p, n in zip(nearest, sizes, strict=True)]
    return jnp.where(jnp.expand_dims(inside, 1), _flat_take(x, places, sizes), 0).astype(dtype)


# ***** regions *****


def _zero_or_one(owner: str, name: str, value: int) -> int:
    if value not in (0, 1):
        raise ValueError(f"For '{owner}', '{name}' should be 0 or 1, but got {value}.")
    return value


@op("ROIAlign", function=None)
def roi_align(features: Array, rois: Array, *, pooled_height: PositiveInt, pooled_width: PositiveInt,
              spatial_scale: float, sample_num: PositiveInt = 2,
              roi_end_mode: Annotated[int, _zero_or_one] = 1) -> Array:
    """Pools regions of feature maps to one size, by means over interpolated samples.

    Args:
        features: Tensor of shape (N, C, H, W), float.
        rois: Tensor of shape (R, 5), same dtype: image index, and x1, y1, x2, y2 in pixels of the image.
        pooled_height, pooled_width: Size of the output.
        spatial_scale: Pixels of the feature map for each pixel of the image.
        sample_num: Samples along each axis of a bin.
        roi_end_mode: 1: x2 and y2 lie inside the region; 0: a region ends there, and is at least one pixel large.

    Returns:
        Tensor of shape (R, C, pooled_height, pooled_width). No gradient flows to `rois`.

    Raises:
        ValueError: The shapes do not go together, or an attribute is out of range.

    Examples:
        >>> features = Tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> print(ops.ROIAlign(1, 1, 1.0)(features, Tensor([[0.0, 0.0, 0.0, 0.0, 0.0]])))
        [[[[2.5]]]]

    He et al., Mask R-CNN. MindSpore r1.8 `ops.ROIAlign`.
    """
    features, rois = floats("ROIAlign", features=features, rois=rois)
    rank("ROIAlign", "features", features, 4)
    if rois.ndim != 2 or rois.shape[1] != 5:
        raise ValueError(f"For 'ROIAlign', 'rois' should have shape (R, 5), but got {rois.shape}.")
    dtype = features.dtype
    wide = jnp.promote_types(dtype, jnp.float32)
    x, rois = features.astype(wide), lax.stop_gradient(rois.astype(wide))
    height, width = x.shape[2:]

    def samples(first: Any, last: Any, count: int) -> Any:
        start, end = first * spatial_scale, (last + roi_end_mode) * spatial_scale
        length = end - start if roi_end_mode else jnp.maximum(end - start, 1)
        i = np.arange(count * sample_num)
        size = (length / count)[:, None]
        return start[:, None] + size * (i // sample_num).astype(wide) + \
            size * (i % sample_num + 0.5).astype(wide) / sample_num

    ys, xs = samples(rois[:, 2], rois[:, 4], pooled_height), samples(rois[:, 1], rois[:, 3], pooled_width)
    ys, xs = ys[:, :, None], xs[:, None, :]
    inside = (ys >= -1) & (ys <= height) & (xs >= -1) & (xs <= width)
    shape = inside.shape
    positions = [jnp.broadcast_to(jnp.clip(p, 0, n - 1), shape) for p, n in ((ys, height), (xs, width))]
    values = _linear_lookup(x[rois[:, 0].astype(jnp.int32)], positions)
    values = jnp.where(inside[:, None], values, 0)
    split = values.reshape((*values.shape[:2], pooled_height, sample_num, pooled_width, sample_num))
    return jnp.mean(split, (3, 5)).astype(dtype)


# ***** deformable convolution *****


def _four(owner: str, name: str, value: tuple) -> tuple:
    if len(value) != 4 or not all(type(v) is int for v in value):
        raise ValueError(f"For '{owner}', '{name}' should be a tuple of 4 ints, but got {describe(value)}.")
    return value


Four = Annotated[tuple, _four]


@op(function=None)
def _deformable_offsets(x: Array, offsets: Array, *, kernel_size: tuple, strides: Four, padding: Four, dilations: Four,
                        deformable_groups: int) -> Array:
    """x at the taps of each window, moved by the offsets and weighted: (N, C, H_out * kH, W_out * kW)."""
    x, offsets = floats("deformable_conv2d", x=x, offsets=offsets)
    rank("deformable_conv2d", "x", x, 4)
    batch, channels, height, width = x.shape
    (kh, kw), groups = kernel_size, deformable_groups
    top, bottom, left, right = padding
    out_h = (height + top + bottom - (kh - 1) * dilations[2] - 1) // strides[2] + 1
    out_w = (width + left + right - (kw - 1) * dilations[3] - 1) // strides[3] + 1
    expected = (batch, 3 * groups * kh * kw, out_h, out_w)
    if offsets.shape != expected or channels % groups:
        raise ValueError(f"For 'deformable_conv2d', 'offsets' should have shape {expected} (x offsets, y offsets and "
                         f"weights of each tap) for x of shape {x.shape}, with channels a multiple of "
                         f"deformable_groups {groups}, but got {offsets.shape}.")
    dx, dy, mask = offsets.reshape(batch, 3, groups, kh, kw, out_h, out_w).transpose(1, 0, 2, 5, 3, 6, 4)
    rows = (jnp.arange(out_h) * strides[2] - top)[:, None] + jnp.arange(kh) * dilations[2]
    cols = (jnp.arange(out_w) * strides[3] - left)[:, None] + jnp.arange(kw) * dilations[3]
    y = rows[:, :, None, None].astype(x.dtype) + dy
    z = cols[None, None].astype(x.dtype) + dx
    values = _linear_lookup(x.reshape((batch * groups, channels // groups, height, width)),
                            [y.reshape((-1, *y.shape[2:])), z.reshape((-1, *z.shape[2:]))])
    values = values * mask.reshape((-1, 1, *mask.shape[2:]))
    return values.reshape(batch, channels, out_h * kh, out_w * kw)


@function()
def deformable_conv2d(x: Tensor, weight: Tensor, offsets: Tensor, kernel_size: tuple, strides: tuple, padding: tuple,
                      bias: Tensor | None = None, dilations: tuple = (1, 1, 1, 1), groups: int = 1,
                      deformable_groups: int = 1, modulated: bool = True) -> Tensor:
    """2-D convolution whose taps are moved, and weighted, by numbers of their own at every position.

    Args:
        x: Tensor of shape (N, C_in, H, W), float.
        weight: Tensor of shape (C_out, C_in / groups, kH, kW).
        offsets: Tensor of shape (N, 3 * deformable_groups * kH * kW, H_out, W_out): x offsets, y offsets and weights.
        kernel_size: (kH, kW).
        strides: (1, 1, vertical, horizontal).
        padding: (top, bottom, left, right).
        bias: Tensor of shape (C_out,), or None.
        dilations: (1, 1, vertical, horizontal).
        groups: Parts the channels are split into.
        deformable_groups: Parts of the channels with offsets of their own.
        modulated: True: weights are given.

    Returns:
        Tensor of shape (N, C_out, H_out, W_out).

    Raises:
        ValueError: The shapes do not go together, or `modulated` is False.

    Examples:
        >>> x, weight = Tensor(np.ones((1, 1, 3, 3), np.float32)), Tensor(np.ones((1, 1, 2, 2), np.float32))
        >>> offsets = Tensor(np.concatenate([np.zeros((1, 8, 2, 2)), np.ones((1, 4, 2, 2))], 1).astype(np.float32))
        >>> print(ops.deformable_conv2d(x, weight, offsets, (2, 2), (1, 1, 1, 1), (0, 0, 0, 0)))
        [[[[4. 4.]
           [4. 4.]]]]

    Zhu et al., Deformable ConvNets v2. MindSpore r1.8 `ops.deformable_conv2d`.
    """
    if modulated is not True:
        raise ValueError(f"For 'deformable_conv2d', 'modulated' should be True, but got {modulated}.")
    kernel_size = tuple(kernel_size)
    spread = _deformable_offsets(x, offsets, kernel_size=kernel_size, strides=strides, padding=padding,
                                 dilations=dilations, deformable_groups=deformable_groups)
    out = conv2d_(spread, weight, out_channel=weight.shape[0], kernel_size=kernel_size, stride=kernel_size,
                  group=groups)
    return out if bias is None else out + bias.reshape(1, -1, 1, 1)
