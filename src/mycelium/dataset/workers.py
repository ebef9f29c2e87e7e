"""Threads and processes that run a step's function on chunks of rows, with results in order.

A pool is a few daemon threads that take chunks from a queue. In a `ThreadPool` they call the function themselves; in a
`ProcessPool` each passes its chunks to a process of its own, one at a time, so neither side can block the other.
"""
from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

import cloudpickle

from mycelium.dataset import config
from mycelium.dataset.worker_main import Channel

logger = logging.getLogger("mycelium")

_PACKAGE = Path(__file__).parents[1]
_WORKER = str(Path(__file__).with_name("worker_main.py"))
_SHARED_FROM = 1 << 16      # arrays of this many bytes are shared between workers instead of copied to each
_PAGE = 4096
_CHUNK_SECONDS, _CHUNK_ROWS = 0.002, 64
# One thread per worker is enough: the workers themselves are the parallelism. And no worker may claim an accelerator.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def failure_text(what: str, error: BaseException) -> str:
    """What the parent says when a function raised `error`: its message, and the frames of the user's code."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(str(_PACKAGE))]
    text = f"{what} failed. {type(error).__name__}: {error}"
    if frames:
        text += "\nTraceback (most recent call last):\n" + "".join(traceback.format_list(frames)).rstrip()
    return text


class ChunkFunction:
    """Applies a function of one row to a chunk of (row number, arguments) and keeps what came before a failure.

    Args:
        function: Called with the row number and the tuple of arguments.
        what: What it is in error messages, for example "An operation of map".
    """

    def __init__(self, function: Callable[[int, Any], Any], what: str) -> None:
        self.function = function
        self.what = what

    def __call__(self, chunk: list[tuple[int, Any]]) -> tuple[list[Any], str | None, float]:
        results: list[Any] = []
        start = time.perf_counter()
        try:
            for number, arguments in chunk:
                results.append(self.function(number, arguments))
        except Exception as error:
            return results, failure_text(self.what, error), 0.0
        return results, None, time.perf_counter() - start


# ***** pools *****


class Pool:
    """Daemon threads that call `self._call(slot, chunk)` for chunks from a queue."""

    def __init__(self, count: int) -> None:
        self._tasks: queue.SimpleQueue = queue.SimpleQueue()
        self._count = count
        self._closed = False
        self._submitting = threading.Lock()
        for slot in range(count):
            threading.Thread(target=self._work, args=(slot,), name=f"dataset-worker-{slot}", daemon=True).start()

    def submit(self, chunk: Any) -> Future:
        """Queues one chunk; RuntimeError after `close`."""
        future: Future = Future()
        with self._submitting:
            if self._closed:
                raise RuntimeError("the iteration over the dataset has ended")
            self._tasks.put((future, chunk))
        return future

    def _work(self, slot: int) -> None:
        while (task := self._tasks.get()) is not None:
            future, chunk = task
            if future.set_running_or_notify_cancel():
                try:
                    if self._closed:
                        raise RuntimeError("the iteration over the dataset has ended")
                    future.set_result(self._call(slot, chunk))
                except BaseException as error:
                    future.set_exception(error)
            del task, future, chunk

    def _call(self, slot: int, chunk: Any) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        """Ends the threads; chunks still queued fail."""
        with self._submitting:
            if not self._closed:
                self._closed = True
                for _ in range(self._count):
                    self._tasks.put(None)


class ThreadPool(Pool):
    """Workers that are threads of this process."""

    def __init__(self, count: int, function: Callable[[Any], Any]) -> None:
        self._function = function
        super().__init__(count)

    def _call(self, slot: int, chunk: Any) -> Any:
        return self._function(chunk)


class ProcessPool(Pool):
    """Workers that are processes; `function` is sent to them once.

    Raises:
        TypeError: `function` holds something that cannot be sent to another process.
    """

    def __init__(self, count: int, function: Callable[[Any], Any]) -> None:
        payload = _Payload(function)
        self._workers: list[_Worker] = []
        try:
            self._workers += [_Worker.get() for _ in range(count)]
            for worker in self._workers:
                worker.load(payload)
            for worker in self._workers:
                worker.answer()
        except BaseException:
            for worker in self._workers:
                worker.kill()
            raise
        finally:
            payload.close()
        super().__init__(count)

    def _call(self, slot: int, chunk: Any) -> Any:
        return self._workers[slot].call("call", chunk)

    def close(self) -> None:
        """Ends the threads, keeps idle processes for the next pool, and ends the busy ones."""
        if not self._closed:
            super().close()
            for worker in self._workers:
                worker.put_back()


class _Payload:
    """A pickled function; its large arrays in an unnamed file that every worker maps."""

    def __init__(self, function: Any) -> None:
        buffers: list[memoryview] = []

        def keep(buffer: Any) -> bool:
            raw = buffer.raw()
            if raw.nbytes < _SHARED_FROM:
                return True
            buffers.append(raw)
            return False

        try:
            data = cloudpickle.dumps(function, 5, buffer_callback=keep)
        except Exception as error:
            raise TypeError(f"it cannot be sent to a worker process: {error}") from error
        self.file: int | None = None
        sizes, start = [], 0
        if buffers:
            self.file = _unnamed_file()
            for buffer in buffers:
                sizes.append((start, buffer.nbytes))
                _write_at(self.file, buffer, start)
                start += -(-buffer.nbytes // _PAGE) * _PAGE
        self.setup = {"pickle": data, "sizes": sizes}

    def close(self) -> None:
        """Gives the file back; the workers keep their mappings."""
        if self.file is not None:
            os.close(self.file)
            self.file = None


def _unnamed_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("mycelium-dataset")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write_at(file: int, buffer: memoryview, start: int) -> None:
    view = buffer.cast("B")
    while view:
        done = os.pwrite(file, view, start)
        view, start = view[done:], start + done


# ***** processes *****

_idle: list[_Worker] = []
_alive: set[_Worker] = set()    # all that were not ended
_lock = threading.Lock()


class _Worker:
    """One process, and the channel to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        watched, self._lifeline = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", _WORKER, str(theirs.fileno()), str(watched)], stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), watched), env={**_ENVIRONMENT, **os.environ, "JAX_PLATFORMS": "cpu"})
        finally:
            theirs.close()
            os.close(watched)
        self._socket = ours
        self._channel = Channel(ours)
        self._busy = threading.Lock()
        self._channel.send({"path": sys.path, "argv": sys.argv, "package": _PACKAGE.name,
                            "package_path": [str(_PACKAGE)]})
        _alive.add(self)

    @classmethod
    def get(cls) -> _Worker:
        """An idle process, or a new one."""
        with _lock:
            while _idle:
                worker = _idle.pop()
                if worker.process.poll() is None:
                    return worker
                worker.kill()
        return cls()

    def load(self, payload: _Payload) -> None:
        """Sends the function; `answer` tells whether it arrived."""
        self._channel.send(("load", payload.setup))
        if payload.file is not None:
            socket.send_fds(self._socket, [b"f"], [payload.file])

    def answer(self) -> Any:
        """The answer to what was sent last."""
        try:
            good, content = self._channel.receive()
        except (EOFError, ConnectionError) as error:
            self.process.wait()
            raise RuntimeError(f"A worker process of the dataset died with exit code {self.process.returncode} (a "
                               "negative code is a signal: -9 is often lack of memory, -11 a crash in native code)."
                               ) from error
        if not good:
            kind, message, trace = content
            raise RuntimeError(f"A worker process of the dataset failed. {kind}: {message}\n{trace}")
        return content

    def call(self, kind: str, content: Any) -> Any:
        """Sends one message and returns the answer."""
        with self._busy:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):    # `answer` says what happened
                self._channel.send((kind, content))
            return self.answer()

    def put_back(self) -> None:
        """Keeps the process for later when it is idle, else ends it."""
        if not self._busy.acquire(blocking=False):
            self.kill()
            return
        try:
            self._channel.send(("forget", None))
            self.answer()
        except (OSError, RuntimeError):
            self.kill()
            return
        finally:
            self._busy.release()
        with _lock:
            if len(_idle) < (os.cpu_count() or 1):
                _idle.append(self)
                return
        self.kill()

    def kill(self) -> None:
        """Ends the process and reaps it."""
        _alive.discard(self)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self._socket.close()
        if self._lifeline is not None:
            os.close(self._lifeline)
            self._lifeline = None


