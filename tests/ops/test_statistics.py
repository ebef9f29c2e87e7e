"""Norms, variances and counts: against PyTorch, dtypes as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

import mycelium as ms
from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int32)
Z = np.array([[0, 1, 2], [0, 0, 3]], np.float32)
B = np.array([True])

CASES = [
    Case(ops.norm, [X, 1], torch=lambda x, a: x.norm(dim=a)),
    Case(ops.LpNorm(axis=(0, 1), p=1, keep_dims=True), [X], torch=lambda x: x.norm(1, (0, 1), True)),
    Case(ops.norm, [X, [0, 1], 3], torch=lambda x, a, p: x.norm(p), grad=1),
    Case(ops.norm, [Z, 0, 0], expect=[0, 1, 2], dtype="float32", grad=0),
    Case(ops.LpNorm(axis=0, p=2, epsilon=10.0), [Z], torch=lambda x: ((x * x).sum(0) + 10).sqrt()),
    Case(lambda x: x.norm(0, 1, True), [X], torch=lambda x: x.norm(1, 0, True), grad=0),
    Case(ops.logsumexp, [X, 1], torch=torch.logsumexp),
    Case(ops.logsumexp, [X, (), True], torch=lambda x, a, k: x.logsumexp((0, 1), True), grad=1),
    Case(ops.logsumexp, [np.float32([1000, 1000]), 0], torch=torch.logsumexp, grad=0),
    Case(ops.logsumexp, [np.float32([-np.inf, -np.inf]), 0], torch=torch.logsumexp, grad=0),
    Case(ops.count_nonzero, [Z], expect=3, dtype="int32", grad=0),
    Case(ops.count_nonzero, [Z, 0, True, ms.int64], expect=[[0, 1, 2]], dtype="int64", grad=0),
    Case(ops.count_nonzero, [N, (0, 1)], kwargs={"dtype": ms.float32}, expect=6, dtype="float32"),
    Case(lambda x: x.var(), [X], torch=lambda x: x.var(correction=0), label="Tensor.var"),
    Case(lambda x: x.var(0, 1, True), [X], torch=lambda x: x.var(0, correction=1, keepdim=True), grad=1),
    Case(lambda x: x.var(0), [N], expect=[2, 2, 4], dtype="int32"),
    Case(lambda x: x.std(), [X], torch=lambda x: x.std(correction=0), label="Tensor.std"),
    Case(lambda x: x.std((0, 1), 1, True), [X], torch=lambda x: x.std((0, 1), correction=1, keepdim=True), grad=1),
    Case(lambda x: x.std(axis=0, ddof=2), [X], expect=[np.inf] * 3, dtype="float32", grad=0),
    Case(lambda x: x.std(), [N], expect=2, dtype="float32"),
    Case(lambda x: x.std(), [np.float16([1, 2])], expect=0.5, dtype="float16", grad=0),
    Case(lambda x: x.var(), [np.float32(3.0)], expect=0, dtype="float32", grad=0),
]

REFUSALS = [
    Refusal(ops.norm, [N, 0], TypeError, "For 'LpNorm', 'input_x' should be a Tensor of float16"),
    Refusal(ops.norm, [X, 0, 2.0], TypeError, "the type of 'p' should be int"),
    Refusal(ops.LpNorm, [0, -1], ValueError, "'p' should be 0 or greater"),
    Refusal(ops.norm, [X, 5], ValueError, "For 'norm', 'ord' of matrices should be"),      # r2.0: no axis
    Refusal(ops.logsumexp, [N, 1], TypeError, "For 'logsumexp'"),
    Refusal(ops.logsumexp, [X, 3], ValueError, "'axis' should be in"),
    Refusal(ops.count_nonzero, [X, 4], ValueError, "For 'count_nonzero', 'axis'"),
    Refusal(lambda x: x.var(3), [X], ValueError, "For 'Tensor.var', 'axis'"),
    Refusal(lambda x: x.std(ddof=1.5), [X], TypeError, "the type of 'ddof' should be int"),
    Refusal(lambda x: x.std(keepdims=1), [X], TypeError, "the type of 'keepdims' should be bool"),
    Refusal(lambda x: x.std(), [B], TypeError, "For 'Tensor.std'"),
]


def test_norms_have_a_slope_at_zero():
    for p in (1, 2):
        grad, = gradients(lambda x, p=p: ops.norm(x, 0, p), [np.zeros(3)])[1]
        np.testing.assert_array_equal(grad, 0)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

