"""Transposed convolution, the gradient of a convolution towards its input, and MindSpore's own depthwise primitive."""
from __future__ import annotations

from typing import Annotated, Any, Literal

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import Pair, PositiveInt, Triple, pixels, rank
from mycelium.ops.convolution import Mode, _backward_input, _check_conv, _check_weight, _convolve
from mycelium.ops.op import op
from mycelium.ops.windows import lower_mode, pad_pixels, padding

AnyCaseMode = Annotated[str, lower_mode("valid", "same", "pad")]


def _check_transpose(owner: str, *, pad_list: Any = None, **rest: Any) -> None:
    _check_conv(owner, **rest)
    if pad_list is not None:
        pad_pixels(owner, "pad_list", pad_list, 2)


def _transpose2d(owner: str, dout: Any, weight: Any, input_size: tuple, out_channel: int, kernel_size: Any,
                 pad_mode: str, pad: Any, pad_list: Any, stride: Any, dilation: Any, group: int,
                 data_format: str) -> Any:
    if data_format == "NHWC":
        dout, weight = jnp.moveaxis(dout, -1, 1), jnp.moveaxis(weight, -1, 1)
        input_size = (input_size[0], input_size[3], *input_size[1:3])
    rank(owner, "weight", weight, 4)
    kernel = pixels(owner, "kernel_size", kernel_size, 2, 1)
    _check_weight(owner, weight, out_channel, kernel)
    if len(input_size) != 4 or input_size[0] != dout.shape[0] or input_size[1] != weight.shape[1] * group:
        raise ValueError(f"For '{owner}', 'input_size' should be ({dout.shape[0]}, {weight.shape[1] * group}, H, W) "
                         f"for dout of shape {dout.shape} and weight of shape {weight.shape}, but got {input_size}.")
    stride, dilation = pixels(owner, "stride", stride, 2, 1), pixels(owner, "dilation", dilation, 2, 1)
    sides = pad_pixels(owner, "pad", pad, 2) if pad_list is None else pad_pixels(owner, "pad_list", pad_list, 2)
    sides = padding("pad" if pad_list else pad_mode, sides, input_size[2:], kernel, stride, dilation)
    out = _backward_input(owner, dout, weight, input_size[2:], sides, stride, dilation, group)
    return jnp.moveaxis(out, 1, -1) if data_format == "NHWC" else out


@op("Conv2DTranspose", function=None, validate=_check_transpose)
def conv2d_transpose(dout: Array, weight: Array, input_size: tuple, *, out_channel: PositiveInt, kernel_size: Pair,
                     pad_mode: AnyCaseMode = "valid", pad: int | tuple = 0, pad_list: tuple | None = None,
                     mode: Mode = 1, stride: Pair = 1, dilation: Pair = 1, group: PositiveInt = 1,
                     data_format: Literal["NCHW", "NHWC"] = "NCHW") -> Array:
    """2-D transposed convolution: what `ops.Conv2D` with these attributes would send back to its input.

    Args:
        dout: Tensor of shape (N, out_channel, H, W), float: in the place of the convolution's output.
        weight: Tensor of shape (out_channel, C / group, kH, kW): the convolution's weight.
        input_size: (N, C, H_in, W_in), the shape of the convolution's input.
        out_channel, kernel_size, pad_mode, pad, mode, stride, dilation, group, data_format: As in `ops.Conv2D`.
        pad_list: (top, bottom, left, right) in place of `pad_mode` and `pad`.

    Returns:
        Tensor of shape `input_size`.

    Raises:
        ValueError: A convolution of `input_size` does not give the shape of `dout`.

    Examples:
        >>> dout, weight = Tensor(np.ones((1, 1, 2, 2), np.float32)), Tensor(np.ones((1, 1, 2, 2), np.float32))
        >>> print(ops.Conv2DTranspose(out_channel=1, kernel_size=2)(dout, weight, (1, 1, 3, 3)))
        [[[[1. 2. 1.]
           [2. 4. 2.]
           [1. 2. 1.]]]]

    MindSpore r1.8 `ops.Conv2DTranspose`.
    """
    return _transpose2d("Conv2DTranspose", dout, weight, input_size, out_channel, kernel_size, pad_mode, pad, pad_list,
                        stride, dilation, group, data_format)


