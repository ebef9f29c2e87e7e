"""Our side of a comparison: a Cell whose sub-Cells are watched, with NumPy on the outside like a `Reference`."""
from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from mycelium.autodiff.reverse import differentiate
from mycelium.core.context import GRAPH_MODE, PYNATIVE_MODE, get_context, set_context
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.migrate.adapters.base import (
    Arrays,
    Call,
    Forward,
    Function,
    Gradients,
    Inputs,
    Trained,
    flatten,
    map_leaves,
)
from mycelium.nn.cell import Cell
from mycelium.nn.wrap import TrainOneStepCell
from mycelium.ops.intercept import intercepted

_DROPOUTS = {"Dropout": True, "Dropout2D": True, "Dropout3D": True, "channels_of_lines": False}  # whether with a mask


class OurNet:
    """A Cell, watched.

    Args:
        cell: The Cell.
        mode: GRAPH_MODE or PYNATIVE_MODE for end results; outputs of sub-Cells are always taken op by op.
    """

    def __init__(self, cell: Cell, mode: int = PYNATIVE_MODE):
        self.cell, self.mode = cell, mode
        self.cells: dict[str, Cell] = dict(cell.cells_and_names())
        self.parameters: dict[str, Parameter] = dict(cell.parameters_and_names())
        first = {id(p): name for name, p in self.parameters.items()}
        self.shared = {name: first[id(p)] for path, owner in self.cells.items() for key, p in owner._params.items()
                       if p is not None and first[id(p)] != (name := f"{path}.{key}" if path else key)}

    # ***** structure *****

    def kinds(self) -> dict[str, str]:
        """The class of every sub-Cell by path, as the catalogue names it ("mindspore.nn.Conv2d")."""
        return {name: kind_of(cell) for name, cell in self.cells.items()}

    def weights(self) -> Arrays:
        """Copies of all Parameters by path."""
        return {name: p.asnumpy() for name, p in self.parameters.items()}

    def load(self, values: Mapping[str, np.ndarray]) -> None:
        """Sets Parameters by path."""
        for name, value in values.items():
            p = self.parameters[name]
            p.set_data(Tensor(np.asarray(value).astype(p.dtype.np_dtype)))

    def trainable(self) -> set[str]:
        """Paths of the Parameters that are trained."""
        return {name for name, p in self.parameters.items() if p.requires_grad}

    def narrowest(self) -> str:
        """The narrowest type of numbers that a sub-Cell computes in by `to_float`; float32 where none does."""
        kinds = {c.__dict__.get("_dtype") for c in self.cells.values()} - {None}
        names = {np.dtype(k).name for k in kinds}
        return next((name for name in ("bfloat16", "float16") if name in names), "float32")

    def copy(self) -> OurNet:
        """A copy that may be changed."""
        return OurNet(copy.deepcopy(self.cell), self.mode)

    # ***** running *****

    def forward(self, inputs: Inputs, train: bool, keep: str = "", masks: list | None = None,
                patch: Patch | None = None) -> Forward:
        """Runs the Cell op by op, noting what every sub-Cell returns; Parameters are as before afterwards.

        Args:
            inputs: The arguments.
            train: In training mode.
            keep: "arguments" keeps those of sub-Cells, "functions" also notes every operator.
            masks: Dropout masks to use, in order; None switches dropout off.
            patch: A value to put in place of one that is computed on the way.
        """
        watch = _Watch(keep, masks, patch)
        result: Arrays = {}
        after: Arrays = {}
        error = ""
        try:
            with self._prepared(train, PYNATIVE_MODE), watch.watching(self.cells), intercepted(watch.operator):
                result = arrays_of(self._call(inputs))
                after = self.weights() if train else {}
        except Exception as raised:     # whatever the user's Cell raises belongs into the report
            error = f"{type(raised).__name__}: {raised}"
        return Forward(result, watch.calls, after, watch.functions, [], error,
                       watch.path[-1] if error and watch.path else "", sorted(watch.notes))

    def outputs(self, inputs: Inputs, train: bool, mode: int) -> Arrays:
        """The outputs alone, in a mode."""
        with self._prepared(train, mode), intercepted(_Watch("", None, None).operator):
            return arrays_of(self._call(inputs))

    def drawn(self, inputs: Inputs) -> np.ndarray | None:
        """What training, with its dropout, returns; None unless it is one array."""
        with self._prepared(True, PYNATIVE_MODE):
            found = arrays_of(self._call(inputs))
        return found.get("") if len(found) == 1 else None

    def gradients(self, inputs: Inputs, train: bool, objective: Any, labels: tuple = ()) -> Gradients:
        """Gradients of `objective`, as `Reference.gradients`."""
        args, kwargs, places = self._by_position(*self._tensors(inputs))
        positions = [i for i, a in enumerate(args) if flatten(a, _tensor)]
        names = [n for n, p in self.parameters.items() if p.requires_grad]
        weights = [self.parameters[n] for n in names]
        with self._prepared(train, PYNATIVE_MODE), intercepted(_Watch("", None, None).operator):
            if getattr(objective, "on_arrays", False):
                run = differentiate(self.cell, args, kwargs, positions, weights)
                outputs = arrays_of(run.out)
                floats = {k: v for k, v in outputs.items() if is_float(v)}
                loss, cotangents = objective(floats)
                sens = [Tensor(cotangents[k].astype(v.dtype)) if k in cotangents else Tensor(np.zeros_like(v))
                        for k, v in outputs.items()]
                grads, weight_grads = run.gradient(tuple(sens))
            else:
                run = differentiate(_WithObjective(self.cell, objective, self._labels(labels)), args, kwargs,
                                    positions, weights)
                outputs, loss = {}, float(np.sum(run.out.asnumpy()))
                grads, weight_grads = run.gradient()
        by_place = {}
        for i, g in zip(positions, grads, strict=True):
            by_place.update(flatten({places[i]: g}, _numpy))
        return Gradients(float(loss), {n: g.asnumpy() for n, g in zip(names, weight_grads, strict=True)},
                         by_place, outputs)

    def train(self, inputs: Inputs, labels: tuple, objective: Any, optimizer: Any, steps: int) -> Trained:
        """Takes optimizer steps on one batch, in this net's mode; Parameters and optimizer are as before afterwards."""
        made = optimizer if isinstance(optimizer, Cell) else optimizer(self.cell.trainable_params())
        made.__dict__["_compiled"] = self.mode == GRAPH_MODE   # or else every comparison compiles an update of its own
        own = {p.name: p for p in made.get_parameters()}
        before = {name: p.asnumpy() for name, p in own.items()}
        args, kwargs = self._tensors(inputs)
        weights = list(made.parameters)
        losses = []
        with self._prepared(True, self.mode, host=True), intercepted(_Watch("", None, None).operator):
            if getattr(objective, "on_arrays", False):
                for _ in range(steps):
                    with _mode(PYNATIVE_MODE):
                        run = differentiate(self.cell, args, kwargs, (), weights)
                        outputs = arrays_of(run.out)
                        loss, cotangents = objective({k: v for k, v in outputs.items() if is_float(v)})
                        sens = [Tensor(cotangents[k].astype(v.dtype)) if k in cotangents else Tensor(np.zeros_like(v))
                                for k, v in outputs.items()]
                        grads = run.gradient(tuple(sens))[1]
                    made(grads)
                    losses.append(float(loss))
            else:
                step = TrainOneStepCell(_WithObjective(self.cell, objective, self._labels(labels)), made)
                step.set_train()
                for _ in range(steps):
                    losses.append(float(np.sum(step(*args, **kwargs).asnumpy())))
            paths = {p.name: path for path, p in self.parameters.items()}
            result = Trained(losses, self.weights(), _state(own, paths))
        for name, value in before.items():
            own[name].set_data(Tensor(value))
        del made.__dict__["_compiled"]
        return result

    def _call(self, inputs: Inputs) -> Any:
        args, kwargs = self._tensors(inputs)
        return self.cell(*args, **kwargs)

    def _by_position(self, args: tuple, kwargs: dict) -> tuple[tuple, dict, list[str]]:
        """(positional arguments, others, names of the positional ones); only the former can be differentiated."""
        names = [str(i) for i in range(len(args))]
        parameters = list(inspect.signature(self.cell.construct).parameters.values())
        rest = dict(kwargs)
        for p in parameters[len(args):] if rest else ():
            if p.kind is not p.POSITIONAL_OR_KEYWORD or (p.name not in rest and p.default is p.empty):
                break
            args = (*args, rest.pop(p.name, p.default))
            names.append(p.name)
        return args, rest, names

    def _tensors(self, inputs: Inputs) -> tuple[tuple, dict]:
        return map_leaves(inputs.args, _wrap), map_leaves(inputs.kwargs, _wrap)

    def _labels(self, labels: tuple) -> tuple:
        return tuple(_wrap(a.astype(np.int32) if isinstance(a, np.ndarray) and a.dtype == np.int64 else a)
                     for a in labels)

    @contextmanager
    def _prepared(self, train: bool, mode: int, host: bool = False) -> Iterator[None]:
        """Training mode or not, a mode of execution; undone afterwards, with the Parameters' values.

        A compiled program may reuse the memory of a Parameter, so that with `host` or in GRAPH_MODE values are kept on
        the host.
        """
        training = {name: cell.training for name, cell in self.cells.items()}
        grads = {name: cell.requires_grad for name, cell in self.cells.items()}
        arrays = {name: p._array for name, p in self.parameters.items()}
        values = self.weights() if host or mode == GRAPH_MODE else {}
        try:
            self.cell.set_train(train)
            with _mode(mode):
                yield
        finally:
            for name, cell in self.cells.items():
                if cell.training != training[name]:
                    cell.__dict__["training"] = cell.__dict__["_flags"]["training"] = training[name]
                cell.set_grad(grads[name]) if type(cell).set_grad is Cell.set_grad else None
            self.load(values)
            for name, array in arrays.items() if not values else ():
                self.parameters[name]._array = array


