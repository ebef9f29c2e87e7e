"""Shapes: joined, split, moved, repeated, padded."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.numpy_functions.mechanism import as_tensor, np_function, np_op, table, to_array
from mycelium.ops.promotion import promote


def _doc(pure: Any, name: str, meaning: str, args: str) -> Any:
    lines = "\n".join("        " + a for a in args.split("\n"))
    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = f"""{meaning}

    Args:
{lines}

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}`.
    """
    return pure


def _joining(name: str, meaning: str, fn: Any) -> None:
    def pure(tup: Arrays):
        return fn(promote(*map(to_array, tup)))

    np_op(name)(_doc(pure, name, meaning, "tup: Sequence of Tensors or array-likes."))


_joining("vstack", "Arrays one below the other.", jnp.vstack)
_joining("hstack", "Arrays side by side.", jnp.hstack)
_joining("dstack", "Arrays behind one another.", jnp.dstack)
_joining("column_stack", "1-d arrays as columns.", jnp.column_stack)


@np_op()
def concatenate(arrays: Arrays, axis: Any = 0):
    """Arrays joined along an axis; flattened first with axis=None.

    Args:
        arrays: Sequence of Tensors or array-likes.
        axis: Default: 0.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.concatenate`.
    """
    return jnp.concatenate(promote(*map(to_array, arrays)), axis=axis)


@np_op()
def stack(arrays: Arrays, axis: int = 0):
    """Arrays joined along a new axis.

    Args:
        arrays: Sequence of Tensors or array-likes of one shape.
        axis: Where the new axis goes. Default: 0.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.stack`.
    """
    return jnp.stack(promote(*map(to_array, arrays)), axis=axis)


@np_op()
def append(arr: Array, values: Array, axis: Any = None):
    """Values after the end; flattened first with axis=None.

    Args:
        arr: Tensor or array-like.
        values: Tensor or array-like.
        axis: Default: None.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.append`.
    """
    return jnp.append(*promote(to_array(arr), to_array(values)), axis=axis)


def _splitting(name: str, meaning: str, axis: int | None) -> None:
    fn = getattr(jnp, name)

    def free(x: Array, indices_or_sections: Any, axis: int = 0):
        return tuple(fn(to_array(x), _sections(indices_or_sections), axis=axis))

    def fixed(x: Array, indices_or_sections: Any):
        return tuple(fn(to_array(x), _sections(indices_or_sections)))

    np_op(name)(_doc(free if axis is None else fixed, name, meaning,
                     "x: Tensor or array-like.\nindices_or_sections: Number of parts, or where they begin."
                     + ("\naxis: Default: 0." if axis is None else "")))


def _sections(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, (tuple, list)) else value


_splitting("split", "Equal parts along an axis.", None)
_splitting("array_split", "Nearly equal parts along an axis.", None)
_splitting("hsplit", "Parts from left to right.", 1)
_splitting("vsplit", "Parts from top to bottom.", 0)
_splitting("dsplit", "Parts from front to back.", 2)

@np_op()
def flip(m: Array, axis: Any = None):
    """Elements in reverse order along axes.

    Args:
        m: Tensor or array-like.
        axis: Axis or axes; None for all.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.flip`.
    """
    return jnp.flip(to_array(m), axis)


def _one(name: str, meaning: str, fn: Any) -> None:
    def pure(m: Array):
        return fn(to_array(m))

    np_op(name)(_doc(pure, name, meaning, "m: Tensor or array-like."))


_one("flipud", "Rows in reverse order.", jnp.flipud)
_one("fliplr", "Columns in reverse order.", jnp.fliplr)


@np_op()
def ravel(x: Array):
    """All elements in one axis.

    Args:
        x: Tensor or array-like.

    Returns:
        Tensor, 1-d.

    MindSpore r1.8 `numpy.ravel`.
    """
    return jnp.ravel(to_array(x))


def _with(name: str, meaning: str, args: str, pure: Any) -> None:
    np_op(name)(_doc(pure, name, meaning, args))


def _reshape(x: Array, new_shape: Any):
    return jnp.reshape(to_array(x), new_shape)


def _transpose(a: Array, axes: Any = None):
    return jnp.transpose(to_array(a), axes)


def _swapaxes(x: Array, axis1: int, axis2: int):
    return jnp.swapaxes(to_array(x), axis1, axis2)


def _moveaxis(a: Array, source: Any, destination: Any):
    return jnp.moveaxis(to_array(a), source, destination)


def _rollaxis(x: Array, axis: int, start: int = 0):
    return jnp.rollaxis(to_array(x), axis, start)


def _squeeze(a: Array, axis: Any = None):
    return jnp.squeeze(to_array(a), axis)


def _expand_dims(a: Array, axis: Any):
    return jnp.expand_dims(to_array(a), axis)


def _roll(a: Array, shift: Any, axis: Any = None):
    return jnp.roll(to_array(a), shift, axis)


def _rot90(a: Array, k: int = 1, axes: tuple = (0, 1)):
    return jnp.rot90(to_array(a), k, axes)


def _repeat(a: Array, repeats: Any, axis: Any = None):
    return jnp.repeat(to_array(a), np.asarray(repeats), axis)


def _tile(a: Array, reps: Any):
    return jnp.tile(to_array(a), reps)


def _broadcast_to(array: Array, shape: Any):
    return jnp.broadcast_to(to_array(array), shape)


for _name, _meaning, _args, _pure in (
        ("reshape", "The same elements in another shape.", "x: Tensor or array-like.\nnew_shape: int or tuple; -1 is "
         "worked out.", _reshape),
        ("transpose", "Axes in another order; reversed with None.", "a: Tensor or array-like.\naxes: The order.",
         _transpose),
        ("swapaxes", "Two axes exchanged.", "x: Tensor or array-like.\naxis1: One axis.\naxis2: The other.", _swapaxes),
        ("moveaxis", "Axes moved to new places.", "a: Tensor or array-like.\nsource: Axes.\ndestination: Their new "
                                                  "places.",
         _moveaxis),
        ("rollaxis", "An axis rolled back to a place.", "x: Tensor or array-like.\naxis: The axis.\nstart: Where to.",
         _rollaxis),
        ("squeeze", "Axes of size 1 taken away.", "a: Tensor or array-like.\naxis: Which; None for all.", _squeeze),
        ("expand_dims", "New axes of size 1.", "a: Tensor or array-like.\naxis: Where.", _expand_dims),
        ("roll", "Elements shifted along axes, those that fall off coming in again.",
         "a: Tensor or array-like.\nshift: How far.\naxis: None for the flattened array.", _roll),
        ("rot90", "A plane turned by quarter turns.", "a: Tensor or array-like.\nk: Turns.\naxes: The plane.", _rot90),
        ("repeat", "Each element several times.", "a: Tensor or array-like.\nrepeats: How often.\naxis: None for the "
         "flattened array.", _repeat),
        ("tile", "The whole several times.", "a: Tensor or array-like.\nreps: How often along each axis.", _tile),
        ("broadcast_to", "The array in a larger shape.", "array: Tensor or array-like.\nshape: The shape.",
         _broadcast_to)):
    _with(_name, _meaning, _args, _pure)


@np_op("_broadcast_arrays")
def _broadcast_arrays(arrays: Arrays):
    """Arrays in one shape."""
    return tuple(jnp.broadcast_arrays(*map(to_array, arrays)))


_broadcast_all = table.pop("_broadcast_arrays")


@np_function("broadcast_arrays")
def broadcast_arrays(*args: Any) -> list[Tensor]:
    """Arrays in the shape they broadcast to.

    Args:
        *args: Tensors or array-likes.

    Returns:
        List of Tensors.

    MindSpore r1.8 `numpy.broadcast_arrays`.
    """
    return list(_broadcast_all(list(args)))


def _at_least(count: int) -> None:
    name = f"atleast_{count}d"
    fn = getattr(jnp, name)

    @np_op(f"_{name}")
    def raise_rank(x: Array):
        return fn(to_array(x))

    table.pop(f"_{name}")

    def public(*arys: Any) -> Any:
        out = [raise_rank(a) for a in arys]
        return out[0] if len(out) == 1 else out

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""Arrays with at least {count} axes.

    Args:
        *arys: Tensors or array-likes.

    Returns:
        Tensor, or list of Tensors for several.

    MindSpore r1.8 `numpy.{name}`.
    """
    np_function(name)(public)


for _count in (1, 2, 3):
    _at_least(_count)


@np_op("_meshgrid")
def _meshgrid(arrays: Arrays, sparse: bool = False, indexing: str = "xy"):
    """Coordinates of a grid."""
    return tuple(jnp.meshgrid(*map(to_array, arrays), sparse=sparse, indexing=indexing))


_grid = table.pop("_meshgrid")


@np_function("meshgrid")
def meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> list[Tensor]:
    """The coordinates of a grid whose axes are given.

    Args:
        *xi: Tensors or array-likes, 1-d.
        sparse: Small Tensors that broadcast. Default: False.
        indexing: "xy" (default) or "ij".

    Returns:
        List of Tensors.

    MindSpore r1.8 `numpy.meshgrid`.
    """
    return list(_grid(list(xi), sparse, indexing))


@np_op("_pad")
def _pad(arr: Array, pad_width: Any, mode: str, stat_length: Any, constant_values: Any, end_values: Any,
         reflect_type: str):
    """Padding."""
    options = {"constant": {"constant_values": constant_values}, "linear_ramp": {"end_values": end_values},
               "reflect": {"reflect_type": reflect_type}, "symmetric": {"reflect_type": reflect_type}}.get(mode, {})
    if mode in ("maximum", "minimum", "mean", "median") and stat_length is not None:
        options = {"stat_length": stat_length}
    arr = to_array(arr)
    return jnp.pad(arr, pad_width, mode, **options).astype(arr.dtype)


_padded = table.pop("_pad")


@np_function("pad")
def pad(arr: Any, pad_width: Any, mode: Any = "constant", stat_length: Any = None, constant_values: Any = 0,
        end_values: Any = 0, reflect_type: str = "even", **kwargs: Any) -> Tensor:
    """An array with elements added at its ends.

    Args:
        arr: Tensor or array-like.
        pad_width: How many: int, (before, after), or one pair per axis.
        mode: "constant" (default), "maximum", "mean", "median", "minimum", "edge", "empty", "linear_ramp", "reflect",
            "symmetric", "wrap", or a function as NumPy takes it.
        stat_length: How many elements the statistics look at.
        constant_values: What "constant" adds. Default: 0.
        end_values: Where "linear_ramp" ends. Default: 0.
        reflect_type: "even" (default) or "odd".
        **kwargs: Passed to the function.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.pad`.
    """
    arr = as_tensor(arr)
    if callable(mode):
        return Tensor(np.pad(arr.asnumpy(), pad_width, _on_host(mode), **kwargs))
    return _padded(arr, pad_width, mode, stat_length, constant_values, end_values, reflect_type)


def _on_host(fn: Any) -> Any:
    """A padding function over Tensors for NumPy, which wants its vector written in place."""
    def call(vector: np.ndarray, width: Any, axis: int, kwargs: dict) -> None:
        result = fn(Tensor(vector), width, axis, kwargs)
        if result is not None:
            vector[:] = result.asnumpy() if isinstance(result, Tensor) else result

    return call


@np_op()
def diff(a: Array, n: int = 1, axis: int = -1, prepend: Array | None = None, append: Array | None = None):
    """Differences of neighbours, n times over.

    Args:
        a: Tensor or array-like.
        n: Default: 1.
        axis: Default: -1.
        prepend: What goes before the first.
        append: What goes after the last.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.diff`.
    """
    return jnp.diff(to_array(a), n, axis, prepend, append)


@np_op()
def ediff1d(ary: Array, to_end: Array | None = None, to_begin: Array | None = None):
    """Differences of neighbours in the flattened array.

    Args:
        ary: Tensor or array-like.
        to_end: What goes after the result.
        to_begin: What goes before it.

    Returns:
        Tensor, 1-d.

    MindSpore r1.8 `numpy.ediff1d`.
    """
    ary = to_array(ary)
    return jnp.ediff1d(ary, None if to_end is None else to_array(to_end).astype(ary.dtype),
                       None if to_begin is None else to_array(to_begin).astype(ary.dtype))


@np_function("array_str")
def array_str(a: Any) -> str:
    """The values as text.

    Args:
        a: Tensor.

    Returns:
        str.

    MindSpore r1.8 `numpy.array_str`.
    """
    return str(as_tensor(a))


@np_function("size")
def size(a: Any, axis: Any = None) -> int:
    """The number of elements, or along axes.

    Args:
        a: Tensor or array-like.
        axis: Axis or axes; None for all.

    Returns:
        int.

    MindSpore r1.8 `numpy.size`.
    """
    shape = as_tensor(a).shape
    axes = range(len(shape)) if axis is None else (axis,) if isinstance(axis, int) else axis
    return int(np.prod([shape[i] for i in axes]))

