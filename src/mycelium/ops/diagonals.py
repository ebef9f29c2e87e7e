"""Diagonals of matrices: set, taken, kept; bands and traces."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Annotated, Array, Dtype, Literal
from mycelium.ops.casting import cast, named_dtype
from mycelium.ops.checks import axis_in, numbers
from mycelium.ops.op import op
from mycelium.ops.promotion import to_dtype


def _one(owner: str, name: str, value: Any) -> int:
    """An int given as such or as a Tensor of one element."""
    while isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if type(value) is not int:
        raise TypeError(f"For '{owner}', '{name}' should be an int, but got {value}.")
    return value


def _band(owner: str, name: str, value: Any) -> tuple[int, int]:
    """The lowest and the highest diagonal, from one int or a pair."""
    items = value if isinstance(value, tuple) else (value,)
    if not items or not all(type(v) is int for v in items):
        raise TypeError(f"For '{owner}', '{name}' should be an int or a pair of ints, but got {value}.")
    low, high = (items * 2)[:2]
    if len(items) > 2 or low > high:
        raise ValueError(f"For '{owner}', '{name}' should be an int or a pair (low, high) with low <= high, but got "
                         f"{value}.")
    return low, high


Band = Annotated[Any, _band]
Count = Annotated[Any, _one]
Align = Literal["RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT"]


def _layout(rows: int, columns: int, low: int, high: int, align: str) -> tuple:
    """For each place of a matrix: whether it lies in the band, which diagonal it is on, and where on that.

    Short diagonals are padded to the longest; `align` says on which side those above and below the main one keep.
    """
    i = lax.broadcasted_iota(jnp.int32, (rows, columns), 0)
    j = lax.broadcasted_iota(jnp.int32, (rows, columns), 1)
    k = j - i
    longest = min(rows + min(high, 0), columns - max(low, 0))
    length = jnp.minimum(rows + jnp.minimum(k, 0), columns - jnp.maximum(k, 0))
    above, below = align.split("_")
    right = jnp.where(k >= 0, above == "RIGHT", below == "RIGHT")
    place = jnp.minimum(i, j) + jnp.where(right, longest - length, 0)
    return (low <= k) & (k <= high), jnp.clip(high - k, 0, high - low), jnp.clip(place, 0, longest - 1)


def _spread(diagonal: Any, layout: tuple, one: bool) -> Any:
    """The values of packed diagonals (..., count, longest), or (..., longest) for one, at each place of the matrix."""
    _, which, place = layout
    return (diagonal[..., None, :] if one else diagonal)[..., which, place]


@op(None)
def matrix_diag(x: Array, k: Band = 0, num_rows: Count = -1, num_cols: Count = -1, padding_value: Any = 0,
                align: Align = "RIGHT_LEFT") -> Array:
    """Matrices with the given diagonals.

    Args:
        x: Tensor of shape (*B, L) for one diagonal, or (*B, high - low + 1, L) for several, the highest first.
        k: The diagonal, or the pair (low, high); 0 is the main one, positive ones are above it.
        num_rows, num_cols: Shape of the matrices; -1 is the smallest that fits.
        padding_value: Number everywhere else.
        align: Which end of `x` shorter diagonals above and below the main one are found at, "RIGHT_LEFT" for instance.

    Returns:
        Tensor of shape (*B, num_rows, num_cols).

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `k`, `num_rows`, `num_cols` or `align` do not fit `x`.

    Examples:
        >>> print(ops.matrix_diag(Tensor([1.0, 2.0])))
        [[1. 0.]
         [0. 2.]]

    MindSpore r1.8 `ops.matrix_diag`.
    """
    low, high = k
    one = low == high
    if not one and (x.ndim < 2 or x.shape[-2] != high - low + 1):
        raise ValueError(f"For 'MatrixDiagV3', 'x' should have {high - low + 1} diagonals for k = {k}, but got shape "
                         f"{x.shape}.")
    least_rows, least_columns = x.shape[-1] - min(high, 0), x.shape[-1] + max(low, 0)
    rows, columns = num_rows, num_cols
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows, columns = (least_rows if rows == -1 else rows), (least_columns if columns == -1 else columns)
    if rows < least_rows or columns < least_columns or (rows != least_rows and columns != least_columns):
        raise ValueError(f"For 'MatrixDiagV3', diagonals of length {x.shape[-1]} with k = {k} do not fill a matrix of "
                         f"{rows} rows and {columns} columns.")
    layout = _layout(rows, columns, low, high, align)
    return jnp.where(layout[0], _spread(x, layout, one), jnp.asarray(padding_value, x.dtype))


@op(None)
def matrix_set_diag(x: Array, diagonal: Array, k: Band = 0, align: Align = "RIGHT_LEFT") -> Array:
    """Matrices with some diagonals replaced.

    Args:
        x: Tensor of shape (*B, M, N).
        diagonal: Tensor of shape (*B, L) for one diagonal, or (*B, high - low + 1, L) for several, the highest first.
        k: The diagonal, or the pair (low, high); 0 is the main one, positive ones are above it.
        align: Which end of `diagonal` shorter diagonals above and below the main one are found at.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `diagonal` does not fit.

    Examples:
        >>> print(ops.matrix_set_diag(Tensor([[1.0, 1.0], [1.0, 1.0]]), Tensor([5.0, 6.0])))
        [[5. 1.]
         [1. 6.]]

    MindSpore r1.8 `ops.matrix_set_diag`.
    """
    low, high = _inside("MatrixSetDiagV3", x, k)
    longest = min(x.shape[-2] + min(high, 0), x.shape[-1] - max(low, 0))
    wanted = (*x.shape[:-2], longest) if low == high else (*x.shape[:-2], high - low + 1, longest)
    if diagonal.shape != wanted:
        raise ValueError(f"For 'MatrixSetDiagV3', 'diagonal' should have shape {wanted}, but got {diagonal.shape}.")
    layout = _layout(x.shape[-2], x.shape[-1], low, high, align)
    return jnp.where(layout[0], _spread(to_dtype(diagonal, x.dtype), layout, low == high), x)


@op(None)
def matrix_diag_part(x: Array, k: Band = 0, padding_value: Any = 0, align: Align = "RIGHT_LEFT") -> Array:
    """The diagonals of matrices.

    Args:
        x: Tensor of shape (*B, M, N).
        k: The diagonal, or the pair (low, high); 0 is the main one, positive ones are above it.
        padding_value: Number that shorter diagonals are filled up with.
        align: Which end shorter diagonals above and below the main one keep at.

    Returns:
        Tensor of shape (*B, L) for one diagonal, or (*B, high - low + 1, L) for several, the highest first.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There is no such diagonal.

    Examples:
        >>> print(ops.matrix_diag_part(Tensor([[1.0, 2.0], [3.0, 4.0]])))
        [1. 4.]

    MindSpore r1.8 `ops.matrix_diag_part`.
    """
    low, high = _inside("MatrixDiagPartV3", x, k)
    rows, columns = x.shape[-2:]
    longest = min(rows + min(high, 0), columns - max(low, 0))
    d = high - lax.broadcasted_iota(jnp.int32, (high - low + 1, longest), 0)
    n = lax.broadcasted_iota(jnp.int32, (high - low + 1, longest), 1)
    length = jnp.minimum(rows + jnp.minimum(d, 0), columns - jnp.maximum(d, 0))
    above, below = align.split("_")
    n = n - jnp.where(jnp.where(d >= 0, above == "RIGHT", below == "RIGHT"), longest - length, 0)
    inside = (n >= 0) & (n < length)
    i, j = jnp.clip(n - jnp.minimum(d, 0), 0, rows - 1), jnp.clip(n + jnp.maximum(d, 0), 0, columns - 1)
    found = jnp.where(inside, x[..., i, j], jnp.asarray(padding_value, x.dtype))
    return found[..., 0, :] if low == high else found


def _inside(owner: str, x: Any, k: tuple[int, int]) -> tuple[int, int]:
    if x.ndim < 2:
        raise ValueError(f"For '{owner}', 'x' should have at least 2 axes, but got shape {x.shape}.")
    if not (-x.shape[-2] < k[0] and k[1] < x.shape[-1]):
        raise ValueError(f"For '{owner}', 'k' should name diagonals from {1 - x.shape[-2]} to {x.shape[-1] - 1}, but "
                         f"got {k}.")
    return k


@op(None)
def matrix_band_part(x: Array, lower: Count, upper: Count) -> Array:
    """Matrices with everything outside a band around the main diagonal set to 0.

    Args:
        x: Tensor of shape (*B, M, N).
        lower: How many diagonals below the main one to keep; negative keeps all.
        upper: How many diagonals above the main one to keep; negative keeps all.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `lower` or `upper` is no int.
        ValueError: `x` has fewer than two axes.

    Examples:
        >>> print(ops.matrix_band_part(Tensor([[1.0, 2.0], [3.0, 4.0]]), 0, -1))
        [[1. 2.]
         [0. 4.]]

    MindSpore r1.8 `ops.matrix_band_part`.
    """
    if x.ndim < 2:
        raise ValueError(f"For 'MatrixBandPart', 'x' should have at least 2 axes, but got shape {x.shape}.")
    i = lax.broadcasted_iota(jnp.int32, x.shape[-2:], 0)
    j = lax.broadcasted_iota(jnp.int32, x.shape[-2:], 1)
    keep = ((lower < 0) | (i - j <= lower)) & ((upper < 0) | (j - i <= upper))
    return jnp.where(keep, x, jnp.zeros((), x.dtype))


@op("Diag", method="diag")
def diag(input_x: Array) -> Array:
    """A Tensor of twice the axes with the elements on its diagonal and 0 elsewhere.

    Args:
        input_x: Tensor of shape D with one axis or more.

    Returns:
        Tensor of shape (*D, *D).

    Raises:
        TypeError: `input_x` is bool.
        ValueError: `input_x` has no axes.

    Examples:
        >>> print(ops.diag(Tensor([1, 2])))
        [[1 0]
         [0 2]]

    MindSpore r1.8 `ops.Diag`.
    """
    numbers("Diag", input_x=input_x)
    if input_x.ndim == 0:
        raise ValueError("For 'Diag', 'input_x' should have at least 1 axis, but got shape ().")
    return jnp.diag(input_x.reshape(-1)).reshape(input_x.shape * 2)


@op("DiagPart", function=None)
def diag_part(input_x: Array) -> Array:
    """The elements on the diagonal of a Tensor whose second half of axes repeats the first.

    Args:
        input_x: Tensor of shape (*D, *D).

    Returns:
        Tensor of shape D.

    Raises:
        TypeError: `input_x` is bool.
        ValueError: The shape is not twice the same.

    Examples:
        >>> print(ops.DiagPart()(Tensor([[1, 2], [3, 4]])))
        [1 4]

    MindSpore r1.8 `ops.DiagPart`.
    """
    numbers("DiagPart", input_x=input_x)
    half = input_x.shape[:input_x.ndim // 2]
    if not half or input_x.shape != half * 2:
        raise ValueError(f"For 'DiagPart', 'input_x' should have a shape (*D, *D), but got {input_x.shape}.")
    size = input_x.size
    return jnp.diagonal(input_x.reshape(int(size ** 0.5 + 0.5), -1)).reshape(half)


@op(None, function=None, method="diagonal")
def tensor_diagonal(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """A diagonal over two axes, as a last axis.

    Args:
        offset: Which diagonal; positive ones are above the main one.
        axis1, axis2: The two axes.

    Returns:
        Tensor with the other axes, then the diagonal.

    Raises:
        TypeError: An argument is no int.
        ValueError: The Tensor has fewer than two axes, or no such axes.

    Examples:
        >>> print(Tensor([[1, 2], [3, 4]]).diagonal())
        [1 4]

    MindSpore r1.8 `Tensor.diagonal`.
    """
    if x.ndim < 2:
        raise ValueError(f"For 'Tensor.diagonal', the Tensor should have at least 2 axes, but got shape {x.shape}.")
    axes = [axis_in("Tensor.diagonal", a, x.ndim) for a in (axis1, axis2)]
    return jnp.diagonal(x, offset, *axes)


@op(None, function=None, method="trace")
def tensor_trace(x: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Dtype | str | None = None) -> Array:
    """The sum along a diagonal over two axes.

    Args:
        offset: Which diagonal; positive ones are above the main one.
        axis1, axis2: The two axes.
        dtype: dtype of the result; default that of the Tensor.

    Returns:
        Tensor with the other axes.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: The Tensor has fewer than two axes, or no such axes.

    Examples:
        >>> print(Tensor([[1, 2], [3, 4]]).trace())
        5

    MindSpore r1.8 `Tensor.trace`.
    """
    diagonal = tensor_diagonal.pure(x, offset, axis1, axis2)
    total = jnp.sum(diagonal, axis=-1, dtype=x.dtype)
    return cast.pure(total, named_dtype("Tensor.trace", dtype, x.dtype))
