"""Causes between layers: a network whose layers all agree alone, but which calls them, or operators, differently.

Both run on the same inputs while every function that they call is noted with its values. A function of theirs whose
inputs exist in ours, but whose result does not, and from whose result nothing that ours has was computed, is where they
part. What ours computed from these inputs instead is the other half of the explanation.
"""
from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import numpy as np

from mycelium.migrate.adapters.base import Forward, Function
from mycelium.migrate.compare.catalogue import entry
from mycelium.migrate.compare.lab import Lab, put
from mycelium.migrate.compare.layers import by_dtype, worst_of
from mycelium.migrate.compare.measure import agree, difference, differences
from mycelium.migrate.compare.ours import OurNet, Patch, kind_of
from mycelium.migrate.compare.pairing import Pairs
from mycelium.migrate.compare.result import Cause

_SHARE = 1e-4       # values that went through a few more roundings still count as the same


def examine_between(lab: Lab, path: str, checks: tuple[str, ...]) -> list[Cause]:
    """Why a sub-module differs whose own layers agree; what is proven is put right in the lab's copy if it can be."""
    before = lab.effects(path, checks=checks)
    if not any(e > 1 for e in before.values()):
        return []
    worst = worst_of(before)
    raised = lab.mine.error and (lab.mine.error_at == path or lab.mine.error_at.startswith(f"{path}.") or not path)
    text = f"{_where(lab, path)} raises {lab.mine.error}" if raised else (
        f"{_where(lab, path)} computes something else from the same inputs, although the layers in it agree.")
    return (by_dtype(lab, path, lab.cell(path), before) or _exchanged(lab, path, checks, worst)
            or _parting(lab, path, checks, worst)
            or [Cause(path, lab.partner(path), "raises" if raised else "unknown", "", text, before=worst)])


def _where(lab: Lab, path: str) -> str:
    name = kind_of(lab.cell(path)).rpartition(".")[2]
    return f"{name}.construct at {path}" if path else f"{name}.construct"


# ***** two layers exchanged *****

def _exchanged(lab: Lab, path: str, checks: tuple[str, ...], worst: float) -> list[Cause]:
    """Sub-modules that are called in another order; exchanging them on a copy must make the difference go away."""
    kids = lab.kids(path)
    order = list(dict.fromkeys(c.name for c in lab.mine.calls if c.name in kids))
    theirs = [k for k in kids if k in order]
    wrong = [i for i, (a, b) in enumerate(zip(order, theirs, strict=True)) if a != b]
    if not wrong:
        return []
    trial = lab.net.copy()
    pairs = [(order[i], theirs[i]) for i in wrong]
    cells = {name: trial.cells[name] for name, _ in pairs}
    marks = {name: copy.copy(cell) for name, cell in cells.items()}
    for name in cells:
        put(trial.cell, cells[name], marks[name])
    for name, right in pairs:       # what runs first here must be what runs first there
        put(trial.cell, marks[name], cells[right])
    moved = {right: name for name, right in pairs}
    after = _effects_of(lab, path, OurNet(trial.cell), _renamed(lab.pairs, moved), checks)
    fixed = bool(after) and all(e <= 1 for e in after.values())
    first, should = pairs[0]
    kinds = [kind_of(lab.cell(name)).rpartition(".")[2] for name in (first, should)]
    other = lab.partner(should)
    if fixed:
        lab.net, lab.pairs = OurNet(trial.cell, lab.net.mode), _renamed(lab.pairs, moved)
    return [Cause(path, lab.partner(path), "order", first, f"{_where(lab, path)} runs {first} ({kinds[0]}) where the "
                  f"reference runs {other} ({kinds[1]}): the layers are in another order.",
                  "run them in the order " + ", ".join(theirs), fixed, worst, worst_of(after))] if fixed else []


def _effects_of(lab: Lab, path: str, trial: OurNet, pairs: Pairs, checks: tuple[str, ...]) -> dict[str, float]:
    """The effects with another whole net in place of the lab's."""
    kept = lab.net, lab.pairs
    lab.net, lab.pairs = trial, pairs
    try:
        return lab.effects(path, checks=checks)
    finally:
        lab.net, lab.pairs = kept


def _renamed(pairs: Pairs, moved: dict[str, str]) -> Pairs:
    """The pairs once sub-modules stand at other paths."""
    def now(name: str) -> str:
        old = next((m for m in moved if name == m or name.startswith(f"{m}.")), None)
        return name if old is None else moved[old] + name[len(old):]

    return replace(pairs, weights=[replace(p, ours=now(p.ours)) for p in pairs.weights],
                   modules={now(o): t for o, t in pairs.modules.items()})


# ***** another function *****

@dataclass
class _Values:
    """Arrays that one side has, to be looked up by value."""

    arrays: list[np.ndarray]

    def __post_init__(self) -> None:
        self.by_size: dict[tuple, list[np.ndarray]] = {}
        for a in self.arrays:
            self.by_size.setdefault(a.shape, []).append(a)

    def has(self, value: np.ndarray) -> bool:
        """Whether some array here is that one."""
        return any(_same(a, value) for a in self.by_size.get(value.shape, ()))


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return difference(a, b, tolerance=_SHARE).agrees


