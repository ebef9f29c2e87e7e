"""Padding: Pad, constant, zero and reflection padding."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


class Pad(Cell):
    """Pads every axis of a Tensor.

    Args:
        paddings: A tuple of pairs (before, after), one for each axis.
        mode: "CONSTANT" (default) puts zeros, "REFLECT" the mirror image without the edge (2 1 | 0 1 2), "SYMMETRIC"
            the mirror image with it (1 0 | 0 1 2).

    Inputs:
        - **x** (Tensor): any shape.

    Outputs:
        Tensor whose sizes grow by before + after.

    Raises:
        TypeError: `paddings` is not a tuple.
        ValueError: Another mode, or not one pair for each axis.

    Examples:
        >>> print(nn.Pad(((0, 0), (1, 2)), mode="SYMMETRIC")(Tensor([[1, 2, 3]])))
        [[1 1 2 3 3 2]]

    MindSpore r1.8 `nn.Pad`.
    """

    def __init__(self, paddings: tuple, mode: str = "CONSTANT"):
        super().__init__()
        check_type("Pad", "paddings", paddings, tuple)
        if mode not in ("CONSTANT", "REFLECT", "SYMMETRIC"):
            raise ValueError(f"For 'Pad', the 'mode' should be 'CONSTANT', 'REFLECT' or 'SYMMETRIC', but got "
                             f"{describe(mode)}.")
        for pair in paddings:
            if len(pair) != 2:
                raise ValueError(f"For 'Pad', 'paddings' should hold pairs (before, after), but got {paddings}.")
        self.mode = mode
        self.paddings = tuple([tuple(p) for p in paddings])

    def construct(self, x: Tensor) -> Tensor:
        """The padded `x`."""
        if self.mode == "CONSTANT":
            return ops.pad(x, self.paddings)
        return ops.MirrorPad(self.mode)(x, self.paddings)


def _sides(owner: str, padding: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Pairs (before, after), last axis first; an int stands for all sides of `axes` axes."""
    if isinstance(padding, int) and not isinstance(padding, bool):
        padding = (padding,) * (2 * axes)
    if not isinstance(padding, tuple) or not all(isinstance(p, int) and not isinstance(p, bool) for p in padding):
        raise TypeError(f"For '{owner}', 'padding' should be an int or a tuple of ints, but got {describe(padding)}.")
    if len(padding) % 2 or not 0 < len(padding) <= 2 * axes:
        raise ValueError(f"For '{owner}', 'padding' should hold pairs (before, after) for up to {axes} axes, but got "
                         f"{padding}.")
    return tuple(zip(padding[::2], padding[1::2], strict=True))


def _for_all_axes(owner: str, x: Tensor, sides: tuple[tuple[int, int], ...]) -> tuple:
    if len(sides) > x.ndim:     # an int pads all axes there are
        sides = sides[:x.ndim]
    pairs = ((0, 0),) * (x.ndim - len(sides)) + sides[::-1]
    for n, (before, after) in zip(x.shape, pairs, strict=True):
        if n + min(before, 0) + min(after, 0) < 1 or n + before + after < 1:
            raise ValueError(f"For '{owner}', 'padding' should leave something of the input, but got {pairs} for shape "
                             f"{tuple(x.shape)}.")
    return pairs


class _ConstantPad(Cell):
    """Shared by the constant paddings."""

    axes = 1

    def __init__(self, padding: Any, value: float):
        super().__init__()
        owner = type(self).__name__
        self.padding = _sides(owner, padding, self.axes)
        self.value = check_type(owner, "value", value, (int, float))

    def construct(self, x: Tensor) -> Tensor:
        """The padded `x`."""
        pairs = _for_all_axes(type(self).__name__, x, self.padding)
        y = ops.pad(x, pairs)
        if self.value == 0:
            return y
        inside = ops.pad(ops.ones_like(x), pairs)
        return ops.select(inside == 1, y, ops.fill(x.dtype, y.shape, self.value))


_CONSTANT = """
    Args:
        padding: int for all sides, or (before, after) pairs, last axis first. Negative numbers cut off.
        value: What is put around.

    Inputs:
        - **x** (Tensor): any shape.

    Outputs:
        Tensor whose sizes change by before + after.

    Raises:
        TypeError: `padding` is no int or tuple of ints, or `value` no number.
        ValueError: The number of paddings is wrong, or nothing would be left.

    Examples:"""


