"""Elements and slices repeated, combined and dealt out anew: expand, repeat_interleave, combinations, pixel_shuffle."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array, Arrays
from mycelium.ops.axes import ravel
from mycelium.ops.checks import axis_in, ints, rank
from mycelium.ops.op import function, method, op
from mycelium.ops.promotion import promote


@op("Expand", function=None)
def expand_(x: Array, shape: tuple) -> Array:
    """Repeats along axes of length 1 until the shape is reached; -1 keeps a size.

    Args:
        x: Tensor.
        shape: Tuple of ints, or a constant Tensor of them; may have more axes in front.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.Expand()(Tensor([[1], [2]]), Tensor([2, 2])))
        [[1 1]
         [2 2]]

    MindSpore r2.0 `ops.Expand`.
    """
    sizes = ints("Expand", "shape", shape)
    new = len(sizes) - x.ndim
    kept = tuple([x.shape[i - new] if n == -1 and i >= new else n for i, n in enumerate(sizes)])
    return jnp.broadcast_to(x, kept)


@function()
def expand(input_x: Tensor, size: Any) -> Tensor:
    """Repeats along axes of length 1 until the shape is reached; -1 keeps a size.

    Args:
        input_x: Tensor.
        size: Tuple of ints, or a constant Tensor of them; may have more axes in front.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.expand(Tensor([[1], [2]]), Tensor([2, 2])))
        [[1 1]
         [2 2]]

    MindSpore r2.0 `ops.expand`.
    """
    return expand_(input_x, size)


@method("expand")
def _tensor_expand(self: Tensor, *size: Any) -> Tensor:
    """The Tensor repeated along its axes of length 1 until a shape is reached (MindSpore r2.0 `Tensor.expand`)."""
    return expand_(self, size[0] if len(size) == 1 and not isinstance(size[0], int) else size)


@op(None, function=None)
def repeated(x: Array, *, repeats: int | tuple, axis: int) -> Array:
    """Each slice along an axis several times."""
    return jnp.repeat(x, np.asarray(repeats), axis)


@function(method="repeat_interleave")
def repeat_interleave(input: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeats each element, or each slice along an axis, several times in a row.

    Args:
        input: Tensor.
        repeats: How often, or how often for each slice.
        axis: The axis; None repeats the elements of the flat Tensor.

    Returns:
        Tensor.

    Raises:
        ValueError: A count is negative, or there are not as many as slices.

    Examples:
        >>> print(ops.repeat_interleave(Tensor([1, 2]), 2))
        [1 1 2 2]

    MindSpore r2.0 `ops.repeat_interleave`.
    """
    if isinstance(repeats, Tensor):
        repeats = repeats.asnumpy().tolist()
    counts = ints("repeat_interleave", "repeats", tuple(repeats) if isinstance(repeats, (list, tuple)) else (repeats,))
    if axis is None:
        input, axis = ravel(input), 0
    axis = axis_in("repeat_interleave", axis, input.ndim)
    if min(counts) < 0 or len(counts) not in (1, input.shape[axis]):
        raise ValueError(f"For 'repeat_interleave', 'repeats' should hold one count or {input.shape[axis]}, none "
                         f"negative, but got {repeats}.")
    return repeated(input, repeats=counts[0] if len(counts) == 1 else counts, axis=axis)


@op(None, function=None)
def cartesian(x: Arrays) -> Array:
    """Every combination of one element of each vector."""
    return jnp.stack([g.ravel() for g in jnp.meshgrid(*promote(*x), indexing="ij")], -1)


@function()
def cartesian_prod(*inputs: Tensor) -> Tensor:
    """Every combination of one element of each vector.

    Args:
        inputs: Tensors of one axis.

    Returns:
        Tensor of shape (combinations, vectors); a single vector as it is.

    Examples:
        >>> print(ops.cartesian_prod(Tensor([1, 2]), Tensor([5])))
        [[1 5]
         [2 5]]

    MindSpore r2.0 `ops.cartesian_prod`.
    """
    return inputs[0] if len(inputs) == 1 else cartesian(inputs)


