"""Layers made of layers: BiDense, DenseBnAct, Conv2dBnAct, TimeDistributed."""
from __future__ import annotations

import math
from typing import Any

from mycelium import ops
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.initializer import Uniform
from mycelium.nn.cell import Cell
from mycelium.nn.layers.activation import LeakyReLU, get_activation
from mycelium.nn.layers.basic import Dense, _shaped
from mycelium.nn.layers.conv import Conv2d
from mycelium.nn.layers.normalization import BatchNorm1d, BatchNorm2d
from mycelium.ops.primitive import Primitive


class BiDense(Cell):
    """Bilinear layer: y_k = x1 A_k x2^T + b_k.

    Args:
        in1_channels: Size of the last axis of the first input.
        in2_channels: Size of the last axis of the second input.
        out_channels: Size of the last axis of the output.
        weight_init: Initial weight. Default: None, uniform in +-1 / sqrt(in1_channels).
        bias_init: Initial bias. Default: None, uniform in +-1 / sqrt(in1_channels).
        has_bias: Default: True.

    Inputs:
        - **input1** (Tensor): shape (*, in1_channels).
        - **input2** (Tensor): shape (*, in2_channels).

    Outputs:
        Tensor, shape (*, out_channels).

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A size less than 1, an initial Tensor of the wrong shape, or inputs that do not fit.

    Examples:
        >>> nn.BiDense(4, 3, 2)(Tensor(np.ones((5, 4), np.float32)), Tensor(np.ones((5, 3), np.float32))).shape
        (5, 2)

    MindSpore r1.8 `nn.BiDense`.
    """

    def __init__(self, in1_channels: int, in2_channels: int, out_channels: int, weight_init: Any = None,
                 bias_init: Any = None, has_bias: bool = True):
        super().__init__()
        self.in1_channels = check_int("BiDense", "in1_channels", in1_channels, 1)
        self.in2_channels = check_int("BiDense", "in2_channels", in2_channels, 1)
        self.out_channels = check_int("BiDense", "out_channels", out_channels, 1)
        self.has_bias = check_type("BiDense", "has_bias", has_bias, bool)
        default = Uniform(1 / math.sqrt(in1_channels))
        self.weight = Parameter(_shaped("BiDense", "weight_init", default if weight_init is None else weight_init,
                                        (out_channels, in1_channels, in2_channels)), name="weight")
        self.bias = None
        if has_bias:
            self.bias = Parameter(_shaped("BiDense", "bias_init", default if bias_init is None else bias_init,
                                          (out_channels,)), name="bias")

    def construct(self, input1: Tensor, input2: Tensor) -> Tensor:
        """y = x1 A x2^T + b."""
        if input1.shape[-1:] != (self.in1_channels,) or input2.shape[-1:] != (self.in2_channels,) \
                or input1.shape[:-1] != input2.shape[:-1]:
            raise ValueError(f"For 'BiDense', the inputs should have shapes (*, {self.in1_channels}) and "
                             f"(*, {self.in2_channels}), but got {tuple(input1.shape)} and {tuple(input2.shape)}.")
        shape = (*input1.shape[:-1], self.out_channels)
        x1, x2 = ops.reshape(input1, (-1, self.in1_channels)), ops.reshape(input2, (-1, self.in2_channels))
        y = ops.MatMul()(x1, ops.reshape(ops.transpose(self.weight, (1, 0, 2)), (self.in1_channels, -1)))
        y = ops.ReduceSum()(ops.reshape(y, (-1, self.out_channels, self.in2_channels)) * ops.expand_dims(x2, 1), 2)
        if self.bias is not None:
            y = ops.BiasAdd()(y, self.bias)
        return ops.reshape(y, shape)

    def extend_repr(self) -> str:
        """Sizes and whether there is a bias."""
        bias = f", has_bias={self.has_bias}" if self.has_bias else ""
        return (f"in1_channels={self.in1_channels}, in2_channels={self.in2_channels}, "
                f"output_channels={self.out_channels}{bias}")


def _activation(owner: str, activation: Any, alpha: float) -> Any:
    if activation == "leakyrelu":
        return LeakyReLU(alpha)
    if isinstance(activation, str):
        return get_activation(activation, owner)
    if activation is not None and not isinstance(activation, (Cell, Primitive)):
        raise TypeError(f"For '{owner}', the 'activation' should be a name, a Cell or a Primitive, but got "
                        f"{describe(activation)}.")
    return activation


class DenseBnAct(Cell):
    """Dense, then batch normalization, then an activation, each if asked for.

    Args:
        in_channels: Size of the last axis of the input.
        out_channels: Size of the last axis of the output.
        weight_init: Initial weight. Default: "normal".
        bias_init: Initial bias. Default: "zeros".
        has_bias: Default: True.
        has_bn: Normalize the output. Default: False.
        momentum: Of the moving statistics. Default: 0.9.
        eps: Added to the variance. Default: 1e-5.
        activation: Name, Cell or Primitive. Default: None.
        alpha: Slope of "leakyrelu". Default: 0.2.
        after_fake: Kept for compatibility. Default: True.

    Inputs:
        - **x** (Tensor): shape (N, in_channels).

    Outputs:
        Tensor, shape (N, out_channels).

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range.

    Examples:
        >>> nn.DenseBnAct(3, 4, has_bn=True, activation="relu")(Tensor(np.ones((2, 3), np.float32))).shape
        (2, 4)

    MindSpore r1.8 `nn.DenseBnAct`.
    """

    def __init__(self, in_channels: int, out_channels: int, weight_init: Any = "normal", bias_init: Any = "zeros",
                 has_bias: bool = True, has_bn: bool = False, momentum: float = 0.9, eps: float = 1e-5,
                 activation: Any = None, alpha: float = 0.2, after_fake: bool = True):
        super().__init__()
        self.dense = Dense(in_channels, out_channels, weight_init, bias_init, has_bias)
        self.has_bn = check_type("DenseBnAct", "has_bn", has_bn, bool)
        self.after_fake = check_type("DenseBnAct", "after_fake", after_fake, bool)
        self.batchnorm = BatchNorm1d(out_channels, eps, momentum) if has_bn else None
        self.activation = _activation("DenseBnAct", activation, alpha)

    def construct(self, x: Tensor) -> Tensor:
        """The layers, one after the other."""
        x = self.dense(x)
        if self.batchnorm is not None:
            x = self.batchnorm(x)
        return x if self.activation is None else self.activation(x)


