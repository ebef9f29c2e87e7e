"""Distances between the surfaces of two segmentations: Hausdorff, mean and root mean square."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_choice, check_type
from mycelium.train.metrics.metric import Metric, rearrange_inputs

_DISTANCES = ("euclidean", "chessboard", "taxicab")
_PAIRS_AT_ONCE = 1 << 22    # bounds the memory of the table of distances


def _edges(mask: np.ndarray) -> np.ndarray:
    """Indices, shape (points, axes), of the elements of a mask that have a neighbour outside of it (or the border)."""
    inner = mask.copy()
    padded = np.pad(mask, 1)
    for axis in range(mask.ndim):
        for start in (0, 2):
            window = [slice(1, -1)] * mask.ndim
            window[axis] = slice(start, start + mask.shape[axis])
            inner &= padded[tuple(window)]
    return np.argwhere(mask & ~inner)


def _nearest(points: np.ndarray, others: np.ndarray, metric: str) -> np.ndarray:
    """For each point the distance to the nearest of the others, in elements; infinite if there are none."""
    if not len(others):
        return np.full(len(points), np.inf)
    found = []
    step = max(1, _PAIRS_AT_ONCE // len(others))
    for start in range(0, len(points), step):
        gaps = np.abs(points[start:start + step, None] - others)
        if metric == "euclidean":
            found.append(np.sqrt((gaps * gaps).sum(-1).min(1)))
        else:
            found.append((gaps.max(-1) if metric == "chessboard" else gaps.sum(-1)).min(1))
    return np.concatenate(found) if found else np.zeros(0)


def _mean(distances: np.ndarray) -> Any:
    return distances.mean() if distances.size else np.inf


class _SurfaceDistance(Metric):
    """The edges of a label in the prediction and in the truth, of the last `update`."""

    def __init__(self, distance_metric: str):
        super().__init__()
        self.distance_metric = check_choice(type(self).__name__, "distance_metric", distance_metric, _DISTANCES)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._surfaces: tuple[np.ndarray, np.ndarray] | None = None

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes a prediction, the truth and the label to look at; the last call counts."""
        name = type(self).__name__
        y_pred, y, label = self._take(inputs, 3, "prediction, truth and label")
        y_pred, y = self._convert_data(y_pred), self._convert_data(y)
        check_type(name, "label_idx", label, (int, float))
        if y_pred.size == 0 or y_pred.shape != y.shape:
            raise ValueError(f"For '{name}', prediction and truth should have one shape, not empty, but got "
                             f"{y_pred.shape} and {y.shape}.")
        predicted, true = y_pred == label, y == label
        if not (predicted.any() or true.any()):
            raise ValueError(f"For '{name}', the label {label} is neither in the prediction nor in the truth.")
        self._surfaces = _edges(predicted), _edges(true)

    def _distances(self, both_ways: bool) -> list[np.ndarray]:
        """Distances from the prediction's edges to the truth's, and with `both_ways` the other way round."""
        if self._surfaces is None:
            raise self._no_data()
        predicted, true = self._surfaces
        there = _nearest(predicted, true, self.distance_metric)
        return [there, _nearest(true, predicted, self.distance_metric)] if both_ways else [there]


