"""Programs: what is compiled once, what compiles again, what is written back, and what survives."""
from __future__ import annotations

import signal

import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops
from mycelium.engine.compile import statistics

X = np.array([1.0, 2.0, 3.0], np.float32)


class Scale(nn.Cell):
    """x * w * factor; adds up how often it ran."""

    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor(X))
        self.total = Parameter(Tensor(np.zeros(3, np.float32)), requires_grad=False)
        self.factor = 2

    def construct(self, x, extra=1.0):
        self.total = self.total + x
        return x * self.w * self.factor * extra


class Plain(Scale):
    """x * w * factor."""

    def construct(self, x, extra=1.0):
        return x * self.w * self.factor * extra


def traces_of(fn) -> int:
    before = statistics.traces
    fn()
    return statistics.traces - before


@pytest.mark.filterwarnings("ignore:.*was compiled 8 times")      # on purpose
def test_only_what_changes_the_program_compiles_again():
    net = Plain()
    x = Tensor(X)
    assert traces_of(lambda: net(x)) == 1
    for again in (lambda: net(x), lambda: net(Tensor(X * 5)), lambda: (net.w.set_data(Tensor(X)), net(x))):
        assert traces_of(again) == 0
    assert traces_of(lambda: net(Tensor(X.reshape(1, 3)))) == 1, "a new shape"
    assert traces_of(lambda: net(Tensor(X.astype(np.float16)))) == 1, "a new dtype"
    assert traces_of(lambda: net(x, 3.0)) == 1, "a new constant"
    assert traces_of(lambda: net(x, 3.0)) == 0
    assert traces_of(lambda: net(x, 3)) == 1, "3 and 3.0 are different constants"
    net.factor = 5
    np.testing.assert_allclose(net(x).asnumpy(), X * X * 5)
    assert traces_of(lambda: setattr(net, "factor", 2) or net(x)) == 0, "a setting seen before"
    assert traces_of(lambda: net.set_train()(x)) == 1, "training is a setting"
    net.w.requires_grad = False
    assert traces_of(lambda: net(x)) == 1, "requires_grad is a setting"


def test_writes_are_seen_after_each_call():
    net = Scale()
    for i in range(1, 4):
        net(Tensor(X))
        np.testing.assert_allclose(net.total.asnumpy(), i * X)


def test_asnumpy_is_a_writable_copy_that_later_steps_leave_alone():
    net = Scale()
    net(Tensor(X))
    host, value = net.total.asnumpy(), net.total.value()
    net(Tensor(X))
    net(Tensor(X))
    np.testing.assert_allclose(host, X)
    np.testing.assert_allclose(value.asnumpy(), X), "a Tensor that shared the Parameter's memory keeps its values"
    host[:] = 0
    np.testing.assert_allclose(net.total.asnumpy(), 3 * X)


def test_parameters_are_found_wherever_they_are():
    outside = Parameter(Tensor(X), name="outside", requires_grad=False)
    net = Scale()

    @ms.ms_function
    def step(x):
        ops.assign(outside, outside + x)
        return net(x) + outside

    np.testing.assert_allclose(step(Tensor(X)).asnumpy(), 2 * X * X + 2 * X)
    np.testing.assert_allclose(step(Tensor(X)).asnumpy(), 2 * X * X + 3 * X)
    assert traces_of(lambda: step(Tensor(X))) == 0
    net.factor = 1
    np.testing.assert_allclose(step(Tensor(X)).asnumpy(), X * X + 5 * X)


def test_two_parameters_made_from_one_tensor_stay_apart():
    source = Tensor(X)
    a, b = Parameter(source, name="a"), Parameter(source, name="b")

    @ms.ms_function
    def step(x):
        ops.assign(a, a + x)
        return a - b

    step(Tensor(X))
    np.testing.assert_allclose(step(Tensor(X)).asnumpy(), 2 * X)
    np.testing.assert_allclose(b.asnumpy(), X)


def test_large_constants_are_inputs_of_the_program():
    table = Tensor(np.arange(1000, dtype=np.float32))

    @ms.ms_function
    def f(x):
        return table * x

    np.testing.assert_allclose(f(Tensor(2.0)).asnumpy(), 2 * np.arange(1000))


