"""What an optimizer takes as its weights; real MindSpore 1.8.1 says the same of each."""
import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn, ops

ITERABLES = {
    "list": lambda net: net.trainable_params(),
    "tuple": lambda net: tuple(net.trainable_params()),
    "generator": lambda net: net.get_parameters(),
    "filter": lambda net: filter(lambda p: p.requires_grad, net.trainable_params()),
    "values": lambda net: net.parameters_dict().values(),
}


@pytest.mark.parametrize("name", ITERABLES)
@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
def test_weights_come_in_any_iterable(name, mode):
    ms.set_context(mode=mode)
    net = nn.Dense(2, 3)
    before = [p.asnumpy() for p in net.trainable_params()]
    optimizer = nn.Momentum(ITERABLES[name](net), 0.1, 0.9)
    assert [p.name for p in optimizer.parameters] == ["weight", "bias"]
    step = ops.value_and_grad(lambda x: net(x).sum(), None, optimizer.parameters)
    optimizer(step(Tensor(np.ones((1, 2), np.float32)))[1])
    for old, p in zip(before, net.trainable_params(), strict=True):
        np.testing.assert_allclose(p.asnumpy(), old - 0.1, atol=1e-7)


@pytest.mark.parametrize(("weights", "error", "words"), [
    ([], ValueError, "must not be empty"), (iter([]), ValueError, "must not be empty"),
    (None, ValueError, "can not be None"), (3, TypeError, "must be Iterable"), ([1], TypeError, "must be 'Parameter'"),
    (nn.Dense(1, 1), TypeError, "must be Iterable"), ([{"params": []}], ValueError, "must not be empty"),
])
def test_weights_that_are_none(weights, error, words):
    with pytest.raises(error, match=words):
        nn.SGD(weights, 0.1)
