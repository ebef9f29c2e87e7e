"""What a worker process runs, and the channel it talks over.

Started by file name in a fresh interpreter, never forked: a fork would copy the locks of the parent's threads (JAX has
many) without the threads that release them. Nothing here imports this package, so that a worker stays free of JAX.
"""
from __future__ import annotations

import mmap
import os
import pickle
import signal
import socket
import struct
import sys
import threading
import traceback
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any

_COUNT = struct.Struct("<I")
_IN_BAND = 1 << 12      # smaller buffers ride inside the pickle


class Channel:
    """Sends and receives picklable objects over a socket; large arrays are written and read without another copy."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock

    def send(self, message: Any) -> None:
        """Sends one object."""
        self.send_parts(*dump(message))

    def send_parts(self, data: bytes, buffers: list[memoryview]) -> None:
        """Sends what `dump` returned."""
        sizes = [len(data), *(b.nbytes for b in buffers)]
        head = struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes)
        self.socket.sendall(head + data)
        for buffer in buffers:
            self.socket.sendall(buffer)

    def receive(self) -> Any:
        """The next object; EOFError when the other side is gone."""
        count, = _COUNT.unpack(self._read(_COUNT.size))
        sizes = struct.unpack(f"<{count}Q", self._read(8 * count))
        data = self._read(sum(sizes))
        parts, start = [], 0
        for size in sizes:
            parts.append(data[start:start + size])
            start += size
        return pickle.loads(parts[0], buffers=parts[1:])

    def _read(self, size: int) -> memoryview:
        view = memoryview(bytearray(size))
        done = 0
        while done < size:
            got = self.socket.recv_into(view[done:])
            if not got:
                raise EOFError("the other side of the channel is gone")
            done += got
        return view


def dump(message: Any) -> tuple[bytes, list[memoryview]]:
    """The pickle of `message`, and its large buffers aside."""
    buffers: list[memoryview] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < _IN_BAND:
            return True
        buffers.append(raw)
        return False

    return pickle.dumps(message, 5, buffer_callback=keep), buffers


def _exit_with_parent(lifeline: int) -> None:
    """Ends this process, whatever it is doing, when the parent's end of the pipe closes."""
    os.read(lifeline, 1)
    os._exit(1)


def _load(channel: Channel, setup: dict[str, Any]) -> Any:
    """The object to call. Its large arrays lie in a file that all workers map, copied only where they are written."""
    buffers: list[memoryview] = []
    if setup["sizes"]:
        _, descriptors, _, _ = socket.recv_fds(channel.socket, 1, 1)
        mapped = memoryview(mmap.mmap(descriptors[0], 0, access=mmap.ACCESS_COPY))
        os.close(descriptors[0])
        buffers = [mapped[start:start + size] for start, size in setup["sizes"]]
    return pickle.loads(setup["pickle"], buffers=buffers)


def _stay_light(package: str, path: list[str]) -> None:
    """Lets modules below `package` be imported without running its `__init__`, until a name of that is asked for."""
    class Package(ModuleType):
        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            self.__class__ = ModuleType
            self.__spec__.loader.exec_module(self)
            return getattr(self, name)

    stub = Package(package)
    stub.__path__ = path
    stub.__file__ = os.path.join(path[0], "__init__.py")
    stub.__spec__ = spec_from_file_location(package, stub.__file__, submodule_search_locations=path)
    sys.modules[package] = stub


def _answer(function: Any, task: Any) -> tuple[bytes, list[memoryview]]:
    try:
        return dump((True, function(task)))
    except Exception as error:
        return dump((False, (type(error).__name__, str(error), traceback.format_exc())))


def serve(sock: socket.socket) -> None:
    """Answers tasks until told to stop: ("load", setup), ("call", task), ("forget", None)."""
    channel = Channel(sock)
    function = None
    while True:
        kind, content = channel.receive()
        if kind == "load":
            try:
                function = _load(channel, content)
                answer = dump((True, None))
            except Exception as error:
                answer = dump((False, (type(error).__name__, str(error), traceback.format_exc())))
        elif kind == "call":
            answer = _answer(function, content)
        else:
            function = None
            answer = dump((True, None))
        channel.send_parts(*answer)
        del content, answer


def main() -> None:
    """Entry point: file descriptors of the socket and of the lifeline are the arguments."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)    # Ctrl-C is for the parent, which then ends its workers
    sock = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=_exit_with_parent, args=(int(sys.argv[2]),), daemon=True).start()
    hello = Channel(sock).receive()
    sys.path[:] = hello["path"]
    sys.argv[:] = hello["argv"]
    _stay_light(hello["package"], hello["package_path"])
    try:
        serve(sock)
    except (EOFError, ConnectionError):
        pass    # the parent has closed the channel: nothing is left to do


if __name__ == "__main__":
    main()
