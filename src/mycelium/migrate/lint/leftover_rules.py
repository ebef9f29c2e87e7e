"""MYC3xx: what is left over from PyTorch."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from mycelium import nn
from mycelium.migrate.differences.catalogue import entries
from mycelium.migrate.lint.registry import Hit, rule
from mycelium.migrate.lint.source import Source, methods

_TORCH = ("torch", "torchvision", "torchaudio", "timm")
_STATE_METHODS = {"parameters": "trainable_params() or get_parameters()", "named_parameters": "parameters_and_names()",
                  "named_modules": "cells_and_names()", "children": "cells()", "named_children": "name_cells()",
                  "modules": "cells_and_names()", "state_dict": "parameters_dict()",
                  "load_state_dict": "ms.load_param_into_net(net, parameters)"}
_IN_PLACE = {"add_", "sub_", "mul_", "div_", "zero_", "fill_", "copy_", "clamp_", "relu_", "normal_", "uniform_",
             "requires_grad_", "squeeze_", "unsqueeze_", "detach_", "exp_", "sqrt_", "masked_fill_", "scatter_"}


def _methods_called(source: Source) -> Iterator[tuple[ast.Call, ast.Attribute]]:
    """Calls of methods of objects, not of imported modules; only where MindSpore is imported."""
    if source.uses_mindspore:
        for call, path in source.calls():
            if isinstance(call.func, ast.Attribute) and not path and not _is_torch(source, call.func):
                yield call, call.func


def _is_torch(source: Source, node: ast.AST) -> bool:
    return any(source.path(inner).partition(".")[0] in _TORCH for inner in ast.walk(node))


@rule("MYC301", "forward in place of construct",
      reason="a Cell runs its method `construct`; `forward` is never called",
      fix="rename it to construct",
      bad="class Net(nn.Cell):\n    def forward(self, x):\n        return x\n",
      good="class Net(nn.Cell):\n    def construct(self, x):\n        return x\n")
def forward(source: Source) -> Iterator[Hit]:
    for cell in source.cells.values():
        inside = methods(cell)
        if "forward" in inside and "construct" not in inside:
            yield inside["forward"], f"'{cell.name}' has forward and no construct"


@rule("MYC302", "loss.backward()",
      reason="gradients are functions here: nothing is kept in Tensors for a backward pass",
      fix="use ms.value_and_grad(forward, None, net.trainable_params()), ops.GradOperation or nn.TrainOneStepCell",
      bad="loss = net(x)\nloss.backward()", good="step = nn.TrainOneStepCell(net, optimizer)\nloss = step(x)")
def backward(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        if name.attr == "backward" and "hook" not in ast.unparse(name.value):
            yield call, f"'{ast.unparse(call)}' is PyTorch's way of computing gradients"


@rule("MYC303", "zero_grad and step of an optimizer",
      reason="gradients do not accumulate, and an optimizer is called with them",
      fix="leave zero_grad out, and write optimizer(gradients) for optimizer.step()",
      bad="optimizer.zero_grad()", good="optimizer(gradients)")
def optimizer_methods(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        owner = ast.unparse(name.value).lower()
        steps = name.attr == "step" and ("optim" in owner or "sched" in owner or owner.endswith("opt"))
        if name.attr == "zero_grad" or steps:
            yield call, f"optimizers have no '{name.attr}' here"


@rule("MYC304", "moving objects between devices",
      reason="the device is chosen once for the program; Tensors and Cells are not moved",
      fix="leave it out, and write ms.set_context(device_target='GPU') at the start",
      bad="net = net.cuda()", good="ms.set_context(device_target='GPU')")
def devices(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        moved = name.attr == "to" and call.args and ("device" in ast.unparse(call.args[0]) or (
            isinstance(call.args[0], ast.Constant) and str(call.args[0].value).partition(":")[0] in ("cpu", "cuda")))
        if name.attr in ("cuda", "cpu") and not call.args or moved:
            yield call, f"'.{name.attr}' moves an object to a device"


@rule("MYC305", "torch beside mindspore",
      reason="Tensors of the two do not mix, and NumPy arrays between them cut gradients",
      fix="write it with mindspore, as `mycelium differences` shows for each name; load weights with "
          "`mycelium weights convert`",
      bad="import torch", good="import numpy as np")
def torch_import(source: Source) -> Iterator[Hit]:
    if source.uses_mindspore:
        for node in source.walk():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else \
                [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for name in names:
                if name.partition(".")[0] in _TORCH:
                    yield node, f"'{name}' is imported beside mindspore"


@rule("MYC306", "methods of torch modules",
      reason="Cells have other names for them",
      fix="write parameters_and_names(), cells_and_names(), trainable_params(), parameters_dict()",
      bad="count = len(list(net.parameters()))", good="count = len(net.trainable_params())")
def module_methods(source: Source) -> Iterator[Hit]:
    own = {name for cls in source.classes.values() for name in methods(cls)}
    for call, name in _methods_called(source):
        if name.attr in _STATE_METHODS and name.attr not in own:
            yield call, f"Cells have no method '{name.attr}'", f"write {_STATE_METHODS[name.attr]}"


@rule("MYC307", "train() and eval() of a network",
      reason="a Cell starts in evaluation mode and changes it by set_train",
      fix="write net.set_train() or net.set_train(False)",
      bad="net.eval()", good="net.set_train(False)")
def train_and_eval(source: Source) -> Iterator[Hit]:
    own = {name for cls in source.classes.values() for name in methods(cls)}
    for call, name in _methods_called(source):
        if name.attr in ("train", "eval") and not call.args and not call.keywords and name.attr not in own:
            yield call, f"'{ast.unparse(call)}' is PyTorch's", \
                "write set_train()" if name.attr == "train" else "write set_train(False)"


@rule("MYC308", "detach and requires_grad_",
      reason="there is no tape to detach from: gradients stop where the program says so",
      fix="write ops.stop_gradient(x), and parameter.requires_grad = False",
      bad="y = x.detach()", good="y = ops.stop_gradient(x)")
def detach(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        if name.attr in ("detach", "requires_grad_", "detach_", "retain_grad") and not call.args:
            yield call, f"Tensors have no method '{name.attr}'"


@rule("MYC309", "methods that change a Tensor in place",
      reason="Tensors are values, and methods with a trailing underscore do not exist",
      fix="assign the result, as in x = x.clip(0, 1), or write x[...] = value",
      bad="x.clamp_(0, 1)", good="x = x.clip(0, 1)")
def in_place(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        if name.attr in _IN_PLACE and name.attr not in ("requires_grad_", "detach_"):
            yield call, f"Tensors have no method '{name.attr}'"


@rule("MYC310", "a name of torch.nn",
      reason="mindspore.nn calls it by another name, or has none",
      fix="use the name that `mycelium differences` shows for it",
      bad="layer = nn.Linear(3, 4)", good="layer = nn.Dense(3, 4)")
def foreign_name(source: Source) -> Iterator[Hit]:
    for node in source.walk():
        if isinstance(node, ast.Attribute):
            path = source.path(node)
            owner, _, name = path.rpartition(".")
            entry = entries().get(f"torch.nn.{name}") if owner == "mindspore.nn" else None
            if entry is not None and entry.ours != path and not hasattr(nn, name):
                fix = f"write {entry.short}" if entry.ours else entry.instead or "see `mycelium differences`"
                yield node, f"mindspore.nn has no '{name}'", fix.rstrip(".")


@rule("MYC311", "size() as a method",
      reason="Tensor.size is the number of elements; the lengths of the axes are in Tensor.shape",
      fix="write x.shape, or x.shape[0]",
      bad="n = x.size(0)", good="n = x.shape[0]")
def size(source: Source) -> Iterator[Hit]:
    for call, name in _methods_called(source):
        plain = not call.keywords and len(call.args) <= 1 and not isinstance(name.value, ast.Call)
        index = not call.args or isinstance(call.args[0], (ast.Constant, ast.UnaryOp))
        if name.attr == "size" and plain and index:
            yield call, f"'{ast.unparse(call)}' calls a number"
