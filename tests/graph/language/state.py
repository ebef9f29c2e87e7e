"""Parameters that change while a program runs: counters, buffers, shared state."""
from tests.graph.language.table import f32, grid, i32, mstype, nn, ops, program, scalar, weight

from mycelium import Parameter, ParameterTuple, Tensor


class Counter(nn.Cell):
    def __init__(self):
        super().__init__()
        self.count = Parameter(Tensor(0, mstype.int32), name="count", requires_grad=False)
        self.total = weight([0.5, 1], "total")


@program()
class ReadAfterWrite(Counter):
    def construct(self, x):
        self.total = self.total + x
        first = self.total * 1
        self.total = self.total * 2
        self.count += 1
        second = self.total * self.count
        self.count += 1
        return first, second, self.total * 1, self.count * 1


@program()
class AssignOperators(Counter):
    def construct(self, x):
        ops.assign(self.total, x * 2)
        a = self.total * 1
        ops.assign_add(self.total, x)
        b = self.total * 1
        ops.assign_sub(self.total, a * b)
        return a + b + self.total


@program((f32(1, 2),), (f32(-1, -3),), (f32(6, 7),))
class WrittenInBranchOfLoop(Counter):
    def construct(self, x):
        out = x * 0
        for i in range(4):
            if x.sum() > i:
                self.total = self.total + x
                if self.total.sum() > 12:
                    self.count += 10
                    break
            else:
                self.count = self.count + 1
                continue
            out = out + self.total * self.count
        return out + self.total


@program((f32(1, 2),), (f32(0.5, 0.5),), (f32(-1, 1),))
class WrittenInWhileThenRead(Counter):
    def construct(self, x):
        n = 0
        while n < 5:
            n = n + 1
            if self.total.sum() > 8:
                continue
            self.total = self.total + x * self.total
            k = 0
            while k < 2:
                k = k + 1
                if self.total.sum() < 3:
                    self.count += 1
                    self.total = self.total + 0.25
        return self.total * x, self.count * 1


class Adds(nn.Cell):
    def __init__(self, shared):
        super().__init__()
        self.p = shared

    def construct(self, x):
        before = self.p * 1
        self.p = self.p + x
        return before * self.p


class Scales(nn.Cell):
    def __init__(self, shared):
        super().__init__()
        self.q = shared

    def construct(self, x):
        if x.sum() > 1:
            ops.assign(self.q, self.q * 0.5)
        return self.q * x


@program()
class TwoCellsOneParameter(nn.Cell):
    def __init__(self):
        super().__init__()
        self.p = weight([1, -2], "p")
        self.adds = Adds(self.p)
        self.scales = Scales(self.p)

    def construct(self, x):
        y = self.adds(x)
        z = self.scales(y)
        self.p = self.p - 1
        return self.adds(z) + self.scales(x) * self.p


