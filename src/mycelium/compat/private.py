"""Names with a leading underscore that programs for MindSpore import all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

_Made = TypeVar("_Made")


def _get_cache_prim(primitive: Callable[..., _Made]) -> Callable[..., _Made]:
    """The primitive class itself: in MindSpore a maker that keeps its instances, which are cheap to make here."""
    return primitive
