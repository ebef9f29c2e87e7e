"""Reversing, and moving between depth, space and batch, against NumPy, PyTorch and recorded values."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.arange(12, dtype=np.float32).reshape(3, 4)
IMAGE = np.arange(2 * 4 * 2 * 4, dtype=np.float32).reshape(2, 4, 2, 4)


def _blocks(n: int, x: np.ndarray) -> np.ndarray:
    """Space to batch of a (N, C, H, W) image, place by place."""
    return np.concatenate([x[:, :, i::n, j::n] for i in range(n) for j in range(n)])


CASES = [
    Case(ops.ReverseV2([1]), [X], numpy=lambda x: x[:, ::-1]),
    Case(ops.ReverseV2((0, -1)), [X.astype(np.int32)], numpy=lambda x: x[::-1, ::-1]),
    Case(ops.reverse_sequence, [X, np.array([1, 3, 9]), 1],
         expect=np.float32([[0, 1, 2, 3], [6, 5, 4, 7], [8, 9, 10, 11]])),
    Case(ops.ReverseSequence(0, 1), [X[:2, :3].astype(np.int32), np.int32([1, 2, 2])], expect=[[0, 5, 6], [4, 1, 2]],
         dtype="int32"),
    Case(ops.DepthToSpace(2), [IMAGE], torch=lambda x: torch.nn.functional.pixel_shuffle(
        x.reshape(2, 4, 1, 2, 4).permute(0, 2, 1, 3, 4).reshape(2, 4, 2, 4), 2)),
    Case(ops.SpaceToDepth(2), [IMAGE], torch=lambda x: torch.cat(
        [x[:, :, i::2, j::2] for i in range(2) for j in range(2)], 1)),
    Case(ops.SpaceToBatch(2, [[0, 0], [0, 0]]), [IMAGE], numpy=lambda x: _blocks(2, x)),
    Case(ops.SpaceToBatchND([2, 2], [[1, 1], [0, 2]]), [IMAGE], numpy=lambda x: _blocks(2, np.pad(
        x, ((0, 0), (0, 0), (1, 1), (0, 2))))),
    Case(ops.space_to_batch_nd, [IMAGE, [2, 2], [[0, 0], [0, 0]]], numpy=lambda x, *_: _blocks(2, x), grad=0),
    Case(ops.SpaceToBatchND(2, [[0, 0], [0, 0]]), [IMAGE], numpy=lambda x: _blocks(2, x), grad=0),
    Case(ops.batch_to_space_nd, [_blocks(2, IMAGE), [2, 2], [[0, 1], [1, 0]]],
         numpy=lambda *_: IMAGE[:, :, :1, 1:]),
    Case(ops.BatchToSpace(2, [[0, 0], [0, 0]]), [_blocks(2, IMAGE)], numpy=lambda _: IMAGE, grad=1),
    Case(ops.BatchToSpaceND([2, 2], [[0, 0], [0, 0]]), [_blocks(2, IMAGE)], numpy=lambda _: IMAGE, grad=0),
]

REFUSALS = [
    Refusal(ops.ReverseV2([2]), [X], ValueError, "should be in [-2, 2)"),
    Refusal(ops.ReverseV2([1, -1]), [X], ValueError, "each axis once"),
    Refusal(lambda x: ops.ReverseV2(1)(x), [X], TypeError, "should be tuple"),
    Refusal(ops.reverse_sequence, [X, np.array([1, 2]), 1], ValueError, "should have shape (3,)"),
    Refusal(ops.reverse_sequence, [X, np.float32([1, 2, 3]), 1], TypeError, "should be int32 or int64"),
    Refusal(ops.reverse_sequence, [X, np.array([1, 2, 3]), 2], ValueError, "'seq_dim' should be in"),
    Refusal(ops.reverse_sequence, [X, np.array([1, 2, 3]), 0], ValueError, "should differ"),
    Refusal(lambda x: ops.DepthToSpace(1)(x), [IMAGE], ValueError, "2 or greater"),
    Refusal(lambda x: ops.DepthToSpace(2.0)(x), [IMAGE], TypeError, "should be int"),
    Refusal(ops.DepthToSpace(2), [X], ValueError, "For 'DepthToSpace', 'x' should have 4 axes"),
    Refusal(ops.DepthToSpace(3), [IMAGE], ValueError, "divisible by 9"),
    Refusal(ops.SpaceToDepth(3), [IMAGE], ValueError, "divisible by 'block_size', 3"),
    Refusal(ops.SpaceToBatchND([2, 2], [[0, 1], [0, 0]]), [IMAGE], RuntimeError, "should be divisible by the block"),
    Refusal(ops.SpaceToBatchND([2, 0], [[0, 0], [0, 0]]), [IMAGE], ValueError, "1 or greater"),
    Refusal(ops.SpaceToBatchND([2, 2], [[0, 0], [0, -1]]), [IMAGE], ValueError, "not negative"),
    Refusal(ops.SpaceToBatchND([2, 2], [0, 0]), [IMAGE], TypeError, "tuple of pairs"),
    Refusal(ops.SpaceToBatchND([2] * 4, [[0, 0]] * 4), [IMAGE], ValueError, "more than 4 axes"),
    Refusal(ops.BatchToSpaceND([2, 2], [[0, 0], [0, 0]]), [IMAGE], ValueError, "product of the block"),
    Refusal(ops.BatchToSpaceND([2, 2], [[2, 2], [0, 0]]), [_blocks(2, IMAGE)], ValueError, "leave something"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
