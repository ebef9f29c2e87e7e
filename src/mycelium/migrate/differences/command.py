"""`mycelium differences`: what a name of PyTorch or Keras is here, and what changes with it."""
from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mycelium.migrate.differences.catalogue import entries, find, find_all
from mycelium.migrate.differences.entry import Entry
from mycelium.migrate.differences.source import examples
from mycelium.migrate.differences.words import as_json, becomes, default_here, plain


def differences(
    name: Annotated[str, typer.Argument(help="A name of theirs or of ours, in full or short: torch.nn.Dropout, "
                                             "F.relu, nn.Dense. With --list: a part of names.")] = "",
    as_list: Annotated[bool, typer.Option("--list", help="List the names that contain NAME, or all.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how a name of PyTorch or Keras is written here, and what changes with it.

    Ends with 2 when the name is not in the catalogue.
    """
    if as_list or not name:
        found = find_all(name)
        if not found:
            _end(f"no name in the catalogue contains {name!r}.")
        if json_output:
            typer.echo(json.dumps({entry.name: entry.ours for entry in found}, indent=1))
        else:
            Console().print(_list(found))
        return
    try:
        entry = find(name)
    except KeyError as error:
        _end(error.args[0])
    if json_output:
        typer.echo(json.dumps(as_json(entry), indent=1))
    else:
        Console(highlight=False).print(_shown(entry))


def _end(text: str) -> None:
    typer.echo(f"mycelium differences: {text}", err=True)
    raise typer.Exit(2)


def _list(found: list[Entry]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("theirs", "ours", "differs in"):
        table.add_column(title, overflow="fold")
    for entry in found:
        ours = entry.short or ("an expression" if entry.call else "none")
        table.add_row(escape(entry.name), escape(ours), ", ".join(entry.kinds))
    return table


def _shown(entry: Entry) -> Group:
    parts: list[RenderableType] = [Text.assemble((entry.name, "bold"), " is ", (_ours(entry), "bold"))]
    if entry.instead:
        parts.append(Padding(Text(entry.instead), (1, 0, 0, 0)))
    if entry.arguments and entry.has_counterpart:
        parts.append(Padding(_arguments(entry), (1, 0, 0, 0)))
    texts = [*(f"Always written: {n} = {plain(row.value)}" for n, row in entry.add.items()),
             *(f"{theirs} is {ours or 'left out'}" + (f" ({entry.layout[theirs]})" if theirs in entry.layout else "")
               for theirs, ours in {**{leaf: leaf for leaf in entry.layout}, **entry.state}.items()),
             *(f"The same initial weights: {n} = {plain(value)}" for n, value in entry.init.items()),
             *entry.behaviour, *([f"Look out: {entry.only_call}."] if entry.only_call else [])]
    if texts:
        parts.append(Text(""))
        parts.append(_bullets(texts))
    parts += [Text(""), _examples(entry)]
    others = [e.name for e in entries().values() if e is not entry and (
        e.ours and e.ours == entry.ours or e.name.rpartition(".")[2] == entry.name.rpartition(".")[2])]
    if others:
        parts.append(Padding(Text(f"See also: {', '.join(others)}", "dim"), (1, 0, 0, 0)))
    return Group(*parts)


def _ours(entry: Entry) -> str:
    return plain(entry.call) or entry.ours or "not here"


def _arguments(entry: Entry) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("theirs", "default", "ours", "default"):
        table.add_column(title, overflow="fold")
    for row in entry.arguments:
        target = Text(becomes(row), "dim" if row.target is None else "")
        if row.only:
            target.append(f" (only {', '.join(row.only)})", "dim")
        table.add_row(Text(row.theirs), Text(row.default or ""), target, Text(default_here(entry, row)))
    return table


def _bullets(texts: list[str]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    for text in texts:
        table.add_row("-", Text(text))
    return table


def _examples(entry: Entry) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for i, (theirs, ours, naive) in enumerate(examples(entry)):
        if i:
            table.add_row()
        table.add_row("theirs", Text(theirs, "cyan", overflow="fold"))
        table.add_row("ours", Text(ours, "green", overflow="fold"))
        if naive:
            table.add_row("[red]not[/red]", Text(naive, "red", overflow="fold"))
    return table
