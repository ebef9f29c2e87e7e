"""`mindspore.dataset.config`: the settings every data pipeline of this process reads when it starts."""
from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import numpy as np

from mycelium.core import context

_INT32_MAX, _UINT32_MAX = 2**31 - 1, 2**32 - 1
DEFAULT_SEED = 5489     # MindSpore's "no seed was set": every run then shuffles differently


class _Settings:
    """The values; one object so that readers always see the newest."""

    def __init__(self) -> None:
        self.seed = DEFAULT_SEED
        self.num_parallel_workers = min(8, os.cpu_count() or 1)
        self.prefetch_size = 16
        self.monitor_sampling_interval = 1000
        self.callback_timeout = 60
        self.multiprocessing_timeout_interval = 300
        self.autotune_interval = 0
        self.sending_batches = 0
        self.auto_num_workers = False
        self.auto_offload = False
        self.dynamic_shape = False
        self.enable_autotune = False
        self.enable_shared_mem = True
        self.enable_watchdog = True
        self.numa_enable = False


_settings = _Settings()


def _int(name: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"For dataset.config, {name!r} should be int, but got {value!r} of type "
                        f"{type(value).__name__}.")
    if not low <= value <= high:
        raise ValueError(f"For dataset.config, {name!r} should be between {low} and {high}, but got {value}.")
    return value


def _bool(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"For dataset.config, {name!r} should be bool, but got {value!r} of type "
                        f"{type(value).__name__}.")
    return value


def set_seed(seed: int) -> None:
    """Seeds the pipelines started from now on, and NumPy's and Python's global generators.

    The same seed gives the orders that MindSpore r1.8 gives, whatever the number of workers.

    Args:
        seed: 0 to 4294967295.

    Raises:
        TypeError: `seed` is not an int.
        ValueError: `seed` is out of range.

    Examples:
        >>> ms.dataset.config.set_seed(1)
        >>> data = ms.dataset.NumpySlicesDataset([0, 1, 2, 3, 4])
        >>> [int(row[0]) for row in data.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [1, 0, 2, 3, 4]

    MindSpore r1.8 `dataset.config.set_seed`.
    """
    _settings.seed = _int("seed", seed, 0, _UINT32_MAX)
    np.random.seed(seed)
    random.seed(seed)


@context.on_seed
def _follow_global_seed(seed: int) -> None:
    set_seed(seed & _UINT32_MAX)


def _seed_set_before_import() -> None:
    seed = context.get_seed()
    if seed is not None:
        _settings.seed = seed & _UINT32_MAX


_seed_set_before_import()


def get_seed() -> int:
    """The seed of the pipelines; 5489 stands for "not set"."""
    return _settings.seed


def run_seed() -> int | None:
    """The seed a pipeline that starts now must follow, or None when none was set."""
    return None if _settings.seed == DEFAULT_SEED else _settings.seed


def set_num_parallel_workers(num: int) -> None:
    """Sets how many workers an operation uses that does not say so itself.

    Args:
        num: 1 or more. More than the machine has cores is allowed here.

    Raises:
        TypeError: `num` is not an int.
        ValueError: `num` is below 1.

    Examples:
        >>> ms.dataset.config.set_num_parallel_workers(2)
        >>> ms.dataset.config.get_num_parallel_workers()
        2

    MindSpore r1.8 `dataset.config.set_num_parallel_workers`.
    """
    _settings.num_parallel_workers = _int("num", num, 1, _INT32_MAX)


def get_num_parallel_workers() -> int:
    """How many workers an operation uses that does not say so itself; at first 8, or the cores of a smaller machine."""
    return _settings.num_parallel_workers


def set_prefetch_size(size: int) -> None:
    """Sets how many results a pipeline may prepare ahead of its consumer.

    Args:
        size: 1 or more.

    Raises:
        TypeError: `size` is not an int.
        ValueError: `size` is below 1.

    Examples:
        >>> ms.dataset.config.set_prefetch_size(16)

    MindSpore r1.8 `dataset.config.set_prefetch_size`.
    """
    _settings.prefetch_size = _int("size", size, 1, _INT32_MAX)


def get_prefetch_size() -> int:
    """How many results a pipeline may prepare ahead of its consumer."""
    return _settings.prefetch_size


def set_multiprocessing_timeout_interval(interval: int) -> None:
    """Sets after how many seconds without a result the parent says that a worker process is stuck."""
    _settings.multiprocessing_timeout_interval = _int("interval", interval, 1, _INT32_MAX)


def get_multiprocessing_timeout_interval() -> int:
    """After how many seconds without a result the parent says that a worker process is stuck."""
    return _settings.multiprocessing_timeout_interval


# ***** settings that are kept and read back, and change nothing here *****