@op(None)
def combinations(x: Array, r: int = 2, with_replacement: bool = False) -> Array:
    """Every choice of r elements of a vector, in order.

    Args:
        x: Tensor of one axis.
        r: How many elements in a choice.
        with_replacement: Whether an element may be chosen again.

    Returns:
        Tensor of shape (choices, r).

    Examples:
        >>> print(ops.combinations(Tensor([1, 2, 3])))
        [[1 2]
         [1 3]
         [2 3]]

    MindSpore r2.0 `ops.combinations`.
    """
    rank("combinations", "x", x, 1)
    grids = np.stack(np.meshgrid(*[np.arange(x.shape[0])] * r, indexing="ij"), -1).reshape(-1, r)
    steps = np.diff(grids, axis=1)
    chosen = grids[np.all(steps >= 0 if with_replacement else steps > 0, axis=1)]
    return x[chosen]


@op(None)
def channel_shuffle(x: Array, groups: int) -> Array:
    """Deals the channels out of groups in turn: of (g, c) channels comes (c, g).

    Args:
        x: Tensor of shape (N, C, *L).
        groups: How many groups; divides C.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.channel_shuffle(Tensor([[[1], [2], [3], [4]]]), 2)[0, :, 0])
        [1 3 2 4]

    MindSpore r2.0 `ops.channel_shuffle`.
    """
    if x.ndim < 3:
        raise ValueError(f"For 'channel_shuffle', 'x' should have three axes or more, but got shape {x.shape}.")
    if groups < 1 or x.shape[1] % groups:
        raise ValueError(f"For 'channel_shuffle', 'groups' should divide the {x.shape[1]} channels, but got {groups}.")
    grouped = x.reshape(x.shape[0], groups, -1, *x.shape[2:])
    return jnp.swapaxes(grouped, 1, 2).reshape(x.shape)


@op(None)
def pixel_shuffle(input: Array, upscale_factor: int) -> Array:
    """Makes of r^2 channels one with r times the height and width.

    Args:
        input: Tensor of shape (*B, C r^2, H, W).
        upscale_factor: r, 1 or more.

    Returns:
        Tensor of shape (*B, C, H r, W r).

    Raises:
        ValueError: The channels are not divisible by r^2.

    Examples:
        >>> print(ops.pixel_shuffle(Tensor([[[[1.0]], [[2.0]], [[3.0]], [[4.0]]]]), 2))
        [[[[1. 2.]
           [3. 4.]]]]

    MindSpore r2.0 `ops.pixel_shuffle`.
    """
    r = upscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-3] % (r * r):
        raise ValueError("For 'pixel_shuffle', the channels of 'input' should be divisible by upscale_factor^2, but "
                         f"got shape {input.shape} and {r}.")
    *batch, c, h, w = input.shape
    x = input.reshape(*batch, c // (r * r), r, r, h, w)
    n = len(batch)
    order = (*range(n), n, n + 3, n + 1, n + 4, n + 2)
    return jnp.transpose(x, order).reshape(*batch, c // (r * r), h * r, w * r)


@op(None)
def pixel_unshuffle(input: Array, downscale_factor: int) -> Array:
    """Makes r^2 channels of one, with height and width divided by r: what undoes `pixel_shuffle`.

    Args:
        input: Tensor of shape (*B, C, H r, W r).
        downscale_factor: r, 1 or more.

    Returns:
        Tensor of shape (*B, C r^2, H, W).

    Raises:
        ValueError: Height or width is not divisible by r.

    Examples:
        >>> print(ops.pixel_unshuffle(Tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), 2)[0, :, 0, 0])
        [1. 2. 3. 4.]

    MindSpore r2.0 `ops.pixel_unshuffle`.
    """
    r = downscale_factor
    if input.ndim < 3 or r < 1 or input.shape[-1] % r or input.shape[-2] % r:
        raise ValueError("For 'pixel_unshuffle', height and width of 'input' should be divisible by downscale_factor, "
                         f"but got shape {input.shape} and {r}.")
    *batch, c, h, w = input.shape
    x = input.reshape(*batch, c, h // r, r, w // r, r)
    n = len(batch)
    order = (*range(n), n, n + 2, n + 4, n + 1, n + 3)
    return jnp.transpose(x, order).reshape(*batch, c * r * r, h // r, w // r)
