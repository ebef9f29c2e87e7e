"""LSTM, GRU and simple layers against torch; lengths; what LSTM refuses."""
import numpy as np
import pytest
import torch
from tests.ops.harness import Case, Refusal, check, ops, refuse

from mycelium import Tensor
from mycelium.ops.recurrent import gru_layer, lstm_layer, rnn_layer

RNG = np.random.default_rng(0)
T, N, F, H = 5, 2, 3, 4


def normal(*shape):
    return RNG.standard_normal(shape).astype(np.float32) * 0.5


X, H0, C0 = normal(T, N, F), normal(N, H), normal(N, H)


def weights(gates):
    return normal(gates * H, F), normal(gates * H, H), normal(gates * H), normal(gates * H)


def torch_layer(kind, *states):
    """torch's own layer with these weights, on the states."""
    def run(x, *arrays):
        given, w = arrays[:len(states)], arrays[len(states):]
        layer = kind(F, H).to(x.dtype)
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        hx = tuple([g[None] for g in given])
        out, last = torch.func.functional_call(layer, dict(zip(names, w, strict=True)),
                                               (x, hx if len(hx) > 1 else hx[0]))
        return (out, *(s[0] for s in (last if isinstance(last, tuple) else (last,))))

    return run


CASES = [
    Case(lstm_layer, [X, H0, C0, *weights(4)], torch=torch_layer(torch.nn.LSTM, "h", "c"), label="LSTM layer"),
    Case(gru_layer, [X, H0, *weights(3)], torch=torch_layer(torch.nn.GRU, "h"), grad=1, label="GRU layer"),
    Case(rnn_layer, [X, H0, *weights(1)], torch=torch_layer(torch.nn.RNN, "h"), grad=1, label="RNN layer"),
]

W = normal(4 * H * (F + H) + 4 * H)
REFUSALS = [
    Refusal(ops.LSTM(F, H, 1, True, False, 0.0), [X[0], H0[None], C0[None], W], ValueError,
            "'input' should have 3 axes"),
    Refusal(ops.LSTM(F, H, 1, True, False, 0.0), [X, H0[None, :, :2], C0[None], W], ValueError,
            "'h' and 'c' (1, 2, 4)"),
    Refusal(ops.LSTM(F, H, 1, True, False, 0.0), [X, H0[None], C0[None], W[:50]], ValueError,
            "'w' should hold 128 numbers"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


@pytest.mark.parametrize("args, error, text", [
    ((0, 3, 1, True, False, 0.0), ValueError, "'input_size' should be greater than 0"),
    ((2, 3, 1, 1, False, 0.0), TypeError, "the type of 'has_bias'"),
    ((2, 3, 1, True, False, 2.0), ValueError, "'dropout' should be in [0, 1]"),
])
def test_attributes_are_checked_at_construction(args, error, text):
    with pytest.raises(error, match="^For 'LSTM'") as caught:
        ops.LSTM(*args)
    assert text in str(caught.value)


@pytest.mark.parametrize("reverse", [False, True])
def test_frames_after_the_end_of_a_sequence_do_not_count(reverse):
    w = [Tensor(a) for a in weights(3)]
    lengths = Tensor(np.array([5, 3], np.int32))
    out, last = gru_layer(Tensor(X), Tensor(H0), *w, seq_length=lengths, reverse=reverse)
    alone, alone_last = gru_layer(Tensor(X[:3, 1:]), Tensor(H0[1:]), *w, reverse=reverse)
    np.testing.assert_allclose(out.asnumpy()[:3, 1:], alone.asnumpy(), 1e-5, 1e-6)
    np.testing.assert_allclose(last.asnumpy()[1:], alone_last.asnumpy(), 1e-5, 1e-6)
    assert (out.asnumpy()[3:, 1] == 0).all()


def test_two_layers_two_directions_and_dropout():
    size = 2 * (4 * H * (F + H) + 4 * H) + 2 * (4 * H * 3 * H + 4 * H)
    state, w = Tensor(np.zeros((4, N, H), np.float32)), Tensor(normal(size))
    out, h, c, *_ = ops.LSTM(F, H, 2, True, True, 0.0)(Tensor(X), state, state, w)
    assert out.shape == (T, N, 2 * H) and h.shape == c.shape == (4, N, H)
    dropping = ops.LSTM(F, H, 2, True, True, 0.5)
    first, second = (dropping(Tensor(X), state, state, w)[0].asnumpy() for _ in range(2))
    assert (first != second).any() and (first != out.asnumpy()).any()
