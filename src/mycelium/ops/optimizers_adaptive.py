"""Update rules of optimizers with a learning rate for each element. They write their Parameters in place."""
from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from mycelium.ops.annotations import Array
from mycelium.ops.op import op
from mycelium.ops.optimizers import like, state

# ***** moving means *****


@op("ApplyRMSProp", function=None, writes=("var", "mean_square", "moment"))
def apply_rms_prop(var: Array, mean_square: Array, moment: Array, learning_rate: Array, grad: Array, decay: Array,
                   momentum: Array, epsilon: Array, *, use_locking: bool = False) -> Array:
    """RMSProp: moment = momentum * moment + lr g / sqrt(mean_square + epsilon); var -= moment.

    Args:
        var, mean_square, moment: Parameters of one shape, float; written.
        learning_rate: lr, number or Tensor of shape ().
        grad: Tensor g of that shape.
        decay: mean_square = decay * mean_square + (1 - decay) g^2.
        momentum, epsilon: As in the formula; epsilon is under the root.
        use_locking: Accepted for compatibility.

    Returns:
        The new value of `var`.

    Examples:
        >>> w, s, m = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("wsm", (1.0, 0.0, 0.0)))
        >>> print(ops.ApplyRMSProp()(w, s, m, 0.25, Tensor([4.0]), 0.0, 0.0, 0.0))
        [0.75]

    Hinton, lecture 6e of Neural Networks for Machine Learning. MindSpore r1.8 `ops.ApplyRMSProp`.
    """
    var, square, moment, g = state("ApplyRMSProp", var=var, mean_square=mean_square, moment=moment, grad=grad)
    decay = jnp.asarray(decay, g.dtype)         # 1 - decay is rounded to this precision, as recorded
    square = like(decay * square + (1 - decay) * g * g, square)
    moment = like(momentum * moment + learning_rate * g / jnp.sqrt(square + epsilon), moment)
    new = like(var - moment, var)
    return new, square, moment, new


@op("ApplyCenteredRMSProp", function=None, writes=("var", "mean_gradient", "mean_square", "moment"))
def apply_centered_rms_prop(var: Array, mean_gradient: Array, mean_square: Array, moment: Array, grad: Array,
                            learning_rate: Array, decay: Array, momentum: Array, epsilon: Array, *,
                            use_locking: bool = False) -> Array:
    """RMSProp with the variance of the gradient, mean_square - mean_gradient^2, in place of mean_square.

    Args:
        var, mean_gradient, mean_square, moment: Parameters of one shape, float; written.
        grad: Tensor of that shape.
        learning_rate, decay, momentum, epsilon: As in `ops.ApplyRMSProp`.
        use_locking: Accepted for compatibility.

    Returns:
        The new value of `var`.

    Examples:
        >>> w, g, s, m = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("wgsm", (1.0, 0.0, 32.0, 0.0)))
        >>> print(ops.ApplyCenteredRMSProp()(w, g, s, m, Tensor([4.0]), 0.25, 0.5, 0.0, -4.0))
        [0.75]

    Graves, Generating Sequences With Recurrent Neural Networks. MindSpore r1.8 `ops.ApplyCenteredRMSProp`.
    """
    var, mean, square, moment, g = state("ApplyCenteredRMSProp", var=var, mean_gradient=mean_gradient,
                                         mean_square=mean_square, moment=moment, grad=grad)
    mean = like(decay * mean + (1 - decay) * g, mean)
    square = like(decay * square + (1 - decay) * g * g, square)
    moment = like(momentum * moment + learning_rate * g / jnp.sqrt(square - mean * mean + epsilon), moment)
    new = like(var - moment, var)
    return new, mean, square, moment, new


def adadelta(var: Any, accum: Any, update: Any, g: Any, lr: Any, rho: Any, epsilon: Any) -> tuple:
    """The new (var, accum, update) of Adadelta."""
    accum = like(rho * accum + (1 - rho) * g * g, accum)
    step = jnp.sqrt(update + epsilon) / jnp.sqrt(accum + epsilon) * g
    return like(var - lr * step, var), accum, like(rho * update + (1 - rho) * step * step, update)


@op("ApplyAdadelta", function=None, writes=("var", "accum", "accum_update"))
def apply_adadelta(var: Array, accum: Array, accum_update: Array, lr: Array, rho: Array, epsilon: Array,
                   grad: Array) -> tuple:
    """Adadelta: u = sqrt(accum_update + e) / sqrt(accum + e) g; var -= lr u.

    Args:
        var, accum, accum_update: Parameters of one shape, float; written: accum = rho accum + (1 - rho) g^2 before,
            accum_update = rho accum_update + (1 - rho) u^2 after.
        lr, rho, epsilon: Numbers or Tensors of shape ().
        grad: Tensor g of that shape.

    Returns:
        The new (var, accum, accum_update).

    Examples:
        >>> w, a, u = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("wau", (1.0, 0.0, 1.0)))
        >>> print(ops.ApplyAdadelta()(w, a, u, 0.25, 0.0, 0.0, Tensor([4.0]))[0])
        [0.75]

    Zeiler, ADADELTA. MindSpore r1.8 `ops.ApplyAdadelta`.
    """
    var, accum, update, g = state("ApplyAdadelta", var=var, accum=accum, accum_update=accum_update, grad=grad)
    return adadelta(var, accum, update, g, lr, rho, epsilon)


