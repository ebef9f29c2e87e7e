"""Factors of matrices and what is made of them: Cholesky, QR, singular values, eigenvalues, LU; powers and inverses."""
from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import linalg

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, inexact, rank
from mycelium.ops.linalg import _square
from mycelium.ops.op import function, op


def _turned(x: Any) -> Any:
    return jnp.conj(jnp.swapaxes(x, -1, -2))


@op("Cholesky", method="cholesky")
def cholesky(input_x: Array, *, upper: bool = False) -> Array:
    """The Cholesky factor of each positive definite matrix: L with L L^T = A, or U with U^T U = A.

    Args:
        input_x: Tensor of shape (*B, N, N), float; the lower triangle is read.
        upper: Whether to give U instead of L.

    Returns:
        Tensor like `input_x`; NaN where a matrix is not positive definite.

    Raises:
        ValueError: The matrices are not square.

    Examples:
        >>> print(ops.cholesky(Tensor([[4.0, 2.0], [2.0, 5.0]])))
        [[2. 0.]
         [1. 2.]]

    MindSpore r2.0 `ops.cholesky`.
    """
    x = _square("Cholesky", input_x, "input_x")
    lower = jnp.linalg.cholesky(x)
    return _turned(lower) if upper else lower


@op("CholeskySolve", method="cholesky_solve")
def cholesky_solve(input: Array, input2: Array, *, upper: bool = False) -> Array:
    """Solves A @ result = input from the Cholesky factor of A.

    Args:
        input: Tensor of shape (*B, N, K), float: the right hand sides.
        input2: Tensor of shape (*B, N, N): L with A = L L^T, or U with A = U^T U.
        upper: Whether `input2` is U.

    Returns:
        Tensor of shape (*B, N, K).

    Examples:
        >>> print(ops.cholesky_solve(Tensor([[4.0]]), Tensor([[2.0]])))
        [[1.]]

    MindSpore r2.0 `ops.cholesky_solve`.
    """
    right, factor = floats("CholeskySolve", input=input, input2=input2)
    factor = _square("CholeskySolve", factor, "input2")
    half = lax.linalg.triangular_solve(factor, right, left_side=True, lower=not upper, transpose_a=upper)
    return lax.linalg.triangular_solve(factor, half, left_side=True, lower=not upper, transpose_a=not upper)


@op(None, method="logdet")
def logdet(input: Array) -> Array:
    """The logarithm of the determinant of each square matrix; NaN where that is negative.

    Args:
        input: Tensor of shape (*B, N, N), float.

    Returns:
        Tensor of shape (*B).

    Examples:
        >>> print(ops.logdet(Tensor([[1.0, 0.0], [0.0, 1.0]])))
        0.0

    MindSpore r2.0 `ops.logdet`.
    """
    sign, size = jnp.linalg.slogdet(_square("logdet", input, "input"))
    return jnp.where(sign < 0, jnp.nan, size)


@op(None, method="slogdet")
def slogdet(input: Array) -> tuple:
    """The sign of the determinant of each square matrix, and the logarithm of its absolute value.

    Args:
        input: Tensor of shape (*B, N, N), float or complex.

    Returns:
        Two Tensors of shape (*B).

    Examples:
        >>> sign, size = ops.slogdet(Tensor([[0.0, 1.0], [1.0, 0.0]]))
        >>> print(sign, size)
        -1.0 0.0

    MindSpore r2.0 `ops.slogdet`.
    """
    return tuple(jnp.linalg.slogdet(_square("slogdet", input, "input")))


@op("MatrixExp")
def matrix_exp(input: Array) -> Array:
    """The exponential of each square matrix: the sum of A^k / k!.

    Args:
        input: Tensor of shape (*B, N, N), float or complex.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.matrix_exp(Tensor([[0.0, 1.0], [0.0, 0.0]])))
        [[1. 1.]
         [0. 1.]]

    MindSpore r2.0 `ops.matrix_exp`.
    """
    return linalg.expm(_square("MatrixExp", input, "input"))


@op("MatrixPower", function=None)
def matrix_power_(x: Array, *, n: int) -> Array:
    """An integer power of each square matrix; a negative one of its inverse.

    Args:
        x: Tensor of shape (*B, N, N).
        n: The exponent.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.MatrixPower(2)(Tensor([[1.0, 1.0], [0.0, 1.0]])))
        [[1. 2.]
         [0. 1.]]

    MindSpore r2.0 `ops.MatrixPower`.
    """
    return jnp.linalg.matrix_power(x, n)


