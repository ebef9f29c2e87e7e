"""Adversarial examples: the fast gradient sign method (Goodfellow, Shlens and Szegedy 2014), and training against it.

An image is moved a little in the direction that raises the loss most: by epsilon times the sign of the gradient with
respect to the pixels. A network trained on clean digits falls for it, one that trained on attacked digits less so.

    mycelium run examples/tutorials/adversarial.py [--mode graph|pynative] [--steps 100]
"""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
from mindspore import Tensor
from shared import batches, digits, draw_weights, main, number

EPSILON = 0.15


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.layers = nn.SequentialCell([
            nn.Conv2d(1, 8, 3, pad_mode="pad", padding=1, has_bias=True), nn.ReLU(), nn.AvgPool2d(2, 2), nn.Flatten(),
            nn.Dense(8 * 16, 48), nn.ReLU(), nn.Dense(48, 10)])

    def construct(self, x):
        return self.layers(x)


class FGSM(nn.Cell):
    """The attacked images for images and labels; pixels stay between 0 and 1."""

    def __init__(self, loss, epsilon):
        super().__init__(auto_prefix=False)
        self.loss, self.epsilon = loss, epsilon
        self.grad = ops.GradOperation()         # by the first input, the pixels
        self.sign = ops.Sign()

    def construct(self, x, label):
        direction = self.sign(self.grad(self.loss)(x, label))
        return ops.clip_by_value(x + self.epsilon * direction, Tensor(0.0, ms.float32), Tensor(1.0, ms.float32))


def accuracy(net, x, label):
    return float((net(x).asnumpy().argmax(1) == label.asnumpy()).mean())


def run(mode=ms.GRAPH_MODE, steps=100, report=None):
    """Trains on clean digits, then on attacked ones, half of the steps each; returns the losses.

    `report` gets accuracies on 297 digits that were not trained on, clean and attacked.
    """
    ms.set_context(mode=mode)
    images, labels = digits()
    net = draw_weights(Net())
    loss = nn.WithLossCell(net, nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"))
    step = nn.TrainOneStepCell(loss, nn.Adam(net.trainable_params(), learning_rate=0.005))
    attack = FGSM(loss, EPSILON)
    held_out, answers = Tensor(images[1500:]), Tensor(labels[1500:])

    losses = []
    for i, (x, label) in enumerate(batches(steps, 64, images[:1500], labels[:1500])):
        if report and i in (steps // 2, steps - 1):
            report(f"after {i} steps: accuracy {accuracy(net, held_out, answers):.3f}, "
                   f"attacked {accuracy(net, attack(held_out, answers), answers):.3f}")
        if i >= steps // 2:
            x = attack(x, label)
        losses.append(number(step(x, label)))
    return losses


if __name__ == "__main__":
    main(lambda mode, steps: run(mode, steps, print), 100)
