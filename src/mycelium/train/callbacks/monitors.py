"""Callbacks that watch: LossMonitor, TimeMonitor, History and LambdaCallback."""
from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.errors import check_int
from mycelium.core.tensor import Tensor
from mycelium.train.callbacks.base import (
    Callback,
    InternalCallbackParam,
    RunContext,
    TrainingOnly,
    first_output,
    shortest,
)


class LossMonitor(TrainingOnly):
    """Prints the loss, and in `Model.fit` the results of the evaluations.

    Args:
        per_print_times: Print every so many steps; 0 prints no loss.

    Raises:
        TypeError: `per_print_times` is not an int.
        ValueError: `per_print_times` is negative; while training: the loss is not finite.

    Examples:
        >>> monitor = ms.LossMonitor()
        >>> monitor.step_end(ms.RunContext(ms.train.callbacks.InternalCallbackParam(
        ...     cur_epoch_num=1, cur_step_num=1, batch_num=10, net_outputs=Tensor(0.5))))
        epoch: 1 step: 1, loss is 0.5

    MindSpore r1.8 `mindspore.LossMonitor`.
    """

    def __init__(self, per_print_times: int = 1):
        self._per_print_times = check_int("LossMonitor", "per_print_times", per_print_times, 0)
        self._last_print_time = 0

    def step_end(self, run_context: RunContext) -> None:
        """Prints the loss."""
        params = run_context.original_args()
        loss = params.net_outputs
        if isinstance(loss, Tensor):
            loss = float(np.mean(loss.asnumpy().astype(np.float64)))
        elif isinstance(first_output(loss), Tensor):
            loss = first_output(loss).asnumpy()
        epoch = params.get("cur_epoch_num", 1)
        step = (params.cur_step_num - 1) % params.batch_num + 1
        if isinstance(loss, float) and not math.isfinite(loss):
            raise ValueError(f"In epoch {epoch}, step {step}, the loss is {loss}. The training ends here; look at the "
                             "learning rate, the inputs and the loss scale.")
        if not self._per_print_times:
            return
        while params.cur_step_num <= self._last_print_time:     # another training, whose steps begin at 1
            self._last_print_time -= self._per_print_times
        if params.cur_step_num - self._last_print_time >= self._per_print_times:
            self._last_print_time = params.cur_step_num
            print(f"epoch: {epoch} step: {step}, loss is {loss}", flush=True)  # noqa: T201

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Prints the results of the evaluation, if there was one."""
        params = run_context.original_args()
        if "metrics" in params:
            print(f"Eval result: epoch {params.cur_epoch_num}, metrics: {params.metrics}", flush=True)  # noqa: T201

    def _steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        return None if type(self).step_end is LossMonitor.step_end else 1


class TimeMonitor(Callback):
    """Prints how long each epoch took.

    Args:
        data_size: Steps per epoch, where the training does not say how many there are.

    Examples:
        >>> ms.TimeMonitor(data_size=10).data_size
        10

    MindSpore r1.8 `mindspore.TimeMonitor`.
    """

    def __init__(self, data_size: int | None = None):
        self.data_size = data_size
        self.epoch_time = time.perf_counter()
        self._begins: dict[str, float] = {}     # by mode: an evaluation lies within an epoch of training

    def epoch_begin(self, run_context: RunContext) -> None:
        """Notes the time."""
        self.epoch_time = self._begins[run_context.original_args().get("mode", "")] = time.perf_counter()

    def epoch_end(self, run_context: RunContext) -> None:
        """Prints the time the epoch took."""
        params = run_context.original_args()
        mode = params.get("mode", "")
        took = (time.perf_counter() - self._begins.get(mode, self.epoch_time)) * 1000
        steps = check_int("TimeMonitor", "data_size", params.get("batch_num") or self.data_size, 1)
        print(f"{mode.title()} epoch time: {took:5.3f} ms, per step time: {took / steps:5.3f} ms",  # noqa: T201
              flush=True)


class History(TrainingOnly):
    """Keeps the loss at the end of each epoch, and the results of evaluations.

    Attributes:
        epoch: dict with a list of the epochs.
        history: dict with a list per value; the loss is "net_output".

    Examples:
        >>> history = ms.History()
        >>> context = ms.RunContext(ms.train.callbacks.InternalCallbackParam(cur_epoch_num=1, net_outputs=Tensor(0.5)))
        >>> history.begin(context); history.epoch_end(context)
        >>> history.history
        {'net_output': [0.5]}

    MindSpore r1.8 `mindspore.History`.
    """

    def __init__(self) -> None:
        self.history: dict[str, list] = {}
        self.epoch: dict[str, list] = {"epoch": []}

    def begin(self, run_context: RunContext) -> None:
        """Starts a new list of epochs."""
        self.epoch = {"epoch": []}

    def epoch_end(self, run_context: RunContext) -> None:
        """Adds this epoch."""
        params = run_context.original_args()
        self.epoch["epoch"].append(params.get("cur_epoch_num", 1))
        output = first_output(params.net_outputs)
        if isinstance(output, Tensor):
            output = shortest(output.asnumpy()[()])
        self.history.setdefault("net_output", []).append(output)
        for name, value in params.get("metrics", {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_train_epoch_begin: Called with the RunContext before each epoch of a training; the others likewise.
        on_train_epoch_end: After each epoch of a training.
        on_train_step_begin: Before each step of a training.
        on_train_step_end: After each step of a training.
        on_train_begin: Before a training.
        on_train_end: After a training.
        on_eval_epoch_begin: Before the dataset of an evaluation is gone through.
        on_eval_epoch_end: After the dataset of an evaluation was gone through.
        on_eval_step_begin: Before each step of an evaluation.
        on_eval_step_end: After each step of an evaluation.
        on_eval_begin: Before an evaluation.
        on_eval_end: After an evaluation.

    Examples:
        >>> callback = ms.LambdaCallback(on_train_end=lambda run_context: print("done"))
        >>> callback.on_train_end(None)
        done

    MindSpore r1.8 `mindspore.LambdaCallback`.
    """

    def __init__(self, on_train_epoch_begin: Callable | None = None, on_train_epoch_end: Callable | None = None,
                 on_train_step_begin: Callable | None = None, on_train_step_end: Callable | None = None,
                 on_train_begin: Callable | None = None, on_train_end: Callable | None = None,
                 on_eval_epoch_begin: Callable | None = None, on_eval_epoch_end: Callable | None = None,
                 on_eval_step_begin: Callable | None = None, on_eval_step_end: Callable | None = None,
                 on_eval_begin: Callable | None = None, on_eval_end: Callable | None = None):
        given = {name: value for name, value in locals().items() if name.startswith("on_") and value is not None}
        self.__dict__.update(given)

    def _steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        each_step: list[Any] = [self.__dict__.get("on_train_step_begin"), self.__dict__.get("on_train_step_end")]
        return None if each_step == [None, None] else 1
