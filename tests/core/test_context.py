"""set_context, get_context and seeds."""
from __future__ import annotations

import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, ops


def test_settings_are_kept_and_defaults_are_r1_8s():
    assert ms.get_context("mode") == ms.GRAPH_MODE and ms.get_context("device_id") == 0
    ms.set_context(mode=ms.PYNATIVE_MODE, max_call_depth=10)
    assert ms.get_context("mode") == ms.PYNATIVE_MODE and ms.get_context("max_call_depth") == 10
    ms.set_context(max_call_depth=1000)


def test_the_device_is_known_without_being_set():
    assert ms.get_context("device_target") in ("CPU", "GPU", "Ascend")


def test_ascend_is_mapped_with_a_notice():
    before = ms.get_context("device_target")
    with pytest.warns(UserWarning, match="runs on this machine's"):
        ms.set_context(device_target="Ascend")
    assert ms.get_context("device_target") == "Ascend"
    np.testing.assert_array_equal((Tensor([1.0]) + 1).asnumpy(), [2.0])
    ms.set_context(device_target=before)


@pytest.mark.parametrize("kwargs, error, text", [
    ({"mode": 3}, ValueError, "GRAPH_MODE"), ({"mode": "graph"}, TypeError, "'mode' should be int"),
    ({"mdoe": 0}, ValueError, "did you mean 'mode'"), ({"device_target": "GPUU"}, ValueError, "did you mean 'GPU'"),
    ({"device_id": -1}, ValueError, "0 or greater"),
    ({"device_id": 99, "device_target": "CPU"}, ValueError, "there are only"),
])
def test_refusals_change_nothing(kwargs, error, text):
    before = {k: ms.get_context(k) for k in kwargs if k != "mdoe"}
    with pytest.raises(error, match=text):
        ms.set_context(**kwargs)
    assert {k: ms.get_context(k) for k in before} == before


def test_seeds_reach_numpy_initializers_and_operators():
    def draw():
        ms.set_seed(11)
        return (np.random.rand(), ms.common.initializer.initializer("normal", (3,)).init_data().asnumpy().tolist(),
                ops.standard_normal((3,)).asnumpy().tolist())

    assert draw() == draw() and ms.get_seed() == 11
    for bad, error in ((-1, ValueError), ("a", TypeError), (1.5, TypeError)):
        with pytest.raises(error, match="'seed' should be"):
            ms.set_seed(bad)
