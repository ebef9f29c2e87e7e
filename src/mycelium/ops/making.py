"""Tensors from nothing but sizes and numbers, and what a Tensor is, as the functions of MindSpore r2.0."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.casting import cast, named_dtype
from mycelium.ops.checks import axis_in, integers
from mycelium.ops.creation import fills
from mycelium.ops.masking import nonzero
from mycelium.ops.op import function, op
from mycelium.ops.promotion import promote, to_dtype


@function()
def full(size: Any, fill_value: Any, *, dtype: mstype.Type | None = None) -> Tensor:
    """A Tensor of one value.

    Args:
        size: Int or tuple of ints.
        fill_value: Number.
        dtype: dtype of the result; default int64, float32 or bool, as the number is.

    Returns:
        Tensor.

    Raises:
        TypeError: `size` is no int or tuple of ints, or `dtype` no dtype.

    Examples:
        >>> print(ops.full((2,), 3.0))
        [3. 3.]

    MindSpore r2.0 `ops.full`.
    """
    sizes = (size,) if isinstance(size, int) else tuple(size) if isinstance(size, (list, tuple)) else None
    if sizes is None or not all(isinstance(n, int) for n in sizes):
        raise TypeError(f"For 'full', 'size' should be an int or a tuple of ints, but got {describe(size)}.")
    if isinstance(fill_value, Tensor):
        filled = fill_value.reshape(()).broadcast_to(sizes)
        return filled if dtype is None else cast(filled, dtype)
    own = np.dtype(np.float32) if isinstance(fill_value, float) else np.asarray(fill_value).dtype
    found = named_dtype("full", dtype, own)
    return Tensor(np.full(sizes, fill_value).astype(mstype.to_numpy_dtype(found)))


@function()
def full_like(input: Tensor, fill_value: float, *, dtype: mstype.Type | None = None) -> Tensor:
    """A Tensor of one value in the shape of another.

    Args:
        input: Tensor.
        fill_value: Number.
        dtype: dtype of the result; default that of `input`.

    Returns:
        Tensor of the shape of `input`.

    Examples:
        >>> print(ops.full_like(Tensor([1, 2]), 3))
        [3 3]

    MindSpore r2.0 `ops.full_like`.
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"For 'full_like', 'input' should be a Tensor, but got {describe(input)}.")
    return fills(input if dtype is None else cast(input, dtype), fill_value)


@op(None)
def logspace(start: Array, end: Array, steps: int, base: int = 10, *, dtype: Dtype = mstype.float32) -> Array:
    """Powers whose exponents are evenly spaced.

    Args:
        start: Tensor of shape (), or a number: the first exponent.
        end: The last exponent.
        steps: How many.
        base: The base.
        dtype: dtype of the result.

    Returns:
        Tensor of shape (steps,).

    Examples:
        >>> print(ops.logspace(0.0, 2.0, 3))
        [  1.  10. 100.]

    MindSpore r2.0 `ops.logspace`.
    """
    target = mstype.to_numpy_dtype(dtype)
    wide = target if np.dtype(target).kind == "f" and np.dtype(target).itemsize > 2 else np.dtype(np.float32)
    exponents = jnp.linspace(to_dtype(start, wide), to_dtype(end, wide), steps, dtype=wide)
    return cast.pure(jnp.power(jnp.asarray(base, wide), exponents), dtype)


