"""Random choices: multinomial, categorical, permutations, masks, candidate samplers."""
from __future__ import annotations

from typing import Annotated, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.core.errors import check_int
from mycelium.core.tensor import Tensor
from mycelium.engine.random import make_key
from mycelium.ops.annotations import Array, Dtype
from mycelium.ops.checks import PositiveInt, booleans, dtype_name, floats, not_negative, rank, tensors
from mycelium.ops.op import function, op
from mycelium.ops.random_numbers import Seed


def _draw(owner: str, key: Any, weights: Any, count: int, replacement: bool) -> Any:
    """`count` positions for each row of weights."""
    tensors(owner, inputs=weights)
    weights = floats(owner, inputs=weights)
    rank(owner, "inputs", weights, 1, 2)
    if count < 1:
        raise ValueError(f"For '{owner}', the number of samples should be 1 or greater, but got {count}.")
    if not replacement and count > weights.shape[-1]:
        raise ValueError(f"For '{owner}', without replacement there are at most {weights.shape[-1]} samples, but "
                         f"'num_sample' is {count}.")
    logits = jnp.log(weights)
    if replacement:
        places = jax.random.categorical(key, logits, -1, (count, *weights.shape[:-1]))
        return jnp.moveaxis(places, 0, -1).astype(np.int32)
    # the largest of logits with Gumbel noise are a draw without replacement
    return lax.top_k(logits + jax.random.gumbel(key, weights.shape, weights.dtype), count)[1].astype(np.int32)


@op("Multinomial", function=None, random=True)
def multinomial_with(key: Any, inputs: Array, num_samples: int, *, seed: Seed = 0, seed2: Seed = 0):
    """Positions drawn with replacement, each with its weight's probability.

    Args:
        inputs: Tensor of float, (classes,) or (rows, classes): weights, not negative; they need not sum to 1.
        num_samples: How many per row.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tensor of int32, (num_samples,) or (rows, num_samples).

    Raises:
        TypeError: `inputs` is not a float Tensor.
        ValueError: `num_samples` is below 1, or the rank is not 1 or 2.

    Examples:
        >>> ops.Multinomial(seed=10)(Tensor([0.0, 9.0, 4.0, 0.0]), 2).shape
        (2,)

    MindSpore r1.8 `ops.Multinomial`.
    """
    return _draw("Multinomial", make_key(key, seed, seed2), inputs, num_samples, True)


@op(None, function=None, random=True)
def multinomial_draw(key: Any, inputs: Array, *, num_sample: int, replacement: bool, seed: int):
    """`ops.multinomial`: the draw."""
    return _draw("multinomial", make_key(key, seed), inputs, num_sample, replacement)


@function(method="multinomial")
def multinomial(inputs: Tensor, num_sample: int, replacement: bool = True, seed: int | None = None) -> Tensor:
    """Positions drawn with their weights' probability.

    Args:
        inputs: Tensor of float, (classes,) or (rows, classes): weights, not negative; they need not sum to 1.
        num_sample: How many per row.
        replacement: Whether a position can come again.
        seed: Seed of this call, None for none of its own.

    Returns:
        Tensor of int32, (num_sample,) or (rows, num_sample).

    Raises:
        TypeError: `inputs` is not a float Tensor.
        ValueError: `num_sample` is below 1, or too large without replacement.

    Examples:
        >>> ops.multinomial(Tensor([0.0, 9.0, 4.0, 0.0]), 2).shape
        (2,)

    MindSpore r1.8 `ops.multinomial`.
    """
    return multinomial_draw(inputs, num_sample, replacement,
                            0 if seed is None else check_int("multinomial", "seed", seed, 0))


def _int_dtype(owner: str, *, dtype: mstype.Type) -> None:
    if dtype not in (mstype.int16, mstype.int32, mstype.int64):
        raise TypeError(f"For '{owner}', 'dtype' should be int16, int32 or int64, but got {dtype}.")


