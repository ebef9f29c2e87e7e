"""A reader of pickles that can only build dicts, lists, numbers, texts and tensors, and never runs anything.

A pickle is a program for a small stack machine, which may import and call whatever it names. Here the machine is
written out and imports nothing: a name stays a name, and a call that stands in a table is made by code of our own.
"""
from __future__ import annotations

import math
import pickletools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np

from mycelium.migrate.weights.layout import Shape
from mycelium.migrate.weights.stored import WeightsError

STORAGES = {
    "FloatStorage": np.float32, "DoubleStorage": np.float64, "HalfStorage": np.float16,
    "BFloat16Storage": ml_dtypes.bfloat16, "LongStorage": np.int64, "IntStorage": np.int32, "ShortStorage": np.int16,
    "CharStorage": np.int8, "ByteStorage": np.uint8, "BoolStorage": np.bool_, "ComplexFloatStorage": np.complex64,
    "ComplexDoubleStorage": np.complex128, "UntypedStorage": np.uint8,
}
_DTYPES = {
    "float32": np.float32, "float64": np.float64, "float16": np.float16, "bfloat16": ml_dtypes.bfloat16,
    "int64": np.int64, "int32": np.int32, "int16": np.int16, "int8": np.int8, "uint8": np.uint8, "uint16": np.uint16,
    "uint32": np.uint32, "uint64": np.uint64, "bool": np.bool_, "complex64": np.complex64,
    "complex128": np.complex128, "float8_e4m3fn": ml_dtypes.float8_e4m3fn, "float8_e5m2": ml_dtypes.float8_e5m2,
}
_MARK = object()
_ADVICE = "Save the weights alone, with torch.save(model.state_dict(), path)"


@dataclass(frozen=True)
class Storage:
    """A row of bytes in the file, named by `key`, and the dtype its first reader gave it."""

    key: str
    dtype: np.dtype
    size: int           # in elements


@dataclass(frozen=True)
class TensorIn:
    """A tensor as the file describes it: a view of a storage, offset and strides in elements."""

    storage: Storage
    offset: int
    shape: Shape
    strides: Shape
    dtype: np.dtype


@dataclass(frozen=True)
class _Name:
    """A module and a name in it, never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class _NumpyType:
    code: str


def read(file: BinaryIO) -> Any:
    """The value of the pickle that begins where `file` stands, which ends up behind it.

    Raises:
        WeightsError: It is damaged, or it holds something else than the weights of a network.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(file):
            step = _STEPS.get(opcode.name)
            if step is None:
                raise WeightsError(f"its pickle builds objects of other classes ({opcode.name}), and these are never "
                                   f"built here. {_ADVICE}")
            step(machine, argument)
        return machine.stack[-1]
    except WeightsError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise WeightsError(f"its pickle is damaged ({type(error).__name__}: {error})") from None


class _Machine:
    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[Any]:
        at = max(i for i, value in enumerate(self.stack) if value is _MARK)
        items = self.stack[at + 1:]
        del self.stack[at:]
        return items

    def name(self, module: str, name: str) -> None:
        found = _Name(module, name)
        known = name in STORAGES or name in _DTYPES
        if str(found) not in _CALLS and not (module in ("torch", "torch.storage") and known):
            raise WeightsError(f"its pickle names {str(found)!r}, which is no part of weights; nothing of it was run. "
                               f"{_ADVICE}")
        self.push(found)

    def call(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        rule = _CALLS.get(str(function)) if isinstance(function, _Name) else None
        if rule is None:
            raise WeightsError(f"its pickle calls {str(function)!r}; nothing of it was run. {_ADVICE}")
        self.push(rule(*arguments))

    def build(self) -> None:
        self.stack.pop()
        if not isinstance(self.stack[-1], (dict, _NumpyType)):
            raise WeightsError(f"its pickle gives a state to {type(self.stack[-1]).__name__!r}, which has none. "
                               f"{_ADVICE}")

    def set_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise ValueError("items are set in something that is no dict")
        target.update(zip(items[::2], items[1::2], strict=True))

    def extend(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, (list, set)):
            raise ValueError("items are added to something that is no list")
        target.extend(items) if isinstance(target, list) else target.update(items)

    def storage(self) -> None:
        what = self.stack.pop()
        if not isinstance(what, tuple) or len(what) not in (5, 6) or what[0] != "storage" or \
                not isinstance(what[1], _Name) or what[1].name not in STORAGES:
            raise WeightsError(f"its pickle refers to something that is no storage of weights. {_ADVICE}")
        key, size = what[2], what[4]
        if len(what) == 6 and what[5] is not None:
            raise WeightsError(f"it holds views in the form of PyTorch before 0.4. {_ADVICE}, with a newer PyTorch")
        if not isinstance(key, str) or type(size) is not int or size < 0:
            raise ValueError("a storage has no proper key and size")
        self.push(Storage(key, np.dtype(STORAGES[what[1].name]), size))


# ***** what may be called *****

def _tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> TensorIn:
    return _checked(storage, offset, shape, strides, storage.dtype)


def _tensor_of_dtype(storage: Any, offset: Any, shape: Any, strides: Any, _grad: Any, _hooks: Any, dtype: Any,
                     *_: Any) -> TensorIn:
    return _checked(storage, offset, shape, strides, np.dtype(_DTYPES[dtype.name]))


def _checked(storage: Any, offset: Any, shape: Any, strides: Any, dtype: np.dtype) -> TensorIn:
    numbers = (offset, *shape, *strides)
    if not isinstance(storage, Storage) or any(type(n) is not int or n < 0 for n in numbers) or \
            len(shape) != len(strides) or len(shape) > 32:
        raise ValueError("a tensor has no proper storage, shape and strides")
    count = math.prod(shape)
    room = storage.size * storage.dtype.itemsize // dtype.itemsize
    last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True)) if count else 0
    if count and last >= room:
        raise WeightsError(f"a tensor with shape {tuple(shape)} reaches beyond its storage of {room} elements")
    if count > room:
        raise WeightsError(f"a tensor with shape {tuple(shape)} repeats a storage of {room} elements (an expanded "
                           "view). Save a copy of it, tensor.contiguous()")
    return TensorIn(storage, offset, tuple(shape), tuple(strides), dtype)


