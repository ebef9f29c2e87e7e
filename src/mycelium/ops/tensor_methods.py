"""Gives core.tensor.Tensor its operators and methods, once all families of operators are imported."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.arithmetic import add, integer_pow, mul, neg, pow_, sub
from mycelium.ops.casting import cast, named_dtype
from mycelium.ops.comparison import (
    approximate_equal,
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    not_equal,
)
from mycelium.ops.division import div, floor_div, floor_mod
from mycelium.ops.extremum import clip
from mycelium.ops.joining import stack
from mycelium.ops.logic import bitwise_and, bitwise_or, bitwise_xor, logical_and, logical_not, logical_or, logical_xor
from mycelium.ops.matmul import ger, matmul
from mycelium.ops.op import Op, method
from mycelium.ops.positions import arg_max_with_value, arg_min_with_value
from mycelium.ops.reductions import tensor_max, tensor_min
from mycelium.ops.rounding import abs_
from mycelium.ops.two_generations import value_and_place

_DIRECT = frozenset((Tensor, Parameter, int, float, bool))  # operands that operators take as they are
_PRODUCTS = frozenset((2, 3, 4))                            # exponents that run as products
_NONE = ()


def _operand(owner: str, tensor: Tensor, other: Any) -> Any:
    """The other operand of `tensor` where it is neither a Tensor nor a Python number."""
    if isinstance(other, (Tensor, complex)):
        return other
    if isinstance(other, (list, tuple)):
        if any(isinstance(v, Tensor) for v in other):
            return stack([v.astype(tensor.dtype, False) if isinstance(v, Tensor) else Tensor(v, tensor.dtype)
                          for v in other])
        return Tensor(other, tensor.dtype)
    if isinstance(other, np.generic) and other.dtype.kind in "biuf":
        return other.item()
    hint = " Make it a Tensor first: Tensor(array)." if isinstance(other, np.ndarray) else ""
    raise TypeError(f"For '{owner}', a Tensor should be combined with a Tensor, a number, or a list or tuple of "
                    f"numbers, but got {describe(other)}.{hint}")


# ***** operators *****


def _binary(symbol: str, operator: Op) -> tuple[Callable, Callable]:
    """`tensor symbol other` and `other symbol tensor`."""
    name = operator.name

    def forward(self: Tensor, other: Any) -> Tensor:
        return operator((self, other if type(other) in _DIRECT else _operand(name, self, other)), _NONE)

    def reflected(self: Tensor, other: Any) -> Tensor:
        return operator((other if type(other) in _DIRECT else _operand(name, self, other), self), _NONE)

    forward.__doc__ = f"`self {symbol} other`, element by element, as `ops.{name}`."
    reflected.__doc__ = f"`other {symbol} self`, element by element, as `ops.{name}`."
    return forward, reflected


def _ordering(symbol: str, operator: Op) -> Callable:
    """`tensor symbol other` for comparisons of size, which take no lists."""
    name = operator.name

    def compare(self: Tensor, other: Any) -> Tensor:
        if type(other) not in _DIRECT:
            if isinstance(other, (list, tuple)):
                raise TypeError(f"For '{name}', a Tensor should be compared with a Tensor or a number, but got "
                                f"{describe(other)}. Make it a Tensor first: Tensor({other}).")
            other = _operand(name, self, other)
        return operator((self, other), _NONE)

    compare.__doc__ = f"`self {symbol} other`, element by element, as `ops.{name}`."
    return compare


def _equality(symbol: str, operator: Op, otherwise: bool) -> Callable:
    """`tensor symbol other`; with what is no Tensor or number the answer is one plain bool, as in MindSpore."""
    def compare(self: Tensor, other: Any) -> Tensor | bool:
        if type(other) not in _DIRECT:
            if isinstance(other, np.generic):
                other = other.item()
            elif not isinstance(other, Tensor):
                return otherwise
        return operator((self, other), _NONE)

    compare.__doc__ = f"`self {symbol} other`, element by element, as `ops.{operator.name}`."
    return compare


def _bits(symbol: str, on_bools: Op, on_integers: Op) -> Callable:
    """`tensor symbol other`: logic on booleans, bits of integers. It commutes."""
    def combine(self: Tensor, other: Any) -> Tensor:
        operator = on_bools if self.dtype is mstype.bool_ else on_integers
        return operator((self, other if type(other) in _DIRECT else _operand(operator.name, self, other)), _NONE)

    combine.__doc__ = f"`self {symbol} other`: `ops.{on_bools.name}` of booleans, `ops.{on_integers.name}` of integers."
    return combine


_power, _reflected_power = _binary("**", pow_.op)


def _pow(self: Tensor, other: Any) -> Tensor:
    """`self ** other`, element by element, as `ops.Pow`."""
    if type(other) is int and other in _PRODUCTS:
        return integer_pow.op((self,), (other,))
    return _power(self, other)


def _unary(operator: Op, symbol: str) -> Callable:
    def apply(self: Tensor) -> Tensor:
        return operator((self,), _NONE)

    apply.__doc__ = f"`{symbol}`, element by element, as `ops.{operator.name}`."
    return apply


def _matmul(self: Tensor, other: Any) -> Tensor:
    """`self @ other`, as `ops.matmul`."""
    return matmul(self, _operand("matmul", self, other))


def _reflected_matmul(self: Tensor, other: Any) -> Tensor:
    """`other @ self`, as `ops.matmul`."""
    return matmul(_operand("matmul", self, other), self)


def _operators() -> dict[str, Callable]:
    found: dict[str, Callable] = {}
    for name, symbol, operator in (("add", "+", add), ("sub", "-", sub), ("mul", "*", mul), ("truediv", "/", div),
                                   ("floordiv", "//", floor_div), ("mod", "%", floor_mod)):
        found[f"__{name}__"], found[f"__r{name}__"] = _binary(symbol, operator.op)
    for name, symbol, operator in (("lt", "<", less), ("le", "<=", less_equal), ("gt", ">", greater),
                                   ("ge", ">=", greater_equal)):
        found[f"__{name}__"] = _ordering(symbol, operator.op)
    for name, symbol, logical, bitwise in (("and", "&", logical_and, bitwise_and), ("or", "|", logical_or, bitwise_or),
                                           ("xor", "^", logical_xor, bitwise_xor)):
        found[f"__{name}__"] = found[f"__r{name}__"] = _bits(symbol, logical.op, bitwise.op)
    found |= {
        "__eq__": _equality("==", equal.op, False), "__ne__": _equality("!=", not_equal.op, True),
        "__pow__": _pow, "__rpow__": _reflected_power,
        "__matmul__": _matmul, "__rmatmul__": _reflected_matmul,
        "__neg__": _unary(neg.op, "-self"), "__abs__": _unary(abs_.op, "abs(self)"),
        "__invert__": _unary(logical_not.op, "~self"),
        "__pos__": lambda self: self,
    }
    return found


# ***** methods whose arguments are not those of the function *****


@method("max")
def _max(self: Tensor, axis: Any = None, keepdims: bool = False, initial: float | None = None, where: Any = True,
         return_indices: bool = False) -> Any:
    """The largest element over axes.

    Args:
        axis: Axis or axes to reduce; None is all of them.
        keepdims: Whether the reduced axes stay, with length 1.
        initial: Number the result is at least.
        where: Tensor of bool that broadcasts with this one: what is False is left out. Needs `initial`.
        return_indices: Whether to return the place along the axis too.

    Returns:
        Tensor of the same dtype; with `return_indices` also a Tensor of int32.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such axis, or `where` is given without `initial`.

    Examples:
        >>> print(Tensor([[1.0, 2.0], [3.0, 4.0]]).max(axis=0))
        [3. 4.]

    MindSpore r1.8 `Tensor.max`, with `return_indices` of r2.0.
    """
    if return_indices:
        return value_and_place(self, axis, keepdims, arg_max_with_value, tensor_max)
    return tensor_max(self, None if where is True else where, axis=axis, keepdims=keepdims, initial=initial)


@method("min")
def _min(self: Tensor, axis: Any = None, keepdims: bool = False, initial: float | None = None, where: Any = True,
         return_indices: bool = False) -> Any:
    """The smallest element over axes.

    Args:
        axis: Axis or axes to reduce; None is all of them.
        keepdims: Whether the reduced axes stay, with length 1.
        initial: Number the result is at most.
        where: Tensor of bool that broadcasts with this one: what is False is left out. Needs `initial`.
        return_indices: Whether to return the place along the axis too.

    Returns:
        Tensor of the same dtype; with `return_indices` also a Tensor of int32.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such axis, or `where` is given without `initial`.

    Examples:
        >>> print(Tensor([[1.0, 2.0], [3.0, 4.0]]).min(axis=0))
        [1. 2.]

    MindSpore r1.8 `Tensor.min`, with `return_indices` of r2.0.
    """
    if return_indices:
        return value_and_place(self, axis, keepdims, arg_min_with_value, tensor_min)
    return tensor_min(self, None if where is True else where, axis=axis, keepdims=keepdims, initial=initial)


@method("clip")
def _clip(self: Tensor, xmin: Any = None, xmax: Any = None, dtype: Any = None, *, min: Any = None,
          max: Any = None) -> Tensor:
    """Limits each element to a range; where the range is empty the upper end wins.

    Args:
        xmin: Lower end, Tensor or number, or None for none.
        xmax: Upper end, Tensor or number, or None for none.
        dtype: dtype of the result; default that of this Tensor.
        min, max: The ends by the names of r2.0.

    Returns:
        Tensor.

    Raises:
        ValueError: Both ends are None.

    Examples:
        >>> print(Tensor([1.0, 2.0, 3.0]).clip(0, 2))
        [1. 2. 2.]

    MindSpore r1.8 `Tensor.clip`.
    """
    xmin, xmax = min if xmin is None else xmin, max if xmax is None else xmax
    if xmin is None and xmax is None:
        raise ValueError("For 'Tensor.clip', at least one of 'xmin' and 'xmax' should be given, but got None for both.")
    out = clip(self, xmin, xmax)
    return out if dtype is None else astype(out, dtype)


@method()
def astype(self: Tensor, dtype: Any, copy: bool = True) -> Tensor:
    """The Tensor converted to another data type.

    Args:
        dtype: MindSpore dtype, its name such as "float32", or a Python or NumPy type.
        copy: Whether to give a new Tensor even where the dtype is the same.

    Returns:
        Tensor of `dtype`.

    Raises:
        TypeError: `dtype` is not the type of Tensor elements.

    Examples:
        >>> print(Tensor([1.5, 2.5]).astype("int32"))
        [1 2]

    MindSpore r1.8 `Tensor.astype`.
    """
    wanted = named_dtype("Tensor.astype", dtype, None)
    return self if not copy and wanted is self.dtype else cast(self, wanted)


@method("pow")
def _power_of(self: Tensor, power: Any) -> Tensor:
    """Raises each element to a power (MindSpore r1.8 `Tensor.pow`; see `ops.pow`)."""
    return _pow(self, power)


@method("bitwise_and")
def _bitwise_and(self: Tensor, x: Any) -> Tensor:
    """The bits set in both integers (MindSpore r1.8 `Tensor.bitwise_and`; see `ops.bitwise_and`)."""
    return bitwise_and(self, x)


@method("bitwise_or")
def _bitwise_or(self: Tensor, x: Any) -> Tensor:
    """The bits set in either integer (MindSpore r1.8 `Tensor.bitwise_or`; see `ops.bitwise_or`)."""
    return bitwise_or(self, x)


@method("bitwise_xor")
def _bitwise_xor(self: Tensor, x: Any) -> Tensor:
    """The bits set in exactly one of two integers (MindSpore r1.8 `Tensor.bitwise_xor`; see `ops.bitwise_xor`)."""
    return bitwise_xor(self, x)


@method("ger")
def _ger(self: Tensor, x: Tensor) -> Tensor:
    """The outer product with another vector (MindSpore r1.8 `Tensor.ger`; see `ops.ger`)."""
    return ger(self, x)


@method("approximate_equal")
def _approximate_equal(self: Tensor, other: Tensor, tolerance: float = 1e-5) -> Tensor:
    """True where two values differ by less than a tolerance (MindSpore r1.8 `Tensor.approximate_equal`)."""
    return approximate_equal(self, other, tolerance=tolerance)


def _transposed(self: Tensor) -> Tensor:
    """The Tensor with its axes in reverse order (MindSpore r1.8 `Tensor.T`)."""
    return self.transpose()


def attach() -> None:
    """Sets the operators, the properties and every registered method on Tensor."""
    for name, fn in (*registry.methods.items(), *_operators().items()):
        setattr(Tensor, name, fn)
    Tensor.T = property(_transposed)    # type: ignore[attr-defined]
