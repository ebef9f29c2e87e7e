"""Convolutions and transposed convolutions in 1, 2 and 3 dimensions over one base."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_choice, check_int, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.layers.basic import _shaped

_ARGS = """        in_channels: Channels of the input.
        out_channels: Channels of the output.
        kernel_size: int, or one per axis.
        stride: int, or one per axis. Default: 1.
        pad_mode: "same" (default) pads so that the output has ceil(input / stride) elements, an odd element on the
            right and bottom; "valid" does not pad; "pad" pads by `padding`.
        padding: int, or one per side; only with pad_mode="pad". Default: 0.
        dilation: int, or one per axis. Default: 1.
        group: Groups that channels are split into. Default: 1.
        has_bias: Default: False.
        weight_init: Initial weight. Default: "normal", N(0, 0.01^2).
        bias_init: Initial bias. Default: "zeros"."""


def _axes(owner: str, name: str, value: Any, count: int, minimum: int = 1) -> tuple[int, ...]:
    """An int for all axes, or one per axis, as a tuple."""
    values = (value,) * count if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(values, tuple) or not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
        raise TypeError(f"For '{owner}', '{name}' should be int or a tuple of {count} ints, but got {describe(value)}.")
    if len(values) != count:
        raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of {count} ints, but got {value}.")
    if min(values) < minimum:
        raise ValueError(f"For '{owner}', '{name}' should be {minimum} or greater, an int or a tuple of {count}, but "
                         f"got {value}.")
    return values


class _Conv(Cell):
    """Shared by all convolutions: checks, Parameters, text."""

    dims = 2
    transposed = False
    _format = "NCHW"

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any, pad_mode: str, padding: Any,
                 dilation: Any, group: int, has_bias: bool, weight_init: Any, bias_init: Any,
                 data_format: str | None = None):
        super().__init__()
        owner = type(self).__name__
        self.in_channels = check_int(owner, "in_channels", in_channels, 1)
        self.out_channels = check_int(owner, "out_channels", out_channels, 1)
        self.kernel_size = _axes(owner, "kernel_size", kernel_size, self.dims)
        self.stride = _axes(owner, "stride", stride, self.dims)
        self.pad_mode = check_choice(owner, "pad_mode", pad_mode, ("same", "valid", "pad"))
        self.padding = self._check_padding(owner, padding)
        self.dilation = _axes(owner, "dilation", dilation, self.dims)
        self.group = check_int(owner, "group", group, 1)
        self.has_bias = check_type(owner, "has_bias", has_bias, bool)
        self.data_format = data_format or self._format
        if in_channels % group or out_channels % group:
            raise ValueError(f"For '{owner}', 'in_channels' and 'out_channels' should be multiples of 'group', but got "
                             f"{in_channels}, {out_channels} and {group}.")
        self.weight_init, self.bias_init = weight_init, bias_init
        self.weight = Parameter(_shaped(owner, "weight_init", weight_init, self._weight_shape()), name="weight")
        self.bias = None
        if has_bias:
            self.bias = Parameter(_shaped(owner, "bias_init", bias_init, (out_channels,)), name="bias")

    def _check_padding(self, owner: str, padding: Any) -> Any:
        values = (padding,) if isinstance(padding, int) and not isinstance(padding, bool) else padding
        if not isinstance(values, tuple) or not all(isinstance(v, int) and not isinstance(v, bool) for v in values):
            raise TypeError(f"For '{owner}', 'padding' should be int or a tuple of ints, but got {describe(padding)}.")
        if len(values) not in (1, 2 * self.dims) or min(values) < 0:
            raise ValueError(f"For '{owner}', 'padding' should be 0 or greater, an int or a tuple of {2 * self.dims}, "
                             f"but got {padding}.")
        if self.pad_mode != "pad" and any(values):
            raise ValueError(f"For '{owner}', 'padding' should be 0 when 'pad_mode' is '{self.pad_mode}', but got "
                             f"{padding}. Set pad_mode='pad'.")
        return padding

    def _weight_shape(self) -> tuple[int, ...]:
        channels = (self.out_channels, self.in_channels // self.group)
        if self.transposed:
            channels = (self.in_channels, self.out_channels // self.group)
        if self.data_format == "NHWC":
            return (channels[0], *self.kernel_size, channels[1])
        return (*channels, *self.kernel_size)

    def _check_input(self, x: Tensor) -> None:
        if x.ndim != self.dims + 2:
            raise ValueError(f"For '{type(self).__name__}', the input should have {self.dims + 2} axes, but got shape "
                             f"{tuple(x.shape)}.")

    def _with_bias(self, y: Tensor) -> Tensor:
        return y if self.bias is None else ops.BiasAdd(self.data_format)(y, self.bias)

    def _common_repr(self) -> str:
        names = ("weight_init", "bias_init")
        inits = ", ".join(f"{n}={v if isinstance(v := getattr(self, n), str) else type(v).__name__ + '<>' }"
                          for n in names)
        return (f"input_channels={self.in_channels}, output_channels={self.out_channels}, "
                f"kernel_size={self.kernel_size}, stride={self.stride}, pad_mode={self.pad_mode}, "
                f"padding={self.padding}, dilation={self.dilation}, group={self.group}, has_bias={self.has_bias}, "
                f"{inits}")

    def extend_repr(self) -> str:
        """Sizes and modes."""
        return self._common_repr()


class Conv2d(_Conv):
    __doc__ = f"""2-D convolution (cross-correlation) over (N, C, H, W).

    Args:
{_ARGS}
        data_format: "NCHW" (default) or "NHWC".

    Inputs:
        - **x** (Tensor): shape (N, in_channels, H, W), float.

    Outputs:
        Tensor, shape (N, out_channels, H_out, W_out).

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range; a misspelt pad_mode is told the nearest one.

    Examples:
        >>> nn.Conv2d(3, 8, 3)(Tensor(np.ones((1, 3, 5, 5), np.float32))).shape
        (1, 8, 5, 5)

    MindSpore r1.8 `nn.Conv2d`.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, pad_mode: str = "same",
                 padding: Any = 0, dilation: Any = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros", data_format: str = "NCHW"):
        check_choice("Conv2d", "data_format", data_format, ("NCHW", "NHWC"))
        super().__init__(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias,
                         weight_init, bias_init, data_format)
        self.format = data_format
        self.conv2d = ops.Conv2D(out_channels, self.kernel_size, 1, pad_mode, self.padding, self.stride, self.dilation,
                                 group, data_format)

    def construct(self, x: Tensor) -> Tensor:
        """The convolution of `x`, plus the bias."""
        self._check_input(x)
        return self._with_bias(self.conv2d(x, self.weight))

    def extend_repr(self) -> str:
        """Sizes and modes."""
        return f"{self._common_repr()}, format={self.data_format}"


