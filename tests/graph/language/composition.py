"""Transformations inside programs: maps, gradients, vmap, bprop, hooks, recompute, compiled functions."""
from tests.graph.language.table import f32, grid, i32, mstype, nn, ops, program, scalar, weight

from mycelium import Tensor, ms_class, ms_function, mutable

combine = ops.MultitypeFuncGraph("combine")


@combine.register("Tensor", "Tensor")
def _combine_tensors(a, b):
    if a.sum() > b.sum():
        return a - b
    return a * b


@combine.register("Number", "Number")
def _combine_numbers(a, b):
    return a + b


@combine.register("Tuple", "Tuple")
def _combine_tuples(a, b):
    return a[0] + b[0]


@program()
def hyper_map_of_two(x):
    mapped = ops.HyperMap()(combine, (x, x * 2, 3), (x - 1, x, 4))
    return mapped[0] + mapped[1] * mapped[2]


@program()
def map_keeps_tuples(x):
    a, b = ops.Map()(combine, ((x, x), x), ((x * 2, x), x + 1))
    return a + b


@program()
def hyper_map_of_lambda(x):
    doubled = ops.HyperMap()(lambda v: v * 2, (x, (x + 1, x + 2)))
    return doubled[0] + doubled[1][0] * doubled[1][1]


@program()
def hyper_map_of_three(x):
    def total(a, b, c):
        return a + b * c
    mapped = ops.HyperMap(total)((x, x + 1), (x, x), (x * 2, x * 3))
    return mapped[0] - mapped[1]


scale_grads = ops.MultitypeFuncGraph("scale_grads")


@scale_grads.register("Tensor", "Tensor")
def _scale_grads(factor, grad):
    return grad * ops.Reciprocal()(factor)


@program()
def partial_multitype(x):
    factor = Tensor(4, mstype.float32)
    mapped = ops.HyperMap()(ops.partial(scale_grads, factor), (x, x * x))
    return mapped[0] + mapped[1]


def cube(x, y):
    if x.sum() > 0:
        return (x * x * x * y).sum()
    return (x * y * y).sum()


@program((f32(1, 2), f32(3, 4)), (f32(-1, -2), f32(3, 4)))
def gradient_inside(x, y):
    first = ops.GradOperation()(cube)(x, y)
    both = ops.GradOperation(get_all=True)(cube)(x, y)
    weighted = ops.GradOperation(sens_param=True)(cube)(x, y, Tensor(2, mstype.float32))
    return first + both[1] * weighted


@program((f32(1, 2), f32(3, 4)), (f32(-1, -2), f32(3, 4)))
def gradient_of_gradient(x, y):
    grad = ops.GradOperation()

    def first(x, y):
        return grad(cube)(x, y)

    if x.sum() > -10:
        x = grad(first)(x, y) + x
    return x


@program((f32(1, 2), f32(3, 4)), (f32(-1, -2), f32(3, 4)), grad=False)
def grad_functions(x, y):
    a = ops.grad(cube, 1)(x, y)
    b = ops.grad(cube, (0, 1))(x, y)
    return a + b[0] * b[1]


@program((scalar(2),), (scalar(0.5),))
def gradient_in_a_loop(x):
    def loss(v):
        return (v - 3) * (v - 3) * v

    n = 0
    while n < 4:
        g = ops.GradOperation()(loss)(x)
        if ops.abs(g) < 0.1:
            break
        x = x - 0.05 * g
        n += 1
    return x


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = weight(grid(2, 2), "w")

    def construct(self, x, y):
        z = ops.matmul(x.reshape((1, 2)), self.w).reshape((2,)) * y
        while z.sum() > 5:
            z = z * 0.5
        return z


@program((f32(1, 2), f32(3, 4)), (f32(9, 8), f32(3, 4)))
class GradientOfANet(nn.Cell):
    def __init__(self):
        super().__init__()
        self.net = Net()
        self.grad = ops.GradOperation(get_all=True, get_by_list=True)

    def construct(self, x, y):
        inputs, (w,) = self.grad(self.net, self.net.trainable_params())(x, y)
        return inputs[0] + inputs[1] * w.sum() + self.net(x, y)


@program((grid(3, 2), f32(1, 2)), grad=False)
def vmap_of_function(x, y):
    def row(a, b):
        return (a * b).sum() + a

    outs = ops.vmap(row, in_axes=(0, None))(x, y)
    across = ops.vmap(row, in_axes=(1, None), out_axes=1)(x.T, y)
    return outs + across.T


@program((grid(3, 2),), grad=False)
def vmap_of_gradient(x):
    def loss(v):
        return (v ** 3).sum()
    return ops.vmap(lambda v: ops.grad(loss)(v))(x)


class Squares(nn.Cell):
    """Its own gradient, ten times what it should be; another one where the sum is large."""

    def construct(self, x):
        return x * x

    def bprop(self, x, out, dout):
        if x.sum() > 5:
            return (dout * 0.1,)
        return (dout * x * 20,)


