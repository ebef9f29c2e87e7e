"""Mixed precision: layers computed in float16, Parameters kept in float32, and a loss scale that finds its own height.

Small gradients vanish in float16. So the loss is multiplied by a large scale before differentiation and the gradients
are divided by it afterwards. Where the scale is too large the gradients overflow: that step is skipped and the scale
halved. After some steps without overflow the scale is doubled.

    mycelium run examples/tutorials/mixed_precision.py [--mode graph|pynative] [--steps 40]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
from mindspore import Parameter, ParameterTuple, Tensor
from mindspore.amp import auto_mixed_precision
from shared import batches, digits, draw_weights, main, number

unscale_each = ops.MultitypeFuncGraph("unscale_each")


@unscale_each.register("Tensor", "Tensor")
def _unscale(scale, gradient):
    return ops.cast(gradient, ms.float32) / scale


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.first = nn.Dense(64, 64)
        self.norm = nn.BatchNorm1d(64)
        self.relu = nn.ReLU()
        self.scores = nn.Dense(64, 10)

    def construct(self, x):
        return self.scores(self.relu(self.norm(self.first(self.flatten(x)))))


class ScaledStep(nn.Cell):
    """One training step with a dynamic loss scale."""

    def __init__(self, network, optimizer, scale=2.0 ** 24, window=20):
        super().__init__(auto_prefix=False)
        self.network, self.optimizer = network, optimizer
        self.weights = ParameterTuple(optimizer.parameters)
        self.grad = ops.GradOperation(get_by_list=True, sens_param=True)
        self.map, self.is_finite = ops.HyperMap(), ops.IsFinite()
        self.window = window
        self.scale = Parameter(Tensor(scale, ms.float32), name="scale", requires_grad=False)
        self.good_steps = Parameter(Tensor(0, ms.int32), name="good_steps", requires_grad=False)

    def all_finite(self, grads):
        overflows = 0.0
        for gradient in grads:
            overflows += ops.cast(ops.logical_not(self.is_finite(gradient)), ms.float32).sum()
        return overflows == 0

    def construct(self, x, label):
        loss = self.network(x, label)
        scale = self.scale * 1
        grads = self.grad(self.network, self.weights)(x, label, scale)     # the last input is the gradient of the loss
        grads = self.map(ops.partial(unscale_each, scale), grads)
        if self.all_finite(grads):
            self.optimizer(grads)
            self.good_steps = self.good_steps + 1
            if self.good_steps == self.window:
                self.scale = scale * 2
                self.good_steps = self.good_steps * 0
        else:
            self.scale = scale / 2
            self.good_steps = self.good_steps * 0
        return loss


def lower_precision(net, level):
    """`level` "O2" and "O3" as auto_mixed_precision means them, or "by hand": everything but the norm in float16."""
    if level == "by hand":
        net.to_float(ms.float16)        # for the Cell and all Cells in it; what is set later, further in, wins
        net.norm.to_float(ms.float32)
    else:
        auto_mixed_precision(net, level)


class Loss(nn.Cell):
    """The loss is computed in float32 whatever the network gives."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")

    def construct(self, x, label):
        return self.loss(ops.cast(self.net(x), ms.float32), label)


def run(mode=ms.GRAPH_MODE, steps=40, level="by hand", report=None):
    """Trains; returns the losses. `report` gets the loss scale after the last step."""
    ms.set_context(mode=mode)
    images, labels = digits()
    net = draw_weights(Net())
    lower_precision(net, level)
    step = ScaledStep(Loss(net), nn.Momentum(net.trainable_params(), 0.1, 0.9))
    step.set_train()
    losses = [number(step(x, label)) for x, label in batches(steps, 64, images, labels)]
    if report:
        report(f"the loss scale is now {float(step.scale.asnumpy()):g}")
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, report=print), 40)
