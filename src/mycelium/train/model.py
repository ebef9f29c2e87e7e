"""Model: training, evaluation and prediction of a network."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mycelium.amp import LossScaleManager, build_train_network
from mycelium.core import context
from mycelium.core.errors import check_choice, check_int, check_type, describe, nearest
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.nn.wrap import WithEvalCell, WithLossCell
from mycelium.train.callbacks.base import (
    CallbackList,
    InternalCallbackParam,
    RunContext,
    check_new_style,
    first_output,
    shortest,
)
from mycelium.train.dataset_helper import Batches, check_sink_size
from mycelium.train.metrics import Loss, Metric, get_metrics
from mycelium.train.sink import Batch, Groups, StepRunner, inputs_of, on_cpu

_KEYWORDS = ("loss_scale_manager", "keep_batchnorm_fp32", "boost_config_dict", "acc_level")


class Model:
    """A network with what it is trained and evaluated with.

    Args:
        network: The network; with the loss inside if there is no `loss_fn`.
        loss_fn: The loss.
        optimizer: Updates the Parameters.
        metrics: A set of names (see `nn.names`) or a dict of name to Metric.
        eval_network: A network for evaluation, whose outputs the metrics get. Default: (loss, prediction, label) made
            of `network` and `loss_fn`.
        eval_indexes: Where in the outputs of `eval_network` the loss, the prediction and the label are.
        amp_level: Mixed precision, see `build_train_network`.
        boost_level: Accepted, see `build_train_network`.
        **kwargs: `loss_scale_manager` and `keep_batchnorm_fp32`, see `build_train_network`; `boost_config_dict` is
            accepted.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A value is unknown, or there is no optimizer for mixed precision or no loss for metrics.

    Examples:
        >>> net = nn.Dense(3, 2)
        >>> model = ms.Model(net, nn.MSELoss(), nn.SGD(net.trainable_params(), 0.1), metrics={"mse"})
        >>> data = ms.dataset.NumpySlicesDataset((np.ones((4, 3), np.float32), np.ones((4, 2), np.float32))).batch(2)
        >>> model.train(20, data)
        >>> model.eval(data)["mse"] < 0.01
        True

    MindSpore r1.8 `mindspore.Model`.
    """

    def __init__(self, network: Cell, loss_fn: Any = None, optimizer: Cell | None = None, metrics: Any = None,
                 eval_network: Cell | None = None, eval_indexes: list[int] | None = None, amp_level: str = "O0",
                 boost_level: str = "O0", **kwargs: Any):
        self._network = check_type("Model", "network", network, Cell)
        for name, value in (("optimizer", optimizer), ("eval_network", eval_network)):
            if value is not None:
                check_type("Model", name, value, Cell)
        if loss_fn is not None and not callable(loss_fn):
            raise TypeError(f"For 'Model', 'loss_fn' should be a Cell or a function, but got {describe(loss_fn)}.")
        for name in kwargs:
            if name not in _KEYWORDS:
                raise ValueError(f"For 'Model', there is no argument {name!r}{nearest(name, _KEYWORDS) or '.'}")
        self._loss_fn, self._optimizer = loss_fn, optimizer
        self._amp_level = check_choice("Model", "amp_level", amp_level, ("O0", "O2", "O3", "auto"))
        self._loss_scale_manager: LossScaleManager | None = kwargs.get("loss_scale_manager")
        if optimizer is None and (amp_level != "O0" or self._loss_scale_manager is not None):
            raise ValueError("For 'Model', 'amp_level' and 'loss_scale_manager' need an 'optimizer'.")
        options = {name: kwargs[name] for name in ("loss_scale_manager", "keep_batchnorm_fp32") if name in kwargs}
        self._train_network = self._build_train_network(boost_level, options)
        self._metric_fns: dict[str, Metric] = get_metrics(metrics) or {}
        self._eval_network, self._eval_indexes = self._build_eval_network(eval_network, eval_indexes)
        self._runner = StepRunner(self._train_network)
        self._training: bool | None = None      # the mode of what ran last

    def _build_train_network(self, boost_level: str, options: dict) -> Cell:
        if self._optimizer is not None:
            return build_train_network(self._network, self._optimizer, self._loss_fn, self._amp_level, boost_level,
                                       **options)
        return self._network if self._loss_fn is None else WithLossCell(self._network, self._loss_fn)

    def _build_eval_network(self, eval_network: Cell | None, eval_indexes: Any) -> tuple[Cell | None, list | None]:
        if not self._metric_fns:
            return eval_network, None
        if eval_network is not None:
            if eval_indexes is not None and not (isinstance(eval_indexes, list) and len(eval_indexes) == 3):
                raise ValueError("For 'Model', 'eval_indexes' should be None or a list of three positions (loss, "
                                 f"prediction, label), but got {describe(eval_indexes)}.")
            return eval_network, eval_indexes
        if self._loss_fn is None:
            raise ValueError("For 'Model', 'metrics' need 'loss_fn' or an 'eval_network' that tells how to evaluate.")
        return WithEvalCell(self._network, self._loss_fn, self._amp_level != "O0"), [0, 1, 2]

    @property
    def train_network(self) -> Cell:
        """The training step."""
        return self._train_network

    @property
    def eval_network(self) -> Cell | None:
        """The network that is evaluated; None without metrics."""
        return self._eval_network

    @property
    def predict_network(self) -> Cell:
        """The network that predicts."""
        return self._network

    # ***** training *****

    def train(self, epoch: int, train_dataset: Any, callbacks: Any = None, dataset_sink_mode: bool = True,
              sink_size: int = -1, initial_epoch: int = 0) -> None:
        """Trains the network.

        Args:
            epoch: After which epoch to end.
            train_dataset: Its columns are the inputs of the training step: data and label where there is a `loss_fn`.
            callbacks: A Callback or a list of Callbacks.
            dataset_sink_mode: In GRAPH_MODE, run several steps in one compiled call where that is worth it. With the
                targets GPU and Ascend step callbacks are called once an epoch then; on a CPU at every step, as in r1.8.
            sink_size: Steps per epoch in sink mode; -1 for the whole dataset.
            initial_epoch: How many epochs count as done already.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: A number is out of range, the dataset is empty, or it has not two columns for a `loss_fn`.

        Examples:
            >>> net = nn.Dense(3, 1)
            >>> model = ms.Model(net, nn.MSELoss(), nn.SGD(net.trainable_params(), 0.01))
            >>> data = ms.dataset.NumpySlicesDataset((np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)))
            >>> model.train(2, data.batch(2), callbacks=ms.TimeMonitor())
            Train epoch time: ... ms, per step time: ... ms
            Train epoch time: ... ms, per step time: ... ms

        MindSpore r1.8 `Model.train`.
        """
        self._train("Model.train", epoch, train_dataset, callbacks, dataset_sink_mode, sink_size, initial_epoch)

    def fit(self, epoch: int, train_dataset: Any, valid_dataset: Any = None, valid_frequency: int | list[int] = 1,
            callbacks: Any = None, dataset_sink_mode: bool = True, valid_dataset_sink_mode: bool = True,
            sink_size: int = -1, initial_epoch: int = 0) -> None:
        """Trains the network and evaluates it in between.

        Args:
            epoch: After which epoch to end.
            train_dataset: As for `train`.
            valid_dataset: What to evaluate; None for no evaluation.
            valid_frequency: Evaluate every so many epochs, or after the epochs of this list.
            callbacks: A Callback or a list of Callbacks, whose methods begin with `on_train_` or `on_eval_`.
            dataset_sink_mode: As for `train`.
            valid_dataset_sink_mode: Kept for compatibility.
            sink_size: As for `train`.
            initial_epoch: How many epochs count as done already.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: As for `train`; there are no metrics; or a callback does not say what its methods are for.

        Examples:
            >>> net = nn.Dense(3, 1)
            >>> model = ms.Model(net, nn.MSELoss(), nn.SGD(net.trainable_params(), 0.01), metrics={"mae"})
            >>> data = ms.dataset.NumpySlicesDataset((np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)))
            >>> model.fit(1, data.batch(2), data.batch(2), callbacks=ms.LossMonitor(0))
            Eval result: epoch 1, metrics: {'mae': ...}

        MindSpore r1.8 `Model.fit`.
        """
        name = "Model.fit"
        check_type(name, "valid_dataset_sink_mode", valid_dataset_sink_mode, bool)
        if not isinstance(valid_frequency, (int, list)) or isinstance(valid_frequency, bool):
            raise TypeError(f"For '{name}', 'valid_frequency' should be an int or a list of int, but got "
                            f"{describe(valid_frequency)}.")
        if isinstance(valid_frequency, int):
            check_int(name, "valid_frequency", valid_frequency, 1)
        if valid_dataset is not None and not self._metric_fns:
            raise ValueError(f"For '{name}', 'valid_dataset' needs metrics: Model(..., metrics={{'loss'}}).")
        check_new_style(CallbackList(callbacks).callbacks)
        self._train(name, epoch, train_dataset, callbacks, dataset_sink_mode, sink_size, initial_epoch,
                    valid_dataset, valid_frequency)

    def _train(self, name: str, epoch: int, dataset: Any, callbacks: Any, sink: bool, sink_size: int,
               initial_epoch: int, valid_dataset: Any = None, valid_frequency: int | list[int] = 1) -> None:
        check_int(name, "epoch", epoch, 0)
        check_int(name, "initial_epoch", initial_epoch, 0)
        check_type(name, "dataset_sink_mode", sink, bool)
        check_sink_size(name, sink_size)
        if epoch <= initial_epoch:
            raise ValueError(f"For '{name}', 'epoch' should be greater than 'initial_epoch', but got {epoch} and "
                             f"{initial_epoch}.")
        found = CallbackList(callbacks)
        batches = Batches(name, dataset, sink_size if sink else -1)
        self._training = None
        self._set_mode(self._train_network, True)
        params = InternalCallbackParam(
            train_network=self._train_network, epoch_num=epoch - initial_epoch, batch_num=batches.per_epoch,
            mode="train", loss_fn=self._loss_fn, optimizer=self._optimizer, parallel_mode="stand_alone",
            device_number=1, train_dataset=dataset, list_callback=found.callbacks, train_dataset_element=None,
            network=self._network, last_save_ckpt_step=None, latest_ckpt_file=None, cur_step_num=0,
            dataset_sink_mode=sink)
        run_context, groups = RunContext(params), Groups(self._runner, batches.per_epoch)
        try:
            with found:
                found.call("on_train_begin", run_context)
                for number in range(initial_epoch + 1, epoch + 1):
                    params.cur_epoch_num = number
                    found.call("on_train_epoch_begin", run_context)
                    self._train_epoch(found, run_context, batches.epoch(), groups)
                    if valid_dataset is not None and _is_due(number, valid_frequency):
                        self._evaluate_between(valid_dataset, found, params)
                    found.call("on_train_epoch_end", run_context)
                    params.pop("metrics", None)
                    params.pop("eval_results", None)
                    if run_context.get_stop_requested():
                        break
                found.call("on_train_end", run_context)
        finally:
            batches.close()

    def _train_epoch(self, callbacks: CallbackList, run_context: RunContext, batches: Iterator[Batch],
                     groups: Groups) -> None:
        params = run_context.original_args()
        sink = params.dataset_sink_mode and context.state.graph
        once = sink and not on_cpu()        # step callbacks once an epoch, as in r1.8

        def steps_without() -> int | None:
            return (None if once else callbacks.steps_without(params)) if sink else 1

        if once:
            params.cur_step_num += params.batch_num
            callbacks.call("on_train_step_begin", run_context)
        for group in groups.of(batches, steps_without):
            self._check_columns(group[0])
            outputs = None
            if len(group) > 1:
                self._set_mode(self._train_network, True)
                outputs = self._runner.steps(group)
            if once and outputs is not None and not self._watches_overflow():
                params.net_outputs = outputs.last()
                continue
            for i, batch in enumerate(group):
                if outputs is None or i == len(group) - 1:
                    params.train_dataset_element = inputs_of(batch)
                if not once:
                    params.cur_step_num += 1
                    callbacks.call("on_train_step_begin", run_context)
                if outputs is None:
                    self._set_mode(self._train_network, True)       # a callback may have evaluated
                params.net_outputs = self._runner.step(params.train_dataset_element) if outputs is None else outputs[i]
                self._note_overflow(params.net_outputs)
                if not once:
                    callbacks.call("on_train_step_end", run_context)
                    if run_context.get_stop_requested():
                        return
        if once:
            callbacks.call("on_train_step_end", run_context)

    def _set_mode(self, network: Any, training: bool) -> None:
        """Switches between training and evaluation where this Model last ran the other, as r1.8 does."""
        if self._training is not training:
            network.set_train(training)
            self._training = training

    def _check_columns(self, batch: Batch) -> None:
        if self._loss_fn is not None and len(batch) != 2:
            raise ValueError("For 'Model', with a 'loss_fn' the dataset should have two columns, data and label, but "
                             f"it has {len(batch)}. Choose them with 'project', or put the loss into the network.")

    def _watches_overflow(self) -> bool:
        manager = self._loss_scale_manager
        return manager is not None and type(manager).update_loss_scale is not LossScaleManager.update_loss_scale

    def _note_overflow(self, outputs: Any) -> None:
        """Tells the loss scale manager whether a step overflowed; the training step has its own account of it."""
        if self._watches_overflow() and isinstance(outputs, tuple) and len(outputs) == 3:
            self._loss_scale_manager.update_loss_scale(bool(np.all(outputs[1].asnumpy())))  # type: ignore[union-attr]

    # ***** evaluation *****

    def eval(self, valid_dataset: Any, callbacks: Any = None, dataset_sink_mode: bool = True) -> dict[str, Any]:
        """Evaluates the metrics.

        Args:
            valid_dataset: Its columns are the inputs of the evaluated network.
            callbacks: A Callback or a list of Callbacks.
            dataset_sink_mode: Kept for compatibility.

        Returns:
            dict, name of each metric to its result.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: There are no metrics, or the dataset is empty.

        Examples:
            >>> model = ms.Model(nn.Dense(3, 1), nn.MSELoss(), metrics={"mse"})
            >>> data = ms.dataset.NumpySlicesDataset((np.zeros((4, 3), np.float32), np.ones((4, 1), np.float32)))
            >>> model.eval(data.batch(2))
            {'mse': 1.0}

        MindSpore r1.8 `Model.eval`.
        """
        name = "Model.eval"
        check_type(name, "dataset_sink_mode", dataset_sink_mode, bool)
        if not self._metric_fns:
            raise ValueError(f"For '{name}', there are no metrics: Model(..., metrics={{'loss'}}).")
        found = CallbackList(callbacks)
        params = InternalCallbackParam(eval_network=self._eval_network, valid_dataset=valid_dataset, batch_num=0,
                                       mode="eval", cur_step_num=0, list_callback=found.callbacks,
                                       network=self._network, dataset_sink_mode=dataset_sink_mode)
        with found:
            return self._evaluate(name, valid_dataset, found, params)

    def _evaluate(self, name: str, dataset: Any, callbacks: CallbackList, params: InternalCallbackParam) -> dict:
        network: Any = self._eval_network
        batches = Batches(name, dataset)
        params.batch_num = batches.per_epoch
        run_context = RunContext(params)
        self._training = None
        self._set_mode(network, False)
        for metric in self._metric_fns.values():
            metric.clear()
        try:
            callbacks.call("on_eval_begin", run_context)
            callbacks.call("on_eval_epoch_begin", run_context)
            for batch in batches.epoch():
                params.cur_step_num += 1
                callbacks.call("on_eval_step_begin", run_context)
                params.net_outputs = network(*inputs_of(batch))
                callbacks.call("on_eval_step_end", run_context)
                self._update_metrics(params.net_outputs)
                if run_context.get_stop_requested():
                    break
        finally:
            batches.close()
        callbacks.call("on_eval_epoch_end", run_context)
        params.metrics = {key: metric.eval() for key, metric in self._metric_fns.items()}
        if "cur_epoch_num" in params:       # within a training
            params.eval_results = {**params.metrics, "eval_loss": self._eval_loss(params.net_outputs)}
        callbacks.call("on_eval_end", run_context)
        return params.metrics

    def _evaluate_between(self, dataset: Any, callbacks: CallbackList, params: InternalCallbackParam) -> None:
        """An evaluation in the middle of a training, whose results go into its `params`."""
        params.update(eval_network=self._eval_network, valid_dataset=dataset)
        inside = InternalCallbackParam(params, mode="eval", cur_step_num=0)
        self._evaluate("Model.fit", dataset, CallbackList(callbacks.for_evaluation()), inside)
        params.update(metrics=inside.metrics, eval_results=inside.eval_results)

    def _eval_loss(self, outputs: Any) -> Any:
        """The loss of the last batch."""
        loss = outputs[self._eval_indexes[0]] if self._eval_indexes else first_output(outputs)
        return shortest(np.mean(loss.asnumpy())) if isinstance(loss, Tensor) else loss

    def _update_metrics(self, outputs: Any) -> None:
        outputs = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
        for metric in self._metric_fns.values():
            if self._eval_indexes is None or metric.indexes is not None:
                metric.update(*outputs)
            elif isinstance(metric, Loss):
                metric.update(outputs[self._eval_indexes[0]])
            else:
                metric.update(outputs[self._eval_indexes[1]], outputs[self._eval_indexes[2]])

    # ***** prediction and the rest *****

    def predict(self, *predict_data: Any) -> Any:
        """The output of the network.

        Args:
            predict_data: The inputs of the network: Tensors, numbers, str, None, and tuples, lists and dicts of them.

        Returns:
            Tensor, or what else the network returns.

        Raises:
            TypeError: An input has another type.

        Examples:
            >>> ms.Model(nn.Dense(3, 2)).predict(Tensor(np.ones((4, 3), np.float32))).shape
            (4, 2)

        MindSpore r1.8 `Model.predict`.
        """
        for value in predict_data:
            _check_input(value)
        self._set_mode(self._network, False)
        return self._network(*predict_data)

    def build(self, train_dataset: Any = None, valid_dataset: Any = None, sink_size: int = -1, epoch: int = 1) -> None:
        """Prepares the programs of training and evaluation, in GRAPH_MODE, before they are needed.

        Args:
            train_dataset: Data to train with; only its first batch is looked at.
            valid_dataset: Data to evaluate; only its first batch is looked at.
            sink_size: Kept for compatibility.
            epoch: Kept for compatibility.

        Raises:
            RuntimeError: The mode is PYNATIVE_MODE.
            ValueError: `valid_dataset` is given without metrics.

        MindSpore r1.8 `Model.build`.
        """
        if not context.state.graph:
            raise RuntimeError("'Model.build' prepares programs, which only GRAPH_MODE has.")
        if valid_dataset is not None and self._eval_network is None:
            raise ValueError("For 'Model.build', there are no metrics: Model(..., metrics={'loss'}).")
        for dataset, network, training in ((train_dataset, self._train_network, True),
                                           (valid_dataset, self._eval_network, False)):
            if dataset is not None and network is not None:
                batches = Batches("Model.build", dataset)
                try:
                    network.set_train(training)
                    network.compile(*inputs_of(next(batches.epoch())))
                finally:
                    batches.close()

    def infer_predict_layout(self, *predict_data: Any) -> None:
        """Refused: it belongs to MindSpore's automatic parallel modes.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError("'infer_predict_layout' only supports the semi-automatic and automatic parallel modes of "
                           "MindSpore, which do not exist here.")

    def infer_train_layout(self, train_dataset: Any, dataset_sink_mode: bool = True, sink_size: int = -1) -> None:
        """Refused: it belongs to MindSpore's automatic parallel modes.

        Raises:
            RuntimeError: Always.
        """
        raise RuntimeError("'infer_train_layout' only supports the semi-automatic and automatic parallel modes of "
                           "MindSpore, which do not exist here.")


def _is_due(epoch: int, frequency: int | list[int]) -> bool:
    return epoch in frequency if isinstance(frequency, list) else epoch % frequency == 0


def _check_input(value: Any) -> None:
    if isinstance(value, (tuple, list)):
        for v in value:
            _check_input(v)
    elif isinstance(value, dict):
        _check_input(list(value.values()))
    elif value is not None and not isinstance(value, (Tensor, int, float, str)):
        raise TypeError(f"For 'Model.predict', inputs should be Tensors, numbers, str or None, but got "
                        f"{describe(value)}{'. Wrap it: Tensor(array)' if isinstance(value, np.ndarray) else ''}.")
