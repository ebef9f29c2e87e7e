"""Maximum, minimum and clipping; ties as MindSpore 1.8.1 breaks them."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import ops

X = np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]], np.float32)
Y = np.array([2.0, -0.5, 3.0], np.float32)
N = np.array([[1, 2, 3], [4, 5, 7]], np.int32)
NAN = np.array([np.nan, 1.0, np.nan], np.float32)

CASES = [
    Case(ops.maximum, [X, Y], torch=torch.maximum),
    Case(ops.Maximum(), [NAN, NAN[[1, 0, 2]]], expect=[np.nan, np.nan, np.nan], dtype="float32", grad=0),
    Case(ops.Maximum(), [N, 3], numpy=lambda x, y: np.maximum(x, np.int32(y))),
    Case(ops.minimum, [X, Y], torch=torch.minimum),
    Case(ops.Minimum(), [N, 2.5], expect=[[1, 2, 2.5], [2.5, 2.5, 2.5]], dtype="float32"),
    Case(ops.clip_by_value, [X, -1.0, 1.0], torch=torch.clamp),
    Case(ops.clip_by_value, [X, None, Y], torch=torch.clamp),
    Case(ops.clip_by_value, [X, Y], torch=torch.clamp, grad=1),
    Case(ops.clip_by_value, [N, 2.5, 5.5], expect=[[2.5, 2.5, 3], [4, 5, 5.5]], dtype="float32"),
    Case(ops.clip_by_value, [N, 4, 2], expect=np.full((2, 3), 4), dtype="int32"),
    Case(lambda x: x.clip(4, 2), [N], expect=np.full((2, 3), 2), dtype="int32"),
    Case(lambda x: x.clip(2.5, 4.5), [N], expect=[[2, 2, 3], [4, 4, 4]], dtype="int32"),
    Case(lambda x: x.clip(None, 4, "float16"), [N], expect=[[1, 2, 3], [4, 4, 4]], dtype="float16"),
    Case(ops.clip_by_global_norm, [[X, Y], 1.0], torch=lambda v, n: tuple(a * n / norm(v) for a in v)),
    Case(ops.clip_by_global_norm, [(Y,), 100], torch=lambda v, n: v[0]),
    Case(ops.clip_by_global_norm, [X], torch=lambda x: x / norm([x])),
    Case(ops.clip_by_global_norm, [[np.float16([3.0]), np.float32([4.0])]], expect=([0.6], [0.8]),
         dtype="float16 float32", rtol=1e-3, grad=0),
]

REFUSALS = [
    Refusal(ops.maximum, [np.array([True]), np.array([True])], TypeError, "For 'Maximum'"),
    Refusal(ops.clip_by_value, [X, None, None], ValueError, "at least one of 'clip_value_min' and 'clip_value_max'"),
    Refusal(lambda x: x.clip(None, None), [X], ValueError, "at least one of 'xmin' and 'xmax'"),
    Refusal(ops.clip_by_global_norm, [[X], -1.0], ValueError, "'clip_norm' should be greater than 0"),
    Refusal(ops.clip_by_global_norm, [[X], 1.0, 3.0], ValueError, "'use_norm' should be None"),
    Refusal(ops.clip_by_global_norm, [[X], "a"], TypeError, "the type of 'clip_norm' should be float"),
]


def norm(tensors):
    return torch.sqrt(sum((t * t).sum() for t in tensors))


@pytest.mark.parametrize("op", [ops.maximum, ops.minimum])
def test_of_equal_values_the_second_gets_the_gradient(op):
    x = np.array([0.0, -1.0, 2.0])
    y = np.array([0.0, 0.0, 2.0])
    dx, dy = gradients(op, [x, y])[1]
    first = (x > y) if op is ops.maximum else (x < y)
    np.testing.assert_array_equal(dx, first)
    np.testing.assert_array_equal(dy, ~first)


def test_the_gradient_of_clipping_a_zero_norm_is_finite():
    grad, = gradients(lambda x: ops.clip_by_global_norm(x, 1.0), [np.zeros(3)])[1]
    np.testing.assert_array_equal(grad, 1)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

