"""Pooling over windows of one size."""
from __future__ import annotations

import math
from functools import partial
from typing import Annotated, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import Pair, Triple, floats, not_negative, pixels, rank
from mycelium.ops.op import op
from mycelium.ops.windows import Padding, Windows, lower_mode, only_with_pad, pad_pixels, padding

PoolMode = Annotated[str, lower_mode("valid", "same")]
PoolMode3D = Annotated[str, lower_mode("valid", "same", "pad")]


# ***** over arrays *****


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _max(w: Windows, x: Any) -> Any:
    """The largest element of each window.

    XLA's own gradient looks for the maximum again, one window after the other; this one remembers where it was.
    """
    lead = x.ndim - len(w.size)
    ones = (1,) * lead
    return lax.reduce_window(x, np.array(-np.inf, x.dtype), lax.max, ones + w.kernel, ones + w.stride,
                             [(0, 0)] * lead + list(w.sides), window_dilation=ones + w.dilation)


@_max.defjvp
def _max_jvp(w: Windows, primals: tuple, tangents: tuple) -> tuple:
    out, place = _max_and_place(w, primals[0])
    return out, _take(w, tangents[0], place)


def _max_and_place(w: Windows, x: Any) -> tuple:
    """The largest element of each window, the first one of equals, and its place in the flat spatial axes (int32)."""
    largest = place = None
    for tap, value in zip(w.taps(), w.shifted(x, -np.inf), strict=True):
        here = _places(w, tap)
        if largest is None:
            largest, place = value, jnp.broadcast_to(here, value.shape)
        else:
            better = (value > largest) | jnp.isnan(value)
            largest, place = jnp.where(better, value, largest), jnp.where(better, here, place)
    return largest, place


def _places(w: Windows, tap: tuple[int, ...]) -> np.ndarray:
    """Where a tap of each window lies in the flat spatial axes; a place in the padding counts as the nearest inside."""
    place = np.zeros((), np.int32)
    for n, o, i, s, d, (lo, _) in zip(w.size, w.out, tap, w.stride, w.dilation, w.sides, strict=True):
        along = np.clip(np.arange(o) * s + i * d - lo, 0, n - 1)
        place = place[..., None] * np.int32(n) + along.astype(np.int32)
    return place


def _take(w: Windows, x: Any, place: Any) -> Any:
    lead = x.shape[:x.ndim - len(w.size)]
    flat = jnp.take_along_axis(x.reshape((*lead, -1)), place.reshape((*lead, -1)), -1, mode="promise_in_bounds")
    return flat.reshape(place.shape)


def _mean(w: Windows, x: Any, with_padding: bool, divisor: int = 0) -> Any:
    """The mean of each window; summed in float32 at least."""
    dtype = x.dtype
    x = x.astype(jnp.promote_types(dtype, jnp.float32))
    lead = x.ndim - len(w.size)
    inside = all(p == (0, 0) for p in w.sides)
    if w.kernel == w.size and inside:
        total = jnp.sum(x, tuple(range(lead, x.ndim)), keepdims=True)
    elif w.kernel == w.stride and inside:
        cut = lax.slice(x, [0] * x.ndim, [*x.shape[:lead], *(o * k for o, k in zip(w.out, w.kernel, strict=True))])
        split = [v for o, k in zip(w.out, w.kernel, strict=True) for v in (o, k)]
        total = jnp.sum(cut.reshape((*x.shape[:lead], *split)), tuple(range(lead + 1, lead + len(split), 2)))
    else:
        ones = (1,) * lead
        total = lax.reduce_window(x, np.zeros((), x.dtype), lax.add, ones + w.kernel, ones + w.stride,
                                  [(0, 0)] * lead + list(w.sides))
    if divisor or with_padding or inside:
        return (total / (divisor or math.prod(w.kernel))).astype(dtype)
    return (total / _counts(w, [(0, 0)] * len(w.size)).astype(x.dtype)).astype(dtype)


def _counts(w: Windows, counted: Padding) -> np.ndarray:
    """How many elements of each window lie on x or on the `counted` part of its padding."""
    count = np.ones(())
    for n, o, k, s, (lo, _), (before, after) in zip(w.size, w.out, w.kernel, w.stride, w.sides, counted, strict=True):
        start = np.arange(o) * s - lo
        along = np.minimum(start + k, n + after) - np.maximum(start, -before)
        count = count[..., None] * along
    return count


