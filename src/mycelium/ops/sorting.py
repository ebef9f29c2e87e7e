"""Order: Sort, TopK, InTopK, SearchSorted, LowerBound, UpperBound, InvertPermutation."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.core.errors import check_choice, describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import axis_in, dtype_name, floats, numbers, rank, tensors
from mycelium.ops.gather import gather
from mycelium.ops.op import function, method, op, primitive
from mycelium.ops.primitive import Primitive
from mycelium.ops.promotion import promote


def _order(x: Any, axis: int, descending: bool) -> Any:
    """The positions that sort `x` along an axis; equal elements keep their order."""
    place = lax.broadcasted_iota(np.int32, x.shape, axis)
    keys = -x if descending and x.dtype != jnp.bool_ else x
    if descending and jnp.issubdtype(x.dtype, jnp.integer):
        keys = ~x       # -x overflows at the lowest number
    return lax.sort((lax.stop_gradient(keys), place), dimension=axis, is_stable=True, num_keys=1)[1]


@op("Sort", method="sort")
def sort(x: Array, *, axis: int = -1, descending: bool = False):
    """Sorts along an axis; equal elements keep their order.

    Args:
        x: Tensor of numbers.
        axis: The axis.
        descending: Whether the largest comes first.

    Returns:
        Tuple of the sorted Tensor and the positions its elements had, int32.

    Raises:
        TypeError: `axis` is not an int or `descending` not a bool.
        ValueError: `axis` is out of range.

    Examples:
        >>> values, places = ops.Sort()(Tensor([3.0, 1.0, 2.0]))
        >>> print(values, places)
        [1. 2. 3.] [1 2 0]

    MindSpore r1.8 `ops.Sort`.
    """
    tensors("Sort", x=x)
    numbers("Sort", x=x)
    axis = axis_in("Sort", axis, x.ndim)
    places = _order(x, axis, descending)
    return jnp.take_along_axis(x, places, axis), places


@op("TopK", method="top_k")
def top_k(input_x: Array, k: int, *, sorted: bool = True):
    """The k largest elements of the last axis.

    Args:
        input_x: Tensor of numbers, at least one axis.
        k: How many, 1 up to the size of the last axis.
        sorted: Whether they come in descending order; here they always do.

    Returns:
        Tuple of the values and their positions, int32, both of size `k` in the last axis. The first of equal elements
        comes first.

    Raises:
        TypeError: `k` is not an int or `sorted` not a bool.
        ValueError: `k` is out of range, or `input_x` has no axes.

    Examples:
        >>> values, places = ops.top_k(Tensor([1.0, 4.0, 2.0]), 2)
        >>> print(values, places)
        [4. 2.] [1 2]

    MindSpore r1.8 `ops.TopK`.
    """
    tensors("TopK", input_x=input_x)
    numbers("TopK", input_x=input_x)
    size = input_x.shape[-1] if input_x.ndim else 0
    if not 1 <= k <= size:
        raise ValueError(f"For 'TopK', 'k' should be in [1, {size}], the size of the last axis, but got {k}.")
    values, places = lax.top_k(input_x, k)
    return values, places.astype(np.int32)


@op("InTopK", function="intopk")
def in_top_k(x1: Array, x2: Array, *, k: int):
    """Whether the entry of a class is among the k largest of its row.

    Args:
        x1: Tensor of float, (N, classes).
        x2: Tensor of int32 or int64, (N,), the classes asked for.
        k: How many count as top.

    Returns:
        Tensor of bool, (N,).

    Raises:
        TypeError: The dtypes are others.
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.intopk(Tensor([[1.0, 3.0, 2.0]]), Tensor([2], ms.int32), 2))
        [ True]

    MindSpore r1.8 `ops.InTopK`.
    """
    tensors("InTopK", x1=x1, x2=x2)
    x1 = floats("InTopK", x1=x1)
    if not jnp.issubdtype(x2.dtype, jnp.signedinteger):
        raise TypeError(f"For 'InTopK', 'x2' should be a Tensor of int32 or int64, but got {dtype_name(x2)}.")
    rank("InTopK", "x1", x1, 2)
    if x2.shape != x1.shape[:1]:
        raise ValueError(f"For 'InTopK', 'x2' should have shape {x1.shape[:1]}, the number of rows of 'x1', but got "
                         f"{x2.shape}.")
    own = jnp.take_along_axis(x1, x2[:, None], 1, mode="fill", fill_value=jnp.nan)
    inside = ((x2 >= 0) & (x2 < x1.shape[1]))[:, None] & jnp.isfinite(own)
    return (inside[:, 0]) & (jnp.sum(x1 > own, 1) < k)


def _search(sequence: Any, values: Any, side: str, dtype: Any) -> Any:
    """Where `values` go into sorted rows."""
    if sequence.ndim == 1:
        return jnp.searchsorted(sequence, values, side=side).astype(dtype)
    rows = sequence.reshape(-1, sequence.shape[-1])
    wanted = values.reshape(-1, values.shape[-1])
    compare = jnp.less if side == "left" else jnp.less_equal
    return jnp.sum(compare(rows[:, None, :], wanted[:, :, None]), -1).astype(dtype).reshape(values.shape)


@op("SearchSorted", function=None)
def search_sorted(sequence: Array, values: Array, *, out_int32: bool = False, right: bool = False):
    """Where values would go into a sorted sequence to keep it sorted.

    Args:
        sequence: Tensor, sorted along its last axis; of one axis, or of the shape of `values` but for the last axis.
        values: Tensor of the same dtype.
        out_int32: Whether the result is int32 instead of int64.
        right: Whether equal elements come before the value, not after it.

    Returns:
        Tensor of the shape of `values`.

    Raises:
        TypeError: The dtypes differ.
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.SearchSorted()(Tensor([1.0, 3.0, 5.0]), Tensor([3.0, 9.0])))
        [1 3]

    MindSpore r1.8 `ops.SearchSorted`.
    """
    tensors("SearchSorted", sequence=sequence, values=values)
    if sequence.dtype != values.dtype:
        raise TypeError(f"For 'SearchSorted', 'sequence' and 'values' should have one dtype, but got "
                        f"{dtype_name(sequence)} and {dtype_name(values)}.")
    if sequence.ndim != 1 and sequence.shape[:-1] != values.shape[:-1]:
        raise ValueError(f"For 'SearchSorted', 'sequence' should have one axis, or the shape of 'values' but for the "
                         f"last axis, but got {sequence.shape} and {values.shape}.")
    return _search(sequence, values, "right" if right else "left", np.int32 if out_int32 else np.int64)


@op(None, function=None)
def searched(x: Array, v: Array, *, right: bool):
    """`Tensor.searchsorted` on promoted inputs."""
    x, v = promote(x, v)
    rank("Tensor.searchsorted", "the Tensor", x, 1)
    return _search(x, v, "right" if right else "left", np.int32)


@function("searchsorted")
def _search_sorted(sorted_sequence: Tensor, values: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Where values would go into a sorted sequence to keep it sorted.

    Args:
        sorted_sequence: Tensor, sorted along its last axis; of one axis, or of the shape of `values` but for the last.
        values: Tensor of the same dtype.
        out_int32: Whether the result is int32 instead of int64.
        right: Whether equal elements come before the value, not after it.

    Returns:
        Tensor of the shape of `values`.

    Examples:
        >>> print(ops.searchsorted(Tensor([1.0, 3.0, 5.0]), Tensor([3.0, 9.0])))
        [1 3]

    MindSpore r2.0 `ops.searchsorted`.
    """
    return search_sorted(sorted_sequence, values, out_int32=out_int32, right=right)


