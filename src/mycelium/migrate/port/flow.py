"""Which names statements read and set, and through which of them gradients may flow."""
from __future__ import annotations

from collections.abc import Container, Iterable

import libcst as cst

from mycelium.migrate.port.text import called_method, simple, targets, walk


def called(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Names that are called: functions and networks."""
    return {n.func.value for node in nodes for n in walk(node) if isinstance(n, cst.Call) and isinstance(
        n.func, cst.Name)}


def stores(nodes: Iterable[cst.CSTNode]) -> set[str]:
    """Names that statements set."""
    return {name for node in nodes for name in ordered_stores(node)}


def ordered_stores(node: cst.CSTNode) -> list[str]:
    """Names that a statement sets, items of them and in-place methods included."""
    found = []
    for inner in walk(node):
        for target in targets(inner):
            while isinstance(target, cst.Subscript):
                target = target.value
            if isinstance(target, cst.Name):
                found.append(target.value)
        if isinstance(inner, cst.Expr) and isinstance(inner.value, cst.Call) and isinstance(
                inner.value.func, cst.Attribute) and inner.value.func.attr.value.endswith("_"):
            receiver = inner.value.func.value
            if isinstance(receiver, cst.Name):
                found.append(receiver.value)
    return found


def firm_stores(statement: cst.CSTNode) -> set[str]:
    """Names that get a value whatever they were before."""
    small = simple(statement)
    if isinstance(small, (cst.Assign, cst.AnnAssign)):
        return {t.value for t in targets(small) if isinstance(t, cst.Name)}
    return refilled(statement)


def refilled(statement: cst.CSTNode) -> set[str]:
    """The name whose every element an in-place method sets."""
    receiver = called_method(simple(statement), "fill_", "zero_", "normal_", "uniform_")
    return {receiver.value} if isinstance(receiver, cst.Name) else set()


def needed(node: cst.CSTNode) -> set[str]:
    """Names through which gradients may flow into a node's value: those that are read, but for x.detach()."""
    cut = {id(n) for n in walk(node) if called_method(n, "detach") is not None}
    found: list[str] = []
    _collect_loads(node, found, cut)
    return set(found)


def loads(nodes: Iterable[cst.CSTNode]) -> list[str]:
    """Names that are read, in order."""
    found: list[str] = []
    for node in nodes:
        _collect_loads(node, found)
    return list(dict.fromkeys(found))


def reads(node: cst.CSTNode, but: Container[int]) -> set[str]:
    """Names that are read in a node, outside of the nodes with these ids."""
    found: list[str] = []
    _collect_loads(node, found, but)
    return set(found)


def _collect_loads(node: cst.CSTNode, found: list[str], cut: Container[int] = ()) -> None:
    if id(node) in cut:
        return
    if isinstance(node, cst.Name):
        found.append(node.value)
    elif isinstance(node, cst.Attribute):
        _collect_loads(node.value, found, cut)
    elif isinstance(node, (cst.Assign, cst.AnnAssign, cst.For)):
        parts = [node.value] if not isinstance(node, cst.For) else [node.iter, node.body]
        for part in parts:
            if part is not None:
                _collect_loads(part, found, cut)
        for target in targets(node):
            if not isinstance(target, cst.Name):
                _collect_loads(target, found, cut)
    elif isinstance(node, cst.Arg):
        _collect_loads(node.value, found, cut)
    elif not isinstance(node, (cst.Annotation, cst.Param)):
        for child in node.children:
            _collect_loads(child, found, cut)
