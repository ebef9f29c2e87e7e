"""Which Parameter and which sub-module of ours belongs to which of theirs."""
from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mycelium.migrate.adapters.base import Arrays, Reference
from mycelium.migrate.compare.catalogue import corresponds, entry
from mycelium.migrate.compare.ours import OurNet
from mycelium.migrate.weights.layout import AS_IS, Layout, between
from mycelium.migrate.weights.names import DROPPED, join, split, state_of


@dataclass
class WeightPair:
    """A Parameter of ours and the weight of theirs that it stands for.

    Attributes:
        ours, theirs: Their names.
        layout: How theirs becomes ours.
        how: What paired them: "map", "name", "position" or "shape".
    """

    ours: str
    theirs: str
    layout: Layout
    how: str


@dataclass
class Pairs:
    """All pairs, and what is left over.

    Attributes:
        weights: Pairs of weights.
        modules: Path of theirs by path of ours.
        only_ours, only_theirs: Weights without a partner, with the reason where there is one.
    """

    weights: list[WeightPair] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    only_ours: dict[str, str] = field(default_factory=dict)
    only_theirs: dict[str, str] = field(default_factory=dict)

    def to_ours(self, values: Mapping[str, np.ndarray]) -> Arrays:
        """Their values under our names, in our layouts."""
        return {p.ours: p.layout.apply(values[p.theirs]) for p in self.weights if p.theirs in values}

    def to_theirs(self, values: Mapping[str, np.ndarray], shapes: Mapping[str, tuple]) -> Arrays:
        """Our values under their names, in their layouts."""
        return {p.theirs: p.layout.undo(values[p.ours], shapes[p.theirs]) for p in self.weights if p.ours in values}


def pair(ours: OurNet, theirs: Reference, given: Mapping[str, str] | None = None) -> Pairs:
    """Pairs weights and sub-modules.

    Args:
        ours: Our net.
        theirs: The reference.
        given: Pairs that are known: paths of sub-modules or names of weights, ours to theirs.

    Raises:
        KeyError: `given` names something that is not there.
    """
    given = dict(given or {})
    our_kinds, their_kinds = ours.kinds(), theirs.kinds()
    weights, owners = theirs.weights(), theirs.owners()
    _check(given, our_kinds, their_kinds, ours.parameters, weights)
    pairs = Pairs()
    modules = {o: t for o, t in given.items() if o in our_kinds and t in their_kinds}
    modules.setdefault("", "")
    _by_path(modules, our_kinds, their_kinds)
    _by_content(modules, _contents(ours), _their_contents(weights, owners, their_kinds), our_kinds, their_kinds)
    _by_order(modules, our_kinds, their_kinds)
    _by_path(modules, our_kinds, their_kinds, last=True)
    pairs.modules = modules
    left = dict.fromkeys(n for n in weights if split(n)[1] not in DROPPED)
    free = dict.fromkeys(ours.parameters)
    shapes = {n: tuple(p.shape) for n, p in ours.parameters.items()}

    def take(name: str, other: str, layout: Layout, how: str) -> None:
        pairs.weights.append(WeightPair(name, other, layout, how))
        free.pop(name, None)
        left.pop(other, None)

    for name, other in given.items():
        if name in ours.parameters and other in weights:
            take(name, other, _layout(weights[other].shape, shapes[name], None), "map")
    path_of = {t: o for o, t in modules.items()}
    for other in list(left):
        module, leaf = owners[other]
        known = entry(their_kinds.get(module, ""))
        if known is not None and known.state.get(leaf) == "":
            left.pop(other)         # ours keeps none, and does the same without
            continue
        place = state_of(their_kinds.get(module, "")).get(leaf)
        name = join(path_of.get(module, module), place.name if place else leaf)
        first = theirs.shared().get(other)
        if name in ours.shared and first in {p.theirs for p in pairs.weights if p.ours == ours.shared[name]}:
            left.pop(other)         # shared on both sides
        elif name in ours.shared:
            pairs.only_theirs[other] = f"its Parameter here, {name}, is {ours.shared[name]} as well"
        elif name in free:
            layout = _layout(weights[other].shape, shapes[name], place.layout if place else None)
            if layout is None:
                pairs.only_theirs[other] = f"shape {weights[other].shape} there, {shapes[name]} here ({name})"
                pairs.only_ours[name] = f"shape {shapes[name]} here, {weights[other].shape} there ({other})"
            else:
                take(name, other, layout, "name" if path_of.get(module, module) == module else "position")
    _by_shape(list(left), list(free), weights, shapes, take)
    for other in left:
        pairs.only_theirs.setdefault(other, f"no Parameter here has its name or shape {weights[other].shape}")
    for name in free:
        pairs.only_ours.setdefault(name, f"no weight there has its name or shape {shapes[name]}")
    return pairs


def _check(given: dict, *known: Mapping) -> None:
    our_kinds, their_kinds, parameters, weights = known
    for name, other in given.items():
        for value, side, names in ((name, "here", [*our_kinds, *parameters]),
                                   (other, "there", [*their_kinds, *weights])):
            if value not in names:
                near = difflib.get_close_matches(value, names, 1)
                raise KeyError(f"The map pairs {name!r} with {other!r}, but {side} is nothing named {value!r}"
                               + (f"; did you mean {near[0]!r}?" if near else "."))


