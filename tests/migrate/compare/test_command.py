"""`mycelium compare`: exit statuses, what it writes, and one clear line for what cannot be done."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mycelium.cli import app

THEIRS = """
import torch
torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU())
loss = torch.nn.MSELoss()
def adam(params):
    return torch.optim.Adam(params, 1e-3)
def broken():
    raise RuntimeError("broken here")
"""
OURS = """
import mindspore as ms
from mindspore import nn
class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.body = nn.SequentialCell([nn.Dense(4, 3), nn.ReLU()])
    def construct(self, x):
        return self.body(x)
right = nn.SequentialCell([nn.Dense(4, 3), nn.ReLU()])
wrong = nn.SequentialCell([nn.Dense(4, 3), nn.Tanh()])
loss = nn.MSELoss()
number = 3
def adam(params):
    return nn.Adam(params, 1e-3)
"""
INPUT = ("--input", "x=randn(2,4)")


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "theirs.py").write_text(THEIRS)
    (tmp_path / "ours.py").write_text(OURS)
    (tmp_path / "bad.py").write_text("import torch\n1 / 0\n")
    (tmp_path / "not.npz").write_bytes(b"no recording")
    monkeypatch.chdir(tmp_path)
    return lambda *args: CliRunner().invoke(app, ["compare", *args])


def test_networks_that_agree(run):
    done = run("ours.py:right", "theirs.py:net", *INPUT, "--loss", "ours.py:loss,theirs.py:loss", "--label",
               "randn(2,3)", "--optimizer", "ours.py:adam,theirs.py:adam", "--steps", "2", "--graph")
    assert done.exit_code == 0, done.output
    assert "SequentialCell agrees with Sequential." in done.output
    assert "step 2" in done.output and "GRAPH_MODE" in done.output


def test_networks_that_differ(run, tmp_path):
    done = run("ours.py:wrong", "theirs.py:net", *INPUT, "--html", "out.html", "--json", "out.json", "--steps", "0")
    assert done.exit_code == 1
    assert "Tanh at 1 stands where the reference has ReLU" in " ".join(done.output.split())
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")
    assert json.loads((tmp_path / "out.json").read_text())["causes"][0]["kind"] == "class"


def test_a_class_is_built_and_layers_are_paired(run, tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 4), np.float32))
    done = run("ours.py:Net", "theirs.py:net", "--input", "x=load('x.npy')", "--pair", "body.0=0", "--steps", "0",
               "--modes", "eval")
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("args, text", [
    (("ours.py:right", "theirs.py:net"), "say what the networks are given: --input 'x=randn(2,3,32,32)'"),
    (("ours.py:right", "theirs.py:net", "--input", "randn(2,4)"), "--input should be NAME=VALUE"),
    (("ours.py:right", "theirs.py:net", "--input", "x=__import__('os')"), "is no value"),
    (("ours.py:right", "theirs.py:net", "--input", "x=load('none.npy')"), "none.npy"),
    (("ours.py:rihgt", "theirs.py:net", *INPUT), "ours.py has no 'rihgt'; it has "),
    (("ours.py", "theirs.py:net", *INPUT), "should be named as FILE.py:NAME"),
    (("none.py:net", "theirs.py:net", *INPUT), "there is no file 'none.py'"),
    (("ours.py:number", "theirs.py:net", *INPUT), "should be a Cell, or make one, but it is int"),
    (("ours.py:right", "bad.py:net", *INPUT), "bad.py raised ZeroDivisionError: division by zero"),
    (("ours.py:right", "theirs.py:broken", *INPUT), "theirs.py:broken() raised RuntimeError: broken here"),
    (("ours.py:right", "not.npz"), "not.npz is no .npz file that can be read"),
    (("ours.py:right", "none.npz"), "none.npz"),
    (("ours.py:right", "theirs.py:net", *INPUT, "--pair", "a"), "--pair should be OURS=THEIRS, but got 'a'"),
    (("ours.py:right", "theirs.py:net", *INPUT, "--pair", "a=b"), "here is nothing named 'a'"),
    (("ours.py:right", "theirs.py:net", *INPUT, "--copy", "both"), "'copy' should be one of"),
])
def test_what_cannot_be_done(run, args, text):
    done = run(*args)
    assert done.exit_code == 2
    assert done.stderr.startswith("mycelium: ") and done.stderr.count("\n") == 1
    assert text in done.stderr


def test_networks_that_cannot_run(run):
    done = run("ours.py:right", "theirs.py:net", "--input", "x=randn(2,5)")
    assert done.exit_code == 2
    assert "the reference raised in '0': RuntimeError" in " ".join(done.output.split())
