"""Pooling as functions with PyTorch's arguments, and adaptive pooling, where the output's size is given."""
from __future__ import annotations

from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, pixels, rank
from mycelium.ops.op import function, op
from mycelium.ops.pooling import _max, _max_and_place, _padded_mean, _take, _windows, avg_pool
from mycelium.ops.windows import Windows, pad_pixels


def _symmetric(owner: str, value: Any, axes: int) -> list:
    """Padding from an int or one for each axis."""
    return pad_pixels(owner, "padding", tuple([v for v in pixels(owner, "padding", value, axes, 0) for _ in range(2)]),
                      axes)


def _max_function(owner: str, axes: int, x: Any, kernel_size: Any, stride: Any, pad: Any, dilation: Any, ceil: bool,
                  return_indices: bool) -> Any:
    x = floats(owner, x=x)
    rank(owner, "x", x, axes + 1, axes + 2)
    kernel = pixels(owner, "kernel_size", kernel_size, axes, 1)
    windows = _windows(owner, x, kernel, kernel if stride is None else pixels(owner, "stride", stride, axes, 1), "pad",
                       _symmetric(owner, pad, axes), pixels(owner, "dilation", dilation, axes, 1), ceil)
    if not return_indices:
        return _max(windows, x)
    place = _max_and_place(windows, x)[1]
    return _take(windows, x, place), place.astype(jnp.int64)


