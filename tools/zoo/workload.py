"""What is run of a mindcv model, under real MindSpore and under this package: the same lines for both."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import mindcv
import mindspore as ms
import numpy as np
from mindspore import Tensor, nn, ops
from tools.zoo import weights

MODES = {"pynative": ms.PYNATIVE_MODE, "graph": ms.GRAPH_MODE}
STYLES = ("cell", "function")


@dataclass
class Forward:
    """The output of a model and the seconds it took."""

    logits: np.ndarray
    names: int
    parameters: int
    created: float
    first: float
    second: float


def build(model: str, **kwargs: Any) -> nn.Cell:
    """The model with the generated weights."""
    net = mindcv.create_model(model, **kwargs)
    weights.fill(net, Tensor)
    return net


def forward(model: str, size: int, mode: str, gain: float = 1.0, half: bool = False, batch: int = 2,
            **kwargs: Any) -> Forward:
    """Runs the model on generated images, twice."""
    ms.set_context(mode=MODES[mode])
    start = time.perf_counter()
    net = mindcv.create_model(model, **kwargs)
    created = time.perf_counter() - start
    weights.fill(net, Tensor, gain)
    net.set_train(False)
    if half:
        net.to_float(ms.float16)
    x = Tensor(weights.images(batch, size))
    seconds, out = [], None
    for _ in range(2):
        start = time.perf_counter()
        out = net(x)
        out = (out[0] if isinstance(out, (tuple, list)) else out).asnumpy()
        seconds.append(time.perf_counter() - start)
    count = sum(int(np.prod(p.shape)) for p in net.get_parameters())
    return Forward(out, weights.names(net), count, created, *seconds)


def train(model: str, mode: str, style: str, size: int, batch: int = 4, lr: float = 1e-3, steps: int = 3,
          **kwargs: Any) -> tuple[list[float], list[float]]:
    """The losses of the first steps of Momentum, and the seconds of each.

    Args:
        style: "cell" trains with `nn.TrainOneStepCell`, "function" with `ms.value_and_grad`.
    """
    ms.set_context(mode=MODES[mode])
    net = build(model, **kwargs)
    net.set_train(True)
    loss_fn = mindcv.create_loss(name="CE", label_smoothing=0.1, aux_factor=0.2)
    optimizer = nn.Momentum(net.trainable_params(), learning_rate=lr, momentum=0.9)
    if style == "cell":
        step = nn.TrainOneStepCell(nn.WithLossCell(net, loss_fn), optimizer).set_train()
    else:
        step = _step_function(net, loss_fn, optimizer, mode)
    x, y = Tensor(weights.images(batch, size)), Tensor(weights.labels(batch, 1000))
    losses, seconds = [], []
    for _ in range(steps):
        start = time.perf_counter()
        losses.append(float(step(x, y).asnumpy()))
        seconds.append(time.perf_counter() - start)
    return losses, seconds


def _step_function(net: nn.Cell, loss_fn: nn.Cell, optimizer: nn.Cell, mode: str) -> Any:
    def forward_fn(x: Tensor, y: Tensor) -> Tensor:
        return loss_fn(net(x), y)

    grad_fn = ms.value_and_grad(forward_fn, None, optimizer.parameters)

    def step(x: Tensor, y: Tensor) -> Tensor:
        loss, grads = grad_fn(x, y)
        return ops.depend(loss, optimizer(grads))

    return ms.jit(step) if mode == "graph" else step