class Patch:
    """A value to be put in the place of one that is computed on the way.

    Attributes:
        place: Number of the operator (counted from 0), whose first result is replaced.
        value: What is put there.
    """

    def __init__(self, place: int, value: np.ndarray):
        self.place, self.value = place, value


class _Watch:
    """What happens inside a run of our net."""

    def __init__(self, keep: str, masks: list | None, patch: Patch | None):
        self.keep, self.masks, self.patch = keep, None if masks is None else iter(masks), patch
        self.calls: list[Call] = []
        self.functions: list[Function] = []
        self.path: list[str] = []
        self.counts: dict[str, int] = {}
        self.notes: set[str] = set()
        self.operators = 0

    @contextmanager
    def watching(self, cells: dict[str, Cell]) -> Iterator[None]:
        """`construct` of every Cell goes through this watch."""
        kept = {name: cell.__dict__.get("construct") for name, cell in cells.items()}
        for name, cell in cells.items():
            cell.__dict__["construct"] = self._watched(name, cell, cell.construct)
        try:
            yield
        finally:
            for name, cell in cells.items():
                if kept[name] is None:
                    cell.__dict__.pop("construct", None)
                else:
                    cell.__dict__["construct"] = kept[name]

    def _watched(self, name: str, cell: Cell, construct: Any) -> Any:
        kind = kind_of(cell)

        def run(*args: Any, **kwargs: Any) -> Any:
            self.path.append(name)
            given = Inputs(map_leaves(args, _host), map_leaves(kwargs, _host)) if self.keep else None
            output = construct(*args, **kwargs)
            self.path.pop()
            outputs = arrays_of(output)
            index = self.counts[name] = self.counts.get(name, -1) + 1
            self.calls.append(Call(name, outputs, index, given))
            if given is not None and name and self.keep == "functions":
                outer = self.path[-1] if self.path else ""
                last, arrays = self.operators - 1, list(given.arrays().values())
                self.functions.extend(Function(name, kind, arrays, out, outer, last) for out in outputs.values())
            return output

        return run

    def operator(self, op: Any, inputs: Any, constants: dict, run: Any) -> Any:
        """Called for every operator."""
        if op.name in _DROPOUTS:
            return self._dropout(op, inputs[0], constants)
        if op.random:
            self.notes.add(f"the operator {op.name} draws random numbers")
        result = run()
        place, self.operators = self.operators, self.operators + 1
        if self.patch is not None and self.patch.place == place:
            result = _patched(result, self.patch.value)
        if self.keep == "functions":
            given = [t.asnumpy() for t in flatten(tuple(inputs), _tensor).values()]
            detail = ", ".join(f"{k}={v!r}" for k, v in constants.items())
            for out in arrays_of(result).values() or ():
                self.functions.append(Function(f"ops.{op.name}", detail, given, out,
                                               self.path[-1] if self.path else "", place))
                break
        return result

    def _dropout(self, op: Any, x: Tensor, constants: dict) -> Any:
        mask = None if self.masks is None else next(self.masks, None)
        if mask is None or mask.shape != tuple(x.shape):
            if self.masks is not None:
                self.notes.add("a dropout here has no counterpart with a mask of its shape")
            out, mask = x, True
        else:
            out = x * Tensor((mask / constants.get("keep_prob", 1.0)).astype(x.dtype.np_dtype))
        if not _DROPOUTS[op.name]:
            return out
        return out, Tensor(np.broadcast_to(mask, x.shape).astype(x.dtype.np_dtype))


