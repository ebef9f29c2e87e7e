"""GradientAccumulation, in both modes."""
from __future__ import annotations

import numpy as np
import pytest

from mycelium import Tensor, nn
from mycelium.boost import GradientAccumulation


def test_updates_with_the_mean_as_mindspore_does(mode):
    net = nn.Dense(2, 2)
    before = net.bias.asnumpy()
    accumulation = GradientAccumulation(2, nn.SGD(net.trainable_params(), 0.1))
    grads = tuple(Tensor(np.ones(p.shape, np.float32)) for p in net.trainable_params())
    seen = []
    for _ in range(5):
        assert accumulation(Tensor(1.0), grads).asnumpy() == 1
        seen.append((float(net.bias.asnumpy()[0] - before[0]), float(accumulation._grad_accumulation[1].asnumpy()[0])))
    np.testing.assert_allclose(seen, [(0, 0.5), (-0.1, 0), (-0.1, 0.5), (-0.2, 0), (-0.2, 0.5)], atol=1e-6)


def test_names():
    net = nn.Dense(2, 2)
    found = [p.name for p in GradientAccumulation(2, nn.SGD(net.trainable_params(), 0.1)).get_parameters()]
    assert "grad_accumulation.optimizer.weight" in found and "accumulation_step" in found
    with pytest.raises(TypeError, match="'optimizer'"):
        GradientAccumulation(2, net)
