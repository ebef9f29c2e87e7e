"""Statements that write into a tensor or a weight: the name, attribute or Parameter gets the result."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.kinds import Kind
from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import called_method, code, dotted, expression, operand
from mycelium.migrate.port.writing import write

# In-place methods of weights are the functions of torch.nn.init.
_INITIAL = {"normal_": "normal_", "uniform_": "uniform_", "zero_": "zeros_", "fill_": "constant_"}


class InPlace(Pass):
    """The part of `Calls` that answers for x.add_(y), p.data = y, p -= y and F.relu(x, inplace=True)."""

    def layer_attribute(self, base: Kind, original: cst.Attribute, updated: cst.Attribute) -> Any:
        """What an attribute of a layer is called here."""
        raise NotImplementedError

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> Any:
        """An in-place method as a statement: what it was called on gets the result."""
        call = original_node.value
        name = self.resolver.torch(call.func) if isinstance(call, cst.Call) else ""
        if name and isinstance(call, cst.Call) and call.args and any(
                a.keyword is not None and a.keyword.value == "inplace" and code(a.value) == "True" for a in call.args):
            return _assigned(call.args[0].value, updated_node.value)
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or name:
            return updated_node
        method = call.func.attr.value
        if not method.endswith("_") or method.startswith("_") or method == "share_memory_":
            return updated_node
        root = call.func.value
        while (inner := _inplace_receiver(root)) is not None:
            root = inner
        kind = self.kinds.of(root)
        if method == "requires_grad_":
            return self._frozen(kind, call, updated_node)
        if kind.what not in ("tensor", "unknown"):
            return updated_node
        target = _without_data(root).visit(_Names(self))
        if _is_weight(root, kind) and method in _INITIAL and not isinstance(_without_data(root), cst.Subscript):
            entry = entries().get(f"torch.nn.init.{_INITIAL[method]}")
            if entry is not None:
                written = write(entry, updated_node.value if isinstance(updated_node.value, cst.Call) and len(
                    updated_node.value.args) == len(call.args) else call, code(target))
                for text in written.remarks:
                    self.remark(text)
                return updated_node.with_changes(value=written.tree)
        if method == "zero_" and isinstance(target, cst.Subscript):
            return _assigned(target, cst.Integer("0"))
        if not isinstance(target, (cst.Name, cst.Attribute, cst.Subscript)):
            self.remark(f"{code(original_node)} wrote in place; assign its result to what should change")
            return updated_node
        return self._stored(root, target, updated_node.value)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Any:
        """`p.data = value` for a weight that only a name stands for."""
        updated_node = super().leave_Assign(original_node, updated_node)
        target = original_node.targets[0].target
        if len(original_node.targets) == 1 and _is_data(target):
            return self._stored(target, updated_node.targets[0].target, updated_node.value)
        return updated_node

    def leave_AugAssign(self, original_node: cst.AugAssign, updated_node: cst.AugAssign) -> Any:
        """`p -= value` and `p.data -= value` for a weight that only a name stands for."""
        super().leave_AugAssign(original_node, updated_node)
        target = updated_node.target
        if not isinstance(target, cst.Name) or not self._is_named_weight(original_node.target):
            return updated_node
        operator = code(updated_node.operator).strip().rstrip("=")
        value = expression(f"{target.value} {operator} {operand(updated_node.value)}")
        return self._stored(original_node.target, target, value)

    def _frozen(self, kind: Kind, call: cst.Call, updated: cst.Expr) -> Any:
        """`p.requires_grad_(False)` of a weight."""
        if not kind.weight or not isinstance(call.func, cst.Attribute):
            return updated
        target = cst.Attribute(call.func.value, cst.Name("requires_grad"))
        return _assigned(target, call.args[0].value if call.args else cst.Name("True"))

    def _stored(self, root: cst.BaseExpression, target: cst.BaseExpression, value: cst.BaseExpression) -> Any:
        """A name that is bound anew would leave the weight as it was."""
        if isinstance(target, cst.Name) and self._is_named_weight(root):
            made = expression(f"{target.value}.set_data(__value__)")
            return cst.Expr(made.with_changes(args=[cst.Arg(value)]) if isinstance(made, cst.Call) else made)
        return _assigned(target, value)

    def _is_named_weight(self, node: cst.BaseExpression) -> bool:
        """Whether a weight is meant, and the expression is a name for it: p in a loop over weights, p.data."""
        return isinstance(_without_data(node), cst.Name) and (_is_data(node) or self.kinds.of(node).weight)


class _Names(cst.CSTTransformer):
    """Gives attributes of layers in a target the names that they have here, without remarks."""

    def __init__(self, owner: InPlace) -> None:
        super().__init__()
        self._owner = owner

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> Any:
        """See libcst."""
        if original_node.attr.value == "data":
            return updated_node.value
        base = self._owner.kinds.of(original_node.value)
        return self._owner.layer_attribute(base, original_node, updated_node) if base.what == "module" else updated_node


def _assigned(target: cst.BaseExpression, value: cst.BaseExpression) -> cst.Assign:
    return cst.Assign([cst.AssignTarget(target)], value)


def _inplace_receiver(node: cst.BaseExpression) -> cst.BaseExpression | None:
    receiver = called_method(node, *([node.func.attr.value] if isinstance(node, cst.Call) and isinstance(
        node.func, cst.Attribute) else []))
    if receiver is not None and isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        name = node.func.attr.value
        return receiver if name.endswith("_") and not name.startswith("_") else None
    return None


def _is_data(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "data"


def _without_data(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.value if isinstance(node, cst.Attribute) and node.attr.value == "data" else node


def _is_weight(node: cst.BaseExpression, kind: Kind) -> bool:
    """Whether an expression is a Parameter: m.weight, self.bias.data, param.data, p in a loop over weights."""
    if isinstance(node, cst.Attribute):
        return node.attr.value in ("data", "weight", "bias") or (dotted(node) or "").startswith("self.")
    return kind.weight or isinstance(node, cst.Subscript) and _is_weight(node.value, kind)
