"""Files of weights: what other programs wrote is read, what is written they read, and damage is found."""

import io
import json
import os
import struct
import zipfile

import h5py
import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
import safetensors.torch
import torch

import mycelium as ms
from mycelium.migrate.weights.files import open_weights, write_weights
from mycelium.migrate.weights.stored import Stored, WeightsError

DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.int8, torch.uint8, torch.bool, torch.complex64, torch.complex128]


def bits(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def state():
    """Every dtype, and shapes that are rare: none, empty, many axes, a view, shared and permuted storages."""
    torch.manual_seed(0)
    values = {f"t.{i}": torch.randn(3, 2).mul(50).to(dtype) for i, dtype in enumerate(DTYPES)}
    base = torch.randn(4, 5)
    values |= {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 3), "turned": base.T, "part": base[1:3, ::2],
               "same": base, "deep": torch.randn(1, 2, 1, 2, 1, 2), "nan": torch.tensor([float("nan"), float("-inf")]),
               "Имя/中": torch.ones(1), "parameter": torch.nn.Parameter(torch.randn(2))}
    return values


def contents(path, **options):
    with open_weights(str(path), **options) as weights:
        return {name: value.load() for name, value in weights.values.items()}


def assert_same(found, values):
    assert list(found) == list(values)
    for name, tensor in values.items():
        assert found[name].shape == tuple(tensor.shape), name
        assert np.ascontiguousarray(found[name]).tobytes() == bits(tensor), name


@pytest.mark.parametrize("options", [
    {}, {"pickle_protocol": 4}, {"pickle_protocol": 5}, {"_use_new_zipfile_serialization": False}])
def test_what_torch_saves_is_read_bit_by_bit(options, tmp_path):
    values = state()
    torch.save(values, tmp_path / "a.pth", **options)
    assert_same(contents(tmp_path / "a.pth"), values)


def test_dtypes_that_came_later(tmp_path):
    values = {"a": torch.ones(3, dtype=torch.uint16), "b": torch.ones(3).to(torch.float8_e4m3fn)}
    torch.save(values, tmp_path / "a.pth")
    found = contents(tmp_path / "a.pth")
    assert found["a"].dtype == np.uint16 and found["a"].tolist() == [1, 1, 1]
    assert found["b"].dtype == ml_dtypes.float8_e4m3fn and found["b"].astype(float).tolist() == [1, 1, 1]


@pytest.mark.parametrize("value, names, others, note", [
    ({"state_dict": {"a.w": 1}, "epoch": 3}, ["a.w"], {"epoch": "int 3"}, "under 'state_dict'"),
    ({"model": {"w": 1}, "optimizer": {"state": {0: {"exp_avg": 1}}}}, ["w"], {"optimizer": "1 tensors"}, "'model'"),
    ({"model": {"state_dict": {"w": 1}}}, ["w"], {}, "'model'"),
    ({"generator": {"w": 1}, "critic": {"w": 1}}, ["generator.w", "critic.w"], {}, None),
    ({"w": 1, "config": {"depth": 2}}, ["w"], {"config.depth": "int 2"}, None),
    (1, ["tensor"], {}, None),
])
def test_weights_are_found_where_people_put_them(value, names, others, note, tmp_path):
    def fill(part):
        return {k: fill(v) for k, v in part.items()} if isinstance(part, dict) else torch.ones(2) if part == 1 else part

    torch.save(fill(value), tmp_path / "a.pt")
    with open_weights(str(tmp_path / "a.pt")) as weights:
        assert list(weights.values) == names and weights.others == others
        assert (note or "") in "".join(weights.notes) and bool(weights.notes) == bool(note)


def test_a_part_can_be_asked_for(tmp_path):
    torch.save({"model": {"w": torch.ones(1)}, "ema": {"w": torch.zeros(1)}}, tmp_path / "a.pth")
    assert contents(tmp_path / "a.pth", part="ema")["w"].tolist() == [0]
    with pytest.raises(WeightsError, match="it has no part 'emma'; its parts are model, ema"):
        contents(tmp_path / "a.pth", part="emma")
    np.savez(tmp_path / "a.npz", w=np.ones(1))
    with pytest.raises(WeightsError, match="only PyTorch's files have parts"):
        contents(tmp_path / "a.npz", part="ema")


