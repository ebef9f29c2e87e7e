"""What was compiled, what that cost, and why it was compiled again: `explain_compile`, and the notice of too many."""
from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mycelium.core.errors import warn
from mycelium.engine.compile import Timing
from mycelium.graph.structure import LEAF

_RATIO, _FIRST_NOTICE = 2, 8        # a notice comes when every second call compiles, from this many programs on
_SHOWN = 4
_KEPT = 1000


@dataclass(eq=False)
class Compilation:
    """One program, as `explain_compile` reports it.

    Attributes:
        function: The class of the Cell, or the name of the function.
        location: File and line of its source, "" where there is none.
        number: The how-manieth program of this function it is, from 1.
        arguments: What the program was compiled for: argument -> shape and dtype, or the constant's value.
        reasons: What differs from the program before that is nearest to it; empty for the first one.
        timing: Seconds: `trace_s` for running the function in Python, `compile_s` for XLA (None while the program has
            not been needed); `cached`: whether XLA's part came from the cache on disk.
        fallback: The operator for whose sake the function runs op by op, or "".
    """

    function: str
    location: str
    number: int
    arguments: dict[str, str]
    reasons: list[str]
    timing: Timing = field(default_factory=Timing)
    fallback: str = ""

    def why(self) -> str:
        """What the program was compiled for, and the reasons."""
        return "\n".join([f"compiled for {self._arguments()}", *(f"because {reason}" for reason in self.reasons)])

    def _arguments(self) -> str:
        return ", ".join(f"{k}: {v}" for k, v in self.arguments.items()) or "no arguments"

    def __str__(self) -> str:
        text = f"{self.number:3}  {self._arguments()}"
        if self.fallback:
            text += f"\n     runs op by op: the output shape of '{self.fallback}' depends on data"
        else:
            t = self.timing
            compiled = "not compiled yet" if t.compile_s is None else \
                f"{'loaded from disk' if t.cached else 'compiled'} in {t.compile_s:.2f} s"
            text += f"\n     traced in {t.trace_s:.2f} s, {compiled}"
        return text + "".join(f"\n     because {reason}" for reason in self.reasons)


@dataclass
class CompileReport:
    """The programs that were compiled, oldest first; `print` shows them as a table."""

    programs: list[Compilation] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.programs)

    def __iter__(self) -> Iterator[Compilation]:
        return iter(self.programs)

    def __str__(self) -> str:
        if not self.programs:
            return "Nothing was compiled."
        groups: dict[tuple[str, str], list[Compilation]] = {}
        for p in self.programs:
            groups.setdefault((p.function, p.location), []).append(p)
        seconds = sum(p.timing.total for p in self.programs)
        lines = [f"{_count(len(self.programs), 'program')} of {_count(len(groups), 'function')}, {seconds:.2f} s"]
        for (function, location), programs in groups.items():
            lines.append(f"{function}{f' ({location})' if location else ''}: {_count(len(programs), 'program')}")
            lines.extend(map(str, programs))
        return "\n".join(lines)

    __repr__ = __str__


def _count(n: int, what: str) -> str:
    return f"{n} {what}" + ("" if n == 1 else "s")


_log: deque[Compilation] = deque(maxlen=_KEPT)


def explain_compile(target: Any = None) -> CompileReport:
    """What was compiled so far, for which arguments, how long it took, and why it was compiled again.

    Args:
        target: A Cell or a function made by `ms_function`; None reports every program of this process (the last
            1,000).

    Returns:
        CompileReport, which prints as a table; its `programs` are `Compilation` records, oldest first.

    Raises:
        TypeError: `target` is nothing that is compiled.

    Examples:
        >>> double = ms.ms_function(lambda x: 2 * x)
        >>> _ = double(Tensor([1.0, 2.0])), double(Tensor([1.0, 2.0, 3.0]))
        >>> ms.explain_compile(double).programs[1].reasons
        ['x is float32[3], was float32[2]']
    """
    if target is None:
        return CompileReport(list(_log))
    if not hasattr(target, "_graph"):
        raise TypeError(f"For 'explain_compile', 'target' should be a Cell or a function made by 'ms_function', but "
                        f"got {target!r}.")
    return CompileReport(list(target._graph.records) if target._graph is not None else [])


