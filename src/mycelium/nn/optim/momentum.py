"""Gradient descent with and without momentum."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium.core.errors import check_type
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.optim.base import Optimizer, done
from mycelium.ops.registry import primitives


def _scalar(value: float, name: str, shape: tuple[int, ...] = ()) -> Parameter:
    return Parameter(Tensor(np.full(shape, value, np.float32)), name=name, requires_grad=False)


class SGD(Optimizer):
    r"""Stochastic gradient descent, optionally with (Nesterov) momentum.

    v = u v + (1 - d) g (v = g in the first step), p = p - lr v; with Nesterov p = p - lr (g + u v). u is momentum, d
    dampening.

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.1.
        momentum: 0 or greater. Default: 0.0.
        dampening: Default: 0.0.
        weight_decay: Default: 0.0.
        nesterov: Needs momentum and no dampening. Default: False.
        loss_scale: Default: 1.0.

    Raises:
        ValueError: A value out of range.
        TypeError: A wrong type.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.SGD(net.trainable_params(), learning_rate=0.1, momentum=0.9)

    MindSpore r1.8 `nn.SGD`.
    """

    def __init__(self, params: Any, learning_rate: Any = 0.1, momentum: float = 0.0, dampening: float = 0.0,
                 weight_decay: Any = 0.0, nesterov: bool = False, loss_scale: float = 1.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_type("SGD", "nesterov", nesterov, bool)
        check_type("SGD", "momentum", momentum, (int, float))
        check_type("SGD", "dampening", dampening, (int, float))
        if momentum < 0:
            raise ValueError(f"For 'SGD', the 'momentum' must be at least 0.0, but got {momentum}.")
        if dampening < 0:
            raise ValueError(f"For 'SGD', the 'dampening' must be at least 0.0, but got {dampening}.")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("For 'SGD', if 'nesterov' is true, 'momentum' must be > 0.0 and 'dampening' must equal to "
                             f"0.0, but got 'momentum' {momentum}, 'dampening' {dampening}")
        self.nesterov, self.dampening = nesterov, float(dampening)
        self.momentum = _scalar(momentum, "momentum")
        self.accum = self.states("accum")
        self.stat = self.states("stat", "ones")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients)
        rule = primitives["SGD"](self.dampening, 0.0, self.nesterov)
        for p, g, lr, v, s in zip(self.parameters, gradients, self.rates(), self.accum, self.stat, strict=True):
            rule(p, g, lr, v, self.momentum, s)
        return done()


class Momentum(Optimizer):
    r"""Gradient descent with momentum.

    v = u v + g, p = p - lr v; with Nesterov p = p - lr (g + u v).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it.
        momentum: 0 or greater.
        weight_decay: Default: 0.0.
        loss_scale: Default: 1.0.
        use_nesterov: Default: False.

    Raises:
        ValueError: A value out of range.
        TypeError: A wrong type.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Momentum(net.trainable_params(), learning_rate=0.1, momentum=0.9)

    MindSpore r1.8 `nn.Momentum`.
    """

    def __init__(self, params: Any, learning_rate: Any, momentum: float, weight_decay: Any = 0.0,
                 loss_scale: float = 1.0, use_nesterov: bool = False):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_type("Momentum", "momentum", momentum, (int, float))
        if momentum < 0:
            raise ValueError(f"For 'Momentum', the argument 'momentum' must be at least 0.0, but got {momentum}")
        self.use_nesterov = check_type("Momentum", "use_nesterov", use_nesterov, bool)
        self.momentum = _scalar(momentum, "momentum")
        self.moments = self.states("moments")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients)
        rule = primitives["ApplyMomentum"](self.use_nesterov)
        for p, g, lr, v in zip(self.parameters, gradients, self.rates(), self.moments, strict=True):
            rule(p, v, lr, g, self.momentum)
        return done()
