"""`assert_migrated`: the unit test that each migrated Cell deserves."""
from __future__ import annotations

from typing import Any

from mycelium.migrate.compare.comparing import compare
from mycelium.migrate.compare.report import as_text
from mycelium.migrate.compare.result import Comparison
from mycelium.nn.cell import Cell


def assert_migrated(cell: Cell, module: Any, inputs: Any, **options: Any) -> Comparison:
    """Raises AssertionError, with the whole report, unless a Cell agrees with the network that it was ported from.

    Args:
        cell, module, inputs, options: As for `mycelium.migrate.compare`.

    Returns:
        The Comparison.

    Examples:
        >>> from mycelium.migrate import assert_migrated
        >>> import torch
        >>> found = assert_migrated(nn.Dense(4, 3), torch.nn.Linear(4, 3), np.ones((2, 4), np.float32))
        >>> assert_migrated(nn.ReLU(), torch.nn.GELU(), np.ones((2, 4), np.float32))
        Traceback (most recent call last):
        AssertionError: ReLU differs from GELU: ...
    """
    __tracebackhide__ = True
    found = compare(cell, module, inputs, **options)
    if not found.agrees:
        raise AssertionError(f"{found.summary()}\n\n{as_text(found)}")
    return found
