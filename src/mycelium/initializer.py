"""Initial values of Parameters: distributions, by object, by name or by number."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.context import init_rng
from mycelium.core.errors import check_choice, check_type, describe, nearest
from mycelium.core.parameter import initializer_by_name
from mycelium.core.tensor import Tensor


class Initializer:
    """Base of initializers: calling one fills a NumPy array in place.

    Args:
        **kwargs: Kept for display.

    MindSpore r1.8 `common.initializer.Initializer`.
    """

    def __init__(self, **kwargs: Any):
        self._kwargs = kwargs

    def _initialize(self, arr: np.ndarray) -> None:
        raise NotImplementedError(f"'{type(self).__name__}' should define _initialize(arr), which fills an array.")

    def __call__(self, arr: np.ndarray) -> None:
        self._initialize(arr)

    def __repr__(self) -> str:
        args = ", ".join(f"{k}={v}" for k, v in self._kwargs.items())
        return f"{type(self).__name__}({args})"


def _register(*names: str) -> Any:
    def decorate(cls: type) -> type:
        for name in names:
            initializer_by_name[name] = cls
        return cls

    return decorate


def _number(owner: str, name: str, value: Any) -> float:
    return check_type(owner, name, value, (int, float))


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """(fan in, fan out) of a weight (out, in, *kernel)."""
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _gain(owner: str, nonlinearity: str, param: float) -> float:
    """The factor that keeps variance through a nonlinearity (He et al. 2015)."""
    gains = {"linear": 1.0, "conv1d": 1.0, "conv2d": 1.0, "conv3d": 1.0, "conv_transpose1d": 1.0,
             "conv_transpose2d": 1.0, "conv_transpose3d": 1.0, "sigmoid": 1.0, "tanh": 5.0 / 3, "relu": math.sqrt(2.0),
             "leaky_relu": math.sqrt(2.0 / (1 + param ** 2))}
    return gains[check_choice(owner, "nonlinearity", nonlinearity, gains)]


def _check_fan(owner: str, mode: str) -> str:
    return check_choice(owner, "mode", mode, ("fan_in", "fan_out"))


@_register("zeros", "zero")
class Zero(Initializer):
    """Fills with 0.

    Examples:
        >>> print(ms.common.initializer.initializer("zeros", [2], ms.float32).init_data())
        [0. 0.]

    MindSpore r1.8 `common.initializer.Zero`.
    """

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = 0


@_register("ones", "one")
class One(Initializer):
    """Fills with 1 (MindSpore r1.8 `common.initializer.One`)."""

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = 1


@_register("constant")
class Constant(Initializer):
    """Fills with one value.

    Args:
        value: The value.

    MindSpore r1.8 `common.initializer.Constant`.
    """

    def __init__(self, value: float):
        super().__init__(value=value)
        self.value = value

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = self.value


@_register("normal")
class Normal(Initializer):
    """Draws from N(mean, sigma^2).

    Args:
        sigma: Standard deviation. Default: 0.01.
        mean: Mean. Default: 0.0.

    MindSpore r1.8 `common.initializer.Normal`.
    """

    def __init__(self, sigma: float = 0.01, mean: float = 0.0):
        super().__init__(sigma=sigma, mean=mean)
        self.sigma, self.mean = _number("Normal", "sigma", sigma), _number("Normal", "mean", mean)

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = init_rng().normal(self.mean, self.sigma, arr.shape)


@_register("truncatednormal", "truncated_normal")
class TruncatedNormal(Initializer):
    """Draws from N(0, sigma^2), again wherever a value is more than two sigma away.

    Args:
        sigma: Standard deviation before truncation. Default: 0.01.

    MindSpore r1.8 `common.initializer.TruncatedNormal`.
    """

    def __init__(self, sigma: float = 0.01):
        super().__init__(sigma=sigma)
        self.sigma = _number("TruncatedNormal", "sigma", sigma)

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = _truncated(arr.shape) * self.sigma


def _truncated(shape: tuple[int, ...]) -> np.ndarray:
    """float32 draws from N(0, 1) within two sigma; only what is too far away is drawn again."""
    values = init_rng().standard_normal(math.prod(shape), np.float32)
    far = np.flatnonzero(np.abs(values) > 2)
    while far.size:
        values[far] = again = init_rng().standard_normal(far.size, np.float32)
        far = far[np.abs(again) > 2]
    return values.reshape(shape)


@_register("uniform")
class Uniform(Initializer):
    """Draws from U(-scale, scale).

    Args:
        scale: The bound. Default: 0.07.

    MindSpore r1.8 `common.initializer.Uniform`.
    """

    def __init__(self, scale: float = 0.07):
        super().__init__(scale=scale)
        self.scale = _number("Uniform", "scale", scale)

    def _initialize(self, arr: np.ndarray) -> None:
        arr[...] = init_rng().uniform(-self.scale, self.scale, arr.shape)


@_register("xavieruniform", "xavier_uniform")
class XavierUniform(Initializer):
    """Draws from U(-b, b) with b = gain * sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    Args:
        gain: Scales the bound. Default: 1.

    MindSpore r1.8 `common.initializer.XavierUniform`.
    """

    def __init__(self, gain: float = 1):
        super().__init__(gain=gain)
        self.gain = _number("XavierUniform", "gain", gain)

    def _initialize(self, arr: np.ndarray) -> None:
        fan_in, fan_out = _fans(arr.shape)
        bound = self.gain * math.sqrt(6.0 / (fan_in + fan_out))
        arr[...] = init_rng().uniform(-bound, bound, arr.shape)


@_register("heuniform", "he_uniform")
class HeUniform(Initializer):
    """Draws from U(-b, b) with b = gain * sqrt(3 / fan) (He et al. 2015).

    Args:
        negative_slope: Slope of the leaky ReLU that follows. Default: 0.
        mode: "fan_in" (default) keeps the variance forward, "fan_out" backward.
        nonlinearity: "leaky_relu" (default), "relu", "tanh", "sigmoid", "linear" or a convolution.

    MindSpore r1.8 `common.initializer.HeUniform`.
    """

    def __init__(self, negative_slope: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"):
        super().__init__(negative_slope=negative_slope, mode=mode, nonlinearity=nonlinearity)
        self.gain = _gain("HeUniform", nonlinearity, _number("HeUniform", "negative_slope", negative_slope))
        self.mode = _check_fan("HeUniform", mode)

    def _initialize(self, arr: np.ndarray) -> None:
        bound = self.gain * math.sqrt(3.0 / _fans(arr.shape)[self.mode == "fan_out"])
        arr[...] = init_rng().uniform(-bound, bound, arr.shape)


@_register("henormal", "he_normal")
class HeNormal(Initializer):
    """Draws from N(0, gain^2 / fan) (He et al. 2015).

    Args:
        negative_slope: Slope of the leaky ReLU that follows. Default: 0.
        mode: "fan_in" (default) keeps the variance forward, "fan_out" backward.
        nonlinearity: "leaky_relu" (default), "relu", "tanh", "sigmoid", "linear" or a convolution.

    MindSpore r1.8 `common.initializer.HeNormal`.
    """

    def __init__(self, negative_slope: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"):
        super().__init__(negative_slope=negative_slope, mode=mode, nonlinearity=nonlinearity)
        self.gain = _gain("HeNormal", nonlinearity, _number("HeNormal", "negative_slope", negative_slope))
        self.mode = _check_fan("HeNormal", mode)

    def _initialize(self, arr: np.ndarray) -> None:
        sigma = self.gain / math.sqrt(_fans(arr.shape)[self.mode == "fan_out"])
        arr[...] = init_rng().normal(0, sigma, arr.shape)


@_register("variancescaling", "variance_scaling")
class VarianceScaling(Initializer):
    """Draws with variance scale / fan.

    Args:
        scale: Default: 1.0.
        mode: "fan_in" (default), "fan_out" or "fan_avg".
        distribution: "truncated_normal" (default), "untruncated_normal" or "uniform".

    MindSpore r1.8 `common.initializer.VarianceScaling`.
    """

    def __init__(self, scale: float = 1.0, mode: str = "fan_in", distribution: str = "truncated_normal"):
        super().__init__(scale=scale, mode=mode, distribution=distribution)
        if _number("VarianceScaling", "scale", scale) <= 0:
            raise ValueError(f"For 'VarianceScaling', 'scale' should be greater than 0, but got {scale}.")
        self.scale = scale
        self.mode = check_choice("VarianceScaling", "mode", mode, ("fan_in", "fan_out", "fan_avg"))
        self.distribution = check_choice("VarianceScaling", "distribution", distribution,
                                         ("truncated_normal", "untruncated_normal", "uniform"))

    def _initialize(self, arr: np.ndarray) -> None:
        fan_in, fan_out = _fans(arr.shape)
        variance = self.scale / max(1.0, {"fan_in": fan_in, "fan_out": fan_out}.get(self.mode, (fan_in + fan_out) / 2))
        if self.distribution == "uniform":
            bound = math.sqrt(3 * variance)
            arr[...] = init_rng().uniform(-bound, bound, arr.shape)
        elif self.distribution == "untruncated_normal":
            arr[...] = init_rng().normal(0, math.sqrt(variance), arr.shape)
        else:       # .87962566: the standard deviation of a unit normal cut off at two sigma
            arr[...] = _truncated(arr.shape) * (math.sqrt(variance) / 0.87962566103423978)


@_register("orthogonal")
class Orthogonal(Initializer):
    """Fills with a (semi-)orthogonal matrix, uniformly distributed (Saxe et al. 2014).

    Args:
        gain: Scales the matrix. Default: 1.0.

    Raises:
        ValueError: At filling: the array has fewer than two axes.

    MindSpore r1.8 `common.initializer.Orthogonal`.
    """

    def __init__(self, gain: float = 1.0):
        super().__init__(gain=gain)
        self.gain = _number("Orthogonal", "gain", gain)

    def _initialize(self, arr: np.ndarray) -> None:
        if arr.ndim < 2:
            raise ValueError(f"For 'Orthogonal', the Tensor should have two axes or more, but got shape {arr.shape}.")
        rows, columns = arr.shape[0], arr.size // arr.shape[0]
        q, r = np.linalg.qr(init_rng().standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diag(r))
        arr[...] = self.gain * (q if rows >= columns else q.T).reshape(arr.shape)


@_register("identity")
class Identity(Initializer):
    """Fills a matrix with the identity (MindSpore r1.8 `common.initializer.Identity`)."""

    def _initialize(self, arr: np.ndarray) -> None:
        if arr.ndim != 2:
            raise ValueError(f"For 'Identity', the Tensor should have two axes, but got shape {arr.shape}.")
        arr[...] = np.eye(*arr.shape)


@_register("sparse")
class Sparse(Initializer):
    """Draws from N(0, sigma^2) and sets part of each column to zero (Martens 2010).

    Args:
        sparsity: The part of each column that is zero, in [0, 1].
        sigma: Standard deviation. Default: 0.01.

    MindSpore r1.8 `common.initializer.Sparse`.
    """

    def __init__(self, sparsity: float, sigma: float = 0.01):
        super().__init__(sparsity=sparsity, sigma=sigma)
        self.sparsity, self.sigma = _number("Sparse", "sparsity", sparsity), _number("Sparse", "sigma", sigma)

    def _initialize(self, arr: np.ndarray) -> None:
        if arr.ndim != 2:
            raise ValueError(f"For 'Sparse', the Tensor should have two axes, but got shape {arr.shape}.")
        rng = init_rng()
        arr[...] = rng.normal(0, self.sigma, arr.shape)
        zeros = math.ceil(self.sparsity * arr.shape[0])
        for column in range(arr.shape[1]):
            arr[rng.permutation(arr.shape[0])[:zeros], column] = 0


@_register("dirac")
class Dirac(Initializer):
    """Fills a convolution's weight so that it passes its input through.

    Args:
        groups: Groups of the convolution. Default: 1.

    MindSpore r1.8 `common.initializer.Dirac`.
    """

    def __init__(self, groups: int = 1):
        super().__init__(groups=groups)
        self.groups = check_type("Dirac", "groups", groups, int)

    def _initialize(self, arr: np.ndarray) -> None:
        if arr.ndim not in (3, 4, 5) or arr.shape[0] % self.groups:
            raise ValueError(f"For 'Dirac', the Tensor should be a convolution's weight of 3, 4 or 5 axes whose first "
                             f"is a multiple of groups={self.groups}, but got shape {arr.shape}.")
        arr[...] = 0
        out = arr.shape[0] // self.groups
        centre = tuple(n // 2 for n in arr.shape[2:])
        for group in range(self.groups):
            for i in range(min(out, arr.shape[1])):
                arr[(group * out + i, i, *centre)] = 1


def initializer(init: Any, shape: Any = None, dtype: mstype.Type = mstype.float32) -> Tensor:
    """A Tensor with initial values, drawn when a Parameter takes it (or by `init_data`).

    Args:
        init: Initializer, its name such as "normal" or "he_uniform", a number, or a Tensor.
        shape: int, or tuple or list of int.
        dtype: MindSpore dtype. Default: float32.

    Returns:
        Tensor of `shape` and `dtype`.

    Raises:
        TypeError: `init` is none of these.
        ValueError: `init` is an unknown name, or a Tensor of another shape.

    Examples:
        >>> print(ms.common.initializer.initializer(2, [2, 2], ms.float32).init_data())
        [[2. 2.]
         [2. 2.]]

    MindSpore r1.8 `common.initializer.initializer`.
    """
    if isinstance(init, Tensor):
        wanted = None if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
        if wanted is not None and wanted != tuple(init.shape):
            raise ValueError(f"For 'initializer', the shape of 'init' should be {wanted}, but got {tuple(init.shape)}.")
        return init
    if shape is None:
        raise ValueError("For 'initializer', 'shape' is missing: give an int or a tuple of ints.")
    if not isinstance(shape, (int, np.integer, tuple, list)) or isinstance(shape, bool):
        raise TypeError(f"For 'initializer', 'shape' should be int, tuple or list, but got {describe(shape)}.")
    shape = (int(shape),) if not isinstance(shape, (tuple, list)) else tuple(shape)
    for n in shape:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n <= 0:
            raise ValueError(f"For 'initializer', each size in 'shape' should be an int greater than 0, but got "
                             f"{shape}.")
    return Tensor(shape=shape, dtype=dtype, init=_as_initializer(init))


def _as_initializer(init: Any) -> Initializer:
    if isinstance(init, Initializer):
        return init
    if isinstance(init, str):
        found = initializer_by_name.get(init.lower())
        if found is None:
            raise ValueError(f"For 'initializer', {init!r} is not the name of an initializer"
                             f"{nearest(init.lower(), initializer_by_name) or '.'}")
        return found()
    if isinstance(init, (int, float, np.number)) and not isinstance(init, bool):
        return Constant(init)
    if isinstance(init, type) and issubclass(init, Initializer):
        return init()
    raise TypeError(f"For 'initializer', 'init' should be an Initializer, its name, a number or a Tensor, but got "
                    f"{describe(init)}.")


__all__ = ["Constant", "Dirac", "HeNormal", "HeUniform", "Identity", "Initializer", "Normal", "One", "Orthogonal",
           "Sparse", "TruncatedNormal", "Uniform", "VarianceScaling", "XavierUniform", "Zero", "initializer"]
