"""Random numbers that depend on the row and not on the worker that handles it.

Transforms of this package draw from `rng()`. A user's function may draw from NumPy's or Python's global generator:
`RowFunction` notices that on the first row, and from then on seeds those for every row and puts the caller's streams
back afterwards.
"""
from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

_MASK = 2**64 - 1


class _Current(threading.local):
    key: int | None = None              # stands for the step and the row being handled; None outside pipelines
    generator: random.Random | None = None
    seeded = False                      # whether `generator` was seeded for this row already


current = _Current()


def mix(*parts: int) -> int:
    """One well-mixed 64-bit integer from several (Steele, Lea and Flood 2014, the finaliser of SplitMix64)."""
    z = 0
    for part in parts:
        z = (z + part + 0x9E3779B97F4A7C15) & _MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        z ^= z >> 31
    return z


def rng() -> Any:
    """The generator a transform draws from: that of the current row, or Python's global one outside a pipeline."""
    key = current.key
    if key is None:
        return random
    if current.generator is None:
        current.generator = random.Random()
    if not current.seeded:
        current.generator.seed(key)
        current.seeded = True
    return current.generator


def numpy_rng() -> np.random.Generator:
    """A NumPy generator seeded from `rng()`, for draws of whole arrays."""
    return np.random.default_rng(rng().getrandbits(64))


def global_state() -> tuple[Any, ...]:
    """What NumPy's and Python's global generators will draw next, in a form that can be compared."""
    name, words, position, *rest = np.random.get_state()
    return name, words.tobytes(), position, *rest, random.getstate()


class RowFunction:
    """A function of rows, called so that its random numbers depend on the row alone.

    Args:
        function: Called with the arguments of one row.
        seed: The seed of this step of the pipeline.
        isolate: None to find out on the first row whether `function` draws from a global generator, and to seed those
            for every row if so; False to leave them alone; True (in a worker process) to seed them always.
        on_global_draws: Called once when the first row shows that `function` draws globally.

    Examples:
        >>> from mycelium.dataset.row_random import RowFunction
        >>> draw = RowFunction(lambda: np.random.randint(100), seed=7)
        >>> draw(0, ()) == draw(0, ()), draw(0, ()) == draw(1, ())
        (True, False)
    """

    def __init__(self, function: Callable[..., Any], seed: int, isolate: bool | None = None,
                 on_global_draws: Callable[[], None] = lambda: None) -> None:
        self.function = function
        self.seed = seed
        self.isolate = isolate
        self.on_global_draws = on_global_draws
        self._numpy = np.random.MT19937(0)

    def __call__(self, row: int, arguments: tuple[Any, ...]) -> Any:
        current.key, current.seeded = self.seed + row, False
        try:
            if self.isolate is False:
                return self.function(*arguments)
            return self._isolated(self.seed + row, arguments)
        finally:
            current.key = None

    def _isolated(self, key: int, arguments: tuple[Any, ...]) -> Any:
        callers_numpy, callers_python = np.random.get_bit_generator(), random.getstate()
        np.random.set_bit_generator(self._numpy)
        try:
            np.random.seed(key & 0xFFFFFFFF)
            random.seed(key)
            if self.isolate:
                return self.function(*arguments)
            before = global_state()
            result = self.function(*arguments)
            self.isolate = global_state() != before
            if self.isolate:
                self.on_global_draws()
            return result
        finally:
            np.random.set_bit_generator(callers_numpy)
            random.setstate(callers_python)
