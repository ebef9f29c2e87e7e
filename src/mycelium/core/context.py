"""`set_context` / `get_context`: execution mode, device, and the settings of r1.8 that have a meaning here."""
from __future__ import annotations

import difflib
import logging
from typing import Any

import numpy as np

from mycelium.core.local import config_version

GRAPH_MODE, PYNATIVE_MODE = 0, 1
logger = logging.getLogger("mycelium")

# setting -> (default, accepted types). r1.8 documents these; those without a meaning on XLA are kept and read back.
_SETTINGS: dict[str, tuple[Any, Any]] = {
    "mode": (GRAPH_MODE, int), "device_target": (None, str), "device_id": (0, int), "save_graphs": (False, (bool, int)),
    "save_graphs_path": (".", str), "enable_dump": (False, bool), "save_dump_path": (".", str),
    "enable_profiling": (False, bool), "profiling_options": ("training_trace", str),
    "variable_memory_max_size": ("30GB", str), "max_device_memory": ("1024GB", str), "mempool_block_size": ("1GB", str),
    "enable_sparse": (False, bool), "check_bprop": (False, bool), "max_call_depth": (1000, int),
    "print_file_path": ("", str), "env_config_path": ("", str), "auto_tune_mode": ("NO_TUNE", str),
    "grad_for_scalar": (False, bool), "enable_compile_cache": (False, bool), "compile_cache_path": ("", str),
    "runtime_num_threads": (30, int), "pynative_synchronize": (False, bool), "enable_reduce_precision": (True, bool),
    "enable_graph_kernel": (False, bool), "reserve_class_name_in_scope": (True, bool),
    "load_compile_cache": (False, bool), "enable_parallel_split": (None, (bool, type(None))),
    "graph_kernel_flags": ("", str), "deterministic": ("OFF", str), "precompile_only": (False, bool),
    "jit_level": ("O0", str),
}
_DEVICES = ("CPU", "GPU", "Ascend")
_values: dict[str, Any] = {name: default for name, (default, _) in _SETTINGS.items()}


class _State:
    """The settings read on hot paths, as plain attributes."""

    graph = True                # mode is GRAPH_MODE
    seed: int | None = None


state = _State()
_seed_listeners: list = []
_listeners: dict[str, list] = {}


def on_seed(listener: Any) -> Any:
    """Registers a function called with every new global seed."""
    _seed_listeners.append(listener)
    return listener


def on_setting(*names: str) -> Any:
    """Registers a function called with the values of the settings `names` whenever one of them is set."""
    def register(listener: Any) -> Any:
        for name in names:
            _listeners.setdefault(name, []).append((listener, names))
        return listener

    return register


def set_context(**kwargs: Any) -> None:
    """Sets the context: mode, device and debugging options.

    Args:
        **kwargs: `mode` (int): GRAPH_MODE (0, default) compiles whole Cells, PYNATIVE_MODE (1) runs op by op;
            `device_target` (str): "CPU", "GPU" or "Ascend", where "Ascend" is mapped, with one notice, to the
            accelerator here; `device_id` (int): index of the device;
            `enable_compile_cache` (bool), `compile_cache_path` (str): keep compiled programs on disk, below
            PATH/rank_0/graph_cache, so that the next process need not compile them; `save_graphs` (bool),
            `save_graphs_path` (str): write each program as text, operators under the source lines they come from;
            the other settings of r1.8 are kept and returned by `get_context`.

    Raises:
        ValueError: An unknown setting or value; the message names the nearest known one.
        TypeError: A value of the wrong type.

    Examples:
        >>> ms.set_context(mode=ms.PYNATIVE_MODE)
        >>> ms.get_context("mode")
        1

    MindSpore r1.8 `mindspore.set_context`.
    """
    for name, value in kwargs.items():
        _check(name, value)
        previous = _values[name]
        _values[name] = value
        if name == "mode":
            state.graph = value == GRAPH_MODE
        try:
            for listener, names in _listeners.get(name, ()):
                listener(*[_values[n] for n in names])
        except Exception:
            _values[name] = previous
            raise
    config_version.bump()


def _check(name: str, value: Any) -> None:
    if name not in _SETTINGS:
        near = difflib.get_close_matches(name, _SETTINGS, 1)
        raise ValueError(f"For 'set_context', the keyword {name!r} is not a setting"
                         + (f"; did you mean {near[0]!r}?" if near else "."))
    kind = _SETTINGS[name][1]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        expected = " or ".join(k.__name__ for k in (kind if isinstance(kind, tuple) else (kind,)))
        raise TypeError(f"For 'set_context', {name!r} should be {expected}, but got "
                        f"{value!r} of type {type(value).__name__}.")
    if name == "mode" and value not in (GRAPH_MODE, PYNATIVE_MODE):
        raise ValueError(f"For 'set_context', 'mode' should be GRAPH_MODE (0) or PYNATIVE_MODE (1), but got {value}.")
    if name == "device_target" and value not in _DEVICES:
        near = difflib.get_close_matches(value, _DEVICES, 1, 0.1)
        raise ValueError(f"For 'set_context', 'device_target' should be one of {_DEVICES}, but got {value!r}"
                         + (f"; did you mean {near[0]!r}?" if near else "."))
    if name == "device_id" and value < 0:   # pyright: ignore[reportOperatorIssue]
        raise ValueError(f"For 'set_context', 'device_id' should be 0 or greater, but got {value}.")


def get_context(attr_key: str) -> Any:
    """The value of a context setting.

    Args:
        attr_key: The name of the setting.

    Raises:
        ValueError: The setting does not exist.

    Examples:
        >>> ms.get_context("device_id")
        0

    MindSpore r1.8 `mindspore.get_context`.
    """
    if attr_key not in _SETTINGS:
        near = difflib.get_close_matches(str(attr_key), _SETTINGS, 1)
        raise ValueError(f"For 'get_context', {attr_key!r} is not a setting"
                         + (f"; did you mean {near[0]!r}?" if near else "."))
    if attr_key == "device_target" and _values[attr_key] is None:
        return default_device[0]()
    return _values[attr_key]


default_device: list = []       # a function that names the device used when none is set; from engine.backend


# ***** seeds *****

_init_rng: list = [np.random.default_rng()]


def set_seed(seed: int) -> None:
    """Seeds every source of randomness: initializers, random ops, dataset shuffling and NumPy's global generator.

    Args:
        seed: 0 or greater.

    Raises:
        TypeError: `seed` is not an int.
        ValueError: `seed` is negative.

    Examples:
        >>> ms.set_seed(1)

    MindSpore r1.8 `mindspore.set_seed`.
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"For 'set_seed', 'seed' should be int, but got {seed!r} of type {type(seed).__name__}.")
    if seed < 0:
        raise ValueError(f"For 'set_seed', 'seed' should be 0 or greater, but got {seed}.")
    state.seed = int(seed)
    np.random.seed(state.seed & 0xFFFFFFFF)
    _init_rng[0] = np.random.default_rng(state.seed)
    for listener in _seed_listeners:
        listener(state.seed)


def get_seed() -> int | None:
    """The global seed, or None when `set_seed` was not called (MindSpore r1.8 `mindspore.get_seed`)."""
    return state.seed


def init_rng() -> np.random.Generator:
    """The generator that initial weights are drawn from."""
    return _init_rng[0]
