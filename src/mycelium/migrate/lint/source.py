"""A file as the rules see it: names traced to what they were imported as, Cells, and what is compiled in GRAPH_MODE."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
_COMPILERS = ("ms_function", "jit", "ms_class", "jit_class")
# Modules of MindSpore that go by several paths.
_PATHS = {"mindspore.ops.operations": "mindspore.ops", "mindspore.ops.functional": "mindspore.ops",
          "mindspore.ops.composite": "mindspore.ops", "mindspore.common": "mindspore",
          "mindspore.common.dtype": "mindspore", "mindspore.common.api": "mindspore",
          "mindspore.common.tensor": "mindspore", "mindspore.common.parameter": "mindspore",
          "mindspore.context": "mindspore", "mindspore.train": "mindspore", "mindspore.train.model": "mindspore",
          **{f"mindspore.nn.{part}": "mindspore.nn" for part in ("cell", "loss", "optim", "layer", "wrap")}}


class Source:
    """A parsed file.

    Attributes:
        tree: Its syntax tree.
        names: What names at the top of the file were imported as, in MindSpore's own paths.
        classes: Its classes by name.
        functions: Its functions at the top level by name.
    """

    def __init__(self, text: str, tree: ast.Module):
        self.text, self.tree = text, tree
        self._walked: dict[ast.AST, list[ast.AST]] = {}
        self.names = {name: path for node in self.walk() for name, path in _imported(node)}
        self.classes = {node.name: node for node in self.walk() if isinstance(node, ast.ClassDef)}
        self.functions = {node.name: node for node in tree.body if isinstance(node, Function)}

    def walk(self, node: ast.AST | None = None) -> list[ast.AST]:
        """Every node in a part of the file, or in all of it; walked once, however many rules ask."""
        node = node or self.tree
        if node not in self._walked:
            self._walked[node] = list(ast.walk(node))
        return self._walked[node]

    # ***** names *****

    def path(self, node: ast.AST | None) -> str:
        """What an expression names, in full: "mindspore.nn.Dense" for nn.Dense; "" where it is no imported name."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id, "")
        if isinstance(node, ast.Attribute) and (owner := self.path(node.value)):
            return canonical(f"{owner}.{node.attr}")
        return ""

    def calls(self, within: ast.AST | None = None) -> Iterator[tuple[ast.Call, str]]:
        """Every call with the full name of what is called."""
        if within is None:
            yield from self._all_calls
            return
        for node in self.walk(within):
            if isinstance(node, ast.Call):
                yield node, self.path(node.func)

    @cached_property
    def _all_calls(self) -> list[tuple[ast.Call, str]]:
        return list(self.calls(self.tree))

    def layer_calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Calls of names in mindspore.nn, with that name: "Dense"."""
        for call, path in self.calls():
            if path.startswith("mindspore.nn.") and path.count(".") == 2:
                yield call, path.removeprefix("mindspore.nn.")

    @cached_property
    def uses_mindspore(self) -> bool:
        """Whether the file imports MindSpore (or this package)."""
        return any(path.partition(".")[0] == "mindspore" for path in self.names.values())

    @cached_property
    def is_pynative(self) -> bool:
        """Whether the file asks for PYNATIVE_MODE and never for GRAPH_MODE."""
        return "PYNATIVE_MODE" in self.text and "GRAPH_MODE" not in self.text

    # ***** Cells *****

    @cached_property
    def cells(self) -> dict[str, ast.ClassDef]:
        """The classes of the file that are Cells: by their bases, as far as these can be told."""
        found: dict[str, ast.ClassDef] = {}
        while True:
            more = {name: node for name, node in self.classes.items() if name not in found and any(
                self.path(base).startswith("mindspore.nn.") or (isinstance(base, ast.Name) and base.id in found)
                for base in node.bases)}
            if not more:
                return found
            found |= more

    def is_cell(self, node: ast.AST) -> bool:
        """Whether an expression makes a Cell: a layer of mindspore.nn, or a Cell of this file."""
        if not isinstance(node, ast.Call):
            return False
        path = self.path(node.func)
        if path.startswith("mindspore.nn."):
            return path.rpartition(".")[2][:1].isupper()
        return isinstance(node.func, ast.Name) and node.func.id in self.cells

    # ***** what is compiled *****

    @cached_property
    def compiled(self) -> dict[Function, ast.ClassDef | None]:
        """What GRAPH_MODE compiles, each with the class it belongs to: construct, ms_function, and what these call."""
        found: dict[Function, ast.ClassDef | None] = {}
        todo: list[tuple[Function, ast.ClassDef | None]] = []
        if not self.is_pynative:
            todo += [(m["construct"], cell) for cell in self.cells.values() if "construct" in (m := methods(cell))]
        passed = {call.args[0].id for call, path in self.calls()
                  if path.rpartition(".")[2] in _COMPILERS and call.args and isinstance(call.args[0], ast.Name)}
        for name, function in self.functions.items():
            if name in passed or self._is_decorated(function):
                todo.append((function, None))
        for owner in self.classes.values():
            todo += [(method, owner) for method in methods(owner).values() if self._is_decorated(method)]
        while todo:
            function, owner = todo.pop()
            if function in found:
                continue
            found[function] = owner
            inside = methods(owner) if owner is not None else {}
            for node in self.walk(function):
                if isinstance(node, ast.Call):
                    callee = node.func
                    if isinstance(callee, ast.Name) and callee.id in self.functions:
                        helper = self.functions[callee.id]
                        if not self._runs_on_the_host(helper):
                            todo.append((helper, None))
                    elif is_self(callee) and callee.attr in inside:      # type: ignore[attr-defined]
                        todo.append((inside[callee.attr], owner))        # type: ignore[attr-defined]
        return found

    def _is_decorated(self, function: Function) -> bool:
        decorators = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
        return any(self.path(d).startswith("mindspore") and self.path(d).rpartition(".")[2] in _COMPILERS
                   for d in decorators)

    def _runs_on_the_host(self, function: Function) -> bool:
        """Whether a function is computed while compiling, as `constexpr` has it."""
        decorators = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
        return any(self.path(d).rpartition(".")[2] in ("constexpr", "_primexpr") for d in decorators)


def methods(cls: ast.ClassDef) -> dict[str, Function]:
    """The methods of a class by name."""
    return {node.name: node for node in cls.body if isinstance(node, Function)}


def is_self(node: ast.AST) -> bool:
    """Whether an expression is an attribute of `self`."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"


