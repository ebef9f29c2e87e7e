"""Eager reverse mode: a tape of the kernels that ran, and the walk back over it.

The walk runs kernels too, so an outer tape records it: that is how higher orders come about.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp

from mycelium.core.local import busy, local
from mycelium.engine.kernel import Kernel, is_differentiable

_ADD = Kernel(lambda a, b: a + b, "Add")
_ONES = Kernel(jnp.ones_like, "OnesLike")
_ZEROS = Kernel(jnp.zeros_like, "ZerosLike")
_BARRIER = Kernel(lambda x: jnp.array(x, copy=True), "StopGradient")


class Tape:
    """Records the kernels that depend on its sources.

    Arrays are immutable, so an array's identity stands for its value; the tape keeps every array it knows alive.
    """

    __slots__ = ("sources", "active", "nodes", "params")

    def __init__(self) -> None:
        self.sources: list = []
        self.active: set[int] = set()
        self.nodes: list[tuple[Any, tuple, Sequence, tuple]] = []
        self.params: dict[int, Any] = {}

    def watch(self, array: Any) -> None:
        """Makes `array` a source."""
        if id(array) not in self.active:
            self.sources.append(array)
            self.active.add(id(array))

    def record(self, kernel: Kernel, inputs: Sequence, out: Any) -> None:
        """Notes one kernel call if it depends on a source."""
        active = self.active
        wanted = tuple([id(a) in active for a in inputs])
        if True in wanted:
            outs = out if type(out) is tuple else (out,)
            self.nodes.append((kernel, wanted, inputs, outs))
            for o in outs:
                if is_differentiable(o):
                    active.add(id(o))

    def record_custom(self, backward: Callable, inputs: Sequence, outs: tuple) -> None:
        """Notes a call whose cotangents come from `backward(cotangents of outs) -> cotangents of inputs`."""
        self.record(_Custom(backward), inputs, outs)    # type: ignore[arg-type]

    def gradient(self, outs: Sequence, cotangents: Sequence, sources: Sequence) -> list:
        """The cotangent of each source (None where no output depends on it).

        Args:
            outs: Arrays to differentiate.
            cotangents: One for each; None counts as absent.
            sources: Watched arrays.
        """
        grads: dict[int, Any] = {}
        for o, c in zip(outs, cotangents, strict=True):
            if c is not None and id(o) in self.active:
                _accumulate(grads, o, c)
        keep = {id(s) for s in sources}
        for kernel, wanted, inputs, node_outs in reversed(self.nodes):
            cts = [grads.get(id(o)) if id(o) in keep else grads.pop(id(o), None) for o in node_outs]
            given = tuple([c is not None for c in cts])
            if True not in given:
                continue
            if type(kernel) is _Custom:
                results = kernel.backward(cts)
                results = [r for r, w in zip(results, wanted, strict=True) if w]
            else:
                results = kernel.backward(wanted, given)([*inputs, *(c for c in cts if c is not None)])
            for a, g in zip((a for a, w in zip(inputs, wanted, strict=True) if w), results, strict=True):
                if g is not None:
                    _accumulate(grads, a, g)
        return [grads.get(id(s)) for s in sources]


class _Custom:
    """Stands in for a kernel whose backward is a function of cotangents."""

    __slots__ = ("backward",)

    def __init__(self, backward: Callable):
        self.backward = backward


def _accumulate(grads: dict[int, Any], array: Any, cotangent: Any) -> None:
    before = grads.get(id(array))
    grads[id(array)] = cotangent if before is None else _ADD([before, cotangent])


@contextmanager
def recording(tape: Tape) -> Iterator[Tape]:
    """Records on `tape`, and on the tapes already active."""
    before = local.tapes
    busy.append(None)
    local.tapes = (*before, tape)
    try:
        yield tape
    finally:
        local.tapes = before
        busy.pop()


@contextmanager
def paused(tape: Tape | None = None) -> Iterator[None]:
    """Records on no tape, or on all but `tape`."""
    before = local.tapes
    local.tapes = () if tape is None else tuple([t for t in before if t is not tape])
    try:
        yield
    finally:
        local.tapes = before


def ones_like(array: Any) -> Any:
    """Ones, as the cotangent a gradient starts from."""
    return _ONES([array])


def zeros_like(array: Any) -> Any:
    """Zeros of the same shape and dtype."""
    return _ZEROS([array])


def detach(array: Any) -> Any:
    """The same values as an array no tape knows."""
    with paused():
        return _BARRIER([array])
