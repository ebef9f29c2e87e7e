"""`mycelium weights` on the command line: what it prints, in words and as JSON, and how it ends."""

import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from mycelium.cli import app


def weights(*arguments):
    return CliRunner().invoke(app, ["weights", *map(str, arguments)], env={"COLUMNS": "160"})


@pytest.fixture
def model(tmp_path):
    net = torch.nn.Sequential(torch.nn.Conv1d(2, 3, 3), torch.nn.BatchNorm1d(3))
    torch.save({"state_dict": net.state_dict(), "epoch": 4}, tmp_path / "a.pth")
    return tmp_path / "a.pth"


def test_convert_says_what_it_did(model, tmp_path):
    done = weights("convert", model, tmp_path / "a.ckpt")
    assert done.exit_code == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["1.running_mean", "1.moving_mean", "(3,)"] in lines
    assert ["0.weight", "0.weight", "(3,", "2,", "1,", "3)", "insert", "2"] in lines
    assert "left over\n  1.num_batches_tracked: a counter of training steps" in done.stdout
    assert "epoch: int 4" in done.stdout and "note: the weights are those under 'state_dict'" in done.stdout
    assert "6 arrays, 132 B, written to" in done.stdout
    assert "4 renamed, 1 changed in layout; 1 left over, 0 missing" in done.stdout.replace("\n", " ")


def test_convert_as_json(model, tmp_path):
    done = weights("convert", model, tmp_path / "a.ckpt", "--json", "--dtype", "float16")
    found = json.loads(done.stdout)
    assert found["names"] == ["torch", "mindspore"] and found["nbytes"] == 66
    assert found["moved"][0] == {"name": "0.weight", "sources": ["0.weight"], "change": "insert 2", "how": "name",
                                 "shape": [3, 2, 1, 3], "dtype": "float16"}


def test_convert_ends_with_1_when_something_is_missing(model, tmp_path):
    np.savez(tmp_path / "like.npz", **{"0.weight": np.ones((3, 2, 3)), "2.weight": np.ones(1)})
    done = weights("convert", model, tmp_path / "b.pth", "--like", tmp_path / "like.npz")
    assert done.exit_code == 1 and "missing\n  2.weight: shape (1,)" in done.stdout
    assert list(torch.load(tmp_path / "b.pth")) == ["0.weight"]


@pytest.mark.parametrize("arguments, text", [
    (["convert", "{a}", "{a}"], "it exists already"),
    (["convert", "none.pth", "b.ckpt"], "none.pth: No such file"),
    (["convert", "{a}", "b.txt"], "the suffix '.txt' says nothing about weights"),
    (["convert", "{a}", "b.ckpt", "--dtype", "int4"], "'dtype' should be one of"),
    (["show", "none.ckpt"], "none.ckpt: No such file"),
    (["show", "{bad}"], "names 'posix.system', which is no part of weights; nothing of it was run"),
    (["diff", "{a}", "{bad}"], "nothing of it was run"),
])
def test_bad_input_is_one_line_and_status_2(arguments, text, model, tmp_path, monkeypatch):
    (tmp_path / "bad.pth").write_bytes(b"cposix\nsystem\n(S'touch it_ran'\ntR.")
    monkeypatch.chdir(tmp_path)
    done = weights(*(a.format(a=model, bad=tmp_path / "bad.pth") for a in arguments))
    assert done.exit_code == 2 and text in done.stderr and done.stderr.startswith("mycelium: ")
    assert done.stderr.count("\n") == 1 and not done.stdout and not (tmp_path / "it_ran").exists()


def test_show(model):
    done = weights("show", model)
    assert ["1.running_var", "(3,)", "float32"] in [line.split() for line in done.stdout.splitlines()]
    assert "7 arrays, 140 B, with names as in torch" in done.stdout and "epoch: int 4" in done.stdout
    found = json.loads(weights("show", model, "--json").stdout)
    assert found["arrays"][-1] == {"name": "1.num_batches_tracked", "shape": [], "dtype": "int64"}
    assert found["bytes"] == 140 and found["others"] == {"epoch": "int 4"}


def test_diff(model, tmp_path):
    weights("convert", model, tmp_path / "a.ckpt")
    assert weights("diff", model, tmp_path / "a.ckpt").exit_code == 0
    values = torch.load(model)["state_dict"]
    values["1.bias"] += torch.tensor([0.0, 0.5, 0.0])
    del values["0.bias"]
    torch.save(values, tmp_path / "b.pth")
    done = weights("diff", tmp_path / "b.pth", tmp_path / "a.ckpt")
    assert done.exit_code == 1
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["1.bias", "values", "1", "of", "3", "elements", "0.5"] in lines
    assert "a.ckpt\n  0.bias" in done.stdout and "4 arrays are equal, 1 differ" in done.stdout
    found = json.loads(weights("diff", tmp_path / "b.pth", tmp_path / "a.ckpt", "--json").stdout)
    assert not found["is_equal"] and found["only_second"] == ["0.bias"] and found["equal"] == 4
