"""`mindspore.dataset.transforms.py_transforms`: the names older programs use for transforms of Python objects."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.dataset.transforms import common
from mycelium.dataset.transforms.base import PyTensorOperation as PyTensorOperation
from mycelium.dataset.transforms.base import TensorOperation as TensorOperation
from mycelium.dataset.transforms.common import RandomApply as RandomApply
from mycelium.dataset.transforms.common import RandomChoice as RandomChoice
from mycelium.dataset.transforms.common import RandomOrder as RandomOrder
from mycelium.dataset.transforms.common import not_random as not_random

__all__ = ["Compose", "OneHotOp", "PyTensorOperation", "RandomApply", "RandomChoice", "RandomOrder", "TensorOperation",
           "not_random"]


class Compose(common.Compose):
    """Transforms one after the other; called on its own, it returns a tuple.

    Args:
        transforms: List of transforms and functions.

    Raises:
        TypeError: It is not a list, or an element cannot be called.
        ValueError: It is empty.

    Examples:
        >>> ms.dataset.transforms.py_transforms.Compose([lambda x: x + 1])(np.array([1, 2]))
        (array([2, 3]),)

    MindSpore r1.8 `dataset.transforms.py_transforms.Compose`.
    """

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        values = inputs
        for transform in self.transforms:
            result = transform(*values)
            values = result if isinstance(result, tuple) else (result,)
        return values


class OneHotOp(common.OneHot, PyTensorOperation):
    """Turns class numbers into float64 vectors that are 1 at the class and 0 elsewhere, smoothed if asked.

    Args:
        num_classes: Length of the vectors, above every class number.
        smoothing_rate: 0 to 1. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `num_classes` is below 1 or `smoothing_rate` is not in [0, 1].
        RuntimeError: On use, the data is not integer or holds a class number out of range.

    Examples:
        >>> ms.dataset.transforms.py_transforms.OneHotOp(3)(np.array(1))
        array([0., 1., 0.])

    MindSpore r1.8 `dataset.transforms.py_transforms.OneHotOp`.
    """

    def _encoded(self, data: np.ndarray, outer: int) -> np.ndarray:
        return super()._encoded(data, outer).astype(np.float64)
