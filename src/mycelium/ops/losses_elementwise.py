"""Losses element by element: of probabilities, of logits, of distances."""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, Reduction, floats, positive, same_dtype, same_shape
from mycelium.ops.losses import reduce
from mycelium.ops.op import op

TINY = 1e-12    # what MindSpore keeps probabilities away from 0 and 1 with


# ***** probabilities and logits *****


@jax.custom_jvp
def _binary_cross_entropy(p: Any, labels: Any) -> Any:
    """Elementwise. The gradient (p - labels) / max(p (1 - p), TINY) is MindSpore's: finite, and 0 where p is right."""
    return -(labels * jnp.log(jnp.maximum(p, TINY)) + (1 - labels) * jnp.log(jnp.maximum(1 - p, TINY)))


@_binary_cross_entropy.defjvp
def _binary_cross_entropy_jvp(primals: tuple, tangents: tuple) -> tuple:
    p, labels = primals
    return _binary_cross_entropy(p, labels), tangents[0] * ((p - labels) / jnp.maximum(p * (1 - p), TINY))


def _bce(owner: str, logits: Any, labels: Any, weight: Any, reduction: str) -> Any:
    logits, labels, weight = floats(owner, logits=logits, labels=labels, weight=weight)
    same_shape(owner, logits=logits, labels=labels)
    if weight is not None and weight.shape != logits.shape:
        raise ValueError(f"For '{owner}', 'weight' should have the shape of 'logits', {logits.shape}, but got "
                         f"{weight.shape}.")
    loss = _binary_cross_entropy(logits, lax.stop_gradient(labels))
    loss = jnp.where((logits < 0) | (logits > 1), jnp.nan, loss)       # no probability, no number
    return reduce(loss if weight is None else loss * lax.stop_gradient(weight), reduction)


@op("BinaryCrossEntropy", function=None)
def binary_cross_entropy_(logits: Array, labels: Array, weight: Array | None = None, *,
                          reduction: Reduction = "mean") -> Array:
    """Binary cross entropy of probabilities: -weight (labels log p + (1 - labels) log(1 - p)).

    Args:
        logits: Tensor, float: probabilities p in [0, 1].
        labels: Tensor of the same shape, float.
        weight: Tensor of the same shape, or None for ones.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `logits` for "none". Logarithms are taken of 1e-12 at least.

    Raises:
        ValueError: Different shapes.

    Examples:
        >>> print(ops.BinaryCrossEntropy()(Tensor([0.5, 0.5]), Tensor([0.0, 1.0]), None))
        0.6931472

    MindSpore r1.8 `ops.BinaryCrossEntropy`.
    """
    return _bce("BinaryCrossEntropy", logits, labels, weight, reduction)


@op()
def binary_cross_entropy(logits: Array, labels: Array, weight: Array | None = None, *,
                         reduction: Reduction = "mean") -> Array:
    """Binary cross entropy of probabilities, see `ops.BinaryCrossEntropy`.

    Args:
        logits: Tensor, float: probabilities in [0, 1].
        labels: Tensor of the same shape, float.
        weight: Tensor of the same shape, or None for ones.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `logits` for "none".

    Examples:
        >>> print(ops.binary_cross_entropy(Tensor([0.5, 0.5]), Tensor([0.0, 1.0])))
        0.6931472

    MindSpore r2.0 `ops.binary_cross_entropy`.
    """
    return _bce("binary_cross_entropy", logits, labels, weight, reduction)


