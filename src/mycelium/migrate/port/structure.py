"""What has another form altogether: buffers, blocks without gradients, sequences with a class of their own."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium import nn
from mycelium.migrate.port.loops import stopped
from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import code, dotted, expression, literal_text, simple, statements, walk
from mycelium.migrate.port.tracing import WITHOUT_GRADIENTS

SWITCHES = ("torch.set_grad_enabled", "torch.enable_grad")
_MIXED = ("torch.autocast", "torch.cuda.amp.autocast", "torch.amp.autocast")
_OF_CELLS = {name for name in dir(nn.Cell) if not name.startswith("_")}
_FREE = {"construct", "training"}


class Unwrapped(Pass):
    """`with torch.set_grad_enabled(...)` goes before training steps are looked for: what is inside belongs to them."""

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> Any:
        """See libcst."""
        names = [self.resolver.torch(item.item.func) if isinstance(item.item, cst.Call) else ""
                 for item in original_node.items]
        return _inside_of(updated_node) if all(name in SWITCHES for name in names) else updated_node


class Structure(Pass):
    """See the module."""

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> Any:
        """`with torch.no_grad():` goes, its statements stay: nothing records gradients unless it is asked for them."""
        names = [self.resolver.torch(item.item.func) if isinstance(item.item, cst.Call) else ""
                 for item in original_node.items]
        if not all(name in WITHOUT_GRADIENTS + SWITCHES + _MIXED for name in names) or not isinstance(
                updated_node.body, cst.IndentedBlock):
            return updated_node
        if any(name in _MIXED for name in names):
            self.remark("ms.amp and cell.to_float(ms.float16) take the place of autocast")
        body = list(updated_node.body.body)
        if self._inside("forward") and any(name in WITHOUT_GRADIENTS for name in names):
            body += stopped(original_node.body)
        return _inside_of(updated_node.with_changes(body=updated_node.body.with_changes(body=body)))

    def leave_Decorator(self, original_node: cst.Decorator, updated_node: cst.Decorator) -> Any:
        """`@torch.no_grad()` goes."""
        return cst.RemoveFromParent() if self._decorates(original_node, WITHOUT_GRADIENTS + SWITCHES) else updated_node

    def _decorates(self, node: cst.Decorator, names: tuple[str, ...]) -> bool:
        """Whether a decorator is one of these, called or not."""
        inner = node.decorator
        return self.resolver.torch(inner.func if isinstance(inner, cst.Call) else inner) in names

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """Buffers become Parameters that no optimizer changes, as they have to be saved too."""
        call = getattr(simple(original_node), "value", None)
        if not isinstance(call, cst.Call) or not isinstance(simple(original_node), cst.Expr):
            return updated_node
        method = dotted(call.func) or ""
        if method == "self.register_buffer":
            return self._buffer(call, updated_node)
        if method in ("self.register_parameter", "self.add_module", "self.register_module") and len(call.args) == 2:
            name = literal_text(call.args[0].value)
            if name and name.isidentifier() and method == "self.register_parameter":
                return _replaced(updated_node, f"self.{name} = {code(call.args[1].value)}")
        return updated_node

    def _buffer(self, call: cst.Call, statement: cst.SimpleStatementLine) -> Any:
        given = dict(zip(("name", "tensor", "persistent"), (a for a in call.args if a.keyword is None), strict=False))
        given.update({a.keyword.value: a for a in call.args if a.keyword is not None})
        if not {"name", "tensor"} <= given.keys():
            return statement
        name, tensor = literal_text(given["name"].value), code(given["tensor"].value)
        keeps = "persistent" not in given or code(given["persistent"].value) != "False"
        if tensor != "None" and keeps:
            tensor = f"Parameter({tensor}, name={code(given['name'].value)}, requires_grad=False)"
        if name is None or not name.isidentifier():
            return _replaced(statement, f"setattr(self, {code(given['name'].value)}, {tensor})")
        return _replaced(statement, f"self.{name} = {tensor}")

    def _inside(self, name: str) -> bool:
        return self.in_forward and bool(self._functions) and self._functions[-1] == name

    # ***** classes *****

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._functions: list[str] = []
        self._differentiated = _called_for_gradients(wrapper.module)
        self._taken = {name for cls in self.facts.classes.values() if cls.is_module
                       for name in (cls.names | set(cls.methods)) & _OF_CELLS - _FREE}

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool | None:
        """See libcst."""
        self._functions.append(node.name.value)
        return super().visit_FunctionDef(node)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        """See libcst."""
        self._functions.pop()
        owner = self.owners[-1]
        super().leave_FunctionDef(original_node, updated_node)
        name = original_node.name.value
        constant = any(self._decorates(d, WITHOUT_GRADIENTS) for d in original_node.decorators)
        if constant and name in self._differentiated:
            body = updated_node.body.visit(_Stopped())
            updated_node = updated_node.with_changes(body=body)
        if owner is not None and owner.is_module and original_node.name.value in self._taken:
            return updated_node.with_changes(name=cst.Name(f"{original_node.name.value}_"))
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> Any:
        """Attributes that every Cell has under the same name get a line below it."""
        name = original_node.attr.value
        if name in self._taken and not self.resolver.name(original_node):
            base = self.kinds.of(original_node.value)
            if base.own and name in self.facts.classes[base.own].names | self.facts.classes[base.own].methods.keys():
                return updated_node.with_changes(attr=cst.Name(f"{name}_"))
        return updated_node

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> Any:
        """A sequence whose layers are attributes gets a `forward` that runs them in order."""
        cls = self.facts.classes.get(original_node.name.value)
        super().leave_ClassDef(original_node, updated_node)
        if cls is None or cls.base != "torch.nn.Sequential" or {"forward", "__init__"} & cls.methods.keys() != {
                "__init__"}:
            return updated_node
        if not isinstance(updated_node.body, cst.IndentedBlock) or not cls.names and not _adds_modules(cls.methods[
                "__init__"]):
            return updated_node
        layers = _layers_in_order(cls.methods["__init__"])
        if layers is None:
            self.remark("the layers run in the order in which they were set; see `forward`")
            text = "def forward(self, x):\n    for cell in self.cells():\n        x = cell(x)\n    return x\n"
        else:
            text = "def forward(self, x):\n" + "".join(f"    x = {layer}(x)\n" for layer in layers) + "    return x\n"
        bases = [b.with_changes(value=_module_beside(b.value)) for b in updated_node.bases]
        method = statements(text)[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return updated_node.with_changes(bases=bases, body=updated_node.body.with_changes(
            body=[*updated_node.body.body, method]))


class _Stopped(cst.CSTTransformer):
    """What a function returns is a constant where a gradient is taken."""

    def leave_Return(self, original_node: cst.Return, updated_node: cst.Return) -> cst.Return:
        """See libcst."""
        value = updated_node.value
        if value is None:
            return updated_node
        if isinstance(value, cst.Tuple):
            made = [e.with_changes(value=expression(f"ops.stop_gradient({code(e.value)})")) for e in value.elements]
            return updated_node.with_changes(value=value.with_changes(elements=made))
        return updated_node.with_changes(value=expression(f"ops.stop_gradient({code(value)})"))


def _called_for_gradients(tree: cst.Module) -> set[str]:
    """Names that functions call whose gradients are taken: those of training steps, and every forward."""
    steps = {code(n.args[0].value) for n in walk(tree) if isinstance(n, cst.Call) and n.args
             and dotted(n.func) == "ops.value_and_grad"} | {"forward"}
    functions = [n for n in walk(tree) if isinstance(n, cst.FunctionDef) and n.name.value in steps]
    return {(dotted(n.func) or "").rpartition(".")[2] for f in functions for n in walk(f) if isinstance(n, cst.Call)}


def _inside_of(block: cst.With) -> Any:
    """The statements of a block, with the comments above it."""
    if not isinstance(block.body, cst.IndentedBlock):
        return block
    body: list[Any] = list(block.body.body)
    body[0] = body[0].with_changes(leading_lines=[*block.leading_lines, *body[0].leading_lines])
    return cst.FlattenSentinel(body)


def _replaced(statement: cst.SimpleStatementLine, text: str) -> cst.SimpleStatementLine:
    new = statements(text)[0]
    return statement.with_changes(body=new.body) if isinstance(new, cst.SimpleStatementLine) else statement


def _adds_modules(method: cst.FunctionDef) -> bool:
    return any(isinstance(n, cst.Call) and dotted(n.func) == "self.add_module" for n in walk(method))


def _layers_in_order(method: cst.FunctionDef) -> list[str] | None:
    """The attributes that `__init__` sets to layers, None where a condition or a loop has a say in it."""
    found: list[str] = []
    for statement in method.body.body:
        if not isinstance(statement, cst.SimpleStatementLine):
            if any(isinstance(n, cst.Attribute) and dotted(n.value) == "self" for n in walk(statement)):
                return None
            continue
        small = simple(statement)
        if isinstance(small, cst.Assign) and isinstance(small.value, cst.Call):
            name = dotted(small.targets[0].target) or ""
            if name.startswith("self."):
                found.append(name)
        elif isinstance(small, cst.Expr) and isinstance(small.value, cst.Call) and dotted(
                small.value.func) == "self.add_module":
            name = literal_text(small.value.args[0].value)
            if name is None:
                return None
            found.append(f"self.{name}")
    return found


def _module_beside(base: cst.BaseExpression) -> cst.BaseExpression:
    """nn.Module for nn.Sequential, torch.nn.Module for torch.nn.Sequential."""
    if isinstance(base, cst.Attribute):
        return base.with_changes(attr=cst.Name("Module"))
    return cst.Attribute(cst.Name("nn"), cst.Name("Module"))
