"""Combining values into chosen places of an array, as array functions that scatter operators and segments share.

Where several values meet in one place all of them count, and all get their share of the gradient. (The second
derivative of a product is exact where no factor is 0.)
"""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.ops.checks import dtype_name, positions_in
from mycelium.ops.promotion import result_dtype, to_dtype

_DROP: dict[str, Any] = {"mode": "drop", "wrap_negative_indices": False}
_FILL: dict[str, Any] = {"mode": "fill", "fill_value": 0, "wrap_negative_indices": False}


def _taken(x: Any, where: Any) -> Any:
    return x.at[tuple(where)].get(**_FILL)


def _added(shape: tuple, where: Any, values: Any) -> Any:
    return jnp.zeros(shape, values.dtype).at[tuple(where)].add(values, **_DROP)


@jax.custom_jvp
def multiply(x: Any, values: Any, *where: Any) -> Any:
    """`x` times every value that belongs to a place."""
    return x.at[where].multiply(values, **_DROP)


@multiply.defjvp
def _multiply_jvp(primals: tuple, tangents: tuple) -> tuple:
    (x, values, *where), (dx, dvalues, *_) = primals, tangents
    zero = values == 0
    safe = jnp.where(zero, jnp.ones_like(values), values)
    product = multiply(jnp.ones_like(x), safe, *where)      # of what is not zero
    zeros = _added(x.shape, where, zero.astype(np.int32))
    others = jnp.where(_taken(zeros, where) == zero, _taken(product, where) / safe, 0)
    return (multiply(x, values, *where),
            dx * jnp.where(zeros > 0, 0, product) + _added(x.shape, where, _taken(x, where) * others * dvalues))


def _extreme(name: str) -> Any:
    @jax.custom_jvp
    def extreme(x: Any, values: Any, *where: Any) -> Any:
        return getattr(x.at[where], name)(values, **_DROP)

    @extreme.defjvp
    def _jvp(primals: tuple, tangents: tuple) -> tuple:
        """Those that tie share the gradient."""
        (x, values, *where), (dx, dvalues, *_) = primals, tangents
        out = extreme(x, values, *where)
        own, theirs = (x == out).astype(dx.dtype), (values == _taken(out, where)).astype(dx.dtype)
        count = own + _added(x.shape, where, theirs)
        return out, (dx * own + _added(x.shape, where, dvalues * theirs)) / jnp.maximum(count, 1)

    return extreme


maximum, minimum = _extreme("max"), _extreme("min")


def combine(how: str, x: Any, values: Any, where: tuple) -> Any:
    """`x` with `values` combined into the places `where`, one index array per leading axis.

    Args:
        how: "update", "add", "sub", "mul", "div", "max" or "min". Integers divide towards zero.
        x: Array.
        values: Array of the dtype of `x`.
        where: Positions from 0 on; what lies outside is dropped.
    """
    if how == "update":
        return x.at[where].set(values, **_DROP)
    if how == "add":
        return x.at[where].add(values, **_DROP)
    if how == "sub":
        return x.at[where].add(-values, **_DROP)
    if how == "mul":
        return multiply(x, values, *where)
    if how == "div":
        return lax.div(x, multiply(jnp.ones_like(x), values, *where))
    return (maximum if how == "max" else minimum)(x, values, *where)


# ***** checks *****


def check_indices(owner: str, indices: Any, name: str = "indices") -> None:
    """TypeError unless `indices` is an array of signed integers."""
    if not jnp.issubdtype(getattr(indices, "dtype", type(indices)), jnp.signedinteger):
        raise TypeError(f"For '{owner}', '{name}' should be a Tensor of int32 or int64, but got {dtype_name(indices)}.")


def into_dtype(owner: str, x: Any, updates: Any) -> Any:
    """`updates` in the dtype of `x`; TypeError where that would lose their kind or range."""
    if result_dtype(x, updates) != x.dtype:
        raise TypeError(f"For '{owner}', 'updates' of dtype {dtype_name(updates)} cannot go into dtype {dtype_name(x)} "
                        "without loss. Convert them first with '.astype'.")
    return to_dtype(updates, x.dtype)


def same_dtype_updates(owner: str, x: Any, updates: Any) -> Any:
    """`updates`, whose dtype should be that of `x`."""
    if getattr(updates, "dtype", None) != x.dtype:
        raise TypeError(f"For '{owner}', 'input_x' and 'updates' should have one dtype, but got {dtype_name(x)} and "
                        f"{dtype_name(updates)}.")
    return updates


def rows(owner: str, x: Any, indices: Any, updates: Any) -> tuple:
    """The index of rows of `x`; checks that the shape of `updates` is `indices.shape + x.shape[1:]`."""
    wanted = (*indices.shape, *x.shape[1:])
    if updates.shape != wanted:
        raise ValueError(f"For '{owner}', 'updates' should have shape {wanted}, that of 'indices' followed by that of "
                         f"a row of 'input_x', but got {updates.shape}.")
    return (indices,)


def points(owner: str, shape: tuple, indices: Any, updates: Any) -> tuple:
    """The index made of the last axis of `indices`; checks the shape of `updates`."""
    depth = indices.shape[-1] if indices.ndim else 0
    wanted = (*indices.shape[:-1], *shape[depth:])
    if not indices.ndim or depth > len(shape) or updates.shape != wanted:
        raise ValueError(f"For '{owner}', the last axis of 'indices' should hold positions in the shape {shape}, and "
                         f"'updates' should have shape {wanted}, but got indices {indices.shape} and updates "
                         f"{updates.shape}.")
    return tuple([indices[..., i] for i in range(depth)])


def examine_rows(owner: str, x: Any, indices: Any, *_: Any) -> None:
    """OutOfRangeError unless `indices` are rows of `x`."""
    if np.ndim(x) and hasattr(indices, "dtype"):
        positions_in(owner, np.asarray(indices)[..., None], x.shape[:1])


def examine_points(owner: str, x: Any, indices: Any, *_: Any) -> None:
    """OutOfRangeError unless the last axis of `indices` holds positions in `x`."""
    if np.ndim(indices):
        positions_in(owner, indices, np.shape(x)[:np.shape(indices)[-1]])
