"""Pooling in 1, 2 and 3 dimensions."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_choice, check_int, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


def _window(owner: str, name: str, value: Any) -> Any:
    """An int, or a tuple of two, of at least 1."""
    values = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(v, int) and not isinstance(v, bool) for v in values) or len(values) not in (1, 2):
        raise TypeError(f"For '{owner}', '{name}' should be int or a tuple of 2 ints, but got {describe(value)}.")
    if min(values) < 1:
        raise ValueError(f"For '{owner}', '{name}' should be 1 or greater, but got {value}.")
    return value


class _Pool(Cell):
    """Shared by the pools."""

    def __init__(self, kernel_size: Any, stride: Any, pad_mode: str, data_format: str = "NCHW", padding: Any = 0):
        super().__init__()
        owner = type(self).__name__
        check_type(owner, "pad_mode", pad_mode, str)
        self.pad_mode = check_choice(owner, "pad_mode", pad_mode.upper(), ("VALID", "SAME", "PAD"))
        self.kernel_size = _window(owner, "kernel_size", kernel_size)
        self.stride = _window(owner, "stride", stride)
        self.format = check_choice(owner, "data_format", data_format, ("NCHW", "NHWC"))
        self.padding = padding
        if self.pad_mode != "PAD" and padding not in (0, (0, 0)):
            raise ValueError(f"For '{owner}', 'padding' should be 0 when 'pad_mode' is not 'pad', but got {padding} "
                             f"with {pad_mode!r}.")

    def _channels_first(self, pool: Any, x: Tensor) -> Any:
        """`pool(x)` of an `x` whose channels may come last."""
        if self.format == "NCHW":
            return pool(x)
        out = pool(ops.transpose(x, (0, 3, 1, 2)))
        if isinstance(out, tuple):
            return tuple([ops.transpose(v, (0, 2, 3, 1)) for v in out])
        return ops.transpose(out, (0, 2, 3, 1))

    def extend_repr(self) -> str:
        """Window, stride and padding."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, pad_mode={self.pad_mode}"


class MaxPool2d(_Pool):
    """Maximum over windows of (N, C, H, W).

    Args:
        kernel_size: int, or (height, width). Default: 1.
        stride: int, or (height, width). Default: 1.
        pad_mode: "valid" (default), "same", which pads an odd element on the right and bottom, or "pad" (r2.0).
        padding: With "pad": an int, or (height, width), on both sides. Default: 0.
        dilation: Between the elements of a window; r2.0. Default: 1.
        return_indices: Also return the places of the maxima in the flat (H, W); r2.0. Default: False.
        ceil_mode: Whether a last window may reach over the end; r2.0. Default: False.
        data_format: "NCHW" (default) or "NHWC"; r1.8 has it in the place of `padding`.

    Inputs:
        - **x** (Tensor): shape (N, C, H, W).

    Outputs:
        Tensor, shape (N, C, H_out, W_out).

    Raises:
        TypeError: A size is no int or tuple.
        ValueError: A value out of range; a misspelt pad_mode is told the nearest one.

    Examples:
        >>> nn.MaxPool2d(2, 2)(Tensor(np.ones((1, 3, 4, 4), np.float32))).shape
        (1, 3, 2, 2)

    MindSpore r1.8 `nn.MaxPool2d`.
    """

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", padding: Any = 0,
                 dilation: Any = 1, return_indices: bool = False, ceil_mode: bool = False, data_format: str = "NCHW"):
        if isinstance(padding, str):        # by place as in r1.8
            padding, data_format = 0, padding
        super().__init__(kernel_size, stride, pad_mode, data_format, padding)
        self.plain = self.pad_mode != "PAD" and dilation in (1, (1, 1)) and not return_indices and not ceil_mode
        if self.plain:
            self.max_pool = ops.MaxPool(self.kernel_size, self.stride, self.pad_mode, self.format)
        elif self.pad_mode == "SAME":
            raise ValueError("For 'MaxPool2d', 'dilation', 'return_indices' and 'ceil_mode' should not be given with "
                             "pad_mode='same'. Use pad_mode='pad'.")
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def construct(self, x: Tensor) -> Any:
        """The pooled `x`."""
        return self._pool(x)

    def _pool(self, x: Tensor) -> Any:
        return self.max_pool(x) if self.plain else self._channels_first(self._padded, x)

    def _padded(self, x: Tensor) -> Any:
        return ops.max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation, self.return_indices,
                              self.ceil_mode)


