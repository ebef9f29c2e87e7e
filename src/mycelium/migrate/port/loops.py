"""Training steps: what leads to `loss.backward()` becomes a function, and value_and_grad gives its gradients."""
from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import called_method, code, dotted, simple, statements, targets, walk

_CLIPS = ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_")
_SCALED = ("scale", "backward")


@dataclass
class Step:
    """One `backward()` of a block and what belongs to it.

    Attributes:
        place: Index of the statement in its block.
        loss: What backward is called on.
        optimizer: Source text of the optimizer that uses the gradients.
        lines: Indices of the statements that lead to the loss.
        moved: Those of them that are needed nowhere before.
        inputs: Names that the function takes.
        outputs: Names besides the loss that are needed afterwards.
    """

    place: int
    loss: cst.BaseExpression
    optimizer: str
    lines: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


class Loops(Pass):
    """See the module."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._functions: list[cst.FunctionDef | cst.Module] = [wrapper.module]
        self._loops: list[cst.CSTNode] = []
        self._above: dict[cst.CSTNode, list[cst.BaseStatement]] = {}     # what goes above a loop
        self._used: set[str] = {n.value for n in walk(wrapper.module) if isinstance(n, cst.Name)}

    # ***** where the walk is *****

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool | None:
        """See libcst."""
        self._functions.append(node)
        self._outer = self._loops
        self._loops = []
        return super().visit_FunctionDef(node)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        """See libcst."""
        self._functions.pop()
        self._loops = []
        return super().leave_FunctionDef(original_node, updated_node)

    def visit_For(self, node: cst.For) -> bool | None:
        """See libcst."""
        self._loops.append(node)
        return True

    def visit_While(self, node: cst.While) -> bool | None:
        """See libcst."""
        self._loops.append(node)
        return True

    def leave_For(self, original_node: cst.For, updated_node: cst.For) -> Any:
        """See libcst."""
        return self._left(original_node, updated_node)

    def leave_While(self, original_node: cst.While, updated_node: cst.While) -> Any:
        """See libcst."""
        return self._left(original_node, updated_node)

    def _left(self, original: Any, updated: Any) -> Any:
        self._loops.pop()
        above = self._above.pop(original, [])
        if not above:
            return updated
        above[0] = above[0].with_changes(leading_lines=_blank_first(above[0].leading_lines))
        return cst.FlattenSentinel([*above, updated])

    # ***** blocks *****

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> Any:
        """See libcst."""
        updated_node = updated_node.with_changes(body=self._block(original_node.body, updated_node.body))
        return super().leave_IndentedBlock(original_node, updated_node)

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """See libcst."""
        updated_node = updated_node.with_changes(body=self._block(original_node.body, updated_node.body))
        return super().leave_Module(original_node, updated_node)

    def _block(self, body: Sequence[Any], updated: Sequence[Any]) -> list[Any]:
        """The block with its training steps rewritten; `body` are the statements as they stand in the file."""
        if not any(called_method(simple(s), "backward") is not None for s in body):
            return list(updated)
        lines: list[list[Any]] = [[s] for s in _matched(body, updated)]
        steps = []
        for place, statement in enumerate(body):
            loss = called_method(simple(statement), "backward")
            if loss is None:
                continue
            optimizer, why = self._optimizer_of(body, place)
            step = Step(place, _unscaled(loss), optimizer)
            if not why:
                why = self._trace(step, body, steps)
            if why:
                self._mark(lines[place], why)
                continue
            steps.append(step)
        if not steps:
            return [s for group in lines for s in group]
        self._write(steps, body, lines)
        return [s for group in lines for s in group]

    @staticmethod
    def _mark(group: list[Any], why: str) -> None:
        from_here = cst.EmptyLine(comment=cst.Comment(f"# port: check: {why}"))
        group[0] = group[0].with_changes(leading_lines=[*group[0].leading_lines, from_here])

    def _optimizer_of(self, body: Sequence[Any], place: int) -> tuple[str, str]:
        """The optimizer that takes the next step, and why there is none."""
        for statement in body[place + 1:]:
            stepped = called_method(simple(statement), "step")
            if stepped is not None and self._is_optimizer(stepped, statement):
                args = simple(statement).value.args
                return code(args[0].value if args else stepped), ""
            if not isinstance(statement, cst.SimpleStatementLine) and any(
                    called_method(n, "step") is not None for n in walk(statement)):
                break
        return "", ("gradients come from ops.value_and_grad(function, None, optimizer.parameters); the optimizer is "
                    "called with them")

    def _is_optimizer(self, node: cst.BaseExpression, statement: Any) -> bool:
        name = code(node).lower()
        if simple(statement).value.args and "scaler" not in name:
            return False
        return self.kinds.of(node).what != "scheduler" and "sched" not in name

    # ***** what leads to a loss *****

    def _trace(self, step: Step, body: Sequence[Any], earlier: Sequence[Step]) -> str:
        """Fills in the step; returns why it cannot be done."""
        needed = _needed(step.loss)
        for i in range(step.place - 1, -1, -1):
            if self._is_bookkeeping(body[i]):
                continue
            stored = _stores([body[i]])
            if stored & needed:
                step.lines.insert(0, i)
                needed = needed - _firm_stores(body[i]) | _needed(body[i]) - _refilled(body[i])
        called = self._models_in(body[i] for i in step.lines)
        while step.lines and called and not self._models_in([body[step.lines[0]]]):
            step.lines.pop(0)
        if not step.lines and not isinstance(step.loss, cst.Call):
            return "move the lines that compute the loss into a function, for ops.value_and_grad"
        chosen = [body[i] for i in step.lines]
        last = earlier[-1].place if earlier else -1
        step.moved = [i for i in step.lines if i > last]
        bound = self._bound_here(body)
        seen: set[str] = set()
        for node in [*chosen, step.loss]:
            for name in _loads([node]):
                if name in bound and name not in seen and name not in step.inputs:
                    step.inputs.append(name)
            seen |= _stores([node])
        moved = [body[i] for i in step.moved]
        rest = [s for i, s in enumerate(body) if i not in step.moved and i > min([*step.moved, step.place])
                and not self._is_bookkeeping(s)]
        after = set(_loads(rest)) | self._loads_behind(body)
        loss_name = dotted(step.loss)
        step.outputs = [n for n in dict.fromkeys(x for s in moved for x in _ordered_stores(s))
                        if n in after and n != loss_name]
        return ""

    def _is_bookkeeping(self, statement: Any) -> bool:
        small = simple(statement)
        return called_method(small, "zero_grad", "backward", "step") is not None

    def _models_in(self, nodes: Iterable[cst.CSTNode]) -> list[str]:
        """Names that are called and are no functions of the file, of Python or of an import."""
        found = []
        for node in nodes:
            for inner in walk(node):
                if isinstance(inner, cst.Call):
                    name = dotted(inner.func)
                    if name and self._is_model(inner.func, name):
                        found.append(name)
        return list(dict.fromkeys(found))

    def _is_model(self, func: cst.BaseExpression, name: str) -> bool:
        if self.resolver.name(func) or name in self.facts.functions or name in self.facts.classes:
            return False
        if self.kinds.of(func).what == "module" or name in self.facts.modules:
            return True
        if isinstance(func, cst.Attribute):
            return False
        return name not in dir(__builtins__) and name not in _BUILTINS

    def _bound_here(self, body: Sequence[Any]) -> set[str]:
        """Names that change from one step to the next: set in the loops around; without a loop, set in the function."""
        if self._loops:
            return _stores(self._loops)
        function = self._functions[-1]
        if isinstance(function, cst.Module):
            return set()
        names = {p.name.value for p in (*function.params.params, *function.params.kwonly_params)}
        called = {dotted(n.func) for n in walk(function) if isinstance(n, cst.Call)}
        owners = {dotted(n.value) for n in walk(function) if isinstance(n, cst.Attribute)
                  and n.attr.value in ("step", "zero_grad", "train", "parameters")}
        return (names | _stores(function.body.body)) - called - owners - {"self"}

    def _loads_behind(self, body: Sequence[Any]) -> set[str]:
        """Names used behind the block, in the function around it."""
        found: set[str] = set()
        function = self._functions[-1]
        inner = self._loops[-1] if self._loops else None
        if inner is None:
            return found
        seen = False
        for node in walk(function):
            seen = seen or node is body[-1]
            if seen and isinstance(node, (cst.Return, cst.SimpleStatementLine)) and node not in body:
                found |= set(_loads([node]))
        return found

    # ***** writing *****

    def _write(self, steps: list[Step], body: Sequence[Any], lines: list[list[Any]]) -> None:
        """Puts the new statements into `lines`, and the functions above the loops."""
        seen: dict[str, str] = {}
        sources = {i: group[0] for i, group in enumerate(lines)}
        for number, step in enumerate(steps):
            alone = len(steps) == 1
            loss = dotted(step.loss)
            word = (loss or f"loss{number}").replace("self.", "").replace(".", "_")
            function = self._fresh("forward_fn" if alone else f"forward_{word}")
            gradient = self._fresh("grad_fn" if alone else f"grad_{word}")
            grads = "grads"
            made = self._function(step, function, gradient, [sources[i] for i in step.lines])
            target = ", ".join([loss or "loss", *step.outputs])
            call = f"{gradient}({', '.join(step.inputs)})"
            again = step.optimizer in seen
            left = f"({target})" if step.outputs else target
            new = statements(f"{left}, {'more' if again else grads} = {call}")
            if again:
                new += statements(f"{grads} = tuple(a + b for a, b in zip({grads}, more))")
            seen[step.optimizer] = grads
            copied = [i for i in step.lines if i not in step.moved]
            if copied:
                again_text = "; ".join(code(sources[i].with_changes(leading_lines=[])).strip() for i in copied)
                new[0] = new[0].with_changes(leading_lines=_comment(
                    f"{again_text} runs in {function} once more, for its gradient"))
            self._place(made, step, lines, body)
            place = step.moved[0] if step.moved else step.place
            for i in step.moved:
                if i != place:
                    lines[i] = []
            if place == step.place:
                lines[step.place] = _below(lines[step.place][-1], new)
            else:
                lines[place] = _below(sources[place], new, keep=False) if step.moved else new
                lines[step.place] = [self.taken_out(sources[step.place])]
            self._finish(step, body, lines, grads)

    def _function(self, step: Step, name: str, gradient: str, chosen: list[Any]) -> list[cst.BaseStatement]:
        """The function that computes the loss, and the one that gives its gradients."""
        loss = code(step.loss)
        returns = ", ".join([loss, *step.outputs])
        function = statements(f"def {name}({', '.join(step.inputs)}):\n    return {returns}\n")[0]
        inner = [*chosen, *function.body.body]
        if chosen:
            inner[0] = inner[0].with_changes(leading_lines=_without_blank(inner[0].leading_lines))
        function = function.with_changes(body=function.body.with_changes(body=inner))
        aux = ", has_aux=True" if step.outputs else ""
        following = statements(f"{gradient} = ops.value_and_grad({name}, None, {step.optimizer}.parameters{aux})")
        following[0] = following[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        function = function.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return [*self._switched_on(chosen), function, *following]

    def _switched_on(self, chosen: list[Any]) -> list[cst.BaseStatement]:
        """Modules train from the start in torch; Cells do after set_train()."""
        written = {dotted(n.func.value) for n in walk(self._functions[0]) if isinstance(n, cst.Call)
                   and isinstance(n.func, cst.Attribute) and n.func.attr.value in ("train", "eval")}
        models = [m for m in self._models_in(chosen) if m in self.facts.modules and m not in written]
        made = []
        for model in models:
            if f"{model}.set_train" not in self._used:
                self._used.add(f"{model}.set_train")
                made += statements(f"{model}.set_train()")
        return made

    def _place(self, made: list[cst.BaseStatement], step: Step, lines: list[list[Any]], body: Sequence[Any]) -> None:
        """Above the outermost loop that does not make what the function uses."""
        used = set(_loads([body[i] for i in step.lines])) | {step.optimizer.partition(".")[0]}
        fixed = used - set(step.inputs) - _stores([body[i] for i in step.lines])
        for loop in self._loops:
            if not fixed & _stores([loop]):
                self._above.setdefault(loop, []).extend(made)
                return
        place = min([*step.moved, step.place])
        lines[place] = [*made, *lines[place]] if place not in step.moved else lines[place]
        if place in step.moved:
            first = min(place, step.place)
            lines[first] = [*made, *lines[first]]

    def _finish(self, step: Step, body: Sequence[Any], lines: list[list[Any]], grads: str) -> None:
        """Clipping and the optimizer's step take the gradients; zero_grad goes."""
        for i, statement in enumerate(body):
            small = simple(statement)
            if called_method(small, "zero_grad") is not None and lines[i] and i not in step.lines:
                lines[i] = [self.taken_out(lines[i][-1])]
            if i <= step.place or not lines[i] or not isinstance(small, cst.Expr):
                continue
            call = small.value
            if isinstance(call, cst.Call) and self.resolver.torch(call.func) in _CLIPS:
                entry = entries().get(self.resolver.torch(call.func))
                if entry is not None and entry.has_counterpart:
                    texts = [grads, *(code(a.value) for a in call.args[1:] if a.keyword is None)]
                    named = {a.keyword.value: code(a.value) for a in call.args if a.keyword is not None}
                    named.pop("parameters", None)
                    text = f"{grads} = {entry.write(entry.bind(texts, named), len(texts))}"
                    lines[i] = _like(lines[i][-1], text)
            elif called_method(small, "step") is not None and code(small.value).startswith(
                    (f"{step.optimizer}.step", "scaler.step", "self.scaler.step")):
                lines[i] = _like(lines[i][-1], f"{step.optimizer}({grads})")
                return
            elif called_method(small, "update", "unscale_") is not None and "scaler" in code(small):
                lines[i] = [self.taken_out(lines[i][-1])]

    def _fresh(self, name: str) -> str:
        made, number = name, 2
        while made in self._used:
            made, number = f"{name}_{number}", number + 1
        self._used.add(made)
        return made


