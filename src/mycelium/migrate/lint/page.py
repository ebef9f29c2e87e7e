"""The page docs/lint.md, made from the rules."""
from __future__ import annotations

import sys

from mycelium.migrate.lint.linter import chosen
from mycelium.migrate.lint.registry import GROUPS

HEAD = """\
# mycelium lint

`mycelium lint FILE...` reads source written for MindSpore without running it, and reports what GRAPH_MODE refuses and
what commonly goes wrong when a network moves over from PyTorch. Directories are searched for Python files.

    mycelium lint net.py train.py
    mycelium lint src --ignore MYC204 --format github

Each finding has a file, a line, a column, the rule, the reason and what to write instead. It ends with 0 when nothing
was found, with 1 when something was, and with 2 when a file could not be read. `--format json` is for programs,
`--format github` for remarks beside the lines of a pull request. `--select` and `--ignore` take names of rules or their
beginnings. A comment `# noqa: MYC201` silences a rule on its line, `# noqa` all of them.

What GRAPH_MODE refuses (MYC1xx) is looked for in `construct` of Cells, in functions under `ms_function` or `jit`, and
in the functions of the same file that these call; a file that asks for PYNATIVE_MODE and never for GRAPH_MODE has none
of them. What cannot be told from the source is not reported: the program itself says the rest, as
[refusals.md](refusals.md) shows.

This page is made from the rules: `python -m mycelium.migrate.lint.page > docs/lint.md`. In the examples, `np`, `ms`,
`nn`, `ops` and `Tensor` are imported.
"""


def page() -> str:
    """The text of the page."""
    parts = [HEAD]
    group = ""
    for rule in chosen():
        if rule.group != group:
            group = rule.group
            parts.append(f"## {GROUPS[group]}\n")
        parts.append(f"### {rule.id}: {rule.title}\n\n{_sentence(rule.reason)} {_sentence(rule.fix)}\n\n"
                     f"```python\n{rule.bad}\n```\n\ninstead:\n\n```python\n{rule.good}\n```\n")
    return "\n".join(parts)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


if __name__ == "__main__":
    sys.stdout.write(page())
