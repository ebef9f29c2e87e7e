"""Records what the metrics of real MindSpore 1.8.1 give, for tests/train/test_metrics.py:  python record_metrics.py

Writes metrics.json: a list of [class, arguments, list of inputs of update, arguments of eval, result]; a result is a
value with its shape, or {"error": type of the exception, "at": the call that raised it}.
"""
import json
import os

import numpy as np
from mindspore import Tensor, nn

rng = np.random.RandomState(0)
cases = []


def scores(*shape):
    """Scores with three decimals, which survive JSON."""
    return np.round(rng.rand(*shape), 3).astype(np.float32)


def labels(high, *shape):
    """Integer labels."""
    return rng.randint(0, high, shape).astype(np.int32)


def one_hot(indices, depth):
    """Indices as rows of zeros and a one."""
    return np.eye(depth, dtype=np.int32)[indices]


def case(name, kwargs, *updates, **eval_kwargs):
    """Adds one case."""
    cases.append((name, kwargs, [list(u) for u in updates], eval_kwargs))


def classification():
    """Accuracy, Precision, Recall, Fbeta, F1, TopK."""
    for name in ("Accuracy", "Precision", "Recall"):
        case(name, {}, (scores(6, 3), labels(3, 6)))
        case(name, {}, (scores(6, 3), one_hot(labels(3, 6), 3)))
        case(name, {}, (scores(6, 3), labels(3, 6)), (scores(4, 3), labels(3, 4)))
        case(name, {}, (scores(3, 4, 5), labels(4, 3, 5)))
        case(name, {}, (scores(2, 3, 4, 5), labels(3, 2, 4, 5)))
        case(name, {"eval_type": "multilabel"}, (labels(2, 5, 4), labels(2, 5, 4)))
        case(name, {"eval_type": "multilabel"}, (labels(2, 5, 4), labels(2, 5, 4)), (labels(2, 3, 4), labels(2, 3, 4)))
        case(name, {"eval_type": "multilabel"}, (labels(2, 2, 3, 4), labels(2, 2, 3, 4)))
        case(name, {"eval_type": "multilabel"}, (scores(5, 4), labels(2, 5, 4)))
        case(name, {"eval_type": "multilabel"}, (labels(2, 5), labels(2, 5)))
        case(name, {"eval_type": "wrong"})
        case(name, {"eval_type": 3})
        case(name, {})
        case(name, {}, (scores(6, 3),))
        case(name, {}, (scores(6, 3), labels(3, 5)))
        case(name, {}, (scores(6, 3), labels(3, 6)), (scores(6, 4), labels(4, 6)))
        case(name, {}, (scores(6), labels(2, 6)))
        case(name, {}, (scores(6, 3), labels(3, 6, 1)))
        case(name, {}, (scores(6, 3).tolist(), labels(3, 6).tolist()))
        case(name, {}, ("text", labels(3, 6)))
        case(name, {}, (np.array([[0.5, 0.5, 0.1], [0.2, 0.2, 0.2]], np.float32), np.array([1, 2], np.int32)))
    for name in ("Precision", "Recall"):
        case(name, {}, (scores(6, 3), labels(3, 6)), average=True)
        case(name, {"eval_type": "multilabel"}, (labels(2, 5, 4), labels(2, 5, 4)), average=True)
        case(name, {"eval_type": "multilabel"}, (labels(2, 5, 4), labels(2, 5, 4)), (labels(2, 3, 4), labels(2, 3, 4)),
             average=True)
        case(name, {}, (scores(6, 3), labels(3, 6)), average=3)
        case(name, {}, (scores(3, 4), np.array([0, 0, 5], np.int32)))
    for name, kwargs in (("F1", {}), ("Fbeta", {"beta": 1}), ("Fbeta", {"beta": 0.5}), ("Fbeta", {"beta": 2})):
        case(name, kwargs, (scores(7, 3), labels(3, 7)))
        case(name, kwargs, (scores(7, 3), one_hot(labels(3, 7), 3)))
        case(name, kwargs, (scores(7, 3), labels(3, 7)), (scores(5, 3), labels(3, 5)))
        case(name, kwargs, (scores(7, 3), labels(3, 7)), average=True)
        case(name, kwargs, (scores(7, 4), labels(2, 7)))
        case(name, kwargs)
    case("Fbeta", {"beta": 0})
    case("Fbeta", {"beta": -1})
    case("Fbeta", {"beta": "1"})
    case("F1", {}, (scores(7, 3), labels(3, 7)), (scores(7, 2), labels(2, 7)))
    case("F1", {}, (scores(7, 3), np.array([0, 1, 2, 3, 0, 1, 2], np.int32)))
    case("F1", {}, (scores(7, 3), labels(3, 5)))
    case("F1", {}, (scores(7), labels(3, 7)))
    case("F1", {}, (scores(2, 3, 4), labels(3, 2, 4)))
    for name, kwargs in (("Top1CategoricalAccuracy", {}), ("Top5CategoricalAccuracy", {}),
                         ("TopKCategoricalAccuracy", {"k": 2}), ("TopKCategoricalAccuracy", {"k": 3})):
        case(name, kwargs, (scores(8, 6), labels(6, 8)))
        case(name, kwargs, (scores(8, 6), one_hot(labels(6, 8), 6)))
        case(name, kwargs, (scores(8, 6), labels(6, 8)), (scores(4, 6), labels(6, 4)))
        case(name, kwargs, (np.zeros((4, 6), np.float32), np.array([0, 1, 4, 5], np.int32)))
        case(name, kwargs)
    case("TopKCategoricalAccuracy", {"k": 0})
    case("TopKCategoricalAccuracy", {"k": 2.0})
    case("TopKCategoricalAccuracy", {"k": 9}, (scores(8, 6), labels(6, 8)))
    case("TopKCategoricalAccuracy", {"k": 2}, (scores(8, 6), labels(6, 7)))
    case("TopKCategoricalAccuracy", {"k": 2}, (scores(8, 6),))