@op()
def max_pool2d(x: Array, *, kernel_size: int | tuple, stride: int | tuple | None = None, padding: int | tuple = 0,
               dilation: int | tuple = 1, return_indices: bool = False, ceil_mode: bool = False) -> Array:
    """The largest element of each window.

    Args:
        x: Tensor of shape (N, C, H, W) or (C, H, W), float.
        kernel_size: An int or (height, width), in pixels.
        stride: Pixels between windows; default `kernel_size`.
        padding: Pixels on both sides, an int or (height, width).
        dilation: Pixels between the elements of a window.
        return_indices: Whether to return places too.
        ceil_mode: Whether a last window may reach over the end.

    Returns:
        Tensor of shape (N, C, H_out, W_out); with `return_indices` also an int64 Tensor of places in the flat (H, W).

    Examples:
        >>> print(ops.max_pool2d(Tensor(np.arange(16.0).reshape(1, 1, 4, 4)), 2))
        [[[[ 5.  7.]
           [13. 15.]]]]

    MindSpore r2.0 `ops.max_pool2d`.
    """
    return _max_function("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@op()
def max_pool3d(x: Array, *, kernel_size: int | tuple, stride: int | tuple | None = None, padding: int | tuple = 0,
               dilation: int | tuple = 1, ceil_mode: bool = False, return_indices: bool = False) -> Array:
    """The largest element of each 3-D window.

    Args:
        x: Tensor of shape (N, C, D, H, W) or (C, D, H, W), float.
        kernel_size, stride, padding, dilation: An int, or one for each axis; `stride` is `kernel_size` by default.
        ceil_mode: Whether a last window may reach over the end.
        return_indices: Whether to return places too.

    Returns:
        Tensor of shape (N, C, D_out, H_out, W_out); with `return_indices` also an int64 Tensor of places in the flat
        (D, H, W).

    Examples:
        >>> values, places = ops.max_pool3d(Tensor(np.arange(8.0).reshape(1, 1, 2, 2, 2)), 2, return_indices=True)
        >>> print(values, places)
        [[[[[7.]]]]] [[[[[7]]]]]

    MindSpore r1.8 `ops.max_pool3d`.
    """
    return _max_function("max_pool3d", 3, x, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


@op()
def avg_pool1d(input_x: Array, *, kernel_size: int | tuple = 1, stride: int | tuple = 1, padding: int | tuple = 0,
               ceil_mode: bool = False, count_include_pad: bool = True) -> Array:
    """The mean of each window along the last axis.

    Args:
        input_x: Tensor of shape (N, C, L), float.
        kernel_size, stride, padding: Elements.
        ceil_mode: Whether a last window may reach over the end.
        count_include_pad: Whether padding counts as zeros.

    Returns:
        Tensor of shape (N, C, L_out).

    Examples:
        >>> print(ops.avg_pool1d(Tensor([[[1.0, 3.0, 5.0]]]), 2))
        [[[2. 4.]]]

    MindSpore r2.0 `ops.avg_pool1d`.
    """
    x = floats("avg_pool1d", input_x=input_x)
    rank("avg_pool1d", "input_x", x, 2, 3)
    return _padded_mean("avg_pool1d", x, pixels("avg_pool1d", "kernel_size", kernel_size, 1, 1),
                        pixels("avg_pool1d", "stride", stride, 1, 1), "pad", _symmetric("avg_pool1d", padding, 1),
                        ceil_mode, count_include_pad, 0)


@op(None, function=None)
def padded_mean2d(x: Array, *, kernel_size: int | tuple, stride: int | tuple, padding: int | tuple, ceil_mode: bool,
                  count_include_pad: bool, divisor_override: int) -> Array:
    """`ops.avg_pool2d` of r2.0."""
    x = floats("avg_pool2d", x=x)
    rank("avg_pool2d", "x", x, 3, 4)
    batch = x if x.ndim == 4 else x[None]
    out = _padded_mean("avg_pool2d", batch, pixels("avg_pool2d", "kernel_size", kernel_size, 2, 1),
                       pixels("avg_pool2d", "stride", stride, 2, 1), "pad", _symmetric("avg_pool2d", padding, 2),
                       ceil_mode, count_include_pad, divisor_override)
    return out if x.ndim == 4 else out[0]


@function()
def avg_pool2d(x: Tensor, kernel_size: Any = 1, strides: Any = 1, pad_mode: Any = "valid", data_format: Any = "NCHW", *,
               stride: Any = None, padding: Any = None, ceil_mode: bool = False, count_include_pad: bool = True,
               divisor_override: int = 0) -> Tensor:
    """The mean of each window.

    r1.8 `avg_pool2d(x, kernel_size=1, strides=1, pad_mode="valid", data_format="NCHW")`: padding is not counted.
    r2.0 `avg_pool2d(input_x, kernel_size=1, stride=1, padding=0, ceil_mode=False, count_include_pad=True,
    divisor_override=0)`: a number in the fourth place or one of these names means r2.0.

    Args:
        x: Tensor of shape (N, C, H, W), float; r2.0 also (C, H, W).
        kernel_size: An int or (height, width), in pixels.
        strides: Pixels between windows.
        pad_mode: "valid" or "same"; in r2.0 the padding, where it is given by place.
        data_format: "NCHW" or "NHWC".
        stride: Pixels between windows; r2.0.
        padding: Pixels on both sides; r2.0.
        ceil_mode: Whether a last window may reach over the end; r2.0.
        count_include_pad: Whether padding counts as zeros; r2.0.
        divisor_override: Number to divide by in place of the window's; r2.0.

    Returns:
        Tensor of shape (N, C, H_out, W_out).

    Raises:
        TypeError: `x` is not float.
        ValueError: An argument is out of range or misspelt, or no window fits.

    Examples:
        >>> print(ops.avg_pool2d(Tensor(np.arange(16.0).reshape(1, 1, 4, 4)), 2, 2))
        [[[[ 2.5  4.5]
           [10.5 12.5]]]]

    MindSpore r1.8 and r2.0 `ops.avg_pool2d`.
    """
    by_place = not isinstance(pad_mode, str)
    if stride is None and padding is None and not by_place and not ceil_mode and count_include_pad and \
            not divisor_override:
        return avg_pool(x, kernel_size=kernel_size, strides=strides, pad_mode=pad_mode, data_format=data_format)
    if by_place:
        padding, ceil_mode = pad_mode, ceil_mode if isinstance(data_format, str) else bool(data_format)
    return padded_mean2d(x, kernel_size=kernel_size, stride=strides if stride is None else stride,
                         padding=0 if padding is None else padding, ceil_mode=ceil_mode,
                         count_include_pad=count_include_pad, divisor_override=divisor_override or 0)


@op()
def avg_pool3d(input_x: Array, *, kernel_size: int | tuple = 1, stride: int | tuple = 1, padding: int | tuple = 0,
               ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int = 0) -> Array:
    """The mean of each 3-D window.

    Args:
        input_x: Tensor of shape (N, C, D, H, W), float.
        kernel_size, stride, padding: An int, or one for each axis.
        ceil_mode: Whether a last window may reach over the end.
        count_include_pad: Whether padding counts as zeros.
        divisor_override: Divides the sums in place of the count, unless 0.

    Returns:
        Tensor of shape (N, C, D_out, H_out, W_out).

    Examples:
        >>> print(ops.avg_pool3d(Tensor(np.arange(8.0).reshape(1, 1, 2, 2, 2)), 2))
        [[[[[3.5]]]]]

    MindSpore r2.0 `ops.avg_pool3d`.
    """
    x = floats("avg_pool3d", input_x=input_x)
    rank("avg_pool3d", "input_x", x, 4, 5)
    return _padded_mean("avg_pool3d", x, pixels("avg_pool3d", "kernel_size", kernel_size, 3, 1),
                        pixels("avg_pool3d", "stride", stride, 3, 1), "pad", _symmetric("avg_pool3d", padding, 3),
                        ceil_mode, count_include_pad, divisor_override)


# ***** adaptive *****


def _sizes(axes: int) -> Any:
    """A check of `output_size`: an int or one for each axis, where None keeps the axis."""
    def check(owner: str, name: str, value: Any) -> tuple:
        items = value if isinstance(value, tuple) else (value,) * axes
        if len(items) != axes:
            raise ValueError(f"For '{owner}', '{name}' should be an int or a tuple of {axes} ints or None, but got "
                             f"{value}.")
        if not all(v is None or type(v) is int for v in items):
            raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of {axes} ints or None, but got "
                            f"{describe(value)}.")
        if any(v is not None and v != -1 and v < 1 for v in items):
            raise ValueError(f"For '{owner}', '{name}' should be greater than 0, but got {value}.")
        return items

    return check


Size1 = Annotated[int | tuple, _sizes(1)]
Size2 = Annotated[int | tuple, _sizes(2)]
Size3 = Annotated[int | tuple, _sizes(3)]


def _adaptive(owner: str, x: Any, output_size: Any, axes: int) -> tuple[Any, tuple]:
    """The input as float array, and the output's spatial shape."""
    x = floats(owner, input_x=x)
    rank(owner, "input_x", x, axes + 1, axes + 2)
    sizes = _sizes(axes)(owner, "output_size", output_size)
    return x, tuple([n if v in (None, -1) else v for v, n in zip(sizes, x.shape[-axes:], strict=True)])


def _even(x: Any, out: tuple) -> Windows | None:
    """Windows of one size that tile x, if there are such."""
    size = x.shape[-len(out):]
    if any(n % o for n, o in zip(size, out, strict=True)):
        return None
    kernel = tuple([n // o for n, o in zip(size, out, strict=True)])
    return Windows(size, kernel, kernel, (1,) * len(out), ((0, 0),) * len(out))


def _bounds(n: int, out: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the windows along an axis begin and end: window i covers [floor(i n / out), ceil((i + 1) n / out))."""
    i = np.arange(out)
    return i * n // out, -(-(i + 1) * n // out)


def _adaptive_mean(owner: str, x: Any, output_size: Any, axes: int) -> Any:
    x, out = _adaptive(owner, x, output_size, axes)
    dtype = x.dtype
    x = x.astype(jnp.promote_types(dtype, jnp.float32))
    for i, o in enumerate(out):
        axis = x.ndim - axes + i
        n = x.shape[axis]
        begin, end = _bounds(n, o)
        inside = (np.arange(n) >= begin[:, None]) & (np.arange(n) < end[:, None])
        weights = jnp.asarray(inside / (end - begin)[:, None], x.dtype)
        x = jnp.moveaxis(jnp.tensordot(x, weights, ((axis,), (1,)), precision="highest"), -1, axis)
    return x.astype(dtype)


def _adaptive_max(owner: str, x: Any, output_size: Any, axes: int, return_indices: bool) -> Any:
    x, out = _adaptive(owner, x, output_size, axes)
    even = _even(x, out)
    if even is not None:
        if not return_indices:
            return _max(even, x)
        place = _max_and_place(even, x)[1]
    else:
        place = _uneven_places(x, out)
    windows = even or Windows(x.shape[-axes:], (1,) * axes, (1,) * axes, (1,) * axes, ((0, 0),) * axes)
    values = _take(windows, x, place)
    return (values, place.astype(jnp.int64)) if return_indices else values


def _uneven_places(x: Any, out: tuple) -> Any:
    """Where the largest element of each window lies in the flat spatial axes, for windows of different sizes."""
    axes = len(out)
    size = x.shape[-axes:]
    flat = np.zeros((1,) * (2 * axes), np.int32)
    for i, (n, o) in enumerate(zip(size, out, strict=True)):
        begin, end = _bounds(n, o)
        along = np.minimum(begin[:, None] + np.arange(max(end - begin)), end[:, None] - 1)   # the last one repeats
        shape = [1] * (2 * axes)
        shape[i], shape[axes + i] = along.shape
        flat = flat * np.int32(n) + along.reshape(shape).astype(np.int32)
    candidates = flat.reshape((*out, -1))
    values = x.reshape((*x.shape[:-axes], -1))[..., candidates]
    best = jnp.argmax(values, -1)
    return jnp.take_along_axis(jnp.broadcast_to(candidates, values.shape), best[..., None], -1)[..., 0]


@op()
def adaptive_avg_pool1d(input: Array, *, output_size: Size1) -> Array:
    """Means over windows that cover the last axis, for an output of the size asked for.

    Args:
        input: Tensor of shape (N, C, L), float.
        output_size: Elements of the output.

    Returns:
        Tensor of shape (N, C, output_size).

    Examples:
        >>> print(ops.adaptive_avg_pool1d(Tensor([[[1.0, 3.0, 5.0, 7.0]]]), 2))
        [[[2. 6.]]]

    MindSpore r2.0 `ops.adaptive_avg_pool1d`.
    """
    return _adaptive_mean("adaptive_avg_pool1d", input, output_size, 1)


@op("AdaptiveAvgPool2D")
def adaptive_avg_pool2d(input_x: Array, *, output_size: Size2) -> Array:
    """Means over windows that cover the image, for an output of the size asked for.

    Args:
        input_x: Tensor of shape (N, C, H, W) or (C, H, W), float.
        output_size: (height, width) or an int for both; None keeps an axis.

    Returns:
        Tensor of shape (N, C, height, width).

    Raises:
        TypeError: `input_x` is not float, or a size is no int.
        ValueError: A size is not positive.

    Examples:
        >>> print(ops.adaptive_avg_pool2d(Tensor(np.arange(9.0).reshape(1, 3, 3)), (None, 2)))
        [[[0.5 1.5]
          [3.5 4.5]
          [6.5 7.5]]]

    MindSpore r1.8 `ops.AdaptiveAvgPool2D`.
    """
    return _adaptive_mean("AdaptiveAvgPool2D", input_x, output_size, 2)


@op()
def adaptive_avg_pool3d(input: Array, *, output_size: Size3) -> Array:
    """Means over windows that cover the volume, for an output of the size asked for.

    Args:
        input: Tensor of shape (N, C, D, H, W) or (C, D, H, W), float.
        output_size: (depth, height, width) or an int for all; None keeps an axis.

    Returns:
        Tensor of shape (N, C, depth, height, width).

    Examples:
        >>> print(ops.adaptive_avg_pool3d(Tensor(np.arange(8.0).reshape(1, 1, 2, 2, 2)), 1))
        [[[[[3.5]]]]]

    MindSpore r2.0 `ops.adaptive_avg_pool3d`.
    """
    return _adaptive_mean("adaptive_avg_pool3d", input, output_size, 3)


@op()
def adaptive_max_pool1d(input: Array, *, output_size: Size1) -> Array:
    """Maxima over windows that cover the last axis, for an output of the size asked for.

    Args:
        input: Tensor of shape (N, C, L), float.
        output_size: Elements of the output.

    Returns:
        Tensor of shape (N, C, output_size).

    Examples:
        >>> print(ops.adaptive_max_pool1d(Tensor([[[1.0, 3.0, 5.0, 7.0]]]), 2))
        [[[3. 7.]]]

    MindSpore r2.0 `ops.adaptive_max_pool1d`.
    """
    return _adaptive_max("adaptive_max_pool1d", input, output_size, 1, False)


@op("AdaptiveMaxPool2D")
def adaptive_max_pool2d(input_x: Array, *, output_size: Size2, return_indices: bool = False) -> Array:
    """Maxima over windows that cover the image, for an output of the size asked for.

    Args:
        input_x: Tensor of shape (N, C, H, W) or (C, H, W), float.
        output_size: (height, width) or an int for both; None keeps an axis.
        return_indices: Whether to return places too.

    Returns:
        Tensor of shape (N, C, height, width); with `return_indices` also an int64 Tensor of places in the flat (H, W).

    Raises:
        TypeError: `input_x` is not float, or a size is no int.
        ValueError: A size is not positive.

    Examples:
        >>> print(ops.adaptive_max_pool2d(Tensor(np.arange(9.0).reshape(1, 3, 3)), 2))
        [[[4. 5.]
          [7. 8.]]]

    MindSpore r1.8 `ops.AdaptiveMaxPool2D`.
    """
    return _adaptive_max("AdaptiveMaxPool2D", input_x, output_size, 2, return_indices)


@op()
def adaptive_max_pool3d(x: Array, *, output_size: Size3, return_indices: bool = False) -> Array:
    """Maxima over windows that cover the volume, for an output of the size asked for.

    Args:
        x: Tensor of shape (N, C, D, H, W) or (C, D, H, W), float.
        output_size: (depth, height, width) or an int for all; None keeps an axis.
        return_indices: Whether to return places too.

    Returns:
        Tensor of shape (N, C, depth, height, width); with `return_indices` also an int64 Tensor of places in the flat
        (D, H, W).

    Examples:
        >>> print(ops.adaptive_max_pool3d(Tensor(np.arange(8.0).reshape(1, 1, 2, 2, 2)), 1))
        [[[[[7.]]]]]

    MindSpore r1.8 `ops.adaptive_max_pool3d`.
    """
    return _adaptive_max("adaptive_max_pool3d", x, output_size, 3, return_indices)
