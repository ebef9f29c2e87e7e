"""What is said about a name that is not here: that MindSpore r1.8 has it, if it does, and the nearest one there is."""

from __future__ import annotations

import opcode
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import resources
from types import FrameType

from mycelium.core.errors import nearest

_IMPORT_FROM = opcode.opmap["IMPORT_FROM"]


@cache
def known_names() -> dict[str, frozenset[str]]:
    """The public names of MindSpore r1.8, by the path of the module or class that has them."""
    lines = resources.files("mycelium.compat").joinpath("names_1_8.txt").read_text().splitlines()
    owners = (line.partition(":") for line in lines if not line.startswith("#"))
    return {owner: frozenset(names.split()) for owner, _, names in owners}


def missing_name(shown: str, name: str, there: Iterable[str], owners: Iterable[str]) -> str:
    """The words for a name that a module lacks.

    Args:
        shown: The module as the program calls it, such as "mindspore.nn".
        name: The name asked for.
        there: The names the module has.
        owners: The r1.8 paths whose names belong there.
    """
    if any(name in known_names().get(owner, ()) or f"{owner}.{name}" in known_names() for owner in owners):
        return _not_yet(f"{shown}.{name}", name, there)
    return f"module {shown!r} has no attribute {name!r}{nearest(name, there)}"


def missing_module(path: str, there: Iterable[str]) -> str:
    """The words for an import path that leads nowhere; `there` are the paths that lead somewhere."""
    if path in known_names():
        return _not_yet(path, path, there)
    return f"No module named {path!r}{nearest(path, there)}"


def _not_yet(path: str, name: str, there: Iterable[str]) -> str:
    close = get_close_matches(name, list(there), 1)
    hint = f"; the nearest name that is: {close[0]}" if close else ""
    return f"{path} exists in MindSpore r1.8 but is not implemented by Mycelium yet{hint}"


def missing_error(frame: FrameType, shown: str, name: str, text: str) -> AttributeError | ImportError:
    """The error Python would raise for the access that `frame` is executing.

    `from m import x` turns an AttributeError into an ImportError of its own and drops the text, so the
    ImportError is made here. `obj` is given so that Python adds no second suggestion behind ours.
    """
    if frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] == _IMPORT_FROM:
        return ImportError(text, name=shown)
    return AttributeError(text, name=name, obj=None)