@method()
def searchsorted(self: Tensor, v: Any, side: str = "left", sorter: Any = None) -> Tensor:
    """Where `v` would go into this sorted Tensor, int32 (MindSpore r1.8 `Tensor.searchsorted`)."""
    check_choice("Tensor.searchsorted", "side", side, ("left", "right"))
    if sorter is not None:
        self = gather(self, sorter if isinstance(sorter, Tensor) else Tensor(sorter), 0)
    return searched(self, v, side == "right")


def _bound(owner: str, sorted_x: Any, values: Any, side: str, out_type: Any) -> Any:
    tensors(owner, sorted_x=sorted_x, values=values)
    rank(owner, "sorted_x", sorted_x, 2)
    rank(owner, "values", values, 2)
    if sorted_x.shape[0] != values.shape[0]:
        raise ValueError(f"For '{owner}', 'sorted_x' and 'values' should have one number of rows, but got "
                         f"{sorted_x.shape} and {values.shape}.")
    if sorted_x.dtype != values.dtype:
        raise TypeError(f"For '{owner}', 'sorted_x' and 'values' should have one dtype, but got {dtype_name(sorted_x)} "
                        f"and {dtype_name(values)}.")
    return _search(sorted_x, values, side, out_type.np_dtype)


def _int_type(owner: str, *, out_type: mstype.Type) -> None:
    if out_type not in (mstype.int32, mstype.int64):
        raise TypeError(f"For '{owner}', 'out_type' should be int32 or int64, but got {out_type}.")


