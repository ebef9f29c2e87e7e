"""New Tensors: filled with one value, ranges, the identity matrix, one-hot vectors."""
from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import check_int, describe
from mycelium.core.local import local
from mycelium.core.tensor import Tensor
from mycelium.engine.compile import DynamicShapeError
from mycelium.ops.annotations import Array
from mycelium.ops.casting import cast
from mycelium.ops.checks import dtype_name, tensors
from mycelium.ops.op import function, method, op, primitive
from mycelium.ops.primitive import Primitive
from mycelium.ops.promotion import to_dtype

_HOST = 1 << 20     # elements up to which a Tensor is made by NumPy: no compilation for a new shape


def _shape(owner: str, shape: Any) -> tuple[int, ...]:
    """A checked shape: an int or a tuple of ints, none negative."""
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    if not all(type(n) is int for n in sizes):
        raise TypeError(f"For '{owner}', 'shape' should be an int or a tuple of ints, but got {describe(shape)}.")
    if any(n < 0 for n in sizes):
        raise ValueError(f"For '{owner}', 'shape' should hold no negative sizes, but got {shape}.")
    return sizes


def _dtype(owner: str, name: str, value: Any, kinds: tuple = (mstype.Bool, mstype.Number)) -> np.dtype:
    if not isinstance(value, kinds) or value.np_dtype is None:
        raise TypeError(f"For '{owner}', '{name}' should be a dtype such as mindspore.float32, but got "
                        f"{describe(value)}.")
    return value.np_dtype


def filled(shape: tuple, value: Any, dtype: np.dtype) -> Tensor:
    """A Tensor of one value."""
    if local.scope is None and math.prod(shape) <= _HOST:
        return Tensor(np.full(shape, value, dtype))
    return Tensor._wrap(jnp.full(shape, np.asarray(value).astype(dtype), dtype))


@function(primitive="Zeros")
def zeros(shape: int | tuple, type: mstype.Type = mstype.float32) -> Tensor:
    """A Tensor of zeros.

    Args:
        shape: An int or a tuple of ints.
        type: dtype of the result, bool or any number.

    Returns:
        Tensor of the given shape and dtype.

    Raises:
        TypeError: `shape` is not made of ints, or `type` is not a dtype.
        ValueError: A size is negative.

    Examples:
        >>> print(ops.zeros((2, 2), ms.float32))
        [[0. 0.]
         [0. 0.]]

    MindSpore r1.8 `ops.zeros`.
    """
    return filled(_shape("Zeros", shape), 0, _dtype("Zeros", "type", type))


@function(primitive="Ones")
def ones(shape: int | tuple, type: mstype.Type = mstype.float32) -> Tensor:
    """A Tensor of ones.

    Args:
        shape: An int or a tuple of ints.
        type: dtype of the result, bool or any number but complex.

    Returns:
        Tensor of the given shape and dtype.

    Raises:
        TypeError: `shape` is not made of ints, or `type` is not a dtype.
        ValueError: A size is negative.

    Examples:
        >>> print(ops.ones((2, 2), ms.float32))
        [[1. 1.]
         [1. 1.]]

    MindSpore r1.8 `ops.ones`.
    """
    kinds = (mstype.Bool, mstype.Int, mstype.UInt, mstype.Float)
    return filled(_shape("Ones", shape), 1, _dtype("Ones", "type", type, kinds))


@op("ZerosLike", function=None)
def zeros_like_(input_x: Array):
    """Zeros in the shape and dtype of another Tensor.

    Args:
        input_x: Tensor of any shape and dtype.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> print(ops.ZerosLike()(Tensor([1, 2])))
        [0 0]

    MindSpore r1.8 `ops.ZerosLike`.
    """
    tensors("ZerosLike", input_x=input_x)
    return jnp.zeros_like(input_x)


@op("OnesLike", function=None)
def ones_like_(input_x: Array):
    """Ones in the shape and dtype of another Tensor.

    Args:
        input_x: Tensor of any shape and dtype.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> print(ops.ones_like(Tensor([3, 2])))
        [1 1]

    MindSpore r1.8 `ops.OnesLike`.
    """
    tensors("OnesLike", input_x=input_x)
    return jnp.ones_like(input_x)


