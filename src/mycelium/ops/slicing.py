"""Parts of a Tensor by explicit bounds: Slice, StridedSlice with its masks, narrow. `x[1:3]` is in indexing.py."""
from __future__ import annotations

from typing import Any

from mycelium.core.errors import check_int, describe
from mycelium.core.tensor import Tensor
from mycelium.ops.checks import axis_in, ints
from mycelium.ops.indexing import getitem
from mycelium.ops.op import function, primitive
from mycelium.ops.primitive import Primitive


@function("slice", "tensor_slice", primitive="Slice")
def slice_(input_x: Tensor, begin: tuple, size: tuple) -> Tensor:
    """The part of a Tensor that starts at `begin` and has the shape `size`.

    Args:
        input_x: Tensor.
        begin: First position along each axis.
        size: Size along each axis; -1 takes all up to the end.

    Returns:
        Tensor of shape `size`.

    Raises:
        TypeError: `begin` or `size` is not a tuple of ints.
        ValueError: They have another length than the rank, or reach past the end.

    Examples:
        >>> print(ops.slice(Tensor([[1, 2, 3], [4, 5, 6]]), (0, 1), (2, 2)))
        [[2 3]
         [5 6]]

    MindSpore r1.8 `ops.Slice`.
    """
    _check_tensor("Slice", input_x)
    shape = input_x.shape
    begin, size = _bounds("Slice", "begin", begin), _bounds("Slice", "size", size)
    if not len(begin) == len(size) == len(shape):
        raise ValueError(f"For 'Slice', 'begin' and 'size' should have a number for each of the {len(shape)} axes, but "
                         f"got {begin} and {size}.")
    sizes = [n - b if s == -1 else s for n, b, s in zip(shape, begin, size, strict=True)]
    if any(b < 0 or s < 0 or b + s > n for n, b, s in zip(shape, begin, sizes, strict=True)):
        raise ValueError(f"For 'Slice', 'begin' {begin} and 'size' {size} should stay inside the shape {shape}.")
    return getitem(input_x, tuple([slice(b, b + s) for b, s in zip(begin, sizes, strict=True)]))


def _check_tensor(owner: str, x: Any) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"For '{owner}', 'input_x' should be a Tensor, but got {describe(x)}.")


def _bounds(owner: str, name: str, value: Any) -> tuple[int, ...]:
    """Positions from a tuple, a list or a constant Tensor."""
    if isinstance(value, Tensor):
        value = value.asnumpy().tolist()
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"For '{owner}', '{name}' should be a tuple, but got {describe(value)}.")
    return ints(owner, name, tuple(value))


