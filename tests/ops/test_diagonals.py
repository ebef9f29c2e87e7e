"""Diagonals and bands: against a loop in NumPy, PyTorch, and what MindSpore 1.8.1 gave."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import Tensor, ops

X = np.arange(1, 13, dtype=np.float32).reshape(3, 4)
BATCH = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
BANDS = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
ZEROS = np.zeros((3, 4), np.float32)
THREE = np.arange(1, 10, dtype=np.float32).reshape(3, 3)
ALIGNS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def parts(x, low, high, padding, align):
    """The diagonals of one matrix, highest first, one element at a time."""
    rows, columns = x.shape
    found = [[x[i, i + k] for i in range(rows) if 0 <= i + k < columns] for k in range(high, low - 1, -1)]
    longest = max(map(len, found))
    above, below = align.split("_")
    out = []
    for k, values in zip(range(high, low - 1, -1), found, strict=True):
        fill = [padding] * (longest - len(values))
        out.append(fill + values if (above if k >= 0 else below) == "RIGHT" else values + fill)
    return np.array(out, x.dtype)


CASES = [
    Case(ops.matrix_diag, [BANDS], torch=torch.diag_embed),
    Case(ops.matrix_diag, [BANDS, 1], torch=lambda x, k: torch.diag_embed(x, k), grad=1),
    Case(ops.matrix_diag, [BANDS[0], -2], torch=lambda x, k: torch.diag_embed(x, k), grad=0),
    Case(ops.matrix_diag, [BANDS[0, :2], 0, 3, 2, 7], expect=[[1, 7], [7, 2], [7, 7]], dtype="float32", grad=0),
    Case(ops.matrix_diag, [BANDS], kwargs={"k": 1, "num_rows": 3, "num_cols": 5}, numpy=lambda x: np.array(
        [np.pad(np.diag(v), ((0, 0), (1, 1))) for v in x]), grad=0),
    Case(ops.matrix_diag, [BANDS, (-1, 0), 3, 3], expect=[[1, 0, 0], [4, 2, 0], [0, 5, 3]], dtype="float32", grad=1),
    Case(lambda x: ops.matrix_diag(x, Tensor([-1, 0], ms.int32), Tensor(3, ms.int32), Tensor(3, ms.int32),
                                   Tensor(9.0), "LEFT_RIGHT"),
         [BANDS], expect=[[1, 9, 9], [5, 2, 9], [9, 6, 3]], dtype="float32", grad=0, label="matrix_diag of Tensors"),
    Case(ops.matrix_diag_part, [BATCH], torch=lambda x: x.diagonal(dim1=-2, dim2=-1)),
    Case(ops.matrix_diag_part, [X, -1], torch=lambda x, k: x.diagonal(k), grad=1),
    *(Case(ops.matrix_diag_part, [X, (-2, 1), 9, a], numpy=lambda x, k, p, a: parts(x, *k, p, a), grad=0, label=a)
      for a in ALIGNS),
    Case(ops.matrix_diag_part, [X.T.copy(), (-1, 2), 0], numpy=lambda x, k, p: parts(x, *k, p, ALIGNS[0]), grad=2),
    Case(ops.matrix_set_diag, [BATCH, np.float32([[9, 9], [8, 8]])],
         expect=[[[9, 1, 2], [3, 9, 5]], [[8, 7, 8], [9, 8, 11]]], dtype="float32"),
    Case(ops.matrix_set_diag, [ZEROS, THREE, (-1, 1)], expect=[[4, 1, 0, 0], [7, 5, 2, 0], [0, 8, 6, 3]],
         dtype="float32", grad=1),
    Case(ops.matrix_set_diag, [ZEROS, THREE, (-1, 1), "LEFT_RIGHT"],
         expect=[[4, 1, 0, 0], [8, 5, 2, 0], [0, 9, 6, 3]], dtype="float32", grad=0),
    Case(ops.matrix_band_part, [BATCH, 1, 0], torch=lambda x, lo, up: x.tril().triu(-1)),
    Case(ops.matrix_band_part, [X, -1, 1], torch=lambda x, lo, up: x.tril(1), grad=0),
    Case(ops.matrix_band_part, [X.astype(np.int32), 0, -1], torch=lambda x, lo, up: x.triu()),
    Case(ops.diag, [X[0]], torch=torch.diag),
    Case(ops.Diag(), [BANDS], torch=lambda x: torch.diag(x.reshape(-1)).reshape(2, 3, 2, 3), grad=0),
    Case(ops.DiagPart(), [BATCH[0][:, :2]], torch=torch.diagonal),
    Case(ops.DiagPart(), [np.arange(36, dtype=np.float32).reshape(2, 3, 2, 3)],
         torch=lambda x: x.reshape(6, 6).diagonal().reshape(2, 3), grad=0),
    Case(lambda x: x.diag(), [X[0]], torch=torch.diag, grad=0),
    Case(lambda x: x.diagonal(), [X], torch=torch.diagonal, label="Tensor.diagonal"),
    Case(lambda x: x.diagonal(-1, 1, 0), [X], torch=lambda x: x.diagonal(-1, 1, 0), grad=0),
    Case(lambda x: x.diagonal(1, -2, -1), [BATCH], torch=lambda x: x.diagonal(1, -2, -1), grad=0),
    Case(lambda x: x.trace(), [X], torch=lambda x: x.diagonal().sum(), label="Tensor.trace"),
    Case(lambda x: x.trace(1, dtype="int32"), [X], expect=21, dtype="int32", grad=0),
]

REFUSALS = [
    Refusal(ops.matrix_diag, [BANDS, (-1, 1)], ValueError, "should have 3 diagonals"),
    Refusal(ops.matrix_diag, [BANDS, 0, 2], ValueError, "do not fill a matrix of 2 rows"),
    Refusal(ops.matrix_diag, [BANDS, 0, -1, -1, 0, "X"], ValueError, "'align' should be one of"),
    Refusal(ops.matrix_diag, [BANDS, "a"], TypeError, "'k' should be an int or a pair of ints"),
    Refusal(ops.matrix_diag, [BANDS, (1, 0)], ValueError, "low <= high"),
    Refusal(ops.matrix_diag, [BANDS, 0, 1.5], TypeError, "'num_rows' should be an int"),
    Refusal(ops.matrix_diag_part, [X[0]], ValueError, "at least 2 axes"),
    Refusal(ops.matrix_diag_part, [X, 4], ValueError, "'k' should name diagonals from -2 to 3"),
    Refusal(ops.matrix_set_diag, [X, X[0]], ValueError, "'diagonal' should have shape (3,)"),
    Refusal(ops.matrix_band_part, [X[0], 0, 0], ValueError, "at least 2 axes"),
    Refusal(ops.matrix_band_part, [X, 0.5, 0], TypeError, "'lower' should be an int"),
    Refusal(ops.diag, [np.float32(1.0)], ValueError, "at least 1 axis"),
    Refusal(ops.diag, [X > 1], TypeError, "For 'Diag'"),
    Refusal(ops.DiagPart(), [X], ValueError, "(*D, *D)"),
    Refusal(lambda x: x.diagonal(), [X[0]], ValueError, "at least 2 axes"),
    Refusal(lambda x: x.trace(0, 0, 2), [X], ValueError, "'axis' should be in"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)

