"""Every entry of the catalogue, run against the frameworks it speaks of."""
import ast
import inspect
import json
import os
import typing
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

import mycelium as ms
from mycelium.cli import app
from mycelium.migrate.differences import CatalogueError, Entry, catalogue, entries, entry_of, find, find_all
from mycelium.migrate.differences.entry import KINDS
from mycelium.migrate.differences.expressions import FUNCTIONS, evaluate, imports_for, simplify
from mycelium.migrate.differences.page import page
from mycelium.migrate.differences.probe import copy, difference, inputs_of, run
from mycelium.migrate.weights.names import state_of

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras

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
    if list(parameters) == ["args", "kwargs"] and inspect.isclass(found):
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
        if [a.dtype for a in arrays(outcome.values[0])] != [b.dtype for b in arrays(outcome.values[1])]:
            assert {"index dtype", "promotion"} & set(entry.kinds), f"{outcome.ours}: another dtype, untold"
        if probe.naive:
            assert outcome.naive_parted, f"{outcome.theirs} and {outcome.naive}: no difference"
            parted += 1
    if MUST_PART & set(entry.kinds):
        assert parted, f"kinds {entry.kinds} claim a difference in numbers, and no probe has a naive form"


def arrays(value):
    """The arrays of a gathered result."""
    return [a for item in value for a in arrays(item)] if isinstance(value, list) else [value] if isinstance(
        value, np.ndarray) else []


def test_arguments_are_theirs_in_name_order_and_default():
    wrong = []
    for entry in entries().values():
        try:
            parameters = signature(theirs(entry))
        except (ValueError, TypeError):         # written in C, tells no signature
            continue
        if list(parameters) == ["args", "kwargs"]:
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
        assert entry.attribute or entry.call or callable(target) or inspect.isclass(target), entry.name
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
                if isinstance(module, keras.Layer):
                    module(*inputs_of(probe).values())
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


# ***** counts and the page *****

def test_there_are_enough_entries():
    counterparts = [entry.name for entry in entries().values() if entry.has_counterpart]
    assert sum(name.startswith("torch.") for name in counterparts) >= 250
    assert sum(name.startswith("keras.") for name in counterparts) >= 60
    for part in ("torch.nn.", "torch.optim.", "torch.optim.lr_scheduler.", "torch.nn.init.", "torch.utils.data."):
        assert sum(name.startswith(part) for name in counterparts) >= 9, part


def test_the_docs_page_is_written_from_the_data():
    shown = (Path(__file__).parents[2] / "docs" / "differences.md").read_text("utf-8")
    assert shown == page(entries().values()), (
        "stale: python -m mycelium.migrate.differences.page > docs/differences.md")


def test_the_package_carries_the_data():
    built = Path(catalogue.__file__).parent / "data"
    assert {f.name for f in built.iterdir()} == {*catalogue.files(), "common.toml"}


# ***** finding *****

@pytest.mark.parametrize(("asked", "found"), [
    ("torch.nn.Dropout", "torch.nn.Dropout"),
    ("nn.Dropout", "torch.nn.Dropout"),
    ("Dropout2d", "torch.nn.Dropout2d"),
    ("relu6", "torch.nn.functional.relu6"),
    ("nn.Dense", "torch.nn.Linear"),
    ("mindspore.nn.HSwish", "torch.nn.Hardswish"),
    ("optim.SGD", "torch.optim.SGD"),
    ("StepLR", "torch.optim.lr_scheduler.StepLR"),
])
def test_names_are_found_in_full_short_and_by_ours(asked, found):
    assert find(asked).name == found


def test_an_unknown_name_suggests_close_ones():
    with pytest.raises(KeyError, match=r"'nn.Dropot' is not in the catalogue. Did you mean torch.nn.Dropout"):
        find("nn.Dropot")


def test_a_subclass_of_a_layer_is_that_layer():
    assert entry_of(type("Mine", (torch.nn.Conv2d,), {})(1, 1, 1)).name == "torch.nn.Conv2d"
    assert entry_of(3) is None


# ***** source text *****

