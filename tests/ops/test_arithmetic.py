"""Sums, products and powers, against PyTorch and what MindSpore 1.8.1 gave."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
Y = np.array([2.0, -0.5, 3.0], np.float32)
P = np.abs(X)
N = np.array([7, -7, 3], np.int32)
INF = np.float32(np.inf)

CASES = [
    Case(ops.add, [X, Y], torch=torch.add),
    Case(ops.Add(), [X, 2.5], torch=torch.add, grad=0),
    Case(ops.tensor_add, [1, X], torch=torch.add, grad=0),
    Case(ops.add, [N, 1.5], expect=[8.5, -5.5, 4.5], dtype="float32"),
    Case(ops.add, [np.int8([100]), np.int8([100])], expect=[-56], dtype="int8"),
    Case(ops.sub, [X, Y], torch=torch.sub),
    Case(ops.Sub(), [np.uint8([1]), 2], expect=[255], dtype="uint8"),
    Case(ops.mul, [X, Y], torch=torch.mul),
    Case(ops.Mul(), [X, np.float16([2.0])], expect=X * 2, dtype="float32", grad=0),
    Case(ops.MulNoNan(), [X, Y], torch=torch.mul),
    Case(ops.MulNoNan(), [np.array([INF, np.nan, 2, INF], np.float32), np.array([0, 0, 0, 2], np.float32)],
         expect=[0, 0, 0, np.inf], dtype="float32", grad=0),
    Case(ops.MulNoNan(), [np.array([3.0, 2.0]), np.array([0.0, 5.0])], torch=torch.mul, label="MulNoNan slope at 0"),
    Case(ops.neg, [X], torch=torch.neg),
    Case(ops.Neg(), [N], numpy=np.negative),
    Case(ops.pow, [P, Y], torch=torch.pow),
    Case(ops.Pow(), [X, 3], torch=torch.pow),
    Case(ops.pow, [X, 2.0], torch=torch.pow, grad=1),
    Case(ops.pow, [2.0, X], torch=torch.pow, grad=1),
    Case(ops.pow, [np.float32([0.0, 2.0]), np.float32([2.0, 0.0])], torch=torch.pow, wrt=[0], label="pow at 0"),
    Case(ops.pow, [np.int32([2, 1, -1, -7, 3, -1, 2]), np.int32([-1, -1, -1, -1, -2, -2, 5])],
         expect=[0, 1, -1, 0, 0, 1, 32], dtype="int32", label="pow of integers"),
    Case(lambda x: x ** 2, [X], torch=torch.square),
    Case(lambda x: x ** 0, [X], torch=torch.ones_like, grad=0),
    Case(ops.SquaredDifference(), [X, Y], torch=lambda x, y: (x - y) ** 2),
    Case(ops.SquareSumAll(), [X, P], torch=lambda x, y: ((x * x).sum(), (y * y).sum())),
    Case(ops.addn, [[X, P, X]], torch=lambda v: v[0] + v[1] + v[2]),
    Case(ops.AddN(), [(N,)], expect=[7, -7, 3], dtype="int32"),
    Case(ops.AccumulateNV2(), [[X, P]], torch=lambda v: v[0] + v[1], grad=1),
    Case(ops.Addcmul(), [X, Y, P, np.float32([2.0])], torch=lambda a, b, c, v: a + v * b * c),
    Case(ops.Addcdiv(), [X, Y, P, np.float32([2.0])], torch=lambda a, b, c, v: a + v * b / c),
    Case(ops.lerp, [X, Y, 0.25], torch=lambda a, b, w: a + w * (b - a)),
    Case(ops.Lerp(), [X, P, np.float32([0.0, 0.5, 1.0])], torch=torch.lerp, grad=1),
]

REFUSALS = [
    Refusal(ops.add, [X, "b"], TypeError, "For 'Add'"),
    Refusal(ops.add, [X, None], TypeError, "For 'Add'"),
    Refusal(ops.add, [np.array([True]), np.array([True])], TypeError, "For 'Add', 'x' should be a Tensor of numbers"),
    Refusal(ops.sub, [np.array([True]), np.array([True])], TypeError, "For 'Sub'"),
    Refusal(ops.add, [X, np.ones(2, np.float32)], ValueError, "For 'Add', the inputs do not fit together"),
    Refusal(ops.add, [np.uint32([1]), np.int32([1])], TypeError, "are not converted to a common dtype implicitly"),
    Refusal(ops.mul, [X, 2j], TypeError, "combines with a Python bool, int or float"),
    Refusal(ops.neg, [np.array([True])], TypeError, "For 'Neg'"),
    Refusal(ops.pow, [np.array([True]), np.array([True])], TypeError, "For 'Pow'"),
    Refusal(ops.AddN(), [X], TypeError, "'x' should be a tuple or list of Tensors"),
    Refusal(ops.AddN(), [[]], ValueError, "at least one Tensor"),
    Refusal(ops.AddN(), [[X, N]], TypeError, "the same dtype"),
    Refusal(ops.AddN(), [[X, Y]], ValueError, "the same shape"),
    Refusal(ops.Addcdiv(), [N, N, N, N], TypeError, "For 'Addcdiv', 'input_data' should be a Tensor of float16"),
    Refusal(ops.lerp, [N, N, 0.5], TypeError, "For 'Lerp'"),
    Refusal(ops.SquareSumAll(), [X, Y], ValueError, "the same shape"),
    Refusal(ops.add, [X], TypeError, "missing"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
