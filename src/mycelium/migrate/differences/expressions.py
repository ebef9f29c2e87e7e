"""Source text of the catalogue: filling in arguments, doing the sums that can be done, evaluating on real values."""
from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import mycelium as ms
from mycelium import Tensor, initializer, nn, ops

_NAME = re.compile(r"\{(\w+)\}")
_BUILT = (ast.List, ast.Tuple, ast.Dict, ast.Set, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.JoinedStr)
_IDENTITY = (ast.Is, ast.IsNot)
_ATOMS = (ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.Subscript, ast.Tuple, ast.List, ast.Dict)


# ***** functions that the data may use; never left in what is written *****

def alike(value: Any) -> Any:
    """The number that all items of a tuple are, or the value itself: (3, 3) is 3."""
    items = value if isinstance(value, (tuple, list)) else (value,)
    return items[0] if items and all(item == items[0] for item in items) else tuple(items)


def pads(padding: Any, less: Any = 0) -> Any:
    """Padding of a convolution, both sides of each axis: 1 is 1, (1, 2) is (1, 1, 2, 2), a word is 0.

    `less` is how much less there is at the end of an axis: 1 with 1 less is (1, 0, 1, 0).
    """
    if isinstance(padding, str):
        return 0
    axes = max((len(value) for value in (padding, less) if isinstance(value, tuple)), default=2)
    pairs = zip(sizes(padding, axes), sizes(less, axes), strict=True)
    return alike([side for at_start, end in pairs for side in (at_start, at_start - end)])


def pad_pairs(padding: Any, axes: int, rank: int) -> tuple[tuple[int, int], ...]:
    """Padding of the last `axes` axes of a tensor, last axis first as theirs has it, as one pair for every axis."""
    flat = (padding,) * 2 * axes if isinstance(padding, int) else tuple(padding)
    pairs = [(flat[i], flat[i + 1]) for i in range(0, len(flat), 2)]
    return ((0, 0),) * (rank - len(pairs)) + tuple(reversed(pairs))


def gain(nonlinearity: str, param: Any = None) -> float:
    """The factor that torch.nn.init.calculate_gain gives."""
    slope = 0.01 if param is None else param
    found = {"tanh": 5 / 3, "relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / (1 + slope ** 2)), "selu": 0.75}
    return found.get(nonlinearity, 1.0)


def sizes(value: Any, axes: int) -> tuple[int, ...]:
    """One number for each of `axes` axes."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes


FUNCTIONS: dict[str, Callable] = {f.__name__: f for f in (alike, gain, pads, pad_pairs, sizes)}
_BUILTINS = {name: __builtins__[name] if isinstance(__builtins__, dict) else getattr(__builtins__, name)
             for name in ("abs", "bool", "dict", "enumerate", "float", "int", "isinstance", "len", "list", "max",
                          "min", "range", "reversed", "round", "str", "sum", "tuple", "zip", "getattr", "hasattr")}
NAMESPACE: dict[str, Any] = {
    **{name: getattr(initializer, name) for name in initializer.__all__},
    **FUNCTIONS, "ms": ms, "nn": nn, "ops": ops, "np": np, "math": math, "Tensor": Tensor,
}
IMPORTS = {
    "ms": "import mindspore as ms", "nn": "from mindspore import nn", "ops": "from mindspore import ops",
    "np": "import numpy as np", "math": "import math", "Tensor": "from mindspore import Tensor",
    "ds": "import mindspore.dataset as ds",
    **{name: f"from mindspore.common.initializer import {name}" for name in initializer.__all__},
}


def imports_for(source: str) -> list[str]:
    """The import statements that an expression written from the catalogue needs.

    Examples:
        >>> from mycelium.migrate.differences.expressions import imports_for
        >>> imports_for("nn.Dense(3, 4, weight_init=HeUniform(5 ** 0.5))")
        ['from mindspore import nn', 'from mindspore.common.initializer import HeUniform']
    """
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return sorted(IMPORTS[name] for name in names if name in IMPORTS)


# ***** source text *****

def names_in(template: str) -> list[str]:
    """The {names} of a template."""
    return _NAME.findall(template)


def fill(template: str, sources: Mapping[str, str]) -> str:
    """The template with source text for its {names}, in parentheses where that is needed."""
    alone = _NAME.fullmatch(template.strip())

    def text(match: re.Match[str]) -> str:
        source = sources[match[1]]
        return source if alone or _is_atom(source) else f"({source})"

    return _NAME.sub(text, template)


def simplify(source: str) -> str | None:
    """The expression with what is constant worked out; None when a function of the catalogue would be left in it."""
    tree = _Folder().visit(ast.parse(source, mode="eval"))
    left = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return None if left & FUNCTIONS.keys() else ast.unparse(tree)


def is_open(source: str) -> bool:
    """Whether an expression still asks what an argument is."""
    return any(isinstance(node, ast.IfExp) for node in ast.walk(ast.parse(source, mode="eval")))


def literal(source: str) -> Any:
    """The value of a literal (numbers may be computed with); raises ValueError for anything else."""
    value = _constant(ast.parse(source, mode="eval").body)
    if value is _UNKNOWN:
        raise ValueError(source)
    return value


def evaluate(template: str, values: Mapping[str, Any], **more: Any) -> Any:
    """The value of a template's expression for real arguments."""
    source = _NAME.sub(lambda match: f"__{match[1]}", template)
    return eval(source, {**NAMESPACE, **more, **{f"__{name}": value for name, value in values.items()}})


_UNKNOWN = object()


def is_owner(source: str) -> bool:
    """Whether an attribute can follow the expression: a - b and 3 need parentheses.

    Examples:
        >>> from mycelium.migrate.differences.expressions import is_owner
        >>> is_owner("net(x)[0]"), is_owner("a - f(x)"), is_owner("(a - b)")
        (True, False, True)
    """
    if source.replace("_", "").replace(".", "").isdigit():
        return False
    try:
        node = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return False
    return _is_atom(source) or node.col_offset > 0


def _is_atom(source: str) -> bool:
    try:
        node = ast.parse(source, mode="eval").body
    except SyntaxError:
        return False
    return isinstance(node, _ATOMS) and (not isinstance(node, ast.Tuple) or source.strip().startswith("("))


def _constant(node: ast.expr) -> Any:
    """The value of an expression without names of the user's, if it is a plain one."""
    known = _BUILTINS.keys() | FUNCTIONS.keys()
    bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    if any(isinstance(n, ast.Name) and n.id not in known | bound for n in ast.walk(node)):
        return _UNKNOWN
    if isinstance(node, ast.Name) or any(isinstance(n, ast.Lambda) for n in ast.walk(node)):
        return _UNKNOWN
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)      # 2 is None
            code = compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval")
            value = eval(code, {"__builtins__": _BUILTINS, **FUNCTIONS})
    except Exception:
        return _UNKNOWN
    return value if _is_plain(value) else _UNKNOWN


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str)) and value == value and abs(
        value if isinstance(value, (int, float)) else 0) != math.inf


