"""Runs the catalogue's probes: theirs, ours and the literal translation on equal numbers."""
from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

import mycelium as ms
from mycelium import Parameter, ParameterTuple, Tensor, dataset
from mycelium.migrate.differences.catalogue import entry_of
from mycelium.migrate.differences.entry import Entry, Probe
from mycelium.migrate.differences.expressions import NAMESPACE
from mycelium.migrate.differences.source import translate
from mycelium.migrate.weights import layout as layouts

_SEED = 7
_RATE = 0.1                                             # the learning rate that `rates` starts from
_MISTAKES_OF_THE_DATA = (NameError, SyntaxError)        # a naive form that fails so shows nothing


@dataclass(frozen=True)
class Outcome:
    """What a probe gave.

    Attributes:
        theirs, ours, naive: The expressions that ran; `naive` is "" where there is none.
        parted: How ours differs from theirs in words, "" where they agree.
        naive_parted: How the naive form differs, "" where it agrees.
        values: Arrays that theirs and ours gave.
    """

    theirs: str
    ours: str
    naive: str
    parted: str
    naive_parted: str
    values: tuple[Any, Any]


def run(entry: Entry, probe: Probe, framework: ModuleType) -> Outcome:
    """Runs a probe.

    Args:
        entry: The probe's entry.
        probe: The probe.
        framework: The module torch or keras, whichever the entry is of.
    """
    side = _Theirs(framework, probe)
    module = side.layer(probe.module)
    weights = _weights(module)                          # before a run in training mode changes them
    theirs_text = probe.theirs or f"module({', '.join(probe.inputs)})"
    theirs = _gathered(side.value(theirs_text))
    cell_text = probe.cell or (translate(entry, probe.module, probe.needs) if probe.module else "")
    ours_text = probe.ours or (f"cell({', '.join(probe.inputs)})" if probe.module and not probe.theirs
                               else translate(entry, probe.theirs, probe.needs))
    mine = _Ours(probe)
    mine.layer(cell_text, module, weights, lenient=False)
    ours = _gathered(mine.value(ours_text))
    naive_parted, shown = "", probe.naive
    if probe.naive:
        is_layer = bool(probe.module) and "cell" not in _names(probe.naive)
        shown = _with_layer(ours_text, probe.naive) if is_layer else probe.naive
        try:
            literal = _Ours(probe)
            literal.layer(probe.naive if is_layer else cell_text, module, weights, lenient=True)
            naive_parted = difference(theirs, _gathered(literal.value(ours_text if is_layer else probe.naive)),
                                      probe.tolerance)
        except _MISTAKES_OF_THE_DATA:
            raise
        except Exception as error:
            naive_parted = f"{type(error).__name__}: {error}"
    return Outcome(probe.module or theirs_text, cell_text or ours_text, shown,
                   difference(theirs, ours, probe.tolerance), naive_parted, (theirs, ours))


def copy(module: Any, cell: Any, weights: Mapping[str, np.ndarray] | None = None, lenient: bool = False) -> Any:
    """Gives a Cell the weights of a built network of theirs, by the catalogue's names; returns the Cell.

    Args:
        module: A torch module or Keras layer.
        cell: Its counterpart.
        weights: Its weights at an earlier time. Default: those it has.
        lenient: Leave out what does not fit, instead of refusing it.

    Raises:
        ValueError: A Parameter that ours does not have, or of another shape.
    """
    weights = _weights(module) if weights is None else weights
    there = {}
    if hasattr(cell, "parameters_and_names"):
        there = {param.name if "." not in name else name: param for name, param in cell.parameters_and_names()}
        there.update(cell.parameters_and_names())
    for name, array in weights.items():
        path, _, leaf = name.rpartition(".")
        owner = module.get_submodule(path) if path else module
        entry = entry_of(owner)
        ours = entry.state.get(leaf, leaf) if entry else leaf
        if not ours:
            continue
        value = layouts.parse(entry.layout.get(leaf, "") if entry else "").apply(array)
        target = there.get(f"{path}.{ours}" if path else ours)
        if target is None or tuple(target.shape) != value.shape:
            if lenient:
                continue
            raise ValueError(f"{name} {array.shape} has no place in {type(cell).__name__}: "
                             f"{', '.join(f'{n} {tuple(p.shape)}' for n, p in there.items())}.")
        target.set_data(Tensor(np.ascontiguousarray(value)))
    return cell


