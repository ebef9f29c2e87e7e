"""Sums, means, variances and integrals over axes as the functions of MindSpore r2.0."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from mycelium.core import dtype as mstype
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Dtype, Ints
from mycelium.ops.casting import cast
from mycelium.ops.checks import axes_in, axis_in, floats, numbers, rank
from mycelium.ops.op import function, op
from mycelium.ops.promotion import as_float, promote, to_dtype
from mycelium.ops.reductions import reduce_all, reduce_any, tensor_sum


@function()
def sum(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: mstype.Type | None = None) -> Tensor:
    """Sums over axes.

    Args:
        input: Tensor.
        dim: Axis or axes; None is all of them.
        keepdim: Whether the reduced axes stay, with length 1.
        dtype: dtype of the result; default that of `input`, int64 for bool.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), 1))
        [3. 7.]

    MindSpore r2.0 `ops.sum`.
    """
    if str(input.dtype) == "Bool":
        input = cast(input, mstype.int64)
    return tensor_sum(input, dim, dtype, keepdim)


def _truth(name: str, primitive: Any, meaning: str, result: str) -> None:
    def public(input: Tensor, axis: Any = None, keep_dims: bool = False) -> Tensor:
        return primitive(input, () if axis is None else axis, keep_dims=keep_dims)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""{meaning}

    Args:
        input: Tensor of bool.
        axis: Axis or axes; None is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor of bool.

    Raises:
        TypeError: `input` is not bool.

    Examples:
        >>> print(ops.{name}(Tensor([True, False])))
        {result}

    MindSpore r2.0 `ops.{name}`.
    """
    function(name)(public)


_truth("all", reduce_all, "Whether all elements over axes are true.", "False")
_truth("any", reduce_any, "Whether any element over axes is true.", "True")


def _moments(owner: str, x: Any, axis: Ints, ddof: Any, keepdims: bool) -> tuple:
    """(variance, mean) over axes."""
    if jnp.issubdtype(x.dtype, jnp.integer):
        x = as_float(x)
    numbers(owner, input=x)
    axes = axes_in(owner, axis, x.ndim)
    mean = jnp.mean(x, axes, keepdims=True)
    count = 1
    for a in axes:
        count *= x.shape[a]
    square = jnp.sum(jnp.abs(x - mean) ** 2 if jnp.iscomplexobj(x) else (x - mean) ** 2, axes, keepdims=keepdims)
    return square / (count - int(ddof)), mean if keepdims else jnp.squeeze(mean, axes)


def _root(square: Any) -> Any:
    positive = square > 0       # a root has no slope at 0
    return jnp.where(square == 0, 0, jnp.sqrt(jnp.where(positive, square, 1))) if not jnp.iscomplexobj(square) \
        else jnp.sqrt(square)


@op(None)
def var(input: Array, axis: Ints = None, ddof: int | bool = 0, keepdims: bool = False) -> Array:
    """The variance over axes: the sum of (x - mean)^2, divided by the number of elements minus `ddof`.

    Args:
        input: Tensor of numbers; integers become float32.
        axis: Axis or axes; None is all of them.
        ddof: Subtracted from the number of elements; 1 or True gives the unbiased estimate.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.var(Tensor([1.0, 2.0, 3.0, 6.0])))
        3.5

    MindSpore r2.0 `ops.var`.
    """
    return _moments("var", input, axis, ddof, keepdims)[0]


@op(None)
def std(input: Array, axis: Ints = None, ddof: int | bool = 0, keepdims: bool = False) -> Array:
    """The standard deviation over axes: the root of the variance.

    Args:
        input: Tensor of numbers; integers become float32.
        axis: Axis or axes; None is all of them.
        ddof: Subtracted from the number of elements; 1 or True is the usual correction for samples.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.std(Tensor([1.0, 3.0])))
        1.0

    MindSpore r2.0 `ops.std`.
    """
    return _root(_moments("std", input, axis, ddof, keepdims)[0])


@op(None)
def var_mean(input: Array, axis: Ints = None, ddof: int | bool = 0, keepdims: bool = False) -> tuple:
    """The variance and the mean over axes.

    Args:
        input: Tensor of numbers; integers become float32.
        axis: Axis or axes; None is all of them.
        ddof: Subtracted from the number of elements in the variance.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        (variance, mean).

    Examples:
        >>> print(*ops.var_mean(Tensor([1.0, 3.0])))
        1.0 2.0

    MindSpore r2.0 `ops.var_mean`.
    """
    return _moments("var_mean", input, axis, ddof, keepdims)