class AvgPool2d(_Pool):
    """Mean over windows of (N, C, H, W); padded elements do not count.

    Args:
        kernel_size: int, or (height, width). Default: 1.
        stride: int, or (height, width). Default: 1.
        pad_mode: "valid" (default), "same", which pads an odd element on the right and bottom, or "pad" (r2.0).
        padding: With "pad": an int, or (height, width), on both sides. Default: 0.
        ceil_mode: Whether a last window may reach over the end; r2.0. Default: False.
        count_include_pad: With "pad": whether padding counts as zeros; r2.0. Default: True.
        divisor_override: Number to divide by in place of the window's; r2.0. Default: None.
        data_format: "NCHW" (default) or "NHWC"; r1.8 has it in the place of `padding`.

    Examples:
        >>> nn.AvgPool2d(2, 2)(Tensor(np.ones((1, 3, 4, 4), np.float32))).shape
        (1, 3, 2, 2)

    MindSpore r1.8 `nn.AvgPool2d`.
    """

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", padding: Any = 0,
                 ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
                 data_format: str = "NCHW"):
        if isinstance(padding, str):        # by place as in r1.8
            padding, data_format = 0, padding
        super().__init__(kernel_size, stride, pad_mode, data_format, padding)
        self.plain = self.pad_mode != "PAD" and not ceil_mode and not divisor_override
        if self.plain:
            self.avg_pool = ops.AvgPool(self.kernel_size, self.stride, self.pad_mode, self.format)
        elif self.pad_mode == "SAME":
            raise ValueError("For 'AvgPool2d', 'ceil_mode' and 'divisor_override' should not be given with "
                             "pad_mode='same'. Use pad_mode='pad'.")
        self.ceil_mode, self.count_include_pad, self.divisor = ceil_mode, count_include_pad, divisor_override or 0

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return self._pool(x)

    def _pool(self, x: Tensor) -> Any:
        return self.avg_pool(x) if self.plain else self._channels_first(self._padded, x)

    def _padded(self, x: Tensor) -> Tensor:
        return ops.avg_pool2d(x, self.kernel_size, stride=self.stride, padding=self.padding, ceil_mode=self.ceil_mode,
                              count_include_pad=self.count_include_pad, divisor_override=self.divisor)


def _line(pool: Any, owner: str, x: Tensor) -> Any:
    """`pool`, which is over two axes, of (N, C, L) or (C, L)."""
    if x.ndim not in (2, 3):
        raise ValueError(f"For '{owner}', the input should have 3 axes, but got shape {tuple(x.shape)}.")
    out = pool(ops.expand_dims(x if x.ndim == 3 else ops.expand_dims(x, 0), 2))
    out = tuple([ops.squeeze(v, -2) for v in out]) if isinstance(out, tuple) else ops.squeeze(out, -2)
    if x.ndim == 3:
        return out
    return tuple([ops.squeeze(v, 0) for v in out]) if isinstance(out, tuple) else ops.squeeze(out, 0)


class MaxPool1d(MaxPool2d):
    """Maximum over windows of (N, C, L).

    Args:
        kernel_size: int. Default: 1.
        stride: int. Default: 1.
        pad_mode: "valid" (default), "same" or "pad" (r2.0).
        padding: With "pad": elements on both sides. Default: 0.
        dilation, return_indices, ceil_mode: As of `nn.MaxPool2d`; r2.0.

    Examples:
        >>> nn.MaxPool1d(2, 2)(Tensor(np.ones((1, 3, 4), np.float32))).shape
        (1, 3, 2)

    MindSpore r1.8 `nn.MaxPool1d`.
    """

    def __init__(self, kernel_size: int = 1, stride: int = 1, pad_mode: str = "valid", padding: int = 0,
                 dilation: int = 1, return_indices: bool = False, ceil_mode: bool = False):
        check_type("MaxPool1d", "kernel_size", kernel_size, int)
        check_type("MaxPool1d", "stride", stride, int)
        padding, dilation = (v[0] if isinstance(v, tuple) else v for v in (padding, dilation))
        super().__init__((1, kernel_size), (1, stride), pad_mode, (0, padding), (1, dilation), return_indices,
                         ceil_mode)

    def construct(self, x: Tensor) -> Any:
        """The pooled `x`."""
        return _line(self._pool, "MaxPool1d", x)


class AvgPool1d(AvgPool2d):
    """Mean over windows of (N, C, L); padded elements do not count.

    Args:
        kernel_size: int. Default: 1.
        stride: int. Default: 1.
        pad_mode: "valid" (default), "same" or "pad" (r2.0).
        padding: With "pad": elements on both sides. Default: 0.
        ceil_mode, count_include_pad: As of `nn.AvgPool2d`; r2.0.

    Examples:
        >>> nn.AvgPool1d(2, 2)(Tensor(np.ones((1, 3, 4), np.float32))).shape
        (1, 3, 2)

    MindSpore r1.8 `nn.AvgPool1d`.
    """

    def __init__(self, kernel_size: int = 1, stride: int = 1, pad_mode: str = "valid", padding: int = 0,
                 ceil_mode: bool = False, count_include_pad: bool = True):
        check_type("AvgPool1d", "kernel_size", kernel_size, int)
        check_type("AvgPool1d", "stride", stride, int)
        padding = padding[0] if isinstance(padding, tuple) else padding
        super().__init__((1, kernel_size), (1, stride), pad_mode, (0, padding), ceil_mode, count_include_pad)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return _line(self._pool, "AvgPool1d", x)


