"""Arithmetic of two Tensors, or a Tensor and a number, element by element with broadcasting."""
from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.op import op
from mycelium.ops.promotion import as_float, promote


@op("Add", method="add")
def add(x: Array, y: Array):
    """Adds element by element, with broadcasting: x + y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype (int8 + uint8 is int16, bool + 3.3 is float32).

    Raises:
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.add(Tensor([1.0, 2.0]), 3.0))
        [4. 5.]

    MindSpore r1.8 `ops.Add`.
    """
    x, y = promote(x, y)
    return lax.bitwise_or(x, y) if x.dtype == jnp.bool_ else x + y


@op("Sub", method="sub")
def sub(x: Array, y: Array):
    """Subtracts element by element, with broadcasting: x - y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.sub(Tensor([1, 2]), 1))
        [0 1]

    MindSpore r1.8 `ops.Sub`.
    """
    x, y = promote(x, y)
    return x - y


@op("Mul", method="mul")
def mul(x: Array, y: Array):
    """Multiplies element by element, with broadcasting: x * y.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.mul(Tensor([1.0, 2.0]), Tensor([3.0, 4.0])))
        [3. 8.]

    MindSpore r1.8 `ops.Mul`.
    """
    x, y = promote(x, y)
    return x * y


@op("RealDiv", method=None)
def real_div(x: Array, y: Array):
    """Divides element by element, with broadcasting: x / y, integers as float32.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape; float.

    Examples:
        >>> print(ops.RealDiv()(Tensor([1.0, 3.0]), Tensor([2.0, 2.0])))
        [0.5 1.5]

    MindSpore r1.8 `ops.RealDiv`.
    """
    x, y = promote(x, y)
    return as_float(x) / as_float(y)


@op("Neg", method="neg")
def neg(x: Array):
    """The negative of each element: -x.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.neg(Tensor([1, -2])))
        [-1  2]

    MindSpore r1.8 `ops.Neg`.
    """
    return -x
