"""Recurrent layers: LSTM, GRU and RNN over sequences, and their cells for one step."""
from __future__ import annotations

import math
from typing import Any

from mycelium import ops
from mycelium.core.errors import check_int, check_type, describe
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.initializer import Uniform, initializer
from mycelium.nn.cell import Cell
from mycelium.nn.layers.basic import Dropout
from mycelium.ops.recurrent import gru_layer, lstm_layer, rnn_layer

_ARGS = """        input_size: Features of a frame.
        hidden_size: Features of the state, H.
        num_layers: Layers, each on the outputs of the one before. Default: 1.
        has_bias: Whether there are biases. Default: True.
        batch_first: The input is (N, T, input_size) instead of (T, N, input_size). Default: False.
        dropout: Share of the outputs between layers that is set to 0 in training, in [0, 1). Default: 0.0.
        bidirectional: A second direction runs backwards, D = 2 instead of 1. Default: False."""

_TAIL = """        - **seq_length** (Tensor): lengths of the sequences, int32, shape (N,). Outputs past the end are 0.
            Default: None.

    Outputs:
        Tuple of the outputs, shape (T, N, D * H) or (N, T, D * H), and the last state, shaped as `hx`.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or shapes that do not fit.
"""


def _uniform(hidden_size: int, shape: tuple[int, ...], name: str) -> Parameter:
    return Parameter(initializer(Uniform(1 / math.sqrt(hidden_size)), shape), name=name)


def _nonlinearity(owner: str, value: Any) -> str:
    if value not in ("tanh", "relu"):
        raise ValueError(f"For '{owner}', the 'nonlinearity' should be 'tanh' or 'relu', but got {describe(value)}.")
    return value


def _tensor(owner: str, name: str, value: Any, shape: tuple[int | None, ...]) -> None:
    """`value` is a Tensor of this shape; None stands for any size."""
    if not isinstance(value, Tensor):
        raise TypeError(f"For '{owner}', '{name}' should be a Tensor, but got {describe(value)}.")
    if len(value.shape) != len(shape) or any(s is not None and s != n for s, n in zip(shape, value.shape, strict=True)):
        wanted = ", ".join("any" if s is None else str(s) for s in shape)
        raise ValueError(f"For '{owner}', '{name}' should have shape ({wanted}), but got {tuple(value.shape)}.")


def _pair(owner: str, hx: Any) -> tuple:
    if not isinstance(hx, tuple) or len(hx) != 2:
        raise TypeError(f"For '{owner}', 'hx' should be a tuple (h, c) of Tensors, but got {describe(hx)}.")
    return hx


class _Recurrent(Cell):
    """Shared by the layers: checks, Parameters, directions and layers. A subclass runs one direction of one layer."""

    gates = 1
    states = 1

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, has_bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False):
        super().__init__()
        owner = type(self).__name__
        self.input_size = check_int(owner, "input_size", input_size, 1)
        self.hidden_size = check_int(owner, "hidden_size", hidden_size, 1)
        self.num_layers = check_int(owner, "num_layers", num_layers, 1)
        self.has_bias = check_type(owner, "has_bias", has_bias, bool)
        self.batch_first = check_type(owner, "batch_first", batch_first, bool)
        self.bidirectional = check_type(owner, "bidirectional", bidirectional, bool)
        self.dropout = check_type(owner, "dropout", dropout, (int, float))
        if not 0 <= dropout < 1:
            raise ValueError(f"For '{owner}', the 'dropout' should be a number in range [0, 1), but got {dropout}.")
        self.num_directions = 2 if bidirectional else 1
        self.dropout_op = Dropout(float(1 - dropout))
        rows = self.gates * hidden_size
        sizes = [input_size if layer == 0 else hidden_size * self.num_directions for layer in range(num_layers)]

        def drawn(kind: str, shapes: list[tuple[int, ...]]) -> ParameterTuple:
            return ParameterTuple(_uniform(hidden_size, shape, f"{kind}_l{layer}{suffix}")
                                  for layer, shape in enumerate(shapes)
                                  for suffix in ("", "_reverse")[:self.num_directions])

        self.w_ih_list = drawn("weight_ih", [(rows, size) for size in sizes])
        self.w_hh_list = drawn("weight_hh", [(rows, hidden_size)] * num_layers)
        self.b_ih_list = self.b_hh_list = ()
        if has_bias:
            self.b_ih_list = drawn("bias_ih", [(rows,)] * num_layers)
            self.b_hh_list = drawn("bias_hh", [(rows,)] * num_layers)

    def _direction(self, x: Tensor, state: tuple, weights: tuple, seq_length: Tensor | None, reverse: bool) -> tuple:
        """(outputs, state...) of one direction of a layer."""
        raise NotImplementedError

    def _state(self, hx: Any, shape: tuple[int, ...], x: Tensor) -> tuple:
        """The states to start from, zeros when not given."""
        owner = type(self).__name__
        if hx is None:
            return (ops.zeros(shape, x.dtype),) * self.states
        hx = _pair(owner, hx) if self.states == 2 else (hx,)
        for name, value in zip("hc", hx, strict=False):
            _tensor(owner, name, value, shape)
        return hx

    def construct(self, x: Tensor, hx: Any = None, seq_length: Tensor | None = None) -> tuple:
        """The outputs and the last state."""
        owner = type(self).__name__
        _tensor(owner, "x", x, (None, None, self.input_size))
        if self.batch_first:
            x = ops.transpose(x, (1, 0, 2))
        batch = x.shape[1]
        start = self._state(hx, (self.num_layers * self.num_directions, batch, self.hidden_size), x)
        if seq_length is not None:
            _tensor(owner, "seq_length", seq_length, (batch,))
        ends = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = self.dropout_op(x)
            outs = []
            for direction in range(self.num_directions):
                i = layer * self.num_directions + direction
                biases = (self.b_ih_list[i], self.b_hh_list[i]) if self.has_bias else (None, None)
                out, *end = self._direction(x, tuple([s[i] for s in start]),
                                            (self.w_ih_list[i], self.w_hh_list[i], *biases), seq_length, direction == 1)
                outs.append(out)
                ends.append(end)
            x = outs[0] if len(outs) == 1 else ops.concat(outs, 2)
        if self.batch_first:
            x = ops.transpose(x, (1, 0, 2))
        last = tuple([ops.stack(list(parts)) for parts in zip(*ends, strict=True)])
        return x, last if self.states == 2 else last[0]


