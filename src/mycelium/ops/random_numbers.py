"""Random numbers: uniform, normal, gamma, Poisson and Laplace distributions.

Every call draws new numbers, also in compiled programs; `set_seed` starts the same stream again.
"""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int, describe
from mycelium.core.tensor import Tensor
from mycelium.engine.random import make_key
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import dtype_name, ints, not_negative, tensors
from mycelium.ops.op import function, op

Seed = Annotated[int, not_negative]


def sizes(owner: str, shape: tuple) -> tuple[int, ...]:
    """A checked shape."""
    found = ints(owner, "shape", shape)
    if any(n < 0 for n in found):
        raise ValueError(f"For '{owner}', 'shape' should hold no negative sizes, but got {shape}.")
    return found


def _joint(owner: str, shape: tuple, *arrays: Any) -> tuple[int, ...]:
    """The shape that `shape` and the parameters broadcast to."""
    shape = sizes(owner, shape)
    try:
        return np.broadcast_shapes(shape, *[jnp.shape(a) for a in arrays])
    except ValueError:
        raise ValueError(f"For '{owner}', 'shape' and the shapes of the parameters should broadcast, but got {shape}, "
                         f"{', '.join(str(jnp.shape(a)) for a in arrays)}.") from None


def float32s(owner: str, **inputs: Any) -> tuple:
    """The parameters of a distribution as float32; TypeError unless they are Tensors of numbers."""
    tensors(owner, **inputs)
    return tuple([x.astype(np.float32) for x in inputs.values()])


@op("StandardNormal", random=True)
def standard_normal(key: Any, shape: tuple, *, seed: Seed = 0, seed2: Seed = 0):
    """Numbers of the normal distribution with mean 0 and standard deviation 1.

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of float32 of shape `shape`.

    Raises:
        TypeError: `shape` is not a tuple of ints.
        ValueError: A size or a seed is negative.

    Examples:
        >>> ops.standard_normal((3, 2)).shape
        (3, 2)

    MindSpore r1.8 `ops.StandardNormal`.
    """
    return jax.random.normal(make_key(key, seed, seed2), sizes("StandardNormal", shape), np.float32)


@op("UniformReal", function=None, random=True)
def uniform_real(key: Any, shape: tuple, *, seed: Seed = 0, seed2: Seed = 0):
    """Numbers of the uniform distribution on [0, 1).

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of float32 of shape `shape`.

    Raises:
        TypeError: `shape` is not a tuple of ints.
        ValueError: A size or a seed is negative.

    Examples:
        >>> ops.UniformReal()((3, 2)).shape
        (3, 2)

    MindSpore r1.8 `ops.UniformReal`.
    """
    return jax.random.uniform(make_key(key, seed, seed2), sizes("UniformReal", shape), np.float32)


def _examine_bounds(owner: str, minval: Any, maxval: Any, *_: Any) -> None:
    if hasattr(minval, "dtype") and hasattr(maxval, "dtype") and (np.asarray(minval) >= np.asarray(maxval)).any():
        raise ValueError(f"For '{owner}', 'minval' should be below 'maxval', but got {np.asarray(minval)} and "
                         f"{np.asarray(maxval)}.")


@op("UniformInt", function=None, random=True, examine=_examine_bounds)
def uniform_int(key: Any, shape: tuple, minval: Array, maxval: Array, *, seed: Seed = 0, seed2: Seed = 0):
    """Integers of the uniform distribution on [minval, maxval).

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        minval: Tensor of int32 without axes.
        maxval: Tensor of int32 without axes, greater than `minval`.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of int32 of shape `shape`.

    Raises:
        TypeError: A bound is not an int32 Tensor.
        ValueError: A size or a seed is negative, or the bounds are the wrong way round (PYNATIVE).

    Examples:
        >>> ops.UniformInt()((3, 2), Tensor(1, ms.int32), Tensor(5, ms.int32)).shape
        (3, 2)

    MindSpore r1.8 `ops.UniformInt`.
    """
    tensors("UniformInt", minval=minval, maxval=maxval)
    for name, x in (("minval", minval), ("maxval", maxval)):
        if x.dtype != np.int32:
            raise TypeError(f"For 'UniformInt', '{name}' should be a Tensor of int32, but got {dtype_name(x)}.")
        if x.size != 1:
            raise ValueError(f"For 'UniformInt', '{name}' should have one element, but got shape {x.shape}.")
    return jax.random.randint(make_key(key, seed, seed2), sizes("UniformInt", shape), jnp.reshape(minval, ()),
                              jnp.reshape(maxval, ()), np.int32)


def _seed(owner: str, seed: Any) -> int:
    return 0 if seed is None else check_int(owner, "seed", seed, 0)


