"""The command line: `mycelium run SCRIPT` runs a program written for MindSpore, `mycelium info` says on what."""

from __future__ import annotations

import platform
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from mycelium import __version__
from mycelium.compat import API_VERSION, install_as_mindspore
from mycelium.core.context import GRAPH_MODE, get_context
from mycelium.engine import backend
from mycelium.migrate.compare.command import compare
from mycelium.migrate.differences.command import differences
from mycelium.migrate.lint.command import lint
from mycelium.migrate.port.command import port
from mycelium.migrate.weights import command as weights

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)

app.command()(compare)
app.command()(differences)
app.command()(lint)
app.command()(port)
app.add_typer(weights.app, name="weights", help=weights.__doc__)


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    options_metavar="",
)
def run(
    program: Annotated[list[str], typer.Argument(help="A script, or -m and a module; then arguments for it.")],
) -> None:
    """Run a program that imports mindspore, as `python` would run it, on this package."""
    if program[0] == "-m":
        if len(program) < 2:
            raise typer.BadParameter("-m needs the name of a module.")
        status = _run_module(program[1:])
    else:
        status = _run_script(program)
    raise typer.Exit(status)


@app.command()
def info() -> None:
    """Show versions, devices and modes."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _facts().items():
        table.add_row(f"[bold]{name}[/bold]", value)
    Console().print(table)


def main() -> None:
    """The entry point of the command `mycelium`."""
    app(prog_name="mycelium")


def _facts() -> dict[str, str]:
    mode = "GRAPH_MODE" if get_context("mode") == GRAPH_MODE else "PYNATIVE_MODE"
    below = ", ".join(f"{name} {version}" for name, version in backend.versions().items())
    return {
        "mycelium": f"{__version__}, with the API of MindSpore {API_VERSION}",
        "runs on": f"{below}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        "devices": ", ".join(backend.devices()),
        "device_target": f"{get_context('device_target')} (set_context: CPU, GPU, Ascend)",
        "mode": f"{mode} (set_context: GRAPH_MODE, PYNATIVE_MODE)",
    }


def _run_module(argv: list[str]) -> int:
    sys.path[0] = str(Path.cwd())
    return _as_main(argv, lambda: runpy.run_module(argv[0], run_name="__main__", alter_sys=True))


def _run_script(argv: list[str]) -> int:
    script = Path(argv[0]).absolute()
    try:
        source = script.read_bytes()
    except OSError as error:
        typer.echo(f"mycelium: can't open file {argv[0]!r}: {error.strerror}", err=True)
        return 2
    sys.path[0] = str(script.resolve().parent)
    return _as_main(argv, lambda: _execute(str(script), source))


def _as_main(argv: list[str], program: Callable[[], Any]) -> int:
    """Runs `program` with these arguments; returns the exit status that Python would end with."""
    install_as_mindspore()
    sys.argv = list(argv)
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        error.__traceback__ = _without_ours(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _execute(script: str, source: bytes) -> None:
    """Executes a file in a new `__main__` that stays in place, for what runs after it (threads, atexit, workers)."""
    code = compile(source, script, "exec", dont_inherit=True)
    module = ModuleType("__main__")
    module.__dict__.update(__file__=script, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = module
    exec(code, module.__dict__)


def _without_ours(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's first frame on."""
    ours = (__file__, "<frozen runpy>")
    while traceback is not None and traceback.tb_frame.f_code.co_filename in ours:
        traceback = traceback.tb_next
    return traceback
