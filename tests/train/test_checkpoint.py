"""Checkpoints: files of real MindSpore (tests/data/record_checkpoint.py), our own, and files nobody should trust."""
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn
from mycelium.train import checkpoint, ckpt_file, encryption
from mycelium.train.checkpoint import load_checkpoint, load_param_into_net, save_checkpoint

RECORDED = Path(__file__).parents[1] / "data" / "checkpoint"
VERSIONS = ("1.8.1", "2.0.0")
KEY = bytes(range(16))
DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
          "float64", "bfloat16", "complex64", "complex128")


class Bare(nn.Cell):
    """Parameters with exactly these names."""

    def __init__(self, values):
        super().__init__(auto_prefix=False)
        for i, (name, value) in enumerate(values.items()):
            setattr(self, f"p{i}", Parameter(value, name=name))

    def values(self):
        return {p.name: p.asnumpy() for p in self.get_parameters()}


def net(w=(1.0, 2.0), b=3.0):
    return Bare({"w": Tensor(np.array(w, np.float32)), "b": Tensor(np.float32(b))})


def numpy_dtype(name):
    return np.dtype(getattr(ml_dtypes, name) if name == "bfloat16" else name)


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "a.ckpt")


# ***** files of real MindSpore *****

def options_of(name):
    return {"gcm": {"dec_key": KEY}, "cbc": {"dec_key": KEY, "dec_mode": "AES-CBC"}}.get(name, {})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["dtypes", "net", "train", "gcm", "cbc"])
def test_loads_what_mindspore_wrote(version, name):
    expected = json.loads((RECORDED / version / "expected.json").read_text(encoding="utf-8"))[name]
    loaded = load_checkpoint(str(RECORDED / version / f"{name}.ckpt"), **options_of(name))
    assert list(loaded) == list(expected)
    for key, value in expected.items():
        if isinstance(value, str):
            assert loaded[key] == value
        else:
            assert isinstance(loaded[key], Parameter) and loaded[key].name == key
            assert str(loaded[key].dtype) == value["dtype"]
            assert list(loaded[key].shape) == value["shape"]
            assert loaded[key].asnumpy().ravel().tolist() == value["values"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["dtypes", "net", "train"])
def test_writes_the_bytes_mindspore_writes(version, name, path):
    recorded = RECORDED / version / f"{name}.ckpt"
    loaded = load_checkpoint(str(recorded))
    save_checkpoint([{"name": key, "data": value} for key, value in loaded.items()], path)
    assert Path(path).read_bytes() == recorded.read_bytes()


def test_load_param_into_net_as_recorded():
    """Which names are found, with which prefixes removed, and what is reported missing."""
    for targets, given, strict, missing, values in json.loads(
            (RECORDED / "load_param_into_net.json").read_text(encoding="utf-8"))["prefixes"]:
        cell = Bare({name: Tensor([0.0], ms.float32) for name in targets})
        parameters = {name: Parameter(Tensor([i + 1.0], ms.float32), name=name) for i, name in enumerate(given)}
        assert load_param_into_net(cell, parameters, strict) == missing, (targets, given, strict)
        assert [float(v[0]) for v in cell.values().values()] == values, (targets, given, strict)


def test_conversions_as_recorded():
    conversions = json.loads((RECORDED / "load_param_into_net.json").read_text(encoding="utf-8"))["conversions"]
    for target, sources in conversions.items():
        for source in conversions:
            cell = Bare({"p": Tensor([0, 1], getattr(ms, target))})
            given = {"p": Parameter(Tensor([1, 0], getattr(ms, source)), name="p")}
            if source in sources:
                load_param_into_net(cell, given)
                assert cell.p0.dtype is getattr(ms, target) and cell.p0.asnumpy().tolist() == [1, 0]
            else:
                with pytest.raises(RuntimeError, match="has dtype"):
                    load_param_into_net(cell, given)
            if source != target:
                with pytest.raises(RuntimeError, match="has dtype"):
                    load_param_into_net(cell, given, strict_load=True)


# ***** round trips *****

@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_and_shape_comes_back(dtype, path):
    rng = np.random.RandomState(0)
    arrays = {str(shape): np.asarray(rng.random_sample(shape) * 100).astype(numpy_dtype(dtype))
              for shape in ((), (1,), (3,), (2, 3), (2, 1, 3, 1), (0,), (2, 0, 3))}
    save_checkpoint([{"name": k, "data": Tensor(v)} for k, v in arrays.items()], path)
    loaded = load_checkpoint(path)
    for name, array in arrays.items():
        back = loaded[name].asnumpy()
        assert back.dtype == array.dtype and back.shape == array.shape, name
        assert back.tobytes() == array.tobytes()


