"""What callbacks are, what they are told, and how a training calls them."""
from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from mycelium.core.errors import describe

_EVENTS = ("begin", "epoch_begin", "epoch_end", "step_begin", "step_end", "end")
_STEP_METHODS = tuple(f"{prefix}step_{end}" for prefix in ("", "on_train_") for end in ("begin", "end"))


class _NoSuchParam(AttributeError, KeyError):
    """A parameter of a callback that the training did not set; r1.8 raises KeyError, `hasattr` needs AttributeError."""

    __str__ = AttributeError.__str__


class InternalCallbackParam(dict):
    """What a training tells its callbacks, as items and as attributes: `cb_params.cur_step_num`, for example.

    Examples:
        >>> params = ms.train.callbacks.InternalCallbackParam(cur_epoch_num=1)
        >>> params.batch_num = 10
        >>> params.cur_epoch_num, params["batch_num"]
        (1, 10)
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise _NoSuchParam(f"There is no {name!r} in the parameters of this callback; there are "
                               f"{', '.join(self)}.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


_InternalCallbackParam = InternalCallbackParam


class RunContext:
    """What a callback gets: the state of the training, and the way to ask for its end.

    Args:
        original_args: dict with the state.

    Raises:
        TypeError: `original_args` is not a dict.

    Examples:
        >>> context = ms.RunContext(ms.train.callbacks.InternalCallbackParam(cur_epoch_num=1))
        >>> context.request_stop()
        >>> context.get_stop_requested(), context.original_args().cur_epoch_num
        (True, 1)

    MindSpore r1.8 `mindspore.RunContext`.
    """

    def __init__(self, original_args: dict):
        if not isinstance(original_args, dict):
            raise TypeError(f"For 'RunContext', 'original_args' should be a dict, but got {describe(original_args)}.")
        self._original_args = original_args
        self._stop_requested = False

    def original_args(self) -> Any:
        """The state: the dict itself, whose items are attributes too."""
        return self._original_args

    def request_stop(self) -> None:
        """Asks for the training to end after this step or epoch."""
        self._stop_requested = True

    def get_stop_requested(self) -> bool:
        """Whether the end was asked for."""
        return self._stop_requested


class Callback:
    """Base of callbacks: subclasses define what they need of the methods below.

    Methods that begin with `on_train_` and `on_eval_` are called in training and in evaluation. Those without a prefix
    are called in both unless their counterparts are defined. A callback is a context manager too: what it enters is
    left when the training ends, even by an exception.

    Examples:
        >>> class Stop(ms.Callback):
        ...     def on_train_step_end(self, run_context):
        ...         if run_context.original_args().cur_step_num >= 10:
        ...             run_context.request_stop()

    MindSpore r1.8 `mindspore.Callback`.
    """

    def __enter__(self) -> Any:
        """Called before the training begins."""
        return self

    def __exit__(self, *err: Any) -> None:
        """Called when the training has ended, with the exception that ended it, if one did."""

    def begin(self, run_context: RunContext) -> None:
        """Called once before the first epoch."""

    def epoch_begin(self, run_context: RunContext) -> None:
        """Called before each epoch."""

    def epoch_end(self, run_context: RunContext) -> None:
        """Called after each epoch."""

    def step_begin(self, run_context: RunContext) -> None:
        """Called before each step."""

    def step_end(self, run_context: RunContext) -> None:
        """Called after each step."""

    def end(self, run_context: RunContext) -> None:
        """Called once after the last epoch."""

    def on_train_begin(self, run_context: RunContext) -> None:
        """Called once before the first epoch of a training."""
        self.begin(run_context)

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        """Called before each epoch of a training."""
        self.epoch_begin(run_context)

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Called after each epoch of a training."""
        self.epoch_end(run_context)

    def on_train_step_begin(self, run_context: RunContext) -> None:
        """Called before each step of a training."""
        self.step_begin(run_context)

    def on_train_step_end(self, run_context: RunContext) -> None:
        """Called after each step of a training."""
        self.step_end(run_context)

    def on_train_end(self, run_context: RunContext) -> None:
        """Called once after the last epoch of a training."""
        self.end(run_context)

    def on_eval_begin(self, run_context: RunContext) -> None:
        """Called once before an evaluation."""
        self.begin(run_context)

    def on_eval_epoch_begin(self, run_context: RunContext) -> None:
        """Called before the dataset of an evaluation is gone through."""
        self.epoch_begin(run_context)

    def on_eval_epoch_end(self, run_context: RunContext) -> None:
        """Called after the dataset of an evaluation was gone through."""
        self.epoch_end(run_context)

    def on_eval_step_begin(self, run_context: RunContext) -> None:
        """Called before each step of an evaluation."""
        self.step_begin(run_context)

    def on_eval_step_end(self, run_context: RunContext) -> None:
        """Called after each step of an evaluation."""
        self.step_end(run_context)

    def on_eval_end(self, run_context: RunContext) -> None:
        """Called once after an evaluation."""
        self.end(run_context)

    def _steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        """How many training steps may run in one compiled call before this callback has to look; None for any number.

        A callback that does something at every step has to look at every step.
        """
        return None if all(getattr(type(self), m) is getattr(Callback, m) for m in _STEP_METHODS) else 1


