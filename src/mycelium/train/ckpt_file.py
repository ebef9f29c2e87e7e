"""MindSpore's checkpoint file: named arrays and texts in protobuf records, read with distrust and written atomically.

The file is one protobuf message with a single repeated field, so it is a row of records, each holding one named value
(or one slice of it):

    Checkpoint   1: repeated Value
    Value        1: tag, the name            2: Tensor
    Tensor       1: repeated int64 dims      2: tensor_type, such as "Float32"    3: tensor_content, little-endian

A 0-d array has dims [0] and the bytes of one element, an empty one has dims [0] and none. A text has the type "str",
dims [0] and UTF-32 content. An array above 512 MiB is cut into consecutive records that repeat name, dims and type.
The wire format is read and written here, not by protobuf: its messages end at 2 GiB and hold their content in memory,
while a checkpoint should take no more than the array at hand.
"""
from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.train import encryption
from mycelium.train.replacing import OWNER_READS, replacing

Value = np.ndarray | str

_SLICE_BYTES = 512 << 20
_RECORD_KEY = b"\x0a"       # field 1, length-delimited
_TEXT = "str"
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5       # protobuf's wire types
_DTYPES = {t.name: t.np_dtype for t in mstype.all_types}
_INVALID = "it is damaged or not a MindSpore checkpoint (a record is not valid protobuf)"


# ***** writing *****

def write_file(path: str, values: Mapping[str, Value] | Iterable[tuple[str, Value]], key: bytes | None = None,
               mode: str = "AES-GCM") -> None:
    """Writes a checkpoint file; whatever interrupts it, `path` holds either the old file or the whole new one.

    Args:
        path: The file; it ends up readable by its owner only, as MindSpore leaves it.
        values: Name to array or text, in the order of the file. Pairs may be made one at a time: none is kept.
        key: Encrypts the file when given.
        mode: "AES-GCM" or "AES-CBC".

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path, OWNER_READS) as sink:
        writer = sink if key is None else encryption.EncryptingWriter(sink, key, mode)
        for name, value in values.items() if isinstance(values, Mapping) else values:
            _write_value(writer, name, value)
            del value       # before the next one is made
        if isinstance(writer, encryption.EncryptingWriter):
            writer.finish()


def _write_value(writer: BinaryIO | encryption.EncryptingWriter, name: str, value: Value) -> None:
    for head, content in _records_of(name, value):
        writer.write(head)
        writer.write(content)


def _records_of(name: str, value: Value) -> Iterator[tuple[bytes, bytes | memoryview]]:
    if isinstance(value, str):
        content = (value or "\0").encode("utf-32-le")
        yield _head(name, [0], _TEXT, len(content)), content
        return
    flat = np.ascontiguousarray(value).reshape(-1)
    for part in np.array_split(flat, max(1, math.ceil(flat.nbytes / _SLICE_BYTES))):
        yield (_head(name, value.shape or [0], mstype.from_numpy_dtype(value.dtype).name, part.nbytes),
               part.view(np.uint8).data)


def _head(name: str, dims: Iterable[int], type_name: str, size: int) -> bytes:
    """A record up to where its content of `size` bytes follows."""
    tensor = b"".join(b"\x08" + _varint(n) for n in dims) + _delimited(2, type_name.encode()) + b"\x1a" + _varint(size)
    value = _delimited(1, name.encode()) + b"\x12" + _varint(len(tensor) + size) + tensor
    return _RECORD_KEY + _varint(len(value) + size) + value


def _delimited(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _LENGTH]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


# ***** reading *****

def read_file(path: str, key: bytes | None = None, mode: str = "AES-GCM") -> dict[str, Value]:
    """Everything in a checkpoint file, by name. Nothing is returned unless the whole file is sound.

    Args:
        path: The file.
        key: The key, for an encrypted file.
        mode: "AES-GCM" or "AES-CBC".

    Raises:
        ValueError: The file cannot be read, is no checkpoint, is damaged, or needs another key.
    """
    try:
        with open(path, "rb") as file:
            if key is not None:
                plain = io.BytesIO(encryption.decrypt(file.read(), key, mode))
                return {entry.tag: entry.read(plain) for entry in scan(plain)}
            return {entry.tag: entry.read(file) for entry in scan(file)}
    except (OSError, ValueError) as error:
        raise ValueError(f"Cannot load the checkpoint file {path}: {error}.") from error


@dataclass
class Entry:
    """A named value of a file, and where its bytes are."""

    tag: str
    dims: tuple[int, ...]
    type_name: str
    parts: list[tuple[int, int]] = field(default_factory=list)      # offset and length of each slice
    size: int = 0

    def add(self, offset: int, length: int) -> None:
        """Appends a slice."""
        self.parts.append((offset, length))
        self.size += length

    @property
    def is_text(self) -> bool:
        """Whether the value is a text."""
        return self.type_name == _TEXT

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the array."""
        return np.dtype(_DTYPES[self.type_name])

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return () if self.dims == (0,) and self.size else self.dims

    @property
    def expected(self) -> int:
        """How many bytes dims and type ask for."""
        return self.size if self.is_text else math.prod(self.shape) * self.dtype.itemsize

    def read(self, file: BinaryIO) -> Value:
        """The value, read from the file in which it was found.

        Raises:
            ValueError: Its bytes are no such value.
        """
        content = np.empty(self.size, np.uint8)
        at = 0
        for offset, length in self.parts:
            file.seek(offset)
            if file.readinto(content[at:at + length].data) != length:      # type: ignore[attr-defined]
                raise ValueError(f"it is truncated: {self.tag!r} ends too early")
            at += length
        try:
            if self.is_text:
                return content.tobytes().decode("utf-32-le").rstrip("\0")
            flat = content.astype(bool) if self.dtype == np.bool_ else content.view(self.dtype)
            return flat.reshape(self.shape)
        except ValueError as error:
            raise ValueError(f"{self.tag!r} cannot be read ({error})") from error


