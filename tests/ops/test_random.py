"""Random operators: distributions, fresh numbers at every call in both modes, the same ones after the same seed."""
import numpy as np
import pytest
from scipy import stats
from tests.ops.harness import Refusal, gradients, refuse

import mycelium as ms
from mycelium import Tensor, ops
from mycelium.engine.compile import statistics
from mycelium.graph.compiler import GraphFunction

I32 = ms.int32
BIG = (20000,)

DRAWS = {
    "StandardNormal": lambda: ops.StandardNormal()((4, 2)),
    "standard_normal": lambda: ops.standard_normal((4, 2)),
    "own seed": lambda: ops.standard_normal((4, 2), 7, 3),
    "UniformReal": lambda: ops.UniformReal()((4, 2)),
    "UniformInt": lambda: ops.UniformInt()((20,), Tensor(0, I32), Tensor(90, I32)),
    "uniform": lambda: ops.uniform((4, 1), Tensor([0.0, 1.0]), Tensor(5.0)),
    "uniform int": lambda: ops.uniform((20,), Tensor(0, I32), Tensor(90, I32), dtype=I32),
    "normal": lambda: ops.normal((4, 1), Tensor([0.0, 1.0]), Tensor(5.0)),
    "gamma": lambda: ops.gamma((4, 1), Tensor([0.5, 1.0]), Tensor(5.0)),
    "Gamma": lambda: ops.Gamma()((4, 1), Tensor([0.5, 1.0]), Tensor(5.0)),
    "random_gamma": lambda: ops.random_gamma(Tensor([4]), Tensor([0.5, 1.0])),
    "poisson": lambda: ops.poisson((4, 1), Tensor([50.0, 90.0])),
    "Poisson": lambda: ops.Poisson()((4, 1), Tensor([50.0, 90.0])),
    "StandardLaplace": lambda: ops.StandardLaplace()((4, 2)),
    "laplace": lambda: ops.laplace((4, 2), Tensor(0.0), Tensor(1.0)),
    "multinomial": lambda: ops.multinomial(Tensor(np.ones(50, np.float32)), 20),
    "without replacement": lambda: ops.multinomial(Tensor(np.ones((2, 50), np.float32)), 20, False),
    "Multinomial": lambda: ops.Multinomial()(Tensor(np.ones((2, 50), np.float32)), 20),
    "RandomCategorical": lambda: ops.RandomCategorical()(Tensor(np.ones((2, 50), np.float32)), 20),
    "RandomChoiceWithMask": lambda: ops.RandomChoiceWithMask(8)(Tensor(np.ones((50, 2), bool)))[0],
    "Randperm": lambda: ops.Randperm(50)(Tensor([40], I32)),
    "bernoulli": lambda: ops.bernoulli(Tensor(np.ones(64, np.int32)), 0.5),
    "UniformCandidateSampler": lambda: ops.UniformCandidateSampler(1, 20, True, 50)(Tensor([[1]]))[0],
    "LogUniformCandidateSampler": lambda: ops.LogUniformCandidateSampler(1, 20, False, 50)(Tensor([[1]]))[0],
}
SHAPES = {"uniform": (4, 2), "normal": (4, 2), "gamma": (4, 2), "random_gamma": (4, 2), "poisson": (4, 2),
          "without replacement": (2, 20), "RandomCategorical": (2, 20), "Randperm": (50,)}
INTEGERS = {"without replacement": I32, "UniformInt": I32, "uniform int": I32,
            "Poisson": I32, "multinomial": I32, "RandomCategorical": ms.int64,
            "RandomChoiceWithMask": I32, "Randperm": I32, "bernoulli": I32, "UniformCandidateSampler": ms.int64}


