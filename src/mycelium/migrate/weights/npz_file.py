"""NumPy's .npz: a zip of .npy files, each with its CRC-32. Pickled objects in it are refused."""
from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

import numpy as np

from mycelium.migrate.weights.stored import CHUNK, Stored, Weights, WeightsError, empty, read_exactly, style_of


@contextlib.contextmanager
def opened(path: str) -> Iterator[Weights]:
    """The arrays in an .npz file.

    Raises:
        WeightsError: The file is damaged or holds Python objects.
    """
    with zipfile.ZipFile(path) as archive:
        values = {}
        for entry in archive.infolist():
            if entry.filename.endswith(".npy"):
                value = _stored(archive, entry)
                values[value.name] = value
        others = {name: "a file that is no array" for name in archive.namelist() if not name.endswith(".npy")}
        yield Weights(path, style_of(list(values)), values, others)


def _stored(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Stored:
    name = entry.filename.removesuffix(".npy")
    with archive.open(entry) as source:
        shape, fortran, dtype, start = _head(cast(BinaryIO, source), name)
    size = int(np.prod(shape, dtype=object)) * dtype.itemsize
    if start + size != entry.file_size:
        raise WeightsError(f"it is damaged: {name!r} has {entry.file_size - start} bytes and should have {size}")

    def load() -> np.ndarray:
        array = empty(shape[::-1] if fortran else shape, dtype, repr(name))
        with archive.open(entry) as source:
            source.read(start)
            read_exactly(cast(BinaryIO, source), array, repr(name))
            source.read(1)          # at the end of an entry its CRC is checked
        array = array.T if fortran else array
        return array.astype(dtype.newbyteorder("="), copy=False)

    return Stored(name.replace("/", "."), shape, dtype.newbyteorder("="), load)


def _head(source: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    try:
        version = np.lib.format.read_magic(source)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(source)
    except ValueError as error:
        raise WeightsError(f"it is damaged: {name!r} is no .npy file ({error})") from None
    if dtype.hasobject:
        raise WeightsError(f"{name!r} holds Python objects in a pickle, which is never run here. Save it as an array "
                           "of numbers")
    if dtype.kind not in "biufc":
        raise WeightsError(f"{name!r} has dtype {dtype}, which is no number (NumPy has no bfloat16 of its own). Save "
                           "it as float32")
    return shape, fortran, dtype, source.tell()


def write(sink: BinaryIO, values: Sequence[Stored]) -> None:
    """Writes the format.

    Raises:
        WeightsError: A dtype that NumPy's files do not know.
    """
    for value in values:
        if value.dtype.type.__module__ != "numpy":
            raise WeightsError(f"an .npz file has no type for {value.name!r} of dtype {value.dtype}; convert it with "
                               "--dtype float32, or write .safetensors")
    with zipfile.ZipFile(sink, "w") as archive:
        for value in values:
            entry = zipfile.ZipInfo(f"{value.name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            head = io.BytesIO()
            np.lib.format.write_array_header_1_0(head, {
                "descr": value.dtype.str, "fortran_order": False, "shape": value.shape})
            entry.file_size = head.tell() + value.nbytes
            with archive.open(entry, "w") as target:
                target.write(head.getvalue())
                content = np.ascontiguousarray(value.load()).reshape(-1).view(np.uint8).data
                for at in range(0, len(content), CHUNK):
                    target.write(content[at:at + CHUNK])
