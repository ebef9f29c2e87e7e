"""Losses. `LossBase` gives the reductions; each loss says what it computes per element."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_choice, check_range, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.layers.activation import LogSoftmax, Softmax, get_activation


class LossBase(Cell):
    """Base of losses: weighting and reduction.

    A subclass computes a loss per element and returns `self.get_loss(x, weights)`.

    Args:
        reduction: "mean" (default), "sum" or "none".

    Raises:
        ValueError: Another reduction; the nearest one is told.

    Examples:
        >>> class AbsoluteLoss(nn.LossBase):
        ...     def construct(self, logits, labels):
        ...         return self.get_loss(ops.abs(logits - labels))
        >>> print(AbsoluteLoss("sum")(Tensor([1.0, 2.0]), Tensor([3.0, 3.0])))
        3.0

    MindSpore r1.8 `nn.LossBase`.
    """

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        check_choice(type(self).__name__, "reduction", reduction, ("mean", "sum", "none"))
        self.reduction = reduction
        self.average = reduction == "mean"
        self.reduce = reduction != "none"
        self.reduce_mean, self.reduce_sum = ops.ReduceMean(), ops.ReduceSum()
        self.mul, self.cast = ops.Mul(), ops.Cast()

    def get_axis(self, x: Tensor) -> tuple[int, ...]:
        """All axes of `x`."""
        return tuple(range(len(x.shape)))

    def get_loss(self, x: Tensor, weights: Any = 1.0) -> Tensor:
        """`weights * x`, reduced; computed in float32 and returned in the dtype of `x`."""
        dtype = x.dtype
        y = ops.cast(weights, mstype.float32) * ops.cast(x, mstype.float32) \
            if not (isinstance(weights, float) and weights == 1.0) else ops.cast(x, mstype.float32)
        if self.reduce and self.average:
            y = self.reduce_mean(y, self.get_axis(y))
        elif self.reduce:
            y = self.reduce_sum(y, self.get_axis(y))
        return ops.cast(y, dtype)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss; subclasses define it."""
        raise NotImplementedError(f"'{type(self).__name__}' should define construct(self, logits, labels).")


class _Loss(LossBase):
    """Old name of LossBase."""


def _same_shape(owner: str, logits: Tensor, labels: Tensor) -> None:
    for name, value in (("logits", logits), ("labels", labels)):
        if not isinstance(value, Tensor):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor, but got {describe(value)}.")
    if tuple(logits.shape) != tuple(labels.shape):
        raise ValueError(f"For '{owner}', 'logits' and 'labels' should have the same shape, but got "
                         f"{tuple(logits.shape)} and {tuple(labels.shape)}.")


_PAIR = """    Inputs:
        - **logits** (Tensor): float, any shape.
        - **labels** (Tensor): the same shape (or one that broadcasts).

    Outputs:
        Tensor: a scalar, or the shape of the inputs with reduction="none".
"""


class L1Loss(LossBase):
    __doc__ = f"""|logits - labels|.

    Args:
        reduction: "mean" (default), "sum" or "none".

{_PAIR}
    Examples:
        >>> print(nn.L1Loss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        1.0

    MindSpore r1.8 `nn.L1Loss`.
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return self.get_loss(ops.Abs()(logits - labels))


class MSELoss(LossBase):
    __doc__ = f"""(logits - labels)^2.

    Args:
        reduction: "mean" (default), "sum" or "none".