@pytest.mark.parametrize("name", DRAWS)
def test_draws_are_fresh_and_repeat_after_the_seed(name):
    draw = DRAWS[name]
    graph = GraphFunction(lambda: draw(), name)
    ms.set_seed(11)
    eager = [draw().asnumpy() for _ in range(2)]
    ms.set_seed(11)
    compiled = [graph(()).asnumpy()]
    traces = statistics.traces
    compiled.append(graph(()).asnumpy())
    assert statistics.traces == traces
    for numbers in (eager, compiled):
        assert not np.array_equal(*numbers)
    for a, b in zip(eager, compiled, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, 1e-5, 1e-6)
    if name in SHAPES:
        assert eager[0].shape == SHAPES[name]
    dtype = INTEGERS.get(name, None if name in ("Multinomial", "LogUniformCandidateSampler") else ms.float32)
    assert dtype is None or draw().dtype == dtype


def test_two_equal_draws_in_a_graph_differ():
    a, b = GraphFunction(lambda: (ops.standard_normal((5,)), ops.standard_normal((5,))), "two")(())
    assert not np.array_equal(a.asnumpy(), b.asnumpy())


@pytest.mark.parametrize("draw, distribution", [
    (lambda: ops.standard_normal(BIG), stats.norm()),
    (lambda: ops.UniformReal()(BIG), stats.uniform()),
    (lambda: ops.uniform(BIG, Tensor(2.0), Tensor(5.0)), stats.uniform(2, 3)),
    (lambda: ops.normal(BIG, Tensor(2.0), Tensor(5.0)), stats.norm(2, 5)),
    (lambda: ops.gamma(BIG, Tensor(3.0), Tensor(2.0)), stats.gamma(3, scale=2)),
    (lambda: ops.random_gamma(Tensor(BIG), Tensor(0.5)), stats.gamma(0.5)),
    (lambda: ops.standard_laplace(BIG), stats.laplace()),
    (lambda: ops.laplace(BIG, Tensor(1.0), Tensor(2.0)), stats.laplace(1, 2)),
], ids=["normal01", "uniform01", "uniform", "normal", "gamma", "random_gamma", "laplace01", "laplace"])
def test_distributions(draw, distribution):
    ms.set_seed(5)
    assert stats.kstest(draw().asnumpy(), distribution.cdf).pvalue > 1e-3


def test_counts_follow_their_probabilities():
    ms.set_seed(5)
    counts = np.bincount(ops.multinomial(Tensor([0.0, 9.0, 4.0, 0.0]), 20000).asnumpy(), minlength=4)
    np.testing.assert_allclose(counts / 20000, [0, 9 / 13, 4 / 13, 0], atol=0.02)
    logits = Tensor(np.log(np.array([[0.2, 0.3, 0.5]], np.float32)))
    counts = np.bincount(ops.RandomCategorical()(logits, 20000, 0).asnumpy()[0])
    np.testing.assert_allclose(counts / 20000, [0.2, 0.3, 0.5], atol=0.02)
    assert abs(ops.bernoulli(Tensor(np.zeros(20000, np.float32)), 0.3).asnumpy().mean() - 0.3) < 0.02
    poisson = ops.Poisson()(BIG, Tensor(4.0)).asnumpy()
    assert abs(poisson.mean() - 4) < 0.1 and abs(poisson.var() - 4) < 0.2
    whole = ops.UniformInt()(BIG, Tensor(3, I32), Tensor(6, I32)).asnumpy()
    np.testing.assert_allclose(np.bincount(whole)[3:] / 20000, 1 / 3, atol=0.02)
    sampled, true, own = ops.UniformCandidateSampler(1, 3, False, 4)(Tensor([[1], [3]]))
    assert true.asnumpy().tolist() == [[0.75], [0.75]] and own.asnumpy().tolist() == [0.75] * 3
    sampled, true, own = ops.LogUniformCandidateSampler(2, 4, False, 5)(Tensor([[0, 4]]))
    np.testing.assert_allclose(true.asnumpy(), 4 * np.log([[2, 6 / 5]]) / np.log(6), 1e-5)


