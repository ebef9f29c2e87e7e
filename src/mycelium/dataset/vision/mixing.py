"""Transforms that erase parts of an image, mix images of a batch, or choose among other transforms."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.row_random import numpy_rng, rng
from mycelium.dataset.transforms.base import (
    PyTensorOperation,
    TensorOperation,
    check_operations,
    is_image,
    is_user_code,
    run_all,
)
from mycelium.dataset.vision.base import ImageOperation, check_number, check_probability, check_range, require
from mycelium.dataset.vision.enums import ImageBatchFormat


class CutOut(ImageOperation):
    """Sets random squares to zero (DeVries and Taylor 2017).

    Args:
        length: Side of a square in pixels; squares may reach beyond the image.
        num_patches: How many. Default: 1.
        is_hwc: Whether the data is (H, W, C) (default) or (C, H, W).

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is below 1.
        RuntimeError: On use, the data has another number of axes than 3.

    Examples:
        >>> ms.dataset.vision.CutOut(4)(np.ones((8, 8, 3), np.uint8)).shape
        (8, 8, 3)

    MindSpore r1.8 `dataset.vision.CutOut`.
    """

    def __init__(self, length: int, num_patches: int = 1, is_hwc: bool = True) -> None:
        owner = type(self).__name__
        self.length = check_number(owner, "length", length, 1, whole=True)
        self.num_patches = check_number(owner, "num_patches", num_patches, 1, whole=True)
        self.is_hwc = is_hwc

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim == 3, data, "an image of 3 axes")
        out, random = data.copy(), rng()
        image = out if self.is_hwc else out.transpose(1, 2, 0)
        for _ in range(self.num_patches):
            y, x = random.randrange(image.shape[0]), random.randrange(image.shape[1])
            top, left = max(0, y - self.length // 2), max(0, x - self.length // 2)
            image[top:y - self.length // 2 + self.length, left:x - self.length // 2 + self.length] = 0
        return out


class RandomErasing(ImageOperation):
    """Replaces a random rectangle of an array (C, H, W), with a probability (Zhong et al. 2017).

    Args:
        prob: 0 to 1. Default: 0.5.
        scale: Smallest and largest share of the area. Default: (0.02, 0.33).
        ratio: Smallest and largest height divided by width. Default: (0.3, 3.3).
        value: A number, one for each of 3 channels, or "random" for noise. Default: 0.
        inplace: Whether to change the array that is given. Default: False.
        max_attempts: After how many rectangles that do not fit nothing happens. Default: 10.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range, or `value` another word.

    Examples:
        >>> ms.dataset.vision.RandomErasing(1.0)(np.ones((3, 8, 8), np.float32)).shape
        (3, 8, 8)

    MindSpore r1.8 `dataset.vision.RandomErasing`.
    """

    def __init__(self, prob: float = 0.5, scale: tuple[float, float] = (0.02, 0.33),
                 ratio: tuple[float, float] = (0.3, 3.3), value: Any = 0, inplace: bool = False,
                 max_attempts: int = 10) -> None:
        owner = "RandomErasing"
        self.prob = check_probability(owner, prob)
        self.scale = check_range(owner, "scale", scale, 0)
        self.ratio = check_range(owner, "ratio", ratio, 0)
        if isinstance(value, str) and value != "random":
            raise ValueError(f"For '{owner}', 'value' should be a number, 3 numbers or \"random\", but got {value!r}.")
        three = isinstance(value, (list, tuple)) and len(value) == 3
        if not three and not isinstance(value, (int, float, str)):
            raise TypeError(f"For '{owner}', 'value' should be a number, 3 numbers or \"random\", but got "
                            f"{describe(value)}.")
        self.value = value
        self.inplace = inplace
        self.max_attempts = check_number(owner, "max_attempts", max_attempts, 1, whole=True)

    def on_image(self, data: Any, *drawn: Any) -> Any:
        if rng().random() >= self.prob:
            return data
        raise TypeError(f"For 'RandomErasing', the data should be an array (C, H, W), but got {describe(data)}; put "
                        "ToTensor() before it.")

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        random = rng()
        if random.random() >= self.prob:
            return data
        require(self, data.ndim == 3, data, "an image of shape (C, H, W)")
        channels, height, width = data.shape
        for _ in range(self.max_attempts):
            area = random.uniform(*self.scale) * height * width
            ratio = math.exp(random.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            h, w = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < h <= height and 0 < w <= width:
                top, left = random.randint(0, height - h), random.randint(0, width - w)
                out = data if self.inplace else data.copy()
                if self.value == "random":
                    fill: Any = numpy_rng().standard_normal((channels, h, w))
                else:
                    fill = np.reshape(self.value, (-1, 1, 1))
                out[:, top:top + h, left:left + w] = fill
                return out
        return data


class UniformAugment(TensorOperation):
    """A few of the given transforms, chosen anew each time, each with probability one half (LingChen et al. 2020).

    Args:
        transforms: List of transforms.
        num_ops: How many are chosen. Default: 2.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `transforms` is empty or shorter than `num_ops`, or `num_ops` is below 1.

    Examples:
        >>> vision = ms.dataset.vision
        >>> vision.UniformAugment([vision.HorizontalFlip(), vision.VerticalFlip()])(np.ones((2, 2), np.uint8)).shape
        (2, 2)

    MindSpore r1.8 `dataset.vision.UniformAugment`.
    """

    def __init__(self, transforms: list[Callable[..., Any]], num_ops: int = 2) -> None:
        self.transforms = check_operations("UniformAugment", transforms)
        self.num_ops = check_number("UniformAugment", "num_ops", num_ops, 1, len(transforms), whole=True)

    @property
    def user_code(self) -> bool:
        return any(is_user_code(transform) for transform in self.transforms)

    def apply(self, data: Any) -> Any:
        random = rng()
        chosen = [op for op in random.sample(self.transforms, self.num_ops) if random.random() < 0.5]
        return run_all(chosen, (data,))[0]


class RandomSelectSubpolicy(TensorOperation):
    """One of several lists of (transform, probability), chosen anew each time.

    Args:
        policy: List of lists of pairs.

    Raises:
        TypeError: `policy` is not such a list.
        ValueError: A list is empty, or a probability out of range.

    Examples:
        >>> vision = ms.dataset.vision
        >>> policy = [[(vision.HorizontalFlip(), 1.0)], [(vision.VerticalFlip(), 1.0)]]
        >>> vision.RandomSelectSubpolicy(policy)(np.ones((2, 2), np.uint8)).shape
        (2, 2)

    MindSpore r1.8 `dataset.vision.RandomSelectSubpolicy`.
    """

    def __init__(self, policy: list[list[tuple[Callable[..., Any], float]]]) -> None:
        owner = "RandomSelectSubpolicy"
        if not isinstance(policy, list) or not all(isinstance(entry, list) for entry in policy):
            raise TypeError(f"For '{owner}', 'policy' should be a list of lists, but got {describe(policy)}.")
        if not policy or not all(policy):
            raise ValueError(f"For '{owner}', 'policy' and the lists in it should not be empty.")
        for pair in (pair for entry in policy for pair in entry):
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise TypeError(f"For '{owner}', 'policy' should hold (transform, probability), but got "
                                f"{describe(pair)}.")
            check_operations(owner, [pair[0]])
            check_probability(owner, pair[1])
        self.policy = policy

    @property
    def user_code(self) -> bool:
        return any(is_user_code(pair[0]) for entry in self.policy for pair in entry)

    def apply(self, data: Any) -> Any:
        random = rng()
        chosen = [operation for operation, prob in random.choice(self.policy) if random.random() < prob]
        return run_all(chosen, (data,))[0]


# ***** batches *****


class _BatchMixer(TensorOperation):
    """Takes the columns images and labels of a batch, labels one-hot."""

    def _checked(self, inputs: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray]:
        owner = type(self).__name__
        if len(inputs) != 2:
            raise RuntimeError(f"For '{owner}', two columns are expected, images and labels, but got {len(inputs)}.")
        images, labels = inputs
        if images.ndim != 4:
            raise RuntimeError(f"For '{owner}', the images should be a batch of 4 axes, but got {describe(images)}; "
                               "call batch before.")
        if labels.ndim not in (2, 3) or len(labels) != len(images):
            raise RuntimeError(f"For '{owner}', the labels should be one-hot, of shape (N, classes) or "
                               f"(N, rows, classes), but got {describe(labels)}.")
        return images, labels

    @staticmethod
    def _mixed_labels(labels: np.ndarray, order: np.ndarray, share: np.ndarray) -> np.ndarray:
        share = share.reshape(-1, *[1] * (labels.ndim - 1))
        return (labels * share + labels[order] * (1 - share)).astype(np.float32)


class MixUpBatch(_BatchMixer):
    """Mixes each image of a batch, and its label, with another one of it (Zhang et al. 2017).

    Args:
        alpha: Parameter of the Beta distribution of the share, positive. Default: 1.

    Raises:
        TypeError: `alpha` is not a number.
        ValueError: `alpha` is not positive.
        RuntimeError: On use, the columns are not a batch of images and one-hot labels.

    Examples:
        >>> images, labels = np.ones((2, 4, 4, 3), np.uint8), np.eye(2, dtype=np.int32)
        >>> images, labels = ms.dataset.vision.MixUpBatch()(images, labels)
        >>> labels.sum(1)
        array([1., 1.], dtype=float32)

    MindSpore r1.8 `dataset.vision.MixUpBatch`.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = _positive("MixUpBatch", alpha)

    def run(self, *inputs: Any) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._checked(inputs)
        random = numpy_rng()
        share, order = np.float32(random.beta(self.alpha, self.alpha)), random.permutation(len(images))
        mixed = images * share + images[order] * (1 - share)
        return mixed.astype(images.dtype), self._mixed_labels(labels, order, share)


