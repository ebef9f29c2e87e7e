"""Casts: which values they give, and which names a dtype has."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops

X = np.array([1.7, -1.7, 300.0, -300.0, 0.0, 0.5], np.float32)
N = np.array([300, -1], np.int32)

CASES = [
    Case(ops.cast, [X, ms.int32], expect=[1, -1, 300, -300, 0, 0], dtype="int32", grad=0),
    Case(ops.Cast(), [X, ms.int8], expect=[1, -1, 44, -44, 0, 0], dtype="int8", grad=0),
    Case(ops.Cast(), [X, ms.uint8], expect=[1, 255, 44, 212, 0, 0], dtype="uint8", grad=0),
    Case(ops.Cast(), [X, ms.bool_], expect=[True, True, True, True, False, True], dtype="bool", grad=0),
    Case(ops.Cast(), [N, ms.int8], expect=[44, -1], dtype="int8"),
    Case(ops.Cast(), [N, ms.uint8], expect=[44, 255], dtype="uint8"),
    Case(ops.Cast(), [X, ms.float64], expect=X.astype(np.float64)),
    Case(ops.Cast(), [X, ms.complex64], expect=X.astype(np.complex64), grad=0),
    Case(ops.Cast(), [np.complex64([1 + 2j]), ms.float32], expect=[1], dtype="float32"),
    Case(ops.Cast(), [1.5, ms.int32], expect=1, dtype="int32"),
    Case(ops.Cast(), [True, ms.float32], expect=1, dtype="float32"),
    Case(ops.cast, [X, float], expect=X.astype(np.float64), grad=0),
    *(Case(lambda x, d=d: x.astype(d), [X], expect=X.astype(n), grad=0, label=f"astype {d}") for d, n in (
        ("int32", np.int32), ("Float16", np.float16), ("bool", bool), ("half", np.float16), (ms.int64, np.int64),
        (np.int16, np.int16), (np.dtype("float16"), np.float16), (int, np.int64), (float, np.float64))),
]

REFUSALS = [
    Refusal(ops.cast, [X, 1], TypeError, "the type of 'dtype' should be"),
    Refusal(ops.Cast(), [X, ms.string], TypeError, "is not the type of Tensor elements"),
    Refusal(ops.Cast(), ["a", ms.int32], TypeError, "For 'Cast'"),
    Refusal(lambda x: x.astype("foo"), [X], TypeError, "For 'Tensor.astype', 'dtype' should be a dtype"),
    Refusal(lambda x: x.astype(3), [X], TypeError, "For 'Tensor.astype'"),
    Refusal(lambda x: x.astype(None), [X], TypeError, "For 'Tensor.astype'"),
    Refusal(ops.ScalarCast(), ["a", ms.int32], TypeError, "For 'ScalarCast'"),
]


def test_astype_without_copy_gives_the_same_tensor():
    x = Tensor(X)
    assert x.astype(ms.float32, copy=False) is x
    assert x.astype(ms.float32) is not x
    assert x.astype(ms.float16, copy=False) is not x


@pytest.mark.parametrize(("value", "dtype", "expected"), [
    (255.9, ms.int32, 255), (3, ms.float32, 3.0), (3, ms.int8, 3), (0, ms.bool_, False), (True, ms.float16, 1.0)])
def test_scalar_cast_gives_python_numbers(value, dtype, expected):
    for result in (ops.scalar_cast(value, dtype), ops.ScalarCast()(value, dtype)):
        assert result == expected and type(result) is type(expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

