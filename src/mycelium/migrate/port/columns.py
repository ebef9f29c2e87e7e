"""Names for what the items of a dataset consist of: MindSpore's datasets have columns, torch's have none."""
from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from mycelium.migrate.port.facts import Facts, Resolver, counted_loop
from mycelium.migrate.port.text import code, dotted, walk

_DATA = "torch.utils.data."
LOADER = f"{_DATA}DataLoader"
_PARTS = (f"{_DATA}Subset", f"{_DATA}random_split")


def wants_helper(loader: cst.Call, facts: Facts, resolver: Resolver) -> bool:
    """Whether a DataLoader does what a dataset of MindSpore does otherwise: it puts batches together with a function of
    its own, its items have no columns (one array, a dict), or the program asks it for its dataset.
    """
    given = {a.keyword.value: code(a.value) for a in loader.args if a.keyword is not None}
    if any(given.get(name, "None") != "None" for name in ("collate_fn", "batch_sampler")) or facts.asks_for_dataset:
        return True
    dataset = next((a.value for a in loader.args if a.keyword is None or a.keyword.value == "dataset"), None)
    items = _items(dataset, facts, resolver, 0) if dataset is not None else None
    return items is not None and not isinstance(items, cst.Tuple)


def _items(node: cst.BaseExpression, facts: Facts, resolver: Resolver, depth: int) -> cst.BaseExpression | None:
    """What the `__getitem__` of a dataset of the file returns, None where there is none to be seen."""
    if isinstance(node, cst.Call) and depth < 5:
        if resolver.torch(node.func) in _PARTS and node.args:
            return _items(node.args[0].value, facts, resolver, depth + 1)
        cls = facts.classes.get(dotted(node.func) or "")
        return _returned(cls.methods["__getitem__"]) if cls and "__getitem__" in cls.methods else None
    values = facts.values.get(dotted(node) or "", ()) if depth < 5 else ()
    return next(filter(None, (_items(value, facts, resolver, depth + 1) for value in values)), None)


def _returned(method: cst.FunctionDef) -> cst.BaseExpression | None:
    """What a method returns in the end; what a name of it was set to last, if that is a tuple or a dict."""
    returned = [n.value for n in walk(method) if isinstance(n, cst.Return) and n.value is not None]
    if not returned or not isinstance(returned[-1], cst.Name):
        return returned[-1] if returned else None
    values = [n.value for n in walk(method) if isinstance(n, cst.Assign) and any(
        code(t.target) == code(returned[-1]) for t in n.targets)]
    return values[-1] if values and isinstance(values[-1], (cst.Tuple, cst.Dict)) else returned[-1]


def columns(loader: cst.Call, facts: Facts, resolver: Resolver) -> str | None:
    """The columns of what a DataLoader loads, as source text: from the items that its dataset returns, else from the
    names that a loop over the loader gives them; None where the file tells neither.
    """
    dataset = next((a.value for a in loader.args if a.keyword is None or a.keyword.value == "dataset"), None)
    names = _of_dataset(dataset, facts, resolver, 0) if dataset is not None else []
    names = names or _of_loops(loader, facts)
    return str(_distinct(names)) if names else None


def _of_dataset(node: cst.BaseExpression, facts: Facts, resolver: Resolver, depth: int) -> list[str]:
    if depth > 5:       # names that stand for each other
        return []
    if isinstance(node, cst.Call):
        called = resolver.torch(node.func)
        if called == f"{_DATA}TensorDataset":
            return [_name(a.value) for a in node.args] if not any(a.star for a in node.args) else []
        if called in _PARTS and node.args:
            return _of_dataset(node.args[0].value, facts, resolver, depth + 1)
        cls = facts.classes.get(dotted(node.func) or "")
        return _of_items(cls.methods["__getitem__"]) if cls and "__getitem__" in cls.methods else []
    for value in facts.values.get(dotted(node) or "", ()):
        if names := _of_dataset(value, facts, resolver, depth + 1):
            return names
    return []


def _of_items(method: cst.FunctionDef) -> list[str]:
    """Names from what `__getitem__` returns."""
    last = _returned(method)
    if last is None or isinstance(last, cst.Dict):
        return []
    return [_name(e.value) for e in last.elements] if isinstance(last, cst.Tuple) else [_name(last)]


def _of_loops(loader: cst.Call, facts: Facts) -> list[str]:
    """Names from `for images, labels in loader` and `for i, (images, labels) in enumerate(loader)`."""
    bound = {name for name, values in facts.values.items() if any(code(v) == code(loader) for v in values)}
    for over, names in facts.loops:
        counted, source = counted_loop(over)
        if dotted(source) in bound:
            return names[1:] if counted else names
    return []


def _name(node: cst.BaseExpression) -> str:
    """A name for a value: that of what it is computed from."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    if isinstance(node, cst.Subscript):
        return _name(node.value)
    if isinstance(node, cst.Call):
        receiver = node.func.value if isinstance(node.func, cst.Attribute) else None
        inner = next((a.value for a in node.args if not isinstance(a.value, cst.BaseNumber)), receiver)
        return _name(inner) if inner is not None and _name(inner) != "column" else _name(node.func)
    return "column"


def _distinct(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        count = sum(known == name or known.startswith(f"{name}_") for known in found)
        found.append(f"{name}_{count}" if name in found else name)
    return found
