"""`mycelium port`: rewrites a PyTorch file, and compares the result with the original where the file says how."""
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from mycelium.migrate.compare.report import render
from mycelium.migrate.port.checking import CheckError, Plan, check, plan_of
from mycelium.migrate.port.porting import PortError
from mycelium.migrate.port.porting import port as port_source


def port(
    file: Annotated[Path, typer.Argument(help="A Python file that uses PyTorch.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write; without it, to the terminal.")
                      ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    network: Annotated[str, typer.Option("--check", help="Compare this with the original: a class, or an expression "
                                         "such as 'Net(10)'.")] = "",
    inputs: Annotated[list[str] | None, typer.Option("--input", help="An input for it, such as "
                                                     "'x=randn(1,3,32,32)'; repeat it for more.")] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Run both files to compare them.")] = True,
    keep_init: Annotated[bool, typer.Option("--keep-init", help="Give layers PyTorch's initial weights.")] = False,
) -> None:
    """Rewrite PyTorch source for MindSpore's API; what is uncertain is marked with `# port: check`.

    Ends with 0; with 1 where the comparison found a difference, with 2 where nothing could be done.
    """
    told = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        if output is not None and output.exists() and not force:
            raise PortError(f"{output} is there already; --force writes over it.")
        if inputs and not network:
            raise PortError("--input belongs to --check 'Net'.")
        source = _read(file)
        ported = port_source(source, str(file), keep_init)
        if output is None:
            typer.echo(ported.source, nl=False)
        else:
            output.write_text(ported.source, "utf-8")
    except (PortError, OSError) as error:
        typer.echo(f"mycelium: {error}", err=True)
        raise typer.Exit(2) from None
    where = str(output or file)
    told.print(f"{where}: {_counted(len(ported.remarks))} to check", markup=False)
    for line, text in ported.remarks:
        told.print(f"  line {line}: {text}", markup=False)
    plan = Plan(network, tuple(inputs or ())) if network else plan_of(source)
    if plan is None or not run:
        if run:
            told.print("Not compared: the file does not show how to build a network and what it is given "
                       "(--check 'Net' --input 'x=randn(1,3,32,32)').", markup=False)
        return
    try:
        found = check(file, ported.source, plan)
    except CheckError as error:
        typer.echo(f"mycelium: not compared: {error}", err=True)
        raise typer.Exit(2) from None
    told.print(render(found))
    raise typer.Exit(0 if found.agrees else 1)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise PortError(f"{file} is no text in UTF-8.") from None
    except OSError as error:
        raise PortError(f"can't open file {str(file)!r}: {error.strerror}") from None


def _counted(number: int) -> str:
    return "nothing" if not number else f"{number} place{'s' if number > 1 else ''}"
