"""Update rules of optimizers that follow the gradient or its moments. They write their Parameters in place."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.checks import floats
from mycelium.ops.op import op


def state(owner: str, **arrays: Any) -> tuple:
    """Parameters and the gradient as arrays, all of the shape of the first one."""
    found = floats(owner, **arrays)
    for name, a in zip(arrays, found, strict=True):
        if a.shape != found[0].shape:
            raise ValueError(f"For '{owner}', '{name}' should have the shape of the Parameter, {found[0].shape}, but "
                             f"got {a.shape}.")
    return found


def like(new: Any, old: Any) -> Any:
    """The new value in the dtype of the Parameter it goes into."""
    return new.astype(old.dtype)


@op("ApplyMomentum", function=None, writes=("variable", "accumulation"))
def apply_momentum(variable: Array, accumulation: Array, learning_rate: Array, gradient: Array, momentum: Array, *,
                   use_nesterov: bool = False, use_locking: bool = False, gradient_scale: float = 1.0) -> Array:
    """Momentum: accumulation = momentum * accumulation + g; variable -= lr * accumulation.

    Args:
        variable, accumulation: Parameters of one shape, float; written.
        learning_rate: Number or Tensor of shape ().
        gradient: Tensor of that shape.
        momentum: Number or Tensor of shape ().
        use_nesterov: variable -= lr * (g + momentum * accumulation). (MindSpore's CPU kernel ignores it.)
        use_locking: Accepted for compatibility.
        gradient_scale: g is the gradient times this.

    Returns:
        The new value of `variable`.

    Raises:
        ValueError: Different shapes.

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.ApplyMomentum()(w, a, 0.5, Tensor([1.0]), 0.9), w.asnumpy())
        [0.5] [0.5]

    MindSpore r1.8 `ops.ApplyMomentum`.
    """
    var, accum, g = state("ApplyMomentum", variable=variable, accumulation=accumulation, gradient=gradient)
    g = g * gradient_scale
    accum = like(accum * momentum + g, accum)
    new = like(var - learning_rate * (g + momentum * accum if use_nesterov else accum), var)
    return new, accum, new


def _check_sgd(owner: str, *, dampening: float, nesterov: bool, **rest: Any) -> None:
    if nesterov and dampening:
        raise ValueError(f"For '{owner}', 'dampening' should be 0 with 'nesterov', but got {dampening}.")


@op("SGD", function=None, writes=("parameters", "accum", "stat"), validate=_check_sgd)
def sgd(parameters: Array, gradient: Array, learning_rate: Array, accum: Array, momentum: Array, stat: Array, *,
        dampening: float = 0.0, weight_decay: float = 0.0, nesterov: bool = False) -> Array:
    """Stochastic gradient descent: accum = momentum * accum + (1 - dampening) * g; parameters -= lr * accum.

    g is gradient + weight_decay * parameters. Where `stat` is positive (the first step) accum is g,
    and `stat` becomes 0.

    Args:
        parameters, accum, stat: Parameters of one shape, float; written.
        gradient: Tensor of that shape.
        learning_rate, momentum: Numbers or Tensors of shape ().
        dampening: What g is weighed down by; 0 with `nesterov`.
        weight_decay: L2 penalty.
        nesterov: parameters -= lr * (g + momentum * accum).

    Returns:
        The new value of `parameters`.

    Raises:
        ValueError: `nesterov` with `dampening`, or different shapes.

    Examples:
        >>> w, a, s = (ms.Parameter(Tensor([v]), name=n) for n, v in (("w", 1.0), ("a", 0.0), ("s", 1.0)))
        >>> print(ops.SGD()(w, Tensor([1.0]), 0.25, a, 0.9, s), a.asnumpy(), s.asnumpy())
        [0.75] [1.] [0.]

    MindSpore r1.8 `ops.SGD`.
    """
    var, accum, stat, g = state("SGD", parameters=parameters, accum=accum, stat=stat, gradient=gradient)
    g = g + weight_decay * var
    first = stat > 0
    moved = like(jnp.where(first, g, momentum * accum + (1 - dampening) * g), accum)
    used = jnp.asarray(momentum) > 0        # without momentum accum and stat stay as they are
    step = jnp.where(used, g + momentum * moved if nesterov else moved, g)
    new = like(var - learning_rate * step, var)
    return new, jnp.where(used, moved, accum), jnp.where(first & used, 0, stat), new


def _moments(m: Any, v: Any, g: Any, beta1: Any, beta2: Any) -> tuple[Any, Any]:
    """The moving means of the gradient and of its square; 1 - beta in the Parameter's precision, as recorded."""
    beta1, beta2 = jnp.asarray(beta1, m.dtype), jnp.asarray(beta2, v.dtype)
    return like(beta1 * m + (1 - beta1) * g, m), like(beta2 * v + (1 - beta2) * g * g, v)


