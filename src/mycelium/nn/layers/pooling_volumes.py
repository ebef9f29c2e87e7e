"""Pools that MindSpore r2.0 added: over volumes, of the p-norm, adaptive in three axes, and max pools undone."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_choice, check_type
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


class _Volumes(Cell):
    """Shared by the pools over three axes."""

    def __init__(self, kernel_size: Any, stride: Any, pad_mode: str, padding: Any):
        super().__init__()
        owner = type(self).__name__
        check_type(owner, "pad_mode", pad_mode, str)
        self.pad_mode = check_choice(owner, "pad_mode", pad_mode.upper(), ("VALID", "SAME", "PAD"))
        if self.pad_mode != "PAD" and padding not in (0, (0, 0, 0)):
            raise ValueError(f"For '{owner}', 'padding' should be 0 when 'pad_mode' is not 'pad', but got {padding} "
                             f"with {pad_mode!r}.")
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def extend_repr(self) -> str:
        """Window, stride and padding."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, pad_mode={self.pad_mode}"

    def _batched(self, pool: Any, x: Tensor) -> Any:
        """`pool` of (N, C, D, H, W) or (C, D, H, W)."""
        if x.ndim == 5:
            return pool(x)
        out = pool(ops.expand_dims(x, 0))
        return tuple([ops.squeeze(v, 0) for v in out]) if isinstance(out, tuple) else ops.squeeze(out, 0)


class MaxPool3d(_Volumes):
    """Maximum over windows of (N, C, D, H, W).

    Args:
        kernel_size: int, or (depth, height, width). Default: 1.
        stride: int, or one for each axis. Default: 1.
        pad_mode: "valid" (default), "same" or "pad".
        padding: With "pad": an int, or one for each axis, on both sides. Default: 0.
        dilation: Between the elements of a window. Default: 1.
        return_indices: Also return the places of the maxima in the flat (D, H, W). Default: False.
        ceil_mode: Whether a last window may reach over the end. Default: False.

    Examples:
        >>> nn.MaxPool3d(2, 2)(Tensor(np.ones((1, 3, 4, 4, 4), np.float32))).shape
        (1, 3, 2, 2, 2)

    MindSpore r2.0 `nn.MaxPool3d`.
    """

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", padding: Any = 0,
                 dilation: Any = 1, return_indices: bool = False, ceil_mode: bool = False):
        super().__init__(kernel_size, stride, pad_mode, padding)
        self.dilation, self.return_indices, self.ceil_mode = dilation, return_indices, ceil_mode

    def construct(self, x: Tensor) -> Any:
        """The pooled `x`."""
        return self._batched(self._pool, x)

    def _pool(self, x: Tensor) -> Any:
        if self.pad_mode == "SAME":
            return ops.MaxPool3D(self.kernel_size, self.stride, "same")(x)
        return ops.max_pool3d(x, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode,
                              self.return_indices)


class AvgPool3d(_Volumes):
    """Mean over windows of (N, C, D, H, W).

    Args:
        kernel_size: int, or (depth, height, width). Default: 1.
        stride: int, or one for each axis. Default: 1.
        pad_mode: "valid" (default), "same" or "pad".
        padding: With "pad": an int, or one for each axis, on both sides. Default: 0.
        ceil_mode: Whether a last window may reach over the end. Default: False.
        count_include_pad: Whether padding counts as zeros. Default: True.
        divisor_override: Number to divide by in place of the window's. Default: None.

    Examples:
        >>> nn.AvgPool3d(2, 2)(Tensor(np.ones((1, 3, 4, 4, 4), np.float32))).shape
        (1, 3, 2, 2, 2)

    MindSpore r2.0 `nn.AvgPool3d`.
    """

    def __init__(self, kernel_size: Any = 1, stride: Any = 1, pad_mode: str = "valid", padding: Any = 0,
                 ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None):
        super().__init__(kernel_size, stride, pad_mode, padding)
        self.ceil_mode, self.count_include_pad, self.divisor = ceil_mode, count_include_pad, divisor_override or 0

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return self._batched(self._pool, x)

    def _pool(self, x: Tensor) -> Tensor:
        if self.pad_mode == "SAME":
            return ops.AvgPool3D(self.kernel_size, self.stride, "same")(x)
        return ops.avg_pool3d(x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad,
                              self.divisor)