def stored(values):
    return [Stored(name, tuple(t.shape), np.dtype(kind), lambda t=t, kind=kind: np.frombuffer(bits(t), kind).reshape(
        t.shape)) for name, t in values.items() for kind in [KINDS[t.dtype]]]


KINDS = {t: ml_dtypes.bfloat16 if t == torch.bfloat16 else str(t).removeprefix("torch.") for t in DTYPES}


def test_what_is_written_torch_reads(tmp_path):
    values = state()
    write_weights(str(tmp_path / "a.pth"), stored(values))
    for options in ({"weights_only": True}, {"weights_only": True, "mmap": True}):
        found = torch.load(tmp_path / "a.pth", **options)
        assert {k: (t.dtype, bits(t)) for k, t in found.items()} == {k: (t.dtype, bits(t)) for k, t in values.items()}
    assert zipfile.ZipFile(tmp_path / "a.pth").testzip() is None
    with zipfile.ZipFile(tmp_path / "a.pth") as archive:
        for entry in archive.infolist():
            if "/data/" in entry.filename:
                assert (entry.header_offset + 30 + len(entry.filename) + len(entry.extra)) % 64 == 0


def test_safetensors_both_ways(tmp_path):
    values = {k: t.detach().contiguous().clone() for k, t in state().items() if t.dtype != torch.complex128}
    write_weights(str(tmp_path / "a.safetensors"), stored(values))
    found = safetensors.torch.load_file(tmp_path / "a.safetensors")
    assert {k: bits(t) for k, t in found.items()} == {k: bits(t) for k, t in values.items()}
    safetensors.torch.save_file(values, tmp_path / "b.safetensors", {"format": "pt"})
    back = contents(tmp_path / "b.safetensors")
    assert {k: v.tobytes() for k, v in back.items()} == {k: bits(t) for k, t in values.items()}
    with open_weights(str(tmp_path / "b.safetensors")) as weights:
        assert weights.others == {"format": "text 'pt'"}
    write_weights(str(tmp_path / "a.safetensors"), stored({"a": torch.ones(1)}))
    assert list(contents(tmp_path / "a.safetensors")) == ["a"]


def test_npz_both_ways(tmp_path):
    values = {k: t.detach().contiguous() for k, t in state().items() if t.dtype != torch.bfloat16}
    write_weights(str(tmp_path / "a.npz"), stored(values))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert {k: found[k].tobytes() for k in found} == {k: bits(t) for k, t in values.items()}
    arrays = {"f": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "b": np.arange(3, dtype=">f4"), "s": np.array(1.5)}
    np.savez_compressed(tmp_path / "b.npz", **arrays)
    back = contents(tmp_path / "b.npz")
    assert all(np.array_equal(back[k], arrays[k]) and back[k].dtype.isnative for k in arrays)


def test_ckpt_both_ways(tmp_path):
    values = {k: t for k, t in state().items() if t.dtype != torch.complex128 and k != "empty"}
    write_weights(str(tmp_path / "a.ckpt"), stored(values))
    assert_same(contents(tmp_path / "a.ckpt"), values)
    found = ms.load_checkpoint(str(tmp_path / "a.ckpt"))
    assert {k: p.asnumpy().tobytes() for k, p in found.items()} == {k: bits(t) for k, t in values.items()}
    ms.save_checkpoint([{"name": "w", "data": ms.Tensor([1.0])}], str(tmp_path / "b.ckpt"), append_dict={"of": "x"})
    with open_weights(str(tmp_path / "b.ckpt")) as weights:
        assert list(weights.values) == ["w"] and weights.others == {"of": "text 'x'"}


def test_a_sliced_ckpt_is_one_array(tmp_path, monkeypatch):
    """What is above 512 MiB stands there in slices."""
    monkeypatch.setattr("mycelium.train.ckpt_file._SLICE_BYTES", 100)
    values = {"a": torch.randn(3, 41), "b": torch.ones(2)}
    write_weights(str(tmp_path / "a.ckpt"), stored(values))
    assert (tmp_path / "a.ckpt").read_bytes().count(b"Float32") == 6
    assert_same(contents(tmp_path / "a.ckpt"), values)