def regression():
    """MAE, MSE, Loss, Perplexity, CosineSimilarity."""
    for name in ("MAE", "MSE"):
        case(name, {}, (scores(4), scores(4)))
        case(name, {}, (scores(4, 3), scores(4, 3)), (scores(2, 3), scores(2, 3)))
        case(name, {}, (scores(4, 3), scores(4, 1)))
        case(name, {}, (scores(4, 3), scores(3)))
        case(name, {}, (scores(4), scores(3)))
        case(name, {}, (scores(4),))
        case(name, {})
    case("Loss", {}, (np.array(0.75, np.float32),))
    case("Loss", {}, (scores(1),), (scores(1),), (np.array(0.25, np.float32),))
    case("Loss", {}, (scores(3),))
    case("Loss", {}, (scores(3, 2),))
    case("Loss", {}, (scores(1), scores(1)))
    case("Loss", {})
    for ignore in (None, 1, 7):
        case("Perplexity", {"ignore_label": ignore}, (scores(5, 3) + 0.01, labels(3, 5)))
        case("Perplexity", {"ignore_label": ignore}, (scores(5, 3) + 0.01, labels(3, 5)),
             (scores(2, 3) + 0.01, labels(3, 2)))
    case("Perplexity", {}, (scores(5, 3), labels(3, 4)))
    case("Perplexity", {}, (scores(5, 3), one_hot(labels(3, 5), 3)))
    case("Perplexity", {}, (np.array([[0.0, 1.0], [0.5, 0.5]], np.float32), np.array([0, 1], np.int32)))
    case("Perplexity", {}, (scores(5, 3),))
    case("Perplexity", {"ignore_label": "1"})
    case("Perplexity", {"ignore_label": 0}, (scores(2, 3), np.array([0, 0], np.int32)))
    case("Perplexity", {})
    for similarity in ("cosine", "dot"):
        for reduction in ("none", "sum", "mean"):
            for zero in (True, False):
                case("CosineSimilarity", {"similarity": similarity, "reduction": reduction, "zero_diagonal": zero},
                     (scores(4, 3),))
    case("CosineSimilarity", {"similarity": "x"})
    case("CosineSimilarity", {"reduction": "x"})
    case("CosineSimilarity", {"zero_diagonal": 1})
    case("CosineSimilarity", {})


