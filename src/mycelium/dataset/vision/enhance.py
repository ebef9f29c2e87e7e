"""Transforms that change brightness, contrast, saturation, hue and sharpness at random."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.dataset.row_random import rng
from mycelium.dataset.vision import kernels, pillow
from mycelium.dataset.vision.base import ImageOperation, check_number, check_probability, check_range, require, rgb


def _factors(name: str, value: Any, middle: float, low: float, high: float | None) -> tuple[float, float]:
    """A pair, or a number n for middle - n to middle + n."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        check_number("RandomColorAdjust", name, value, 0)
        value = (max(low, middle - value), middle + value)
    return check_range("RandomColorAdjust", name, value, low, high)


class RandomColorAdjust(ImageOperation):
    """Changes brightness, contrast, saturation and hue, in a random order.

    Args:
        brightness: A number b for factors from max(0, 1 - b) to 1 + b, or (smallest, largest). Default: (1, 1).
        contrast: As `brightness`.
        saturation: As `brightness`.
        hue: A number h for shifts from -h to h, or (smallest, largest), in [-0.5, 0.5]; 1 is the whole circle.
            Default: (0, 0).

    Raises:
        TypeError: An argument is not a number or a pair.
        ValueError: A number is out of range.
        RuntimeError: On use, an array to be changed is not (H, W, 3).

    Examples:
        >>> ms.dataset.vision.RandomColorAdjust(brightness=(0.5, 0.5))(np.full((1, 1, 3), 100, np.uint8))
        array([[[50, 50, 50]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomColorAdjust`.
    """

    def __init__(self, brightness: Any = (1, 1), contrast: Any = (1, 1), saturation: Any = (1, 1),
                 hue: Any = (0, 0)) -> None:
        self.brightness = _factors("brightness", brightness, 1, 0, None)
        self.contrast = _factors("contrast", contrast, 1, 0, None)
        self.saturation = _factors("saturation", saturation, 1, 0, None)
        self.hue = _factors("hue", hue, 0, -0.5, 0.5)

    def draw(self, height: int, width: int) -> tuple[Any, ...]:
        random = rng()
        drawn = [("brightness", random.uniform(*self.brightness)), ("contrast", random.uniform(*self.contrast)),
                 ("saturation", random.uniform(*self.saturation)), ("hue", random.uniform(*self.hue))]
        random.shuffle(drawn)
        return tuple(drawn)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        for name, amount in drawn:
            if amount != (0 if name == "hue" else 1):
                data = _ON_ARRAYS[name](rgb(self, data), amount)
        return data

    def on_image(self, data: Any, *drawn: Any) -> Any:
        enhance = pillow.pillow("ImageEnhance")
        kinds = {"brightness": enhance.Brightness, "contrast": enhance.Contrast, "saturation": enhance.Color}
        for name, amount in drawn:
            if name in kinds and amount != 1:
                data = kinds[name](data).enhance(amount)
            elif name == "hue" and amount != 0 and data.mode == "RGB":
                hue, saturation, value = data.convert("HSV").split()
                hue = hue.point([(n + int(amount * 255)) % 256 for n in range(256)])
                data = pillow.pillow().merge("HSV", (hue, saturation, value)).convert("RGB")
        return data


def _contrast(data: np.ndarray, amount: float) -> np.ndarray:
    mean = kernels.gray(data).mean(dtype=np.float64)
    return kernels.blend(data, np.floor(mean + 0.5) if data.dtype == np.uint8 else mean, amount)


def _saturation(data: np.ndarray, amount: float) -> np.ndarray:
    return kernels.blend(data, kernels.gray(data)[..., None], amount)


def _hue(data: np.ndarray, amount: float) -> np.ndarray:
    hsv = kernels.rgb_to_hsv(data)
    if data.dtype == np.uint8:      # OpenCV keeps the hue in 180 steps and the saturation in 255
        hsv[..., 0] = (np.rint(hsv[..., 0] * 180) + int(amount * 180)) % 180 / 180
        hsv[..., 1] = np.rint(hsv[..., 1] * 255) / 255
    else:
        hsv[..., 0] = (hsv[..., 0] + amount) % 1
    return kernels.rounded(kernels.hsv_to_rgb(hsv), data.dtype)


_ON_ARRAYS = {"brightness": lambda data, amount: kernels.blend(data, 0.0, amount), "contrast": _contrast,
              "saturation": _saturation, "hue": _hue}


