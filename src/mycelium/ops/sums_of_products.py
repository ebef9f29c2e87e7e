"""Products of matrices and vectors added to something, batches of products, transposes: what MindSpore r2.0 added."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.checks import rank
from mycelium.ops.matmul import _product, matmul
from mycelium.ops.op import function, op
from mycelium.ops.promotion import promote, to_dtype


def _combined(added: Any, product: Any, beta: float, alpha: float) -> Any:
    total = product if alpha == 1 else alpha * product
    if beta != 0:
        total = total + to_dtype(added if beta == 1 else beta * added, product.dtype)
    return to_dtype(total, product.dtype)


@op(None, method="bmm")
def bmm(input_x: Array, mat2: Array) -> Array:
    """Products of two batches of matrices.

    Args:
        input_x: Tensor of shape (*B, N, K).
        mat2: Tensor of shape (*B, K, M), of the same dtype.

    Returns:
        Tensor of shape (*B, N, M).

    Raises:
        ValueError: The inputs have not as many axes, three or more, or the shapes do not fit.

    Examples:
        >>> print(ops.bmm(Tensor([[[1.0, 2.0]]]), Tensor([[[3.0], [4.0]]])))
        [[[11.]]]

    MindSpore r2.0 `ops.bmm`.
    """
    if input_x.ndim != mat2.ndim or input_x.ndim < 3:
        raise ValueError("For 'bmm', the inputs should have as many axes, three or more, but got shapes "
                         f"{input_x.shape} and {mat2.shape}.")
    return _product("bmm", input_x, mat2, False, False)


@op(None, method="mm")
def mm(input: Array, mat2: Array) -> Array:
    """The product of two matrices.

    Args:
        input: Tensor of shape (N, K).
        mat2: Tensor of shape (K, M), of the same dtype.

    Returns:
        Tensor of shape (N, M).

    Raises:
        ValueError: An input is no matrix, or the shapes do not fit.

    Examples:
        >>> print(ops.mm(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])))
        [[11.]]

    MindSpore r2.0 `ops.mm`.
    """
    rank("mm", "input", input, 2)
    rank("mm", "mat2", mat2, 2)
    return _product("mm", input, mat2, False, False)


@op(None, method="addmm")
def addmm(input: Array, mat1: Array, mat2: Array, *, beta: float | int = 1, alpha: float | int = 1) -> Array:
    """Adds the product of two matrices: beta * input + alpha * (mat1 @ mat2).

    Args:
        input: Tensor whose shape broadcasts with (N, M).
        mat1: Tensor of shape (N, K).
        mat2: Tensor of shape (K, M), of the same dtype.
        beta: Factor of `input`.
        alpha: Factor of the product.

    Returns:
        Tensor of shape (N, M).

    Examples:
        >>> print(ops.addmm(Tensor([[1.0]]), Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])))
        [[12.]]

    MindSpore r2.0 `ops.addmm`.
    """
    return _combined(input, matmul.pure(mat1, mat2), beta, alpha)


@op(None, method="addmv")
def addmv(x: Array, mat: Array, vec: Array, *, beta: float | int = 1, alpha: float | int = 1) -> Array:
    """Adds the product of a matrix and a vector: beta * x + alpha * (mat @ vec).

    Args:
        x: Tensor whose shape broadcasts with (N,).
        mat: Tensor of shape (N, M).
        vec: Tensor of shape (M,).
        beta: Factor of `x`.
        alpha: Factor of the product.

    Returns:
        Tensor of shape (N,).

    Examples:
        >>> print(ops.addmv(Tensor([1.0]), Tensor([[1.0, 2.0]]), Tensor([3.0, 4.0])))
        [12.]

    MindSpore r2.0 `ops.addmv`.
    """
    rank("addmv", "mat", mat, 2)
    rank("addmv", "vec", vec, 1)
    mat, vec = promote(mat, vec)
    return _combined(x, jnp.sum(mat * vec, -1) if jnp.issubdtype(mat.dtype, jnp.integer) else mat @ vec, beta, alpha)


@op(None, method="addr")
def addr(x: Array, vec1: Array, vec2: Array, *, beta: float | int = 1, alpha: float | int = 1) -> Array:
    """Adds the outer product of two vectors: beta * x + alpha * (vec1 outer vec2).

    Args:
        x: Tensor whose shape broadcasts with (N, M).
        vec1: Tensor of shape (N,).
        vec2: Tensor of shape (M,).
        beta: Factor of `x`.
        alpha: Factor of the product.

    Returns:
        Tensor of shape (N, M).

    Examples:
        >>> print(ops.addr(Tensor([[1.0, 1.0]]), Tensor([2.0]), Tensor([3.0, 4.0])))
        [[7. 9.]]

    MindSpore r2.0 `ops.addr`.
    """
    rank("addr", "vec1", vec1, 1)
    rank("addr", "vec2", vec2, 1)
    vec1, vec2 = promote(vec1, vec2)
    return _combined(x, vec1[:, None] * vec2, beta, alpha)


@op(None, method="addbmm")
def addbmm(input: Array, batch1: Array, batch2: Array, *, beta: float | int = 1, alpha: float | int = 1) -> Array:
    """Adds the sum of the products of two batches of matrices: beta * input + alpha * sum of (batch1[i] @ batch2[i]).

    Args:
        input: Tensor whose shape broadcasts with (N, M).
        batch1: Tensor of shape (B, N, K).
        batch2: Tensor of shape (B, K, M), of the same dtype.
        beta: Factor of `input`.
        alpha: Factor of the sum.

    Returns:
        Tensor of shape (N, M).

    Examples:
        >>> print(ops.addbmm(Tensor([[1.0]]), Tensor([[[2.0]], [[3.0]]]), Tensor([[[1.0]], [[1.0]]])))
        [[6.]]

    MindSpore r2.0 `ops.addbmm`.
    """
    rank("addbmm", "batch1", batch1, 3)
    rank("addbmm", "batch2", batch2, 3)
    return _combined(input, jnp.sum(_product("addbmm", batch1, batch2, False, False), 0), beta, alpha)


@op(None)
def dense(input: Array, weight: Array, bias: Array | None = None) -> Array:
    """A fully connected layer: input @ weight^T + bias.

    Args:
        input: Tensor of shape (*B, in_channels).
        weight: Tensor of shape (out_channels, in_channels) or (in_channels,).
        bias: Tensor of shape (out_channels,) or ().

    Returns:
        Tensor of shape (*B, out_channels), or (*B) for a weight with one axis.

    Examples:
        >>> print(ops.dense(Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]), Tensor([1.0])))
        [[12.]]

    MindSpore r2.0 `ops.dense`.
    """
    rank("dense", "weight", weight, 1, 2)
    out = matmul.pure(input, weight if weight.ndim == 1 else weight.T)
    return out if bias is None else out + to_dtype(bias, out.dtype)


@op(None, method="inner")
def inner(input: Array, other: Array) -> Array:
    """Inner products of the vectors along the last axes.

    Args:
        input: Tensor of shape (*A, K), or a number of axes 0.
        other: Tensor of shape (*B, K).

    Returns:
        Tensor of shape (*A, *B).

    Raises:
        ValueError: The last sizes differ.

    Examples:
        >>> print(ops.inner(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])))
        11.0

    MindSpore r2.0 `ops.inner`.
    """
    x, y = promote(input, other)
    if x.ndim == 0 or y.ndim == 0:
        return x * y
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(f"For 'inner', the last sizes should be equal, but got shapes {x.shape} and {y.shape}.")
    return lax.dot_general(x, y, (((x.ndim - 1,), (y.ndim - 1,)), ((), ())))


@op(None)
def kron(x: Array, y: Array) -> Array:
    """The Kronecker product: `y` scaled by every element of `x`.

    Args:
        x: Tensor.
        y: Tensor.

    Returns:
        Tensor whose sizes are the products of those of `x` and `y`.

    Examples:
        >>> print(ops.kron(Tensor([1.0, 2.0]), Tensor([1.0, 1.0])))
        [1. 1. 2. 2.]

    MindSpore r2.0 `ops.kron`.
    """
    return jnp.kron(*promote(x, y))


@op("ConjugateTranspose", function=None)
def conjugate_transpose(x: Array, perm: tuple) -> Array:
    """Permutes the axes and conjugates.

    Args:
        x: Tensor.
        perm: Tuple of ints, or a constant Tensor of them: the order of the axes.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.ConjugateTranspose()(Tensor(np.array([[1 + 2j]], np.complex64)), (1, 0)))
        [[1.-2.j]]

    MindSpore r2.0 `ops.ConjugateTranspose`.
    """
    return jnp.conj(jnp.transpose(x, perm))


@op(None, method="adjoint")
def adjoint(x: Array) -> Array:
    """The conjugate transpose of each matrix.

    Args:
        x: Tensor of shape (*B, N, M).

    Returns:
        Tensor of shape (*B, M, N).

    Raises:
        ValueError: `x` has fewer than two axes.

    Examples:
        >>> print(ops.adjoint(Tensor([[1.0, 2.0]])))
        [[1.]
         [2.]]

    MindSpore r2.0 `ops.adjoint`.
    """
    if x.ndim < 2:
        raise ValueError(f"For 'adjoint', 'x' should have two or more axes, but got shape {x.shape}.")
    return jnp.conj(jnp.swapaxes(x, -1, -2))


@op(None, method="t")
def t(input: Array) -> Array:
    """The transpose of a matrix; a vector as it is.

    Args:
        input: Tensor of two axes or fewer.

    Returns:
        Tensor.

    Raises:
        ValueError: `input` has more than two axes.

    Examples:
        >>> print(ops.t(Tensor([[1.0, 2.0]])))
        [[1.]
         [2.]]

    MindSpore r2.0 `ops.t`.
    """
    if input.ndim > 2:
        raise ValueError(f"For 't', 'input' should have two axes or fewer, but got shape {input.shape}.")
    return input.T


@op(None, function=None)
def block_diagonal(blocks: Arrays) -> Array:
    """Matrices along the diagonal of a large one."""
    blocks = [jnp.atleast_2d(b) for b in promote(*blocks)]
    rows = sum(b.shape[0] for b in blocks)
    columns = sum(b.shape[1] for b in blocks)
    out, row, column = jnp.zeros((rows, columns), blocks[0].dtype), 0, 0
    for b in blocks:
        out = lax.dynamic_update_slice(out, b, (row, column))
        row, column = row + b.shape[0], column + b.shape[1]
    return out


@function()
def block_diag(*inputs: Tensor) -> Tensor:
    """Matrices along the diagonal of a large one, zeros around them.

    Args:
        inputs: Tensors of two axes or fewer.

    Returns:
        Tensor of two axes.

    Examples:
        >>> print(ops.block_diag(Tensor([[1.0, 2.0]]), Tensor([3.0])))
        [[1. 2. 0.]
         [0. 0. 3.]]

    MindSpore r2.0 `ops.block_diag`.
    """
    return block_diagonal(inputs)


@op("TridiagonalMatMul", function=None)
def tridiagonal_matmul(superdiag: Array, maindiag: Array, subdiag: Array, rhs: Array) -> Array:
    """The product of a matrix with three diagonals and another matrix.

    Args:
        superdiag: Tensor of shape (*B, 1, M): the diagonal above the main one; its last element is not used.
        maindiag: Tensor of shape (*B, 1, M).
        subdiag: Tensor of shape (*B, 1, M): the diagonal below; its first element is not used.
        rhs: Tensor of shape (*B, M, N).

    Returns:
        Tensor of shape (*B, M, N).

    Examples:
        >>> ones = Tensor([[1.0, 1.0]])
        >>> print(ops.TridiagonalMatMul()(ones, ones, ones, Tensor([[1.0], [2.0]])))
        [[3.]
         [3.]]

    MindSpore r2.0 `ops.TridiagonalMatMul`.
    """
    above, main, below = (jnp.swapaxes(d, -1, -2) for d in (superdiag, maindiag, subdiag))
    nothing = jnp.zeros_like(rhs[..., :1, :])
    after = jnp.concatenate([rhs[..., 1:, :], nothing], -2)
    before = jnp.concatenate([nothing, rhs[..., :-1, :]], -2)
    return above * after + main * rhs + below * before