def _parting(lab: Lab, path: str, checks: tuple[str, ...], worst: float) -> list[Cause]:
    given = lab.inputs_of(path)
    if given is None or not lab.theirs.can_run:
        return []
    train = "eval" not in checks
    own = OurNet(lab.cell(path))
    theirs = lab._part(path).forward(given[1], train, "functions")
    mine = own.forward(given[0], train, "functions")
    inside = {name for name, kind in lab._part(path).kinds().items()
              if name and entry(kind) is not None and "Sequential" not in kind}
    theirs.functions = [f for f in theirs.functions if f.module not in inside]     # layers count as a whole
    inputs = [*given[1].arrays().values()]
    root = _root(theirs.functions, _Values([*inputs, *_outputs(mine.functions)]))
    if root is not None:
        rivals = _consumers(root, mine.functions, _Values([*inputs, *_outputs(theirs.functions)]))
        return [_explained(lab, path, given, train, own, theirs, mine, root, rivals, worst)]
    extra = _root(mine.functions, _Values([*inputs, *_outputs(theirs.functions)]))
    if extra is None:
        return []
    return [_one_too_many(lab, path, given, train, own, theirs, extra, worst)]


def _outputs(functions: list[Function]) -> list[np.ndarray]:
    return [f.output for f in functions if f.output is not None]


def _root(functions: list[Function], known: _Values) -> Function | None:
    """The first function from whose result nothing known was computed, although all that it was given is known."""
    unknown = [f for f in functions if f.output is not None and f.inputs and not known.has(f.output)]
    harmless: set[int] = set()
    for f in reversed(functions):       # a result that leads to something known is only an intermediate step
        if f.output is None or (any(f is u for u in unknown) and id(f) not in harmless):
            continue
        for g in unknown:
            if id(g) != id(f) and g.output is not None and any(_identical(g.output, x) for x in f.inputs):
                harmless.add(id(g))
    lost = [f for f in unknown if id(f) not in harmless]
    for f in lost:
        if not any(_identical(g.output, x) for g in lost if g is not f and g.output is not None for x in f.inputs):
            return f
    return lost[0] if lost else None


def _identical(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b))


def _consumers(root: Function, functions: list[Function], known: _Values) -> list[Function]:
    """What ours computed from the inputs of `root`, where the results are nothing that theirs has."""
    return [f for f in functions if f.output is not None and not known.has(f.output)
            and any(_same(x, y) for x in f.inputs for y in root.inputs)]


def _explained(lab: Lab, path: str, given: tuple, train: bool, own: OurNet, theirs: Forward, mine: Forward,
               root: Function, rivals: list[Function], worst: float) -> Cause:
    said, place = _told(root), _behind(root, theirs.functions)
    fixed, rival = False, rivals[0] if rivals else None
    for f, value in _attempts(root, rivals, theirs.functions, mine.functions):
        if _patched(lab, own, given, train, theirs, f.place, value):
            fixed, rival = True, f if any(f is r for r in rivals) else None
            break
    instead = f"calls {_told(rival)}" if rival else "calls nothing of the kind"
    text = f"{_where(lab, path)} {instead} where the reference calls {said}{place}."
    return Cause(path, lab.partner(path), "operation", root.name if rival is None else rival.name, text,
                 _advice(root), fixed, worst, 0.0 if fixed else worst)


def _attempts(root: Function, rivals: list[Function], theirs: list[Function], mine: list[Function]) -> list[tuple]:
    """(an operator of ours, what to put in place of its result): first what computed something else from the same
    values, then what computed these values; with the result of `root`, or of what theirs made of it.
    """
    def fits(f: Function, value: np.ndarray | None) -> bool:
        return f.place >= 0 and f.output is not None and value is not None and f.output.shape == value.shape

    later = theirs[next((i for i, f in enumerate(theirs) if f is root), 0) + 1:]
    found = [(f, root.output) for f in rivals if fits(f, root.output)]
    found += [(f, root.output) for f in reversed(mine)
              if fits(f, root.output) and any(_same(f.output, x) for x in root.inputs if f.output is not None)]
    found += [(f, g.output) for f in rivals for g in later if fits(f, g.output)]
    return found[:12]


def _one_too_many(lab: Lab, path: str, given: tuple, train: bool, own: OurNet, theirs: Forward, extra: Function,
                  worst: float) -> Cause:
    same = [x for x in extra.inputs if extra.output is not None and x.shape == extra.output.shape]
    fixed = extra.place >= 0 and any(_patched(lab, own, given, train, theirs, extra.place, x) for x in same)
    return Cause(path, lab.partner(path), "operation", extra.name,
                 f"{_where(lab, path)} calls {_told(extra)}, which the reference does not.", f"take {extra.name} away",
                 fixed, worst, 0.0 if fixed else worst)


def _patched(lab: Lab, own: OurNet, given: tuple, train: bool, theirs: Forward, place: int, value: np.ndarray) -> bool:
    """Whether the results agree once one operator's result is replaced."""
    trial = own.forward(given[0], train, patch=Patch(place, value))
    return not trial.error and agree(differences(trial.outputs, theirs.outputs, None, lab.tolerance or _SHARE))


def _told(f: Function) -> str:
    if f.name.startswith(("torch.", "ops.", "keras.")):
        return f"{f.name.replace('torch.nn.functional.', 'F.')}({f.detail})" if f.detail else f.name
    return f"{f.name} ({f.detail.rpartition('.')[2]})"


def _behind(root: Function, functions: list[Function]) -> str:
    """The nearest sub-module before the function whose output it takes."""
    for f in functions:
        output = None if f.name.startswith("torch.") else f.output
        if output is not None and any(_identical(output, x) for x in root.inputs):
            return f" after {f.name}"
    return ""


def _advice(root: Function) -> str:
    found = entry(root.name)
    if found is not None and found.has_counterpart:
        return f"{root.name} is {found.short or found.call} here"
    return f"compute what {root.name} does" + (f" with {root.detail}" if root.detail else "")
