"""Training steps: what leads to `loss.backward()` becomes a function, and value_and_grad gives its gradients."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.flow import loads, needed, ordered_stores, stores
from mycelium.migrate.port.passes import closed, comment
from mycelium.migrate.port.text import called_method, code, dotted, simple, statements, walk
from mycelium.migrate.port.tracing import Step, Tracing

_CLIPS = ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_")


class Loops(Tracing):
    """See the module."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._above: dict[cst.CSTNode, list[cst.BaseStatement]] = {}     # what goes above a loop
        self._answered: set[cst.CSTNode] = {body[0] for n in walk(wrapper.module) if (body := _guarded(n))}
        self._sums: dict[cst.CSTNode, Sequence[Any]] = {}       # `if`s that take a step with the sum of gradients
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
            if inner and not why and (steps or step.late >= 0 or not step.moved
                                      or stores(self._between(step, body)) & set(loads([statement]))):
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
            inner = statement.body.body if _sums_gradients(statement) else ()
            for line in inner:
                stepped = called_method(simple(line), "step")
                if stepped is not None and self._is_optimizer(stepped, line):
                    self._sums[statement] = inner
                    return code(stepped), ""
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
            later = next((i for i, s in enumerate(body) if s in self._sums), None)
            if alone and later is not None and self._loops:
                lines[later] = self._with_sum(step, lines[later][-1], self._sums[body[later]])
                grads = "more"
            again = step.optimizer in seen
            left = f"({target})" if step.outputs else target
            new = statements(f"{left}, {'more' if again else grads} = {call}")
            if again:
                new += statements(f"{grads} = tuple(a + b for a, b in zip({grads}, more))")
            if grads == "more":
                new += statements("grads = more if grads is None else tuple(a + b for a, b in zip(grads, more))")
                self._above.setdefault(self._loops[-1], []).extend(statements("grads = None"))
            seen[step.optimizer] = grads
            copied = [i for i in step.lines if i not in step.moved]
            if copied:
                again_text = "; ".join(code(sources[i].with_changes(leading_lines=[])).strip() for i in copied)
                new[0] = new[0].with_changes(leading_lines=comment(
                    f"{again_text} runs in {function} once more, for its gradient"))
            here = self._place(made, step, body)
            place = step.moved[0] if step.moved else step.place
            if step.late > place:
                lines[step.late] = [*lines[step.late], *_below(sources[place], new)]
                new = []
            for i in step.moved:
                if i != place:
                    lines[i] = []
            if place == step.place:
                lines[step.place] = _below(lines[step.place][-1], new)
            else:
                lines[place] = _below(sources[place], new) if new else []
                lines[step.place] = [self.taken_out(sources[step.place])]
            first = min(place, step.place)
            lines[first] = [*here, *lines[first]]
            self._finish(step, body, lines, grads)

    def _between(self, step: Step, body: Sequence[Any]) -> list[Any]:
        """Statements between the first that moves and the step which stay: they may need what the function gives."""
        return [body[i] for i in range(min(step.moved, default=step.place), step.place)
                if i not in step.moved and not self._is_bookkeeping(body[i])]

    def _with_sum(self, step: Step, branch: Any, inner: Sequence[Any]) -> list[Any]:
        """`if (i + 1) % n == 0: optimizer.step(); optimizer.zero_grad()`: the optimizer takes the sum, which ends."""
        parts: list[list[Any]] = [[s] for s in branch.body.body]
        self._finish(Step(-1, step.loss, step.optimizer), inner, parts, "grads")
        for i, line in enumerate(inner):
            if called_method(simple(line), "zero_grad") is not None:
                parts[i] = _like(line, "grads = None")
        stay, rest = closed([s for part in parts for s in part])
        return [branch.with_changes(body=branch.body.with_changes(body=stay, footer=[*rest, *branch.body.footer]))]

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


def _sums_gradients(statement: Any) -> bool:
    """Whether it is an `if` with a step and zero_grad() in it, and no backward(): gradients add up until then."""
    if not isinstance(statement, cst.If) or statement.orelse or not isinstance(statement.body, cst.IndentedBlock):
        return False
    body = [simple(s) for s in statement.body.body]
    return all(any(called_method(s, name) is not None for s in body) for name in ("step", "zero_grad")) and not any(
        called_method(s, "backward") is not None for s in body)


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


def _below(statement: Any, new: list[Any]) -> list[Any]:
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