@function(method="matrix_power")
def matrix_power(input: Tensor, n: int) -> Tensor:
    """An integer power of each square matrix; a negative one of its inverse.

    Args:
        input: Tensor of shape (*B, N, N).
        n: The exponent.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.matrix_power(Tensor([[1.0, 1.0], [0.0, 1.0]]), 3))
        [[1. 3.]
         [0. 1.]]

    MindSpore r2.0 `ops.matrix_power`.
    """
    return matrix_power_(input, n=n)


@op("MatrixLogarithm", function=None)
def matrix_logarithm(x: Array) -> Array:
    """The logarithm of each square matrix with n distinct eigenvalues: what `matrix_exp` undoes.

    Args:
        x: Tensor of shape (*B, N, N), complex64 or complex128.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.MatrixLogarithm()(Tensor(np.eye(1).astype(np.complex64))))
        [[0.+0.j]]

    MindSpore r2.0 `ops.MatrixLogarithm`.
    """
    values, vectors = jnp.linalg.eig(_square("MatrixLogarithm", x))
    return (vectors * jnp.log(values)[..., None, :] @ jnp.linalg.inv(vectors)).astype(x.dtype)


@op("Qr", function=None)
def qr_(x: Array, *, full_matrices: bool = False) -> tuple:
    """The QR factors of each matrix: columns at right angles, and a triangle.

    Args:
        x: Tensor of shape (*B, M, N), float or complex.
        full_matrices: Whether Q is square.

    Returns:
        (Q, R).

    Examples:
        >>> q, r = ops.Qr()(Tensor([[2.0, 0.0], [0.0, 1.0]]))
        >>> print(np.abs((q @ r).asnumpy()))
        [[2. 0.]
         [0. 1.]]

    MindSpore r2.0 `ops.Qr`.
    """
    return tuple(jnp.linalg.qr(inexact("Qr", x=x), "complete" if full_matrices else "reduced"))


@function(method="qr")
def qr(input: Tensor, mode: Literal["reduced", "complete"] = "reduced") -> tuple[Tensor, Tensor]:
    """The QR factors of each matrix: columns at right angles, and a triangle.

    Args:
        input: Tensor of shape (*B, M, N), float or complex.
        mode: "reduced", or "complete" for a square Q.

    Returns:
        (Q, R).

    Raises:
        ValueError: `mode` is another word.

    Examples:
        >>> q, r = ops.qr(Tensor([[2.0, 0.0], [0.0, 1.0]]))
        >>> print(np.abs(r.asnumpy()))
        [[2. 0.]
         [0. 1.]]

    MindSpore r2.0 `ops.qr`.
    """
    if mode not in ("reduced", "complete"):
        raise ValueError(f"For 'qr', 'mode' should be 'reduced' or 'complete', but got {mode!r}.")
    return qr_(input, full_matrices=mode == "complete")


