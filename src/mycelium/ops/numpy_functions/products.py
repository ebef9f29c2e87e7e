"""Products of vectors and matrices, convolution and interpolation."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.numpy_functions.mechanism import cast, floating, np_op, to_array
from mycelium.ops.promotion import promote


def _pair(name: str, meaning: str, fn: Any) -> None:
    def pure(a: Array, b: Array):
        return fn(*promote(to_array(a), to_array(b)))

    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = f"""{meaning}

    Args:
        a: Tensor or array-like.
        b: Tensor or array-like.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}`.
    """
    np_op(name)(pure)


_pair("dot", "The dot product; matrix product for two axes.", jnp.dot)
_pair("inner", "The sum of products over the last axes.", jnp.inner)
_pair("outer", "All products of two flattened arrays.", jnp.outer)
_pair("kron", "The Kronecker product.", jnp.kron)


@np_op()
def matmul(x1: Array, x2: Array, dtype: Any = None):
    """The matrix product, batches broadcasting.

    Args:
        x1: Tensor or array-like.
        x2: Tensor or array-like.
        dtype: Of the result.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.matmul`.
    """
    return cast(jnp.matmul(*promote(to_array(x1), to_array(x2))), dtype)


@np_op()
def tensordot(a: Array, b: Array, axes: Any = 2):
    """The sum of products over given axes.

    Args:
        a: Tensor or array-like.
        b: Tensor or array-like.
        axes: How many last and first axes, or a pair of lists of axes. Default: 2.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.tensordot`.
    """
    return jnp.tensordot(*promote(to_array(a), to_array(b)), axes=axes)


@np_op()
def cross(a: Array, b: Array, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None):
    """The cross product of vectors of 2 or 3 elements.

    Args:
        a: Tensor or array-like.
        b: Tensor or array-like.
        axisa: Axis of the vectors in `a`. Default: -1.
        axisb: Axis of the vectors in `b`. Default: -1.
        axisc: Axis of the vectors in the result. Default: -1.
        axis: Overrides all three.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.cross`.
    """
    return jnp.cross(*promote(to_array(a), to_array(b)), axisa, axisb, axisc, axis)


@np_op()
def multi_dot(arrays: Arrays):
    """The product of several matrices, in the cheapest order.

    Args:
        arrays: Sequence of Tensors or array-likes.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.multi_dot`.
    """
    return jnp.linalg.multi_dot(promote(*map(to_array, arrays)))


@np_op()
def convolve(a: Array, v: Array, mode: str = "full"):
    """The convolution of two 1-d arrays.

    Args:
        a: Tensor or array-like, 1-d.
        v: Tensor or array-like, 1-d.
        mode: "full" (default), "same" or "valid".

    Returns:
        Tensor, float.

    MindSpore r1.8 `numpy.convolve`.
    """
    return jnp.convolve(*promote(floating(a), floating(v)), mode=mode)


@np_op()
def correlate(a: Array, v: Array, mode: str = "valid"):
    """The cross-correlation of two 1-d arrays.

    Args:
        a: Tensor or array-like, 1-d.
        v: Tensor or array-like, 1-d.
        mode: "valid" (default), "same" or "full".

    Returns:
        Tensor, float.

    MindSpore r1.8 `numpy.correlate`.
    """
    return jnp.correlate(*promote(floating(a), floating(v)), mode=mode)


@np_op()
def interp(x: Array, xp: Array, fp: Array, left: Any = None, right: Any = None):
    """Values between known ones, in straight lines.

    Args:
        x: Where.
        xp: Where values are known, increasing.
        fp: The known values.
        left: Before the first. Default: its value.
        right: After the last. Default: its value.

    Returns:
        Tensor, float.

    MindSpore r1.8 `numpy.interp`.
    """
    x, xp, fp = floating(x), floating(xp), floating(fp)
    return jnp.interp(x, xp, fp, left, right).astype(fp.dtype)
