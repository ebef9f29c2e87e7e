"""A convolutional network on scikit-learn's handwritten digits, written for PyTorch: what is to be migrated."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


class DigitNet(nn.Module):
    """Two convolutions with BatchNorm, then two linear layers."""

    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.dropout = nn.Dropout(p=0.2)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, classes)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.max_pool2d(x, 2)  # 4x4 -> 2x2
        x = x.view(x.size(0), -1)
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)


def batches(images, labels, size, rng):
    """Shuffled batches; what does not fill one is left out."""
    order = rng.permutation(len(images))
    for start in range(0, len(order) - size + 1, size):
        chosen = order[start:start + size]
        yield images[chosen], labels[chosen]


def main():
    torch.manual_seed(0)
    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    labels = digits.target.astype(np.int64)
    net = DigitNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    rng = np.random.default_rng(0)

    net.train()
    for epoch in range(10):
        for x, y in batches(images[300:], labels[300:], 64, rng):
            x, y = torch.tensor(x), torch.tensor(y)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch + 1}  loss {loss.item():.4f}")

    net.eval()
    with torch.no_grad():
        correct = (net(torch.tensor(images[:300])).argmax(dim=1) == torch.tensor(labels[:300])).float().mean()
    print(f"accuracy {correct.item():.3f}")
    torch.save(net.state_dict(), "digits.pth")


if __name__ == "__main__":
    main()
