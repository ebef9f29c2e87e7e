"""Comparisons, and tests of what kind of number each element is. The results are bool."""
from __future__ import annotations

from typing import Annotated

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, inexact, not_negative, reals, same_dtype, same_shape
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


@op("Equal", method="equal")
def equal(x: Array, y: Array) -> Array:
    """True where two values are equal: x == y. NaN equals nothing.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.equal(Tensor([1.0, 2.0]), Tensor([1.0, 3.0])))
        [ True False]

    MindSpore r1.8 `ops.Equal`.
    """
    x, y = promote(x, y)
    return jnp.equal(x, y)


@op("NotEqual", function=("ne", "not_equal"), method=("ne", "not_equal"))
def not_equal(x: Array, y: Array) -> Array:
    """True where two values differ: x != y. NaN differs from everything.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.ne(Tensor([1.0, 2.0]), Tensor([1.0, 3.0])))
        [False  True]

    MindSpore r1.8 `ops.NotEqual`.
    """
    x, y = promote(x, y)
    return jnp.not_equal(x, y)


@op("Greater", function=("gt", "tensor_gt", "greater"), method=("greater", "gt"))
def greater(x: Array, y: Array) -> Array:
    """True where the first value is larger: x > y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is complex.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.gt(Tensor([1.0, 4.0]), Tensor([1.0, 3.0])))
        [False  True]

    MindSpore r1.8 `ops.Greater`.
    """
    x, y = promote(x, y)
    reals("Greater", x=x)
    return jnp.greater(x, y)


@op("GreaterEqual", function=("ge", "tensor_ge", "greater_equal"), method=("greater_equal", "ge"))
def greater_equal(x: Array, y: Array) -> Array:
    """True where the first value is larger or equal: x >= y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is complex.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.ge(Tensor([1.0, 2.0]), Tensor([1.0, 3.0])))
        [ True False]

    MindSpore r1.8 `ops.GreaterEqual`.
    """
    x, y = promote(x, y)
    reals("GreaterEqual", x=x)
    return jnp.greater_equal(x, y)


@op("Less", function=("less", "tensor_lt"), method="less")
def less(x: Array, y: Array) -> Array:
    """True where the first value is smaller: x < y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is complex.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.less(Tensor([1.0, 2.0]), Tensor([1.0, 3.0])))
        [False  True]

    MindSpore r1.8 `ops.Less`.
    """
    x, y = promote(x, y)
    reals("Less", x=x)
    return jnp.less(x, y)


@op("LessEqual", function=("le", "tensor_le", "less_equal"), method=("less_equal", "le"))
def less_equal(x: Array, y: Array) -> Array:
    """True where the first value is smaller or equal: x <= y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is complex.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.le(Tensor([1.0, 4.0]), Tensor([1.0, 3.0])))
        [ True False]

    MindSpore r1.8 `ops.LessEqual`.
    """
    x, y = promote(x, y)
    reals("LessEqual", x=x)
    return jnp.less_equal(x, y)


@op("ApproximateEqual")
def approximate_equal(x: Array, y: Array, *, tolerance: Annotated[float, not_negative] = 1e-05) -> Array:
    """True where two values differ by less than a tolerance: abs(x - y) < tolerance.

    Args:
        x: Tensor of a float dtype.
        y: Tensor whose shape broadcasts with that of `x`.
        tolerance: The largest difference, not negative.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is not floating point, or `tolerance` no number.
        ValueError: `tolerance` is negative.

    Examples:
        >>> print(ops.approximate_equal(Tensor([1.0, 2.0]), Tensor([1.5, 4.0]), 1.0))
        [ True False]

    MindSpore r1.8 `ops.ApproximateEqual`.
    """
    x, y = promote(x, y)
    return jnp.abs(floats("ApproximateEqual", x=x) - y) < tolerance