class _WithObjective(Cell):
    """The loss of a network's output."""

    def __init__(self, net: Cell, objective: Any, labels: tuple):
        super().__init__(auto_prefix=False)
        self.net, self.objective, self.labels = net, objective, labels

    def construct(self, *args: Any, **kwargs: Any) -> Any:
        """The loss."""
        return self.objective(self.net(*args, **kwargs), *self.labels)


def kind_of(cell: Any) -> str:
    """The class of a Cell as the catalogue names it; a subclass with its layer's `construct` counts as that layer."""
    cls = type(cell)
    for base in cls.__mro__:
        if base is Cell:
            break
        if base.__module__.startswith("mycelium.nn.") and not base.__name__.startswith("_"):
            if cls is base or cls.construct is base.construct:
                return f"mindspore.nn.{base.__name__}"
            break
    return f"{cls.__module__}.{cls.__qualname__}"


def arrays_of(value: Any) -> Arrays:
    """The arrays of all Tensors in a structure, by place."""
    return flatten(value, _numpy)


def is_float(array: np.ndarray) -> bool:
    """Whether an array holds floating point numbers (bfloat16 is one, whatever NumPy says)."""
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"


def _numpy(value: Any) -> np.ndarray | None:
    return value.asnumpy() if isinstance(value, Tensor) else None


