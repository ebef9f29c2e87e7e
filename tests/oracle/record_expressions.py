"""Record what real MindSpore answers to single expressions and small programs; run it under MindSpore 1.8.1.

``expressions.json`` has groups of cases. In the groups under ``python`` a case is an expression, evaluated in
PYNATIVE_MODE after the group's ``setup`` has been executed; its outcome is ``repr`` (and ``str`` where that differs).
In the groups under ``construct`` a case is the body of ``construct(self, x)``, called with ``argument`` in both modes;
its outcome is ``repr`` of the result, ``graph`` where GRAPH_MODE differs. An outcome of either kind may instead be
``error`` (the exception's type) with ``message`` (the first line of its text).
"""

import contextlib
import importlib.util
import io
import json
import re
import sys
import tempfile
from pathlib import Path

import mindspore as ms

NAMES = """
import mindspore as ms, numpy as np, mindspore.nn as nn, mindspore.ops as ops, mindspore.common.initializer as init
from mindspore import Tensor, Parameter, ParameterTuple
from mindspore.common.initializer import initializer, Normal
"""

TEXT = [
    "Tensor(3)", "Tensor(3.5)", "Tensor(True)", "Tensor([1, 2])", "Tensor([1.0, -2.5])", "Tensor([[1, 2], [3, 4]])",
    "Tensor([[1.0, 2.0], [3.0, 4.0]])", "Tensor([True, False])", "Tensor([[True], [False]])", "Tensor([])",
    "Tensor([1.5, 2.25], ms.float16)", "Tensor(1.5, ms.float16)", "Tensor([1.5, 2.25], ms.float64)",
    "Tensor([1, 2], ms.uint8)", "Tensor([-1, 2], ms.int8)", "Tensor(np.array([100000, 1], np.int32))",
    "Tensor(np.array([1 + 2j]))", "Tensor(np.array([1e-10, 1e10, np.nan, np.inf, -np.inf], np.float32))",
    "Tensor(np.array([1e-10, 3.14159265358979]))", "Tensor(1e-5)", "Tensor(123456789.0)", "Tensor(0.1)", "Tensor(-0.0)",
    "Tensor(np.float64(1e-5))", "Tensor(float('nan'))", "Tensor(float('inf'))", "Tensor(1e10)", "Tensor(100.0)",
    "Tensor(np.ones((2, 3, 4), np.float32))", "Tensor(np.arange(7))", "Tensor(np.arange(24))", "Tensor(np.arange(25))",
    "Tensor(np.arange(30))", "Tensor(np.arange(12).astype(np.float32))", "Tensor(np.arange(13).astype(np.float32))",
    "Tensor(np.arange(30) % 2 == 0)", "Tensor(np.arange(30).astype(np.float16))",
    "Tensor(np.arange(30).reshape(1, 1, 30))",
    "Tensor(np.arange(12).reshape(2, 6))", "Tensor(np.arange(14).reshape(2, 7))", "Tensor(np.arange(14).reshape(7, 2))",
    "Tensor(np.arange(64).reshape(8, 8).astype(np.float32))", "Tensor(np.arange(16).reshape(8, 2) % 3 == 0)",
    "Tensor(np.arange(343).reshape(7, 7, 7))", "Tensor(np.ones((50, 50), np.float32))", "Tensor(np.arange(60) * 1000)",
    "Tensor(shape=[2, 3], dtype=ms.float32, init=init.One())",
    "Tensor(np.array([[0.1, 22.5], [-3.25, 1e-3]], np.float32))",
    "Tensor([[1, -2], [300, 4]], ms.int16)", "Tensor(np.full((3, 1), 1 / 3, np.float64))",
]
PARAMETERS = [
    "Parameter(Tensor([1.0, 2.0]), name='w')", "Parameter(Tensor(1.0), name='w', requires_grad=False)",
    "Parameter(Tensor([1.0]))", "Parameter(initializer('zeros', [2, 3], ms.float32), name='z')",
    "Parameter(2, name='i')",
    "Parameter(2.0, name='i')", "Parameter([1, 2], name='i')", "Parameter(np.ones(2, np.float32), name='i')",
    "Parameter(True, name='i')", "Parameter('a', name='i')", "Parameter(None, name='i')",
    "Parameter(Tensor(1.0), name=3)",
    "Parameter(Tensor(1.0), name='')", "Parameter(Tensor(1.0), requires_grad=2)", "Parameter((1, 2))",
    "Parameter(Parameter(Tensor([1.0]), name='a'), name='b')", "ParameterTuple([Parameter(Tensor(1.0), name='a')])",
    "ParameterTuple([Parameter(Tensor(1.0), name='a'), Parameter(Tensor(1.0), name='a')])",
    "ParameterTuple([Tensor(1.0)])",
    "Parameter(Tensor(1.0), name='a') + 1", "Parameter(Tensor([1.0, 2.0]), name='a')[0]",
    "Parameter(Tensor([1.0]), 'a').clone()", "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2.0])).asnumpy()",
    "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2.0, 3.0]))",
    "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2.0, 3.0]), slice_shape=True)",
    "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2])).asnumpy()",
    "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2.0], ms.float16)).dtype",
    "Parameter(Tensor([1.0]), 'a').set_data(Tensor([2.0], ms.float64))",
    "Parameter(Tensor([1], ms.int32), 'a').set_data(Tensor([2.5]))", "Parameter(Tensor([1.0]), 'a').set_data(2.0)",
    "Parameter(Tensor([1.0]), 'a').set_data(np.ones(1))",
]
CREATION = [f"Tensor({argument}).dtype" for argument in (
    "1", "1.0", "True", "[1]", "[1.0]", "[True]", "[1, 2.5]", "[True, 1]", "[True, 1.5]", "(1, 2)",
    "[[1, 2], [3, 4.0]]",
    "np.array([1.0])", "np.array([1])", "np.float64(1)", "np.float32(1)", "np.int32(1)", "np.array([1], np.int8)",
    "np.array([1.0], np.float16)", "1 + 2j", "[1 + 2j]", "Tensor([1.0])", "[Tensor(1.0), Tensor(2.0)]",
    "[np.float64(1.0), 2]", "[np.array([1, 2]), np.array([3, 4])]", "[]", "np.bool_(True)", "1, ms.float16",
    "[1.7], ms.int32", "[1, 0], ms.bool_", "[1.5], dtype=ms.float64", "None", "{}", "set()", "2**40", "-1, ms.uint8",
    "1.5, dtype='float32'", "[1], dtype=np.float32", "[1], dtype=int", "", "range(3)", "'abc'", "input_data=[1.0]",
    "np.ones((2, 3)).T", "np.array(3)", "np.zeros((0, 3), np.float32)")]
