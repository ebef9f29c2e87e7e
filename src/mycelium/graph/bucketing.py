"""Inputs whose length changes at each step, brought to a few lengths so that few programs are compiled."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import check_int, describe
from mycelium.core.tensor import Tensor


def bucket_size(length: int, sizes: int | Sequence[int] | None = None) -> int:
    """The size that `length` is padded to.

    Args:
        length: 0 or greater.
        sizes: The allowed sizes in any order; an int stands for its multiples, None for the powers of two.

    Returns:
        The smallest allowed size that is not below `length`.

    Raises:
        ValueError: `length` is above the largest size, or a size is below 1.

    Examples:
        >>> ms.graph.bucketing.bucket_size(37, [16, 32, 64])
        64
    """
    check_int("bucket_size", "length", length, 0)
    if sizes is None:
        return 1 << max(length - 1, 0).bit_length()
    if isinstance(sizes, int):
        step = check_int("bucket_size", "sizes", sizes, 1)
        return max(-(-length // step), 1) * step
    fitting = [check_int("bucket_size", "sizes", size, 1) for size in sizes if size >= length]
    if not fitting:
        raise ValueError(f"For 'bucket_size', the length {length} is above the largest of the sizes {list(sizes)}. Add "
                         "a larger size, or cut the input.")
    return min(fitting)


def pad_to_bucket(x: Any, sizes: int | Sequence[int] | None = None, axis: int = 0,
                  value: float = 0) -> tuple[Tensor, Tensor]:
    """Pads an axis to one of a few sizes, so that inputs of any length share a few compiled programs.

    Args:
        x: Tensor or NumPy array of any shape and dtype, one axis of which changes from step to step.
        sizes: The allowed sizes; an int stands for its multiples, None for the powers of two.
        axis: The axis to pad, at its end.
        value: What to pad with.

    Returns:
        The padded Tensor, and the length before as an int32 Tensor of shape (), for masks: a Tensor's value is no part
        of a program, a Python number's is.

    Raises:
        TypeError: `x` is neither Tensor nor array.
        ValueError: The axis does not exist, or is longer than every size.

    Examples:
        >>> padded, length = ms.pad_to_bucket(Tensor(np.ones((2, 5), np.float32)), [4, 8], axis=1)
        >>> padded.shape, int(length)
        ((2, 8), 5)
    """
    if not isinstance(x, (Tensor, np.ndarray)):
        raise TypeError(f"For 'pad_to_bucket', 'x' should be a Tensor or NumPy array, but got {describe(x)}.")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"For 'pad_to_bucket', 'axis' should be in [{-x.ndim}, {x.ndim}), but got {axis}.")
    length = x.shape[axis]
    missing = bucket_size(length, sizes) - length
    if missing or not isinstance(x, Tensor):        # on the host: a padding operator would be one more program a length
        width = [(0, missing if i == axis % x.ndim else 0) for i in range(x.ndim)]
        array = x.asnumpy() if isinstance(x, Tensor) else x
        x = Tensor(np.pad(array, width, constant_values=value))
    return x, Tensor(np.int32(length))
