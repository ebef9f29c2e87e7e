"""Weights from one framework to another: the network computes the same, and what has no place is said."""

import os
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import torch

import mycelium as ms
from mycelium import Tensor, nn
from mycelium.migrate import convert
from mycelium.migrate.weights.diff import diff
from mycelium.migrate.weights.files import open_weights
from mycelium.migrate.weights.stored import WeightsError

T = torch.nn


class Theirs(T.Module):
    def __init__(self):
        super().__init__()
        self.embed = T.Embedding(11, 6)
        self.conv = T.Conv1d(6, 8, 3, padding=1)
        self.bn = T.BatchNorm1d(8)
        self.act = T.PReLU(8)
        self.rnn = T.LSTM(8, 5, 2, batch_first=True, bidirectional=True)
        self.norm = T.LayerNorm(10)
        self.head = T.Linear(10, 3)

    def forward(self, x):
        x = self.act(self.bn(self.conv(self.embed(x).transpose(1, 2))))
        return self.head(self.norm(self.rnn(x.transpose(1, 2))[0]))


class Ours(nn.Cell):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(11, 6)
        self.conv = nn.Conv1d(6, 8, 3, pad_mode="pad", padding=1, has_bias=True)
        self.bn = nn.BatchNorm1d(8)
        self.act = nn.PReLU(8)
        self.rnn = nn.LSTM(8, 5, 2, batch_first=True, bidirectional=True)
        self.norm = nn.LayerNorm((10,), epsilon=1e-5)
        self.head = nn.Dense(10, 3)

    def construct(self, x):
        x = self.conv(self.embed(x).transpose(0, 2, 1))
        n, c, t = x.shape
        x = self.bn(x.transpose(0, 2, 1).reshape(n * t, c)).reshape(n, t, c)
        x = self.act(x.transpose(0, 2, 1)).transpose(0, 2, 1)
        return self.head(self.norm(self.rnn(x)[0]))


@pytest.fixture
def trained():
    """A network of theirs whose buffers and Parameters are all no defaults."""
    torch.manual_seed(1)
    module = Theirs()
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.rand_like(value) - (0.5 if "running_var" not in name else -0.2))
    return module.eval()


def bits(path):
    with open_weights(str(path)) as weights:
        return {name: (v.shape, v.dtype, v.load().tobytes()) for name, v in weights.values.items()}