def test_random_numbers_differ_at_each_call_and_repeat_after_the_same_seed(mode):
    class Noise(nn.Cell):
        def construct(self, x):
            return x + ops.standard_normal((3,)), ops.standard_normal((3,))

    net = Noise()
    ms.set_seed(7)
    a, b = net(Tensor(np.zeros(3, np.float32)))
    c, _ = net(Tensor(np.zeros(3, np.float32)))
    assert not np.allclose(a.asnumpy(), b.asnumpy()) and not np.allclose(a.asnumpy(), c.asnumpy())
    ms.set_seed(7)
    np.testing.assert_array_equal(net(Tensor(np.zeros(3, np.float32)))[0].asnumpy(), a.asnumpy())


def test_an_interrupt_in_the_middle_of_a_step_loses_nothing(monkeypatch):
    net = Scale()
    net(Tensor(X))
    program = net._graph.program((Tensor(X),), {}, [])
    run = program._run

    def interrupted(*args):
        outs = run(*args)
        signal.raise_signal(signal.SIGINT)      # between the run, which has taken the memory, and the write-back
        return outs

    monkeypatch.setattr(program, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        net(Tensor(X))
    np.testing.assert_allclose(net.total.asnumpy(), 2 * X)
    monkeypatch.setattr(program, "_run", run)
    net(Tensor(X))
    np.testing.assert_allclose(net.total.asnumpy(), 3 * X)


def test_several_steps_in_one_call_equal_single_steps():
    one, many = Scale(), Scale()
    xs = np.stack([X, 2 * X, 3 * X])
    singles = [one(Tensor(x)).asnumpy() for x in xs]
    program = many._graph.program((Tensor(X),), {}, []) if many._graph else None
    if program is None:
        many.compile(Tensor(X))
        program = many._graph.program((Tensor(X),), {}, [])
    outs = program.run_steps(3, [Tensor(xs)._data])
    np.testing.assert_allclose(np.asarray(outs[0]), np.stack(singles))
    np.testing.assert_allclose(many.total.asnumpy(), one.total.asnumpy())


def test_an_exception_while_tracing_leaves_no_trace_behind():
    class Broken(nn.Cell):
        def __init__(self):
            super().__init__()
            self.p = Parameter(Tensor(X))
            self.fail = True

        def construct(self, x):
            self.p = self.p + x
            if self.fail:
                raise ValueError("on purpose")
            return self.p * 1.0

    net = Broken()
    with pytest.raises(ValueError, match="on purpose"):
        net(Tensor(X))
    np.testing.assert_allclose(net.p.asnumpy(), X)
    net.fail = False
    np.testing.assert_allclose(net(Tensor(X)).asnumpy(), 2 * X)


def test_item_assignment_inside_a_graph_does_not_leak():
    buffer = Tensor(np.zeros(3, np.float32))

    class Writer(nn.Cell):
        def construct(self, x):
            buffer[0] = x[0]
            return buffer + x

    np.testing.assert_allclose(Writer()(Tensor(X)).asnumpy(), [2, 2, 3])
    np.testing.assert_allclose(buffer.asnumpy(), 0)


@pytest.mark.parametrize("argument, text", [
    (X, r"takes Tensors, but got ndarray\(shape=\(3,\)"),
    (object(), "Pass its parts, keep it as an attribute of the Cell, or use PYNATIVE_MODE"),
])
def test_arguments_a_program_cannot_take(argument, text):
    with pytest.raises(TypeError, match=text):
        Scale()(argument)


def test_structures_go_in_and_come_out():
    class Net(nn.Cell):
        def construct(self, pair, table, flag):
            return [pair[0] + pair[1][0], {"sum": table["a"] + 1, "flag": flag, "none": None}]

    out = Net()((Tensor(1.0), [Tensor(2.0)]), {"a": Tensor(3.0)}, True)
    assert isinstance(out, tuple) and float(out[0]) == 3.0
    assert float(out[1]["sum"]) == 4.0 and out[1]["flag"] is True and out[1]["none"] is None
