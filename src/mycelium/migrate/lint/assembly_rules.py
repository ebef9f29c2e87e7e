"""MYC4xx: how Cells are put together and trained."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from mycelium.migrate.lint.registry import Hit, rule
from mycelium.migrate.lint.source import Source, argument, is_self, methods

_OPTIMIZERS = {"Adam", "AdamWeightDecay", "SGD", "Momentum", "RMSProp", "Adagrad", "Lamb", "FTRL", "LazyAdam", "Rprop",
               "ASGD", "AdaMax", "Adadelta", "ProximalAdagrad", "LARS", "AdamOffload"}
_KNOWS_ITS_MODE = {"Dropout", "Dropout2d", "Dropout3d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"}
_NET = "class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n"
_RUNS = "\n    def construct(self, x):\n        return x\n"


@rule("MYC401", "super().__init__() missing or late",
      reason="a Cell takes Parameters and Cells as attributes only after Cell.__init__ ran",
      fix="call super().__init__() first",
      bad="class Net(nn.Cell):\n    def __init__(self):\n        self.relu = nn.ReLU()\n" + _RUNS,
      good=_NET + "        self.relu = nn.ReLU()\n" + _RUNS)
def super_init(source: Source) -> Iterator[Hit]:
    for cell in source.cells.values():
        init = methods(cell).get("__init__")
        if init is None:
            continue
        called = min((node.lineno for node in source.walk(init) if isinstance(node, ast.Call) and
                      isinstance(node.func, ast.Attribute) and node.func.attr == "__init__"), default=None)
        if called is None:
            yield init, f"'{cell.name}.__init__' does not call super().__init__()"
            continue
        for node in source.walk(init):
            if isinstance(node, ast.Assign) and node.lineno < called and any(map(is_self, node.targets)) and \
                    _is_state(source, node.value):
                yield node, f"'{ast.unparse(node.targets[0])}' is assigned before super().__init__()"


def _is_state(source: Source, node: ast.AST) -> bool:
    return source.is_cell(node) or (isinstance(node, ast.Call) and source.path(node.func) == "mindspore.Parameter")


def _held(source: Source, kind: str) -> Iterator[tuple[ast.Assign, ast.AST]]:
    """Lists and dicts in attributes of Cells, with a Cell ("cell") or a Parameter ("parameter") found in each."""
    for cell in source.cells.values():
        init = methods(cell).get("__init__")
        for node in source.walk(init) if init else ():
            if isinstance(node, ast.Assign) and any(map(is_self, node.targets)) and isinstance(
                    node.value, (ast.List, ast.Tuple, ast.Dict, ast.ListComp, ast.DictComp)):
                inside = node.value.values if isinstance(node.value, ast.Dict) else \
                    [node.value.value] if isinstance(node.value, ast.DictComp) else \
                    [node.value.elt] if isinstance(node.value, ast.ListComp) else node.value.elts
                for item in inside:
                    is_parameter = isinstance(item, ast.Call) and source.path(item.func) == "mindspore.Parameter"
                    if is_parameter if kind == "parameter" else source.is_cell(item):
                        yield node, item
                        break


@rule("MYC402", "Cells in a plain list or dict",
      reason="they are not found: their Parameters are neither trained nor saved",
      fix="use nn.CellList or nn.SequentialCell, and attributes for what a dict would hold",
      bad=_NET + "        self.layers = [nn.Dense(3, 3) for _ in range(2)]\n" + _RUNS,
      good=_NET + "        self.layers = nn.CellList([nn.Dense(3, 3) for _ in range(2)])\n" + _RUNS)
def cells_in_lists(source: Source) -> Iterator[Hit]:
    for node, _ in _held(source, "cell"):
        name = ast.unparse(node.targets[0])
        wrapped = any(f"{container}({star}{name})" in source.text for container in ("CellList", "SequentialCell")
                      for star in ("", "*"))
        if not wrapped and not _has_nothing_to_train(node):
            yield node, f"'{name}' holds Cells in a plain list or dict"


def _has_nothing_to_train(node: ast.Assign) -> bool:
    """Whether it holds activations and the like only."""
    items = ast.walk(node.value)
    names = [n.func.attr for n in items if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    return bool(names) and all(name in _STATELESS for name in names)


_STATELESS = {"ReLU", "ReLU6", "GELU", "Sigmoid", "Tanh", "Softmax", "LeakyReLU", "ELU", "HSwish", "HSigmoid", "SiLU",
              "Flatten", "MaxPool2d", "AvgPool2d", "Identity"}


@rule("MYC403", "Parameters in a plain list or dict",
      reason="they are not found: they are neither trained nor saved",
      fix="use ms.ParameterTuple, with a name for each Parameter",
      bad=_NET + "        self.scales = [ms.Parameter(Tensor(1.0), name='a'), ms.Parameter(Tensor(2.0), name='b')]\n"
          + _RUNS,
      good=_NET + "        self.scales = ms.ParameterTuple([ms.Parameter(Tensor(1.0), name='a'),\n"
           "                                         ms.Parameter(Tensor(2.0), name='b')])\n" + _RUNS)
def parameters_in_lists(source: Source) -> Iterator[Hit]:
    for node, _ in _held(source, "parameter"):
        yield node, f"'{ast.unparse(node.targets[0])}' holds Parameters in a plain list or dict"


@rule("MYC404", "two Parameters of one name",
      reason="Parameters of a network are told apart by name, in checkpoints and in optimizers",
      fix="give each its own name, or none: then it is called after its attribute",
      bad=_NET + "        self.a = ms.Parameter(Tensor(1.0), name='w')\n"
                 "        self.b = ms.Parameter(Tensor(2.0), name='w')\n" + _RUNS,
      good=_NET + "        self.a = ms.Parameter(Tensor(1.0), name='a')\n"
                  "        self.b = ms.Parameter(Tensor(2.0), name='b')\n" + _RUNS)
def equal_names(source: Source) -> Iterator[Hit]:
    for cell in source.cells.values():
        init = methods(cell).get("__init__")
        seen: set[str] = set()
        for statement in init.body if init else ():      # those under conditions may exclude one another
            for node in source.walk(statement) if isinstance(statement, ast.Assign) else ():
                if isinstance(node, ast.Call) and source.path(node.func) == "mindspore.Parameter":
                    name = argument(node, 1, "name")
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        if name.value in seen:
                            yield name, f"a second Parameter of '{cell.name}' is called {name.value!r}"
                        seen.add(name.value)


@rule("MYC405", "an optimizer without trainable_params()",
      reason="an optimizer takes a list of Parameters; get_parameters() also has the moving statistics of BatchNorm",
      fix="pass net.trainable_params()",
      bad="optimizer = nn.Adam(net.get_parameters())", good="optimizer = nn.Adam(net.trainable_params())")
def optimizer_parameters(source: Source) -> Iterator[Hit]:
    nets = {target.id for node in source.walk() if isinstance(node, ast.Assign) and source.is_cell(node.value)
            for target in node.targets if isinstance(target, ast.Name)}
    for call, name in source.layer_calls():
        given = argument(call, 0, "params")
        if name not in _OPTIMIZERS or given is None:
            continue
        inner = given.args[0] if isinstance(given, ast.Call) and isinstance(given.func, ast.Name) and \
            given.func.id == "list" and given.args else given
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr in (
                "get_parameters", "parameters_and_names", "parameters_dict"):
            yield given, f"'{name}' is given '{ast.unparse(given)}'"
        elif isinstance(given, ast.Name) and given.id in nets:
            yield given, f"'{name}' is given the network '{given.id}' itself"


@rule("MYC406", "training without set_train",
      reason="a Cell starts in evaluation mode: Dropout does nothing, and BatchNorm uses its moving statistics",
      fix="call set_train() on the training Cell before the loop (Model.train does it), set_train(False) to evaluate",
      bad="net = nn.SequentialCell(nn.Dense(3, 3), nn.BatchNorm1d(3))\n"
          "step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer)",
      good="net = nn.SequentialCell(nn.Dense(3, 3), nn.BatchNorm1d(3))\n"
           "step = nn.TrainOneStepCell(nn.WithLossCell(net, nn.MSELoss()), optimizer).set_train()")
def missing_set_train(source: Source) -> Iterator[Hit]:
    if "set_train" in source.text or not any(name in _KNOWS_ITS_MODE for _, name in source.layer_calls()):
        return
    for call, path in source.calls():
        if path in ("mindspore.nn.TrainOneStepCell", "mindspore.value_and_grad", "mindspore.ops.value_and_grad",
                    "mindspore.nn.TrainOneStepWithLossScaleCell"):
            yield call, f"'{ast.unparse(call.func)}' trains a network whose Dropout or BatchNorm is in evaluation mode"


@rule("MYC407", "a Tensor taken to the host in every step",
      reason="the program waits for the device each time, and the next step cannot begin before",
      fix="collect the Tensors, or read one every so many steps: if i % 100 == 0",
      bad="step = nn.TrainOneStepCell(net, optimizer)\nfor x in batches:\n    loss = step(x)\n"
          "    total += loss.asnumpy()",
      good="step = nn.TrainOneStepCell(net, optimizer)\nfor i, x in enumerate(batches):\n    loss = step(x)\n"
           "    if i % 100 == 0:\n        total += loss.asnumpy()")
def host_in_loop(source: Source) -> Iterator[Hit]:
    if "TrainOneStep" not in source.text:
        return
    steps = {target.id for node in source.walk() if isinstance(node, ast.Assign) and _trains(source, node.value)
             for target in node.targets if isinstance(target, ast.Name)}
    for loop in source.walk():
        if not isinstance(loop, (ast.For, ast.While)):
            continue
        results = {target.id for node in loop.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
                   and isinstance(node.value.func, ast.Name) and node.value.func.id in steps
                   for target in node.targets if isinstance(target, ast.Name)}
        for statement in loop.body:
            if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr)):
                yield from _taken(statement, results)


def _trains(source: Source, node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) and source.path(inner.func) in (
        "mindspore.nn.TrainOneStepCell", "mindspore.nn.TrainOneStepWithLossScaleCell") for inner in ast.walk(node))


def _taken(statement: ast.stmt, results: set[str]) -> Iterator[Hit]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            method = isinstance(node.func, ast.Attribute) and node.func.attr in ("asnumpy", "item")
            value = node.func.value if method else node.args[0] if node.args and isinstance(node.func, ast.Name) and \
                node.func.id in ("float", "int") else None      # type: ignore[attr-defined]
            if isinstance(value, ast.Name) and value.id in results:
                yield node, f"'{ast.unparse(node)}' takes the result of a training step to the host in every step"


@rule("MYC408", "a last batch of another size",
      reason="every shape is compiled on its own: the last, smaller batch of each epoch makes a second program",
      fix="write drop_remainder=True, or False if the smaller batch is meant",
      bad="import mindspore.dataset as ds\ndata = ds.NumpySlicesDataset(x).batch(32)",
      good="import mindspore.dataset as ds\ndata = ds.NumpySlicesDataset(x).batch(32, drop_remainder=True)")
def drop_remainder(source: Source) -> Iterator[Hit]:
    if source.is_pynative or "dataset" not in source.text:
        return
    assigned = (node for node in source.walk() if isinstance(node, ast.Assign))
    datasets = {target.id for node in assigned if _is_data(source, node.value)
                for target in node.targets if isinstance(target, ast.Name)}
    for call, _ in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr == "batch" and call.args and \
                argument(call, 1, "drop_remainder") is None:
            owner = call.func.value
            if _is_data(source, owner) or (isinstance(owner, ast.Name) and owner.id in datasets):
                yield call, f"'{ast.unparse(call.func)}' keeps a last batch of another size"


def _is_data(source: Source, node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) and source.path(inner.func).startswith("mindspore.dataset.")
               for inner in ast.walk(node))
