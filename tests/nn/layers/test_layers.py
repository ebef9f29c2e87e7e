"""What the recorded cases do not show: layers that only run elsewhere, lengths of sequences, and what layers refuse."""
from __future__ import annotations

import numpy as np
import pytest
import torch

import mycelium as ms
from mycelium import Tensor, nn, ops

RNG = np.random.default_rng(7)


def ones(*shape):
    return Tensor(np.ones(shape, np.float32))


def drawn(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


REFUSED = [
    (lambda: nn.Dense(3, 4)(ones(3)), ValueError, "two or more axes"),
    (lambda: nn.Dense(3, 4)(ones(2, 5)), ValueError, "in_channels=3"),
    (lambda: nn.Pad([[1, 1]]), TypeError, "'paddings'"),
    (lambda: nn.Pad(((1, 1), (1, 1)), "FOO"), ValueError, "'mode'"),
    (lambda: nn.Pad(((1, 1),))(ones(2, 2)), ValueError, "2 axes"),
    (lambda: nn.ConstantPad1d((1, 2, 3), 0.5), ValueError, "'padding'"),
    (lambda: nn.ConstantPad1d("a", 0.5), TypeError, "'padding'"),
    (lambda: nn.ConstantPad1d((1, 1), "a"), TypeError, "'value'"),
    (lambda: nn.ConstantPad1d((1, -9), 0.5)(ones(2, 3)), ValueError, "leave something"),
    (lambda: nn.ReflectionPad1d((1, -1)), ValueError, "negative"),
    (lambda: nn.ReflectionPad1d((1, 4))(ones(2, 3, 3)), ValueError, "size"),
    (lambda: nn.Hardtanh(1.0, -1.0), ValueError, "'max_val'"),
    (lambda: nn.Hardtanh("a"), TypeError, "'min_val'"),
    (lambda: nn.Threshold("a", 1), TypeError, "'threshold'"),
    (lambda: nn.RReLU(0.5, 0.1), ValueError, "'upper'"),
    (lambda: nn.LRN(1.5), TypeError, "depth_radius"),
    (lambda: nn.LRN(2)(ones(2, 3)), ValueError, "axes"),
    (lambda: nn.AdaptiveAvgPool1d("a"), TypeError, "'output_size'"),
    (lambda: nn.AdaptiveAvgPool1d(0), ValueError, "'output_size'"),
    (lambda: nn.AdaptiveAvgPool1d(3)(ones(2, 3, 7)), ValueError, "multiple"),
    (lambda: nn.AdaptiveMaxPool1d(9)(ones(2, 3, 7)), ValueError, "multiple"),
    (lambda: nn.AdaptiveMaxPool2d((1, 2, 3)), ValueError, "output_size"),
    (lambda: nn.LSTM("a", 4), TypeError, "'input_size'"),
    (lambda: nn.LSTM(3, 0), ValueError, "'hidden_size'"),
    (lambda: nn.LSTM(3, 4, dropout=1.0), ValueError, "'dropout'"),
    (lambda: nn.LSTM(3, 4, dropout="a"), TypeError, "'dropout'"),
    (lambda: nn.LSTM(3, 4, batch_first=1), TypeError, "'batch_first'"),
    (lambda: nn.LSTM(3, 4)(ones(2, 2, 5)), ValueError, "'x'"),
    (lambda: nn.LSTM(3, 4)(ones(5, 2, 3), ones(1, 2, 4)), TypeError, "'hx'"),
    (lambda: nn.GRU(3, 4)(ones(5, 2, 3), ones(1, 2, 3)), ValueError, "'h'"),
    (lambda: nn.GRU(3, 4)(ones(5, 2, 3), (ones(1, 2, 4),)), TypeError, "'h'"),
    (lambda: nn.RNN(3, 4, nonlinearity="foo"), ValueError, "'nonlinearity'"),
    (lambda: nn.LSTMCell(3, 4)(ones(2, 3), ones(2, 4)), TypeError, "'hx'"),
    (lambda: nn.GRUCell(3, 4)(ones(2, 5), ones(2, 4)), ValueError, "'x'"),
    (lambda: nn.BiDense(4, 3, 2)(ones(5, 4), ones(5, 4)), ValueError, "BiDense"),
    (lambda: nn.DenseBnAct(5, 3, activation=nn.ReLU), TypeError, "'activation'"),
    (lambda: nn.TimeDistributed("a", 1, 0), TypeError, "'layer'"),
    (lambda: nn.TimeDistributed(nn.Dense(5, 3), "a"), TypeError, "'time_axis'"),
    (lambda: nn.Moments("a"), TypeError, "'axis'"),
    (lambda: nn.Moments(0)(Tensor([1, 2])), TypeError, "float16"),
    (lambda: nn.ReduceLogSumExp(1.5), TypeError, "'axis'"),
    (lambda: nn.Range(5, 1, 0), ValueError, "'delta'"),
    (lambda: nn.Range("a"), TypeError, "'limit'"),
    (lambda: nn.Triu()(ones(3, 3), 1.5), TypeError, "'k'"),
    (lambda: nn.ImageGradients()(ones(2, 2)), ValueError, "shape"),
    (lambda: nn.CentralCrop(0.0), ValueError, "'central_fraction'"),
    (lambda: nn.CentralCrop(1), TypeError, "'central_fraction'"),
    (lambda: nn.CentralCrop(0.5)(ones(5, 5)), ValueError, "axes"),
    (lambda: nn.PSNR(0), ValueError, "'max_val'"),
    (lambda: nn.PSNR()(ones(1, 1, 2, 2), ones(1, 1, 2, 3)), ValueError, "same shape"),
    (lambda: nn.SSIM(filter_sigma=0), TypeError, "'filter_sigma'"),
    (lambda: nn.SSIM(1.0, 0), ValueError, "'filter_size'"),
    (lambda: nn.SSIM()(ones(1, 3, 4, 4), ones(1, 3, 4, 4)), ValueError, "filter_size"),
    (lambda: nn.MSSSIM(power_factors=3), TypeError, "'power_factors'"),
    (lambda: nn.ResizeBilinear()(ones(1, 1, 2, 4)), ValueError, "one of"),
    (lambda: nn.ResizeBilinear()(ones(1, 1, 2, 4), size=5), ValueError, "'size'"),
    (lambda: nn.ResizeBilinear()(ones(1, 1, 2, 4), scale_factor=2.5), TypeError, "'scale_factor'"),
    (lambda: nn.MultiClassDiceLoss(activation="foo"), ValueError, "'activation'"),
    (lambda: nn.MultiClassDiceLoss(weights=3), TypeError, "'weights'"),
    (lambda: nn.MultiClassDiceLoss(weights=ones(4, 1))(ones(2, 3), ones(2, 3)), ValueError, "'weights'"),
    (lambda: nn.MultiFieldEmbeddingLookup(10, 2, 2, operator="FOO"), ValueError, "'operator'"),
    (lambda: nn.SparseTensorDenseMatmul("a"), TypeError, "'adjoint_st'"),
    (lambda: nn.SampledSoftmaxLoss(8, 7), ValueError, "'num_sampled'"),
    (lambda: nn.TensorArray("a", ()), TypeError, "'dtype'"),
    (lambda: nn.TensorArray(ms.float32, (2,)).read(0), RuntimeError, "'index'"),
    (lambda: nn.TensorArray(ms.float32, (2,)).write(0, ones(3)), RuntimeError, "'value'"),
    (lambda: nn.TensorArray(ms.float32, (2,), False, 1).write(3, ones(2)), RuntimeError, "'index'"),
    (lambda: nn.InstanceNorm1d(0), ValueError, "'num_features'"),
    (lambda: nn.Unfold([1, 2, 2], [1, 1, 1, 1], [1, 1, 1, 1]), ValueError, "'ksizes'"),
    (lambda: nn.Roll([1], [0, 1]), ValueError, "'shift'"),
    (lambda: nn.Jvp(3), TypeError, "'fn'"),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_refused(call, kind, text, mode):
    with pytest.raises(kind, match=text):
        call()


@pytest.mark.parametrize("name", ["LSTM", "GRU"])
def test_sequences_of_different_lengths_are_packed_ones(name, mode):
    x, lengths = drawn(5, 3, 4), [5, 2, 3]
    ours = getattr(nn, name)(4, 6, 2, bidirectional=True)
    theirs = getattr(torch.nn, name)(4, 6, 2, bidirectional=True)
    with torch.no_grad():
        for n, p in theirs.named_parameters():
            p.copy_(torch.from_numpy(ours.parameters_dict()[n].asnumpy()))
        packed = torch.nn.utils.rnn.pack_padded_sequence(torch.from_numpy(x), lengths, enforce_sorted=False)
        out, state = theirs(packed)
        out, _ = torch.nn.utils.rnn.pad_packed_sequence(out)
    got, last = ours(Tensor(x), None, Tensor(lengths, ms.int32))
    np.testing.assert_allclose(got.asnumpy(), out.numpy(), atol=1e-6)
    for a, b in zip(last if name == "LSTM" else (last,), state if name == "LSTM" else (state,), strict=True):
        np.testing.assert_allclose(a.asnumpy(), b.numpy(), atol=1e-6)


def test_dropout_between_layers_only_in_training(mode):
    net, x = nn.GRU(4, 6, 2, dropout=0.5), Tensor(drawn(5, 3, 4))
    net.set_train(False)
    np.testing.assert_array_equal(net(x)[0].asnumpy(), net(x)[0].asnumpy())
    net.set_train()
    assert not np.array_equal(net(x)[0].asnumpy(), net(x)[0].asnumpy())
    assert {p.name for p in nn.SequentialCell([nn.RNN(3, 4)]).get_parameters()} == {
        "0.weight_ih_l0", "0.weight_hh_l0", "0.bias_ih_l0", "0.bias_hh_l0"}


@pytest.mark.parametrize(("layer", "reference", "shape"), [
    (lambda: nn.InstanceNorm1d(3), lambda: torch.nn.InstanceNorm1d(3), (2, 3, 5)),
    (lambda: nn.InstanceNorm3d(3), lambda: torch.nn.InstanceNorm3d(3), (2, 3, 2, 4, 5)),
    (lambda: nn.AdaptiveAvgPool2d((3, 2)), lambda: torch.nn.AdaptiveAvgPool2d((3, 2)), (2, 3, 7, 5)),
    (lambda: nn.ConstantPad3d((1, 2, 0, 1, 2, 0), 0.5), lambda: torch.nn.ConstantPad3d((1, 2, 0, 1, 2, 0), 0.5),
     (1, 2, 3, 2, 2)),
    (lambda: nn.LGamma(), lambda: torch.lgamma, (3, 4)),
    (lambda: nn.DiGamma(), lambda: torch.digamma, (3, 4)),
    (lambda: nn.Roll([1, -2], [0, 1]), lambda: lambda x: torch.roll(x, (1, -2), (0, 1)), (3, 4)),
    (lambda: nn.MatrixDiag(), lambda: torch.diag_embed, (3, 4)),
    (lambda: nn.MatrixDiagPart(), lambda: lambda x: torch.diagonal(x, 0, -2, -1), (2, 3, 4)),
])
def test_like_torch(layer, reference, shape, mode):
    x = drawn(*shape)
    np.testing.assert_allclose(layer()(Tensor(x)).asnumpy(), reference()(torch.from_numpy(x)).numpy(), atol=2e-5)


def test_windows_have_channels_fastest(mode):
    x = drawn(2, 3, 6, 5)
    got = nn.Unfold([1, 2, 3, 1], [1, 2, 1, 1], [1, 2, 1, 1])(Tensor(x)).asnumpy()
    expected = torch.nn.functional.unfold(torch.from_numpy(x), (2, 3), dilation=(2, 1), stride=(2, 1)).numpy()
    expected = expected.reshape(2, 3, 6, 2, 3).transpose(0, 2, 1, 3, 4).reshape(2, 18, 2, 3)
    np.testing.assert_array_equal(got, expected)


def test_functions_of_two(mode):
    a, x = np.abs(drawn(5)) + 1, np.abs(drawn(5)) + 1
    ta, tx = torch.from_numpy(a), torch.from_numpy(x)
    np.testing.assert_allclose(nn.IGamma()(Tensor(a), Tensor(x)).asnumpy(), torch.special.gammainc(ta, tx), rtol=1e-5)
    beta = torch.lgamma(ta) + torch.lgamma(tx) - torch.lgamma(ta + tx)
    np.testing.assert_allclose(nn.LBeta()(Tensor(a), Tensor(x)).asnumpy(), beta, rtol=1e-5, atol=2e-6)
    net = nn.MatrixSetDiag()
    m, d = drawn(2, 4, 3), drawn(2, 3)
    expected = m.copy()
    expected[:, range(3), range(3)] = d
    np.testing.assert_array_equal(net(Tensor(m), Tensor(d)).asnumpy(), expected)


def test_similarity_over_scales(mode):
    x = np.abs(drawn(1, 2, 32, 32))
    net = nn.MSSSIM(power_factors=(0.4, 0.6), filter_size=5)
    same, other = net(Tensor(x), Tensor(x)).asnumpy(), net(Tensor(x), Tensor(x[..., ::-1].copy())).asnumpy()
    np.testing.assert_allclose(same, [1.0], rtol=1e-5)
    assert 0 <= other[0] < 0.5
    assert not net.trainable_params()


def test_time_distributed_runs_the_layer_on_every_frame(mode):
    x, layer = drawn(2, 4, 3, 5), nn.Dense(5, 6)
    expected = layer(Tensor(x)).asnumpy()
    for time, samples in ((1, 0), (0, 1), (1, None), (2, 0), (0, 2)):
        np.testing.assert_allclose(nn.TimeDistributed(layer, time, samples)(Tensor(x)).asnumpy(), expected, atol=1e-6)


@pytest.mark.parametrize(("operator", "expected"), [("SUM", [4, 5, 0]), ("MEAN", [2, 5, 0]), ("MAX", [3, 5, 0])])
def test_fields_are_reduced(operator, expected, mode):
    net = nn.MultiFieldEmbeddingLookup(10, 2, 3, param_init="ones", operator=operator)
    out = net(Tensor([[1, 2, 3]], ms.int32), Tensor([[1.0, 3.0, 5.0]]), Tensor([[0, 0, 1]], ms.int32))
    np.testing.assert_array_equal(out.asnumpy(), np.repeat(np.float32(expected)[None, :, None], 2, 2))


def test_multiclass_dice_loss_leaves_a_class_out(mode):
    # recorded from MindSpore 1.8.1
    logits, half = Tensor([[1.0, 2, 3], [4, 5, 6]]), ones(2, 3) * 0.5
    for net, expected in ((nn.MultiClassDiceLoss(), 0.300306), (nn.MultiClassDiceLoss(ignore_indiex=1), 0.230209)):
        np.testing.assert_allclose(net(logits, half).asnumpy(), expected, rtol=1e-5)
    out = nn.MultiClassDiceLoss(weights=ones(3, 1) * 2)(ones(2, 3), half)
    np.testing.assert_allclose(out.asnumpy(), [0.153871655], rtol=1e-5)


def test_sampled_softmax_of_given_classes(mode):
    weights, biases, x, labels = drawn(7, 4), drawn(7), drawn(3, 4), np.array([0, 1, 2])
    sampled, true_count, count = np.array([0, 4, 5]), np.full((3, 1), 0.5, np.float32), np.full(3, 0.25, np.float32)
    loss = nn.SampledSoftmaxLoss(3, 7, sampled_values=(Tensor(sampled), Tensor(true_count), Tensor(count)))
    got = loss(Tensor(weights), Tensor(biases), Tensor(labels), Tensor(x)).asnumpy()
    logits = x @ weights.T + biases
    for i in range(3):
        true = logits[i, labels[i]] - np.log(0.5)
        others = [logits[i, s] - np.log(0.25) for s in sampled if s != labels[i]]
        np.testing.assert_allclose(got[i], np.log(np.exp([true, *others]).sum()) - true, rtol=1e-4, atol=1e-5)


def test_sparse_product_both_ways(mode):
    indices, values = Tensor([[0, 1], [1, 2], [0, 1]], ms.int32), Tensor([1.0, 2.0, 3.0])
    full, dense = np.zeros((3, 4), np.float32), drawn(4, 2)
    full[0, 1], full[1, 2] = 4, 2
    out = nn.SparseTensorDenseMatmul()(indices, values, (3, 4), Tensor(dense)).asnumpy()
    np.testing.assert_allclose(out, full @ dense, rtol=1e-6)
    out = nn.SparseTensorDenseMatmul(True, True)(indices, values, (3, 4), Tensor(dense[:3].T.copy())).asnumpy()
    np.testing.assert_allclose(out, full.T @ dense[:3], rtol=1e-6)


def test_tensor_array():
    array = nn.TensorArray(ms.int64, ())
    assert array.write(0, 1) and array.write(1, 2) and array.write(4, 7)
    assert array.read(1).asnumpy() == 2
    np.testing.assert_array_equal(array.stack().asnumpy(), [1, 2, 0, 0, 7])
    assert array.size().asnumpy() == 5
    assert array.clear() and array.size().asnumpy() == 0


def test_jacobian_products(mode):
    class Net(nn.Cell):
        def construct(self, x, y):
            return x ** 3 + y

    x, v = Tensor([[1.0, 2.0], [3.0, 4.0]]), ones(2, 2)
    out, product = nn.Jvp(Net())(x, x, (v, v))
    np.testing.assert_allclose(out.asnumpy(), [[2, 10], [30, 68]])
    np.testing.assert_allclose(product.asnumpy(), [[4, 13], [28, 49]])
    out, (by_x, by_y) = nn.Vjp(Net())(x, x, v)
    np.testing.assert_allclose(by_x.asnumpy(), [[3, 12], [27, 48]])
    np.testing.assert_allclose(by_y.asnumpy(), np.ones((2, 2)))


def test_rrelu_slopes_lie_between_the_bounds(mode):
    out = nn.RReLU(0.25, 0.5)(Tensor(np.full(200, -1.0, np.float32))).asnumpy()
    assert -0.5 <= out.min() < -0.45 and -0.3 < out.max() <= -0.25
    np.testing.assert_array_equal(nn.RReLU()(Tensor([1, 2])).asnumpy(), [1, 2])


def test_range_dtypes(mode):
    assert nn.Range(5)().dtype == ms.int32
    np.testing.assert_array_equal(nn.Range(1, 8, 2.5)().asnumpy(), np.float32([1, 3.5, 6]))
    assert ops.shape(nn.Tril()(ones(3))) == (3, 3)


@pytest.mark.parametrize(("layer", "expected"), [
    (lambda: nn.Sigmoid(), [0.269, 0.1192, 0.5, 0.881, 0.731]),
    (lambda: nn.SiLU(), [-0.269, -0.2384, 0.0, 1.762, 0.731]),
    (lambda: nn.Softmin(), [0.2341, 0.636, 0.0861, 0.01166, 0.03168]),
])
def test_half_precision_rounds_once(layer, expected, mode):
    # printed by MindSpore 1.8.1
    out = layer()(Tensor([-1, -2, 0, 2, 1], ms.float16))
    np.testing.assert_array_equal(out.asnumpy(), np.float16(expected))
