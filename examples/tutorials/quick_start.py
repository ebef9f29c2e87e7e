"""Quick start: a dataset, a network, `Model.train`, `Model.eval`, a checkpoint, a prediction.

    mycelium run examples/tutorials/quick_start.py [--mode graph|pynative] [--steps 56]
"""
import os
import tempfile

import mindspore as ms
import mindspore.dataset as ds
import mindspore.nn as nn
import numpy as np
from mindspore import Model, Tensor
from mindspore.train.callback import Callback
from shared import digits, draw_weights, main, number

BATCH = 64


class Network(nn.Cell):
    """A Cell: layers are made in __init__ and called in construct."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, kernel_size=3)          # pad_mode="same": 8x8 stays 8x8
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()
        self.hidden = nn.Dense(8 * 4 * 4, 64, activation="relu")
        self.scores = nn.Dense(64, 10)
        self.relu = nn.ReLU()

    def construct(self, x):
        x = self.pool(self.relu(self.conv(x)))
        return self.scores(self.hidden(self.flatten(x)))


class Losses(Callback):
    """Keeps the loss of each step; a Callback is how Model lets a program look in."""

    def __init__(self):
        super().__init__()
        self.values = []

    def step_end(self, run_context):
        self.values.append(number(run_context.original_args().net_outputs))


def pipeline(images, labels, shuffle):
    """A dataset: a source, a transform of one column, batches."""
    data = ds.NumpySlicesDataset({"image": images, "label": labels}, shuffle=shuffle)
    data = data.map(lambda image: (image - np.float32(0.3)) / np.float32(0.4), input_columns=["image"])
    return data.batch(BATCH, drop_remainder=True)


def run(mode=ms.GRAPH_MODE, steps=56, report=None):
    """Trains for `steps` steps; returns their losses. `report` gets lines about the trained network."""
    ms.set_context(mode=mode)
    ds.config.set_seed(1)                                   # the order of the shuffled dataset
    images, labels = digits()
    train = pipeline(images[:1500], labels[:1500], shuffle=True)
    test = pipeline(images[1500:], labels[1500:], shuffle=False)

    net = draw_weights(Network())
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = Model(net, loss, nn.Momentum(net.trainable_params(), 0.05, 0.9), metrics={"accuracy"})
    losses = Losses()
    per_epoch = train.get_dataset_size()
    if steps >= per_epoch:
        model.train(steps // per_epoch, train, callbacks=[losses], dataset_sink_mode=False)
    if steps % per_epoch:
        model.train(1, train.take(steps % per_epoch), callbacks=[losses], dataset_sink_mode=False)

    if report:
        report(f"accuracy on 256 other digits: {model.eval(test, dataset_sink_mode=False)['accuracy']:.3f}")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "quick_start.ckpt")
            ms.save_checkpoint(net, path)
            again = Network()
            ms.load_param_into_net(again, ms.load_checkpoint(path))
        image = (images[1700:1701] - 0.3) / 0.4
        answer = Model(again).predict(Tensor(image.astype(np.float32))).asnumpy().argmax()
        report(f"the loaded network reads a {answer}, the label says {labels[1700]}")
    return losses.values


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 56)