class Key:
    """What a program was compiled for, in words.

    Args:
        spec: Description of the arguments, from `graph.structure.flatten`.
        arrays: Their Tensors' arrays, in order.
        described: The function whose parameters the arguments are, for their names; None numbers them.
    """

    def __init__(self, spec: Any, arrays: list, described: Callable | None):
        self.arguments: dict[str, str] = {}
        (_, args), (_, names, keywords) = spec[1]
        values = iter(arrays)
        for name, part in [*zip(_names(described, len(args)), args, strict=True), *zip(names, keywords, strict=True)]:
            self._add(name, part, values)

    def _add(self, path: str, spec: Any, arrays: Iterator) -> None:
        if spec is LEAF:
            array = next(arrays)
            self.arguments[path] = f"{array.dtype}{list(array.shape)}"
            return
        head = spec[0]
        if head == "constant":
            self.arguments[path] = _short(spec[2])
        elif head == "parameter":
            self.arguments[path] = f"Parameter {spec[1].name}"
        elif head == "slice":
            self.arguments[path] = f"slice{spec[1:]}"
        elif head is dict:
            for key, part in zip(spec[1], spec[2], strict=True):
                self._add(f"{path}[{key!r}]", part, arrays)
        else:
            fields = getattr(head, "_fields", None)
            for i, part in enumerate(spec[1]):
                self._add(f"{path}.{fields[i]}" if fields else f"{path}[{i}]", part, arrays)

    def differences(self, before: dict[str, str]) -> list[str]:
        """What is different from the arguments of another program."""
        now, found = self.arguments, []
        for name in {**before, **now}:
            if name not in now:
                found.append(f"{name} was given, is not")
            elif name not in before:
                found.append(f"{name} is {now[name]}, was not given")
            elif now[name] != before[name]:
                found.append(f"{name} is {now[name]}, was {before[name]}")
        return found


def _names(described: Callable | None, count: int) -> list[str]:
    names: list[str] = []
    try:
        for p in inspect.signature(described).parameters.values() if described is not None else ():
            if p.kind is p.VAR_POSITIONAL:
                names += [f"{p.name}[{i}]" for i in range(count - len(names))]
            elif p.kind is not p.KEYWORD_ONLY:
                names.append(p.name)
    except (TypeError, ValueError):
        pass
    return [*names, *(f"input {i}" for i in range(len(names), count))][:count]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def location(described: Callable | None) -> str:
    """File and line of a function, "" when it has none."""
    described = getattr(described, "func", described)       # functools.partial
    code = getattr(inspect.unwrap(described), "__code__", None) if described is not None else None
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else ""


class Records(list[Compilation]):
    """The compilations of one function."""

    made = noticed = by_settings = 0

    def add(self, function: str, described: Callable | None, key: Key, causes: list[str]) -> Compilation:
        """Notes one more; `causes` are reasons other than the arguments."""
        reasons = causes
        if not causes and self:
            reasons = min((key.differences(old.arguments) for old in reversed(self)), key=len) or \
                ["an earlier program for the same arguments was dropped to make room"]
        self.made += 1
        self.by_settings += bool(causes)
        record = Compilation(function, location(described), self.made, key.arguments, reasons)
        self.append(record)
        del self[:-_KEPT]
        _log.append(record)
        return record

    def drop(self, record: Compilation) -> None:
        """Takes back a compilation that failed."""
        self.remove(record)
        self.made -= 1
        if record in _log:
            _log.remove(record)

    def notice(self, calls: int) -> None:
        """Warns, at 8, 16, 32... programs, when compilation dominates, and names the argument that changes."""
        count = self.made
        if count < max(_FIRST_NOTICE, 2 * self.noticed) or calls > _RATIO * count:
            return
        self.noticed = count
        seen: dict[str, dict[str, None]] = {}
        for record in self:
            for name, value in record.arguments.items():
                seen.setdefault(name, {})[value] = None
        changing = max(seen.items(), key=lambda item: len(item[1]), default=("", {}))
        if len(changing[1]) <= self.by_settings:
            why = f"settings changed between the calls, lately {self[-1].reasons[0]}. Give each setting a Cell " \
                  "of its own."
        else:
            values = list(changing[1])
            shown = ", ".join(values[:_SHOWN]) + (", ..." if len(values) > _SHOWN else "")
            remedy = "Pad it to a few sizes (mycelium.pad_to_bucket)" if "[" in values[0] else \
                "Pass it as a Tensor, whose value is no part of the program"
            why = f"'{changing[0]}' came as {shown}, and each is a program of its own. {remedy}."
        seconds = sum(r.timing.total for r in self)
        warn(f"'{self[-1].function}' was compiled {count} times in {calls} calls ({seconds:.1f} s): {why} "
             "mycelium.explain_compile() lists all programs.")
