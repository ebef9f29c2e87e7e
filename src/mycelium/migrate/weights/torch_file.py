"""PyTorch's files: a zip of a pickle and raw storages (since PyTorch 1.6), or, older, everything in one stream.

    NAME/data.pkl       the values, where tensors are views of storages      NAME/byteorder   "little" or "big"
    NAME/data/0, 1...   the storages' bytes, each with its CRC-32            NAME/version     "3"

The older stream holds five pickles (a magic number, a version, facts about the system, the values, the storages' keys)
and then, for each key, a 64-bit count of elements and their bytes. It has no checksums.
"""
from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from mycelium.migrate.weights import pickles
from mycelium.migrate.weights.pickles import STORAGES, Storage, TensorIn
from mycelium.migrate.weights.stored import Stored, Weights, WeightsError, empty, read_exactly

STATE_KEYS = ("state_dict", "model_state_dict", "model_state", "model", "module", "net", "network", "params", "weights")
_LEGACY_MAGIC = 0x1950a86a20f9469cfc6c
_NAMES = {np.dtype(kind): name for name, kind in STORAGES.items() if name != "UntypedStorage"}
_MOST_PICKLE = 1 << 28      # beside the storages there are names and shapes only
_ALIGNMENT = 64         # of the storages in the file, so that they can be mapped into memory
_Read = Callable[[Storage, bool], np.ndarray]


# ***** reading *****

@contextlib.contextmanager
def opened(path: str, part: str | None = None) -> Iterator[Weights]:
    """The weights in a .pth or .pt file, read without running anything.

    Args:
        path: The file.
        part: Which entry of the saved dict holds the weights. Default: the likeliest.

    Raises:
        WeightsError: The file is damaged, or holds something else than weights.
    """
    with open(path, "rb") as file:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                yield _weights(path, *_from_zip(archive), part)
        else:
            file.seek(0)
            yield _weights(path, *_from_stream(file), part)


def _from_zip(archive: zipfile.ZipFile) -> tuple[Any, Callable[[Storage], np.ndarray]]:
    names = archive.namelist()
    values = [name for name in names if name == "data.pkl" or name.endswith("/data.pkl")]
    if len(values) != 1:
        raise WeightsError("it is a zip file, but not one of PyTorch's: there is no data.pkl in it")
    if archive.getinfo(values[0]).file_size > _MOST_PICKLE:
        raise WeightsError(f"its data.pkl has {archive.getinfo(values[0]).file_size} bytes, too many for weights")
    folder = values[0].removesuffix("data.pkl")
    if folder + "constants.pkl" in names:
        raise WeightsError("it is a TorchScript program. Save its weights alone: torch.save(module.state_dict(), path)")
    order = archive.read(folder + "byteorder") if folder + "byteorder" in names else b"little"
    if order not in (b"little", b"big"):
        raise WeightsError(f"it has the unknown byte order {order!r}")

    def read(storage: Storage) -> np.ndarray:
        name = f"{folder}data/{storage.key}"
        try:
            entry = archive.getinfo(name)
        except KeyError:
            raise WeightsError(f"it is damaged: the storage {name!r} is missing") from None
        size = storage.size * storage.dtype.itemsize
        if entry.file_size != size:
            raise WeightsError(f"it is damaged: {name!r} has {entry.file_size} bytes and should have {size}")
        array = empty((size,), np.dtype(np.uint8), name)
        with archive.open(entry) as source:
            read_exactly(source, array, name)      # type: ignore[arg-type]
            source.read(1)                         # at the end of an entry its CRC is checked
        array = array.view(storage.dtype)
        return array if order == b"little" else array.byteswap(inplace=True)

    return pickles.read(io.BytesIO(archive.read(values[0]))), read


