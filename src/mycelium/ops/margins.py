"""Losses that compare scores with margins, and likelihoods, as the functions of MindSpore r2.0."""
from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import Reduction, axis_in, floats, rank, same_shape
from mycelium.ops.losses import reduce
from mycelium.ops.op import op
from mycelium.ops.promotion import promote, to_dtype


@op(None)
def cosine_similarity(x1: Array, x2: Array, dim: int = 1, eps: float = 1e-8) -> Array:
    """The cosine of the angle between vectors: x1 . x2 / max(|x1| |x2|, eps).

    Args:
        x1: Tensor, float.
        x2: Tensor; its shape broadcasts with that of `x1`.
        dim: The axis of the vectors.
        eps: Least divisor.

    Returns:
        Tensor without the axis.

    Examples:
        >>> print(ops.cosine_similarity(Tensor([[1.0, 0.0]]), Tensor([[1.0, 1.0]])))
        [0.70710677]

    MindSpore r2.0 `ops.cosine_similarity`.
    """
    x, y = jnp.broadcast_arrays(*promote(*floats("cosine_similarity", x1=x1, x2=x2)))
    axis = axis_in("cosine_similarity", dim, x.ndim, "dim")
    square = jnp.sum(x * x, axis) * jnp.sum(y * y, axis)
    return jnp.sum(x * y, axis) * lax.rsqrt(jnp.maximum(square, eps * eps))


@op(None)
def cosine_embedding_loss(input1: Array, input2: Array, target: Array, margin: float = 0.0,
                          reduction: Reduction = "mean") -> Array:
    """1 - cos(input1, input2) where the target is 1, max(0, cos(input1, input2) - margin) where it is -1.

    Args:
        input1: Tensor of shape (*B, N, D), float.
        input2: Tensor of the same shape.
        target: Tensor of shape (*B, N): 1 or -1.
        margin: In [-1, 1].
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `target` for "none".

    Examples:
        >>> print(ops.cosine_embedding_loss(Tensor([[1.0, 0.0]]), Tensor([[0.0, 1.0]]), Tensor([1])))
        1.0

    MindSpore r2.0 `ops.cosine_embedding_loss`.
    """
    x, y = floats("cosine_embedding_loss", input1=input1, input2=input2)
    product, square1, square2 = jnp.sum(x * y, 1), jnp.sum(x * x, 1), jnp.sum(y * y, 1)
    cosine = product / jnp.sqrt((square1 + 1e-12) * (square2 + 1e-12))
    loss = jnp.where(target == 1, 1 - cosine, jnp.where(target == -1, jnp.maximum(cosine - margin, 0), 0))
    return reduce(loss, reduction)


@op(None)
def hinge_embedding_loss(inputs: Array, targets: Array, margin: float = 1.0, reduction: Reduction = "mean") -> Array:
    """The input where the target is 1, max(0, margin - input) where it is -1.

    Args:
        inputs: Tensor, float: distances.
        targets: Tensor of the same shape: 1 or -1.
        margin: Distance from which on -1 costs nothing.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `inputs` for "none".

    Examples:
        >>> print(ops.hinge_embedding_loss(Tensor([0.5, 0.25]), Tensor([1, -1]), reduction="none"))
        [0.5  0.75]

    MindSpore r2.0 `ops.hinge_embedding_loss`.
    """
    x = floats("hinge_embedding_loss", inputs=inputs)
    apart, near = jnp.maximum(margin - x, 0), x
    loss = jnp.where(targets != 1, apart, 0) + jnp.where(targets != -1, near, 0)
    return reduce(loss, reduction)


@op(None)
def margin_ranking_loss(input1: Array, input2: Array, target: Array, margin: float = 0.0,
                        reduction: Reduction = "mean") -> Array:
    """max(0, -target (input1 - input2) + margin).

    Args:
        input1: Tensor, float.
        input2: Tensor of the same shape.
        target: Tensor of the same shape: 1 where `input1` should be larger, else -1.
        margin: By how much.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `input1` for "none".

    Examples:
        >>> print(ops.margin_ranking_loss(Tensor([1.0]), Tensor([3.0]), Tensor([1.0])))
        2.0

    MindSpore r2.0 `ops.margin_ranking_loss`.
    """
    x, y = floats("margin_ranking_loss", input1=input1, input2=input2)
    same_shape("margin_ranking_loss", input1=x, input2=y, target=target)
    return reduce(jnp.maximum(-target * (x - y) + margin, 0).astype(x.dtype), reduction)


