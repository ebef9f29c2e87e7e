"""Single elements of a Tensor, copies of it, and facts about it, as methods."""
from __future__ import annotations

import math
from typing import Any, Literal

import jax.numpy as jnp

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.casting import cast
from mycelium.ops.op import method, op
from mycelium.ops.promotion import promote, to_dtype


def _place(owner: str, shape: tuple[int, ...], index: int | tuple) -> int:
    """The position in the flattened Tensor that an int or one int for each axis stands for."""
    indices = index if isinstance(index, tuple) else (index,)
    if not all(type(i) is int for i in indices):
        raise TypeError(f"For '{owner}', 'index' should be an int or a tuple of ints, but got {describe(index)}.")
    sizes = shape if len(indices) == len(shape) > 1 else (math.prod(shape),)
    if len(indices) != len(sizes):
        raise ValueError(f"For '{owner}', 'index' should be an int or one int for each axis of shape {shape}, but got "
                         f"{index}.")
    place = 0
    for i, size in zip(indices, sizes, strict=True):
        if not -size <= i < size:
            raise IndexError(f"For '{owner}', 'index' {index} is out of range for shape {shape}.")
        place = place * size + i % size
    return place


@op(None, function=None)
def element(x: Array, *, index: int | tuple | None) -> Array:
    """`Tensor.item`."""
    if index is None and x.size != 1:
        raise ValueError(f"For 'Tensor.item', 'index' should be given for a Tensor of {x.size} elements, but got None.")
    return x.reshape(-1)[0 if index is None else _place("Tensor.item", x.shape, index)]


@method()
def item(self: Tensor, index: int | tuple | None = None) -> Tensor:
    """One element, as a Tensor of shape ().

    Args:
        index: Position in the flattened Tensor, or one position for each axis; None for the only element.

    Returns:
        Tensor of shape () and the same dtype.

    Raises:
        TypeError: `index` is no int or tuple of ints.
        ValueError: `index` is None and there is more than one element.
        IndexError: There is no such element.

    Examples:
        >>> print(Tensor([[1, 2], [3, 4]]).item((1, 0)))
        3

    MindSpore r1.8 `Tensor.item`.
    """
    return element(self, index=index)


@op(None, function=None)
def with_element(x: Array, value: Array, *, index: int | tuple) -> Array:
    """`Tensor.itemset`."""
    flat = x.reshape(-1).at[_place("Tensor.itemset", x.shape, index)].set(to_dtype(value, x.dtype))
    return flat.reshape(x.shape)


@method()
def itemset(self: Tensor, *args: Any) -> Tensor:
    """A copy with one element replaced.

    Args:
        args: Index and value, the index as for `item`; or the value alone where there is one element.

    Returns:
        Tensor like this one, which stays as it is.

    Raises:
        TypeError: The index is no int or tuple of ints, or the value no number.
        ValueError: There are no or more than two arguments.
        IndexError: There is no such element.

    Examples:
        >>> print(Tensor([1, 2, 3]).itemset(1, 9))
        [1 9 3]

    MindSpore r1.8 `Tensor.itemset`.
    """
    if len(args) not in (1, 2):
        raise ValueError(f"For 'Tensor.itemset', an index and a value should be given, but got {len(args)} arguments.")
    if len(args) == 1 and self.size != 1:
        raise IndexError(f"For 'Tensor.itemset', an index should be given for a Tensor of shape {self.shape}.")
    return with_element(self, args[-1], index=args[0] if len(args) == 2 else 0)


@op(None, function=None)
def chosen(x: Array, choices: Arrays, *, mode: Literal["clip", "wrap"]) -> Array:
    """`Tensor.choose`."""
    arrays = jnp.broadcast_arrays(x, *promote(*choices))
    index = arrays[0].astype(jnp.int32)
    index = jnp.clip(index, 0, len(choices) - 1) if mode == "clip" else index % len(choices)
    stacked = jnp.stack(arrays[1:])
    return jnp.take_along_axis(stacked, index[None], 0)[0]


@method()
def choose(self: Tensor, choices: Any, mode: Literal["clip", "wrap"] = "clip") -> Tensor:
    """For each element, the element at the same place of the choice whose number it is.

    Args:
        choices: Tuple or list of Tensors, numbers or lists, or a Tensor whose first axis counts them. Their shapes
            broadcast with that of this Tensor.
        mode: What becomes of numbers beyond the last choice: "clip" takes the nearest, "wrap" starts again.

    Returns:
        Tensor of the broadcast shape and the choices' promoted dtype.

    Raises:
        TypeError: `choices` is no tuple, list or Tensor.
        ValueError: `mode` is another.

    Examples:
        >>> print(Tensor([0, 1, 1]).choose([[1, 2, 3], [10, 20, 30]]))
        [ 1 20 30]

    MindSpore r1.8 `Tensor.choose`.
    """
    if isinstance(choices, Tensor) and choices.ndim:
        choices = [choices[i] for i in range(choices.shape[0])]
    if not isinstance(choices, (list, tuple)):
        raise TypeError("For 'Tensor.choose', 'choices' should be a tuple, list or Tensor, but got "
                        f"{describe(choices)}.")
    return chosen(self, [c if isinstance(c, Tensor) else Tensor(c) for c in choices], mode=mode)


@method()
def copy(self: Tensor) -> Tensor:
    """The same values as a new Tensor; gradients flow through (MindSpore r1.8 `Tensor.copy`)."""
    return cast(self, self.dtype)


@method()
def to_tensor(self: Tensor, slice_index: int | None = None, shape: Any = None, opt_shard_group: Any = None) -> Tensor:
    """This Tensor with its declared initial values drawn.

    Raises:
        TypeError: No initial values were declared.

    Examples:
        >>> from mycelium.initializer import One, initializer
        >>> print(initializer(One(), [2], ms.float32).to_tensor())
        [1. 1.]

    MindSpore r1.8 `Tensor.to_tensor`.
    """
    if self.init is None:
        raise TypeError("For 'Tensor.to_tensor', the Tensor should have been declared with 'init', but it has values: "
                        "use it as it is.")
    return self.init_data(slice_index, shape, opt_shard_group)


@method()
def dim(self: Tensor) -> int:
    """The number of axes (MindSpore r1.8 `Tensor.dim`)."""
    return self.ndim


@method()
def data_sync(self: Tensor, wait: bool = True) -> None:
    """Accepted for compatibility: the values are copied to the host when they are asked for."""
