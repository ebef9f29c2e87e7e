"""The table of programs and how one is run; used by the tests and, under real MindSpore, by the recorder."""
# ruff: noqa: B905
import numpy as np

from mycelium import GRAPH_MODE, PYNATIVE_MODE, Parameter, ParameterTuple, Tensor, ms_function, nn, ops, set_context
from mycelium import dtype as mstype

PROGRAMS = {}
MODES = {"pynative": PYNATIVE_MODE, "graph": GRAPH_MODE}


class Program:
    """A function, or a Cell type, with the inputs to try.

    Attributes:
        grad: Whether gradients are compared as well.
        calls: How often a Cell is called before its gradient is taken.
    """

    def __init__(self, make, cases, grad, calls):
        self.make, self.cases, self.grad, self.calls = make, cases, grad, calls
        self.name = f"{make.__module__.rsplit('.', 1)[-1]}.{make.__name__}"


def program(*cases, grad=True, calls=2):
    """Adds a function or Cell type; each case is a tuple of inputs, arrays of which become Tensors."""
    def add(make):
        found = Program(make, cases or ((f32(1, 2),), (f32(-1, -3),)), grad, calls)
        assert found.name not in PROGRAMS
        PROGRAMS[found.name] = found
        return make
    return add


def f32(*values):
    return np.array(values, np.float32)


def scalar(value):
    return np.float32(value)


def i32(value):
    return np.array(value, np.int32)


def grid(*shape):
    """Distinct values of both signs."""
    return (np.arange(np.prod(shape), dtype=np.float32).reshape(shape) - 2.5) / 4


def weight(values, name, requires_grad=True):
    """A float Parameter."""
    return Parameter(Tensor(np.array(values, np.float32)), name=name, requires_grad=requires_grad)


def tensors(case):
    """The inputs with Tensors in place of arrays."""
    return [Tensor(v) if isinstance(v, (np.ndarray, np.generic)) else tuple(tensors(v)) if isinstance(v, tuple) else v
            for v in case]


def flat(value):
    """The arrays, numbers, strings and Nones in a value, in order."""
    if isinstance(value, (tuple, list)):
        return [leaf for v in value for leaf in flat(v)]
    if isinstance(value, dict):
        return [leaf for v in value.values() for leaf in flat(v)]
    if isinstance(value, Tensor):
        return [value.asnumpy().copy()]
    return [value if value is None or isinstance(value, str) else np.asarray(value)]


class Run:
    """A program in one mode; each method returns the leaves that should agree."""

    def __init__(self, found, mode):
        self.mode = MODES[mode]
        set_context(mode=self.mode)
        self.cell = found.make() if isinstance(found.make, type) else None
        made = found.make if self.cell is None else self.cell
        self.fn = ms_function(made) if self.cell is None and mode == "graph" else made
        self.params = list(self.cell.trainable_params()) if self.cell is not None else []
        self.grad = ops.GradOperation(get_all=True, get_by_list=bool(self.params))(
            made, *([ParameterTuple(self.params)] if self.params else []))
        self.start = self.parameters()

    def restart(self):
        """The Parameters as they were made."""
        for p, value in zip(self._all(), self.start):
            p.set_data(Tensor(value))

    def call(self, case):
        """The outputs, and the Parameters afterwards."""
        set_context(mode=self.mode)
        return flat(self.fn(*tensors(case))) + self.parameters()

    def gradient(self, case):
        """The gradients of the inputs and Parameters, and the Parameters afterwards."""
        set_context(mode=self.mode)
        return flat(self.grad(*tensors(case))) + self.parameters()

    def parameters(self):
        """The values of the Cell's Parameters."""
        return flat(self._all())

    def _all(self):
        return list(self.cell.get_parameters()) if self.cell is not None else []


__all__ = ["PROGRAMS", "Run", "f32", "flat", "grid", "i32", "mstype", "nn", "ops", "program", "scalar", "tensors",
           "weight"]
