"""Names, calls and attributes of torch, rewritten by the catalogue."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst
import numpy as np
from libcst.metadata import ParentNodeProvider

from mycelium import Tensor
from mycelium.migrate.differences import Entry, entries
from mycelium.migrate.port.checkpoints import Checkpoints
from mycelium.migrate.port.columns import LOADER, columns, wants_helper
from mycelium.migrate.port.forms import attribute_of, item_of, made_a_list, one_as_list, with_decay_for_all
from mycelium.migrate.port.imports import ARGUMENTS, HELPERS
from mycelium.migrate.port.inplace import InPlace
from mycelium.migrate.port.kinds import TENSOR, UNKNOWN, Kind
from mycelium.migrate.port.text import called_method, code, dotted, expression, simple, walk
from mycelium.migrate.port.writing import Refused, Written, comments, in_place_of, write, write_schedule

_PYTHON = {name for kind in (str, list, dict, set, tuple, int, float, bytes) for name in dir(kind)}
_NUMPY = set(dir(np.ndarray))
_MODULE = "torch.nn.Module."
_TENSOR = "torch.Tensor."
_MOVES = {"cuda", "cpu", "xpu", "share_memory_", "pin_memory", "contiguous"}
_SEQUENTIAL = "torch.nn.Sequential"
_NAMED = {"values": 0, "indices": 1}        # results of these, by name
_PAIRS = {"max", "min", "sort", "topk", "median", "mode", "kthvalue", "cummax", "cummin"}
_TENSORS_FORM = {"view", "size"}        # mean something else, and rare, for an array
_JOINS = {"torch.cat", "torch.concat", "torch.stack", "torch.hstack", "torch.vstack"}
_SCALER = ".GradScaler"
_OURS = ("ms", "nn", "ops")     # written by an earlier pass
_PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
_LIST = "torch.nn.ModuleList"
_EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


class Calls(InPlace, Checkpoints):
    """See the module."""

    keep_init = False

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._functions: set[cst.CSTNode] = set()       # of calls, which leave_Call answers for
        self._types: set[cst.CSTNode] = set()           # annotations, bases, isinstance: names without arguments
        self._optimizers = 0
        joins = [n for n in walk(wrapper.module) if isinstance(n, cst.Call) and self.resolver.torch(n.func) in _JOINS]
        self._joined = {inner for n in joins for inner in walk(n)}
        self._joined_names = {name for n in joins for name in map(dotted, walk(n)) if name}

    # ***** where a name stands *****

    def visit_Call(self, node: cst.Call) -> bool | None:
        """See libcst."""
        self._functions.add(node.func)
        if self.resolver.torch(node.func).startswith("torch.optim."):
            self._optimizers += 1
        if dotted(node.func) in ("isinstance", "issubclass") and len(node.args) == 2:
            self._note_types(node.args[1].value)
        return True

    def visit_Annotation(self, node: cst.Annotation) -> bool | None:
        """See libcst."""
        self._note_types(node.annotation)
        return True

    def visit_ClassDef(self, node: cst.ClassDef) -> bool | None:
        """See libcst."""
        for base in node.bases:
            self._note_types(base.value)
        return super().visit_ClassDef(node)

    def _note_types(self, node: cst.CSTNode) -> None:
        self._types.add(node)
        for child in node.children:
            self._note_types(child)

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool | None:
        """See libcst."""
        return False

    def visit_Import(self, node: cst.Import) -> bool | None:
        """See libcst."""
        return False

    # ***** names and attributes *****

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> Any:
        """See libcst."""
        parent = self._parents.get(original_node)
        if isinstance(parent, (cst.Param, cst.Attribute, cst.AssignTarget, cst.ClassDef, cst.FunctionDef)) and not (
                isinstance(parent, cst.Attribute) and parent.value is original_node) and not (
                isinstance(parent, cst.Param) and parent.default is original_node):
            return updated_node
        if isinstance(parent, cst.Arg) and parent.keyword is original_node:
            return updated_node
        return self._reference(original_node, updated_node)

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> Any:
        """`f(x)[::-1][0]`, as x.max(1)[0] becomes, is `f(x)[1]`."""
        whole = self.loaded_part(original_node)
        if whole is not None:       # a checkpoint's numbers are Parameters; its networks' weights are all of it
            parent = self._parents.get(original_node)
            given = self._parents.get(parent) if isinstance(parent, cst.Arg) else None
            if isinstance(given, cst.Call) and called_method(given, "load_state_dict") is not None:
                return updated_node.value
            return expression(f"{code(updated_node)}.asnumpy().item()")
        index = code(updated_node.slice[0].slice)
        if index in ("0", "1") and len(updated_node.slice) == 1 and isinstance(original_node.value, cst.Call):
            return item_of(updated_node.value, int(index)).with_changes(
                lpar=updated_node.lpar, rpar=updated_node.rpar)
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> Any:
        """See libcst."""
        if self.resolver.torch(original_node):
            return self._reference(original_node, updated_node)
        if self.resolver.name(original_node):
            return updated_node
        name = original_node.attr.value
        if name in _NAMED and isinstance(original_node.value, cst.Call) and (
                dotted(original_node.value.func) or code(original_node.value.func)).rpartition(".")[2] in _PAIRS:
            item = item_of(updated_node.value, _NAMED[name])
            return item if name == "values" else expression(f"{code(item)}.astype(ms.int64)")
        base = self.kinds.of(original_node.value)
        if base.what == "module":
            return self.layer_attribute(base, original_node, updated_node)
        if original_node in self._functions:
            return updated_node
        if name == "device" and base.what in ("tensor", "unknown") and dotted(original_node.value) not in (
                "self", "args", "config", "cfg", "opt"):
            if base.what == "tensor" or isinstance(original_node.value, cst.Call):
                return expression(_text_of("torch.device"))
        if base.what == "tensor" or name == "data" and base.what == "unknown":
            if name in ("data", "real"):
                return updated_node.value
            entry = entries().get(_TENSOR + name)
            if entry is not None and name not in ("shape", "dtype", "ndim"):
                if base.weight and name == "requires_grad":
                    return updated_node
                try:
                    return self._placed(original_node, updated_node, write(entry, cst.Call(updated_node), code(
                        updated_node.value)))
                except Refused as refused:
                    self.remark(str(refused))
        return updated_node

    def _reference(self, original: Any, updated: Any) -> Any:
        """A name of torch that is not called here."""
        name = self.resolver.torch(original)
        if not name or original in self._functions or isinstance(self._parents.get(original), cst.Attribute):
            return updated
        entry = entries().get(name)
        if name in HELPERS:
            return cst.Name(HELPERS[name])
        if entry is None or not entry.has_counterpart:
            if name not in ("torch", "torch.nn", "torch.nn.functional", "torch.optim"):
                self.remark(f"{name}: {entry.instead if entry else 'the catalogue has nothing for it'}")
            return updated
        if original in self._types or not entry.arguments:
            return expression(entry.short or entry.call)
        needs = entry.translate({row.name: row.name for row in entry.arguments if row.default is None})
        extra = {n: v for n, v in needs.items() if not any(v == row.name for row in entry.arguments)}
        if not entry.call and not extra or self._is_called_later(original):
            return expression(entry.short) if entry.short else updated
        if not entry.call:
            return expression(f"partial({entry.short}, {', '.join(f'{n}={v}' for n, v in extra.items())})")
        given = [row.name for row in entry.arguments if row.default is None]
        self.remark(f"{name} is passed on as a function: only {', '.join(given) or 'no argument'} is handed over")
        taken = ", ".join(row.theirs if row.theirs.startswith("*") else row.name for row in entry.arguments
                          if row.default is None)
        return expression(f"lambda {taken}: {entry.write({n: n for n in given}, len(given))}".replace(
            "lambda :", "lambda:"))

    def _is_called_later(self, original: cst.CSTNode) -> bool:
        """Whether the file calls the name that this class is bound to, so that the arguments are written there."""
        parent = self._parents.get(original)
        return isinstance(parent, (cst.Assign, cst.AnnAssign, cst.Param)) or isinstance(
            parent, cst.Arg) and parent.keyword is not None

    def layer_attribute(self, base: Kind, original: cst.Attribute, updated: cst.Attribute) -> Any:
        """An attribute of a layer: weight of a norm is gamma."""
        name = original.attr.value
        classes: Sequence[str] = base.classes
        if base.own:
            cls = self.facts.classes[base.own]
            if name in cls.methods or name in cls.names and cls.base == "torch.nn.Module":
                return updated
            classes = (cls.base,) if cls.base not in ("", "torch.nn.Module", "torch.nn.Sequential") else ()
        found = {attribute_of(entries()[c], name) for c in classes if c in entries()}
        if not found or found == {name}:
            return updated
        if len(found) > 1:
            self.remark(f"{code(original)} is {' or '.join(sorted(f or 'missing' for f in found))}, by the layer")
            return updated
        ours = found.pop()
        if not ours:
            layers = " or ".join(c.rpartition(".")[2] for c in classes)
            self.remark(f"{code(original)}: {layers} keeps no such attribute here")
            return updated
        return updated.with_changes(attr=cst.Name(ours)) if "." not in ours else expression(
            f"{code(updated.value)}.{ours}")

    # ***** calls *****

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> Any:
        """See libcst."""
        func = original_node.func
        name = self.resolver.torch(func)
        if name:
            if name.startswith("torch.optim."):
                self._optimizers -= 1
            return self._called(name, original_node, updated_node)
        if self.resolver.name(func).startswith("random.") and self.in_forward:
            self.remark(f"GRAPH_MODE draws {code(original_node)} once, when it compiles, and not at every call")
        if code(func) == "super().__init__" and self.owners and self.owners[-1] is not None:
            base = self.owners[-1].base
            entry = entries().get(base)
            if base == _SEQUENTIAL and updated_node.args:
                return one_as_list(Written(updated_node)).tree
            if entry is not None and updated_node.args and base != "torch.nn.ModuleList":
                return self._arguments_only([entry], original_node, updated_node)
            return updated_node
        alias = (dotted(func) or "").removeprefix("self.")
        if alias in self.facts.stands_for and not (isinstance(func, cst.Attribute) and dotted(func.value) != "self"):
            known = [entries()[n] for n in sorted(self.facts.stands_for[alias])]
            return self._arguments_only(known, original_node, updated_node)
        if isinstance(func, cst.Attribute):
            return self._method(original_node, updated_node, func)
        return updated_node

    def _called(self, name: str, original: cst.Call, updated: cst.Call) -> Any:
        entry = entries().get(name)
        if name in ("torch.save", "torch.load"):
            args = [new.with_changes(value=expression(f"str({code(new.value)})")) if self.path(old.value) else new
                    for old, new in zip(original.args, updated.args, strict=True)]
            updated = updated.with_changes(args=args)
        if name == "torch.save" and entry is not None and original.args:
            owner = called_method(original.args[0].value, "state_dict")
            inner = updated.args[0].value
            if owner is not None and isinstance(inner, cst.Call) and isinstance(inner.func, cst.Attribute):
                cell = updated.args[0].with_changes(value=inner.func.value)
                written = write(entry, updated.with_changes(args=[cell, *updated.args[1:]]))
                return self._placed(original, updated, Written(written.tree))
            made = self.saved(original, updated)
            if made is not None:
                return self._placed(original, updated, Written(made))
        if name in HELPERS or name == LOADER and wants_helper(original, self.facts, self.resolver):
            return self._helped(name, updated)
        if entry is None:
            if not name.endswith(_SCALER):
                self.remark(f"{name}: the catalogue has nothing for it")
            return updated
        try:
            if entry.rule:
                return self._placed(original, updated, write_schedule(entry, updated))
            known = columns(original, self.facts, self.resolver) if "columns" in entry.needs else None
            written = write(entry, updated, init=self.keep_init, kinds=self._kinds(original, updated),
                            needs={"columns": known} if known else {})
            if name.startswith("torch.optim.") and self.facts.has_norms:
                written = with_decay_for_all(written)
            if name in ("torch.argmax", "torch.argmin") and self._is_joined(original):
                written = Written(expression(f"{code(written.tree)}.astype(ms.int64)"), written.remarks)
            if name in (_SEQUENTIAL, _LIST):
                written = one_as_list(written) if name == _SEQUENTIAL else made_a_list(written)
            return self._placed(original, updated, written)
        except Refused as refused:
            self.remark(str(refused))
            return updated.with_changes(func=expression(entry.short)) if entry.short and not entry.call else updated

    def _helped(self, name: str, updated: cst.Call) -> cst.Call:
        """A call of a definition that the ported file brings along: it takes theirs' arguments, but not all of them."""
        helper = HELPERS.get(name, name.rpartition(".")[2])
        entry = entries().get(name)
        rows = [row.theirs.lstrip("*") for row in entry.arguments] if entry is not None else []
        takes = ARGUMENTS[helper]
        args = []
        for i, arg in enumerate(updated.args):
            word = arg.keyword.value if arg.keyword else rows[i] if i < len(rows) and not arg.star else ""
            if word in takes or not word:
                named = arg.keyword or i < len(takes) and takes[i] == word or not word
                args.append(arg if named else arg.with_changes(keyword=cst.Name(word), equal=_EQUAL))
            elif row := next((r for r in entry.arguments if r.name == word and r.only) if entry else (), None):
                if code(arg.value) not in row.only:
                    self.remark(f"{word}={code(arg.value)}: {row.note}")
        words = {a.keyword.value for a in updated.args if a.keyword} | set(rows[:len(updated.args)])
        for row in entry.arguments if entry is not None and not entry.has_counterpart else ():
            if row.only and row.name not in words and row.default not in row.only:
                self.remark(f"{row.name}={row.default}: {row.note}")
        if args and updated.args and args[-1] is not updated.args[-1]:
            args[-1] = args[-1].with_changes(comma=updated.args[-1].comma)
        return updated.with_changes(func=cst.Name(helper), args=args)

    def _kinds(self, original: cst.Call, updated: cst.Call, receiver: str = "") -> dict[str, Kind]:
        """What the arguments are, by the source text that they have now."""
        found = {code(new.value).strip(): self.kinds.of(old.value)
                 for old, new in zip(original.args, updated.args, strict=False)}
        return {receiver: TENSOR, **found} if receiver else found

    def _arguments_only(self, known: Sequence[Entry], original: cst.Call, updated: cst.Call) -> Any:
        """A call of a name that stands for these: its arguments become ours, the name stays."""
        made: dict[str, Written] = {}
        for entry in known:
            try:
                written = write(entry, updated, init=self.keep_init, kinds=self._kinds(original, updated))
            except Refused as refused:
                self.remark(str(refused))
                return updated
            if not isinstance(written.tree, cst.Call):
                self.remark(f"{code(original.func)} may be {entry.name}, which is written as {code(written.tree)}")
                return updated
            made[code(written.tree.with_changes(func=cst.Name("f")))] = written
        if len(made) != 1:
            self.remark(f"{code(original.func)} may be {' or '.join(e.name for e in known)}, which take other "
                        f"arguments: {' or '.join(code(w.tree) for w in made.values())}")
            return updated
        written = next(iter(made.values()))
        for text in written.remarks:
            self.remark(text)
        return updated.with_changes(args=written.tree.args)

    # ***** methods *****

    def _method(self, original: cst.Call, updated: cst.Call, func: cst.Attribute) -> Any:
        name = func.attr.value
        base = self.kinds.of(func.value)
        receiver = code(updated.func.value) if isinstance(updated.func, cst.Attribute) else code(updated.func)
        own = self.facts.classes.get(base.own)
        if own is not None and name in own.methods:
            return updated
        if base.is_python or base.what in ("array", "device") or base == UNKNOWN and code(func.value) in _OURS:
            return updated
        if name == "load_state_dict" and self.restores_optimizer(original):
            return updated      # the statement goes
        if name == "zero_grad" and isinstance(self._parents.get(original), cst.Expr):
            return updated      # the statement goes
        if name == "manual_seed":
            return expression(f"ms.set_seed({', '.join(code(a.value) for a in updated.args)})")
        if self._moves(name, original, base):
            return updated.func.value if isinstance(updated.func, cst.Attribute) else updated
        if base.what == "module" or base.what == "unknown" and (
                code(func.value) == "super()" or dotted(func.value) in self.facts.modules):
            return self._of_module(name, original, updated, receiver, base)
        if base.what in ("optimizer", "scheduler"):
            return self._of_optimizer(name, original, updated, receiver, base)
        if name == "to":
            return self._cast(original, updated, receiver, base)
        if name == "requires_grad_" and base.weight and isinstance(self._parents.get(original), cst.Expr):
            return updated      # see leave_Expr
        plain_name = name.rstrip("_")
        entry = entries().get(_TENSOR + name) or entries().get(_TENSOR + plain_name)
        if entry is None:
            if base.what == "tensor" and not hasattr(Tensor, name):
                self.remark(f"Tensor.{name}: the catalogue has nothing for it")
            return updated
        if base.what == "unknown" and not self._looks_like_a_tensor(name, original):
            return updated
        may_be_array = base.what == "unknown" and name in _NUMPY and self.facts.uses_numpy and not self.in_forward
        if _TENSOR + name not in entries() and name.endswith("_"):
            self._note_inner_inplace(original, name)
        try:
            made = self._placed(original, updated, write(entry, updated, receiver,
                                                         kinds=self._kinds(original, updated, receiver)))
        except Refused as refused:
            self.remark(str(refused))
            return updated
        if name in ("argmax", "argmin") and self._is_joined(original):
            made = expression(f"{code(made)}.astype(ms.int64)")
        if may_be_array and name not in _TENSORS_FORM and code(made) != code(updated) and (
                not self._only_tensors(original)):
            self.remark(f"{code(original)} is taken for a Tensor's method; leave it as it was for a NumPy array")
        return made

    def _is_joined(self, node: cst.Call) -> bool:
        """Whether a result is put together with others, which are int64 in torch; ours is int32."""
        return node in self._joined or any(node in values and name in self._joined_names
                                           for name, values in self.facts.values.items())

    def _only_tensors(self, node: cst.CSTNode) -> bool:
        """Whether a chain of methods has one that arrays lack."""
        while isinstance(node, (cst.Call, cst.Attribute, cst.Subscript)):
            name = node.attr.value if isinstance(node, cst.Attribute) else ""
            if name and name not in _NUMPY and _TENSOR + name in entries():
                return True
            node = node.func if isinstance(node, cst.Call) else node.value
        return False

    def _cast(self, original: cst.Call, updated: cst.Call, receiver: str, base: Kind) -> Any:
        """`x.to(...)` with a dtype, or with a tensor whose dtype is meant; devices go."""
        kept = [(old, new) for old, new in zip(original.args, updated.args, strict=True)
                if (old.keyword is None or old.keyword.value in ("dtype", "other"))
                and not self.kinds.is_device(old.value)]
        kept = [pair for pair in kept if code(pair[0].value) not in ("True", "False")]
        entry = entries().get(_TENSOR + "to")
        if len(kept) != 1 or entry is None or base.what == "unknown" and not kept:
            self.remark(f"{code(original)}: say which dtype is meant, with astype(...)")
            return updated
        old, new = kept[0]
        text = code(new.value)
        certain = self.resolver.torch(old.value) or text.endswith("dtype")
        if self.kinds.of(old.value).what == "tensor":
            text, certain = f"{text}.dtype", True
        written = write(entry, cst.Call(cst.Name("to"), [cst.Arg(expression(text))]), receiver)
        return self._placed(original, updated, Written(written.tree, () if certain else written.remarks))

    def _note_inner_inplace(self, original: cst.Call, name: str) -> None:
        """An in-place method whose result is used: the name that it was called on keeps its old value here."""
        parent = self._parents.get(original)
        chained = isinstance(parent, cst.Attribute) and parent.attr.value.endswith("_")
        if not isinstance(parent, (cst.Expr, cst.Return)) and not chained:
            root = original.func.value if isinstance(original.func, cst.Attribute) else original
            if isinstance(root, (cst.Name, cst.Subscript)):
                self.remark(f".{name} wrote into {code(root)}; here {code(root)} keeps its value")

    def _looks_like_a_tensor(self, name: str, original: cst.Call) -> bool:
        """Whether a method of this name on a value nobody knows is a Tensor's."""
        if any(name in cls.methods for cls in self.facts.classes.values()) or name in _PYTHON:
            return False
        root: cst.CSTNode = original
        while isinstance(root, (cst.Call, cst.Attribute, cst.Subscript)):
            root = root.func if isinstance(root, cst.Call) else root.value
            if self.resolver.name(root) and not self.resolver.torch(root):
                return False
        return True

    def _moves(self, name: str, original: cst.Call, base: Kind) -> bool:
        """Whether a method only moves a value to a device, or has nothing to do here."""
        if name in _MOVES and not (name == "contiguous" and base.what == "unknown" and not self.facts.uses_torch):
            return True
        if name == "to" and original.args:
            first = original.args[0]
            if first.keyword is not None and first.keyword.value not in ("device", "non_blocking"):
                return False
            return self.kinds.is_device(first.value) and len(
                [a for a in original.args if a.keyword is None or a.keyword.value == "dtype"]) <= 1
        return False

    def _of_module(self, name: str, original: cst.Call, updated: cst.Call, receiver: str, base: Kind) -> Any:
        """A method that modules have: those of the catalogue, `forward`, and containers' own."""
        if name == "set_train":
            return updated      # written by an earlier pass
        if name == "forward":
            return updated.with_changes(func=updated.func.with_changes(attr=cst.Name("construct")))
        if name == "parameters" and not updated.args:      # get_parameters() gives buffers, too
            trained = self._optimizers or not self.facts.freezes
            text = f"{receiver}.trainable_params()" if trained else f"parameters_of({receiver})"
            parent = self._parents.get(original)
            given = self._parents.get(parent) if isinstance(parent, cst.Arg) else None
            is_next = isinstance(given, cst.Call) and dotted(given.func) == "next"
            return expression(f"iter({text})" if is_next else text)
        if name == "__init__" or name in dict(base.parts):
            return updated
        entry = next((entries()[n] for n in [f"{c}.{name}" for c in base.classes] + [_MODULE + name]
                      if n in entries()), None)
        if entry is None:
            if base.what == "module" and base.classes:
                self.remark(f"{code(original.func)}: the catalogue has nothing for it")
            return updated
        try:
            return self._placed(original, updated, write(entry, updated, receiver))
        except Refused as refused:
            self.remark(str(refused))
            return updated

    def _of_optimizer(self, name: str, original: cst.Call, updated: cst.Call, receiver: str, base: Kind) -> Any:
        home = "torch.optim.Optimizer." if base.what == "optimizer" else "torch.optim.lr_scheduler.LRScheduler."
        entry = entries().get(home + name)
        if base.what == "scheduler" and name in ("step", "get_last_lr") and (
                not original.args or base.classes[:1] == (_PLATEAU,)):
            return updated      # Schedule has these, too
        try:
            if entry is not None:
                return self._placed(original, updated, write(entry, updated, receiver))
            if name == "step":
                self.remark("an optimizer is called with the gradients: optimizer(grads)")
            elif not isinstance(self._parents.get(original), cst.DictElement):      # see saved
                self.remark(f"{code(original)}: the catalogue has nothing for it")
        except Refused as refused:
            self.remark(str(refused))
        return updated

    def _placed(self, original: Any, updated: Any, written: Written) -> Any:
        """The new expression where the old one stood; comments that found no place go above the statement."""
        for text in written.remarks:
            self.remark(text)
        left = comments(updated)
        for text in comments(written.tree):
            if text in left:
                left.remove(text)
        for text in left:
            self.keep_comment(text)
        return in_place_of(updated, written.tree, self._parents.get(original))

    # ***** statements *****

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> Any:
        """See libcst."""
        owner = self.owners[-1]
        super().leave_FunctionDef(original_node, updated_node)
        if owner is not None and owner.is_module and original_node.name.value == "forward":
            return updated_node.with_changes(name=cst.Name("construct"))
        return updated_node

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """Takes out what does nothing any more: x = x.to(device), model.cuda()."""
        before, after = simple(original_node), simple(updated_node)
        if isinstance(after, cst.Assign) and len(after.targets) == 1:
            if code(after.targets[0].target).strip("() ") == code(after.value).strip("() "):
                return self.taken_out(updated_node)
        if isinstance(before, cst.Assign) and isinstance(before.value, cst.Call) and self.resolver.torch(
                before.value.func).endswith(_SCALER):
            if not any(code(a) in ("enabled=False", "False") for a in before.value.args):
                self.remark("a scaler of losses is needed in float16 only: ms.amp.DynamicLossScaler")
            return self.taken_out(updated_node)
        if self.restores_optimizer(before):
            self.remark(f"{code(original_node).strip()}: its state is not in the checkpoint")
            return self.taken_out(updated_node)
        scaler = called_method(before, "update", "unscale_")
        made = self.facts.values.get(dotted(scaler) or "", ()) if scaler is not None else ()
        if made and all(isinstance(v, cst.Call) and self.resolver.torch(v.func).endswith(_SCALER) for v in made):
            return self.taken_out(updated_node)
        if called_method(before, "zero_grad") is not None:
            return self.taken_out(updated_node)     # gradients are not kept here
        if isinstance(before, cst.Expr) and isinstance(before.value, cst.Call) and isinstance(after, cst.Expr):
            if dotted(after.value):
                return self.taken_out(updated_node)
        return updated_node


def _text_of(name: str) -> str:
    entry = entries().get(name)
    return (entry.call or entry.short) if entry else "None"
