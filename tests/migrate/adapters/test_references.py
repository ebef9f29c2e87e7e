"""References that are no torch modules: Keras models, and recordings."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import mycelium as ms
from mycelium import nn, ops
from mycelium.migrate import compare, record

T = torch.nn
X = np.random.default_rng(0).standard_normal((4, 3, 8, 8)).astype(np.float32)


@pytest.fixture(autouse=True)
def op_by_op():
    torch.manual_seed(0)
    ms.set_context(mode=ms.PYNATIVE_MODE)


@pytest.fixture(scope="module")
def keras():
    os.environ["KERAS_BACKEND"] = "jax"
    return pytest.importorskip("keras")


class OurImages(nn.Cell):
    def __init__(self, eps):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, has_bias=True)
        self.bn = nn.BatchNorm2d(8, eps=eps, momentum=0.99)
        self.drop = nn.Dropout(0.7)
        self.fc = nn.Dense(8, 5)

    def construct(self, x):
        x = self.drop(ops.relu(self.bn(self.conv(x))))
        return self.fc(x.mean((2, 3)))


def test_a_keras_model_with_channels_last(keras):
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((8, 8, 3)), layers.Conv2D(8, 3, strides=2, padding="same", name="conv"),
        layers.BatchNormalization(name="bn"), layers.ReLU(name="relu"), layers.Dropout(0.3, name="drop"),
        layers.GlobalAveragePooling2D(name="gap"), layers.Dense(5, name="fc")])
    before = [np.asarray(v.value) for v in model.variables]
    found = compare(OurImages(1e-3), model, X, steps=2)
    assert found.agrees, found.summary()
    assert {w.ours: w.theirs for w in found.weights}["conv.weight"] == "conv.kernel"
    assert [layer.ours for layer in found.runs[0].layers] == ["conv", "bn", "drop", "fc", ""]
    assert len(found.training.ours) == 2
    assert all(np.array_equal(b, np.asarray(v.value)) for b, v in zip(before, model.variables, strict=True))
    assert model.get_layer("drop").rate == 0.3
    wrong = compare(OurImages(1e-5), model, X, steps=0, modes=("eval",))
    assert wrong.first.ours == "bn" and not wrong.agrees


def test_a_keras_model_that_was_never_called(keras):
    with pytest.raises(ValueError, match="call it once on an input, or give it an Input layer"):
        compare(nn.Dense(4, 3), keras.Sequential([keras.layers.Dense(3)]), X)


def their_images():
    return T.Sequential(T.Conv2d(3, 4, 3, stride=2, padding=1), T.BatchNorm2d(4), T.ReLU(), T.Flatten(),
                        T.Linear(64, 5))


def our_images(momentum=0.9, **conv):
    conv = conv or {"pad_mode": "pad", "padding": 1}
    return nn.SequentialCell([nn.Conv2d(3, 4, 3, stride=2, has_bias=True, **conv), nn.BatchNorm2d(4, momentum=momentum),
                              nn.ReLU(), nn.Flatten(), nn.Dense(64, 5)])


def test_a_recording_stands_for_the_network(tmp_path):
    path = tmp_path / "theirs.npz"
    record(their_images(), X, path)
    found = compare(our_images(), path, None)
    assert found.agrees, found.summary()
    assert (found.theirs, found.framework) == ("Sequential", "torch")
    assert len(found.runs[0].layers) == 6 and len(found.gradients.weights) == 6
    assert found.training is None
    assert compare(our_images(), str(path), X).agrees

    wrong = compare(our_images(pad_mode="same"), path, None)
    assert wrong.first.ours == "0"
    assert wrong.causes[0].layer == "0" and wrong.causes[0].verified
    assert "pad_mode='pad'" in wrong.causes[0].fix
    with pytest.raises(ValueError, match="are not those that .* was recorded with"):
        compare(our_images(), path, X + 1)
    with pytest.raises(ValueError, match="not the other way"):
        compare(our_images(), path, None, copy="ours")
    with pytest.raises(FileExistsError):
        record(their_images(), X, path)


def test_a_recording_needs_no_framework(tmp_path):
    path = tmp_path / "theirs.npz"
    record(T.Sequential(T.Linear(4, 3), T.ReLU()), X[0, 0, :2, :4], path)
    program = f"""
import sys
from mycelium import nn
from mycelium.migrate import compare
assert compare(nn.SequentialCell([nn.Dense(4, 3), nn.ReLU()]), {str(path)!r}, None).agrees
assert "torch" not in sys.modules and "keras" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_files_that_are_no_recordings(tmp_path):
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(ValueError, match="is no .npz file that can be read"):
        compare(nn.ReLU(), tmp_path / "text.npz", None)
    np.savez(tmp_path / "other.npz", a=np.ones(2))
    with pytest.raises(ValueError, match="is no recording of a network: its entry 'format' should be"):
        compare(nn.ReLU(), tmp_path / "other.npz", None)
    np.savez(tmp_path / "objects.npz", format=np.array([print], object))
    with pytest.raises(ValueError, match="Object arrays cannot be loaded"):
        compare(nn.ReLU(), tmp_path / "objects.npz", None)


def test_a_network_that_raises_is_not_recorded(tmp_path):
    with pytest.raises(RuntimeError, match="in eval mode, 0 raised RuntimeError"):
        record(T.Sequential(T.Linear(5, 3)), np.ones((2, 4), np.float32), tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())
