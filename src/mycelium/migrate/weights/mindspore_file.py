"""MindSpore's .ckpt as a file of weights; the format itself is `mycelium.train.ckpt_file`."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.migrate.weights.stored import Stored, Weights, WeightsError
from mycelium.train import ckpt_file

_KNOWN = {np.dtype(kind.np_dtype) for kind in mstype.all_types}


@contextlib.contextmanager
def opened(path: str) -> Iterator[Weights]:
    """The arrays in a .ckpt file.

    Raises:
        ValueError: The file is damaged or encrypted.
    """
    with open(path, "rb") as file:
        entries = ckpt_file.scan(file)

        def stored(entry: ckpt_file.Entry) -> Stored:
            return Stored(entry.tag, entry.shape, entry.dtype, lambda: np.asarray(entry.read(file)))

        values = {entry.tag: stored(entry) for entry in entries if not entry.is_text}
        others = {entry.tag: f"text {entry.read(file)!r}"[:60] for entry in entries if entry.is_text}
        yield Weights(path, "mindspore", values, others)


def write(path: str, values: Sequence[Stored]) -> None:
    """Writes the format, all or nothing.

    Raises:
        WeightsError: A dtype that MindSpore does not have.
    """
    for value in values:
        if value.dtype not in _KNOWN:
            raise WeightsError(f"a .ckpt file has no type for {value.name!r} of dtype {value.dtype}; convert it with "
                               "--dtype float32")
    ckpt_file.write_file(path, ((value.name, value.load()) for value in values))
