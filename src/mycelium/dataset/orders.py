"""Random orders, bit for bit those of MindSpore r1.8 for the same seed.

MindSpore's C++ draws from the standard Mersenne Twisters and C++ library functions; the few that matter are restated
here from their definitions and from observed orders (Matsumoto and Nishimura 1998; ISO C++ [rand.eng.mers]).
"""
from __future__ import annotations

import numpy as np

_WORD = 2**32


class Twister32:
    """`std::mt19937`: a stream of 32-bit words.

    Args:
        seed: 0 to 4294967295.

    Examples:
        >>> from mycelium.dataset.orders import Twister32
        >>> Twister32(5489).below(6)
        4
    """

    def __init__(self, seed: int) -> None:
        self._state = np.random.RandomState(seed)
        self._words: list[int] = []
        self._next = 0

    def words(self, count: int) -> np.ndarray:
        """The next `count` words as a uint32 array; not to be mixed with the scalar draws below."""
        return np.frombuffer(self._state.bytes(4 * count), "<u4")

    def word(self) -> int:
        """The next word."""
        if self._next == len(self._words):
            self._words, self._next = self.words(1024).tolist(), 0
        self._next += 1
        return self._words[self._next - 1]

    def below(self, limit: int) -> int:
        """A uniform integer in [0, limit): scale down, and draw again what falls beyond the last full bucket."""
        scale = (_WORD - 1) // limit
        end = limit * scale
        while (word := self.word()) >= end:
            pass
        return word // scale

    def shuffle(self, items: list) -> None:
        """Shuffles in place, two swaps for one word while both fit in it."""
        n = len(items)
        if n * n > _WORD - 1:
            for i in range(1, n):
                j = self.below(i + 1)
                items[i], items[j] = items[j], items[i]
            return
        i = 1
        if n and n % 2 == 0:
            j = self.below(2)
            items[1], items[j] = items[j], items[1]
            i = 2
        while i < n:
            first, second = divmod(self.below((i + 1) * (i + 2)), i + 2)
            items[i], items[first] = items[first], items[i]
            items[i + 1], items[second] = items[second], items[i + 1]
            i += 2

    def uniform(self, count: int) -> np.ndarray:
        """`count` doubles in [0, 1), two words each."""
        words = self.words(2 * count).astype(np.float64)
        return (words[0::2] + words[1::2] * _WORD) / float(_WORD) ** 2


class Twister64:
    """`std::mt19937_64`: a stream of 64-bit words, which NumPy does not have.

    Args:
        seed: 0 to 2**64 - 1.

    Examples:
        >>> from mycelium.dataset.orders import Twister64
        >>> Twister64(5489).word()
        14514284786278117030
    """

    _N, _M = 312, 156

    def __init__(self, seed: int) -> None:
        state = [seed]
        for i in range(1, self._N):
            state.append((6364136223846793005 * (state[-1] ^ (state[-1] >> 62)) + i) % 2**64)
        self._state = np.array(state, np.uint64)
        self._words: list[int] = []
        self._next = 0

    def word(self) -> int:
        """The next word."""
        if self._next == len(self._words):
            self._words, self._next = self._refill().tolist(), 0
        self._next += 1
        return self._words[self._next - 1]

    def _refill(self) -> np.ndarray:
        old, m = self._state, self._M
        joined = (old & np.uint64(0xFFFFFFFF80000000)) | (np.roll(old, -1) & np.uint64(0x7FFFFFFF))
        new = np.empty_like(old)
        new[:m] = old[m:] ^ _twist(joined[:m])
        joined[-1] = (old[-1] & np.uint64(0xFFFFFFFF80000000)) | (new[0] & np.uint64(0x7FFFFFFF))
        new[m:] = new[:m] ^ _twist(joined[m:])
        self._state = new
        words = new ^ ((new >> np.uint64(29)) & np.uint64(0x5555555555555555))
        words = words ^ ((words << np.uint64(17)) & np.uint64(0x71D67FFFEDA60000))
        words = words ^ ((words << np.uint64(37)) & np.uint64(0xFFF7EEE000000000))
        return words ^ (words >> np.uint64(43))


def _twist(x: np.ndarray) -> np.ndarray:
    return (x >> np.uint64(1)) ^ np.where(x & np.uint64(1), np.uint64(0xB5026F5AA96619E9), np.uint64(0))


def weighted_with_replacement(weights: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` indices, each drawn with probability proportional to its weight."""
    cumulative = np.cumsum(weights / weights.sum())
    cumulative[-1] = 1.0    # rounding must not leave room above the last index
    return np.searchsorted(cumulative, Twister32(seed).uniform(count), side="left")


def weighted_without_replacement(weights: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` distinct indices: the smallest of exponential draws divided by the weights (Efraimidis and Spirakis)."""
    draws = -np.log(1.0 - Twister32(seed).uniform(len(weights)))
    with np.errstate(divide="ignore"):
        return np.argsort(draws / weights, kind="stable")[:count]
