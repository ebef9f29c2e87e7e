"""How far two arrays are apart, and how far they may be."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mycelium.migrate.adapters.base import Arrays

# Share of the largest element by which results of one computation in two frameworks may differ, by dtype: some tens
# of roundings (2^-53, 2^-24, 2^-11, 2^-8). Networks that amplify roundings are given what was measured on them.
TOLERANCES = {"float64": 1e-12, "complex128": 1e-12, "float32": 1e-5, "complex64": 1e-5, "float16": 1e-2,
              "bfloat16": 6e-2}
NOISE = 16.0        # times the effect of one rounding of every weight and input


@dataclass
class Difference:
    """Two arrays, ours and theirs.

    Attributes:
        place: Where in the structure of the result they stand, "" for a lone one.
        ours, theirs: Shape and dtype of each, as text.
        max_abs: The largest difference of two elements.
        max_rel: That difference, divided by the largest magnitude in theirs.
        cosine: Cosine of the angle between them, 1 for the same direction.
        allowed: How large `max_abs` may be.
        scale: The largest magnitude in theirs.
        agrees: Whether shapes are the same and no two elements differ by more.
        note: What kept them from being compared, or how ours had to be turned first.
    """

    place: str
    ours: str
    theirs: str
    max_abs: float = 0.0
    max_rel: float = 0.0
    cosine: float = 1.0
    allowed: float = 0.0
    scale: float = 0.0
    agrees: bool = True
    note: str = ""

    @property
    def excess(self) -> float:
        """The difference in units of what is allowed."""
        if self.agrees:
            return min(1.0, self.max_abs / self.allowed) if self.allowed else 0.0
        if self.note or not np.isfinite(self.max_abs):
            return float("inf")
        return self.max_abs / max(self.allowed, 1e-300)


def difference(ours: np.ndarray, theirs: np.ndarray, noise: float = 0.0, tolerance: float | None = None,
               place: str = "") -> Difference:
    """Compares two arrays.

    Args:
        ours: Ours.
        theirs: Theirs.
        noise: By how much theirs changes when weights and inputs are rounded differently.
        tolerance: The share of the largest element that is allowed; None for that of the dtype.
        place: Noted in the result.
    """
    found = Difference(place, _describe(ours), _describe(theirs))
    if ours.shape != theirs.shape:
        turned = _turned(ours, theirs)
        if turned is None:
            return _apart(found, f"shapes differ: {ours.shape} here, {theirs.shape} there")
        found.note, ours = turned
    a, b = _wide(ours), _wide(theirs)
    if a.size == 0:
        return found
    exact = not (np.issubdtype(a.dtype, np.inexact))
    scale = float(np.max(np.abs(b))) if np.isfinite(b).all() else float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0))
    same = (a == b) | (np.isnan(a) & np.isnan(b)) if not exact else a == b
    with np.errstate(invalid="ignore", over="ignore"):      # infinities that are the same on both sides
        apart = np.abs(np.where(same, 0, a - b)) if not exact else np.abs(a.astype(np.float64) - b)
    found.max_abs = float(np.max(apart)) if np.isfinite(apart).all() else float("inf")
    found.max_rel = found.max_abs / scale if scale else found.max_abs
    found.cosine = _cosine(a, b, bool(same.all()))
    share = tolerance if tolerance is not None else 0.0 if exact else max(_tolerance(ours), _tolerance(theirs))
    found.scale = scale
    found.allowed = float(share * scale + NOISE * noise + (0.0 if exact else float(np.finfo(np.float32).tiny)))
    found.agrees = bool(found.max_abs <= found.allowed) and not found.note
    return found


def differences(ours: Arrays, theirs: Arrays, noise: dict[str, float] | None = None,
                tolerance: float | None = None) -> list[Difference]:
    """Compares two results; places that only one has are reported, unless both have as many under other names."""
    noise = noise or {}
    names = list(theirs)
    if set(ours) != set(theirs) and len(ours) == len(theirs):
        ours = dict(zip(names, ours.values(), strict=True))
    found = [difference(ours[n], theirs[n], noise.get(n, 0.0), tolerance, n) for n in names if n in ours]
    found += [_apart(Difference(n, "nothing", _describe(theirs[n])), "only there") for n in names if n not in ours]
    found += [_apart(Difference(n, _describe(ours[n]), "nothing"), "only here") for n in ours if n not in theirs]
    return found


def worst(found: list[Difference]) -> Difference | None:
    """The difference that is furthest beyond what is allowed."""
    return max(found, key=lambda d: (not d.agrees, d.excess), default=None)


def agree(found: list[Difference]) -> bool:
    """Whether all agree."""
    return all(d.agrees for d in found)


def rounded(array: Any, random: np.random.Generator) -> Any:
    """The array with every element moved by at most one rounding."""
    if not isinstance(array, np.ndarray) or not (array.dtype.kind == "f" or array.dtype.name == "bfloat16"):
        return array
    unit = {"float64": 2.0**-53, "float32": 2.0**-24, "float16": 2.0**-11}.get(array.dtype.name, 2.0**-8)
    wide = array.astype(np.float64)
    return (wide * (1 + 2 * unit * random.choice((-1.0, 1.0), array.shape))).astype(array.dtype)


def _apart(found: Difference, note: str) -> Difference:
    found.max_abs = found.max_rel = float("inf")
    found.cosine, found.agrees, found.note = 0.0, False, note
    return found


def _describe(array: np.ndarray) -> str:
    return f"{array.dtype.name}{list(array.shape)}"


def _wide(array: np.ndarray) -> np.ndarray:
    if array.dtype.name in ("bfloat16", "float16"):
        return array.astype(np.float32)
    return array


def _tolerance(array: np.ndarray) -> float:
    return TOLERANCES.get(array.dtype.name, 0.0)


def _turned(ours: np.ndarray, theirs: np.ndarray) -> tuple[str, np.ndarray] | None:
    """Ours in the shape of theirs where only axes of size 1 differ, so that there are numbers to show."""
    if [n for n in ours.shape if n != 1] == [n for n in theirs.shape if n != 1] and ours.size == theirs.size:
        return (f"shapes {ours.shape} here and {theirs.shape} there differ by axes of size 1",
                ours.reshape(theirs.shape))
    return None


def _cosine(a: np.ndarray, b: np.ndarray, same: bool) -> float:
    if same:
        return 1.0
    a, b = np.nan_to_num(a.astype(np.float64).ravel()), np.nan_to_num(b.astype(np.float64).ravel())
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size else 0.0
