"""MYC1xx: what GRAPH_MODE refuses, found before the program runs; `mycelium.graph` refuses the same when it runs."""
from __future__ import annotations

import ast
from collections.abc import Iterator

from mycelium.graph.lower import exits
from mycelium.graph.syntax import REFUSED
from mycelium.migrate.lint.registry import Hit, rule
from mycelium.migrate.lint.source import Function, Source, is_self, methods, number
from mycelium.migrate.lint.tensors import tensors_of

_CELL = "class Net(nn.Cell):\n    def construct(self, x):\n"
_RUN_ON_THE_HOST = "or run the Cell in PYNATIVE_MODE"
_HOST_LIBRARIES = ("numpy", "scipy", "cv2", "PIL", "pandas", "sklearn", "math", "torch")
# What an argument without annotation is handed to here is a number: its shape, its end.
_TAKE_SHAPES = {f"numpy.{name}" for name in ("zeros", "ones", "full", "empty", "arange", "linspace", "eye")}
_LEARNING = {"Dense", "Conv1d", "Conv2d", "Conv3d", "Conv1dTranspose", "Conv2dTranspose", "Conv3dTranspose",
             "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "LayerNorm", "GroupNorm", "InstanceNorm2d", "Embedding",
             "LSTM", "GRU", "RNN", "PReLU"}


def _bodies(source: Source) -> Iterator[tuple[Function, ast.AST]]:
    """Every node of every compiled function, with the function."""
    for function in source.compiled:
        for statement in function.body:
            for node in source.walk(statement):
                yield function, node


def _bad(lines: str) -> str:
    return _CELL + "".join(f"        {line}\n" for line in lines.splitlines())


@rule("MYC101", "a statement that GRAPH_MODE does not compile",
      reason="a compiled program has no exceptions, context managers, generators, globals or imports",
      fix="write it outside of the compiled function, or without the statement",
      bad=_bad("try:\n    return x / 2\nexcept ValueError:\n    return x"), good=_bad("return x / 2"))
def statements(source: Source) -> Iterator[Hit]:
    for _, node in _bodies(source):
        if type(node) in REFUSED:
            what, why, remedy = REFUSED[type(node)]
            yield node, f"GRAPH_MODE cannot compile {what}: {why}", remedy


@rule("MYC102", "a path without return",
      reason="every path through a compiled function ends in `return`",
      fix="add a `return` at its end, `return None` if there is nothing to return",
      bad=_bad("if x.sum() > 0:\n    return x"), good=_bad("if x.sum() > 0:\n    return x\nreturn -x"))
def missing_return(source: Source) -> Iterator[Hit]:
    for function in source.compiled:
        if any(type(node) in REFUSED for node in source.walk(function)):
            continue            # which MYC101 says first, as the compiler does
        for node in source.walk(function):
            if isinstance(node, ast.FunctionDef) and not exits(node.body) and not _is_stub(node):
                yield node, f"a path through '{node.name}' ends without `return`"


def _is_stub(node: ast.FunctionDef) -> bool:
    """Whether a function has nothing but a docstring, `pass` or `...` in it, for subclasses to fill."""
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
               for s in node.body)


@rule("MYC103", "a host library on a Tensor",
      reason="the values of a Tensor are known when the program runs, and host code runs while it is compiled",
      fix=f"use the operator of the same meaning in mindspore.ops or mindspore.numpy, {_RUN_ON_THE_HOST}",
      bad=_bad("return Tensor(np.sum(x))"), good=_bad("return x.sum()"))
def host_library(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.Call):
            path = source.path(node.func)
            library = path.partition(".")[0] in _HOST_LIBRARIES and path not in _TAKE_SHAPES
            if library and tensors_of(source).handed_to(node, function):
                yield node, f"'{ast.unparse(node.func)}' is handed a Tensor, whose value is known only when it runs"


@rule("MYC104", "the value of a Tensor taken to the host",
      reason="a compiled program has no values while it is compiled; in PYNATIVE_MODE this cuts the gradient",
      fix=f"use operators on the Tensor, {_RUN_ON_THE_HOST}",
      bad=_bad("return x * float(x.max())"), good=_bad("return x * x.max()"))
