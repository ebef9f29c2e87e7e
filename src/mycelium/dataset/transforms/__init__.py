"""`mindspore.dataset.transforms`: transforms that fit any data."""
from mycelium.dataset.transforms import c_transforms as c_transforms
from mycelium.dataset.transforms import py_transforms as py_transforms
from mycelium.dataset.transforms.common import Compose as Compose
from mycelium.dataset.transforms.common import Concatenate as Concatenate
from mycelium.dataset.transforms.common import Duplicate as Duplicate
from mycelium.dataset.transforms.common import Fill as Fill
from mycelium.dataset.transforms.common import Mask as Mask
from mycelium.dataset.transforms.common import OneHot as OneHot
from mycelium.dataset.transforms.common import PadEnd as PadEnd
from mycelium.dataset.transforms.common import Plugin as Plugin
from mycelium.dataset.transforms.common import RandomApply as RandomApply
from mycelium.dataset.transforms.common import RandomChoice as RandomChoice
from mycelium.dataset.transforms.common import RandomOrder as RandomOrder
from mycelium.dataset.transforms.common import Relational as Relational
from mycelium.dataset.transforms.common import Slice as Slice
from mycelium.dataset.transforms.common import TypeCast as TypeCast
from mycelium.dataset.transforms.common import Unique as Unique
from mycelium.dataset.transforms.common import not_random as not_random

__all__ = ["Compose", "Concatenate", "Duplicate", "Fill", "Mask", "OneHot", "PadEnd", "Plugin", "RandomApply",
           "RandomChoice", "RandomOrder", "Relational", "Slice", "TypeCast", "Unique", "c_transforms", "not_random",
           "py_transforms"]
