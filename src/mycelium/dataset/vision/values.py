"""Transforms of pixel values and formats: decoding, conversion, scaling, normalisation."""
from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.transforms.base import PyTensorOperation, TensorOperation, is_image
from mycelium.dataset.transforms.common import TypeCast, cast, numpy_type
from mycelium.dataset.vision import pillow
from mycelium.dataset.vision.base import ImageOperation, check_number, require


class Decode(TensorOperation):
    """Decodes the content of an image file (JPEG, PNG, BMP, ...) to RGB.

    Args:
        to_pil: Whether to give a Pillow image instead of an array (H, W, 3). Default: False.

    Raises:
        TypeError: `to_pil` is not a bool, or on use, the data is not a 1-D array of uint8.
        RuntimeError: On use, the data is not the content of an image file.

    Examples:
        >>> import io
        >>> from PIL import Image
        >>> file = io.BytesIO()
        >>> Image.new("RGB", (4, 2), (255, 0, 0)).save(file, "PNG")
        >>> ms.dataset.vision.Decode()(np.frombuffer(file.getvalue(), np.uint8)).shape
        (2, 4, 3)

    MindSpore r1.8 `dataset.vision.Decode`.
    """

    def __init__(self, to_pil: bool = False) -> None:
        if not isinstance(to_pil, bool):
            raise TypeError(f"For 'Decode', 'to_pil' should be bool, but got {describe(to_pil)}.")
        self.to_pil = to_pil

    def apply(self, data: Any) -> Any:
        if not isinstance(data, np.ndarray) or data.ndim != 1 or data.dtype != np.uint8:
            raise TypeError("For 'Decode', the data should be the bytes of an image file, as a 1-D array of uint8, but "
                            f"got {describe(data)}.")
        content = data.tobytes()
        try:
            image = pillow.pillow().open(io.BytesIO(content)).convert("RGB")
        except OSError as error:
            raise RuntimeError(f"For 'Decode', the {len(content)} bytes are not a readable image file: {error}"
                               ) from error
        return image if self.to_pil else pillow.to_array(image)


class ToPIL(PyTensorOperation):
    """Turns an array (H, W) or (H, W, C) into a Pillow image.

    Raises:
        TypeError: On use, Pillow has no image of this dtype.
        ValueError: On use, the shape is that of no image.

    Examples:
        >>> ms.dataset.vision.ToPIL()(np.zeros((2, 4, 3), np.uint8)).size
        (4, 2)

    MindSpore r1.8 `dataset.vision.ToPIL`.
    """

    def apply(self, data: Any) -> Any:
        return data if is_image(data) else pillow.to_image(data)


class ToNumpy(PyTensorOperation):
    """Turns a Pillow image into an array.

    Examples:
        >>> ms.dataset.vision.ToNumpy()(ms.dataset.vision.ToPIL()(np.zeros((2, 4, 3), np.uint8))).shape
        (2, 4, 3)

    MindSpore r1.8 `dataset.vision.ToNumpy`.
    """

    def apply(self, data: Any) -> np.ndarray:
        return pillow.to_array(data) if is_image(data) else data


class ToTensor(ImageOperation):
    """Turns an image of 0 to 255 and (H, W, C) into an array of 0 to 1 and (C, H, W).

    Args:
        output_type: The type of the result. Default: `numpy.float32`.

    Raises:
        TypeError: `output_type` is not a type.
        RuntimeError: On use, the data is not (H, W) or (H, W, C).

    Examples:
        >>> ms.dataset.vision.ToTensor()(np.full((2, 4, 3), 51, np.uint8))[0, 0]
        array([0.2, 0.2, 0.2, 0.2], dtype=float32)

    MindSpore r1.8 `dataset.vision.ToTensor`.
    """

    def __init__(self, output_type: Any = np.float32) -> None:
        self.output_type = output_type
        self._dtype = numpy_type("ToTensor", output_type)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        image = data[:, :, None] if data.ndim == 2 else data
        scaled = np.ascontiguousarray(image.transpose(2, 0, 1)) * np.float32(1 / 255)
        return cast("ToTensor", scaled, self._dtype)


class ToType(TypeCast):
    """Casts to another data type.

    Args:
        data_type: `mindspore.float32`, `numpy.float32` and the like.

    Raises:
        TypeError: `data_type` is not a type.

    Examples:
        >>> ms.dataset.vision.ToType(np.float16)(np.array([1, 2]))
        array([1., 2.], dtype=float16)

    MindSpore r1.8 `dataset.vision.ToType`.
    """

    def apply(self, data: Any) -> np.ndarray:
        return super().apply(pillow.to_array(data) if is_image(data) else data)


