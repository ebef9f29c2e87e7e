"""Running sums, products and extremes: against PyTorch, places and dtypes as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
Z = np.array([[0.5, 0.0, 2.0], [3.0, 0.25, 0.0]], np.float32)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int32)
B = np.array([True, False])

CASES = [
    Case(ops.cumsum, [X, 0], torch=torch.cumsum),
    Case(ops.CumSum(), [X, -1], torch=torch.cumsum, grad=1),
    Case(ops.CumSum(True, True), [X, 1], torch=lambda x, a: x.flip(a).cumsum(a).flip(a) - x, grad=1),
    Case(ops.CumSum(exclusive=True), [X, 1], torch=lambda x, a: x.cumsum(a) - x, grad=0),
    Case(ops.CumSum(reverse=True), [N, 1], expect=[[6, 5, 3], [16, 12, 7]], dtype="int32"),
    Case(ops.cumprod, [X, 1], torch=torch.cumprod),
    Case(ops.CumProd(), [Z, 1], torch=torch.cumprod),
    Case(ops.CumProd(True), [N, 1], expect=[[1, 1, 2], [1, 4, 20]], dtype="int32"),
    Case(ops.CumProd(False, True), [N, 0], expect=[[4, 10, 21], [4, 5, 7]], dtype="int32"),
    Case(ops.cummax, [X, 1], torch=lambda x, a: tuple(x.cummax(a))),
    Case(ops.Cummax(0), [np.float32([1, 1, 3, 3, 0])], expect=([1, 1, 3, 3, 3], [0, 1, 2, 3, 3]), dtype="float32 int64",
         grad=0),
    Case(ops.cummax, [np.float32([1, np.nan, 3]), 0], expect=([1, np.nan, np.nan], [0, 1, 1]), dtype="float32 int64",
         grad=0),
    Case(ops.cummin, [X, 0], torch=lambda x, a: tuple(x.cummin(a)), dtype="float32 int32"),
    Case(ops.cummin, [np.float32([5, 5, 3, 3, 9]), 0], expect=([5, 5, 3, 3, 3], [0, 1, 2, 3, 3]), dtype="float32 int32",
         grad=0),
    Case(ops.cummin, [N, -1], expect=([[1, 1, 1], [4, 4, 4]], [[0, 0, 0], [0, 0, 0]]), dtype="int32"),
    Case(lambda x: x.cummax(0), [X], torch=lambda x: tuple(x.cummax(0)), grad=0),
    Case(lambda x: x.cumsum(), [X], torch=lambda x: x.reshape(-1).cumsum(0), label="Tensor.cumsum"),
    Case(lambda x: x.cumsum(1, "float16"), [X], torch=lambda x: x.cumsum(1).half(), grad=0),
    Case(lambda x: x.cumsum(0), [B], expect=[1, 1], dtype="int32"),
    Case(lambda x: x.cumsum(), [np.uint8([1, 2])], expect=[1, 3], dtype="int32"),
]

REFUSALS = [
    Refusal(ops.cumsum, [X, 2], ValueError, "For 'CumSum', 'axis' should be in [-2, 2), but got 2"),
    Refusal(ops.CumSum(), [X, 1.0], TypeError, "the type of 'axis' should be int"),
    Refusal(ops.CumSum, ["a"], TypeError, "the type of 'exclusive' should be bool"),
    Refusal(ops.CumSum(), [B, 0], TypeError, "For 'CumSum'"),
    Refusal(ops.cumprod, [B, 0], TypeError, "For 'CumProd'"),
    Refusal(ops.cummax, [X, 3], ValueError, "For 'Cummax', 'axis'"),
    Refusal(ops.cummin, [X, 2], ValueError, "For 'Cummin', 'axis'"),
    Refusal(lambda x: x.cumsum(2), [X], ValueError, "'axis' should be in"),
    Refusal(lambda x: x.cumsum((0, 1)), [X], TypeError, "the type of 'axis'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

