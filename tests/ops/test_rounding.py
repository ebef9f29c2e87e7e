"""Rounding, absolute value and sign, against PyTorch and what MindSpore 1.8.1 gave."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import ops

X = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1.7, -1.7], np.float32)
N = np.array([3, -4], np.int32)

CASES = [
    Case(ops.floor, [X], torch=torch.floor, grad=0),
    Case(ops.floor, [X + 0.1], torch=torch.floor),
    Case(ops.ceil, [X], torch=torch.ceil, grad=0),
    Case(ops.Ceil(), [X + 0.1], torch=torch.ceil),
    Case(ops.round, [X], expect=[0, 2, 2, 0, -2, -2, 2, -2], dtype="float32", grad=0),
    Case(ops.Round(), [X + 0.1], torch=torch.round),
    Case(ops.Round(), [N], expect=N),
    Case(ops.Rint(), [X + 0.1], torch=torch.round),
    Case(ops.trunc, [X], torch=torch.trunc),
    Case(ops.Trunc(), [N], expect=N),
    Case(ops.abs, [X], torch=torch.abs),
    Case(ops.Abs(), [N], expect=[3, 4], dtype="int32"),
    Case(ops.absolute, [np.complex64([3 + 4j])], expect=[5], dtype="float32"),
    Case(ops.Sign(), [X], torch=torch.sign),
    Case(ops.Sign(), [N], torch=torch.sign),
    Case(ops.Eps(), [X[:1]], expect=[1.52587890625e-05], dtype="float32", rtol=0, atol=0),
    Case(ops.Eps(), [np.float16([1])], expect=[6.103515625e-05], dtype="float16", rtol=0, atol=0, grad=0),
    Case(ops.Eps(), [np.float64([1])], expect=[2.220446049250313e-16], dtype="float64", rtol=0, atol=0, grad=0),
]

REFUSALS = [
    Refusal(ops.floor, [N], TypeError, "For 'Floor', 'x' should be a Tensor of float16"),
    Refusal(ops.Eps(), [N], TypeError, "For 'Eps'"),
    Refusal(ops.ceil, [N], TypeError, "For 'Ceil'"),
    Refusal(ops.Rint(), [N], TypeError, "For 'Rint'"),
    *(Refusal(f, [np.array([True])], TypeError, "should be a Tensor of numbers, but got Bool")
      for f in (ops.round, ops.trunc, ops.abs, ops.Sign())),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)



def test_the_slope_of_abs_at_zero_is_zero():
    slope, = gradients(ops.abs, [np.zeros(1)])[1]
    np.testing.assert_array_equal(slope, 0)
