"""Image arithmetic on arrays of (..., H, W, C) or (H, W): resizing, warping, blurring, with OpenCV's conventions.

MindSpore's array transforms are OpenCV's, so the same pixel centres, border rules and fixed-point steps are used here;
the recorded results in the tests agree to the last bit for uint8.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycelium.dataset.vision.enums import Border, Inter

_BITS = 11      # OpenCV's weights for uint8 are integers of this many bits


def rounded(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Floats as `dtype`: integers are rounded to the nearest (even on ties) and cut off at the ends of the range."""
    if dtype.kind not in "iu":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)


# ***** resizing: one axis at a time *****


def resize(image: np.ndarray, height: int, width: int, inter: Inter, axis: int = 0) -> np.ndarray:
    """The image with another height and width; `axis` is that of the height, the width is the next.

    Args:
        image: Array with the height at `axis` and the width at `axis + 1`.
        height: New height.
        width: New width.
        inter: NEAREST, BILINEAR, BICUBIC or AREA.
        axis: 0 for one image, 1 for stacked ones.
    """
    old = image.shape[axis:axis + 2]
    if old == (height, width):
        return image.copy()
    if inter is Inter.NEAREST:
        rows, columns = (np.minimum(np.arange(new) * (n / new), n - 1).astype(np.int64)
                         for n, new in zip(old, (height, width), strict=True))
        return image.take(rows, axis).take(columns, axis + 1)
    halves = old[0] == 2 * height and old[1] == 2 * width
    enlarged = height > old[0] or width > old[1]
    if (inter is Inter.AREA and not enlarged) or (inter is Inter.BILINEAR and halves):
        return rounded_area(_weighted(_weighted(image.astype(np.float32), axis + 1, *_area(old[1], width)),
                                      axis, *_area(old[0], height)), image.dtype, halves)
    weights = {Inter.BILINEAR: _linear, Inter.AREA: _linear_by_area}.get(inter, _cubic)
    places_x, weights_x = weights(old[1], width)
    # At the upper and lower edge OpenCV mixes a row with itself, which shows in the last bit.
    places_y, weights_y = _linear(old[0], height, True) if inter is Inter.BILINEAR else weights(old[0], height)
    if image.dtype != np.uint8:
        across = _weighted(image.astype(np.float32), axis + 1, places_x, weights_x)
        return rounded(_weighted(across, axis, places_y, weights_y), image.dtype)
    fixed_x, fixed_y = _fixed(weights_x), _fixed(weights_y)
    across = _weighted(image.astype(np.int32), axis + 1, places_x, fixed_x)
    if inter is not Inter.BICUBIC:
        low, high = (across.take(places_y[:, k], axis) >> 4 for k in (0, 1))
        shape = (-1,) + (1,) * (image.ndim - axis - 1)
        total = ((fixed_y[:, 0].reshape(shape) * low) >> 16) + ((fixed_y[:, 1].reshape(shape) * high) >> 16)
        return ((total + 2) >> 2).astype(np.uint8)
    total = _weighted(across, axis, places_y, fixed_y)
    return np.clip((total + (1 << (2 * _BITS - 1))) >> (2 * _BITS), 0, 255).astype(np.uint8)


def rounded_area(values: np.ndarray, dtype: np.dtype, halves: bool) -> np.ndarray:
    """Means as `dtype`; the mean of four is rounded up on ties."""
    return np.floor(values + 0.5).astype(dtype) if halves and dtype.kind in "iu" else rounded(values, dtype)


def _fixed(weights: np.ndarray) -> np.ndarray:
    return np.rint(weights * (1 << _BITS)).astype(np.int32)


