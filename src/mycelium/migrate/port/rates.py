"""Learning rates that a script reads or sets in `optimizer.param_groups`: a Parameter of the optimizer here."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium.migrate.port.passes import comment
from mycelium.migrate.port.text import code, expression, literal_text, operand, simple, statements, walk

_GROUPS = "param_groups"


class Rates(cst.CSTTransformer):
    """`group["lr"] = x` in a loop over the groups, `optimizer.param_groups[0]["lr"]` read or set."""

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> Any:
        """A loop over the groups that only uses their rates: its statements once, for the one group."""
        groups, group = original_node.iter, original_node.target
        if not isinstance(groups, cst.Attribute) or groups.attr.value != _GROUPS or not isinstance(group, cst.Name):
            return updated_node
        only_rates = all(_group_of(n) is not None for n in _users(original_node.body, group.value))
        jumps = any(isinstance(n, (cst.Break, cst.Continue)) for n in walk(original_node.body))
        if not only_rates or jumps or not isinstance(updated_node.body, cst.IndentedBlock):
            remark = comment(f"{code(groups)}: the learning rate is {code(groups.value)}.learning_rate here, set with "
                             "ops.assign; other settings belong to the optimizer")
            return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *remark])
        first = expression(f"{code(groups)}[0]")
        body = [s.visit(_Renamed(group.value, first)).visit(self) for s in updated_node.body.body]
        body[0] = body[0].with_changes(leading_lines=[*updated_node.leading_lines, *body[0].leading_lines])
        return cst.FlattenSentinel(body)

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """`optimizer.param_groups[0]["lr"] = x`, and `*=`."""
        before, after = simple(original_node), simple(updated_node)
        if isinstance(before, cst.Assign) and len(before.targets) == 1 and isinstance(after, cst.Assign):
            owner, value = _owner(before.targets[0].target), code(after.value)
        elif isinstance(before, cst.AugAssign) and isinstance(after, cst.AugAssign):
            owner = _owner(before.target)
            value = f"{_read(owner)} {code(after.operator).strip().rstrip('=')} {operand(after.value)}" if owner else ""
        else:
            return updated_node
        if owner is None:
            return updated_node
        made = statements(f"ops.assign({owner}.learning_rate, ms.Tensor({value}, ms.float32))")[0]
        return updated_node.with_changes(body=made.body) if isinstance(made, cst.SimpleStatementLine) else updated_node

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        """The rate, read."""
        owner = _owner(original_node)
        return updated_node if owner is None else expression(_read(owner))


class _Renamed(cst.CSTTransformer):
    """Puts an expression where a name stands."""

    def __init__(self, name: str, new: cst.BaseExpression) -> None:
        super().__init__()
        self._name, self._new = name, new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """See libcst."""
        return self._new if original_node.value == self._name else updated_node


def _read(owner: str) -> str:
    return f"float({owner}.learning_rate.asnumpy())"


def _owner(node: cst.CSTNode) -> str | None:
    """Source text of the optimizer in `optimizer.param_groups[0]["lr"]`."""
    group = _group_of(node)
    if isinstance(group, cst.Subscript) and isinstance(group.value, cst.Attribute):
        if group.value.attr.value == _GROUPS and code(group.slice[0].slice) in ("0", "-1"):
            return code(group.value.value)
    return None


def _group_of(node: cst.CSTNode) -> cst.BaseExpression | None:
    """The group in `group["lr"]`."""
    if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
        return node.value if literal_text(node.slice[0].slice.value) == "lr" else None
    return None


def _users(body: cst.CSTNode, name: str) -> list[cst.CSTNode]:
    """The parents of a name."""
    return [node for node in walk(body) if any(isinstance(c, cst.Name) and c.value == name for c in node.children)]