@op("RandomCategorical", method="random_categorical", random=True, validate=_int_dtype)
def random_categorical(key: Any, logits: Array, num_sample: int, seed: int = 0, *, dtype: Dtype = mstype.int64):
    """Classes drawn with probability softmax(logits).

    Args:
        logits: Tensor of float, (rows, classes).
        num_sample: How many per row.
        seed: Seed of this call, 0 for none of its own.
        dtype: int16, int32 or int64.

    Returns:
        Tensor of `dtype`, (rows, num_sample).

    Raises:
        TypeError: `dtype` is another, or `logits` not a float Tensor.
        ValueError: The rank is not 2, or `num_sample` below 1.

    Examples:
        >>> ops.RandomCategorical()(Tensor(np.ones((10, 5), np.float32)), 8, 0).shape
        (10, 8)

    MindSpore r1.8 `ops.RandomCategorical`.
    """
    tensors("RandomCategorical", logits=logits)
    logits = floats("RandomCategorical", logits=logits)
    rank("RandomCategorical", "logits", logits, 2)
    if num_sample < 1:
        raise ValueError(f"For 'RandomCategorical', 'num_sample' should be 1 or greater, but got {num_sample}.")
    places = jax.random.categorical(make_key(key, seed), logits, -1, (num_sample, logits.shape[0]))
    return places.T.astype(dtype.np_dtype)


@op("RandomChoiceWithMask", function=None, random=True)
def random_choice_with_mask(key: Any, input_x: Array, *, count: PositiveInt = 256, seed: Seed = 0, seed2: Seed = 0):
    """Positions of `count` true elements, drawn without replacement.

    Args:
        input_x: Tensor of bool, of at least one axis.
        count: How many.
        seed: Seed of this operator, 0 for none of its own.
        seed2: Second part of it.

    Returns:
        Tuple of the positions, int32 (count, input_x.ndim), and which of them are valid, bool (count,): where fewer
        elements are true, the rest is 0 and False.

    Raises:
        TypeError: `input_x` is not bool.
        ValueError: `count` is below 1, or `input_x` has no axes.

    Examples:
        >>> places, valid = ops.RandomChoiceWithMask(count=3)(Tensor([True, False, True]))
        >>> print(valid)
        [ True  True False]

    MindSpore r1.8 `ops.RandomChoiceWithMask`.
    """
    tensors("RandomChoiceWithMask", input_x=input_x)
    booleans("RandomChoiceWithMask", input_x=input_x)
    if not input_x.ndim:
        raise ValueError("For 'RandomChoiceWithMask', 'input_x' should have at least one axis, but it is a scalar.")
    flat = jnp.ravel(input_x)
    priority = jnp.where(flat, jax.random.uniform(make_key(key, seed, seed2), flat.shape), -1.0)
    best, places = lax.top_k(priority, min(count, flat.size))
    valid = jnp.zeros(count, bool).at[:best.size].set(best >= 0)
    places = jnp.zeros(count, np.int32).at[:best.size].set(places.astype(np.int32))
    places = jnp.stack(jnp.unravel_index(jnp.where(valid, places, 0), input_x.shape), 1)
    return places.astype(np.int32), valid


def _permutation_dtype(owner: str, *, max_length: int, pad: int, dtype: mstype.Type) -> None:
    if not isinstance(dtype, (mstype.Int, mstype.UInt)):
        raise TypeError(f"For '{owner}', 'dtype' should be an int dtype, but got {dtype}.")


@op("Randperm", function=None, random=True, validate=_permutation_dtype)
def randperm(key: Any, n: Array, *, max_length: PositiveInt = 1, pad: int = -1, dtype: Dtype = mstype.int32):
    """The numbers 0 to n - 1 in random order, filled up to a fixed length.

    Args:
        n: Tensor of int32 with one element, in [0, max_length].
        max_length: Length of the result.
        pad: What fills the places after the n-th.
        dtype: An int dtype.

    Returns:
        Tensor of `dtype`, (max_length,).

    Raises:
        TypeError: `n` is not an int Tensor.
        ValueError: `max_length` is below 1, or `n` has several elements.

    Examples:
        >>> sorted(ops.Randperm(max_length=4, pad=-1)(Tensor([3], ms.int32)).asnumpy().tolist())
        [-1, 0, 1, 2]

    MindSpore r1.8 `ops.Randperm`.
    """
    tensors("Randperm", n=n)
    if not jnp.issubdtype(n.dtype, jnp.integer):
        raise TypeError(f"For 'Randperm', 'n' should be a Tensor of int32, but got {dtype_name(n)}.")
    if n.size != 1:
        raise ValueError(f"For 'Randperm', 'n' should have one element, but got shape {n.shape}.")
    place = lax.iota(np.int32, max_length)
    inside = place < jnp.reshape(n, ())
    priority = jnp.where(inside, jax.random.uniform(make_key(key), (max_length,)), 2.0)
    return jnp.where(inside, jnp.argsort(priority), pad).astype(dtype.np_dtype)