@pytest.mark.parametrize(("name", "positional", "keywords", "written"), [
    ("nn.Dropout", ["0.1"], {}, "nn.Dropout(0.9)"),
    ("nn.Dropout", [], {"p": "rate / 2"}, "nn.Dropout(keep_prob=1.0 - rate / 2)"),
    ("nn.Dropout", [], {}, "nn.Dropout()"),
    ("nn.Linear", ["3", "n"], {"bias": "False"}, "nn.Dense(3, n, has_bias=False)"),
    ("nn.Conv2d", ["3", "8", "3", "2", "1"], {}, "nn.Conv2d(3, 8, 3, 2, padding=1, has_bias=True, pad_mode='pad')"),
    ("nn.Conv2d", ["3", "8", "3"], {"padding": "(1, 2)"},
     "nn.Conv2d(3, 8, 3, padding=(1, 1, 2, 2), has_bias=True, pad_mode='pad')"),
    ("nn.Conv2d", ["3", "8", "k"], {"padding": "k // 2"},
     "nn.Conv2d(3, 8, k, padding=k // 2, has_bias=True, pad_mode='pad')"),
    ("nn.ConvTranspose2d", ["4", "2", "3", "2", "1", "1"], {"bias": "False"},
     "nn.Conv2dTranspose(4, 2, 3, 2, padding=(1, 0, 1, 0), has_bias=False, pad_mode='pad')"),
    ("nn.MaxPool2d", ["2"], {}, "nn.MaxPool2d(2, stride=2)"),
    ("nn.MaxPool2d", ["k"], {}, "nn.MaxPool2d(k, stride=k)"),
    ("nn.MaxPool2d", ["3", "2", "1"], {}, "nn.MaxPool2d(3, 2, padding=1, pad_mode='pad')"),
    ("nn.BatchNorm2d", ["8"], {"momentum": "0.03"}, "nn.BatchNorm2d(8, momentum=0.97)"),
    ("nn.LayerNorm", ["dim"], {}, "nn.LayerNorm((dim,), epsilon=1e-5)"),
    ("optim.Adam", ["params"], {"lr": "1e-3", "betas": "(0.5, 0.999)"},
     "nn.Adam(params, learning_rate=1e-3, beta1=0.5)"),
    ("CrossEntropyLoss", [], {}, "nn.CrossEntropyLoss()"),
    ("nn.SmoothL1Loss", [], {}, "nn.SmoothL1Loss(reduction='mean')"),
])
def test_calls_are_written_in_ours(name, positional, keywords, written):
    entry = find(name)
    assert entry.write(entry.bind(positional, keywords), len(positional)) == written


@pytest.mark.parametrize(("name", "keywords", "note"), [
    ("nn.Conv2d", {"padding_mode": "'reflect'"}, "padding_mode='reflect': pad the input with nn.Pad"),
    ("nn.Conv2d", {"padding": "p"}, "padding: a tuple (h, w) of theirs is (h, h, w, w) in ours"),
    ("nn.LayerNorm", {"normalized_shape": "(3, 4)"}, "begin_norm_axis is the first axis"),
    ("nn.LSTM", {"proj_size": "4"}, "there is no projection"),
    ("optim.AdamW", {}, "does not correct the bias"),
])
def test_what_is_uncertain_is_noted(name, keywords, note):
    assert any(note in text for text in find(name).notes(keywords))


def test_what_is_certain_is_not_noted():
    assert find("nn.Conv2d").notes({"padding": "(1, 2)", "padding_mode": "'zeros'", "bias": "False"}) == []
    assert find("nn.Dropout").notes({"p": "rate", "inplace": "True"}) == []


def test_a_call_that_theirs_would_refuse_is_refused():
    entry = find("nn.Dropout")
    with pytest.raises(TypeError, match=r"torch.nn.Dropout takes no argument for '3'"):
        entry.bind(["0.1", "False", "3"], {})
    with pytest.raises(TypeError, match=r"torch.nn.Dropout takes no argument 'rate'"):
        entry.bind([], {"rate": "0.1"})
    with pytest.raises(TypeError, match=r"torch.nn.Dropout: \*xs may be any of its arguments"):
        entry.bind(["*xs"], {})


