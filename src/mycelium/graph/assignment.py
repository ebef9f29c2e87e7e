"""Assignment to elements, `x[i] = value`, as assignment to the variable.

In a program a Tensor is a value: another variable that holds the same Tensor keeps what it had, as in GRAPH_MODE of
MindSpore. Lists and dicts change in place.
"""
# ast.NodeTransformer.visit is declared to return any AST.
# pyright: reportReturnType=false, reportIncompatibleMethodOverride=false
from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any


class ItemStored(ast.expr):
    """What a variable holds after `owner[path[0]][path[1]]... = value`."""

    _fields = ("value", "owner", "path")


class OutsideItem(ast.expr):
    """`owner[path[0]][path[1]]... = value` where `owner` is no variable of the program."""

    _fields = ("value", "owner", "path")


class ItemUpdated(ast.expr):
    """What a variable holds after `owner[path[0]]... op= value`; `name` is the function of the module operator."""

    _fields = ("owner", "path", "value")


def rebind(body: Sequence[ast.stmt], local: set[str], outside: set[str]) -> list[ast.stmt]:
    """Statements in which assignments to elements of the local variables are assignments to those variables.

    Args:
        body: The statements of a function, changed in place.
        local: Its variables.
        outside: The names it reads that belong to no converted function.
    """
    rewriter = _Rewriter(local, outside)
    return [new for s in body for new in _listed(rewriter.visit(s))]


def _listed(new: Any) -> list[ast.stmt]:
    return new if isinstance(new, list) else [new]


class _Rewriter(ast.NodeTransformer):
    def __init__(self, local: set[str], outside: set[str]):
        self.local, self.outside = local, outside
        self.count = 0

    def _skip(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = visit_ClassDef = _skip

    def _path(self, target: ast.AST) -> tuple[ast.Name, list[ast.expr]] | None:
        """The variable and the indices of `name[i][j]`, None for other targets."""
        path: list[ast.expr] = []
        while isinstance(target, ast.Subscript):
            path.insert(0, target.slice)
            target = target.value
        found = path and isinstance(target, ast.Name) and target.id in self.local | self.outside
        return (target, path) if found else None

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        if len(node.targets) == 1:
            found = self._path(node.targets[0])
            if found:
                return self._stored(node.value, *found, node)
        after: list[ast.stmt] = []
        node.targets = [self._held(t, after) for t in node.targets]
        return [node, *after] if after else node

    def _held(self, target: ast.expr, after: list[ast.stmt]) -> ast.expr:
        """A target whose elements are stored by the statements `after` it."""
        if isinstance(target, (ast.Tuple, ast.List)):
            target.elts = [self._held(t, after) for t in target.elts]
            return target
        found = self._path(target)
        if not found:
            return target
        self.count += 1
        name = f"_mc_item_{self.count}"
        after.append(self._stored(_at(ast.Name(name, ast.Load()), target), *found, target))
        return _at(ast.Name(name, ast.Store()), target)

    def _stored(self, value: ast.expr, owner: ast.Name, path: list[ast.expr], at: ast.AST) -> ast.stmt:
        kind = ItemStored if owner.id in self.local else OutsideItem
        new = kind(value=value, owner=_at(ast.Name(owner.id, ast.Load()), owner), path=path)
        if kind is OutsideItem:
            return _at(ast.Expr(_at(new, at)), at)
        return _at(ast.Assign([_at(ast.Name(owner.id, ast.Store()), owner)], _at(new, at)), at)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt:
        found = self._path(node.target)
        if not found or found[0].id not in self.local:
            return node
        owner, path = found
        new = ItemUpdated(owner=_at(ast.Name(owner.id, ast.Load()), owner), path=path, value=node.value)
        new.name = _IN_PLACE[type(node.op)]
        return _at(ast.Assign([_at(ast.Name(owner.id, ast.Store()), owner)], _at(new, node)), node)


_IN_PLACE = {ast.Add: "iadd", ast.Sub: "isub", ast.Mult: "imul", ast.Div: "itruediv", ast.FloorDiv: "ifloordiv",
             ast.Mod: "imod", ast.Pow: "ipow", ast.MatMult: "imatmul", ast.BitAnd: "iand", ast.BitOr: "ior",
             ast.BitXor: "ixor", ast.LShift: "ilshift", ast.RShift: "irshift"}


def _at(new: Any, old: ast.AST) -> Any:
    return ast.copy_location(new, old)
