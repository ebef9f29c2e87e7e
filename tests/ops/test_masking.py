"""Choosing by truth, against NumPy and PyTorch; masked_select's gradient; computed masks in graphs."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops
from mycelium.graph.compiler import GraphFunction

X = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
N = X.astype(np.int32)
M = np.array([[True, False, True], [False, False, True]])
COLUMN = np.array([True, False, True])

CASES = [
    Case(ops.Select(), [M, X, -X], torch=torch.where),
    Case(ops.select, [M, X, X * 2], torch=torch.where, grad=1),
    Case(ops.select, [M, X, 1.5], numpy=lambda m, x, y: np.where(m, x, np.float32(y)), grad=0),
    Case(ops.select, [M, 7, N], numpy=lambda m, x, y: np.where(m, np.int32(x), y)),
    Case(lambda x, m: x.select(m, 1.0), [X, M], numpy=lambda x, m: np.where(m, x, np.float32(1)), grad=0),
    Case(ops.masked_fill, [X, M, 7.5], torch=torch.masked_fill),
    Case(ops.MaskedFill(), [X, COLUMN, np.float32(2)], torch=torch.masked_fill),
    Case(ops.masked_fill, [X[0], M, 1], expect=np.float32([[1, 2, 1], [1, 2, 1]]), grad=1),
    Case(ops.masked_fill, [N, M, 7.9], expect=np.where(M, 7, N).astype(np.int32)),
    Case(lambda x, m: x.masked_fill(m, 0), [X, M], torch=lambda x, m: x.masked_fill(m, 0), grad=0),
    Case(ops.masked_select, [X, M], torch=torch.masked_select, dynamic=True),
    Case(ops.MaskedSelect(), [X, COLUMN], torch=torch.masked_select, dynamic=True, grad=1),
    Case(lambda x, m: x.masked_select(m), [X[0], M], torch=torch.masked_select, dynamic=True, grad=1),
    Case(ops.masked_select, [N, M & False], torch=torch.masked_select, dynamic=True),
    Case(lambda x: ops.masked_select(x, Tensor(M)), [X], torch=lambda x: x[torch.tensor(M)], grad=0),
    Case(ops.nonzero, [N * M], torch=torch.nonzero, dynamic=True),
    Case(lambda x: x.nonzero(), [M], torch=torch.nonzero, dynamic=True),
]

REFUSALS = [
    Refusal(ops.select, [X, X, X], TypeError, "For 'Select', 'condition' should be a Tensor of bool"),
    Refusal(ops.select, [True, X, X], TypeError, "'cond' should be a Tensor"),
    Refusal(ops.select, [M, X, 1], TypeError, "there should be a Tensor of Int32"),
    Refusal(ops.select, [M, N, 1.5], TypeError, "there should be a Tensor of Float32"),
    Refusal(ops.select, [M, 1, 2], TypeError, "should be Tensors, or one of them"),
    Refusal(ops.select, [M, X, N], TypeError, "should have one dtype"),
    Refusal(ops.select, [M, X, X[:1]], ValueError, "should have one shape"),
    Refusal(ops.Select(), [M, X, 1.0], TypeError, "'y' should be a Tensor"),
    Refusal(ops.masked_fill, [X, X, 1.0], TypeError, "'mask' should be a Tensor of bool"),
    Refusal(ops.masked_fill, [X, M, X[0]], ValueError, "without axes"),
    Refusal(ops.masked_fill, [X, M, "a"], TypeError, "For 'MaskedFill'"),
    Refusal(ops.masked_fill, [X, M[:, :2], 1.0], ValueError, "For 'MaskedFill'"),
    Refusal(ops.masked_select, [X, X], TypeError, "'mask' a Tensor of bool"),
    Refusal(ops.masked_select, [X, M[:, :2]], ValueError, "should broadcast"),
    Refusal(ops.nonzero, [np.array(3)], ValueError, "at least one axis"),
    Refusal(ops.nonzero, [3], TypeError, "should be a Tensor"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_a_computed_mask_in_a_graph_says_so_once_and_is_right():
    graph = GraphFunction(lambda x: ops.masked_select(x, x > 2).sum(), "selected")
    with pytest.warns(UserWarning, match="'MaskedSelect' depends on data") as notices:
        for scale in (1, 2):
            assert float(graph((Tensor(X * scale),)).asnumpy()) == (X * scale)[X * scale > 2].sum()
    assert len(notices) == 1
    assert ops.nonzero(Tensor([[0, 3]])).dtype == ms.int64
