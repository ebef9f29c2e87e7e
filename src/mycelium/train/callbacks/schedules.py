"""Callbacks that act on how the training goes: LearningRateScheduler, ReduceLROnPlateau and EarlyStopping."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.context import logger
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.train.callbacks.base import RunContext, TrainingOnly, first_output, shortest
from mycelium.train.checkpoint import load_param_into_net

_FALLING = {"loss", "eval_loss", "mae", "mse", "perplexity", "hausdorff_distance", "mean_surface_distance",
            "root_mean_square_distance"}    # what gets better by falling, for mode "auto"


def _fixed_rate(owner: str, optimizer: Any) -> Parameter:
    rate = getattr(optimizer, "learning_rate", None)
    if not isinstance(rate, Parameter):
        raise AttributeError(f"'{owner}' can only change a fixed learning rate: the optimizer should be given one "
                             f"number for all Parameters, but its learning rate is {describe(rate)}.")
    return rate


class LearningRateScheduler(TrainingOnly):
    """Sets the learning rate after each step.

    Args:
        learning_rate_function: Takes the current learning rate (float) and the number of the step (int, from 1) and
            returns the new learning rate.

    Raises:
        AttributeError: While training: the learning rate of the optimizer is a schedule or differs by group.

    Examples:
        >>> halve = ms.LearningRateScheduler(lambda lr, step: lr / 2 if step % 1000 == 0 else lr)

    MindSpore r1.8 `mindspore.LearningRateScheduler`.
    """

    def __init__(self, learning_rate_function: Callable[[float, int], float]):
        self.learning_rate_function = learning_rate_function

    def step_end(self, run_context: RunContext) -> None:
        """Sets the learning rate."""
        params = run_context.original_args()
        rate = _fixed_rate("LearningRateScheduler", params.optimizer)
        new = self.learning_rate_function(shortest(rate.asnumpy()[()]), params.cur_step_num)
        rate.set_data(Tensor(np.asarray(new, np.float32).reshape(rate.shape)))


class _Watcher(TrainingOnly):
    """Looks at a value after each epoch and counts how long it has not become better."""

    def __init__(self, monitor: str, min_delta: float, patience: int, verbose: bool, mode: str):
        name = type(self).__name__
        self.monitor = check_type(name, "monitor", monitor, str)
        self.min_delta = check_type(name, "min_delta", min_delta, (int, float))
        self.patience = check_int(name, "patience", patience, 0)
        self.verbose = check_type(name, "verbose", verbose, bool)
        self.mode = check_type(name, "mode", mode, str)
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"For '{name}', 'mode' should be 'auto', 'min' or 'max', but got {mode!r}.")
        self._falling = mode == "min" or (mode == "auto" and monitor in _FALLING)
        self.wait = 0
        self.best: Any = np.inf if self._falling else -np.inf

    def on_train_begin(self, run_context: RunContext) -> None:
        """Starts anew."""
        self.wait = 0
        self.best = np.inf if self._falling else -np.inf

    def _better(self, value: Any, than: Any) -> bool:
        return bool(value + self.min_delta < than if self._falling else value - self.min_delta > than)

    def _value(self, params: Any) -> Any:
        """The monitored value of this epoch; None, with a warning, if there is none."""
        values = dict(params.get("eval_results", {}))
        if "net_outputs" in params:
            values.setdefault("loss", first_output(params.net_outputs))
        value = values.get(self.monitor)
        if value is None:
            logger.warning("For '%s', there is no %r to look at; there are %s.", type(self).__name__, self.monitor,
                           ", ".join(map(repr, sorted(values))))
        return np.mean(value.asnumpy()) if isinstance(value, Tensor) else value


class ReduceLROnPlateau(_Watcher):
    """Lowers the learning rate when a value has not become better for some epochs.

    Args:
        monitor: "loss", "eval_loss", or the name of a metric of `Model.fit`.
        factor: What the learning rate is multiplied with; between 0 and 1.
        patience: How many epochs without getting better are waited for.
        verbose: Whether to print the new learning rate.
        mode: Whether better is "min" or "max"; "auto" knows it from the name.
        min_delta: By how much a value has to be better to count.
        cooldown: How many epochs after a change do not count.
        min_lr: The lowest learning rate.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `factor`, `patience`, `cooldown` or `mode` is out of range.
        AttributeError: While training: the learning rate of the optimizer is a schedule or differs by group.

    Examples:
        >>> callback = ms.ReduceLROnPlateau(monitor="accuracy", factor=0.5, patience=3)

    MindSpore r1.8 `mindspore.ReduceLROnPlateau`.
    """

    def __init__(self, monitor: str = "eval_loss", factor: float = 0.1, patience: int = 10, verbose: bool = False,
                 mode: str = "auto", min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0):
        super().__init__(monitor, min_delta, patience, verbose, mode)
        name = "ReduceLROnPlateau"
        if not 0 < check_type(name, "factor", factor, float) < 1:
            raise ValueError(f"For '{name}', 'factor' should be between 0 and 1, but got {factor}.")
        self.factor = factor
        self.cooldown = check_int(name, "cooldown", cooldown, 0)
        self.min_lr = check_type(name, "min_lr", min_lr, (int, float))
        self.cooldown_counter = 0

    def on_train_begin(self, run_context: RunContext) -> None:
        """Starts anew."""
        super().on_train_begin(run_context)
        self.cooldown_counter = 0

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Lowers the learning rate if it is time to."""
        params = run_context.original_args()
        value = self._value(params)
        if value is None:
            return
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._better(value, self.best):
            self.best, self.wait = value, 0
        elif not self.cooldown_counter:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(params)

    def _reduce(self, params: Any) -> None:
        rate = _fixed_rate("ReduceLROnPlateau", params.optimizer)
        old = rate.asnumpy()
        if old > np.float32(self.min_lr):
            new = np.maximum(old * np.float32(self.factor), np.float32(self.min_lr)).astype(np.float32)[()]
            rate.set_data(Tensor(new))
            self.cooldown_counter, self.wait = self.cooldown, 0
            if self.verbose:
                print(f"Epoch {params.cur_epoch_num:05d}: ReduceLROnPlateau reducing learning rate to "  # noqa: T201
                      f"{new}.", flush=True)


