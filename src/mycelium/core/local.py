"""What a thread is doing right now: the scope it traces into, the gradient tapes it records on."""
from __future__ import annotations

import threading
from typing import Any


class _Local(threading.local):
    scope: Any = None           # innermost engine.state.Scope while tracing, else None
    tapes: tuple = ()           # active gradient tapes, outermost first (PYNATIVE)
    cast: Any = None            # NumPy dtype that float Parameters are read as (Cell.to_float), else None


local = _Local()

# One entry for each scope, recording or cast that is active in any thread. While it is empty, operators run without
# looking at `local`, whose attributes cost more to read than the rest of an eager call.
busy: list[None] = []


class Version:
    """A counter that moves whenever something a compiled program depends on may have changed."""

    value = 0

    def bump(self) -> None:
        """Moves the counter."""
        self.value += 1


config_version = Version()
