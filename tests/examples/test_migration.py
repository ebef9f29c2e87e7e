"""docs/migration.md: its commands, run one after the other as they stand there."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("migration.md", "migration.zh.md")]


def commands(page):
    """The lines of a page that a reader types, without their remarks."""
    found = re.findall(r"^    (python|mycelium) (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [(program, re.sub(r"\s+#.*", "", rest)) for program, rest in found]


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The folder after all commands, and what each printed, by its first word."""
    folder = tmp_path_factory.mktemp("migration")
    for name in ("digits_torch.py", "digits_by_hand.py"):
        shutil.copy(ROOT / "examples" / "migration" / name, folder)
    said = {}
    for program, rest in commands(PAGES[0]):
        words = [w.strip("'") for w in rest.split()]
        start = [sys.executable] if program == "python" else [sys.executable, "-m", "mycelium"]
        done = subprocess.run([*start, *words], cwd=folder, capture_output=True, text=True)
        said[words[0]] = done.returncode, done.stdout + done.stderr
    return folder, said


def test_both_pages_give_the_same_commands():
    assert commands(PAGES[0]) == commands(PAGES[1])
    assert len(commands(PAGES[0])) == 7


def test_the_port_agrees(results):
    status, text = results[1]["port"]
    assert status == 0 and "DigitNet agrees with DigitNet" in text, text


def test_the_mistakes_are_found_and_named(results):
    folder, said = results
    status, text = said["compare"]
    text = " ".join(text.split())
    assert status == 1
    assert "eval: outputs part at conv2" in text
    assert "Conv2d at conv2 has padding=0, pad_mode='same'" in text
    assert "Dropout at dropout has keep_prob=0.2" in text
    assert text.count("verified: with this") == 2
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<svg" in page and "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page
    assert said["lint"][0] == 1 and "15:35: MYC201" in said["lint"][1]
    assert said["differences"][0] == 0 and "keep_prob" in said["differences"][1]


def test_the_weights_are_those_that_torch_trained(results):
    import torch

    folder, said = results
    assert said["weights"][0] == 0 and "15 arrays" in said["weights"][1]
    ours, theirs = ms.load_checkpoint(str(folder / "trained.ckpt")), torch.load(folder / "digits.pth")
    assert len(ours) == 15
    np.testing.assert_array_equal(ours["bn1.moving_mean"].asnumpy(), theirs["bn1.running_mean"].numpy())
    np.testing.assert_array_equal(ours["fc2.weight"].asnumpy(), theirs["fc2.weight"].numpy())


def test_the_ported_network_learns(results):
    for program in ("digits_torch.py", "run"):
        status, text = results[1][program]
        assert status == 0, text
        assert float(re.search(r"^accuracy ([\d.]+)", text, re.MULTILINE)[1]) > 0.9
