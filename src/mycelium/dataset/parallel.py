"""How the function of a step is called for its rows: in the pipeline's own thread, in threads, or in processes."""
from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mycelium.dataset import config
from mycelium.dataset.node import Run
from mycelium.dataset.row_random import RowFunction, current
from mycelium.dataset.workers import ChunkFunction, Pool, ProcessPool, ThreadPool, failure_text, ordered

logger = logging.getLogger("mycelium")

_TRIAL_ROWS, _WORTH_A_THREAD = 4, 3e-4      # seconds a row has to take before threads pay off by themselves


@dataclass
class Workers:
    """What a step's arguments ask for.

    Attributes:
        count: `num_parallel_workers`; None where the program leaves it open.
        processes: `python_multiprocessing`.
        user_code: Whether the function is the program's own, which may draw from the global random generators.
    """

    count: int | None = None
    processes: bool = False
    user_code: bool = True


class RowWork:
    """Calls `function` for every row of one step, the same way for any number of workers.

    Args:
        run: The iteration it belongs to.
        function: Called with the arguments of a row.
        what: What the function is in error messages.
        workers: How many, and of which kind.
    """

    def __init__(self, run: Run, function: Callable[..., Any], what: str, workers: Workers) -> None:
        self._run = run
        self._function = function
        self._what = what
        self._workers = workers
        self._seed = run.node_seed()
        self._epoch = 0
        self._count = workers.count or config.get_num_parallel_workers()
        self._inline = RowFunction(function, self._seed, None if run.seeded and workers.user_code else False,
                                   run.keep_in_step)
        self._pool: Pool | None = None
        self._processes = workers.processes

    def results(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """The results for the rows of one epoch, in order."""
        numbered = enumerate(rows, self._epoch << 40)
        self._epoch += 1
        if not (self._run.inline or self._run.lockstep):
            if self._pool is None and self._processes:
                self._start_processes()
            if self._pool is None and not self._processes and (self._workers.count is None or self._count > 1):
                yield from self._try_threads(numbered)
            if self._pool is not None:
                yield from ordered(self._pool, self._count, numbered)
                return
        for number, arguments in numbered:
            yield self._call(number, arguments)
            if self._inline.isolate is False:
                break
        # What `_call` does, without its overhead: most rows pass here.
        function, seed = self._function, self._seed
        for number, arguments in numbered:
            current.key, current.seeded = seed + number, False
            try:
                result = function(*arguments)
            except Exception as error:
                raise RuntimeError(failure_text(self._what, error)) from error
            finally:
                current.key = None
            yield result

    def _call(self, number: int, arguments: tuple[Any, ...]) -> Any:
        try:
            return self._inline(number, arguments)
        except Exception as error:
            raise RuntimeError(failure_text(self._what, error)) from error

    def _keep(self, pool: Pool) -> None:
        self._pool = pool
        self._run.on_close(pool.close)

    def _start_processes(self) -> None:
        seeding = RowFunction(self._function, self._seed, isolate=True)
        try:
            self._keep(ProcessPool(self._count, ChunkFunction(seeding, self._what)))
        except TypeError as error:
            self._processes = False
            logger.warning("%s runs in threads instead of worker processes: %s.", self._what,
                           error)

    def _try_threads(self, numbered: Iterator[tuple[int, Any]]) -> Iterator[Any]:
        """Handles the first rows here, and starts threads when they are asked for or worth it."""
        asked = self._workers.count is not None
        if not asked and (self._workers.user_code or (os.cpu_count() or 1) < 2):
            return
        spent = done = 0
        for number, arguments in numbered:
            start = time.perf_counter()
            result = self._call(number, arguments)
            spent += time.perf_counter() - start
            done += 1
            yield result
            if asked or done == _TRIAL_ROWS:
                break
        if not self._inline.isolate and (asked or spent > done * _WORTH_A_THREAD):
            plain = RowFunction(self._function, self._seed, isolate=False)
            self._keep(ThreadPool(self._count, ChunkFunction(plain, self._what)))

