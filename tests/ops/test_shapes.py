"""Shapes of Tensors, against PyTorch and NumPy."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import Tensor, ops

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
N = X.astype(np.int32)
THIN = X.reshape(2, 1, 12, 1)

CASES = [
    Case(ops.reshape, [X, (6, -1)], torch=lambda x, s: x.reshape(s)),
    Case(ops.Reshape(), [N, (4, 6)], torch=lambda x, s: x.reshape(s)),
    Case(lambda x: x.reshape(-1), [X], torch=lambda x: x.reshape(-1), grad=0),
    Case(lambda x: x.view(4, 6), [X], torch=lambda x: x.view(4, 6), grad=0),
    Case(lambda x: x.reshape([3, 8]), [X], torch=lambda x: x.reshape(3, 8), grad=0),
    Case(lambda x: x.reshape((3, 8)), [X], torch=lambda x: x.reshape(3, 8), grad=0),
    Case(lambda x: ops.reshape(x, Tensor([6, 4])), [X], torch=lambda x: x.reshape(6, 4), grad=0),
    Case(ops.transpose, [X, (2, 0, 1)], torch=lambda x, p: x.permute(p)),
    Case(ops.Transpose(), [X, (-1, 0, 1)], torch=lambda x, p: x.permute(p), grad=1),
    Case(lambda x: x.transpose(), [X], numpy=np.transpose, grad=0),
    Case(lambda x: x.transpose(1, 0, 2), [X], numpy=lambda x: x.transpose(1, 0, 2), grad=0),
    Case(lambda x: x.transpose([1, 0, 2]), [X], numpy=lambda x: x.transpose(1, 0, 2), grad=0),
    Case(lambda x: x.swapaxes(0, -1), [X], numpy=lambda x: x.swapaxes(0, -1), grad=0),
    Case(ops.expand_dims, [X, -1], numpy=np.expand_dims),
    Case(ops.ExpandDims(), [N, 1], numpy=np.expand_dims),
    Case(ops.squeeze, [THIN], numpy=np.squeeze),
    Case(ops.Squeeze(1), [THIN], numpy=lambda x: np.squeeze(x, 1), grad=0),
    Case(ops.Squeeze((1, -1)), [THIN], numpy=np.squeeze, grad=0),
    Case(lambda x: x.squeeze(1), [THIN], numpy=lambda x: np.squeeze(x, 1), grad=0),
    Case(ops.flatten, [X], torch=lambda x: x.flatten(1)),
    Case(ops.Flatten(), [X[0, 0]], torch=lambda x: x.reshape(4, 1), grad=0),
    Case(lambda x: x.flatten("F"), [X], numpy=lambda x: x.flatten("F"), grad=0),
    Case(lambda x: x.ravel(), [X], numpy=np.ravel, grad=0),
    Case(ops.broadcast_to, [X[:, :1], (5, 2, -1, 4)], torch=lambda x, s: x.broadcast_to(5, 2, 1, 4)),
    Case(ops.BroadcastTo((2, 3, 4)), [X[0, 0]], torch=lambda x: x.broadcast_to(2, 3, 4)),
    Case(lambda x: x.expand_as(Tensor(X)), [X[0]], numpy=lambda x: np.broadcast_to(x, X.shape), grad=0),
    Case(lambda x: x.resize(2, 2), [X], expect=[[0, 1], [2, 3]], dtype="float32", grad=1),
    Case(lambda x: x.resize((3,)), [X[0, 0, :2]], expect=[0, 1, 0], dtype="float32", grad=1),
]

REFUSALS = [
    Refusal(ops.reshape, [X, (5, 4)], ValueError, "For 'Reshape'"),
    Refusal(ops.reshape, [X, (-1, 5)], ValueError, "should stay the same"),
    Refusal(ops.reshape, [X, (-1, -1)], ValueError, "at most one -1"),
    Refusal(ops.reshape, [X, 24], TypeError, "should be tuple"),
    Refusal(ops.reshape, [X, (2.0, 12)], TypeError, "tuple of ints"),
    Refusal(ops.reshape, [3, (1,)], TypeError, "should be a Tensor"),
    Refusal(lambda x: x.reshape(5, 4), [X], ValueError, "For 'Reshape'"),
    Refusal(ops.transpose, [X, (2, 0)], ValueError, "each of the 3 axes"),
    Refusal(ops.transpose, [X, (2, 0, 0)], ValueError, "each axis once"),
    Refusal(ops.transpose, [X, (2, 0, 3)], ValueError, "should be in [-3, 3)"),
    Refusal(ops.transpose, [X, 1], TypeError, "should be tuple"),
    Refusal(lambda x: x.transpose(2, 0), [X], ValueError, "each of the 3 axes"),
    Refusal(lambda x: x.swapaxes(0, 3), [X], ValueError, "should be in"),
    Refusal(ops.expand_dims, [X, 4], ValueError, "should be in [-4, 4)"),
    Refusal(ops.expand_dims, [X, 1.0], TypeError, "should be int"),
    Refusal(ops.expand_dims, [X, True], TypeError, "should be int"),
    Refusal(ops.expand_dims, [2, 0], TypeError, "should be a Tensor"),
    Refusal(ops.squeeze, [X, 0], ValueError, "should have size 1"),
    Refusal(ops.squeeze, [X, 3], ValueError, "should be in [-3, 3)"),
    Refusal(ops.squeeze, [X, 1.0], TypeError, "should be int or tuple"),
    Refusal(lambda x: ops.Squeeze((0, 1.0))(x), [X], TypeError, "should hold ints"),
    Refusal(ops.flatten, [np.float32(1)], ValueError, "at least one axis"),
    Refusal(lambda x: x.flatten("X"), [X], ValueError, "'C' or 'F'"),
    Refusal(lambda x: x.flatten(1), [X], TypeError, "should be a str"),
    Refusal(ops.broadcast_to, [X, (2, 3, 5)], ValueError, "should broadcast"),
    Refusal(ops.broadcast_to, [X, (3, 4)], ValueError, "should broadcast"),
    Refusal(ops.broadcast_to, [X, (-1, 2, 3, 4)], ValueError, "a -1 needs an axis"),
    Refusal(lambda x: ops.BroadcastTo(2)(x), [X], TypeError, "should be tuple"),
    Refusal(lambda x: ops.BroadcastTo((2.0, 6))(x), [X], TypeError, "should hold ints"),
    Refusal(lambda x: x.resize(-1), [X], ValueError, "should not be negative"),
    Refusal(lambda x: x.resize(1.5), [X], TypeError, "should be ints"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def test_torch_is_a_reference_for_empty_tensors_too():
    assert ops.reshape(Tensor(X)[5:], (-1, 12)).shape == torch.zeros(0, 3, 4).reshape(-1, 12).shape
