"""Metrics that count right and wrong classes: Accuracy, Precision, Recall, Fbeta, F1 and top-k accuracy."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_int, check_type, describe
from mycelium.train.metrics.metric import Metric, rearrange_inputs

_EVAL_TYPES = ("classification", "multilabel")
_EPSILON = np.finfo(np.float64).eps


class EvaluationBase(Metric):
    """Base of the metrics for `eval_type` "classification" and "multilabel".

    Args:
        eval_type: "classification" for one label a sample, "multilabel" for a 0 or 1 per class.
    """

    def __init__(self, eval_type: str):
        super().__init__()
        if eval_type not in _EVAL_TYPES:
            raise TypeError(f"For '{type(self).__name__}', 'eval_type' should be one of {list(_EVAL_TYPES)}, but got "
                            f"{describe(eval_type)}.")
        self._type = eval_type
        self._class_num: int = 0
        self.clear()

    def _indicators(self, inputs: tuple) -> tuple[np.ndarray, np.ndarray]:
        """Predictions and labels as 0 or 1 of shape (samples, classes), after all checks."""
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        name, shapes = type(self).__name__, f"predictions of shape {y_pred.shape} and labels of shape {y.shape}"
        if self._type == "classification":
            y_pred, y = _classes(name, y_pred, y)
        elif y_pred.shape != y.shape:
            raise ValueError(f"For '{name}' with eval_type 'multilabel', predictions and labels should have one shape, "
                             f"but got {shapes}.")
        else:
            if y.ndim < 2:
                raise IndexError(f"For '{name}' with eval_type 'multilabel', inputs should have shape (N, C, ...), but "
                                 f"got {shapes}.")
            if not (np.isin(y_pred, (0, 1)).all() and np.isin(y, (0, 1)).all()):
                raise ValueError(f"For '{name}' with eval_type 'multilabel', predictions and labels should hold 0 or 1 "
                                 "only.")
            y_pred, y = (np.moveaxis(v, 1, -1).reshape(-1, v.shape[1]) for v in (y_pred, y))
        if self._class_num not in (0, y.shape[1]):
            raise ValueError(f"For '{name}', earlier batches had {self._class_num} classes, but this one has "
                             f"{y.shape[1]}; call 'clear' in between.")
        self._class_num = y.shape[1]
        return y_pred, y


def _classes(name: str, y_pred: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores (N, C, ...) and labels (N, ...) or one-hot (N, C, ...) as 0 or 1 of shape (samples, classes)."""
    if y_pred.ndim < 2:
        raise ValueError(f"For '{name}', predictions should have shape (N, C, ...), but got {y_pred.shape}.")
    if y.shape == y_pred.shape:
        y = y.argmax(axis=1)
    elif y.shape != y_pred.shape[:1] + y_pred.shape[2:]:
        raise ValueError(f"For '{name}', labels should have the shape of the predictions {y_pred.shape} (one-hot) or "
                         f"the same without the second axis, but got {y.shape}.")
    count = y_pred.shape[1]
    labels = y.reshape(-1).astype(np.int64)
    if labels.size and not 0 <= labels.min() <= labels.max() < count:
        raise ValueError(f"For '{name}', labels should be from 0 to {count - 1}, the number of classes less one, but "
                         f"they are from {labels.min()} to {labels.max()}.")
    one_hot = np.eye(count, dtype=np.int64)
    return one_hot[y_pred.argmax(axis=1).reshape(-1)], one_hot[labels]


class Accuracy(EvaluationBase):
    r"""The share of right predictions.

    .. math:: \text{accuracy} = \frac{\text{right predictions}}{\text{samples}}

    With eval_type "multilabel" a sample is right when all its labels are.

    Args:
        eval_type: "classification" or "multilabel".

    Inputs of `update`: scores of shape (N, C, ...); class indices of shape (N, ...) or one-hot labels of shape
    (N, C, ...). For "multilabel" both are 0 or 1, of shape (N, C, ...).

    Returns of `eval`: float in [0, 1].

    Raises:
        TypeError: `eval_type` is unknown.
        ValueError: Shapes or the number of classes do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Accuracy()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        0.6666666666666666

    MindSpore r1.8 `nn.Accuracy`.
    """

    def __init__(self, eval_type: str | None = "classification"):
        super().__init__(eval_type)     # type: ignore[arg-type]

    def clear(self) -> None:
        """Starts anew."""
        self._right = self._total = self._class_num = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        y_pred, y = self._indicators(inputs)
        self._right += int((y_pred == y).all(axis=1).sum())
        self._total += len(y)

    def eval(self) -> float:
        """The share of right predictions."""
        if not self._total:
            raise self._no_data()
        return self._right / self._total


