"""What leads to a loss: the statements of a training step that its gradient goes through, their inputs and outputs."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from mycelium.migrate.port.flow import called, firm_stores, loads, needed, ordered_stores, refilled, stores
from mycelium.migrate.port.kinds import UNKNOWN
from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import called_method, code, dotted, simple, walk

WITHOUT_GRADIENTS = ("torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad")
_BUILTINS = {"print", "len", "range", "float", "int", "str", "sum", "zip", "enumerate", "list", "tuple", "dict", "min",
             "max", "next", "iter", "isinstance", "open", "sorted", "abs", "round"}


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
        late: Index of the last statement after the first that moves which sets an input, -1 for none.
    """

    place: int
    loss: cst.BaseExpression
    optimizer: str
    lines: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    constant: list[int] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    late: int = -1


class Tracing(Pass):
    """The part of `Loops` that finds out; its subclass keeps the functions and loops that the walk is in."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._functions: list[cst.FunctionDef | cst.Module] = [wrapper.module]
        self._loops: list[cst.CSTNode] = []

    def _trace(self, step: Step, body: Sequence[Any], earlier: Sequence[Step]) -> str:
        """Fills in the step; returns why it cannot be done."""
        cut = {i for i in range(step.place) if self._is_without_gradients(body[i])}
        while True:
            step.lines = self._leading(step, body, cut)
            models = self._models_in(body[i] for i in step.lines)
            while step.lines and models and not self._takes_part(body[step.lines[0]]):
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
        step.late = max((i for i in range(min(step.moved, default=step.place), step.place) if i not in step.moved
                         and stores([body[i]]) & set(step.inputs)), default=-1)
        loss_name = dotted(step.loss)
        step.outputs = [n for n in dict.fromkeys(x for s in moved for x in ordered_stores(s))
                        if n in after and n != loss_name]
        early = [body[i] for i in range(min(step.moved, default=step.place), step.late + 1) if i not in step.moved]
        if stores(moved) & set(loads(early)):
            return "move the lines that compute the loss into a function, for ops.value_and_grad"
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

    def _takes_part(self, node: cst.CSTNode, depth: int = 0) -> bool:
        """Whether a network or its weights are used: called, handed over, or inside a function of the file."""
        if self._models_in([node]):
            return True
        for inner in walk(node):
            name = dotted(inner) if isinstance(inner, (cst.Name, cst.Attribute)) else None
            kind = self.kinds.of(inner) if name else UNKNOWN
            if kind.what == "module" and name != "self" or kind.weight or (
                    name in self.facts.modules and "optim" not in (name or "").lower()):
                return True
            if isinstance(inner, cst.Call) and depth < 3:
                last = (dotted(inner.func) or "").removeprefix("self.")
                bodies = [self.facts.functions.get(last), *(c.methods.get(last) for c in self.facts.classes.values())]
                if any(self._takes_part(body.body, depth + 1) for body in bodies if body is not None):
                    return True
        return False

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
        made = self.facts.values.get(name, ())
        if made and all(any(n.endswith("Tensor") for n in map(self.resolver.torch, walk(v))) for v in made):
            return False        # Tensor = torch.cuda.FloatTensor if cuda else torch.FloatTensor
        if made and all(isinstance(v, cst.Call) and self.resolver.name(v.func) and not self.resolver.torch(v.func)
                        for v in made):
            return False        # namedtuple("Row", ...), partial(...)
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
