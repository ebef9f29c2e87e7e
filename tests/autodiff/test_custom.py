"""Custom gradients, hooks, frozen Parameters, and what PYNATIVE_MODE keeps or runs again."""
from __future__ import annotations

import numpy as np
import pytest

import mycelium as ms
from mycelium import GradOperation, Parameter, ParameterTuple, Tensor, nn, ops
from mycelium.engine.kernel import Kernel

X = np.array([1.0, 2.0, 3.0], np.float32)


@pytest.fixture(params=["pynative", "graph"])
def mode(request):
    ms.set_context(mode=ms.PYNATIVE_MODE if request.param == "pynative" else ms.GRAPH_MODE)
    yield request.param
    ms.set_context(mode=ms.GRAPH_MODE)


@pytest.fixture
def pynative():
    ms.set_context(mode=ms.PYNATIVE_MODE)
    yield
    ms.set_context(mode=ms.GRAPH_MODE)


class Clipped(nn.Cell):
    """x * y whose gradients are (dout * out, dout * 7)."""

    def construct(self, x, y):
        return x * y

    def bprop(self, x, y, out, dout):
        return dout * out, dout * 7.0


def test_bprop_takes_the_place_of_the_gradient(mode):
    dx, dy = GradOperation(get_all=True)(Clipped())(Tensor(X), Tensor(X + 1))
    np.testing.assert_allclose(dx.asnumpy(), X * (X + 1))
    np.testing.assert_allclose(dy.asnumpy(), 7)


def test_bprop_inside_a_network_and_twice(mode):
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.inner = Clipped()
            self.w = Parameter(Tensor(X))

        def construct(self, x):
            return (self.inner(x * 2.0, self.w) * 3.0).sum()

    net = Net()
    dx, (dw,) = GradOperation(get_all=True, get_by_list=True)(net, ParameterTuple([net.w]))(Tensor(X))
    np.testing.assert_allclose(dx[0].asnumpy(), 3 * (2 * X * X) * 2)
    np.testing.assert_allclose(dw.asnumpy(), 21)
    second = ops.grad(ops.grad(lambda x: Clipped()(x, x)))(Tensor(X))     # d/dx (x*x + 7)
    np.testing.assert_allclose(second.asnumpy(), 2 * X)


def test_bprop_with_several_outputs(mode):
    class Split(nn.Cell):
        def construct(self, x):
            return x * 2.0, x * 3.0

        def bprop(self, x, out, dout):
            return (dout[0] * 10.0 + dout[1] * 100.0 + out[0],)

    gradient = ops.grad(lambda x: Split()(x)[0].sum() + Split()(x)[1].sum())(Tensor(X))
    np.testing.assert_allclose(gradient.asnumpy(), 10 + 100 + 2 * (2 * X))


@pytest.mark.parametrize("result, error, text", [
    (lambda x, d: (d[:2],), ValueError, r"shape \(3,\) for input 0, but got \(2,\)"),
    (lambda x, d: (d, d), TypeError, "one gradient per input"),
])
def test_a_wrong_bprop_is_refused(mode, result, error, text):
    class Wrong(nn.Cell):
        def construct(self, x):
            return x * 1.0

        def bprop(self, x, out, dout):
            return result(x, dout)

    with pytest.raises(error, match=text):
        GradOperation(get_all=True)(Wrong())(Tensor(X))


def test_check_bprop_refuses_another_dtype(mode):
    class Half(nn.Cell):
        def construct(self, x):
            return x * 1.0

        def bprop(self, x, out, dout):
            return (dout.astype(ms.float16),)

    assert GradOperation()(Half())(Tensor(X)).dtype == ms.float32
    ms.set_context(check_bprop=True)
    try:
        with pytest.raises(TypeError, match="dtype float32 for input 0, but got float16"):
            GradOperation()(Half())(Tensor(X))
    finally:
        ms.set_context(check_bprop=False)


def test_host_code_in_bprop(pynative):
    class Host(nn.Cell):
        def construct(self, x):
            return x * x

        def bprop(self, x, out, dout):
            return (Tensor(np.sign(x.asnumpy()) * 5),)

    np.testing.assert_allclose(GradOperation()(Host())(Tensor(X)).asnumpy(), 5)


