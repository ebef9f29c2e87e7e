"""Complex numbers, against PyTorch."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5], [3.0, 0.25]], np.float32)
Y = np.array([2.0, -0.5], np.float32)
C = np.array([1 + 2j, -0.5j], np.complex64)

CASES = [
    Case(ops.Complex(), [X, X], torch=torch.complex, grad=0),
    Case(ops.Complex(), [X, Y], expect=X + 1j * Y, dtype="complex64", grad=0),
    Case(lambda x, y: ops.Real()(ops.Complex()(x, y)), [X, X], torch=lambda x, y: x + 0 * y, label="Real of Complex"),
    Case(lambda x, y: ops.Imag()(ops.Conj()(ops.Complex()(x, y))), [X, X], torch=lambda x, y: -y + 0 * x,
         label="Imag of Conj of Complex"),
    Case(lambda x, y: ops.abs(ops.Complex()(x, y)), [X, X], torch=lambda x, y: torch.complex(x, y).abs(),
         label="Abs of Complex"),
    Case(ops.Real(), [C], torch=torch.real),
    Case(ops.Imag(), [C], torch=torch.imag),
    Case(ops.Conj(), [C], torch=lambda c: c.conj().resolve_conj()),
    Case(ops.Real(), [np.int32([3])], expect=[3], dtype="int32"),
    Case(ops.Imag(), [np.int32([3])], expect=[0], dtype="int32"),
    Case(ops.Conj(), [X], torch=lambda x: x * 1, grad=1),
    Case(ops.mul, [C, C], torch=torch.mul),
    Case(ops.mul, [C, 2], torch=torch.mul),
]

REFUSALS = [
    Refusal(ops.Complex(), [np.float16([1]), np.float16([1])], TypeError, "the inputs should be float32 or float64"),
    Refusal(ops.Conj(), [np.array([True])], TypeError, "For 'Conj'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

