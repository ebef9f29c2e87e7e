"""Operators and methods of Tensor: results, dtypes and refusals as MindSpore 1.8.1 gave them."""
import inspect
import operator

import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Parameter, Tensor, ops

X = np.array([1.0, 2.0, 3.0], np.float32)
Y = np.array([2.0, -0.5, 4.0], np.float32)
N = np.array([1, 2, 3], np.int32)
M = np.array([7, -7, 5], np.int32)
B, C = np.array([True, False, True]), np.array([True, True, False])
OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
             "%": operator.mod, "**": operator.pow, "==": operator.eq, "!=": operator.ne, "<": operator.lt,
             "<=": operator.le, ">": operator.gt, ">=": operator.ge}
BITS = (operator.and_, operator.or_, operator.xor)
INPLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ifloordiv, operator.imod,
           operator.ipow)

CASES = [
    *(Case(op, [X, Y], numpy=op, grad=0, label=f"x {s} y") for s, op in OPERATORS.items() if s != "**"),
    *(Case(op, [X, 2.0], numpy=lambda x, y, op=op: op(x, np.float32(y)), grad=0, label=f"x {s} 2.0")
      for s, op in OPERATORS.items()),
    *(Case(op, [7, X], numpy=lambda x, y, op=op: op(np.float32(x), y), grad=0, label=f"7 {s} x")
      for s, op in OPERATORS.items()),
    *(Case(op, [N, 2], numpy=lambda x, y, op=op: op(x, np.int32(y)), label=f"n {s} 2")
      for s, op in OPERATORS.items() if s != "/"),
    *(Case(op, [X, [2, 3, 4]], numpy=lambda x, y, op=op: op(x, np.float32(y)), grad=0, label=f"x {s} list")
      for s, op in OPERATORS.items() if s in "+-*/%**"),
    *(Case(op, [(2, 3, 4), X], numpy=lambda x, y, op=op: op(np.float32(x), y), grad=0, label=f"tuple {s} x")
      for s, op in OPERATORS.items() if s in "+-*/%**"),
    Case(lambda n: n + [1.5, 2, 3], [N], expect=[2, 4, 6], dtype="int32", label="a list takes the Tensor's dtype"),
    Case(lambda x: x + [[1.5], [2]], [X], expect=[[2.5, 3.5, 4.5], [3, 4, 5]], dtype="float32", grad=0),
    Case(lambda x: x + [x[0], x[1], 1], [X], expect=[2, 4, 4], dtype="float32", grad=0, label="a list with Tensors"),
    Case(lambda n: n / 2, [M], expect=[3, -3, 2], dtype="int32"),
    Case(lambda n: 7 / n, [N], expect=[7, 3, 2], dtype="int32"),
    Case(lambda n: n // 2, [M], expect=[3, -4, 2], dtype="int32"),
    Case(lambda n: n % 4, [M], expect=[3, 1, 1], dtype="int32"),
    Case(lambda n: n ** -1, [N], expect=[1, 0, 0], dtype="int32"),
    Case(lambda n: n ** 0.5, [N], expect=np.sqrt(N), dtype="float32"),
    Case(lambda n: 2.5 ** n, [N], expect=2.5 ** N, dtype="float32"),
    Case(lambda n: 2 ** n, [N], expect=[2, 4, 8], dtype="int32"),
    Case(lambda n: n > 1.5, [N], expect=[False, True, True], dtype="bool"),
    Case(lambda b: b * 2, [B], expect=[2, 0, 2], dtype="int64"),
    Case(lambda b: b * 2.5, [B], expect=[2.5, 0, 2.5], dtype="float32"),
    Case(lambda b, n: b + n, [B, N], expect=[2, 2, 4], dtype="int32"),
    Case(lambda x: x + np.float64(2.5), [X], expect=X + 2.5, dtype="float32", grad=0),
    Case(lambda x: np.float32(2) * x, [X], expect=X * 2, dtype="float32", grad=0),
    Case(lambda x: x == np.float32(2), [X], expect=[False, True, False], dtype="bool", grad=0),
    Case(operator.neg, [X], numpy=operator.neg, grad=0),
    Case(operator.pos, [X], numpy=operator.pos, grad=0),
    Case(operator.abs, [Y], numpy=operator.abs, grad=0),
    Case(operator.invert, [B], numpy=operator.invert),
    *(Case(op, [B, C], numpy=op, label=f"{op.__name__} of bools") for op in BITS),
    *(Case(op, [N, M], numpy=op, label=f"{op.__name__} of integers") for op in BITS),
    Case(lambda b: False | b, [B], expect=B),
    Case(lambda x, y: x @ y, [X, Y], numpy=operator.matmul, grad=0),
    Case(lambda x: x.T, [np.arange(6, dtype=np.float32).reshape(1, 2, 3)], numpy=np.transpose),
    Case(lambda x: x.pow(2), [X], numpy=np.square, grad=0),
    Case(lambda x: x.pow(power=x), [X], expect=[1, 4, 27], dtype="float32", grad=0),
    Case(lambda n: n.bitwise_and(x=3), [M], numpy=lambda n: n & np.int32(3)),
    Case(lambda n: n.bitwise_or(3), [M], numpy=lambda n: n | np.int32(3)),
    Case(lambda n: n.bitwise_xor(3), [M], numpy=lambda n: n ^ np.int32(3)),
    Case(lambda x: x.abs().tan().cosh().erf().erfc().log1p().ceil().round().isfinite(), [X], expect=[True] * 3,
         dtype="bool", grad=0),
    Case(lambda x: x.xlogy(x) + x.xdivy(2) + x.inv() + x.atan2(y=x) + x.lerp(x, 0.5), [X],
         numpy=lambda x: x * np.log(x) + x / 2 + 1 / x + np.pi / 4 + x, grad=0),
]

REFUSALS = [
    *(Refusal(op, [X, other], TypeError, "a Tensor should be combined with a Tensor", label=f"x {s} {other!r}")
      for s, op in OPERATORS.items() if s not in ("==", "!=") for other in ("a", None)),
    *(Refusal(op, [X, [1, 2, 3]], TypeError, "a Tensor should be compared with a Tensor", label=f"x {s} list")
      for s, op in OPERATORS.items() if s in ("<", "<=", ">", ">=")),
    Refusal(lambda x: "a" + x, [X], TypeError, "For 'Add'"),
    Refusal(lambda x: x - {}, [X], TypeError, "For 'Sub'"),
    Refusal(lambda x: x + np.ones(3), [X], TypeError, "Make it a Tensor first: Tensor(array)"),
    Refusal(lambda x: np.ones(3) + x, [X], TypeError, "Make it a Tensor first: Tensor(array)"),
    Refusal(lambda x: x + 1j, [X], TypeError, "combines with a Python bool, int or float"),
    Refusal(lambda x: x + [1, 2], [X], ValueError, "For 'Add'"),
    Refusal(lambda x: x == Tensor([1.0, 2.0]), [X], ValueError, "For 'Equal'"),
    Refusal(lambda b: b + b, [B], TypeError, "For 'Add'"),
    Refusal(lambda b: -b, [B], TypeError, "For 'Neg'"),
    Refusal(lambda x: ~x, [X], TypeError, "For 'LogicalNot'"),
    Refusal(lambda x: x & x, [X], TypeError, "For 'BitwiseAnd'"),
    Refusal(lambda x: x @ 2, [X], TypeError, "For 'matmul'"),
    Refusal(lambda x: x @ "a", [X], TypeError, "For 'matmul'"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("other", [None, "a", [1.0, 2.0, 3.0], (1.0, 2.0), X, object()], ids=lambda v: str(type(v)))
def test_equality_with_what_is_no_tensor_is_one_bool(other):
    x = Tensor(X)
    assert (x == other) is False
    assert (x != other) is True


@pytest.mark.parametrize("op", INPLACE)
def test_augmented_assignment_makes_a_new_tensor(op):
    x = before = Tensor(X)
    x = op(x, 2)
    assert x is not before
    np.testing.assert_array_equal(before.asnumpy(), X)
    np.testing.assert_allclose(x.asnumpy(), op(X.copy(), np.float32(2)), 1e-6)


def test_a_parameter_is_an_operand_like_any_tensor():
    p = Parameter(Tensor(X), name="p")
    for out in (p + 1, 1 + p, p + p - Tensor(X) + 1):
        assert type(out) is Tensor
        np.testing.assert_array_equal(out.asnumpy(), X + 1)


def test_tensors_are_found_in_lists_and_hashed_by_identity():
    x = Tensor(X)
    assert x in [x]
    assert len({x, Tensor(X), x}) == 2


def test_every_method_of_the_catalogue_is_on_tensor():
    for name, fn in ops.registry.methods.items():
        assert inspect.unwrap(getattr(Tensor, name)) is fn
        assert fn.__doc__, f"Tensor.{name} has no docstring"


def test_a_small_power_runs_as_a_product():
    x = Tensor(np.float64([1.1, -0.3]))
    np.testing.assert_array_equal((x ** 3).asnumpy(), x.asnumpy() * (x.asnumpy() * x.asnumpy()))
    assert (Tensor(N) ** 2).dtype == ms.int32
