"""What MindSpore lacks: the source of these classes is copied into the ported files that need them."""
from __future__ import annotations

from typing import Any

import numpy as np

import mycelium as ms
from mycelium import nn, ops


class CellDict(nn.Cell):
    """Cells by name, as torch.nn.ModuleDict keeps them."""

    def __init__(self, modules=None):
        super().__init__()
        self.update(modules or {})

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
        self.first = optimizer.first_rates = getattr(optimizer, "first_rates", None) or self.get_last_lr()
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


class OneCycleLR(Schedule):
    """Up to a rate and down again, as torch.optim.lr_scheduler.OneCycleLR has it; momentum stays as it is."""

    def __init__(self, optimizer, max_lr, total_steps=None, epochs=1, steps_per_epoch=1, pct_start=0.3,
                 anneal_strategy="cos", div_factor=25.0, final_div_factor=1e4):
        last = (total_steps or epochs * steps_per_epoch) - 1
        top = pct_start * (last + 1) - 1

        def between(start, end, share):
            return start + (end - start) * (share if anneal_strategy == "linear" else (1 - np.cos(np.pi * share)) / 2)

        def rule(first, count):
            low = max_lr / div_factor
            if count <= top:
                return between(low, max_lr, count / top)
            return between(max_lr, low / final_div_factor, (count - top) / (last - top))

        super().__init__(optimizer, rule)


class SequentialLR(Schedule):
    """One schedule after the other, as torch.optim.lr_scheduler.SequentialLR has them."""

    def __init__(self, optimizer, schedulers, milestones):
        def rule(first, count):
            part = sum(count >= milestone for milestone in milestones)
            return schedulers[part].rule(first, count - [0, *milestones][part])

        super().__init__(optimizer, rule)


class ReduceLROnPlateau:
    """Lowers the learning rate of an optimizer when a value stops improving, as torch's class of this name does."""

    def __init__(self, optimizer, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0,
                 min_lr=0.0, eps=1e-8):
        rates = optimizer.learning_rate
        self.rates = list(rates) if isinstance(rates, (list, tuple)) else [rates]
        self.sign, self.factor, self.patience, self.cooldown = (1 if mode == "min" else -1), factor, patience, cooldown
        self.threshold, self.relative, self.min_lr, self.eps = threshold, threshold_mode == "rel", min_lr, eps
        self.best, self.bad, self.waiting = float("inf"), 0, 0

    def step(self, metrics) -> None:
        """Notes the value, and lowers the rate when it has been bad for too long."""
        value = self.sign * float(metrics)
        margin = self.sign * self.best * self.threshold if self.relative else self.threshold
        better = value < self.best - margin if self.best < float("inf") else True
        self.best, self.bad = (value, 0) if better else (self.best, self.bad + 1)
        if self.waiting > 0:
            self.waiting, self.bad = self.waiting - 1, 0
        if self.bad > self.patience:
            self.waiting, self.bad = self.cooldown, 0
            for i, old in enumerate(self.get_last_lr()):
                new = max(old * self.factor, self.min_lr)
                if old - new > self.eps:
                    ops.assign(self.rates[i], ms.Tensor(new, ms.float32))

    def get_last_lr(self) -> Any:
        """The rates now, one for each group of parameters."""
        return [float(rate.asnumpy()) for rate in self.rates]


class GroupedOptimizer(nn.Optimizer):
    """The weight decay of a group holds for all its weights, as in torch.optim; MindSpore's spares gamma and beta."""

    def __init__(self, params, lr, weight_decay):
        params = list(params)
        groups = [dict(g, params=list(g["params"])) for g in params] if isinstance(params[0], dict) else [
            {"params": params}]
        decays = [(group.pop("weight_decay", weight_decay), group["params"]) for group in groups]
        super().__init__(lr, groups if len(groups) > 1 or "lr" in groups[0] else groups[0]["params"])
        self.decays = [decay for decay, weights in decays for _ in weights]

    def state(self, name) -> Any:
        """Zeros for every weight."""
        return self.parameters.clone(prefix=name, init="zeros")

    def learning_rates(self) -> Any:
        """The rate of every weight."""
        rates = self.get_lr()
        return rates if isinstance(rates, (list, tuple)) else [rates] * len(self.decays)


