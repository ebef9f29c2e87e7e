"""What GRAPH_MODE refuses, and how it says so: file, line and source line with a caret, the reason, a remedy."""
from __future__ import annotations

import ast
import builtins
import dis
import linecache
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

from mycelium.core.errors import nearest
from mycelium.engine import checks
from mycelium.engine.control import TRACER_ERRORS
from mycelium.graph import liveness
from mycelium.graph.lower import exits
from mycelium.graph.source import FunctionNode, is_library_file

_PYNATIVE = "run it in PYNATIVE_MODE"
_HOST = f"Prepare it outside of the compiled function, in '__init__' say, or {_PYNATIVE}"
REFUSED: dict[type[ast.AST], tuple[str, str, str]] = {
    ast.Try: ("'try'", "a compiled program raises no exceptions that it could catch",
              f"Test for the case beforehand with 'if', or {_PYNATIVE}"),
    ast.With: ("'with'", "a context manager runs host code around operators that run later",
               f"Enter it around the call of the compiled function, or {_PYNATIVE}"),
    ast.Yield: ("'yield'", "a compiled program returns once",
                "Return a tuple or list of all values"),
    ast.YieldFrom: ("'yield from'", "a compiled program returns once",
                    "Return a tuple or list of all values"),
    ast.Await: ("'await'", "a compiled program does not wait for host tasks", _HOST),
    ast.AsyncFunctionDef: ("'async def'", "a compiled program does not wait for host tasks", "Use 'def'"),
    ast.AsyncFor: ("'async for'", "a compiled program does not wait for host tasks", "Use 'for'"),
    ast.AsyncWith: ("'async with'", "a compiled program does not wait for host tasks", _HOST),
    ast.ClassDef: ("'class'", "a class made while compiling would be another one at every compilation",
                   "Define the class at module level"),
    ast.Delete: ("'del'", "a variable that exists on some paths only has no value in a compiled program",
                 "Leave the variable, or assign another value"),
    ast.Import: ("'import'", "it would run while compiling, not when the program runs",
                 "Import at the top of the file"),
    ast.ImportFrom: ("'from ... import'", "it would run while compiling, not when the program runs",
                     "Import at the top of the file"),
    ast.Global: ("'global'", "a compiled program cannot write variables of a module",
                 "Return the value, or keep it in a Parameter"),
    ast.Nonlocal: ("'nonlocal'", "a compiled program cannot write variables of an enclosing function",
                   "Return the value from the inner function"),
}
if hasattr(ast, "TryStar"):
    REFUSED[ast.TryStar] = REFUSED[ast.Try]
if hasattr(ast, "Match"):
    REFUSED[ast.Match] = ("'match'", "its patterns would have to look into values that exist only at run time",
                          "Use 'if' and 'elif'")


@dataclass(frozen=True)
class Location:
    """A place in the user's source; columns count from 0, the end column is exclusive."""

    file: str
    line: int
    column: int | None
    end_column: int | None
    function: str
    source: str

    def __str__(self) -> str:
        text = f'  File "{self.file}", line {self.line}, in {self.function}\n    {self.source.strip()}'
        if self.column is None or not self.source.strip():
            return text
        indent = len(self.source) - len(self.source.lstrip())
        start = max(_characters(self.source, self.column) - indent, 0)
        end = _characters(self.source, self.end_column or self.column + 1) - indent
        end = min(end, len(self.source.rstrip()) - indent) if end > start else start + 1
        return f"{text}\n    {' ' * start}{'^' * max(end - start, 1)}"


def _characters(line: str, offset: int) -> int:
    """Python counts columns in UTF-8 bytes."""
    return len(line.encode()[:offset].decode(errors="replace"))


def _at(node: ast.AST, filename: str, function: str) -> Location:
    line = node.lineno                                      # type: ignore[attr-defined]
    end = node.end_col_offset if node.end_lineno == line else None   # type: ignore[attr-defined]
    source = linecache.getline(filename, line).rstrip("\n")
    return Location(filename, line, node.col_offset, end or len(source.encode()), function, source)  # type: ignore[attr-defined]


def located(error: Exception, where: Location | None) -> Exception:
    """`error` with the place in its message, once."""
    if where is not None and not getattr(error, "_mc_located", False):
        if len(error.args) == 1 and isinstance(error.args[0], str):
            error.args = (f"{error.args[0]}\n{where}",)
        else:
            error.add_note(str(where))
        settled(error)
    return error


def settled(error: Exception) -> Exception:
    """`error` marked as complete: its message stays as it is."""
    error._mc_located = True                                # type: ignore[attr-defined]
    return error


# ***** before it runs: the source *****

def check(node: FunctionNode, filename: str) -> None:
    """Refuses a function with statements that cannot be compiled, or with a path that returns nothing.

    Raises:
        RuntimeError: An unsupported statement or expression.
        TypeError: A path without `return`.
    """
    _check(node, filename, getattr(node, "name", "<lambda>"))


def _check(node: ast.AST, filename: str, function: str) -> None:
    if isinstance(node, ast.FunctionDef):
        function = node.name
        for child in node.body:
            _check(child, filename, function)
        if not exits(node.body):
            raise located(TypeError(
                f"Every path through '{function}' should end in 'return', but one does not. Add a 'return' at its end "
                "('return None' if there is nothing to return)."), _at(_head(node), filename, function))
        return
    refused = REFUSED.get(type(node))
    if refused is not None:
        what, why, remedy = refused
        raise located(RuntimeError(f"GRAPH_MODE cannot compile {what}: {why}. {remedy}."),
                      _at(_head(node), filename, function))
    for child in ast.iter_child_nodes(node):
        _check(child, filename, function)


