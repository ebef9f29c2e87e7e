"""A call as the catalogue writes it, put where the old one stood with its line breaks and comments."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from mycelium.migrate.differences import Entry
from mycelium.migrate.port.kinds import NUMBER, UNKNOWN, Kind
from mycelium.migrate.port.text import ATOMS, code, expression, walk

_NOT_NONE = (cst.List, cst.Tuple, cst.Dict, cst.ListComp, cst.GeneratorExp, cst.Call)
_ROOMY = (cst.Arg, cst.Assign, cst.AnnAssign, cst.Return, cst.Expr, cst.Index, cst.AugAssign, cst.Annotation)


@dataclass(frozen=True)
class Written:
    """A call in ours.

    Attributes:
        tree: The expression.
        remarks: What a person has to look at.
    """

    tree: cst.BaseExpression
    remarks: tuple[str, ...] = ()


class Refused(Exception):
    """The call cannot be written; the text says why."""


def arguments_of(call: cst.Call) -> tuple[list[str], dict[str, str]]:
    """The source text of a call's arguments: those without a name, and those with one.

    Raises:
        Refused: It unpacks a dict.
    """
    positional: list[str] = []
    named: dict[str, str] = {}
    for arg in call.args:
        text = code(arg.value).strip()
        if arg.star == "**":
            raise Refused(f"**{text} may hold any argument: rename its keys as for the arguments of ours")
        if arg.keyword is not None:
            named[arg.keyword.value] = text
        else:
            positional.append(arg.star + text)
    return positional, named


def write(entry: Entry, call: cst.Call, receiver: str = "", init: bool = False,
          kinds: Mapping[str, Kind] | None = None, needs: Mapping[str, str] | None = None) -> Written:
    """The call in ours.

    Args:
        entry: What is called.
        call: The call, its arguments rewritten already.
        receiver: Source text of what a method is called on.
        init: Whether to write theirs' initial weights too.
        kinds: What the arguments are, by their source text.
        needs: Source text of what the entry needs beside the arguments, as far as the file tells it.

    Raises:
        Refused: Ours has nothing for it, or the source does not say enough.
    """
    if not entry.has_counterpart:
        raise Refused(f"{entry.name} has no counterpart: {entry.instead}")
    kinds = kinds or {}
    positional, named = arguments_of(call)
    notes = _one_size(entry, positional, kinds, bool(receiver))
    if receiver:
        positional.insert(0, receiver)
    try:
        bound = {**entry.bind(positional, named), **(needs or {})}
        text = entry.write(bound, len(positional), init)
        plain = {name: "1" if kinds.get(source) == NUMBER else source for name, source in bound.items()}
        still = entry.notes(plain)
        notes += [note for note in entry.notes(bound) if note in still or any(
            note.replace(f"{name}={source}", f"{name}=1") in still for name, source in bound.items())]
    except (TypeError, ValueError, KeyError, SyntaxError) as error:
        raise Refused(str(error)) from None
    tree = expression(text).visit(_Folded(kinds))
    if "\n" in code(call) and isinstance(tree, cst.Call):
        tree = _with_line_breaks(tree, call)
    return Written(tree, tuple(notes))


def write_schedule(entry: Entry, call: cst.Call) -> Written:
    """A schedule as one of `helpers.Schedule`, which keeps theirs' way of stepping it.

    Raises:
        Refused: The source does not say enough.
    """
    positional, named = arguments_of(call)
    try:
        bound = entry.bind(positional, named)
        names = {n.value for source in bound.values() for n in walk(expression(source)) if isinstance(n, cst.Name)}
        first, count = ("lr", "i") if not names & {"lr", "i"} else ("first_lr_", "count_")
        rule = entry.write_rule(bound, first, count)
        notes = entry.notes(bound)
    except (TypeError, ValueError, KeyError, SyntaxError) as error:
        raise Refused(str(error)) from None
    return Written(expression(f"Schedule({bound['optimizer']}, lambda {first}, {count}: {rule})"), tuple(notes))


class _Folded(cst.CSTTransformer):
    """Writes the item for (a, b)[0], and the branch that is taken where the kinds of values tell it."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        super().__init__()
        self._kinds = kinds

    def leave_IfExp(self, original_node: cst.IfExp, updated_node: cst.IfExp) -> cst.BaseExpression:
        """See libcst."""
        holds = self._holds(updated_node.test)
        return updated_node if holds is None else updated_node.body if holds else updated_node.orelse

    def _holds(self, test: cst.BaseExpression) -> bool | None:
        """Whether a condition is true, None where the source does not say it."""
        if isinstance(test, cst.BooleanOperation):
            sides = self._holds(test.left), self._holds(test.right)
            is_or = isinstance(test.operator, cst.Or)
            return is_or if is_or in sides else None if None in sides else not is_or
        if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
            operator = test.comparisons[0].operator
            if isinstance(operator, (cst.Is, cst.IsNot)) and code(test.comparisons[0].comparator) == "None":
                return isinstance(operator, cst.IsNot) if self._is_something(test.left) else None
        if isinstance(test, cst.Call) and code(test.func) == "isinstance" and len(test.args) == 2:
            kind = self._kinds.get(code(test.args[0].value), UNKNOWN)
            if code(test.args[1].value) == "int" and kind.what in ("number", "shape", "tensor", "array"):
                return kind.what == "number"
            if code(test.args[1].value) == "Tensor" and kind.what in ("tensor", "number", "shape", "plain", "array"):
                return kind.what == "tensor"
        return None

    def _is_something(self, node: cst.BaseExpression) -> bool:
        text = code(node)
        kind = self._kinds.get(text, UNKNOWN)
        return isinstance(node, _NOT_NONE) or text.startswith("ms.") or kind.what != "unknown" and not kind.maybe

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        """See libcst."""
        index = updated_node.slice[0].slice
        if isinstance(updated_node.value, cst.Tuple) and len(updated_node.slice) == 1 and isinstance(
                index, cst.Index) and isinstance(index.value, cst.Integer):
            items = [e.value for e in updated_node.value.elements]
            if int(index.value.value) < len(items) and not any(isinstance(i, cst.StarredElement) for i in items):
                return items[int(index.value.value)]
        return updated_node


