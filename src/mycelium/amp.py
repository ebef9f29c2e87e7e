"""Mixed precision: loss scales, networks computed in float16 or bfloat16, and training steps made for them."""
from __future__ import annotations

from typing import Any

from mycelium import nn, ops
from mycelium.core import context
from mycelium.core import dtype as mstype
from mycelium.core.context import logger
from mycelium.core.errors import check_choice, check_int, check_type, describe, nearest
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell

_LEVELS = ("O0", "O2", "O3", "auto")
_BOOST_LEVELS = ("O0", "O1", "O2")
# cells that gain from float16 and lose nothing (level "O1"), and cells that need float32 (kept in it by "O2")
AMP_WHITE_LIST = tuple(getattr(nn, name) for name in (
    "Conv1d", "Conv2d", "Conv3d", "Conv1dTranspose", "Conv2dTranspose", "Conv3dTranspose", "Dense"))
AMP_BLACK_LIST = tuple(getattr(nn, name) for name in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm"))
_BATCH_NORMS = AMP_BLACK_LIST[:3]


class LossScaleManager:
    """Base of loss scales.

    MindSpore r1.8 `mindspore.LossScaleManager`.
    """

    def get_loss_scale(self) -> float:
        """The loss scale."""
        raise NotImplementedError(f"'{type(self).__name__}' has no 'get_loss_scale'.")

    def update_loss_scale(self, overflow: bool) -> None:
        """Takes note of whether a step overflowed."""

    def get_update_cell(self) -> Cell | None:
        """The Cell that updates the scale inside of a training step; None where a step does not look for overflow."""
        return None


class FixedLossScaleManager(LossScaleManager):
    """A loss scale that stays as it is.

    Args:
        loss_scale: The scale, at least 1. Without `drop_overflow_update`, give the optimizer the same `loss_scale`.
        drop_overflow_update: Skip the update of a step whose gradients overflow.

    Raises:
        ValueError: `loss_scale` is below 1.

    Examples:
        >>> ms.FixedLossScaleManager(1024.0).get_loss_scale()
        1024.0

    MindSpore r1.8 `mindspore.FixedLossScaleManager`.
    """

    def __init__(self, loss_scale: float = 128.0, drop_overflow_update: bool = True):
        if check_type("FixedLossScaleManager", "loss_scale", loss_scale, (int, float)) < 1:
            raise ValueError(f"For 'FixedLossScaleManager', 'loss_scale' should be at least 1, but got {loss_scale}.")
        self._loss_scale = loss_scale
        self._drop_overflow_update = bool(drop_overflow_update)

    def get_loss_scale(self) -> float:
        """The loss scale."""
        return self._loss_scale

    def get_drop_overflow_update(self) -> bool:
        """Whether steps that overflow are skipped."""
        return self._drop_overflow_update

    def get_update_cell(self) -> Cell | None:
        """The Cell that keeps the scale; None if steps that overflow are not skipped."""
        return nn.FixedLossScaleUpdateCell(self._loss_scale) if self._drop_overflow_update else None


class DynamicLossScaleManager(LossScaleManager):
    """A loss scale that falls when a step overflows and rises after a run of steps that do not.

    Args:
        init_loss_scale: Where it starts, at least 1.
        scale_factor: What it is multiplied with or divided by; above 0.
        scale_window: Steps without overflow before it rises.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: An argument is out of range.

    Examples:
        >>> manager = ms.DynamicLossScaleManager(init_loss_scale=16, scale_window=2)
        >>> manager.update_loss_scale(overflow=True)
        >>> manager.get_loss_scale()
        8.0

    MindSpore r1.8 `mindspore.DynamicLossScaleManager`.
    """

    def __init__(self, init_loss_scale: float = 2**24, scale_factor: int = 2, scale_window: int = 2000):
        name = "DynamicLossScaleManager"
        if check_type(name, "init_loss_scale", init_loss_scale, (int, float)) < 1:
            raise ValueError(f"For '{name}', 'init_loss_scale' should be at least 1, but got {init_loss_scale}.")
        if check_type(name, "scale_factor", scale_factor, (int, float)) <= 0:
            raise ValueError(f"For '{name}', 'scale_factor' should be above 0, but got {scale_factor}.")
        self.loss_scale = init_loss_scale
        self.scale_window = check_int(name, "scale_window", scale_window, 1)
        self.scale_factor = scale_factor
        self.cur_iter = 1
        self.last_overflow_iter = 0

    def get_loss_scale(self) -> float:
        """The loss scale."""
        return self.loss_scale

    def update_loss_scale(self, overflow: bool) -> None:
        """Lowers the scale after an overflow, raises it after `scale_window` steps without one."""
        if overflow:
            self.loss_scale = max(self.loss_scale / self.scale_factor, 1)
            self.last_overflow_iter = self.cur_iter
        elif (self.cur_iter - self.last_overflow_iter) % self.scale_window == 0:
            self.loss_scale *= self.scale_factor
        self.cur_iter += 1

    def get_drop_overflow_update(self) -> bool:
        """True: steps that overflow are skipped."""
        return True

    def get_update_cell(self) -> Cell:
        """The Cell that updates the scale inside of a training step."""
        return nn.DynamicLossScaleUpdateCell(self.loss_scale, self.scale_factor, self.scale_window)


class _Output(Cell):
    """A Cell computed in another type, whose output comes in `dtype`."""

    def __init__(self, op: Cell, dtype: mstype.Type):
        super().__init__(auto_prefix=False)
        self._op = op
        self._out = dtype

    def construct(self, *inputs: Any) -> Any:
        """The output of the Cell, converted."""
        return ops.cast(self._op(*inputs), self._out)


def _wrap(network: Cell, kinds: tuple, inside: mstype.Type, outside: mstype.Type) -> None:
    """Computes sub-Cells of `kinds` in the type `inside`, and hands their outputs over in `outside`."""
    for name, cell in network.name_cells().items():
        if isinstance(cell, kinds):
            network._cells[name] = wrapped = _Output(cell.to_float(inside), outside)
            if network.__dict__.get(name) is cell:
                network.__dict__[name] = wrapped
        elif not isinstance(cell, _Output):
            _wrap(cell, kinds, inside, outside)


def auto_mixed_precision(network: Cell, amp_level: str = "O0") -> Cell:
    """Makes a network compute in float16 where that is safe.

    Args:
        network: The network; it is changed.
        amp_level: "O0" changes nothing; "O1" computes convolutions and Dense in float16; "O2" computes everything in
            float16 but BatchNorm and LayerNorm; "O3" computes everything in float16.

    Returns:
        `network`.

    Raises:
        TypeError: `network` is not a Cell.
        ValueError: `amp_level` is unknown.

    Examples:
        >>> net = ms.amp.auto_mixed_precision(nn.Dense(3, 2), "O3")
        >>> print(net(Tensor(np.ones((1, 3), np.float32))).dtype)
        Float16

    MindSpore r1.8 `mindspore.amp.auto_mixed_precision`, which returns nothing.
    """
    check_type("auto_mixed_precision", "network", network, Cell)
    if amp_level not in ("O0", "O1", "O2", "O3"):
        raise ValueError(f"For 'auto_mixed_precision', 'amp_level' should be 'O0', 'O1', 'O2' or 'O3', but got "
                         f"{amp_level!r}.")
    if amp_level == "O1":
        _wrap(network, AMP_WHITE_LIST, mstype.float16, mstype.float32)
    elif amp_level in ("O2", "O3"):
        network.to_float(mstype.float16)
        if amp_level == "O2":
            _wrap(network, AMP_BLACK_LIST, mstype.float32, mstype.float16)
    return network


class _LossInFloat32(nn.WithLossCell):
    """A network computed in a narrow type with a loss computed in float32."""

    def construct(self, data: Any, label: Any) -> Any:
        """The loss of the prediction for `data`."""
        return self._loss_fn(_widened(self._backbone(data)), _widened(label))


def _widened(value: Any) -> Any:
    """Narrow float Tensors in `value` as float32."""
    if isinstance(value, (tuple, list)):
        return tuple([_widened(v) for v in value])
    return ops.cast(value, mstype.float32) if value.dtype in (mstype.float16, mstype.bfloat16) else value


def build_train_network(network: Cell, optimizer: Cell, loss_fn: Any = None, level: str = "O0",
                        boost_level: str = "O0", **kwargs: Any) -> Cell:
    """A training step in mixed precision: network, loss, gradients, update.

    Args:
        network: The network; with the loss inside if there is no `loss_fn`. It is changed unless `level` is "O0".
        optimizer: Updates the Parameters.
        loss_fn: The loss, computed in float32.
        level: "O0" changes nothing; "O2" computes all but BatchNorm in float16, with a dynamic loss scale; "O3"
            computes everything in float16; "auto" is "O3" for the target Ascend and "O2" elsewhere.
        boost_level: Accepted; what MindSpore does for "O1" and "O2" is not done here.
        **kwargs: `cast_model_type` (float16, bfloat16 or float32), `keep_batchnorm_fp32` (bool) and
            `loss_scale_manager` (LossScaleManager or None), in place of what `level` says.

    Returns:
        Cell, a TrainOneStepCell or TrainOneStepWithLossScaleCell in training mode.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A level or keyword is unknown.

    Examples:
        >>> net = nn.Dense(3, 2)
        >>> step = ms.amp.build_train_network(net, nn.SGD(net.trainable_params(), 0.1), nn.MSELoss(), level="O2")
        >>> type(step).__name__
        'TrainOneStepWithLossScaleCell'

    MindSpore r1.8 `mindspore.build_train_network`.
    """
    name = "build_train_network"
    check_type(name, "network", network, Cell)
    check_choice(name, "level", level, _LEVELS)
    if check_choice(name, "boost_level", boost_level, _BOOST_LEVELS) != "O0":
        logger.warning("boost_level=%r is accepted and changes nothing.", boost_level)
    if level == "auto":
        level = "O3" if context.get_context("device_target") == "Ascend" else "O2"
    narrow = level != "O0"
    config = {"cast_model_type": mstype.float16 if narrow else mstype.float32, "keep_batchnorm_fp32": level == "O2",
              "loss_scale_manager": DynamicLossScaleManager() if level == "O2" else None}
    for key, value in kwargs.items():
        if key not in config:
            raise ValueError(f"For '{name}', there is no argument {key!r}{nearest(key, config) or '.'}")
        config[key] = value
    dtype, manager = config["cast_model_type"], config["loss_scale_manager"]
    check_type(name, "keep_batchnorm_fp32", config["keep_batchnorm_fp32"], bool)
    if dtype not in (mstype.float16, mstype.bfloat16, mstype.float32):
        raise ValueError(f"For '{name}', 'cast_model_type' should be float16, bfloat16 or float32, but got {dtype}.")
    if manager is not None and not isinstance(manager, LossScaleManager):
        raise TypeError(f"For '{name}', 'loss_scale_manager' should be a LossScaleManager or None, but got "
                        f"{describe(manager)}.")
    if dtype is not mstype.float32:
        network.to_float(dtype)
        if config["keep_batchnorm_fp32"]:
            _wrap(network, _BATCH_NORMS, mstype.float32, dtype)
    if loss_fn is not None:
        network = (nn.WithLossCell if dtype is mstype.float32 else _LossInFloat32)(network, loss_fn)
    update = None if manager is None else manager.get_update_cell()
    if update is not None:
        step: Cell = nn.TrainOneStepWithLossScaleCell(network, optimizer, update)
    else:
        step = nn.TrainOneStepCell(network, optimizer, 1.0 if manager is None else manager.get_loss_scale())
    return step.set_train()


def all_finite(inputs: Any) -> Tensor:
    """Whether every element of every Tensor is finite.

    Args:
        inputs: Tensor, or tuple or list of Tensors.

    Returns:
        Tensor, bool scalar.

    Examples:
        >>> bool(ms.amp.all_finite((Tensor([1.0]), Tensor([2.0, float("inf")]))))
        False

    MindSpore r1.8 `mindspore.amp.all_finite`.
    """
    finite: Any = None
    for tensor in inputs if isinstance(inputs, (tuple, list)) else (inputs,):
        this = ops.ReduceAll()(ops.IsFinite()(tensor))
        finite = this if finite is None else ops.logical_and(finite, this)
    return finite


class LossScaler:
    """Base of loss scales for training steps written as functions.

    MindSpore r1.8 `mindspore.amp.LossScaler`.
    """

    def scale(self, inputs: Any) -> Any:
        """Tensors multiplied with the scale."""
        raise NotImplementedError(f"'{type(self).__name__}' has no 'scale'.")

    def unscale(self, inputs: Any) -> Any:
        """Tensors divided by the scale."""
        raise NotImplementedError(f"'{type(self).__name__}' has no 'unscale'.")

    def adjust(self, grads_finite: Tensor) -> None:
        """Updates the scale after a step."""
        raise NotImplementedError(f"'{type(self).__name__}' has no 'adjust'.")


class StaticLossScaler(LossScaler):
    """A loss scale that stays as it is.

    Args:
        scale_value: The scale, at least 1.

    Raises:
        TypeError: `scale_value` is not a number.
        ValueError: `scale_value` is below 1.

    Examples:
        >>> scaler = ms.amp.StaticLossScaler(scale_value=4.0)
        >>> scaler.unscale(scaler.scale(Tensor([1.0, 2.0]))).asnumpy().tolist()
        [1.0, 2.0]

    MindSpore r1.8 `mindspore.amp.StaticLossScaler`.
    """

    def __init__(self, scale_value: float):
        name = type(self).__name__
        if check_type(name, "scale_value", scale_value, (int, float)) < 1:
            raise ValueError(f"For '{name}', 'scale_value' should be at least 1, but got {scale_value}.")
        self.scale_value = Parameter(Tensor(scale_value, mstype.float32), name="scale_value")

    def scale(self, inputs: Any) -> Any:
        """A Tensor, or a tuple of Tensors, multiplied with the scale; the dtypes stay."""
        return _times(inputs, self.scale_value * 1.0)

    def unscale(self, inputs: Any) -> Any:
        """A Tensor, or a tuple of Tensors, divided by the scale; the dtypes stay."""
        return _times(inputs, 1.0 / self.scale_value)

    def adjust(self, grads_finite: Tensor) -> None:
        """Does nothing."""


class DynamicLossScaler(StaticLossScaler):
    """A loss scale that falls when gradients are not finite and rises after a run of steps where they are.

    Args:
        scale_value: Where it starts, at least 1.
        scale_factor: What it is multiplied with or divided by.
        scale_window: Steps with finite gradients before it rises.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: An argument is out of range.

    Examples:
        >>> scaler = ms.amp.DynamicLossScaler(scale_value=16, scale_factor=2, scale_window=2)
        >>> scaler.adjust(Tensor(False))
        >>> float(scaler.scale_value)
        8.0

    MindSpore r1.8 `mindspore.amp.DynamicLossScaler`.
    """

    def __init__(self, scale_value: float, scale_factor: int, scale_window: int):
        super().__init__(scale_value)
        self.scale_factor = check_int("DynamicLossScaler", "scale_factor", scale_factor, 1)
        self.scale_window = check_int("DynamicLossScaler", "scale_window", scale_window, 1)
        self.counter = Parameter(Tensor(0, mstype.int32), name="counter")

    def adjust(self, grads_finite: Tensor) -> None:
        """Updates the scale."""
        one, scale = Tensor(1.0, mstype.float32), self.scale_value * 1.0
        count = (self.counter + 1) * ops.cast(grads_finite, mstype.int32)
        grow = ops.equal(count, self.scale_window)
        self.scale_value.set_data(ops.select(grads_finite, ops.select(grow, scale * self.scale_factor, scale),
                                             ops.maximum(scale / self.scale_factor, one)))
        self.counter.set_data(count % self.scale_window)


def _times(inputs: Any, factor: Tensor) -> Any:
    if isinstance(inputs, (tuple, list)):
        return tuple([_times(v, factor) for v in inputs])
    return inputs * ops.cast(factor, inputs.dtype)
