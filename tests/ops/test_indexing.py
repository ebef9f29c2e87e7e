"""Indexing against NumPy over a generated table of index expressions, reading and writing, in both modes."""
import itertools

import jax
import numpy as np
import pytest
from tests.ops.harness import gradients, graph_gradients

import mycelium as ms
from mycelium import Parameter, Tensor, ops
from mycelium.engine.compile import statistics
from mycelium.graph.compiler import GraphFunction
from mycelium.ops import indexing

SHAPE = (4, 3, 5)
X = np.arange(60, dtype=np.float32).reshape(SHAPE) + 1
T1 = np.array([2, 0, -1])
T2 = np.array([[0, 1], [2, -2]])
T0 = np.array(1)

INTS = [0, -1, 2]
SLICES = [slice(None), slice(1, 3), slice(-2, None), slice(None, None, -1), slice(2, 0, -1), slice(0, 9, 2),
          slice(2, 1)]
MARKS = [None, True, Ellipsis]
ARRAYS = [T1, T2, T0, [0, 2], [-1, 1, 0]]


def _table() -> list:
    """Index expressions of one to four parts that NumPy takes and reads as MindSpore does."""
    rng = np.random.default_rng(3)
    parts = [*INTS, *SLICES, *MARKS, *ARRAYS]
    found = [(p,) for p in parts] + [()]
    for count in (2, 3, 4):
        products = [tuple(p) for p in itertools.product(parts, repeat=count)] if count < 3 else \
            [tuple(parts[i] for i in rng.integers(0, len(parts), count)) for _ in range(250)]
        for index in products:
            has_array = any(isinstance(p, (list, np.ndarray)) for p in index)
            marks = sum(p is True or p is None for p in index)
            if sum(p is Ellipsis for p in index) > 1 or marks > 2 or has_array and any(p is True for p in index):
                continue
            found.append(index)
    rng.shuffle(head := found[len(parts) + 1:])
    return found[:len(parts) + 1] + head[:140]


def _outcome(index: tuple):
    try:
        return np.array(X[_numpy(index)])
    except IndexError:
        return None


def _numpy(index: tuple) -> tuple:
    return tuple(None if p is True else p for p in index)


def _tensors(index):
    if isinstance(index, tuple):
        return tuple(map(_tensors, index))
    return Tensor(index) if isinstance(index, np.ndarray) else index


TABLE = [(i, _outcome(i)) for i in _table()]
GOOD = [(i, v) for i, v in TABLE if v is not None]
BAD = [i for i, v in TABLE if v is None]


def test_the_table_is_large_enough():
    assert len(GOOD) + len(BAD) > 150 and len(BAD) > 20


def test_get_in_pynative():
    x = Tensor(X)
    for index, want in GOOD:
        got = x[_tensors(index)]
        assert got.shape == want.shape and got.dtype == ms.float32, index
        np.testing.assert_array_equal(got.asnumpy(), want, err_msg=str(index))


def test_get_in_graph():
    def run(x):
        return tuple(x[_tensors(index)] for index, _ in GOOD)

    graph = GraphFunction(run, "run")
    for got, (index, want) in zip(graph((Tensor(X),)), GOOD, strict=True):
        assert got.shape == want.shape, index
        np.testing.assert_array_equal(got.asnumpy(), want, err_msg=str(index))


def test_index_tensors_may_be_computed_in_the_graph():
    def run(x, t, s):
        return x[t + 1], x[:, s - 1], x[s, 1:, t]

    outs = GraphFunction(run, "run")((Tensor(X), Tensor([0, 2]), Tensor(1)))
    for got, want in zip(outs, (X[[1, 3]], X[:, 0], X[1, 1:, [0, 2]]), strict=True):
        np.testing.assert_array_equal(got.asnumpy(), want)


def test_a_computed_mask_in_the_graph_runs_op_by_op_with_one_notice():
    with pytest.warns(UserWarning, match="bool Tensor"):
        out = GraphFunction(lambda x, s: x[x > s], "run")((Tensor(X), Tensor(50.0)))
    np.testing.assert_array_equal(out.asnumpy(), X[X > 50])


def test_refused_positions():
    x = Tensor(X)
    for index in BAD:
        with pytest.raises((IndexError, ValueError)):
            x[_tensors(index)]
        with pytest.raises((IndexError, ValueError)):
            x[_tensors(index)] = 1


def _unique(index: tuple) -> bool:
    """Whether no element is addressed twice."""
    places = np.arange(X.size).reshape(SHAPE)[_numpy(index)]
    return np.unique(places).size == places.size