@op("MultiMarginLoss", function=None)
def multi_margin_loss_(x: Array, target: Array, weight: Array | None = None, *, p: int = 1, margin: float = 1.0,
                       reduction: Reduction = "mean") -> Array:
    """The sum over the other classes of max(0, margin - x[target] + x[class])^p, divided by the number of classes.

    Args:
        x: Tensor of shape (N, C), float.
        target: Tensor of shape (N,), int.
        weight: Tensor of shape (C,): the weight of each class.
        p: 1 or 2.
        margin: By how much the right class should lead.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (N,) for "none".

    Examples:
        >>> print(ops.MultiMarginLoss()(Tensor([[1.0, 2.0]]), Tensor([0]), None))
        1.0

    MindSpore r2.0 `ops.MultiMarginLoss`.
    """
    x = floats("MultiMarginLoss", x=x)
    rank("MultiMarginLoss", "x", x, 2)
    own = jnp.take_along_axis(x, target[:, None].astype(jnp.int32), 1)
    loss = jnp.maximum(margin - own + x, 0) ** p
    if weight is not None:
        loss = loss * weight[target][:, None]
    classes = x.shape[1]
    loss = jnp.where(jnp.arange(classes) == target[:, None], 0, loss)
    return reduce((jnp.sum(loss, 1) / classes).astype(x.dtype), reduction)


@op(None)
def multi_margin_loss(input: Array, target: Array, p: int = 1, margin: float | int = 1, weight: Array | None = None,
                      reduction: Reduction = "mean") -> Array:
    """The sum over the other classes of max(0, margin - x[target] + x[class])^p, divided by the number of classes.

    Args:
        input: Tensor of shape (N, C), float.
        target: Tensor of shape (N,), int.
        p: 1 or 2.
        margin: By how much the right class should lead.
        weight: Tensor of shape (C,): the weight of each class.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (N,) for "none".

    Examples:
        >>> print(ops.multi_margin_loss(Tensor([[1.0, 2.0]]), Tensor([0])))
        1.0

    MindSpore r2.0 `ops.multi_margin_loss`.
    """
    return multi_margin_loss_.pure(input, target, weight, p=p, margin=margin, reduction=reduction)


@op("MultilabelMarginLoss", function=None)
def multilabel_margin_loss_(x: Array, target: Array, *, reduction: Reduction = "mean") -> tuple:
    """Margins between the classes listed in each row of targets, up to a -1, and all others.

    Args:
        x: Tensor of shape (C,) or (N, C), float.
        target: Tensor of the same shape, int: classes, filled up with -1.
        reduction: "none", "mean" or "sum".

    Returns:
        (Tensor of shape (), or (N,) for "none"; Tensor of int32 like `target`: 1 for the classes listed).

    Examples:
        >>> print(ops.MultilabelMarginLoss()(Tensor([1.0, 2.0]), Tensor([0, -1]))[0])
        1.0

    MindSpore r2.0 `ops.MultilabelMarginLoss`.
    """
    x = floats("MultilabelMarginLoss", x=x)
    rank("MultilabelMarginLoss", "x", x, 1, 2)
    scores, wanted = jnp.atleast_2d(x), jnp.atleast_2d(target)
    listed = jnp.cumprod(wanted >= 0, 1).astype(bool)
    classes = scores.shape[1]
    is_target = jnp.any((wanted[..., None] == jnp.arange(classes)) & listed[..., None], 1)
    own = jnp.take_along_axis(scores, jnp.where(listed, wanted, 0).astype(jnp.int32), 1)
    gaps = jnp.maximum(1 - own[..., None] + scores[:, None], 0)
    loss = jnp.sum(jnp.where(listed[..., None] & ~is_target[:, None], gaps, 0), (1, 2)) / classes
    return reduce(loss.reshape(x.shape[:-1]), reduction), is_target.reshape(target.shape).astype(jnp.int32)


@op(None)
def multilabel_margin_loss(input: Array, target: Array, reduction: Reduction = "mean") -> Array:
    """Margins between the classes listed in each row of targets, up to a -1, and all others.

    Args:
        input: Tensor of shape (C,) or (N, C), float.
        target: Tensor of the same shape, int: classes, filled up with -1.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (N,) for "none".

    Examples:
        >>> print(ops.multilabel_margin_loss(Tensor([1.0, 2.0]), Tensor([0, -1])))
        1.0

    MindSpore r2.0 `ops.multilabel_margin_loss`.
    """
    return multilabel_margin_loss_.pure(input, target, reduction=reduction)[0]


@op(None)
def multilabel_soft_margin_loss(input: Array, target: Array, weight: Array | None = None,
                                reduction: Reduction = "mean") -> Array:
    """The mean over classes of the logistic losses of each.

    Args:
        input: Tensor of shape (N, C), float: logits.
        target: Tensor of the same shape: 0 or 1.
        weight: Tensor that broadcasts: the weight of each class.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (N,) for "none".

    Examples:
        >>> print(ops.multilabel_soft_margin_loss(Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0]])))
        0.6931472

    MindSpore r2.0 `ops.multilabel_soft_margin_loss`.
    """
    x = floats("multilabel_soft_margin_loss", input=input)
    same_shape("multilabel_soft_margin_loss", input=x, target=target)
    loss = jnp.logaddexp(0, x) - to_dtype(target, x.dtype) * x
    if weight is not None:
        loss = loss * weight
    return reduce(jnp.mean(loss, -1), reduction)