@function()
def zeros_like(input_x: Tensor, *, dtype: mstype.Type | None = None) -> Tensor:
    """Zeros in the shape of another Tensor.

    Args:
        input_x: Tensor.
        dtype: dtype of the result; default that of `input_x`.

    Returns:
        Tensor of the shape of `input_x`.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> print(ops.zeros_like(Tensor([1, 2])))
        [0 0]

    MindSpore r1.8 and r2.0 `ops.zeros_like`.
    """
    found = zeros_like_(input_x)
    return found if dtype is None else cast(found, dtype)


@function()
def ones_like(input_x: Tensor, *, dtype: mstype.Type | None = None) -> Tensor:
    """Ones in the shape of another Tensor.

    Args:
        input_x: Tensor.
        dtype: dtype of the result; default that of `input_x`.

    Returns:
        Tensor of the shape of `input_x`.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> print(ops.ones_like(Tensor([1, 2]), dtype=ms.float32))
        [1. 1.]

    MindSpore r1.8 and r2.0 `ops.ones_like`.
    """
    found = ones_like_(input_x)
    return found if dtype is None else cast(found, dtype)


@function("fill", "fill_", primitive="Fill")
def fill(type: mstype.Type, shape: tuple, value: float | bool) -> Tensor:
    """A Tensor of one value.

    Args:
        type: dtype of the result.
        shape: Tuple of ints.
        value: Number or bool, converted to `type`.

    Returns:
        Tensor of the given shape and dtype.

    Raises:
        TypeError: `type` is not a dtype, `shape` not a tuple or `value` not a number.

    Examples:
        >>> print(ops.fill(ms.float32, (2, 2), 1))
        [[1. 1.]
         [1. 1.]]

    MindSpore r1.8 `ops.fill`.
    """
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"For 'Fill', 'shape' should be a tuple, but got {describe(shape)}.")
    if not isinstance(value, (bool, int, float, complex)):
        raise TypeError(f"For 'Fill', 'value' should be a number, but got {describe(value)}.")
    return filled(_shape("Fill", shape), value, _dtype("Fill", "type", type))


@op("FillV2", function=None)
def fill_v2(shape: tuple, value: Array):
    """A Tensor of one value, whose shape and value are Tensors.

    Args:
        shape: Tensor of ints of one axis, or a tuple; a constant of a compiled program.
        value: Tensor without axes.

    Returns:
        Tensor of the given shape with the dtype of `value`.

    Raises:
        ValueError: A size is negative.

    Examples:
        >>> print(ops.FillV2()(Tensor([2]), Tensor(1.5)))
        [1.5 1.5]

    MindSpore r1.8 `ops.FillV2`.
    """
    return jnp.broadcast_to(jnp.reshape(value, ()), _shape("FillV2", shape))


def _concrete(owner: str, value: Any) -> Any:
    """The Python value of a number or Tensor that decides a shape."""
    if not isinstance(value, Tensor):
        return value
    if holder.backend.is_traced(value._ready()):
        raise DynamicShapeError(owner)
    return value.asnumpy().tolist()


@op(None, method="fills")
def fills(x: Array, value: Array):
    """A Tensor of one value in the shape and dtype of another.

    Args:
        x: Tensor.
        value: Number, or Tensor without axes.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `value` is neither.

    Examples:
        >>> print(ops.fills(Tensor([1, 2]), 3))
        [3 3]

    MindSpore r1.8 `ops.fills`.
    """
    tensors("fills", x=x)
    if jnp.ndim(value):
        raise ValueError(f"For 'fills', 'value' should be a number or a Tensor without axes, but got shape "
                         f"{jnp.shape(value)}.")
    return jnp.broadcast_to(to_dtype(value, x.dtype), x.shape)


