"""Encrypted checkpoint files: MindSpore's blocks of AES-GCM or AES-CBC around the bytes of a plain file.

A file is a row of blocks, each holding at most 64 MiB of plain text. All numbers are 32-bit little-endian:

    AES-GCM   magic, tag (16 bytes), size of the rest, length of iv, iv, length of cipher text, cipher text
    AES-CBC   magic,                 size of the rest, length of iv, iv, length of cipher text, cipher text (PKCS#7)
"""
from __future__ import annotations

import functools
import importlib
import os
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from mycelium.core.errors import nearest

MAGIC = {"AES-GCM": 0x7F3A5ED8, "AES-CBC": 0x7F3A5ED9}
_BLOCK_BYTES = 64 << 20
_IV_BYTES, _TAG_BYTES = 16, 16
_GCM_NONCE_BYTES = 12       # MindSpore stores 16 bytes of iv and hands AES-GCM the first 12


@functools.cache
def _ciphers() -> Any:
    """The parts of `cryptography`, imported at the first use: few programs encrypt and the import costs time."""
    path = "cryptography.hazmat.primitives"
    try:
        return (importlib.import_module(f"{path}.ciphers"), importlib.import_module(f"{path}.ciphers.aead"),
                importlib.import_module(f"{path}.padding"), importlib.import_module("cryptography.exceptions"))
    except ImportError as error:
        raise RuntimeError("Encrypted checkpoints need the package 'cryptography': pip install cryptography") from error


def check_key(owner: str, prefix: str, key: Any, mode: Any) -> None:
    """Checks the arguments `enc_key`/`dec_key` (key) and `enc_mode`/`dec_mode` (mode).

    Raises:
        ValueError: The key is not None or bytes of length 16, 24 or 32, or the mode is unknown.
    """
    if key is not None and not isinstance(key, bytes):
        raise ValueError(f"For '{owner}', '{prefix}_key' should be None or bytes, but got {type(key).__name__}.")
    if not isinstance(mode, str):
        raise ValueError(f"For '{owner}', '{prefix}_mode' should be a str, but got {type(mode).__name__}.")
    if key is None:
        return
    if mode not in MAGIC:
        raise ValueError(f"For '{owner}', '{prefix}_mode' should be one of {list(MAGIC)}, but got {mode!r}"
                         f"{nearest(mode, MAGIC) or '.'}")
    if len(key) not in (16, 24, 32):
        raise ValueError(f"For '{owner}', '{prefix}_key' should have 16, 24 or 32 bytes, but got {len(key)}.")


class EncryptingWriter:
    """A binary sink that encrypts what is written to it and passes blocks on to `sink`; `finish` writes the rest."""

    def __init__(self, sink: BinaryIO, key: bytes, mode: str):
        self._sink, self._key, self._mode = sink, key, mode
        self._pending = bytearray()

    def write(self, data: bytes) -> None:
        """Takes plain bytes."""
        self._pending += data
        while len(self._pending) >= _BLOCK_BYTES:
            self._emit(bytes(self._pending[:_BLOCK_BYTES]))
            del self._pending[:_BLOCK_BYTES]

    def finish(self) -> None:
        """Writes the last, shorter block."""
        if self._pending:
            self._emit(bytes(self._pending))
            self._pending.clear()

    def _emit(self, plain: bytes) -> None:
        ciphers, aead, padding, _ = _ciphers()
        iv = os.urandom(_IV_BYTES)
        if self._mode == "AES-GCM":
            sealed = aead.AESGCM(self._key).encrypt(iv[:_GCM_NONCE_BYTES], plain, None)
            text, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
        else:
            padder = padding.PKCS7(128).padder()
            cipher = ciphers.Cipher(ciphers.algorithms.AES(self._key), ciphers.modes.CBC(iv)).encryptor()
            text = cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()
            tag = b""
        self._sink.write(struct.pack("<I", MAGIC[self._mode]) + tag)
        self._sink.write(struct.pack("<ii", 8 + len(iv) + len(text), len(iv)) + iv + struct.pack("<i", len(text)))
        self._sink.write(text)


def is_encrypted(head: bytes) -> bool:
    """Whether a file beginning with these bytes is an encrypted checkpoint."""
    return len(head) >= 4 and struct.unpack_from("<I", head)[0] in MAGIC.values()


def decrypt(data: bytes, key: bytes, mode: str) -> bytes:
    """The plain bytes of an encrypted file.

    Raises:
        ValueError: The file is not encrypted with this mode, is damaged, or the key is wrong.
    """
    return b"".join(_plain_blocks(memoryview(data), key, mode))


def _plain_blocks(data: memoryview, key: bytes, mode: str) -> Iterator[bytes]:
    ciphers, aead, padding, exceptions = _ciphers()
    tag_bytes = _TAG_BYTES if mode == "AES-GCM" else 0
    at = 0
    while at < len(data):
        try:
            if struct.unpack_from("<I", data, at)[0] != MAGIC[mode]:
                raise ValueError(f"it is not encrypted with {mode}")
            tag = bytes(data[at + 4:at + 4 + tag_bytes])
            size, iv_bytes = struct.unpack_from("<ii", data, at + 4 + tag_bytes)
            at += 12 + tag_bytes
            iv = bytes(data[at:at + iv_bytes])
            text_bytes, = struct.unpack_from("<i", data, at + iv_bytes)
            text = bytes(data[at + iv_bytes + 4:at + iv_bytes + 4 + text_bytes])
        except struct.error:
            raise ValueError("it ends in the middle of an encrypted block") from None
        if iv_bytes != _IV_BYTES or size != 8 + iv_bytes + text_bytes or len(text) != text_bytes:
            raise ValueError("an encrypted block has a wrong length")
        at += 4 + iv_bytes + text_bytes
        try:
            if mode == "AES-GCM":
                yield aead.AESGCM(key).decrypt(iv[:_GCM_NONCE_BYTES], text + tag, None)
            else:
                cipher = ciphers.Cipher(ciphers.algorithms.AES(key), ciphers.modes.CBC(iv)).decryptor()
                unpadder = padding.PKCS7(128).unpadder()
                yield unpadder.update(cipher.update(text) + cipher.finalize()) + unpadder.finalize()
        except (exceptions.InvalidTag, ValueError):
            raise ValueError("it cannot be decrypted: the key is wrong or the file was changed") from None
