"""New Tensors with values combined into chosen places: ScatterNd, TensorScatterAdd and kin, IndexAdd, Inplace*."""
from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, dtype_name, ints, positions_in, tensors
from mycelium.ops.op import op
from mycelium.ops.scattering import (
    check_indices,
    combine,
    examine_points,
    into_dtype,
    points,
    same_dtype_updates,
)

_WORDS = {"update": "Replaces", "add": "Adds to", "sub": "Subtracts from", "mul": "Multiplies", "div": "Divides",
          "max": "Raises", "min": "Lowers"}
_RESULT = {"update": "[8. 2. 3.]", "add": "[ 9.  2.  3.]", "sub": "[-7.  2.  3.]", "mul": "[8. 2. 3.]",
           "div": "[0.125 2.    3.   ]", "max": "[8. 2. 3.]", "min": "[1. 2. 3.]"}
_DOC = """{words} chosen places of a Tensor, in a new Tensor.

    Args:
        input_x: Tensor; stays as it is.
        indices: Tensor of int32 or int64, (..., K): positions in the first K axes.
        updates: Tensor of shape indices.shape[:-1] + input_x.shape[K:] and the dtype of `input_x`. Where several meet
            in one place, all of them count.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `indices` is not an int Tensor, or the dtypes differ.
        ValueError: The shape of `updates` does not fit.
        RuntimeError: An index is out of range (PYNATIVE; a compiled program drops the update).

    Examples:
        >>> print(ops.{name}()(Tensor([1.0, 2.0, 3.0]), Tensor([[0]]), Tensor([8.0])))
        {result}

    MindSpore r1.8 `ops.{name}`.
    """


def _tensor_scatter(how: str, names: tuple[str, ...], method: str | None) -> None:
    name = f"TensorScatter{how.title()}"

    def pure(input_x: Array, indices: Array, updates: Array) -> Any:
        tensors(name, input_x=input_x, indices=indices, updates=updates)
        check_indices(name, indices)
        updates = same_dtype_updates(name, input_x, updates)
        return combine(how, input_x, updates, points(name, input_x.shape, indices, updates))

    pure.__name__ = pure.__qualname__ = f"tensor_scatter_{how}"
    pure.__doc__ = _DOC.format(words=_WORDS[how], name=name, result=_RESULT[how])
    op(name, function=names or None, method=method, examine=examine_points)(pure)


for _how in ("add", "sub", "mul", "div", "min", "max"):
    _tensor_scatter(_how, (f"tensor_scatter_{_how}",), f"scatter_{_how}")
_tensor_scatter("update", ("tensor_scatter_update",), None)


def _examine_new(owner: str, indices: Any, updates: Any) -> None:
    """The shape is a constant, so only the lower end can be told here."""
    positions_in(owner, indices, (1 << 62,) * indices.shape[-1])


@op("ScatterNd", examine=_examine_new)
def scatter_nd(indices: Array, updates: Array, shape: tuple):
    """A Tensor of zeros with values added at chosen places.

    Args:
        indices: Tensor of int32 or int64, (..., K): positions in the first K axes; those past the end are dropped.
        updates: Tensor of shape indices.shape[:-1] + shape[K:]. Where several meet in one place, their sum counts.
        shape: Tuple of ints, the shape of the result.

    Returns:
        Tensor of shape `shape` with the dtype of `updates`.

    Raises:
        TypeError: `indices` is not an int Tensor, or `shape` not a tuple of ints.
        ValueError: A size is not positive, or the shape of `updates` does not fit.
        RuntimeError: An index is negative (PYNATIVE).

    Examples:
        >>> print(ops.scatter_nd(Tensor([[0], [2], [0]]), Tensor([1.0, 2.0, 3.0]), (4,)))
        [4. 0. 2. 0.]

    MindSpore r1.8 `ops.ScatterNd`.
    """
    tensors("ScatterNd", indices=indices, updates=updates)
    check_indices("ScatterNd", indices)
    shape = ints("ScatterNd", "shape", shape)
    if any(n < 1 for n in shape):
        raise ValueError(f"For 'ScatterNd', 'shape' should hold positive sizes, but got {shape}.")
    return combine("add", jnp.zeros(shape, updates.dtype), updates, points("ScatterNd", shape, indices, updates))


