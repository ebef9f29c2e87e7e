"""Which functions are the user's, and the syntax tree of one as it stands in its file."""
from __future__ import annotations

import ast
import linecache
import os
import site
import sysconfig
from types import CodeType, FunctionType
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STANDARD = tuple({sysconfig.get_path(p) + os.sep for p in ("stdlib", "platstdlib")})
_INSTALLED = tuple({p + os.sep for p in (*site.getsitepackages(), site.getusersitepackages(),
                                         sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))})
_OURS = ("mycelium", "mindspore")

FunctionNode = ast.FunctionDef | ast.Lambda


class Source:
    """Where a function stands: its syntax tree, its file, and the class around it."""

    __slots__ = ("node", "filename", "class_name")

    def __init__(self, node: FunctionNode, filename: str, class_name: str | None):
        self.node, self.filename, self.class_name = node, filename, class_name


_kinds: dict[str, str] = {}
_files: dict[str, tuple[int, dict[int, list[Source]]]] = {}


def _kind(filename: str) -> str:
    """"library", "installed" (a package that may be written for MindSpore) or "user"."""
    found = _kinds.get(filename)
    if found is None:
        path = os.path.abspath(filename)
        if path.startswith(_PACKAGE) or filename.startswith(("<frozen", "<mycelium")):
            found = "library"
        elif path.startswith(_INSTALLED):
            found = "installed"
        else:
            found = "library" if path.startswith(_STANDARD) else "user"
        _kinds[filename] = found
    return found


def is_library_file(filename: str) -> bool:
    """Whether a file belongs to this package, to Python, or to an installed package."""
    return _kind(filename) != "user"


def is_user_function(fn: FunctionType) -> bool:
    """Whether a function was written for MindSpore: by the user, or in an installed package that imports it."""
    kind = _kind(fn.__code__.co_filename)
    return kind == "user" or (kind == "installed" and _imports_ours(fn.__globals__))


def _imports_ours(module: dict[str, Any]) -> bool:
    known = module.get("__name__")
    key = f"module {known}"
    found = _kinds.get(key)
    if found is None:
        roots = ((getattr(v, "__module__", None) or getattr(v, "__name__", "")) for v in module.values())
        found = "user" if any(isinstance(r, str) and r.split(".")[0] in _OURS for r in roots) else "library"
        if known is not None:
            _kinds[key] = found
    return found == "user"


def find_source(fn: FunctionType) -> Source | None:
    """The syntax tree of a function, or None when its source is not to be had."""
    code = fn.__code__
    lines = linecache.getlines(code.co_filename, fn.__globals__)
    if not lines:
        return None
    stamp = hash(tuple(lines))
    known = _files.get(code.co_filename)
    if known is None or known[0] != stamp:
        try:
            tree = ast.parse("".join(lines), code.co_filename)
        except SyntaxError:
            return None
        index: dict[int, list[Source]] = {}
        _collect(tree, None, code.co_filename, index)
        known = _files[code.co_filename] = stamp, index
    found = [s for s in known[1].get(code.co_firstlineno, ()) if _matches(s.node, code)]
    if len(found) > 1:
        found = [s for s in found if _holds(s.node, code)]
    return found[0] if found else None


def _collect(node: ast.AST, class_name: str | None, filename: str, index: dict[int, list[Source]]) -> None:
    for child in ast.iter_child_nodes(node):
        inner = class_name
        if isinstance(child, ast.ClassDef):
            inner = child.name
        elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            line = min([child.lineno, *[d.lineno for d in getattr(child, "decorator_list", ())]])
            index.setdefault(line, []).append(Source(child, filename, class_name))  # type: ignore[arg-type]
        _collect(child, inner, filename, index)


def _matches(node: FunctionNode, code: CodeType) -> bool:
    """Whether name and parameters agree, so that a file changed since its import is not taken for the function."""
    a = node.args
    names = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    count = code.co_argcount + code.co_kwonlyargcount
    mangled = [n.split("__", 1)[-1] if n.startswith("_") and "__" in n else n for n in code.co_varnames[:count]]
    wanted = [n[2:] if n.startswith("__") and not n.endswith("__") else n for n in names]
    return getattr(node, "name", "<lambda>") == code.co_name and mangled == wanted


def _holds(node: FunctionNode, code: CodeType) -> bool:
    """Whether the instructions of `code` lie within `node` and not in a function inside it (two lambdas on a line)."""
    body = node.body if isinstance(node, ast.Lambda) else node
    start, end = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    spans = [(p[0], p[2], p[1], p[3]) for p in code.co_positions() if None not in p and p[2] != p[3]]
    return (bool(spans) and min(s[:2] for s in spans) == start and max(s[2:] for s in spans) == end) \
        if isinstance(node, ast.Lambda) else True


def mangle(name: str, class_name: str | None) -> str:
    """A private name as Python stores it inside a class."""
    if class_name is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    stripped = class_name.lstrip("_")
    return f"_{stripped}{name}" if stripped else name
