"""A generative adversarial network on points of a ring: two networks, two optimizers, one training step.

    mycelium run examples/tutorials/gan.py [--mode graph|pynative] [--steps 2000]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import ParameterTuple, Tensor
from shared import batches, draw_weights, main, number


def mlp(sizes):
    layers = []
    for cin, cout in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Dense(cin, cout), nn.LeakyReLU(0.2)]
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
    """Points (count, 2) about a circle of radius 1."""
    angle = rng.uniform(0, 2 * np.pi, count)
    radius = 1 + 0.05 * rng.normal(size=count)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)


def run(mode=ms.GRAPH_MODE, steps=2000, report=None):
    """Trains; returns the losses of each step: discriminator, generator. `report` gets where new points lie."""
    ms.set_context(mode=mode)
    rng = np.random.default_rng(1)
    generator, discriminator = draw_weights(mlp([4, 64, 64, 2]), 1), draw_weights(mlp([2, 64, 64, 1]), 2)
    generator.update_parameters_name("generator.")      # names are unique in one program
    discriminator.update_parameters_name("discriminator.")
    step = TrainStep(generator, discriminator, 1e-3)
    points, noise = ring(10000, rng), rng.normal(size=(10000, 4)).astype(np.float32)
    losses = [[number(loss) for loss in step(*batch)] for batch in batches(steps, 128, points, noise)]
    if report:
        radius = np.hypot(*generator(Tensor(noise[:1000])).asnumpy().T)
        report(f"generated points lie at radius {radius.mean():.3f} +- {radius.std():.3f}; real ones at 1.000 +- 0.050")
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 2000)