def difference(theirs: Any, ours: Any, tolerance: float = 1e-5) -> str:
    """How two gathered results differ, in words; "" where they agree."""
    if isinstance(theirs, list) or isinstance(ours, list):
        if not (isinstance(theirs, list) and isinstance(ours, list)) or len(theirs) != len(ours):
            return f"{_counted(theirs)} against {_counted(ours)}"
        return next((text for a, b in zip(theirs, ours, strict=True) if (text := difference(a, b, tolerance))), "")
    if isinstance(theirs, str) or isinstance(ours, str) or theirs is None or ours is None:
        return "" if str(theirs) == str(ours) else f"{theirs} against {ours}"
    if theirs.shape != ours.shape:
        return f"shape {theirs.shape} against {ours.shape}"
    if theirs.dtype.kind in "USO" or ours.dtype.kind in "USO":
        return "" if (theirs == ours).all() else f"{theirs} against {ours}"
    kinds = (complex if "c" in theirs.dtype.kind + ours.dtype.kind else float)
    theirs, ours = theirs.astype(kinds), ours.astype(kinds)
    finite = np.abs(theirs[np.isfinite(theirs)])
    scale = float(finite.max(initial=0))
    if np.allclose(theirs, ours, tolerance, tolerance * (scale if tolerance > 1e-5 else max(1.0, scale)),
                   equal_nan=True):
        return ""
    return f"largest difference {np.nanmax(np.abs(theirs - ours), initial=0):.3g}"


# ***** the two sides *****

class _Theirs:
    """The names that an expression of theirs sees."""

    def __init__(self, framework: ModuleType, probe: Probe):
        name = framework.__name__
        is_torch = name == "torch"
        if is_torch:
            framework.manual_seed(_SEED)
        else:
            framework.utils.set_random_seed(_SEED)
        inputs = self.inputs = inputs_of(probe)
        self.train = probe.train
        self.names: dict[str, Any] = {
            **_shared(), name: framework,
            "steps": lambda optimizer, names=None: _their_steps(framework, optimizer),
            "rates": lambda schedule, count: _their_rates(framework, schedule, count),
            "weight": lambda *shape: framework.zeros(*shape) if is_torch else np.zeros(shape, np.float32),
            **{key: framework.from_numpy(np.array(value)) if is_torch and isinstance(value, np.ndarray) else value
               for key, value in inputs.items()},
        }
        exec(probe.setup, self.names)

    def layer(self, source: str) -> Any:
        if not source:
            return None
        module = eval(source, self.names)
        if hasattr(module, "train"):
            module.train(self.train)
        elif getattr(module, "built", True) is False:
            module(*[self.names[name] for name in self.inputs])
        self.names["module"] = module
        return module

    def value(self, source: str) -> Any:
        return eval(source, self.names)


class _Ours:
    """The names that an expression of ours sees."""

    def __init__(self, probe: Probe):
        ms.set_seed(_SEED)
        self.probe = probe
        inputs = {key: Tensor(value) if isinstance(value, np.ndarray) else value
                  for key, value in inputs_of(probe).items()}
        self.names: dict[str, Any] = {
            **NAMESPACE, **_shared(), "ds": dataset, "Parameter": Parameter, "copy": copy, "steps": _our_steps,
            "rates": _our_rates, "weight": lambda *shape: Parameter(Tensor(np.zeros(shape, np.float32))), **inputs,
        }
        exec(probe.setup, self.names)

    def layer(self, source: str, module: Any, weights: Mapping[str, np.ndarray], lenient: bool) -> None:
        if not source:
            return
        cell = eval(source, self.names)
        if self.probe.copy:
            copy(module, cell, weights, lenient)
        if hasattr(cell, "set_train"):
            cell.set_train(self.probe.train)
        self.names.update(cell=cell, module=module)

    def value(self, source: str) -> Any:
        return eval(source, self.names)


def inputs_of(probe: Probe) -> dict[str, Any]:
    """A probe's inputs by name, as NumPy arrays."""
    names = _numbers()
    return {key: eval(text, names) for key, text in probe.inputs.items()}


def _numbers() -> dict[str, Any]:
    """Functions that make inputs: float32 unless said otherwise, from a fixed seed."""
    drawn = np.random.default_rng(_SEED)

    def single(array: Any) -> np.ndarray:
        array = np.asarray(array)
        return array.astype(np.float32) if array.dtype == np.float64 else array

    return {
        "np": np,
        "randn": lambda *shape: single(drawn.standard_normal(shape)),
        "rand": lambda *shape: single(drawn.random(shape)),
        "randint": lambda low, high, *shape: drawn.integers(low, high, shape),
        "arange": lambda *args: single(np.arange(*args)),
        "array": lambda value, dtype=None: single(value) if dtype is None else np.array(value, dtype),
        "ones": lambda *shape: np.ones(shape, np.float32),
        "zeros": lambda *shape: np.zeros(shape, np.float32),
        "linspace": lambda *args: single(np.linspace(*args)),
        "eye": lambda *args: single(np.eye(*args)),
    }