@pytest.mark.parametrize("suffix, dtype, text", [
    (".npz", ml_dtypes.bfloat16, "has no type for 'w' of dtype bfloat16; convert it with --dtype float32"),
    (".npz", ml_dtypes.float8_e5m2, "has no type for 'w' of dtype float8_e5m2"),
    (".ckpt", ml_dtypes.float8_e5m2, "a .ckpt file has no type for 'w' of dtype float8_e5m2"),
    (".pth", np.uint32, "a .pth file has no plain type for 'w' of dtype uint32"),
    (".safetensors", np.complex128, "has no type for 'w' of dtype complex128"),
    (".h5", np.float32, "a .weights.h5 file can only be written after a template"),
    (".keras", np.float32, ".keras files are only read"),
    (".bin", np.float32, ".bin files are only read"),
])
def test_what_a_format_cannot_hold_is_refused(suffix, dtype, text, tmp_path):
    path = str(tmp_path / f"a{suffix}")
    with pytest.raises(WeightsError, match=text) as caught:
        write_weights(path, [Stored("w", (2,), np.dtype(dtype), lambda: np.zeros(2, dtype))])
    assert str(caught.value).startswith(path) and not os.listdir(tmp_path)


@pytest.mark.parametrize("error", [KeyboardInterrupt, WeightsError, MemoryError])
@pytest.mark.parametrize("suffix", [".pth", ".safetensors", ".npz", ".ckpt"])
def test_an_interrupted_write_leaves_the_old_file_and_no_litter(suffix, error, tmp_path):
    path = tmp_path / f"a{suffix}"
    write_weights(str(path), stored({"w": torch.ones(3)}))
    before = path.read_bytes()

    def fail():
        raise error("stopped here")

    with pytest.raises(error, match="stopped here"):
        write_weights(str(path), [*stored({"v": torch.ones(3)}), Stored("w", (3,), np.dtype("f4"), fail)])
    assert path.read_bytes() == before and os.listdir(tmp_path) == [path.name]


# ***** damage *****

def small(path):
    """A file of two arrays, of the kind that the suffix says."""
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            group = file.create_group("layers/dense/vars")
            group.attrs["name"] = "dense"
            group["0"], group["1"] = np.ones((30, 20), np.float32), np.ones(20, np.float32)
    else:
        write_weights(str(path), stored({"a.weight": torch.randn(30, 20), "a.bias": torch.ones(30)}))


