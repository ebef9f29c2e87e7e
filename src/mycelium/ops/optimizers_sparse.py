"""Update rules of optimizers for gradients of some rows, as embeddings have: (grad, indices). Other rows stay.

A row named twice gets the sum of its gradients, except in SparseApplyFtrl, which goes through the rows one by one.
Indices that name no row are ignored.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats, integers
from mycelium.ops.op import op
from mycelium.ops.optimizers import _adam_step, _moments, like
from mycelium.ops.optimizers_adaptive import adadelta, adagrad, ftrl, proximal_adagrad


def _rows(owner: str, grad: Any, indices: Any, **states: Any) -> tuple:
    """(indices in range or one past the end, grad, *states), checked."""
    grad, *states_ = floats(owner, grad=grad, **states)
    integers(owner, indices=indices)
    first = states_[0]
    for name, s in zip(states, states_, strict=True):
        if s.shape != first.shape:
            raise ValueError(f"For '{owner}', '{name}' should have the shape of the Parameter, {first.shape}, but got "
                             f"{s.shape}.")
    if indices.ndim != 1 or grad.shape != indices.shape + first.shape[1:]:
        rows = ", ".join(map(str, ("n", *first.shape[1:])))
        raise ValueError(f"For '{owner}', 'grad' should have shape ({rows}) and 'indices' (n,) "
                         f"for a Parameter of shape {first.shape}, but got {grad.shape} and {indices.shape}.")
    return jnp.where(indices < 0, first.shape[0], indices), grad, *states_


def _update_rows(owner: str, grad: Any, indices: Any, update: Callable, **states: Any) -> tuple:
    """The states with `update(g, *rows of each) -> new rows` applied to the rows named, each once."""
    indices, grad, *arrays = _rows(owner, grad, indices, **states)
    rows, place = jnp.unique(indices, return_inverse=True, size=indices.shape[0], fill_value=arrays[0].shape[0])
    g = jnp.zeros_like(grad).at[place.reshape(-1)].add(grad)
    new = update(g, *(a.at[rows].get(mode="clip") for a in arrays))
    return tuple([a.at[rows].set(n, mode="drop") for a, n in zip(arrays, new, strict=True)])


@op("FusedSparseAdam", function=None, writes=("var", "m", "v"))
def fused_sparse_adam(var: Array, m: Array, v: Array, beta1_power: Array, beta2_power: Array, lr: Array, beta1: Array,
                      beta2: Array, epsilon: Array, grad: Array, indices: Array, *, use_locking: bool = False,
                      use_nesterov: bool = False) -> tuple:
    """Adam for a sparse gradient: as `ops.Adam` with zeros in the other rows, so that all moments decay.

    Args:
        var, m, v: Parameters of one shape (rows first), float; written.
        beta1_power, beta2_power, lr, beta1, beta2, epsilon: As in `ops.Adam`.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        use_locking: Accepted for compatibility.
        use_nesterov: Take beta1 m + (1 - beta1) g in place of m, and leave the other rows of `var` alone.

    Returns:
        The new (var, m, v).

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([[x], [x]]), name=n) for n, x in zip("wmv", (1.0, 0.0, 0.0)))
        >>> print(ops.FusedSparseAdam()(w, m, v, 0.9, 0.999, 0.1, 0.9, 0.999, 1e-8, Tensor([[3.0]]), Tensor([1]))[0])
        [[1. ]
         [0.9]]

    MindSpore r1.8 `ops.FusedSparseAdam`.
    """
    indices, grad, var, m, v = _rows("FusedSparseAdam", grad, indices, var=var, m=m, v=v)
    g = jnp.zeros_like(var).at[indices].add(grad, mode="drop")
    m, v = _moments(m, v, g, beta1, beta2)
    step = _adam_step(m, v, g, beta1_power, beta2_power, lr, beta1, epsilon, use_nesterov)
    if use_nesterov:
        named = jnp.zeros(var.shape[0], bool).at[indices].set(True, mode="drop")
        step = jnp.where(named.reshape((-1,) + (1,) * (var.ndim - 1)), step, 0)
    return like(var - step, var), m, v


@op("FusedSparseLazyAdam", function=None, writes=("var", "m", "v"))
def fused_sparse_lazy_adam(var: Array, m: Array, v: Array, beta1_power: Array, beta2_power: Array, lr: Array,
                           beta1: Array, beta2: Array, epsilon: Array, grad: Array, indices: Array, *,
                           use_locking: bool = False, use_nesterov: bool = False) -> tuple:
    """Adam for a sparse gradient that touches only the rows named.

    Args:
        var, m, v: Parameters of one shape (rows first), float; written.
        beta1_power, beta2_power, lr, beta1, beta2, epsilon, use_nesterov: As in `ops.Adam`.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, m, v).

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([[x], [x]]), name=n) for n, x in zip("wmv", (1.0, 0.0, 0.0)))
        >>> lazy = ops.FusedSparseLazyAdam()
        >>> print(lazy(w, m, v, 0.9, 0.999, 0.1, 0.9, 0.999, 1e-8, Tensor([[3.0]]), Tensor([1]))[0])
        [[1. ]
         [0.9]]

    MindSpore r1.8 `ops.FusedSparseLazyAdam`.
    """
    def update(g: Any, var: Any, m: Any, v: Any) -> tuple:
        m, v = _moments(m, v, g, beta1, beta2)
        return like(var - _adam_step(m, v, g, beta1_power, beta2_power, lr, beta1, epsilon, use_nesterov), var), m, v

    return _update_rows("FusedSparseLazyAdam", grad, indices, update, var=var, m=m, v=v)


@op("FusedSparseFtrl", function=None, writes=("var", "accum", "linear"))
def fused_sparse_ftrl(var: Array, accum: Array, linear: Array, grad: Array, indices: Array, *, lr: float, l1: float,
                      l2: float, lr_power: float, use_locking: bool = False) -> tuple:
    """FTRL for a sparse gradient, see `ops.ApplyFtrl`.

    Args:
        var, accum, linear: Parameters of one shape (rows first), float; written.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        lr, l1, l2, lr_power: As in `ops.ApplyFtrl`.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum, linear).

    Examples:
        >>> w, a, z = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "waz")
        >>> print(ops.FusedSparseFtrl(0.5, 0.0, 0.0, -0.5)(w, a, z, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.FusedSparseFtrl`.
    """
    return _update_rows("FusedSparseFtrl", grad, indices,
                        lambda g, var, accum, linear: ftrl(var, accum, linear, g, lr, l1, l2, lr_power),
                        var=var, accum=accum, linear=linear)


@op("SparseApplyFtrl", function=None, writes=("var", "accum", "linear"))
def sparse_apply_ftrl(var: Array, accum: Array, linear: Array, grad: Array, indices: Array, *, lr: float, l1: float,
                      l2: float, lr_power: float, use_locking: bool = False) -> tuple:
    """FTRL for a sparse gradient, one row after the other, see `ops.ApplyFtrl`.

    Args:
        var, accum, linear: Parameters of one shape (rows first), float; written.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        lr, l1, l2, lr_power: As in `ops.ApplyFtrl`.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum, linear).

    Examples:
        >>> w, a, z = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "waz")
        >>> print(ops.SparseApplyFtrl(0.5, 0.0, 0.0, -0.5)(w, a, z, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyFtrl`.
    """
    indices, grad, *states = _rows("SparseApplyFtrl", grad, indices, var=var, accum=accum, linear=linear)

    def one(states: tuple, entry: tuple) -> tuple:
        g, i = entry
        new = ftrl(*(s.at[i].get(mode="clip") for s in states), g, lr, l1, l2, lr_power)
        return tuple([s.at[i].set(n, mode="drop") for s, n in zip(states, new, strict=True)]), None

    return lax.scan(one, tuple(states), (grad, indices))[0]


@op("SparseApplyFtrlV2", function=None, writes=("var", "accum", "linear"))
def sparse_apply_ftrl_v2(var: Array, accum: Array, linear: Array, grad: Array, indices: Array, *, lr: float, l1: float,
                         l2: float, l2_shrinkage: float, lr_power: float, use_locking: bool = False) -> tuple:
    """FTRL for a sparse gradient with a shrinkage penalty: grad + 2 l2_shrinkage var moves `linear`.

    Args:
        var, accum, linear: Parameters of one shape (rows first), float; written.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        lr, l1, l2, lr_power: As in `ops.ApplyFtrl`.
        l2_shrinkage: The penalty.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum, linear).

    Examples:
        >>> w, a, z = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "waz")
        >>> print(ops.SparseApplyFtrlV2(0.5, 0.0, 0.0, 0.0, -0.5)(w, a, z, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyFtrlV2`.
    """
    return _update_rows("SparseApplyFtrlV2", grad, indices,
                        lambda g, var, accum, linear: ftrl(var, accum, linear, g, lr, l1, l2, lr_power, l2_shrinkage),
                        var=var, accum=accum, linear=linear)


@op("SparseApplyAdagrad", function=None, writes=("var", "accum"))
def sparse_apply_adagrad(var: Array, accum: Array, grad: Array, indices: Array, *, lr: float, update_slots: bool = True,
                         use_locking: bool = False) -> tuple:
    """Adagrad for a sparse gradient, see `ops.ApplyAdagrad`.

    Args:
        var, accum: Parameters of one shape (rows first), float; written.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        lr: Learning rate.
        update_slots: Whether `accum` moves.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "wa")
        >>> print(ops.SparseApplyAdagrad(0.5)(w, a, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyAdagrad`.
    """
    return _update_rows("SparseApplyAdagrad", grad, indices,
                        lambda g, var, accum: adagrad(var, accum, g, lr, 0, update_slots), var=var, accum=accum)


@op("SparseApplyAdagradV2", function=None, writes=("var", "accum"))
def sparse_apply_adagrad_v2(var: Array, accum: Array, grad: Array, indices: Array, *, lr: float, epsilon: float,
                            use_locking: bool = False, update_slots: bool = True) -> tuple:
    """Adagrad with an epsilon for a sparse gradient: accum += g^2; var -= lr g / sqrt(accum + epsilon).

    Args:
        var, accum: Parameters of one shape (rows first), float; written.
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        lr: Learning rate.
        epsilon: Added under the root (`ops.ApplyAdagradV2` has it beside the root).
        use_locking: Accepted for compatibility.
        update_slots: Whether `accum` moves.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "wa")
        >>> print(ops.SparseApplyAdagradV2(0.5, 12.0)(w, a, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0.  ]
         [-0.25]]

    MindSpore r1.8 `ops.SparseApplyAdagradV2`.
    """
    return _update_rows("SparseApplyAdagradV2", grad, indices,
                        lambda g, var, accum: adagrad(var, accum, g, lr, 0, update_slots, epsilon), var=var,
                        accum=accum)


def _proximal_rows(owner: str, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any, indices: Any) -> tuple:
    return _update_rows(owner, grad, indices, lambda g, var, accum: proximal_adagrad(var, accum, g, lr, l1, l2),
                        var=var, accum=accum)


@op("FusedSparseProximalAdagrad", function=None, writes=("var", "accum"))
def fused_sparse_proximal_adagrad(var: Array, accum: Array, lr: Array, l1: Array, l2: Array, grad: Array,
                                  indices: Array, *, use_locking: bool = False) -> tuple:
    """Proximal Adagrad for a sparse gradient, see `ops.ApplyProximalAdagrad`.

    Args:
        var, accum: Parameters of one shape (rows first), float; written.
        lr, l1, l2: Rate and penalties, numbers or Tensors of shape ().
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "wa")
        >>> print(ops.FusedSparseProximalAdagrad()(w, a, 0.5, 0.0, 0.0, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.FusedSparseProximalAdagrad`.
    """
    return _proximal_rows("FusedSparseProximalAdagrad", var, accum, lr, l1, l2, grad, indices)


@op("SparseApplyProximalAdagrad", function=None, writes=("var", "accum"))
def sparse_apply_proximal_adagrad(var: Array, accum: Array, lr: Array, l1: Array, l2: Array, grad: Array,
                                  indices: Array, *, use_locking: bool = False) -> tuple:
    """Proximal Adagrad for a sparse gradient, see `ops.ApplyProximalAdagrad`.

    Args:
        var, accum: Parameters of one shape (rows first), float; written.
        lr, l1, l2: Rate and penalties, numbers or Tensors of shape ().
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "wa")
        >>> print(ops.SparseApplyProximalAdagrad()(w, a, 0.5, 0.0, 0.0, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyProximalAdagrad`.
    """
    return _proximal_rows("SparseApplyProximalAdagrad", var, accum, lr, l1, l2, grad, indices)


@op("SparseApplyRMSProp", function=None, writes=("var", "ms", "mom"))
def sparse_apply_rms_prop(var: Array, ms: Array, mom: Array, lr: Array, grad: Array, indices: Array, *, rho: float,
                          momentum: float, epsilon: float, use_locking: bool = False) -> tuple:
    """RMSProp for a sparse gradient, see `ops.ApplyRMSProp`.

    Args:
        var, ms, mom: Parameters of one shape (rows first), float; written.
        lr: Number or Tensor of shape ().
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        rho: How much of `ms` stays.
        momentum, epsilon: As in `ops.ApplyRMSProp`.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, ms, mom).

    Examples:
        >>> w, s, m = (ms.Parameter(Tensor([[0.0], [0.0]]), name=n) for n in "wsm")
        >>> print(ops.SparseApplyRMSProp(0.0, 0.0, 0.0)(w, s, m, 0.5, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyRMSProp`.
    """
    def update(g: Any, var: Any, square: Any, moment: Any) -> tuple:
        square = like(rho * square + (1 - rho) * g * g, square)
        moment = like(momentum * moment + lr * g / jnp.sqrt(square + epsilon), moment)
        return like(var - moment, var), square, moment

    return _update_rows("SparseApplyRMSProp", grad, indices, update, var=var, ms=ms, mom=mom)


@op("SparseApplyAdadelta", function=None, writes=("var", "accum", "accum_update"))
def sparse_apply_adadelta(var: Array, accum: Array, accum_update: Array, lr: Array, rho: Array, grad: Array,
                          indices: Array, *, epsilon: float, use_locking: bool = False) -> tuple:
    """Adadelta for a sparse gradient, see `ops.ApplyAdadelta`.

    Args:
        var, accum, accum_update: Parameters of one shape (rows first), float; written.
        lr, rho: Numbers or Tensors of shape ().
        grad: Tensor of shape (n, ...): gradients of n rows.
        indices: Tensor of shape (n,), int: which rows.
        epsilon: Added under the roots.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum, accum_update).

    Examples:
        >>> w, a, u = (ms.Parameter(Tensor([[x], [x]]), name=n) for n, x in zip("wau", (0.0, 0.0, 1.0)))
        >>> print(ops.SparseApplyAdadelta(0.0)(w, a, u, 0.5, 0.0, Tensor([[2.0]]), Tensor([1]))[0])
        [[ 0. ]
         [-0.5]]

    MindSpore r1.8 `ops.SparseApplyAdadelta`.
    """
    return _update_rows("SparseApplyAdadelta", grad, indices,
                        lambda g, var, accum, update: adadelta(var, accum, update, g, lr, rho, epsilon),
                        var=var, accum=accum, accum_update=accum_update)