@method("fill")
def _tensor_fill(self: Tensor, value: Any) -> Tensor:
    """A new Tensor like this one, filled with a number (MindSpore r1.8 `Tensor.fill`)."""
    if value is None:
        if not isinstance(self.dtype, mstype.Float):
            raise TypeError(f"For 'Tensor.fill', None means NaN and needs a float Tensor, but got {self.dtype}.")
        value = math.nan
    if not isinstance(value, (bool, int, float)):
        raise TypeError(f"For 'Tensor.fill', 'value' should be a number or None, but got {describe(value)}.")
    return filled(self.shape, value, self.dtype.np_dtype)


@function(primitive="Eye")
def eye(n: int, m: int | None = None, t: mstype.Type | None = None) -> Tensor:
    """Ones on the diagonal, zeros elsewhere.

    Args:
        n: Number of rows, 1 or more.
        m: Number of columns, 1 or more; default as many as rows.
        t: dtype of the result; default float32.

    Returns:
        Tensor of shape (n, m).

    Raises:
        TypeError: `n` or `m` is not an int, or `t` not a dtype.
        ValueError: `n` or `m` is below 1.

    Examples:
        >>> print(ops.eye(2, 2, ms.int32))
        [[1 0]
         [0 1]]

    MindSpore r1.8 `ops.Eye`.
    """
    m = n if m is None else m
    t = mstype.float32 if t is None else t
    for name, value in (("n", n), ("m", m)):
        if type(value) is not int:
            raise TypeError(f"For 'Eye', '{name}' should be an int, but got {describe(value)}.")
        if value < 1:
            raise ValueError(f"For 'Eye', '{name}' should be 1 or greater, but got {value}.")
    dtype = _dtype("Eye", "t", t)
    if local.scope is None and n * m <= _HOST:
        return Tensor(np.eye(n, m, dtype=dtype))
    return Tensor._wrap(jnp.eye(n, m, dtype=dtype))


