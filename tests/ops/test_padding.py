"""Padding against NumPy."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import Tensor, ops

X = np.arange(6, dtype=np.float32).reshape(2, 3)
N = X.astype(np.int32)
PAIRS = ((1, 2), (0, 1))


def _mirror(mode):
    return lambda x, p: np.pad(x, p, mode=mode)


CASES = [
    Case(ops.Pad(PAIRS), [X], numpy=lambda x: np.pad(x, PAIRS)),
    Case(ops.Pad(PAIRS), [N], numpy=lambda x: np.pad(x, PAIRS)),
    Case(ops.pad, [X, ((1, 2), (-1, 1))], numpy=lambda x, p: np.pad(x[:, 1:], ((1, 2), (0, 1)))),
    Case(ops.MirrorPad(), [X, ((1, 1), (2, 1))], numpy=_mirror("reflect")),
    Case(ops.MirrorPad("SYMMETRIC"), [X, ((2, 0), (3, 1))], numpy=_mirror("symmetric")),
    Case(lambda x: ops.MirrorPad()(x, Tensor([[1, 0], [0, 2]])), [N],
         numpy=lambda x: np.pad(x, ((1, 0), (0, 2)), "reflect")),
    Case(ops.padding, [X[:, :1], 4], numpy=lambda x, n: np.pad(x, ((0, 0), (0, n - 1)))),
    Case(ops.Padding(), [N[:, :1]], numpy=lambda x: np.pad(x, ((0, 0), (0, 7)))),
]

REFUSALS = [
    Refusal(ops.Pad(((1, 2),)), [X], ValueError, "for each of the 2 axes"),
    Refusal(lambda: ops.Pad(((1, 2), (-1, 0))), [], ValueError, "should not be negative"),
    Refusal(lambda: ops.Pad(3), [], TypeError, "should be tuple"),
    Refusal(ops.Pad(((1,), (0, 1))), [X], ValueError, "a pair (before, after)"),
    Refusal(lambda: ops.Pad(((1, 1.5), (0, 1))), [], TypeError, "should hold ints"),
    Refusal(ops.pad, [X, 3], TypeError, "tuple of pairs"),
    Refusal(ops.pad, [X, ((-1, -1), (0, 0))], ValueError, "should leave something"),
    Refusal(ops.MirrorPad(), [X, ((3, 1), (2, 1))], ValueError, "[0, size - 1]"),
    Refusal(ops.MirrorPad("SYMMETRIC"), [X, ((3, 1), (2, 1))], ValueError, "[0, size]"),
    Refusal(lambda: ops.MirrorPad("X"), [], ValueError, "['REFLECT', 'SYMMETRIC']"),
    Refusal(ops.MirrorPad(), [X, ((1, 1),)], ValueError, "for each of the 2 axes"),
    Refusal(ops.padding, [X, 4], ValueError, "the last of size 1"),
    Refusal(ops.padding, [X[0, :1], 4], ValueError, "two or more axes"),
    Refusal(ops.padding, [X[:, :1], 0], ValueError, "greater than 0"),
    Refusal(lambda: ops.Padding(4.0), [], TypeError, "should be int"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
