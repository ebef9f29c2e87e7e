"""Saving checkpoints while training: CheckpointConfig and ModelCheckpoint."""
from __future__ import annotations

import os
import re
import time
from typing import Any

from mycelium.core.errors import check_int, check_type, describe
from mycelium.nn.cell import Cell
from mycelium.train.callbacks.base import InternalCallbackParam, RunContext, TrainingOnly
from mycelium.train.checkpoint import save_checkpoint, wait_for_async_save
from mycelium.train.encryption import check_key

_POSITIONS = ("epoch_num", "step_num")


class CheckpointConfig:
    """When `ModelCheckpoint` saves, what it saves, and what it keeps.

    Args:
        save_checkpoint_steps: Save every so many steps; 0 or None for not by steps.
        save_checkpoint_seconds: Save every so many seconds, if not by steps.
        keep_checkpoint_max: Keep so many files at most.
        keep_checkpoint_per_n_minutes: Keep one file of every so many minutes, if there is no `keep_checkpoint_max`.
        integrated_save: Kept for compatibility: values are always saved whole.
        async_save: Write in a thread.
        saved_network: Save this network in place of the trained one with its optimizer.
        append_info: More to save: "epoch_num", "step_num", and one dict of names and numbers.
        enc_key: Key to encrypt with, see `save_checkpoint`.
        enc_mode: "AES-GCM" or "AES-CBC".
        exception_save: Save what there is when an exception ends the training, in a file named "..._breakpoint.ckpt".

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A number is negative, nothing says when to save and what to keep, or a value is unknown.

    Examples:
        >>> ms.CheckpointConfig(save_checkpoint_steps=100, keep_checkpoint_max=3).get_checkpoint_policy()
        {'save_checkpoint_steps': 100, 'save_checkpoint_seconds': None, 'keep_checkpoint_max': 3,
         'keep_checkpoint_per_n_minutes': None, 'saved_network': None}

    MindSpore r1.8 `mindspore.CheckpointConfig`.
    """

    def __init__(self, save_checkpoint_steps: int | None = 1, save_checkpoint_seconds: int | None = 0,
                 keep_checkpoint_max: int | None = 5, keep_checkpoint_per_n_minutes: int | None = 0,
                 integrated_save: bool = True, async_save: bool = False, saved_network: Cell | None = None,
                 append_info: list | None = None, enc_key: bytes | None = None, enc_mode: str = "AES-GCM",
                 exception_save: bool = False):
        name = "CheckpointConfig"
        numbers = {"save_checkpoint_steps": save_checkpoint_steps, "save_checkpoint_seconds": save_checkpoint_seconds,
                   "keep_checkpoint_max": keep_checkpoint_max,
                   "keep_checkpoint_per_n_minutes": keep_checkpoint_per_n_minutes}
        for argument, value in numbers.items():
            if value is not None:
                check_int(name, argument, value, 0)
        if not any(numbers.values()):
            raise ValueError(f"For '{name}', at least one of {', '.join(map(repr, numbers))} should be above 0.")
        if saved_network is not None:
            check_type(name, "saved_network", saved_network, Cell)
        check_key(name, "enc", enc_key, enc_mode)
        self._save_steps = save_checkpoint_steps
        self._save_seconds = save_checkpoint_seconds if save_checkpoint_seconds and not save_checkpoint_steps else None
        self._keep_max, self._keep_minutes = keep_checkpoint_max, None
        if not keep_checkpoint_max:
            self._keep_minutes = keep_checkpoint_per_n_minutes
            if not keep_checkpoint_per_n_minutes:
                self._keep_max = 1
        self._integrated_save = check_type(name, "integrated_save", integrated_save, bool)
        self._async_save = check_type(name, "async_save", async_save, bool)
        self._saved_network = saved_network
        self._append_dict = _append_dict(append_info)
        self._enc_key, self._enc_mode = enc_key, enc_mode
        self.exception_save = check_type(name, "exception_save", exception_save, bool)

    @property
    def save_checkpoint_steps(self) -> int | None:
        """Every how many steps to save."""
        return self._save_steps

    @property
    def save_checkpoint_seconds(self) -> int | None:
        """Every how many seconds to save."""
        return self._save_seconds

    @property
    def keep_checkpoint_max(self) -> int | None:
        """How many files to keep at most."""
        return self._keep_max

    @property
    def keep_checkpoint_per_n_minutes(self) -> int | None:
        """Of how many minutes to keep one file."""
        return self._keep_minutes

    @property
    def integrated_save(self) -> bool:
        """Kept for compatibility: values are always saved whole."""
        return self._integrated_save

    @property
    def async_save(self) -> bool:
        """Whether to write in a thread."""
        return self._async_save

    @property
    def saved_network(self) -> Cell | None:
        """The network to save in place of the trained one."""
        return self._saved_network

    @property
    def enc_key(self) -> bytes | None:
        """The key to encrypt with."""
        return self._enc_key

    @property
    def enc_mode(self) -> str:
        """How to encrypt."""
        return self._enc_mode

    @property
    def append_dict(self) -> dict | None:
        """What else to save."""
        return self._append_dict

    def get_checkpoint_policy(self) -> dict[str, Any]:
        """When to save and what to keep, as a dict."""
        return {"save_checkpoint_steps": self._save_steps, "save_checkpoint_seconds": self._save_seconds,
                "keep_checkpoint_max": self._keep_max, "keep_checkpoint_per_n_minutes": self._keep_minutes,
                "saved_network": self._saved_network}


