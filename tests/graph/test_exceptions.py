"""Exceptions at every place user code runs leave the framework usable, in both modes."""
import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops
from mycelium.core.local import local


class Trouble(Exception):
    """The user's own."""


class Net(nn.Cell):
    """Raises where it is told to."""

    def __init__(self):
        super().__init__()
        self.where = None
        self.w = Parameter(Tensor(np.float32([2, 3])), name="w")
        self.inner = Inner(self)

    def construct(self, x):
        self_w = self.w * x
        if x.sum() > 0:
            if self.where == "branch":
                raise_trouble()
            self_w = self_w + 1
        n = 0
        while n < 2:
            n = n + (x > -100).sum()
            if self.where == "loop":
                raise_trouble()
        if self.where == "forward":
            raise_trouble()
        return self.inner(self_w)


class Inner(nn.Cell):
    """Its gradient is its own."""

    def __init__(self, owner):
        super().__init__()
        self.owner = [owner]

    def construct(self, x):
        return x * x

    def bprop(self, x, out, dout):
        if self.owner[0].where == "bprop":
            raise_trouble()
        return (dout * 2 * x,)


def raise_trouble():
    """From a function of its own."""
    raise Trouble("here")


X = np.float32([1, 2])


def _works(net):
    """The forward, the gradient and a second one are right, and nothing of a trace is left."""
    np.testing.assert_allclose(net(Tensor(X)).asnumpy(), (np.float32([2, 3]) * X + 1) ** 2)
    (dx,), (dw,) = ops.GradOperation(get_all=True, get_by_list=True)(net, net.trainable_params())(Tensor(X))
    slope = 2 * (np.float32([2, 3]) * X + 1)
    np.testing.assert_allclose(dx.asnumpy(), slope * np.float32([2, 3]))
    np.testing.assert_allclose(dw.asnumpy(), slope * X)
    assert local.scope is None and not local.tapes
    assert type(net.w.asnumpy()) is np.ndarray


@pytest.mark.parametrize("where", ["forward", "bprop"])
@pytest.mark.parametrize("first", [False, True], ids=["after a good call", "at once"])
def test_exceptions_of_the_user(mode, where, first):
    net = Net()
    if not first:
        _works(net)
    for _ in range(2):
        net.where = where
        with pytest.raises(Trouble, match="here") as caught:
            ops.GradOperation()(net)(Tensor(X))
        assert type(caught.value) is Trouble
        if where != "bprop":
            with pytest.raises(Trouble):
                net(Tensor(X))
        net.where = None
        _works(net)


@pytest.mark.parametrize("where", ["branch", "loop"])
def test_exceptions_under_tensor_conditions(mode, where):
    """In GRAPH_MODE they cannot be raised there, which is said before the program runs; a first step always runs."""
    net = Net()
    net.where = where
    with pytest.raises(RuntimeError if (mode, where) == ("graph", "branch") else Trouble):
        net(Tensor(X))
    net.where = None
    _works(net)


def _fail(*args):
    raise Trouble("here")


@pytest.mark.parametrize("register", ["register_forward_pre_hook", "register_forward_hook"])
def test_exceptions_in_hooks(pynative, register):
    net = Net()
    handle = getattr(net.inner, register)(_fail)
    for _ in range(2):
        with pytest.raises(Trouble):
            ops.GradOperation()(net)(Tensor(X))
    handle.remove()
    _works(net)


def test_operators_that_fail_in_the_gradient(mode):
    """A bprop of the wrong shape is found inside the backward pass."""
    class Wrong(nn.Cell):
        def construct(self, x):
            return x * 2

        def bprop(self, x, out, dout):
            return (ops.matmul(dout, dout.reshape((1, 2))),)

    with pytest.raises(ValueError):
        ms.grad(Wrong())(Tensor(X))
    _works(Net())


def test_exceptions_keep_parameters_that_were_written(mode):
    """PYNATIVE_MODE has written what ran before; a program that does not run writes nothing."""
    class Writes(nn.Cell):
        def __init__(self):
            super().__init__()
            self.p = Parameter(Tensor(np.float32(0)), name="p")
            self.fail = True

        def construct(self, x):
            self.p = self.p + x
            if self.fail:
                raise Trouble("after the write")
            return self.p * 1

    net = Writes()
    with pytest.raises(Trouble):
        net(Tensor(np.float32(1)))
    assert float(net.p) == (1 if mode == "pynative" else 0)
    net.fail = False
    assert float(net(Tensor(np.float32(1)))) == float(net.p)


def test_exceptions_in_a_training_step(mode):
    """The optimizer's state is whole after a step that failed half-way."""
    class Step(nn.Cell):
        def __init__(self):
            super().__init__()
            self.net = Net()
            self.weights = ms.ParameterTuple(self.net.trainable_params())
            self.optimizer = nn.Momentum(self.weights, 0.1, 0.9)
            self.fail = False

        def construct(self, x):
            grads = ops.GradOperation(get_by_list=True)(self.net, self.weights)(x)
            if self.fail:
                raise Trouble("before the update")
            return self.optimizer(grads)

    step, twin = Step(), Step()
    for fails in (False, True, False, True):
        step.fail = fails
        if fails:
            with pytest.raises(Trouble):
                step(Tensor(X))
        else:
            step(Tensor(X))
            twin(Tensor(X))
    for a, b in zip(step.get_parameters(), twin.get_parameters(), strict=True):
        np.testing.assert_array_equal(a.asnumpy(), b.asnumpy())
