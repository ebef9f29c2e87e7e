"""Images as their windows, and back."""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, floats, pixels, rank
from mycelium.ops.op import op
from mycelium.ops.windows import Windows, lower_mode
from mycelium.ops.windows import padding as _padding


@op(method="col2im")
def col2im(input_x: Array, output_size: tuple, kernel_size: int | tuple, dilation: int | tuple,
           padding_value: int | tuple, stride: int | tuple) -> Array:
    """Images as sums of overlapping windows.

    Args:
        input_x: Tensor of shape (N, C, kH * kW, L), float: L windows.
        output_size: (height, width) of the images.
        kernel_size: kH and kW, in pixels.
        dilation: Pixels between the elements of a window.
        padding_value: Pixels of padding on both sides of each axis, cut off at the end.
        stride: Pixels between windows.

    Returns:
        Tensor of shape (N, C, height, width).

    Raises:
        ValueError: The windows do not fit the images.

    Examples:
        >>> print(ops.col2im(Tensor(np.ones((1, 1, 2, 2), np.float32)), (1, 3), (1, 2), 1, 0, 1))
        [[[[1. 2. 1.]]]]

    MindSpore r1.8 `ops.col2im`.
    """
    x = floats("col2im", input_x=input_x)
    rank("col2im", "input_x", x, 4)
    size = pixels("col2im", "output_size", output_size, 2, 1)
    kernel, steps = pixels("col2im", "kernel_size", kernel_size, 2, 1), pixels("col2im", "stride", stride, 2, 1)
    gaps, pad = pixels("col2im", "dilation", dilation, 2, 1), pixels("col2im", "padding_value", padding_value, 2, 0)
    windows = Windows(size, kernel, steps, gaps, tuple([(p, p) for p in pad]))
    out = windows.out
    if min(out) < 1 or x.shape[2:] != (kernel[0] * kernel[1], out[0] * out[1]):
        raise MismatchError(f"For 'col2im', 'input_x' should have shape (N, C, {kernel[0] * kernel[1]}, "
                            f"{out[0] * out[1]}) for images of {size} pixels, but got {x.shape}.")

    def split(images: Any) -> Any:
        return jnp.stack(windows.shifted(images), 2)

    images = jax.ShapeDtypeStruct((*x.shape[:2], *size), x.dtype)
    return jax.linear_transpose(split, images)(x.reshape((*x.shape[:3], *out)))[0]


def _volume(owner: str, name: str, value: Any) -> Any:
    if isinstance(value, tuple) and (len(value) != 5 or value[:2] != (1, 1)):
        raise ValueError(f"For '{owner}', '{name}' should be an int or (1, 1, depth, height, width), but got {value}.")
    pixels(owner, name, value, 3, 1)
    return value


@op("ExtractVolumePatches", function=None)
def extract_volume_patches(input_x: Array, *, kernel_size: Annotated[int | tuple, _volume],
                           strides: Annotated[int | tuple, _volume],
                           padding: Annotated[str, lower_mode("valid", "same")]) -> Array:
    """The windows of volumes, as channels.

    Args:
        input_x: Tensor of shape (N, C, D, H, W), float.
        kernel_size: An int, or (1, 1, kD, kH, kW).
        strides: An int, or (1, 1, depth, height, width).
        padding: "valid" or "same", in any case.

    Returns:
        Tensor of shape (N, kD * kH * kW * C, D_out, H_out, W_out).

    Raises:
        ValueError: An attribute is out of range or misspelt.

    Examples:
        >>> x = Tensor(np.arange(27.0).reshape(1, 1, 3, 3, 3).astype(np.float32))
        >>> print(ops.ExtractVolumePatches((1, 1, 2, 2, 2), (1, 1, 1, 1, 1), "VALID")(x).shape)
        (1, 8, 2, 2, 2)

    MindSpore r1.8 `ops.ExtractVolumePatches`.
    """
    owner = "ExtractVolumePatches"
    x = floats(owner, input_x=input_x)
    rank(owner, "input_x", x, 5)
    kernel, stride = pixels(owner, "kernel_size", kernel_size, 3, 1), pixels(owner, "strides", strides, 3, 1)
    sides = _padding(padding, [], x.shape[2:], kernel, stride, (1, 1, 1))
    windows = Windows(x.shape[2:], kernel, stride, (1, 1, 1), tuple(sides))
    if min(windows.out) < 1:
        raise ValueError(f"For '{owner}', the kernel should be no larger than the input, but got input_x of shape "
                         f"{x.shape} and kernel {kernel}.")
    return jnp.concatenate(windows.shifted(x), 1)
