"""Gradients through control flow: finite differences, Parameters, second order; random nests against PYNATIVE_MODE."""
import random

import numpy as np
import pytest
from tests.graph.random_programs import random_tensor_program

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops


@pytest.fixture(autouse=True)
def pynative():
    ms.set_context(mode=ms.PYNATIVE_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


@pytest.mark.parametrize("seed, depth", [*[(seed, 2) for seed in range(8)], (10, 3), (11, 3)])
def test_random_nests_of_tensor_conditions(seed, depth):
    fn = random_tensor_program(random.Random(seed), f"nest_{seed}", depth)
    compiled = ms.ms_function(fn)
    draw = np.random.RandomState(seed)
    for _ in range(4):
        x, y = [Tensor(v) for v in draw.uniform(-2, 2, 2).astype(np.float32)]
        n = int(draw.randint(0, 3))
        np.testing.assert_allclose(compiled(x, y, Tensor(n)).asnumpy(), fn(x, y, n).asnumpy(), rtol=1e-4, atol=1e-5)
    # the number as a Python number: it decides while compiling
    np.testing.assert_allclose(compiled(x, y, n).asnumpy(), fn(x, y, n).asnumpy(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_of_random_nests(seed):
    fn = random_tensor_program(random.Random(seed), f"gradient_nest_{seed}", 2)
    gradient = ms.ms_function(lambda x, y, n: ms.grad(fn, (0, 1))(x, y, n))
    draw = np.random.RandomState(seed)
    for _ in range(3):
        x, y = [Tensor(v) for v in draw.uniform(-2, 2, 2).astype(np.float32)]
        n = int(draw.randint(0, 3))
        for got, expected in zip(gradient(x, y, Tensor(n)), ms.grad(fn, (0, 1))(x, y, n), strict=True):
            np.testing.assert_allclose(got.asnumpy(), expected.asnumpy(), rtol=1e-3, atol=1e-4)


class Recurrent(nn.Cell):
    """A loop over Parameters with a condition on its state, a branch and a jump inside."""

    def __init__(self):
        super().__init__()
        draw = np.random.RandomState(0)
        self.w = Parameter(Tensor(draw.normal(0, 0.6, (3, 3))), name="w")
        self.b = Parameter(Tensor(draw.normal(0, 0.3, 3)), name="b")

    def construct(self, x):
        steps = 0
        while ops.abs(x).sum() < 4:
            h = ops.sin(ops.matmul(x, self.w) + self.b)
            if h.sum() > 0:
                x = x + h * h
            else:
                x = x * 1.2 - h
            steps += 1
            if steps > 12:
                break
        return (x * x * self.b).sum()


def _central_differences(fn, arrays, epsilon=1e-6):
    gradients = []
    for a in arrays:
        g = np.zeros_like(a)
        for i in np.ndindex(a.shape):
            old = a[i]
            a[i] = old + epsilon
            up = fn()
            a[i] = old - epsilon
            g[i] = (up - fn()) / (2 * epsilon)
            a[i] = old
        gradients.append(g)
    return gradients


def test_finite_differences_of_inputs_and_parameters():
    ms.set_context(mode=ms.GRAPH_MODE)
    net = Recurrent()
    x = np.random.RandomState(3).normal(0, 0.5, (2, 3))
    w, b = net.w.asnumpy(), net.b.asnumpy()
    (dx,), (dw, db) = ms.ops.GradOperation(get_all=True, get_by_list=True)(net)(Tensor(x))

    def value():
        net.w.set_data(Tensor(w))
        net.b.set_data(Tensor(b))
        return float(net(Tensor(x)).asnumpy())

    for got, expected in zip((dx, dw, db), _central_differences(value, [x, w, b]), strict=True):
        assert np.abs(expected).max() > 0.1
        np.testing.assert_allclose(got.asnumpy(), expected, rtol=1e-5, atol=1e-6)


def power(x):
    """x ** 2, 4, 8 or more: what first reaches 20."""
    y = x
    while y < 20:
        y = y * y
    return y


def branches(x):
    if x > 1:
        y = x * x * x
    else:
        y = ops.sin(x)
    return y * x if y > 2 else y + x


def jumps(x):
    total = x * 0
    for i in range(3):
        total = total + x ** (i + 2)
        if total > 20:
            break
    return total


@pytest.mark.parametrize("fn", [power, branches, jumps], ids=lambda f: f.__name__)
def test_second_order_equals_pynative(fn):
    def second(x):
        return ms.grad(ms.grad(fn))(x)

    compiled = ms.ms_function(second)
    for value in (1.5, 3.0):
        x = Tensor(np.float32(value))
        np.testing.assert_allclose(compiled(x).asnumpy(), second(x).asnumpy(), rtol=1e-5)


def test_gradient_of_what_a_loop_closes_over():
    """Inputs that the loop only reads, also inside an inner loop."""
    def fn(x, scale, shift):
        while x < 10:
            y = x
            while y < 5:
                y = y * scale
            x = x + y * 0.5 + shift
        return x

    args = [Tensor(np.float32(v)) for v in (0.7, 1.3, 0.4)]
    got = ms.ms_function(lambda *a: ms.grad(fn, (0, 1, 2))(*a))(*args)
    for g, e in zip(got, ms.grad(fn, (0, 1, 2))(*args), strict=True):
        np.testing.assert_allclose(g.asnumpy(), e.asnumpy(), rtol=1e-5)


class WithBprop(nn.Cell):
    def construct(self, x):
        return x * x

    def bprop(self, x, out, dout):
        scale = x * 0 + 1
        while scale < x:
            scale = scale * 2
        if x > 2:
            return (dout * scale,)
        return (dout * 100,)


class UsesBprop(nn.Cell):
    def __init__(self):
        super().__init__()
        self.inner = WithBprop()

    def construct(self, x):
        y = x
        while y < 30:
            y = self.inner(y)
        return y


@pytest.mark.parametrize("value", [1.5, 3.0, 40.0])
def test_bprop_with_control_flow_inside_a_loop(value):
    x = Tensor(np.float32(value))
    expected = ms.grad(UsesBprop())(x)
    ms.set_context(mode=ms.GRAPH_MODE)
    np.testing.assert_allclose(ms.grad(UsesBprop())(x).asnumpy(), expected.asnumpy(), rtol=1e-6)
