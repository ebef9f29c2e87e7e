"""Moving elements around: reverse, and between depth, space and batch."""
from __future__ import annotations

from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, axis_in, ints, rank, tensors
from mycelium.ops.op import function, op


@op("ReverseV2", method="reverse")
def reverse(input_x: Array, *, axis: tuple):
    """Reverses the order along axes.

    Args:
        input_x: Tensor.
        axis: Tuple or list of axes, each once.

    Returns:
        Tensor like `input_x`.

    Raises:
        TypeError: `axis` is not a tuple or list of ints.
        ValueError: An axis is out of range or named twice.

    Examples:
        >>> print(ops.ReverseV2(axis=[1])(Tensor([[1, 2, 3]])))
        [[3 2 1]]

    MindSpore r1.8 `ops.ReverseV2`.
    """
    tensors("ReverseV2", input_x=input_x)
    axes = [axis_in("ReverseV2", a, input_x.ndim) for a in ints("ReverseV2", "axis", axis)]
    if len(set(axes)) != len(axes):
        raise ValueError(f"For 'ReverseV2', 'axis' should name each axis once, but got {axis}.")
    return lax.rev(input_x, axes)


@op("ReverseSequence", method="reverse_sequence")
def reverse_sequence(x: Array, seq_lengths: Array, *, seq_dim: int, batch_dim: int = 0):
    """Reverses the first `seq_lengths[i]` places of each sequence i of a batch; the rest stays.

    Args:
        x: Tensor.
        seq_lengths: Tensor of int32 or int64, one length for each place of `batch_dim`. A length beyond the size of
            `seq_dim` leaves that sequence as it is.
        seq_dim: The axis along which sequences run.
        batch_dim: The axis that counts sequences.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `seq_lengths` is not int32 or int64.
        ValueError: The axes are equal or out of range, or the number of lengths is wrong.

    Examples:
        >>> print(ops.reverse_sequence(Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([2, 3]), 1))
        [[2 1 3]
         [6 5 4]]

    MindSpore r1.8 `ops.ReverseSequence`.
    """
    tensors("ReverseSequence", x=x, seq_lengths=seq_lengths)
    if seq_lengths.dtype not in (np.int32, np.int64):
        raise TypeError(f"For 'ReverseSequence', 'seq_lengths' should be int32 or int64, but got {seq_lengths.dtype}.")
    seq = axis_in("ReverseSequence", seq_dim, x.ndim, "seq_dim")
    batch = axis_in("ReverseSequence", batch_dim, x.ndim, "batch_dim")
    if seq == batch:
        raise ValueError(f"For 'ReverseSequence', 'seq_dim' and 'batch_dim' should differ, but both are {seq_dim}.")
    if seq_lengths.shape != (x.shape[batch],):
        raise ValueError(f"For 'ReverseSequence', 'seq_lengths' should have shape ({x.shape[batch]},), the size of "
                         f"axis {batch_dim} of 'x', but got {seq_lengths.shape}.")
    size = x.shape[seq]
    place = lax.broadcasted_iota(seq_lengths.dtype, (x.shape[batch], size), 1)
    length = seq_lengths[:, None]
    place = jnp.where((place < length) & (length <= size), length - 1 - place, place)
    shape = [1] * x.ndim
    shape[batch], shape[seq] = x.shape[batch], size
    place = jnp.reshape(place if batch < seq else place.T, shape)
    return jnp.take_along_axis(x, place, axis=seq)


def _at_least_two(owner: str, name: str, value: int) -> int:
    if value < 2:
        raise ValueError(f"For '{owner}', '{name}' should be 2 or greater, but got {value}.")
    return value


BlockSize = Annotated[int, _at_least_two]