class RandomColor(ImageOperation):
    """Changes the saturation by a random factor.

    Args:
        degrees: Smallest and largest factor. Default: (0.1, 1.9).

    Raises:
        TypeError: `degrees` is not a pair.
        ValueError: A number is negative.
        RuntimeError: On use, an array is not (H, W, 3).

    Examples:
        >>> ms.dataset.vision.RandomColor((0.0, 0.0))(np.array([[[255, 0, 0]]], np.uint8))
        array([[[76, 76, 76]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomColor`.
    """

    _pillow = "Color"

    def __init__(self, degrees: tuple[float, float] = (0.1, 1.9)) -> None:
        self.degrees = check_range(type(self).__name__, "degrees", degrees, 0)

    def draw(self, height: int, width: int) -> tuple[float]:
        return (rng().uniform(*self.degrees),)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return _saturation(rgb(self, data), drawn[0])

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return getattr(pillow.pillow("ImageEnhance"), self._pillow)(data).enhance(drawn[0])


def _sharper(data: np.ndarray, amount: float) -> np.ndarray:
    """Blended with its own average over 3 x 3 pixels, the middle counting five times; the border stays."""
    image = data.astype(np.float32)
    smooth = image.copy()
    parts = [image[i:i + image.shape[0] - 2, j:j + image.shape[1] - 2] for i in range(3) for j in range(3)]
    smooth[1:-1, 1:-1] = (np.add.reduce(parts) + 4 * parts[4]) / 13
    return kernels.blend(data, kernels.rounded(smooth, data.dtype), amount)


class RandomSharpness(RandomColor):
    """Changes the sharpness by a random factor: 0 is blurred, 1 the original, 2 sharpened.

    Args:
        degrees: Smallest and largest factor. Default: (0.1, 1.9).

    Raises:
        TypeError: `degrees` is not a pair.
        ValueError: A number is negative.

    Examples:
        >>> ms.dataset.vision.RandomSharpness((1.0, 1.0))(np.full((3, 3), 7, np.uint8))[1]
        array([7, 7, 7], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomSharpness`.
    """

    _pillow = "Sharpness"

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return _sharper(data, drawn[0])


class RandomAdjustSharpness(ImageOperation):
    """Changes the sharpness by a factor, with a probability.

    Args:
        degree: The factor: 0 is blurred, 1 the original, 2 sharpened.
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: An argument is not a number.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.RandomAdjustSharpness(2.0, 1.0)(np.full((3, 3), 7, np.uint8))[1]
        array([7, 7, 7], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomAdjustSharpness`.
    """

    def __init__(self, degree: float, prob: float = 0.5) -> None:
        self.degree = check_number("RandomAdjustSharpness", "degree", degree, 0)
        self.prob = check_probability("RandomAdjustSharpness", prob)

    def draw(self, height: int, width: int) -> tuple[bool]:
        return (rng().random() < self.prob,)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return _sharper(data, self.degree) if drawn[0] else data


# Eigenvalues and eigenvectors of the colours of ImageNet (Krizhevsky, Sutskever and Hinton 2012).
_EIGENVALUES = np.array([55.46, 4.794, 1.148])
_EIGENVECTORS = np.array([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])


class RandomLighting(ImageOperation):
    """Adds noise along the main directions in which the colours of ImageNet vary.

    Args:
        alpha: Standard deviation of the noise, 0 or greater. Default: 0.05.

    Raises:
        TypeError: `alpha` is not a number.
        ValueError: `alpha` is negative.
        RuntimeError: On use, an array is not (H, W, 3).

    Examples:
        >>> ms.dataset.vision.RandomLighting(0.0)(np.full((1, 1, 3), 9, np.uint8))
        array([[[9, 9, 9]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomLighting`.
    """

    def __init__(self, alpha: float = 0.05) -> None:
        self.alpha = check_number("RandomLighting", "alpha", alpha, 0)

    def draw(self, height: int, width: int) -> tuple[np.ndarray]:
        random = rng()
        return (_EIGENVECTORS @ (_EIGENVALUES * [random.gauss(0, self.alpha) for _ in range(3)]),)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return kernels.rounded(rgb(self, data).astype(np.float32) + drawn[0], data.dtype)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return pillow.to_image(self.on_array(pillow.to_array(data.convert("RGB")), *drawn))
