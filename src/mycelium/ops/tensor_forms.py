"""Tensor methods of MindSpore r2.0 that convert: to another dtype, shape or kind of object, and new Tensors alike."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.casting import cast
from mycelium.ops.checks import axis_in, integers
from mycelium.ops.creation import filled
from mycelium.ops.op import method, op
from mycelium.ops.positions import arg_max_with_value


def _conversion(name: str, target: mstype.Type) -> None:
    def convert(self: Tensor) -> Tensor:
        return cast(self, target)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"The Tensor as {target} (MindSpore r2.0 `Tensor.{name}`)."
    method(name)(convert)


for _name, _target in (("bool", mstype.bool_), ("float", mstype.float32), ("half", mstype.float16),
                       ("int", mstype.int32), ("long", mstype.int64), ("short", mstype.int16)):
    _conversion(_name, _target)


@method()
def to(self: Tensor, dtype: mstype.Type) -> Tensor:
    """The Tensor as another dtype (MindSpore r2.0 `Tensor.to`)."""
    return cast(self, dtype)


@method()
def numpy(self: Tensor) -> np.ndarray:
    """The elements as a NumPy array, as `asnumpy` (MindSpore r2.0 `Tensor.numpy`)."""
    return self.asnumpy()


@method()
def ndimension(self: Tensor) -> int:
    """How many axes there are (MindSpore r2.0 `Tensor.ndimension`)."""
    return self.ndim


@method()
def value(self: Tensor) -> Tensor:
    """The Tensor's value: itself, and of a Parameter the Tensor it holds now (MindSpore r2.0 `Tensor.value`)."""
    return self if type(self) is Tensor else Tensor._wrap(self._ready())


@method()
def is_signed(self: Tensor) -> bool:
    """Whether the dtype has negative numbers (MindSpore r2.0 `Tensor.is_signed`)."""
    return mstype.to_numpy_dtype(self.dtype).kind not in "ub"


def _filled_like(name: str, number: int) -> None:
    def make(self: Tensor, size: Any, *, dtype: mstype.Type | None = None) -> Tensor:
        sizes = size.asnumpy().tolist() if isinstance(size, Tensor) else size
        sizes = (sizes,) if isinstance(sizes, int) else sizes
        if not isinstance(sizes, (list, tuple)):
            raise TypeError(f"For 'Tensor.{name}', 'size' should be an int or a tuple of ints, but got "
                            f"{describe(size)}.")
        return filled(tuple(sizes), number, mstype.to_numpy_dtype(self.dtype if dtype is None else dtype))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"""A new Tensor of {"ones" if number else "zeros"} with the dtype of this one.

    Args:
        size: Int or tuple of ints: its shape.
        dtype: Another dtype.

    Returns:
        Tensor.

    Examples:
        >>> print(Tensor([1.5]).{name}((2,)))
        {[1.0, 1.0] if number else [0.0, 0.0]}

    MindSpore r2.0 `Tensor.{name}`.
    """.replace("[1.0, 1.0]", "[1. 1.]").replace("[0.0, 0.0]", "[0. 0.]")
    method(name)(make)


_filled_like("new_ones", 1)
_filled_like("new_zeros", 0)


@method()
def is_init(self: Tensor) -> bool:
    """Whether the Tensor holds its values, rather than how they will be drawn (MindSpore r2.0 `Tensor.is_init`)."""
    return self._init is None


@method()
def set_init_flag(self: Tensor, flag: bool = True) -> None:
    """Accepted for compatibility: a Tensor here knows itself whether it holds its values."""


@method()
def is_persistent_data(self: Tensor) -> bool:
    """Whether the values lie in a file: never here (MindSpore r2.0 `Tensor.is_persistent_data`)."""
    return False


@method()
def set_dtype(self: Tensor, dtype: mstype.Type) -> mstype.Type:
    """Changes the dtype of this very Tensor; returns it (MindSpore `Tensor.set_dtype`)."""
    self._data = cast(self, dtype)._data
    return dtype


@method()
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """The Tensor in the shape of another (MindSpore r2.0 `Tensor.reshape_as`)."""
    return self.reshape(other.shape)


@method()
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """The Tensor in the shape of another (MindSpore r2.0 `Tensor.view_as`)."""
    if not isinstance(other, Tensor):
        raise TypeError(f"For 'Tensor.view_as', 'other' should be a Tensor, but got {describe(other)}.")
    return self.reshape(other.shape)


@op(None, function=None)
def summed_to(x: Array, *, size: tuple) -> Array:
    """Sums over the axes along which `size` would be repeated to give the shape of `x`."""
    new = x.ndim - len(size)
    if new < 0 or any(n not in (1, m) for n, m in zip(size, x.shape[new:], strict=True)):
        raise ValueError(f"For 'Tensor.sum_to_size', 'size' should broadcast to the shape {x.shape}, but got {size}.")
    axes = tuple(range(new)) + tuple(i + new for i, n in enumerate(size) if n == 1 and x.shape[i + new] != 1)
    return jnp.sum(x, axes, keepdims=True, dtype=x.dtype).reshape(size) if axes else x


