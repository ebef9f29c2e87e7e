"""Names that programs for MindSpore import although its documentation leaves them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mycelium.nn.cell import cast_floats

_Made = TypeVar("_Made")


def _get_cache_prim(primitive: Callable[..., _Made]) -> Callable[..., _Made]:
    """The primitive class itself: in MindSpore a maker that keeps its instances, which are cheap to make here."""
    return primitive


def mixed_precision_cast(dst_type: Any, x: Any) -> Any:
    """Float Tensors in `x`, which may be a tuple or list, converted to a dtype; everything else as it is."""
    return cast_floats(x, dst_type.np_dtype)
