"""Images: cropping, patches, colours."""
from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, integers, rank
from mycelium.ops.op import op


@op("CropAndResize")
def crop_and_resize(x: Array, boxes: Array, box_index: Array, crop_size: tuple, *,
                    method: Literal["bilinear", "nearest", "bilinear_v2"] = "bilinear",
                    extrapolation_value: float = 0.0) -> Array:
    """Cuts boxes out of images and resizes them to one size.

    Args:
        x: Tensor of shape (N, H, W, C), of real numbers.
        boxes: Tensor of shape (B, 4), float: y1, x1, y2, x2,
        where 0 and 1 are the first and last pixel's centres. A box
            with y1 > y2 is flipped.
        box_index: Tensor of shape (B,), int32: which image.
        crop_size: (height, width) of the output.
        method: "bilinear", "nearest", or "bilinear_v2" (boxes are rounded to whole pixels, and pixels are squares).
        extrapolation_value: What lies outside of an image; "bilinear_v2" takes the border there.

    Returns:
        float32 Tensor of shape (B, height, width, C).

    Raises:
        TypeError: `crop_size` is not of ints.
        ValueError: `method` is misspelt, or the shapes do not go together.

    Examples:
        >>> x = Tensor(np.arange(9.0).reshape(1, 3, 3, 1).astype(np.float32))
        >>> print(ops.CropAndResize()(x, Tensor([[0.0, 0.0, 1.0, 1.0]]), Tensor([0], ms.int32), (2, 2))[0, :, :, 0])
        [[0. 2.]
         [6. 8.]]

    MindSpore r1.8 `ops.CropAndResize`.
    """
    boxes = floats("CropAndResize", boxes=boxes).astype(jnp.float32)
    integers("CropAndResize", box_index=box_index)
    rank("CropAndResize", "x", x, 4)
    if len(crop_size) != 2 or not all(type(v) is int for v in crop_size):
        raise TypeError(f"For 'CropAndResize', 'crop_size' should be (height, width), 2 ints, but got "
                        f"{describe(crop_size)}.")
    if boxes.ndim != 2 or boxes.shape[1] != 4 or box_index.shape != boxes.shape[:1]:
        raise ValueError(f"For 'CropAndResize', 'boxes' should have shape (B, 4) and 'box_index' (B,), but got "
                         f"{boxes.shape} and {box_index.shape}.")
    x = x.astype(jnp.float32)

    def along(low: Any, high: Any, n: int, out: int) -> Any:
        """Positions (B, out) along an axis of size n."""
        if method == "bilinear_v2":
            i = np.arange(out, dtype=np.float32)
            first, last = jnp.trunc(low * n), jnp.trunc(high * n)
            return jnp.clip(first[:, None] - 0.5 + (i + 0.5) * ((last - first + 1) / out)[:, None], 0, n - 1)
        if out == 1:
            return ((low + high) / 2 * (n - 1))[:, None]
        i = np.arange(out, dtype=np.float32)
        at = (low * (n - 1))[:, None] + i * ((high - low) * (n - 1) / (out - 1))[:, None]
        ends = jnp.clip(at, 0, n - 1)
        return jnp.where(jnp.abs(at - ends) < 1e-5 * n, ends, at)    # a rounding error is not outside

    ys = along(boxes[:, 0], boxes[:, 2], x.shape[1], crop_size[0])
    xs = along(boxes[:, 1], boxes[:, 3], x.shape[2], crop_size[1])
    inside = ((ys >= 0) & (ys <= x.shape[1] - 1))[:, :, None] & ((xs >= 0) & (xs <= x.shape[2] - 1))[:, None, :]
    batch = box_index.astype(jnp.int32)[:, None, None]

    def at(y: Any, x_place: Any) -> Any:
        rows = jnp.clip(y, 0, x.shape[1] - 1).astype(jnp.int32)[:, :, None]
        cols = jnp.clip(x_place, 0, x.shape[2] - 1).astype(jnp.int32)[:, None, :]
        return x.at[batch, rows, cols].get(mode="fill", fill_value=jnp.nan)

    if method == "nearest":
        values = at(jnp.floor(ys + 0.5), jnp.floor(xs + 0.5))
    else:
        y0, x0 = jnp.floor(ys), jnp.floor(xs)
        wy, wx = (ys - y0)[:, :, None, None], (xs - x0)[:, None, :, None]
        values = (at(y0, x0) * (1 - wx) + at(y0, x0 + 1) * wx) * (1 - wy) + \
            (at(y0 + 1, x0) * (1 - wx) + at(y0 + 1, x0 + 1) * wx) * wy
    return jnp.where(inside[..., None], values, extrapolation_value)


@op("HSVToRGB", function=None)
def hsv_to_rgb(x: Array) -> Array:
    """Images in hue, saturation and value as red, green and blue, all from 0 to 1.

    Args:
        x: Tensor of shape (N, H, W, 3), float.

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `x` has another shape.

    Examples:
        >>> print(ops.HSVToRGB()(Tensor([[[[0.5, 0.5, 0.5]]]])))
        [[[[0.25 0.5  0.5 ]]]]

    MindSpore r1.8 `ops.HSVToRGB`.
    """
    x = floats("HSVToRGB", x=x)
    if x.ndim != 4 or x.shape[-1] != 3:
        raise ValueError(f"For 'HSVToRGB', 'x' should have shape (N, H, W, 3), but got {x.shape}.")
    hue, saturation, value = (x[..., i:i + 1] for i in range(3))
    k = (jnp.asarray([5, 3, 1], x.dtype) + hue * 6) % 6
    return value - value * saturation * jnp.clip(jnp.minimum(k, 4 - k), 0, 1)