class Rescale(ImageOperation):
    """Multiplies and adds: `data * rescale + shift`, as float32.

    Args:
        rescale: The factor.
        shift: What is added.

    Raises:
        TypeError: An argument is not a number.

    Examples:
        >>> ms.dataset.vision.Rescale(1 / 255, -1)(np.array([0, 255], np.uint8))
        array([-1.,  0.], dtype=float32)

    MindSpore r1.8 `dataset.vision.Rescale`.
    """

    vectorized = True

    def __init__(self, rescale: float, shift: float) -> None:
        self.rescale = check_number("Rescale", "rescale", rescale)
        self.shift = check_number("Rescale", "shift", shift)

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        out = np.multiply(data, np.float32(self.rescale), dtype=np.float32)
        out += np.float32(self.shift)
        return out


class HWC2CHW(ImageOperation):
    """Turns (H, W, C) into (C, H, W); (H, W) stays.

    Raises:
        RuntimeError: On use, the data has another number of axes.

    Examples:
        >>> ms.dataset.vision.HWC2CHW()(np.zeros((2, 4, 3))).shape
        (3, 2, 4)

    MindSpore r1.8 `dataset.vision.HWC2CHW`.
    """

    vectorized = True

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W) or (H, W, C)")
        return np.ascontiguousarray(data.transpose(2, 0, 1)) if data.ndim == 3 else data

    def on_batch(self, data: np.ndarray) -> np.ndarray:
        require(self, data.ndim in (3, 4), data, "images of shape (H, W) or (H, W, C)")
        return np.ascontiguousarray(data.transpose(0, 3, 1, 2)) if data.ndim == 4 else data


def statistics(owner: str, mean: Any, std: Any) -> tuple[np.ndarray, np.ndarray]:
    """`mean` and `std` as float32 arrays, checked."""
    for name, values in (("mean", mean), ("std", std)):
        if not isinstance(values, (list, tuple)):
            raise TypeError(f"For '{owner}', {name!r} should be a list or tuple, but got {describe(values)}.")
        for value in values:
            check_number(owner, name, value, 0, 255)
    if len(mean) != len(std):
        raise ValueError(f"For '{owner}', 'mean' and 'std' should be equally long, but got {mean} and {std}.")
    if any(value == 0 for value in std):
        raise ValueError(f"For '{owner}', 'std' should not hold 0, but got {std}.")
    return np.asarray(mean, np.float32), np.asarray(std, np.float32)


class Normalize(ImageOperation):
    """Takes the mean off each channel and divides by its standard deviation, as float32.

    Args:
        mean: One number per channel, in the units of the data.
        std: One number per channel, not 0.
        is_hwc: Whether the data is (H, W, C) (default) or (C, H, W).

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range, or the lengths differ.
        RuntimeError: On use, the number of channels is not that of `mean`.

    Examples:
        >>> ms.dataset.vision.Normalize([100.0], [50.0])(np.full((1, 2), 200, np.uint8))
        array([[2., 2.]], dtype=float32)

    MindSpore r1.8 `dataset.vision.Normalize`.
    """

    vectorized = True

    def __init__(self, mean: Sequence[float], std: Sequence[float], is_hwc: bool = True) -> None:
        self._mean, self._std = statistics(type(self).__name__, mean, std)
        self.mean, self.std, self.is_hwc = mean, std, is_hwc

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim in (2, 3), data, "an image of shape (H, W), (H, W, C) or (C, H, W)")
        return self._normalized(data, 0)

    def on_batch(self, data: np.ndarray) -> np.ndarray:
        return self._normalized(data, 1)

    def _normalized(self, data: np.ndarray, outer: int) -> np.ndarray:
        """`data` normalised; its first `outer` axes count images."""
        flat = data.ndim - outer == 2
        image = data[..., None] if flat and self.is_hwc else data
        axis = -1 if self.is_hwc else outer
        require(self, image.shape[axis] == len(self._mean), data,
                f"an image with {len(self._mean)} channels, the length of 'mean'")
        shape = (-1,) if self.is_hwc else (-1, 1, 1)
        mean, std = self._mean.reshape(shape), self._std.reshape(shape)
        out = np.subtract(image, mean, dtype=np.float32)
        out /= std
        return out[..., 0] if flat and self.is_hwc else out