class AdaptiveAvgPool3d(Cell):
    """Means over windows of (N, C, D, H, W), for an output of the size asked for.

    Args:
        output_size: int, or (depth, height, width); None keeps an axis.

    Examples:
        >>> nn.AdaptiveAvgPool3d(2)(Tensor(np.ones((1, 3, 4, 5, 6), np.float32))).shape
        (1, 3, 2, 2, 2)

    MindSpore r2.0 `nn.AdaptiveAvgPool3d`.
    """

    def __init__(self, output_size: Any):
        super().__init__()
        self.output_size = output_size

    def construct(self, input: Tensor) -> Tensor:
        """The pooled input."""
        return ops.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool3d(Cell):
    """Maxima over windows of (N, C, D, H, W), for an output of the size asked for.

    Args:
        output_size: int, or (depth, height, width); None keeps an axis.
        return_indices: Also return where the maxima are. Default: False.

    Examples:
        >>> nn.AdaptiveMaxPool3d(2)(Tensor(np.ones((1, 3, 4, 5, 6), np.float32))).shape
        (1, 3, 2, 2, 2)

    MindSpore r2.0 `nn.AdaptiveMaxPool3d`.
    """

    def __init__(self, output_size: Any, return_indices: bool = False):
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def construct(self, input: Tensor) -> Any:
        """The pooled input."""
        return ops.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _NormPool(Cell):
    """Shared by the pools of the p-norm."""

    def __init__(self, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False):
        super().__init__()
        self.norm_type, self.kernel_size, self.stride, self.ceil_mode = norm_type, kernel_size, stride, ceil_mode


class LPPool1d(_NormPool):
    """The p-norm of windows of (N, C, L).

    Args:
        norm_type: p.
        kernel_size: Elements.
        stride: Elements. Default: `kernel_size`.
        ceil_mode: Whether a last window may reach over the end. Default: False.

    Examples:
        >>> print(nn.LPPool1d(2, 2)(Tensor([[[3.0, 4.0]]])))
        [[[5.]]]

    MindSpore r2.0 `nn.LPPool1d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return ops.lp_pool1d(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_NormPool):
    """The p-norm of windows of (N, C, H, W).

    Args:
        norm_type: p.
        kernel_size: int, or (height, width).
        stride: int, or (height, width). Default: `kernel_size`.
        ceil_mode: Whether a last window may reach over the end. Default: False.

    Examples:
        >>> print(nn.LPPool2d(2, (1, 2))(Tensor([[[[3.0, 4.0]]]])))
        [[[[5.]]]]

    MindSpore r2.0 `nn.LPPool2d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """The pooled `x`."""
        return ops.lp_pool2d(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)


class _Unpool(Cell):
    """Shared by the max pools undone."""

    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0):
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding


_UNPOOL = """Puts the maxima of windows back in their places, zeros elsewhere.

    Args:
        kernel_size: Of the pooling: an int, or one for each axis.
        stride: Of the pooling. Default: `kernel_size`.
        padding: Of the pooling. Default: 0.

    Inputs:
        - **x** (Tensor): what max pooling gave, shape (N, C, {shape}).
        - **indices** (Tensor): the places of the maxima in the flat axes.
        - **output_size** (tuple): the shape of the output, where several would do. Default: None.

    Examples:
        >>> places = Tensor(np.zeros((1, 1{ones}), np.int64))
        >>> nn.{name}(2)(Tensor(np.ones((1, 1{ones}), np.float32)), places).shape
        (1, 1{twos})

    MindSpore r2.0 `nn.{name}`.
    """


class MaxUnpool1d(_Unpool):
    __doc__ = _UNPOOL.format(name="MaxUnpool1d", shape="L", ones=", 1", twos=", 2")

    def construct(self, x: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The unpooled `x`."""
        return ops.max_unpool1d(x, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_Unpool):
    __doc__ = _UNPOOL.format(name="MaxUnpool2d", shape="H, W", ones=", 1, 1", twos=", 2, 2")

    def construct(self, x: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The unpooled `x`."""
        return ops.max_unpool2d(x, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_Unpool):
    __doc__ = _UNPOOL.format(name="MaxUnpool3d", shape="D, H, W", ones=", 1, 1, 1", twos=", 2, 2, 2")

    def construct(self, x: Tensor, indices: Tensor, output_size: Any = None) -> Tensor:
        """The unpooled `x`."""
        return ops.max_unpool3d(x, indices, self.kernel_size, self.stride, self.padding, output_size)