def _layout(theirs: tuple, ours: tuple, rule: Layout | None) -> Layout | None:
    """How an array of theirs becomes ours, by the rule of its class or by shape."""
    if rule is not None and rule.shape(tuple(theirs)) == tuple(ours):
        return rule
    if rule and rule.shape(tuple(theirs)) is not None and tuple(theirs) == tuple(ours):
        return None
    return between(tuple(theirs), tuple(ours))


# ***** sub-modules *****

def _by_path(modules: dict[str, str], ours: dict[str, str], theirs: dict[str, str], last: bool = False) -> None:
    """Those that have the same path; where that is a number, of another class only as a `last` resort."""
    taken = set(modules.values())
    for path in ours:
        numbered = split(path)[1].isdigit()
        if path not in modules and path in theirs and path not in taken:
            if last or not numbered or corresponds(theirs[path], ours[path]):
                modules[path] = path


def _contents(ours: OurNet) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for name, p in ours.parameters.items():
        found.setdefault(split(name)[0], []).append(_sizes(p.shape))
    return found


def _their_contents(weights: Arrays, owners: dict, kinds: dict[str, str]) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for name, (path, leaf) in owners.items():
        if leaf not in DROPPED:
            found.setdefault(path, []).append(_sizes(weights[name].shape))
    return found


def _sizes(shape: tuple) -> tuple:
    """What a change of layout leaves of a shape."""
    return tuple(sorted(n for n in shape if n != 1))


def _by_content(modules: dict[str, str], ours: dict, theirs: dict, our_kinds: dict, their_kinds: dict) -> None:
    """Those that hold weights, in their order, by the shapes of these, by class and by likeness of names."""
    a = [p for p in ours if p not in modules]
    b = [p for p in theirs if p not in set(modules.values())]

    def score(x: str, y: str) -> float:
        shapes = sum(s in theirs[y] for s in ours[x]) / max(len(ours[x]), len(theirs[y]))
        fits = corresponds(their_kinds.get(y, ""), our_kinds.get(x, ""))
        if shapes == 0 and fits < 0.5:
            return 0.0
        return 2 * shapes + fits + 0.5 * difflib.SequenceMatcher(None, x, y).ratio()

    for x, y in align(a, b, score):
        modules[x] = y


def _by_order(modules: dict[str, str], ours: dict[str, str], theirs: dict[str, str]) -> None:
    """Children of paired modules that have no partner yet, in their order, by class; and so on below them."""
    for path in list(modules):
        stack = [path]
        while stack:
            at = stack.pop()
            taken = set(modules.values())
            a = [p for p in _children(at, ours) if p not in modules]
            b = [p for p in _children(modules[at], theirs) if p not in taken]

            def score(x: str, y: str) -> float:
                own, other = bool(_children(x, ours)), bool(_children(y, theirs))
                fits = corresponds(theirs[y], ours[x]) if not own and not other else 0.5 if own == other else 0.0
                return fits + 0.2 * difflib.SequenceMatcher(None, split(x)[1], split(y)[1]).ratio() if fits else 0.0

            for x, y in align(a, b, score):
                modules[x] = y
                stack.append(x)


def _children(path: str, names: Mapping[str, str]) -> list[str]:
    depth = path.count(".") + 1 if path else 0
    prefix = f"{path}." if path else ""
    return [n for n in names if n and n.startswith(prefix) and n.count(".") == depth]


def align(a: list, b: list, score: object) -> list[tuple]:
    """The pairs of two rows, in order, whose scores add up to the most; a score of 0 keeps two apart.

    Examples:
        >>> from mycelium.migrate.compare.pairing import align
        >>> align(["x", "y"], ["w", "y"], lambda p, q: float(p == q))
        [('y', 'y')]
    """
    if not a or not b:
        return []
    gain = np.zeros((len(a), len(b)))
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            gain[i, j] = score(x, y)    # pyright: ignore[reportCallIssue]
    best = np.zeros((len(a) + 1, len(b) + 1))
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            both = gain[i, j] + best[i + 1, j + 1] if gain[i, j] > 0 else -1.0
            best[i, j] = max(best[i + 1, j], best[i, j + 1], both)
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if gain[i, j] > 0 and best[i, j] == gain[i, j] + best[i + 1, j + 1]:
            found.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif best[i, j] == best[i + 1, j]:
            i += 1
        else:
            j += 1
    return found


def _by_shape(left: list[str], free: list[str], weights: Arrays, shapes: dict, take: object) -> None:
    """Weights that are alone with their shape on both sides."""
    for other in left:
        same = [n for n in free if tuple(shapes[n]) == tuple(weights[other].shape)]
        rivals = [o for o in left if weights[o].shape == weights[other].shape]
        if len(same) == 1 and len(rivals) == 1:
            take(same[0], other, AS_IS, "shape")    # pyright: ignore[reportCallIssue]
