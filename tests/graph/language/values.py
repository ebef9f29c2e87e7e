"""What stands in construct besides Tensors: containers, functions, attributes, classes, indices."""
# ruff: noqa: B905, B023
import functools
import math
from collections import namedtuple

import numpy as np
from tests.graph.language.table import f32, grid, i32, mstype, nn, ops, program, scalar, weight

from mycelium import Parameter, Tensor

EPSILON = 1e-3
TABLE = {"small": 0.5, "large": (2.0, 3.0)}
Pair = namedtuple("Pair", ["first", "second"])


class Config:
    """Settings as a plain class."""

    hidden = 4
    kinds = ("relu", "tanh")
    scale = 0.5


@program()
def containers(x):
    items = [x, x * 2]
    items.append(x * 3)
    items.extend([x - 1, x - 2])
    items.insert(1, x * 10)
    last = items.pop()
    first, *middle = items
    total = first + last
    for v in middle[1:-1][::-1]:
        total = total * 0.5 + v
    nested = [[x, x + 1], (x, [x * 2, x * 4])]
    total = total + nested[1][1][-1] - nested[0][1]
    pairs = items[:2] + [x] * 2
    return total, len(items), pairs[3]


@program()
def dictionaries(x):
    d = {"a": x, "b": [x, x * 2]}
    d["c"] = d["a"] + 1
    d.update({"a": x * 5})
    total = x * 0
    for key, value in d.items():
        if key == "b":
            total = total + value[1]
        else:
            total = total * 2 + value
    keys = [k for k in d.keys()]
    return total + d.get("missing", x), len(keys), sorted(keys)[0]


@program()
def comprehensions(x):
    squares = [x ** i for i in range(1, 4) if i != 2]
    halves = {i: s * 0.5 for i, s in enumerate(squares)}
    total = sum(v.sum() for v in squares)
    grid_ = [[x[i] * j for j in range(3)] for i in range(2)]
    flags = tuple([bool(i % 2) for i in range(3)])
    return total + halves[1] + grid_[1][2], flags[1]


@program()
def conditional_comprehension(x):
    values = [v if v > 0 else -v * 2 for v in (x[0], x[1], x.sum())]
    return values[0] + values[1] * values[2]


def mix(x, *others, scale=1.0, **named):
    """Arguments of every kind."""
    for v in others:
        x = x + v
    if "bias" in named:
        x = x + named["bias"]
    if x.sum() > 100 and others:
        x = x - others[0]
    return x * scale


@program()
def arguments_of_every_kind(x):
    args = (x, x * 2)
    named = {"bias": x * 3, "scale": 2.0}
    half = functools.partial(mix, x, scale=0.5)
    return mix(*args, **named) + half(x, x) + mix(x) + half()


@program()
def partial_of_partial(x):
    f = functools.partial(functools.partial(mix, x), x * 2, bias=x)
    return f(scale=3.0)


@program()
def closures_over_loop_variables(x):
    fns = []
    for i in range(3):
        fns.append(lambda v, k=i: v * k)
    late = [lambda v: v + i for i in range(3)]
    y = x * 0
    for f in fns:
        y = y + f(x)
    return y + late[0](x)


@program((scalar(2),), (scalar(-2),))
def closure_reads_rebound_variable(x):
    k = 1

    def times(v):
        return v * k
    a = times(x)
    k = 3
    if x > 0:
        k = 5
    return a + times(x)


@program()
def functions_return_functions(x):
    def make(by):
        def inner(v):
            if v.sum() > 0:
                return v * by
            return v - by
        return inner

    def apply(f, v, times):
        for _ in range(times):
            v = f(v)
        return v
    return apply(make(2), x, 2) + apply(lambda v: v + 1, x, 3)


@program()
def strings_and_numbers(x):
    name = "layer" + str(3) + f"_{Config.hidden:03d}"
    assert name == "layer3_004", f"name is {name}"
    k = 7 // 2 + 7 % 4 + 2 ** 3 - int(3.7) + round(2.6) + abs(-3) + max(1, 2) + min([4, 3]) + divmod(7, 3)[1]
    if name.startswith("layer") and name.split("_")[1] == "004" and len(name) > 5:
        x = x * k
    return x * math.sqrt(16) + float("0.5") + math.pi - np.pi, k


