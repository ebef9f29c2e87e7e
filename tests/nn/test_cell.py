"""Cells: construction, names, walking, settings, calls, text; recorded answers are in test_recorded_expressions."""
from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, ParameterTuple, Tensor, nn, ops

X = np.ones((2, 3), np.float32)


class Block(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 3)
        self.scale = Parameter(Tensor(2.0))

    def construct(self, x, *more, shift=0.0, **rest):
        y = self.dense(x) * self.scale + shift
        for m in more:
            y = y + m
        return y + rest.get("extra", 0.0)


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.first, self.second = Block(), Block()
        self.list = nn.CellList([nn.Dense(3, 3), nn.ReLU()])
        self.chain = nn.SequentialCell(OrderedDict(a=nn.Dense(3, 2), b=nn.Tanh()))

    def construct(self, x):
        x = self.second(self.first(x))
        for cell in self.list:
            x = cell(x)
        return self.chain(x)


def test_names_come_from_attribute_paths(mode):
    net = Net()
    assert [p.name for p in net.get_parameters()] == [
        "first.scale", "first.dense.weight", "first.dense.bias", "second.scale", "second.dense.weight",
        "second.dense.bias", "list.0.weight", "list.0.bias", "chain.a.weight", "chain.a.bias"]
    assert [n for n, _ in net.cells_and_names()] == [
        "", "first", "first.dense", "second", "second.dense", "list", "list.0", "list.1", "chain", "chain.a", "chain.b"]
    assert list(net.name_cells()) == ["first", "second", "list", "chain"]
    assert list(net.parameters_dict()) == [p.name for p in net.get_parameters()]
    assert net(Tensor(X)).shape == (2, 2)


def test_auto_prefix_off_keeps_names():
    class Wrapper(nn.Cell):
        def __init__(self, net):
            super().__init__(auto_prefix=False)
            self.net = net

    assert [p.name for p in Wrapper(nn.Dense(1, 1)).get_parameters()] == ["weight", "bias"]


def test_renaming_and_inserting():
    net = Block()
    net.update_parameters_name("pre.")
    assert [p.name for p in net.get_parameters()] == ["pre.scale", "pre.dense.weight", "pre.dense.bias"]
    net.insert_child_to_cell("late", nn.Dense(3, 1))
    net.insert_param_to_cell("own", Parameter(Tensor(1.0), name="mine"))
    assert net.late is net.name_cells()["late"] and net.own.name == "mine"


def test_trainable_and_frozen_parameters():
    net = Block()
    net.scale.requires_grad = False
    assert [p.name for p in net.trainable_params()] == ["dense.weight", "dense.bias"]
    assert [p.name for p in net.untrainable_params()] == ["scale"]
    assert repr(net.untrainable_params()) == "[Parameter (name=scale, shape=(), dtype=Float32, requires_grad=False)]"


def test_a_shared_parameter_is_listed_once_and_gets_both_gradients(mode):
    class Tied(nn.Cell):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Dense(3, 3, has_bias=False), nn.Dense(3, 3, has_bias=False)
            self.b.weight = self.a.weight

        def construct(self, x):
            return self.b(self.a(x)).sum()

    net = Tied()
    assert [p.name for p in net.get_parameters()] == ["a.weight"]
    net.a.weight.set_data(Tensor(np.eye(3, dtype=np.float32)))
    gradient, = ops.GradOperation(get_by_list=True)(net, ParameterTuple(net.trainable_params()))(Tensor(X))
    np.testing.assert_allclose(gradient.asnumpy(), 4.0)


def test_keyword_and_variable_arguments(mode):
    net = Block()
    base = net(Tensor(X)).asnumpy()
    out = net(Tensor(X), Tensor(1.0), 2.0, shift=3.0, extra=Tensor(4.0))
    np.testing.assert_allclose(out.asnumpy(), base + 10, rtol=1e-5)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        net()


