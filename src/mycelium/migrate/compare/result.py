"""What a comparison found, as data."""
from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mycelium.migrate.compare.measure import Difference


@dataclass
class Layer:
    """One call of a sub-module on both sides.

    Attributes:
        ours, theirs: Paths; "" where one side has none.
        our_kind, their_kind: Classes.
        call: Which call of this sub-module it is, from 0.
        difference: Of the outputs; the worst where there are several.
        growth: `max_rel` of this difference, divided by that of the call before it; 1 for the first.
    """

    ours: str
    theirs: str
    our_kind: str
    their_kind: str
    call: int = 0
    difference: Difference | None = None
    growth: float = 1.0

    @property
    def agrees(self) -> bool:
        """Whether the outputs agree."""
        return self.difference is None or self.difference.agrees


@dataclass
class Run:
    """A forward run of both.

    Attributes:
        mode: "eval" or "train".
        layers: Every paired call, in the order of the reference.
        outputs: The network's outputs, in the mode of execution that was asked for.
        first: Index in `layers` of the first that differs, or None.
        buffers: Running statistics after the run, where they differ.
        errors: What either side raised, with the sub-module.
        notes: What to know about the run (randomness that is left, calls without a partner).
    """

    mode: str
    layers: list[Layer] = field(default_factory=list)
    outputs: list[Difference] = field(default_factory=list)
    first: int | None = None
    buffers: list[Difference] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Whether both ran and all outputs and statistics agree."""
        return not self.errors and all(d.agrees for d in (*self.outputs, *self.buffers))


@dataclass
class GradientCheck:
    """Gradients of both: of every Parameter and every floating point input.

    Attributes:
        loss: (ours, theirs).
        weights, inputs: Differences by our name.
        error: What kept it from being done.
    """

    loss: tuple[float, float] = (0.0, 0.0)
    loss_agrees: bool = True
    weights: list[Difference] = field(default_factory=list)
    inputs: list[Difference] = field(default_factory=list)
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether all agree."""
        return not self.error and self.loss_agrees and all(d.agrees for d in (*self.weights, *self.inputs))


@dataclass
class TrainingCheck:
    """N optimizer steps of both on one batch.

    Attributes:
        ours, theirs: The loss before each step.
        allowed: By how much the losses may differ at each step: what rounding the reference's weights changes there.
        verdict: "agrees", "first loss differs", "first loss agrees, second differs", "training drifts".
        weights, buffers, state: Differences after the last step, by our name.
        error: What kept it from being done.
    """

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    allowed: list[float] = field(default_factory=list)
    verdict: str = ""
    weights: list[Difference] = field(default_factory=list)
    buffers: list[Difference] = field(default_factory=list)
    state: list[Difference] = field(default_factory=list)
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether losses, Parameters, buffers and optimizer state agree."""
        return not self.error and self.verdict == "agrees"


@dataclass
class Cause:
    """Why the two differ, as far as it could be found out.

    Attributes:
        layer: Path of our sub-module; "" for the network itself, "loss" and "optimizer" for those.
        theirs: Path of its partner.
        kind: "attribute", "class", "weight", "shared" (weights that should be one), "order", "operation", "dtype",
            "frozen", "loss", "optimizer", "mode", "raises" or "unknown".
        what: The attribute, Parameter or operator.
        text: The cause, in a sentence.
        fix: What to write.
        verified: Whether the difference went away when the fix was tried on a copy.
        before, after: How far the two were apart without and with the fix, in units of what is allowed.
        visible: Whether these inputs show it; False for a setting that other inputs would show.
    """

    layer: str
    theirs: str
    kind: str
    what: str
    text: str
    fix: str = ""
    verified: bool = False
    before: float = math.nan
    after: float = math.nan
    visible: bool = True


@dataclass
class Weight:
    """A Parameter of ours, its partner, and whether the values agree (always, when they were copied)."""

    ours: str
    theirs: str
    shape: str
    layout: str
    how: str
    difference: Difference | None = None


@dataclass
class Comparison:
    """The result of `compare`.

    Attributes:
        ours, theirs: Classes of the two networks; `framework` is that of the reference.
        copied: "theirs" when our net was given their weights, "ours" for the other way, "" for none.
        weights: Pairs of weights; `only_ours`, `only_theirs` are those without a partner, each with the reason.
        modules_only_ours, modules_only_theirs: Sub-modules without a partner.
        runs: Forward runs in evaluation and training mode.
        gradients, training: None where they were not asked for.
        causes: Likely causes, verified and certain ones first.
        seconds: How long it took.
    """

    ours: str
    theirs: str
    framework: str
    execution: str = ""
    copied: str = ""
    weights: list[Weight] = field(default_factory=list)
    only_ours: dict[str, str] = field(default_factory=dict)
    only_theirs: dict[str, str] = field(default_factory=dict)
    modules_only_ours: list[str] = field(default_factory=list)
    modules_only_theirs: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    gradients: GradientCheck | None = None
    training: TrainingCheck | None = None
    causes: list[Cause] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether everything that was compared agrees, and no weight is left without a partner."""
        return (not self.only_ours and not self.only_theirs and all(r.agrees for r in self.runs)
                and all(w.difference is None or w.difference.agrees for w in self.weights)
                and (self.gradients is None or self.gradients.agrees)
                and (self.training is None or self.training.agrees) and not any(c.verified for c in self.causes))

    @property
    def ran(self) -> bool:
        """Whether both networks ran to their end."""
        return not any(r.errors for r in self.runs)

    @property
    def first(self) -> Layer | None:
        """The first call whose outputs differ, in the first mode in which there is one."""
        return next((r.layers[r.first] for r in self.runs if r.first is not None), None)

    def summary(self) -> str:
        """The verdict in one line."""
        if self.agrees:
            return f"{self.ours} agrees with {self.theirs}."
        parts = []
        for run in self.runs:
            if run.errors:
                if not any(run.errors[0] in p for p in parts):
                    parts.append(f"{run.mode}: {run.errors[0]}")
            elif run.first is not None:
                parts.append(f"{run.mode}: outputs part at {run.layers[run.first].ours or 'the network itself'}")
            elif not run.agrees:
                parts.append(f"{run.mode}: " + ("running statistics differ" if run.buffers else "outputs differ"))
        if not parts and self.gradients is not None and not self.gradients.agrees:
            parts.append(self.gradients.error or "gradients differ")
        if self.training is not None and not self.training.agrees:
            parts.append(f"training: {self.training.error or self.training.verdict}")
        if self.only_ours or self.only_theirs:
            parts.append(f"{len(self.only_ours) + len(self.only_theirs)} weights without a partner")
        if not parts and any(w.difference and not w.difference.agrees for w in self.weights):
            parts.append("weights differ")
        if not parts:
            parts.append("outputs agree on these inputs, but " + self.causes[0].text)
        return f"{self.ours} differs from {self.theirs}: " + "; ".join(parts).rstrip(".") + "."

    def to_dict(self) -> dict[str, Any]:
        """Everything, in types that JSON has; numbers that it has not become text."""
        return {**_plain(dataclasses.asdict(self)), "agrees": self.agrees, "summary": self.summary()}

    def to_json(self, path: str | Path | None = None) -> str:
        """The same as JSON text, written to a file if one is named."""
        text = json.dumps(self.to_dict(), indent=2)
        if path is not None:
            Path(path).write_text(text + "\n", "utf-8")
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
