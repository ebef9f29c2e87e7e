"""Boxes of object detection, as (x1, y1, x2, y2)."""
from __future__ import annotations

import math
from typing import Annotated, Any

import jax.numpy as jnp
from jax import lax

from mycelium.core.errors import describe
from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, floats
from mycelium.ops.op import op


def _boxes(owner: str, columns: tuple = (4,), **inputs: Any) -> Any:
    """The inputs as float arrays of shape (n, columns)."""
    found = floats(owner, **inputs)
    for name, b in zip(inputs, found if isinstance(found, tuple) else (found,), strict=True):
        if b.ndim != 2 or b.shape[1] not in columns:
            raise MismatchError(f"For '{owner}', '{name}' should have shape (n, {' or '.join(map(str, columns))}), but "
                                f"got {b.shape}.")
    return found


def _areas(boxes: Any, border: float) -> Any:
    return (boxes[:, 2] - boxes[:, 0] + border) * (boxes[:, 3] - boxes[:, 1] + border)


def _overlaps(a: Any, b: Any, border: float) -> Any:
    """The areas that boxes a (n) and b (m) share, (n, m)."""
    low = jnp.maximum(a[:, None, :2], b[None, :, :2])
    high = jnp.minimum(a[:, None, 2:4], b[None, :, 2:4])
    side = jnp.maximum(high - low + border, 0)
    return side[..., 0] * side[..., 1]


def _iou_mode(owner: str, name: str, value: str) -> str:
    if value not in ("iou", "iof"):
        raise KeyError(f"For '{owner}', '{name}' should be 'iou' or 'iof', but got {value!r}.")
    return value


@op("IOU", function=("iou",))
def iou(anchor_boxes: Array, gt_boxes: Array, *, mode: Annotated[str, _iou_mode] = "iou") -> Array:
    """Intersection over union of all pairs of boxes, whose last pixel belongs to them.

    Args:
        anchor_boxes: Tensor of shape (N, 4), float.
        gt_boxes: Tensor of shape (M, 4), same dtype.
        mode: "iou", or "iof": intersection over the area of the `gt_boxes`.

    Returns:
        Tensor of shape (M, N).

    Raises:
        KeyError: `mode` is none of these.
        ValueError: The boxes are not 4 numbers each.

    Examples:
        >>> print(ops.iou(Tensor([[0.0, 0.0, 1.0, 1.0]]), Tensor([[0.0, 0.0, 1.0, 3.0]])))
        [[0.5]]

    MindSpore r1.8 `ops.IOU`.
    """
    a, g = _boxes("IOU", anchor_boxes=anchor_boxes, gt_boxes=gt_boxes)
    shared, area = _overlaps(g, a, 1), _areas(g, 1)[:, None]
    return shared / (area if mode == "iof" else area + _areas(a, 1) - shared)


@op("NMSWithMask", function=None)
def nms_with_mask(bboxes: Array, *, iou_threshold: float = 0.5) -> tuple[Array, Array, Array]:
    """Non-maximum suppression: of boxes that overlap, those with the best scores stay.

    Args:
        bboxes: Tensor of shape (N, 5) or (N, 8), float: x1, y1, x2, y2, score.
        iou_threshold: A box goes when its intersection over union with a better one that stays is larger.

    Returns:
        (boxes by falling score (N, 5), their places (N,) int32, mask (N,) bool: True for those that stay).

    Raises:
        ValueError: `bboxes` has another shape.

    Examples:
        >>> boxes = Tensor([[0.0, 0.0, 2.0, 2.0, 0.5], [0.0, 0.0, 2.0, 1.9, 0.9], [5.0, 5.0, 6.0, 6.0, 0.7]])
        >>> print(ops.NMSWithMask(0.5)(boxes)[2])
        [ True  True False]

    MindSpore r1.8 `ops.NMSWithMask`.
    """
    boxes = _boxes("NMSWithMask", (5, 8), bboxes=bboxes)[:, :5]
    boxes = boxes[jnp.argsort(-boxes[:, 4], stable=True)]
    n = boxes.shape[0]
    shared, area = _overlaps(boxes, boxes, 0), _areas(boxes, 0)
    overlap = shared / (area[:, None] + area - shared) > iou_threshold
    place = jnp.arange(n, dtype=jnp.int32)
    mask = lax.fori_loop(0, n, lambda i, keep: keep & ~(overlap[i] & keep[i] & (place > i)), jnp.ones(n, bool))
    return boxes, place, mask