CREATION += [
    "Tensor([1.7], ms.int32)", "Tensor([300], ms.uint8)", "Tensor([1.7, -1.7]).astype(ms.int32)",
    "Tensor([1.0]).astype('float16')", "Tensor([1.0]).astype(np.int8)", "Tensor([1.0]).astype(int)",
    "Tensor([1.0]).astype(float)", "Tensor([2, 0, -1]).astype(ms.bool_)", "Tensor([1.0]).astype('foo')", "ms.float32",
    "str(ms.float32)", "str(ms.int64)", "ms.bool_", "str(ms.bool_)", "ms.number", "str(ms.tensor_type(ms.float32))",
    "ms.dtype_to_nptype(ms.float32)", "ms.dtype_to_nptype(ms.bool_)", "ms.dtype_to_pytype(ms.float32)",
    "ms.pytype_to_dtype(float)", "ms.pytype_to_dtype(int)", "ms.pytype_to_dtype(bool)", "ms.pytype_to_dtype('a')",
    "ms.get_py_obj_dtype(1.0)", "ms.get_py_obj_dtype(Tensor([1.0]))", "ms.issubclass_(ms.float32, ms.number)",
    "ms.float32 == 'float32'",
]
T = "t = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])"
METHODS = [
    "t.shape", "t.ndim", "t.size", "t.itemsize", "t.nbytes", "t.strides", "t.dim()", "t.T", "len(t)", "t.item(0)",
    "t.item((1, 2))", "t.item()", "t.item(7)", "Tensor([3]).item()", "t.itemset(0, 9.0)", "t.itemset((0, 1), 8)", "t",
    "t.view(3, 2)", "t.view((3, 2))", "t.view(-1)", "t.view(4)", "t.reshape(3, -1)", "t.reshape((6,))", "t.resize(4)",
    "t.flatten()", "t.ravel()", "t.squeeze()", "t.transpose()", "t.transpose(1, 0)", "t.transpose((1, 0))",
    "t.swapaxes(0, 1)", "t.sum()", "t.sum(0)", "t.sum(axis=1, keepdims=True)", "t.mean()", "t.mean(1)", "t.max()",
    "t.max(0)", "t.min()", "t.argmax()", "t.argmax(1)", "t.argmin()", "t.std()", "t.var()", "t.abs()",
    "Tensor([True, False]).all()", "Tensor([True, False]).any()", "t.all()", "t.copy()", "Tensor([1, 2]).mean()",
    "Tensor([1, 2]).sum()", "Tensor([True, True]).sum()", "Tensor([1, 2], ms.float16).sum()", "t.fill(3.0)",
    "t.expand_as(Tensor(np.ones((2, 2, 3))))", "t.broadcast_to((2, 2, 3)).shape", "t.clip(2, 4)", "t.cumsum()",
    "t.cumsum(0)", "t.diagonal()", "t.repeat(2)", "t.repeat(2, 0)", "t.narrow(1, 0, 2)", "t.pow(2)",
    "t.gather(Tensor([0]), 1)",
    "t.tolist()", "t.numpy()", "t.asnumpy().flags.writeable", "[1, 2, 3][Tensor(1)]", "range(Tensor(3))",
    "format(t, '')",
    "t == t", "t > 2", "bool(t)", "bool(Tensor([1.0]))", "int(Tensor(3.7))", "float(Tensor([3]))",
    "list(Tensor([1, 2]))",
    "t == None", "t == 'a'", "t != [1.0, 2.0, 3.0]", "t.has_init", "t.nope", "t.foo()", "hash(t) == hash(t)",
    "t.choose([1])",
    "t.trace()", "t.ptp()", "t.take([0, 5])", "t.take(Tensor([0, 2]), 1)", "t.searchsorted",
    "t.compress([True, False], 0)",
    "t.sum(5)", "t.mean(axis=(0, 1))", "t.max(axis=1, keepdims=True)", "t.sum(dtype=ms.float16)", "t.transpose(0, 0)",
    "t.swapaxes(0, 3)", "t.squeeze(0)", "t.squeeze(5)", "t.astype(ms.int32).max()", "t.flatten(order='F')",
    "t.ravel().shape",
    "t.minimum(3.0)", "t.select(t > 2, t)", "t.masked_fill(t > 2, 0.0)", "t.isclose(t)", "t.svd", "t.erf()", "t.inv()",
]
CELLS = """
class Leaf(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor([1.0]), name='w')
        self.v = Parameter(Tensor([1.0]))
        self.q = Parameter(Tensor([1.0]), name='other')
        self.bn = nn.BatchNorm2d(2)

class Pair(nn.Cell):
    def __init__(self, auto=True):
        super().__init__(auto_prefix=auto)
        self.a = Leaf()
        self.b = Leaf()

class Containers(nn.Cell):
    def __init__(self, auto=True):
        super().__init__()
        self.lst = nn.CellList([nn.Dense(1, 1), nn.BatchNorm2d(2)], auto_prefix=auto)
        self.seq = nn.SequentialCell(nn.Dense(1, 1), nn.BatchNorm2d(2))

class Tuples(nn.Cell):
    def __init__(self):
        super().__init__()
        self.ps = ParameterTuple([Parameter(Tensor([1.0]), name='p1'), Parameter(Tensor([1.0]), name='p2')])

class TwoTuples(nn.Cell):
    def __init__(self):
        super().__init__()
        self.d = Tuples()
        self.e = Tuples()

class SameName(nn.Cell):
    def __init__(self):
        super().__init__()
        self.a = Parameter(Tensor([1.0]), name='x')
        self.b = Parameter(Tensor([1.0]), name='x')

class SharedParameter(nn.Cell):
    def __init__(self):
        super().__init__()
        self.d1 = nn.Dense(2, 2)
        self.d2 = nn.Dense(2, 2)
        self.d2.weight = self.d1.weight

class SharedCell(nn.Cell):
    def __init__(self):
        super().__init__()
        self.d1 = nn.Dense(2, 2)
        self.d2 = self.d1

class Replaced(nn.Cell):
    def __init__(self):
        super().__init__()
        self.d = nn.Dense(2, 2)
        self.d = nn.ReLU()
        self.p = Parameter(Tensor([1.0]), name='x')
        self.p = Parameter(Tensor([2.0]), name='y')

class EarlyCell(nn.Cell):
    def __init__(self):
        self.d = nn.Dense(1, 1)

class EarlyParameter(nn.Cell):
    def __init__(self):
        self.p = Parameter(Tensor([1.0]))

class Plain(nn.Cell):
    def __init__(self):
        super().__init__()
        self.cells_list = [nn.Dense(1, 1)]
        self.cells_tuple = (nn.Dense(1, 1),)
        self.parameters_list = [Parameter(Tensor([1.0]), name='x')]

class Inserted(nn.Cell):
    def __init__(self):
        super().__init__()
        self.t = Tensor([1.0])
        self.insert_child_to_cell('kid', nn.Dense(1, 1))
        self.insert_param_to_cell('par', Parameter(Tensor([1.0]), name='nm'))
        self.insert_param_to_cell('par2', Parameter(Tensor([1.0])))

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU()
        self.w = Parameter(Tensor([1.0]), name='w')
        self.seq = nn.SequentialCell([nn.Dense(2, 2), nn.Dense(2, 2)])
        self.op = ops.ReLU()

def pn(net):
    return [p.name for p in net.get_parameters()]

def names(net):
    return [(path, p.name) for path, p in net.parameters_and_names()]

def after(net, action):
    action(net)
    return names(net)
"""
NAMING = [
    *[f"{call}({kind})" for kind in (
        "Leaf()", "Pair()", "Pair(False)", "Containers()", "Containers(False)", "Tuples()", "TwoTuples()", "SameName()",
        "SharedParameter()", "SharedCell()", "Replaced()", "Plain()", "Inserted()", "Net()",
        "nn.SequentialCell([nn.Dense(1, 1), nn.Dense(1, 1)])", "nn.CellList([nn.Dense(1, 1), nn.Dense(1, 1)])",
        "nn.CellList([nn.Dense(1, 1), nn.Dense(1, 1)], auto_prefix=False)", "nn.BatchNorm2d(2)", "nn.LSTM(2, 3, 2)")
      for call in ("names", "pn")],
    "[n for n, _ in Pair().cells_and_names()]", "[n for n, _ in SharedCell().cells_and_names()]",
    "list(Net().name_cells())",
    "Net()", "Pair()", "Plain()", "Inserted()", "Replaced()", "Net().trainable_params()", "Net().untrainable_params()",
    "nn.BatchNorm2d(2).trainable_params()", "nn.BatchNorm2d(2).untrainable_params()",
    "nn.BatchNorm2d(2).parameters_dict()",
    "Net().cls_name", "EarlyCell()", "EarlyParameter()",
    "after(Pair(), lambda n: n.update_parameters_name('pre.'))",
    "after(Pair(), lambda n: n.update_parameters_name('pre.', recurse=False))",
    "after(Leaf(), lambda n: n.update_parameters_name('pre.', recurse=False))",
    "after(Pair(), lambda n: setattr(n.a.w, 'name', 'zzz'))",
    "after(Pair(), lambda n: setattr(n, 'a', nn.Dense(1, 1)))",
    "after(Pair(), lambda n: setattr(n, 'a', 3))", "after(Leaf(), lambda n: setattr(n, 'w', Tensor([5.0])))",
    "after(Leaf(), lambda n: setattr(n, 'w', 3))", "after(Leaf(), lambda n: setattr(n, 'w', nn.ReLU()))",
    "after(Leaf(), lambda n: delattr(n, 'w'))", "after(Pair(), lambda n: delattr(n, 'a'))", "Leaf().x",
    "after(Leaf(), lambda n: setattr(n, 'new', Parameter(Tensor([1.0]), name='late')))",
    "after(Leaf(), lambda n: setattr(n, 'newc', nn.Dense(1, 1)))",
    "after(Pair(), lambda n: n.insert_child_to_cell('a', nn.ReLU()))",
    "after(Pair(), lambda n: n.insert_child_to_cell('k', 3))",
    "after(Pair(), lambda n: n.insert_param_to_cell('a', Parameter(Tensor(1.0))))",
    "after(Pair(), lambda n: n.insert_param_to_cell('a.b', Parameter(Tensor(1.0))))",
    "after(Pair(), lambda n: n.insert_param_to_cell('', Parameter(Tensor(1.0))))",
    "after(Pair(), lambda n: n.insert_param_to_cell('z', 3))",
    "after(nn.CellList([nn.ReLU()]), lambda n: n.append(nn.Dense(1, 1)))",
    "after(nn.CellList([nn.ReLU()]), lambda n: n.insert(0, nn.Dense(1, 1)))",
    "after(nn.CellList([nn.ReLU()]), lambda n: n.extend([nn.Dense(1, 1), nn.Dense(1, 1)]))",
    "after(nn.CellList([nn.Dense(1, 1), nn.Dense(1, 1), nn.Dense(1, 1)]), lambda n: n.__delitem__(0))",
    "after(nn.SequentialCell([nn.Dense(1, 1)]), lambda n: n.append(nn.Dense(1, 1)))",
    "after(nn.SequentialCell([nn.Dense(1, 1), nn.Dense(1, 1)]), lambda n: n.__delitem__(0))",
    "after(nn.SequentialCell([nn.Dense(1, 1), nn.Dense(1, 1)]), lambda n: n.__setitem__(0, nn.ReLU()))",
    "nn.CellList([nn.Dense(1, 1), nn.ReLU()])[0:1]", "nn.SequentialCell([nn.Dense(1, 1), nn.ReLU()])[0:1]",
    "nn.CellList([nn.ReLU()])[3]", "nn.CellList([3])", "nn.CellList([nn.ReLU()])(Tensor([1.0]))",
    "nn.SequentialCell([3])", "nn.SequentialCell(nn.ReLU(), nn.Dense(1, 1))", "nn.SequentialCell(nn.Dense(1, 1))",
    "nn.Dense(1, 1).training", "Pair().set_train().a.bn.training", "Pair().set_grad().requires_grad",
    "Pair().set_grad().a.requires_grad", "Pair().to_float(ms.int8)", "Pair().add_flags(foo=1).get_flags()",
    "Pair().set_train().get_flags()",
]
LAYER_TEXT = [f"nn.{layer}" for layer in (
    "Dense(3, 4)", "Dense(3, 4, has_bias=False, activation='relu')", "Conv2d(3, 6, 5)",
    "Conv2d(3, 6, 5, pad_mode='valid', has_bias=True)", "Conv1d(3, 6, 5)", "Conv3d(3, 6, 5)",
    "Conv2dTranspose(3, 6, 5)",
    "Conv1dTranspose(3, 6, 5)", "BatchNorm2d(4)", "BatchNorm1d(4)", "BatchNorm3d(4)", "LayerNorm([3])",
    "GroupNorm(2, 4)",
    "MaxPool2d(2, 2)", "AvgPool2d(2)", "MaxPool1d(2)", "Flatten()", "ReLU()", "LeakyReLU()", "Softmax()", "Sigmoid()",
    "Dropout(0.3)", "Embedding(10, 4)", "EmbeddingLookup(10, 4)", "PReLU()", "LSTM(3, 4)", "GRU(3, 4)",
    "LSTMCell(3, 4)",
    "Pad(((1, 1), (0, 0)))", "SoftmaxCrossEntropyWithLogits(sparse=True)", "MSELoss()", "OneHot()", "Norm()",
    "SequentialCell()", "CellList()", "SequentialCell([nn.SequentialCell([nn.ReLU()]), nn.Dense(3, 4)])",
    "CellList([nn.Dense(3, 4), nn.ReLU()])", "WithLossCell(nn.ReLU(), nn.MSELoss())", "GELU()", "HSwish()", "ELU()",
    "InstanceNorm2d(3)", "BiDense(2, 3, 4)", "Unfold([1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1])", "Identity()")]
