"""The one door to Pillow, opened when the first image comes: importing this package stays fast without images."""
from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from mycelium.dataset.vision.enums import Inter


@cache
def pillow(part: str = "Image") -> ModuleType:
    """A module of Pillow: "Image", "ImageOps", "ImageEnhance", "ImageFilter"."""
    return importlib.import_module(f"PIL.{part}")


def resampling(inter: Inter) -> Any:
    """Pillow's name for a way to interpolate; TypeError for those it does not have."""
    names = {Inter.NEAREST: "NEAREST", Inter.ANTIALIAS: "LANCZOS", Inter.BILINEAR: "BILINEAR",
             Inter.BICUBIC: "BICUBIC"}
    if inter not in names:
        raise TypeError(f"The interpolation {inter!r} is not available for Pillow images; use one of "
                        f"{', '.join(i.name for i in names)}, or give an array.")
    return getattr(pillow().Resampling, names[inter])


def to_image(array: np.ndarray) -> Any:
    """An array of (H, W) or (H, W, C) as a Pillow image.

    Raises:
        TypeError: Pillow has no image of this dtype.
        ValueError: The shape is that of no image.
    """
    if array.ndim not in (2, 3):
        raise ValueError(f"An image should have the shape (H, W) or (H, W, C), but has {array.shape}.")
    if array.ndim == 3 and array.shape[2] > 4:
        raise ValueError(f"An image should have at most 4 channels, but its shape (H, W, C) is {array.shape}.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    try:
        return pillow().fromarray(array)
    except TypeError as error:
        raise TypeError(f"Pillow has no image of shape {array.shape} and dtype {array.dtype}; convert to uint8 first."
                        ) from error


def to_array(image: Any) -> np.ndarray:
    """A Pillow image as an array that may be written to."""
    return np.array(image)
