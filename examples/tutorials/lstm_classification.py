"""Classification of texts of different lengths with an LSTM.

The texts are generated: words that praise, words that blame, words that say nothing, and a "not" that turns the next
word round. A text is good if praise outweighs blame. Texts are padded to one length for a batch; `seq_length` tells the
LSTM where each ends.

    mycelium run examples/tutorials/lstm_classification.py [--mode graph|pynative] [--steps 60]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Tensor
from shared import batches, draw_weights, main, number

PADDING, NOT = 0, 1
PRAISE, BLAME, OTHER = (2, 12), (12, 22), (22, 40)      # ranges of word numbers
LONGEST = 12


def texts(count, rng):
    """Word numbers (count, LONGEST) int32, lengths (count,) int32, and labels (count,) float32: 1 for good."""
    words, lengths, labels = np.zeros((count, LONGEST), np.int32), [], []
    while len(labels) < count:
        length = rng.integers(4, LONGEST + 1)
        text, score = [], 0
        for _ in range(length):
            kind = rng.choice(["praise", "blame", "other", "not"], p=[0.25, 0.25, 0.35, 0.15])
            sign = -1 if text and text[-1] == NOT else 1
            score += sign * {"praise": 1, "blame": -1}.get(kind, 0)
            low, high = {"praise": PRAISE, "blame": BLAME, "other": OTHER, "not": (NOT, NOT + 1)}[kind]
            text.append(rng.integers(low, high))
        if score:
            words[len(labels), :length] = text
            lengths.append(length)
            labels.append(score > 0)
    return words, np.array(lengths, np.int32), np.array(labels, np.float32)


class Reader(nn.Cell):
    """Embedding, a bidirectional LSTM, and one score from the last states of both directions."""

    def __init__(self, vocabulary=40, width=16, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, padding_idx=PADDING)
        self.lstm = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        self.score = nn.Dense(2 * hidden, 1)
        self.concat = ops.Concat(axis=1)

    def construct(self, words, lengths):
        _, (last, _) = self.lstm(self.embedding(words), None, lengths)       # last: (2, batch, hidden)
        return self.score(self.concat((last[0], last[1])))


class ReaderLoss(nn.Cell):
    def __init__(self, net):
        super().__init__(auto_prefix=False)
        self.net = net
        self.loss = nn.BCEWithLogitsLoss()

    def construct(self, words, lengths, labels):
        return self.loss(self.net(words, lengths), labels.reshape((-1, 1)))


def run(mode=ms.GRAPH_MODE, steps=60, report=None):
    """Trains; returns the losses. `report` gets the accuracy on new texts."""
    ms.set_context(mode=mode)
    rng = np.random.default_rng(3)
    net = draw_weights(Reader())
    step = nn.TrainOneStepCell(ReaderLoss(net), nn.Adam(net.trainable_params(), learning_rate=0.01))
    step.set_train()
    losses = [number(step(*batch)) for batch in batches(steps, 64, *texts(2000, rng))]
    if report:
        words, lengths, labels = texts(500, rng)
        right = (net(Tensor(words), Tensor(lengths)).asnumpy()[:, 0] > 0) == labels
        report(f"{100 * right.mean():.1f}% of 500 new texts are read rightly")
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 60)
