"""The demo, cut short: a plain MindSpore program that trains, evaluates, saves, loads and draws."""

import re
import subprocess
import sys
from pathlib import Path

import mycelium as ms

EXAMPLE = Path(__file__).parents[2] / "examples" / "digits.py"


def test_the_demo_learns_and_leaves_its_files(tmp_path):
    command = [sys.executable, "-m", "mycelium", "run", EXAMPLE, "--epochs", "4", "--out", "out"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    accuracy = float(re.search(r"^test accuracy ([\d.]+) with the weights of", result.stdout, re.MULTILINE)[1])
    assert accuracy > 0.95
    assert result.stdout.count("] loss ") == 4 * 42, "one line of progress for each step"
    weights = ms.load_checkpoint(str(tmp_path / "out" / "digits.ckpt"))
    assert weights["scores.weight"].shape == (10, 128)
    assert (tmp_path / "out" / "digits.png").read_bytes().startswith(b"\x89PNG")


def test_the_demo_knows_nothing_of_mycelium():
    assert not re.search(r"^\s*(import|from) (mycelium|jax)", EXAMPLE.read_text(), re.MULTILINE)
