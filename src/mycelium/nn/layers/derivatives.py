"""Jacobian products as Cells: Jvp and Vjp."""
from __future__ import annotations

from typing import Any

from mycelium.autodiff.grad import jvp, vjp
from mycelium.core.errors import describe
from mycelium.nn.cell import Cell


class Jvp(Cell):
    """The output of a network and the product of its Jacobian with vectors (forward mode).

    Args:
        fn: Cell or function.

    Inputs:
        - **inputs** (Tensor): those of `fn`.
        - **v** (Tensor or tuple): last: a vector of the shape of each input.

    Outputs:
        Tuple of the output of `fn` and the product.

    Raises:
        TypeError: `fn` can not be called.

    Examples:
        >>> out, t = nn.Jvp(lambda x: x * x)(Tensor([3.0]), Tensor([1.0]))
        >>> print(out, t)
        [9.] [6.]

    MindSpore r1.8 `nn.Jvp`.
    """

    def __init__(self, fn: Any):
        super().__init__()
        self.fn = _callable("Jvp", fn)

    def construct(self, *args: Any) -> tuple:
        """(output, product)."""
        *inputs, v = args
        return jvp(self.fn, tuple(inputs), v)


class Vjp(Cell):
    """The output of a network and the product of vectors with its Jacobian (reverse mode).

    Args:
        fn: Cell or function.

    Inputs:
        - **inputs** (Tensor): those of `fn`.
        - **v** (Tensor or tuple): last: a vector of the shape of the output.

    Outputs:
        Tuple of the output of `fn` and the product: one Tensor for one input, a tuple for several.

    Raises:
        TypeError: `fn` can not be called.

    Examples:
        >>> out, g = nn.Vjp(lambda x: x * x)(Tensor([3.0]), Tensor([1.0]))
        >>> print(out, g)
        [9.] [6.]

    MindSpore r1.8 `nn.Vjp`.
    """

    def __init__(self, fn: Any):
        super().__init__()
        self.fn = _callable("Vjp", fn)

    def construct(self, *args: Any) -> tuple:
        """(output, product)."""
        *inputs, v = args
        return vjp(self.fn, tuple(inputs), v)


def _callable(owner: str, fn: Any) -> Any:
    if not callable(fn):
        raise TypeError(f"For '{owner}', 'fn' should be a Cell or function, but got {describe(fn)}.")
    return fn