class LSTM(_Recurrent):
    __doc__ = f"""Long short-term memory over sequences.

    i, f, o = sigmoid(W x + b + U h + d), g = tanh(...), c' = f c + i g, h' = o tanh(c'), with the rows of the weights
    in the order i, f, g, o.

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (T, N, input_size), or (N, T, input_size) with batch_first.
        - **hx** (tuple): (h, c), Tensors of shape (num_layers * D, N, H). Default: None, zeros.
{_TAIL}
    Examples:
        >>> net = nn.LSTM(10, 16, 2, batch_first=True)
        >>> output, (h, c) = net(Tensor(np.ones((3, 5, 10), np.float32)))
        >>> print(output.shape, h.shape, c.shape)
        (3, 5, 16) (2, 3, 16) (2, 3, 16)

    Hochreiter and Schmidhuber 1997; MindSpore r1.8 `nn.LSTM`.
    """

    gates = 4
    states = 2

    def _direction(self, x: Tensor, state: tuple, weights: tuple, seq_length: Tensor | None, reverse: bool) -> tuple:
        return lstm_layer(x, *state, *weights, seq_length, reverse=reverse)


class GRU(_Recurrent):
    __doc__ = f"""Gated recurrent unit over sequences.

    r, z = sigmoid(W x + b + U h + d), n = tanh(W x + b + r (U h + d)), h' = (1 - z) n + z h, with the rows of the
    weights in the order r, z, n.

    Args:
{_ARGS}

    Inputs:
        - **x** (Tensor): shape (T, N, input_size), or (N, T, input_size) with batch_first.
        - **hx** (Tensor): shape (num_layers * D, N, H). Default: None, zeros.
{_TAIL}
    Examples:
        >>> output, h = nn.GRU(10, 16, bidirectional=True)(Tensor(np.ones((5, 3, 10), np.float32)))
        >>> print(output.shape, h.shape)
        (5, 3, 32) (2, 3, 16)

    Cho et al. 2014; MindSpore r1.8 `nn.GRU`.
    """

    gates = 3

    def _direction(self, x: Tensor, state: tuple, weights: tuple, seq_length: Tensor | None, reverse: bool) -> tuple:
        return gru_layer(x, *state, *weights, seq_length, reverse=reverse)


