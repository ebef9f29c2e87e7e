"""An entry in words: what becomes of each argument, and what else to know."""
from __future__ import annotations

import inspect
import re
from typing import Any

from mycelium.migrate.differences.entry import Argument, Entry
from mycelium.migrate.differences.expressions import literal
from mycelium.migrate.differences.source import examples


def default_here(entry: Entry, row: Argument) -> str:
    """The default of ours as text, "" where there is none or it is not known."""
    parameter = entry.signature.get(row.target or "")
    if parameter is None or parameter.default is inspect.Parameter.empty:
        return ""
    default = parameter.default
    return repr(default) if default is None or isinstance(default, (bool, int, float, str, tuple)) else ""


def becomes(row: Argument) -> str:
    """What is written in ours for the argument."""
    if row.target is None:
        return row.drop or ""
    return f"{row.target} = {plain(row.value)}" if row.value and row.target != "self" else row.target


def changes(entry: Entry) -> list[str]:
    """The arguments that are not the same in ours, and what else is written, as short texts."""
    texts = []
    for row in entry.arguments:
        if not entry.has_counterpart:
            break
        here = default_here(entry, row)
        moved = f" ({here} unless given)" if row.target and _other_default(row, here) else ""
        if row.target is None:
            limits = f" ({', '.join(row.only)} only)" if row.only else ""
            if row.only or not row.drop.startswith(_SILENT):
                texts.append(f"`{row.theirs}`{limits}: {row.drop}" if row.drop else f"`{row.theirs}`: none")
        elif row.target != row.theirs or row.value or moved:
            texts.append(f"`{row.theirs}` is `{becomes(row)}`{moved}")
    texts += [f"always `{name}={plain(row.value)}`" for name, row in entry.add.items() if "{" not in row.value]
    return texts


def as_json(entry: Entry) -> dict[str, Any]:
    """The entry as plain data."""
    return {
        "name": entry.name, "ours": entry.ours, "call": plain(entry.call), "instead": entry.instead,
        "arguments": [{"theirs": row.theirs, "default": row.default, "ours": row.target,
                       "value": plain(row.value) or None, "default_here": default_here(entry, row) or None,
                       "dropped": row.drop or None, "only": list(row.only) or None, "note": row.note or None}
                      for row in entry.arguments],
        "add": {name: plain(row.value) for name, row in entry.add.items()},
        "needs": dict(entry.needs), "init": {name: plain(value) for name, value in entry.init.items()},
        "state": dict(entry.state), "layout": dict(entry.layout), "kinds": list(entry.kinds),
        "behaviour": list(entry.behaviour),
        "examples": [dict(zip(("theirs", "ours", "naive"), texts, strict=True)) for texts in examples(entry)],
    }


def plain(template: str) -> str:
    """A template without the braces around names."""
    return re.sub(r"\{(\w+)\}", r"\1", template)


_SILENT = ("a choice of implementation", "theirs is deprecated", "part of a new", "part of a whole", "theirs ignores",
           "there is no in-place form", "the schedule is given", "ms.set_context", "weights are float32",
           "not part of what", "nothing to do")


def _other_default(row: Argument, here: str) -> bool:
    if row.default is None or not here or row.value:
        return False
    try:
        return literal(row.default) != literal(here)
    except ValueError:
        return row.default != here
