"""Side effects in program order: printing at run time, random draws, and what tracing must not repeat."""
import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn, ops
from mycelium.engine.compile import statistics

TRACED = []


@pytest.fixture(autouse=True)
def graph_mode():
    ms.set_context(mode=ms.GRAPH_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


def prints(x):
    print("start", x, [x, {"a": 1}], sep="|")
    while x < 5:
        print("step", x)
        x = x * 2
    if x > 6:
        print("large")
    else:
        print("small", end="!\n")
    return x


def _shown(fn, x, capsys):
    fn(Tensor(np.float32(x))).asnumpy()
    return capsys.readouterr().out


@pytest.mark.parametrize("x", [1.0, 4.0, 7.0])
def test_print_runs_with_the_program(x, capsys):
    expected = _shown(prints, x, capsys)
    compiled = ms.ms_function(prints)
    assert _shown(compiled, x, capsys) == expected
    assert _shown(compiled, x, capsys) == expected, "printed at each call"
    assert _shown(compiled, x + 1, capsys) == _shown(prints, x + 1, capsys)


def test_gradient_prints_once(capsys):
    expected = _shown(prints, 1.0, capsys)
    gradient = ms.ms_function(lambda x: ms.grad(prints)(x))
    assert _shown(gradient, 1.0, capsys) == expected


class Draws(nn.Cell):
    def construct(self, x):
        total, count = x * 0, 0
        while count < 3:
            noise = ops.standard_normal((2,))
            if noise.sum() > 100:
                noise = noise + ops.standard_normal((2,))
            total = total * 10 + noise.sum()
            count = count + 1
        return total, ops.standard_normal((2,)), ops.standard_normal((2,))


def test_draws_in_loops_differ():
    net = Draws()
    x = Tensor(np.float32(0))
    ms.set_seed(3)
    first = [v.asnumpy() for v in net(x)]
    second = [v.asnumpy() for v in net(x)]
    assert not np.allclose(first[1], first[2]) and not np.allclose(first[0], second[0])
    ms.set_seed(3)
    again = [v.asnumpy() for v in net(x)]
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    ms.set_context(mode=ms.PYNATIVE_MODE)
    ms.set_seed(3)
    for a, b in zip(first, net(x), strict=True):
        np.testing.assert_allclose(a, b.asnumpy(), rtol=1e-5)


class Deep(nn.Cell):
    def __init__(self):
        super().__init__()
        self.p = ms.Parameter(Tensor(np.float32(1)), name="p")

    def construct(self, x):
        a = 0
        while x < 5:
            b = 0
            while x < 4:
                c = 0
                while x < 3:
                    d = 0
                    while x < 2:
                        TRACED.append(len(TRACED))
                        self.p = self.p + x
                        x = x + 0.5
                        d = d + 0.25
                    x = x + d + 0.5
                    c = c + d
                x = x + c + 0.5
                b = b + c
            x = x + b + 0.5
            a = a + b
        return x + a


def test_nested_loops_are_traced_few_times():
    TRACED.clear()
    net = Deep()
    got = net(Tensor(np.float32(0.5))).asnumpy()
    assert len(TRACED) <= 12, "the innermost body is traced once per loop around it and once more, not 2^depth times"
    traces = statistics.traces
    net(Tensor(np.float32(0.25)))
    assert statistics.traces == traces
    ms.set_context(mode=ms.PYNATIVE_MODE)
    np.testing.assert_allclose(Deep()(Tensor(np.float32(0.5))).asnumpy(), got)


def test_nested_branches_are_traced_once():
    def nest(x):
        if x > 1:
            if x > 2:
                if x > 3:
                    if x > 4:
                        TRACED.append(0)
                        return x * 2
                    x = x + 1
                x = x + 1
            x = x + 1
        return x

    TRACED.clear()
    compiled = ms.ms_function(nest)
    for value in (0.5, 1.5, 2.5, 3.5, 4.5):
        assert float(compiled(Tensor(np.float32(value)))) == float(nest(Tensor(np.float32(value)))), value
    assert TRACED.count(0) == 2     # one trace, and one eager run


def test_forward_mode_through_a_loop():
    def power(x):
        y = x
        while y < 20:
            y = y * x
        return y

    x, v = Tensor(np.float32(3)), Tensor(np.float32(1))
    value, tangent = ms.ms_function(lambda x, v: ms.jvp(power, x, v))(x, v)
    assert (float(value), float(tangent)) == (27, 27)


class Guarded(nn.Cell):
    """Counts its calls and refuses negative sums."""

    def __init__(self):
        super().__init__()
        self.calls = ms.Parameter(Tensor(0.0), name="calls")
        self.guard = ops.Assert()

    def construct(self, x):
        self.calls += 1
        while x.sum() < 3:
            self.guard(x.sum() > 0, [x, self.calls])
            x = x * 2
        return x * self.calls


@pytest.mark.parametrize("use", ["call", "gradient", "compiled_gradient"])
def test_a_failed_assertion_names_the_line_and_leaves_the_parameters(use, capfd):
    net = Guarded()
    run = {"call": net, "gradient": ms.grad(net), "compiled_gradient": ms.ms_function(lambda x: ms.grad(net)(x))}[use]
    run(Tensor([1.0, 2.0]))
    before = net.calls.asnumpy()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"Assert failed. Input data: \[-1. -2.\]; \[\d.\]") as caught:
            run(Tensor([-1.0, -2.0]))
        assert "JaxRuntimeError" not in repr(caught.value)
        assert 'test_effects.py", line ' in str(caught.value)
        assert "self.guard(x.sum() > 0, [x, self.calls])" in str(caught.value)
        assert net.calls.asnumpy() == before
    expected = (before + 1) * np.array([1, 2] if use == "call" else [1, 1])
    np.testing.assert_allclose(run(Tensor([1.0, 2.0])).asnumpy(), expected)
    assert "Traceback" not in "".join(capfd.readouterr())
