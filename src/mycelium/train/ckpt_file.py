"""MindSpore's checkpoint file: named arrays and texts in protobuf records, read with distrust and written atomically.

The file is one protobuf message with a single repeated field, so it is a row of records, each holding one named value
(or one slice of it):

    Checkpoint   1: repeated Value
    Value        1: tag, the name            2: Tensor
    Tensor       1: repeated int64 dims      2: tensor_type, such as "Float32"    3: tensor_content, little-endian

A 0-d array has dims [0] and the bytes of one element, an empty one has dims [0] and none. A text has the type "str",
dims [0] and UTF-32 content. An array above 512 MiB is cut into consecutive records that repeat name, dims and type.
The records are framed here and not by protobuf, whose messages end at 2 GiB.
"""
from __future__ import annotations

import contextlib
import functools
import importlib
import io
import math
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import BinaryIO

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.train import encryption

Value = np.ndarray | str

_SLICE_BYTES = 512 << 20
_RECORD_KEY = b"\x0a"       # field 1, length-delimited
_TEXT = "str"
_BYTES, _INT64, _MESSAGE = 12, 3, 11            # protobuf's numbers for field types
_OPTIONAL, _REPEATED = 1, 3                     # and for field labels
_DTYPES = {t.name: t.np_dtype for t in mstype.all_types}


@functools.cache
def _messages() -> SimpleNamespace:
    """The message class `Value` and protobuf's DecodeError; protobuf is imported at the first use, to import fast."""
    pb2, pool, factory, message = (importlib.import_module(f"google.protobuf.{name}") for name in (
        "descriptor_pb2", "descriptor_pool", "message_factory", "message"))
    file = pb2.FileDescriptorProto(name="mycelium_checkpoint.proto", package="mycelium.checkpoint", syntax="proto2")
    tensor, value = file.message_type.add(name="Tensor"), file.message_type.add(name="Value")
    tensor.field.add(name="dims", number=1, type=_INT64, label=_REPEATED)
    # names are declared as bytes: the wire format is the same, and decoding them strictly is our business
    tensor.field.add(name="tensor_type", number=2, type=_BYTES, label=_OPTIONAL)
    tensor.field.add(name="tensor_content", number=3, type=_BYTES, label=_OPTIONAL)
    value.field.add(name="tag", number=1, type=_BYTES, label=_OPTIONAL)
    value.field.add(name="tensor", number=2, type=_MESSAGE, label=_OPTIONAL, type_name=".mycelium.checkpoint.Tensor")
    known = pool.DescriptorPool()
    known.Add(file)
    return SimpleNamespace(Value=factory.GetMessageClass(known.FindMessageTypeByName("mycelium.checkpoint.Value")),
                           DecodeError=message.DecodeError)


# ***** writing *****

def write_file(path: str, values: Mapping[str, Value], key: bytes | None = None, mode: str = "AES-GCM") -> None:
    """Writes a checkpoint file; whatever interrupts it, `path` holds either the old file or the whole new one.

    Args:
        path: The file; it ends up readable by its owner only, as MindSpore leaves it.
        values: Name to array or text, in the order of the file.
        key: Encrypts the file when given.
        mode: "AES-GCM" or "AES-CBC".

    Raises:
        OSError: The file cannot be written.
    """
    with _replacing(path) as sink:
        writer = sink if key is None else encryption.EncryptingWriter(sink, key, mode)
        for name, value in values.items():
            for record in _records_of(name, value):
                writer.write(_RECORD_KEY + _varint(len(record)))
                writer.write(record)
        if isinstance(writer, encryption.EncryptingWriter):
            writer.finish()