@op("Svd", method="svd")
def svd(input: Array, *, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """The singular values of each matrix, largest first, with the factors: input = u diag(s) v^H.

    Args:
        input: Tensor of shape (*B, M, N), float or complex.
        full_matrices: Whether u and v are square.
        compute_uv: Whether to compute u and v.

    Returns:
        (s, u, v), or s alone.

    Examples:
        >>> print(ops.svd(Tensor([[3.0, 0.0], [0.0, 4.0]]), compute_uv=False))
        [4. 3.]

    MindSpore r2.0 `ops.svd`.
    """
    x = inexact("Svd", input=input)
    if not compute_uv:
        return jnp.linalg.svd(x, compute_uv=False)
    u, s, vh = jnp.linalg.svd(x, full_matrices)
    return s, u, _turned(vh)


@op("Eig", function=None)
def eig_(x: Array, *, compute_v: bool = False) -> Any:
    """The eigenvalues of each square matrix, and its eigenvectors.

    Args:
        x: Tensor of shape (*B, N, N), float or complex.
        compute_v: Whether to compute the eigenvectors, the columns of the second result.

    Returns:
        Tensors of a complex dtype of shapes (*B, N) and (*B, N, N); the second is empty without `compute_v`.

    Examples:
        >>> print(ops.Eig()(Tensor([[1.0, 0.0], [0.0, 2.0]]))[0])
        [1.+0.j 2.+0.j]

    MindSpore r2.0 `ops.Eig`.
    """
    x = _square("Eig", x)
    if compute_v:
        return tuple(jnp.linalg.eig(x))
    values = jnp.linalg.eigvals(x)
    return values, jnp.zeros((0,), values.dtype)


@function()
def eig(A: Tensor) -> tuple[Tensor, Tensor]:
    """The eigenvalues and the eigenvectors of each square matrix.

    Args:
        A: Tensor of shape (*B, N, N), float or complex.

    Returns:
        (values of shape (*B, N), vectors of shape (*B, N, N) as columns), complex.

    Examples:
        >>> print(ops.eig(Tensor([[1.0, 0.0], [0.0, 2.0]]))[0])
        [1.+0.j 2.+0.j]

    MindSpore r2.0 `ops.eig`.
    """
    return eig_(A, compute_v=True)


@op(None)
def pinv(x: Array, *, atol: float | None = None, rtol: float | None = None, hermitian: bool = False) -> Array:
    """The pseudo-inverse of each matrix.

    Args:
        x: Tensor of shape (*B, M, N), float.
        atol: Singular values up to here count as 0. Default: 0.
        rtol: And those up to this share of the largest. Default: max(M, N) times the precision of the dtype.
        hermitian: Whether the matrices are symmetric.

    Returns:
        Tensor of shape (*B, N, M).

    Examples:
        >>> print(ops.pinv(Tensor([[2.0, 0.0], [0.0, 4.0]])))
        [[0.5  0.  ]
         [0.   0.25]]

    MindSpore r2.0 `ops.pinv`.
    """
    x = inexact("pinv", x=x)
    u, s, vh = jnp.linalg.svd(x, full_matrices=False)
    share = rtol if rtol is not None else 0.0 if atol is not None else max(x.shape[-2:]) * jnp.finfo(x.dtype).eps
    limit = jnp.maximum(jnp.asarray(atol or 0.0, s.dtype), share * s[..., :1])
    kept = s > limit
    inverse = jnp.where(kept, 1 / jnp.where(kept, s, 1), 0)
    return _turned(vh) @ (inverse[..., None] * _turned(u))


@op("Geqrf", method="geqrf")
def geqrf(input: Array) -> tuple:
    """The QR factors of a matrix in LAPACK's compact form: R on and above the diagonal, reflectors below.

    Args:
        input: Tensor of shape (M, N), float or complex.

    Returns:
        (Tensor like `input`, Tensor of the scales of the reflectors of shape (min(M, N),)).

    Examples:
        >>> print(ops.geqrf(Tensor([[-2.0, -1.0], [1.0, 2.0]]))[1])
        [1.894427 0.      ]

    MindSpore r2.0 `ops.geqrf`.
    """
    turned, scales = jnp.linalg.qr(inexact("Geqrf", input=input), "raw")
    return jnp.swapaxes(turned, -1, -2), scales


@op("Orgqr")
def orgqr(input: Array, input2: Array) -> Array:
    """The first columns of the product of reflectors that `geqrf` returns: Q.

    Args:
        input: Tensor of shape (*B, M, N).
        input2: Tensor of shape (*B, K): the scales of the reflectors.

    Returns:
        Tensor like `input`.

    Examples:
        >>> packed, scales = ops.geqrf(Tensor([[3.0], [4.0]]))
        >>> print(ops.orgqr(packed, scales))
        [[-0.6]
         [-0.8]]

    MindSpore r2.0 `ops.orgqr`.
    """
    return lax.linalg.householder_product(*inexact("Orgqr", input=input, input2=input2))


@op("Ormqr", method="ormqr")
def ormqr(input: Array, tau: Array, other: Array, *, left: bool = True, transpose: bool = False) -> Array:
    """The product of the square Q that `geqrf` stands for and a matrix.

    Args:
        input: Tensor of shape (*B, MN, K): the reflectors.
        tau: Tensor of shape (*B, K): their scales.
        other: Tensor of shape (*B, M, N).
        left: Whether Q stands to the left of `other`.
        transpose: Whether to take the conjugate transpose of Q.

    Returns:
        Tensor like `other`.

    Examples:
        >>> packed, scales = ops.geqrf(Tensor([[3.0], [4.0]]))
        >>> print(ops.ormqr(packed, scales, Tensor([[3.0], [4.0]]), transpose=True)[0])
        [-5.]

    MindSpore r2.0 `ops.ormqr`.
    """
    packed, scales, other = inexact("Ormqr", input=input, tau=tau, other=other)
    size = packed.shape[-2]
    full = jnp.concatenate([packed, jnp.zeros((*packed.shape[:-1], size - packed.shape[-1]), packed.dtype)], -1)
    q = lax.linalg.householder_product(full, scales)
    q = _turned(q) if transpose else q
    return q @ other if left else other @ q


@op("LuUnpack")
def lu_unpack(LU_data: Array, LU_pivots: Array, *, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """The permutation, L and U of a packed LU factorisation: P L U = A.

    Args:
        LU_data: Tensor of shape (*B, M, N): L below the diagonal (its own is 1), U on and above it.
        LU_pivots: Tensor of int32 of shape (*B, min(M, N)): the row each was exchanged with, counted from 1.
        unpack_data: Whether to return L and U.
        unpack_pivots: Whether to return the permutation.

    Returns:
        (P, L, U), or those asked for.

    Examples:
        >>> p, l, u = ops.lu_unpack(Tensor([[2.0, 1.0], [0.5, 3.0]]), Tensor([1, 2], ms.int32))
        >>> print(l)
        [[1.  0. ]
         [0.5 1. ]]

    MindSpore r2.0 `ops.lu_unpack`.
    """
    rows, columns = LU_data.shape[-2:]
    found: list[Any] = []
    if unpack_pivots:
        order = lax.linalg.lu_pivots_to_permutation(LU_pivots.astype(jnp.int32) - 1, rows)
        found.append(jnp.swapaxes(jax.nn.one_hot(order, rows, dtype=LU_data.dtype), -1, -2))
    if unpack_data:
        least = min(rows, columns)
        lower = jnp.tril(LU_data[..., :least], -1) + jnp.eye(rows, least, dtype=LU_data.dtype)
        found += [lower, jnp.triu(LU_data[..., :least, :])]
    return tuple(found) if len(found) > 1 else found[0]


@op("MatrixTriangularSolve", function=None)
def matrix_triangular_solve(matrix: Array, rhs: Array, *, lower: bool = True, adjoint: bool = False) -> Array:
    """Solves matrix @ result = rhs for triangular matrices.

    Args:
        matrix: Tensor of shape (*B, N, N).
        rhs: Tensor of shape (*B, N, K).
        lower: Whether the lower triangle is read.
        adjoint: Whether to solve with the conjugate transpose.

    Returns:
        Tensor of shape (*B, N, K).

    Examples:
        >>> print(ops.MatrixTriangularSolve()(Tensor([[2.0, 0.0], [1.0, 1.0]]), Tensor([[2.0], [3.0]])))
        [[1.]
         [2.]]

    MindSpore r2.0 `ops.MatrixTriangularSolve`.
    """
    return lax.linalg.triangular_solve(_square("MatrixTriangularSolve", matrix, "matrix"), rhs, left_side=True,
                                       lower=lower, transpose_a=adjoint, conjugate_a=adjoint)


@op("MatrixSolveLs", function=None)
def matrix_solve_ls(matrix: Array, rhs: Array, l2_regularizer: Array, *, fast: bool = True) -> Array:
    """Solves matrix @ result = rhs in the sense of least squares, with a penalty on the size of the result.

    Args:
        matrix: Tensor of shape (*B, M, N).
        rhs: Tensor of shape (*B, M, K).
        l2_regularizer: Tensor of float64 of shape (): the penalty.
        fast: Whether to solve the normal equations, which alone know the penalty.

    Returns:
        Tensor of shape (*B, N, K).

    Examples:
        >>> penalty = Tensor(0.0, ms.float64)
        >>> print(ops.MatrixSolveLs()(Tensor([[2.0], [0.0]]), Tensor([[4.0], [1.0]]), penalty))
        [[2.]]

    MindSpore r2.0 `ops.MatrixSolveLs`.
    """
    rank("MatrixSolveLs", "l2_regularizer", l2_regularizer, 0)
    if not fast:
        return jnp.linalg.pinv(matrix) @ rhs
    turned = _turned(matrix)
    penalty = jnp.asarray(l2_regularizer).astype(jnp.finfo(matrix.dtype).dtype)
    if matrix.shape[-2] >= matrix.shape[-1]:
        return jnp.linalg.solve(turned @ matrix + penalty * jnp.eye(matrix.shape[-1], dtype=matrix.dtype), turned @ rhs)
    return turned @ jnp.linalg.solve(matrix @ turned + penalty * jnp.eye(matrix.shape[-2], dtype=matrix.dtype), rhs)
