"""One row, one operator: run in both modes, compared with a reference, differentiated, refused where it should be.

A family's test file is a table and three lines:

    CASES = [
        Case(ops.add, [A, B], numpy=np.add),
        Case(ops.Softmax(-1), [A], torch=lambda x: torch.softmax(x, -1)),
        Case(ops.sort, [A], expect=([[1.0, 2.0]], [[1, 0]]), dtype="float32 int32", grad=0),
    ]
    REFUSALS = [Refusal(ops.add, [A, "b"], TypeError, "For 'Add'")]

    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_values(case): check(case)

    @pytest.mark.parametrize("refusal", REFUSALS, ids=str)
    def test_refusals(refusal): refuse(refusal)
"""
from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from mycelium import Tensor, ops  # noqa: F401  ops for the test files
from mycelium.engine.compile import statistics
from mycelium.engine.tape import Tape, recording
from mycelium.graph.compiler import GraphFunction

EPSILON = 1e-6      # step of central differences, in float64


@dataclass
class Case:
    """One call of an operator and what it should give.

    Args:
        op: The function, primitive object or lambda under test.
        inputs: Its arguments: arrays and sequences of arrays become Tensors, anything else is passed as it is.
        kwargs: Keyword arguments; arrays become Tensors too.
        numpy, torch: A reference called with the same inputs as NumPy arrays or torch tensors, without `kwargs`.
        expect: Or the result itself (nested lists or arrays, a tuple for several), recorded from real MindSpore.
        dtype: The results' dtypes, several separated by blanks; default those of the reference.
        rtol, atol: Tolerance of the values.
        grad: The highest order of derivatives checked, 0 to 2: 2 for one case of each operator, 1 for its others (each
            costs compilations). First order against torch where it is the reference, else against finite differences,
            in float64 both; only floating point inputs are differentiated.
        wrt: Which of the flat inputs to differentiate; default all floating point ones.
        dynamic: The output's shape depends on data, so that the graph runs op by op, with a warning.
        label: Shown by pytest; default the operator's name.
    """

    op: Callable
    inputs: Sequence
    kwargs: dict = field(default_factory=dict)
    numpy: Callable | None = None
    torch: Callable | None = None
    expect: Any = None
    dtype: str | None = None
    rtol: float = 1e-5
    atol: float = 1e-6
    grad: int = 2
    wrt: Sequence[int] | None = None
    dynamic: bool = False
    label: str | None = None

    def __str__(self) -> str:
        return self.label or _name(self.op)


@dataclass
class Refusal:
    """A call that should raise `error` with `text` in its message, in both modes (graph=False: only eagerly)."""

    op: Callable
    inputs: Sequence
    error: type[Exception]
    text: str
    kwargs: dict = field(default_factory=dict)
    graph: bool = True
    label: str | None = None

    def __str__(self) -> str:
        return self.label or _name(self.op)


def check(case: Case) -> None:
    """Value, dtype and shape in PYNATIVE and GRAPH, one trace for two graph calls, derivatives."""
    expected, dtypes = _expected(case)
    out = case.op(*_tensors(case.inputs), **_tensors(case.kwargs))
    _compare("PYNATIVE", case, out, expected, dtypes)

    graph = GraphFunction(lambda *args: case.op(*args, **_tensors(case.kwargs)), str(case))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if case.dynamic else "error")
        out = graph(tuple(_tensors(case.inputs)))
        _compare("GRAPH", case, out, expected, dtypes)
        traces = statistics.traces
        out = graph(tuple(_tensors(case.inputs)))
        _compare("GRAPH, second call", case, out, expected, dtypes)
        assert case.dynamic or statistics.traces == traces, f"{case} traced again for the same shapes"
    if case.grad:
        _check_gradients(case)


def refuse(refusal: Refusal) -> None:
    """The error's type and text, in both modes."""
    def call(*args: Any) -> Any:
        return refusal.op(*args, **_tensors(refusal.kwargs))

    with pytest.raises(refusal.error) as caught:
        call(*_tensors(refusal.inputs))
    assert refusal.text in str(caught.value), f"{refusal.text!r} not in {caught.value}"
    if refusal.graph:
        with pytest.raises(refusal.error) as caught:
            GraphFunction(call, str(refusal))(tuple(_tensors(refusal.inputs)))
        assert refusal.text in str(caught.value), f"GRAPH: {refusal.text!r} not in {caught.value}"


