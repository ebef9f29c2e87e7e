"""Opening and writing any file of weights, by its suffix."""
from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from mycelium.migrate.weights import keras_file, mindspore_file, npz_file, safetensors_file, torch_file
from mycelium.migrate.weights.stored import Stored, Weights, WeightsError
from mycelium.train.replacing import replacing

READERS = {
    ".pth": torch_file.opened, ".pt": torch_file.opened, ".bin": torch_file.opened,
    ".safetensors": safetensors_file.opened, ".npz": npz_file.opened, ".ckpt": mindspore_file.opened,
    ".h5": keras_file.opened, ".keras": keras_file.opened,
}
_STREAMS = {".pth": torch_file.write, ".pt": torch_file.write, ".safetensors": safetensors_file.write,
            ".npz": npz_file.write}
# Whose names a file of this kind has; the others keep the names they are given.
STYLES = {".pth": "torch", ".pt": "torch", ".bin": "torch", ".ckpt": "mindspore", ".h5": "keras", ".keras": "keras"}


def suffix(path: str) -> str:
    """The suffix that tells what a file is.

    Raises:
        WeightsError: It is unknown.
    """
    found = os.path.splitext(path)[1].lower()
    if found not in READERS:
        raise WeightsError(f"{path}: the suffix {found!r} says nothing about weights; known are {', '.join(READERS)}")
    return found


@contextlib.contextmanager
def open_weights(path: str, part: str | None = None) -> Iterator[Weights]:
    """The weights in a file, read one at a time while the block lasts.

    Args:
        path: The file; its suffix says what it is.
        part: For PyTorch's files: which entry of the saved dict holds the weights. Default: the likeliest.

    Raises:
        WeightsError: The file is missing, damaged, or holds something else. What is read in the block is checked too.
    """
    kind = suffix(path)
    if part is not None and READERS[kind] is not torch_file.opened:
        raise WeightsError(f"{path}: only PyTorch's files have parts, but the part {part!r} is asked for")
    with contextlib.ExitStack() as stack:
        with _errors_name(path):
            weights = stack.enter_context(torch_file.opened(path, part) if part else READERS[kind](path))
        weights.values = {name: replace(value, load=_guarded(path, value)) for name, value in weights.values.items()}
        yield weights


def _guarded(path: str, value: Stored) -> Callable[[], np.ndarray]:
    def load() -> np.ndarray:
        with _errors_name(path):
            return value.load()

    return load


@contextlib.contextmanager
def _errors_name(path: str) -> Iterator[None]:
    """What goes wrong in a file that is being read becomes one clear error that names it."""
    try:
        yield
    except WeightsError as error:
        raise _about(path, error) from None
    except OSError as error:
        raise _about(path, error.strerror or f"it is damaged, or of another kind ({error})") from None
    except Exception as error:      # zipfile, zlib, numpy and h5py raise all kinds over bytes that are not theirs
        raise _about(path, f"it is truncated or damaged ({error})") from error


class _Located(WeightsError):
    """An error that names its file already."""


def _about(path: str, what: object) -> WeightsError:
    return what if isinstance(what, _Located) else _Located(f"{path}: {str(what).rstrip('.')}.")


def write_weights(path: str, values: Sequence[Stored], template: str | None = None) -> None:
    """Writes a file of weights, all or nothing.

    Args:
        path: The file; its suffix says what it becomes.
        values: The arrays, loaded one at a time.
        template: For .weights.h5: a file of the same model.

    Raises:
        WeightsError: The file cannot be written, or its kind cannot hold these arrays.
    """
    kind = suffix(path)
    try:
        if kind == ".ckpt":
            mindspore_file.write(path, values)
        elif kind == ".h5" and template is not None:
            with replacing(path) as sink:
                keras_file.write(sink, template, values)
        elif kind in _STREAMS:
            with replacing(path) as sink:
                _STREAMS[kind](sink, values)
        else:
            raise WeightsError("a .weights.h5 file can only be written after a template: --like model.weights.h5"
                               if kind == ".h5" else f"{kind} files are only read; write a .weights.h5")
    except WeightsError as error:
        raise _about(path, error) from None
    except OSError as error:
        raise _about(path, f"it cannot be written ({error.strerror or error})") from None
