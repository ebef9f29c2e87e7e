"""`compare`: all stages of a comparison, one after the other."""
from __future__ import annotations

import inspect
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mycelium.core.context import get_context
from mycelium.core.errors import describe
from mycelium.migrate.adapters import inputs_of, reference
from mycelium.migrate.adapters.base import Inputs, Reference
from mycelium.migrate.adapters.recorded import RecordedReference, write_recording
from mycelium.migrate.compare.explain import explain as explain_all
from mycelium.migrate.compare.forward import run_both
from mycelium.migrate.compare.measure import TOLERANCES, difference
from mycelium.migrate.compare.memory import check_memory
from mycelium.migrate.compare.ours import GRAPH_MODE, OurNet
from mycelium.migrate.compare.pairing import Pairs, pair
from mycelium.migrate.compare.result import Comparison, Weight
from mycelium.migrate.compare.training import Squares, check_gradients, check_training
from mycelium.nn.cell import Cell
from mycelium.nn.optim import SGD


def compare(cell: Cell, module: Any, inputs: Any, *, labels: Any = (), loss: Any = None, optimizer: Any = None,
            steps: int = 3, copy: str = "theirs", pairs: Mapping[str, str] | None = None,
            modes: Sequence[str] = ("eval", "train"), gradients: bool = True, dropout: str = "off",
            their_inputs: Any = None, mode: int | None = None, tolerance: float | None = None,
            explain: bool = True) -> Comparison:
    """Runs a Cell and the network it was ported from on the same inputs, and reports where they part and why.

    Both are left as they were.

    Args:
        cell: The Cell.
        module: torch.nn.Module, Keras 3 model, or the path of a recorded .npz (see `mycelium.migrate.record`).
        inputs: The arguments: one array or Tensor, a tuple for several, a dict for arguments by name; None for those
            of a recording.
        labels: Further arguments of the loss.
        loss: (ours, theirs): functions from (output, *labels) to the loss, each in its framework. Default: half the
            mean squared distance of the outputs from fixed random numbers.
        optimizer: (ours, theirs): optimizers, or functions from the trained parameters to one. Default: plain gradient
            descent with a rate of 0.01.
        steps: Optimizer steps to compare; 0 for none.
        copy: "theirs" gives our net their weights first, "ours" the other way, "" compares the values as they are.
        pairs: Sub-modules and weights that belong together, by path, ours to theirs, where names do not tell.
        modes: "eval" and "train", or one of them.
        gradients: Compare gradients.
        dropout: "off", or "shared" for the reference's masks in both.
        their_inputs: Arguments for the reference, where they are not the same.
        mode: GRAPH_MODE or PYNATIVE_MODE for end results and training. Default: the mode that is set.
        tolerance: The share of the largest element by which results may differ. Default: by dtype, the narrowest that
            sub-Cells compute in.
        explain: Look for causes.

    Returns:
        The Comparison: data, with `summary()` and `to_json()`.

    Raises:
        TypeError: `cell` is not a Cell, or `module` none of the above.
        KeyError: `pairs` names what is not there.
        ValueError: An option has another value than those above.
        MemoryError: The copies of the weights that the stages need do not fit in memory.

    Examples:
        >>> from mycelium.migrate import compare
        >>> import torch
        >>> theirs = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.GELU())
        >>> found = compare(nn.SequentialCell(nn.Dense(4, 3), nn.ReLU()), theirs, np.ones((2, 4), np.float32))
        >>> found.agrees, found.first.ours
        (False, '1')
    """
    started = time.perf_counter()
    _check(cell, copy, modes, dropout)
    theirs = reference(module)
    ours = OurNet(cell, get_context("mode") if mode is None else mode)
    our_inputs, other_inputs = _arguments(cell, theirs, inputs, their_inputs)
    narrow = ours.narrowest()
    if tolerance is None and narrow != "float32":
        tolerance = TOLERANCES[narrow]
    found = Comparison(type(cell).__name__, theirs.kinds()[""].rpartition(".")[2], theirs.framework,
                       "GRAPH_MODE" if ours.mode == GRAPH_MODE else "PYNATIVE_MODE", copy)
    known = pair(ours, theirs, pairs)
    _note_pairs(found, ours, theirs, known)
    check_memory(sum(p.nbytes for p in ours.parameters.values()), gradients and theirs.can("gradient"),
                 steps if "train" in modes and theirs.can("training") else 0, isinstance(theirs, RecordedReference))
    before = ours.weights()
    their_before = theirs.weights() if copy == "ours" else {}
    try:
        _copy(ours, theirs, known, copy)
        _compare_values(found, ours, theirs, known)
        for name in modes:
            run = run_both(ours, theirs, known, our_inputs, other_inputs, name == "train", dropout == "shared",
                           tolerance)
            if narrow != "float32":
                run.notes.append(f"sub-Cells compute in {narrow} (to_float): {tolerance:g} of the largest element is "
                                 "allowed")
            found.runs.append(run)
        squares = Squares()
        objectives = (squares, squares) if loss is None else tuple(loss)
        optimizers = optimizer or (lambda params: SGD(params, 0.01), theirs.descent(0.01))
        stage = (ours, theirs, known, (our_inputs, other_inputs), _labels(labels), objectives, optimizers, tolerance)
        _train(found, *stage, steps, gradients, "train" in modes, loss is None)
        if explain:
            found.causes = explain_all(found, *stage)
    finally:
        ours.load(before)
        if copy == "ours":
            theirs.load(their_before)
    found.seconds = time.perf_counter() - started
    return found


