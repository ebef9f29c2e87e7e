"""A dict of Cells, which MindSpore lacks: its source is copied into the files that need one."""
from __future__ import annotations

from typing import Any

from mycelium import nn


class CellDict(nn.Cell):
    """Cells by name, as torch.nn.ModuleDict keeps them."""

    def __init__(self, cells=None):
        super().__init__()
        self.update(cells or {})

    def update(self, cells) -> None:
        """Adds Cells from a dict, or from pairs of name and Cell."""
        for name, cell in cells.items() if hasattr(cells, "items") else cells:
            self[name] = cell

    def __setitem__(self, name, cell):
        self.insert_child_to_cell(name, cell)

    def __getitem__(self, name):
        return self.name_cells()[name]

    def __contains__(self, name):
        return name in self.name_cells()

    def __iter__(self):
        return iter(self.name_cells())

    def __len__(self):
        return len(self.name_cells())

    def keys(self) -> Any:
        """The names."""
        return self.name_cells().keys()

    def values(self) -> Any:
        """The Cells."""
        return self.name_cells().values()

    def items(self) -> Any:
        """Pairs of name and Cell."""
        return self.name_cells().items()