_BUILTINS = {"print", "len", "range", "float", "int", "str", "sum", "zip", "enumerate", "list", "tuple", "dict", "min",
             "max", "next", "iter", "isinstance", "open", "sorted", "abs", "round"}


def _matched(body: Sequence[Any], updated: Sequence[Any]) -> list[Any]:
    """The statements as they are now; loops inside may have brought statements above them."""
    if len(body) == len(updated):
        return list(updated)
    return list(body)


def _stores(nodes: Iterable[cst.CSTNode]) -> set[str]:
    return {name for node in nodes for name in _ordered_stores(node)}


def _ordered_stores(node: cst.CSTNode) -> list[str]:
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


def _firm_stores(statement: cst.CSTNode) -> set[str]:
    """Names that get a value whatever they were before."""
    small = simple(statement)
    if isinstance(small, (cst.Assign, cst.AnnAssign)):
        return {t.value for t in targets(small) if isinstance(t, cst.Name)}
    return _refilled(statement)


def _refilled(statement: cst.CSTNode) -> set[str]:
    """The name whose every element an in-place method sets."""
    receiver = called_method(simple(statement), "fill_", "zero_", "normal_", "uniform_")
    return {receiver.value} if isinstance(receiver, cst.Name) else set()


def _needed(node: cst.CSTNode) -> set[str]:
    """Names through which gradients may flow into a node's value: those that are read, but for x.detach()."""
    cut = {id(n) for n in walk(node) if called_method(n, "detach") is not None}
    found: list[str] = []
    _collect_loads(node, found, cut)
    return set(found)


def _loads(nodes: Iterable[cst.CSTNode]) -> list[str]:
    """Names that are read, in order."""
    found: list[str] = []
    for node in nodes:
        _collect_loads(node, found)
    return list(dict.fromkeys(found))


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


def _unscaled(loss: cst.BaseExpression) -> cst.BaseExpression:
    """The loss in scaler.scale(loss)."""
    if isinstance(loss, cst.Call) and called_method(loss, "scale") is not None and loss.args:
        return loss.args[0].value
    return loss


def _like(statement: Any, text: str) -> list[Any]:
    new = statements(text)[0]
    return [statement.with_changes(body=new.body)]


def _below(statement: Any, new: list[Any], keep: bool = False) -> list[Any]:
    """New statements with the comments of the old one above them."""
    first = new[0].with_changes(leading_lines=[*statement.leading_lines, *new[0].leading_lines])
    return [first, *new[1:]]


def _comment(text: str) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(comment=cst.Comment(f"# port: check: {text}"))]


def _blank_first(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(indent=False), *_without_blank(lines)]


def _without_blank(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    lines = list(lines)
    while lines and lines[0].comment is None:
        lines.pop(0)
    return lines
