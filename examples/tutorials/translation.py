"""Translation with a Transformer: encoder, decoder, masks for padding and for the future, greedy decoding.

The language is made up: each word of the source has its counterpart, and the sentence is said backwards. A `while` loop
inside the network writes the translation word by word until every sentence of the batch has ended.

    mycelium run examples/tutorials/translation.py [--mode graph|pynative] [--steps 300]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Parameter, Tensor
from shared import batches, draw_weights, main, number

PADDING, START, END = 0, 1, 2
WORDS, LONGEST = 12, 8          # the words are 3 to 11


class Attention(nn.Cell):
    """Attention with several heads; where the mask is 0 nobody looks."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.query, self.key = nn.Dense(width, width), nn.Dense(width, width)
        self.value, self.out = nn.Dense(width, width), nn.Dense(width, width)
        self.scores, self.mix = ops.BatchMatMul(transpose_b=True), ops.BatchMatMul()
        self.softmax = nn.Softmax()

    def split(self, x):
        batch, length, _ = x.shape
        return x.reshape((batch, length, self.heads, self.size)).transpose((0, 2, 1, 3))

    def construct(self, x, memory, mask):
        batch, length, width = x.shape
        scores = self.scores(self.split(self.query(x)), self.split(self.key(memory))) / self.size ** 0.5
        weights = self.softmax(scores + (1 - mask) * -1e9)
        mixed = self.mix(weights, self.split(self.value(memory)))
        return self.out(mixed.transpose((0, 2, 1, 3)).reshape((batch, length, width)))


class FeedForward(nn.Cell):
    def __init__(self, width):
        super().__init__()
        self.wide, self.narrow, self.relu = nn.Dense(width, 4 * width), nn.Dense(4 * width, width), nn.ReLU()

    def construct(self, x):
        return self.narrow(self.relu(self.wide(x)))


class EncoderLayer(nn.Cell):
    def __init__(self, width, heads):
        super().__init__()
        self.attention, self.feed = Attention(width, heads), FeedForward(width)
        self.norm1, self.norm2 = nn.LayerNorm((width,)), nn.LayerNorm((width,))

    def construct(self, x, mask):
        y = self.norm1(x)
        x = x + self.attention(y, y, mask)
        return x + self.feed(self.norm2(x))


class DecoderLayer(nn.Cell):
    def __init__(self, width, heads):
        super().__init__()
        self.own, self.cross, self.feed = Attention(width, heads), Attention(width, heads), FeedForward(width)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm((width,)), nn.LayerNorm((width,)), nn.LayerNorm((width,))

    def construct(self, x, memory, own_mask, memory_mask):
        y = self.norm1(x)
        x = x + self.own(y, y, own_mask)
        x = x + self.cross(self.norm2(x), memory, memory_mask)
        return x + self.feed(self.norm3(x))


class Translator(nn.Cell):
    def __init__(self, width=32, heads=4, layers=2):
        super().__init__()
        self.source_words, self.target_words = nn.Embedding(WORDS, width), nn.Embedding(WORDS, width)
        self.place = Parameter(Tensor(np.zeros((LONGEST, width), np.float32)), name="place")
        self.encoder = nn.CellList([EncoderLayer(width, heads) for _ in range(layers)])
        self.decoder = nn.CellList([DecoderLayer(width, heads) for _ in range(layers)])
        self.norm1, self.norm2 = nn.LayerNorm((width,)), nn.LayerNorm((width,))
        self.scores = nn.Dense(width, WORDS)
        self.past = Tensor(np.tril(np.ones((LONGEST, LONGEST), np.float32)))
        self.cast = ops.Cast()

    def padding_mask(self, tokens):
        return self.cast(tokens != PADDING, ms.float32).reshape((tokens.shape[0], 1, 1, LONGEST))

    def encode(self, source):
        mask = self.padding_mask(source)
        x = self.source_words(source) + self.place
        for layer in self.encoder:
            x = layer(x, mask)
        return self.norm1(x), mask

    def decode(self, target, memory, memory_mask):
        mask = self.padding_mask(target) * self.past        # a word sees itself and those before it
        x = self.target_words(target) + self.place
        for layer in self.decoder:
            x = layer(x, memory, mask, memory_mask)
        return self.scores(self.norm2(x))

    def construct(self, source, target):
        memory, mask = self.encode(source)
        return self.decode(target, memory, mask)


