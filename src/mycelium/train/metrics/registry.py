"""Metrics by name, as `Model(metrics={"accuracy"})` asks for them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycelium.core.errors import describe, nearest
from mycelium.train.metrics.averages import MAE, MSE, Loss, Perplexity
from mycelium.train.metrics.bleu import BleuScore
from mycelium.train.metrics.classification import (
    F1,
    Accuracy,
    Precision,
    Recall,
    Top1CategoricalAccuracy,
    Top5CategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from mycelium.train.metrics.confusion import ConfusionMatrix, ConfusionMatrixMetric
from mycelium.train.metrics.metric import Metric
from mycelium.train.metrics.occlusion import OcclusionSensitivity
from mycelium.train.metrics.roc import ROC, auc
from mycelium.train.metrics.similarity import CosineSimilarity, Dice
from mycelium.train.metrics.surface import HausdorffDistance, MeanSurfaceDistance, RootMeanSquareDistance

_BY_NAME: dict[str, Callable] = {
    "F1": F1, "acc": Accuracy, "accuracy": Accuracy, "auc": auc, "bleu_score": BleuScore,
    "confusion_matrix": ConfusionMatrix, "confusion_matrix_metric": ConfusionMatrixMetric,
    "cosine_similarity": CosineSimilarity, "dice": Dice, "hausdorff_distance": HausdorffDistance, "loss": Loss,
    "mae": MAE, "mean_surface_distance": MeanSurfaceDistance, "mse": MSE,
    "occlusion_sensitivity": OcclusionSensitivity, "perplexity": Perplexity, "precision": Precision, "recall": Recall,
    "roc": ROC, "root_mean_square_distance": RootMeanSquareDistance, "top_1_accuracy": Top1CategoricalAccuracy,
    "top_5_accuracy": Top5CategoricalAccuracy, "topk": TopKCategoricalAccuracy,
}


def names() -> list[str]:
    """The names that `get_metric_fn` and `Model(metrics=...)` know.

    Returns:
        list of str.

    Examples:
        >>> "accuracy" in nn.names()
        True

    MindSpore r1.8 `nn.names`.
    """
    return sorted(_BY_NAME)


def get_metric_fn(name: str, *args: Any, **kwargs: Any) -> Any:
    """A metric by name.

    Args:
        name: One of `names()`.
        args: Arguments of the metric.
        kwargs: Keyword arguments of the metric.

    Returns:
        Metric.

    Raises:
        KeyError: The name is unknown.

    Examples:
        >>> type(nn.get_metric_fn("precision", eval_type="classification")).__name__
        'Precision'

    MindSpore r1.8 `nn.get_metric_fn`.
    """
    if not isinstance(name, str) or name not in _BY_NAME:
        raise KeyError(f"For 'get_metric_fn', there is no metric {name!r}{nearest(name, _BY_NAME)}; known are "
                       f"{', '.join(names())}.")
    return _BY_NAME[name](*args, **kwargs)


def get_metrics(metrics: Any) -> dict[str, Metric] | None:
    """The `metrics` of a `Model` as a dict of name to Metric: None and dicts pass through, a set of names is looked up.

    Raises:
        TypeError: `metrics` is none of these, or a dict holds something else than Metrics.
        KeyError: A name is unknown.
    """
    if metrics is None:
        return None
    if isinstance(metrics, dict):
        for name, metric in metrics.items():
            if not isinstance(name, str) or not isinstance(metric, Metric):
                raise TypeError(f"For 'metrics', a dict should map str to Metric, but got {describe(metric)} for "
                                f"{name!r}.")
        return metrics
    if isinstance(metrics, set):
        return {name: get_metric_fn(name) for name in metrics}
    raise TypeError("For 'metrics', give None, a set of names such as {'accuracy'}, or a dict such as {'acc': "
                    f"nn.Accuracy()}}, but got {describe(metrics)}.")
