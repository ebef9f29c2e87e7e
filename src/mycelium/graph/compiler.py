"""GraphFunction: a Python function that runs as a compiled program, one per shapes, constants and Cell settings."""
from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from mycelium.core import context
from mycelium.core.local import config_version, local
from mycelium.engine.compile import DynamicShapeError, Program
from mycelium.graph.structure import flatten, flatten_result, unflatten
from mycelium.graph.syntax import explain

MAX_PROGRAMS = 64       # per function; the oldest goes first


class _Entry:
    """One compiled program and what it depended on: the settings of the Cells it ran."""

    __slots__ = ("program", "guard", "version")

    def __init__(self, program: Program | None, guard: Any):
        self.program, self.guard, self.version = program, guard, config_version.value

    def valid(self) -> bool:
        """Whether the settings are what they were when the program was traced."""
        version = config_version.value
        if self.version != version:
            if self.guard != _settings([c for c, _ in self.guard[1]]):
                return False
            self.version = version
        return True


def _settings(cells: list) -> tuple:
    return context.get_context("check_bprop"), tuple([(c, c._fingerprint()) for c in cells])


class GraphFunction:
    """Compiles `fn` per argument shapes, constants and Cell settings, and runs it.

    Args:
        fn: A function of Tensors and constants that may read and write Parameters.
        name: Shown in profiles, errors and `explain_compile`.
        constants: Types that are allowed as constant arguments besides the usual ones.
    """

    def __init__(self, fn: Callable, name: str, constants: tuple[type, ...] = ()):
        self.fn = fn
        self.name = name
        self.constants = constants
        self.programs: dict[Any, list[_Entry]] = {}
        self.reasons: list[str] = []

    def __call__(self, args: tuple, kwargs: dict | None = None) -> Any:
        """Runs the program for these arguments, compiling it if there is none."""
        if local.scope is not None:     # already inside a program: part of it
            return self.fn(*args, **(kwargs or {}))
        arrays: list = []
        program = self.program(args, kwargs or {}, arrays)
        if program is None:
            return self.fn(*args, **(kwargs or {}))
        outs = program(arrays)
        return unflatten(program.structure, iter(outs), tuple)

    def program(self, args: tuple, kwargs: dict, arrays: list) -> Program | None:
        """The program for these arguments, whose arrays go into `arrays`; None when it cannot be compiled whole."""
        spec = flatten((args, kwargs), arrays, self.constants)
        key = spec, tuple([(a.shape, a.dtype) for a in arrays]), local.cast
        entries = self.programs.get(key)
        if entries is None:
            if len(self.programs) >= MAX_PROGRAMS:
                self.programs.pop(next(iter(self.programs)))
            entries = self.programs[key] = []
        for entry in entries:
            if entry.valid():
                return entry.program
        entry = self._compile(spec, arrays)
        entries.insert(0, entry)
        del entries[MAX_PROGRAMS:]
        return entry.program

    def _compile(self, spec: Any, arrays: list) -> _Entry:
        cast = local.cast
        count = sum(map(len, self.programs.values()))

        def run(*traced: Any) -> tuple[list, Any]:
            local.cast = cast
            args, kwargs = unflatten(spec, iter(traced))
            result: list = []
            structure = flatten_result(self.fn(*args, **kwargs), result)
            return result, structure

        try:
            program = Program(run, arrays, self.name)
        except DynamicShapeError as error:
            warnings.warn(f"'{self.name}' runs op by op in GRAPH_MODE: the output shape of '{error.op}' depends on "
                          "data. "
                          "Its sub-Cells are still compiled. For full speed use a form of fixed shape, for example "
                          "multiply by the mask or use ops.select.", stacklevel=4)
            return _Entry(None, _settings([]))
        except Exception as error:
            raise explain(error) from None
        self.reasons.append(f"{self.name}: program {count + 1} for "
                            + ", ".join(f"{a.dtype}{list(a.shape)}" for a in arrays))
        return _Entry(program, _settings(program.cells))
