"""Thirty mistakes that people make when they port a network: the network, a right port, a wrong one, and what is wrong.

Each row says which sub-module of ours is at fault ("" for the network's own construct, "loss", "optimizer") and which
words the first cause has to name. `compare` sees none of this.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from mycelium import Tensor, nn, ops

T = torch.nn


@dataclass
class Mistake:
    """A row: `theirs()`, `ours(wrong)`, the arguments of compare, the layer at fault, words of its cause."""

    name: str
    theirs: Callable[[], T.Module]
    ours: Callable[[bool], nn.Cell]
    inputs: tuple
    layer: str
    cause: tuple[str, ...]
    options: Callable[[bool], dict[str, Any]] = field(default=lambda wrong: {})


MISTAKES: list[Mistake] = []
_random = np.random.default_rng(0)


def randn(*shape):
    return _random.standard_normal(shape).astype(np.float32)


def chain(**cells):
    return nn.SequentialCell(OrderedDict(cells))


def layers(**modules):
    return T.Sequential(OrderedDict(modules))


def row(name, theirs, ours, inputs, layer, *cause, options=lambda wrong: {}):
    MISTAKES.append(Mistake(name, theirs, ours, inputs, layer, cause, options))


def conv(*args, padding=0, bias=True, **kwargs):
    """A convolution as PyTorch means it."""
    return nn.Conv2d(*args, pad_mode="pad", padding=padding, has_bias=bias, **kwargs)


IMAGES = randn(4, 3, 8, 8)
ROWS = randn(6, 8)
LABELS = np.array([0, 1, 2, 3, 4, 0], np.int64)

# ***** settings of layers *****

row("the default pad_mode, with a stride",
    lambda: layers(stem=T.Conv2d(3, 8, 3, stride=2, padding=1), relu=T.ReLU()),
    lambda wrong: chain(stem=nn.Conv2d(3, 8, 3, stride=2, has_bias=True) if wrong else conv(3, 8, 3, stride=2,
                                                                                          padding=1), relu=nn.ReLU()),
    (IMAGES,), "stem", "pad_mode")

row("a stride that is off by one",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), down=T.Conv2d(8, 8, 3, stride=2, padding=1), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1), down=conv(8, 8, 3, stride=1 if wrong else 2, padding=1),
                        relu=nn.ReLU()),
    (IMAGES,), "down", "stride")

row("dilation forgotten",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=2, dilation=2), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1) if wrong else conv(3, 8, 3, padding=2, dilation=2),
                        relu=nn.ReLU()),
    (IMAGES,), "stem", "dilation")

row("a convolution without its bias",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1, bias=not wrong), relu=nn.ReLU()),
    (IMAGES,), "stem", "has_bias")

row("a Dense without its bias",
    lambda: layers(fc1=T.Linear(8, 8), relu=T.ReLU(), fc2=T.Linear(8, 5)),
    lambda wrong: chain(fc1=nn.Dense(8, 8), relu=nn.ReLU(), fc2=nn.Dense(8, 5, has_bias=not wrong)),
    (ROWS,), "fc2", "has_bias")

row("the drop rate given as keep_prob",
    lambda: layers(fc1=T.Linear(8, 8), drop=T.Dropout(0.2), fc2=T.Linear(8, 5)),
    lambda wrong: chain(fc1=nn.Dense(8, 8), drop=nn.Dropout(0.2 if wrong else 0.8), fc2=nn.Dense(8, 5)),
    (ROWS,), "drop", "keep_prob")

row("BatchNorm's momentum of 0.1",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), bn=T.BatchNorm2d(8), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1), bn=nn.BatchNorm2d(8, momentum=0.1 if wrong else 0.9),
                        relu=nn.ReLU()),
    (IMAGES,), "bn", "momentum")

row("BatchNorm with another epsilon",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), bn=T.BatchNorm2d(8, eps=1e-3), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1), bn=nn.BatchNorm2d(8, eps=1e-5 if wrong else 1e-3),
                        relu=nn.ReLU()),
    (IMAGES,), "bn", "eps")

row("BatchNorm that always uses the batch",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), bn=T.BatchNorm2d(8), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1),
                        bn=nn.BatchNorm2d(8, use_batch_statistics=True if wrong else None), relu=nn.ReLU()),
    (IMAGES,), "bn", "use_batch_statistics")

row("LayerNorm's own default epsilon",
    lambda: layers(fc=T.Linear(8, 8), norm=T.LayerNorm(8), out=T.Linear(8, 5)),
    lambda wrong: chain(fc=nn.Dense(8, 8), norm=nn.LayerNorm((8,)) if wrong else nn.LayerNorm((8,), epsilon=1e-5),
                        out=nn.Dense(8, 5)),
    (ROWS,), "norm", "epsilon")

row("GroupNorm with other groups",
    lambda: layers(stem=T.Conv2d(3, 8, 3, padding=1), norm=T.GroupNorm(2, 8), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 8, 3, padding=1), norm=nn.GroupNorm(4 if wrong else 2, 8), relu=nn.ReLU()),
    (IMAGES,), "norm", "num_groups")

row("LeakyReLU's own default slope",
    lambda: layers(fc=T.Linear(8, 8), act=T.LeakyReLU(), out=T.Linear(8, 5)),
    lambda wrong: chain(fc=nn.Dense(8, 8), act=nn.LeakyReLU() if wrong else nn.LeakyReLU(0.01), out=nn.Dense(8, 5)),
    (ROWS,), "act", "alpha")

row("GELU's approximation",
    lambda: layers(fc=T.Linear(8, 8), act=T.GELU(), out=T.Linear(8, 5)),
    lambda wrong: chain(fc=nn.Dense(8, 8), act=nn.GELU() if wrong else nn.GELU(approximate=False), out=nn.Dense(8, 5)),
    (ROWS,), "act", "approximate")

row("Softmax over the wrong axis",
    lambda: layers(fc=T.Linear(8, 8), soft=T.Softmax(dim=1), out=T.Linear(8, 5)),
    lambda wrong: chain(fc=nn.Dense(8, 8), soft=nn.Softmax(-1 if wrong else 1), out=nn.Dense(8, 5)),
    (randn(2, 6, 8),), "soft", "axis")

row("a pool with the wrong window",
    lambda: layers(stem=T.Conv2d(3, 4, 3, padding=1), pool=T.MaxPool2d(2, 2), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 4, 3, padding=1), pool=nn.MaxPool2d(3 if wrong else 2, 2,
                                                                         pad_mode="same" if wrong else "valid"),
                        relu=nn.ReLU()),
    (IMAGES,), "pool", "kernel_size")

row("an LSTM that takes time first",
    lambda: layers(lstm=T.LSTM(4, 4, batch_first=True)),
    lambda wrong: chain(lstm=nn.LSTM(4, 4, batch_first=not wrong)),
    (randn(3, 3, 4),), "lstm", "batch_first")

# ***** classes and order of layers *****

row("another activation",
    lambda: layers(fc1=T.Linear(8, 8), act=T.SiLU(), fc2=T.Linear(8, 5)),
    lambda wrong: chain(fc1=nn.Dense(8, 8), act=nn.ReLU() if wrong else nn.SiLU(), fc2=nn.Dense(8, 5)),
    (ROWS,), "act", "SiLU")

row("an average where the maximum belongs",
    lambda: layers(stem=T.Conv2d(3, 4, 3, padding=1), pool=T.MaxPool2d(2, 2), relu=T.ReLU()),
    lambda wrong: chain(stem=conv(3, 4, 3, padding=1),
                        pool=nn.AvgPool2d(2, 2) if wrong else nn.MaxPool2d(2, 2), relu=nn.ReLU()),
    (IMAGES,), "pool", "MaxPool2d")


class TheirBlock(T.Module):
    def __init__(self):
        super().__init__()
        self.conv = T.Conv2d(3, 8, 3, padding=1)
        self.bn = T.BatchNorm2d(8)
        self.relu = T.ReLU()

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class OurBlock(nn.Cell):
    def __init__(self, wrong):
        super().__init__()
        self.conv = conv(3, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.wrong = wrong

    def construct(self, x):
        if self.wrong:
            return self.bn(self.relu(self.conv(x)))
        return self.relu(self.bn(self.conv(x)))


row("activation before normalization", TheirBlock, OurBlock, (IMAGES,), "", "order", "relu")


# ***** what construct itself computes *****

class TheirResidual(T.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = T.Linear(8, 8), T.Linear(8, 8)

    def forward(self, x):
        return F.relu(x + self.fc2(F.relu(self.fc1(x))))


class OurResidual(nn.Cell):
    def __init__(self, skip=True, act=ops.relu):
        super().__init__()
        self.fc1, self.fc2 = nn.Dense(8, 8), nn.Dense(8, 8)
        self.skip, self.act = skip, act

    def construct(self, x):
        y = self.fc2(self.act(self.fc1(x)))
        return ops.relu(x + y if self.skip else y)


def residuals(ours):
    return lambda wrong: chain(stem=nn.Dense(8, 8), block=ours(wrong), head=nn.Dense(8, 5))


def their_residuals():
    return layers(stem=T.Linear(8, 8), block=TheirResidual(), head=T.Linear(8, 5))


row("a forgotten skip connection", their_residuals, residuals(lambda wrong: OurResidual(skip=not wrong)), (ROWS,),
    "block", "add")

row("another function in construct", their_residuals,
    residuals(lambda wrong: OurResidual(act=ops.tanh if wrong else ops.relu)), (ROWS,), "block", "relu", "Tanh")


class TheirAttention(T.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = T.Linear(8, 8), T.Linear(8, 8), T.Linear(8, 8)

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(-2, -1) / 8**0.5
        return F.softmax(scores, -1) @ self.v(x)


class OurAttention(nn.Cell):
    def __init__(self, scale=True, axis=-1):
        super().__init__()
        self.q, self.k, self.v = nn.Dense(8, 8), nn.Dense(8, 8), nn.Dense(8, 8)
        self.scale, self.axis = scale, axis

    def construct(self, x):
        scores = ops.matmul(self.q(x), self.k(x).swapaxes(-2, -1))
        if self.scale:
            scores = scores / 8**0.5
        return ops.matmul(ops.Softmax(self.axis)(scores), self.v(x))


def their_attention():
    return layers(stem=T.Linear(8, 8), attention=TheirAttention(), head=T.Linear(8, 5))


def attention(ours):
    return lambda wrong: chain(stem=nn.Dense(8, 8), attention=ours(wrong), head=nn.Dense(8, 5))


row("attention without its scale", their_attention, attention(lambda wrong: OurAttention(scale=not wrong)),
    (randn(2, 4, 8),), "attention", "div")

row("attention's softmax over the queries", their_attention,
    attention(lambda wrong: OurAttention(axis=-2 if wrong else -1)), (randn(2, 4, 8),), "attention", "softmax")


class TheirFlat(T.Module):
    def __init__(self):
        super().__init__()
        self.fc = T.Linear(6, 5)

    def forward(self, x):
        return self.fc(x.permute(0, 2, 1).reshape(-1, 6))


class OurFlat(nn.Cell):
    def __init__(self, wrong):
        super().__init__()
        self.fc = nn.Dense(6, 5)
        self.wrong = wrong

    def construct(self, x):
        return self.fc(x.reshape(-1, 6) if self.wrong else ops.transpose(x, (0, 2, 1)).reshape(-1, 6))


row("reshaped without the transpose before it", TheirFlat, OurFlat, (randn(2, 6, 4),), "", "permute")

# ***** weights and their training *****


def sideways(wrong):
    """A square matrix that was loaded on its side."""
    cell = chain(fc1=nn.Dense(8, 8), relu=nn.ReLU(), fc2=nn.Dense(8, 5))
    for name, value in their_square().state_dict().items():
        value = value.numpy()
        cell.parameters_dict()[name].set_data(Tensor(np.array(value.T if wrong and name == "fc1.weight" else value)))
    return cell


def their_square():
    torch.manual_seed(3)
    return layers(fc1=T.Linear(8, 8), relu=T.ReLU(), fc2=T.Linear(8, 5))


row("a square weight loaded transposed", their_square, sideways, (ROWS,), "fc1", "transposed",
    options=lambda wrong: {"copy": ""})


def frozen(wrong):
    cell = chain(fc1=nn.Dense(8, 8), relu=nn.ReLU(), fc2=nn.Dense(8, 5))
    cell.fc1.weight.requires_grad = not wrong
    return cell


row("a Parameter that is not trained", their_square, frozen, (ROWS,), "fc1", "requires_grad")


class TheirTied(T.Module):
    def __init__(self):
        super().__init__()
        self.emb = T.Embedding(8, 6)
        self.fc = T.Linear(6, 6)
        self.head = T.Linear(6, 8, bias=False)
        self.head.weight = self.emb.weight

    def forward(self, x):
        return self.head(F.relu(self.fc(self.emb(x))))


class OurTied(nn.Cell):
    def __init__(self, wrong):
        super().__init__()
        self.emb = nn.Embedding(8, 6)
        self.fc = nn.Dense(6, 6)
        self.head = nn.Dense(6, 8, has_bias=False)
        if not wrong:
            self.head.weight = self.emb.embedding_table

    def construct(self, x):
        return self.head(ops.relu(self.fc(self.emb(x))))


row("weights that should be one", TheirTied, OurTied, (np.array([[0, 1, 2], [3, 0, 7]], np.int64),), "head", "one")

# ***** loss and optimizer *****


def their_classifier():
    return layers(fc1=T.Linear(8, 8), relu=T.ReLU(), fc2=T.Linear(8, 5))


def classifier(wrong):
    return chain(fc1=nn.Dense(8, 8), relu=nn.ReLU(), fc2=nn.Dense(8, 5))


row("a loss that adds up", their_classifier, classifier, (ROWS,), "loss", "reduction",
    options=lambda wrong: {"labels": LABELS, "loss": (nn.CrossEntropyLoss(reduction="sum" if wrong else "mean"),
                                                      T.CrossEntropyLoss())})

row("an optimizer without its momentum", their_classifier, classifier, (ROWS,), "optimizer", "momentum",
    options=lambda wrong: {"optimizer": (
        lambda params: nn.SGD(params, 0.1) if wrong else nn.SGD(params, 0.1, momentum=0.9),
        lambda params: torch.optim.SGD(params, 0.1, momentum=0.9))})

row("an optimizer without its weight decay", their_classifier, classifier, (ROWS,), "optimizer", "weight_decay",
    options=lambda wrong: {"optimizer": (
        lambda params: nn.SGD(params, 0.1, weight_decay=0.0 if wrong else 0.1),
        lambda params: torch.optim.SGD(params, 0.1, weight_decay=0.1))})