@op("Conv2DBackpropInput", function=None, validate=_check_transpose)
def conv2d_backprop_input(out_backprop: Array, filter: Array, input_sizes: tuple, *, out_channel: PositiveInt,
                          kernel_size: Pair, pad_mode: AnyCaseMode = "valid", pad: int | tuple = 0,
                          pad_list: tuple | None = None, mode: Mode = 1, stride: Pair = 1, dilation: Pair = 1,
                          group: PositiveInt = 1, data_format: Literal["NCHW", "NHWC"] = "NCHW") -> Array:
    """2-D transposed convolution under its older name, see `ops.Conv2DTranspose`.

    Args:
        out_backprop: Tensor of shape (N, out_channel, H, W), float.
        filter: Tensor of shape (out_channel, C / group, kH, kW).
        input_sizes: (N, C, H_in, W_in).
        out_channel, kernel_size, pad_mode, pad, pad_list, mode, stride, dilation, group, data_format: As in
            `ops.Conv2DTranspose`.

    Returns:
        Tensor of shape `input_sizes`.

    Examples:
        >>> dout, weight = Tensor(np.ones((1, 1, 1, 1), np.float32)), Tensor(np.ones((1, 1, 2, 2), np.float32))
        >>> print(ops.Conv2DBackpropInput(1, 2)(dout, weight, (1, 1, 2, 2)))
        [[[[1. 1.]
           [1. 1.]]]]

    MindSpore r1.8 `ops.Conv2DBackpropInput`.
    """
    return _transpose2d("Conv2DBackpropInput", out_backprop, filter, input_sizes, out_channel, kernel_size, pad_mode,
                        pad, pad_list, stride, dilation, group, data_format)


def _check_conv3d_transpose(owner: str, *, pad_mode: str, output_padding: Any, **rest: Any) -> None:
    _check_conv(owner, pad_mode=pad_mode, **rest)
    if pad_mode != "pad" and any(output_padding if isinstance(output_padding, tuple) else (output_padding,)):
        raise ValueError(f"For '{owner}', 'output_padding' should be 0 when 'pad_mode' is not 'pad', but got "
                         f"{output_padding} with pad_mode={pad_mode!r}.")


def _output_padding(owner: str, name: str, value: Any) -> tuple:
    return pixels(owner, name, value, 3, 0)


