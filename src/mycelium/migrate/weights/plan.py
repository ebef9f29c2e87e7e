"""Which array of a file becomes which of another: by names, by a map, by shapes and order where a target is known."""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mycelium.core.errors import nearest
from mycelium.migrate.weights import keras_layers, names
from mycelium.migrate.weights.change import Change, Move, Plan
from mycelium.migrate.weights.layout import AS_IS, Layout, Shape, between
from mycelium.migrate.weights.stored import Weights, WeightsError

_PROJECTION = {"q": re.compile(r"(^|[._])(to_)?w?q(uery)?([._]|$)"), "k": re.compile(r"(^|[._])(to_)?w?k(ey)?([._]|$)"),
               "v": re.compile(r"(^|[._])(to_)?w?v(alue)?([._]|$)")}


@dataclass(frozen=True)
class Way:
    """A name in the target that an array may get, and the change that takes it there."""

    name: str
    change: Change = Change()


@dataclass
class Map:
    """What a person says about names.

    Attributes:
        rename: Pairs of regular expression and replacement for names of the source, before all rules.
        names: Names of the source (as they are in the file) and what each becomes: ways, several where it is cut into
            equal blocks along axis 0; none to leave it out.
    """

    rename: list[tuple[re.Pattern[str], str]] = field(default_factory=list)
    names: dict[str, list[Way]] = field(default_factory=dict)


@dataclass
class Target:
    """What the new file should hold: names and shapes, and whose names these are.

    Attributes:
        style: "torch", "mindspore" or "keras".
        shapes: Name to shape; None where only the style is known.
        kinds: Name to the class of the layer, for Keras.
    """

    style: str
    shapes: dict[str, Shape] | None = None
    kinds: dict[str, str] = field(default_factory=dict)


def plan(source: Weights, target: Target, given: Map | None = None) -> Plan:
    """What becomes of every array.

    Args:
        source: The open file.
        target: What the new one should be.
        given: What the user knows better.

    Raises:
        WeightsError: The map names something that is not there, or two arrays want one name.
    """
    given = given or Map()
    found = Plan(notes=list(source.notes))
    _check_map(given, source)
    if target.style == "keras" and source.style != "keras":
        return _onto_keras(source, target, found)
    if source.style == "keras" and target.style == "torch":
        raise WeightsError("from Keras's names only MindSpore's can be reached: convert to a .ckpt file first")
    mapped, free = {}, []
    for name in source.values:
        if name in given.names:
            mapped[name] = given.names[name]
        else:
            free.append(name)
    ways = _ways(source, free, target.style, given.rename)
    pairing = _Pairing(source.shapes, target.shapes, found)
    for name, chosen in mapped.items():
        pairing.by_map(name, chosen)
    for name in free:
        if reason := _no_place(source, name, target):
            found.left_over[name] = reason
        else:
            pairing.by_name(name, ways[name])
    if target.shapes is not None:
        pairing.split_projections()
        pairing.by_order(ways)
    pairing.finish()
    order = {name: i for i, name in enumerate(target.shapes or source.values)}
    if target.shapes is not None:
        found.moves.sort(key=lambda move: order.get(move.target, len(order)))
    return found


def _check_map(given: Map, source: Weights) -> None:
    for name in given.names:
        if name not in source.values:
            raise WeightsError(f"the map names {name!r}, which {source.path} does not have"
                               f"{nearest(name, source.values) or '.'}")


def _no_place(source: Weights, name: str, target: Target) -> str:
    """Why an array of the source has no place at all in the target, "" where it may have one."""
    leaf = names.split(name)[1]
    if target.style == source.style or (target.shapes is not None and name in target.shapes):
        return ""
    if leaf in names.DROPPED:
        return names.DROPPED[leaf]
    if source.style == "mindspore" and names.is_optimizer_state(name, source.values):
        return "an optimizer's, not the network's"
    return ""


