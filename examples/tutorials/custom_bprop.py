"""A gradient of your own: a network whose hidden units say yes or no, trained through a straight-through estimator.

The sign function is flat: its derivative is zero wherever it has one, and nothing before it would learn. A Cell with a
`bprop` says itself what its gradient is; this one passes the gradient on as though it were the identity between -1
and 1.

    mycelium run examples/tutorials/custom_bprop.py [--mode graph|pynative] [--steps 80]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
from mindspore import Parameter, Tensor
from shared import batches, digits, draw_weights, main, number


class Sign(nn.Cell):
    """-1 or 1, with a gradient."""

    def __init__(self):
        super().__init__()
        self.abs = ops.Abs()
        self.cast = ops.Cast()

    def construct(self, x):
        return self.cast(x >= 0, ms.float32) * 2 - 1

    def bprop(self, x, out, dout):
        """The inputs, the output, and the gradient of the loss by the output; returns one gradient for each input."""
        return (dout * self.cast(self.abs(x) <= 1, ms.float32),)


class Clip(nn.Cell):
    """The identity, whose gradient is limited: no example may pull harder than `limit`."""

    def __init__(self, limit):
        super().__init__()
        self.limit = Tensor(limit, ms.float32)

    def construct(self, x):
        return x

    def bprop(self, x, out, dout):
        return (ops.clip_by_value(dout, -self.limit, self.limit),)


class BinaryNet(nn.Cell):
    def __init__(self, hidden=96):
        super().__init__()
        self.flatten = nn.Flatten()
        self.first = nn.Dense(64, hidden)
        self.second = nn.Dense(hidden, 10, has_bias=False)
        self.scale = Parameter(Tensor([0.3], ms.float32), name="scale")
        self.sign, self.clip = Sign(), Clip(0.01)

    def construct(self, x):
        bits = self.sign(self.first(self.flatten(x)))
        weights = self.sign(self.second.weight)             # the weights of the second layer are binary, too
        scores = ops.MatMul(transpose_b=True)(bits, weights)
        return self.clip(self.scale * scores)


def run(mode=ms.GRAPH_MODE, steps=80):
    """Trains; returns the losses."""
    ms.set_context(mode=mode)
    images, labels = digits()
    net = draw_weights(BinaryNet())
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    step = nn.TrainOneStepCell(nn.WithLossCell(net, loss), nn.Adam(net.trainable_params(), learning_rate=0.01))
    step.set_train()
    return [number(step(x, label)) for x, label in batches(steps, 64, images, labels)]


if __name__ == "__main__":
    main(run, 80)
