"""Losses of classes. As in MindSpore no gradient flows to probabilities given as labels, nor to weights."""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import Reduction, floats, integers, rank, same_dtype, same_shape
from mycelium.ops.op import op


def reduce(values: Any, reduction: str) -> Any:
    """The values as they are ("none"), their mean or their sum."""
    return values if reduction == "none" else jnp.mean(values) if reduction == "mean" else jnp.sum(values)


@op("SoftmaxCrossEntropyWithLogits", function=None)
def softmax_cross_entropy_with_logits(logits: Array, labels: Array) -> tuple[Array, Array]:
    """Cross entropy of softmax(logits) with class probabilities: -sum_c labels_c log softmax(logits)_c.

    Args:
        logits: Tensor of shape (N, C), float.
        labels: Tensor of shape (N, C), same dtype: probabilities, or one-hot.

    Returns:
        (loss of shape (N,), its gradient softmax(logits) - labels of shape (N, C)).

    Raises:
        TypeError: Different dtypes.
        ValueError: Different shapes, or not 2 axes.

    Examples:
        >>> loss, dlogits = ops.SoftmaxCrossEntropyWithLogits()(Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0]]))
        >>> print(loss, dlogits)
        [0.6931472] [[-0.5  0.5]]

    MindSpore r1.8 `ops.SoftmaxCrossEntropyWithLogits`.
    """
    owner = "SoftmaxCrossEntropyWithLogits"
    if hasattr(labels, "dtype"):
        same_dtype(owner, logits=logits, labels=labels)
    logits, labels = floats(owner, logits=logits, labels=labels)
    same_shape(owner, logits=logits, labels=labels)
    rank(owner, "logits", logits, 2)
    labels = lax.stop_gradient(labels)
    log_p = jax.nn.log_softmax(logits, -1)
    return -jnp.sum(labels * log_p, -1), lax.stop_gradient(jnp.exp(log_p) - labels)


@op("SparseSoftmaxCrossEntropyWithLogits", function=None)
def sparse_softmax_cross_entropy_with_logits(logits: Array, labels: Array, *, is_grad: bool = False) -> Array:
    """Mean cross entropy of softmax(logits) with class indices, or its gradient.

    Args:
        logits: Tensor of shape (N, C), float.
        labels: Tensor of shape (N,), int32 or int64, in [0, C).
        is_grad: Return the gradient towards `logits` in place of the loss.

    Returns:
        Tensor of shape () (the loss), or (N, C).

    Raises:
        TypeError: `labels` are not integers.
        ValueError: The shapes do not go together.

    Examples:
        >>> print(ops.SparseSoftmaxCrossEntropyWithLogits()(Tensor([[0.0, 0.0]]), Tensor([1])))
        0.6931472

    MindSpore r1.8 `ops.SparseSoftmaxCrossEntropyWithLogits`.
    """
    owner = "SparseSoftmaxCrossEntropyWithLogits"
    logits = floats(owner, logits=logits)
    integers(owner, labels=labels)
    if logits.ndim < 2 or logits.shape[:-1] != labels.shape:
        raise ValueError(f"For '{owner}', 'labels' should have the shape of 'logits' without its last axis, but got "
                         f"logits of shape {logits.shape} and labels of shape {labels.shape}.")

    def loss(logits: Any) -> Any:
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits, -1), labels[..., None], -1))

    return jax.grad(loss)(logits) if is_grad else loss(logits)


@op("NLLLoss", function=None)
def nll_loss_(logits: Array, labels: Array, weight: Array, *, reduction: Reduction = "mean") -> tuple[Array, Array]:
    """Negative log likelihood: -weight[label] * logits[n, label]; the mean is divided by the sum of the weights used.

    Args:
        logits: Tensor of shape (N, C) or (C,), float: log probabilities.
        labels: Tensor of shape (N,) or (), integers; those outside [0, C) count nothing.
        weight: Tensor of shape (C,), float.
        reduction: "none", "mean" or "sum".

    Returns:
        (loss of shape () or (N,), sum of the weights used).

    Raises:
        TypeError: `labels` are not integers.
        ValueError: The shapes do not go together.

    Examples:
        >>> loss, total = ops.NLLLoss()(Tensor([[-1.0, -2.0]]), Tensor([1]), Tensor([1.0, 3.0]))
        >>> print(loss, total)
        2.0 3.0

    MindSpore r1.8 `ops.NLLLoss`.
    """
    logits, weight = floats("NLLLoss", logits=logits, weight=weight)
    integers("NLLLoss", labels=labels)
    rank("NLLLoss", "logits", logits, 1, 2)
    classes = logits.shape[-1]
    if labels.shape != logits.shape[:-1] and labels.size != 1 or weight.shape != (classes,):
        raise ValueError(f"For 'NLLLoss', 'labels' should have shape {logits.shape[:-1]} and 'weight' ({classes},) for "
                         f"logits of shape {logits.shape}, but got {labels.shape} and {weight.shape}.")
    labels = labels.reshape(logits.shape[:-1])
    valid = (labels >= 0) & (labels < classes)
    index = jnp.where(valid, labels, 0)
    used = lax.stop_gradient(jnp.where(valid, weight[index], 0))
    loss = -used.astype(logits.dtype) * jnp.take_along_axis(logits, index[..., None], -1)[..., 0]
    total = jnp.sum(used)
    if reduction == "none":
        return loss, total
    loss = jnp.sum(loss)
    return loss / total.astype(loss.dtype) if reduction == "mean" else loss, total


