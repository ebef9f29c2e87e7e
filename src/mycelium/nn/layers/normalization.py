"""Normalization: batch, layer, group and instance."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_choice, check_int, check_type
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.layers.basic import _shaped

_ARGS = """        num_features: Channels C.
        eps: Added to the variance. Default: 1e-5.
        momentum: Part of the moving statistics that is KEPT: moving = momentum * moving + (1 - momentum) * batch
            (PyTorch's momentum is one minus this). Default: 0.9.
        affine: Scale and shift by gamma and beta. Default: True.
        gamma_init: Default: "ones".
        beta_init: Default: "zeros".
        moving_mean_init: Default: "zeros".
        moving_var_init: Default: "ones".
        use_batch_statistics: True always normalizes by the batch, False always by the moving statistics, None by the
            batch when training. Default: None."""


class _BatchNorm(Cell):
    """Shared by the batch normalizations."""

    rank: tuple[int, ...] = (4,)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", moving_mean_init: Any = "zeros",
                 moving_var_init: Any = "ones", use_batch_statistics: bool | None = None, data_format: str = "NCHW"):
        super().__init__()
        owner = type(self).__name__
        self.num_features = check_int(owner, "num_features", num_features, 1)
        check_type(owner, "momentum", momentum, (int, float))
        if not 0 <= momentum <= 1:
            raise ValueError(f"For '{owner}', the 'momentum' must be a number in range [0, 1], but got {momentum}.")
        if use_batch_statistics is not None and not isinstance(use_batch_statistics, bool):
            raise ValueError(f"For '{owner}', the 'use_batch_statistics' must be a boolean value or None, but got "
                             f"{use_batch_statistics}.")
        self.format = check_choice(owner, "data_format", data_format, ("NCHW", "NHWC", "NCDHW"))
        self.use_batch_statistics = use_batch_statistics
        self.eps = eps
        self.momentum = 1.0 - momentum      # r1.8 keeps and prints the part that is replaced
        self._keep = float(momentum)
        shape = (num_features,)
        self.moving_mean = Parameter(_shaped(owner, "moving_mean_init", moving_mean_init, shape), name="mean",
                                     requires_grad=False)
        self.moving_variance = Parameter(_shaped(owner, "moving_var_init", moving_var_init, shape), name="variance",
                                         requires_grad=False)
        self.gamma = Parameter(_shaped(owner, "gamma_init", gamma_init, shape), name="gamma", requires_grad=affine)
        self.beta = Parameter(_shaped(owner, "beta_init", beta_init, shape), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """The normalized `x`; moves the statistics when it uses those of the batch."""
        if x.ndim not in self.rank:
            raise ValueError(f"For '{type(self).__name__}', the input should have {' or '.join(map(str, self.rank))} "
                             f"axes, but got shape {tuple(x.shape)}.")
        batch = self.training if self.use_batch_statistics is None else self.use_batch_statistics
        return ops.BatchNorm(batch, self.eps, self.momentum, self.format)(
            x, self.gamma, self.beta, self.moving_mean, self.moving_variance)[0]

    def extend_repr(self) -> str:
        """Sizes and Parameters."""
        return (f"num_features={self.num_features}, eps={self.eps}, momentum={self.momentum}, gamma={self.gamma}, "
                f"beta={self.beta}, moving_mean={self.moving_mean}, moving_variance={self.moving_variance}")


class BatchNorm1d(_BatchNorm):
    __doc__ = f"""Batch normalization over (N, C): (x - mean) / sqrt(var + eps) * gamma + beta.

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, C).

    Outputs:
        Tensor like `x`.

    Examples:
        >>> nn.BatchNorm1d(4)(Tensor(np.ones((2, 4), np.float32))).shape
        (2, 4)

    Ioffe and Szegedy 2015; MindSpore r1.8 `nn.BatchNorm1d`.
    """

    rank = (2,)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", moving_mean_init: Any = "zeros",
                 moving_var_init: Any = "ones", use_batch_statistics: bool | None = None):
        super().__init__(num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init,
                         use_batch_statistics)


class BatchNorm2d(_BatchNorm):
    __doc__ = f"""Batch normalization over (N, C, H, W), per channel: (x - mean) / sqrt(var + eps) * gamma + beta.

    Args:
{_ARGS}
        data_format: "NCHW" (default) or "NHWC".

    Inputs:
        - **x** (Tensor): shape (N, C, H, W).

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or an input that has not 4 axes.

    Examples:
        >>> nn.BatchNorm2d(3)(Tensor(np.ones((2, 3, 4, 4), np.float32))).shape
        (2, 3, 4, 4)

    Ioffe and Szegedy 2015; MindSpore r1.8 `nn.BatchNorm2d`.
    """


class BatchNorm3d(Cell):
    __doc__ = f"""Batch normalization over (N, C, D, H, W), per channel: (x - mean) / sqrt(var + eps) * gamma + beta.

    Args:
{_ARGS}

    Examples:
        >>> nn.BatchNorm3d(3)(Tensor(np.ones((2, 3, 2, 4, 4), np.float32))).shape
        (2, 3, 2, 4, 4)

    Ioffe and Szegedy 2015; MindSpore r1.8 `nn.BatchNorm3d`.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", moving_mean_init: Any = "zeros",
                 moving_var_init: Any = "ones", use_batch_statistics: bool | None = None, data_format: str = "NCDHW"):
        super().__init__()
        self.format = check_choice("BatchNorm3d", "data_format", data_format, ("NCDHW",))
        # a child, as in r1.8, whose checkpoints name the Parameters "bn2d.gamma", ...
        self.bn2d = BatchNorm2d(num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init,
                                moving_var_init, use_batch_statistics)

    def construct(self, input_x: Tensor) -> Tensor:
        """The normalized input; depth and height are one axis to the operator."""
        if input_x.ndim != 5:
            raise ValueError(f"For 'BatchNorm3d', the input should have 5 axes, but got shape {tuple(input_x.shape)}.")
        n, c, d, h, w = input_x.shape
        return ops.reshape(self.bn2d(ops.reshape(input_x, (n, c, d * h, w))), (n, c, d, h, w))


