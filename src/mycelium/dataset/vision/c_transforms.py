"""`mindspore.dataset.vision.c_transforms`: the names older programs use for transforms of arrays.

They are the transforms of `dataset.vision`; a Pillow image is taken as its array, and the result is an array.
"""
from __future__ import annotations

from collections.abc import Sequence

from mycelium.core.errors import describe
from mycelium.dataset.vision import color, enhance, geometry, mixing, motion, values
from mycelium.dataset.vision.base import ImageOperation, for_arrays
from mycelium.dataset.vision.color import RgbToBgr as RgbToBgr
from mycelium.dataset.vision.enums import Border as Border
from mycelium.dataset.vision.enums import ConvertMode as ConvertMode
from mycelium.dataset.vision.enums import ImageBatchFormat as ImageBatchFormat
from mycelium.dataset.vision.enums import Inter as Inter
from mycelium.dataset.vision.enums import SliceMode as SliceMode
from mycelium.dataset.vision.mixing import CutMixBatch as CutMixBatch
from mycelium.dataset.vision.mixing import MixUpBatch as MixUpBatch
from mycelium.dataset.vision.mixing import RandomSelectSubpolicy as RandomSelectSubpolicy
from mycelium.dataset.vision.mixing import UniformAugment as UniformAugment

ImageTensorOperation = ImageOperation
AdjustGamma = for_arrays(color.AdjustGamma, __name__)
AutoContrast = for_arrays(color.AutoContrast, __name__)
CenterCrop = for_arrays(geometry.CenterCrop, __name__)
ConvertColor = for_arrays(color.ConvertColor, __name__)
Crop = for_arrays(geometry.Crop, __name__)
Equalize = for_arrays(color.Equalize, __name__)
GaussianBlur = for_arrays(color.GaussianBlur, __name__)
HWC2CHW = for_arrays(values.HWC2CHW, __name__)
HorizontalFlip = for_arrays(motion.HorizontalFlip, __name__)
Invert = for_arrays(color.Invert, __name__)
Pad = for_arrays(geometry.Pad, __name__)
RandomAdjustSharpness = for_arrays(enhance.RandomAdjustSharpness, __name__)
RandomAffine = for_arrays(motion.RandomAffine, __name__)
RandomAutoContrast = for_arrays(color.RandomAutoContrast, __name__)
RandomColor = for_arrays(enhance.RandomColor, __name__)
RandomColorAdjust = for_arrays(enhance.RandomColorAdjust, __name__)
RandomCrop = for_arrays(geometry.RandomCrop, __name__)
RandomCropDecodeResize = for_arrays(geometry.RandomCropDecodeResize, __name__)
RandomEqualize = for_arrays(color.RandomEqualize, __name__)
RandomHorizontalFlip = for_arrays(motion.RandomHorizontalFlip, __name__)
RandomInvert = for_arrays(color.RandomInvert, __name__)
RandomLighting = for_arrays(enhance.RandomLighting, __name__)
RandomPosterize = for_arrays(color.RandomPosterize, __name__)
RandomResize = for_arrays(geometry.RandomResize, __name__)
RandomResizedCrop = for_arrays(geometry.RandomResizedCrop, __name__)
RandomRotation = for_arrays(motion.RandomRotation, __name__)
RandomSharpness = for_arrays(enhance.RandomSharpness, __name__)
RandomSolarize = for_arrays(color.RandomSolarize, __name__)
RandomVerticalFlip = for_arrays(motion.RandomVerticalFlip, __name__)
Rescale = for_arrays(values.Rescale, __name__)
Resize = for_arrays(geometry.Resize, __name__)
Rotate = for_arrays(motion.Rotate, __name__)
SlicePatches = for_arrays(geometry.SlicePatches, __name__)
VerticalFlip = for_arrays(motion.VerticalFlip, __name__)

__all__ = sorted(name for name, found in globals().items() if isinstance(found, type) and name != "ImageOperation") + [
    "CutOut", "Decode", "Normalize", "NormalizePad"]


class CutOut(mixing.CutOut):
    """Sets random squares to zero.

    Args:
        length: Side of a square in pixels.
        num_patches: How many. Default: 1.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is below 1.

    Examples:
        >>> ms.dataset.vision.c_transforms.CutOut(4)(np.ones((8, 8, 3), np.uint8)).shape
        (8, 8, 3)

    MindSpore r1.8 `dataset.vision.c_transforms.CutOut`.
    """

    def __init__(self, length: int, num_patches: int = 1) -> None:
        super().__init__(length, num_patches)


class Decode(values.Decode):
    """Decodes the content of an image file to an RGB array (H, W, 3).

    Args:
        rgb: Has to be True.

    Raises:
        TypeError: `rgb` is not a bool.
        ValueError: `rgb` is False, which asks for BGR.

    Examples:
        >>> decode = ms.dataset.vision.c_transforms.Decode()

    MindSpore r1.8 `dataset.vision.c_transforms.Decode`.
    """

    def __init__(self, rgb: bool = True) -> None:
        if not isinstance(rgb, bool):
            raise TypeError(f"For 'Decode', 'rgb' should be bool, but got {describe(rgb)}.")
        if not rgb:
            raise ValueError("For 'Decode', 'rgb' should be True; put RgbToBgr() behind it for BGR.")
        super().__init__()


class Normalize(values.Normalize):
    """Takes the mean off each channel of (H, W, C) and divides by its standard deviation, as float32.

    Args:
        mean: One number per channel, in the units of the data.
        std: One number per channel, not 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range, or the lengths differ.
        RuntimeError: On use, the number of channels is not that of `mean`.

    Examples:
        >>> ms.dataset.vision.c_transforms.Normalize([100.0], [50.0])(np.full((1, 2), 200, np.uint8))
        array([[2., 2.]], dtype=float32)

    MindSpore r1.8 `dataset.vision.c_transforms.Normalize`.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__(mean, std)


class NormalizePad(values.NormalizePad):
    """Normalises (H, W, C), and adds a fourth channel of zeros.

    Args:
        mean: One number per channel.
        std: One number per channel, not 0.
        dtype: "float32" (default) or "float16".

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range, or `dtype` is another word.

    Examples:
        >>> ms.dataset.vision.c_transforms.NormalizePad([1.0] * 3, [2.0] * 3)(np.zeros((2, 4, 3))).shape
        (2, 4, 4)

    MindSpore r1.8 `dataset.vision.c_transforms.NormalizePad`.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], dtype: str = "float32") -> None:
        super().__init__(mean, std, dtype)