def _weighted(image: np.ndarray, axis: int, places: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sums along an axis: output i is the sum over k of weights[i, k] * image[places[i, k]]."""
    shape = (-1,) + (1,) * (image.ndim - axis - 1)
    total = image.take(places[:, 0], axis) * weights[:, 0].reshape(shape)
    for k in range(1, places.shape[1]):
        total += image.take(places[:, k], axis) * weights[:, k].reshape(shape)
    return total


def _centres(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    """For each output pixel, the input pixel before its centre, and how far behind that the centre is."""
    centre = ((np.arange(new) + 0.5) * (old / new) - 0.5).astype(np.float32)
    before = np.floor(centre)
    return before.astype(np.int64), (centre - before).astype(np.float32)


def _linear(old: int, new: int, mix_edges: bool = False) -> tuple[np.ndarray, np.ndarray]:
    before, rest = _centres(old, new)
    if not mix_edges:
        rest = np.where((before < 0) | (before >= old - 1), np.float32(0), rest)
    return np.clip(np.stack([before, before + 1], 1), 0, old - 1), np.stack([1 - rest, rest], 1)


def _linear_by_area(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    """What AREA means where an axis grows: pixels are repeated, and mixed only where an output pixel covers two."""
    before = np.floor(np.arange(new) * (old / new)).astype(np.int64)
    rest = (np.arange(new) + 1) - (before + 1) * (new / old)
    rest = np.where((rest <= 0) | (before >= old - 1), 0, rest - np.floor(rest)).astype(np.float32)
    return np.stack([before, np.minimum(before + 1, old - 1)], 1), np.stack([1 - rest, rest], 1)


def _cubic(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    a = np.float32(-0.75)
    before, x = _centres(old, new)
    first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    second = ((a + 2) * x - (a + 3)) * x * x + 1
    third = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    weights = np.stack([first, second, third, 1 - first - second - third], 1)
    return np.clip(before[:, None] + np.arange(-1, 3), 0, old - 1), weights


def _area(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    """Each output pixel is the mean over the stretch of the input that it covers."""
    scale = old / new
    starts, ends = np.arange(new) * scale, np.minimum((np.arange(new) + 1) * scale, old)
    first = np.floor(starts + 1e-9).astype(np.int64)
    places = first[:, None] + np.arange(int(np.ceil(scale)) + 1)
    overlap = np.minimum(places + 1, ends[:, None]) - np.maximum(places, starts[:, None])
    weights = np.clip(overlap, 0, None)
    return np.minimum(places, old - 1), (weights / weights.sum(1, keepdims=True)).astype(np.float32)


# ***** borders *****

_PAD_MODES = {Border.EDGE: "edge", Border.REFLECT: "reflect", Border.SYMMETRIC: "symmetric"}


def pad(image: np.ndarray, left: int, top: int, right: int, bottom: int, fill: Sequence[int],
        border: Border) -> np.ndarray:
    """The image with a border; `fill` has a value for each channel."""
    widths = [(top, bottom), (left, right)] + [(0, 0)] * (image.ndim - 2)
    if border is not Border.CONSTANT:
        return np.pad(image, widths, mode=_PAD_MODES[border])       # type: ignore[call-overload]
    shape = (image.shape[0] + top + bottom, image.shape[1] + left + right, *image.shape[2:])
    out = np.empty(shape, image.dtype)
    out[...] = fill[0] if image.ndim == 2 else np.array(fill[:image.shape[2]] if len(fill) > 1 else fill[0])
    out[top:top + image.shape[0], left:left + image.shape[1]] = image
    return out


# ***** warping *****


def rotation(angle: float, center: tuple[float, float]) -> np.ndarray:
    """The 2x3 matrix of a counter-clockwise rotation by `angle` degrees around (x, y)."""
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    x, y = center
    return np.array([[cos, sin, (1 - cos) * x - sin * y], [-sin, cos, sin * x + (1 - cos) * y]])


def warp(image: np.ndarray, matrix: np.ndarray, height: int, width: int, inter: Inter, fill: Sequence[int]
         ) -> np.ndarray:
    """The image moved by a 2x3 matrix that takes input (x, y) to output (x, y); outside of it comes `fill`.

    Args:
        image: (H, W) or (H, W, C).
        matrix: 2x3.
        height: Height of the result.
        width: Width of the result.
        inter: NEAREST, or anything else for BILINEAR.
        fill: One value, or one for each channel.
    """
    full = np.vstack([matrix, [0, 0, 1]])
    back = np.linalg.inv(full)[:2]
    scale = 1 << 10         # OpenCV steps through the input in units of 1/1024 pixel
    x = np.rint(back[:, 0, None] * np.arange(width) * scale).astype(np.int64)
    y = np.rint((back[:, 1, None] * np.arange(height) + back[:, 2, None]) * scale).astype(np.int64)
    at = y[:, :, None] + x[:, None, :]      # (2, height, width): where each output pixel comes from, as x and y
    channels = image.reshape(*image.shape[:2], -1)
    edge = np.broadcast_to(np.asarray(fill[:channels.shape[2]] if len(fill) > 1 else fill[0], image.dtype),
                           (channels.shape[2],))
    if inter is Inter.NEAREST:
        made = _pick(channels, (at[1] + scale // 2) >> 10, (at[0] + scale // 2) >> 10, edge)
    else:
        at = (at + 16) >> 5         # and interpolates between 32 steps of a pixel
        left, upper = at[0] >> 5, at[1] >> 5
        fx, fy = ((at & 31) / np.float32(32))[..., None]
        made = np.zeros((height, width, channels.shape[2]), np.float32)
        for dy, wy in ((0, 1 - fy), (1, fy)):
            for dx, wx in ((0, 1 - fx), (1, fx)):
                made += _pick(channels, upper + dy, left + dx, edge) * (wy * wx)
        made = rounded(made, image.dtype)
    return made.reshape(height, width, *image.shape[2:])


def _pick(channels: np.ndarray, row: np.ndarray, column: np.ndarray, edge: np.ndarray) -> np.ndarray:
    inside = (row >= 0) & (row < channels.shape[0]) & (column >= 0) & (column < channels.shape[1])
    picked = channels[np.clip(row, 0, channels.shape[0] - 1), np.clip(column, 0, channels.shape[1] - 1)]
    return np.where(inside[..., None], picked, edge)


# ***** filters and colours *****


def gaussian_blur(image: np.ndarray, kernel: tuple[int, int], sigma: tuple[float, float]) -> np.ndarray:
    """The image convolved with a Gaussian; `kernel` and `sigma` are for x and y, the border is mirrored."""
    out = image.astype(np.float32)
    for axis, size, s in ((1, kernel[0], sigma[0]), (0, kernel[1], sigma[1])):
        if size == 1:
            continue
        s = s if s > 0 else 0.3 * ((size - 1) * 0.5 - 1) + 0.8
        weights = np.exp(-((np.arange(size) - (size - 1) / 2) ** 2) / (2 * s * s))
        weights /= weights.sum()
        half = size // 2
        widths = [(0, 0)] * out.ndim
        widths[axis] = (half, half)
        wide = np.pad(out, widths, mode="reflect")
        n = out.shape[axis]
        out = np.add.reduce([wide.take(range(k, k + n), axis) * np.float32(w) for k, w in enumerate(weights)])
    return rounded(out, image.dtype)


def gray(image: np.ndarray) -> np.ndarray:
    """The luma of an RGB image, (H, W): 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601)."""
    if image.dtype == np.uint8:     # OpenCV's weights of 15 bits
        total = image.astype(np.int32) @ np.array([9798, 19235, 3735], np.int32)
        return ((total + (1 << 14)) >> 15).astype(np.uint8)
    return (image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)).astype(image.dtype)


def blend(first: np.ndarray, second: np.ndarray | float, share: float) -> np.ndarray:
    """`share` of the first and the rest of the second, in the first one's dtype."""
    return rounded(first.astype(np.float32) * np.float32(share)
                   + np.asarray(second, np.float32) * np.float32(1 - share), first.dtype)