def copy_weights(cell: Cell, module: Any, pairs: Mapping[str, str] | None = None) -> list[str]:
    """Gives a Cell the weights of the network it was ported from, renamed and in its layouts.

    Args:
        cell: The Cell.
        module: As for `compare`.
        pairs: As for `compare`.

    Returns:
        Names of weights on either side that have no partner.

    Examples:
        >>> from mycelium.migrate import copy_weights
        >>> import torch
        >>> copy_weights(nn.Dense(4, 3), torch.nn.Linear(4, 3))
        []
    """
    ours, theirs = OurNet(cell), reference(module)
    known = pair(ours, theirs, pairs)
    _copy(ours, theirs, known, "theirs")
    return [*known.only_ours, *known.only_theirs]


def record(module: Any, inputs: Any, path: str | Path) -> None:
    """Writes what a reference network gives for some inputs into a file that `compare` takes in its place.

    The network can then be compared with where its framework is not installed. The format is described in
    `mycelium.migrate.adapters.recorded`, so that other programs can write it too.

    Args:
        module: torch.nn.Module or Keras 3 model.
        inputs: As for `compare`.
        path: The .npz file; one that is there is left alone.

    Raises:
        FileExistsError: There is such a file.
        RuntimeError: The network raised.

    Examples:
        >>> from mycelium.migrate import compare, record
        >>> import tempfile, torch
        >>> path = tempfile.mkdtemp() + "/linear.npz"
        >>> record(torch.nn.Linear(4, 3), np.ones((2, 4), np.float32), path)
        >>> compare(nn.Dense(4, 3), path, None).agrees
        True
    """
    theirs = reference(module)
    write_recording(theirs, theirs.fit(inputs_of(inputs)), path, Squares())


def _check(cell: Any, copy: str, modes: Sequence[str], dropout: str) -> None:
    if not isinstance(cell, Cell):
        raise TypeError(f"For 'compare', 'cell' should be a Cell, but got {describe(cell)}.")
    for name, value, known in (("copy", copy, ("theirs", "ours", "")), ("dropout", dropout, ("off", "shared")),
                               *(("modes", m, ("eval", "train")) for m in modes)):
        if value not in known:
            raise ValueError(f"For 'compare', '{name}' should be one of {known}, but got {value!r}.")


def _by_name_here(cell: Cell, inputs: Inputs) -> Inputs:
    """Arguments by name go in by position where our `construct` has other names."""
    if not inputs.kwargs:
        return inputs
    parameters = inspect.signature(cell.construct).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters) or set(inputs.kwargs) <= {p.name for p in parameters}:
        return inputs
    return Inputs((*inputs.args, *inputs.kwargs.values()))


def _arguments(cell: Cell, theirs: Reference, inputs: Any, their_inputs: Any) -> tuple[Inputs, Inputs]:
    """Arguments for (ours, theirs)."""
    if isinstance(theirs, RecordedReference):
        recorded = theirs.inputs()
        if inputs is None:
            return _by_name_here(cell, recorded), recorded
        given, known = (list(i.arrays().values()) for i in (inputs_of(inputs), recorded))
        if len(given) != len(known) or not all(map(np.array_equal, given, known)):
            raise ValueError(f"For 'compare', 'inputs' are not those that {theirs.path} was recorded with. Pass "
                             "inputs=None to take these.")
    if inputs is None:
        raise TypeError("For 'compare', 'inputs' should be the arguments of the networks, but got None, which only a "
                        "recording can fill in.")
    other = theirs.fit(inputs_of(inputs if their_inputs is None else their_inputs))
    return _by_name_here(cell, inputs_of(inputs)), other


def _labels(labels: Any) -> tuple:
    return inputs_of(labels).args


def _copy(ours: OurNet, theirs: Reference, known: Pairs, copy: str) -> None:
    if copy == "theirs":
        ours.load(known.to_ours(theirs.weights()))
    elif copy == "ours":
        theirs.load(known.to_theirs(ours.weights(), {n: v.shape for n, v in theirs.weights().items()}))


def _note_pairs(found: Comparison, ours: OurNet, theirs: Reference, known: Pairs) -> None:
    shapes = {n: p.shape for n, p in ours.parameters.items()}
    found.weights = [Weight(p.ours, p.theirs, str(list(shapes[p.ours])), str(p.layout), p.how) for p in known.weights]
    found.only_ours, found.only_theirs = dict(known.only_ours), dict(known.only_theirs)
    partners = set(known.modules.values())
    found.modules_only_ours = [n for n in ours.cells if n not in known.modules]
    found.modules_only_theirs = [n for n in theirs.kinds() if n not in partners]


def _compare_values(found: Comparison, ours: OurNet, theirs: Reference, known: Pairs) -> None:
    mine, other = ours.weights(), theirs.weights()
    for row, p in zip(found.weights, known.weights, strict=True):
        row.difference = difference(mine[p.ours], p.layout.apply(other[p.theirs]), place=p.ours)


def _train(found: Comparison, ours: OurNet, theirs: Reference, known: Pairs, inputs: tuple[Inputs, Inputs],
           labels: tuple, objectives: tuple, optimizers: tuple, tolerance: float | None, steps: int, gradients: bool,
           train: bool, by_outputs: bool) -> None:
    """Gradients and optimizer steps, where both networks ran."""
    if not found.ran:
        return
    if by_outputs and any(d.note for r in found.runs for d in r.outputs):   # their shapes differ
        return
    if gradients and theirs.can("gradient"):
        found.gradients = check_gradients(ours, theirs, known, *inputs, labels, objectives, train, tolerance)
    if steps and ours.trainable() and train and theirs.can("training"):
        found.training = check_training(ours, theirs, known, *inputs, labels, objectives, optimizers, steps, tolerance)
