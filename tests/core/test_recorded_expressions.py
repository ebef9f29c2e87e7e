"""776 expressions and small programs as real MindSpore 1.8.1 answers them: texts, names, dtypes, indexing, errors.

Where the answers differ, DIFFERENT says why; an entry that begins to agree must be taken out.
"""
from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
import warnings
from pathlib import Path

import pytest

import mycelium as ms
from mycelium.compat import install_as_mindspore, uninstall

RECORDED = json.loads((Path(__file__).parents[1] / "oracle" / "expressions.json").read_text())

MORE = "works here, refused by r1.8"
NUMPY = "NumPy 2 prints numbers and names types otherwise than the NumPy 1.23 of the recording"
LINE = "r1.8 puts the closing bracket of a full last line on a line of its own"
FINER = "an exception of Python's own kind here, one general kind there"
PYTHON = "an ordinary Python expression here; r1.8's parser refuses it or answers otherwise"
ROUNDING = "differs in the last digit"
SECOND = "refused by r1.8, part of r2.0"
HOST = "host code is refused with one kind of exception here, with several there"
PARTS = "names the parts of r1.8's own implementation"
DIFFERENT = {
    **dict.fromkeys((
        "Tensor(123456789.0)",
        "Tensor(1e10)",
        "Tensor(shape=[2, 3], dtype=ms.float32, init=init.One())",
        "ms.dtype_to_nptype(ms.bool_)",
    ), NUMPY),
    **dict.fromkeys((
        "Tensor(np.arange(24))",
        "Tensor(np.arange(12).astype(np.float32))",
        "t.repeat(2)",
    ), LINE),
    **dict.fromkeys((
        "Tensor([Tensor(1.0), Tensor(2.0)]).dtype",
        "Tensor(1.5, dtype='float32').dtype",
        "Tensor([1], dtype=np.float32).dtype",
        "Tensor([1], dtype=int).dtype",
        "Tensor(np.zeros((0, 3), np.float32)).dtype",
        "t.take([0, 5])",
        "ops.ReLU()(np.ones(2))",
        "P: return x[x > 2]",
        "G: return x[x > 2]",
        "P: return x[Tensor([True, False])]",
        "G: return x[Tensor([True, False])]",
        "P: x[x > 2] = Tensor([7., 8., 9., 10.])\nreturn x",
        "G: x[x > 2] = Tensor([7., 8., 9., 10.])\nreturn x",
        "P: x[Tensor([True, False])] = 0\nreturn x",
        "G: x[Tensor([True, False])] = 0\nreturn x",
    ), MORE),
    **dict.fromkeys((
        "ms.get_py_obj_dtype(Tensor([1.0]))",
        "t.searchsorted",
        "nn.LSTM(3, 4)",
        "nn.GRU(3, 4)",
        "nn.InstanceNorm2d(3)",
    ), PARTS),
    **dict.fromkeys((
        "t.erf()",
    ), ROUNDING),
    **dict.fromkeys((
        "nn.Conv2d(3, 2, 3)(f(1, 1, 4, 4))",
        "ops.ReLU()()",
        "ops.ReLU()(f(2), f(2))",
        "G: return x['a']",
        "G: return x[{}]",
        "G: x[0] = None\nreturn x",
        "G: x[0] = 'a'\nreturn x",
        "G: return x + np.ones(2)",
        "G: return x.foo",
        "G: return ops.NoSuchOp()(x)",
    ), FINER),
    **dict.fromkeys((
        "G: return Custom().v * x",
        "G: return time.time() * 0 + x",
        "G: return hasattr(x, 'shape')",
        "G: return abs(x)",
        "G: return Tensor(x)",
        "G: return max(1, 2) * x",
        "G: return sum([x, x])",
        "G: return x in (1, 2)",
    ), PYTHON),
    **dict.fromkeys((
        "t.numpy()",
        "t.svd",
        "t.minimum(3.0)",
        "nn.MaxPool2d(2, pad_mode='pad')",
    ), SECOND),
    **dict.fromkeys((
        "G: threading.Thread(target=print).start()\nreturn x",
    ), HOST),
}


def refused(error: BaseException) -> dict:
    return {"error": type(error).__name__}


def agree(wanted: dict, got: dict) -> bool:
    if "error" in wanted or "error" in got:
        return wanted.get("error") == got.get("error")
    return wanted.get("repr") == got.get("repr") and wanted.get("str") == got.get("str")


@pytest.fixture(autouse=True)
def as_mindspore():
    install_as_mindspore()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")     # recorded programs warn where they fall back to op by op
        yield
    uninstall()


def compare(differences: list, code: str, wanted: dict, got: dict) -> None:
    if agree(wanted, got) == (code in DIFFERENT):
        differences.append((code, "agrees now: take it out of DIFFERENT" if code in DIFFERENT else (wanted, got)))


@pytest.mark.parametrize("group", RECORDED["python"])
def test_expressions(group):
    ms.set_context(mode=ms.PYNATIVE_MODE)
    recorded, differences = RECORDED["python"][group], []
    scope: dict = {"__name__": "recorded"}
    exec(RECORDED["names"] + recorded["setup"], scope)
    for code, wanted in recorded["cases"].items():
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                result = eval(code, scope)
            got = {"repr": repr(result)}
            if str(result) != got["repr"]:
                got["str"] = str(result)
        except Exception as error:
            got = refused(error)
        compare(differences, code, wanted, got)
        ms.set_context(mode=ms.PYNATIVE_MODE)
    assert not differences


@pytest.mark.parametrize("group", RECORDED["construct"])
def test_programs_in_both_modes(group, tmp_path):
    recorded, differences = RECORDED["construct"][group], []
    text = RECORDED["names"] + recorded["setup"]
    for i, body in enumerate(recorded["cases"]):
        lines = "\n        ".join(body.split("\n"))
        text += f"\nclass Case{i}(nn.Cell):\n    def construct(self, x):\n        {lines}\n"
    path = tmp_path / "recorded_cases.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    for i, (code, entry) in enumerate(recorded["cases"].items()):
        for mode, wanted in (("P", entry), ("G", entry.get("graph", entry))):
            ms.set_context(mode=ms.PYNATIVE_MODE if mode == "P" else ms.GRAPH_MODE)
            try:
                got = {"repr": repr(getattr(module, f"Case{i}")()(eval(recorded["argument"], vars(module))))}
            except Exception as error:
                got = refused(error)
            wanted = {k: v for k, v in wanted.items() if k in ("repr", "error")}
            compare(differences, f"{mode}: {code}", wanted, got)
    assert not differences
