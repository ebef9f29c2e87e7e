"""Update rules that MindSpore's CPU lacks or has wrong, against NumPy; the others are in test_recorded_nn.py."""
import numpy as np
import pytest
from tests.ops.harness import ops

import mycelium as ms
from mycelium import Parameter, Tensor

RNG = np.random.default_rng(0)
VAR, ACC, SECOND, G = (RNG.uniform(0.1, 1, (2, 3)).astype(np.float32) for _ in range(4))
G -= 0.5
ROWS = np.array([2, 0], np.int32)


def sgd_nesterov(v, a, g):
    a = 0.9 * a + g
    return v - 0.1 * (g + 0.9 * a), a


def ada_max(v, m, u, g):
    m, u = 0.9 * m + 0.1 * g, np.maximum(0.99 * u, np.abs(g))
    return v - 0.1 / (1 - 0.9) * m / (u + 1e-3), m, u


def shrunk(x, by):
    return np.sign(x) * np.maximum(np.abs(x) - by, 0)


def ftrl(v, n, z, g):
    new = n + g * g
    z = z + g - (np.sqrt(new) - np.sqrt(n)) / 0.1 * v
    return np.where(np.abs(z) > 0.05, (np.sign(z) * 0.05 - z) / (np.sqrt(new) / 0.1 + 2 * 0.2), 0), new, z


def adagrad_da(v, s, q, g):
    s, q = s + g, q + g * g
    return -0.1 * shrunk(s, 0.05 * 3) / (0.2 * 3 * 0.1 + np.sqrt(q)), s, q


def proximal_adagrad(v, n, g):
    n = n + g * g
    rate = 0.1 / np.sqrt(n)
    return shrunk(v - rate * g, rate * 0.05) / (1 + rate * 0.2), n


def rms(v, s, m, g):
    s = 0.9 * s + 0.1 * g * g
    m = 0.8 * m + 0.1 * g / np.sqrt(s + 1e-3)
    return v - m, s, m


def adadelta(v, s, u, g):
    s = 0.9 * s + 0.1 * g * g
    step = np.sqrt(u + 1e-3) / np.sqrt(s + 1e-3) * g
    return v - 0.1 * step, s, 0.9 * u + 0.1 * step * step


def ftrl_v2(v, n, z, g):
    new = n + g * g
    z = z + g + 2 * 0.3 * v - (np.sqrt(new) - np.sqrt(n)) / 0.1 * v
    return np.where(np.abs(z) > 0.05, (np.sign(z) * 0.05 - z) / (np.sqrt(new) / 0.1 + 2 * 0.2), 0), new, z


DENSE = {     # (call of the operator on Parameters and the gradient, what it should give, how many states)
    "ApplyMomentum": (lambda p, g: ops.ApplyMomentum(use_nesterov=True)(*p, 0.1, g, 0.9), sgd_nesterov, 2),
    "ApplyMomentum scaled": (lambda p, g: ops.ApplyMomentum(gradient_scale=2.0)(*p, 0.1, g, 0.9),
                             lambda v, a, g: (v - 0.1 * (0.9 * a + 2 * g), 0.9 * a + 2 * g), 2),
    "FusedWeightScaleApplyMomentum": (lambda p, g: ops.FusedWeightScaleApplyMomentum()(0.2, 3.0, *p, 0.1, g, 0.9),
                                      lambda v, a, g: (v - 0.1 * (0.9 * a + 3 * g + 0.2 * v),
                                                       0.9 * a + 3 * g + 0.2 * v), 2),
    "ApplyKerasMomentum": (lambda p, g: ops.ApplyKerasMomentum(use_nesterov=True)(*p, 0.1, g, 0.9),
                           lambda v, a, g: (v + 0.9 * (0.9 * a - 0.1 * g) - 0.1 * g, 0.9 * a - 0.1 * g), 2),
    "ApplyAdaMax": (lambda p, g: ops.ApplyAdaMax()(*p, 0.9, 0.1, 0.9, 0.99, 1e-3, g), ada_max, 3),
    "ApplyAddSign": (lambda p, g: ops.ApplyAddSign()(*p, 0.1, 1.0, 0.9, 0.8, g),
                     lambda v, m, g: (v - 0.1 * (1 + 0.9 * np.sign(g) * np.sign(0.8 * m + 0.2 * g)) * g,
                                      0.8 * m + 0.2 * g), 2),
    "ApplyProximalGradientDescent": (lambda p, g: ops.ApplyProximalGradientDescent()(*p, 0.1, 0.05, 0.2, g),
                                     lambda v, g: (shrunk(v - 0.1 * g, 0.1 * 0.05) / (1 + 0.1 * 0.2),), 1),
    "ApplyFtrl": (lambda p, g: ops.ApplyFtrl()(*p, g, 0.1, 0.05, 0.2, -0.5), ftrl, 3),
    "ApplyAdagradDA": (lambda p, g: ops.ApplyAdagradDA()(*p, g, 0.1, 0.05, 0.2, 3), adagrad_da, 3),
    "ApplyProximalAdagrad": (lambda p, g: ops.ApplyProximalAdagrad()(*p, 0.1, 0.05, 0.2, g), proximal_adagrad, 2),
}
SPARSE = {
    "SparseApplyProximalAdagrad": (lambda p, g, i: ops.SparseApplyProximalAdagrad()(*p, 0.1, 0.05, 0.2, g, i),
                                   proximal_adagrad, 2),
    "SparseApplyRMSProp": (lambda p, g, i: ops.SparseApplyRMSProp(0.9, 0.8, 1e-3)(*p, 0.1, g, i), rms, 3),
    "SparseApplyAdadelta": (lambda p, g, i: ops.SparseApplyAdadelta(1e-3)(*p, 0.1, 0.9, g, i), adadelta, 3),
    "SparseApplyFtrlV2": (lambda p, g, i: ops.SparseApplyFtrlV2(0.1, 0.05, 0.2, 0.3, -0.5)(*p, g, i), ftrl_v2, 3),
}


