"""Places of extremes: against PyTorch and NumPy, dtypes and ties as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, gradients, refuse

import mycelium as ms
from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int64)
TIES = np.array([3.0, 1.0, 3.0, 1.0], np.float32)
B = np.array([True, False])

CASES = [
    Case(ops.Argmax(), [X], expect=[2, 0], dtype="int32", grad=0),
    Case(ops.Argmax(axis=0, output_type=ms.int64), [X], expect=[1, 1, 0], dtype="int64", grad=0),
    Case(ops.Argmax(), [TIES], expect=0, dtype="int32", grad=0),
    Case(ops.Argmin(), [TIES], expect=1, dtype="int32", grad=0),
    Case(ops.Argmin(0), [N], expect=[0, 0, 0], dtype="int32"),
    Case(ops.argmin, [X], expect=[1, 2], dtype="int32", grad=0),
    Case(ops.argmin, [X, None], expect=5, dtype="int32", grad=0),      # r2.0: over all elements
    Case(ops.argmin, [X, 0], expect=[0, 0, 1], dtype="int32", grad=0),
    Case(ops.ArgMaxWithValue(1), [X], expect=([2, 0], [2, 3]), dtype="int32 float32"),
    Case(ops.max, [X], expect=([1, 1, 0], [3, 0.25, 2]), dtype="int32 float32", grad=0),
    Case(ops.max, [X, 1, True], expect=([[2], [0]], [[2], [3]]), dtype="int32 float32", grad=0),
    Case(ops.ArgMaxWithValue(), [np.float32(2.0)], expect=(0, 2), dtype="int32 float32", grad=0),
    Case(ops.ArgMinWithValue(axis=-1, keep_dims=True), [X], expect=([[1], [2]], [[-1.5], [-4]]), dtype="int32 float32"),
    Case(ops.min, [N], kwargs={"axis": 1}, expect=([0, 0], [1, 4]), dtype="int32 int64"),
    Case(lambda x: x.argmin_with_value(1), [X], expect=([1, 2], [-1.5, -4]), dtype="int32 float32", grad=0),
    Case(lambda x: x.argmax(), [X], expect=3, dtype="int32", grad=0),
    Case(lambda x: x.argmax(0), [N], expect=[1, 1, 1], dtype="int32"),
    Case(lambda x: x.argmax(), [B], expect=0, dtype="int32"),
    Case(lambda x: x.argmin(axis=-1), [X], expect=[1, 2], dtype="int32", grad=0),
    Case(lambda x: x.argmin(), [np.float32(3.0)], expect=0, dtype="int32", grad=0),
]

REFUSALS = [
    Refusal(ops.Argmax(axis=2), [X], ValueError, "For 'Argmax', 'axis' should be in [-2, 2), but got 2"),
    Refusal(ops.Argmax, [1.0], TypeError, "the type of 'axis' should be int"),
    Refusal(ops.Argmax, [0, ms.float32], TypeError, "'output_type' should be mindspore.int32 or mindspore.int64"),
    Refusal(ops.Argmax(), [np.float32(1.0)], ValueError, "'axis' should be in"),
    Refusal(ops.argmin, [B], TypeError, "For 'Argmin'"),
    Refusal(ops.ArgMaxWithValue(3), [X], ValueError, "For 'ArgMaxWithValue', 'axis'"),
    Refusal(ops.max, [B], TypeError, "For 'ArgMaxWithValue'"),
    Refusal(lambda x: x.argmax(3), [X], ValueError, "For 'Tensor.argmax', 'axis'"),
    Refusal(lambda x: x.argmin("a"), [X], TypeError, "the type of 'axis'"),
]


def test_the_gradient_of_the_value_goes_to_the_first_extreme():
    grad, = gradients(lambda x: ops.max(x)[1], [TIES.astype(np.float64)])[1]
    np.testing.assert_array_equal(grad, [1, 0, 0, 0])
    grad, = gradients(lambda x: ops.min(x)[1], [TIES.astype(np.float64)])[1]
    np.testing.assert_array_equal(grad, [0, 1, 0, 0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

