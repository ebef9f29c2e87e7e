"""Activations in pieces: Hardtanh, Threshold, Tanhshrink, RReLU."""
from __future__ import annotations

from mycelium import ops
from mycelium.core.errors import check_type
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


class Hardtanh(Cell):
    """min(max(x, min_val), max_val), element by element.

    Args:
        min_val: Default: -1.0.
        max_val: Not less than `min_val`. Default: 1.0.

    Inputs:
        - **x** (Tensor): float, any shape.

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: A bound is no number.
        ValueError: `max_val` is less than `min_val`.

    Examples:
        >>> print(nn.Hardtanh()(Tensor([-2.0, 0.5, 3.0])))
        [-1.   0.5  1. ]

    MindSpore r1.8 `nn.Hardtanh`.
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0):
        super().__init__()
        self.min_val = check_type("Hardtanh", "min_val", min_val, (float, int))
        self.max_val = check_type("Hardtanh", "max_val", max_val, (float, int))
        if max_val < min_val:
            raise ValueError(f"For 'Hardtanh', 'max_val' should be at least 'min_val', {min_val}, but got {max_val}.")

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return ops.hardtanh(x, float(self.min_val), float(self.max_val))


class Threshold(Cell):
    """x where x > threshold, else `value`.

    Args:
        threshold: What an element has to exceed.
        value: What replaces the others.

    Inputs:
        - **input_x** (Tensor): any shape.

    Outputs:
        Tensor like `input_x`.

    Raises:
        TypeError: An argument is no number.

    Examples:
        >>> print(nn.Threshold(0.5, 9)(Tensor([0.5, 0.75])))
        [9.   0.75]

    MindSpore r1.8 `nn.Threshold`.
    """

    def __init__(self, threshold: float, value: float):
        super().__init__()
        self.threshold = check_type("Threshold", "threshold", threshold, (float, int))
        self.value = check_type("Threshold", "value", value, (float, int))

    def construct(self, input_x: Tensor) -> Tensor:
        """The activation of each element."""
        return ops.select(input_x > self.threshold, input_x, ops.fill(input_x.dtype, input_x.shape, self.value))


class Tanhshrink(Cell):
    """x - tanh(x), element by element.

    Inputs:
        - **x** (Tensor): float, any shape.

    Outputs:
        Tensor like `x`.

    Examples:
        >>> print(nn.Tanhshrink()(Tensor([0.0])))
        [0.]

    MindSpore r1.8 `nn.Tanhshrink`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return x - ops.tanh(x)


class RReLU(Cell):
    """x where x >= 0, else a * x with a slope `a` drawn for each element from [lower, upper).

    Args:
        lower: Default: 1/8.
        upper: Not less than `lower`. Default: 1/3.

    Inputs:
        - **x** (Tensor): any shape.

    Outputs:
        Tensor like `x`. Slopes are drawn in training and outside of it.

    Raises:
        TypeError: A bound is no number.
        ValueError: `lower` is greater than `upper`.

    Examples:
        >>> print(nn.RReLU(0.5, 0.5)(Tensor([-1.0, 2.0])))
        [-0.5  2. ]

    Xu et al. 2015; MindSpore r1.8 `nn.RReLU`.
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3):
        super().__init__()
        self.lower = check_type("RReLU", "lower", lower, (float, int))
        self.upper = check_type("RReLU", "upper", upper, (float, int))
        if lower > upper:
            raise ValueError(f"For 'RReLU', 'upper' should be 'lower' or greater, but got {lower} and {upper}.")

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        slope = self.lower + (self.upper - self.lower) * ops.UniformReal()(x.shape)
        return ops.select(x >= 0, x, x * ops.cast(slope, x.dtype))