def test_special_values_come_back_bit_by_bit(path):
    array = np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45, 3.4e38], np.float32)
    save_checkpoint([{"name": "x", "data": Tensor(array)}], path)
    assert load_checkpoint(path)["x"].asnumpy().tobytes() == array.tobytes()


def test_a_cell_saves_its_parameters_by_name(path):
    cell = net()
    assert save_checkpoint(cell, path) is None
    loaded = load_checkpoint(path)
    assert list(loaded) == ["w", "b"]
    assert repr(loaded["w"]) == "Parameter (name=w, shape=(2,), dtype=Float32, requires_grad=True)"


def test_append_dict(path):
    save_checkpoint(net(), path, append_dict={"i": 2**40, "f": 0.25, "b": True, "s": "häß", "t": Tensor([1, 2]),
                                              "p": Parameter(Tensor([1.0]), name="q"), "w": 7.5, "empty": ""})
    loaded = load_checkpoint(path)
    assert list(loaded) == ["w", "b", "i", "f", "s", "t", "p", "empty"]
    assert loaded["s"] == "häß" and loaded["empty"] == ""
    for name, dtype, value in (("i", ms.int64, 2**40), ("f", ms.float32, 0.25), ("b", ms.bool_, True),
                               ("w", ms.float32, 7.5), ("t", ms.int64, [1, 2]), ("p", ms.float32, [1.0])):
        assert loaded[name].dtype is dtype and loaded[name].asnumpy().tolist() == value


def test_the_last_of_two_equal_names_is_saved(path):
    save_checkpoint([{"name": "a", "data": Tensor([1.0])}, {"name": "a", "data": Tensor([2.0, 3.0])}], path)
    assert load_checkpoint(path)["a"].asnumpy().tolist() == [2.0, 3.0]


@pytest.mark.parametrize(("given", "written"), [("a", "a.ckpt"), ("a.ckpt", "a.ckpt"), ("a.txt", "a.txt.ckpt"),
                                                ("a.CKPT", "a.CKPT.ckpt")])
def test_the_suffix_is_added(given, written, tmp_path):
    save_checkpoint(net(), str(tmp_path / given))
    assert os.listdir(tmp_path) == [written]


def test_loaded_values_are_copies(path):
    save_checkpoint(net(), path)
    cell = net(w=(0.0, 0.0))
    loaded = load_checkpoint(path, net=cell)
    loaded["w"].set_data(Tensor([9.0, 9.0]))
    assert cell.values()["w"].tolist() == [1.0, 2.0]


def test_big_arrays_are_cut_into_slices(path, monkeypatch):
    monkeypatch.setattr(ckpt_file, "_SLICE_BYTES", 100)
    arrays = {"a": np.arange(4, dtype=np.float32), "big": np.arange(303, dtype=np.int64).reshape(3, 101),
              "z": np.ones((), np.float16)}
    ckpt_file.write_file(path, arrays)
    assert Path(path).read_bytes().count(b"big") == 25      # ceil(303 * 8 / 100)
    for name, array in ckpt_file.read_file(path).items():
        np.testing.assert_array_equal(array, arrays[name], strict=True)


def test_filters(path):
    save_checkpoint([{"name": n, "data": Tensor([1.0])} for n in ("d.w", "d.b", "bn.g", "bn.m")], path)

    def names(**kwargs):
        return list(load_checkpoint(path, **kwargs))

    assert names(filter_prefix="bn") == ["d.w", "d.b"]
    assert names(filter_prefix=("d", "bn.g")) == ["bn.m"]
    assert names(filter_prefix="zz") == ["d.w", "d.b", "bn.g", "bn.m"]
    assert names(specify_prefix=["bn.g", "d.b"]) == ["d.b", "bn.g"]
    assert names(specify_prefix="bn", filter_prefix="bn.g") == ["bn.m"]
    for kwargs in ({"filter_prefix": ["d", "bn"]}, {"specify_prefix": "zz"}):
        with pytest.raises(ValueError, match="nothing is left"):
            names(**kwargs)
    for wrong in ([], (), "", ["d", ""]):
        for name in ("filter_prefix", "specify_prefix"):
            with pytest.raises(ValueError, match=f"'{name}' should hold at least one prefix"):
                names(**{name: wrong})
    for wrong in (3, [3], {"d"}):
        with pytest.raises(TypeError, match="filter_prefix"):
            names(filter_prefix=wrong)


