"""Recurrent layers, scanned over time. Gates lie as in PyTorch: input, forget, cell, output; reset, update, new."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax import lax

from mycelium.engine import random
from mycelium.ops.annotations import Array
from mycelium.ops.checks import PositiveInt, Probability, floats, rank
from mycelium.ops.op import op, primitive
from mycelium.ops.primitive import Primitive

# ***** layers: for one direction *****


def _scan(step: Callable, x: Any, state: tuple, seq_length: Any, reverse: bool) -> tuple[Any, tuple]:
    """The outputs and the last state of `step(state, x_t) -> state`; the output is the first part of the state.

    Frames from `seq_length` on leave the state alone and give 0; backwards, a sequence starts at its own end.
    """
    if seq_length is None:
        def plain(state: tuple, frame: Any) -> tuple:
            state = step(state, frame)
            return state, state[0]

        state, out = lax.scan(plain, state, x, reverse=reverse)
        return out, state

    def masked(state: tuple, frame: tuple) -> tuple:
        x_t, t = frame
        inside = (t < seq_length)[:, None]
        state = tuple([jnp.where(inside, n, o) for n, o in zip(step(state, x_t), state, strict=True)])
        return state, jnp.where(inside, state[0], 0)

    state, out = lax.scan(masked, state, (x, jnp.arange(x.shape[0])), reverse=reverse)
    return out, state


def _project(x: Any, weight: Any, bias: Any) -> Any:
    """The inputs' part of the gates, for all frames in one product."""
    y = x @ weight.T
    return y if bias is None else y + bias