def _values(want: np.ndarray) -> list:
    """What to assign: a number, one number per last element, everything."""
    rng = np.random.default_rng(want.size)
    return [7.5, rng.standard_normal(want.shape[-1:]), rng.standard_normal(want.shape)]


SETS = [(i, _values(want)[n % 3]) for n, (i, want) in enumerate(g for g in GOOD[::2] if _unique(g[0]))]


def test_set_in_pynative():
    for index, value in SETS:
        x, want = Tensor(X), X.copy()
        x[_tensors(index)] = value if isinstance(value, float) else Tensor(value)
        want[_numpy(index)] = value
        assert x.dtype == ms.float32
        np.testing.assert_array_equal(x.asnumpy(), want, err_msg=str(index))


def test_set_in_graph():
    def run(x):
        outs = []
        for index, value in SETS:
            y = x + 0
            y[_tensors(index)] = value if isinstance(value, float) else Tensor(value)
            outs.append(y)
        return tuple(outs)

    x = Tensor(X)
    for got, (index, value) in zip(GraphFunction(run, "run")((x,)), SETS, strict=True):
        want = X.copy()
        want[_numpy(index)] = value
        np.testing.assert_array_equal(got.asnumpy(), want, err_msg=str(index))
    np.testing.assert_array_equal(x.asnumpy(), X)


def test_gradients_of_get():
    x = X.astype(np.float64)
    some = GOOD[::8]
    weights = [np.random.default_rng(n).standard_normal(want.shape) for n, (_, want) in enumerate(some)]
    wanted = np.zeros(SHAPE)
    for (index, _), w in zip(some, weights, strict=True):
        np.add.at(wanted, _numpy(index), w)

    def run(t):
        return [t[_tensors(index)] for index, _ in some]

    _, (got,) = gradients(run, [x], [jax.numpy.asarray(w) for w in weights])
    np.testing.assert_allclose(got, wanted, 1e-12, 1e-12)
    got, = graph_gradients(run, [x], [jax.numpy.asarray(w) for w in weights])
    np.testing.assert_allclose(got, wanted, 1e-12, 1e-12)


def test_gradients_of_set():
    """The part that is overwritten loses its gradient to the value."""
    x = X.astype(np.float64)
    some = SETS[::6]

    def run(t, v):
        outs = []
        for index, value in some:
            y = t * 1
            y[_tensors(index)] = ops.broadcast_to(v, np.shape(value))
            outs.append(y)
        return outs

    cts = [np.random.default_rng(n).standard_normal(SHAPE) for n in range(len(some))]
    wanted, wanted_v = np.zeros(SHAPE), 0.0
    for (index, _), ct in zip(some, cts, strict=True):
        left = ct.copy()
        left[_numpy(index)] = 0
        wanted += left
        wanted_v += ct[_numpy(index)].sum()
    for got, got_v in (gradients(run, [x, np.array(3.0)], list(map(jax.numpy.asarray, cts)))[1],
                       graph_gradients(run, [x, np.array(3.0)], list(map(jax.numpy.asarray, cts)))):
        np.testing.assert_allclose(got, wanted, 1e-12, 1e-12)
        np.testing.assert_allclose(got_v, wanted_v, 1e-10)


# ***** masks *****

MASK = X % 3 == 0
ROWS = np.array([True, False, True, False])


def test_bool_tensors_read():
    x = Tensor(X)
    for index in (MASK, ROWS, (ROWS, 0), (slice(None), np.array([True, False, True])), (Ellipsis, X[0, 0] > 2),
                  (0, MASK[0]), ROWS & False):
        np.testing.assert_array_equal(x[_tensors(index)].asnumpy(), X[index])
    assert x[[True, False, True, True]].shape == (3, 3, 5)
    _, (got,) = gradients(lambda t: t[Tensor(MASK)] * t[Tensor(MASK)], [X.astype(np.float64)])
    np.testing.assert_allclose(got, 2 * X * MASK)


@pytest.mark.parametrize("mask, value", [
    (MASK, 2.5), (MASK, np.float32([4.0])), (MASK, np.arange(20, dtype=np.float32)), (ROWS, 1.0),
    (ROWS, np.arange(5, dtype=np.float32)), (ROWS, np.arange(30, dtype=np.float32).reshape(2, 3, 5)),
    (ROWS, np.ones((1, 3, 5), np.float32)), (ROWS, np.ones((2, 1, 5), np.float32)), (ROWS & False, 1.0)])
