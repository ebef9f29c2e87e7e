"""Slice, StridedSlice and narrow against NumPy's slices."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import Tensor, ops

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)

CASES = [
    Case(ops.slice, [X, (0, 0, 1), (2, 1, 3)], numpy=lambda x, *_: x[:, :1, 1:]),
    Case(ops.Slice(), [X, [0, 1, 1], [2, -1, 2]], numpy=lambda x, *_: x[:, 1:, 1:3], grad=1),
    Case(lambda x: ops.slice(x, Tensor([1, 0, 0]), Tensor([1, 3, 4])), [X.astype(int)], numpy=lambda x: x[1:]),
    Case(ops.strided_slice, [X, (1, 0, 2), (3, 1, 4), (1, 1, 1)], numpy=lambda x, *_: x[1:, :1, 2:]),
    Case(ops.strided_slice, [X, (1, 2, 3), (0, 0, 0), (-1, -1, -2)], numpy=lambda x, *_: x[1:0:-1, 2:0:-1, 3:0:-2]),
    Case(ops.strided_slice, [X, (-2,), (9,), (1,)], numpy=lambda x, *_: x, grad=0),
    Case(ops.StridedSlice(), [X, (1,), (1,), (1,)], numpy=lambda x, *_: x[1:1], grad=0),
    Case(ops.StridedSlice(begin_mask=1), [X, (1, 0, 2), (3, 1, 4), (1, 1, 1)], numpy=lambda x, *_: x[:, :1, 2:],
         grad=0),
    Case(ops.StridedSlice(end_mask=4), [X, (1, 0, 2), (3, 1, 3), (1, 1, 1)], numpy=lambda x, *_: x[1:, :1, 2:], grad=0),
    Case(ops.StridedSlice(ellipsis_mask=1), [X, (1, 0), (3, 1), (1, 1)], numpy=lambda x, *_: x[..., :1], grad=0),
    Case(ops.StridedSlice(new_axis_mask=2), [X, (1, 0, 0), (3, 1, 2), (1, 1, 1)],
         numpy=lambda x, *_: x[1:, None, :2], grad=0),
    Case(ops.StridedSlice(shrink_axis_mask=5), [X, (1, 0, -1), (3, 1, 4), (1, 1, 1)], numpy=lambda x, *_: x[1, :1, -1]),
    Case(ops.narrow, [X, 1, 1, 2], numpy=lambda x, *_: x[:, 1:]),
    Case(lambda x: x.narrow(-1, 0, 2), [X], numpy=lambda x: x[..., :2], grad=0),
]

REFUSALS = [
    Refusal(ops.slice, [X, (0, 0, 1), (2, 1, 4)], ValueError, "should stay inside the shape"),
    Refusal(ops.slice, [X, (0, 0, -1), (2, 1, 1)], ValueError, "should stay inside the shape"),
    Refusal(ops.slice, [X, (0, 0), (2, 1)], ValueError, "each of the 3 axes"),
    Refusal(ops.slice, [X, 0, (2, 1)], TypeError, "'begin' should be a tuple"),
    Refusal(ops.slice, [3, (0,), (1,)], TypeError, "should be a Tensor"),
    Refusal(ops.strided_slice, [X, (1, 0), (2,), (1,)], ValueError, "should have one length"),
    Refusal(ops.strided_slice, [X, (1,), (2,), (0,)], ValueError, "should not contain 0"),
    Refusal(ops.strided_slice, [X, (1.0,), (2,), (1,)], TypeError, "should hold ints"),
    Refusal(ops.strided_slice, [X, (0,) * 4, (1,) * 4, (1,) * 4], ValueError, "at most 3 bounds"),
    Refusal(ops.StridedSlice(shrink_axis_mask=1), [X, (2,), (3,), (1,)], IndexError, "index 2 is out of bounds"),
    Refusal(ops.StridedSlice(shrink_axis_mask=1), [X, (1,), (0,), (-1,)], IndexError, "should be positive"),
    Refusal(ops.StridedSlice(ellipsis_mask=3), [X, (1, 0), (3, 1), (1, 1)], ValueError, "one place at most"),
    Refusal(lambda: ops.StridedSlice(begin_mask=-1), [], ValueError, "0 or greater"),
    Refusal(lambda: ops.StridedSlice(begin_mask=1.0), [], TypeError, "should be int"),
    Refusal(ops.narrow, [X, 1, 1, 5], ValueError, "'length' should be in [1, 2]"),
    Refusal(ops.narrow, [X, 1, 3, 1], ValueError, "'start' should be in [0, 3)"),
    Refusal(ops.narrow, [X, 3, 1, 5], ValueError, "should be in [-3, 3)"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
