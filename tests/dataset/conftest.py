"""What the tests of data pipelines share."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mycelium.dataset import config

SOURCE = str(Path(config.__file__).parents[2])


@pytest.fixture
def run_python():
    """Runs a program in a Python of its own and returns what it prints."""

    def run(program, timeout=120):
        done = subprocess.run([sys.executable, "-W", "error", "-c", textwrap.dedent(program)], capture_output=True,
                              text=True, timeout=timeout, env=environment())
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def environment():
    return {**os.environ, "PYTHONPATH": SOURCE, "JAX_PLATFORMS": "cpu"}


@pytest.fixture(autouse=True)
def _seed():
    config.set_seed(1)
    yield
    config.set_seed(config.DEFAULT_SEED)
