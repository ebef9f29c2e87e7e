"""Joining Tensors and taking them apart: concat, stack, split, unstack, tile, repeat, meshgrid."""
from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
from jax import lax

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.checks import PositiveInt, axis_in, dtype_name, ints, tensors
from mycelium.ops.op import function, method, op
from mycelium.ops.shapes import reshape


def _alike(owner: str, arrays: Any) -> list:
    """The arrays of a sequence, checked to be at least one and of one dtype."""
    if not isinstance(arrays, (list, tuple)):
        raise TypeError(f"For '{owner}', the input should be a tuple or list of Tensors, but got one Tensor of shape "
                        f"{jnp.shape(arrays)}.")
    if not arrays:
        raise ValueError(f"For '{owner}', the input should hold at least one Tensor, but it is empty.")
    for n, x in enumerate(arrays):
        tensors(owner, **{f"input_x[{n}]": x})
    if len({x.dtype for x in arrays}) > 1:
        raise TypeError(f"For '{owner}', the Tensors should have one dtype, but got "
                        f"{', '.join(map(dtype_name, arrays))}. Convert them first, for example with '.astype'.")
    return list(arrays)


@op("Concat")
def concat(input_x: Arrays, *, axis: int = 0):
    """Joins Tensors along an axis they have.

    Args:
        input_x: Tuple or list of Tensors of one dtype; their shapes differ at most along `axis`.
        axis: The axis to join along.

    Returns:
        Tensor; its size along `axis` is the sum of theirs.

    Raises:
        TypeError: `axis` is not an int, or the dtypes differ.
        ValueError: `axis` is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.concat((Tensor([[1, 2]]), Tensor([[3, 4]])), axis=1))
        [[1 2 3 4]]

    MindSpore r1.8 `ops.Concat`.
    """
    arrays = _alike("Concat", input_x)
    axis = axis_in("Concat", axis, arrays[0].ndim)
    first = arrays[0].shape
    for n, x in enumerate(arrays):
        if x.ndim != len(first) or any(x.shape[i] != first[i] for i in range(x.ndim) if i != axis):
            raise ValueError(f"For 'Concat', the shapes should be equal except along axis {axis}, but input_x[0] has "
                             f"{first} and input_x[{n}] has {x.shape}.")
    return lax.concatenate(arrays, axis)


@op("Stack")
def stack(input_x: Arrays, *, axis: int = 0):
    """Joins Tensors of one shape along a new axis.

    Args:
        input_x: Tuple or list of Tensors of one shape and dtype.
        axis: Place of the new axis.

    Returns:
        Tensor with one more axis, of size len(input_x).

    Raises:
        TypeError: The dtypes differ.
        ValueError: `axis` is out of range, the shapes differ, or there is no Tensor.

    Examples:
        >>> print(ops.stack([Tensor([1, 2]), Tensor([3, 4])], axis=1))
        [[1 3]
         [2 4]]

    MindSpore r1.8 `ops.Stack`.
    """
    arrays = _alike("Stack", input_x)
    axis = axis_in("Stack", axis, arrays[0].ndim + 1)
    for n, x in enumerate(arrays):
        if x.shape != arrays[0].shape:
            raise ValueError(f"For 'Stack', the shapes should be equal, but input_x[0] has {arrays[0].shape} and "
                             f"input_x[{n}] has {x.shape}.")
    return lax.concatenate([lax.expand_dims(x, (axis,)) for x in arrays], axis)


@function()
def pack(x: Any) -> Tensor:
    """`ops.stack` along axis 0, under its name before r1.1.

    Args:
        x: Tuple or list of Tensors of one shape and dtype.

    Returns:
        Tensor with one more axis in front.

    Examples:
        >>> print(ops.pack([Tensor([1, 2]), Tensor([3, 4])]))
        [[1 2]
         [3 4]]

    MindSpore r1.8 `ops.pack`.
    """
    return stack(x)


@op("Unstack")
def unstack(input_x: Array, *, axis: int = 0):
    """Takes a Tensor apart along an axis, which disappears.

    Args:
        input_x: Tensor of at least one axis.
        axis: The axis that is taken apart.

    Returns:
        Tuple of Tensors, as many as the size of `axis`.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> [t.asnumpy().tolist() for t in ops.unstack(Tensor([[1, 2], [3, 4]]))]
        [[1, 2], [3, 4]]

    MindSpore r1.8 `ops.Unstack`.
    """
    tensors("Unstack", input_x=input_x)
    axis = axis_in("Unstack", axis, input_x.ndim)
    return tuple([lax.index_in_dim(input_x, i, axis, keepdims=False) for i in range(input_x.shape[axis])])


registry.add(registry.primitives, "Pack", registry.primitives["Stack"])      # their names before r1.1
registry.add(registry.primitives, "Unpack", registry.primitives["Unstack"])


