"""`mindspore.dataset.transforms.c_transforms`: the names older programs use for transforms of any data."""
from __future__ import annotations

from mycelium.dataset.transforms import common
from mycelium.dataset.transforms.base import TensorOperation as TensorOperation
from mycelium.dataset.transforms.common import Compose as Compose
from mycelium.dataset.transforms.common import Concatenate as Concatenate
from mycelium.dataset.transforms.common import Duplicate as Duplicate
from mycelium.dataset.transforms.common import Fill as Fill
from mycelium.dataset.transforms.common import Mask as Mask
from mycelium.dataset.transforms.common import PadEnd as PadEnd
from mycelium.dataset.transforms.common import Plugin as Plugin
from mycelium.dataset.transforms.common import RandomApply as RandomApply
from mycelium.dataset.transforms.common import RandomChoice as RandomChoice
from mycelium.dataset.transforms.common import Relational as Relational
from mycelium.dataset.transforms.common import Slice as Slice
from mycelium.dataset.transforms.common import TypeCast as TypeCast
from mycelium.dataset.transforms.common import Unique as Unique

__all__ = ["Compose", "Concatenate", "Duplicate", "Fill", "Mask", "OneHot", "PadEnd", "Plugin", "RandomApply",
           "RandomChoice", "Relational", "Slice", "TensorOperation", "TypeCast", "Unique"]


class OneHot(common.OneHot):
    """Turns class numbers into vectors that are 1 at the class and 0 elsewhere.

    Args:
        num_classes: Length of the vectors, above every class number.

    Raises:
        TypeError: `num_classes` is not an int.
        ValueError: `num_classes` is below 1.
        RuntimeError: On use, the data is not integer or holds a class number out of range.

    Examples:
        >>> ms.dataset.transforms.c_transforms.OneHot(3)(np.array(1))
        array([0, 1, 0])

    MindSpore r1.8 `dataset.transforms.c_transforms.OneHot`.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__(num_classes)
