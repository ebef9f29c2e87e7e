"""Adadelta, AdaMax, LazyAdam, Lamb: relatives of Adam and RMSProp."""
from __future__ import annotations

from typing import Any

from mycelium import ops
from mycelium.core.errors import check_type
from mycelium.nn.optim.adam import Adam, check_betas
from mycelium.nn.optim.base import Optimizer, _check_float, done
from mycelium.nn.optim.momentum import _scalar


class Adadelta(Optimizer):
    r"""a = r a + (1 - r) g^2, d = sqrt(u + eps) / sqrt(a + eps) g, u = r u + (1 - r) d^2, p = p - lr d (Zeiler 2012).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 1.0.
        rho: r above, in [0, 1]. Default: 0.9.
        epsilon: 0 or greater. Default: 1e-6.
        loss_scale: Default: 1.0.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Adadelta(net.trainable_params())

    MindSpore r1.8 `nn.Adadelta`.
    """

    def __init__(self, params: Any, learning_rate: Any = 1.0, rho: float = 0.9, epsilon: float = 1e-6,
                 loss_scale: float = 1.0, weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        self.rho = _check_float("Adadelta", "rho", rho)
        if rho > 1:
            raise ValueError(f"For 'Adadelta', the 'rho' must be in range of [0.0, 1.0], but got {rho}.")
        self.epsilon = _check_float("Adadelta", "epsilon", epsilon)
        self.accum = self.states("accum")
        self.accum_update = self.states("accum_update")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        gradients = self.prepare(gradients)
        rule = ops.ApplyAdadelta()
        for p, g, lr, a, u in zip(self.parameters, gradients, self.rates(), self.accum, self.accum_update, strict=True):
            rule(p, a, u, lr, self.rho, self.epsilon, g)
        return done()


class AdaMax(Optimizer):
    r"""m = b1 m + (1 - b1) g, v = max(b2 v, |g|), p = p - lr / (1 - b1^t) m / (v + eps) (Kingma and Ba 2015).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.001.
        beta1: In (0, 1). Default: 0.9.
        beta2: In (0, 1). Default: 0.999.
        eps: Greater than 0. Default: 1e-8.
        weight_decay: Default: 0.0.
        loss_scale: Default: 1.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.AdaMax(net.trainable_params())

    MindSpore r1.8 `nn.AdaMax`.
    """

    def __init__(self, params: Any, learning_rate: Any = 0.001, beta1: float = 0.9, beta2: float = 0.999,
                 eps: float = 1e-8, weight_decay: Any = 0.0, loss_scale: float = 1.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_betas("AdaMax", beta1, beta2, eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, float(eps)
        self.beta1_power = _scalar(1.0, "beta1_power", (1,))
        self.moment1 = self.states("moment1")
        self.moment2 = self.states("moment2")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        gradients = self.prepare(gradients)
        self.beta1_power = self.beta1_power * self.beta1
        rule = ops.ApplyAdaMax()
        for p, g, lr, m, v in zip(self.parameters, gradients, self.rates(), self.moment1, self.moment2, strict=True):
            rule(p, m, v, self.beta1_power, lr, self.beta1, self.beta2, self.eps, g)
        return done()


class LazyAdam(Adam):
    """Adam whose sparse gradients would move only their own rows; dense gradients are those of Adam.

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 1e-3.
        beta1: In (0, 1). Default: 0.9.
        beta2: In (0, 1). Default: 0.999.
        eps: Greater than 0. Default: 1e-8.
        use_locking: Accepted for compatibility.
        use_nesterov: Take m one step ahead. Default: False.
        weight_decay: Default: 0.0.
        loss_scale: Default: 1.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.LazyAdam(net.trainable_params())

    MindSpore r1.8 `nn.LazyAdam`.
    """

    _has_vhat = False


class Lamb(Optimizer):
    r"""Layer-wise adaptive moments (You et al. 2020): u = mhat / (sqrt(vhat) + eps) + w p, p = p - lr |p| / |u| u.

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it.
        beta1: In (0, 1). Default: 0.9.
        beta2: In (0, 1). Default: 0.999.
        eps: Greater than 0. Default: 1e-6.
        weight_decay: w above. Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Lamb(net.trainable_params(), learning_rate=0.1)

    MindSpore r1.8 `nn.Lamb`, with the trust ratio of the paper's first version (no clipping).
    """

    def __init__(self, params: Any, learning_rate: Any, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-6,
                 weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay)
        check_betas("Lamb", beta1, beta2, eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, float(eps)
        self.moments1 = self.states("lamb_m")
        self.moments2 = self.states("lamb_v")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        gradients = self.prepare(gradients, decay=False)
        rates, decays = self.rates(), self.parameter_decays()
        if not (self.dynamic_lr or self.dynamic_weight_decay):
            self.global_step = self.global_step + 1
        step = ops.cast(self.global_step, self.parameters[0].dtype).reshape(())
        fix1, fix2 = 1.0 - ops.pow(self.beta1, step), 1.0 - ops.pow(self.beta2, step)
        for p, g, lr, m, v, w in zip(self.parameters, gradients, rates, self.moments1, self.moments2, decays,
                                     strict=True):
            ops.assign(m, m * self.beta1 + g * (1 - self.beta1))
            ops.assign(v, v * self.beta2 + g * g * (1 - self.beta2))
            update = (m / fix1) / (ops.sqrt(v / fix2) + self.eps) + p * w
            size, length = ops.sqrt((p * p).sum()), ops.sqrt((update * update).sum())
            one = ops.ones_like(size)
            ratio = ops.select(ops.logical_and(size > 0, length > 0), size / ops.maximum(length, 1e-38), one)
            ops.assign(p, ops.cast(p - update * (ratio * lr), p.dtype))
        return done()


class Rprop(Optimizer):
    r"""Resilient propagation (Riedmiller and Braun 1993): each element steps by its own size against the gradient.

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: Where step sizes start. Default: 0.1.
        etas: Factors of the step size when the sign changes and when it stays. Default: (0.5, 1.2).
        step_sizes: Limits of the step size. Default: (1e-6, 50.0).
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Rprop(net.trainable_params())

    MindSpore r1.8 `nn.Rprop`.
    """

    def __init__(self, params: Any, learning_rate: Any = 0.1, etas: tuple[float, float] = (0.5, 1.2),
                 step_sizes: tuple[float, float] = (1e-6, 50.0), weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay)
        for name, value in (("etas", etas), ("step_sizes", step_sizes)):
            check_type("Rprop", name, value, (tuple, list))
            if len(value) != 2:
                raise ValueError(f"For 'Rprop', '{name}' should have two values, but got {value}.")
        if step_sizes[0] > step_sizes[1]:
            raise ValueError(f"For 'Rprop', the maximum of 'step_sizes' should be greater than the minimum, but got "
                             f"{step_sizes}.")
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"For 'Rprop', 'etas' should be in (0, 1) and greater than 1, but got {etas}.")
        self.etas, self.step_sizes = tuple(etas), tuple(step_sizes)
        self.prev = self.states("prev")
        self.step_size = self.states("step_size")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        gradients = self.prepare(gradients)
        rates = self.rates()
        if not (self.dynamic_lr or self.dynamic_weight_decay):
            self.global_step = self.global_step + 1
        first = (self.global_step == 1).reshape(())
        for p, g, lr, previous, size in zip(self.parameters, gradients, rates, self.prev, self.step_size, strict=True):
            start = ops.ones_like(size) * lr
            now = ops.select(ops.logical_and(first, ops.ones_like(size) > 0), start, size * 1.0)
            sign = ops.Sign()(g * previous)
            grows, shrinks = (sign > 0).astype(g.dtype), (sign < 0).astype(g.dtype)
            factor = 1.0 + grows * (self.etas[1] - 1) + shrinks * (self.etas[0] - 1)
            now = ops.clip_by_value(now * factor, self.step_sizes[0], self.step_sizes[1])
            kept = g * (sign >= 0).astype(g.dtype)
            ops.assign(p, p - ops.Sign()(kept) * now)
            ops.assign(previous, kept)
            ops.assign(size, now)
        return done()


class ASGD(Optimizer):
    r"""Averaged gradient descent (Polyak and Juditsky 1992).

    p = p (1 - l e) - e g, e = lr / (1 + l lr t)^a, and the average ax moves by (p - ax) / max(1, t - t0).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 0.1.
        lambd: l above. Default: 1e-4.
        alpha: a above. Default: 0.75.
        t0: When averaging begins. Default: 1e6.
        weight_decay: Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.ASGD(net.trainable_params())

    MindSpore r1.8 `nn.ASGD`.
    """

    def __init__(self, params: Any, learning_rate: Any = 0.1, lambd: float = 1e-4, alpha: float = 0.75, t0: float = 1e6,
                 weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay)
        self.lambd = _check_float("ASGD", "lambd", lambd)
        self.alpha, self.t0 = float(alpha), float(t0)
        self.mu = [_scalar(1.0, "mu_" + p.name) for p in self.parameters]
        self.eta = [_scalar(0.0, "eta_" + p.name) for p in self.parameters]
        for scalar in (*self.mu, *self.eta):
            self.insert_param_to_cell(scalar.name, scalar, False)
        self.ax = self.states("ax_")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a true scalar."""
        gradients = self.prepare(gradients)
        rates = self.rates()
        if not (self.dynamic_lr or self.dynamic_weight_decay):
            self.global_step = self.global_step + 1
        step = ops.cast(self.global_step, rates[0].dtype).reshape(())
        for p, g, lr, mu, eta, ax in zip(self.parameters, gradients, rates, self.mu, self.eta, self.ax, strict=True):
            rate = ops.select(step == 1, lr * 1.0, eta * 1.0)
            ops.assign(p, p * (1.0 - rate * self.lambd) - g * rate)
            ops.assign(ax, ax + (p - ax) * mu)
            ops.assign(eta, lr / ops.pow(1.0 + self.lambd * lr * step, self.alpha))
            ops.assign(mu, 1.0 / ops.maximum(step - self.t0, 1.0))
        return done()
