"""How a `mycelium.numpy` function is made: a pure array function whose array-like arguments become Tensors first."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Arrays
from mycelium.ops.op import Op, _function
from mycelium.ops.promotion import as_float

table: dict[str, Any] = {}      # every public name of mycelium.numpy


def as_tensor(value: Any) -> Any:
    """`value` as a Tensor the way `numpy.array` of r1.8 reads it: Python ints are int32, floats float32.

    Numbers stay numbers: they adapt to the dtype of the Tensors they meet.
    """
    if isinstance(value, Tensor) or value is None or type(value) in (bool, int, float, complex):
        return value
    if isinstance(value, (list, tuple)) and _has_tensor(value):
        return stack_tensors([as_tensor(v) for v in value])
    host = np.asarray(value)
    if not isinstance(value, (np.ndarray, np.generic)):
        host = host.astype({"i": np.int32, "f": np.float32, "c": np.complex64}.get(host.dtype.kind, host.dtype))
    return Tensor(host)


def _has_tensor(value: Any) -> bool:
    return isinstance(value, Tensor) or isinstance(value, (list, tuple)) and any(map(_has_tensor, value))


def stack_tensors(values: Sequence) -> Tensor:
    """The Tensors along a new first axis."""
    return _STACK([values], ())


def as_dtype(value: Any) -> Any:
    """A MindSpore dtype from one, from a name such as "int32", from a Python or a NumPy type."""
    if value is None or isinstance(value, mstype.Type):
        return value
    if value in (bool, int, float):
        return {bool: mstype.bool_, int: mstype.int32, float: mstype.float32}[value]
    try:
        return mstype.from_numpy_dtype(np.dtype(value))
    except TypeError:
        raise TypeError(f"The dtype should be a mindspore dtype, a NumPy dtype or its name, but got "
                        f"{value!r}.") from None


class NumpyOp(Op):
    """An operator that takes whatever NumPy would take for an array."""

    def __call__(self, inputs: Sequence, constants: tuple) -> Any:
        if any(p.name == "dtype" for p in (*self.statics, *self.attributes)):
            names = [p.name for p in (*self.statics, *self.attributes)]
            constants = tuple([as_dtype(v) if n == "dtype" else v for n, v in zip(names, constants, strict=True)])
        given = [tuple(map(as_tensor, x)) if isinstance(x, (list, tuple)) and self._takes_sequence(i) else as_tensor(x)
                 for i, x in enumerate(inputs)]
        return super().__call__(given, constants)

    def _takes_sequence(self, place: int) -> bool:
        return self.inputs[place].annotation is Arrays


def np_op(*names: str, dynamic_shape: bool = False) -> Callable:
    """Makes public functions (default the function's own name) of a pure array function."""
    def decorate(pure: Callable) -> Callable:
        operator = NumpyOp(pure, names[0] if names else pure.__name__.rstrip("_"), dynamic_shape=dynamic_shape)
        public = _function(operator, pure.__name__, pure)
        for name in names or (pure.__name__.rstrip("_"),):
            table[name] = public
        return public

    return decorate


def np_function(*names: str) -> Callable:
    """Registers a function written over Tensors."""
    def decorate(fn: Callable) -> Callable:
        for name in names or (fn.__name__.rstrip("_"),):
            table[name] = fn
        return fn

    return decorate


def cast(out: Any, dtype: Any) -> Any:
    """`out` in a MindSpore dtype, or as it is."""
    return out if dtype is None else out.astype(dtype.np_dtype)


def floating(x: Any) -> Any:
    """`x` as floating point: integers and numbers become float32."""
    return as_float(x)


def to_array(x: Any) -> Any:
    """A number as an array of r1.8's default dtype; an array as it is."""
    if isinstance(x, (bool, int, float, complex)) or getattr(x, "weak_type", False) and not x.shape:
        kind = np.dtype(getattr(x, "dtype", type(x))).kind
        return jnp.asarray(x, {"b": jnp.bool_, "i": jnp.int32, "f": jnp.float32, "c": jnp.complex64}[kind])
    return x


def _stack(xs: Arrays) -> Any:
    return jnp.stack([to_array(x) for x in xs])


_STACK = NumpyOp(_stack, "stack")
