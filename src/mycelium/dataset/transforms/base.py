"""What transforms have in common: how they are called on their own, and how the pipeline calls them."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.dataset.rows import decode_text, to_array

_OWN = __name__.rpartition(".transforms.")[0] + "."


class TensorOperation:
    """Base of the transforms of this package.

    Called with arrays (or numbers, text, lists, images), a transform returns an array, or a tuple of arrays.

    Attributes:
        vectorized: Whether `on_batch` gives, for stacked rows, the stacked results.
        user_code: Whether it calls functions that are not of this package.
    """

    vectorized = False
    user_code = False

    def __call__(self, *inputs: Any) -> Any:
        if not inputs:
            raise RuntimeError(f"For '{type(self).__name__}', call it with the data, for example op(array).")
        result = self.run(*(as_input(self, value) for value in inputs))
        if isinstance(result, tuple):
            return tuple(decode_text(r) if isinstance(r, np.ndarray) else r for r in result)
        return decode_text(result) if isinstance(result, np.ndarray) else result

    def run(self, *inputs: Any) -> Any:
        """What the pipeline calls: arrays (or what the operation before returned) in, the same out."""
        if len(inputs) != 1:
            raise RuntimeError(f"For '{type(self).__name__}', one column is expected, but got {len(inputs)}; name one "
                               "in 'input_columns'.")
        return self.apply(inputs[0])

    def apply(self, data: Any) -> Any:
        """The transform of one input."""
        raise NotImplementedError

    def on_batch(self, data: np.ndarray) -> np.ndarray:
        """The transform of stacked rows."""
        return self.apply(data)

    def __repr__(self) -> str:
        settings = ", ".join(f"{k}={v!r}" for k, v in vars(self).items() if not k.startswith("_"))
        return f"{type(self).__name__}({settings})"


class PyTensorOperation(TensorOperation):
    """Base of the transforms that work on Python objects such as Pillow images."""


def as_input(owner: Any, value: Any) -> Any:
    """What a transform works on: an array, or an image object as it is."""
    if isinstance(value, np.ndarray) or is_image(value):
        return to_array(value, "the data") if isinstance(value, np.ndarray) and value.dtype.kind == "U" else value
    try:
        return to_array(value, "the data")
    except TypeError as error:
        raise TypeError(f"For '{type(owner).__name__}', the data should be an array, a number, text or an image, but "
                        f"got {describe(value)}.") from error


def is_image(value: Any) -> bool:
    """Whether `value` is a Pillow image; told by its module, so that Pillow need not be imported for arrays."""
    return any(c.__module__ == "PIL.Image" for c in type(value).__mro__)


def entry(operation: Callable[..., Any]) -> Callable[..., Any]:
    """What the pipeline calls for an operation: `run` for this package's, which leaves text as bytes."""
    plain = isinstance(operation, TensorOperation) and type(operation).__call__ is TensorOperation.__call__
    return operation.run if plain else operation


def is_user_code(operation: Callable[..., Any]) -> bool:
    """Whether an operation is, or calls, a function that is not of this package."""
    return getattr(operation, "user_code", True) or not type(operation).__module__.startswith(_OWN)


def check_operations(owner: str, transforms: Any) -> list[Callable[..., Any]]:
    """`transforms` as a list of callables.

    Raises:
        TypeError: It is not a list, or holds something that cannot be called.
        ValueError: It is empty.
    """
    if not isinstance(transforms, (list, tuple)):
        raise TypeError(f"For '{owner}', 'transforms' should be a list, but got {describe(transforms)}.")
    if not transforms:
        raise ValueError(f"For '{owner}', 'transforms' should hold at least one transform, but it is empty.")
    for i, transform in enumerate(transforms):
        if isinstance(transform, type) or not callable(transform):
            hint = "; add parentheses to make one" if isinstance(transform, type) else ""
            raise TypeError(f"For '{owner}', transforms[{i}] should be a transform or a function, but got "
                            f"{describe(transform)}{hint}.")
    return list(transforms)


def run_all(operations: Sequence[Callable[..., Any]], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operations one after the other; a tuple that one returns is several arguments of the next."""
    for operation in operations:
        result = entry(operation)(*values)
        values = result if type(result) is tuple else (result,)
    return values
