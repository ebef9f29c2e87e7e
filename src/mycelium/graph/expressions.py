"""The other hooks of converted code: logic, calls, attributes, `raise` and `assert`."""
from __future__ import annotations

import builtins
import functools
import threading
from collections.abc import Callable, Sequence
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.engine import control
from mycelium.graph.branches import condition, is_traced, local, negated, select
from mycelium.graph.loops import TracedRange
from mycelium.graph.source import is_user_function
from mycelium.graph.structure import flatten_result, unflatten
from mycelium.graph.syntax import settled
from mycelium.graph.transform import convert

HOOKS = ("and_", "or_", "all_of", "any_of", "not_", "chain", "contains", "item", "keep", "call", "set_attribute",
         "stored_into", "raising", "assert_")

_HOST = "Use operators on the Tensor instead, or run this in PYNATIVE_MODE."


# ***** logic *****

def and_(left: Any, *later: Callable) -> Any:
    """`left and later() ...`, evaluated as far as needed."""
    return _logic(left, later, True, False)


def or_(left: Any, *later: Callable) -> Any:
    """`left or later() ...`, evaluated as far as needed."""
    return _logic(left, later, False, False)


def all_of(left: Any, *later: Callable) -> Any:
    """`left and later() ...` where only its truth is asked for."""
    return _logic(left, later, True, True)


def any_of(left: Any, *later: Callable) -> Any:
    """`left or later() ...` where only its truth is asked for."""
    return _logic(left, later, False, True)


def _logic(left: Any, later: Sequence[Callable], conjunction: bool, truth: bool) -> Any:
    for i, right in enumerate(later):
        if is_traced(left):
            return _traced_logic(left, lambda: _logic(right(), later[i + 1:], conjunction, truth),      # noqa: B023
                                 conjunction, truth)
        if bool(left) is not conjunction:
            return left
        left = right()
    return left


def _traced_logic(left: Tensor, rest: Callable, conjunction: bool, truth: bool) -> Any:
    """`and`, `or` of a Tensor: of two conditions a logical operator, of other values a branch."""
    chosen = condition(left)
    if truth or (left._data.dtype == np.bool_ and not left.shape):
        value = control.if_pure(lambda: _as_condition(rest(), truth))
        if value is not None:
            return Tensor._wrap((control.logical_and if conjunction else control.logical_or)(chosen, value))
    if truth:
        left, inner = Tensor._wrap(chosen), rest
        rest = lambda: Tensor._wrap(_as_condition(inner(), True))       # noqa: E731
    thunks = [rest, lambda: left] if conjunction else [lambda: left, rest]
    return select(chosen, thunks, f"The value of the '{'and' if conjunction else 'or'}'")


def _as_condition(value: Any, truth: bool) -> Any:
    """The boolean array of a condition; of any other value if its truth is asked for, else None."""
    if isinstance(value, Tensor):
        return condition(value) if truth or (value._data.dtype == np.bool_ and not value.shape) else None
    return control.number(bool(value)) if truth or isinstance(value, bool) else None


def not_(value: Any) -> Any:
    """`not value`."""
    return negated(value)


def chain(left: Any, *steps: Callable) -> Any:
    """`left < b < c ...`: pairs of (operand, comparison)."""
    operand, compare, *more = steps
    right = operand()
    result = compare(left, right)
    return and_(result, lambda: chain(right, *more)) if more else result


def contains(value: Any, container: Any) -> Any:
    """`value in container`."""
    if isinstance(container, Tensor):
        return (container == value).any() if is_traced(container) or is_traced(value) else value in container
    if isinstance(container, (list, tuple)) and (is_traced(value) or any(map(is_traced, container))):
        return or_(False, *[functools.partial(_equal, value, v) for v in container])
    return value in container


def _equal(a: Any, b: Any) -> Any:
    if a is b:
        return True
    return a == b


def keep(test: Any) -> Any:
    """The condition of a comprehension.

    Raises:
        ValueError: It is a Tensor: the length of the result would be known only at run time.
    """
    if is_traced(test):
        raise ValueError("The condition of a comprehension is a Tensor known only when the program runs, so the length "
                         "of the result is unknown. Use ops.select, or multiply by a mask.")
    return test


# ***** access *****

def item(value: Any, index: Any) -> Any:
    """`value[index]`; a Tensor may pick from a list, tuple or CellList."""
    if is_traced(index) and not isinstance(value, (Tensor, dict, str)) and hasattr(value, "__len__") \
            and index._data.dtype.kind in "iu" and index.size == 1:
        candidates = [value[i] for i in range(len(value))]
        if not candidates:
            raise IndexError("An empty list has no element for the Tensor index.")
        return select(control.index(index._data, len(candidates)), [functools.partial(_give, c) for c in candidates],
                      "The element")
    return value[index]


