"""What MindSpore lacks: the source of these classes is copied into the ported files that need them."""
from __future__ import annotations

from typing import Any

import numpy as np

import mycelium as ms
from mycelium import nn, ops


class CellDict(nn.Cell):
    """Cells by name, as torch.nn.ModuleDict keeps them."""

    def __init__(self, cells=None):
        super().__init__()
        self.update(cells or {})

    def update(self, cells) -> None:
        """Adds Cells from a dict, or from pairs of name and Cell."""
        for name, cell in cells.items() if hasattr(cells, "items") else cells:
            self[name] = cell

    def __setitem__(self, name, cell):
        self.insert_child_to_cell(name, cell)

    def __getitem__(self, name):
        return self.name_cells()[name]

    def __contains__(self, name):
        return name in self.name_cells()

    def __iter__(self):
        return iter(self.name_cells())

    def __len__(self):
        return len(self.name_cells())

    def keys(self) -> Any:
        """The names."""
        return self.name_cells().keys()

    def values(self) -> Any:
        """The Cells."""
        return self.name_cells().values()

    def items(self) -> Any:
        """Pairs of name and Cell."""
        return self.name_cells().items()


class Schedule:
    """Sets the learning rate of an optimizer by how often step() was called, as torch.optim.lr_scheduler does."""

    def __init__(self, optimizer, rule):
        self.rule, self.count = rule, 0
        rates = optimizer.learning_rate
        self.rates = list(rates) if isinstance(rates, (list, tuple)) else [rates]
        self.first = self.get_last_lr()
        self.set_rates()

    def step(self) -> None:
        """Goes on to the next rate."""
        self.count += 1
        self.set_rates()

    def set_rates(self) -> None:
        """Writes the rates into the optimizer."""
        for i, rate in enumerate(self.rates):
            ops.assign(rate, ms.Tensor(self.rule(self.first[i], self.count), ms.float32))

    def get_last_lr(self) -> Any:
        """The rates now, one for each group of parameters."""
        return [float(rate.asnumpy()) for rate in self.rates]


class TensorDataset:
    """Rows of several Tensors, as torch.utils.data.TensorDataset has them."""

    def __init__(self, *tensors):
        self.arrays = [t.asnumpy() if hasattr(t, "asnumpy") else t for t in tensors]

    def __getitem__(self, index):
        return tuple(array[index] for array in self.arrays)

    def __len__(self):
        return len(self.arrays[0])


class Subset:
    """Some items of a dataset, as torch.utils.data.Subset has them."""

    def __init__(self, dataset, indices):
        self.dataset, self.indices = dataset, list(indices)

    def __getitem__(self, index):
        return self.dataset[self.indices[index]]

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths) -> Any:
    """Parts of a dataset, in random order: so many items in each, or such shares of all."""
    count = len(dataset)
    if sum(lengths) <= 1 < count:
        shares, lengths = lengths, [int(count * share) for share in lengths]
        for i in range(int(round(count * sum(shares))) - sum(lengths)):
            lengths[i % len(lengths)] += 1
    order, parts = np.random.permutation(count).tolist(), []
    for length in lengths:
        parts.append(Subset(dataset, order[:length]))
        order = order[length:]
    return parts