# ***** into a network *****

def test_load_checkpoint_into_a_net(path):
    save_checkpoint(net(), path)
    cell = net(w=(0.0, 0.0), b=0.0)
    assert list(load_checkpoint(path, net=cell)) == ["w", "b"]
    assert cell.values()["w"].tolist() == [1.0, 2.0] and cell.values()["b"] == 3.0


def test_missing_names_are_returned_and_warned_of(caplog):
    cell = net()
    with caplog.at_level(logging.WARNING, "mycelium"):
        assert load_param_into_net(cell, {"b": Parameter(Tensor(5.0), name="b"), "zz": "text"}) == ["w"]
    assert "1 Parameters" in caplog.text and caplog.text.rstrip().endswith("w.")
    assert cell.values()["b"] == 5.0
    caplog.clear()
    assert load_param_into_net(cell, {p.name: p for p in net().get_parameters()}, strict_load=True) == []
    assert not caplog.records


def test_conversions_and_prefixes_are_warned_of(caplog):
    with caplog.at_level(logging.WARNING, "mycelium"):
        load_param_into_net(Bare({"w": Tensor([1.0])}), {"x.w": Parameter(Tensor([1.0], ms.float16), name="x.w")})
    assert "prefix 'x.'" in caplog.text and "from Float16" in caplog.text


def test_nothing_is_loaded_when_one_value_does_not_fit(path):
    save_checkpoint([{"name": "w", "data": Tensor([8.0, 9.0])}, {"name": "b", "data": Tensor([1.0, 2.0])}], path)
    cell = net()
    with pytest.raises(RuntimeError, match=r"'b' has shape \(\) in the network, but \(2,\).*Nothing was loaded"):
        load_checkpoint(path, net=cell)
    assert cell.values()["w"].tolist() == [1.0, 2.0]


def test_shapes_have_to_agree_exactly():
    for target, source in (((2, 3), (2, 3, 1)), ((), (1,)), ((1,), ()), ((2,), (3,)), ((2, 3), (3, 2))):
        with pytest.raises(RuntimeError, match="has shape"):
            load_param_into_net(Bare({"p": Tensor(np.zeros(target, np.float32))}),
                                {"p": Parameter(Tensor(np.zeros(source, np.float32)), name="p")})


@pytest.mark.parametrize(("args", "text"), [
    ((3, {}), "'net' should be Cell"), ((net(), 3), "'parameter_dict' should be dict"),
    ((net(), {}, 1), "'strict_load' should be bool"), ((net(), {1: Parameter(Tensor(1.0))}), "map str to Parameter"),
    ((net(), {"w": Tensor([1.0, 2.0])}), "map str to Parameter"), ((net(), {"w": np.ones(2)}), "map str to Parameter"),
    ((net(), {"w": "text"}), "the text 'text'"),
])
def test_load_param_into_net_refuses(args, text):
    with pytest.raises(TypeError, match=text):
        load_param_into_net(*args)


def test_requires_grad_is_kept():
    cell = net()
    cell.p0.requires_grad = False
    load_param_into_net(cell, {"w": Parameter(Tensor([5.0, 6.0]), name="w")})
    assert not cell.p0.requires_grad and cell.values()["w"].tolist() == [5.0, 6.0]


# ***** arguments *****

@pytest.mark.parametrize(("args", "kwargs", "error", "text"), [
    ((3, "x"), {}, TypeError, "Cell or a list of dicts"), (({}, "x"), {}, TypeError, "Cell or a list of dicts"),
    (((), "x"), {}, TypeError, "Cell or a list"), (([1], "x"), {}, TypeError, "should hold dicts"),
    (([{}], "x"), {}, KeyError, "no key 'name'"), (([{"name": "a"}], "x"), {}, KeyError, "no key 'data'"),
    (([{"name": 1, "data": Tensor(1.0)}], "x"), {}, TypeError, "'name' should be str"),
    (([{"name": "a", "data": 1.0}], "x"), {}, TypeError, "data of 'a'"),
    (([{"name": "a", "data": np.ones(1)}], "x"), {}, TypeError, "data of 'a'"),
    ((net(), 3), {}, TypeError, "'ckpt_file_name' should be a str"), ((net(), ""), {}, IsADirectoryError, "directory"),
    ((net(), "x"), {"integrated_save": 1}, TypeError, "integrated_save"),
    ((net(), "x"), {"async_save": 1}, TypeError, "async_save"),
    ((net(), "x"), {"append_dict": 3}, TypeError, "append_dict"),
    ((net(), "x"), {"append_dict": {"a": [1]}}, TypeError, "map str to int"),
    ((net(), "x"), {"append_dict": {1: 1}}, TypeError, "map str to int"),
    ((net(), "x"), {"enc_key": "0123456789abcdef"}, ValueError, "None or bytes"),
    ((net(), "x"), {"enc_key": b"0123"}, ValueError, "16, 24 or 32 bytes"),
    ((net(), "x"), {"enc_key": KEY, "enc_mode": "AES-GMC"}, ValueError, "did you mean 'AES-GCM'"),
    ((net(), "x"), {"enc_key": KEY, "enc_mode": 3}, ValueError, "'enc_mode' should be a str"),
])
def test_save_checkpoint_refuses(args, kwargs, error, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=text):
        save_checkpoint(*args, **kwargs)
    assert not os.listdir(tmp_path)


