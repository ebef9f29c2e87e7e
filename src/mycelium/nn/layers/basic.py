"""Dense, Flatten, Dropout, Identity and other small layers."""
from __future__ import annotations

import math
from typing import Any

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.initializer import initializer
from mycelium.nn.cell import Cell
from mycelium.nn.layers.activation import get_activation


class Dense(Cell):
    """Fully connected layer: y = activation(x W^T + b).

    Args:
        in_channels: Size of the last axis of the input.
        out_channels: Size of the last axis of the output.
        weight_init: Initial weight, as `initializer` takes it. Default: "normal", N(0, 0.01^2).
        bias_init: Initial bias. Default: "zeros".
        has_bias: Default: True.
        activation: Name or Cell applied to the output. Default: None.

    Inputs:
        - **x** (Tensor): shape (*, in_channels), float.

    Outputs:
        Tensor, shape (*, out_channels), dtype of `x`.

    Raises:
        TypeError: A size is not an int, `has_bias` no bool, or the input's dtype is not the weight's.
        ValueError: An initial Tensor of the wrong shape, or an input of one axis or without `in_channels` features.

    Examples:
        >>> nn.Dense(3, 4)(Tensor(np.ones((2, 3), np.float32))).shape
        (2, 4)

    MindSpore r1.8 `nn.Dense`.
    """

    def __init__(self, in_channels: int, out_channels: int, weight_init: Any = "normal", bias_init: Any = "zeros",
                 has_bias: bool = True, activation: Any = None):
        super().__init__()
        self.in_channels = check_int("Dense", "in_channels", in_channels, 1)
        self.out_channels = check_int("Dense", "out_channels", out_channels, 1)
        self.has_bias = check_type("Dense", "has_bias", has_bias, bool)
        self.weight = Parameter(
            _shaped("Dense", "weight_init", weight_init, (out_channels, in_channels)), name="weight")
        self.bias = None
        if has_bias:
            self.bias = Parameter(_shaped("Dense", "bias_init", bias_init, (out_channels,)), name="bias")
        self.activation = get_activation(activation) if isinstance(activation, str) else activation
        if activation is not None and not callable(self.activation):
            raise TypeError(f"For 'Dense', the 'activation' should be a name, a Cell or a Primitive, but got "
                            f"{describe(activation)}.")
        self.activation_flag = self.activation is not None

    def construct(self, x: Tensor) -> Tensor:
        """y = activation(x W^T + b)."""
        shape = x.shape
        if len(shape) < 2 or shape[-1] != self.in_channels:
            raise ValueError(f"For 'Dense', the input should have two or more axes, the last of in_channels="
                             f"{self.in_channels} elements, but got shape {tuple(shape)}.")
        if len(shape) != 2:
            x = ops.reshape(x, (-1, shape[-1]))
        y = ops.MatMul(False, True)(x, self.weight)
        if self.bias is not None:
            y = ops.BiasAdd()(y, self.bias)
        if len(shape) != 2:
            y = ops.reshape(y, (*shape[:-1], self.out_channels))
        return self.activation(y) if self.activation is not None else y

    def extend_repr(self) -> str:
        """Sizes, whether there is a bias, activation."""
        text = f"input_channels={self.in_channels}, output_channels={self.out_channels}"
        if self.has_bias:
            text += f", has_bias={self.has_bias}"
        if self.activation_flag:
            text += f", activation={self.activation}"
        return text


def _shaped(owner: str, name: str, init: Any, shape: tuple[int, ...]) -> Tensor:
    """The initial value in `shape`; ValueError naming the argument when a Tensor has another."""
    if isinstance(init, Tensor) and tuple(init.shape) != shape:
        raise ValueError(f"For '{owner}', the shape of '{name}' should be {shape}, but got {tuple(init.shape)}.")
    return initializer(init, shape)