@op(None, method="isclose")
def isclose(x1: Array, x2: Array, rtol: Annotated[float, not_negative] = 1e-05,
            atol: Annotated[float, not_negative] = 1e-08, equal_nan: bool = False) -> Array:
    """True where two values are close: abs(x1 - x2) <= atol + rtol * abs(x2), or both the same infinity.

    Args:
        x1: Tensor of any numeric dtype.
        x2: Tensor whose shape broadcasts with that of `x1`.
        rtol: Relative tolerance, not negative.
        atol: Absolute tolerance, not negative.
        equal_nan: Whether NaN is close to NaN.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        ValueError: A tolerance is negative.

    Examples:
        >>> print(ops.isclose(Tensor([1.0, 2.0]), Tensor([1.0, 2.1])))
        [ True False]

    MindSpore r1.8 `ops.isclose`.
    """
    return jnp.isclose(*promote(x1, x2), rtol=rtol, atol=atol, equal_nan=equal_nan)


@op("EqualCount", function=None)
def equal_count(x: Array, y: Array) -> Array:
    """How many elements of two Tensors are equal.

    Args:
        x: Tensor.
        y: Tensor of the same shape and dtype.

    Returns:
        Tensor of shape (1,), of the inputs' dtype.

    Raises:
        TypeError: The dtypes differ.
        ValueError: The shapes differ.

    Examples:
        >>> print(ops.EqualCount()(Tensor([1, 2, 3]), Tensor([1, 2, 4])))
        [2]

    MindSpore r1.8 `ops.EqualCount`.
    """
    same_dtype("EqualCount", x=x, y=y)
    same_shape("EqualCount", x=x, y=y)
    return jnp.sum(x == y, dtype=x.dtype).reshape(1)


@op("IsFinite", method="isfinite")
def isfinite(x: Array) -> Array:
    """True where an element is neither infinite nor NaN.

    Args:
        x: Tensor.

    Returns:
        Tensor of bool, shaped like `x`.

    Examples:
        >>> print(ops.isfinite(Tensor([1.0, float("inf"), float("nan")])))
        [ True False False]

    MindSpore r1.8 `ops.IsFinite`.
    """
    return jnp.isfinite(x)


@op("IsInf", method="isinf")
def isinf(x: Array) -> Array:
    """True where an element is positive or negative infinity.

    Args:
        x: Tensor of a float or complex dtype.

    Returns:
        Tensor of bool, shaped like `x`.

    Raises:
        TypeError: `x` is an integer or bool Tensor.

    Examples:
        >>> print(ops.IsInf()(Tensor([1.0, float("inf"), float("nan")])))
        [False  True False]

    MindSpore r1.8 `ops.IsInf`.
    """
    return jnp.isinf(inexact("IsInf", x=x))


@op("IsNan", method="isnan")
def isnan(x: Array) -> Array:
    """True where an element is NaN.

    Args:
        x: Tensor.

    Returns:
        Tensor of bool, shaped like `x`.

    Examples:
        >>> print(ops.isnan(Tensor([1.0, float("inf"), float("nan")])))
        [False False  True]

    MindSpore r1.8 `ops.IsNan`.
    """
    return jnp.isnan(x)


@op(None, method="isreal")
def isreal(x: Array) -> Array:
    """True where an element has no imaginary part.

    Args:
        x: Tensor.

    Returns:
        Tensor of bool, shaped like `x`.

    Examples:
        >>> print(ops.isreal(Tensor([1 + 0j, 2j])))
        [ True False]

    MindSpore r1.8 `ops.isreal`.
    """
    return jnp.isreal(x)


@op("FloatStatus", function=None)
def float_status(x: Array) -> Array:
    """Whether any element is infinite or NaN.

    Args:
        x: Tensor of a float dtype.

    Returns:
        Tensor of shape (1,), float32: 1 where there is one, else 0.

    Raises:
        TypeError: `x` is not floating point.

    Examples:
        >>> print(ops.FloatStatus()(Tensor([1.0, float("nan")])))
        [1.]

    MindSpore r1.8 `ops.FloatStatus`.
    """
    return jnp.any(~jnp.isfinite(floats("FloatStatus", x=x))).astype(jnp.float32).reshape(1)
