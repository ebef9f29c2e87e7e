"""Segment reductions against NumPy's unbuffered operations."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import Tensor, ops

X = np.array([[1, -2], [3, 4], [2.5, 4], [0.5, 7]], np.float32)
IDS = np.array([0, 2, 0, 2])


def _reduce(ufunc, start):
    def reference(x, ids, count):
        out = np.full((count, *x.shape[ids.ndim:]), start, x.dtype)
        ufunc.at(out, ids, x)
        return out
    return reference


LOW, HIGH = np.finfo(np.float32).min, np.finfo(np.float32).max

CASES = [
    Case(ops.UnsortedSegmentSum(), [X, IDS, 4], numpy=_reduce(np.add, 0)),
    Case(ops.UnsortedSegmentSum(), [X.astype(np.int32), np.int32([[0, 1], [1, 1], [0, 0], [2, 0]]), 3],
         numpy=_reduce(np.add, 0)),
    Case(lambda x, i: ops.UnsortedSegmentSum()(x, i, Tensor(3)), [X, IDS],
         numpy=lambda x, i: _reduce(np.add, 0)(x, i, 3), grad=0),
    Case(ops.UnsortedSegmentSum(), [X, np.array([0, -1, 9, 0]), 2], expect=np.float32([[1.5, 5], [0, 0]]), grad=1),
    Case(ops.unsorted_segment_max, [X, IDS // 2, 2], numpy=_reduce(np.maximum, LOW)),
    Case(ops.UnsortedSegmentMin(), [X, np.int32(IDS // 2), 2], numpy=_reduce(np.minimum, HIGH)),
    Case(ops.UnsortedSegmentMax(), [X, IDS, 4], numpy=_reduce(np.maximum, LOW), grad=0),
    Case(ops.unsorted_segment_max, [X.astype(np.int32), IDS, 3], numpy=_reduce(np.maximum, np.iinfo(np.int32).min)),
    Case(ops.unsorted_segment_prod, [X, IDS, 4], numpy=_reduce(np.multiply, 1)),
    Case(lambda x, i: x.unsorted_segment_min(i, 3), [X, IDS],
         numpy=lambda x, i: _reduce(np.minimum, HIGH)(x, i, 3), grad=0),
    Case(ops.sparse_segment_mean, [X, np.array([0, 1, 3]), np.array([0, 0, 2])],
         expect=np.float32([[2, 1], [0, 0], [0.5, 7]]), dynamic=True),
]

REFUSALS = [
    Refusal(ops.UnsortedSegmentSum(), [X, IDS[:3], 3], ValueError, "the start of that of 'x'"),
    Refusal(ops.UnsortedSegmentSum(), [X, X[:, 0], 3], TypeError, "'segment_ids' should be a Tensor of int32 or int64"),
    Refusal(ops.UnsortedSegmentSum(), [X, IDS, 0], ValueError, "greater than 0"),
    Refusal(ops.UnsortedSegmentSum(), [X, IDS, 4.0], TypeError, "should be int"),
    Refusal(ops.sparse_segment_mean, [X, IDS, IDS], RuntimeError, "sorted", graph=False),
    Refusal(ops.sparse_segment_mean, [X, IDS + 3, np.sort(IDS)], RuntimeError, "[0, 4)", graph=False),
    Refusal(ops.sparse_segment_mean, [X, IDS, IDS[:2]], ValueError, "one axis of one size", graph=False),
    Refusal(ops.sparse_segment_mean, [IDS, IDS, IDS], TypeError, "float Tensor"),
    Refusal(ops.sparse_segment_mean, [X, IDS, X[:, 0]], TypeError, "int32 or int64", graph=False),
    Refusal(ops.sparse_segment_mean, [X, IDS, 3], TypeError, "'segment_ids' should be a Tensor"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_equal_largest_elements_share_the_gradient():
    _, (got,) = gradients(lambda x: ops.unsorted_segment_max(x, Tensor([0, 0, 1]), 2), [np.ones(3)])
    np.testing.assert_array_equal(got, [0.5, 0.5, 1])
