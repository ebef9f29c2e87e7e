"""Sums, differences, products and powers, element by element with broadcasting."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops import registry
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.checks import dtype_name, floats, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import promote

_LARGEST_POWER = 16     # constant powers up to here become products


@op("Add", function=("add", "tensor_add"), method="add")
def add(x: Array, y: Array) -> Array:
    """Adds element by element, with broadcasting: x + y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype (int8 + uint8 is int16, bool + 3.3 is float32).

    Raises:
        TypeError: Both are bool.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.add(Tensor([1.0, 2.0]), 3.0))
        [4. 5.]

    MindSpore r1.8 `ops.Add`.
    """
    x, y = promote(x, y)
    numbers("Add", x=x)
    return x + y


registry.add(registry.primitives, "TensorAdd", registry.primitives["Add"])     # its name before r1.1


@op("Sub", function=("sub", "tensor_sub"), method="sub")
def sub(x: Array, y: Array) -> Array:
    """Subtracts element by element, with broadcasting: x - y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.sub(Tensor([1, 2]), 1))
        [0 1]

    MindSpore r1.8 `ops.Sub`.
    """
    x, y = promote(x, y)
    numbers("Sub", x=x)
    return x - y


@op("Mul", function=("mul", "tensor_mul"), method="mul")
def mul(x: Array, y: Array) -> Array:
    """Multiplies element by element, with broadcasting: x * y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.mul(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])))
        [3. 8.]

    MindSpore r1.8 `ops.Mul`.
    """
    x, y = promote(x, y)
    numbers("Mul", x=x)
    return x * y


@op("MulNoNan", function=None)
def mul_no_nan(x: Array, y: Array) -> Array:
    """Multiplies element by element, and gives 0 wherever `y` is 0, even where `x` is infinite or NaN.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.MulNoNan()(Tensor([2.0, float("inf")]), Tensor([3.0, 0.0])))
        [6. 0.]

    MindSpore r1.8 `ops.MulNoNan`.
    """
    x, y = promote(x, y)
    numbers("MulNoNan", x=x)
    product = jnp.broadcast_shapes(x.shape, y.shape)
    spoiled = jnp.broadcast_to((y == 0) & ~jnp.isfinite(x), product)
    return jnp.where(spoiled, 0, jnp.broadcast_to(x, product)) * y


@op("Neg", function=("neg", "neg_tensor"), method="neg")
def neg(x: Array) -> Array:
    """The negative of each element: -x.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.neg(Tensor([1, -2])))
        [-1  2]

    MindSpore r1.8 `ops.Neg`.
    """
    numbers("Neg", x=x)
    return -x


@op("Pow", function=("pow", "pows", "tensor_pow"))
def pow_(x: Array, y: Array) -> Array:
    """Raises each element to a power: x ** y.

    Args:
        x: Tensor or number.
        y: Tensor or number, the exponent; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype. An integer to a negative power is truncated: 2 ** -1 is 0.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.pow(Tensor([1.0, 2.0, 4.0]), 3.0))
        [ 1.  8. 64.]

    MindSpore r1.8 `ops.Pow`.
    """
    exponent = y
    x, y = promote(x, y)
    numbers("Pow", x=x)
    if type(exponent) is int and 0 <= exponent <= _LARGEST_POWER:
        return lax.integer_pow(x, exponent)
    if not jnp.issubdtype(x.dtype, jnp.integer):
        return jnp.power(x, y)
    power = jnp.power(x, jnp.maximum(y, 0))
    odd = (y & 1) == 1
    inverse = jnp.where(x == 1, 1, jnp.where(x == -1, jnp.where(odd, -1, 1), 0)).astype(x.dtype)
    return jnp.where(y < 0, inverse, power)


@op(None, function=None)
def integer_pow(x: Array, *, exponent: int) -> Array:
    """`x` to a small constant power, as products: what `x ** 2` runs."""
    return pow_.pure(x, exponent)


@op("SquaredDifference", function=None)
def squared_difference(x: Array, y: Array) -> Array:
    """The square of the difference, element by element: (x - y)^2, for complex numbers of its absolute value.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.SquaredDifference()(Tensor([1.0, 2.0]), Tensor([2.0, 4.0])))
        [1. 4.]

    MindSpore r1.8 `ops.SquaredDifference`.
    """
    x, y = promote(x, y)
    numbers("SquaredDifference", x=x)
    gap = x - y
    return gap * jnp.conj(gap)


@op("SquareSumAll", function=None)
def square_sum_all(x: Array, y: Array) -> tuple:
    """The sums of all squared elements of two Tensors.

    Args:
        x: Tensor of a float dtype.
        y: Tensor of the same shape and dtype.

    Returns:
        Two Tensors of shape (), the sum for `x` and the sum for `y`.

    Raises:
        TypeError: An input is not floating point.
        ValueError: The shapes differ.

    Examples:
        >>> print(ops.SquareSumAll()(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))[1])
        25.0

    MindSpore r1.8 `ops.SquareSumAll`.
    """
    x, y = floats("SquareSumAll", x=x, y=y)
    if x.shape != y.shape:
        raise ValueError(f"For 'SquareSumAll', the inputs should have the same shape, but got {x.shape} and {y.shape}.")
    return jnp.sum(x * x), jnp.sum(y * y)


def _sum(owner: str, x: Any) -> Any:
    if not isinstance(x, list):
        raise TypeError(f"For '{owner}', 'x' should be a tuple or list of Tensors, but got one Tensor.")
    if not x:
        raise ValueError(f"For '{owner}', 'x' should hold at least one Tensor, but got none.")
    dtypes = {dtype_name(v) for v in x}
    if len(dtypes) > 1:
        raise TypeError(f"For '{owner}', all Tensors should have the same dtype, but got {sorted(dtypes)}.")
    shapes = {v.shape for v in x}
    if len(shapes) > 1:
        raise ValueError(f"For '{owner}', all Tensors should have the same shape, but got {sorted(shapes)}.")
    numbers(owner, x=x[0])
    total = x[0]
    for v in x[1:]:
        total = total + v
    return total


@op("AddN")
def addn(x: Arrays) -> Array:
    """Adds several Tensors of one shape.

    Args:
        x: Tuple or list of Tensors of the same shape and dtype.

    Returns:
        Tensor like each of them.

    Raises:
        TypeError: `x` is no tuple or list, or the dtypes differ.
        ValueError: `x` is empty, or the shapes differ.

    Examples:
        >>> print(ops.addn([Tensor([1.0, 2.0]), Tensor([3.0, 4.0]), Tensor([5.0, 6.0])]))
        [ 9. 12.]

    MindSpore r1.8 `ops.AddN`.
    """
    return _sum("AddN", x)


@op("AccumulateNV2")
def accumulate_n(x: Arrays) -> Array:
    """Adds several Tensors of one shape, as `AddN` does.

    Args:
        x: Tuple or list of Tensors of the same shape and dtype.

    Returns:
        Tensor like each of them.

    Raises:
        TypeError: `x` is no tuple or list, or the dtypes differ.
        ValueError: `x` is empty, or the shapes differ.

    Examples:
        >>> print(ops.AccumulateNV2()([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]))
        [4. 6.]

    MindSpore r1.8 `ops.AccumulateNV2`.
    """
    return _sum("AccumulateNV2", x)


@op("Addcmul", method="addcmul")
def addcmul(input_data: Array, x1: Array, x2: Array, value: Array) -> Array:
    """Adds a scaled product: input_data + value * x1 * x2.

    Args:
        input_data, x1, x2, value: Tensors whose shapes broadcast.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> one, two = Tensor([1.0, 1.0]), Tensor([2.0, 3.0])
        >>> print(ops.Addcmul()(one, two, two, Tensor([10.0])))
        [41. 91.]

    MindSpore r1.8 `ops.Addcmul`.
    """
    input_data, x1, x2, value = promote(input_data, x1, x2, value)
    numbers("Addcmul", input_data=input_data)
    return input_data + value * x1 * x2


@op("Addcdiv", method="addcdiv")
def addcdiv(input_data: Array, x1: Array, x2: Array, value: Array) -> Array:
    """Adds a scaled quotient: input_data + value * x1 / x2.

    Args:
        input_data, x1, x2, value: Tensors of a float dtype whose shapes broadcast.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not floating point.

    Examples:
        >>> one, two = Tensor([1.0, 1.0]), Tensor([2.0, 4.0])
        >>> print(ops.Addcdiv()(one, one, two, Tensor([4.0])))
        [3. 2.]

    MindSpore r1.8 `ops.Addcdiv`.
    """
    input_data, x1, x2, value = promote(*floats("Addcdiv", input_data=input_data, x1=x1, x2=x2, value=value))
    return input_data + value * (x1 / x2)


@op("Lerp", method="lerp")
def lerp(start: Array, end: Array, weight: Array) -> Array:
    """Moves from one Tensor towards another: start + weight * (end - start).

    Args:
        start: Tensor of a float dtype.
        end: Tensor whose shape broadcasts with that of `start`.
        weight: Tensor or float; 0 gives `start`, 1 gives `end`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not floating point.

    Examples:
        >>> print(ops.lerp(Tensor([1.0, 2.0]), Tensor([3.0, 6.0]), 0.5))
        [2. 4.]

    MindSpore r1.8 `ops.Lerp`.
    """
    start, end, weight = promote(*floats("Lerp", start=start, end=end), weight)
    return start + weight * (end - start)
