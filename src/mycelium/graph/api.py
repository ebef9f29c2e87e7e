"""Functions compiled on their own: `ms_function` (alias `jit`), and the markers that go with it."""
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from mycelium.core.errors import describe
from mycelium.core.local import local
from mycelium.core.tensor import Tensor
from mycelium.graph.compiler import GraphFunction
from mycelium.graph.convert import convert


class CompiledFunction:
    """A function made by `ms_function`; as a class attribute it is a method."""

    def __init__(self, fn: Callable, input_signature: Any = None, owner: Any = None):
        functools.update_wrapper(self, fn)
        self.fn = fn
        self.input_signature = input_signature
        self._owner = owner
        self._graph = GraphFunction(self._run, getattr(fn, "__qualname__", repr(fn)), (object,) if owner is not None
                                    else (), functools.partial(fn, owner) if owner is not None else fn)

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        fn = convert(self.fn)
        return fn(self._owner, *args, **kwargs) if self._owner is not None else fn(*args, **kwargs)

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        # one compiled function per object: what it closes over is part of the program
        try:
            cache = instance.__dict__.setdefault("_compiled_methods", {})
        except AttributeError:
            return CompiledFunction(self.fn, self.input_signature, instance)
        found = cache.get(self.fn)
        if found is None:
            found = cache[self.fn] = CompiledFunction(self.fn, self.input_signature, instance)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if local.scope is not None:
            return self._run(*args, **kwargs)
        if self.input_signature is not None:
            self._check_signature(args)
        return self._graph(args, kwargs)

    def _check_signature(self, args: tuple) -> None:
        signature = self.input_signature if isinstance(self.input_signature, (tuple, list)) else (self.input_signature,)
        if len(args) != len(signature):
            raise ValueError(f"'{self.__name__}' has an input_signature of {len(signature)} inputs, but got "
                             f"{len(args)}.")
        for i, (given, wanted) in enumerate(zip(args, signature, strict=True)):
            if isinstance(wanted, Tensor) and (given.shape != wanted.shape or given.dtype != wanted.dtype):
                raise ValueError(f"Input {i} of '{self.__name__}' should be {wanted.dtype}{list(wanted.shape)} as its "
                                 f"input_signature says, but got {describe(given)}.")


def ms_function(fn: Callable | None = None, input_signature: Any = None, hash_args: Any = None,
                jit_config: Any = None) -> Any:
    """Compiles a function or method into one program, in both modes.

    Args:
        fn: The function; None makes a decorator.
        input_signature: Tensors whose shapes and dtypes the inputs must have.
        hash_args: Accepted for compatibility: what the function depends on is found by running it.
        jit_config: Accepted for compatibility.

    Returns:
        The compiled function.

    Raises:
        TypeError: `fn` is not a function.

    Examples:
        >>> @ms.ms_function
        ... def add(x, y):
        ...     return x + y
        >>> print(add(Tensor([1.0]), Tensor([2.0])))
        [3.]

    MindSpore r1.8 `mindspore.ms_function`.
    """
    def wrap(fn: Callable) -> CompiledFunction:
        if not callable(fn):
            raise TypeError(f"For 'ms_function', 'fn' should be a function or method, but got {describe(fn)}.")
        if inspect.ismethod(fn):
            return CompiledFunction(fn.__func__, input_signature, fn.__self__)
        return CompiledFunction(fn, input_signature)

    return wrap if fn is None else wrap(fn)


jit = ms_function


def ms_class(cls: type) -> type:
    """Marks a class whose attributes and methods compiled code may use.

    Args:
        cls: The class.

    Returns:
        The class.

    Raises:
        TypeError: `cls` is not a class.

    MindSpore r1.8 `mindspore.ms_class`.
    """
    if not isinstance(cls, type):
        raise TypeError(f"Decorator ms_class can only be used for class type, but got {describe(cls)}.")
    cls.__ms_class__ = True     # type: ignore[attr-defined]
    return cls


def mutable(input_data: Any, dynamic_len: bool = False) -> Any:
    """Marks a tuple, list or dict of Tensors as an input that can be differentiated; it always is one here.

    Args:
        input_data: Tensor, number, or tuple, list or dict of those.
        dynamic_len: Accepted for compatibility.

    Returns:
        `input_data`.

    Raises:
        TypeError: Another type.

    MindSpore r1.8 `mindspore.mutable`.
    """
    def check(value: Any) -> None:
        if isinstance(value, (tuple, list)):
            for v in value:
                check(v)
        elif isinstance(value, dict):
            for v in value.values():
                check(v)
        elif not isinstance(value, (Tensor, int, float)):
            raise TypeError(f"For 'mutable', the 'input_data' should be Tensor or tuple, list or dict of Tensors, but "
                            f"got {describe(value)}.")

    if not isinstance(input_data, (tuple, list, dict, Tensor, int, float)):
        raise TypeError(f"For 'mutable', the 'input_data' should be Tensor or tuple, list or dict of Tensors, but got "
                        f"{describe(input_data)}.")
    check(input_data)
    return input_data


def constexpr(fn: Callable | None = None, get_instance: bool = True, name: str | None = None,
              reuse_result: bool = True, check: bool = True) -> Any:
    """Marks a function that is computed in Python while a graph is compiled.

    Args:
        fn: A function of constants.
        get_instance: False gives a function that returns it, as classes of Primitives are called.
        name: Kept for compatibility.
        reuse_result: Kept for compatibility.
        check: Kept for compatibility.

    Returns:
        The function, never converted.

    Examples:
        >>> @ops.constexpr
        ... def size(shape):
        ...     return shape[0] * shape[1]
        >>> size((2, 3))
        6

    MindSpore r1.8 `ops.constexpr`.
    """
    def wrap(fn: Callable) -> Callable:
        @functools.wraps(fn)
        def call(*args: Any, **kwargs: Any) -> Any:
            return fn(*args, **kwargs)

        call.__constexpr__ = True       # type: ignore[attr-defined]
        return call if get_instance else lambda: call

    return wrap if fn is None else wrap(fn)
