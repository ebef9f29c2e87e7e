"""Connectionist temporal classification: the loss, and greedy decoding."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, Reduction, floats, integers, rank
from mycelium.ops.op import op

_NEVER = -1e30      # log probability of what cannot happen; finite, so that gradients stay numbers


def _table(indices: Any, values: Any, batch: int, width: int) -> tuple[Any, Any]:
    """Labels as an array of shape (batch, width), and how many each row has, from (row, position) pairs."""
    labels = jnp.zeros((batch, width), jnp.int32).at[indices[:, 0], indices[:, 1]].set(
        values.astype(jnp.int32), mode="drop")
    counts = jnp.zeros(batch, jnp.int32).at[indices[:, 0]].max(indices[:, 1].astype(jnp.int32) + 1, mode="drop")
    return labels, counts


def _without_repeats(labels: Any, counts: Any) -> tuple[Any, Any]:
    """The rows of labels with runs of one label as a single one."""
    place = jnp.arange(labels.shape[1])
    first = jnp.concatenate([jnp.ones((labels.shape[0], 1), bool), labels[:, 1:] != labels[:, :-1]], 1)
    first &= place < counts[:, None]
    to = jnp.where(first, jnp.cumsum(first, 1, dtype=jnp.int32) - 1, labels.shape[1])
    rows = jnp.arange(labels.shape[0])[:, None]
    return jnp.zeros_like(labels).at[rows, to].set(labels, mode="drop"), jnp.sum(first, 1, dtype=jnp.int32)


def _shift(x: Any, by: int) -> Any:
    return jnp.pad(x, ((0, 0), (by, 0)), constant_values=_NEVER)[:, :x.shape[1]]


def _negative_log_likelihood(x: Any, labels: Any, counts: Any, lengths: Any, merge: bool) -> Any:
    """-log of the probability of each row's labels; the blank is the last class.

    States of the recursion: blank, label 0, blank, label 1, ..., blank.
    """
    log_p = jax.nn.log_softmax(x, -1)
    time, batch, classes = x.shape
    width = labels.shape[1]
    states = jnp.full((batch, 2 * width + 1), classes - 1, jnp.int32).at[:, 1::2].set(labels)
    is_label = jnp.arange(2 * width + 1) % 2 == 1
    same = jnp.pad(states[:, 2:] == states[:, :-2], ((0, 0), (2, 0)), constant_values=True)
    skip = is_label & ~same if merge else jnp.broadcast_to(is_label, states.shape).at[:, 1].set(False)
    # without merging, a label that stays would be a second one
    stay = jnp.ones_like(is_label) if merge else ~is_label

    def emitted(frame: Any) -> Any:
        return jnp.take_along_axis(frame, states, 1)

    start = jnp.where(jnp.arange(2 * width + 1) < 2, emitted(log_p[0]), _NEVER)

    def step(alpha: Any, frame: tuple) -> tuple:
        log_p, t = frame
        paths = jnp.stack([jnp.where(stay, alpha, _NEVER), _shift(alpha, 1),
                           jnp.where(skip, _shift(alpha, 2), _NEVER)])
        new = jnp.maximum(jax.nn.logsumexp(paths, 0) + emitted(log_p), _NEVER)
        return jnp.where((t < lengths)[:, None], new, alpha), None

    alpha, _ = lax.scan(step, start, (log_p[1:], jnp.arange(1, time)))
    end = 2 * counts[:, None]
    last = jnp.take_along_axis(alpha, end, 1)[:, 0]
    before = jnp.where(counts > 0, jnp.take_along_axis(alpha, jnp.maximum(end - 1, 0), 1)[:, 0], _NEVER)
    return -jnp.logaddexp(last, before)


@op("CTCLoss", function=None)
def ctc_loss_(x: Array, labels_indices: Array, labels_values: Array, sequence_length: Array, *,
              preprocess_collapse_repeated: bool = False, ctc_merge_repeated: bool = True,
              ignore_longer_outputs_than_inputs: bool = False) -> tuple[Array, Array]:
    """CTC loss of a batch of sequences, and its gradient.

    Args:
        x: Tensor of shape (T, N, C), float: logits. The last class is the blank.
        labels_indices: Tensor of shape (L, 2), int64: (sequence, position) of each label.
        labels_values: Tensor of shape (L,), int32: the labels, in [0, C - 1).
        sequence_length: Tensor of shape (N,), int32: how many of the T frames each sequence has.
        preprocess_collapse_repeated: Take runs of one label as a single one.
        ctc_merge_repeated: Whether equal neighbours in a path are one label; if not, every frame emits a new one.
        ignore_longer_outputs_than_inputs: Accepted for compatibility.

    Returns:
        (loss of shape (N,), gradient of shape (T, N, C)). The loss is inf, and its gradient 0, where a sequence is too
        short for its labels.

    Raises:
        TypeError: Labels or lengths are not integers.
        ValueError: The shapes do not go together.

    Examples:
        >>> x = Tensor(np.zeros((2, 1, 3), np.float32))
        >>> print(ops.CTCLoss()(x, Tensor([[0, 0]]), Tensor([1], ms.int32), Tensor([2], ms.int32))[0])
        [1.0986123]

    Graves et al., Connectionist Temporal Classification. MindSpore r1.8 `ops.CTCLoss`.
    """
    x = floats("CTCLoss", x=x)
    integers("CTCLoss", labels_indices=labels_indices, labels_values=labels_values, sequence_length=sequence_length)
    rank("CTCLoss", "x", x, 3)
    time, batch, _ = x.shape
    if labels_indices.shape != (*labels_values.shape, 2) or sequence_length.shape != (batch,):
        raise ValueError(f"For 'CTCLoss', 'labels_indices' should have shape (L, 2), 'labels_values' (L,) and "
                         f"'sequence_length' ({batch},), but got {labels_indices.shape}, {labels_values.shape} and "
                         f"{sequence_length.shape}.")
    # a sequence of T frames has no room for more than T labels
    labels, counts = _table(labels_indices, labels_values, batch, min(time, labels_values.shape[0]))
    if preprocess_collapse_repeated:
        labels, counts = _without_repeats(labels, counts)
    counts_kept = jnp.minimum(counts, labels.shape[1])

    def total(x: Any) -> tuple:
        loss = _negative_log_likelihood(x, labels, counts_kept, sequence_length, ctc_merge_repeated)
        possible = (loss < -_NEVER / 2) & (counts <= labels.shape[1])
        return jnp.sum(jnp.where(possible, loss, 0)), jnp.where(possible, loss, jnp.inf)

    gradient, _ = jax.grad(total, has_aux=True)(lax.stop_gradient(x))
    return total(x)[1], gradient


def _greedy(owner: str, inputs: Any, sequence_length: Any, merge_repeated: bool) -> tuple:
    inputs = floats(owner, inputs=inputs)
    integers(owner, sequence_length=sequence_length)
    rank(owner, "inputs", inputs, 3)
    time, batch, classes = inputs.shape
    if sequence_length.shape != (batch,):
        raise MismatchError(f"For '{owner}', 'sequence_length' should have shape ({batch},) for inputs of shape "
                            f"{inputs.shape}, but got {sequence_length.shape}.")
    best = jnp.argmax(inputs, -1).T
    inside = jnp.arange(time) < sequence_length[:, None]
    score = -jnp.sum(jnp.where(inside, jnp.max(inputs, -1).T, 0), 1)
    kept = inside & (best != classes - 1)
    if merge_repeated:
        kept &= jnp.concatenate([jnp.ones((batch, 1), bool), best[:, 1:] != best[:, :-1]], 1)
    counts = jnp.sum(kept, 1)
    rows, frames = jnp.nonzero(kept)
    places = (jnp.cumsum(kept, 1) - 1)[rows, frames]
    shape = jnp.stack([jnp.asarray(batch), jnp.max(counts)]).astype(jnp.int64)
    return jnp.stack([rows, places], 1).astype(jnp.int64), best[rows, frames].astype(jnp.int64), shape, score[:, None]


@op("CTCGreedyDecoder", function=None, dynamic_shape=True)
def ctc_greedy_decoder_(inputs: Array, sequence_length: Array, *, merge_repeated: bool = True) -> tuple:
    """The likeliest class of each frame, without blanks and repeats, see `ops.ctc_greedy_decoder`.

    Args:
        inputs: Tensor of shape (T, N, C), float: logits. The last class is the blank.
        sequence_length: Tensor of shape (N,), int32.
        merge_repeated: Whether equal neighbours are one label.

    Returns:
        (indices (L, 2), values (L,), shape (2,), log probability (N, 1)).

    Examples:
        >>> x = Tensor([[[2.0, 1.0]], [[2.0, 1.0]]])
        >>> print(ops.CTCGreedyDecoder()(x, Tensor([2], ms.int32))[1])
        [0]

    MindSpore r1.8 `ops.CTCGreedyDecoder`.
    """
    return _greedy("CTCGreedyDecoder", inputs, sequence_length, merge_repeated)


@op(dynamic_shape=True)
def ctc_greedy_decoder(inputs: Array, sequence_length: Array, *, merge_repeated: bool = True) -> tuple:
    """The likeliest class of each frame, without blanks and repeats.

    Args:
        inputs: Tensor of shape (T, N, C), float: logits. The last class is the blank.
        sequence_length: Tensor of shape (N,), int32: how many of the T frames each sequence has.
        merge_repeated: Whether equal neighbours are one label.

    Returns:
        (indices (L, 2), int64: (sequence, position); values (L,), int64: the labels; shape (2,), int64: sequences and
        the longest; score (N, 1): minus the sum of the logits taken).

    Raises:
        TypeError: Lengths are not integers.
        ValueError: The shapes do not go together.

    Examples:
        >>> x = Tensor([[[2.0, 1.0]], [[2.0, 1.0]]])
        >>> indices, values, shape, score = ops.ctc_greedy_decoder(x, Tensor([2], ms.int32))
        >>> print(indices, values, shape, score)
        [[0 0]] [0] [1 1] [[-4.]]

    MindSpore r1.8 `ops.ctc_greedy_decoder`.
    """
    return _greedy("ctc_greedy_decoder", inputs, sequence_length, merge_repeated)


def _forward(log_p: Any, targets: Any, lengths: Any, counts: Any, blank: int) -> Any:
    """Logarithms of the probabilities of all starts of the labels, (N, T, 2 S + 1); -1e30 for what cannot happen."""
    width = targets.shape[1]
    states = jnp.full((targets.shape[0], 2 * width + 1), blank, jnp.int32).at[:, 1::2].set(targets.astype(jnp.int32))
    place = jnp.arange(2 * width + 1)
    possible = place < 2 * counts[:, None] + 1
    differs = jnp.pad(states[:, 2:] != states[:, :-2], ((0, 0), (2, 0)))
    skip = differs & (place % 2 == 1) & (place > 2)
    first = jnp.where((place < 2) & possible, jnp.take_along_axis(log_p[0], states, 1), _NEVER)

    def step(alpha: Any, frame: tuple) -> tuple:
        log_p, t = frame
        ways = jnp.stack([alpha, _shift(alpha, 1), jnp.where(skip, _shift(alpha, 2), _NEVER)])
        new = jax.nn.logsumexp(ways, 0) + jnp.take_along_axis(log_p, states, 1)
        new = jnp.where(possible, jnp.maximum(new, _NEVER), _NEVER)
        return jnp.where(t < lengths[:, None], new, alpha), new

    _, rest = lax.scan(step, first, (log_p[1:], jnp.arange(1, log_p.shape[0])))
    return jnp.swapaxes(jnp.concatenate([first[None], rest]), 0, 1)


def _rows(targets: Any, counts: Any, width: int) -> Any:
    """Targets given one after the other as rows."""
    start = jnp.cumsum(counts) - counts
    return jnp.take(targets, start[:, None] + jnp.arange(width), mode="clip")


@op(None)
def ctc_loss(log_probs: Array, targets: Array, input_lengths: Array, target_lengths: Array, blank: int = 0,
             reduction: Reduction = "mean", zero_infinity: bool = False) -> tuple:
    """Minus the logarithm of the probability of labels, summed over all alignments.

    Args:
        log_probs: Tensor of shape (T, N, C): logarithms of probabilities.
        targets: Tensor of shape (N, S), or (sum of target_lengths,) one after the other, int.
        input_lengths: Tensor of shape (N,): how many of the T frames count.
        target_lengths: Tensor of shape (N,): how many of the labels count.
        blank: The class of the blank.
        reduction: "none", "mean" (each divided by the length of its labels first) or "sum".
        zero_infinity: Whether losses that are infinite count as 0.

    Returns:
        (Tensor of shape () or (N,), Tensor of shape (N, T, 2 S + 1) of logarithms of the probabilities of all starts).

    Raises:
        ValueError: `log_probs` does not have three axes, or `blank` is no class.

    Examples:
        >>> log_probs = Tensor(np.log(np.full((2, 1, 3), 1 / 3, np.float32)))
        >>> print(ops.ctc_loss(log_probs, Tensor([[1]]), Tensor([2]), Tensor([1]))[0])
        1.0986123

    Graves et al. 2006. MindSpore r2.0 `ops.ctc_loss`.
    """
    log_p = floats("ctc_loss", log_probs=log_probs)
    rank("ctc_loss", "log_probs", log_p, 3)
    integers("ctc_loss", targets=targets)
    if not 0 <= blank < log_p.shape[2]:
        raise ValueError(f"For 'ctc_loss', 'blank' should be one of the {log_p.shape[2]} classes, but got {blank}.")
    lengths, counts = jnp.asarray(input_lengths).astype(jnp.int32), jnp.asarray(target_lengths).astype(jnp.int32)
    if targets.ndim == 1:
        targets = _rows(targets, counts, targets.shape[0])
    alpha = _forward(log_p, targets, lengths, counts, blank)
    last = jnp.take_along_axis(alpha, (lengths - 1)[:, None, None], 1)[:, 0]
    ends = jnp.take_along_axis(last, jnp.stack([jnp.maximum(2 * counts - 1, 0), 2 * counts], 1), 1)
    ends = ends.at[:, 0].set(jnp.where(counts == 0, _NEVER, ends[:, 0]))
    loss = -jax.nn.logsumexp(ends, 1)
    never = loss > -_NEVER / 2
    loss = jnp.where(never, 0 if zero_infinity else jnp.inf, loss).astype(log_p.dtype)
    if reduction == "mean":
        loss = jnp.mean(loss / jnp.maximum(counts, 1).astype(loss.dtype))
    elif reduction == "sum":
        loss = jnp.sum(loss)
    return loss, lax.stop_gradient(jnp.where(alpha <= _NEVER / 2, -jnp.inf, alpha)).astype(log_p.dtype)
