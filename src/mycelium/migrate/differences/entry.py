"""An entry of the catalogue, and what it does: arguments as source text or as real values, from theirs to ours."""
from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

import mycelium
from mycelium import Tensor
from mycelium.migrate.differences.expressions import evaluate, fill, is_open, is_owner, literal, names_in, simplify

KINDS = ("renamed", "inverted", "missing", "default", "padding", "probability", "momentum", "reduction", "promotion",
         "index dtype", "epsilon", "init", "state", "layout", "behaviour", "same")
_SHORT = {"mindspore.common.initializer.": "", "mindspore.dataset.": "ds.", "mindspore.nn.": "nn.",
          "mindspore.ops.": "ops.", "mindspore.numpy.": "ms.numpy.", "mindspore.": "ms."}
_EMPTY = inspect.Parameter.empty


@dataclass(frozen=True)
class Argument:
    """An argument of theirs and what becomes of it; see catalogue.py for the fields."""

    theirs: str
    ours: str | None = None
    value: str = ""
    dynamic: str = ""
    default: str | None = None
    keyword: bool = False
    drop: str = ""
    only: tuple[str, ...] = ()
    sure: str = ""
    note: str = ""
    read: str | None = None
    read_ours: str | None = None

    @property
    def name(self) -> str:
        """Theirs' name without a star."""
        return self.theirs.lstrip("*")

    @property
    def target(self) -> str | None:
        """The name in ours, None where it is dropped."""
        return None if self.drop else self.theirs if self.ours is None else self.ours or None

    @property
    def expression(self) -> str:
        """The value in ours as a template."""
        return self.value or f"{{{self.name}}}"


@dataclass(frozen=True)
class Probe:
    """A comparison to run; see catalogue.py for the fields, and probe.py for what runs it."""

    inputs: Mapping[str, str] = field(default_factory=dict)
    setup: str = ""
    module: str = ""
    cell: str = ""
    theirs: str = ""
    ours: str = ""
    naive: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)
    train: bool = False
    copy: bool = True
    tolerance: float = 1e-5
    why: str = ""


