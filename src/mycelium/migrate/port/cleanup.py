"""What rewriting leaves behind and nobody uses: names for devices."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.text import code, simple, walk


class Cleanup(cst.CSTTransformer):
    """Takes out `device = ...` where nothing reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._read: list[set[str]] = []

    @classmethod
    def run(cls, tree: cst.Module) -> cst.Module:
        """The tree after this pass."""
        return tree.visit(cls())

    def visit_Module(self, node: cst.Module) -> bool | None:
        """See libcst."""
        self._read.append(_read(node))
        return True

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool | None:
        """See libcst."""
        self._read.append(_read(node))
        return True

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        """See libcst."""
        self._read.pop()
        return updated_node

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """See libcst."""
        small = simple(original_node)
        if isinstance(small, cst.Assign) and len(small.targets) == 1 and isinstance(small.targets[0].target, cst.Name):
            name, value = small.targets[0].target.value, code(small.value)
            entry = entries().get("torch.device")
            if entry is not None and value == entry.call and name not in self._read[-1]:
                return cst.RemoveFromParent()
        return updated_node


def _read(node: cst.CSTNode) -> set[str]:
    """Names that are read below a node."""
    written = {id(t.target) for n in walk(node) if isinstance(n, cst.Assign) for t in n.targets}
    return {n.value for n in walk(node) if isinstance(n, cst.Name) and id(n) not in written}
