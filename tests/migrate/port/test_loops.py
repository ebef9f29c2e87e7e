"""Ported training scripts give the losses of the originals."""
import io
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import torch
from tests.migrate.port.loading import load

from mycelium import Tensor
from mycelium.migrate import copy_weights
from mycelium.migrate.port import port

FOLDER = Path(__file__).parent / "networks"
drawn = np.random.default_rng(1)


def both(name):
    """The file's module and its port's."""
    source = (FOLDER / f"{name}.py").read_text()
    return load(source, f"theirs_{name}"), load(port(source, name).source, f"ours_{name}")


def batches(count, *makers):
    """(ours, theirs): the same batches as Tensors of each framework."""
    made = [tuple(make() for make in makers) for _ in range(count)]
    return [tuple(map(Tensor, b)) for b in made], [tuple(map(torch.from_numpy, b)) for b in made]


def same(ours, theirs, build):
    """Networks of both with equal weights."""
    torch.manual_seed(0)
    pair = build(ours), build(theirs)
    assert not [n for n in copy_weights(*pair) if not n.endswith("num_batches_tracked")]
    return pair


def silent(function, *args, **kwargs):
    with redirect_stdout(io.StringIO()):
        return function(*args, **kwargs)


def test_sgd_with_momentum_and_an_evaluation():
    theirs, ours = both("lenet")
    net, module = same(ours, theirs, lambda m: m.LeNet())
    mine, other = batches(3, lambda: drawn.standard_normal((4, 1, 28, 28)).astype(np.float32),
                          lambda: drawn.integers(0, 10, 4))
    found = silent(ours.train, net, mine, "CPU", epochs=2)
    np.testing.assert_allclose(found, silent(theirs.train, module, other, "cpu", epochs=2), rtol=1e-4)
    np.testing.assert_allclose(ours.evaluate(net, mine, "CPU"), theirs.evaluate(module, other, "cpu"), rtol=1e-4)


def test_two_networks_against_each_other():
    theirs, ours = both("dcgan")
    generators = same(ours, theirs, lambda m: m.Generator())
    judges = same(ours, theirs, lambda m: m.Discriminator())
    mine, other = batches(3, lambda: drawn.standard_normal((4, 3, 32, 32)).astype(np.float32),
                          lambda: drawn.standard_normal((4, 16, 1, 1)).astype(np.float32))
    found = silent(ours.train, generators[0], judges[0], *zip(*mine, strict=True), "CPU")
    expected = silent(theirs.train, generators[1], judges[1], *zip(*other, strict=True), "cpu")
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_clipped_gradients_and_adam():
    theirs, ours = both("seq2seq")
    net, module = same(ours, theirs, lambda m: m.build_model(12, 14, 6, 8, dropout=0.0, teacher_forcing_ratio=1.0))
    mine, other = batches(3, lambda: drawn.integers(1, 12, (5, 3)), lambda: drawn.integers(1, 14, (4, 3)))
    np.testing.assert_allclose(ours.train(net, mine), theirs.train(module, other), rtol=1e-4)


def test_weight_decay_and_errors():
    theirs, ours = both("autoencoder")
    net, module = same(ours, theirs, lambda m: m.ConvAutoencoder(2, 4))
    images = [drawn.random((3, 1, 32, 32)).astype(np.float32) for _ in range(3)]
    mine, other = [Tensor(x) for x in images], [torch.from_numpy(x) for x in images]
    np.testing.assert_allclose(ours.train(net, mine), theirs.train(module, other), rtol=1e-4)
    np.testing.assert_allclose(ours.reconstruction_error(net, mine), theirs.reconstruction_error(module, other),
                               rtol=1e-3)
