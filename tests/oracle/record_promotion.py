"""Record which dtype real MindSpore gives each pair of operands; run it under MindSpore 1.8.1, not under Mycelium.

Writes ``promotion.json``: ``tables[mode][operation]`` has one row per left operand, one word per right operand (the
result's dtype, or the name of the exception); ``py_*`` operands are Python scalars and ``-`` was not asked. A GRAPH
table is kept only where it differs from PYNATIVE. ``messages`` has an example for each kind of refusal, and
``values`` the results of single expressions whose numbers (not only dtypes) are worth knowing.
"""

import json
import sys
from pathlib import Path

import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops

DTYPES = ["bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
          "float16", "float32", "float64", "complex64", "complex128"]
SCALARS = {"py_bool": True, "py_int": 2, "py_float": 1.5}


class Add(nn.Cell):
    def construct(self, x, y):
        return x + y


class Sub(nn.Cell):
    def construct(self, x, y):
        return x - y


class Mul(nn.Cell):
    def construct(self, x, y):
        return x * y


class TrueDiv(nn.Cell):
    def construct(self, x, y):
        return x / y


class FloorDiv(nn.Cell):
    def construct(self, x, y):
        return x // y


class Mod(nn.Cell):
    def construct(self, x, y):
        return x % y


class Pow(nn.Cell):
    def construct(self, x, y):
        return x**y


class Less(nn.Cell):
    def construct(self, x, y):
        return x < y


class Equal(nn.Cell):
    def construct(self, x, y):
        return x == y


class And(nn.Cell):
    def construct(self, x, y):
        return x & y


class MatMul(nn.Cell):
    def construct(self, x, y):
        return ops.matmul(x, y)


class Primitive(nn.Cell):
    def __init__(self, primitive):
        super().__init__()
        self.primitive = primitive

    def construct(self, x, y):
        return self.primitive(x, y)


def cells():
    plain = {"add": Add, "sub": Sub, "mul": Mul, "truediv": TrueDiv, "floordiv": FloorDiv, "mod": Mod, "pow": Pow,
             "less": Less, "equal": Equal, "and": And, "matmul": MatMul}
    primitives = ["Maximum", "LogicalAnd", "BitwiseAnd", "Atan2", "Div", "SquaredDifference", "MatMul"]
    return {**{name: kind() for name, kind in plain.items()},
            **{"ops." + name: Primitive(getattr(ops, name)()) for name in primitives}}


def operand(name, shape):
    if name in SCALARS:
        return SCALARS[name]
    return Tensor(np.ones(shape), getattr(ms, name))


def first_line(error):
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else ""


def record(cell, left, right, shape):
    try:
        result = cell(operand(left, shape), operand(right, shape))
        result.asnumpy()
        return str(result.dtype), None
    except Exception as error:
        return type(error).__name__, first_line(error)


EXPRESSIONS = [
    "Tensor([7, -7], ms.int32) / 2", "Tensor([7, -7], ms.int32) / Tensor([2, 2], ms.int32)",
    "Tensor([7, -7], ms.int32) // 2", "Tensor([7, -7], ms.int32) % 3", "Tensor([7.0, -7.0]) % 3",
    "Tensor([7.0, -7.0]) // 2", "Tensor([2, -7], ms.int32) ** 2", "Tensor([2, -7], ms.int32) ** -1",
    "Tensor([1.0, -1.0, 0.0]) / 0", "Tensor([1], ms.int8) + 300", "Tensor([1], ms.uint8) - 2",
    "Tensor([True]) + 2", "Tensor([True]) + 2.5", "Tensor([1], ms.uint8) + Tensor([1], ms.int8)",
    "Tensor([60000], ms.float16) * 2", "Tensor([1], ms.float16) + Tensor(2.0)", "Tensor(2) + Tensor(3, ms.int32)",
    "Tensor([1, 2]) + [1, 2]", "Tensor([1, 2]) + (1.5, 2)", "Tensor([1, 2]) + np.array([1.0, 2.0])",
    "Tensor([1, 2]) + np.float32(3)", "Tensor([1.0]) + 'a'", "Tensor([1.0]) + None", "Tensor([1.0]) + 1j",
    "Tensor([1, 2]) == None", "Tensor([1, 2]) == 'a'", "Tensor([1, 2]) != [1, 3]", "Tensor([1], ms.uint8) == 300",
    "-Tensor([True])", "~Tensor([True])", "~Tensor([1])", "Tensor([5]) & 3", "Tensor([True]) & Tensor([False])",
    "Tensor([1.0, 2.0]) @ Tensor([1.0, 2.0])", "2 ** Tensor([3])", "7 // Tensor([2])", "7 % Tensor([4])",
    "7 / Tensor([2])", "bool(Tensor([1, 2]))", "int(Tensor(3.7))", "float(Tensor([3]))", "len(Tensor(3))",
    "[1, 2] + Tensor([1, 2])",
]


def evaluate(expression):
    try:
        result = eval(expression, {"Tensor": Tensor, "ms": ms, "np": np})
    except Exception as error:
        return {"error": type(error).__name__, "message": first_line(error)}
    if isinstance(result, Tensor):
        return {"dtype": str(result.dtype), "value": str(result.asnumpy().tolist())}
    return {"python": repr(result)}


def main(target):
    tables, messages = {"PYNATIVE": {}, "GRAPH": {}}, {}
    operands = [*DTYPES, *SCALARS]
    for mode, label in ((ms.PYNATIVE_MODE, "PYNATIVE"), (ms.GRAPH_MODE, "GRAPH")):
        ms.set_context(mode=mode, device_target="CPU")
        for name, cell in cells().items():
            matrix = "matmul" in name.lower()
            rows = {}
            for left in operands:
                words = []
                for right in operands:
                    scalars = (left in SCALARS) + (right in SCALARS)
                    if scalars == 2 or (matrix and scalars):
                        words.append("-")
                        continue
                    word, message = record(cell, left, right, (2, 2) if matrix else (2,))
                    words.append(word)
                    if message:
                        messages.setdefault(f"{word} {message[:45]}", f"{label} {name} {left},{right}: {message}")
                rows[left] = " ".join(words)
            if label == "PYNATIVE" or rows != tables["PYNATIVE"][name]:
                tables[label][name] = rows
    ms.set_context(mode=ms.PYNATIVE_MODE)
    result = {"version": ms.__version__, "operands": operands, "tables": tables, "messages": sorted(messages.values()),
              "values": {expression: evaluate(expression) for expression in EXPRESSIONS}}
    Path(target).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
