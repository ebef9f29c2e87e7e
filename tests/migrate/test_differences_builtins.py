"""Arguments of torch's builtins, which tell no signature, in the catalogue."""
import inspect
import re

import torch

from mycelium.migrate.differences import entries

# Docstrings whose names the functions themselves refuse, and two whose first arguments may be left out.
MISNAMED = {"torch.Tensor.where": {"y"}, "torch.Tensor.bmm": {"batch2"}, "torch.arange": {"start", "end", "step"},
            "torch.randint": {"low", "high", "size"}}


def theirs(name):
    """What a name of torch's stands for."""
    found = torch
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    return found


def test_arguments_of_what_is_written_in_c_are_those_of_its_docstring():
    """torch's builtins tell no signature, but most begin their docstring with one form of it."""
    wrong, checked = [], 0
    for entry in entries().values():
        if not entry.name.startswith("torch."):
            continue
        first = (getattr(theirs(entry.name), "__doc__", None) or "").strip().partition("\n")[0].replace("\\", "")
        call = re.match(r"\w+\((.*)\)\s*->", first)
        try:
            told = bool(inspect.signature(theirs(entry.name)).parameters)
        except (ValueError, TypeError):
            told = False
        if not call or told:
            continue
        texts = re.split(r",\s*(?![^()]*\))", re.sub(r"\[[^=]*\]", "", call[1]))
        names = [re.split("[=:]", text)[0].strip() for text in texts]
        rows = {row.name for row in entry.arguments}
        wrong.extend(f"{entry.name}: {name} of {first}" for name in names
                     if name.strip("*") and name.strip("*") not in rows | MISNAMED.get(entry.name, set()))
        checked += 1
    assert not wrong, "\n".join(wrong)
    assert checked > 150