class Conv1d(_Conv):
    __doc__ = f"""1-D convolution (cross-correlation) over (N, C, L).

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, in_channels, L), float.

    Outputs:
        Tensor, shape (N, out_channels, L_out).

    Examples:
        >>> nn.Conv1d(3, 8, 3)(Tensor(np.ones((1, 3, 5), np.float32))).shape
        (1, 8, 5)

    MindSpore r1.8 `nn.Conv1d`: the weight has shape (out_channels, in_channels, 1, kernel_size).
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, pad_mode: str = "same",
                 padding: int = 0, dilation: int = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros"):
        for name, value in (("kernel_size", kernel_size), ("stride", stride), ("padding", padding),
                            ("dilation", dilation)):
            check_type("Conv1d", name, value, int)
        check_choice("Conv1d", "pad_mode", pad_mode, ("same", "valid", "pad"))
        weight_init = _add_height(weight_init)
        super().__init__(in_channels, out_channels, (1, kernel_size), (1, stride), pad_mode, (0, 0, padding, padding),
                         (1, dilation), group, has_bias, weight_init, bias_init)
        self.conv2d = ops.Conv2D(out_channels, self.kernel_size, 1, pad_mode, self.padding, self.stride, self.dilation,
                                 group)

    def construct(self, x: Tensor) -> Tensor:
        """The convolution of `x`, plus the bias."""
        _check_rank3("Conv1d", x)
        return ops.squeeze(self._with_bias(self.conv2d(ops.expand_dims(x, 2), self.weight)), 2)


def _add_height(init: Any) -> Any:
    return ops.expand_dims(init, 2) if isinstance(init, Tensor) and init.ndim == 3 else init


def _check_rank3(owner: str, x: Tensor) -> None:
    if x.ndim != 3:
        raise ValueError(f"For '{owner}', the input should have 3 axes, but got shape {tuple(x.shape)}.")


class Conv3d(_Conv):
    __doc__ = f"""3-D convolution (cross-correlation) over (N, C, D, H, W).

    Args:
{_ARGS}
        data_format: Only "NCDHW".

    Inputs:
        - **x** (Tensor): shape (N, in_channels, D, H, W), float.

    Outputs:
        Tensor, shape (N, out_channels, D_out, H_out, W_out).

    Examples:
        >>> nn.Conv3d(3, 8, 3)(Tensor(np.ones((1, 3, 4, 5, 5), np.float32))).shape
        (1, 8, 4, 5, 5)

    MindSpore r1.8 `nn.Conv3d`.
    """

    dims = 3
    _format = "NCDHW"

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, pad_mode: str = "same",
                 padding: Any = 0, dilation: Any = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros", data_format: str = "NCDHW"):
        check_choice("Conv3d", "data_format", data_format, ("NCDHW",))
        super().__init__(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias,
                         weight_init, bias_init, data_format)
        self.conv3d = ops.Conv3D(out_channels, self.kernel_size, 1, pad_mode, self.padding, self.stride, self.dilation,
                                 group, data_format)

    def construct(self, x: Tensor) -> Tensor:
        """The convolution of `x`, plus the bias."""
        self._check_input(x)
        return self._with_bias(self.conv3d(x, self.weight))

    def extend_repr(self) -> str:
        """Sizes and modes."""
        return f"{self._common_repr()}, format={self.data_format}"


def _transposed_size(owner: str, size: int, kernel: int, stride: int, pads: int, dilation: int, mode: str) -> int:
    """The length of an axis after a transposed convolution."""
    if mode == "same":
        return size * stride
    filled = dilation * (kernel - 1) + 1
    if mode == "valid":
        return (size - 1) * stride + max(filled, stride)
    length = (size - 1) * stride - pads + filled
    if length <= 0:
        raise ValueError(f"For '{owner}', the output would have no elements: input {size}, kernel {kernel}, stride "
                         f"{stride}, padding {pads}.")
    return length


class Conv2dTranspose(_Conv):
    __doc__ = f"""Transposed 2-D convolution over (N, C, H, W): the gradient of a convolution with respect to its input.

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, in_channels, H, W), float.

    Outputs:
        Tensor, shape (N, out_channels, H_out, W_out).

    Examples:
        >>> nn.Conv2dTranspose(3, 8, 3, pad_mode="pad")(Tensor(np.ones((1, 3, 5, 5), np.float32))).shape
        (1, 8, 7, 7)

    MindSpore r1.8 `nn.Conv2dTranspose`: the weight has shape (in_channels, out_channels / group, kH, kW).
    """

    transposed = True

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, pad_mode: str = "same",
                 padding: Any = 0, dilation: Any = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros"):
        super().__init__(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias,
                         weight_init, bias_init)
        self.conv2d_transpose = ops.Conv2DTranspose(in_channels, self.kernel_size, pad_mode, self.padding, None, 1,
                                                    self.stride, self.dilation, group)

    def _size(self, x: Tensor) -> tuple[int, ...]:
        pads = self.padding if isinstance(self.padding, tuple) else (self.padding,) * 4
        return (x.shape[0], self.out_channels, *[
            _transposed_size(type(self).__name__, x.shape[2 + i], self.kernel_size[i], self.stride[i],
                             pads[2 * i] + pads[2 * i + 1], self.dilation[i], self.pad_mode) for i in range(2)])

    def construct(self, x: Tensor) -> Tensor:
        """The transposed convolution of `x`, plus the bias."""
        self._check_input(x)
        return self._with_bias(self.conv2d_transpose(x, self.weight, self._size(x)))


class Conv1dTranspose(Conv2dTranspose):
    __doc__ = f"""Transposed 1-D convolution over (N, C, L).

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, in_channels, L), float.

    Outputs:
        Tensor, shape (N, out_channels, L_out).

    Examples:
        >>> nn.Conv1dTranspose(3, 8, 3, pad_mode="pad")(Tensor(np.ones((1, 3, 5), np.float32))).shape
        (1, 8, 7)

    MindSpore r1.8 `nn.Conv1dTranspose`: the weight has shape (in_channels, out_channels / group, 1, kernel_size).
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, pad_mode: str = "same",
                 padding: int = 0, dilation: int = 1, group: int = 1, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros"):
        for name, value in (("kernel_size", kernel_size), ("stride", stride), ("padding", padding),
                            ("dilation", dilation)):
            check_type("Conv1dTranspose", name, value, int)
        super().__init__(in_channels, out_channels, (1, kernel_size), (1, stride), pad_mode, (0, 0, padding, padding),
                         (1, dilation), group, has_bias, _add_height(weight_init), bias_init)

    def construct(self, x: Tensor) -> Tensor:
        """The transposed convolution of `x`, plus the bias."""
        _check_rank3("Conv1dTranspose", x)
        return ops.squeeze(super().construct(ops.expand_dims(x, 2)), 2)


