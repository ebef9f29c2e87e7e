"""The modules that define operators. Each adds its names to the registry when it is imported."""
from __future__ import annotations

FAMILIES = (
    "arithmetic",
    "composite",
    "composite",
    "division",
    "exponential",
    "extremum",
    "rounding",
    "trigonometry",
)
