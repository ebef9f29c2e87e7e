"""A comparison as text for the terminal."""
from __future__ import annotations

import math

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mycelium.migrate.compare.measure import Difference
from mycelium.migrate.compare.result import Comparison, GradientCheck, Run, TrainingCheck

_AROUND = 3     # rows shown before and after the first difference
_SHOWN = 5      # differences shown of each kind


def as_text(found: Comparison, width: int = 110) -> str:
    """The report without colours."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(render(found))
    return capture.get().rstrip()


def render(found: Comparison, everything: bool = False) -> RenderableType:
    """The report for a rich Console.

    Args:
        found: The comparison.
        everything: Show every layer and Parameter, not only those around the first difference.
    """
    parts: list[RenderableType] = [Text(found.summary(), "bold green" if found.agrees else "bold red"), _pairs(found)]
    if found.causes:
        parts.append(_causes(found))
    for run in found.runs:
        parts += _run(run, everything)
    if found.gradients is not None:
        parts.append(_gradients(found.gradients, everything))
    if found.training is not None:
        parts.append(_training(found.training, everything))
    return Group(*parts)


def _pairs(found: Comparison) -> RenderableType:
    text = Text(f"{len(found.weights)} weights paired with {found.framework}"
                + {"theirs": ", ours took their values", "ours": ", theirs took our values", "": ""}[found.copied]
                + f"; end results in {found.execution}; {found.seconds:.1f} s")
    for side, rows in (("here", found.only_ours), ("there", found.only_theirs)):
        for name, reason in rows.items():
            text.append(f"\n  only {side}: {name} ({reason})", "yellow")
    for side, names in (("here", found.modules_only_ours), ("there", found.modules_only_theirs)):
        if names:
            more = ", ..." if len(names) > 12 else ""
            text.append(f"\n  sub-modules only {side}: {', '.join(names[:12])}{more}", "dim")
    for w in found.weights:
        if w.difference is not None and not w.difference.agrees:
            text.append(f"\n  values differ: {w.ours} and {w.theirs} by {number(w.difference.max_abs)}", "yellow")
    return text


def _run(run: Run, everything: bool) -> list[RenderableType]:
    title = f"\n{run.mode}: " + ("agrees" if run.agrees else run.errors[0] if run.errors else "differs")
    parts: list[RenderableType] = [Text(title, "green" if run.agrees else "red")]
    rows = list(enumerate(run.layers))
    if not everything:
        near = run.first if run.first is not None else len(rows) if run.agrees else 0
        rows = [r for r in rows if near - _AROUND <= r[0] <= near + _AROUND or r[0] == len(run.layers) - 1]
    if rows:
        table = Table(box=None, padding=(0, 1), header_style="bold")
        for name in ("layer", "class", "shape", "max abs", "max rel", "cosine", "allowed", "growth"):
            words = name in ("layer", "class", "shape")
            table.add_column(name, justify="left" if words else "right", overflow="fold", no_wrap=name != "layer")
        last = -1
        for i, layer in rows:
            if i > last + 1:
                table.add_row("...")
            last, d = i, layer.difference
            assert d is not None
            kinds = dict.fromkeys((_short(layer.our_kind), _short(layer.their_kind)))
            table.add_row(layer.ours or "(all)", " / ".join(kinds), shape(d), number(d.max_abs), number(d.max_rel),
                          f"{d.cosine:.4f}", number(d.allowed), f"{layer.growth:.2g}",
                          style="bold red" if i == run.first else "red" if not layer.agrees else None)
        parts.append(table)
    parts += [Text(line, "red") for kind, found in (("output", run.outputs), ("running statistics", run.buffers))
              for line in _wrong(kind, found, everything)]
    return parts + [Text(f"  note: {note}", "dim") for note in run.notes]


def _gradients(check: GradientCheck, everything: bool) -> RenderableType:
    if check.error:
        return Text(f"\ngradients: {check.error}", "red")
    text = Text(f"\ngradients: {'agree' if check.agrees else 'differ'}; loss {check.loss[0]:.7g} here, "
                f"{check.loss[1]:.7g} there", "green" if check.agrees else "red")
    for kind, found in (("of", check.weights), ("of input", check.inputs)):
        for line in _wrong(kind, found, everything):
            text.append(f"\n{line}", "red")
    return text


def _wrong(kind: str, rows: list[Difference], everything: bool) -> list[str]:
    """Lines for what differs; for all with `everything`, else for the first few."""
    wrong = [d for d in rows if everything or not d.agrees]
    shown = wrong if everything else wrong[:_SHOWN]
    lines = [f"  {kind} {d.place}: {_apart(d)}" for d in shown]
    return lines + ([f"  ... and {len(wrong) - len(shown)} more"] if len(wrong) > len(shown) else [])


def _training(check: TrainingCheck, everything: bool) -> RenderableType:
    if check.error:
        return Text(f"\ntraining: {check.error}", "red")
    text = Text(f"\ntraining, {len(check.theirs)} steps: {check.verdict}", "green" if check.agrees else "red")
    for i, (a, b) in enumerate(zip(check.ours, check.theirs, strict=True)):
        text.append(f"\n  step {i + 1}: loss {a:.7g} here, {b:.7g} there, {number(abs(a - b))} apart")
    for kind, rows in (("Parameter", check.weights), ("buffer", check.buffers), ("optimizer state", check.state)):
        for line in _wrong(kind, rows, everything):
            text.append(f"\n{line}", "red")
    return text


def _causes(found: Comparison) -> RenderableType:
    text = Text("\ncauses, the likeliest first:", "bold")
    for i, cause in enumerate(found.causes, 1):
        text.append(f"\n{i:3d}. {cause.text}")
        if cause.fix:
            text.append(f"\n     {cause.fix}", "cyan")
        if cause.verified:
            seen = "" if cause.visible else "; these inputs do not show it, others do"
            text.append(f"\n     verified: with this the difference is {number(cause.after)} of what is allowed, "
                        f"without it {number(cause.before)} times{seen}", "green")
        else:
            text.append("\n     not verified", "yellow")
    return text


def _apart(d: Difference) -> str:
    if d.note:
        return d.note
    return f"max abs {number(d.max_abs)} (allowed {number(d.allowed)}), cosine {d.cosine:.6f}"


def shape(d: Difference) -> str:
    """The shape, or both where they differ; with the dtype unless it is float32 on both sides."""
    sides = [side.removeprefix("float32").replace(", ", "x").strip("[]") or "scalar" for side in (d.ours, d.theirs)]
    return sides[0] if sides[0] == sides[1] else f"{sides[0]} / {sides[1]}"


def number(value: float) -> str:
    """A number in few characters."""
    return "0" if value == 0 else f"{value:.1e}" if math.isfinite(value) else "-"


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]