def rgb_to_hsv(image: np.ndarray, axis: int = -1) -> np.ndarray:
    """Hue (0 to 1), saturation (0 to 1) and value (that of the brightest channel), float64."""
    red, green, blue = (c.astype(np.float64) for c in np.moveaxis(image, axis, 0))
    value = np.maximum(np.maximum(red, green), blue)
    spread = value - np.minimum(np.minimum(red, green), blue)
    safe = np.where(spread == 0, 1, spread)
    hue = np.where(value == red, (green - blue) / safe,
                   np.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe))
    hue = np.where(spread == 0, 0, hue / 6 % 1)
    saturation = np.where(value == 0, 0, spread / np.where(value == 0, 1, value))
    return np.stack([hue, saturation, value], axis)


def hsv_to_rgb(image: np.ndarray, axis: int = -1) -> np.ndarray:
    """Red, green and blue from hue (0 to 1), saturation (0 to 1) and value, float64."""
    hue, saturation, value = (c.astype(np.float64) for c in np.moveaxis(image, axis, 0))
    sector = np.floor(hue * 6)
    rest = hue * 6 - sector
    low, falling, rising = value * (1 - saturation), value * (1 - saturation * rest), \
        value * (1 - saturation * (1 - rest))
    sector = sector.astype(np.int64) % 6
    red = np.choose(sector, [value, falling, low, low, rising, value])
    green = np.choose(sector, [rising, value, value, falling, low, low])
    blue = np.choose(sector, [low, low, rising, value, value, falling])
    return np.stack([red, green, blue], axis)
