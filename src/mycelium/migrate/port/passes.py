"""What every pass over a file shares: names and kinds in sight, remarks above statements, statements taken out."""
from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

import libcst as cst

from mycelium.migrate.differences import entries
from mycelium.migrate.port.facts import Class, Facts, Resolver, facts_of
from mycelium.migrate.port.kinds import UNKNOWN, Kinds, narrowed

MARK = "# port: check"
_WIDTH = 96
_GONE = cst.SimpleStatementLine([cst.Expr(cst.Name("__statement_taken_out__"))])
_Body = cst.IndentedBlock | cst.Module


class Pass(cst.CSTTransformer):
    """One rewriting of a whole file. A subclass calls `super()` in the methods that it overrides."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__()
        self.resolver = Resolver(wrapper)
        self.facts: Facts = facts_of(wrapper.module, self.resolver)
        self.kinds = Kinds(self.facts, self.resolver)
        self.owners: list[Class | None] = []        # of the functions that the walk is in
        self._classes: list[Class | None] = [None]
        self._remarks: list[list[str]] = [[]]

    @classmethod
    def run(cls, tree: cst.Module) -> cst.Module:
        """The tree after this pass."""
        wrapper = cst.MetadataWrapper(tree)
        return wrapper.visit(cls(wrapper))

    def remark(self, text: str) -> None:
        """Puts a comment for a person above the statement that the walk is in."""
        if text not in self._remarks[-1]:
            self._remarks[-1].append(text)

    @property
    def in_forward(self) -> bool:
        """Whether the walk is in a `forward`."""
        return bool(self.owners) and self.owners[-1] is not None and self.owners[-1].is_module

    # ***** statements and their remarks *****

    def on_visit(self, node: cst.CSTNode) -> bool:
        """See libcst."""
        if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            self._remarks.append([])
        return super().on_visit(node)

    def on_leave(self, original_node: Any, updated_node: Any) -> Any:
        """See libcst."""
        result = super().on_leave(original_node, updated_node)
        if isinstance(original_node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            remarks = self._remarks.pop()
            if remarks:
                result = _with_remarks(result, remarks)
        return result

    @staticmethod
    def taken_out(statement: Any) -> cst.SimpleStatementLine:
        """What to return for a statement that goes; the comments above it stay."""
        return _GONE.with_changes(leading_lines=_without_first_blank(statement.leading_lines))

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> Any:
        """See libcst."""
        body, rest = closed(updated_node.body)
        if not body:
            body = [cst.SimpleStatementLine([cst.Pass()])]
        return updated_node.with_changes(body=body, footer=[*rest, *updated_node.footer])

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """See libcst."""
        body, rest = closed(updated_node.body)
        return updated_node.with_changes(body=body, footer=[*rest, *updated_node.footer])

    # ***** names in sight *****

    def visit_ClassDef(self, node: cst.ClassDef) -> bool | None:
        """See libcst."""
        self._classes.append(self.facts.classes.get(node.name.value))
        return True

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> Any:
        """See libcst."""
        self._classes.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool | None:
        """See libcst."""
        owner = self._classes[-1]
        self.owners.append(owner)
        self._classes.append(None)
        self.kinds.enter(node, owner)
        return True

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        """See libcst."""
        self.kinds.leave()
        self._classes.pop()
        self.owners.pop()
        return updated_node

    def visit_If_body(self, node: cst.If) -> None:
        """See libcst."""
        self.kinds.narrow(narrowed(node.test, self.kinds, layer_names()))

    def leave_If_body(self, node: cst.If) -> None:
        """See libcst."""
        self.kinds.leave()

    def visit_For_body(self, node: cst.For) -> None:
        """See libcst."""
        self.kinds.bind_items(node.target, node.iter)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Any:
        """See libcst."""
        for target in original_node.targets:
            self.kinds.assign(target.target, original_node.value)
        return updated_node

    def leave_AugAssign(self, original_node: cst.AugAssign, updated_node: cst.AugAssign) -> Any:
        """See libcst."""
        if isinstance(original_node.target, cst.Name) and self.kinds.of(original_node.value).what == "tensor":
            self.kinds.bind(original_node.target, self.kinds.of(original_node.value))
        return updated_node

    def leave_AnnAssign(self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign) -> Any:
        """See libcst."""
        kind = self.kinds.annotated(original_node.annotation.annotation)
        if kind == UNKNOWN and original_node.value is not None:
            kind = self.kinds.of(original_node.value)
        self.kinds.bind(original_node.target, kind)
        return updated_node


@cache
def layer_names() -> tuple[str, ...]:
    """The layers of torch that the catalogue knows."""
    return tuple(n for n in entries() if n.startswith("torch.nn.") and n.count(".") == 2 and n[9:10].isupper())


def comment(text: str) -> list[cst.EmptyLine]:
    """A remark as lines of comment; a comment of the file as it is."""
    if text.startswith("#"):
        return [cst.EmptyLine(comment=cst.Comment(text))]
    lines = textwrap.wrap(f"{MARK}: {text}", _WIDTH, subsequent_indent="#   ", break_long_words=False,
                          break_on_hyphens=False)
    return [cst.EmptyLine(comment=cst.Comment(line)) for line in lines]


def _with_remarks(result: Any, remarks: list[str]) -> Any:
    if isinstance(result, cst.FlattenSentinel):
        nodes = list(result.nodes)
        place = next((i for i, n in enumerate(nodes) if not _is_gone(n)), len(nodes) - 1)
        nodes[place] = _with_remarks(nodes[place], remarks)
        return cst.FlattenSentinel(nodes)
    if isinstance(result, cst.RemovalSentinel) or not hasattr(result, "leading_lines"):
        return result
    lines = [line for text in remarks for line in comment(text)]
    return result.with_changes(leading_lines=[*result.leading_lines, *lines])


def _is_gone(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and statement.body == _GONE.body


def closed(body: Sequence[Any]) -> tuple[list[Any], list[cst.EmptyLine]]:
    """The statements that stay, with the comments of those that go above the next, and comments left at the end."""
    stay: list[Any] = []
    held: list[cst.EmptyLine] = []
    for statement in body:
        if _is_gone(statement):
            held.extend(statement.leading_lines)
        elif held:
            stay.append(statement.with_changes(leading_lines=[*held, *statement.leading_lines]))
            held = []
        else:
            stay.append(statement)
    return stay, held


def _without_first_blank(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Comments above a statement; blank lines alone go with it."""
    return list(lines) if any(line.comment for line in lines) else []
