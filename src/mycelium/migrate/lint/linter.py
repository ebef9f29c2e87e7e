"""Runs the rules over source text."""
from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable

from mycelium.migrate.lint import assembly_rules, compiled_rules, leftover_rules, ported_rules  # noqa: F401  they register
from mycelium.migrate.lint.findings import Finding, LintError, silenced
from mycelium.migrate.lint.registry import RULES, Rule
from mycelium.migrate.lint.source import Source


def chosen(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Rule]:
    """The rules whose names begin with one of `select` (all, when it is empty) and with none of `ignore`.

    Raises:
        LintError: No rule has such a name.
    """
    select, ignore = tuple(select), tuple(ignore)
    for start in (*select, *ignore):
        if not start or not any(name.startswith(start) for name in RULES):
            raise LintError(f"no rule is called {start!r}; rules are {', '.join(sorted(RULES))} and their beginnings")
    return [rule for name, rule in sorted(RULES.items())
            if (not select or name.startswith(select)) and not (ignore and name.startswith(ignore))]


def lint_source(text: str, file: str = "<text>", rules: Iterable[Rule] | None = None) -> list[Finding]:
    """What rules say about MindSpore source; nothing of it is run.

    A comment `# noqa: MYC201` on a line silences that rule there, `# noqa` every rule.

    Args:
        text: The source.
        file: Its name, for the findings.
        rules: The rules. Default: all.

    Returns:
        list of Finding, in the order of the lines.

    Raises:
        LintError: The text is not Python.

    Examples:
        >>> from mycelium.migrate.lint import lint_source
        >>> [str(f) for f in lint_source("from mindspore import nn\\ndrop = nn.Dropout(0.1)\\n", "net.py")]
        ['net.py:2:19: MYC201 keep_prob=0.1 keeps 10% of the elements and drops 90%. write keep_prob=1 - p.']
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")         # such as those about escapes in the user's strings
            source = Source(text, ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        raise LintError(f"{file}{f':{line}' if line else ''}: it is not Python ({error.args[0]})") from None
    quiet = silenced(text)
    lines = text.splitlines()
    found = set()
    for rule in chosen() if rules is None else rules:
        for hit in rule.check(source):
            node, message, fix = (*hit, *(rule.title, rule.fix)[len(hit) - 1:]) if isinstance(hit, tuple) else \
                (hit, rule.title, rule.fix)
            node = node.test if isinstance(node, ast.comprehension) else node      # type: ignore[attr-defined]
            line = node.lineno      # type: ignore[attr-defined]
            codes = quiet.get(line, set())
            if codes is not None and rule.id not in codes:
                column = len(lines[line - 1].encode()[:node.col_offset].decode(errors="replace")) + 1      # type: ignore[attr-defined]
                found.add(Finding(file, line, column, rule.id, message, fix))
    return sorted(found)
