"""What slides over images: unfold and fold, pools of the p-norm, pools undone, grids of affine maps."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, integers, pixels, rank
from mycelium.ops.op import function, op
from mycelium.ops.pooling import _windows
from mycelium.ops.windows import Windows


def _columns(x: Any, kernel: tuple, dilation: tuple, padding: tuple, stride: tuple) -> Any:
    windows = Windows(x.shape[2:], kernel, stride, dilation, tuple([(p, p) for p in padding]))
    taps = jnp.stack(windows.shifted(x), 2)     # (N, C, taps, *out)
    return taps.reshape(x.shape[0], -1, int(np.prod(windows.out)))


def _pairs(owner: str, *values: Any) -> tuple:
    names = ("kernel_size", "dilation", "padding", "stride")
    return tuple([pixels(owner, n, v if isinstance(v, int) or len(v) > 1 else v[0], 2, int(n != "padding"))
                  for n, v in zip(names, values, strict=True)])


@op(None, method="unfold")
def unfold(input: Array, kernel_size: int | tuple, dilation: int | tuple = 1, padding: int | tuple = 0,
           stride: int | tuple = 1) -> Array:
    """The elements under each position of a window as columns.

    Args:
        input: Tensor of shape (N, C, H, W).
        kernel_size: An int or (height, width), in pixels.
        dilation: Pixels between the elements of the window.
        padding: Pixels of zeros on both sides.
        stride: Pixels between positions.

    Returns:
        Tensor of shape (N, C * height * width, positions).

    Examples:
        >>> print(ops.unfold(Tensor([[[[1.0, 2.0], [3.0, 4.0]]]]), (2, 1))[0])
        [[1. 2.]
         [3. 4.]]

    MindSpore r2.0 `ops.unfold`.
    """
    rank("unfold", "input", input, 4)
    return _columns(input, *_pairs("unfold", kernel_size, dilation, padding, stride))


@op(None, function=None)
def fold_(x: Array, *, output_size: tuple, kernel_size: tuple | int, dilation: tuple | int, padding: tuple | int,
          stride: tuple | int) -> Array:
    """`ops.fold`: what `unfold` takes apart is added together."""
    rank("fold", "input", x, 3)
    kernel, *rest = _pairs("fold", kernel_size, dilation, padding, stride)
    size = pixels("fold", "output_size", output_size, 2, 1)
    channels, left = divmod(x.shape[1], kernel[0] * kernel[1])
    if left:
        raise ValueError(f"For 'fold', axis 1 of 'input' should be divisible by the {kernel[0] * kernel[1]} elements "
                         f"of the window, but got shape {x.shape}.")
    image = jax.ShapeDtypeStruct((x.shape[0], channels, *size), x.dtype)
    return jax.linear_transpose(lambda v: _columns(v, kernel, *rest), image)(x)[0]


@function(method="fold")
def fold(input: Tensor, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
         stride: Any = 1) -> Tensor:
    """Adds columns of elements at the positions of a window: the transpose of `unfold`.

    Args:
        input: Tensor of shape (N, C * height * width, positions).
        output_size: (H, W) of the result, ints or a constant Tensor.
        kernel_size: An int or (height, width), in pixels.
        dilation: Pixels between the elements of the window.
        padding: Pixels on both sides that are cut off.
        stride: Pixels between positions.

    Returns:
        Tensor of shape (N, C, H, W).

    Examples:
        >>> print(ops.fold(Tensor([[[1.0, 2.0], [3.0, 4.0]]]), (2, 2), (2, 1))[0, 0])
        [[1. 2.]
         [3. 4.]]

    MindSpore r2.0 `ops.fold`.
    """
    sizes = output_size.asnumpy().tolist() if isinstance(output_size, Tensor) else output_size

    def fixed(v: Any) -> Any:
        return v if isinstance(v, int) else tuple(v)

    return fold_(input, output_size=(sizes, sizes) if isinstance(sizes, int) else tuple(sizes),
                 kernel_size=fixed(kernel_size), dilation=fixed(dilation), padding=fixed(padding), stride=fixed(stride))


def _norm_pool(owner: str, axes: int, x: Any, p: float, kernel: Any, stride: Any, ceil: bool) -> Any:
    x = floats(owner, x=x)
    rank(owner, "x", x, axes + 1, axes + 2)
    kernel = pixels(owner, "kernel_size", kernel, axes, 1)
    step = kernel if stride is None else pixels(owner, "stride", stride, axes, 1)
    windows = _windows(owner, x, kernel, step, "pad", [(0, 0)] * axes, (1,) * axes, ceil)
    power = x if p == 1 else x ** (int(p) if p == int(p) else p)
    lead = (1,) * (x.ndim - axes)
    total = lax.reduce_window(power, np.zeros((), x.dtype), lax.add, lead + kernel, lead + step,
                              [(0, 0)] * len(lead) + list(windows.sides))
    if p == 1:
        return total
    some = total != 0       # a root has no slope at 0
    return jnp.where(some, jnp.sign(total) * jnp.abs(jnp.where(some, total, 1)) ** (1 / p), 0)


@op(None)
def lp_pool1d(x: Array, norm_type: float | int, kernel_size: int | tuple, stride: int | tuple | None = None,
              ceil_mode: bool = False) -> Array:
    """The p-norm of each window along the last axis: (sum of x^p)^(1/p).

    Args:
        x: Tensor of shape (N, C, L) or (C, L), float.
        norm_type: p.
        kernel_size: Elements.
        stride: Elements; default `kernel_size`.
        ceil_mode: Whether a last window may reach over the end.

    Returns:
        Tensor of shape (N, C, L_out) or (C, L_out).

    Examples:
        >>> print(ops.lp_pool1d(Tensor([[[3.0, 4.0]]]), 2, 2))
        [[[5.]]]

    MindSpore r2.0 `ops.lp_pool1d`.
    """
    return _norm_pool("lp_pool1d", 1, x, norm_type, kernel_size, stride, ceil_mode)


@op(None)
def lp_pool2d(x: Array, norm_type: float | int, kernel_size: int | tuple, stride: int | tuple | None = None,
              ceil_mode: bool = False) -> Array:
    """The p-norm of each window: (sum of x^p)^(1/p).

    Args:
        x: Tensor of shape (N, C, H, W) or (C, H, W), float.
        norm_type: p.
        kernel_size: An int or (height, width), in pixels.
        stride: Pixels between windows; default `kernel_size`.
        ceil_mode: Whether a last window may reach over the end.

    Returns:
        Tensor of shape (N, C, H_out, W_out) or (C, H_out, W_out).

    Examples:
        >>> print(ops.lp_pool2d(Tensor([[[[3.0, 4.0]]]]), 2, (1, 2)))
        [[[[5.]]]]

    MindSpore r2.0 `ops.lp_pool2d`.
    """
    return _norm_pool("lp_pool2d", 2, x, norm_type, kernel_size, stride, ceil_mode)


_UNPOOL = """Puts the largest elements of windows back in their places, zeros elsewhere.

    Args:
        x: Tensor of shape (N, C, {shape}) or without N: what max pooling gave.
        indices: Tensor of int32 or int64 of the same shape: the places in the flat spatial axes.
        kernel_size, stride, padding: Of the pooling; `stride` is `kernel_size` by default.
        output_size: The shape of the result, or its spatial sizes; default what the pooling's arguments give.

    Returns:
        Tensor of shape (N, C, {shape}_out) or without N.

    Raises:
        ValueError: The shapes do not fit.

    Examples:
        >>> x, places = Tensor(np.ones((1, 1{ones}), np.float32)), Tensor(np.zeros((1, 1{ones}), np.int64))
        >>> ops.{name}(x, places, 2).shape
        (1, 1{twos})

    MindSpore r2.0 `ops.{name}`.
    """


def _unpool(name: str, axes: int, shape: str) -> None:
    def pure(x: Array, indices: Array, kernel_size: int | tuple, stride: int | tuple | None = None,
             padding: int | tuple = 0, output_size: tuple | None = None) -> Any:
        integers(name, indices=indices)
        rank(name, "x", x, axes + 1, axes + 2)
        if indices.shape != x.shape:
            raise ValueError(f"For '{name}', 'indices' should have the shape of 'x', {x.shape}, but got "
                             f"{indices.shape}.")
        kernel = pixels(name, "kernel_size", kernel_size, axes, 1)
        step = kernel if stride in (None, 0) else pixels(name, "stride", stride, axes, 1)
        pad = pixels(name, "padding", padding, axes, 0)
        size = tuple(output_size[-axes:]) if output_size else tuple(
            [(n - 1) * s - 2 * p + k for n, s, p, k in zip(x.shape[-axes:], step, pad, kernel, strict=True)])
        lead = x.shape[:-axes]
        count = int(np.prod(x.shape[-axes:]))
        values, places = x.reshape(-1, count), indices.reshape(-1, count)
        rows = jnp.arange(values.shape[0])[:, None]
        out = jnp.zeros((values.shape[0], int(np.prod(size))), x.dtype).at[rows, places].set(values)
        return out.reshape(*lead, *size)

    pure.__name__ = pure.__qualname__ = name
    pure.__doc__ = _UNPOOL.format(name=name, shape=shape, ones=", 1" * axes, twos=", 2" * axes)
    op(None)(pure)


_unpool("max_unpool1d", 1, "L")
_unpool("max_unpool2d", 2, "H, W")
_unpool("max_unpool3d", 3, "D, H, W")


@op(None)
def affine_grid(theta: Array, size: tuple, align_corners: bool = False) -> Array:
    """Where the pixels of an image lie after affine maps, for `grid_sample`.

    Args:
        theta: Tensor of shape (N, 2, 3) or (N, 3, 4).
        size: (N, C, H, W) or (N, C, D, H, W).
        align_corners: Whether -1 and 1 are the centres of the outer pixels, else their edges.

    Returns:
        Tensor of shape (N, H, W, 2) or (N, D, H, W, 3).

    Raises:
        ValueError: The shapes do not fit.

    Examples:
        >>> print(ops.affine_grid(Tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]]), (1, 1, 1, 2)))
        [[[[-0.5  0. ]
           [ 0.5  0. ]]]]

    MindSpore r2.0 `ops.affine_grid`.
    """
    theta = floats("AffineGrid", theta=theta)
    sizes = size[2:]
    if theta.shape != (size[0], len(sizes), len(sizes) + 1):
        raise ValueError(f"For 'AffineGrid', 'theta' should have shape {(size[0], len(sizes), len(sizes) + 1)} for "
                         f"'size' {size}, but got {theta.shape}.")
    lines = []
    for n in sizes:
        line = np.linspace(-1, 1, n) if align_corners else (2 * np.arange(n) + 1) / n - 1
        lines.append(np.zeros(1) if align_corners and n == 1 else line)
    grid = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(sizes)], -1)
    return jnp.einsum("...j,nij->n...i", jnp.asarray(grid, theta.dtype), theta, precision="highest")
