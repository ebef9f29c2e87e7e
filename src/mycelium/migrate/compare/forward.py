"""The forward runs: outputs of every paired sub-module, in evaluation and in training mode."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.migrate.adapters.base import Arrays, Forward, Inputs, Reference
from mycelium.migrate.compare.measure import Difference, difference, differences, rounded, worst
from mycelium.migrate.compare.ours import GRAPH_MODE, OurNet
from mycelium.migrate.compare.pairing import Pairs
from mycelium.migrate.compare.result import Layer, Run

Noise = dict[tuple[str, int, str], float]


def with_rounding(theirs: Reference, inputs: Inputs, run: Callable[[Inputs], Any]) -> Any:
    """What the reference gives when each of its weights and inputs is moved by one rounding; None where it cannot run.

    Two frameworks add numbers in other orders. How much that may change in a network is not a matter of taste: it is
    measured on the reference.
    """
    if not theirs.can_run:
        return None
    random = np.random.default_rng(0)
    before = theirs.weights()
    theirs.load({n: rounded(v, random) for n, v in before.items()})
    try:
        return run(inputs.changed(lambda a: rounded(a, random)))
    finally:
        theirs.load(before)


def run_both(ours: OurNet, theirs: Reference, pairs: Pairs, our_inputs: Inputs, their_inputs: Inputs, train: bool,
             share_masks: bool, tolerance: float | None) -> Run:
    """Runs both and compares what sub-modules, networks and running statistics became."""
    run = Run("train" if train else "eval")
    reference = theirs.forward(their_inputs, train, share_masks=share_masks)
    moved = with_rounding(theirs, their_inputs, lambda i: theirs.forward(i, train)) if not share_masks else None
    mine = ours.forward(our_inputs, train, masks=reference.masks if share_masks else None)
    for side, forward in (("the reference", reference), ("ours", mine)):
        if forward.error:
            where = f" in {forward.error_at!r}" if forward.error_at else ""
            run.errors.append(f"{side} raised{where}: {forward.error.splitlines()[0]}")
        run.notes += forward.notes
    noise = _noise(reference, moved)
    run.layers = layers(ours, theirs, pairs, mine, reference, noise, tolerance)
    run.first = next((i for i, layer in enumerate(run.layers) if not layer.agrees), None)
    if not run.errors:
        outputs = mine.outputs
        if ours.mode == GRAPH_MODE:
            outputs = _in_graph(ours, our_inputs, train, run) if not share_masks else outputs
        run.outputs = differences(outputs, reference.outputs, _of(noise, "", 0), tolerance)
        run.buffers = _buffers(pairs, mine, reference, moved, tolerance)
    return run


def layers(ours: OurNet, theirs: Reference, pairs: Pairs, mine: Forward, reference: Forward, noise: Noise,
           tolerance: float | None) -> list[Layer]:
    """Every call of a paired sub-module on both sides, in the order in which theirs ended."""
    our_kinds, their_kinds = ours.kinds(), theirs.kinds()
    path_of = {t: o for o, t in pairs.modules.items()}
    calls = {(c.name, c.index): c for c in mine.calls}
    found: list[Layer] = []
    before = 0.0
    for call in reference.calls:
        path = path_of.get(call.name)
        own = None if path is None else calls.get((path, call.index))
        if path is None or own is None:
            continue
        result = worst(differences(own.outputs, call.outputs, _of(noise, call.name, call.index), tolerance))
        if result is None:
            continue
        growth = result.max_rel / before if before > 0 else 1.0
        before = result.max_rel if np.isfinite(result.max_rel) else 0.0
        found.append(Layer(path, call.name, our_kinds[path], their_kinds[call.name], call.index, result, growth))
    return found


def _in_graph(ours: OurNet, inputs: Inputs, train: bool, run: Run) -> Arrays:
    """The outputs in GRAPH_MODE; a failure is an error of the run."""
    try:
        return ours.outputs(inputs, train, GRAPH_MODE)
    except Exception as raised:     # whatever the user's Cell raises belongs into the report
        run.errors.append(f"ours raised in GRAPH_MODE: {type(raised).__name__}: {str(raised).splitlines()[0]}")
        return {}


def _noise(base: Forward, moved: Forward | None) -> Noise:
    if moved is None:
        return {}
    twins = {(c.name, c.index): c.outputs for c in moved.calls}
    return {(c.name, c.index, place): _distance(array, twins[c.name, c.index][place])
            for c in base.calls if (c.name, c.index) in twins
            for place, array in c.outputs.items() if place in twins[c.name, c.index]}


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    if a.shape != b.shape or a.dtype.kind in "biu" or not a.size:
        return 0.0
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return float(np.max(apart[np.isfinite(apart)], initial=0.0))


def _of(noise: Noise, name: str, index: int) -> dict[str, float]:
    return {place: n for (path, i, place), n in noise.items() if path == name and i == index}


def _buffers(pairs: Pairs, mine: Forward, reference: Forward, moved: Forward | None,
             tolerance: float | None) -> list[Difference]:
    """Running statistics after a run in training mode."""
    found = []
    for p in pairs.weights:
        if p.theirs in reference.after and p.ours in mine.after:
            noise = _distance(reference.after[p.theirs], moved.after[p.theirs]) if moved else 0.0
            found.append(difference(mine.after[p.ours], p.layout.apply(reference.after[p.theirs]), noise, tolerance,
                                    p.ours))
    return found
