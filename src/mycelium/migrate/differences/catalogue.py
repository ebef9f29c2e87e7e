"""The catalogue of differences: what each name of PyTorch and Keras is called here, and what changes with it.

Everything the package knows about other frameworks' APIs stands in `data/*.toml`, one table for each name of theirs;
`mycelium differences`, the explanations of `compare`, the rewriting of `port` and the docs page all read it. An entry:

    ["torch.nn.Dropout"]
    ours = "mindspore.nn.Dropout"   # the r1.8 name; "" where no single name does it (then `call` or `instead`)
    arguments = [                   # every parameter of theirs, in order; a string names a row of data/common.toml
      {theirs = "p", ours = "keep_prob", value = "1 - {p}", default = "0.5"},
      "inplace",
    ]
    kinds = ["inverted", "probability"]
    behaviour = ["keep_prob is the share that stays; p is the share that goes."]

Keys of an entry (all optional but `ours`, `arguments`, `kinds` and `probes`):

    ours        the full r1.8 name: mindspore.nn.X, mindspore.ops.x, mindspore.Tensor.x, mindspore.X, ...
    call        an expression, where ours is not simply called with the translated arguments; {name} is theirs'
                argument, {args} the translated arguments: "ops.Pad({padding})", "nn.Dropout({args})"
    rule        of a schedule: the rate over {lr}, the first one, and {i}, how often it was stepped; `call`, where there
                is none, is the list of rates that this makes
    instead     words: what to write where neither `ours` nor `call` says it
    arguments   the rows below
    add         {name of ours = expression}: arguments that are always written; a table {value, dynamic} as in a row
    init        {argument of ours = expression}: the same initial weights as theirs; written on request only
    state       {Parameter or buffer of theirs = name in ours, or "" when ours keeps none}
    layout      {Parameter of theirs = steps}, as in migrate/weights/layout.py
    kinds       of KINDS below
    behaviour   short true sentences, for a person
    attribute   true: not called, such as torch.float32 and Tensor.shape
    in_place    true: theirs changes its receiver, so a statement of it becomes an assignment to the receiver
    needs       {name = words}: what a call does not say and the translation needs, beside theirs' arguments; a table
                {words, read} where a built layer tells it
    only_call   words: what must hold of a call for the translation to be right, checked by nobody but a person
    probes      runnable comparisons, see below

An argument's row:

    theirs      its name; "self" is the receiver of a method; "*name" collects the rest of the positional arguments
    ours        its name in ours: the same when omitted, "*name" to write it without a name, one after the other
    value       an expression for ours over {names of theirs}; the same value when omitted. It may use the functions
                of expressions.py (`pads`, ...); where the arguments are not literals, `dynamic` is written instead
    dynamic     a plain expression for arguments whose values the source does not tell
    default     theirs' default, as source text; a row without one must be given
    keyword     true: keyword only
    drop        words: why ours has none and may be called without it
    only        values of theirs, as source text, that translate; any other is a place for a person to look at
    sure        an expression over {names of theirs}; where it is not true, a person should look
    note        words for that person
    read        an expression over `module`: theirs' value in a built layer. Default: module.<theirs>; "" for none
    read_ours   an expression over `cell`. Default: cell.<ours>; "" where it cannot be read back

A probe runs in both frameworks on equal inputs (and equal weights), in PYNATIVE_MODE:

    [["torch.nn.Dropout".probes]]
    inputs = {x = "randn(4, 5)"}        # NumPy: randn rand randint arange array ones zeros ... from a fixed seed
    setup = "..."                       # statements before all else
    module = "torch.nn.Dropout(0.2)"    # a layer of theirs; then `cell` is ours, with the same weights
    cell = "nn.Dropout(keep_prob=0.8)"  # when omitted, what the entry translates `module` to
    theirs = "module(x)"                # an expression; with `module`, it defaults to module(inputs...)
    ours = "cell(x)"                    # when omitted: cell(inputs...), or what the entry translates `theirs` to
    naive = "nn.Dropout(0.2)"           # the literal translation of `module` (or, without one, of `theirs`), which
                                        # must give other values, another shape, another dtype's name, or raise;
                                        # one that names `cell` stands in place of `ours`
    needs = {lr = "0.1"}                # source text for the entry's needs
    train = true                        # both in training mode; default: neither
    copy = false                        # leave each its own initial weights
    tolerance = 1e-3                    # of each number and of the largest; 1e-5 when omitted; needs `why`
    why = "shares of random zeros"

In `theirs` the inputs are torch Tensors (for Keras: NumPy arrays), in `ours` and `naive` Tensors. Beside `torch` or
`keras` and `ms`, `nn`, `ops`, `np`, `Tensor`, an expression may use the helpers of probe.py: `array(value)` (NumPy),
`dtype(value)` (a dtype's name), `moments(value)` (mean, deviation, least, largest), `weight(*shape)` (a trainable
tensor), `steps(lambda params: optimizer, names)` (weights after three steps, with these names of Parameters),
`rates(lambda optimizer: schedule, count)`.
"""
from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Any

