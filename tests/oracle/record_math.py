"""Record what real MindSpore computes with elementwise operators, reductions and products; run it under MindSpore
1.8.1, not under Mycelium.

Writes ``math.json``: a list of rows ``[expression, arguments, results]``. The expression makes the operator, such as
``ops.CumSum(True)``; an argument is ``[dtype, nested values]`` for a Tensor, or ``["", value]`` for a constant; results
are Tensors in the same form, or the name of the exception. A combination that only lacks a CPU kernel is left out.
"""

import json
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import Tensor, ops

ms.set_context(mode=ms.PYNATIVE_MODE)
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16"]
FLOATS = ["float16", "float32", "float64"]
DTYPES = ["bool", *INTEGERS, *FLOATS, "complex64"]

ANY = [0.5, -1.5, 2.0, -0.75, 3.75]     # no integer made of it is 0: what divides by 0 is no fact
POSITIVE = [0.5, 1.5, 2.0, 0.25, 3.75]
UNIT = [0.5, -0.25, 0.75, -0.875, 0.125]
ABOVE_ONE = [1.5, 1.25, 2.0, 3.0, 3.75]
UNARY = {
    "Abs Atan Asinh Ceil Floor Rint Round Cos Cosh Sin Sinh Tan Tanh Sign Square Exp Expm1 Neg Inv Reciprocal Invert "
    "Erf Erfc IsNan IsInf IsFinite LogicalNot Real Imag Conj PopulationCount BesselI0 BesselI0e BesselI1 "
    "BesselI1e Trunc Eps": ANY,
    "Sqrt Rsqrt Log Log1p": POSITIVE,
    "Asin ACos Atanh": UNIT,
    "Acosh": ABOVE_ONE,
}
BINARY = """Add Sub Mul Div RealDiv DivNoNan MulNoNan FloorDiv FloorMod Mod TruncateDiv TruncateMod Pow Maximum Minimum
SquaredDifference Xdivy Xlogy Atan2 BitwiseAnd BitwiseOr BitwiseXor LogicalAnd LogicalOr LogicalXor Equal NotEqual
Greater GreaterEqual Less LessEqual ApproximateEqual(1.0) Complex EqualCount Ger""".split()
REDUCTIONS = ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceAll", "ReduceAny"]
MATRIX = [[0.5, -1.5, 2.0], [3.0, 0.25, -4.0]]


def sample(values, dtype):
    """The values in a dtype: integers and booleans of their own, without overflow."""
    values = np.array(values)
    if dtype == "bool":
        return values > 0
    if dtype == "complex64":
        return (values + 0.5j * values[..., ::-1]).astype(dtype)
    if dtype.startswith("float"):
        return values.astype(dtype)
    values = np.round(values * 2)
    return np.abs(values).astype(dtype) if dtype[0] == "u" else values.astype(dtype)


def plain(value):
    """A value that JSON holds: complex numbers as [real, imaginary], NaN and infinity as words."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, complex):
        return [value.real, value.imag]
    return str(value) if isinstance(value, float) and not np.isfinite(value) else value


def packed(array):
    return [str(array.dtype), plain(array.tolist())]


rows = []


def record(expression, *arguments):
    """Adds a row; arrays become Tensors."""
    try:
        operator = eval(expression)
        out = operator(*(Tensor(a) if isinstance(a, np.ndarray) else a for a in arguments))
    except Exception as error:
        lacks_a_kernel = any(s in str(error) for s in ("not supported", "Unsupported op", "unsupported reduce"))
        if lacks_a_kernel:
            return
        result = type(error).__name__
    else:
        result = [packed(o.asnumpy()) for o in (out if isinstance(out, (tuple, list)) else [out])]
    given = [packed(a) if isinstance(a, np.ndarray) else ["", a] for a in arguments]
    rows.append([expression, given, result])


for names, values in UNARY.items():
    for name in names.split():
        for dtype in DTYPES if name != "Imag" else ["complex64"]:   # of real numbers its CPU kernel gives the real part
            record(f"ops.{name}()" if hasattr(ops, name) else f"math_ops.{name}()", sample(values, dtype))

for name in BINARY:
    expression = f"ops.{name}" if name.endswith(")") else f"ops.{name}()"
    for dtype in DTYPES:
        x, y = sample(ANY, dtype), sample([2.0, 0.5, 1.5, 1.0, 2.5], dtype)
        record(expression, x, y)
        if dtype in ("int32", "float32") and name not in ("EqualCount", "Ger", "Complex"):
            record(expression, x[:, None], y[:2])
            record(expression, x, 2)
            record(expression, 1.5, x)
            record(expression, x, x.astype("float64"))

for dtype in DTYPES:
    x = sample(MATRIX, dtype)
    for name in REDUCTIONS:
        record(f"ops.{name}()", x)
        record(f"ops.{name}(keep_dims=True)", x, 1)
        record(f"ops.{name}()", x, (0, -1))
    record("ops.Argmax()", x)
    record("ops.Argmax(axis=0)", x)
    record("ops.Argmin()", x)
    record("ops.ArgMaxWithValue(1)", x)
    record("ops.ArgMinWithValue(axis=-1, keep_dims=True)", x)
    record("ops.CumSum()", x, 0)
    record("ops.CumSum(True, True)", x, 1)
    record("ops.Cummax(1)", x)
    record("ops.LpNorm(axis=1)", x)
    record("ops.L2Loss()", x)
    record("ops.MatMul(transpose_b=True)", x, x)
    record("ops.MatMul(True)", x, x)
    record("ops.BatchMatMul(transpose_b=True)", x[None], x[None])
    record("ops.matmul", x, x[0])
    record("ops.dot", x, x.T.copy())
    record("ops.outer", x[0], x[1])
    record("ops.mv", x, x[1])
    record("ops.cdist", x, x[::-1].copy())
    record("ops.Cross()", x, x[::-1].copy())
    record("ops.renorm", x, 2, 0, 1.0)
    record("ops.matrix_band_part", x, 0, 1)
    record("ops.count_nonzero", x, 1)
    record("ops.logsumexp", x, 1)
    record("ops.clip_by_value", x, 0, 2)
    record("ops.exp2", x)
    record("ops.isclose", x, x)
    record("ops.isreal", x)

path = Path(__file__).with_name("math.json")
path.write_text("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows) + "\n]\n")
print(len(rows), "rows,", path.stat().st_size, "bytes")
