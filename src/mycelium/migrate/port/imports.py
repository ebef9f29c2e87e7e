"""Imports: torch's go where nothing needs them any more, those of what is written now come in their place."""
from __future__ import annotations

import builtins
import inspect
import re
from typing import Any

import libcst as cst
from libcst.metadata import GlobalScope, Scope, ScopeProvider

from mycelium.migrate.differences.expressions import IMPORTS
from mycelium.migrate.port import helpers
from mycelium.migrate.port.passes import MARK
from mycelium.migrate.port.text import code, dotted, simple, statements, walk

_MORE = {"Parameter": "from mindspore import Parameter", "ParameterTuple": "from mindspore import ParameterTuple",
         "partial": "from functools import partial"}
_KNOWN = {**IMPORTS, **_MORE}
# What MindSpore lacks, and the definition that a ported file brings along for it.
HELPERS = {"torch.nn.ModuleDict": "CellDict", "torch.utils.data.TensorDataset": "TensorDataset",
           "torch.utils.data.Subset": "Subset", "torch.utils.data.random_split": "random_split",
           "torch.nn.utils.rnn.pad_sequence": "pad_sequence",
           "torch.optim.AdamW": "AdamW", "torch.optim.RMSprop": "RMSprop",
           **{f"torch.optim.lr_scheduler.{n}": n for n in ("OneCycleLR", "SequentialLR", "ReduceLROnPlateau")}}
# The names that each uses; those of helpers stand before it.
_NEEDED = {"CellDict": {"nn"}, "Schedule": {"ms", "ops"}, "OneCycleLR": {"np", "Schedule"},
           "SequentialLR": {"Schedule"}, "ReduceLROnPlateau": {"ms", "ops"}, "GroupedOptimizer": {"nn"},
           "AdamW": {"GroupedOptimizer", "ms", "ops"}, "RMSprop": {"GroupedOptimizer", "ops"},
           "DataLoader": {"ms", "np"}, "pad_sequence": {"ms", "np"}, "parameters_of": set(),
           "TensorDataset": set(), "Subset": set(),
           "random_split": {"np", "Subset"}}
SOURCES = {name: re.sub(r" -> \w+:", ":", inspect.getsource(getattr(helpers, name))) for name in _NEEDED}
# What each takes; ModuleDict's and the datasets' arguments are all theirs.
ARGUMENTS = {name: tuple(inspect.signature(getattr(helpers, name)).parameters) for name in _NEEDED}
_OURS = {*_KNOWN, *SOURCES}
_TORCH = ("torch", "torchvision", "torchaudio")


def with_imports(tree: cst.Module) -> cst.Module:
    """The file with the imports that it needs."""
    scopes = {s for s in cst.MetadataWrapper(tree).resolve(ScopeProvider).values() if s is not None}
    needed = _unbound(tree, scopes)
    for name in reversed(_NEEDED):
        needed |= _NEEDED[name] if name in needed else set()
    brought = [name for name in SOURCES if name in needed]
    clashes = sorted(needed_name for needed_name in _bound_otherwise(scopes) if needed_name in _KNOWN)
    used = _names_used(tree)
    body: list[Any] = []
    place = None
    for statement in tree.body:
        if _is_torch_import(statement):
            kept = _still_needed(statement, used)
            place = len(body) if place is None else place
            if kept is None:
                lead = list(statement.leading_lines)
                if any(line.comment for line in lead):
                    body.append(_Held(lead))
                elif lead and place == len(body):
                    body.append(_Held(lead[:1]))
                continue
            statement = kept
        body.append(statement)
    lines = _import_lines({name for name in needed if name in _KNOWN}, tree)
    if place is None:
        place = _after_docstring(body)
    new = [statements(line)[0] for line in lines]
    body[place:place] = new
    body = _release(body)
    if brought:
        body = _with_helpers(body, brought)
    if clashes:
        remark = cst.EmptyLine(comment=cst.Comment(
            f"{MARK}: this file has names of its own for {', '.join(clashes)}, which also stand for MindSpore here"))
        body[place] = body[place].with_changes(leading_lines=[*body[place].leading_lines, remark])
    return tree.with_changes(body=body)


class _Held:
    """Blank lines and comments of an import that went."""

    def __init__(self, lines: list[cst.EmptyLine]) -> None:
        self.lines = lines


def _release(body: list[Any]) -> list[Any]:
    made: list[Any] = []
    held: list[cst.EmptyLine] = []
    for item in body:
        if isinstance(item, _Held):
            held.extend(item.lines)
        elif held:
            lead = list(item.leading_lines)
            while held and lead and not held[-1].comment and not lead[0].comment:
                held.pop()
            made.append(item.with_changes(leading_lines=[*held, *lead]))
            held = []
        else:
            made.append(item)
    return made


def _unbound(tree: cst.Module, scopes: set[Scope]) -> set[str]:
    """Names that are read and set nowhere in the file."""
    found: set[str] = set()
    for scope in scopes:
        for access in scope.accesses:
            if not access.referents and isinstance(access.node, (cst.Name, cst.Attribute)):
                found.add((dotted(access.node) or "").partition(".")[0])
    torch_names = _torch_names(tree)
    for scope in scopes:
        for access in scope.accesses:
            first = (dotted(access.node) or "").partition(".")[0]
            if first in torch_names and first in _OURS and all(
                    isinstance(getattr(r, "node", None), (cst.Import, cst.ImportFrom, type(None)))
                    for r in access.referents):
                found.add(first)
    return found - set(dir(builtins)) | found & {"Parameter"}


