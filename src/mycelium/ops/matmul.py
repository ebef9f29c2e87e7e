"""Products of matrices, vectors and batches of them."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.checks import axis_in, dtype_name, floats, numbers, rank, same_dtype, tensors
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


def _transposed(x: Any, transpose: bool) -> Any:
    return jnp.swapaxes(x, -1, -2) if transpose else x


def _product(owner: str, x: Any, y: Any, transpose_a: bool, transpose_b: bool) -> Any:
    same_dtype(owner, x=x, y=y)
    numbers(owner, x=x)
    a, b = _transposed(x, transpose_a), _transposed(y, transpose_b)
    if a.shape[-1] != b.shape[-2]:
        raise ValueError(f"For '{owner}', the columns of 'x' should be as many as the rows of 'y', but got x: {x.shape}"
                         f"{' transposed' * transpose_a} and y: {y.shape}{' transposed' * transpose_b}.")
    return jnp.matmul(a, b)


@op("MatMul", function=None)
def mat_mul(x: Array, y: Array, *, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    """The product of two matrices.

    Args:
        x: Tensor of shape (M, K), or (K, M) with `transpose_a`.
        y: Tensor of shape (K, N), or (N, K) with `transpose_b`, of the same dtype.
        transpose_a: Whether `x` is given transposed.
        transpose_b: Whether `y` is given transposed.

    Returns:
        Tensor of shape (M, N).

    Raises:
        TypeError: The dtypes differ or are bool.
        ValueError: An input has not two axes, or the shapes do not fit.

    Examples:
        >>> print(ops.MatMul()(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])))
        [[11.]]

    MindSpore r1.8 `ops.MatMul`.
    """
    rank("MatMul", "x", x, 2)
    rank("MatMul", "y", y, 2)
    return _product("MatMul", x, y, transpose_a, transpose_b)


@op("BatchMatMul", function=None)
def batch_mat_mul(x: Array, y: Array, *, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    """The products of two batches of matrices.

    Args:
        x: Tensor of shape (*B, M, K) with one batch axis or more, or (*B, K, M) with `transpose_a`.
        y: Tensor of shape (*B, K, N), or (*B, N, K) with `transpose_b`, of the same dtype.
        transpose_a: Whether the matrices of `x` are given transposed.
        transpose_b: Whether the matrices of `y` are given transposed.

    Returns:
        Tensor of shape (*B, M, N).

    Raises:
        TypeError: The dtypes differ or are bool.
        ValueError: `x` has fewer than three axes, or the shapes do not fit.

    Examples:
        >>> print(ops.BatchMatMul()(Tensor([[[1.0, 2.0]]]), Tensor([[[3.0], [4.0]]])))
        [[[11.]]]

    MindSpore r1.8 `ops.BatchMatMul`.
    """
    if x.ndim < 3 or y.ndim < 2:
        raise ValueError("For 'BatchMatMul', 'x' should have at least 3 axes and 'y' at least 2, but got shapes "
                         f"{x.shape} and {y.shape}.")
    return _product("BatchMatMul", x, y, transpose_a, transpose_b)


@op(None, method="matmul")
def matmul(x1: Array, x2: Array) -> Array:
    """The matrix product, with vectors and batches as in NumPy: the last axis of `x1` with the last but one of `x2`.

    Args:
        x1: Tensor of shape (*B, M, K) or (K,).
        x2: Tensor of shape (*B, K, N) or (K,); the batch axes broadcast.

    Returns:
        Tensor of shape (*B, M, N), without M or N where an input has one axis; float32 where the dtypes differ.

    Raises:
        TypeError: The inputs are bool.
        ValueError: An input has no axes, or the shapes do not fit.

    Examples:
        >>> print(ops.matmul(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0])))
        [3. 7.]

    MindSpore r1.8 `ops.matmul`.
    """
    tensors("matmul", x1=x1, x2=x2)
    if not (x1.ndim and x2.ndim):
        raise ValueError("For 'matmul', the inputs should have at least one axis, but got shapes "
                         f"{x1.shape} and {x2.shape}.")
    if x1.dtype != x2.dtype:
        x1, x2 = x1.astype(jnp.float32), x2.astype(jnp.float32)
    numbers("matmul", x1=x1)
    return jnp.matmul(x1, x2)


@op(None, method="dot")
def dot(x1: Array, x2: Array) -> Array:
    """The product over the last axis of `x1` and the last but one of `x2`.

    Args:
        x1: Tensor of shape (*A, K), float.
        x2: Tensor of shape (*B, K, N), of the same dtype.

    Returns:
        Tensor of shape (*A, *B, N).

    Raises:
        TypeError: The inputs are not floating point, or their dtypes differ.
        ValueError: An input has fewer than two axes, or the shapes do not fit.

    Examples:
        >>> print(ops.dot(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([[1.0], [1.0]])))
        [[3.]
         [7.]]

    MindSpore r1.8 `ops.dot`.
    """
    x1, x2 = floats("dot", x1=x1, x2=x2)
    same_dtype("dot", x1=x1, x2=x2)
    if x1.ndim < 2 or x2.ndim < 2:
        raise ValueError(f"For 'dot', the inputs should have 2 axes or more, but got {x1.shape} and {x2.shape}.")
    return jnp.dot(x1, x2)


def _contracted(owner: str, x1: Any, x2: Any, axes: int | tuple) -> tuple:
    """The axes of each input to sum over; an int counts the last of `x1` and the first of `x2`."""
    if isinstance(axes, int):
        if axes < 0 or axes > min(x1.ndim, x2.ndim):
            raise ValueError(f"For '{owner}', 'axes' should be from 0 to the number of axes of both inputs, but got "
                             f"{axes} for shapes {x1.shape} and {x2.shape}.")
        first, second = tuple(range(x1.ndim - axes, x1.ndim)), tuple(range(axes))
    else:
        if len(axes) != 2:
            raise ValueError(f"For '{owner}', 'axes' should have one part for each of the 2 inputs, but got {axes}.")
        first, second = (a if isinstance(a, tuple) else (a,) for a in axes)
    if len(first) != len(second):
        raise ValueError(f"For '{owner}', as many axes of 'x1' as of 'x2' should be given, but got {axes}.")
    return (tuple(axis_in(owner, a, x1.ndim, "axes") for a in first),
            tuple(axis_in(owner, a, x2.ndim, "axes") for a in second))


@op(None)
def tensor_dot(x1: Array, x2: Array, axes: int | tuple) -> Array:
    """Sums products over several axes of both inputs.

    Args:
        x1: Tensor.
        x2: Tensor of the same dtype.
        axes: How many of the last axes of `x1` and first of `x2` to sum over, or a pair: axes of `x1`, axes of `x2`.

    Returns:
        Tensor with the other axes of `x1`, then those of `x2`.

    Raises:
        TypeError: `axes` has a wrong type, or the dtypes differ.
        ValueError: The axes do not exist or differ in size.

    Examples:
        >>> x1, x2 = Tensor(np.ones((1, 2, 3), np.float32)), Tensor(np.ones((3, 1, 2), np.float32))
        >>> print(ops.tensor_dot(x1, x2, ((0, 1), (1, 2))))
        [[2. 2. 2.]
         [2. 2. 2.]
         [2. 2. 2.]]

    MindSpore r1.8 `ops.tensor_dot`.
    """
    same_dtype("tensor_dot", x1=x1, x2=x2)
    first, second = _contracted("tensor_dot", x1, x2, axes)
    for order in (second, second[::-1]):    # MindSpore pairs the axes backwards where they only fit so
        if all(x1.shape[a] == x2.shape[b] for a, b in zip(first, order, strict=True)):
            return jnp.tensordot(x1, x2, (first, order))
    raise ValueError(f"For 'tensor_dot', the axes summed over should have one size, but got axes {first} of shape "
                     f"{x1.shape} and {second} of shape {x2.shape}.")


@op(None)
def batch_dot(x1: Array, x2: Array, axes: int | tuple | None = None) -> Array:
    """Sums products over one axis of both inputs, for each item of a batch.

    Args:
        x1: Tensor of at least two axes, the first of them the batch.
        x2: Tensor of at least two axes with the same batch size.
        axes: Axis of `x1` and axis of `x2` to sum over, or one for both; default the last of `x1` and the last but one
            of `x2` (the last if it has two axes).

    Returns:
        Tensor of shape (batch, other axes of `x1`, other axes of `x2`); (batch, 1) if there are no others.

    Raises:
        TypeError: The dtypes differ.
        ValueError: An input has fewer than two axes, the batch sizes differ, or the axes do not fit.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(ops.batch_dot(x, x))
        [[ 5.]
         [25.]]

    MindSpore r1.8 `ops.batch_dot`.
    """
    x1, x2 = floats("batch_dot", x1=x1, x2=x2)
    same_dtype("batch_dot", x1=x1, x2=x2)
    if x1.ndim < 2 or x2.ndim < 2:
        raise ValueError(f"For 'batch_dot', the inputs should have 2 axes or more, but got {x1.shape} and {x2.shape}.")
    if x1.shape[0] != x2.shape[0]:
        raise ValueError("For 'batch_dot', the inputs should have the same batch size, but got shapes "
                         f"{x1.shape} and {x2.shape}.")
    if axes is None:
        axes = (x1.ndim - 1, max(x2.ndim - 2, 1))
    pair = (axes, axes) if isinstance(axes, int) else axes
    if len(pair) != 2:
        raise ValueError(f"For 'batch_dot', 'axes' should be an int or a pair of ints, but got {axes}.")
    a, b = axis_in("batch_dot", pair[0], x1.ndim, "axes"), axis_in("batch_dot", pair[1], x2.ndim, "axes")
    if 0 in (a, b):
        raise ValueError(f"For 'batch_dot', 'axes' should not name the batch axis 0, but got {axes}.")
    if x1.shape[a] != x2.shape[b]:
        raise ValueError(f"For 'batch_dot', the axes summed over should have the same size, but got axis {a} of shape "
                         f"{x1.shape} and axis {b} of shape {x2.shape}.")
    out = lax.dot_general(x1, x2, (((a,), (b,)), ((0,), (0,))))
    return out if out.ndim > 1 else out[:, None]


@op("Ger")
def ger(x1: Array, x2: Array) -> Array:
    """The outer product of two vectors.

    Args:
        x1: Tensor of shape (M,), float.
        x2: Tensor of shape (N,), of the same dtype.

    Returns:
        Tensor of shape (M, N).

    Raises:
        TypeError: The inputs are not floating point, or their dtypes differ.
        ValueError: An input has not one axis.

    Examples:
        >>> print(ops.ger(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])))
        [[3. 4.]
         [6. 8.]]

    MindSpore r1.8 `ops.Ger`.
    """
    x1, x2 = floats("Ger", x1=x1, x2=x2)
    same_dtype("Ger", x1=x1, x2=x2)
    rank("Ger", "x1", x1, 1)
    rank("Ger", "x2", x2, 1)
    return x1[:, None] * x2


@op(None)
def outer(x1: Array, x2: Array) -> Array:
    """The outer product of two vectors.

    Args:
        x1: Tensor of shape (M,).
        x2: Tensor of shape (N,).

    Returns:
        Tensor of shape (M, N) and promoted dtype.

    Raises:
        ValueError: An input has not one axis.

    Examples:
        >>> print(ops.outer(Tensor([1, 2]), Tensor([3, 4])))
        [[3 4]
         [6 8]]

    MindSpore r1.8 `ops.outer`.
    """
    rank("outer", "x1", x1, 1)
    rank("outer", "x2", x2, 1)
    x1, x2 = promote(x1, x2)
    numbers("outer", x1=x1)
    return x1[:, None] * x2


@op(None)
def mv(mat: Array, vec: Array) -> Array:
    """The product of a matrix and a vector.

    Args:
        mat: Tensor of shape (M, N).
        vec: Tensor of shape (N,), of the same dtype.

    Returns:
        Tensor of shape (M,).

    Raises:
        TypeError: The dtypes differ.
        ValueError: `mat` has not two axes, `vec` not one, or the sizes differ.

    Examples:
        >>> print(ops.mv(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0])))
        [3. 7.]

    MindSpore r1.8 `ops.mv`.
    """
    rank("mv", "mat", mat, 2)
    rank("mv", "vec", vec, 1)
    return _product("mv", mat, vec[:, None], False, False)[:, 0]


@op(None, method="baddbmm")
def baddbmm(x: Array, batch1: Array, batch2: Array, beta: float = 1, alpha: float = 1) -> Array:
    """Adds the products of two batches of matrices: beta * x + alpha * (batch1 @ batch2).

    Args:
        x: Tensor whose shape broadcasts with (B, M, N).
        batch1: Tensor of shape (B, M, K).
        batch2: Tensor of shape (B, K, N), of the same dtype.
        beta: Factor of `x`.
        alpha: Factor of the products.

    Returns:
        Tensor of shape (B, M, N).

    Raises:
        TypeError: The dtypes differ.
        ValueError: A batch has not three axes, or the shapes do not fit.

    Examples:
        >>> print(ops.baddbmm(Tensor([1.0]), Tensor([[[1.0, 2.0]]]), Tensor([[[3.0], [4.0]]]), alpha=2))
        [[[23.]]]

    MindSpore r1.8 `ops.baddbmm`.
    """
    rank("baddbmm", "batch1", batch1, 3)
    rank("baddbmm", "batch2", batch2, 3)
    same_dtype("baddbmm", x=x, batch1=batch1, batch2=batch2)
    product = _product("baddbmm", batch1, batch2, False, False)
    return (beta * x + alpha * product).astype(product.dtype)


@op("Einsum", function=None)
def einsum(x: Arrays, *, equation: str) -> Array:
    """Sums products as an equation over named axes says.

    Args:
        x: Tuple or list of Tensors of one dtype.
        equation: Letters for the axes of each input, and after "->" those of the result, such as "ij,jk->ik".

    Returns:
        Tensor.

    Raises:
        TypeError: `x` is no tuple or list, or the dtypes differ.
        ValueError: The equation does not fit the shapes.

    Examples:
        >>> print(ops.Einsum("ij,j->i")((Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1.0, 1.0]))))
        [3. 7.]

    MindSpore r1.8 `ops.Einsum`.
    """
    if not isinstance(x, list):
        raise TypeError("For 'Einsum', 'x' should be a tuple or list of Tensors, but got one Tensor.")
    if len({v.dtype for v in x}) > 1:
        raise TypeError(f"For 'Einsum', all Tensors should have the same dtype, but got {list(map(dtype_name, x))}.")
    return jnp.einsum(equation, *x)