class ConstantPad1d(_ConstantPad):
    __doc__ = f"""Puts a number around the last axis.
{_CONSTANT}
        >>> print(nn.ConstantPad1d((1, 2), 0.5)(Tensor([[1.0, 2.0]])))
        [[0.5 1.  2.  0.5 0.5]]

    MindSpore r1.8 `nn.ConstantPad1d`.
    """


class ConstantPad2d(_ConstantPad):
    __doc__ = f"""Puts a number around the last two axes.
{_CONSTANT}
        >>> print(nn.ConstantPad2d((1, 0, 0, 1), 0.5)(Tensor([[1.0, 2.0]])))
        [[0.5 1.  2. ]
         [0.5 0.5 0.5]]

    MindSpore r1.8 `nn.ConstantPad2d`.
    """

    axes = 2


class ConstantPad3d(_ConstantPad):
    __doc__ = f"""Puts a number around the last three axes.
{_CONSTANT}
        >>> nn.ConstantPad3d(1, 0.5)(Tensor(np.ones((1, 2, 3, 4), np.float32))).shape
        (1, 4, 5, 6)

    MindSpore r1.8 `nn.ConstantPad3d`.
    """

    axes = 3


class ZeroPad2d(_ConstantPad):
    """Puts zeros around the last two axes.

    Args:
        padding: int for all sides, or (left, right, top, bottom). Negative numbers cut off.

    Inputs:
        - **x** (Tensor): any shape.

    Outputs:
        Tensor whose sizes change by before + after.

    Examples:
        >>> print(nn.ZeroPad2d((1, 0, 0, 1))(Tensor([[1.0, 2.0]])))
        [[0. 1. 2.]
         [0. 0. 0.]]

    MindSpore r1.8 `nn.ZeroPad2d`.
    """

    axes = 2

    def __init__(self, padding: Any):
        super().__init__(padding, 0)


class _ReflectionPad(Cell):
    """Shared by the reflection paddings."""

    axes = 1

    def __init__(self, padding: Any):
        super().__init__()
        owner = type(self).__name__
        self.padding = _sides(owner, padding, self.axes)
        if any(min(side) < 0 for side in self.padding):
            raise ValueError(f"For '{owner}', 'padding' should not be negative, but got {padding}.")

    def construct(self, x: Tensor) -> Tensor:
        """The padded `x`."""
        return ops.MirrorPad("REFLECT")(x, _for_all_axes(type(self).__name__, x, self.padding))


class ReflectionPad1d(_ReflectionPad):
    """Puts the mirror image, without the edge, around the last axis: 2 1 | 0 1 2.

    Args:
        padding: int for both sides, or (left, right), not negative and smaller than the axis.

    Inputs:
        - **x** (Tensor): shape (C, L) or (N, C, L).

    Outputs:
        Tensor whose last axis grows by left + right.

    Raises:
        TypeError: `padding` is no int or tuple of ints.
        ValueError: A number is negative or too large.

    Examples:
        >>> print(nn.ReflectionPad1d((2, 1))(Tensor([[0.0, 1.0, 2.0]])))
        [[2. 1. 0. 1. 2. 1.]]

    MindSpore r1.8 `nn.ReflectionPad1d`.
    """


class ReflectionPad2d(_ReflectionPad):
    """Puts the mirror image, without the edges, around the last two axes.

    Args:
        padding: int for all sides, or (left, right, top, bottom), not negative and smaller than the axis.

    Inputs:
        - **x** (Tensor): shape (C, H, W) or (N, C, H, W).

    Outputs:
        Tensor whose last two axes grow.

    Raises:
        TypeError: `padding` is no int or tuple of ints.
        ValueError: A number is negative or too large.

    Examples:
        >>> print(nn.ReflectionPad2d((1, 0, 0, 1))(Tensor([[[0.0, 1.0], [2.0, 3.0]]])))
        [[[1. 0. 1.]
          [3. 2. 3.]
          [1. 0. 1.]]]

    MindSpore r1.8 `nn.ReflectionPad2d`.
    """

    axes = 2