def _adam_step(m: Any, v: Any, g: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, epsilon: Any,
               nesterov: bool) -> Any:
    """What Adam takes off the Parameter."""
    rate = lr * jnp.sqrt(1 - beta2_power) / (1 - beta1_power)
    return rate * (beta1 * m + (1 - beta1) * g if nesterov else m) / (jnp.sqrt(v) + epsilon)


@op("Adam", function=None, writes=("var", "m", "v"))
def adam(var: Array, m: Array, v: Array, beta1_power: Array, beta2_power: Array, lr: Array, beta1: Array, beta2: Array,
         epsilon: Array, gradient: Array, *, use_locking: bool = False, use_nesterov: bool = False) -> tuple:
    """Adam: var -= lr sqrt(1 - beta2_power) / (1 - beta1_power) * m / (sqrt(v) + epsilon), after m and v have moved.

    Args:
        var, m, v: Parameters of one shape, float; written.
        beta1_power, beta2_power: beta1 and beta2 to the power of the step (1 for the first): numbers or Tensors.
        lr: Learning rate, number or Tensor of shape ().
        beta1, beta2: How much of m and v stays: m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2.
        epsilon: Added to the uncorrected sqrt(v): the paper's "epsilon hat".
        gradient: Tensor of that shape.
        use_locking: Accepted for compatibility.
        use_nesterov: Take beta1 m + (1 - beta1) g in place of m.

    Returns:
        The new (var, m, v).

    Raises:
        ValueError: Different shapes.

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([x]), name=n) for n, x in (("w", 1.0), ("m", 0.0), ("v", 0.0)))
        >>> print(ops.Adam()(w, m, v, 0.9, 0.999, 0.1, 0.9, 0.999, 1e-8, Tensor([3.0]))[0])
        [0.9]

    Kingma and Ba, Adam, section 2. MindSpore r1.8 `ops.Adam`.
    """
    var, m, v, g = state("Adam", var=var, m=m, v=v, gradient=gradient)
    m, v = _moments(m, v, g, beta1, beta2)
    step = _adam_step(m, v, g, beta1_power, beta2_power, lr, beta1, epsilon, use_nesterov)
    return like(var - step, var), m, v


@op("AdamNoUpdateParam", function=None, writes=("m", "v"))
def adam_no_update_param(m: Array, v: Array, beta1_power: Array, beta2_power: Array, lr: Array, beta1: Array,
                         beta2: Array, epsilon: Array, gradient: Array, *, use_locking: bool = False,
                         use_nesterov: bool = False) -> Array:
    """The change that Adam makes to a Parameter, see `ops.Adam`.

    Args:
        m, v: Parameters of one shape, float; written.
        beta1_power, beta2_power, lr, beta1, beta2, epsilon: Numbers or Tensors of shape ().
        gradient: Tensor of that shape.
        use_locking: Accepted for compatibility.
        use_nesterov: As in `ops.Adam`.

    Returns:
        Tensor of that shape: the change.

    Examples:
        >>> m, v = ms.Parameter(Tensor([0.0]), name="m"), ms.Parameter(Tensor([0.0]), name="v")
        >>> print(ops.AdamNoUpdateParam()(m, v, 0.9, 0.999, 0.1, 0.9, 0.999, 1e-8, Tensor([3.0])))
        [-0.1]

    MindSpore r1.8 `ops.AdamNoUpdateParam`.
    """
    m, v, g = state("AdamNoUpdateParam", m=m, v=v, gradient=gradient)
    m, v = _moments(m, v, g, beta1, beta2)
    return m, v, like(-_adam_step(m, v, g, beta1_power, beta2_power, lr, beta1, epsilon, use_nesterov), m)


