"""Logic on booleans and bits, against NumPy."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

A, B = np.array([True, True, False, False]), np.array([True, False, True, False])
N, M = np.array([12, 5, -1], np.int32), np.array([10, 3, 7], np.int32)
X = np.array([1.0], np.float32)

CASES = [
    Case(ops.logical_and, [A, B], numpy=np.logical_and),
    Case(ops.LogicalAnd(), [True, B], numpy=np.logical_and),
    Case(ops.logical_or, [A, B], numpy=np.logical_or),
    Case(ops.LogicalOr(), [A, False], numpy=np.logical_or),
    Case(ops.LogicalXor(), [A, B], numpy=np.logical_xor),
    Case(ops.logical_not, [A], numpy=np.logical_not),
    Case(ops.LogicalNot(), [B], numpy=np.logical_not),
    Case(ops.bitwise_and, [N, M], numpy=np.bitwise_and),
    Case(ops.BitwiseAnd(), [N, 3], numpy=lambda x, y: x & np.int32(y)),
    Case(ops.bitwise_and, [np.int8([1]), np.int32([3])], expect=[1], dtype="int32"),
    Case(ops.bitwise_or, [N, M], numpy=np.bitwise_or),
    Case(ops.BitwiseOr(), [np.uint8([8]), np.uint8([1])], expect=[9], dtype="uint8"),
    Case(ops.bitwise_xor, [N, M], numpy=np.bitwise_xor),
    Case(ops.BitwiseXor(), [N, M], numpy=np.bitwise_xor),
    Case(ops.invert, [np.int16([25, 4, 13, 9])], expect=[-26, -5, -14, -10], dtype="int16"),
    Case(ops.Invert(), [np.uint16([0])], expect=[65535], dtype="uint16"),
    Case(ops.population_count, [np.int16([0, 1, 3, -1])], expect=[0, 1, 2, 16], dtype="uint8"),
    Case(ops.PopulationCount(), [np.uint64([2**64 - 1])], expect=[64], dtype="uint8"),
]

REFUSALS = [
    *(Refusal(f, [N, N], TypeError, "should be a Tensor of bool, but got Int32")
      for f in (ops.logical_and, ops.logical_or, ops.LogicalXor())),
    Refusal(ops.logical_and, [1, A], TypeError, "For 'LogicalAnd', 'x' should be a Tensor of bool"),
    Refusal(ops.logical_not, [N], TypeError, "For 'LogicalNot'"),
    *(Refusal(f, [X, X], TypeError, "should be a Tensor of int")
      for f in (ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor)),
    Refusal(ops.bitwise_and, [A, A], TypeError, "For 'BitwiseAnd'"),
    Refusal(ops.invert, [X], TypeError, "For 'Invert'"),
    Refusal(ops.population_count, [X], TypeError, "For 'PopulationCount'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

