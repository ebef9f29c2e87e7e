"""Activations and softmax against torch, with derivatives to second order."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, ops, refuse

import mycelium as ms
from mycelium import Tensor

X = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32) * 3
ROW = np.array([0.1, 0.5, -0.3, 2.0], np.float32)
INTS = np.array([1, 2], np.int32)

CASES = [
    Case(ops.ReLU(), [X], torch=F.relu),
    Case(ops.relu, [np.array([-1, 2], np.int8)], numpy=lambda x: np.maximum(x, 0), grad=0, label="relu int8"),
    Case(ops.ReLU6(), [X], torch=F.relu6),
    Case(ops.ReLUV2(), [X.reshape(1, 3, 2, 2)], grad=1, dtype="float32 uint8",
         torch=lambda x: (F.relu(x), (x > 0).to(torch.uint8))),
    Case(ops.leaky_relu, [X], kwargs={"alpha": 0.1}, torch=lambda x: F.leaky_relu(x, 0.1), grad=1),
    Case(ops.PReLU(), [X, ROW], torch=F.prelu),
    Case(ops.prelu, [X, ROW[:1]], torch=F.prelu, grad=0, label="prelu of one slope"),
    Case(ops.Elu(2.0), [X], torch=lambda x: F.elu(x, 2.0)),
    Case(ops.CeLU(2.0), [X], torch=lambda x: F.celu(x, 2.0)),
    Case(ops.selu, [X], torch=F.selu, grad=1),
    Case(ops.GeLU(), [X], torch=lambda x: F.gelu(x, approximate="tanh")),
    Case(ops.gelu, [X], torch=F.gelu),
    Case(ops.gelu, [X], kwargs={"approximate": "tanh"}, torch=lambda x: F.gelu(x, approximate="tanh"), grad=0,
         label="gelu tanh"),
    Case(ops.FastGeLU(), [X], torch=lambda x: x * torch.sigmoid(1.702 * x), grad=1),
    Case(ops.Sigmoid(), [X], torch=torch.sigmoid),
    Case(ops.logsigmoid, [X], torch=F.logsigmoid, grad=1),
    Case(ops.silu, [X], torch=F.silu, grad=1),
    Case(ops.HSigmoid(), [X], torch=F.hardsigmoid, grad=1),
    Case(ops.HSwish(), [X], torch=F.hardswish),
    Case(ops.mish, [X], torch=F.mish),
    Case(ops.Softplus(), [X], torch=F.softplus),
    Case(ops.softsign, [X], torch=F.softsign, grad=1),
    Case(ops.Tanh(), [X], torch=torch.tanh),
    Case(ops.hardshrink, [X], torch=F.hardshrink, grad=1),
    Case(ops.soft_shrink, [X], kwargs={"lambd": 1.0}, torch=lambda x: F.softshrink(x, 1.0), grad=1),
    Case(ops.tanhshrink, [X], torch=F.tanhshrink, grad=1),
    Case(ops.hardtanh, [X], torch=F.hardtanh, grad=1),
    Case(ops.threshold, [X, 0.5, -1.0], torch=lambda x, t, v: F.threshold(x, t, v), grad=1),
    Case(ops.glu, [X], torch=F.glu, grad=1),
    Case(ops.Softmax(), [X], torch=lambda x: F.softmax(x, -1)),
    Case(ops.Softmax((0, 1)), [X], torch=lambda x: F.softmax(x.reshape(-1), 0).reshape(x.shape), grad=1,
         label="Softmax over two axes"),
    Case(ops.softmax, [X, 0], kwargs={"dtype": ms.float64}, torch=lambda x, a: F.softmax(x, a, dtype=torch.float64),
         grad=0),
    Case(ops.softmin, [X], torch=lambda x: F.softmin(x, -1), grad=0),
    Case(ops.LogSoftmax(0), [X], torch=lambda x: F.log_softmax(x, 0)),
]

REFUSALS = [
    Refusal(ops.ReLU(), [np.array([True])], TypeError, "For 'ReLU'"),
    *(Refusal(op, [INTS], TypeError, f"For '{op.name}'") for op in (
        ops.ReLU6(), ops.Elu(), ops.GeLU(), ops.Sigmoid(), ops.HSwish(), ops.Tanh(), ops.Softmax(), ops.LogSoftmax())),
    Refusal(ops.ReLUV2(), [X], ValueError, "'input_x' should have 4 axes"),
    Refusal(ops.PReLU(), [X, ROW[:2]], ValueError, "'weight' should have shape (1,) or (4,)"),
    Refusal(ops.Softmax(3), [X], ValueError, "'axis' should be in [-2, 2), but got 3"),
    Refusal(ops.Softmax(()), [X], ValueError, "at least one axis"),
    Refusal(ops.Softmax(), [np.float32(1)], ValueError, "at least one axis"),
    Refusal(ops.glu, [X[:, :3]], ValueError, "should be even"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("build, error, text", [
    (lambda: ops.CeLU(0.0), ValueError, "'alpha' should not be 0"),
    (lambda: ops.CeLU("2"), TypeError, "the type of 'alpha'"),
    (lambda: ops.SoftShrink(-1.0), ValueError, "'lambd' should be 0 or greater"),
    (lambda: ops.Softmax("a"), TypeError, "the type of 'axis'"),
    (lambda: ops.LogSoftmax((0,)), TypeError, "the type of 'axis' should be int"),
])
def test_attributes_are_checked_at_construction(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert text in str(caught.value)


def test_nan_is_shown():
    for op in (ops.ReLU(), ops.ReLU6(), ops.HSigmoid(), ops.HShrink(), ops.Elu()):
        assert np.isnan(op(Tensor([np.nan])).asnumpy()).all(), op.name


def test_gumbel_softmax_samples_categories():
    logits = Tensor(np.tile(np.log(np.array([0.2, 0.8], np.float32)), (4000, 1)))
    soft, hard = ops.gumbel_softmax(logits).asnumpy(), ops.gumbel_softmax(logits, hard=True).asnumpy()
    np.testing.assert_allclose(soft.sum(-1), 1, atol=1e-5)
    assert set(np.unique(hard)) == {0, 1}
    assert abs(hard[:, 1].mean() - 0.8) < 0.04
