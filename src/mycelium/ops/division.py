"""Quotients and remainders, element by element with broadcasting. Integers stay integers, as in MindSpore."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import inexact, numbers, reals
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


def _operands(owner: str, x: Any, y: Any) -> tuple:
    x, y = promote(x, y)
    numbers(owner, x=x)
    shape = jnp.broadcast_shapes(x.shape, y.shape)
    return jnp.broadcast_to(x, shape), jnp.broadcast_to(y, shape)


def _quotient(x: Any, y: Any) -> Any:
    return lax.div(x, y) if jnp.issubdtype(x.dtype, jnp.integer) else x / y


@op("Div", method="div")
def div(x: Array, y: Array) -> Array:
    """Divides element by element, with broadcasting: x / y. Integers are truncated towards zero: -7 / 2 is -3.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.div(Tensor([1.0, 3.0]), 2.0))
        [0.5 1.5]
        >>> print(ops.div(Tensor([7, -7]), 2))
        [ 3 -3]

    MindSpore r1.8 `ops.Div`.
    """
    return _quotient(*_operands("Div", x, y))


@op("RealDiv", function="tensor_div")
def real_div(x: Array, y: Array) -> Array:
    """Divides element by element, with broadcasting: x / y. Integers are truncated towards zero, as with `Div`.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: Both are bool.

    Examples:
        >>> print(ops.RealDiv()(Tensor([1.0, 3.0]), Tensor([2.0, 2.0])))
        [0.5 1.5]

    MindSpore r1.8 `ops.RealDiv`.
    """
    return _quotient(*_operands("RealDiv", x, y))


@op("DivNoNan", function=None)
def div_no_nan(x: Array, y: Array) -> Array:
    """Divides element by element, and gives 0 wherever `y` is 0.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.DivNoNan()(Tensor([1.0, 3.0]), Tensor([0.0, 2.0])))
        [0.  1.5]

    MindSpore r1.8 `ops.DivNoNan`.
    """
    x, y = _operands("DivNoNan", x, y)
    return jnp.where(y == 0, 0, _quotient(x, jnp.where(y == 0, 1, y)))


@op("Xdivy", method="xdivy")
def xdivy(x: Array, y: Array) -> Array:
    """Divides element by element, and gives 0 wherever `x` is 0, even where `y` is 0 too.

    Args:
        x: Tensor of a float or complex dtype, or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: The promoted dtype is an integer or bool.

    Examples:
        >>> print(ops.xdivy(Tensor([0.0, 3.0]), Tensor([0.0, 2.0])))
        [0.  1.5]

    MindSpore r1.8 `ops.Xdivy`.
    """
    x, y = _operands("Xdivy", x, y)
    x = inexact("Xdivy", x=x)
    return jnp.where(x == 0, 0, x / jnp.where(x == 0, 1, y))


@op("FloorDiv", function=("floor_div", "floordiv", "tensor_floordiv"))
def floor_div(x: Array, y: Array) -> Array:
    """Divides element by element and rounds down: floor(x / y), so -7 // 2 is -4.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Raises:
        TypeError: Both are bool, or one is complex.

    Examples:
        >>> print(ops.floor_div(Tensor([7, -7]), 2))
        [ 3 -4]

    MindSpore r1.8 `ops.FloorDiv`.
    """
    x, y = _operands("FloorDiv", x, y)
    reals("FloorDiv", x=x)
    return jnp.floor_divide(x, y) if jnp.issubdtype(x.dtype, jnp.integer) else jnp.floor(x / y)


@op("FloorMod", function=("floor_mod", "floormod", "tensor_mod"))
def floor_mod(x: Array, y: Array) -> Array:
    """The remainder of division that rounds down, with the sign of `y`, as Python's `%`.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.floor_mod(Tensor([7, -7]), 4))
        [3 1]

    MindSpore r1.8 `ops.FloorMod`.
    """
    return jnp.mod(*_operands("FloorMod", x, y))


@op("Mod", function=None)
def mod(x: Array, y: Array) -> Array:
    """The remainder of division that truncates, with the sign of `x`, as C's `%`.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.Mod()(Tensor([7, -7]), 4))
        [ 3 -3]

    MindSpore r1.8 `ops.Mod`.
    """
    return lax.rem(*_operands("Mod", x, y))


@op("TruncateDiv")
def truncate_div(x: Array, y: Array) -> Array:
    """Divides element by element; integers are truncated towards zero, floats are divided exactly.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.truncate_div(Tensor([7, -7]), 4))
        [ 1 -1]

    MindSpore r1.8 `ops.TruncateDiv`.
    """
    return _quotient(*_operands("TruncateDiv", x, y))


@op("TruncateMod")
def truncate_mod(x: Array, y: Array) -> Array:
    """The remainder of division that truncates, with the sign of `x`, as C's `%`.

    Args:
        x: Tensor or number.
        y: Tensor or number; its shape broadcasts with that of `x`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.truncate_mod(Tensor([7, -7]), 4))
        [ 3 -3]

    MindSpore r1.8 `ops.TruncateMod`.
    """
    return lax.rem(*_operands("TruncateMod", x, y))


@op("Reciprocal", method="reciprocal")
def reciprocal(x: Array) -> Array:
    """One divided by each element: 1 / x.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`; integers are truncated.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.Reciprocal()(Tensor([1.0, 2.0, 4.0])))
        [1.   0.5  0.25]

    MindSpore r1.8 `ops.Reciprocal`.
    """
    numbers("Reciprocal", x=x)
    return _quotient(*_operands("Reciprocal", 1, x))


@op("Inv", method="inv")
def inv(x: Array) -> Array:
    """One divided by each element: 1 / x, as `Reciprocal`.

    Args:
        x: Tensor of any numeric dtype.

    Returns:
        Tensor like `x`; integers are truncated.

    Raises:
        TypeError: `x` is bool.

    Examples:
        >>> print(ops.inv(Tensor([1.0, 2.0, 4.0])))
        [1.   0.5  0.25]

    MindSpore r1.8 `ops.Inv`.
    """
    numbers("Inv", x=x)
    return _quotient(*_operands("Inv", 1, x))
