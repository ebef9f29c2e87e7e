"""`mycelium compare`: two networks named by file and object, compared from the command line."""
from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console

from mycelium.compat import install_as_mindspore
from mycelium.core.context import GRAPH_MODE, PYNATIVE_MODE
from mycelium.migrate.compare.comparing import compare as compare_networks
from mycelium.migrate.compare.html import as_html
from mycelium.migrate.compare.report import render
from mycelium.nn.cell import Cell


class Refused(Exception):
    """What was asked for cannot be done; the text says why."""


def compare(
    ours: Annotated[str, typer.Argument(help="FILE.py:NAME, a Cell, or a function or class that makes one.")],
    theirs: Annotated[str, typer.Argument(help="FILE.py:NAME of the PyTorch or Keras network, or a recorded .npz.")],
    inputs: Annotated[list[str] | None, typer.Option(
        "--input", help="An argument, such as 'x=randn(2,3,32,32)', 'ids=randint(0,100,(2,16))', 'x=ones(2,4)' or "
        "'x=load(\"x.npy\")'; repeat it for more.")] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", help="A further argument of the losses.")] = None,
    loss: Annotated[str, typer.Option(help="OURS,THEIRS: the losses, each FILE.py:NAME.")] = "",
    optimizer: Annotated[str, typer.Option(help="OURS,THEIRS: functions from the trained parameters to an optimizer, "
                                           "each FILE.py:NAME.")] = "",
    steps: Annotated[int, typer.Option(help="Optimizer steps.")] = 3,
    gradients: Annotated[bool, typer.Option(help="Compare gradients.")] = True,
    explain: Annotated[bool, typer.Option(help="Look for causes.")] = True,
    copy: Annotated[str, typer.Option(help="Whose weights both get: theirs, ours or none.")] = "theirs",
    pair: Annotated[list[str] | None, typer.Option(help="OURS=THEIRS: layers or weights that belong together.")] = None,
    modes: Annotated[str, typer.Option("--modes", help="eval, train or eval,train.")] = "eval,train",
    graph: Annotated[bool, typer.Option("--graph", help="End results and training in GRAPH_MODE.")] = False,
    dropout: Annotated[str, typer.Option(help="off, or shared for the reference's masks in both.")] = "off",
    tolerance: Annotated[float | None, typer.Option(help="Share of the largest element by which results may "
                                                    "differ; by dtype unless given.")] = None,
    html: Annotated[str, typer.Option(help="Write the report as one HTML file.")] = "",
    json: Annotated[str, typer.Option(help="Write everything as JSON.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Show every layer and Parameter.")] = False,
) -> None:
    """Run two networks side by side: where they part, by how much, and why. Exit status 0: agree, 1: differ."""
    install_as_mindspore()
    try:
        pairs = dict(_two(p, "=", "--pair") for p in pair or ())
        reference = theirs if theirs.endswith(".npz") else _object(theirs)
        cell = _object(ours, Cell)
        given = _inputs(inputs or [], reference)
        found = compare_networks(
            cell, _built(reference, theirs), given, labels=tuple(_value(v) for v in labels or ()),
            loss=tuple(_object(v, None) for v in _two(loss, ",", "--loss")) if loss else None,
            optimizer=tuple(_object(v, None) for v in _two(optimizer, ",", "--optimizer")) if optimizer else None,
            steps=steps, gradients=gradients, explain=explain, copy="" if copy == "none" else copy, pairs=pairs,
            modes=tuple(modes.split(",")), dropout=dropout, mode=GRAPH_MODE if graph else PYNATIVE_MODE,
            tolerance=tolerance)
        if html:
            as_html(found, html)
        if json:
            found.to_json(json)
    except (Refused, ValueError, TypeError, KeyError, OSError, MemoryError, RuntimeError) as error:
        typer.echo(f"mycelium: {_line(error)}", err=True)
        raise typer.Exit(2) from None
    Console().print(render(found, everything))
    raise typer.Exit(0 if found.agrees else 1 if found.ran else 2)


def _line(error: BaseException) -> str:
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0]


