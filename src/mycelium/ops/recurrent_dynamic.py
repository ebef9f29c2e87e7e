"""DynamicRNN and DynamicGRUV2: recurrent primitives that return every gate of every frame."""
from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.ops.annotations import Array
from mycelium.ops.checks import MismatchError, PositiveInt, floats, rank
from mycelium.ops.op import op


def _given(owner: str, seq_length: Any) -> None:
    if seq_length is not None:
        raise ValueError(f"For '{owner}', 'seq_length' should be None. Mask the outputs, or use nn.LSTM or nn.GRU with "
                         "their 'seq_length'.")


def _shapes(owner: str, **arrays: tuple) -> None:
    """MismatchError unless each array, given with its name and the shape it should have, has that shape."""
    for name, (array, shape) in arrays.items():
        if array is not None and array.shape != shape:
            raise MismatchError(f"For '{owner}', '{name}' should have shape {shape}, but got {array.shape}.")


@op("DynamicRNN", function=None)
def dynamic_rnn(x: Array, w: Array, b: Array, seq_length: Array | None, init_h: Array, init_c: Array, *,
                cell_type: Literal["LSTM"] = "LSTM", direction: Literal["UNIDIRECTIONAL"] = "UNIDIRECTIONAL",
                cell_depth: int = 1, use_peephole: bool = False, keep_prob: float = 1.0, cell_clip: float = -1.0,
                num_proj: int = 0, time_major: bool = True, activation: Literal["tanh"] = "tanh",
                forget_bias: float = 0.0, is_training: bool = True) -> tuple:
    """LSTM over all frames, with the gates of each.

    Args:
        x: Tensor of shape (T, N, I), float.
        w: Tensor of shape (I + H, 4 H): of input and state, for the gates input, cell, forget, output.
        b: Tensor of shape (4 H,).
        seq_length: None.
        init_h, init_c: Tensors of shape (1, N, H).
        cell_type, direction, activation: "LSTM", "UNIDIRECTIONAL", "tanh".
        cell_depth, use_peephole, keep_prob, num_proj, time_major, is_training: Accepted for compatibility.
        cell_clip: Bound of the cell's values, unless negative.
        forget_bias: Added to the forget gate.

    Returns:
        (y, h, c, input gate, cell candidate, forget gate, output gate, tanh(c)), each (T, N, H).

    Raises:
        ValueError: The shapes do not go together.

    Examples:
        >>> x, w, b = (Tensor(np.ones(s, np.float32)) for s in ((2, 1, 3), (5, 8), (8,)))
        >>> state = Tensor(np.zeros((1, 1, 2), np.float32))
        >>> print(ops.DynamicRNN()(x, w, b, None, state, state)[0].shape)
        (2, 1, 2)

    MindSpore r1.8 `ops.DynamicRNN`.
    """
    owner = "DynamicRNN"
    x, w, b, init_h, init_c = floats(owner, x=x, w=w, b=b, init_h=init_h, init_c=init_c)
    _given(owner, seq_length)
    rank(owner, "x", x, 3)
    rank(owner, "w", w, 2)
    hidden = w.shape[1] // 4
    state = (1, x.shape[1], hidden)
    _shapes(owner, w=(w, (x.shape[2] + hidden, 4 * hidden)), b=(b, (4 * hidden,)), init_h=(init_h, state),
            init_c=(init_c, state))

    def step(state: tuple, frame: Any) -> tuple:
        h, c = state
        i, j, f, o = jnp.split(frame + h @ w[x.shape[2]:], 4, -1)
        i, j, f, o = jax.nn.sigmoid(i), jnp.tanh(j), jax.nn.sigmoid(f + forget_bias), jax.nn.sigmoid(o)
        c = f * c + i * j
        c = jnp.clip(c, -cell_clip, cell_clip) if cell_clip > 0 else c
        tanh_c = jnp.tanh(c)
        h = o * tanh_c
        return (h, c), (h, h, c, i, j, f, o, tanh_c)

    return lax.scan(step, (init_h[0], init_c[0]), x @ w[:x.shape[2]] + b)[1]


@op("DynamicGRUV2", function=None)
def dynamic_gru_v2(x: Array, weight_i: Array, weight_h: Array, bias_i: Array | None, bias_h: Array | None,
                   seq_length: Array | None, init_h: Array, *,
                   direction: Literal["UNIDIRECTIONAL"] = "UNIDIRECTIONAL", cell_depth: PositiveInt = 1,
                   keep_prob: float = 1.0, cell_clip: float = -1.0, num_proj: int = 0, time_major: bool = True,
                   activation: Literal["tanh"] = "tanh", gate_order: Literal["rzh", "zrh"] = "rzh",
                   reset_after: bool = True, is_training: bool = True) -> tuple:
    """GRU over all frames, with the gates of each.

    Args:
        x: Tensor of shape (T, N, I), float.
        weight_i: Tensor of shape (I, 3 H).
        weight_h: Tensor of shape (H, 3 H).
        bias_i, bias_h: Tensors of shape (3 H,), or None.
        seq_length: None.
        init_h: Tensor of shape (N, H).
        direction, activation: "UNIDIRECTIONAL", "tanh".
        cell_depth, keep_prob, cell_clip, num_proj, time_major, is_training: Accepted for compatibility.
        gate_order: "rzh" (reset, update, new) or "zrh".
        reset_after: Whether the reset gate acts on the product with `weight_h`, or on the state before it.

    Returns:
        (y, h, update gate, reset gate, new state, its part of the state), each (T, N, H).

    Raises:
        ValueError: The shapes do not go together.

    Examples:
        >>> x, w_i, w_h = (Tensor(np.ones(s, np.float32)) for s in ((2, 1, 3), (3, 6), (2, 6)))
        >>> state = Tensor(np.zeros((1, 2), np.float32))
        >>> print(ops.DynamicGRUV2()(x, w_i, w_h, None, None, None, state)[0].shape)
        (2, 1, 2)

    MindSpore r1.8 `ops.DynamicGRUV2`.
    """
    owner = "DynamicGRUV2"
    x, w_i, w_h, b_i, b_h, init_h = floats(owner, x=x, weight_i=weight_i, weight_h=weight_h, bias_i=bias_i,
                                           bias_h=bias_h, init_h=init_h)
    _given(owner, seq_length)
    rank(owner, "x", x, 3)
    rank(owner, "weight_h", w_h, 2)
    hidden = w_h.shape[0]
    _shapes(owner, weight_i=(w_i, (x.shape[2], 3 * hidden)), weight_h=(w_h, (hidden, 3 * hidden)),
            bias_i=(b_i, (3 * hidden,)), bias_h=(b_h, (3 * hidden,)), init_h=(init_h, (x.shape[1], hidden)))
    order = [gate_order.index(g) for g in "rzh"]
    if b_h is None:
        b_h = jnp.zeros(3 * hidden, x.dtype)

    def gates(y: Any) -> list:
        parts = jnp.split(y, 3, -1)
        return [parts[i] for i in order]

    def step(h: Any, frame: Any) -> tuple:
        r, z, n = gates(frame)
        h_r, h_z, h_n = gates(h @ w_h + b_h)
        r, z = jax.nn.sigmoid(r + h_r), jax.nn.sigmoid(z + h_z)
        if not reset_after:
            h_n = gates((r * h) @ w_h + b_h)[2]
        n = jnp.tanh(n + (r * h_n if reset_after else h_n))
        h = (1 - z) * n + z * h
        return h, (h, h, z, r, n, h_n)

    projected = x @ w_i if b_i is None else x @ w_i + b_i
    return lax.scan(step, init_h, projected)[1]
