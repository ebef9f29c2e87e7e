"""Settings: what they accept, and what the seed reaches."""

import json
import random

import numpy as np
import pytest

import mycelium as ms
from mycelium.dataset import config


@pytest.fixture(autouse=True)
def _restore():
    workers, size = config.get_num_parallel_workers(), config.get_prefetch_size()
    yield
    config.set_num_parallel_workers(workers)
    config.set_prefetch_size(size)
    config.set_seed(config.DEFAULT_SEED)


def test_the_global_seed_is_the_pipelines_seed():
    ms.set_seed(3)
    assert config.get_seed() == 3
    config.set_seed(2)
    assert config.get_seed() == 2
    assert ms.get_seed() == 3


def test_the_seed_reaches_numpy_and_python():
    config.set_seed(5)
    first = np.random.rand(2).tolist(), random.random()
    config.set_seed(5)
    assert (np.random.rand(2).tolist(), random.random()) == first
    assert first[0] == pytest.approx([0.22199317, 0.87073231])
    assert first[1] == pytest.approx(0.6229016948897019)


def test_a_seed_set_before_the_package_is_imported_counts(run_python):
    assert run_python("""
        import mycelium as ms
        ms.set_seed(11)
        import mycelium.dataset as ds
        print(ds.config.get_seed())
    """).split() == ["11"]


@pytest.mark.parametrize("setter, bad, error", [
    (config.set_seed, -1, ValueError), (config.set_seed, 2**32, ValueError), (config.set_seed, "a", TypeError),
    (config.set_seed, True, TypeError), (config.set_num_parallel_workers, 0, ValueError),
    (config.set_num_parallel_workers, "a", TypeError), (config.set_prefetch_size, 0, ValueError),
    (config.set_prefetch_size, 1.5, TypeError), (config.set_enable_shared_mem, 3, TypeError),
    (config.set_monitor_sampling_interval, -1, ValueError), (config.set_callback_timeout, 0, ValueError),
    (config.set_auto_num_workers, 3, TypeError), (config.set_numa_enable, 3, TypeError),
    (config.set_multiprocessing_timeout_interval, 0, ValueError), (config.set_autotune_interval, -1, ValueError),
    (config.set_enable_autotune, 3, TypeError), (config.set_dynamic_shape, 3, TypeError),
    (config.set_auto_offload, 3, TypeError), (config.set_sending_batches, "a", TypeError),
    (config.set_enable_watchdog, 3, TypeError),
])
def test_bad_values_are_refused(setter, bad, error):
    with pytest.raises(error, match="should be"):
        setter(bad)


@pytest.mark.parametrize("name, value", [
    ("num_parallel_workers", 3), ("prefetch_size", 5), ("monitor_sampling_interval", 7), ("callback_timeout", 8),
    ("multiprocessing_timeout_interval", 300), ("autotune_interval", 2), ("auto_num_workers", False),
    ("auto_offload", False), ("dynamic_shape", False), ("enable_autotune", False), ("enable_shared_mem", True),
    ("enable_watchdog", True), ("numa_enable", False),
])
def test_what_is_set_is_read_back(name, value):
    getattr(config, f"set_{name}")(value)
    assert getattr(config, f"get_{name}")() == value


def test_load(tmp_path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"seed": 9, "numParallelWorkers": 4, "prefetchSize": 8, "somethingElse": 1}))
    config.load(str(path))
    assert (config.get_seed(), config.get_num_parallel_workers(), config.get_prefetch_size()) == (9, 4, 8)
    path.write_text("[1]")
    for bad in (path, tmp_path / "nowhere.json"):
        with pytest.raises(RuntimeError, match="cannot be used"):
            config.load(str(bad))