def _tensor(value: Any) -> Tensor | None:
    return value if isinstance(value, Tensor) else None


def _host(value: Any) -> Any:
    return value.asnumpy() if isinstance(value, Tensor) else value


def _wrap(value: Any) -> Any:
    return Tensor(value) if isinstance(value, np.ndarray) else value


def _patched(result: Any, value: np.ndarray) -> Any:
    if isinstance(result, tuple):
        return (Tensor(value.astype(result[0].dtype.np_dtype)), *result[1:])
    return Tensor(value.astype(result.dtype.np_dtype))


def _state(own: dict[str, Parameter], paths: dict[str, str]) -> dict[str, dict[str, np.ndarray]]:
    """Optimizer state by the path of the Parameter that it belongs to, then by its prefix."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, p in own.items():
        owner = next((n for n in paths if name.endswith(f".{n}")), None)
        if owner is not None and name not in paths:
            found.setdefault(paths[owner], {})[name[:-len(owner) - 1]] = p.asnumpy()
    return found


@contextmanager
def _mode(mode: int) -> Iterator[None]:
    before = get_context("mode")
    set_context(mode=mode)
    try:
        yield
    finally:
        set_context(mode=before)


__all__ = ["GRAPH_MODE", "PYNATIVE_MODE", "OurNet", "Patch", "arrays_of", "is_float", "kind_of"]