class EarlyStopping(_Watcher):
    """Ends the training when a value has not become better for some epochs.

    Args:
        monitor: "loss", "eval_loss", or the name of a metric of `Model.fit`.
        min_delta: By how much a value has to be better to count.
        patience: How many epochs without getting better are waited for; with 0 the first epoch is the last.
        verbose: Whether to print when the training ends.
        mode: Whether better is "min" or "max"; "auto" knows it from the name.
        baseline: A value to be better than; epochs that are not count as waiting. Default: None.
        restore_best_weights: Whether to put back the Parameters of the best epoch when the training ends early.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `patience` or `mode` is out of range.

    Examples:
        >>> callback = ms.EarlyStopping(monitor="accuracy", patience=3, restore_best_weights=True)

    MindSpore r1.8 `mindspore.EarlyStopping`.
    """

    def __init__(self, monitor: str = "eval_loss", min_delta: float = 0, patience: int = 0, verbose: bool = False,
                 mode: str = "auto", baseline: float | None = None, restore_best_weights: bool = False):
        super().__init__(monitor, min_delta, patience, verbose, mode)
        name = "EarlyStopping"
        self.baseline = baseline if baseline is None else check_type(name, "baseline", baseline, (int, float))
        self.restore_best_weights = check_type(name, "restore_best_weights", restore_best_weights, bool)
        self.stopped_epoch = 0
        self.best_weights_param_dict: dict[str, Parameter] | None = None

    def on_train_begin(self, run_context: RunContext) -> None:
        """Starts anew."""
        super().on_train_begin(run_context)
        self.stopped_epoch = 0
        self.best_weights_param_dict = None

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Asks for the end if it is time to."""
        params = run_context.original_args()
        value = self._value(params)
        if value is None:
            return
        self.wait += 1
        if self._better(value, self.best):
            self.best = value
            if self.restore_best_weights:
                self.best_weights_param_dict = {p.name: p.clone() for _, p in
                                                params.train_network.parameters_and_names()}
            if self.baseline is None or self._better(value, self.baseline):
                self.wait = 0
        if self.wait >= self.patience:
            self.stopped_epoch = params.cur_epoch_num
            run_context.request_stop()
            if self.best_weights_param_dict is not None:
                if self.verbose:
                    print("Restoring model weights from the end of the best epoch.", flush=True)  # noqa: T201
                load_param_into_net(params.train_network, self.best_weights_param_dict, strict_load=True)

    def on_train_end(self, run_context: RunContext) -> None:
        """Prints that the training ended early."""
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch:05d}: early stopping", flush=True)  # noqa: T201
