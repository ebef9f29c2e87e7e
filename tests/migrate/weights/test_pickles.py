"""Pickles that are no weights: refused before anything of them runs, whatever they try."""

import collections
import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch

from mycelium.migrate.weights import pickles
from mycelium.migrate.weights.files import open_weights
from mycelium.migrate.weights.stored import WeightsError


class Calls:
    """Pickles to a call."""

    def __init__(self, *call):
        self.call = call

    def __reduce__(self):
        return self.call


class Dict(dict):
    """A dict that is built by a call of its own."""

    def __reduce__(self):
        return (os.system, (f"touch {self['mark']}",))


def archive(path, content, records=()):
    """A zip as torch.save makes it, around any pickle."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", content)
        for name, data in records:
            file.writestr(f"archive/data/{name}", data)
    return str(path)


@pytest.mark.parametrize("protocol", [0, 1, 2, 4, 5])
@pytest.mark.parametrize("make", [
    lambda mark: Calls(os.system, (f"touch {mark}",)),
    lambda mark: {"weight": Calls(os.system, (f"touch {mark}",))},
    lambda mark: Dict(mark=mark),
    lambda mark: Calls(eval, (f"open({str(mark)!r}, 'w')",)),
    lambda mark: Calls(getattr, (collections.OrderedDict, "fromkeys")),
    lambda mark: collections.OrderedDict(a=Calls(exec, (f"open({str(mark)!r}, 'w')",))),
    lambda mark: [Calls(collections.Counter, ("ab",), {"state": 1})],
    lambda mark: torch.nn.Linear(1, 1),
    lambda mark: mark.parent,
])
def test_a_pickle_that_would_run_something_is_refused(make, protocol, tmp_path):
    mark = tmp_path / "it_ran"
    content = pickle.dumps(make(mark), protocol)
    for path in (archive(tmp_path / "zip.pth", content), str(tmp_path / "plain.pth")):
        if path.endswith("plain.pth"):
            with open(path, "wb") as file:
                file.write(content)
        with pytest.raises(WeightsError) as caught:
            with open_weights(path):
                pass
        assert str(caught.value).startswith(path) and "\n" not in str(caught.value)
    assert not mark.exists()


def test_the_error_says_what_it_would_have_run(tmp_path):
    path = archive(tmp_path / "a.pth", pickle.dumps({"w": Calls(os.system, ("true",))}))
    with pytest.raises(WeightsError, match=r"names 'posix.system', which is no part of weights; nothing of it was run"):
        with open_weights(path):
            pass


def test_a_torch_file_with_a_hook_is_refused(tmp_path):
    """A call hidden among real tensors, in a file that torch wrote."""
    call = Calls(os.system, (f"touch {tmp_path / 'it_ran'}",))
    torch.save({"weight": torch.ones(2), "extra": call}, tmp_path / "a.pt")
    with pytest.raises(WeightsError, match="nothing of it was run"):
        with open_weights(str(tmp_path / "a.pt")):
            pass
    assert not (tmp_path / "it_ran").exists()


@pytest.mark.parametrize("value", [
    {"a": 1, "b": [2.5, None, True, "text", b"bytes", (1, (2, 3))], "c": {"d": {4, 5}}, "e": 2**70, "f": -3},
    collections.OrderedDict(x=1, y=collections.OrderedDict()),
    {"best": np.float64(0.75), "count": np.int32(7)},
    {"n": list(range(3000)), "s": "x" * 300, "t": ("a",), "u": ("a", "b"), "v": ()},
])
@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_plain_values_come_back(value, protocol):
    found = pickles.read(io.BytesIO(pickle.dumps(value, protocol)))
    assert found == value and type(found) is dict


def test_shared_values_stay_shared():
    inner = [1, 2]
    found = pickles.read(io.BytesIO(pickle.dumps([inner, inner])))
    assert found[0] is found[1] == inner


@pytest.mark.parametrize("content", [
    b"", b"\x80", b"\x80\x02", b"\x80\x02}", b"\x80\x02.", b"\x80\x02h\x05.", b"\x80\x02]q\x00(u.", b"\x80\x02}K\x01a.",
    b"\x80\x02]]s.", b"\x80\x02K\x01Q.", b"\x80\x02)R.", b"\x80\x02e.", b"\x80\x02}]K\x01s.", b"garbage",
    b"\x80\x02X\xff\xff\xff\x7fa.",
    b"\x80\x02ctorch\nFloatStorage\n)R.", b"\x80\x02ccollections\nOrderedDict\nK\x01\x85R.",
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x02))tR.",
])
def test_a_damaged_pickle_gives_one_clear_error(content):
    with pytest.raises(WeightsError):
        pickles.read(io.BytesIO(content))


def test_a_pickle_changed_anywhere_raises_nothing_else():
    """Every byte of a real file's pickle flipped in turn."""
    stream = io.BytesIO()
    torch.save({"a": torch.ones(2, 3), "b": {"c": torch.zeros(1), "d": 5}}, stream)
    with zipfile.ZipFile(stream) as file:
        content = file.read(next(name for name in file.namelist() if name.endswith("data.pkl")))
    for at in range(len(content)):
        for flip in (0x01, 0x80, 0xFF):
            try:
                pickles.read(io.BytesIO(content[:at] + bytes([content[at] ^ flip]) + content[at + 1:]))
            except WeightsError:
                pass


def test_tensors_that_reach_beyond_their_storage_are_refused():
    stream = io.BytesIO()
    torch.save({"a": torch.zeros(1, 4).expand(1000, 4)}, stream)
    with zipfile.ZipFile(stream) as file, pytest.raises(WeightsError, match="repeats a storage of 4 elements"):
        pickles.read(io.BytesIO(file.read("archive/data.pkl")))
    stream = io.BytesIO()
    torch.save({"a": torch.zeros(4)}, stream)
    with zipfile.ZipFile(stream) as file:
        content = file.read("archive/data.pkl").replace(b"K\x04\x85", b"K\x05\x85")      # the shape (4,) becomes (5,)
    with pytest.raises(WeightsError, match=r"shape \(5,\) reaches beyond its storage of 4 elements"):
        pickles.read(io.BytesIO(content))
