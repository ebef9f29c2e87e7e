"""DistributedGradReducer as the training Cells of model collections use it, in one process."""

import importlib

import numpy as np
import pytest

from mycelium import Tensor, nn, ops
from mycelium.parallel import communication as comm


class TrainStep(nn.TrainOneStepCell):
    def __init__(self, network, optimizer, **kwargs):
        super().__init__(network, optimizer)
        self.grad_reducer = nn.DistributedGradReducer(optimizer.parameters, **kwargs)

    def construct(self, *inputs):
        loss, grads = ops.value_and_grad(self.network, None, self.weights)(*inputs)
        return ops.depend(loss, self.optimizer(self.grad_reducer(grads)))


@pytest.mark.parametrize("kwargs, divisor", [({"degree": 1}, 1), ({"mean": True, "degree": 4}, 4),
                                             ({"mean": False, "degree": 4}, 1)])
def test_gradients_pass_through_in_a_training_step(mode, kwargs, divisor):
    net = nn.Dense(2, 1, weight_init="ones", has_bias=False)
    TrainStep(net, nn.SGD(net.trainable_params(), 0.5), **kwargs)(Tensor(np.float32([[1, 2]])))
    np.testing.assert_allclose(net.weight.asnumpy(), [[1 - 0.5 / divisor, 1 - 1 / divisor]], rtol=1e-6)


def test_the_degree_is_that_of_the_communication():
    with pytest.raises(RuntimeError, match="'get_group_size', distributed communication has not been inited"):
        nn.DistributedGradReducer(())
    comm.init()
    assert nn.DistributedGradReducer(()).degree == 1
    comm.release()


def test_bad_arguments():
    with pytest.raises(ValueError, match="'degree' should be 1 or greater, but got 0"):
        nn.DistributedGradReducer((), True, 0)
    with pytest.raises(TypeError, match="'mean' should be bool"):
        nn.DistributedGradReducer((), 1, 1)


def test_it_stands_where_programs_look_for_it():
    resolve = importlib.import_module("mycelium.compat.importer").resolve
    assert resolve("mindspore.nn.wrap.grad_reducer").DistributedGradReducer is nn.DistributedGradReducer