def test_what_a_call_does_not_say_is_asked_for():
    entry = find("StepLR")
    with pytest.raises(ValueError, match=r"StepLR needs 'lr': the optimizer's learning rate"):
        entry.write({"optimizer": "o", "step_size": "30"})
    assert entry.write({"optimizer": "o", "step_size": "30", "lr": "0.1", "epoch": "n"}) == (
        "nn.ExponentialDecayLR(0.1, 0.1, 30 * n, True)")
    with pytest.raises(ValueError, match="torch.nn.RMSNorm has no counterpart: A Cell with"):
        find("nn.RMSNorm").write({})


def test_initial_weights_are_written_on_request():
    entry = find("nn.Linear")
    source = entry.write(entry.bind(["n", "4"], {}), 2, init=True)
    assert source == "nn.Dense(n, 4, weight_init=HeUniform(5 ** 0.5), bias_init=Uniform(n ** -0.5))"
    assert imports_for(source) == ["from mindspore import nn",
                                   "from mindspore.common.initializer import HeUniform",
                                   "from mindspore.common.initializer import Uniform"]


def test_what_is_written_never_calls_the_catalogues_own_functions():
    """Nor where every argument is a name whose value the source does not tell."""
    wrong = []
    for entry in entries().values():
        if entry.has_counterpart:
            given = {**{row.name: f"given_{row.name}" for row in entry.arguments}, **{n: n for n in entry.needs}}
            try:
                written = ast.parse(entry.write(given), mode="eval")
            except ValueError:
                continue
            called = {node.id for node in ast.walk(written) if isinstance(node, ast.Name)}
            if called & FUNCTIONS.keys():
                wrong.append(f"{entry.name}: {ast.unparse(written)}")
    assert not wrong, "\n".join(wrong)


def test_sums_that_can_be_done_are_done():
    assert simplify("1.0 - 0.9") == "0.1"
    assert simplify("2 if None is None else x") == "2"
    assert simplify("[f(i) for i in x] if [f(i) for i in x] is not None else []") == "[f(i) for i in x]"
    assert simplify("pads((1, 2))") == "(1, 1, 2, 2)"
    assert simplify("pads(p)") is None
    assert simplify("x + 1 - 1") == "x + 1 - 1"


# ***** real layers *****

def test_a_value_that_ours_cannot_have_is_refused(pynative):
    with pytest.raises(ValueError, match=r"torch.nn.Conv2d: padding_mode='reflect': pad the input with nn.Pad"):
        find("nn.Conv2d").build(torch.nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"))
    with pytest.raises(ValueError, match=r"torch.nn.RMSNorm has no counterpart"):
        find("nn.RMSNorm").build(torch.nn.RMSNorm(3))


def test_a_wrongly_built_cell_is_told(pynative):
    module = torch.nn.Conv2d(3, 4, 3, padding=1)
    assert find("nn.Conv2d").mismatches(module, ms.nn.Conv2d(3, 4, 3)) == {
        "padding": (1, 0), "has_bias": (True, False), "pad_mode": ("pad", "same")}
    assert find("nn.BatchNorm2d").mismatches(torch.nn.BatchNorm2d(3), ms.nn.BatchNorm2d(3, momentum=0.1)) == {
        "momentum": (0.9, pytest.approx(0.1))}


def test_copy_refuses_a_cell_that_does_not_fit(pynative):
    with pytest.raises(ValueError, match=r"bias \(4,\) has no place in Conv2d: weight \(4, 3, 3, 3\)"):
        copy(torch.nn.Conv2d(3, 4, 3), ms.nn.Conv2d(3, 4, 3))


def test_states_of_layers_are_named_as_the_converter_of_weights_names_them():
    for entry in entries().values():
        if entry.name.startswith("torch.nn.") and entry.state:
            for leaf, place in state_of(entry.name).items():
                assert place.name == entry.state.get(leaf, leaf), entry.name
                assert str(place.layout) == entry.layout.get(leaf, ""), entry.name


# ***** results compared *****

@pytest.mark.parametrize(("theirs", "ours", "words"), [
    (np.ones(3), np.ones(3), ""),
    (np.ones(3), np.ones((3, 1)), "shape (3,) against (3, 1)"),
    (np.ones(3), np.ones(3) + 1e-3, "largest difference 0.001"),
    ([np.ones(3)], np.ones(3), "1 values against one value"),
    ("int64", "int32", "int64 against int32"),
    (np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), ""),
    (np.array([np.nan, 1.0]), np.array([0.0, 1.0]), "largest difference 0"),
    (None, "x", "None against x"),
])
def test_results_are_compared(theirs, ours, words):
    assert difference(theirs, ours) == words


