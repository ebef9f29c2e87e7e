"""A progress display for the terminal, which MindSpore does not have."""
from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.train.callbacks.base import InternalCallbackParam, RunContext, TrainingOnly, first_output

_SECONDS_BETWEEN = 0.1      # looking at the loss waits for the device; ten times a second is enough for the eye


class ProgressMonitor(TrainingOnly):
    """Shows how far a training is, with its loss and what `Model.fit` evaluated: a bar per epoch in the terminal.

    Args:
        console: A `rich.console.Console` to show it on. Default: the terminal.

    Examples:
        >>> callbacks = [ms.train.ProgressMonitor()]

    Not in MindSpore.
    """

    def __init__(self, console: Any = None):
        self._console = console
        self._progress: Any = None
        self._task: Any = None
        self._shown = 0.0

    def on_train_begin(self, run_context: RunContext) -> None:
        """Begins the display."""
        rich = importlib.import_module("rich.progress")     # only a program that shows progress pays for the import
        self._progress = rich.Progress(
            rich.TextColumn("{task.description}"), rich.BarColumn(), rich.MofNCompleteColumn(),
            rich.TimeElapsedColumn(), rich.TextColumn("{task.fields[note]}"), console=self._console)
        self._progress.start()

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        """Begins a bar."""
        params = run_context.original_args()
        self._task = self._progress.add_task(f"epoch {params.cur_epoch_num}/{params.epoch_num}",
                                             total=params.batch_num, note="")

    def on_train_step_end(self, run_context: RunContext) -> None:
        """Moves the bar."""
        if time.monotonic() - self._shown >= _SECONDS_BETWEEN:
            self._show(run_context.original_args())

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Ends the bar."""
        self._show(run_context.original_args())

    def on_train_end(self, run_context: RunContext) -> None:
        """Ends the display."""
        self.__exit__()

    def __exit__(self, *err: Any) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _show(self, params: InternalCallbackParam) -> None:
        self._shown = time.monotonic()
        values = {"loss": params.get("net_outputs"), **params.get("metrics", {})}
        notes = [f"{name} {number:.4g}" for name, number in ((n, _number(v)) for n, v in values.items())
                 if number is not None]
        self._progress.update(self._task, completed=(params.cur_step_num - 1) % params.batch_num + 1,
                              note=", ".join(notes))

    def _steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        return None


def _number(value: Any) -> float | None:
    value = first_output(value)
    if isinstance(value, Tensor):
        value = value.asnumpy()
    return float(np.mean(value)) if isinstance(value, (int, float, np.ndarray)) else None
