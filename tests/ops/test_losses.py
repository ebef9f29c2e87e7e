"""Losses against torch, with derivatives to second order; what they refuse. Recorded values: test_recorded_nn.py."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, ops, refuse

from mycelium import Tensor

RNG = np.random.default_rng(0)
X = RNG.standard_normal((4, 3)).astype(np.float32)
Y = RNG.standard_normal((4, 3)).astype(np.float32)
P = RNG.uniform(0.1, 0.9, (4, 3)).astype(np.float32)
Q = (np.abs(Y) / np.abs(Y).sum(-1, keepdims=True)).astype(np.float32)
W = np.array([0.5, 1, 2], np.float32)
LABELS = np.array([0, 1, 2, 1], np.int32)
INDEX = torch.tensor(LABELS).long()
TIME = RNG.standard_normal((6, 2, 4)).astype(np.float32)


def ctc(x):
    return ops.CTCLoss()(x, Tensor([[0, 0], [0, 1], [1, 0], [1, 1]]), Tensor(np.array([0, 1, 2, 2], np.int32)),
                         Tensor(np.array([6, 4], np.int32)))[0]


def torch_ctc(x):
    return F.ctc_loss(F.log_softmax(x, -1), torch.tensor([[0, 1], [2, 2]]), torch.tensor([6, 4]), torch.tensor([2, 2]),
                      3,
                      "none")


CASES = [
    Case(lambda x: ops.SoftmaxCrossEntropyWithLogits()(x, Tensor(Q).astype(x.dtype))[0], [X], label="softmax",
         torch=lambda x: F.cross_entropy(x, torch.tensor(Q).to(x.dtype), reduction="none")),
    Case(lambda x: ops.SparseSoftmaxCrossEntropyWithLogits()(x, Tensor(LABELS)), [X], label="sparse softmax",
         torch=lambda x: F.cross_entropy(x, INDEX)),
    Case(lambda x: ops.NLLLoss()(x, Tensor(LABELS), Tensor(W))[0], [X], grad=1, label="NLLLoss",
         torch=lambda x: F.nll_loss(x, INDEX, torch.tensor(W).to(x.dtype))),
    *(Case(ops.cross_entropy, [X, LABELS], kwargs={"ignore_index": 2, "reduction": r}, grad=r == "mean", wrt=[0],
           label=f"cross_entropy {r}",
           torch=lambda x, t, r=r: F.cross_entropy(x, t.long(), ignore_index=2, reduction=r))
      for r in ("none", "mean", "sum")),
    Case(ops.cross_entropy, [X, LABELS], kwargs={"label_smoothing": 0.2}, wrt=[0],
         torch=lambda x, t: F.cross_entropy(x, t.long(), label_smoothing=0.2), label="cross_entropy, smooth"),
    Case(ops.cross_entropy, [X, Q], kwargs={"label_smoothing": 0.2},
         torch=lambda x, t: F.cross_entropy(x, t, label_smoothing=0.2), label="cross_entropy of probabilities"),
    Case(ops.nll_loss, [X, LABELS, W], torch=lambda x, t, w: F.nll_loss(x, t.long(), w), wrt=[0], grad=1),
    *(Case(ops.BinaryCrossEntropy(r), [P, Q, None], grad=r == "sum", wrt=[0], label=f"BinaryCrossEntropy {r}",
           torch=lambda p, q, w, r=r: F.binary_cross_entropy(p, q, reduction=r)) for r in ("none", "mean", "sum")),
    Case(ops.binary_cross_entropy, [P, Q, P], torch=lambda p, q, w: F.binary_cross_entropy(p, q, w), wrt=[0]),
    Case(ops.BCEWithLogitsLoss("sum"), [X, Q, W, W], wrt=[0, 1], label="BCEWithLogitsLoss",
         torch=lambda x, q, w, p: (w * F.binary_cross_entropy_with_logits(x, q, pos_weight=p, reduction="none")).sum()),
    Case(ops.SigmoidCrossEntropyWithLogits(), [X, Q], wrt=[0],
         torch=lambda x, q: F.binary_cross_entropy_with_logits(x, q, reduction="none")),
    Case(ops.KLDivLoss("sum"), [X, Q], torch=lambda x, q: F.kl_div(x, q, reduction="sum"), label="KLDivLoss"),
    Case(ops.kl_div, [X, Q], numpy=lambda x, q: (q * (np.log(q) - x)).mean(), grad=0),
    Case(ops.SmoothL1Loss(0.5), [X, Y], torch=lambda x, y: F.smooth_l1_loss(x, y, beta=0.5, reduction="none")),
    Case(ops.huber_loss, [X, Y], kwargs={"delta": 0.5}, torch=lambda x, y: F.huber_loss(x, y, delta=0.5), grad=0),
    Case(ops.L2Loss(), [X], torch=lambda x: x.square().sum() / 2, label="L2Loss"),
    Case(ops.SoftMarginLoss(), [X, np.sign(Y)], torch=F.soft_margin_loss, wrt=[0], label="SoftMarginLoss"),
    Case(ops.mse_loss, [X, Y], torch=F.mse_loss, grad=1),
    Case(ops.l1_loss, [X, Y], kwargs={"reduction": "none"}, torch=lambda x, y: F.l1_loss(x, y, reduction="none"),
         grad=1),
    Case(ctc, [TIME], torch=torch_ctc, label="CTCLoss"),
]

REFUSALS = [
    Refusal(ops.SoftmaxCrossEntropyWithLogits(), [X, Q[:, :2]], ValueError, "should have the same shape"),
    Refusal(ops.SoftmaxCrossEntropyWithLogits(), [X[0], Q[0]], ValueError, "'logits' should have 2 axes"),
    Refusal(ops.SoftmaxCrossEntropyWithLogits(), [X, Q.astype(np.int32)], TypeError, "same dtype"),
    Refusal(ops.SparseSoftmaxCrossEntropyWithLogits(), [X, W], TypeError, "'labels' should be a Tensor of int32"),
    Refusal(ops.SparseSoftmaxCrossEntropyWithLogits(), [X, LABELS[:2]], ValueError, "'labels' should have the shape"),
    Refusal(ops.NLLLoss(), [X, LABELS, W[:2]], ValueError, "'weight' (3,)"),
    Refusal(ops.NLLLoss(), [X[None], LABELS, W], ValueError, "'logits' should have 1 or 2 axes"),
    Refusal(ops.cross_entropy, [X, LABELS[:2]], ValueError, "'target' should have the shape of 'inputs'"),
    Refusal(ops.cross_entropy, [X, LABELS], ValueError, "should be in [0, 1]", kwargs={"label_smoothing": 2.0}),
    Refusal(ops.BinaryCrossEntropy(), [P, Q[:2], None], ValueError, "should have the same shape"),
    Refusal(ops.BinaryCrossEntropy(), [P, Q, W], ValueError, "'weight' should have the shape of 'logits'"),
    Refusal(ops.BCEWithLogitsLoss(), [X, Q, W[:2], W], ValueError, "should broadcast to the shape of 'logits'"),
    Refusal(ops.SmoothL1Loss(), [X, Y[:2]], ValueError, "should have the same shape"),
    Refusal(ops.SmoothL1Loss(), [X, LABELS], TypeError, "same dtype"),
    Refusal(ops.CTCLoss(), [TIME, np.zeros((2, 2), np.int64), LABELS, LABELS[:2]], ValueError, "'labels_indices'"),
    Refusal(ops.ctc_greedy_decoder, [TIME, LABELS], ValueError, "'sequence_length' should have shape (2,)",
            graph=False),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("build, error, text", [
    *((lambda name=name: getattr(ops, name)("Mean"), ValueError, "did you mean 'mean'?") for name in (
        "NLLLoss", "BinaryCrossEntropy", "BCEWithLogitsLoss", "KLDivLoss", "SoftMarginLoss")),
    (lambda: ops.SmoothL1Loss(0.0), ValueError, "'beta' should be greater than 0"),
    (lambda: ops.SmoothL1Loss("a"), TypeError, "the type of 'beta'"),
])
def test_attributes_are_checked_at_construction(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert text in str(caught.value)


def test_losses_without_a_log_of_zero():
    loss = ops.BinaryCrossEntropy("none")(Tensor([0.0, 1.0]), Tensor([0.0, 1.0]), None).asnumpy()
    np.testing.assert_allclose(loss, 0, atol=1e-6)
    assert np.isfinite(ops.BCEWithLogitsLoss()(Tensor([1e4]), Tensor([0.0]), Tensor([1.0]), Tensor([1.0])).asnumpy())
    assert ops.KLDivLoss("sum")(Tensor([0.0]), Tensor([0.0])).asnumpy() == 0


def test_a_label_that_does_not_exist_shows():
    loss = ops.SparseSoftmaxCrossEntropyWithLogits()(Tensor(X), Tensor(np.array([0, 1, 2, 7], np.int32)))
    assert np.isnan(loss.asnumpy())