def _probability(owner: str, name: str, value: Any) -> Any:
    if isinstance(value, float) and not 0 <= value <= 1:
        raise ValueError(f"For '{owner}', '{name}' should be in [0, 1], but got {value}.")
    return value


@op(None, function=None, random=True)
def bernoulli_draw(key: Any, x: Array, p: Array, *, seed: Annotated[int, not_negative]):
    """`ops.bernoulli`: the draw."""
    tensors("bernoulli", x=x)
    if jnp.ndim(p) > x.ndim or any(a not in (1, b) for a, b in zip(jnp.shape(p)[::-1], x.shape[::-1], strict=False)):
        raise ValueError(f"For 'bernoulli', the shape of 'p' should broadcast to that of 'x', {x.shape}, but got "
                         f"{jnp.shape(p)}.")
    return (jax.random.uniform(make_key(key, seed), x.shape, np.float32) < jnp.asarray(p)).astype(x.dtype)


@function(method="bernoulli")
def bernoulli(x: Tensor, p: Any = 0.5, seed: int = -1) -> Tensor:
    """Ones with probability `p`, else zeros, in the shape and dtype of a Tensor.

    Args:
        x: Tensor whose shape and dtype count.
        p: The probability of 1, a number or a Tensor that broadcasts with `x`.
        seed: Seed of this call, -1 for none of its own.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `p` is not a number or Tensor, or `seed` not an int.
        ValueError: `p` is not in [0, 1], or `seed` negative other than -1.

    Examples:
        >>> print(ops.bernoulli(Tensor([1, 2, 3]), Tensor([0.0, 1.0, 1.0])))
        [0 1 1]

    MindSpore r1.8 `ops.bernoulli`.
    """
    seed = 0 if seed == -1 else check_int("bernoulli", "seed", seed, 0)
    return bernoulli_draw(x, _probability("bernoulli", "p", float(p) if isinstance(p, int) else p), seed)


@function()
def choice_with_mask(input_x: Tensor, count: int = 256, seed: int | None = None) -> tuple[Tensor, Tensor]:
    """Positions of true elements, drawn without replacement, as `ops.RandomChoiceWithMask`.

    Args:
        input_x: Tensor of bool with one to five axes.
        count: How many positions.
        seed: Seed of this call, None for none of its own.

    Returns:
        (Tensor of int32 of shape (count, axes), Tensor of bool of shape (count,): False past the last true element).

    Examples:
        >>> places, found = ops.choice_with_mask(Tensor([True, False]), 2)
        >>> print(places[:, 0], found)
        [0 0] [ True False]

    MindSpore r2.0 `ops.choice_with_mask`.
    """
    return random_choice_with_mask(input_x, count=count, seed=seed or 0)


# ***** candidate samplers *****


def _check_sampler(owner: str, **attributes: Any) -> None:
    if attributes["unique"] and attributes["num_sampled"] > attributes["range_max"]:
        raise ValueError(f"For '{owner}', 'num_sampled' should be at most 'range_max' when 'unique' is True, but got "
                         f"{attributes['num_sampled']} and {attributes['range_max']}.")


def _check_classes(owner: str, true_classes: Any, num_true: int) -> None:
    tensors(owner, true_classes=true_classes)
    if not jnp.issubdtype(true_classes.dtype, jnp.integer):
        raise TypeError(f"For '{owner}', 'true_classes' should be a Tensor of int32 or int64, but got "
                        f"{dtype_name(true_classes)}.")
    if true_classes.ndim != 2 or true_classes.shape[1] != num_true:
        raise ValueError(f"For '{owner}', 'true_classes' should have shape (batch, {num_true}), but got "
                         f"{true_classes.shape}.")


def _sampled(key: Any, logits: Any, count: int, unique: bool) -> Any:
    if unique:      # the largest of logits with Gumbel noise are a draw without replacement
        return lax.top_k(logits + jax.random.gumbel(key, logits.shape, np.float32), count)[1]
    return jax.random.categorical(key, logits, shape=(count,))


