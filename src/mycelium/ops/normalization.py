"""Normalization by mean and variance, by length, by neighbours."""
from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.errors import check_choice, check_range, check_type
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, axis_in, floats, not_negative
from mycelium.ops.checks import rank as check_rank
from mycelium.ops.op import function, op, primitive
from mycelium.ops.primitive import Primitive


class _Moments(NamedTuple):
    moved: Any          # x - shift
    shift: Any
    mean: Any           # of moved
    variance: Any


def _moments(x: Any, axes: tuple[int, ...]) -> _Moments:
    """Mean and variance over `axes`, which are kept, from one pass over x.

    The shift, a mean over the first entry of the first axis, keeps the difference E[x^2] - E[x]^2 from losing digits
    where the mean is large.
    """
    shift = lax.stop_gradient(jnp.mean(x[:1], axes, keepdims=True))
    moved = x - shift
    mean = jnp.mean(moved, axes, keepdims=True)
    return _Moments(moved, shift, mean, jnp.maximum(jnp.mean(moved * moved, axes, keepdims=True) - mean * mean, 0))


# ***** batch *****


def _channels(x: Any, data_format: str, **stats: Any) -> tuple:
    """The axes to reduce, and each of `stats` in a shape that broadcasts against x."""
    if x.ndim < 2:
        raise ValueError(f"For 'BatchNorm', 'input_x' should have 2 axes (N, C) or more, but got shape {x.shape}.")
    channel = x.ndim - 1 if data_format == "NHWC" else 1
    for name, s in stats.items():
        if s.shape != (x.shape[channel],):
            raise ValueError(f"For 'BatchNorm', '{name}' should have shape ({x.shape[channel]},), one number for each "
                             f"channel of 'input_x' with shape {x.shape}, but got {s.shape}.")
    shape = [1] * x.ndim
    shape[channel] = -1
    return tuple([i for i in range(x.ndim) if i != channel]), *(s.reshape(shape) for s in stats.values())


def _wide(x: Any) -> Any:
    return jnp.promote_types(x.dtype, jnp.float32)


@op(function=None, writes=("mean", "variance"))
def _batch_norm_training(input_x: Array, scale: Array, bias: Array, mean: Array, variance: Array, *, epsilon: float,
                         momentum: float, data_format: str) -> tuple:
    """Normalizes by the batch's own mean and variance, and moves the moving ones towards them."""
    x, scale, bias, mean, variance = floats("BatchNorm", input_x=input_x, scale=scale, bias=bias, mean=mean,
                                            variance=variance)
    wide = _wide(x)
    axes, gamma, beta, *_ = _channels(x, data_format, scale=scale, bias=bias, mean=mean, variance=variance)
    found = _moments(x.astype(wide), axes)
    factor = lax.rsqrt(found.variance + epsilon) * gamma.astype(wide)
    y = found.moved * factor + (beta.astype(wide) - found.mean * factor)
    batch = [lax.stop_gradient(s.reshape(-1)) for s in (found.mean + found.shift, found.variance)]
    moving = [(1 - momentum) * lax.stop_gradient(old) + momentum * new.astype(old.dtype)
              for old, new in zip((mean, variance), batch, strict=True)]
    return *moving, y.astype(x.dtype), *batch, *batch


@op(function=None)
def _batch_norm_inference(input_x: Array, scale: Array, bias: Array, mean: Array, variance: Array, *, epsilon: float,
                          data_format: str) -> tuple:
    """Normalizes by the given mean and variance."""
    x, scale, bias, mean, variance = floats("BatchNorm", input_x=input_x, scale=scale, bias=bias, mean=mean,
                                            variance=variance)
    wide = _wide(x)
    mean, variance = lax.stop_gradient((mean, variance))
    _, *stats = _channels(x, data_format, scale=scale, bias=bias, mean=mean, variance=variance)
    gamma, beta, mu, var = (s.astype(wide) for s in stats)
    factor = lax.rsqrt(var + epsilon) * gamma
    return (x * factor + (beta - mu * factor)).astype(x.dtype), mean, variance, mean, variance


