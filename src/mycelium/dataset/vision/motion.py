"""Transforms that move pixels: flipping, rotating, affine maps, perspective."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.row_random import rng
from mycelium.dataset.vision import kernels, pillow
from mycelium.dataset.vision.base import (
    ImageOperation,
    check_fill,
    check_inter,
    check_number,
    check_probability,
    check_range,
    image_fill,
    require,
)
from mycelium.dataset.vision.enums import Inter


class HorizontalFlip(ImageOperation):
    """Mirrors left and right.

    Raises:
        RuntimeError: On use, the data is not an image.

    Examples:
        >>> ms.dataset.vision.HorizontalFlip()(np.array([[1, 2, 3]], np.uint8))
        array([[3, 2, 1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.HorizontalFlip`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return data[:, ::-1].copy()


class VerticalFlip(ImageOperation):
    """Mirrors top and bottom.

    Raises:
        RuntimeError: On use, the data is not an image.

    Examples:
        >>> ms.dataset.vision.VerticalFlip()(np.array([[1], [2]], np.uint8))
        array([[2],
               [1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.VerticalFlip`.
    """

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return data[::-1].copy()


class RandomHorizontalFlip(ImageOperation):
    """Mirrors left and right with a probability.

    Args:
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: `prob` is not a number.
        ValueError: `prob` is out of range.

    Examples:
        >>> ms.dataset.vision.RandomHorizontalFlip(1.0)(np.array([[1, 2, 3]], np.uint8))
        array([[3, 2, 1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomHorizontalFlip`.
    """

    _axis, _pillow = 1, "mirror"

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = check_probability(type(self).__name__, prob)

    def draw(self, height: int, width: int) -> tuple[bool]:
        return (rng().random() < self.prob,)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return np.flip(data, self._axis).copy() if drawn[0] else data

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return getattr(pillow.pillow("ImageOps"), self._pillow)(data) if drawn[0] else data


class RandomVerticalFlip(RandomHorizontalFlip):
    """Mirrors top and bottom with a probability.

    Args:
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: `prob` is not a number.
        ValueError: `prob` is out of range.

    Examples:
        >>> ms.dataset.vision.RandomVerticalFlip(1.0)(np.array([[1], [2]], np.uint8))
        array([[2],
               [1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomVerticalFlip`.
    """

    _axis, _pillow = 0, "flip"


def check_degrees(owner: str, degrees: Any) -> tuple[float, float]:
    """An angle a for (-a, a), or a pair; TypeError or ValueError otherwise."""
    if isinstance(degrees, (list, tuple)):
        return check_range(owner, "degrees", degrees)
    check_number(owner, "degrees", degrees, 0)
    return -degrees, degrees


class Rotate(ImageOperation):
    """Turns an image counter-clockwise.

    Args:
        degrees: The angle.
        resample: Default: Inter.NEAREST.
        expand: Whether the result is large enough for the whole turned image. Default: False.
        center: (x, y) to turn around. Default: the middle.
        fill_value: What comes where there is no image. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.Rotate(180)(np.array([[1, 2], [3, 4]], np.uint8))
        array([[4, 3],
               [2, 1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.Rotate`.
    """

    def __init__(self, degrees: float, resample: Inter = Inter.NEAREST, expand: bool = False,
                 center: tuple[float, float] | None = None, fill_value: Any = 0) -> None:
        self.degrees = degrees
        self._check(degrees)
        owner = type(self).__name__
        self.resample = check_inter(owner, resample, "resample")
        if not isinstance(expand, bool):
            raise TypeError(f"For '{owner}', 'expand' should be bool, but got {describe(expand)}.")
        self.expand = expand
        if center is not None and (not isinstance(center, (list, tuple)) or len(center) != 2):
            raise TypeError(f"For '{owner}', 'center' should be (x, y), but got {describe(center)}.")
        self.center = center
        self.fill_value = check_fill(owner, fill_value)

    def _check(self, degrees: Any) -> None:
        check_number("Rotate", "degrees", degrees)

    def draw(self, height: int, width: int) -> tuple[float]:
        return (self.degrees,)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        height, width = data.shape[:2]
        matrix = kernels.rotation(drawn[0], self.center or ((width - 1) / 2, (height - 1) / 2))
        if self.expand:
            cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
            new_height, new_width = width * sin + height * cos, width * cos + height * sin
            matrix[0, 2] += (new_width - width) / 2
            matrix[1, 2] += (new_height - height) / 2
            height, width = round(new_height), round(new_width)
        return kernels.warp(data, matrix, height, width, self.resample, self.fill_value)


class RandomRotation(Rotate):
    """Turns an image by a random angle.

    Args:
        degrees: A number a for -a to a, or the smallest and the largest angle.
        resample: Default: Inter.NEAREST.
        expand: Whether the result is large enough for the whole turned image. Default: False.
        center: (x, y) to turn around. Default: the middle.
        fill_value: What comes where there is no image. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.RandomRotation((180, 180))(np.array([[1, 2], [3, 4]], np.uint8))
        array([[4, 3],
               [2, 1]], dtype=uint8)

    MindSpore r1.8 `dataset.vision.RandomRotation`.
    """

    def _check(self, degrees: Any) -> None:
        self._degrees = check_degrees("RandomRotation", degrees)

    def draw(self, height: int, width: int) -> tuple[float]:
        return (rng().uniform(*self._degrees),)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        return data.rotate(drawn[0], pillow.resampling(self.resample), self.expand, self.center,
                           fillcolor=image_fill(data, self.fill_value))


class RandomAffine(ImageOperation):
    """Turns, moves, scales and shears an image at random.

    Args:
        degrees: A number a for -a to a degrees, or the smallest and the largest angle.
        translate: Largest shift as shares of the width and height, (x, y) from 0 to 1 for both directions, or
            (smallest x, largest x[, smallest y, largest y]) from -1 to 1. Default: none.
        scale: Smallest and largest factor. Default: none.
        shear: A number a for -a to a degrees along x, or (smallest, largest) along x, or the same for x and y.
            Default: none.
        resample: Default: Inter.NEAREST.
        fill_value: What comes where there is no image. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> ms.dataset.vision.RandomAffine(15, translate=(0.1, 0.1), scale=(0.9, 1.1))(np.zeros((8, 8, 3))).shape
        (8, 8, 3)

    MindSpore r1.8 `dataset.vision.RandomAffine`.
    """

    def __init__(self, degrees: Any, translate: Any = None, scale: Any = None, shear: Any = None,
                 resample: Inter = Inter.NEAREST, fill_value: Any = 0) -> None:
        self.degrees = check_degrees("RandomAffine", degrees)
        self.translate = _translations(translate)
        self.scale = (1.0, 1.0) if scale is None else check_range("RandomAffine", "scale", scale, 0)
        self.shear = _shears(shear)
        self.resample = check_inter("RandomAffine", resample, "resample")
        self.fill_value = check_fill("RandomAffine", fill_value)

    def draw(self, height: int, width: int) -> tuple[Any, ...]:
        random = rng()
        angle = random.uniform(*self.degrees)
        left, right, up, down = self.translate
        shift = (round(random.uniform(left, right) * width), round(random.uniform(up, down) * height))
        scale = random.uniform(*self.scale)
        x_low, x_high, y_low, y_high = self.shear
        return angle, shift, scale, (random.uniform(x_low, x_high), random.uniform(y_low, y_high))

    @staticmethod
    def _matrix(height: int, width: int, half: float, angle: float, shift: tuple[float, float], scale: float,
                shear: tuple[float, float]) -> np.ndarray:
        """From input (x, y) to output (x, y): scaled and sheared around the centre, turned clockwise, then moved."""
        center = np.array([width * 0.5 - half, height * 0.5 - half])
        turn, tilt_x, tilt_y = math.radians(angle), math.radians(shear[0]), math.radians(shear[1])
        rotate = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        tilt = np.array([[1, -math.tan(tilt_x)], [-math.tan(tilt_y), 1 + math.tan(tilt_x) * math.tan(tilt_y)]])
        linear = scale * rotate @ tilt
        return np.hstack([linear, (center + np.array(shift) - linear @ center)[:, None]])

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        height, width = data.shape[:2]
        return kernels.warp(data, self._matrix(height, width, 0.5, *drawn), height, width, self.resample,
                            self.fill_value)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        matrix = self._matrix(data.height, data.width, -0.5, *drawn)
        back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
        image = pillow.pillow()
        return data.transform(data.size, image.Transform.AFFINE, tuple(back.ravel()),
                              pillow.resampling(self.resample), fillcolor=image_fill(data, self.fill_value))


def _translations(translate: Any) -> tuple[float, float, float, float]:
    if translate is None:
        return 0.0, 0.0, 0.0, 0.0
    if not isinstance(translate, (list, tuple)) or len(translate) not in (2, 4):
        raise TypeError(f"For 'RandomAffine', 'translate' should be 2 or 4 numbers, but got {describe(translate)}.")
    for n in translate:
        check_number("RandomAffine", "translate", n, -1, 1)
    if len(translate) == 2:
        return translate[0], translate[1], 0.0, 0.0
    return translate[0], translate[1], translate[2], translate[3]


def _shears(shear: Any) -> tuple[float, float, float, float]:
    if shear is None:
        return 0.0, 0.0, 0.0, 0.0
    if isinstance(shear, (int, float)):
        check_number("RandomAffine", "shear", shear, 0)
        return -shear, shear, 0.0, 0.0
    if not isinstance(shear, (list, tuple)) or len(shear) not in (2, 4):
        raise TypeError(f"For 'RandomAffine', 'shear' should be a number, or 2 or 4 numbers, but got "
                        f"{describe(shear)}.")
    for n in shear:
        check_number("RandomAffine", "shear", n)
    return (shear[0], shear[1], 0.0, 0.0) if len(shear) == 2 else (shear[0], shear[1], shear[2], shear[3])


class RandomPerspective(ImageOperation):
    """Looks at a Pillow image from a random angle, with a probability.

    Args:
        distortion_scale: How far the corners may move, 0 to 1. Default: 0.5.
        prob: 0 to 1. Default: 0.5.
        interpolation: Default: Inter.BICUBIC.

    Raises:
        TypeError: An argument has the wrong type, or on use, the data is not a Pillow image.
        ValueError: A number is out of range.

    Examples:
        >>> image = ms.dataset.vision.ToPIL()(np.zeros((8, 6, 3), np.uint8))
        >>> ms.dataset.vision.RandomPerspective()(image).size
        (6, 8)

    MindSpore r1.8 `dataset.vision.RandomPerspective`.
    """

    def __init__(self, distortion_scale: float = 0.5, prob: float = 0.5, interpolation: Inter = Inter.BICUBIC) -> None:
        self.distortion_scale = check_number("RandomPerspective", "distortion_scale", distortion_scale, 0, 1)
        self.prob = check_probability("RandomPerspective", prob)
        self.interpolation = check_inter("RandomPerspective", interpolation)

    def draw(self, height: int, width: int) -> tuple[Any, ...]:
        random = rng()
        if random.random() >= self.prob:
            return (None,)
        across, down = int(self.distortion_scale * width / 2), int(self.distortion_scale * height / 2)
        moved = []
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1)):
            dx, dy = random.randint(0, across), random.randint(0, down)
            moved.append((width - 1 - dx if x else dx, height - 1 - dy if y else dy))
        return (moved,)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        moved = drawn[0]
        if moved is None:
            return data
        right, bottom = data.width - 1, data.height - 1
        corners = ((0, 0), (right, 0), (right, bottom), (0, bottom))
        rows, values = [], []
        for (x, y), (u, v) in zip(moved, corners, strict=True):     # output corner -> input corner
            rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
            values += [u, v]
        coefficients = np.linalg.lstsq(np.array(rows, float), np.array(values, float), rcond=None)[0]
        image = pillow.pillow()
        return data.transform(data.size, image.Transform.PERSPECTIVE, tuple(coefficients),
                              pillow.resampling(self.interpolation))