class Flatten(Cell):
    """Flattens all axes after the first, or those of a range.

    Args:
        start_dim: The first axis that is joined; r2.0. Default: 1.
        end_dim: The last one; r2.0. Default: -1.

    Inputs:
        - **x** (Tensor): shape (N, *).

    Outputs:
        Tensor, shape (N, product of the others).

    Examples:
        >>> nn.Flatten()(Tensor(np.ones((2, 3, 4), np.float32))).shape
        (2, 12)

    MindSpore r1.8 `nn.Flatten`.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def construct(self, x: Tensor) -> Tensor:
        """`x` with fewer axes."""
        return ops.flatten(x, start_dim=self.start_dim, end_dim=self.end_dim)


class Identity(Cell):
    """Returns its input (MindSpore r1.8 `nn.Identity`).

    Examples:
        >>> print(nn.Identity()(Tensor([1.0])))
        [1.]
    """

    def construct(self, x: Any) -> Any:
        """`x`."""
        return x


class Dropout(Cell):
    """In training, sets elements to zero at random and scales the others by 1 / keep_prob.

    Args:
        keep_prob: Probability that an element is KEPT, in (0, 1] (PyTorch's p is the probability that it is dropped).
            Default: 0.5.
        p: The probability that an element is dropped, in [0, 1), in place of `keep_prob`; r2.0. Default: None.
        dtype: Kept for compatibility.

    Inputs:
        - **x** (Tensor): float, any shape.

    Outputs:
        Tensor like `x`; `x` itself when not training.

    Raises:
        TypeError: `keep_prob` is not a float.
        ValueError: `keep_prob` is out of range.

    Examples:
        >>> net = nn.Dropout(keep_prob=0.8)
        >>> print(net(Tensor([1.0, 2.0])))
        [1. 2.]

    Srivastava et al. 2014; MindSpore r1.8 `nn.Dropout`.
    """

    def __init__(self, keep_prob: float = 0.5, p: float | None = None, dtype: mstype.Type = mstype.float32):
        super().__init__()
        if p is not None and not isinstance(p, mstype.Type):     # r1.8 has dtype in its place
            check_type("Dropout", "p", p, (float, int))
            if not 0 <= p < 1:
                raise ValueError(f"For 'Dropout', the 'p' should be a number in range [0, 1), but got {p}.")
            keep_prob = 1.0 - p
        check_type("Dropout", "keep_prob", keep_prob, float)
        if not 0 < keep_prob <= 1:
            raise ValueError(f"For 'Dropout', the 'keep_prob' should be a number in range (0, 1], but got {keep_prob}.")
        self.keep_prob = keep_prob

    def construct(self, x: Tensor) -> Tensor:
        """`x`, thinned out when training."""
        if not self.training or self.keep_prob == 1:
            return x
        return ops.Dropout(self.keep_prob)(x)[0]

    def extend_repr(self) -> str:
        """keep_prob."""
        return f"keep_prob={self.keep_prob}"


class _ChannelDropout(Cell):
    """Drops whole channels."""

    def __init__(self, p: float = 0.5):
        super().__init__()
        owner = type(self).__name__
        check_type(owner, "p", p, float)
        if not 0 <= p <= 1:
            raise ValueError(f"For '{owner}', the 'p' should be a number in range [0, 1], but got {p}.")
        self.keep_prob = 1.0 - p

    def extend_repr(self) -> str:
        """p."""
        return f"p={1.0 - self.keep_prob}"


class Dropout2d(_ChannelDropout):
    """In training, sets whole channels of (N, C, H, W) to zero with probability `p` and scales the others.

    Args:
        p: Probability that a channel is dropped, in [0, 1]. Default: 0.5.

    Examples:
        >>> nn.Dropout2d(p=0.5)(Tensor(np.ones((2, 3, 4, 4), np.float32))).shape
        (2, 3, 4, 4)

    MindSpore r1.8 `nn.Dropout2d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """`x`, with channels set to zero when training."""
        return x if not self.training or self.keep_prob == 1 else ops.Dropout2D(self.keep_prob)(x)[0]


class Dropout3d(_ChannelDropout):
    """In training, sets whole channels of (N, C, D, H, W) to zero with probability `p` and scales the others.

    Args:
        p: Probability that a channel is dropped, in [0, 1]. Default: 0.5.

    Examples:
        >>> nn.Dropout3d(p=0.5)(Tensor(np.ones((2, 3, 4, 4, 4), np.float32))).shape
        (2, 3, 4, 4, 4)

    MindSpore r1.8 `nn.Dropout3d`.
    """

    def construct(self, x: Tensor) -> Tensor:
        """`x`, with channels set to zero when training."""
        return x if not self.training or self.keep_prob == 1 else ops.Dropout3D(self.keep_prob)(x)[0]


class OneHot(Cell):
    """One-hot vectors of indices.

    Args:
        axis: Where the new axis goes; -1 is the last. Default: -1.
        depth: Size of the new axis. Default: 1.
        on_value: Default: 1.0.
        off_value: Default: 0.0.
        dtype: Of the output. Default: float32.

    Examples:
        >>> print(nn.OneHot(depth=3)(Tensor([0, 2])))
        [[1. 0. 0.]
         [0. 0. 1.]]

    MindSpore r1.8 `nn.OneHot`.
    """

    def __init__(self, axis: int = -1, depth: int = 1, on_value: float = 1.0, off_value: float = 0.0,
                 dtype: mstype.Type = mstype.float32):
        super().__init__()
        self.axis, self.depth, self.dtype = axis, depth, dtype
        self.on_value, self.off_value = on_value, off_value

    def construct(self, indices: Tensor) -> Tensor:
        """The vectors."""
        return ops.OneHot(self.axis)(indices, self.depth, ops.cast(self.on_value, self.dtype),
                                     ops.cast(self.off_value, self.dtype))


class Norm(Cell):
    """Euclidean norm over axes: sqrt(sum x^2).

    Args:
        axis: Axes to reduce; () for all. Default: ().
        keep_dims: Keep them with size 1. Default: False.

    Examples:
        >>> print(nn.Norm(axis=0)(Tensor([3.0, 4.0])))
        5.0

    MindSpore r1.8 `nn.Norm`.
    """

    def __init__(self, axis: Any = (), keep_dims: bool = False):
        super().__init__()
        self.axis, self.keep_dims = axis, check_type("Norm", "keep_dims", keep_dims, bool)

    def construct(self, x: Tensor) -> Tensor:
        """The norm."""
        return ops.Sqrt()(ops.ReduceSum(self.keep_dims)(ops.Square()(x), self.axis))

    def extend_repr(self) -> str:
        """axis and keep_dims."""
        return f"axis={self.axis}, keep_dims={self.keep_dims}"


class ClipByNorm(Cell):
    """Scales a Tensor so that its Euclidean norm over axes is at most a given one.

    Args:
        axis: Axes of the norm; None for all. Default: None.

    Examples:
        >>> print(nn.ClipByNorm()(Tensor([3.0, 4.0]), Tensor(1.0)))
        [0.6 0.8]

    MindSpore r1.8 `nn.ClipByNorm`.
    """

    def __init__(self, axis: Any = None):
        super().__init__()
        self.axis = () if axis is None else axis

    def construct(self, x: Tensor, clip_norm: Tensor) -> Tensor:
        """`x`, scaled."""
        norm = ops.Sqrt()(ops.ReduceSum(True)(ops.Square()(x), self.axis))
        return x * clip_norm / ops.Maximum()(norm, clip_norm)


class L1Regularizer(Cell):
    """scale * sum |w|.

    Args:
        scale: Greater than 0.

    Examples:
        >>> print(nn.L1Regularizer(0.5)(Tensor([1.0, -3.0])))
        2.0

    MindSpore r1.8 `nn.L1Regularizer`.
    """

    def __init__(self, scale: float):
        super().__init__()
        check_type("L1Regularizer", "scale", scale, (int, float))
        if scale <= 0 or math.isinf(scale) or math.isnan(scale):
            raise ValueError(f"For 'L1Regularizer', the 'scale' should be a finite number greater than 0, but got "
                             f"{scale}.")
        self.scale = float(scale)

    def construct(self, weights: Tensor) -> Tensor:
        """The penalty."""
        return ops.ReduceSum()(ops.Abs()(weights)) * self.scale