class RNN(_Recurrent):
    __doc__ = f"""Simple recurrent layer over sequences: h' = tanh(W x + b + U h + d).

    Args:
{_ARGS}
        nonlinearity: "tanh" (default) or "relu"; keyword only.

    Inputs:
        - **x** (Tensor): shape (T, N, input_size), or (N, T, input_size) with batch_first.
        - **hx** (Tensor): shape (num_layers * D, N, H). Default: None, zeros.
{_TAIL}
    Examples:
        >>> output, h = nn.RNN(10, 16, nonlinearity="relu")(Tensor(np.ones((5, 3, 10), np.float32)))
        >>> print(output.shape, h.shape)
        (5, 3, 16) (1, 3, 16)

    Elman 1990; MindSpore r1.8 `nn.RNN`.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int = 1, has_bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, *,
                 nonlinearity: str = "tanh"):
        super().__init__(input_size, hidden_size, num_layers, has_bias, batch_first, dropout, bidirectional)
        self.nonlinearity = _nonlinearity("RNN", nonlinearity)

    def _direction(self, x: Tensor, state: tuple, weights: tuple, seq_length: Tensor | None, reverse: bool) -> tuple:
        return rnn_layer(x, *state, *weights, seq_length, reverse=reverse, nonlinearity=self.nonlinearity)


class _OneStep(Cell):
    """Shared by the cells of one step: checks and Parameters."""

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, has_bias: bool = True):
        super().__init__()
        owner = type(self).__name__
        self.input_size = check_int(owner, "input_size", input_size, 1)
        self.hidden_size = check_int(owner, "hidden_size", hidden_size, 1)
        self.has_bias = check_type(owner, "has_bias", has_bias, bool)
        rows = self.gates * hidden_size
        self.weight_ih = _uniform(hidden_size, (rows, input_size), "weight_ih")
        self.weight_hh = _uniform(hidden_size, (rows, hidden_size), "weight_hh")
        self.bias_ih = self.bias_hh = None
        if has_bias:
            self.bias_ih = _uniform(hidden_size, (rows,), "bias_ih")
            self.bias_hh = _uniform(hidden_size, (rows,), "bias_hh")

    def _step(self, layer: Any, x: Tensor, *state: Tensor, **attributes: Any) -> tuple:
        """The states after a sequence of the one frame."""
        owner = type(self).__name__
        _tensor(owner, "x", x, (None, self.input_size))
        for name, value in zip("hc", state, strict=False):
            _tensor(owner, name, value, (x.shape[0], self.hidden_size))
        return layer(ops.expand_dims(x, 0), *state, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh,
                     **attributes)[1:]


class LSTMCell(_OneStep):
    """One step of an LSTM.

    Args:
        input_size: Features of the input.
        hidden_size: Features of the state.
        has_bias: Whether there are biases. Default: True.

    Inputs:
        - **x** (Tensor): shape (N, input_size).
        - **hx** (tuple): (h, c), Tensors of shape (N, hidden_size).

    Outputs:
        Tuple of the new h and c.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: A value out of range, or shapes that do not fit.

    Examples:
        >>> state = Tensor(np.zeros((2, 4), np.float32))
        >>> h, c = nn.LSTMCell(3, 4)(Tensor(np.ones((2, 3), np.float32)), (state, state))
        >>> print(h.shape, c.shape)
        (2, 4) (2, 4)

    MindSpore r1.8 `nn.LSTMCell`.
    """

    gates = 4

    def construct(self, x: Tensor, hx: tuple) -> tuple:
        """The new state."""
        return tuple(self._step(lstm_layer, x, *_pair("LSTMCell", hx)))


class GRUCell(_OneStep):
    """One step of a GRU.

    Args:
        input_size: Features of the input.
        hidden_size: Features of the state.
        has_bias: Whether there are biases. Default: True.

    Inputs:
        - **x** (Tensor): shape (N, input_size).
        - **hx** (Tensor): shape (N, hidden_size).

    Outputs:
        Tensor, the new state.

    Examples:
        >>> nn.GRUCell(3, 4)(Tensor(np.ones((2, 3), np.float32)), Tensor(np.zeros((2, 4), np.float32))).shape
        (2, 4)

    MindSpore r1.8 `nn.GRUCell`.
    """

    gates = 3

    def construct(self, x: Tensor, hx: Tensor) -> Tensor:
        """The new state."""
        return self._step(gru_layer, x, hx)[0]


class RNNCell(_OneStep):
    """One step of a simple recurrent layer: h' = tanh(W x + b + U h + d).

    Args:
        input_size: Features of the input.
        hidden_size: Features of the state.
        has_bias: Whether there are biases. Default: True.
        nonlinearity: "tanh" (default) or "relu".

    Inputs:
        - **x** (Tensor): shape (N, input_size).
        - **hx** (Tensor): shape (N, hidden_size).

    Outputs:
        Tensor, the new state.

    Examples:
        >>> nn.RNNCell(3, 4)(Tensor(np.ones((2, 3), np.float32)), Tensor(np.zeros((2, 4), np.float32))).shape
        (2, 4)

    MindSpore r1.8 `nn.RNNCell`.
    """

    def __init__(self, input_size: int, hidden_size: int, has_bias: bool = True, nonlinearity: str = "tanh"):
        super().__init__(input_size, hidden_size, has_bias)
        self.nonlinearity = _nonlinearity("RNNCell", nonlinearity)

    def construct(self, x: Tensor, hx: Tensor) -> Tensor:
        """The new state."""
        return self._step(rnn_layer, x, hx, nonlinearity=self.nonlinearity)[0]