def test_save_into_a_missing_or_wrong_place(tmp_path):
    with pytest.raises(FileNotFoundError, match="nodir does not exist"):
        save_checkpoint(net(), str(tmp_path / "nodir" / "a.ckpt"))
    with pytest.raises(IsADirectoryError, match="is a directory"):
        save_checkpoint(net(), str(tmp_path))


def test_load_checkpoint_refuses(tmp_path, path):
    save_checkpoint(net(), path)
    for wrong, error, text in ((3, TypeError, "should be a str"), (path[:-5], ValueError, "should end with '.ckpt'"),
                               (str(tmp_path / "no.ckpt"), ValueError, "does not exist")):
        with pytest.raises(error, match=text):
            load_checkpoint(wrong)
    (tmp_path / "dir.ckpt").mkdir()
    with pytest.raises(ValueError, match=r"dir\.ckpt"):
        load_checkpoint(str(tmp_path / "dir.ckpt"))
    (tmp_path / "empty.ckpt").touch()
    with pytest.raises(ValueError, match="nothing is left"):
        load_checkpoint(str(tmp_path / "empty.ckpt"))
    with pytest.raises(TypeError, match="'net' should be Cell"):
        load_checkpoint(path, net=3)


# ***** writing *****

def test_the_file_is_readable_by_its_owner_only(path):
    """As MindSpore leaves it; and a read-only file can be written again."""
    for _ in range(2):
        save_checkpoint(net(), path)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o400


def test_a_link_is_followed(tmp_path, path):
    link = tmp_path / "link.ckpt"
    save_checkpoint(net(), path)
    link.symlink_to(path)
    save_checkpoint(net(b=8.0), str(link))
    assert link.is_symlink() and load_checkpoint(path)["b"].asnumpy() == 8.0


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, MemoryError])
@pytest.mark.parametrize("call", ["write", "fsync", "chmod", "replace"])
def test_an_interrupted_save_leaves_the_old_file_and_no_litter(error, call, path, monkeypatch):
    save_checkpoint(net(), path)
    before = Path(path).read_bytes()

    def fail(*args):
        raise error("stopped here")

    if call == "write":
        records = ckpt_file._records_of
        monkeypatch.setattr(ckpt_file, "_records_of", lambda name, v: fail() if name == "b" else records(name, v))
    else:
        monkeypatch.setattr(ckpt_file.os, call, fail)
    with pytest.raises(error, match="stopped here"):
        save_checkpoint(net(b=8.0), path)
    monkeypatch.undo()
    assert Path(path).read_bytes() == before
    assert os.listdir(os.path.dirname(path)) == ["a.ckpt"]


def test_a_killed_save_leaves_a_whole_file(tmp_path):
    """A process saves in a loop until it is killed in the middle; whatever stands there then is one of its files."""
    path = tmp_path / "k.ckpt"
    script = ("import numpy as np\nfrom mycelium.train import ckpt_file\ni = 0\nwhile True:\n"
              f"    ckpt_file.write_file({str(path)!r}, {{'x': np.full(400_000, i), 'y': np.full(3, i)}})\n"
              "    i += 1\n    print(i, flush=True)\n")
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if int(line) == 3:
                break
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    values = ckpt_file.read_file(str(path))
    assert values["x"].min() == values["x"].max() == values["y"][0] >= 2


