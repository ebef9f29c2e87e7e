"""Expressions of theirs written in ours, by the entry's own rules."""
from __future__ import annotations

import ast
from collections.abc import Mapping

from mycelium.migrate.differences.entry import Entry


def translate(entry: Entry, source: str, needs: Mapping[str, str] | None = None) -> str:
    """An expression of theirs with the entry's calls written in ours, as `port` writes them.

    Examples:
        >>> from mycelium.migrate.differences.source import translate
        >>> translate(ms.migrate.find("nn.Dropout"), "torch.nn.Dropout(0.2)(x)")
        'nn.Dropout(0.8)(x)'
    """
    return ast.unparse(_Writer(entry, needs or {}).visit(ast.parse(source, mode="eval")))


def examples(entry: Entry) -> list[tuple[str, str, str]]:
    """(theirs, ours, naive) of every probe as source text, without running it."""
    shown = []
    for probe in entry.probes:
        theirs = probe.module or probe.theirs
        ours = (probe.cell if probe.module else probe.ours) or translate(entry, theirs, probe.needs)
        shown.append((theirs, ours, probe.naive))
    return shown


class _Writer(ast.NodeTransformer):
    """Rewrites the calls of one entry."""

    def __init__(self, entry: Entry, needs: Mapping[str, str]):
        self.entry, self.needs = entry, needs

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = self.entry.name
        positional = [ast.unparse(arg) for arg in node.args]
        if name.startswith("torch.Tensor.") and isinstance(node.func, ast.Attribute) and (
                node.func.attr == name.rpartition(".")[2]):
            positional.insert(0, ast.unparse(node.func.value))
        elif ast.unparse(node.func) != name:
            return node
        if self.entry.attribute:
            return node
        bound = self.entry.bind(positional, {k.arg: ast.unparse(k.value) for k in node.keywords if k.arg})
        return ast.parse(self.entry.write({**bound, **self.needs}, len(positional)), mode="eval").body

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if self.entry.attribute and ast.unparse(node) == self.entry.name:
            return ast.parse(self.entry.write({}), mode="eval").body
        self.generic_visit(node)
        if self.entry.attribute and self.entry.name == f"torch.Tensor.{node.attr}":
            return ast.parse(self.entry.write({"self": ast.unparse(node.value)}), mode="eval").body
        return node
