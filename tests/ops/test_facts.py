"""Shape, rank, size and types; numbers as Tensors; as recorded from MindSpore 1.8.1."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops
from mycelium.graph.compiler import GraphFunction

X = np.arange(6, dtype=np.float32).reshape(2, 3)

CASES = [
    Case(ops.dyn_shape, [X], expect=[2, 3], dtype="int64"),
    Case(ops.TensorShape(), [X], expect=[2, 3], dtype="int64"),
    Case(ops.DynamicShape(), [X[0]], expect=[3], dtype="int64"),
    Case(ops.identity, [X], numpy=np.copy),
    Case(ops.Identity(), [X > 1], numpy=np.copy),
    Case(ops.same_type_shape, [X, X + 1], expect=X, grad=1),
    Case(ops.scalar_to_tensor, [3], expect=3, dtype="float32"),
    Case(ops.ScalarToTensor(), [3.5, ms.int32], expect=3, dtype="int32"),
    Case(ops.scalar_to_array, [3], expect=3, dtype="int32"),
    Case(ops.ScalarToArray(), [3.5], expect=3.5, dtype="float32"),
    Case(ops.tuple_to_array, [(1, 2)], expect=[1, 2], dtype="int32"),
    Case(ops.TupleToArray(), [(1.0, 2.5)], expect=[1, 2.5], dtype="float32"),
]

REFUSALS = [
    *[Refusal(f, [3], TypeError, "should be a Tensor")
      for f in (ops.shape, ops.rank, ops.size, ops.dyn_shape, ops.dtype, ops.identity)],
    Refusal(ops.same_type_shape, [X, X.astype(int)], TypeError, "dtypes should be equal"),
    Refusal(ops.same_type_shape, [X, X[0]], ValueError, "shapes should be equal"),
    Refusal(ops.scalar_to_tensor, ["a"], TypeError, "For 'ScalarToTensor'"),
    Refusal(ops.scalar_to_array, [True], TypeError, "should be int or float"),
    Refusal(ops.tuple_to_array, [[1, 2]], TypeError, "should be a tuple"),
    Refusal(ops.tuple_to_array, [(1.0, 2)], TypeError, "of one type"),
    Refusal(ops.IsInstance(), [1, (ms.int32, ms.int64)], TypeError, "should be a type"),
    Refusal(ops.IsSubClass(), [1, ms.int32], TypeError, "'sub_type' should be a type"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_facts_are_constants_in_both_modes():
    facts = []

    def run(x):
        facts.append((ops.shape(x), ops.Shape()(x), ops.rank(x), ops.Rank()(x), ops.size(x), ops.Size()(x),
                      ops.dtype(x), ops.DType()(x), ops.typeof(x.shape[0])))
        return x

    run(Tensor(X))
    GraphFunction(run, "facts")((Tensor(X),))
    assert facts[0] == facts[1] == ((2, 3), (2, 3), 2, 2, 6, 6, ms.float32, ms.float32, ms.int64)


def test_kinds():
    assert ops.IsInstance()(1, ms.int64) and not ops.IsInstance()(1, ms.int32)
    assert ops.isinstance_(1.0, ms.float32) and ops.IsInstance()(True, ms.bool_)
    assert ops.IsInstance()(Tensor(1.0), ms.tensor) and not ops.IsInstance()(Tensor(1.0), ms.float32)
    assert ops.IsInstance()((1, 2), ms.tuple_)
    assert ops.IsSubClass()(ms.int32, ms.intc) and ops.issubclass_(ms.int32, ms.number)
    assert not ops.IsSubClass()(ms.int32, ms.float32)