OPTIMIZER_NAMES = [f"state(lambda n: nn.{build})" for build in (
    "SGD(n.trainable_params(), 0.1)", "SGD(n.trainable_params(), [0.1, 0.2], momentum=0.9)",
    "Momentum(n.trainable_params(), 0.1, 0.9)", "Adam(n.trainable_params(), 0.1)",
    "Adam(n.trainable_params(), [0.1, 0.2])",
    "Adam(n.trainable_params(), nn.ExponentialDecayLR(0.1, 0.9, 4))", "AdamWeightDecay(n.trainable_params(), 0.1)",
    "RMSProp(n.trainable_params(), 0.1)", "RMSProp(n.trainable_params(), 0.1, centered=True)",
    "Adagrad(n.trainable_params(), 0.1)", "Lamb(n.trainable_params(), 0.1)", "FTRL(n.trainable_params())",
    "ProximalAdagrad(n.trainable_params(), 0.1)", "LazyAdam(n.trainable_params(), 0.1)",
    "AdaMax(n.trainable_params(), 0.1)",
    "Adadelta(n.trainable_params(), 0.1)", "ASGD(n.trainable_params(), 0.1)", "Rprop(n.trainable_params(), 0.1)",
    "Momentum([{'params': [n.w], 'lr': 0.5}, {'params': n.d.trainable_params()}], 0.1, 0.9)",
    "Momentum([{'params': n.d.trainable_params(), 'weight_decay': 0.5}, {'params': [n.w]}, "
    "{'order_params': n.trainable_params()}], 0.1, 0.9)",
    "SGD([], 0.1)", "SGD(n, 0.1)", "SGD([1], 0.1)", "SGD(n.trainable_params(), -1)", "SGD(n.trainable_params(), 'a')",
    "SGD(n.trainable_params(), 1)", "SGD(n.trainable_params(), 0.1, lr=3)", "Momentum(n.trainable_params(), 0.1)",
    "Adam([Parameter(Tensor([1.0]), 'a'), Parameter(Tensor([1.0]), 'a')])",
    "Adam(n.trainable_params(), weight_decay=-1.0)",
    "Adam(n.trainable_params(), beta1=2.0)", "Adam(n.trainable_params(), loss_scale=0)",
    "Momentum(n.trainable_params(), 0.1, -0.9)", "SGD(n.trainable_params(), nesterov=True)",
    "Momentum([{'par': []}], 0.1, 0.9)",
    "Momentum([{'params': n.trainable_params()}, {'params': [n.w]}], 0.1, 0.9)")]