def _from_stream(file: BinaryIO) -> tuple[Any, Callable[[Storage], np.ndarray]]:
    if file.read(1) not in (b"\x80", b"c", b"(", b"}", b"]"):      # how pickles begin
        raise WeightsError("it is no file of PyTorch's (neither a zip nor a pickle), or it is truncated")
    file.seek(0)
    if pickles.read(file) != _LEGACY_MAGIC:
        raise WeightsError("it is a pickle, but not one of PyTorch's")
    pickles.read(file)
    system = pickles.read(file)
    value = pickles.read(file)
    keys = pickles.read(file)
    used = {storage.key: storage for storage in _storages(value)}
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise WeightsError("it is damaged: it has no list of storages")
    if isinstance(system, dict) and system.get("little_endian") is False:
        raise WeightsError("it was written on a big-endian machine in PyTorch's old format. Save it with a newer one")
    places: dict[str, int] = {}
    end = file.seek(0, io.SEEK_CUR)
    size = file.seek(0, io.SEEK_END)
    for key in keys:
        file.seek(end)
        head = file.read(8)
        storage = used.get(key)
        if storage is None or len(head) < 8 or struct.unpack("<q", head)[0] != storage.size:
            raise WeightsError(f"it is truncated or damaged: the storage {key!r} does not begin where it should")
        places[key] = end + 8
        end += 8 + storage.size * storage.dtype.itemsize
        if end > size:
            raise WeightsError(f"it is truncated: the storage {key!r} ends at byte {end}, the file at {size}")
    if missing := set(used) - set(places):
        raise WeightsError(f"it is damaged: the storage {min(missing)!r} is missing")

    def read(storage: Storage) -> np.ndarray:
        array = empty((storage.size,), storage.dtype, f"storage {storage.key}")
        file.seek(places[storage.key])
        read_exactly(file, array, f"the storage {storage.key!r}")
        return array

    return value, read


