"""Every entry of the catalogue, run against the frameworks it speaks of."""
import inspect
import os
import typing

import numpy as np
import pytest
import torch

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras  # noqa: E402

import mycelium as ms
from mycelium.migrate.differences import CatalogueError, Entry, catalogue, entries, entry_of, find, find_all
from mycelium.migrate.differences.entry import KINDS
from mycelium.migrate.differences.expressions import FUNCTIONS, evaluate, imports_for, simplify
from mycelium.migrate.differences.probe import copy, difference, run, translate

MUST_PART = set(KINDS) - {"same", "state", "layout", "renamed", "behaviour", "missing", "promotion", "index dtype"}


def framework(entry):
    """The module torch or keras."""
    return {"torch": torch, "keras": keras}[entry.name.partition(".")[0]]


def theirs(entry):
    """What the entry's name names in theirs."""
    found = framework(entry)
    for part in entry.name.split(".")[1:]:
        found = getattr(found, part)
    return found


def signature(found):
    """Its parameters by name; where a class only passes them on, those of its declared forms."""
    parameters = dict(inspect.signature(found).parameters)
    if all(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters.values()) and inspect.isclass(found):
        if found.__init__ is torch.nn.Module.__init__ and found is not torch.nn.Module:
            return {}
        for form in typing.get_overloads(found.__init__) if inspect.isfunction(found.__init__) else ():
            own = dict(inspect.signature(form).parameters)
            if "self" in own and not any(p.kind is p.VAR_POSITIONAL for p in own.values()):
                return {name: p for name, p in own.items() if name != "self"}
    return parameters


@pytest.mark.parametrize("entry", entries().values(), ids=list(entries()))
def test_an_entrys_probes_run(entry, pynative):
    assert entry.probes
    parted = 0
    for probe in entry.probes:
        outcome = run(entry, probe, framework(entry))
        assert not outcome.parted, f"{outcome.theirs} and {outcome.ours}: {outcome.parted}"
        if probe.naive:
            assert outcome.naive_parted, f"{outcome.theirs} and {outcome.naive}: no difference"
            parted += 1
    if MUST_PART & set(entry.kinds):
        assert parted, f"kinds {entry.kinds} claim a difference in numbers, and no probe has a naive form"


def test_arguments_are_theirs_in_name_order_and_default():
    wrong = []
    for entry in entries().values():
        try:
            parameters = signature(theirs(entry))
        except (ValueError, TypeError):         # written in C, tells no signature
            continue
        rows = {row.theirs: row for row in entry.arguments}
        names = [{p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "") + name for name, p in parameters.items()]
        if [name for name in rows] != names:
            wrong.append(f"{entry.name}: {list(rows)} should be {names}")
            continue
        for (name, parameter), row in zip(parameters.items(), rows.values(), strict=True):
            if row.keyword != (parameter.kind is parameter.KEYWORD_ONLY):
                wrong.append(f"{entry.name}: {name}: keyword = {row.keyword}")
            has = parameter.default is not parameter.empty
            if has != (row.default is not None):
                wrong.append(f"{entry.name}: {name}: default {row.default} should be {parameter.default!r}")
            elif has and repr(written := evaluate(row.default, {}, torch=torch, F=torch.nn.functional)) != repr(
                    parameter.default) and written != parameter.default:
                wrong.append(f"{entry.name}: {name}: default {row.default} should be {parameter.default!r}")
    assert not wrong, "\n".join(wrong)


def test_what_is_ours_is_here_and_takes_the_arguments_it_is_given():
    wrong = []
    for entry in entries().values():
        if not entry.ours:
            continue
        target = entry.target
        assert entry.attribute or callable(target) or inspect.isclass(target), entry.name
        names = entry.signature
        if not names or any(p.kind is p.VAR_KEYWORD for p in names.values()):
            continue
        for row in (*entry.arguments, *entry.add.values()):
            name = row.target
            if name and name != "self" and not entry.call and not name.startswith("*") and name not in names:
                wrong.append(f"{entry.name}: {entry.ours} has no {name}: {list(names)}")
    assert not wrong, "\n".join(wrong)


def test_a_built_layers_arguments_become_the_arguments_of_ours(pynative):
    """For every probe with a layer: `build` gives the layer that the source text gives, and it tells its arguments."""
    wrong, checked = [], 0
    layer_of = {"torch": torch.nn.Module, "keras": keras.Layer}
    for entry in entries().values():
        if not entry.has_counterpart or not inspect.isclass(theirs(entry)) or not issubclass(
                theirs(entry), layer_of[entry.name.partition(".")[0]]):
            continue
        for probe in entry.probes:
            if probe.module and not probe.cell and not probe.setup:
                module = eval(probe.module, {entry.name.partition(".")[0]: framework(entry)})
                found = entry_of(module)
                if found is not entry:
                    wrong.append(f"{entry.name}: entry_of gives {found and found.name}")
                    continue
                if any(row.default is None and row.read == "" for row in entry.arguments):
                    continue
                cell = entry.build(module)
                wrong.extend(f"{entry.name}: {probe.module}: {name} is {actual!r}, expected {value!r}"
                             for name, (value, actual) in entry.mismatches(module, cell).items())
                checked += len(entry.actual(cell))
    assert not wrong, "\n".join(wrong)
    assert checked > 150


def test_defaults_that_differ_are_written():
    """Calls without optional arguments mean in ours what they mean in theirs; the probes prove it for these."""
    assert find("nn.LeakyReLU").write({}) == "nn.LeakyReLU(alpha=0.01)"
    assert find("nn.Linear").write({"in_features": "3", "out_features": "4"}, 2) == "nn.Dense(3, 4)"
    assert find("nn.Conv2d").write(dict(zip(["in_channels", "out_channels", "kernel_size"], "abc", strict=True)), 3) \
        == "nn.Conv2d(a, b, c, has_bias=True, pad_mode='pad')"