@atexit.register
def end_workers() -> None:
    """Ends every worker process."""
    for worker in list(_alive):
        worker.kill()
    _idle.clear()


# ***** order *****


def ordered(pool: Pool, count: int, rows: Iterable[tuple[int, Any]]) -> Iterator[Any]:
    """The results for `rows`, in order, with `2 * count` chunks under way.

    Chunks grow until one takes a few milliseconds, so that cheap rows are not dominated by the passing around.
    """
    pending: deque[Future] = deque()
    source, size, failure, done = iter(rows), 1, None, False
    try:
        while True:
            while not done and len(pending) < 2 * count:
                chunk = []
                while len(chunk) < size and not done:
                    try:
                        chunk.append(next(source))
                    except StopIteration:
                        done = True
                    except Exception as error:  # comes after the rows before it
                        done, failure = True, error
                if chunk:
                    pending.append(pool.submit(chunk))
            if not pending:
                if failure is not None:
                    raise failure
                return
            results, error, seconds = _wait(pending[0])
            pending.popleft()
            yield from results
            if error is not None:
                raise RuntimeError(error)
            if seconds < _CHUNK_SECONDS and len(results) == size:
                size = min(2 * size, _CHUNK_ROWS)
    finally:
        for future in pending:
            future.cancel()


def _wait(future: Future) -> Any:
    interval = config.get_multiprocessing_timeout_interval()
    while True:
        try:
            return future.result(interval)
        except FutureTimeout:
            if future.done():
                raise
            logger.warning("A dataset worker has been busy with one chunk of rows for more than %d s; waiting on. "
                           "(dataset.config.set_multiprocessing_timeout_interval changes the interval.)", interval)