def _storages(value: Any) -> Iterator[Storage]:
    for _, found in _walk(value):
        if isinstance(found, TensorIn):
            yield found.storage


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Everything in nested dicts and lists, with dotted names; a container that appears twice is walked once."""
    seen: set[int] = set()
    todo = [("", value)]
    while todo:
        name, value = todo.pop()
        if isinstance(value, (dict, list, tuple)):
            if id(value) not in seen:
                seen.add(id(value))
                items = value.items() if isinstance(value, dict) else enumerate(value)
                todo += reversed([(f"{name}.{key}" if name else str(key), item) for key, item in items])
        else:
            yield name, value


def _weights(path: str, value: Any, read: _Read, part: str | None) -> Weights:
    if isinstance(value, TensorIn):
        value = {"tensor": value}
    if not isinstance(value, dict):
        raise WeightsError(f"it holds a {type(value).__name__}, not weights with names")
    key, chosen = _part(value, part)
    tensors = {name: found for name, found in _walk(chosen) if isinstance(found, TensorIn)}
    others = {name: _described(found) for name, found in _walk(chosen) if not isinstance(found, TensorIn)}
    if key:
        for name, beside in value.items():
            if name != key:
                count = sum(isinstance(found, TensorIn) for _, found in _walk(beside))
                others[str(name)] = f"{count} tensors" if count else _described(beside)
    read = _keeping_shared(read)
    values = {name: _stored(name, tensor, read) for name, tensor in tensors.items()}
    return Weights(path, "torch", values, others, [f"the weights are those under {key!r}"] if key else [])


def _described(value: Any) -> str:
    kind = type(value).__name__
    return f"{kind} of {len(value)}" if isinstance(value, (dict, list, tuple, set)) else f"{kind} {value!r}"[:60]


def _part(value: dict[Any, Any], part: str | None) -> tuple[str, Any]:
    """The key and the entry that hold the weights; the key is "" where the whole value does."""
    if part is not None:
        if part not in value:
            raise WeightsError(f"it has no part {part!r}; its parts are {', '.join(map(str, value))}")
        return part, value[part]
    if not any(isinstance(found, TensorIn) for found in value.values()):
        for key in STATE_KEYS:
            inside = value.get(key)
            if isinstance(inside, dict) and any(isinstance(found, TensorIn) for _, found in _walk(inside)):
                deeper, chosen = _part(inside, None)
                return key, chosen if deeper else inside
    return "", value


def _keeping_shared(read: Callable[[Storage], np.ndarray]) -> _Read:
    """Reads storages, and keeps the last one that was read for a part of it."""
    kept: dict[str, np.ndarray] = {}

    def read_part(storage: Storage, is_whole: bool) -> np.ndarray:
        if storage.key in kept:
            return kept[storage.key]
        kept.clear()
        array = read(storage)
        if not is_whole:
            kept[storage.key] = array
        return array

    return read_part


def _stored(name: str, tensor: TensorIn, read: _Read) -> Stored:
    return Stored(name, tensor.shape, tensor.dtype, lambda: _load(tensor, read))


def _load(tensor: TensorIn, read: _Read) -> np.ndarray:
    count = int(np.prod(tensor.shape, dtype=object))
    if not count:
        return np.empty(tensor.shape, tensor.dtype)
    whole = count * tensor.dtype.itemsize == tensor.storage.size * tensor.storage.dtype.itemsize
    flat = read(tensor.storage, whole).view(tensor.dtype)[tensor.offset:]
    steps = tuple(step * tensor.dtype.itemsize for step in tensor.strides)
    view = np.lib.stride_tricks.as_strided(flat, tensor.shape, steps)
    return view if whole and view.flags.c_contiguous else view.copy()


# ***** writing *****

def write(sink: BinaryIO, values: Sequence[Stored]) -> None:
    """Writes a zip that `torch.load` reads, also with weights_only=True: a dict of tensors, one storage each.

    Raises:
        WeightsError: A dtype that this format has no name for.
    """
    for value in values:
        if value.dtype not in _NAMES:
            raise WeightsError(f"a .pth file has no plain type for {value.name!r} of dtype {value.dtype}; "
                               "convert it with --dtype float32")
    with zipfile.ZipFile(sink, "w") as archive:
        _write_entry(archive, "archive/data.pkl", _pickle(values))
        _write_entry(archive, "archive/byteorder", b"little")
        for i, value in enumerate(values):
            entry = zipfile.ZipInfo(f"archive/data/{i}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.file_size = value.nbytes
            start = sink.tell() + zipfile.sizeFileHeader + len(entry.filename) + 4
            if entry.file_size * 1.05 > zipfile.ZIP64_LIMIT:
                start += 20         # the field with 64-bit sizes, which zipfile adds under the same condition
            padding = -start % _ALIGNMENT
            entry.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            with archive.open(entry, "w") as target:
                target.write(np.ascontiguousarray(value.load()).reshape(-1).view(np.uint8).data)
        _write_entry(archive, "archive/version", b"3\n")


def _write_entry(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), content)


def _pickle(values: Sequence[Stored]) -> bytes:
    """A pickle of protocol 2 that builds a dict of tensors."""
    parts = [b"\x80\x02}("]
    for i, value in enumerate(values):
        strides = [int(np.prod(value.shape[axis + 1:], dtype=object)) for axis in range(len(value.shape))]
        count = int(np.prod(value.shape, dtype=object))
        storage = b"(" + _text("storage") + f"ctorch\n{_NAMES[value.dtype]}\n".encode() + _text(str(i)) + \
            _text("cpu") + _int(count) + b"tQ"
        parts += [_text(value.name), b"ctorch._utils\n_rebuild_tensor_v2\n(", storage, _int(0), _ints(value.shape),
                  _ints(strides), b"\x89ccollections\nOrderedDict\n)RtR"]
    return b"".join([*parts, b"u."])


def _text(text: str) -> bytes:
    content = text.encode()
    return b"X" + struct.pack("<I", len(content)) + content


def _int(number: int) -> bytes:
    return b"J" + struct.pack("<i", number) if number < 1 << 31 else b"\x8a\x08" + struct.pack("<q", number)


def _ints(numbers: Sequence[int]) -> bytes:
    return b"(" + b"".join(map(_int, numbers)) + b"t"
