"""Conversion between data types."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.op import function, op, primitive
from mycelium.ops.primitive import Primitive
from mycelium.ops.promotion import to_dtype

_WORD = 4       # bytes of the integers that C converts a float to before it keeps the low bytes


@op("Cast")
def cast(input_x: Array, dtype: Dtype) -> Array:
    """Converts to another data type. Floats are truncated towards zero; integers keep their low bits.

    Args:
        input_x: Tensor or number.
        dtype: MindSpore dtype, for example `ms.float16`.

    Returns:
        Tensor of `dtype`, shaped like `input_x`.

    Raises:
        TypeError: `dtype` is not the type of Tensor elements.

    Examples:
        >>> print(ops.cast(Tensor([1.7, -1.7]), ms.int32))
        [ 1 -1]

    MindSpore r1.8 `ops.Cast`.
    """
    target = mstype.to_numpy_dtype(dtype)
    if not hasattr(input_x, "dtype"):
        return to_dtype(input_x, target)
    if target.kind in "iu" and target.itemsize < _WORD and jnp.issubdtype(input_x.dtype, jnp.floating):
        input_x = lax.convert_element_type(input_x, jnp.int32)
    if target.kind not in "cb" and jnp.issubdtype(input_x.dtype, jnp.complexfloating):
        input_x = jnp.real(input_x)
    return to_dtype(input_x, target)


def named_dtype(owner: str, dtype: Any, default: Any) -> mstype.Type:
    """The MindSpore dtype that `dtype` stands for: a dtype, its name in any case, a Python type, or None for `default`.

    Raises:
        TypeError: There is none.
    """
    if dtype is None and default is not None:
        return mstype.from_numpy_dtype(default)
    if isinstance(dtype, str):
        known = vars(mstype)
        dtype = known.get(dtype.lower(), known.get(dtype.lower() + "_", dtype))
    if isinstance(dtype, mstype.Type) and dtype.np_dtype is not None:
        return dtype
    if isinstance(dtype, (type, np.dtype)):
        return mstype.from_numpy_dtype(np.dtype(dtype))
    raise TypeError(f"For '{owner}', 'dtype' should be a dtype such as mindspore.float32 or its name, but got "
                    f"{describe(dtype)}.")


@primitive
class ScalarCast(Primitive):
    """Converts a Python number to the Python type of a MindSpore dtype.

    Examples:
        >>> print(ops.ScalarCast()(255.0, ms.int32))
        255

    MindSpore r1.8 `ops.ScalarCast`.
    """

    def __init__(self) -> None:
        super().__init__("ScalarCast")

    def __call__(self, input_x: Any, input_y: mstype.Type) -> Any:
        return scalar_cast(input_x, input_y)


@function()
def scalar_cast(input_x: bool | int | float, input_y: mstype.Type) -> bool | int | float:
    """Converts a Python number to the Python type of a MindSpore dtype.

    Args:
        input_x: Number.
        input_y: MindSpore dtype, for example `ms.int32`.

    Returns:
        bool, int or float.

    Raises:
        TypeError: `input_x` is no number.

    Examples:
        >>> print(ops.scalar_cast(255.0, ms.int32))
        255

    MindSpore r1.8 `ops.scalar_cast`.
    """
    if not isinstance(input_x, (bool, int, float)):
        raise TypeError(f"For 'ScalarCast', 'input_x' should be a number, but got {describe(input_x)}.")
    return mstype.dtype_to_pytype(mstype.pytype_to_dtype(input_y))(input_x)
