"""`mycelium port` from the command line."""
import textwrap

import pytest
from typer.testing import CliRunner

from mycelium.cli import app
from mycelium.compat import uninstall

NET = textwrap.dedent("""
    import torch
    from torch import nn


    class Net(nn.Module):
        def __init__(self, width=4):
            super().__init__()
            self.fc = nn.Linear(3, width)

        def forward(self, x):
            return torch.relu(self.fc(x)){extra}


    if __name__ == "__main__":
        net = Net()
        x = torch.randn(2, 3)
        print(net(x).shape)
""")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield lambda *args: CliRunner().invoke(app, ["port", *args])
    uninstall()


def write(path, extra=""):
    path.write_text(NET.format(extra=extra))
    return str(path)


def test_a_file_is_ported_and_compared(run, tmp_path):
    made = run(write(tmp_path / "net.py"), "-o", "out.py")
    assert made.exit_code == 0, made.output
    assert "nothing to check" in made.output
    assert "agrees" in made.output or "agree" in made.output
    assert "nn.Dense(3, width)" in (tmp_path / "out.py").read_text()


def test_a_network_is_named_with_its_input(run, tmp_path):
    made = run(write(tmp_path / "net.py"), "--check", "Net(7)", "--input", "x=randn(5,3)")
    assert made.exit_code == 0, made.output
    assert "class Net(nn.Cell):" in made.stdout


def test_a_difference_is_status_1(run, tmp_path):
    made = run(write(tmp_path / "net.py", " + float(nn.__name__.startswith('torch'))"), "-o", "out.py")
    assert made.exit_code == 1, made.output


def test_nothing_is_overwritten_unless_told(run, tmp_path):
    source = write(tmp_path / "net.py")
    (tmp_path / "out.py").write_text("mine")
    made = run(source, "-o", "out.py", "--no-run")
    assert made.exit_code == 2
    assert made.stderr.count("\n") == 1 and "--force" in made.stderr
    assert (tmp_path / "out.py").read_text() == "mine"
    assert run(source, "-o", "out.py", "--no-run", "--force").exit_code == 0


@pytest.mark.parametrize(("text", "words"), [
    ("import torch\ndef (:", "bad.py:2"), ("import numpy\n", "no `import torch`"),
    ("import torch\nraise SystemError(3)\n", ""),
])
def test_what_cannot_be_done_is_one_line_and_status_2(run, tmp_path, text, words):
    (tmp_path / "bad.py").write_text(text)
    made = run("bad.py", "--check", "Net") if not words else run("bad.py")
    assert made.exit_code == 2
    assert words in made.stderr
    assert "Traceback" not in made.output


def test_a_missing_file(run):
    made = run("nowhere.py")
    assert made.exit_code == 2
    assert "nowhere.py" in made.stderr
