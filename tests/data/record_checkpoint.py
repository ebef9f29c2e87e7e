"""Records, with real MindSpore on a CPU, the files and the behaviour that tests/train/test_checkpoint.py compares with.

Run once per version:  python record_checkpoint.py
Writes checkpoint/<version>/*.ckpt with expected.json, and from 1.8.1 checkpoint/load_param_into_net.json.
"""
import json
import os
import random

import mindspore as ms
import numpy as np
from mindspore import Parameter, Tensor, nn

DTYPES = ("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
          "float64")
KEY = bytes(range(16))
root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "checkpoint")
folder = os.path.join(root, ms.__version__)


class Net(nn.Cell):
    """A network with buffers, a Parameter of its own and a nested Cell."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.bn = nn.BatchNorm2d(2)
        self.block = nn.SequentialCell(nn.Dense(2, 3), nn.ReLU(), nn.Dense(3, 1, has_bias=False))
        self.scale = Parameter(Tensor(2.5, ms.float32), name="scale")


class Bare(nn.Cell):
    """Parameters with exactly these names."""

    def __init__(self, values):
        super().__init__(auto_prefix=False)
        for i, (name, value) in enumerate(values.items()):
            setattr(self, f"p{i}", Parameter(value, name=name))


def describe(value):
    """A value as JSON: text, or dtype, shape and elements."""
    if isinstance(value, str):
        return value
    return {"dtype": str(value.dtype), "shape": list(value.shape), "values": value.asnumpy().ravel().tolist()}


def record_files():
    """The files, and what real MindSpore makes of them."""
    rng = np.random.RandomState(0)
    every = [{"name": f"t.{d}", "data": Tensor((rng.rand(2, 3) * 100 - (0 if d[0] == "u" else 50)).astype(d))}
             for d in DTYPES]
    every += [{"name": "scalar", "data": Tensor(3.5, ms.float32)}, {"name": "one", "data": Tensor([7], ms.int32)},
              {"name": "text", "data": "grüße"}, {"name": "p", "data": Parameter(Tensor([[1.0], [2.0]]), name="q")}]
    net = Net()
    net.scale.set_data(Tensor(0.25, ms.float32))
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer)
    saves = {"dtypes": (every, {}), "net": (net, {"append_dict": {"epoch": 3, "lr": 0.5, "note": "ok"}}),
             "train": (step, {}), "gcm": (every, {"enc_key": KEY}), "cbc": (every, {"enc_key": KEY,
                                                                                   "enc_mode": "AES-CBC"})}
    expected = {}
    for name, (what, options) in saves.items():
        path = os.path.join(folder, name + ".ckpt")
        ms.save_checkpoint(what, path, **options)
        os.chmod(path, 0o644)
        loaded = ms.load_checkpoint(path, dec_key=options.get("enc_key"), dec_mode=options.get("enc_mode", "AES-GCM"))
        expected[name] = {key: describe(value) for key, value in loaded.items()}
    write(os.path.join(folder, "expected.json"), expected)


def record_load_param_into_net():
    """Which names find which values, and which dtypes convert."""
    rng = random.Random(0)

    def name(longest):
        return ".".join(rng.choice("abx") for _ in range(rng.randint(1, longest)))

    prefixes = []
    for strict in [False] * 100 + [True] * 20:
        targets = list(dict.fromkeys(name(3) for _ in range(rng.randint(1, 4))))
        given = list(dict.fromkeys(name(4) for _ in range(rng.randint(1, 5))))
        net = Bare({n: Tensor([0.0], ms.float32) for n in targets})
        missing = ms.load_param_into_net(
            net, {n: Parameter(Tensor([i + 1.0], ms.float32), name=n) for i, n in enumerate(given)}, strict)
        prefixes.append([targets, given, strict, missing, [float(p.asnumpy()[0]) for p in net.get_parameters()]])
    conversions = {}
    for target in DTYPES:
        conversions[target] = []
        for source in DTYPES:
            net = Bare({"p": Tensor([1, 2], getattr(ms, target))})
            try:
                ms.load_param_into_net(net, {"p": Parameter(Tensor([1, 2], getattr(ms, source)), name="p")})
                conversions[target].append(source)
            except RuntimeError:
                pass
    write(os.path.join(root, "load_param_into_net.json"), {"prefixes": prefixes, "conversions": conversions})


def write(path, value):
    """JSON, one line per entry."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    os.makedirs(folder, exist_ok=True)
    record_files()
    if ms.__version__ == "1.8.1":
        record_load_param_into_net()
