"""What happens to arrays between two files: layouts, forward or back, and how several arrays become one."""
from __future__ import annotations

from dataclasses import dataclass, field

import ml_dtypes
import numpy as np

from mycelium.migrate.weights.layout import Layout, Shape
from mycelium.migrate.weights.stored import Stored, WeightsError

_FLOATS = {np.dtype(kind) for kind in (np.float16, np.float32, np.float64, ml_dtypes.bfloat16,
                                       ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)}


@dataclass(frozen=True)
class Change:
    """A row of layouts, each with whether it is undone; `part` (i, n) takes the i-th of n blocks of axis 0 at first."""

    steps: tuple[tuple[Layout, bool], ...] = ()
    part: tuple[int, int] | None = None

    def __str__(self) -> str:
        texts = [f"block {self.part[0]} of {self.part[1]}"] if self.part else []
        texts += [f"back from {layout}" if back else str(layout) for layout, back in self.steps if layout]
        return "; ".join(texts)

    def shape(self, shape: Shape) -> Shape | None:
        """The shape it makes of `shape`, None where it does not apply."""
        if self.part:
            if not shape or shape[0] % self.part[1]:
                return None
            shape = (shape[0] // self.part[1], *shape[1:])
        for layout, back in self.steps:
            after = layout.undo_shape(shape) if back else layout.shape(shape)
            if after is None:
                return None
            shape = after
        return shape

    def apply(self, array: np.ndarray, shape: Shape | None = None) -> np.ndarray:
        """The changed array; `shape` is the one to reach, which some steps back need to know."""
        if self.part:
            array = np.split(array, self.part[1])[self.part[0]]
        for layout, back in self.steps:
            array = layout.undo(array, shape) if back else layout.apply(array)
        return array


@dataclass
class Move:
    """An array of the new file and where it comes from.

    Attributes:
        target: Its name.
        sources: The arrays it is made from, with what happens to each; mostly one.
        shape: Its shape.
        how: What paired them: "name", "map", "shape", "order" or "split".
        combine: "sum" or "stack" of several sources.
    """

    target: str
    sources: list[tuple[str, Change]]
    shape: Shape
    how: str = "name"
    combine: str = ""

    @property
    def change(self) -> str:
        """The change in words, "" for none."""
        texts = dict.fromkeys(filter(None, (str(change) for _, change in self.sources)))
        return "; ".join([*texts, *filter(None, [self.combine])])


@dataclass
class Plan:
    """What becomes of each array; names are those in the files.

    Attributes:
        moves: The new file's arrays in their order.
        left_over: Arrays of the source that are not in the new file, each with the reason.
        missing: Names that the target asks for and the source does not have.
        notes: What else a person should know.
    """

    moves: list[Move] = field(default_factory=list)
    left_over: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def made(move: Move, values: dict[str, Stored], dtype: np.dtype | None, notes: list[str]) -> Stored:
    """The array of a move, read and changed when it is asked for.

    Args:
        move: The move.
        values: The source's arrays.
        dtype: What floats become; None leaves them.
        notes: Gets a line when the new dtype is too small for a value.
    """
    first = values[move.sources[0][0]]
    goal = dtype if dtype is not None and first.dtype in _FLOATS else first.dtype

    def load() -> np.ndarray:
        arrays = [change.apply(values[name].load(), move.shape[1:] if move.combine == "stack" else move.shape)
                  for name, change in move.sources]
        if len(arrays) > 1:
            array = np.stack(arrays) if move.combine == "stack" else np.sum(arrays, axis=0, dtype=arrays[0].dtype)
        else:
            array = arrays.pop()
        if array.shape != move.shape:
            raise WeightsError(f"{move.target!r} came out with shape {array.shape} in place of {move.shape}")
        return array if array.dtype == goal else cast(move.target, array, goal, notes)

    return Stored(move.target, move.shape, goal, load)


def cast(name: str, array: np.ndarray, dtype: np.dtype, notes: list[str]) -> np.ndarray:
    """The array in another float dtype; a note when values became infinite."""
    with np.errstate(over="ignore"):
        after = array.astype(dtype)
    lost = int(np.isinf(after).sum()) - int(np.isinf(array).sum())
    if lost:
        notes.append(f"{name}: {lost} values are too large for {dtype} and became infinite")
    return after


