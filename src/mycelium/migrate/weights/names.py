"""What a Parameter of theirs is called in ours, and back: by the layer's class, or by what stands beside it in a file.

A name is a path and a leaf: `layer1.0.bn1` and `running_mean`. Paths stay; leaves are renamed by the class of the
layer. Where only a file is there, the leaves beside a leaf and their shapes tell the class: a `running_mean` means
BatchNorm. Some cases stay open (a lone matrix may belong to a Linear or an Embedding); then the likelier class comes
first, and a target that says names and shapes decides.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mycelium.migrate.differences.catalogue import entries
from mycelium.migrate.weights.layout import AS_IS, Layout, Shape, parse

DROPPED = {"num_batches_tracked": "a counter of training steps that no layer of ours keeps"}
WRAPPERS = ("module.", "_orig_mod.")         # what DataParallel and torch.compile put in front of every name
_EMBEDDING = re.compile(r"(^|[._/])(\w*emb\w*|wte|wpe|shared|lookup)$", re.IGNORECASE)
_ACTIVATION = re.compile(r"(^|[._/])(act\w*|\w*relu\d*)$", re.IGNORECASE)
_CELL_OR_LAYER = re.compile(r"(weight|bias)_(ih|hh)(_l\d+(_reverse)?)?$")


@dataclass(frozen=True)
class Place:
    """Where a value of theirs goes: the name in ours, and how the array changes on the way."""

    name: str
    layout: Layout = AS_IS


# ***** by class *****

def state_of(kind: str) -> dict[str, Place]:
    """How the Parameters and buffers of a class of theirs are called in ours, by leaf; {} where nothing is renamed.

    Args:
        kind: The full name of the class, such as "torch.nn.BatchNorm2d".
    """
    entry = entries().get(kind)
    state, layouts = (entry.state, entry.layout) if entry else (_STATE.get(kind, {}), _LAYOUT.get(kind, {}))
    return {leaf: Place(state.get(leaf, leaf), parse(layouts.get(leaf, "")))
            for leaf in {**state, **layouts} if state.get(leaf, leaf)}


# Layers that have a counterpart in weights only: the catalogue has no entry for them.
_STATE = {
    **{f"keras.layers.{kind}": {"kernel": "weight"} for kind in (
        "EinsumDense", "Conv1DTranspose", "Conv3DTranspose", "DepthwiseConv1D")},
    **{f"keras.layers.{kind}": {"depthwise_kernel": "depthwise.weight", "pointwise_kernel": "pointwise.weight",
                                "bias": "pointwise.bias"} for kind in ("SeparableConv1D", "SeparableConv2D")},
}
_LAYOUT = {
    "keras.layers.Conv1DTranspose": {"kernel": "transpose (2, 1, 0); insert 2"},
    "keras.layers.Conv3DTranspose": {"kernel": "transpose (4, 3, 0, 1, 2)"},
    "keras.layers.DepthwiseConv1D": {"kernel": "transpose (1, 2, 0); merge 0; insert 1; insert 1"},
    "keras.layers.SeparableConv1D": {"depthwise_kernel": "transpose (1, 2, 0); merge 0; insert 1; insert 1",
                                     "pointwise_kernel": "transpose (2, 1, 0); insert 2"},
    "keras.layers.SeparableConv2D": {"depthwise_kernel": "transpose (2, 3, 0, 1); merge 0; insert 1",
                                     "pointwise_kernel": "transpose (3, 2, 0, 1)"},
}


# ***** by what stands in a file *****

def split(name: str) -> tuple[str, str]:
    """The path and the leaf of a name: ("layer1.0.bn1", "weight")."""
    path, _, leaf = name.rpartition(".")
    return path, leaf


def siblings(shapes: Mapping[str, Shape]) -> dict[str, dict[str, Shape]]:
    """Names and shapes of a file, gathered by path: the leaves of each layer."""
    found: dict[str, dict[str, Shape]] = {}
    for name, shape in shapes.items():
        path, leaf = split(name)
        found.setdefault(path, {})[leaf] = shape
    return found


def torch_kinds(path: str, leaves: Mapping[str, Shape]) -> list[str]:
    """The classes of PyTorch that a layer with these leaves may be, the likeliest first; [] where none matters."""
    if "running_mean" in leaves:
        return ["torch.nn.BatchNorm2d", "torch.nn.BatchNorm3d"]
    weight = leaves.get("weight")
    if weight is None or any(_CELL_OR_LAYER.match(leaf) for leaf in leaves):
        return []
    if len(weight) == 1:
        if "bias" in leaves:
            return ["torch.nn.LayerNorm"]
        kinds = ["torch.nn.LayerNorm", "torch.nn.PReLU"]
        return kinds[::-1] if weight == (1,) or _ACTIVATION.search(path) else kinds
    if len(weight) == 2 and "bias" not in leaves:
        kinds = ["torch.nn.Linear", "torch.nn.Embedding"]
        return kinds[::-1] if _EMBEDDING.search(path) else kinds
    if len(weight) == 3:
        return ["torch.nn.Conv1d", "torch.nn.Bilinear"]
    return []


def to_ours(shapes: Mapping[str, Shape]) -> dict[str, list[Place]]:
    """For every name in a PyTorch file the places it may have in ours, the likeliest first; [] where it has none.

    Args:
        shapes: Every name of the file with its shape.

    Examples:
        >>> from mycelium.migrate.weights.names import to_ours
        >>> places = to_ours({"bn.weight": (8,), "bn.bias": (8,), "bn.running_mean": (8,)})
        >>> [place[0].name for place in places.values()]
        ['bn.gamma', 'bn.beta', 'bn.moving_mean']
    """
    layers = siblings(shapes)
    kinds = {path: torch_kinds(path, leaves) for path, leaves in layers.items()}
    found: dict[str, list[Place]] = {}
    for name in shapes:
        path, leaf = split(name)
        if leaf in DROPPED:
            found[name] = []
            continue
        places = [state_of(kind).get(leaf, Place(leaf)) for kind in kinds[path]] or [Place(leaf)]
        found[name] = [Place(join(path, place.name), place.layout) for place in dict.fromkeys(places)]
    return found


def to_torch(shapes: Mapping[str, Shape]) -> dict[str, list[Place]]:
    """For every name of ours the places it may have in a PyTorch file; layouts still read from theirs to ours.

    Args:
        shapes: Every name of the network with its shape.
    """
    found: dict[str, list[Place]] = {}
    for path, leaves in siblings(shapes).items():
        upper = path.removesuffix(".bn2d") if "moving_mean" in leaves else path     # a level that BatchNorm3d adds
        for leaf in leaves:
            places = [_back(kind, leaf) for kind in our_kinds(leaves)] or [Place(leaf)]
            found[join(path, leaf)] = [Place(join(upper, place.name), place.layout) for place in dict.fromkeys(places)]
    return {name: found[name] for name in shapes}


def _back(kind: str, leaf: str) -> Place:
    """The place in theirs of a leaf of ours."""
    return next((Place(theirs, place.layout) for theirs, place in state_of(kind).items()
                 if split(place.name)[1] == leaf), Place(leaf))


def our_kinds(leaves: Mapping[str, Shape]) -> list[str]:
    """The classes of PyTorch whose counterpart may have these leaves, the likeliest first."""
    if "moving_mean" in leaves:
        return ["torch.nn.BatchNorm2d"]
    if "gamma" in leaves or "beta" in leaves:
        return ["torch.nn.LayerNorm"]
    if "embedding_table" in leaves:
        return ["torch.nn.Embedding"]
    if set(leaves) == {"w"}:
        return ["torch.nn.PReLU"]
    if len(leaves.get("weight", ())) == 4 and leaves["weight"][2] == 1:
        return ["torch.nn.Conv2d", "torch.nn.Conv1d"]
    return []


def join(path: str, leaf: str) -> str:
    """The name of a leaf at a path, which may be empty."""
    return f"{path}.{leaf}" if path else leaf


def unwrapped(names: Iterable[str]) -> dict[str, str]:
    """Every name without what wraps the whole network, such as `module.`."""
    names = list(names)
    short = {name: name for name in names}
    while prefix := next((w for w in WRAPPERS if names and all(name.startswith(w) for name in short.values())), None):
        short = {name: now.removeprefix(prefix) for name, now in short.items()}
    return short


# ***** optimizers *****

_OPTIMIZER_PREFIXES = ("moments.", "moment1.", "moment2.", "vhat.", "adam_m.", "adam_v.", "accum.", "accum_update.",
                       "stat.", "mean_square.", "mean_gradient.", "moment.", "linear.", "lamb_m.", "lamb_v.", "prev.",
                       "step_size.", "mu_", "eta_", "ax_.")
_OPTIMIZER_SCALARS = ("global_step", "learning_rate", "momentum", "beta1_power", "beta2_power")


def is_optimizer_state(name: str, names: Iterable[str]) -> bool:
    """Whether a name of ours is an optimizer's, beside the Parameters that its state belongs to.

    Args:
        name: A name in a checkpoint of ours.
        names: All names in it.
    """
    if name in _OPTIMIZER_SCALARS:
        return True
    names = names if isinstance(names, (set, frozenset, dict)) else set(names)
    return any(name.startswith(prefix) and name.removeprefix(prefix) in names for prefix in _OPTIMIZER_PREFIXES)