class LayerNorm(Cell):
    """Layer normalization: (x - mean) / sqrt(var + eps) * gamma + beta over the axes from `begin_norm_axis` on.

    Args:
        normalized_shape: The sizes of gamma and beta, a tuple or list.
        begin_norm_axis: First axis normalized over. Default: -1.
        begin_params_axis: First axis of gamma and beta. Default: -1.
        gamma_init: Default: "ones".
        beta_init: Default: "zeros".
        epsilon: Added to the variance. Default: 1e-7 (PyTorch's is 1e-5).

    Inputs:
        - **x** (Tensor): its last axes are `normalized_shape`.

    Outputs:
        Tensor like `x`.

    Examples:
        >>> nn.LayerNorm((3,))(Tensor(np.ones((2, 3), np.float32))).shape
        (2, 3)

    Ba et al. 2016; MindSpore r1.8 `nn.LayerNorm`.
    """

    def __init__(self, normalized_shape: Any, begin_norm_axis: int = -1, begin_params_axis: int = -1,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", epsilon: float = 1e-7):
        super().__init__()
        check_type("LayerNorm", "normalized_shape", normalized_shape, (tuple, list))
        self.normalized_shape = list(normalized_shape)
        self.begin_norm_axis, self.begin_params_axis, self.epsilon = begin_norm_axis, begin_params_axis, epsilon
        shape = tuple(normalized_shape)
        self.gamma = Parameter(_shaped("LayerNorm", "gamma_init", gamma_init, shape), name="gamma")
        self.beta = Parameter(_shaped("LayerNorm", "beta_init", beta_init, shape), name="beta")
        self.layer_norm = ops.LayerNorm(begin_norm_axis, begin_params_axis, epsilon)    # derived layers call it

    def construct(self, input_x: Tensor) -> Tensor:
        """The normalized input."""
        return self.layer_norm(input_x, self.gamma, self.beta)[0]

    def extend_repr(self) -> str:
        """Sizes and Parameters."""
        return (f"normalized_shape={self.normalized_shape}, begin_norm_axis={self.begin_norm_axis}, "
                f"begin_params_axis={self.begin_params_axis}, gamma{self.gamma}, beta={self.beta}")


class GroupNorm(Cell):
    """Group normalization over (N, C, H, W): mean and variance per sample and group of channels.

    Args:
        num_groups: Groups of channels.
        num_channels: Channels C, a multiple of `num_groups`.
        eps: Added to the variance. Default: 1e-5.
        affine: Train gamma and beta. Default: True.
        gamma_init: Default: "ones".
        beta_init: Default: "zeros".

    Examples:
        >>> nn.GroupNorm(2, 4)(Tensor(np.ones((1, 4, 3, 3), np.float32))).shape
        (1, 4, 3, 3)

    Wu and He 2018; MindSpore r1.8 `nn.GroupNorm`.
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros"):
        super().__init__()
        self.num_groups = check_int("GroupNorm", "num_groups", num_groups, 1)
        self.num_channels = check_int("GroupNorm", "num_channels", num_channels, 1)
        if num_channels % num_groups:
            raise ValueError(f"For 'GroupNorm', the 'num_channels' must be divided by 'num_groups', but got "
                             f"'num_channels': {num_channels}, 'num_groups': {num_groups}.")
        self.eps = check_type("GroupNorm", "eps", eps, float)
        self.affine = check_type("GroupNorm", "affine", affine, bool)
        shape = (num_channels,)
        self.gamma = Parameter(
            _shaped("GroupNorm", "gamma_init", gamma_init, shape), name="gamma", requires_grad=affine)
        self.beta = Parameter(_shaped("GroupNorm", "beta_init", beta_init, shape), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """The normalized `x`."""
        if x.ndim != 4 or x.shape[1] != self.num_channels:
            raise ValueError(f"For 'GroupNorm', the input should have shape (N, {self.num_channels}, H, W), but got "
                             f"{tuple(x.shape)}.")
        n, c, h, w = x.shape
        y = ops.reshape(x, (n, self.num_groups, -1))
        mean = ops.ReduceMean(True)(y, 2)
        centred = y - mean
        var = ops.ReduceMean(True)(ops.Square()(centred), 2)
        y = ops.reshape(centred / ops.Sqrt()(var + self.eps), (n, c, h, w))
        return y * ops.reshape(self.gamma, (-1, 1, 1)) + ops.reshape(self.beta, (-1, 1, 1))

    def extend_repr(self) -> str:
        """Groups and channels."""
        return f"num_groups={self.num_groups}, num_channels={self.num_channels}"


class _InstanceNorm(Cell):
    """Shared by the instance normalizations."""

    rank = 4

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros"):
        super().__init__()
        owner = type(self).__name__
        self.num_features = check_int(owner, "num_features", num_features, 1)
        check_type(owner, "momentum", momentum, (int, float))
        if not 0 <= momentum <= 1:
            raise ValueError(f"For '{owner}', the 'momentum' should be in range [0, 1], but got {momentum}.")
        self.eps, self.momentum = check_type(owner, "eps", eps, float), momentum
        self.affine = check_type(owner, "affine", affine, bool)
        shape = (num_features,)
        # never read, but checkpoints of r1.8 hold them
        self.moving_mean = Parameter(_shaped(owner, "moving_mean", "zeros", shape), name="mean", requires_grad=False)
        self.moving_variance = Parameter(_shaped(owner, "moving_variance", "ones", shape), name="variance",
                                         requires_grad=False)
        self.gamma = Parameter(_shaped(owner, "gamma_init", gamma_init, shape), name="gamma", requires_grad=affine)
        self.beta = Parameter(_shaped(owner, "beta_init", beta_init, shape), name="beta", requires_grad=affine)

    def construct(self, x: Tensor) -> Tensor:
        """The normalized `x`."""
        if x.ndim != self.rank or x.shape[1] != self.num_features:
            raise ValueError(f"For '{type(self).__name__}', the input should have {self.rank} axes, the second of size "
                             f"{self.num_features}, but got shape {tuple(x.shape)}.")
        axes = tuple(range(2, self.rank))
        centred = x - ops.ReduceMean(True)(x, axes)
        var = ops.ReduceMean(True)(ops.Square()(centred), axes)
        shape = (1, -1) + (1,) * len(axes)
        return centred / ops.Sqrt()(var + self.eps) * ops.reshape(self.gamma, shape) + ops.reshape(self.beta, shape)

    def extend_repr(self) -> str:
        """Sizes and Parameters."""
        return f"num_features={self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}"


_INSTANCE_ARGS = """        num_features: Channels C.
        eps: Added to the variance. Default: 1e-5.
        momentum: Kept for compatibility. Default: 0.1.
        affine: Train gamma and beta. Default: True.
        gamma_init: Default: "ones".
        beta_init: Default: "zeros"."""


class InstanceNorm1d(_InstanceNorm):
    __doc__ = f"""Instance normalization over (N, C, L): mean and variance per sample and channel.

    Args:
{_INSTANCE_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, C, L).

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or an input of another shape.

    Examples:
        >>> nn.InstanceNorm1d(3)(Tensor(np.ones((2, 3, 4), np.float32))).shape
        (2, 3, 4)

    Ulyanov et al. 2016; MindSpore r1.8 `nn.InstanceNorm1d`.
    """

    rank = 3


class InstanceNorm2d(_InstanceNorm):
    __doc__ = f"""Instance normalization over (N, C, H, W): mean and variance per sample and channel.

    Args:
{_INSTANCE_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, C, H, W).

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or an input of another shape.

    Examples:
        >>> nn.InstanceNorm2d(3)(Tensor(np.ones((2, 3, 4, 4), np.float32))).shape
        (2, 3, 4, 4)

    Ulyanov et al. 2016; MindSpore r1.8 `nn.InstanceNorm2d`.
    """

    rank = 4


class InstanceNorm3d(_InstanceNorm):
    __doc__ = f"""Instance normalization over (N, C, D, H, W): mean and variance per sample and channel.

    Args:
{_INSTANCE_ARGS}

    Inputs:
        - **x** (Tensor): shape (N, C, D, H, W).

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or an input of another shape.

    Examples:
        >>> nn.InstanceNorm3d(3)(Tensor(np.ones((2, 3, 2, 4, 4), np.float32))).shape
        (2, 3, 2, 4, 4)

    Ulyanov et al. 2016; MindSpore r1.8 `nn.InstanceNorm3d`.
    """

    rank = 5


class GlobalBatchNorm(_BatchNorm):
    """Batch normalization over all devices; on one device, that of BatchNorm2d.

    MindSpore r1.8 `nn.GlobalBatchNorm`.
    """

    rank = (2, 4)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", moving_mean_init: Any = "zeros",
                 moving_var_init: Any = "ones", use_batch_statistics: bool | None = None,
                 device_num_each_group: int = 2):
        super().__init__(num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init,
                         use_batch_statistics)


class SyncBatchNorm(_BatchNorm):
    """Batch normalization over processes; on one process, that of BatchNorm2d.

    MindSpore r1.8 `nn.SyncBatchNorm`.
    """

    rank = (2, 4)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.9, affine: bool = True,
                 gamma_init: Any = "ones", beta_init: Any = "zeros", moving_mean_init: Any = "zeros",
                 moving_var_init: Any = "ones", use_batch_statistics: bool | None = None, process_groups: Any = None):
        super().__init__(num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init,
                         use_batch_statistics)


class LRN(Cell):
    """Local response normalization: x_c / (bias + alpha * sum of x_k^2 for |k - c| <= depth_radius)^beta.

    Args:
        depth_radius: Channels on either side that are summed. Default: 5.
        bias: Default: 1.0.
        alpha: Default: 1.0.
        beta: Default: 0.5.
        norm_region: "ACROSS_CHANNELS".

    Inputs:
        - **input_x** (Tensor): shape (N, C, H, W), float16 or float32.

    Outputs:
        Tensor like `input_x`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: `depth_radius` is negative, or `input_x` has not 4 axes.

    Examples:
        >>> nn.LRN()(Tensor(np.ones((1, 3, 2, 2), np.float32))).shape
        (1, 3, 2, 2)

    Krizhevsky et al. 2012; MindSpore r1.8 `nn.LRN`.
    """

    def __init__(self, depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5,
                 norm_region: str = "ACROSS_CHANNELS"):
        super().__init__()
        self.local_response_norm = ops.LRN(depth_radius, bias, alpha, beta, norm_region)

    def construct(self, input_x: Tensor) -> Tensor:
        """The normalized input."""
        return self.local_response_norm(input_x)