OPTIMIZED = """
class Small(nn.Cell):
    def __init__(self):
        super().__init__()
        self.d = nn.Dense(1, 1)
        self.w = Parameter(Tensor([1.0]), name='w')

def state(build):
    optimizer = build(Small())
    return [p.name for p in optimizer.get_parameters()], [p.name for p in optimizer.parameters]
"""
F = "def f(*shape):\n    return Tensor(np.ones(shape), ms.float32)\n"
LAYER_ERRORS = [
    "nn.Dense(3, 4)(Tensor(np.ones((2, 3)), ms.int32))", "nn.Dense(3, 4)(Tensor(np.ones((2, 3))))",
    "nn.Dense(3, 4)(f(2, 5))",
    "nn.Dense(3, 4)(f(3))", "nn.Dense(3, 4)(np.ones((2, 3), np.float32))", "nn.Dense(3, 4)()",
    "nn.Dense(3, 4)(f(2, 3), f(2, 3))", "nn.Dense(3, 4)(x=f(2, 3)).shape", "nn.Dense(3.5, 4)", "nn.Dense(0, 4)",
    "nn.Dense('3', 4)", "nn.Dense(True, 4)", "nn.Dense(3, 4, has_bias=1)", "nn.Dense(3, 4, activation='foo')",
    "nn.Dense(3, 4, activation=3)", "nn.Dense(3, 4, weight_init='foo')", "nn.Dense(3, 4, weight_init=f(3, 4))",
    "nn.Dense(3, 4, bias_init=f(3))", "nn.Dense(3, 4, weight_init=0.5).weight[0, 0]",
    "nn.Conv2d(1, 2, 3)(Tensor(np.ones((1, 1, 4, 4)), ms.int32))", "nn.Conv2d(3, 2, 3)(f(1, 1, 4, 4))",
    "nn.Conv2d(1, 2, 3)(f(1, 4, 4))", "nn.Conv2d(1, 2, 3, pad_mode='sam')", "nn.Conv2d(1, 2, 3, pad_mode='SAME')",
    "nn.Conv2d(1, 2, 3, padding=1)(f(1, 1, 4, 4))", "nn.Conv2d(1, 2, 3, pad_mode='pad', padding=-1)",
    "nn.Conv2d(1, 2, 3, pad_mode='pad', padding=(1, 1))(f(1, 1, 4, 4))", "nn.Conv2d(1, 2, 0)",
    "nn.Conv2d(1, 2, (3, 3, 3))",
    "nn.Conv2d(1, 2, 3, stride=0)", "nn.Conv2d(1, 2, 3, stride=1.5)", "nn.Conv2d(1, 2, 3, dilation=0)",
    "nn.Conv2d(3, 2, 3, group=2)", "nn.Conv2d(4, 3, 3, group=2)", "nn.Conv2d(1, 2, 3, data_format='foo')",
    "nn.Conv2d(1, 2, 5, pad_mode='valid')(f(1, 1, 3, 3))", "nn.Conv2d('a', 2, 3)", "nn.Conv1d(1, 2, 3)(f(1, 1, 4, 4))",
    "nn.Conv3d(1, 2, 3)(f(1, 1, 4, 4))", "nn.MaxPool2d(2)(f(4, 4))", "nn.MaxPool2d(2, pad_mode='pad')",
    "nn.MaxPool2d(0)",
    "nn.MaxPool2d(5, 1)(f(1, 1, 4, 4))", "nn.BatchNorm2d(3)(f(2, 3))", "nn.BatchNorm2d(3)(f(2, 4, 2, 2))",
    "nn.BatchNorm2d(3, momentum=2)", "nn.BatchNorm2d(0)", "nn.BatchNorm2d(1)(Tensor(np.ones((1, 1, 2, 2)), ms.int32))",
    "nn.BatchNorm1d(3)(f(2, 3, 4))", "nn.BatchNorm2d(3, use_batch_statistics=1)", "nn.LayerNorm((3,))(f(2, 4))",
    "nn.LayerNorm(3)", "nn.GroupNorm(3, 4)", "nn.GroupNorm(2, 4)(f(2, 4))", "nn.Dropout(0)", "nn.Dropout(0.0)",
    "nn.Dropout(1.5)", "nn.Dropout(1)", "nn.Dropout(0.5).set_train()(Tensor([1, 2]))",
    "nn.Embedding(3, 2)(Tensor([1.0]))",
    "nn.Embedding(3, 2, embedding_table='ones')(Tensor([5], ms.int32))",
    "nn.SoftmaxCrossEntropyWithLogits(sparse=True)(f(2, 3), Tensor([0.0, 1.0]))",
    "nn.SoftmaxCrossEntropyWithLogits(sparse=True)(f(2, 3), Tensor([0, 1]))",
    "nn.SoftmaxCrossEntropyWithLogits(sparse=True)(f(2, 3), Tensor([0, 1, 2], ms.int32))",
    "nn.SoftmaxCrossEntropyWithLogits(sparse=True)(f(2, 3), Tensor([0, 7], ms.int32))",
    "nn.SoftmaxCrossEntropyWithLogits(sparse=True)(f(2, 3, 4), Tensor([0, 1], ms.int32))",
    "nn.SoftmaxCrossEntropyWithLogits()(f(2, 3), f(2, 4))", "nn.SoftmaxCrossEntropyWithLogits(sparse=1)",
    "nn.MSELoss(reduction='avg')", "nn.MSELoss()(f(2, 3), f(2, 4))", "nn.MSELoss()(f(2, 3), f(3))",
    "nn.MSELoss()(f(2), Tensor([1, 2]))", "nn.BCELoss(reduction='mean')(f(2) * 3, f(2))",
    "f(2, 3) + f(2, 4)", "ops.MatMul()(f(2, 3), f(4, 5))", "ops.MatMul()(f(2, 3, 4), f(4, 5))",
    "ops.MatMul()(f(2, 3), Tensor(np.ones((3, 2)), ms.float16))", "ops.matmul(f(2, 3), f(4, 5))",
    "ops.Reshape()(f(2, 3), (4,))", "ops.Reshape()(f(2, 3), (-1, -1))", "ops.Transpose()(f(2, 3), (0, 0))",
    "ops.Transpose()(f(2, 3), (0, 1, 2))", "ops.Concat(0)((f(2, 3), f(2, 4)))", "ops.Concat(5)((f(2, 3), f(2, 3)))",
    "ops.Softmax(3)(f(2, 3))", "ops.ReduceSum()(f(2, 3), 3)", "ops.ReLU()()", "ops.ReLU()(f(2), f(2))",
    "ops.ReLU()(np.ones(2))",
    "ops.Squeeze(0)(f(2, 3))", "ops.ExpandDims()(f(2), 5)", "ops.OneHot()(Tensor([0.0]), 2, Tensor(1.0), Tensor(0.0))",
    "ops.Split(0, 2)(f(3))", "ops.Cast()(f(2), 'float16')", "ops.TopK()(f(3), 5)", "ops.Argmax(axis=3)(f(3))",
    "ops.Pad(((1, 1),))(f(2, 2))", "ops.BroadcastTo((2, 3))(f(2, 2))", "ops.BatchMatMul()(f(2, 3), f(3, 4))",
    "ms.set_context(mode=3)", "ms.set_context(mode='a')", "ms.set_context(device_target='TPU')",
    "ms.set_context(foo=1)",
    "ms.get_context('foo')", "ms.set_context(1)", "ms.set_seed(-1)", "ms.set_seed('a')", "ops.GradOperation(get_all=1)",
]
GETITEM = [
    "x[0]", "x[-1]", "x[2]", "x[-3]", "x[0, 1]", "x[0][1]", "x[1, -1]", "x[0, 3]", "x[0, 0, 0]", "x[:]", "x[0:1]",
    "x[5:]",
    "x[1:0]", "x[::2]", "x[::-1]", "x[:, ::-1]", "x[:, -1:]", "x[:, 2:0:-1]", "x[...]", "x[..., 0]", "x[0, ...]",
    "x[..., ...]", "x[None]", "x[:, None]", "x[None, 0, None]", "x[True]", "x[False]", "x[0, True]", "x[True, 0]",
    "x[[0, 1]]",
    "x[[1, 1, 0]]", "x[[0, 1], [1, 2]]", "x[[0, 5]]", "x[[True, False]]", "x[[[0, 1], [1, 0]]]", "x[0, [1, 2]]",
    "x[:, [0, 2]]",
    "x[Tensor([0, 1])]", "x[Tensor([0, 1], ms.int32)]", "x[Tensor([[0], [1]])]", "x[Tensor(1)]", "x[Tensor([5])]",
    "x[Tensor([-1])]", "x[Tensor([0, 1]), Tensor([1, 2])]", "x[Tensor([0, 1]), 1]", "x[:, Tensor([0, 2])]", "x[x > 2]",
    "x[Tensor([True, False])]", "x[Tensor([1.5])]", "x[1.5]", "x['a']", "x[Tensor([0, 1]), None]",
    "x[0, Tensor([0, 2]), ...]",
    "x[0:2:0]", "x[Tensor(0):Tensor(1)]", "x[0, 1:3]", "x[[0, 1], :]", "x[[0], [1], [2]]", "x[-5:5]", "x[:, ::3]",
    "x[()]",
    "x[0:0]", "x[[]]", "x[0][0][0]", "x[{}]",
]
SETITEM = [
    "x[0] = 9", "x[0] = 9.5", "x[0] = True", "x[-1] = 9", "x[2] = 9", "x[0, 1] = 9", "x[0, 5] = 9",
    "x[0] = Tensor([7., 8., 9.])",
    "x[0] = Tensor(7.)", "x[0] = Tensor([7, 8, 9])", "x[0] = Tensor([7.], ms.float64)", "x[0] = [7, 8, 9]",
    "x[0] = (7, 8, 9)",
    "x[0] = [7., 8.]", "x[0] = Tensor([7., 8.])", "x[0] = None", "x[0] = 'a'", "x[:] = 0", "x[:, 1] = 0",
    "x[:, 1] = Tensor([7., 8.])", "x[:, 1:] = Tensor([7., 8.])", "x[0:1] = Tensor([[7., 8., 9.]])", "x[::2] = 5",
    "x[:, ::2] = 0", "x[...] = 4", "x[..., 0] = 4", "x[None] = 4", "x[False] = 4", "x[x > 2] = 0",
    "x[x > 2] = Tensor(0.)",
    "x[x > 2] = Tensor([7., 8., 9., 10.])", "x[Tensor([True, False])] = 0", "x[Tensor([0])] = 9",
    "x[Tensor([0, 1])] = Tensor([7., 8., 9.])", "x[Tensor([0, 0])] = Tensor([[1., 1., 1.], [2., 2., 2.]])",
    "x[Tensor([-1])] = 9",
    "x[[0, 1]] = 9", "x[[0, 1], [1, 2]] = 9", "x[[0, 1], [1, 2]] = Tensor([7., 8.])",
    "x[Tensor([0, 1]), Tensor([1, 2])] = Tensor([7., 8.])", "x[0, Tensor([0, 2])] = 9", "x[:, Tensor([0, 2])] = 9",
    "x[[True, False]] = 9", "x[0][1] = 9", "x[5:] = 9", "x[1:0] = 9", "x[0, ...] = 9", "x[0, None] = 9",
    "x[0:2, 1:3] = Tensor([[7., 8.], [9., 10.]])", "x[0:2, 1:3] = [[7., 8.], [9., 10.]]", "x[0] += 1",
    "x[0, 1] *= Tensor(3.)",
    "x[Tensor(0)] = 9", "x[0:1, Tensor([0, 1])] = 9", "x[()] = 9", "x[1] = x[0]", "x[0] = x[1] * 2",
    "x[:1] = Tensor(3)",
    "x[0, [True, False, True]] = 9",
]
PROGRAMS = [
    "return x.asnumpy()", "return np.sum(x)", "return Tensor(np.ones(2)) + x", "return x + np.ones(2)", "return len(x)",
    "return float(x.sum())", "return int(x[0])", "return bool(x[0])", "return x.shape[0] * x", "return x.dtype",
    "return str(x)",
    "return isinstance(x, Tensor)", "return Custom().v * x", "return GL[0] + x", "return helper(x)",
    "threading.Thread(target=print).start()\nreturn x", "return time.time() * 0 + x", "return [i for i in range(3)]",
    "return x if x.sum() > 0 else -x", "try:\n    y = x\nexcept ValueError:\n    y = -x\nreturn y",
    "with open('/dev/null') as f:\n    y = x\nreturn y", "return (lambda a: a * 2)(x)", "import os\nreturn x",
    "def g(a):\n    return a * 2\nreturn g(x)", "assert x.sum() > 0\nreturn x", "raise ValueError('bad')",
    "if x.sum() > 0:\n    raise ValueError('bad')\nreturn x", "del x\nreturn 1", "return x.foo",
    "return undefined_name + x",
    "return ops.NoSuchOp()(x)", "return {'a': x}['a']", "return x, 1, 2.5", "return [x, x * 2]", "return x is None",
    "return x == None", "return x.sum() and x.sum()", "return x and x", "return 1 if x is not None else 2",
    "a = b = x\nreturn a + b", "for i in x:\n    x = x + i\nreturn x", "for i in range(3):\n    x = x + i\nreturn x",
    "i = 0\nwhile i < 3:\n    i += 1\nreturn x * i", "while x.sum() < 100:\n    x = x * 2\nreturn x",
    "if x.sum() > 0:\n    return x\nelse:\n    return 1", "if x.sum() > 0:\n    y = x\nreturn y",
    "if x.sum() > 0:\n    y = x\nelse:\n    y = 3\nreturn y", "self.foo = 3\nreturn x", "return self.training",
    "return hasattr(x, 'shape')", "return abs(x)", "return pow(x, 2)", "return x ** 0.5", "return x // 2",
    "return -x", "return +x",
    "return ~(x > 1)", "return Tensor(3) * x", "return Tensor(x)", "return x.astype('float16')", "return x.view(-1)",
    "return x.T", "a = []\na.append(x)\nreturn a", "a = [1, 2]\na[0] = x\nreturn a", "x = x + 1", "return None",
    "return max(1, 2) * x", "return sum([x, x])", "return x in (1, 2)", "y = x\ny[0] = 9\nreturn x", "x += 1\nreturn x",
]
HELPERS = """
import math, random, threading, time
class Custom:
    def __init__(self):
        self.v = 3
GL = [0]
def helper(a):
    return a + 1
"""
PYTHON = {
    "tensor text": ("", TEXT), "parameters": ("", PARAMETERS), "creation and dtypes": ("", CREATION),
    "tensor methods": (T, METHODS), "naming": (CELLS, NAMING), "layer text": ("", LAYER_TEXT),
    "optimizers": (OPTIMIZED, OPTIMIZER_NAMES), "errors": (F, LAYER_ERRORS),
}
MATRIX = "Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])"
CUBE = "Tensor(np.arange(24).reshape(2, 3, 4), ms.int32)"
CONSTRUCT = {
    "getitem": ("", MATRIX, [f"return {case}" for case in GETITEM]),
    "getitem of a cube": ("", CUBE, [f"return x[{index}]" for index in (
        "0, :, 1", ":, 0, Tensor([0, 1])", "Tensor([0, 1]), :, Tensor([0, 1])", "[0, 1], :, [0, 1]",
        ":, [0, 1], [1, 2]",
        "0, [0, 1], :", "Tensor([0, 1]), 0:2, Tensor([1, 2])", "..., Tensor([0, 1])", "None, ..., None", "1, ..., 2",
        "Tensor([[0, 1], [1, 0]]), Tensor([0, 1])", ":, None, Tensor([0, 1])", "0:1, ..., ::2", "::2, ::-2",
        "0, [True, False, True]")]),
    "setitem": ("", MATRIX, [f"{case}\nreturn x" for case in SETITEM]),
    "setitem of int32": ("", "Tensor([[1, 2, 3], [4, 5, 6]], ms.int32)", [f"{case}\nreturn x" for case in (
        "x[0] = 9.7", "x[0] = Tensor([1.5, 2.5, 3.5])", "x[0] = Tensor([7], ms.int64)", "x[x > 2] = 0.5", "x[0] = True",
        "x[:, 1] = [1.5, 2.5]", "x[Tensor([0])] = 1.5")]),
    "setitem of a cube": ("", CUBE, [f"{case}\nreturn x" for case in (
        "x[0] = Tensor(np.ones((3, 4)), ms.int32)", "x[:, 0, :] = Tensor(np.ones((2, 4)), ms.int32)",
        "x[:, :, 0] = Tensor([1, 2, 3])", "x[1, ..., 1] = 100",
        "x[Tensor([0, 1]), :, Tensor([0, 1])] = Tensor([1, 2, 3])",
        "x[:, [0, 1]] = 0", "x[0:1, Tensor([0, 1]), 1:3] = 5", "x[None, 1] = 4", "x[x > 10] = 0", "x[1][2] = 0",
        "x[..., Tensor([0, 3])] = 0")]),
    "programs": (HELPERS, "Tensor([1.0, 2.0])", PROGRAMS),
}


