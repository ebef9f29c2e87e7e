"""`mindspore.dataset.vision.py_transforms`: the names older programs use for transforms of Pillow images.

They are the transforms of `dataset.vision` for Pillow images; those after ToTensor work on arrays (C, H, W).
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.transforms.base import PyTensorOperation, is_image
from mycelium.dataset.transforms.common import cast, numpy_type
from mycelium.dataset.vision import color, enhance, geometry, mixing, motion, values
from mycelium.dataset.vision.base import for_images
from mycelium.dataset.vision.color import HsvToRgb as HsvToRgb
from mycelium.dataset.vision.color import RgbToHsv as RgbToHsv
from mycelium.dataset.vision.enums import Border as Border
from mycelium.dataset.vision.enums import Inter as Inter
from mycelium.dataset.vision.mixing import MixUp as MixUp
from mycelium.dataset.vision.mixing import RandomErasing as RandomErasing
from mycelium.dataset.vision.mixing import UniformAugment as UniformAugment
from mycelium.dataset.vision.values import LinearTransformation as LinearTransformation
from mycelium.dataset.vision.values import ToPIL as ToPIL

RgbToBgr = color.PyRgbToBgr
AdjustGamma = for_images(color.AdjustGamma, __name__)
AutoContrast = for_images(color.AutoContrast, __name__)
CenterCrop = for_images(geometry.CenterCrop, __name__)
Equalize = for_images(color.Equalize, __name__)
FiveCrop = for_images(geometry.FiveCrop, __name__)
Grayscale = for_images(color.Grayscale, __name__)
Invert = for_images(color.Invert, __name__)
Pad = for_images(geometry.Pad, __name__)
RandomAffine = for_images(motion.RandomAffine, __name__)
RandomColor = for_images(enhance.RandomColor, __name__)
RandomColorAdjust = for_images(enhance.RandomColorAdjust, __name__)
RandomCrop = for_images(geometry.RandomCrop, __name__)
RandomGrayscale = for_images(color.RandomGrayscale, __name__)
RandomHorizontalFlip = for_images(motion.RandomHorizontalFlip, __name__)
RandomLighting = for_images(enhance.RandomLighting, __name__)
RandomPerspective = for_images(motion.RandomPerspective, __name__)
RandomResizedCrop = for_images(geometry.RandomResizedCrop, __name__)
RandomRotation = for_images(motion.RandomRotation, __name__)
RandomSharpness = for_images(enhance.RandomSharpness, __name__)
RandomVerticalFlip = for_images(motion.RandomVerticalFlip, __name__)
Resize = for_images(geometry.Resize, __name__)
TenCrop = for_images(geometry.TenCrop, __name__)


def is_pil(img: Any) -> bool:
    """Whether `img` is a Pillow image.

    Examples:
        >>> ms.dataset.vision.py_transforms.is_pil(np.zeros(3))
        False
    """
    return is_image(img)


def _array(owner: Any, data: Any) -> np.ndarray:
    if not isinstance(data, np.ndarray):
        raise TypeError(f"For '{type(owner).__name__}', the data should be an array, but got {describe(data)}; put "
                        "ToTensor() before it.")
    return data


class Decode(PyTensorOperation):
    """Decodes the content of an image file to an RGB Pillow image.

    Raises:
        RuntimeError: On use, the data is not the content of an image file.

    Examples:
        >>> decode = ms.dataset.vision.py_transforms.Decode()

    MindSpore r1.8 `dataset.vision.py_transforms.Decode`.
    """

    def apply(self, data: Any) -> Any:
        return values.Decode(to_pil=True).apply(data)


class ToTensor(PyTensorOperation):
    """Turns a Pillow image or an array (H, W, C) of 0 to 255 into an array (C, H, W) of 0 to 1.

    Args:
        output_type: The type of the result. Default: `numpy.float32`.

    Raises:
        TypeError: `output_type` is not a type, or on use, the data is not an image.

    Examples:
        >>> ms.dataset.vision.py_transforms.ToTensor()(np.full((2, 4, 3), 51, np.uint8))[0, 0]
        array([0.2, 0.2, 0.2, 0.2], dtype=float32)

    MindSpore r1.8 `dataset.vision.py_transforms.ToTensor`.
    """

    def __init__(self, output_type: Any = np.float32) -> None:
        self.output_type = output_type
        self._dtype = numpy_type("ToTensor", output_type)

    def apply(self, data: Any) -> np.ndarray:
        image = np.asarray(data)
        if image.ndim not in (2, 3):
            raise TypeError(f"For 'ToTensor', the data should be an image of shape (H, W) or (H, W, C), but got "
                            f"{describe(data)}.")
        image = image[:, :, None] if image.ndim == 2 else image
        return cast("ToTensor", image.transpose(2, 0, 1) / 255, self._dtype)


class ToType(PyTensorOperation):
    """Casts an array to another type.

    Args:
        output_type: `numpy.float32`, `mindspore.float32` and the like.

    Raises:
        TypeError: `output_type` is not a type, or on use, the data is not an array.

    Examples:
        >>> ms.dataset.vision.py_transforms.ToType(np.float16)(np.array([1, 2]))
        array([1., 2.], dtype=float16)

    MindSpore r1.8 `dataset.vision.py_transforms.ToType`.
    """

    def __init__(self, output_type: Any) -> None:
        self.output_type = output_type
        self._dtype = numpy_type("ToType", output_type)

    def apply(self, data: Any) -> np.ndarray:
        return cast("ToType", _array(self, data), self._dtype)


class HWC2CHW(PyTensorOperation):
    """Turns (H, W, C) into (C, H, W); (H, W) stays.

    Raises:
        TypeError: On use, the data is not an array of 2 or 3 axes.

    Examples:
        >>> ms.dataset.vision.py_transforms.HWC2CHW()(np.zeros((2, 4, 3))).shape
        (3, 2, 4)

    MindSpore r1.8 `dataset.vision.py_transforms.HWC2CHW`.
    """

    def apply(self, data: Any) -> np.ndarray:
        if _array(self, data).ndim not in (2, 3):
            raise TypeError(f"For 'HWC2CHW', the data should have the shape (H, W) or (H, W, C), but got "
                            f"{describe(data)}.")
        return values.HWC2CHW().on_array(data)


class Normalize(PyTensorOperation):
    """Takes the mean off each channel of (C, H, W) and divides by its standard deviation.

    Args:
        mean: One number from 0 to 1 per channel, or one for all.
        std: One number from 0 to 1 per channel, or one for all; not 0.

    Raises:
        TypeError: An argument has the wrong type, or on use, the data is not an array of 3 axes.
        ValueError: A number is out of range, or the lengths differ or do not fit the channels.
        NotImplementedError: On use, the data is not float; put ToTensor() before.

    Examples:
        >>> ms.dataset.vision.py_transforms.Normalize([0.5], [0.25])(np.ones((1, 1, 2), np.float32))
        array([[[2., 2.]]], dtype=float32)

    MindSpore r1.8 `dataset.vision.py_transforms.Normalize`.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        for value in [*mean, *std]:
            if not 0 <= value <= 1:
                raise ValueError(f"For 'Normalize', 'mean' and 'std' should be from 0 to 1, but got {mean} and {std}.")
        self._mean, self._std = values.statistics("Normalize", mean, std)
        self.mean, self.std = mean, std

    def apply(self, data: Any) -> np.ndarray:
        image, count = _array(self, data), len(self._mean)
        if image.ndim != 3:
            raise TypeError(f"For 'Normalize', the data should have the shape (C, H, W), but got {describe(data)}.")
        if image.dtype.kind != "f":
            raise NotImplementedError(f"For 'Normalize', the data should be float, but got {describe(data)}; put "
                                      "ToTensor() before it.")
        if count not in (1, image.shape[0]):
            raise ValueError(f"For 'Normalize', 'mean' should have 1 or {image.shape[0]} numbers, as many as the data "
                             f"has channels, but has {count}.")
        mean, std = (a.astype(image.dtype).reshape(-1, 1, 1) for a in (self._mean, self._std))
        return (image - mean) / std