class AdamW(GroupedOptimizer):
    """Adam with weight decay apart from the gradient, as torch.optim.AdamW has it."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, weight_decay)
        self.betas, self.eps = betas, eps
        self.count = ms.Parameter(ms.Tensor(0, ms.float32), name="count", requires_grad=False)
        self.means, self.squares = self.state("mean"), self.state("square")

    def construct(self, gradients) -> Any:
        """One step."""
        rates, count = self.learning_rates(), self.count + 1
        ops.assign(self.count, count)
        b1, b2 = self.betas
        for i in range(len(self.decays)):
            weight, gradient = self.parameters[i], gradients[i]
            mean = b1 * self.means[i] + (1 - b1) * gradient
            square = b2 * self.squares[i] + (1 - b2) * gradient * gradient
            ops.assign(self.means[i], mean)
            ops.assign(self.squares[i], square)
            root = ops.sqrt(square / (1 - ops.pow(ms.Tensor(b2, ms.float32), count))) + self.eps
            change = mean / (1 - ops.pow(ms.Tensor(b1, ms.float32), count)) / root
            ops.assign(weight, weight - rates[i] * (self.decays[i] * weight + change))
        return True


class RMSprop(GroupedOptimizer):
    """RMSProp whose mean square starts at 0, as torch.optim.RMSprop has it; MindSpore's starts at 1."""

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        super().__init__(params, lr, weight_decay)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        self.squares, self.means, self.moves = self.state("square"), self.state("mean"), self.state("move")

    def construct(self, gradients) -> Any:
        """One step."""
        rates = self.learning_rates()
        for i in range(len(self.decays)):
            weight = self.parameters[i]
            gradient = gradients[i] + self.decays[i] * weight
            square = self.alpha * self.squares[i] + (1 - self.alpha) * gradient * gradient
            mean = self.alpha * self.means[i] + (1 - self.alpha) * gradient
            root = ops.sqrt(square - mean * mean if self.centered else square) + self.eps
            move = self.momentum * self.moves[i] + gradient / root
            ops.assign(self.squares[i], square)
            ops.assign(self.means[i], mean)
            ops.assign(self.moves[i], move)
            ops.assign(weight, weight - rates[i] * move)
        return True


class DataLoader:
    """Batches of Tensors from a dataset, as torch.utils.data.DataLoader makes them."""

    def __init__(self, dataset, batch_size=1, shuffle=False, sampler=None, batch_sampler=None, collate_fn=None,
                 drop_last=False):
        self.dataset, self.batch_size, self.shuffle, self.drop_last = dataset, batch_size, shuffle, drop_last
        self.sampler, self.batch_sampler, self.collate_fn = sampler, batch_sampler, collate_fn or self.collate

    def batches(self) -> Any:
        """The indices of each batch."""
        if self.batch_sampler is not None:
            return list(self.batch_sampler)
        count = len(self.dataset)
        order = np.random.permutation(count).tolist() if self.shuffle else list(self.sampler or range(count))
        groups = [order[i:i + self.batch_size] for i in range(0, len(order), self.batch_size)]
        return groups[:len(order) // self.batch_size] if self.drop_last else groups

    def __iter__(self):
        for group in self.batches():
            yield self.collate_fn([self.dataset[i] for i in group])

    def __len__(self):
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        count = len(self.dataset if self.sampler is None else self.sampler)
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)

    @classmethod
    def collate(cls, items) -> Any:
        """One batch of a list of items: Tensors of their arrays and numbers, in the items' own lists and dicts."""
        first = items[0]
        if isinstance(first, dict):
            return {name: cls.collate([item[name] for item in items]) for name in first}
        if isinstance(first, (tuple, list)):
            return [cls.collate([item[i] for item in items]) for i in range(len(first))]
        if isinstance(first, str):
            return items
        return ms.Tensor(np.stack([item.asnumpy() if isinstance(item, ms.Tensor) else item for item in items]))


def pad_sequence(sequences, batch_first=False, padding_value=0.0) -> Any:
    """Sequences of different lengths in one Tensor, as torch.nn.utils.rnn.pad_sequence has it."""
    rows = [row.asnumpy() if isinstance(row, ms.Tensor) else np.asarray(row) for row in sequences]
    padded = np.full((len(rows), max(map(len, rows)), *rows[0].shape[1:]), padding_value, rows[0].dtype)
    for i, row in enumerate(rows):
        padded[i, :len(row)] = row
    return ms.Tensor(padded if batch_first else np.ascontiguousarray(padded.swapaxes(0, 1)))


def parameters_of(cell) -> Any:
    """What parameters() of a torch.nn.Module gives: buffers, such as running statistics, are none of them."""
    buffers = ("moving_mean", "moving_variance")
    return [p for p in cell.get_parameters() if p.name.rpartition(".")[2] not in buffers]


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
