"""Choosing by truth: Select, MaskedFill, and what depends on how many are true, MaskedSelect and NonZero."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.engine.compile import DynamicShapeError
from mycelium.ops import registry
from mycelium.ops.annotations import Array
from mycelium.ops.checks import booleans, dtype_name, tensors
from mycelium.ops.creation import fill
from mycelium.ops.op import function, method, op
from mycelium.ops.promotion import to_dtype
from mycelium.ops.shapes import broadcast_to


@op("Select", function=None)
def select_(condition: Array, x: Array, y: Array):
    """Elements of `x` where the condition is true, of `y` elsewhere.

    Args:
        condition: Tensor of bool.
        x: Tensor of the same shape.
        y: Tensor of the same shape and the dtype of `x`.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `condition` is not bool, or the dtypes differ.
        ValueError: The shapes differ.

    Examples:
        >>> print(ops.Select()(Tensor([True, False]), Tensor([1, 2]), Tensor([3, 4])))
        [1 4]

    MindSpore r1.8 `ops.Select`.
    """
    tensors("Select", condition=condition, x=x, y=y)
    booleans("Select", condition=condition)
    if x.dtype != y.dtype:
        raise TypeError(f"For 'Select', 'x' and 'y' should have one dtype, but got {dtype_name(x)} and "
                        f"{dtype_name(y)}.")
    if not condition.shape == x.shape == y.shape:
        raise ValueError(f"For 'Select', the inputs should have one shape, but got {condition.shape}, {x.shape} and "
                         f"{y.shape}.")
    return jnp.where(condition, x, y)


@function()
def select(cond: Tensor, x: Any, y: Any) -> Tensor:
    """Elements of `x` where the condition is true, of `y` elsewhere.

    Args:
        cond: Tensor of bool.
        x: Tensor of the same shape, or a number: an int beside an int32 Tensor, a float beside a float32 one.
        y: Like `x`; one of the two is a Tensor.

    Returns:
        Tensor of the shape of `cond`.

    Raises:
        TypeError: `cond` is not a bool Tensor, or the types do not go together.
        ValueError: The shapes differ.

    Examples:
        >>> print(ops.select(Tensor([True, False]), Tensor([1.0, 2.0]), 0.5))
        [1.  0.5]

    MindSpore r1.8 `ops.select`.
    """
    if not isinstance(cond, Tensor):
        raise TypeError(f"For 'select', 'cond' should be a Tensor, but got {describe(cond)}.")
    if isinstance(x, Tensor):
        return select_(cond, x, _number_like("y", y, cond, x))
    return select_(cond, _number_like("x", x, cond, y), y)


def _number_like(name: str, value: Any, cond: Tensor, other: Any) -> Tensor:
    """A number as a Tensor, checked against the dtype of the other choice."""
    if isinstance(value, Tensor):
        return value
    if type(value) not in (int, float) or not isinstance(other, Tensor):
        raise TypeError(f"For 'select', 'x' and 'y' should be Tensors, or one of them an int or float, but '{name}' is "
                        f"{describe(value)} and the other {describe(other)}.")
    wanted = mstype.int32 if type(value) is int else mstype.float32
    if other.dtype is not wanted:
        raise TypeError(f"For 'select', beside the {type(value).__name__} '{name}' there should be a Tensor of "
                        f"{wanted}, but got {other.dtype}. Make it a Tensor of that dtype first.")
    return fill(wanted, cond.shape, value)


@method("select")
def _tensor_select(self: Tensor, condition: Tensor, y: Any) -> Tensor:
    """Its elements where the condition is true, those of `y` elsewhere (MindSpore r1.8 `Tensor.select`)."""
    return select(condition, self, y)


@op("MaskedFill", method="masked_fill")
def masked_fill(input_x: Array, mask: Array, value: Array):
    """The Tensor with one value wherever the mask is true.

    Args:
        input_x: Tensor.
        mask: Tensor of bool whose shape broadcasts with that of `input_x`.
        value: Number, or Tensor without axes; converted to the dtype of `input_x`.

    Returns:
        Tensor of the broadcast shape and the dtype of `input_x`.

    Raises:
        TypeError: `mask` is not bool, or `value` no number.
        ValueError: The shapes do not broadcast, or `value` has axes.

    Examples:
        >>> print(ops.masked_fill(Tensor([1.0, 2.0]), Tensor([True, False]), 0.5))
        [0.5 2. ]

    MindSpore r1.8 `ops.MaskedFill`.
    """
    tensors("MaskedFill", input_x=input_x, mask=mask)
    booleans("MaskedFill", mask=mask)
    if jnp.ndim(value):
        raise ValueError(f"For 'MaskedFill', 'value' should be a number or a Tensor without axes, but got shape "
                         f"{jnp.shape(value)}.")
    return jnp.where(mask, to_dtype(value, input_x.dtype), input_x)


# ***** shapes that depend on data: positions are found on the host, values taken by a kernel *****


def _true_places(owner: str, mask: Any) -> tuple:
    """The positions of the true elements; a compiled program cannot know how many there are."""
    if holder.backend.is_traced(mask):
        raise DynamicShapeError(owner)
    return np.nonzero(np.asarray(mask))


@function(primitive="MaskedSelect", method="masked_select")
def masked_select(x: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is true, in one axis.

    Args:
        x: Tensor.
        mask: Tensor of bool whose shape broadcasts with that of `x`.

    Returns:
        Tensor of one axis with the dtype of `x`. In GRAPH_MODE the Cell around it runs op by op, as its size depends
        on data; `x * mask` or `ops.select` keep the shape and compile whole.

    Raises:
        TypeError: `x` is not a Tensor, or `mask` not a bool Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> print(ops.masked_select(Tensor([1, 2, 3]), Tensor([True, False, True])))
        [1 3]

    MindSpore r1.8 `ops.MaskedSelect`.
    """
    if not isinstance(x, Tensor) or not isinstance(mask, Tensor) or mask.dtype is not mstype.bool_:
        raise TypeError(f"For 'MaskedSelect', 'x' should be a Tensor and 'mask' a Tensor of bool, but got "
                        f"{describe(x)} and {describe(mask)}.")
    try:
        shape = np.broadcast_shapes(x.shape, mask.shape)
    except ValueError:
        raise ValueError(f"For 'MaskedSelect', the shapes of 'x' and 'mask' should broadcast, but got {x.shape} and "
                         f"{mask.shape}.") from None
    places = _true_places("MaskedSelect", mask._ready())
    if mask.shape != shape:
        places = np.nonzero(np.broadcast_to(np.asarray(mask._ready()), shape))
    return taken(x if x.shape == shape else broadcast_to(x, shape), [Tensor(p) for p in places])


def taken(x: Tensor, places: list) -> Tensor:
    """The elements at one position array per axis."""
    return registry.methods["__getitem__"](x, tuple(places) if places else (None,))


@function(method="nonzero")
def nonzero(x: Tensor) -> Tensor:
    """The positions of the elements that are not zero.

    Args:
        x: Tensor of at least one axis.

    Returns:
        Tensor of int64, (number of elements that are not zero, x.ndim). In GRAPH_MODE the Cell around it runs op by op.

    Raises:
        TypeError: `x` is not a Tensor.
        ValueError: `x` has no axes.

    Examples:
        >>> print(ops.nonzero(Tensor([[1, 0], [0, 2]])))
        [[0 0]
         [1 1]]

    MindSpore r1.8 `ops.nonzero`.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"For 'NonZero', 'x' should be a Tensor, but got {describe(x)}.")
    if not x.ndim:
        raise ValueError("For 'NonZero', 'x' should have at least one axis, but it is a scalar.")
    return Tensor(np.stack(_true_places("NonZero", x._ready()), 1))
