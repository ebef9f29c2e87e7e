"""What a file says about itself before anything is rewritten: imports, modules, names for torch's classes."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import QualifiedNameProvider, QualifiedNameSource

from mycelium.migrate.differences import entries
from mycelium.migrate.port.text import code, dotted, simple, targets, walk

MODULES = "torch.nn."


@dataclass
class Class:
    """A class of the file.

    Attributes:
        base: The class of torch it derives from, directly or through others of the file; "" for none.
        methods: Its methods by name.
        names: Attributes that are assigned to `self`.
    """

    name: str
    base: str
    methods: Mapping[str, cst.FunctionDef]
    names: set[str]

    @property
    def is_module(self) -> bool:
        """Whether its instances are torch modules."""
        return self.base.startswith(MODULES) and self.base.rpartition(".")[2][:1].isupper()


@dataclass
class Facts:
    """What is known of the whole file.

    Attributes:
        classes: Classes by name.
        functions: Functions of the top level by name.
        stands_for: Classes and functions of torch that a name or attribute is bound to somewhere, by the name.
        uses_numpy: Whether the file imports NumPy.
        uses_torch: Whether the file imports torch.
        modules: Names on which `.zero_grad()`, `.train()`, `.parameters()` and the like are called.
        numbers: Names of attributes that are numbers in every class that has them.
        values: What names are assigned to, anywhere in the file; all names of a tuple share its value.
        loops: (what a loop runs over, the names that it sets).
        sizes: Names that are given to layers as numbers of features, channels, heads and the like.
        asks_for_dataset: Whether the file asks a loader for its dataset: loader.dataset.
        keeps_files: Whether the file saves or loads weights.
        has_norms: Whether a layer may have Parameters gamma and beta: a norm of torch, or layers from elsewhere.
        freezes: Whether the file says which weights are trained: p.requires_grad = False.
        tensors: Names that are tensors by their use: `.backward()` is called on them, a loader gives them, a module
            returns them.
    """

    classes: dict[str, Class] = field(default_factory=dict)
    functions: dict[str, cst.FunctionDef] = field(default_factory=dict)
    stands_for: dict[str, set[str]] = field(default_factory=dict)
    uses_numpy: bool = False
    uses_torch: bool = False
    modules: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    values: dict[str, list[cst.BaseExpression]] = field(default_factory=dict)
    loops: list[tuple[cst.BaseExpression, list[str]]] = field(default_factory=list)
    sizes: set[str] = field(default_factory=set)
    tensors: set[str] = field(default_factory=set)
    asks_for_dataset: bool = False
    keeps_files: bool = False
    has_norms: bool = False
    freezes: bool = False


def canonical(name: str) -> str:
    """The public name of something of torch: torch.nn.Conv2d for torch.nn.modules.conv.Conv2d."""
    if name in entries():
        return name
    parts = name.split(".")
    for package in ("torch.nn", "torch.optim.lr_scheduler", "torch.optim", "torch.nn.utils", "torch.utils.data"):
        short = f"{package}.{parts[-1]}"
        if name.startswith(f"{package}.") and parts[-1][:1].isupper() and short in entries():
            return short
    return name


class Resolver:
    """Answers which name of an imported package a node stands for."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        self._names = wrapper.resolve(QualifiedNameProvider)

    def name(self, node: cst.CSTNode) -> str:
        """The full name of what an import brought in, "" for anything else."""
        if dotted(node) is None:
            return ""
        names = self._names.get(node, ())
        for found in names() if callable(names) else names:
            if found.source is QualifiedNameSource.IMPORT:
                return found.name
        return ""

    def torch(self, node: cst.CSTNode) -> str:
        """The public name of something of torch, "" for anything else."""
        name = self.name(node)
        return canonical(name) if name == "torch" or name.startswith("torch.") else ""


_SIZES = {"in_features", "out_features", "in_channels", "out_channels", "num_features", "num_embeddings",
          "embedding_dim", "embed_dim", "num_heads", "input_size", "hidden_size", "num_groups", "num_channels",
          "d_model", "nhead"}
_ONLY_MODULES = ("zero_grad", "train", "eval", "parameters", "named_parameters", "state_dict", "load_state_dict",
                 "modules", "children")


def facts_of(tree: cst.Module, resolver: Resolver) -> Facts:
    """Reads a file's facts."""
    facts = Facts()
    for node in walk(tree):
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            for top in _imported(node):
                facts.uses_numpy |= top == "numpy"
                facts.uses_torch |= top == "torch"
        elif isinstance(node, cst.ClassDef):
            facts.classes[node.name.value] = _class(node, resolver, facts)
        elif isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
            names = [dotted(t) for t in targets(node)]
            _note_alias(facts, resolver, names, node.value)
            facts.freezes |= any(name and name.endswith(".requires_grad") for name in names)
            for name in filter(None, names):
                facts.values.setdefault(name, []).append(node.value)
        elif isinstance(node, cst.For):
            facts.loops.append((node.iter, [name for name in map(dotted, targets(node)) if name]))
        elif isinstance(node, cst.Param) and node.default is not None:
            _note_alias(facts, resolver, [node.name.value], node.default)
        elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
            owner = dotted(node.func.value)
            if owner and node.func.attr.value in _ONLY_MODULES and owner != "self":
                facts.modules.add(owner)
            if owner and node.func.attr.value == "backward":
                facts.tensors.add(owner)
        elif isinstance(node, cst.Attribute) and node.attr.value == "requires_grad_":
            facts.freezes = True
        elif isinstance(node, cst.Attribute) and node.attr.value == "dataset":
            facts.asks_for_dataset |= dotted(node.value) not in (None, "self") and not resolver.name(node)
        if isinstance(node, cst.Call):
            called = resolver.torch(node.func)
            facts.has_norms |= "Norm" in called or called.startswith("torchvision.")
            facts.keeps_files |= called in ("torch.save", "torch.load")
            if called.startswith(MODULES):
                facts.sizes |= _sizes(called, node)
        if isinstance(node, cst.Arg) and node.keyword is not None:
            _note_alias(facts, resolver, [node.keyword.value], node.value)
    for statement in tree.body:
        if isinstance(statement, cst.FunctionDef):
            facts.functions[statement.name.value] = statement
    facts.has_norms |= not any(cls.is_module for cls in facts.classes.values())
    _follow(facts, tree)
    facts.numbers = _numbers(tree)
    facts.tensors |= {name for name, values in facts.values.items() if all(
        isinstance(v, cst.Call) and dotted(v.func) in facts.modules for v in values)}
    for over, names in facts.loops:
        counted, source = counted_loop(over)
        loaders = facts.values.get(dotted(source) or "", [])
        if (dotted(source) or "").endswith("loader") or any(
                isinstance(v, cst.Call) and resolver.torch(v.func) == "torch.utils.data.DataLoader" for v in loaders):
            batch = names[1:] if counted else names
            facts.tensors.update(batch if len(batch) > 1 else ())
    return facts


