"""Initializers against what real MindSpore 1.8.1 drew: distributions, exact values, refusals, defaults of layers."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn
from mycelium import initializer as init

RECORDED = json.loads((Path(__file__).parent / "oracle" / "initializers.json").read_text())
NAMES = {"init": init, "ms": ms, "nn": nn, "np": np, "Tensor": Tensor}


# 1.8.1 draws these from a uniform distribution of the documented variance; documented: a truncated normal
UNIFORM_THERE = {"init.VarianceScaling()"}


def like(values: np.ndarray, facts: dict, ends: bool = True) -> None:
    """The same distribution as far as moments and ends tell."""
    values = values.astype(np.float64)
    spread, count = facts["std"], values.size
    assert values.mean() == pytest.approx(facts["mean"], abs=8 * spread / count ** 0.5 + 1e-9)
    assert values.std() == pytest.approx(spread, rel=0.02 if count > 10_000 else 0.2, abs=1e-9)
    for name, got in (("min", values.min()), ("max", values.max())):
        assert not ends or got == pytest.approx(facts[name], abs=1.5 * spread + 1e-9), name
    assert (values == 0).mean() == pytest.approx(facts["zeros"], abs=0.01)


@pytest.mark.parametrize("code", RECORDED["draws"])
def test_distributions(code):
    for facts in RECORDED["draws"][code].values():
        if "std" in facts:
            made = init.initializer(eval(code, dict(NAMES)), facts["shape"], ms.float32).init_data()
            like(made.asnumpy(), facts, code not in UNIFORM_THERE)


@pytest.mark.parametrize("code", RECORDED["layers"])
def test_defaults_of_layers(code):
    params = {p.name: p for p in eval(code, dict(NAMES)).get_parameters()}
    assert set(params) == set(RECORDED["layers"][code])
    for name, facts in RECORDED["layers"][code].items():
        assert list(params[name].shape) == facts["shape"]
        like(params[name].asnumpy(), facts)


@pytest.mark.parametrize("code", RECORDED["values"])
def test_exact_values(code):
    made = eval(code, dict(NAMES))
    made = made.init_data() if made.has_init else made
    assert str(made.dtype) == RECORDED["values"][code]["dtype"]
    np.testing.assert_allclose(made.asnumpy(), RECORDED["values"][code]["value"])


@pytest.mark.parametrize("shape", [(20, 30), (30, 20), (8, 3, 3)])
def test_orthogonal(shape):
    matrix = init.initializer(init.Orthogonal(gain=2.0), shape).init_data().asnumpy().reshape(shape[0], -1)
    gram = matrix @ matrix.T if matrix.shape[0] <= matrix.shape[1] else matrix.T @ matrix
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-5)


@pytest.mark.parametrize("make", [lambda: "normal", lambda: init.Normal(0.01), lambda: "Normal"])
def test_by_object_and_by_name(make):
    ms.set_seed(3)
    first = init.initializer(make(), (5, 5)).init_data().asnumpy()
    ms.set_seed(3)
    np.testing.assert_array_equal(init.initializer("normal", (5, 5)).init_data().asnumpy(), first)
    assert not np.array_equal(init.initializer("normal", (5, 5)).init_data().asnumpy(), first)


def test_a_parameter_takes_an_initializer_and_set_data_too():
    p = Parameter(init.initializer("ones", (2, 2)), name="p")
    np.testing.assert_array_equal(p.asnumpy(), 1)
    p.set_data(init.initializer(0.5, (2, 2), ms.float32))
    np.testing.assert_array_equal(p.asnumpy(), 0.5)


@pytest.mark.parametrize("call, error, text", [
    (lambda: init.initializer("xavier", (2, 2)), ValueError, "is not the name of an initializer"),
    (lambda: init.initializer("ones", (2, 0)), ValueError, "greater than 0"),
    (lambda: init.initializer("ones", None), ValueError, "'shape' is missing"),
    (lambda: init.initializer(None, (2,)), TypeError, "an Initializer, its name, a number or a Tensor"),
    (lambda: init.initializer(Tensor([1.0]), (2,)), ValueError, r"should be \(2,\), but got \(1,\)"),
    (lambda: init.HeNormal(nonlinearity="rellu"), ValueError, "did you mean 'relu'"),
    (lambda: init.HeNormal(mode="fanin"), ValueError, "did you mean 'fan_in'"),
    (lambda: init.initializer(init.Orthogonal(), (3,)).init_data(), ValueError, "two axes or more"),
])
def test_refusals(call, error, text):
    with pytest.raises(error, match=text):
        call()