@primitive
class BatchNorm(Primitive):
    """Batch normalization: (x - mean) / sqrt(variance + epsilon) * scale + bias for each channel.

    Args:
        is_training: Take mean and variance from the batch, and move the moving ones: moving = (1 - momentum) * moving +
            momentum * batch (momentum is 1 minus Keras's, and equal to PyTorch's; the variance is the biased one).
        epsilon: Added to the variance, in (0, 1].
        momentum: How far the moving mean and variance move, in [0, 1].
        data_format: "NCHW" (also for 2 to 5 axes, channels second) or "NHWC" (channels last).

    Inputs:
        input_x: Tensor of shape (N, C, ...), float.
        scale, bias: Tensors of shape (C,), float.
        mean, variance: Parameters of shape (C,): the moving ones; written when training.

    Returns:
        (Tensor like `input_x`, mean used, variance used, and these two once more).

    Raises:
        TypeError: `is_training` is not bool, or an input is not float.
        ValueError: `epsilon`, `momentum` or a shape is out of range.

    Examples:
        >>> one, zero = Tensor([1.0]), Tensor([0.0])
        >>> print(ops.BatchNorm(epsilon=1.0)(Tensor([[1.0], [2.0]]), one, zero, one, Tensor([3.0]))[0])
        [[0. ]
         [0.5]]

    Ioffe and Szegedy, Batch Normalization. MindSpore r1.8 `ops.BatchNorm`.
    """

    def __init__(self, is_training: bool = False, epsilon: float = 1e-5, momentum: float = 0.1,
                 data_format: str = "NCHW"):
        super().__init__("BatchNorm")
        self.add_prim_attr("is_training", check_type("BatchNorm", "is_training", is_training, bool))
        self.add_prim_attr("epsilon", check_range("BatchNorm", "epsilon", epsilon, 0, 1, "(]"))
        self.add_prim_attr("momentum", check_range("BatchNorm", "momentum", momentum, 0, 1))
        self.add_prim_attr("data_format", check_choice("BatchNorm", "data_format", data_format, ("NCHW", "NHWC")))

    def __call__(self, input_x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor) -> tuple:
        inputs = (input_x, scale, bias, mean, variance)
        if self.is_training:    # type: ignore[attr-defined]
            return _batch_norm_training.op(inputs, (self.epsilon, self.momentum, self.data_format))     # type: ignore
        return _batch_norm_inference.op(inputs, (self.epsilon, self.data_format))   # type: ignore[attr-defined]


@function()
def batch_norm(input_x: Tensor, running_mean: Tensor, running_var: Tensor, weight: Tensor, bias: Tensor,
               training: bool = False, momentum: float = 0.1, eps: float = 1e-5) -> Tensor:
    """Batch normalization, see `ops.BatchNorm`.

    Args:
        input_x: Tensor of shape (N, C, ...), float.
        running_mean, running_var: Parameters of shape (C,); written when training.
        weight, bias: Tensors of shape (C,): scale and shift.
        training: Take mean and variance from the batch.
        momentum: How far the running mean and variance move.
        eps: Added to the variance.

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> one, zero = Tensor([1.0]), Tensor([0.0])
        >>> print(ops.batch_norm(Tensor([[1.0], [2.0]]), one, Tensor([3.0]), one, zero, eps=1.0))
        [[0. ]
         [0.5]]

    MindSpore r2.0 `ops.batch_norm`.
    """
    return BatchNorm(training, eps, momentum)(input_x, weight, bias, running_mean, running_var)[0]


# ***** layer *****


