"""Transforms of colours and contrast."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.row_random import rng
from mycelium.dataset.transforms.base import PyTensorOperation
from mycelium.dataset.vision import kernels, pillow
from mycelium.dataset.vision.base import (
    ImageOperation,
    check_number,
    check_probability,
    check_range,
    hwc,
    require,
    rgb,
)
from mycelium.dataset.vision.enums import ConvertMode


class Invert(ImageOperation):
    """Gives the negative: 255 minus each value.

    Raises:
        RuntimeError: On use, an array is not (H, W, 3).

    Examples:
        >>> ms.dataset.vision.Invert()(np.full((1, 1, 3), 5, np.uint8))
        array([[[250, 250, 250]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.Invert`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return np.subtract(255, rgb(self, data), dtype=data.dtype)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return pillow.pillow("ImageOps").invert(data)


def equalize(owner: Any, data: np.ndarray) -> np.ndarray:
    """Each channel spread so that all values are about equally frequent."""
    require(owner, data.dtype == np.uint8, hwc(owner, data), "an image of uint8")
    image = data.reshape(*data.shape[:2], -1)
    out = np.empty_like(image)
    for c in range(image.shape[2]):
        counts = np.bincount(image[..., c].ravel(), minlength=256)
        first = int(np.argmax(counts > 0))
        total = counts.sum() - counts[first]
        if total == 0:
            out[..., c] = image[..., c]
            continue
        below = np.cumsum(counts) - counts[first]
        table = np.clip(np.rint(below * (255.0 / total)), 0, 255).astype(np.uint8)
        table[:first + 1] = 0
        out[..., c] = table[image[..., c]]
    return out


class Equalize(ImageOperation):
    """Spreads the values of each channel so that all are about equally frequent.

    Raises:
        RuntimeError: On use, an array is not an image of uint8.

    Examples:
        >>> ms.dataset.vision.Equalize()(np.arange(12, dtype=np.uint8).reshape(2, 2, 3)).max()
        np.uint8(255)

    MindSpore r1.8 `dataset.vision.Equalize`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return equalize(self, data)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return pillow.pillow("ImageOps").equalize(data)


class AutoContrast(ImageOperation):
    """Stretches each channel so that its darkest value becomes 0 and its lightest 255.

    Args:
        cutoff: Percentage of the darkest and of the lightest values to pass over, below 50. Default: 0.
        ignore: A value, or a list of values, that does not count. Default: none.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, an array is not an image of uint8.

    Examples:
        >>> ms.dataset.vision.AutoContrast()(np.array([[[50] * 3, [101] * 3]], np.uint8))[0, :, 0]
        array([  0, 255], dtype=uint8)

    MindSpore r1.8 `dataset.vision.AutoContrast`.
    """

    def __init__(self, cutoff: float = 0.0, ignore: Any = None) -> None:
        owner = type(self).__name__
        self.cutoff = check_number(owner, "cutoff", cutoff, 0, 50)
        values = [] if ignore is None else [ignore] if isinstance(ignore, int) else ignore
        if not isinstance(values, (list, tuple)):
            raise TypeError(f"For '{owner}', 'ignore' should be an int or a list of ints, but got {describe(ignore)}.")
        self.ignore = [check_number(owner, "ignore", n, 0, 255, whole=True) for n in values]

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.dtype == np.uint8, hwc(self, data), "an image of uint8")
        made = pillow.to_array(self.on_image(pillow.to_image(data)))
        return made if made.ndim == 3 else made[:, :, None]

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return pillow.pillow("ImageOps").autocontrast(data, self.cutoff, self.ignore or None)


class AdjustGamma(ImageOperation):
    """Applies `gain * value ** gamma` to values scaled to 0 to 1.

    Args:
        gamma: Above 1 darkens, below 1 lightens; 0 or greater.
        gain: The factor. Default: 1.

    Raises:
        TypeError: An argument is not a number.
        ValueError: `gamma` is negative.
        RuntimeError: On use, an array is not an image of 1 or 3 channels.

    Examples:
        >>> ms.dataset.vision.AdjustGamma(2.0)(np.full((1, 1), 102, np.uint8))
        array([[40]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.AdjustGamma`.
    """

    def __init__(self, gamma: float, gain: float = 1.0) -> None:
        self.gamma = check_number("AdjustGamma", "gamma", gamma, 0)
        self.gain = check_number("AdjustGamma", "gain", gain)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        hwc(self, data)
        if data.dtype.kind == "f":
            return np.clip(data ** self.gamma * self.gain, 0, 1).astype(data.dtype)
        require(self, data.dtype == np.uint8, data, "an image of uint8 or float")
        table = np.clip((np.arange(256) / 255) ** self.gamma * self.gain * 255, 0, 255).astype(np.uint8)
        return table[data]

    def on_image(self, data: Any, *drawn: Any) -> Any:
        table = [255.999 * self.gain * (n / 255) ** self.gamma for n in range(256)]
        return data.point([min(255, round(n)) for n in table] * len(data.getbands()))


class Grayscale(ImageOperation):
    """Turns a Pillow image into gray levels.

    Args:
        num_output_channels: 1 (default), or 3 for three equal channels.

    Raises:
        TypeError: `num_output_channels` is not an int, or on use, the data is not a Pillow image.
        ValueError: It is neither 1 nor 3.

    Examples:
        >>> image = ms.dataset.vision.ToPIL()(np.zeros((2, 4, 3), np.uint8))
        >>> ms.dataset.vision.Grayscale()(image).mode
        'L'

    MindSpore r1.8 `dataset.vision.Grayscale`.
    """

    def __init__(self, num_output_channels: int = 1) -> None:
        check_number("Grayscale", "num_output_channels", num_output_channels, whole=True)
        if num_output_channels not in (1, 3):
            raise ValueError(f"For 'Grayscale', 'num_output_channels' should be 1 or 3, but got {num_output_channels}.")
        self.num_output_channels = num_output_channels

    def on_image(self, data: Any, *drawn: Any) -> Any:
        level = data.convert("L")
        return level if self.num_output_channels == 1 else pillow.pillow().merge("RGB", (level,) * 3)


_GRAY = {ConvertMode.COLOR_BGR2GRAY: [2, 1, 0], ConvertMode.COLOR_RGB2GRAY: [0, 1, 2],
         ConvertMode.COLOR_BGRA2GRAY: [2, 1, 0], ConvertMode.COLOR_RGBA2GRAY: [0, 1, 2]}
# Where each channel of the result comes from; None is a full alpha channel.
_CHANNELS: dict[ConvertMode, tuple[int, list[int | None]]] = {
    ConvertMode.COLOR_BGR2BGRA: (3, [0, 1, 2, None]), ConvertMode.COLOR_BGRA2BGR: (4, [0, 1, 2]),
    ConvertMode.COLOR_BGR2RGBA: (3, [2, 1, 0, None]), ConvertMode.COLOR_RGBA2BGR: (4, [2, 1, 0]),
    ConvertMode.COLOR_BGR2RGB: (3, [2, 1, 0]), ConvertMode.COLOR_BGRA2RGBA: (4, [2, 1, 0, 3]),
    ConvertMode.COLOR_GRAY2BGR: (1, [0, 0, 0]), ConvertMode.COLOR_GRAY2BGRA: (1, [0, 0, 0, None]),
}


class ConvertColor(ImageOperation):
    """Changes the order or number of channels.

    Args:
        convert_mode: A `ConvertMode`.

    Raises:
        TypeError: `convert_mode` is not a ConvertMode.
        RuntimeError: On use, the data has another number of channels than the mode says.

    Examples:
        >>> vision = ms.dataset.vision
        >>> vision.ConvertColor(vision.ConvertMode.COLOR_RGB2BGR)(np.array([[[1, 2, 3]]], np.uint8))
        array([[[3, 2, 1]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.ConvertColor`.
    """

    def __init__(self, convert_mode: ConvertMode) -> None:
        if not isinstance(convert_mode, ConvertMode):
            raise TypeError(f"For 'ConvertColor', 'convert_mode' should be a ConvertMode, but got "
                            f"{describe(convert_mode)}.")
        self.convert_mode = convert_mode

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        image = hwc(self, data, (1, 3, 4)).reshape(*data.shape[:2], -1)
        if self.convert_mode in _GRAY:
            require(self, image.shape[2] in (3, 4), data, "an image of 3 or 4 channels")
            return kernels.gray(image[..., _GRAY[self.convert_mode]])
        wanted, order = _CHANNELS[self.convert_mode]
        if wanted != 1 and data.ndim == 2:
            image = image.repeat(wanted, 2)
        require(self, image.shape[2] == wanted, data, f"an image of {wanted} channels")
        opaque = np.full(image.shape[:2], 255 if image.dtype.kind in "iu" else 1, image.dtype)
        return np.stack([opaque if c is None else image[..., c] for c in order], 2)


class RgbToBgr(ImageOperation):
    """Turns RGB into BGR.

    Raises:
        RuntimeError: On use, the data is not (H, W, 3).

    Examples:
        >>> ms.dataset.vision.c_transforms.RgbToBgr()(np.array([[[1, 2, 3]]], np.uint8))
        array([[[3, 2, 1]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.c_transforms.RgbToBgr`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return rgb(self, data)[..., ::-1].copy()


class RgbToHsv(PyTensorOperation):
    """Turns RGB into hue (0 to 1), saturation (0 to 1) and value (as in the data), float64.

    Args:
        is_hwc: Whether the data is (H, W, C) or (N, H, W, C) instead of (C, H, W) or (N, C, H, W). Default: False.

    Raises:
        TypeError: `is_hwc` is not a bool, or on use, the data is not such an array with 3 channels.

    Examples:
        >>> ms.dataset.vision.RgbToHsv(is_hwc=True)(np.array([[[255, 0, 0]]], np.uint8))
        array([[[  0.,   1., 255.]]])

    MindSpore r1.8 `dataset.vision.RgbToHsv`.
    """

    def __init__(self, is_hwc: bool = False) -> None:
        if not isinstance(is_hwc, bool):
            raise TypeError(f"For '{type(self).__name__}', 'is_hwc' should be bool, but got {describe(is_hwc)}.")
        self.is_hwc = is_hwc

    def _convert(self, data: np.ndarray, axis: int) -> np.ndarray:
        return kernels.rgb_to_hsv(data, axis)

    def apply(self, data: Any) -> np.ndarray:
        axis = -1 if self.is_hwc else -3
        if not isinstance(data, np.ndarray) or data.ndim not in (3, 4) or data.shape[axis] != 3:
            raise TypeError(f"For '{type(self).__name__}', the data should be an array of 3 or 4 axes with 3 "
                            f"channels at axis {axis} (is_hwc={self.is_hwc}), but got {describe(data)}.")
        return self._convert(data, axis)


class HsvToRgb(RgbToHsv):
    """Turns hue (0 to 1), saturation (0 to 1) and value into RGB, float64.

    Args:
        is_hwc: Whether the data is (H, W, C) or (N, H, W, C) instead of (C, H, W) or (N, C, H, W). Default: False.

    Raises:
        TypeError: `is_hwc` is not a bool, or on use, the data is not such an array with 3 channels.

    Examples:
        >>> ms.dataset.vision.HsvToRgb(is_hwc=True)(np.array([[[0.0, 1.0, 255.0]]]))
        array([[[255.,   0.,   0.]]])

    MindSpore r1.8 `dataset.vision.HsvToRgb`.
    """

    def _convert(self, data: np.ndarray, axis: int) -> np.ndarray:
        return kernels.hsv_to_rgb(data, axis)


class PyRgbToBgr(RgbToHsv):
    """Turns RGB into BGR.

    Args:
        is_hwc: Whether the data is (H, W, C) or (N, H, W, C) instead of (C, H, W) or (N, C, H, W). Default: False.

    Raises:
        TypeError: `is_hwc` is not a bool, or on use, the data is not such an array with 3 channels.

    Examples:
        >>> ms.dataset.vision.py_transforms.RgbToBgr(is_hwc=True)(np.array([[[1, 2, 3]]], np.uint8))
        array([[[3, 2, 1]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.py_transforms.RgbToBgr`.
    """

    def _convert(self, data: np.ndarray, axis: int) -> np.ndarray:
        return np.flip(data, axis).copy()


class GaussianBlur(ImageOperation):
    """Blurs with a Gaussian.

    Args:
        kernel_size: Odd size in pixels, or (for x, for y).
        sigma: Width of the Gaussian, or (for x, for y). Default: `0.3 * ((size - 1) / 2 - 1) + 0.8`.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A size is not odd and positive, or a width is not positive.

    Examples:
        >>> ms.dataset.vision.GaussianBlur(3)(np.full((4, 4), 9, np.uint8))[0]
        array([9, 9, 9, 9], dtype=uint8)

    MindSpore r1.8 `dataset.vision.GaussianBlur`.
    """

    def __init__(self, kernel_size: Any, sigma: Any = None) -> None:
        sizes = _pair("kernel_size", kernel_size)
        for n in sizes:
            check_number("GaussianBlur", "kernel_size", n, 1, whole=True)
            if n % 2 == 0:
                raise ValueError(f"For 'GaussianBlur', 'kernel_size' should be odd, but got {kernel_size}.")
        widths = (0, 0) if sigma is None else _pair("sigma", sigma)
        for n in widths:
            check_number("GaussianBlur", "sigma", n, 0)
        self.kernel_size, self.sigma = sizes, widths

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return kernels.gaussian_blur(data, self.kernel_size, self.sigma)


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value, value
    if not isinstance(value, (list, tuple)) or len(value) not in (1, 2):
        raise TypeError(f"For 'GaussianBlur', {name!r} should be a number or a pair (x, y), but got {describe(value)}.")
    return value[0], value[-1]


# ***** random changes *****


class _Sometimes(ImageOperation):
    """A change that happens with a probability."""

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = check_probability(type(self).__name__, prob)

    def draw(self, height: int, width: int) -> tuple[bool]:
        return (rng().random() < self.prob,)


class RandomInvert(_Sometimes):
    """Gives the negative with a probability.

    Args:
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: `prob` is not a number.
        ValueError: `prob` is out of range.

    Examples:
        >>> ms.dataset.vision.RandomInvert(1.0)(np.full((1, 1, 3), 5, np.uint8))
        array([[[250, 250, 250]]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomInvert`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return Invert().on_array(data) if drawn[0] else data


class RandomEqualize(_Sometimes):
    """Spreads the values of each channel with a probability.

    Args:
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: `prob` is not a number.
        ValueError: `prob` is out of range.

    Examples:
        >>> ms.dataset.vision.RandomEqualize(1.0)(np.arange(12, dtype=np.uint8).reshape(2, 2, 3)).max()
        np.uint8(255)

    MindSpore r1.8 `dataset.vision.RandomEqualize`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return equalize(self, data) if drawn[0] else data


class RandomAutoContrast(AutoContrast):
    """Stretches the contrast with a probability.

    Args:
        cutoff: As for `AutoContrast`.
        ignore: As for `AutoContrast`.
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.RandomAutoContrast(prob=1.0)(np.array([[[50] * 3, [101] * 3]], np.uint8))[0, :, 0]
        array([  0, 255], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomAutoContrast`.
    """

    on_image = ImageOperation.on_image

    def __init__(self, cutoff: float = 0.0, ignore: Any = None, prob: float = 0.5) -> None:
        super().__init__(cutoff, ignore)
        self.prob = check_probability("RandomAutoContrast", prob)

    def draw(self, height: int, width: int) -> tuple[bool]:
        return (rng().random() < self.prob,)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return AutoContrast(self.cutoff, self.ignore).on_array(data) if drawn[0] else data


class RandomGrayscale(_Sometimes):
    """Turns a Pillow image into gray levels with a probability; the number of channels stays.

    Args:
        prob: 0 to 1. Default: 0.1.

    Raises:
        TypeError: `prob` is not a number, or on use, the data is not a Pillow image.
        ValueError: `prob` is out of range.

    Examples:
        >>> image = ms.dataset.vision.ToPIL()(np.zeros((2, 4, 3), np.uint8))
        >>> ms.dataset.vision.RandomGrayscale(1.0)(image).mode
        'RGB'

    MindSpore r1.8 `dataset.vision.RandomGrayscale`.
    """

    def __init__(self, prob: float = 0.1) -> None:
        super().__init__(prob)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return Grayscale(len(data.getbands())).on_image(data) if drawn[0] else data


class RandomSolarize(ImageOperation):
    """Gives the negative of the values in a random range.

    Args:
        threshold: The range is drawn from this one. Default: (0, 255).

    Raises:
        TypeError: `threshold` is not a pair of ints.
        ValueError: A number is not from 0 to 255.

    Examples:
        >>> ms.dataset.vision.RandomSolarize((50, 50))(np.array([[10, 60]], np.uint8))
        array([[ 10, 195]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomSolarize`.
    """

    def __init__(self, threshold: tuple[int, int] = (0, 255)) -> None:
        self.threshold = check_range("RandomSolarize", "threshold", threshold, 0, 255)

    def draw(self, height: int, width: int) -> tuple[int, int]:
        random = rng()
        low, high = sorted(random.randint(*map(int, self.threshold)) for _ in range(2))
        return low, high

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        low, high = drawn
        chosen = data >= low if low == high else (data >= low) & (data <= high)
        return np.where(chosen, np.subtract(255, data, dtype=data.dtype), data)


class RandomPosterize(ImageOperation):
    """Keeps only the upper bits of each value.

    Args:
        bits: How many, 1 to 8, or (fewest, most). Default: (8, 8).

    Raises:
        TypeError: `bits` is not an int or a pair of ints.
        ValueError: A number is not from 1 to 8.
        RuntimeError: On use, the data is not uint8.

    Examples:
        >>> ms.dataset.vision.RandomPosterize(3)(np.array([[172]], np.uint8))
        array([[160]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomPosterize`.
    """

    def __init__(self, bits: Any = (8, 8)) -> None:
        pair = (bits, bits) if isinstance(bits, int) else bits
        self.bits = check_range("RandomPosterize", "bits", pair, 1, 8)

    def draw(self, height: int, width: int) -> tuple[int]:
        return (rng().randint(*map(int, self.bits)),)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.dtype == np.uint8, data, "an image of uint8")
        return data & np.uint8(0xFF << (8 - drawn[0]) & 0xFF)