@op(None)
def std_mean(input: Array, axis: Ints = None, ddof: int | bool = 0, keepdims: bool = False) -> tuple:
    """The standard deviation and the mean over axes.

    Args:
        input: Tensor of numbers; integers become float32.
        axis: Axis or axes; None is all of them.
        ddof: Subtracted from the number of elements in the variance.
        keepdims: Whether the reduced axes stay, with length 1.

    Returns:
        (standard deviation, mean).

    Examples:
        >>> print(*ops.std_mean(Tensor([1.0, 5.0])))
        2.0 3.0

    MindSpore r2.0 `ops.std_mean`.
    """
    square, mean = _moments("std_mean", input, axis, ddof, keepdims)
    return _root(square), mean


@op("ReduceStd", function=None)
def reduce_std(input_x: Array, *, axis: Ints = (), unbiased: bool = True, keep_dims: bool = False) -> tuple:
    """The standard deviation and the mean over axes.

    Args:
        input_x: Tensor of a float dtype.
        axis: Axis or axes; () is all of them.
        unbiased: Whether to divide by one less than the number of elements.
        keep_dims: Whether the reduced axes stay, with length 1.

    Returns:
        (standard deviation, mean).

    Examples:
        >>> print(*ops.ReduceStd(unbiased=False)(Tensor([1.0, 5.0])))
        2.0 3.0

    MindSpore r2.0 `ops.ReduceStd`.
    """
    square, mean = _moments("ReduceStd", floats("ReduceStd", input_x=input_x), axis, unbiased, keep_dims)
    return _root(square), mean


@op(None, method="nansum")
def nansum(input: Array, axis: Ints = None, keepdims: bool = False, *, dtype: Dtype | None = None) -> Array:
    """Sums over axes; NaN counts as 0.

    Args:
        input: Tensor of numbers.
        axis: Axis or axes; None is all of them.
        keepdims: Whether the reduced axes stay, with length 1.
        dtype: dtype of the result; default that of `input`.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.nansum(Tensor([1.0, float("nan"), 2.0])))
        3.0

    MindSpore r2.0 `ops.nansum`.
    """
    x = input if jnp.issubdtype(input.dtype, jnp.integer) else jnp.where(jnp.isnan(input), 0, input)
    total = jnp.sum(x, axes_in("nansum", axis, x.ndim), keepdims=keepdims, dtype=x.dtype)
    return total if dtype is None else cast.pure(total, dtype)


@op("Trace")
def trace(input: Array) -> Array:
    """The sum of the diagonal of a matrix.

    Args:
        input: Tensor of two axes.

    Returns:
        Tensor of shape ().

    Raises:
        ValueError: `input` is no matrix.

    Examples:
        >>> print(ops.trace(Tensor([[1.0, 2.0], [3.0, 4.0]])))
        5.0

    MindSpore r2.0 `ops.trace`.
    """
    rank("Trace", "input", input, 2)
    return jnp.trace(input, dtype=input.dtype)


@op(None, method="diff")
def diff(x: Array, n: int = 1, axis: int = -1, prepend: Array | None = None, append: Array | None = None) -> Array:
    """The differences of neighbours along an axis, n times over.

    Args:
        x: Tensor.
        n: How often.
        axis: The axis.
        prepend: Tensor put in front first.
        append: Tensor put behind first.

    Returns:
        Tensor, n shorter along the axis.

    Examples:
        >>> print(ops.diff(Tensor([1, 3, -1])))
        [ 2 -4]

    MindSpore r2.0 `ops.diff`.
    """
    axis = axis_in("diff", axis, x.ndim)
    parts = [v for v in (prepend, x, append) if v is not None]
    return jnp.diff(jnp.concatenate(promote(*parts), axis) if len(parts) > 1 else x, n, axis)


@op(None)
def trapz(y: Array, x: Array | None = None, *, dx: float = 1.0, dim: int = -1) -> Array:
    """The integral along an axis by the rule of trapezoids.

    Args:
        y: Tensor of numbers: the values.
        x: Tensor of the points, of the shape of `y` or of its axis; default equal steps.
        dx: The length of equal steps.
        dim: The axis.

    Returns:
        Tensor without the axis, float.

    Examples:
        >>> print(ops.trapz(Tensor([1.0, 2.0, 3.0])))
        4.0

    MindSpore r2.0 `ops.trapz`.
    """
    axis = axis_in("trapz", dim, y.ndim, "dim")
    y = jnp.moveaxis(as_float(y), axis, -1)
    if x is None:
        steps: Any = dx
    else:
        x = to_dtype(x, y.dtype)
        steps = jnp.diff(x if x.ndim < y.ndim else jnp.moveaxis(x, axis, -1))
    return jnp.sum((y[..., 1:] + y[..., :-1]) / 2 * steps, -1)


