"""Parameters written under control flow: same values, outputs and gradients in both modes."""
import numpy as np
import pytest
from tests.graph.cells import CELLS

import mycelium as ms
from mycelium import Tensor
from mycelium.engine.compile import statistics

INPUTS = [np.array([1.0, 2.0], np.float32), np.array([-1.0, -3.0], np.float32), np.array([0.5, 0.25], np.float32)]


@pytest.fixture(autouse=True)
def pynative():
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


def _values(out):
    return [o.asnumpy() for o in (out if isinstance(out, tuple) else (out,))]


def _run(cell_type, x, mode):
    """Outputs and Parameters of two calls, and the gradients of a third."""
    ms.set_context(mode=mode)
    net = cell_type()
    seen = []
    for _ in range(2):
        seen += _values(net(Tensor(x)))
        seen += [p.asnumpy() for p in net.get_parameters()]
    grads = ms.ops.GradOperation(get_all=True, get_by_list=True)(net)(Tensor(x))
    seen += [g.asnumpy() for group in grads for g in group]
    seen += [p.asnumpy() for p in net.get_parameters()]
    return seen


@pytest.mark.parametrize("x", INPUTS, ids=["positive", "negative", "small"])
@pytest.mark.parametrize("cell_type", CELLS, ids=lambda c: c.__name__)
def test_state_equals_pynative(cell_type, x):
    expected = _run(cell_type, x, ms.PYNATIVE_MODE)
    got = _run(cell_type, x, ms.GRAPH_MODE)
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        assert g.dtype == e.dtype
        np.testing.assert_allclose(g, e, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell_type", CELLS, ids=lambda c: c.__name__)
def test_second_call_is_not_traced(cell_type):
    ms.set_context(mode=ms.GRAPH_MODE)
    net = cell_type()
    net(Tensor(INPUTS[0]))
    traces = statistics.traces
    net(Tensor(INPUTS[1]))
    assert statistics.traces == traces
