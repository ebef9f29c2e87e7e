"""Arrays made from shapes, ranges and other arrays, and random ones."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.engine import random
from mycelium.ops.annotations import Array
from mycelium.ops.numpy_functions.mechanism import as_dtype, as_tensor, np_function, np_op, table, to_array


def _host(value: Any, dtype: Any = None) -> Tensor:
    host = np.asarray(value)
    dtype = as_dtype(dtype)
    return Tensor(host if dtype is None else host.astype(dtype.np_dtype))


def _shape(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, Tensor):
        shape = shape.asnumpy().tolist()
    return (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)   # pyright: ignore[reportReturnType]


@np_function("array")
def array(obj: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Tensor:
    """A Tensor from array-like data; Python ints become int32, floats float32.

    Args:
        obj: Tensor, NumPy array, number, or nested list or tuple.
        dtype: Of the result.
        copy: Whether a Tensor is copied. Default: True.
        ndmin: Axes to have at least; new ones go first. Default: 0.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.array([1, 2]).dtype)
        Int32

    MindSpore r1.8 `numpy.array`.
    """
    if isinstance(obj, (bool, int, float, complex)):
        host = np.asarray(obj)
        out = Tensor(host.astype({"i": np.int32, "f": np.float32}.get(host.dtype.kind, host.dtype)))
    else:
        out = as_tensor(obj)
    if not isinstance(out, Tensor):
        raise TypeError(f"For 'array', 'obj' should be array-like, but got {describe(obj)}.")
    dtype = as_dtype(dtype)
    if dtype is not None and out.dtype is not dtype:
        out = out.astype(dtype)
    elif copy and out is obj:
        out = Tensor(out)
    while out.ndim < ndmin:
        out = out.expand_dims(0)
    return out


@np_function("asarray")
def asarray(a: Any, dtype: Any = None) -> Tensor:
    """A Tensor from array-like data; a Tensor of the right dtype is returned as it is.

    Args:
        a: Tensor, NumPy array, number, or nested list or tuple.
        dtype: Of the result.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.asarray`.
    """
    return array(a, dtype, copy=False)


@np_function("asfarray")
def asfarray(a: Any, dtype: Any = mstype.float32) -> Tensor:
    """A floating point Tensor from array-like data.

    Args:
        a: Tensor, NumPy array, number, or nested list or tuple.
        dtype: Default: float32; another that is not floating point becomes it.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.asfarray`.
    """
    dtype = as_dtype(dtype)
    return array(a, dtype if isinstance(dtype, mstype.Float) else mstype.float32)


@np_function("arange")
def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """Values from `start` up to `stop`, `step` apart.

    Args:
        start: First value; the end, from 0, when `stop` is None.
        stop: The end, not included.
        step: Default: 1.
        dtype: Default: int32 for ints, float32 otherwise.

    Returns:
        Tensor, 1-d.

    Examples:
        >>> print(ms.numpy.arange(0, 6, 2))
        [0 2 4]

    MindSpore r1.8 `numpy.arange`.
    """
    start, stop = (0, start) if stop is None else (start, stop)
    host = np.arange(start, stop, 1 if step is None else step)
    return _host(host, as_dtype(dtype) or (mstype.int32 if host.dtype.kind == "i" else mstype.float32))


@np_function("linspace")
def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None,
             axis: int = 0) -> Any:
    """`num` values evenly from `start` to `stop`.

    Args:
        start: First value, number or Tensor.
        stop: Last value.
        num: Default: 50.
        endpoint: Whether `stop` is included. Default: True.
        retstep: Return the step too. Default: False.
        dtype: Default: float32.
        axis: Where the new axis goes for Tensor ends.

    Returns:
        Tensor, or (Tensor, step).

    MindSpore r1.8 `numpy.linspace`.
    """
    host, step = np.linspace(_plain(start), _plain(stop), num, endpoint, retstep=True, axis=axis)
    out = _host(host, as_dtype(dtype) or mstype.float32)
    return (out, _host(step, mstype.float32)) if retstep else out


def _plain(value: Any) -> Any:
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(value)


@np_function("logspace")
def logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10.0, dtype: Any = None,
             axis: int = 0) -> Tensor:
    """`base` to the power of `num` values evenly from `start` to `stop`.

    Args:
        start: First exponent.
        stop: Last exponent.
        num: Default: 50.
        endpoint: Whether `stop` is included. Default: True.
        base: Default: 10.0.
        dtype: Default: float32.
        axis: Where the new axis goes for Tensor ends.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.logspace`.
    """
    return _host(np.logspace(_plain(start), _plain(stop), num, endpoint, base, axis=axis),
                 as_dtype(dtype) or mstype.float32)


@np_function("geomspace")
def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor:
    """`num` values from `start` to `stop` with a constant ratio.

    Args:
        start: First value.
        stop: Last value.
        num: Default: 50.
        endpoint: Whether `stop` is included. Default: True.
        dtype: Default: float32.
        axis: Where the new axis goes for Tensor ends.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.geomspace`.
    """
    return _host(np.geomspace(_plain(start), _plain(stop), num, endpoint, axis=axis), as_dtype(dtype) or mstype.float32)


@np_function("full")
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A Tensor filled with a value.

    Args:
        shape: int or tuple of int.
        fill_value: Number, or array-like that broadcasts.
        dtype: Default: that of `fill_value`.

    Returns:
        Tensor.

    Examples:
        >>> print(ms.numpy.full((2,), 3))
        [3 3]

    MindSpore r1.8 `numpy.full`.
    """
    value = array(fill_value, dtype)
    return value.broadcast_to(_shape(shape)) if _shape(shape) else value


