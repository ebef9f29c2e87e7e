"""Sequences of different lengths: torch packs them for a recurrent layer, ours takes their lengths beside them."""
from __future__ import annotations

from typing import Any

import libcst as cst

from mycelium.migrate.port.passes import Pass
from mycelium.migrate.port.text import code, expression, simple, walk

_PACK, _PAD = "torch.nn.utils.rnn.pack_padded_sequence", "torch.nn.utils.rnn.pad_packed_sequence"


class Packing(Pass):
    """`rnn(pack_padded_sequence(x, lengths))` and what unpacks its result, where one function has all of it."""

    def __init__(self, wrapper: cst.MetadataWrapper) -> None:
        super().__init__(wrapper)
        self._packed: dict[cst.CSTNode, tuple[str, str]] = {}       # calls of layers: the padded input, its lengths
        self._unpacked: dict[cst.CSTNode, str] = {}                 # calls that pad again: the lengths
        self._gone: set[cst.CSTNode] = set()
        for function in (n for n in walk(wrapper.module) if isinstance(n, cst.FunctionDef)):
            self._read(function)

    def _read(self, function: cst.FunctionDef) -> None:
        packs: dict[str, tuple[str, str]] = {}
        outputs: dict[str, str] = {}
        for statement in (n for n in walk(function) if isinstance(n, cst.SimpleStatementLine)):
            small = simple(statement)
            call = small.value if isinstance(small, (cst.Assign, cst.Return)) else None
            if not isinstance(small, cst.Assign) or not isinstance(call, cst.Call):
                continue
            target = small.targets[0].target
            pair = self._pack(call)
            if pair is not None and isinstance(target, cst.Name):
                packs[target.value] = pair
                self._gone.add(statement)
                continue
            given = code(call.args[0].value) if call.args else ""
            pair = packs.get(given) or (self._pack(call.args[0].value) if call.args else None)
            if pair is not None:
                self._packed[call] = pair
                if isinstance(target, cst.Tuple) and isinstance(target.elements[0].value, cst.Name):
                    outputs[target.elements[0].value.value] = pair[1]
            elif self.resolver.torch(call.func) == _PAD and given in outputs:
                self._unpacked[call] = outputs[given]

    def _pack(self, node: cst.BaseExpression) -> tuple[str, str] | None:
        if not isinstance(node, cst.Call) or self.resolver.torch(node.func) != _PACK or len(node.args) < 2:
            return None
        return code(node.args[0].value), code(node.args[1].value)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> Any:
        """The layer gets lengths; what pads again has the result already."""
        if original_node in self._packed:
            inputs, lengths = self._packed[original_node]
            state = code(updated_node.args[1].value) if len(updated_node.args) > 1 else "None"
            return expression(f"{code(updated_node.func)}({inputs}, {state}, {lengths})")
        if original_node in self._unpacked:
            return expression(f"({code(updated_node.args[0].value)}, {self._unpacked[original_node]})")
        return updated_node

    def leave_SimpleStatementLine(self, original_node: cst.SimpleStatementLine,
                                  updated_node: cst.SimpleStatementLine) -> Any:
        """The statement that packs goes; so does h, _ = (h, lengths) of a result that nobody asks for the lengths."""
        if original_node in self._gone:
            return self.taken_out(updated_node)
        before, after = simple(original_node), simple(updated_node)
        if isinstance(before, cst.Assign) and before.value in self._unpacked and isinstance(after, cst.Assign):
            target = after.targets[0].target
            if isinstance(target, cst.Tuple) and isinstance(after.value, cst.Tuple):
                first, second = (e.value for e in target.elements)
                if code(first) == code(after.value.elements[0].value) and code(second).startswith("_"):
                    return self.taken_out(updated_node)
        return updated_node
