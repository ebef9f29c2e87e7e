"""Tensor: an n-dimensional array. Operators and methods come from the operator catalogue (ops/tensor_methods.py)."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import describe
from mycelium.core.printing import tensor_repr, tensor_str

_SCALARS = (bool, int, float, complex, np.bool_, np.number)


class HostAccessError(TypeError):
    """A value that exists only once the compiled program runs was asked for while compiling it."""


class Tensor:
    """An n-dimensional array of one data type.

    Args:
        input_data: Tensor, NumPy array, number, bool, or nested list or tuple of those. Python ints become int64,
            floats float32; a NumPy array keeps its dtype.
        dtype: MindSpore dtype to convert to. Default: that of `input_data`.
        shape: Shape for `init`; int or tuple, where None marks a size known at run time (see `Cell.set_inputs`).
        init: Initializer that fills `shape`; the values are drawn by `init_data`.
        internal: Accepted for compatibility.

    Raises:
        TypeError: `input_data` or `dtype` has an unsupported type.
        ValueError: `init` without `shape` and `dtype`, or together with `input_data`.

    Examples:
        >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> print(x.shape, x.dtype)
        (2, 2) Float32

    MindSpore r1.8 `mindspore.Tensor`.
    """

    __slots__ = ("_data", "_init", "_placeholder", "__dict__", "__weakref__")
    __array_priority__ = 1000   # NumPy leaves `array + tensor` to the Tensor
    __hash__ = object.__hash__

    _data: Any

    if TYPE_CHECKING:   # what ops/tensor_methods.py attaches, as far as the type checker has to know it
        __add__: Any
        __radd__: Any
        __sub__: Any
        __rsub__: Any
        __mul__: Any
        __rmul__: Any
        __truediv__: Any
        __rtruediv__: Any
        __floordiv__: Any
        __mod__: Any
        __pow__: Any
        __matmul__: Any
        __neg__: Any
        __lt__: Any
        __le__: Any
        __gt__: Any
        __ge__: Any
        __getitem__: Any
        __setitem__: Any

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, input_data: Any = None, dtype: mstype.Type | None = None,
                 shape: int | tuple[int | None, ...] | list[int] | None = None, init: Any = None,
                 internal: bool = False):
        self._init = self._placeholder = None
        if dtype is not None and not isinstance(dtype, mstype.Type):
            dtype = mstype.from_numpy_dtype(mstype.to_numpy_dtype(dtype))
        if input_data is None:
            if shape is None and init is None:
                raise TypeError(f"For 'Tensor', 'input_data' should be a Tensor, NumPy array, number, list or tuple, "
                                f"but got {describe(input_data)}.")
            self._declare(dtype, shape, init)
            return
        if init is not None:
            raise ValueError("For 'Tensor', give either 'input_data' or 'init' with 'shape' and 'dtype', not both.")
        if isinstance(input_data, Tensor):
            data = input_data._ready()
            self._data = data if dtype is None or data.dtype == dtype.np_dtype else \
                holder.backend.cast(data, mstype.to_numpy_dtype(dtype))
            return
        self._data = holder.backend.put(to_numpy(input_data, dtype))

    def _declare(self, dtype: mstype.Type | None, shape: Any, init: Any) -> None:
        if shape is None or dtype is None:
            raise ValueError("For 'Tensor', 'input_data' is missing: give data, or 'shape', 'dtype' and 'init', for "
                             f"example Tensor(shape=(2, 3), dtype=ms.float32, init=One()); got shape={shape}, "
                             f"dtype={dtype}.")
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        self._data = None
        self._placeholder = (shape, dtype)
        self._init = init

    @classmethod
    def _wrap(cls, array: Any) -> Tensor:
        tensor = cls.__new__(cls)
        tensor._data = array
        return tensor

    def _ready(self) -> Any:
        """The array; a Tensor that was only declared gets its initial values first."""
        if self._data is None:
            self.init_data()
        return self._data

    # ***** facts *****

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._data.shape if self._data is not None else self._placeholder[0]

    @property
    def dtype(self) -> mstype.Type:
        """The MindSpore data type of the elements."""
        return mstype.from_numpy_dtype(self._data.dtype) if self._data is not None else self._placeholder[1]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.np_dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.size * self.itemsize

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes to step along each axis of a C-contiguous array."""
        steps, step = [], self.itemsize
        for n in reversed(self.shape):
            steps.append(step)
            step *= n
        return tuple(reversed(steps))

    @property
    def has_init(self) -> bool:
        """Whether initial values are declared and not drawn yet."""
        return getattr(self, "_init", None) is not None and self._data is None

    @property
    def init(self) -> Any:
        """The initializer of a declared Tensor, else None."""
        return getattr(self, "_init", None)

    def init_data(self, slice_index: int | None = None, shape: Any = None, opt_shard_group: Any = None) -> Tensor:
        """Draws the declared initial values; returns this Tensor."""
        if self._data is None:
            declared, dtype = self._placeholder   # pyright: ignore[reportGeneralTypeIssues]
            if self._init is None or None in declared:
                raise RuntimeError(f"This Tensor was only declared (shape={declared}, dtype={dtype}); it has no "
                                   "values.")
            host = np.zeros(declared, mstype.to_numpy_dtype(dtype))
            self._init(host)
            self._data = holder.backend.put(host)
        return self

    # ***** host *****

    def asnumpy(self) -> np.ndarray:
        """The values as a NumPy array of your own: writable, and untouched by later steps.

        Raises:
            TypeError: Called while compiling a graph, where there are no values yet.
        """
        data = self._ready()
        if holder.backend.is_traced(data):
            raise HostAccessError("'asnumpy' needs the values of a Tensor, but inside GRAPH_MODE they exist only when "
                                  "the compiled program runs. Use ops on the Tensor, or run this Cell in "
                                  "PYNATIVE_MODE.")
        return np.array(data)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self.asnumpy() if dtype is None else self.asnumpy().astype(dtype)

    @staticmethod
    def from_numpy(array: np.ndarray) -> Tensor:
        """A Tensor with the values of a NumPy array (MindSpore r1.8 `Tensor.from_numpy`)."""
        if not isinstance(array, np.ndarray):
            raise TypeError(f"For 'Tensor.from_numpy', 'array' should be numpy.ndarray, but got {describe(array)}.")
        return Tensor(array)

    def set_const_arg(self, const_arg: bool = True) -> None:
        """Accepted for compatibility: a Tensor argument of a graph is always an input here."""

    def assign_value(self, value: Tensor) -> Tensor:
        """Takes the values of another Tensor; returns this one."""
        self._data = value._data
        return self

    def flush_from_cache(self) -> None:
        """Accepted for compatibility."""

    def __str__(self) -> str:
        return tensor_str(self)

    def __repr__(self) -> str:
        return tensor_repr(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a 0-d tensor.")
        return self.shape[0]

    def _scalar(self, what: str) -> Any:
        data = self._ready()
        if holder.backend.is_traced(data):
            raise HostAccessError(f"'{what}' needs the value of a Tensor, but inside GRAPH_MODE it exists only when "
                                  "the compiled program runs. Keep it a Tensor, or run this Cell in PYNATIVE_MODE.")
        host = np.asarray(data)
        if host.size != 1:
            raise ValueError(f"Only a Tensor with one element can become a Python {what}, but got shape {self.shape}. "
                             "Use '.all()', '.any()' or an index to get one element.")
        return host.reshape(())[()]

    def __bool__(self) -> bool:
        return bool(self._scalar("bool"))

    def __int__(self) -> int:
        return int(self._scalar("int"))

    def __float__(self) -> float:
        return float(self._scalar("float"))

    def __complex__(self) -> complex:
        return complex(self._scalar("complex"))

    def __index__(self) -> int:
        value = self._scalar("int")
        if not isinstance(value, (np.integer, np.bool_)):
            raise TypeError(f"Only integer tensors of a single element can be converted to an index, but got "
                            f"{self.dtype}.")
        return int(value)

    def __deepcopy__(self, memo: dict) -> Tensor:
        new = type(self)._wrap(holder.backend.copy(self._ready()))
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple:
        return Tensor, (self.asnumpy(),)


def to_numpy(value: Any, dtype: mstype.Type | None = None) -> np.ndarray:
    """A NumPy array of `value` by MindSpore's rules: Python floats are float32, ints int64.

    Raises:
        TypeError: `value` is not numeric.
    """
    if isinstance(value, np.ndarray):
        host = value
    elif isinstance(value, (*_SCALARS, list, tuple)):
        value = _without_tensors(value)
        host = np.asarray(value)
        if host.dtype == np.float64 and not isinstance(value, np.generic):
            host = host.astype(np.float32)
    elif hasattr(value, "__array__"):
        host = np.asarray(value)
    else:
        raise TypeError(f"For 'Tensor', 'input_data' should be a Tensor, NumPy array, number, list or tuple, but got "
                        f"{describe(value)}.")
    if host.dtype.kind in "USOMmV" and host.dtype not in mstype._FROM_NP:
        raise TypeError(f"For 'Tensor', 'input_data' should hold numbers of one regular shape, but got NumPy dtype "
                        f"{host.dtype} from {describe(value)}.")
    wanted = host.dtype if dtype is None else mstype.to_numpy_dtype(dtype)
    mstype.from_numpy_dtype(wanted)
    return host if host.dtype == wanted else host.astype(wanted)


def _without_tensors(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.asnumpy()
    if isinstance(value, (list, tuple)):
        return [_without_tensors(v) for v in value]
    return value
