"""`torch.autograd.grad(u, x)` of a value becomes the gradient of the function that computes u from x."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import libcst as cst

from mycelium.migrate.port.flow import loads, reads, stores
from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import called_method, code, dotted, expression, simple, walk

_GRAD = "torch.autograd.grad"
_ASKS = "requires_grad"


class Gradients(Pass):
    """Rewrites what it can follow: u and all that leads to it are assigned once each, in the same block."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        calls = [n for n in walk(wrapper.module) if isinstance(n, cst.Call) and self.resolver.torch(n.func) == _GRAD]
        self._made: dict[cst.CSTNode, cst.BaseExpression] = {}      # in place of each call
        self._unused: set[cst.CSTNode] = set()                      # statements that only led there
        functions = {n.body for n in walk(wrapper.module) if isinstance(n, cst.FunctionDef)}
        for node in walk(wrapper.module):
            if isinstance(node, (cst.IndentedBlock, cst.Module)):
                used = self._read(node.body)
                if node in functions:
                    self._unused |= {s for s in node.body if isinstance(simple(s), cst.Assign) and dotted(
                        simple(s).targets[0].target) in used - self._still_read(node, s)}
        self._all = len(self._made) == len(calls) and not any(
            called_method(n, "backward") is not None and _ASKS in code(n) for n in walk(wrapper.module))

    def _still_read(self, block: cst.CSTNode, statement: cst.CSTNode) -> set[str]:
        """Names that are read elsewhere than in a statement and in the calls that are rewritten."""
        return reads(block, {id(statement), *map(id, self._made)})

    def _read(self, block: Sequence[Any]) -> set[str]:
        """Follows the names that one block assigns; returns those that gradients were asked of."""
        known: dict[str, cst.BaseExpression | None] = {}
        asked: set[str] = set()
        for statement in block:
            small = simple(statement)
            if isinstance(small, cst.Return) and small.value is not None:
                call, item = _unpacked(small.value)
                made = self._gradient(call, known, item) if isinstance(call, cst.Call) and self.resolver.torch(
                    call.func) == _GRAD else None
                if made is not None:
                    self._made[call] = made
                    asked |= set(loads(call.children)) - set(loads([made]))
            if not isinstance(small, cst.Assign) or len(small.targets) != 1:
                known.update(dict.fromkeys(stores([statement])))
                continue
            value = small.value
            call, item = _unpacked(value)
            if isinstance(call, cst.Call) and self.resolver.torch(call.func) == _GRAD:
                made = self._gradient(call, known, item)
                if made is not None:
                    self._made[call] = value = made
                    asked |= set(loads(call.args)) - set(loads([made]))
            target = small.targets[0].target
            if call in self._made and isinstance(target, cst.Tuple):
                for i, element in enumerate(target.elements):
                    known[dotted(element.value) or ""] = expression(f"{code(value)}[{i}]") if len(
                        target.elements) > 1 else expression(code(value)[1:-2])
            elif isinstance(target, cst.Name):
                known[target.value] = None if target.value in known or target.value in loads([value]) else value
            else:
                known.update(dict.fromkeys(stores([statement])))
        return asked & known.keys()

    def _gradient(self, call: cst.Call, known: Mapping[str, cst.BaseExpression | None],
                  item: bool) -> cst.BaseExpression | None:
        """The gradient as a function's, None where the source does not show the function."""
        given = dict(zip(("outputs", "inputs", "grad_outputs"), (a.value for a in call.args if a.keyword is None),
                         strict=False))
        given.update({a.keyword.value: a.value for a in call.args if a.keyword is not None})
        outputs, inputs = given.get("outputs"), given.get("inputs")
        weights = given.get("grad_outputs")
        if outputs is None or inputs is None or weights is not None and not (
                code(weights) == "None" or isinstance(weights, cst.Call)
                and self.resolver.torch(weights.func) in ("torch.ones_like", "torch.ones")):
            return None
        several = isinstance(inputs, (cst.List, cst.Tuple))
        nodes = [e.value for e in inputs.elements] if isinstance(inputs, (cst.List, cst.Tuple)) else [inputs]
        if not all(isinstance(n, cst.Name) for n in nodes) or several and item and len(nodes) > 1:
            return None
        names = [code(n) for n in nodes]
        inner = _inlined(_only(outputs), names, known)
        if inner is None or not set(loads([inner])) & set(names):
            return None
        arguments = ", ".join(names)
        place = f", {tuple(range(len(names)))}" if len(names) > 1 else ""
        made = expression(f"ops.grad(lambda {arguments}: {code(inner)}{place})({arguments})")
        return made if item or len(names) > 1 else expression(f"({code(made)},)")

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> Any:
        """Puts the new expression in; `requires_grad_()` has nothing left to say."""
        if original_node in self._made:
            return self._made[original_node]
        receiver = called_method(original_node, "requires_grad_")
        if self._all and self._made and receiver is not None and not self._is_weight(receiver) and isinstance(
                updated_node.func, cst.Attribute):
            return updated_node.func.value
        if self._all and self._made and self.resolver.torch(original_node.func):
            kept = [a for a in updated_node.args if a.keyword is None or a.keyword.value != _ASKS]
            if len(kept) != len(updated_node.args):
                kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
                return updated_node.with_changes(args=kept)
        return updated_node

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> Any:
        """`grad(...)[0]` is the one gradient."""
        return updated_node.value if original_node.value in self._made else updated_node

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """Statements that ask for gradients of an input go."""
        if original_node in self._unused:
            return self.taken_out(updated_node)
        small = simple(original_node)
        asked = called_method(small, "requires_grad_")
        if isinstance(small, cst.Assign) and isinstance(small.targets[0].target, cst.Attribute) and (
                small.targets[0].target.attr.value == _ASKS):
            asked = small.targets[0].target.value
        if self._all and self._made and asked is not None and not self._is_weight(asked):
            return self.taken_out(updated_node)
        after = simple(updated_node)
        same = isinstance(after, cst.Assign) and code(after.targets[0].target) == code(after.value)
        return self.taken_out(updated_node) if same and code(simple(original_node)) != code(after) else updated_node

    def _is_weight(self, node: cst.BaseExpression) -> bool:
        kind = self.kinds.of(node)
        return kind.weight or kind.what == "module" or dotted(node) in self.facts.modules


