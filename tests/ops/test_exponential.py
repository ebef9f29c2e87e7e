"""Exponentials, logarithms and roots, against PyTorch."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
P = np.abs(X)
Y = np.array([2.0, 0.5, 3.0], np.float32)
N = np.array([1, 4], np.int32)
C = np.array([1 + 2j, -0.5j], np.complex64)

CASES = [
    Case(ops.exp, [X], torch=torch.exp),
    Case(ops.Exp(), [C], torch=torch.exp),
    Case(ops.tensor_exp, [np.float16([1.0])], torch=torch.exp, rtol=1e-3, grad=0),
    Case(ops.expm1, [X], torch=torch.expm1),
    Case(ops.exp2, [X], torch=torch.exp2),
    Case(ops.exp2, [N], expect=[2, 16], dtype="float32"),
    Case(ops.log, [P], torch=torch.log),
    Case(ops.log1p, [P], torch=torch.log1p),
    Case(ops.log2, [P], torch=torch.log2),
    Case(ops.logaddexp, [X, Y], torch=torch.logaddexp),
    Case(ops.logaddexp, [X * 1000, Y], torch=torch.logaddexp, grad=0),
    Case(ops.logaddexp2, [X, Y], torch=torch.logaddexp2),
    Case(ops.ldexp, [X, np.int32([1, 2, -3])], torch=lambda x, n: x * 2.0 ** n),
    Case(ops.ldexp, [X, Y], torch=lambda x, y: x * 2 ** y, grad=1),
    Case(ops.xlogy, [X, Y], torch=torch.xlogy),
    Case(ops.Xlogy(), [np.float32([0, 0]), np.float32([0, 2])], expect=[0, 0], dtype="float32", grad=0),
    Case(ops.xlogy, [np.array([0.0, 2.0]), np.array([0.0, 3.0])], expect=[0, 2 * np.log(3)], wrt=[1],
         label="xlogy at 0"),
    Case(ops.square, [X], torch=torch.square),
    Case(ops.Square(), [N], numpy=np.square),
    Case(ops.sqrt, [P], torch=torch.sqrt),
    Case(ops.Sqrt(), [np.float32([-1.0])], expect=[np.nan], dtype="float32", grad=0),
    Case(ops.Rsqrt(), [P], torch=torch.rsqrt),
    Case(ops.deg2rad, [X], torch=torch.deg2rad),
    Case(ops.rad2deg, [X], torch=torch.rad2deg),
]

REFUSALS = [
    *(Refusal(f, [N], TypeError, "should be a Tensor of a float or complex dtype, but got Int32")
      for f in (ops.exp, ops.expm1, ops.log, ops.log1p, ops.log2, ops.sqrt, ops.Rsqrt(), ops.deg2rad, ops.rad2deg)),
    Refusal(ops.xlogy, [N, N], TypeError, "For 'Xlogy'"),
    Refusal(ops.logaddexp, [X, N], TypeError, "For 'logaddexp', 'x2'"),
    Refusal(ops.square, [np.array([True])], TypeError, "For 'Square'"),
    Refusal(ops.exp, ["a"], TypeError, "For 'Exp'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

