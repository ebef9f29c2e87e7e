"""`mindspore._checkparam`: the argument checks that Cells written for MindSpore call in their constructors."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from enum import Enum
from functools import wraps
from inspect import signature
from typing import Any

from mycelium.core.errors import describe


class Rel(Enum):
    """How a checked number has to stand to its limit or limits."""

    EQ = 1
    NE = 2
    LT = 3
    LE = 4
    GT = 5
    GE = 6
    INC_NEITHER = 7
    INC_LEFT = 8
    INC_RIGHT = 9
    INC_BOTH = 10
    IN = 11
    NOT_IN = 12


_COMPARE: dict[Rel, tuple[Callable[[Any, Any], bool], str]] = {
    Rel.EQ: (operator.eq, "equal to"),
    Rel.NE: (operator.ne, "other than"),
    Rel.LT: (operator.lt, "less than"),
    Rel.LE: (operator.le, "at most"),
    Rel.GT: (operator.gt, "greater than"),
    Rel.GE: (operator.ge, "at least"),
    Rel.IN: (lambda value, choices: value in choices, "one of"),
    Rel.NOT_IN: (lambda value, choices: value not in choices, "none of"),
}
_RANGE: dict[Rel, tuple[Callable[[Any, Any], bool], Callable[[Any, Any], bool], str]] = {
    Rel.INC_NEITHER: (operator.gt, operator.lt, "()"),
    Rel.INC_LEFT: (operator.ge, operator.lt, "[)"),
    Rel.INC_RIGHT: (operator.gt, operator.le, "(]"),
    Rel.INC_BOTH: (operator.ge, operator.le, "[]"),
}


def _subject(name: str | None, owner: str | None) -> str:
    return (f"For {owner!r}, " if owner else "") + (f"{name!r}" if name else "the value")


def _types(kinds: Any) -> tuple[type, ...]:
    return tuple(kinds) if isinstance(kinds, Iterable) else (kinds,)


def _is_a(value: Any, kinds: tuple[type, ...]) -> bool:
    """isinstance, but a bool is an int only where bool is asked for."""
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds or object in kinds)


def check_number(
    arg_value: Any,
    value: Any,
    rel: Rel,
    arg_type: type = int,
    arg_name: str | None = None,
    prim_name: str | None = None,
) -> Any:
    """`arg_value` if it is an `arg_type` that stands in relation `rel` to `value`.

    Raises:
        TypeError: It is of another type, a bool included.
        ValueError: It stands otherwise, or is not finite.
    """
    subject = _subject(arg_name, prim_name)
    compare, words = _COMPARE[rel]
    if not _is_a(arg_value, (arg_type,)):
        raise TypeError(f"{subject} should be of type {arg_type.__name__}, but got {describe(arg_value)}.")
    if not compare(arg_value, value) or arg_value in (float("inf"), float("-inf")):
        raise ValueError(f"{subject} should be {words} {value}, but got {arg_value}.")
    return arg_value


def check_number_range(
    arg_value: Any,
    lower_limit: Any,
    upper_limit: Any,
    rel: Rel,
    value_type: type,
    arg_name: str | None = None,
    prim_name: str | None = None,
) -> Any:
    """`arg_value` if it is a `value_type` between the limits; `rel` says which of them belong to the range.

    Raises:
        TypeError: It is of another type, a bool included.
        ValueError: It lies outside.
    """
    subject = _subject(arg_name, prim_name)
    above, below, (left, right) = _RANGE[rel]
    if not _is_a(arg_value, (value_type,)):
        raise TypeError(f"{subject} should be of type {value_type.__name__}, but got {describe(arg_value)}.")
    if not (above(arg_value, lower_limit) and below(arg_value, upper_limit)):
        raise ValueError(f"{subject} should lie in {left}{lower_limit}, {upper_limit}{right}, but got {arg_value}.")
    return arg_value


def _number_check(kind: type, rel: Rel, limit: int, doc: str) -> staticmethod:
    def check(arg_value: Any, arg_name: str | None = None, prim_name: str | None = None) -> Any:
        return check_number(arg_value, kind(limit), rel, kind, arg_name, prim_name)

    check.__doc__ = f"`arg_value` if it is {doc}; TypeError or ValueError otherwise."
    return staticmethod(check)


class Validator:
    """The checks; each returns the value it was given, or raises naming the argument and the caller."""

    check_positive_int = _number_check(int, Rel.GT, 0, "an int above 0")
    check_non_negative_int = _number_check(int, Rel.GE, 0, "an int of at least 0")
    check_negative_int = _number_check(int, Rel.LT, 0, "an int below 0")
    check_non_positive_int = _number_check(int, Rel.LE, 0, "an int of at most 0")
    check_positive_float = _number_check(float, Rel.GT, 0, "a float above 0")
    check_non_negative_float = _number_check(float, Rel.GE, 0, "a float of at least 0")
    check_negative_float = _number_check(float, Rel.LT, 0, "a float below 0")
    check_non_positive_float = _number_check(float, Rel.LE, 0, "a float of at most 0")

    @staticmethod
    def check(
        arg_name: str,
        arg_value: Any,
        value_name: str,
        value: Any,
        rel: Rel = Rel.EQ,
        prim_name: str | None = None,
        excp_cls: type[Exception] = ValueError,
    ) -> Any:
        """`arg_value` if it stands in relation `rel` to `value`; `excp_cls` otherwise."""
        compare, words = _COMPARE[rel]
        if not compare(arg_value, value):
            raise excp_cls(
                f"{_subject(arg_name, prim_name)} should be {words} {value_name}: {value}, but got {arg_value}."
            )
        return arg_value

    @staticmethod
    def check_int(
        arg_value: Any, value: int, rel: Rel, arg_name: str | None = None, prim_name: str | None = None
    ) -> int:
        """`arg_value` if it is an int in relation `rel` to `value`; TypeError or ValueError otherwise."""
        return check_number(arg_value, value, rel, int, arg_name, prim_name)

    @staticmethod
    def check_float(
        arg_value: Any, value: float, rel: Rel, arg_name: str | None = None, prim_name: str | None = None
    ) -> float:
        """`arg_value` if it is a float in relation `rel` to `value`; TypeError or ValueError otherwise."""
        return check_number(arg_value, value, rel, float, arg_name, prim_name)

    @staticmethod
    def check_equal_int(arg_value: Any, value: int, arg_name: str | None = None, prim_name: str | None = None) -> int:
        """`arg_value` if it is an int equal to `value`; TypeError or ValueError otherwise."""
        return check_number(arg_value, value, Rel.EQ, int, arg_name, prim_name)

    @staticmethod
    def check_int_range(
        arg_value: Any, lower_limit: int, upper_limit: int, rel: Rel, arg_name: str | None = None,
        prim_name: str | None = None,
    ) -> int:
        """`arg_value` if it is an int between the limits; TypeError or ValueError otherwise."""
        return check_number_range(arg_value, lower_limit, upper_limit, rel, int, arg_name, prim_name)

    @staticmethod
    def check_float_range(
        arg_value: Any, lower_limit: float, upper_limit: float, rel: Rel, arg_name: str | None = None,
        prim_name: str | None = None,
    ) -> float:
        """`arg_value` if it is a float between the limits; TypeError or ValueError otherwise."""
        return check_number_range(arg_value, lower_limit, upper_limit, rel, float, arg_name, prim_name)

    @staticmethod
    def check_value_type(arg_name: str, arg_value: Any, valid_types: Any, prim_name: str | None = None) -> Any:
        """`arg_value` if it is of one of `valid_types` (a bool is no int); TypeError otherwise."""
        kinds = _types(valid_types)
        if not _is_a(arg_value, kinds):
            expected = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(
                f"{_subject(arg_name, prim_name)} should be of type {expected}, but got {describe(arg_value)}."
            )
        return arg_value

    @staticmethod
    def check_isinstance(arg_name: str, arg_value: Any, classes: Any) -> Any:
        """`arg_value` if it is an instance of `classes`; ValueError otherwise, as in r1.8."""
        if not isinstance(arg_value, classes):
            raise ValueError(f"{arg_name!r} should be an instance of {classes}, but got {describe(arg_value)}.")
        return arg_value

    @staticmethod
    def check_bool(arg_value: Any, arg_name: str | None = None, prim_name: str | None = None) -> bool:
        """`arg_value` if it is a bool; TypeError otherwise."""
        return Validator.check_value_type(arg_name or "", arg_value, bool, prim_name)

    @staticmethod
    def check_is_int(arg_value: Any, arg_name: str | None = None, prim_name: str | None = None) -> int:
        """`arg_value` if it is an int and no bool; TypeError otherwise."""
        return Validator.check_value_type(arg_name or "", arg_value, int, prim_name)

    @staticmethod
    def check_is_float(arg_value: Any, arg_name: str | None = None, prim_name: str | None = None) -> float:
        """`arg_value` if it is a float; TypeError otherwise."""
        return Validator.check_value_type(arg_name or "", arg_value, float, prim_name)

    @staticmethod
    def check_string(
        arg_value: Any, valid_values: Iterable[str], arg_name: str | None = None, prim_name: str | None = None
    ) -> str:
        """`arg_value` if it is one of the strings; ValueError otherwise."""
        if not isinstance(arg_value, str) or arg_value not in valid_values:
            raise ValueError(
                f"{_subject(arg_name, prim_name)} should be one of {list(valid_values)}, but got {describe(arg_value)}."
            )
        return arg_value

    @staticmethod
    def check_positive_int_sequence(sequence: Any, arg_name: str | None = None, prim_name: str | None = None) -> Any:
        """`sequence` if each of its elements is an int above 0; TypeError or ValueError otherwise."""
        for i, element in enumerate(sequence):
            check_number(element, 0, Rel.GT, int, f"{arg_name}[{i}]", prim_name)
        return sequence

    @staticmethod
    def check_non_negative_int_sequence(
        sequence: Any, arg_name: str | None = None, prim_name: str | None = None
    ) -> Any:
        """`sequence` if each of its elements is an int of at least 0; TypeError or ValueError otherwise."""
        for i, element in enumerate(sequence):
            check_number(element, 0, Rel.GE, int, f"{arg_name}[{i}]", prim_name)
        return sequence


def twice(value: Any) -> Any:
    """A pair of `value`, or `value` itself if it is a tuple already."""
    return value if isinstance(value, tuple) else (value, value)


def triple(value: Any) -> Any:
    """Three of `value`, or `value` itself if it is a tuple already."""
    return value if isinstance(value, tuple) else (value, value, value)


def args_type_check(*type_args: Any, **type_kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that raises TypeError when an argument is not of the type given for it here."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        wanted = signature(function).bind_partial(*type_args, **type_kwargs).arguments

        @wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            for name, value in signature(function).bind(*args, **kwargs).arguments.items():
                if name in wanted and not isinstance(value, wanted[name]):
                    raise TypeError(f"The argument {name!r} should be {wanted[name]}, but got {describe(value)}.")
            return function(*args, **kwargs)

        return checked

    return decorate
