"""Eager kernels: compiled once for each operator, constants and shapes."""
import jax
import numpy as np

import mycelium as ms
from mycelium import Tensor, nn

compilations = 0


def _count(event, duration, **_):
    global compilations
    compilations += event == "/jax/core/compile/backend_compile_duration"


jax.monitoring.register_event_duration_secs_listener(_count)


def test_the_second_training_step_in_pynative_mode_compiles_nothing():
    ms.set_context(mode=ms.PYNATIVE_MODE)
    net = nn.SequentialCell([nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Dense(75, 2)])
    step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), nn.Adam(net.trainable_params()))
    step.set_train()
    x, y = Tensor(np.ones((2, 1, 5, 5), np.float32)), Tensor(np.ones((2, 2), np.float32))
    counts = []
    for _ in range(3):
        before = compilations
        step(x, y)
        counts.append(compilations - before)
    assert counts[0] > 10 and counts[1:] == [0, 0], "the moved statistics must not look like another kind of array"
