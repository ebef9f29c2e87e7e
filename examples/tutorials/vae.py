"""A variational autoencoder on scikit-learn's handwritten digits: sampling inside the network, two losses.

    mycelium run examples/vae.py [--mode graph|pynative] [--epochs 20]
"""
import argparse

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor
from sklearn.datasets import load_digits


class Encoder(nn.Cell):
    def __init__(self, pixels, hidden, latent):
        super().__init__()
        self.hidden = nn.Dense(pixels, hidden, weight_init="he_uniform", activation="relu")
        self.mean = nn.Dense(hidden, latent, weight_init="xavier_uniform")
        self.log_variance = nn.Dense(hidden, latent, weight_init="xavier_uniform")

    def construct(self, x):
        h = self.hidden(x)
        return self.mean(h), self.log_variance(h)


class VAE(nn.Cell):
    """Encoder, a draw from the latent distribution (reparameterized), decoder."""

    def __init__(self, pixels=64, hidden=128, latent=8):
        super().__init__()
        self.encoder = Encoder(pixels, hidden, latent)
        self.decoder = nn.SequentialCell([nn.Dense(latent, hidden, weight_init="he_uniform"), nn.ReLU(),
                                          nn.Dense(hidden, pixels, weight_init="xavier_uniform")])
        self.normal = ops.StandardNormal()
        self.exp = ops.Exp()

    def construct(self, x):
        mean, log_variance = self.encoder(x)
        z = mean + self.exp(0.5 * log_variance) * self.normal(mean.shape)
        return self.decoder(z), mean, log_variance


class ELBO(nn.Cell):
    """Minus the evidence lower bound, per image."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.cross_entropy = nn.BCEWithLogitsLoss(reduction="sum")
        self.exp = ops.Exp()

    def construct(self, x):
        logits, mean, log_variance = self.net(x)
        divergence = -0.5 * (1 + log_variance - mean * mean - self.exp(log_variance)).sum()
        return (self.cross_entropy(logits, x) + divergence) / x.shape[0]


def train(mode=ms.GRAPH_MODE, epochs=20, batch=64, seed=1, limit=None):
    """Trains; returns the loss of each epoch and the trained network."""
    ms.set_context(mode=mode)
    ms.set_seed(seed)
    pixels = (load_digits().data[:limit] / 16.0).astype(np.float32)
    net = VAE()
    step = nn.TrainOneStepCell(ELBO(net), nn.Adam(net.trainable_params(), learning_rate=2e-3))
    step.set_train()
    losses = []
    for _ in range(epochs):
        order = np.random.permutation(len(pixels))
        batches = [pixels[order[i:i + batch]] for i in range(0, len(order) - batch + 1, batch)]
        losses.append(float(np.mean([step(Tensor(b)).asnumpy() for b in batches])))
    return losses, net


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["graph", "pynative"], default="graph")
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()
    losses, net = train(ms.GRAPH_MODE if args.mode == "graph" else ms.PYNATIVE_MODE, args.epochs)
    for epoch, loss in enumerate(losses, 1):
        print(f"epoch {epoch}: -ELBO {loss:.3f}")
    sample = net.decoder(Tensor(np.random.normal(size=(1, 8)).astype(np.float32)))
    image = ops.Sigmoid()(sample).asnumpy().reshape(8, 8)
    print("\n".join("".join(" .:*#"[min(4, int(v * 5))] for v in row) for row in image))


if __name__ == "__main__":
    main()
