"""A variational autoencoder on handwritten digits: a random draw inside the network, two losses.

    mycelium run examples/tutorials/vae.py [--mode graph|pynative] [--steps 300]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor
from shared import batches, digits, draw_weights, main, number

LATENT = 8


class Encoder(nn.Cell):
    def __init__(self, pixels, hidden):
        super().__init__()
        self.hidden = nn.Dense(pixels, hidden, activation="relu")
        self.mean = nn.Dense(hidden, LATENT)
        self.log_variance = nn.Dense(hidden, LATENT)

    def construct(self, x):
        h = self.hidden(x)
        return self.mean(h), self.log_variance(h)


class VAE(nn.Cell):
    """Encoder, a draw from the latent distribution, decoder.

    The draw is mean + deviation * noise, so that gradients reach mean and deviation; the noise is an input. Leave it
    out, and the network draws it itself.
    """

    def __init__(self, pixels=64, hidden=128):
        super().__init__()
        self.encoder = Encoder(pixels, hidden)
        self.decoder = nn.SequentialCell([nn.Dense(LATENT, hidden), nn.ReLU(), nn.Dense(hidden, pixels)])
        self.normal = ops.StandardNormal()
        self.exp = ops.Exp()

    def construct(self, x, noise=None):
        mean, log_variance = self.encoder(x)
        if noise is None:
            noise = self.normal(mean.shape)
        return self.decoder(mean + self.exp(0.5 * log_variance) * noise), mean, log_variance


class ELBO(nn.Cell):
    """Minus the evidence lower bound, per image: what the reconstruction costs, and what the latent numbers tell."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.cross_entropy = nn.BCEWithLogitsLoss(reduction="sum")
        self.exp = ops.Exp()

    def construct(self, x, noise=None):
        logits, mean, log_variance = self.net(x, noise)
        divergence = -0.5 * (1 + log_variance - mean * mean - self.exp(log_variance)).sum()
        return (self.cross_entropy(logits, x) + divergence) / x.shape[0]


def run(mode=ms.GRAPH_MODE, steps=300, own_noise=False, report=None):
    """Trains; returns the losses. With `own_noise` the network draws. `report` gets a picture of a new digit."""
    ms.set_context(mode=mode)
    ms.set_seed(1)
    pixels = digits()[0].reshape(-1, 64)
    noise = np.random.default_rng(4).normal(size=(len(pixels), LATENT)).astype(np.float32)
    net = draw_weights(VAE())
    step = nn.TrainOneStepCell(ELBO(net), nn.Adam(net.trainable_params(), learning_rate=2e-3))
    step.set_train()
    losses = [number(step(x) if own_noise else step(x, z)) for x, z in batches(steps, 64, pixels, noise)]
    if report:
        image = ops.Sigmoid()(net.decoder(Tensor(noise[:1]))).asnumpy().reshape(8, 8)
        report("\n".join("".join(" .:*#"[min(4, int(v * 5))] for v in row) for row in image))
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, report=print), 300)
