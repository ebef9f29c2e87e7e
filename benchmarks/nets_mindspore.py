"""The benchmark networks as plain MindSpore programs: the same file runs here and on real MindSpore."""
import mindspore as ms
import mindspore.nn as nn
import mindspore.ops as ops
import numpy as np
from mindspore import Parameter, Tensor
from mindspore.common.initializer import Normal


class LeNet(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, pad_mode="valid", has_bias=True)
        self.conv2 = nn.Conv2d(6, 16, 5, pad_mode="valid", has_bias=True)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Dense(400, 120, weight_init=Normal(0.02))
        self.fc2 = nn.Dense(120, 84, weight_init=Normal(0.02))
        self.fc3 = nn.Dense(84, 10, weight_init=Normal(0.02))

    def construct(self, x):
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = self.relu(self.fc1(self.flatten(x)))
        return self.fc3(self.relu(self.fc2(x)))


class MLP(nn.Cell):
    def __init__(self):
        super().__init__()
        self.layers = nn.SequentialCell([nn.Dense(784, 512), nn.ReLU(), nn.Dense(512, 512), nn.ReLU(),
                                         nn.Dense(512, 10)])

    def construct(self, x):
        return self.layers(x)


class Block(nn.Cell):
    expansion = 1

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, pad_mode="pad", padding=1)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, pad_mode="pad", padding=1)
        self.bn2 = nn.BatchNorm2d(cout)
        self.relu = nn.ReLU()
        self.down = None
        if stride != 1 or cin != cout:
            self.down = nn.SequentialCell([nn.Conv2d(cin, cout, 1, stride, pad_mode="valid"), nn.BatchNorm2d(cout)])

    def construct(self, x):
        identity = x
        if self.down is not None:
            identity = self.down(x)
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(y)) + identity)


class Bottleneck(nn.Cell):
    expansion = 4

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 1)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, stride, pad_mode="pad", padding=1)
        self.bn2 = nn.BatchNorm2d(cout)
        self.conv3 = nn.Conv2d(cout, 4 * cout, 1)
        self.bn3 = nn.BatchNorm2d(4 * cout)
        self.relu = nn.ReLU()
        self.down = None
        if stride != 1 or cin != 4 * cout:
            self.down = nn.SequentialCell([nn.Conv2d(cin, 4 * cout, 1, stride, pad_mode="valid"),
                                           nn.BatchNorm2d(4 * cout)])

    def construct(self, x):
        identity = x
        if self.down is not None:
            identity = self.down(x)
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        return self.relu(self.bn3(self.conv3(y)) + identity)


class ResNet(nn.Cell):
    def __init__(self, block, depths):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, pad_mode="pad", padding=3)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.pad = nn.Pad(((0, 0), (0, 0), (1, 1), (1, 1)))
        self.pool = nn.MaxPool2d(3, 2)
        blocks, cin = [], 64
        for cout, stride, depth in zip((64, 128, 256, 512), (1, 2, 2, 2), depths):    # noqa: B905 (Python 3.9)
            for i in range(depth):
                blocks.append(block(cin, cout, stride if i == 0 else 1))
                cin = cout * block.expansion
        self.blocks = nn.SequentialCell(blocks)
        self.mean = ops.ReduceMean()
        self.fc = nn.Dense(cin, 1000)

    def construct(self, x):
        x = self.pool(self.pad(self.relu(self.bn1(self.conv1(x)))))
        return self.fc(self.mean(self.blocks(x), (2, 3)))


class EncoderLayer(nn.Cell):
    def __init__(self, width, heads):
        super().__init__()
        self.width, self.heads = width, heads
        self.scale = (width // heads) ** -0.5       # MindSpore 1.8.1 refuses this power inside construct
        self.qkv = nn.Dense(width, 3 * width)
        self.out = nn.Dense(width, width)
        self.up = nn.Dense(width, 4 * width)
        self.down = nn.Dense(4 * width, width)
        self.norm1 = nn.LayerNorm((width,), epsilon=1e-5)
        self.norm2 = nn.LayerNorm((width,), epsilon=1e-5)
        self.gelu = nn.GELU()
        self.softmax = nn.Softmax()
        self.qk = ops.BatchMatMul(transpose_b=True)
        self.av = ops.BatchMatMul()

    def construct(self, x):
        b, s, w = x.shape
        d = w // self.heads
        qkv = self.qkv(x).reshape((b, s, 3, self.heads, d)).transpose((2, 0, 3, 1, 4))
        weights = self.softmax(self.qk(qkv[0], qkv[1]) * self.scale)
        mixed = self.av(weights, qkv[2]).transpose((0, 2, 1, 3)).reshape((b, s, w))
        x = self.norm1(x + self.out(mixed))
        return self.norm2(x + self.down(self.gelu(self.up(x))))


class Bert(nn.Cell):
    """Four encoder layers of width 768 over embedded tokens."""

    def __init__(self, width=768, heads=12, layers=4, vocabulary=1000, length=128):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.position = Parameter(Tensor(np.zeros((length, width), np.float32)), name="position")
        self.layers = nn.CellList([EncoderLayer(width, heads) for _ in range(layers)])
        self.head = nn.Dense(width, 10)
        self.mean = ops.ReduceMean()

    def construct(self, ids):
        x = self.embed(ids) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.head(self.mean(x, 1))


NETS = {"lenet": LeNet, "mlp": MLP, "bert": Bert,
        "resnet18": lambda: ResNet(Block, (2, 2, 2, 2)), "resnet50": lambda: ResNet(Bottleneck, (3, 4, 6, 3)),
        "resnet152": lambda: ResNet(Bottleneck, (3, 8, 36, 3)),
        **{f"bert{n}": lambda n=n: Bert(layers=n) for n in (1, 2, 6, 12)}}


def build(name, mode, train, data):
    """A function of no arguments that runs one step, and one that waits for it."""
    mode, _, cache = mode.partition(":")
    ms.set_context(mode=ms.GRAPH_MODE if mode == "graph" else ms.PYNATIVE_MODE, device_target="CPU")
    if cache:
        ms.set_context(enable_compile_cache=True, compile_cache_path=cache)
    ms.set_seed(0)
    x, y = map(Tensor, data)
    net = NETS[name]()
    net.set_train(train)
    if not train:
        return (lambda: net(x)), (lambda out: out.asnumpy())
    loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean")
    optimizer = nn.Momentum(net.trainable_params(), 0.01, 0.9)
    step = nn.TrainOneStepCell(nn.WithLossCell(net, loss), optimizer)
    step.set_train()
    return (lambda: step(x, y)), (lambda out: out.asnumpy())
