"""Activations as layers. Each is an operator with its attributes; the table below makes the plain ones."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_type, nearest
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.initializer import initializer
from mycelium.nn.cell import Cell


def _plain(name: str, primitive: str, formula: str, example: str) -> type[Cell]:
    """A layer without attributes that applies one operator."""
    def construct(self: Cell, x: Tensor) -> Tensor:
        """The activation of each element."""
        return self.__dict__["_op"](x)

    def init(self: Cell) -> None:
        Cell.__init__(self)
        self.__dict__["_op"] = getattr(ops, primitive)()

    doc = f"""{formula}

    Inputs:
        - **x** (Tensor): float, any shape.

    Outputs:
        Tensor like `x`.

    Examples:
        >>> print(nn.{name}()(Tensor([-1.0, 0.0, 2.0])))
        {example}

    MindSpore r1.8 `nn.{name}`.
    """
    return type(name, (Cell,), {"__init__": init, "construct": construct, "__doc__": doc, "__module__": __name__})


ReLU = _plain("ReLU", "ReLU", "max(x, 0), element by element.", "[0. 0. 2.]")
ReLU6 = _plain("ReLU6", "ReLU6", "min(max(x, 0), 6), element by element.", "[0. 0. 2.]")
Sigmoid = _plain("Sigmoid", "Sigmoid", "1 / (1 + exp(-x)), element by element.", "[0.268941 0.5      0.880797 ]")
Tanh = _plain("Tanh", "Tanh", "Hyperbolic tangent, element by element.", "[-0.761594  0.        0.964027]")
FastGelu = _plain("FastGelu", "FastGeLU", "A fast approximation of GELU, element by element.",
                  "[-0.154204  0.        1.935659 ]")
HSwish = _plain("HSwish", "HSwish", "x * min(max(x + 3, 0), 6) / 6, element by element.",
                "[-0.333333  0.        1.666667 ]")
HSigmoid = _plain("HSigmoid", "HSigmoid", "min(max(x / 6 + 0.5, 0), 1), element by element.",
                  "[0.333333 0.5      0.833333 ]")
Softsign = _plain("Softsign", "Softsign", "x / (1 + |x|), element by element.", "[-0.5       0.        0.666667]")
Mish = _plain("Mish", "Mish", "x * tanh(ln(1 + exp(x))), element by element (Misra 2019).",
              "[-0.303401  0.        1.943959 ]")
SeLU = _plain("SeLU", "SeLU", "Scaled exponential linear unit (Klambauer et al. 2017).",
              "[-1.111331  0.        2.101402 ]")


class SiLU(Cell):
    """x * sigmoid(x), element by element (MindSpore r1.8 `nn.SiLU`).

    Examples:
        >>> print(nn.SiLU()(Tensor([0.0])))
        [0.]
    """

    def construct(self, x: Tensor) -> Tensor:
        """x * sigmoid(x)."""
        return ops.Sigmoid()(x) * x


class LogSigmoid(Cell):
    """ln(1 / (1 + exp(-x))), element by element (MindSpore r1.8 `nn.LogSigmoid`).

    Examples:
        >>> print(nn.LogSigmoid()(Tensor([0.0])))
        [-0.693147]
    """

    def construct(self, x: Tensor) -> Tensor:
        """ln(sigmoid(x)), without overflow."""
        return -ops.Softplus()(-x)


class Softmax(Cell):
    """exp(x) / sum exp(x) along an axis.

    Args:
        axis: int or tuple. Default: -1.

    Examples:
        >>> print(nn.Softmax()(Tensor([0.0, 0.0])))
        [0.5 0.5]

    MindSpore r1.8 `nn.Softmax`.
    """

    def __init__(self, axis: Any = -1):
        super().__init__()
        self.softmax = ops.Softmax(axis)

    def construct(self, x: Tensor) -> Tensor:
        """The softmax of `x`."""
        return self.softmax(x)


class LogSoftmax(Cell):
    """x - ln sum exp(x) along an axis.

    Args:
        axis: Default: -1.

    Examples:
        >>> print(nn.LogSoftmax()(Tensor([0.0, 0.0])))
        [-0.693147 -0.693147]

    MindSpore r1.8 `nn.LogSoftmax`.
    """

    def __init__(self, axis: int = -1):
        super().__init__()
        self.log_softmax = ops.LogSoftmax(axis)

    def construct(self, x: Tensor) -> Tensor:
        """The logarithm of the softmax of `x`."""
        return self.log_softmax(x)


class Softmin(Cell):
    """Softmax of -x.

    Args:
        axis: Default: -1.

    Examples:
        >>> print(nn.Softmin()(Tensor([0.0, 0.0])))
        [0.5 0.5]

    MindSpore r1.8 `nn.Softmin`.
    """

    def __init__(self, axis: Any = -1):
        super().__init__()
        self.softmax = ops.Softmax(axis)

    def construct(self, x: Tensor) -> Tensor:
        """The softmax of -x."""
        return self.softmax(-x)


class ELU(Cell):
    """x where x > 0, else alpha * (exp(x) - 1) (Clevert et al. 2016).

    Args:
        alpha: Only 1.0 exists in r1.8. Default: 1.0.

    Examples:
        >>> print(nn.ELU()(Tensor([-1.0, 2.0])))
        [-0.632121  2.      ]

    MindSpore r1.8 `nn.ELU`.
    """

    def __init__(self, alpha: float = 1.0):
        super().__init__()
        self.elu = ops.Elu(alpha)

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return self.elu(x)


class CELU(Cell):
    """max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) (Barron 2017).

    Args:
        alpha: Not 0. Default: 1.0.

    Examples:
        >>> print(nn.CELU()(Tensor([-1.0, 2.0])))
        [-0.632121  2.      ]

    MindSpore r1.8 `nn.CELU`.
    """

    def __init__(self, alpha: float = 1.0):
        super().__init__()
        self.celu = ops.CeLU(alpha)

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return self.celu(x)


class GELU(Cell):
    """Gaussian error linear unit (Hendrycks and Gimpel 2016).

    Args:
        approximate: Use the form with tanh. Default: True.

    Examples:
        >>> print(nn.GELU()(Tensor([1.0])))
        [0.841192]

    MindSpore r1.8 `nn.GELU`.
    """

    def __init__(self, approximate: bool = True):
        super().__init__()
        self.approximate = check_type("GELU", "approximate", approximate, bool)

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        if self.approximate:
            return ops.GeLU()(x)
        return x * (ops.Erf()(x / 2.0 ** 0.5) + 1.0) * 0.5

    def extend_repr(self) -> str:
        """Nothing, as r1.8."""
        return ""


class LeakyReLU(Cell):
    """x where x >= 0, else alpha * x.

    Args:
        alpha: Default: 0.2.

    Examples:
        >>> print(nn.LeakyReLU()(Tensor([-1.0, 2.0])))
        [-0.2  2. ]

    MindSpore r1.8 `nn.LeakyReLU`.
    """

    def __init__(self, alpha: float = 0.2):
        super().__init__()
        self.alpha = check_type("LeakyReLU", "alpha", alpha, (int, float))

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        scaled = x * self.alpha
        return ops.Maximum()(scaled, x) if self.alpha <= 1 else ops.Minimum()(scaled, x)


class PReLU(Cell):
    """x where x >= 0, else w * x with a learned w (He et al. 2015).

    Args:
        channel: Number of w: 1, or the channels of the input. Default: 1.
        w: Initial value: float, or Tensor with `channel` elements. Default: 0.25.

    Examples:
        >>> print(nn.PReLU()(Tensor([[-1.0, 2.0]])))
        [[-0.25  2.  ]]

    MindSpore r1.8 `nn.PReLU`.
    """

    def __init__(self, channel: int = 1, w: Any = 0.25):
        super().__init__()
        check_type("PReLU", "channel", channel, int)
        if channel < 1:
            raise ValueError(f"For 'PReLU', 'channel' should be 1 or greater, but got {channel}.")
        start = Tensor(w) if isinstance(w, (list,)) else w
        self.w = Parameter(initializer(start, (channel,)), name="a")

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return ops.PReLU()(x, self.w)


class HShrink(Cell):
    """x where |x| > lambd, else 0.

    Args:
        lambd: Default: 0.5.

    Examples:
        >>> print(nn.HShrink()(Tensor([0.3, 2.0])))
        [0. 2.]

    MindSpore r1.8 `nn.HShrink`.
    """

    def __init__(self, lambd: float = 0.5):
        super().__init__()
        self.hshrink = ops.HShrink(lambd)

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return self.hshrink(x)


class SoftShrink(Cell):
    """x - lambd where x > lambd, x + lambd where x < -lambd, else 0.

    Args:
        lambd: 0 or greater. Default: 0.5.

    Examples:
        >>> print(nn.SoftShrink()(Tensor([0.3, 2.0])))
        [0.  1.5]

    MindSpore r1.8 `nn.SoftShrink`.
    """

    def __init__(self, lambd: float = 0.5):
        super().__init__()
        self.softshrink = ops.SoftShrink(lambd)

    def construct(self, x: Tensor) -> Tensor:
        """The activation of each element."""
        return self.softshrink(x)


_NAMES = {"softmax": Softmax, "logsoftmax": LogSoftmax, "relu": ReLU, "relu6": ReLU6, "tanh": Tanh, "gelu": GELU,
          "elu": ELU, "sigmoid": Sigmoid, "prelu": PReLU, "leakyrelu": LeakyReLU, "hswish": HSwish,
          "hsigmoid": HSigmoid, "logsigmoid": LogSigmoid, "softshrink": SoftShrink, "silu": SiLU,
          "fast_gelu": FastGelu, "softsign": Softsign, "hshrink": HShrink}


def get_activation(name: str | None, prim_name: str | None = None) -> Cell | None:
    """The activation layer of a name.

    Args:
        name: For example "relu"; an empty name or None gives None.
        prim_name: Whom to name in the error.

    Returns:
        Cell or None.

    Raises:
        KeyError: An unknown name.

    Examples:
        >>> nn.get_activation("relu")
        ReLU<>

    MindSpore r1.8 `nn.get_activation`.
    """
    if not name:
        return None
    if name not in _NAMES:
        raise KeyError(f"{f'For {prim_name!r}, the' if prim_name else 'The'} activation should be one of "
                       f"{sorted(_NAMES)}, but got {name!r}{nearest(name, _NAMES) or '.'}")
    return _NAMES[name]()


__all__ = ["CELU", "ELU", "FastGelu", "GELU", "HShrink", "HSigmoid", "HSwish", "LeakyReLU", "LogSigmoid", "LogSoftmax",
           "Mish", "PReLU", "ReLU", "ReLU6", "SeLU", "SiLU", "Sigmoid", "SoftShrink", "Softmax", "Softmin", "Softsign",
           "Tanh", "get_activation"]
