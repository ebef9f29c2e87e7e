"""DistributedGradReducer, which training Cells of r1.8 pass their gradients through; one process keeps its own."""

from __future__ import annotations

from typing import Any

import jax

from mycelium.core.errors import check_int, check_type
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.parallel.communication import HCCL_WORLD_COMM_GROUP, get_group_size


class DistributedGradReducer(Cell):
    """Sums or averages gradients over all processes.

    Args:
        parameters: What the gradients belong to, in order.
        mean: Divide the sum by `degree`.
        degree: How many processes there are; None asks `get_group_size`, which needs `init`.
        fusion_type: Accepted for compatibility: XLA decides what is sent together.
        group: The group of all processes, the only one there is.

    Inputs:
        - **grads** (tuple[Tensor]): the gradients of this process.

    Outputs:
        tuple[Tensor], of the shapes and dtypes of `grads`.

    Raises:
        RuntimeError: There is more than one process; or `degree` is None and `init` has not been called.
        TypeError: `degree` is no int.
        ValueError: `degree` is not positive.

    Examples:
        >>> net = nn.Dense(3, 2)
        >>> reducer = nn.DistributedGradReducer(net.trainable_params(), mean=True, degree=1)
        >>> grads = ops.grad(net, None, net.trainable_params())(ms.numpy.ones((1, 3)))
        >>> [g.shape for g in reducer(grads)]
        [(2, 3), (2,)]

    MindSpore r1.8 `nn.DistributedGradReducer`.
    """

    def __init__(self, parameters: Any, mean: bool = True, degree: int | None = None, fusion_type: int = 1,
                 group: str = HCCL_WORLD_COMM_GROUP):
        super().__init__(auto_prefix=False)
        name = "DistributedGradReducer"
        self.degree = get_group_size(group) if degree is None else check_int(name, "degree", degree, 1)
        self.mean = check_type(name, "mean", mean, bool)
        if jax.process_count() > 1:
            raise RuntimeError(f"For '{name}', {jax.process_count()} processes are not implemented by Mycelium yet: "
                               "run the program in one process.")

    def construct(self, grads: tuple) -> tuple:
        """The gradients of all processes together."""
        return tuple([self._reduce(g) for g in grads])

    def _reduce(self, grad: Tensor) -> Tensor:
        return grad / self.degree if self.mean and self.degree > 1 else grad
