"""A file much larger than its largest array is converted in little more memory than that array."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from mycelium.migrate.weights.files import open_weights, write_weights
from mycelium.migrate.weights.stored import Stored

MB = 1 << 20
LARGEST = 16 * MB
SCRIPT = """
import resource, sys
from mycelium.migrate import convert
from mycelium.migrate.weights import files

small, large, target = sys.argv[1:]
convert(small, target, overwrite=True)          # what is imported and cached stays out of the measure
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
convert(large, target, overwrite=True)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024)
"""


def arrays(count, size):
    """Arrays that are made when they are written."""
    def make(i):
        return lambda: np.full((size // 4 // 64, 64), i, np.float32)

    return [Stored(f"layer{i}.weight", (size // 4 // 64, 64), np.dtype("f4"), make(i)) for i in range(count)]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Some 130 MB with one array of 16 MB, as a .pth and as a .ckpt, and small files of the same kinds."""
    folder = tmp_path_factory.mktemp("large")
    for suffix in ("pth", "ckpt"):
        write_weights(str(folder / f"large.{suffix}"), arrays(1, LARGEST) + [
            Stored(v.name + "s", v.shape, v.dtype, v.load) for v in arrays(115, MB)])
        write_weights(str(folder / f"small.{suffix}"), arrays(2, 4096))
    return folder


@pytest.mark.parametrize("suffix, target", [("pth", "out.ckpt"), ("ckpt", "out.pth"), ("ckpt", "out.safetensors"),
                                            ("pth", "out.npz")])
def test_memory_is_that_of_the_largest_array(suffix, target, large):
    command = [sys.executable, "-c", SCRIPT, *(str(large / f"{name}.{suffix}") for name in ("small", "large")),
               str(large / target)]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown < LARGEST + 12 * MB
    with open_weights(str(large / target)) as weights:
        assert len(weights.values) == 116 and weights.nbytes == LARGEST + 115 * MB
        assert weights.values["layer7.weights"].load().ravel()[[0, -1]].tolist() == [7, 7]


def test_a_storage_shared_by_many_views_is_read_once(tmp_path, monkeypatch):
    whole = torch.arange(10_000.0)
    torch.save({f"w{i}": whole[i * 100:(i + 1) * 100] for i in range(100)}, tmp_path / "a.pth")
    with open_weights(str(tmp_path / "a.pth")) as weights:
        reads = []
        monkeypatch.setattr("mycelium.migrate.weights.torch_file.read_exactly",
                            lambda source, array, what: (reads.append(what), source.readinto(array.data)))
        assert [value.load()[0] for value in weights.values.values()] == [i * 100 for i in range(100)]
    assert len(reads) == 1
