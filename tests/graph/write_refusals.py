"""Writes docs/refusals.md from refused.py and refused_host.py:  python -m tests.graph.write_refusals"""
import inspect
import linecache
import re
from pathlib import Path

from tests.graph import refused_host  # noqa: F401  it fills the table
from tests.graph.refused import REFUSED

import mycelium as ms
from mycelium import Tensor

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"
HEAD = """\
# What GRAPH_MODE refuses

A compiled program knows the shapes and types of Tensors, but not their values, and host code runs while it is compiled,
not when it runs. What cannot be right under these terms is refused before the program runs: the message says what, why,
what to write instead, and where, with the source line and a caret. Everything below runs in PYNATIVE_MODE, or is an
error of its own there.

This page is generated from the tests: each function below is compiled, and its message matched, at every run of them.
`python -m tests.graph.write_refusals` writes it anew.
"""


def shown(fn):
    """The lines of a function, with what it uses below it, and the number of the first."""
    lines = linecache.getlines(fn.__code__.co_filename)
    start = next(i for i in range(fn.__code__.co_firstlineno - 1, len(lines)) if lines[i].startswith("def "))
    end = start + 1
    while end < len(lines) and not re.match(r"@refused|section\(", lines[end]):
        end += 1
    return "".join(lines[start:end]).strip(), start


def message(fn, inputs):
    """What compiling a function says."""
    try:
        ms.ms_function(fn)(*map(Tensor, inputs))
    except Exception as error:
        return type(error), str(error)
    raise AssertionError(f"{fn.__name__} is not refused")


def page():
    """The text of the page."""
    ms.set_context(mode=ms.GRAPH_MODE)
    parts, last = [HEAD], None
    for fn, _, _, _, inputs, title in REFUSED:
        if title != last:
            parts.append(f"\n## {title}\n")
            last = title
        kind, text = message(fn, inputs)
        source, start = shown(fn)
        text = re.sub(r'File "[^"]*refused\w*\.py", line (\d+)', lambda m: f'File "net.py", line {int(m[1]) - start}',  # noqa: B023
                      text)
        source = re.sub(r"\s*# noqa.*", "", source)
        parts.append(f"\n### {fn.__name__.strip('_').replace('_', ' ').capitalize()}\n\n```python\n{source}\n```\n\n"
                     f"```text\n{kind.__name__}: {text}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(inspect.cleandoc(f"{len(REFUSED)} refusals in {PAGE}"))
