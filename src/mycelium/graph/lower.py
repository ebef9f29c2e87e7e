"""Jumps as values: `break`, `continue` and early `return` become flags, so that branches and loops nest without exits.

`if c: return a` followed by more becomes an `if` whose other branch holds the rest; only a `return` that sits deeper
than that (in a loop, or under one branch of an inner `if`) needs a flag.
"""
# ast.NodeTransformer.visit is declared to return any AST.
# pyright: reportReturnType=false, reportAssignmentType=false
from __future__ import annotations

import ast
from collections.abc import Sequence

DONE, VALUE = "_mc_done", "_mc_value"


class Guard(ast.If):
    """Statements that run unless a jump was taken before them."""


class TailIf(ast.If):
    """An `if` of which both branches end the function: it returns what the chosen branch returns."""


class LoopInfo:
    """The flags of a loop that contains jumps."""

    __slots__ = ("left", "skipped")

    def __init__(self, left: str | None, skipped: str | None):
        self.left, self.skipped = left, skipped


def exits(stmts: Sequence[ast.stmt]) -> bool:
    """Whether every path through the statements ends in a jump or a raise."""
    for s in stmts:
        if isinstance(s, (ast.Return, ast.Raise, ast.Break, ast.Continue)):
            return True
        if isinstance(s, ast.If) and exits(s.body) and exits(s.orelse):
            return True
        if endless(s):
            return True
    return False


def endless(s: ast.stmt) -> bool:
    """`while True` without a break."""
    return isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and bool(s.test.value) \
        and "break" not in jumps(s.body)


def jumps(stmts: Sequence[ast.stmt]) -> set[str]:
    """The kinds of jump that may leave the statements."""
    found: set[str] = set()
    for s in stmts:
        if isinstance(s, ast.Return):
            found.add("return")
        elif isinstance(s, ast.Break):
            found.add("break")
        elif isinstance(s, ast.Continue):
            found.add("continue")
        elif isinstance(s, ast.If):
            found |= jumps(s.body) | jumps(s.orelse)
        elif isinstance(s, (ast.For, ast.While)):
            found |= (jumps(s.body) & {"return"}) | jumps(s.orelse)
    return found


def lower(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The body of a function without jumps, except returns that end it."""
    lowering = _Lowering()
    new = lowering.tail(list(body))
    return [_set(DONE, False, body[0]), *new] if lowering.uses_done else new


class _Lowering:
    def __init__(self) -> None:
        self.uses_done = False
        self.loops = 0

    # ***** where the end of the statements is the end of the function *****

    def tail(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for i, s in enumerate(stmts):
            rest = stmts[i + 1:]
            if isinstance(s, (ast.Return, ast.Raise)):
                return [*out, s]
            if "return" not in jumps([s]):
                out += self.block([s], None)
                continue
            if isinstance(s, ast.If):
                if exits(s.body):
                    return [*out, self._tail_if(s, s.body, [*s.orelse, *rest])]
                if exits(s.orelse):
                    return [*out, self._tail_if(s, [*s.body, *rest], s.orelse)]
            out += self.block([s], None)
            found = ast.copy_location(ast.Return(_name(VALUE, s)), s)
            if endless(s):
                return [*out, found]
            return [*out, _at(TailIf(_name(DONE, s), [found], self.tail(rest) or [ast.Pass()]), s)]
        return out

    def _tail_if(self, s: ast.If, body: list[ast.stmt], orelse: list[ast.stmt]) -> ast.stmt:
        return _at(TailIf(s.test, self.tail(body), self.tail(orelse) or [ast.copy_location(ast.Pass(), s)]), s)

    # ***** anywhere else *****

    def block(self, stmts: list[ast.stmt], loop: LoopInfo | None) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for i, s in enumerate(stmts):
            rest = stmts[i + 1:]
            if isinstance(s, ast.Return):
                self.uses_done = True
                value = s.value or ast.Constant(None)
                return [*out, _at(ast.Assign([_name(VALUE, s, ast.Store())], value), s), _set(DONE, True, s)]
            if isinstance(s, ast.Break):
                return [*out, _set(loop.left, True, s)]             # type: ignore[union-attr,arg-type]
            if isinstance(s, ast.Continue):
                return [*out, _set(loop.skipped, True, s)]          # type: ignore[union-attr,arg-type]
            leaving = jumps([s])
            if isinstance(s, ast.If):
                body, orelse = s.body, s.orelse
                if leaving and rest:
                    if exits(body):
                        orelse, rest = [*orelse, *rest], []
                    elif exits(orelse):
                        body, rest = [*body, *rest], []
                    else:
                        new = _at(ast.If(s.test, self.block(body, loop), self.block(orelse, loop)), s)
                        return [*out, new, self._guard(leaving, loop, rest, s)]
                    return [*out, _at(ast.If(s.test, self.block(body, loop), self.block(orelse, loop)), s)]
                out.append(_at(ast.If(s.test, self.block(body, loop), self.block(orelse, loop)), s))
            elif isinstance(s, (ast.For, ast.While)):
                out += self._loop(s, loop)
                if leaving and rest:
                    return [*out, self._guard(leaving, loop, rest, s)]
            else:
                out.append(s)
        return out

    def _loop(self, s: ast.For | ast.While, outer: LoopInfo | None) -> list[ast.stmt]:
        leaving = jumps(s.body)
        self.loops += 1
        loop = LoopInfo(f"_mc_left_{self.loops}" if "break" in leaving else None,
                        f"_mc_skipped_{self.loops}" if "continue" in leaving else None)
        body = self.block(s.body, loop)
        if loop.skipped:
            body.insert(0, _set(loop.skipped, False, s))
        out: list[ast.stmt] = [_set(loop.left, False, s)] if loop.left else []
        stops = ([loop.left] if loop.left else []) + ([DONE] if "return" in leaving else [])
        new = ast.For(s.target, s.iter, body, []) if isinstance(s, ast.For) else ast.While(s.test, body, [])
        _at(new, s).stops = stops       # type: ignore[attr-defined]
        out.append(new)
        if s.orelse:
            after = self.block(s.orelse, outer)
            out += [_at(Guard(_unless(stops, s), after, []), s)] if stops else after
        return out

    def _guard(self, leaving: set[str], loop: LoopInfo | None, rest: list[ast.stmt], s: ast.stmt) -> ast.stmt:
        flags = ([DONE] if "return" in leaving else []) + ([loop.left] if loop and "break" in leaving else []) \
            + ([loop.skipped] if loop and "continue" in leaving else [])
        return _at(Guard(_unless(flags, s), self.block(rest, loop), []), rest[0])   # type: ignore[arg-type]


def _at(new: ast.AST, old: ast.AST) -> ast.AST:
    return ast.copy_location(new, old)


def _name(name: str, at: ast.AST, ctx: ast.expr_context | None = None) -> ast.expr:
    return ast.copy_location(ast.Name(name, ctx or ast.Load()), at)


def _set(name: str, value: bool, at: ast.AST) -> ast.stmt:
    new = ast.Assign([_name(name, at, ast.Store())], ast.copy_location(ast.Constant(value), at))
    return ast.copy_location(new, at)


def _unless(flags: list[str], at: ast.AST) -> ast.expr:
    """`not (flag or flag ...)`."""
    test = _name(flags[0], at) if len(flags) == 1 else \
        ast.copy_location(ast.BoolOp(ast.Or(), [_name(f, at) for f in flags]), at)
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), at)
