"""The shape of a Tensor: reshape, permute, add and remove axes, broadcast."""
from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Ints
from mycelium.ops.checks import axis_in, ints, tensors
from mycelium.ops.op import function, method, op


def resolve_shape(owner: str, size: int, shape: tuple) -> tuple[int, ...]:
    """`shape` with its -1, if it has one, replaced by what is left of `size` elements."""
    if not all(type(n) is int for n in shape):
        raise TypeError(f"For '{owner}', the shape should be a tuple of ints, but got {shape}.")
    unknown = shape.count(-1)
    known = math.prod(n for n in shape if n != -1)
    if unknown > 1 or any(n < -1 for n in shape):
        raise ValueError(f"For '{owner}', the shape should hold sizes and at most one -1, but got {shape}.")
    if unknown and known and size % known == 0:
        return tuple([size // known if n == -1 else n for n in shape])
    if unknown or known != size:
        raise ValueError(f"For '{owner}', the number of elements should stay the same, but the input has {size} and "
                         f"the shape {shape} asks for {known}{' times any' if unknown else ''}.")
    return shape


@op("Reshape")
def reshape(input_x: Array, input_shape: tuple):
    """The same elements, in the same order, in another shape.

    Args:
        input_x: Tensor of any shape.
        input_shape: Tuple of sizes; one of them may be -1, which is worked out.

    Returns:
        Tensor of shape `input_shape`.

    Raises:
        TypeError: `input_shape` is not a tuple of ints.
        ValueError: The number of elements differs, or there is more than one -1.

    Examples:
        >>> print(ops.reshape(Tensor([[1, 2, 3], [4, 5, 6]]), (3, -1)))
        [[1 2]
         [3 4]
         [5 6]]

    MindSpore r1.8 `ops.Reshape`.
    """
    tensors("Reshape", input_x=input_x)
    return lax.reshape(input_x, resolve_shape("Reshape", input_x.size, input_shape))


@method("reshape", "view")
def _tensor_reshape(self: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape: sizes or one tuple, one may be -1 (MindSpore r1.8 `Tensor.reshape`)."""
    return reshape(self, tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)


@op("Transpose")
def transpose(input_x: Array, input_perm: tuple):
    """Permutes the axes: axis i of the result is axis `input_perm[i]` of the input (PyTorch calls this `permute`).

    Args:
        input_x: Tensor.
        input_perm: Every axis once; negative ones count from the end.

    Returns:
        Tensor with permuted axes.

    Raises:
        TypeError: `input_perm` is not a tuple of ints.
        ValueError: `input_perm` is not a permutation of the axes.

    Examples:
        >>> ops.transpose(Tensor(np.ones((2, 3, 4))), (2, 0, 1)).shape
        (4, 2, 3)

    MindSpore r1.8 `ops.Transpose`.
    """
    perm = ints("Transpose", "input_perm", input_perm)
    if len(perm) != input_x.ndim:
        raise ValueError(f"For 'Transpose', 'input_perm' should name each of the {input_x.ndim} axes of 'input_x' "
                         f"once, but got {perm}.")
    axes = tuple([axis_in("Transpose", a, input_x.ndim, "input_perm") for a in perm])
    if len(set(axes)) != len(axes):
        raise ValueError(f"For 'Transpose', 'input_perm' should name each axis once, but got {perm}.")
    return lax.transpose(input_x, axes)


@method("transpose")
def _tensor_transpose(self: Tensor, *axes: Any) -> Tensor:
    """Permutes the axes, reverses them when none are given (MindSpore r1.8 `Tensor.transpose`)."""
    if len(axes) == 1 and isinstance(axes[0], (tuple, list)):
        axes = tuple(axes[0])
    if len(axes) == 1 and axes[0] is None or not axes:
        axes = tuple(range(self.ndim))[::-1]
    return transpose(self, axes)


@method()
def swapaxes(self: Tensor, axis1: int, axis2: int) -> Tensor:
    """The Tensor with two axes exchanged (MindSpore r1.8 `Tensor.swapaxes`)."""
    ints("Tensor.swapaxes", "axis", (axis1, axis2))
    axes = list(range(self.ndim))
    i, j = (axis_in("Tensor.swapaxes", a, self.ndim) for a in (axis1, axis2))
    axes[i], axes[j] = j, i
    return transpose(self, tuple(axes))


@op("ExpandDims", method="expand_dims")
def expand_dims(input_x: Array, axis: int):
    """Adds an axis of size 1 before `axis`.

    Args:
        input_x: Tensor.
        axis: Place of the new axis, in [-input_x.ndim - 1, input_x.ndim].

    Returns:
        Tensor with one more axis.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> ops.expand_dims(Tensor([1, 2, 3]), 0).shape
        (1, 3)

    MindSpore r1.8 `ops.ExpandDims`.
    """
    tensors("ExpandDims", input_x=input_x)
    return lax.expand_dims(input_x, (axis_in("ExpandDims", axis, input_x.ndim + 1),))


@op("Squeeze")
def squeeze(input_x: Array, *, axis: Ints = ()):
    """Drops axes of size 1.

    Args:
        input_x: Tensor.
        axis: The axes to drop, int or tuple of ints; all of size 1 by default.

    Returns:
        Tensor with fewer axes.

    Raises:
        TypeError: `axis` is neither int nor tuple of ints.
        ValueError: An axis is out of range or its size is not 1.

    Examples:
        >>> ops.squeeze(Tensor(np.ones((1, 3, 1)))).shape
        (3,)

    MindSpore r1.8 `ops.Squeeze`.
    """
    tensors("Squeeze", input_x=input_x)
    if axis is None or axis == ():
        axes = tuple([a for a, n in enumerate(input_x.shape) if n == 1])
    else:
        axes = tuple([axis_in("Squeeze", a, input_x.ndim) for a in ints("Squeeze", "axis", axis)])
        for a in axes:
            if input_x.shape[a] != 1:
                raise ValueError(f"For 'Squeeze', axis {a} should have size 1, but the shape of 'input_x' is "
                                 f"{input_x.shape}.")
    return lax.squeeze(input_x, tuple(dict.fromkeys(axes)))


@method("squeeze")
def _tensor_squeeze(self: Tensor, axis: Any = None) -> Tensor:
    """Drops the axes of size 1, or those given (MindSpore r1.8 `Tensor.squeeze`)."""
    return squeeze(self, () if axis is None else axis)


@op("Flatten", function=None)
def flatten_(input_x: Array):
    """Joins all axes but the first.

    Args:
        input_x: Tensor of at least one axis, (N, ...).

    Returns:
        Tensor of shape (N, X), X the product of the other sizes.

    Raises:
        ValueError: `input_x` has no axes.

    Examples:
        >>> ops.Flatten()(Tensor(np.ones((2, 3, 4)))).shape
        (2, 12)

    MindSpore r1.8 `ops.Flatten`.
    """
    tensors("Flatten", input_x=input_x)
    if not input_x.ndim:
        raise ValueError("For 'Flatten', 'input_x' should have at least one axis, but it is a scalar.")
    return lax.reshape(input_x, (input_x.shape[0], math.prod(input_x.shape[1:])))


@op(None, function=None)
def joined_axes(x: Array, *, start: int, end: int):
    """The axes from `start` to `end` joined."""
    x = x if x.ndim else x.reshape(1)
    start, end = axis_in("flatten", start, x.ndim, "start_dim"), axis_in("flatten", end, x.ndim, "end_dim")
    if start > end:
        raise ValueError(f"For 'flatten', 'start_dim' should not lie behind 'end_dim', but got {start} and {end}.")
    return lax.reshape(x, (*x.shape[:start], math.prod(x.shape[start:end + 1]), *x.shape[end + 1:]))


@function()
def flatten(input_x: Tensor, order: str = "C", *, start_dim: int = 1, end_dim: int = -1) -> Tensor:
    """Joins all axes but the first, or those of a range.

    Args:
        input_x: Tensor, (N, ...).
        order: "C" joins row by row, "F" column by column; r2.0.
        start_dim: The first axis to join; r2.0.
        end_dim: The last one; r2.0.

    Returns:
        Tensor.

    Raises:
        ValueError: There is no such axis.

    Examples:
        >>> ops.flatten(Tensor(np.ones((2, 3, 4)))).shape
        (2, 12)

    MindSpore r1.8 and r2.0 `ops.flatten`.
    """
    if order not in ("C", "F"):
        raise ValueError(f"For 'flatten', 'order' should be 'C' or 'F', but got {order!r}.")
    if order == "F":
        input_x = transpose(input_x, (0, *range(input_x.ndim - 1, 0, -1)) if start_dim == 1 else
                            tuple(range(input_x.ndim - 1, -1, -1)))
    if start_dim == 1 and end_dim == -1:
        return flatten_(input_x)
    return joined_axes(input_x, start=start_dim, end=end_dim)


@method("flatten")
def _tensor_flatten(self: Tensor, order: str = "C", *, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """All elements in one axis, row by row ('C') or column by column ('F'); in r2.0 also the axes of a range alone."""
    if start_dim != 0 or end_dim != -1:
        return flatten(self, order, start_dim=start_dim, end_dim=end_dim)
    if not isinstance(order, str):
        raise TypeError(f"For 'Tensor.flatten', 'order' should be a str, but got {describe(order)}.")
    if order not in ("C", "F"):
        raise ValueError(f"For 'Tensor.flatten', 'order' should be 'C' or 'F', but got {order!r}.")
    return reshape(self if order == "C" or self.ndim < 2 else transpose(self, tuple(range(self.ndim))[::-1]), (-1,))


@method()
def ravel(self: Tensor) -> Tensor:
    """All elements in one axis (MindSpore r1.8 `Tensor.ravel`)."""
    return reshape(self, (-1,))


@op("BroadcastTo", function=None)
def broadcast_to_(x: Array, *, shape: tuple):
    """Repeats a Tensor to fill a larger shape, by the rules of broadcasting.

    Args:
        x: Tensor; each size, counted from the end, is 1 or that of `shape`.
        shape: Target sizes; -1 keeps the size of `x`.

    Returns:
        Tensor of shape `shape`.

    Raises:
        TypeError: `shape` is not a tuple of ints.
        ValueError: `x` does not broadcast to `shape`, or a -1 stands where `x` has no axis.

    Examples:
        >>> print(ops.BroadcastTo((2, -1))(Tensor([1, 2])))
        [[1 2]
         [1 2]]

    MindSpore r1.8 `ops.BroadcastTo`.
    """
    tensors("BroadcastTo", x=x)
    shape = ints("BroadcastTo", "shape", shape)
    new = len(shape) - x.ndim
    sizes = tuple([x.shape[a - new] if n == -1 and a >= new else n for a, n in enumerate(shape)])
    if new < 0 or any(n < 0 for n in sizes) or any(
            have != n and have != 1 for have, n in zip(x.shape, sizes[new:], strict=True)):
        raise ValueError(f"For 'BroadcastTo', the shape of 'x', {x.shape}, should broadcast to 'shape', but got {shape}"
                         f"{': a -1 needs an axis of x' if new >= 0 and any(n < 0 for n in sizes) else ''}.")
    return jnp.broadcast_to(x, sizes)


@function(method="broadcast_to")
def broadcast_to(x: Tensor, shape: tuple) -> Tensor:
    """Repeats a Tensor to fill a larger shape, by the rules of broadcasting.

    Args:
        x: Tensor; each size, counted from the end, is 1 or that of `shape`.
        shape: Target sizes; -1 keeps the size of `x`.

    Returns:
        Tensor of shape `shape`.

    Raises:
        TypeError: `shape` is not a tuple of ints.
        ValueError: `x` does not broadcast to `shape`.

    Examples:
        >>> ops.broadcast_to(Tensor([1, 2]), (3, 2)).shape
        (3, 2)

    MindSpore r1.8 `ops.broadcast_to`.
    """
    return broadcast_to_(x, shape)


@method()
def expand_as(self: Tensor, x: Tensor) -> Tensor:
    """The Tensor broadcast to the shape of `x` (MindSpore r1.8 `Tensor.expand_as`)."""
    return broadcast_to_(self, x.shape)


@op(None, function=None)
def resized(x: Array, *, shape: tuple):
    """The elements of `x` in `shape`: cut off, or followed by zeros."""
    flat, count = jnp.ravel(x), math.prod(shape)
    flat = flat[:count] if count <= x.size else lax.pad(flat, jnp.zeros((), x.dtype), [(0, count - x.size, 0)])
    return lax.reshape(flat, shape)


@method()
def resize(self: Tensor, *new_shape: Any) -> Tensor:
    """The elements in a new shape, cut off or followed by zeros (MindSpore r1.8 `Tensor.resize`)."""
    shape = tuple(new_shape[0]) if len(new_shape) == 1 and isinstance(new_shape[0], (tuple, list)) else new_shape
    if not all(type(n) is int for n in shape):
        raise TypeError(f"For 'Tensor.resize', the new shape should be ints, but got {shape}.")
    if any(n < 0 for n in shape):
        raise ValueError(f"For 'Tensor.resize', the sizes should not be negative, but got {shape}.")
    return resized(self, shape)
