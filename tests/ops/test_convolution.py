"""Convolutions against torch: pad modes, dilation, groups, layouts, and their gradients."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, ops, refuse

from mycelium import Tensor

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


X, W, B = normal(2, 4, 7, 6), normal(6, 4, 3, 3), normal(6)
W_GROUP, W_DEPTH, W_DEPTH2 = normal(6, 2, 3, 3), normal(4, 1, 3, 3), normal(8, 1, 3, 2)
X3, W3 = normal(1, 2, 4, 5, 4), normal(4, 2, 3, 2, 3)


def conv(out_channel, kernel_size, **attributes):
    return ops.Conv2D(out_channel, kernel_size, **attributes)


def same(x, w, stride, dilation=1, groups=1):
    """torch with MindSpore's "same": the odd row and column below and to the right."""
    sides = []
    for n, k in zip(reversed(x.shape[2:]), reversed(w.shape[2:]), strict=True):
        missing = max((-(-n // stride) - 1) * stride + (k - 1) * dilation + 1 - n, 0)
        sides += [missing // 2, missing - missing // 2]
    return F.conv2d(F.pad(x, sides), w, None, stride, 0, dilation, groups)


def depthwise_native(x, w):
    return F.conv2d(x, w.transpose(0, 1).reshape(-1, 1, *w.shape[2:]), None, 1, 0, 1, x.shape[1])


CASES = [
    Case(conv(6, 3), [X, W], torch=F.conv2d, label="valid"),
    Case(conv(6, 3, pad_mode="same"), [X, W], torch=lambda x, w: same(x, w, 1), grad=0, label="same"),
    Case(conv(6, 3, pad_mode="same", stride=2), [X, W], torch=lambda x, w: same(x, w, 2), grad=0,
         label="same, stride 2"),
    Case(conv(6, 3, pad_mode="same", stride=2, dilation=2), [X, W], torch=lambda x, w: same(x, w, 2, 2), grad=1,
         label="same, stride 2, dilation 2"),
    Case(conv(6, (3, 3), pad_mode="pad", pad=2, stride=(1, 2)), [X, W],
         torch=lambda x, w: F.conv2d(x, w, None, (1, 2), 2), grad=0, label="pad 2, stride (1, 2)"),
    Case(conv(6, 3, pad_mode="pad", pad=(1, 2, 0, 3), dilation=(2, 1)), [X, W],
         torch=lambda x, w: F.conv2d(F.pad(x, (0, 3, 1, 2)), w, None, 1, 0, (2, 1)), grad=1, label="pad (1, 2, 0, 3)"),
    Case(conv(6, 3, stride=(1, 1, 2, 2)), [X, W], torch=lambda x, w: F.conv2d(x, w, None, 2), grad=0,
         label="4 strides"),
    Case(conv(6, 3, group=2), [X, W_GROUP], torch=lambda x, w: F.conv2d(x, w, None, groups=2), grad=1, label="group 2"),
    Case(conv(4, 3, group=4, pad_mode="same"), [X, W_DEPTH], torch=lambda x, w: same(x, w, 1, groups=4), grad=1,
         label="depthwise"),
    Case(conv(4, 3, group=4, pad_mode="same", stride=2), [X, W_DEPTH], torch=lambda x, w: same(x, w, 2, groups=4),
         label="depthwise, stride 2"),
    Case(conv(8, (3, 2), group=4, stride=(2, 1), dilation=(1, 2)), [X, W_DEPTH2],
         torch=lambda x, w: F.conv2d(x, w, None, (2, 1), 0, (1, 2), 4), grad=1,
         label="depthwise, two kernels each, dilation"),
    Case(conv(6, 3, data_format="NHWC"), [X.transpose(0, 2, 3, 1), W.transpose(0, 2, 3, 1)],
         torch=lambda x, w: F.conv2d(x.permute(0, 3, 1, 2), w.permute(0, 3, 1, 2)).permute(0, 2, 3, 1), grad=0,
         label="NHWC"),
    Case(conv(6, 3), [X.astype(np.float16), W.astype(np.float16)], grad=0, rtol=1e-2, atol=1e-2, dtype="float16",
         numpy=lambda x, w: F.conv2d(*map(torch.tensor, (X, W))).numpy(), label="float16"),
    Case(conv(4, 3, group=4), [X.astype(np.float16), W_DEPTH.astype(np.float16)], grad=0, rtol=1e-2, atol=1e-2,
         dtype="float16", numpy=lambda x, w: F.conv2d(*map(torch.tensor, (X, W_DEPTH)), groups=4).numpy(),
         label="depthwise float16"),
    Case(ops.Conv3D(4, (3, 2, 3), stride=(1, 2, 1)), [X3, W3],
         torch=lambda x, w: F.conv3d(x, w, None, (1, 2, 1)), grad=1, label="Conv3D"),
    Case(ops.Conv3D(4, (3, 2, 3), pad_mode="SAME"), [X3, W3],
         torch=lambda x, w: F.conv3d(F.pad(x, (1, 1, 0, 1, 1, 1)), w), grad=0, label="Conv3D same"),
    Case(ops.Conv3D(4, (3, 2, 3), pad_mode="pad", pad=(1, 0, 2, 1, 0, 1)), [X3, W3], grad=0,
         torch=lambda x, w: F.conv3d(F.pad(x, (0, 1, 2, 1, 1, 0)), w), label="Conv3D pad"),
    Case(ops.conv1d, [X[:, :, 0], W[:, :, 0], B], kwargs={"stride": 2, "pad_mode": "pad", "padding": 1}, grad=1,
         torch=lambda x, w, b: F.conv1d(x, w, b, 2, 1)),
    Case(ops.conv2d, [X, W_GROUP, B], kwargs={"groups": 2, "pad_mode": "pad", "padding": (1, 2)}, grad=1,
         torch=lambda x, w, b: F.conv2d(x, w, b, 1, (1, 2), 1, 2)),
    Case(ops.conv3d, [X3, W3], torch=F.conv3d, grad=0),
    Case(ops.BiasAdd(), [X, B[:4]], torch=lambda x, b: x + b[:, None, None]),
    Case(ops.bias_add, [X[0], B], kwargs={"data_format": "NHWC"}, torch=lambda x, b: x + b, grad=0,
         label="BiasAdd NHWC"),
    Case(lambda d, w: ops.Conv2DTranspose(4, 3)(d, w, (2, 3, 9, 8)), [X, normal(4, 3, 3, 3)],
         torch=F.conv_transpose2d, grad=1, label="Conv2DTranspose"),
    Case(lambda d, w: ops.Conv2DTranspose(4, 3, "same", stride=2)(d, w, (2, 3, 14, 12)), [X, normal(4, 3, 3, 3)],
         torch=lambda d, w: F.conv_transpose2d(d, w, stride=2)[:, :, :14, :12], grad=0, label="Conv2DTranspose same"),
    Case(lambda d, w: ops.Conv2DTranspose(4, 3, "pad", pad=1, stride=2, group=2, dilation=2)(d, w, (2, 4, 15, 13)),
         [X, normal(4, 2, 3, 3)], torch=lambda d, w: F.conv_transpose2d(d, w, None, 2, 1, 0, 2, 2), grad=1,
         label="Conv2DTranspose groups"),
    Case(lambda d, w: ops.Conv2DBackpropInput(4, 3, pad_list=(1, 0, 1, 1))(d, w, (2, 2, 8, 6)), [X, normal(4, 2, 3, 3)],
         torch=lambda d, w: F.conv_transpose2d(d, w)[:, :, 1:, 1:-1], grad=0, label="Conv2DBackpropInput pad_list"),
    Case(ops.Conv3DTranspose(2, 3, 2, pad_mode="pad", pad=1, stride=2, output_padding=1), [X3, normal(2, 3, 2, 2, 2)],
         torch=lambda d, w: F.conv_transpose3d(d, w, None, 2, 1, 1), grad=1, label="Conv3DTranspose"),
    Case(ops.Conv3DTranspose(2, 3, 2, pad_mode="same", stride=2), [X3, normal(2, 3, 2, 2, 2)],
         torch=lambda d, w: F.conv_transpose3d(d, w, None, 2), grad=0, label="Conv3DTranspose same"),
    Case(ops.DepthwiseConv2dNative(2, 3), [X, normal(2, 4, 3, 3)], torch=depthwise_native, grad=0,
         label="DepthwiseConv2dNative"),
]

REFUSALS = [
    Refusal(conv(6, 3), [X[0], W], ValueError, "'x' should have 4 axes"),
    Refusal(conv(6, 3), [X[:, :3], W], ValueError, "'x' should have 4 * group = 4 channels"),
    Refusal(conv(6, 3), [X[:, :3], W], RuntimeError, "got x of shape (2, 3, 7, 6)", label="MindSpore's RuntimeError"),
    Refusal(conv(5, 3), [X, W], ValueError, "'weight' should have 5 (out_channel)"),
    Refusal(conv(6, 2), [X, W], ValueError, "(2, 2) (kernel_size)"),
    Refusal(conv(6, 3), [X[:, :, :2], W], ValueError, "no smaller than the kernel"),
    Refusal(conv(6, 3), [X.astype(np.int32), W], TypeError, "'x' should be a Tensor of float16"),
    Refusal(conv(6, 3), [X, W.astype(np.float16)], TypeError, "should have the same dtype"),
    Refusal(ops.BiasAdd(), [X, B], ValueError, "'bias' should have shape (4,)"),
    Refusal(ops.BiasAdd(), [X, B[:4].astype(np.float16)], TypeError, "same dtype"),
    Refusal(ops.BiasAdd(), [B, B], ValueError, "2 or 3 or 4 or 5 axes"),
    Refusal(lambda d, w: ops.Conv2DTranspose(4, 3)(d, w, (2, 3, 10, 8)), [X, normal(4, 3, 3, 3)], ValueError,
            "does not give 'dout'", label="Conv2DTranspose input_size"),
    Refusal(lambda d, w: ops.Conv2DTranspose(4, 3)(d, w, (2, 5, 9, 8)), [X, normal(4, 3, 3, 3)], ValueError,
            "'input_size' should be (2, 3, H, W)", label="Conv2DTranspose channels"),
    Refusal(lambda d, w: ops.Conv2DTranspose(6, 3)(d, w, (2, 4, 9, 8)), [X, W], ValueError,
            "'dout' should have the 6 channels", label="Conv2DTranspose dout"),
    Refusal(ops.Conv3DTranspose(2, 5, 2), [X3, normal(2, 3, 2, 2, 2)], ValueError, "out_channel / group = 5"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("name, attributes, error, text", [
    ("Conv2D", {"pad_mode": "samee"}, ValueError, "did you mean 'same'?"),
    ("Conv2D", {"pad_mode": "Same"}, ValueError, "did you mean 'same'?"),
    ("Conv3D", {"pad_mode": "vald"}, ValueError, "did you mean 'valid'?"),
    ("Conv2DTranspose", {"pad_mode": "padd"}, ValueError, "did you mean 'pad'?"),
    ("Conv2D", {"pad_mode": 1}, TypeError, "the type of 'pad_mode'"),
    ("Conv2D", {"out_channel": 0}, ValueError, "'out_channel' should be greater than 0"),
    ("Conv2D", {"out_channel": 4.0}, TypeError, "the type of 'out_channel' should be int"),
    ("Conv2D", {"kernel_size": (3, 3, 3)}, ValueError, "'kernel_size' should be an int or a tuple of 2 ints"),
    ("Conv2D", {"kernel_size": (3, 3.0)}, TypeError, "'kernel_size' should be an int or a tuple of 2 ints"),
    ("Conv2D", {"kernel_size": "3"}, TypeError, "the type of 'kernel_size'"),
    ("Conv2D", {"kernel_size": True}, TypeError, "the type of 'kernel_size'"),
    ("Conv2D", {"stride": 0}, ValueError, "'stride'"),
    ("Conv2D", {"dilation": -1}, ValueError, "'dilation'"),
    ("Conv2D", {"group": 0}, ValueError, "'group' should be greater than 0"),
    ("Conv2D", {"mode": 3}, ValueError, "'mode' should be 1"),
    ("DepthwiseConv2dNative", {"mode": 1}, ValueError, "'mode' should be 3"),
    ("Conv2D", {"pad": 1}, ValueError, "Use pad_mode='pad'"),
    ("Conv2D", {"pad_mode": "pad", "pad": (1, 2)}, ValueError, "tuple of 4 ints"),
    ("Conv2D", {"pad_mode": "pad", "pad": -1}, ValueError, "each 0 or greater"),
    ("Conv2D", {"pad_mode": "pad", "pad": (1, 1, 1, 1.5)}, TypeError, "tuple of ints"),
    ("Conv2D", {"data_format": "NCWH"}, ValueError, "did you mean 'NCHW'?"),
    ("Conv3DTranspose", {"in_channel": 1, "output_padding": 1}, ValueError, "'output_padding' should be 0"),
])
def test_attributes_are_checked_at_construction(name, attributes, error, text):
    given = {"out_channel": 4, "channel_multiplier": 1, "kernel_size": 3} | attributes
    given.pop("out_channel" if name == "DepthwiseConv2dNative" else "channel_multiplier")
    with pytest.raises(error, match=r"^For '" + name) as caught:
        getattr(ops, name)(**given)
    assert text in str(caught.value)


def test_depthwise_convolution_has_forward_mode():
    def apply(x):
        return ops.Conv2D(4, 3, group=4)(x, Tensor(W_DEPTH))

    out, tangent = ops.jvp(apply, Tensor(X), Tensor(X))
    np.testing.assert_allclose(tangent.asnumpy(), out.asnumpy(), 1e-5, 1e-5)     # it is linear
