"""What `compare` needs of a reference network, whatever framework it is written in. Everything outside is NumPy."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]


@dataclass
class Inputs:
    """Arguments of a network: positional ones, then those by name; leaves are NumPy arrays and plain values."""

    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)

    def arrays(self) -> Arrays:
        """The arrays in it by place: "0", "1.2", "mask"."""
        found = flatten({**{str(i): a for i, a in enumerate(self.args)}, **self.kwargs})
        return found

    def changed(self, change: Callable[[Any], Any]) -> Inputs:
        """A copy with `change` applied to every array."""
        def one(value: Any) -> Any:
            return change(value) if isinstance(value, np.ndarray) else value

        return Inputs(tuple(map_leaves(a, one) for a in self.args), map_leaves(self.kwargs, one))


@dataclass
class Call:
    """One run of a sub-module.

    Attributes:
        name: Its path in the network, "" for the network itself.
        outputs: Arrays in what it returned, by place ("" for a lone one, "0", "1.h", ...).
        index: Which call of this module it is, from 0.
        arguments: All arguments, with arrays in place of tensors, where they were asked for.
    """

    name: str
    outputs: Arrays
    index: int = 0
    arguments: Inputs | None = None


@dataclass
class Function:
    """One function (operator, sub-module) that was called.

    Attributes:
        name: The function, or the path of the sub-module.
        detail: Its settings in words, or the class of the sub-module.
        inputs: The arrays that went in.
        output: The array that came out; one entry for each where there are several.
        module: The sub-module whose code called it.
        place: Its number among the operators of a run, from 0; -1 where nothing can be put in its place.
    """

    name: str
    detail: str
    inputs: list[np.ndarray]
    output: np.ndarray | None
    module: str = ""
    place: int = -1


@dataclass
class Forward:
    """A forward run: outputs, sub-module calls in the order in which they ended, weights that it changed."""

    outputs: Arrays
    calls: list[Call]
    after: Arrays
    functions: list[Function] = field(default_factory=list)
    masks: list[np.ndarray] = field(default_factory=list)
    error: str = ""             # what was raised, and in which sub-module; the calls are those that had ended
    error_at: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass
class Gradients:
    """A loss, and its gradients by parameter name and by place of the input; None where nothing flows."""

    loss: float
    weights: dict[str, np.ndarray | None]
    inputs: dict[str, np.ndarray | None]
    outputs: Arrays = field(default_factory=dict)


@dataclass
class Trained:
    """What N optimizer steps left behind: the losses before each step, weights, and optimizer state by parameter."""

    losses: list[float]
    weights: Arrays
    state: dict[str, dict[str, np.ndarray]]


Objective = Callable[[Arrays], tuple[float, Arrays]]
"""From the arrays of the output to the loss and its gradient for each of them."""


class Reference:
    """The network that ours is compared with."""

    framework = ""
    can_run = True          # False for recordings: they answer only what was recorded

    def optimizer(self, made: Any) -> Any:
        """The optimizer itself, made by `made` if that is a function."""
        raise NotImplementedError

    def settings(self, made: Any) -> Any:
        """The settings of an optimizer as attributes, under the names of its arguments."""
        raise NotImplementedError

    def optimizer_kind(self, made: Any) -> str:
        """The class of an optimizer, as the catalogue names it."""
        raise NotImplementedError

    def can(self, what: str) -> bool:
        """Whether it can answer for "gradient" and "training"."""
        return True

    def fit(self, inputs: Inputs) -> Inputs:
        """The arguments as it takes them; notes in which layout it keeps its arrays."""
        return inputs

    def kinds(self) -> dict[str, str]:
        """The class of every sub-module by path, as the catalogue names it ("torch.nn.Conv2d")."""
        raise NotImplementedError

    def module(self, name: str) -> Any:
        """The sub-module at a path, whose attributes can be read."""
        raise NotImplementedError

    def owners(self) -> dict[str, tuple[str, str]]:
        """For every weight by name: the path of the sub-module that holds it, and its name there."""
        raise NotImplementedError

    def weights(self) -> Arrays:
        """Copies of all parameters and buffers by name; one that is shared stands under all its names."""
        raise NotImplementedError

    def shared(self) -> dict[str, str]:
        """Further names of weights that have several, with their first."""
        return {}

    def trainable(self) -> set[str]:
        """Names of the weights that are trained."""
        raise NotImplementedError

    def load(self, values: Mapping[str, np.ndarray]) -> None:
        """Sets weights by name."""
        raise NotImplementedError

    def part(self, name: str) -> Reference:
        """A sub-module as a reference of its own."""
        raise NotImplementedError

    def forward(self, inputs: Inputs, train: bool, keep: str = "", share_masks: bool = False) -> Forward:
        """Runs the network; dropout is switched off, or its masks are kept. Weights are as before afterwards.

        Args:
            inputs: The arguments.
            train: In training mode.
            keep: "arguments" keeps those of sub-modules, "functions" also notes every function that is called.
            share_masks: Let dropout work, and return its masks.
        """
        raise NotImplementedError

    def zeros(self, ones: np.ndarray) -> float | None:
        """The share of zeros in what training, with its dropout, makes of ones; None where that is no array."""
        raise NotImplementedError

    def gradients(self, inputs: Inputs, train: bool, objective: Any, labels: tuple = ()) -> Gradients:
        """Gradients of `objective`: an Objective over arrays, or a loss of the framework over (output, labels)."""
        raise NotImplementedError

    def descent(self, rate: float) -> Any:
        """What makes an optimizer of plain gradient descent."""
        raise NotImplementedError

    def train(self, inputs: Inputs, labels: tuple, objective: Any, optimizer: Any, steps: int,
              epsilon: float = 1.0) -> Trained:
        """Takes optimizer steps on one batch. Weights are as before afterwards.

        Args:
            inputs, labels, objective: As for `gradients`.
            optimizer: An optimizer, or a function from the trained parameters to one.
            steps: How many.
            epsilon: What the optimizer's epsilon is multiplied with.
        """
        raise NotImplementedError


def flatten(value: Any, convert: Callable[[Any], np.ndarray | None] | None = None) -> Arrays:
    """The arrays in any structure by their place in it; what `convert` turns into None is left out.

    Examples:
        >>> from mycelium.migrate.adapters.base import flatten
        >>> sorted(flatten((np.ones(2), {"h": np.zeros(1)})))
        ['0', '1.h']
    """
    return dict(_leaves(value, "", convert or _array))


def _array(value: Any) -> np.ndarray | None:
    return value if isinstance(value, np.ndarray) else None


def _leaves(value: Any, place: str, convert: Callable) -> Iterator[tuple[str, np.ndarray]]:
    found = convert(value)
    if found is not None:
        yield place, found
        return
    for key, item in children(value):
        yield from _leaves(item, f"{place}.{key}" if place else key, convert)


def children(value: Any) -> list[tuple[str, Any]]:
    """The parts of a container with their keys; none for anything else."""
    if isinstance(value, Mapping):
        return [(str(k), v) for k, v in value.items()]
    if isinstance(value, (tuple, list)):
        names = getattr(value, "_fields", None) or range(len(value))
        return [(str(n), v) for n, v in zip(names, value, strict=True)]
    if is_dataclass(value) and not isinstance(value, type):
        return list(vars(value).items())
    return []


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """The structure with `change` applied to everything that is not a tuple, list or dict."""
    if isinstance(value, Mapping):
        return {k: map_leaves(v, change) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        parts = [map_leaves(v, change) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return change(value)
