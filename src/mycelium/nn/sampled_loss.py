"""SampledSoftmaxLoss: cross entropy over the true and some sampled classes."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.loss import LossBase


class SampledSoftmaxLoss(LossBase):
    """Cross entropy over the true classes and a sample of the others, for very many classes.

    Args:
        num_sampled: Classes sampled for a batch.
        num_classes: All classes.
        num_true: True classes of an example. Default: 1.
        sampled_values: (sampled classes, expected counts of the true and of the sampled ones), as
            `ops.LogUniformCandidateSampler` gives them; None samples. Default: None.
        remove_accidental_hits: Leave out sampled classes that are true ones. Default: True.
        seed: Of the sampling. Default: 0.
        reduction: "none" (default), "mean" or "sum".

    Inputs:
        - **weights** (Tensor): shape (C, D).
        - **biases** (Tensor): shape (C,).
        - **labels** (Tensor): true classes, int32 or int64, shape (N, num_true) or (N,).
        - **logits** (Tensor): the inputs of the last layer, shape (N, D).

    Outputs:
        Tensor, shape (N,), or a scalar.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or shapes that do not fit.

    Examples:
        >>> loss = nn.SampledSoftmaxLoss(num_sampled=4, num_classes=7)
        >>> weights, biases = Tensor(np.ones((7, 10), np.float32)), Tensor(np.ones(7, np.float32))
        >>> loss(weights, biases, Tensor([0, 1, 2]), Tensor(np.ones((3, 10), np.float32))).shape
        (3,)

    Jean et al. 2015; MindSpore r1.8 `nn.SampledSoftmaxLoss`.
    """

    def __init__(self, num_sampled: int, num_classes: int, num_true: int = 1, sampled_values: Any = None,
                 remove_accidental_hits: bool = True, seed: int = 0, reduction: str = "none"):
        super().__init__(reduction)
        owner = "SampledSoftmaxLoss"
        self.num_sampled = check_int(owner, "num_sampled", num_sampled, 1)
        self.num_classes = check_int(owner, "num_classes", num_classes, 1)
        self.num_true = check_int(owner, "num_true", num_true, 1)
        self.remove_accidental_hits = check_type(owner, "remove_accidental_hits", remove_accidental_hits, bool)
        for name, value in (("num_sampled", num_sampled), ("num_true", num_true)):
            if value > num_classes:
                raise ValueError(f"For '{owner}', '{name}' should be at most 'num_classes', {num_classes}, but got "
                                 f"{value}.")
        if sampled_values is not None and (not isinstance(sampled_values, (tuple, list)) or len(sampled_values) != 3):
            raise TypeError(f"For '{owner}', 'sampled_values' should be a tuple or list of 3 Tensors, but got "
                            f"{describe(sampled_values)}.")
        self.sampled_values = sampled_values
        self.seed = check_int(owner, "seed", seed, 0)

    def construct(self, weights: Tensor, biases: Tensor, labels: Tensor, logits: Tensor) -> Tensor:
        """The loss."""
        labels = ops.reshape(labels, (-1, self.num_true))
        if tuple(weights.shape) != (*biases.shape, logits.shape[-1]) or labels.shape[0] != logits.shape[0]:
            shapes = ", ".join(str(tuple(x.shape)) for x in (weights, biases, labels, logits))
            raise ValueError(f"For 'SampledSoftmaxLoss', the inputs should have shapes (C, D), (C,), "
                             f"(N, {self.num_true}) and (N, D), but got {shapes}.")
        sampled, true_count, sampled_count = self.sampled_values or ops.LogUniformCandidateSampler(
            self.num_true, self.num_sampled, True, self.num_classes, self.seed)(labels)
        true = ops.ReduceSum()(ops.gather(weights, labels, 0) * ops.expand_dims(logits, 1), 2)
        true = true + ops.gather(biases, labels, 0) - ops.log(true_count)
        others = ops.MatMul(False, True)(logits, ops.gather(weights, sampled, 0))
        others = others + ops.gather(biases, sampled, 0) - ops.log(sampled_count)
        if self.remove_accidental_hits:
            for i in range(self.num_true):
                hit = labels[:, i:i + 1] == ops.expand_dims(sampled, 0)
                others = ops.select(hit, ops.fill(others.dtype, others.shape, -1e30), others)
        log_p = ops.LogSoftmax(1)(ops.concat((true, others), 1))
        return self.get_loss(-ops.ReduceMean()(log_p[:, :self.num_true], 1))
