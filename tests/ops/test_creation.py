"""New Tensors: values as NumPy makes them, dtypes and refusals as recorded from MindSpore 1.8.1."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops
from mycelium.graph.compiler import GraphFunction

X = np.arange(6, dtype=np.float32).reshape(2, 3)
N = X.astype(np.int32)
ON, OFF = np.float32(5), np.float32(-1)

CASES = [
    Case(ops.zeros, [(2, 3), ms.float16], expect=np.zeros((2, 3), np.float16)),
    Case(ops.Zeros(), [2, ms.bool_], expect=np.zeros(2, bool)),
    Case(ops.zeros, [(), ms.complex64], expect=np.zeros((), np.complex64)),
    Case(ops.zeros, [(0, 3), ms.int8], expect=np.zeros((0, 3), np.int8)),
    Case(ops.Ones(), [(2, 2), ms.uint8], expect=np.ones((2, 2), np.uint8)),
    Case(ops.ones, [3, ms.float64], expect=np.ones(3)),
    Case(ops.ones, [3, ms.bfloat16], expect=np.ones(3), dtype="bfloat16"),
    Case(ops.zeros_like, [X], numpy=np.zeros_like),
    Case(ops.OnesLike(), [N], numpy=np.ones_like),
    Case(ops.fill, [ms.int32, (2, 2), 1.7], expect=np.full((2, 2), 1, np.int32)),
    Case(ops.Fill(), [ms.bool_, (2,), 3], expect=np.ones(2, bool)),
    Case(ops.FillV2(), [(2, 1), X[0, 2]], expect=np.float32([[2], [2]])),
    Case(lambda v: ops.FillV2()(Tensor([2]), v), [N[0, 1]], expect=np.int32([1, 1])),
    Case(ops.fills, [N, 7.9], expect=np.full((2, 3), 7, np.int32)),
    Case(ops.fills, [X, np.float32(7.5)], numpy=np.full_like, grad=1),
    Case(lambda x: x.fill(4.5), [N], expect=np.full((2, 3), 4, np.int32)),
    Case(lambda x: x.fill(None), [X], expect=np.full((2, 3), np.nan, np.float32), grad=0),
    Case(ops.eye, [2, 3, ms.int32], expect=np.eye(2, 3, dtype=np.int32)),
    Case(ops.Eye(), [2, 2, ms.bool_], expect=np.eye(2, dtype=bool)),
    Case(lambda: ops.range(Tensor(0, ms.int32), Tensor(10, ms.int32), Tensor(4, ms.int32)), [],
         expect=np.int32([0, 4, 8])),
    Case(lambda: ops.Range()(Tensor(1.0), Tensor(0.0), Tensor(-0.25)), [], expect=np.float32([1, 0.75, 0.5, 0.25])),
    Case(ops.range, [0, 10, 3], expect=np.arange(0, 10, 3)),
    Case(ops.arange, [5], expect=np.arange(5, dtype=np.int32)),
    Case(ops.arange, [1, 5.0], expect=np.arange(1, 5, dtype=np.float32)),
    Case(ops.arange, [0, 6], kwargs={"step": 2}, expect=np.int32([0, 2, 4])),
    Case(ops.linspace, [np.float32(1), np.float32(10), 5],
         numpy=lambda a, b, n: np.linspace(a, b, n, dtype=np.float32)),
    Case(ops.LinSpace(), [np.float64(1), np.float64(2), 1], expect=np.array([1.0])),
    Case(ops.one_hot, [np.array([0, 2, -1, 5]), 3, ON, OFF],
         expect=np.float32([[5, -1, -1], [-1, -1, 5], [-1, -1, -1], [-1, -1, -1]])),
    Case(ops.OneHot(0), [np.uint8([[0, 2]]), 3, np.int32(1), np.int32(0)],
         expect=np.int32([[[1, 0]], [[0, 0]], [[0, 1]]])),
    Case(ops.one_hot, [np.array(1), 2, ON, OFF], kwargs={"axis": 0}, expect=np.float32([-1, 5]), grad=1),
    Case(ops.one_hot, [np.array([[0, 2]]), 3, ON, OFF, 1], expect=np.float32([[[5, -1], [-1, -1], [-1, 5]]]), grad=0),
    Case(ops.sequence_mask, [np.array([[1, 3], [0, 2]]), 3], numpy=lambda n, m: np.arange(m) < n[..., None]),
    Case(lambda: ops.sequence_mask(Tensor([1, 2], ms.int32)), [], expect=[[True, False], [True, True]], dtype="bool"),
]

REFUSALS = [
    Refusal(ops.zeros, [(2, -1), ms.int32], ValueError, "no negative sizes"),
    Refusal(ops.zeros, [2.0, ms.int32], TypeError, "int or a tuple of ints"),
    Refusal(ops.zeros, [(2, 3), 1], TypeError, "For 'Zeros', 'type' should be a dtype"),
    Refusal(ops.zeros, [(2, 3), ms.string], TypeError, "should be a dtype"),
    Refusal(ops.ones, [(2, 3), ms.complex64], TypeError, "For 'Ones', 'type' should be a dtype"),
    Refusal(ops.zeros_like, [2], TypeError, "should be a Tensor"),
    Refusal(ops.fill, [ms.int32, 2, 3], TypeError, "'shape' should be a tuple"),
    Refusal(ops.fill, [ms.int32, (2,), "a"], TypeError, "'value' should be a number"),
    Refusal(ops.fill, [1, (2,), 1], TypeError, "'type' should be a dtype"),
    Refusal(ops.fills, [X, X], ValueError, "a Tensor without axes"),
    Refusal(lambda x: x.fill(None), [N], TypeError, "needs a float Tensor"),
    Refusal(lambda x: x.fill("a"), [N], TypeError, "a number or None"),
    Refusal(ops.eye, [2, 0, ms.int32], ValueError, "'m' should be 1 or greater"),
    Refusal(ops.eye, [2.0, 2, ms.int32], TypeError, "'n' should be an int"),
    Refusal(ops.eye, [2, 2, 3], TypeError, "'t' should be a dtype"),
    Refusal(lambda: ops.range(Tensor(0), Tensor(10, ms.int32), Tensor(3)), [], TypeError, "should have one dtype"),
    Refusal(ops.range, [0, 10, 0], ValueError, "should not be 0"),
    Refusal(ops.range, [0, 10, -1], ValueError, "should lead from"),
    Refusal(lambda: ops.range(Tensor([0]), Tensor([10]), Tensor([3])), [], ValueError, "should have no axes"),
    Refusal(ops.Range(2), [0, 10, 3], ValueError, "at most 'maxlen', 2, elements"),
    Refusal(ops.arange, [5, 1, 0], ValueError, "'step' should not be 0"),
    Refusal(ops.arange, [5, 1], ValueError, "'start' should be below 'stop'"),
    Refusal(ops.arange, ["a"], TypeError, "should be an int or a float"),
    Refusal(ops.arange, [], TypeError, "expected (stop)"),
    Refusal(ops.linspace, [1.0, 10.0, 5], TypeError, "should be a Tensor"),
    Refusal(ops.linspace, [np.array(1), np.array(2), 5], TypeError, "should be float32 or float64"),
    Refusal(ops.linspace, [X[0], X[1], 5], ValueError, "should have no axes"),
    Refusal(ops.linspace, [ON, np.float64(1), 3], TypeError, "should have one dtype"),
    Refusal(ops.linspace, [ON, OFF, 0], ValueError, "1 or greater"),
    Refusal(ops.linspace, [ON, OFF, 2.0], TypeError, "should be int"),
    Refusal(ops.one_hot, [N, 3, ON, np.int32(0)], TypeError, "should have one dtype"),
    Refusal(ops.one_hot, [X, 3, ON, OFF], TypeError, "int32, int64 or uint8"),
    Refusal(ops.one_hot, [N, 3, 1.0, 0.0], TypeError, "should be a Tensor"),
    Refusal(ops.one_hot, [N, -1, ON, OFF], ValueError, "0 or greater"),
    Refusal(ops.one_hot, [N, 3.0, ON, OFF], TypeError, "should be int"),
    Refusal(ops.one_hot, [N, 3, ON, OFF, 3], ValueError, "should be in [-1, 2]"),
    Refusal(lambda: ops.OneHot("a"), [], TypeError, "should be int"),
    Refusal(ops.sequence_mask, [X, 3], TypeError, "int32 or int64"),
    Refusal(ops.sequence_mask, [N, 3.0], TypeError, "int or None"),
    Refusal(ops.sequence_mask, [N, -1], ValueError, "0 or greater"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_large_ones_are_made_by_a_kernel():
    assert ops.zeros((1 << 20, 2), ms.int8).shape == (1 << 20, 2)
    assert ops.eye(2000, 1000, ms.int8).asnumpy().sum() == 1000


def test_computed_bounds_run_op_by_op():
    with pytest.warns(UserWarning, match="'Range' depends on data"):
        out = GraphFunction(lambda n: ops.range(Tensor(0), n + 1, Tensor(2)), "bounds")((Tensor(4),))
    assert out.asnumpy().tolist() == [0, 2, 4]
