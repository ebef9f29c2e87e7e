"""Convolution. Odd padding of "same" goes to the right and bottom; weights are (C_out, C_in / group, *kernel)."""
from __future__ import annotations

from typing import Annotated, Any, Literal

import jax.numpy as jnp
from jax import lax

from mycelium.ops import depthwise
from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, Pair, PositiveInt, Triple, floats, pixels, rank, same_dtype
from mycelium.ops.op import op
from mycelium.ops.windows import lower_mode, only_with_pad, pad_pixels, padding

PadMode = Literal["valid", "same", "pad"]


def _convolve(owner: str, x: Any, weight: Any, pad_mode: str, pad: Any, stride: Any, dilation: Any,
              group: int) -> Any:
    """The convolution over channels-first arrays with any number of spatial axes."""
    x, weight = floats(owner, x=x, weight=weight)
    same_dtype(owner, x=x, weight=weight)
    axes = weight.ndim - 2
    rank(owner, "x", x, axes + 2)
    stride, dilation = pixels(owner, "stride", stride, axes, 1), pixels(owner, "dilation", dilation, axes, 1)
    if x.shape[1] != weight.shape[1] * group or weight.shape[0] % group:
        raise MismatchError(f"For '{owner}', 'x' should have {weight.shape[1]} * group = {weight.shape[1] * group} "
                            f"channels for a weight of shape {weight.shape} (C_out, C_in / group, *kernel) and group "
                            f"{group}, with C_out a multiple of group, but got x of shape {x.shape}.")
    sides = padding(pad_mode, pad_pixels(owner, "pad", pad, axes), x.shape[2:], weight.shape[2:], stride, dilation)
    for n, side, k, d in zip(x.shape[2:], sides, weight.shape[2:], dilation, strict=True):
        if n + sum(side) < (k - 1) * d + 1:
            raise ValueError(f"For '{owner}', the spatial shape of 'x' with padding should be no smaller than the "
                             f"kernel with dilation, but got x of shape {x.shape}, padding {sides}, kernel "
                             f"{weight.shape[2:]} and dilation {dilation}.")
    if depthwise.fits(x, weight, group):
        return depthwise.depthwise(x, weight[:, 0], stride, sides, dilation)
    letters = "NC" + "DHW"[-axes:], "OI" + "DHW"[-axes:], "NC" + "DHW"[-axes:]
    return lax.conv_general_dilated(x, weight, stride, sides, rhs_dilation=dilation, dimension_numbers=letters,
                                    feature_group_count=group)


