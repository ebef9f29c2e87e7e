"""Keras layers: what the weights that its files number are called, in Keras and in ours, and how the arrays change."""
from __future__ import annotations

import re

from mycelium.migrate.weights.layout import Shape, parse
from mycelium.migrate.weights.names import Place, join, state_of

# The names of a layer's weights, in the order in which a file numbers them.
WEIGHTS = {
    **dict.fromkeys(("dense", "conv1d", "conv2d", "conv3d", "conv1d_transpose", "conv2d_transpose", "conv3d_transpose",
                     "depthwise_conv1d", "depthwise_conv2d", "einsum_dense"), ("kernel", "bias")),
    **dict.fromkeys(("separable_conv1d", "separable_conv2d"), ("depthwise_kernel", "pointwise_kernel", "bias")),
    **dict.fromkeys(("lstm", "gru", "simple_rnn"), ("kernel", "recurrent_kernel", "bias")),
    **dict.fromkeys(("layer_normalization", "group_normalization"), ("gamma", "beta")),
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "embedding": ("embeddings",),
    "p_re_lu": ("alpha",),
    **dict.fromkeys(("query_dense", "key_dense", "value_dense", "output_dense"), ("kernel", "bias")),
}
# Parts of MultiHeadAttention keep heads and their size apart; ours are matrices.
_ATTENTION = {
    "query_dense": {"kernel": "merge 1; transpose (1, 0)", "bias": "merge 0"},
    "output_dense": {"kernel": "merge 0; transpose (1, 0)", "bias": ""},
}
_CLASSES = {
    "dense": "Dense", "einsum_dense": "EinsumDense", "conv1d": "Conv1D", "conv2d": "Conv2D", "conv3d": "Conv3D",
    "conv1d_transpose": "Conv1DTranspose", "conv2d_transpose": "Conv2DTranspose",
    "conv3d_transpose": "Conv3DTranspose", "depthwise_conv1d": "DepthwiseConv1D",
    "depthwise_conv2d": "DepthwiseConv2D", "separable_conv1d": "SeparableConv1D",
    "separable_conv2d": "SeparableConv2D", "lstm": "LSTM", "gru": "GRU", "simple_rnn": "SimpleRNN",
    "layer_normalization": "LayerNormalization", "group_normalization": "GroupNormalization",
    "batch_normalization": "BatchNormalization", "embedding": "Embedding", "p_re_lu": "PReLU",
}


def kind_of(*names: str) -> str:
    """The class of a layer by the names it goes under, in Keras's spelling with underscores; "" where none tells."""
    for name in names:
        short = re.sub(r"_\d+$", "", name).removesuffix("_cell")
        if short in WEIGHTS:
            return short
    return ""


def weight_names(kind: str, shapes: list[Shape]) -> list[str]:
    """What the numbered weights of a layer are called; numbers where its class is not known.

    A normalization that has fewer weights than usual lacks its gamma, which scale=False leaves out.
    """
    names = WEIGHTS.get(kind) or _guessed(shapes)
    if kind == "batch_normalization":
        names = names[4 - len(shapes):]
    return list(names[:len(shapes)]) if len(names) >= len(shapes) else [str(i) for i in range(len(shapes))]


def _guessed(shapes: list[Shape]) -> tuple[str, ...]:
    ranks = [len(shape) for shape in shapes]
    if ranks in ([1] * 4, [1] * 2):
        return WEIGHTS["batch_normalization" if len(ranks) == 4 else "layer_normalization"]
    return ("kernel", "bias") if ranks and ranks[0] > 1 and ranks[1:] in ([], [1]) else ()


def places(kind: str, path: str, leaf: str, shape: Shape) -> list[Place]:
    """Where a weight of a Keras layer goes in ours; two places for the one bias of a recurrent layer, [] for none.

    Args:
        kind: The class, as `kind_of` says it.
        path: The path of the layer in ours.
        leaf: The name of the weight, such as "kernel".
        shape: Its shape.
    """
    if kind.removesuffix("_dense") in ("query", "key", "value", "output") and leaf in ("kernel", "bias"):
        layouts = _ATTENTION["output_dense" if kind == "output_dense" else "query_dense"]
        return [Place(join(path, "weight" if leaf == "kernel" else leaf), parse(layouts[leaf]))]
    state = state_of(f"keras.layers.{_CLASSES[kind]}") if kind in _CLASSES else {}
    if leaf not in state:
        return [Place(join(path, leaf))]
    if kind == "p_re_lu":       # ours has a slope for each channel, and no more
        shared = set(shape[:-1]) <= {1}
        layout = parse("; ".join(["merge 0"] * (len(shape) - 1)))
        return [Place(join(path, state[leaf].name), layout)] if shared else []
    if kind in ("lstm", "gru", "simple_rnn"):
        return _recurrent(kind, path, leaf, shape, state[leaf])
    if state[leaf].layout.shape(shape) is not None:
        return [Place(join(path, state[leaf].name), state[leaf].layout)]
    return [Place(join(path, leaf))]


def _recurrent(kind: str, path: str, leaf: str, shape: Shape, place: Place) -> list[Place]:
    """Ours has two biases, where Keras has one, or one of two rows (GRU with reset_after)."""
    path, _, direction = path.rpartition(".") if path.endswith((".forward", ".backward")) else (path, "", "")
    name = place.name.replace("_l0", "_l0_reverse") if direction == "backward" else place.name
    places = [Place(join(path, name), place.layout)]
    if leaf == "bias":
        if kind == "gru" and len(shape) != 2:
            return []       # reset_after=False is another formula, which ours does not have
        second = str(place.layout).replace("row 0", "row 1") if kind == "gru" else "fill 0"
        places.append(Place(join(path, name.replace("bias_ih", "bias_hh")), parse(second)))
    return places