class Conv2dBnAct(Cell):
    """Conv2d, then batch normalization, then an activation, each if asked for.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: int, or (height, width).
        stride: Default: 1.
        pad_mode: "same" (default), "valid" or "pad".
        padding: Only with pad_mode="pad". Default: 0.
        dilation: Default: 1.
        group: Default: 1.
        has_bias: Default: False.
        weight_init: Initial weight. Default: "normal".
        bias_init: Initial bias. Default: "zeros".
        has_bn: Normalize the output. Default: False.
        momentum: Of the moving statistics. Default: 0.997.
        eps: Added to the variance. Default: 1e-5.
        activation: Name, Cell or Primitive. Default: None.
        alpha: Slope of "leakyrelu". Default: 0.2.
        after_fake: Kept for compatibility. Default: True.

    Inputs:
        - **x** (Tensor): shape (N, in_channels, H, W).

    Outputs:
        Tensor, shape (N, out_channels, H_out, W_out).

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range.

    Examples:
        >>> nn.Conv2dBnAct(3, 4, 3, has_bn=True, activation="relu")(Tensor(np.ones((1, 3, 5, 5), np.float32))).shape
        (1, 4, 5, 5)

    MindSpore r1.8 `nn.Conv2dBnAct`.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, pad_mode: str = "same",
                 padding: Any = 0, dilation: Any = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros", has_bn: bool = False, momentum: float = 0.997,
                 eps: float = 1e-5, activation: Any = None, alpha: float = 0.2, after_fake: bool = True):
        super().__init__()
        self.conv = Conv2d(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias,
                           weight_init, bias_init)
        self.has_bn = check_type("Conv2dBnAct", "has_bn", has_bn, bool)
        self.after_fake = check_type("Conv2dBnAct", "after_fake", after_fake, bool)
        self.batchnorm = BatchNorm2d(out_channels, eps, momentum) if has_bn else None
        self.activation = _activation("Conv2dBnAct", activation, alpha)

    def construct(self, x: Tensor) -> Tensor:
        """The layers, one after the other."""
        x = self.conv(x)
        if self.batchnorm is not None:
            x = self.batchnorm(x)
        return x if self.activation is None else self.activation(x)


class TimeDistributed(Cell):
    """Applies a layer to every frame.

    Args:
        layer: A Cell or Primitive.
        time_axis: The axis of the frames.
        reshape_with_axis: An axis of samples that the frames are laid into, so that the layer runs once; None runs it
            once for each frame. Default: None.

    Inputs:
        - **inputs** (Tensor): shape (N, T, *), for example.

    Outputs:
        Tensor, shape (N, T, *) with what the layer gives.

    Raises:
        TypeError: An argument of the wrong type.

    Examples:
        >>> nn.TimeDistributed(nn.Dense(3, 6), 1, 0)(Tensor(np.ones((2, 10, 3), np.float32))).shape
        (2, 10, 6)

    MindSpore r1.8 `nn.TimeDistributed`.
    """

    def __init__(self, layer: Any, time_axis: int, reshape_with_axis: int | None = None):
        super().__init__()
        if not isinstance(layer, (Cell, Primitive)):
            raise TypeError(f"For 'TimeDistributed', 'layer' should be a Cell or Primitive, but got {describe(layer)}.")
        self.layer = layer
        self.time_axis = check_type("TimeDistributed", "time_axis", time_axis, int)
        check_type("TimeDistributed", "reshape_with_axis", reshape_with_axis, (int, type(None)))
        self.reshape_with_axis = reshape_with_axis

    def construct(self, inputs: Tensor) -> Tensor:
        """The layer, frame by frame."""
        ndim = inputs.ndim
        time = self.time_axis % ndim
        if self.reshape_with_axis is None:
            return ops.stack([self.layer(frame) for frame in ops.unstack(inputs, time)], time)
        samples = self.reshape_with_axis % ndim
        order = [axis for axis in range(ndim) if axis != time]
        order.insert(samples if samples < time else samples - 1, time)
        place = min(order.index(time), order.index(samples))
        x = ops.transpose(inputs, tuple(order))
        both = x.shape[place:place + 2]
        y = self.layer(ops.reshape(x, (*x.shape[:place], -1, *x.shape[place + 2:])))
        y = ops.reshape(y, (*y.shape[:place], *both, *y.shape[place + 1:]))
        if y.ndim != ndim:
            return y
        return ops.transpose(y, tuple([order.index(axis) for axis in range(ndim)]))
