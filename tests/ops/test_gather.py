"""Taking values from chosen places, against NumPy and PyTorch; out of range as recorded from MindSpore 1.8.1."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import Tensor, ops

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
N = X[0].astype(np.int32)
V = X[0, 0] + 1
D = np.array([[0, 0, 1, 1], [-1, 2, 0, 0]])

CASES = [
    Case(ops.gather, [X, np.array([[0, 1], [2, 2]]), 1], numpy=np.take),
    Case(ops.Gather(), [N, np.int32([2, 0]), -1], numpy=np.take),
    Case(ops.GatherV2(), [X, np.array(1), 0], numpy=np.take, grad=0),
    Case(ops.gather, [V, np.array([0, 9, -1, -9]), 0], expect=np.float32([1, 0, 4, 0]), grad=1),
    Case(ops.SparseGatherV2(), [X, np.array([1, 0]), 2], numpy=np.take, grad=0),
    Case(lambda x, i: x.gather(i, 0), [X, np.array([1])], numpy=lambda x, i: x[i], grad=0),
    Case(lambda x, i: ops.gather(x, i, Tensor(1)), [X, np.array([1])], numpy=lambda x, i: x[:, i], grad=0),
    Case(ops.gather_d, [X[0], 0, np.where(D < 0, 2, D)], torch=torch.gather),
    Case(ops.GatherD(), [X[0], -2, D], numpy=lambda x, d, i: np.take_along_axis(x, i, d), grad=1),
    Case(ops.gather_elements, [X[0], 0, D], numpy=lambda x, d, i: np.take_along_axis(x, i, d)),
    Case(lambda x, i: x.gather_elements(0, i), [N, D], numpy=lambda x, i: np.take_along_axis(x, i, 0)),
    Case(ops.gather_d, [V, 0, np.array([1, 7])], expect=np.float32([2, 0]), grad=0),
    Case(ops.gather_nd, [X, np.array([[0, 1], [1, 2]])], numpy=lambda x, i: x[i[:, 0], i[:, 1]]),
    Case(ops.GatherNd(), [X, np.array([1])], numpy=lambda x, i: x[1], grad=1),
    Case(lambda x, i: x.gather_nd(i), [N, np.int32([[[0, 1]], [[2, 3]]])], expect=np.int32([[1], [11]])),
    Case(ops.EmbeddingLookup(), [X[0], np.array([1, 3, 6, 0]), 1],
         numpy=lambda x, *_: np.stack([x[0], x[2], x[0] * 0, x[0] * 0])),
    Case(lambda x, i: x.take(i), [V, np.array([0, 9, -1, -9])], expect=np.float32([1, 4, 4, 1]), grad=0),
    Case(lambda x, i: x.take(i, mode="wrap"), [V, np.array([0, 5, -1])], expect=np.float32([1, 2, 4]), grad=1),
    Case(lambda x, i: x.take(i, 1), [X, np.array([0, 2])], numpy=lambda x, i: x[:, i], grad=0),
]

REFUSALS = [
    Refusal(ops.gather, [V, X[0], 0], TypeError, "For 'Gather', 'input_indices' should be a Tensor of int32 or int64"),
    Refusal(ops.gather, [V, 1, 0], TypeError, "should be a Tensor"),
    Refusal(ops.gather, [X, np.array([0]), 3], ValueError, "should be in [-3, 3)"),
    Refusal(ops.gather, [X, np.array([0]), 1.0], TypeError, "should be int"),
    Refusal(ops.gather_d, [X[0], 2, D], ValueError, "'dim' should be in"),
    Refusal(ops.gather_d, [X[0], 1, D], ValueError, "except along axis 1"),
    Refusal(ops.gather_d, [X[0], 1, np.array([0])], ValueError, "except along axis 1"),
    Refusal(ops.gather_d, [X[0], 0, X[0]], TypeError, "int32 or int64"),
    Refusal(ops.gather_nd, [X, np.array([0, 0, 0, 0])], ValueError, "at most 3 positions"),
    Refusal(ops.gather_nd, [X, X], TypeError, "int32 or int64"),
    Refusal(ops.gather_nd, [X, np.array([[0, 0, 9]])], RuntimeError, "[0, 4) for axis 2, but got 9", graph=False),
    Refusal(ops.gather_nd, [X, np.array([[0, -1]])], IndexError, "[0, 3) for axis 1, but got -1", graph=False),
    Refusal(ops.EmbeddingLookup(), [X, X, 0], TypeError, "int32 or int64"),
    Refusal(lambda x: x.take(Tensor([0]), mode="raise"), [V], NotImplementedError, "'clip' or 'wrap'"),
    Refusal(lambda x: x.take(Tensor([0]), mode="x"), [V], ValueError, "should be 'wrap' or 'clip'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