class NormalizePad(Normalize):
    """Normalises (C, H, W), and adds a channel of zeros.

    Args:
        mean: One number from 0 to 1 per channel, or one for all.
        std: One number from 0 to 1 per channel, or one for all; not 0.
        dtype: "float32" (default) or "float16".

    Raises:
        TypeError: An argument has the wrong type, or on use, the data is not an array of 3 axes.
        ValueError: A number is out of range, or `dtype` is another word.

    Examples:
        >>> ms.dataset.vision.py_transforms.NormalizePad([0.5], [0.25])(np.ones((3, 2, 2), np.float32)).shape
        (4, 2, 2)

    MindSpore r1.8 `dataset.vision.py_transforms.NormalizePad`.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], dtype: str = "float32") -> None:
        super().__init__(mean, std)
        if dtype not in ("float32", "float16"):
            raise ValueError(f"For 'NormalizePad', 'dtype' should be \"float32\" or \"float16\", but got {dtype!r}.")
        self.dtype = dtype

    def apply(self, data: Any) -> np.ndarray:
        normalized = super().apply(data).astype(self.dtype)
        return np.concatenate([normalized, np.zeros((1, *normalized.shape[1:]), normalized.dtype)])


class Cutout(PyTensorOperation):
    """Sets random squares of an array (C, H, W) to zero.

    Args:
        length: Side of a square in pixels.
        num_patches: How many. Default: 1.

    Raises:
        TypeError: An argument has the wrong type, or on use, the data is not an array of 3 axes.
        ValueError: A number is below 1.

    Examples:
        >>> ms.dataset.vision.py_transforms.Cutout(4)(np.ones((3, 8, 8), np.float32)).shape
        (3, 8, 8)

    MindSpore r1.8 `dataset.vision.py_transforms.Cutout`.
    """

    def __init__(self, length: int, num_patches: int = 1) -> None:
        self._cut = mixing.CutOut(length, num_patches, is_hwc=False)

    def apply(self, data: Any) -> np.ndarray:
        if _array(self, data).ndim != 3:
            raise TypeError(f"For 'Cutout', the data should have the shape (C, H, W), but got {describe(data)}.")
        return self._cut.on_array(data)


__all__ = sorted(name for name, found in globals().items()
                 if isinstance(found, type) and name not in ("Any", "Sequence")) + ["is_pil"]