class NormalizePad(ImageOperation):
    """Normalises, and adds a fourth channel of zeros.

    Args:
        mean: One number per channel.
        std: One number per channel, not 0.
        dtype: "float32" (default) or "float16".
        is_hwc: Whether the data is (H, W, C) (default) or (C, H, W).

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A number is out of range, or `dtype` is another word.
        RuntimeError: On use, the number of channels is not that of `mean`.

    Examples:
        >>> ms.dataset.vision.NormalizePad([1.0] * 3, [2.0] * 3)(np.zeros((2, 4, 3))).shape
        (2, 4, 4)

    MindSpore r1.8 `dataset.vision.NormalizePad`.
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], dtype: str = "float32",
                 is_hwc: bool = True) -> None:
        self._normalize = Normalize(mean, std, is_hwc)
        if dtype not in ("float32", "float16"):
            raise ValueError(f"For 'NormalizePad', 'dtype' should be \"float32\" or \"float16\", but got {dtype!r}.")
        self.dtype = dtype
        self.is_hwc = is_hwc

    def on_array(self, data: np.ndarray, *drawn: Any) -> np.ndarray:
        require(self, data.ndim == 3, data, "an image of shape (H, W, C) or (C, H, W)")
        normalized = self._normalize.on_array(data).astype(self.dtype)
        axis = 2 if self.is_hwc else 0
        shape = list(normalized.shape)
        shape[axis] = 1
        return np.concatenate([normalized, np.zeros(shape, normalized.dtype)], axis)


class LinearTransformation(PyTensorOperation):
    """Flattens an array, takes off a vector and multiplies with a square matrix.

    Args:
        transformation_matrix: (D, D) array, D the number of elements of the data.
        mean_vector: (D,) array.

    Raises:
        TypeError: An argument is not a NumPy array.
        ValueError: The sizes do not fit each other, or on use the data.

    Examples:
        >>> ms.dataset.vision.LinearTransformation(np.eye(4) * 2, np.ones(4))(np.ones((1, 2, 2)))
        array([[[0., 0.],
                [0., 0.]]])

    MindSpore r1.8 `dataset.vision.LinearTransformation`.
    """

    def __init__(self, transformation_matrix: np.ndarray, mean_vector: np.ndarray) -> None:
        for name, value in (("transformation_matrix", transformation_matrix), ("mean_vector", mean_vector)):
            if not isinstance(value, np.ndarray):
                raise TypeError(f"For 'LinearTransformation', {name!r} should be a NumPy array, but got "
                                f"{describe(value)}.")
        if transformation_matrix.ndim != 2 or transformation_matrix.shape != (mean_vector.size,) * 2:
            raise ValueError("For 'LinearTransformation', the matrix should be square with the length of the vector, "
                             f"but got {transformation_matrix.shape} and {mean_vector.shape}.")
        self.transformation_matrix = transformation_matrix
        self.mean_vector = mean_vector

    def apply(self, data: Any) -> np.ndarray:
        if not isinstance(data, np.ndarray):
            raise TypeError(f"For 'LinearTransformation', the data should be an array, but got {describe(data)}.")
        if data.size != self.mean_vector.size:
            raise ValueError(f"For 'LinearTransformation', the data should have {self.mean_vector.size} elements, but "
                             f"got {describe(data)}.")
        flat = data.reshape(1, -1) - self.mean_vector
        return (flat @ self.transformation_matrix).reshape(data.shape)


def get_image_size(image: Any) -> list[int]:
    """The height and width of an image.

    Args:
        image: Array (H, W), (H, W, C) or a Pillow image.

    Raises:
        TypeError: It is neither.
        RuntimeError: The array has another number of axes.

    Examples:
        >>> ms.dataset.vision.get_image_size(np.zeros((2, 4, 3), np.uint8))
        [2, 4]

    MindSpore r1.8 `dataset.vision.get_image_size`.
    """
    if is_image(image):
        return [image.height, image.width]
    _require_image("get_image_size", image)
    return list(image.shape[:2])


def get_image_num_channels(image: Any) -> int:
    """The number of channels of an image.

    Args:
        image: Array (H, W), (H, W, C) or a Pillow image.

    Raises:
        TypeError: It is neither.
        RuntimeError: The array has another number of axes.

    Examples:
        >>> ms.dataset.vision.get_image_num_channels(np.zeros((2, 4, 3), np.uint8))
        3

    MindSpore r1.8 `dataset.vision.get_image_num_channels`.
    """
    if is_image(image):
        return len(image.getbands())
    _require_image("get_image_num_channels", image)
    return 1 if image.ndim == 2 else image.shape[2]


def _require_image(owner: str, image: Any) -> None:
    if not isinstance(image, np.ndarray):
        raise TypeError(f"For '{owner}', 'image' should be an array or a Pillow image, but got {describe(image)}.")
    if image.ndim not in (2, 3):
        raise RuntimeError(f"For '{owner}', 'image' should have the shape (H, W) or (H, W, C), but has {image.shape}.")