{_PAIR}
    Examples:
        >>> print(nn.MSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        2.0

    MindSpore r1.8 `nn.MSELoss`.
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return self.get_loss(ops.Square()(logits - labels))


class RMSELoss(LossBase):
    """sqrt(mean (logits - labels)^2).

    Examples:
        >>> print(nn.RMSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        1.414214

    MindSpore r1.8 `nn.RMSELoss`.
    """

    def __init__(self) -> None:
        super().__init__()

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return ops.Sqrt()(self.get_loss(ops.Square()(logits - labels)))


class MAELoss(LossBase):
    """|logits - labels|; the same as L1Loss.

    Args:
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.MAELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        1.0

    MindSpore r1.8 `nn.MAELoss`.
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return self.get_loss(ops.Abs()(logits - labels))


class SmoothL1Loss(LossBase):
    """0.5 d^2 / beta where d = |logits - labels| < beta, else d - 0.5 beta.

    Args:
        beta: Greater than 0. Default: 1.0.
        reduction: "none" (default), "mean" or "sum".

    Examples:
        >>> print(nn.SmoothL1Loss()(Tensor([1.0, 2.0]), Tensor([1.5, 4.0])))
        [0.125 1.5  ]

    Girshick 2015; MindSpore r1.8 `nn.SmoothL1Loss`, which does not reduce by default, and reduces to shape (1,).
    """

    def __init__(self, beta: float = 1.0, reduction: str = "none"):
        super().__init__(reduction)
        self.beta = beta
        self.smooth_l1_loss = ops.SmoothL1Loss(beta)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        _same_shape("SmoothL1Loss", logits, labels)
        loss = self.smooth_l1_loss(logits, labels)
        return ops.reshape(self.get_loss(loss), (1,)) if self.reduce else loss


class HuberLoss(LossBase):
    """0.5 d^2 where d = |logits - labels| <= delta, else delta (d - 0.5 delta).

    Args:
        reduction: "mean" (default), "sum" or "none".
        delta: Greater than 0. Default: 1.0.

    Examples:
        >>> print(nn.HuberLoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])))
        0.75

    Huber 1964; MindSpore r1.8 `nn.HuberLoss`.
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction)
        check_range("HuberLoss", "delta", delta, 0, float("inf"), "()")
        self.delta = delta

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        d = ops.Abs()(logits - labels)
        near = ops.Minimum()(d, self.delta)
        return self.get_loss(near * (d - 0.5 * near))


