"""Checks that operators share: of inputs inside the pure functions, of attributes through `Annotated`."""
from __future__ import annotations

from typing import Annotated, Any, Literal

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.ops.promotion import as_float

Reduction = Literal["none", "mean", "sum"]


def dtype_name(x: Any) -> str:
    """MindSpore's name of an array's dtype."""
    return str(mstype.from_numpy_dtype(x.dtype)) if hasattr(x, "dtype") else type(x).__name__


def floats(owner: str, **inputs: Any) -> Any:
    """The inputs as floating point arrays; TypeError for integers and booleans. None stays None."""
    arrays = []
    for name, x in inputs.items():
        if x is not None and hasattr(x, "dtype") and not x.weak_type and not jnp.issubdtype(x.dtype, jnp.floating):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of float16, float32, float64 or bfloat16, but "
                            f"got {dtype_name(x)}. Convert it with '.astype(ms.float32)'.")
        arrays.append(None if x is None else as_float(x))
    return arrays[0] if len(arrays) == 1 else tuple(arrays)


def integers(owner: str, **inputs: Any) -> None:
    """TypeError unless the inputs are integer arrays."""
    for name, x in inputs.items():
        if not (isinstance(x, int) or jnp.issubdtype(x.dtype, jnp.integer)):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of int32 or int64, but got {dtype_name(x)}.")


def same_dtype(owner: str, **inputs: Any) -> None:
    """TypeError unless all inputs have one dtype."""
    if len({x.dtype for x in inputs.values()}) > 1:
        got = ", ".join(f"{name}: {dtype_name(x)}" for name, x in inputs.items())
        raise TypeError(f"For '{owner}', the inputs should have the same dtype, but got {got}.")


def same_shape(owner: str, **inputs: Any) -> None:
    """ValueError unless all inputs have one shape."""
    if len({x.shape for x in inputs.values()}) > 1:
        got = ", ".join(f"{name}: {x.shape}" for name, x in inputs.items())
        raise ValueError(f"For '{owner}', the inputs should have the same shape, but got {got}.")


def rank(owner: str, name: str, x: Any, *ranks: int) -> None:
    """ValueError unless `x` has one of these numbers of axes."""
    if x.ndim not in ranks:
        raise ValueError(f"For '{owner}', '{name}' should have {' or '.join(map(str, ranks))} axes, but got shape "
                         f"{x.shape}.")


def axis_in(owner: str, axis: int, ndim: int, name: str = "axis") -> int:
    """`axis` counted from the front; ValueError when there is no such axis."""
    if not -ndim <= axis < ndim:
        raise ValueError(f"For '{owner}', '{name}' should be in [{-ndim}, {ndim}), but got {axis}.")
    return axis % ndim


def inexact(owner: str, **inputs: Any) -> Any:
    """The inputs as floating point or complex arrays; TypeError for integers and booleans."""
    arrays = []
    for name, x in inputs.items():
        if hasattr(x, "dtype") and not x.weak_type and not jnp.issubdtype(x.dtype, jnp.inexact):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of a float or complex dtype, but got "
                            f"{dtype_name(x)}. Convert it with '.astype(ms.float32)'.")
        arrays.append(as_float(x))
    return arrays[0] if len(arrays) == 1 else tuple(arrays)


def numbers(owner: str, **inputs: Any) -> None:
    """TypeError for booleans."""
    for name, x in inputs.items():
        if isinstance(x, bool) or getattr(x, "dtype", None) == jnp.bool_:
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of numbers, but got Bool. Convert it with "
                            "'.astype(ms.int32)'.")


def reals(owner: str, **inputs: Any) -> None:
    """TypeError for complex numbers."""
    for name, x in inputs.items():
        if isinstance(x, complex) or hasattr(x, "dtype") and jnp.issubdtype(x.dtype, jnp.complexfloating):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of real numbers, but got {dtype_name(x)}.")


def booleans(owner: str, **inputs: Any) -> None:
    """TypeError unless the inputs are booleans."""
    for name, x in inputs.items():
        if not (isinstance(x, bool) or getattr(x, "dtype", None) == jnp.bool_):
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor of bool, but got {dtype_name(x)}. Compare it "
                            "with a number first, for example x != 0.")


