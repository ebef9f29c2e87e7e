"""The README's first program runs and does what the text says of it."""

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_first_program(tmp_path):
    (tmp_path / "sine.py").write_text(re.findall(r"```python\n(.*?)```", README, re.DOTALL)[0])
    command = [sys.executable, "-m", "mycelium", "sine.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    losses = [float(loss) for loss in re.findall(r"loss ([\d.]+)", result.stdout)]
    assert len(losses) == 5 and losses[-1] < 1e-4
    slope = float(re.search(r"sin'\(0\) = \[\[([\d.]+)\]\]", result.stdout)[1])
    assert abs(slope - 1) < 0.02
    assert (tmp_path / "sine.ckpt").stat().st_size > 0
