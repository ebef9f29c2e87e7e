"""Quotients and remainders, against PyTorch and what MindSpore 1.8.1 gave."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
Y = np.array([2.0, -0.5, 3.0], np.float32)
Z = np.array([0.7, -0.4, 1.1], np.float32)     # no quotient is an integer: a remainder jumps there
N, M = np.array([7, -7, 7, -7, 7, -1], np.int32), np.array([2, 2, -2, -2, 3, -1], np.int32)
A, B = np.array([7, -7, 0, 5.5, -5.5], np.float32), np.array([2, 2, 0, -2, -2], np.float32)

CASES = [
    Case(ops.div, [X, Y], torch=torch.div),
    Case(ops.Div(), [N, M], expect=[3, -3, -3, 3, 2, 1], dtype="int32"),
    Case(ops.div, [7, np.array([2])], expect=[3], dtype="int64"),
    Case(ops.div, [N, 2.0], expect=N / 2, dtype="float32"),
    Case(ops.RealDiv(), [X, Y], torch=torch.div),
    Case(ops.tensor_div, [N, M], expect=[3, -3, -3, 3, 2, 1], dtype="int32"),
    Case(ops.DivNoNan(), [X, Y], torch=torch.div),
    Case(ops.DivNoNan(), [A, B], expect=[3.5, -3.5, 0, -2.75, 2.75], dtype="float32", grad=0),
    Case(ops.DivNoNan(), [np.int32([7, 7]), np.int32([0, 2])], expect=[0, 3], dtype="int32"),
    Case(ops.xdivy, [X, Y], torch=torch.div),
    Case(ops.Xdivy(), [np.float32([0, 0, 3]), np.float32([0, 2, 0])], expect=[0, 0, np.inf], dtype="float32", grad=0),
    Case(ops.floor_div, [A[[0, 1, 3, 4]], B[[0, 1, 3, 4]]], expect=[3, -4, -3, 2], dtype="float32"),
    Case(ops.floor_div, [np.float32([7, -7]), 0], expect=[np.inf, -np.inf], dtype="float32", grad=0),
    Case(ops.FloorDiv(), [N, M], expect=[3, -4, -4, 3, 2, 1], dtype="int32"),
    Case(ops.floor_mod, [X, Z], torch=torch.remainder),
    Case(ops.FloorMod(), [N, M], expect=[1, 1, -1, -1, 1, 0], dtype="int32"),
    Case(ops.Mod(), [X, Z], torch=torch.fmod),
    Case(ops.Mod(), [N, M], expect=[1, -1, 1, -1, 1, 0], dtype="int32"),
    Case(ops.truncate_div, [X, Y], torch=torch.div, grad=1),
    Case(ops.TruncateDiv(), [N, M], expect=[3, -3, -3, 3, 2, 1], dtype="int32"),
    Case(ops.truncate_mod, [X, Z], torch=torch.fmod, grad=1),
    Case(ops.TruncateMod(), [N, M], expect=[1, -1, 1, -1, 1, 0], dtype="int32"),
    Case(ops.Reciprocal(), [X], torch=torch.reciprocal),
    Case(ops.Reciprocal(), [np.int32([1, 2, -1])], expect=[1, 0, -1], dtype="int32"),
    Case(ops.inv, [X], torch=torch.reciprocal, grad=1),
]

REFUSALS = [
    Refusal(ops.div, [np.array([True]), np.array([True])], TypeError, "For 'Div'"),
    Refusal(ops.floor_div, [np.complex64([1]), np.complex64([1])], TypeError, "should be a Tensor of real numbers"),
    Refusal(ops.xdivy, [N, M], TypeError, "For 'Xdivy', 'x' should be a Tensor of a float or complex dtype"),
    Refusal(ops.div, [X, np.ones(2, np.float32)], ValueError, "For 'Div'"),
    Refusal(ops.inv, [np.array([True])], TypeError, "For 'Inv'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