def test_settings_reach_the_children():
    net = Net()
    assert not net.training and net.set_train() is net
    assert all(cell.training for _, cell in net.cells_and_names())
    net.set_train(False)
    assert not net.first.dense.training
    net.set_grad()
    assert net.requires_grad and not net.first.requires_grad
    net.add_flags(k=1)
    assert net.k == 1 and net.get_flags()["k"] == 1 and "k" not in net.first.get_flags()
    net.add_flags_recursive(k=2)
    assert net.second.dense.get_flags()["k"] == 2


def test_text():
    assert repr(Net().chain) == ("SequentialCell<\n  (a): Dense<input_channels=3, output_channels=2, has_bias=True>\n"
                                 "  (b): Tanh<>\n  >")

    class Named(nn.Cell):
        def extend_repr(self):
            return "width=3"

    assert repr(Named()) == "Named<width=3>"


@pytest.mark.parametrize("dtype", [ms.float16, ms.bfloat16])
def test_to_float_reaches_inputs_parameters_and_held_constants(mode, dtype):
    class Mixed(nn.Cell):
        def __init__(self):
            super().__init__()
            self.p = Parameter(Tensor(X))
            self.c = Tensor(X)
            self.kept = nn.Dense(3, 3)

        def construct(self, x):
            a, b, c = x * 2.0, self.p * 2.0, self.c * 2.0
            return a, b, c, self.kept(x), ops.cast(x, ms.float32) * 2.0

    net = Mixed().to_float(dtype)
    net.kept.to_float(ms.float32)
    outs = net(Tensor(X))
    assert [o.dtype for o in outs] == [dtype, dtype, dtype, ms.float32, ms.float32]
    assert net.p.dtype == ms.float32
    gradient = ops.GradOperation(get_by_list=True)(net, ParameterTuple([net.p]))(Tensor(X))[0]
    assert gradient.dtype == ms.float32
    np.testing.assert_allclose(gradient.asnumpy(), 2.0)


def test_a_cell_copies_deeply():
    import copy

    net = Net()
    net(Tensor(X))
    twin = copy.deepcopy(net)
    twin.first.scale.set_data(Tensor(5.0))
    assert float(net.first.scale) == 2.0 and twin(Tensor(X)).shape == (2, 2)


@pytest.mark.parametrize("call, error, text", [
    (lambda: setattr(Block(), "dense", 3), TypeError, "the type of dense must be cell, but got int"),
    (lambda: setattr(Block(), "scale", "a"), TypeError, "must be Parameter or ParameterTuple, but got str"),
    (lambda: Block().nothing, AttributeError, "The 'Block' object has no attribute 'nothing'"),
    (lambda: Block().to_float(ms.int8), ValueError, "should be float32, float16 or bfloat16, but got Int8"),
    (lambda: nn.SequentialCell(nn.ReLU()), TypeError, "must be list or orderedDict, but got ReLU"),
    (lambda: nn.CellList([3]), TypeError, "each cell must be subclass of Cell, but got int"),
    (lambda: nn.CellList([nn.ReLU()])[3], IndexError, r"must be a number in range \[-1, 1\), but got 3"),
    (lambda: Block().insert_param_to_cell("dense", Parameter(Tensor(1.0))), KeyError, "already exists in the network"),
    (lambda: Block().insert_child_to_cell("scale", nn.ReLU()), KeyError, "already exists in the network"),
])
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_lists_appended_to_a_list_without_a_name_are_named_as_mindspore_does():
    class Branches(nn.Cell):
        def __init__(self):
            super().__init__()
            self.lists = nn.CellList([nn.SequentialCell([nn.Dense(1, 1, has_bias=False)])])

    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.stages = nn.CellList()
            for _ in range(3):
                self.stages.append(Branches())

    names = [p.name for p in Net().get_parameters()]    # as 1.8 and 2.0 write them into checkpoints
    assert names == ["0.lists.0.0.weight", "0.lists.0.1.lists.0.0.weight", "0.lists.0.2.lists.0.0.weight"]
