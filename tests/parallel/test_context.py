"""The settings for programs on several devices."""

import jax
import pytest

from mycelium.parallel.context import (
    ParallelMode,
    get_auto_parallel_context,
    reset_auto_parallel_context,
    set_auto_parallel_context,
)


@pytest.fixture(autouse=True)
def reset():
    yield
    reset_auto_parallel_context()


def test_settings_are_kept_until_reset():
    set_auto_parallel_context(parallel_mode=ParallelMode.DATA_PARALLEL, device_num=8, gradients_mean=True)
    assert get_auto_parallel_context("parallel_mode") == "data_parallel"
    assert get_auto_parallel_context("device_num") == 8
    reset_auto_parallel_context()
    assert get_auto_parallel_context("parallel_mode") == "stand_alone"
    assert get_auto_parallel_context("device_num") == 1


# The types of error are those of 1.8.1.
@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        ({"parallel_mode": "data_paralel"}, ValueError, "did you mean 'data_parallel'?"),
        ({"parallel_mode": 3}, TypeError, "'parallel_mode' should be str"),
        ({"device_num": 0}, ValueError, r"'device_num' should be in \[1, 4096\], but got 0"),
        ({"device_num": "3"}, TypeError, "'device_num' should be int"),
        ({"gradients_mean": 1}, TypeError, "'gradients_mean' should be bool"),
        ({"dataset_strategy": 1}, TypeError, "'dataset_strategy' should be str or tuple"),
        ({"gradient_mean": True}, ValueError, "'gradient_mean' is not a setting; did you mean 'gradients_mean'?"),
    ],
)
def test_a_bad_setting_changes_nothing(settings, error, text):
    with pytest.raises(error, match=text):
        set_auto_parallel_context(full_batch=True, **settings)
    assert get_auto_parallel_context("full_batch") is False


def test_unknown_setting_is_not_read():
    with pytest.raises(ValueError, match="For 'get_auto_parallel_context', 'foo' is not a setting"):
        get_auto_parallel_context("foo")


def test_several_processes_are_refused_rather_than_left_unsynchronised(monkeypatch):
    monkeypatch.setattr(jax, "process_count", lambda: 2)
    set_auto_parallel_context(parallel_mode="stand_alone")
    with pytest.raises(RuntimeError, match="parallel_mode='data_parallel' over 2 processes is not implemented"):
        set_auto_parallel_context(parallel_mode="data_parallel")
