"""Error and gamma functions, against PyTorch."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -0.75, 0.125], [0.9, 0.25, -0.4]], np.float32)
P = np.array([0.5, 1.5, 3.0, 7.25], np.float32)
N = np.array([1], np.int32)

CASES = [
    Case(ops.erf, [X], torch=torch.erf),
    Case(ops.Erf(), [np.float16([0.5])], torch=torch.erf, rtol=1e-3, grad=0),
    Case(ops.erfc, [X * 3], torch=torch.erfc),
    Case(ops.Erfinv(), [X], torch=torch.erfinv),
    Case(ops.Lgamma(), [P], torch=torch.lgamma),
    Case(ops.Lgamma(), [np.float16([2.5])], torch=torch.lgamma, rtol=1e-2, grad=0),
    Case(ops.Digamma(), [P], torch=torch.digamma),
    Case(ops.Igamma(), [P, np.float32([1.0, 1.0, 2.0, 9.0])], torch=torch.special.gammainc, wrt=[1]),
    Case(ops.Igammac(), [P, np.float32([1.0])], torch=torch.special.gammaincc, wrt=[1]),
]

REFUSALS = [
    *(Refusal(f, [N], TypeError, "should be a Tensor of float16, float32")
      for f in (ops.erf, ops.erfc, ops.Erfinv(), ops.Lgamma(), ops.Digamma())),
    Refusal(ops.Igamma(), [N, N], TypeError, "For 'Igamma', 'a'"),
    Refusal(ops.Igammac(), [P, N], TypeError, "For 'Igammac', 'x'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

