"""JAX's transforms of functions that read and write Parameters, for use while a program is traced.

Each runs the function in a scope of its own and carries what it writes out to the scope around it.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core as jex_core

from mycelium.engine import state
from mycelium.engine.kernel import is_differentiable, zero_cotangent

Arrays = Sequence[Any]


def vjp(fn: Callable, primals: Arrays, params: Sequence) -> tuple[list, Any, Callable]:
    """Runs `fn(*primals) -> (outs, structure)` so that it can be differentiated.

    Returns:
        The outputs, the structure, and a function from cotangents (None for zero) to those of (primals, params).
    """
    box: dict[str, Any] = {}

    def pure(primals: Arrays, weights: Arrays) -> tuple:
        with state.child_scope() as scope:
            scope.link = _written
            for p, w in zip(params, weights, strict=True):
                scope.preset(p, w)
            outs, box["structure"] = fn(*primals)
            box["written"] = list(scope.writes)
            return list(outs), list(scope.writes.values())

    outs, pullback, writes = jax.vjp(pure, list(primals), [p._data for p in params], has_aux=True)
    state.apply_writes(box["written"], writes)

    def backward(cotangents: Arrays) -> tuple[list, list]:
        return pullback([_cotangent(o, c) for o, c in zip(outs, cotangents, strict=True)])

    return outs, box["structure"], backward


@jax.custom_jvp
def _rebound(before: Any, new: Any) -> Any:
    return new


_rebound.defjvp(lambda primals, tangents: (primals[1], tangents[0]))


def _written(before: Any, new: Any) -> Any:
    """`new`, with the gradient of `before`."""
    if not is_differentiable(before) or before.shape != new.shape or before.dtype != new.dtype:
        return jax.lax.stop_gradient(new)
    return _rebound(before, new)


def _cotangent(out: Any, cotangent: Any) -> Any:
    if cotangent is None or not is_differentiable(out):
        return zero_cotangent(out)
    return jnp.broadcast_to(cotangent, out.shape).astype(out.dtype)


def jvp(fn: Callable, primals: Arrays, tangents: Arrays) -> tuple[list, list, Any]:
    """Runs `fn` and pushes `tangents` forward; returns (outs, tangents of outs, structure)."""
    box: dict[str, Any] = {}

    def pure(*primals: Any) -> tuple:
        with state.child_scope() as scope:
            scope.forward = True
            outs, box["structure"] = fn(*primals)
            box["written"] = list(scope.writes)
            return list(outs), list(scope.writes.values())

    (outs, writes), (out_tangents, _) = jax.jvp(pure, tuple(primals), tuple(tangents))
    state.apply_writes(box["written"], writes)
    return outs, out_tangents, box["structure"]


def vmap(fn: Callable, arrays: Arrays, in_axes: Sequence[int | None], out_axes: Any) -> tuple[list, Any]:
    """Maps `fn` over an axis of each array; `out_axes` is one int or a function from the structure to one per output.

    Raises:
        RuntimeError: `fn` writes a Parameter, which has no meaning per element.
    """
    box: dict[str, Any] = {}

    def pure(*arrays: Any) -> list:
        with state.child_scope() as scope:
            outs, box["structure"] = fn(*arrays)
            written = [p for p in scope.writes if getattr(p, "requires_grad", None) is not None and hasattr(p, "_name")]
            if written:
                raise RuntimeError(f"'vmap' maps a function that writes Parameter '{written[0].name}'; return the new "
                                   "value and assign it outside of vmap.")
            return list(outs)

    moved = jax.vmap(pure, in_axes=tuple(in_axes), out_axes=0)(*arrays)
    axes = out_axes(box["structure"]) if callable(out_axes) else [out_axes] * len(moved)
    return [o if a in (0, None) else jnp.moveaxis(o, 0, a) for o, a in zip(moved, axes, strict=True)], box["structure"]


def checkpoint(fn: Callable, arrays: Arrays) -> tuple[list, Any]:
    """Runs `fn` so that its intermediate results are computed again for the gradient instead of kept."""
    box: dict[str, Any] = {}
    scope = state.current()
    # Parameters enter as arguments: what a checkpointed function closes over would be kept alive otherwise
    params = [p for p in scope.values if is_differentiable(p._data)] if scope else []

    def pure(arrays: Arrays, weights: Arrays) -> tuple:
        with state.child_scope() as inner:
            for p, w in zip(params, weights, strict=True):
                inner.preset(p, w)
            outs, box["structure"] = fn(*arrays)
            box["written"] = list(inner.writes)
            return list(outs), list(inner.writes.values())

    outs, writes = jax.checkpoint(pure)(list(arrays), [p._data for p in params])
    state.apply_writes(box["written"], writes)
    return outs, box["structure"]


def custom_vjp(forward: Callable, backward: Callable, arrays: Arrays) -> tuple[list, Any]:
    """Runs `forward(*arrays) -> (outs, structure)` with a gradient of its own.

    Args:
        forward: The function.
        backward: (arrays, outs, cotangents, structure) -> one cotangent per array.
        arrays: The inputs that gradients are for. What else the functions read is constant to the gradient.
    """
    outs, structure, writes, written, fwd, fwd_consts = _trace(forward, arrays)
    shapes = [jax.ShapeDtypeStruct(o.shape, o.dtype) for o in outs]

    def pull(*flat: Any) -> tuple[list, Any]:
        n, m = len(arrays), len(outs)
        return backward(flat[:n], flat[n:n + m], flat[n + m:], structure), None

    inputs = [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays]
    _, _, _, _, bwd, bwd_consts = _trace(pull, [*inputs, *shapes, *shapes])
    n_fwd = len(fwd_consts)

    @jax.custom_vjp
    def call(consts: Arrays, args: Arrays) -> list:
        return fwd(*consts[:n_fwd], *args)

    def call_fwd(consts: Arrays, args: Arrays) -> tuple:
        outs = fwd(*consts[:n_fwd], *args)
        return outs, (consts, args, outs[:len(shapes)])

    def call_bwd(residuals: tuple, cotangents: list) -> tuple:
        consts, args, outs = residuals
        cts = [jnp.zeros(o.shape, o.dtype) if not is_differentiable(o) else c
               for o, c in zip(outs, cotangents, strict=False)]
        grads = bwd(*consts[n_fwd:], *args, *outs, *cts)
        return ([zero_cotangent(c) for c in consts],
                [g if is_differentiable(a) else zero_cotangent(a) for a, g in zip(args, grads, strict=True)])

    call.defvjp(call_fwd, call_bwd)
    results = call([*map(jax.lax.stop_gradient, [*fwd_consts, *bwd_consts])], list(arrays))
    state.apply_writes(written, results[len(shapes):])
    return results[:len(shapes)], structure


def _trace(fn: Callable, arrays: Arrays) -> tuple:
    """Traces `fn` in a child scope. Returns its outputs' shapes and so on, and a function of (constants, arrays)."""
    box: dict[str, Any] = {}

    def pure(*arrays: Any) -> list:
        with state.child_scope() as scope:
            outs, box["structure"] = fn(*arrays)
            box["count"] = len(outs)
            box["written"] = list(scope.writes)
            return [*outs, *scope.writes.values()]

    closed = jax.make_jaxpr(pure)(*arrays)
    jaxpr, consts = closed.jaxpr, closed.consts
    run = jex_core.jaxpr_as_fun(jex_core.ClosedJaxpr(
        jaxpr.replace(constvars=[], invars=[*jaxpr.constvars, *jaxpr.invars],
                      debug_info=jaxpr.debug_info._replace(arg_names=None, result_paths=None)), []))
    avals = closed.out_avals
    count = box["count"]
    return avals[:count], box["structure"], avals[count:], box["written"], run, list(consts)


def identity_with_backward(arrays: Arrays, backward: Callable[[list], Arrays]) -> list:
    """The arrays as they are; their cotangents pass through `backward`."""
    @jax.custom_vjp
    def identity(values: list) -> list:
        return values

    identity.defvjp(lambda values: (values, None), lambda _, cotangents: (list(backward(list(cotangents))),))
    return identity(list(arrays))