def test_the_network_computes_the_same(trained, tmp_path):
    torch.save(trained.state_dict(), tmp_path / "a.pth")
    done = convert(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt"))
    net = Ours().set_train(False)
    assert ms.load_param_into_net(net, ms.load_checkpoint(str(tmp_path / "a.ckpt")), strict_load=True) == []
    tokens = np.arange(14).reshape(2, 7) % 11
    theirs = trained(torch.from_numpy(tokens)).detach().numpy()
    np.testing.assert_allclose(net(Tensor(tokens, ms.int32)).asnumpy(), theirs, rtol=1e-5, atol=1e-5)
    assert list(done.left_over) == ["bn.num_batches_tracked"] and not done.missing
    assert {m.sources[0]: m.name for m in done.moved if m.is_renamed} == {
        "embed.weight": "embed.embedding_table", "bn.weight": "bn.gamma", "bn.bias": "bn.beta", "act.weight": "act.w",
        "bn.running_mean": "bn.moving_mean", "bn.running_var": "bn.moving_variance", "norm.weight": "norm.gamma",
        "norm.bias": "norm.beta"}
    assert [m.name for m in done.moved if m.change] == ["conv.weight"]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("between", ["a.ckpt", "a.safetensors", "a.npz"])
def test_a_round_trip_is_equal_bit_by_bit(between, dtype, trained, tmp_path):
    if between == "a.npz" and dtype == torch.bfloat16:
        return convert_of_bfloat16_to_npz_is_refused(trained, tmp_path)
    torch.save(trained.to(dtype).state_dict(), tmp_path / "a.pth")
    convert(str(tmp_path / "a.pth"), str(tmp_path / between))
    convert(str(tmp_path / between), str(tmp_path / "b.pth"), like=Theirs())
    before, after = bits(tmp_path / "a.pth"), bits(tmp_path / "b.pth")
    if between == "a.ckpt":
        before.pop("bn.num_batches_tracked")
    assert after == before
    module = Theirs().to(dtype)
    module.load_state_dict(torch.load(tmp_path / "b.pth", weights_only=True))
    assert all(torch.equal(a, b) for a, b in zip(module.parameters(), trained.parameters(), strict=True))


def convert_of_bfloat16_to_npz_is_refused(trained, tmp_path):
    torch.save(trained.to(torch.bfloat16).state_dict(), tmp_path / "a.pth")
    with pytest.raises(WeightsError, match="has no type for 'embed.weight' of dtype bfloat16"):
        convert(str(tmp_path / "a.pth"), str(tmp_path / "a.npz"))
    assert not (tmp_path / "a.npz").exists()
    convert(str(tmp_path / "a.pth"), str(tmp_path / "a.npz"), dtype="float32")
    assert np.load(tmp_path / "a.npz")["head.bias"].dtype == np.float32


def test_a_target_decides_what_a_file_leaves_open(tmp_path):
    """An Embedding under a plain name, a Conv2d of one row beside a Conv1d, and BatchNorm3d's extra level."""
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(5, 3)
            self.row = nn.Conv2d(3, 4, (1, 3))
            self.line = nn.Conv1d(3, 4, 3)
            self.bn = nn.BatchNorm3d(4)

    theirs = T.ModuleDict({"words": T.Embedding(5, 3), "row": T.Conv2d(3, 4, (1, 3), bias=False),
                           "line": T.Conv1d(3, 4, 3, bias=False), "bn": T.BatchNorm3d(4)})
    torch.save(theirs.state_dict(), tmp_path / "a.pth")
    done = convert(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt"), like=Net())
    assert [m.name for m in done.moved] == [p.name for p in Net().get_parameters()] and not done.missing
    back = convert(str(tmp_path / "a.ckpt"), str(tmp_path / "b.pth"), like=str(tmp_path / "a.pth"))
    assert not back.missing and not back.left_over
    assert {k: v for k, v in bits(tmp_path / "a.pth").items() if "num_batches" not in k} == bits(tmp_path / "b.pth")


def test_other_names_are_paired_by_order_and_shape(tmp_path):
    theirs = T.Sequential(T.Linear(4, 8), T.ReLU(), T.BatchNorm1d(8), T.Linear(8, 8), T.Linear(8, 8))
    torch.save({"module." + k: v for k, v in theirs.state_dict().items()}, tmp_path / "a.pth")

    class Net(nn.Cell):
        def __init__(self, last=8):
            super().__init__()
            self.first, self.norm = nn.Dense(4, 8), nn.BatchNorm1d(8)
            self.second, self.third = nn.Dense(8, 8), nn.Dense(8, last)

    done = convert(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt"), like=Net())
    assert {m.sources[0]: (m.name, m.how) for m in done.moved if "weight" in m.sources[0]} == {
        "module.0.weight": ("first.weight", "order"), "module.2.weight": ("norm.gamma", "order"),
        "module.3.weight": ("second.weight", "order"), "module.4.weight": ("third.weight", "order")}
    done = convert(str(tmp_path / "a.pth"), str(tmp_path / "b.ckpt"), like=Net(last=9))
    assert set(done.missing) == {f"{layer}.{leaf}" for layer in ("first", "second", "third")
                                 for leaf in ("weight", "bias")}
    assert done.left_over["module.4.weight"] == "the target has no such name"


def test_a_matrix_on_its_side_is_turned_when_the_target_asks(tmp_path):
    np.savez(tmp_path / "a.npz", **{"fc.weight": np.arange(6.0).reshape(2, 3), "gone.weight": np.ones((2, 2))})
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "a.ckpt"), like=Cells(fc=nn.Dense(2, 3)))
    assert (done.moved[0].change, done.moved[0].how) == ("transpose (1, 0)", "shape")
    found = ms.load_checkpoint(str(tmp_path / "a.ckpt"))["fc.weight"].asnumpy()
    assert found.tolist() == np.arange(6.0).reshape(2, 3).T.tolist()
    assert done.missing == {"fc.bias": "shape (3,)"} and list(done.left_over) == ["gone.weight"]
    net = Cells(fc=nn.Dense(5, 3), gone=nn.Dense(2, 2))
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"), like=net)
    assert done.left_over == {"fc.weight": "its shape is (2, 3), that of 'fc.weight' is (3, 5)"}


class Cells(nn.Cell):
    def __init__(self, **cells):
        super().__init__()
        for name, cell in cells.items():
            setattr(self, name, cell)


def test_the_projections_of_an_attention_are_cut(tmp_path):
    theirs = T.ModuleDict({"attn": T.MultiheadAttention(4, 2)})
    torch.save(theirs.state_dict(), tmp_path / "a.pth")
    net = Cells(attn=Cells(q=nn.Dense(4, 4), k_proj=nn.Dense(4, 4), to_v=nn.Dense(4, 4), out_proj=nn.Dense(4, 4)))
    done = convert(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt"), like=net)
    assert not done.missing and not done.left_over
    whole = theirs.state_dict()["attn.in_proj_weight"].numpy()
    found = ms.load_checkpoint(str(tmp_path / "a.ckpt"))
    for i, part in enumerate(("q", "k_proj", "to_v")):
        assert np.array_equal(found[f"attn.{part}.weight"].asnumpy(), whole[4 * i:4 * i + 4])


def test_a_map_renames_cuts_turns_and_leaves_out(tmp_path):
    np.savez(tmp_path / "a.npz", **{
        "net.a.weight": np.arange(6.0).reshape(6, 1), "net.b": np.ones((2, 3)), "net.c": np.ones(1),
        "net.bn.running_mean": np.ones(2), "net.bn.weight": np.ones(2)})
    (tmp_path / "map.toml").write_text("""
        [rename]
        "^net\\\\." = ""
        [names]
        "net.a.weight" = ["x.weight", "y.weight", "z.weight"]
        "net.b" = {name = "turned", layout = "transpose (1, 0)"}
        "net.c" = ""
    """)
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "a.ckpt"), rules=str(tmp_path / "map.toml"))
    found = {k: p.asnumpy() for k, p in ms.load_checkpoint(str(tmp_path / "a.ckpt")).items()}
    assert found["y.weight"].tolist() == [[2.0], [3.0]] and found["turned"].shape == (3, 2)
    assert set(found) == {"x.weight", "y.weight", "z.weight", "turned", "bn.moving_mean", "bn.gamma"}
    assert done.left_over == {"net.c": "left out by the map"}