@op(None, method="cov")
def cov(input: Array, fweights: Array | None = None, aweights: Array | None = None, *, correction: int = 1) -> Array:
    """The covariances of variables, one a row.

    Args:
        input: Tensor of two axes or fewer: (variables, observations).
        fweights: Tensor of ints: how often each observation counts.
        aweights: Tensor of floats: how much it counts.
        correction: Subtracted from the number of observations.

    Returns:
        Tensor of shape (variables, variables); () for one variable.

    Examples:
        >>> print(ops.cov(Tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])))
        [[ 1. -1.]
         [-1.  1.]]

    MindSpore r2.0 `ops.cov`.
    """
    x = as_float(input)
    x = x[None] if x.ndim < 2 else x
    weights = jnp.ones(x.shape[1:], x.dtype)
    if fweights is not None:
        weights = weights * to_dtype(fweights, x.dtype)
    if aweights is not None:
        weights = weights * to_dtype(aweights, x.dtype)
    total = jnp.sum(weights)
    away = x - (jnp.sum(x * weights, 1) / total)[:, None]
    spare = correction if aweights is None else correction * jnp.sum(weights * to_dtype(aweights, x.dtype)) / total
    return jnp.squeeze(away * weights @ away.T / jnp.maximum(total - spare, 0))


@op(None)
def dist(input: Array, other: Array, p: float = 2) -> Array:
    """The p-norm of the difference.

    Args:
        input: Tensor, float.
        other: Tensor; its shape broadcasts with that of `input`.
        p: Order of the norm; infinity takes the largest difference.

    Returns:
        Tensor of shape ().

    Examples:
        >>> print(ops.dist(Tensor([0.0, 0.0]), Tensor([3.0, 4.0])))
        5.0

    MindSpore r2.0 `ops.dist`.
    """
    x, y = promote(*floats("dist", input=input, other=other))
    return _vector_norm(x - y, p, None, False)


def _vector_norm(x: Any, order: float, axes: Any, keepdims: bool) -> Any:
    size = jnp.abs(x)
    if order == float("inf"):
        return jnp.max(size, axes, keepdims=keepdims)
    if order == -float("inf"):
        return jnp.min(size, axes, keepdims=keepdims)
    if order == 0:
        return jnp.sum(size != 0, axes, keepdims=keepdims, dtype=size.dtype)
    if order == 1:
        return jnp.sum(size, axes, keepdims=keepdims)
    if order == 2:
        return _root(jnp.sum((x * jnp.conj(x)).real if jnp.iscomplexobj(x) else x * x, axes, keepdims=keepdims))
    apart = size != 0
    return jnp.sum(jnp.where(apart, size, 0 if order > 0 else size) ** order, axes, keepdims=keepdims) ** (1 / order)


@op(None, function=None)
def norm_of(A: Array, *, ord: int | float | str | None, dim: Ints, keepdim: bool, dtype: Dtype | None) -> Array:
    """`ops.norm` of r2.0: of vectors along one axis, of matrices over two, of the flat Tensor without `dim`."""
    x = as_float(A) if dtype is None else cast.pure(A, dtype)
    if dim is None and (ord is None or not (x.ndim == 2 and ord is not None)):
        flat = _vector_norm(x.ravel(), 2 if ord is None else ord, None, False)
        return flat.reshape((1,) * x.ndim) if keepdim else flat
    axes = axes_in("norm", dim, x.ndim, "dim")
    if len(axes) == 1 or ord is None:
        return _vector_norm(x, 2 if ord is None else ord, axes, keepdim)
    if len(axes) != 2:
        raise ValueError(f"For 'norm', 'dim' should hold one axis or two, but got {dim}.")
    if ord == "fro":
        return _vector_norm(x, 2, axes, keepdim)
    rows, columns = axes
    if ord in (1, -1, float("inf"), -float("inf")):
        first, second = (rows, columns) if abs(ord) == 1 else (columns, rows)       # type: ignore[arg-type]
        sums = jnp.sum(jnp.abs(x), first, keepdims=True)
        out = (jnp.max if ord > 0 else jnp.min)(sums, second, keepdims=True)        # type: ignore[operator]
        return out if keepdim else jnp.squeeze(out, axes)
    values = jnp.linalg.svd(jnp.moveaxis(x, axes, (-2, -1)), compute_uv=False)
    pick = {2: jnp.max, -2: jnp.min, "nuc": jnp.sum}.get(ord)       # type: ignore[arg-type]
    if pick is None:
        raise ValueError(f"For 'norm', 'ord' of matrices should be 'fro', 'nuc', inf, -inf, 1, -1, 2 or -2, but got "
                         f"{ord!r}.")
    out = pick(values, -1)
    return jnp.expand_dims(out, axes) if keepdim else out
