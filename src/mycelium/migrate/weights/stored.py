"""What a file of weights is to the rest: named arrays, read one at a time, and words about what else it holds."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np

from mycelium.migrate.weights.layout import Shape

CHUNK = 8 << 20


class WeightsError(ValueError):
    """A file of weights cannot be read, written or converted; the message says which, why, and what to do."""


@dataclass(frozen=True)
class Stored:
    """An array in a file: what is known without reading it, and how to read it.

    Attributes:
        name: Its name, with dots between the parts of the path.
        shape: Its shape.
        dtype: Its dtype as NumPy has it; bfloat16 and the 8-bit floats are those of ml_dtypes.
        load: Reads it. The array belongs to the caller and nobody keeps it.
        kind: The class of the layer, where the file says so.
    """

    name: str
    shape: Shape
    dtype: np.dtype
    load: Callable[[], np.ndarray]
    kind: str = ""

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize

    def named(self, name: str) -> Stored:
        """The same array under another name."""
        return replace(self, name=name)


@dataclass
class Weights:
    """An open file of weights.

    Attributes:
        path: The file.
        style: Whose names it has: "torch", "mindspore" or "keras".
        values: Its arrays by name, in the order of the file.
        others: What it holds beside them, by name, in words.
        notes: What a reader should know about how it was read.
    """

    path: str
    style: str
    values: dict[str, Stored]
    others: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def shapes(self) -> dict[str, Shape]:
        """Name to shape."""
        return {name: value.shape for name, value in self.values.items()}

    @property
    def nbytes(self) -> int:
        """Size of all arrays in bytes."""
        return sum(value.nbytes for value in self.values.values())


def style_of(names: Sequence[str]) -> str:
    """Whose names these are, where the kind of file does not say it: MindSpore's where any name is, else PyTorch's."""
    leaves = {name.rpartition(".")[2] for name in names}
    return "mindspore" if leaves & {"gamma", "beta", "moving_mean", "moving_variance", "embedding_table"} else "torch"


def read_exactly(file: BinaryIO, array: np.ndarray, what: str) -> None:
    """Fills an array of bytes from a file, piece by piece.

    Raises:
        WeightsError: The file ends too early.
    """
    view = array.reshape(-1).view(np.uint8).data
    at = 0
    while at < len(view):
        got = file.readinto(view[at:at + CHUNK])      # type: ignore[attr-defined]
        if not got:
            raise WeightsError(f"it is truncated: {what} ends after {at} of {len(view)} bytes")
        at += got


def empty(shape: Shape, dtype: np.dtype, what: str) -> np.ndarray:
    """A new array, or a clear word that it is too large.

    Raises:
        WeightsError: There is no such array, or no memory for it.
    """
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        raise WeightsError(f"{what} with shape {shape} and dtype {dtype} does not fit ({error})") from None