def _rounded(value: Any) -> Any:
    """Without the last digits that 1 - 0.9 leaves."""
    if isinstance(value, float):
        return round(value, 12) or value
    return type(value)(_rounded(item) for item in value) if isinstance(value, (tuple, list)) else value


def _is_starred_tuple(item: ast.expr) -> bool:
    return isinstance(item, ast.Starred) and isinstance(item.value, ast.Tuple)


def _all_there(items: list[ast.expr], index: int = -1) -> bool:
    """Whether a tuple's items are written out, one of them at the index."""
    return index < len(items) and not any(isinstance(item, ast.Starred) for item in items)


class _Folder(ast.NodeTransformer):
    """Works out what is constant, from the leaves up."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, (ast.Constant, ast.Name, ast.keyword, ast.Expression, ast.Starred)):
            return self.generic_visit(node)
        if not isinstance(node, ast.expr):
            return self.generic_visit(node)
        value = _constant(node)
        if value is not _UNKNOWN:
            return ast.parse(repr(_rounded(value)), mode="eval").body
        return self._known(self.generic_visit(node))

    @staticmethod
    def _known(node: ast.expr) -> ast.expr:
        """An expression whose parts are worked out: a chosen branch, an item of a tuple, how many it has."""
        match node:
            case ast.IfExp(test=ast.Constant(value=value)):
                return node.body if value else node.orelse
            case ast.Tuple(elts=items) if any(_is_starred_tuple(item) for item in items):
                return ast.Tuple([inner for item in items for inner in (
                    item.value.elts if _is_starred_tuple(item) else [item])], ast.Load())
            case ast.BoolOp(op=op, values=values) if any(isinstance(v, ast.Constant) for v in values):
                neutral = isinstance(op, ast.And)      # True and x is x; the value of a condition is all that is used
                left = [v for v in values if not (isinstance(v, ast.Constant) and bool(v.value) is neutral)]
                if any(isinstance(v, ast.Constant) for v in left):
                    return ast.Constant(not neutral)
                return left[0] if len(left) == 1 else ast.BoolOp(op, left)
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as how]) if isinstance(left, _BUILT):
                return ast.Constant(isinstance(how, ast.IsNot))            # a new object is None: never
            case ast.Compare(left=ast.Attribute(value=ast.Name("ms" | "torch")), ops=[ast.Is() | ast.IsNot() as how]):
                return ast.Constant(isinstance(how, ast.IsNot))            # nor is a dtype
            case ast.Subscript(value=ast.Tuple(elts=items), slice=ast.Constant(value=int(i))) if _all_there(items, i):
                return items[i]
            case ast.Call(func=ast.Name(id="len"), args=[ast.Tuple(elts=items)]) if _all_there(items):
                return ast.Constant(len(items))
        value = _constant(node)
        return node if value is _UNKNOWN else ast.parse(repr(_rounded(value)), mode="eval").body