def confusion():
    """ConfusionMatrix, ConfusionMatrixMetric, Dice."""
    for normalize in ("no_norm", "target", "prediction", "all"):
        case("ConfusionMatrix", {"num_classes": 3, "normalize": normalize}, (labels(3, 9), labels(3, 9)))
        case("ConfusionMatrix", {"num_classes": 3, "normalize": normalize}, (scores(9, 3), labels(3, 9)),
             (scores(4, 3), labels(3, 4)))
    case("ConfusionMatrix", {"num_classes": 2, "threshold": 0.3}, (scores(9), labels(2, 9)))
    case("ConfusionMatrix", {"num_classes": 2}, (scores(9), labels(2, 9)))
    case("ConfusionMatrix", {"num_classes": 4}, (labels(2, 9), labels(2, 9)))
    case("ConfusionMatrix", {"num_classes": 4, "normalize": "target"}, (labels(2, 9), labels(2, 9)))
    case("ConfusionMatrix", {"num_classes": 2}, (labels(3, 9), labels(3, 9)))
    case("ConfusionMatrix", {"num_classes": 3}, (scores(2, 3, 4), labels(3, 2, 4)))
    case("ConfusionMatrix", {"num_classes": 3}, (scores(9, 3),))
    case("ConfusionMatrix", {"num_classes": 3}, (scores(9, 3), labels(3, 9, 3)))
    case("ConfusionMatrix", {"num_classes": 3}, (scores(9, 3), labels(3, 8)))
    case("ConfusionMatrix", {"num_classes": 0})
    case("ConfusionMatrix", {"num_classes": 2.5})
    case("ConfusionMatrix", {"num_classes": 3, "normalize": "x"})
    case("ConfusionMatrix", {"num_classes": 3, "threshold": "x"})
    case("ConfusionMatrix", {"num_classes": 3})
    names = ("sensitivity", "specificity", "precision", "negative predictive value", "miss rate", "fall out",
             "false discovery rate", "false omission rate", "prevalence threshold", "threat score", "accuracy",
             "balanced accuracy", "f1 score", "matthews correlation coefficient", "fowlkes mallows index",
             "informedness", "markedness")
    for name in names:
        for first in (True, False):
            case("ConfusionMatrixMetric", {"metric_name": name, "skip_channel": first},
                 (one_hot(labels(3, 12), 3), one_hot(labels(3, 12), 3)))
        case("ConfusionMatrixMetric", {"metric_name": name, "calculation_method": True},
             (labels(2, 4, 3, 5), labels(2, 4, 3, 5)))
    # the other ways to decrease raise whatever they are given, and "sum" is no sum over more than one update
    case("ConfusionMatrixMetric", {"decrease": "sum", "calculation_method": True},
         (labels(2, 4, 3, 5), labels(2, 4, 3, 5)))
    for method in (True, False):
        case("ConfusionMatrixMetric", {"calculation_method": method, "skip_channel": False},
             (labels(2, 4, 3, 5), labels(2, 4, 3, 5)), (labels(2, 2, 3, 5), labels(2, 2, 3, 5)))
    half = np.zeros((3, 2, 4), np.int32)
    half[0] = 1
    for decrease in ("mean", "sum"):
        case("ConfusionMatrixMetric", {"decrease": decrease, "calculation_method": True}, (labels(2, 3, 2, 4), half))
        case("ConfusionMatrixMetric", {"decrease": decrease, "calculation_method": True},
             (labels(2, 3, 2, 4), half * 0))
    aliases = ("recall", "hit rate", "true positive rate", "tpr", "true negative rate", "tnr", "positive predictive "
               "value", "ppv", "npv", "false negative rate", "fnr", "false positive rate", "fpr", "fdr", "for", "pt",
               "critical success index", "ts", "csi", "acc", "ba", "f1", "mcc", "fm", "bookmaker informedness", "bm",
               "deltap", "mk", "jaccard", "Recall", "false-positive-rate", "f1_score", "nonsense")
    for name in aliases:
        case("ConfusionMatrixMetric", {"metric_name": name}, (one_hot(labels(3, 12), 3), one_hot(labels(3, 12), 3)))
    case("ConfusionMatrixMetric", {}, (labels(2, 5, 2, 1), labels(2, 5, 2, 1)))
    case("ConfusionMatrixMetric", {}, (labels(2, 5, 1), labels(2, 5, 1)))
    case("ConfusionMatrixMetric", {}, (labels(2, 5), labels(2, 5)))
    case("ConfusionMatrixMetric", {}, (labels(2, 5, 2), labels(2, 5, 3)))
    case("ConfusionMatrixMetric", {}, (labels(2, 5, 2),))
    case("ConfusionMatrixMetric", {}, (scores(5, 3), one_hot(labels(3, 5), 3)))
    case("ConfusionMatrixMetric", {}, (one_hot(labels(3, 5), 3), labels(3, 5, 3)))
    case("ConfusionMatrixMetric", {})
    case("ConfusionMatrixMetric", {"skip_channel": 1})
    case("ConfusionMatrixMetric", {"calculation_method": 1})
    case("ConfusionMatrixMetric", {"decrease": "x"})
    case("ConfusionMatrixMetric", {"metric_name": 1})
    case("Dice", {}, (scores(4, 3), labels(2, 4, 3)))
    case("Dice", {"smooth": 0.1}, (scores(4, 3), labels(2, 4, 3)), (scores(2, 3), labels(2, 2, 3)))
    case("Dice", {}, (scores(2, 3, 4), labels(2, 2, 3, 4)))
    case("Dice", {}, (scores(4, 3), labels(2, 4)))
    case("Dice", {}, (scores(4, 3),))
    case("Dice", {"smooth": 0})
    case("Dice", {"smooth": -1.0})
    case("Dice", {"smooth": 1})
    case("Dice", {})


