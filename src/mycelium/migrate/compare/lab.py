"""Where causes are tried out: layers of both networks run alone, on the reference's inputs."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.migrate.adapters.base import Call, Forward, Inputs, Reference, map_leaves
from mycelium.migrate.compare.catalogue import entry
from mycelium.migrate.compare.forward import with_rounding
from mycelium.migrate.compare.measure import difference, differences, worst
from mycelium.migrate.compare.ours import OurNet, kind_of
from mycelium.migrate.compare.pairing import Pairs, WeightPair, pair
from mycelium.migrate.compare.training import Squares, check_gradients
from mycelium.nn.cell import Cell

CHECKS = ("eval", "train", "statistics", "gradients", "small inputs", "dropout")
Effects = dict[str, float]


class Lab:
    """A copy of our net that fixes are tried on, beside the reference.

    A layer that is given the reference's own inputs and still answers differently is at fault itself; one that agrees
    then only passes on what came before it.

    Attributes:
        net: The copy.
        theirs: The reference.
        pairs: Pairs between the two.
        tolerance: As for `compare`.
    """

    def __init__(self, ours: OurNet, theirs: Reference, pairs: Pairs, our_inputs: Inputs, their_inputs: Inputs,
                 modes: tuple[str, ...], tolerance: float | None):
        self.net, self.theirs, self.pairs, self.tolerance = ours.copy(), theirs, pairs, tolerance
        self.inputs, self.modes = (our_inputs, their_inputs), modes
        train = modes == ("train",)
        self.reference = theirs.forward(their_inputs, train, "arguments")
        self.mine: Forward = self.net.forward(our_inputs, train, "arguments")
        self.kinds = theirs.kinds()
        self._bases: dict[tuple, Any] = {}

    # ***** what there is *****

    def cell(self, path: str) -> Cell:
        """Our sub-Cell at a path, with the fixes so far."""
        return self.net.cells[path]

    def partner(self, path: str) -> str:
        """The path of its partner."""
        return self.pairs.modules[path]

    def call(self, path: str, forward: Forward) -> Call | None:
        """The first call of a sub-module in a run."""
        return next((c for c in forward.calls if c.name == path), None)

    def called(self) -> list[str]:
        """Our paths of the paired sub-modules that the reference called, in the order in which they ended."""
        path_of = {t: o for o, t in self.pairs.modules.items()}
        return list(dict.fromkeys(path_of[c.name] for c in self.reference.calls if c.name in path_of))

    def kids(self, path: str) -> list[str]:
        """The nearest paired sub-modules below a path that the reference called."""
        below = [p for p in self.called() if p and p != path and (not path or p.startswith(f"{path}."))]
        return [p for p in below if not any(p.startswith(f"{q}.") for q in below)]

    def is_layer(self, path: str) -> bool:
        """Whether the catalogue knows the class of theirs, so that the layer is judged as a whole."""
        return entry(self.kinds[self.partner(path)]) is not None and "Sequential" not in self.kinds[self.partner(path)]

    def inputs_of(self, path: str) -> tuple[Inputs, Inputs] | None:
        """Arguments for (ours, theirs) of a sub-module: the reference's values in the way that each is called."""
        if not path:
            return self.inputs
        call = self.call(self.partner(path), self.reference)
        if call is None or call.arguments is None:
            return None
        own = self.call(path, self.mine)
        return _as_ours(own.arguments if own else None, call.arguments), call.arguments

    # ***** running a layer alone *****

    def effects(self, path: str, cell: Cell | None = None, checks: tuple[str, ...] = ("eval", "train", "statistics"),
                copy: bool = False) -> Effects:
        """How far a Cell is from its partner when it runs alone, check by check, in units of what is allowed.

        Args:
            path: Our path.
            cell: A Cell to put in its place; None for the one that is there.
            checks: Some of CHECKS.
            copy: Give it the reference's weights first.
        """
        given = self.inputs_of(path)
        if given is None:
            return {}
        part = self._part(path)
        own = OurNet(self.cell(path) if cell is None else cell)
        known = self._pairs_of(path, own, part) if cell is None else pair(own, part)
        if copy:
            own.load(known.to_ours(part.weights()))
        found: Effects = {}
        for check in checks if self.theirs.can_run else ("eval",):
            if check in ("eval", "train", "small inputs"):
                mode = "eval" if check == "small inputs" else check
                scale = (lambda a: (a * 1e-3).astype(a.dtype) if a.dtype.kind == "f" else a) \
                    if check == "small inputs" else None
                ours, theirs = given if scale is None else (given[0].changed(scale), given[1].changed(scale))
                found.update(self._forward(path, own, part, known, ours, theirs, mode, check, checks))
            elif check == "gradients":
                found[check] = self._gradients(path, own, part, known, given)
            elif check == "dropout":
                found[check] = self._dropout(path, own, given)
        return found

    def _part(self, path: str) -> Reference:
        key = ("part", self.partner(path))
        if key not in self._bases:
            self._bases[key] = self.theirs.part(self.partner(path)) if path else self.theirs
        return self._bases[key]

    def _pairs_of(self, path: str, own: OurNet, part: Reference) -> Pairs:
        """The pairs below a path, with names as seen from there."""
        if not path:
            return self.pairs
        ours, theirs = f"{path}.", f"{self.partner(path)}." if self.partner(path) else ""
        found = Pairs([WeightPair(p.ours.removeprefix(ours), p.theirs.removeprefix(theirs), p.layout, p.how)
                       for p in self.pairs.weights if p.ours.startswith(ours) and p.theirs.startswith(theirs)])
        found.modules = {"": "", **{o.removeprefix(ours): t.removeprefix(theirs) for o, t in
                                    self.pairs.modules.items() if o.startswith(ours) and t.startswith(theirs)}}
        return found

    def _base(self, key: tuple, run: Callable[[], Any]) -> Any:
        if key not in self._bases:
            self._bases[key] = run()
        return self._bases[key]

    def _forward(self, path: str, own: OurNet, part: Reference, known: Pairs, ours: Inputs, theirs: Inputs,
                 mode: str, check: str, checks: tuple[str, ...]) -> Effects:
        train = mode == "train"
        base, moved = self._base((self.partner(path), check), lambda: (
            part.forward(theirs, train), with_rounding(part, theirs, lambda i: part.forward(i, train))))
        if base.error:
            return {}
        mine = own.forward(ours, train)
        if mine.error:
            return {check: math.inf}
        noise = {k: _distance(v, moved.outputs.get(k)) for k, v in base.outputs.items()} if moved else {}
        found = {check: _excess(differences(mine.outputs, base.outputs, noise, self.tolerance))}
        if train and "statistics" in checks:
            rows = [difference(mine.after[p.ours], p.layout.apply(base.after[p.theirs]), 0.0, self.tolerance)
                    for p in known.weights if p.theirs in base.after and p.ours in mine.after]
            found["statistics"] = _excess(rows)
        return found

    def _gradients(self, path: str, own: OurNet, part: Reference, known: Pairs, given: tuple) -> float:
        squares = self._base((self.partner(path), "squares"), Squares)
        check = check_gradients(own, part, known, *given, (), (squares, squares), False, self.tolerance)
        if check.error:
            return math.inf if check.error.startswith("ours") else 0.0
        return _excess([*check.weights, *check.inputs])

    def _dropout(self, path: str, own: OurNet, given: tuple) -> float:
        """The shares of zeros that ones in training become, in units of four standard deviations."""
        shape = next((a.shape for a in given[1].arrays().values() if a.dtype.kind == "f"), None)
        if shape is None:
            return 0.0
        ones = np.ones((max(16, 40000 // max(int(np.prod(shape[1:])), 1)), *shape[1:]), np.float32)
        mine = self.share_of_zeros(own, ones)
        theirs = self._base((self.partner(path), "dropout"), lambda: self._part(path).zeros(ones))
        if mine is None or theirs is None:
            return 0.0
        draws = int(np.prod(ones.shape[:2]))
        return abs(mine - theirs) / (4 * math.sqrt(0.5 / draws))

    @staticmethod
    def share_of_zeros(own: OurNet, ones: np.ndarray) -> float | None:
        """How much of ones our layer sets to zero in training."""
        try:
            out = own.drawn(Inputs((ones,)))
        except Exception:   # a layer that takes no lone array has no such share
            return None
        return float(np.mean(out == 0)) if out is not None else None

    # ***** where the fault is *****

    def faults(self, path: str, checks: tuple[str, ...], suspects: set[str] | None = None) -> list[str]:
        """Paths of the innermost sub-modules that differ when they run alone.

        Args:
            path: Where to look.
            checks: What to look at.
            suspects: Paths whose outputs are known to differ in the whole network; others are passed over.
        """
        if path and suspects is not None and path not in suspects:
            return []
        if path and not self.differs(path, checks):
            return []
        if path and self.is_layer(path):
            return [path]
        inner = [f for kid in self.kids(path) for f in self.faults(kid, checks, suspects)]
        return inner or ([path] if path or self.differs(path, checks) else [])

    def differs(self, path: str, checks: tuple[str, ...]) -> bool:
        """Whether a sub-module differs when it runs alone."""
        return any(e > 1 for e in self.effects(path, checks=checks).values())

    # ***** fixing *****

    def replace(self, path: str, cell: Cell) -> None:
        """Puts a Cell in the place of one of the copy, with the reference's weights."""
        old = self.cell(path)
        part = self._part(path)
        own = OurNet(cell)
        own.load(pair(own, part).to_ours(part.weights()))
        put(self.net.cell, old, cell)
        self.net = OurNet(self.net.cell, self.net.mode)

    def __repr__(self) -> str:
        return f"Lab({kind_of(self.net.cell)})"


def put(net: Cell, old: Cell, new: Cell) -> None:
    """Puts `new` wherever `net` holds `old`."""
    for _, cell in list(net.cells_and_names()):
        for name, child in cell._cells.items():
            if child is old:
                cell._cells[name] = cell.__dict__[name] = new
        for name, value in list(cell.__dict__.items()):
            if isinstance(value, (list, tuple)) and any(v is old for v in value):
                cell.__dict__[name] = type(value)([new if v is old else v for v in value])


def _as_ours(own: Inputs | None, theirs: Inputs) -> Inputs:
    """Their arrays in the arguments that ours was called with, where there are as many of the same shapes."""
    values = list(theirs.arrays().values())
    if own is not None:
        shapes = [a.shape for a in own.arrays().values()]
        if shapes == [a.shape for a in values] or len(shapes) == len(values):
            rest = iter(values)

            def next_array(value: Any) -> Any:
                return next(rest) if isinstance(value, np.ndarray) else value

            return Inputs(tuple(map_leaves(a, next_array) for a in own.args), map_leaves(own.kwargs, next_array))
    return Inputs(tuple(values)) if not any(isinstance(a, tuple) for a in theirs.args) else Inputs(theirs.args)


def _distance(a: np.ndarray, b: np.ndarray | None) -> float:
    if b is None or a.shape != b.shape or not a.size or a.dtype.kind in "biu":
        return 0.0
    apart = np.abs(a.astype(np.float64) - b.astype(np.float64))
    return float(np.max(apart[np.isfinite(apart)], initial=0.0))


def _excess(rows: list) -> float:
    found = worst(rows)
    return 0.0 if found is None else found.excess
