"""Model switches its network between training and evaluation; recorded from MindSpore 1.8.1."""

import numpy as np
import pytest

import mycelium as ms
from mycelium import nn
from mycelium.dataset import NumpySlicesDataset

X = np.ones((8, 4), np.float32)
Y = np.zeros(8, np.int32)


def data():
    return NumpySlicesDataset((X, Y), ["x", "y"], shuffle=False).batch(4)


class EvaluatesAt(ms.Callback):
    """Evaluates at one kind of event and notes the network's mode at all of them."""

    def __init__(self, model, net, at):
        super().__init__()
        self.model, self.net, self.at, self.seen = model, net, at, []

    def _event(self, name):
        self.seen.append((name, self.net[1].training))
        if name == self.at:
            self.model.eval(data(), dataset_sink_mode=False)
            self.seen.append(("evaluated", self.net[1].training))

    def step_begin(self, run_context):
        self._event("step_begin")

    def step_end(self, run_context):
        self._event("step_end")

    def epoch_end(self, run_context):
        self._event("epoch_end")


EXPECTED = {
    "step_begin": [("step_begin", True), ("evaluated", False), ("step_end", True)] * 2 + [("epoch_end", True)],
    "step_end": [("step_begin", True), ("step_end", True), ("evaluated", False), ("step_begin", False),
                 ("step_end", True), ("evaluated", False), ("epoch_end", False)],
    "epoch_end": [("step_begin", True), ("step_end", True)] * 2 + [("epoch_end", True), ("evaluated", False)],
}


@pytest.mark.parametrize("mode", [ms.GRAPH_MODE, ms.PYNATIVE_MODE])
@pytest.mark.parametrize("at", EXPECTED)
def test_evaluating_in_a_callback_does_not_leave_training_in_evaluation(at, mode):
    ms.set_context(mode=mode)
    net = nn.SequentialCell(nn.Dense(4, 3), nn.BatchNorm1d(3))
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = ms.Model(net, loss, nn.SGD(net.trainable_params(), 0.1), metrics={"acc"})
    watch = EvaluatesAt(model, net, at)
    model.train(1, data(), callbacks=[watch], dataset_sink_mode=False)
    assert watch.seen == EXPECTED[at]
    model.train(1, data(), dataset_sink_mode=False)
    assert net[1].training
    model.predict(ms.Tensor(X))
    assert not net[1].training
