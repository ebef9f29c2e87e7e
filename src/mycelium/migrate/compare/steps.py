"""Causes outside the forward pass: the loss, weights that are not trained or are shared there, the optimizer."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.migrate.adapters import reference
from mycelium.migrate.adapters.base import Inputs, Reference
from mycelium.migrate.compare.catalogue import entry, optimizer_arguments
from mycelium.migrate.compare.layers import _call, _equal, _source
from mycelium.migrate.compare.measure import difference
from mycelium.migrate.compare.ours import OurNet, kind_of
from mycelium.migrate.compare.pairing import Pairs
from mycelium.migrate.compare.result import Cause, GradientCheck, TrainingCheck
from mycelium.migrate.compare.training import check_training
from mycelium.nn.cell import Cell


def frozen(ours: OurNet, pairs: Pairs, check: GradientCheck, again: Any) -> list[Cause]:
    """Parameters that are trained on one side only.

    Args:
        ours: A copy of our net, in which they are put right.
        pairs: Its pairs.
        check: The gradients.
        again: Runs the check of the gradients again.
    """
    rows = [d for d in check.weights if d.note in ("trained there, not here", "trained here, not there")]
    if not rows:
        return []
    partner = {p.ours: p.theirs for p in pairs.weights}
    for d in rows:
        ours.parameters[d.place].requires_grad = d.note == "trained there, not here"
    after = {d.place: d for d in again().weights}
    causes = []
    for d in rows:
        should = ours.parameters[d.place].requires_grad
        fixed = after[d.place].agrees if d.place in after else not should
        causes.append(Cause(d.place.rpartition(".")[0], partner[d.place].rpartition(".")[0], "frozen", d.place,
                            f"{d.place} has requires_grad={not should}; the reference's {partner[d.place]} is "
                            f"{'trained' if should else 'not trained'}.", f"set requires_grad={should}", fixed,
                            math.inf, 0.0 if fixed else math.inf))
    return causes


def tied(pairs: Pairs, shared: dict[str, str], ours_gradients: dict, theirs_gradients: dict) -> list[Cause]:
    """Weights that are one in the reference and two here."""
    groups: dict[str, list[str]] = {}
    for p in pairs.weights:
        groups.setdefault(shared.get(p.theirs, p.theirs), []).append(p.ours)
    causes = []
    for other, names in groups.items():
        grads = [ours_gradients.get(n) for n in names]
        right = theirs_gradients.get(other)
        if len(names) < 2 or right is None or any(g is None or g.shape != right.shape for g in grads):
            continue
        total = np.sum(grads, axis=0)
        fixed = difference(total, right, tolerance=1e-4).agrees
        causes.append(Cause(names[1].rpartition(".")[0], other.rpartition(".")[0], "shared", names[1],
                            f"{' and '.join(names)} are two Parameters; in the reference they are one, {other}.",
                            f"assign {names[0]} to {names[1]}, so that both are the same Parameter", fixed,
                            math.inf, 0.0 if fixed else math.inf))
    return causes


# ***** loss *****

def loss(objectives: tuple[Any, Any], outputs: dict, labels: tuple) -> list[Cause]:
    """Why two losses of the same outputs differ."""
    if len(outputs) != 1:
        return []
    array = next(iter(outputs.values()))
    before = _losses(objectives, array, labels)
    if before is None or _near(*before):
        return []
    name = type(objectives[0]).__name__
    worst = abs(before[0] - before[1]) / (1e-5 * abs(before[1]) + 1e-12)
    for attempt in (_loss_by_catalogue, _loss_by_factor):
        cause = attempt(objectives, array, labels, before, name, worst)
        if cause:
            return cause
    return [Cause("loss", "loss", "loss", name, f"the losses of the same outputs differ: {before[0]:.6g} by {name} "
                  f"here, {before[1]:.6g} there.", before=worst)]


def _losses(objectives: tuple[Any, Any], array: np.ndarray, labels: tuple) -> tuple[float, float] | None:
    """(ours, theirs), for an output that both are given."""
    ours = OurNet(objectives[0]).forward(Inputs((array, *_ours(labels))), False) if isinstance(objectives[0], Cell) \
        else None
    try:
        mine = float(np.sum(ours.outputs[""])) if ours is not None and not ours.error else \
            float(np.sum(objectives[0](Tensor(array), *[Tensor(a) for a in _ours(labels)]).asnumpy()))
        theirs = reference(objectives[1]).forward(Inputs((array, *labels)), False)
        return mine, float(np.sum(theirs.outputs[""]))
    except Exception:   # losses that are no modules, or that do not take these arguments, are not explained
        return None


def _ours(labels: tuple) -> tuple:
    return tuple(a.astype(np.int32) if isinstance(a, np.ndarray) and a.dtype == np.int64 else a for a in labels)


def _loss_by_catalogue(objectives: tuple, array: np.ndarray, labels: tuple, before: tuple, name: str,
                       worst: float) -> list[Cause]:
    module = objectives[1]
    kind = reference(module).kinds()[""]
    found = entry(kind)
    try:
        built = found.build(module) if found is not None and found.has_counterpart else None
    except Exception:   # the entry says itself that this one has no counterpart
        built = None
    if built is None or found is None:
        return []
    after = _losses((built, module), array, labels)
    fixed = after is not None and _near(*after)
    left = 0.0 if fixed else worst
    if isinstance(objectives[0], Cell) and kind_of(built) == kind_of(objectives[0]):
        here, right = found.actual(objectives[0]), found.actual(built)
        return [Cause("loss", "loss", "loss", k, f"the loss {name} has {k}={_source(here[k])}; the reference's "
                      f"{kind.rpartition('.')[2]} needs {k}={_source(right[k])}.", f"set {k}={_source(right[k])}",
                      fixed, worst, left) for k in right if k in here and not _equal(here[k], right[k])]
    right_name = type(built).__name__
    return [Cause("loss", "loss", "loss", right_name, f"the loss is {name} here; the reference's "
                  f"{kind.rpartition('.')[2]} is {right_name}.", f"write {_call(found, module)}", fixed, worst, left)]


def _loss_by_factor(objectives: tuple, array: np.ndarray, labels: tuple, before: tuple, name: str,
                    worst: float) -> list[Cause]:
    """A loss that is the other one times the number of samples or of elements."""
    ratio = before[0] / before[1] if before[1] else math.inf
    sizes = {array.shape[0] if array.ndim else 1: "samples", array.size: "elements"}
    for count, word in sizes.items():
        for factor, here, there in ((count, "adds up", "takes the mean"), (1 / count, "takes the mean", "adds up")):
            if count > 1 and math.isclose(ratio, factor, rel_tol=1e-4):
                other = _losses(objectives, np.flip(array * 0.5, -1).copy(), labels)
                sure = other is not None and math.isclose(other[0], factor * other[1], rel_tol=1e-4)
                return [Cause("loss", "loss", "loss", "reduction", f"the loss {name} {here} over the {count} {word}, "
                              f"the reference's {there}.", "give both the same reduction", sure, worst,
                              0.0 if sure else worst)]
    return []


def _near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-9)


# ***** optimizer *****

def optimizer(ours: OurNet, theirs: Reference, pairs: Pairs, inputs: tuple[Inputs, Inputs], labels: tuple,
              objectives: tuple, optimizers: tuple, check: TrainingCheck, tolerance: float | None) -> list[Cause]:
    """Why training parts although the gradients agree."""
    made = theirs.optimizer(optimizers[1])
    mine = optimizers[0] if isinstance(optimizers[0], Cell) else optimizers[0](ours.cell.trainable_params())
    kind = theirs.optimizer_kind(made)
    found = entry(kind)
    steps, worst = len(check.theirs), _apart(check)
    name = type(mine).__name__
    expected = optimizer_arguments(found, theirs.settings(made))
    if found is None or not found.ours or not expected:
        return [Cause("optimizer", "optimizer", "optimizer", name, f"the gradients agree, but {name} and {kind} take "
                      "other steps.", before=worst)]

    def trial(change: dict) -> TrainingCheck:
        return check_training(ours, theirs, pairs, *inputs, labels, objectives,
                              (lambda params: found.target(params, **change), optimizers[1]), steps, tolerance)

    after = trial(expected)
    fixed, left = after.agrees, _apart(after)
    if kind_of(mine).rpartition(".")[2] != found.ours.rpartition(".")[2]:
        return [Cause("optimizer", "optimizer", "optimizer", found.short, f"the optimizer is {name} here; the "
                      f"reference's {kind} is {found.short}.", f"write {found.short}({_arguments(expected)})", fixed,
                      worst, left)]
    right = {k: v for k, v in found.actual(found.target(ours.cell.trainable_params(), **expected)).items()}
    here = found.actual(mine)
    wrong = {k: (here[k], right[k]) for k in expected if k in here and k in right and not _equal(here[k], right[k])}
    if len(wrong) > 1 and fixed:
        kept = {k for k in wrong if k in expected and trial({**expected, k: _plain(wrong[k][0])}).agrees}
        wrong = {k: v for k, v in wrong.items() if k not in kept} or wrong
    return [Cause("optimizer", "optimizer", "optimizer", k, f"{name} has {k}={_source(_plain(a))}; the reference's "
                  f"{kind.rpartition('.')[2]} needs {k}={_source(_plain(b))}.", f"set {k}={_source(_plain(b))}", fixed,
                  worst, left) for k, (a, b) in wrong.items()]


def _apart(check: TrainingCheck) -> float:
    rows = [d.excess for d in (*check.weights, *check.buffers)]
    return max(rows, default=math.nan)


def _arguments(values: dict) -> str:
    return ", ".join(f"{k}={_source(v)}" for k, v in values.items())


def _plain(value: Any) -> Any:
    return value.asnumpy().item() if isinstance(value, Tensor) and value.size == 1 else value

