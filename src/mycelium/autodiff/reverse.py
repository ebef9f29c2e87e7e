"""Reverse mode in both worlds: on the tape in PYNATIVE_MODE, by JAX's transform while a graph is traced."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mycelium.core.local import local
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.engine import transform
from mycelium.engine.backend import alias
from mycelium.engine.kernel import is_differentiable
from mycelium.engine.tape import Tape, ones_like, recording, zeros_like
from mycelium.engine.user_code import prepare
from mycelium.graph.structure import flatten_result, unflatten


class Differentiated:
    """The result of running a function for its gradient.

    Attributes:
        out: What the function returned.
        outs: The arrays in it.
    """

    def __init__(self, out: Any, outs: Sequence, structure: Any, backward: Callable, specs: Sequence, arrays: Sequence):
        self.out, self.outs, self.structure = out, outs, structure
        self._backward, self._specs, self._arrays = backward, specs, arrays

    def gradient(self, sens: Any = None, only: int | None = None) -> tuple[tuple, tuple]:
        """Gradients of (chosen arguments, Parameters).

        Args:
            sens: Cotangents in the structure of the output; None stands for ones.
            only: Differentiate only the first `only` arrays of the output (the others are auxiliary).
        """
        if sens is None:
            cotangents: list = [ones_like(o) if is_differentiable(o) and (only is None or i < only) else None
                                for i, o in enumerate(self.outs)]
        else:
            cotangents = []
            flatten_result(sens, cotangents)
            outs = [o for o in self.outs if is_differentiable(o)] if len(cotangents) != len(self.outs) else self.outs
            if len(cotangents) != len(outs):
                raise ValueError(f"The sensitivity should have one Tensor per output ({len(self.outs)}), but got "
                                 f"{len(cotangents)}.")
            for c, o in zip(cotangents, outs, strict=True):
                if tuple(c.shape) != tuple(o.shape):
                    raise ValueError(f"The sensitivity should have the shape of the output, {tuple(o.shape)}, but got "
                                     f"{tuple(c.shape)}.")
            if len(outs) != len(self.outs):
                given = iter(cotangents)
                cotangents = [next(given) if is_differentiable(o) else None for o in self.outs]
        inputs, weights = self._backward(cotangents)
        iterator = iter(inputs)
        grads = tuple([unflatten(s, iterator, tuple) for s in self._specs])
        return grads, tuple([Tensor._wrap(w) for w in weights])


def differentiate(fn: Callable, args: Sequence, kwargs: dict, positions: Sequence[int],
                  params: Sequence[Parameter]) -> Differentiated:
    """Runs `fn(*args, **kwargs)` so that gradients of `args[positions]` and of `params` can be asked for."""
    arrays: list = []
    specs = [flatten_result(args[i], arrays) for i in positions]
    if local.scope is not None:
        record = local.scope.forwards.get(id(fn))
        if record is not None and record.matches(args, kwargs, params):
            del local.scope.forwards[id(fn)]
            return record.differentiated(positions, params)
        return _traced(fn, args, kwargs, positions, params, specs, arrays)
    return _taped(fn, args, kwargs, positions, params, specs, arrays)


def _call(fn: Callable, args: Sequence, kwargs: dict, positions: Sequence[int], specs: Sequence,
          arrays: Sequence) -> Any:
    iterator = iter(arrays)
    new = list(args)
    for i, spec in zip(positions, specs, strict=True):
        new[i] = unflatten(spec, iterator)
    return prepare(fn)(*new, **kwargs)


def _traced(fn: Callable, args: Sequence, kwargs: dict, positions: Sequence[int], params: Sequence, specs: Sequence,
            arrays: list) -> Differentiated:
    floating = [i for i, a in enumerate(arrays) if is_differentiable(a)]

    def run(*diff: Any) -> tuple[list, Any]:
        values = list(arrays)
        for i, a in zip(floating, diff, strict=True):
            values[i] = a
        outs: list = []
        structure = flatten_result(_call(fn, args, kwargs, positions, specs, values), outs)
        return outs, structure

    outs, structure, pullback = transform.vjp(run, [arrays[i] for i in floating], params)

    def backward(cotangents: Sequence) -> tuple[list, Sequence]:
        grads, weights = pullback(cotangents)
        full = [None] * len(arrays)
        for i, g in zip(floating, grads, strict=True):
            full[i] = g
        return [zeros_like(a) if g is None else g for a, g in zip(arrays, full, strict=True)], weights

    return Differentiated(unflatten(structure, iter(outs)), outs, structure, backward, specs, arrays)


def _taped(fn: Callable, args: Sequence, kwargs: dict, positions: Sequence[int], params: Sequence, specs: Sequence,
           arrays: list) -> Differentiated:
    weights = [p._array for p in params]
    record = getattr(fn, "_forward_record", None)
    if record is not None and record.matches(args, kwargs, params):
        fn._forward_record = None                   # type: ignore[attr-defined]
        tape, out, sources = record.tape, record.out, arrays
    else:
        tape = Tape()
        # fresh array objects tell apart the same Tensor given twice, or given and closed over
        sources = [alias(a) for a in arrays]
        for outer in local.tapes:
            for a, s in zip(arrays, sources, strict=True):
                outer.record_custom(list, [a], (s,))
        for a in (*filter(is_differentiable, sources), *weights):
            tape.watch(a)
        with recording(tape):
            out = _call(fn, args, kwargs, positions, specs, sources)
    outs: list = []
    structure = flatten_result(out, outs)
    wanted = [*sources, *weights]

    def backward(cotangents: Sequence) -> tuple[list, list]:
        grads = tape.gradient(outs, cotangents, wanted)
        full = [zeros_like(s) if g is None else g for s, g in zip(wanted, grads, strict=True)]
        return full[:len(sources)], full[len(sources):]

    return Differentiated(out, outs, structure, backward, specs, arrays)


def _value(param: Parameter) -> Any:
    return param._array if local.scope is None else local.scope.read(param)


class _Inputs:
    """What a forward call was given, for the gradient call that follows: inputs, Parameters and their values."""

    __slots__ = ("arrays", "spec", "params", "weights")

    def __init__(self, args: Sequence, kwargs: dict, params: Sequence[Parameter]):
        self.arrays: list = []
        self.spec = flatten_result((tuple(args), kwargs), self.arrays)
        self.params, self.weights = list(params), [_value(p) for p in params]

    def matches(self, args: Sequence, kwargs: dict, params: Sequence[Parameter]) -> bool:
        """Whether the inputs are the same, no Parameter has changed since, and those asked for are among them."""
        arrays: list = []
        spec = flatten_result((tuple(args), kwargs), arrays)
        same = spec == self.spec and all(a is b for a, b in zip(arrays, self.arrays, strict=True))
        return same and all(_value(p) is w for p, w in zip(self.params, self.weights, strict=True)) \
            and {id(p) for p in params} <= {id(p) for p in self.params}


class ForwardRecord(_Inputs):
    """A forward call kept by a Cell after `set_grad()`, for the gradient call that follows on the same inputs."""

    __slots__ = ("tape", "out")

    def __init__(self, tape: Tape, args: Sequence, kwargs: dict, params: Sequence[Parameter]):
        super().__init__(args, kwargs, params)
        self.tape, self.out = tape, None


def record_forward(fn: Callable, call: Callable, args: Sequence, kwargs: dict, params: Sequence[Parameter]) -> Any:
    """Runs `call(*args, **kwargs)`, keeping what a gradient of `fn` at these inputs needs."""
    tape = Tape()
    record = ForwardRecord(tape, args, kwargs, params)
    for a in (*filter(is_differentiable, record.arrays), *record.weights):
        tape.watch(a)
    with recording(tape):
        record.out = call(*args, **kwargs)
    fn._forward_record = record                     # type: ignore[attr-defined]
    return record.out


class _TracedForward(_Inputs):
    """The same while a program is traced; kept by the scope, which the traced values may not leave."""

    __slots__ = ("fn", "done", "starts")

    def __init__(self, fn: Callable, call: Callable, args: Sequence, kwargs: dict, params: Sequence[Parameter]):
        super().__init__(args, kwargs, params)
        arrays: list = []
        self.starts, specs = [0], []
        for a in args:
            specs.append(flatten_result(a, arrays))
            self.starts.append(len(arrays))
        self.fn = fn
        self.done = _traced(call, args, kwargs, range(len(args)), self.params, specs, arrays)

    def differentiated(self, positions: Sequence[int], params: Sequence[Parameter]) -> Differentiated:
        """The recorded call, as a gradient of these inputs and Parameters asks for it."""
        done = self.done
        index = {id(p): i for i, p in enumerate(self.params)}

        def backward(cotangents: Sequence) -> tuple[list, list]:
            inputs, weights = done._backward(cotangents)
            return ([g for i in positions for g in inputs[self.starts[i]:self.starts[i + 1]]],
                    [weights[index[id(p)]] for p in params])

        return Differentiated(unflatten(done.structure, iter(done.outs)), done.outs, done.structure, backward,
                              [done._specs[i] for i in positions], ())


def record_traced_forward(fn: Callable, call: Callable, args: Sequence, kwargs: dict,
                          params: Sequence[Parameter]) -> Any:
    """`record_forward` while a program is traced."""
    record = _TracedForward(fn, call, args, kwargs, params)
    local.scope.forwards[id(fn)] = record
    return record.done.out
