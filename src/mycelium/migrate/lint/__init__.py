"""Reading MindSpore source without running it: what GRAPH_MODE refuses, and what goes wrong in a migration."""
from mycelium.migrate.lint.findings import Finding, LintError
from mycelium.migrate.lint.linter import lint_source
from mycelium.migrate.lint.registry import RULES, Rule

__all__ = ["RULES", "Finding", "LintError", "Rule", "lint_source"]