@program((f32(1, 2),), (f32(4, 5),), (f32(-1, -3),))
class BpropInBranchesAndLoops(nn.Cell):
    def __init__(self):
        super().__init__()
        self.squares = Squares()

    def construct(self, x):
        y = x
        if x.sum() > 0:
            y = self.squares(x) + x
        for _ in range(2):
            y = self.squares(y * 0.1)
        while y.sum() < 3:
            y = self.squares(y) + 1
        return y


class Worker(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(2, 2, weight_init=Tensor(grid(2, 2)))

    def construct(self, x):
        y = ops.tanh(self.dense(x.reshape((1, 2)))).reshape((2,))
        if y.sum() > 0:
            y = y * 2
        return y


@program()
class Recomputed(nn.Cell):
    def __init__(self):
        super().__init__()
        self.first, self.second = Worker(), Worker()
        self.first.recompute()

    def construct(self, x):
        y = self.first(x)
        for _ in range(2):
            y = self.second(y) + x
        return y


@ms_function
def compiled_helper(x, y):
    while x.sum() < 10:
        x = x + y
    return x


@program((f32(1, 2), f32(1, 1)), (f32(20, 2), f32(1, 1)))
def calls_compiled_functions(x, y):
    return compiled_helper(x, y) + compiled_helper(y, y)


@program((f32(1, 2),), (f32(-1, -3),))
class CompiledMethods(nn.Cell):
    """ms_function on methods, with a signature and without."""

    def __init__(self):
        super().__init__()
        self.w = weight([2, 3], "w")

    @ms_function(input_signature=(Tensor(f32(0, 0)),))
    def fixed(self, x):
        if x.sum() > 0:
            return x * self.w
        return x

    @ms_function
    def free(self, x, y):
        return x * y - self.w

    def construct(self, x):
        return self.fixed(x) + self.free(x, x)


@ops.constexpr
def size_of(shape, scale):
    """Computed while compiling."""
    total = 1
    for s in shape:
        total *= s
    return total * scale


@program()
def constant_expressions(x):
    k = size_of(x.shape, 3)
    return x * k if k == 6 else x


@ms_class
class Helper:
    """A plain class that compiled code may use."""

    def __init__(self, by):
        self.by = by

    def scale(self, x):
        if x.sum() > 0:
            return x * self.by
        return x - self.by

    def __call__(self, x):
        return self.scale(x) + 1


HELPER = Helper(3)


@program()
def plain_classes(x):
    return HELPER.scale(x) + HELPER(x) * HELPER.by


@program((f32(1, 2), f32(3, 4)), grad=False)
def mutable_tuple(x, y):
    def loss(pair, k):
        return (pair[0] * pair[1]).sum() * k
    return ops.GradOperation()(loss)(mutable((x, y)), 2)


@program()
def stop_gradient_in_loops(x):
    y = x
    for i in range(3):
        y = y * x if i % 2 else ops.stop_gradient(y) * x
    if y.sum() > 0:
        y = y + ops.stop_gradient(x * x)
    return y


@program((i32(4),), (i32(0),), grad=False)
class ArrayOfTensors(nn.Cell):
    """A TensorArray filled in a loop."""

    def __init__(self):
        super().__init__()
        self.array = nn.TensorArray(mstype.int64, ())

    def construct(self, n):
        for i in range(5):
            self.array.write(i, Tensor(i * 3, mstype.int64))
        total = self.array.read(1) + self.array.read(4) + n
        out = self.array.stack()
        self.array.clear()
        return total, out


@program((f32(1, 2),), grad=False)
class ArrayInAWhile(nn.Cell):
    def __init__(self):
        super().__init__()
        self.array = nn.TensorArray(mstype.float32, (2,))

    def construct(self, x):
        self.array.write(0, x)
        self.array.write(1, x * 2)
        if x.sum() > 2:
            x = self.array.read(1) + x
        return self.array.stack() + x


@program()
class HooksAreKept(nn.Cell):
    """Hooks run in PYNATIVE_MODE only, in both frameworks; these change nothing."""

    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.relu.register_forward_hook(lambda cell, inputs, output: None)

    def construct(self, x):
        if x.sum() > 0:
            x = self.relu(x) * 2
        return self.relu(x)


@program((f32(1, 2), f32(2, 1)))
def vjp_jvp_inside(x, v):
    out, pulled = ops.vjp(lambda a: a * a * a, x, v)
    moved, pushed = ops.jvp(lambda a: a * a, x, v)
    return out + pulled * moved + pushed


@program((scalar(3), 4), (scalar(0.5), 2))
def recursion_over_python_numbers(x, n):
    def power(v, n):
        if n == 0:
            return v * 0 + 1
        if v > 1:
            return v * power(v, n - 1)
        return power(v, n - 1) + v
    return power(x, n)


@program((scalar(5),), (scalar(0.5),))
def recursion_over_tensors(x):
    return factorial(x)


def factorial(x):
    """Ends by a Tensor's value."""
    if x <= 1:
        return x
    return x * factorial(x - 1)
