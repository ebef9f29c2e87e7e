"""Causes inside one layer: its class, its settings, its weights, its type of numbers."""
from __future__ import annotations

import contextlib
import copy
import math
from typing import Any

import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.migrate.compare.catalogue import entry
from mycelium.migrate.compare.lab import CHECKS, Effects, Lab
from mycelium.migrate.compare.ours import OurNet, kind_of
from mycelium.migrate.compare.result import Cause
from mycelium.migrate.differences import Entry
from mycelium.nn.cell import Cell
from mycelium.ops.primitive import Primitive

_VISIBLE = ("eval", "train", "statistics", "gradients")


def suspicious(lab: Lab) -> list[str]:
    """Paths of layers whose class or settings are not what the catalogue makes of their partner."""
    return [path for path in lab.called() if path and lab.is_layer(path) and _settings(lab, path)[1] != {}]


def examine(lab: Lab, path: str) -> list[Cause]:
    """Why a layer differs when it runs alone; what is proven is put right in the lab's copy."""
    cell, kind = lab.cell(path), lab.kinds[lab.partner(path)]
    checks = tuple(c for c in CHECKS if c != "dropout" or "dropout" in kind.lower())
    before = lab.effects(path, checks=checks)
    if not any(e > 1 for e in before.values()):
        return []
    for attempt in (_by_weights, by_dtype, _by_settings):
        found = attempt(lab, path, cell, before)
        if found:
            return found
    text = f"{_name(cell)} at {path or 'the top'} answers differently from {_short(kind)} on the same inputs"
    return [Cause(path, lab.partner(path), "unknown", "", f"{text}; none of the fixes tried makes them agree.",
                  before=worst_of(before), visible=_visible(before))]


# ***** settings *****

def _settings(lab: Lab, path: str) -> tuple[Cell | None, dict[str, tuple[Any, Any]]]:
    """(the layer that should be here, {setting: (the value here, the right one)}); {"": ...} for another class."""
    module, cell = lab.theirs.module(lab.partner(path)), lab.cell(path)
    found = entry(lab.kinds[lab.partner(path)])
    if found is None or not found.has_counterpart:
        return None, {}
    if kind_of(cell) == found.ours:
        with contextlib.suppress(Exception):    # values that the entry cannot translate are judged by building
            if _same(found.actual(cell), found.expected(module)):
                return None, {}
    try:
        built = found.build(module)
    except Exception:   # the entry says itself that this one has no counterpart
        return None, {}
    if not isinstance(built, Cell):
        return None, {}
    if kind_of(built) != kind_of(cell):
        return built, {"": (kind_of(cell), kind_of(built))}
    right, here = found.actual(built), found.actual(cell)
    return built, {k: (here[k], right[k]) for k in right if k in here and not _equal(here[k], right[k])}


def _by_settings(lab: Lab, path: str, cell: Cell, before: Effects) -> list[Cause]:
    built, settings = _settings(lab, path)
    module, other = lab.theirs.module(lab.partner(path)), lab.partner(path)
    found = entry(lab.kinds[other])
    if built is None:
        built = _rebuilt(found, module)
    if built is None or found is None:
        return []
    checks = tuple(before)
    after = lab.effects(path, built, checks, copy=True)
    fixed = _fixed(after)
    write = _call(found, module)
    if not settings and not fixed:
        return []
    if fixed:
        lab.replace(path, built)
    numbers = {"verified": fixed, "before": worst_of(before), "after": worst_of(after), "visible": _visible(before)}
    if "" in settings:
        text = (f"{_name(cell)} at {path} stands where the reference has {_short(lab.kinds[other])}, "
                f"which is {_name(built)} here.")
        return [Cause(path, other, "class", _name(built), text, f"write {write}", **numbers)]
    settings = settings or _unread(cell, built)
    if not settings:
        return [Cause(path, other, "unknown", "", f"{_name(cell)} at {path} agrees once it is built anew from the "
                      "reference's layer, although no setting of it is known to differ.", f"write {write}", **numbers)]
    needed = _needed(lab, path, found, settings, checks) if fixed and len(settings) > 1 else settings
    names = ", ".join(needed)
    return [Cause(path, other, "attribute", names, _text(lab, path, cell, found, needed),
                  f"set {_settings_text(needed, 1)}: {write}", **numbers)]


def _settings_text(settings: dict, side: int) -> str:
    return ", ".join(f"{name}={_source(values[side])}" for name, values in settings.items())