# ***** sums *****


@op("ApplyAdagrad", function=None, writes=("var", "accum"))
def apply_adagrad(var: Array, accum: Array, lr: Array, grad: Array, *, update_slots: bool = True) -> tuple:
    """Adagrad: accum += g^2; var -= lr g / sqrt(accum).

    Args:
        var, accum: Parameters of one shape, float; written.
        lr: Number or Tensor of shape ().
        grad: Tensor g of that shape.
        update_slots: Whether `accum` moves.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.ApplyAdagrad()(w, a, 0.25, Tensor([4.0]))[0])
        [0.75]

    Duchi et al., Adaptive Subgradient Methods. MindSpore r1.8 `ops.ApplyAdagrad`.
    """
    var, accum, g = state("ApplyAdagrad", var=var, accum=accum, grad=grad)
    return adagrad(var, accum, g, lr, 0, update_slots)


def adagrad(var: Any, accum: Any, g: Any, lr: Any, epsilon: float, update_slots: bool, inside: float = 0) -> tuple:
    """The new (var, accum) of Adagrad, with `epsilon` beside the root and `inside` under it."""
    accum = like(accum + g * g, accum) if update_slots else accum
    return like(var - lr * g / (jnp.sqrt(accum + inside) + epsilon), var), accum


@op("ApplyAdagradV2", function=None, writes=("var", "accum"))
def apply_adagrad_v2(var: Array, accum: Array, lr: Array, grad: Array, *, epsilon: float,
                     update_slots: bool = True) -> tuple:
    """Adagrad with an epsilon: accum += g^2; var -= lr g / (sqrt(accum) + epsilon).

    Args:
        var, accum: Parameters of one shape, float; written.
        lr: Number or Tensor of shape ().
        grad: Tensor g of that shape.
        epsilon: Added to the root.
        update_slots: Whether `accum` moves.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.ApplyAdagradV2(epsilon=4.0)(w, a, 0.5, Tensor([4.0]))[0])
        [0.75]

    MindSpore r1.8 `ops.ApplyAdagradV2`.
    """
    var, accum, g = state("ApplyAdagradV2", var=var, accum=accum, grad=grad)
    return adagrad(var, accum, g, lr, epsilon, update_slots)


@op("ApplyAdagradDA", function=None, writes=("var", "gradient_accumulator", "gradient_squared_accumulator"))
def apply_adagrad_da(var: Array, gradient_accumulator: Array, gradient_squared_accumulator: Array, grad: Array,
                     lr: Array, l1: Array, l2: Array, global_step: Array, *, use_locking: bool = False) -> tuple:
    """Adagrad with dual averaging: var = -lr shrink(G, l1 t) / (l2 t lr + sqrt(S)), G += g, S += g^2.

    Args:
        var, gradient_accumulator, gradient_squared_accumulator: Parameters of one shape, float; written: var, G, S.
        grad: Tensor g of that shape.
        lr, l1, l2: Learning rate and penalties, numbers or Tensors of shape ().
        global_step: t, int.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, G, S).

    Examples:
        >>> w, g, s = (ms.Parameter(Tensor([0.0]), name=n) for n in "wgs")
        >>> print(ops.ApplyAdagradDA()(w, g, s, Tensor([4.0]), 0.5, 0.0, 0.0, 1)[0])
        [-0.5]

    Duchi et al., Adaptive Subgradient Methods. MindSpore r1.8 `ops.ApplyAdagradDA`.
    """
    var, total, squares, g = state("ApplyAdagradDA", var=var, gradient_accumulator=gradient_accumulator,
                                   gradient_squared_accumulator=gradient_squared_accumulator, grad=grad)
    total, squares = like(total + g, total), like(squares + g * g, squares)
    step = jnp.asarray(global_step, var.dtype)
    return like(-lr * shrink(total, l1 * step) / (l2 * step * lr + jnp.sqrt(squares)), var), total, squares


def shrink(x: Any, by: Any) -> Any:
    """`x` moved towards 0 by `by`, and 0 where that is more than its size."""
    return jnp.sign(x) * jnp.maximum(jnp.abs(x) - by, 0)