def _number(kind: Any, content: Any = b"") -> int | float | bool:
    dtype = np.dtype(kind.code)
    if dtype.kind not in "biuf" or not isinstance(content, bytes) or len(content) != dtype.itemsize:
        raise ValueError("a NumPy number has no proper dtype and bytes")
    return np.frombuffer(content, dtype)[0].item()


_CALLS: Mapping[str, Callable[..., Any]] = {
    "collections.OrderedDict": lambda items=(): dict(items),
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_dtype,
    "torch._utils._rebuild_parameter": lambda data, *_: data,
    "torch._utils._rebuild_parameter_with_state": lambda data, *_: data,
    "torch.Size": lambda sizes=(): tuple(sizes),
    "torch.device": lambda *place: ":".join(map(str, place)),
    "torch.serialization._get_layout": str,
    "_codecs.encode": lambda text, _: text.encode("latin-1"),
    "builtins.set": lambda items=(): set(items),
    "__builtin__.set": lambda items=(): set(items),
    "numpy.dtype": lambda code, *_: _NumpyType(str(code)),
    "numpy.core.multiarray.scalar": _number,
    "numpy._core.multiarray.scalar": _number,
}


# ***** the machine's instructions *****

def _take(machine: _Machine, count: int) -> tuple[Any, ...]:
    if count > len(machine.stack):
        raise ValueError("the stack is empty")
    items = tuple(machine.stack[len(machine.stack) - count:])
    del machine.stack[len(machine.stack) - count:]
    return items


def _append(machine: _Machine, _: Any) -> None:
    machine.extend(list(_take(machine, 1)))


def _stack_name(machine: _Machine, _: Any) -> None:
    module, name = _take(machine, 2)
    if not isinstance(module, str) or not isinstance(name, str):
        raise ValueError("a name is no text")
    machine.name(module, name)


def _memoize(machine: _Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


_VALUES = ("BININT", "BININT1", "BININT2", "INT", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT", "BINUNICODE",
           "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES",
           "SHORT_BINBYTES", "BINBYTES8")
_STEPS: dict[str, Callable[[_Machine, Any], Any]] = {
    **dict.fromkeys(_VALUES, _Machine.push),
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda machine, _: None),
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "EMPTY_SET": lambda machine, _: machine.push(set()),
    "MARK": lambda machine, _: machine.push(_MARK),
    "POP": lambda machine, _: machine.stack.pop(),
    "POP_MARK": lambda machine, _: machine.since_mark(),
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "TUPLE1": lambda machine, _: machine.push(_take(machine, 1)),
    "TUPLE2": lambda machine, _: machine.push(_take(machine, 2)),
    "TUPLE3": lambda machine, _: machine.push(_take(machine, 3)),
    "LIST": lambda machine, _: machine.push(machine.since_mark()),
    "DICT": lambda machine, _: machine.push(_pairs(machine.since_mark())),
    "FROZENSET": lambda machine, _: machine.push(frozenset(machine.since_mark())),
    "APPEND": _append,
    "APPENDS": lambda machine, _: machine.extend(machine.since_mark()),
    "ADDITEMS": lambda machine, _: machine.extend(machine.since_mark()),
    "SETITEM": lambda machine, _: machine.set_items(list(_take(machine, 2))),
    "SETITEMS": lambda machine, _: machine.set_items(machine.since_mark()),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), lambda machine, at: machine.memo.update({at: machine.stack[-1]})),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda machine, at: machine.push(machine.memo[at])),
    "MEMOIZE": _memoize,
    "GLOBAL": lambda machine, text: machine.name(*text.split(" ", 1)),
    "STACK_GLOBAL": _stack_name,
    "REDUCE": lambda machine, _: machine.call(),
    "BUILD": lambda machine, _: machine.build(),
    "BINPERSID": lambda machine, _: machine.storage(),
}


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))
