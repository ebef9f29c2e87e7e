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


class _Restarts(ms.nn.Cell):
    """A counter as mindcv's gradient accumulation has it: a Parameter that is given a Python number."""

    def __init__(self, number, dtype):
        super().__init__()
        self.count = ms.Parameter(Tensor(0, dtype), name="count", requires_grad=False)
        self.number = number

    def construct(self, x):
        self.count += 1
        if self.count >= 3:
            self.count = self.number
            x = x * 10
        return x


@pytest.mark.parametrize(("number", "dtype", "seen"), [
    (0, ms.int32, [(2, 1), (2, 2), (20, 0), (2, 1)]),
    (2.5, ms.float32, [(2, 1), (2, 2), (20, 2.5), (20, 2.5)]),
    (True, ms.int32, [(2, 1), (2, 2), (20, 1), (2, 2)]),
])
def test_a_parameter_is_given_a_number(number, dtype, seen):
    """What MindSpore 1.8.1 and 2.0.0 answer: GRAPH_MODE takes it as an assignment, PYNATIVE_MODE refuses it."""
    ms.set_context(mode=ms.GRAPH_MODE)
    net = _Restarts(number, dtype)
    assert [(float(net(Tensor(2.0)).asnumpy()), float(net.count.asnumpy())) for _ in seen] == seen
    assert net.count.dtype == dtype
    ms.set_context(mode=ms.PYNATIVE_MODE)
    net.count.set_data(Tensor(2, dtype))
    with pytest.raises(TypeError, match="the type of count must be Parameter or ParameterTuple, but got"):
        net(Tensor(2.0))


def test_a_parameter_is_not_given_a_number_of_another_kind():
    ms.set_context(mode=ms.GRAPH_MODE)
    with pytest.raises(RuntimeError, match=r"(?s)Int32.*self.count = self.number"):
        _Restarts(1.5, ms.int32)(Tensor(2.0))


class _Written(ms.nn.Cell):
    def __init__(self, write, value, dtype):
        super().__init__()
        self.p = ms.Parameter(Tensor(5, dtype), name="p")
        self.write, self.value = write, value

    def construct(self):
        return self.write(self.p, self.value)


@pytest.mark.parametrize("mode", [ms.GRAPH_MODE, ms.PYNATIVE_MODE], ids=["graph", "pynative"])
@pytest.mark.parametrize(("value", "dtype", "assigned", "added"), [
    (True, ms.int32, 1, 6), (1, ms.float32, 1, 6), (300, ms.int8, 44, 49), (1.5, ms.float16, 1.5, 6.5),
    (1.5, ms.int32, None, None), (Tensor(1.5), ms.int32, None, None), (2, ms.bool_, None, None),
    (Tensor(1, ms.int64), ms.int32, None, None), (Tensor(1.0, ms.float64), ms.float32, None, None),
], ids=str)
def test_what_may_be_written_into_a_parameter(value, dtype, assigned, added, mode):
    """As MindSpore 1.8.1 answers; None where it refuses."""
    ms.set_context(mode=mode)
    for write, wanted in ((ms.ops.assign, assigned), (ms.ops.assign_add, added)):
        net = _Written(write, value, dtype)
        if wanted is None:
            with pytest.raises(RuntimeError, match="without loss"):
                net()
            wanted = 5 if dtype != ms.bool_ else True
        else:
            net()
        assert net.p.asnumpy() == wanted and net.p.dtype == dtype
