"""The modules that define operators. Each adds its names to the registry when it is imported."""
from __future__ import annotations

FAMILIES = (
    "arithmetic",
    "casting",
    "comparison",
    "complex_numbers",
    "composite",
    "division",
    "exponential",
    "extremum",
    "logic",
    "rounding",
    "trigonometry",
)
