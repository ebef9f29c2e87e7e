"""Cells whose state changes under control flow, as users write them."""
import numpy as np

from mycelium import Parameter, Tensor, nn, ops


class Base(nn.Cell):
    """A Parameter, a method and a property for the Cells below."""

    def __init__(self):
        super().__init__()
        self.p = Parameter(Tensor(np.array([1.0, 2.0], np.float32)), name="p")
        self.steps = Parameter(Tensor(np.array(0, np.int32)), name="steps", requires_grad=False)
        self.by = 3

    @property
    def factor(self):
        return self.by + 1

    @staticmethod
    def shift(x):
        return x + 1 if x.sum() > 0 else x

    def scale(self, x, by=2):
        if x.sum() > 3:
            return x * by
        return x


class WritesInBranches(Base):
    def construct(self, x):
        before = self.p * 1
        if x.sum() > 0:
            self.p = self.p + x
            self.steps += 1
        else:
            ops.assign_sub(self.p, x)
        return self.p * 2 + before


class WritesInOneBranch(Base):
    def construct(self, x):
        if x.sum() > 0:
            ops.assign_add(self.p, x)
            x = x + self.p
        return x * self.p


class WritesInLoop(Base):
    def construct(self, x):
        while self.p.sum() < 20:
            self.p = self.p * 2 + x * x
            ops.assign_add(self.steps, 1)
            if self.steps > 3:
                break
        return self.p, self.steps * 1


class WritesInNestedLoops(Base):
    def construct(self, x):
        total = x * 0
        while self.steps < 3:
            self.steps = self.steps + 1
            y = x * x + 1
            while y.sum() < 30:
                y = y * 2
                self.p = self.p + y
            total = total + self.p
        return total


class WritesInForLoop(Base):
    def construct(self, x):
        for i in range(3):
            if x.sum() > i:
                self.p = self.p * x
            else:
                continue
            self.steps += 1
        return self.p * 1, self.steps * 1


class SharedWrites(nn.Cell):
    """Two children write one Parameter."""

    def __init__(self):
        super().__init__()
        self.a = WritesInOneBranch()
        self.b = WritesInBranches()
        self.b.p = self.a.p

    def construct(self, x):
        y = self.a(x)
        z = self.b(x - 2)
        if y.sum() > z.sum():
            return self.a(y * 0.1)
        return self.b(z * 0.1)


class Inherits(Base):
    def scale(self, x, by=2):
        y = super().scale(x, by)
        if y.sum() > 8:
            y = super(Inherits, self).scale(y, by=by + 1)      # noqa: UP008  the old spelling too
        return y

    def construct(self, x):
        y = self.scale(x) * self.factor
        if y.sum() > 0:
            y = super().scale(y)
        return self.shift(y)


class PrivateNames(Base):
    def __init__(self):
        super().__init__()
        self.__secret = 5

    def __hidden(self, x):
        if x.sum() > 0:
            __local = x * self.__secret
            return __local
        return x

    def construct(self, x):
        return self.__hidden(x)


class PicksLayer(nn.Cell):
    def __init__(self):
        super().__init__()
        self.layers = nn.CellList([WritesInOneBranch(), WritesInBranches()])

    def construct(self, x):
        index = (x.sum() > 0).astype("int32")
        return self.layers[index](x)


class ArgumentsAndDefaults(Base):
    def mix(self, x, *more, scale=1, **named):
        if x.sum() > 0 and more:
            x = x + more[0]
        for name, value in named.items():
            if name == "extra":
                x = x + value
        return x * scale

    def construct(self, x, y=None):
        pair = (x, x * 2)
        out = self.mix(*pair, scale=2, **{"extra": x})
        return out if y is None else out + y


CELLS = [WritesInBranches, WritesInOneBranch, WritesInLoop, WritesInNestedLoops, WritesInForLoop, SharedWrites,
         Inherits, PrivateNames, PicksLayer, ArgumentsAndDefaults]