@dataclass(frozen=True, eq=False)
class Entry:
    """What a name of theirs is here; see catalogue.py for the fields."""

    name: str
    file: str
    ours: str
    call: str
    rule: str
    instead: str
    arguments: tuple[Argument, ...]
    add: Mapping[str, Argument]
    init: Mapping[str, str]
    state: Mapping[str, str]
    layout: Mapping[str, str]
    kinds: tuple[str, ...]
    behaviour: tuple[str, ...]
    needs: Mapping[str, str]
    reads: Mapping[str, str]
    only_call: str
    attribute: bool
    in_place: bool
    probes: tuple[Probe, ...]

    # ***** names *****

    @property
    def short(self) -> str:
        """Ours as a program writes it: "nn.Dropout"; "" where there is none."""
        long = next((long for long in _SHORT if self.ours.startswith(long)), "")
        return _SHORT.get(long, "") + self.ours.removeprefix(long)

    @property
    def has_counterpart(self) -> bool:
        """Whether there is something to write for it."""
        return bool(self.ours or self.call)

    @cached_property
    def target(self) -> Any:
        """The class or function that `ours` names.

        Raises:
            AttributeError: There is none.
        """
        path = self.ours.replace("mindspore.common.initializer", "mindspore.initializer").split(".")[1:]
        found: Any = mycelium
        for i, part in enumerate(path):
            if not hasattr(found, part) and inspect.ismodule(found):
                found = importlib.import_module(".".join(["mycelium", *path[:i + 1]]))
            else:
                found = getattr(found, part)
        return found

    @cached_property
    def signature(self) -> Mapping[str, inspect.Parameter]:
        """The parameters of `target` by name, a method's without the receiver; {} where it tells none."""
        try:
            found = inspect.signature(self.target).parameters
        except (ValueError, TypeError):
            return {}
        return dict(list(found.items())[1:]) if self.ours.startswith("mindspore.Tensor.") else found

    def unknown_names(self, names: Iterable[str]) -> dict[str, str]:
        """{key: name} of templates that use a name which is no argument of theirs."""
        known = {*names, "args"}
        templates = {"call": self.call, "rule": self.rule.replace("{i}", ""),
                     **{f"init: {k}": v for k, v in self.init.items()}}
        for row in (*self.arguments, *self.add.values()):
            templates[f"value of {row.theirs}"] = row.value
            templates[f"dynamic of {row.theirs}"] = row.dynamic
        return {key: name for key, text in templates.items() for name in names_in(text) if name not in known}

    # ***** source text: port *****

    def bind(self, positional: Iterable[str], keywords: Mapping[str, str]) -> dict[str, str]:
        """The source text of a call's arguments by theirs' names.

        Args:
            positional: Source text of the arguments without a name; "*xs" for one that is unpacked.
            keywords: Source text of those with one.

        Raises:
            TypeError: Theirs takes no such argument.

        Examples:
            >>> from mycelium.migrate import find
            >>> find("nn.Dropout").bind(["0.2"], {})
            {'p': '0.2'}
        """
        bound: dict[str, str] = {}
        positional = list(positional)
        for row in self.arguments:
            if row.theirs.startswith("**") or row.keyword:
                continue
            if row.theirs.startswith("*"):
                bound[row.name] = _as_tuple(positional)
                positional = []
            elif positional:
                if positional[0].startswith("*"):
                    raise TypeError(f"{self.name}: {positional[0]} may be any of its arguments.")
                bound[row.name] = positional.pop(0)
        if positional:
            raise TypeError(f"{self.name} takes no argument for {positional[0]!r}.")
        known = {row.name for row in self.arguments}
        for name, source in keywords.items():
            if name not in known or name in bound and bound[name] != "()":
                raise TypeError(f"{self.name} takes no argument {name!r}.")
            bound[name] = source
        return bound

    def translate(self, arguments: Mapping[str, str], init: bool = False) -> dict[str, str]:
        """Source text of ours' arguments by name.

        What theirs leaves at its default is written where ours has another default.

        Args:
            arguments: Source text by theirs' names, as `bind` gives it.
            init: Whether to write theirs' initial weights too.

        Examples:
            >>> from mycelium.migrate import find
            >>> find("nn.Dropout").translate({"p": "0.2"})
            {'keep_prob': '0.8'}
            >>> find("nn.LeakyReLU").translate({})
            {'alpha': '0.01'}
        """
        sources = self._sources(arguments)
        written: dict[str, str] = {}
        for row in self.arguments:
            if row.target is None or not all(name in sources for name in names_in(row.expression)):
                continue
            text = _written(row, sources)
            if text is None:
                continue
            given = any(name in arguments for name in names_in(row.expression))
            if given or not self._is_default(row.target, text):
                written[row.target] = text
        for name, row in self.add.items():
            text = _written(row, sources)
            if text is not None and not self._is_default(name, text):
                written[name] = text
        if init:
            written.update((name, fill(text, sources)) for name, text in self.init.items())
        return written

    def notes(self, arguments: Mapping[str, str]) -> list[str]:
        """What a person has to look at in such a call; [] where the translation is certain."""
        sources = self._sources(arguments)
        notes = []
        for row in self.arguments:
            if row.name not in arguments:
                continue
            source = arguments[row.name]
            if row.only and not any(_same(source, value) for value in row.only):
                notes.append(f"{row.name}={source}: {row.note or row.drop or 'has no counterpart'}")
            elif row.sure and simplify(fill(row.sure, sources)) != "True":
                notes.append(f"{row.name}={source}: {row.note}")
        for row in (*self.arguments, *self.add.values()):
            given = [name for name in names_in(row.expression) if name in arguments]
            if row.dynamic and given and all(name in sources for name in names_in(row.expression)):
                if _known(row, sources) is None:
                    notes.append(f"{row.name}: {row.note or f'written for what {given[0]} usually is'}")
        return list(dict.fromkeys([*notes, *filter(None, [self.only_call])]))

    def write(self, arguments: Mapping[str, str], positional: int = 0, init: bool = False) -> str:
        """The whole call in ours.

        Args:
            arguments: Source text by theirs' names, as `bind` gives it.
            positional: How many of theirs' arguments had no name; as many are written without one where they can be.
            init: Whether to write theirs' initial weights too.

        Raises:
            ValueError: The entry has no counterpart, what it needs is not among the arguments, or the source does not
                tell an argument that decides.

        Examples:
            >>> from mycelium.migrate import find
            >>> find("nn.Conv2d").write({"in_channels": "3", "out_channels": "8", "kernel_size": "3"}, 3)
            "nn.Conv2d(3, 8, 3, has_bias=True, pad_mode='pad')"
        """
        if not self.has_counterpart:
            raise ValueError(f"{self.name} has no counterpart: {self.instead}")
        for need, words in self.needs.items():
            if need not in arguments:
                raise ValueError(f"{self.name} needs {need!r}: {words}")
        ours = self.translate(arguments, init)
        owner = ours.pop("self", None)
        args = self._joined(ours, positional)
        if self.call:
            text = fill(self.call.replace("{args}", args), self._sources(arguments))
            known = simplify(text)
            if known is None:
                raise ValueError(f"{self.name}: what is written depends on the values of its arguments: {text}")
            return known
        called = self.short
        if owner is not None:
            called = f"{owner if is_owner(owner) else f'({owner})'}.{called.rpartition('.')[2]}"
        return called if self.attribute else f"{called}({args})"

    def write_rule(self, arguments: Mapping[str, str], first: str, count: str) -> str:
        """The rate that a schedule gives, over the names of the first rate and of the number of steps.

        Args:
            arguments: Source text by theirs' names, as `bind` gives it.
            first: The name of the first rate.
            count: The name of the number of calls of step() so far.

        Raises:
            ValueError: An argument is missing.

        Examples:
            >>> from mycelium.migrate import find
            >>> find("torch.optim.lr_scheduler.StepLR").write_rule({"step_size": "30"}, "lr", "epoch")
            'lr * 0.1 ** (epoch // 30)'
        """
        sources = {**self._sources(arguments), "lr": first, "i": count}
        for name in names_in(self.rule):
            if name not in sources:
                raise ValueError(f"{self.name}: {name!r} is missing.")
        return simplify(fill(self.rule, sources)) or ""

    def _joined(self, ours: dict[str, str], positional: int) -> str:
        """The arguments as they stand between the parentheses."""
        targets = [row.target for row in self.arguments[:positional] if row.target and row.target != "self"]
        order = [name for name in self.signature if name != "self"] if self.ours else targets
        texts = []
        unnamed = True
        for i, (name, text) in enumerate(ours.items()):
            if name.startswith("*"):
                texts.extend(_items(text))
            else:
                parameter = self.signature.get(name)
                needed = parameter is not None and parameter.kind is inspect.Parameter.POSITIONAL_ONLY
                unnamed = unnamed and (name in targets and i < len(order) and order[i] == name)
                texts.append(text if unnamed or needed else f"{name}={text}")
        return ", ".join(texts)

    def _sources(self, arguments: Mapping[str, str]) -> dict[str, str]:
        defaults = {row.name: row.default for row in self.arguments if row.default is not None}
        return {**defaults, **arguments}

    def _is_default(self, name: str, text: str) -> bool:
        parameter = self.signature.get(name)
        if parameter is None or parameter.default is _EMPTY:
            return False
        try:
            return _equal(literal(text), parameter.default)
        except ValueError:
            return False

    # ***** real values: compare *****

    def read(self, module: Any) -> dict[str, Any]:
        """The values of theirs' arguments in a built layer; those that it does not keep are at their default."""
        values: dict[str, Any] = {}
        for row in self.arguments:
            try:
                if row.read != "":
                    values[row.name] = _plain(evaluate(row.read or f"module.{row.name}", {}, module=module))
                    continue
            except AttributeError:
                if row.read is not None:
                    raise
            if row.default is not None:
                values[row.name] = evaluate(row.default, {})
        values.update((name, _plain(evaluate(read, {}, module=module))) for name, read in self.reads.items())
        return values

    def expected(self, module: Any) -> dict[str, Any]:
        """The arguments that the counterpart of a built layer of theirs has to have.

        Args:
            module: A torch module or Keras layer of this entry's class.
        """
        values = self.read(module)
        rows = [row for row in self.arguments if row.target is not None]
        wanted = {row.target: row for row in rows if all(name in values for name in names_in(row.expression))}
        wanted.update(self.add)
        return {name: evaluate(row.expression, values) for name, row in wanted.items() if name}

    def actual(self, cell: Any) -> dict[str, Any]:
        """The arguments that a Cell was built with, as far as it keeps them."""
        values: dict[str, Any] = {}
        for name, row in {**{row.target: row for row in self.arguments if row.target}, **self.add}.items():
            if row.read_ours != "" and not name.startswith("*"):
                try:
                    values[name] = _plain(evaluate(row.read_ours or f"cell.{name}", {}, cell=cell))
                except AttributeError:
                    continue
        return values

    def mismatches(self, module: Any, cell: Any) -> dict[str, tuple[Any, Any]]:
        """{argument: (expected, actual)} where a Cell was not built as its counterpart's counterpart."""
        actual = self.actual(cell)
        return {name: (value, actual[name]) for name, value in self.expected(module).items()
                if name in actual and not _agree(value, actual[name])}

    def build(self, module: Any) -> Any:
        """The counterpart of a built layer of theirs, with its own initial weights.

        Raises:
            ValueError: It has none, or an argument has a value that ours cannot have.
        """
        if not self.has_counterpart:
            raise ValueError(f"{self.name} has no counterpart: {self.instead}")
        values = self.read(module)
        for row in self.arguments:
            if row.only and row.name in values and not any(values[row.name] == evaluate(v, {}) for v in row.only):
                raise ValueError(f"{self.name}: {row.name}={values[row.name]!r}: "
                                 f"{row.note or row.drop or 'has no counterpart'}")
            if row.default is None and row.name not in values:
                raise ValueError(f"{self.name}: a built layer does not tell its {row.theirs}")
        named = self.expected(module)
        starred = [item for name in list(named) if name.startswith("*") for item in named.pop(name)]
        if self.call:
            call = self.call.replace("{args}", "*args_, **named_")
            return evaluate(call, values, args_=starred, named_=named)
        return self.target(*starred, **named)


