"""Whole training scripts with datasets, loaders and schedules: ported, they take the very steps of the original."""
import numpy as np
import pytest
from tests.migrate.port.loading import load

from mycelium.compat import install_as_mindspore
from mycelium.migrate.port import port

install_as_mindspore()

SCRIPT = '''
import numpy as np
import torch
import torch.nn as nn
from torch.optim.lr_scheduler import {schedule}
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split

ROWS = np.random.default_rng(0).standard_normal((20, 6)).astype(np.float32)
CLASSES = (ROWS.sum(1) > 0).astype(np.int64)


class Rows(Dataset):
    def __init__(self, start, end):
        self.start, self.end = start, end

    def __len__(self):
        return self.end - self.start

    def __getitem__(self, index):
        row = self.start + index
        return torch.from_numpy(ROWS[row]), int(CLASSES[row])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(6, 5), nn.Linear(5, 2)
        for layer in (self.fc1, self.fc2):
            nn.init.constant_(layer.bias, 0.1)
            nn.init.eye_(layer.weight)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


def train(model, loader, criterion, optimizer):
    model.train()
    total, correct, seen = 0.0, 0, 0
    for inputs, labels in loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        total += loss.item() * inputs.size(0)
        _, predicted = outputs.max(1)
        correct += predicted.eq(labels).sum().item()
        seen += labels.size(0)
    return total / seen, correct


def main():
    {data}
    loader = DataLoader(data, batch_size=4, shuffle=False, drop_last=True)
    model = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
    scheduler = {schedule}(optimizer, {arguments})
    history = []
    for epoch in range(7):
        history.append((*train(model, loader, criterion, optimizer), scheduler.get_last_lr()[0], len(loader)))
        scheduler.step()
    return history
'''
OWN, TENSORS = "data = Rows(0, 18)", "data = TensorDataset(torch.tensor(ROWS), torch.tensor(CLASSES))"
PART = "data = Subset(Rows(0, 20), range(2, 15))"
CASES = [
    ("StepLR", "step_size=2, gamma=0.5", OWN), ("StepLR", "3", TENSORS), ("ExponentialLR", "0.8", PART),
    ("MultiStepLR", "milestones=[2, 5]", OWN), ("ConstantLR", "0.5, 3", OWN), ("LinearLR", "0.2, total_iters=4", OWN),
    ("PolynomialLR", "4, power=2.0", OWN), ("CosineAnnealingLR", "T_max=4, eta_min=0.01", OWN),
    ("CosineAnnealingWarmRestarts", "3", OWN), ("LambdaLR", "lr_lambda=lambda i: 0.9 ** i", OWN),
    ("MultiplicativeLR", "lambda i: 1 / (1 + i)", OWN),
]


@pytest.mark.parametrize(("schedule", "arguments", "data"), CASES, ids=[c[0] for c in CASES])
def test_a_script_takes_the_same_steps(schedule, arguments, data):
    source = SCRIPT.format(schedule=schedule, arguments=arguments, data=data)
    made = port(source)
    assert not made.remarks
    assert "torch" not in made.source.replace("as torch.", "")      # but for what the helpers say of themselves
    np.testing.assert_allclose(load(made.source, "ours").main(), load(source, "theirs").main(), rtol=2e-5)


def test_random_split():
    source = """
import torch
from torch.utils.data import DataLoader, TensorDataset, random_split
everything = TensorDataset(torch.arange(10), torch.arange(10) * 2)
first, second = random_split(everything, [7, 3])
shares = [len(part) for part in random_split(everything, [0.25, 0.75])]
batches = [(a.tolist(), b.tolist()) for a, b in DataLoader(second, batch_size=2)]
"""
    made = load(port(source).source, "ours")
    assert (len(made.first), len(made.second), made.shares) == (7, 3, load(source, "theirs").shares)
    rows = [row for a, b in made.batches for row in zip(a, b, strict=True)]
    assert len(rows) == 3 and all(b == 2 * a for a, b in rows)
    assert sorted(i for part in (made.first, made.second) for i in part.indices) == [*range(10)]


def test_columns_that_nothing_tells():
    made = port("from torch.utils.data import DataLoader\n\ndef load(data):\n    return DataLoader(data, 4)\n")
    assert "needs 'columns'" in made.remarks[0][1]
    made = port("from torch.utils.data import DataLoader\n\ndef run(data):\n    loader = DataLoader(data, 4)\n"
                "    for i, (x, mask) in enumerate(loader):\n        print(i, x, mask)\n")
    assert "ds.GeneratorDataset(data, ['x', 'mask'], shuffle=False).batch(4" in made.source


RATES = [
    ("for group in optimizer.param_groups:\n    # warm up\n    group['lr'] = 0.1 * epoch\n",
     "# warm up\nops.assign(optimizer.learning_rate, ms.Tensor(0.1 * epoch, ms.float32))\n"),
    ("for g in self.opt.param_groups:\n    g['lr'] *= 0.5\n",
     "ops.assign(self.opt.learning_rate, ms.Tensor(float(self.opt.learning_rate.asnumpy()) * 0.5, ms.float32))\n"),
    ("for group in opt.param_groups:\n    group['lr'] = group['lr'] / (1 + k)\n",
     "ops.assign(opt.learning_rate, ms.Tensor(float(opt.learning_rate.asnumpy()) / (1 + k), ms.float32))\n"),
    ("optimizer.param_groups[0]['lr'] = rate\n",
     "ops.assign(optimizer.learning_rate, ms.Tensor(rate, ms.float32))\n"),
    ("print(optimizer.param_groups[-1]['lr'])\n", "print(float(optimizer.learning_rate.asnumpy()))\n"),
    ("for group in optimizer.param_groups:\n    group['momentum'] = 0.9\n",
     "# port: check: optimizer.param_groups: the learning rate is optimizer.learning_rate here, set\n"
     "#   with ops.assign; other settings belong to the optimizer\n"
     "for group in optimizer.param_groups:\n    group['momentum'] = 0.9\n"),
]


@pytest.mark.parametrize(("theirs", "ours"), RATES, ids=[row[0].splitlines()[-1].strip() for row in RATES])
def test_rates_of_parameter_groups(theirs, ours):
    made = port("import torch\n\n\n" + theirs).source.splitlines()
    while made and (made[0].startswith(("import ", "from ")) or not made[0]):
        made.pop(0)
    assert made == ours.splitlines()