@op("Conv3DTranspose", function=None, validate=_check_conv3d_transpose)
def conv3d_transpose_(dout: Array, weight: Array, *, in_channel: PositiveInt, out_channel: PositiveInt,
                      kernel_size: Triple, mode: Mode = 1, pad_mode: AnyCaseMode = "valid", pad: int | tuple = 0,
                      stride: Triple = 1, dilation: Triple = 1, group: PositiveInt = 1,
                      output_padding: Annotated[int | tuple, _output_padding] = 0,
                      data_format: Literal["NCDHW"] = "NCDHW") -> Array:
    """3-D transposed convolution.

    Args:
        dout: Tensor of shape (N, in_channel, D, H, W), float.
        weight: Tensor of shape (in_channel, out_channel / group, kD, kH, kW), same dtype.
        in_channel: Channels of `dout`.
        out_channel: Channels of the result.
        kernel_size, mode, pad_mode, pad, stride, dilation, group, data_format: As in `ops.Conv3D`.
        output_padding: Elements added to the end of each axis of the result, for `pad_mode` "pad" only.

    Returns:
        Tensor of shape (N, out_channel, D_out, H_out, W_out), D_out = (D - 1) stride + dilation (kD - 1) + 1 - padding
        + output_padding; D stride for "same".

    Raises:
        ValueError: An attribute is out of range or misspelt, or the shapes do not go together.

    Examples:
        >>> dout, weight = Tensor(np.ones((1, 1, 2, 2, 2), np.float32)), Tensor(np.ones((1, 1, 2, 2, 2), np.float32))
        >>> print(ops.Conv3DTranspose(1, 1, 2)(dout, weight).shape)
        (1, 1, 3, 3, 3)

    MindSpore r1.8 `ops.Conv3DTranspose`.
    """
    owner = "Conv3DTranspose"
    rank(owner, "weight", weight, 5)
    kernel = pixels(owner, "kernel_size", kernel_size, 3, 1)
    _check_weight(owner, weight, in_channel, kernel)
    if weight.shape[1] * group != out_channel:
        raise ValueError(f"For '{owner}', 'weight' should have out_channel / group = {out_channel // group} as its "
                         f"second axis, but got shape {weight.shape}.")
    stride, dilation = pixels(owner, "stride", stride, 3, 1), pixels(owner, "dilation", dilation, 3, 1)
    extra, given = pixels(owner, "output_padding", output_padding, 3, 0), pad_pixels(owner, "pad", pad, 3)
    if pad_mode == "same":
        sizes = tuple([o * s for o, s in zip(dout.shape[2:], stride, strict=True)])
    else:
        sizes = tuple([(o - 1) * s + d * (k - 1) + 1 - lo - hi + e for o, s, d, k, (lo, hi), e in
                       zip(dout.shape[2:], stride, dilation, kernel, given, extra, strict=True)])
    sides = padding(pad_mode, given, sizes, kernel, stride, dilation)
    return _backward_input(owner, dout, weight, sizes, sides, stride, dilation, group)


def _depthwise_mode(owner: str, name: str, value: int) -> int:
    if value != 3:
        raise ValueError(f"For '{owner}', '{name}' should be 3 (depthwise convolution), but got {value}.")
    return value


def _check_depthwise(owner: str, **attributes: Any) -> None:
    _check_conv(owner, data_format="NCHW", **attributes)


@op("DepthwiseConv2dNative", function=None, validate=_check_depthwise)
def depthwise_conv2d_native(x: Array, weight: Array, *, channel_multiplier: PositiveInt, kernel_size: Pair,
                            mode: Annotated[int, _depthwise_mode] = 3, pad_mode: AnyCaseMode = "valid",
                            pad: int | tuple = 0, stride: Pair = 1, dilation: Pair = 1,
                            group: PositiveInt = 1) -> Array:
    """2-D depthwise convolution: each channel with kernels of its own.

    Args:
        x: Tensor of shape (N, C, H, W), float.
        weight: Tensor of shape (channel_multiplier, C, kH, kW), same dtype.
        channel_multiplier: Kernels for each channel.
        kernel_size, pad_mode, pad, stride, dilation: As in `ops.Conv2D`.
        mode: 3.
        group: 1.

    Returns:
        Tensor of shape (N, C * channel_multiplier, H_out, W_out).

    Examples:
        >>> x, weight = Tensor(np.ones((1, 2, 3, 3), np.float32)), Tensor(np.ones((1, 2, 2, 2), np.float32))
        >>> print(ops.DepthwiseConv2dNative(1, 2)(x, weight).shape)
        (1, 2, 2, 2)

    MindSpore r1.8 `ops.DepthwiseConv2dNative`.
    """
    owner = "DepthwiseConv2dNative"
    rank(owner, "weight", weight, 4)
    _check_weight(owner, weight, channel_multiplier, pixels(owner, "kernel_size", kernel_size, 2, 1))
    kernels = jnp.swapaxes(weight, 0, 1).reshape((-1, 1, *weight.shape[2:]))
    return _convolve(owner, x, kernels, pad_mode, pad, stride, dilation, weight.shape[1])
