"""Inverses, determinants, linear equations, distances between vectors."""
from __future__ import annotations

from typing import Annotated, Any

import jax.numpy as jnp
from jax import lax
from jax.scipy.linalg import solve_triangular

from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, floats, inexact, not_negative, numbers, positive, rank, same_dtype
from mycelium.ops.op import op
from mycelium.ops.promotion import promote
from mycelium.ops.rounding import magnitude

_FIRST_OF_THREE = -65530    # MindSpore's way to say: the first axis of size 3


def _square(owner: str, x: Any, name: str = "x") -> Any:
    """`x` as float or complex matrices with as many rows as columns."""
    x = inexact(owner, **{name: x})
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(f"For '{owner}', '{name}' should be square matrices of shape (..., N, N), but got {x.shape}.")
    return x


@op("MatrixInverse", function="inverse", method="inverse")
def matrix_inverse(x: Array, *, adjoint: bool = False) -> Array:
    """The inverse of each square matrix.

    Args:
        x: Tensor of shape (*B, N, N), float or complex.
        adjoint: Whether to give the conjugate transpose of the inverse.

    Returns:
        Tensor like `x`; not finite where a matrix has no inverse.

    Raises:
        TypeError: `x` is neither float nor complex.
        ValueError: The matrices are not square.

    Examples:
        >>> print(ops.MatrixInverse()(Tensor([[2.0, 0.0], [0.0, 4.0]])))
        [[0.5  0.  ]
         [0.   0.25]]

    MindSpore r1.8 `ops.MatrixInverse`.
    """
    inverse = jnp.linalg.inv(_square("MatrixInverse", x))
    return jnp.conj(jnp.swapaxes(inverse, -1, -2)) if adjoint else inverse


@op("MatrixDeterminant", method="matrix_determinant")
def matrix_determinant(x: Array) -> Array:
    """The determinant of each square matrix.

    Args:
        x: Tensor of shape (*B, N, N), float or complex.

    Returns:
        Tensor of shape (*B).

    Raises:
        TypeError: `x` is neither float nor complex.
        ValueError: The matrices are not square.

    Examples:
        >>> print(ops.MatrixDeterminant()(Tensor([[2.0, 1.0], [0.0, 4.0]])))
        8.0

    MindSpore r1.8 `ops.MatrixDeterminant`.
    """
    return jnp.linalg.det(_square("MatrixDeterminant", x))


@op("LogMatrixDeterminant", method="log_matrix_determinant")
def log_matrix_determinant(x: Array) -> tuple:
    """The sign of the determinant of each square matrix, and the logarithm of its absolute value.

    Args:
        x: Tensor of shape (*B, N, N), float or complex.

    Returns:
        Two Tensors of shape (*B): sign and logarithm.

    Raises:
        TypeError: `x` is neither float nor complex.
        ValueError: The matrices are not square.

    Examples:
        >>> sign, log = ops.LogMatrixDeterminant()(Tensor([[0.0, 1.0], [2.0, 3.0]]))
        >>> print(sign, log)
        -1.0 0.6931

    MindSpore r1.8 `ops.LogMatrixDeterminant`.
    """
    return tuple(jnp.linalg.slogdet(_square("LogMatrixDeterminant", x)))


@op(None)
def matrix_solve(matrix: Array, rhs: Array, adjoint: bool = False) -> Array:
    """Solves matrix @ result = rhs for each square matrix.

    Args:
        matrix: Tensor of shape (*B, N, N), float or complex.
        rhs: Tensor of shape (*B, N, K), of the same dtype.
        adjoint: Whether to solve with the conjugate transpose of `matrix` instead.

    Returns:
        Tensor of shape (*B, N, K).

    Raises:
        TypeError: The dtypes differ, or are neither float nor complex.
        ValueError: The matrices are not square, or the shapes do not fit.

    Examples:
        >>> print(ops.matrix_solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([[2.0], [2.0]])))
        [[1. ]
         [0.5]]

    MindSpore r1.8 `ops.matrix_solve`.
    """
    matrix = _square("MatrixSolve", matrix, "matrix")
    same_dtype("MatrixSolve", matrix=matrix, rhs=rhs)
    if rhs.ndim != matrix.ndim or rhs.shape[:-1] != matrix.shape[:-1]:
        raise ValueError("For 'MatrixSolve', 'rhs' should have the shape of 'matrix' but for its last axis, but got "
                         f"{rhs.shape} and {matrix.shape}.")
    return jnp.linalg.solve(jnp.conj(jnp.swapaxes(matrix, -1, -2)) if adjoint else matrix, rhs)