class _Ratio(EvaluationBase):
    """True positives over positives of one kind: those predicted (Precision) or those labelled (Recall)."""

    def __init__(self, eval_type: str | None = "classification"):
        super().__init__(eval_type)     # type: ignore[arg-type]

    def clear(self) -> None:
        """Starts anew."""
        self._class_num = 0
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []

    def _positives(self, y_pred: np.ndarray, y: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        y_pred, y = self._indicators(inputs)
        axis = 0 if self._type == "classification" else 1   # multilabel: one ratio a sample
        self._parts.append(((y_pred * y).sum(axis), self._positives(y_pred, y).sum(axis)))

    def eval(self, average: bool = False) -> Any:
        """The ratio per class, or per sample for "multilabel"; with `average` their mean."""
        if not self._parts:
            raise self._no_data()
        check_type(type(self).__name__ + ".eval", "average", average, bool)
        join = sum if self._type == "classification" else np.concatenate
        right, positives = (join(part) for part in zip(*self._parts, strict=True))  # type: ignore[operator]
        ratio = right / (positives + _EPSILON)
        return float(ratio.mean()) if average else ratio


class Precision(_Ratio):
    r"""The share of right ones among the positive predictions.

    .. math:: \text{precision} = \frac{\text{true positives}}{\text{true positives} + \text{false positives}}

    Args:
        eval_type: "classification" or "multilabel".

    Inputs of `update`: as for `nn.Accuracy`.

    Returns of `eval`: array of shape (C,), or (N,) for "multilabel"; with `average=True` its mean.

    Raises:
        TypeError: `eval_type` is unknown.
        ValueError: Shapes or the number of classes do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Precision()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        array([0.5, 1. ])

    MindSpore r1.8 `nn.Precision`.
    """

    def _positives(self, y_pred: np.ndarray, y: np.ndarray) -> np.ndarray:
        return y_pred


class Recall(_Ratio):
    r"""The share of the positive labels that were predicted.

    .. math:: \text{recall} = \frac{\text{true positives}}{\text{true positives} + \text{false negatives}}

    Args:
        eval_type: "classification" or "multilabel".

    Inputs of `update`: as for `nn.Accuracy`.

    Returns of `eval`: array of shape (C,), or (N,) for "multilabel"; with `average=True` its mean.

    Raises:
        TypeError: `eval_type` is unknown.
        ValueError: Shapes or the number of classes do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Recall()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        array([1. , 0.5])

    MindSpore r1.8 `nn.Recall`.
    """

    def _positives(self, y_pred: np.ndarray, y: np.ndarray) -> np.ndarray:
        return y


class Fbeta(Metric):
    r"""The weighted harmonic mean of precision and recall.

    .. math:: F_\beta = \frac{(1 + \beta^2)\, tp}{(1 + \beta^2)\, tp + \beta^2\, fn + fp}

    Args:
        beta: How many times recall weighs more than precision; above 0.

    Inputs of `update`: scores of shape (N, C); class indices of shape (N,) or one-hot labels of shape (N, C).

    Returns of `eval`: array of shape (C,); with `average=True` its mean.

    Raises:
        TypeError: `beta` is not a number.
        ValueError: `beta` is not above 0, or shapes or classes do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Fbeta(2)
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        array([0.83333333, 0.55555556])

    MindSpore r1.8 `nn.Fbeta`.
    """

    def __init__(self, beta: float):
        super().__init__()
        if check_type(type(self).__name__, "beta", beta, (int, float)) <= 0:
            raise ValueError(f"For '{type(self).__name__}', 'beta' should be above 0, but got {beta}.")
        self._weight = float(beta) ** 2
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._right = self._predicted = self._actual = np.zeros(0)
        self._class_num = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        name = type(self).__name__
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.ndim < 2:
            raise IndexError(f"For '{name}', predictions should have shape (N, C), but got {y_pred.shape}.")
        y_pred, y = _classes(name, y_pred, y)
        if not self._class_num:
            self._class_num = y.shape[1]
            self._right = self._predicted = self._actual = np.zeros(self._class_num)
        elif self._class_num != y.shape[1]:
            raise ValueError(f"For '{name}', earlier batches had {self._class_num} classes, but this one has "
                             f"{y.shape[1]}; call 'clear' in between.")
        self._right = self._right + (y_pred * y).sum(0)
        self._predicted = self._predicted + y_pred.sum(0)
        self._actual = self._actual + y.sum(0)

    def eval(self, average: bool = False) -> Any:
        """The score per class; with `average` their mean."""
        check_type(type(self).__name__ + ".eval", "average", average, bool)
        if not self._class_num:
            raise self._no_data()
        # (1 + b) tp + b fn + fp, where tp + fn are the labels and tp + fp the predictions
        score = (1 + self._weight) * self._right / (self._weight * self._actual + self._predicted + _EPSILON)
        return float(score.mean()) if average else score


class F1(Fbeta):
    r"""The harmonic mean of precision and recall: `nn.Fbeta` with beta 1.

    .. math:: F_1 = \frac{2\, tp}{2\, tp + fn + fp}

    Inputs of `update`: scores of shape (N, C); class indices of shape (N,) or one-hot labels of shape (N, C).

    Returns of `eval`: array of shape (C,); with `average=True` its mean.

    Examples:
        >>> metric = nn.F1()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        array([0.66666667, 0.66666667])

    MindSpore r1.8 `nn.F1`.
    """

    def __init__(self) -> None:
        super().__init__(1.0)


class TopKCategoricalAccuracy(Metric):
    """The share of samples whose label is among the k highest scores; among equal scores the first one wins.

    Args:
        k: How many of the highest scores count; at least 1.

    Inputs of `update`: scores of shape (N, C); class indices of shape (N,) or one-hot labels of shape (N, C).

    Returns of `eval`: float in [0, 1].

    Raises:
        TypeError: `k` is not an int.
        ValueError: `k` is below 1 or above C, or shapes do not fit.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.TopKCategoricalAccuracy(2)
        >>> metric.update(Tensor([[0.2, 0.5, 0.3], [0.9, 0.6, 0.2]]), Tensor([2, 2]))
        >>> metric.eval()
        0.5

    MindSpore r1.8 `nn.TopKCategoricalAccuracy`.
    """

    def __init__(self, k: int):
        super().__init__()
        self.k = check_int(type(self).__name__, "k", k, 1)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._right = self._total = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        name = type(self).__name__
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.ndim == 2 and y.shape == y_pred.shape:
            y = y.argmax(axis=1)
        if y_pred.ndim != 2 or y.shape != y_pred.shape[:1]:
            raise ValueError(f"For '{name}', predictions should have shape (N, C) and labels (N,) or (N, C), but got "
                             f"{y_pred.shape} and {y.shape}.")
        if self.k > y_pred.shape[1]:
            raise ValueError(f"For '{name}', k={self.k} is more than the {y_pred.shape[1]} classes of the predictions.")
        best = np.argsort(-y_pred, axis=1, kind="stable")[:, :self.k]
        self._right += int((best == y[:, None]).sum())
        self._total += len(y)

    def eval(self) -> float:
        """The share of samples whose label is among the k highest scores."""
        if not self._total:
            raise self._no_data()
        return self._right / self._total


class Top1CategoricalAccuracy(TopKCategoricalAccuracy):
    """The share of samples whose label has the highest score.

    Inputs of `update` and Returns of `eval`: as for `nn.TopKCategoricalAccuracy`.

    Examples:
        >>> metric = nn.Top1CategoricalAccuracy()
        >>> metric.update(Tensor([[0.2, 0.5, 0.3], [0.9, 0.6, 0.2]]), Tensor([2, 0]))
        >>> metric.eval()
        0.5

    MindSpore r1.8 `nn.Top1CategoricalAccuracy`.
    """

    def __init__(self) -> None:
        super().__init__(1)


class Top5CategoricalAccuracy(TopKCategoricalAccuracy):
    """The share of samples whose label is among the five highest scores.

    Inputs of `update` and Returns of `eval`: as for `nn.TopKCategoricalAccuracy`.

    Examples:
        >>> metric = nn.Top5CategoricalAccuracy()
        >>> metric.update(Tensor([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]), Tensor([0]))
        >>> metric.eval()
        0.0

    MindSpore r1.8 `nn.Top5CategoricalAccuracy`.
    """

    def __init__(self) -> None:
        super().__init__(5)
