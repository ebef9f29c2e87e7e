"""What a compiled program depends on in a Cell besides its inputs, and in which of it two states differ."""
from __future__ import annotations

from typing import Any

from mycelium.core import dtype as mstype

_SIMPLE = (bool, int, float, str, type(None), mstype.Type)


def fingerprint(cell: Any) -> tuple:
    """Plain attributes, flags, compute type, Parameters and which are trained, children, hooks; comparable."""
    d = cell.__dict__
    simple = tuple([(k, v) for k, v in d.items() if isinstance(v, _SIMPLE) and not k.startswith("__")])
    return (simple, tuple([type(v) for _, v in simple]), tuple(d["_flags"].items()), str(d["_dtype"]),
            tuple([(k, id(p), getattr(p, "requires_grad", None)) for k, p in d["_params"].items()]),
            tuple([(k, id(c)) for k, c in d["_cells"].items()]),
            len(d["_hooks"]), len(d["_pre_hooks"]), len(d["_backward_hooks"]))


def changes(cell: Any, before: tuple) -> list[str]:
    """How the Cell differs now from an earlier fingerprint of it, in words."""
    now = fingerprint(cell)
    found = []
    attributes, flags = dict(now[0]), dict(now[2])
    earlier = dict(before[0])
    for name in {**earlier, **attributes}:
        if name.startswith("_"):        # those have their own words below
            continue
        if name in earlier and name in attributes and earlier[name] != attributes[name]:
            found.append(f"'{name}' is {attributes[name]!r}, was {earlier[name]!r}")
        elif name not in earlier:
            found.append(f"'{name}' is {attributes[name]!r}, was not set")
        elif name not in attributes:
            found.append(f"'{name}' was {earlier[name]!r}, is no plain value now")
    for name, old in before[2]:
        if name not in attributes and flags.get(name) != old:
            found.append(f"the flag '{name}' is {flags.get(name)!r}, was {old!r}")
    if before[3] != now[3]:
        found.append(f"to_float is {now[3]}, was {before[3]}")
    old, new = ({k: rest for k, *rest in side[4]} for side in (before, now))
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            same = name in old and name in new and old[name][0] == new[name][0]
            found.append(f"requires_grad of the Parameter '{name}' is {new[name][1]}, was {old[name][1]}" if same
                         else f"the Parameter '{name}' is another one")
    if before[5] != now[5]:
        found.append("its Cells are other ones")
    if before[6:] != now[6:]:
        found.append("hooks were added or removed")
    if not found and before != now:
        found.append("an attribute or flag is of another type or new")
    return found