def test_choices_without_replacement():
    places = ops.multinomial(Tensor([0.0, 9.0, 4.0, 1.0]), 3, False).asnumpy()
    assert sorted(places) == [1, 2, 3]
    order = ops.Randperm(6, -1)(Tensor([4], I32)).asnumpy()
    assert sorted(order[:4]) == [0, 1, 2, 3] and order[4:].tolist() == [-1, -1]
    mask = np.array([[True, False], [True, True]])
    places, valid = ops.RandomChoiceWithMask(5)(Tensor(mask))
    assert valid.asnumpy().tolist() == [True] * 3 + [False] * 2
    assert sorted(map(tuple, places.asnumpy()[:3])) == [(0, 0), (1, 0), (1, 1)]
    sampled = ops.UniformCandidateSampler(1, 4, True, 4)(Tensor([[1]]))[0].asnumpy()
    assert sorted(sampled) == [0, 1, 2, 3]


def test_gradients_flow_to_the_parameters_of_normal():
    def draw(mean, deviation):
        return ops.normal((3,), mean, deviation)

    outs, (mean, deviation) = gradients(draw, [np.float32(2), np.float32(3)])
    np.testing.assert_allclose(mean, 3)
    np.testing.assert_allclose(deviation, (np.asarray(outs[0]) - 2).sum() / 3, 1e-5)


W = np.ones(4, np.float32)
REFUSALS = [
    Refusal(ops.standard_normal, [(2, -3)], ValueError, "no negative sizes"),
    Refusal(ops.standard_normal, [3.0], TypeError, "should be tuple"),
    Refusal(lambda: ops.StandardNormal(seed=-1), [], ValueError, "0 or greater"),
    Refusal(lambda: ops.StandardNormal(seed=1.0), [], TypeError, "should be int"),
    Refusal(ops.UniformInt(), [(2,), np.array(0), np.array(5)], TypeError, "'minval' should be a Tensor of int32"),
    Refusal(ops.UniformInt(), [(2,), 0, 5], TypeError, "should be a Tensor"),
    Refusal(ops.UniformInt(), [(2,), np.int32(5), np.int32(5)], ValueError, "below 'maxval'", graph=False),
    Refusal(ops.uniform, [(2,), np.int32(1), np.int32(5)], TypeError,
            "'minval' should be a Tensor of 'dtype', Float32"),
    Refusal(ops.uniform, [(2,), 1.0, 2.0], TypeError, "should be a Tensor"),
    Refusal(ops.uniform, [(3, 5), W, W * 2], ValueError, "should broadcast"),
    Refusal(ops.normal, [(2,), 1.0, 2.0], TypeError, "should be a Tensor"),
    Refusal(ops.normal, [(2,), W[0], W[0], -1], ValueError, "0 or greater"),
    Refusal(ops.random_gamma, [(2,), np.array([1])], TypeError, "float16, float32 or float64"),
    Refusal(ops.multinomial, [W, 0], ValueError, "1 or greater"),
    Refusal(ops.multinomial, [W, 5, False], ValueError, "at most 4 samples"),
    Refusal(ops.multinomial, [np.array([1, 2]), 1], TypeError, "For 'multinomial'"),
    Refusal(lambda: ops.RandomCategorical(ms.float32), [], TypeError, "int16, int32 or int64"),
    Refusal(ops.RandomCategorical(), [W, 1], ValueError, "should have 2 axes"),
    Refusal(lambda: ops.RandomChoiceWithMask(0), [], ValueError, "greater than 0"),
    Refusal(ops.RandomChoiceWithMask(), [W], TypeError, "should be a Tensor of bool"),
    Refusal(lambda: ops.Randperm(dtype=ms.float32), [], TypeError, "should be an int dtype"),
    Refusal(ops.Randperm(4), [W], TypeError, "should be a Tensor of int32"),
    Refusal(ops.bernoulli, [W, 1.5], ValueError, "should be in [0, 1]"),
    Refusal(ops.bernoulli, [W, W[:3]], ValueError, "For 'bernoulli'"),
    Refusal(lambda: ops.UniformCandidateSampler(1, 9, True, 4), [], ValueError, "at most 'range_max'"),
    Refusal(ops.UniformCandidateSampler(2, 3, True, 4), [np.array([[1]])], ValueError, "(batch, 2)"),
    Refusal(ops.UniformCandidateSampler(1, 3, True, 4), [W[:, None]], TypeError, "int32 or int64"),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
