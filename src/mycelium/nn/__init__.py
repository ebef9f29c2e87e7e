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
from mycelium.nn.layers.combined import (
    BiDense,
    Conv2dBnAct,
    DenseBnAct,
    TimeDistributed,
)
from mycelium.nn.layers.conv import (
    Conv1d,
    Conv1dTranspose,
    Conv2d,
    Conv2dTranspose,
    Conv3d,
    Conv3dTranspose,
)
from mycelium.nn.layers.derivatives import (
    Jvp,
    Vjp,
)
from mycelium.nn.layers.embedding import (
    Embedding,
    EmbeddingLookup,
    MultiFieldEmbeddingLookup,
)
from mycelium.nn.layers.image import (
    MSSSIM,
    PSNR,
    SSIM,
    CentralCrop,
    ImageGradients,
    ResizeBilinear,
    Unfold,
)
from mycelium.nn.layers.math import (
    DiGamma,
    IGamma,
    LBeta,
    LGamma,
    MatDet,
    MatInverse,
    MatMul,
    MatrixDiag,
    MatrixDiagPart,
    MatrixSetDiag,
    Moments,
    Range,
    ReduceLogSumExp,
    Roll,
    Tril,
    Triu,
)
from mycelium.nn.layers.normalization import (
    LRN,
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GlobalBatchNorm,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    SyncBatchNorm,
)
from mycelium.nn.layers.padding import (
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    Pad,
    ReflectionPad1d,
    ReflectionPad2d,
    ZeroPad2d,
)
from mycelium.nn.layers.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from mycelium.nn.layers.pooling_volumes import (
    AdaptiveAvgPool3d,
    AdaptiveMaxPool3d,
    AvgPool3d,
    LPPool1d,
    LPPool2d,
    MaxPool3d,
    MaxUnpool1d,
    MaxUnpool2d,
    MaxUnpool3d,
)
from mycelium.nn.layers.rearranging import (
    GLU,
    ChannelShuffle,
    Dropout1d,
    PixelShuffle,
    PixelUnshuffle,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    Softmax2d,
    Unflatten,
    Upsample,
)
from mycelium.nn.layers.recurrent import (
    GRU,
    LSTM,
    RNN,
    GRUCell,
    LSTMCell,
    RNNCell,
)
from mycelium.nn.layers.sparse import (
    SparseTensorDenseMatmul,
    SparseToDense,
)
from mycelium.nn.layers.tensor_array import (
    TensorArray,
)
from mycelium.nn.layers.thresholds import (
    Hardtanh,
    RReLU,
    Tanhshrink,
    Threshold,
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
    MultiClassDiceLoss,
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
from mycelium.nn.margin_losses import (
    CTCLoss,
    GaussianNLLLoss,
    HingeEmbeddingLoss,
    KLDivLoss,
    MarginRankingLoss,
    MultilabelMarginLoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    PoissonNLLLoss,
    TripletMarginLoss,
)
from mycelium.nn.optim import *
from mycelium.nn.optim import __all__ as _optimizers
from mycelium.nn.sampled_loss import (
    SampledSoftmaxLoss,
)
from mycelium.nn.wrap import (
    ForwardValueAndGrad,
    GetNextSingleOp,
    ParameterUpdate,
    TrainOneStepCell,
    WithEvalCell,
    WithGradCell,
    WithLossCell,
)

__all__ = [
    "Cell", "GraphCell", "CellList", "SequentialCell", "CosineDecayLR", "ExponentialDecayLR", "InverseDecayLR",
    "LearningRateSchedule", "NaturalExpDecayLR", "PolynomialDecayLR", "WarmUpLR", "cosine_decay_lr",
    "exponential_decay_lr", "inverse_decay_lr", "natural_exp_decay_lr", "piecewise_constant_lr",
    "polynomial_decay_lr", "warmup_lr", "ForwardValueAndGrad", "GetNextSingleOp", "ParameterUpdate",
    "TrainOneStepCell", "WithEvalCell", "WithGradCell", "WithLossCell", *_optimizers, "DynamicLossScaleUpdateCell",
    "FixedLossScaleUpdateCell", "TrainOneStepWithLossScaleCell", "CELU", "ELU", "FastGelu", "GELU", "HShrink",
    "HSigmoid", "HSwish", "LeakyReLU", "LogSigmoid", "LogSoftmax", "Mish", "PReLU", "ReLU", "ReLU6", "SeLU", "SiLU",
    "Sigmoid", "SoftShrink", "Softmax", "Softmin", "Softsign", "Tanh", "get_activation", "Dense", "Flatten",
    "Identity", "Dropout", "Dropout2d", "Dropout3d", "OneHot", "Norm", "ClipByNorm", "L1Regularizer", "Conv2d",
    "Conv1d", "Conv3d", "Conv2dTranspose", "Conv1dTranspose", "Conv3dTranspose", "Embedding", "EmbeddingLookup",
    "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm2d", "GlobalBatchNorm",
    "SyncBatchNorm", "MaxPool2d", "AvgPool2d", "MaxPool1d", "AvgPool1d", "LossBase", "L1Loss", "MSELoss",
    "RMSELoss", "MAELoss", "SmoothL1Loss", "HuberLoss", "SoftMarginLoss", "SoftmaxCrossEntropyWithLogits",
    "BCELoss", "BCEWithLogitsLoss", "CosineEmbeddingLoss", "CrossEntropyLoss", "NLLLoss", "DiceLoss", "FocalLoss",
    "GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNCell", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d",
    "Pad", "ReflectionPad1d", "ReflectionPad2d", "ZeroPad2d", "Hardtanh", "RReLU", "Tanhshrink", "Threshold",
    "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "BiDense", "Conv2dBnAct",
    "DenseBnAct", "TimeDistributed", "CentralCrop", "ImageGradients", "MSSSIM", "PSNR", "ResizeBilinear", "SSIM",
    "Unfold", "DiGamma", "IGamma", "LBeta", "LGamma", "MatDet", "MatInverse", "MatMul", "MatrixDiag",
    "MatrixDiagPart", "MatrixSetDiag", "Moments", "Range", "ReduceLogSumExp", "Roll", "Tril", "Triu",
    "InstanceNorm1d", "InstanceNorm3d", "LRN", "MultiClassDiceLoss", "SparseTensorDenseMatmul", "SparseToDense",
    "Jvp", "Vjp", "TensorArray", "MultiFieldEmbeddingLookup", "SampledSoftmaxLoss",
    "AdaptiveAvgPool3d", "AdaptiveMaxPool3d", "AvgPool3d", "LPPool1d", "LPPool2d", "MaxPool3d", "MaxUnpool1d",
    "MaxUnpool2d", "MaxUnpool3d", "GLU", "ChannelShuffle", "Dropout1d", "PixelShuffle", "PixelUnshuffle",
    "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d", "Softmax2d", "Unflatten",
    "Upsample", "CTCLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "KLDivLoss", "MarginRankingLoss",
    "MultiLabelSoftMarginLoss", "MultilabelMarginLoss", "MultiMarginLoss", "PoissonNLLLoss", "TripletMarginLoss",
]
