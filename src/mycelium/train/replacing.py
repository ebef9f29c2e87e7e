"""A file that appears whole or not at all: it is written beside its place and moved there when it is complete."""
from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

OWNER_READS = stat.S_IRUSR


@contextlib.contextmanager
def replacing(path: str, mode: int | None = None) -> Iterator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends well, and disappears otherwise.

    Args:
        path: The file; a link is followed. Its directory must exist.
        mode: The permission bits it ends up with. Default: those that any new file gets.

    Raises:
        OSError: The file cannot be written.
    """
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"Cannot save the file {path}: the directory {folder} does not exist.")
    handle, temporary = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:100]}.", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(handle, "w+b") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        os.chmod(temporary, _usual_mode() if mode is None else mode)
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


def _usual_mode() -> int:
    mask = os.umask(0)      # it can only be read by setting it
    os.umask(mask)
    return 0o666 & ~mask
