"""Custom gradients: a Cell's `bprop`, in both worlds."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mycelium.core import context
from mycelium.core.local import local
from mycelium.core.tensor import Tensor
from mycelium.engine import transform
from mycelium.engine.backend import alias
from mycelium.engine.kernel import is_differentiable
from mycelium.engine.tape import paused, zeros_like
from mycelium.graph.structure import flatten_result, unflatten


def call_with_bprop(owner: Any, forward: Callable, bprop: Callable, args: tuple, kwargs: dict) -> Any:
    """Runs `forward(*args, **kwargs)`, with `bprop(*args, out, dout)` as its gradient."""
    arrays: list = []
    spec = flatten_result(args, arrays)

    def run(*values: Any) -> tuple[list, Any]:
        outs: list = []
        return outs, flatten_result(forward(*unflatten(spec, iter(values)), **kwargs), outs)

    def backward(inputs: Sequence, outs: Sequence, cotangents: Sequence, structure: Any) -> list:
        ins = unflatten(spec, iter(inputs))
        out, dout = unflatten(structure, iter(outs)), unflatten(structure, iter(cotangents))
        return _check(owner, bprop(*ins, out, dout), args, inputs)

    if local.scope is not None:
        outs, structure = transform.custom_vjp(run, backward, arrays)
        return unflatten(structure, iter(outs))
    tape = next((t for t in reversed(local.tapes) if any(id(a) in t.active for a in arrays)), None)
    if tape is None:
        return forward(*args, **kwargs)
    with paused(tape):      # tapes outside see the operators themselves, as a gradient of a gradient should
        outs, structure = run(*arrays)
    known = {id(a) for a in arrays}     # an output that is an input is told apart from it
    outs = [alias(o) if id(o) in known else o for o in outs]

    def pull(cotangents: Sequence) -> list:
        full = [zeros_like(o) if c is None else c for o, c in zip(outs, cotangents, strict=True)]
        return backward(arrays, outs, full, structure)

    tape.record_custom(pull, arrays, tuple(outs))
    return unflatten(structure, iter(outs))


def _check(owner: Any, result: Any, args: tuple, inputs: Sequence) -> list:
    """The gradients as one array per input array, in each input's dtype."""
    name = type(owner).__name__
    given = list(result) if isinstance(result, (tuple, list)) else [result]
    tensors = [i for i, a in enumerate(args) if _tensors(a)]
    if len(given) == len(args):
        given = [given[i] for i in tensors]
    elif len(given) != len(tensors):
        raise TypeError(f"The 'bprop' of '{name}' should return one gradient per input ({len(args)}), as a tuple, but "
                        f"got {len(given)}.")
    grads: list = []
    for g in given:
        flatten_result(g if isinstance(g, (Tensor, tuple, list)) else Tensor(g), grads)
    if len(grads) != len(inputs):
        raise TypeError(f"The 'bprop' of '{name}' should return gradients for {len(inputs)} Tensors, but got "
                        f"{len(grads)}.")
    check = context.get_context("check_bprop")
    for i, (g, x) in enumerate(zip(grads, inputs, strict=True)):
        if not is_differentiable(x):
            grads[i] = zeros_like(x)
            continue
        if tuple(g.shape) != tuple(x.shape):
            raise ValueError(f"The 'bprop' of '{name}' should return a gradient of shape {tuple(x.shape)} for input "
                             f"{i}, but got {tuple(g.shape)}.")
        if g.dtype != x.dtype:
            if check:
                raise TypeError(f"The 'bprop' of '{name}' should return a gradient of dtype {x.dtype} for input {i}, "
                                f"but got {g.dtype}.")
            grads[i] = g.astype(x.dtype)
    return grads


def _tensors(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(map(_tensors, value))
    return isinstance(value, Tensor)




def pass_through(value: Any, backward: Callable) -> Any:
    """`value` as it is; its cotangents pass through `backward(arrays, structure)`."""
    arrays: list = []
    spec = flatten_result(value, arrays)
    places = [i for i, a in enumerate(arrays) if is_differentiable(a)]
    diff = [arrays[i] for i in places]
    if local.scope is not None:
        if len(places) != len(arrays):
            return unflatten(spec, iter(arrays))
        return unflatten(spec, iter(transform.identity_with_backward(diff, lambda cts: backward(cts, spec))))
    if not local.tapes:
        return value
    fresh = [alias(a) for a in arrays]

    def pull(cotangents: Sequence) -> list:
        return backward([zeros_like(a) if c is None else c for a, c in zip(arrays, cotangents, strict=True)], spec)

    for tape in local.tapes:
        tape.record_custom(pull, arrays, tuple(fresh))
    return unflatten(spec, iter(fresh))
