"""Operators: as objects `ops.Softmax(axis=-1)(x)`, as functions `ops.softmax(x, axis=-1)`.

Every name is made in the module of its family and collected here from the registry.
"""
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import mycelium.engine.backend  # gives core its arrays
from mycelium.ops import registry, tensor_methods
from mycelium.ops.families import FAMILIES
from mycelium.ops.primitive import Primitive

for _family in FAMILIES:
    importlib.import_module(f"mycelium.ops.{_family}")
tensor_methods.attach()


def publish(**names: object) -> None:
    """Adds names made above this package that r1.8 has under `ops`, such as `GradOperation`."""
    globals().update(names)
    __all__.extend(n for n in names if n not in __all__)


__all__ = sorted({*registry.primitives, *registry.functions, Primitive.__name__})
publish(**registry.primitives)
publish(**registry.functions)

if TYPE_CHECKING:   # the catalogue is only known once it runs
    def __getattr__(name: str) -> Any: ...