@pytest.mark.parametrize("text, error", [
    ("[names]\n'w' = 3", r"\[names\] maps a name to a name, a list of names or .*'w' has 3"),
    ("[names]\n'v' = 'x'", "the map names 'v', which .*a.npz does not have"),
    ("[names]\n'w' = {name = 'x', layout = 'turn 1'}", "'turn 1' is no step of a layout"),
    ("[names]\n'w' = {name = 'x', layout = 'transpose (0, 2, 1)'}", "does not apply to 'w' with shape"),
    ("[names]\n'w' = 'bias'", "'bias' and 'w' would both be called 'bias'"),
    ("[rename]\n'.+' = 'x'", "after renaming, two arrays are called 'x'"),
    ("[rename]\n'(' = 'x'", "unterminated subpattern"),
    ("[rename]\n'a' = 3", r"\[rename\] maps texts to texts"),
    ("[other]\n'a' = 'b'", r"it has the table 'other'; a map has \[rename\] and \[names\]"),
    ("not toml", "map.toml: Expected '='"),
])
def test_a_map_that_cannot_be_is_refused(text, error, tmp_path):
    np.savez(tmp_path / "a.npz", w=np.ones((2, 3)), bias=np.ones(2))
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(WeightsError, match=error):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "a.ckpt"), rules=str(tmp_path / "map.toml"))
    assert not (tmp_path / "a.ckpt").exists()


