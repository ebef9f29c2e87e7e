"""Scattering into Parameters and into new Tensors, against NumPy's unbuffered operations."""
import warnings

import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Parameter, Tensor, ops
from mycelium.graph.compiler import GraphFunction

NUMPY = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "max": np.maximum, "min": np.minimum}
X = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.float32)
ROWS = np.array([2, 0, 2])
UPDATES = np.array([[2, 9], [1.5, -3], [4, 0.5]], np.float32)
PLACES = np.array([[2, 1], [0, 0], [2, 1]])
FEW = np.array([2, 9, 4], np.float32)


def _numpy(how, x, indices, updates):
    out = x.copy()
    if how == "update":
        out[indices] = updates
    else:
        NUMPY[how].at(out, indices, updates)
    return out


@pytest.mark.parametrize("how", [*NUMPY, "update"])
@pytest.mark.parametrize("nd", [False, True])
def test_parameters_are_written(how, nd):
    name = f"Scatter{'Nd' if nd else ''}{how.title()}"
    indices, updates = (PLACES, FEW) if nd else (ROWS, UPDATES)
    if how == "update":     # each place once, as nothing says which one wins
        indices, updates = indices[:2], updates[:2]
    want = _numpy(how, X, tuple(PLACES[:len(indices)].T) if nd else indices, updates)
    faces = [getattr(ops, f)() for f in (name,) if hasattr(ops, f)]
    faces += [f for f in [ms.ops.registry.functions.get(f"scatter_{'nd_' if nd else ''}{how}")] if f is not None]
    assert faces
    for face in faces:
        for graph in (False, True):
            p = Parameter(Tensor(X), name="p")
            fn = GraphFunction(lambda i, u, face=face, p=p: face(p, i, u), name) if graph else None
            args = (Tensor(indices), Tensor(updates))
            out = fn(args) if graph else face(p, *args)
            np.testing.assert_allclose(out.asnumpy(), want, 1e-6)
            np.testing.assert_allclose(p.asnumpy(), want, 1e-6)


def _reference(how):
    return lambda x, i, u: _numpy(how, x, tuple(np.moveaxis(i, -1, 0)), u)


CASES = [
    *[Case(getattr(ops, f"TensorScatter{how.title()}")(), [X, PLACES, FEW + 0.25], numpy=_reference(how), label=how)
      for how in NUMPY],
    *[Case(getattr(ops, f"tensor_scatter_{how}"), [X, ROWS[:, None], UPDATES], numpy=_reference(how), grad=1, label=how)
      for how in ("add", "mul", "min")],
    Case(ops.tensor_scatter_mul, [X, PLACES, np.float32([0, 3, 2])], numpy=_reference("mul"), grad=1,
         label="mul by one zero"),
    Case(ops.tensor_scatter_mul, [X, PLACES, np.float32([0, 3, 0])], numpy=_reference("mul"), grad=1,
         label="mul by two zeros"),
    Case(ops.TensorScatterUpdate(), [X, PLACES[:2], FEW[:2]], numpy=_reference("update")),
    Case(ops.tensor_scatter_div, [np.int32([7, -7]), np.array([[0], [1]]), np.int32([2, 2])], expect=np.int32([3, -3])),
    Case(lambda x, i, u: x.scatter_max(i, u), [X, PLACES, FEW], numpy=_reference("max"), grad=0),
    Case(lambda x, i, u: x.scatter_sub(i, u), [X.astype(np.int64), PLACES, FEW.astype(np.int64)],
         numpy=_reference("sub")),
    Case(ops.scatter_nd, [PLACES, FEW, (4, 2)],
         numpy=lambda i, u, s: _numpy("add", np.zeros(s, u.dtype), tuple(i.T), u)),
    Case(ops.ScatterNd(), [np.int32([[1]]), UPDATES[:1].astype(np.int64), (2, 2)], expect=np.array([[0, 0], [2, 9]])),
    Case(ops.scatter_nd, [np.array([[0], [5]]), FEW[:2], (4,)], expect=np.float32([2, 0, 0, 0]), grad=1),
    Case(ops.tensor_scatter_elements, [X, np.array([[0, 1], [1, -1]]), UPDATES[:2], 1],
         numpy=lambda x, *_: np.float32([[2, 9], [3, -3], [5, 6], [7, 8]]), grad=0),
    Case(ops.tensor_scatter_elements, [X, np.array([[3, 1]]), UPDATES[:1], 0, "add"],
         numpy=lambda x, *_: np.float32([[1, 2], [3, 13], [5, 6], [9, 8]])),
    Case(ops.index_fill, [X, 1, np.array([1]), 9.0], numpy=lambda x, *_: np.where([False, True], np.float32(9), x)),
    Case(lambda x, i, v: x.index_fill(0, i, v), [X, np.int32([0, -1]), np.float32(3)],
         expect=np.float32([[3, 3], [3, 4], [5, 6], [3, 3]]), grad=1),
    Case(ops.inplace_update, [X, UPDATES[:2], (0, 3)], numpy=lambda x, u, i: _numpy("update", x, list(i), u)),
    Case(ops.InplaceAdd((0, 0)), [X, UPDATES[:2]], numpy=lambda x, u: _numpy("add", x, [0, 0], u)),
    Case(ops.InplaceSub(1), [X, UPDATES[:1]], numpy=lambda x, u: _numpy("sub", x, [1], u)),
    Case(lambda x, u: x.inplace_update(u, (1,)), [X, UPDATES[:1]],
         numpy=lambda x, u: _numpy("update", x, [1], u), grad=0),
]


