"""Elements by position and value: diagonals, triangles, taking, choosing, searching, sets."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.numpy_functions.mechanism import as_tensor, cast, np_function, np_op, stack_tensors, table, to_array
from mycelium.ops.promotion import promote


def _make(meaning: str, args: str, dynamic_shape: bool = False, returns: str = "Tensor.") -> Callable:
    """Decorator: documents a pure function and registers it."""
    def decorate(pure: Any) -> Any:
        name = pure.__name__.strip("_")
        lines = "\n".join("        " + a for a in args.split("\n"))
        pure.__doc__ = f"""{meaning}

    Args:
{lines}

    Returns:
        {returns}

    MindSpore r1.8 `numpy.{name}`.
    """
        return np_op(name, dynamic_shape=dynamic_shape)(pure)

    return decorate


@_make("A diagonal of a matrix, or a matrix with a diagonal.", "v: Tensor or array-like of 1 or 2 axes.\nk: Which "
                                                               "diagonal.")
def diag(v: Array, k: int = 0):
    return jnp.diag(to_array(v), k)


@_make("A matrix whose diagonal holds all elements.", "v: Tensor or array-like.\nk: Which diagonal.")
def diagflat(v: Array, k: int = 0):
    return jnp.diagflat(to_array(v), k)


@_make("A diagonal of two axes.", "a: Tensor or array-like.\noffset: Which diagonal.\naxis1: One axis.\naxis2: The "
                                  "other.")
def diagonal(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1):
    return jnp.diagonal(to_array(a), offset, axis1, axis2)


@_make("The sum of a diagonal.", "a: Tensor or array-like.\noffset: Which diagonal.\naxis1: One axis.\naxis2: The "
       "other.\ndtype: Of the result.")
def trace(a: Array, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None):
    a = to_array(a)
    return cast(jnp.trace(a, offset, axis1, axis2).astype(a.dtype), dtype)


@_make("The lower triangle, zeros elsewhere.", "m: Tensor or array-like.\nk: The diagonal it reaches to.")
def tril(m: Array, k: int = 0):
    return jnp.tril(to_array(m), k)


@_make("The upper triangle, zeros elsewhere.", "m: Tensor or array-like.\nk: The diagonal it reaches to.")
def triu(m: Array, k: int = 0):
    return jnp.triu(to_array(m), k)


def _indices(name: str, meaning: str, fn: Callable) -> None:
    """(n, k, m) -> index Tensors, and the form that takes the shape of an array."""
    def public(n: int, k: int = 0, m: int | None = None) -> tuple[Tensor, ...]:
        return tuple([Tensor(i.astype(np.int32)) for i in fn(n, k, m)])

    def of_array(arr: Any, k: int = 0) -> tuple[Tensor, ...]:
        rows, columns = as_tensor(arr).shape
        return public(rows, k, columns)

    for f, n, args in ((public, name, "n: Rows.\n        k: The diagonal.\n        m: Columns. Default: n."),
                       (of_array, name + "_from", "arr: Tensor or array-like of 2 axes.\n        k: The diagonal.")):
        f.__name__ = f.__qualname__ = n
        f.__doc__ = f"{meaning}\n\n    Args:\n        {args}\n\n" \
                    f"    Returns:\n        Tuple of two Tensors, int32.\n\n" \
                    f"    MindSpore r1.8 `numpy.{n}`.\n    "
        np_function(n)(f)


_indices("tril_indices", "The positions of the lower triangle.", np.tril_indices)
_indices("triu_indices", "The positions of the upper triangle.", np.triu_indices)


@np_function("diag_indices")
def diag_indices(n: int, ndim: int = 2) -> tuple[Tensor, ...]:
    """The positions of the main diagonal.

    Args:
        n: Size of each axis.
        ndim: Axes. Default: 2.

    Returns:
        Tuple of Tensors.

    MindSpore r1.8 `numpy.diag_indices`.
    """
    return tuple([Tensor(i.astype(np.int32)) for i in np.diag_indices(n, ndim)])


@np_function("ix_")
def ix_(*args: Any) -> tuple[Tensor, ...]:
    """Index Tensors of an open grid.

    Args:
        *args: Tensors or array-likes, 1-d.

    Returns:
        Tuple of Tensors.

    MindSpore r1.8 `numpy.ix_`.
    """
    tensors = [as_tensor(a) for a in args]
    return tuple([t.reshape(tuple([-1 if i == j else 1 for j in range(len(tensors))])) for i, t in enumerate(tensors)])


@_make("Elements at positions along an axis.", "a: Tensor or array-like.\nindices: Positions.\naxis: None for the "
       "flattened array.\nmode: \"clip\" (default) or \"wrap\" for positions out of range.")
def take(a: Array, indices: Array, axis: Any = None, mode: str = "clip"):
    if mode not in ("clip", "wrap", "raise"):
        raise ValueError(f"For 'take', 'mode' should be 'clip' or 'wrap', but got {mode!r}.")
    return jnp.take(to_array(a), to_array(indices), axis=axis, mode="wrap" if mode == "wrap" else "clip")


@_make("Elements at positions that are given for each place.", "arr: Tensor or array-like.\nindices: Positions, as "
       "many axes as `arr`.\naxis: The axis; None for the flattened array.")
def take_along_axis(arr: Array, indices: Array, axis: Any):
    return jnp.take_along_axis(to_array(arr), to_array(indices), axis)


@_make("Each element from the array that its index names.", "a: Tensor or array-like of indices.\nchoices: Arrays, or "
       "one with a leading axis.\nmode: \"clip\" (default) or \"wrap\".")
def choose(a: Array, choices: Arrays, mode: str = "clip"):
    return jnp.choose(to_array(a), list(promote(*map(to_array, choices))), mode=mode)


@_make("Elements by the first condition that holds.", "condlist: Conditions.\nchoicelist: What to take, one per "
       "condition.\ndefault: Where none holds. Default: 0.")
def select(condlist: Arrays, choicelist: Arrays, default: Any = 0):
    choices = promote(*map(to_array, choicelist))
    return jnp.select([jnp.asarray(c).astype(jnp.bool_) for c in condlist], list(choices),
                      jnp.asarray(default, choices[0].dtype))


@np_function("piecewise")
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Tensor:
    """A function by cases.

    Args:
        x: Tensor or array-like.
        condlist: Conditions, bool Tensors.
        funclist: One function or number per condition, and one more for the rest.
        *args: Passed to the functions.
        **kw: Passed to the functions.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.piecewise`.
    """
    x = as_tensor(x)
    conditions = [condlist] if isinstance(condlist, (Tensor, bool)) else list(condlist)
    values = [f(x, *args, **kw) if callable(f) else f for f in funclist]
    default = values[len(conditions)] if len(values) > len(conditions) else 0
    out = default
    for c, v in reversed(list(zip(conditions, values, strict=False))):
        out = table["where"](c, v, out)
    return out   # pyright: ignore[reportReturnType]


@_make("Where values belong in a sorted array.", "a: Tensor or array-like, 1-d, increasing.\nv: Values.\nside: "
       "\"left\" (default) or \"right\" of equal ones.\nsorter: The order that sorts `a`.", returns="Tensor, int32.")
def searchsorted(a: Array, v: Array, side: str = "left", sorter: Array | None = None):
    a = to_array(a)
    if side not in ("left", "right"):
        raise ValueError(f"For 'searchsorted', 'side' should be 'left' or 'right', but got {side!r}.")
    a = a if sorter is None else a[to_array(sorter)]
    return jnp.searchsorted(*promote(a, to_array(v)), side=side).astype(jnp.int32)


@_make("The bins that values belong to.", "x: Tensor or array-like.\nbins: Edges, increasing or decreasing.\nright: "
       "Whether bins hold their right edge.", returns="Tensor, int32.")
def digitize(x: Array, bins: Array, right: bool = False):
    x, bins = promote(to_array(x), to_array(bins))
    rising = jnp.searchsorted(bins, x, side="left" if right else "right")
    falling = bins.shape[0] - jnp.searchsorted(bins[::-1], x, side="right" if right else "left")
    return jnp.where(bins[-1] >= bins[0], rising, falling).astype(jnp.int32) if bins.shape[0] else rising


@_make("Whether elements are among others.", "element: Tensor or array-like.\ntest_elements: The others.\ninvert: "
       "Whether they are not.", returns="Tensor, bool.")
def isin(element: Array, test_elements: Array, invert: bool = False):
    a, b = promote(to_array(element), to_array(test_elements))
    return jnp.isin(a, b, invert=invert)


@_make("Whether elements are among others, flattened.", "ar1: Tensor or array-like.\nar2: The others.\ninvert: Whether "
       "they are not.", returns="Tensor, bool, 1-d.")
def in1d(ar1: Array, ar2: Array, invert: bool = False):
    a, b = promote(to_array(ar1), to_array(ar2))
    return jnp.isin(a.ravel(), b, invert=invert)


@_make("The different elements, sorted.", "x: Tensor or array-like.\nreturn_inverse: Return the positions that rebuild "
       "`x` too.", dynamic_shape=True, returns="Tensor, or tuple of two.")
def unique(x: Array, return_inverse: bool = False):
    values, inverse = np.unique(np.asarray(to_array(x)), return_inverse=True)
    values = jnp.asarray(values)
    return (values, jnp.asarray(inverse.reshape(-1).astype(np.int32))) if return_inverse else values


@_make("Whether two arrays have one shape and equal elements.", "a1: Tensor or array-like.\na2: Tensor or array-like.\n"
       "equal_nan: Whether NaN equals NaN.", returns="Tensor, bool.")
def array_equal(a1: Array, a2: Array, equal_nan: bool = False):
    return jnp.array_equal(*promote(to_array(a1), to_array(a2)), equal_nan=equal_nan)


@_make("Whether two arrays broadcast and have equal elements.", "a1: Tensor or array-like.\na2: Tensor or array-like.",
       returns="Tensor, bool.")
def array_equiv(a1: Array, a2: Array):
    return jnp.array_equiv(*promote(to_array(a1), to_array(a2)))


@_make("Positions in an array as positions in the flattened array.", "multi_index: One index array per axis.\ndims: "
       "The shape.\nmode: \"clip\" (default) or \"wrap\".\norder: \"C\" or \"F\".")
def ravel_multi_index(multi_index: Array, dims: tuple, mode: str = "clip", order: str = "C"):
    index = to_array(multi_index)
    out = jnp.ravel_multi_index(tuple(index), dims, mode=mode, order=order)
    return out.astype(index.dtype)


@_make("Positions in the flattened array as positions in the array.", "indices: Positions.\nshape: The shape.\norder: "
       "\"C\" or \"F\".", returns="Tuple of Tensors.")
def unravel_index(indices: Array, shape: Any, order: str = "C"):
    shape = (shape,) if isinstance(shape, int) else shape
    index = to_array(indices)
    out = jnp.unravel_index(index, shape if order == "C" else shape[::-1])
    return tuple([o.astype(index.dtype) for o in (out if order == "C" else out[::-1])])


@np_function("apply_along_axis")
def apply_along_axis(func1d: Callable, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Tensor:
    """A function of 1-d arrays applied along an axis.

    Args:
        func1d: From a 1-d Tensor to a Tensor or number.
        axis: The axis.
        arr: Tensor or array-like.
        *args: Passed to the function.
        **kwargs: Passed to the function.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.apply_along_axis`.
    """
    arr = as_tensor(arr)
    axis = axis % arr.ndim
    moved = table["moveaxis"](arr, axis, -1)
    rest = moved.shape[:-1]
    rows = moved.reshape((-1, moved.shape[-1]))
    results = [func1d(rows[i], *args, **kwargs) for i in range(rows.shape[0])]
    stacked = stack_tensors([r if isinstance(r, Tensor) else table["array"](r) for r in results])
    inner = stacked.shape[1:]
    out = stacked.reshape((*rest, *inner))
    places = list(range(len(rest), len(rest) + len(inner)))
    return table["moveaxis"](out, places, [axis + i for i in range(len(inner))]) if inner else out


@np_function("apply_over_axes")
def apply_over_axes(func: Callable, a: Any, axes: Any) -> Tensor:
    """A reduction applied over several axes in turn.

    Args:
        func: From (Tensor, axis) to a Tensor of the same or one less number of axes.
        a: Tensor or array-like.
        axes: Axis or axes.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.apply_over_axes`.
    """
    out = as_tensor(a)
    for axis in (axes,) if isinstance(axes, int) else axes:
        axis = axis % out.ndim
        result = func(out, axis)
        out = result if result.ndim == out.ndim else result.expand_dims(axis)
    return out


for _dtype in ("bool_", "float16", "float32", "float64", "float_", "int8", "int16", "int32", "int64", "int_", "uint8",
               "uint16", "uint32", "uint64"):
    table[_dtype] = getattr(mstype, _dtype)
table["int_"], table["float_"] = mstype.int32, mstype.float32
table["inf"], table["nan"], table["pi"], table["e"], table["newaxis"] = np.inf, np.nan, np.pi, np.e, None
table["PINF"], table["NINF"] = np.inf, -np.inf
