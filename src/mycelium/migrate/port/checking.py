"""Runs a ported file beside its original, where the file says enough to build a network and to make its inputs."""
from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from mycelium.compat import install_as_mindspore
from mycelium.core.context import PYNATIVE_MODE
from mycelium.migrate.compare import command as comparing
from mycelium.migrate.compare.comparing import compare
from mycelium.migrate.compare.result import Comparison
from mycelium.nn.cell import Cell

_MAKERS = ("randn", "rand", "randint", "ones", "zeros")
_HARMLESS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


class CheckError(ValueError):
    """The comparison cannot be made; the text says why."""


@dataclass(frozen=True)
class Plan:
    """What to compare.

    Attributes:
        network: An expression that builds the network, such as "Net()".
        inputs: Expressions for its inputs, such as "x=randn(1,3,32,32)".
    """

    network: str
    inputs: tuple[str, ...]


def plan_of(source: str) -> Plan | None:
    """What a file shows of how its network is used: Net() called with torch.randn(1, 3, 32, 32); None for nothing.

    A file that does more when it is imported than define things is left alone.
    """
    tree = ast.parse(source)
    if not all(_is_harmless(statement) for statement in tree.body):
        return None
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    made: dict[str, str] = {}       # names by what they are set to
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            text = _network(node.value, classes) or _maker(node.value)
            if text:
                made[node.targets[0].id] = text
    found = None
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and not node.keywords:
            named = node.func.id if isinstance(node.func, ast.Name) else ""
            built = _network(node.func, classes) or made.get(named)
            inputs = [_maker(a) or (made.get(a.id) if isinstance(a, ast.Name) else None) for a in node.args]
            if built and built.partition("(")[0] in classes and all(inputs):
                found = Plan(built, tuple(f"x{i}={text}" for i, text in enumerate(inputs)))
    return found


def check(path: Path, ported: str, plan: Plan) -> Comparison:
    """Compares the network of a file with its port: forward, gradients and some training steps.

    Raises:
        CheckError: Either file does not run, or a network or an input cannot be made.
    """
    theirs = _built(_imported(path), plan.network, path.name)
    install_as_mindspore()
    ours = _built(_executed(ported, f"{path.stem}_ported"), plan.network, "the ported file")
    if not isinstance(ours, Cell):
        raise CheckError(f"{plan.network} makes a {type(ours).__name__} in the ported file, and no Cell.")
    try:
        inputs = comparing._inputs(list(plan.inputs), theirs)
        return compare(ours, theirs, inputs, mode=PYNATIVE_MODE)
    except (comparing.Refused, ValueError, TypeError) as error:
        raise CheckError(_line(error)) from None


def _is_harmless(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        return "__name__" in ast.unparse(statement.test)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return statement.value is None or not any(isinstance(n, ast.Await) for n in ast.walk(statement)) and not _reads(
            statement.value)
    return isinstance(statement, _HARMLESS)


def _reads(value: ast.expr) -> bool:
    """Whether an expression may touch files, the network or the command line."""
    names = {n.attr if isinstance(n, ast.Attribute) else n.id for n in ast.walk(value)
             if isinstance(n, (ast.Attribute, ast.Name))}
    return bool(names & {"open", "load", "parse_args", "urlopen", "download", "input", "DataLoader", "system"})


def _network(node: ast.expr, classes: set[str]) -> str:
    """The source of Net(...) with literal arguments, through .eval(), .to(device) and the like; "" for others."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in (
            "eval", "train", "to", "cuda", "cpu"):
        node = node.func.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
        values = [*node.args, *(k.value for k in node.keywords)]
        if all(_is_literal(v) for v in values):
            return ast.unparse(node)
    return ""


def _maker(node: ast.expr) -> str:
    """The source of torch.randn(1, 3, 32, 32) without "torch."; "" for others."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MAKERS and not (
            node.keywords) and isinstance(node.func.value, ast.Name) and all(_is_literal(a) for a in node.args):
        args: Sequence[ast.expr] = node.args
        if node.func.attr != "randint" and len(args) == 1 and isinstance(args[0], (ast.Tuple, ast.List)):
            args = args[0].elts
        return f"{node.func.attr}({', '.join(map(ast.unparse, args))})"
    return ""


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"_original_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise CheckError(f"{path.name} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:      # whatever the user's file raises is told in one line
        raise CheckError(f"{path.name} raised {type(error).__name__}: {_line(error)}") from None
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module


def _executed(source: str, name: str) -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module      # dataclasses look their module up
    try:
        exec(compile(source, f"{name}.py", "exec"), module.__dict__)
    except Exception as error:      # the same
        raise CheckError(f"the ported file raised {type(error).__name__}: {_line(error)}") from None
    return module


def _built(module: ModuleType, network: str, file: str) -> Any:
    text = network if network.endswith(")") else f"{network}()"
    try:
        return eval(text, vars(module))
    except Exception as error:      # the same
        raise CheckError(f"{text} in {file} raised {type(error).__name__}: {_line(error)}") from None


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
