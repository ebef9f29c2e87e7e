"""Source text and libcst's trees: from one to the other, and small questions about trees."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache

import libcst as cst

_EMPTY = cst.Module([])
# What needs no parentheses beside an operator.
ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Integer, cst.Float, cst.SimpleString, cst.List,
         cst.Dict, cst.ListComp, cst.DictComp, cst.FormattedString)


def code(node: cst.CSTNode) -> str:
    """The node's source text."""
    return _EMPTY.code_for_node(node)


def operand(node: cst.BaseExpression) -> str:
    """The source text of an expression that stands beside an operator."""
    return code(node) if isinstance(node, ATOMS) else f"({code(node)})"


def expression(text: str) -> cst.BaseExpression:
    """The tree of an expression."""
    return cst.parse_expression(text)


def statements(text: str) -> list[cst.BaseStatement]:
    """The trees of one or several statements, with the comments above them."""
    module = cst.parse_module(text)
    found = [s for s in module.body if isinstance(s, (cst.SimpleStatementLine, cst.BaseCompoundStatement))]
    if found and module.header:
        found[0] = found[0].with_changes(leading_lines=[*module.header, *found[0].leading_lines])
    return list(found)


def literal_text(node: cst.BaseExpression | None) -> str | None:
    """The text of a string literal, None for anything else."""
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None


def dotted(node: cst.CSTNode) -> str | None:
    """The text of a name or of attributes of one, such as self.conv1; None for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return None if owner is None else f"{owner}.{node.attr.value}"
    return None


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything below it; libcst's own `children` makes a copy of the node to find them."""
    waiting: list[cst.CSTNode] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        below: list[cst.CSTNode] = []
        for name in _fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, cst.CSTNode):
                below.append(value)
            elif isinstance(value, (list, tuple)):
                below.extend(item for item in value if isinstance(item, cst.CSTNode))
        waiting.extend(reversed(below))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def simple(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    """The only small statement of a line, None for lines of several and for compound statements."""
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def called_method(node: cst.CSTNode | None, *names: str) -> cst.BaseExpression | None:
    """The receiver of `receiver.name(...)` where the name is one of these, None for anything else."""
    if isinstance(node, cst.Expr):
        node = node.value
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in names:
        return node.func.value
    return None


def targets(node: cst.CSTNode) -> Sequence[cst.BaseExpression]:
    """What a statement assigns to, item by item."""
    if isinstance(node, cst.Assign):
        return [item for target in node.targets for item in _items(target.target)]
    if isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        return _items(node.target)
    if isinstance(node, cst.For):
        return _items(node.target)
    if isinstance(node, cst.NamedExpr):
        return [node.target]
    return []


def _items(target: cst.BaseExpression) -> list[cst.BaseExpression]:
    if isinstance(target, (cst.Tuple, cst.List)):
        return [inner for element in target.elements for inner in _items(element.value)]
    if isinstance(target, cst.StarredElement):
        return _items(target.value)
    return [target]
