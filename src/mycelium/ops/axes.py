"""Axes moved, split, joined, turned and added, that MindSpore r2.0 added to the functions."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays, Ints
from mycelium.ops.checks import axes_in, axis_in, ints
from mycelium.ops.op import function, method, op
from mycelium.ops.promotion import promote


def _sequence(owner: str, value: Any) -> list:
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"For '{owner}', the Tensors should be given as a list or tuple, but got {describe(value)}.")
    return list(value)


# ***** moved and turned *****


@op(None, method=("moveaxis", "movedim"), function=("moveaxis", "movedim"))
def moveaxis(x: Array, source: int | tuple, destination: int | tuple) -> Array:
    """Moves axes to other places; the others keep their order.

    Args:
        x: Tensor.
        source: Axis or axes.
        destination: Where each goes.

    Returns:
        Tensor.

    Raises:
        ValueError: There is no such axis.

    Examples:
        >>> ops.moveaxis(Tensor(np.zeros((2, 3, 4))), 0, -1).shape
        (3, 4, 2)

    MindSpore r2.0 `ops.moveaxis`.
    """
    return jnp.moveaxis(x, source, destination)


@op(None, function=("swapaxes", "swapdims"), method="swapdims")
def swapaxes(input: Array, axis0: int, axis1: int) -> Array:
    """Exchanges two axes.

    Args:
        input: Tensor.
        axis0: The one.
        axis1: The other.

    Returns:
        Tensor.

    Raises:
        ValueError: There is no such axis.

    Examples:
        >>> ops.swapaxes(Tensor(np.zeros((2, 3, 4))), 0, 2).shape
        (4, 3, 2)

    MindSpore r2.0 `ops.swapaxes`.
    """
    return jnp.swapaxes(input, axis_in("swapaxes", axis0, input.ndim, "axis0"),
                        axis_in("swapaxes", axis1, input.ndim, "axis1"))


@op(None)
def permute(input: Array, axis: tuple) -> Array:
    """Puts the axes in another order.

    Args:
        input: Tensor.
        axis: Tuple of all axes in their new order.

    Returns:
        Tensor.

    Examples:
        >>> ops.permute(Tensor(np.zeros((2, 3, 4))), (2, 0, 1)).shape
        (4, 2, 3)

    MindSpore r2.0 `ops.permute`.
    """
    if len(axes_in("permute", axis, input.ndim)) != input.ndim:
        raise ValueError(f"For 'permute', 'axis' should hold each of the {input.ndim} axes once, but got {axis}.")
    return jnp.transpose(input, axis)


@method("permute")
def _tensor_permute(self: Tensor, *axis: Any) -> Tensor:
    """The Tensor with its axes in another order: `x.permute(2, 0, 1)` (MindSpore r2.0 `Tensor.permute`)."""
    return permute(self, axis[0] if len(axis) == 1 and isinstance(axis[0], (list, tuple)) else axis)


@op(None)
def ravel(input: Array) -> Array:
    """All elements along one axis.

    Args:
        input: Tensor.

    Returns:
        Tensor of one axis.

    Examples:
        >>> print(ops.ravel(Tensor([[1, 2], [3, 4]])))
        [1 2 3 4]

    MindSpore r2.0 `ops.ravel`.
    """
    return input.ravel()


@op(None, method="flip")
def flip(input: Array, dims: Ints) -> Array:
    """Reverses the order along axes.

    Args:
        input: Tensor.
        dims: Axis, or tuple of axes.

    Returns:
        Tensor like `input`.

    Raises:
        ValueError: There is no such axis.

    Examples:
        >>> print(ops.flip(Tensor([1, 2, 3]), (0,)))
        [3 2 1]

    MindSpore r2.0 `ops.flip`.
    """
    return jnp.flip(input, axes_in("flip", dims, input.ndim, "dims"))


@op(None, method="fliplr")
def fliplr(input: Array) -> Array:
    """Reverses the order along the second axis.

    Args:
        input: Tensor of two or more axes.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.fliplr(Tensor([[1, 2]])))
        [[2 1]]

    MindSpore r2.0 `ops.fliplr`.
    """
    return jnp.flip(input, axis_in("fliplr", 1, input.ndim))


@op(None, method="flipud")
def flipud(input: Array) -> Array:
    """Reverses the order along the first axis.

    Args:
        input: Tensor of one or more axes.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.flipud(Tensor([1, 2])))
        [2 1]

    MindSpore r2.0 `ops.flipud`.
    """
    return jnp.flip(input, axis_in("flipud", 0, input.ndim))


@op(None, method="roll")
def roll(input: Array, shifts: int | tuple, dims: Ints = None) -> Array:
    """Moves the elements along axes; those that leave at the end come in at the start.

    Args:
        input: Tensor.
        shifts: By how many places, for each axis.
        dims: Axis or axes; None rolls the flat Tensor.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.roll(Tensor([1, 2, 3, 4]), 1))
        [4 1 2 3]

    MindSpore r2.0 `ops.roll`.
    """
    return jnp.roll(input, shifts, dims)


@op(None, method="rot90")
def rot90(input: Array, k: int, dims: tuple) -> Array:
    """Turns planes by quarters.

    Args:
        input: Tensor.
        k: How many quarters, from the first axis towards the second.
        dims: The two axes of the planes.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.rot90(Tensor([[1, 2], [3, 4]]), 1, (0, 1)))
        [[2 4]
         [1 3]]

    MindSpore r2.0 `ops.rot90`.
    """
    return jnp.rot90(input, k, dims)


# ***** joined *****

_JOIN = """{meaning}

    Args:
        {argument}: List or tuple of Tensors.

    Returns:
        Tensor of the promoted dtype.

    Raises:
        TypeError: No list or tuple is given.
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.{name}([Tensor([1, 2]), Tensor([3, 4])]).asnumpy().tolist())
        {result}

    MindSpore r2.0 `ops.{name}`.
    """


def _join(name: str, argument: str, meaning: str, fn: Any, result: str) -> None:
    def pure(tensors: Arrays) -> Any:
        return fn(promote(*_sequence(name, tensors)))

    def renamed(inputs: Arrays) -> Any:
        return fn(promote(*_sequence(name, inputs)))

    chosen = pure if argument == "tensors" else renamed
    chosen.__name__ = chosen.__qualname__ = name
    chosen.__doc__ = _JOIN.format(name=name, argument=argument, meaning=meaning, result=result)
    op(None)(chosen)


_join("column_stack", "tensors", "Vectors as the columns of a matrix; matrices side by side.", jnp.column_stack,
      "[[1, 3], [2, 4]]")
_join("hstack", "tensors", "Tensors along their second axis, vectors along their only one.", jnp.hstack,
      "[1, 2, 3, 4]")
_join("vstack", "inputs", "Tensors along their first axis, each vector a row.", jnp.vstack, "[[1, 2], [3, 4]]")
_join("dstack", "inputs", "Tensors along their third axis.", jnp.dstack, "[[[1, 3], [2, 4]]]")


def _at_least(count: int, example: str) -> None:
    fn = {1: jnp.atleast_1d, 2: jnp.atleast_2d, 3: jnp.atleast_3d}[count]
    name = f"atleast_{count}d"

    def pure(x: Array) -> Any:
        return fn(x)

    pure.__name__ = pure.__qualname__ = name + "_"
    kernel = op(None, function=None)(pure)

    def public(inputs: Any) -> Any:
        return tuple([kernel(x) for x in inputs]) if isinstance(inputs, (list, tuple)) else kernel(inputs)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""Adds axes of length 1 until there are {count}.

    Args:
        inputs: Tensor, or list or tuple of Tensors.

    Returns:
        Tensor, or a tuple of them.

    Examples:
        >>> ops.{name}(Tensor([1.0, 2.0])).shape
        {example}

    MindSpore r2.0 `ops.{name}`.
    """
    function(name)(public)


