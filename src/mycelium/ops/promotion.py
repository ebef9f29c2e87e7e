"""MindSpore's implicit conversion, applied to arrays and Python numbers inside operators."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.promotion import promote_scalar, promote_types

_SCALARS = (bool, int, float, complex)


def _scalar_kind(x: Any) -> type | None:
    """The Python type of a number (also one that is a weakly typed argument of a kernel), or None for an array."""
    if isinstance(x, _SCALARS):
        return type(x)
    if getattr(x, "weak_type", False) and not x.shape:
        return {"b": bool, "i": int, "u": int, "f": float, "c": complex}[np.dtype(x.dtype).kind]
    return None


def result_dtype(*values: Any) -> np.dtype:
    """The dtype MindSpore computes in for these arrays and Python numbers."""
    dtype: Any = None
    scalars = []
    for v in values:
        kind = _scalar_kind(v)
        if kind is not None:
            scalars.append(kind)
        else:
            dtype = np.dtype(v.dtype) if dtype is None else promote_types(dtype, np.dtype(v.dtype))
    if dtype is None:       # only numbers: as Tensor(number)
        order = (bool, int, float, complex)
        return np.dtype({bool: np.bool_, int: np.int64, float: np.float32, complex: np.complex64}[
            max(scalars, key=order.index)])
    for kind in scalars:
        dtype = promote_scalar(dtype, kind)
    return dtype


def promote(*values: Any) -> tuple:
    """The values as arrays of one dtype, by MindSpore's rules."""
    dtype = result_dtype(*values)
    return tuple([to_dtype(v, dtype) for v in values])


def to_dtype(x: Any, dtype: Any) -> Any:
    """`x` as an array of exactly `dtype`."""
    if isinstance(x, _SCALARS):
        with np.errstate(all="ignore"):     # too large a number wraps or overflows, as a cast does
            return jnp.asarray(np.asarray(x).astype(dtype))
    if x.dtype == dtype and not x.weak_type:
        return x
    return lax.convert_element_type(x, dtype)


def strong(out: Any) -> Any:
    """The result without JAX's weak types: a Tensor has its dtype for good."""
    if type(out) in (tuple, list):
        return tuple([strong(o) for o in out])
    if getattr(out, "weak_type", False):
        return lax.convert_element_type(out, out.dtype)
    return jnp.asarray(out)


def as_float(x: Any) -> Any:
    """`x` as floating point: integers and booleans become float32."""
    if isinstance(x, _SCALARS):
        return jnp.asarray(x, jnp.complex64 if isinstance(x, complex) else jnp.float32)
    if jnp.issubdtype(x.dtype, jnp.inexact):
        return x if not x.weak_type else lax.convert_element_type(x, jnp.float32)
    return lax.convert_element_type(x, jnp.float32)
