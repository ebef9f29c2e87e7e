"""Taking values from chosen places: Gather, GatherD, GatherNd, EmbeddingLookup."""
from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, tensors
from mycelium.ops.op import function, method, op
from mycelium.ops.scattering import check_indices, examine_points
from mycelium.ops.shapes import reshape


def _gather(owner: str, x: Any, indices: Any, axis: int) -> Any:
    tensors(owner, input_params=x, input_indices=indices)
    check_indices(owner, indices, "input_indices")
    return jnp.take(x, indices, axis_in(owner, axis, x.ndim), mode="fill", fill_value=0)


@op("Gather", function=None)
def gather_(input_params: Array, input_indices: Array, axis: int, *, batch_dims: int = 0):
    """Takes slices along one axis.

    Args:
        input_params: Tensor.
        input_indices: Tensor of int32 or int64, any shape. Negative ones count from the end; out of range gives 0.
        axis: The axis.
        batch_dims: How many first axes of both belong together; r2.0.

    Returns:
        Tensor of shape input_params.shape[:axis] + input_indices.shape[batch_dims:] + input_params.shape[axis + 1:].

    Raises:
        TypeError: `input_indices` is not an int Tensor, or `axis` not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> print(ops.Gather()(Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([2, 0]), 1))
        [[3 1]
         [6 4]]

    MindSpore r1.8 `ops.Gather`.
    """
    if batch_dims:
        return _batch_gather("Gather", input_params, input_indices, axis, batch_dims)
    return _gather("Gather", input_params, input_indices, axis)


def _batch_gather(owner: str, x: Any, indices: Any, axis: int, batch: int) -> Any:
    batch = axis_in(owner, batch, indices.ndim + 1, "batch_dims")
    axis = axis_in(owner, axis, x.ndim)
    if axis < batch or x.shape[:batch] != indices.shape[:batch]:
        raise ValueError(f"For '{owner}', the first {batch} sizes of both should be equal and 'axis' not below "
                         f"'batch_dims', but got shapes {x.shape} and {indices.shape}, axis {axis}.")
    take = functools.partial(_gather, owner, axis=axis - batch)
    for _ in range(batch):
        take = jax.vmap(take)
    return take(x, indices)


@function(method="gather")
def gather(input_params: Tensor, input_indices: Tensor, axis: int, batch_dims: int = 0) -> Tensor:
    """Takes slices along one axis.

    Args:
        input_params: Tensor.
        input_indices: Tensor of int32 or int64, any shape. Negative ones count from the end; out of range gives 0.
        axis: The axis.
        batch_dims: How many first axes of both belong together; r2.0.

    Returns:
        Tensor of shape input_params.shape[:axis] + input_indices.shape[batch_dims:] + input_params.shape[axis + 1:].

    Raises:
        TypeError: `input_indices` is not an int Tensor, or `axis` not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> print(ops.gather(Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([2, 0]), 1))
        [[3 1]
         [6 4]]

    MindSpore r1.8 and r2.0 `ops.gather`.
    """
    return gather_(input_params, input_indices, axis, batch_dims=batch_dims)


registry.add(registry.primitives, "GatherV2", registry.primitives["Gather"])     # its name before r1.1


@op("SparseGatherV2", function=None)
def sparse_gather(input_params: Array, input_indices: Array, axis: int):
    """`Gather` under another name.

    Args:
        input_params: Tensor.
        input_indices: Tensor of int32 or int64.
        axis: The axis.

    Returns:
        Tensor as of `Gather`.

    Examples:
        >>> print(ops.SparseGatherV2()(Tensor([1, 2, 3]), Tensor([2, 0]), 0))
        [3 1]

    MindSpore r1.8 `ops.SparseGatherV2`.
    """
    return _gather("SparseGatherV2", input_params, input_indices, axis)


def _gather_along(owner: str, x: Any, dim: int, index: Any) -> Any:
    tensors(owner, x=x, index=index)
    check_indices(owner, index, "index")
    axis = axis_in(owner, dim, x.ndim, "dim")
    if index.ndim != x.ndim or any(index.shape[i] != x.shape[i] for i in range(x.ndim) if i != axis):
        raise ValueError(f"For '{owner}', 'index' should have the shape of 'x' except along axis {dim}, but got "
                         f"{index.shape} and {x.shape}.")
    return jnp.take_along_axis(x, index, axis, mode="fill", fill_value=0)


@op("GatherD", function="gather_d")
def gather_d(x: Array, dim: int, index: Array):
    """Takes one element for each place of `index` along an axis: out[i, j] = x[i, index[i, j]] for dim 1.

    Args:
        x: Tensor.
        dim: The axis.
        index: Tensor of int32 or int64 with the shape of `x` except along `dim`; negative ones count from the end.

    Returns:
        Tensor of the shape of `index` and the dtype of `x`. An index out of range gives 0.

    Raises:
        TypeError: `index` is not an int Tensor, or `dim` not an int.
        ValueError: `dim` is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.gather_d(Tensor([[1, 2], [3, 4]]), 1, Tensor([[0, 0], [1, 0]])))
        [[1 1]
         [4 3]]

    MindSpore r1.8 `ops.GatherD`.
    """
    return _gather_along("GatherD", x, dim, index)


