"""Bessel functions: against PyTorch, and to the last digits of double precision against values of other libraries."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, gradients, refuse

from mycelium import Tensor, ops

X = np.array([0.25, -0.75, 1.5, 9.5], np.float32)
P = np.abs(X)
N = np.array([1], np.int32)

CASES = [
    Case(ops.bessel_i0, [X], torch=torch.special.i0),
    Case(ops.BesselI0(), [np.float16([1.5])], torch=torch.special.i0, rtol=1e-3, grad=0),
    Case(ops.bessel_i0e, [X], torch=torch.special.i0e),
    Case(ops.bessel_i1, [X], torch=torch.special.i1),
    Case(ops.bessel_i1e, [X], torch=torch.special.i1e),
    Case(ops.bessel_j0, [X], numpy=lambda x: torch.special.bessel_j0(torch.tensor(x)).numpy()),
    Case(ops.bessel_j1, [X], numpy=lambda x: torch.special.bessel_j1(torch.tensor(x)).numpy()),
    Case(ops.bessel_y0, [P], numpy=lambda x: torch.special.bessel_y0(torch.tensor(x)).numpy()),
    Case(ops.bessel_y1, [P], numpy=lambda x: torch.special.bessel_y1(torch.tensor(x)).numpy()),
    Case(ops.bessel_k0, [P], numpy=lambda x: torch.special.modified_bessel_k0(torch.tensor(x)).numpy()),
    Case(ops.bessel_k1, [P], numpy=lambda x: torch.special.modified_bessel_k1(torch.tensor(x)).numpy()),
    Case(ops.bessel_k0e, [P], numpy=lambda x: torch.special.scaled_modified_bessel_k0(torch.tensor(x)).numpy()),
    Case(ops.bessel_k1e, [P], numpy=lambda x: torch.special.scaled_modified_bessel_k1(torch.tensor(x)).numpy()),
]

REFUSALS = [Refusal(getattr(ops, f"bessel_{n}"), [N], TypeError, "should be a Tensor of float16, float32")
            for n in ("i0", "i0e", "i1", "i1e", "j0", "j1", "y0", "y1", "k0", "k0e", "k1", "k1e")]

# SciPy 1.17 at 0.25, 1.5, 7.5 and 30
DOUBLE = {
    "j0": [0.984435929295853, 0.511827671735918, 0.266339657880378, -0.0863679835810403],
    "j1": [0.124025977322727, 0.5579365079101, 0.135248427579706, -0.118751062616623],
    "y0": [-0.931573024930059, 0.382448923797759, 0.117313286148209, -0.117295731686664],
    "y1": [-2.70410522931528, -0.412308626973911, -0.259128510486116, 0.0844255706617471],
    "k0": [1.5415067512483, 0.213805562647526, 0.000249177616356114, 2.13247749646306e-14],
    "k1": [3.74702597444071, 0.277387800456844, 0.00026529739012529, 2.16773200189155e-14],
    "k0e": [1.97933384859857, 0.958210053294896, 0.450523699104916, 0.227886665616254],
    "k1e": [4.81127658817103, 1.24316587355255, 0.479668933791021, 0.231654129377712],
}


@pytest.mark.parametrize("name", DOUBLE)
def test_double_precision(name):
    found = getattr(ops, f"bessel_{name}")(Tensor(np.array([0.25, 1.5, 7.5, 30.0])))
    np.testing.assert_allclose(found.asnumpy(), DOUBLE[name], 3e-14)


@pytest.mark.parametrize(("name", "at_zero"), [
    ("j0", 1), ("j1", 0), ("y0", -np.inf), ("y1", -np.inf), ("k0", np.inf), ("k1", np.inf)])
def test_at_and_below_zero(name, at_zero):
    found = getattr(ops, f"bessel_{name}")(Tensor(np.array([0.0, -1.0]))).asnumpy()
    assert found[0] == at_zero
    assert np.isnan(found[1]) == (name[0] != "j")


def test_the_slope_of_j1_at_zero_is_a_half():
    slope, = gradients(ops.bessel_j1, [np.zeros(1)])[1]
    np.testing.assert_array_equal(slope, 0.5)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

