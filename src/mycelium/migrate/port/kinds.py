"""What the values of an expression are, as far as a file shows it: tensors, modules, arrays, plain Python."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from mycelium.migrate.port.facts import Class, Facts, Resolver
from mycelium.migrate.port.text import code, dotted, literal_text, walk


@dataclass(frozen=True)
class Kind:
    """What a value is.

    Attributes:
        what: tensor, tensors (several), module, optimizer, scheduler, array (NumPy), device, number, shape (a tuple
            of numbers), plain (other values of Python) or unknown.
        classes: For a module the classes of torch that it may have.
        own: For a module the class of this file that it has.
        parts: For a module its sub-modules by name, where they are known without their class.
    """

    what: str = "unknown"
    classes: tuple[str, ...] = ()
    own: str = ""
    parts: tuple[tuple[str, Kind], ...] = field(default=(), compare=False)
    maybe: bool = field(default=False, compare=False)       # it may be None
    weight: bool = field(default=False, compare=False)      # a tensor that is a Parameter

    @property
    def is_python(self) -> bool:
        """Whether it is a value of Python's own."""
        return self.what in ("number", "shape", "plain")


UNKNOWN, TENSOR, ARRAY, DEVICE, PLAIN, NUMBER, SHAPE = (
    Kind(what) for what in ("unknown", "tensor", "array", "device", "plain", "number", "shape"))
WEIGHT = Kind("tensor", weight=True)
_NUMBER_METHODS = {"dim", "numel", "item", "element_size", "ndimension", "nelement", "get_device", "data_ptr"}
_PLAIN_METHODS = {"tolist", "is_floating_point", "stride", "is_contiguous", "is_complex"}
_PLAIN_FUNCTIONS = {"torch.is_tensor", "torch.numel", "torch.finfo", "torch.iinfo", "torch.Size", "torch.save",
                    "torch.manual_seed", "torch.load", "torch.is_floating_point"}
_PLAIN_ATTRIBUTES = {"dtype", "requires_grad", "layout", "is_cuda", "is_leaf"}
_NUMBER_CALLS = {"len", "int", "float", "round", "id", "ord"}
_PLAIN_CALLS = {"str", "bool", "range", "list", "dict", "set", "tuple", "zip", "enumerate", "print", "isinstance",
                "type", "open", "hasattr", "format", "repr"}
_PLAIN_TYPES = {"int", "float", "str", "bool", "dict", "list", "tuple", "set", "List", "Dict", "Tuple", "Any",
                "Callable", "Sequence", "Iterable"}
_STATE = {"weight", "bias", "running_mean", "running_var"}
_SAME_MODULE = {"to", "cuda", "cpu", "train", "eval", "half", "float", "double", "apply", "requires_grad_"}


