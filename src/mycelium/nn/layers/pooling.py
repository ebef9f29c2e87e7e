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

    def __init__(self, kernel_size: Any, stride: Any, pad_mode: str, data_format: str = "NCHW"):
        super().__init__()
        owner = type(self).__name__
        check_type(owner, "pad_mode", pad_mode, str)
        self.pad_mode = check_choice(owner, "pad_mode", pad_mode.upper(), ("VALID", "SAME"))
        self.kernel_size = _window(owner, "kernel_size", kernel_size)
        self.stride = _window(owner, "stride", stride)
        self.format = check_choice(owner, "data_format", data_format, ("NCHW", "NHWC"))

    def extend_repr(self) -> str:
        """Window, stride and padding."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, pad_mode={self.pad_mode}"


class MaxPool2d(_Pool):
    """Maximum over windows of (N, C, H, W).

    Args:
        kernel_size: int, or (height, width). Default: 1.
        stride: int, or (height, width). Default: 1.
        pad_mode: "valid" (default) or "same", which pads an odd element on the right and bottom.
        data_format: "NCHW" (default) or "NHWC".

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

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", data_format: str = "NCHW"):
        super().__init__(kernel_size, stride, pad_mode, data_format)
        self.max_pool = ops.MaxPool(self.kernel_size, self.stride, self.pad_mode, self.format)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return self.max_pool(x)


class AvgPool2d(_Pool):
    """Mean over windows of (N, C, H, W); padded elements do not count.

    Args:
        kernel_size: int, or (height, width). Default: 1.
        stride: int, or (height, width). Default: 1.
        pad_mode: "valid" (default) or "same", which pads an odd element on the right and bottom.
        data_format: "NCHW" (default) or "NHWC".

    Examples:
        >>> nn.AvgPool2d(2, 2)(Tensor(np.ones((1, 3, 4, 4), np.float32))).shape
        (1, 3, 2, 2)

    MindSpore r1.8 `nn.AvgPool2d`.
    """

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", data_format: str = "NCHW"):
        super().__init__(kernel_size, stride, pad_mode, data_format)
        self.avg_pool = ops.AvgPool(self.kernel_size, self.stride, self.pad_mode, self.format)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return self.avg_pool(x)


def _rank3(owner: str, x: Tensor) -> Tensor:
    if x.ndim != 3:
        raise ValueError(f"For '{owner}', the input should have 3 axes, but got shape {tuple(x.shape)}.")
    return ops.expand_dims(x, 2)


class MaxPool1d(_Pool):
    """Maximum over windows of (N, C, L).

    Args:
        kernel_size: int. Default: 1.
        stride: int. Default: 1.
        pad_mode: "valid" (default) or "same".

    Examples:
        >>> nn.MaxPool1d(2, 2)(Tensor(np.ones((1, 3, 4), np.float32))).shape
        (1, 3, 2)

    MindSpore r1.8 `nn.MaxPool1d`.
    """

    def __init__(self, kernel_size: int = 1, stride: int = 1, pad_mode: str = "valid"):
        check_type("MaxPool1d", "kernel_size", kernel_size, int)
        check_type("MaxPool1d", "stride", stride, int)
        super().__init__((1, kernel_size), (1, stride), pad_mode)
        self.max_pool = ops.MaxPool(self.kernel_size, self.stride, self.pad_mode)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return ops.squeeze(self.max_pool(_rank3("MaxPool1d", x)), 2)


class AvgPool1d(_Pool):
    """Mean over windows of (N, C, L); padded elements do not count.

    Args:
        kernel_size: int. Default: 1.
        stride: int. Default: 1.
        pad_mode: "valid" (default) or "same".

    Examples:
        >>> nn.AvgPool1d(2, 2)(Tensor(np.ones((1, 3, 4), np.float32))).shape
        (1, 3, 2)

    MindSpore r1.8 `nn.AvgPool1d`.
    """

    def __init__(self, kernel_size: int = 1, stride: int = 1, pad_mode: str = "valid"):
        check_type("AvgPool1d", "kernel_size", kernel_size, int)
        check_type("AvgPool1d", "stride", stride, int)
        super().__init__((1, kernel_size), (1, stride), pad_mode)
        self.avg_pool = ops.AvgPool(self.kernel_size, self.stride, self.pad_mode)

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return ops.squeeze(self.avg_pool(_rank3("AvgPool1d", x)), 2)


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
