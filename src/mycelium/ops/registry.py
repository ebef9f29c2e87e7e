"""Every public name of the operator catalogue, filled by the decorators in ops/op.py as the families are imported."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

primitives: dict[str, type] = {}            # "ReduceSum" -> class
functions: dict[str, Callable] = {}         # "reduce_sum" -> function
methods: dict[str, Callable] = {}           # "softmax" -> function whose first argument is the Tensor
operators: dict[str, Any] = {}              # "reduce_sum" -> Op


def add(table: dict[str, Any], name: str, value: Any) -> None:
    """Adds a name; defining one twice is a mistake in the catalogue."""
    if name in table and table[name] is not value:
        raise ValueError(f"The operator catalogue defines {name!r} twice.")
    table[name] = value
