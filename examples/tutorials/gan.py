"""A generative adversarial network on points of a ring: two networks, two optimizers, one training step.

    mycelium run examples/gan.py [--mode graph|pynative] [--steps 2000]
"""
import argparse

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import ParameterTuple, Tensor


def mlp(sizes):
    layers = []
    for cin, cout in zip(sizes, sizes[1:]):
        layers += [nn.Dense(cin, cout, weight_init="he_uniform"), nn.LeakyReLU(0.2)]
    return nn.SequentialCell(layers[:-1])


class DiscriminatorLoss(nn.Cell):
    def __init__(self, generator, discriminator):
        super().__init__(auto_prefix=False)
        self.generator, self.discriminator = generator, discriminator
        self.loss = nn.BCEWithLogitsLoss()

    def construct(self, real, noise):
        on_real = self.discriminator(real)
        on_fake = self.discriminator(ops.stop_gradient(self.generator(noise)))
        return self.loss(on_real, ops.ones_like(on_real)) + self.loss(on_fake, ops.zeros_like(on_fake))


class GeneratorLoss(nn.Cell):
    def __init__(self, generator, discriminator):
        super().__init__(auto_prefix=False)
        self.generator, self.discriminator = generator, discriminator
        self.loss = nn.BCEWithLogitsLoss()

    def construct(self, noise):
        on_fake = self.discriminator(self.generator(noise))
        return self.loss(on_fake, ops.ones_like(on_fake))


class TrainStep(nn.Cell):
    """One update of the discriminator, then one of the generator."""

    def __init__(self, generator, discriminator, rate):
        super().__init__()      # the prefixes keep the two optimizers' learning rates apart
        self.d_loss, self.g_loss = DiscriminatorLoss(generator, discriminator), GeneratorLoss(generator, discriminator)
        self.d_weights = ParameterTuple(discriminator.trainable_params())
        self.g_weights = ParameterTuple(generator.trainable_params())
        self.d_optimizer = nn.Adam(self.d_weights, rate, beta1=0.5)
        self.g_optimizer = nn.Adam(self.g_weights, rate, beta1=0.5)
        self.grad = ops.GradOperation(get_by_list=True)

    def construct(self, real, noise):
        d_loss = self.d_loss(real, noise)
        self.d_optimizer(self.grad(self.d_loss, self.d_weights)(real, noise))
        g_loss = self.g_loss(noise)
        self.g_optimizer(self.grad(self.g_loss, self.g_weights)(noise))
        return d_loss, g_loss


def ring(count, rng):
    angle = rng.uniform(0, 2 * np.pi, count)
    radius = 1 + 0.05 * rng.normal(size=count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)


def train(mode=ms.GRAPH_MODE, steps=2000, batch=128, seed=1):
    """Trains; returns the losses of each step and the generator."""
    ms.set_context(mode=mode)
    ms.set_seed(seed)
    rng = np.random.default_rng(seed)
    generator, discriminator = mlp([4, 64, 64, 2]), mlp([2, 64, 64, 1])
    generator.update_parameters_name("generator.")      # names are unique in one program
    discriminator.update_parameters_name("discriminator.")
    step = TrainStep(generator, discriminator, 1e-3)
    losses = []
    for _ in range(steps):
        noise = rng.normal(size=(batch, 4)).astype(np.float32)
        losses.append([float(v.asnumpy()) for v in step(Tensor(ring(batch, rng)), Tensor(noise))])
    return losses, generator


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["graph", "pynative"], default="graph")
    parser.add_argument("--steps", type=int, default=2000)
    args = parser.parse_args()
    losses, generator = train(ms.GRAPH_MODE if args.mode == "graph" else ms.PYNATIVE_MODE, args.steps)
    for i in range(0, len(losses), max(1, len(losses) // 10)):
        print(f"step {i}: discriminator {losses[i][0]:.3f}, generator {losses[i][1]:.3f}")
    points = generator(Tensor(np.random.default_rng(0).normal(size=(1000, 4)).astype(np.float32))).asnumpy()
    radius = np.hypot(*points.T)
    print(f"generated points lie at radius {radius.mean():.3f} +- {radius.std():.3f}; the real ones at 1.000 +- 0.050")


if __name__ == "__main__":
    main()
