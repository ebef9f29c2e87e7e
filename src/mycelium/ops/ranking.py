"""Order among elements: sorted places, the k largest, medians, quantiles, counts by value."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import axis_in, floats, integers, numbers, rank
from mycelium.ops.op import function, op
from mycelium.ops.promotion import as_float, to_dtype
from mycelium.ops.sorting import sort


def _axis(owner: str, axis: Any, ndim: int) -> int:
    return axis_in(owner, axis, max(ndim, 1))


@function(method="argsort")
def argsort(input: Tensor, axis: int = -1, descending: bool = False) -> Tensor:
    """The places that sort a Tensor along an axis.

    Args:
        input: Tensor of numbers.
        axis: The axis that is sorted.
        descending: Whether the largest comes first.

    Returns:
        Tensor of int32 of the shape of `input`.

    Examples:
        >>> print(ops.argsort(Tensor([3.0, 1.0, 2.0])))
        [1 2 0]

    MindSpore r2.0 `ops.argsort`.
    """
    return sort(input, axis=axis, descending=descending)[1]


@function(method="msort")
def msort(input: Tensor) -> Tensor:
    """Sorts along the first axis.

    Args:
        input: Tensor of numbers.

    Returns:
        Tensor like `input`.

    Examples:
        >>> print(ops.msort(Tensor([3.0, 1.0, 2.0])))
        [1. 2. 3.]

    MindSpore r2.0 `ops.msort`.
    """
    return sort(input, axis=0)[0]


@op(None, method="topk")
def topk(input: Array, k: int, dim: int | None = None, largest: bool = True, sorted: bool = True) -> tuple:
    """The k largest or smallest elements along an axis, and their places.

    Args:
        input: Tensor of numbers.
        k: How many.
        dim: The axis; default the last one.
        largest: Whether the largest are wanted.
        sorted: Whether they come in order; they do anyway.

    Returns:
        (Tensor of the values, Tensor of int32 of their places).

    Raises:
        ValueError: There is no such axis, or it has fewer than `k` elements.

    Examples:
        >>> values, places = ops.topk(Tensor([3.0, 1.0, 2.0]), 2)
        >>> print(values, places)
        [3. 2.] [0 2]

    MindSpore r2.0 `ops.topk`.
    """
    axis = _axis("topk", -1 if dim is None else dim, input.ndim)
    if not 0 < k <= input.shape[axis]:
        raise ValueError(f"For 'topk', 'k' should be in [1, {input.shape[axis]}], but got {k}.")
    x = jnp.moveaxis(input, axis, -1)
    order = jnp.argsort(x, axis=-1, stable=True, descending=largest)[..., :k]
    values = jnp.take_along_axis(x, order, -1)
    return jnp.moveaxis(values, -1, axis), jnp.moveaxis(order, -1, axis).astype(jnp.int32)


@op(None, function=None)
def argmax_all(input: Array, dim: int | None, keepdim: bool, *, smallest: bool = False) -> Array:
    """The place of an extreme, in the flat Tensor where `dim` is None."""
    numbers("argmax", input=input)
    fn = jnp.argmin if smallest else jnp.argmax
    if dim is None:
        return fn(input).astype(jnp.int64)
    return fn(input, axis=_axis("argmax", dim, input.ndim), keepdims=keepdim).astype(jnp.int64)


@function()
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The place of the largest element along an axis.

    Args:
        input: Tensor of numbers.
        dim: The axis; None for the place in the flat Tensor.
        keepdim: Whether the axis stays, with length 1.

    Returns:
        Tensor of int64.

    Examples:
        >>> print(ops.argmax(Tensor([[1.0, 5.0], [4.0, 2.0]]), 1))
        [1 0]

    MindSpore r2.0 `ops.argmax`.
    """
    return argmax_all(input, dim, keepdim)


@op(None)
def aminmax(input: Array, *, axis: int | None = 0, keepdims: bool = False) -> tuple:
    """The smallest and the largest element along an axis.

    Args:
        input: Tensor of numbers.
        axis: The axis; None for all.
        keepdims: Whether the axis stays, with length 1.

    Returns:
        (Tensor of the smallest, Tensor of the largest).

    Examples:
        >>> low, high = ops.aminmax(Tensor([3.0, 1.0, 2.0]))
        >>> print(low, high)
        1.0 3.0

    MindSpore r2.0 `ops.aminmax`.
    """
    where = None if axis is None else _axis("aminmax", axis, input.ndim)
    return jnp.min(input, where, keepdims=keepdims), jnp.max(input, where, keepdims=keepdims)