def _indices(name: str, primitive: str, keep: Any, words: str, result: str) -> None:
    def public(row: int, col: int, offset: int = 0, *, dtype: mstype.Type = mstype.int64) -> Tensor:
        return Tensor(np.stack(keep(row, offset, col)).astype(mstype.to_numpy_dtype(dtype)))

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""The places of the {words} triangle of a matrix.

    Args:
        row: How many rows.
        col: How many columns.
        offset: The diagonal that bounds it, counted to the right of the main one.
        dtype: `ms.int32` or `ms.int64`.

    Returns:
        Tensor of shape (2, N): rows and columns.

    Examples:
        >>> print(ops.{name}(2, 2))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """
    function(name)(public)


_indices("tril_indices", "TrilIndices", np.tril_indices, "lower", "[[0 1 1]\n         [0 0 1]]")
_indices("triu_indices", "TriuIndices", np.triu_indices, "upper", "[[0 0 1]\n         [0 1 1]]")


@op("Tril", function=None)
def tril_(x: Array, *, diagonal: int = 0) -> Array:
    """The lower triangle of each matrix, 0 elsewhere.

    Args:
        x: Tensor of two axes or more.
        diagonal: The last diagonal kept, counted to the right of the main one.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.Tril()(Tensor([[1, 2], [3, 4]])))
        [[1 0]
         [3 4]]

    MindSpore r2.0 `ops.Tril`.
    """
    return jnp.tril(x, diagonal)


@op("Triu", function=None)
def triu_(x: Array, *, diagonal: int = 0) -> Array:
    """The upper triangle of each matrix, 0 elsewhere.

    Args:
        x: Tensor of two axes or more.
        diagonal: The first diagonal kept, counted to the right of the main one.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.Triu()(Tensor([[1, 2], [3, 4]])))
        [[1 2]
         [0 4]]

    MindSpore r2.0 `ops.Triu`.
    """
    return jnp.triu(x, diagonal)


@function(method="tril")
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of each matrix, 0 elsewhere.

    Args:
        input: Tensor of two axes or more.
        diagonal: The last diagonal kept, counted to the right of the main one.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.tril(Tensor([[1, 2], [3, 4]]), -1))
        [[0 0]
         [3 0]]

    MindSpore r2.0 `ops.tril`.
    """
    return tril_(input, diagonal=diagonal)


