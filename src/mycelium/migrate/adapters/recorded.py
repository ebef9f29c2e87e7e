"""A recording of a reference network: a .npz file, written here or elsewhere, that stands for the network.

Its entries (text is stored as a NumPy string, JSON where it says so):

    format                              "mycelium recording 1"
    framework                           where it was made: "torch", "keras", "mindspore", ...
    kinds                               JSON {path: class}, "" for the network itself; classes as the catalogue
                                        names them ("torch.nn.Conv2d")
    attributes                          JSON {path: {name: value}}, plain settings of the sub-modules; optional
    trainable                           JSON list of the weights that are trained
    weight/NAME                         every parameter and buffer
    input/PLACE                         the arguments: 0, 1, ... or their names
    MODE/output/PLACE                   outputs, MODE being eval or train; PLACE is empty for a lone array
    MODE/call/NUMBER/PATH/INDEX/PLACE   what the sub-module PATH returned at its call INDEX; NUMBER counts all calls
                                        in the order in which they ended
    MODE/argument/NUMBER/PLACE          what it was given; optional
    train/after/NAME                    weights that a run in training mode changed
    gradient/loss, gradient/weight/NAME, gradient/input/PLACE
                                        of half the mean squared distance (`Squares`); optional

A lone dot stands for an empty PATH or PLACE.
"""
from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from mycelium.migrate.adapters.base import Arrays, Call, Forward, Gradients, Inputs, Reference

FORMAT = "mycelium recording 1"


class RecordedReference(Reference):
    """See `Reference`: answers what was recorded.

    Raises:
        ValueError: The file is no recording.
        OSError: It cannot be read.
    """

    can_run = False

    def __init__(self, path: str | Path):
        self.path = str(path)
        try:
            with np.load(path, allow_pickle=False) as file:
                self.data: Arrays = {name: file[name] for name in file.files}
        except (ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} is no .npz file that can be read: {error}") from None
        if str(self.data.get("format")) != FORMAT:
            raise ValueError(f"{path} is no recording of a network: its entry 'format' should be {FORMAT!r}, but is "
                             f"{str(self.data.get('format', 'missing'))!r}. `mycelium.migrate.record` writes one.")
        self.framework = str(self.data.get("framework", "recorded"))
        self._kinds: dict[str, str] = json.loads(str(self.data["kinds"]))
        self._attributes = json.loads(str(self.data.get("attributes", "{}")))
        self._trainable = set(json.loads(str(self.data.get("trainable", "[]"))))

    def inputs(self) -> Inputs:
        """The recorded arguments."""
        return _inputs(self._below("input/"))

    def can(self, what: str) -> bool:
        """See `Reference`."""
        return f"{what}/loss" in self.data

    def kinds(self) -> dict[str, str]:
        """See `Reference`."""
        return dict(self._kinds)

    def module(self, name: str) -> Any:
        """See `Reference`: the settings that were recorded, as attributes."""
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in self._attributes.get(name, {}).items()}
        prefix = f"{name}." if name else ""
        own = {n.removeprefix(prefix): v for n, v in self.weights().items()
               if n.startswith(prefix) and "." not in n.removeprefix(prefix)}
        return SimpleNamespace(**{**settings, **own})

    def owners(self) -> dict[str, tuple[str, str]]:
        """See `Reference`."""
        return {name: (name.rpartition(".")[0], name.rpartition(".")[2]) for name in self.weights()}

    def weights(self) -> Arrays:
        """See `Reference`."""
        return self._below("weight/")

    def trainable(self) -> set[str]:
        """See `Reference`."""
        return set(self._trainable)

    def load(self, values: Mapping[str, np.ndarray]) -> None:
        """A recording cannot be changed."""
        raise ValueError("The weights of a recording can be copied to ours, not the other way (copy='ours').")

    def part(self, name: str) -> Reference:
        """See `Reference`."""
        return _RecordedPart(self, name)

    def forward(self, inputs: Inputs, train: bool, keep: str = "", share_masks: bool = False) -> Forward:
        """See `Reference`."""
        mode = "train" if train else "eval"
        outputs = self._below(f"{mode}/output/")
        if not outputs:
            return Forward({}, [], {}, error=f"ValueError: {self.path} has no run in {mode} mode")
        found: dict[int, Call] = {}
        for key, array in self._below(f"{mode}/call/").items():
            number, path, index, place = key.split("/")
            call = found.setdefault(int(number), Call(_full(path), {}, int(index)))
            call.outputs[_full(place)] = array
        for number, call in found.items() if keep else ():
            call.arguments = _inputs(self._below(f"{mode}/argument/{number}/"))
        return Forward(outputs, [found[i] for i in sorted(found)], self._below(f"{mode}/after/"))

    def gradients(self, inputs: Inputs, train: bool, objective: Any, labels: tuple = ()) -> Gradients:
        """See `Reference`."""
        return Gradients(float(self.data["gradient/loss"]), dict(self._below("gradient/weight/")),
                         dict(self._below("gradient/input/")))

    def descent(self, rate: float) -> Any:
        """A recording takes no steps."""
        return None

    def _below(self, prefix: str) -> Arrays:
        return {_full(name.removeprefix(prefix)): a for name, a in self.data.items() if name.startswith(prefix)}


