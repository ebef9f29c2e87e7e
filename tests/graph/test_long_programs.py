"""Deep networks and long loops: no overflow, no leak, and compile time that grows with the length only."""
import gc
import time
import weakref

import jax
import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops
from mycelium.engine.compile import statistics


class Layer(nn.Cell):
    def __init__(self, value):
        super().__init__()
        self.w = Parameter(Tensor(np.float32(value)), name="w")

    def construct(self, x):
        return ops.tanh(x * self.w)


class Deep(nn.Cell):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.CellList([Layer(1 + i / depth) for i in range(depth)])

    def construct(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def _by_hand(x, depth):
    """The output, and the gradients of the input and of each weight for a sum."""
    x, ws = np.float64(x), 1 + np.arange(depth) / depth
    states = [x]
    for w in ws:
        states.append(np.tanh(states[-1] * w))
    grad, grads = np.ones_like(x), []
    for w, before, after in zip(ws[::-1], states[-2::-1], states[:0:-1], strict=True):
        grad = grad * (1 - after ** 2)
        grads.append((grad * before).sum())
        grad = grad * w
    return states[-1], grad, grads[::-1]


def test_a_thousand_layers(pynative):
    x = np.array([0.5, -1.5], np.float32)
    net = Deep(1000)
    out, dx, dw = _by_hand(x, 1000)
    started = time.perf_counter()
    got = net(Tensor(x))
    (gx,), gw = ops.GradOperation(get_all=True, get_by_list=True)(net, net.trainable_params())(Tensor(x))
    assert time.perf_counter() - started < 60
    np.testing.assert_allclose(got.asnumpy(), out, rtol=1e-4)
    np.testing.assert_allclose(gx.asnumpy(), dx, rtol=1e-2, atol=1e-7)
    np.testing.assert_allclose([g.asnumpy() for g in gw], dw, rtol=1e-2, atol=1e-6)


def _live():
    gc.collect()
    return sum(a.nbytes for a in jax.live_arrays())


def test_ten_thousand_recorded_operators_are_released(pynative):
    x = Tensor(np.linspace(0, 1, 1000, dtype=np.float32))

    def steps(x):
        for _ in range(5000):
            x = x * 0.999 + 0.001
        return x

    ms.grad(steps)(x).asnumpy()
    before = _live()
    for _ in range(2):
        gradient = ms.grad(steps)(x)
        np.testing.assert_allclose(gradient.asnumpy(), np.full(1000, 0.999 ** 5000), rtol=1e-3)
    del gradient
    assert _live() <= before + 10_000, "of 40 MB that were recorded"


def test_a_long_loop_without_gradient_keeps_nothing(pynative):
    x = Tensor(np.ones(1000, np.float32))
    net = Layer(1.0)
    before = _live()
    refs = []
    for _ in range(2000):
        x = net(x)
        refs.append(weakref.ref(x))
    assert sum(r() is not None for r in refs) == 1
    assert _live() <= before + 10_000


def test_after_set_grad_only_the_last_forward_is_kept(pynative):
    net = Layer(1.0)
    net.set_grad()
    x = Tensor(np.ones(1000, np.float32))
    net(x)
    before = _live()
    for _ in range(100):
        net(x)
    assert _live() <= before + 20_000


# ***** long loops over a Python range in a compiled program *****

def relax(x, y):
    for _ in range(1000):
        change = (y - x) * 0.01
        x = x + change
    return x, change


def newton(x):
    guess = x * 0 + 100.0
    for _ in range(500):
        better = (guess + x / guess) * 0.5
        if ops.abs(better - guess) < 1e-4:
            break
        guess = better
    return guess, better


def table_lookup(x, table):
    total = x
    seen = ops.zeros_like(table)
    for i in range(300):
        total = total * 0.99 + table[i]
        seen[i] = total.sum()
        if total.sum() > 100:
            total = total * 0.1
    return total, seen


ROLLED = [(relax, [np.float32([1, 2]), np.float32([3, 5])]), (newton, [np.float32(2)]),
          (table_lookup, [np.float32([1, 2]), np.linspace(-1, 2, 300, dtype=np.float32)])]


@pytest.mark.parametrize("fn, inputs", ROLLED, ids=[f.__name__ for f, _ in ROLLED])
def test_long_ranges_are_one_loop_of_the_program(fn, inputs):
    calls = []

    def counted(*args):
        calls.append(0)
        return fn(*args)

    compiled = ms.ms_function(counted)
    tensors = [Tensor(v) for v in inputs]
    started = time.perf_counter()
    got = compiled(*tensors)
    assert time.perf_counter() - started < 10
    traces = statistics.traces
    compiled(*tensors)
    assert statistics.traces == traces
    ms.set_context(mode=ms.PYNATIVE_MODE)
    for g, e in zip(got, fn(*tensors), strict=True):
        # sums that cancel are as exact as their largest terms
        np.testing.assert_allclose(g.asnumpy(), e.asnumpy(), rtol=2e-5, atol=2e-5 * np.abs(e.asnumpy()).max())
    expected = ops.GradOperation(get_all=True)(fn)(*tensors)
    ms.set_context(mode=ms.GRAPH_MODE)
    for g, e in zip(ops.GradOperation(get_all=True)(fn)(*tensors), expected, strict=True):
        np.testing.assert_allclose(g.asnumpy(), e.asnumpy(), rtol=1e-4)


def _counts(x):
    n, seen = 0, []
    for i in range(150):
        x = x * 1.01 + i / 10       # the quotient is a Python float
        n += 2
        if i % 50 == 0:
            seen.append(x)
    return ops.stack(seen) * n, x


def _picks(x):
    scales = [1.0 + i / 100 for i in range(120)]
    for i in range(120):
        x = x * scales[i]
    return x


def _changes_shape(x):
    for i in range(110):
        if i < 2:
            x = ops.concat((x, x))
        x = x + 1
    return x


@pytest.mark.parametrize("fn", [_counts, _picks, _changes_shape], ids=lambda f: f.__name__)
def test_steps_that_differ_are_unrolled(fn):
    x = Tensor(np.float32([1, 2]))
    got = ms.ms_function(fn)(x)
    ms.set_context(mode=ms.PYNATIVE_MODE)
    expected = fn(x)
    for g, e in zip(*[v if isinstance(v, tuple) else (v,) for v in (got, expected)], strict=True):
        np.testing.assert_allclose(g.asnumpy(), e.asnumpy(), rtol=2e-5)


def test_an_index_out_of_range_is_found_in_a_long_range_too():
    def fn(x):
        total = x[0]
        for i in range(150):
            total = total + x[i]
        return total

    with pytest.raises(IndexError):
        ms.ms_function(fn)(Tensor(np.ones(100, np.float32)))
