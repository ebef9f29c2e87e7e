"""Files of weights: torch.save takes any object, a checkpoint of MindSpore holds the weights of one network."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import called_method, code, dotted, expression, literal_text

_SUFFIXES = (".pth.tar", ".pth", ".pt")


class Checkpoints(Pass):
    """The part of `Calls` that answers for torch.save({...}), load_state_dict(checkpoint["model"]) and file names."""

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> Any:
        """Names of files that the program saves or loads."""
        return updated_node.with_changes(value=self._renamed(updated_node.value, updated_node.quote))

    def leave_FormattedString(self, original_node: cst.FormattedString, updated_node: cst.FormattedString) -> Any:
        """f"{folder}/best.pth"."""
        last = updated_node.parts[-1] if updated_node.parts else None
        if not isinstance(last, cst.FormattedStringText):
            return updated_node
        renamed = last.with_changes(value=self._renamed(last.value, ""))
        return updated_node.with_changes(parts=[*updated_node.parts[:-1], renamed])

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Any:
        """`missing, unexpected = net.load_state_dict(state, strict=False)`: ours returns the first of them."""
        super().leave_Assign(original_node, updated_node)
        entry = updated_node.targets[0].target
        if isinstance(entry, cst.Subscript) and self._is_state(entry.value):       # of live weights here
            made = expression(f"{code(entry)}.set_data({code(updated_node.value)})")
            return cst.Expr(made)
        call, target = original_node.value, original_node.targets[0].target
        net = called_method(call, "load_state_dict")
        if net is None or not isinstance(call, cst.Call) or not isinstance(target, cst.Tuple):
            return updated_node
        names, net_text = code(call.args[0].value), code(net)
        rest = f"[name for name in {names} if name not in {net_text}.parameters_dict()]"
        return updated_node.with_changes(value=expression(f"{code(updated_node.value)}, {rest}"))

    def _is_state(self, node: cst.BaseExpression) -> bool:
        """Whether a name stands for what state_dict() gave."""
        values = self.facts.values.get(dotted(node) or "", ())
        return bool(values) and all(called_method(v, "state_dict") is not None for v in values)

    def path(self, node: cst.BaseExpression) -> bool:
        """Whether a file's name may be a Path, which a checkpoint's may not."""
        if isinstance(node, cst.BinaryOperation):
            return isinstance(node.operator, cst.Divide)
        if isinstance(node, cst.Call):
            return self.resolver.name(node.func) == "pathlib.Path"
        return any(self.path(value) for value in self.facts.values.get(dotted(node) or "", ()))

    def _renamed(self, text: str, quote: str) -> str:
        inner = text.removesuffix(quote)
        suffix = next((s for s in _SUFFIXES if inner.endswith(s)), "")
        return inner.removesuffix(suffix) + ".ckpt" + quote if suffix and self.facts.keeps_files else text

    def saved(self, call: cst.Call, updated: cst.Call) -> cst.Call | None:
        """torch.save({"model": net.state_dict(), "epoch": epoch}, path), None for anything else."""
        table, *rest = [arg.value for arg in call.args]
        if not isinstance(table, cst.Dict) or len(rest) != 1:
            return None
        nets, numbers, lost = [], [], []
        for element in table.elements:
            key = element.key if isinstance(element, cst.DictElement) else None
            owner = called_method(element.value, "state_dict")
            if key is None:
                return None
            if owner is None:
                numbers.append(f"{code(key)}: {code(element.value)}")
            elif self._takes_steps(owner):
                lost.append(code(owner))
            else:
                nets.append(code(owner))
        if len(nets) != 1:
            return None
        for name in lost:
            self.remark(f"the state of {name} is not saved: ms.save_checkpoint({name}, ...) writes it to its own file")
        if any(self.kinds.of(e.value).what not in ("number", "unknown") for e in table.elements
               if called_method(e.value, "state_dict") is None):
            self.remark("append_dict holds numbers")
        more = f", append_dict={{{', '.join(numbers)}}}" if numbers else ""
        made = expression(f"ms.save_checkpoint({nets[0]}, {code(updated.args[1].value)}{more})")
        return made if isinstance(made, cst.Call) else None

    def loaded_part(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """The checkpoint in checkpoint["model"] and torch.load(path)["model"]: it has no parts here."""
        if not isinstance(node, cst.Subscript) or len(node.slice) != 1:
            return None
        index = node.slice[0].slice
        if not isinstance(index, cst.Index) or literal_text(index.value) is None:
            return None
        values = self.facts.values.get(dotted(node.value) or "", ()) or (node.value,)
        return node.value if all(isinstance(v, cst.Call) and self.resolver.torch(v.func) == "torch.load"
                                 for v in values) else None

    def restores_optimizer(self, statement: cst.CSTNode | None) -> bool:
        """Whether a statement gives an optimizer or a schedule its state back."""
        owner = called_method(statement, "load_state_dict")
        return owner is not None and self._takes_steps(owner)

    def _takes_steps(self, owner: cst.BaseExpression) -> bool:
        """Whether it is an optimizer or a schedule, by what it is or by its name."""
        name = code(owner).lower()
        return self.kinds.of(owner).what in ("optimizer", "scheduler") or "optim" in name or "sched" in name
