"""The choices that image transforms offer."""
from __future__ import annotations

from enum import Enum, IntEnum


class Inter(IntEnum):
    """How pixels between pixels are made.

    Examples:
        >>> ms.dataset.vision.Inter.LINEAR is ms.dataset.vision.Inter.BILINEAR
        True

    MindSpore r1.8 `dataset.vision.Inter`.
    """

    NEAREST = 0
    ANTIALIAS = 1
    BILINEAR = LINEAR = 2
    BICUBIC = CUBIC = 3
    AREA = 4
    PILCUBIC = 5


class Border(str, Enum):    # noqa: UP042 - r1.8's is a str with Enum's own text
    """What padding is filled with: a value, the edge, or the image mirrored without (REFLECT) or with its edge.

    Examples:
        >>> ms.dataset.vision.Border.EDGE.value
        'edge'

    MindSpore r1.8 `dataset.vision.Border`.
    """

    CONSTANT = "constant"
    EDGE = "edge"
    REFLECT = "reflect"
    SYMMETRIC = "symmetric"


class ConvertMode(IntEnum):
    """Which order of channels becomes which.

    Examples:
        >>> ms.dataset.vision.ConvertMode.COLOR_RGB2GRAY.name
        'COLOR_RGB2GRAY'

    MindSpore r1.8 `dataset.vision.ConvertMode`.
    """

    COLOR_BGR2BGRA = COLOR_RGB2RGBA = 0
    COLOR_BGRA2BGR = COLOR_RGBA2RGB = 1
    COLOR_BGR2RGBA = COLOR_RGB2BGRA = 2
    COLOR_RGBA2BGR = COLOR_BGRA2RGB = 3
    COLOR_BGR2RGB = COLOR_RGB2BGR = 4
    COLOR_BGRA2RGBA = COLOR_RGBA2BGRA = 5
    COLOR_BGR2GRAY = 6
    COLOR_RGB2GRAY = 7
    COLOR_GRAY2BGR = COLOR_GRAY2RGB = 8
    COLOR_GRAY2BGRA = COLOR_GRAY2RGBA = 9
    COLOR_BGRA2GRAY = 10
    COLOR_RGBA2GRAY = 11


class ImageBatchFormat(IntEnum):
    """The order of axes in a batch of images.

    Examples:
        >>> ms.dataset.vision.ImageBatchFormat.NCHW.name
        'NCHW'

    MindSpore r1.8 `dataset.vision.ImageBatchFormat`.
    """

    NHWC = 0
    NCHW = 1


class SliceMode(IntEnum):
    """What happens to pixels that make no full patch: padded to one, or dropped.

    Examples:
        >>> ms.dataset.vision.SliceMode.PAD.name
        'PAD'

    MindSpore r1.8 `dataset.vision.SliceMode`.
    """

    PAD = 0
    DROP = 1
