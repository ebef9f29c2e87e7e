"""Adafactor: second moments kept as one number for each row and column."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats
from mycelium.ops.op import op
from mycelium.ops.optimizers import like

_WRITES = ("param", "exp_avg", "exp_avg_sq_row", "exp_avg_sq_col", "exp_avg_sq")


def _root_mean_square(x: Any) -> Any:
    return jnp.sqrt(jnp.mean(x * x))


def _ada_factor(owner: str, epsilon: Any, clip_threshold: Any, beta1: Any, beta2: Any, weight_decay: Any, lr: Any,
                gradient: Any, param: Any, exp_avg: Any, row: Any, col: Any, square: Any, scale_parameter: bool,
                first_moment: bool, decay: bool) -> tuple:
    gradient, param, exp_avg, row, col, square = floats(
        owner, gradient=gradient, param=param, exp_avg=exp_avg, exp_avg_sq_row=row, exp_avg_sq_col=col,
        exp_avg_sq=square)
    if gradient.shape != param.shape:
        raise ValueError(f"For '{owner}', 'gradient' should have the shape of 'param', {param.shape}, but got "
                         f"{gradient.shape}.")
    g, w = (a.astype(jnp.promote_types(a.dtype, jnp.float32)) for a in (gradient, param))
    factored = param.ndim >= 2 and row.shape == param.shape[:-1] and col.shape == param.shape[:-2] + param.shape[-1:]
    if scale_parameter:
        lr = lr * jnp.maximum(epsilon[1], _root_mean_square(w))
    power = g * g + epsilon[0]
    if factored:
        row = like(beta2 * row + (1 - beta2) * jnp.mean(power, -1), row)
        col = like(beta2 * col + (1 - beta2) * jnp.mean(power, -2), col)
        scale = lax.rsqrt(row / jnp.mean(row, -1, keepdims=True))[..., None] * lax.rsqrt(col)[..., None, :]
    else:
        square = like(beta2 * square + (1 - beta2) * power, square)
        scale = lax.rsqrt(square)
    update = g * scale
    update = update / jnp.maximum(1, _root_mean_square(update) / clip_threshold) * lr
    if first_moment:
        exp_avg = like(beta1 * exp_avg + (1 - beta1) * update, exp_avg)
        update = exp_avg
    if decay:
        w = w - weight_decay * lr * w
    new = like(w - update, param)
    return new, exp_avg, row, col, square, new


@op("FusedAdaFactor", function=None, writes=_WRITES)
def fused_ada_factor(epsilon: Array, clip_threshold: Array, beta1: Array, beta2: Array, weight_decay: Array,
                     learning_rate: Array, gradient: Array, param: Array, exp_avg: Array, exp_avg_sq_row: Array,
                     exp_avg_sq_col: Array, exp_avg_sq: Array, *, enable_scale_parameter: bool = False,
                     enable_first_moment: bool = False, enable_weight_decay: bool = False) -> Array:
    """Adafactor: the gradient over the root of its factored second moment, clipped, times the rate.

    Args:
        epsilon: Tensor of shape (2,): added to squared gradients, and the least root mean square of `param`.
        clip_threshold: The largest root mean square of an update.
        beta1, beta2: How much of the moments stays.
        weight_decay, learning_rate: Numbers or Tensors of shape ().
        gradient: Tensor of the shape of `param`.
        param, exp_avg: Parameters of one shape, float; written.
        exp_avg_sq_row, exp_avg_sq_col: Parameters of shape param.shape[:-1] and param.shape[:-2] + param.shape[-1:].
        exp_avg_sq: Parameter of the shape of `param`, used when it has one axis.
        enable_scale_parameter: Scale the rate by the root mean square of `param`.
        enable_first_moment: Take a moving mean of the updates.
        enable_weight_decay: Take weight_decay * learning_rate * param off.

    Returns:
        The new value of `param`.

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([[x, x]]), name=n) for n, x in zip("wmv", (1.0, 0.0, 0.0)))
        >>> r, c = ms.Parameter(Tensor([0.0]), name="r"), ms.Parameter(Tensor([0.0, 0.0]), name="c")
        >>> grad = Tensor([[2.0, 2.0]])
        >>> print(ops.FusedAdaFactor()((1e-30, 1e-3), 1.0, 0.9, 0.0, 0.0, 0.25, grad, w, m, r, c, v))
        [[0.75 0.75]]

    Shazeer and Stern, Adafactor. MindSpore r1.8 `ops.FusedAdaFactor`.
    """
    return _ada_factor("FusedAdaFactor", epsilon, clip_threshold, beta1, beta2, weight_decay, learning_rate, gradient,
                       param, exp_avg, exp_avg_sq_row, exp_avg_sq_col, exp_avg_sq, enable_scale_parameter,
                       enable_first_moment, enable_weight_decay)


@op("FusedAdaFactorWithGlobalNorm", function=None, writes=_WRITES)
def fused_ada_factor_with_global_norm(epsilon: Array, clip_threshold: Array, beta1: Array, beta2: Array,
                                      weight_decay: Array, learning_rate: Array, gradient: Array, param: Array,
                                      exp_avg: Array, exp_avg_sq_row: Array, exp_avg_sq_col: Array, exp_avg_sq: Array,
                                      global_norm: Array, *, enable_scale_parameter: bool = False,
                                      enable_first_moment: bool = False, enable_weight_decay: bool = False) -> Array:
    """`ops.FusedAdaFactor` of the gradient divided by `global_norm`.

    Args:
        epsilon, clip_threshold, beta1, beta2, weight_decay, learning_rate, gradient, param, exp_avg, exp_avg_sq_row,
            exp_avg_sq_col, exp_avg_sq: As in `ops.FusedAdaFactor`.
        global_norm: Number or Tensor of shape ().
        enable_scale_parameter, enable_first_moment, enable_weight_decay: As in `ops.FusedAdaFactor`.

    Returns:
        The new value of `param`.

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([[x, x]]), name=n) for n, x in zip("wmv", (1.0, 0.0, 0.0)))
        >>> r, c = ms.Parameter(Tensor([0.0]), name="r"), ms.Parameter(Tensor([0.0, 0.0]), name="c")
        >>> step, grad = ops.FusedAdaFactorWithGlobalNorm(), Tensor([[2.0, 2.0]])
        >>> print(step((1e-30, 1e-3), 1.0, 0.9, 0.0, 0.0, 0.25, grad, w, m, r, c, v, 2.0))
        [[0.75 0.75]]

    MindSpore r1.8 `ops.FusedAdaFactorWithGlobalNorm`.
    """
    return _ada_factor("FusedAdaFactorWithGlobalNorm", epsilon, clip_threshold, beta1, beta2, weight_decay,
                       learning_rate, gradient / global_norm, param, exp_avg, exp_avg_sq_row, exp_avg_sq_col,
                       exp_avg_sq, enable_scale_parameter, enable_first_moment, enable_weight_decay)
