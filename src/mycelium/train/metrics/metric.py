"""The base of all metrics, and the rearrangement of their inputs."""
from __future__ import annotations

import functools
from abc import ABCMeta, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor


def rearrange_inputs(func: Callable) -> Callable:
    """Decorator for `update`: hands over only the inputs that `set_indexes` chose, in that order.

    Args:
        func: A method `update(self, *inputs)` of an object with an attribute `indexes`.

    Returns:
        The decorated method.

    Examples:
        >>> class Last(nn.Metric):
        ...     def clear(self): self.seen = None
        ...     @nn.rearrange_inputs
        ...     def update(self, *inputs): self.seen = inputs
        ...     def eval(self): return self.seen
        >>> metric = Last().set_indexes([2, 0])
        >>> metric.update("a", "b", "c")
        >>> metric.eval()
        ('c', 'a')

    MindSpore r1.8 `nn.rearrange_inputs`.
    """
    @functools.wraps(func)
    def chosen(self: Any, *inputs: Any) -> Any:
        indexes = self.indexes
        if indexes is None:
            return func(self, *inputs)
        if any(not -len(inputs) <= i < len(inputs) for i in indexes):
            raise IndexError(f"For '{type(self).__name__}.update', the indexes {indexes} ask for more than the "
                             f"{len(inputs)} inputs.")
        return func(self, *[inputs[i] for i in indexes])

    return chosen


class Metric(metaclass=ABCMeta):
    """Base of metrics: `clear` starts anew, `update` takes one batch, `eval` gives the result over all batches.

    Examples:
        >>> class Mean(nn.Metric):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.clear()
        ...     def clear(self): self.values = []
        ...     def update(self, *inputs): self.values.append(self._convert_data(inputs[0]).mean())
        ...     def eval(self): return float(np.mean(self.values))
        >>> mean = Mean()
        >>> mean.update(Tensor([1.0, 3.0]))
        >>> mean.eval()
        2.0

    MindSpore r1.8 `nn.Metric`.
    """

    def __init__(self) -> None:
        self._indexes: list[int] | None = None

    def _convert_data(self, data: Any) -> np.ndarray:
        """A NumPy array of a Tensor, list, tuple or array; TypeError for anything else."""
        if isinstance(data, Tensor):
            array = data.asnumpy()
            return array.astype(np.float32) if data.dtype is mstype.bfloat16 else array     # NumPy sums it poorly
        if isinstance(data, np.ndarray):
            return data
        if isinstance(data, (list, tuple)):
            return np.array(data)
        raise TypeError(f"For '{type(self).__name__}', the inputs of 'update' should be Tensor, list, tuple or "
                        f"numpy.ndarray, but got {describe(data)}.")

    def _take(self, inputs: tuple, count: int, meaning: str) -> tuple:
        """`inputs` if there are `count` of them; ValueError otherwise."""
        if len(inputs) != count:
            raise ValueError(f"For '{type(self).__name__}.update', {count} inputs are needed ({meaning}), but got "
                             f"{len(inputs)}.")
        return inputs

    def _no_data(self) -> RuntimeError:
        """The error of an `eval` before any `update`."""
        return RuntimeError(f"For '{type(self).__name__}.eval', there is no data: call 'update' with at least one "
                            "sample first.")

    @property
    def indexes(self) -> list[int] | None:
        """Which inputs `update` takes, and in which order; None for all as they come."""
        return getattr(self, "_indexes", None)

    def set_indexes(self, indexes: list[int]) -> Metric:
        """Chooses the inputs of `update`, for a network with more than one output or label.

        Args:
            indexes: Positions in what `update` is called with: [2, 1] of (label0, label1, logits) is (logits, label1).

        Returns:
            This metric.

        Raises:
            ValueError: `indexes` is not a list of int.

        Examples:
            >>> metric = nn.MAE().set_indexes([0, 2])
            >>> metric.update(Tensor([1.0]), Tensor([9.0]), Tensor([3.0]))
            >>> metric.eval()
            2.0

        MindSpore r1.8 `nn.Metric.set_indexes`.
        """
        if not isinstance(indexes, list) or not all(isinstance(i, int) for i in indexes):
            raise ValueError(f"For 'set_indexes', 'indexes' should be a list of int, but got {describe(indexes)}.")
        self._indexes = indexes
        return self

    @abstractmethod
    def clear(self) -> None:
        """Starts anew."""

    @abstractmethod
    def update(self, *inputs: Any) -> None:
        """Takes one batch, usually outputs and labels."""

    @abstractmethod
    def eval(self) -> Any:
        """The result over all batches since `clear`."""