@op("AdamWeightDecay", function=None, writes=("var", "m", "v"))
def adam_weight_decay(var: Array, m: Array, v: Array, lr: Array, beta1: Array, beta2: Array, epsilon: Array,
                      decay: Array, gradient: Array, *, use_locking: bool = False) -> tuple:
    """Adam with weight decay and without bias correction: var -= lr (m / (sqrt(v) + epsilon) + decay var).

    Args:
        var, m, v: Parameters of one shape, float; written.
        lr: Learning rate, number or Tensor of shape ().
        beta1, beta2: How much of m and v stays.
        epsilon: Added to sqrt(v).
        decay: Weight decay.
        gradient: Tensor of that shape.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, m, v).

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([1.0]), name=n) for n in "wmv")
        >>> print(ops.AdamWeightDecay()(w, m, v, 0.001, 0.9, 0.999, 1e-8, 0.0, Tensor([1.0]))[0])
        [0.999]

    Loshchilov and Hutter, Decoupled Weight Decay Regularization. MindSpore r1.8 `ops.AdamWeightDecay`.
    """
    var, m, v, g = state("AdamWeightDecay", var=var, m=m, v=v, gradient=gradient)
    m, v = _moments(m, v, g, beta1, beta2)
    return like(var - lr * (m / (jnp.sqrt(v) + epsilon) + decay * var), var), m, v


@op("FusedCastAdamWeightDecay", function=None, writes=("var", "m", "v"))
def fused_cast_adam_weight_decay(var: Array, m: Array, v: Array, lr: Array, beta1: Array, beta2: Array, epsilon: Array,
                                 decay: Array, gradient: Array, norm: Array, *, use_locking: bool = False) -> tuple:
    """`ops.AdamWeightDecay` for float16 Parameters with float32 moments, of the gradient divided by `norm`.

    Args:
        var: Parameter, float16; written.
        m, v: Parameters of its shape, float32; written.
        lr, beta1, beta2, epsilon, decay: As in `ops.AdamWeightDecay`.
        gradient: Tensor of that shape.
        norm: Number or Tensor of shape ().
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, m, v).

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([1.0]), name=n) for n in "wmv")
        >>> print(ops.FusedCastAdamWeightDecay()(w, m, v, 0.001, 0.9, 0.999, 1e-8, 0.0, Tensor([2.0]), 2.0)[0])
        [0.999]

    MindSpore r1.8 `ops.FusedCastAdamWeightDecay`.
    """
    var, m, v, g = state("FusedCastAdamWeightDecay", var=var, m=m, v=v, gradient=gradient)
    new, m, v = adam_weight_decay.pure(var.astype(m.dtype), m, v, lr, beta1, beta2, epsilon, decay,
                                       g.astype(m.dtype) / norm)
    return like(new, var), m, v


@op("ApplyAdamWithAmsgrad", function=None, writes=("var", "m", "v", "vhat"))
def apply_adam_with_amsgrad(var: Array, m: Array, v: Array, vhat: Array, beta1_power: Array, beta2_power: Array,
                            lr: Array, grad: Array, *, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
                            use_locking: bool = False) -> tuple:
    """Adam with the largest v so far in place of v.

    Args:
        var, m, v, vhat: Parameters of one shape, float; written.
        beta1_power, beta2_power, lr: As in `ops.Adam`.
        grad: Tensor of that shape.
        beta1, beta2, epsilon: As in `ops.Adam`.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, m, v, vhat).

    Examples:
        >>> w, m, v, vhat = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("wmvh", (1.0, 0.0, 0.0, 0.0)))
        >>> print(ops.ApplyAdamWithAmsgrad()(w, m, v, vhat, 0.9, 0.999, 0.1, Tensor([3.0]))[0])
        [0.9]

    Reddi et al., On the Convergence of Adam and Beyond. MindSpore r1.8 `ops.ApplyAdamWithAmsgrad`.
    """
    var, m, v, vhat, g = state("ApplyAdamWithAmsgrad", var=var, m=m, v=v, vhat=vhat, grad=grad)
    m, v = _moments(m, v, g, beta1, beta2)
    vhat = jnp.maximum(vhat, v)
    return like(var - _adam_step(m, vhat, g, beta1_power, beta2_power, lr, beta1, epsilon, False), var), m, v, vhat