@op("LowerBound", function=None, validate=_int_type)
def lower_bound(sorted_x: Array, values: Array, *, out_type: Dtype = mstype.int32):
    """The first place in each sorted row that is not smaller than the value.

    Args:
        sorted_x: Tensor of numbers, (rows, N), sorted along the last axis.
        values: Tensor of the same dtype, (rows, M).
        out_type: int32 or int64.

    Returns:
        Tensor of `out_type`, (rows, M).

    Raises:
        TypeError: `out_type` is another, or the dtypes differ.
        ValueError: The ranks are not 2, or the numbers of rows differ.

    Examples:
        >>> print(ops.LowerBound()(Tensor([[1.0, 3.0, 5.0]]), Tensor([[3.0, 9.0]])))
        [[1 3]]

    MindSpore r1.8 `ops.LowerBound`.
    """
    return _bound("LowerBound", sorted_x, values, "left", out_type)


@op("UpperBound", function=None, validate=_int_type)
def upper_bound(sorted_x: Array, values: Array, *, out_type: Dtype = mstype.int32):
    """The first place in each sorted row that is larger than the value.

    Args:
        sorted_x: Tensor of numbers, (rows, N), sorted along the last axis.
        values: Tensor of the same dtype, (rows, M).
        out_type: int32 or int64.

    Returns:
        Tensor of `out_type`, (rows, M).

    Raises:
        TypeError: `out_type` is another, or the dtypes differ.
        ValueError: The ranks are not 2, or the numbers of rows differ.

    Examples:
        >>> print(ops.UpperBound()(Tensor([[1.0, 3.0, 5.0]]), Tensor([[3.0, 9.0]])))
        [[2 3]]

    MindSpore r1.8 `ops.UpperBound`.
    """
    return _bound("UpperBound", sorted_x, values, "right", out_type)


@primitive
class InvertPermutation(Primitive):
    """The inverse of a permutation: out[permutation[i]] = i.

    Args of the call:
        input_x: Tuple or list with the ints 0 to N - 1 in any order.

    Returns:
        Tuple of ints.

    Raises:
        TypeError: `input_x` is not a tuple or list of ints.
        ValueError: A number is missing or comes twice, or `input_x` is a Tensor.

    Examples:
        >>> ops.InvertPermutation()((3, 0, 2, 1))
        (1, 3, 2, 0)

    MindSpore r1.8 `ops.InvertPermutation`.
    """

    def __init__(self) -> None:
        super().__init__("InvertPermutation")

    def __call__(self, input_x: tuple) -> tuple:
        if isinstance(input_x, Tensor):
            raise ValueError("For 'InvertPermutation', 'input_x' should be a tuple of ints, but got a Tensor.")
        if not isinstance(input_x, (tuple, list)) or not all(type(n) is int for n in input_x):
            raise TypeError(f"For 'InvertPermutation', 'input_x' should be a tuple of ints, but got "
                            f"{describe(input_x)}.")
        if sorted(input_x) != list(range(len(input_x))):
            raise ValueError(f"For 'InvertPermutation', 'input_x' should hold each of 0 to {len(input_x) - 1} once, "
                             f"but got {input_x}.")
        inverse = [0] * len(input_x)
        for place, n in enumerate(input_x):
            inverse[n] = place
        return tuple(inverse)