class Kinds:
    """Names in sight and what they are; walks with the transformer that owns it."""

    def __init__(self, facts: Facts, resolver: Resolver) -> None:
        self.facts = facts
        self.resolver = resolver
        self._scopes: list[dict[str, Kind]] = [{}]
        self._asked: set[cst.FunctionDef] = set()
        self._attributes: dict[str, dict[str, Kind]] = {}
        for cls in facts.classes.values():
            self._attributes[cls.name] = self._attributes_of(cls)

    # ***** scopes *****

    def enter(self, function: cst.FunctionDef, owner: Class | None) -> None:
        """Binds the parameters of a function."""
        scope: dict[str, Kind] = {}
        parameters = function.params
        forward = owner is not None and owner.is_module and function.name.value == "forward"
        for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
            scope[parameter.name.value] = self._parameter(parameter, forward)
        if owner is not None and parameters.params and parameters.params[0].name.value == "self":
            scope["self"] = Kind("module", own=owner.name) if owner.is_module else PLAIN
        self._scopes.append(scope)

    def narrow(self, found: dict[str, Kind]) -> None:
        """Opens a scope in which names are known better."""
        self._scopes.append(dict(found))

    def leave(self) -> None:
        """Closes the innermost scope."""
        self._scopes.pop()

    def bind(self, target: cst.BaseExpression, kind: Kind) -> None:
        """Notes what a name is from here on."""
        if isinstance(target, (cst.Tuple, cst.List)):
            item = {"tensor": TENSOR, "tensors": TENSOR, "shape": NUMBER, "array": ARRAY}.get(kind.what, UNKNOWN)
            for element in target.elements:
                self.bind(element.value, item)
        elif isinstance(target, cst.Name):
            self._scopes[-1][target.value] = kind

    def assign(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        """Notes what an assignment makes of its target."""
        if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple) and len(target.elements) == len(
                value.elements):
            kinds = [self.of(element.value) for element in value.elements]
            for element, kind in zip(target.elements, kinds, strict=True):
                self.bind(element.value, kind)
        else:
            self.bind(target, self.of(value))

    def _parameter(self, parameter: cst.Param, forward: bool) -> Kind:
        if parameter.name.value == "device":
            return DEVICE
        optional = isinstance(parameter.default, cst.Name) and parameter.default.value == "None"
        if parameter.annotation is not None:
            return replace(self.annotated(parameter.annotation.annotation), maybe=optional)
        if parameter.default is not None and not optional:
            kind = self.of(parameter.default)
            return kind if kind.is_python else UNKNOWN
        return replace(TENSOR if forward else UNKNOWN, maybe=optional)

    def annotated(self, annotation: cst.BaseExpression) -> Kind:
        """What a value with this annotation is."""
        for node in walk(annotation):
            name = self.resolver.torch(node)
            if name.startswith("torch.") and name.endswith("Tensor"):
                return TENSOR
            if name == "torch.device":
                return DEVICE
            if name.startswith("torch.nn.") and name != "torch.nn.functional":
                return Kind("module", (name,))
            if isinstance(node, cst.Name) and node.value in self.facts.classes:
                return Kind("module", own=node.value) if self.facts.classes[node.value].is_module else UNKNOWN
        first = annotation.value if isinstance(annotation, cst.Subscript) else annotation
        name = first.value if isinstance(first, cst.Name) else ""
        return NUMBER if name in ("int", "float") else PLAIN if name in _PLAIN_TYPES else UNKNOWN

    # ***** expressions *****

    def of(self, node: cst.CSTNode) -> Kind:
        """What an expression's value is."""
        if isinstance(node, cst.Name):
            if node.value in ("True", "False"):
                return PLAIN
            kind = next((scope[node.value] for scope in reversed(self._scopes) if node.value in scope), UNKNOWN)
            if kind != UNKNOWN:
                return kind
            return TENSOR if node.value in self.facts.tensors else NUMBER if node.value in self.facts.sizes else UNKNOWN
        if isinstance(node, cst.Attribute):
            return self._attribute(node)
        if isinstance(node, cst.Call):
            return self._call(node)
        if isinstance(node, cst.Subscript):
            base = self.of(node.value)
            if base.what == "shape":
                first = node.slice[0].slice
                return SHAPE if isinstance(first, cst.Slice) else NUMBER
            if base.what == "tensors":
                return TENSOR
            return Kind("module") if base.what == "module" and base.own == "" else base
        if isinstance(node, cst.BinaryOperation):
            return self._computed(node)
        if isinstance(node, cst.BooleanOperation):
            return self._either(node.left, node.right)
        if isinstance(node, cst.Comparison):
            return self._either(node.left, *(c.comparator for c in node.comparisons))
        if isinstance(node, cst.UnaryOperation):
            return self.of(node.expression)
        if isinstance(node, cst.IfExp):
            branches = [b for b in (node.body, node.orelse) if code(b) != "None"]
            return replace(self._either(*branches), maybe=len(branches) == 1)
        if isinstance(node, cst.BaseNumber):
            return NUMBER
        if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.ConcatenatedString, cst.Dict, cst.DictComp,
                             cst.ListComp)):
            return PLAIN
        if isinstance(node, (cst.List, cst.Tuple)):
            kinds = [self.of(e.value) for e in node.elements]
            if any(kind == TENSOR for kind in kinds):
                return Kind("tensors")
            return SHAPE if kinds and all(k == NUMBER for k in kinds) else PLAIN
        if isinstance(node, cst.NamedExpr):
            return self.of(node.value)
        return UNKNOWN

    def bind_items(self, target: cst.BaseExpression, over: cst.BaseExpression) -> None:
        """Notes what a loop over the expression makes of its targets."""
        items = list(target.elements) if isinstance(target, (cst.Tuple, cst.List)) else []
        called = dotted(over.func) if isinstance(over, cst.Call) else None
        if called == "zip" and isinstance(over, cst.Call) and len(items) == len(over.args):
            for item, arg in zip(items, over.args, strict=True):
                self.bind_items(item.value, arg.value)
        elif called == "enumerate" and isinstance(over, cst.Call) and len(items) == 2:
            self.bind(items[0].value, NUMBER)
            self.bind_items(items[1].value, over.args[0].value)
        elif isinstance(over, cst.Call) and isinstance(over.func, cst.Attribute) and len(items) == 2 and (
                over.func.attr.value.startswith("named_") or over.func.attr.value == "items"):
            self.bind(items[0].value, PLAIN)
            self.bind(items[1].value, self.item(over))
        else:
            self.bind(target, self.item(over))

    def item(self, node: cst.CSTNode) -> Kind:
        """What a loop over the expression gives."""
        kind = self.of(node)
        if isinstance(node, cst.Call):
            method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
            if method in ("parameters", "named_parameters", "buffers", "named_buffers"):
                return WEIGHT
            if method in ("modules", "named_modules", "children", "named_children"):
                return Kind("module")
            if isinstance(node.func, cst.Name) and node.func.value == "range":
                return NUMBER
            return UNKNOWN
        if kind.what == "tensors":
            return TENSOR
        return kind if kind.what in ("tensor", "array") else Kind("module") if kind.what == "module" else UNKNOWN

    def is_device(self, node: cst.BaseExpression) -> bool:
        """Whether the expression names a device."""
        text = literal_text(node)
        if text is not None:
            return text.partition(":")[0] in ("cuda", "cpu", "mps", "xpu", "meta")
        if isinstance(node, cst.FormattedString):
            return any(isinstance(p, cst.FormattedStringText) and p.value.startswith("cuda") for p in node.parts)
        if isinstance(node, cst.IfExp):
            return self.is_device(node.body) and self.is_device(node.orelse)
        last = (dotted(node) or "").rpartition(".")[2]
        return self.of(node) == DEVICE or last in ("device", "dev") or last.endswith("_device")

    def is_something(self, node: cst.BaseExpression) -> bool:
        """Whether the value is certainly not None."""
        if isinstance(node, cst.Name) and node.value == "None":
            return False
        kind = self.of(node)
        return (kind.what != "unknown" or bool(self.resolver.torch(node))) and not kind.maybe

    def _either(self, *nodes: cst.BaseExpression) -> Kind:
        kinds = [self.of(node) for node in nodes]
        for what in ("tensor", "array", "module", "unknown", "plain", "shape"):
            if found := next((kind for kind in kinds if kind.what == what), None):
                return found
        return NUMBER if kinds else PLAIN

    def _computed(self, node: cst.BinaryOperation) -> Kind:
        kinds = [self.of(node.left), self.of(node.right)]
        known = self._either(node.left, node.right)
        if known.what in ("tensor", "array"):
            return known
        if SHAPE in kinds and isinstance(node.operator, cst.Add):
            return SHAPE
        return known

    def _attribute(self, node: cst.Attribute) -> Kind:
        name = node.attr.value
        of_torch = self.resolver.torch(node)
        if of_torch:
            return PLAIN
        base = self.of(node.value)
        if base.what == "tensor":
            if name == "data":
                return base
            return {"device": DEVICE, "shape": SHAPE, "ndim": NUMBER}.get(
                name, PLAIN if name in _PLAIN_ATTRIBUTES else TENSOR)
        if base.what == "module":
            if base.own in self._attributes:
                return self._attributes[base.own].get(name, UNKNOWN)
            found = dict(base.parts).get(name)
            if found is not None:
                return found
            return WEIGHT if name in _STATE else PLAIN if base.classes else UNKNOWN
        if name == "device":
            return DEVICE
        if name in self.facts.numbers and base.what == "unknown":
            return NUMBER
        return SHAPE if name == "shape" else UNKNOWN

    def _call(self, node: cst.Call) -> Kind:
        func = node.func
        of_torch = self.resolver.torch(func)
        if of_torch:
            return self._made(of_torch, node)
        library = self.resolver.name(func).partition(".")[0]
        if library == "numpy":
            return ARRAY
        if library in ("math", "random", "time", "os", "copy"):
            return NUMBER if library == "math" else PLAIN if library != "copy" else UNKNOWN
        if isinstance(func, cst.Name):
            if func.value in self.facts.classes:
                cls = self.facts.classes[func.value]
                return Kind("module", own=cls.name) if cls.is_module else UNKNOWN
            if func.value in _NUMBER_CALLS:
                return NUMBER
            if func.value in _PLAIN_CALLS:
                return PLAIN
            if func.value == "Parameter":
                return TENSOR
            if func.value in self.facts.functions:
                return self._returned(self.facts.functions[func.value])
            if func.value in ("sum", "max", "min", "abs") and node.args:
                return self.of(node.args[0].value)
            if classes := self.facts.stands_for.get(func.value):
                return self._made(sorted(classes)[0], node)
        if self.of(func).what == "module" or dotted(func) in self.facts.modules:
            return TENSOR
        if isinstance(func, cst.Attribute):
            kind = self._method(func)
            return NUMBER if kind == SHAPE and node.args else kind
        return UNKNOWN

    def _returned(self, function: cst.FunctionDef) -> Kind:
        """What a function of the file gives: by its annotation, or where it returns what torch computes."""
        if function.returns is not None:
            return self.annotated(function.returns.annotation)
        if function in self._asked:     # it calls itself
            return UNKNOWN
        self._asked.add(function)
        last = next((n.value for n in reversed(list(walk(function))) if isinstance(n, cst.Return)), None)
        kinds = [self.of(e.value) for e in last.elements] if isinstance(last, cst.Tuple) else []
        kind = self.of(last) if last is not None and not kinds and not isinstance(last, cst.Name) else UNKNOWN
        self._asked.discard(function)
        if kinds and all(k == TENSOR for k in kinds):
            return Kind("tensors")
        return kind if kind == TENSOR else UNKNOWN

    def _made(self, name: str, node: cst.Call) -> Kind:
        """What a call of torch's `name` gives."""
        last = name.rpartition(".")[2]
        if name == "torch.nn.Parameter":
            return WEIGHT
        if name == "torch.device":
            return DEVICE
        if name.startswith("torch.optim.lr_scheduler."):
            return Kind("scheduler", (name,))
        if name.startswith("torch.optim."):
            return Kind("optimizer")
        if name.startswith("torch.nn.") and not name.startswith("torch.nn.functional.") and last[:1].isupper():
            return Kind("module", (name,), parts=self._parts(node))
        if name in _PLAIN_FUNCTIONS or name.startswith(("torch.cuda.", "torch.utils.", "torch.backends.")):
            return PLAIN if not name.startswith("torch.utils.") or name.endswith("Sampler") else UNKNOWN
        return TENSOR

    def _parts(self, node: cst.Call) -> tuple[tuple[str, Kind], ...]:
        """The sub-modules of nn.ModuleDict(dict(a=...)) and the like."""
        if len(node.args) != 1:
            return ()
        inner = node.args[0].value
        if isinstance(inner, cst.Call) and isinstance(inner.func, cst.Name) and inner.func.value == "dict":
            return tuple((a.keyword.value, self.of(a.value)) for a in inner.args if a.keyword is not None)
        if isinstance(inner, cst.Dict):
            rows = [(literal_text(e.key), e.value) for e in inner.elements if isinstance(e, cst.DictElement)]
            return tuple((key, self.of(value)) for key, value in rows if key is not None)
        return ()

    def _method(self, func: cst.Attribute) -> Kind:
        base, name = self.of(func.value), func.attr.value
        if base.what == "module":
            if base.own and name not in _SAME_MODULE:
                method = self.facts.classes[base.own].methods.get(name)
                return self._returned(method) if method is not None else UNKNOWN
            return base if name in _SAME_MODULE else UNKNOWN
        if base.what in ("tensor", "tensors"):
            return self._of_tensor(name)
        if base.what == "unknown" and name in ("view", "permute", "unsqueeze", "masked_fill", "contiguous", "detach"):
            return TENSOR
        if base.what in ("array", "plain"):
            return base
        kind = self._of_tensor(name)
        return kind if kind != TENSOR and name != "numpy" else UNKNOWN

    @staticmethod
    def _of_tensor(name: str) -> Kind:
        """What a method of a tensor gives."""
        if name in ("size", "numpy"):
            return SHAPE if name == "size" else ARRAY
        return NUMBER if name in _NUMBER_METHODS else PLAIN if name in _PLAIN_METHODS else TENSOR

    def _attributes_of(self, cls: Class) -> dict[str, Kind]:
        """What the attributes are that a class assigns to self, or registers as buffers."""
        found: dict[str, Kind] = {}
        for method in cls.methods.values():
            self.enter(method, cls)
            for node in walk(method):
                if isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
                    on = node.targets if isinstance(node, cst.Assign) else [node]
                    for target in on:
                        name = dotted(target.target) or ""
                        kind = self.of(node.value)
                        if name.startswith("self.") and name.count(".") == 1:
                            known = found.get(name[5:], UNKNOWN)
                            plain = kind.is_python or kind == UNKNOWN
                            found[name[5:]] = known if plain and known != UNKNOWN else kind
                        elif isinstance(target.target, cst.Name):
                            self.bind(target.target, kind)
                elif isinstance(node, cst.Call) and dotted(node.func) in ("self.register_buffer",
                                                                          "self.register_parameter"):
                    name = literal_text(node.args[0].value) if node.args else None
                    if name:
                        found[name] = TENSOR
                elif isinstance(node, cst.Call) and dotted(node.func) == "self.add_module" and len(node.args) == 2:
                    name = literal_text(node.args[0].value)
                    if name:
                        found[name] = self.of(node.args[1].value)
            self.leave()
        return found