def test_bool_tensors_written(mask, value):
    """Also compiled whole: no warning."""
    def run(x, m, *v):
        y = x + 0
        y[m] = v[0] if v else value
        return y

    want = X.copy()
    want[mask] = value
    args = (Tensor(X), Tensor(mask), *([] if isinstance(value, float) else [Tensor(value)]))
    np.testing.assert_array_equal(run(*args).asnumpy(), want)
    np.testing.assert_array_equal(GraphFunction(run, "run")(args).asnumpy(), want)
    if not isinstance(value, float):
        _, got = gradients(lambda x, v: run(x, Tensor(mask), v), [X.astype(np.float64), value.astype(np.float64)])
        np.testing.assert_array_equal(got[0], np.where(np.broadcast_to((want != X) | (want == X) & np.isin(
            np.arange(60).reshape(SHAPE), np.arange(60).reshape(SHAPE)[mask]), SHAPE), 0, 1))
        np.testing.assert_allclose(np.sum(got[1]), np.arange(60).reshape(SHAPE)[mask].size)


def test_mask_mixed_with_others_written():
    x, want = Tensor(X), X.copy()
    x[Tensor(ROWS), 0] = -1
    want[ROWS, 0] = -1
    x[:, Tensor([True, False, True])] = 3
    want[:, [True, False, True]] = 3
    np.testing.assert_array_equal(x.asnumpy(), want)


# ***** what MindSpore does its own way *****


def test_out_of_range_tensor_reads_zero_and_is_refused_in_writing():
    x = Tensor(X)
    assert not x[Tensor(9)].asnumpy().any()
    np.testing.assert_array_equal(x[Tensor([0, 9])].asnumpy()[1], 0)
    with pytest.raises(IndexError, match="index 9 is out of bounds for dimension 0 with size 4"):
        x[Tensor([0, 9])] = 1
    np.testing.assert_array_equal(x.asnumpy(), X)


def test_a_list_of_lists_is_a_tuple():
    x = Tensor(X)
    np.testing.assert_array_equal(x[[[0, 1], [1, 0]]].asnumpy(), X[[0, 1], [1, 0]])
    np.testing.assert_array_equal(x[[Tensor(1), 0]].asnumpy(), X[1, 0])


def test_slice_bounds_may_be_tensors():
    x, one = Tensor(X), Tensor(1)
    np.testing.assert_array_equal(x[one:, :Tensor(2)].asnumpy(), X[1:, :2])
    x[one:] = 0
    assert x.asnumpy()[1:].sum() == 0


def test_writing_into_a_part_writes_into_the_whole():
    x = Tensor(X)
    x[0][1] = 9
    assert (x.asnumpy()[0, 1] == 9).all()
    x[1:][0][2][3] = -5
    assert x.asnumpy()[1, 2, 3] == -5
    part = x[2]
    part[0] = 4
    part[1] = 6
    assert (x.asnumpy()[2, 0] == 4).all() and (x.asnumpy()[2, 1] == 6).all()
    x[0] += 1
    assert (x.asnumpy()[0, 1] == 10).all()


def test_dtype_of_the_target_stays():
    for dtype, value, want in ((ms.int64, 5.7, 5), (ms.int32, Tensor(5.7), 5), (ms.bool_, 3, True), (ms.float16, 2, 2),
                               (ms.bool_, 0.5, True), (ms.float64, True, 1)):
        x = Tensor([1, 0, 1], dtype)
        x[0] = value
        assert x.dtype == dtype and x.asnumpy()[0] == want
        x[Tensor([1, 2])] = value
        assert x.dtype == dtype and x.asnumpy()[2] == want
        x[Tensor([True, False, True])] = value
        assert x.dtype == dtype


def test_values_of_every_kind():
    for value in ((1, 2, 3, 4, 5), [1.5, 2, 3, 4, 5], [Tensor(1.0)] * 5, Tensor([[1], [2], [3]]), Tensor(7.0), [[1]]):
        x, want = Tensor(X), X.copy()
        x[0] = value
        want[0] = [v.asnumpy() for v in value] if isinstance(value, list) and isinstance(value[0], Tensor) else \
            value.asnumpy() if isinstance(value, Tensor) else value
        np.testing.assert_array_equal(x.asnumpy(), want)


