"""Where the largest and smallest elements are. Of equal ones the first counts."""
from __future__ import annotations

from typing import Annotated, Any

import jax.numpy as jnp
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import axis_in, numbers
from mycelium.ops.op import op


def _integer_type(owner: str, name: str, value: Dtype) -> Dtype:
    if value not in (mstype.int32, mstype.int64):
        raise TypeError(f"For '{owner}', '{name}' should be mindspore.int32 or mindspore.int64, but got {value}.")
    return value


IndexType = Annotated[Dtype, _integer_type]


def _find(owner: str, fn: Any, x: Any, axis: int, dtype: Any) -> Any:
    numbers(owner, x=x)
    return fn(x, axis=axis_in(owner, axis, x.ndim)).astype(dtype)


@op("Argmax", function=None)
def argmax(x: Array, *, axis: int = -1, output_type: IndexType = mstype.int32) -> Array:
    """The place of the largest element along an axis.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to search along; it is left out of the result.
        output_type: `ms.int32` or `ms.int64`.

    Returns:
        Tensor of `output_type`.

    Raises:
        TypeError: `x` is bool, `axis` no int, or `output_type` another dtype.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.Argmax()(Tensor([[1.0, 5.0], [4.0, 2.0]])))
        [1 0]

    MindSpore r1.8 `ops.Argmax`.
    """
    return _find("Argmax", jnp.argmax, x, axis, output_type.np_dtype)


@op("Argmin", function=None)
def argmin_(x: Array, *, axis: int = -1, output_type: IndexType = mstype.int32) -> Array:
    """The place of the smallest element along an axis.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to search along; it is left out of the result.
        output_type: `ms.int32` or `ms.int64`.

    Returns:
        Tensor of `output_type`.

    Raises:
        TypeError: `x` is bool, `axis` no int, or `output_type` another dtype.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.Argmin()(Tensor([[1.0, 5.0], [4.0, 2.0]])))
        [0 1]

    MindSpore r1.8 `ops.Argmin`.
    """
    return _find("Argmin", jnp.argmin, x, axis, output_type.np_dtype)


@op(None)
def argmin(x: Array, axis: int | None = -1, keepdims: bool = False) -> Array:
    """The place of the smallest element along an axis.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to search along; it is left out of the result. None searches the flat Tensor; r2.0.
        keepdims: Whether that axis stays, with length 1; r2.0.

    Returns:
        Tensor of int32.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.argmin(Tensor([[1.0, 5.0], [4.0, 2.0]])))
        [0 1]

    MindSpore r1.8 and r2.0 `ops.argmin`.
    """
    numbers("Argmin", x=x)
    if axis is None:
        return jnp.argmin(x).astype(jnp.int32)
    return jnp.argmin(x, axis_in("Argmin", axis, x.ndim), keepdims=keepdims).astype(jnp.int32)


def _with_value(owner: str, fn: Any, x: Any, axis: int, keep_dims: bool) -> tuple:
    numbers(owner, x=x)
    if x.ndim == 0 and axis in (0, -1):
        return jnp.zeros((), jnp.int32), x
    axis = axis_in(owner, axis, x.ndim)
    index = fn(lax.stop_gradient(x), axis=axis, keepdims=True)
    value = jnp.take_along_axis(x, index, axis)
    if not keep_dims:
        index, value = index.squeeze(axis), value.squeeze(axis)
    return index.astype(jnp.int32), value


@op("ArgMaxWithValue", function=None)
def arg_max_with_value(x: Array, *, axis: int = 0, keep_dims: bool = False) -> tuple:
    """The place of the largest element along an axis, and the element.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to search along.
        keep_dims: Whether that axis stays, with length 1.

    Returns:
        Tensor of int32 (the place) and Tensor like `x` (the element). The gradient goes to the first maximum alone.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> index, value = ops.ArgMaxWithValue()(Tensor([[1.0, 5.0], [4.0, 2.0]]))
        >>> print(index, value)
        [1 0] [4. 5.]

    MindSpore r1.8 `ops.ArgMaxWithValue`.
    """
    return _with_value("ArgMaxWithValue", jnp.argmax, x, axis, keep_dims)


@op("ArgMinWithValue", function=None, method="argmin_with_value")
def arg_min_with_value(x: Array, *, axis: int = 0, keep_dims: bool = False) -> tuple:
    """The place of the smallest element along an axis, and the element.

    Args:
        x: Tensor of any numeric dtype.
        axis: Axis to search along.
        keep_dims: Whether that axis stays, with length 1.

    Returns:
        Tensor of int32 (the place) and Tensor like `x` (the element). The gradient goes to the first minimum alone.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> index, value = ops.ArgMinWithValue()(Tensor([[1.0, 5.0], [4.0, 2.0]]))
        >>> print(index, value)
        [0 1] [1. 2.]

    MindSpore r1.8 `ops.ArgMinWithValue`.
    """
    return _with_value("ArgMinWithValue", jnp.argmin, x, axis, keep_dims)


@op(None, function=None, method="argmax")
def tensor_argmax(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the largest element, along an axis or in the flattened Tensor.

    Args:
        axis: Axis to search along; None searches the flattened Tensor.
        keepdims: Whether that axis stays, with length 1.

    Returns:
        Tensor of int32.

    Raises:
        TypeError: `axis` is no int.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([[1.0, 5.0], [4.0, 2.0]]).argmax())
        1

    MindSpore r1.8 `Tensor.argmax`.
    """
    axis = axis if axis is None else axis_in("Tensor.argmax", axis, x.ndim)
    return jnp.argmax(x, axis=axis, keepdims=keepdims and axis is not None).astype(jnp.int32)


@op(None, function=None, method="argmin")
def tensor_argmin(x: Array, axis: int | None = None, keepdims: bool = False) -> Array:
    """The place of the smallest element, along an axis or in the flattened Tensor.

    Args:
        axis: Axis to search along; None searches the flattened Tensor.
        keepdims: Whether that axis stays, with length 1.

    Returns:
        Tensor of int32.

    Raises:
        TypeError: `axis` is no int.
        ValueError: There is no such axis.

    Examples:
        >>> print(Tensor([[1.0, 5.0], [4.0, 2.0]]).argmin())
        0

    MindSpore r1.8 `Tensor.argmin`.
    """
    axis = axis if axis is None else axis_in("Tensor.argmin", axis, x.ndim)
    return jnp.argmin(x, axis=axis, keepdims=keepdims and axis is not None).astype(jnp.int32)