def argument(call: ast.Call, position: int | None, *names: str) -> ast.expr | None:
    """An argument of a call, by position or by one of its names."""
    for keyword in call.keywords:
        if keyword.arg in names:
            return keyword.value
    if position is not None and position < len(call.args) and not any(
            isinstance(a, ast.Starred) for a in call.args[:position + 1]):
        return call.args[position]
    return None


def has_unpacking(call: ast.Call) -> bool:
    """Whether a call unpacks arguments whose names cannot be known."""
    return any(keyword.arg is None for keyword in call.keywords) or any(isinstance(a, ast.Starred) for a in call.args)


def number(node: ast.AST | None) -> float | None:
    """The value of a literal number, None for everything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def canonical(path: str) -> str:
    """A path of MindSpore's as r1.8 documents it."""
    path = re.sub(r"^mycelium(?=\.|$)", "mindspore", path)
    owner, _, name = path.rpartition(".")
    while owner in _PATHS:
        owner = _PATHS[owner]
    return f"{owner}.{name}" if owner else path


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, _module(alias.name)) if alias.asname else (top, top)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        for alias in node.names:
            path = canonical(f"{node.module}.{alias.name}")
            yield alias.asname or alias.name, _PATHS.get(path, path)


def _module(path: str) -> str:
    path = re.sub(r"^mycelium(?=\.|$)", "mindspore", path)
    while path in _PATHS:
        path = _PATHS[path]
    return path
