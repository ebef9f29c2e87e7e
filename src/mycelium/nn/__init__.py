"""Cells: layers, losses, optimizers, and what trains them."""
from __future__ import annotations

from mycelium.nn.cell import Cell, GraphCell
from mycelium.nn.container import CellList, SequentialCell
from mycelium.nn.learning_rate import (
    CosineDecayLR,
    ExponentialDecayLR,
    InverseDecayLR,
    LearningRateSchedule,
    NaturalExpDecayLR,
    PolynomialDecayLR,
    WarmUpLR,
    cosine_decay_lr,
    exponential_decay_lr,
    inverse_decay_lr,
    natural_exp_decay_lr,
    piecewise_constant_lr,
    polynomial_decay_lr,
    warmup_lr,
)
from mycelium.nn.optim import *  # noqa: F403
from mycelium.nn.optim import __all__ as _optimizers
from mycelium.nn.wrap import (
    ForwardValueAndGrad,
    GetNextSingleOp,
    ParameterUpdate,
    TrainOneStepCell,
    WithEvalCell,
    WithGradCell,
    WithLossCell,
)

__all__ = ["Cell", "GraphCell", "CellList", "SequentialCell", "CosineDecayLR", "ExponentialDecayLR", "InverseDecayLR",
           "LearningRateSchedule", "NaturalExpDecayLR", "PolynomialDecayLR", "WarmUpLR", "cosine_decay_lr",
           "exponential_decay_lr", "inverse_decay_lr", "natural_exp_decay_lr", "piecewise_constant_lr",
           "polynomial_decay_lr", "warmup_lr", "ForwardValueAndGrad", "GetNextSingleOp", "ParameterUpdate",
           "TrainOneStepCell", "WithEvalCell", "WithGradCell", "WithLossCell", *_optimizers]
