"""Transforms that change the size of an image: resizing, cropping, padding."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.row_random import rng
from mycelium.dataset.vision import kernels, pillow
from mycelium.dataset.vision.base import (
    ImageOperation,
    array_inter,
    check_border,
    check_fill,
    check_inter,
    check_number,
    check_padding,
    check_range,
    check_size,
    hwc,
    image_fill,
    require,
)
from mycelium.dataset.vision.enums import Border, Inter, SliceMode
from mycelium.dataset.vision.values import Decode


def resize_array(owner: Any, data: np.ndarray, height: int, width: int, inter: Inter) -> np.ndarray:
    """An image array with another height and width."""
    name = type(owner).__name__
    require(owner, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
    if array_inter(name, inter) is Inter.PILCUBIC:
        require(owner, data.ndim == 3 and data.shape[2] == 3 and data.dtype == np.uint8, data,
                "an RGB image of shape (H, W, 3) and uint8, for PILCUBIC")
        image = pillow.to_image(data).resize((width, height), pillow.resampling(Inter.BICUBIC))
        return pillow.to_array(image)
    return kernels.resize(data, height, width, inter)


def resize_image(image: Any, height: int, width: int, inter: Inter) -> Any:
    """A Pillow image with another height and width."""
    return image.resize((width, height), pillow.resampling(inter))


def shorter_to(size: int, height: int, width: int) -> tuple[int, int]:
    """The height and width when the shorter of the two becomes `size`."""
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


class Resize(ImageOperation):
    """Resizes an image.

    Args:
        size: (height, width), or an int for the shorter side, which keeps the ratio.
        interpolation: Default: Inter.BILINEAR. Inter.ANTIALIAS is for Pillow images, AREA and PILCUBIC for arrays.

    Raises:
        TypeError: An argument has the wrong type, or on use, the data has no such interpolation.
        ValueError: A size below 1.
        RuntimeError: On use, the data is not an image.

    Examples:
        >>> ms.dataset.vision.Resize((2, 3))(np.zeros((4, 6, 3), np.uint8)).shape
        (2, 3, 3)

    MindSpore r1.8 `dataset.vision.Resize`.
    """

    def __init__(self, size: Any, interpolation: Inter = Inter.BILINEAR) -> None:
        self._size = check_size("Resize", size)
        self.size = size
        self.interpolation = check_inter("Resize", interpolation)

    def _target(self, height: int, width: int) -> tuple[int, int]:
        return shorter_to(self.size, height, width) if isinstance(self.size, int) else self._size

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return resize_array(self, data, *self._target(*data.shape[:2]), self.interpolation)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return resize_image(data, *self._target(data.height, data.width), self.interpolation)


class RandomResize(ImageOperation):
    """Resizes an image with an interpolation drawn anew each time.

    Args:
        size: (height, width), or an int for the shorter side.

    Raises:
        TypeError: `size` has the wrong type.
        ValueError: A size below 1.

    Examples:
        >>> ms.dataset.vision.RandomResize((2, 3))(np.zeros((4, 6, 3), np.uint8)).shape
        (2, 3, 3)

    MindSpore r1.8 `dataset.vision.RandomResize`.
    """

    def __init__(self, size: Any) -> None:
        self._resizes = [Resize(size, inter) for inter in (Inter.NEAREST, Inter.BILINEAR, Inter.BICUBIC, Inter.AREA)]
        self.size = size

    def draw(self, height: int, width: int) -> tuple[Resize]:
        return (rng().choice(self._resizes),)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return drawn[0].on_array(data)


# ***** cropping and padding *****


def crop(owner: Any, data: Any, top: int, left: int, height: int, width: int) -> Any:
    """A part of an array or a Pillow image."""
    if not isinstance(data, np.ndarray):
        return data.crop((left, top, left + width, top + height))
    require(owner, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
    if top + height > data.shape[0] or left + width > data.shape[1]:
        raise RuntimeError(f"For '{type(owner).__name__}', the part of height {height} and width {width} at row {top} "
                           f"and column {left} reaches beyond the image of shape {data.shape}.")
    return data[top:top + height, left:left + width].copy()


def pad(owner: Any, data: Any, padding: tuple[int, int, int, int], fill: tuple[int, ...], border: Border) -> Any:
    """An array or a Pillow image with a border of (left, top, right, bottom) pixels."""
    if isinstance(data, np.ndarray):
        return kernels.pad(hwc(owner, data), *padding, fill, border)
    if border is Border.CONSTANT:
        return pillow.pillow("ImageOps").expand(data, padding, image_fill(data, fill))
    return pillow.to_image(kernels.pad(pillow.to_array(data), *padding, fill, border))


class Crop(ImageOperation):
    """Cuts out a part.

    Args:
        coordinates: (row, column) of its upper left corner.
        size: (height, width), or an int for a square.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the part reaches beyond the image.

    Examples:
        >>> ms.dataset.vision.Crop((0, 1), (2, 3))(np.zeros((4, 6, 3), np.uint8)).shape
        (2, 3, 3)

    MindSpore r1.8 `dataset.vision.Crop`.
    """

    def __init__(self, coordinates: tuple[int, int], size: Any) -> None:
        if not isinstance(coordinates, (list, tuple)) or len(coordinates) != 2:
            raise TypeError(f"For 'Crop', 'coordinates' should be (row, column), but got {describe(coordinates)}.")
        for n in coordinates:
            check_number("Crop", "coordinates", n, 0, 2147483647, whole=True)
        self.coordinates = coordinates
        self.size = check_size("Crop", size)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return crop(self, data, *self.coordinates, *self.size)


class CenterCrop(ImageOperation):
    """Cuts out the middle; where the image is too small, it is padded with zeros first.

    Args:
        size: (height, width), or an int for a square.

    Raises:
        TypeError: `size` has the wrong type.
        ValueError: A size below 1.
        RuntimeError: On use, the data is not an image.

    Examples:
        >>> ms.dataset.vision.CenterCrop(2)(np.arange(16).reshape(4, 4).astype(np.uint8))
        array([[ 5,  6],
               [ 9, 10]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.CenterCrop`.
    """

    def __init__(self, size: Any) -> None:
        self.size = check_size("CenterCrop", size)

    def _cut(self, data: Any, height: int, width: int) -> Any:
        down, right = max(0, self.size[0] - height), max(0, self.size[1] - width)
        if down or right:
            # Where the border cannot be even, arrays get the odd pixel above and to the left, Pillow images opposite.
            up = 1 if isinstance(data, np.ndarray) else 0
            top, left = (down + up) // 2, (right + up) // 2
            padding = (left, top, right - left, down - top)
            data = pad(self, data, padding, (0,), Border.CONSTANT)
        top, left = (height + down - self.size[0]) / 2, (width + right - self.size[1]) / 2
        # Pillow-based transforms round the corner, array-based ones cut it off.
        corner = (int(top), int(left)) if isinstance(data, np.ndarray) else (int(round(top)), int(round(left)))
        return crop(self, data, *corner, *self.size)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return self._cut(hwc(self, data), *data.shape[:2])

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return self._cut(data, data.height, data.width)


class Pad(ImageOperation):
    """Adds a border.

    Args:
        padding: Pixels on every side; or (left and top, right and bottom); or (left, top, right, bottom).
        fill_value: For Border.CONSTANT: a value from 0 to 255, or one for each of 3 channels. Default: 0.
        padding_mode: Default: Border.CONSTANT.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the data is not an image of 1 or 3 channels.

    Examples:
        >>> ms.dataset.vision.Pad(1, fill_value=7)(np.zeros((1, 1), np.uint8))
        array([[7, 7, 7],
               [7, 0, 7],
               [7, 7, 7]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.Pad`.
    """

    def __init__(self, padding: Any, fill_value: Any = 0, padding_mode: Border = Border.CONSTANT) -> None:
        self.padding = check_padding("Pad", padding)
        self.fill_value = check_fill("Pad", fill_value)
        self.padding_mode = check_border("Pad", padding_mode)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return pad(self, data, self.padding, self.fill_value, self.padding_mode)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return pad(self, data, self.padding, self.fill_value, self.padding_mode)


class PadToSize(ImageOperation):
    """Adds a border to reach a size.

    Args:
        size: (height, width), or an int for a square.
        offset: (top, left) of the image in the result, or an int for both; None (default) or empty for the middle.
        fill_value: As for `Pad`.
        padding_mode: As for `Pad`.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the image is larger than `size` allows.

    Examples:
        >>> ms.dataset.vision.PadToSize((4, 6))(np.zeros((2, 2, 3), np.uint8)).shape
        (4, 6, 3)

    MindSpore r1.8 `dataset.vision.PadToSize`.
    """

    def __init__(self, size: Any, offset: Any = None, fill_value: Any = 0,
                 padding_mode: Border = Border.CONSTANT) -> None:
        self.size = check_size("PadToSize", size)
        pair = (offset, offset) if isinstance(offset, int) else tuple(offset or ())
        if len(pair) not in (0, 2):
            raise ValueError(f"For 'PadToSize', 'offset' should be an int or (top, left), but got {offset}.")
        for n in pair:
            check_number("PadToSize", "offset", n, 0, 2147483647, whole=True)
        self.offset = pair
        self.fill_value = check_fill("PadToSize", fill_value)
        self.padding_mode = check_border("PadToSize", padding_mode)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        down, right = self.size[0] - data.shape[0], self.size[1] - data.shape[1]
        top, left = self.offset or (down // 2, right // 2)
        if min(top, left, down - top, right - left) < 0:
            raise RuntimeError(f"For 'PadToSize', an image of shape {data.shape} at offset {(top, left)} does not fit "
                               f"into {self.size}.")
        return pad(self, data, (left, top, right - left, down - top), self.fill_value, self.padding_mode)


class RandomCrop(ImageOperation):
    """Cuts out a part at a random place.

    Args:
        size: (height, width), or an int for a square.
        padding: Border to add first, as for `Pad`. Default: none.
        pad_if_needed: Whether to pad an image that is too small. Default: False.
        fill_value: As for `Pad`.
        padding_mode: As for `Pad`.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the image is too small (ValueError for Pillow images).

    Examples:
        >>> ms.dataset.vision.RandomCrop(2, padding=1)(np.zeros((4, 6, 3), np.uint8)).shape
        (2, 2, 3)

    MindSpore r1.8 `dataset.vision.RandomCrop`.
    """

    def __init__(self, size: Any, padding: Any = None, pad_if_needed: bool = False, fill_value: Any = 0,
                 padding_mode: Border = Border.CONSTANT) -> None:
        self.size = check_size("RandomCrop", size)
        self.padding = check_padding("RandomCrop", 0 if padding is None else padding)
        if not isinstance(pad_if_needed, bool):
            raise TypeError(f"For 'RandomCrop', 'pad_if_needed' should be bool, but got {describe(pad_if_needed)}.")
        self.pad_if_needed = pad_if_needed
        self.fill_value = check_fill("RandomCrop", fill_value)
        self.padding_mode = check_border("RandomCrop", padding_mode)

    def draw(self, height: int, width: int) -> tuple[float, float]:
        random = rng()
        return random.random(), random.random()

    def _cut(self, data: Any, height: int, width: int, drawn: tuple[Any, ...], error: type[Exception]) -> Any:
        left, top, right, bottom = self.padding
        height, width = height + top + bottom, width + left + right
        if self.pad_if_needed:
            down, across = max(0, self.size[0] - height), max(0, self.size[1] - width)
            left, top, right, bottom = left + across, top + down, right + across, bottom + down
            height, width = height + 2 * down, width + 2 * across
        if self.size[0] > height or self.size[1] > width:
            raise error(f"For 'RandomCrop', 'size' {self.size} is larger than the image of height {height} and width "
                        f"{width}; pad_if_needed=True would pad it.")
        if left or top or right or bottom:
            data = pad(self, data, (left, top, right, bottom), self.fill_value, self.padding_mode)
        places = (height - self.size[0] + 1, width - self.size[1] + 1)
        return crop(self, data, int(drawn[0] * places[0]), int(drawn[1] * places[1]), *self.size)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return self._cut(hwc(self, data), *data.shape[:2], drawn, RuntimeError)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return self._cut(data, data.height, data.width, drawn, ValueError)


class RandomResizedCrop(ImageOperation):
    """Cuts out a part of random size and shape, and resizes it (Szegedy et al. 2015).

    Args:
        size: (height, width) of the result, or an int for a square.
        scale: Smallest and largest share of the area. Default: (0.08, 1).
        ratio: Smallest and largest width divided by height. Default: (3/4, 4/3).
        interpolation: Default: Inter.BILINEAR.
        max_attempts: After how many parts that do not fit the middle is taken. Default: 10.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.RandomResizedCrop((2, 3))(np.zeros((8, 8, 3), np.uint8)).shape
        (2, 3, 3)

    MindSpore r1.8 `dataset.vision.RandomResizedCrop`.
    """

    def __init__(self, size: Any, scale: tuple[float, float] = (0.08, 1.0),
                 ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0), interpolation: Inter = Inter.BILINEAR,
                 max_attempts: int = 10) -> None:
        owner = type(self).__name__
        self.size = check_size(owner, size)
        self.scale = check_range(owner, "scale", scale, 0)
        self.ratio = check_range(owner, "ratio", ratio, 0)
        if self.ratio[0] <= 0 or self.scale[1] <= 0:
            raise ValueError(f"For '{owner}', 'ratio' and 'scale' should be positive, but got {ratio} and {scale}.")
        self.interpolation = check_inter(owner, interpolation)
        self.max_attempts = check_number(owner, "max_attempts", max_attempts, 1, whole=True)

    def draw(self, height: int, width: int) -> tuple[int, int, int, int]:
        random = rng()
        for _ in range(self.max_attempts):
            area = height * width * random.uniform(*self.scale)
            ratio = math.exp(random.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < w <= width and 0 < h <= height:
                return random.randint(0, height - h), random.randint(0, width - w), h, w
        ratio = min(max(width / max(height, 1), self.ratio[0]), self.ratio[1])
        w, h = min(width, round(height * ratio)), min(height, round(width / ratio))
        return (height - h) // 2, (width - w) // 2, h, w

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        return resize_array(self, crop(self, data, *drawn), *self.size, self.interpolation)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return resize_image(crop(self, data, *drawn), *self.size, self.interpolation)


class RandomCropDecodeResize(RandomResizedCrop):
    """Decodes the content of an image file, cuts out a part of random size and shape, and resizes it.

    Args:
        size: (height, width) of the result, or an int for a square.
        scale: Smallest and largest share of the area. Default: (0.08, 1).
        ratio: Smallest and largest width divided by height. Default: (3/4, 4/3).
        interpolation: Default: Inter.BILINEAR.
        max_attempts: After how many parts that do not fit the middle is taken. Default: 10.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the data is not the content of an image file.

    Examples:
        >>> decode = ms.dataset.vision.RandomCropDecodeResize(224)

    MindSpore r1.8 `dataset.vision.RandomCropDecodeResize`.
    """

    def apply(self, data: Any) -> np.ndarray:
        return super().apply(Decode().apply(data))


class FiveCrop(ImageOperation):
    """The four corners and the middle of a Pillow image, as a tuple.

    Args:
        size: (height, width), or an int for a square.

    Raises:
        TypeError: `size` has the wrong type, or on use, the data is not a Pillow image.
        ValueError: A size below 1, or on use, larger than the image.

    Examples:
        >>> image = ms.dataset.vision.ToPIL()(np.zeros((4, 6, 3), np.uint8))
        >>> len(ms.dataset.vision.FiveCrop(2)(image))
        5

    MindSpore r1.8 `dataset.vision.FiveCrop`.
    """

    def __init__(self, size: Any) -> None:
        self.size = check_size(type(self).__name__, size)

    def on_image(self, data: Any, *drawn: Any) -> tuple[Any, ...]:
        (h, w), height, width = self.size, data.height, data.width
        if h > height or w > width:
            raise ValueError(f"For '{type(self).__name__}', 'size' {self.size} is larger than the image of height "
                             f"{height} and width {width}.")
        corners = [(0, 0), (0, width - w), (height - h, 0), (height - h, width - w)]
        return (*(crop(self, data, *corner, h, w) for corner in corners), CenterCrop(self.size).on_image(data))


class TenCrop(FiveCrop):
    """The four corners and the middle of a Pillow image and of its mirror image, as a tuple.

    Args:
        size: (height, width), or an int for a square.
        use_vertical_flip: Whether to mirror top and bottom instead of left and right. Default: False.

    Raises:
        TypeError: An argument has the wrong type, or on use, the data is not a Pillow image.
        ValueError: A size below 1, or on use, larger than the image.

    Examples:
        >>> image = ms.dataset.vision.ToPIL()(np.zeros((4, 6, 3), np.uint8))
        >>> len(ms.dataset.vision.TenCrop(2)(image))
        10

    MindSpore r1.8 `dataset.vision.TenCrop`.
    """

    def __init__(self, size: Any, use_vertical_flip: bool = False) -> None:
        super().__init__(size)
        self.use_vertical_flip = use_vertical_flip

    def on_image(self, data: Any, *drawn: Any) -> tuple[Any, ...]:
        flip = pillow.pillow("ImageOps").flip if self.use_vertical_flip else pillow.pillow("ImageOps").mirror
        return (*super().on_image(data), *super().on_image(flip(data)))


class SlicePatches(ImageOperation):
    """Divides an image into patches, as a tuple, row by row.

    Args:
        num_height: Patches in a column. Default: 1.
        num_width: Patches in a row. Default: 1.
        slice_mode: What happens to pixels left over. Default: SliceMode.PAD.
        fill_value: What the border is filled with. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> [p.shape for p in ms.dataset.vision.SlicePatches(1, 2)(np.zeros((4, 6, 3), np.uint8))]
        [(4, 3, 3), (4, 3, 3)]

    MindSpore r1.8 `dataset.vision.SlicePatches`.
    """

    def __init__(self, num_height: int = 1, num_width: int = 1, slice_mode: SliceMode = SliceMode.PAD,
                 fill_value: int = 0) -> None:
        self.num_height = check_number("SlicePatches", "num_height", num_height, 1, whole=True)
        self.num_width = check_number("SlicePatches", "num_width", num_width, 1, whole=True)
        if not isinstance(slice_mode, SliceMode):
            raise TypeError(f"For 'SlicePatches', 'slice_mode' should be a SliceMode, but got {describe(slice_mode)}.")
        self.slice_mode = slice_mode
        self.fill_value = check_number("SlicePatches", "fill_value", fill_value, 0, 255, whole=True)

    def on_array(self, data: np.ndarray, *drawn: Any) -> Any:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        up = self.slice_mode is SliceMode.PAD
        h, w = (-(-n // k) if up else n // k for n, k in zip(data.shape, (self.num_height, self.num_width),
                                                             strict=False))
        require(self, h > 0 and w > 0, data, f"an image of at least {self.num_height} x {self.num_width} pixels")
        down, right = max(0, h * self.num_height - data.shape[0]), max(0, w * self.num_width - data.shape[1])
        whole = kernels.pad(data, 0, 0, right, down, (self.fill_value,), Border.CONSTANT)
        patches = tuple(whole[i * h:(i + 1) * h, j * w:(j + 1) * w].copy()
                        for i in range(self.num_height) for j in range(self.num_width))
        return patches if len(patches) > 1 else patches[0]   # pyright: ignore[reportGeneralTypeIssues]