@op(None, method="gather_elements")
def gather_elements(x: Array, dim: int, index: Array):
    """Takes one element for each place of `index` along an axis: out[i, j] = x[i, index[i, j]] for dim 1.

    Args:
        x: Tensor.
        dim: The axis.
        index: Tensor of int32 or int64 with the shape of `x` except along `dim`; negative ones count from the end.

    Returns:
        Tensor of the shape of `index` and the dtype of `x`. An index out of range gives 0.

    Raises:
        TypeError: `index` is not an int Tensor, or `dim` not an int.
        ValueError: `dim` is out of range, or the shapes do not fit.

    Examples:
        >>> print(ops.gather_elements(Tensor([[1, 2], [3, 4]]), 1, Tensor([[0, 0], [1, 0]])))
        [[1 1]
         [4 3]]

    MindSpore r1.8 `ops.gather_elements`.
    """
    return _gather_along("gather_elements", x, dim, index)


@op("GatherNd", method="gather_nd", examine=examine_points)
def gather_nd(input_x: Array, indices: Array):
    """Takes slices at positions in the leading axes.

    Args:
        input_x: Tensor.
        indices: Tensor of int32 or int64, (..., K): positions in the first K axes, from 0 on.

    Returns:
        Tensor of shape indices.shape[:-1] + input_x.shape[K:].

    Raises:
        TypeError: `indices` is not an int Tensor.
        ValueError: K is larger than the rank of `input_x`.
        RuntimeError: A position is out of range (PYNATIVE; a compiled program gives 0).

    Examples:
        >>> print(ops.gather_nd(Tensor([[1, 2], [3, 4]]), Tensor([[0, 1], [1, 0]])))
        [2 3]

    MindSpore r1.8 `ops.GatherNd`.
    """
    tensors("GatherNd", input_x=input_x, indices=indices)
    check_indices("GatherNd", indices)
    if not indices.ndim or indices.shape[-1] > input_x.ndim:
        raise ValueError(f"For 'GatherNd', the last axis of 'indices' should hold at most {input_x.ndim} positions, "
                         f"but 'indices' has shape {indices.shape}.")
    where = tuple([indices[..., i] for i in range(indices.shape[-1])])
    return input_x.at[where].get(mode="fill", fill_value=0, wrap_negative_indices=False)


@op("EmbeddingLookup", function=None)
def embedding_lookup(input_params: Array, input_indices: Array, offset: int):
    """Takes rows of a table that holds the rows from `offset` on; others give 0.

    Args:
        input_params: Tensor, the table.
        input_indices: Tensor of int32 or int64.
        offset: What is subtracted from the indices first.

    Returns:
        Tensor of shape input_indices.shape + input_params.shape[1:].

    Raises:
        TypeError: `input_indices` is not an int Tensor, or `offset` not an int.

    Examples:
        >>> print(ops.EmbeddingLookup()(Tensor([[1.0], [2.0]]), Tensor([5, 7]), 4))
        [[2.]
         [0.]]

    MindSpore r1.8 `ops.EmbeddingLookup`.
    """
    tensors("EmbeddingLookup", input_params=input_params, input_indices=input_indices)
    check_indices("EmbeddingLookup", input_indices, "input_indices")
    return input_params.at[input_indices - offset].get(mode="fill", fill_value=0, wrap_negative_indices=False)


@op(None, function=None)
def take_(x: Array, indices: Array, *, axis: int, mode: str):
    """Slices along an axis; positions past the end are the last one ("clip") or counted on from the start ("wrap")."""
    check_indices("Tensor.take", indices)
    size = x.shape[axis_in("Tensor.take", axis, x.ndim)]
    indices = jnp.where(indices < 0, indices + size, indices) if mode == "clip" else indices
    return jnp.take(x, indices, axis, mode=mode)


@method("take")
def _tensor_take(self: Tensor, indices: Tensor, axis: int | None = None, mode: str = "clip") -> Tensor:
    """Elements, or slices along `axis`, at positions (MindSpore r1.8 `Tensor.take`)."""
    _check_mode("Tensor.take", mode)
    if not isinstance(indices, Tensor):
        indices = Tensor(indices)
    return take_(reshape(self, (-1,)) if axis is None else self, indices, 0 if axis is None else axis, mode)


def _check_mode(owner: str, mode: str) -> None:
    if mode not in ("raise", "wrap", "clip"):
        raise ValueError(f"For '{owner}', 'mode' should be 'wrap' or 'clip', but got {describe(mode)}.")
    if mode == "raise":
        raise NotImplementedError(f"For '{owner}', 'mode' 'raise' does not exist; use 'clip' or 'wrap'.")