def parameters(arrays):
    return [Parameter(Tensor(a), name=f"p{i}") for i, a in enumerate(arrays)]


@pytest.mark.parametrize("name", DENSE)
def test_dense(name):
    call, rule, count = DENSE[name]
    states = [VAR, ACC, SECOND][:count]
    params = parameters(states)
    call(params, Tensor(G))
    for p, expected in zip(params, rule(*states, G), strict=True):
        np.testing.assert_allclose(p.asnumpy(), expected, 1e-5, 1e-6)


@pytest.mark.parametrize("name", SPARSE)
def test_sparse(name):
    call, rule, count = SPARSE[name]
    states = [np.concatenate([a, a[:1] + 1]) for a in (VAR, ACC, SECOND)[:count]]
    params = parameters(states)
    call(params, Tensor(G), Tensor(ROWS))
    for p, before, expected in zip(params, states, rule(*(s[ROWS] for s in states), G), strict=True):
        np.testing.assert_allclose(p.asnumpy()[ROWS], expected, 1e-5, 1e-6)
        np.testing.assert_array_equal(p.asnumpy()[1], before[1])


def test_lars():
    w_norm, g_norm = np.linalg.norm(VAR), np.linalg.norm(G)
    rate = 0.001 * w_norm / (g_norm + 0.1 * w_norm + 1e-5)
    norms = Tensor(np.float32(w_norm ** 2)), Tensor(np.float32(g_norm ** 2))
    for clip, factor in ((False, rate), (True, min(rate / 0.0005, 1))):
        out = ops.LARSUpdate(use_clip=clip)(Tensor(VAR), Tensor(G), *norms, 0.1, 0.0005)
        np.testing.assert_allclose(out.asnumpy(), factor * (G + 0.1 * VAR), 1e-5)


@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
def test_a_cell_sees_its_parameters_move_in_both_modes(mode):
    class Step(ms.nn.Cell):
        def __init__(self):
            super().__init__()
            self.update = ops.Adam()
            self.w, self.m, self.v = parameters([VAR, ACC, SECOND])

        def construct(self, g):
            self.update(self.w, self.m, self.v, 0.9, 0.99, 0.1, 0.9, 0.99, 1e-3, g)
            return self.w + 0

    before = ms.get_context("mode")
    ms.set_context(mode=mode)
    try:
        step = Step()
        out = step(Tensor(G))
    finally:
        ms.set_context(mode=before)
    m, v = 0.9 * ACC + 0.1 * G, 0.99 * SECOND + 0.01 * G * G
    expected = VAR - 0.1 * np.sqrt(1 - 0.99) / (1 - 0.9) * m / (np.sqrt(v) + 1e-3)
    for got, wanted in ((step.w, expected), (out, expected), (step.m, m), (step.v, v)):
        np.testing.assert_allclose(got.asnumpy(), wanted, 1e-5, 1e-6)


def test_refusals():
    w, m, v = parameters([VAR, ACC, SECOND])
    with pytest.raises(ValueError, match=r"For 'Adam', 'gradient' should have the shape of the Parameter, \(2, 3\)"):
        ops.Adam()(w, m, v, 0.9, 0.99, 0.1, 0.9, 0.99, 1e-3, Tensor(G[:1]))
    with pytest.raises(TypeError, match="For 'ApplyMomentum', 'gradient' should be a Tensor of float16"):
        ops.ApplyMomentum()(w, m, 0.1, Tensor(np.ones((2, 3), np.int32)), 0.9)
    with pytest.raises(ValueError, match="For 'SGD', 'dampening' should be 0 with 'nesterov'"):
        ops.SGD(0.1, 0.0, True)
    with pytest.raises(ValueError, match=r"For 'FusedSparseFtrl', 'grad' should have shape \(n, 3\)"):
        ops.FusedSparseFtrl(0.1, 0.0, 0.0, -0.5)(w, m, v, Tensor(G[:, :2]), Tensor(ROWS))
    with pytest.raises(ValueError, match="For 'FusedSparseFtrl', 'accum' should have the shape of the Parameter"):
        ops.FusedSparseFtrl(0.1, 0.0, 0.0, -0.5)(w, Tensor(G[:1]), v, Tensor(G), Tensor(ROWS))
    with pytest.raises(TypeError, match="For 'FusedSparseFtrl', 'indices' should be a Tensor of int32"):
        ops.FusedSparseFtrl(0.1, 0.0, 0.0, -0.5)(w, m, v, Tensor(G), Tensor(G[:, 0]))
    np.testing.assert_array_equal(w.asnumpy(), VAR)
