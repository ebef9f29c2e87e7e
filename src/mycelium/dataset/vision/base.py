"""What image transforms have in common: arrays or Pillow images in, the same kind out, and checks of arguments."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.transforms.base import PyTensorOperation, TensorOperation, is_image
from mycelium.dataset.vision import pillow
from mycelium.dataset.vision.enums import Border, Inter

_FLOAT_MAX_INT = 16777216


class ImageOperation(TensorOperation):
    """Base of the image transforms. A subclass defines `on_array`, `on_image`, or both.

    Arrays are (H, W, C) or (H, W). Without `on_image`, a Pillow image is taken as its array; without `on_array`, an
    array is refused.
    """

    def apply(self, data: Any) -> Any:
        owner = type(self)
        if is_image(data):
            if owner.on_image is not ImageOperation.on_image:
                return self.on_image(data, *self.draw(data.height, data.width))
            data = pillow.to_array(data)
        elif owner.on_array is ImageOperation.on_array:
            raise TypeError(f"For '{owner.__name__}', the data should be a Pillow image, but got {describe(data)}; "
                            "put Decode(to_pil=True) (encoded data) or ToPIL() (arrays) before it.")
        if data.dtype.kind == "S":
            raise RuntimeError(f"For '{owner.__name__}', the data should be an image, but got text.")
        height, width = data.shape[:2] if data.ndim >= 2 else (0, 0)
        return self.on_array(data, *self.draw(height, width))

    def draw(self, height: int, width: int) -> tuple[Any, ...]:
        """The random numbers for one image, given to `on_array` or `on_image`."""
        return ()

    def on_array(self, data: np.ndarray, *drawn: Any) -> Any:
        """The transform of an array."""
        raise NotImplementedError

    def on_image(self, data: Any, *drawn: Any) -> Any:
        """The transform of a Pillow image."""
        raise NotImplementedError


def _variant(kind: type[TensorOperation], module: str, marks: dict[str, Any], bases: tuple[type, ...]) -> Any:
    return type(kind.__name__, bases, {"__doc__": kind.__doc__, "__module__": module, **marks})


def for_arrays(kind: type[ImageOperation], module: str) -> Any:
    """The transform as `c_transforms` has it: a Pillow image is taken as its array."""
    return _variant(kind, module, {"on_image": ImageOperation.on_image}, (kind,))


def for_images(kind: type[ImageOperation], module: str) -> Any:
    """The transform as `py_transforms` has it: an array is refused."""
    return _variant(kind, module, {"on_array": ImageOperation.on_array}, (kind, PyTensorOperation))


# ***** checks *****


def require(owner: Any, good: bool, data: np.ndarray, what: str) -> None:
    """RuntimeError, as MindSpore's array transforms raise, when the data is not `what`."""
    if not good:
        raise RuntimeError(f"For '{type(owner).__name__}', the data should be {what}, but got {describe(data)}.")


def rgb(owner: Any, data: np.ndarray) -> np.ndarray:
    """The data if it is (H, W, 3); RuntimeError otherwise."""
    require(owner, data.ndim == 3 and data.shape[2] == 3, data, "an RGB image of shape (H, W, 3)")
    return data


def hwc(owner: Any, data: np.ndarray, channels: Sequence[int] = (1, 3)) -> np.ndarray:
    """The data if it is (H, W) or (H, W, C) with one of the numbers of channels; RuntimeError otherwise."""
    require(owner, data.ndim == 2 or (data.ndim == 3 and data.shape[2] in channels), data,
            f"an image of shape (H, W) or (H, W, C) with C in {tuple(channels)}")
    return data


