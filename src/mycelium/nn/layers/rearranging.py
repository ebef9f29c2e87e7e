"""Layers of MindSpore r2.0 that move or resize: shuffles of pixels and channels, upsampling, gates, more padding."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_int, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


class PixelShuffle(Cell):
    """Makes of r^2 channels one with r times the height and width (Shi et al. 2016).

    Args:
        upscale_factor: r, 1 or more.

    Examples:
        >>> nn.PixelShuffle(3)(Tensor(np.ones((1, 9, 4, 4), np.float32))).shape
        (1, 1, 12, 12)

    MindSpore r2.0 `nn.PixelShuffle`.
    """

    def __init__(self, upscale_factor: int):
        super().__init__()
        self.upscale_factor = check_int("PixelShuffle", "upscale_factor", upscale_factor, 1)

    def construct(self, input: Tensor) -> Tensor:
        """The shuffled input."""
        return ops.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Cell):
    """Makes r^2 channels of one, with height and width divided by r.

    Args:
        downscale_factor: r, 1 or more.

    Examples:
        >>> nn.PixelUnshuffle(3)(Tensor(np.ones((1, 1, 12, 12), np.float32))).shape
        (1, 9, 4, 4)

    MindSpore r2.0 `nn.PixelUnshuffle`.
    """

    def __init__(self, downscale_factor: int):
        super().__init__()
        self.downscale_factor = check_int("PixelUnshuffle", "downscale_factor", downscale_factor, 1)

    def construct(self, input: Tensor) -> Tensor:
        """The unshuffled input."""
        return ops.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Cell):
    """Deals the channels out of groups in turn (Zhang et al. 2018).

    Args:
        groups: How many groups.

    Examples:
        >>> print(nn.ChannelShuffle(2)(Tensor([[[1], [2], [3], [4]]]))[0, :, 0])
        [1 3 2 4]

    MindSpore r2.0 `nn.ChannelShuffle`.
    """

    def __init__(self, groups: int):
        super().__init__()
        self.groups = check_int("ChannelShuffle", "groups", groups, 1)

    def construct(self, x: Tensor) -> Tensor:
        """The shuffled `x`."""
        return ops.channel_shuffle(x, self.groups)


class Upsample(Cell):
    """Resizes images or signals.

    Args:
        size: An int or one for each spatial axis: of the output. Default: None.
        scale_factor: A factor, or one for each spatial axis, in place of `size`. Default: None.
        mode: "nearest" (default), "linear", "bilinear", "trilinear", "bicubic" or "area".
        align_corners: Whether the centres of the outer elements stay in place. Default: None, which is no.
        recompute_scale_factor: Accepted for compatibility.

    Examples:
        >>> print(nn.Upsample(size=4)(Tensor([[[1.0, 2.0]]])))
        [[[1. 1. 2. 2.]]]

    MindSpore r2.0 `nn.Upsample`.
    """

    def __init__(self, size: Any = None, scale_factor: Any = None, mode: str = "nearest",
                 align_corners: bool | None = None, recompute_scale_factor: bool | None = None):
        super().__init__()
        self.size, self.scale_factor, self.mode = size, scale_factor, mode
        self.align_corners, self.recompute_scale_factor = align_corners, recompute_scale_factor

    def construct(self, x: Tensor) -> Tensor:
        """The resized `x`."""
        return ops.upsample(x, self.size, self.scale_factor, self.mode, self.align_corners,
                            self.recompute_scale_factor)


class Unflatten(Cell):
    """Makes several axes of one.

    Args:
        axis: The axis.
        unflattened_size: Tuple of ints: the sizes it gets.

    Examples:
        >>> nn.Unflatten(1, (2, 3))(Tensor(np.ones((4, 6)))).shape
        (4, 2, 3)

    MindSpore r2.0 `nn.Unflatten`.
    """

    def __init__(self, axis: int, unflattened_size: tuple):
        super().__init__()
        if not isinstance(unflattened_size, (tuple, list)):
            raise TypeError("For 'Unflatten', 'unflattened_size' should be a tuple of ints, but got "
                            f"{describe(unflattened_size)}.")
        self.axis, self.unflattened_size = axis, tuple(unflattened_size)

    def construct(self, input: Tensor) -> Tensor:
        """The input with more axes."""
        axis = self.axis if self.axis >= 0 else self.axis + input.ndim
        return ops.reshape(input, input.shape[:axis] + self.unflattened_size + input.shape[axis + 1:])


class GLU(Cell):
    """A gated linear unit: one half of an axis times the sigmoid of the other (Dauphin et al. 2017).

    Args:
        axis: The axis. Default: -1.

    Examples:
        >>> print(nn.GLU()(Tensor([2.0, 0.0])))
        [1.]

    MindSpore r2.0 `nn.GLU`.
    """

    def __init__(self, axis: int = -1):
        super().__init__()
        self.axis = axis

    def construct(self, x: Tensor) -> Tensor:
        """The gated half."""
        return ops.glu(x, self.axis)


class Softmax2d(Cell):
    """Softmax over the channels of each pixel.

    Inputs:
        - **x** (Tensor): shape (N, C, H, W) or (C, H, W).

    Examples:
        >>> print(nn.Softmax2d()(Tensor([[[0.0]], [[0.0]]]))[:, 0, 0])
        [0.5 0.5]

    MindSpore r2.0 `nn.Softmax2d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """The shares."""
        if x.ndim not in (3, 4):
            raise ValueError(f"For 'Softmax2d', the input should have 3 or 4 axes, but got shape {x.shape}.")
        return ops.softmax(x, -3)


class Dropout1d(Cell):
    """In training, sets whole channels of (N, C, L) to zero with probability `p` and scales the others.

    Args:
        p: Probability that a channel is dropped, in [0, 1]. Default: 0.5.

    Examples:
        >>> nn.Dropout1d(p=0.5)(Tensor(np.ones((2, 3, 4), np.float32))).shape
        (2, 3, 4)

    MindSpore r2.0 `nn.Dropout1d`.
    """

    def __init__(self, p: float = 0.5):
        super().__init__()
        if not isinstance(p, (int, float)) or not 0 <= p <= 1:
            raise ValueError(f"For 'Dropout1d', the 'p' should be a number in range [0, 1], but got {describe(p)}.")
        self.prob = p

    def construct(self, x: Tensor) -> Tensor:
        """`x`, with channels set to zero when training."""
        return x if not self.training or self.prob == 0 else ops.dropout1d(x, self.prob)


class _EdgePad(Cell):
    """Shared by the layers that pad the last axes with what lies inside."""

    _mode, _axes = "replicate", 1

    def __init__(self, padding: Any):
        super().__init__()
        owner, count = type(self).__name__, 2 * self._axes
        sides = (padding,) * count if isinstance(padding, int) else padding
        if not isinstance(sides, (tuple, list)) or not all(isinstance(p, int) for p in sides):
            raise TypeError(f"For '{owner}', 'padding' should be an int or a tuple of {count} ints, but got "
                            f"{describe(padding)}.")
        if len(sides) != count or min(sides) < 0:
            raise ValueError(f"For '{owner}', 'padding' should be an int or {count} ints, each 0 or greater, but got "
                             f"{padding}.")
        self.padding = tuple(sides)

    def construct(self, x: Tensor) -> Tensor:
        """The padded `x`."""
        if x.ndim not in (self._axes + 1, self._axes + 2):
            raise ValueError(f"For '{type(self).__name__}', the input should have {self._axes + 1} or {self._axes + 2} "
                             f"axes, but got shape {x.shape}.")
        return ops.pad(x, self.padding, mode=self._mode)


def _padding_layer(name: str, mode: str, axes: int, meaning: str, example: str, result: str) -> type:
    return type(name, (_EdgePad,), {"_mode": mode, "_axes": axes, "__module__": __name__, "__doc__": f"""{meaning}

    Args:
        padding: An int for all sides, or {2 * axes} ints: before and after the last axis, then those in front of it.

    Examples:
        >>> {example}
        {result}

    MindSpore r2.0 `nn.{name}`.
    """})


ReplicationPad1d = _padding_layer("ReplicationPad1d", "replicate", 1, "Repeats the edges of (N, C, L).",
                                  "print(nn.ReplicationPad1d((1, 2))(Tensor([[1.0, 2.0]])))", "[[1. 1. 2. 2. 2.]]")
ReplicationPad2d = _padding_layer("ReplicationPad2d", "replicate", 2, "Repeats the edges of (N, C, H, W).",
                                  "nn.ReplicationPad2d(1)(Tensor(np.ones((1, 2, 3)))).shape", "(1, 4, 5)")
ReplicationPad3d = _padding_layer("ReplicationPad3d", "replicate", 3, "Repeats the edges of (N, C, D, H, W).",
                                  "nn.ReplicationPad3d(1)(Tensor(np.ones((1, 2, 3, 4)))).shape", "(1, 4, 5, 6)")
ReflectionPad3d = _padding_layer("ReflectionPad3d", "reflect", 3, "Mirrors (N, C, D, H, W) at its edges.",
                                 "nn.ReflectionPad3d(1)(Tensor(np.ones((1, 2, 3, 4)))).shape", "(1, 4, 5, 6)")
