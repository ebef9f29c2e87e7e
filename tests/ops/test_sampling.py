"""Resizing, sampling, cropping, patches and boxes: gradients, torch where it has them, refusals."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, ops, refuse

from mycelium import Tensor

RNG = np.random.default_rng(0)
X = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)
X3 = RNG.standard_normal((1, 2, 3, 4, 3)).astype(np.float32)
GRID = RNG.uniform(-0.95, 0.95, (2, 3, 2, 2)).astype(np.float32)
GRID3 = RNG.uniform(-0.9, 0.9, (1, 2, 2, 2, 3)).astype(np.float32)
ROIS = np.array([[0, 1, 1, 3, 2], [1, 0.3, 0.4, 4, 3]], np.float32)
BOXES = np.array([[0.1, 0.2, 0.9, 0.8], [0, 0, 1, 1]], np.float32)
COLS = RNG.standard_normal((2, 3, 4, 6)).astype(np.float32)
FIVE = np.array([[0, 0, 2, 2, 0.5]], np.float32)


def resized(mode, **kwargs):
    return lambda x: F.interpolate(x, (6, 3), mode=mode, **kwargs)


CASES = [
    Case(ops.ResizeBilinear((6, 3), True), [X], torch=resized("bilinear", align_corners=True),
         label="bilinear, corners"),
    Case(ops.ResizeBilinear((6, 3), False, True), [X], torch=resized("bilinear", align_corners=False), grad=1,
         label="bilinear, half pixels"),
    Case(ops.ResizeNearestNeighbor((6, 3)), [X], torch=resized("nearest"), grad=1, label="nearest"),
    Case(ops.interpolate, [X[0]], kwargs={"sizes": (7,), "coordinate_transformation_mode": "half_pixel"}, grad=1,
         torch=lambda x: F.interpolate(x, 7, mode="linear", align_corners=False)),
    *(Case(ops.grid_sample, [X, GRID], kwargs={"padding_mode": p, "align_corners": c}, label=f"grid_sample {p}", grad=g,
           torch=lambda x, g, p=p, c=c: F.grid_sample(x, g, padding_mode=p, align_corners=c))
      for p, c, g in (("zeros", False, 2), ("border", False, 1), ("reflection", True, 1))),
    Case(ops.grid_sample, [X, GRID], kwargs={"interpolation_mode": "nearest"}, wrt=[0], grad=1,
         label="grid_sample nearest",
         torch=lambda x, g: F.grid_sample(x, g, "nearest", align_corners=False)),
    Case(ops.grid_sample, [X3, GRID3], torch=lambda x, g: F.grid_sample(x, g, align_corners=False), grad=1,
         label="grid_sample 3-D"),
    Case(lambda x: ops.ROIAlign(2, 3, 1.0)(x, Tensor(ROIS).astype(x.dtype)), [X], label="ROIAlign", grad=1,
         numpy=lambda x: ops.ROIAlign(2, 3, 1.0)(Tensor(x), Tensor(ROIS)).asnumpy()),
    Case(ops.col2im, [COLS, (4, 3), 2, 1, (0, 0), 1], grad=1, label="col2im",
         torch=lambda x, *a: F.fold(x.reshape(2, 12, 6), (4, 3), 2)),
    Case(ops.ExtractVolumePatches(2, 1, "VALID"), [X3], label="ExtractVolumePatches", grad=0,
         numpy=lambda x: np.concatenate(
        [x[:, :, i:i + 2, j:j + 3, k:k + 2] for i in (0, 1) for j in (0, 1) for k in (0, 1)], 1)),
]

REFUSALS = [
    Refusal(ops.ResizeBilinear((2, 2)), [X[0]], ValueError, "'x' should have 4 axes"),
    Refusal(ops.ResizeBilinear((2, 2)), [X.astype(np.int32)], TypeError, "For 'ResizeBilinear'"),
    Refusal(ops.interpolate, [X], ValueError, "give either 'scales' or 'sizes'", kwargs={"mode": "bilinear"}),
    Refusal(ops.interpolate, [X], ValueError, "'mode' should be 'linear' or 'bilinear'", kwargs={"mode": "cubic"}),
    Refusal(ops.interpolate, [X], ValueError, "'x' should have 3 axes", kwargs={"sizes": (5,)}),
    Refusal(ops.interpolate, [X[0]], ValueError, "'sizes' should be 1 positive ints", kwargs={"sizes": (5, 5)}),
    Refusal(ops.interpolate, [X[0]], ValueError, "'scales' should have 3 numbers", kwargs={"scales": (2.0,)}),
    Refusal(ops.interpolate, [X[0]], TypeError, "'coordinate_transformation_mode' should be",
            kwargs={"sizes": (5,), "coordinate_transformation_mode": "x"}),
    Refusal(ops.grid_sample, [X, GRID], ValueError, "did you mean 'zeros'?", kwargs={"padding_mode": "zero"}),
    Refusal(ops.grid_sample, [X, GRID[:1]], ValueError, "'grid' should have 4 axes, the first of size 2"),
    Refusal(ops.ROIAlign(2, 2, 1.0), [X, ROIS[:, :4]], ValueError, "'rois' should have shape (R, 5)"),
    Refusal(ops.CropAndResize(), [X, BOXES, np.array([0]), (2, 2)], ValueError, "'box_index' (B,)"),
    Refusal(ops.CropAndResize(), [X, BOXES, np.array([0, 1]), (3, 2.0)], TypeError, "'crop_size' should be"),
    Refusal(ops.HSVToRGB(), [X], ValueError, "'x' should have shape (N, H, W, 3)"),
    Refusal(ops.IOU(), [FIVE, FIVE], ValueError, "'anchor_boxes' should have shape (n, 4)"),
    Refusal(ops.NMSWithMask(), [FIVE[:, :4]], ValueError, "'bboxes' should have shape (n, 5 or 8)"),
    Refusal(ops.col2im, [COLS, (5, 3), 2, 1, 0, 1], ValueError, "'input_x' should have shape (N, C, 4, 8)"),
    Refusal(lambda x: ops.deformable_conv2d(x, x, x, (2, 2), (1,) * 4, (0,) * 4), [X], ValueError,
            "'offsets' should have",
            label="deformable_conv2d"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("build, error, text", [
    (lambda: ops.ResizeBilinear((2,)), ValueError, "'size' should be (height, width)"),
    (lambda: ops.ResizeBilinear(2), TypeError, "the type of 'size' should be tuple"),
    (lambda: ops.ResizeNearestNeighbor((2.0, 2)), TypeError, "'size' should be a tuple of ints"),
    (lambda: ops.ResizeBilinear((2, 2), True, True), ValueError, "should not both be True"),
    (lambda: ops.ROIAlign(2, 2, 1.0, 2, 2), ValueError, "'roi_end_mode' should be 0 or 1"),
    (lambda: ops.CropAndResize("bilinaer"), ValueError, "did you mean 'bilinear'?"),
    (lambda: ops.IOU("x"), KeyError, "'mode' should be 'iou' or 'iof'"),
    (lambda: ops.BoundingBoxDecode((768,)), ValueError, "'max_shape' should be (height, width)"),
    (lambda: ops.BoundingBoxDecode(3), TypeError, "the type of 'max_shape' should be tuple"),
    (lambda: ops.BoundingBoxEncode((0.0,)), ValueError, "'means' should be 4 numbers"),
    (lambda: ops.ExtractVolumePatches((2, 2, 2), 1, "valid"), ValueError, "'kernel_size' should be an int or (1, 1"),
])
def test_attributes_are_checked_at_construction(build, error, text):
    with pytest.raises(error) as caught:
        build()
    assert text in str(caught.value)


def test_dynamic_recurrent_primitives_agree_with_torch():
    x, h, c = (RNG.standard_normal(s).astype(np.float32) for s in ((5, 2, 3), (2, 4), (2, 4)))
    w_ih, w_hh, b = (RNG.standard_normal(s).astype(np.float32) for s in ((16, 3), (16, 4), (16,)))
    lstm = torch.nn.LSTM(3, 4)
    weights = dict(zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"),
                       map(torch.tensor, (w_ih, w_hh, b, np.zeros_like(b))), strict=True))
    expected, _ = torch.func.functional_call(lstm, weights, (torch.tensor(x), (torch.tensor(h)[None],
                                                                               torch.tensor(c)[None])))
    order = np.arange(16).reshape(4, 4)[[0, 2, 1, 3]].ravel()      # input, cell, forget, output
    w = np.concatenate([w_ih[order].T, w_hh[order].T])
    y = ops.DynamicRNN()(*map(Tensor, (x, w, b[order])), None, Tensor(h[None]), Tensor(c[None]))[0]
    np.testing.assert_allclose(y.asnumpy(), expected.detach().numpy(), 1e-5, 1e-6)

    gru = torch.nn.GRU(3, 4)
    weights = {k: v[:12] for k, v in weights.items()}
    expected, _ = torch.func.functional_call(gru, weights, (torch.tensor(x), torch.tensor(h)[None]))
    y = ops.DynamicGRUV2()(*map(Tensor, (x, w_ih[:12].T.copy(), w_hh[:12].T.copy(), b[:12])), None, None, Tensor(h))[0]
    np.testing.assert_allclose(y.asnumpy(), expected.detach().numpy(), 1e-5, 1e-6)
