"""Networks around networks: with a loss, with gradients, as one training step."""
from __future__ import annotations

from typing import Any

from mycelium.autodiff.grad import GradOperation
from mycelium.autodiff.reverse import differentiate
from mycelium.core.errors import check_type, describe
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell


class WithLossCell(Cell):
    """A network with its loss: takes data and label, returns the loss.

    Args:
        backbone: Cell from data to prediction.
        loss_fn: Cell or function from (prediction, label) to the loss.

    Inputs:
        - **data** (Tensor): what `backbone` takes.
        - **label** (Tensor): what `loss_fn` takes.

    Outputs:
        Tensor, the loss; a scalar unless `loss_fn` does not reduce.

    Raises:
        TypeError: `data` or `label` is not a Tensor.

    Examples:
        >>> net = nn.WithLossCell(nn.Dense(3, 2), nn.MSELoss())
        >>> net(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 2), np.float32))).shape
        ()

    MindSpore r1.8 `nn.WithLossCell`.
    """

    def __init__(self, backbone: Cell, loss_fn: Any):
        super().__init__(auto_prefix=False)
        self._backbone = backbone
        self._loss_fn = loss_fn

    def construct(self, data: Tensor, label: Tensor) -> Tensor:
        """The loss of the prediction for `data`."""
        return self._loss_fn(self._backbone(data), label)

    @property
    def backbone_network(self) -> Cell:
        """The network without its loss."""
        return self._backbone


class WithEvalCell(Cell):
    """A network for evaluation: returns (loss, prediction, label).

    Args:
        network: Cell from data to prediction.
        loss_fn: Cell or function from (prediction, label) to the loss.
        add_cast_fp32: Convert predictions to float32 before the loss.

    Examples:
        >>> net = nn.WithEvalCell(nn.Dense(3, 2), nn.MSELoss())
        >>> loss, out, label = net(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 2), np.float32)))
        >>> out.shape
        (4, 2)

    MindSpore r1.8 `nn.WithEvalCell`.
    """

    def __init__(self, network: Cell, loss_fn: Any, add_cast_fp32: bool = False):
        super().__init__(auto_prefix=False)
        self._network = network
        self._loss_fn = loss_fn
        self.add_cast_fp32 = check_type("WithEvalCell", "add_cast_fp32", add_cast_fp32, bool)

    def construct(self, data: Tensor, label: Tensor) -> tuple:
        """(loss, prediction, label)."""
        outputs = self._network(data)
        if self.add_cast_fp32:
            label, outputs = _to_float32(label), _to_float32(outputs)
        return self._loss_fn(outputs, label), outputs, label


