"""Complex numbers: their parts, and how they are made."""
from __future__ import annotations

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import dtype_name, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import promote


@op("Complex", function=None)
def complex_(real: Array, imag: Array) -> Array:
    """Complex numbers from their parts: real + imag * i.

    Args:
        real: Tensor of float32 or float64.
        imag: Tensor of the same dtype; its shape broadcasts with that of `real`.

    Returns:
        Tensor of complex64 or complex128, of the broadcast shape.

    Raises:
        TypeError: The inputs are neither both float32 nor both float64.

    Examples:
        >>> print(ops.Complex()(Tensor([1.0]), Tensor([2.0])))
        [1.+2.j]

    MindSpore r1.8 `ops.Complex`.
    """
    real, imag = promote(real, imag)
    if real.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(f"For 'Complex', the inputs should be float32 or float64, but got {dtype_name(real)}.")
    return lax.complex(*jnp.broadcast_arrays(real, imag))


@op("Real", method="real")
def real(input: Array) -> Array:
    """The real part of each element; `input` itself where it is not complex.

    Args:
        input: Tensor.

    Returns:
        Tensor shaped like `input`; float32 for complex64, float64 for complex128.

    Examples:
        >>> print(ops.Real()(Tensor([1 + 2j])))
        [1.]

    MindSpore r1.8 `ops.Real`.
    """
    return jnp.real(input)


@op("Imag", method="imag")
def imag(input: Array) -> Array:
    """The imaginary part of each element; 0 where `input` is not complex.

    Args:
        input: Tensor.

    Returns:
        Tensor shaped like `input`; float32 for complex64, float64 for complex128.

    Examples:
        >>> print(ops.Imag()(Tensor([1 + 2j])))
        [2.]

    MindSpore r1.8 `ops.Imag`.
    """
    return jnp.imag(input)


@op("Conj", method="conj")
def conj(input: Array) -> Array:
    """The complex conjugate of each element; `input` itself where it is not complex.

    Args:
        input: Tensor of any numeric dtype.

    Returns:
        Tensor like `input`.

    Raises:
        TypeError: `input` is bool.

    Examples:
        >>> print(ops.Conj()(Tensor([1 + 2j])))
        [1.-2.j]

    MindSpore r1.8 `ops.Conj`.
    """
    numbers("Conj", input=input)
    return jnp.conj(input)
