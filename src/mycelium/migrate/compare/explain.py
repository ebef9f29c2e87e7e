"""Why two networks differ: looks for causes, tries each out on a copy, and ranks what was found."""
from __future__ import annotations

from typing import Any

from mycelium.migrate.adapters.base import Inputs, Reference
from mycelium.migrate.compare import steps
from mycelium.migrate.compare.dataflow import examine_between
from mycelium.migrate.compare.lab import Lab
from mycelium.migrate.compare.layers import examine, suspicious
from mycelium.migrate.compare.ours import OurNet
from mycelium.migrate.compare.pairing import Pairs
from mycelium.migrate.compare.result import Cause, Comparison
from mycelium.migrate.compare.training import check_gradients

_ROUNDS = 8     # faults that hide behind one another


def explain(found: Comparison, ours: OurNet, theirs: Reference, pairs: Pairs, inputs: tuple[Inputs, Inputs],
            labels: tuple, objectives: tuple, optimizers: tuple, tolerance: float | None) -> list[Cause]:
    """The causes of what a comparison found, the likeliest first.

    Args:
        found: The comparison so far.
        ours: Our net, with the weights it was compared with.
        theirs, pairs, inputs, labels, objectives, optimizers, tolerance: What it was compared with.
    """
    if any("the reference raised" in e for r in found.runs for e in r.errors):
        return []
    modes = tuple(r.mode for r in found.runs)
    lab = Lab(ours, theirs, pairs, *inputs, modes, tolerance)
    causes = _in_layers(lab)
    checks = tuple(r.mode for r in found.runs if not r.agrees)
    if "train" in checks:
        checks += ("statistics",)
    if checks:
        causes += _search(lab, checks)
    train = "train" in modes
    wrong_gradients = found.gradients is not None and not found.gradients.agrees and not found.gradients.error
    if wrong_gradients and theirs.can_run:
        causes += _of_gradients(lab, found, objectives, labels, train)
    training = found.training
    if _optimizers_part(found) and not any(c.verified and c.visible for c in causes):
        assert training is not None
        causes += steps.optimizer(lab.net, theirs, pairs, inputs, labels, objectives, optimizers, training, tolerance)
    causes += _of_mode(found)
    order = {path: i for i, path in enumerate(lab.called())}
    return sorted(causes, key=lambda cause: _rank(cause, order))


def _in_layers(lab: Lab) -> list[Cause]:
    """Layers whose class or settings are not what the catalogue says, where that changes anything."""
    return [cause for path in suspicious(lab) for cause in examine(lab, path)]


def _search(lab: Lab, checks: tuple[str, ...]) -> list[Cause]:
    """Innermost sub-modules at fault, examined one by one until the copy agrees or nothing more is found."""
    causes: list[Cause] = []
    seen: set[str] = set()
    for _ in range(_ROUNDS):
        new = [p for p in lab.faults("", checks) if p not in seen]
        if not new:
            break
        for path in new:
            seen.add(path)
            causes += examine(lab, path) if path and lab.is_layer(path) else examine_between(lab, path, checks)
    return causes


def _of_gradients(lab: Lab, found: Comparison, objectives: tuple, labels: tuple, train: bool) -> list[Cause]:
    causes: list[Cause] = []

    def again() -> Any:
        return check_gradients(lab.net, lab.theirs, lab.pairs, *lab.inputs, labels, objectives, train, lab.tolerance)

    assert found.gradients is not None
    causes += steps.frozen(lab.net, lab.pairs, found.gradients, again)
    forward_agrees = all(r.agrees for r in found.runs)
    if labels and forward_agrees and not found.gradients.loss_agrees:
        causes += steps.loss(objectives, lab.reference.outputs, labels)
    elif forward_agrees and not causes:
        mine = lab.net.gradients(lab.inputs[0], train, objectives[0], labels)
        theirs = lab.theirs.gradients(lab.inputs[1], train, objectives[1], labels)
        causes += steps.tied(lab.pairs, lab.theirs.shared(), mine.weights, theirs.weights)
        causes += [] if causes else _search(lab, ("gradients",))
    return causes


def _optimizers_part(found: Comparison) -> bool:
    """Whether Parameters part although losses and gradients agree."""
    training = found.training
    return (training is not None and not training.error and training.verdict != "agrees"
            and (found.gradients is None or found.gradients.agrees) and not all(d.agrees for d in training.weights))


def _of_mode(found: Comparison) -> list[Cause]:
    """Outputs that differ in GRAPH_MODE although every sub-module agrees op by op."""
    if found.execution != "GRAPH_MODE":
        return []
    return [Cause("", "", "mode", "GRAPH_MODE", "op by op the net agrees, compiled it does not: construct reads or "
                  "changes something that is fixed while a graph is compiled.", "run it in PYNATIVE_MODE, and look at "
                  "attributes that construct changes", True) for run in found.runs
            if run.first is None and run.layers and not run.agrees and not run.errors
            and any(not d.agrees for d in run.outputs)][:1]


def _rank(cause: Cause, order: dict[str, int]) -> tuple:
    """Proven before likely, seen before hidden, then in the order in which layers run."""
    return (not cause.verified, cause.kind == "unknown", not cause.visible, order.get(cause.layer, len(order)))