@op("CholeskyInverse", method="cholesky_inverse")
def cholesky_inverse(x: Array, *, upper: bool = False) -> Array:
    """The inverse of a positive definite matrix from its Cholesky factor: (L L^T)^-1, or (U^T U)^-1.

    Args:
        x: Tensor of shape (N, N), the factor; float.
        upper: Whether the factor is upper triangular.

    Returns:
        Tensor of shape (N, N).

    Raises:
        TypeError: `x` is not floating point.
        ValueError: `x` is not one square matrix.

    Examples:
        >>> print(ops.CholeskyInverse()(Tensor([[2.0, 0.0], [0.0, 1.0]])))
        [[0.25 0.  ]
         [0.   1.  ]]

    MindSpore r1.8 `ops.CholeskyInverse`.
    """
    x = _square("CholeskyInverse", floats("CholeskyInverse", x=x))
    rank("CholeskyInverse", "x", x, 2)
    half = solve_triangular(x, jnp.eye(x.shape[0], dtype=x.dtype), lower=not upper)
    return half @ half.T if upper else half.T @ half


def _only(value: Any) -> Any:
    def check(owner: str, name: str, got: Any) -> Any:
        if got != value:
            raise TypeError(f"For '{owner}', '{name}' should be {value}, but got {got}: nothing else is supported.")
        return got
    return check


@op("Lstsq", method="lstsq")
def lstsq(x: Array, a: Array, *, fast: Annotated[bool, _only(True)] = True,
          l2_regularizer: Annotated[float, _only(0.0)] = 0.0) -> Array:
    """Solves x @ result = a in the sense of least squares; of many solutions the smallest.

    Args:
        x: Tensor of shape (M, N), float.
        a: Tensor of shape (M, K) or (M,), of the same dtype.
        fast: True.
        l2_regularizer: 0.0.

    Returns:
        Tensor of shape (N, K); K is 1 where `a` has one axis.

    Raises:
        TypeError: The dtypes differ or are not floating point, or an attribute has another value.
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.Lstsq()(Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([2.0, 2.0])))
        [[1. ]
         [0.5]]

    MindSpore r1.8 `ops.Lstsq`.
    """
    x, a = floats("Lstsq", x=x, a=a)
    same_dtype("Lstsq", x=x, a=a)
    rank("Lstsq", "x", x, 2)
    rank("Lstsq", "a", a, 1, 2)
    if x.shape[0] != a.shape[0]:
        raise ValueError(f"For 'Lstsq', 'x' and 'a' should have as many rows, but got shapes {x.shape} and {a.shape}.")
    wide = jnp.promote_types(x.dtype, jnp.float32)
    right = a.astype(wide)[:, None] if a.ndim == 1 else a.astype(wide)
    return (jnp.linalg.pinv(x.astype(wide)) @ right).astype(a.dtype)


@op("LuSolve")
def lu_solve(x: Array, lu_data: Array, lu_pivots: Array) -> Array:
    """Solves A @ result = x from the LU factorisation of A.

    Args:
        x: Tensor of shape (*B, N, K), the right hand sides; float.
        lu_data: Tensor of shape (*B, N, N): L below the diagonal (its own is 1), U on and above it.
        lu_pivots: Tensor of shape (*B, N), int32: the row each row was exchanged with, counted from 1.

    Returns:
        Tensor of shape (*B, N, K).

    Raises:
        TypeError: `x` and `lu_data` are not of one floating point dtype.
        ValueError: The matrices are not square, or the shapes do not fit.

    Examples:
        >>> lu, pivots = Tensor([[2.0, 1.0], [0.5, 1.0]]), Tensor([1, 2], ms.int32)
        >>> print(ops.LuSolve()(Tensor([[4.0], [4.0]]), lu, pivots))
        [[1.]
         [2.]]

    MindSpore r1.8 `ops.LuSolve`.
    """
    x = floats("LuSolve", x=x)
    lu_data = _square("LuSolve", lu_data, "lu_data")
    same_dtype("LuSolve", x=x, lu_data=lu_data)
    batch = jnp.broadcast_shapes(x.shape[:-2], lu_data.shape[:-2])
    order = lax.linalg.lu_pivots_to_permutation(lu_pivots.astype(jnp.int32) - 1, lu_data.shape[-1])
    order = jnp.broadcast_to(order, (*batch, order.shape[-1]))
    x = jnp.take_along_axis(jnp.broadcast_to(x, (*batch, *x.shape[-2:])), order[..., None], -2)
    lu_data = jnp.broadcast_to(lu_data, (*batch, *lu_data.shape[-2:]))
    half = lax.linalg.triangular_solve(lu_data, x, left_side=True, lower=True, unit_diagonal=True)
    return lax.linalg.triangular_solve(lu_data, half, left_side=True, lower=False)


