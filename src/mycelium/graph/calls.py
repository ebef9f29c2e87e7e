"""Calls in converted code: user functions are converted too, builtins understand Tensors, host code is refused them."""
from __future__ import annotations

import functools
import operator
import random
import threading
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.engine import control, state
from mycelium.graph.branches import give, if_exp, is_traced
from mycelium.graph.expressions import all_of, any_of, in_text
from mycelium.graph.loops import TracedRange
from mycelium.graph.source import is_user_function
from mycelium.graph.structure import flatten_result, unflatten
from mycelium.graph.transform import convert

HOOKS = ("call",)

_HOST = "Use operators on the Tensor instead, or run this in PYNATIVE_MODE."


def _range(*args: Any) -> Any:
    return TracedRange(*args) if any(map(is_traced, args)) else range(*args)


def _number(kind: type) -> Callable:
    def convert_number(*args: Any) -> Any:
        if args and is_traced(args[0]):
            raise ValueError(f"'{kind.__name__}' needs the value of a Tensor, which is known only when the program "
                             f"runs. {_HOST}")
        return kind(*args)

    return convert_number


def _with_converted(fn: Callable) -> Callable:
    """A builtin that calls a function it is given."""
    def call_builtin(*args: Any, **kwargs: Any) -> Any:
        return fn(*map(_convert_argument, args), **{k: _convert_argument(v) for k, v in kwargs.items()})

    return call_builtin


def _convert_argument(value: Any) -> Any:
    return convert(value) if isinstance(value, (FunctionType, MethodType)) else value


def _extreme(fn: Callable, better: Callable, *args: Any, **options: Any) -> Any:
    """`max` or `min`; where a Tensor decides, the program picks."""
    values = list(args[0]) if len(args) == 1 else list(args)
    key = _convert_argument(options.get("key") or give)
    ranks = [key(v) for v in values]
    if not any(map(is_traced, ranks)):
        return fn(values, **{k: _convert_argument(v) for k, v in options.items()})
    best, rank = values[0], ranks[0]
    for value, other in zip(values[1:], ranks[1:], strict=True):
        wins = better(other, rank)
        both = [functools.partial(give, pair) for pair in ((value, other), (best, rank))]
        best, rank = if_exp(wins, *both)
    return best


def _truth(value: Any) -> Any:
    return value if is_traced(value) else bool(value)


def _any(values: Any) -> Any:
    return any_of(False, *[functools.partial(_truth, v) for v in values])


def _all(values: Any) -> Any:
    return all_of(True, *[functools.partial(_truth, v) for v in values])


def _sorted(values: Any, **options: Any) -> list:
    values = list(values)
    key = _convert_argument(options.get("key") or give)
    if any(is_traced(key(v)) for v in values):
        raise ValueError("'sorted' compares Tensors, whose values are known only when the program runs. Put them into "
                         "one Tensor with ops.stack and use ops.sort.")
    return sorted(values, **{k: _convert_argument(v) for k, v in options.items()})


def _text(kind: Callable) -> Callable:
    def convert_text(*args: Any, **kwargs: Any) -> Any:
        return kind(*map(in_text, args), **kwargs)

    return convert_text


def _refused(what: str, why: str, remedy: str) -> Callable:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"A compiled function cannot {what}: {why}. {remedy}.")

    return refuse


_ONCE = "it would happen while compiling only, not each time the program runs"
_OUTSIDE = "Do it outside of the compiled function, or run this in PYNATIVE_MODE"
_SCOPES = _refused("look at its own variables by name", "they are not kept where Python looks for them",
                   "Name them, or use a dict")


def _print(*values: Any, **options: Any) -> None:
    """`print` each time the program runs, with the values of that run."""
    arrays: list = []
    spec = flatten_result((values, options), arrays)

    def show(*arrays: Any) -> None:
        values, options = unflatten(spec, iter(arrays))
        print(*values, **options)       # noqa: T201  what the user asks for

    control.host_call(show, arrays)