def narrowed(test: cst.BaseExpression, kinds: Kinds, known: Sequence[str]) -> dict[str, Kind]:
    """What a condition says about names: isinstance(m, nn.Conv2d), or type(m).__name__ with "Conv" in it.

    Args:
        test: The condition.
        kinds: What is known so far.
        known: All classes of layers in the catalogue.
    """
    found: dict[str, Kind] = {}
    for node in walk(test):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "isinstance":
            if len(node.args) == 2 and isinstance(node.args[0].value, cst.Name):
                second = node.args[1].value
                items = [e.value for e in second.elements] if isinstance(second, cst.Tuple) else [second]
                classes = tuple(filter(None, (kinds.resolver.torch(item) for item in items)))
                own = [dotted(item) or "" for item in items]
                if classes and len(classes) == len(items) and "torch.Tensor" not in classes:
                    found[node.args[0].value.value] = Kind("module", classes)
                elif len(own) == 1 and own[0] in kinds.facts.classes and kinds.facts.classes[own[0]].is_module:
                    found[node.args[0].value.value] = Kind("module", own=own[0])
                elif classes == ("torch.Tensor",):
                    found[node.args[0].value.value] = TENSOR
    texts = [t for t in (literal_text(n) for n in walk(test) if isinstance(n, cst.SimpleString)) if t]
    if not found and len(texts) == 1 and len(texts[0]) > 3:
        classes = tuple(name for name in known if texts[0] in name.rpartition(".")[2])
        if classes:
            found["*"] = Kind("module", classes)
    return found