_at_least(1, "(2,)")
_at_least(2, "(1, 2)")
_at_least(3, "(1, 2, 1)")


# ***** split *****


@op(None, function=None)
def cut(x: Array, *, points: tuple, axis: int) -> tuple:
    """The pieces between positions along an axis."""
    return tuple(jnp.split(x, points, axis))


@op(None, method="unbind")
def unbind(input: Array, dim: int = 0) -> tuple:
    """The slices along an axis, which goes.

    Args:
        input: Tensor.
        dim: The axis.

    Returns:
        Tuple of Tensors.

    Examples:
        >>> print(*ops.unbind(Tensor([[1, 2], [3, 4]])))
        [1 2] [3 4]

    MindSpore r2.0 `ops.unbind`.
    """
    axis = axis_in("unbind", dim, input.ndim, "dim")
    return tuple([jnp.take(input, i, axis) for i in range(input.shape[axis])])


def split_by_size(owner: str, tensor: Tensor, sizes: Any, axis: int) -> tuple[Tensor, ...]:
    """Pieces of one size, the last one smaller where it must be; or of the sizes listed."""
    axis = axis_in(owner, axis, tensor.ndim)
    total = tensor.shape[axis]
    if isinstance(sizes, int) and not isinstance(sizes, bool):
        if sizes < 1:
            raise ValueError(f"For '{owner}', the size of the parts should be 1 or more, but got {sizes}.")
        return cut(tensor, points=tuple(range(sizes, total, sizes)), axis=axis)
    if not isinstance(sizes, (list, tuple)):
        raise TypeError(f"For '{owner}', 'split_size_or_sections' should be an int or a list or tuple of ints, but got "
                        f"{describe(sizes)}.")
    sizes = ints(owner, "split_size_or_sections", tuple(sizes))
    if sum(sizes) != total or min(sizes) < 0:
        raise ValueError(f"For '{owner}', the sizes should add up to {total}, the size of axis {axis}, but got "
                         f"{sizes}.")
    return cut(tensor, points=tuple(np.cumsum(sizes)[:-1].tolist()), axis=axis)