def test_numpy_in_construct_cuts_the_gradient_and_sees_values(pynative):
    seen = []

    def f(x):
        host = (x * x).asnumpy()
        seen.append(host.copy())
        return x * Tensor(host)

    np.testing.assert_allclose(ops.grad(f)(Tensor(X)).asnumpy(), X * X)
    np.testing.assert_allclose(seen[0], X * X)


class Counted(nn.Cell):
    """x * w; counts its runs on the host."""

    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor(X))
        self.__dict__["runs"] = []

    def construct(self, x):
        self.runs.append(1)
        return x * self.w


def test_without_set_grad_the_forward_runs_again(pynative):
    net = Counted()
    net(Tensor(X))
    GradOperation()(net)(Tensor(X))
    assert len(net.runs) == 2


def test_after_set_grad_the_forward_is_used_once(pynative):
    net, x = Counted(), Tensor(X)
    net.set_grad()
    net(x)
    first = GradOperation(get_by_list=True)(net, net.trainable_params())(x)
    assert len(net.runs) == 1
    np.testing.assert_allclose(first[0].asnumpy(), X)
    GradOperation()(net)(x)
    assert len(net.runs) == 2


def test_set_grad_does_not_use_a_forward_of_other_values(pynative):
    net, x = Counted(), Tensor(X)
    net.set_grad()
    net(x)
    net.w.set_data(Tensor(2 * X))
    np.testing.assert_allclose(GradOperation()(net)(x).asnumpy(), 2 * X)
    net(x)
    np.testing.assert_allclose(GradOperation(get_by_list=True)(net, net.trainable_params())(Tensor(3 * X))[0].asnumpy(),
                               3 * X)


def test_set_grad_does_not_use_a_forward_of_other_constants(pynative):
    class Scaled(nn.Cell):
        def construct(self, x, factor):
            return factor * x

    net, x = Scaled(), Tensor(X)
    net.set_grad()
    net(x, 2.0)
    np.testing.assert_allclose(GradOperation()(net)(x, 3.0).asnumpy(), np.full_like(X, 3))


class NormAndDrop(nn.Cell):
    """Has a state that each run moves, and a draw."""

    def __init__(self):
        super().__init__()
        self.norm, self.drop, self.dense = nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Dense(3, 1, weight_init="ones")

    def construct(self, x):
        return self.dense(self.drop(self.norm(x))).sum()


class LossThenGradient(nn.Cell):
    """The training step that programs write by hand: the loss first, then its gradient at the same inputs."""

    def __init__(self, network, use):
        super().__init__(auto_prefix=False)
        self.network, self.use = network, use
        self.weights = ParameterTuple(network.trainable_params())
        self.by_list, self.by_input = GradOperation(get_by_list=True), GradOperation(sens_param=True)

    def construct(self, x):
        loss = self.network(x)
        if self.use == "input":
            return loss, self.by_input(self.network)(x, 2 * ops.ones_like(loss)).sum()
        return loss, self.by_list(self.network, self.weights)(x)[2]


@pytest.mark.parametrize("set_grad, runs", [(True, 1), (False, 2)])
@pytest.mark.parametrize("use", ["weights", "input"])
def test_a_loss_and_its_gradient_are_one_run_after_set_grad(mode, set_grad, runs, use):
    net = NormAndDrop()
    step = LossThenGradient(net, use)
    step.set_train()
    net.set_grad(set_grad)
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32) + 1
    loss, gradient = step(Tensor(x))
    np.testing.assert_allclose(net.norm.moving_mean.asnumpy(), (1 - 0.9 ** runs) * x.mean(0), rtol=1e-5)
    if set_grad and use == "weights":   # the weights are ones: their gradients add up to the loss, for the same draw
        np.testing.assert_allclose(gradient.asnumpy().sum(), loss.asnumpy(), rtol=1e-4)