def _head(node: ast.AST) -> ast.AST:
    """The node, or for a compound statement the part on its first line."""
    if hasattr(node, "body"):
        head = ast.copy_location(ast.Pass(), node)
        head.end_lineno = head.lineno + 1                   # to the end of the line
        return head
    return node


def global_names(node: FunctionNode, free: Iterable[str]) -> list[ast.Name]:
    """The names a function reads that neither it nor a function around it binds; one node each."""
    found: dict[str, ast.Name] = {}
    stmts = node.body if isinstance(node, ast.FunctionDef) else [node.body]
    bound = set(free) | set(liveness.parameters(node.args))
    if isinstance(node, ast.FunctionDef):
        bound |= liveness.assigned(stmts)
    for child in stmts:
        _globals(child, bound, found)
    return list(found.values())


def _globals(node: ast.AST, bound: set[str], found: dict[str, ast.Name]) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in bound:
            found.setdefault(node.id, node)
        return
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        for outside in (*node.args.defaults, *filter(None, node.args.kw_defaults), *decorators):
            _globals(outside, bound, found)
        for inner in global_names(node, bound):
            found.setdefault(inner.id, inner)
        return
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        bound = bound.union(*[liveness.stores(g.target) for g in node.generators])
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.AnnAssign) and child is node.annotation):
            _globals(child, bound, found)


def undefined_name(node: ast.Name, filename: str, function: str, known: dict[str, Any]) -> Exception:
    """The NameError for a name that exists nowhere."""
    hint = nearest(node.id, [*known, *builtins.__dict__])
    return located(NameError(
        f"The name '{node.id}' is not defined{hint or '.'} GRAPH_MODE reads the whole function before it runs, also "
        "branches that are never taken."), _at(node, filename, function))


# ***** while it runs: tracebacks *****

def user_location(where: BaseException | TracebackType | None) -> Location | None:
    """The innermost place in the user's code of an exception or traceback."""
    frames = _user_frames(where.__traceback__ if isinstance(where, BaseException) else where)
    return _location(frames[-1]) if frames else None


checks.holder.locate = user_location


def _location(tb: TracebackType) -> Location:
    code = tb.tb_frame.f_code
    line, end_line, column, end_column = _position(code, tb.tb_lasti, tb.tb_lineno)
    source = linecache.getline(code.co_filename, line, tb.tb_frame.f_globals).rstrip("\n")
    if end_line != line:
        end_column = len(source.encode())
    return Location(code.co_filename, line, column, end_column, code.co_name, source)


def _position(code: CodeType, lasti: int, line: int) -> tuple[int, int | None, int | None, int | None]:
    for i, (start, end, column, end_column) in enumerate(code.co_positions()):
        if 2 * i == lasti:
            return (line if start is None else start), end, column, end_column
    return line, line, None, None


def is_block(code: CodeType) -> bool:
    """Whether code was generated for a branch, a loop or a later operand of an expression."""
    return code.co_qualname.endswith(".<block>")


def is_users(code: CodeType) -> bool:
    """Whether code was written by the user, not by this package or a library."""
    return is_block(code) or "_mc" in code.co_freevars or not is_library_file(code.co_filename)


def _user_frames(tb: TracebackType | None) -> list[TracebackType]:
    """The frames of user code, outermost first; a function whose block is inside it gives way to the block."""
    frames: list[TracebackType] = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if is_users(code):
            if is_block(code) and frames and _around(frames[-1].tb_frame.f_code, code):
                frames.pop()
            frames.append(tb)
        tb = tb.tb_next
    return frames


def _around(outer: CodeType, inner: CodeType) -> bool:
    return outer.co_filename == inner.co_filename and \
        outer.co_qualname.removesuffix(".<block>") == inner.co_qualname.removesuffix(".<block>")


def clean_traceback(error: BaseException) -> BaseException:
    """`error` with a traceback of user code only; the exceptions it came from are dropped."""
    tb = None
    for frame in reversed(_user_frames(error.__traceback__)):
        tb = TracebackType(tb, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    error.__cause__ = None
    error.__suppress_context__ = True
    if hasattr(error, "__notes__"):     # JAX notes that it left frames out
        error.__notes__ = [n for n in error.__notes__ if "JAX" not in n]
    return error.with_traceback(tb)


def explain(error: Exception) -> Exception:
    """What to raise for an exception that came up while compiling: in the user's terms, with the place in the message.

    What the user's own code raises keeps its message.
    """
    if isinstance(error, TRACER_ERRORS):
        new = TypeError("The value of a Tensor was asked for while compiling, where it has none yet. Use operators on "
                        f"the Tensor instead of host code, or {_PYNATIVE}.")
        error = new.with_traceback(error.__traceback__)
    if isinstance(error, RecursionError):
        new = RecursionError("The function calls itself without end. Let a Python number that changes end the "
                             "recursion, or write it as a loop.")
        error = new.with_traceback(error.__traceback__)
    unbound = re.match(r"cannot access .* variable '(\w+)'", str(error)) if isinstance(error, NameError) else None
    if unbound:
        new = NameError(f"The variable '{unbound[1]}' has no value here. Where a Tensor decides which branch runs, "
                        "every branch should give it one, or it should have one before.")
        error = new.with_traceback(error.__traceback__)
    if not _raised_by_user(error):
        located(error, user_location(error))
    clean_traceback(error)
    return error


def _raised_by_user(error: BaseException) -> bool:
    """Whether a `raise` statement in user code made this exception."""
    tb = error.__traceback__
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    if tb is None or not is_users(tb.tb_frame.f_code):
        return False
    code = tb.tb_frame.f_code
    return dis.opname[code.co_code[tb.tb_lasti]] == "RAISE_VARARGS"
