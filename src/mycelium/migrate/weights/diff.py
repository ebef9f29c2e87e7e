"""How two files of weights differ, array by array, whatever their formats and whosever names they have."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from mycelium.migrate.weights.change import Change
from mycelium.migrate.weights.files import open_weights
from mycelium.migrate.weights.names import DROPPED, split
from mycelium.migrate.weights.plan import Target, plan
from mycelium.migrate.weights.stored import Weights, WeightsError


@dataclass
class Differing:
    """A pair of arrays that are not equal."""

    name: str
    other: str
    what: str                           # "values", "shape" or "dtype"
    detail: str
    largest: float | None = None        # absolute difference


@dataclass
class Difference:
    """How two files differ.

    Attributes:
        equal: How many arrays are equal bit by bit.
        differing: Pairs that are not.
        only_first, only_second: Names without a partner.
    """

    first: str
    second: str
    equal: int = 0
    differing: list[Differing] = field(default_factory=list)
    only_first: list[str] = field(default_factory=list)
    only_second: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether both hold the same arrays."""
        return not (self.differing or self.only_first or self.only_second)

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return {**asdict(self), "is_equal": self.is_equal}


def diff(first: str, second: str) -> Difference:
    """Compares two files of weights, one pair of arrays in memory at a time.

    Args:
        first: A file.
        second: Another; where its names are another framework's, they are translated.

    Raises:
        WeightsError: A file is damaged or missing.
    """
    with open_weights(first) as one, open_weights(second) as two:
        pairs = _pairs(one, two)
        found = Difference(first, second)
        partners = {other for ways in pairs.values() for other, _ in ways}
        found.only_second = [name for name in two.values if name not in partners and not _is_dropped(name, one)]
        for name, value in one.values.items():
            if name not in pairs:
                found.only_first += [] if _is_dropped(name, two) else [name]
            for other, change in pairs.get(name, []):
                differing = _compare(name, value.load(), other, change, two)
                if differing is None:
                    found.equal += 1
                else:
                    found.differing.append(differing)
    return found


def _is_dropped(name: str, other: Weights) -> bool:
    return split(name)[1] in DROPPED and other.style != "torch"


def _pairs(one: Weights, two: Weights) -> dict[str, list[tuple[str, Change]]]:
    """For names of the first file the names in the second, and the changes that take the array there."""
    if one.style == two.style:
        return {name: [(name, Change())] for name in one.values if name in two.values}
    if two.style == "keras":
        raise WeightsError(f"{two.path} has Keras's names; name it first, and a file with MindSpore's names second.")
    pairs: dict[str, list[tuple[str, Change]]] = {}
    for move in plan(one, Target(two.style, two.shapes)).moves:
        for name, change in move.sources:
            pairs.setdefault(name, []).append((move.target, change))
    return pairs


def _compare(name: str, array: np.ndarray, other: str, change: Change, two: Weights) -> Differing | None:
    theirs = two.values[other]
    array = change.apply(array, theirs.shape)
    if array.shape != theirs.shape:
        return Differing(name, other, "shape", f"{array.shape} and {theirs.shape}")
    if array.dtype != theirs.dtype:
        return Differing(name, other, "dtype", f"{array.dtype} and {theirs.dtype}")
    second = theirs.load()
    if np.ascontiguousarray(array).tobytes() == np.ascontiguousarray(second).tobytes():
        return None
    wide = np.complex128 if array.dtype.kind == "c" else np.float64
    apart = np.abs(array.astype(wide) - second.astype(wide))
    largest = float(np.nanmax(apart)) if np.isfinite(apart).any() else float("nan")
    return Differing(name, other, "values", f"{int((apart != 0).sum())} of {apart.size} elements", largest)