@program()
def globals_and_class_attributes(x):
    y = x * TABLE["small"] + TABLE["large"][1] - EPSILON
    if Config.kinds[0] == "relu" and "tanh" in Config.kinds:
        y = ops.ReLU()(y)
    return y * Config.scale


@program()
def named_tuples(x):
    pair = Pair(x, x * 2)
    if x.sum() > 0:
        pair = Pair(pair.second, pair.first)
    return pair.first * 3 + pair[1]


@program((grid(2, 3),), (-grid(2, 3),))
def tensor_attributes(x):
    rows, columns = x.shape
    y = x.reshape(columns, rows) if rows < columns else x
    if x.ndim == 2 and x.dtype == mstype.float32 and x.size == rows * columns and isinstance(x, Tensor):
        y = y.T.astype(mstype.float32).view(-1)
    for i in range(x.shape[-1]):
        y = y + x[0, i] * i
    return y.mean() + x.max(axis=1) * x.min() + x.std()


@program((grid(2, 3), mstype.float16), (grid(2, 3), mstype.int32), grad=False)
def types_as_values(x, dtype):
    y = ops.cast(x, dtype)
    if dtype == mstype.float16:
        y = y * 2
    return y.astype(mstype.float32) + ops.zeros((2, 3), mstype.float32)


@program((grid(3, 4), i32(1)), (grid(3, 4), i32(-1)), grad=False)
def tensor_indices(x, i):
    a = x[i]
    b = x[i, 2] + x[..., i].sum() + x[:, i][0]
    c = x[Tensor([0, 2])][1]
    d = x[1:, ::2].sum() + x[None].shape[0] + x[-1][-1]
    return a + b + c[0] + d


@program((grid(3, 4), i32(1)), (grid(3, 4), i32(0)), grad=False)
def setitem_of_many_kinds(x, i):
    y = x * 1
    y[i] = 5
    y[0, i] = x[1, 1]
    y[:, 3] = x[:, 0]
    y[1:, 1:3] += 1
    y[Tensor([0, 2]), 2] = 7
    y[..., 0] *= 2
    y[y > 5] = 0
    return y


@program()
def setitem_in_branches_and_loops(x):
    y = ops.zeros((3, 2), mstype.float32)
    for i in range(3):
        if x.sum() > i:
            y[i] = x * i
        elif i == 1:
            y[i, 0] = x[1]
    return y * x


@program()
def inplace_operators(x):
    y = x * 1
    y += x
    y -= 1
    y *= x
    y /= 2
    y **= 2
    y //= 1
    y %= 3
    k = 2
    k *= 3
    return y + k


@program()
def updated_in_place(x):
    """Rows read before and after they are replaced, in a loop: each read has the gradient of what it saw."""
    y = x * 2
    before = y.sum()
    for i in range(2):
        y[i] = y[1 - i] * x[i]
    y[0] *= 3
    return before * y + y * y


@program(grad=False)
def alias_then_setitem(x):
    y = x
    z = x * 1
    z[0] = 7
    w = z
    z = z + 1
    return y + z, w


class Base(nn.Cell):
    """Methods and attributes for the Cells below."""

    factor = 3
    names = ("a", "b")

    def __init__(self, size=2):
        super().__init__()
        self.size = size
        self.scale = 0.5
        self.table = {"a": 1.5, "b": 2.5}
        self.w = weight([1, 2], "w")
        self.activation = None

    @property
    def twice(self):
        return self.size * 2

    @property
    def scaled_weight(self):
        return self.w * self.scale

    @staticmethod
    def shift(x, by=1):
        return x + by if x.sum() > 0 else x - by

    @classmethod
    def times(cls, x):
        return x * cls.factor

    def act(self, x):
        if self.activation is not None:
            x = self.activation(x)
        return x

    def construct(self, x):
        return self.act(x * self.w)


@program()
class UsesEverything(Base):
    factor = 4

    def __init__(self):
        super().__init__(size=3)
        self.activation = nn.ReLU()
        self.fn = ops.tanh
        self.layers = [1, 2, 3]

    def act(self, x):
        return super().act(x) + self.size

    def construct(self, x):
        y = super().construct(x)
        y = self.shift(self.times(y)) + Base.shift(x, by=2) + self.twice
        for n in self.names:
            y = y * self.table[n]
        for i in self.layers:
            y = y + i
        if hasattr(self, "activation") and getattr(self, "size", 0) == 3:
            y = y + self.scaled_weight
        return self.fn(y * 0.01)


