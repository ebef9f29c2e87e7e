"""Cells: layers, losses, optimizers, and what trains them."""
from __future__ import annotations

from mycelium.nn.cell import Cell, GraphCell

__all__ = ["Cell", "GraphCell"]