@op(None, function=None, random=True, examine=_examine_bounds)
def uniform_between(key: Any, minval: Array, maxval: Array, *, shape: tuple, seed: int, dtype: Dtype):
    """`ops.uniform`: the numbers, given the bounds."""
    tensors("uniform", minval=minval, maxval=maxval)
    for name, x in (("minval", minval), ("maxval", maxval)):
        if x.dtype != dtype.np_dtype:
            raise TypeError(f"For 'uniform', '{name}' should be a Tensor of 'dtype', {dtype}, but got {dtype_name(x)}.")
    joint = _joint("uniform", shape, minval, maxval)
    draw = jax.random.randint if dtype is mstype.int32 else jax.random.uniform
    return draw(make_key(key, seed), joint, minval=minval, maxval=maxval, dtype=dtype.np_dtype)


@function()
def uniform(shape: tuple, minval: Tensor, maxval: Tensor, seed: int | None = None,
            dtype: mstype.Type = mstype.float32) -> Tensor:
    """Numbers of the uniform distribution on [minval, maxval).

    Args:
        shape: Tuple of ints.
        minval: Tensor of `dtype` that broadcasts with `shape`.
        maxval: Tensor of `dtype`, greater than `minval`.
        seed: Seed of this call, None for none of its own.
        dtype: int32 or float32.

    Returns:
        Tensor of `dtype`, of the shape that `shape` and the bounds broadcast to.

    Raises:
        TypeError: A bound is not a Tensor of `dtype`.
        ValueError: The shapes do not broadcast, or the bounds are the wrong way round (PYNATIVE).

    Examples:
        >>> ops.uniform((3, 1), Tensor([1.0, 2.0]), Tensor(5.0)).shape
        (3, 2)

    MindSpore r1.8 `ops.uniform`.
    """
    if dtype not in (mstype.int32, mstype.float32):
        raise TypeError(f"For 'uniform', 'dtype' should be int32 or float32, but got {describe(dtype)}.")
    return uniform_between(minval, maxval, shape, _seed("uniform", seed), dtype)


@op(None, function=None, random=True)
def normal_with(key: Any, mean: Array, stddev: Array, *, shape: tuple, seed: int):
    """`ops.normal`: the numbers, given mean and deviation."""
    mean, stddev = float32s("normal", mean=mean, stddev=stddev)
    joint = _joint("normal", shape, mean, stddev)
    return mean + stddev * jax.random.normal(make_key(key, seed), joint, np.float32)


@function()
def normal(shape: tuple, mean: Tensor, stddev: Tensor, seed: int | None = None) -> Tensor:
    """Numbers of the normal distribution; gradients flow to `mean` and `stddev`.

    Args:
        shape: Tuple of ints.
        mean: Tensor of numbers that broadcasts with `shape`.
        stddev: Tensor, the standard deviation.
        seed: Seed of this call, None for none of its own.

    Returns:
        Tensor of float32, of the shape that `shape`, `mean` and `stddev` broadcast to.

    Raises:
        TypeError: `mean` or `stddev` is not a Tensor.
        ValueError: The shapes do not broadcast, or `seed` is negative.

    Examples:
        >>> ops.normal((3, 1), Tensor([1.0, 2.0]), Tensor(1.0)).shape
        (3, 2)

    MindSpore r1.8 `ops.normal`.
    """
    return normal_with(mean, stddev, shape, _seed("normal", seed))


def _gamma(owner: str, key: Any, shape: tuple, alpha: Any, beta: Any) -> Any:
    alpha, beta = float32s(owner, alpha=alpha, beta=beta)
    return jax.random.gamma(key, alpha, _joint(owner, shape, alpha, beta), np.float32) * beta


@op("Gamma", function=None, random=True)
def gamma_with(key: Any, shape: tuple, alpha: Array, beta: Array, *, seed: Seed = 0, seed2: Seed = 0):
    """Numbers of the gamma distribution: p(x) ~ x^(alpha - 1) exp(-x / beta).

    Args:
        shape: Tuple of ints.
        alpha: Tensor of numbers above 0 that broadcasts with `shape`: the shape parameter.
        beta: Tensor of numbers above 0: the scale.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of float32, of the shape that `shape`, `alpha` and `beta` broadcast to.

    Raises:
        TypeError: `alpha` or `beta` is not a Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> ops.Gamma(seed=3)((3, 1), Tensor([1.0, 2.0]), Tensor(1.0)).shape
        (3, 2)

    MindSpore r1.8 `ops.Gamma`.
    """
    return _gamma("Gamma", make_key(key, seed, seed2), shape, alpha, beta)


@function()
def gamma(shape: tuple, alpha: Tensor, beta: Tensor, seed: int | None = None) -> Tensor:
    """Numbers of the gamma distribution: p(x) ~ x^(alpha - 1) exp(-x / beta).

    Args:
        shape: Tuple of ints.
        alpha: Tensor of numbers above 0 that broadcasts with `shape`: the shape parameter.
        beta: Tensor of numbers above 0: the scale.
        seed: Seed of this call, None for none of its own.

    Returns:
        Tensor of float32, of the shape that `shape`, `alpha` and `beta` broadcast to.

    Raises:
        TypeError: `alpha` or `beta` is not a Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> ops.gamma((3, 1), Tensor([1.0, 2.0]), Tensor(1.0)).shape
        (3, 2)

    MindSpore r1.8 `ops.gamma`.
    """
    return gamma_with(shape, alpha, beta, _seed("gamma", seed))


