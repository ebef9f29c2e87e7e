"""Weights and images that both frameworks make for themselves: from NumPy, with a seed for each name."""
from __future__ import annotations

import zlib
from typing import Any

import numpy as np

_NEAR_ONE = ("gamma", "scale")
_SMALL = ("bias", "beta", "pos", "token", "embedding", "table")


def generator(name: str) -> np.random.RandomState:
    """Random numbers that belong to a name; RandomState draws the same ones in every NumPy."""
    return np.random.RandomState(zlib.crc32(name.encode()))


def weight(name: str, shape: tuple[int, ...], gain: float = 1.0) -> np.ndarray:
    """The float32 value of a Parameter: what its name and shape say it is, at a scale that keeps activations alive.

    Args:
        name: The Parameter's name; its last part tells moved statistics, scales and shifts from weights.
        shape: Its shape; a weight is scaled by its fan-in, the product of all axes but the first.
        gain: Scales weights further.
    """
    draw, last = generator(name), name.rpartition(".")[2]
    if last == "moving_variance":
        value = draw.uniform(0.5, 1.5, shape)
    elif any(word in last for word in _NEAR_ONE) or (last == "weight" and len(shape) == 1):
        value = 1 + 0.1 * draw.standard_normal(shape)
    elif len(shape) < 2 or any(word in last for word in _SMALL):
        value = 0.1 * draw.standard_normal(shape)
    else:
        value = gain * draw.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
    return value.astype(np.float32)


def fill(net: Any, tensor: Any, gain: float = 1.0) -> None:
    """Gives every Parameter of `net` its value; what is neither trained nor a moved statistic keeps its own.

    Args:
        net: The Cell.
        tensor: The class Tensor of the framework that `net` belongs to.
        gain: Scales weights.
    """
    for parameter in net.get_parameters():
        moved = parameter.name.rpartition(".")[2] in ("moving_mean", "moving_variance")
        if parameter.requires_grad or moved:
            value = weight(parameter.name, tuple(parameter.shape), gain)
            parameter.set_data(tensor(value.astype(parameter.asnumpy().dtype)))    # a few are float16


def names(net: Any) -> int:
    """A checksum of the names, shapes, dtypes and order of a Cell's Parameters."""
    rows = [f"{p.name} {tuple(p.shape)} {p.dtype} {p.requires_grad}" for p in net.get_parameters()]
    return zlib.crc32("\n".join(rows).encode())


def images(count: int, size: int) -> np.ndarray:
    """Images of shape (count, 3, size, size), float32, of unit variance."""
    return generator(f"images {count} {size}").standard_normal((count, 3, size, size)).astype(np.float32)


def labels(count: int, classes: int) -> np.ndarray:
    """Labels of shape (count,), int32, below `classes`."""
    return generator(f"labels {count}").randint(0, classes, count).astype(np.int32)
