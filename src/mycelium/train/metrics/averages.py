"""Metrics that average over samples: MAE, MSE, Loss and Perplexity."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_type
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class _MeanError(Metric):
    """A sum over elements divided by the number of samples."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._sum = 0.0
        self._samples = 0

    def _error(self, difference: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels of one shape."""
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.shape != y.shape:
            raise ValueError(f"For '{type(self).__name__}', predictions and labels should have one shape, but got "
                             f"{y_pred.shape} and {y.shape}.")
        self._sum += self._error(y.reshape(y_pred.shape) - y_pred).sum()
        self._samples += y.shape[0]

    def eval(self) -> float:
        """The error per sample."""
        if not self._samples:
            raise self._no_data()
        return float(self._sum / self._samples)


class MAE(_MeanError):
    r"""The mean absolute error.

    .. math:: \text{MAE} = \frac{1}{n} \sum_i |\hat{y}_i - y_i|

    The sum goes over all elements, n is the number of samples (the size of axis 0).

    Inputs of `update`: predictions and labels of one shape (N, ...).

    Returns of `eval`: float, in the unit of the inputs.

    Raises:
        ValueError: The shapes differ.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.MAE()
        >>> metric.update(Tensor([1.0, 2.0]), Tensor([1.5, 2.5]))
        >>> metric.eval()
        0.5

    MindSpore r1.8 `nn.MAE`.
    """

    def _error(self, difference: np.ndarray) -> np.ndarray:
        return np.abs(difference)


class MSE(_MeanError):
    r"""The mean squared error.

    .. math:: \text{MSE} = \frac{1}{n} \sum_i (\hat{y}_i - y_i)^2

    The sum goes over all elements, n is the number of samples (the size of axis 0).

    Inputs of `update`: predictions and labels of one shape (N, ...).

    Returns of `eval`: float, in the squared unit of the inputs.

    Raises:
        ValueError: The shapes differ.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.MSE()
        >>> metric.update(Tensor([1.0, 2.0]), Tensor([1.5, 2.5]))
        >>> metric.eval()
        0.25

    MindSpore r1.8 `nn.MSE`.
    """

    def _error(self, difference: np.ndarray) -> np.ndarray:
        return np.square(difference)


class Loss(Metric):
    r"""The average of the losses of the batches.

    .. math:: \text{loss} = \frac{1}{n} \sum_{k=1}^{n} \text{loss}_k

    Inputs of `update`: one loss, of shape () or (M,); the mean of its elements counts.

    Returns of `eval`: float.

    Raises:
        ValueError: There is not exactly one input, or it has more than one axis.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Loss()
        >>> metric.update(Tensor(0.5)); metric.update(Tensor(1.0))
        >>> metric.eval()
        0.75

    MindSpore r1.8 `nn.Loss`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._sum = 0.0
        self._count = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes the loss of a batch."""
        loss = self._convert_data(self._take(inputs, 1, "the loss")[0])
        if loss.ndim > 1:
            raise ValueError(f"For 'Loss.update', the loss should have shape () or (M,), but got {loss.shape}.")
        self._sum += loss.mean()
        self._count += 1

    def eval(self) -> float:
        """The average of the losses."""
        if not self._count:
            raise self._no_data()
        return float(self._sum / self._count)


class Perplexity(Metric):
    r"""How surprised a model is by the labels: the inverse geometric mean of their probabilities.

    .. math:: PP = \exp\Big(-\frac{1}{N} \sum_{i=1}^{N} \ln p_i(y_i)\Big)

    Probabilities below 1e-10 count as 1e-10.

    Args:
        ignore_label: A label that does not count. Default: None, every label counts.

    Inputs of `update`: probabilities of shape (N, C) and labels of shape (N,), or lists of several of each.

    Returns of `eval`: float, at least 1.

    Raises:
        TypeError: `ignore_label` is not an int.
        ValueError: There are not exactly two inputs.
        RuntimeError: The shapes do not fit, or `eval` without data.

    Examples:
        >>> metric = nn.Perplexity()
        >>> metric.update(Tensor([[0.5, 0.5], [0.5, 0.5]]), Tensor([0, 1]))
        >>> metric.eval()
        2.0

    MindSpore r1.8 `nn.Perplexity`.
    """

    def __init__(self, ignore_label: int | None = None):
        super().__init__()
        if ignore_label is not None:
            check_type("Perplexity", "ignore_label", ignore_label, int)
        self.ignore_label = ignore_label
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._log_sum = 0.0
        self._count = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes probabilities and labels."""
        all_preds, all_labels = (v if isinstance(v, list) and v and not isinstance(v[0], (int, float, list)) else [v]
                                 for v in self._take(inputs, 2, "probabilities and labels"))
        if len(all_preds) != len(all_labels):
            raise RuntimeError(f"For 'Perplexity.update', there should be as many labels as predictions, but got "
                               f"{len(all_labels)} and {len(all_preds)}.")
        for pred, label in zip(all_preds, all_labels, strict=True):
            self._add(self._convert_data(pred), self._convert_data(label))

    def _add(self, pred: np.ndarray, label: np.ndarray) -> None:
        if label.size != pred.size // max(pred.shape[-1], 1):
            raise RuntimeError(f"For 'Perplexity.update', labels should have the shape of the probabilities without "
                               f"the last axis, but got {label.shape} and {pred.shape}.")
        rows = pred.reshape(-1, pred.shape[-1])
        labels = label.reshape(-1).astype(np.int64)
        chosen = rows[np.arange(len(labels)), labels].astype(np.float64)
        counted = np.ones(len(labels), bool) if self.ignore_label is None else labels != self.ignore_label
        self._log_sum -= np.log(np.maximum(1e-10, chosen[counted])).sum()
        self._count += int(counted.sum())

    def eval(self) -> float:
        """The perplexity over all labels."""
        if not self._count:
            raise self._no_data()
        return float(np.exp(self._log_sum / self._count))