def check_number(owner: str, name: str, value: Any, low: float | None = None, high: float | None = None,
                 whole: bool = False) -> Any:
    """`value` if it is a number (an int if `whole`) in [low, high]; TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise TypeError(f"For '{owner}', {name!r} should be {'int' if whole else 'a number'}, but got "
                        f"{describe(value)}.")
    if (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"For '{owner}', {name!r} should be from {low} to {'any' if high is None else high}, but got "
                         f"{value}.")
    return value


def check_size(owner: str, size: Any, name: str = "size") -> tuple[int, int]:
    """An int for a square, or (height, width); TypeError or ValueError otherwise."""
    if isinstance(size, bool) or not isinstance(size, (int, list, tuple)):
        raise TypeError(f"For '{owner}', {name!r} should be an int or (height, width), but got {describe(size)}.")
    pair = (size, size) if isinstance(size, int) else tuple(size)
    if len(pair) != 2:
        raise TypeError(f"For '{owner}', {name!r} should be an int or (height, width), but got {describe(size)}.")
    for n in pair:
        check_number(owner, name, n, 1, _FLOAT_MAX_INT, whole=True)
    return pair[0], pair[1]


def check_range(owner: str, name: str, value: Any, low: float | None = None, high: float | None = None
                ) -> tuple[float, float]:
    """A pair (smallest, largest); TypeError or ValueError otherwise."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise TypeError(f"For '{owner}', {name!r} should be a pair (smallest, largest), but got {describe(value)}.")
    for n in value:
        check_number(owner, name, n, low, high)
    if value[0] > value[1]:
        raise ValueError(f"For '{owner}', {name!r} should be (smallest, largest), but got {value}.")
    return value[0], value[1]


def check_probability(owner: str, prob: Any) -> float:
    """A number from 0 to 1."""
    return check_number(owner, "prob", prob, 0, 1)


def check_inter(owner: str, value: Any, name: str = "interpolation") -> Inter:
    """An `Inter`; TypeError otherwise."""
    if not isinstance(value, Inter):
        raise TypeError(f"For '{owner}', {name!r} should be an Inter such as Inter.BILINEAR, but got "
                        f"{describe(value)}.")
    return value


def array_inter(owner: str, value: Inter) -> Inter:
    """An `Inter` that arrays have; TypeError otherwise."""
    if value is Inter.ANTIALIAS:
        raise TypeError(f"For '{owner}', the interpolation {value!r} is only available for Pillow images.")
    return value


def check_border(owner: str, value: Any) -> Border:
    """A `Border`; TypeError otherwise."""
    if not isinstance(value, Border):
        raise TypeError(f"For '{owner}', 'padding_mode' should be a Border such as Border.CONSTANT, but got "
                        f"{describe(value)}.")
    return value


def check_fill(owner: str, value: Any) -> tuple[int, ...]:
    """A value from 0 to 255, or three of them; TypeError or ValueError otherwise."""
    values = (value,) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(values, tuple) or len(values) not in (1, 3):
        raise TypeError(f"For '{owner}', 'fill_value' should be an int or a tuple of 3 ints, but got "
                        f"{describe(value)}.")
    for n in values:
        check_number(owner, "fill_value", n, 0, 255, whole=True)
    return values


def check_padding(owner: str, padding: Any) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) from an int, (left and top, right and bottom) or all four."""
    values = (padding,) if isinstance(padding, int) and not isinstance(padding, bool) else padding
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"For '{owner}', 'padding' should be an int, or 2 or 4 ints, but got {describe(padding)}.")
    if len(values) not in (1, 2, 4):
        raise ValueError(f"For '{owner}', 'padding' should be an int, or 2 or 4 ints, but got {padding}.")
    for n in values:
        check_number(owner, "padding", n, 0, 2147483647, whole=True)
    if len(values) == 1:
        return values[0], values[0], values[0], values[0]
    if len(values) == 2:
        return values[0], values[0], values[1], values[1]
    return values[0], values[1], values[2], values[3]


def image_fill(image: Any, fill: tuple[int, ...]) -> Any:
    """A fill value in the form that a Pillow image of this mode takes."""
    channels = len(image.getbands())
    if channels == 1:
        return fill[0]
    return fill if len(fill) == channels else (fill[0],) * channels
