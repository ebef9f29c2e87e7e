"""Random numbers as the functions of MindSpore r2.0: rand, randn, randint and kin, permutations, truncated draws."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.engine.random import make_key
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import floats
from mycelium.ops.op import function, op
from mycelium.ops.random_numbers import Seed


@op(None, function=None, random=True)
def drawn(key: Any, *, shape: tuple, kind: str, low: int = 0, high: int = 1, seed: int = 0, dtype: Dtype) -> Array:
    """Numbers of one of the distributions below."""
    key, target = make_key(key, seed), mstype.to_numpy_dtype(dtype)
    if kind == "integers":
        return jax.random.randint(key, shape, low, high, jnp.int64).astype(target)
    wide = np.dtype(np.float64) if target == np.float64 else np.dtype(np.float32)
    draw = jax.random.uniform if kind == "uniform" else jax.random.normal
    return draw(key, shape, wide).astype(target)


def _shape(owner: str, size: Any) -> tuple[int, ...]:
    if len(size) == 1 and isinstance(size[0], (list, tuple)):
        size = size[0]
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in size):
        raise TypeError(f"For '{owner}', 'size' should hold ints, but got {describe(size)}.")
    if any(n < 0 for n in size):
        raise ValueError(f"For '{owner}', 'size' should hold no negative sizes, but got {tuple(size)}.")
    return tuple(size)


def _float_type(owner: str, dtype: Any) -> Any:
    dtype = mstype.float32 if dtype is None else dtype
    if dtype not in (mstype.float16, mstype.float32, mstype.float64, mstype.bfloat16):
        raise ValueError(f"For '{owner}', 'dtype' should be a float dtype, but got {dtype}.")
    return dtype


_DOC = """Numbers of the {what}.

    Args:
        {args}
        dtype: A float dtype; default {default}.
        seed: Seed of this call; default none of its own.

    Returns:
        Tensor.

    Raises:
        ValueError: `dtype` is no float dtype.

    Examples:
        >>> ops.{name}({example}).shape
        (2, 3)

    MindSpore r2.0 `ops.{name}`.
    """


def _distribution(name: str, kind: str, what: str) -> None:
    def public(*size: Any, dtype: mstype.Type | None = None, seed: int | None = None) -> Tensor:
        return drawn(shape=_shape(name, size), kind=kind, seed=seed or 0, dtype=_float_type(name, dtype))

    def like(input: Tensor, seed: int | None = None, *, dtype: mstype.Type | None = None) -> Tensor:
        if not isinstance(input, Tensor):
            raise TypeError(f"For '{name}_like', 'input' should be a Tensor, but got {describe(input)}.")
        return drawn(shape=input.shape, kind=kind, seed=seed or 0,
                     dtype=_float_type(f"{name}_like", input.dtype if dtype is None else dtype))

    public.__name__ = public.__qualname__ = name
    like.__name__ = like.__qualname__ = f"{name}_like"
    public.__doc__ = _DOC.format(what=what, args="*size: The shape: ints or one tuple.", default="float32", name=name,
                                 example="2, 3")
    like.__doc__ = _DOC.format(what=what + ", in the shape of a Tensor", args="input: Tensor.",
                               default="that of `input`", name=f"{name}_like", example="Tensor(np.zeros((2, 3)))")
    function(name)(public)
    function(f"{name}_like")(like)


_distribution("rand", "uniform", "uniform distribution on [0, 1)")
_distribution("randn", "normal", "normal distribution with mean 0 and standard deviation 1")


def _range(owner: str, low: Any, high: Any) -> None:
    for name, value in (("low", low), ("high", high)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"For '{owner}', '{name}' should be an int, but got {describe(value)}.")
    if low >= high:
        raise ValueError(f"For '{owner}', 'high' should be greater than 'low', but got {low} and {high}.")


@function()
def randint(low: int, high: int, size: Any, seed: int | None = None, *, dtype: mstype.Type | None = None) -> Tensor:
    """Whole numbers from `low` up to, but without, `high`, all equally likely.

    Args:
        low: The smallest.
        high: One more than the largest.
        size: Tuple of ints: the shape.
        seed: Seed of this call; default none of its own.
        dtype: An integer dtype; default int64.

    Returns:
        Tensor.

    Raises:
        TypeError: `low` or `high` is no int.
        ValueError: `high` is not above `low`.

    Examples:
        >>> print(ops.randint(5, 6, (2,)))
        [5 5]

    MindSpore r2.0 `ops.randint`.
    """
    _range("randint", low, high)
    return drawn(shape=_shape("randint", (size,)), kind="integers", low=low, high=high, seed=seed or 0,
                 dtype=dtype or mstype.int64)


@function()
def randint_like(input: Tensor, low: int, high: int, seed: int | None = None, *,
                 dtype: mstype.Type | None = None) -> Tensor:
    """`randint` in the shape and dtype of a Tensor.

    Args:
        input: Tensor.
        low: The smallest.
        high: One more than the largest.
        seed: Seed of this call; default none of its own.
        dtype: dtype of the result; default that of `input`.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.randint_like(Tensor([0, 0]), 5, 6))
        [5 5]

    MindSpore r2.0 `ops.randint_like`.
    """
    _range("randint_like", low, high)
    return drawn(shape=input.shape, kind="integers", low=low, high=high, seed=seed or 0, dtype=dtype or input.dtype)


@op(None, function=None, random=True)
def permuted(key: Any, *, n: int, seed: int, dtype: Dtype) -> Array:
    """The numbers below n in random order."""
    return jax.random.permutation(make_key(key, seed), n).astype(mstype.to_numpy_dtype(dtype))


@function()
def randperm(n: int, seed: int = 0, offset: int = 0, dtype: mstype.Type = mstype.int64) -> Tensor:
    """The numbers 0 to n - 1 in random order.

    Args:
        n: How many, an int or a constant Tensor.
        seed: Seed of this call, 0 for none of its own.
        offset: Second part of it.
        dtype: dtype of the result.

    Returns:
        Tensor of shape (n,).

    Examples:
        >>> print(ops.randperm(1))
        [0]

    MindSpore r2.0 `ops.randperm`.
    """
    count = n.asnumpy().item() if isinstance(n, Tensor) else n
    return permuted(n=count, seed=max(seed, 0), dtype=dtype)


@op("RandomShuffle", function=None, random=True)
def random_shuffle(key: Any, x: Array, *, seed: Seed = 0, seed2: Seed = 0) -> Array:
    """The slices along the first axis in random order.

    Args:
        x: Tensor.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.RandomShuffle()(Tensor([7, 7])))
        [7 7]

    MindSpore r2.0 `ops.RandomShuffle`.
    """
    return x if x.ndim == 0 else jax.random.permutation(make_key(key, seed, seed2), x)


@function()
def shuffle(x: Tensor, seed: int | None = None) -> Tensor:
    """The slices along the first axis in random order.

    Args:
        x: Tensor.
        seed: Seed of this call; default none of its own.

    Returns:
        Tensor like `x`.

    Examples:
        >>> print(ops.shuffle(Tensor([7, 7])))
        [7 7]

    MindSpore r2.0 `ops.shuffle`.
    """
    return random_shuffle(x, seed=seed or 0)


@op("RandomPoisson", function=None, random=True)
def random_poisson_(key: Any, shape: tuple, rate: Array, *, seed: Seed = 0, seed2: Seed = 0,
                    dtype: Dtype = mstype.int64) -> Array:
    """Numbers of Poisson distributions.

    Args:
        shape: Tuple of ints, or a constant Tensor of them: how many of each.
        rate: Tensor: the means.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.
        dtype: dtype of the result.

    Returns:
        Tensor of shape (*shape, *rate.shape).

    Examples:
        >>> print(ops.RandomPoisson()(Tensor([2], ms.int32), Tensor([0.0])).shape)
        (2, 1)

    MindSpore r2.0 `ops.RandomPoisson`.
    """
    sizes = (*shape, *jnp.shape(rate))
    drawn_ = jax.random.poisson(make_key(key, seed, seed2), jnp.asarray(rate, jnp.float32), sizes)
    return drawn_.astype(mstype.to_numpy_dtype(dtype))


@function()
def random_poisson(shape: Any, rate: Tensor, seed: int | None = None, dtype: mstype.Type = mstype.float32) -> Tensor:
    """Numbers of Poisson distributions.

    Args:
        shape: Constant Tensor of ints of one axis: how many of each.
        rate: Tensor: the means.
        seed: Seed of this call; default none of its own.
        dtype: dtype of the result.

    Returns:
        Tensor of shape (*shape, *rate.shape).

    Examples:
        >>> print(ops.random_poisson(Tensor([2], ms.int32), Tensor([0.0])).shape)
        (2, 1)

    MindSpore r2.0 `ops.random_poisson`.
    """
    return random_poisson_(shape, rate, seed=seed or 0, dtype=dtype)


@op("TruncatedNormal", function=None, random=True)
def truncated_normal(key: Any, shape: tuple, *, dtype: Dtype = mstype.float32, seed: Seed = 0,
                     seed2: Seed = 0) -> Array:
    """Numbers of the normal distribution between -2 and 2.

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        dtype: A float dtype.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of shape `shape`.

    Examples:
        >>> ops.TruncatedNormal()(Tensor([2, 3])).shape
        (2, 3)

    MindSpore r2.0 `ops.TruncatedNormal`.
    """
    found = jax.random.truncated_normal(make_key(key, seed, seed2), -2, 2, shape, jnp.float32)
    return found.astype(mstype.to_numpy_dtype(dtype))


@op("NonDeterministicInts", function=None, random=True)
def non_deterministic_ints(key: Any, shape: tuple, *, dtype: Dtype = mstype.int64) -> Array:
    """Whole numbers over the whole range of a dtype.

    Args:
        shape: Tuple of ints, or a constant Tensor of them.
        dtype: An integer dtype.

    Returns:
        Tensor of shape `shape`.

    Examples:
        >>> ops.NonDeterministicInts()(Tensor([2, 3])).shape
        (2, 3)

    MindSpore r2.0 `ops.NonDeterministicInts`.
    """
    return jax.random.bits(make_key(key), tuple(shape), jnp.uint64).astype(mstype.to_numpy_dtype(dtype))


@op("Cauchy", function=None, random=True)
def cauchy(key: Any, *, size: tuple, median: float = 0.0, sigma: float = 1.0) -> Array:
    """Numbers of a Cauchy distribution.

    Args:
        size: List of ints: the shape.
        median: Where it is centred.
        sigma: How wide it is.

    Returns:
        Tensor of float32.

    Examples:
        >>> ops.Cauchy([2, 3])().shape
        (2, 3)

    MindSpore r2.0 `ops.Cauchy`.
    """
    return median + sigma * jax.random.cauchy(make_key(key), size, jnp.float32)


@op("RandpermV2", function=None, random=True)
def randperm_v2(key: Any, n: int | tuple, seed: int = 0, offset: int = 0, *, dtype: Dtype = mstype.int64) -> Array:
    """The numbers 0 to n - 1 in random order.

    Args:
        n: How many, an int or a constant Tensor.
        seed: Seed of this call, 0 for none of its own.
        offset: Second part of it.
        dtype: dtype of the result.

    Returns:
        Tensor of shape (n,).

    Examples:
        >>> print(ops.RandpermV2()(1))
        [0]

    MindSpore r2.0 `ops.RandpermV2`.
    """
    count = n[0] if isinstance(n, tuple) else n
    found = jax.random.permutation(make_key(key, max(seed, 0), max(offset, 0)), count)
    return found.astype(mstype.to_numpy_dtype(dtype))


@op("LogNormalReverse", function=None, random=True)
def log_normal_reverse(key: Any, input: Array, *, mean: float = 1.0, std: float = 2.0) -> Array:
    """Numbers of a log-normal distribution in the shape of a Tensor.

    Args:
        input: Tensor, float.
        mean: Of the logarithms.
        std: Their standard deviation.

    Returns:
        Tensor like `input`.

    Examples:
        >>> ops.LogNormalReverse()(Tensor(np.zeros((2, 3), np.float32))).shape
        (2, 3)

    MindSpore r2.0 `ops.LogNormalReverse`.
    """
    x = floats("LogNormalReverse", input=input)
    return jnp.exp(mean + std * jax.random.normal(make_key(key), x.shape, jnp.float32)).astype(x.dtype)


@op(None, random=True)
def rrelu(key: Any, input: Array, lower: float = 1 / 8, upper: float = 1 / 3) -> Array:
    """Multiplies each negative element by its own random slope.

    Args:
        input: Tensor, float.
        lower: The least slope.
        upper: The greatest.

    Returns:
        Tensor like `input`.

    Raises:
        ValueError: `lower` is above `upper`.

    Examples:
        >>> print(ops.rrelu(Tensor([-4.0, 2.0]), 0.5, 0.5))
        [-2.  2.]

    MindSpore r2.0 `ops.rrelu`.
    """
    if not 0 <= lower <= upper <= 1:
        raise ValueError(f"For 'rrelu', the slopes should be in [0, 1], 'lower' not above 'upper', but got {lower} and "
                         f"{upper}.")
    x = floats("rrelu", input=input)
    slope = jax.random.uniform(make_key(key), x.shape, jnp.float32, lower, upper if upper > lower else lower + 1e-30)
    return jnp.where(x < 0, x * slope.astype(x.dtype), x)