def _two(text: str, mark: str, option: str) -> tuple[str, str]:
    first, found, second = text.partition(mark)
    if not found or not first or not second:
        raise Refused(f"{option} should be OURS{mark}THEIRS, but got {text!r}")
    return first.strip(), second.strip()


_modules: dict[Path, Any] = {}


def _object(text: str, kind: type | None = object) -> Any:
    """What FILE.py:NAME names; with a kind, something of that kind is made by calling it if need be."""
    file, found, name = text.rpartition(":")
    if not found or not file.endswith(".py"):
        raise Refused(f"a network should be named as FILE.py:NAME, but got {text!r}")
    path = Path(file).resolve()
    if path not in _modules:
        _modules[path] = _loaded(path, file)
    target = _modules[path]
    for part in name.split("."):
        if not hasattr(target, part):
            names = [n for n in vars(target) if not n.startswith("_")] if hasattr(target, "__dict__") else []
            raise Refused(f"{file} has no {name!r}; it has {', '.join(names[:12]) or 'nothing'}")
        target = getattr(target, part)
    if kind is None or kind is object or (isinstance(target, kind) and not isinstance(target, type)):
        return target
    made = _built(target, text)
    if not isinstance(made, kind):
        raise Refused(f"{text} should be a {kind.__name__}, or make one, but it is {type(made).__name__}")
    return made


def _built(target: Any, text: str) -> Any:
    """The network itself, where a class or a function that makes it was named."""
    if isinstance(target, type) or (callable(target) and not hasattr(target, "parameters")
                                    and not hasattr(target, "trainable_variables")):
        try:
            return target()
        except Exception as error:      # whatever the user's code raises is told in one line
            raise Refused(f"{text}() raised {type(error).__name__}: {_line(error)}") from None
    return target


def _loaded(path: Path, file: str) -> Any:
    if not path.is_file():
        raise Refused(f"there is no file {file!r}")
    spec = importlib.util.spec_from_file_location(f"_compared_{len(_modules)}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:          # whatever the user's file raises is told in one line
        raise Refused(f"{file} raised {type(error).__name__}: {_line(error)}") from None
    finally:
        sys.path.remove(str(path.parent))
    return module


def _inputs(texts: list[str], reference: Any) -> Any:
    if not texts:
        if isinstance(reference, str):
            return None
        raise Refused("say what the networks are given: --input 'x=randn(2,3,32,32)'")
    named: dict[str, Any] = {}
    for text in texts:
        name, found, value = text.partition("=")
        if not found or not name.strip().isidentifier():
            raise Refused(f"--input should be NAME=VALUE, but got {text!r}")
        named[name.strip()] = _value(value)
    return tuple(named.values())


def _value(text: str) -> Any:
    """The array that an expression describes, drawn from a fixed seed."""
    random = np.random.default_rng(len(text))
    makers: dict[str, Callable[..., Any]] = {
        "randn": lambda *shape: random.standard_normal(shape).astype(np.float32),
        "rand": lambda *shape: random.random(shape).astype(np.float32),
        "randint": lambda low, high, shape: random.integers(low, high, shape),
        "ones": lambda *shape: np.ones(shape, np.float32),
        "zeros": lambda *shape: np.zeros(shape, np.float32),
        "arange": np.arange, "array": np.array, "float32": np.float32, "float16": np.float16, "int64": np.int64,
        "load": lambda path: np.load(path, allow_pickle=False),
    }
    known = f"{', '.join(makers)} of literals, such as randn(2,3,32,32) or load('x.npy')"
    try:
        return _evaluated(ast.parse(text.strip(), mode="eval").body, makers)
    except (SyntaxError, ValueError, TypeError) as error:
        raise Refused(f"{text!r} is no value ({_line(error)}); a value is made by {known}") from None


def _evaluated(node: ast.expr, makers: dict[str, Callable[..., Any]]) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
        named = {k.arg: _evaluated(k.value, makers) for k in node.keywords if k.arg}
        return makers[node.func.id](*[_evaluated(a, makers) for a in node.args], **named)
    if isinstance(node, ast.Name) and node.id in makers:
        return makers[node.id]
    return ast.literal_eval(node)