class CutMixBatch(_BatchMixer):
    """Pastes a random part of another image into each image of a batch, and mixes the labels (Yun et al. 2019).

    Args:
        image_batch_format: An `ImageBatchFormat`.
        alpha: Parameter of the Beta distribution of the share, positive. Default: 1.
        prob: With which probability an image is changed. Default: 1.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.
        RuntimeError: On use, the columns are not a batch of images and one-hot labels.

    Examples:
        >>> vision = ms.dataset.vision
        >>> images, labels = np.ones((2, 4, 4, 3), np.uint8), np.eye(2, dtype=np.int32)
        >>> images, labels = vision.CutMixBatch(vision.ImageBatchFormat.NHWC)(images, labels)
        >>> labels.sum(1)
        array([1., 1.], dtype=float32)

    MindSpore r1.8 `dataset.vision.CutMixBatch`.
    """

    def __init__(self, image_batch_format: ImageBatchFormat, alpha: float = 1.0, prob: float = 1.0) -> None:
        if not isinstance(image_batch_format, ImageBatchFormat):
            raise TypeError("For 'CutMixBatch', 'image_batch_format' should be an ImageBatchFormat, but got "
                            f"{describe(image_batch_format)}.")
        self.image_batch_format = image_batch_format
        self.alpha = _positive("CutMixBatch", alpha)
        self.prob = check_probability("CutMixBatch", prob)

    def run(self, *inputs: Any) -> tuple[np.ndarray, np.ndarray]:
        images, labels = self._checked(inputs)
        random, out = numpy_rng(), images.copy()
        order, share = random.permutation(len(images)), np.ones(len(images), np.float32)
        channels_last = self.image_batch_format is ImageBatchFormat.NHWC
        height, width = images.shape[1:3] if channels_last else images.shape[2:]
        for i, other in enumerate(order):
            if random.random() >= self.prob:
                continue
            side = math.sqrt(1 - random.beta(self.alpha, self.alpha))
            y, x = random.integers(height), random.integers(width)
            rows = slice(max(0, int(y - side * height / 2)), min(height, int(y + side * height / 2)))
            columns = slice(max(0, int(x - side * width / 2)), min(width, int(x + side * width / 2)))
            place = (rows, columns) if channels_last else (slice(None), rows, columns)
            out[i][place] = images[other][place]
            share[i] = 1 - (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width)
        return out, self._mixed_labels(labels, order, share)


