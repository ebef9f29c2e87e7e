"""Products of matrices: against PyTorch, shapes and dtypes as MindSpore 1.8.1 gave them."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

RNG = np.random.default_rng(3)


def rand(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


A, B, V, W = rand(2, 3), rand(3, 4), rand(3), rand(2)
BATCH, OTHER = rand(2, 2, 3), rand(2, 3, 4)
N = np.array([[1, 2], [3, 4]], np.int32)
D = A.astype(np.float64)

CASES = [
    Case(ops.MatMul(), [A, B], torch=torch.mm),
    Case(ops.MatMul(transpose_a=True), [A, A], torch=lambda x, y: x.T @ y, grad=1),
    Case(ops.MatMul(False, True), [A, A], torch=lambda x, y: x @ y.T, grad=0),
    Case(ops.MatMul(), [N, N], expect=[[7, 10], [15, 22]], dtype="int32"),
    Case(ops.MatMul(), [A.astype(np.float16), B.astype(np.float16)], torch=torch.mm, rtol=1e-2, atol=1e-2, grad=0),
    Case(ops.BatchMatMul(), [BATCH, OTHER], torch=torch.bmm),
    Case(ops.BatchMatMul(transpose_b=True), [BATCH, BATCH], torch=lambda x, y: x @ y.mT, grad=0),
    Case(ops.BatchMatMul(transpose_a=True), [BATCH, BATCH], torch=lambda x, y: x.mT @ y, grad=0),
    Case(ops.BatchMatMul(), [BATCH, B], torch=torch.matmul, grad=0),
    Case(ops.matmul, [A, B], torch=torch.matmul),
    Case(ops.matmul, [A, V], torch=torch.matmul, grad=1),
    Case(ops.matmul, [V, V], torch=torch.matmul, grad=0),
    Case(ops.matmul, [BATCH, V], torch=torch.matmul, grad=0),
    Case(ops.matmul, [A, OTHER], torch=torch.matmul, grad=0),
    Case(ops.matmul, [D, B], torch=lambda x, y: x.float() @ y, grad=0, label="matmul of two dtypes"),
    Case(ops.matmul, [A, np.int32([1, 2, 3])], torch=lambda x, y: x @ y.float(), grad=0),
    Case(lambda x, y: x @ y, [A, B], torch=torch.matmul, grad=0),
    Case(ops.dot, [A, B], torch=torch.mm),
    Case(ops.dot, [rand(2, 3, 4), rand(5, 4, 6)], numpy=np.dot, grad=0),
    Case(ops.tensor_dot, [BATCH, OTHER, ((0, 2), (0, 1))], torch=lambda x, y, a: torch.tensordot(x, y, a)),
    Case(ops.tensor_dot, [A, OTHER[0], 1], torch=torch.tensordot, grad=0),
    Case(ops.tensor_dot, [V, W, 0], torch=lambda x, y, a: torch.outer(x, y), grad=0),
    Case(ops.tensor_dot, [A, B, (1, 0)], torch=lambda x, y, a: x @ y, grad=0),
    Case(ops.tensor_dot, [A, A.T.copy(), ((0, 1), (0, 1))], torch=lambda x, y, a: (x * y.T).sum(), grad=0,
         label="tensor_dot with the axes backwards"),
    Case(ops.batch_dot, [BATCH, OTHER], torch=torch.bmm),
    Case(ops.batch_dot, [BATCH, BATCH, 2], torch=lambda x, y, a: x @ y.mT, grad=0),
    Case(ops.batch_dot, [A, A], torch=lambda x, y: (x * y).sum(1, keepdim=True), grad=0),
    Case(ops.batch_dot, [BATCH, A], torch=lambda x, y: torch.einsum("bij,bj->bi", x, y), grad=0),
    Case(ops.batch_dot, [rand(2, 3, 4, 6), rand(2, 7, 3, 5), (1, 2)],
         torch=lambda x, y, a: torch.einsum("bijk,blim->bjklm", x, y), grad=0),
    Case(ops.batch_dot, [BATCH, OTHER, (-1, -2)], torch=lambda x, y, a: x @ y, grad=0),
    Case(ops.ger, [V, W], torch=torch.outer),
    Case(ops.Ger(), [V, W], torch=torch.outer, grad=0),
    Case(lambda v, w: v.ger(x=w), [V, W], torch=torch.outer, grad=0),
    Case(ops.outer, [V, W], torch=torch.outer, grad=1),
    Case(ops.outer, [np.int32([1, 2]), np.float32([1.5])], expect=[[1.5], [3.0]], dtype="float32", grad=0),
    Case(ops.mv, [A, V], torch=torch.mv),
    Case(ops.baddbmm, [rand(2, 2, 4), BATCH, OTHER, 0.5, 2.0],
         torch=lambda x, a, b, beta, alpha: torch.baddbmm(x, a, b, beta=beta, alpha=alpha)),
    Case(ops.baddbmm, [np.float32([1.0]), BATCH, OTHER], torch=torch.baddbmm, grad=0),
    Case(ops.Einsum("bij,bjk->bik"), [(BATCH, OTHER)], torch=lambda v: torch.bmm(*v)),
    Case(ops.Einsum("ii->"), [[rand(3, 3)]], torch=lambda v: v[0].trace(), grad=1),
]

REFUSALS = [
    Refusal(ops.MatMul(), [A, A], ValueError, "For 'MatMul', the columns of 'x' should be as many as the rows of 'y'"),
    Refusal(ops.MatMul(), [A, V], ValueError, "For 'MatMul', 'y' should have 2 axes"),
    Refusal(ops.MatMul(), [BATCH, OTHER], ValueError, "'x' should have 2 axes"),
    Refusal(ops.MatMul(), [A, D.T.copy()], TypeError, "the same dtype"),
    Refusal(ops.MatMul(), [N > 1, N > 1], TypeError, "For 'MatMul'"),
    Refusal(ops.MatMul, [1], TypeError, "the type of 'transpose_a' should be bool"),
    Refusal(ops.BatchMatMul(), [A, B], ValueError, "'x' should have at least 3 axes"),
    Refusal(ops.BatchMatMul(), [BATCH, BATCH], ValueError, "For 'BatchMatMul', the columns"),
    Refusal(ops.matmul, [A, A], ValueError, "For 'matmul'"),
    Refusal(ops.matmul, [np.float32(3.0), V], ValueError, "at least one axis"),
    Refusal(ops.matmul, [A, 2], TypeError, "For 'matmul', 'x2' should be a Tensor, but got a number"),
    Refusal(ops.dot, [V, V], ValueError, "2 axes or more"),
    Refusal(ops.dot, [N, N], TypeError, "For 'dot', 'x1'"),
    Refusal(ops.tensor_dot, [BATCH, BATCH, 1], ValueError, "the axes summed over should have one size"),
    Refusal(ops.tensor_dot, [A, B, 3], ValueError, "'axes' should be from 0"),
    Refusal(ops.tensor_dot, [A, B, -1], ValueError, "'axes' should be from 0"),
    Refusal(ops.tensor_dot, [A, B, "a"], TypeError, "the type of 'axes'"),
    Refusal(ops.tensor_dot, [A, B, ((0,), (0, 1))], ValueError, "as many axes"),
    Refusal(ops.tensor_dot, [A, B, (0, 1, 2)], ValueError, "one part for each of the 2 inputs"),
    Refusal(ops.batch_dot, [V, V], ValueError, "2 axes or more"),
    Refusal(ops.batch_dot, [BATCH, OTHER, (0, 1)], ValueError, "should not name the batch axis 0"),
    Refusal(ops.batch_dot, [BATCH, rand(3, 3, 4)], ValueError, "the same batch size"),
    Refusal(ops.batch_dot, [BATCH, BATCH], ValueError, "the axes summed over"),
    Refusal(ops.batch_dot, [BATCH, OTHER, (1, 2, 3)], ValueError, "a pair of ints"),
    Refusal(ops.ger, [A, A], ValueError, "For 'Ger', 'x1' should have 1 axes"),
    Refusal(ops.ger, [N[0], N[0]], TypeError, "For 'Ger'"),
    Refusal(ops.mv, [A, W], ValueError, "For 'mv'"),
    Refusal(ops.baddbmm, [A, A, A], ValueError, "For 'baddbmm', 'batch1' should have 3 axes"),
    Refusal(ops.Einsum("ij->i"), [A], TypeError, "'x' should be a tuple or list of Tensors"),
    Refusal(ops.Einsum("ij,jk->ik"), [[A, D.T.copy()]], TypeError, "the same dtype"),
    Refusal(ops.Einsum("ij,jk->ik"), [[A, A]], ValueError, "For 'Einsum'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

