"""Gradients: every combination of what they are asked for, orders one to three, in both modes."""
from __future__ import annotations

import itertools

import numpy as np
import pytest

import mycelium as ms
from mycelium import GradOperation, Parameter, ParameterTuple, Tensor, nn, ops
from mycelium.engine.compile import statistics

X, Y = np.array([1.0, 2.0, 3.0], np.float32), np.array([4.0, 5.0, 6.0], np.float32)


@pytest.fixture(params=["pynative", "graph"], autouse=True)
def mode(request):
    ms.set_context(mode=ms.PYNATIVE_MODE if request.param == "pynative" else ms.GRAPH_MODE)
    yield request.param
    ms.set_context(mode=ms.GRAPH_MODE)


class Weighted(nn.Cell):
    """x * w + y * v, with a count of its calls in a Parameter."""

    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor(np.full(3, 2.0, np.float32)))
        self.v = Parameter(Tensor(np.full(3, 3.0, np.float32)))
        self.calls = Parameter(Tensor(0.0), requires_grad=False)

    def construct(self, x, y):
        self.calls = self.calls + 1.0
        return x * self.w + y * self.v


def numbers(value):
    """The values in a structure of Tensors."""
    if isinstance(value, (tuple, list)):
        return tuple(numbers(v) for v in value)
    return value.asnumpy().tolist()


W, V, IN_X, IN_Y = X.tolist(), Y.tolist(), [2.0] * 3, [3.0] * 3
RETURNS = {      # (get_all, get_by_list) -> what is returned for a sensitivity of ones
    (False, False): IN_X, (True, False): (IN_X, IN_Y), (False, True): (W, V), (True, True): ((IN_X, IN_Y), (W, V))}


@pytest.mark.parametrize("get_all, get_by_list, sens", list(itertools.product((False, True), repeat=3)))
def test_grad_operation_returns_what_its_flags_ask_for(get_all, get_by_list, sens):
    net = Weighted()
    op = GradOperation(get_all=get_all, get_by_list=get_by_list, sens_param=sens)
    derived = op(net, ParameterTuple(net.trainable_params())) if get_by_list else op(net)
    args = (Tensor(X), Tensor(Y), *([Tensor(np.full(3, 10.0, np.float32))] if sens else []))
    scale = 10.0 if sens else 1.0

    def scaled(v):
        return tuple(map(scaled, v)) if isinstance(v, tuple) else [scale * e for e in v]

    assert numbers(derived(*args)) == scaled(RETURNS[get_all, get_by_list])
    traces = statistics.traces
    derived(*args)
    assert statistics.traces == traces


def test_outputs_in_a_tuple_are_summed_and_unused_inputs_have_zero_gradients():
    def f(x, y, unused):
        return x * y, (x, 2.0 * y)

    dx, dy, du = GradOperation(get_all=True)(f)(Tensor(X), Tensor(Y), Tensor(X))
    np.testing.assert_allclose(dx.asnumpy(), Y + 1)
    np.testing.assert_allclose(dy.asnumpy(), X + 2)
    np.testing.assert_array_equal(du.asnumpy(), 0)


def test_a_sensitivity_per_output():
    sens = (Tensor(X), Tensor(Y))
    gradient = GradOperation(sens_param=True)(lambda x: (x * 2.0, x * 3.0))(Tensor(X), sens)
    np.testing.assert_allclose(gradient.asnumpy(), 2 * X + 3 * Y)


@pytest.mark.parametrize("order, expected", [(1, 4 * X ** 3), (2, 12 * X ** 2), (3, 24 * X), (4, 24 + 0 * X)])
def test_gradients_of_gradients(order, expected):
    f = lambda x: x * x * x * x      # noqa: E731
    for _ in range(order):
        f = ops.grad(f)
    np.testing.assert_allclose(f(Tensor(X)).asnumpy(), expected)


def test_mixed_second_derivatives_through_a_parameter():
    net = Weighted()
    inner = GradOperation()(net)
    outer = GradOperation(get_by_list=True)(lambda x, y: (inner(x, y) * x).sum(), ParameterTuple([net.w]))
    np.testing.assert_allclose(outer(Tensor(X), Tensor(Y))[0].asnumpy(), X)


def test_value_and_grad_and_positions():
    def f(x, y):
        return (x * x * y).sum()

    value, (dx, dy) = ops.value_and_grad(f, (0, 1))(Tensor(X), Tensor(Y))
    assert float(value) == (X * X * Y).sum()
    np.testing.assert_allclose(dx.asnumpy(), 2 * X * Y)
    np.testing.assert_allclose(dy.asnumpy(), X * X)
    np.testing.assert_allclose(ops.grad(f, 1)(Tensor(X), Tensor(Y)).asnumpy(), X * X)


