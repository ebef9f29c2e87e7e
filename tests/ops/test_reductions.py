"""Reductions: against PyTorch, and dtypes as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
Z = np.array([[0.0, 2.0, 0.0], [3.0, 0.0, 4.0]], np.float32)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int32)
H = np.array([1000.0, 1000.0, 60000.0], np.float16)
B = np.array([[True, False], [True, True]])
E8 = np.array([100, 100, 100], np.int8)

CASES = [
    Case(ops.reduce_sum, [X], torch=torch.sum),
    Case(ops.ReduceSum(), [X, 1], torch=torch.sum, grad=1),
    Case(ops.ReduceSum(keep_dims=True), [X, (0, -1)], torch=lambda x, a: x.sum(a, keepdim=True), grad=1),
    Case(ops.ReduceSum(), [X, [0, 1]], torch=torch.sum, grad=0),
    Case(ops.ReduceSum(), [X, (0, -2)], torch=lambda x, a: x.sum(0), grad=0, label="an axis named twice"),
    Case(ops.ReduceSum(), [N, ()], expect=22, dtype="int32"),
    Case(ops.ReduceSum(), [E8], expect=44, dtype="int8"),
    Case(ops.ReduceMean(), [X], torch=torch.mean),
    Case(ops.mean, [X, 1, True], torch=lambda x, a, k: x.mean(a, keepdim=k), grad=1),
    Case(ops.mean, [H], expect=20672, dtype="float16", grad=0),
    Case(ops.mean, [N], expect=3, dtype="int32"),
    Case(ops.reduce_mean, [np.int32([-3, -4])], expect=-3, dtype="int32"),
    Case(ops.ReduceMean(), [E8], expect=100, dtype="int8"),
    Case(ops.ReduceMax(), [X], torch=torch.amax),
    Case(ops.amax, [X, 1], torch=torch.amax, grad=1),
    Case(ops.reduce_max, [np.array([[1.0, 3.0, 3.0]])], torch=torch.amax, grad=0),
    Case(ops.amax, [N, (0, 1)], expect=7, dtype="int32"),
    Case(ops.ReduceMin(), [X, 0], torch=torch.amin),
    Case(ops.amin, [X], torch=torch.amin, grad=1),
    Case(ops.reduce_min, [N], expect=1, dtype="int32"),
    Case(ops.ReduceProd(), [X, 1], torch=torch.prod),
    Case(ops.prod, [Z], torch=torch.prod),
    Case(ops.reduce_prod, [N, 1], expect=[6, 140], dtype="int32"),
    Case(ops.ReduceAll(), [B], expect=False, dtype="bool"),
    Case(ops.ReduceAll(True), [B, 0], expect=[[True, False]], dtype="bool"),
    Case(ops.ReduceAny(), [B, (0, 1)], expect=True, dtype="bool"),
    Case(ops.ReduceAny(), [B, 1], expect=[True, True], dtype="bool"),
    Case(lambda x: x.sum(), [X], torch=torch.sum, label="Tensor.sum"),
    Case(lambda x: x.sum(0, keepdims=True, initial=1.5), [X], torch=lambda x: x.sum(0, keepdim=True) + 1.5, grad=0),
    Case(lambda x: x.sum(dtype="int32"), [np.float32([0.6, 0.6])], expect=1, dtype="int32", grad=0),
    Case(lambda x: x.sum(initial=2.5), [N], expect=24, dtype="int32"),
    Case(lambda x: x.sum(0), [B], expect=[2, 1], dtype="int32"),
    Case(lambda x: x.mean(0), [X], torch=lambda x: x.mean(0), grad=0),
    Case(lambda x: x.max(), [X], torch=torch.amax, label="Tensor.max"),
    Case(lambda x: x.max(1, True), [X], torch=lambda x: x.amax(1, True), grad=0),
    Case(lambda x: x.max(0, initial=1.0), [X], torch=lambda x: x.amax(0).clamp(min=1), grad=0),
    Case(lambda x, w: x.max(0, initial=6.0, where=w), [N + 0.5, np.array([True, False, True])], expect=[6, 6, 7.5],
         dtype="float64"),
    Case(lambda x: x.min(), [X], torch=torch.amin, label="Tensor.min"),
    Case(lambda x: x.min(1, keepdims=True, initial=2), [N], expect=[[1], [2]], dtype="int32"),
    Case(lambda x: x.min(axis=(0, 1)), [N], expect=1, dtype="int32"),
    Case(lambda x: x.ptp(1), [X], torch=lambda x: x.amax(1) - x.amin(1), label="Tensor.ptp"),
    Case(lambda x: x.ptp(0, True), [N], expect=[[3, 3, 4]], dtype="int32"),
    Case(lambda x: x.all(), [B], expect=False, dtype="bool"),
    Case(lambda x: x.any(axis=1, keep_dims=True), [B], expect=[[True], [True]], dtype="bool"),
    Case(lambda x: x.prod(1), [X], torch=lambda x: x.prod(1), grad=0),
    Case(lambda x: x.amax(0) + x.amin(0), [X], torch=lambda x: x.amax(0) + x.amin(0), grad=0),
    Case(ops.ReduceSum(), [np.float32(3.0)], expect=3, dtype="float32", grad=0),
]

REFUSALS = [
    Refusal(ops.ReduceSum(), [X, 2], ValueError, "For 'ReduceSum', 'axis' should be in [-2, 2), but got 2"),
    Refusal(ops.ReduceSum(), [X, 1.0], TypeError, "For 'ReduceSum', the type of 'axis' should be int or tuple"),
    Refusal(ops.ReduceSum(), [X, (0, "a")], TypeError, "'axis' should be an int or a tuple of ints"),
    Refusal(ops.ReduceSum(), [X, True], TypeError, "the type of 'axis'"),
    Refusal(ops.ReduceSum, [1], TypeError, "For 'ReduceSum', the type of 'keep_dims' should be bool"),
    Refusal(ops.ReduceSum(), [np.float32(3.0), 0], ValueError, "'axis' should be in"),
    *(Refusal(f, [B], TypeError, "should be a Tensor of numbers, but got Bool")
      for f in (ops.ReduceSum(), ops.mean, ops.prod, lambda x: x.ptp())),
    *(Refusal(f, [X], TypeError, "should be a Tensor of bool, but got Float32")
      for f in (ops.ReduceAll(), ops.ReduceAny())),
    Refusal(lambda x: x.sum(3), [X], ValueError, "For 'Tensor.sum', 'axis' should be in"),
    Refusal(lambda x: x.sum("a"), [X], TypeError, "the type of 'axis'"),
    Refusal(lambda x: x.sum(initial="a"), [X], TypeError, "the type of 'initial'"),
    Refusal(lambda x: x.sum(dtype="foo"), [X], TypeError, "For 'Tensor.sum', 'dtype' should be a dtype"),
    Refusal(lambda x, w: x.max(where=w), [X, X > 0], ValueError, "'initial' should be given together with 'where'"),
    Refusal(lambda x: x.max(axis=0.5), [X], TypeError, "the type of 'axis'"),
    Refusal(lambda x: x.min(initial="a"), [X], TypeError, "the type of 'initial'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)



def test_equal_extremes_share_the_gradient():
    grad, = gradients(lambda x: ops.amax(x, 1), [np.array([[1.0, 3.0, 3.0], [0.0, 2.0, 0.0]])])[1]
    np.testing.assert_array_equal(grad, [[0, 0.5, 0.5], [0, 1, 0]])
