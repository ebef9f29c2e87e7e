"""The catalogue of differences as `compare` reads it: which layer of ours a class of theirs becomes."""
from __future__ import annotations

from typing import Any

from mycelium.migrate.differences import Entry, entries


def entry(kind: str) -> Entry | None:
    """The catalogue's entry for a class of theirs, named in full."""
    return entries().get(kind)


def optimizer_arguments(found: Entry | None, settings: object) -> dict[str, Any]:
    """The arguments that ours needs for an optimizer of theirs; {} where its settings do not tell them."""
    if found is None:
        return {}
    try:
        named = found.expected(settings)
    except NameError:       # of what the source would have to tell, such as the list of Parameters
        return {}
    return {k: v for k, v in named.items() if k not in ("params", "parameters")}


def corresponds(theirs: str, ours: str) -> float:
    """How well a class of ours fits one of theirs: 1 for the catalogue's answer, 0 where it has another.

    Examples:
        >>> from mycelium.migrate.compare.catalogue import corresponds
        >>> corresponds("torch.nn.Linear", "mindspore.nn.Dense"), corresponds("torch.nn.Linear", "mindspore.nn.ReLU")
        (1.0, 0.0)
    """
    found = entry(theirs)
    if found is not None and found.ours == ours:
        return 1.0
    if theirs.rpartition(".")[2].lower() == ours.rpartition(".")[2].lower():
        return 0.9
    return 0.0 if found is not None else 0.3
