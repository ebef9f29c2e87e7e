"""Adam and Adam with decoupled weight decay."""
from __future__ import annotations

from typing import Any

from mycelium.core.errors import check_type
from mycelium.nn.optim.base import Optimizer, done
from mycelium.nn.optim.momentum import _scalar
from mycelium.ops.registry import primitives


def check_betas(owner: str, beta1: float, beta2: float, eps: float) -> None:
    """Raises when a decay rate is outside (0, 1) or eps is not positive."""
    for name, value in (("beta1", beta1), ("beta2", beta2)):
        check_type(owner, name, value, float)
        if not 0.0 < value < 1.0:
            raise ValueError(f"For '{owner}', the '{name}' must be in range of (0.0, 1.0), but got {value} with type "
                             "'float'.")
    check_type(owner, "eps", eps, (int, float))
    if eps <= 0:
        raise ValueError(f"For '{owner}', the 'eps' must be float and must > 0, but got '{eps}' with type 'float'.")


class Adam(Optimizer):
    r"""Adaptive moment estimation (Kingma and Ba 2015).

    m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p - lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps): eps is
    added to the root before its bias is corrected ("epsilon hat" of the paper).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 1e-3.
        beta1: In (0, 1). Default: 0.9.
        beta2: In (0, 1). Default: 0.999.
        eps: Greater than 0. Default: 1e-8.
        use_locking: Accepted for compatibility.
        use_nesterov: Take m one step ahead. Default: False.
        weight_decay: L2 penalty added to the gradients. Default: 0.0.
        loss_scale: Default: 1.0.

    Raises:
        ValueError: A value out of range.
        TypeError: A wrong type.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.Adam(net.trainable_params(), learning_rate=1e-3)

    MindSpore r1.8 `nn.Adam`.
    """

    _has_vhat = True        # r1.8 keeps a Parameter for AMSGrad in checkpoints

    def __init__(self, params: Any, learning_rate: Any = 1e-3, beta1: float = 0.9, beta2: float = 0.999,
                 eps: float = 1e-8, use_locking: bool = False, use_nesterov: bool = False, weight_decay: Any = 0.0,
                 loss_scale: float = 1.0):
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_betas("Adam", beta1, beta2, eps)
        self.use_locking = check_type("Adam", "use_locking", use_locking, bool)
        self.use_nesterov = check_type("Adam", "use_nesterov", use_nesterov, bool)
        self.beta1, self.beta2, self.eps = beta1, beta2, float(eps)
        self.beta1_power = _scalar(1.0, "beta1_power", (1,))
        self.beta2_power = _scalar(1.0, "beta2_power", (1,))
        self.moment1 = self.states("moment1")
        self.moment2 = self.states("moment2")
        if self._has_vhat:
            self.vhat = self.states("vhat")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients)
        self.beta1_power = self.beta1_power * self.beta1
        self.beta2_power = self.beta2_power * self.beta2
        rule = primitives["Adam"](False, self.use_nesterov)
        for p, g, lr, m, v in zip(self.parameters, gradients, self.rates(), self.moment1, self.moment2, strict=True):
            rule(p, m, v, self.beta1_power, self.beta2_power, lr, self.beta1, self.beta2, self.eps, g)
        return done()


class AdamWeightDecay(Optimizer):
    r"""Adam with decoupled weight decay and without bias correction, as used for BERT.

    m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p = p - lr (m / (sqrt(v) + eps) + w p).

    Args:
        params: Parameters or groups, as `nn.Optimizer` takes them.
        learning_rate: As `nn.Optimizer` takes it. Default: 1e-3.
        beta1: In (0, 1). Default: 0.9.
        beta2: In (0, 1). Default: 0.999.
        eps: Greater than 0. Default: 1e-6.
        weight_decay: w above. Default: 0.0.

    Examples:
        >>> net = nn.Dense(2, 1)
        >>> optimizer = nn.AdamWeightDecay(net.trainable_params(), weight_decay=0.01)

    MindSpore r1.8 `nn.AdamWeightDecay`.
    """

    def __init__(self, params: Any, learning_rate: Any = 1e-3, beta1: float = 0.9, beta2: float = 0.999,
                 eps: float = 1e-6, weight_decay: Any = 0.0):
        super().__init__(learning_rate, params, weight_decay)
        check_betas("AdamWeightDecay", beta1, beta2, eps)
        self.beta1, self.beta2, self.eps = beta1, beta2, float(eps)
        self.moments1 = self.states("adam_m")
        self.moments2 = self.states("adam_v")

    def construct(self, gradients: tuple) -> Any:
        """Updates the Parameters; returns a tuple of True."""
        gradients = self.prepare(gradients, decay=False)
        decays = self.parameter_decays()
        rule = primitives["AdamWeightDecay"]()
        for p, g, lr, m, v, w in zip(self.parameters, gradients, self.rates(), self.moments1, self.moments2, decays,
                                     strict=True):
            rule(p, m, v, lr, self.beta1, self.beta2, self.eps, w, g)
        return done()
