"""Cells: layers, losses, optimizers, and what trains them."""
from __future__ import annotations

from mycelium.nn.cell import Cell, GraphCell
from mycelium.nn.container import CellList, SequentialCell
from mycelium.nn.layers.activation import (
    CELU,
    ELU,
    GELU,
    FastGelu,
    HShrink,
    HSigmoid,
    HSwish,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    SeLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    SoftShrink,
    Softsign,
    Tanh,
    get_activation,
)
from mycelium.nn.layers.basic import (
    ClipByNorm,
    Dense,
    Dropout,
    Dropout2d,
    Dropout3d,
    Flatten,
    Identity,
    L1Regularizer,
    Norm,
    OneHot,
)
from mycelium.nn.layers.conv import (
    Conv1d,
    Conv1dTranspose,
    Conv2d,
    Conv2dTranspose,
    Conv3d,
    Conv3dTranspose,
)
from mycelium.nn.layers.embedding import (
    Embedding,
    EmbeddingLookup,
)
from mycelium.nn.layers.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GlobalBatchNorm,
    GroupNorm,
    InstanceNorm2d,
    LayerNorm,
    SyncBatchNorm,
)
from mycelium.nn.layers.pooling import (
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from mycelium.nn.layers.recurrent import (
    GRU,
    GRUCell,
    LSTM,
    LSTMCell,
    RNN,
    RNNCell,
)
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
from mycelium.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    DiceLoss,
    FocalLoss,
    HuberLoss,
    L1Loss,
    LossBase,
    MAELoss,
    MSELoss,
    NLLLoss,
    RMSELoss,
    SmoothL1Loss,
    SoftMarginLoss,
    SoftmaxCrossEntropyWithLogits,
)
from mycelium.nn.loss_scale import (
    DynamicLossScaleUpdateCell,
    FixedLossScaleUpdateCell,
    TrainOneStepWithLossScaleCell,
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
           "TrainOneStepCell", "WithEvalCell", "WithGradCell", "WithLossCell", *_optimizers, "DynamicLossScaleUpdateCell", "FixedLossScaleUpdateCell", "TrainOneStepWithLossScaleCell", "CELU", "ELU", "FastGelu", "GELU", "HShrink", "HSigmoid", "HSwish", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SeLU", "SiLU", "Sigmoid", "SoftShrink", "Softmax", "Softmin", "Softsign", "Tanh", "get_activation", "Dense", "Flatten", "Identity", "Dropout", "Dropout2d", "Dropout3d", "OneHot", "Norm", "ClipByNorm", "L1Regularizer", "Conv2d", "Conv1d", "Conv3d", "Conv2dTranspose", "Conv1dTranspose", "Conv3dTranspose", "Embedding", "EmbeddingLookup", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm2d", "GlobalBatchNorm", "SyncBatchNorm", "MaxPool2d", "AvgPool2d", "MaxPool1d", "AvgPool1d", "LossBase", "L1Loss", "MSELoss", "RMSELoss", "MAELoss", "SmoothL1Loss", "HuberLoss", "SoftMarginLoss", "SoftmaxCrossEntropyWithLogits", "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "NLLLoss", "DiceLoss", "FocalLoss", "GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNCell"]
