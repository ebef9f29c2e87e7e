"""RMSProp and Adagrad: learning rates divided by running sizes of the gradients."""
from __future__ import annotations

from typing import Any

from mycelium.core.errors import check_type
from mycelium.nn.optim.base import Optimizer, _check_float, done
from mycelium.ops.registry import primitives


class RMSProp(Optimizer):
    r"""Root mean square propagation (Hinton, lecture 6e; centered: Graves 2013).

    s = d s + (1 - d) g^2, m = u m + lr g / sqrt(s + eps), p = p - m; centered also keeps the mean gradient a and
    divides by sqrt(s - a^2 + eps). eps is inside the root.

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.1.
        decay: d above. Default: 0.9.
        momentum: u above. Default: 0.0.
        epsilon: Greater than 0. Default: 1e-10.
        use_locking: Accepted for compatibility.
        centered: Default: False.
        loss_scale: Default: 1.0.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.RMSProp(net.trainable_params(), learning_rate=0.01)

    MindSpore r1.8 `nn.RMSProp`.
    """

    def __init__(self, params: Any, learning_rate: Any = 0.1, decay: float = 0.9, momentum: float = 0.0,
                 epsilon: float = 1e-10, use_locking: bool = False, centered: bool = False, loss_scale: float = 1.0,
                 weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        self.decay = _check_float("RMSProp", "decay", decay)
        self.momentum = _check_float("RMSProp", "momentum", momentum)
        self.epsilon = _check_float("RMSProp", "epsilon", epsilon, above=True)
        check_type("RMSProp", "use_locking", use_locking, bool)
        self.centered = check_type("RMSProp", "centered", centered, bool)
        if centered:
            self.mg = self.states("mean_grad")
        self.ms = self.states("mean_square", "ones")
        self.moment = self.states("moment")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients)
        rates = self.rates()
        if self.centered:
            rule = primitives["ApplyCenteredRMSProp"]()
            for p, g, lr, a, s, m in zip(self.parameters, gradients, rates, self.mg, self.ms, self.moment, strict=True):
                rule(p, a, s, m, g, lr, self.decay, self.momentum, self.epsilon)
        else:
            rule = primitives["ApplyRMSProp"]()
            for p, g, lr, s, m in zip(self.parameters, gradients, rates, self.ms, self.moment, strict=True):
                rule(p, s, m, lr, g, self.decay, self.momentum, self.epsilon)
        return done()


class Adagrad(Optimizer):
    r"""Adaptive subgradients (Duchi et al. 2011): a = a + g^2, p = p - lr g / sqrt(a).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        accum: Where a starts; 0 or greater. Default: 0.1.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.001.
        update_slots: Whether a grows. Default: True.
        loss_scale: Default: 1.0.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Adagrad(net.trainable_params(), learning_rate=0.01)

    MindSpore r1.8 `nn.Adagrad`.
    """

    def __init__(self, params: Any, accum: float = 0.1, learning_rate: Any = 0.001, update_slots: bool = True,
                 loss_scale: float = 1.0, weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        _check_float("Adagrad", "accum", accum)
        self.update_slots = check_type("Adagrad", "update_slots", update_slots, bool)
        self.accum = self.states("accum", float(accum))

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients)
        rule = primitives["ApplyAdagrad"](self.update_slots)
        for p, g, lr, a in zip(self.parameters, gradients, self.rates(), self.accum, strict=True):
            rule(p, a, lr, g)
        return done()
