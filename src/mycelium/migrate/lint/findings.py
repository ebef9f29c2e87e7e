"""What `lint` finds, how it is shown, and how a line of the source says that it knows better."""
from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)


class LintError(ValueError):
    """A file cannot be read as Python source."""


@dataclass(frozen=True, order=True)
class Finding:
    """A place in the source and what a rule says about it; lines and columns count from 1."""

    file: str
    line: int
    column: int
    rule: str
    message: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.rule} {self.message}. {self.fix}."


def silenced(source: str) -> dict[int, set[str] | None]:
    """The lines with a `# noqa` comment and the rules it names; None for all.

    Examples:
        >>> from mycelium.migrate.lint.findings import silenced
        >>> silenced("a = 1  # noqa: MYC201\\nb = 2  # noqa")
        {1: {'MYC201'}, 2: None}
    """
    found: dict[int, set[str] | None] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT and (match := _NOQA.search(token.string)):
                codes = match["codes"]
                found[token.start[0]] = set(re.findall(r"[A-Z]+[0-9]+", codes.upper())) if codes else None
    except (tokenize.TokenError, IndentationError):
        pass                # the parser has said what is wrong with the file, or nothing is
    return found


def as_json(findings: Iterable[Finding]) -> str:
    """A JSON list of findings."""
    return json.dumps([asdict(finding) for finding in findings], indent=1)


def as_github(finding: Finding) -> str:
    """A line that GitHub's runners turn into a remark beside the source line."""
    message = f"{finding.message}. {finding.fix}."
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        message = message.replace(character, code)
    file = finding.file.replace("%", "%25").replace(",", "%2C").replace(":", "%3A")
    return f"::warning file={file},line={finding.line},col={finding.column},title={finding.rule}::{message}"
