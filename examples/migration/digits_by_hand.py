"""The digits network as one writes it again by hand on a Friday, with two mistakes."""
from mindspore import nn, ops


class DigitNet(nn.Cell):
    """Two convolutions with BatchNorm, then two dense layers."""

    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, stride=2, has_bias=True)
        self.bn2 = nn.BatchNorm2d(32)
        self.pool = nn.MaxPool2d(2, 2)
        self.dropout = nn.Dropout(0.2)
        self.fc1 = nn.Dense(32 * 2 * 2, 64)
        self.fc2 = nn.Dense(64, classes)

    def construct(self, x):
        x = ops.relu(self.bn1(self.conv1(x)))
        x = ops.relu(self.bn2(self.conv2(x)))
        x = self.pool(x)
        x = x.view((x.shape[0], -1))
        x = self.dropout(ops.relu(self.fc1(x)))
        return self.fc2(x)