@op("ApplyAdaMax", function=None, writes=("var", "m", "v"))
def apply_ada_max(var: Array, m: Array, v: Array, beta1_power: Array, lr: Array, beta1: Array, beta2: Array,
                  epsilon: Array, grad: Array) -> tuple:
    """Adam with the infinity norm: v = max(beta2 v, |g|); var -= lr / (1 - beta1_power) * m / (v + epsilon).

    Args:
        var, m, v: Parameters of one shape, float; written.
        beta1_power, lr, beta1, beta2, epsilon: Numbers or Tensors of shape ().
        grad: Tensor of that shape.

    Returns:
        The new (var, m, v).

    Examples:
        >>> w, m, v = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("wmv", (1.0, 0.0, 0.0)))
        >>> print(ops.ApplyAdaMax()(w, m, v, 0.9, 0.1, 0.9, 0.999, 1e-8, Tensor([3.0]))[0])
        [0.9]

    Kingma and Ba, Adam, section 7.1. MindSpore r1.8 `ops.ApplyAdaMax`.
    """
    var, m, v, g = state("ApplyAdaMax", var=var, m=m, v=v, grad=grad)
    m, v = like(beta1 * m + (1 - beta1) * g, m), like(jnp.maximum(beta2 * v, jnp.abs(g)), v)
    return like(var - lr / (1 - beta1_power) * m / (v + epsilon), var), m, v


@op("ApplyKerasMomentum", function=None, writes=("var", "accum"))
def apply_keras_momentum(var: Array, accum: Array, lr: Array, grad: Array, momentum: Array, *,
                         use_locking: bool = False,
                         use_nesterov: bool = False) -> tuple:
    """Momentum as Keras has it: accum = momentum * accum - lr * grad; var += accum.

    Args:
        var, accum: Parameters of one shape, float; written.
        lr: Number or Tensor of shape ().
        grad: Tensor of that shape.
        momentum: Number or Tensor of shape ().
        use_locking: Accepted for compatibility.
        use_nesterov: var += momentum * accum - lr * grad.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.ApplyKerasMomentum()(w, a, 0.5, Tensor([1.0]), 0.9))
        (Tensor(shape=[1], dtype=Float32, value= [ 5.00000000e-01]),
         Tensor(shape=[1], dtype=Float32, value= [-5.00000000e-01]))

    MindSpore r1.8 `ops.ApplyKerasMomentum`.
    """
    var, accum, g = state("ApplyKerasMomentum", var=var, accum=accum, grad=grad)
    accum = like(accum * momentum - g * lr, accum)
    return like(var + (accum * momentum - g * lr if use_nesterov else accum), var), accum


@op("FusedWeightScaleApplyMomentum", function=None, writes=("variable", "accumulation"))
def fused_weight_scale_apply_momentum(weight_decay: Array, loss_scale: Array, variable: Array, accumulation: Array,
                                      learning_rate: Array, gradient: Array, momentum: Array) -> Array:
    """Momentum of gradient * loss_scale + weight_decay * variable, see `ops.ApplyMomentum`.

    Args:
        weight_decay, loss_scale: Numbers or Tensors of shape ().
        variable, accumulation: Parameters of one shape, float; written.
        learning_rate, momentum: Numbers or Tensors of shape ().
        gradient: Tensor of that shape.

    Returns:
        The new value of `variable`.

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.FusedWeightScaleApplyMomentum()(1.0, 1.0, w, a, 0.25, Tensor([1.0]), 0.9))
        [0.5]

    MindSpore r1.8 `ops.FusedWeightScaleApplyMomentum`.
    """
    var, accum, g = state("FusedWeightScaleApplyMomentum", variable=variable, accumulation=accumulation,
                          gradient=gradient)
    return apply_momentum.pure(var, accum, learning_rate, g * loss_scale + weight_decay * var, momentum)


@op("ApplyGradientDescent", function=None, writes=("var",))
def apply_gradient_descent(var: Array, alpha: Array, delta: Array) -> Array:
    """Gradient descent: var -= alpha * delta.

    Args:
        var: Parameter, float; written.
        alpha: Number or Tensor of shape ().
        delta: Tensor of the shape of `var`.

    Returns:
        The new value of `var`.

    Examples:
        >>> w = ms.Parameter(Tensor([1.0]), name="w")
        >>> print(ops.ApplyGradientDescent()(w, 0.25, Tensor([1.0])))
        [0.75]

    MindSpore r1.8 `ops.ApplyGradientDescent`.
    """
    var, delta = state("ApplyGradientDescent", var=var, delta=delta)
    return like(var - alpha * delta, var)