def test_parameters_are_written_in_place():
    p = Parameter(Tensor([1.0, 2.0, 3.0]), name="p")
    p[0] = 9
    p[Tensor([2])] = 4
    assert isinstance(p, Parameter) and p.asnumpy().tolist() == [9, 2, 4]

    def run(v):
        p[1] = v
        p[2:] = v * 2
        return p[1] + p[2]

    assert GraphFunction(run, "run")((Tensor(5.0),)).asnumpy() == 15
    assert p.asnumpy().tolist() == [9, 5, 10]


def test_a_captured_tensor_is_whole_again_after_the_trace():
    x = Tensor([1.0, 2.0])

    def run(v):
        x[0] = v
        return x.sum() if hasattr(x, "sum") else x[0] + x[1]

    assert GraphFunction(run, "run")((Tensor(5.0),)).asnumpy() == 7
    assert x.asnumpy().tolist() == [1, 2]


def test_positions_that_change_compile_nothing():
    x = Tensor(X)
    before = [x[0], x[1:2], x[0, 1:3], x[0, 0, 0]]
    x[0] = 1
    x[0:2, 1] = 2
    count = [k.run._cache_size() for k in (*indexing._GET.values(), *indexing._SET.values())]
    for i in range(1, 4):
        assert x[i].shape == before[0].shape and x[i - 1:i].shape == before[1].shape
        assert x[-i, i % 2:i % 2 + 2].shape == (2, 5) and x[i, 0, i].shape == ()
        x[i] = i + 0.5
        x[i - 1:i + 1, 2] = 2
    assert count == [k.run._cache_size() for k in (*indexing._GET.values(), *indexing._SET.values())]


def test_loop_over_a_tensor_in_graph_is_one_trace():
    graph = GraphFunction(lambda x: sum((row for row in x), start=Tensor(0.0)), "rows")
    traces = statistics.traces
    for _ in range(2):
        np.testing.assert_array_equal(graph((Tensor(X),)).asnumpy(), X.sum(0))
    assert statistics.traces == traces + 1


@pytest.mark.parametrize("index, error, text", [
    (4, IndexError, "index 4 is out of bounds for dimension 0 with size 4"),
    (-5, IndexError, "index -5 is out of bounds"),
    ((0, 5), IndexError, "index 5 is out of bounds for dimension 1 with size 3"),
    ((0, 0, 0, 0), IndexError, "Too many indices"),
    ([0, 4], IndexError, "index 4 is out of bounds"),
    ((Ellipsis, Ellipsis), IndexError, "single ellipsis"),
    ((Ellipsis, Tensor([0]), Ellipsis), IndexError, "single ellipsis"),
    ((False, 0), IndexError, "should be True"),
    ([True, False], IndexError, "does not fit"),
    (Tensor([True, False]), IndexError, "does not fit"),
    (Tensor([1.0]), IndexError, "int or bool dtype, but got Float32"),
    (1.0, IndexError, "can be indexed by integers"),
    ("a", IndexError, "can be indexed by integers"),
    (np.array([0, 1]), IndexError, "Tensor(array)"),
    (slice(None, None, 0), ValueError, "step of a slice"),
    (slice(1.0, None), TypeError, "bounds of a slice"),
    ([0.5], TypeError, "should be int or bool"),
])
def test_refusals(index, error, text):
    x = Tensor(X)
    with pytest.raises(error, match=None) as caught:
        x[index]
    assert text in str(caught.value)
    with pytest.raises(error) as caught:
        x[index] = 1
    with pytest.raises(error) as caught:
        GraphFunction(lambda t: t[index], "get")((x,))
    assert text in str(caught.value)
    np.testing.assert_array_equal(x.asnumpy(), X)


@pytest.mark.parametrize("index, value, text", [
    (0, Tensor([1, 2, 3]), "should broadcast"), (0, [1, 2, 3], "should broadcast"), (0, "a", "should be a number"),
    (0, None, "should be a number"), (0, np.ones(4), "should be a number"),
    (Tensor([0, 1]), Tensor([1, 2]), "broadcast"),
    (Tensor(MASK), Tensor([1, 2]), "selects 20 elements"), (slice(0, 3, 2), Tensor([1, 2]), "should broadcast")])
def test_refused_values(index, value, text):
    x = Tensor(X)
    with pytest.raises(ValueError) as caught:
        x[index] = value
    assert text in str(caught.value)
    np.testing.assert_array_equal(x.asnumpy(), X)


def test_scalars():
    z = Tensor(3.5)
    assert z[...].shape == () and z[None].shape == (1,) and z[()].shape == () and z[True].shape == (1,)
    with pytest.raises(ValueError, match="without dimensions"):
        z[0]
    z[...] = 2
    assert z.asnumpy() == 2