class HausdorffDistance(_SurfaceDistance):
    r"""The largest distance from one surface to the other.

    .. math:: H(A, B) = \max\{h(A, B), h(B, A)\}, \quad h(A, B) = \max_{a \in A} \min_{b \in B} \|a - b\|

    Args:
        distance_metric: "euclidean", "chessboard" or "taxicab".
        percentile: In (0, 100], take this percentile of the distances in place of the maximum. Default: None.
        directed: Only from the prediction to the truth.
        crop: Kept for compatibility: the result is the same, and only edges are looked at anyway.

    Inputs of `update`: prediction and truth, images of one shape with any number of axes; the label to look at.

    Returns of `eval`: float, in elements; infinite when only one image has the label.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: An argument has a wrong value, the shapes differ, or no image has the label.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.HausdorffDistance()
        >>> metric.update(np.array([[1, 0, 0], [0, 0, 0]]), np.array([[0, 0, 1], [0, 0, 0]]), 1)
        >>> metric.eval()
        2.0

    MindSpore r1.8 `nn.HausdorffDistance`.
    """

    def __init__(self, distance_metric: str = "euclidean", percentile: float | None = None, directed: bool = False,
                 crop: bool = True):
        super().__init__(distance_metric)
        name = "HausdorffDistance"
        if percentile is not None and not 0 <= check_type(name, "percentile", percentile, float) <= 100:
            raise ValueError(f"For '{name}', 'percentile' should be from 0 to 100, but got {percentile}.")
        self.percentile = percentile
        self.directed = check_type(name, "directed", directed, bool)
        self.crop = check_type(name, "crop", crop, bool)

    def eval(self) -> float:
        """The distance."""
        return float(max(map(self._largest, self._distances(not self.directed))))

    def _largest(self, distances: np.ndarray) -> Any:
        if not distances.size:
            return np.inf
        return np.percentile(distances, self.percentile) if self.percentile else distances.max()


class MeanSurfaceDistance(_SurfaceDistance):
    r"""The mean distance from one surface to the other.

    .. math:: \frac{1}{|S(\hat{y})|} \sum_{a \in S(\hat{y})} \min_{b \in S(y)} \|a - b\|

    Args:
        symmetric: Average the means of both directions.
        distance_metric: "euclidean", "chessboard" or "taxicab".

    Inputs of `update`: prediction and truth, images of one shape with any number of axes; the label to look at.

    Returns of `eval`: float, in elements; infinite when only one image has the label.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: An argument has a wrong value, the shapes differ, or no image has the label.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.MeanSurfaceDistance()
        >>> metric.update(np.array([[1, 0, 1], [0, 0, 0]]), np.array([[0, 0, 1], [0, 0, 0]]), 1)
        >>> metric.eval()
        1.0

    MindSpore r1.8 `nn.MeanSurfaceDistance`.
    """

    def __init__(self, symmetric: bool = False, distance_metric: str = "euclidean"):
        super().__init__(distance_metric)
        self.symmetric = check_type("MeanSurfaceDistance", "symmetric", symmetric, bool)

    def eval(self) -> float:
        """The mean distance."""
        return float(np.mean([_mean(distances) for distances in self._distances(self.symmetric)]))


class RootMeanSquareDistance(_SurfaceDistance):
    r"""The mean square distance from one surface to the other, and its root if symmetric.

    .. math:: d(A, B) = \frac{1}{|S(A)|} \sum_{a \in S(A)} \min_{b \in S(B)} \|a - b\|^2

    Args:
        symmetric: Average the mean squares of both directions, and take the root. Otherwise r1.8 takes no root, which
            its documentation does not say; nor does this.
        distance_metric: "euclidean", "chessboard" or "taxicab".

    Inputs of `update`: prediction and truth, images of one shape with any number of axes; the label to look at.

    Returns of `eval`: float, in elements; infinite when only one image has the label.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: An argument has a wrong value, the shapes differ, or no image has the label.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.RootMeanSquareDistance()
        >>> metric.update(np.array([[1, 0, 1], [0, 0, 0]]), np.array([[0, 0, 1], [0, 0, 0]]), 1)
        >>> metric.eval()
        2.0

    MindSpore r1.8 `nn.RootMeanSquareDistance`.
    """

    def __init__(self, symmetric: bool = False, distance_metric: str = "euclidean"):
        super().__init__(distance_metric)
        self.symmetric = check_type("RootMeanSquareDistance", "symmetric", symmetric, bool)

    def eval(self) -> float:
        """The root mean square distance."""
        squares = [_mean(np.square(distances)) for distances in self._distances(self.symmetric)]
        return float(np.sqrt(np.mean(squares)) if self.symmetric else squares[0])