def _filled(name: str, value: int) -> None:
    def make(shape: Any, dtype: Any = mstype.float32) -> Tensor:
        return Tensor(np.full(_shape(shape), value, (as_dtype(dtype) or mstype.float32).np_dtype))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"""A Tensor of {'ones' if value else 'zeros'}.

    Args:
        shape: int or tuple of int.
        dtype: Default: float32.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}`.
    """
    np_function(name)(make)

    def like(a: Any, dtype: Any = None, shape: Any = None) -> Tensor:
        a = as_tensor(a)
        filled = a.shape if shape is None else _shape(shape)
        return Tensor(np.full(filled, value, (as_dtype(dtype) or a.dtype).np_dtype))

    like.__name__ = like.__qualname__ = name + "_like"
    like.__doc__ = f"""A Tensor of {'ones' if value else 'zeros'} in the shape of another.

    Args:
        a: Tensor or array-like.
        dtype: Default: that of `a`.
        shape: Instead of that of `a`.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}_like`.
    """
    np_function(name + "_like")(like)


_filled("ones", 1)
_filled("zeros", 0)
_filled("empty", 0)


@np_function("full_like")
def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """A Tensor filled with a value, in the shape of another.

    Args:
        a: Tensor or array-like.
        fill_value: Number, or array-like that broadcasts.
        dtype: Default: that of `a`.
        shape: Instead of that of `a`.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.full_like`.
    """
    a = as_tensor(a)
    return full(a.shape if shape is None else shape, fill_value, dtype or a.dtype)


@np_function("eye")
def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = mstype.float32) -> Tensor:
    """Ones on a diagonal, zeros elsewhere.

    Args:
        N: Rows.
        M: Columns. Default: N.
        k: The diagonal; positive is above. Default: 0.
        dtype: Default: float32.

    Returns:
        Tensor, shape (N, M).

    MindSpore r1.8 `numpy.eye`.
    """
    return _host(np.eye(N, M, k), dtype)


@np_function("identity")
def identity(n: int, dtype: Any = mstype.float32) -> Tensor:
    """The identity matrix of n rows.

    Args:
        n: Rows and columns.
        dtype: Default: float32.

    Returns:
        Tensor, shape (n, n).

    MindSpore r1.8 `numpy.identity`.
    """
    return eye(n, dtype=dtype)


@np_function("tri")
def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = mstype.float32) -> Tensor:
    """Ones on and below a diagonal.

    Args:
        N: Rows.
        M: Columns. Default: N.
        k: The diagonal. Default: 0.
        dtype: Default: float32.

    Returns:
        Tensor, shape (N, M).

    MindSpore r1.8 `numpy.tri`.
    """
    return _host(np.tri(N, M, k), dtype)


for _name, _meaning in (("bartlett", "The triangular window of Bartlett."), ("blackman", "The window of Blackman."),
                        ("hamming", "The window of Hamming."), ("hanning", "The window of Hann.")):
    def _window(M: int, _fn: Any = getattr(np, _name)) -> Tensor:   # noqa: B008
        return _host(_fn(M), mstype.float32)

    _window.__name__ = _window.__qualname__ = _name
    _window.__doc__ = f"""{_meaning}

    Args:
        M: Number of points.

    Returns:
        Tensor, float32, shape (M,).

    MindSpore r1.8 `numpy.{_name}`.
    """
    np_function(_name)(_window)


@np_function("indices")
def indices(dimensions: Any, dtype: Any = mstype.int32, sparse: bool = False) -> Any:
    """The coordinates of all points of a grid.

    Args:
        dimensions: Sizes of the grid.
        dtype: Default: int32.
        sparse: One small Tensor per axis instead of one large one. Default: False.

    Returns:
        Tensor, or tuple of Tensors.

    MindSpore r1.8 `numpy.indices`.
    """
    out = np.indices(_shape(dimensions), sparse=sparse)
    return tuple([_host(o, dtype) for o in out]) if sparse else _host(out, dtype)


