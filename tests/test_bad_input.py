"""Bad input: a clear error of the type MindSpore raises, and nothing lost."""
from __future__ import annotations

import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops

F = np.ones((2, 3), np.float32)


def tensor(*shape, dtype=np.float32):
    return Tensor(np.ones(shape, dtype))


class TwoWithOneName(nn.Cell):
    def __init__(self):
        super().__init__()
        self.a = Parameter(Tensor(1.0), name="same")
        self.b = Parameter(Tensor(2.0), name="same")

    def construct(self, x):
        return x * self.a + self.b


@pytest.mark.parametrize("call, error, text", [
    (lambda: ops.MatMul()(tensor(2, 3), tensor(4, 2)), ValueError, "MatMul"),
    (lambda: ops.Add()(tensor(2, 3), tensor(2, 4)), ValueError, "'Add'"),
    (lambda: ops.MatMul()(tensor(2, 3), tensor(3, 2, dtype=np.float16)), TypeError, "MatMul"),
    (lambda: nn.Dense(3, 2)(tensor(2, 3, dtype=np.float16)), TypeError, "Float16"),
    (lambda: nn.Dense(3, 2)(tensor(2, 4)), ValueError, "in_channels=3"),
    (lambda: nn.Conv2d(3, 4, 3)(tensor(3, 5, 5)), ValueError, "4 axes"),
    (lambda: nn.Conv2d(3, 4, 3, pad_mode="smae"), ValueError, "did you mean 'same'"),
    (lambda: nn.MaxPool2d(2, pad_mode="vaild"), ValueError, "did you mean 'VALID'"),
    (lambda: ops.Conv2D(4, 3, pad_mode="padd"), ValueError, "did you mean 'pad'"),
    (lambda: nn.Dense(3, 2, bias=True), TypeError, "unexpected keyword argument 'bias'"),
    (lambda: ops.softmax_cross_entropy(F), AttributeError, "softmax_cross_entropy"),
    (lambda: ms.set_context(mod=0), ValueError, "did you mean 'mode'"),
    (lambda: nn.SoftmaxCrossEntropyWithLogits(reduction="avg"), ValueError, "reduction"),
    (lambda: nn.SoftmaxCrossEntropyWithLogits(sparse=True)(tensor(2, 3), tensor(2)), TypeError, "int32 or int64"),
    (lambda: TwoWithOneName()(Tensor(1.0)), ValueError, "its name 'same' already exists"),
    (lambda: nn.Momentum([], 0.1, 0.9), ValueError, "must not be empty"),
    (lambda: Tensor("abc"), TypeError, "should be a Tensor, NumPy array, number"),
    (lambda: Tensor(F)[5], IndexError, "out of bounds"),
    (lambda: nn.Dense(3, 2)(F), TypeError, "Wrap it: Tensor"),
])
def test_errors(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize("call, text", [
    (lambda net: net.weight.set_data(tensor(5, 3)), r"should have shape \(2, 3\), but got \(5, 3\)"),
    (lambda net: net.weight.set_data(tensor(2, 3, dtype=np.float64)), "would lose its kind or range"),
])
def test_a_refused_assignment_changes_nothing(call, text, mode):
    net = nn.Dense(3, 2)
    before = net.weight.asnumpy()
    with pytest.raises((TypeError, ValueError), match=text):
        call(net)
    np.testing.assert_array_equal(net.weight.asnumpy(), before)


def test_a_failing_step_leaves_the_network_usable(mode):
    net = nn.Dense(3, 2)
    step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), nn.SGD(net.trainable_params(), 0.1))
    before = net.weight.asnumpy()
    with pytest.raises(ValueError, match="in_channels=3"):
        step(tensor(2, 4), tensor(2, 2))
    np.testing.assert_array_equal(net.weight.asnumpy(), before)
    step(tensor(2, 3), tensor(2, 2))
    assert not np.array_equal(net.weight.asnumpy(), before)


def test_nan_goes_through_and_is_told_apart_by_the_loss_scaler(mode):
    net = nn.Dense(3, 2)
    bad = np.full((2, 3), np.nan, np.float32)
    assert np.isnan(net(Tensor(bad)).asnumpy()).all()
    manager = nn.DynamicLossScaleUpdateCell(2.0 ** 10, 2, 1000)
    step = nn.TrainOneStepWithLossScaleCell(nn.WithLossCell(net, nn.MSELoss()), nn.SGD(net.trainable_params(), 0.1),
                                           manager)
    before = net.weight.asnumpy()
    _, overflow, scale = step(Tensor(bad), tensor(2, 2))
    assert bool(overflow) and float(scale) == 2.0 ** 10
    np.testing.assert_array_equal(net.weight.asnumpy(), before)
    _, overflow, scale = step(tensor(2, 3), tensor(2, 2))
    assert not bool(overflow) and float(scale) == 2.0 ** 9
    assert not np.array_equal(net.weight.asnumpy(), before)


def test_a_vector_where_a_scalar_is_needed(mode):
    with pytest.raises(ValueError, match="one element"):
        float(nn.SmoothL1Loss()(tensor(2, 3), tensor(2, 3) * 2))


def test_a_checkpoint_of_another_network_changes_nothing(tmp_path, mode):
    other = nn.SequentialCell([nn.Dense(3, 7)])
    ms.save_checkpoint(other, str(tmp_path / "other.ckpt"))
    net = nn.SequentialCell([nn.Dense(3, 2)])
    before = net[0].weight.asnumpy()
    with pytest.raises(RuntimeError, match="shape"):
        ms.load_param_into_net(net, ms.load_checkpoint(str(tmp_path / "other.ckpt")))
    np.testing.assert_array_equal(net[0].weight.asnumpy(), before)