@program()
class PicksMethods(Base):
    """Methods as values."""

    def double(self, x):
        return x * 2

    def halve(self, x):
        if x.sum() > 1:
            return x / 2
        return x

    def construct(self, x):
        f = self.double if self.size > 1 else self.halve
        steps = [self.double, self.halve, f]
        for step in steps:
            x = step(x)
        methods = {"d": self.double, "h": self.halve}
        return methods["h"](x) + self.w


class Block(nn.Cell):
    def __init__(self, scale, downsample=None):
        super().__init__()
        self.scale = scale
        self.w = weight([scale, 1], "w")
        self.downsample = downsample

    def construct(self, x):
        identity = x
        if self.downsample is not None:
            identity = self.downsample(x)
        return ops.tanh(x * self.w) * self.scale + identity


@program((f32(1, 2),), (f32(-1, -3),))
class CellLists(nn.Cell):
    """Blocks in lists: loops, slices, indices, early exits."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.CellList([Block(i + 1, nn.ReLU() if i == 1 else None) for i in range(4)])
        self.gates = nn.CellList([nn.Sigmoid(), nn.Tanh()])
        self.head = nn.SequentialCell(Block(0.5), nn.ReLU())
        self.blocks.append(Block(0.25))

    def construct(self, x):
        outs = ()
        for i, block in enumerate(self.blocks):
            x = block(x)
            outs = outs + (x,)
            if x.sum() > 4 and i > 1:
                x = x * 0.5
                continue
            x = x + outs[0]
        for block, gate in zip(self.blocks[1:3], self.gates):
            x = gate(block(x))
        x = self.head(x) + self.blocks[-1](x)
        for cell in self.head:
            x = cell(x)
        return x, len(self.blocks)


@program((f32(1, 2), i32(1)), (f32(1, 2), i32(0)), grad=False)
class PicksCellByTensor(nn.Cell):
    def __init__(self):
        super().__init__()
        self.blocks = nn.CellList([Block(1), Block(2), Block(3)])

    def construct(self, x, i):
        y = self.blocks[i](x)
        while y.sum() < 5:
            y = self.blocks[i](y) + 1
        return y


@program()
class CellAsArgument(nn.Cell):
    def __init__(self):
        super().__init__()
        self.a, self.b = Block(1), Block(2)

    def run(self, cell, x, times):
        for _ in range(times):
            x = cell(x)
        return x

    def construct(self, x):
        chosen = self.a if x.shape[0] == 2 else self.b
        if x.sum() > 0:
            return self.run(chosen, x, 2)
        return self.run(self.b, x, 1)


@program()
class MultipleInheritance(PicksMethods, Base):
    def halve(self, x):
        return super().halve(x) + 1

    def construct(self, x):
        return super().construct(x) + super(PicksMethods, self).construct(x)


@program()
class ConstantsOfTheCell(nn.Cell):
    """Tensors and arrays as attributes."""

    def __init__(self):
        super().__init__()
        self.mask = Tensor([1, 0], mstype.float32)
        self.shift = Tensor(np.array([0.5, 1.5], np.float32))
        self.sizes = (1, 2)
        self.kind = mstype.float32
        self.on = True

    def construct(self, x):
        y = x * self.mask + self.shift if self.on else x
        for s in self.sizes:
            y = y + ops.ones((s,), self.kind).sum() * self.mask
        return y.astype(self.kind)


@program((f32(1, 2), None), (f32(1, 2), f32(3, 4)), grad=False)
class OptionalInput(nn.Cell):
    def construct(self, x, mask=None, *, scale=2.0):
        if mask is not None:
            x = x * mask
        return x * scale


@program(((f32(1, 2), f32(3, 4)),), grad=False)
class TupleInput(nn.Cell):
    def construct(self, pair):
        a, b = pair
        if a.sum() > b.sum():
            a, b = b, a
        return a - b * 2


@program()
class LazyMask(nn.Cell):
    """Python state decides once; numbers that NumPy computed are constants."""

    def __init__(self):
        super().__init__()
        self.weights = np.linspace(0, 1, 3).tolist()
        self.p = Parameter(Tensor(f32(1, 1)), name="p")

    def construct(self, x):
        total = x * 0
        for k in self.weights:
            if k == 0.5:
                continue
            total = total + k * self.p
        return total * x