@op(None)
def gaussian_nll_loss(x: Array, target: Array, var: Array, full: bool = False, eps: float = 1e-6,
                      reduction: Reduction = "mean") -> Array:
    """Minus the logarithm of the normal density: (ln(var) + (x - target)^2 / var) / 2.

    Args:
        x: Tensor, float: the means.
        target: Tensor of the same shape.
        var: Tensor of the same shape, or with a last axis less or of length 1: the variances.
        full: Whether to add ln(2 pi) / 2.
        eps: Least variance.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or like `x` for "none".

    Examples:
        >>> print(ops.gaussian_nll_loss(Tensor([1.0]), Tensor([3.0]), Tensor([1.0])))
        2.0

    MindSpore r2.0 `ops.gaussian_nll_loss`.
    """
    x, var = floats("gaussian_nll_loss", x=x, var=var)
    if var.shape != x.shape and var.shape == x.shape[:-1]:
        var = var[..., None]
    bounded = var + lax.stop_gradient(jnp.maximum(var, eps) - var)      # the slope of var itself
    loss = (jnp.log(bounded) + (x - target) ** 2 / bounded) / 2
    return reduce(loss + math.log(2 * math.pi) / 2 if full else loss, reduction)


def _triplet(owner: str, x: Any, positive: Any, negative: Any, margin: Any, p: float, swap: bool, eps: float,
             reduction: str) -> Any:
    x, positive, negative = floats(owner, anchor=x, positive=positive, negative=negative)

    def distance(a: Any, b: Any) -> Any:
        return jnp.sum(jnp.abs(a - b + eps) ** p, -1) ** (1 / p)

    near, far = distance(x, positive), distance(x, negative)
    if swap:
        far = jnp.minimum(far, distance(positive, negative))
    return reduce(jnp.maximum(near - far + margin, 0), reduction)


@op(None)
def triplet_margin_loss(anchor: Array, positive: Array, negative: Array, margin: float = 1.0, p: int | float = 2,
                        eps: float = 1e-6, swap: bool = False, reduction: Reduction = "mean") -> Array:
    """max(0, |anchor - positive| - |anchor - negative| + margin).

    Args:
        anchor: Tensor of shape (*B, D), float.
        positive: Tensor of the same shape: of the same class.
        negative: Tensor of the same shape: of another class.
        margin: By how much farther the negative should be.
        p: Order of the norm.
        eps: Added to each difference.
        swap: Whether the distance from positive to negative counts where it is smaller.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (*B) for "none".

    Examples:
        >>> print(ops.triplet_margin_loss(Tensor([[0.0]]), Tensor([[3.0]]), Tensor([[1.0]])))
        3.0

    MindSpore r2.0 `ops.triplet_margin_loss`.
    """
    return _triplet("triplet_margin_loss", anchor, positive, negative, margin, p, swap, eps, reduction)


@op("TripletMarginLoss", function=None)
def triplet_margin_loss_(x: Array, positive: Array, negative: Array, margin: Array, *, p: int = 2, swap: bool = False,
                         eps: float = 1e-6, reduction: Reduction = "mean") -> Array:
    """max(0, |x - positive| - |x - negative| + margin).

    Args:
        x: Tensor of shape (*B, D), float.
        positive: Tensor of the same shape: of the same class.
        negative: Tensor of the same shape: of another class.
        margin: Tensor of shape (): by how much farther the negative should be.
        p: Order of the norm.
        swap: Whether the distance from positive to negative counts where it is smaller.
        eps: Added to each difference.
        reduction: "none", "mean" or "sum".

    Returns:
        Tensor of shape (), or (*B) for "none".

    Examples:
        >>> far = Tensor([[1.0]])
        >>> print(ops.TripletMarginLoss()(Tensor([[0.0]]), Tensor([[3.0]]), far, Tensor(1.0)))
        3.0

    MindSpore r2.0 `ops.TripletMarginLoss`.
    """
    return _triplet("TripletMarginLoss", x, positive, negative, margin, p, swap, eps, reduction)


@op("Pdist")
def pdist(input: Array, *, p: float = 2.0) -> Array:
    """The p-norm distance between every pair of vectors of a set.

    Args:
        input: Tensor of shape (*B, N, M), float.
        p: Order of the norm: 0 counts the entries that differ, infinity takes the largest difference.

    Returns:
        Tensor of shape (*B, N (N - 1) / 2).

    Examples:
        >>> print(ops.pdist(Tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])))
        [5.        1.        4.2426405]

    MindSpore r2.0 `ops.pdist`.
    """
    x = floats("Pdist", input=input)
    first, second = jnp.triu_indices(x.shape[-2], 1)
    gap = jnp.abs(x[..., first, :] - x[..., second, :])
    if p == 0:
        return jnp.sum(gap != 0, -1, dtype=x.dtype)
    if p == float("inf"):
        return jnp.max(gap, -1)
    if p == 1:
        return jnp.sum(gap, -1)
    far = gap != 0
    total = jnp.sum(jnp.where(far, jnp.where(far, gap, 1) ** p, 0), -1)
    return jnp.where(total != 0, jnp.where(total != 0, total, 1) ** (1 / p), 0)     # a root has no slope at 0
