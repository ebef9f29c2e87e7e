"""Gradients, and what some optimizer steps make of both networks."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.migrate.adapters.base import Arrays, Gradients, Inputs, Reference, Trained
from mycelium.migrate.compare.catalogue import entry, optimizer_arguments
from mycelium.migrate.compare.forward import with_rounding
from mycelium.migrate.compare.measure import NOISE, TOLERANCES, Difference, difference
from mycelium.migrate.compare.ours import OurNet
from mycelium.migrate.compare.pairing import Pairs
from mycelium.migrate.compare.result import GradientCheck, TrainingCheck

_SHARE = TOLERANCES["float32"]
# Entries of their optimizers' state, and the prefixes that ours puts before a Parameter's name for the same values.
_STATE = {"momentum_buffer": ("moments", "moment", "accum"), "exp_avg": ("moment1", "adam_m"),
          "exp_avg_sq": ("moment2", "adam_v"), "exp_inf": ("moment2",), "square_avg": ("mean_square", "accum"),
          "sum": ("accum",), "acc_delta": ("accum_update",)}


class Squares:
    """The loss where none is given: half the mean squared distance of every output from a fixed random target."""

    on_arrays = True

    def __init__(self) -> None:
        self._targets: dict[int, np.ndarray] = {}

    def __call__(self, outputs: Arrays) -> tuple[float, Arrays]:
        loss, grads = 0.0, {}
        for i, (place, array) in enumerate(outputs.items()):
            target = self._targets.get(i)
            if target is None or target.shape != array.shape:
                target = self._targets[i] = np.random.default_rng(i).standard_normal(array.shape)
            apart = array.astype(np.float64) - target
            loss += float(np.mean(apart**2)) / 2 if apart.size else 0.0
            grads[place] = (apart / max(apart.size, 1)).astype(array.dtype)
        return loss, grads


def check_gradients(ours: OurNet, theirs: Reference, pairs: Pairs, our_inputs: Inputs, their_inputs: Inputs,
                    labels: tuple, objectives: tuple[Any, Any], train: bool, tolerance: float | None) -> GradientCheck:
    """Compares the gradients of every Parameter and input."""
    try:
        base = theirs.gradients(their_inputs, train, objectives[1], labels)
        moved: Gradients | None = with_rounding(
            theirs, their_inputs, lambda i: theirs.gradients(i, train, objectives[1], labels))
    except Exception as raised:     # whatever the user's loss raises belongs into the report
        return GradientCheck(error=f"the reference raised: {_line(raised)}")
    try:
        mine = ours.gradients(our_inputs, train, objectives[0], labels)
    except Exception as raised:     # the same
        return GradientCheck(error=f"ours raised: {_line(raised)}")
    found = GradientCheck((mine.loss, base.loss))
    found.loss_agrees = abs(mine.loss - base.loss) <= _allowed(base.loss, (moved or base).loss, tolerance)
    largest = max((float(np.max(np.abs(g))) for g in base.weights.values() if g is not None and g.size), default=0.0)
    for p in pairs.weights:
        if p.theirs in base.weights:
            found.weights.append(_gradient(p.ours, mine.weights.get(p.ours), base.weights[p.theirs],
                                           moved and moved.weights[p.theirs], p.layout, largest, tolerance))
        elif p.ours in mine.weights and base.weights:
            found.weights.append(Difference(p.ours, "trained", "not trained", agrees=False, max_abs=float("inf"),
                                            note="trained here, not there"))
    same_names = set(base.inputs) <= set(mine.inputs)
    for place, own in zip(base.inputs, base.inputs if same_names else mine.inputs, strict=False):
        if base.inputs[place] is not None:
            found.inputs.append(_gradient(place, mine.inputs[own], base.inputs[place], moved and moved.inputs[place],
                                          None, 0.0, tolerance))
    return found


def _gradient(name: str, mine: Any, theirs: Any, moved: Any, layout: Any, largest: float,
              tolerance: float | None) -> Difference:
    if mine is None:
        return Difference(name, "not trained", "trained", agrees=False, max_abs=float("inf"), max_rel=float("inf"),
                          cosine=0.0, note="trained there, not here")
    if theirs is None:
        theirs = np.zeros_like(mine) if layout is None else np.zeros(layout.undo_shape(mine.shape) or mine.shape)
        theirs = theirs.astype(mine.dtype)
    noise = 0.0 if moved is None else _distance(theirs, moved)
    # a gradient that cancels out (a bias before a batch normalization) is rounding of the terms that cancel
    noise += 2.0**-24 * largest
    return difference(mine, theirs if layout is None else layout.apply(theirs), noise, tolerance, name)


def check_training(ours: OurNet, theirs: Reference, pairs: Pairs, our_inputs: Inputs, their_inputs: Inputs,
                   labels: tuple, objectives: tuple[Any, Any], optimizers: tuple[Any, Any],
                   steps: int, tolerance: float | None) -> TrainingCheck:
    """Takes the same optimizer steps with both and compares losses, Parameters, buffers and optimizer state."""
    start = theirs.weights()
    own_start = ours.weights()
    try:
        base = theirs.train(their_inputs, labels, objectives[1], optimizers[1], steps)
        moved: Trained | None = with_rounding(
            theirs, their_inputs, lambda i: theirs.train(i, labels, objectives[1], optimizers[1], steps))
        other = _other_epsilon(theirs, optimizers[1])
        shifted = base if other == 1 else theirs.train(their_inputs, labels, objectives[1], optimizers[1], steps, other)
    except Exception as raised:     # whatever the user's loss or optimizer raises belongs into the report
        return TrainingCheck(error=f"the reference raised: {_line(raised)}")
    try:
        mine = ours.train(our_inputs, labels, objectives[0], optimizers[0], steps)
    except Exception as raised:     # the same
        return TrainingCheck(error=f"ours raised: {_line(raised)}")
    found = TrainingCheck(mine.losses, base.losses)
    found.allowed = [_allowed(a, b, tolerance) + abs(a - c) for a, b, c in
                     zip(base.losses, (moved or base).losses, shifted.losses, strict=True)]
    _compare_weights(found, ours, pairs, (own_start, mine), (start, base, moved, shifted), steps, tolerance)
    _compare_state(found, pairs, mine, base, moved, tolerance or _state_share(theirs, optimizers[1]))
    found.verdict = _verdict(found)
    return found


def _other_epsilon(theirs: Reference, optimizer: Any) -> float:
    """By what factor ours may have another epsilon than an optimizer of theirs with the same arguments.

    Adam adds its epsilon to the root of v there after v has been divided by 1 - beta2^t, here before: as if it were
    larger by 1 / sqrt(1 - beta2^t), which is most in the first step. What that changes is measured on the reference.
    """
    made = theirs.optimizer(optimizer)
    found = entry(theirs.optimizer_kind(made))
    if found is None or "epsilon" not in found.kinds:
        return 1.0
    beta = optimizer_arguments(found, theirs.settings(made)).get("beta2")
    return 1.0 if not isinstance(beta, float) else (1 - beta) ** -0.5


def _compare_weights(found: TrainingCheck, ours: OurNet, pairs: Pairs, own: tuple, other: tuple, steps: int,
                     tolerance: float | None) -> None:
    (own_start, mine), (start, base, moved, shifted) = own, other
    trained = ours.trainable()
    for p in pairs.weights:
        a = mine.weights[p.ours].astype(np.float64) - own_start[p.ours]
        b = base.weights[p.theirs].astype(np.float64) - start[p.theirs]
        noise = _distance(base.weights[p.theirs], moved.weights[p.theirs]) if moved else 0.0
        noise += _distance(base.weights[p.theirs], shifted.weights[p.theirs]) / NOISE
        unit = 2.0**-24 * float(np.max(np.abs(start[p.theirs]), initial=0.0))     # each step rounds the weight itself
        row = difference(a.astype(np.float32), p.layout.apply(b).astype(np.float32), noise + unit * steps, tolerance,
                         p.ours)
        (found.weights if p.ours in trained else found.buffers).append(row)


def _state_share(theirs: Reference, optimizer: Any) -> float:
    """How far optimizer state may be apart: for a decay b, ours takes 1 - b in float32, which shows near b = 1."""
    made = theirs.optimizer(optimizer)
    settings = optimizer_arguments(entry(theirs.optimizer_kind(made)), theirs.settings(made))
    decays = [v for v in settings.values() if isinstance(v, float) and 0.5 < v < 1]
    return max([_SHARE, *(2.0**-24 / (1 - b) for b in decays)])


def _compare_state(found: TrainingCheck, pairs: Pairs, mine: Trained, base: Trained, moved: Trained | None,
                   tolerance: float) -> None:
    """State that both optimizers keep, paired by name."""
    kept = {prefix for state in mine.state.values() for prefix in state}
    names = {other: next((p for p in prefixes if p in kept), "") for other, prefixes in _STATE.items()}
    for p in pairs.weights:
        for other, array in base.state.get(p.theirs, {}).items():
            own = mine.state.get(p.ours, {}).get(names.get(other, ""))
            if own is not None and array.ndim and p.layout.shape(array.shape) == own.shape:
                twin = moved.state.get(p.theirs, {}).get(other) if moved else None
                noise = _distance(array, twin) if twin is not None else 0.0
                found.state.append(difference(own, p.layout.apply(array), noise, tolerance,
                                              f"{names[other]}.{p.ours}"))


def _verdict(found: TrainingCheck) -> str:
    bad = [not abs(a - b) <= allowed for a, b, allowed in zip(found.ours, found.theirs, found.allowed, strict=True)]
    if bad and bad[0]:
        return "first loss differs"
    if len(bad) > 1 and bad[1]:
        return "first loss agrees, second differs"
    if any(bad) or not all(d.agrees for d in (*found.weights, *found.buffers, *found.state)):
        return "training drifts"
    return "agrees"


def _allowed(base: float, moved: float, tolerance: float | None) -> float:
    return (_SHARE if tolerance is None else tolerance) * abs(base) + NOISE * abs(base - moved) + 1e-12


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return float(np.max(apart[np.isfinite(apart)], initial=0.0))


def _line(raised: Exception) -> str:
    text = str(raised).strip().splitlines()
    return f"{type(raised).__name__}: {text[0] if text else ''}"
