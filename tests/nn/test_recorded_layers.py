"""Every layer and loss against what real MindSpore 1.8.1 computed: values, moved Parameters, gradients, both modes."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn
from mycelium.autodiff.reverse import differentiate
from mycelium.engine.compile import statistics
from mycelium.graph.structure import flatten_result

ORACLE = Path(__file__).parents[1] / "oracle"
RECORDED = json.loads((ORACLE / "layers.json").read_text())["cases"]
# a "quirk" is a mistake of a kernel there, described in the recording
CASES = [c for c in RECORDED if "error" not in c and "quirk" not in c]
ARRAYS = np.load(ORACLE / "layers.npz")
VALUES: dict[str, dict[str, np.ndarray]] = {}
for _name in ARRAYS.files:
    VALUES.setdefault(_name.partition("/")[0], {})[_name.partition("/")[2]] = ARRAYS[_name]
TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-9}


def arguments(spec, values):
    """The recorded inputs as Tensors."""
    if isinstance(spec, list):
        return tuple(arguments(s, values) for s in spec)
    return Tensor(values[f"input/{spec}"])


def close(got, expected, what):
    assert tuple(got.shape) == expected.shape, what
    assert got.dtype == expected.dtype, what
    scale = max(1.0, float(np.abs(expected[np.isfinite(expected)]).max(initial=0))) if expected.size else 1.0
    tolerance = TOLERANCE.get(str(expected.dtype), 0)
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * scale, err_msg=what)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['case']}-{c['code'][3:60]}{'-train' if c['train'] else ''}")
def test_like_the_real_one(case, mode):
    values = VALUES[str(case["case"])]
    net = eval(case["code"], {"nn": nn, "Tensor": Tensor, "ms": ms, "np": np})
    net.set_train(case["train"])
    parameters = {p.name: p for p in net.get_parameters()}
    assert set(parameters) == {k[7:] for k in values if k.startswith("before/")}
    for name, p in parameters.items():
        p.set_data(Tensor(values[f"before/{name}"]))
    args = [arguments(a, values) for a in case["arguments"]]
    trained = [p for p in net.trainable_params() if f"grad/param/{p.name}" in values]
    sens = {k: Tensor(values[k]) for k in values if k.startswith("sens/")}
    positions = tuple(i for i, a in enumerate(case["arguments"]) if not isinstance(a, list)
                      and f"grad/input/{a}" in values)

    def run(*args):
        done = differentiate(net, args, {}, positions, trained)
        grads = ()
        if sens:
            seeds = [sens.get(f"sens/{k}") for k in range(len(done.outs))]
            grads = done.gradient(tuple(s if s is not None else Tensor._wrap(o) * 0
                                        for s, o in zip(seeds, done.outs, strict=True)))
        return [Tensor._wrap(o) for o in done.outs], grads

    call = ms.ms_function(run) if ms.get_context("mode") == ms.GRAPH_MODE else run
    outs, grads = call(*args)
    for k, out in enumerate(outs):
        close(out.asnumpy(), values[f"output/{k}"], f"output {k}")
    for name, p in parameters.items():
        if f"after/{name}" in values:
            close(p.asnumpy(), values[f"after/{name}"], f"{name} after")
    if grads:
        inputs: list = []
        flatten_result(grads[0], inputs)
        for i, g in zip(positions, inputs, strict=True):
            close(np.asarray(g), values[f"grad/input/{case['arguments'][i]}"], f"gradient of input {i}")
        for p, g in zip(trained, grads[1], strict=True):
            close(g.asnumpy(), values[f"grad/param/{p.name}"], f"gradient of {p.name}")
    if call is not run:
        traces = statistics.traces
        call(*args)
        assert statistics.traces == traces


def test_the_recording_covers_the_layers():
    assert len(CASES) > 250
    assert {c["code"].partition("(")[0][3:]: c["quirk"] for c in RECORDED if "quirk" in c} == {
        "LayerNorm": "epsilon is ignored",
        "CELU": "exact to 1e-4 only",
        "SeLU": "the gradient is wrong where the input is negative",
    }