from mycelium.migrate.differences.entry import KINDS, Argument, Entry, Probe
from mycelium.migrate.weights import layout as layouts

_ENTRY_KEYS = {"ours", "call", "rule", "instead", "arguments", "add", "init", "state", "layout", "kinds", "behaviour",
               "needs", "only_call", "attribute", "in_place", "probes"}
_ROW_KEYS = {"theirs", "ours", "value", "dynamic", "default", "keyword", "drop", "only", "sure", "note",
             "read", "read_ours"}
_PROBE_KEYS = {"inputs", "setup", "module", "cell", "theirs", "ours", "naive", "needs", "train", "copy", "tolerance",
               "why"}
_TEXTS = {"ours", "call", "rule", "instead", "only_call", "theirs", "value", "dynamic", "default", "drop", "sure",
          "note", "read", "read_ours", "setup", "module", "cell", "naive", "why"}
_COMMON = "common.toml"


class CatalogueError(ValueError):
    """The data is not what catalogue.py describes; the text names file, entry and key."""


def files() -> list[str]:
    """The data files, by name, torch's before Keras's."""
    folder = resources.files("mycelium.migrate.differences").joinpath("data")
    names = (f.name for f in folder.iterdir() if f.name.endswith(".toml") and f.name != _COMMON)
    return sorted(names, key=lambda name: (name.startswith("keras"), name))


@cache
def entries() -> dict[str, Entry]:
    """Every entry by theirs' full name, in the order of files and of entries in a file."""
    found: dict[str, Entry] = {}
    for file in files():
        for name, entry in parse(_read(file), file).items():
            if name in found:
                raise CatalogueError(f"{file}: {name}: already in {found[name].file}.")
            found[name] = entry
    return found


def parse(tables: Mapping[str, Any], file: str) -> dict[str, Entry]:
    """The entries of one file's tables.

    Raises:
        CatalogueError: A key or value that the description above does not have.
    """
    return {name: _entry(name, table, file) for name, table in tables.items()}


def find(name: str) -> Entry:
    """The entry for a name of theirs (in full, or short such as "nn.Dropout" and "F.relu") or of ours.

    Raises:
        KeyError: There is none; the text suggests close names.

    Examples:
        >>> from mycelium.migrate import find
        >>> find("nn.Dropout").ours
        'mindspore.nn.Dropout'
    """
    full = _aliases().get(name) or _aliases().get(name.lower())
    if full is None:
        raise KeyError(_unknown(name))
    return entries()[full]


def find_all(pattern: str = "") -> list[Entry]:
    """The entries whose name, or whose name in ours, contains `pattern` (in any case)."""
    wanted = pattern.lower()
    return [e for e in entries().values() if wanted in e.name.lower() or wanted in e.ours.lower()]


def entry_of(layer: Any) -> Entry | None:
    """The entry for a built layer of theirs, by its class or the nearest class above it that has one."""
    for cls in type(layer).__mro__:
        library = cls.__module__.partition(".")[0]
        if library in ("torch", "keras"):
            for prefix in (cls.__module__, *_HOMES[library]):
                if entry := entries().get(f"{prefix}.{cls.__name__}"):
                    return entry
    return None


_HOMES = {
    "torch": ("torch.nn", "torch.optim", "torch.optim.lr_scheduler", "torch.utils.data"),
    "keras": ("keras.layers", "keras.losses", "keras.optimizers", "keras.optimizers.schedules", "keras.initializers",
              "keras.metrics", "keras"),
}
_SHORT = {"torch.nn.functional.": "F.", "torch.nn.": "nn.", "torch.optim.": "optim.", "torch.Tensor.": "Tensor.",
          "torch.utils.data.": "data.", "keras.layers.": "layers.", "keras.": "tf.keras."}


@cache
def _aliases() -> dict[str, str]:
    """Names under which entries are found: theirs before ours, full before short, torch before Keras."""
    found: dict[str, str] = {}
    everything = entries()
    for name in everything:
        found[name] = name
    for long, short in _SHORT.items():
        for name in everything:
            if name.startswith(long):
                found.setdefault(short + name.removeprefix(long), name)
    for name, entry in everything.items():
        if entry.ours:
            found.setdefault(entry.ours, name)
            found.setdefault(entry.short, name)
    for name in everything:
        found.setdefault(name.rpartition(".")[2], name)
    for name in everything:
        found.setdefault(name.lower(), name)
        found.setdefault(name.rpartition(".")[2].lower(), name)
    return found


def _unknown(name: str) -> str:
    known = _aliases()
    by_last: dict[str, str] = {}
    for full in entries():
        by_last.setdefault(full.rpartition(".")[2].lower(), full)
    close = [known[alias] for alias in get_close_matches(name, known, 4, 0.75)]
    close += [by_last[last] for last in get_close_matches(name.rpartition(".")[2].lower(), by_last, 3, 0.7)]
    hint = f" Did you mean {' or '.join(list(dict.fromkeys(close))[:3])}?" if close else ""
    return f"{name!r} is not in the catalogue.{hint} `mycelium differences --list` shows what is."