@op("DepthToSpace", function=None)
def depth_to_space(x: Array, *, block_size: BlockSize):
    """Spreads channels over blocks of the image.

    Args:
        x: Tensor (N, C, H, W), C divisible by `block_size` squared.
        block_size: Edge of a block, 2 or more.

    Returns:
        Tensor (N, C / block_size², H * block_size, W * block_size).

    Raises:
        ValueError: `block_size` is below 2, the rank is not 4, or C is not divisible.

    Examples:
        >>> ops.DepthToSpace(2)(Tensor(np.ones((1, 12, 1, 1)))).shape
        (1, 3, 2, 2)

    MindSpore r1.8 `ops.DepthToSpace`.
    """
    tensors("DepthToSpace", x=x)
    rank("DepthToSpace", "x", x, 4)
    n, c, h, w = x.shape
    if c % block_size ** 2:
        raise ValueError(f"For 'DepthToSpace', the number of channels should be divisible by {block_size ** 2}, but "
                         f"got {c}.")
    x = lax.reshape(x, (n, block_size, block_size, c // block_size ** 2, h, w))
    return lax.reshape(lax.transpose(x, (0, 3, 4, 1, 5, 2)), (n, c // block_size ** 2, h * block_size, w * block_size))


@op("SpaceToDepth", function=None)
def space_to_depth(x: Array, *, block_size: BlockSize):
    """Gathers blocks of the image into channels.

    Args:
        x: Tensor (N, C, H, W), H and W divisible by `block_size`.
        block_size: Edge of a block, 2 or more.

    Returns:
        Tensor (N, C * block_size², H / block_size, W / block_size).

    Raises:
        ValueError: `block_size` is below 2, the rank is not 4, or H or W is not divisible.

    Examples:
        >>> ops.SpaceToDepth(2)(Tensor(np.ones((1, 3, 2, 2)))).shape
        (1, 12, 1, 1)

    MindSpore r1.8 `ops.SpaceToDepth`.
    """
    tensors("SpaceToDepth", x=x)
    rank("SpaceToDepth", "x", x, 4)
    n, c, h, w = x.shape
    if h % block_size or w % block_size:
        raise ValueError(f"For 'SpaceToDepth', height and width should be divisible by 'block_size', {block_size}, but "
                         f"got {h} and {w}.")
    x = lax.reshape(x, (n, c, h // block_size, block_size, w // block_size, block_size))
    return lax.reshape(lax.transpose(x, (0, 3, 5, 1, 2, 4)),
                       (n, c * block_size ** 2, h // block_size, w // block_size))


def _pairs(owner: str, name: str, value: Any, count: int) -> tuple[tuple[int, int], ...]:
    """`count` pairs of numbers that are not negative."""
    if not isinstance(value, tuple) or not all(isinstance(p, tuple) for p in value):
        raise TypeError(f"For '{owner}', '{name}' should be a tuple of pairs of ints, but got {value}.")
    for pair in value:
        ints(owner, name, pair)
    if len(value) != count or any(len(p) != 2 or min(p) < 0 for p in value):
        raise ValueError(f"For '{owner}', '{name}' should hold {count} pairs of numbers that are not negative, but got "
                         f"{value}.")
    return value


def _blocks(owner: str, value: Any, count: int) -> tuple[int, ...]:
    sizes = ints(owner, "block_shape", value) if isinstance(value, tuple) else ints(owner, "block_shape", value) * count
    if len(sizes) != count or min(sizes) < 1:
        raise ValueError(f"For '{owner}', 'block_shape' should hold {count} sizes of 1 or greater, but got {value}.")
    return sizes


def _space_to_batch(owner: str, x: Any, block: tuple, paddings: tuple) -> Any:
    """The last len(block) axes, padded, cut into blocks that go to the batch."""
    first = x.ndim - len(block)
    if first < 1:
        raise ValueError(f"For '{owner}', the input should have more than {len(block)} axes, but got shape {x.shape}.")
    x = jnp.pad(x, [(0, 0)] * first + list(paddings))
    for n, b in zip(x.shape[first:], block, strict=True):
        if n % b:
            raise MismatchError(f"For '{owner}', the padded sizes {x.shape[first:]} should be divisible by the block "
                                f"sizes {block}.")
    kept, cut = x.shape[:first], [v for n, b in zip(x.shape[first:], block, strict=True) for v in (n // b, b)]
    inner = list(range(first + 1, x.ndim + len(block), 2))
    x = lax.transpose(lax.reshape(x, (*kept, *cut)), (*inner, *range(first), *[i - 1 for i in inner]))
    return lax.reshape(x, (kept[0] * int(np.prod(block)), *kept[1:], *cut[::2]))


def _batch_to_space(owner: str, x: Any, block: tuple, crops: tuple) -> Any:
    """Blocks from the batch put back into the last len(block) axes, which are cropped."""
    first, count = x.ndim - len(block), int(np.prod(block))
    if first < 1 or x.shape[0] % count:
        raise ValueError(f"For '{owner}', the size of the first axis should be divisible by the product of the block "
                         f"sizes {block}, but the input has shape {x.shape}.")
    kept, sizes = (x.shape[0] // count, *x.shape[1:first]), x.shape[first:]
    x = lax.reshape(x, (*block, *kept, *sizes))
    n = len(block)
    order = [*range(n, n + first)] + [v for i in range(n) for v in (n + first + i, i)]
    full = [s * b for s, b in zip(sizes, block, strict=True)]
    x = lax.reshape(lax.transpose(x, order), (*kept, *full))
    if any(a + b >= s for (a, b), s in zip(crops, full, strict=True)):
        raise ValueError(f"For '{owner}', 'crops' should leave something of the sizes {full}, but got {crops}.")
    return x[(slice(None),) * first + tuple([slice(a, s - b) for (a, b), s in zip(crops, full, strict=True)])]


@op("SpaceToBatchND", function=None)
def space_to_batch_nd_(input_x: Array, *, block_shape: int | tuple, paddings: tuple):
    """Pads the trailing axes, cuts them into blocks and puts the places within a block into the batch.

    Args:
        input_x: Tensor (N, C, ...).
        block_shape: Size of a block along each trailing axis, 1 or more.
        paddings: Pairs (before, after) for these axes.

    Returns:
        Tensor (N * product of `block_shape`, C, ...), the trailing sizes divided by `block_shape`.

    Raises:
        ValueError: A padded size is not divisible by its block, or a number is out of range.

    Examples:
        >>> x = Tensor(np.array([[[[1, 2], [3, 4]]]]))
        >>> ops.SpaceToBatchND([2, 2], [[0, 0], [0, 0]])(x).shape
        (4, 1, 1, 1)

    MindSpore r1.8 `ops.SpaceToBatchND`.
    """
    tensors("SpaceToBatchND", input_x=input_x)
    pairs = _pairs("SpaceToBatchND", "paddings", paddings, len(paddings))
    return _space_to_batch("SpaceToBatchND", input_x, _blocks("SpaceToBatchND", block_shape, len(pairs)), pairs)


@function()
def space_to_batch_nd(input_x: Any, block_size: Any, paddings: Any) -> Any:
    """`SpaceToBatchND` as a function.

    Args:
        input_x: Tensor (N, C, ...).
        block_size: Size of a block along each trailing axis.
        paddings: Pairs (before, after) for these axes.

    Returns:
        Tensor (N * product of `block_size`, C, ...).

    Examples:
        >>> ops.space_to_batch_nd(Tensor(np.ones((1, 1, 2, 2))), [2, 2], [[0, 0], [0, 0]]).shape
        (4, 1, 1, 1)

    MindSpore r1.8 `ops.space_to_batch_nd`.
    """
    return space_to_batch_nd_(input_x, block_size, paddings)


@op("BatchToSpaceND", function="batch_to_space_nd")
def batch_to_space_nd(input_x: Array, *, block_shape: int | tuple, crops: tuple):
    """Puts blocks from the batch back into the trailing axes and crops them: the inverse of `SpaceToBatchND`.

    Args:
        input_x: Tensor (N, C, ...), N divisible by the product of `block_shape`.
        block_shape: Size of a block along each trailing axis, 1 or more.
        crops: Pairs (before, after) cut off these axes.

    Returns:
        Tensor (N / product of `block_shape`, C, ...).

    Raises:
        ValueError: N is not divisible, or a number is out of range.

    Examples:
        >>> ops.batch_to_space_nd(Tensor(np.ones((4, 1, 1, 1))), [2, 2], [[0, 0], [0, 0]]).shape
        (1, 1, 2, 2)

    MindSpore r1.8 `ops.BatchToSpaceND`.
    """
    tensors("BatchToSpaceND", input_x=input_x)
    pairs = _pairs("BatchToSpaceND", "crops", crops, len(crops))
    return _batch_to_space("BatchToSpaceND", input_x, _blocks("BatchToSpaceND", block_shape, len(pairs)), pairs)


@op("SpaceToBatch", function=None)
def space_to_batch(input_x: Array, *, block_size: BlockSize, paddings: tuple):
    """Pads height and width, cuts them into square blocks and puts the places within a block into the batch.

    Args:
        input_x: Tensor (N, C, H, W).
        block_size: Edge of a block, 2 or more.
        paddings: ((top, bottom), (left, right)).

    Returns:
        Tensor (N * block_size², C, H', W').

    Examples:
        >>> x = Tensor(np.array([[[[1, 2], [3, 4]]]]))
        >>> ops.SpaceToBatch(2, [[0, 0], [0, 0]])(x).shape
        (4, 1, 1, 1)

    MindSpore r1.8 `ops.SpaceToBatch`.
    """
    tensors("SpaceToBatch", input_x=input_x)
    rank("SpaceToBatch", "input_x", input_x, 4)
    return _space_to_batch("SpaceToBatch", input_x, (block_size,) * 2, _pairs("SpaceToBatch", "paddings", paddings, 2))


@op("BatchToSpace", function=None)
def batch_to_space(input_x: Array, *, block_size: BlockSize, crops: tuple):
    """Puts square blocks from the batch back into height and width and crops them.

    Args:
        input_x: Tensor (N, C, H, W), N divisible by `block_size` squared.
        block_size: Edge of a block, 2 or more.
        crops: ((top, bottom), (left, right)).

    Returns:
        Tensor (N / block_size², C, H', W').

    Examples:
        >>> ops.BatchToSpace(2, [[0, 0], [0, 0]])(Tensor(np.ones((4, 1, 1, 1)))).shape
        (1, 1, 2, 2)

    MindSpore r1.8 `ops.BatchToSpace`.
    """
    tensors("BatchToSpace", input_x=input_x)
    rank("BatchToSpace", "input_x", input_x, 4)
    return _batch_to_space("BatchToSpace", input_x, (block_size,) * 2, _pairs("BatchToSpace", "crops", crops, 2))