def _backward_input(owner: str, dout: Any, weight: Any, sizes: tuple, sides: Any, stride: tuple, dilation: tuple,
                    group: int) -> Any:
    """The gradient of a convolution towards its input of spatial shape `sizes`: the transposed convolution."""
    dout, weight = floats(owner, dout=dout, weight=weight)
    same_dtype(owner, dout=dout, weight=weight)
    axes = weight.ndim - 2
    rank(owner, "dout", dout, axes + 2)
    kernel = weight.shape[2:]
    if dout.shape[1] != weight.shape[0] or weight.shape[0] % group:
        raise MismatchError(f"For '{owner}', 'dout' should have the {weight.shape[0]} channels that 'weight' has as "
                            "its "
                            f"first axis, a multiple of group {group}, but got dout of shape {dout.shape} and weight "
                            f"of shape {weight.shape}.")
    config = []
    for n, o, k, s, d, (lo, hi) in zip(sizes, dout.shape[2:], kernel, stride, dilation, sides, strict=True):
        if (n + lo + hi - (k - 1) * d - 1) // s + 1 != o:
            raise ValueError(f"For '{owner}', a convolution of spatial shape {sizes} with kernel {kernel}, stride "
                             f"{stride}, dilation {dilation} and padding {sides} does not give 'dout' of shape "
                             f"{dout.shape}.")
        before = (k - 1) * d - lo
        config.append((before, n + (k - 1) * d - before - ((o - 1) * s + 1)))
    grouped = weight.reshape((group, weight.shape[0] // group, *weight.shape[1:]))
    flipped = jnp.flip(jnp.swapaxes(grouped, 1, 2), tuple(range(3, 3 + axes)))
    flipped = flipped.reshape((group * weight.shape[1], weight.shape[0] // group, *kernel))
    letters = "NC" + "DHW"[-axes:], "OI" + "DHW"[-axes:], "NC" + "DHW"[-axes:]
    return lax.conv_general_dilated(dout, flipped, (1,) * axes, config, lhs_dilation=stride, rhs_dilation=dilation,
                                    dimension_numbers=letters, feature_group_count=group)


def _check_conv(owner: str, *, pad_mode: str, pad: Any = 0, data_format: str, **rest: Any) -> None:
    only_with_pad(owner, pad_mode, "pad", pad)
    pad_pixels(owner, "pad", pad, len(data_format) - 2)


def _check_weight(owner: str, weight: Any, out_channel: int, kernel: tuple) -> None:
    if weight.shape[0] != out_channel or weight.shape[2:] != kernel:
        raise MismatchError(f"For '{owner}', 'weight' should have {out_channel} (out_channel) as its first axis and "
                            f"{kernel} (kernel_size) as its last ones, but got shape {weight.shape}.")


def _conv_mode(owner: str, name: str, value: int) -> int:
    if value != 1:
        raise ValueError(f"For '{owner}', '{name}' should be 1 (convolution), but got {value}.")
    return value


Mode = Annotated[int, _conv_mode]


@op("Conv2D", function=None, validate=_check_conv)
def conv2d_(x: Array, weight: Array, *, out_channel: PositiveInt, kernel_size: Pair, mode: Mode = 1,
            pad_mode: PadMode = "valid", pad: int | tuple = 0, stride: Pair = 1, dilation: Pair = 1,
            group: PositiveInt = 1, data_format: Literal["NCHW", "NHWC"] = "NCHW") -> Array:
    """2-D convolution (cross-correlation): out[n, o, p] = sum_(c, k) weight[o, c, k] x[n, c, stride p + dilation k].

    Args:
        x: Tensor of shape (N, C_in, H, W), float; (N, H, W, C_in) for "NHWC".
        weight: Tensor of shape (C_out, C_in / group, kH, kW), same dtype; (C_out, kH, kW, C_in / group) for "NHWC".
        out_channel: C_out.
        kernel_size: kH and kW in pixels, an int for both.
        mode: 1.
        pad_mode: "valid" (no padding), "same" (the output has ceil(size / stride) pixels; an odd one goes to the right
            and bottom) or "pad" (as `pad` says).
        pad: Pixels on all sides, or (top, bottom, left, right). 0 unless `pad_mode` is "pad".
        stride: Pixels between windows, an int or (height, width).
        dilation: Pixels between taps, an int or (height, width).
        group: Parts the channels are split into; C_in for a depthwise convolution.
        data_format: Layout of `x`.

    Returns:
        Tensor of shape (N, C_out, H_out, W_out), H_out = (H + padding - dilation (kH - 1) - 1) // stride + 1.

    Raises:
        TypeError: The inputs are not float, or of different dtypes.
        ValueError: An attribute is out of range or misspelt, or the shapes do not go together.

    Examples:
        >>> x, weight = Tensor(np.ones((1, 3, 8, 8), np.float32)), Tensor(np.ones((4, 3, 3, 3), np.float32))
        >>> print(ops.Conv2D(out_channel=4, kernel_size=3, pad_mode="same")(x, weight).shape)
        (1, 4, 8, 8)

    MindSpore r1.8 `ops.Conv2D`.
    """
    if data_format == "NHWC":
        x, weight = jnp.moveaxis(x, -1, 1), jnp.moveaxis(weight, -1, 1)
    rank("Conv2D", "weight", weight, 4)
    _check_weight("Conv2D", weight, out_channel, pixels("Conv2D", "kernel_size", kernel_size, 2, 1))
    out = _convolve("Conv2D", x, weight, pad_mode, pad, stride, dilation, group)
    return jnp.moveaxis(out, 1, -1) if data_format == "NHWC" else out


@op("Conv3D", function=None, validate=_check_conv)
def conv3d_(x: Array, weight: Array, *, out_channel: PositiveInt, kernel_size: Triple, mode: Mode = 1,
            pad_mode: Annotated[str, lower_mode("valid", "same", "pad")] = "valid", pad: int | tuple = 0,
            stride: Triple = 1, dilation: Triple = 1, group: PositiveInt = 1,
            data_format: Literal["NCDHW"] = "NCDHW") -> Array:
    """3-D convolution (cross-correlation).

    Args:
        x: Tensor of shape (N, C_in, D, H, W), float.
        weight: Tensor of shape (C_out, C_in / group, kD, kH, kW), same dtype.
        out_channel: C_out.
        kernel_size: kD, kH and kW, an int for all.
        mode: 1.
        pad_mode: "valid", "same" (an odd element goes to the back, bottom and right) or "pad".
        pad: Elements on all sides, or (head, tail, top, bottom, left, right). 0 unless `pad_mode` is "pad".
        stride, dilation: An int, or one for each axis.
        group: Parts the channels are split into.
        data_format: "NCDHW".

    Returns:
        Tensor of shape (N, C_out, D_out, H_out, W_out).

    Raises:
        TypeError: The inputs are not float, or of different dtypes.
        ValueError: An attribute is out of range or misspelt, or the shapes do not go together.

    Examples:
        >>> x, weight = Tensor(np.ones((1, 1, 4, 4, 4), np.float32)), Tensor(np.ones((2, 1, 3, 3, 3), np.float32))
        >>> print(ops.Conv3D(out_channel=2, kernel_size=3)(x, weight).shape)
        (1, 2, 2, 2, 2)

    MindSpore r1.8 `ops.Conv3D`.
    """
    rank("Conv3D", "weight", weight, 5)
    _check_weight("Conv3D", weight, out_channel, pixels("Conv3D", "kernel_size", kernel_size, 3, 1))
    return _convolve("Conv3D", x, weight, pad_mode, pad, stride, dilation, group)


def _conv_function(owner: str, axes: int, input: Any, weight: Any, bias: Any, stride: Any, pad_mode: str, pad: Any,
                   dilation: Any, groups: int) -> Any:
    rank(owner, "weight", weight, axes + 2)
    only_with_pad(owner, pad_mode, "padding", pad)
    if isinstance(pad, tuple) and len(pad) == axes:
        pad = tuple([p for p in pad for _ in range(2)])
    out = _convolve(owner, input, weight, pad_mode, pad, stride, dilation, groups)
    return out if bias is None else out + bias.reshape((-1,) + (1,) * axes)


@op()
def conv1d(input: Array, weight: Array, bias: Array | None = None, *, stride: int | tuple = 1,
           pad_mode: PadMode = "valid", padding: int | tuple = 0, dilation: int | tuple = 1,
           groups: PositiveInt = 1) -> Array:
    """1-D convolution (cross-correlation).

    Args:
        input: Tensor of shape (N, C_in, L), float.
        weight: Tensor of shape (C_out, C_in / groups, k), same dtype.
        bias: Tensor of shape (C_out,), or None.
        stride, dilation: Elements between windows and between taps.
        pad_mode: "valid", "same" or "pad".
        padding: Elements on both sides, or (left, right). 0 unless `pad_mode` is "pad".
        groups: Parts the channels are split into.

    Returns:
        Tensor of shape (N, C_out, L_out).

    Examples:
        >>> print(ops.conv1d(Tensor([[[1.0, 2.0, 3.0]]]), Tensor([[[1.0, 1.0]]])))
        [[[3. 5.]]]

    MindSpore r2.0 `ops.conv1d`.
    """
    return _conv_function("conv1d", 1, input, weight, bias, stride, pad_mode, padding, dilation, groups)


@op()
def conv2d(input: Array, weight: Array, bias: Array | None = None, *, stride: int | tuple = 1,
           pad_mode: PadMode = "valid", padding: int | tuple = 0, dilation: int | tuple = 1,
           groups: PositiveInt = 1) -> Array:
    """2-D convolution (cross-correlation), see `ops.Conv2D`.

    Args:
        input: Tensor of shape (N, C_in, H, W), float.
        weight: Tensor of shape (C_out, C_in / groups, kH, kW), same dtype.
        bias: Tensor of shape (C_out,), or None.
        stride, dilation: An int or (height, width).
        pad_mode: "valid", "same" or "pad".
        padding: Pixels on all sides, (vertical, horizontal), or (top, bottom, left, right). 0 unless `pad_mode` is
            "pad".
        groups: Parts the channels are split into.

    Returns:
        Tensor of shape (N, C_out, H_out, W_out).

    Examples:
        >>> x, weight = Tensor(np.ones((1, 1, 3, 3), np.float32)), Tensor(np.ones((1, 1, 2, 2), np.float32))
        >>> print(ops.conv2d(x, weight, Tensor([1.0])))
        [[[[5. 5.]
           [5. 5.]]]]

    MindSpore r2.0 `ops.conv2d`.
    """
    return _conv_function("conv2d", 2, input, weight, bias, stride, pad_mode, padding, dilation, groups)


@op()
def conv3d(input: Array, weight: Array, bias: Array | None = None, *, stride: int | tuple = 1,
           pad_mode: PadMode = "valid", padding: int | tuple = 0, dilation: int | tuple = 1,
           groups: PositiveInt = 1) -> Array:
    """3-D convolution (cross-correlation), see `ops.Conv3D`.

    Args:
        input: Tensor of shape (N, C_in, D, H, W), float.
        weight: Tensor of shape (C_out, C_in / groups, kD, kH, kW), same dtype.
        bias: Tensor of shape (C_out,), or None.
        stride, dilation: An int, or one for each axis.
        pad_mode: "valid", "same" or "pad".
        padding: Elements on all sides, one int for each axis, or one for each side. 0 unless `pad_mode` is "pad".
        groups: Parts the channels are split into.

    Returns:
        Tensor of shape (N, C_out, D_out, H_out, W_out).

    Examples:
        >>> x, weight = Tensor(np.ones((1, 1, 3, 3, 3), np.float32)), Tensor(np.ones((1, 1, 3, 3, 3), np.float32))
        >>> print(ops.conv3d(x, weight))
        [[[[[27.]]]]]

    MindSpore r2.0 `ops.conv3d`.
    """
    return _conv_function("conv3d", 3, input, weight, bias, stride, pad_mode, padding, dilation, groups)


@op("BiasAdd")
def bias_add(input_x: Array, bias: Array, *, data_format: Literal["NCHW", "NHWC", "NCDHW"] = "NCHW") -> Array:
    """Adds one number to each channel.

    Args:
        input_x: Tensor of 2 to 5 axes, float: (N, C, ...), or (N, ..., C) for "NHWC".
        bias: Tensor of shape (C,), same dtype.
        data_format: Where the channels are.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: Different dtypes.
        ValueError: `bias` does not have one number for each channel.

    Examples:
        >>> print(ops.bias_add(Tensor([[1.0, 2.0]]), Tensor([10.0, 20.0])))
        [[11. 22.]]

    MindSpore r1.8 `ops.BiasAdd`.
    """
    x, bias = floats("BiasAdd", input_x=input_x, bias=bias)
    same_dtype("BiasAdd", input_x=x, bias=bias)
    rank("BiasAdd", "input_x", x, 2, 3, 4, 5)
    rank("BiasAdd", "bias", bias, 1)
    channel = x.ndim - 1 if data_format == "NHWC" else 1
    if x.shape[channel] != bias.shape[0]:
        raise ValueError(f"For 'BiasAdd', 'bias' should have shape ({x.shape[channel]},), one number for each channel "
                         f"of 'input_x' with shape {x.shape}, but got {bias.shape}.")
    return x + bias.reshape((-1,) + (1,) * (x.ndim - 1 - channel))