def _lstm(x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, b_ih: Any, b_hh: Any, seq_length: Any, reverse: bool) -> tuple:
    bias = b_ih if b_hh is None else b_hh if b_ih is None else b_ih + b_hh

    def step(state: tuple, gates: Any) -> tuple:
        h, c = state
        i, f, g, o = jnp.split(gates + h @ w_hh.T, 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    out, (h, c) = _scan(step, _project(x, w_ih, bias), (h, c), seq_length, reverse)
    return out, h, c


@op(function=None)
def lstm_layer(x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None,
               b_hh: Array | None = None, seq_length: Array | None = None, *, reverse: bool = False) -> tuple:
    """One direction of one LSTM layer: x (T, N, I), h and c (N, H), w_ih (4 H, I), w_hh (4 H, H), biases (4 H,).

    Returns (outputs (T, N, H), h, c).
    """
    x, h, c, w_ih, w_hh, b_ih, b_hh = floats("LSTM", x=x, h=h, c=c, w_ih=w_ih, w_hh=w_hh, b_ih=b_ih, b_hh=b_hh)
    return _lstm(x, h, c, w_ih, w_hh, b_ih, b_hh, seq_length, reverse)


@op(function=None)
def gru_layer(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None,
              seq_length: Array | None = None, *, reverse: bool = False) -> tuple:
    """One direction of one GRU layer: x (T, N, I), h (N, H), w_ih (3 H, I), w_hh (3 H, H), biases (3 H,).

    Returns (outputs (T, N, H), h).
    """
    x, h, w_ih, w_hh, b_ih, b_hh = floats("GRU", x=x, h=h, w_ih=w_ih, w_hh=w_hh, b_ih=b_ih, b_hh=b_hh)

    def step(state: tuple, gates: Any) -> tuple:
        (h,) = state
        r, z, n = jnp.split(gates, 3, -1)
        h_r, h_z, h_n = jnp.split(_project(h, w_hh, b_hh), 3, -1)
        z = jax.nn.sigmoid(z + h_z)
        return ((1 - z) * jnp.tanh(n + jax.nn.sigmoid(r + h_r) * h_n) + z * h,)

    out, (h,) = _scan(step, _project(x, w_ih, b_ih), (h,), seq_length, reverse)
    return out, h


@op(function=None)
def rnn_layer(x: Array, h: Array, w_ih: Array, w_hh: Array, b_ih: Array | None = None, b_hh: Array | None = None,
              seq_length: Array | None = None, *, reverse: bool = False,
              nonlinearity: Literal["tanh", "relu"] = "tanh") -> tuple:
    """One direction of one simple layer: x (T, N, I), h (N, H), w_ih (H, I), w_hh (H, H), biases (H,).

    Returns (outputs (T, N, H), h).
    """
    x, h, w_ih, w_hh, b_ih, b_hh = floats("RNN", x=x, h=h, w_ih=w_ih, w_hh=w_hh, b_ih=b_ih, b_hh=b_hh)
    activation = jnp.tanh if nonlinearity == "tanh" else jax.nn.relu
    out, (h,) = _scan(lambda state, gates: (activation(gates + _project(state[0], w_hh, b_hh)),),
                      _project(x, w_ih, b_ih), (h,), seq_length, reverse)
    return out, h


# ***** LSTM *****


def _sizes(input_size: int, hidden_size: int, directions: int, layer: int) -> tuple[int, int]:
    """Elements of w_ih and w_hh of one direction of a layer."""
    return 4 * hidden_size * (input_size if layer == 0 else hidden_size * directions), 4 * hidden_size * hidden_size


def _stacked_lstm(key: Any, x: Any, h: Any, c: Any, w: Any, input_size: int, hidden_size: int, num_layers: int,
                  has_bias: bool, bidirectional: bool, dropout: float) -> tuple:
    x, h, c, w = floats("LSTM", input=x, h=h, c=c, w=w)
    directions = 2 if bidirectional else 1
    rank("LSTM", "input", x, 3)
    state = (num_layers * directions, x.shape[1], hidden_size)
    if x.shape[2] != input_size or h.shape != state or c.shape != state:
        raise ValueError(f"For 'LSTM', 'input' should have shape (T, N, {input_size}), 'h' and 'c' {state}, but got "
                         f"{x.shape}, {h.shape} and {c.shape}.")
    flat = w.reshape(-1)
    needed = sum(directions * (sum(_sizes(input_size, hidden_size, directions, n)) + has_bias * 4 * hidden_size)
                 for n in range(num_layers))
    if flat.shape[0] < needed:
        raise ValueError(f"For 'LSTM', 'w' should hold {needed} numbers, but got shape {w.shape}.")
    place = 0

    def take(count: int, *shape: int) -> Any:
        nonlocal place
        place += count
        return flat[place - count:place].reshape(shape)

    h_out, c_out = [], []
    for layer in range(num_layers):
        if dropout and layer:
            kept = jax.random.uniform(jax.random.fold_in(random.make_key(key), layer), x.shape, jnp.float32) >= dropout
            x = jnp.where(kept, x / (1 - dropout), 0).astype(x.dtype)
        of_input, of_state = _sizes(input_size, hidden_size, directions, layer)
        w_ih = [take(of_input, 4 * hidden_size, -1) for _ in range(directions)]
        w_hh = [take(of_state, 4 * hidden_size, hidden_size) for _ in range(directions)]
        bias = [take(4 * hidden_size, 4 * hidden_size) if has_bias else None for _ in range(directions)]
        outs = []
        for d in range(directions):
            n = layer * directions + d
            out, h_n, c_n = _lstm(x, h[n], c[n], w_ih[d], w_hh[d], bias[d], None, None, d == 1)
            outs.append(out)
            h_out.append(h_n)
            c_out.append(c_n)
        x = jnp.concatenate(outs, -1)
    nothing = jnp.zeros((1, 1), x.dtype)
    return x, jnp.stack(h_out), jnp.stack(c_out), nothing, nothing


@op(function=None)
def _lstm_plain(x: Array, h: Array, c: Array, w: Array, *, input_size: PositiveInt, hidden_size: PositiveInt,
                num_layers: PositiveInt, has_bias: bool, bidirectional: bool) -> tuple:
    return _stacked_lstm(None, x, h, c, w, input_size, hidden_size, num_layers, has_bias, bidirectional, 0)


@op(function=None, random=True)
def _lstm_dropout(key: Any, x: Array, h: Array, c: Array, w: Array, *, input_size: PositiveInt,
                  hidden_size: PositiveInt, num_layers: PositiveInt, has_bias: bool, bidirectional: bool,
                  dropout: Probability) -> tuple:
    return _stacked_lstm(key, x, h, c, w, input_size, hidden_size, num_layers, has_bias, bidirectional, dropout)


@primitive
class LSTM(Primitive):
    """Long short-term memory, with all weights in one Tensor.

    Args:
        input_size: Features of a frame.
        hidden_size: Features of the state.
        num_layers: Layers, each on the outputs of the one before.
        has_bias: Whether the gates have biases.
        bidirectional: Whether a second direction runs backwards.
        dropout: Share of the outputs between layers that is set to 0, in [0, 1).

    Inputs:
        input: Tensor of shape (T, N, input_size), float.
        h, c: Tensors of shape (num_layers * directions, N, hidden_size).
        w: Tensor of the weights: for each layer w_ih of each direction, w_hh of each direction, bias of each direction,
            each with its gates in the order input, forget, cell, output. What follows is ignored.

    Returns:
        (outputs (T, N, directions * hidden_size), h, c, reserved, reserved).

    Raises:
        TypeError: An attribute has the wrong type.
        ValueError: An attribute is out of range, or the shapes do not go together.

    Examples:
        >>> x, state = Tensor(np.ones((5, 2, 3), np.float32)), Tensor(np.zeros((1, 2, 4), np.float32))
        >>> print(ops.LSTM(3, 4, 1, True, False, 0.0)(x, state, state, Tensor(np.ones(128, np.float32)))[0].shape)
        (5, 2, 4)

    Hochreiter and Schmidhuber, Long Short-Term Memory. MindSpore r1.8 `ops.LSTM`.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int, has_bias: bool, bidirectional: bool,
                 dropout: float):
        super().__init__("LSTM")
        values = (input_size, hidden_size, num_layers, has_bias, bidirectional, dropout)
        values = _CHECKED(values)
        names = ("input_size", "hidden_size", "num_layers", "has_bias", "bidirectional", "dropout")
        for name, value in zip(names, values, strict=True):
            self.add_prim_attr(name, value)
        self._values = values

    def __call__(self, input: Any, h: Any, c: Any, w: Any) -> tuple:
        *sizes, dropout = self._values
        if dropout and sizes[2] > 1:
            return _lstm_dropout.op((input, h, c, w), self._values)     # type: ignore[attr-defined]
        return _lstm_plain.op((input, h, c, w), tuple(sizes))           # type: ignore[attr-defined]


_lstm_dropout.op.name = _lstm_plain.op.name = "LSTM"    # type: ignore[attr-defined]
_CHECKED = _lstm_dropout.op.check                       # type: ignore[attr-defined]
