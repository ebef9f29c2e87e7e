"""What core needs from the array library above it. `engine.backend` fills these in when it is imported."""
from __future__ import annotations

from typing import Any, Protocol


class ArrayBackend(Protocol):
    """The few things a Tensor asks of arrays outside of operators."""

    def put(self, value: Any) -> Any:
        """A device array that owns a copy of the NumPy array `value`."""
        ...

    def copy(self, array: Any) -> Any:
        """A new device array with the same content."""
        ...

    def alias(self, array: Any) -> Any:
        """Another array object on the same memory, to be told apart by identity."""
        ...

    def is_traced(self, array: Any) -> bool:
        """Whether `array` stands for a value of a program being compiled."""
        ...

    def cast(self, array: Any, dtype: Any) -> Any:
        """`array` converted to a NumPy dtype."""
        ...


class _Holder:
    backend: ArrayBackend


holder = _Holder()
