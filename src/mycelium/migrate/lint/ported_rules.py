"""MYC2xx: arguments that mean something else than in PyTorch, or that ours does not have."""
from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache

from mycelium import ops
from mycelium.migrate.differences.catalogue import entries
from mycelium.migrate.differences.entry import Entry
from mycelium.migrate.lint.registry import Hit, rule
from mycelium.migrate.lint.source import Source, argument, has_unpacking, number

_NORMS = {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "InstanceNorm1d", "InstanceNorm2d",
          "InstanceNorm3d"}
_CONVS = {"Conv1d", "Conv2d", "Conv3d", "Conv1dTranspose", "Conv2dTranspose", "Conv3dTranspose"}


@rule("MYC201", "keep_prob that looks like a drop rate",
      reason="keep_prob is the share of elements that stays; PyTorch's p is the share that goes",
      fix="write keep_prob=1 - p",
      bad="drop = nn.Dropout(0.1)", good="drop = nn.Dropout(keep_prob=0.9)")
def keep_prob(source: Source) -> Iterator[Hit]:
    for call, path in source.calls():
        if path in ("mindspore.nn.Dropout", "mindspore.ops.Dropout", "mindspore.ops.Dropout2D",
                    "mindspore.ops.Dropout3D"):
            value = argument(call, 0, "keep_prob")
            known = number(value)
            if value is not None and known is not None and known < 0.5:
                yield value, f"keep_prob={known:g} keeps {known:.0%} of the elements and drops {1 - known:.0%}"
            elif value is not None and known is None and _is_drop_rate(value):
                yield value, f"keep_prob is given '{ast.unparse(value)}', which by its name is a drop rate"


