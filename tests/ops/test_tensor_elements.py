"""Single elements, copies and facts of a Tensor: as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, gradients, refuse

import mycelium as ms
from mycelium import Tensor
from mycelium.initializer import One

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]], np.float32)
INDEX = np.array([0, 1], np.int32)

CASES = [
    Case(lambda x: x.item(0), [X], expect=1, dtype="float32"),
    Case(lambda x: x.item(-1), [X], expect=7, dtype="float32", grad=0),
    Case(lambda x: x.item((1, 1)), [X], expect=5, dtype="float32", grad=0),
    Case(lambda x: x.item((1,)), [X], expect=2, dtype="float32", grad=0),
    Case(lambda x: x.item(), [X[:1, :1]], expect=1, dtype="float32", grad=0),
    Case(lambda x: x.item(0), [X[0, 0]], expect=1, dtype="float32", grad=0),
    Case(lambda x: x.itemset(0, 9), [X], expect=[[9, 2, 3], [4, 5, 7]], dtype="float32"),
    Case(lambda x: x.itemset((0, -1), 9.5), [X], expect=[[1, 2, 9.5], [4, 5, 7]], dtype="float32", grad=0),
    Case(lambda x: x.itemset(1, True), [X], expect=[[1, 1, 3], [4, 5, 7]], dtype="float32", grad=0),
    Case(lambda x: x.itemset(4), [X[0, :1]], expect=[4], dtype="float32", grad=0),
    Case(lambda i, x: i.choose([x[0][:2], x[1][:2]]), [INDEX, X], expect=[1, 5], dtype="float32", label="choose"),
    Case(lambda i, x: i.choose(x), [INDEX, X[:, :2]], expect=[1, 5], dtype="float32", grad=0),
    Case(lambda i: i.choose([[1, 2], [3, 4]]), [INDEX[[0, 0]] + np.int32([0, 3])], expect=[1, 4], dtype="int64"),
    Case(lambda i: i.choose([[1, 2], [3, 4]], mode="wrap"), [np.int32([2, -1])], expect=[1, 4], dtype="int64"),
    Case(lambda i: i.choose((1.5, 2)), [np.int32([[0, -1], [1, 0]])], expect=[[1.5, 1.5], [2, 1.5]], dtype="float32"),
    Case(lambda x: x.copy(), [X], expect=X),
]

REFUSALS = [
    Refusal(lambda x: x.item(), [X], ValueError, "'index' should be given for a Tensor of 6 elements"),
    Refusal(lambda x: x.item(7), [X], IndexError, "out of range for shape (2, 3)"),
    Refusal(lambda x: x.item((0, 3)), [X], IndexError, "out of range"),
    Refusal(lambda x: x.item((0, 0, 0)), [X], ValueError, "one int for each axis"),
    Refusal(lambda x: x.item("a"), [X], TypeError, "the type of 'index'"),
    Refusal(lambda x: x.item((0, 0.5)), [X], TypeError, "should be an int or a tuple of ints"),
    Refusal(lambda x: x.itemset(9, 9), [X], IndexError, "out of range"),
    Refusal(lambda x: x.itemset("a", 9), [X], TypeError, "the type of 'index'"),
    Refusal(lambda x: x.itemset(0, "a"), [X], TypeError, "should be"),
    Refusal(lambda x: x.itemset(0, 1, 2), [X], ValueError, "but got 3 arguments"),
    Refusal(lambda x: x.itemset(4.0), [X], IndexError, "an index should be given"),
    Refusal(lambda i: i.choose(3), [INDEX], TypeError, "'choices' should be a tuple, list or Tensor"),
    Refusal(lambda i: i.choose([1, 2], "raise"), [INDEX], ValueError, "'mode' should be one of"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_itemset_leaves_the_tensor_as_it_is():
    x = Tensor(X)
    x.itemset(0, 9)
    np.testing.assert_array_equal(x.asnumpy(), X)


def test_a_copy_is_of_its_own_and_differentiable():
    x = Tensor(X)
    y = x.copy()
    y[0] = 0
    np.testing.assert_array_equal(x.asnumpy(), X)
    grad, = gradients(lambda x: x.copy() * 2, [X])[1]
    np.testing.assert_array_equal(grad, np.full((2, 3), 2))


def test_to_tensor_draws_declared_values():
    x = Tensor(shape=(2, 2), dtype=ms.float32, init=One())
    np.testing.assert_array_equal(x.to_tensor().asnumpy(), np.ones((2, 2)))
    with pytest.raises(TypeError, match="should have been declared with 'init'"):
        Tensor(X).to_tensor()


def test_facts():
    x = Tensor(X)
    assert x.dim() == 2
    assert x.data_sync(True) is None
