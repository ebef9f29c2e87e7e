"""Metrics against what MindSpore 1.8.1 gave (tests/data/record_metrics.py) and against scikit-learn."""
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

import mycelium as ms
from mycelium import Tensor
from mycelium.train import metrics

CASES = json.loads((Path(__file__).parents[1] / "data" / "metrics.json").read_text(encoding="utf-8"))
BY_CLASS = {name: [c for c in CASES if c[0] == name] for name in sorted({c[0] for c in CASES})}


def from_json(value):
    return Tensor(as_array(value)) if isinstance(value, dict) else value


def as_array(value):
    return np.array(value["array"], value["dtype"]).reshape(value["shape"])


def same(mine, recorded):
    if isinstance(recorded, list):
        return len(mine) == len(recorded) and all(map(same, mine, recorded))
    if isinstance(recorded, dict):
        recorded = as_array(recorded)
    return np.shape(mine) == np.shape(recorded) and np.allclose(mine, recorded, rtol=1e-6, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", BY_CLASS)
def test_as_recorded(name):
    """Every recorded case gives the recorded value, or raises the recorded type of error."""
    assert BY_CLASS[name]
    for _, kwargs, updates, eval_kwargs, recorded in BY_CLASS[name]:
        wrong = isinstance(recorded, dict) and "error" in recorded
        try:
            metric = getattr(metrics, name)(**kwargs)
            metric.clear()
            for inputs in updates:
                metric.update(*map(from_json, inputs))
            mine = metric.eval(**eval_kwargs)
        except Exception as error:
            assert wrong and type(error).__name__ == recorded["error"], (kwargs, updates, recorded, error)
            assert name in str(error), f"the message does not name the metric: {error}"
        else:
            assert not wrong and same(mine, recorded), (kwargs, updates, eval_kwargs, recorded, mine)


def test_clear_starts_anew_for_every_metric():
    rng = np.random.RandomState(0)
    for name, cases in BY_CLASS.items():
        _, kwargs, updates, eval_kwargs, recorded = next(
            c for c in cases if len(c[2]) == 1 and not (isinstance(c[4], dict) and "error" in c[4]))
        metric = getattr(metrics, name)(**kwargs)
        inputs = [from_json(v) for v in updates[0]]
        metric.update(*inputs)
        metric.eval(**eval_kwargs)
        metric.update(*(Tensor(rng.permutation(v.asnumpy())) if isinstance(v, Tensor) and v.ndim else v
                        for v in inputs))
        metric.clear()
        metric.update(*inputs)
        assert same(metric.eval(**eval_kwargs), recorded), name


@pytest.fixture
def predictions():
    rng = np.random.RandomState(3)
    return rng.rand(200, 5).astype(np.float32), rng.randint(0, 5, 200)


def updated(metric, *inputs, pieces=3):
    """`metric` after the samples came in several batches."""
    for part in zip(*(np.array_split(v, pieces) for v in inputs), strict=True):
        metric.update(*map(Tensor, part))
    return metric


def test_classification_equals_scikit_learn(predictions):
    scores, labels = predictions
    chosen = scores.argmax(1)
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(labels, chosen)
    f2 = sklearn_metrics.fbeta_score(labels, chosen, beta=2, average=None)
    np.testing.assert_allclose(updated(metrics.Accuracy(), scores, labels).eval(),
                               sklearn_metrics.accuracy_score(labels, chosen))
    np.testing.assert_allclose(updated(metrics.Precision(), scores, labels).eval(), precision)
    np.testing.assert_allclose(updated(metrics.Recall(), scores, labels).eval(), recall)
    np.testing.assert_allclose(updated(metrics.Recall(), scores, labels).eval(average=True), recall.mean())
    np.testing.assert_allclose(updated(metrics.F1(), scores, labels).eval(), f1)
    np.testing.assert_allclose(updated(metrics.Fbeta(2), scores, labels).eval(), f2)
    for k in (1, 2, 4):
        np.testing.assert_allclose(updated(metrics.TopKCategoricalAccuracy(k), scores, labels).eval(),
                                   sklearn_metrics.top_k_accuracy_score(labels, scores, k=k))


def test_confusion_matrix_equals_scikit_learn(predictions):
    scores, labels = predictions
    for mode, theirs in (("no_norm", None), ("target", "true"), ("prediction", "pred"), ("all", "all")):
        np.testing.assert_allclose(
            updated(metrics.ConfusionMatrix(5, mode), scores, labels).eval(),
            sklearn_metrics.confusion_matrix(labels, scores.argmax(1), normalize=theirs))


def test_rates_equal_scikit_learn():
    rng = np.random.RandomState(5)
    predicted, true = rng.randint(0, 2, (2, 60, 1))
    for name, theirs in (("f1", sklearn_metrics.f1_score), ("mcc", sklearn_metrics.matthews_corrcoef),
                         ("balanced accuracy", sklearn_metrics.balanced_accuracy_score),
                         ("ts", sklearn_metrics.jaccard_score), ("fm", None)):
        metric = updated(metrics.ConfusionMatrixMetric(metric_name=name), predicted, true)
        expected = theirs(true[:, 0], predicted[:, 0]) if theirs else np.sqrt(
            sklearn_metrics.precision_score(true, predicted) * sklearn_metrics.recall_score(true, predicted))
        np.testing.assert_allclose(metric.eval(), [expected])


def test_rates_reduced_along_an_axis():
    """Where 1.8.1 raises, the modes mean what their names say."""
    rng = np.random.RandomState(6)
    predicted, true = rng.randint(0, 2, (2, 4, 3, 50))
    each = np.array([[sklearn_metrics.recall_score(t, p) for p, t in zip(ps, ts, strict=True)]
                     for ps, ts in zip(predicted, true, strict=True)])
    for mode, expected in (("none", each), ("mean_batch", each.mean(0)), ("sum_batch", each.sum(0)),
                           ("mean_channel", each.mean(1)), ("sum_channel", each.sum(1)), ("sum", each.sum())):
        metric = metrics.ConfusionMatrixMetric(calculation_method=True, decrease=mode)
        np.testing.assert_allclose(updated(metric, predicted, true, pieces=2).eval(), expected)


def test_roc_and_auc_equal_scikit_learn(predictions):
    scores, labels = predictions
    binary = (labels == 1).astype(np.int32)
    rounded = scores[:, 1].round(1)     # with ties
    metric = metrics.ROC()
    metric.update(Tensor(rounded), Tensor(binary))
    fpr, tpr, _ = metric.eval()
    np.testing.assert_allclose(metrics.auc(fpr, tpr), sklearn_metrics.roc_auc_score(binary, rounded))
    theirs = sklearn_metrics.roc_curve(binary, rounded, drop_intermediate=False)
    np.testing.assert_allclose(fpr, theirs[0])
    np.testing.assert_allclose(tpr, theirs[1])
    metric = metrics.ROC(class_num=5)
    metric.update(Tensor(scores), Tensor(labels))
    for c, (fpr, tpr) in enumerate(zip(*metric.eval()[:2], strict=True)):
        np.testing.assert_allclose(metrics.auc(fpr, tpr), sklearn_metrics.roc_auc_score(labels == c, scores[:, c]))


def test_auc():
    x = np.array([0.0, 0.5, 1.0])
    assert metrics.auc(x[::-1], x) == 0.5
    assert metrics.auc(np.array([1.0, 0.0, 2.0]), np.array([3.0, 1.0, 5.0]), reorder=True) == 6.0
    for args, error, text in (((3, 4), TypeError, "numpy.ndarray"), ((x, x, 1), TypeError, "reorder"),
                              ((x, x[:2]), ValueError, "one shape"), ((x[:1], x[:1]), ValueError, "2 points"),
                              ((np.array([0.0, 2.0, 1.0]), x), ValueError, "reorder=True")):
        with pytest.raises(error, match=text):
            metrics.auc(*args)


def test_errors_equal_scikit_learn():
    rng = np.random.RandomState(7)
    a, b = rng.rand(2, 40)
    np.testing.assert_allclose(updated(metrics.MAE(), a, b).eval(), sklearn_metrics.mean_absolute_error(b, a))
    np.testing.assert_allclose(updated(metrics.MSE(), a, b).eval(), sklearn_metrics.mean_squared_error(b, a))
    rows = rng.rand(6, 4)
    metric = metrics.CosineSimilarity(zero_diagonal=False)
    metric.update(rows)
    np.testing.assert_allclose(metric.eval(), sklearn_metrics.pairwise.cosine_similarity(rows))


def test_perplexity_is_the_exponential_of_the_log_loss(predictions):
    scores, labels = predictions
    probabilities = scores / scores.sum(1, keepdims=True)
    np.testing.assert_allclose(updated(metrics.Perplexity(), probabilities, labels).eval(),
                               np.exp(sklearn_metrics.log_loss(labels, probabilities)), rtol=1e-6)
    metric = metrics.Perplexity()
    metric.update(probabilities.reshape(2, 100, 5), labels.reshape(2, 100))
    np.testing.assert_allclose(metric.eval(), np.exp(sklearn_metrics.log_loss(labels, probabilities)), rtol=1e-6)


def test_cosine_similarity_refuses_a_vector():
    with pytest.raises(ValueError, match=r"\(N, M\)"):
        metrics.CosineSimilarity().update(np.ones(4))


def test_surface_distances_refuse_a_label_that_is_no_number():
    image = np.ones((3, 3))
    for kind in (metrics.HausdorffDistance, metrics.MeanSurfaceDistance, metrics.RootMeanSquareDistance):
        with pytest.raises(TypeError, match="label_idx"):
            kind().update(image, image, "1")


def test_surface_distance_of_large_images_needs_little_memory(monkeypatch):
    """More pairs of edge points than one table may hold."""
    monkeypatch.setattr("mycelium.train.metrics.surface._PAIRS_AT_ONCE", 500)
    grid = np.indices((20, 20)).sum(0) % 2
    metric = metrics.HausdorffDistance()
    metric.update(grid, 1 - grid, 1)
    assert metric.eval() == 1.0


def test_half_precision_inputs():
    for dtype in (ms.float16, ms.bfloat16):
        metric = metrics.Loss()
        for value in (0.5, 1.5):
            metric.update(Tensor(value, dtype))
        assert metric.eval() == 1.0
        metric = metrics.Accuracy()
        metric.update(Tensor([[0.25, 0.5], [1.0, 0.5]], dtype), Tensor([1, 1]))
        assert metric.eval() == 0.5


class Linear:
    """A "network" whose score 0 is a binary number of the uncovered elements, whose score 1 is their count."""

    def __init__(self):
        self.batches = []

    def __call__(self, x):
        x = x.asnumpy()
        self.batches.append(len(x))
        rows = x.reshape(len(x), -1)
        return Tensor(np.stack([rows @ 2.0 ** np.arange(rows.shape[1]), rows.sum(1)], axis=1))


@pytest.mark.parametrize(("shape", "label", "kwargs", "expected"), [
    # recorded from MindSpore 1.8.1 with a network like Linear
    ((1, 4), 0, {}, [3.0, 7.0, 15.0, 14.0]),
    ((1, 6), 0, {"margin": 1}, [1.0, 3.0, 6.0, 12.0, 24.0, 48.0]),
    ((1, 6), 0, {"margin": 0}, [0.0] * 6),
    ((1, 2, 3), 0, {"margin": 1}, [[1.0, 3.0, 6.0], [9.0, 27.0, 54.0]]),
    ((1, 2, 3), 0, {"margin": 2, "pad_val": 5.0}, [[-108.0, -252.0, -252.0], [-108.0, -252.0, -252.0]]),
    ((1, 2, 3), 0, {"margin": 1, "b_box": [0, 1, 1, 2]}, [[3.0, 6.0], [27.0, 54.0]]),
    ((1, 2, 3), 0, {"margin": 1, "b_box": [0, 0, 1, 2]}, [3.0, 6.0]),
    ((1, 2, 3), 0, {"margin": 1, "b_box": [-1, -1, 1, 2]}, [[3.0, 6.0], [27.0, 54.0]]),
    ((1, 1, 4, 4), 0, {"margin": 1, "b_box": [-1, -1, 1, 2, 1, 3]}, [[51.0, 102.0, 204.0], [816.0, 1632.0, 3264.0]]),
    ((1, 6), 0, {"b_box": [1, 3]}, [7.0, 15.0, 30.0]),
    # a margin for each axis, which 1.8.1 fails on
    ((1, 2, 3), 1, {"margin": [2, 1]}, [[2.0, 4.0, 4.0], [2.0, 4.0, 4.0]]),
])
def test_occlusion_sensitivity(shape, label, kwargs, expected):
    metric = metrics.OcclusionSensitivity(**kwargs)
    metric.update(Linear(), np.ones(shape), np.array([label]))
    np.testing.assert_allclose(metric.eval(), expected)


def test_occlusion_sensitivity_in_batches():
    network = Linear()
    metric = metrics.OcclusionSensitivity(margin=1, n_batch=4)
    metric.update(network, np.ones((1, 6)), np.array(1))
    assert network.batches == [1, 4, 2]
    np.testing.assert_allclose(metric.eval(), [1.0, 2.0, 2.0, 2.0, 2.0, 2.0])


@pytest.mark.parametrize(("kwargs", "inputs", "error", "text"), [
    ({"margin": "x"}, None, TypeError, "margin"),
    ({"margin": 1.5}, None, TypeError, "margin"),
    ({"pad_val": 1}, None, TypeError, "pad_val"),
    ({"b_box": 3}, None, TypeError, "b_box"),
    ({}, (), RuntimeError, "no data"),
    ({}, (Linear(), np.ones((1, 4))), ValueError, "3 inputs"),
    ({}, ("net", np.ones((1, 4)), np.array(1)), TypeError, "should be a Cell"),
    ({}, (Linear(), np.ones((2, 4)), np.array(1)), RuntimeError, "one image"),
    ({}, (Linear(), np.ones((1, 4)), np.array([0, 1])), RuntimeError, "one class"),
    ({}, (Linear(), np.ones((1, 4)), 1), TypeError, "numpy.ndarray"),
    ({"b_box": [1, 9]}, (Linear(), np.ones((1, 6)), np.array(1)), ValueError, "does not lie"),
    ({"b_box": [1]}, (Linear(), np.ones((1, 6)), np.array(1)), ValueError, "a first and a last"),
    ({"margin": [1]}, (Linear(), np.ones((1, 6, 2)), np.array(1)), ValueError, "each of 2 axes"),
])
def test_occlusion_sensitivity_refuses(kwargs, inputs, error, text):
    with pytest.raises(error, match=text):
        metric = metrics.OcclusionSensitivity(**kwargs)
        if inputs:
            metric.update(*inputs)
        metric.eval()


def test_names_and_get_metric_fn():
    assert metrics.names() == [
        "F1", "acc", "accuracy", "auc", "bleu_score", "confusion_matrix", "confusion_matrix_metric",
        "cosine_similarity", "dice", "hausdorff_distance", "loss", "mae", "mean_surface_distance", "mse",
        "occlusion_sensitivity", "perplexity", "precision", "recall", "roc", "root_mean_square_distance",
        "top_1_accuracy", "top_5_accuracy", "topk"]
    assert isinstance(metrics.get_metric_fn("topk", 3), metrics.TopKCategoricalAccuracy)
    assert metrics.get_metric_fn("auc", np.array([0, 1]), np.array([3, 1])) == 2.0
    with pytest.raises(KeyError, match="did you mean 'accuracy'"):
        metrics.get_metric_fn("acuracy")
    with pytest.raises(KeyError):
        metrics.get_metric_fn(3)


def test_get_metrics():
    accuracy = metrics.Accuracy()
    assert metrics.get_metrics(None) is None
    assert metrics.get_metrics({"a": accuracy}) == {"a": accuracy}
    assert {k: type(v) for k, v in metrics.get_metrics({"acc", "loss"}).items()} == {
        "acc": metrics.Accuracy, "loss": metrics.Loss}
    for wrong in ("accuracy", ["acc"], 3, {"a": "accuracy"}, {3: accuracy}):
        with pytest.raises(TypeError, match="metrics"):
            metrics.get_metrics(wrong)


def test_indexes_choose_the_inputs_of_update():
    x, y, y2 = Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]), Tensor([0, 0, 1])
    metric = metrics.Accuracy()
    assert metric.indexes is None
    assert metric.set_indexes([0, 2]) is metric and metric.indexes == [0, 2]
    metric.update(x, y, y2)
    assert metric.eval() == pytest.approx(1 / 3)
    for wrong in (3, (0, 1), [0, "1"], [0.0]):
        with pytest.raises(ValueError, match="list of int"):
            metric.set_indexes(wrong)
    with pytest.raises(IndexError, match="ask for more than the 2 inputs"):
        metric.set_indexes([0, 5]).update(x, y)


def test_metric_is_abstract():
    class Half(metrics.Metric):
        def clear(self):
            pass

    with pytest.raises(TypeError, match="abstract"):
        Half()