def _give(value: Any) -> Any:
    return value


def set_attribute(owner: Any, name: str, value: Any) -> None:
    """`owner.name = value`; of a Cell only Parameters can be assigned in a compiled program.

    Raises:
        TypeError: The attribute of a Cell is no Parameter, or a Tensor would leave the program.
    """
    if hasattr(owner, "construct"):
        if name not in owner.__dict__:
            raise TypeError(f"'self.{name}' is assigned in a compiled function, but it does not exist yet. Make it a "
                            "Parameter in '__init__' to keep values between calls, or use a local variable.")
        held = owner.__dict__[name]
        if not isinstance(held, Parameter):
            raise TypeError(f"'self.{name}' is assigned in a compiled function, so it should be a Parameter made in "
                            f"'__init__', but it is {describe(held)}. Use a Parameter, or a local variable.")
    elif is_traced(value):
        raise TypeError(f"A Tensor of a compiled program cannot be kept in the attribute '{name}' of "
                        f"{type(owner).__name__}. Return it, or assign it to a Parameter.")
    setattr(owner, name, value)


def stored_into(value: Any, text: str) -> Any:
    """The attribute whose element is assigned, as in `self.a[i] = x`.

    Raises:
        TypeError: It is a list or dict, which outlives the program.
    """
    if isinstance(value, (list, dict)):
        raise TypeError(f"An element of '{text}', a {type(value).__name__}, is assigned in a compiled function, which "
                        "would happen while compiling only. Use a Parameter, or a local variable.")
    return value


# ***** errors of the user *****

def raising(error: Any) -> Any:
    """The exception of a `raise` statement.

    Raises:
        RuntimeError: A Tensor decides whether it is raised, or is part of it.
    """
    text = error.__name__ if isinstance(error, type) else repr(error)
    if isinstance(error, BaseException) and any(map(is_traced, error.args)):
        raise RuntimeError(f"'raise {type(error).__name__}' has a Tensor in it, whose value is known only when the "
                           "program runs. Leave it out of the message, or run this in PYNATIVE_MODE.")
    if local.depth:
        raise RuntimeError(f"'raise {text}' stands under a condition on a Tensor. A compiled program cannot raise "
                           "exceptions: test Python values instead, or run this in PYNATIVE_MODE.")
    return settled(error) if isinstance(error, Exception) else error


def assert_(test: Any, message: Callable | None) -> None:
    """`assert test, message`.

    Raises:
        RuntimeError: The condition is a Tensor.
        AssertionError: It is false.
    """
    if is_traced(test):
        raise RuntimeError("'assert' has a condition on a Tensor. A compiled program cannot raise exceptions: test "
                           "Python values instead, or run this in PYNATIVE_MODE.")
    if not test:
        raise settled(AssertionError(message()) if message is not None else AssertionError())


# ***** calls *****

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


def _no_threads(*args: Any, **kwargs: Any) -> Any:
    raise ValueError("A compiled function cannot start threads: they would run while compiling only. Start them "
                     "outside of it.")


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
    **{fn: _with_converted(fn) for fn in (map, filter, functools.reduce, sorted, builtins.max, builtins.min)},
    threading.Thread: _no_threads,
}


def call(fn: Any) -> Any:
    """What to call in place of `fn`: user functions are converted, host functions refuse Tensors of the program."""
    if isinstance(fn, FunctionType):
        return convert(fn) if is_user_function(fn) else _guarded(fn)
    if isinstance(fn, MethodType):
        if is_traced(fn.__self__) and fn.__name__ in ("asnumpy", "item", "tolist"):
            return functools.partial(_no_host_method, fn.__name__)
        return convert(fn)
    try:
        found = _BUILTINS.get(fn)
    except TypeError:
        found = None
    if found is not None:
        return found
    if isinstance(fn, functools.partial):
        return convert(fn)
    method = getattr(type(fn), "__call__", None)    # noqa: B004  the function itself is wanted
    if isinstance(method, FunctionType) and not hasattr(fn, "construct") and is_user_function(method):
        return MethodType(convert(method), fn)
    return _guarded(fn)


def _guarded(fn: Any) -> Callable:
    """`fn`, or for NumPy's functions one that refuses Tensors of the program."""
    module = "numpy" if isinstance(fn, np.ufunc) else getattr(fn, "__module__", None)
    return functools.partial(_no_numpy, fn) if isinstance(module, str) and module.split(".")[0] == "numpy" else fn


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