@program()
class SharedLayer(nn.Cell):
    """One Dense used three times, also in a branch."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(2, 2, weight_init=Tensor(grid(2, 2)), bias_init=Tensor(f32(0.5, -1)))
        self.same = self.dense

    def construct(self, x):
        y = self.dense(x.reshape((1, 2)))
        if y.sum() > 0:
            y = self.same(y) + 1
        return self.dense(y)


@program((f32(1, 2), f32(-1, 0.5)), (f32(-1, -3), f32(2, 2)))
class NetCalledTwice(nn.Cell):
    """One network on two inputs, and on its own answer."""

    def __init__(self):
        super().__init__()
        self.net = nn.SequentialCell([nn.Dense(2, 2, weight_init=Tensor(grid(2, 2)), bias_init="ones"), nn.Tanh()])

    def construct(self, x, y):
        first, second = self.net(x.reshape((1, 2))), self.net(y.reshape((1, 2)))
        return (first * second).sum() + self.net(first).sum()


@program((f32(1, 2), f32(3, 4), f32(5, 6)))
class UnusedInputs(nn.Cell):
    """An input and a Parameter without a part in the answer: their gradients are zero."""

    def __init__(self):
        super().__init__()
        self.used, self.unused = weight([2, 3], "used"), weight([4, 5], "unused")

    def construct(self, x, y, z):
        return (x * self.used).sum() + ops.stop_gradient(y).sum()


@program()
class Asserts(nn.Cell):
    """A condition checked when the program runs."""

    def __init__(self):
        super().__init__()
        self.check = ops.Assert()
        self.w = weight([2, 3], "w")

    def construct(self, x):
        self.check(x.sum() > -100, [x])
        return x * self.w


@program()
class ParametersInATuple(nn.Cell):
    def __init__(self):
        super().__init__()
        self.ps = ParameterTuple([weight([1, 2], "a"), weight([3, 4], "b"), weight([5, 6], "c")])

    def construct(self, x):
        out = x * 0
        for i, p in enumerate(self.ps):
            out = out + p * (i + 1)
            ops.assign(p, p + out)
        return out * self.ps[1]


@program((f32(1, 2, 3),), (f32(-4, 5, 6),), grad=False)
class RingBuffer(nn.Cell):
    """The queue of contrastive learning: rows written at a moving place."""

    def __init__(self):
        super().__init__()
        self.queue = weight(grid(4, 3), "queue", False)
        self.place = Parameter(Tensor(3, mstype.int32), name="place", requires_grad=False)

    def construct(self, x):
        self.queue[self.place] = x
        self.place = self.place + 1
        if self.place >= 4:
            self.place = self.place - 4
        return self.queue.sum(axis=1) * 1, self.place * 1


@program()
class MovingAverage(nn.Cell):
    def __init__(self):
        super().__init__()
        self.mean = weight([0, 0], "mean", False)
        self.steps = weight(0, "steps", False)
        self.decay = 0.9

    def construct(self, x):
        if self.training:
            return x
        self.steps += 1
        ops.assign(self.mean, self.decay * self.mean + (1 - self.decay) * x)
        corrected = self.mean / (1 - self.decay ** self.steps)
        return x - ops.stop_gradient(corrected)


@program((grid(4, 2, 3, 3) + 1,))
class NormsInBranches(nn.Cell):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(2)
        self.other = nn.BatchNorm2d(2)
        self.set_train()

    def construct(self, x):
        y = self.norm(x)
        if y.max() > 1:
            y = self.other(y) * x
        for _ in range(2):
            y = self.norm(y)
        return y


@program((f32(1, 2), i32(0)), (f32(1, 2), i32(2)), grad=False)
class DependsInOrder(Counter):
    def construct(self, x, n):
        saved = self.total * 1
        update = ops.assign_add(self.total, x)
        x = ops.depend(x, update)
        if n > 1:
            reset = ops.assign(self.count, n)
            x = ops.depend(x * self.count, reset)
        return x + saved + self.total


@program((scalar(3),), (scalar(5),), calls=3, grad=False)
class Environment(nn.Cell):
    """An episode of at most ten steps: state in Parameters, an early end."""

    def __init__(self):
        super().__init__()
        self.position = weight(0, "position", False)
        self.episodes = Parameter(Tensor(0, mstype.int32), name="episodes", requires_grad=False)

    def step(self, action):
        self.position = self.position + action
        reward = -ops.abs(self.position - 4)
        return reward, ops.abs(self.position) > 6

    def construct(self, action):
        total = action * 0
        for t in range(10):
            reward, done = self.step(action if t % 2 else -action * 0.5)
            total = total + reward
            if done:
                self.episodes += 1
                self.position = self.position * 0
                break
        return total


@program()
class LearnedStepSize(nn.Cell):
    """Gradient descent written as a loop, differentiated as a whole."""

    def __init__(self):
        super().__init__()
        self.rate = weight(0.1, "rate")
        self.target = weight([3, -1], "target")

    def construct(self, x):
        n = 0
        while n < 5:
            difference = x - self.target
            if (difference * difference).sum() < 0.5:
                break
            x = x - self.rate * 2 * difference
            n += 1
        return ((x - self.target) ** 2).sum()


@program((grid(2, 5, 3),))
class RecurrentByHand(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = weight(grid(3, 4), "w")
        self.u = weight(grid(4, 4) / 3, "u")
        self.h0 = weight(f32(0.1, 0.2, 0.3, 0.4), "h0")

    def construct(self, x):
        h = ops.zeros((x.shape[0], 4), mstype.float32) + self.h0
        outs = []
        for t in range(x.shape[1]):
            h = ops.tanh(ops.matmul(x[:, t], self.w) + ops.matmul(h, self.u))
            if h.max() > 0.9:
                h = h * 0.5
            outs.append(h)
        return ops.stack(outs, 1)


@program((grid(2, 5, 3), i32(3)), (grid(2, 5, 3), i32(0)), grad=False)
class RecurrentOfTensorLength(nn.Cell):
    def __init__(self):
        super().__init__()
        self.cell = nn.GRUCell(3, 4)
        for i, p in enumerate(self.cell.get_parameters()):
            p.set_data(Tensor(grid(*p.shape) / (i + 2)))

    def construct(self, x, length):
        h = ops.zeros((2, 4), mstype.float32)
        t = 0
        while t < length:
            h = self.cell(x[:, t], h)
            t += 1
        return h


@program((f32(1, 2),), (f32(-4, 1),))
class IndexAssignedParameter(nn.Cell):
    def __init__(self):
        super().__init__()
        self.table = weight(grid(3, 2), "table")

    def construct(self, x):
        self.table[1] = x
        if x.sum() > 0:
            self.table[0, 1] = x[0]
        return self.table * 2