def surfaces():
    """HausdorffDistance, MeanSurfaceDistance, RootMeanSquareDistance."""
    def blob(*shape):
        return np.kron(labels(2, *shape), np.ones([2] * len(shape), np.int32))

    documented = (np.array([[3, 0, 1], [1, 3, 0], [1, 0, 2]], np.int32),
                  np.array([[0, 2, 1], [1, 2, 1], [0, 0, 1]], np.int32), 0)
    empty = np.zeros((4, 4), np.int32)
    for name, flag in (("HausdorffDistance", "directed"), ("MeanSurfaceDistance", "symmetric"),
                       ("RootMeanSquareDistance", "symmetric")):
        for distance in ("euclidean", "chessboard", "taxicab"):
            for on in (False, True):
                kwargs = {"distance_metric": distance, flag: on}
                case(name, kwargs, documented)
                case(name, kwargs, (blob(4, 4), blob(4, 4), 1))
                case(name, kwargs, (labels(3, 6, 7), labels(3, 6, 7), 2))
                case(name, kwargs, (blob(2, 3, 3), blob(2, 3, 3), 1))
        case(name, {}, (labels(2, 6, 7).astype(bool), labels(2, 6, 7).astype(bool), 1))
        case(name, {}, documented, (blob(4, 4), blob(4, 4), 1))
        case(name, {}, (blob(2, 2), empty, 1))
        case(name, {}, (empty, blob(2, 2), 1))
        case(name, {}, (empty, empty, 1))
        case(name, {}, (blob(2, 2), blob(2, 3), 1))
        case(name, {}, (blob(2, 2), blob(2, 2)))
        case(name, {}, (blob(2, 2), blob(2, 2), 9))
        case(name, {}, (np.ones((4, 4), np.int32), np.ones((4, 4), np.int32), 1))
        case(name, {}, (np.ones((2, 4), np.int32), 1 - np.eye(2, 4, dtype=np.int32), 1.0))
        case(name, {"distance_metric": "x"}, documented)
        case(name, {flag: 1})
        case(name, {})
    for percentile in (50.0, 95.0, 0.0, 100.0, 101.0, 50):
        case("HausdorffDistance", {"percentile": percentile}, (labels(3, 6, 7), labels(3, 6, 7), 2))
    case("HausdorffDistance", {"crop": False}, (labels(3, 6, 7), labels(3, 6, 7), 2))
    case("HausdorffDistance", {"crop": False}, documented)
    case("HausdorffDistance", {"crop": 1})