_BUILTINS: dict[Any, Callable] = {
    print: _print,
    range: _range,
    **{kind: _number(kind) for kind in (bool, int, float, complex)},
    **{fn: _with_converted(fn) for fn in (map, filter, functools.reduce)},
    **{fn: _text(fn) for fn in (str, repr, format)},
    **{fn: _refused(f"call '{fn.__name__}'", _ONCE, _OUTSIDE) for fn in (open, input, breakpoint)},
    **{fn: _SCOPES for fn in (locals, vars, eval, exec)},
    sorted: _sorted,
    max: functools.partial(_extreme, max, operator.gt),
    min: functools.partial(_extreme, min, operator.lt),
    any: _any,
    all: _all,
    threading.Thread: _refused("start threads", _ONCE, "Start them outside of it"),
}


def call(fn: Any) -> Any:
    """What to call in place of `fn`: user functions are converted, host functions refuse Tensors of the program."""
    if isinstance(fn, FunctionType):
        return convert(fn) if is_user_function(fn) else _guarded(fn)
    if isinstance(fn, MethodType):
        if is_traced(fn.__self__) and fn.__name__ in ("asnumpy", "item", "tolist"):
            return functools.partial(_no_host_method, fn.__name__)
        return convert(fn) if isinstance(fn.__func__, FunctionType) else _guarded(fn)
    try:
        found = _BUILTINS.get(fn)
    except TypeError:
        found = None
    if found is not None:
        return found
    if isinstance(fn, functools.partial):
        return convert(fn)
    if isinstance(fn, type) and (hasattr(fn, "construct") or issubclass(fn, Parameter)):
        return functools.partial(_without_parameters, fn)
    method = getattr(type(fn), "__call__", None)    # noqa: B004  the function itself is wanted
    if isinstance(method, FunctionType) and not hasattr(fn, "construct") and is_user_function(method):
        return MethodType(convert(method), fn)
    return _guarded(fn)


def _guarded(fn: Any) -> Callable:
    """`fn`, or for host functions of some modules one that refuses Tensors of the program, or any call."""
    owner = getattr(fn, "__self__", None)
    module = "numpy" if isinstance(fn, np.ufunc) else getattr(fn, "__module__", None)
    if not isinstance(module, str):     # a method of an object of C, such as the generators of random and np.random
        module = type(owner).__module__
    if state.current() is not None and (module in _CLOCKS or isinstance(owner, _GENERATORS)):
        return functools.partial(_changing, fn)
    return functools.partial(_no_numpy, fn) if module.split(".")[0] == "numpy" else fn


_CLOCKS = {"time", "random", "secrets", "uuid"}
_GENERATORS = random.Random, np.random.RandomState, np.random.Generator


def _changing(fn: Callable, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(f"'{fn.__name__}' of Python would be called while compiling only: each run of the program would "
                       "use the number it gave then. Draw random numbers with ops.standard_normal, ops.uniform and the "
                       "like, pass other values as inputs, or run this in PYNATIVE_MODE.")


def _without_parameters(kind: type, *args: Any, **kwargs: Any) -> Any:
    """A Cell made in a compiled function; one with weights would get new ones at each compilation."""
    made = kind(*args, **kwargs)
    if state.current() is not None and (isinstance(made, Parameter) or list(made.get_parameters())):
        raise RuntimeError(f"'{kind.__name__}' is made in a compiled function, where it would get new values at each "
                           "compilation and lose what it learns. Make it in '__init__', as in "
                           f"self.{kind.__name__.lower()} = ..., and use that.")
    return made


def _no_numpy(fn: Callable, *args: Any, **kwargs: Any) -> Any:
    for a in (*args, *kwargs.values()):
        for v in a if isinstance(a, (list, tuple)) else (a,):
            if is_traced(v):
                raise ValueError(f"NumPy's '{fn.__name__}' got {describe(v)}, whose value is known only when the "
                                 "program runs. Use the operator of the same meaning in mindspore.ops or "
                                 "mindspore.numpy, or run this in PYNATIVE_MODE.")
    return fn(*args, **kwargs)


def _no_host_method(name: str, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(f"'{name}' needs the values of a Tensor, which are known only when the program runs. {_HOST}")