@op("BCEWithLogitsLoss", function="binary_cross_entropy_with_logits")
def binary_cross_entropy_with_logits(logits: Array, label: Array, weight: Array, pos_weight: Array, *,
                                     reduction: Reduction = "mean") -> Array:
    """Binary cross entropy of sigmoid(logits): weight ((1 - y) x + (1 + (pos_weight - 1) y) log(1 + exp(-x))).

    Args:
        logits: Tensor x, float.
        label: Tensor y of the same shape, float.
        weight: Tensor that broadcasts to `logits`.
        pos_weight: Tensor that broadcasts to `logits`: the weight of y = 1.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `logits` for "none".

    Raises:
        ValueError: `logits` and `label` have different shapes.

    Examples:
        >>> one = Tensor([1.0])
        >>> print(ops.BCEWithLogitsLoss()(Tensor([0.0, 0.0]), Tensor([0.0, 1.0]), one, one))
        0.6931472

    MindSpore r1.8 `ops.BCEWithLogitsLoss`.
    """
    owner = "BCEWithLogitsLoss"
    x, y, weight, pos_weight = floats(owner, logits=logits, label=label, weight=weight, pos_weight=pos_weight)
    same_shape(owner, logits=x, label=y)
    weight, pos_weight = lax.stop_gradient((weight, pos_weight))
    try:
        loss = weight * ((1 - y) * x + (1 + (pos_weight - 1) * y) * jax.nn.softplus(-x))
    except (TypeError, ValueError):
        raise ValueError(f"For '{owner}', 'weight' and 'pos_weight' should broadcast to the shape of 'logits', "
                         f"{x.shape}, but got {weight.shape} and {pos_weight.shape}.") from None
    return reduce(loss, reduction)


@op("SigmoidCrossEntropyWithLogits", function=None)
def sigmoid_cross_entropy_with_logits(logits: Array, labels: Array) -> Array:
    """Binary cross entropy of sigmoid(logits), element by element: (1 - y) x + log(1 + exp(-x)).

    Args:
        logits: Tensor x, float.
        labels: Tensor y of the same shape, float.

    Returns:
        Tensor like `logits`.

    Raises:
        ValueError: Different shapes.

    Examples:
        >>> print(ops.SigmoidCrossEntropyWithLogits()(Tensor([0.0, 2.0]), Tensor([1.0, 1.0])))
        [0.6931472 0.126928 ]

    MindSpore r1.8 `ops.SigmoidCrossEntropyWithLogits`.
    """
    owner = "SigmoidCrossEntropyWithLogits"
    x, y = floats(owner, logits=logits, labels=labels)
    same_shape(owner, logits=x, labels=y)
    return (1 - lax.stop_gradient(y)) * x + jax.nn.softplus(-x)


@op("KLDivLoss", function="kl_div")
def kl_div(logits: Array, labels: Array, *, reduction: Reduction = "mean") -> Array:
    """Kullback-Leibler divergence: labels (log(labels) - logits), 0 where a label is 0.

    Args:
        logits: Tensor, float: log probabilities.
        labels: Tensor of the same shape, float: probabilities.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `logits` for "none".

    Raises:
        ValueError: Different shapes.

    Examples:
        >>> print(ops.kl_div(Tensor([0.2, 0.7, 0.1]), Tensor([0.0, 1.0, 0.0]), "sum"))
        -0.7

    MindSpore r1.8 `ops.KLDivLoss`.
    """
    x, y = floats("KLDivLoss", logits=logits, labels=labels)
    same_shape("KLDivLoss", logits=x, labels=y)
    return reduce(jnp.where(y > 0, y * (jnp.log(jnp.where(y > 0, y, 1)) - x), 0), reduction)


# ***** distances *****


