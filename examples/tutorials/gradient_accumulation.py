"""Gradient accumulation: the gradients of several small batches are summed before the weights move once.

That gives the step of one large batch with the memory of a small one. The sums are Parameters of the training Cell.

    mycelium run examples/tutorials/gradient_accumulation.py [--mode graph|pynative] [--steps 60]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
from mindspore import Parameter, Tensor
from shared import batches, digits, draw_weights, main, number

add_to_sum = ops.MultitypeFuncGraph("add_to_sum")
average = ops.MultitypeFuncGraph("average")
clear = ops.MultitypeFuncGraph("clear")


@add_to_sum.register("Tensor", "Tensor")
def _add_to_sum(total, gradient):
    return ops.assign_add(total, gradient)


@average.register("Number", "Tensor")
def _average(count, total):
    return total / count


@clear.register("Tensor")
def _clear(total):
    return ops.assign(total, ops.zeros_like(total))


class AccumulatingStep(nn.Cell):
    """Adds the gradients of a small batch; with every `every`-th batch the optimizer runs on their average."""

    def __init__(self, network, optimizer, every):
        super().__init__(auto_prefix=False)
        self.network, self.optimizer, self.every = network, optimizer, every
        self.weights = optimizer.parameters
        self.sums = self.weights.clone(prefix="sum", init="zeros")
        self.batches = Parameter(Tensor(0, ms.int32), name="batches", requires_grad=False)
        self.grad = ops.GradOperation(get_by_list=True)
        self.map = ops.HyperMap()

    def construct(self, x, label):
        loss = self.network(x, label)
        grads = self.grad(self.network, self.weights)(x, label)
        loss = ops.depend(loss, self.map(add_to_sum, self.sums, grads))
        self.batches = self.batches + 1
        if self.batches % self.every == 0:
            loss = ops.depend(loss, self.optimizer(self.map(ops.partial(average, self.every), self.sums)))
            loss = ops.depend(loss, self.map(clear, self.sums))
        return loss


def run(mode=ms.GRAPH_MODE, steps=60, every=4, batch=16):
    """Trains on `steps` small batches; returns their losses."""
    ms.set_context(mode=mode)
    images, labels = digits()
    net = draw_weights(nn.SequentialCell([nn.Flatten(), nn.Dense(64, 32), nn.ReLU(), nn.Dense(32, 10)]))
    loss = nn.WithLossCell(net, nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"))
    step = AccumulatingStep(loss, nn.Momentum(net.trainable_params(), 0.2, 0.9), every)
    step.set_train()
    return [number(step(x, label)) for x, label in batches(steps, batch, images, labels)]


if __name__ == "__main__":
    main(run, 60)
