"""A `while` loop whose number of steps is known only at run time, with reverse-mode gradients of any order.

XLA has no arrays that grow, so the states of the steps cannot all be kept. The forward loop keeps them in a fixed
number of slots, first each step, then, when the slots are full, every second one, every fourth and so on. The backward
loop goes through the steps in reverse; it takes each state from its slot or recomputes it from the nearest one before.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

_SLOT_BYTES = 4 << 20       # memory for small states
_MOST_BYTES = 256 << 20     # memory for large ones, which get at least _FEWEST slots
_FEWEST, _MOST = 16, 16384

Step = Callable[[list, list], tuple[Any, list]]


def plain_while(step: Step, pred: Any, state: list, consts: list) -> list:
    """The loop without a reverse mode, for programs that are differentiated forward."""
    return lax.while_loop(lambda c: c[0], lambda c: step(c[1], consts), (pred, state))[1]


def while_loop(step: Step, pred: Any, state: list, consts: list, again: Step | None = None) -> list:
    """Runs `again, state = step(state, consts)` while the condition (first `pred`, then `again`) holds.

    Args:
        step: A pure function that reaches outside arrays only through `consts`.
        pred: Boolean scalar.
        state: Arrays; a step keeps their shapes and dtypes.
        consts: Arrays. Gradients flow to `state` and to `consts`.
        again: What repeats a step for the gradient. Default: `step`.

    Returns:
        The arrays of the last state.
    """
    @jax.custom_vjp
    def loop(pred: Any, state: list, consts: list) -> list:
        return plain_while(step, pred, state, consts)

    # the same loop, told apart because only a differentiated one needs the states of its steps
    @jax.custom_vjp
    def keeping(pred: Any, state: list, consts: list) -> tuple:
        return _run_and_keep(step, pred, state, consts)

    def forward(pred: Any, state: list, consts: list) -> tuple:
        outs = keeping(pred, state, consts)
        return outs, (state, consts, *outs[1:])

    def backward(residual: tuple, cotangents: tuple) -> tuple:
        return None, *_backward(again or step, *residual, cotangents[0])

    def loop_forward(pred: Any, state: list, consts: list) -> tuple:
        outs, residual = forward(pred, state, consts)
        return outs[0], residual

    keeping.defvjp(forward, backward)
    loop.defvjp(loop_forward, lambda residual, cotangents: backward(residual, (cotangents,)))
    return loop(pred, state, consts)


def _slots(state: list) -> int:
    """How many states to keep: a power of two."""
    size = max(1, sum(a.size * a.dtype.itemsize for a in state))
    wanted = min(max(_SLOT_BYTES // size, 64), max(_MOST_BYTES // size, _FEWEST), _MOST)
    return 1 << (wanted.bit_length() - 1)


def _place(step: Any, unit: Any, slots: int) -> Any:
    """The slot of a kept step.

    While every `stride`-th step is kept and stride <= slots, step % slots is a multiple of the stride and
    step // slots is below it, so that their sum is a different slot for each kept step, and stays so when the stride
    doubles. Once the stride reaches `slots`, steps count in units of that many, and the same holds again.
    """
    step = step // unit
    return step % slots + step // slots


def _run_and_keep(step: Step, pred: Any, state: list, consts: list) -> tuple:
    """The final state, the number of steps, and the kept states with the stride and unit they are kept by."""
    slots = _slots(state)
    one = jnp.int64(1)
    # one more slot takes the states that are not kept: writing always is cheaper than choosing
    empty = [jnp.zeros((slots + 1, *a.shape), a.dtype) for a in state]

    def body(carry: tuple) -> tuple:
        _, state, count, stride, unit, kept = carry
        stride = jnp.where(count >= slots * stride, 2 * stride, stride)
        unit = jnp.where(stride >= slots * unit, stride, unit)
        place = jnp.where(count % stride == 0, _place(count, unit, slots), slots)
        kept = [lax.dynamic_update_index_in_dim(k, a, place, 0) for k, a in zip(kept, state, strict=True)]
        again, state = step(state, consts)
        return again, state, count + 1, stride, unit, kept

    _, final, count, stride, unit, kept = lax.while_loop(lambda c: c[0], body, (pred, state, 0 * one, one, one, empty))
    return final, count, (stride, unit, kept)


def _state_before(step: Step, index: Any, state: list, consts: list, kept: tuple) -> list:
    """The state before step `index`: its value comes from the kept states, its gradient from the loop up to it."""
    slots = kept[2][0].shape[0] - 1

    @jax.custom_vjp
    def find(index: Any, state: list, consts: list, kept: tuple) -> list:
        stride, unit, states = kept
        nearest = index - index % stride
        place = _place(nearest, unit, slots)
        near = [lax.dynamic_index_in_dim(s, place, 0, keepdims=False) for s in states]
        return lax.fori_loop(nearest, index, lambda _, s: step(s, consts)[1], near)

    def forward(index: Any, state: list, consts: list, kept: tuple) -> tuple:
        return find(index, state, consts, kept), (index, state, consts)

    def backward(residual: tuple, cotangents: list) -> tuple:
        index, state, consts = residual

        def counted(carry: list, consts: list) -> tuple:
            count, *state = carry
            *consts, index = consts
            return count + 1 < index, [count + 1, *step(state, consts)[1]]

        def run(state: list, consts: list) -> list:
            return while_loop(counted, index > 0, [jnp.zeros_like(index), *state], [*consts, index])[1:]

        _, pull = jax.vjp(run, state, consts)
        return None, *pull(cotangents), None

    find.defvjp(forward, backward)
    return find(index, state, consts, kept)


def _is_float(array: Any) -> bool:
    return jnp.issubdtype(array.dtype, jnp.inexact)


def _backward(step: Step, state: list, consts: list, count: Any, kept: tuple, cotangents: list) -> tuple[list, list]:
    """The cotangents of the first state and of the constants (None for integers)."""
    # JAX may turn what it kept into Python numbers
    state, consts = list(map(jnp.asarray, state)), list(map(jnp.asarray, consts))
    inner = [_is_float(a) for a in state]
    outer = [_is_float(c) for c in consts]
    n_state, n_inner, n_consts = len(state), sum(inner), len(consts)

    def merge(flags: list, floats: list, others: list) -> list:
        floats_, others_ = iter(floats), iter(others)
        return [next(floats_ if f else others_) for f in flags]

    def split(flags: list, values: list) -> tuple[list, list]:
        pairs = list(zip(values, flags, strict=True))
        return [v for v, f in pairs if f], [v for v, f in pairs if not f]

    def one_back(carry: list, given: list) -> tuple:
        index, sums = carry[0] - 1, carry[1:]
        first, consts = given[:n_state], given[n_state:n_state + n_consts]
        stride, unit, *states = given[n_state + n_consts:]
        before = _state_before(step, index, first, consts, (stride, unit, states))
        state_floats, state_others = split(inner, before)
        const_floats, const_others = split(outer, consts)

        def run(state_floats: list, const_floats: list) -> list:
            _, after = step(merge(inner, state_floats, state_others), merge(outer, const_floats, const_others))
            return split(inner, after)[0]

        _, pull = jax.vjp(run, state_floats, const_floats)
        to_state, to_consts = pull(sums[:n_inner])
        added = [a + b for a, b in zip(sums[n_inner:], to_consts, strict=True)]
        return index > 0, [index, *to_state, *added]

    start = [count, *split(inner, cotangents)[0], *[jnp.zeros_like(c) for c in split(outer, consts)[0]]]
    stride, unit, states = kept
    _, *sums = while_loop(one_back, count > 0, start, [*state, *consts, stride, unit, *states])
    nothing = [None] * (n_state + n_consts)
    return merge(inner, sums[:n_inner], nothing), merge(outer, sums[n_inner:], nothing)
