"""Pooling against torch and recorded values: pad modes, ties, uneven adaptive windows, gradients."""
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.ops.harness import Case, Refusal, check, gradients, ops, refuse

import mycelium.ops.pooling
import mycelium.ops.pooling_functions  # noqa: F401

RNG = np.random.default_rng(0)


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def arange(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


X, X3 = normal(2, 3, 7, 8), normal(1, 2, 5, 4, 6)
INF = float("inf")


def places_in_channels(values_and_places):
    values, places = values_and_places
    return values, places + 56 * torch.arange(3)[:, None, None]


CASES = [
    Case(ops.MaxPool(2, 2), [X], torch=lambda x: F.max_pool2d(x, 2), label="MaxPool"),
    Case(ops.MaxPool(3, 2, "same"), [X], torch=lambda x: F.max_pool2d(F.pad(x, (0, 1, 1, 1), value=-INF), 3, 2),
         label="MaxPool same"),
    Case(ops.MaxPool((2, 3), (1, 2), "VALID"), [X], torch=lambda x: F.max_pool2d(x, (2, 3), (1, 2)), grad=1,
         label="MaxPool (2, 3), (1, 2)"),
    Case(ops.MaxPool(9, 2, "SAME"), [X[:, :, :, :7]], torch=lambda x: F.max_pool2d(F.pad(x, [4] * 4, value=-INF), 9, 2),
         grad=0, label="MaxPool larger than x"),
    Case(ops.MaxPool(3, 2, data_format="NHWC"), [X], grad=0, label="MaxPool NHWC",
         torch=lambda x: F.max_pool2d(x.permute(0, 3, 1, 2), 3, 2).permute(0, 2, 3, 1)),
    Case(ops.MaxPool(2, 1), [X.astype(np.float16)], torch=lambda x: F.max_pool2d(x, 2, 1), grad=0, label="MaxPool f16"),
    Case(ops.MaxPoolWithArgmax(2, 2), [X], dtype="float32 int32", label="MaxPoolWithArgmax",
         torch=lambda x: places_in_channels(F.max_pool2d(x, 2, return_indices=True))),
    Case(ops.MaxPoolWithArgmax(2, 2, "same"), [arange(1, 2, 5, 5)], grad=0, dtype="float32 int32",
         expect=(np.array([6, 8, 9, 16, 18, 19, 21, 23, 24, 31, 33, 34, 41, 43, 44, 46, 48, 49]).reshape(1, 2, 3,
                                                                                                         3),) * 2,
         label="MaxPoolWithArgmax same"),
    Case(ops.AvgPool(3, 2), [X], torch=lambda x: F.avg_pool2d(x, 3, 2), label="AvgPool"),
    Case(ops.AvgPool(2, 2), [X], torch=lambda x: F.avg_pool2d(x, 2), grad=1, label="AvgPool tiles"),
    Case(ops.AvgPool((7, 8), 3), [X], torch=lambda x: F.avg_pool2d(x, (7, 8)), grad=0, label="AvgPool of all"),
    Case(ops.AvgPool(3, 2, "same"), [arange(1, 1, 5, 5)], grad=1, label="AvgPool same", dtype="float32",
         expect=np.array([3, 4.5, 6, 10.5, 12, 13.5, 18, 19.5, 21]).reshape(1, 1, 3, 3)),
    Case(ops.AvgPool(2, 2, "same"), [arange(1, 1, 5, 5)], grad=0, label="AvgPool same, odd", dtype="float32",
         expect=np.array([3, 5, 6.5, 13, 15, 16.5, 20.5, 22.5, 24]).reshape(1, 1, 3, 3)),
    Case(ops.avg_pool2d, [X], kwargs={"kernel_size": 2, "strides": 1}, torch=lambda x: F.avg_pool2d(x, 2, 1), grad=0),
    Case(ops.MaxPool3D(2, 2), [X3], torch=lambda x: F.max_pool3d(x, 2), grad=1, label="MaxPool3D"),
    Case(ops.MaxPool3D(2, 2, "same"), [X3], grad=0, label="MaxPool3D same",
         torch=lambda x: F.max_pool3d(F.pad(x, (0, 0, 0, 0, 0, 1), value=-INF), 2)),
    Case(ops.MaxPool3D(3, 2, "pad", pad_list=(1, 1, 1), ceil_mode=True), [X3], grad=0, label="MaxPool3D ceil",
         torch=lambda x: F.max_pool3d(x, 3, 2, 1, ceil_mode=True)),
    Case(ops.AvgPool3D(2, 2, "pad", pad=1), [X3], torch=lambda x: F.avg_pool3d(x, 2, 2, 1), grad=1, label="AvgPool3D"),
    Case(ops.AvgPool3D(3, 2, "pad", pad=1, ceil_mode=True), [X3], grad=0, label="AvgPool3D ceil",
         torch=lambda x: F.avg_pool3d(x, 3, 2, 1, ceil_mode=True)),
    Case(ops.AvgPool3D(3, 2, "pad", pad=1, count_include_pad=False), [X3], grad=0, label="AvgPool3D not counted",
         torch=lambda x: F.avg_pool3d(x, 3, 2, 1, count_include_pad=False)),
    Case(ops.AvgPool3D(2, 1, divisor_override=3), [X3], grad=0, label="AvgPool3D divisor",
         torch=lambda x: F.avg_pool3d(x, 2, 1, divisor_override=3)),
    Case(ops.AvgPool3D(2, 2, "same"), [arange(1, 1, 3, 3, 3)], grad=0, label="AvgPool3D same counts the padding",
         dtype="float32",
         expect=np.array([6.5, 4, 5.5, 3.125, 10, 5.375, 6.125, 3.25]).reshape(1, 1, 2, 2, 2)),
    Case(ops.max_pool2d, [X], kwargs={"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 2, "ceil_mode": True},
         torch=lambda x: F.max_pool2d(x, 3, 2, 1, 2, True), grad=1),
    Case(ops.max_pool2d, [X[0]], kwargs={"kernel_size": 2, "return_indices": True}, grad=1, label="max_pool2d indices",
         torch=lambda x: F.max_pool2d(x, 2, return_indices=True), dtype="float32 int64"),
    Case(ops.max_pool3d, [X3], kwargs={"kernel_size": 2, "stride": 1, "padding": 1}, grad=0,
         torch=lambda x: F.max_pool3d(x, 2, 1, 1)),
    Case(ops.avg_pool1d, [X[0]], kwargs={"kernel_size": 3, "stride": 2, "padding": 1}, grad=0,
         torch=lambda x: F.avg_pool1d(x, 3, 2, 1)),
    Case(ops.avg_pool3d, [X3], kwargs={"kernel_size": 2, "stride": 2}, torch=lambda x: F.avg_pool3d(x, 2), grad=0),
    Case(ops.AdaptiveAvgPool2D((3, None)), [X], torch=lambda x: F.adaptive_avg_pool2d(x, (3, 8)),
         label="AdaptiveAvgPool2D"),
    Case(ops.adaptive_avg_pool1d, [X[0]], kwargs={"output_size": 3}, grad=0,
         torch=lambda x: F.adaptive_avg_pool1d(x, 3)),
    Case(ops.adaptive_avg_pool3d, [X3], kwargs={"output_size": (2, 3, 1)}, grad=0,
         torch=lambda x: F.adaptive_avg_pool3d(x, (2, 3, 1))),
    Case(ops.AdaptiveMaxPool2D((3, 4), True), [X], torch=lambda x: F.adaptive_max_pool2d(x, (3, 4), True), grad=1,
         label="AdaptiveMaxPool2D"),
    Case(ops.AdaptiveMaxPool2D((-1, 2), True), [X], torch=lambda x: F.adaptive_max_pool2d(x, (7, 2), True), grad=0,
         label="AdaptiveMaxPool2D even, indices"),
    Case(ops.AdaptiveMaxPool2D((7, 2)), [X], torch=lambda x: F.adaptive_max_pool2d(x, (7, 2)), grad=0,
         label="AdaptiveMaxPool2D even"),
    Case(ops.adaptive_max_pool1d, [X[0]], kwargs={"output_size": 3}, torch=lambda x: F.adaptive_max_pool1d(x, 3),
         grad=0),
    Case(ops.adaptive_max_pool3d, [X3], kwargs={"output_size": (2, 3, 4), "return_indices": True}, grad=0,
         torch=lambda x: F.adaptive_max_pool3d(x, (2, 3, 4), True)),
]

REFUSALS = [
    Refusal(ops.MaxPool(2, 2), [X[0]], ValueError, "'x' should have 4 axes"),
    Refusal(ops.MaxPool(2, 2), [X.astype(np.int32)], TypeError, "'x' should be a Tensor of float16"),
    Refusal(ops.AvgPool(9, 2), [X], ValueError, "the kernel should be no larger"),
    Refusal(ops.MaxPool3D(9), [X3], ValueError, "the kernel should be no larger"),
    Refusal(ops.AdaptiveMaxPool2D(2), [X[0, 0]], ValueError, "'input_x' should have 3 or 4 axes"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("pool, expected", [     # recorded from MindSpore 1.8.1
    (ops.MaxPool(2, 1), [[1, 1, 0], [1, 1, 0], [0, 0, 0]]),
    (ops.MaxPool(3, 2, "same"), [[1, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 0], [0, 0, 0, 0]]),
])
def test_the_first_of_equal_elements_gets_the_gradient(pool, expected):
    _, (grad,) = gradients(pool, [np.ones((1, 1, len(expected), len(expected)), np.float32)])
    np.testing.assert_array_equal(grad[0, 0], expected)


def test_max_pool_shows_nan_and_sends_the_gradient_there():
    x = arange(1, 1, 2, 2)
    x[0, 0, 0, 1] = np.nan
    (out,), (grad,) = gradients(ops.MaxPool(2), [x])
    assert np.isnan(np.asarray(out)).all()
    np.testing.assert_array_equal(grad[0, 0], [[0, 1], [0, 0]])


@pytest.mark.parametrize("name, attributes, error, text", [
    ("MaxPool", {"pad_mode": "samee"}, ValueError, "did you mean 'same'?"),
    ("AvgPool", {"pad_mode": "pad"}, ValueError, "should be one of ['valid', 'same']"),
    ("MaxPool3D", {"pad_mode": "PADD"}, ValueError, "did you mean 'pad'?"),
    ("MaxPool", {"pad_mode": None}, TypeError, "the type of 'pad_mode' should be str"),
    ("MaxPool", {"kernel_size": (1, 2, 3)}, ValueError, "'kernel_size' should be an int or a tuple of 2 ints"),
    ("MaxPool", {"kernel_size": 2.0}, TypeError, "the type of 'kernel_size'"),
    ("AvgPool", {"strides": 0}, ValueError, "'strides'"),
    ("MaxPool3D", {"pad_list": 1}, ValueError, "'pad_list' should be 0 when 'pad_mode' is not 'pad'"),
    ("MaxPool3D", {"ceil_mode": True}, ValueError, "'ceil_mode' should be None"),
    ("AvgPool3D", {"pad": 1}, ValueError, "'pad' should be 0"),
    ("AvgPool3D", {"pad_mode": "pad", "pad": (1, 1)}, ValueError, "tuple of 6 ints"),
    ("AvgPool3D", {"divisor_override": -3}, ValueError, "'divisor_override' should be 0 or greater"),
    ("AdaptiveMaxPool2D", {"output_size": (2,)}, ValueError, "tuple of 2 ints or None"),
    ("AdaptiveMaxPool2D", {"output_size": (0, 1)}, ValueError, "should be greater than 0"),
    ("AdaptiveMaxPool2D", {"output_size": (1.0, 1)}, TypeError, "ints or None"),
    ("AdaptiveMaxPool2D", {"output_size": 2.0}, TypeError, "the type of 'output_size'"),
])
def test_attributes_are_checked_at_construction(name, attributes, error, text):
    with pytest.raises(error, match=r"^For '" + name) as caught:
        getattr(ops, name)(**attributes)
    assert text in str(caught.value)


def test_torch_is_the_reference_for_the_gradient_of_ties_in_the_odd_corner():
    x = np.array([[[[1, 1, 0], [1, 1, 2], [2, 0, 2]]]], np.float32)
    _, (grad,) = gradients(ops.MaxPool(2, 1), [x])
    leaf = torch.tensor(x, requires_grad=True)
    F.max_pool2d(leaf, 2, 1).sum().backward()
    np.testing.assert_array_equal(grad, leaf.grad)
