"""Functions that are made anew at every call: compiled once where nothing that they read differs."""
import gc
import weakref

import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn, ops

x = Tensor(np.ones((2, 3), np.float32))
SCALE = 1.0


def half(value):
    return value / 2


def make_step(net):
    def step(factor):
        def forward(x):
            return (net(x) * factor * SCALE).sum() + half(x).sum()
        return ms.value_and_grad(forward, None, net.trainable_params())(x)
    return step


@pytest.fixture
def counted():
    ms.set_context(mode=ms.GRAPH_MODE)
    count = []

    class Counted(nn.Dense):
        def construct(self, x):
            count.append(1)     # runs when the network is traced
            return super().construct(x)

    return Counted(3, 2), count


def test_the_same_function_is_compiled_once(counted):
    net, count = counted
    step = make_step(net)
    losses = [float(step(2.0)[0]) for _ in range(4)]
    assert len(count) == 1 and len(set(losses)) == 1


def test_other_constants_are_other_functions(counted, monkeypatch):
    net, count = counted
    step = make_step(net)
    first, second = float(step(1.0)[0]), float(step(3.0)[0])
    assert second - 3.0 == pytest.approx(3 * (first - 3.0), rel=1e-5) and len(count) == 2
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    assert float(step(1.0)[0]) - 3.0 == pytest.approx(2 * (first - 3.0), rel=1e-5)
    monkeypatch.setitem(globals(), "half", lambda value: value * 0)
    assert float(step(1.0)[0]) == pytest.approx(2 * (first - 3.0), rel=1e-5)


def test_weights_and_settings_of_the_network_are_read_each_time():
    net = nn.SequentialCell(nn.Dense(3, 4), nn.Dropout(0.5))
    step = make_step(net)
    net.set_train(False)
    before = float(step(1.0)[0])
    for p in net.trainable_params():
        p.set_data(p * 2)
    assert float(step(1.0)[0]) - 3.0 == pytest.approx(2 * (before - 3.0), rel=1e-5)
    net.set_train()
    assert len({round(float(step(1.0)[0]), 5) for _ in range(6)}) > 1


def test_another_network_is_another_function():
    first, second = nn.Dense(3, 2), nn.Dense(3, 2)
    values = [float(make_step(net)(1.0)[0]) for net in (first, second, first)]
    assert values[0] == values[2] != values[1]


class Box(nn.Cell):
    def __init__(self, more=None):
        super().__init__()
        self.more = more
        self.k, self.list, self.inner = 1.0, [1.0], nn.Dropout(0.9)
        self.inner.k = 1.0

    def scaled(self, x):
        return x * self.inner.k


READ = {
    "a number of a Cell": (Box, lambda box: setattr(box, "k", 6.0), lambda box, x: x * box.k),
    "a list of a Cell": (Box, lambda box: box.list.append(6.0), lambda box, x: x * box.list[-1]),
    "a list in a dict of a Cell": (
        lambda: Box({"k": [1.0]}), lambda box: box.more["k"].append(6.0), lambda box, x: x * box.more["k"][-1]),
    "an object of a Cell": (lambda: Box(type("Config", (), {"k": 1.0})()), lambda box: setattr(box.more, "k", 6.0),
                            lambda box, x: x * box.more.k),
    "a Tensor of a Cell": (lambda: Box(Tensor([1.0])), lambda box: box.more.__setitem__(0, 6.0),
                           lambda box, x: x * box.more),
    "a method of a Cell": (Box, lambda box: setattr(box.inner, "k", 6.0), lambda box, x: box.scaled(x)),
    "a list": (lambda: [1.0], lambda box: box.append(5.0), lambda box, x: x * sum(box)),
    "a dict": (lambda: {"k": 1.0}, lambda box: box.update(k=6.0), lambda box, x: x * box["k"]),
    "an object": (lambda: type("Box", (), {"k": 1.0})(), lambda box: setattr(box, "k", 6.0), lambda box, x: x * box.k),
    "a class": (lambda: type("Box", (), {"k": 1.0}), lambda box: setattr(box, "k", 6.0), lambda box, x: x * box.k),
}


@pytest.mark.parametrize("name", READ)
def test_what_may_change_is_never_shared(name):
    make, change, use = READ[name]
    box = make()

    def slope():
        return float(ms.grad(lambda x: use(box, x).sum())(x)[0, 0])

    assert slope() == 1.0
    change(box)
    assert slope() == 6.0


def test_tensors_of_a_closure_are_never_shared():
    def slope(k):
        return float(ms.grad(lambda x: (x * k).sum())(x)[0, 0])

    assert [slope(Tensor(k, ms.float32)) for k in (1.0, 2.0, 3.0)] == [1.0, 2.0, 3.0]


def test_a_network_ends_with_its_programs():
    net = nn.Dense(3, 2)
    make_step(net)(1.0)
    gone = weakref.ref(net)
    del net
    gc.collect()
    assert gone() is None


def test_operators_inside_functions():
    def slope():
        def inner(v):
            return ops.tanh(v).sum()
        return ms.grad(lambda v: ms.grad(inner)(v).sum())(x)

    np.testing.assert_array_equal(slope().asnumpy(), slope().asnumpy())
