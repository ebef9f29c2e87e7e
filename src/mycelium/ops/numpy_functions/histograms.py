"""Counting: bincount and histograms."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.numpy_functions.mechanism import as_tensor, floating, np_function, np_op, to_array


@np_op(dynamic_shape=True)
def bincount(x: Array, weights: Array | None = None, minlength: int = 0, length: Any = None):
    """How often each number from 0 on occurs.

    Args:
        x: Tensor or array-like of ints, 1-d.
        weights: What each element counts. Default: 1.
        minlength: Elements the result has at least. Default: 0.
        length: Elements the result has.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.bincount`.
    """
    out = np.bincount(np.asarray(to_array(x)), None if weights is None else np.asarray(floating(weights)), minlength)
    out = out if length is None else np.resize(np.pad(out, (0, max(0, length - len(out)))), length)
    return jnp.asarray(out.astype(np.int32 if weights is None else np.float32))


def _host(value: Any) -> np.ndarray | None:
    return None if value is None else as_tensor(value).asnumpy()


def _edges(edges: np.ndarray) -> Tensor:
    return Tensor(edges.astype(np.int32 if edges.dtype.kind == "i" else np.float32))


def _bins(bins: Any) -> Any:
    if isinstance(bins, (Tensor, list, tuple)) and not isinstance(bins, int):
        return as_tensor(bins).asnumpy()
    return bins


@np_function("histogram")
def histogram(a: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False) -> tuple:
    """How many elements fall into each bin.

    Args:
        a: Tensor or array-like.
        bins: Number of bins, or their edges. Default: 10.
        range: (low, high) for a number of bins. Default: that of `a`.
        weights: What each element counts. Default: 1.
        density: Make the integral 1. Default: False.

    Returns:
        Tuple (counts, float32; edges).

    MindSpore r1.8 `numpy.histogram`.
    """
    counts, edges = np.histogram(_host(a), _bins(bins), range, weights=_host(weights), density=density)
    return Tensor(counts.astype(np.float32)), _edges(edges)


@np_function("histogram_bin_edges")
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Tensor:
    """The edges of the bins of a histogram.

    Args:
        a: Tensor or array-like.
        bins: Number of bins, or their edges. Default: 10.
        range: (low, high). Default: that of `a`.
        weights: Accepted for compatibility.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.histogram_bin_edges`.
    """
    return _edges(np.histogram_bin_edges(_host(a), _bins(bins), range))


@np_function("histogram2d")
def histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False) -> tuple:
    """How many points fall into each cell of a grid.

    Args:
        x: First coordinates.
        y: Second coordinates.
        bins: Number of bins or edges, for both or each. Default: 10.
        range: ((low, high), (low, high)).
        weights: What each point counts. Default: 1.
        density: Make the integral 1. Default: False.

    Returns:
        Tuple (counts, edges of x, edges of y).

    MindSpore r1.8 `numpy.histogram2d`.
    """
    counts, first, second = np.histogram2d(_host(x), _host(y), _pairwise(bins), range, weights=_host(weights),
                                           density=density)
    return Tensor(counts.astype(np.float32)), _edges(first), _edges(second)


def _pairwise(bins: Any) -> Any:
    if isinstance(bins, (list, tuple)):
        return [_bins(b) if not isinstance(b, (int, float)) else b for b in bins]
    return _bins(bins)


@np_function("histogramdd")
def histogramdd(sample: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False) -> tuple:
    """How many points fall into each cell of a grid of any number of axes.

    Args:
        sample: Points in rows, or one array per coordinate.
        bins: Number of bins or edges, for all or each. Default: 10.
        range: One (low, high) per axis.
        weights: What each point counts. Default: 1.
        density: Make the integral 1. Default: False.

    Returns:
        Tuple (counts, list of edges).

    MindSpore r1.8 `numpy.histogramdd`.
    """
    points = _host(sample) if isinstance(sample, Tensor) else \
        np.stack([_host(s) for s in sample], -1) if isinstance(sample, tuple) else _host(sample)
    counts, edges = np.histogramdd(points, _pairwise(bins), range, weights=_host(weights), density=density)
    return Tensor(counts.astype(np.float32)), [_edges(e) for e in edges]