def curves():
    """ROC and BleuScore."""
    case("ROC", {}, (scores(8), labels(2, 8)))
    case("ROC", {"pos_label": 0}, (scores(8), labels(2, 8)))
    case("ROC", {"pos_label": 2}, (np.array([3, 1, 4, 2], np.int32), np.array([0, 1, 2, 3], np.int32)))
    # with another number of samples than classes, 1.8.1 mixes up the scores
    case("ROC", {"class_num": 4}, (scores(4, 4), np.array([0, 1, 2, 3], np.int32)))
    case("ROC", {"class_num": 4}, (scores(4, 4), np.array([0, 1, 2, 3], np.int32)),
         (scores(4, 4), np.array([3, 1, 0, 2], np.int32)))
    case("ROC", {"pos_label": 2}, (np.array([[3, 0, 1], [1, 3, 0], [1, 0, 2]], np.int32),
                                   np.array([[0, 2, 1], [1, 2, 1], [0, 0, 1]], np.int32)))
    case("ROC", {}, (np.array([0.5, 0.5, 0.2, 0.2], np.float32), np.array([1, 0, 1, 0], np.int32)))
    case("ROC", {}, (scores(4), np.array([1, 1, 1, 1], np.int32)))
    case("ROC", {}, (scores(4), np.array([0, 0, 0, 0], np.int32)))
    case("ROC", {"class_num": 2}, (scores(4, 3), labels(3, 4)))
    case("ROC", {}, (scores(4),))
    case("ROC", {"class_num": "x"})
    case("ROC", {"pos_label": "x"})
    case("ROC", {})
    case("ROC", {}, (scores(4), labels(2, 3)))
    case("ROC", {}, (scores(4), labels(2, 4)), (scores(4), labels(2, 4)))
    texts = [["i", "have", "a", "pen", "on", "my", "desk"], ["the", "cat", "sat", "on", "the", "mat"]]
    references = [[["i", "have", "a", "pen", "in", "my", "desk"], ["there", "is", "a", "pen", "on", "the", "desk"]],
                  [["a", "cat", "sat", "on", "the", "mat", "today"], ["the", "cat", "is", "on", "a", "mat"]]]
    for n in (1, 2, 3, 4):
        for smooth in (False, True):
            case("BleuScore", {"n_gram": n, "smooth": smooth}, (texts[:1], references[:1]))
            case("BleuScore", {"n_gram": n, "smooth": smooth}, (texts, references))
            case("BleuScore", {"n_gram": n, "smooth": smooth}, (texts[:1], references[:1]), (texts[1:], references[1:]))
    case("BleuScore", {}, ([["x", "y", "z", "w"]], [[["a", "b", "c", "d"]]]))
    case("BleuScore", {"smooth": True}, ([["x", "y", "z", "w"]], [[["a", "b", "c", "d"]]]))
    case("BleuScore", {"smooth": True}, ([["a", "b"]], [[["a", "b", "c", "d"]]]))
    case("BleuScore", {}, (texts, references[:1]))
    case("BleuScore", {}, (texts,))
    case("BleuScore", {})
    case("BleuScore", {"n_gram": 5})
    case("BleuScore", {"n_gram": 0})
    case("BleuScore", {"n_gram": "1"})
    case("BleuScore", {"smooth": 1})


def to_json(value):
    """Inputs and results as JSON; arrays keep their dtype and shape."""
    if isinstance(value, Tensor):
        value = value.asnumpy()
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype), "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return {"array": value.item(), "dtype": str(value.dtype), "shape": []}
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    return value


def run(name, kwargs, updates, eval_kwargs):
    """The result of one case in real MindSpore."""
    at = "init"
    try:
        metric = getattr(nn, name)(**kwargs)
        metric.clear()
        at = "update"
        for inputs in updates:
            metric.update(*[Tensor(v) if isinstance(v, np.ndarray) else v for v in inputs])
        at = "eval"
        return to_json(metric.eval(**eval_kwargs))
    except Exception as error:
        return {"error": type(error).__name__, "at": at}


if __name__ == "__main__":
    for fill in (classification, regression, confusion, surfaces, curves):
        fill()
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "metrics.json")
    with open(path, "w", encoding="utf-8") as file:
        lines = [json.dumps([n, k, to_json(u), e, run(n, k, u, e)], separators=(",", ":"))
                 for n, k, u, e in cases]
        file.write("[\n" + ",\n".join(lines) + "\n]\n")