def _smoothing(owner: str, name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"For '{owner}', '{name}' should be in [0, 1], but got {value}.")
    return value


Smoothing = Annotated[float, _smoothing]


@op()
def nll_loss(inputs: Array, target: Array, weight: Array | None = None, *, ignore_index: int = -100,
             reduction: Reduction = "mean", label_smoothing: Smoothing = 0.0) -> Array:
    """Negative log likelihood of class indices.

    The mean is divided by the sum of the weights used. With label smoothing s the result is (1 - s) times that, plus s
    times the same reduction of the mean over classes of -inputs, unweighted, where an ignored target counts as 0.

    Args:
        inputs: Tensor of shape (N, C), (C,), or (N, C, d1, ...), float: log probabilities.
        target: Tensor of shape (N,), (), or (N, d1, ...), int32 or int64.
        weight: Tensor of shape (C,), or None for ones.
        ignore_index: A target that counts nothing.
        reduction: "none", "mean" or "sum".
        label_smoothing: s, in [0, 1].

    Returns:
        Tensor of shape (), or that of `target` for "none".

    Raises:
        TypeError: `target` is not of integers.
        ValueError: The shapes do not go together.

    Examples:
        >>> print(ops.nll_loss(Tensor([[-1.0, -2.0], [-3.0, -4.0]]), Tensor([1, 0])))
        2.5

    MindSpore r1.8 `ops.nll_loss`.
    """
    inputs, weight = floats("nll_loss", inputs=inputs, weight=weight)
    integers("nll_loss", target=target)
    axis = 0 if inputs.ndim == 1 else 1
    if target.shape != inputs.shape[:axis] + inputs.shape[axis + 1:]:
        raise ValueError(f"For 'nll_loss', 'target' should have the shape of 'inputs' without the axis of classes, but "
                         f"got inputs of shape {inputs.shape} and target of shape {target.shape}.")
    counts = target != ignore_index
    index = jnp.where(counts, target, 0)
    picked = jnp.take_along_axis(inputs, jnp.expand_dims(index, axis), axis).squeeze(axis)
    used = counts.astype(inputs.dtype) if weight is None else \
        lax.stop_gradient(jnp.where(counts, weight[index], 0)).astype(inputs.dtype)
    loss = jnp.where(counts, -used * picked, 0)
    if reduction == "mean":
        loss = jnp.sum(loss) / jnp.sum(used)
    elif reduction == "sum":
        loss = jnp.sum(loss)
    if not label_smoothing:
        return loss
    smooth = reduce(jnp.where(counts, -jnp.mean(inputs, axis), 0), reduction)
    return (1 - label_smoothing) * loss + label_smoothing * smooth


@op()
def cross_entropy(inputs: Array, target: Array, weight: Array | None = None, *, ignore_index: int = -100,
                  reduction: Reduction = "mean", label_smoothing: Smoothing = 0.0) -> Array:
    """Cross entropy of softmax(inputs) with class indices (see `ops.nll_loss`) or class probabilities.

    Args:
        inputs: Tensor of shape (N, C), (C,), or (N, C, d1, ...), float: unnormalised log probabilities.
        target: Class indices: integers of shape (N,), (), or (N, d1, ...). Or probabilities of the shape of `inputs`.
        weight: Tensor of shape (C,), or None for ones.
        ignore_index: A class index that counts nothing.
        reduction: "none", "mean" or "sum"; the mean over probabilities is divided by N d1 ...
        label_smoothing: In [0, 1].

    Returns:
        Tensor of shape (), or `inputs` without the axis of classes for "none".

    Raises:
        ValueError: The shapes do not go together.

    Examples:
        >>> print(ops.cross_entropy(Tensor([[0.0, 0.0]]), Tensor([1])))
        0.6931472

    MindSpore r1.8 `ops.cross_entropy`.
    """
    inputs, weight = floats("cross_entropy", inputs=inputs, weight=weight)
    axis = 0 if inputs.ndim == 1 else 1
    log_p = jax.nn.log_softmax(inputs, axis)
    if not jnp.issubdtype(target.dtype, jnp.floating):
        return nll_loss.pure(log_p, target, weight, ignore_index=ignore_index, reduction=reduction,
                             label_smoothing=label_smoothing)
    same_shape("cross_entropy", inputs=inputs, target=target)
    target = target.astype(inputs.dtype) * (1 - label_smoothing) + label_smoothing / inputs.shape[axis]
    if weight is not None:
        target = target * weight.reshape((-1,) + (1,) * (inputs.ndim - axis - 1))
    return reduce(-jnp.sum(log_p * target, axis), reduction)