def _torch_names(tree: cst.Module) -> set[str]:
    """Names that imports of torch bind."""
    return {_bound_name(alias) for s in tree.body if isinstance(s, cst.SimpleStatementLine) and _is_torch_import(s)
            for node in s.body if isinstance(node, (cst.Import, cst.ImportFrom))
            if not isinstance(node.names, cst.ImportStar) for alias in node.names}


def _bound_name(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        return dotted(alias.asname.name) or ""
    return (dotted(alias.name) or "").partition(".")[0]


def _bound_otherwise(scopes: set[Scope]) -> set[str]:
    """Names of ours that the file uses for something of its own, at its top level."""
    found = set()
    for scope in scopes:
        if isinstance(scope, GlobalScope):
            for assignment in scope.assignments:
                node = getattr(assignment, "node", None)
                if assignment.name in ("ms", "nn", "ops", "Tensor", "Parameter") and not isinstance(
                        node, (cst.Import, cst.ImportFrom)):
                    found.add(assignment.name)
    return found


def _names_used(tree: cst.Module) -> set[str]:
    """Everything that the code reads, "torch.xyz" with its dots, imports left out."""
    found: set[str] = set()
    for statement in tree.body:
        if not isinstance(simple(statement), (cst.Import, cst.ImportFrom)):
            passed = {id(n.attr) for n in walk(statement) if isinstance(n, cst.Attribute)}
            passed |= {id(n.keyword) for n in walk(statement) if isinstance(n, cst.Arg)}
            found |= {dotted(n) or "" for n in walk(statement)
                      if isinstance(n, (cst.Name, cst.Attribute)) and id(n) not in passed}
    return found


def _is_torch_import(statement: Any) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    for node in statement.body:
        if isinstance(node, cst.Import):
            if any((dotted(a.name) or "").partition(".")[0] in _TORCH for a in node.names):
                return True
        elif isinstance(node, cst.ImportFrom) and node.module is not None:
            if (dotted(node.module) or "").partition(".")[0] in _TORCH:
                return True
    return False


def _still_needed(statement: cst.SimpleStatementLine, used: set[str]) -> Any:
    """The import with the names that the file still uses, None when it uses none."""
    node = statement.body[0]
    if isinstance(node, cst.ImportFrom):
        if isinstance(node.names, cst.ImportStar):
            return None
        top = (dotted(node.module) or "").partition(".")[0] if node.module else ""
        kept = [a for a in node.names if top in _TORCH and _bound_name(a) in used and _bound_name(a) not in _OURS]
    else:
        kept = [a for a in node.names if (dotted(a.name) or "").partition(".")[0] not in _TORCH
                or _bound_name(a) in used and _bound_name(a) not in _OURS and (a.asname is not None or any(
                    u.startswith((dotted(a.name) or "") + ".") for u in used))]
    if not kept:
        return None
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    changed = node.with_changes(names=kept) if len(kept) != len(node.names) else node
    return statement.with_changes(body=[changed])


def _import_lines(names: set[str], tree: cst.Module) -> list[str]:
    """Import statements, those from one module in one line."""
    there = {_bound_name(a) for s in tree.body if isinstance(s, cst.SimpleStatementLine) and not _is_torch_import(s)
             for node in s.body if isinstance(node, (cst.Import, cst.ImportFrom))
             and not isinstance(node.names, cst.ImportStar) for a in node.names}
    plain: list[str] = []
    gathered: dict[str, list[str]] = {}
    for name in sorted(names - there):
        text = _KNOWN[name]
        if text.startswith("from "):
            module, _, what = text[5:].partition(" import ")
            gathered.setdefault(module, []).append(what)
        else:
            plain.append(text)
    lines = [*sorted(plain, key=lambda text: ("mindspore" in text, text)),
             *(f"from {module} import {', '.join(sorted(what, key=str.lower))}" for module, what in gathered.items())]
    return sorted(lines, key=lambda text: ("mindspore" in text, text.startswith("from"), text))


def _after_docstring(body: list[Any]) -> int:
    first = simple(body[0]) if body else None
    return 1 if isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString) else 0


def _buffers(body: list[Any]) -> list[str]:
    """The names, as source text, that the file gives to Parameters which are buffers."""
    found = []
    for node in (n for statement in body for n in walk(statement) if isinstance(n, cst.Call)):
        given = {a.keyword.value: code(a.value) for a in node.args if a.keyword is not None}
        if dotted(node.func) == "Parameter" and given.get("requires_grad") == "False" and "name" in given:
            found.append(given["name"])
    return sorted(set(found))


def _with_helpers(body: list[Any], brought: list[str]) -> list[Any]:
    """The helpers' definitions below the last import of the top."""
    place = max((i + 1 for i, s in enumerate(body) if isinstance(simple(s), (cst.Import, cst.ImportFrom))),
                default=_after_docstring(body))
    for name in brought:
        source = SOURCES[name]
        if name == "parameters_of" and (more := _buffers(body)):
            source = source.replace('"moving_variance"', ", ".join(['"moving_variance"', *more]))
        made = statements(source)[0]
        body.insert(place, made.with_changes(leading_lines=[cst.EmptyLine(indent=False)] * 2))
        place += 1
    if place < len(body):
        lead = [line for line in body[place].leading_lines]
        while lead and lead[0].comment is None:
            lead.pop(0)
        body[place] = body[place].with_changes(leading_lines=[cst.EmptyLine(indent=False)] * 2 + lead)
    return body