def ftrl(var: Any, accum: Any, linear: Any, g: Any, lr: Any, l1: Any, l2: Any, lr_power: Any,
         l2_shrinkage: float = 0) -> tuple:
    """The new (var, accum, linear) of FTRL."""
    new = accum + g * g
    power, before = new ** -lr_power, accum ** -lr_power
    pulled = g + 2 * l2_shrinkage * var if l2_shrinkage else g
    linear = like(linear + pulled - (power - before) / lr * var, linear)
    var_new = jnp.where(jnp.abs(linear) > l1, (jnp.sign(linear) * l1 - linear) / (power / lr + 2 * l2), 0)
    return like(var_new, var), like(new, accum), linear


@op("ApplyFtrl", function=None, writes=("var", "accum", "linear"))
def apply_ftrl(var: Array, accum: Array, linear: Array, grad: Array, lr: Array, l1: Array, l2: Array, lr_power: Array,
               *,
               use_locking: bool = False) -> Array:
    """FTRL-Proximal: the regularized leader of all gradients so far.

    Args:
        var, accum, linear: Parameters of one shape, float; written.
        grad: Tensor of that shape.
        lr: Learning rate, number or Tensor of shape ().
        l1, l2: Penalties.
        lr_power: How the rate falls with the sum of squares; -0.5 for a square root.
        use_locking: Accepted for compatibility.

    Returns:
        The new value of `var`.

    Examples:
        >>> w, a, z = (ms.Parameter(Tensor([x]), name=n) for n, x in zip("waz", (0.0, 0.0, 0.0)))
        >>> print(ops.ApplyFtrl()(w, a, z, Tensor([2.0]), 0.5, 0.0, 0.0, -0.5))
        [-0.5]

    McMahan et al., Ad Click Prediction. MindSpore r1.8 `ops.ApplyFtrl`.
    """
    var, accum, linear, g = state("ApplyFtrl", var=var, accum=accum, linear=linear, grad=grad)
    new = ftrl(var, accum, linear, g, lr, l1, l2, lr_power)
    return *new, new[0]


# ***** proximal *****


@op("ApplyProximalGradientDescent", function=None, writes=("var",))
def apply_proximal_gradient_descent(var: Array, alpha: Array, l1: Array, l2: Array, delta: Array) -> Array:
    """Proximal gradient descent: var = shrink(var - alpha delta, alpha l1) / (1 + alpha l2).

    Args:
        var: Parameter, float; written.
        alpha, l1, l2: Rate and penalties, numbers or Tensors of shape ().
        delta: Tensor of the shape of `var`.

    Returns:
        The new value of `var`.

    Examples:
        >>> w = ms.Parameter(Tensor([1.0]), name="w")
        >>> print(ops.ApplyProximalGradientDescent()(w, 0.25, 1.0, 0.0, Tensor([1.0])))
        [0.5]

    Duchi and Singer, Efficient Learning using Forward-Backward Splitting. MindSpore r1.8
    `ops.ApplyProximalGradientDescent`.
    """
    var, delta = state("ApplyProximalGradientDescent", var=var, delta=delta)
    return like(shrink(var - alpha * delta, alpha * l1) / (1 + alpha * l2), var)


def proximal_adagrad(var: Any, accum: Any, g: Any, lr: Any, l1: Any, l2: Any) -> tuple:
    """The new (var, accum) of proximal Adagrad."""
    accum = like(accum + g * g, accum)
    rate = lr / jnp.sqrt(accum)
    return like(shrink(var - rate * g, rate * l1) / (1 + rate * l2), var), accum


@op("ApplyProximalAdagrad", function=None, writes=("var", "accum"))
def apply_proximal_adagrad(var: Array, accum: Array, lr: Array, l1: Array, l2: Array, grad: Array, *,
                           use_locking: bool = False) -> tuple:
    """Proximal Adagrad: accum += g^2; var = shrink(var - r g, r l1) / (1 + r l2), r = lr / sqrt(accum).

    Args:
        var, accum: Parameters of one shape, float; written.
        lr, l1, l2: Rate and penalties, numbers or Tensors of shape ().
        grad: Tensor g of that shape.
        use_locking: Accepted for compatibility.

    Returns:
        The new (var, accum).

    Examples:
        >>> w, a = ms.Parameter(Tensor([1.0]), name="w"), ms.Parameter(Tensor([0.0]), name="a")
        >>> print(ops.ApplyProximalAdagrad()(w, a, 0.25, 0.0, 0.0, Tensor([4.0]))[0])
        [0.75]

    Duchi and Singer, Efficient Learning using Forward-Backward Splitting. MindSpore r1.8 `ops.ApplyProximalAdagrad`.
    """
    var, accum, g = state("ApplyProximalAdagrad", var=var, accum=accum, grad=grad)
    return proximal_adagrad(var, accum, g, lr, l1, l2)
