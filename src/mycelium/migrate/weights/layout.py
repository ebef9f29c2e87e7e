"""How an array changes between two frameworks: a few reversible steps, written as text in the catalogue.

A layout is a row of steps separated by `;`, read from theirs to ours:

    transpose (1, 0)      the axes in a new order, as numpy.transpose takes it
    insert 2              a new axis of size 1 before axis 2
    merge 1               axis 1 and the one after it become one; its way back needs the shape to reach
    gates (1, 0, 2)       axis 0 cut into as many equal blocks, which are put in a new order
    row 0                 the first entry along axis 0; has no way back
    fill 0                zeros in its place; has no way back
"""
from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[int, ...]
_STEPS = {"transpose": tuple, "insert": int, "merge": int, "gates": tuple, "row": int, "fill": int}


@dataclass(frozen=True)
class Layout:
    """Steps from their array to ours; an empty one leaves the array as it is."""

    steps: tuple[tuple[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __str__(self) -> str:
        return "; ".join(f"{name} {value}" for name, value in self.steps)

    def shape(self, shape: Shape) -> Shape | None:
        """The shape ours has where theirs has `shape`; None where the steps do not apply to it."""
        for name, value in self.steps:
            next_shape = _shape_after(name, value, shape)
            if next_shape is None:
                return None
            shape = next_shape
        return shape

    def apply(self, array: np.ndarray) -> np.ndarray:
        """Ours, made from their array."""
        for name, value in self.steps:
            array = _apply(name, value, array)
        return array

    def undo(self, array: np.ndarray, shape: Shape | None = None) -> np.ndarray:
        """Theirs, made from our array; `shape` is theirs, which `merge` needs to know.

        Raises:
            ValueError: A step that cannot be undone.
        """
        reached: list[Shape | None] = [shape]       # theirs, and what each step makes of it
        for name, value in self.steps:
            reached.append(reached[-1] and _shape_after(name, value, reached[-1]))
        for (name, value), before in zip(reversed(self.steps), reversed(reached[:-1]), strict=True):
            if name == "transpose":
                array = array.transpose(np.argsort(value))
            elif name == "insert":
                array = array.squeeze(value)
            elif name == "gates":
                array = _blocks(array, tuple(int(i) for i in np.argsort(value)))
            elif name == "merge" and before is not None:
                array = array.reshape(before)
            else:
                raise ValueError(f"the layout '{self}' has no way back")
        return array

    def undo_shape(self, shape: Shape) -> Shape | None:
        """The shape theirs has where ours has `shape`; None where it cannot be known."""
        for name, value in reversed(self.steps):
            if name == "transpose" and len(value) == len(shape):
                shape = tuple(shape[i] for i in np.argsort(value))
            elif name == "insert" and value < len(shape) and shape[value] == 1:
                shape = shape[:value] + shape[value + 1:]
            elif name != "gates" or not shape or shape[0] % len(value):
                return None
        return shape


AS_IS = Layout()


def parse(text: str) -> Layout:
    """The layout that a text describes.

    Raises:
        ValueError: The text is none.
    """
    steps = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, rest = part.partition(" ")
        try:
            value = ast.literal_eval(rest.strip())
        except (ValueError, SyntaxError):
            value = None
        wanted = _STEPS.get(name)
        if type(value) is not wanted or (isinstance(value, tuple) and sorted(value) != list(range(len(value)))):
            raise ValueError(f"{part!r} is no step of a layout; steps are: transpose (1, 0), insert 2, merge 1, "
                             "gates (1, 0, 2), row 0, fill 0")
        steps.append((name, value))
    return Layout(tuple(steps))


def between(theirs: Shape, ours: Shape) -> Layout | None:
    """The layout that the shapes alone suggest, or None: the same, a matrix on its side, a lone axis more."""
    if theirs == ours:
        return AS_IS
    if len(theirs) == 2 and theirs[::-1] == ours:
        return Layout((("transpose", (1, 0)),))
    if len(theirs) + 1 == len(ours) == 4:
        return next((step for axis in (2, 3) if (step := Layout((("insert", axis),))).shape(theirs) == ours), None)
    return None


def _shape_after(name: str, value: Any, shape: Shape) -> Shape | None:
    if name == "transpose":
        return tuple(shape[i] for i in value) if len(value) == len(shape) else None
    if name == "insert":
        return (*shape[:value], 1, *shape[value:]) if value <= len(shape) else None
    if name == "merge":
        fits = value + 1 < len(shape)
        return (*shape[:value], shape[value] * shape[value + 1], *shape[value + 2:]) if fits else None
    if name == "gates":
        return shape if shape and shape[0] % len(value) == 0 else None
    if name == "fill":
        return shape
    return shape[1:] if shape and value < shape[0] else None


def _apply(name: str, value: Any, array: np.ndarray) -> np.ndarray:
    if name == "transpose":
        return array.transpose(value)
    if name == "insert":
        return np.expand_dims(array, value)
    if name == "gates":
        return _blocks(array, value)
    if name == "merge":
        return array.reshape(_shape_after(name, value, array.shape))
    if name == "fill":
        return np.full_like(array, value)
    return array[value]


def _blocks(array: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    parts = np.split(array, len(order))
    return np.concatenate([parts[i] for i in order])