def _is_drop_rate(node: ast.expr) -> bool:
    """Whether an expression is one name that speaks of dropping, with nothing taken from 1."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return False
    name = (node.id if isinstance(node, ast.Name) else node.attr).lower()
    return ("drop" in name or name in ("p", "pdrop")) and "keep" not in name


@rule("MYC202", "BatchNorm momentum as in PyTorch",
      reason="momentum is the share of the old statistics that stays; PyTorch's is the share of the new ones",
      fix="write momentum=1 - PyTorch's, 0.9 for its default of 0.1",
      bad="bn = nn.BatchNorm2d(8, momentum=0.1)", good="bn = nn.BatchNorm2d(8, momentum=0.9)")
def momentum(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        if name in _NORMS:
            value = argument(call, 2, "momentum")
            known = number(value)
            if value is not None and known is not None and 0 < known <= 0.5:
                yield value, f"momentum={known:g} replaces {1 - known:.0%} of the running statistics at each step"


@rule("MYC203", "padding without pad_mode='pad'",
      reason="pad_mode is 'same' by default, where `padding` should be 0, and only pad_mode='pad' uses it",
      fix="add pad_mode='pad'",
      bad="conv = nn.Conv2d(3, 8, 3, padding=1)", good="conv = nn.Conv2d(3, 8, 3, pad_mode='pad', padding=1)")
def padding(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        value = argument(call, 5, "padding")
        if name in _CONVS and value is not None and number(value) != 0:
            mode = argument(call, 4, "pad_mode")
            if mode is None and not has_unpacking(call) or _text(mode) in ("same", "valid"):
                yield call, f"'{name}' is given padding, but pad_mode is {_text(mode) or 'same'!r}"


@rule("MYC204", "the default pad_mode beside a kernel",
      reason="the default pad_mode='same' keeps the size; PyTorch's layers do not pad unless told",
      fix="say which is meant: pad_mode='valid' is PyTorch's default, pad_mode='pad' takes a padding, 'same' stays",
      bad="conv = nn.Conv2d(3, 8, 3)", good="conv = nn.Conv2d(3, 8, 3, pad_mode='valid')")
def default_pad_mode(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        kernel = argument(call, 2, "kernel_size")
        if name in _CONVS and kernel is not None and not has_unpacking(call) and not _is_one(kernel):
            given = argument(call, 4, "pad_mode") or argument(call, 5, "padding")
            if given is None:
                yield call, f"'{name}' pads to keep the size, as pad_mode is not given"


def _is_one(node: ast.expr) -> bool:
    values = node.elts if isinstance(node, ast.Tuple) else [node]
    return all(number(value) == 1 for value in values)


def _text(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@rule("MYC205", "an argument of PyTorch's",
      reason="the layer or function has another name for it, or does without",
      fix="use the name that `mycelium differences` shows for it",
      bad="conv = nn.Conv2d(3, 8, 1, bias=False)", good="conv = nn.Conv2d(3, 8, 1, has_bias=False)")
def foreign_argument(source: Source) -> Iterator[Hit]:
    for call, path in source.calls():
        for entry in _counterparts(path):
            names = {row.name: row for row in entry.arguments}
            unknown = [k for k in call.keywords if k.arg in names and k.arg != "dim" and entry.signature and
                       k.arg not in entry.signature and "kwargs" not in entry.signature]
            for keyword in unknown:
                row = names[keyword.arg or ""]
                if row.target is None:
                    fix = f"leave it out: {row.drop}" if row.drop else "leave it out"
                else:
                    value = row.expression.replace("{" + row.name + "}", ast.unparse(keyword.value))
                    value = f"..., as `mycelium differences {entry.name}` shows" if "{" in value else value
                    fix = f"write {row.target.lstrip('*')}={value}"
                yield (keyword.value, f"'{ast.unparse(call.func)}' has no argument '{keyword.arg}', which is that of "
                                      f"{entry.name}", fix)
            if unknown:
                break


def _counterparts(path: str) -> list[Entry]:
    return _by_ours().get(path, []) if path.startswith(("mindspore.nn.", "mindspore.ops.")) else []


@cache
def _by_ours() -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries().values():
        if entry.name.startswith("torch."):
            found.setdefault(entry.ours, []).append(entry)
    return found


@rule("MYC206", "cross entropy as it is by default",
      reason="SoftmaxCrossEntropyWithLogits takes one-hot labels and returns a loss for each example by default",
      fix="write sparse=True, reduction='mean' for what torch.nn.CrossEntropyLoss does with class numbers",
      bad="loss = nn.SoftmaxCrossEntropyWithLogits()",
      good="loss = nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction='mean')")
def cross_entropy(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        if name == "SoftmaxCrossEntropyWithLogits" and not call.args and not call.keywords:
            yield call


@rule("MYC207", "LayerNorm of a number",
      reason="normalized_shape should be a tuple or a list",
      fix="write nn.LayerNorm((n,))",
      bad="norm = nn.LayerNorm(64, epsilon=1e-5)", good="norm = nn.LayerNorm((64,), epsilon=1e-5)")
def layer_norm_shape(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        value = argument(call, 0, "normalized_shape")
        if name == "LayerNorm" and isinstance(number(value), int):
            yield value or call


@rule("MYC208", "LayerNorm with the default epsilon",
      reason="epsilon is 1e-7 by default, PyTorch's eps is 1e-5: outputs differ where the variance is small",
      fix="write epsilon=1e-5 for what PyTorch does, or epsilon=1e-7 if that is meant",
      bad="norm = nn.LayerNorm((64,))", good="norm = nn.LayerNorm((64,), epsilon=1e-5)")
def layer_norm_epsilon(source: Source) -> Iterator[Hit]:
    for call, name in source.layer_calls():
        if name == "LayerNorm" and argument(call, 5, "epsilon", "eps") is None and not has_unpacking(call):
            yield call


@rule("MYC209", "a loss in float16",
      reason="sums and logarithms of a loss lose their small terms in float16, and overflow above 65504",
      fix="leave the loss in float32: to_float(ms.float16) belongs on the network alone",
      bad="loss = nn.MSELoss().to_float(ms.float16)", good="loss = nn.MSELoss()")
def half_loss(source: Source) -> Iterator[Hit]:
    for call, _ in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "to_float" and call.args and \
                source.path(call.args[0]).endswith((".float16", ".half")):
            made = source.path(call.func.value.func) if isinstance(call.func.value, ast.Call) else ""
            name = call.func.value.id if isinstance(call.func.value, ast.Name) else made.rpartition(".")[2]
            if "loss" in name.lower() or "CrossEntropy" in name:
                yield call, f"the loss '{ast.unparse(call.func.value)}' is computed in float16"


@rule("MYC210", "amp level O3 without a loss scale",
      reason="at O3 everything is float16, and gradients below 6e-8 become zero",
      fix="pass loss_scale_manager=ms.FixedLossScaleManager(...), or use amp_level='O2'",
      bad="model = ms.Model(net, loss_fn, optimizer, amp_level='O3')",
      good="model = ms.Model(net, loss_fn, optimizer, amp_level='O2')")
def no_loss_scale(source: Source) -> Iterator[Hit]:
    for call, path in source.calls():
        if path == "mindspore.Model" and _text(argument(call, None, "amp_level")) == "O3" and \
                argument(call, None, "loss_scale_manager") is None:
            yield call


@rule("MYC211", "transpose that swaps two axes",
      reason="transpose takes the new order of all axes; PyTorch's takes two axes to swap",
      fix="write all axes in their new order, as in x.transpose(0, 2, 1), or use swapaxes",
      bad="y = x.transpose(1, 2)", good="y = x.transpose(0, 2, 1)")
def transpose(source: Source) -> Iterator[Hit]:
    for call, path in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "transpose" and not path and \
                len(call.args) == 2 and not call.keywords and source.uses_mindspore:
            axes = [number(value) for value in call.args]
            if None not in axes and set(axes) not in ({0, 1}, {-1, -2}):
                yield call, f"'{ast.unparse(call)}' names two axes, which are not those of a matrix"


@rule("MYC212", "dim and keepdim",
      reason="axes are called `axis` here, and keeping them `keep_dims` (functions of 2.0: `keepdims`)",
      fix="write axis, and keep_dims for keepdim",
      bad="y = ops.softmax(x, dim=1)", good="y = ops.softmax(x, axis=1)")
def dim(source: Source) -> Iterator[Hit]:
    for call, path in source.calls():
        for keyword in call.keywords if source.uses_mindspore else ():
            if keyword.arg == "dim" and (not path and _reduces(call) or _lacks_dim(path)):
                yield keyword.value, f"'{ast.unparse(call.func)}' is given 'dim'"


def _lacks_dim(path: str) -> bool:
    """Whether a function of mindspore.ops has no argument of this name (some, such as gather_elements, do)."""
    function = getattr(ops, path.removeprefix("mindspore.ops."), None) if path.startswith("mindspore.ops.") else None
    return callable(function) and "dim" not in inspect.signature(function).parameters


def _reduces(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in (
        "sum", "mean", "max", "min", "argmax", "argmin", "softmax", "prod", "cumsum", "squeeze", "unsqueeze", "norm")
