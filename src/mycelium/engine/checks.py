"""Conditions that a compiled program checks while it runs; the call that ran it raises for the first false one."""
from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

import jax
import numpy as np

from mycelium.core.local import local


class _Holder:
    """What finds the user's line in a traceback; `graph.syntax` puts it here, as it stands above."""

    locate: Callable[[TracebackType | None], object] = staticmethod(lambda traceback: None)


holder = _Holder()


class Checks:
    """The conditions of one program.

    Attributes:
        count: How many there are.
        failed: What the false ones of the last run say, by their place in the program.
    """

    __slots__ = ("count", "failed")

    def __init__(self) -> None:
        self.count, self.failed = 0, {}

    @contextmanager
    def verified(self) -> Iterator[None]:
        """Around a run of the program: waits for it and raises for its first false condition.

        Raises:
            RuntimeError: A condition was false.
        """
        try:
            yield
            if self.count:
                jax.effects_barrier()
        except Exception:       # JAX's form of the exception that ended the program; `failed` has the text
            if not self.failed:
                raise
        if self.failed:
            text = self.failed[min(self.failed)]
            self.failed.clear()
            raise RuntimeError(text)


class _FailedError(Exception):
    """Ends the running program."""


# JAX reports exceptions of host functions before it passes them on; this one is not the user's business.
logging.getLogger("jax._src.debugging").addFilter(
    lambda record: not (record.exc_info and isinstance(record.exc_info[1], _FailedError)))


def require(condition: Any, message: Callable[..., str], arrays: Sequence) -> None:
    """Raises RuntimeError with `message(*arrays)` where `condition` is false: now, or when the traced program runs.

    JAX would raise its own exception with its own traceback: what failed is noted, and raised by the call.
    """
    if not any(isinstance(v, jax.core.Tracer) for v in (condition, *arrays)):
        if not np.all(condition):
            raise RuntimeError(message(*arrays))
        return
    scope = local.scope
    checks = scope.root.checks if scope is not None else None
    if checks is None:
        jax.debug.callback(_raise, condition, *arrays, message=message, ordered=True)
        return
    place, where = checks.count, holder.locate(_traceback(sys._getframe(1)))
    checks.count += 1

    def check(condition: Any, *arrays: Any) -> None:
        if not np.all(condition):
            checks.failed.setdefault(place, message(*arrays) + (f"\n{where}" if where else ""))
            raise _FailedError

    jax.debug.callback(check, condition, *arrays)


def _raise(condition: Any, *arrays: Any, message: Callable[..., str]) -> None:
    if not np.all(condition):
        raise RuntimeError(message(*arrays))


def _traceback(frame: FrameType | None) -> TracebackType | None:
    """The traceback an exception raised in `frame` would have."""
    traceback = None
    while frame is not None:
        traceback = TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return traceback