def _tries(key: Any, logits: Any, count: int) -> Any:
    """How many draws it takes until `count` classes differ."""
    def draw(state: tuple) -> tuple:
        tries, seen = state
        return tries + 1, seen.at[jax.random.categorical(jax.random.fold_in(key, tries), logits)].set(True)

    start = jnp.zeros((), np.int32), jnp.zeros(logits.shape, bool)
    return lax.while_loop(lambda state: jnp.sum(state[1]) < count, draw, start)[0]


@op("UniformCandidateSampler", random=True, validate=_check_sampler)
def uniform_candidate_sampler(key: Any, true_classes: Array, *, num_true: PositiveInt, num_sampled: PositiveInt,
                              unique: bool, range_max: PositiveInt, seed: Seed = 0,
                              remove_accidental_hits: bool = False):
    """Classes sampled from [0, range_max), all with the same probability.

    Args:
        true_classes: Tensor of int32 or int64, (batch, num_true).
        num_true: Number of true classes per example.
        num_sampled: How many to sample.
        unique: Whether all sampled classes differ.
        range_max: Number of classes.
        seed: Seed of this operator, 0 for none of its own.
        remove_accidental_hits: Accepted for compatibility.

    Returns:
        Tuple of the sampled classes (num_sampled,), and how often the true (batch, num_true) and the sampled ones
        (num_sampled,) are expected in such a sample, float32.

    Raises:
        TypeError: `true_classes` is not an int Tensor.
        ValueError: `num_sampled` is larger than `range_max` for `unique`, or the shape is another.

    Examples:
        >>> sampled, true_count, _ = ops.uniform_candidate_sampler(Tensor([[1], [3]]), 1, 3, False, 4)
        >>> print(true_count)
        [[0.75]
         [0.75]]

    MindSpore r1.8 `ops.UniformCandidateSampler`.
    """
    _check_classes("UniformCandidateSampler", true_classes, num_true)
    sampled = _sampled(make_key(key, seed), jnp.zeros(range_max, np.float32), num_sampled, unique)
    expected = np.float32(num_sampled / range_max)
    return (sampled.astype(true_classes.dtype), jnp.full(true_classes.shape, expected),
            jnp.full(num_sampled, expected))


@op("LogUniformCandidateSampler", random=True, validate=_check_sampler)
def log_uniform_candidate_sampler(key: Any, true_classes: Array, *, num_true: PositiveInt = 1,
                                  num_sampled: PositiveInt = 5, unique: bool = True, range_max: PositiveInt = 5,
                                  seed: Seed = 0):
    """Classes sampled from [0, range_max), low ones more often: p(c) = log((c + 2) / (c + 1)) / log(range_max + 1).

    Args:
        true_classes: Tensor of int32 or int64, (batch, num_true).
        num_true: Number of true classes per example.
        num_sampled: How many to sample.
        unique: Whether all sampled classes differ.
        range_max: Number of classes.
        seed: Seed of this operator, 0 for none of its own.

    Returns:
        Tuple of the sampled classes (num_sampled,), and how often the true (batch, num_true) and the sampled ones
        (num_sampled,) are expected in such a sample, float32.

    Raises:
        TypeError: `true_classes` is not an int Tensor.
        ValueError: `num_sampled` is larger than `range_max` for `unique`, or the shape is another.

    Examples:
        >>> sampled, _, _ = ops.LogUniformCandidateSampler(1, 3, True, 5)(Tensor([[1], [3]]))
        >>> sampled.shape
        (3,)

    MindSpore r1.8 `ops.LogUniformCandidateSampler`.
    """
    _check_classes("LogUniformCandidateSampler", true_classes, num_true)

    def probability(classes: Any) -> Any:
        classes = classes.astype(np.float32)
        return jnp.log((classes + 2) / (classes + 1)) / np.float32(np.log(range_max + 1))

    draw, count = jax.random.split(make_key(key, seed))
    logits = jnp.log(probability(lax.iota(np.int32, range_max)))
    sampled = _sampled(draw, logits, num_sampled, unique)

    def expected(classes: Any) -> Any:
        if not unique:
            return num_sampled * probability(classes)
        return -jnp.expm1(_tries(count, logits, num_sampled) * jnp.log1p(-probability(classes)))

    return sampled.astype(true_classes.dtype), expected(true_classes), expected(sampled)