def test_weights_and_auxiliary_outputs():
    net = Weighted()
    inputs, weights = ops.grad(net, 0, ParameterTuple(net.trainable_params()))(Tensor(X), Tensor(Y))
    assert numbers((inputs, weights)) == (IN_X, (W, V))
    weights = ops.grad(net, None, ParameterTuple(net.trainable_params()))(Tensor(X), Tensor(Y))
    assert numbers(weights) == (W, V)
    gradient, aux = ops.grad(lambda x: (x * x, x + 1.0, x), has_aux=True)(Tensor(X))
    np.testing.assert_allclose(gradient.asnumpy(), 2 * X)
    np.testing.assert_allclose(aux[0].asnumpy(), X + 1)


def test_the_same_tensor_given_twice_has_two_gradients():
    x = Tensor(X)
    dx, dy = GradOperation(get_all=True)(lambda a, b: a * 2.0 + b * 3.0)(x, x)
    assert numbers((dx, dy)) == ([2.0] * 3, [3.0] * 3)


def test_a_tensor_closed_over_is_constant_even_when_it_is_the_argument():
    x = Tensor(X)
    np.testing.assert_allclose(ops.grad(lambda a: a * x)(x).asnumpy(), X)


def test_vjp_and_jvp_agree_with_the_jacobian():
    def f(x, y):
        return x * y

    out, (gx, gy) = ops.vjp(f, (Tensor(X), Tensor(Y)), Tensor(Y))
    np.testing.assert_allclose(out.asnumpy(), X * Y)
    np.testing.assert_allclose(gx.asnumpy(), Y * Y)
    np.testing.assert_allclose(gy.asnumpy(), X * Y)
    out, tangent = ops.jvp(f, (Tensor(X), Tensor(Y)), (Tensor(Y), Tensor(X)))
    np.testing.assert_allclose(tangent.asnumpy(), Y * Y + X * X)


def test_vmap_maps_the_axes_it_is_told():
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_allclose(ops.vmap(lambda a: (a * a).sum())(Tensor(rows)).asnumpy(), (rows ** 2).sum(1))
    out = ops.vmap(lambda a, b: a * b, in_axes=(1, None), out_axes=1)(Tensor(rows), Tensor(X[:2]))
    np.testing.assert_allclose(out.asnumpy(), rows * X[:2, None])
    per_row = ops.vmap(ops.grad(lambda a: (a * a).sum()))(Tensor(rows))
    np.testing.assert_allclose(per_row.asnumpy(), 2 * rows)


def test_stop_gradient_cuts():
    gradient = ops.grad(lambda x: x * ops.stop_gradient(x * x))(Tensor(X))
    np.testing.assert_allclose(gradient.asnumpy(), X * X)


def test_integer_inputs_have_zero_gradients():
    n = Tensor(np.array([1, 2, 3], np.int32))
    dx, dn = GradOperation(get_all=True)(lambda x, n: x * n)(Tensor(X), n)
    np.testing.assert_allclose(dx.asnumpy(), [1, 2, 3])
    np.testing.assert_array_equal(dn.asnumpy(), 0)


def test_the_forward_of_a_gradient_call_writes_parameters_once():
    net = Weighted()
    GradOperation()(net)(Tensor(X), Tensor(Y))
    assert float(net.calls) == 1.0
    net(Tensor(X), Tensor(Y))
    assert float(net.calls) == 2.0


def test_derivative_and_jet():
    out, second = ops.derivative(lambda x: x * x * x, Tensor(X), 2)
    np.testing.assert_allclose(second.asnumpy(), 6 * X, rtol=1e-5)


@pytest.mark.parametrize("call, error, text", [
    (lambda: GradOperation(get_all=1), TypeError, "'get_all' should be bool, but got 1"),
    (lambda: GradOperation()(3), TypeError, "should be a Cell or a function, but got 3"),
    (lambda: ops.grad(lambda x: x, None), ValueError, "nothing to differentiate"),
    (lambda: ops.grad(lambda x: x, "0"), TypeError, "'grad_position' should be int, a tuple of int or None"),
    (lambda: ops.grad(lambda x: x, 2)(Tensor(X)), ValueError, "'grad_position' 2 is not the position"),
    (lambda: ops.grad(lambda x: x, has_aux=True)(Tensor(X)), ValueError, "at least two outputs"),
    (lambda: GradOperation(sens_param=True)(lambda x: x)(Tensor(X), Tensor(Y[:2])), ValueError,
     r"shape of the output, \(3,\), but got \(2,\)"),
    (lambda: GradOperation(get_by_list=True)(lambda x: x), TypeError, "give the Parameters"),
    (lambda: ops.grad(lambda x: x, 0, [Tensor(X)])(Tensor(X)), TypeError, "'weights' should be Parameters"),
    (lambda: ops.jvp(lambda x: x, Tensor(X), Tensor(Y[:2])), ValueError, "'v' should have the shape of the input"),
])
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