class CallbackList:
    """The callbacks of one run, called together.

    Args:
        callbacks: None, a Callback or a list of them.

    Raises:
        TypeError: `callbacks` is something else.
    """

    def __init__(self, callbacks: Any):
        if callbacks is None:
            callbacks = []
        elif isinstance(callbacks, Callback):
            callbacks = [callbacks]
        if not isinstance(callbacks, list) or not all(isinstance(c, Callback) for c in callbacks):
            raise TypeError(f"'callbacks' should be a Callback or a list of Callbacks, but got {describe(callbacks)}.")
        self.callbacks: list[Callback] = callbacks
        self._stack = ExitStack()

    def __enter__(self) -> CallbackList:
        with ExitStack() as stack:      # leaves those already entered when one fails
            for callback in self.callbacks:
                stack.enter_context(callback)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *err: Any) -> Any:
        return self._stack.__exit__(*err)

    def call(self, event: str, run_context: RunContext) -> None:
        """Calls a method of every callback, "on_train_step_end" for example."""
        for callback in self.callbacks:
            getattr(callback, event)(run_context)

    def steps_without(self, cb_params: InternalCallbackParam) -> int | None:
        """How many training steps may run before a callback has to look; None for any number."""
        limits = [n for n in (c._steps_without(cb_params) for c in self.callbacks) if n is not None]
        return min(limits, default=None)

    def for_evaluation(self) -> list[Callback]:
        """Those that take part when a training evaluates."""
        return [c for c in self.callbacks if not isinstance(c, TrainingOnly)]


class TrainingOnly(Callback):
    """Base of our callbacks that have nothing to do in the evaluations of `Model.fit`."""


def check_new_style(callbacks: Iterable[Callback]) -> None:
    """Refuses callbacks of users whose methods do not say whether they are meant for training or for evaluation.

    Raises:
        ValueError: A callback defines `step_end`, for example, where `on_train_step_end` is meant.
    """
    for callback in callbacks:
        own = [c for c in type(callback).__mro__ if not c.__module__.startswith("mycelium.train.")]
        old = [event for event in _EVENTS if any(event in vars(c) for c in own)]
        if old:
            raise ValueError(f"For 'Model.fit', the callback {type(callback).__name__} defines {', '.join(old)}; name "
                             "its methods with on_train_ or on_eval_ in front, because 'fit' trains and evaluates.")


def first_output(outputs: Any) -> Any:
    """The loss among the outputs of a network."""
    return outputs[0] if isinstance(outputs, (tuple, list)) and outputs else outputs


def shortest(number: Any) -> Any:
    """A NumPy scalar as the Python number that prints alike: float32 0.1 as 0.1."""
    return float(str(number)) if getattr(getattr(number, "dtype", None), "kind", "") == "f" else number
