"""`mycelium lint`: reads MindSpore source without running it."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from mycelium.migrate.lint.findings import Finding, LintError, as_github, as_json
from mycelium.migrate.lint.linter import chosen, lint_source

FORMATS = ("text", "json", "github")


def lint(
    files: Annotated[list[Path], typer.Argument(help="Python files, or directories of them.")],
    format: Annotated[str, typer.Option(help="text, json or github.")] = "text",
    select: Annotated[str, typer.Option(help="Only these rules, or beginnings of names.", metavar="MYC201,MYC3")] = "",
    ignore: Annotated[str, typer.Option(help="Not these rules.", metavar="MYC204")] = "",
) -> None:
    """Report what GRAPH_MODE refuses and what goes wrong in a migration, without running the source.

    Ends with 0 when nothing was found, 1 when something was, 2 when a file could not be read.
    """
    try:
        if format not in FORMATS:
            raise LintError(f"--format should be one of {', '.join(FORMATS)}, but got {format!r}")
        rules = chosen(_parts(select), _parts(ignore))
    except LintError as error:
        typer.echo(f"mycelium: {error}.", err=True)
        raise typer.Exit(2) from None
    findings: list[Finding] = []
    unread = 0
    for file in _python_files(files):
        try:
            findings += lint_source(_read(file), str(file), rules)
        except LintError as error:
            unread += 1
            typer.echo(f"mycelium: {error}.", err=True)
    if format == "json":
        typer.echo(as_json(findings))
    else:
        for finding in findings:
            typer.echo(as_github(finding) if format == "github" else str(finding))
    raise typer.Exit(2 if unread else 1 if findings else 0)


def _parts(text: str) -> list[str]:
    return [part.strip().upper() for part in text.split(",") if part.strip()]


def _python_files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        else:
            yield path


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise LintError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LintError(f"{file}: it is not UTF-8 text") from None