def test_async_save_keeps_the_values_of_the_call(path, monkeypatch):
    cell, go = net(), threading.Event()
    write_file = ckpt_file.write_file

    def slow(*args):
        assert go.wait(30)
        write_file(*args)

    monkeypatch.setattr(ckpt_file, "write_file", slow)
    save_checkpoint(cell, path, async_save=True)
    assert checkpoint.async_ckpt_thread_status()
    cell.p0.set_data(Tensor([9.0, 9.0]))
    go.set()
    save_checkpoint(cell, path + "2")       # waits for the one before
    assert not checkpoint.async_ckpt_thread_status()
    assert load_checkpoint(path)["w"].asnumpy().tolist() == [1.0, 2.0]
    assert load_checkpoint(path + "2.ckpt")["w"].asnumpy().tolist() == [9.0, 9.0]


def test_a_failing_async_save_is_logged(tmp_path, caplog):
    save_checkpoint(net(), str(tmp_path / "nodir" / "a"), async_save=True)
    checkpoint.wait_for_async_save()
    assert "nodir does not exist" in caplog.text


# ***** encryption *****

@pytest.mark.parametrize("mode", ["AES-GCM", "AES-CBC"])
@pytest.mark.parametrize("length", [16, 24, 32])
def test_encrypted_files_come_back(mode, length, path, monkeypatch):
    monkeypatch.setattr(encryption, "_BLOCK_BYTES", 64)     # several blocks
    key = bytes(range(length))
    save_checkpoint([{"name": "secret", "data": Tensor(np.arange(100))}], path, enc_key=key, enc_mode=mode)
    assert b"secret" not in Path(path).read_bytes()
    assert load_checkpoint(path, dec_key=key, dec_mode=mode)["secret"].asnumpy().tolist() == list(range(100))
    with pytest.raises(ValueError, match="it is encrypted; pass its 'dec_key'"):
        load_checkpoint(path)
    with pytest.raises(ValueError, match=f"{path}.*the key is wrong"):
        load_checkpoint(path, dec_key=bytes(length), dec_mode=mode)
    with pytest.raises(ValueError, match="is not encrypted with AES-"):
        load_checkpoint(path, dec_key=key, dec_mode={"AES-GCM": "AES-CBC", "AES-CBC": "AES-GCM"}[mode])


def test_damaged_encrypted_files(path, tmp_path):
    save_checkpoint(net(), path, enc_key=KEY)
    data = Path(path).read_bytes()
    for cut in (2, 10, 30, 44, len(data) - 1):
        (tmp_path / "b.ckpt").write_bytes(data[:cut])
        with pytest.raises(ValueError, match=r"b\.ckpt"):
            load_checkpoint(str(tmp_path / "b.ckpt"), dec_key=KEY)
    for at in range(len(data)):
        (tmp_path / "b.ckpt").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        if 40 <= at < 44:
            continue        # the last four bytes of the iv are stored and not used
        with pytest.raises(ValueError, match=r"b\.ckpt"):
            load_checkpoint(str(tmp_path / "b.ckpt"), dec_key=KEY)


def test_a_plain_file_with_a_key(path):
    save_checkpoint(net(), path)
    with pytest.raises(ValueError, match="not encrypted with AES-GCM"):
        load_checkpoint(path, dec_key=KEY)
    for kwargs in ({"dec_key": "text"}, {"dec_key": b"1"}, {"dec_key": KEY, "dec_mode": "x"}):
        with pytest.raises(ValueError, match="'dec_"):
            load_checkpoint(path, **kwargs)


# ***** files not to be trusted *****

def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def record(tag=b"w", dims=(2,), kind=b"Float32", content=b"\0" * 8):
    """A record made by hand; None leaves a part out."""
    tensor = b"".join(b"\x08" + varint(d % 2**64) for d in dims)
    tensor += b"" if kind is None else field(2, kind)
    tensor += b"" if content is None else field(3, content)
    return field(1, (b"" if tag is None else field(1, tag)) + field(2, tensor))


def test_the_handmade_record_is_good(path):
    Path(path).write_bytes(record() + record(b"b", (0,), content=b"\0" * 4))
    assert {k: v.shape for k, v in load_checkpoint(path).items()} == {"w": (2,), "b": ()}


