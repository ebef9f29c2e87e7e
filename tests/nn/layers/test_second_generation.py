"""Layers and losses of MindSpore r2.0 against torch, in both modes."""
import numpy as np
import pytest
import torch
from torch import nn as tnn

import mycelium as ms
from mycelium import Tensor, nn

RNG = np.random.default_rng(3)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


IMAGE, LINE, VOLUME = normal(2, 4, 6, 6), normal(2, 3, 8), normal(1, 2, 4, 6, 6)
X, Y, Z = normal(4, 5), normal(4, 5), normal(4, 5)
P = (RNG.random((4, 5)) + 0.5).astype(np.float32)
SIGNS = np.sign(X)
CLASSES = np.int32([1, 0, 4, 2])

LAYERS = [
    (nn.MaxPool2d(3, 2, "pad", 1), tnn.MaxPool2d(3, 2, 1), [IMAGE]),
    (nn.MaxPool2d(2, 2, "pad", 0, 2, False, True), tnn.MaxPool2d(2, 2, 0, 2, False, True), [IMAGE]),
    (nn.MaxPool2d(2, 2, return_indices=True), tnn.MaxPool2d(2, 2, return_indices=True), [IMAGE]),
    (nn.AvgPool2d(3, 2, "pad", 1, count_include_pad=False), tnn.AvgPool2d(3, 2, 1, count_include_pad=False), [IMAGE]),
    (nn.MaxPool1d(3, 2, "pad", 1), tnn.MaxPool1d(3, 2, 1), [LINE]),
    (nn.AvgPool1d(3, 2, "pad", 1), tnn.AvgPool1d(3, 2, 1), [LINE]),
    (nn.MaxPool3d(2, 2), tnn.MaxPool3d(2, 2), [VOLUME]),
    (nn.AvgPool3d(2, 2, "pad", 1), tnn.AvgPool3d(2, 2, 1), [VOLUME]),
    (nn.AdaptiveAvgPool3d(2), tnn.AdaptiveAvgPool3d(2), [VOLUME]),
    (nn.AdaptiveMaxPool3d((1, 2, 3)), tnn.AdaptiveMaxPool3d((1, 2, 3)), [VOLUME]),
    (nn.LPPool2d(2, 2), tnn.LPPool2d(2, 2), [IMAGE]),
    (nn.MaxUnpool1d(2), tnn.MaxUnpool1d(2), [LINE[:, :, :2], np.int64([[[0, 3]] * 3] * 2)]),
    (nn.PixelShuffle(2), tnn.PixelShuffle(2), [IMAGE]),
    (nn.PixelUnshuffle(3), tnn.PixelUnshuffle(3), [IMAGE]),
    (nn.ChannelShuffle(2), tnn.ChannelShuffle(2), [IMAGE]),
    (nn.Upsample(scale_factor=2.0, mode="bilinear", align_corners=True), tnn.UpsamplingBilinear2d(scale_factor=2),
     [IMAGE]),
    (nn.Unflatten(1, (2, 2)), tnn.Unflatten(1, (2, 2)), [IMAGE]),
    (nn.Flatten(0, 1), tnn.Flatten(0, 1), [IMAGE]),
    (nn.GLU(1), tnn.GLU(1), [IMAGE]),
    (nn.Softmax2d(), tnn.Softmax2d(), [IMAGE]),
    (nn.ReplicationPad1d((1, 2)), tnn.ReplicationPad1d((1, 2)), [LINE]),
    (nn.ReplicationPad2d(1), tnn.ReplicationPad2d(1), [IMAGE]),
    (nn.ReplicationPad3d(1), tnn.ReplicationPad3d(1), [VOLUME]),
    (nn.ReflectionPad3d(1), tnn.ReflectionPad3d(1), [VOLUME]),
    (nn.HingeEmbeddingLoss(0.5), tnn.HingeEmbeddingLoss(0.5), [X, SIGNS]),
    (nn.MarginRankingLoss(0.3, "sum"), tnn.MarginRankingLoss(0.3, reduction="sum"), [X, Y, SIGNS]),
    (nn.MultiMarginLoss(2), tnn.MultiMarginLoss(2), [X, CLASSES]),
    (nn.MultiLabelSoftMarginLoss(), tnn.MultiLabelSoftMarginLoss(), [X, np.float32(SIGNS > 0)]),
    (nn.TripletMarginLoss(swap=True), tnn.TripletMarginLoss(swap=True), [X, Y, Z]),
    (nn.GaussianNLLLoss(full=True), tnn.GaussianNLLLoss(full=True), [X, Y, P]),
    (nn.PoissonNLLLoss(full=True), tnn.PoissonNLLLoss(full=True), [X, np.floor(P * 3)]),
    (nn.PoissonNLLLoss(False), tnn.PoissonNLLLoss(False), [P, np.floor(P * 3)]),
    (nn.KLDivLoss("batchmean"), tnn.KLDivLoss(reduction="batchmean"), [X, P]),
]


@pytest.mark.parametrize(("layer", "reference", "inputs"), LAYERS, ids=lambda v: type(v).__name__
                         if isinstance(v, nn.Cell) else "")
def test_layers_against_torch(layer, reference, inputs, mode):
    found = layer(*map(Tensor, inputs))
    if isinstance(reference, tnn.MultiMarginLoss):
        inputs = [inputs[0], inputs[1].astype(np.int64)]
    wanted = reference(*map(torch.tensor, inputs))
    for f, w in zip(found if isinstance(found, tuple) else [found], wanted if isinstance(wanted, tuple) else [wanted],
                    strict=True):
        np.testing.assert_allclose(f.asnumpy(), w.numpy(), 1e-4, 1e-5)


def test_dropout_takes_either_probability():
    assert nn.Dropout(0.9).keep_prob == 0.9 and nn.Dropout(p=0.1).keep_prob == 0.9
    assert nn.Dropout(0.9, ms.float32).keep_prob == 0.9     # r1.8 by place
    with pytest.raises(ValueError, match="range"):
        nn.Dropout(p=1.5)
    drop = nn.Dropout1d(0.5).set_train()
    assert set(np.unique(drop(Tensor(np.ones((4, 20, 3), np.float32))).asnumpy())) == {0.0, 2.0}
    assert drop.set_train(False)(Tensor([[1.0]])).asnumpy() == 1


def test_pools_of_r18_by_place():
    x = Tensor(IMAGE.transpose(0, 2, 3, 1))
    assert nn.MaxPool2d(2, 2, "valid", "NHWC")(x).shape == (2, 3, 3, 4)
    assert nn.AvgPool2d(2, 2, "same", "NHWC")(x).shape == (2, 3, 3, 4)
    assert nn.MaxPool2d(3, 2, "pad", 1, data_format="NHWC")(x).shape == (2, 3, 3, 4)
    assert str(nn.MaxPool1d(2, 2)) == "MaxPool1d<kernel_size=(1, 2), stride=(1, 2), pad_mode=VALID>"
    with pytest.raises(ValueError, match="'padding' should be 0"):
        nn.MaxPool2d(2, 2, "valid", 1)


def test_ctc_loss_of_one_sequence():
    log_probs = torch.tensor(normal(6, 4)).log_softmax(-1)
    target = np.int32([1, 2])
    wanted = torch.nn.functional.ctc_loss(log_probs[:, None], torch.tensor(target[None]), [6], [2], reduction="none")
    found = nn.CTCLoss(reduction="none")(Tensor(log_probs.numpy()), Tensor(target), Tensor([6]), Tensor([2]))
    np.testing.assert_allclose(found.asnumpy(), wanted[0], 1e-4)