def _append_dict(info: Any) -> dict | None:
    if not info and not isinstance(info, (int, str)):
        return None
    if not isinstance(info, list):
        raise TypeError(f"For 'CheckpointConfig', 'append_info' should be a list, but got {describe(info)}.")
    result: dict[str, Any] = {}
    for item in info:
        if not isinstance(item, (str, dict)):
            raise TypeError("For 'CheckpointConfig', 'append_info' should hold 'epoch_num', 'step_num' and one dict, "
                            f"but got {describe(item)}.")
        if isinstance(item, dict):
            result.update(item)
        elif item in _POSITIONS:
            result[item] = 0
        else:
            raise ValueError("For 'CheckpointConfig', the names in 'append_info' should be 'epoch_num' or 'step_num', "
                             f"but got {item!r}.")
    if sum(isinstance(item, dict) for item in info) > 1:
        raise TypeError(f"For 'CheckpointConfig', 'append_info' should hold one dict, but got {info}.")
    return result


class ModelCheckpoint(TrainingOnly):
    """Saves checkpoints while training: the trained network with its optimizer, and the last state at the end.

    Files are named "prefix-epoch_step.ckpt". Where such files are already, "_1" or the next free number follows the
    prefix. MindSpore's graph file ("-graph.meta") is not written.

    Args:
        prefix: How file names begin.
        directory: Where to save; made if need be. Default: the current directory.
        config: When to save and what to keep. Default: every step, the last five files.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `prefix` is not a str without "/", or `directory` is empty.

    Examples:
        >>> import tempfile
        >>> config = ms.CheckpointConfig(save_checkpoint_steps=100)
        >>> callback = ms.ModelCheckpoint(prefix="lenet", directory=tempfile.mkdtemp(), config=config)

    MindSpore r1.8 `mindspore.ModelCheckpoint`.
    """

    def __init__(self, prefix: str = "CKP", directory: str | None = None, config: CheckpointConfig | None = None):
        name = "ModelCheckpoint"
        if not isinstance(prefix, str) or "/" in prefix:
            raise ValueError(f"For '{name}', 'prefix' should be a str without '/', but got {prefix!r}.")
        if directory is not None and not check_type(name, "directory", directory, str).strip():
            raise ValueError(f"For '{name}', 'directory' should not be empty.")
        self._config = CheckpointConfig() if config is None else check_type(name, "config", config, CheckpointConfig)
        self._prefix = prefix
        self._directory = os.path.realpath(directory or os.curdir)
        os.makedirs(self._directory, exist_ok=True)
        self._named = False             # whether the prefix has its number
        self._latest = ""
        self._files: list[str] = []     # saved and to be removed in time, the oldest first
        self._window: float | None = None
        self._last_step, self._last_time = 0, time.monotonic()
        self._params: InternalCallbackParam | None = None

    @property
    def latest_ckpt_file_name(self) -> str:
        """The file saved last; empty before the first one."""
        return self._latest

    @property
    def _exception_save(self) -> bool:
        return self._config.exception_save

    def begin(self, run_context: RunContext) -> None:
        """Counts steps from the beginning of this training."""
        self._params = run_context.original_args()
        self._last_step = self._params.get("cur_step_num", 0)
        self._last_time = time.monotonic()

    def step_end(self, run_context: RunContext) -> None:
        """Saves if it is time to."""
        params = run_context.original_args()
        config = self._config
        if config.save_checkpoint_steps:
            due = params.cur_step_num >= self._last_step + config.save_checkpoint_steps
        else:
            due = bool(config.save_checkpoint_seconds
                       and time.monotonic() - self._last_time > config.save_checkpoint_seconds)
        if due:
            self._save(params)

    def end(self, run_context: RunContext) -> None:
        """Saves the last state, if that is not done yet."""
        params = run_context.original_args()
        if (self._config.save_checkpoint_steps or self._config.save_checkpoint_seconds) \
                and params.cur_step_num > self._last_step:
            self._save(params)
        wait_for_async_save()

    def __exit__(self, *err: Any) -> None:
        params = self._params
        if err and err[0] is not None and self._exception_save and params is not None and params.cur_step_num:
            self._save(params, "_breakpoint")

    def _save(self, params: InternalCallbackParam, suffix: str = "") -> None:
        config = self._config
        if not self._named:
            self._named = True
            self._prefix = _free_prefix(self._prefix, self._directory)
        step = (params.cur_step_num - 1) % params.batch_num + 1
        path = os.path.join(self._directory, f"{self._prefix}-{params.cur_epoch_num}_{step}{suffix}.ckpt")
        extra = config.append_dict
        if extra is not None:
            now = {"epoch_num": params.cur_epoch_num, "step_num": params.cur_step_num}
            extra = {name: now.get(name, value) for name, value in extra.items()}
        network = config.saved_network if config.saved_network is not None else params.train_network
        save_checkpoint(network, path, config.integrated_save, config.async_save, extra, config.enc_key,
                        config.enc_mode)
        self._last_step, self._last_time = params.cur_step_num, time.monotonic()
        self._latest = params.latest_ckpt_file = path
        params.last_save_ckpt_step = params.cur_step_num
        if not suffix:
            self._remove_old(path)

    def _remove_old(self, path: str) -> None:
        files, keep = [*(f for f in self._files if f != path), path], self._config.keep_checkpoint_max
        if not keep:
            keep, now = 1, time.monotonic()
            if self._window is None or now - self._window >= 60 * (self._config.keep_checkpoint_per_n_minutes or 0):
                keep, self._window = 0, now
                files.pop()         # the first file of each window stays for good
        cut = max(0, len(files) - keep)
        old, self._files = files[:cut], files[cut:]
        for name in old:
            if os.path.exists(name):
                os.remove(name)

    def _steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        steps = self._config.save_checkpoint_steps
        if not steps or type(self).step_end is not ModelCheckpoint.step_end:
            return 1
        return max(1, self._last_step + steps - cb_params.cur_step_num)


def _free_prefix(prefix: str, directory: str) -> str:
    """`prefix`, with the next number behind it where files of a former training are in the directory."""
    pattern = re.compile(re.escape(prefix) + r"(?:_(\d+))?-(?!.*_breakpoint\.ckpt$).*\.ckpt$")
    taken = [int(found[1] or 0) for found in map(pattern.match, os.listdir(directory)) if found]
    return f"{prefix}_{max(taken) + 1}" if taken else prefix
