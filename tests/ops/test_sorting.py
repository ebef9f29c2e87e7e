"""Order and distinct elements, against NumPy and PyTorch; dtypes as recorded from MindSpore 1.8.1."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops

X = np.array([[3, 1, 2, 1], [0, 5, 4, 5]], np.float32)
N = X.astype(np.int32)
S = np.array([1, 3, 5], np.float32)
ROWS = np.array([[1, 3, 5], [2, 4, 6]], np.float32)
V = np.array([[2, 3], [2, 9]], np.float32)
D = np.array([3, 1, 2, 1, 3])


def _sort(x, axis, descending):
    values, places = torch.sort(x, dim=axis, descending=descending, stable=True)
    return values, places.int()


CASES = [
    Case(ops.sort, [X[:, :3]], torch=lambda x: _sort(x, -1, False)),
    Case(ops.sort, [X], torch=lambda x: _sort(x, -1, False), grad=0),
    Case(ops.Sort(0, True), [X[:, :3]], torch=lambda x: _sort(x, 0, True), grad=1),
    Case(ops.Sort(descending=True), [X.astype(np.float16)], torch=lambda x: _sort(x, -1, True), grad=0),
    Case(ops.Sort(descending=True), [np.array([-2**63, 5, 2**62])], expect=([2**62, 5, -2**63], [2, 1, 0]),
         dtype="int64 int32"),
    Case(ops.Sort(), [N], torch=lambda x: _sort(x, -1, False)),
    Case(ops.top_k, [X[:, :3], 2],
         torch=lambda x, k: tuple(t if t.is_floating_point() else t.int() for t in torch.topk(x, k))),
    Case(ops.TopK(), [X, 3], expect=([[3, 2, 1], [5, 5, 4]], [[0, 2, 1], [1, 3, 2]]), dtype="float32 int32", grad=0),
    Case(ops.TopK(sorted=False), [N, 1], expect=([[3], [5]], [[0], [1]]), dtype="int32"),
    Case(lambda x: x.top_k(1), [X.astype(np.float16)], expect=([[3], [5]], [[0], [1]]), dtype="float16 int32", grad=0),
    Case(ops.intopk, [X, np.int32([2, 1]), 2], expect=[True, True], dtype="bool"),
    Case(ops.InTopK(1), [X, np.array([2, 3])], expect=[False, True], dtype="bool"),
    Case(ops.InTopK(4), [np.float32([[1, np.nan], [1, 2]]), np.array([1, 7])], expect=[False, False], dtype="bool"),
    Case(ops.SearchSorted(), [S, V], numpy=np.searchsorted),
    Case(ops.SearchSorted(right=True, out_int32=True), [S, V],
         numpy=lambda s, v: np.searchsorted(s, v, "right").astype("i4")),
    Case(ops.SearchSorted(), [ROWS, V], expect=[[1, 1], [0, 3]], dtype="int64"),
    Case(ops.LowerBound(), [ROWS, V], expect=[[1, 1], [0, 3]], dtype="int32"),
    Case(ops.UpperBound(ms.int64), [ROWS, V], expect=[[1, 2], [1, 3]], dtype="int64"),
    Case(lambda s, v: s.searchsorted(v), [S, V], expect=[[1, 1], [1, 3]], dtype="int32"),
    Case(lambda s: s.searchsorted(3, "right"), [S], expect=2, dtype="int32"),
    Case(lambda s, v: s.searchsorted(v, sorter=Tensor([2, 1, 0])), [S[::-1].copy(), V], expect=[[1, 1], [1, 3]],
         dtype="int32"),
    Case(ops.unique, [D], expect=([3, 1, 2], [0, 1, 2, 1, 0]), dtype="int64", dynamic=True),
    Case(ops.Unique(), [np.float32([[3, 1], [1, 3]])], expect=([3, 1], [[0, 1], [1, 0]]), dtype="float32 int32",
         dynamic=True, grad=0),
    Case(ops.unique_with_pad, [D, 8], expect=([3, 1, 2, 8, 8], [0, 1, 2, 1, 0]), dtype="int64"),
    Case(ops.UniqueWithPad(), [np.int32([5, 5, 5]), np.int32(-1)], expect=([5, -1, -1], [0, 0, 0]), dtype="int32"),
    Case(lambda x: x.unique_with_pad(0), [np.int32([4, 9, 7])], expect=([4, 9, 7], [0, 1, 2]), dtype="int32"),
    Case(ops.unique_consecutive, [np.array([1, 1, 2, 2, 1])], expect=[1, 2, 1], dtype="int64", dynamic=True),
    Case(ops.UniqueConsecutive(True, True), [np.array([1, 1, 2, 2, 1])], expect=([1, 2, 1], [0, 0, 1, 1, 2], [2, 2, 1]),
         dtype="int64 int32 int32", dynamic=True),
    Case(lambda x: x.unique_consecutive(return_counts=True, axis=1), [np.float32([[1, 1, 2], [3, 3, 3]])],
         expect=([[1, 2], [3, 3]], [2, 1]), dtype="float32 int32", dynamic=True, grad=0),
]

REFUSALS = [
    Refusal(ops.Sort(axis=2), [X], ValueError, "For 'Sort', 'axis' should be in [-2, 2)"),
    Refusal(lambda: ops.Sort(descending=1), [], TypeError, "should be bool"),
    Refusal(ops.sort, [X > 1], TypeError, "should be a Tensor of numbers"),
    Refusal(ops.top_k, [X, 5], ValueError, "'k' should be in [1, 4]"),
    Refusal(ops.top_k, [X, 0], ValueError, "'k' should be in [1, 4]"),
    Refusal(ops.top_k, [X, 1.0], TypeError, "should be int"),
    Refusal(lambda: ops.TopK(sorted=1), [], TypeError, "should be bool"),
    Refusal(ops.intopk, [N, N[0], 2], TypeError, "'x1' should be a Tensor of float16"),
    Refusal(ops.intopk, [X, X[:, 0], 2], TypeError, "int32 or int64"),
    Refusal(ops.intopk, [X, N[0], 2], ValueError, "'x2' should have shape (2,)"),
    Refusal(ops.intopk, [X[0], N[0], 2], ValueError, "should have 2 axes"),
    Refusal(ops.SearchSorted(), [ROWS[:1], V], ValueError, "but for the last"),
    Refusal(ops.SearchSorted(), [S, V.astype(np.int32)], TypeError, "should have one dtype"),
    Refusal(lambda: ops.LowerBound(ms.float32), [], TypeError, "'out_type' should be int32 or int64"),
    Refusal(ops.LowerBound(), [ROWS[:1], V], ValueError, "one number of rows"),
    Refusal(ops.UpperBound(), [ROWS, V.astype(np.int32)], TypeError, "should have one dtype"),
    Refusal(lambda s: s.searchsorted(Tensor([1.0]), side="x"), [S], ValueError, "should be one of ['left', 'right']"),
    Refusal(ops.unique_with_pad, [D, 8.5], TypeError, "without loss"),
    Refusal(ops.unique_with_pad, [V, 8.0], ValueError, "should have 1 axes"),
    Refusal(ops.unique_consecutive, [D, False, False, 3], ValueError, "should be in [-1, 1)", graph=False),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_invert_permutation():
    invert = ops.InvertPermutation()
    assert invert((3, 4, 0, 2, 1)) == (2, 4, 3, 0, 1)
    with pytest.raises(ValueError, match="each of 0 to 2 once"):
        invert((0, 1, 1))
    with pytest.raises(ValueError, match="got a Tensor"):
        invert(Tensor([0, 1]))
    with pytest.raises(TypeError, match="tuple of ints"):
        invert((0, 1.0))
