"""The ROC curve and the area under a curve."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_type, describe
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class ROC(Metric):
    """The true positive rate against the false positive rate, for every threshold of the score.

    Args:
        class_num: The number of classes; None for two. With more, each class is set against the rest.
        pos_label: The positive label for two classes. Default: 1.

    Inputs of `update`: scores of shape (N,), or (N, C) with `class_num`; labels of shape (N,). The last call counts.

    Returns of `eval`: false positive rates, true positive rates and thresholds (in falling order, the first one above
    every score); three arrays, or three lists with one array per class.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: Shapes do not fit, or there are no positive or no negative samples.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.ROC()
        >>> metric.update(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))
        >>> fpr, tpr, thresholds = metric.eval()
        >>> nn.auc(fpr, tpr)
        0.75

    MindSpore r1.8 `nn.ROC`.
    """

    def __init__(self, class_num: int | None = None, pos_label: int | None = None):
        super().__init__()
        self.class_num = class_num if class_num is None else check_type("ROC", "class_num", class_num, int)
        self.pos_label = pos_label if pos_label is None else check_type("ROC", "pos_label", pos_label, int)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._scores = self._labels = None

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes scores and labels; the last call counts."""
        scores, labels = map(self._convert_data, self._take(inputs, 2, "scores and labels"))
        if scores.ndim == labels.ndim:
            scores = scores.reshape(-1)
            self._classes = 1
        elif scores.ndim == labels.ndim + 1:
            if scores.shape[1] != self.class_num:
                raise ValueError(f"For 'ROC.update', scores of shape {scores.shape} should have {self.class_num} "
                                 "(class_num) as size of axis 1.")
            self._classes = scores.shape[1]
            scores = np.moveaxis(scores, 1, -1).reshape(-1, self._classes)
        else:
            raise ValueError("For 'ROC.update', scores should have the shape of the labels, or one axis more, but got "
                             f"{scores.shape} and {labels.shape}.")
        labels = labels.reshape(-1)
        if len(scores) != len(labels):
            raise IndexError(f"For 'ROC.update', there should be as many labels as scores, but got {len(labels)} and "
                             f"{len(scores)}.")
        self._scores, self._labels = scores, labels

    def eval(self) -> tuple[Any, Any, Any]:
        """False positive rates, true positive rates, thresholds."""
        if self._scores is None or self._labels is None:
            raise self._no_data()
        if self._classes == 1:
            return _curve(self._scores, self._labels == (1 if self.pos_label is None else self.pos_label))
        curves = [_curve(self._scores[:, c], self._labels == c) for c in range(self._classes)]
        fpr, tpr, thresholds = (list(column) for column in zip(*curves, strict=True))
        return fpr, tpr, thresholds


def _curve(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.argsort(-scores, kind="stable")
    scores, positive = scores[order], positive[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of each run of equal scores
    right = np.cumsum(positive)[last]
    wrong = 1 + last - right
    if not len(scores) or right[-1] == 0 or wrong[-1] == 0:
        raise ValueError("For 'ROC.eval', there should be positive and negative samples, but got "
                         f"{int(positive.sum())} positive of {len(scores)}.")
    return (np.append(0.0, wrong / wrong[-1]), np.append(0.0, right / right[-1]),
            np.append(scores[:1] + 1, scores[last]))


def auc(x: Any, y: Any, reorder: bool = False) -> float:
    """The area under a curve given by points, by the trapezoidal rule.

    Args:
        x: Abscissas of shape (N,), rising or falling; N is at least 2.
        y: Ordinates of shape (N,).
        reorder: Sort the points by x first.

    Returns:
        float, the area.

    Raises:
        TypeError: `x` or `y` is not an array or list.
        ValueError: The shapes do not fit, or x neither rises nor falls.

    Examples:
        >>> nn.auc(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]))
        0.75

    MindSpore r1.8 `nn.auc`.
    """
    if not isinstance(x, (np.ndarray, list)) or not isinstance(y, (np.ndarray, list)):
        raise TypeError(f"For 'auc', 'x' and 'y' should be numpy.ndarray or list, but got {describe(x)} and "
                        f"{describe(y)}.")
    check_type("auc", "reorder", reorder, bool)
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 1 or x.shape != y.shape or len(x) < 2:
        raise ValueError(f"For 'auc', 'x' and 'y' should have one shape (N,) with at least 2 points, but got {x.shape} "
                         f"and {y.shape}.")
    if reorder:
        order = np.lexsort((y, x))
        x, y = x[order], y[order]
    steps = np.diff(x)
    if (steps < 0).any() and (steps > 0).any():
        raise ValueError("For 'auc', 'x' should rise or fall throughout; sort it, or pass reorder=True.")
    return float(abs((steps * (y[1:] + y[:-1])).sum()) / 2)