@function(method="triu")
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of each matrix, 0 elsewhere.

    Args:
        input: Tensor of two axes or more.
        diagonal: The first diagonal kept, counted to the right of the main one.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.triu(Tensor([[1, 2], [3, 4]]), 1))
        [[0 2]
         [0 0]]

    MindSpore r2.0 `ops.triu`.
    """
    return triu_(input, diagonal=diagonal)


@op(None)
def diag_embed(input: Array, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Array:
    """Matrices with the vectors along the last axis on a diagonal.

    Args:
        input: Tensor of shape (*B, N).
        offset: Which diagonal, counted to the right of the main one.
        dim1: Where the rows go.
        dim2: Where the columns go.

    Returns:
        Tensor with one axis more.

    Examples:
        >>> print(ops.diag_embed(Tensor([1, 2])))
        [[1 0]
         [0 2]]

    MindSpore r2.0 `ops.diag_embed`.
    """
    first = axis_in("diag_embed", dim1, input.ndim + 1, "dim1")
    second = axis_in("diag_embed", dim2, input.ndim + 1, "dim2")
    if first == second:
        raise ValueError(f"For 'diag_embed', 'dim1' and 'dim2' should be different axes, but got {dim1} and {dim2}.")
    n, shift = input.shape[-1], abs(offset)
    place = np.arange(n)
    rows, columns = place + max(-offset, 0), place + max(offset, 0)
    out = jnp.zeros((*input.shape[:-1], n + shift, n + shift), input.dtype).at[..., rows, columns].set(input)
    return jnp.moveaxis(out, (-2, -1), (first, second))


@op(None, method="diagflat")
def diagflat(input: Array, offset: int = 0) -> Array:
    """A matrix with all elements on a diagonal.

    Args:
        input: Tensor.
        offset: Which diagonal, counted to the right of the main one.

    Returns:
        Tensor of two axes.

    Examples:
        >>> print(ops.diagflat(Tensor([1, 2])))
        [[1 0]
         [0 2]]

    MindSpore r2.0 `ops.diagflat`.
    """
    return jnp.diagflat(input, offset)


@op(None)
def diagonal(input: Array, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Array:
    """A diagonal of each matrix along the last axis.

    Args:
        input: Tensor of two axes or more.
        offset: Which diagonal, counted to the right of the main one.
        dim1: The axis of the rows.
        dim2: The axis of the columns.

    Returns:
        Tensor with one axis less.

    Examples:
        >>> print(ops.diagonal(Tensor([[1, 2], [3, 4]])))
        [1 4]

    MindSpore r2.0 `ops.diagonal`.
    """
    if input.ndim < 2:
        raise ValueError(f"For 'diagonal', 'input' should have two axes or more, but got shape {input.shape}.")
    return jnp.diagonal(input, offset, dim1, dim2)


@op(None)
def where(condition: Array, x: Array, y: Array) -> Array:
    """Chooses `x` where a condition holds, `y` elsewhere.

    Args:
        condition: Tensor of bool; of numbers, those that are not 0 hold.
        x: Tensor or number.
        y: Tensor or number; all shapes broadcast.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.where(Tensor([True, False]), Tensor([1.0, 2.0]), 0.0))
        [1. 0.]

    MindSpore r2.0 `ops.where`.
    """
    chosen, other = promote(x, y)
    return jnp.where(condition if condition.dtype == jnp.bool_ else condition != 0, chosen, other)


@function(method="argwhere")
def argwhere(input: Tensor) -> Tensor:
    """The places of the elements that are not 0.

    Args:
        input: Tensor.

    Returns:
        Tensor of int64 of shape (N, axes).

    Examples:
        >>> print(ops.argwhere(Tensor([[0, 5], [7, 0]])))
        [[0 1]
         [1 0]]

    MindSpore r2.0 `ops.argwhere`.
    """
    return nonzero(input)


@op(None, method="index_select")
def index_select(input: Array, axis: int, index: Array) -> Array:
    """The slices of an axis at the places given.

    Args:
        input: Tensor.
        axis: The axis.
        index: Tensor of int32 or int64 of shape (N,) or ().

    Returns:
        Tensor like `input` with N slices along the axis.

    Raises:
        TypeError: `index` is not an int Tensor.
        ValueError: There is no such axis.

    Examples:
        >>> print(ops.index_select(Tensor([[1, 2, 3]]), 1, Tensor([2, 0])))
        [[3 1]]

    MindSpore r2.0 `ops.index_select`.
    """
    integers("index_select", index=index)
    return jnp.take(input, jnp.atleast_1d(index), axis_in("index_select", axis, input.ndim), mode="fill", fill_value=0)


@function(method=("numel", "nelement"))
def numel(input: Tensor) -> int:
    """How many elements a Tensor has.

    Args:
        input: Tensor.

    Returns:
        Int.

    Examples:
        >>> print(ops.numel(Tensor([[1, 2], [3, 4]])))
        4

    MindSpore r2.0 `ops.numel`.
    """
    _need_tensor("numel", input)
    return input.size


def _need_tensor(owner: str, value: Any) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"For '{owner}', 'input' should be a Tensor, but got {describe(value)}.")


@function()
def is_tensor(obj: Any) -> bool:
    """Whether an object is a Tensor.

    Args:
        obj: Anything.

    Returns:
        Bool.

    Examples:
        >>> print(ops.is_tensor(Tensor([1])), ops.is_tensor(1))
        True False

    MindSpore r2.0 `ops.is_tensor`.
    """
    return isinstance(obj, Tensor)


@function(method="is_complex")
def is_complex(input: Tensor) -> bool:
    """Whether the elements are complex numbers.

    Args:
        input: Tensor.

    Returns:
        Bool.

    Examples:
        >>> print(ops.is_complex(Tensor([1.0])))
        False

    MindSpore r2.0 `ops.is_complex`.
    """
    _need_tensor("is_complex", input)
    return input.dtype in (mstype.complex64, mstype.complex128)


@function(method="is_floating_point")
def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floating point numbers.

    Args:
        input: Tensor.

    Returns:
        Bool.

    Examples:
        >>> print(ops.is_floating_point(Tensor([1.0])))
        True

    MindSpore r2.0 `ops.is_floating_point`.
    """
    _need_tensor("is_floating_point", input)
    return input.dtype in (mstype.float16, mstype.float32, mstype.float64, mstype.bfloat16)
