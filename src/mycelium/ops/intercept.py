"""Watching operators, and answering in their place, while a block of code runs."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mycelium.ops.op import Op

Handler = Callable[[Op, Sequence, dict[str, Any], Callable[[], Any]], Any]


@contextmanager
def intercepted(handler: Handler) -> Iterator[None]:
    """Sends every operator that runs, or is traced, through `handler`.

    Args:
        handler: Called with the operator, its inputs, its constants by name, and a function that runs it; what it
            returns is the operator's result.

    Examples:
        >>> from mycelium.ops.intercept import intercepted
        >>> names = []
        >>> def watch(op, inputs, constants, run):
        ...     names.append(op.name)
        ...     return run()
        >>> with intercepted(watch):
        ...     y = ops.relu(Tensor([1.0])) + 1
        >>> names
        ['ReLU', 'Add']
    """
    plain = Op.__call__

    def call(self: Op, inputs: Sequence, constants: tuple) -> Any:
        names = [p.name for p in (*self.statics, *self.attributes)]
        return handler(self, inputs, dict(zip(names, constants, strict=False)), lambda: plain(self, inputs, constants))

    Op.__call__ = call
    try:
        yield
    finally:
        Op.__call__ = plain
