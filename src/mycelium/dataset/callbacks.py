"""Callbacks of a `map` step, and the step that waits for the consumer."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mycelium.core.errors import describe
from mycelium.dataset.rows import Row


@dataclass
class DSRunContext:
    """Where the pipeline is, for `DSCallback`.

    Attributes:
        cur_epoch_num: The epoch, from 1.
        cur_step_num_in_epoch: The row within the epoch, from 1.
        cur_step_num: The row since the iteration began, from 1.
    """

    cur_epoch_num: int = 0
    cur_step_num_in_epoch: int = 0
    cur_step_num: int = 0


class DSCallback:
    """Base of the callbacks that `map` calls while the pipeline runs.

    Args:
        step_size: Rows from one call of the step functions to the next. Default: 1.

    Raises:
        TypeError: `step_size` is not an int.
        ValueError: `step_size` is below 1.

    Examples:
        >>> class Count(ms.dataset.DSCallback):
        ...     steps = 0
        ...     def ds_step_end(self, ds_run_context):
        ...         self.steps = ds_run_context.cur_step_num
        >>> count = Count()
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7]).map(lambda x: x, callbacks=count)
        >>> rows = list(data.create_tuple_iterator(num_epochs=1, output_numpy=True))
        >>> count.steps
        3

    MindSpore r1.8 `dataset.DSCallback`.
    """

    def __init__(self, step_size: int = 1) -> None:
        if isinstance(step_size, bool) or not isinstance(step_size, int):
            raise TypeError(f"For 'DSCallback', 'step_size' should be int, but got {describe(step_size)}.")
        if step_size < 1:
            raise ValueError(f"For 'DSCallback', 'step_size' should be 1 or greater, but got {step_size}.")
        self.step_size = step_size

    def ds_begin(self, ds_run_context: DSRunContext) -> None:
        """Called before the first row."""

    def ds_epoch_begin(self, ds_run_context: DSRunContext) -> None:
        """Called before each epoch."""

    def ds_epoch_end(self, ds_run_context: DSRunContext) -> None:
        """Called after each epoch."""

    def ds_step_begin(self, ds_run_context: DSRunContext) -> None:
        """Called before every `step_size`-th row is mapped, beginning with the first."""

    def ds_step_end(self, ds_run_context: DSRunContext) -> None:
        """Called after every `step_size`-th row is mapped, beginning with the first."""


class WaitedDSCallback(DSCallback):
    """A callback of `map` that waits for the training: the pipeline does an epoch or step only after the one before.

    Here a pipeline with callbacks runs in step with its consumer, so there is nothing to wait for and nothing that can
    hang. Pass the same object to `Model.train` as a callback to get the training's context.

    Args:
        step_size: Rows from one call to the next. Default: 1.

    Examples:
        >>> class Show(ms.dataset.WaitedDSCallback):
        ...     def sync_epoch_begin(self, train_run_context, ds_run_context):
        ...         print("epoch", ds_run_context.cur_epoch_num, "after", train_run_context)
        >>> data = ms.dataset.NumpySlicesDataset([5, 6, 7]).map(lambda x: x, callbacks=Show())
        >>> rows = list(data.create_tuple_iterator(num_epochs=1, output_numpy=True))
        epoch 1 after None

    MindSpore r1.8 `dataset.WaitedDSCallback`.
    """

    _train_run_context: Any = None

    def sync_epoch_begin(self, train_run_context: Any, ds_run_context: DSRunContext) -> None:
        """Called before each epoch of the pipeline, after the training's epoch before it."""

    def sync_step_begin(self, train_run_context: Any, ds_run_context: DSRunContext) -> None:
        """Called before every `step_size`-th row, after the training's step before it."""

    def ds_epoch_begin(self, ds_run_context: DSRunContext) -> None:
        """Calls `sync_epoch_begin`."""
        self.sync_epoch_begin(self._train_run_context, ds_run_context)

    def ds_step_begin(self, ds_run_context: DSRunContext) -> None:
        """Calls `sync_step_begin`."""
        self.sync_step_begin(self._train_run_context, ds_run_context)

    # What a training calls its callbacks with (train is above this package, so these are spelled out here).

    def begin(self, run_context: Any) -> None:
        """Called by the training before it starts."""

    def epoch_begin(self, run_context: Any) -> None:
        """Called by the training before an epoch."""

    def epoch_end(self, run_context: Any) -> None:
        """Called by the training after an epoch; keeps the context for the pipeline."""
        self._train_run_context = run_context.original_args()

    def step_begin(self, run_context: Any) -> None:
        """Called by the training before a step."""

    def step_end(self, run_context: Any) -> None:
        """Called by the training after a step; keeps the context for the pipeline."""
        self._train_run_context = run_context.original_args()

    def end(self, run_context: Any) -> None:
        """Called by the training after it ends."""

    def on_train_begin(self, run_context: Any) -> None:
        """Called by the training before it starts."""
        self.begin(run_context)

    def on_train_epoch_begin(self, run_context: Any) -> None:
        """Called by the training before an epoch."""
        self.epoch_begin(run_context)

    def on_train_epoch_end(self, run_context: Any) -> None:
        """Called by the training after an epoch."""
        self.epoch_end(run_context)

    def on_train_step_begin(self, run_context: Any) -> None:
        """Called by the training before a step."""
        self.step_begin(run_context)

    def on_train_step_end(self, run_context: Any) -> None:
        """Called by the training after a step."""
        self.step_end(run_context)

    def on_train_end(self, run_context: Any) -> None:
        """Called by the training after it ends."""
        self.end(run_context)


def sync_wait_for_dataset(rank_id: int, rank_size: int, current_epoch: int) -> None:
    """Returns at once: MindSpore waits here until every device's data has arrived, which is not sent ahead here.

    Args:
        rank_id: Number of this process.
        rank_size: Number of processes.
        current_epoch: Number of the epoch.

    Examples:
        >>> ms.dataset.sync_wait_for_dataset(0, 1, 1)

    MindSpore r1.8 `dataset.sync_wait_for_dataset`.
    """


class Observer:
    """Calls the callbacks of one step during one iteration.

    Args:
        callbacks: The callbacks.
        run: The iteration.
    """

    def __init__(self, callbacks: list[DSCallback], run: Any) -> None:
        self.callbacks = callbacks
        self.context = DSRunContext()
        self._run = run
        run.on_epoch_end(lambda: self._tell("ds_epoch_end"))

    def before(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows, with the calls that come before each."""
        context = self.context
        if context.cur_epoch_num == 0:
            self._tell("ds_begin")
        if context.cur_epoch_num != self._run.epoch:
            context.cur_epoch_num, context.cur_step_num_in_epoch = self._run.epoch, 0
            self._tell("ds_epoch_begin")
        for row in rows:
            context.cur_step_num_in_epoch += 1
            context.cur_step_num += 1
            self._tell_step("ds_step_begin")
            yield row

    def after(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows, with the calls that come after each."""
        for row in rows:
            self._tell_step("ds_step_end")
            yield row

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self.context)

    def _tell_step(self, event: str) -> None:
        for callback in self.callbacks:
            if (self.context.cur_step_num_in_epoch - 1) % callback.step_size == 0:
                getattr(callback, event)(self.context)