@pytest.mark.parametrize(("data", "text"), [
    (b"hello world, this is no checkpoint", "not a MindSpore checkpoint"),
    (b"\x80\x04\x95\x0f", "not a MindSpore checkpoint"),                        # a pickle
    (b"PK\x03\x04" + b"\0" * 30, "not a MindSpore checkpoint"),                 # a zip, such as PyTorch's files
    (b"\x0a", "no valid length"),
    (b"\x0a" + b"\xff" * 12, "no valid length"),
    (b"\x0a\xff\xff\xff\xff\x7f", "truncated"),                                 # a record of 32 GiB
    (record()[:-3], "truncated"),
    (b"\x0a\x03abc", "not valid protobuf"),
    (record(tag=None), "lacks a name"), (record(kind=None), "lacks a name"), (record(content=None), "lacks a name"),
    (b"\x0a\x00", "lacks a name"),
    (record(tag=b"\xff\xfe"), "not UTF-8"), (record(kind=b"\xff"), "not UTF-8"),
    (record(kind=b"Float99"), "unknown type 'Float99'"), (record(kind=b"object"), "unknown type"),
    (record(dims=(-2,)), "impossible dims"), (record(dims=(-1, -2)), "impossible dims"),
    (record(dims=(2**62, 2**62)), "cut short"), (record(dims=(1 << 40,)), "cut short"),
    (record(dims=(3,)), "cut short: it holds 8 of 12 bytes"),
    (record(dims=(1,)), r"holds 8 bytes, but dims \[1\] of type Float32 need 4"),
    (record(dims=(2, 0)), "need 0"), (record(dims=(0,)), "need 4"),
    (record(dims=(1,) * 100, content=b"\0" * 4), "cannot be read"),
    (record(content=b"\0" * 7), "cut short"), (record(content=b"\0" * 9), "holds 9 bytes"),
    (record() + record(), "appears twice"), (record() + record(b"b") + record(), "appears twice"),
    (record(dims=(4,)) + record(b"b"), "'w' is cut short"),
    (record(dims=(4,)) + record(dims=(5,)), "disagree"),
    (record(dims=(4,)) + record(dims=(4,), kind=b"Int32"), "disagree"),
    (record(dims=(3,)) + record(dims=(3,)), "holds 16 bytes"),
    (record(kind=b"str", dims=(0,), content=b"abc"), "cannot be read"),
    (record(kind=b"str", dims=(0,), content=b"\xff" * 4), "cannot be read"),
])
def test_a_damaged_foreign_or_hostile_file_is_refused(data, text, path):
    cell = net()
    for whole in (data, record(b"good") + data):
        Path(path).write_bytes(whole)
        with pytest.raises(ValueError, match=text) as caught:
            load_checkpoint(path, net=cell)
        assert str(path) in str(caught.value)
    assert cell.values()["w"].tolist() == [1.0, 2.0]


def test_a_file_cut_anywhere_is_refused_or_ends_between_records(tmp_path):
    data = (RECORDED / "1.8.1" / "net.ckpt").read_bytes()
    names = list(load_checkpoint(str(RECORDED / "1.8.1" / "net.ckpt")))
    whole = 0
    for cut in range(1, len(data)):
        (tmp_path / "cut.ckpt").write_bytes(data[:cut])
        try:
            assert list(ckpt_file.read_file(str(tmp_path / "cut.ckpt"))) == names[:whole + 1]
            whole += 1
        except ValueError as error:
            assert "cut.ckpt" in str(error)
    assert whole == len(names) - 1


def test_a_file_changed_anywhere_raises_nothing_else(tmp_path):
    """One flipped byte gives other values or a ValueError, never another error."""
    data = (RECORDED / "1.8.1" / "dtypes.ckpt").read_bytes()
    for at in range(0, len(data), 2):
        (tmp_path / "flip.ckpt").write_bytes(data[:at] + bytes([data[at] ^ 0xff]) + data[at + 1:])
        try:
            ckpt_file.read_file(str(tmp_path / "flip.ckpt"))
        except ValueError as error:
            assert "flip.ckpt" in str(error)


def test_bytes_of_a_bool_array_become_true_or_false(path):
    Path(path).write_bytes(record(kind=b"Bool", dims=(3,), content=b"\0\1\2"))
    assert load_checkpoint(path)["w"].asnumpy().view(np.uint8).tolist() == [0, 1, 1]


def test_many_slices_take_time_in_proportion(path):
    count = 20_000
    Path(path).write_bytes(b"".join(record(dims=(count,), kind=b"Int8", content=b"\1") for _ in range(count)))
    assert load_checkpoint(path)["w"].asnumpy().sum() == count


def test_an_unreadable_file(path, monkeypatch):
    save_checkpoint(net(), path)

    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(ValueError, match=f"{path}.*Permission denied"):
        load_checkpoint(path)


def test_importing_takes_no_cryptography():
    code = "import sys, mycelium.train.checkpoint; print([m for m in sys.modules if m == 'cryptography'])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