def _unread(cell: Cell, built: Cell) -> dict[str, tuple[Any, Any]]:
    """Attributes that tell two Cells of a class apart where the catalogue cannot read the settings back."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, right in vars(built).items():
        here = vars(cell).get(name)
        if isinstance(right, Primitive) and isinstance(here, Primitive):
            found.update({k: (here.attrs.get(k), v) for k, v in right.attrs.items() if here.attrs.get(k) != v})
        elif isinstance(right, (bool, int, float, str, tuple)) and not name.startswith("_") and name != "training":
            if not _equal(here, right):
                found[name] = (here, right)
    return found


def _needed(lab: Lab, path: str, found: Entry, settings: dict, checks: tuple[str, ...]) -> dict:
    """Those of the differing settings that make the difference: each is left as it was, with the others put right."""
    module = lab.theirs.module(lab.partner(path))
    needed = {}
    for name, (here, right) in settings.items():
        try:
            trial = found.target(**{**found.expected(module), name: here})
        except Exception:   # values that do not go together: this one cannot be left as it was
            needed[name] = (here, right)
            continue
        if not _fixed(lab.effects(path, trial, checks, copy=True)):
            needed[name] = (here, right)
    return needed or dict(settings)


def _rebuilt(found: Entry | None, module: Any) -> Cell | None:
    try:
        built = found.build(module) if found is not None and found.has_counterpart else None
    except Exception:   # the entry says itself that this one has no counterpart
        return None
    return built if isinstance(built, Cell) else None


def _text(lab: Lab, path: str, cell: Cell, found: Entry, settings: dict) -> str:
    kind = _short(lab.kinds[lab.partner(path)])
    values = found.read(lab.theirs.module(lab.partner(path)))
    told = ", ".join(f"{row.name}={_source(values[row.name])}" for row in found.arguments
                     if row.target in settings and row.name in values)
    return (f"{_name(cell)} at {path} has {_settings_text(settings, 0)}; the reference's {kind}"
            f"{f' with {told}' if told else ''} needs {_settings_text(settings, 1)}.")


def _call(found: Entry, module: Any) -> str:
    """The right layer as source."""
    try:
        values = {k: _source(v) for k, v in found.read(module).items() if not isinstance(v, Tensor)}
        return found.write(values)
    except Exception:   # a value that has no source text
        return found.short or found.instead


# ***** weights and numbers *****

def _by_weights(lab: Lab, path: str, cell: Cell, before: Effects) -> list[Cause]:
    """Weights that are not the reference's: where they were not copied, or could not be."""
    known = lab._pairs_of(path, OurNet(cell), lab._part(path))
    own, values = OurNet(cell), known.to_ours(lab._part(path).weights())
    mine = own.weights()
    wrong = [n for n, v in values.items() if not _close(mine[n], v)]
    if not wrong:
        return []
    trial = OurNet(copy.deepcopy(cell))
    trial.load(values)
    after = lab.effects(path, trial.cell, tuple(before))
    fixed = _fixed(after)
    if fixed:
        own.load(values)
    causes = []
    for name in wrong:
        what, fix = _wrong_weight(mine[name], values[name])
        causes.append(Cause(path, lab.partner(path), "weight", name, f"{_join(path, name)} {what}", fix, fixed,
                            worst_of(before), worst_of(after), _visible(before)))
    return causes if fixed else []


def _wrong_weight(mine: np.ndarray, right: np.ndarray) -> tuple[str, str]:
    if mine.ndim >= 2 and mine.shape == mine.T.shape and _close(mine.T, right):
        return "holds the reference's values transposed.", "transpose it when it is copied"
    if mine.ndim == 4 and mine.shape[2] == mine.shape[3] and _close(mine.transpose(0, 1, 3, 2), right):
        return "holds the reference's kernels with rows and columns exchanged.", "transpose its last two axes"
    if mine.ndim >= 1 and _close(mine[::-1], right):
        return "holds the reference's values in reverse order.", "reverse its first axis"
    if not np.any(mine) or np.all(mine == mine.flat[0]):
        return f"still holds its initial value {mine.flat[0]:g}.", "copy the reference's values into it"
    if mine.ndim >= 1 and _close(np.sort(mine.ravel()), np.sort(right.ravel())):
        return "holds the reference's values in another order.", "copy them in the reference's order"
    return "does not hold the reference's values.", "copy the reference's values into it"


def by_dtype(lab: Lab, path: str, cell: Cell, before: Effects) -> list[Cause]:
    """Layers that compute in a narrower type than their partners."""
    narrow = {p: c for p, c in cell.cells_and_names() if c.__dict__.get("_dtype") is not None}
    if not narrow:
        return []
    trial = copy.deepcopy(cell)
    for _, inner in trial.cells_and_names():
        inner.__dict__["_dtype"] = None
    after = lab.effects(path, trial, tuple(before), copy=True)
    if not _fixed(after):
        return []
    causes = []
    for below, inner in narrow.items():
        if not any(below.startswith(f"{p}." if p else "") for p in narrow if p != below):   # the outermost tell enough
            name, at = np.dtype(inner.__dict__["_dtype"]).name, _join(path, below) if below else path
            text = f"{_name(inner)} at {at or 'the top'} computes in {name}, the reference in float32."
            fix = f"take to_float(ms.{name}) away, or convert what it returns"
            causes.append(Cause(at, lab.pairs.modules.get(at, ""), "dtype", "to_float", text, fix, True,
                                worst_of(before), worst_of(after), _visible(before)))
    for inner in narrow.values():
        inner.__dict__["_dtype"] = None
    return causes


# ***** small things *****

def worst_of(effects: Effects) -> float:
    """The largest effect."""
    return max(effects.values(), default=math.nan)


def _fixed(effects: Effects) -> bool:
    return bool(effects) and all(e <= 1 for e in effects.values())


def _visible(effects: Effects) -> bool:
    return any(effects.get(c, 0.0) > 1 for c in _VISIBLE)


def _same(a: dict, b: dict) -> bool:
    return all(_equal(a[k], b[k]) for k in b if k in a)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return isinstance(a, Tensor) and isinstance(b, Tensor) and _close(a.asnumpy(), b.asnumpy())
    if isinstance(a, Cell) or isinstance(b, Cell):
        return kind_of(a) == kind_of(b)
    if isinstance(a, float) and isinstance(b, (int, float)) and not isinstance(b, bool):
        return math.isclose(a, b, rel_tol=1e-6)     # 1 - 0.9 is not quite 0.1
    return type(a) is type(b) and a == b or (not isinstance(a, bool) and not isinstance(b, bool) and a == b)


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a.astype(np.float64), b.astype(np.float64), rtol=1e-5, atol=1e-7)


def _name(cell: Cell) -> str:
    return kind_of(cell).rpartition(".")[2]


def _short(kind: str) -> str:
    return kind.replace("torch.nn.", "").replace("keras.layers.", "")


def _source(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}" if "e" in f"{value:.6g}" or "." in f"{value:.6g}" else f"{value:.1f}"
    return repr(value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