def host_value(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("asnumpy", "item", "tolist", "numpy"):
            if tensors_of(source).is_tensor(node.func.value, function) or node.func.attr == "asnumpy":
                yield node, f"'{node.func.attr}' needs the value of a Tensor"
        elif isinstance(node.func, ast.Name) and node.func.id in ("float", "int", "bool", "str", "complex") and \
                node.args and tensors_of(source).is_tensor(node.args[0], function):
            yield node, f"'{node.func.id}' needs the value of a Tensor"


@rule("MYC105", "an exception under a condition on a Tensor",
      reason="a compiled program cannot raise exceptions",
      fix=f"test shapes, dtypes or other Python values, use ops.Assert, {_RUN_ON_THE_HOST}",
      bad=_bad("if x.sum() > 0:\n    raise ValueError('positive')\nreturn x"),
      good=_bad("if x.ndim > 2:\n    raise ValueError('too many axes')\nreturn x"))
def exceptions(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.Assert) and tensors_of(source).is_tensor(node.test, function):
            yield node, "'assert' has a condition on a Tensor"
        if isinstance(node, (ast.If, ast.While)) and tensors_of(source).is_tensor(node.test, function):
            for inner in node.body + node.orelse:
                if isinstance(inner, ast.Raise):
                    yield inner, "'raise' stands under a condition on a Tensor"


@rule("MYC106", "a comprehension that a Tensor filters",
      reason="how long the result is would be known only when the program runs",
      fix="use ops.select, or multiply by a mask",
      bad=_bad("return sum([row for row in x if row.sum() > 0])"), good=_bad("return (x * (x > 0)).sum()"))
def comprehension(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.comprehension):
            yield from (test for test in node.ifs if tensors_of(source).is_tensor(test, function))


@rule("MYC107", "the text of a Tensor",
      reason="its value is known only when the program runs",
      fix="show it with print, as in print('x is', x), which runs with the program",
      bad=_bad("print(f'x is {x}')\nreturn x"), good=_bad("print('x is', x)\nreturn x"))
def text(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.FormattedValue) and tensors_of(source).is_tensor(node.value, function):
            yield node.value, f"the text has '{ast.unparse(node.value)}' in it, a Tensor"


@rule("MYC108", "host code that runs once, while compiling",
      reason="random numbers, clocks, files and threads would be asked once, and every run would use that answer",
      fix="draw random numbers with ops.uniform or ops.standard_normal; pass other values as inputs",
      bad=_bad("return x + np.random.rand()"), good=_bad("return x + ops.standard_normal((1,))"))
def runs_once(source: Source) -> Iterator[Hit]:
    for _, node in _bodies(source):
        if isinstance(node, ast.Call):
            path = source.path(node.func)
            once = path.startswith(("random.", "numpy.random.", "time.", "datetime.", "threading.", "subprocess.",
                                    "multiprocessing.", "concurrent.", "queue."))
            if once or (isinstance(node.func, ast.Name) and node.func.id in ("open", "input", "eval", "exec")):
                yield node, f"'{ast.unparse(node.func)}' would run once, while the function is compiled"


@rule("MYC109", "a layer or Parameter made in a compiled function",
      reason="it would get new values at each compilation and lose what it learns",
      fix="make it in `__init__`, as in self.dense = nn.Dense(...), and use that",
      bad=_bad("return nn.Dense(3, 4)(x)"),
      good="class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n"
           "        self.dense = nn.Dense(3, 4)\n\n    def construct(self, x):\n        return self.dense(x)\n")
def layer_inside(source: Source) -> Iterator[Hit]:
    for _, node in _bodies(source):
        if isinstance(node, ast.Call):
            path = source.path(node.func)
            own = source.cells.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if _learns(path) or (own is not None and any(_learns(p) for _, p in source.calls(own))):
                yield node, f"'{ast.unparse(node.func)}' is made in a compiled function"


def _learns(path: str) -> bool:
    owner, _, name = path.rpartition(".")
    return (owner == "mindspore.nn" and name in _LEARNING) or path == "mindspore.Parameter"


@rule("MYC110", "an attribute assigned that is no Parameter",
      reason="a compiled program keeps values between calls in Parameters only",
      fix="make it a Parameter in `__init__`, or use a local variable",
      bad="class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n        self.count = 0\n\n"
          "    def construct(self, x):\n        self.count = self.count + 1\n        return x * self.count\n",
      good="class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n"
           "        self.count = ms.Parameter(Tensor(0.0), name='count')\n\n"
           "    def construct(self, x):\n        self.count = self.count + 1\n        return x * self.count\n")
def plain_attribute(source: Source) -> Iterator[Hit]:
    for function, owner in source.compiled.items():
        if owner is None or owner.name not in source.cells:
            continue
        known = _parameters(source, owner)
        if known is None:
            continue
        for node in source.walk(function):
            targets = node.targets if isinstance(node, ast.Assign) else \
                [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else []
            for target in targets:
                if is_self(target) and target.attr not in known:      # type: ignore[attr-defined]
                    yield target, f"'{ast.unparse(target)}' is assigned in a compiled function and is no Parameter"


def _parameters(source: Source, cls: ast.ClassDef) -> set[str] | None:
    """The attributes of a Cell that are Parameters, or may be; None where bases outside of the file may make some."""
    found: set[str] = set()
    for base in cls.bases:
        if isinstance(base, ast.Name) and base.id in source.cells:
            inherited = _parameters(source, source.cells[base.id])
            if inherited is None:
                return None
            found |= inherited
        elif source.path(base) != "mindspore.nn.Cell":
            return None
    for method in methods(cls).values():
        for node in source.walk(method):
            if isinstance(node, ast.Assign) and method.name != "construct" and not (
                    isinstance(node.value, ast.Constant)):
                found |= {t.attr for t in node.targets if is_self(t)}      # type: ignore[attr-defined]
    return found


@rule("MYC111", "an object of a class of your own",
      reason="MindSpore compiles Tensors, numbers, texts, tuples, lists, dicts and Cells (Mycelium takes others too)",
      fix="pass its parts on their own, or make the class a Cell",
      bad="class Box:\n    def __init__(self, x):\n        self.x = x\n\n\n" + _bad("return Box(x).x"),
      good=_bad("box = (x, x.shape)\nreturn box[0]"))
def own_class(source: Source) -> Iterator[Hit]:
    for _, node in _bodies(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            cls = source.classes.get(node.func.id)
            if cls is not None and cls.name not in source.cells and not _is_allowed(source, cls):
                yield node, f"'{cls.name}' is a class that MindSpore's compiled functions do not know"


def _is_allowed(source: Source, cls: ast.ClassDef) -> bool:
    """Whether a class has a base that makes it known (NamedTuple, an operator, an exception), or an unknown one."""
    return bool(cls.bases) and not all(isinstance(b, ast.Name) and b.id == "object" for b in cls.bases) or any(
        source.path(d).rpartition(".")[2] in ("ms_class", "jit_class") for d in cls.decorator_list)


@rule("MYC112", "Tensors sorted or collected by host code",
      reason="`sorted` and dict keys need the values of Tensors, which are known only when the program runs",
      fix="use ops.sort on one Tensor; use lists or tuples in place of dicts with Tensors as keys",
      bad=_bad("return sorted([x.max(), x.min()])[0]"), good=_bad("return ops.stack((x.max(), x.min())).min()"))
def compared_on_the_host(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sorted":
            if tensors_of(source).handed_to(node, function):
                yield node, "'sorted' compares Tensors"
        elif isinstance(node, ast.Dict):
            yield from ((key, "a Tensor is the key of a dict") for key in node.keys
                        if key is not None and tensors_of(source).is_tensor(key, function))


@rule("MYC113", "a range of floats",
      reason="`range` takes integers; a Tensor as its step is refused too",
      fix="use //, or convert with int() where the value is a Python number",
      bad=_bad("for i in range(x.shape[0] / 2):\n    x = x + i\nreturn x"),
      good=_bad("for i in range(x.shape[0] // 2):\n    x = x + i\nreturn x"))
def float_range(source: Source) -> Iterator[Hit]:
    for function, node in _bodies(source):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            for value in node.args:
                if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) or isinstance(number(value), float):
                    yield value, "'range' gets a float"
            if len(node.args) == 3 and tensors_of(source).is_tensor(node.args[2], function):
                yield node.args[2], "the step of 'range' is a Tensor"
