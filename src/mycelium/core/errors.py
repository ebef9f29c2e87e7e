"""How this package words its errors: what was received, what was expected, how to fix it."""
from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_PACKAGE = str(Path(__file__).parents[1])


def nearest(word: Any, known: Iterable[str]) -> str:
    """", did you mean 'x'?" for the closest known word, or an empty string."""
    found = difflib.get_close_matches(str(word), list(known), 1, 0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


def describe(value: Any) -> str:
    """A short text for a received value: shape and dtype for Tensors, else its repr and type."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{type(value).__name__}(shape={tuple(value.shape)}, dtype={value.dtype})"
    text = repr(value)
    return f"{text if len(text) < 80 else text[:77] + '...'} of type {type(value).__name__}"


def check_choice(owner: str, name: str, value: Any, choices: Iterable[Any]) -> Any:
    """`value` if it is one of `choices`; ValueError naming the nearest one otherwise."""
    choices = tuple(choices)
    if not isinstance(value, str):
        raise TypeError(f"For '{owner}', the type of '{name}' should be str, but got {describe(value)}.")
    if value not in choices:
        raise ValueError(f"For '{owner}', '{name}' should be one of {list(choices)}, but got {value!r}"
                         f"{nearest(value, choices) or '.'}")
    return value


def check_type(owner: str, name: str, value: Any, kinds: type | tuple[type, ...]) -> Any:
    """`value` if it is an instance of `kinds` (a bool is not taken for an int); TypeError otherwise."""
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        expected = " or ".join(k.__name__ for k in kinds)
        raise TypeError(f"For '{owner}', the type of '{name}' should be {expected}, but got {describe(value)}.")
    return value


def check_int(owner: str, name: str, value: Any, minimum: int | None = None) -> int:
    """`value` if it is an int (not bool) of at least `minimum`; TypeError or ValueError otherwise."""
    check_type(owner, name, value, int)
    if minimum is not None and value < minimum:
        raise ValueError(f"For '{owner}', '{name}' should be {minimum} or greater, but got {value}.")
    return value


def check_range(owner: str, name: str, value: float, low: float, high: float, ends: str = "[]") -> float:
    """`value` if it lies between `low` and `high`; `ends` as in mathematics, "(]" leaves the lower end out."""
    check_type(owner, name, value, (int, float))
    above = value >= low if ends[0] == "[" else value > low
    below = value <= high if ends[1] == "]" else value < high
    if not (above and below):
        raise ValueError(f"For '{owner}', '{name}' should be in {ends[0]}{low}, {high}{ends[1]}, but got {value}.")
    return value


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warns, as if from the line outside of this package that led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith((_PACKAGE, "<mycelium")):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
