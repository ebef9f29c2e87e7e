"""Which weights and sub-modules are paired, and how their arrays change on the way."""

import numpy as np
import torch

from mycelium import nn
from mycelium.migrate.adapters import reference
from mycelium.migrate.compare.measure import difference
from mycelium.migrate.compare.ours import OurNet
from mycelium.migrate.compare.pairing import align, pair

T = torch.nn


def test_names_follow_the_class_of_the_layer():
    theirs = T.ModuleDict({"bn": T.BatchNorm2d(4), "ln": T.LayerNorm(4), "emb": T.Embedding(3, 4), "act": T.PReLU(),
                           "conv": T.Conv1d(4, 4, 3), "lstm": T.LSTM(4, 4)})

    class Ours(nn.Cell):
        def __init__(self):
            super().__init__()
            self.bn, self.ln, self.emb = nn.BatchNorm2d(4), nn.LayerNorm((4,)), nn.Embedding(3, 4)
            self.act, self.conv, self.lstm = nn.PReLU(), nn.Conv1d(4, 4, 3, has_bias=True), nn.LSTM(4, 4)

    ours = OurNet(Ours())
    found = pair(ours, reference(theirs))
    assert not found.only_ours and not found.only_theirs
    names = {p.theirs: p.ours for p in found.weights}
    assert names["bn.running_var"] == "bn.moving_variance" and names["bn.weight"] == "bn.gamma"
    assert names["ln.bias"] == "ln.beta" and names["emb.weight"] == "emb.embedding_table"
    assert names["lstm.weight_ih_l0"] == "lstm.weight_ih_l0"
    there = {n: v for n, v in reference(theirs).weights().items() if n in names}
    here = found.to_ours(there)
    assert here["conv.weight"].shape == (4, 4, 1, 3)
    back = found.to_theirs(here, {n: v.shape for n, v in there.items()})
    assert all(np.array_equal(back[n], there[n]) for n in there)


def test_what_is_left_over_is_told_with_the_reason():
    theirs = T.Sequential(T.Linear(4, 3), T.Linear(3, 2))
    ours = OurNet(nn.SequentialCell([nn.Dense(4, 5), nn.Dense(3, 2, has_bias=False)]))
    found = pair(ours, reference(theirs))
    assert [(p.ours, p.theirs) for p in found.weights] == [("1.weight", "1.weight")]
    assert found.only_theirs["0.weight"] == "shape (3, 4) there, (5, 4) here (0.weight)"
    assert found.only_theirs["1.bias"] == "no Parameter here has its name or shape (2,)"


def test_a_flat_net_is_paired_with_a_nested_one():
    theirs = T.Sequential(T.Sequential(T.Linear(4, 3), T.ReLU()), T.Sequential(T.Linear(3, 2)))

    class Flat(nn.Cell):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc2 = nn.Dense(4, 3), nn.Dense(3, 2)

    found = pair(OurNet(Flat()), reference(theirs))
    assert {p.ours: p.theirs for p in found.weights}["fc2.weight"] == "1.0.weight"
    assert found.modules["fc1"] == "0.0"


def test_align_keeps_the_order():
    assert align([1, 2, 3], [2, 3, 1], lambda a, b: float(a == b)) == [(2, 2), (3, 3)]
    assert align([], [1], lambda a, b: 1.0) == []


def test_differences():
    a = np.array([1.0, -4.0], np.float32)
    d = difference(a + np.float32(0.002), a)
    assert not d.agrees and abs(d.max_abs - 0.002) < 1e-6 and abs(d.max_rel - 0.0005) < 1e-6 and d.cosine > 0.99
    assert difference(a + np.float32(0.002), a, noise=0.001).agrees
    assert difference(a + np.float32(0.002), a, tolerance=1e-3).agrees
    assert difference(a.astype(np.float16), a.astype(np.float16) * np.float16(1.001)).agrees
    assert not difference(np.array([1, 2]), np.array([1, 3])).agrees
    assert difference(np.array([np.nan, 1.0]), np.array([np.nan, 1.0])).agrees
    assert not difference(np.array([np.nan, 1.0]), np.array([2.0, 1.0])).agrees
    assert difference(np.array([np.inf, 1.0]), np.array([np.inf, 1.0])).agrees
    flat = difference(np.ones((2, 1)), np.ones(2))
    assert not flat.agrees and flat.max_abs == 0 and "axes of size 1" in flat.note
    assert difference(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32)).agrees
