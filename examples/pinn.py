"""A physics-informed network: it learns u'' = -u on [0, pi] from the equation and two boundary values alone.

The loss holds second derivatives of the network with respect to its input, and is itself differentiated with respect to
the weights: third order in all.

    mycelium run examples/pinn.py [--mode graph|pynative] [--steps 1500]
"""
import argparse

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor


class Net(nn.Cell):
    def __init__(self, width=24):
        super().__init__()
        self.layers = nn.SequentialCell([nn.Dense(1, width, weight_init="xavier_uniform"), nn.Tanh(),
                                         nn.Dense(width, width, weight_init="xavier_uniform"), nn.Tanh(),
                                         nn.Dense(width, 1, weight_init="xavier_uniform")])

    def construct(self, x):
        return self.layers(x)


class Derivative(nn.Cell):
    """The derivative of a network with respect to its input, point by point."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.grad = ops.GradOperation()

    def construct(self, x):
        return self.grad(self.net)(x)


class Residual(nn.Cell):
    """Mean squares of u'' + u inside and of u(0) = 0, u'(0) = 1 at the boundary."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.first = Derivative(net)
        self.second = Derivative(self.first)

    def construct(self, inside, start):
        equation = self.second(inside) + self.net(inside)
        value, slope = self.net(start), self.first(start) - 1.0
        return (equation * equation).mean() + (value * value).mean() + (slope * slope).mean()


def train(mode=ms.GRAPH_MODE, steps=1500, points=64, seed=1):
    """Trains; returns the loss of each step and the largest error against sin(x)."""
    ms.set_context(mode=mode)
    ms.set_seed(seed)
    net = Net()
    step = nn.TrainOneStepCell(Residual(net), nn.Adam(net.trainable_params(), learning_rate=5e-3))
    inside = Tensor(np.linspace(0, np.pi, points, dtype=np.float32)[:, None])
    start = Tensor(np.zeros((1, 1), np.float32))
    losses = [float(step(inside, start).asnumpy()) for _ in range(steps)]
    error = np.abs(net(inside).asnumpy() - np.sin(inside.asnumpy())).max()
    return losses, float(error)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["graph", "pynative"], default="graph")
    parser.add_argument("--steps", type=int, default=1500)
    args = parser.parse_args()
    losses, error = train(ms.GRAPH_MODE if args.mode == "graph" else ms.PYNATIVE_MODE, args.steps)
    for i in range(0, len(losses), max(1, len(losses) // 10)):
        print(f"step {i}: loss {losses[i]:.6f}")
    print(f"largest error against sin(x): {error:.4f}")


if __name__ == "__main__":
    main()
