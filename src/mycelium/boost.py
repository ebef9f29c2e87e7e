"""`mindspore.boost`: gradients that are accumulated over several steps before one update."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, check_type
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.loss_scale import update_unless
from mycelium.nn.optim import Optimizer

__all__ = ["GradientAccumulation"]

gradient_accumulation_op = ops.MultitypeFuncGraph("gradient_accumulation_op")
gradient_clear_op = ops.MultitypeFuncGraph("gradient_clear_op")


@gradient_accumulation_op.register("Number", "Tensor", "Tensor")
def _accumulate(steps: int, total: Parameter, grad: Tensor) -> Tensor:
    return ops.assign_add(total, ops.cast(grad, total.dtype) / steps)


@gradient_clear_op.register("Tensor")
def _clear(total: Parameter) -> Tensor:
    return ops.assign(total, ops.zeros_like(total))


class GradientAccumulation(Cell):
    """Adds up the gradients of several steps and updates once with their mean.

    Args:
        max_accumulation_step: After how many steps to update.
        optimizer: What updates the Parameters.

    Inputs:
        - **loss** (Tensor): the loss, which is passed on.
        - **grads** (tuple[Tensor]): one gradient for each Parameter of `optimizer`.

    Outputs:
        Tensor, `loss`.

    Raises:
        TypeError: `max_accumulation_step` is no int, or `optimizer` is no Optimizer.
        ValueError: `max_accumulation_step` is below 1.

    Examples:
        >>> net = nn.Dense(1, 1, has_bias=False, weight_init="zeros")
        >>> accumulation = ms.boost.GradientAccumulation(2, nn.SGD(net.trainable_params(), 1.0))
        >>> for grad in ([[1.0]], [[3.0]]):
        ...     loss = accumulation(Tensor(0.5), (Tensor(grad),))
        ...     print(net.weight.asnumpy())
        [[0.]]
        [[-2.]]

    MindSpore r1.8 `boost.GradientAccumulation`.
    """

    def __init__(self, max_accumulation_step: int, optimizer: Optimizer):
        super().__init__()
        name = "GradientAccumulation"
        self._max_accumulation_step = check_int(name, "max_accumulation_step", max_accumulation_step, 1)
        self.optimizer = check_type(name, "optimizer", optimizer, Optimizer)
        self.weights = optimizer.parameters
        self.hyper_map = ops.HyperMap()
        self._grad_accumulation = self.weights.clone(prefix="grad_accumulation", init="zeros")
        self._accumulation_step = Parameter(Tensor(0, mstype.int32), name="accumulation_step")

    def construct(self, loss: Tensor, grads: tuple) -> Any:
        """`loss`; every `max_accumulation_step`-th call updates the Parameters."""
        totals = self._grad_accumulation
        self.hyper_map(ops.partial(gradient_accumulation_op, self._max_accumulation_step), totals, grads)
        step = self._accumulation_step + 1
        waits = ops.less(step, self._max_accumulation_step)
        update_unless(waits, self.optimizer, tuple([total.value() for total in totals]))
        for total in totals:
            total.set_data(total * ops.cast(waits, total.dtype))
        self._accumulation_step.set_data(step * ops.cast(waits, step.dtype))
        return loss
