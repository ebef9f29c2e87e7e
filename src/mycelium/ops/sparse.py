"""Operators on the parts of sparse matrices: coordinates or compressed rows with their values."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import dtype_name, ints, rank, tensors
from mycelium.ops.op import op
from mycelium.ops.scattering import check_indices, combine


def _coordinates(owner: str, indices: Any, values: Any, shape: tuple) -> tuple:
    """Checked coordinates as one index array per axis."""
    tensors(owner, indices=indices, values=values)
    check_indices(owner, indices)
    shape = ints(owner, "sparse_shape", shape)
    if indices.ndim != 2 or indices.shape != (values.size, len(shape)) or values.ndim != 1:
        raise ValueError(f"For '{owner}', 'indices' should have shape (N, {len(shape)}) and 'values' (N,), but got "
                         f"{indices.shape} and {values.shape}.")
    return tuple([indices[:, i] for i in range(len(shape))])


@op("SparseToDense", function=None)
def sparse_to_dense(indices: Array, values: Array, sparse_shape: tuple):
    """A dense Tensor from coordinates and values; values at one place add up.

    Args:
        indices: Tensor of int32 or int64, (N, axes).
        values: Tensor of numbers, (N,).
        sparse_shape: Tuple of ints, the shape of the result.

    Returns:
        Tensor of shape `sparse_shape` with the dtype of `values`.

    Raises:
        TypeError: `indices` is not an int Tensor, or `sparse_shape` not a tuple of ints.
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.SparseToDense()(Tensor([[0, 1], [1, 0]]), Tensor([1.0, 2.0]), (2, 2)))
        [[0. 1.]
         [2. 0.]]

    MindSpore r1.8 `ops.SparseToDense`.
    """
    where = _coordinates("SparseToDense", indices, values, sparse_shape)
    return combine("add", jnp.zeros(sparse_shape, values.dtype), values, where)


@op("SparseTensorDenseMatmul", function=None)
def sparse_dense_matmul(indices: Array, values: Array, sparse_shape: tuple, dense: Array, *, adjoint_st: bool = False,
                        adjoint_dt: bool = False):
    """A sparse matrix, given by coordinates and values, times a dense one.

    Args:
        indices: Tensor of int32 or int64, (N, 2).
        values: Tensor of numbers, (N,).
        sparse_shape: Shape of the sparse matrix, two ints.
        dense: Tensor, the right factor.
        adjoint_st: Whether the sparse matrix is transposed (and conjugated).
        adjoint_dt: Whether the dense one is.

    Returns:
        Tensor, the product.

    Raises:
        TypeError: `indices` is not an int Tensor, or the dtypes of the matrices differ.
        ValueError: The shapes do not fit.

    Examples:
        >>> sparse = Tensor([[0, 1], [1, 0]]), Tensor([1.0, 2.0]), (2, 2)
        >>> print(ops.SparseTensorDenseMatmul()(*sparse, Tensor([[3.0], [4.0]])))
        [[4.]
         [6.]]

    MindSpore r1.8 `ops.SparseTensorDenseMatmul`.
    """
    owner = "SparseTensorDenseMatmul"
    rows, columns = _coordinates(owner, indices, values, sparse_shape) if len(sparse_shape) == 2 else _not_a_matrix(
        owner, sparse_shape)
    tensors(owner, dense=dense)
    rank(owner, "dense", dense, 2)
    if dense.dtype != values.dtype:
        raise TypeError(f"For '{owner}', 'values' and 'dense' should have one dtype, but got {dtype_name(values)} and "
                        f"{dtype_name(dense)}.")
    height, width = sparse_shape
    if adjoint_st:
        rows, columns, height, width, values = columns, rows, width, height, jnp.conj(values)
    dense = jnp.conj(dense.T) if adjoint_dt else dense
    if dense.shape[0] != width:
        raise ValueError(f"For '{owner}', the inner sizes should be equal, but got {(height, width)} times "
                         f"{dense.shape}.")
    return combine("add", jnp.zeros((height, dense.shape[1]), values.dtype),
                   values[:, None] * jnp.take(dense, columns, axis=0, mode="clip"), (rows,))


def _not_a_matrix(owner: str, shape: tuple) -> Any:
    raise ValueError(f"For '{owner}', the sparse matrix should have two axes, but got shape {shape}.")


@op("Coalesce", dynamic_shape=True)
def coalesce(x_indices: Array, x_values: Array, x_shape: Array):
    """Sorts coordinates and adds the values of those that are equal.

    Args:
        x_indices: Tensor of int64, (axes, N): one column per value.
        x_values: Tensor of numbers, (N,).
        x_shape: Tensor of int64, (axes,).

    Returns:
        Tuple of the coordinates (axes, M), the values (M,) and the shape. In GRAPH_MODE the Cell around it runs op by
        op, as M is data.

    Raises:
        TypeError: `x_indices` or `x_shape` is not an int Tensor.
        ValueError: The shapes do not fit.

    Examples:
        >>> x = Tensor([[0, 0, 1], [1, 1, 2]]), Tensor([1.0, 5.0, 4.0]), Tensor([3, 3])
        >>> print(ops.Coalesce()(*x)[1])
        [6. 4.]

    MindSpore r1.8 `ops.Coalesce`.
    """
    tensors("Coalesce", x_indices=x_indices, x_values=x_values)
    check_indices("Coalesce", x_indices, "x_indices")
    check_indices("Coalesce", x_shape, "x_shape")
    if x_indices.shape != (x_shape.size, x_values.size):
        raise ValueError(f"For 'Coalesce', 'x_indices' should have shape {(x_shape.size, x_values.size)}, but got "
                         f"{x_indices.shape}.")
    host = np.asarray(lax.stop_gradient(x_indices))
    distinct, place = np.unique(host, axis=1, return_inverse=True)
    total = combine("add", jnp.zeros(distinct.shape[1], x_values.dtype), x_values, (jnp.asarray(place.ravel()),))
    return jnp.asarray(distinct), total, jnp.array(x_shape, copy=True)


# ***** compressed rows *****


def row_numbers(indptr: Any, count: int) -> Any:
    """The row of each of `count` values, from where rows begin."""
    return (jnp.searchsorted(indptr, lax.iota(indptr.dtype, count), side="right") - 1).astype(indptr.dtype)


@op(None)
def csr2coo(indptr: Array, nnz: int):
    """The row of each value of a matrix in compressed rows.

    Args:
        indptr: Tensor of int32 or int64, (rows + 1,): where each row begins.
        nnz: The number of values.

    Returns:
        Tensor of the dtype of `indptr`, (nnz,).

    Examples:
        >>> print(ops.csr2coo(Tensor([0, 1, 3]), 3))
        [0 1 1]

    MindSpore r1.8 `ops.csr2coo`.
    """
    check_indices("csr2coo", indptr, "indptr")
    return row_numbers(indptr, nnz)


@op(None)
def coo2csr(row_indices: Array, height: int):
    """Where each row begins, from the sorted rows of the values.

    Args:
        row_indices: Tensor of int32 or int64, (N,), sorted.
        height: The number of rows.

    Returns:
        Tensor of the dtype of `row_indices`, (height + 1,).

    Examples:
        >>> print(ops.coo2csr(Tensor([0, 1, 1]), 2))
        [0 1 3]

    MindSpore r1.8 `ops.coo2csr`.
    """
    check_indices("coo2csr", row_indices, "row_indices")
    return jnp.searchsorted(row_indices, lax.iota(row_indices.dtype, height + 1)).astype(row_indices.dtype)


@op(None)
def csr_gather(indptr: Array, indices: Array, dense: Array, sparse_shape: tuple):
    """The elements of a dense Tensor at the places a matrix in compressed rows fills.

    Args:
        indptr: Tensor of int32 or int64, (rows + 1,).
        indices: Tensor of the columns, (N,).
        dense: Tensor that broadcasts to `sparse_shape`.
        sparse_shape: Shape of the matrix.

    Returns:
        Tensor of the dtype of `dense`, (N, ...).

    Examples:
        >>> print(ops.csr_gather(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([[1.0, 2.0], [3.0, 4.0]]), (2, 2)))
        [1. 4.]

    MindSpore r1.8 `ops.csr_gather`.
    """
    check_indices("csr_gather", indptr, "indptr")
    check_indices("csr_gather", indices)
    dense = jnp.broadcast_to(dense, ints("csr_gather", "sparse_shape", sparse_shape))
    return dense[row_numbers(indptr, indices.shape[0]), indices]


@op(None, function=None)
def csr_product(indptr: Array, indices: Array, values: Array, dense: Array, *, height: int):
    """Compressed rows times a dense matrix."""
    rows = row_numbers(indptr, indices.shape[0])
    return combine("add", jnp.zeros((height, dense.shape[1]), values.dtype),
                   values[:, None] * jnp.take(dense, indices, axis=0, mode="clip"), (rows,))


@op(None, function=None)
def csr_row_sums(indptr: Array, values: Array):
    """The sum of each row, (rows, 1)."""
    total = jnp.zeros((indptr.shape[0] - 1, 1), values.dtype)
    return combine("add", total, values[:, None], (row_numbers(indptr, values.shape[0]),))


@op(None, function=None)
def csr_dense(indptr: Array, indices: Array, values: Array, *, shape: tuple):
    """Compressed rows as a dense matrix."""
    where = row_numbers(indptr, indices.shape[0]), indices
    return combine("add", jnp.zeros(shape, values.dtype), values, where)
