"""FTRL and ProximalAdagrad: rules that pull Parameters to zero by L1 and L2 penalties of their own."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_type
from mycelium.nn.optim.base import Optimizer, _check_float, done


class FTRL(Optimizer):
    r"""Follow the regularized leader (McMahan et al. 2013).

    Args:
        params: Parameters or groups without learning rates of their own.
        initial_accum: Where the sum of squares starts; 0 or greater. Default: 0.1.
        learning_rate: float. Default: 0.001.
        lr_power: 0 or less. Default: -0.5.
        l1: L1 penalty. Default: 0.0.
        l2: L2 penalty. Default: 0.0.
        use_locking: Accepted for compatibility.
        loss_scale: Default: 1.0.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.FTRL(net.trainable_params())

    MindSpore r1.8 `nn.FTRL`.
    """

    def __init__(self, params: Any, initial_accum: float = 0.1, learning_rate: float = 0.001, lr_power: float = -0.5,
                 l1: float = 0.0, l2: float = 0.0, use_locking: bool = False, loss_scale: float = 1.0,
                 weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        if self.dynamic_lr or self.is_group_lr:
            raise ValueError("For 'FTRL', dynamic learning rate and group learning rates are not supported.")
        _check_float("FTRL", "initial_accum", initial_accum)
        self.l1, self.l2 = _check_float("FTRL", "l1", l1), _check_float("FTRL", "l2", l2)
        check_type("FTRL", "lr_power", lr_power, (int, float))
        if lr_power > 0:
            raise ValueError(f"For 'FTRL', the 'lr_power' must be at most 0.0, but got {lr_power}.")
        self.lr_power = float(lr_power)
        self.moments = self.states("moments", float(initial_accum))
        self.linear = self.states("linear")

    def construct(self, grads: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        grads = self.prepare(grads)
        rule = ops.ApplyFtrl()
        for p, g, lr, a, linear in zip(self.parameters, grads, self.rates(), self.moments, self.linear, strict=True):
            rule(p, a, linear, g, lr, self.l1, self.l2, self.lr_power)
        return done()


class ProximalAdagrad(Optimizer):
    r"""Adagrad with a proximal step for L1 and L2 penalties (Duchi and Singer 2009).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        accum: Where the sum of squares starts; 0 or greater. Default: 0.1.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.001.
        l1: L1 penalty. Default: 0.0.
        l2: L2 penalty. Default: 0.0.
        use_locking: Accepted for compatibility.
        loss_scale: Default: 1.0.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.ProximalAdagrad(net.trainable_params())

    MindSpore r1.8 `nn.ProximalAdagrad`.
    """

    def __init__(self, params: Any, accum: float = 0.1, learning_rate: Any = 0.001, l1: float = 0.0, l2: float = 0.0,
                 use_locking: bool = False, loss_scale: float = 1.0, weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        _check_float("ProximalAdagrad", "accum", accum)
        self.l1, self.l2 = _check_float("ProximalAdagrad", "l1", l1), _check_float("ProximalAdagrad", "l2", l2)
        self.accum = self.states("accum", float(accum))

    def construct(self, grads: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        grads = self.prepare(grads)
        rule = ops.ApplyProximalAdagrad()
        for p, g, lr, a in zip(self.parameters, grads, self.rates(), self.accum, strict=True):
            rule(p, a, lr, self.l1, self.l2, g)
        return done()
