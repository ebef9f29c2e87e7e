"""The unit test of a migrated cell: the PyTorch weights set by hand, the same input, a difference of about 1e-5."""
from __future__ import annotations

import numpy as np
import pytest
import torch

from mycelium import Tensor, nn
from mycelium.initializer import initializer


class Theirs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.bn = torch.nn.BatchNorm2d(8)
        self.pool = torch.nn.MaxPool2d(2, 2)
        self.fc = torch.nn.Linear(8 * 2 * 2, 5)

    def forward(self, x):
        return self.fc(self.pool(torch.relu(self.bn(self.conv(x)))).flatten(1))


class Ours(nn.Cell):
    def __init__(self, **conv):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, has_bias=True, **conv)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.fc = nn.Dense(8 * 2 * 2, 5)

    def construct(self, x):
        return self.fc(self.flatten(self.pool(self.relu(self.bn(self.conv(x))))))


NAMES = {"conv.weight": "conv.weight", "conv.bias": "conv.bias", "bn.gamma": "bn.weight", "bn.beta": "bn.bias",
         "bn.moving_mean": "bn.running_mean", "bn.moving_variance": "bn.running_var", "fc.weight": "fc.weight",
         "fc.bias": "fc.bias"}


@pytest.fixture
def pair():
    torch.manual_seed(0)
    theirs = Theirs()
    theirs.bn.running_mean.uniform_(-1, 1)
    theirs.bn.running_var.uniform_(0.5, 2)
    state = {k: v.numpy() for k, v in theirs.state_dict().items()}

    def fill(ours):
        for p in ours.get_parameters():
            value = Tensor(state[NAMES[p.name]])
            p.set_data(initializer(value, value.shape, value.dtype))
        return ours

    return theirs, fill


@pytest.mark.parametrize("train", [False, True])
def test_the_migrated_cell_agrees(pair, mode, train):
    theirs, fill = pair
    ours = fill(Ours(pad_mode="pad", padding=1)).set_train(train)
    theirs.train(train)
    before = 0.9 * theirs.bn.running_var.numpy()
    x = np.random.default_rng(0).normal(size=(4, 3, 8, 8)).astype(np.float32)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    assert np.abs(ours(Tensor(x)).asnumpy() - expected).max() < 1e-5
    if train:       # momentum means the part that is kept here, the part that is replaced there
        assert np.abs(ours.bn.moving_mean.asnumpy() - theirs.bn.running_mean.numpy()).max() < 1e-5
        count = 4 * 4 * 4   # elements per channel: PyTorch moves by the unbiased variance, MindSpore by the plain one
        moved = before + (theirs.bn.running_var.numpy() - before) * (count - 1) / count
        assert np.abs(ours.bn.moving_variance.asnumpy() - moved).max() < 1e-5


def test_the_default_pad_mode_gives_other_shapes(pair, mode):
    theirs, fill = pair
    x = np.ones((4, 3, 7, 7), np.float32)
    ours = nn.Conv2d(3, 8, 3, stride=1)
    expected = torch.nn.Conv2d(3, 8, 3)(torch.from_numpy(x)).detach().numpy()
    assert ours(Tensor(x)).shape == (4, 8, 7, 7)
    assert expected.shape == (4, 8, 5, 5)
    with pytest.raises(ValueError, match="shape"):
        np.testing.assert_allclose(ours(Tensor(x)).asnumpy() - expected, 0)