def _along(x: Any, indices: Any, axis: int) -> tuple:
    """Index arrays that take `indices` along one axis and every place its own along the others."""
    where = list(jnp.meshgrid(*[jnp.arange(n) for n in indices.shape], indexing="ij"))
    where[axis] = jnp.where(indices < 0, indices + x.shape[axis], indices)
    return tuple(where)


@op(None)
def tensor_scatter_elements(input_x: Array, indices: Array, updates: Array, *, axis: int = 0,
                            reduction: Literal["none", "add"] = "none"):
    """Replaces, or adds to, elements along one axis, in a new Tensor: out[i, indices[i, j]] = updates[i, j] for axis 1.

    Args:
        input_x: Tensor.
        indices: Tensor of int32 or int64 of the same rank; negative positions count from the end, those out of range
            are dropped.
        updates: Tensor of the shape of `indices` and the dtype of `input_x`.
        axis: The axis that `indices` speaks of.
        reduction: "none" replaces, "add" adds.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `indices` is not an int Tensor, or the dtypes differ.
        ValueError: `axis` or `reduction` is not allowed, or the shapes do not fit.

    Examples:
        >>> print(ops.tensor_scatter_elements(Tensor([[1, 2, 3]]), Tensor([[0, 2]]), Tensor([[7, 8]]), axis=1))
        [[7 2 8]]

    MindSpore r1.8 `ops.tensor_scatter_elements`.
    """
    owner = "tensor_scatter_elements"
    tensors(owner, input_x=input_x, indices=indices, updates=updates)
    check_indices(owner, indices)
    axis = axis_in(owner, axis, input_x.ndim)
    if indices.shape != updates.shape or indices.ndim != input_x.ndim:
        raise ValueError(f"For '{owner}', 'indices' and 'updates' should have one shape and the rank of 'input_x', "
                         f"but got {indices.shape}, {updates.shape} and {input_x.shape}.")
    updates = same_dtype_updates(owner, input_x, updates)
    return combine("update" if reduction == "none" else "add", input_x, updates, _along(input_x, indices, axis))


@op("IndexAdd", writes=("x",))
def index_add(x: Array, indices: Array, y: Array, *, axis: int, use_lock: bool = True, check_index_bound: bool = True):
    """Adds slices to a Parameter along one axis, in place: x[:, indices[i]] += y[:, i] for axis 1.

    Args:
        x: Parameter that is written.
        indices: Tensor of int32 of one axis.
        y: Tensor like `x`, but of size len(indices) along `axis`.
        axis: The axis.
        use_lock: Accepted for compatibility.
        check_index_bound: Accepted for compatibility: what lies out of range is always dropped.

    Returns:
        Tensor, the new value of `x`.

    Raises:
        TypeError: `indices` is not an int Tensor, or `y` would lose its kind or range.
        ValueError: `axis` is out of range, or the shapes do not fit.

    Examples:
        >>> p = ms.Parameter(Tensor([[1.0, 2.0, 3.0]]), name="p")
        >>> print(ops.index_add(p, Tensor([0, 2], ms.int32), Tensor([[5.0, 7.0]]), 1))
        [[ 6.  2. 10.]]

    MindSpore r1.8 `ops.IndexAdd`.
    """
    check_indices("IndexAdd", indices)
    axis = axis_in("IndexAdd", axis, x.ndim)
    wanted = (*x.shape[:axis], indices.size, *x.shape[axis + 1:])
    if indices.ndim != 1 or y.shape != wanted:
        raise ValueError(f"For 'IndexAdd', 'indices' should have one axis and 'y' shape {wanted}, but got "
                         f"{indices.shape} and {y.shape}.")
    added = combine("add", jnp.moveaxis(x, axis, 0), jnp.moveaxis(into_dtype("IndexAdd", x, y), axis, 0), (indices,))
    return jnp.moveaxis(added, 0, axis)


