"""Joining and taking apart, against PyTorch and NumPy."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, refuse

from mycelium import ops

X = np.arange(6, dtype=np.float32).reshape(2, 3)
Y = -X[:, :2]
N = X.astype(np.int32)
A, B = np.array([1, 2]), np.array([3, 4, 5])

CASES = [
    Case(ops.concat, [(X, Y), 1], torch=torch.cat),
    Case(ops.Concat(-2), [[X, X + 1]], torch=lambda t: torch.cat(t, 0), grad=1),
    Case(ops.concat, [(N,)], torch=torch.cat),
    Case(ops.stack, [[X, X * 2], 1], torch=torch.stack),
    Case(ops.Stack(-1), [(X, X * 2)], torch=lambda t: torch.stack(t, -1), grad=1),
    Case(ops.pack, [(N, N)], torch=torch.stack),
    Case(ops.unstack, [X, -1], torch=torch.unbind),
    Case(ops.Unstack(), [N], torch=torch.unbind),
    Case(ops.split, [X, 1, 3], torch=lambda x, a, n: torch.split(x, 1, a)),
    Case(ops.Split(0, 2), [X], torch=lambda x: torch.split(x, 1, 0), grad=1),
    Case(lambda x: x.split(), [X], torch=lambda x: (x,), grad=0),
    Case(ops.SplitV([1, -1], 1, 2), [X], torch=lambda x: torch.split(x, [1, 2], 1)),
    Case(ops.tile, [X, (2, 1, 2)], torch=torch.tile),
    Case(ops.Tile(), [N, (1, 3)], torch=torch.tile),
    Case(ops.repeat_elements, [X, 2, 1], torch=torch.repeat_interleave),
    Case(lambda x: x.repeat(2), [X], torch=lambda x: x.repeat_interleave(2), grad=1),
    Case(lambda x: x.repeat([1, 3], 0), [X], numpy=lambda x: np.repeat(x, [1, 3], 0), grad=1),
    Case(ops.meshgrid, [(A, B)], numpy=lambda t: tuple(np.meshgrid(*t))),
    Case(ops.Meshgrid("ij"), [(X[0], Y[0])], numpy=lambda t: tuple(np.meshgrid(*t, indexing="ij"))),
    Case(ops.ParallelConcat(), [(X[:1], X[1:])], numpy=np.concatenate),
]

REFUSALS = [
    Refusal(ops.concat, [(X, X), 2], ValueError, "For 'Concat', 'axis' should be in [-2, 2)"),
    Refusal(ops.concat, [(X, N)], TypeError, "should have one dtype, but got Float32, Int32"),
    Refusal(ops.concat, [(X, Y)], ValueError, "equal except along axis 0"),
    Refusal(ops.concat, [(X, X[0])], ValueError, "equal except along axis 0"),
    Refusal(ops.concat, [X], TypeError, "should be a tuple or list of Tensors"),
    Refusal(ops.concat, [()], ValueError, "at least one Tensor"),
    Refusal(ops.concat, [(X, X), 1.0], TypeError, "should be int"),
    Refusal(ops.concat, [(X, 1)], TypeError, "input_x[1]"),
    Refusal(ops.stack, [(X, Y)], ValueError, "shapes should be equal"),
    Refusal(ops.stack, [(X, N)], TypeError, "should have one dtype"),
    Refusal(ops.stack, [(X, X), 3], ValueError, "should be in [-3, 3)"),
    Refusal(ops.stack, [()], ValueError, "at least one Tensor"),
    Refusal(ops.unstack, [X, 2], ValueError, "For 'Unstack', 'axis' should be in [-2, 2)"),
    Refusal(ops.split, [X, 1, 2], ValueError, "divisible by 'output_num'"),
    Refusal(ops.split, [X, 3, 2], ValueError, "should be in [-2, 2)"),
    Refusal(ops.split, [X, 1, 0], ValueError, "'output_num' should be greater than 0"),
    Refusal(ops.split, [X, 1.0, 2], TypeError, "should be int"),
    Refusal(ops.SplitV([1, 1], 1, 2), [X], ValueError, "add up to 3"),
    Refusal(ops.tile, [X, (2,)], ValueError, "for each of the 2 axes"),
    Refusal(ops.tile, [X, (2, 0)], ValueError, "1 or greater"),
    Refusal(ops.tile, [X, 2], TypeError, "should be tuple"),
    Refusal(ops.tile, [X, (2, 1.0)], TypeError, "should hold ints"),
    Refusal(ops.repeat_elements, [X, 0], ValueError, "'rep' should be 1 or greater"),
    Refusal(ops.repeat_elements, [X, 2.0], TypeError, "'rep' should be an int"),
    Refusal(ops.repeat_elements, [X, 2, 2], ValueError, "should be in [-2, 2)"),
    Refusal(lambda x: x.repeat([1, 2, 3], 0), [X], ValueError, "one for each of the 2 places"),
    Refusal(lambda x: x.repeat(-1), [X], ValueError, "should not be negative"),
    Refusal(ops.meshgrid, [(A, B), "aa"], ValueError, "'indexing' should be one of ['xy', 'ij']"),
    Refusal(ops.meshgrid, [(A,)], ValueError, "two or more"),
    Refusal(ops.meshgrid, [(X, X)], ValueError, "one axis"),
    Refusal(ops.meshgrid, [(A, Y[0])], TypeError, "should have one dtype"),
    Refusal(ops.ParallelConcat(), [(X, X)], ValueError, "starts with 1"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)
