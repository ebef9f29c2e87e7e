"""Functions of two Tensors, element by element, that MindSpore r2.0 added: one table of name, meaning and function."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import integers, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import as_float, promote

_DOC = """{meaning}

    Args:
        input: Tensor or number.
        other: Tensor or number; its shape broadcasts with that of `input`.

    Returns:
        Tensor of the broadcast shape and {dtype}.

    Raises:
        {raises}
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.{name}({example}))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """


def _pair(names: str, meaning: str, fn: Callable, example: str, result: str, *, primitive: str | None = None,
          kind: str = "numbers", method: bool = True, dtype: str = "the promoted dtype") -> None:
    """Defines one operator; `kind` is what it takes: numbers, floats (integers become float32) or integers."""
    name, *more = names.split()
    owner = primitive or name

    def pure(input: Array, other: Array) -> Any:
        x, y = promote(input, other)
        if kind == "integers":
            integers(owner, input=x, other=y)
        elif kind == "floats":
            x, y = as_float(x), as_float(y)
        else:
            numbers(owner, input=x, other=y)
        return fn(x, y)

    pure.__name__ = pure.__qualname__ = name
    raises = "TypeError: The inputs are no integers." if kind == "integers" else "TypeError: An input is no Tensor."
    pure.__doc__ = _DOC.format(meaning=meaning, dtype=dtype, raises=raises, name=name, example=example, result=result)
    op(primitive, function=(name, *more), method=(name, *more) if method else None)(pure)


def _fmod(x: Any, y: Any) -> Any:
    return x - y * lax.stop_gradient(jnp.trunc(as_float(x) / as_float(y))).astype(x.dtype)


def _remainder(x: Any, y: Any) -> Any:
    return x - y * lax.stop_gradient(jnp.floor(as_float(x) / as_float(y))).astype(x.dtype)


def _heaviside(x: Any, y: Any) -> Any:
    return jnp.where(x < 0, jnp.zeros((), x.dtype), jnp.where(x > 0, jnp.ones((), x.dtype), y))


def _copysign(x: Any, y: Any) -> Any:
    return jnp.where(jnp.signbit(x) == jnp.signbit(y), x, -x)


def _hypot(x: Any, y: Any) -> Any:
    largest = lax.stop_gradient(jnp.maximum(jnp.abs(x), jnp.abs(y)))
    scale = jnp.where((largest == 0) | jnp.isinf(largest), 1, largest)
    total = (x / scale) ** 2 + (y / scale) ** 2
    return scale * jnp.where(total == 0, 0, jnp.sqrt(jnp.where(total == 0, 1, total)))      # no slope at 0


def _next(x: Any, y: Any) -> Any:
    return jnp.nextafter(*map(lax.stop_gradient, (x, y)))


_pair("fmax", "The larger of two numbers; of a number and NaN the number.", jnp.fmax,
      'Tensor([1.0, float("nan")]), Tensor([2.0, 3.0])', "[2. 3.]", primitive="Fmax", method=False)
_pair("fmin", "The smaller of two numbers; of a number and NaN the number.", jnp.fmin,
      'Tensor([1.0, float("nan")]), Tensor([2.0, 3.0])', "[1. 3.]", primitive="Fmin", method=False)
_pair("fmod", "What division leaves over, with the sign of `input`.", _fmod, "Tensor([-7.0, 7.0]), 3.0", "[-1.  1.]")
_pair("remainder", "What division leaves over, with the sign of `other`.", _remainder, "Tensor([-7.0, 7.0]), 3.0",
      "[2. 1.]")
_pair("copysign", "The size of `input` with the sign of `other`.", _copysign,
      "Tensor([1.0, -2.0]), Tensor([-1.0, 5.0])", "[-1.  2.]", kind="floats")
_pair("hypot", "The length of the hypotenuse: sqrt(input^2 + other^2), without overflow.", _hypot,
      "Tensor([3.0]), Tensor([4.0])", "[5.]", primitive="Hypot", kind="floats")
_pair("heaviside", "The step function: 0 below 0, 1 above, `other` at 0.", _heaviside, "Tensor([-1.0, 0.0, 2.0]), 0.5",
      "[0.  0.5 1. ]", primitive="Heaviside")
_pair("nextafter", "The next number that can be represented after `input`, towards `other`.", _next,
      "Tensor([1.0]), Tensor([2.0])", "[1.0000001]", primitive="NextAfter", kind="floats")
_pair("gcd", "The greatest common divisor.", jnp.gcd, "Tensor([12, 7]), Tensor([18, 14])", "[6 7]", primitive="Gcd",
      kind="integers", method=False)
_pair("lcm", "The least common multiple.", jnp.lcm, "Tensor([4, 6]), Tensor([6, 9])", "[12 18]", primitive="Lcm",
      kind="integers")
_pair("bitwise_left_shift", "The bits moved to the left by `other` places.", jnp.left_shift, "Tensor([1, 3]), 2",
      "[ 4 12]", primitive="LeftShift", kind="integers")
_pair("bitwise_right_shift", "The bits moved to the right by `other` places; the sign stays.", jnp.right_shift,
      "Tensor([8, -8]), 2", "[ 2 -2]", primitive="RightShift", kind="integers")


@op(None, method="float_power")
def float_power(input: Array, exponent: Array) -> Array:
    """Raises each element to a power, in float64 (complex128 for complex numbers).

    Args:
        input: Tensor or number.
        exponent: Tensor or number; its shape broadcasts with that of `input`.

    Returns:
        Tensor of the broadcast shape.

    Examples:
        >>> print(ops.float_power(Tensor([2, 3]), -1))
        [0.5        0.33333333]

    MindSpore r2.0 `ops.float_power`.
    """
    x, y = promote(input, exponent)
    wide = jnp.complex128 if jnp.issubdtype(x.dtype, jnp.complexfloating) else jnp.float64
    return jnp.power(x.astype(wide), y.astype(wide))


@op(None, method="subtract")
def subtract(input: Array, other: Array, *, alpha: int | float = 1) -> Array:
    """Subtracts a multiple: input - alpha * other.

    Args:
        input: Tensor or number.
        other: Tensor or number; its shape broadcasts with that of `input`.
        alpha: Factor of `other`.

    Returns:
        Tensor of the broadcast shape and promoted dtype.

    Examples:
        >>> print(ops.subtract(Tensor([5.0, 6.0]), Tensor([1.0, 2.0]), alpha=2))
        [3. 2.]

    MindSpore r2.0 `ops.subtract`.
    """
    x, y = promote(input, other)
    numbers("subtract", input=x)
    return x - (y if alpha == 1 else (alpha * y).astype(x.dtype))


@op("Polar")
def polar(abs: Array, angle: Array) -> Array:
    """Complex numbers from their size and their angle in radians.

    Args:
        abs: Tensor of float32 or float64.
        angle: Tensor of the same dtype and shape.

    Returns:
        Tensor of complex64 or complex128.

    Examples:
        >>> print(ops.polar(Tensor([2.0]), Tensor([0.0])))
        [2.+0.j]

    MindSpore r2.0 `ops.polar`.
    """
    size, angle = promote(as_float(abs), as_float(angle))
    return lax.complex(size * jnp.cos(angle), size * jnp.sin(angle))