def _sign_update(owner: str, var: Any, m: Any, grad: Any, lr: Any, beta: Any, factor: Any) -> tuple:
    var, m, g = state(owner, var=var, m=m, grad=grad)
    m = like(beta * m + (1 - beta) * g, m)
    return like(var - lr * factor(jnp.sign(g) * jnp.sign(m)) * g, var), m


@op("ApplyPowerSign", function=None, writes=("var", "m"))
def apply_power_sign(var: Array, m: Array, lr: Array, logbase: Array, sign_decay: Array, beta: Array,
                     grad: Array) -> tuple:
    """PowerSign: m = beta m + (1 - beta) g; var -= lr exp(logbase sign_decay sign(g) sign(m)) g.

    Args:
        var, m: Parameters of one shape, float; written.
        lr, logbase, sign_decay, beta: Numbers or Tensors of shape ().
        grad: Tensor g of that shape.

    Returns:
        The new (var, m).

    Examples:
        >>> w, m = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="m")
        >>> print(ops.ApplyPowerSign()(w, m, 0.5, 0.0, 1.0, 0.9, Tensor([1.0]))[0])
        [0.5]

    Bello et al., Neural Optimizer Search with Reinforcement Learning. MindSpore r1.8 `ops.ApplyPowerSign`.
    """
    return _sign_update("ApplyPowerSign", var, m, grad, lr, beta, lambda sign: jnp.exp(logbase * sign_decay * sign))


@op("ApplyAddSign", function=None, writes=("var", "m"))
def apply_add_sign(var: Array, m: Array, lr: Array, alpha: Array, sign_decay: Array, beta: Array, grad: Array) -> tuple:
    """AddSign: m = beta m + (1 - beta) g; var -= lr (alpha + sign_decay sign(g) sign(m)) g.

    Args:
        var, m: Parameters of one shape, float; written.
        lr, alpha, sign_decay, beta: Numbers or Tensors of shape ().
        grad: Tensor g of that shape.

    Returns:
        The new (var, m).

    Examples:
        >>> w, m = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="m")
        >>> print(ops.ApplyAddSign()(w, m, 0.25, 1.0, 1.0, 0.9, Tensor([1.0]))[0])
        [0.5]

    Bello et al., Neural Optimizer Search with Reinforcement Learning. MindSpore r1.8 `ops.ApplyAddSign`.
    """
    return _sign_update("ApplyAddSign", var, m, grad, lr, beta, lambda sign: alpha + sign_decay * sign)


@op("LARSUpdate", function=None)
def lars_update(weight: Array, gradient: Array, norm_weight: Array, norm_gradient: Array, weight_decay: Array,
                learning_rate: Array, *, epsilon: float = 1e-5, hyperpara: float = 0.001,
                use_clip: bool = False) -> Array:
    """Layer-wise rate scaling: r (g + weight_decay w), r = hyperpara |w| / (|g| + weight_decay |w| + e).

    Args:
        weight: Tensor w, float.
        gradient: Tensor g of its shape.
        norm_weight, norm_gradient: Sums of squares of the two, Tensors of shape ().
        weight_decay, learning_rate: Numbers or Tensors of shape ().
        epsilon: e, keeps the divisor from 0.
        hyperpara: The trust coefficient.
        use_clip: Take min(rate / learning_rate, 1) in place of r = rate.

    Returns:
        Tensor like `gradient`.

    Examples:
        >>> print(ops.LARSUpdate(epsilon=0.0)(Tensor([3.0]), Tensor([1.0]), Tensor(9.0), Tensor(1.0), 0.0, 1.0))
        [0.003]

    You et al., Large Batch Training of Convolutional Networks. MindSpore r1.8 `ops.LARSUpdate`.
    """
    weight, g = state("LARSUpdate", weight=weight, gradient=gradient)
    w_norm, g_norm = jnp.sqrt(norm_weight), jnp.sqrt(norm_gradient)
    rate = hyperpara * w_norm / (g_norm + weight_decay * w_norm + epsilon)
    rate = jnp.where((w_norm > 0) & (g_norm > 0), jnp.minimum(rate / learning_rate, 1) if use_clip else rate, 1)
    return like(rate * (g + weight_decay * weight), g)
