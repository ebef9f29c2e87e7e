"""Normalization and dropout: torch as reference, the moving statistics, accuracy where the mean is large."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, ops, refuse

import mycelium as ms
from mycelium import Parameter, Tensor

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


X, SCALE, BIAS = normal(3, 4, 5, 2), normal(4), normal(4)
MEAN, VAR = normal(4), np.abs(normal(4)) + 0.5


def training(x, scale, bias):
    moving = Parameter(Tensor(MEAN), name="mean"), Parameter(Tensor(VAR), name="variance")
    return ops.BatchNorm(True, 1e-3)(x, scale, bias, *moving)[0]


def torch_lrn(x):
    return x / (2 + 0.5 * F.avg_pool3d(F.pad((x * x)[:, None], (0, 0, 0, 0, 1, 1)), (3, 1, 1), 1)[:, 0] * 3) ** 0.75


CASES = [
    Case(training, [X, SCALE, BIAS], torch=lambda x, g, b: F.batch_norm(x, None, None, g, b, True, eps=1e-3)),
    Case(training, [X[:, :, 0, 0], SCALE, BIAS], grad=1, label="training of two axes",
         torch=lambda x, g, b: F.batch_norm(x, None, None, g, b, True, eps=1e-3)),
    Case(lambda x, g, b: ops.BatchNorm()(x, g, b, Tensor(MEAN), Tensor(VAR))[0], [X, SCALE, BIAS], grad=1,
         torch=lambda x, g, b: F.batch_norm(x, torch.tensor(MEAN).to(x.dtype), torch.tensor(VAR).to(x.dtype), g, b),
         label="inference"),
    Case(lambda x, g, b: ops.BatchNorm(data_format="NHWC")(x, g, b, Tensor(MEAN), Tensor(VAR))[0],
         [X.transpose(0, 2, 3, 1), SCALE, BIAS], grad=0, label="NHWC", torch=lambda x, g, b: F.batch_norm(
             x.permute(0, 3, 1, 2), torch.tensor(MEAN), torch.tensor(VAR), g, b).permute(0, 2, 3, 1)),
    Case(lambda x, g, b: ops.LayerNorm(-1, -1, 1e-3)(x, g, b)[0], [X[..., 0].transpose(0, 2, 1), SCALE, BIAS],
         torch=lambda x, g, b: F.layer_norm(x, (4,), g, b, 1e-3), label="LayerNorm"),
    Case(lambda x, g, b: ops.LayerNorm(2, 2)(x, g, b)[0], [X, normal(5, 2), normal(5, 2)], grad=0,
         torch=lambda x, g, b: F.layer_norm(x, (5, 2), g, b, 1e-7), label="LayerNorm of two axes"),
    Case(ops.L2Normalize(1), [X], torch=lambda x: x / x.square().sum(1, keepdim=True).clamp(min=1e-4).sqrt()),
    Case(ops.L2Normalize((1, -1)), [X], grad=0,
         torch=lambda x: x / x.square().sum((1, 3), keepdim=True).clamp(min=1e-4).sqrt(),
         label="L2Normalize of two axes"),
    Case(ops.LRN(1, 2.0, 0.5, 0.75), [X], torch=torch_lrn),
]

REFUSALS = [
    Refusal(lambda x, g: ops.BatchNorm()(x, g, g, g, g), [X, MEAN[:3]], ValueError, "'scale' should have shape (4,)"),
    Refusal(lambda x, g: ops.BatchNorm()(x, g, g, g, g), [MEAN, MEAN], ValueError, "2 axes (N, C) or more"),
    Refusal(lambda x, g: ops.BatchNorm()(x, g, g, g, g), [X.astype(np.int32), MEAN], TypeError, "For 'BatchNorm'"),
    Refusal(ops.LayerNorm(), [X, SCALE, BIAS], ValueError, "'gamma' and 'beta' should have the shape"),
    Refusal(ops.LayerNorm(4, 1), [X, SCALE, BIAS], ValueError, "'begin_norm_axis' should be in [-1, 4)"),
    Refusal(ops.L2Normalize(4), [X], ValueError, "'axis' should be in [-4, 4)"),
    Refusal(ops.LRN(), [X[0]], ValueError, "'x' should have 4 axes"),
    Refusal(ops.Dropout2D(), [X[0]], ValueError, "'x' should have 4 axes"),
    Refusal(ops.Dropout3D(), [X], ValueError, "'x' should have 5 axes"),
    Refusal(ops.Dropout(), [X.astype(np.int32)], TypeError, "For 'Dropout'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("build, error, text", [
    (lambda: ops.BatchNorm(is_training=1), TypeError, "'is_training' should be bool"),
    (lambda: ops.BatchNorm(epsilon=0.0), ValueError, "'epsilon' should be in (0, 1]"),
    (lambda: ops.BatchNorm(momentum=1.5), ValueError, "'momentum' should be in [0, 1]"),
    (lambda: ops.BatchNorm(data_format="NCH"), ValueError, "did you mean 'NCHW'?"),
    (lambda: ops.LRN(-1), ValueError, "'depth_radius' should be 0 or greater"),
    (lambda: ops.LRN(norm_region="A"), ValueError, "should be one of ['ACROSS_CHANNELS']"),
    (lambda: ops.Dropout(0.0), ValueError, "'keep_prob' should be in (0, 1]"),
    (lambda: ops.Dropout("a"), TypeError, "the type of 'keep_prob'"),
    (lambda: ops.Dropout2D(1.5), ValueError, "'keep_prob' should be in [0, 1]"),
])
def test_attributes_are_checked_at_construction(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert text in str(caught.value)


@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
def test_training_moves_the_moving_statistics_and_inference_does_not(mode):
    class Net(ms.nn.Cell):
        def __init__(self, is_training):
            super().__init__()
            self.norm = ops.BatchNorm(is_training, momentum=0.3)
            self.mean = Parameter(Tensor(MEAN), requires_grad=False)
            self.variance = Parameter(Tensor(VAR), requires_grad=False)

        def construct(self, x, scale, bias):
            return self.norm(x, scale, bias, self.mean, self.variance)[0]

    before = ms.get_context("mode")
    ms.set_context(mode=mode)
    try:
        for is_training in (True, False):
            net = Net(is_training)
            net(Tensor(X), Tensor(SCALE), Tensor(BIAS))
            share = 0.3 if is_training else 0
            np.testing.assert_allclose(net.mean.asnumpy(), (1 - share) * MEAN + share * X.mean((0, 2, 3)), 1e-5)
            np.testing.assert_allclose(net.variance.asnumpy(), (1 - share) * VAR + share * X.var((0, 2, 3)), 1e-5)
    finally:
        ms.set_context(mode=before)


def test_the_variance_keeps_its_digits_where_the_mean_is_large():
    x = (normal(8, 2, 16, 16) + 3000).astype(np.float32)
    *_, variance = ops.BatchNorm(True)(Tensor(x), *(Tensor(np.ones(2, np.float32)) for _ in range(4)))
    np.testing.assert_allclose(variance.asnumpy(), x.astype(np.float64).var((0, 2, 3)), 1e-4)


def test_dropout_keeps_the_share_and_the_mean_and_draws_anew():
    op, x = ops.Dropout(0.8), Tensor(np.ones((100, 100), np.float32))
    y, mask = (t.asnumpy() for t in op(x))
    assert set(np.unique(mask)) == {0, 1} and abs(mask.mean() - 0.8) < 0.02
    np.testing.assert_allclose(y, mask / 0.8)
    assert (op(x)[1].asnumpy() != mask).any()
    assert (ops.Dropout(1.0)(x)[0].asnumpy() == 1).all()
    np.testing.assert_allclose(np.unique(ops.dropout(x, 0.75).asnumpy()), [0, 4])
    assert ops.dropout(x, 0.75, training=False) is x


@pytest.mark.parametrize("op, shape", [(ops.Dropout2D(0.5), (50, 20, 2, 3)), (ops.Dropout3D(0.5), (50, 20, 2, 1, 3))])
def test_channel_dropout_drops_whole_channels(op, shape):
    y, mask = (t.asnumpy() for t in op(Tensor(np.ones(shape, np.float32))))
    assert mask.dtype == bool and abs(mask.mean() - 0.5) < 0.1
    flat = mask.reshape(1000, -1)
    assert (flat.all(1) | ~flat.any(1)).all()
    np.testing.assert_allclose(y, mask * 2.0)


def test_functional_channel_dropout_takes_the_share_that_goes():
    x = Tensor(np.ones((50, 20, 2, 2), np.float32))
    assert abs(ops.dropout2d(x, 0.9)[1].asnumpy().mean() - 0.1) < 0.05
    assert abs(ops.dropout3d(x.expand_dims(-1), 0.1)[1].asnumpy().mean() - 0.9) < 0.05
