"""Padding: Pad, MirrorPad, ops.pad, Padding."""
from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
from jax import lax

from mycelium.core.errors import describe, nearest
from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import PositiveInt, ints, tensors
from mycelium.ops.op import function, op


def _pairs(owner: str, paddings: Any, ndim: int) -> list[tuple[int, int]]:
    """One (before, after) for each axis."""
    if not isinstance(paddings, tuple):
        raise TypeError(f"For '{owner}', 'paddings' should be a tuple of pairs, but got {describe(paddings)}.")
    pairs = [ints(owner, "paddings", p) for p in paddings]
    if len(pairs) != ndim or any(len(p) != 2 for p in pairs):
        raise ValueError(f"For '{owner}', 'paddings' should hold a pair (before, after) for each of the {ndim} axes "
                         f"of the input, but got {paddings}.")
    return pairs   # pyright: ignore[reportReturnType]


def _not_negative(owner: str, *, paddings: Any) -> None:
    if not isinstance(paddings, tuple):
        raise TypeError(f"For '{owner}', 'paddings' should be a tuple of pairs, but got {describe(paddings)}.")
    for pair in paddings:
        if any(n < 0 for n in ints(owner, "paddings", pair)):
            raise ValueError(f"For '{owner}', 'paddings' should not be negative, but got {paddings}.")


@op("Pad", function=None, validate=_not_negative)
def pad_(input_x: Array, *, paddings: tuple):
    """Puts zeros around a Tensor.

    Args:
        input_x: Tensor.
        paddings: A pair (before, after) for each axis, none negative.

    Returns:
        Tensor whose sizes grow by before + after.

    Raises:
        TypeError: `paddings` is not a tuple.
        ValueError: There is not one pair for each axis, or a number is negative.

    Examples:
        >>> print(ops.Pad(((1, 0), (0, 2)))(Tensor([[1, 2]])))
        [[0 0 0 0]
         [1 2 0 0]]

    MindSpore r1.8 `ops.Pad`.
    """
    tensors("Pad", input_x=input_x)
    return jnp.pad(input_x, _pairs("Pad", paddings, input_x.ndim))


@op(None, function=None)
def padded(input_x: Array, *, paddings: tuple):
    """Zeros around a Tensor; negative paddings cut off."""
    tensors("pad", input_x=input_x)
    pairs = _pairs("pad", paddings, input_x.ndim)
    if any(a + b + n < 1 for (a, b), n in zip(pairs, input_x.shape, strict=True)):
        raise ValueError(f"For 'pad', 'paddings' should leave something of the shape {input_x.shape}, but got "
                         f"{paddings}.")
    return lax.pad(input_x, jnp.zeros((), input_x.dtype), [(a, b, 0) for a, b in pairs])


@op(None, function=None)
def around(x: Array, *, pairs: tuple, mode: str, value: float = 0):
    """A Tensor with more around its last axes: a number, its mirror image, its edge, or itself again."""
    sides = [(0, 0)] * (x.ndim - len(pairs)) + list(pairs)
    if mode == "constant":
        return lax.pad(x, jnp.asarray(value).astype(x.dtype), [(a, b, 0) for a, b in sides])
    cut = tuple(slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(sides, x.shape, strict=True))
    return jnp.pad(x[cut], [(max(a, 0), max(b, 0)) for a, b in sides], mode=mode)


_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def _around_last(x: Tensor, padding: tuple, mode: str, value: float | None) -> Tensor:
    """`ops.pad` of r2.0."""
    if mode not in _MODES:
        raise ValueError(f"For 'pad', 'mode' should be one of {list(_MODES)}, but got {mode!r}{nearest(mode, _MODES)}.")
    if mode != "constant" and value is not None:
        raise ValueError(f"For 'pad', 'value' should be given with mode 'constant' only, but got {value} with "
                         f"{mode!r}.")
    numbers = ints("pad", "padding", padding)
    if len(numbers) % 2 or len(numbers) > 2 * x.ndim:
        raise ValueError(f"For 'pad', 'padding' should hold a pair (before, after) for each of the last axes, the last "
                         f"axis first, at most {x.ndim} of them, but got {padding}.")
    pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))[::-1]
    return around(x, pairs=pairs, mode=_MODES[mode], value=0 if value is None else value)