@contextlib.contextmanager
def _replacing(path: str) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well, and disappears otherwise."""
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"Cannot save the checkpoint file {path}: the directory {folder} does not exist.")
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:100]}.", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        os.chmod(temporary, stat.S_IRUSR)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    if hasattr(os, "O_DIRECTORY"):      # makes the new name itself survive a crash, where the system can
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _records_of(name: str, value: Value) -> Iterator[bytes]:
    if isinstance(value, str):
        yield _record(name, [0], _TEXT, (value or "\0").encode("utf-32-le"))
        return
    flat = np.ascontiguousarray(value).reshape(-1)
    for part in np.array_split(flat, max(1, math.ceil(flat.nbytes / _SLICE_BYTES))):
        yield _record(name, value.shape or [0], mstype.from_numpy_dtype(value.dtype).name, part.tobytes())


def _record(name: str, dims: Iterable[int], type_name: str, content: bytes) -> bytes:
    value = _messages().Value(tag=name.encode())
    value.tensor.dims.extend(dims)
    value.tensor.tensor_type = type_name.encode()
    value.tensor.tensor_content = content
    return value.SerializeToString()


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
            size = os.fstat(file.fileno()).st_size
            head = file.read(4)
            file.seek(0)
            if key is not None:
                plain = encryption.decrypt(file.read(), key, mode)
                return _collect(_read_records(io.BytesIO(plain), len(plain)))
            if encryption.is_encrypted(head):
                raise ValueError("it is encrypted; pass its 'dec_key' (and 'dec_mode')")
            return _collect(_read_records(file, size))
    except (OSError, ValueError) as error:
        raise ValueError(f"Cannot load the checkpoint file {path}: {error}.") from error


def _read_records(file: BinaryIO, size: int) -> Iterator[bytes]:
    while key := file.read(1):
        if key != _RECORD_KEY:
            raise ValueError(f"it is not a MindSpore checkpoint (byte {file.tell() - 1} does not begin a record)")
        length = shift = 0
        while True:
            byte = file.read(1)
            if not byte or shift > 63:
                raise ValueError("it is truncated or damaged (a record has no valid length)")
            length |= (byte[0] & 127) << shift
            shift += 7
            if byte[0] < 128:
                break
        left = size - file.tell()
        if length > left:
            raise ValueError(f"it is truncated or not a MindSpore checkpoint (a record of {length} bytes begins where "
                             f"{left} are left)")
        yield file.read(length)


@dataclass
class _Entry:
    """A named value while its slices are read."""

    tag: str
    dims: tuple[int, ...]
    type_name: str
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, content: bytes) -> None:
        self.parts.append(content)
        self.size += len(content)

    @property
    def expected(self) -> int:
        """How many bytes dims and type ask for."""
        if self.type_name == _TEXT:
            return self.size
        scalar = self.dims == (0,) and self.size > 0
        return (1 if scalar else math.prod(self.dims)) * _DTYPES[self.type_name].itemsize

    def value(self) -> Value:
        content = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        if self.type_name == _TEXT:
            return content.decode("utf-32-le").rstrip("\0")
        dtype = _DTYPES[self.type_name]
        flat = np.frombuffer(content, np.uint8).astype(bool) if dtype == np.bool_ else np.frombuffer(content, dtype)
        return flat.reshape(() if self.dims == (0,) and flat.size else self.dims)


def _collect(records: Iterable[bytes]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    entry: _Entry | None = None
    for record in records:
        new = _decode(record)
        if entry is None or entry.tag != new.tag:
            _check_complete(entry)
            if new.tag in values:
                raise ValueError(f"the name {new.tag!r} appears twice")
            entry = new
        elif (entry.dims, entry.type_name) != (new.dims, new.type_name):
            raise ValueError(f"the slices of {new.tag!r} disagree about its shape or type")
        else:
            entry.add(new.parts[0])
        if entry.size > entry.expected:
            raise ValueError(f"{entry.tag!r} holds {entry.size} bytes, but dims {list(entry.dims)} of type "
                             f"{entry.type_name} need {entry.expected}")
        if entry.size == entry.expected:
            try:
                values[entry.tag] = entry.value()
            except ValueError as error:
                raise ValueError(f"{entry.tag!r} cannot be read ({error})") from error
            entry = None
    _check_complete(entry)
    return values


def _check_complete(entry: _Entry | None) -> None:
    if entry is not None:
        raise ValueError(f"{entry.tag!r} is cut short: it holds {entry.size} of {entry.expected} bytes")


def _decode(record: bytes) -> _Entry:
    messages = _messages()
    try:
        value = messages.Value.FromString(record)
    except messages.DecodeError:
        raise ValueError("it is damaged or not a MindSpore checkpoint (a record is not valid protobuf)") from None
    tensor = value.tensor
    if not (value.HasField("tag") and tensor.HasField("tensor_type") and tensor.HasField("tensor_content")):
        raise ValueError("it is not a MindSpore checkpoint (a record lacks a name, a type or content)")
    try:
        tag, type_name = value.tag.decode(), tensor.tensor_type.decode()
    except UnicodeDecodeError:
        raise ValueError("it is damaged or not a MindSpore checkpoint (a name is not UTF-8)") from None
    dims = tuple(tensor.dims)
    if type_name not in _DTYPES and type_name != _TEXT:
        raise ValueError(f"{tag!r} has the unknown type {type_name!r}; known are {', '.join([*_DTYPES, _TEXT])}")
    if any(n < 0 for n in dims):
        raise ValueError(f"{tag!r} has the impossible dims {list(dims)}")
    entry = _Entry(tag, dims, type_name)
    entry.add(tensor.tensor_content)
    return entry