def _one_size(entry: Entry, positional: list[str], kinds: Mapping[str, Kind], method: bool) -> list[str]:
    """Says of the one argument of view(size) and the like that it is a tuple; returns what is to be checked."""
    rows = [row for row in entry.arguments if row.theirs != "self"]
    if len(positional) != 1 or not rows or not rows[0].theirs.startswith("*") or rows[0].theirs.startswith("**"):
        return []
    source = positional[0]
    kind = kinds.get(source, UNKNOWN)
    if source[:1] in "*([" or kind.what not in ("shape", "unknown") or not source.replace("_", "").replace(
            ".", "").replace("self", "").isalnum() or source.lstrip("-").isdigit():
        if kind.what == "shape" and source[:1] not in "*([":
            positional[0] = f"*{source}"
        return []
    if kind.what == "shape":
        positional[0] = f"*{source}"
        return []
    if "size" not in rows[0].theirs and "shape" not in rows[0].theirs and "dims" not in rows[0].theirs:
        return []
    if method:
        positional[0] = f"*{source}"
    return [f"{source} is taken for {'a tuple' if method else 'a number'}"]


def in_place_of(old: cst.BaseExpression, new: cst.BaseExpression, parent: cst.CSTNode | None) -> cst.BaseExpression:
    """`new` with the parentheses of `old`, or with some of its own where an operator stands beside it."""
    if old.lpar:
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    if new.lpar or isinstance(new, ATOMS) or isinstance(parent, _ROOMY):
        return new
    return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def comments(node: cst.CSTNode) -> list[str]:
    """The comments inside a node."""
    return [n.value for n in walk(node) if isinstance(n, cst.Comment)]


def _with_line_breaks(new: cst.Call, old: cst.Call) -> cst.Call:
    """The new call's arguments with the white space and comments of those of the old that they come from."""
    if not old.args or not new.args:
        return new
    partners = _partners(new.args, old.args)
    commas = [a.comma for a in old.args if isinstance(a.comma, cst.Comma)]
    between = _plain_comma(commas[0]) if commas else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    args = []
    for i, (arg, partner) in enumerate(zip(new.args, partners, strict=True)):
        final = i == len(new.args) - 1
        if partner is None:
            made = arg.with_changes(comma=between)
        else:
            value = partner.value if code(partner.value).strip() == code(arg.value).strip() else arg.value
            comma = partner.comma if isinstance(partner.comma, cst.Comma) and partner is not old.args[-1] else between
            made = arg.with_changes(value=value, comma=comma)
            if partner.comma is not None and partner is old.args[-1] and not final and arg is not new.args[-1]:
                made = made.with_changes(comma=_after_last(partner, between))
        if final:
            last = old.args[-1]
            made = made.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        args.append(made)
    return new.with_changes(args=args, whitespace_before_args=old.whitespace_before_args)


def _partners(new: Sequence[cst.Arg], old: Sequence[cst.Arg]) -> list[cst.Arg | None]:
    """For each new argument the old one with the same text, or the one that stood at its place."""
    left = list(old)
    found: list[cst.Arg | None] = []
    for arg in new:
        text = code(arg.value).strip()
        same = next((o for o in left if code(o.value).strip() == text
                     and (o.keyword is None) == (arg.keyword is None)), None)
        if same is None and arg.keyword is not None:
            same = next((o for o in left if o.keyword is not None and o.keyword.value == arg.keyword.value), None)
        if same is None:
            same = next((o for o in left if code(o.value).strip() == text), None)
        if same is not None:
            left.remove(same)
        found.append(same)
    return found


def _plain_comma(comma: cst.Comma) -> cst.Comma:
    """A comma with the line break of another, without its comment."""
    after = comma.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace):
        line = after.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        after = after.with_changes(first_line=line, empty_lines=[])
    return comma.with_changes(whitespace_after=after)


def _after_last(partner: cst.Arg, between: cst.Comma) -> cst.Comma:
    """The comma behind what was the last argument and is no longer: its comment, the line break of the others."""
    comma = partner.comma
    if isinstance(comma, cst.Comma) and isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace):
        after = comma.whitespace_after
        if after.first_line.comment and isinstance(between.whitespace_after, cst.ParenthesizedWhitespace):
            inner = between.whitespace_after.with_changes(first_line=after.first_line)
            return between.with_changes(whitespace_after=inner)
    return between