class _Grid:
    """Grids by slicing: `mgrid[0:5, 0:5]`, a complex step counts points.

    MindSpore r1.8 `numpy.mgrid` and `numpy.ogrid`.
    """

    def __init__(self, grid: Any):
        self._grid = grid

    def __getitem__(self, key: Any) -> Any:
        out = self._grid[key]
        if isinstance(out, (list, tuple)):
            return tuple([self._tensor(o) for o in out])
        return self._tensor(out)

    @staticmethod
    def _tensor(host: np.ndarray) -> Tensor:
        return _host(host, mstype.int32 if host.dtype.kind == "i" else mstype.float32)


table["mgrid"], table["ogrid"] = _Grid(np.mgrid), _Grid(np.ogrid)


def _random(name: str, draw: Any, meaning: str) -> None:
    def make(*shape: Any, dtype: Any = mstype.float32) -> Tensor:
        sizes = _shape(shape[0]) if len(shape) == 1 else tuple(shape)
        key = random.make_key(random.generator.next())
        return Tensor._wrap(draw(key, sizes, jnp.float32).astype(as_dtype(dtype).np_dtype))

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"""{meaning}

    Args:
        *shape: Sizes, or one tuple of them.
        dtype: Default: float32.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.{name}`.
    """
    np_function(name)(make)


_random("rand", jax.random.uniform, "Uniform random numbers in [0, 1).")
_random("randn", jax.random.normal, "Random numbers of the standard normal distribution.")


@np_function("randint")
def randint(minval: int, maxval: int | None = None, shape: Any = None, dtype: Any = mstype.int32) -> Tensor:
    """Random ints from `minval` up to `maxval`, not included.

    Args:
        minval: Lower end; the upper end, from 0, when `maxval` is None.
        maxval: Upper end.
        shape: Default: (1,).
        dtype: Default: int32.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.randint`.
    """
    low, high = (0, minval) if maxval is None else (minval, maxval)
    key = random.make_key(random.generator.next())
    sizes = (1,) if shape is None else _shape(shape)
    return Tensor._wrap(jax.random.randint(key, sizes, low, high, jnp.int64).astype(as_dtype(dtype).np_dtype))


@np_op()
def vander(x: Array, N: Any = None, increasing: bool = False):
    """The Vandermonde matrix: powers of x in columns.

    Args:
        x: Tensor or array-like, 1-d.
        N: Columns. Default: as many as rows.
        increasing: Powers grow to the right. Default: False.

    Returns:
        Tensor.

    MindSpore r1.8 `numpy.vander`.
    """
    x = to_array(x)
    count = x.shape[0] if N is None else N
    powers = jnp.arange(count) if increasing else jnp.arange(count)[::-1]
    return (x[:, None] ** powers.astype(x.dtype if jnp.issubdtype(x.dtype, jnp.integer) else jnp.int32)).astype(x.dtype)


@np_function("promote_types")
def promote_types(type1: Any, type2: Any) -> mstype.Type:
    """The dtype that two promote to.

    Args:
        type1: Dtype.
        type2: Dtype.

    Returns:
        MindSpore dtype.

    MindSpore r1.8 `numpy.promote_types`.
    """
    return result_type(type1, type2)


@np_function("result_type")
def result_type(*arrays_and_dtypes: Any) -> mstype.Type:
    """The dtype that arrays, numbers and dtypes promote to.

    Args:
        *arrays_and_dtypes: Tensors, numbers and dtypes.

    Returns:
        MindSpore dtype.

    MindSpore r1.8 `numpy.result_type`.
    """
    kinds = []
    for value in arrays_and_dtypes:
        if isinstance(value, Tensor):
            kinds.append(value.dtype.np_dtype)
        elif isinstance(value, (bool, int, float)):
            kinds.append(np.dtype({bool: np.bool_, int: np.int32, float: np.float32}[type(value)]))
        elif isinstance(value, (list, tuple)):
            kinds.append(as_tensor(value).dtype.np_dtype)
        else:
            kinds.append(as_dtype(value).np_dtype)
    out = kinds[0]
    for kind in kinds[1:]:
        out = np.dtype(jnp.promote_types(out, kind))
    return mstype.from_numpy_dtype(out)


@np_function("isscalar")
def isscalar(element: Any) -> bool:
    """Whether `element` is a number or string.

    Args:
        element: Anything.

    Returns:
        bool.

    MindSpore r1.8 `numpy.isscalar`.
    """
    return isinstance(element, (bool, int, float, complex, str))


