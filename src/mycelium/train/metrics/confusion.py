"""Metrics from confusion matrices: ConfusionMatrix and the rates of ConfusionMatrixMetric."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.errors import check_choice, check_int, check_type, nearest
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class ConfusionMatrix(Metric):
    """How often each label (rows) was predicted as each class (columns).

    Args:
        num_classes: The number of classes.
        normalize: "no_norm" for counts; "target" divides each row by its sum, "prediction" each column, "all" all.
        threshold: From which score on a prediction of class 1 is positive, for binary scores.

    Inputs of `update`: classes of shape (N, ...), binary scores of shape (N, ...) or scores of shape (N, C, ...);
    labels of shape (N, ...).

    Returns of `eval`: array of shape (num_classes, num_classes).

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `normalize` is unknown, or shapes or labels do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.ConfusionMatrix(num_classes=2)
        >>> metric.update(Tensor([1, 0, 1, 0]), Tensor([1, 0, 0, 1]))
        >>> metric.eval()
        array([[1., 1.], [1., 1.]])

    MindSpore r1.8 `nn.ConfusionMatrix`.
    """

    def __init__(self, num_classes: int, normalize: str = "no_norm", threshold: float = 0.5):
        super().__init__()
        self.num_classes = check_int("ConfusionMatrix", "num_classes", num_classes, 0)
        self.normalize = check_choice("ConfusionMatrix", "normalize", normalize,
                                      ("no_norm", "target", "prediction", "all"))
        self.threshold = check_type("ConfusionMatrix", "threshold", threshold, float)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._counts = np.zeros((self.num_classes, self.num_classes))
        self._updated = False

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.ndim == y.ndim:
            classes = (y_pred >= self.threshold).astype(np.int64) if y_pred.dtype.kind == "f" else y_pred
        elif y_pred.ndim == y.ndim + 1:
            classes = y_pred.argmax(axis=1)
        else:
            raise ValueError("For 'ConfusionMatrix.update', predictions should have the shape of the labels, or one "
                             f"axis more (scores of each class), but got {y_pred.shape} and labels {y.shape}.")
        if classes.shape != y.shape:
            raise ValueError(f"For 'ConfusionMatrix.update', predictions of shape {y_pred.shape} do not fit labels of "
                             f"shape {y.shape}.")
        pairs = np.stack([y.reshape(-1), classes.reshape(-1)]).astype(np.int64)
        if pairs.size and not 0 <= pairs.min() <= pairs.max() < self.num_classes:
            raise ValueError(f"For 'ConfusionMatrix.update', classes should be from 0 to {self.num_classes - 1}, but "
                             f"they are from {pairs.min()} to {pairs.max()}.")
        np.add.at(self._counts, tuple(pairs), 1)
        self._updated = True

    def eval(self) -> np.ndarray:
        """The matrix, normalized as asked for; rows and columns without samples are 0 then."""
        if not self._updated:
            raise self._no_data()
        if self.normalize == "no_norm":
            return self._counts.copy()
        axis = {"target": 1, "prediction": 0, "all": None}[self.normalize]
        total = self._counts.sum(axis=axis, keepdims=True)
        return self._counts / np.where(total == 0, 1, total)


class _Counts:
    """True and false positives and negatives, and the rates made of them; 0 / 0 is NaN."""

    def __init__(self, counts: np.ndarray):
        self.tp, self.fp, self.tn, self.fn = counts
        self.p, self.n = self.tp + self.fn, self.fp + self.tn

    def tpr(self) -> np.ndarray:
        return self.tp / self.p

    def tnr(self) -> np.ndarray:
        return self.tn / self.n

    def ppv(self) -> np.ndarray:
        return self.tp / (self.tp + self.fp)

    def npv(self) -> np.ndarray:
        return self.tn / (self.tn + self.fn)

    def fnr(self) -> np.ndarray:
        return self.fn / self.p

    def fpr(self) -> np.ndarray:
        return self.fp / self.n

    def fdr(self) -> np.ndarray:
        return self.fp / (self.tp + self.fp)

    def omission(self) -> np.ndarray:
        return self.fn / (self.tn + self.fn)

    def prevalence_threshold(self) -> np.ndarray:
        tpr, tnr = self.tpr(), self.tnr()
        return (np.sqrt(tpr * (1 - tnr)) + tnr - 1) / (tpr + tnr - 1)

    def threat_score(self) -> np.ndarray:
        return self.tp / (self.tp + self.fn + self.fp)

    def accuracy(self) -> np.ndarray:
        return (self.tp + self.tn) / (self.p + self.n)

    def balanced_accuracy(self) -> np.ndarray:
        return (self.tpr() + self.tnr()) / 2

    def f1(self) -> np.ndarray:
        return 2 * self.tp / (2 * self.tp + self.fn + self.fp)

    def matthews(self) -> np.ndarray:
        tp, fp, tn, fn = self.tp, self.fp, self.tn, self.fn
        return (tp * tn - fp * fn) / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))

    def fowlkes_mallows(self) -> np.ndarray:
        return np.sqrt(self.ppv() * self.tpr())

    def informedness(self) -> np.ndarray:
        return self.tpr() + self.tnr() - 1

    def markedness(self) -> np.ndarray:
        return self.ppv() + self.npv() - 1


_RATES: dict[str, Callable[[_Counts], np.ndarray]] = {
    alias: rate for rate, aliases in (
        (_Counts.tpr, "sensitivity, recall, hit rate, true positive rate, tpr"),
        (_Counts.tnr, "specificity, selectivity, true negative rate, tnr"),
        (_Counts.ppv, "precision, positive predictive value, ppv"),
        (_Counts.npv, "negative predictive value, npv"),
        (_Counts.fnr, "miss rate, false negative rate, fnr"),
        (_Counts.fpr, "fall out, false positive rate, fpr"),
        (_Counts.fdr, "false discovery rate, fdr"),
        (_Counts.omission, "false omission rate, for"),
        (_Counts.prevalence_threshold, "prevalence threshold, pt"),
        (_Counts.threat_score, "threat score, critical success index, ts, csi"),
        (_Counts.accuracy, "accuracy, acc"),
        (_Counts.balanced_accuracy, "balanced accuracy, ba"),
        (_Counts.f1, "f1 score, f1"),
        (_Counts.matthews, "matthews correlation coefficient, mcc"),
        (_Counts.fowlkes_mallows, "fowlkes mallows index, fm"),
        (_Counts.informedness, "informedness, bookmaker informedness, bm, youden index, youden"),
        (_Counts.markedness, "markedness, deltap, mk"),
    ) for alias in aliases.split(", ")}
_DECREASES = ("none", "mean", "sum", "mean_batch", "sum_batch", "mean_channel", "sum_channel")


class ConfusionMatrixMetric(Metric):
    """A rate made of true and false positives and negatives, such as sensitivity or the F1 score.

    Args:
        skip_channel: False leaves out the first channel (the background), if there is another one; True counts it. The
            documentation of r1.8 says the reverse of what it does.
        metric_name: "sensitivity", "specificity", "precision", "negative predictive value", "miss rate", "fall out",
            "false discovery rate", "false omission rate", "prevalence threshold", "threat score", "accuracy",
            "balanced accuracy", "f1 score", "matthews correlation coefficient", "fowlkes mallows index",
            "informedness", "markedness", or a common name such as "tpr" or "mcc".
        calculation_method: True takes the rate of each sample and channel and reduces those by `decrease`; False takes
            one rate of the counts of everything.
        decrease: "none", or "mean" or "sum" over everything, or over the axis in "mean_batch", "sum_batch",
            "mean_channel", "sum_channel". Rates that are 0 / 0 do not count.

    Inputs of `update`: predictions and labels, both one-hot or binary of shape (N, C) or (N, C, ...).

    Returns of `eval`: array of shape (1,); with `calculation_method=True` a float for "mean" and "sum", else an array.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `decrease` is unknown, or shapes do not fit.
        NotImplementedError: `eval` with an unknown `metric_name`.
        RuntimeError: `eval` without a rate that counts.

    Examples:
        >>> metric = nn.ConfusionMatrixMetric(metric_name="tpr")
        >>> metric.update(Tensor([[1, 0], [0, 1], [0, 1]]), Tensor([[1, 0], [1, 0], [0, 1]]))
        >>> metric.eval()
        array([0.66666667])

    MindSpore r1.8 `nn.ConfusionMatrixMetric`, whose array-valued `decrease` modes fail; here they work.
    """

    def __init__(self, skip_channel: bool = True, metric_name: str = "sensitivity", calculation_method: bool = False,
                 decrease: str = "mean"):
        super().__init__()
        name = "ConfusionMatrixMetric"
        self.skip_channel = check_type(name, "skip_channel", skip_channel, bool)
        self.metric_name = check_type(name, "metric_name", metric_name, str)
        self.calculation_method = check_type(name, "calculation_method", calculation_method, bool)
        self.decrease = check_choice(name, "decrease", decrease, _DECREASES)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._total = np.zeros(4)
        self._each: list[np.ndarray] = []

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.ndim < 2 or y_pred.shape != y.shape:
            raise ValueError("For 'ConfusionMatrixMetric.update', predictions and labels should have one shape (N, C, "
                             f"...), but got {y_pred.shape} and {y.shape}.")
        if not self.skip_channel and y.shape[1] > 1:
            y_pred, y = y_pred[:, 1:], y[:, 1:]
        y_pred, y = (v.reshape(*v.shape[:2], -1).astype(np.float64) for v in (y_pred, y))
        tp, tn = (y_pred + y == 2).sum(-1), (y_pred + y == 0).sum(-1)
        positive = y.sum(-1)
        counts = np.stack([tp, y.shape[-1] - positive - tn, tn, positive - tp])     # each of shape (N, C)
        self._total += counts.sum(axis=(1, 2))
        self._each.append(counts)

    def eval(self) -> Any:
        """The rate."""
        rate = _RATES.get(self.metric_name.lower().replace("_", " "))
        if rate is None:
            raise NotImplementedError(f"For 'ConfusionMatrixMetric', the metric name {self.metric_name!r} is unknown"
                                      f"{nearest(self.metric_name, _RATES) or '; see its documentation'}.")
        with np.errstate(invalid="ignore", divide="ignore"):
            if not self.calculation_method:
                return np.atleast_1d(rate(_Counts(self._total)))
            if not self._each:
                raise self._no_data()
            return self._reduce(rate(_Counts(np.concatenate(self._each, axis=1))))

    def _reduce(self, rates: np.ndarray) -> Any:
        """`rates` of shape (N, C) reduced as `decrease` says, leaving out NaN."""
        valid = ~np.isnan(rates)
        rates = np.where(valid, rates, 0.0)
        kind, _, axis_name = self.decrease.partition("_")
        if kind == "none":
            return np.where(valid, rates, np.nan)
        if not valid.any():
            raise self._no_data()
        if axis_name:
            axis = 0 if axis_name == "batch" else 1
            return rates.sum(axis) if kind == "sum" else rates.sum(axis) / np.maximum(valid.sum(axis), 1)
        if kind == "sum":
            return float(rates.sum())
        counted = valid.any(axis=1)     # the mean over channels first, then over the samples that have one
        return float((rates.sum(1)[counted] / valid.sum(1)[counted]).mean())