def test_an_optimizers_state_stays_behind(tmp_path):
    net = Cells(fc=nn.Dense(2, 2))
    optimizer = nn.Adam(net.trainable_params())
    ms.save_checkpoint(optimizer, str(tmp_path / "a.ckpt"))
    done = convert(str(tmp_path / "a.ckpt"), str(tmp_path / "a.pth"))
    assert sorted(torch.load(tmp_path / "a.pth")) == ["fc.bias", "fc.weight"]
    assert set(done.left_over.values()) == {"an optimizer's, not the network's"}
    kept = convert(str(tmp_path / "a.ckpt"), str(tmp_path / "a.safetensors"), names="keep")
    assert not kept.left_over and len(kept.moved) == len(done.moved) + len(done.left_over)


def test_floats_change_their_width(tmp_path):
    np.savez(tmp_path / "a.npz", big=np.array([1e6, 1.0]), count=np.array([7]))
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "a.ckpt"), dtype="float16")
    found = ms.load_checkpoint(str(tmp_path / "a.ckpt"))
    assert found["big"].dtype is ms.float16 and found["count"].dtype is ms.int64
    assert done.notes == ["big: 1 values are too large for float16 and became infinite"]
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"), dtype="bfloat16")
    assert "MindSpore 1.8 and 2.0 load no bfloat16 from a .ckpt file" in done.notes[0]
    with open_weights(str(tmp_path / "b.ckpt")) as weights:
        assert weights.values["big"].dtype == ml_dtypes.bfloat16


def test_nothing_is_overwritten_or_left_behind(tmp_path):
    np.savez(tmp_path / "a.npz", w=np.ones(2))
    (tmp_path / "b.ckpt").write_bytes(b"old")
    with pytest.raises(WeightsError, match=r"b.ckpt: it exists already, .*--overwrite"):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"))
    assert (tmp_path / "b.ckpt").read_bytes() == b"old"
    convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"), overwrite=True)
    assert list(bits(tmp_path / "b.ckpt")) == ["w"]
    before = sorted(os.listdir(tmp_path))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[-80] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(WeightsError):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "c.pth"))
    (tmp_path / "a.npz").write_bytes(data[:60])
    with pytest.raises(WeightsError):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"), overwrite=True)
    assert sorted(os.listdir(tmp_path)) == before and list(bits(tmp_path / "b.ckpt")) == ["w"]


def test_damage_found_on_the_way_leaves_the_old_file(tmp_path):
    """The checksum of the last array fails when half of the new file is written."""
    np.savez(tmp_path / "a.npz", a=np.ones(100), b=np.zeros(100))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    data[data.rindex(b"b.npy", 0, len(data) // 2 + 200) + 400] ^= 1
    (tmp_path / "a.npz").write_bytes(data)
    (tmp_path / "b.safetensors").write_bytes(b"old")
    with pytest.raises(WeightsError, match="a.npz: it is truncated or damaged .Bad CRC-32"):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "b.safetensors"), overwrite=True)
    assert (tmp_path / "b.safetensors").read_bytes() == b"old" and len(os.listdir(tmp_path)) == 2