class _RecordedPart(RecordedReference):
    """A sub-module of a recording: it answers for the arguments that it was recorded with."""

    def __init__(self, whole: RecordedReference, name: str):
        self.whole, self.name = whole, name
        self.path, self.data, self.framework = whole.path, whole.data, whole.framework
        prefix = f"{name}." if name else ""
        self._kinds = {n.removeprefix(prefix) if n != name else "": k for n, k in whole.kinds().items()
                       if n == name or n.startswith(prefix)}
        self._attributes, self._trainable = {}, set()

    def weights(self) -> Arrays:
        """See `Reference`."""
        prefix = f"{self.name}." if self.name else ""
        return {n.removeprefix(prefix): v for n, v in self.whole.weights().items() if n.startswith(prefix)}

    def forward(self, inputs: Inputs, train: bool, keep: str = "", share_masks: bool = False) -> Forward:
        """See `Reference`."""
        given = list(inputs.arrays().values())
        for call in self.whole.forward(inputs, train, "arguments").calls:
            if call.name == self.name and call.arguments is not None:
                known = list(call.arguments.arrays().values())
                if len(known) == len(given) and all(map(np.array_equal, known, given)):
                    return Forward(call.outputs, [], {})
        return Forward({}, [], {}, error="LookupError: not recorded")


def write_recording(theirs: Reference, inputs: Inputs, path: str | Path, objective: Any) -> None:
    """Records a reference; see the top of this file for what is written."""
    data: dict[str, Any] = {
        "format": FORMAT, "framework": theirs.framework, "kinds": json.dumps(theirs.kinds()),
        "attributes": json.dumps({name: _settings(theirs.module(name)) for name in theirs.kinds()}),
        "trainable": json.dumps(sorted(theirs.trainable())),
        **{f"weight/{n}": v for n, v in theirs.weights().items()},
        **{f"input/{n}": v for n, v in inputs.arrays().items()},
    }
    for mode in ("eval", "train"):
        run = theirs.forward(inputs, mode == "train", "arguments")
        if run.error:
            raise RuntimeError(f"The network cannot be recorded: in {mode} mode, {run.error_at or 'it'} raised "
                               f"{run.error}")
        data.update({f"{mode}/output/{_short(n)}": v for n, v in run.outputs.items()})
        data.update({f"{mode}/after/{n}": v for n, v in run.after.items()})
        for i, call in enumerate(run.calls):
            data.update({f"{mode}/call/{i}/{_short(call.name)}/{call.index}/{_short(n)}": v
                         for n, v in call.outputs.items()})
            data.update({f"{mode}/argument/{i}/{n}": v for n, v in call.arguments.arrays().items()}
                        if call.arguments else {})
    grads = theirs.gradients(inputs, True, objective)
    data["gradient/loss"] = np.float64(grads.loss)
    data.update({f"gradient/weight/{n}": v for n, v in grads.weights.items() if v is not None})
    data.update({f"gradient/input/{n}": v for n, v in grads.inputs.items() if v is not None})
    with open(path, "xb") as file:      # never over a file that is there
        np.savez_compressed(file, **data)


def _settings(module: Any) -> dict[str, Any]:
    """Plain attributes of a sub-module."""
    plain = (bool, int, float, str, type(None))
    return {k: v for k, v in vars(module).items() if not k.startswith("_") and (
        isinstance(v, plain) or isinstance(v, (tuple, list)) and all(isinstance(x, plain) for x in v))}


def _inputs(arrays: Arrays) -> Inputs:
    positional = [k for k in arrays if k[:1].isdigit()]
    return Inputs(tuple(arrays[k] for k in positional), {k: v for k, v in arrays.items() if k not in positional})


def _short(name: str) -> str:
    return name or "."


def _full(name: str) -> str:
    return "" if name == "." else name
