"""Which expressions of a compiled function are surely Tensors, told from the source alone."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property, lru_cache

from mycelium.migrate.lint.source import Function, Source, is_self, methods

_PLAIN = {"int", "float", "bool", "str", "tuple", "list", "dict", "Callable", "type"}
# What is asked of a Tensor, or of an operator, and is no Tensor itself.
_FACTS = {"shape", "ndim", "dtype", "size", "itemsize", "nbytes", "strides", "rank", "dim", "type", "name", "Shape",
          "Rank", "Size", "DType", "is_tensor", "isinstance", "asnumpy", "item", "tolist", "tuple_to_array"}
_HOLDS = {"T", "H", "real", "imag", "data", "value"}
_ROUNDS = 4             # how deep helpers that are handed Tensors are followed


class Tensors:
    """The Tensors of a file's compiled functions.

    A variable counts as a Tensor when every value it is given surely is one; what cannot be told counts as none.
    """

    def __init__(self, source: Source):
        self.source = source
        self._given: dict[Function, set[str]] = {}
        for function, owner in source.compiled.items():
            entry = function.name == "construct" or owner is None or bool(function.decorator_list)
            self._given[function] = _inputs(function) if entry and not _is_helper(function, source) else set()
        self._names: dict[Function, set[str]] = {}
        for _ in range(_ROUNDS):
            self._names = {function: self._variables(function) for function in source.compiled}
            before = {function: set(names) for function, names in self._given.items()}
            self._hand_on()
            if before == self._given:
                break

    def is_tensor(self, node: ast.AST, function: Function) -> bool:
        """Whether an expression in a compiled function is surely a Tensor."""
        return self._is(node, self._names[function], self.source.compiled[function])

    def holds_tensor(self, node: ast.AST, function: Function) -> bool:
        """The same for an expression, or for anything in a literal list or tuple."""
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return any(self.holds_tensor(item, function) for item in node.elts)
        if isinstance(node, ast.Starred):
            return self.holds_tensor(node.value, function)
        return self.is_tensor(node, function)

    def handed_to(self, call: ast.Call, function: Function) -> bool:
        """Whether a call is handed a Tensor."""
        return any(self.holds_tensor(value, function) for value in (*call.args, *(k.value for k in call.keywords)))

    @cached_property
    def _attributes(self) -> dict[ast.ClassDef, dict[str, str]]:
        """What `__init__` puts into attributes: "tensor" or "callable"."""
        found: dict[ast.ClassDef, dict[str, str]] = {}
        for cls in self.source.classes.values():
            kinds = found.setdefault(cls, {})
            init = methods(cls).get("__init__")
            for node in self.source.walk(init) if init else ():
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                    path = self.source.path(node.value.func)
                    kind = "tensor" if path in ("mindspore.Parameter", "mindspore.Tensor") else \
                        "callable" if path.startswith(("mindspore.ops.", "mindspore.nn.")) or \
                        self.source.is_cell(node.value) else ""
                    for target in node.targets:
                        if is_self(target):
                            kinds[target.attr] = kind if path.rpartition(".")[2] not in _FACTS else ""  # type: ignore[attr-defined]
        return found

    def _variables(self, function: Function) -> set[str]:
        owner = self.source.compiled[function]
        names = set(self._given[function])
        doubtful = {arg.arg for arg in _arguments(function)} - names
        for _ in range(3):
            for target, value in _assignments(self.source.walk(function)):
                sure = self._is(value, names, owner)
                for name in _bound(target):
                    (names if sure and name not in doubtful else doubtful).add(name)
            names -= doubtful
        return names

    def _hand_on(self) -> None:
        """Marks the arguments of helpers that compiled functions call with Tensors."""
        for function, owner in self.source.compiled.items():
            inside = methods(owner) if owner is not None else {}
            for call in (node for node in self.source.walk(function) if isinstance(node, ast.Call)):
                callee, skip = None, 0
                if isinstance(call.func, ast.Name):
                    callee = self.source.functions.get(call.func.id)
                elif is_self(call.func):
                    callee, skip = inside.get(call.func.attr), 1      # type: ignore[attr-defined]
                if callee is None or callee not in self._given:
                    continue
                names = [arg.arg for arg in (*callee.args.posonlyargs, *callee.args.args)][skip:]
                handed = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords)]
                self._given[callee] |= {name for name, value in handed if name and self.is_tensor(value, function)}

    def _is(self, node: ast.AST, names: set[str], owner: ast.ClassDef | None) -> bool:
        if isinstance(node, ast.Name):
            return node.id in names
        if isinstance(node, ast.Attribute):
            if is_self(node) and owner is not None:
                return self._attributes[owner].get(node.attr) == "tensor"
            return node.attr in _HOLDS and self._is(node.value, names, owner)
        if isinstance(node, ast.BinOp):
            return self._is(node.left, names, owner) or self._is(node.right, names, owner)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self._is(node.operand, names, owner)
        if isinstance(node, ast.Compare):
            by_value = not any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops)
            return by_value and any(self._is(part, names, owner) for part in (node.left, *node.comparators))
        if isinstance(node, ast.BoolOp):
            return any(self._is(value, names, owner) for value in node.values)
        if isinstance(node, ast.IfExp):
            return self._is(node.body, names, owner) and self._is(node.orelse, names, owner)
        if isinstance(node, ast.Subscript):
            return self._is(node.value, names, owner)
        return isinstance(node, ast.Call) and self._makes(node, names, owner)

    def _makes(self, call: ast.Call, names: set[str], owner: ast.ClassDef | None) -> bool:
        path = self.source.path(call.func)
        name = path.rpartition(".")[2] or getattr(call.func, "attr", "")
        if name in _FACTS:
            return False
        handed = any(self._is(value, names, owner) for value in call.args)
        if path == "mindspore.Tensor":
            return True
        if path.startswith(("mindspore.ops.", "mindspore.numpy.")):
            return handed
        if isinstance(call.func, ast.Call):         # ops.ReLU()(x)
            inner = self.source.path(call.func.func)
            return inner.startswith("mindspore.") and inner.rpartition(".")[2] not in _FACTS and handed
        if is_self(call.func) and owner is not None:
            return self._attributes[owner].get(call.func.attr) == "callable" and handed      # type: ignore[attr-defined]
        return isinstance(call.func, ast.Attribute) and self._is(call.func.value, names, owner)


def _is_helper(function: Function, source: Source) -> bool:
    """Whether a plain function is compiled only because a compiled one calls it."""
    return source.compiled[function] is None and not function.decorator_list


def _inputs(function: Function) -> set[str]:
    """The arguments that a caller hands Tensors in: those without another annotation or a plain default."""
    positional = [*function.args.posonlyargs, *function.args.args]
    with_default = positional[len(positional) - len(function.args.defaults):] if function.args.defaults else []
    found = set()
    for arg in positional:
        note = ast.unparse(arg.annotation) if arg.annotation else ""
        if arg.arg != "self" and arg not in with_default and note.partition("[")[0].strip() not in _PLAIN:
            found.add(arg.arg)
    return found


def _arguments(function: Function) -> list[ast.arg]:
    args = function.args
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]


def _assignments(nodes: list[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield target, node.value
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, (ast.For, ast.comprehension)):
            yield node.target, node.iter


def _bound(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _bound(item)
    elif isinstance(target, ast.Starred):
        yield from _bound(target.value)


@lru_cache(maxsize=1)
def tensors_of(source: Source) -> Tensors:
    """The Tensors of a file; every rule over it shares them."""
    return Tensors(source)