def counted_loop(over: cst.BaseExpression) -> tuple[bool, cst.BaseExpression]:
    """Whether a loop runs over enumerate(...), and what it runs over without that."""
    counted = isinstance(over, cst.Call) and dotted(over.func) == "enumerate" and bool(over.args)
    return counted, over.args[0].value if counted and isinstance(over, cst.Call) else over


def _numbers(tree: cst.Module) -> set[str]:
    """Attributes that classes declare as numbers, or set to numbers, and to nothing else."""
    numbers: set[str] = set()
    others: set[str] = set()
    for cls in (n for n in walk(tree) if isinstance(n, cst.ClassDef)):
        for statement in cls.body.body:
            small = simple(statement)
            if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name):
                (numbers if code(small.annotation.annotation) in ("int", "float") else others).add(small.target.value)
        for method in (s for s in cls.body.body if isinstance(s, cst.FunctionDef)):
            given = {p.name.value for p in (*method.params.params, *method.params.kwonly_params) if _is_number(p)}
            for node in (n for n in walk(method) if isinstance(n, cst.Assign)):
                for name in filter(None, map(dotted, targets(node))):
                    source = dotted(node.value) or ""
                    if name.startswith("self.") and (source in given or source.rpartition(".")[2] != name[5:]
                                                     or "." not in source):
                        number = source in given or _computes_a_number(node.value)
                        (numbers if number else others).add(name.removeprefix("self."))
    return numbers - others


def _computes_a_number(node: cst.BaseExpression) -> bool:
    if isinstance(node, cst.Call):
        return dotted(node.func) in ("int", "float", "len", "round")
    return isinstance(node, cst.BaseNumber) or isinstance(node, cst.BinaryOperation) and isinstance(
        node.operator, cst.FloorDivide)


def _sizes(layer: str, call: cst.Call) -> set[str]:
    """Names among a layer's arguments that can only be numbers: dim in nn.Linear(dim, 10)."""
    rows = [row.name for row in entries()[layer].arguments] if layer in entries() else []
    given = [(arg.keyword.value if arg.keyword else row, arg.value) for arg, row in zip(call.args, rows, strict=False)
             if not arg.star]
    return {value.value for name, value in given if name in _SIZES and isinstance(value, cst.Name)}


def _is_number(parameter: cst.Param) -> bool:
    if parameter.annotation is not None:
        return code(parameter.annotation.annotation) in ("int", "float")
    return isinstance(parameter.default, cst.BaseNumber)


def _imported(node: cst.Import | cst.ImportFrom) -> list[str]:
    if isinstance(node, cst.ImportFrom):
        return [(dotted(node.module) or "").partition(".")[0]] if node.module else []
    return [(dotted(alias.name) or "").partition(".")[0] for alias in node.names]


def _class(node: cst.ClassDef, resolver: Resolver, facts: Facts) -> Class:
    base = ""
    for argument in node.bases:
        of_torch = resolver.torch(argument.value)
        local = facts.classes.get(dotted(argument.value) or "")
        base = base or of_torch or (local.base if local else "")
    methods = {s.name.value: s for s in node.body.body if isinstance(s, cst.FunctionDef)}
    names = {name.removeprefix("self.") for inner in walk(node) if isinstance(inner, (cst.Assign, cst.AnnAssign))
             for name in map(dotted, targets(inner)) if name and name.startswith("self.") and name.count(".") == 1}
    return Class(node.name.value, base, methods, names)


def _note_alias(facts: Facts, resolver: Resolver, names: list[str | None], value: cst.BaseExpression) -> None:
    found = resolver.torch(value)
    if not found or found not in entries():
        return
    for name in names:
        if name:
            facts.stands_for.setdefault(name.removeprefix("self."), set()).add(found)


def _follow(facts: Facts, tree: cst.Module) -> None:
    """Names that are bound to such a name stand for the same: self._norm_layer = norm_layer."""
    pairs = [(dotted(t), dotted(node.value)) for node in walk(tree) if isinstance(node, cst.Assign)
             for t in targets(node)]
    for _ in range(3):
        for target, value in pairs:
            if target and value and (known := facts.stands_for.get(value.removeprefix("self."))):
                facts.stands_for.setdefault(target.removeprefix("self."), set()).update(known)
