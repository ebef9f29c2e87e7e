"""Comparisons and tests for infinity and NaN, against NumPy."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, np.nan]], np.float32)
Y = np.array([0.5, -0.5, np.nan], np.float32)
N, M = np.array([1, 2, 3], np.int32), np.array([1, 2, 4], np.int32)
SPECIAL = np.array([1.0, np.inf, -np.inf, np.nan], np.float32)
CLOSE = np.array([1.0, np.nan, np.inf, 2.0], np.float32)

CASES = [
    *(Case(op, [X, Y], numpy=ref, grad=0) for op, ref in (
        (ops.equal, np.equal), (ops.Equal(), np.equal), (ops.NotEqual(), np.not_equal), (ops.ne, np.not_equal),
        (ops.not_equal, np.not_equal), (ops.Greater(), np.greater), (ops.gt, np.greater), (ops.tensor_gt, np.greater),
        (ops.GreaterEqual(), np.greater_equal), (ops.ge, np.greater_equal), (ops.tensor_ge, np.greater_equal),
        (ops.Less(), np.less), (ops.less, np.less), (ops.tensor_lt, np.less),
        (ops.LessEqual(), np.less_equal), (ops.le, np.less_equal), (ops.tensor_le, np.less_equal))),
    Case(ops.less, [1, Y], numpy=np.less, grad=0),
    Case(ops.equal, [np.float64([1.5]), np.float32([1.5])], expect=[True], dtype="bool", grad=0),
    Case(ops.equal, [np.array([True, False]), np.array([True, True])], expect=[True, False], dtype="bool"),
    Case(ops.equal, [np.uint8([1]), 300], expect=[False], dtype="bool"),
    Case(ops.equal, [np.complex64([1j]), np.complex64([1j])], expect=[True], dtype="bool"),
    Case(ops.ApproximateEqual(2.0), [np.float32([1, 2, 6]), np.float32([2, 4, 4])], expect=[True, False, False],
         dtype="bool", grad=0),
    Case(ops.approximate_equal, [np.float32([1.0]), np.float32([1.000001])], expect=[True], dtype="bool", grad=0),
    Case(lambda x, y: x.approximate_equal(y, tolerance=2.0), [np.float32([1.0]), np.float32([2.5])], expect=[True],
         dtype="bool", grad=0),
    Case(ops.isclose, [CLOSE, CLOSE], expect=[True, False, True, True], dtype="bool", grad=0),
    Case(ops.isclose, [CLOSE, CLOSE, 1e-5, 1e-8, True], expect=[True, True, True, True], dtype="bool", grad=0),
    Case(ops.isclose, [np.float32([1.0]), np.float32([1.001])], kwargs={"rtol": 0.01}, expect=[True], dtype="bool",
         grad=0),
    Case(ops.isclose, [N, M], expect=[True, True, False], dtype="bool"),
    Case(ops.EqualCount(), [N, M], expect=[2], dtype="int32"),
    Case(ops.isfinite, [SPECIAL], numpy=np.isfinite, grad=0),
    Case(ops.IsFinite(), [N], numpy=np.isfinite),
    Case(ops.IsInf(), [SPECIAL], numpy=np.isinf, grad=0),
    Case(ops.isnan, [SPECIAL], numpy=np.isnan, grad=0),
    Case(ops.IsNan(), [np.array([True])], numpy=np.isnan),
    Case(ops.isreal, [np.complex64([1, 1j, 0])], numpy=np.isreal),
    Case(ops.FloatStatus(), [SPECIAL], expect=[1], dtype="float32", grad=0),
    Case(ops.FloatStatus(), [SPECIAL[:1]], expect=[0], dtype="float32", grad=0),
]

REFUSALS = [
    *(Refusal(f, [np.complex64([1j]), 2.0], TypeError, "should be a Tensor of real numbers, but got Complex64")
      for f in (ops.less, ops.le, ops.gt, ops.ge)),
    Refusal(ops.equal, [X, np.ones(2, np.float32)], ValueError, "For 'Equal', the inputs do not fit together"),
    Refusal(ops.less, [X, "a"], TypeError, "For 'Less'"),
    Refusal(ops.ApproximateEqual, [-1.0], ValueError, "'tolerance' should be 0 or greater"),
    Refusal(ops.ApproximateEqual, ["a"], TypeError, "the type of 'tolerance' should be float"),
    Refusal(ops.approximate_equal, [N, N], TypeError, "For 'ApproximateEqual', 'x'"),
    Refusal(ops.isclose, [X, X, -1.0], ValueError, "'rtol' should be 0 or greater"),
    Refusal(ops.EqualCount(), [N, X], TypeError, "the same dtype"),
    Refusal(ops.EqualCount(), [N, N[:2]], ValueError, "the same shape"),
    Refusal(ops.IsInf(), [N], TypeError, "For 'IsInf'"),
    Refusal(ops.FloatStatus(), [N], TypeError, "For 'FloatStatus'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

