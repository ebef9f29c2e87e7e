"""Runs a ported network beside its original: forward, gradients and training steps on equal weights."""
import numpy as np
import torch

from mycelium import Tensor, ops
from mycelium.migrate.adapters import reference
from mycelium.migrate.compare.ours import OurNet
from mycelium.migrate.compare.pairing import pair

# Single precision through some tens of layers: the worst of the networks is at 6e-7, 2e-6, 4e-7 and 1e-4 of the norm.
FORWARD, GRADIENT, LOSS, UPDATE = 1e-5, 1e-4, 1e-4, 1e-2


def arrays(value):
    """The arrays of an output of either framework, in order."""
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in arrays(item)]
    if value is None:
        return []
    return [np.asarray(value.asnumpy() if isinstance(value, Tensor) else value.detach().numpy(), np.float64)]


def apart(ours, theirs):
    """The distance of two lists of arrays, as a share of the second's norm."""
    assert [a.shape for a in ours] == [b.shape for b in theirs]
    distance = sum(((a - b) ** 2).sum() for a, b in zip(ours, theirs, strict=True)) ** 0.5
    return distance / max(sum((b**2).sum() for b in theirs) ** 0.5, 1e-30)


class Both:
    """A Cell and the module that it was ported from, with equal weights and without dropout.

    Attributes:
        ours, theirs: The networks.
        pairs: (Parameter, tensor, layout) of every trained weight.
    """

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs
        net, other = OurNet(ours), reference(theirs)
        known = pair(net, other)
        net.load(known.to_ours(other.weights()))
        assert not known.only_ours
        saved = theirs.state_dict()
        assert all(name.endswith("num_batches_tracked") or name not in saved for name in known.only_theirs)
        mine, tensors = dict(ours.parameters_and_names()), dict(theirs.named_parameters())
        self.pairs = [(mine[p.ours], tensors[p.theirs], p.layout) for p in known.weights if p.theirs in tensors]
        assert len(self.pairs) == len(list(theirs.parameters())) == len(ours.trainable_params())

    def forward(self, inputs, train):
        """How far the outputs are apart."""
        self.theirs.train(train)
        self.ours.set_train(train)
        with torch.no_grad():
            expected = arrays(self.theirs(*map(torch.from_numpy, inputs)))
        return apart(arrays(self.ours(*map(Tensor, inputs))), expected)

    def train(self, inputs, labels, losses, optimizers, steps):
        """How far gradients of the first step, losses (the worst step) and updates (the worst weight) are apart."""
        self.theirs.train()
        self.ours.set_train()
        count = len(inputs)
        mine = optimizers[0](self.ours.trainable_params())
        other = optimizers[1](self.theirs.parameters())
        step = ops.value_and_grad(lambda *given: losses[0](self.ours(*given[:count]), *given[count:]), None,
                                  mine.parameters)
        before = [(p.asnumpy(), t.detach().numpy().copy()) for p, t, _ in self.pairs]
        worst, gradient = 0.0, 0.0
        for i in range(steps):
            loss, grads = step(*map(Tensor, (*inputs, *labels)))
            other.zero_grad()
            expected = losses[1](self.theirs(*map(torch.from_numpy, inputs)), *map(torch.from_numpy, labels))
            expected.backward()
            if i == 0:
                named = {id(p): g for p, g in zip(mine.parameters, grads, strict=True)}
                gradient = apart([named[id(p)].asnumpy() for p, _, _ in self.pairs],
                                 [layout.apply(t.grad.numpy()) for _, t, layout in self.pairs])
            worst = max(worst, abs(float(loss.asnumpy()) - expected.item()) / abs(expected.item()))
            mine(grads)
            other.step()
        moved = [p.asnumpy() - a for (p, _, _), (a, _) in zip(self.pairs, before, strict=True)]
        target = [layout.apply(t.detach().numpy() - b)
                  for (_, t, layout), (_, b) in zip(self.pairs, before, strict=True)]
        return gradient, worst, apart(moved, target)
