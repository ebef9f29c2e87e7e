"""The modules that define operators. Each adds its names to the registry when it is imported."""
from __future__ import annotations

FAMILIES = (
    "activations",
    "arithmetic",
    "bessel",
    "casting",
    "comparison",
    "complex_numbers",
    "composite",
    "cumulative",
    "diagonals",
    "division",
    "exponential",
    "extremum",
    "linalg",
    "logic",
    "matmul",
    "positions",
    "reductions",
    "rounding",
    "shrinkage",
    "softmax",
    "special",
    "statistics",
    "trigonometry",
)
