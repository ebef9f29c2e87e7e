"""The other hooks of converted code: logic, calls, attributes, `raise` and `assert`."""
from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.engine import control
from mycelium.graph.branches import condition, holds_traced, is_traced, local, negated, select
from mycelium.graph.syntax import settled

HOOKS = ("and_", "or_", "all_of", "any_of", "not_", "chain", "contains", "keep", "in_text", "set_attribute",
         "raising", "assert_")

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
        given: list = []

        def run() -> Any:
            given[:] = [rest()]
            return _as_condition(given[0], truth)

        value = control.if_pure(run)
        if value is not None and truth and not isinstance(given[0], Tensor):    # `x > 0 and False` is False
            return Tensor._wrap(chosen) if bool(given[0]) is conjunction else not conjunction
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
    if isinstance(container, (list, tuple, dict, set, frozenset)) \
            and (is_traced(value) or any(map(is_traced, container))):
        return or_(False, *[functools.partial(_equal, value, v) for v in container])
    return value in container


def _equal(a: Any, b: Any) -> Any:
    if a is b:
        return True
    return a == b


def in_text(value: Any) -> Any:
    """A value in an f-string.

    Raises:
        ValueError: It is a Tensor.
    """
    if holds_traced(value):
        raise ValueError("The text of a Tensor is known only when the program runs. Show it with print, which runs "
                         "with the program, as in print('x is', x), or make the text outside of the compiled function.")
    return value


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
