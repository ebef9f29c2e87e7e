"""Inverses, determinants, linear equations and distances, against PyTorch."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import ops

RNG = np.random.default_rng(3)
X = RNG.standard_normal((2, 3, 3)).astype(np.float32) + 2 * np.eye(3, dtype=np.float32)
R = RNG.standard_normal((2, 3, 2)).astype(np.float32)
L = np.tril(X[0])
V = RNG.standard_normal((4, 3)).astype(np.float32)
W = RNG.standard_normal((2, 3)).astype(np.float32)
C = (X + 1j * X[::-1]).astype(np.complex64)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int32)
LU, PIVOTS = (t.numpy() for t in torch.linalg.lu_factor(torch.tensor(X)))

CASES = [
    Case(ops.MatrixInverse(), [X], torch=torch.linalg.inv, rtol=1e-4),
    Case(ops.MatrixInverse(adjoint=True), [C], torch=lambda x: torch.linalg.inv(x).mH.resolve_conj(), rtol=1e-4),
    Case(ops.MatrixDeterminant(), [X], torch=torch.linalg.det),
    Case(ops.LogMatrixDeterminant(), [X], torch=lambda x: tuple(torch.linalg.slogdet(x))),
    Case(ops.LogMatrixDeterminant(), [np.float32([[0, 1], [2, 3]])], expect=(-1, np.log(2)), dtype="float32", grad=0),
    Case(ops.matrix_solve, [X, R], torch=torch.linalg.solve, rtol=1e-4),
    Case(ops.matrix_solve, [X, R, True], torch=lambda m, r, a: torch.linalg.solve(m.mT, r), rtol=1e-4, grad=1),
    Case(ops.CholeskyInverse(), [L], torch=lambda x: torch.linalg.inv(x.tril() @ x.tril().T), rtol=1e-4),
    Case(ops.CholeskyInverse(upper=True), [L.T.copy()], torch=lambda u: torch.linalg.inv(u.T @ u), rtol=1e-4,
         grad=0),
    Case(ops.CholeskyInverse(), [X[0]], torch=lambda x: torch.cholesky_inverse(x.tril()), rtol=1e-4, grad=0,
         label="only the triangle counts"),
    Case(ops.Lstsq(), [V, V[:, :2]], torch=lambda x, a: torch.linalg.lstsq(x, a).solution, rtol=1e-4, atol=1e-5),
    Case(ops.Lstsq(), [V, V[:, 0]], torch=lambda x, a: torch.linalg.lstsq(x, a[:, None]).solution, rtol=1e-4, atol=1e-5,
         grad=0),
    Case(ops.Lstsq(), [np.float32([[2, 1, 5], [3, 5, 1]]), np.float32([[10], [5]])],
         expect=[[0.642317], [0.277078], [1.687657]], dtype="float32", rtol=1e-4, grad=0),
    Case(ops.LuSolve(), [R, LU, PIVOTS], torch=lambda b, lu, p: torch.linalg.lu_solve(lu, p, b), rtol=1e-4),
    Case(ops.LuSolve(), [R[0], LU, PIVOTS], torch=lambda b, lu, p: torch.linalg.lu_solve(lu, p, b), rtol=1e-4, grad=0),
    *(Case(ops.Cdist(p), [V, W], torch=lambda x, y, p=p: torch.cdist(x, y, p), grad=g, label=f"Cdist({p})")
      for p, g in ((2.0, 2), (1.0, 1), (3.0, 1), (float("inf"), 1), (0.0, 0))),
    Case(ops.cdist, [X, R.swapaxes(1, 2)], torch=torch.cdist, grad=0),
    Case(ops.Cross(), [V, V[::-1].copy()], torch=lambda x, y: torch.linalg.cross(x, y, dim=1)),
    Case(ops.Cross(dim=0), [V.T.copy(), V[::-1].T.copy()], torch=lambda x, y: torch.linalg.cross(x, y, dim=0), grad=0),
    Case(ops.Cross(), [N, N[::-1].copy()], torch=torch.linalg.cross),
    Case(ops.renorm, [V, 2, 0, 1.0], torch=torch.renorm),
    Case(ops.Renorm(1, 1, 2.5), [V], torch=lambda x: torch.renorm(x, 1, 1, 2.5), grad=1),
    Case(lambda x: x.renorm(3, -1, 0.5), [V], torch=lambda x: torch.renorm(x, 3, 1, 0.5), grad=0),
]

REFUSALS = [
    Refusal(ops.MatrixInverse(), [W], ValueError, "For 'MatrixInverse', 'x' should be square matrices"),
    Refusal(ops.MatrixInverse(), [N[:, :2]], TypeError, "For 'MatrixInverse'"),
    Refusal(ops.MatrixDeterminant(), [W[0]], ValueError, "square matrices"),
    Refusal(ops.LogMatrixDeterminant(), [W], ValueError, "square matrices"),
    Refusal(ops.matrix_solve, [X, R[:, :2]], ValueError, "For 'MatrixSolve', 'rhs'"),
    Refusal(ops.matrix_solve, [X, R[0]], ValueError, "For 'MatrixSolve', 'rhs'"),
    Refusal(ops.matrix_solve, [X, R.astype(np.float64)], TypeError, "the same dtype"),
    Refusal(ops.CholeskyInverse(), [X], ValueError, "should have 2 axes"),
    Refusal(ops.Lstsq, [False], TypeError, "'fast' should be True"),
    Refusal(ops.Lstsq, [True, 1.0], TypeError, "'l2_regularizer' should be 0.0"),
    Refusal(ops.Lstsq(), [V, W], ValueError, "as many rows"),
    Refusal(ops.LuSolve(), [R, R, PIVOTS], ValueError, "'lu_data' should be square matrices"),
    Refusal(ops.cdist, [V, X], ValueError, "For 'Cdist', the inputs should have shapes"),
    Refusal(ops.cdist, [N, N], TypeError, "For 'Cdist', 'x'"),
    Refusal(ops.Cdist, [-1.0], ValueError, "'p' should be 0 or greater"),
    Refusal(ops.Cdist, ["a"], TypeError, "the type of 'p' should be float"),
    Refusal(ops.Cross(dim=0), [V, V], ValueError, "3 elements along axis 0"),
    Refusal(ops.Cross(), [V, W], ValueError, "For 'Cross', the inputs should have the same shape"),
    Refusal(ops.renorm, [V, 0, 0, 1.0], ValueError, "'p' should be greater than 0"),
    Refusal(ops.renorm, [V, 1, 4, 1.0], ValueError, "For 'Renorm', 'dim' should be in"),
    Refusal(ops.renorm, [N, 1, 0, 1.0], TypeError, "For 'Renorm'"),
]


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_equal_points_have_no_gradient(p):
    dx, dy = gradients(lambda x, y: ops.cdist(x, y, p), [np.ones((1, 2)), np.ones((1, 2))])[1]
    np.testing.assert_array_equal(dx, 0)
    np.testing.assert_array_equal(dy, 0)


def test_slices_within_the_norm_keep_a_gradient_at_zero():
    grad, = gradients(lambda x: ops.renorm(x, 2, 0, 1.0), [np.zeros((2, 3))])[1]
    np.testing.assert_array_equal(grad, 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