def _windows(owner: str, x: Any, kernel: tuple, stride: tuple, pad_mode: str, pad: Padding | None = None,
             dilation: tuple | None = None, ceil: bool = False) -> Windows:
    """The windows on `x`; ValueError when there are none."""
    axes = len(kernel)
    size = x.shape[-axes:]
    dilation = dilation or (1,) * axes
    sides = padding(pad_mode, pad or [], size, kernel, stride, dilation)
    if ceil:        # the last window may reach over the end, but starts on x or on the padding before it
        longer = []
        for n, k, s, d, (lo, hi) in zip(size, kernel, stride, dilation, sides, strict=True):
            out = -(-(n + lo + hi - (k - 1) * d - 1) // s) + 1
            out -= (out - 1) * s >= n + lo
            longer.append((lo, max(hi, (out - 1) * s + (k - 1) * d + 1 - n - lo)))
        sides = longer
    windows = Windows(size, kernel, stride, dilation, tuple(sides))
    if min(windows.out) < 1:
        raise ValueError(f"For '{owner}', the kernel should be no larger than the padded input, but got x of shape "
                         f"{x.shape}, kernel {kernel} and padding {list(sides)}.")
    return windows


# ***** operators *****


def _pool2d(owner: str, x: Any, kernel_size: Any, strides: Any, pad_mode: str, data_format: str, pool: Any) -> Any:
    x = floats(owner, x=x)
    rank(owner, "x", x, 4)
    last = data_format == "NHWC"
    x = jnp.moveaxis(x, -1, 1) if last else x
    windows = _windows(owner, x, pixels(owner, "kernel_size", kernel_size, 2, 1),
                       pixels(owner, "strides", strides, 2, 1),
                       pad_mode.lower())
    out = pool(windows, x)
    return jax.tree.map(lambda y: jnp.moveaxis(y, 1, -1), out) if last else out


@op("MaxPool", function=None)
def max_pool(x: Array, *, kernel_size: Pair = 1, strides: Pair = 1, pad_mode: PoolMode = "valid",
             data_format: Literal["NCHW", "NHWC"] = "NCHW") -> Array:
    """The largest element of each window.

    Args:
        x: Tensor of shape (N, C, H, W), float; (N, H, W, C) for "NHWC".
        kernel_size: Height and width of a window in pixels, an int for both.
        strides: Pixels between windows, an int or (height, width).
        pad_mode: "valid" (windows lie on x) or "same" (ceil(size / stride) windows; an odd row or column of padding
            goes to the bottom or right), in any case.
        data_format: Layout of `x`.

    Returns:
        Tensor of shape (N, C, H_out, W_out). Of equal elements the first one gets the gradient.

    Raises:
        TypeError: `x` is not float.
        ValueError: An attribute is out of range or misspelt, or no window fits.

    Examples:
        >>> print(ops.MaxPool(kernel_size=2, strides=2)(Tensor(np.arange(16.0).reshape(1, 1, 4, 4))))
        [[[[ 5.  7.]
           [13. 15.]]]]

    MindSpore r1.8 `ops.MaxPool`.
    """
    return _pool2d("MaxPool", x, kernel_size, strides, pad_mode, data_format, _max)


@op("MaxPoolWithArgmax", function=None)
def max_pool_with_argmax(x: Array, *, kernel_size: Pair = 1, strides: Pair = 1, pad_mode: PoolMode = "valid",
                         data_format: Literal["NCHW", "NHWC"] = "NCHW") -> tuple[Array, Array]:
    """The largest element of each window, and where it lies.

    Args:
        x: Tensor of shape (N, C, H, W), float.
        kernel_size, strides, pad_mode, data_format: As in `ops.MaxPool`.

    Returns:
        (Tensor of shape (N, C, H_out, W_out), int32 Tensor of the same shape: places in the flat (C, H, W)).

    Examples:
        >>> values, places = ops.MaxPoolWithArgmax(2, 2)(Tensor(np.arange(16.0).reshape(1, 1, 4, 4)))
        >>> print(places)
        [[[[ 5  7]
           [13 15]]]]

    MindSpore r1.8 `ops.MaxPoolWithArgmax`.
    """
    def pool(w: Windows, x: Any) -> tuple:
        _, place = _max_and_place(w, lax.stop_gradient(x))
        channel = jnp.arange(x.shape[1], dtype=jnp.int32)[:, None, None] * np.int32(math.prod(w.size))
        return _take(w, x, place), place + channel

    return _pool2d("MaxPoolWithArgmax", x, kernel_size, strides, pad_mode, data_format, pool)


@op("AvgPool", function=None)
def avg_pool(x: Array, *, kernel_size: Pair = 1, strides: Pair = 1, pad_mode: PoolMode = "valid",
             data_format: Literal["NCHW", "NHWC"] = "NCHW") -> Array:
    """The mean of each window; padding is not counted.

    Args:
        x: Tensor of shape (N, C, H, W), float.
        kernel_size, strides, pad_mode, data_format: As in `ops.MaxPool`.

    Returns:
        Tensor of shape (N, C, H_out, W_out).

    Raises:
        TypeError: `x` is not float.
        ValueError: An attribute is out of range or misspelt, or no window fits.

    Examples:
        >>> print(ops.AvgPool(kernel_size=2, strides=2)(Tensor(np.arange(16.0).reshape(1, 1, 4, 4))))
        [[[[ 2.5  4.5]
           [10.5 12.5]]]]

    MindSpore r1.8 `ops.AvgPool`.
    """
    return _pool2d("AvgPool", x, kernel_size, strides, pad_mode, data_format, lambda w, x: _mean(w, x, False))


def _sides3d(owner: str, name: str, value: Any) -> Padding:
    """Padding from an int, one int for each axis, or one for each side."""
    if isinstance(value, tuple) and len(value) == 3:
        value = tuple([v for v in value for _ in range(2)])
    return pad_pixels(owner, name, value, 3)


def _check_max_pool3d(owner: str, *, pad_mode: str, pad_list: Any, ceil_mode: bool | None, **rest: Any) -> None:
    only_with_pad(owner, pad_mode, "pad_list", pad_list)
    _sides3d(owner, "pad_list", pad_list)
    if pad_mode != "pad" and ceil_mode is not None:
        raise ValueError(f"For '{owner}', 'ceil_mode' should be None when 'pad_mode' is not 'pad', but got {ceil_mode} "
                         f"with pad_mode={pad_mode!r}.")


@op("MaxPool3D", function=None, validate=_check_max_pool3d)
def max_pool3d_(x: Array, *, kernel_size: Triple = 1, strides: Triple = 1, pad_mode: PoolMode3D = "valid",
                pad_list: int | tuple = 0, ceil_mode: bool | None = None,
                data_format: Literal["NCDHW"] = "NCDHW") -> Array:
    """The largest element of each 3-D window.

    Args:
        x: Tensor of shape (N, C, D, H, W), float.
        kernel_size, strides: An int, or one for each axis.
        pad_mode: "valid", "same" or "pad", in any case.
        pad_list: Padding for "pad": an int, (depth, height, width), or (head, tail, top, bottom, left, right).
        ceil_mode: Whether a last window may reach over the end; for "pad" only.
        data_format: "NCDHW".

    Returns:
        Tensor of shape (N, C, D_out, H_out, W_out).

    Raises:
        TypeError: `x` is not float.
        ValueError: An attribute is out of range or misspelt, or no window fits.

    Examples:
        >>> print(ops.MaxPool3D(2)(Tensor(np.arange(12.0).reshape(1, 1, 2, 2, 3))))
        [[[[[10. 11.]]]]]

    MindSpore r1.8 `ops.MaxPool3D`.
    """
    x = floats("MaxPool3D", x=x)
    rank("MaxPool3D", "x", x, 5)
    return _max(_windows("MaxPool3D", x, pixels("MaxPool3D", "kernel_size", kernel_size, 3, 1),
                         pixels("MaxPool3D", "strides", strides, 3, 1), pad_mode.lower(),
                         _sides3d("MaxPool3D", "pad_list", pad_list), ceil=bool(ceil_mode)), x)


def _check_avg_pool3d(owner: str, *, pad_mode: str, pad: Any, **rest: Any) -> None:
    only_with_pad(owner, pad_mode, "pad", pad)
    _sides3d(owner, "pad", pad)


@op("AvgPool3D", function=None, validate=_check_avg_pool3d)
def avg_pool3d_(x: Array, *, kernel_size: Triple = 1, strides: Triple = 1, pad_mode: PoolMode3D = "valid",
                pad: int | tuple = 0, ceil_mode: bool = False, count_include_pad: bool = True,
                divisor_override: Annotated[int, not_negative] = 0,
                data_format: Literal["NCDHW"] = "NCDHW") -> Array:
    """The mean of each 3-D window.

    Args:
        x: Tensor of shape (N, C, D, H, W), float.
        kernel_size, strides, pad_mode, data_format: As in `ops.MaxPool3D`.
        pad: Padding for "pad", as `pad_list` there.
        ceil_mode: Whether a last window may reach over the end.
        count_include_pad: Whether padding counts as zeros.
        divisor_override: Divides the sums in place of the count, unless 0.

    Returns:
        Tensor of shape (N, C, D_out, H_out, W_out).

    Raises:
        TypeError: `x` is not float.
        ValueError: An attribute is out of range or misspelt, or no window fits.

    Examples:
        >>> print(ops.AvgPool3D(2)(Tensor(np.arange(12.0).reshape(1, 1, 2, 2, 3))))
        [[[[[5. 6.]]]]]

    MindSpore r1.8 `ops.AvgPool3D`.
    """
    x = floats("AvgPool3D", x=x)
    rank("AvgPool3D", "x", x, 5)
    kernel, stride = (pixels("AvgPool3D", n, v, 3, 1) for n, v in (("kernel_size", kernel_size), ("strides", strides)))
    return _padded_mean("AvgPool3D", x, kernel, stride, pad_mode.lower(), _sides3d("AvgPool3D", "pad", pad), ceil_mode,
                        count_include_pad, divisor_override)


def _padded_mean(owner: str, x: Any, kernel: tuple, stride: tuple, pad_mode: str, pad: Padding, ceil: bool,
                 with_padding: bool, divisor: int) -> Any:
    """The mean of each window, where elements that only `ceil` added are never counted."""
    windows = _windows(owner, x, kernel, stride, pad_mode, pad, ceil=ceil)
    if not ceil or divisor or not with_padding:
        return _mean(windows, x, with_padding, divisor)
    given = padding(pad_mode, pad, windows.size, kernel, stride, windows.dilation)
    return (_mean(windows, x, True, 1) / _counts(windows, given).astype(x.dtype)).astype(x.dtype)
