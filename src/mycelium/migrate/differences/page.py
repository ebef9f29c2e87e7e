"""The docs page of differences: `python -m mycelium.migrate.differences.page > docs/differences.md`."""
from __future__ import annotations

import sys
from collections.abc import Iterable

from mycelium.migrate.differences.catalogue import entries
from mycelium.migrate.differences.entry import Entry
from mycelium.migrate.differences.words import changes, plain

_SECTIONS = {
    "torch.nn.init": "torch.nn.init",
    "torch.nn.functional": "torch.nn.functional",
    "torch.nn": "torch.nn",
    "torch.optim.lr_scheduler": "torch.optim.lr_scheduler",
    "torch.optim": "torch.optim",
    "torch.utils.data": "torch.utils.data",
    "torch.Tensor": "torch.Tensor",
    "torch": "torch",
    "keras": "Keras",
}
_ORDER = ("torch.nn", "torch.nn.functional", "torch", "torch.Tensor", "torch.optim", "torch.optim.lr_scheduler",
          "torch.nn.init", "torch.utils.data", "Keras")
_HEAD = """# What differs from PyTorch and Keras

<!-- Written by `python -m mycelium.migrate.differences.page > docs/differences.md` from the data in
src/mycelium/migrate/differences/data; a test says when this page is stale. -->

{torch} names of PyTorch 2.13 and {keras} of Keras 3, what they are called here, and what changes with the name. Every
line comes with probes that the tests run in both frameworks: the translation agrees with the original, and where the
page claims a difference in numbers, the literal form gives others. `mycelium differences NAME` shows an entry with all
of its arguments and its examples, `mycelium differences --list PATTERN` what there is.

`nn`, `ops` and `ms` are `mindspore.nn`, `mindspore.ops` and `mindspore`; `ds` is `mindspore.dataset`. Arguments that
have the same name, meaning and default are left out.
"""


def page(found: Iterable[Entry]) -> str:
    """The page as Markdown."""
    sections: dict[str, list[Entry]] = {name: [] for name in _ORDER}
    for entry in found:
        prefix = next(prefix for prefix in _SECTIONS if entry.name.startswith(prefix))
        sections[_SECTIONS[prefix]].append(entry)
    keras = len(sections["Keras"])
    parts = [_HEAD.format(torch=sum(map(len, sections.values())) - keras, keras=keras)]
    for title, members in sections.items():
        if members:
            lines = [f"\n## {title}\n", "| theirs | ours | arguments | differences |", "| --- | --- | --- | --- |"]
            parts.append("\n".join(lines + [_row(entry, title) for entry in members]) + "\n")
    return "".join(parts)


def _row(entry: Entry, section: str) -> str:
    name = entry.name.removeprefix("torch.") if section == "torch" else entry.name.removeprefix(f"{section}.")
    ours = f"`{entry.short}`" if entry.ours else f"`{plain(entry.call)}`" if entry.call else "none"
    told = [_sentence(text) for text in (entry.instead, *entry.behaviour, _capital(entry.only_call)) if text]
    cells = (f"`{name}`", ours, "; ".join(changes(entry)), " ".join(told))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    return text if text.endswith((".", ":")) else f"{text}."


if __name__ == "__main__":
    sys.stdout.write(page(entries().values()))