@op("Split", function=None)
def split(input_x: Array, *, axis: int = 0, output_num: PositiveInt = 1):
    """Cuts a Tensor into equal parts along an axis.

    Args:
        input_x: Tensor.
        axis: The axis that is cut.
        output_num: How many parts; divides the size of `axis`.

    Returns:
        Tuple of `output_num` Tensors.

    Raises:
        ValueError: `axis` is out of range, or its size is not divisible by `output_num`.

    Examples:
        >>> [t.asnumpy().tolist() for t in ops.Split(0, 2)(Tensor([1, 2, 3, 4]))]
        [[1, 2], [3, 4]]

    MindSpore r1.8 `ops.Split`.
    """
    tensors("Split", input_x=input_x)
    axis = axis_in("Split", axis, input_x.ndim)
    if input_x.shape[axis] % output_num:
        raise ValueError(f"For 'Split', the size of axis {axis} should be divisible by 'output_num', but got "
                         f"{input_x.shape[axis]} and {output_num}.")
    return tuple(lax.split(input_x, [input_x.shape[axis] // output_num] * output_num, axis))


@op("SplitV", function=None)
def split_v(input_x: Array, *, size_splits: tuple, split_dim: int, num_split: PositiveInt):
    """Cuts a Tensor into parts of given sizes along an axis.

    Args:
        input_x: Tensor.
        size_splits: Size of each part; one may be -1, which takes what is left.
        split_dim: The axis that is cut.
        num_split: How many parts: the length of `size_splits`.

    Returns:
        Tuple of `num_split` Tensors.

    Raises:
        ValueError: The sizes do not add up to that of the axis.

    Examples:
        >>> [t.shape for t in ops.SplitV((1, -1), 0, 2)(Tensor([1, 2, 3]))]
        [(1,), (2,)]

    MindSpore r1.8 `ops.SplitV`.
    """
    tensors("SplitV", input_x=input_x)
    axis = axis_in("SplitV", split_dim, input_x.ndim, "split_dim")
    sizes, total = list(ints("SplitV", "size_splits", size_splits)), input_x.shape[axis]
    if -1 in sizes:
        sizes[sizes.index(-1)] = total - sum(n for n in sizes if n != -1)
    if len(sizes) != num_split or sum(sizes) != total or min(sizes) < 0:
        raise ValueError(f"For 'SplitV', 'size_splits' should hold {num_split} sizes that add up to {total}, the size "
                         f"of axis {axis}, with at most one -1, but got {size_splits}.")
    return tuple(lax.split(input_x, sizes, axis))


@op("Tile", method="tile")
def tile(input_x: Array, multiples: tuple):
    """Repeats a whole Tensor along its axes.

    Args:
        input_x: Tensor.
        multiples: How often along each axis, 1 or more; at least as many as axes, more of them add axes in front.

    Returns:
        Tensor whose sizes are those of `input_x` times `multiples`.

    Raises:
        TypeError: `multiples` is not a tuple of ints.
        ValueError: `multiples` is shorter than the rank, or holds a number below 1.

    Examples:
        >>> print(ops.tile(Tensor([[1, 2]]), (2, 2)))
        [[1 2 1 2]
         [1 2 1 2]]

    MindSpore r1.8 `ops.Tile`.
    """
    tensors("Tile", input_x=input_x)
    multiples = ints("Tile", "multiples", multiples)
    if len(multiples) < input_x.ndim:
        raise ValueError(f"For 'Tile', 'multiples' should have a number for each of the {input_x.ndim} axes of "
                         f"'input_x', but got {multiples}.")
    if any(n < 1 for n in multiples):
        raise ValueError(f"For 'Tile', 'multiples' should be 1 or greater, but got {multiples}.")
    return jnp.tile(input_x, multiples)


def _repeats(owner: str, size: int, repeats: Any, axis: int) -> Any:
    """Checked repeats of an axis: a number or one for each place."""
    counts = ints(owner, "repeats", repeats)
    if any(n < 0 for n in counts):
        raise ValueError(f"For '{owner}', 'repeats' should not be negative, but got {repeats}.")
    if len(counts) not in (1, size):
        raise ValueError(f"For '{owner}', 'repeats' should be one number or one for each of the {size} places of axis "
                         f"{axis}, but got {len(counts)}.")
    return counts[0] if len(counts) == 1 else jnp.array(counts)


@op(None, function=None)
def repeat_(x: Array, *, repeats: int | tuple, axis: int):
    """Repeats each place of an axis, next to itself."""
    axis = axis_in("Tensor.repeat", axis, x.ndim)
    counts = _repeats("Tensor.repeat", x.shape[axis], repeats, axis)
    total = x.shape[axis] * counts if isinstance(counts, int) else sum(repeats)
    return jnp.repeat(x, counts, axis, total_repeat_length=total)


@method("repeat")
def _tensor_repeat(self: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Each element, or each place of `axis`, `repeats` times in a row (MindSpore r1.8 `Tensor.repeat`)."""
    return repeat_(reshape(self, (-1,)), repeats, 0) if axis is None else repeat_(self, repeats, axis)


@function()
def repeat_elements(x: Tensor, rep: int, axis: int = 0) -> Tensor:
    """Repeats each place of an axis, next to itself.

    Args:
        x: Tensor.
        rep: How often, 1 or more.
        axis: The axis.

    Returns:
        Tensor; its size along `axis` is `rep` times as large.

    Raises:
        TypeError: `rep` or `axis` is not an int.
        ValueError: `rep` is below 1, or `axis` out of range.

    Examples:
        >>> print(ops.repeat_elements(Tensor([1, 2]), 2))
        [1 1 2 2]

    MindSpore r1.8 `ops.repeat_elements`.
    """
    for name, value in (("rep", rep), ("axis", axis)):
        if type(value) is not int:
            raise TypeError(f"For 'repeat_elements', '{name}' should be an int, but got {describe(value)}.")
    if rep < 1:
        raise ValueError(f"For 'repeat_elements', 'rep' should be 1 or greater, but got {rep}.")
    axis_in("repeat_elements", axis, x.ndim)
    return repeat_(x, rep, axis)


@op("Meshgrid", function=None)
def meshgrid_(inputs: Arrays, *, indexing: Literal["xy", "ij"] = "xy"):
    """The coordinates of all points of a grid.

    Args:
        inputs: Tuple of N one-dimensional Tensors of one dtype, N at least 2.
        indexing: 'ij': the result has shape (len(inputs[0]), len(inputs[1]), ...); 'xy': the first two exchanged.

    Returns:
        Tuple of N Tensors of the shape of the grid.

    Raises:
        TypeError: The dtypes differ.
        ValueError: Fewer than two inputs, or one has more than one axis.

    Examples:
        >>> x, y = ops.Meshgrid()((Tensor([1, 2]), Tensor([3, 4, 5])))
        >>> print(x)
        [[1 2]
         [1 2]
         [1 2]]

    MindSpore r1.8 `ops.Meshgrid`.
    """
    arrays = _alike("Meshgrid", inputs)
    if len(arrays) < 2 or any(x.ndim != 1 for x in arrays):
        raise ValueError(f"For 'Meshgrid', 'inputs' should be two or more Tensors of one axis, but got shapes "
                         f"{', '.join(str(x.shape) for x in arrays)}.")
    return tuple(jnp.meshgrid(*arrays, indexing=indexing))


@function()
def meshgrid(*inputs: Any, indexing: Literal["xy", "ij"] = "xy") -> tuple[Tensor, ...]:
    """The coordinates of all points of a grid.

    Args:
        inputs: Tensors of one axis and one dtype, two or more: in one tuple (r1.8) or one by one (r2.0).
        indexing: "ij": the result has shape (len(inputs[0]), len(inputs[1]), ...); "xy": the first two exchanged.

    Returns:
        Tuple of as many Tensors of the shape of the grid.

    Raises:
        TypeError: The dtypes differ.
        ValueError: Fewer than two inputs, or one has more than one axis.

    Examples:
        >>> x, y = ops.meshgrid(Tensor([1, 2]), Tensor([3, 4, 5]))
        >>> print(x)
        [[1 2]
         [1 2]
         [1 2]]

    MindSpore r1.8 and r2.0 `ops.meshgrid`.
    """
    if inputs and isinstance(inputs[0], (list, tuple)):
        inputs, *rest = inputs      # type: ignore[assignment]
        if rest:        # by place: (inputs, indexing)
            indexing = rest[0]
    return meshgrid_(inputs, indexing=indexing)


@op("ParallelConcat", function=None)
def parallel_concat(values: Arrays):
    """Joins Tensors whose first axis has size 1 along that axis.

    Args:
        values: Tuple or list of Tensors of one shape (1, ...) and dtype.

    Returns:
        Tensor of shape (len(values), ...).

    Raises:
        ValueError: The first axis of a Tensor has another size.

    Examples:
        >>> print(ops.ParallelConcat()((Tensor([[0, 1]]), Tensor([[2, 1]]))))
        [[0 1]
         [2 1]]

    MindSpore r1.8 `ops.ParallelConcat`.
    """
    arrays = _alike("ParallelConcat", values)
    if any(x.shape != arrays[0].shape or x.shape[:1] != (1,) for x in arrays):
        raise ValueError("For 'ParallelConcat', the Tensors should all have one shape that starts with 1, but got "
                         f"{', '.join(str(x.shape) for x in arrays)}.")
    return lax.concatenate(arrays, 0)