@function()
def pad(input_x: Tensor, paddings: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """Puts something around a Tensor, or cuts off its edges.

    Args:
        input_x: Tensor.
        paddings: A pair (before, after) for each axis (r1.8), or a flat tuple of numbers before and after the last
            axis, the last but one, and so on (r2.0); negative numbers cut off.
        mode: "constant", "reflect" (mirrored at the edge element), "replicate" (the edge) or "circular"; r2.0.
        value: The number that is put there with "constant"; default 0; r2.0.

    Returns:
        Tensor whose sizes change by before + after.

    Raises:
        TypeError: `paddings` is not a tuple.
        ValueError: There is not one pair for each axis, or nothing would be left.

    Examples:
        >>> print(ops.pad(Tensor([[1, 2]]), ((1, 0), (-1, 2))))
        [[0 0 0]
         [2 0 0]]
        >>> print(ops.pad(Tensor([1.0, 2.0]), (1, 0), value=5.0))
        [5. 1. 2.]

    MindSpore r1.8 and r2.0 `ops.pad`.
    """
    if isinstance(paddings, Tensor):
        paddings = tuple(paddings.asnumpy().ravel().tolist())
    if isinstance(paddings, (tuple, list)) and all(isinstance(n, int) for n in paddings) and \
            (len(paddings) > 0 or mode != "constant"):
        return _around_last(input_x, tuple(paddings), mode, value)
    if not isinstance(paddings, (tuple, list)):
        raise TypeError(f"For 'pad', 'paddings' should be a tuple of pairs, but got {describe(paddings)}.")
    return padded(input_x, paddings)


@op("MirrorPad")
def mirror_pad(input_x: Array, paddings: tuple, *, mode: Literal["REFLECT", "SYMMETRIC"] = "REFLECT"):
    """Puts a Tensor's own mirror image around it.

    Args:
        input_x: Tensor.
        paddings: Constant Tensor of shape (input_x.ndim, 2): sizes before and after each axis.
        mode: "REFLECT" leaves the edge out of the image (2 1 | 0 1 2), "SYMMETRIC" repeats it (1 0 | 0 1 2).

    Returns:
        Tensor whose sizes grow by before + after.

    Raises:
        ValueError: `mode` is another, the shape of `paddings` is wrong, or the image is larger than the Tensor.

    Examples:
        >>> print(ops.MirrorPad()(Tensor([[1, 2, 3]]), Tensor([[0, 0], [2, 1]])))
        [[3 2 1 2 3 2]]

    MindSpore r1.8 `ops.MirrorPad`.
    """
    tensors("MirrorPad", input_x=input_x)
    pairs = _pairs("MirrorPad", paddings, input_x.ndim)
    spare = int(mode == "SYMMETRIC")
    if any(min(p) < 0 or max(p) >= n + spare for p, n in zip(pairs, input_x.shape, strict=True)):
        raise ValueError(f"For 'MirrorPad', 'paddings' should be in [0, size{'' if spare else ' - 1'}] of each axis, "
                         f"but got {paddings} for the shape {input_x.shape}.")
    return jnp.pad(input_x, pairs, mode=mode.lower())


@op("Padding", function="padding")
def padding(x: Array, *, pad_dim_size: PositiveInt = 8):
    """Fills the last axis, of size 1, up with zeros.

    Args:
        x: Tensor (..., 1) of at least two axes.
        pad_dim_size: New size of the last axis.

    Returns:
        Tensor (..., pad_dim_size).

    Raises:
        TypeError: `pad_dim_size` is not an int.
        ValueError: The last axis has not size 1, or there is only one.

    Examples:
        >>> print(ops.padding(Tensor([[1.0], [2.0]]), 3))
        [[1. 0. 0.]
         [2. 0. 0.]]

    MindSpore r1.8 `ops.Padding`.
    """
    tensors("Padding", x=x)
    if x.ndim < 2 or x.shape[-1] != 1:
        raise ValueError(f"For 'Padding', 'x' should have two or more axes, the last of size 1, but got shape "
                         f"{x.shape}.")
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, pad_dim_size - 1)])
