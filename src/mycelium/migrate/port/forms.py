"""Calls that mean the same in ours but for their form: lists for arguments, groups of weights, results in order."""
from __future__ import annotations

import libcst as cst

from mycelium.migrate.differences import Entry
from mycelium.migrate.port.text import called_method, code, expression
from mycelium.migrate.port.writing import Written


def item_of(pair: cst.BaseExpression, index: int) -> cst.Subscript:
    """One of two results; those of f(x)[::-1] stand in the other order in f(x)."""
    if isinstance(pair, cst.Subscript) and code(pair.slice[0].slice) == "::-1":
        pair, index = pair.value, 1 - index
    return cst.Subscript(pair, [cst.SubscriptElement(cst.Index(cst.Integer(str(index))))])


def attribute_of(entry: Entry, name: str) -> str:
    """What a layer's attribute is called in ours; the same where the catalogue says nothing, "" for one it lacks."""
    if name in entry.state:
        return entry.state[name]
    for row in entry.arguments:
        if row.name == name and row.read in (None, f"module.{name}"):
            if row.read_ours is not None:
                return row.read_ours.removeprefix("cell.") if row.read_ours.startswith("cell.") else ""
            return row.target or "" if not row.value else name if row.target == name else ""
    return name


def one_as_list(written: Written) -> Written:
    """A sequence of one layer, or of as many as a list has, is given as a list."""
    call = written.tree
    if not isinstance(call, cst.Call) or len(call.args) != 1:
        return written
    arg = call.args[0]
    if isinstance(arg.value, (cst.List, cst.ListComp)) and not arg.star or "Dict" in (
            code(arg.value.func) if isinstance(arg.value, cst.Call) else ""):
        return written
    if arg.star and isinstance(arg.value, (cst.List, cst.ListComp)):
        inner: cst.BaseExpression = arg.value
    else:
        inner = cst.List([cst.StarredElement(arg.value) if arg.star else cst.Element(arg.value)])
    return Written(call.with_changes(args=[arg.with_changes(star="", value=inner, whitespace_after_star=
                                                            cst.SimpleWhitespace(""))]), written.remarks)


def made_a_list(written: Written) -> Written:
    """CellList takes no other iterable than a list."""
    call = written.tree
    if not isinstance(call, cst.Call) or len(call.args) != 1:
        return written
    arg = call.args[0]
    if isinstance(arg.value, cst.GeneratorExp):
        value: cst.BaseExpression = cst.ListComp(arg.value.elt, arg.value.for_in)
    elif isinstance(arg.value, cst.Call):
        value = cst.Call(cst.Name("list"), [cst.Arg(arg.value)])
    else:
        return written
    return Written(call.with_changes(args=[arg.with_changes(value=value)]), written.remarks)


def with_decay_for_all(written: Written) -> Written:
    """An optimizer's weight_decay spares gamma and beta unless the weights are given as a group; theirs spares none."""
    call = written.tree
    decay = next((a for a in call.args if a.keyword is not None and a.keyword.value == "weight_decay"), None) if (
        isinstance(call, cst.Call)) else None
    if decay is None or not isinstance(call, cst.Call) or not called_method(call.args[0].value, "trainable_params"):
        return written
    group = expression(f"[{{'params': {code(call.args[0].value)}, 'weight_decay': {code(decay.value)}}}]")
    args = [call.args[0].with_changes(value=group), *(a for a in call.args[1:] if a is not decay)]
    if args[-1] is not call.args[-1]:
        args[-1] = args[-1].with_changes(comma=decay.comma, whitespace_after_arg=decay.whitespace_after_arg)
    return Written(call.with_changes(args=args), written.remarks)
