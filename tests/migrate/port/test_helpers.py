"""The definitions that ported files bring along, against what they stand for."""
import numpy as np
import pytest
import torch

import mycelium as ms
from mycelium import Parameter, Tensor, nn
from mycelium.migrate.port import helpers

drawn = np.random.default_rng(0)
WEIGHTS = {name: drawn.standard_normal(shape).astype(np.float32)
           for name, shape in (("w", (3, 2)), ("bn.gamma", (2,)), ("bn.beta", (2,)))}
GRADIENTS = [[drawn.standard_normal(w.shape).astype(np.float32) for w in WEIGHTS.values()] for _ in range(5)]

OPTIMIZERS = [
    ("AdamW", lambda weights: (weights,), {"lr": 0.01, "weight_decay": 0.1}),
    ("AdamW", lambda weights: (iter(weights),), {"betas": (0.5, 0.9), "eps": 1e-3}),
    ("AdamW", lambda weights: ([{"params": weights[:1], "lr": 0.1}, {"params": weights[1:], "weight_decay": 0.5}],),
     {"lr": 0.01}),
    ("RMSprop", lambda weights: (weights,), {}),
    ("RMSprop", lambda weights: (weights, 0.02, 0.9, 1e-6), {"weight_decay": 0.1, "momentum": 0.5}),
    ("RMSprop", lambda weights: ([{"params": weights, "weight_decay": 0.2}],), {"centered": True, "momentum": 0.9}),
]


@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
@pytest.mark.parametrize(("name", "given", "named"), OPTIMIZERS)
def test_an_optimizer_takes_the_same_steps(name, given, named, mode):
    ms.set_context(mode=mode)
    theirs = [torch.nn.Parameter(torch.tensor(w)) for w in WEIGHTS.values()]
    ours = [Parameter(Tensor(w), name=n) for n, w in WEIGHTS.items()]
    reference = getattr(torch.optim, name)(*given(theirs), **named)
    optimizer = getattr(helpers, name)(*given(ours), **named)
    for gradients in GRADIENTS:
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = torch.tensor(gradient)
        reference.step()
        optimizer(tuple(map(Tensor, gradients)))
    for weight, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(weight.asnumpy(), expected.detach().numpy(), rtol=2e-5, atol=2e-6)


def torch_optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(2))], 0.1)


def our_optimizer():
    return nn.SGD([Parameter(Tensor(np.zeros(2, np.float32)), name="w")], 0.1)


LR = torch.optim.lr_scheduler
SCHEDULES = {
    "cosine": (lambda o: LR.OneCycleLR(o, 0.5, 12, cycle_momentum=False),
               lambda o: helpers.OneCycleLR(o, 0.5, 12)),
    "lines": (lambda o: LR.OneCycleLR(o, 0.5, epochs=3, steps_per_epoch=4, pct_start=0.5, anneal_strategy="linear",
                                      div_factor=10, final_div_factor=5, cycle_momentum=False),
              lambda o: helpers.OneCycleLR(o, 0.5, epochs=3, steps_per_epoch=4, pct_start=0.5,
                                           anneal_strategy="linear", div_factor=10, final_div_factor=5)),
    "warm-up, then a cosine": (
        lambda o: LR.SequentialLR(o, [LR.LinearLR(o, 0.1, total_iters=4), LR.CosineAnnealingLR(o, 8)], [4]),
        lambda o: helpers.SequentialLR(o, [
            helpers.Schedule(o, lambda lr, i: lr * (0.1 + 0.9 * min(i, 4) / 4)),
            helpers.Schedule(o, lambda lr, i: lr * (1 + np.cos(np.pi * i / 8)) / 2)], [4])),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_gives_the_same_rates(name):
    make_theirs, make_ours = SCHEDULES[name]
    reference, optimizer = torch_optimizer(), our_optimizer()
    theirs, ours = make_theirs(reference), make_ours(optimizer)
    for _ in range(11):
        assert ours.get_last_lr() == pytest.approx(theirs.get_last_lr(), rel=1e-5)
        assert float(optimizer.learning_rate.asnumpy()) == ours.get_last_lr()[0]
        reference.step()
        theirs.step()
        ours.step()


@pytest.mark.parametrize("named", [
    {"patience": 1, "factor": 0.5}, {"patience": 0, "cooldown": 2, "min_lr": 0.02}, {"mode": "max", "patience": 1},
    {"patience": 1, "threshold": 0.3, "threshold_mode": "abs"}, {"patience": 0, "factor": 0.9, "eps": 0.02},
], ids=str)
def test_a_plateau_lowers_the_rate_when_theirs_does(named):
    theirs, optimizer = LR.ReduceLROnPlateau(torch_optimizer(), **named), our_optimizer()
    ours = helpers.ReduceLROnPlateau(optimizer, **named)
    for value in (1.0, 0.9, 0.95, 0.95, 0.7, 0.71, 0.71, 0.72, 0.73, 0.2, 0.2, -0.1, -0.1, -0.1, -0.1):
        theirs.step(value)
        ours.step(value)
        assert ours.get_last_lr() == pytest.approx(theirs.get_last_lr(), rel=1e-5)


ROWS = [(np.full(2, i, np.float32), i * i) for i in range(7)]
TABLES = [{"x": np.float32(i), "name": str(i), "pair": (i, [i, i + 1])} for i in range(5)]


def plain(value):
    """Tensors of either as lists with their dtypes."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    array = value.asnumpy() if isinstance(value, Tensor) else value
    array = array.numpy() if isinstance(array, torch.Tensor) else array
    return (array.dtype.name, array.tolist()) if isinstance(array, np.ndarray) else array


@pytest.mark.parametrize(("data", "named"), [
    (ROWS, {"batch_size": 3}), (ROWS, {"batch_size": 3, "drop_last": True}), (TABLES, {"batch_size": 2}),
    ([0.5, 1.5, 2.5], {"batch_size": 2}), (ROWS, {"batch_size": 2, "sampler": [4, 1, 6]}),
    (ROWS, {"batch_sampler": [[0, 1, 2], [5]]}), (ROWS, {"batch_size": 4, "collate_fn": lambda rows: len(rows)}),
], ids=["rows", "no rest", "tables", "numbers", "sampler", "batches", "function"])
def test_a_loader_gives_the_same_batches(data, named):
    ours, theirs = helpers.DataLoader(data, **named), torch.utils.data.DataLoader(data, **named)
    assert len(ours) == len(theirs)
    for _ in range(2):
        assert plain(list(ours)) == plain(list(theirs))


def test_a_loader_shuffles_anew():
    loader = helpers.DataLoader(list(range(50)), batch_size=5, shuffle=True)
    first, second = ([int(i) for batch in loader for i in batch.asnumpy()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(50)) and first != second != list(range(50))


@pytest.mark.parametrize("named", [{}, {"batch_first": True, "padding_value": -1}])
def test_sequences_are_padded_alike(named):
    rows = [np.arange(n, dtype=np.int64) for n in (3, 1, 4)]
    theirs = torch.nn.utils.rnn.pad_sequence([torch.tensor(row) for row in rows], **named)
    assert plain(helpers.pad_sequence([Tensor(row) for row in rows], **named)) == plain(theirs)