class SoftMarginLoss(LossBase):
    """ln(1 + exp(-labels * logits)) for labels of 1 and -1.

    Args:
        reduction: "mean" (default), "sum" or "none".

    MindSpore r1.8 `nn.SoftMarginLoss`.
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return self.get_loss(ops.Softplus()(-labels * logits))


class SoftmaxCrossEntropyWithLogits(LossBase):
    """Softmax of the logits, then cross entropy with the labels.

    Args:
        sparse: Labels are class indices, shape (N,), not distributions, shape (N, C). Default: False.
        reduction: "none" (default), "mean" or "sum".

    Inputs:
        - **logits** (Tensor): shape (N, C), float16 or float32.
        - **labels** (Tensor): shape (N,), int32 or int64, when sparse; else shape (N, C), dtype of `logits`.

    Outputs:
        Tensor: a scalar, or shape (N,) with reduction="none".

    Raises:
        TypeError: `sparse` is no bool, or sparse labels are no ints.
        ValueError: The shapes do not fit.

    Examples:
        >>> loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
        >>> print(loss(Tensor([[0.0, 0.0]]), Tensor([1])))
        0.693147

    MindSpore r1.8 `nn.SoftmaxCrossEntropyWithLogits`, which does not reduce by default.
    """

    def __init__(self, sparse: bool = False, reduction: str = "none"):
        super().__init__(reduction)
        self.sparse = check_type("SoftmaxCrossEntropyWithLogits", "sparse", sparse, bool)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        owner = "SoftmaxCrossEntropyWithLogits"
        if logits.ndim != 2:
            raise ValueError(f"For '{owner}', 'logits' should have shape (N, C), but got {tuple(logits.shape)}.")
        if self.sparse:
            if labels.ndim != 1 or labels.shape[0] != logits.shape[0]:
                raise ValueError(f"For '{owner}' with sparse=True, 'labels' should hold one class index per row of "
                                 f"'logits' {tuple(logits.shape)}, but got shape {tuple(labels.shape)}.")
            if labels.dtype not in (mstype.int32, mstype.int64):
                raise TypeError(f"For '{owner}' with sparse=True, 'labels' should be int32 or int64, but got "
                                f"{labels.dtype}. Use sparse=False for distributions.")
            if self.reduction == "mean":
                return ops.SparseSoftmaxCrossEntropyWithLogits()(logits, labels)
            labels = ops.OneHot()(labels, logits.shape[-1], ops.cast(1.0, logits.dtype), ops.cast(0.0, logits.dtype))
        return self.get_loss(ops.SoftmaxCrossEntropyWithLogits()(logits, labels)[0])


class BCELoss(LossBase):
    """Binary cross entropy of probabilities: -w (y ln p + (1 - y) ln(1 - p)).

    Args:
        weight: w, a Tensor like the labels, or None for 1. Default: None.
        reduction: "none" (default), "mean" or "sum".

    Inputs:
        - **logits** (Tensor): the probabilities p, in [0, 1].
        - **labels** (Tensor): y, the same shape.

    Examples:
        >>> print(nn.BCELoss(reduction="mean")(Tensor([0.5, 0.5]), Tensor([1.0, 0.0])))
        0.693147

    MindSpore r1.8 `nn.BCELoss`, which does not reduce by default.
    """

    def __init__(self, weight: Tensor | None = None, reduction: str = "none"):
        super().__init__(reduction)
        self.binary_cross_entropy = ops.BinaryCrossEntropy(reduction)
        self.weight = weight
        self.weight_one = weight is None

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        _same_shape("BCELoss", logits, labels)
        weight = ops.ones_like(logits) if self.weight is None else self.weight
        return self.binary_cross_entropy(logits, labels, weight)


class BCEWithLogitsLoss(LossBase):
    """Sigmoid, then binary cross entropy, without overflow.

    Args:
        reduction: "mean" (default), "sum" or "none".
        weight: Weight of each element; a Tensor that broadcasts. Default: None.
        pos_weight: Weight of positive labels; a Tensor that broadcasts. Default: None.

    Examples:
        >>> print(nn.BCEWithLogitsLoss()(Tensor([0.0, 0.0]), Tensor([1.0, 0.0])))
        0.693147

    MindSpore r1.8 `nn.BCEWithLogitsLoss`.
    """

    def __init__(self, reduction: str = "mean", weight: Tensor | None = None, pos_weight: Tensor | None = None):
        super().__init__(reduction)
        for name, value in (("weight", weight), ("pos_weight", pos_weight)):
            if value is not None and not isinstance(value, Tensor):
                raise TypeError(f"For 'BCEWithLogitsLoss', '{name}' should be a Tensor or None, but got "
                                f"{describe(value)}.")
            if isinstance(value, Parameter):
                raise TypeError(f"For 'BCEWithLogitsLoss', '{name}' can not be a Parameter.")
        self.bce = ops.BCEWithLogitsLoss(reduction)
        self.weight, self.pos_weight = weight, pos_weight

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        one = ops.ones_like(logits)
        return self.bce(logits, labels, one if self.weight is None else self.weight,
                        one if self.pos_weight is None else self.pos_weight)


class CosineEmbeddingLoss(LossBase):
    """1 - cos(x1, x2) for label 1, max(0, cos(x1, x2) - margin) for label -1.

    Args:
        margin: In [-1, 1]. Default: 0.0.
        reduction: "mean" (default), "sum" or "none".

    Inputs:
        - **logits_x1** (Tensor): shape (N, D).
        - **logits_x2** (Tensor): shape (N, D).
        - **labels** (Tensor): shape (N,), 1 or -1.

    MindSpore r1.8 `nn.CosineEmbeddingLoss`.
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean"):
        super().__init__(reduction)
        self.margin = check_range("CosineEmbeddingLoss", "margin", margin, -1.0, 1.0)

    def construct(self, logits_x1: Tensor, logits_x2: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        _same_shape("CosineEmbeddingLoss", logits_x1, logits_x2)
        total = ops.ReduceSum()
        product = total(logits_x1 * logits_x2, 1)
        norms = ops.Sqrt()(total(ops.Square()(logits_x1), 1) * total(ops.Square()(logits_x2), 1))
        cosine = product / norms
        apart = ops.Maximum()(cosine - self.margin, 0.0)
        loss = ops.select(labels == 1, 1.0 - cosine, ops.select(labels == -1, apart, ops.zeros_like(cosine)))
        return self.get_loss(loss)


class CrossEntropyLoss(LossBase):
    """Cross entropy of logits (N, C, ...) with class indices or distributions.

    Args:
        weight: Weight of each class, shape (C,). Default: None.
        ignore_index: Index that does not count. Default: -100.
        reduction: "mean" (default), "sum" or "none".
        label_smoothing: In [0, 1]. Default: 0.0.

    Examples:
        >>> print(nn.CrossEntropyLoss()(Tensor([[0.0, 0.0]]), Tensor([1], ms.int32)))
        0.693147

    MindSpore r1.8 `nn.CrossEntropyLoss`.
    """

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean",
                 label_smoothing: float = 0.0):
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = check_type("CrossEntropyLoss", "ignore_index", ignore_index, int)
        self.label_smoothing = check_range("CrossEntropyLoss", "label_smoothing", label_smoothing, 0.0, 1.0)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return ops.cross_entropy(logits, labels, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


class NLLLoss(LossBase):
    """Negative log likelihood of log-probabilities (N, C, ...) at class indices.

    Args:
        weight: Weight of each class, shape (C,). Default: None.
        ignore_index: Index that does not count. Default: -100.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.NLLLoss()(Tensor([[-0.5, -1.0]]), Tensor([1], ms.int32)))
        1.0

    MindSpore r1.8 `nn.NLLLoss`.
    """

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"):
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = check_type("NLLLoss", "ignore_index", ignore_index, int)

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return ops.nll_loss(logits, labels, self.weight, self.ignore_index, self.reduction)


class DiceLoss(LossBase):
    """1 - 2 sum(p y) / (sum p^2 + sum y^2 + smooth).

    Args:
        smooth: Greater than 0. Default: 1e-5.

    Examples:
        >>> loss = nn.DiceLoss()(Tensor([[1.0, 0.0]]), Tensor([[0.0, 1.0]]))
        >>> print(loss)
        1.0

    MindSpore r1.8 `nn.DiceLoss`.
    """

    def __init__(self, smooth: float = 1e-5):
        super().__init__()
        check_range("DiceLoss", "smooth", smooth, 0, float("inf"), "()")
        self.smooth = smooth

    def construct(self, logits: Tensor, label: Tensor) -> Tensor:
        """The loss."""
        _same_shape("DiceLoss", logits, label)
        total = ops.ReduceSum()
        p, y = ops.reshape(logits, (-1,)), ops.cast(ops.reshape(label, (-1,)), logits.dtype)
        both = total(p * y)
        return 1.0 - 2.0 * both / (total(p * p) + total(y * y) + self.smooth)


class FocalLoss(LossBase):
    """-(1 - p)^gamma ln p of the true class (Lin et al. 2017).

    Args:
        weight: Weight of each class, shape (C,). Default: None.
        gamma: Default: 2.0.
        reduction: "mean" (default), "sum" or "none".

    Inputs:
        - **logits** (Tensor): shape (N, C), (N, C, L) or (N, C, H, W).
        - **labels** (Tensor): class indices, shape (N, 1, ...) or (N, ...), or one-hot like `logits`.

    MindSpore r1.8 `nn.FocalLoss`.
    """

    def __init__(self, weight: Tensor | None = None, gamma: float = 2.0, reduction: str = "mean"):
        super().__init__(reduction)
        self.gamma = check_type("FocalLoss", "gamma", gamma, (int, float))
        if weight is not None and not isinstance(weight, Tensor):
            raise TypeError(f"For 'FocalLoss', the type of 'weight' should be a Tensor, but got {describe(weight)}.")
        self.weight = weight

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        if logits.ndim not in (2, 3, 4):
            raise ValueError(f"For 'FocalLoss', 'logits' should have 2, 3 or 4 axes, but got shape "
                             f"{tuple(logits.shape)}.")
        n, c = logits.shape[:2]
        logits = ops.reshape(logits, (n, c, -1))
        labels = ops.reshape(labels, (n, -1, logits.shape[2]))
        log_p = ops.LogSoftmax(1)(logits)
        if labels.shape[1] == 1:
            labels = ops.cast(labels, mstype.int32)
            log_p = ops.GatherD()(log_p, 1, labels)
            weight = None if self.weight is None else ops.reshape(
                ops.gather(ops.cast(self.weight, logits.dtype), ops.reshape(labels, (-1,)), 0), labels.shape)
        else:
            weight = None if self.weight is None else ops.reshape(self.weight, (1, -1, 1)) * labels
        log_p = ops.reshape(log_p, (n, -1, logits.shape[2]))
        if weight is not None:
            log_p = log_p * weight
        p = ops.Exp()(ops.LogSoftmax(1)(logits) if labels.shape[1] != 1 else ops.GatherD()(ops.LogSoftmax(1)(logits), 1,
                                                                                           labels))
        focal = ops.Pow()(1.0 - p, float(self.gamma))
        if labels.shape[1] == 1:
            return self.get_loss(-ops.ReduceMean()(focal * log_p, 2))
        return self.get_loss(-ops.ReduceMean()(ops.ReduceSum()(focal * log_p * labels, 1) / 1.0, 1))


class MultiClassDiceLoss(LossBase):
    """The mean over classes of each class's DiceLoss.

    Args:
        weights: Weight of each class, shape (C, 1). Default: None.
        ignore_indiex: A class that does not count. Default: None.
        activation: Name of the activation applied to the logits: "softmax" (default), "logsoftmax", "relu", "relu6",
            "tanh" or "sigmoid"; None for none.

    Inputs:
        - **logits** (Tensor): shape (N, C, ...).
        - **label** (Tensor): shape of `logits`.

    Outputs:
        Tensor, a scalar; shape (1,) with weights.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: Another activation, or shapes that do not fit.

    Examples:
        >>> loss = nn.MultiClassDiceLoss(activation=None)
        >>> print(loss(Tensor([[1.0, 0.0], [0.0, 1.0]]), Tensor([[0.0, 1.0], [1.0, 0.0]])))
        1.0

    MindSpore r1.8 `nn.MultiClassDiceLoss`.
    """

    def __init__(self, weights: Tensor | None = None, ignore_indiex: int | None = None,
                 activation: str | None = "softmax"):
        super().__init__()
        owner = "MultiClassDiceLoss"
        self.weights = None if weights is None else check_type(owner, "weights", weights, Tensor)
        self.ignore_indiex = None if ignore_indiex is None else check_type(owner, "ignore_indiex", ignore_indiex, int)
        if activation is not None:
            check_choice(owner, "activation", activation, ("softmax", "logsoftmax", "relu", "relu6", "tanh", "sigmoid"))
        self.binarydiceloss = DiceLoss(1e-5)
        self.activation = Softmax(1) if activation == "softmax" else LogSoftmax(1) if activation == "logsoftmax" \
            else get_activation(activation)

    def construct(self, logits: Tensor, label: Tensor) -> Tensor:
        """The loss."""
        _same_shape("MultiClassDiceLoss", logits, label)
        classes = label.shape[1]
        if self.weights is not None and self.weights.shape[0] != classes:
            raise ValueError(f"For 'MultiClassDiceLoss', 'weights' should have one row for each of {classes} classes, "
                             f"but got shape {tuple(self.weights.shape)}.")
        if self.activation is not None:
            logits = self.activation(logits)
        total: Any = 0.0
        for i in range(classes):
            if i != self.ignore_indiex:
                loss = self.binarydiceloss(logits[:, i], label[:, i])
                total = total + (loss if self.weights is None else loss * self.weights[i])
        return total / classes
