"""The benchmark networks in PyTorch."""
import torch
from torch import nn
from torch.nn import functional as F


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x.flatten(1))))))


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


class Block(nn.Module):
    expansion = 1

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.down = nn.Identity()
        if stride != 1 or cin != cout:
            self.down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(y)) + self.down(x))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv3, self.bn3 = nn.Conv2d(cout, 4 * cout, 1, bias=False), nn.BatchNorm2d(4 * cout)
        self.down = nn.Identity()
        if stride != 1 or cin != 4 * cout:
            self.down = nn.Sequential(nn.Conv2d(cin, 4 * cout, 1, stride, bias=False), nn.BatchNorm2d(4 * cout))

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + self.down(x))


class ResNet(nn.Module):
    def __init__(self, block, depths):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
        blocks, cin = [], 64
        for cout, stride, depth in zip((64, 128, 256, 512), (1, 2, 2, 2), depths, strict=True):
            for i in range(depth):
                blocks.append(block(cin, cout, stride if i == 0 else 1))
                cin = cout * block.expansion
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(cin, 1000)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.blocks(x).mean((2, 3)))


class EncoderLayer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x):
        b, s, w = x.shape
        q, k, v = self.qkv(x).view(b, s, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, s, w)
        x = self.norm1(x + self.out(mixed))
        return self.norm2(x + self.down(F.gelu(self.up(x), approximate="tanh")))


class Bert(nn.Module):
    def __init__(self, width=768, heads=12, layers=4, vocabulary=1000, length=128):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.zeros(length, width))
        self.layers = nn.ModuleList([EncoderLayer(width, heads) for _ in range(layers)])
        self.head = nn.Linear(width, 10)

    def forward(self, ids):
        x = self.embed(ids.long()) + self.position
        for layer in self.layers:
            x = layer(x)
        return self.head(x.mean(1))


NETS = {"lenet": LeNet, "mlp": mlp, "bert": Bert,
        "resnet18": lambda: ResNet(Block, (2, 2, 2, 2)), "resnet50": lambda: ResNet(Bottleneck, (3, 4, 6, 3)),
        "resnet152": lambda: ResNet(Bottleneck, (3, 8, 36, 3)),
        **{f"bert{n}": lambda n=n: Bert(layers=n) for n in (1, 2, 6, 12)}}


def build(name, mode, train, data):
    """A function that runs a step, and one that waits for it; `mode`: eager, channels_last or compile."""
    torch.manual_seed(0)
    torch.set_num_threads(torch.get_num_threads())
    x, y = (torch.from_numpy(d) for d in data)
    net = NETS[name]()
    net.train(train)
    if mode == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        if x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
    run = torch.compile(net) if mode == "compile" else net
    if not train:
        def infer():
            with torch.no_grad():
                return run(x)
        return infer, (lambda out: out.numpy())
    optimizer = torch.optim.SGD(net.parameters(), 0.01, 0.9)
    y = y.long()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(run(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step, (lambda out: out.item())