class Greedy(nn.Cell):
    """Translates: begins with START and appends the likeliest word, until all sentences have their END."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.argmax = ops.Argmax(output_type=ms.int32)
        self.places = Tensor(np.arange(LONGEST)[None], ms.int32)
        self.start = Tensor(np.eye(1, LONGEST, dtype=np.int32) * START)

    def construct(self, source):
        memory, mask = self.net.encode(source)
        target = ops.zeros_like(source) + self.start
        running = ops.cast(source[:, 0] == source[:, 0], ms.int32)          # 1 until the END is written
        place = Tensor(1, ms.int32)
        while place < LONGEST and running.sum() > 0:
            words = self.argmax(self.net.decode(target, memory, mask))      # words[:, i] follows target[:, i]
            here = ops.cast(self.places == place, ms.int32)
            word = (words * ops.cast(self.places == place - 1, ms.int32)).sum(1) * running
            target = target + here * word.reshape((-1, 1))
            running = running * ops.cast(word != END, ms.int32)
            place = place + 1
        return target


class TranslationLoss(nn.Cell):
    """Cross entropy of the next word, over the words that are no padding."""

    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.cross_entropy = nn.SoftmaxCrossEntropyWithLogits(sparse=True)

    def construct(self, source, target, following):
        logits = self.net(source, target)
        loss = self.cross_entropy(logits.reshape((-1, WORDS)), following.reshape((-1,)))
        mask = ops.cast(following != PADDING, ms.float32).reshape((-1,))
        return (loss * mask).sum() / mask.sum()


class ClippedStep(nn.TrainOneStepCell):
    """A training step whose gradients are clipped by their global norm."""

    def construct(self, source, target, following):
        loss = self.network(source, target, following)
        grads = self.grad(self.network, self.weights)(source, target, following, self.sens * ops.ones_like(loss))
        return ops.depend(loss, self.optimizer(ops.clip_by_global_norm(grads, 1.0)))


def sentences(count, rng):
    """Source, target and the target's next words, each (count, LONGEST) int32."""
    source, target, following = np.zeros((3, count, LONGEST), np.int32)
    for i in range(count):
        length = rng.integers(2, LONGEST - 1)
        words = rng.integers(3, WORDS, length)
        answer = (words[::-1] - 3 + 5) % (WORDS - 3) + 3
        source[i, :length], target[i, 0], target[i, 1:length + 1] = words, START, answer
        following[i, :length], following[i, length] = answer, END
    return source, target, following


def run(mode=ms.GRAPH_MODE, steps=300, report=None):
    """Trains; returns the losses. `report` gets how many of 100 new sentences are translated without a mistake."""
    ms.set_context(mode=mode)
    rng = np.random.default_rng(5)
    net = draw_weights(Translator())
    optimizer = nn.AdamWeightDecay(net.trainable_params(), nn.WarmUpLR(3e-3, warmup_steps=20), weight_decay=0.01)
    step = ClippedStep(TranslationLoss(net), optimizer)
    step.set_train()
    losses = [number(step(*batch)) for batch in batches(steps, 64, *sentences(4000, rng))]
    if report:
        net.set_train(False)
        source, _, following = sentences(100, rng)
        said = Greedy(net)(Tensor(source)).asnumpy()
        report(f"{(said[:, 1:] == following[:, :-1]).all(1).sum()} of 100 new sentences are translated rightly")
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 300)