def _shared() -> dict[str, Any]:
    np.random.seed(_SEED)
    random.seed(_SEED)
    return {"np": np, "array": array, "dtype": dtype, "moments": moments, "total": total}


# ***** helpers for expressions *****

def array(value: Any) -> np.ndarray:
    """A tensor of any framework, or a number, as a NumPy array."""
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)


def dtype(value: Any) -> str:
    """The name of a tensor's dtype, such as "int64"."""
    return str(value.dtype).removeprefix("torch.").lower()


def moments(value: Any) -> np.ndarray:
    """Mean, standard deviation, least and largest of a tensor."""
    values = array(value)
    return np.array([f(values) for f in (np.mean, np.std, np.min, np.max)])


def total(value: Any) -> float:
    """The sum of a tensor's elements."""
    return float(array(value).sum())


_STARTS = (np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]], np.float32), np.array([0.5, -0.5], np.float32))
_CENTRES = (np.array([[0.5, 1.0, -1.0], [1.0, -0.5, 2.0]], np.float32), np.array([1.0, 0.25], np.float32))


def _gradients(weights: list[np.ndarray]) -> list[np.ndarray]:
    """Of a quadratic bowl, steeper along the second array."""
    return [(i + 1) * (w - c) for i, (w, c) in enumerate(zip(weights, _CENTRES, strict=True))]


def _their_steps(framework: ModuleType, optimizer: Callable) -> list[np.ndarray]:
    if framework.__name__ != "torch":
        weights = [framework.Variable(start) for start in _STARTS]
        made = optimizer(weights)
        for _ in range(3):
            made.apply(_gradients([np.asarray(w.value) for w in weights]), weights)
        return [np.asarray(w.value) for w in weights]
    weights = [framework.nn.Parameter(framework.from_numpy(start.copy())) for start in _STARTS]
    made = optimizer(weights)
    for _ in range(3):
        for weight, gradient in zip(weights, _gradients([array(w) for w in weights]), strict=True):
            weight.grad = framework.from_numpy(gradient)
        made.step()
    return [array(w) for w in weights]


def _our_steps(optimizer: Callable, names: tuple[str, ...] = ("first", "second")) -> list[np.ndarray]:
    weights = ParameterTuple(Parameter(Tensor(s), name=name) for s, name in zip(_STARTS, names, strict=True))
    made = optimizer(weights)
    for _ in range(3):
        made(tuple(Tensor(g) for g in _gradients([w.asnumpy() for w in weights])))
    return [w.asnumpy() for w in weights]


def _their_rates(framework: ModuleType, schedule: Callable, count: int) -> list[float]:
    if framework.__name__ != "torch":
        made = schedule(None)
        return [float(made(i)) for i in range(count)]
    weight = framework.nn.Parameter(framework.zeros(1))
    weight.grad = framework.zeros(1)
    optimizer = framework.optim.SGD([weight], lr=_RATE)
    made = schedule(optimizer)
    found = []
    for _ in range(count):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        made.step()
    return found


def _our_rates(schedule: Any, count: int) -> list[float]:
    """The rates of a list or a LearningRateSchedule, or of a function that makes one from nothing."""
    schedule = schedule(None) if callable(schedule) and not isinstance(schedule, ms.nn.Cell) else schedule
    if isinstance(schedule, ms.nn.Cell):
        return [float(schedule(Tensor(i, ms.int32)).asnumpy()) for i in range(count)]
    return [float(rate) for rate in schedule[:count]]


def _weights(module: Any) -> dict[str, np.ndarray]:
    if hasattr(module, "state_dict"):
        return {name: array(value).copy() for name, value in module.state_dict().items()}
    return {weight.name: np.array(weight.value) for weight in getattr(module, "weights", ())}


def _gathered(value: Any) -> Any:
    """A result as arrays, texts, None and lists of these."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return [_gathered(value[key]) for key in sorted(value)]
    if isinstance(value, (tuple, list)):
        return [_gathered(item) for item in value]
    found = array(value)
    if found.dtype.name == "bfloat16":
        found = found.astype(np.float32)
    return found


def _names(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _with_layer(source: str, layer: str) -> str:
    """The expression with a layer's own source for `cell`."""
    return re.sub(r"\bcell\b", lambda _: layer, source)


def _counted(value: Any) -> str:
    return f"{len(value)} values" if isinstance(value, list) else "one value"
