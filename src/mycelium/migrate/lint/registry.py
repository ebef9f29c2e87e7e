"""The rules of `lint`: each is a function over a file that yields places, with what it is for beside it."""
from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mycelium.migrate.lint.source import Source

# A place, and what is said about it there when the rule's own words do not do: message, fix.
Hit = ast.AST | tuple[ast.AST, str] | tuple[ast.AST, str, str]
Check = Callable[[Source], Iterator[Hit]]


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        id: Its name, MYC and three digits; the first says what kind it is.
        title: What is found, in a few words.
        reason: Why it matters.
        fix: What to write instead.
        bad: A piece of source in which it finds something, and no other rule does.
        good: The same, right.
        check: Finds the places.
    """

    id: str
    title: str
    reason: str
    fix: str
    bad: str
    good: str
    check: Check

    @property
    def group(self) -> str:
        """The kind of the rule: a key of GROUPS."""
        return self.id[:4]


GROUPS = {
    "MYC1": "What GRAPH_MODE refuses in `construct` and in functions that are compiled",
    "MYC2": "Arguments that mean something else than in PyTorch",
    "MYC3": "What is left over from PyTorch",
    "MYC4": "How Cells and training are put together",
}
RULES: dict[str, Rule] = {}


def rule(id: str, title: str, *, reason: str, fix: str, bad: str, good: str) -> Callable[[Check], Check]:
    """Registers a function as a rule; see Rule."""
    def register(check: Check) -> Check:
        RULES[id] = Rule(id, title, reason, fix, bad.rstrip("\n"), good.rstrip("\n"), check)
        return check

    return register