def _index(begin: tuple, end: tuple, strides: tuple, masks: tuple[int, ...]) -> tuple:
    """The Python index that StridedSlice's bounds and masks mean."""
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask = masks
    if ellipsis_mask & (ellipsis_mask - 1):
        raise ValueError(f"For 'StridedSlice', 'ellipsis_mask' should mark one place at most, but got {ellipsis_mask}.")
    index: list[Any] = []
    for i, (first, last, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            index.append(Ellipsis)
        elif new_axis_mask & bit:
            index.append(None)
        elif shrink_axis_mask & bit:
            if step < 0:
                raise IndexError(f"For 'StridedSlice', the stride of a dropped axis should be positive, but got "
                                 f"strides {strides}.")
            index.append(first)
        else:
            index.append(slice(None if begin_mask & bit else first, None if end_mask & bit else last, step))
    return tuple(index)


def strided(input_x: Any, begin: Any, end: Any, strides: Any, masks: tuple[int, ...] = (0, 0, 0, 0, 0)) -> Tensor:
    """StridedSlice: checks the bounds, then indexes."""
    _check_tensor("StridedSlice", input_x)
    first, last, steps = (_bounds("StridedSlice", name, value)
                          for name, value in (("begin", begin), ("end", end), ("strides", strides)))
    if not len(first) == len(last) == len(steps):
        raise ValueError(f"For 'StridedSlice', 'begin', 'end' and 'strides' should have one length, but got {first}, "
                         f"{last} and {steps}.")
    if 0 in steps:
        raise ValueError(f"For 'StridedSlice', 'strides' should not contain 0, but got {steps}.")
    used = len(first) - bin(masks[2] | masks[3]).count("1")
    if used > input_x.ndim:
        raise ValueError(f"For 'StridedSlice', there should be at most {input_x.ndim} bounds, one for each axis of "
                         f"'input_x', but got {used}.")
    return getitem(input_x, _index(first, last, steps, masks))


@function()
def strided_slice(input_x: Tensor, begin: tuple, end: tuple, strides: tuple) -> Tensor:
    """Every `strides`-th place from `begin` up to, but without, `end`, along each axis.

    Args:
        input_x: Tensor.
        begin: First position along the leading axes; negative ones count from the end.
        end: Position to stop before.
        strides: Steps, negative ones go backwards; none 0.

    Returns:
        Tensor of the same rank.

    Raises:
        TypeError: A bound is not a tuple of ints.
        ValueError: The bounds differ in length, are more than the rank, or a stride is 0.

    Examples:
        >>> print(ops.strided_slice(Tensor([[1, 2, 3], [4, 5, 6]]), (0, 0), (2, 3), (1, 2)))
        [[1 3]
         [4 6]]

    MindSpore r1.8 `ops.StridedSlice`.
    """
    return strided(input_x, begin, end, strides)


@primitive
class StridedSlice(Primitive):
    """`strided_slice` with masks: bit i of a mask speaks of the i-th bound.

    Args:
        begin_mask: Bounds that start at the beginning.
        end_mask: Bounds that go to the end.
        ellipsis_mask: The one bound that stands for all axes not named.
        new_axis_mask: Bounds that add an axis of size 1.
        shrink_axis_mask: Bounds that take one position, `begin`, and drop the axis.

    Raises:
        TypeError: A mask is not an int.
        ValueError: A mask is negative.

    Examples:
        >>> x = Tensor([[1, 2, 3], [4, 5, 6]])
        >>> print(ops.StridedSlice(shrink_axis_mask=1)(x, (1, 0), (2, 2), (1, 1)))
        [4 5]

    MindSpore r1.8 `ops.StridedSlice`.
    """

    def __init__(self, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0, new_axis_mask: int = 0,
                 shrink_axis_mask: int = 0):
        super().__init__("StridedSlice")
        self._masks = begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask
        names = ("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
        for name, mask in zip(names, self._masks, strict=True):
            self.add_prim_attr(name, check_int("StridedSlice", name, mask, 0))

    def __call__(self, input_x: Tensor, begin: tuple, end: tuple, strides: tuple) -> Tensor:
        return strided(input_x, begin, end, strides, self._masks)


@function(method="narrow")
def narrow(inputs: Tensor, axis: int, start: int, length: int) -> Tensor:
    """`length` places of one axis from `start` on.

    Args:
        inputs: Tensor.
        axis: The axis.
        start: First position.
        length: How many.

    Returns:
        Tensor of the same rank.

    Raises:
        ValueError: `axis`, `start` or `length` is out of range.

    Examples:
        >>> print(ops.narrow(Tensor([[1, 2, 3], [4, 5, 6]]), 1, 1, 2))
        [[2 3]
         [5 6]]

    MindSpore r1.8 `ops.narrow`.
    """
    for name, value in (("axis", axis), ("start", start), ("length", length)):
        check_int("narrow", name, value)
    axis = axis_in("narrow", axis, inputs.ndim)
    size = inputs.shape[axis]
    if not 0 <= start < size:
        raise ValueError(f"For 'narrow', 'start' should be in [0, {size}), but got {start}.")
    if not 1 <= length <= size - start:
        raise ValueError(f"For 'narrow', 'length' should be in [1, {size - start}], but got {length}.")
    return getitem(inputs, (slice(None),) * axis + (slice(start, start + length),))
