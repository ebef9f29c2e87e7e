"""MindSpore's implicit dtype promotion, which is neither NumPy's nor JAX's (recorded from MindSpore 1.8.1).

Every binary op follows one ladder: the operand lower on it is cast to the dtype of the higher one. float16 outranks
int64, zero-dimensional Tensors count as much as any other, and a Python scalar only lifts a Tensor that cannot hold
its kind of number. The unsigned types wider than 8 bits and the complex types stand outside the ladder.
"""

from functools import cache

import ml_dtypes
import numpy as np

_BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
_LADDER = [np.dtype(name) for name in ("bool", "uint8", "int8", "int16", "int32", "int64", "float16")]
_LADDER += [_BFLOAT16, np.dtype("float32"), np.dtype("float64")]
_RANK = {dtype: rank for rank, dtype in enumerate(_LADDER)}

# Neighbours of which neither holds the other. bfloat16 is ours: MindSpore 1.8 has none.
_JOINED = {
    frozenset(map(np.dtype, ("uint8", "int8"))): np.dtype("int16"),
    frozenset((np.dtype("float16"), _BFLOAT16)): np.dtype("float32"),
    frozenset(map(np.dtype, ("complex64", "float32"))): np.dtype("complex64"),
    frozenset(map(np.dtype, ("complex128", "float64"))): np.dtype("complex128"),
}


@cache
def promote_types(left: np.dtype, right: np.dtype) -> np.dtype:
    """The dtype in which MindSpore computes an operation between Tensors of two dtypes.

    Args:
        left, right: NumPy dtypes, `ml_dtypes.bfloat16` included.

    Returns:
        The common NumPy dtype.

    Raises:
        TypeError: MindSpore does not mix these two; cast one of them by hand.

    >>> from mycelium.core.promotion import promote_types
    >>> promote_types(np.dtype("int64"), np.dtype("float16"))
    dtype('float16')
    """
    left, right = np.dtype(left), np.dtype(right)
    if left == right:
        return left
    joined = _JOINED.get(frozenset((left, right)))
    if joined is not None:
        return joined
    if left in _RANK and right in _RANK:
        return max(left, right, key=_RANK.__getitem__)
    raise TypeError(
        f"Tensors of dtype {left} and {right} are not converted to a common dtype implicitly, as in MindSpore. "
        f"Cast one of them first, for example with `x.astype(...)`."
    )


@cache
def promote_scalar(dtype: np.dtype, scalar: type) -> np.dtype:
    """The dtype in which MindSpore computes an operation between a Tensor and a Python scalar.

    Args:
        dtype: the Tensor's NumPy dtype.
        scalar: `bool`, `int` or `float`.

    Returns:
        The Tensor's own dtype, unless the scalar is of a kind the dtype cannot hold: a float lifts bool and integers to
        float32, an int lifts bool to int64. The scalar's value plays no part.

    Raises:
        TypeError: an unsigned integer wider than 8 bits, which MindSpore does not combine with Python scalars, or a
            scalar of another type.

    >>> from mycelium.core.promotion import promote_scalar
    >>> promote_scalar(np.dtype("int8"), int), promote_scalar(np.dtype("int8"), float)
    (dtype('int8'), dtype('float32'))
    """
    dtype = np.dtype(dtype)
    if scalar not in (bool, int, float):
        raise TypeError(f"A Tensor combines with a Python bool, int or float, but got {scalar.__name__}.")
    if dtype.kind == "u" and dtype.itemsize > 1:
        raise TypeError(
            f"A Tensor of dtype {dtype} does not combine with a Python {scalar.__name__}, as in MindSpore. "
            f"Cast the Tensor first, or make the scalar a Tensor of dtype {dtype}."
        )
    if scalar is float and dtype.kind in "biu":
        return np.dtype("float32")
    if scalar is int and dtype.kind == "b":
        return np.dtype("int64")
    return dtype
