"""Hooks of a Cell: handles to remove them, and the gradient that calls backward hooks."""
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from mycelium.autodiff.custom import pass_through
from mycelium.core.local import config_version
from mycelium.graph.structure import flatten_result, unflatten

_ids = itertools.count()


class HookHandle:
    """Removes a hook; removing it twice is harmless.

    MindSpore r1.8 `register_forward_hook` and its siblings return it.
    """

    def __init__(self, hooks: dict, hook_fn: Callable):
        self._hooks = hooks
        self._id = next(_ids)
        hooks[self._id] = hook_fn
        config_version.bump()

    def remove(self) -> None:
        """Takes the hook away."""
        self._hooks.pop(self._id, None)
        config_version.bump()


def backward_hooked(cell: Any, construct: Callable, args: tuple, kwargs: dict) -> Any:
    """Runs `construct`; in its gradient the hooks see, and may replace, the gradients of the inputs."""
    seen: dict[str, Any] = {}
    cell_id = f"{type(cell).__name__}({id(cell)})"

    def from_outputs(cotangents: list, spec: Any) -> list:
        seen["out"] = unflatten(spec, iter(cotangents))
        return cotangents

    def to_inputs(cotangents: list, spec: Any) -> list:
        grads = unflatten(spec, iter(cotangents))
        out = seen.get("out")
        for hook in list(cell.__dict__["_backward_hooks"].values()):
            result = hook(cell_id, grads, out if isinstance(out, tuple) else (out,))
            if result is not None:
                grads = result if isinstance(result, tuple) else (result,)
        arrays: list = []
        flatten_result(grads, arrays)
        if len(arrays) != len(cotangents):
            raise ValueError(f"A backward hook of '{type(cell).__name__}' should return {len(cotangents)} gradients, "
                             f"one per input, but got {len(arrays)}.")
        return arrays

    return pass_through(construct(*pass_through(args, to_inputs), **kwargs), from_outputs)