SUFFIXES = [".pth", ".safetensors", ".npz", ".ckpt", ".h5"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_cut_anywhere_gives_one_clear_error(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    small(path)
    data = path.read_bytes()
    whole = contents(path)
    for cut in [*range(0, 70), *range(70, len(data), max(1, len(data) // 40)), len(data) - 1]:
        path.write_bytes(data[:cut])
        try:
            found = contents(path)
        except WeightsError as error:
            assert str(error).startswith(str(path)) and "\n" not in str(error)
        else:       # a .ckpt may end between two values, and an HDF5 file in bytes that nothing uses
            assert suffix in (".ckpt", ".h5") and found.keys() <= whole.keys()
            assert all(found[name].tobytes() == whole[name].tobytes() for name in found)


@pytest.mark.parametrize("suffix", [".pth", ".npz"])
def test_a_changed_byte_is_found_by_its_checksum(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    small(path)
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        entry = next(e for e in archive.infolist() if e.file_size >= 2400)
    at = entry.header_offset + 30 + len(entry.filename) + len(entry.extra) + 1000
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
    with pytest.raises(WeightsError, match="truncated or damaged .*Bad CRC-32"):
        contents(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_changed_anywhere_raises_nothing_else(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    small(path)
    data = path.read_bytes()
    for at in range(0, len(data), max(1, len(data) // 150)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1:])
        try:
            contents(path)
        except WeightsError as error:
            assert str(error).startswith(str(path))


def header(table, data=b"\0" * 8):
    text = table if isinstance(table, bytes) else json.dumps(table).encode()
    return struct.pack("<Q", len(text)) + text + data


F32 = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize("data, text", [
    (b"", "is no .safetensors file, or truncated"), (struct.pack("<Q", 1 << 60), "is no .safetensors file"),
    (header(b"{nonsense"), "its header is not JSON"), (header([1]), "no table of arrays"),
    (header({"w": 3}), "the entry of 'w' has no dtype"), (header({"w": {**F32, "shape": [-2]}}), "the entry of 'w'"),
    (header({"w": {**F32, "dtype": "F99"}}), "unknown dtype 'F99'"),
    (header({"w": {**F32, "shape": [3]}}), "takes bytes 0 to 8, which does not fit its shape"),
    (header({"w": {**F32, "data_offsets": [4, 12]}}, b"\0" * 12), "takes bytes 4 to 12"),
    (header({"w": F32, "v": F32}), "takes bytes 0 to 8"),
    (header({"w": F32}, b"\0" * 9), "its arrays end at byte"),
    (header({"w": F32}, b"\0" * 7), "its arrays end at byte"),
    (header(b'{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "w": 1}'), "a name appears twice"),
    (header(b"[" * 100_000), "not JSON"),
])
def test_a_hostile_safetensors_file_is_refused(data, text, tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=text) as caught:
        contents(path)
    assert str(caught.value).startswith(str(path))


def linked(path):
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = h5py.ExternalLink("/etc/passwd", "/")


def elsewhere(path):
    (path.parent / "secret").write_bytes(b"12345678")
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/dense/vars/0", (2,), "f4", external=[(str(path.parent / "secret"), 0, 8)])


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a/data.pkl", "w") as entry:
        for _ in range(257):
            entry.write(bytes(1 << 20))


@pytest.mark.parametrize("name, make, text", [
    ("a.h5", linked, "layers/dense/vars/0 is a link to another place, which is not followed"),
    ("a.h5", elsewhere, "layers/dense/vars/0 has its bytes in another file, which is not read"),
    ("a.pth", bomb, "its data.pkl has 269484032 bytes, too many for weights"),
    ("a.pth", lambda p: p.write_bytes(b"GIF89a"), "neither a zip nor a pickle"),
    ("a.pth", lambda p: zipfile.ZipFile(p, "w").writestr("x.txt", "x"), "there is no data.pkl in it"),
    ("a.pth", lambda p: torch.jit.save(torch.jit.script(torch.nn.ReLU()), p), "it is a TorchScript program"),
    ("a.pth", lambda p: torch.save([1, 2], p), "it holds a list, not weights with names"),
    ("a.pth", lambda p: torch.save(torch.nn.Linear(1, 1), p), "names 'torch.nn.modules.linear.Linear'.*state_dict"),
    ("a.npz", lambda p: np.savez(p, w=np.array([{}], object)), "holds Python objects in a pickle"),
    ("a.npz", lambda p: np.savez(p, w=np.array(["text"])), "which is no number"),
    ("a.npz", lambda p: np.savez(p, w=np.ones(2, ml_dtypes.bfloat16)), "no bfloat16 of its own"),
    ("a.npz", lambda p: p.write_bytes(b"PK\x03\x04"), "truncated or damaged"),
    ("a.ckpt", lambda p: p.write_bytes(b"hello"), "it is not a MindSpore checkpoint"),
    ("a.ckpt", lambda p: ms.save_checkpoint(ms.nn.Dense(1, 1), str(p), enc_key=b"0" * 16), "it is encrypted"),
    ("a.h5", lambda p: p.write_bytes(b"hello"), "damaged, or of another kind"),
    ("a.keras", lambda p: zipfile.ZipFile(p, "w").writestr("x.txt", "x"), "so no .keras file"),
    ("a.txt", lambda p: p.write_bytes(b""), "the suffix '.txt' says nothing about weights; known are .pth"),
    ("none.pth", lambda p: None, "No such file or directory"),
    ("dir.ckpt", lambda p: p.mkdir(), "Is a directory"),
])
def test_files_of_another_kind_are_refused(name, make, text, tmp_path, recwarn):
    path = tmp_path / name
    made = make(path)
    if hasattr(made, "close"):
        made.close()
    with pytest.raises(WeightsError, match=text) as caught:
        contents(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_storages_that_are_missing_or_of_another_size(tmp_path):
    stream = io.BytesIO()
    torch.save({"w": torch.ones(4)}, stream)
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    key = next(name for name in parts if name.endswith("/data/0"))
    for change, text in ((None, "is missing"), (b"\0" * 12, "has 12 bytes and should have 16")):
        with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
            for name, content in parts.items():
                if name != key or change is not None:
                    archive.writestr(name, change if name == key else content)
        with pytest.raises(WeightsError, match=text):
            contents(tmp_path / "a.pth")
