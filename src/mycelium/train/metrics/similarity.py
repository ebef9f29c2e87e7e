"""Metrics of overlap and likeness: Dice and CosineSimilarity."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_choice, check_type
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class Dice(Metric):
    r"""How far two areas overlap.

    .. math:: \text{dice} = \frac{2 \sum \hat{y} y}{\sum \hat{y}^2 + \sum y^2 + \text{smooth}}

    The sums go over a batch. `eval` divides the coefficients by the number of samples, as r1.8 does: batches of one
    sample give their average.

    Args:
        smooth: Added to the denominator; above 0.

    Inputs of `update`: predictions and labels of one shape (N, ...).

    Returns of `eval`: float in [0, 1].

    Raises:
        TypeError: `smooth` is not a float.
        ValueError: `smooth` is not above 0, or the shapes differ.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.Dice()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([[0, 1], [1, 0], [0, 1]]))
        >>> metric.eval()
        0.20467791

    MindSpore r1.8 `nn.Dice`.
    """

    def __init__(self, smooth: float = 1e-5):
        super().__init__()
        if check_type("Dice", "smooth", smooth, float) <= 0:
            raise ValueError(f"For 'Dice', 'smooth' should be above 0, but got {smooth}.")
        self.smooth = smooth
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._sum = 0.0
        self._count = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes predictions and labels."""
        y_pred, y = map(self._convert_data, self._take(inputs, 2, "predictions and labels"))
        if y_pred.shape != y.shape:
            raise ValueError(f"For 'Dice.update', predictions and labels should have one shape, but got {y_pred.shape} "
                             f"and {y.shape}.")
        samples = len(y)
        y_pred, y = y_pred.reshape(-1).astype(np.float64), y.reshape(-1).astype(np.float64)
        self._sum += 2 * (y_pred @ y) / (y_pred @ y_pred + y @ y + self.smooth)
        self._count += samples

    def eval(self) -> float:
        """The coefficients divided by the number of samples."""
        if not self._count:
            raise self._no_data()
        return float(self._sum / self._count)


class CosineSimilarity(Metric):
    r"""The likeness of each pair of rows.

    .. math:: s_{ij} = \frac{x_i \cdot x_j}{\|x_i\| \|x_j\|}

    Args:
        similarity: "cosine", or "dot" to leave out the norms.
        reduction: "none", or "sum" or "mean" over the last axis.
        zero_diagonal: Whether the likeness of a row with itself is set to 0.

    Inputs of `update`: rows of shape (N, M).

    Returns of `eval`: array of shape (N, N), or (N,) with a reduction.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `similarity` or `reduction` is unknown, or the input has another number of axes.
        RuntimeError: `eval` without data.

    Examples:
        >>> metric = nn.CosineSimilarity(reduction="sum")
        >>> metric.update(np.array([[1.0, 0.0], [1.0, 1.0]]))
        >>> metric.eval()
        array([0.70710678, 0.70710678])

    MindSpore r1.8 `nn.CosineSimilarity`.
    """

    def __init__(self, similarity: str = "cosine", reduction: str = "none", zero_diagonal: bool = True):
        super().__init__()
        name = "CosineSimilarity"
        self.similarity = check_choice(name, "similarity", similarity, ("dot", "cosine"))
        self.reduction = check_choice(name, "reduction", reduction, ("none", "sum", "mean"))
        self.zero_diagonal = check_type(name, "zero_diagonal", zero_diagonal, bool)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._matrix: np.ndarray | None = None

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes rows; the last call counts."""
        rows = self._convert_data(self._take(inputs, 1, "rows")[0])
        if rows.ndim != 2:
            raise ValueError(f"For 'CosineSimilarity.update', the input should have shape (N, M), but got "
                             f"{rows.shape}.")
        if self.similarity == "cosine":
            rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        self._matrix = rows @ rows.T

    def eval(self) -> np.ndarray:
        """The matrix of likenesses, or its reduction."""
        if self._matrix is None:
            raise self._no_data()
        matrix = self._matrix.copy()
        if self.zero_diagonal:
            np.fill_diagonal(matrix, 0)
        return matrix if self.reduction == "none" else getattr(matrix, self.reduction)(-1)
