"""Converts a file of weights into another: names, layouts and dtypes, one array in memory at a time."""
from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from typing import Any

import ml_dtypes
import numpy as np

from mycelium.core.errors import nearest
from mycelium.migrate.weights.change import made
from mycelium.migrate.weights.files import STYLES, open_weights, suffix, write_weights
from mycelium.migrate.weights.plan import Target, plan
from mycelium.migrate.weights.stored import Weights, WeightsError
from mycelium.migrate.weights.target import read_map, target_like

DTYPES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16, "float32": np.float32, "float64": np.float64}
NAMES = ("torch", "mindspore", "keep")


@dataclass
class Moved:
    """An array of the new file: where it comes from, what was done to it, and why it was paired so."""

    name: str
    sources: list[str]
    change: str
    how: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def is_renamed(self) -> bool:
        """Whether its name changed."""
        return self.sources != [self.name]


@dataclass
class Conversion:
    """What a conversion did.

    Attributes:
        source, target: The two files.
        names: Whose names the source and the target have.
        moved: The arrays of the new file.
        left_over: Arrays of the source that are not in it, each with the reason.
        missing: Names that `like` has and the source could not fill.
        others: What the source holds beside arrays.
        notes: What else to know.
        nbytes: Size of the new file's arrays.
    """

    source: str
    target: str
    names: tuple[str, str]
    moved: list[Moved] = field(default_factory=list)
    left_over: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    nbytes: int = 0

    def to_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def convert(source: str, target: str, *, like: Any = None, rules: str | None = None, dtype: str | None = None,
            names: str | None = None, part: str | None = None, overwrite: bool = False) -> Conversion:
    """Converts a file of weights: .pth, .pt, .safetensors, .npz, .ckpt, .weights.h5 or .keras.

    Names and layouts follow the kind of file: a .ckpt has MindSpore's, a .pth PyTorch's, a .weights.h5 Keras's; .npz
    and .safetensors keep those of the source. Pickles are never run. Arrays are read, changed and written one at a
    time, and the new file appears when it is complete.

    Args:
        source: The file to read.
        target: The file to write.
        like: What the new file should hold exactly: a Cell, a torch module, a file of weights, or "FILE.py:NAME". Then
            arrays are placed by name and shape, and by order where names differ, and what is missing is reported. For a
            .weights.h5, which is written as a copy of it, a file of the same model.
        rules: A TOML file with a map of names.
        dtype: What floats become: "float16", "bfloat16", "float32" or "float64". Default: each as it is.
        names: "torch", "mindspore" or "keep", in place of what the kind of file says.
        part: Which entry of a PyTorch file holds the weights, such as "ema". Default: the likeliest.
        overwrite: Replace the target if it exists.

    Returns:
        Conversion, what was renamed, changed, left over and missing.

    Raises:
        WeightsError: A file is damaged, missing, or cannot hold the weights; nothing is written then.

    Examples:
        >>> import os, tempfile
        >>> from mycelium.migrate import convert
        >>> folder = tempfile.mkdtemp()
        >>> np.savez(f"{folder}/theirs.npz", **{"bn.weight": np.ones(3), "bn.running_mean": np.zeros(3)})
        >>> done = convert(f"{folder}/theirs.npz", f"{folder}/ours.ckpt")
        >>> [(m.sources[0], m.name) for m in done.moved]
        [('bn.weight', 'bn.gamma'), ('bn.running_mean', 'bn.moving_mean')]
    """
    _check(target, dtype, names, overwrite)
    given = read_map(rules) if rules else None
    wanted = target_like(like) if like is not None else None
    with open_weights(source, part) as weights:
        goal = wanted or Target(_style(weights, target, names))
        found = plan(weights, goal, given)
        done = Conversion(source, target, (weights.style, goal.style), left_over=found.left_over, missing=found.missing,
                          others=weights.others, notes=found.notes)
        if not found.moves:
            raise WeightsError(f"{source}: none of its {len(weights.values)} arrays has a place in {target}; nothing "
                               "was written.")
        new_dtype = np.dtype(DTYPES[dtype]) if dtype else None
        values = [made(move, weights.values, new_dtype, done.notes) for move in found.moves]
        write_weights(target, values, like if isinstance(like, str) else None)
        done.moved = [Moved(value.name, [name for name, _ in move.sources], move.change, move.how, value.shape,
                            str(value.dtype)) for value, move in zip(values, found.moves, strict=True)]
        done.nbytes = sum(value.nbytes for value in values)
        if suffix(target) == ".ckpt" and any(value.dtype == ml_dtypes.bfloat16 for value in values):
            done.notes.append("MindSpore 1.8 and 2.0 load no bfloat16 from a .ckpt file (this package does); --dtype "
                              "float32 makes one that they load")
    return done


def _check(target: str, dtype: str | None, names: str | None, overwrite: bool) -> None:
    suffix(target)
    for name, value, known in (("dtype", dtype, DTYPES), ("names", names, NAMES)):
        if value is not None and value not in known:
            raise WeightsError(f"'{name}' should be one of {', '.join(known)}, but got {value!r}"
                               f"{nearest(value, known) or '.'}")
    if os.path.exists(target) and not overwrite:
        raise WeightsError(f"{target}: it exists already, and is not overwritten without overwrite=True (--overwrite).")
    folder = os.path.dirname(os.path.abspath(target))
    if not os.path.isdir(folder):
        raise WeightsError(f"{target}: the directory {folder} does not exist.")


def _style(weights: Weights, target: str, names: str | None) -> str:
    if names == "keep":
        return weights.style
    return names or STYLES.get(suffix(target), weights.style)