class _AdaptivePool1d(Cell):
    """Shared by the adaptive pools over one axis, which take only even windows as in r1.8."""

    def __init__(self, output_size: int):
        super().__init__()
        self.output_size = check_int(type(self).__name__, "output_size", output_size, 1)

    def _check(self, x: Tensor) -> None:
        owner = type(self).__name__
        if x.ndim != 3:
            raise ValueError(f"For '{owner}', the input should have shape (N, C, L), but got {tuple(x.shape)}.")
        if x.shape[2] < self.output_size or x.shape[2] % self.output_size:
            raise ValueError(f"For '{owner}', the last axis of the input should be a multiple of "
                             f"output_size={self.output_size}, but got shape {tuple(x.shape)}.")

    def extend_repr(self) -> str:
        """output_size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptivePool1d):
    """Means over windows of (N, C, L), for an output of the size asked for.

    Args:
        output_size: Elements of the output; L is a multiple of it.

    Inputs:
        - **input** (Tensor): shape (N, C, L), float.

    Outputs:
        Tensor, shape (N, C, output_size).

    Raises:
        TypeError: `output_size` is no int.
        ValueError: `output_size` is less than 1, or the input does not fit.

    Examples:
        >>> print(nn.AdaptiveAvgPool1d(2)(Tensor([[[1.0, 3.0, 5.0, 7.0]]])))
        [[[2. 6.]]]

    MindSpore r1.8 `nn.AdaptiveAvgPool1d`.
    """

    def construct(self, input: Tensor) -> Tensor:
        """The pooled input."""
        self._check(input)
        return ops.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveMaxPool1d(_AdaptivePool1d):
    """Maxima over windows of (N, C, L), for an output of the size asked for.

    Args:
        output_size: Elements of the output; L is a multiple of it.

    Inputs:
        - **x** (Tensor): shape (N, C, L), float.

    Outputs:
        Tensor, shape (N, C, output_size).

    Raises:
        TypeError: `output_size` is no int.
        ValueError: `output_size` is less than 1, or the input does not fit.

    Examples:
        >>> print(nn.AdaptiveMaxPool1d(2)(Tensor([[[1.0, 3.0, 5.0, 7.0]]])))
        [[[3. 7.]]]

    MindSpore r1.8 `nn.AdaptiveMaxPool1d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        self._check(x)
        return ops.adaptive_max_pool1d(x, self.output_size)


class AdaptiveAvgPool2d(Cell):
    """Means over windows of (N, C, H, W), for an output of the size asked for.

    Args:
        output_size: int, or (height, width); None keeps an axis.

    Inputs:
        - **x** (Tensor): shape (N, C, H, W) or (C, H, W), float.

    Outputs:
        Tensor, shape (N, C, height, width).

    Raises:
        TypeError: A size is no int.
        ValueError: A size is less than 1.

    Examples:
        >>> print(nn.AdaptiveAvgPool2d((None, 2))(Tensor(np.arange(9.0).reshape(1, 3, 3))))
        [[[0.5 1.5]
          [3.5 4.5]
          [6.5 7.5]]]

    MindSpore r1.8 `nn.AdaptiveAvgPool2d`.
    """

    def __init__(self, output_size: Any):
        super().__init__()
        self.adaptive_avgpool2d = ops.AdaptiveAvgPool2D(output_size)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return self.adaptive_avgpool2d(x)


class AdaptiveMaxPool2d(Cell):
    """Maxima over windows of (N, C, H, W), for an output of the size asked for.

    Args:
        output_size: int, or (height, width); None keeps an axis.
        return_indices: Also return where the maxima are. Default: False.

    Inputs:
        - **input** (Tensor): shape (N, C, H, W) or (C, H, W), float.

    Outputs:
        Tensor, shape (N, C, height, width); with return_indices also an int64 Tensor of places in the flat (H, W).

    Raises:
        TypeError: A size is no int.
        ValueError: A size is less than 1.

    Examples:
        >>> print(nn.AdaptiveMaxPool2d(2)(Tensor(np.arange(9.0).reshape(1, 3, 3))))
        [[[4. 5.]
          [7. 8.]]]

    MindSpore r1.8 `nn.AdaptiveMaxPool2d`.
    """

    def __init__(self, output_size: Any, return_indices: bool = False):
        super().__init__()
        self.adaptive_max_pool2d = ops.AdaptiveMaxPool2D(output_size, return_indices)

    def construct(self, input: Tensor) -> Any:
        """The pooled input."""
        return self.adaptive_max_pool2d(input)
