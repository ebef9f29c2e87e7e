"""The .safetensors format: the length of a header, the header in JSON, then the arrays' bytes one after the other."""
from __future__ import annotations

import contextlib
import json
import os
import struct
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import ml_dtypes
import numpy as np

from mycelium.migrate.weights.stored import Stored, Weights, WeightsError, empty, read_exactly, style_of

_DTYPES = {
    "F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": ml_dtypes.bfloat16, "I64": np.int64,
    "I32": np.int32, "I16": np.int16, "I8": np.int8, "U64": np.uint64, "U32": np.uint32, "U16": np.uint16,
    "U8": np.uint8, "BOOL": np.bool_, "F8_E4M3": ml_dtypes.float8_e4m3fn, "F8_E5M2": ml_dtypes.float8_e5m2,
    "C64": np.complex64,
}
_NAMES = {np.dtype(kind): name for name, kind in _DTYPES.items()}
_MOST_HEADER = 100 << 20


@contextlib.contextmanager
def opened(path: str) -> Iterator[Weights]:
    """The weights in a .safetensors file.

    Raises:
        WeightsError: The file is damaged: its offsets leave gaps, overlap, or do not end where the file ends.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        header, start = _header(file, size)
        notes = header.pop("__metadata__", {})
        found = sorted((_described(name, entry) for name, entry in header.items()), key=lambda item: item[3])
        end = 0
        for name, dtype, shape, (first, last) in found:
            if first != end or last - first != int(np.prod(shape, dtype=object)) * dtype.itemsize:
                raise WeightsError(f"it is damaged: {name!r} takes bytes {first} to {last}, which does not fit its "
                                   f"shape {shape} and dtype {dtype} after the {end} bytes before it")
            end = last
        if start + end != size:
            raise WeightsError(f"it is truncated or damaged: its arrays end at byte {start + end}, the file at {size}")
        values = {name: _stored(file, name, dtype, shape, start + place[0]) for name, dtype, shape, place in found}
        others = {name: f"text {text!r}"[:60] for name, text in notes.items()} if isinstance(notes, dict) else {}
        yield Weights(path, style_of(list(values)), values, others)


def _header(file: BinaryIO, size: int) -> tuple[dict[str, Any], int]:
    head = file.read(8)
    length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
    if not 2 <= length <= min(size - 8, _MOST_HEADER):
        raise WeightsError(f"it is no .safetensors file, or truncated: a header of {length} bytes in a file of {size}")
    try:
        header = json.loads(file.read(length).decode(), object_pairs_hook=_once)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise WeightsError(f"it is no .safetensors file, or damaged: its header is not JSON ({error})") from None
    if not isinstance(header, dict):
        raise WeightsError("it is damaged: its header is no table of arrays")
    return header, 8 + length


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise WeightsError("it is damaged: a name appears twice in its header")
    return found


def _described(name: str, entry: Any) -> tuple[str, np.dtype, tuple[int, ...], tuple[int, int]]:
    try:
        kind, shape, (first, last) = entry["dtype"], entry["shape"], entry["data_offsets"]
        good = all(type(n) is int and n >= 0 for n in (first, last, *shape)) and len(shape) <= 32
    except (TypeError, KeyError, ValueError):
        good, kind, shape, first, last = False, None, [], 0, 0
    if not good:
        raise WeightsError(f"it is damaged: the entry of {name!r} has no dtype, shape and data_offsets")
    if kind not in _DTYPES:
        raise WeightsError(f"{name!r} has the unknown dtype {kind!r}; known are {', '.join(_DTYPES)}")
    return name, np.dtype(_DTYPES[kind]), tuple(shape), (first, last)


def _stored(file: BinaryIO, name: str, dtype: np.dtype, shape: tuple[int, ...], at: int) -> Stored:
    def load() -> np.ndarray:
        array = empty(shape, dtype, repr(name))
        file.seek(at)
        read_exactly(file, array, repr(name))
        return array

    return Stored(name, shape, dtype, load)


def write(sink: BinaryIO, values: Sequence[Stored]) -> None:
    """Writes the format.

    Raises:
        WeightsError: A dtype that this format has no name for.
    """
    header, end = {}, 0
    for value in values:
        if value.dtype not in _NAMES:
            raise WeightsError(f".safetensors has no type for {value.name!r} of dtype {value.dtype}")
        header[value.name] = {"dtype": _NAMES[value.dtype], "shape": list(value.shape),
                              "data_offsets": [end, end + value.nbytes]}
        end += value.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    sink.write(struct.pack("<Q", len(text)) + text)
    for value in values:
        sink.write(np.ascontiguousarray(value.load()).reshape(-1).view(np.uint8).data)
