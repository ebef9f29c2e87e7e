"""Long chains of element-wise operators are cut: the same numbers, and compilation that grows with the length only."""
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import jaxpr_as_fun

import mycelium as ms
from mycelium import Tensor, nn, ops
from mycelium.engine import rewrite


class Chain(nn.Cell):
    """Element-wise layers, each with a Parameter of its own."""

    def __init__(self, layers, size=8):
        super().__init__()
        values = np.linspace(0.5, 1.5, layers * size, dtype=np.float32).reshape(layers, size)
        self.weights = ms.ParameterTuple([ms.Parameter(Tensor(v), name=f"w{i}") for i, v in enumerate(values)])

    def construct(self, x):
        for weight in self.weights:
            x = ops.tanh(x * weight) + x
        return (x * x).sum()


def chain(x):
    for i in range(30):
        x = jnp.where(x > i, jnp.tanh(x) * x, x + 1)
    return x.sum()


def residuals(x):
    kept = [x]
    for _ in range(30):
        kept.append(jnp.tanh(kept[-1]) + kept[-1])
    return sum(k.sum() for k in kept)


def loop(x):
    return jax.lax.fori_loop(0, 3, lambda i, v: chain(v * jnp.ones(4)) * v, x)


def branch(x):
    return jax.lax.cond(x.sum() > 0, chain, lambda v: v.sum(), x)


def count(jaxpr):
    """The barriers of a program, those of its loops and branches included."""
    return str(jaxpr).count("optimization_barrier")


@pytest.mark.parametrize("fn", [chain, residuals, loop, branch], ids=lambda f: f.__name__)
def test_barriers_change_no_number(fn):
    x = jnp.linspace(-1.0, 2.0, 4)
    closed = jax.make_jaxpr(jax.value_and_grad(lambda v: fn(v).sum()) if fn is not loop else fn)(x)
    cut = rewrite.split_chains(closed.jaxpr)
    assert count(closed.jaxpr) == 0 and count(cut) >= 3
    expected = jaxpr_as_fun(closed)(x)
    for got, wanted in zip(jaxpr_as_fun(closed.replace(jaxpr=cut))(x), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_short_programs_stay_as_they_are():
    def layer(x, w):
        return jax.nn.softmax(jnp.tanh(x @ w))

    jaxpr = jax.make_jaxpr(lambda x, w: layer(layer(layer(x, w), w), w).sum())(jnp.ones((3, 3)), jnp.ones((3, 3))).jaxpr
    assert rewrite.split_chains(jaxpr) is jaxpr


def test_matrix_products_end_a_chain():
    def net(x, w):
        for _ in range(20):
            x = jnp.tanh(x @ w)
        return (x * x).sum()

    jaxpr = jax.make_jaxpr(jax.grad(net))(jnp.ones((3, 3)), jnp.ones((3, 3))).jaxpr
    assert rewrite.split_chains(jaxpr) is jaxpr


def test_a_training_step_compiles_into_work_that_grows_with_its_length():
    """Without the barriers each operator is computed again for each of its users."""
    def flops(layers):
        net = Chain(layers)
        step = nn.TrainOneStepCell(net, nn.SGD(net.trainable_params(), 0.1))
        loss = step(Tensor(np.linspace(-1, 1, 8, dtype=np.float32)))
        assert np.isfinite(loss.asnumpy())
        (entry,), = step._graph_function().programs.values()
        return entry.program.lower([np.zeros(8, np.float32)]).compile().cost_analysis()["flops"]

    assert flops(48) < 3 * flops(24)


def test_gradients_equal_pynative():
    net, x = Chain(40), Tensor(np.linspace(-1, 1, 8, dtype=np.float32))
    results = {}
    for mode in (ms.PYNATIVE_MODE, ms.GRAPH_MODE):
        ms.set_context(mode=mode)
        results[mode] = ms.ops.GradOperation(get_all=True, get_by_list=True)(net, net.weights)(x)
    for graph, pynative in zip(results[ms.GRAPH_MODE][1], results[ms.PYNATIVE_MODE][1], strict=True):
        np.testing.assert_allclose(graph.asnumpy(), pynative.asnumpy(), rtol=2e-5)