def scan(file: BinaryIO) -> list[Entry]:
    """What a checkpoint file holds, in its order; contents are passed over, everything else is checked.

    Args:
        file: The file, or its bytes, from their beginning.

    Raises:
        ValueError: It is no checkpoint, is encrypted, or is damaged.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if encryption.is_encrypted(file.read(4)):
        raise ValueError("it is encrypted; pass its 'dec_key' (and 'dec_mode')")
    file.seek(0)
    found: dict[str, Entry] = {}
    entry: Entry | None = None
    for new in _slices(file, size):
        if entry is None or entry.tag != new.tag:
            _check_complete(entry)
            if new.tag in found:
                raise ValueError(f"the name {new.tag!r} appears twice")
            entry = new
        elif (entry.dims, entry.type_name) != (new.dims, new.type_name):
            raise ValueError(f"the slices of {new.tag!r} disagree about its shape or type")
        else:
            entry.add(*new.parts[0])
        if entry.size > entry.expected:
            raise ValueError(f"{entry.tag!r} holds {entry.size} bytes, but dims {list(entry.dims)} of type "
                             f"{entry.type_name} need {entry.expected}")
        if entry.size == entry.expected:
            found[entry.tag] = entry
            entry = None
    _check_complete(entry)
    return list(found.values())


def _check_complete(entry: Entry | None) -> None:
    if entry is not None:
        raise ValueError(f"{entry.tag!r} is cut short: it holds {entry.size} of {entry.expected} bytes")


def _slices(file: BinaryIO, size: int) -> Iterator[Entry]:
    """Every record of the file, as an Entry with one slice."""
    while key := file.read(1):
        if key != _RECORD_KEY:
            raise ValueError(f"it is not a MindSpore checkpoint (byte {file.tell() - 1} does not begin a record)")
        length = _read_varint(file, "it is truncated or damaged (a record has no valid length)")
        left = size - file.tell()
        if length > left:
            raise ValueError(f"it is truncated or not a MindSpore checkpoint (a record of {length} bytes begins where "
                             f"{left} are left)")
        end = file.tell() + length
        yield _slice(file, end)
        file.seek(end)


def _slice(file: BinaryIO, end: int) -> Entry:
    value = {number: place for number, place in _fields(file, end) if isinstance(place, tuple)}
    tensor: dict[int, tuple[int, int]] = {}
    dims: list[int] = []
    if 2 in value:
        file.seek(value[2][0])
        for number, place in _fields(file, sum(value[2])):
            if number == 1:
                dims += [place] if isinstance(place, int) else _packed(file, *place)
            elif isinstance(place, tuple):
                tensor[number] = place
    if 1 not in value or 2 not in tensor or 3 not in tensor:
        raise ValueError("it is not a MindSpore checkpoint (a record lacks a name, a type or content)")
    try:
        tag, type_name = (_bytes_at(file, *place).decode() for place in (value[1], tensor[2]))
    except UnicodeDecodeError:
        raise ValueError("it is damaged or not a MindSpore checkpoint (a name is not UTF-8)") from None
    signed = tuple(n - (1 << 64) if n >> 63 else n for n in dims)
    if type_name not in _DTYPES and type_name != _TEXT:
        raise ValueError(f"{tag!r} has the unknown type {type_name!r}; known are {', '.join([*_DTYPES, _TEXT])}")
    if any(n < 0 for n in signed):
        raise ValueError(f"{tag!r} has the impossible dims {list(signed)}")
    entry = Entry(tag, signed, type_name)
    entry.add(*tensor[3])
    return entry


def _fields(file: BinaryIO, end: int) -> Iterator[tuple[int, int | tuple[int, int]]]:
    """The fields of a message that ends at `end`: number and value, or offset and length of what has a length."""
    while file.tell() < end:
        number, wire_type = divmod(_read_varint(file, _INVALID), 8)
        if wire_type == _VARINT:
            yield number, _read_varint(file, _INVALID)
            continue
        if wire_type not in (_FIXED64, _LENGTH, _FIXED32):
            raise ValueError(_INVALID)
        length = _read_varint(file, _INVALID) if wire_type == _LENGTH else 8 if wire_type == _FIXED64 else 4
        start = file.tell()
        if start + length > end:
            raise ValueError(_INVALID)
        yield number, (start, length)
        file.seek(start + length)
    if file.tell() != end:
        raise ValueError(_INVALID)


def _packed(file: BinaryIO, start: int, length: int) -> list[int]:
    file.seek(start)
    found = []
    while file.tell() < start + length:
        found.append(_read_varint(file, _INVALID))
    return found


def _bytes_at(file: BinaryIO, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _read_varint(file: BinaryIO, complaint: str) -> int:
    number = shift = 0
    while True:
        byte = file.read(1)
        if not byte or shift > 63:
            raise ValueError(complaint)
        number |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return number
