"""MindSpore's data types as singletons, and their mapping to NumPy and Python types."""
from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np


class Type:
    """A data type such as `mindspore.float32`; one object per type, compared by identity.

    Args:
        name: The printed name, for example "Float32".
        np_dtype: The NumPy type that stores it, or None for types that describe non-numeric values.
    """

    __slots__ = ("name", "np_dtype")

    def __init__(self, name: str, np_dtype: Any = None):
        self.name = name
        self.np_dtype = None if np_dtype is None else np.dtype(np_dtype)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return "mindspore." + {"Bool": "bool_"}.get(self.name, self.name.lower())

    def __reduce__(self) -> tuple:
        return _by_name, (self.name,)

    def __copy__(self) -> Type:
        return self

    def __deepcopy__(self, memo: Any) -> Type:
        return self


class Bool(Type):
    """The boolean type."""

    __slots__ = ()


class Number(Type):
    """Base of the numeric types."""

    __slots__ = ()


class Int(Number):
    """Signed integers."""

    __slots__ = ()


class UInt(Number):
    """Unsigned integers."""

    __slots__ = ()


class Float(Number):
    """Floating point numbers."""

    __slots__ = ()


class Complex(Number):
    """Complex numbers."""

    __slots__ = ()


bool_ = Bool("Bool", np.bool_)
int8, int16, int32, int64 = (Int(f"Int{b}", f"int{b}") for b in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (UInt(f"UInt{b}", f"uint{b}") for b in (8, 16, 32, 64))
float16, float32, float64 = (Float(f"Float{b}", f"float{b}") for b in (16, 32, 64))
bfloat16 = Float("BFloat16", ml_dtypes.bfloat16)
complex64, complex128 = (Complex(f"Complex{b}", f"complex{b}") for b in (64, 128))

byte, short, intc, intp, int_ = int8, int16, int32, int64, int64
ubyte, ushort, uintc, uintp, uint = uint8, uint16, uint32, uint64, uint64
half, single, double, float_ = float16, float32, float64, float32

number, string, type_none = Number("Number"), Type("String"), Type("None")
tensor, list_, tuple_, function, slice_ = (Type(n) for n in ("Tensor", "List", "Tuple", "Func", "Slice"))
ellipsis_, type_type, dict_, symbolic_key, env_type = (
    Type(n) for n in ("Ellipsis", "TypeType", "Dictionary", "SymType", "EnvType"))

int_type, uint_type = (int8, int16, int32, int64), (uint8, uint16, uint32, uint64)
float_type, complex_type = (float16, float32, float64), (complex64, complex128)
number_type = int_type + uint_type + float_type
signed_type = int_type + float_type
all_types = (bool_, *number_type, bfloat16, *complex_type)
implicit_conversion_seq = {t: i for i, t in enumerate(
    (bool_, int8, uint8, int16, int32, int64, float16, float32, float64))}

_FROM_NP = {t.np_dtype: t for t in all_types}
_FROM_PY = {bool: bool_, int: int64, float: float64, complex: complex128, str: string, type(None): type_none,
            list: list_, tuple: tuple_, dict: dict_}
_NAMED = {t.name: t for t in (*all_types, number, string, type_none, tensor, list_, tuple_, function, slice_,
                              ellipsis_, type_type, dict_, symbolic_key, env_type)}


def _by_name(name: str) -> Type:
    return _NAMED[name]


def from_numpy_dtype(np_dtype: Any) -> Type:
    """The MindSpore type of a NumPy dtype; TypeError when there is none."""
    try:
        return _FROM_NP[np_dtype]
    except (KeyError, TypeError):
        pass
    found = _FROM_NP.get(np.dtype(np_dtype))
    if found is None:
        raise TypeError(f"A Tensor cannot hold NumPy dtype {np_dtype}; supported: {', '.join(map(str, all_types))}.")
    return found


def dtype_to_nptype(type_: Type) -> Any:
    """The NumPy scalar type that stores `type_`, for example `numpy.float32` for `mindspore.float32`."""
    return to_numpy_dtype(type_).type


def to_numpy_dtype(type_: Any) -> np.dtype:
    """The NumPy dtype of a MindSpore type; Python types and NumPy dtypes are taken too.

    Raises:
        TypeError: `type_` names no numeric type.
    """
    if isinstance(type_, Type):
        if type_.np_dtype is None:
            raise TypeError(f"{type_} is not the type of Tensor elements; use for example mindspore.float32.")
        return type_.np_dtype
    if type_ is float:
        return np.dtype(np.float32)
    try:
        return from_numpy_dtype(np.dtype(type_)).np_dtype   # pyright: ignore[reportReturnType]
    except TypeError:
        raise TypeError(f"The dtype should be a mindspore dtype such as mindspore.float32, but got {type_!r} of type "
                        f"{type(type_).__name__}.") from None


def dtype_to_pytype(type_: Type) -> type:
    """The Python type whose values `type_` describes."""
    if type_ is bool_:
        return bool
    for kinds, python in ((Int, int), (UInt, int), (Float, float), (Complex, complex)):
        if isinstance(type_, kinds):
            return python
    return {list_: list, tuple_: tuple, dict_: dict, string: str, type_none: type(None)}[type_]


def pytype_to_dtype(obj: Any) -> Type:
    """The MindSpore type of a Python or NumPy type (a Type passes through); NotImplementedError as r1.8 otherwise."""
    if isinstance(obj, Type):
        return obj
    if obj in _FROM_PY:
        return _FROM_PY[obj]
    try:
        return from_numpy_dtype(np.dtype(obj))
    except TypeError:
        if not isinstance(obj, type):
            raise TypeError(f"For 'pytype_to_dtype', the argument 'obj' should be a Python type such as int or float, "
                            f"but got {obj!r} of type {type(obj).__name__}.") from None
        raise NotImplementedError(f"Unsupported convert python type {obj} to MindSpore type.") from None


def get_py_obj_dtype(obj: Any) -> Any:
    """The MindSpore type that describes a Python value or type."""
    if hasattr(obj, "dtype") and hasattr(obj, "shape"):
        return obj.dtype
    return pytype_to_dtype(obj if isinstance(obj, type) else type(obj))


def tensor_type(element: Type) -> Type:
    """The type of Tensors with elements of a type (MindSpore r1.8 `tensor_type`)."""
    return Type(f"Tensor[{element}]")


def issubclass_(type_: Any, kind: Any) -> bool:
    """Whether `type_` is `kind` or one of its kinds (`issubclass_(float32, number)`)."""
    if kind is number:
        return isinstance(type_, Number)
    if isinstance(kind, type):
        return isinstance(type_, kind)
    return type_ is kind
