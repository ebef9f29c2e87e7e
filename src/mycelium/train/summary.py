"""SummaryRecord: the event files of a training that MindInsight reads, and TensorBoard's readers can frame.

The file is a row of records: the length of the content (8 bytes, little-endian), a checksum of those 8 bytes, the
content, a checksum of the content. A checksum is CRC-32C, masked as in TFRecord files. The content is a protobuf
message:

    Event      1: double wall_time    2: int64 step    3: version    5: Summary
    Summary    1: repeated Value
    Value      1: tag                 3: float scalar_value
"""
from __future__ import annotations

import os
import platform
import struct
import time
from typing import Any

from mycelium.core.context import logger
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.tensor import Tensor

_VERSION = b"MindSpore.Event:1"
_PLUGINS = ("train_lineage", "eval_lineage", "custom_lineage_data", "dataset_graph", "scalar", "image", "tensor",
            "histogram", "graph", "explainer", "landscape")
_MODES = ("train", "eval")


def _table() -> list[int]:
    rows = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        rows.append(i)
    return rows


_CRC = _table()


def _checksum(content: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(key: int, content: bytes) -> bytes:
    """A field that holds bytes, a text or a message."""
    return bytes([key << 3 | 2]) + _varint(len(content)) + content


def event(wall_time: float, step: int | None = None, scalars: dict[str, float] | None = None) -> bytes:
    """One record of the file: the version, or the scalars of a step."""
    content = b"\x09" + struct.pack("<d", wall_time)
    if step is None:
        content += _message(3, _VERSION)
    else:
        values = [_message(1, _message(1, tag.encode()) + b"\x1d" + struct.pack("<f", value))
                  for tag, value in (scalars or {}).items()]
        content += b"\x10" + _varint(step) + _message(5, b"".join(values))
    length = struct.pack("<Q", len(content))
    return length + _checksum(length) + content + _checksum(content)


class SummaryRecord:
    """Writes the scalars of a training into a file that MindInsight shows.

    Args:
        log_dir: The folder of the file; made when it is not there.
        file_prefix: Beginning of the file's name.
        file_suffix: End of the file's name.
        num_process: Accepted: the file is written by this process.
        network: Accepted: graphs are not written.
        max_file_size: Bytes after which nothing more is written, with a warning; None for no limit.
        raise_exception: Raise OSError when the disk fails, instead of a warning.
        export_options: Accepted: Tensors are not exported.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `max_file_size` is not positive.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, ms.SummaryRecord(folder) as record:
        ...     record.add_value("scalar", "loss", Tensor(0.5))
        ...     record.record(1)
        True

    MindSpore r1.8 `mindspore.SummaryRecord`.
    """

    def __init__(self, log_dir: str, file_prefix: str = "events", file_suffix: str = "_MS", num_process: int = 32,
                 network: Any = None, max_file_size: int | None = None, raise_exception: bool = False,
                 export_options: dict | None = None):
        name = "SummaryRecord"
        self._log_dir = os.path.realpath(check_type(name, "log_dir", log_dir, str))
        prefix, suffix = (check_type(name, n, v, str) for n, v in (("file_prefix", file_prefix),
                                                                   ("file_suffix", file_suffix)))
        if max_file_size is not None:
            check_int(name, "max_file_size", max_file_size, 1)
        self._limit = max_file_size
        self._raises = check_type(name, "raise_exception", raise_exception, bool)
        os.makedirs(self._log_dir, exist_ok=True)
        now = time.time()
        self.full_file_name = os.path.join(
            self._log_dir, f"{prefix}.out.events.summary.{int(now)}.0.{platform.node()}{suffix}")
        self._values: dict[str, float] = {}
        self._file: Any = open(self.full_file_name, "ab")
        self._write(event(now))

    def __enter__(self) -> SummaryRecord:
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    @property
    def log_dir(self) -> str:
        """The full path of the file."""
        return self.full_file_name

    def set_mode(self, mode: str) -> None:
        """Accepted: says whether what follows belongs to "train" or "eval", which MindSpore uses for graphs."""
        if mode not in _MODES:
            raise ValueError(f"For 'SummaryRecord.set_mode', 'mode' should be 'train' or 'eval', but got {mode!r}.")

    def add_value(self, plugin: str, name: str, value: Any) -> None:
        """Keeps a value for the next `record`.

        Args:
            plugin: "scalar"; the others that r1.8 has are not written yet.
            name: What MindInsight calls it.
            value: Tensor of one element.

        Raises:
            NotImplementedError: `plugin` is one of r1.8's that is not written here.
            TypeError: `value` is no Tensor.
            ValueError: `plugin` is unknown, `name` is no string or empty, or `value` has several elements.
        """
        owner = "SummaryRecord.add_value"
        if plugin not in _PLUGINS:
            raise ValueError(f"For '{owner}', 'plugin' should be one of {list(_PLUGINS)}, but got {plugin!r}.")
        if plugin != "scalar":
            raise NotImplementedError(f"For '{owner}', plugin {plugin!r} exists in MindSpore r1.8 but is not "
                                      "implemented by Mycelium yet; 'scalar' is.")
        if not isinstance(name, str) or not name:
            raise ValueError(f"For '{owner}', 'name' should be a str that is not empty, but got {describe(name)}.")
        if not isinstance(value, Tensor):
            raise TypeError(f"For '{owner}', 'value' of plugin 'scalar' should be a Tensor, but got {describe(value)}.")
        if value.size != 1:
            raise ValueError(f"For '{owner}', 'value' of plugin 'scalar' should have one element, but got shape "
                             f"{value.shape}.")
        self._values[name] = float(value.asnumpy().reshape(()))

    def record(self, step: int, train_network: Any = None, plugin_filter: Any = None) -> bool:
        """Writes the values that were added since the last call.

        Args:
            step: The step they belong to.
            train_network: Accepted: graphs are not written.
            plugin_filter: Function from the name of a plugin to whether its values are written; None for all.

        Returns:
            bool, whether the file took them.

        Raises:
            TypeError: `step` is no int.
        """
        check_type("SummaryRecord.record", "step", step, int)
        values, self._values = self._values, {}
        if not values or (plugin_filter is not None and not plugin_filter("scalar")):
            return True
        return self._write(event(time.time(), step, values))

    def _write(self, content: bytes) -> bool:
        if self._file is None:
            return False
        if self._limit is not None and self._file.tell() + len(content) > self._limit:
            logger.warning("SummaryRecord stops: %s would grow past max_file_size=%d bytes.", self.full_file_name,
                           self._limit)
            self.close()
            return False
        try:
            self._file.write(content)
        except OSError as error:
            if self._raises:
                raise
            logger.warning("SummaryRecord could not write %s: %s", self.full_file_name, error)
            return False
        return True

    def flush(self) -> None:
        """Hands what was recorded to the file system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file; what is recorded afterwards is dropped."""
        if self._file is not None:
            self._file.close()
            self._file = None
