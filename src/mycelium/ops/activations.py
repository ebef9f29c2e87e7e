"""Activation functions, element by element. All take floating point Tensors."""
from __future__ import annotations

import math
from typing import Annotated, Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy.special import erf

from mycelium.ops.annotations import Array
from mycelium.ops.checks import dtype_name, floats, rank
from mycelium.ops.op import op
from mycelium.ops.promotion import as_float


def _clamped(x: Array, low: float, high: float) -> Array:
    """`x` held between two numbers; its gradient is 1 strictly between them and 0 on the edges, as in MindSpore."""
    return jnp.where((x > low) & (x < high), x, lax.stop_gradient(jnp.clip(x, low, high)))


def _wide(x: Array) -> Array:
    """`x` as float32 if it is of half precision, so that several steps round once."""
    return x.astype(jnp.promote_types(x.dtype, jnp.float32))


@op("ReLU")
def relu(x: Array) -> Array:
    """Rectified linear unit: max(x, 0).

    Args:
        x: Tensor of any real number type.

    Returns:
        Tensor like `x`. The gradient at 0 is 0.

    Raises:
        TypeError: `x` is bool or complex.

    Examples:
        >>> print(ops.relu(Tensor([-1.0, 2.0])))
        [0. 2.]

    MindSpore r1.8 `ops.ReLU`.
    """
    if hasattr(x, "dtype") and x.dtype.kind in "bc":
        raise TypeError(f"For 'ReLU', 'x' should be a Tensor of real numbers, but got {dtype_name(x)}.")
    return jax.nn.relu(x if hasattr(x, "dtype") else as_float(x))


@op("ReLU6")
def relu6(x: Array) -> Array:
    """ReLU with a ceiling: min(max(x, 0), 6).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`. The gradient at 0 is 0 and at 6 is 1.

    Examples:
        >>> print(ops.relu6(Tensor([-1.0, 2.0, 9.0])))
        [0. 2. 6.]

    Howard et al., MobileNets. MindSpore r1.8 `ops.ReLU6`.
    """
    x = floats("ReLU6", x=x)
    return jnp.where((x > 0) & (x <= 6), x, lax.stop_gradient(jnp.clip(x, 0, 6)))


@op("ReLUV2", function=None)
def relu_v2(x: Array) -> tuple[Array, Array]:
    """Rectified linear unit, max(x, 0), and where it let `x` through.

    Args:
        x: Tensor of shape (N, C, H, W), real.

    Returns:
        (Tensor like `x`, uint8 Tensor of the same shape: 1 where x > 0).

    Raises:
        ValueError: `x` does not have 4 axes.

    Examples:
        >>> y, mask = ops.ReLUV2()(Tensor([[[[1.0, -2.0]]]]))
        >>> print(y, mask)
        [[[[1. 0.]]]] [[[[1 0]]]]

    MindSpore r1.8 `ops.ReLUV2`.
    """
    rank("ReLUV2", "input_x", x, 4)
    return jax.nn.relu(x), (x > 0).astype(jnp.uint8)


@op(function="leaky_relu")
def leaky_relu(input: Array, *, alpha: float = 0.2) -> Array:
    """Leaky ReLU: x where x >= 0, alpha * x elsewhere.

    Args:
        input: Tensor, float.
        alpha: Slope for negative elements.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.leaky_relu(Tensor([-1.0, 2.0]), 0.5))
        [-0.5  2. ]

    MindSpore r2.0 `ops.leaky_relu`, the arithmetic of r1.8 `nn.LeakyReLU`.
    """
    x = floats("LeakyReLU", input=input)
    return jnp.where(x >= 0, x, alpha * x)