# ***** reading the data *****

def _read(file: str) -> dict[str, Any]:
    text = resources.files("mycelium.migrate.differences").joinpath("data", file).read_text("utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file}: {error}") from None


@cache
def _common() -> dict[str, dict[str, Any]]:
    return _read(_COMMON)


def _entry(name: str, table: Any, file: str) -> Entry:
    where = f"{file}: {name}"
    _check_keys(table, _ENTRY_KEYS, {"ours", "arguments", "kinds", "probes"}, where)
    rows = tuple(_row(row, where, i) for i, row in enumerate(_list(table["arguments"], f"{where}: arguments")))
    needs = table.get("needs", {})
    names = {*(row.name for row in rows), *needs}
    for kind in _list(table["kinds"], f"{where}: kinds"):
        if kind not in KINDS:
            raise CatalogueError(f"{where}: kinds: {kind!r} is none of {', '.join(KINDS)}.")
    if not table["kinds"]:
        raise CatalogueError(f"{where}: kinds: empty; an entry without a difference has ['same'].")
    rule = table.get("rule", "")
    listed = f"[{rule.replace('{i}', 'i // {epoch}')} for i in range({{steps}})]" if rule else ""
    call = table.get("call", listed)
    if not table["ours"] and not call and not table.get("instead"):
        raise CatalogueError(f"{where}: ours: empty, so `call` or `instead` must say what to write.")
    layout = table.get("layout", {})
    for leaf, steps in layout.items():
        try:
            layouts.parse(steps)
        except ValueError as error:
            raise CatalogueError(f"{where}: layout: {leaf}: {error}") from None
    added = {ours: _row({"theirs": ours, **(value if isinstance(value, dict) else {"value": value})}, where, ours)
             for ours, value in table.get("add", {}).items()}
    entry = Entry(
        name=name, file=file, ours=table["ours"], call=call, rule=rule, instead=table.get("instead", ""),
        arguments=rows, add=added, init=dict(table.get("init", {})), state=dict(table.get("state", {})),
        layout=dict(layout), kinds=tuple(table["kinds"]),
        behaviour=tuple(_list(table.get("behaviour", []), f"{where}: behaviour")),
        needs={name: need["words"] if isinstance(need, dict) else need for name, need in needs.items()},
        reads={name: need["read"] for name, need in needs.items() if isinstance(need, dict)},
        only_call=table.get("only_call", ""),
        attribute=table.get("attribute", False), in_place=table.get("in_place", False),
        probes=tuple(_probe(p, where, i) for i, p in enumerate(_list(table["probes"], f"{where}: probes"))),
    )
    for key, unknown in entry.unknown_names(names).items():
        raise CatalogueError(f"{where}: {key}: {{{unknown}}} is no argument of theirs.")
    return entry


def _row(row: Any, where: str, index: Any) -> Argument:
    where = f"{where}: arguments[{index}]"
    if isinstance(row, str):
        if row not in _common():
            raise CatalogueError(f"{where}: {row!r} is no row of {_COMMON}: {', '.join(_common())}.")
        row = {"theirs": row, **_common()[row]}
    _check_keys(row, _ROW_KEYS, {"theirs"}, where)
    for value in _list(row.get("only", []), f"{where}: only"):
        if not isinstance(value, str):
            raise CatalogueError(f"{where}: only: {value!r} should be source text in quotes.")
    return Argument(**{**row, "only": tuple(row.get("only", ()))})


def _probe(table: Any, where: str, index: int) -> Probe:
    where = f"{where}: probes[{index}]"
    _check_keys(table, _PROBE_KEYS, set(), where)
    if not table.get("module") and not table.get("theirs"):
        raise CatalogueError(f"{where}: needs `module` or `theirs`.")
    if "tolerance" in table and not table.get("why"):
        raise CatalogueError(f"{where}: tolerance: needs `why`.")
    return Probe(**table)


def _check_keys(table: Any, known: Iterable[str], needed: set[str], where: str) -> None:
    if not isinstance(table, dict):
        raise CatalogueError(f"{where}: should be a table, but got {table!r}.")
    for key, value in table.items():
        if key not in known:
            close = get_close_matches(key, list(known), 1)
            raise CatalogueError(f"{where}: {key}: no such key{f'; did you mean {close[0]}?' if close else '.'}")
        if key in _TEXTS and not isinstance(value, str):
            raise CatalogueError(f"{where}: {key}: should be text, but got {value!r}.")
    for key in sorted(needed - set(table)):
        raise CatalogueError(f"{where}: {key}: missing.")


def _list(value: Any, where: str) -> list:
    if not isinstance(value, list):
        raise CatalogueError(f"{where}: should be a list, but got {value!r}.")
    return value
