"""A small Transformer that learns to sort: attention written out, a learning-rate schedule, gradient clipping.

    mycelium run examples/transformer.py [--mode graph|pynative] [--steps 400]
"""
import argparse

import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Parameter, Tensor
from mindspore.common.initializer import Normal, initializer


class Attention(nn.Cell):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.query, self.key, self.value, self.out = (nn.Dense(width, width, weight_init="xavier_uniform")
                                                      for _ in range(4))
        self.scores, self.mix = ops.BatchMatMul(transpose_b=True), ops.BatchMatMul()
        self.softmax, self.dropout = nn.Softmax(), nn.Dropout(keep_prob=1 - dropout)

    def split(self, x):
        b, s, _ = x.shape
        return x.reshape((b, s, self.heads, self.size)).transpose((0, 2, 1, 3))

    def construct(self, x):
        b, s, w = x.shape
        weights = self.softmax(self.scores(self.split(self.query(x)), self.split(self.key(x))) / self.size ** 0.5)
        mixed = self.mix(self.dropout(weights), self.split(self.value(x)))
        return self.out(mixed.transpose((0, 2, 1, 3)).reshape((b, s, w)))


class Layer(nn.Cell):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.attention = Attention(width, heads, dropout)
        self.norm1, self.norm2 = nn.LayerNorm((width,)), nn.LayerNorm((width,))
        self.feed = nn.SequentialCell([nn.Dense(width, 4 * width, weight_init="xavier_uniform"), nn.GELU(),
                                       nn.Dense(4 * width, width, weight_init="xavier_uniform")])
        self.dropout = nn.Dropout(keep_prob=1 - dropout)

    def construct(self, x):
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.feed(self.norm2(x)))


class Sorter(nn.Cell):
    def __init__(self, symbols=10, length=8, width=32, heads=4, layers=2, dropout=0.05):
        super().__init__()
        self.embedding = nn.Embedding(symbols, width, embedding_table=Normal(0.1))
        self.position = Parameter(initializer(Normal(0.1), (length, width)), name="position")
        self.layers = nn.CellList([Layer(width, heads, dropout) for _ in range(layers)])
        self.norm = nn.LayerNorm((width,))
        self.head = nn.Dense(width, symbols, weight_init="xavier_uniform")

    def construct(self, tokens):
        x = self.embedding(tokens) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


class Loss(nn.Cell):
    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.cross_entropy = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")

    def construct(self, tokens, target):
        logits = self.net(tokens)
        return self.cross_entropy(logits.reshape((-1, logits.shape[-1])), target.reshape((-1,)))


class ClippedStep(nn.TrainOneStepCell):
    """A training step whose gradients are clipped by their global norm."""

    def construct(self, tokens, target):
        loss, grads = ops.value_and_grad(self.network, None, self.weights)(tokens, target)
        self.optimizer(ops.clip_by_global_norm(grads, 1.0))
        return loss


def train(mode=ms.GRAPH_MODE, steps=400, batch=64, seed=1):
    """Trains; returns the loss of each step and how many of 256 new sequences are sorted rightly."""
    ms.set_context(mode=mode)
    ms.set_seed(seed)
    rng = np.random.default_rng(seed)
    net = Sorter()
    schedule = nn.WarmUpLR(3e-3, 20)
    step = ClippedStep(Loss(net), nn.AdamWeightDecay(net.trainable_params(), schedule, weight_decay=0.01))
    step.set_train()
    losses = []
    for _ in range(steps):
        tokens = rng.integers(0, 10, (batch, 8)).astype(np.int32)
        losses.append(float(step(Tensor(tokens), Tensor(np.sort(tokens, 1))).asnumpy()))
    net.set_train(False)
    tokens = rng.integers(0, 10, (256, 8)).astype(np.int32)
    answer = net(Tensor(tokens)).asnumpy().argmax(-1)
    return losses, float((answer == np.sort(tokens, 1)).all(1).mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["graph", "pynative"], default="graph")
    parser.add_argument("--steps", type=int, default=400)
    args = parser.parse_args()
    losses, sorted_rightly = train(ms.GRAPH_MODE if args.mode == "graph" else ms.PYNATIVE_MODE, args.steps)
    for i in range(0, len(losses), max(1, len(losses) // 10)):
        print(f"step {i}: loss {losses[i]:.4f}")
    print(f"{100 * sorted_rightly:.1f}% of new sequences are sorted rightly")


if __name__ == "__main__":
    main()