def test_a_kept_forward_serves_only_its_own_inputs(mode):
    class Twice(nn.Cell):
        def __init__(self, network):
            super().__init__()
            self.network, self.grad = network, GradOperation()

        def construct(self, x, y):
            value = self.network(x)
            at_y = self.grad(self.network)(y)
            if y.sum() > 0:             # kept outside of the branch, used inside
                value = value + self.grad(self.network)(x)
            return value, at_y

    class Square(nn.Cell):
        def construct(self, x):
            return x * x

    net = Twice(Square().set_grad())
    value, at_y = net(Tensor(X), Tensor(3 * np.abs(X)))
    np.testing.assert_allclose(value.asnumpy(), X * X + 2 * X, rtol=1e-6)
    np.testing.assert_allclose(at_y.asnumpy(), 6 * np.abs(X), rtol=1e-6)


def test_hooks_see_and_replace_gradients(mode):
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.inner = Counted()

        def construct(self, x):
            return self.inner(x) * 2.0

    net = Net()
    handle = net.inner.register_backward_hook(lambda cell, grad_in, grad_out: (grad_in[0] * 10.0 + grad_out[0],))
    np.testing.assert_allclose(ops.grad(net)(Tensor(X)).asnumpy(), 2 * X * 10 + 2)
    handle.remove()
    handle.remove()
    np.testing.assert_allclose(ops.grad(net)(Tensor(X)).asnumpy(), 2 * X)


def test_forward_hooks_replace_inputs_and_outputs(mode):
    net = Counted()
    net.register_forward_pre_hook(lambda cell, inputs: (inputs[0] + 1.0,))
    net.register_forward_hook(lambda cell, inputs, output: output * 2.0)
    np.testing.assert_allclose(net(Tensor(X)).asnumpy(), (X + 1) * X * 2)


@pytest.fixture
def backward_kernels(monkeypatch):
    """The names of the backward kernels that ran."""
    ran = []
    call = Kernel.__call__

    def counted(self, arrays):
        if self.name.endswith("Grad"):
            ran.append(self.name)
        return call(self, arrays)

    monkeypatch.setattr(Kernel, "__call__", counted)
    return ran


def test_frozen_parameters_let_gradients_past_and_stop_gradient_saves_work(pynative, backward_kernels):
    class Two(nn.Cell):
        def __init__(self, cut):
            super().__init__()
            self.first, self.second, self.cut = Counted(), Counted(), cut

        def construct(self, x):
            h = self.first(x)
            if self.cut:
                h = ops.stop_gradient(h)
            return self.second(h)

    def gradients(net):
        backward_kernels.clear()
        return GradOperation(get_by_list=True)(net, ParameterTuple(net.trainable_params()))(Tensor(X))

    net = Two(cut=False)
    assert len(gradients(net)) == 2
    full = len(backward_kernels)
    net.second.w.requires_grad = False
    only, = gradients(net)
    np.testing.assert_allclose(only.asnumpy(), X * X)
    assert len(backward_kernels) == full
    net = Two(cut=True)
    first, second = gradients(net)
    np.testing.assert_array_equal(first.asnumpy(), 0)
    np.testing.assert_allclose(second.asnumpy(), X * X)
    assert len(backward_kernels) == full - 1


def test_a_thousand_layers_do_not_overflow(pynative):
    def f(x):
        for _ in range(1000):
            x = x * 1.001
        return x

    np.testing.assert_allclose(ops.grad(f)(Tensor(X)).asnumpy(), 1.001 ** 1000, rtol=1e-3)


def test_an_exception_inside_leaves_everything_usable(mode):
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        ops.grad(broken)(Tensor(X))
    np.testing.assert_allclose(ops.grad(lambda x: x * x)(Tensor(X)).asnumpy(), 2 * X)


def test_hook_backward_and_insert_gradient_of(mode):
    seen = []
    look = ops.HookBackward(lambda grads: seen.append(grads))
    clip = ops.InsertGradientOf(lambda g: ops.clip_by_value(g, -1.0, 1.0))
    np.testing.assert_allclose(ops.grad(lambda x: look(x) * x)(Tensor(X)).asnumpy(), 2 * X)
    assert len(seen) == 1
    np.testing.assert_allclose(ops.grad(lambda x: clip(x) * 5.0)(Tensor(X)).asnumpy(), 1.0)
    with pytest.raises(TypeError, match="must be function"):
        ops.HookBackward(3)
