"""Training steps in mixed precision: the loss is scaled up, gradients down, and overflowing steps are skipped."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.wrap import TrainOneStepCell


class DynamicLossScaleUpdateCell(Cell):
    """Halves the loss scale after an overflow, and raises it after a run of steps without one.

    Args:
        loss_scale_value: Where it starts; greater than 0.
        scale_factor: What it is multiplied with or divided by; 1 or greater.
        scale_window: Steps without overflow before it is raised; 1 or greater.

    Inputs:
        - **loss_scale** (Parameter): the current scale.
        - **overflow** (Tensor): bool scalar.

    Outputs:
        Tensor, `overflow`.

    Examples:
        >>> manager = nn.DynamicLossScaleUpdateCell(loss_scale_value=2**12, scale_factor=2, scale_window=1000)
        >>> manager.get_loss_scale()
        4096.0

    MindSpore r1.8 `nn.DynamicLossScaleUpdateCell`.
    """

    def __init__(self, loss_scale_value: float, scale_factor: int, scale_window: int):
        super().__init__()
        check_type("DynamicLossScaleUpdateCell", "loss_scale_value", loss_scale_value, (int, float))
        if loss_scale_value <= 0:
            raise ValueError(f"For 'DynamicLossScaleUpdateCell', 'loss_scale_value' should be greater than 0, but got "
                             f"{loss_scale_value}.")
        self.scale_window = check_int("DynamicLossScaleUpdateCell", "scale_window", scale_window, 1)
        self.scale_factor = check_int("DynamicLossScaleUpdateCell", "scale_factor", scale_factor, 1)
        self.loss_scale_value = loss_scale_value
        self.cur_iter = Parameter(Tensor(1, mstype.int32), name="current_iterator_step", requires_grad=False)
        self.last_overflow_iter = Parameter(Tensor(0, mstype.int32), name="last_overflow_iterator_step",
                                            requires_grad=False)

    def get_loss_scale(self) -> float:
        """Where the loss scale starts."""
        return float(self.loss_scale_value)

    def construct(self, loss_scale: Parameter, overflow: Tensor) -> Tensor:
        """Updates the scale and the counters."""
        lowered = ops.maximum(loss_scale / self.scale_factor, 1.0)
        scale = ops.select(overflow, lowered, loss_scale * 1.0)
        last = ops.select(overflow, self.cur_iter * 1, self.last_overflow_iter * 1)
        raise_now = ops.equal(self.cur_iter - last, self.scale_window)
        scale = ops.select(raise_now, scale * self.scale_factor, scale)
        self.last_overflow_iter = ops.select(raise_now, self.cur_iter * 1, last)
        loss_scale.set_data(scale)
        self.cur_iter = self.cur_iter + 1
        return overflow


class FixedLossScaleUpdateCell(Cell):
    """Leaves the loss scale as it is.

    Args:
        loss_scale_value: The scale; greater than 0.

    Examples:
        >>> nn.FixedLossScaleUpdateCell(2**12).get_loss_scale()
        4096.0

    MindSpore r1.8 `nn.FixedLossScaleUpdateCell`.
    """

    def __init__(self, loss_scale_value: float):
        super().__init__()
        self.loss_scale_value = loss_scale_value

    def get_loss_scale(self) -> float:
        """The loss scale."""
        return float(self.loss_scale_value)

    def construct(self, loss_scale: Parameter, overflow: Tensor) -> Tensor:
        """Returns `overflow`."""
        return overflow


class TrainOneStepWithLossScaleCell(TrainOneStepCell):
    """One training step with a loss scale, which skips the update when a gradient overflows.

    Args:
        network: Cell whose output is the loss, a scalar.
        optimizer: Updates the trainable Parameters.
        scale_sense: The scale: a Cell that updates it (DynamicLossScaleUpdateCell), or a scalar Tensor.

    Outputs:
        (loss, whether a gradient overflowed, the scale of this step).

    Raises:
        TypeError: `scale_sense` is neither Cell nor Tensor.
        ValueError: `scale_sense` is a Tensor that is no scalar.

    MindSpore r1.8 `nn.TrainOneStepWithLossScaleCell`.
    """

    def __init__(self, network: Cell, optimizer: Cell, scale_sense: Any):
        super().__init__(network, optimizer, sens=1.0)
        self.hyper_map = ops.HyperMap()
        self.loss_scaling_manager = None
        if isinstance(scale_sense, Cell):
            self.loss_scaling_manager = scale_sense
            self.scale_sense = Parameter(Tensor(scale_sense.get_loss_scale(), mstype.float32), name="scale_sense",
                                         requires_grad=False)
        elif isinstance(scale_sense, Tensor):
            if tuple(scale_sense.shape) not in ((), (1,)):
                raise ValueError(f"For 'TrainOneStepWithLossScaleCell', the shape of 'scale_sense' should be (1,) or "
                                 f"(), but got {tuple(scale_sense.shape)}.")
            self.scale_sense = Parameter(scale_sense, name="scale_sense", requires_grad=False)
        else:
            raise TypeError(f"For 'TrainOneStepWithLossScaleCell', 'scale_sense' should be a Cell or a Tensor, but got "
                            f"{describe(scale_sense)}.")

    def set_sense_scale(self, sens: Any) -> None:
        """Sets the scale by hand; only where no manager updates it."""
        if self.loss_scaling_manager is not None:
            raise ValueError("For 'TrainOneStepWithLossScaleCell', the scale is updated by a Cell and cannot be set.")
        if not isinstance(sens, Tensor):
            raise TypeError(f"For 'set_sense_scale', 'sens' should be a Tensor, but got {describe(sens)}.")
        self.scale_sense.set_data(sens)

    def start_overflow_check(self, pre_cond: Any, compute_input: Any) -> tuple:
        """Accepted for compatibility: overflow is read off the gradients. Returns (True, compute_input)."""
        return Tensor(True), compute_input

    def get_overflow_status(self, status: Any, compute_output: Any) -> Tensor:
        """Whether any gradient is not finite."""
        finite: Any = None
        for g in compute_output:
            this = ops.ReduceAll()(ops.IsFinite()(g))
            finite = this if finite is None else ops.logical_and(finite, this)
        return ops.logical_not(finite)

    def process_loss_scale(self, overflow: Tensor) -> Tensor:
        """Lets the manager update the scale; returns `overflow`."""
        if self.loss_scaling_manager is not None:
            return self.loss_scaling_manager(self.scale_sense, overflow)
        return overflow

    def construct(self, *inputs: Any) -> tuple:
        """(loss, overflow, scale); the Parameters are updated unless a gradient overflowed."""
        scale = ops.reshape(self.scale_sense * 1.0, ())
        loss, grads = self.loss_and_gradients(inputs, scale)
        inverse = ops.Reciprocal()(scale)
        grads = tuple([g * ops.cast(inverse, g.dtype) for g in grads])
        overflow = self.get_overflow_status(None, grads)
        overflow = self.process_loss_scale(overflow)
        update_unless(overflow, self.optimizer, grads)
        return loss, overflow, scale


def update_unless(skip: Tensor, optimizer: Cell, grads: Any) -> None:
    """One step of the optimizer whose writes are taken back where `skip` holds."""
    states = [p for p in optimizer.get_parameters()]
    before = [p.value() for p in states]
    optimizer(grads)
    for p, old in zip(states, before, strict=True):
        p.set_data(ops.select(ops.broadcast_to(skip, old.shape), old, p.value()))


__all__ = ["DynamicLossScaleUpdateCell", "FixedLossScaleUpdateCell", "TrainOneStepWithLossScaleCell"]