def _to_float32(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return tuple([_to_float32(v) for v in value])
    name = str(value.dtype)
    return value.astype("float32") if name in ("Float16", "BFloat16") else value    # type: ignore[attr-defined]


class WithGradCell(Cell):
    """The gradients of a network's Parameters for data and label.

    Args:
        network: Cell from (data, label) to the loss, or from data to prediction with `loss_fn`.
        loss_fn: Loss, or None when `network` has one.
        sens: What the gradient starts from; None for ones.

    MindSpore r1.8 `nn.WithGradCell`.
    """

    def __init__(self, network: Cell, loss_fn: Any = None, sens: Any = None):
        super().__init__(auto_prefix=False)
        self.network = network
        self.loss_fn = loss_fn
        self.weights = ParameterTuple(network.trainable_params())
        self.grad = GradOperation(get_by_list=True, sens_param=sens is not None)
        self.sens = sens
        self._with_loss = network if loss_fn is None else WithLossCell(network, loss_fn)
        self._with_loss.set_train()

    def construct(self, *inputs: Any) -> tuple:
        """One gradient per trainable Parameter."""
        gradient = self.grad(self._with_loss, self.weights)
        return gradient(*inputs) if self.sens is None else gradient(*inputs, self.sens)


class ForwardValueAndGrad(Cell):
    """A network's output together with its gradients.

    Args:
        network: Cell or function.
        weights: Parameters to differentiate with `get_by_list`.
        get_all: Gradients of all inputs.
        get_by_list: Gradients of `weights`.
        sens_param: The last input is the gradient of the output.

    Outputs:
        (output, gradients), the gradients as `GradOperation` returns them.

    Examples:
        >>> net = nn.Dense(3, 1)
        >>> value, grads = nn.ForwardValueAndGrad(net, net.trainable_params(), get_by_list=True)(
        ...     Tensor(np.ones((2, 3), np.float32)))
        >>> grads[0].shape
        (1, 3)

    MindSpore r1.8 `nn.ForwardValueAndGrad`.
    """

    def __init__(self, network: Any, weights: Any = None, get_all: bool = False, get_by_list: bool = False,
                 sens_param: bool = False):
        super().__init__(auto_prefix=False)
        if not callable(network):
            raise TypeError(f"For 'ForwardValueAndGrad', 'network' should be a Cell or function, but got "
                            f"{describe(network)}.")
        for name, value in (("get_all", get_all), ("get_by_list", get_by_list), ("sens_param", sens_param)):
            check_type("ForwardValueAndGrad", name, value, bool)
        if get_by_list and not isinstance(weights, (tuple, list, Parameter)):
            raise TypeError(f"For 'ForwardValueAndGrad' with get_by_list=True, 'weights' should be Parameters, but got "
                            f"{describe(weights)}.")
        self.network = network
        if isinstance(network, Cell):
            network.set_grad()
        self.weights = ParameterTuple((weights,) if isinstance(weights, Parameter) else weights) if weights else None
        self.get_all, self.get_by_list, self.sens_param = get_all, get_by_list, sens_param

    def construct(self, *inputs: Any) -> tuple:
        """(output, gradients)."""
        sens = None
        if self.sens_param:
            *inputs, sens = inputs      # type: ignore[assignment]
        positions = range(len(inputs)) if self.get_all else () if self.get_by_list else range(min(1, len(inputs)))
        run = differentiate(self.network, inputs, {}, tuple(positions), self.weights if self.get_by_list else ())
        grads, weight_grads = run.gradient(sens)
        if self.get_all:
            return run.out, (grads, weight_grads) if self.get_by_list else grads
        return run.out, weight_grads if self.get_by_list else grads[0] if grads else ()


class TrainOneStepCell(Cell):
    """One training step as one program: forward, gradients, update.

    Args:
        network: Cell whose output is the loss, a scalar.
        optimizer: Updates the trainable Parameters.
        sens: What the gradient of the loss starts from (the loss scale). Default: 1.0.

    Inputs: what `network` takes. Outputs: the loss before the update.

    Examples:
        >>> net = nn.WithLossCell(nn.Dense(3, 2), nn.MSELoss())
        >>> step = nn.TrainOneStepCell(net, nn.SGD(net.trainable_params(), 0.1))
        >>> loss = step(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 2), np.float32)))

    MindSpore r1.8 `nn.TrainOneStepCell`.
    """

    def __init__(self, network: Cell, optimizer: Cell, sens: float = 1.0):
        super().__init__(auto_prefix=False)
        self.network = network
        self.network.set_grad()
        self.optimizer = optimizer
        self.weights = self.optimizer.parameters
        self.grad = GradOperation(get_by_list=True, sens_param=True)
        self.sens = sens
        self.grad_reducer = _own    # training Cells made from this one pass their gradients through it

    def construct(self, *inputs: Any) -> Any:
        """The loss; the Parameters are updated."""
        loss, grads = self.loss_and_gradients(inputs, self.sens)
        self.optimizer(grads)
        return loss

    def loss_and_gradients(self, inputs: tuple, sens: Any) -> tuple[Any, tuple]:
        """The output of the network and the gradients of the trained Parameters, which start from `sens`."""
        run = differentiate(self.network, inputs, {}, (), tuple(self.weights))
        if isinstance(sens, (int, float)) and sens == 1:
            return run.out, run.gradient()[1]
        return run.out, run.gradient(_filled_like(run.out, sens))[1]


def _own(grads: Any) -> Any:
    """The gradients of one process, which are those of all."""
    return grads


def _filled_like(out: Any, value: Any) -> Any:
    """`value` in the shape and dtype of each output."""
    if isinstance(out, (tuple, list)):
        return tuple([_filled_like(o, value) for o in out])
    return (out * 0 + value).astype(out.dtype)


class ParameterUpdate(Cell):
    """Assigns its input to a Parameter.

    Args:
        param: The Parameter.

    Raises:
        TypeError: `param` is not a Parameter.

    MindSpore r1.8 `nn.ParameterUpdate`.
    """

    def __init__(self, param: Parameter):
        super().__init__(auto_prefix=False)
        if not isinstance(param, Parameter):
            raise TypeError(f"For 'ParameterUpdate', 'param' should be Parameter, but got {describe(param)}.")
        self._param = param

    def construct(self, x: Tensor) -> Tensor:
        """The new values."""
        self._param.set_data(x)
        return x


class GetNextSingleOp(Cell):
    """The next batch of a dataset, as Cells of r1.8 ask for it.

    MindSpore r1.8 `nn.GetNextSingleOp`.
    """

    def __init__(self, dataset_types: Any, dataset_shapes: Any, queue_name: str):
        super().__init__()
        raise RuntimeError("'GetNextSingleOp' reads a device queue, which does not exist here: iterate over the "
                           "dataset, or use Model.train with dataset_sink_mode=True.")
