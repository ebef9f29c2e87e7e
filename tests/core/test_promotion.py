"""The promotion rules against what MindSpore 1.8.1 answered (tests/oracle/promotion.json)."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from mycelium.core.promotion import promote_scalar, promote_types

RECORD = json.loads((Path(__file__).parents[1] / "oracle" / "promotion.json").read_text())
SCALARS = {"py_bool": bool, "py_int": int, "py_float": float}
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


def recorded(operation, mode="PYNATIVE"):
    """Yield (left name, right name, dtype or None when refused) for every pair that was asked."""
    for left, row in RECORD["tables"][mode][operation].items():
        for right, word in zip(RECORD["operands"], row.split(), strict=True):
            if word != "-":
                yield left, right, None if word.endswith("Error") else np.dtype(word.lower())


def promote(left, right):
    if left in SCALARS:
        left, right = right, left
    if right in SCALARS:
        return promote_scalar(np.dtype(left), SCALARS[right])
    return promote_types(np.dtype(left), np.dtype(right))


@pytest.mark.parametrize("operation", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "ops.Maximum",
                                       "ops.BitwiseAnd", "ops.SquaredDifference"])
def test_every_recorded_result_has_the_promoted_dtype(operation):
    answers = [(left, right, dtype) for left, right, dtype in recorded(operation) if dtype is not None]
    assert len(answers) > 50
    wrong = [(left, right, str(dtype)) for left, right, dtype in answers if promote(left, right) != dtype]
    assert not wrong


def test_pairs_that_no_operation_accepts_are_refused():
    """A pair some operation combines is allowed here; real complex arithmetic with scalars only fails by accident."""
    accepted = {(left, right) for operation in RECORD["tables"]["PYNATIVE"] if "matmul" not in operation.lower()
                for left, right, dtype in recorded(operation) if dtype is not None and dtype.kind != "b"}
    for left, right, _ in recorded("add"):
        outside = {left, right} & {"uint16", "uint32", "uint64"}
        if outside and left != right:
            assert (left, right) not in accepted
            with pytest.raises(TypeError, match="[Cc]ast"):
                promote(left, right)


def test_graph_mode_promotes_like_pynative_mode():
    """The recorder keeps a GRAPH table only where it differs; no arithmetic one may be there."""
    assert set(RECORD["tables"]["GRAPH"]) <= {"equal", "ops.BitwiseAnd"}


def test_promotion_is_symmetric():
    names = [name for name in RECORD["operands"] if name not in SCALARS]
    for left in names:
        for right in names:
            try:
                expected = promote(left, right)
            except TypeError:
                with pytest.raises(TypeError):
                    promote(right, left)
            else:
                assert promote(right, left) == expected


@pytest.mark.parametrize("other, expected", [("bool", BFLOAT16), ("int64", BFLOAT16), ("uint8", BFLOAT16),
                                             ("bfloat16", BFLOAT16), ("float16", np.dtype("float32")),
                                             ("float32", np.dtype("float32")), ("float64", np.dtype("float64"))])
def test_bfloat16(other, expected):
    assert promote_types(BFLOAT16, np.dtype(other)) == expected
    assert promote_types(np.dtype(other), BFLOAT16) == expected


def test_scalars_keep_a_dtype_that_can_hold_their_kind():
    assert promote_scalar(BFLOAT16, float) == BFLOAT16
    assert promote_scalar(np.dtype("complex64"), float) == np.dtype("complex64")
    assert promote_scalar(np.dtype("bool"), bool) == np.dtype("bool")


def test_other_scalar_types_are_refused():
    with pytest.raises(TypeError, match="got str"):
        promote_scalar(np.dtype("float32"), str)
    with pytest.raises(TypeError, match="complex64 and int32"):
        promote_types(np.dtype("complex64"), np.dtype("int32"))
