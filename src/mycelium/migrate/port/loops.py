"""Training steps: what leads to `loss.backward()` becomes a function, and value_and_grad gives its gradients."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.flow import called, firm_stores, loads, needed, ordered_stores, refilled, stores
from mycelium.migrate.port.passes import Pass, closed, comment
from mycelium.migrate.port.text import called_method, code, dotted, simple, statements, walk

_CLIPS = ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_")
WITHOUT_GRADIENTS = ("torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad")


@dataclass
class Step:
    """One `backward()` of a block and what belongs to it.

    Attributes:
        place: Index of the statement in its block.
        loss: What backward is called on.
        optimizer: Source text of the optimizer that uses the gradients.
        lines: Indices of the statements that lead to the loss.
        moved: Those of them that are needed nowhere before.
        constant: Those of them that had no gradients.
        inputs: Names that the function takes.
        outputs: Names besides the loss that are needed afterwards.
    """

    place: int
    loss: cst.BaseExpression
    optimizer: str
    lines: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    constant: list[int] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


class Loops(Pass):
    """See the module."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._functions: list[cst.FunctionDef | cst.Module] = [wrapper.module]
        self._loops: list[cst.CSTNode] = []
        self._above: dict[cst.CSTNode, list[cst.BaseStatement]] = {}     # what goes above a loop
        self._answered: set[cst.CSTNode] = {body[0] for n in walk(wrapper.module) if (body := _guarded(n))}
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
        if body and body[0] in self._answered or not any(_backward(s) is not None for s in body):
            return list(updated)
        lines: list[list[Any]] = [[s] for s in _matched(body, updated)]
        steps = []
        for place, statement in enumerate(body):
            loss = _backward(statement)
            if loss is None:
                continue
            inner = _guarded(statement)
            around = inner or body
            at = _place_of_backward(inner) if inner else place
            optimizer, why = self._optimizer_of(around, at)
            step = Step(place, _unscaled(loss), optimizer)
            if not why:
                why = self._trace(step, body, steps)
            if inner and not why and (steps or not step.moved or stores(self._between(step, body)) & set(loads(
                    [statement]))):
                why = "move the lines that compute the loss into a function, for ops.value_and_grad"
            if why:
                self._mark(lines[place], why)
                continue
            steps.append(step)
        if not steps:
            return [s for group in lines for s in group]
        if guard := _guarded(body[steps[0].place]):
            self._write_guarded(steps[0], guard, body, lines)
        else:
            self._write(steps, body, lines)
        return [s for group in lines for s in group]

    @staticmethod
    def _mark(group: list[Any], why: str) -> None:
        group[0] = group[0].with_changes(leading_lines=[*group[0].leading_lines, *comment(why)])

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
        cut = {i for i in range(step.place) if self._is_without_gradients(body[i])}
        while True:
            step.lines = self._leading(step, body, cut)
            models = self._models_in(body[i] for i in step.lines)
            while step.lines and models and not self._models_in([body[step.lines[0]]]):
                step.lines.pop(0)
            computed = stores(body[i] for i in step.lines)
            inside = {i for i in cut if computed & needed(body[i])}
            step.constant += inside
            if not inside:
                break
            cut -= inside
        if not step.lines and not isinstance(step.loss, cst.Call):
            return "move the lines that compute the loss into a function, for ops.value_and_grad"
        chosen = [body[i] for i in step.lines]
        if not models and not any(self._may_compute(node) for node in [*chosen, step.loss]):
            return ("what leads to this loss was computed before; ops.value_and_grad differentiates a function that "
                    "computes it from the weights")
        last = earlier[-1].place if earlier else -1
        step.moved = [i for i in step.lines if i > last]
        bound = self._bound_here(body) - called([*chosen, step.loss])      # networks stay outside
        seen: set[str] = set()
        for node in [*chosen, step.loss]:
            for name in loads([node]):
                if name in bound and name not in seen and name not in step.inputs:
                    step.inputs.append(name)
            seen |= stores([node])
        moved = [body[i] for i in step.moved]
        rest = [s for i, s in enumerate(body) if i not in step.moved and i > min([*step.moved, step.place])
                and not self._is_bookkeeping(s)]
        after = set(loads(rest)) | self._loads_behind(body)
        loss_name = dotted(step.loss)
        step.outputs = [n for n in dict.fromkeys(x for s in moved for x in ordered_stores(s))
                        if n in after and n != loss_name]
        return ""

    def _leading(self, step: Step, body: Sequence[Any], cut: set[int]) -> list[int]:
        """The statements that lead to the loss; what those in `cut` set is taken as given."""
        found: list[int] = []
        wanted = needed(step.loss)
        for i in range(step.place - 1, -1, -1):
            stored = stores([body[i]])
            if self._is_bookkeeping(body[i]) or not stored & wanted:
                continue
            if i in cut:
                wanted -= stored
            else:
                found.insert(0, i)
                wanted = wanted - firm_stores(body[i]) | needed(body[i]) - refilled(body[i])
        return found

    def _is_without_gradients(self, statement: Any) -> bool:
        return isinstance(statement, cst.With) and any(
            isinstance(item.item, cst.Call) and self.resolver.torch(item.item.func) in WITHOUT_GRADIENTS
            for item in statement.items)

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

    def _may_compute(self, node: cst.CSTNode) -> bool:
        """Whether weights may take part: something is called that is not torch's, Python's or a value's own, or a
        name stands for a Parameter or for a tensor that asks for gradients.
        """
        for inner in walk(node):
            if isinstance(inner, cst.Call) and not self.resolver.name(inner.func):
                name = dotted(inner.func) or ""
                if name.partition(".")[0] == "self" or name and "." not in name and name not in _BUILTINS:
                    return True
            if isinstance(inner, (cst.Name, cst.Attribute)):
                values = self.facts.values.get(dotted(inner) or "", ())
                if self.kinds.of(inner).weight or any("requires_grad" in code(value) for value in values):
                    return True
        return False

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
            return stores(self._loops)
        function = self._functions[-1]
        if isinstance(function, cst.Module):
            return set()
        names = {p.name.value for p in (*function.params.params, *function.params.kwonly_params)}
        calls = {dotted(n.func) for n in walk(function) if isinstance(n, cst.Call)}
        owners = {dotted(n.value) for n in walk(function) if isinstance(n, cst.Attribute)
                  and n.attr.value in ("step", "zero_grad", "train", "parameters")}
        return (names | stores(function.body.body)) - calls - owners - {"self"}

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
                found |= set(loads([node]))
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
            made = self._function(step, function, gradient, sources)
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
                new[0] = new[0].with_changes(leading_lines=comment(
                    f"{again_text} runs in {function} once more, for its gradient"))
            here = self._place(made, step, body)
            place = step.moved[0] if step.moved else step.place
            for i in step.moved:
                if i != place:
                    lines[i] = []
            if place == step.place:
                lines[step.place] = _below(lines[step.place][-1], new)
            else:
                lines[place] = _below(sources[place], new, keep=False) if step.moved else new
                lines[step.place] = [self.taken_out(sources[step.place])]
            first = min(place, step.place)
            lines[first] = [*here, *lines[first]]
            self._finish(step, body, lines, grads)

    def _between(self, step: Step, body: Sequence[Any]) -> list[Any]:
        """Statements between the first that moves and the step which stay: they may need what the function gives."""
        return [body[i] for i in range(min(step.moved, default=step.place), step.place)
                if i not in step.moved and not self._is_bookkeeping(body[i])]

    def _write_guarded(self, step: Step, inner: Sequence[Any], body: Sequence[Any], lines: list[list[Any]]) -> None:
        """`if training: loss.backward(); ...`: gradients there, the loss alone in its `else`."""
        sources = {i: group[0] for i, group in enumerate(lines)}
        branch = sources[step.place]
        function, gradient = self._fresh("forward_fn"), self._fresh("grad_fn")
        made = self._function(step, function, gradient, sources)
        if step.optimizer in loads([branch.test]):
            made[-1] = _like(made[-1], f"{code(simple(made[-1]))} if {code(branch.test)} else None")[0]
        target = ", ".join([dotted(step.loss) or "loss", *step.outputs])
        left = f"({target})" if step.outputs else target
        call = f"({', '.join(step.inputs)})"
        place = _place_of_backward(inner)
        parts: list[list[Any]] = [[s] for s in branch.body.body]
        parts[place] = _below(parts[place][-1], statements(f"{left}, grads = {gradient}{call}"))
        self._finish(Step(place, step.loss, step.optimizer), inner, parts, "grads")
        otherwise = cst.Else(cst.IndentedBlock(statements(f"{target} = {function}{call}")))
        here = self._place(made, step, body)
        lead = [line for i in step.moved for line in sources[i].leading_lines]
        later = [i for i in range(step.moved[0], step.place) if body[i] in self._between(step, body)]
        behind = [s for i in later for s in lines[i]]
        for i in (*step.moved, *later):
            lines[i] = []
        stay, rest = closed([s for part in parts for s in part])
        block = branch.body.with_changes(body=stay, footer=[*rest, *branch.body.footer])
        lines[step.place] = [*here, branch.with_changes(
            body=block, orelse=otherwise, leading_lines=[*lead, *branch.leading_lines]), *behind]

    def _function(self, step: Step, name: str, gradient: str, sources: dict[int, Any]) -> list[cst.BaseStatement]:
        """The function that computes the loss, and the one that gives its gradients."""
        loss = code(step.loss)
        returns = ", ".join([loss, *step.outputs])
        function = statements(f"def {name}({', '.join(step.inputs)}):\n    return {returns}\n")[0]
        inner = [s for i in step.lines for s in (
            sources[i], *(stopped(sources[i].body) if i in step.constant else ()))] + list(function.body.body)
        if step.lines:
            inner[0] = inner[0].with_changes(leading_lines=_without_blank(inner[0].leading_lines))
        function = function.with_changes(body=function.body.with_changes(body=inner))
        aux = ", has_aux=True" if step.outputs else ""
        following = statements(f"{gradient} = ops.value_and_grad({name}, None, {step.optimizer}.parameters{aux})")
        following[0] = following[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        function = function.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return [*self._switched_on([sources[i] for i in step.lines]), function, *following]

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

    def _place(self, made: list[cst.BaseStatement], step: Step, body: Sequence[Any]) -> list[cst.BaseStatement]:
        """Above the outermost loop that does not make what the function uses; returns what has to stand here."""
        used = set(loads([body[i] for i in step.lines])) | {step.optimizer.partition(".")[0]}
        fixed = used - set(step.inputs) - stores([body[i] for i in step.lines])
        for loop in self._loops:
            if not fixed & stores([loop]):
                self._above.setdefault(loop, []).extend(made)
                return []
        return made

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


def _guarded(statement: Any) -> Sequence[Any]:
    """The block of an `if` without `else` that goes back through a loss which it does not compute; else nothing."""
    if not isinstance(statement, cst.If) or statement.orelse or not isinstance(statement.body, cst.IndentedBlock):
        return ()
    body = statement.body.body
    losses = [loss for s in body if (loss := called_method(simple(s), "backward")) is not None]
    names = needed(_unscaled(losses[0])) if len(losses) == 1 else set()
    return body if names and not names & stores(body) and not names & set(loads([statement.test])) else ()


def _place_of_backward(body: Sequence[Any]) -> int:
    return next(i for i, s in enumerate(body) if called_method(simple(s), "backward") is not None)


def _backward(statement: Any) -> cst.BaseExpression | None:
    """What `backward()` is called on, in a statement or in the `if` around it."""
    return next((loss for s in _guarded(statement) or (statement,)
                 if (loss := called_method(simple(s), "backward")) is not None), None)


def _matched(body: Sequence[Any], updated: Sequence[Any]) -> list[Any]:
    """The statements as they are now; loops inside may have brought statements above them."""
    if len(body) == len(updated):
        return list(updated)
    return list(body)


def _unscaled(loss: cst.BaseExpression) -> cst.BaseExpression:
    """The loss in scaler.scale(loss)."""
    if isinstance(loss, cst.Call) and called_method(loss, "scale") is not None and loss.args:
        return loss.args[0].value
    return loss


def stopped(block: cst.CSTNode) -> list[cst.BaseStatement]:
    """Statements that make constants of the names which a block sets."""
    names = dict.fromkeys(name for s in block.children for name in ordered_stores(s))
    return [s for name in names for s in statements(f"{name} = ops.stop_gradient({name})")]


def _like(statement: Any, text: str) -> list[Any]:
    new = statements(text)[0]
    return [statement.with_changes(body=new.body)]


def _below(statement: Any, new: list[Any], keep: bool = False) -> list[Any]:
    """New statements with the comments of the old one above them."""
    first = new[0].with_changes(leading_lines=[*statement.leading_lines, *new[0].leading_lines])
    return [first, *new[1:]]


def _blank_first(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    return [cst.EmptyLine(indent=False), *_without_blank(lines)]


def _without_blank(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    lines = list(lines)
    while lines and lines[0].comment is None:
        lines.pop(0)
    return lines
