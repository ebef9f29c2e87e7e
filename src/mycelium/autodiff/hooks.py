"""Operators that look at gradients on their way back: HookBackward, InsertGradientOf."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycelium.autodiff.custom import pass_through
from mycelium.core.errors import check_type, describe
from mycelium.graph.structure import flatten_result, unflatten
from mycelium.ops.primitive import Primitive


def _hooked(value: Any, change: Callable) -> Any:
    """`value` as it is; its gradient passes through `change(gradient)`, whose result, if any, replaces it."""
    def backward(cotangents: list, spec: Any) -> list:
        grads = unflatten(spec, iter(cotangents))
        result = change(grads)
        arrays: list = []
        flatten_result(grads if result is None else result, arrays)
        return arrays

    return pass_through(value, backward)


def _check_function(owner: str, name: str, fn: Any) -> Callable:
    if not callable(fn):
        raise TypeError(f"For '{owner}', the type of '{name}' must be function, but got {describe(fn)}.")
    return fn


class HookBackward(Primitive):
    """Returns its inputs; the gradient of each call passes through a function.

    Args:
        hook_fn: Takes the tuple of gradients; what it returns, if anything, replaces them.
        cell_id: Kept for display.

    Raises:
        TypeError: `hook_fn` is not a function, or `cell_id` not a str.

    Examples:
        >>> hook = ops.HookBackward(lambda grads: (grads[0] * 10.0,))
        >>> print(ops.grad(lambda x: hook(x) * 2.0)(Tensor([1.0])))
        [20.]

    MindSpore r1.8 `ops.HookBackward`.
    """

    def __init__(self, hook_fn: Callable, cell_id: str = ""):
        super().__init__("HookBackward")
        self.hook_fn = _check_function("HookBackward", "hook_fn", hook_fn)
        self.cell_id = check_type("HookBackward", "cell_id", cell_id, str)

    def __call__(self, *inputs: Any) -> Any:
        outs = _hooked(inputs, self.hook_fn)
        return outs[0] if len(outs) == 1 else outs


class InsertGradientOf(Primitive):
    """Returns its input; its gradient passes through a function.

    Args:
        f: From a gradient to the one that takes its place.

    Raises:
        TypeError: `f` is not a function.

    Examples:
        >>> clip = ops.InsertGradientOf(lambda g: ops.clip_by_value(g, -1.0, 1.0))
        >>> print(ops.grad(lambda x: clip(x) * 5.0)(Tensor([1.0])))
        [1.]

    MindSpore r1.8 `ops.InsertGradientOf`.
    """

    def __init__(self, f: Callable):
        super().__init__("InsertGradientOf")
        self.f = _check_function("InsertGradientOf", "f", f)

    def __call__(self, x: Any) -> Any:
        return _hooked(x, self.f)
