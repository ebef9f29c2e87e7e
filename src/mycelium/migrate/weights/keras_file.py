"""Keras 3's .weights.h5 and .keras files: weights numbered within a tree of layers; here they get names.

    layers/conv2d/vars/0      the first weight of a layer; the attribute `name` of `vars` is the layer's own name
    layers/lstm/cell/vars/1   a recurrent layer's weights belong to its cell
    optimizer/vars/7          what the optimizer keeps

The groups are called after the layers' classes (conv2d, conv2d_1, ...) in functional models, and after attributes in
models that are classes. HDF5 keeps no checksums of its own; a .keras file is a zip and has one for its weights.
"""
from __future__ import annotations

import contextlib
import importlib
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np

from mycelium.migrate.weights import keras_layers
from mycelium.migrate.weights.layout import Shape
from mycelium.migrate.weights.stored import Stored, Weights, WeightsError

_MEMBER = "model.weights.h5"
_NO_LAYERS = ("layers", "cell", "_layer", "layer")      # groups that add no level of their own in ours


def _h5py() -> Any:
    return importlib.import_module("h5py")      # at its first use: most commands never need it


@contextlib.contextmanager
def opened(path: str) -> Iterator[Weights]:
    """The weights in a .weights.h5 or .keras file.

    Raises:
        WeightsError: The file is damaged or no such file.
    """
    with contextlib.ExitStack() as stack:
        source: Any = path
        if zipfile.is_zipfile(path):
            source = stack.enter_context(tempfile.TemporaryFile())
            with zipfile.ZipFile(path) as archive:
                if _MEMBER not in archive.namelist():
                    raise WeightsError(f"it is a zip without {_MEMBER!r}, and so no .keras file")
                with archive.open(_MEMBER) as member:
                    shutil.copyfileobj(member, source, 1 << 20)     # to its end, where its CRC is checked
        file = stack.enter_context(_h5py().File(source, "r"))
        values: dict[str, Stored] = {}
        kept = 0
        for place in variables(file):
            if place.kind == "optimizer":
                kept += 1
                continue
            stored = Stored(place.name, place.shape, place.dtype, _loader(file, place.where), place.kind)
            values[stored.name if stored.name not in values else place.where] = stored
        if not values:
            raise WeightsError("it holds no weights in Keras 3's form (groups named `vars`)")
        yield Weights(path, "keras", values, {"optimizer": f"{kept} arrays"} if kept else {})


def _loader(file: Any, where: str) -> Any:
    def load() -> np.ndarray:
        return file[where][()]

    return load


class Variable:
    """A weight in the file: where it stands, the name it gets, the class of its layer."""

    def __init__(self, where: str, name: str, kind: str, shape: Shape, dtype: np.dtype):
        self.where, self.name, self.kind, self.shape, self.dtype = where, name, kind, shape, dtype


def variables(file: Any) -> list[Variable]:
    """Every weight of an open HDF5 file, layers of one class in the order in which they were made."""
    found: list[Variable] = []

    def visit(group: Any, path: list[str]) -> None:
        for key in _keys(group):
            item = group[key]
            if not hasattr(item, "keys"):
                continue
            if key == "vars":
                found.extend(_variables_of(file, path, item))
            else:
                visit(item, [*path, key])

    visit(file, [])
    return found


def _keys(group: Any) -> list[str]:
    """What is in a group, layers of one class in the order of their numbers; no links, which could lead to any file."""
    for key in group:
        if type(group.get(key, getlink=True)) is not _h5py().HardLink:
            raise WeightsError(f"{group.name}/{key} is a link to another place, which is not followed")
    return sorted(group, key=_natural)


def _natural(text: str) -> list[tuple[int, str]]:
    """Sorts conv2d, conv2d_1, conv2d_2, ... conv2d_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


def _variables_of(file: Any, path: list[str], group: Any) -> list[Variable]:
    keys = _keys(group)
    shapes = [tuple(int(n) for n in group[key].shape) for key in keys]
    own = str(group.attrs.get("name", ""))
    if path[:1] == ["optimizer"]:
        kind, leaves = "optimizer", keys
    else:
        kind = keras_layers.kind_of(own if path[-1:] == ["cell"] else "", *path[-1:], own)
        leaves = keras_layers.weight_names(kind, shapes)
    prefix = _path_in_ours(file, path)
    for key in keys:
        if group[key].external or group[key].is_virtual:
            raise WeightsError(f"{group.name}/{key} has its bytes in another file, which is not read")
    places = ["/".join([*path, "vars", key]) for key in keys]
    return [Variable(where, ".".join(filter(None, (prefix, leaf))), kind, shape, np.dtype(group[key].dtype))
            for where, leaf, shape, key in zip(places, leaves, shapes, keys, strict=True)]


def _path_in_ours(file: Any, path: list[str]) -> str:
    """The layers' own names where the groups are called after classes, else the attributes' names."""
    parts = []
    for depth, key in enumerate(path):
        if key in ("forward_layer", "backward_layer"):
            parts.append(key.removesuffix("_layer"))
        elif key not in _NO_LAYERS:
            group = file["/".join(path[:depth + 1])]
            named = depth > 0 and path[depth - 1] == "layers" and "vars" in group
            parts.append(str(group["vars"].attrs.get("name", key)) if named else key)
    return ".".join(parts)


def write(sink: BinaryIO, template: str, values: Sequence[Stored]) -> None:
    """Writes a .weights.h5 file: a copy of a template whose weights are replaced.

    Args:
        sink: The new file, open for reading and writing.
        template: A .weights.h5 file of the same model.
        values: The weights, by the names that `opened` gives them.

    Raises:
        WeightsError: The template has no such weight.
    """
    with open(template, "rb") as source:
        shutil.copyfileobj(source, sink, 1 << 20)
    sink.flush()
    sink.seek(0)
    with _h5py().File(sink, "r+") as file:
        places = {place.name: place for place in variables(file) if place.kind != "optimizer"}
        for value in values:
            array = value.load()
            if value.name not in places or places[value.name].shape != array.shape:
                raise WeightsError(f"the template {template} has no weight {value.name!r} with shape {array.shape}")
            file[places[value.name].where][()] = array

