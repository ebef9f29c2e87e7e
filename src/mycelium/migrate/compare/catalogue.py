"""The catalogue of differences as `compare` reads it: which layer of ours a class of theirs becomes."""
from __future__ import annotations

from mycelium.migrate.differences import Entry, entries


def entry(kind: str) -> Entry | None:
    """The catalogue's entry for a class of theirs, named in full."""
    return entries().get(kind)


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
