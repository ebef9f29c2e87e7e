"""Functions of the user that operators, gradients and Cells are given to call."""
from __future__ import annotations

from collections.abc import Callable

from mycelium.core.local import local


class _Holder:
    """What makes a function compilable; `graph.convert` puts it here, as it stands above those that call."""

    convert: Callable = staticmethod(lambda fn: fn)


holder = _Holder()


def prepare(fn: Callable) -> Callable:
    """What to call in place of the user's `fn`: while a program is traced, its compilable form."""
    return fn if local.scope is None else holder.convert(fn)
