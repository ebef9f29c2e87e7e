"""Losses of MindSpore r2.0 that compare scores with margins, and likelihoods; each is one of the functions of `ops`."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_type
from mycelium.core.tensor import Tensor
from mycelium.nn.loss import LossBase


class HingeEmbeddingLoss(LossBase):
    """The input where the label is 1, max(0, margin - input) where it is -1.

    Args:
        margin: Distance from which on -1 costs nothing. Default: 1.0.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.HingeEmbeddingLoss(reduction="sum")(Tensor([0.5, 0.25]), Tensor([1, -1])))
        1.25

    MindSpore r2.0 `nn.HingeEmbeddingLoss`.
    """

    def __init__(self, margin: float = 1.0, reduction: str = "mean"):
        super().__init__(reduction)
        self.margin = margin

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        return ops.hinge_embedding_loss(logits, labels, float(self.margin), self.reduction)


class MarginRankingLoss(LossBase):
    """max(0, -target (input1 - input2) + margin).

    Args:
        margin: By how much one should lead. Default: 0.0.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.MarginRankingLoss()(Tensor([1.0]), Tensor([3.0]), Tensor([1.0])))
        2.0

    MindSpore r2.0 `nn.MarginRankingLoss`.
    """

    def __init__(self, margin: float = 0.0, reduction: str = "mean"):
        super().__init__(reduction)
        self.margin = margin

    def construct(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return ops.margin_ranking_loss(input1, input2, target, float(self.margin), self.reduction)


class MultiMarginLoss(LossBase):
    """The sum over the other classes of max(0, margin - x[target] + x[class])^p, divided by the number of classes.

    Args:
        p: 1 (default) or 2.
        margin: By how much the right class should lead. Default: 1.0.
        reduction: "mean" (default), "sum" or "none".
        weight: Tensor of shape (C,): the weight of each class. Default: None.

    Examples:
        >>> print(nn.MultiMarginLoss()(Tensor([[1.0, 2.0]]), Tensor([0])))
        1.0

    MindSpore r2.0 `nn.MultiMarginLoss`.
    """

    def __init__(self, p: int = 1, margin: float = 1.0, reduction: str = "mean", weight: Tensor | None = None):
        super().__init__(reduction)
        self.p, self.margin, self.weight = p, margin, weight

    def construct(self, x: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """The loss; `weight` given here replaces that of the layer."""
        return ops.multi_margin_loss(x, target, self.p, self.margin, self.weight if weight is None else weight,
                                     self.reduction)


class MultilabelMarginLoss(LossBase):
    """Margins between the classes listed in each row of targets, up to a -1, and all others.

    Args:
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.MultilabelMarginLoss()(Tensor([1.0, 2.0]), Tensor([0, -1])))
        1.0

    MindSpore r2.0 `nn.MultilabelMarginLoss`.
    """

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return ops.multilabel_margin_loss(x, target, self.reduction)


class MultiLabelSoftMarginLoss(LossBase):
    """The mean over classes of the logistic losses of each.

    Args:
        weight: Tensor that broadcasts: the weight of each class. Default: None.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.MultiLabelSoftMarginLoss()(Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0]])))
        0.6931472

    MindSpore r2.0 `nn.MultiLabelSoftMarginLoss`.
    """

    def __init__(self, weight: Tensor | None = None, reduction: str = "mean"):
        super().__init__(reduction)
        self.weight = weight

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        return ops.multilabel_soft_margin_loss(x, target, self.weight, self.reduction)


class TripletMarginLoss(LossBase):
    """max(0, |x - positive| - |x - negative| + margin).

    Args:
        p: Order of the norm. Default: 2.
        swap: Whether the distance from positive to negative counts where it is smaller. Default: False.
        eps: Added to each difference. Default: 1e-6.
        reduction: "mean" (default), "sum" or "none".
        margin: By how much farther the negative should be. Default: 1.0.

    Examples:
        >>> print(nn.TripletMarginLoss()(Tensor([[0.0]]), Tensor([[3.0]]), Tensor([[1.0]])))
        3.0

    MindSpore r2.0 `nn.TripletMarginLoss`.
    """

    def __init__(self, p: int = 2, swap: bool = False, eps: float = 1e-6, reduction: str = "mean",
                 margin: float = 1.0):
        super().__init__(reduction)
        self.p, self.swap, self.eps, self.margin = p, swap, eps, margin

    def construct(self, x: Tensor, positive: Tensor, negative: Tensor, margin: Any = None) -> Tensor:
        """The loss; `margin` given here replaces that of the layer."""
        return ops.TripletMarginLoss(self.p, self.swap, self.eps, self.reduction)(
            x, positive, negative, self.margin if margin is None else margin)


class GaussianNLLLoss(LossBase):
    """Minus the logarithm of the normal density: (ln(var) + (logits - labels)^2 / var) / 2.

    Args:
        full: Whether to add ln(2 pi) / 2. Default: False.
        eps: Least variance. Default: 1e-6.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.GaussianNLLLoss()(Tensor([1.0]), Tensor([3.0]), Tensor([1.0])))
        2.0

    MindSpore r2.0 `nn.GaussianNLLLoss`.
    """

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean"):
        super().__init__(reduction)
        self.full, self.eps = check_type("GaussianNLLLoss", "full", full, bool), float(eps)

    def construct(self, logits: Tensor, labels: Tensor, var: Tensor) -> Tensor:
        """The loss."""
        return ops.gaussian_nll_loss(logits, labels, var, self.full, self.eps, self.reduction)


class PoissonNLLLoss(LossBase):
    """Minus the logarithm of the Poisson probability of the targets.

    Args:
        log_input: Whether the input is the logarithm of the mean. Default: True.
        full: Whether to add Stirling's approximation of ln(target!). Default: False.
        eps: Added to means under the logarithm. Default: 1e-8.
        reduction: "mean" (default), "sum" or "none".

    Examples:
        >>> print(nn.PoissonNLLLoss()(Tensor([0.0]), Tensor([2.0])))
        1.0

    MindSpore r2.0 `nn.PoissonNLLLoss`.
    """

    def __init__(self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"):
        super().__init__(reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def construct(self, x: Tensor, target: Tensor) -> Tensor:
        """The loss."""
        loss = ops.exp(x) - target * x if self.log_input else x - target * ops.log(x + self.eps)
        if self.full:
            above = ops.maximum(target, ops.ones_like(target))
            stirling = target * ops.log(above) - target + 0.5 * ops.log(6.283185307179586 * above)
            loss = loss + ops.where(target > 1, stirling, 0.0)
        return self.get_loss(loss)


class KLDivLoss(LossBase):
    """Kullback-Leibler divergence: labels (ln(labels) - logits).

    Args:
        reduction: "mean" (default), "sum", "batchmean" or "none".

    Examples:
        >>> print(nn.KLDivLoss(reduction="sum")(Tensor([0.0]), Tensor([1.0])))
        0.0

    MindSpore r2.0 `nn.KLDivLoss`.
    """

    def __init__(self, reduction: str = "mean"):
        super().__init__("sum" if reduction == "batchmean" else reduction)
        self.per_batch = reduction == "batchmean"

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """The loss."""
        loss = ops.kl_div(logits, labels, self.reduction)
        return loss / logits.shape[0] if self.per_batch else loss


class CTCLoss(LossBase):
    """Connectionist temporal classification (Graves et al. 2006).

    Args:
        blank: The class of the blank. Default: 0.
        reduction: "mean" (default), "sum" or "none".
        zero_infinity: Whether losses that are infinite count as 0. Default: False.

    Inputs:
        - **log_probs** (Tensor): shape (T, N, C): logarithms of probabilities.
        - **targets** (Tensor): shape (N, S) or (sum of target_lengths,), int.
        - **input_lengths** (Tensor, tuple): shape (N,).
        - **target_lengths** (Tensor, tuple): shape (N,).

    Examples:
        >>> log_probs = Tensor(np.log(np.full((2, 1, 3), 1 / 3, np.float32)))
        >>> print(nn.CTCLoss(reduction="sum")(log_probs, Tensor([[1]]), Tensor([2]), Tensor([1])))
        1.0986123

    MindSpore r2.0 `nn.CTCLoss`.
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False):
        super().__init__(reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def construct(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        """The loss; without an axis of the batch for (T, C)."""
        lengths = [v if isinstance(v, Tensor) else Tensor(v) for v in (input_lengths, target_lengths)]
        if log_probs.ndim == 3:
            return ops.ctc_loss(log_probs, targets, *lengths, self.blank, self.reduction, self.zero_infinity)[0]
        targets = ops.expand_dims(targets, 0) if targets.ndim == 1 else targets
        loss = ops.ctc_loss(ops.expand_dims(log_probs, 1), targets, *lengths, self.blank, self.reduction,
                            self.zero_infinity)[0]
        return ops.squeeze(loss) if loss.ndim else loss
