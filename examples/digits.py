"""Handwritten digits: a convolutional network learns to read 8 x 8 images, written for MindSpore and nothing else.

    mycelium run examples/digits.py            on Mycelium
    python examples/digits.py                  on MindSpore r1.8 itself

It trains in GRAPH_MODE, evaluates after every epoch, saves the weights to out/digits.ckpt, loads them into a new
network to check them, and draws out/digits.png.
"""
import argparse
import os
import time

import matplotlib
import mindspore as ms
import mindspore.dataset as ds
import mindspore.nn as nn
import numpy as np
from mindspore.common.initializer import HeNormal
from mindspore.train.callback import Callback
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def conv_block(in_channels, out_channels):
    return nn.SequentialCell(
        nn.Conv2d(in_channels, out_channels, 3, pad_mode="same", weight_init=HeNormal()),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class DigitNet(nn.Cell):
    """Four convolutions, two poolings, two dense layers: 8 x 8 pixels to 10 scores."""

    def __init__(self):
        super().__init__()
        self.features = nn.SequentialCell(
            conv_block(1, 32),
            conv_block(32, 32),
            nn.MaxPool2d(kernel_size=2, stride=2),
            conv_block(32, 64),
            conv_block(64, 64),
            nn.MaxPool2d(kernel_size=2, stride=2),
        )
        self.flatten = nn.Flatten()
        self.hidden = nn.Dense(64 * 2 * 2, 128, weight_init=HeNormal(), activation="relu")
        self.dropout = nn.Dropout(keep_prob=0.7)
        self.scores = nn.Dense(128, 10)

    def construct(self, x):
        x = self.flatten(self.features(x))
        return self.scores(self.dropout(self.hidden(x)))


class Digits:
    """Images and labels by index, the form that GeneratorDataset reads."""

    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __getitem__(self, index):
        return self.images[index], self.labels[index]

    def __len__(self):
        return len(self.labels)


def shifted(image):
    """The image moved by up to one pixel in each direction: a digit remains the same digit."""
    up, left = np.random.randint(0, 3, 2)
    return np.pad(image, ((0, 0), (1, 1), (1, 1)))[:, up:up + 8, left:left + 8]


def load_data(batch_size):
    """Training set and test set as pipelines, and the test images and labels themselves."""
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, None]
    labels = digits.target.astype(np.int32)
    train_x, test_x, train_y, test_y = train_test_split(images, labels, test_size=0.25, random_state=0, stratify=labels)
    train = ds.GeneratorDataset(Digits(train_x, train_y), ["image", "label"], shuffle=True)
    train = train.map(shifted, input_columns=["image"]).batch(batch_size, drop_remainder=True)
    test = ds.GeneratorDataset(Digits(test_x, test_y), ["image", "label"], shuffle=False).batch(len(test_y))
    return train, test, test_x, test_y


class Progress(Callback):
    """Draws a bar for each epoch, evaluates at its end, and keeps the curves."""

    def __init__(self, model, test):
        super().__init__()
        self.model, self.test = model, test
        self.losses, self.accuracies, self.times = [], [], []

    def epoch_begin(self, run_context):
        self.start, self.epoch_losses = time.time(), []

    def step_end(self, run_context):
        state = run_context.original_args()
        self.epoch_losses.append(float(state.net_outputs.asnumpy()))
        done = (state.cur_step_num - 1) % state.batch_num + 1
        bar = ("#" * (24 * done // state.batch_num)).ljust(24, ".")
        print(f"\repoch {state.cur_epoch_num:2d}/{state.epoch_num} [{bar}] "
              f"loss {np.mean(self.epoch_losses):.4f}", end="", flush=True)

    def epoch_end(self, run_context):
        self.times.append(time.time() - self.start)
        accuracy = self.model.eval(self.test, dataset_sink_mode=False)["accuracy"]
        self.losses.append(np.mean(self.epoch_losses))
        self.accuracies.append(accuracy)
        print(f"  test accuracy {accuracy:.4f}  {self.times[-1]:5.2f} s")


def draw(path, progress, images, labels, predictions):
    """Loss and accuracy by epoch, and a grid of test images: first the mistakes, then digits it read."""
    figure = plt.figure(figsize=(11, 4.6), layout="constrained")
    curves, grid = figure.subfigures(1, 2, width_ratios=(1, 1.15))
    epochs = np.arange(1, len(progress.losses) + 1)
    above, below = curves.subplots(2, 1, sharex=True)
    above.plot(epochs, progress.losses, color="tab:blue")
    above.set_ylabel("training loss")
    below.plot(epochs, progress.accuracies, color="tab:green")
    below.set_ylabel("test accuracy")
    below.set_xlabel("epoch")
    for axes in (above, below):
        axes.grid(alpha=0.3)
    wrong = predictions != labels
    for axes, i in zip(grid.subplots(4, 8).flat, np.argsort(~wrong, kind="stable")):
        axes.imshow(images[i, 0], cmap="gray_r")
        axes.set_title(f"{predictions[i]} (is {labels[i]})" if wrong[i] else str(predictions[i]),
                       fontsize=8, color="tab:red" if wrong[i] else "black")
        axes.set_axis_off()
    grid.suptitle(f"read by the network: {wrong.sum()} of {len(labels)} wrong, shown first", fontsize=9)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default="out", help="the folder for digits.ckpt and digits.png")
    args = parser.parse_args()

    ms.set_context(mode=ms.GRAPH_MODE)
    ms.set_seed(args.seed)
    os.makedirs(args.out, exist_ok=True)
    train, test, test_x, test_y = load_data(args.batch_size)

    net = DigitNet()
    steps = train.get_dataset_size()
    rates = nn.cosine_decay_lr(0.0, args.learning_rate, args.epochs * steps, steps, args.epochs)
    optimizer = nn.Adam(net.trainable_params(), learning_rate=rates, weight_decay=1e-4)
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    model = ms.Model(net, loss, optimizer, metrics={"accuracy"})
    progress = Progress(model, test)
    start = time.time()
    model.train(args.epochs, train, callbacks=[progress], dataset_sink_mode=False)
    print(f"trained in {time.time() - start:.1f} s")

    checkpoint = os.path.join(args.out, "digits.ckpt")
    ms.save_checkpoint(net, checkpoint)
    loaded = DigitNet()
    ms.load_param_into_net(loaded, ms.load_checkpoint(checkpoint))
    model = ms.Model(loaded, loss, metrics={"accuracy"})
    accuracy = model.eval(test, dataset_sink_mode=False)["accuracy"]
    predictions = model.predict(ms.Tensor(test_x)).asnumpy().argmax(axis=1)
    picture = os.path.join(args.out, "digits.png")
    draw(picture, progress, test_x, test_y, predictions)
    print(f"test accuracy {accuracy:.4f} with the weights of {checkpoint}; curves and predictions in {picture}")


if __name__ == "__main__":
    main()
