"""Which variables matter after a branch or a loop: reads, writes and liveness over a function without jumps."""
from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from mycelium.graph.assignment import ItemStored, ItemUpdated
from mycelium.graph.lower import DONE, VALUE, TailIf

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parameters(args: ast.arguments) -> list[str]:
    """The names of all parameters."""
    found = [*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))]
    return [a.arg for a in found]


def reads(node: ast.AST | None) -> set[str]:
    """The variables that evaluating a node may read; those bound by comprehensions and inner functions are left out."""
    if node is None:
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    if isinstance(node, _FUNCTIONS):
        return reads_of_function(node)
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        found |= reads(child)
    if isinstance(node, _COMPREHENSIONS):
        for g in node.generators:
            found -= stores(g.target)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        found.add(node.target.id)
    return found


def reads_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    """The variables around a function that it reads: in its body, defaults and decorators."""
    a = node.args
    outside = set().union(*[reads(d) for d in (*a.defaults, *a.kw_defaults, *getattr(node, "decorator_list", ()))])
    if isinstance(node, ast.Lambda):
        return outside | (reads(node.body) - set(parameters(a)))
    inside = set().union(*[reads(s) for s in node.body])
    return outside | (inside - set(parameters(a)) - assigned(node.body))


def stores(node: ast.AST) -> set[str]:
    """The variables that a node binds, inner functions left out."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, (ast.Store, ast.Del)) else set()
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.Lambda):
        return set()
    if isinstance(node, _COMPREHENSIONS):
        # only `:=` reaches out of a comprehension
        return {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
    found: set[str] = set()
    for child in ast.iter_child_nodes(node):
        found |= stores(child)
    return found


def assigned(stmts: Iterable[ast.stmt]) -> set[str]:
    """The variables that statements bind."""
    return set().union(*[stores(s) for s in stmts])


def captured(stmts: Iterable[ast.stmt]) -> set[str]:
    """The variables that inner functions and generators read, which may happen at any time later."""
    found: set[str] = set()
    for s in stmts:
        for node in ast.walk(s):
            if isinstance(node, _FUNCTIONS):
                found |= reads_of_function(node)
            elif isinstance(node, ast.GeneratorExp):
                found |= reads(node)
    return found


def only_indexes(stmts: Iterable[ast.stmt], name: str) -> bool:
    """Whether statements read a variable only as a whole index, as in `x[i]`."""
    def uses(node: ast.AST) -> bool:
        if isinstance(node, ast.Subscript) and _is_read(node.slice, name):
            return uses(node.value)
        if isinstance(node, ItemStored | ItemUpdated):
            return any(uses(child) for child in ast.iter_child_nodes(node) if not _is_read(child, name)) \
                or _is_read(node.value, name)               # type: ignore[attr-defined]
        return _is_read(node, name) or any(map(uses, ast.iter_child_nodes(node)))

    return not any(map(uses, stmts)) and name not in assigned(stmts)


def _is_read(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def annotate(stmts: Sequence[ast.stmt]) -> None:
    """Sets `live` on each branch and loop: the variables it must hand on; for a loop, from step to step as well."""
    always = captured(stmts)
    _live(stmts, set(), always)


def _live(stmts: Sequence[ast.stmt], out: set[str], always: set[str]) -> set[str]:
    live = set(out)
    for s in reversed(stmts):
        if isinstance(s, TailIf):
            live = reads(s.test) | _live(s.body, set(), always) | _live(s.orelse, set(), always)
        elif isinstance(s, ast.If):
            s.live = live | always                          # type: ignore[attr-defined]
            live = reads(s.test) | _live(s.body, live, always) | _live(s.orelse, live, always)
        elif isinstance(s, (ast.For, ast.While)):
            live = _live_loop(s, live, always)
        elif isinstance(s, ast.Return):
            live = reads(s)
        else:
            live = (live - _killed(s)) | reads(s)
    return live


def _live_loop(s: ast.For | ast.While, out: set[str], always: set[str]) -> set[str]:
    test = reads(s.test) if isinstance(s, ast.While) else set()
    bound = stores(s.target) if isinstance(s, ast.For) else set()
    head = out | test | set(s.stops) - {VALUE}              # type: ignore[union-attr]
    if DONE in s.stops:                                     # type: ignore[union-attr]
        head |= {VALUE}
    while True:
        grown = head | (_live(s.body, head, always) - bound)
        if grown == head:
            break
        head = grown
    s.live = head | always                                  # type: ignore[union-attr]
    return head | (reads(s.iter) if isinstance(s, ast.For) else set())


def _killed(s: ast.stmt) -> set[str]:
    if isinstance(s, ast.Assign):
        return set().union(*[stores(t) for t in s.targets])
    if isinstance(s, (ast.FunctionDef, ast.AnnAssign)):
        return stores(s) if isinstance(s, ast.FunctionDef) or s.value else set()
    return set()