@function(method="chunk")
def chunk(input: Tensor, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """Cuts a Tensor into at most so many equal parts; the last one may be smaller.

    Args:
        input: Tensor.
        chunks: How many parts, 1 or more.
        axis: The axis that is cut.

    Returns:
        Tuple of Tensors.

    Examples:
        >>> print(*ops.chunk(Tensor([1, 2, 3, 4, 5]), 3))
        [1 2] [3 4] [5]

    MindSpore r2.0 `ops.chunk`.
    """
    if not isinstance(chunks, int) or chunks < 1:
        raise ValueError(f"For 'chunk', 'chunks' should be an int, 1 or more, but got {chunks}.")
    size = input.shape[axis_in("chunk", axis, input.ndim)]
    return split_by_size("chunk", input, max(1, -(-size // chunks)), axis)


@function(method="tensor_split")
def tensor_split(input: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
    """Cuts a Tensor into so many parts of nearly equal size, or at the positions listed.

    Args:
        input: Tensor.
        indices_or_sections: How many parts, or where to cut.
        axis: The axis that is cut.

    Returns:
        Tuple of Tensors; the first ones are larger by one where the size is not divisible.

    Examples:
        >>> print(*ops.tensor_split(Tensor([1, 2, 3, 4, 5]), 3))
        [1 2] [3 4] [5]

    MindSpore r2.0 `ops.tensor_split`.
    """
    axis = axis_in("tensor_split", axis, input.ndim)
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1:
            raise ValueError("For 'tensor_split', 'indices_or_sections' should be 1 or more, but got "
                             f"{indices_or_sections}.")
        each, more = divmod(input.shape[axis], indices_or_sections)
        sizes = [each + (i < more) for i in range(indices_or_sections)]
        return cut(input, points=tuple(np.cumsum(sizes)[:-1].tolist()), axis=axis)
    if not isinstance(indices_or_sections, (list, tuple)):
        raise TypeError("For 'tensor_split', 'indices_or_sections' should be an int or a list or tuple of ints, but "
                        f"got {describe(indices_or_sections)}.")
    return cut(input, points=tuple(indices_or_sections), axis=axis)


@function(method="vsplit")
def vsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`tensor_split` along the first axis.

    Args:
        input: Tensor.
        indices_or_sections: How many parts, or where to cut.

    Returns:
        Tuple of Tensors.

    Examples:
        >>> print(*ops.vsplit(Tensor([[1], [2]]), 2))
        [[1]] [[2]]

    MindSpore r2.0 `ops.vsplit`.
    """
    return tensor_split(input, indices_or_sections, 0)


@function(method="hsplit")
def hsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`tensor_split` along the second axis, of a vector along its only one.

    Args:
        input: Tensor.
        indices_or_sections: How many parts, or where to cut.

    Returns:
        Tuple of Tensors.

    Examples:
        >>> print(*ops.hsplit(Tensor([[1, 2]]), 2))
        [[1]] [[2]]

    MindSpore r2.0 `ops.hsplit`.
    """
    return tensor_split(input, indices_or_sections, 1 if input.ndim > 1 else 0)


@function(method="dsplit")
def dsplit(input: Tensor, indices_or_sections: int | Sequence[int]) -> tuple[Tensor, ...]:
    """`tensor_split` along the third axis.

    Args:
        input: Tensor of three axes or more.
        indices_or_sections: How many parts, or where to cut.

    Returns:
        Tuple of Tensors.

    Examples:
        >>> print(*ops.dsplit(Tensor([[[1, 2]]]), 2))
        [[[1]]] [[[2]]]

    MindSpore r2.0 `ops.dsplit`.
    """
    return tensor_split(input, indices_or_sections, 2)
