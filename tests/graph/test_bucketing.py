"""Padding to a few sizes."""
import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor
from mycelium.engine.compile import statistics
from mycelium.graph.bucketing import bucket_size


@pytest.mark.parametrize("length, sizes, expected", [
    (0, None, 1), (1, None, 1), (5, None, 8), (8, None, 8), (5, 4, 8), (8, 4, 8), (0, 4, 4), (5, [16, 8], 8),
    (16, [16, 8], 16)])
def test_size(length, sizes, expected):
    assert bucket_size(length, sizes) == expected


def test_pads_at_the_end_of_the_axis_with_the_value():
    padded, length = ms.pad_to_bucket(Tensor(np.arange(6, dtype=np.int32).reshape(2, 3)), [5], axis=-1, value=-1)
    np.testing.assert_array_equal(padded.asnumpy(), [[0, 1, 2, -1, -1], [3, 4, 5, -1, -1]])
    assert padded.dtype == ms.int32 and int(length) == 3 and length.dtype == ms.int32


def test_takes_arrays_and_leaves_a_fitting_tensor_alone():
    x = Tensor(np.ones((4,), np.float16))
    assert ms.pad_to_bucket(x, [4])[0] is x
    padded, _ = ms.pad_to_bucket(np.ones((3,), np.float16), [4])
    assert padded.shape == (4,) and padded.dtype == ms.float16


def test_a_masked_mean_over_many_lengths_compiles_once_for_each_bucket():
    @ms.ms_function
    def mean(x, length):
        mask = ms.numpy.arange(x.shape[0]) < length
        return (x * mask).sum() / length

    traces = statistics.traces
    for n in range(1, 17):
        x = np.random.default_rng(n).normal(size=n).astype(np.float32)
        np.testing.assert_allclose(mean(*ms.pad_to_bucket(x, [8, 16])).asnumpy(), x.mean(), rtol=2e-5, atol=1e-6)
    assert statistics.traces == traces + 2


@pytest.mark.parametrize("call, error, text", [
    (lambda: ms.pad_to_bucket([1, 2]), TypeError, "'x' should be a Tensor or NumPy array, but got"),
    (lambda: ms.pad_to_bucket(np.ones(3), axis=1), ValueError, r"'axis' should be in \[-1, 1\), but got 1"),
    (lambda: ms.pad_to_bucket(np.ones(9), [4, 8]), ValueError, r"the length 9 is above the largest of the sizes "),
    (lambda: bucket_size(3, 0), ValueError, "'sizes' should be 1 or greater"),
])
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()