@op("Cdist")
def cdist(x: Array, y: Array, *, p: Annotated[float, not_negative] = 2.0) -> Array:
    """The p-norm distance between each vector of one set and each of another.

    Args:
        x: Tensor of shape (*B, P, M), float.
        y: Tensor of shape (*B, R, M), of the same dtype.
        p: Order of the norm: 0 counts the entries that differ, infinity takes the largest difference.

    Returns:
        Tensor of shape (*B, P, R). The gradient is 0 where the distance is 0.

    Raises:
        TypeError: The inputs are not floating point, or `p` is no number.
        ValueError: `p` is negative, or the shapes do not fit.

    Examples:
        >>> print(ops.cdist(Tensor([[0.0, 0.0]]), Tensor([[3.0, 4.0], [0.0, 1.0]])))
        [[5. 1.]]

    MindSpore r1.8 `ops.Cdist`.
    """
    x, y = promote(*floats("Cdist", x=x, y=y))
    if x.ndim != y.ndim or x.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError("For 'Cdist', the inputs should have shapes (..., P, M) and (..., R, M) with as many axes, "
                         f"but got {x.shape} and {y.shape}.")
    gap = magnitude(x[..., :, None, :] - y[..., None, :, :])
    if p == 0:
        return jnp.sum(gap != 0, axis=-1, dtype=x.dtype)
    if p == float("inf"):
        return jnp.max(gap, axis=-1)
    if p == 1:
        return jnp.sum(gap, axis=-1)
    far = gap != 0
    total = jnp.sum(jnp.where(far, jnp.where(far, gap, 1) ** p, 0), axis=-1)
    apart = total != 0      # a root has no slope at 0
    return jnp.where(apart, jnp.where(apart, total, 1) ** (1 / p), 0)


@op("Cross", method="cross")
def cross(x1: Array, x2: Array, *, dim: int = _FIRST_OF_THREE) -> Array:
    """The cross product of vectors with three elements.

    Args:
        x1: Tensor of any numeric dtype.
        x2: Tensor of the same shape and dtype.
        dim: Axis of the vectors, of size 3; default the first such axis.

    Returns:
        Tensor like `x1`.

    Raises:
        TypeError: The dtypes differ or are bool.
        ValueError: The shapes differ, or the axis is not of size 3.

    Examples:
        >>> print(ops.Cross()(Tensor([1.0, 0.0, 0.0]), Tensor([0.0, 1.0, 0.0])))
        [0. 0. 1.]

    MindSpore r1.8 `ops.Cross`.
    """
    same_dtype("Cross", x1=x1, x2=x2)
    numbers("Cross", x1=x1)
    if dim == _FIRST_OF_THREE:
        dim = next((i for i, n in enumerate(x1.shape) if n == 3), 0)
    dim = axis_in("Cross", dim, x1.ndim, "dim")
    if x1.shape != x2.shape or x1.shape[dim] != 3:
        raise ValueError(f"For 'Cross', the inputs should have the same shape with 3 elements along axis {dim}, but "
                         f"got {x1.shape} and {x2.shape}.")
    return jnp.cross(x1, x2, axis=dim)


@op("Renorm", function="renorm", method="renorm")
def renorm(input_x: Array, *, p: Annotated[int, positive], dim: int, maxnorm: float) -> Array:
    """Scales each slice along an axis so that its p-norm is at most `maxnorm`.

    Args:
        input_x: Tensor of a float or complex dtype.
        p: Order of the norm, positive.
        dim: Axis whose slices are scaled.
        maxnorm: The largest norm allowed.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `input_x` is neither float nor complex, or an argument has a wrong type.
        ValueError: `p` is not positive, or there is no such axis.

    Examples:
        >>> print(ops.renorm(Tensor([[1.0, 1.0], [4.0, 4.0]]), 1, 0, 4.0))
        [[1. 1.]
         [2. 2.]]

    MindSpore r1.8 `ops.Renorm`.
    """
    x = inexact("Renorm", input_x=input_x)
    dim = axis_in("Renorm", dim, x.ndim, "dim")
    others = tuple(a for a in range(x.ndim) if a != dim)
    power = jnp.sum(jnp.abs(x) ** p, axis=others, keepdims=True)
    large = power > maxnorm ** p
    size = jnp.where(large, power, 1) ** (1 / p)
    return (x * jnp.where(large, maxnorm / size, 1)).astype(x.dtype)
