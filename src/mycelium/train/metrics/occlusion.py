"""Occlusion sensitivity: which parts of an image a network needs (Zeiler and Fergus, 2014)."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.train.metrics.metric import Metric, rearrange_inputs


class OcclusionSensitivity(Metric):
    """How far the score of a class falls when a part of the image is covered; the higher, the more important the part.

    Args:
        pad_val: What covers the part.
        margin: The part around element i covers i - margin up to, not including, i + margin; int, or a list with one
            int per axis.
        n_batch: How many covered images go through the network at once.
        b_box: Look only at these elements: [first, last, first, last, ...] for all axes but the batch, ends included; a
            negative first stands for the whole axis. Default: None, all of them.

    Inputs of `update`: the network; one image of shape (1, ...); the class, of shape () or (1,). The last call counts.

    Returns of `eval`: array of the shape of the image, or of the box, without axes of size 1.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: There are not three inputs, or the box lies outside of the image.
        RuntimeError: There is more than one image or label, or `eval` without data.

    Examples:
        >>> metric = nn.OcclusionSensitivity(margin=1)
        >>> metric.update(lambda x: x.sum(axis=1, keepdims=True), np.array([[1.0, 2.0, 4.0]]), np.array(0))
        >>> metric.eval()
        array([1., 3., 6.])

    MindSpore r1.8 `nn.OcclusionSensitivity`.
    """

    def __init__(self, pad_val: float = 0.0, margin: int | list[int] = 2, n_batch: int = 128,
                 b_box: list[int] | None = None):
        super().__init__()
        name = "OcclusionSensitivity"
        self.pad_val = check_type(name, "pad_val", pad_val, float)
        self.margin = check_type(name, "margin", margin, (int, list))
        self.n_batch = max(1, check_int(name, "n_batch", n_batch))
        self.b_box = b_box if b_box is None else check_type(name, "b_box", b_box, list)
        self.clear()

    def clear(self) -> None:
        """Starts anew."""
        self._result: np.ndarray | None = None

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Takes a network, an image and a class."""
        network, image, label = self._take(inputs, 3, "network, image and class")
        if not callable(network):
            raise TypeError(f"For 'OcclusionSensitivity.update', the network should be a Cell, but got "
                            f"{describe(network)}.")
        image, label = self._convert_data(image), self._convert_data(label)
        if image.shape[:1] != (1,) or label.size != 1:
            raise RuntimeError("For 'OcclusionSensitivity.update', there should be one image, of shape (1, ...), and "
                               f"one class, but got shapes {image.shape} and {label.shape}.")
        wanted = int(label.reshape(()))
        ranges = self._ranges(image.shape[1:])
        margins = self.margin if isinstance(self.margin, list) else [self.margin] * len(ranges)
        if len(margins) != len(ranges):
            raise ValueError(f"For 'OcclusionSensitivity', 'margin' should have an int for each of {len(ranges)} axes, "
                             f"but got {margins}.")
        full = _score(network, image, wanted)
        places = list(itertools.product(*ranges))
        scores = []
        for start in range(0, len(places), self.n_batch):
            some = places[start:start + self.n_batch]
            covered = np.repeat(image, len(some), axis=0)
            for picture, place in zip(covered, some, strict=True):
                picture[tuple(slice(max(i - m, 0), i + m) for i, m in zip(place, margins, strict=True))] = self.pad_val
            scores.append(_score(network, covered, wanted))
        self._result = (full - np.concatenate(scores)).reshape([len(r) for r in ranges]).squeeze()

    def _ranges(self, shape: tuple[int, ...]) -> list[range]:
        box = self.b_box
        if box is None:
            return [range(n) for n in shape]
        if len(box) != 2 * len(shape):
            raise ValueError(f"For 'OcclusionSensitivity', 'b_box' should have a first and a last element for each of "
                             f"{len(shape)} axes, but got {box}.")
        ranges = [range(n) if first < 0 else range(first, last + 1)
                  for n, first, last in zip(shape, box[::2], box[1::2], strict=True)]
        if any(not r or r[-1] >= n for r, n in zip(ranges, shape, strict=True)):
            raise ValueError(f"For 'OcclusionSensitivity', 'b_box' {box} does not lie in an image of shape {shape}.")
        return ranges

    def eval(self) -> np.ndarray:
        """How far the score falls, for each covered place."""
        if self._result is None:
            raise self._no_data()
        return self._result


def _score(network: Callable, images: np.ndarray, wanted: int) -> np.ndarray:
    return network(Tensor(images)).asnumpy()[:, wanted]
