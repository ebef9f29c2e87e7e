"""Control flow of compiled programs: branches and loops that are traced once, with the state they read and write."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, no_effects, take_current_trace

from mycelium.engine import state
from mycelium.engine.while_loop import plain_while
from mycelium.engine.while_loop import while_loop as differentiable_while

TRACER_ERRORS: tuple[type[Exception], ...] = (jax.errors.ConcretizationTypeError, jax.errors.UnexpectedTracerError)


class Block:
    """A piece of a program, traced by itself: a branch, or the body of a loop.

    Attributes:
        outs: Shape, dtype and weak type of each output.
        extra: What the traced function returned besides its arrays.
        targets: The Parameters (and Tensors changed in place) that it writes.
    """

    __slots__ = ("jaxpr", "consts", "outs", "extra", "targets")

    def __call__(self, *inputs: Any) -> tuple[list, dict[Any, Any]]:
        """The outputs, and what each target holds afterwards."""
        values = jax.core.eval_jaxpr(self.jaxpr, self.consts, *inputs)
        count = len(self.outs)
        return values[:count], dict(zip(self.targets, values[count:], strict=True))


def trace(fn: Callable, inputs: Sequence = (), targets: Sequence = ()) -> Block:
    """Traces `fn` once, under a scope of its own; values of the outer program become constants of the Block.

    Args:
        fn: Takes arrays like `inputs`; returns (list of arrays, anything).
        inputs: Example arrays.
        targets: Parameters and Tensors whose values are further inputs, after `inputs`.
    """
    block = Block()
    count = len(inputs)

    def pure(*args: Any) -> list:
        with take_current_trace() as here:
            pass
        with state.child_scope() as scope:
            for target, value in zip(targets, args[count:], strict=True):
                if _is_scoped(target):
                    scope.preset(target, value)
                else:
                    scope.mutate(target)
                    target._data = value
            outs, block.extra = fn(*args[:count])
            changed = [t for t, old in scope.restore if getattr(old, "_trace", None) is not here]
            block.targets = list(dict.fromkeys([*targets, *scope.writes, *changed]))
            return [*outs, *[scope.read(t) if _is_scoped(t) else t._data for t in block.targets]]

    closed = jax.make_jaxpr(pure)(*inputs, *[_read(t) for t in targets])
    block.jaxpr, block.consts = closed.jaxpr, closed.consts
    block.outs = closed.out_avals[:len(closed.out_avals) - len(block.targets)]
    return block


def _is_scoped(target: Any) -> bool:
    return hasattr(target, "_array")


def _read(target: Any) -> Any:
    return target._data


def assign(target: Any, array: Any) -> None:
    """Writes a Parameter in the current scope, or a Tensor in place."""
    if not _is_scoped(target):
        scope = state.current()
        if scope is not None:
            scope.mutate(target)
    target._data = array


def predicate(array: Any) -> Any:
    """The truth of an array with one element, as a boolean scalar."""
    scalar = jnp.reshape(array, ())
    return scalar if scalar.dtype == jnp.bool_ else scalar != 0


def logical_not(scalar: Any) -> Any:
    """`not` of a boolean array."""
    return jnp.logical_not(scalar)


def logical_and(left: Any, right: Any) -> Any:
    """`and` of boolean arrays."""
    return jnp.logical_and(left, right)


def logical_or(left: Any, right: Any) -> Any:
    """`or` of boolean arrays."""
    return jnp.logical_or(left, right)


def index(array: Any, count: int) -> Any:
    """An index array of one element as an int32 scalar from 0 to count - 1; negative ones count from the end."""
    scalar = jnp.reshape(array, ()).astype(jnp.int32)
    return jnp.clip(jnp.where(scalar < 0, scalar + count, scalar), 0, count - 1)


def if_pure(fn: Callable) -> Any:
    """The array that `fn` computes, unless it returns None or changes state: then nothing has happened."""
    block = trace(lambda: (lambda a: ([] if a is None else [a], None))(fn()))
    return block()[0][0] if block.outs and not block.targets and not block.jaxpr.effects else None


def number(value: bool | int | float) -> Any:
    """A Python number as an array that promotes like the number: int64 or float32 of weak type, or bool."""
    if type(value) is float:
        with jax.enable_x64(False):
            return jnp.asarray(value)
    return jnp.asarray(value)


def is_number(array: Any) -> bool:
    """Whether an array stands for a Python number known at run time."""
    return bool(getattr(array, "weak_type", False)) and not array.shape


def convert(array: Any, like: Any) -> Any:
    """`array` as the dtype and shape of the abstract value `like` (a number may be spread over a shape)."""
    if array.dtype != like.dtype or (is_number(array) and not like.weak_type):
        array = lax.convert_element_type(array, like.dtype)
    return array if array.shape == like.shape else jnp.broadcast_to(array, like.shape)


def zeros(like: Any) -> Any:
    """Zeros of an abstract value."""
    return jnp.zeros(like.shape, like.dtype)


def abstract(array: Any) -> Any:
    """Shape, dtype and weak type of an array."""
    return jax.typeof(array)


def cond(chosen: Any, blocks: Sequence[Block], finish: Sequence[Callable]) -> list:
    """Runs one of several Blocks without inputs, and applies its writes.

    Args:
        chosen: A boolean scalar (two Blocks: the first if true), or an int scalar (the Block's place).
        blocks: The alternatives.
        finish: For each Block, a function from its outputs to the common list of arrays.
    """
    targets = list(dict.fromkeys(t for b in blocks for t in b.targets))
    before = [_read(t) for t in targets]
    count = [0]

    def branch(block: Block, last: Callable) -> Callable:
        def run() -> list:
            outs, written = block()
            outs = last(outs)
            count[0] = len(outs)
            state = [convert(written.get(t, old), abstract(old)) for t, old in zip(targets, before, strict=True)]
            return [*outs, *state]
        return run

    branches = [branch(b, f) for b, f in zip(blocks, finish, strict=True)]
    results = lax.cond(chosen, *branches) if chosen.dtype == jnp.bool_ else \
        lax.switch(chosen, branches)
    for target, value in zip(targets, results[count[0]:], strict=True):
        assign(target, value)
    return results[:count[0]]


def while_loop(pred: Any, block: Block, finish: Callable, init: Sequence, late: Sequence = ()) -> list:
    """Runs a traced body while a condition holds, and applies its writes; differentiable to any order.

    Args:
        pred: A boolean scalar: whether to enter.
        block: Takes the carried arrays and the values of its targets.
        finish: From the Block's outputs to the list of the next condition, the carried arrays and the late ones.
        init: The carried arrays.
        late: Arrays that a step makes and does not take: what they are if there is no step.

    Returns:
        The carried arrays and the late ones.
    """
    targets, count = block.targets, len(block.outs)
    carried = [*init, *late, *map(_read, targets)]
    like = [abstract(a) for a in carried]
    made = slice(len(init), len(init) + len(late))

    def make_step(jaxpr: Any) -> Callable:
        def step(carry: Sequence, consts: Sequence) -> tuple:
            given = list(carry)
            del given[made]
            values = jax.core.eval_jaxpr(jaxpr, consts, *given)
            again, *new = finish(values[:count])
            return again, [convert(v, a) for v, a in zip([*new, *values[count:]], like, strict=True)]
        return step

    step = make_step(block.jaxpr)
    # what a step prints is printed once, not again when a gradient repeats it
    again = make_step(_quiet(block.jaxpr)) if block.jaxpr.effects else step
    results = plain_while(step, pred, carried, list(block.consts)) if _forward_mode() else \
        differentiable_while(step, pred, carried, list(block.consts), again)
    for target, value in zip(targets, results[made.stop:], strict=True):
        assign(target, value)
    return results[:made.stop]


def _forward_mode() -> bool:
    scope = state.current()
    return scope is not None and scope.forward


def _quiet(jaxpr: Any) -> Any:
    """`jaxpr` without calls of the host that only show something."""
    if not jaxpr.effects:
        return jaxpr
    eqns = []
    for e in jaxpr.eqns:
        if e.primitive.name != "debug_callback":
            params = {k: _quiet_param(v) for k, v in e.params.items()} if e.effects else e.params
            eqns.append(e.replace(params=params, effects=no_effects))
    return jaxpr.replace(eqns=eqns, effects=no_effects)


def _quiet_param(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)([_quiet_param(v) for v in value])
    if isinstance(value, ClosedJaxpr):
        return value.replace(jaxpr=_quiet(value.jaxpr))
    return _quiet(value) if isinstance(value, Jaxpr) else value


def host_call(fn: Callable, arrays: Sequence) -> None:
    """Calls `fn` with the values of `arrays` each time the program gets here, in program order."""
    jax.debug.callback(fn, *arrays, ordered=True)
