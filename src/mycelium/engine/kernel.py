"""Eager execution: one compiled kernel per operator, attributes and shapes, recorded on the active gradient tapes."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core.local import local
from mycelium.engine.backend import jit

_FLOAT0 = jax.dtypes.float0


class Kernel:
    """A pure function over flat arrays (and Python scalars) returning an array or a tuple of arrays.

    Args:
        fn: The function. While a program is traced it is called as it is; eagerly its compiled form runs.
        name: Shown in errors and profiles.
        compiled: Whether the eager form is compiled; operators whose output shape depends on data are not.
    """

    __slots__ = ("fn", "name", "run", "compiled", "_backward")

    def __init__(self, fn: Callable, name: str, compiled: bool = True):
        self.fn = fn
        self.name = name
        self.compiled = compiled
        self.run = jit(fn) if compiled else fn
        self._backward: dict = {}

    def __call__(self, arrays: list) -> Any:
        if local.scope is not None:
            return self.fn(*arrays)
        out = self.run(*arrays)
        if local.tapes:
            for tape in local.tapes:
                tape.record(self, arrays, out)
        return out

    def backward(self, wanted: tuple[bool, ...], given: tuple[bool, ...]) -> Kernel:
        """The kernel from (inputs, cotangents of the `given` outputs) to cotangents of the `wanted` inputs.

        It computes the forward again as far as the gradient needs it; XLA drops the rest.
        """
        key = wanted, given
        found = self._backward.get(key)
        if found is None:
            found = Kernel(_backward_fn(self.fn, wanted, given), f"{self.name}Grad", self.compiled)
            self._backward[key] = found
        return found


def _backward_fn(fn: Callable, wanted: tuple[bool, ...], given: tuple[bool, ...]) -> Callable:
    count = len(wanted)
    places = [i for i, w in enumerate(wanted) if w]

    def backward(*arrays: Any) -> tuple:
        inputs, cotangents = list(arrays[:count]), iter(arrays[count:])

        def forward(*diff: Any) -> tuple:
            for i, x in zip(places, diff, strict=True):
                inputs[i] = x
            out = fn(*inputs)
            return out if isinstance(out, tuple) else (out,)

        outs, pullback = jax.vjp(forward, *(inputs[i] for i in places))
        return pullback(tuple(next(cotangents) if g else zero_cotangent(o) for o, g in zip(outs, given, strict=True)))

    return backward


def zero_cotangent(out: Any) -> Any:
    """The zero cotangent JAX expects for an output."""
    if jnp.issubdtype(out.dtype, jnp.inexact):
        return jnp.zeros(out.shape, out.dtype)
    return np.zeros(out.shape, _FLOAT0)


def is_differentiable(array: Any) -> bool:
    """Whether gradients exist for `array`: it holds floating point or complex numbers."""
    return jnp.issubdtype(array.dtype, jnp.inexact)