def refused(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    message = re.sub(r"\S*/recorded_cases", "recorded_cases", lines[0][:300]) if lines else ""
    return {"error": type(error).__name__, "message": message}


def evaluate(code, scope):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = eval(code, scope)
            outcome = {"repr": repr(result)}
            if str(result) != outcome["repr"]:
                outcome["str"] = str(result)
    except Exception as error:
        return refused(error)
    return outcome


def construct_module(head, bodies):
    """GRAPH_MODE reads the source of construct, so the cases are written to a file and imported."""
    text = NAMES + head
    for index, body in enumerate(bodies):
        lines = "\n        ".join(body.split("\n"))
        text += f"\nclass Case{index}(nn.Cell):\n    def construct(self, x):\n        {lines}\n"
    path = Path(tempfile.mkdtemp(), "recorded_cases.py")
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def run(module, index, argument, mode):
    ms.set_context(mode=mode)
    try:
        return {"repr": repr(getattr(module, f"Case{index}")()(eval(argument, vars(module))))}
    except Exception as error:
        return refused(error)


def main(target):
    result = {"version": ms.__version__, "names": NAMES, "python": {}, "construct": {}}
    ms.set_context(mode=ms.PYNATIVE_MODE, device_target="CPU")
    for group, (setup, cases) in PYTHON.items():
        scope = {"__name__": "recorded"}
        exec(NAMES + setup, scope)
        result["python"][group] = {"setup": setup, "cases": {code: evaluate(code, scope) for code in cases}}
        ms.set_context(mode=ms.PYNATIVE_MODE)
    for group, (head, argument, bodies) in CONSTRUCT.items():
        module = construct_module(head, bodies)
        cases = {}
        for index, body in enumerate(bodies):
            cases[body] = run(module, index, argument, ms.PYNATIVE_MODE)
            graph = run(module, index, argument, ms.GRAPH_MODE)
            if graph != cases[body]:
                cases[body] = {**cases[body], "graph": graph}
        result["construct"][group] = {"setup": head, "argument": argument, "cases": cases}
    Path(target).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
