"""Trigonometric and hyperbolic functions, against PyTorch."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -0.75, 0.125], [0.9, 0.25, -0.4]], np.float32)
W = X * 3
N = np.array([1, 4], np.int32)
C = np.array([1 + 2j, -0.5j], np.complex64)
PRIMITIVES = {"asin": "Asin", "acos": "ACos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "asinh": "Asinh",
              "acosh": "Acosh", "atanh": "Atanh", "sin": "Sin", "cos": "Cos", "tan": "Tan"}

CASES = [
    *(Case(getattr(ops, name), [W], torch=getattr(torch, name)) for name in ("sin", "cos", "tan", "sinh", "cosh")),
    *(Case(getattr(ops, name), [X], torch=getattr(torch, name)) for name in ("asin", "acos", "atan", "asinh", "atanh")),
    Case(ops.acosh, [np.abs(W) + 1.1], torch=torch.acosh),
    Case(ops.atan2, [X, W], torch=torch.atan2),
    Case(ops.Atan2(), [np.int32([1, -1]), 1], expect=[np.pi / 4, -np.pi / 4], dtype="float32"),
    *(Case(getattr(ops, p)(), [C], torch=getattr(torch, name), label=f"{p} of complex numbers")
      for name, p in PRIMITIVES.items()),
    Case(ops.asin, [np.float32([2.0])], expect=[np.nan], dtype="float32", grad=0, label="asin beyond 1"),
    Case(ops.Sin(), [np.float16([1.0])], torch=torch.sin, rtol=1e-3, grad=0),
]

REFUSALS = [
    *(Refusal(getattr(ops, name), [N], TypeError, f"For '{p}', 'x' should be") for name, p in PRIMITIVES.items()),
    Refusal(ops.atan2, [np.array([True]), np.array([True])], TypeError, "For 'Atan2'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