def _parameter(x=X):
    return Parameter(Tensor(x), name="p")


REFUSALS = [
    Refusal(lambda i, u: ops.ScatterAdd()(_parameter(), i, u), [ROWS, FEW], ValueError, "should have shape (3, 2)"),
    Refusal(lambda i, u: ops.ScatterAdd()(_parameter(), i, u), [FEW, UPDATES], TypeError, "int32 or int64"),
    Refusal(lambda i, u: ops.ScatterAdd()(_parameter(X.astype(np.int32)), i, u), [ROWS, UPDATES],
            TypeError, "without loss"),
    Refusal(lambda i, u: ops.ScatterAdd()(X, i, u), [ROWS, UPDATES], TypeError, "should be a Parameter"),
    Refusal(lambda i, u: ops.ScatterAdd()(_parameter(), i, u), [ROWS + 2, UPDATES], RuntimeError, "but got 4",
            graph=False),
    Refusal(lambda i, u: ops.ScatterAdd()(_parameter(), i, u), [-ROWS, UPDATES], IndexError, "but got -2", graph=False),
    Refusal(lambda: ops.ScatterUpdate(use_locking=3), [], TypeError, "should be bool"),
    Refusal(lambda i, u: ops.ScatterNdAdd()(_parameter(), i, u), [PLACES, UPDATES], ValueError,
            "should have shape (3,)"),
    Refusal(lambda i, u: ops.ScatterNdAdd()(_parameter(), i, u), [PLACES * 2, FEW], RuntimeError, "axis", graph=False),
    Refusal(ops.tensor_scatter_add, [X, PLACES, FEW.astype(int)], TypeError, "should have one dtype"),
    Refusal(ops.tensor_scatter_add, [X, FEW, FEW], TypeError, "int32 or int64"),
    Refusal(ops.tensor_scatter_add, [X, PLACES, UPDATES], ValueError, "should have shape (3,)"),
    Refusal(ops.tensor_scatter_add, [X, PLACES * 2, FEW], RuntimeError, "[0, 4) for axis 0", graph=False),
    Refusal(ops.scatter_nd, [PLACES, FEW, (0, 2)], ValueError, "positive sizes"),
    Refusal(ops.scatter_nd, [PLACES, FEW, 4], TypeError, "should be tuple"),
    Refusal(ops.scatter_nd, [-PLACES, FEW, (4, 2)], RuntimeError, "but got -2", graph=False),
    Refusal(ops.tensor_scatter_elements, [X, PLACES, FEW], ValueError, "should have one shape"),
    Refusal(ops.tensor_scatter_elements, [X, PLACES, UPDATES, 2], ValueError, "should be in [-2, 2)"),
    Refusal(ops.tensor_scatter_elements, [X, PLACES, UPDATES, 1, "mul"], ValueError, "['none', 'add']"),
    Refusal(ops.index_fill, [X, 1, ROWS, FEW], ValueError, "without axes"),
    Refusal(ops.InplaceUpdate((0, 9)), [X, UPDATES[:2]], ValueError, "should be in [0, 4)"),
    Refusal(ops.InplaceUpdate((0, 1)), [X, UPDATES], ValueError, "'v' should have shape (2, 2)"),
    Refusal(ops.InplaceAdd(0), [X, UPDATES[:1].astype(int)], TypeError, "should have one dtype"),
    Refusal(lambda: ops.InplaceSub(1.0), [], TypeError, "should be int or tuple"),
    Refusal(lambda y: ops.index_add(_parameter(), Tensor([0, 1]), y, 0), [UPDATES], ValueError, "'y' shape (2, 2)"),
    Refusal(lambda y: ops.index_add(_parameter(), Tensor([0.0]), y, 0), [UPDATES], TypeError, "int32 or int64"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_index_add_writes_the_parameter():
    for face in (lambda p, *a: ops.index_add(p, *a, 1), ops.IndexAdd(1)):
        p = _parameter()
        out = face(p, Tensor([1, 1], ms.int32), Tensor(np.ones((4, 2), np.float32)))
        np.testing.assert_array_equal(p.asnumpy(), X + [0, 2])
        np.testing.assert_array_equal(out.asnumpy(), p.asnumpy())


def test_an_integer_update_goes_into_a_float_parameter():
    p = _parameter()
    ops.ScatterAdd()(p, Tensor([0]), Tensor([[1, 2]]))
    assert p.asnumpy()[0].tolist() == [2, 4] and p.dtype == ms.float32


def test_a_plain_tensor_can_be_scattered_into_and_is_whole_after_a_trace():
    x = Tensor(X)
    ops.ScatterAdd()(x, Tensor([0]), Tensor(UPDATES[:1]))
    assert x.asnumpy()[0].tolist() == [3, 11]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GraphFunction(lambda i: ops.ScatterAdd()(x, i, Tensor(UPDATES[:1])) + x, "scatter")((Tensor([0]),))
    assert x.asnumpy()[0].tolist() == [3, 11]


def test_a_compiled_program_drops_what_is_out_of_range():
    p = _parameter()
    GraphFunction(lambda i: ops.scatter_add(p, i, Tensor(UPDATES[:2])), "scatter")((Tensor([9, -1]),))
    np.testing.assert_array_equal(p.asnumpy(), X)