class Conv3dTranspose(_Conv):
    __doc__ = f"""Transposed 3-D convolution over (N, C, D, H, W).

    Args:
{_ARGS}
        output_padding: Added to one side of the output; only with pad_mode="pad". Default: 0.
        data_format: Only "NCDHW".

    Inputs:
        - **x** (Tensor): shape (N, in_channels, D, H, W), float.

    Outputs:
        Tensor, shape (N, out_channels, D_out, H_out, W_out).

    MindSpore r1.8 `nn.Conv3dTranspose`.
    """

    dims = 3
    transposed = True
    _format = "NCDHW"

    def __init__(self, in_channels: int, out_channels: int, kernel_size: Any, stride: Any = 1, pad_mode: str = "same",
                 padding: Any = 0, dilation: Any = 1, group: int = 1, output_padding: Any = 0, has_bias: bool = False,
                 weight_init: Any = "normal", bias_init: Any = "zeros", data_format: str = "NCDHW"):
        check_choice("Conv3dTranspose", "data_format", data_format, ("NCDHW",))
        super().__init__(in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias,
                         weight_init, bias_init, data_format)
        self.output_padding = _axes("Conv3dTranspose", "output_padding", output_padding, 3, 0)
        self.conv3d_transpose = ops.Conv3DTranspose(in_channels, out_channels, self.kernel_size, 1, pad_mode,
                                                    self.padding, self.stride, self.dilation, group,
                                                    self.output_padding, data_format)

    def construct(self, x: Tensor) -> Tensor:
        """The transposed convolution of `x`, plus the bias."""
        self._check_input(x)
        return self._with_bias(self.conv3d_transpose(x, self.weight))