@function("range", "tensor_range")
def range_(start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
    """Numbers from `start` up to, but without, `limit` in steps of `delta`.

    Args:
        start: Tensor without axes, int32, int64, float32 or float64 (or a number).
        limit: Like `start`.
        delta: Like `start`; not 0.

    Returns:
        Tensor of one axis with the dtype of the inputs.

    Raises:
        TypeError: The dtypes differ or are not among those.
        ValueError: `delta` is 0, or has the wrong sign.

    Examples:
        >>> print(ops.range(Tensor(0, ms.int32), Tensor(10, ms.int32), Tensor(4, ms.int32)))
        [0 4 8]

    MindSpore r1.8 `ops.range`.
    """
    values = [v if isinstance(v, Tensor) else Tensor(v) for v in (start, limit, delta)]
    dtypes = {v.dtype for v in values}
    if len(dtypes) > 1 or not dtypes <= {mstype.int32, mstype.int64, mstype.float32, mstype.float64}:
        raise TypeError("For 'Range', 'start', 'limit' and 'delta' should have one dtype, int32, int64, float32 or "
                        f"float64, but got {', '.join(str(v.dtype) for v in values)}.")
    if any(v.ndim for v in values):
        raise ValueError("For 'Range', 'start', 'limit' and 'delta' should have no axes, but got shapes "
                         f"{', '.join(str(v.shape) for v in values)}.")
    first, last, step = (_concrete("Range", v) for v in values)
    if step == 0:
        raise ValueError("For 'Range', 'delta' should not be 0.")
    if (last - first) * step < 0:
        raise ValueError(f"For 'Range', 'delta' should lead from 'start' to 'limit', but got {first}, {last} "
                         f"and {step}.")
    return Tensor(np.arange(first, last, step, dtypes.pop().np_dtype))


@primitive
class Range(Primitive):
    """`ops.range` as a primitive.

    Args:
        maxlen: The greatest length allowed.

    Raises:
        ValueError: The result would be longer than `maxlen`.

    Examples:
        >>> print(ops.Range()(Tensor(0), Tensor(10), Tensor(4)))
        [0 4 8]

    MindSpore r1.8 `ops.Range`.
    """

    def __init__(self, maxlen: int = 1000000):
        super().__init__("Range")
        self.add_prim_attr("maxlen", check_int("Range", "maxlen", maxlen, 1))

    def __call__(self, start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
        out = range_(start, limit, delta)
        if out.size > self.maxlen:
            raise ValueError(f"For 'Range', the result should have at most 'maxlen', {self.maxlen}, elements, but it "
                             f"has {out.size}.")
        return out


@function()
def arange(*args: float, dtype: mstype.Type | None = None, **kwargs: Any) -> Tensor:
    """Numbers from `start` up to, but without, `stop` in steps of `step`.

    Args:
        *args: (stop), (start, stop) or (start, stop, step): ints or floats; `start` is 0 and `step` 1 by default.
        dtype: dtype of the result; default int32 if all numbers are ints (int64 in r2.0), else float32.
        **kwargs: `start`, `stop` (or `end`) and `step` by name.

    Returns:
        Tensor of one axis.

    Raises:
        TypeError: An argument is not a number.
        ValueError: `step` is 0, or does not lead from `start` to `stop`.

    Examples:
        >>> print(ops.arange(1, 6, 2))
        [1 3 5]

    MindSpore r1.8 and r2.0 `ops.arange`.
    """
    if "end" in kwargs:
        kwargs["stop"] = kwargs.pop("end")
    if len(args) == 1 and kwargs.get("stop") is not None:      # (start, end=...)
        args = (*args, kwargs.pop("stop"))
    args = tuple([v.asnumpy().item() if isinstance(v, Tensor) and v.size == 1 else v for v in args])     # type: ignore
    names = ("stop",) if len(args) == 1 else ("start", "stop", "step")
    given = {"start": 0, "stop": None, "step": 1, **dict(zip(names, args, strict=False)), **kwargs}
    if set(given) != {"start", "stop", "step"} or len(args) > 3 or given["stop"] is None:
        raise TypeError(f"For 'arange', expected (stop), (start, stop) or (start, stop, step), but got {args}, "
                        f"{kwargs}.")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"For 'arange', '{name}' should be an int or a float, but got {describe(value)}.")
    start, stop, step = given["start"], given["stop"], given["step"]
    if step == 0:
        raise ValueError(f"For 'arange', 'step' should not be 0, but got {step}.")
    if start >= stop if step > 0 else start <= stop:
        side = "below" if step > 0 else "above"
        raise ValueError(f"For 'arange', 'start' should be {side} 'stop' with step {step}, but got {start} and {stop}.")
    whole = all(isinstance(v, int) for v in given.values())
    target = np.dtype(np.int32 if whole else np.float32) if dtype is None else mstype.to_numpy_dtype(dtype)
    return Tensor(np.arange(start, stop, step).astype(target))


@op("LinSpace")
def linspace(start: Array, stop: Array, num: int):
    """Evenly spaced numbers from `start` to `stop`, both included.

    Args:
        start: Tensor without axes, float32 or float64.
        stop: Like `start`.
        num: How many, 1 or more.

    Returns:
        Tensor of shape (num,) with the dtype of `start`.

    Raises:
        TypeError: `start` or `stop` is not a float Tensor, or `num` not an int.
        ValueError: `num` is below 1, or `start` or `stop` has axes.

    Examples:
        >>> print(ops.linspace(Tensor(1.0), Tensor(10.0), 4))
        [ 1.  4.  7. 10.]

    MindSpore r1.8 `ops.LinSpace`.
    """
    tensors("LinSpace", start=start, stop=stop)
    for name, x in (("start", start), ("stop", stop)):
        if x.dtype not in (np.float32, np.float64):
            raise TypeError(f"For 'LinSpace', '{name}' should be float32 or float64, but got {dtype_name(x)}.")
        if x.ndim:
            raise ValueError(f"For 'LinSpace', '{name}' should have no axes, but got shape {x.shape}.")
    if num < 1:
        raise ValueError(f"For 'LinSpace', 'num' should be 1 or greater, but got {num}.")
    if start.dtype != stop.dtype:
        raise TypeError(f"For 'LinSpace', 'start' and 'stop' should have one dtype, but got {dtype_name(start)} and "
                        f"{dtype_name(stop)}.")
    place = lax.iota(start.dtype, num)
    return jnp.where((place == num - 1) & (num > 1), stop, start + place * ((stop - start) / max(num - 1, 1)))


@op("OneHot")
def one_hot(indices: Array, depth: int, on_value: Array, off_value: Array, *, axis: int = -1):
    """A new axis that holds `on_value` where its position is the index, `off_value` elsewhere.

    Args:
        indices: Tensor of int32, int64 or uint8. An index outside [0, depth) gives only `off_value`.
        depth: Size of the new axis.
        on_value: Tensor without axes.
        off_value: Tensor without axes, of the same dtype.
        axis: Place of the new axis, -1 for the last.

    Returns:
        Tensor with one more axis and the dtype of `on_value`.

    Raises:
        TypeError: `indices` is not an int Tensor, or the values have no common dtype.
        ValueError: `axis` is out of range, or `depth` negative.

    Examples:
        >>> print(ops.one_hot(Tensor([0, 2]), 3, Tensor(1.0), Tensor(0.0)))
        [[1. 0. 0.]
         [0. 0. 1.]]

    MindSpore r1.8 `ops.OneHot`.
    """
    tensors("OneHot", indices=indices, on_value=on_value, off_value=off_value)
    if indices.dtype not in (np.int32, np.int64, np.uint8):
        raise TypeError(f"For 'OneHot', 'indices' should be int32, int64 or uint8, but got {dtype_name(indices)}.")
    if on_value.dtype != off_value.dtype:
        raise TypeError(f"For 'OneHot', 'on_value' and 'off_value' should have one dtype, but got "
                        f"{dtype_name(on_value)} and {dtype_name(off_value)}.")
    if depth < 0:
        raise ValueError(f"For 'OneHot', 'depth' should be 0 or greater, but got {depth}.")
    if not -1 <= axis <= indices.ndim:
        raise ValueError(f"For 'OneHot', 'axis' should be in [-1, {indices.ndim}], but got {axis}.")
    axis = indices.ndim if axis == -1 else axis
    shape = list(indices.shape)
    shape.insert(axis, depth)
    place = lax.broadcasted_iota(np.int64, shape, axis)
    hot = place == lax.expand_dims(indices, (axis,)).astype(np.int64)
    return jnp.where(hot, jnp.reshape(on_value, ()), jnp.reshape(off_value, ()))


@op(None, function=None)
def mask_up_to(lengths: Array, maxlen: int):
    """Whether a position is below the length, along a new last axis."""
    return lax.iota(np.int64, maxlen) < lengths[..., None]


@function()
def sequence_mask(lengths: Tensor, maxlen: int | None = None) -> Tensor:
    """Which places of sequences of different lengths are filled.

    Args:
        lengths: Tensor of int32 or int64, (...).
        maxlen: Size of the new last axis; the greatest length by default, which a compiled program cannot know.

    Returns:
        Tensor of bool, (..., maxlen): True where the place is below the length.

    Raises:
        TypeError: `lengths` is not an int Tensor, or `maxlen` not an int.
        ValueError: `maxlen` is negative.

    Examples:
        >>> print(ops.sequence_mask(Tensor([1, 3]), 3))
        [[ True False False]
         [ True  True  True]]

    MindSpore r1.8 `ops.sequence_mask`.
    """
    if not isinstance(lengths, Tensor) or lengths.dtype not in (mstype.int32, mstype.int64):
        raise TypeError(f"For 'sequence_mask', 'lengths' should be a Tensor of int32 or int64, but got "
                        f"{describe(lengths)}.")
    if maxlen is None:
        maxlen = int(np.max(_concrete("sequence_mask", lengths), initial=0))
    if type(maxlen) is not int:
        raise TypeError(f"For 'sequence_mask', 'maxlen' should be an int or None, but got {describe(maxlen)}.")
    if maxlen < 0:
        raise ValueError(f"For 'sequence_mask', 'maxlen' should be 0 or greater, but got {maxlen}.")
    return mask_up_to(lengths, maxlen)