@op(None, method="index_fill")
def index_fill(x: Array, dim: int, index: Array, value: Array):
    """Fills slices along one axis with a value, in a new Tensor.

    Args:
        x: Tensor.
        dim: The axis.
        index: Tensor of int32 or int64, positions along `dim`.
        value: Number, or Tensor without axes.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `index` is not an int Tensor.
        ValueError: `dim` is out of range, or `value` has axes.

    Examples:
        >>> print(ops.index_fill(Tensor([[1, 2, 3]]), 1, Tensor([0, 2]), 9))
        [[9 2 9]]

    MindSpore r1.8 `ops.index_fill`.
    """
    tensors("index_fill", x=x)
    check_indices("index_fill", index, "index")
    axis = axis_in("index_fill", dim, x.ndim, "dim")
    if jnp.ndim(value):
        raise ValueError(f"For 'index_fill', 'value' should be a number or a Tensor without axes, but got shape "
                         f"{jnp.shape(value)}.")
    value = into_dtype("index_fill", x, value)
    return jnp.moveaxis(jnp.moveaxis(x, axis, 0).at[jnp.ravel(index)].set(value, mode="drop"), 0, axis)


def _inplace(owner: str, how: str, x: Any, v: Any, indices: int | tuple) -> Any:
    """Whole rows of `x`, at constant positions, combined with those of `v`."""
    tensors(owner, x=x, v=v)
    places = ints(owner, "indices", indices)
    for n in places:
        if not 0 <= n < x.shape[0]:
            raise ValueError(f"For '{owner}', 'indices' should be in [0, {x.shape[0]}), but got {n}.")
    if v.shape != (len(places), *x.shape[1:]):
        raise ValueError(f"For '{owner}', 'v' should have shape {(len(places), *x.shape[1:])}, but got {v.shape}.")
    if v.dtype != x.dtype:
        raise TypeError(f"For '{owner}', 'x' and 'v' should have one dtype, but got {dtype_name(x)} and "
                        f"{dtype_name(v)}.")
    return combine(how, x, v, (jnp.array(places),))


@op("InplaceUpdate", method="inplace_update")
def inplace_update(x: Array, v: Array, *, indices: int | tuple):
    """Replaces rows, in a new Tensor: out[indices] = v.

    Args:
        x: Tensor.
        v: Tensor of shape (len(indices), ...), rows like those of `x` and of its dtype.
        indices: int or tuple of ints, rows from 0 on.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `indices` is not int or tuple, or the dtypes differ.
        ValueError: An index is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.inplace_update(Tensor([1, 2, 3]), Tensor([7, 8]), (0, 2)))
        [7 2 8]

    MindSpore r1.8 `ops.InplaceUpdate`.
    """
    return _inplace("InplaceUpdate", "update", x, v, indices)


@op("InplaceAdd")
def inplace_add(x: Array, v: Array, *, indices: int | tuple):
    """Adds to rows, in a new Tensor: out[indices] += v.

    Args:
        x: Tensor.
        v: Tensor of shape (len(indices), ...), rows like those of `x` and of its dtype.
        indices: int or tuple of ints, rows from 0 on; a row may come several times.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `indices` is not int or tuple, or the dtypes differ.
        ValueError: An index is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.inplace_add(Tensor([1, 2, 3]), Tensor([7, 8]), (0, 2)))
        [ 8  2 11]

    MindSpore r1.8 `ops.InplaceAdd`.
    """
    return _inplace("InplaceAdd", "add", x, v, indices)


@op("InplaceSub")
def inplace_sub(x: Array, v: Array, *, indices: int | tuple):
    """Subtracts from rows, in a new Tensor: out[indices] -= v.

    Args:
        x: Tensor.
        v: Tensor of shape (len(indices), ...), rows like those of `x` and of its dtype.
        indices: int or tuple of ints, rows from 0 on; a row may come several times.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `indices` is not int or tuple, or the dtypes differ.
        ValueError: An index is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.inplace_sub(Tensor([1, 2, 3]), Tensor([7, 8]), (0, 2)))
        [-6  2 -5]

    MindSpore r1.8 `ops.InplaceSub`.
    """
    return _inplace("InplaceSub", "sub", x, v, indices)