@op("SmoothL1Loss")
def smooth_l1_loss(logits: Array, labels: Array, *, beta: Annotated[float, positive] = 1.0,
                   reduction: Reduction = "none") -> Array:
    """Huber's loss over beta: d^2 / (2 beta) where |d| < beta, else |d| - beta / 2, for d = logits - labels.

    Args:
        logits: Tensor, float.
        labels: Tensor of the same shape and dtype.
        beta: Where the square ends, positive.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor like `logits` for "none", else of shape (1,).

    Raises:
        TypeError: Different dtypes.
        ValueError: Different shapes, or `beta` not positive.

    Examples:
        >>> print(ops.smooth_l1_loss(Tensor([1.0, 2.0, 3.0]), Tensor([1.0, 2.5, 5.0])))
        [0.    0.125 1.5  ]

    Girshick, Fast R-CNN. MindSpore r1.8 `ops.SmoothL1Loss`.
    """
    same_dtype("SmoothL1Loss", logits=logits, labels=labels)
    x, y = floats("SmoothL1Loss", logits=logits, labels=labels)
    if x.shape != y.shape:
        raise MismatchError(f"For 'SmoothL1Loss', 'logits' and 'labels' should have the same shape, but got {x.shape} "
                            f"and {y.shape}.")
    d = jnp.abs(x - y)
    loss = reduce(jnp.where(d < beta, d * d * (0.5 / beta), d - 0.5 * beta), reduction)
    return loss if reduction == "none" else loss.reshape(1)


@op("L2Loss", function=None)
def l2_loss(input_x: Array) -> Array:
    """Half the sum of squares: sum(x^2) / 2.

    Args:
        input_x: Tensor, float.

    Returns:
        Tensor of shape ().

    Examples:
        >>> print(ops.L2Loss()(Tensor([1.0, 2.0, 3.0])))
        7.0

    MindSpore r1.8 `ops.L2Loss`.
    """
    x = floats("L2Loss", input_x=input_x)
    return jnp.sum(x * x) / 2


@op("SoftMarginLoss", function=None)
def soft_margin_loss(logits: Array, labels: Array, *, reduction: Reduction = "mean") -> Array:
    """Two-class logistic loss: log(1 + exp(-labels * logits)).

    Args:
        logits: Tensor, float.
        labels: Tensor of the same shape: 1 or -1.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `logits` for "none".

    Examples:
        >>> print(ops.SoftMarginLoss()(Tensor([0.0, 0.0]), Tensor([-1.0, 1.0])))
        0.6931472

    MindSpore r1.8 `ops.SoftMarginLoss`.
    """
    x, y = floats("SoftMarginLoss", logits=logits, labels=labels)
    same_shape("SoftMarginLoss", logits=x, labels=y)
    return reduce(jax.nn.softplus(-y * x), reduction)


@op()
def mse_loss(input: Array, target: Array, *, reduction: Reduction = "mean") -> Array:
    """Squared differences.

    Args:
        input, target: Tensors whose shapes broadcast, float.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or the broadcast shape for "none".

    Examples:
        >>> print(ops.mse_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        2.0

    MindSpore r2.0 `ops.mse_loss`.
    """
    x, y = floats("mse_loss", input=input, target=target)
    return reduce((x - y) ** 2, reduction)


@op()
def l1_loss(input: Array, target: Array, *, reduction: Reduction = "mean") -> Array:
    """Absolute differences.

    Args:
        input, target: Tensors whose shapes broadcast, float.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or the broadcast shape for "none".

    Examples:
        >>> print(ops.l1_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        1.0

    MindSpore r2.0 `ops.l1_loss`.
    """
    x, y = floats("l1_loss", input=input, target=target)
    return reduce(jnp.abs(x - y), reduction)


@op()
def huber_loss(input: Array, target: Array, *, reduction: Reduction = "mean",
               delta: Annotated[float, positive] = 1.0) -> Array:
    """Huber's loss: d^2 / 2 where |d| < delta, else delta (|d| - delta / 2), for d = input - target.

    Args:
        input: Tensor, float.
        target: Tensor of the same shape.
        reduction: "none", "mean" or "sum".
        delta: Where the square ends, positive.

    Returns:
        Tensor of shape (), or like `input` for "none".

    Examples:
        >>> print(ops.huber_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        0.75

    MindSpore r2.0 `ops.huber_loss`.
    """
    return reduce(delta * smooth_l1_loss.pure(input, target, beta=delta), reduction)
