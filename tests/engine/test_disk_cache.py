"""The cache of compiled programs on disk: a second process starts warm."""
import json
import subprocess
import sys

import jax
import pytest

import mycelium as ms

PROGRAM = """
import json, sys
import numpy as np
import mycelium as ms
from mycelium import Tensor, nn
ms.set_context(mode=ms.GRAPH_MODE, enable_compile_cache=True, compile_cache_path=sys.argv[1])
ms.set_seed(1)
net = nn.SequentialCell([nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 1)])
step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), nn.Adam(net.trainable_params()))
losses = [float(step(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 1), np.float32)))) for _ in range(3)]
programs = ms.explain_compile(step).programs
print(json.dumps({"losses": losses, "cached": [p.timing.cached for p in programs], "text": str(programs[0])}))
"""


def run(folder):
    done = subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_the_second_process_finds_the_program_and_computes_the_same(tmp_path):
    first, second = run(tmp_path), run(tmp_path)
    assert list((tmp_path / "rank_0" / "graph_cache").iterdir())
    assert first["cached"] == [False] and second["cached"] == [True]
    assert "loaded from disk in" in second["text"]
    assert second["losses"] == first["losses"] and len(set(first["losses"])) == 3


def test_switching_it_off_restores_what_was_set_before(tmp_path):
    before = jax.config.jax_compilation_cache_dir
    ms.set_context(enable_compile_cache=True, compile_cache_path=str(tmp_path))
    try:
        assert jax.config.jax_compilation_cache_dir == str(tmp_path / "rank_0" / "graph_cache")
    finally:
        ms.set_context(enable_compile_cache=False, compile_cache_path="")
    assert jax.config.jax_compilation_cache_dir == before


def test_a_path_that_cannot_be_made_is_an_error_and_leaves_the_setting(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        ms.set_context(compile_cache_path=str(tmp_path / "file"), enable_compile_cache=True)
    assert ms.get_context("enable_compile_cache") is False
    ms.set_context(compile_cache_path="")