@op("LayerNorm", function=None)
def layer_norm_(input_x: Array, gamma: Array, beta: Array, *, begin_norm_axis: int = 1, begin_params_axis: int = 1,
                epsilon: float = 1e-7) -> tuple[Array, Array, Array]:
    """Layer normalization: (x - mean) / sqrt(variance + epsilon) * gamma + beta over the last axes.

    Args:
        input_x: Tensor, float.
        gamma, beta: Tensors of shape input_x.shape[begin_params_axis:].
        begin_norm_axis: The first of the axes that mean and variance are taken over.
        begin_params_axis: The first of the axes of `gamma` and `beta`.
        epsilon: Added to the variance.

    Returns:
        (Tensor like `input_x`, mean, variance), the last two with the normalized axes of size 1.

    Raises:
        TypeError: An input is not float.
        ValueError: No such axis, or `gamma` and `beta` do not fit.

    Examples:
        >>> y, mean, variance = ops.LayerNorm()(Tensor([[1.0, 3.0]]), Tensor([1.0, 1.0]), Tensor([0.0, 0.0]))
        >>> print(y, mean, variance)
        [[-1.  1.]] [[2.]] [[1.]]

    Ba et al., Layer Normalization. MindSpore r1.8 `ops.LayerNorm`.
    """
    x, gamma, beta = floats("LayerNorm", input_x=input_x, gamma=gamma, beta=beta)
    for name, axis in (("begin_norm_axis", begin_norm_axis), ("begin_params_axis", begin_params_axis)):
        if not -1 <= axis < x.ndim:
            raise MismatchError(f"For 'LayerNorm', '{name}' should be in [-1, {x.ndim}), but got {axis}.")
    expected = x.shape[begin_params_axis % x.ndim:]
    if gamma.shape != expected or beta.shape != expected:
        raise ValueError(f"For 'LayerNorm', 'gamma' and 'beta' should have the shape of the input from axis "
                         f"{begin_params_axis} on, {expected}, but got {gamma.shape} and {beta.shape}.")
    axes = tuple(range(begin_norm_axis % x.ndim, x.ndim))
    wide = x.astype(_wide(x))
    mean = jnp.mean(wide, axes, keepdims=True)
    centered = wide - mean
    variance = jnp.mean(centered * centered, axes, keepdims=True)
    y = centered * lax.rsqrt(variance + epsilon) * gamma + beta
    return y.astype(x.dtype), mean.astype(x.dtype), variance.astype(x.dtype)


# ***** others *****


def _one_axis_or_more(owner: str, name: str, value: Any) -> tuple:
    axes = value if isinstance(value, tuple) else (value,)
    if not axes or not all(type(a) is int for a in axes):
        raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of ints, but got {value!r}.")
    return axes


@op("L2Normalize", function=None)
def l2_normalize(x: Array, *, axis: Annotated[int | tuple, _one_axis_or_more] = 0, epsilon: float = 1e-4) -> Array:
    """Divides by the length along an axis: x / sqrt(max(sum(x^2), epsilon)).

    Args:
        x: Tensor, float.
        axis: The axis, or several.
        epsilon: Lower bound of the sum of squares.

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.L2Normalize()(Tensor([3.0, 4.0])))
        [0.6 0.8]

    MindSpore r1.8 `ops.L2Normalize`.
    """
    x = floats("L2Normalize", x=x)
    axes = tuple([axis_in("L2Normalize", a, x.ndim) for a in _one_axis_or_more("L2Normalize", "axis", axis)])
    wide = x.astype(_wide(x))
    return (wide * lax.rsqrt(jnp.maximum(jnp.sum(wide * wide, axes, keepdims=True), epsilon))).astype(x.dtype)


@op("LRN")
def lrn(x: Array, *, depth_radius: Annotated[int, not_negative] = 5, bias: float = 1.0, alpha: float = 1.0,
        beta: float = 0.5, norm_region: Literal["ACROSS_CHANNELS"] = "ACROSS_CHANNELS") -> Array:
    """Local response normalization: x_c / (bias + alpha * sum of x_k^2 for |k - c| <= depth_radius)^beta.

    Args:
        x: Tensor of shape (N, C, H, W), float.
        depth_radius: Channels on either side that are summed.
        bias, alpha, beta: As in the formula.
        norm_region: "ACROSS_CHANNELS".

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `x` does not have 4 axes, or `depth_radius` is negative.

    Examples:
        >>> print(ops.lrn(Tensor(np.ones((1, 3, 1, 1), np.float32)), depth_radius=1, bias=2.0)[0, :, 0, 0])
        [0.5        0.4472136 0.5      ]

    Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks. MindSpore r1.8 `ops.LRN`.
    """
    x = floats("LRN", x=x)
    check_rank("LRN", "x", x, 4)
    wide = x.astype(_wide(x))
    squares = lax.reduce_window(wide * wide, np.zeros((), wide.dtype), lax.add, (1, 2 * depth_radius + 1, 1, 1),
                                (1, 1, 1, 1), ((0, 0), (depth_radius, depth_radius), (0, 0), (0, 0)))
    return (wide * (bias + alpha * squares) ** -beta).astype(x.dtype)
