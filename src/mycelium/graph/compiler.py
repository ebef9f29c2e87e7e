"""GraphFunction: a Python function that runs as a compiled program, one per shapes, constants and Cell settings."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycelium.core import context
from mycelium.core.errors import warn
from mycelium.core.local import config_version, local
from mycelium.engine import listing
from mycelium.engine.compile import DynamicShapeError, Program
from mycelium.graph.records import Compilation, Key, Records
from mycelium.graph.structure import flatten, flatten_result, unflatten
from mycelium.graph.syntax import explain, is_users

MAX_PROGRAMS = 64       # per function; the one that was not used for longest goes first


class _Entry:
    """One compiled program and what it depended on: the settings of the Cells it ran."""

    __slots__ = ("program", "guard", "version", "used", "record")

    def __init__(self, program: Program | None, guard: Any, record: Compilation):
        self.program, self.guard, self.version = program, guard, config_version.value
        self.used = 0
        self.record = record

    def valid(self) -> bool:
        """Whether the settings are what they were when the program was traced."""
        version = config_version.value
        if self.version != version:
            if self.guard != _settings([c for c, _ in self.guard[1]]):
                return False
            self.version = version
        return True

    def changes(self) -> list[str]:
        """Which settings differ now, in words."""
        check_bprop, cells = self.guard
        now = context.get_context("check_bprop")
        found: dict[str, list[str]] = {f"check_bprop is {now}, was {check_bprop}": []} if now != check_bprop else {}
        paths = {id(c): path for path, c in cells[0][0].cells_and_names()} if cells else {}
        for cell, before in cells:
            path = paths.get(id(cell))
            for what in cell._changes_since(before):
                found.setdefault(what, []).append(type(cell).__name__ + (f" '{path}'" if path else ""))
        return [f"in {places[0]}{f' and {len(places) - 1} more Cells' if places[1:] else ''}, {what}" if places else
                what for what, places in found.items()]


def _settings(cells: list) -> tuple:
    return context.get_context("check_bprop"), tuple([(c, c._fingerprint()) for c in cells])


class GraphFunction:
    """Compiles `fn` per argument shapes, constants and Cell settings, and runs it.

    Args:
        fn: A function of Tensors and constants that may read and write Parameters.
        name: Shown in profiles, errors and `explain_compile`.
        constants: Types that are allowed as constant arguments besides the usual ones.
        described: The user's function whose parameters the arguments are, for their names in messages; `fn` if None.

    Attributes:
        programs: The entries of each key: shapes, constants, casts.
        records: What was compiled and why.
    """

    def __init__(self, fn: Callable, name: str, constants: tuple[type, ...] = (), described: Callable | None = None):
        self.fn = fn
        self.name = name
        self.constants = constants
        self.described = described or fn
        self.programs: dict[Any, list[_Entry]] = {}
        self.records = Records()
        self.calls = 0

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
        self.calls += 1
        entries = self.programs.get(key, [])
        for entry in entries:
            if entry.valid():
                entry.used = self.calls
                return entry.program
        entry = self._compile(spec, arrays, entries)
        entry.used = self.calls
        self.programs.setdefault(key, []).insert(0, entry)
        self._make_room()
        self.records.notice(self.calls)
        return entry.program

    def _make_room(self) -> None:
        """Drops the program that was not used for longest when there are too many."""
        if sum(map(len, self.programs.values())) > MAX_PROGRAMS:
            key, entry = min(((k, e) for k, entries in self.programs.items() for e in entries), key=lambda p: p[1].used)
            self.programs[key].remove(entry)
            if not self.programs[key]:
                del self.programs[key]

    def _compile(self, spec: Any, arrays: list, same_key: list[_Entry]) -> _Entry:
        cast = local.cast

        def run(*traced: Any) -> tuple[list, Any]:
            local.cast = cast
            args, kwargs = unflatten(spec, iter(traced))
            result: list = []
            structure = flatten_result(self.fn(*args, **kwargs), result)
            return result, structure

        record = self.records.add(self.name, self.described, Key(spec, arrays, self.described),
                                  min((entry.changes() for entry in same_key), key=len, default=[]))
        try:
            program = Program(run, arrays, self.name)
        except DynamicShapeError as error:
            record.fallback = error.op
            warn(f"'{self.name}' runs op by op in GRAPH_MODE: {error.reason}. Its sub-Cells are still compiled. For "
                 f"full speed {error.remedy}.")
            return _Entry(None, _settings([]), record)
        except Exception as error:
            self.records.drop(record)
            raise explain(error) from None
        record.timing = program.timing
        if context.get_context("save_graphs"):
            listing.save(program, arrays, f"{self.name}_{record.number}", record.why(),
                         context.get_context("save_graphs_path"), is_users)
        return _Entry(program, _settings(program.cells), record)
