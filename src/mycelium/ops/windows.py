"""Sliding windows: what convolution and pooling share."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mycelium.core.errors import describe, nearest
from mycelium.ops.checks import pixels

Padding = list[tuple[int, int]]


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


def windows_along(n: int, sides: tuple[int, int], k: int, s: int, d: int = 1) -> int:
    """How many windows fit along an axis."""
    return (n + sum(sides) - (k - 1) * d - 1) // s + 1


__all__ = ["Padding", "lower_mode", "only_with_pad", "pad_pixels", "padding", "pixels", "windows_along"]