@op("RandomGamma", random=True)
def random_gamma(key: Any, shape: tuple, alpha: Array, *, seed: Seed = 0, seed2: Seed = 0):
    """Numbers of the gamma distribution with scale 1, `shape` of them for each element of `alpha`.

    Args:
        shape: Constant Tensor of ints of one axis, or a tuple.
        alpha: Tensor of float16, float32 or float64, above 0.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of shape shape + alpha.shape with the dtype of `alpha`.

    Raises:
        TypeError: `alpha` is not a float Tensor.
        ValueError: A size or a seed is negative.

    Examples:
        >>> ops.random_gamma(Tensor([3, 4]), Tensor([0.5, 1.5])).shape
        (3, 4, 2)

    MindSpore r1.8 `ops.RandomGamma`.
    """
    tensors("RandomGamma", alpha=alpha)
    if alpha.dtype not in (np.float16, np.float32, np.float64):
        raise TypeError(f"For 'RandomGamma', 'alpha' should be float16, float32 or float64, but got "
                        f"{dtype_name(alpha)}.")
    joint = (*sizes("RandomGamma", shape), *alpha.shape)
    return jax.random.gamma(make_key(key, seed, seed2), alpha, joint, alpha.dtype)


def _poisson(owner: str, key: Any, shape: tuple, mean: Any, dtype: Any) -> Any:
    mean, = float32s(owner, mean=mean)
    return jax.random.poisson(key, mean, _joint(owner, shape, mean), np.int32).astype(dtype)


@op("Poisson", function=None, random=True)
def poisson_with(key: Any, shape: tuple, mean: Array, *, seed: Seed = 0, seed2: Seed = 0):
    """Counts of the Poisson distribution.

    Args:
        shape: Tuple of ints.
        mean: Tensor of numbers above 0 that broadcasts with `shape`.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of int32, of the shape that `shape` and `mean` broadcast to.

    Raises:
        TypeError: `mean` is not a Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> ops.Poisson(seed=5)((4, 1), Tensor([5.0, 10.0])).shape
        (4, 2)

    MindSpore r1.8 `ops.Poisson`.
    """
    return _poisson("Poisson", make_key(key, seed, seed2), shape, mean, np.int32)


@op(None, function=None, random=True)
def poisson_floats(key: Any, mean: Array, *, shape: tuple, seed: int):
    """`ops.poisson`: the numbers, given the mean."""
    return _poisson("poisson", make_key(key, seed), shape, mean, np.float32)


@function()
def poisson(shape: tuple, mean: Tensor, seed: int | None = None) -> Tensor:
    """Counts of the Poisson distribution, as float32.

    Args:
        shape: Tuple of ints.
        mean: Tensor of numbers above 0 that broadcasts with `shape`.
        seed: Seed of this call, None for none of its own.

    Returns:
        Tensor of float32, of the shape that `shape` and `mean` broadcast to.

    Raises:
        TypeError: `mean` is not a Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> ops.poisson((4, 1), Tensor([5.0, 10.0])).shape
        (4, 2)

    MindSpore r1.8 `ops.poisson`.
    """
    return poisson_floats(mean, shape, _seed("poisson", seed))


@op("StandardLaplace", random=True)
def standard_laplace(key: Any, shape: tuple, *, seed: Seed = 0, seed2: Seed = 0):
    """Numbers of the Laplace distribution with mean 0 and scale 1.

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of float32 of shape `shape`.

    Raises:
        TypeError: `shape` is not a tuple of ints.
        ValueError: A size or a seed is negative.

    Examples:
        >>> ops.standard_laplace((3, 2)).shape
        (3, 2)

    MindSpore r1.8 `ops.StandardLaplace`.
    """
    return jax.random.laplace(make_key(key, seed, seed2), sizes("StandardLaplace", shape), np.float32)


@op(None, function=None, random=True)
def laplace_with(key: Any, mean: Array, lambda_param: Array, *, shape: tuple, seed: int):
    """`ops.laplace`: the numbers, given mean and scale."""
    mean, scale = float32s("laplace", mean=mean, lambda_param=lambda_param)
    return mean + scale * jax.random.laplace(make_key(key, seed), _joint("laplace", shape, mean, scale), np.float32)


@function()
def laplace(shape: tuple, mean: Tensor, lambda_param: Tensor, seed: int | None = None) -> Tensor:
    """Numbers of the Laplace distribution: p(x) = exp(-|x - mean| / lambda) / (2 lambda).

    Args:
        shape: Tuple of ints.
        mean: Tensor of numbers that broadcasts with `shape`.
        lambda_param: Tensor of numbers above 0, the scale.
        seed: Seed of this call, None for none of its own.

    Returns:
        Tensor of float32, of the shape that `shape` and the parameters broadcast to.

    Raises:
        TypeError: A parameter is not a Tensor.
        ValueError: The shapes do not broadcast.

    Examples:
        >>> ops.laplace((2, 3), Tensor(1.0), Tensor(1.0)).shape
        (2, 3)

    MindSpore r1.8 `ops.laplace`.
    """
    return laplace_with(mean, lambda_param, shape, _seed("laplace", seed))
