"""`port`: PyTorch source in, source for MindSpore's API out."""
from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from mycelium.migrate.port.calls import Calls
from mycelium.migrate.port.cleanup import Cleanup
from mycelium.migrate.port.gradients import Gradients
from mycelium.migrate.port.imports import with_imports
from mycelium.migrate.port.loops import Loops
from mycelium.migrate.port.packing import Packing
from mycelium.migrate.port.passes import MARK
from mycelium.migrate.port.rates import Rates
from mycelium.migrate.port.structure import Structure, Unwrapped


class PortError(ValueError):
    """The source cannot be ported; the text is one line for a person."""


@dataclass(frozen=True)
class Ported:
    """A ported file.

    Attributes:
        source: The new source.
        remarks: (line, text) of every place that a person has to look at.
    """

    source: str
    remarks: tuple[tuple[int, str], ...]


def port(source: str, filename: str = "<source>", keep_init: bool = False) -> Ported:
    """Rewrites PyTorch source for MindSpore's API; comments and formatting stay.

    What is not certain is marked with a comment that says what to check.

    Args:
        source: A Python file's text.
        filename: Its name, for errors.
        keep_init: Layers get PyTorch's initial weights, not MindSpore's.

    Raises:
        PortError: The text is no Python, or uses no torch.

    Examples:
        >>> from mycelium.migrate import port
        >>> print(port("import torch.nn as nn\\nlayer = nn.Linear(3, 4, bias=False)\\n").source)
        from mindspore import nn
        layer = nn.Dense(3, 4, has_bias=False)
    """
    try:
        tree = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise PortError(f"{filename}:{error.raw_line}: {_first_line(error.message)}") from None
    tree = tree.visit(Rates())
    if "pack_padded_sequence" in source:
        tree = Packing.run(tree)
    if "autograd" in source:
        tree = Gradients.run(tree)
    if "set_grad_enabled" in source or "enable_grad" in source:
        tree = Unwrapped.run(tree)
    wrapper = cst.MetadataWrapper(tree)
    loops = Loops(wrapper)
    facts = loops.facts
    if not facts.uses_torch:
        raise PortError(f"{filename}: there is no `import torch` in it, so there is nothing to port.")
    tree = Structure.run(wrapper.visit(loops))
    wrapper = cst.MetadataWrapper(tree)
    calls = Calls(wrapper)
    calls.keep_init = keep_init
    calls.facts.tensors |= facts.tensors      # the loops that said so have another form now
    tree = Cleanup.run(wrapper.visit(calls))
    text = with_imports(tree).code
    return Ported(text, tuple(_remarks(text)))


def _remarks(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    lines = text.splitlines()
    for i, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith(MARK):
            words = stripped.removeprefix(MARK).lstrip(": ")
            for following in lines[i + 1:]:
                if not following.strip().startswith("#   "):
                    break
                words += " " + following.strip().removeprefix("#").strip()
            found.append((i + 1, words))
    return found


def _first_line(message: str) -> str:
    return message.splitlines()[0] if message else "syntax error"