class MixUp(PyTensorOperation):
    """Mixes a batch with itself in another order, or with the batch before (Zhang et al. 2017).

    Args:
        batch_size: Rows in a batch.
        alpha: Parameter of the Beta distribution of the share, positive.
        is_single: Whether to mix within a batch (default) or with the batch before.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range.

    Examples:
        >>> images, labels = np.ones((2, 4, 4, 3), np.float32), np.eye(2, dtype=np.float32)
        >>> images, labels = ms.dataset.vision.MixUp(batch_size=2, alpha=0.2)(images, labels)
        >>> labels.sum(1)
        array([1., 1.], dtype=float32)

    MindSpore r1.8 `dataset.vision.MixUp`.
    """

    def __init__(self, batch_size: int, alpha: float, is_single: bool = True) -> None:
        self.batch_size = check_number("MixUp", "batch_size", batch_size, 1, whole=True)
        self.alpha = _positive("MixUp", alpha)
        self.is_single = is_single
        self._before: tuple[np.ndarray, np.ndarray] | None = None

    def run(self, *inputs: Any) -> tuple[np.ndarray, np.ndarray]:
        if len(inputs) != 2 or any(is_image(value) for value in inputs):
            raise RuntimeError(f"For 'MixUp', two columns are expected, images and labels, but got {len(inputs)}.")
        images, labels = (value.astype(np.float32) for value in inputs)
        random = numpy_rng()
        share = np.float32(random.beta(self.alpha, self.alpha))
        if self.is_single:
            order = random.permutation(len(images))
            other = images[order], labels[order]
        else:
            other, self._before = self._before or (images, labels), (images, labels)
            if len(other[0]) != len(images):
                other = images, labels
        return tuple(a * share + b * (1 - share)        # type: ignore[return-value]
                     for a, b in zip((images, labels), other, strict=True))


def _positive(owner: str, alpha: Any) -> float:
    if check_number(owner, "alpha", alpha) <= 0:
        raise ValueError(f"For '{owner}', 'alpha' should be positive, but got {alpha}.")
    return alpha
