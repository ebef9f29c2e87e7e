import numpy as np
import pytest
from tests.graph.programs import PROGRAMS

import mycelium as ms
from mycelium import Tensor
from mycelium.engine.compile import statistics

CASES = [pytest.param(fn, case, grad, id=f"{fn.__name__}-{i}") for fn, cases, grad in PROGRAMS
         for i, case in enumerate(cases)]


@pytest.fixture(autouse=True)
def pynative():
    ms.set_context(mode=ms.PYNATIVE_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


def _tensors(case):
    return [Tensor(v) if isinstance(v, (np.ndarray, np.generic)) else v for v in case]


def _arrays(value):
    return [np.asarray(v.asnumpy() if isinstance(v, Tensor) else v) for v in
            (value if isinstance(value, (tuple, list)) else [value])]


def _same(got, expected):
    got, expected = _arrays(got), _arrays(expected)
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        assert g.shape == e.shape
        np.testing.assert_allclose(g, e, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("fn, case, grad", CASES)
def test_graph_equals_pynative(fn, case, grad):
    compiled = ms.ms_function(fn)
    _same(compiled(*_tensors(case)), fn(*_tensors(case)))
    traces = statistics.traces
    _same(compiled(*_tensors(case)), fn(*_tensors(case)))
    assert statistics.traces == traces, "the second call was traced again"


def test_numbers_from_branches_promote_like_numbers():
    def scaled(x):
        if x.sum() > 0:
            f, k = 0.5, 2
        else:
            f, k = 3.0, 3
        return x * f, x * k, f, k

    for dtype in ("float16", "float32", "int8"):
        halves, times, f, k = ms.ms_function(scaled)(Tensor(np.array([2, 4], dtype)))
        assert str(halves.dtype).lower() == ("float32" if dtype == "int8" else dtype)
        assert str(times.dtype).lower() == dtype
        assert (f.dtype, k.dtype) == (ms.float32, ms.int64)
        assert halves.asnumpy().tolist() == [1, 2] and times.asnumpy().tolist() == [4, 8]


@pytest.mark.parametrize("fn, case, grad", [c for c in CASES if c.values[2]])
def test_gradients_equal_pynative(fn, case, grad):
    floats = tuple(i for i, v in enumerate(case) if np.asarray(v).dtype == np.float32)
    expected = ms.grad(fn, floats)(*_tensors(case))
    got = ms.ms_function(lambda *args: ms.grad(fn, floats)(*args))(*_tensors(case))
    _same(got, expected)