@op("Median", function=None)
def median_(x: Array, *, global_median: bool = False, axis: int = 0, keep_dims: bool = False) -> tuple:
    """The middle element along an axis, the lower one of two, and its place.

    Args:
        x: Tensor of numbers.
        global_median: Whether to take the median of all elements; the place is then 0.
        axis: The axis.
        keep_dims: Whether the axis stays, with length 1.

    Returns:
        (Tensor of the dtype of `x`, Tensor of int64).

    Examples:
        >>> values, places = ops.Median()(Tensor([3.0, 1.0, 2.0]))
        >>> print(values, places)
        2.0 2

    MindSpore r2.0 `ops.Median`.
    """
    numbers("Median", x=x)
    if global_median:
        flat = jnp.sort(x.ravel())
        return flat[(flat.size - 1) // 2], jnp.zeros((), jnp.int64)
    axis = _axis("Median", axis, x.ndim)
    if x.ndim == 0:
        return x, jnp.zeros((), jnp.int64)
    order = jnp.argsort(x, axis=axis, stable=True)
    middle = jnp.take(order, jnp.asarray([(x.shape[axis] - 1) // 2]), axis)
    values = jnp.take_along_axis(x, middle, axis)
    if not keep_dims:
        values, middle = jnp.squeeze(values, axis), jnp.squeeze(middle, axis)
    return values, middle.astype(jnp.int64)


@function(method="median")
def median(input: Tensor, axis: int = -1, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The middle element along an axis, the lower one of two, and its place.

    Args:
        input: Tensor of numbers.
        axis: The axis.
        keepdims: Whether the axis stays, with length 1.

    Returns:
        (Tensor of the dtype of `input`, Tensor of int64).

    Examples:
        >>> values, places = ops.median(Tensor([3.0, 1.0, 2.0]))
        >>> print(values, places)
        2.0 2

    MindSpore r2.0 `ops.median`.
    """
    return median_(input, axis=axis, keep_dims=keepdims)


def _quantile(owner: str, fn: Any, x: Any, q: Any, axis: int | None, keepdims: bool) -> Any:
    x = floats(owner, input=x)
    if hasattr(q, "ndim"):
        rank(owner, "q", q, 0, 1)
    q = to_dtype(q, x.dtype)
    return fn(x, q, axis=None if axis is None else axis_in(owner, axis, x.ndim), keepdims=keepdims).astype(x.dtype)


@op(None)
def quantile(input: Array, q: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The values below which shares of the elements lie, interpolated between neighbours.

    Args:
        input: Tensor of float32 or float64.
        q: Tensor of shape () or (K,), or a float: the shares, in [0, 1].
        axis: The axis; None for all elements.
        keepdims: Whether the axis stays, with length 1.

    Returns:
        Tensor; several shares make a new first axis.

    Examples:
        >>> print(ops.quantile(Tensor([1.0, 2.0, 4.0]), 0.5))
        2.0

    MindSpore r2.0 `ops.quantile`.
    """
    return _quantile("quantile", jnp.quantile, input, q, axis, keepdims)


@op(None)
def nanquantile(input: Array, q: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """`quantile` of the elements that are numbers.

    Args:
        input: Tensor of float32 or float64.
        q: Tensor of shape () or (K,), or a float: the shares, in [0, 1].
        axis: The axis; None for all elements.
        keepdims: Whether the axis stays, with length 1.

    Returns:
        Tensor; several shares make a new first axis.

    Examples:
        >>> print(ops.nanquantile(Tensor([1.0, float("nan"), 4.0]), 0.0))
        1.0

    MindSpore r2.0 `ops.nanquantile`.
    """
    return _quantile("nanquantile", jnp.nanquantile, input, q, axis, keepdims)


@op("Histogram", function=None)
def histogram(x: Array, *, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Array:
    """How many elements lie in each of several bins of equal width.

    Args:
        x: Tensor of numbers.
        bins: How many bins.
        min: The lower end of the range; with `max` equal, the range is that of the elements.
        max: The upper end; it belongs to the last bin.

    Returns:
        Tensor of int32 of shape (bins,).

    Examples:
        >>> print(ops.Histogram(bins=2, max=2.0)(Tensor([0.5, 1.5, 2.0])))
        [1 2]

    MindSpore r2.0 `ops.Histogram`.
    """
    flat = as_float(x).ravel()
    low, high = jnp.asarray(min, flat.dtype), jnp.asarray(max, flat.dtype)
    if min == max:
        low, high = jnp.min(flat), jnp.max(flat)
        low, high = jnp.where(low == high, low - 1, low), jnp.where(low == high, high + 1, high)
    place = jnp.clip(((flat - low) / (high - low) * bins).astype(jnp.int32), 0, bins - 1)
    inside = (flat >= low) & (flat <= high)
    return jnp.zeros((bins,), jnp.int32).at[place].add(inside.astype(jnp.int32))


@function(method="histc")
def histc(input: Tensor, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Tensor:
    """How many elements lie in each of several bins of equal width.

    Args:
        input: Tensor of numbers.
        bins: How many bins.
        min: The lower end of the range; with `max` equal, the range is that of the elements.
        max: The upper end; it belongs to the last bin.

    Returns:
        Tensor of int32 of shape (bins,).

    Examples:
        >>> print(ops.histc(Tensor([1.0, 2.0, 1.0]), 4, 0.0, 3.0))
        [0 2 1 0]

    MindSpore r2.0 `ops.histc`.
    """
    return histogram(input, bins=bins, min=float(min), max=float(max))


@op(None, function=None)
def counted(x: Array, weights: Array | None, length: int) -> Array:
    """How often each number below `length` occurs, or the sums of their weights."""
    added = jnp.ones((), jnp.float32) if weights is None else weights
    return jnp.zeros((length,), added.dtype).at[x].add(added)


@function(method="bincount")
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each number occurs, or the sum of the weights of those.

    Args:
        input: Tensor of ints, 0 or greater, with one axis.
        weights: Tensor of the same shape.
        minlength: Least length of the result.

    Returns:
        Tensor of shape (max(largest + 1, minlength),), of the dtype of the weights, else float32. Its length depends
        on data: in a compiled program give the numbers as constants.

    Raises:
        TypeError: `input` is not of an integer dtype.
        ValueError: It has more than one axis, or a negative element.

    Examples:
        >>> print(ops.bincount(Tensor([0, 2, 2])))
        [1. 0. 2.]

    MindSpore r2.0 `ops.bincount`.
    """
    if not isinstance(input, Tensor):
        raise TypeError(f"For 'bincount', 'input' should be a Tensor, but got {describe(input)}.")
    integers("bincount", input=input._ready())
    host = input.asnumpy()
    if host.ndim != 1 or host.size and host.min() < 0:
        raise ValueError("For 'bincount', 'input' should have one axis and no negative elements, but got shape "
                         f"{host.shape}.")
    return counted(input, weights, max(int(host.max()) + 1 if host.size else 0, minlength))


@op("Bincount", function=None)
def bincount_(array: Array, size: int, weights: Array) -> Array:
    """The sums of the weights of each number below `size`.

    Args:
        array: Tensor of int32.
        size: Int, or a constant Tensor: the length of the result.
        weights: Tensor of the shape of `array`; an empty one counts.

    Returns:
        Tensor of shape (size,) and the dtype of `weights`.

    Examples:
        >>> print(ops.Bincount()(Tensor([0, 2, 2], ms.int32), 3, Tensor([1.0, 1.0, 0.5])))
        [1.  0.  1.5]

    MindSpore r2.0 `ops.Bincount`.
    """
    if weights.size == 0:
        weights = jnp.ones(array.shape, weights.dtype)
    return jnp.zeros((size,), weights.dtype).at[array].add(weights, mode="drop")


@op("Bucketize", function=None)
def bucketize(input: Array, *, boundaries: tuple) -> Array:
    """Which of the intervals between boundaries each element lies in; a boundary belongs to the interval above it.

    Args:
        input: Tensor of numbers.
        boundaries: List of floats in rising order.

    Returns:
        Tensor of int32 of the shape of `input`.

    Examples:
        >>> print(ops.Bucketize([0.0, 10.0])(Tensor([-5.0, 0.0, 50.0])))
        [0 1 2]

    MindSpore r2.0 `ops.Bucketize`.
    """
    edges = np.asarray(boundaries, np.float32)
    return jnp.searchsorted(edges, as_float(input).astype(jnp.float32), side="right").astype(jnp.int32)