def axes_in(owner: str, axis: int | tuple | None, ndim: int, name: str = "axis") -> tuple[int, ...]:
    """The axes counted from the front, each once; all of them for None or ()."""
    if axis is None or axis == ():
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if type(a) is not int:
            raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of ints, but got {describe(axis)}.")
    return tuple(dict.fromkeys(axis_in(owner, a, ndim, name) for a in axes))


# ***** attributes *****


def positive(owner: str, name: str, value: Any) -> Any:
    """`value` if it is greater than 0."""
    if not value > 0:
        raise ValueError(f"For '{owner}', '{name}' should be greater than 0, but got {value}.")
    return value


def not_negative(owner: str, name: str, value: Any) -> Any:
    """`value` if it is at least 0."""
    if not value >= 0:
        raise ValueError(f"For '{owner}', '{name}' should be 0 or greater, but got {value}.")
    return value


def unit_interval(owner: str, name: str, value: Any) -> Any:
    """`value` if it lies in [0, 1]."""
    if not 0 <= value <= 1:
        raise ValueError(f"For '{owner}', '{name}' should be in [0, 1], but got {value}.")
    return value


def half_open_unit(owner: str, name: str, value: Any) -> Any:
    """`value` if it lies in (0, 1]."""
    if not 0 < value <= 1:
        raise ValueError(f"For '{owner}', '{name}' should be in (0, 1], but got {value}.")
    return value


def nonzero(owner: str, name: str, value: Any) -> Any:
    """`value` if it is not 0."""
    if value == 0:
        raise ValueError(f"For '{owner}', '{name}' should not be 0.")
    return value


PositiveInt = Annotated[int, positive]
PositiveFloat = Annotated[float, positive]
Probability = Annotated[float, unit_interval]


def pixels(owner: str, name: str, value: Any, axes: int, least: int) -> tuple[int, ...]:
    """One number per spatial axis from an int, `axes` ints, or ints for batch and channels too.

    Raises:
        TypeError: An item is no int.
        ValueError: Another count of items, or one below `least`.
    """
    items = (value,) * axes if isinstance(value, int) else tuple(value)
    if len(items) == axes + 2:
        items = items[2:]
    if not all(type(v) is int for v in items):
        raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of {axes} ints, but got "
                        f"{describe(value)}.")
    if len(items) != axes or min(items) < least:
        raise ValueError(f"For '{owner}', '{name}' should be an int or a tuple of {axes} ints, each {least} or "
                         f"greater, but got {value}.")
    return items


def per_axis(axes: int, least: int = 1) -> Any:
    """An `Annotated` check: `pixels` for a fixed number of spatial axes."""
    return lambda owner, name, value: pixels(owner, name, value, axes, least)


Pair = Annotated[int | tuple, per_axis(2)]
Triple = Annotated[int | tuple, per_axis(3)]


class MismatchError(ValueError, RuntimeError):
    """Shapes that do not go together: a RuntimeError of MindSpore's kernels, a ValueError to Python."""


def tensors(owner: str, **inputs: Any) -> None:
    """TypeError for Python numbers where the shape of a Tensor is needed."""
    for name, x in inputs.items():
        if isinstance(x, (bool, int, float, complex)) or getattr(x, "weak_type", False) and not x.shape:
            raise TypeError(f"For '{owner}', '{name}' should be a Tensor, but got a number.")


def ints(owner: str, name: str, value: Any) -> tuple[int, ...]:
    """A tuple of ints from one int or a tuple of them; TypeError otherwise."""
    items = value if isinstance(value, tuple) else (value,)
    for v in items:
        if type(v) is not int:
            raise TypeError(f"For '{owner}', '{name}' should hold ints, but got {describe(value)}.")
    return items


class OutOfRangeError(IndexError, RuntimeError):
    """A position outside of a Tensor: a RuntimeError of MindSpore's kernels, an IndexError to Python."""


def positions_in(owner: str, indices: Any, sizes: tuple[int, ...], least: int = 0, name: str = "indices") -> None:
    """OutOfRangeError unless the last axis of `indices` holds positions in `sizes`, counted from the end too for -1."""
    host = np.asarray(indices)
    if host.dtype.kind != "i":
        return      # the operator itself says so
    for axis, size in enumerate(sizes):
        place = host[..., axis]
        wrong = (place >= size) | (place < least * size)
        if wrong.any():
            raise OutOfRangeError(f"For '{owner}', '{name}' should hold positions in [{least * size}, {size}) for axis "
                                  f"{axis}, but got {place[wrong].ravel()[0]}.")
