"""The differentiable loop against the same loop written out, for every way of keeping states."""
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import mycelium.engine.backend  # noqa: F401  float64
from mycelium.engine import while_loop as module
from mycelium.engine.while_loop import while_loop

X, W = jnp.array([0.3, 0.5]), jnp.array(0.9)


def step(x, w):
    return jnp.sin(x * w) + 0.3 * x * x


def looped(x, w, n):
    def one(state, consts):
        i, x = state
        w, n = consts
        return i + 1 < n, [i + 1, step(x, w)]
    return while_loop(one, 0 < n, [jnp.zeros_like(n), x], [w, n])[1].sum()


def written_out(x, w, n):
    for _ in range(n):
        x = step(x, w)
    return x.sum()


def same(got, expected):
    for g, e in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("slots", [None, 4, 2])
def test_first_order(monkeypatch, slots):
    if slots:
        monkeypatch.setattr(module, "_slots", lambda state: slots)
    gradient = jax.jit(jax.value_and_grad(looped, (0, 1)))
    for n in (0, 1, 2, 3, 4, 5, 8, 15, 16, 17, 40):
        same(gradient(X, W, jnp.asarray(n)), jax.value_and_grad(written_out, (0, 1))(X, W, n))


@pytest.mark.parametrize("slots", [None, 2])
def test_second_order(monkeypatch, slots):
    if slots:
        monkeypatch.setattr(module, "_slots", lambda state: slots)
    hessian = jax.jit(jax.jacrev(jax.jacrev(looped, (0, 1)), (0, 1)))
    for n in (0, 1, 3, 5):
        same(hessian(X, W, jnp.asarray(n)), jax.jacrev(jax.jacrev(written_out, (0, 1)), (0, 1))(X, W, n))


def test_third_order():
    def third(fn, n):
        def second(x):
            return jax.grad(lambda y: jax.grad(lambda z: fn(z, W, n))(y).sum())(x).sum()
        return jax.jit(jax.grad(second))(X)
    same(third(looped, jnp.asarray(3)), third(written_out, 3))


def test_vmap_of_gradient():
    xs = jnp.stack([X, 2 * X, -X])
    ns = jnp.array([0, 2, 5])
    got = jax.jit(jax.vmap(jax.grad(looped), (0, None, 0)))(xs, W, ns)
    same(got, jnp.stack([jax.grad(written_out)(x, W, int(n)) for x, n in zip(xs, ns, strict=True)]))


def test_every_kept_step_has_a_slot_of_its_own():
    for slots in (2, 4, 8):
        stride = unit = 1
        for count in range(1, 3 * slots ** 3):
            while count > slots * stride:
                stride *= 2
            while stride >= slots * unit:
                unit *= slots
            places = [int(module._place(i, unit, slots)) for i in range(0, count, stride)]
            assert len(set(places)) == len(places) and max(places) < slots


def test_memory_does_not_grow_with_the_steps():
    compiled = jax.jit(jax.grad(looped, (0, 1))).lower(jnp.zeros(50_000), W, jnp.asarray(0)).compile()
    assert compiled.memory_analysis().temp_size_in_bytes < 64 * 2 ** 20
    same(jax.jit(jax.grad(looped, 1))(X * 0.1, W, jnp.asarray(30_000)), 0.0)


def test_large_states_are_kept_in_few_slots():
    assert module._slots([jnp.zeros(1, jnp.float32)]) == 16384
    assert module._slots([jnp.zeros(1 << 20, jnp.float32)]) == 64
    assert module._slots([jnp.zeros((16, 1 << 20), jnp.float32)]) == 16
