"""Automatic differentiation: derivatives of functions and networks, of any order, with respect to inputs and weights.

The training at the end needs a gradient inside a loss: it penalizes how steeply the network's error rises around each
example, a derivative with respect to the input, which is then differentiated with respect to the weights.

    mycelium run examples/tutorials/autograd.py [--mode graph|pynative] [--steps 40]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import ParameterTuple, Tensor
from shared import batches, digits, draw_weights, main, number


class Cube(nn.Cell):
    def construct(self, x):
        return x * x * x


class Derivative(nn.Cell):
    """d function / dx as a Cell again, which can be differentiated in turn."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.grad = ops.GradOperation()         # the derivative with respect to the first input

    def construct(self, x):
        return self.grad(self.function)(x)


def small_derivatives():
    """(name, value) of derivatives that can be checked by hand, at x = 2 and y = 3."""
    x, y = Tensor(np.float32(2)), Tensor(np.float32(3))
    first, second = Derivative(Cube()), Derivative(Derivative(Cube()))

    def product(a, b):
        return a * a * b

    value, (by_a, by_b) = ops.value_and_grad(product, grad_position=(0, 1))(x, y)
    scaled = ops.GradOperation(sens_param=True)(Cube())(x, Tensor(np.float32(10)))
    return [("x^3, first derivative", first(x)), ("x^3, second derivative", second(x)),
            ("x^3, third derivative", ops.grad(second)(x)), ("x^2 y", value), ("x^2 y by x", by_a),
            ("x^2 y by y", by_b), ("10 times the first", scaled)]


class Error(nn.Cell):
    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.one_hot = nn.OneHot(depth=10)
        self.loss = nn.SoftmaxCrossEntropyWithLogits(reduction="mean")

    def construct(self, x, label):
        return self.loss(self.net(x), self.one_hot(label))


class SmoothError(nn.Cell):
    """The error plus the squared norm of its slope with respect to the input."""

    def __init__(self, error, weight=20.0):
        super().__init__(auto_prefix=False)
        self.error = error
        self.weight = weight

    def construct(self, x, label):
        value, slope = ops.value_and_grad(self.error)(x, label)
        return value + self.weight * (slope * slope).sum()


def run(mode=ms.GRAPH_MODE, steps=40, report=None):
    """Trains a network with the smooth error; returns the losses. `report` gets lines about derivatives."""
    ms.set_context(mode=mode)
    if report:
        for name, value in small_derivatives():
            report(f"{name}: {float(value.asnumpy()):g}")
    images, labels = digits()
    net = draw_weights(nn.SequentialCell([nn.Flatten(), nn.Dense(64, 32), nn.Tanh(), nn.Dense(32, 10)]))
    weights = ParameterTuple(net.trainable_params())
    update = nn.SGD(weights, learning_rate=0.5)
    smooth = SmoothError(Error(net))
    gradient = ops.GradOperation(get_by_list=True)      # with respect to Parameters

    losses = []
    for x, label in batches(steps, 32, images, labels):
        grads = gradient(smooth, weights)(x, label)
        losses.append(number(smooth(x, label)))
        update(grads)
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 40)