def _ways(source: Weights, free: list[str], style: str, rename: list[tuple[re.Pattern[str], str]]
          ) -> dict[str, list[Way]]:
    """For every name the names it may have in the target, the likeliest first."""
    short = names.unwrapped(free) if source.style == "torch" else {name: name for name in free}
    for pattern, replacement in rename:
        short = {name: pattern.sub(replacement, now) for name, now in short.items()}
    shapes = {short[name]: source.values[name].shape for name in free}
    if len(shapes) < len(free):
        twice = next(now for name, now in short.items() if list(short.values()).count(now) > 1)
        raise WeightsError(f"after renaming, two arrays are called {twice!r}")
    if source.style == style:
        return {name: [Way(short[name])] for name in free}
    if source.style == "torch":
        found = {name: [_way(place) for place in places] for name, places in names.to_ours(shapes).items()}
    elif source.style == "mindspore":
        found = {name: [_way(place, True) for place in places] for name, places in names.to_torch(shapes).items()}
    else:
        kinds = {short[name]: source.values[name].kind for name in free}
        found = {name: [_way(place) for place in keras_layers.places(kinds[name], *names.split(name), shape)]
                 for name, shape in shapes.items()}
    return {name: found[short[name]] for name in free}


def _way(place: names.Place, back: bool = False) -> Way:
    return Way(place.name, Change(((place.layout, back),)) if place.layout else Change())