@method()
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Sums until a shape is reached that broadcasts to this one's.

    Args:
        size: The shape: ints, or one tuple.

    Returns:
        Tensor.

    Raises:
        ValueError: The shape does not broadcast to this one's.

    Examples:
        >>> print(Tensor([[1.0, 2.0], [3.0, 4.0]]).sum_to_size(1, 2))
        [[4. 6.]]

    MindSpore r2.0 `Tensor.sum_to_size`.
    """
    sizes = size[0] if len(size) == 1 and isinstance(size[0], (list, tuple)) else size
    return summed_to(self, size=tuple(sizes))


@method()
def argmax_with_value(self: Tensor, axis: int = 0, keep_dims: bool = False) -> tuple[Tensor, Tensor]:
    """The largest element along an axis, and its place (MindSpore r2.0 `Tensor.argmax_with_value`)."""
    return arg_max_with_value(self, axis=axis, keep_dims=keep_dims)[::-1]


@op("FillDiagonal", function=None)
def fill_diagonal_(input_x: Array, *, fill_value: float, wrap: bool = False) -> Array:
    """The Tensor with one number on its main diagonal.

    Args:
        input_x: Tensor of two axes, or of more of one size.
        fill_value: The number.
        wrap: Whether the diagonal of a tall matrix begins anew below a row left out.

    Returns:
        Tensor like `input_x`.

    Examples:
        >>> print(ops.FillDiagonal(5.0)(Tensor([[1.0, 2.0], [3.0, 4.0]])))
        [[5. 2.]
         [3. 5.]]

    MindSpore r2.0 `ops.FillDiagonal`.
    """
    if input_x.ndim < 2 or input_x.ndim > 2 and len(set(input_x.shape)) > 1:
        raise ValueError("For 'FillDiagonal', 'input_x' should have two axes, or more of one size, but got shape "
                         f"{input_x.shape}.")
    if input_x.ndim > 2:
        return input_x.at[(np.arange(input_x.shape[0]),) * input_x.ndim].set(fill_value)
    rows, columns = input_x.shape
    place = np.arange(rows)
    if wrap:
        rows_hit = place[place % (columns + 1) < columns]
        return input_x.at[rows_hit, rows_hit % (columns + 1)].set(fill_value)
    place = np.arange(min(rows, columns))
    return input_x.at[place, place].set(fill_value)


@method()
def fill_diagonal(self: Tensor, fill_value: float, wrap: bool = False) -> Tensor:
    """The Tensor with one number on its main diagonal (MindSpore r2.0 `Tensor.fill_diagonal`)."""
    return fill_diagonal_(self, fill_value=float(fill_value), wrap=wrap)


@op("MaskedScatter", function=None, method="masked_scatter")
def masked_scatter(x: Array, mask: Array, updates: Array) -> Array:
    """Puts the first elements of a Tensor, one after the other, where a mask is true.

    Args:
        x: Tensor.
        mask: Tensor of bool; its shape broadcasts to that of `x`.
        updates: Tensor of the same dtype with as many elements as the mask is true, or more.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.MaskedScatter()(Tensor([1.0, 2.0, 3.0]), Tensor([True, False, True]), Tensor([8.0, 9.0])))
        [8. 2. 9.]

    MindSpore r2.0 `ops.MaskedScatter`.
    """
    chosen = jnp.broadcast_to(mask, x.shape).ravel()
    place = jnp.maximum(jnp.cumsum(chosen) - 1, 0)
    return jnp.where(chosen, jnp.take(updates.ravel(), place, mode="clip"), x.ravel()).reshape(x.shape)


@op(None)
def scatter(input: Array, axis: int, index: Array, src: Array) -> Array:
    """Puts elements of one Tensor at places along an axis of another, which stays as it is.

    Args:
        input: Tensor.
        axis: The axis.
        index: Tensor of int32 or int64, not larger than `src`: for each of its elements the place along the axis.
        src: Tensor of the dtype of `input`, or a number.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.scatter(Tensor([[1, 2, 3]]), 1, Tensor([[2, 0]]), Tensor([[8, 9]])))
        [[9 2 8]]

    MindSpore r2.0 `ops.scatter`.
    """
    axis = axis_in("scatter", axis, input.ndim)
    integers("scatter", index=index)
    grid = list(np.indices(index.shape, sparse=True))
    grid[axis] = index
    values = src[tuple([slice(n) for n in index.shape])] if getattr(src, "ndim", 0) else src
    return input.at[tuple(grid)].set(jnp.asarray(values).astype(input.dtype))


@op("IndexPut", function=None)
def index_put_(x1: Array, x2: Array, indices: Arrays, *, accumulate: int = 0) -> Array:
    """Puts values at the positions that several Tensors of indices name together.

    Args:
        x1: Tensor.
        x2: Tensor of the values; its shape broadcasts to that of the positions.
        indices: Tuple or list of Tensors of ints, one for each of the first axes.
        accumulate: 1 adds, 0 replaces.

    Returns:
        Tensor like `x1`.

    Examples:
        >>> index = (Tensor([0]), Tensor([1]))
        >>> print(ops.IndexPut()(Tensor([[1, 2]]), Tensor([7]), index))
        [[1 7]]

    MindSpore r2.0 `ops.IndexPut`.
    """
    place = x1.at[tuple(indices)]
    return place.add(x2) if accumulate else place.set(x2)


@method()
def index_put(self: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """The Tensor with values at the positions that several Tensors of indices name (r2.0 `Tensor.index_put`)."""
    return index_put_(self, values, indices, accumulate=int(accumulate))
