"""Sliding windows: what convolution and pooling share."""
from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from jax import lax

from mycelium.core.errors import describe, nearest

Padding = list[tuple[int, int]]


class Windows(NamedTuple):
    """Where the windows of a kernel lie on x; one tuple entry for each spatial axis."""

    size: tuple[int, ...]           # of x
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    sides: tuple[tuple[int, int], ...]

    @property
    def out(self) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        return tuple([(n + sum(p) - (k - 1) * d - 1) // s + 1 for n, k, s, d, p in
                      zip(self.size, self.kernel, self.stride, self.dilation, self.sides, strict=True)])

    def taps(self) -> Iterator[tuple[int, ...]]:
        """Every position in the kernel."""
        return itertools.product(*map(range, self.kernel))

    def shifted(self, x: Any, fill: float = 0) -> list:
        """For each tap, what it meets in the windows: an array of shape (*batch and channels, *out)."""
        lead = x.ndim - len(self.size)
        keep = x.shape[:lead]
        padded = lax.pad(x, np.array(fill, x.dtype), [(0, 0, 0)] * lead + [(lo, hi, 0) for lo, hi in self.sides])
        parts = []
        for tap in self.taps():
            start = [i * d for i, d in zip(tap, self.dilation, strict=True)]
            limit = [a + (o - 1) * s + 1 for a, o, s in zip(start, self.out, self.stride, strict=True)]
            parts.append(lax.slice(padded, [0] * lead + start, [*keep, *limit], [1] * lead + list(self.stride)))
        return parts


def pad_pixels(owner: str, name: str, value: Any, axes: int) -> Padding:
    """(before, after) for each spatial axis from an int or one int for each side, in the order of the axes."""
    sides = (value,) * (2 * axes) if isinstance(value, int) else tuple(value)
    if not all(type(v) is int for v in sides):
        raise TypeError(f"For '{owner}', '{name}' should be an int or a tuple of ints, but got {describe(value)}.")
    if len(sides) != 2 * axes or min(sides) < 0:
        raise ValueError(f"For '{owner}', '{name}' should be an int or a tuple of {2 * axes} ints (before and after "
                         f"for each spatial axis), each 0 or greater, but got {value}.")
    return list(zip(sides[::2], sides[1::2], strict=True))


def lower_mode(*modes: str) -> Any:
    """An `Annotated` check of a pad mode written in any case; the result is in lower case."""
    def check(owner: str, name: str, value: str) -> str:
        if value.lower() not in modes:
            raise ValueError(f"For '{owner}', '{name}' should be one of {list(modes)}, but got {value!r}"
                             f"{nearest(value.lower(), modes) or '.'}")
        return value.lower()

    return check


def only_with_pad(owner: str, pad_mode: str, name: str, pad: Any) -> None:
    """ValueError when pixels of padding are given for a pad mode that computes them."""
    sides = pad if isinstance(pad, tuple) else (pad,)
    if pad_mode != "pad" and any(sides):
        raise ValueError(f"For '{owner}', '{name}' should be 0 when 'pad_mode' is not 'pad', but got {name}={pad} with "
                         f"pad_mode={pad_mode!r}. Use pad_mode='pad'.")


def padding(pad_mode: str, pad: Padding, sizes: Sequence[int], kernel: Sequence[int], stride: Sequence[int],
            dilation: Sequence[int]) -> Padding:
    """(before, after) for each spatial axis. With "same" the odd element goes after: to the right and bottom."""
    if pad_mode == "pad":
        return pad
    if pad_mode == "valid":
        return [(0, 0)] * len(sizes)
    sides = []
    for n, k, s, d in zip(sizes, kernel, stride, dilation, strict=True):
        missing = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        sides.append((missing // 2, missing - missing // 2))
    return sides