def set_monitor_sampling_interval(interval: int) -> None:
    """Keeps the interval (milliseconds) at which MindSpore samples its profiler."""
    _settings.monitor_sampling_interval = _int("interval", interval, 1, _INT32_MAX)


def get_monitor_sampling_interval() -> int:
    """The interval (milliseconds) kept by `set_monitor_sampling_interval`."""
    return _settings.monitor_sampling_interval


def set_callback_timeout(timeout: int) -> None:
    """Keeps the timeout (seconds) of `WaitedDSCallback`; waiting cannot hang here, see `WaitedDSCallback`."""
    _settings.callback_timeout = _int("timeout", timeout, 1, _INT32_MAX)


def get_callback_timeout() -> int:
    """The timeout (seconds) kept by `set_callback_timeout`."""
    return _settings.callback_timeout


def set_auto_num_workers(enable: bool) -> None:
    """Keeps whether MindSpore chooses worker numbers by itself."""
    _settings.auto_num_workers = _bool("enable", enable)


def get_auto_num_workers() -> bool:
    """The flag kept by `set_auto_num_workers`."""
    return _settings.auto_num_workers


def set_numa_enable(numa_enable: bool) -> None:
    """Keeps whether MindSpore binds its threads to NUMA nodes."""
    _settings.numa_enable = _bool("numa_enable", numa_enable)


def get_numa_enable() -> bool:
    """The flag kept by `set_numa_enable`."""
    return _settings.numa_enable


def set_auto_offload(offload: bool) -> None:
    """Keeps whether MindSpore moves transforms to the device."""
    _settings.auto_offload = _bool("offload", offload)


def get_auto_offload() -> bool:
    """The flag kept by `set_auto_offload`."""
    return _settings.auto_offload


def set_enable_shared_mem(enable: bool) -> None:
    """Keeps whether MindSpore's worker processes use shared memory."""
    _settings.enable_shared_mem = _bool("enable", enable)


def get_enable_shared_mem() -> bool:
    """The flag kept by `set_enable_shared_mem`."""
    return _settings.enable_shared_mem


def set_enable_autotune(enable: bool, filepath_prefix: str | None = None) -> None:
    """Keeps whether MindSpore tunes the pipeline while it runs."""
    if filepath_prefix is not None and not isinstance(filepath_prefix, str):
        raise TypeError(f"For dataset.config, 'filepath_prefix' should be str, but got {filepath_prefix!r}.")
    _settings.enable_autotune = _bool("enable", enable)


def get_enable_autotune() -> bool:
    """The flag kept by `set_enable_autotune`."""
    return _settings.enable_autotune


def set_autotune_interval(interval: int) -> None:
    """Keeps the interval (steps) of MindSpore's tuning."""
    _settings.autotune_interval = _int("interval", interval, 0, _INT32_MAX)


def get_autotune_interval() -> int:
    """The interval kept by `set_autotune_interval`."""
    return _settings.autotune_interval


def set_enable_watchdog(enable: bool) -> None:
    """Keeps whether MindSpore watches its worker processes; here they are always watched."""
    _settings.enable_watchdog = _bool("enable", enable)


def get_enable_watchdog() -> bool:
    """The flag kept by `set_enable_watchdog`."""
    return _settings.enable_watchdog


def set_dynamic_shape(is_dynamic: bool) -> None:
    """Keeps whether shapes may change between rows; here they always may."""
    _settings.dynamic_shape = _bool("is_dynamic", is_dynamic)


def get_dynamic_shape() -> bool:
    """The flag kept by `set_dynamic_shape`."""
    return _settings.dynamic_shape


def set_sending_batches(batch_num: int) -> None:
    """Keeps how many batches MindSpore sends to the device ahead of time."""
    _settings.sending_batches = _int("batch_num", batch_num, 0, _INT32_MAX)


_FILE_KEYS = {"seed": set_seed, "numParallelWorkers": set_num_parallel_workers, "prefetchSize": set_prefetch_size,
              "monitorSamplingInterval": set_monitor_sampling_interval}


def load(file: str) -> None:
    """Sets what a JSON file says: keys "seed", "numParallelWorkers", "prefetchSize", "monitorSamplingInterval".

    Args:
        file: Path of the file. Keys not named above are passed over.

    Raises:
        RuntimeError: The file cannot be read or is not a JSON object.

    MindSpore r1.8 `dataset.config.load`.
    """
    try:
        values = json.loads(Path(file).read_text())
        if not isinstance(values, dict):
            raise ValueError(f"holds a {type(values).__name__}, not an object")
    except (OSError, ValueError) as error:
        raise RuntimeError(f"For 'dataset.config.load', the settings file {file!r} cannot be used: {error}.") from error
    for key, setter in _FILE_KEYS.items():
        if key in values:
            setter(values[key])
