"""Whole programs: trace a function once, make its Parameters inputs and outputs, compile, run, write back."""
from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
from jax.extend import core as jex_core

from mycelium.core.local import local
from mycelium.engine import disk_cache, rewrite, state
from mycelium.engine.backend import accelerator, alias, jit
from mycelium.engine.kernel import Kernel

_INLINE_CONSTANT = 64   # elements; larger constants become inputs, so that XLA does not fold them


class DynamicShapeError(RuntimeError):
    """What a compiled program cannot have was reached while tracing: an operator whose output shape depends on data.

    Args:
        op: The operator.
        reason: Why it cannot be compiled, if it is not the shape of its output.
        remedy: What to do for full speed.
    """

    def __init__(self, op: str, reason: str | None = None,
                 remedy: str = "use a form of fixed shape, for example multiply by the mask or use ops.select"):
        self.op, self.reason, self.remedy = op, reason or f"the output shape of '{op}' depends on data", remedy
        super().__init__(f"{self.reason[0].upper()}{self.reason[1:]}, which a compiled program cannot have.")


class _Statistics:
    """How often user code was traced, for tests."""

    traces = 0


statistics = _Statistics()


@dataclass
class Timing:
    """What a program cost to make, in seconds.

    Attributes:
        trace_s: Running the function in Python.
        compile_s: XLA's part; None while the program has not been needed.
        cached: Whether XLA's part came from the cache on disk.
    """

    trace_s: float = 0.0
    compile_s: float | None = None
    cached: bool = False

    @property
    def total(self) -> float:
        """Both parts."""
        return self.trace_s + (self.compile_s or 0.0)

    @contextmanager
    def compiling(self) -> Iterator[None]:
        """Around XLA's part."""
        start, hits = time.perf_counter(), disk_cache.hits.count
        yield
        self.compile_s = time.perf_counter() - start + (self.compile_s or 0.0)
        self.cached = disk_cache.hits.count > hits