def _four(owner: str, name: str, value: Any) -> tuple:
    if len(value) != 4 or not all(isinstance(v, (int, float)) for v in value):
        raise ValueError(f"For '{owner}', '{name}' should be 4 numbers, but got {describe(value)}.")
    return tuple(map(float, value))


Four = Annotated[tuple, _four]


def _centered(boxes: Any) -> tuple[Any, Any]:
    """Centres and sizes of boxes whose last pixel belongs to them."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2] + 1


@op("BoundingBoxEncode", function="bounding_box_encode")
def bounding_box_encode(anchor_box: Array, groundtruth_box: Array, *, means: Four = (0.0, 0.0, 0.0, 0.0),
                        stds: Four = (1.0, 1.0, 1.0, 1.0)) -> Array:
    """The offsets from anchor boxes to true boxes: differences of centres over sizes, logarithms of size ratios.

    Args:
        anchor_box: Tensor of shape (N, 4), float.
        groundtruth_box: Tensor of shape (N, 4), same dtype.
        means, stds: Taken off the offsets, and dividing them.

    Returns:
        Tensor of shape (N, 4): dx, dy, dw, dh.

    Raises:
        ValueError: `means` or `stds` are not 4 numbers, or the shapes are wrong.

    Examples:
        >>> print(ops.bounding_box_encode(Tensor([[0.0, 0.0, 1.0, 1.0]]), Tensor([[1.0, 0.0, 2.0, 1.0]])))
        [[0.5 0.  0.  0. ]]

    Ren et al., Faster R-CNN. MindSpore r1.8 `ops.BoundingBoxEncode`.
    """
    anchor, truth = _boxes("BoundingBoxEncode", anchor_box=anchor_box, groundtruth_box=groundtruth_box)
    (a, a_size), (g, g_size) = _centered(anchor), _centered(truth)
    deltas = jnp.concatenate([(g - a) / a_size, jnp.log(g_size / a_size)], 1)
    return (deltas - jnp.asarray(means, deltas.dtype)) / jnp.asarray(stds, deltas.dtype)


def _max_shape(owner: str, name: str, value: tuple) -> tuple:
    if len(value) != 2 or not all(type(v) is int for v in value):
        raise ValueError(f"For '{owner}', '{name}' should be (height, width), 2 ints, but got {describe(value)}.")
    return value


@op("BoundingBoxDecode", function="bounding_box_decode")
def bounding_box_decode(anchor_box: Array, deltas: Array, *, max_shape: Annotated[tuple, _max_shape],
                        means: Four = (0.0, 0.0, 0.0, 0.0), stds: Four = (1.0, 1.0, 1.0, 1.0),
                        wh_ratio_clip: float = 0.016) -> Array:
    """The boxes that lie at offsets from anchor boxes, see `ops.BoundingBoxEncode`.

    Args:
        anchor_box: Tensor of shape (N, 4), float.
        deltas: Tensor of shape (N, 4), same dtype: dx, dy, dw, dh.
        max_shape: (height, width) that boxes are clipped to.
        means, stds: The offsets are deltas * stds + means.
        wh_ratio_clip: Sizes change by this factor at most, down and up.

    Returns:
        Tensor of shape (N, 4).

    Raises:
        TypeError: `max_shape` is not a tuple.
        ValueError: `max_shape`, `means` or `stds` has the wrong length, or the shapes are wrong.

    Examples:
        >>> print(ops.bounding_box_decode(Tensor([[0.0, 0.0, 1.0, 1.0]]), Tensor([[0.5, 0.0, 0.0, 0.0]]), (9, 9)))
        [[1. 0. 2. 1.]]

    Ren et al., Faster R-CNN. MindSpore r1.8 `ops.BoundingBoxDecode`.
    """
    anchor, deltas = _boxes("BoundingBoxDecode", anchor_box=anchor_box, deltas=deltas)
    deltas = deltas * jnp.asarray(stds, deltas.dtype) + jnp.asarray(means, deltas.dtype)
    limit = abs(math.log(wh_ratio_clip))
    center, size = _centered(anchor)
    center = center + size * deltas[:, :2]
    size = size * jnp.exp(jnp.clip(deltas[:, 2:], -limit, limit))
    ends = jnp.asarray((max_shape[1], max_shape[0]), deltas.dtype)
    return jnp.concatenate([jnp.clip(center - size / 2 + 0.5, 0, ends), jnp.clip(center + size / 2 - 0.5, 0, ends)], 1)


@op("CheckValid", function=("check_valid",))
def check_valid(bboxes: Array, img_metas: Array) -> Array:
    """Whether boxes lie inside an image.

    Args:
        bboxes: Tensor of shape (N, 4).
        img_metas: Tensor of shape (3,): height, width, and the ratio that both are multiplied with.

    Returns:
        bool Tensor of shape (N,).

    Examples:
        >>> print(ops.check_valid(Tensor([[0.0, 0.0, 3.0, 2.0], [0.0, 0.0, 4.0, 2.0]]), Tensor([3.0, 4.0, 1.0])))
        [ True False]

    MindSpore r1.8 `ops.CheckValid`.
    """
    height, width, ratio = (img_metas[i].astype(jnp.float32) for i in range(3))
    inside = (bboxes[:, 0] >= 0) & (bboxes[:, 1] >= 0)
    return inside & (bboxes[:, 2] <= width * ratio - 1) & (bboxes[:, 3] <= height * ratio - 1)


@op("NonMaxSuppressionV3", function=None, dynamic_shape=True)
def non_max_suppression_v3(boxes: Array, scores: Array, max_output_size: Array, iou_threshold: Array,
                           score_threshold: Array) -> Array:
    """Non-maximum suppression that returns the places of the boxes that stay, best first.

    Args:
        boxes: Tensor of shape (N, 4), float: two opposite corners, y1, x1, y2, x2.
        scores: Tensor of shape (N,), float.
        max_output_size: How many boxes stay at most: Tensor of shape (), int.
        iou_threshold: A box goes when its intersection over union with a better one is larger: Tensor of shape ().
        score_threshold: Boxes with lower scores go: Tensor of shape ().

    Returns:
        int32 Tensor of shape (M,), M at most `max_output_size`.

    Examples:
        >>> boxes, scores = Tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9]]), Tensor([0.5, 0.9])
        >>> print(ops.NonMaxSuppressionV3()(boxes, scores, Tensor(2), Tensor(0.5), Tensor(0.0)))
        [1]

    MindSpore r1.8 `ops.NonMaxSuppressionV3`.
    """
    boxes = _boxes("NonMaxSuppressionV3", boxes=boxes)
    corners = jnp.concatenate([jnp.minimum(boxes[:, :2], boxes[:, 2:]), jnp.maximum(boxes[:, :2], boxes[:, 2:])], 1)
    order = jnp.argsort(-scores, stable=True)
    shared, area = _overlaps(corners, corners, 0), _areas(corners, 0)
    overlap = (shared / (area[:, None] + area - shared) > iou_threshold).tolist()
    chosen: list[int] = []
    for i in order.tolist():
        if len(chosen) < int(max_output_size) and scores[i] >= score_threshold and \
                not any(overlap[i][j] for j in chosen):
            chosen.append(i)
    return jnp.asarray(chosen, jnp.int32)