def _unpacked(value: cst.BaseExpression) -> tuple[cst.BaseExpression, bool]:
    """The call in `grad(...)[0]`, and whether that item is meant."""
    if isinstance(value, cst.Subscript) and code(value.slice[0].slice) == "0" and len(value.slice) == 1:
        return value.value, True
    return value, False


def _only(outputs: cst.BaseExpression) -> cst.BaseExpression:
    """The one value in [u]."""
    single = isinstance(outputs, (cst.List, cst.Tuple)) and len(outputs.elements) == 1
    return outputs.elements[0].value if single else outputs


def _inlined(node: cst.BaseExpression, inputs: Sequence[str], known: Mapping[str, cst.BaseExpression | None],
             depth: int = 0) -> cst.BaseExpression | None:
    """The expression over the inputs alone, as far as they are concerned; None where a name cannot be followed."""
    if depth > 20:
        return None
    made: dict[str, cst.BaseExpression] = {}
    for name in loads([node]):
        if name in inputs or name not in known:
            continue
        value = known[name]
        if value is None:
            return None
        inner = _inlined(value, inputs, known, depth + 1)
        if inner is None:
            return None
        if set(loads([inner])) & set(inputs):
            made[name] = inner
    found = node.visit(_Replaced(made))
    return found if isinstance(found, cst.BaseExpression) else None


class _Replaced(cst.CSTTransformer):
    """Puts expressions where names are read."""

    def __init__(self, made: Mapping[str, cst.BaseExpression]) -> None:
        super().__init__()
        self._made = made

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> Any:
        """The name of an attribute is no name that is read."""
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> Any:
        """Nor is that of an argument."""
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> Any:
        """See libcst."""
        value = self._made.get(original_node.value)
        if value is None:
            return updated_node
        atom = isinstance(value, (cst.Name, cst.Call, cst.Attribute, cst.Subscript)) or value.lpar
        return value if atom else value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