def same_in_both_modes(fn: Callable, *inputs: Any) -> Any:
    """Runs `fn` on Tensors eagerly and compiled, asserts equal results and returns the eager one as arrays."""
    eager = _arrays(fn(*_tensors(inputs)))
    graph = _arrays(GraphFunction(fn, "fn")(tuple(_tensors(inputs))))
    assert len(eager) == len(graph)
    for a, b in zip(eager, graph, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
    return eager[0] if len(eager) == 1 else eager


def gradients(fn: Callable, arrays: Sequence, cotangents: Sequence | None = None) -> tuple[list, list]:
    """(outputs, gradients) of `fn` over Tensors at `arrays`, through the tape; cotangents default to ones."""
    arrays = [jnp.array(a) for a in arrays]
    tape = Tape()
    for a in arrays:
        tape.watch(a)
    with recording(tape):
        outs = [t._data for t in _flat(fn(*map(Tensor._wrap, arrays)))]
    if cotangents is None:
        cotangents = [jnp.ones_like(o) if jnp.issubdtype(o.dtype, jnp.inexact) else None for o in outs]
    found = tape.gradient(outs, cotangents, arrays)
    return outs, [jnp.zeros_like(a) if g is None else g for a, g in zip(arrays, found, strict=True)]


def graph_gradients(fn: Callable, arrays: Sequence, cotangents: Sequence | None = None) -> list:
    """Gradients of `fn` over Tensors at `arrays`, inside one compiled program."""
    def run(*tensors: Tensor) -> tuple:
        def pure(*xs: Any) -> list:
            outs = [t._data for t in _flat(fn(*map(Tensor._wrap, xs)))]
            return [o for o in outs if jnp.issubdtype(o.dtype, jnp.inexact)]

        outs, pullback = jax.vjp(pure, *(t._data for t in tensors))
        cts = [jnp.ones_like(o) for o in outs] if cotangents is None else [c for c in cotangents if c is not None]
        return tuple(map(Tensor._wrap, pullback(list(cts))))

    return [t._data for t in GraphFunction(run, "gradients")(tuple(_tensors([np.asarray(a) for a in arrays])))]


# ***** parts *****


def _expected(case: Case) -> tuple[list[np.ndarray], list]:
    if case.numpy is not None:
        found = case.numpy(*case.inputs)
    elif case.torch is not None:
        found = case.torch(*_torch(case.inputs))
    else:
        found = case.expect
    outs = list(found) if isinstance(found, tuple) else [found]
    hosts = [o.detach().numpy() if isinstance(o, torch.Tensor) else np.asarray(o) for o in outs]
    if case.dtype is not None:
        names = case.dtype.split()
        return hosts, names * len(hosts) if len(names) == 1 else names
    # a literal says nothing of its dtype, unless it is an array
    return hosts, [h.dtype if hasattr(o, "dtype") else None for h, o in zip(hosts, outs, strict=True)]


def _compare(mode: str, case: Case, out: Any, expected: list, dtypes: list) -> None:
    outs = _arrays(out)
    assert len(outs) == len(expected), f"{mode}: {len(outs)} results instead of {len(expected)}"
    for got, want, dtype in zip(outs, expected, dtypes, strict=True):
        assert dtype is None or str(got.dtype) == str(dtype), f"{mode}: dtype {got.dtype} instead of {dtype}"
        assert got.shape == want.shape, f"{mode}: shape {got.shape} instead of {want.shape}"
        np.testing.assert_allclose(_plain(got), _plain(want), case.rtol, case.atol, err_msg=mode)


def _check_gradients(case: Case) -> None:
    """First order against torch or finite differences, second order against finite differences, in both modes."""
    flat: list = []
    rebuild = _take_floats(case.inputs, flat)
    wrt = range(len(flat)) if case.wrt is None else case.wrt
    at = [np.array(flat[i], np.float64) for i in wrt]
    if not at:
        return

    def call(*tensors: Tensor) -> list:
        values = [Tensor(a.astype(np.float64)) for a in flat]
        for i, t in zip(wrt, tensors, strict=True):
            values[i] = t
        out = _flat(case.op(*rebuild(values), **_tensors(case.kwargs)))
        return [o for o in out if jnp.issubdtype(o._data.dtype, jnp.inexact)]

    rng = np.random.default_rng(7)
    outs, _ = gradients(call, at)
    cts = [jnp.asarray(rng.standard_normal(o.shape), o.dtype) for o in outs]
    _, grads = gradients(call, at, cts)
    if case.torch is not None:
        wanted = _torch_gradients(case, rebuild, flat, wrt, cts)
        for g, w in zip(grads, wanted, strict=True):
            np.testing.assert_allclose(g, w, 1e-5, 1e-6, err_msg="gradient against torch")
    step = [rng.standard_normal(a.shape) for a in at]
    low, high = ([a + s * EPSILON * u for a, u in zip(at, step, strict=True)] for s in (-1, 1))

    def loss(points: list) -> float:
        return sum(float(np.sum(np.asarray(t._data) * np.asarray(c)))
                   for t, c in zip(call(*(Tensor(p) for p in points)), cts, strict=True))

    slope = (loss(high) - loss(low)) / (2 * EPSILON)
    along = sum(float(np.sum(np.asarray(g) * u)) for g, u in zip(grads, step, strict=True))
    np.testing.assert_allclose(along, slope, 1e-4, 1e-6, err_msg="gradient against finite differences")
    if not case.dynamic:
        for g, w in zip(graph_gradients(call, at, cts), grads, strict=True):
            np.testing.assert_allclose(g, w, 1e-6, 1e-8, err_msg="gradient in GRAPH against PYNATIVE")
    if case.grad < 2:
        return

    def grad_call(*tensors: Tensor) -> list:
        """The first-order gradient as a function of Tensors, so that an outer tape differentiates it."""
        inner = Tape()
        arrays = [t._data for t in tensors]
        for a in arrays:
            inner.watch(a)
        with recording(inner):
            values = [t._data for t in call(*tensors)]
        found = inner.gradient(values, cts, arrays)
        return [Tensor._wrap(jnp.zeros_like(a) if g is None else g) for a, g in zip(arrays, found, strict=True)]

    weights = [jnp.asarray(rng.standard_normal(a.shape)) for a in at]
    _, second = gradients(grad_call, at, weights)
    upper, lower = (gradients(call, p, cts)[1] for p in (high, low))
    slope = sum(float(np.sum((np.asarray(u) - np.asarray(v)) * np.asarray(w)))
                for u, v, w in zip(upper, lower, weights, strict=True)) / (2 * EPSILON)
    along = sum(float(np.sum(np.asarray(g) * u)) for g, u in zip(second, step, strict=True))
    np.testing.assert_allclose(along, slope, 1e-4, 1e-5, err_msg="second order against finite differences")


def _torch_gradients(case: Case, rebuild: Callable, flat: list, wrt: Sequence[int], cts: list) -> list:
    leaves = [torch.tensor(np.asarray(a, np.float64)) for a in flat]
    for i in wrt:
        leaves[i].requires_grad_()
    out = case.torch(*_torch(rebuild(leaves)))
    outs = [o for o in (out if isinstance(out, (tuple, list)) else [out]) if o.is_floating_point()]
    total = sum((o * torch.tensor(np.asarray(c))).sum() for o, c in zip(outs, cts, strict=True))
    found = torch.autograd.grad(total, [leaves[i] for i in wrt], allow_unused=True)
    return [np.zeros(flat[i].shape) if g is None else g.numpy() for i, g in zip(wrt, found, strict=True)]


def _take_floats(inputs: Sequence, flat: list) -> Callable[[Sequence], list]:
    """Appends the floating point arrays in `inputs` to `flat`; returns what puts others in their place."""
    def mark(value: Any) -> Any:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            flat.append(value)
            return _Hole(len(flat) - 1)
        if isinstance(value, (list, tuple)):
            return type(value)([mark(v) for v in value])
        return value

    def fill(value: Any, values: Sequence) -> Any:
        if isinstance(value, _Hole):
            return values[value.place]
        if isinstance(value, (list, tuple)):
            return type(value)([fill(v, values) for v in value])
        return value if isinstance(values[0], torch.Tensor) else _tensors(value)

    marked = [mark(v) for v in inputs]
    return lambda values: [fill(v, values) for v in marked]


@dataclass
class _Hole:
    place: int


def _tensors(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return Tensor(np.asarray(value))
    if isinstance(value, dict):
        return {k: _tensors(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)([_tensors(v) for v in value])
    return value


def _torch(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return torch.tensor(np.asarray(value))
    if isinstance(value, (list, tuple)):
        return type(value)([_torch(v) for v in value])
    return value


def _flat(out: Any) -> list[Tensor]:
    return [t for o in out for t in _flat(o)] if isinstance(out, (list, tuple)) else [out]


def _arrays(out: Any) -> list[np.ndarray]:
    return [t.asnumpy() if isinstance(t, Tensor) else np.asarray(t) for t in _flat(out)]


def _plain(array: np.ndarray) -> np.ndarray:
    """Something NumPy compares with a tolerance: bfloat16 has no arithmetic there."""
    return array if array.dtype.kind in "biufc" else array.astype(np.float32)


def _name(op: Any) -> str:
    return getattr(op, "__name__", None) or getattr(op, "name", None) or type(op).__name__