class Program:
    """A function of arrays and Parameters, traced for fixed shapes and compiled on its first run.

    Args:
        fn: Takes arrays, returns (list of arrays, anything describing them).
        arrays: Example arguments; only shape and dtype matter.
        name: Shown in profiles and errors.
    """

    def __init__(self, fn: Callable, arrays: Sequence, name: str):
        statistics.traces += 1
        start = time.perf_counter()
        scope = state.ProgramScope(alias)
        box: dict[str, Any] = {}

        def pure(*args: Any) -> list:
            with state.use(scope):
                outs, box["structure"] = fn(*args)
                box["count"] = len(outs)
                return [*outs, *scope.writes.values()]

        closed = jax.make_jaxpr(pure)(*arrays)
        self.name = name
        self.structure = box["structure"]
        self.out_count = box["count"]
        self.cells = list(scope.cells.values())
        # a failed check leaves the Parameters as they were
        self._verified, self._donate = (scope.checks.verified, ()) if scope.checks.count else (nullcontext, 0)
        self.written = list(scope.writes)
        self._split_constants(closed, scope)
        self._multi: dict[int, Any] = {}
        self.timing = Timing(time.perf_counter() - start)

    def _split_constants(self, closed: Any, scope: state.ProgramScope) -> None:
        """Sorts the constants of the trace into Parameters, large constants (inputs too) and small ones (inlined)."""
        owner = {id(array): param for param, array in scope.inputs.items()}
        params, param_vars, large, large_vars, small, small_vars = [], [], [], [], [], []
        for var, const in zip(closed.jaxpr.constvars, closed.consts, strict=True):
            if id(const) in owner:
                params.append(owner[id(const)])
                param_vars.append(var)
            elif getattr(const, "size", 0) > _INLINE_CONSTANT:
                large.append(const)
                large_vars.append(var)
            else:
                small.append(const)
                small_vars.append(var)
        # the rewritten ones first, in the order of the results: XLA reuses each one's memory for its own new value
        place = {p: i for i, p in enumerate(self.written)}
        order = sorted(range(len(params)), key=lambda i: place.get(params[i], len(place)))
        self.params = [params[i] for i in order]
        self.rewritten = sum(p in place for p in params)
        self.constants = large
        jaxpr = closed.jaxpr
        jaxpr = _with_inputs(jaxpr, small_vars, [param_vars[i] for i in order] + large_vars)
        cut = rewrite.split_chains(jaxpr) if accelerator() is None else jaxpr
        options = rewrite.KEEP_BARRIERS if cut is not jaxpr else {}
        self.jit = partial(jit, donate_argnums=self._donate, **options)
        self.jaxpr = jex_core.ClosedJaxpr(cut, small)
        self.flat = flat = jax.extend.core.jaxpr_as_fun(self.jaxpr)
        rewritten, count = self.rewritten, len(self.params)

        def program(donated: list, kept: list, constants: list, args: Sequence) -> list:
            return flat(*donated, *kept, *constants, *args)

        program.__name__ = program.__qualname__ = self.name
        self._run = self.jit(program)
        self.kernel = Kernel(lambda *a: tuple(flat(*a)), self.name)
        self._kept = slice(rewritten, count)

    def __call__(self, arrays: Sequence) -> Sequence:
        """Runs the program; Parameters it writes have their new values when it returns."""
        params = self.params
        if local.tapes:
            with self._verified(), self.timing.compiling() if self.timing.compile_s is None else nullcontext():
                outs = self.kernel([*(p._array for p in params), *self.constants, *arrays])
            self._commit(outs)
        else:
            if self.timing.compile_s is None:
                self.compile(arrays)
            kept = [p._array for p in params[self._kept]]
            with _no_interrupt(self.rewritten):
                with self._verified():
                    outs = self._run(self._donated(), kept, self.constants, arrays)
                self._commit(outs)
        return outs[:self.out_count]

    def _donated(self) -> list:
        """The arrays of the rewritten Parameters; one that somebody else holds too is copied first."""
        arrays = []
        for p in self.params[:self.rewritten]:
            array = p._array
            arrays.append(array if sys.getrefcount(array) <= _OWN_REFERENCES else _copy(array))
        return arrays

    def _commit(self, outs: Sequence) -> None:
        for param, array in zip(self.written, outs[self.out_count:], strict=True):
            param._array = array

    def run_steps(self, count: int, stacked: Sequence) -> Sequence:
        """Runs the program `count` times in one compiled call.

        Args:
            count: The number of steps.
            stacked: The arguments of all steps, each with a leading axis of `count`.

        Returns:
            The outputs of all steps, each with a leading axis of `count`.
        """
        run = self._multi.get(count)
        fresh = run is None
        if fresh:
            run = self._multi[count] = self._build_steps()
        kept = [p._array for p in self.params[self._kept]]
        only_written = [p._array for p in self.written if p not in set(self.params[:self.rewritten])]
        with _no_interrupt(True), self.timing.compiling() if fresh else nullcontext():
            with self._verified():
                new, only_new, outs = run(self._donated(), only_written, kept, self.constants, stacked)
            for param, array in zip(self.params[:self.rewritten], new, strict=True):
                param._array = array
            rewritten = set(self.params[:self.rewritten])
            for param, array in zip((p for p in self.written if p not in rewritten), only_new, strict=True):
                param._array = array
        return outs

    def _build_steps(self) -> Callable:
        rewritten = self.params[:self.rewritten]
        place = {p: self.out_count + i for i, p in enumerate(self.written)}
        only = [p for p in self.written if p not in set(rewritten)]

        def steps(donated: list, only_written: list, kept: list, constants: list, stacked: Sequence) -> tuple:
            def step(carry: tuple, args: Sequence) -> tuple:
                outs = self.flat(*carry[0], *kept, *constants, *args)
                return ([outs[place[p]] for p in rewritten], [outs[place[p]] for p in only]), outs[:self.out_count]

            (new, only_new), outs = jax.lax.scan(step, (donated, only_written), stacked)
            return new, only_new, outs

        steps.__name__ = steps.__qualname__ = f"{self.name}_steps"
        return self.jit(steps)

    def compile(self, arrays: Sequence) -> None:
        """Compiles the program for arguments like `arrays` without running it."""
        if self.timing.compile_s is None:
            with self.timing.compiling():
                self.lower(arrays).compile()    # JAX keeps the result for the call that follows

    def lower(self, arrays: Sequence) -> Any:
        """The program as JAX lowers it, for inspection."""
        values = [p._array for p in self.params]
        return self._run.lower(values[:self.rewritten], values[self.rewritten:], self.constants, list(arrays))


def _with_inputs(jaxpr: Any, constvars: list, first: list) -> Any:
    """`jaxpr` with only `constvars` as constants and `first` before its arguments."""
    invars = [*first, *jaxpr.invars]
    debug_info = jaxpr.debug_info._replace(arg_names=None, result_paths=None) \
        if hasattr(jaxpr.debug_info, "_replace") else jaxpr.debug_info
    return jaxpr.replace(constvars=constvars, invars=invars, debug_info=debug_info)


def _copy(array: Any) -> Any:
    return jax.numpy.array(array, copy=True)


def _own_references() -> int:
    class _Probe:
        __slots__ = ("_array",)

    probe = _Probe()
    probe._array = object()
    array = probe._array
    return sys.getrefcount(array)


_OWN_REFERENCES = _own_references()


@contextmanager
def _no_interrupt(needed: int | bool) -> Iterator[None]:
    """Holds Ctrl-C back while donated memory has left the Parameters and the new arrays are not in place yet."""
    if not needed or threading.current_thread() is not threading.main_thread():
        yield
        return
    pending: list = []
    before = signal.signal(signal.SIGINT, lambda *args: pending.append(args))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if pending and callable(before):
            before(*pending[0])
