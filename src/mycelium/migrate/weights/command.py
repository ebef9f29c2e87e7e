"""`mycelium weights`: show files of weights, convert them between frameworks, and see how two of them differ."""
from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mycelium.migrate.weights.convert import Conversion, convert
from mycelium.migrate.weights.diff import diff
from mycelium.migrate.weights.files import open_weights
from mycelium.migrate.weights.stored import WeightsError

app = typer.Typer(no_args_is_help=True, help=__doc__)
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_REASONS = {"map": "by the map", "shape": "its shape asks for it", "order": "by order and shape: check it",
            "split": "one of three projections"}


@app.command(name="convert")
def convert_command(
    source: Annotated[str, typer.Argument(help="A .pth, .pt, .safetensors, .npz, .ckpt, .weights.h5 or .keras file.")],
    target: Annotated[str, typer.Argument(help="The file to write; its suffix says what it becomes.")],
    like: Annotated[str | None, typer.Option(help="FILE.py:NAME or a file: exactly these names and shapes.")] = None,
    rules: Annotated[str | None, typer.Option("--map", help="A TOML file with a map of names.")] = None,
    dtype: Annotated[str | None, typer.Option(help="What floats become: float16, bfloat16, float32, float64.")] = None,
    names: Annotated[str | None, typer.Option(help="torch, mindspore or keep, whatever the suffix says.")] = None,
    part: Annotated[str | None, typer.Option(help="The entry of a PyTorch file that holds the weights.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the target if it exists.")] = False,
    as_json: _Json = False,
) -> None:
    """Convert a file of weights: names, layouts, format.

    Ends with 0; with 1 when --like asks for names that could not be filled; with 2 when nothing was written.
    """
    done = _or_end(lambda: convert(source, target, like=like, rules=rules, dtype=dtype, names=names, part=part,
                                   overwrite=overwrite))
    if as_json:
        typer.echo(json.dumps(done.to_json(), indent=1))
    else:
        _print_conversion(done)
    raise typer.Exit(1 if done.missing else 0)


@app.command()
def show(
    file: Annotated[str, typer.Argument(help="A file of weights.")],
    part: Annotated[str | None, typer.Option(help="The entry of a PyTorch file that holds the weights.")] = None,
    as_json: _Json = False,
) -> None:
    """Show what a file of weights holds, without reading the arrays."""
    def read() -> tuple[Any, ...]:
        with open_weights(file, part) as weights:
            return weights.style, list(weights.values.values()), weights.others, weights.notes, weights.nbytes

    style, values, others, notes, nbytes = _or_end(read)
    if as_json:
        typer.echo(json.dumps({
            "file": file, "names": style, "bytes": nbytes, "others": others, "notes": notes,
            "arrays": [{"name": v.name, "shape": v.shape, "dtype": str(v.dtype)} for v in values]}, indent=1))
        return
    table = _table("name", "shape", "dtype")
    for value in values:
        table.add_row(escape(value.name), str(value.shape), str(value.dtype))
    console = Console()
    console.print(table)
    console.print(f"{len(values)} arrays, {_size(nbytes)}, with names as in {style}", highlight=False)
    _print_lines(console, "beside them", others)
    _print_notes(console, notes)


@app.command(name="diff")
def diff_command(
    first: Annotated[str, typer.Argument(help="A file of weights.")],
    second: Annotated[str, typer.Argument(help="Another, of any kind and with anyone's names.")],
    as_json: _Json = False,
) -> None:
    """Show how two files of weights differ. Ends with 0 when they are equal, with 1 when they are not."""
    found = _or_end(lambda: diff(first, second))
    if as_json:
        typer.echo(json.dumps(found.to_json(), indent=1))
        raise typer.Exit(0 if found.is_equal else 1)
    console = Console()
    if found.differing:
        table = _table("name", "differs in", "", "largest difference")
        for pair in found.differing:
            largest = "" if pair.largest is None else f"{pair.largest:.3g}"
            table.add_row(escape(pair.name), pair.what, escape(pair.detail), largest)
        console.print(table)
    _print_lines(console, f"only in {first}", dict.fromkeys(found.only_first, ""))
    _print_lines(console, f"only in {second}", dict.fromkeys(found.only_second, ""))
    console.print(f"{found.equal} arrays are equal, {len(found.differing)} differ", highlight=False)
    raise typer.Exit(0 if found.is_equal else 1)


def _or_end(action: Callable[[], Any]) -> Any:
    """The result of an action; an error in the files is one line, and ends the command with 2."""
    try:
        return action()
    except WeightsError as error:
        typer.echo(f"mycelium: {error}", err=True)
        raise typer.Exit(2) from None


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in columns:
        table.add_column(title, overflow="fold")
    return table


def _print_conversion(done: Conversion) -> None:
    console = Console()
    changed = [moved for moved in done.moved if moved.is_renamed or moved.change]
    if changed:
        table = _table(*done.names, "shape", "change")
        for moved in changed:
            words = "; ".join(filter(None, (moved.change, _REASONS.get(moved.how, ""))))
            table.add_row(escape(", ".join(moved.sources)), escape(moved.name), str(moved.shape), escape(words))
        console.print(table)
    _print_lines(console, "left over", done.left_over)
    _print_lines(console, "missing", done.missing)
    _print_lines(console, f"in {done.source} beside arrays", done.others)
    _print_notes(console, done.notes)
    renamed = sum(moved.is_renamed for moved in done.moved)
    reshaped = sum(bool(moved.change) for moved in done.moved)
    console.print(f"{len(done.moved)} arrays, {_size(done.nbytes)}, written to {escape(done.target)}: {renamed} "
                  f"renamed, {reshaped} changed in layout; {len(done.left_over)} left over, "
                  f"{len(done.missing)} missing", highlight=False, soft_wrap=True)


def _print_lines(console: Console, title: str, lines: dict[str, str]) -> None:
    if lines:
        console.print(f"[bold]{escape(title)}[/bold]")
        for name, reason in lines.items():
            console.print(f"  {escape(name)}" + (f": {escape(reason)}" if reason else ""), highlight=False,
                          soft_wrap=True)


def _print_notes(console: Console, notes: list[str]) -> None:
    for note in notes:
        console.print(f"note: {escape(note)}", highlight=False, soft_wrap=True)


def _size(nbytes: int) -> str:
    for unit in ("B", "kB", "MB"):
        if nbytes < 1000:
            return f"{nbytes:.3g} {unit}"
        nbytes /= 1000      # type: ignore[assignment]
    return f"{nbytes:.3g} GB"
