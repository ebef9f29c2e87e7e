"""TensorArray: Tensors of one shape, written and read by index."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.local import local
from mycelium.core.tensor import Tensor
from mycelium.engine.compile import DynamicShapeError
from mycelium.nn.cell import Cell


class TensorArray(Cell):
    """Tensors of one shape and dtype, written and read by index.

    Args:
        dtype: dtype of the elements.
        element_shape: Their shape, a tuple.
        dynamic_size: Whether the array grows. Default: True.
        size: How many elements it holds when it does not grow. Default: 0.
        name: Default: "TA".

    Raises:
        TypeError: `dtype` is no dtype, or another argument of the wrong type.
        ValueError: `size` is negative.

    Examples:
        >>> array = nn.TensorArray(ms.int64, ())
        >>> array.write(0, 1)
        True
        >>> array.write(1, 2)
        True
        >>> print(array.read(1), array.stack())
        2 [1 2]

    MindSpore r1.8 `nn.TensorArray`.
    """

    def __init__(self, dtype: mstype.Type, element_shape: tuple, dynamic_size: bool = True, size: int = 0,
                 name: str = "TA"):
        super().__init__()
        if not isinstance(dtype, mstype.Type):
            raise TypeError(f"For 'TensorArray', 'dtype' should be a dtype such as mindspore.float32, but got "
                            f"{describe(dtype)}.")
        self.dtype = dtype
        self.element_shape = tuple(check_type("TensorArray", "element_shape", element_shape, (tuple, list)))
        self.dynamic_size = check_type("TensorArray", "dynamic_size", dynamic_size, bool)
        self.capacity = check_int("TensorArray", "size", size, 0)
        self.name = check_type("TensorArray", "name", name, str)
        self.elements: list[Any] = []

    def write(self, index: int, value: Any) -> bool:
        """Writes an element; those skipped are zeros.

        Args:
            index: Where.
            value: Tensor or number of the shape of the elements.

        Returns:
            True.

        Raises:
            TypeError: `index` is no int.
            RuntimeError: It is out of range, or `value` has another shape or dtype.
        """
        _on_the_host()
        index = check_type("TensorArray.write", "index", index, (int, Tensor))
        index = int(index.asnumpy()) if isinstance(index, Tensor) else index
        if index < 0 or (not self.dynamic_size and index >= self.capacity):
            raise RuntimeError(f"For 'TensorArray.write', 'index' should be in [0, {self.capacity}), but got {index}.")
        value = ops.cast(value, self.dtype) if isinstance(value, (bool, int, float)) else value
        if tuple(value.shape) != self.element_shape or value.dtype != self.dtype:
            raise RuntimeError(f"For 'TensorArray.write', 'value' should have shape {self.element_shape} and dtype "
                               f"{self.dtype}, but got {describe(value)}.")
        self.elements += [None] * (index + 1 - len(self.elements))
        self.elements[index] = value
        return True

    def read(self, index: int) -> Tensor:
        """The element at `index`; RuntimeError where none was written or skipped."""
        _on_the_host()
        index = check_type("TensorArray.read", "index", index, (int, Tensor))
        index = int(index.asnumpy()) if isinstance(index, Tensor) else index
        if not 0 <= index < len(self.elements):
            raise RuntimeError(f"For 'TensorArray.read', 'index' should be in [0, {len(self.elements)}), but got "
                               f"{index}.")
        return self._element(index)

    def _element(self, index: int) -> Tensor:
        value = self.elements[index] if index < len(self.elements) else None
        return ops.zeros(self.element_shape, self.dtype) if value is None else value

    def stack(self) -> Tensor:
        """All elements in one Tensor."""
        _on_the_host()
        count = len(self.elements) if self.dynamic_size else self.capacity
        return ops.stack([self._element(i) for i in range(count)])

    def size(self) -> Tensor:
        """How many elements there are, int64."""
        _on_the_host()
        return Tensor(len(self.elements), mstype.int64)

    def clear(self) -> bool:
        """Takes all elements out."""
        _on_the_host()
        self.elements = []
        return True

    def close(self) -> bool:
        """Gives the elements up."""
        return self.clear()


def _on_the_host() -> None:
    """In GRAPH_MODE the Cell that uses the array runs op by op: what the array holds outlives a program."""
    if local.scope is not None:
        raise DynamicShapeError("TensorArray", "a TensorArray grows and keeps its elements while the program runs",
                                "collect Tensors in a list, or write to the rows of one Tensor")
