"""Sums, means, extremes and what is made of them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.numpy_functions.mechanism import cast, floating, np_function, np_op, table, to_array
from mycelium.ops.promotion import promote

_DOC = """
    Args:
        {first}: Tensor or array-like.
        axis: Axis or axes to reduce; None for all. Default: None.
        {rest}

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}`.
    """


def _described(pure: Callable, name: str, meaning: str, first: str, rest: str) -> Callable:
    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = meaning + "\n" + _DOC.format(first=first, rest=rest, name=name)
    return pure


def _extreme(names: str, meaning: str, fn: Callable) -> None:
    def pure(a: Array, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Array | None = True):
        a = to_array(a)
        if where is True and initial is None:
            return fn(a, axis=axis, keepdims=keepdims)
        mask = None if where is True else jnp.asarray(where, jnp.bool_)
        return fn(a, axis=axis, keepdims=keepdims, initial=initial, where=mask)

    np_op(*names.split())(_described(pure, names.split()[0], meaning, "a",
                                     "keepdims, initial, where: As in NumPy; `where` needs `initial`."))


_extreme("amax max", "The greatest element.", jnp.max)
_extreme("amin min", "The least element.", jnp.min)


@np_op()
def sum_(a: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = None):
    """The sum of elements.

    Args:
        a: Tensor or array-like.
        axis: Axis or axes to reduce; None for all. Default: None.
        dtype: Of the result.
        keepdims: Keep reduced axes with size 1. Default: False.
        initial: Where the sum starts.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.sum(ms.numpy.array([1.0, 2.0])))
        3.0

    MindSpore r1.8 `numpy.sum`.
    """
    a = cast(to_array(a), dtype)
    out = jnp.sum(a.astype(jnp.int32) if a.dtype == jnp.bool_ else a, axis=axis, keepdims=keepdims, dtype=None
                  if a.dtype == jnp.bool_ else a.dtype)
    return out if initial is None else (out + initial).astype(out.dtype)


def _moment(name: str, meaning: str, fn: Callable) -> None:
    def pure(x: Array, axis: Any = None, ddof: int = 0, keepdims: bool = False):
        return fn(floating(x), axis=axis, ddof=ddof, keepdims=keepdims)

    np_op(name)(_described(pure, name, meaning, "x", "ddof, keepdims: As in NumPy."))


_moment("std", "The standard deviation.", jnp.std)
_moment("var", "The variance.", jnp.var)


@np_op()
def mean(a: Array, axis: Any = None, keepdims: bool = False, dtype: Any = None):
    """The mean of elements.

    Args:
        a: Tensor or array-like; integers are averaged as float32.
        axis: Axis or axes to reduce; None for all. Default: None.
        keepdims: Keep reduced axes with size 1. Default: False.
        dtype: Of the result.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.mean(ms.numpy.array([1.0, 2.0])))
        1.5

    MindSpore r1.8 `numpy.mean`.
    """
    return cast(jnp.mean(floating(a), axis=axis, keepdims=keepdims), dtype)


def _without_nan(name: str, meaning: str, fn: Callable) -> None:
    def pure(a: Array, axis: Any = None, dtype: Any = None, keepdims: bool = False):
        return cast(fn(floating(a), axis=axis, keepdims=keepdims), dtype)

    np_op(name)(_described(pure, name, meaning, "a", "dtype, keepdims: As in NumPy."))


_without_nan("nansum", "The sum of the elements that are numbers.", jnp.nansum)
_without_nan("nanmax", "The greatest element that is a number.", jnp.nanmax)
_without_nan("nanmin", "The least element that is a number.", jnp.nanmin)
_without_nan("nanmean", "The mean of the elements that are numbers.", jnp.nanmean)


def _without_nan_moment(name: str, meaning: str, fn: Callable) -> None:
    def pure(a: Array, axis: Any = None, dtype: Any = None, ddof: int = 0, keepdims: bool = False):
        return cast(fn(floating(a), axis=axis, ddof=ddof, keepdims=keepdims), dtype)

    np_op(name)(_described(pure, name, meaning, "a", "dtype, ddof, keepdims: As in NumPy."))


_without_nan_moment("nanstd", "The standard deviation of the elements that are numbers.", jnp.nanstd)
_without_nan_moment("nanvar", "The variance of the elements that are numbers.", jnp.nanvar)


def _running(name: str, meaning: str, fn: Callable) -> None:
    def pure(a: Array, axis: Any = None, dtype: Any = None):
        a = cast(to_array(a), dtype)
        return fn(a.astype(jnp.int32) if a.dtype == jnp.bool_ else a, axis=axis).astype(
            jnp.int32 if a.dtype == jnp.bool_ else a.dtype)

    np_op(name)(_described(pure, name, meaning, "a", "dtype: Of the result."))


_running("cumsum", "Running sums; along all elements with axis=None.", jnp.cumsum)
_running("cumprod", "Running products; along all elements with axis=None.", jnp.cumprod)
_running("nancumsum", "Running sums, not-a-number counted as 0.", jnp.nancumsum)


@np_op()
def argmax(a: Array, axis: Any = None):
    """The position of the greatest element; in the flattened array with axis=None.

    Args:
        a: Tensor or array-like.
        axis: Default: None.

    Returns:
        Tensor, int64.

    MindSpore r1.8 `numpy.argmax`.
    """
    return jnp.argmax(to_array(a), axis=axis).astype(jnp.int64)


@np_op()
def argmin(a: Array, axis: Any = None):
    """The position of the least element; in the flattened array with axis=None.

    Args:
        a: Tensor or array-like.
        axis: Default: None.

    Returns:
        Tensor, int64.

    MindSpore r1.8 `numpy.argmin`.
    """
    return jnp.argmin(to_array(a), axis=axis).astype(jnp.int64)


@np_op()
def ptp(x: Array, axis: Any = None, keepdims: bool = False):
    """The greatest element less the least.

    Args:
        x: Tensor or array-like.
        axis: Axis or axes to reduce; None for all.
        keepdims: Keep reduced axes with size 1.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.ptp`.
    """
    x = to_array(x)
    return jnp.max(x, axis=axis, keepdims=keepdims) - jnp.min(x, axis=axis, keepdims=keepdims)


@np_op()
def count_nonzero(x: Array, axis: Any = None, keepdims: bool = False):
    """How many elements are not zero.

    Args:
        x: Tensor or array-like.
        axis: Axis or axes to reduce; None for all.
        keepdims: Keep reduced axes with size 1.

    Returns:
        Tensor, int32.

    MindSpore r1.8 `numpy.count_nonzero`.
    """
    return jnp.count_nonzero(to_array(x), axis=axis, keepdims=keepdims).astype(jnp.int32)


@np_op()
def sometrue(a: Array, axis: Any = None, keepdims: bool = False):
    """Whether any element is true.

    Args:
        a: Tensor or array-like.
        axis: Axis or axes to reduce; None for all.
        keepdims: Keep reduced axes with size 1.

    Returns:
        Tensor, bool.

    MindSpore r1.8 `numpy.sometrue`.
    """
    return jnp.any(to_array(a).astype(jnp.bool_), axis=axis, keepdims=keepdims)


@np_op()
def average(x: Array, axis: Any = None, weights: Array | None = None, returned: bool = False):
    """The weighted mean.

    Args:
        x: Tensor or array-like.
        axis: Axis or axes to reduce; None for all.
        weights: Of the shape of `x`, or 1-d along one axis; None for equal ones.
        returned: Return the sum of weights too.

    Returns:
        Tensor, or tuple (mean, sum of weights).

    Raises:
        ValueError: The shape of `weights` does not fit.

    MindSpore r1.8 `numpy.average`.
    """
    x = floating(x)
    if weights is None:
        mean, total = jnp.mean(x, axis=axis), jnp.asarray(x.size, x.dtype)
        count = total / mean.size if mean.size else total
        return (mean, jnp.full(mean.shape, count, x.dtype)) if returned else mean
    mean, total = jnp.average(x, axis=axis, weights=floating(weights), returned=True)
    return (mean.astype(x.dtype), total.astype(x.dtype)) if returned else mean.astype(x.dtype)


@np_op()
def trapz(y: Array, x: Array | None = None, dx: float = 1.0, axis: int = -1):
    """The integral along an axis by trapezia.

    Args:
        y: Tensor or array-like.
        x: Sample points; None for steps of `dx`.
        dx: Default: 1.0.
        axis: Default: -1.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.trapz`.
    """
    y = floating(y)
    return jnp.trapezoid(y, None if x is None else floating(x), dx, axis).astype(y.dtype)


@np_op()
def norm(x: Array, ord: Any = None, axis: Any = None, keepdims: bool = False):
    """A matrix or vector norm.

    Args:
        x: Tensor or array-like.
        ord: None for the Euclidean one, a number, inf, -inf, "fro" or "nuc".
        axis: One axis for vectors, two for matrices; None for all.
        keepdims: Keep reduced axes with size 1.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.norm`.
    """
    return jnp.linalg.norm(floating(x), ord=ord, axis=axis, keepdims=keepdims)


def _covariance(m: Any, y: Any, rowvar: bool) -> Any:
    m = jnp.atleast_2d(floating(m))
    m = m if rowvar or m.shape[0] == 1 else m.T
    if y is not None:
        y = jnp.atleast_2d(floating(y))
        m = jnp.concatenate(promote(m, y if rowvar or y.shape[0] == 1 else y.T), axis=0)
    return m


@np_op()
def cov(m: Array, y: Array | None = None, rowvar: bool = True, bias: bool = False, ddof: Any = None,
        fweights: Array | None = None, aweights: Array | None = None, dtype: Any = None):
    """The covariance matrix of variables.

    Args:
        m: Tensor or array-like of 1 or 2 axes.
        y: More variables.
        rowvar: Each row is a variable. Default: True.
        bias: Divide by N instead of N - 1. Default: False.
        ddof: Overrides `bias`.
        fweights: How often each observation counts.
        aweights: The weight of each observation.
        dtype: Of the result.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.cov`.
    """
    x = _covariance(m, y, rowvar)
    out = jnp.cov(x, bias=bias, ddof=ddof, fweights=None if fweights is None else to_array(fweights),
                  aweights=None if aweights is None else floating(aweights))
    return cast(out.astype(x.dtype), dtype)


@np_op()
def corrcoef(x: Array, y: Array | None = None, rowvar: bool = True, dtype: Any = None):
    """The correlation coefficients of variables.

    Args:
        x: Tensor or array-like of 1 or 2 axes.
        y: More variables.
        rowvar: Each row is a variable. Default: True.
        dtype: Of the result.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.corrcoef`.
    """
    return cast(jnp.corrcoef(_covariance(x, y, rowvar)), dtype)


@np_op("_gradient")
def _gradient(f: Array, varargs: tuple = (), axis: Any = None):
    """Central differences along axes."""
    return jnp.gradient(floating(f), *varargs, axis=axis)


_central = table.pop("_gradient")


@np_function()
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """The gradient by central differences, one-sided at the ends.

    Args:
        f: Tensor or array-like.
        *varargs: Spacing: one number, or one per axis. Default: 1.
        axis: Axis or axes; None for all.
        edge_order: Only 1.

    Returns:
        Tensor, or list of Tensors for several axes.

    Raises:
        ValueError: Another `edge_order`.

    MindSpore r1.8 `numpy.gradient`.
    """
    if edge_order != 1:
        raise ValueError(f"For 'gradient', only edge_order=1 is supported, but got {edge_order}.")
    return _central(f, tuple(varargs), axis)