def _written(row: Argument, sources: Mapping[str, str]) -> str | None:
    """Source text for ours, None where the source does not tell it."""
    if not row.value:
        return fill(row.expression, sources)
    text = _known(row, sources)
    return simplify(fill(row.dynamic, sources)) if text is None and row.dynamic else text


def _known(row: Argument, sources: Mapping[str, str]) -> str | None:
    """The value's source text as far as it does not depend on what the source does not tell."""
    text = simplify(fill(row.expression, sources))
    return None if text is None or row.dynamic and is_open(text) else text


def _as_tuple(sources: list[str]) -> str:
    """Source text of the tuple that a starred parameter collects."""
    if len(sources) == 1 and (sources[0].startswith("*") or sources[0][:1] in "(["):
        return sources[0].removeprefix("*")
    return f"({', '.join(sources)}{',' if len(sources) == 1 else ''})"


def _items(source: str) -> list[str]:
    """The arguments that a tuple's source text is unpacked to."""
    inner = source.strip()
    if inner.startswith("(") and inner.endswith(")"):
        return [inner[1:-1].rstrip().rstrip(",")] if inner != "()" else []
    return [f"*{inner}"]


def _same(source: str, other: str) -> bool:
    try:
        return _equal(literal(source), literal(other))
    except ValueError:
        return source.strip() == other


def _equal(a: Any, b: Any) -> bool:
    return type(a) is type(b) and a == b or a is not None and not isinstance(a, (bool, str)) and not isinstance(
        b, (bool, str)) and isinstance(a, (int, float)) and a == b


def _agree(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return type(a) is type(b) and a.shape == b.shape and np.allclose(a.asnumpy(), b.asnumpy(), 1e-6, 0)
    if isinstance(a, float) or isinstance(b, float):
        return isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a - b) <= 1e-6 * abs(a)
    return a == b


def _plain(value: Any) -> Any:
    """A framework's tensor as a Tensor, sizes and lists as tuples; other values as they are."""
    if hasattr(value, "detach"):
        return Tensor(value.detach().cpu().numpy())
    return tuple(value) if isinstance(value, tuple) and type(value) is not tuple else value