@op("PReLU")
def prelu(x: Array, weight: Array) -> Array:
    """Parametric ReLU: x where x > 0, weight * x elsewhere, with one slope or one for each channel.

    Args:
        x: Tensor of shape (N, C, ...), float.
        weight: Tensor of shape (1,) or (C,), same dtype.

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `weight` has neither 1 nor C elements.

    Examples:
        >>> print(ops.prelu(Tensor([[-1.0, -2.0]]), Tensor([0.1, 0.5])))
        [[-0.1 -1. ]]

    He et al., Delving Deep into Rectifiers. MindSpore r1.8 `ops.PReLU`.
    """
    x, weight = floats("PReLU", x=x, weight=weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim != 1 or weight.shape[0] not in (1, channels):
        raise ValueError(f"For 'PReLU', 'weight' should have shape (1,) or ({channels},), one slope for each channel "
                         f"of 'x' with shape {x.shape}, but got {weight.shape}.")
    slope = weight.reshape((-1,) + (1,) * (x.ndim - 2)) if x.ndim > 1 else weight
    return jnp.where(x > 0, x, slope * x)


@op("Elu")
def elu(input_x: Array, *, alpha: float = 1.0) -> Array:
    """Exponential linear unit: x where x > 0, alpha * (exp(x) - 1) elsewhere.

    Args:
        input_x: Tensor, float.
        alpha: Scale of the negative part.

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> print(ops.elu(Tensor([-1.0, 2.0])))
        [-0.63212055  2.        ]

    Clevert et al., Fast and Accurate Deep Network Learning by ELUs. MindSpore r1.8 `ops.Elu`, which takes only alpha 1.
    """
    x = floats("Elu", input_x=input_x)
    return jnp.where(x > 0, x, alpha * jnp.expm1(jnp.where(x > 0, 0, x)))


def _celu_alpha(owner, name, value):
    if value == 0:
        raise ValueError(f"For '{owner}', '{name}' should not be 0: it divides x.")
    return value


@op("CeLU")
def celu(x: Array, *, alpha: Annotated[float, _celu_alpha] = 1.0) -> Array:
    """Continuously differentiable ELU: max(0, x) + min(0, alpha * (exp(x / alpha) - 1)).

    Args:
        x: Tensor, float.
        alpha: Not 0.

    Returns:
        Tensor like `x`.

    Raises:
        ValueError: `alpha` is 0.

    Examples:
        >>> print(ops.celu(Tensor([-2.0, 1.0])))
        [-0.86466473  1.        ]

    Barron, Continuously Differentiable Exponential Linear Units. MindSpore r1.8 `ops.CeLU`.
    """
    x = floats("CeLU", x=x)
    return jnp.where(x > 0, x, alpha * jnp.expm1(jnp.where(x > 0, 0, x) / alpha))


_SELU_ALPHA, _SELU_SCALE = 1.67326324, 1.05070098


@op("SeLU")
def selu(input_x: Array) -> Array:
    """Self-normalising ELU: 1.05070098 * (x where x > 0, 1.67326324 * (exp(x) - 1) elsewhere).

    Args:
        input_x: Tensor, float.

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> print(ops.selu(Tensor([-1.0, 2.0])))
        [-1.1113307  2.101402 ]

    Klambauer et al., Self-Normalizing Neural Networks. MindSpore r1.8 `ops.SeLU`.
    """
    x = floats("SeLU", input_x=input_x)
    return _SELU_SCALE * jnp.where(x > 0, x, _SELU_ALPHA * jnp.expm1(jnp.where(x > 0, 0, x)))


def _gelu_tanh(x):
    return 0.5 * x * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


@op("GeLU", function=None)
def gelu_(x: Array) -> Array:
    """GELU in its tanh form: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.GeLU()(Tensor([1.0, 2.0])))
        [0.841192  1.9545977]

    Hendrycks and Gimpel, Gaussian Error Linear Units. MindSpore r1.8 `ops.GeLU`.
    """
    return _gelu_tanh(floats("GeLU", x=x))


@op()
def gelu(input_x: Array, *, approximate: Literal["none", "tanh"] = "none") -> Array:
    """GELU: x P(X <= x) for a standard normal X, exactly or in the tanh form of `ops.GeLU`.

    Args:
        input_x: Tensor, float.
        approximate: "none" (with erf) or "tanh".

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> print(ops.gelu(Tensor([1.0, 2.0])))
        [0.8413447 1.9544997]

    Hendrycks and Gimpel, Gaussian Error Linear Units. MindSpore r2.0 `ops.gelu`.
    """
    x = floats("gelu", input_x=input_x)
    return _gelu_tanh(x) if approximate == "tanh" else 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


@op("FastGeLU", function="fast_gelu")
def fast_gelu(x: Array) -> Array:
    """A cheap GELU: x sigmoid(1.702 x).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.fast_gelu(Tensor([-1.0, 2.0])))
        [-0.15420423  1.9356586 ]

    MindSpore r1.8 `ops.FastGeLU`.
    """
    x = floats("FastGeLU", x=x)
    return x * jax.nn.sigmoid(1.702 * x)


@op("Sigmoid", method="sigmoid")
def sigmoid(input: Array) -> Array:
    """1 / (1 + exp(-x)).

    Args:
        input: Tensor, float.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.sigmoid(Tensor([0.0, 1.0])))
        [0.5       0.7310586]

    MindSpore r1.8 `ops.Sigmoid`.
    """
    x = floats("Sigmoid", input=input)
    return jax.nn.sigmoid(_wide(x)).astype(x.dtype)


@op()
def logsigmoid(x: Array) -> Array:
    """Logarithm of the sigmoid: log(1 / (1 + exp(-x))).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.logsigmoid(Tensor([0.0, 1.0])))
        [-0.6931472 -0.3132617]

    MindSpore r2.0 `ops.logsigmoid`, r1.8 `nn.LogSigmoid`.
    """
    return jax.nn.log_sigmoid(floats("logsigmoid", x=x))


@op()
def silu(x: Array) -> Array:
    """Swish: x sigmoid(x).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.silu(Tensor([0.0, 1.0])))
        [0.        0.7310586]

    MindSpore r2.0 `ops.silu`.
    """
    x = floats("silu", x=x)
    return jax.nn.silu(_wide(x)).astype(x.dtype)


@op("HSigmoid")
def hardsigmoid(input: Array) -> Array:
    """Hard sigmoid: max(0, min(1, (x + 3) / 6)).

    Args:
        input: Tensor, float.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.hardsigmoid(Tensor([-4.0, 0.0, 1.5])))
        [0.   0.5  0.75]

    MindSpore r1.8 `ops.HSigmoid`.
    """
    x = floats("HSigmoid", input=input)
    return (_clamped(_wide(x) + 3, 0, 6) / 6).astype(x.dtype)


@op("HSwish")
def hardswish(x: Array) -> Array:
    """Hard swish: x max(0, min(6, x + 3)) / 6.

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.hardswish(Tensor([-4.0, 0.0, 1.5])))
        [-0.     0.     1.125]

    Howard et al., Searching for MobileNetV3. MindSpore r1.8 `ops.HSwish`.
    """
    x = floats("HSwish", x=x)
    wide = _wide(x)
    return (wide * _clamped(wide + 3, 0, 6) / 6).astype(x.dtype)


@op("Mish")
def mish(x: Array) -> Array:
    """Mish: x tanh(log(1 + exp(x))).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.mish(Tensor([-1.0, 4.0])))
        [-0.30340  3.99741 ]

    Misra, Mish. MindSpore r1.8 `ops.Mish`.
    """
    x = floats("Mish", x=x)
    return x * jnp.tanh(jax.nn.softplus(x))


@op("Softplus", function=None)
def softplus(x: Array) -> Array:
    """Softplus: log(1 + exp(x)).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.Softplus()(Tensor([0.0, 1.0])))
        [0.6931472 1.3132617]

    MindSpore r1.8 `ops.Softplus`.
    """
    return jax.nn.softplus(floats("Softplus", x=x))


@op("Softsign")
def softsign(x: Array) -> Array:
    """Softsign: x / (1 + |x|).

    Args:
        x: Tensor, float.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.softsign(Tensor([-1.0, 3.0])))
        [-0.5   0.75]

    MindSpore r1.8 `ops.Softsign`.
    """
    x = floats("Softsign", x=x)
    return x / (1 + jnp.abs(x))


@op("Tanh", method="tanh")
def tanh(input_x: Array) -> Array:
    """The hyperbolic tangent.

    Args:
        input_x: Tensor, float.

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> print(ops.tanh(Tensor([0.0, 1.0])))
        [0.        0.7615942]

    MindSpore r1.8 `ops.Tanh`.
    """
    return jnp.tanh(floats("Tanh", input_x=input_x))
