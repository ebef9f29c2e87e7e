"""Learning rates that change: a list with one rate for each step, a schedule that is a Cell, and groups of Parameters.

The convolution learns by a schedule of our own (a warm-up, then half a cosine), the biases by a list of rates and
without weight decay, everything else by one fixed rate.

    mycelium run examples/tutorials/learning_rates.py [--mode graph|pynative] [--steps 40]
"""
import math

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
from mindspore.nn.learning_rate_schedule import LearningRateSchedule
from shared import batches, digits, draw_weights, main, number


class WarmUpCosine(LearningRateSchedule):
    """Rises linearly to `peak` in `warm_up` steps, then falls along a cosine to zero at step `total`."""

    def __init__(self, peak, warm_up, total):
        super().__init__()
        self.peak, self.warm_up, self.total = peak, float(warm_up), float(total)
        self.cast, self.cos, self.minimum = ops.Cast(), ops.Cos(), ops.Minimum()

    def construct(self, global_step):
        step = self.cast(global_step, ms.float32)
        progress = self.minimum((step - self.warm_up) / (self.total - self.warm_up), 1.0)
        rate = 0.5 * (1 + self.cos(math.pi * progress))
        if step < self.warm_up:
            rate = (step + 1) / self.warm_up
        return self.peak * rate


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, has_bias=True)
        self.norm = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.scores = nn.Dense(8 * 64, 10)

    def construct(self, x):
        return self.scores(self.flatten(self.relu(self.norm(self.conv(x)))))


def groups(net, steps):
    """The Parameters in groups; what a group does not name, the optimizer's own arguments decide."""
    params = net.trainable_params()
    conv = [p for p in params if p.name == "conv.weight"]
    biases = [p for p in params if p.name.endswith(("bias", "beta"))]
    rest = [p for p in params if p.name in ("norm.gamma", "scores.weight")]
    falling = nn.piecewise_constant_lr([steps // 2, steps], [0.05, 0.005])      # a Python list of `steps` numbers
    return [{"params": conv, "lr": WarmUpCosine(0.1, steps // 5, steps)},
            {"params": biases, "lr": falling, "weight_decay": 0.0},
            {"params": rest},
            {"order_params": params}]


def run(mode=ms.GRAPH_MODE, steps=40, report=None):
    """Trains; returns the losses. `report` gets the rates of the first and the last steps."""
    ms.set_context(mode=mode)
    if report:
        for name, rates in (("cosine", nn.cosine_decay_lr(0.0, 0.1, steps, steps // 4, 4)),
                            ("exponential", nn.exponential_decay_lr(0.1, 0.9, steps, 1, steps)),
                            ("warm-up", nn.warmup_lr(0.1, steps, 1, 5))):
            report(f"{name}: {rates[0]:.4f} {rates[1]:.4f} ... {rates[-1]:.4f}")
    images, labels = digits()
    net = draw_weights(Net())
    optimizer = nn.Momentum(groups(net, steps), learning_rate=0.02, momentum=0.9, weight_decay=1e-3)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    step = nn.TrainOneStepCell(nn.WithLossCell(net, loss), optimizer)
    step.set_train()
    return [number(step(x, label)) for x, label in batches(steps, 32, images, labels)]


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 40)
