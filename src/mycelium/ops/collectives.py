"""Operators between processes: so far for the one process that a program runs in."""
from __future__ import annotations

from typing import Any

import jax

from mycelium.core.errors import check_choice, check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.op import primitive
from mycelium.ops.primitive import Primitive


class ReduceOp:
    """Names of what `AllReduce` does with the Tensors of the processes.

    Examples:
        >>> ops.ReduceOp.SUM
        'sum'

    MindSpore r1.8 `ops.ReduceOp`.
    """

    SUM = "sum"
    MAX = "max"
    MIN = "min"
    PROD = "prod"


registry.add(registry.functions, "ReduceOp", ReduceOp)


@primitive
class AllReduce(Primitive):
    """Reduces a Tensor over all processes; each gets the result.

    Args:
        op: "sum", "max", "min" or "prod", see `ops.ReduceOp`.
        group: The group of all processes, the only one there is.

    Raises:
        RuntimeError: There is more than one process.
        TypeError: `op` or `group` is not a string, or the input is not a Tensor.
        ValueError: `op` is another name.

    Examples:
        >>> print(ops.AllReduce(ops.ReduceOp.SUM)(Tensor([1.0, 2.0])))
        [1. 2.]

    MindSpore r1.8 `ops.AllReduce`.
    """

    def __init__(self, op: str = ReduceOp.SUM, group: str = "hccl_world_group"):
        super().__init__("AllReduce")
        self.op = check_choice("AllReduce", "op", op, ("sum", "max", "min", "prod"))
        self.group = check_type("AllReduce", "group", group, str)
        if jax.process_count() > 1:
            raise RuntimeError(f"For 'AllReduce', {jax.process_count()} processes are not implemented by Mycelium yet: "
                               "run the program in one process.")

    def __call__(self, input_x: Any) -> Tensor:
        if not isinstance(input_x, Tensor):
            raise TypeError(f"For 'AllReduce', the input should be a Tensor, but got {describe(input_x)}.")
        return registry.functions["identity"](input_x)