class _Pairing:
    """The moves found so far, and what is still free on both sides."""

    def __init__(self, source: Mapping[str, Shape], target: Mapping[str, Shape] | None, found: Plan):
        self.source, self.target, self.found = source, target, found
        self.taken: dict[str, str] = {}
        self.waiting: list[str] = []            # arrays of the source that found no place yet
        self.why: dict[str, str] = {}

    def move(self, name: str, way: Way, how: str) -> None:
        shape = way.change.shape(self.source[name])
        if shape is None:
            raise WeightsError(f"the layout '{way.change}' does not apply to {name!r} with shape {self.source[name]}")
        if way.name in self.taken:
            raise WeightsError(f"{name!r} and {self.taken[way.name]!r} would both be called {way.name!r}. Give one of "
                               "them another name in the map")
        self.taken[way.name] = name
        self.found.moves.append(Move(way.name, [(name, way.change)], shape, how))

    def by_map(self, name: str, ways: list[Way]) -> None:
        if not ways:
            self.found.left_over[name] = "left out by the map"
        for way in ways:
            wanted = None if self.target is None else self.target.get(way.name)
            got = way.change.shape(self.source[name])
            if wanted is not None and wanted != got:
                raise WeightsError(f"the map gives {name!r} with shape {got} to {way.name!r}, whose shape is {wanted}")
            self.move(name, way, "map")

    def by_name(self, name: str, ways: list[Way]) -> None:
        if not ways:
            self.found.left_over[name] = "no layer of ours has such a weight"
        elif self.target is None:
            for way in ways if _all_needed(ways) else ways[:1]:
                self.move(name, way, "name")
        else:
            self._into_target(name, ways, self.target)

    def _into_target(self, name: str, ways: list[Way], target: Mapping[str, Shape]) -> None:
        shape = self.source[name]
        fitting = [way for way in ways
                   if way.name not in self.taken and target.get(way.name) == way.change.shape(shape)]
        if fitting:
            for way in fitting if _all_needed(ways) else fitting[:1]:
                self.move(name, way, "name")
            return
        for way in ways:
            wanted = target.get(way.name)
            if wanted is None or way.name in self.taken:
                continue
            layout = between(shape, wanted)
            if layout is not None:
                return self.move(name, Way(way.name, Change(((layout, False),))), "shape")
            back = between(wanted, shape)
            if back is not None:
                return self.move(name, Way(way.name, Change(((back, True),))), "shape")
            self.why[name] = f"its shape is {shape}, that of {way.name!r} is {wanted}"
        self.waiting.append(name)

    def split_projections(self) -> None:
        """Cuts `in_proj_weight` and `in_proj_bias` into the three matrices that the target has for them."""
        for name in list(self.waiting):
            path, leaf = names.split(name)
            shape = self.source[name]
            if leaf not in ("in_proj_weight", "in_proj_bias") or shape[0] % 3:
                continue
            wanted = (shape[0] // 3, *shape[1:])
            inside = [n for n, s in (self.target or {}).items() if s == wanted and n not in self.taken
                      and n.startswith(path) and n.endswith(leaf.removeprefix("in_proj_"))]
            three = [[n for n in inside if _PROJECTION[part].search(n.removeprefix(path))] for part in "qkv"]
            if all(len(found) == 1 for found in three):
                self.waiting.remove(name)
                for i, (part,) in enumerate(three):
                    self.move(name, Way(part, Change(part=(i, 3))), "split")

    def by_order(self, ways: Mapping[str, list[Way]]) -> None:
        """Pairs what is left layer by layer, where both sides have equally many of a kind and all shapes agree."""
        theirs: dict[str, dict[str, tuple[str, Way]]] = {}
        for name in self.waiting:
            if len(ways[name]) > 0:
                path, leaf = names.split(ways[name][0].name)
                theirs.setdefault(path, {})[leaf] = (name, ways[name][0])
        ours = names.siblings({n: s for n, s in (self.target or {}).items() if n not in self.taken})
        for leaves in {tuple(sorted(layer)) for layer in theirs.values()}:
            mine = [(path, layer) for path, layer in ours.items() if tuple(sorted(layer)) == leaves]
            yours = [layer for layer in theirs.values() if tuple(sorted(layer)) == leaves]
            shapes = [{leaf: way.change.shape(self.source[name]) for leaf, (name, way) in layer.items()}
                      for layer in yours]
            if len(mine) == len(yours) and shapes == [layer for _, layer in mine]:
                for (path, _), layer in zip(mine, yours, strict=True):
                    for leaf, (name, way) in layer.items():
                        self.waiting.remove(name)
                        self.move(name, Way(names.join(path, leaf), way.change), "order")

    def finish(self) -> None:
        for name in self.waiting:
            self.found.left_over[name] = self.why.get(name, "the target has no such name")
        for name, shape in (self.target or {}).items():
            if name not in self.taken and names.split(name)[1] not in names.DROPPED and \
                    not names.is_optimizer_state(name, self.target or {}):
                self.found.missing[name] = f"shape {shape}"


def _all_needed(ways: list[Way]) -> bool:
    """Whether the ways are places that are all filled (the two biases of a recurrent layer), not alternatives."""
    return len(ways) == 2 and any("bias_hh" in way.name for way in ways)


def _onto_keras(source: Weights, target: Target, found: Plan) -> Plan:
    """From ours onto a Keras template: for every weight of the template, what it is made from."""
    if source.style != "mindspore":
        raise WeightsError("onto Keras's names only MindSpore's can be converted: convert to a .ckpt file first")
    if target.shapes is None:
        raise WeightsError("a .weights.h5 file can only be written after a template: --like model.weights.h5")
    used = set()
    for name, shape in target.shapes.items():
        path, leaf = names.split(name)
        places = keras_layers.places(target.kinds[name], path, leaf, shape)
        if not places or any(place.name not in source.values for place in places) or any(
                place.layout.shape(shape) != source.values[place.name].shape for place in places):
            found.missing[name] = f"shape {shape}"
            continue
        used.update(place.name for place in places)
        combine = "" if len(places) == 1 else "stack" if "row" in str(places[0].layout) else "sum"
        sources = [(place.name, _backwards(place.layout)) for place in places]
        found.moves.append(Move(name, sources, shape, "name", combine))
    found.left_over = {name: _no_place(source, name, target) or "the target has no such name"
                       for name in source.values if name not in used}
    return found


def _backwards(layout: Layout) -> Change:
    steps = tuple((name, value) for name, value in layout.steps if name not in ("row", "fill"))
    return Change(((Layout(steps), True),)) if steps else Change(((AS_IS, True),))
