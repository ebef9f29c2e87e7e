"""Operators in every dtype, against what MindSpore 1.8.1 gave (oracle/math.json)."""
import builtins
import json
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from mycelium import Tensor, ops
from mycelium.graph.compiler import GraphFunction

ROWS = json.loads((Path(__file__).parents[1] / "oracle" / "math.json").read_text())
# Operators that take more dtypes here than there
WIDER = {
    "Abs", "ACos", "ApproximateEqual", "ArgMaxWithValue", "ArgMinWithValue", "Argmax", "Asin", "Atan", "Atan2",
    "BatchMatMul", "Ceil", "CumSum", "Cummax", "DivNoNan", "Erf", "Erfc", "Expm1", "GreaterEqual", "Inv", "Invert",
    "IsFinite", "IsInf", "IsNan", "L2Loss", "Less", "LessEqual", "LpNorm", "MatMul", "Neg", "Pow", "ReduceMin", "Round",
    "Sign", "SquaredDifference", "Tanh", "Trunc", "TruncateMod", "cdist", "clip_by_value", "count_nonzero", "dot",
    "exp2", "isclose", "matmul", "matrix_band_part", "mv", "Complex", "Real", "Conj",
}
TOLERANCE = {"float16": 4e-3, "float32": 2e-5, "float64": 1e-6, "complex64": 2e-5}    # its CPU kernels are approximate


def array(dtype, values):
    """The array of a recorded Tensor."""
    if dtype.startswith("complex"):
        pairs = np.array(values, np.float64)
        return (pairs[..., 0] + 1j * pairs[..., 1]).astype(dtype)
    return np.array(values, np.float64 if "float" in dtype else None).astype(dtype)


def arguments(given):
    return [Tensor(array(*v)) if v[0] else v[1] for v in given]


def compare(row, found):
    expression, given, expected = row
    found = found if isinstance(found, (tuple, list)) else [found]
    assert len(found) == len(expected), row
    for got, (dtype, values) in zip(found, expected, strict=True):
        got = got.asnumpy()
        assert str(got.dtype) == dtype, row
        want = array(dtype, values)
        assert got.shape == want.shape, row
        tolerance = max(TOLERANCE.get(d, 0) for d in (dtype, *(g[0] for g in given)))
        np.testing.assert_allclose(got, want, tolerance, tolerance, err_msg=str(row))


@pytest.mark.parametrize(("expression", "rows"), [(k, list(g)) for k, g in groupby(
    sorted(ROWS, key=lambda r: r[0]), lambda r: r[0])], ids=lambda v: v if isinstance(v, str) else "")
def test_values_and_dtypes(expression, rows):
    operator = eval(expression, {"ops": ops, "math_ops": ops})
    rows = [r for r in rows if isinstance(r[2], list)]
    # one program for all rows: that is one compilation
    program = GraphFunction(lambda *given: [operator(*args) for args in given], expression)
    for row, found in zip(rows, program(tuple(arguments(r[1]) for r in rows)), strict=True):
        compare(row, found)


REFUSED = [r for r in ROWS if isinstance(r[2], str) and r[0].removeprefix("ops.").split("(")[0] not in WIDER]


@pytest.mark.parametrize("expression", sorted({r[0] for r in REFUSED}))
def test_refusals(expression):
    operator = eval(expression, {"ops": ops})
    for _, given, error in (r for r in REFUSED if r[0] == expression):
        with pytest.raises(getattr(builtins, error)):
            operator(*arguments(given))