# ***** data that is wrong *****

GOOD = {"ours": "mindspore.nn.ReLU", "arguments": [], "kinds": ["same"], "probes": [{"module": "torch.nn.ReLU()"}]}


@pytest.mark.parametrize(("change", "text"), [
    ({"our": "x"}, "f.toml: torch.x: our: no such key; did you mean ours?"),
    ({"ours": 3}, "f.toml: torch.x: ours: should be text, but got 3"),
    ({"ours": ""}, "f.toml: torch.x: ours: empty, so `call` or `instead` must say what to write"),
    ({"kinds": ["other"]}, "f.toml: torch.x: kinds: 'other' is none of renamed"),
    ({"kinds": []}, "f.toml: torch.x: kinds: empty"),
    ({"kinds": "same"}, "f.toml: torch.x: kinds: should be a list"),
    ({"arguments": ["outplace"]}, r"f.toml: torch.x: arguments\[0\]: 'outplace' is no row of common.toml"),
    ({"arguments": [{"ours": "x"}]}, r"f.toml: torch.x: arguments\[0\]: theirs: missing"),
    ({"arguments": [{"theirs": "x", "only": [3]}]}, r"f.toml: torch.x: arguments\[0\]: only: 3 should be source text"),
    ({"arguments": [{"theirs": "x", "value": "1 - {y}"}]}, r"f.toml: torch.x: value of x: \{y\} is no argument"),
    ({"layout": {"weight": "turn 3"}}, "f.toml: torch.x: layout: weight: 'turn 3' is no step"),
    ({"probes": [{"naive": "x"}]}, r"f.toml: torch.x: probes\[0\]: needs `module` or `theirs`"),
    ({"probes": [{"theirs": "x", "tolerance": 0.1}]}, r"f.toml: torch.x: probes\[0\]: tolerance: needs `why`"),
    ({"probes": [3]}, r"f.toml: torch.x: probes\[0\]: should be a table, but got 3"),
])
def test_wrong_data_is_named_by_file_entry_and_key(change, text):
    assert isinstance(catalogue.parse({"torch.x": GOOD}, "f.toml")["torch.x"], Entry)
    with pytest.raises(CatalogueError, match=text):
        catalogue.parse({"torch.x": {**GOOD, **change}}, "f.toml")


# ***** the command *****

def command(*args):
    return CliRunner().invoke(app, ["differences", *args], env={"COLUMNS": "80"})


def test_the_command_shows_an_entry():
    result = command("torch.nn.Dropout")
    assert result.exit_code == 0
    assert "torch.nn.Dropout is mindspore.nn.Dropout" in result.output
    assert "keep_prob = 1.0 - p" in result.output
    assert "keep_prob is the share of elements that stay" in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert "is not here" in command("nn.RMSNorm").output


def test_the_command_prints_json():
    shown = json.loads(command("nn.Conv2d", "--json").output)
    assert shown["ours"] == "mindspore.nn.Conv2d"
    assert shown["arguments"][7] == {"theirs": "bias", "default": "True", "ours": "has_bias", "value": None,
                                     "default_here": "False", "dropped": None, "only": None, "note": None}
    assert json.loads(command("--list", "BatchNorm2d", "--json").output)["torch.nn.BatchNorm2d"] == (
        "mindspore.nn.BatchNorm2d")


def test_the_command_lists():
    assert "torch.nn.Dropout2d" in command("--list", "dropout").output
    assert "torch.nn.ReLU" not in command("--list", "dropout").output
    assert len(command("--list").output.splitlines()) > len(find_all())


@pytest.mark.parametrize("args", [("nn.Dropot",), ("--list", "nothing like it")])
def test_an_unknown_name_ends_with_2_and_one_line(args):
    result = command(*args)
    assert result.exit_code == 2
    assert result.stderr.startswith("mycelium differences: ") and result.stderr.count("\n") == 1
