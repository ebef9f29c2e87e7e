"""Batches of a dataset on their way into a network: epochs, DatasetHelper and data_sink."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mycelium.core.errors import check_int, check_type, describe
from mycelium.train.sink import Batch, Groups, StepRunner, tensors


class Batches:
    """The batches of a dataset as NumPy arrays, epoch after epoch.

    Args:
        owner: Who asks, for error messages.
        dataset: The dataset.
        steps: Batches per epoch, taken from as many passes over the dataset as need be; -1 for one whole pass.

    Raises:
        TypeError: `dataset` is not a dataset.
        ValueError: It is empty.
    """

    def __init__(self, owner: str, dataset: Any, steps: int = -1):
        if not hasattr(dataset, "create_tuple_iterator") or not hasattr(dataset, "get_dataset_size"):
            raise TypeError(f"For '{owner}', a dataset of mindspore.dataset is needed, but got {describe(dataset)}.")
        size = dataset.get_dataset_size()
        if size == 0:
            raise ValueError(f"For '{owner}', the dataset is empty: check its files, and whether 'batch' with "
                             "drop_remainder=True leaves anything.")
        self.per_epoch = size if steps == -1 else steps
        self._wrap = steps != -1
        self._iterator = dataset.create_tuple_iterator(num_epochs=-1, output_numpy=True)

    def epoch(self) -> Iterator[Batch]:
        """The batches of the next epoch."""
        if not self._wrap:
            yield from self._iterator
            return
        for _ in range(self.per_epoch):
            batch = next(self._iterator, None)
            yield next(self._iterator) if batch is None else batch      # None: the pass is over, the next one begins

    def close(self) -> None:
        """Ends the iteration and its workers."""
        stop = getattr(self._iterator, "stop", None)
        if stop is not None:
            stop()


class DatasetHelper:
    """Goes through a dataset, once per `for` loop, as lists of Tensors.

    Args:
        dataset: The dataset.
        dataset_sink_mode: Kept for compatibility: batches come out one by one in either case.
        sink_size: Batches per loop; -1 for the whole dataset.
        epoch_num: Kept for compatibility: any number of loops is possible.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: `sink_size` is neither -1 nor positive, or the dataset is empty.

    Examples:
        >>> dataset = ms.dataset.NumpySlicesDataset(np.ones((4, 3), np.float32)).batch(2)
        >>> for inputs in ms.DatasetHelper(dataset, dataset_sink_mode=False):
        ...     print(inputs[0].shape)
        (2, 3)
        (2, 3)

    MindSpore r1.8 `mindspore.DatasetHelper`.
    """

    def __init__(self, dataset: Any, dataset_sink_mode: bool = True, sink_size: int = -1, epoch_num: int = 1):
        check_type("DatasetHelper", "dataset_sink_mode", dataset_sink_mode, bool)
        check_int("DatasetHelper", "epoch_num", epoch_num)
        check_sink_size("DatasetHelper", sink_size)
        self.dataset = dataset
        self._batches = Batches("DatasetHelper", dataset, sink_size if dataset_sink_mode else -1)

    def __iter__(self) -> Iterator[list]:
        return map(tensors, self._batches.epoch())

    def sink_size(self) -> int:
        """Batches per loop."""
        return self._batches.per_epoch

    def types_shapes(self) -> tuple[list, list]:
        """The dtypes and the shapes of the columns."""
        return self.dataset.output_types(), self.dataset.output_shapes()

    def stop_send(self) -> None:
        """Ends the iteration and its workers."""
        self._batches.close()

    def release(self) -> None:
        """Ends the iteration and its workers."""
        self._batches.close()

    def continue_send(self) -> None:
        """Accepted for compatibility: nothing is sent ahead to a device."""


def check_sink_size(owner: str, sink_size: Any) -> int:
    """`sink_size` if it is -1 or positive; TypeError or ValueError otherwise."""
    check_int(owner, "sink_size", sink_size)
    if sink_size != -1 and sink_size < 1:
        raise ValueError(f"For '{owner}', 'sink_size' should be -1 or positive, but got {sink_size}.")
    return sink_size


def connect_network_with_dataset(network: Any, dataset_helper: DatasetHelper) -> Any:
    """The network itself: a DatasetHelper hands over its batches in every mode here.

    Args:
        network: The training network.
        dataset_helper: Where its inputs come from.

    Returns:
        `network`, to be called with each element of `dataset_helper`.

    Raises:
        TypeError: `dataset_helper` is not a DatasetHelper.

    Examples:
        >>> helper = ms.DatasetHelper(ms.dataset.NumpySlicesDataset(np.ones((4, 3), np.float32)).batch(2))
        >>> net = ms.connect_network_with_dataset(nn.Dense(3, 2), helper)
        >>> [net(*inputs).shape for inputs in helper]
        [(2, 2), (2, 2)]

    MindSpore r1.8 `mindspore.connect_network_with_dataset`.
    """
    check_type("connect_network_with_dataset", "dataset_helper", dataset_helper, DatasetHelper)
    return network


def data_sink(fn: Callable, dataset: Any, sink_size: int = 1, jit_config: Any = None,
              input_signature: Any = None) -> Callable:
    """A function that takes no arguments and runs `fn` on the next batches of a dataset.

    Args:
        fn: A Cell or function of one batch, for example a training step.
        dataset: Where the batches come from, without end.
        sink_size: Batches per call.
        jit_config: Anything but None compiles a plain function as `jit` does.
        input_signature: Kept for compatibility.

    Returns:
        Function; it returns what `fn` returned for the last batch.

    Raises:
        TypeError: `fn` is not callable, or `dataset` is no dataset.
        ValueError: `sink_size` is not positive.

    Examples:
        >>> dataset = ms.dataset.NumpySlicesDataset(np.arange(4, dtype=np.float32), shuffle=False).batch(2)
        >>> step = ms.data_sink(lambda x: x.sum(), dataset)
        >>> [float(step()) for _ in range(3)]
        [1.0, 5.0, 1.0]

    MindSpore 2.0 `mindspore.data_sink`.
    """
    if not callable(fn):
        raise TypeError(f"For 'data_sink', 'fn' should be a Cell or a function, but got {describe(fn)}.")
    check_int("data_sink", "sink_size", sink_size, 1)
    batches = Batches("data_sink", dataset, sink_size)
    runner = StepRunner(fn, compiled=jit_config is not None)
    groups = Groups(runner, sink_size)

    def run() -> Any:
        for group in groups.of(batches.epoch(), lambda: None):
            outputs = runner.steps(group) if len(group) > 1 else None
            for batch in group if outputs is None else ():
                result = runner.step(tensors(batch))
            if outputs is not None:
                result = outputs.last()
        return result

    return run