@pytest.mark.parametrize("options, text", [
    ({"dtype": "int8"}, "'dtype' should be one of float16, bfloat16, float32, float64, but got 'int8'"),
    ({"names": "tensorflow"}, "'names' should be one of torch, mindspore, keep, but got 'tensorflow'"),
    ({"like": 3}, "a target should be a Cell, a torch module, a file of weights or FILE.py:NAME, but got int"),
    ({"like": "net.txt"}, "a target should be a file of weights .* but got 'net.txt'"),
    ({"like": "none.py:net"}, "none.py: there is no such file"),
    ({"like": "none.ckpt"}, "none.ckpt: No such file"),
    ({"rules": "none.toml"}, "none.toml: No such file"),
    ({"like": Cells(x=nn.ReLU())}, "none of its 1 arrays has a place in"),
])
def test_arguments_that_make_no_sense(options, text, tmp_path):
    np.savez(tmp_path / "a.npz", w=np.ones(2))
    with pytest.raises(WeightsError, match=text):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "b.ckpt"), **options)
    with pytest.raises(WeightsError, match="the directory .*nodir does not exist"):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "nodir" / "b.ckpt"))


def test_a_target_in_a_python_file(tmp_path):
    np.savez(tmp_path / "a.npz", **{"fc.weight": np.ones((3, 2)), "fc.bias": np.ones(3)})
    (tmp_path / "sizes.py").write_text("OUT = 3\n")
    (tmp_path / "net.py").write_text(
        "from mindspore import nn\nfrom sizes import OUT\n"
        "class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Dense(2, OUT)\n"
        "def build():\n    return Net()\nnet = Net()\nbroken = lambda: 1 / 0\n")
    for name in ("Net", "build", "net"):
        done = convert(str(tmp_path / "a.npz"), str(tmp_path / f"{name}.ckpt"), like=f"{tmp_path}/net.py:{name}")
        assert len(done.moved) == 2 and not done.missing
    with pytest.raises(WeightsError, match="has no 'other'"):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "x.ckpt"), like=f"{tmp_path}/net.py:other")
    with pytest.raises(WeightsError, match="cannot be built: ZeroDivisionError"):
        convert(str(tmp_path / "a.npz"), str(tmp_path / "x.ckpt"), like=f"{tmp_path}/net.py:broken")


def test_diff_reads_across_frameworks(trained, tmp_path):
    torch.save(trained.state_dict(), tmp_path / "a.pth")
    convert(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt"))
    assert diff(str(tmp_path / "a.pth"), str(tmp_path / "a.ckpt")).is_equal
    assert diff(str(tmp_path / "a.ckpt"), str(tmp_path / "a.pth")).is_equal
    with torch.no_grad():
        trained.head.weight[1, 2] += 0.25
    trained.norm.bfloat16()
    torch.save({**trained.state_dict(), "new": torch.ones(1)}, tmp_path / "b.pth")
    found = diff(str(tmp_path / "b.pth"), str(tmp_path / "a.ckpt"))
    assert [(d.name, d.other, d.what) for d in found.differing] == [
        ("norm.weight", "norm.gamma", "dtype"), ("norm.bias", "norm.beta", "dtype"),
        ("head.weight", "head.weight", "values")]
    assert found.differing[-1].largest == pytest.approx(0.25, rel=1e-6)
    assert found.differing[-1].detail == "1 of 30 elements" and found.only_first == ["new"]


def test_the_map_in_the_docs_is_one(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "weights.md").read_text()
    (tmp_path / "map.toml").write_text(text.split("```toml\n")[1].split("```")[0])
    np.savez(tmp_path / "a.npz", **{
        "backbone.a": np.ones(1), "head.weight": np.ones(2), "proj.kernel": np.ones((2, 3)), "aux.weight": np.ones(1),
        "attn.qkv.weight": np.ones((6, 2))})
    done = convert(str(tmp_path / "a.npz"), str(tmp_path / "b.npz"), rules=str(tmp_path / "map.toml"))
    assert {m.name: m.shape for m in done.moved} == {
        "net.a": (1,), "classifier.weight": (2,), "proj.weight": (3, 2), "attn.q.weight": (2, 2),
        "attn.k.weight": (2, 2), "attn.v.weight": (2, 2)}
