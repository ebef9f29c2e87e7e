"""Logic on booleans, and on the bits of integers."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import booleans, integers
from mycelium.ops.op import op
from mycelium.ops.promotion import promote, to_dtype


def _booleans(owner: str, x: Any, y: Any) -> tuple:
    booleans(owner, x=x, y=y)
    return to_dtype(x, jnp.bool_), to_dtype(y, jnp.bool_)


def _integers(owner: str, x: Any, y: Any) -> tuple:
    x, y = promote(x, y)
    integers(owner, x=x)
    return x, y


@op("LogicalAnd", method="logical_and")
def logical_and(x: Array, y: Array) -> Array:
    """True where both are true.

    Args:
        x: Tensor of bool, or a bool.
        y: Tensor of bool, or a bool; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is not bool.

    Examples:
        >>> print(ops.logical_and(Tensor([True, True, False]), Tensor([True, False, False])))
        [ True False False]

    MindSpore r1.8 `ops.LogicalAnd`.
    """
    return jnp.logical_and(*_booleans("LogicalAnd", x, y))


@op("LogicalOr", method="logical_or")
def logical_or(x: Array, y: Array) -> Array:
    """True where at least one is true.

    Args:
        x: Tensor of bool, or a bool.
        y: Tensor of bool, or a bool; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is not bool.

    Examples:
        >>> print(ops.logical_or(Tensor([True, True, False]), Tensor([True, False, False])))
        [ True  True False]

    MindSpore r1.8 `ops.LogicalOr`.
    """
    return jnp.logical_or(*_booleans("LogicalOr", x, y))


@op("LogicalXor", method="logical_xor")
def logical_xor(x: Array, y: Array) -> Array:
    """True where exactly one is true.

    Args:
        x: Tensor of bool, or a bool.
        y: Tensor of bool, or a bool; its shape broadcasts with that of `x`.

    Returns:
        Tensor of bool, of the broadcast shape.

    Raises:
        TypeError: An input is not bool.

    Examples:
        >>> print(ops.LogicalXor()(Tensor([True, True, False]), Tensor([True, False, False])))
        [False  True False]

    MindSpore r1.8 `ops.LogicalXor`.
    """
    return jnp.logical_xor(*_booleans("LogicalXor", x, y))


@op("LogicalNot", method="logical_not")
def logical_not(x: Array) -> Array:
    """True where `x` is false.

    Args:
        x: Tensor of bool.

    Returns:
        Tensor of bool, shaped like `x`.

    Raises:
        TypeError: `x` is not bool.

    Examples:
        >>> print(ops.logical_not(Tensor([True, False])))
        [False  True]

    MindSpore r1.8 `ops.LogicalNot`.
    """
    booleans("LogicalNot", x=x)
    return jnp.logical_not(x)


@op("BitwiseAnd")
def bitwise_and(x: Array, y: Array) -> Array:
    """The bits set in both integers: x & y.

    Args:
        x: Tensor of integers, or an int.
        y: Tensor of integers, or an int; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not an integer.

    Examples:
        >>> print(ops.bitwise_and(Tensor([12, 5]), Tensor([10, 3])))
        [8 1]

    MindSpore r1.8 `ops.BitwiseAnd`.
    """
    return jnp.bitwise_and(*_integers("BitwiseAnd", x, y))


@op("BitwiseOr")
def bitwise_or(x: Array, y: Array) -> Array:
    """The bits set in either integer: x | y.

    Args:
        x: Tensor of integers, or an int.
        y: Tensor of integers, or an int; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not an integer.

    Examples:
        >>> print(ops.bitwise_or(Tensor([12, 5]), Tensor([10, 3])))
        [14  7]

    MindSpore r1.8 `ops.BitwiseOr`.
    """
    return jnp.bitwise_or(*_integers("BitwiseOr", x, y))


@op("BitwiseXor")
def bitwise_xor(x: Array, y: Array) -> Array:
    """The bits set in exactly one of two integers: x ^ y.

    Args:
        x: Tensor of integers, or an int.
        y: Tensor of integers, or an int; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: An input is not an integer.

    Examples:
        >>> print(ops.bitwise_xor(Tensor([12, 5]), Tensor([10, 3])))
        [6 6]

    MindSpore r1.8 `ops.BitwiseXor`.
    """
    return jnp.bitwise_xor(*_integers("BitwiseXor", x, y))


@op("Invert", method="invert")
def invert(x: Array) -> Array:
    """Flips every bit: ~x, which is -x - 1 for signed integers.

    Args:
        x: Tensor of integers.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not an integer.

    Examples:
        >>> print(ops.invert(Tensor([25, 4], ms.int16)))
        [-26  -5]

    MindSpore r1.8 `ops.Invert`.
    """
    integers("Invert", x=x)
    return jnp.invert(x)


@op("PopulationCount")
def population_count(input_x: Array) -> Array:
    """How many bits of each integer are set.

    Args:
        input_x: Tensor of integers.

    Returns:
        Tensor of uint8, shaped like `input_x`.

    Raises:
        TypeError: `input_x` is not an integer.

    Examples:
        >>> print(ops.population_count(Tensor([0, 1, 7], ms.int16)))
        [0 1 3]

    MindSpore r1.8 `ops.PopulationCount`.
    """
    integers("PopulationCount", input_x=input_x)
    return lax.population_count(input_x).astype(jnp.uint8)
