"""A loss of your own: robust, with a weight for each column and a mask that leaves unknown values out.

A network restores digits from images of which a third of the pixels is missing; only pixels that are known count, and
those in the middle of the image count more.

    mycelium run examples/tutorials/custom_loss.py [--mode graph|pynative] [--steps 60]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor
from shared import batches, digits, draw_weights, main, number


class MaskedHuber(nn.LossBase):
    """Huber's error (quadratic up to `delta`, linear above), weighted and reduced by LossBase.

    Args:
        delta: Where the error turns from quadratic to linear.
        columns: A weight for each column of the predictions.
        reduction: "mean", "sum" or "none", as in every MindSpore loss.
    """

    def __init__(self, delta, columns, reduction="mean"):
        super().__init__(reduction)
        self.delta = delta
        self.columns = Tensor(columns)
        self.abs = ops.Abs()

    def construct(self, predicted, target, mask):
        error = self.abs(predicted - target)
        small = 0.5 * error * error
        large = self.delta * (error - 0.5 * self.delta)
        huber = ops.select(error < self.delta, small, large)
        return self.get_loss(huber, self.columns * mask)     # multiplies by the weights, then reduces


class RestoreLoss(nn.Cell):
    """Network and loss together: what nn.WithLossCell does for losses of two inputs."""

    def __init__(self, net, loss):
        super().__init__(auto_prefix=False)
        self.net, self.loss = net, loss

    def construct(self, pixels, mask):
        return self.loss(self.net(pixels * mask), pixels, 1 - mask)


def middle_first():
    """Weights of the 64 pixels: 2 in the middle, falling to about 0.3 in the corners."""
    y, x = np.mgrid[-3.5:4, -3.5:4]
    return (2 * np.exp(-(x ** 2 + y ** 2) / 12)).astype(np.float32).reshape(64)


def run(mode=ms.GRAPH_MODE, steps=60):
    """Trains; returns the losses."""
    ms.set_context(mode=mode)
    images, _ = digits()
    pixels = images.reshape(-1, 64)
    mask = (np.random.default_rng(2).random(pixels.shape) < 2 / 3).astype(np.float32)

    net = draw_weights(nn.SequentialCell([nn.Dense(64, 48), nn.ReLU(), nn.Dense(48, 64), nn.Sigmoid()]))
    loss = RestoreLoss(net, MaskedHuber(0.3, middle_first()))
    step = nn.TrainOneStepCell(loss, nn.RMSProp(net.trainable_params(), learning_rate=0.003))
    step.set_train()
    return [number(step(x, known)) for x, known in batches(steps, 64, pixels, mask)]


if __name__ == "__main__":
    main(run, 60)
