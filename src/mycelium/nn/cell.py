"""Cell: the building block of networks. Holds Parameters and Cells, runs `construct` eagerly or compiled."""
from __future__ import annotations

import copy
import inspect
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from mycelium.autodiff.custom import call_with_bprop
from mycelium.autodiff.reverse import record_forward, record_traced_forward
from mycelium.core import context
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_type, describe
from mycelium.core.local import busy, config_version, local
from mycelium.core.tensor import Tensor
from mycelium.engine import transform
from mycelium.engine.user_code import prepare
from mycelium.graph.compiler import GraphFunction
from mycelium.graph.convert import convert
from mycelium.graph.structure import flatten_result, unflatten
from mycelium.nn.fingerprint import changes, fingerprint
from mycelium.nn.hooks import HookHandle, backward_hooked
from mycelium.nn.naming import CellTree
from mycelium.ops.registry import functions


class Cell(CellTree):
    """Base class of networks and layers.

    A subclass creates Parameters and Cells in `__init__` and computes in `construct`. In GRAPH_MODE the outermost call
    is compiled as one program; in PYNATIVE_MODE it runs op by op.

    Args:
        auto_prefix: Put this Cell's attribute names before the names of its children's Parameters.
        flags: Flags to set, as `add_flags`.

    Examples:
        >>> class Net(nn.Cell):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.dense = nn.Dense(3, 2)
        ...     def construct(self, x):
        ...         return ops.relu(self.dense(x))
        >>> Net()(Tensor(np.ones((4, 3), np.float32))).shape
        (4, 2)

    MindSpore r1.8 `nn.Cell`.
    """

    def __init__(self, auto_prefix: bool = True, flags: dict | None = None):
        d = self.__dict__
        d["_params"], d["_cells"], d["_params_list"] = OrderedDict(), OrderedDict(), OrderedDict()
        d["_auto_prefix"] = auto_prefix
        d["training"] = d["requires_grad"] = False
        d["_flags"] = {}
        d["_dtype"] = None              # NumPy dtype of to_float
        d["_pre_hooks"], d["_hooks"], d["_backward_hooks"] = OrderedDict(), OrderedDict(), OrderedDict()
        d["_recompute"] = False
        d["_graph"] = d["_forward_record"] = None
        d["cls_name"] = type(self).__name__
        d["param_prefix"] = ""
        if flags:
            self.add_flags(**flags)

    # ***** call *****

    def construct(self, *inputs: Any, **kwargs: Any) -> Any:
        """The computation; subclasses define it."""
        raise AttributeError(f"The Cell '{type(self).__name__}' has no method 'construct': define what it computes.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        scope = local.scope
        if scope is None:
            if context.state.graph:
                return self._call_graph(args, kwargs)
            if self.requires_grad and not local.tapes:
                return record_forward(self, self._run, args, kwargs, self.trainable_params())
        elif self.requires_grad and scope.link is None and not scope.forward:
            return record_traced_forward(self, self._run, args, kwargs, self.trainable_params())
        return self._run(*args, **kwargs)

    def _call_graph(self, args: tuple, kwargs: dict) -> Any:
        return self._graph_function()(args, kwargs)

    def _graph_function(self) -> GraphFunction:
        graph = self._graph
        if graph is None:
            self.check_names()
            graph = self.__dict__["_graph"] = GraphFunction(self._run, type(self).__name__, (Cell,), self.construct)
        return graph

    def _run(self, *args: Any, **kwargs: Any) -> Any:
        """Runs `construct` with everything around it: hooks, mixed precision, bprop, recomputation."""
        scope = local.scope
        if scope is not None:
            scope.enter_cell(self)
            construct = convert(self.construct)
        else:
            construct = self.construct
            for a in args:
                if isinstance(a, np.ndarray):
                    raise TypeError(f"For 'Cell', inputs should be Tensors, but got {describe(a)}. Wrap it: "
                                    "Tensor(array).")
        if self._plain():
            return construct(*args, **kwargs)
        for hook in self._pre_hooks.values():
            result = hook(id(self), args)
            args = args if result is None else result if isinstance(result, tuple) else (result,)
        before = local.cast
        busy.append(None)
        try:
            if self._dtype is not None:
                args = tuple([cast_floats(a, self._dtype) for a in args])
                kwargs = {k: cast_floats(v, self._dtype) for k, v in kwargs.items()}
                local.cast = self._dtype
            output = self._differentiable_call(construct, args, kwargs, scope)
        finally:
            local.cast = before
            busy.pop()
        for hook in self._hooks.values():
            result = hook(id(self), args, output)
            output = output if result is None else result
        return output

    def _plain(self) -> bool:
        return (self._dtype is None and not self._hooks and not self._pre_hooks and not self._backward_hooks
                and not self._recompute and not hasattr(self, "bprop"))

    def _differentiable_call(self, construct: Callable, args: tuple, kwargs: dict, scope: Any) -> Any:
        if hasattr(self, "bprop"):
            return call_with_bprop(self, construct, prepare(self.bprop), args, kwargs)
        if self._backward_hooks:
            return backward_hooked(self, construct, args, kwargs)
        if self._recompute and scope is not None:
            arrays: list = []
            spec = flatten_result((args, kwargs), arrays)

            def run(*values: Any) -> tuple[list, Any]:
                outs: list = []
                a, k = unflatten(spec, iter(values))
                return outs, flatten_result(construct(*a, **k), outs)

            outs, structure = transform.checkpoint(run, arrays)
            return unflatten(structure, iter(outs))
        return construct(*args, **kwargs)

    def compile(self, *inputs: Any, **kwargs: Any) -> None:
        """Compiles the program for inputs like these without running it, so that the first call finds it ready.

        Args:
            *inputs: Arguments of `construct`; of Tensors only shape and dtype matter.
            **kwargs: Keyword arguments of `construct`.

        Examples:
            >>> net = nn.Dense(3, 2)
            >>> net.compile(Tensor(np.zeros((4, 3), np.float32)))
            >>> len(ms.explain_compile(net))
            1

        MindSpore r1.8 `Cell.compile`.
        """
        arrays: list = []
        program = self._graph_function().program(inputs, kwargs, arrays)
        if program is not None:
            program.compile(arrays)

    def compile_and_run(self, *inputs: Any, **kwargs: Any) -> Any:
        """Compiles the program for these inputs if need be, and runs it (MindSpore r1.8 `Cell.compile_and_run`)."""
        return self._call_graph(inputs, kwargs)

    # ***** settings that decide what is compiled *****

    def _fingerprint(self) -> tuple:
        """What a compiled program depends on besides its inputs: plain attributes, children, what is trained."""
        return fingerprint(self)

    def _changes_since(self, before: tuple) -> list[str]:
        """How this Cell differs from an earlier fingerprint, in words."""
        return changes(self, before)

    def set_train(self, mode: bool = True) -> Cell:
        """Sets training mode here and in all children; returns this Cell."""
        check_type("set_train", "mode", mode, bool)
        for _, cell in self.cells_and_names():
            cell.__dict__["training"] = mode
            cell.__dict__["_flags"]["training"] = mode
        config_version.bump()
        return self

    def set_grad(self, requires_grad: bool = True) -> Cell:
        """Keeps the next forward call in PYNATIVE_MODE for the gradient call that follows it; returns this Cell."""
        self.__dict__["requires_grad"] = check_type("set_grad", "requires_grad", requires_grad, bool)
        config_version.bump()
        return self

    def to_float(self, dst_type: mstype.Type) -> Cell:
        """Computes here and in all children in `dst_type`: inputs and Parameters are converted on use.

        Args:
            dst_type: float16, bfloat16 or float32. A child may be given another type afterwards.

        Returns:
            This Cell.

        Raises:
            ValueError: `dst_type` is another type.

        MindSpore r1.8 `Cell.to_float`.
        """
        if dst_type not in (mstype.float16, mstype.float32, mstype.bfloat16):
            raise ValueError(f"For 'to_float', 'dst_type' should be float32, float16 or bfloat16, but got {dst_type}.")
        for _, cell in self.cells_and_names():
            cell.__dict__["_dtype"] = dst_type.np_dtype
            cell.__dict__["_flags"].update(fp16=dst_type is mstype.float16, fp32=dst_type is mstype.float32)
        config_version.bump()
        return self

    def add_flags(self, **flags: Any) -> Cell:
        """Sets flags, as attributes too; returns this Cell."""
        for name, value in flags.items():
            self.__dict__["_flags"][name] = value
            self.__dict__[name] = value
        config_version.bump()
        return self

    def add_flags_recursive(self, **flags: Any) -> Cell:
        """Sets flags here and in all children; returns this Cell."""
        for _, cell in self.cells_and_names():
            cell.add_flags(**flags)
        return self

    def get_flags(self) -> dict[str, Any]:
        """The flags that were set."""
        return dict(self.__dict__["_flags"])

    def recompute(self, **kwargs: Any) -> Cell:
        """Computes this Cell's results again for the gradient instead of keeping them (GRAPH_MODE); returns it."""
        self.__dict__["_recompute"] = True
        config_version.bump()
        return self

    def set_comm_fusion(self, fusion_type: int, recurse: bool = True) -> Cell:
        """Accepted for compatibility; returns this Cell."""
        return self

    def set_broadcast_flag(self, mode: bool = True) -> Cell:
        """Accepted for compatibility; returns this Cell."""
        return self

    def set_parallel_input_with_inputs(self, *inputs: Any) -> None:
        """Accepted for compatibility."""

    def shard(self, in_strategy: Any = None, out_strategy: Any = None, device: str = "Ascend", level: int = 0) -> Cell:
        """Accepted for compatibility; returns this Cell."""
        return self

    def set_inputs(self, *inputs: Any) -> None:
        """Declares inputs whose shape changes (None in the shape): each new shape is compiled when it comes."""
        self.__dict__["_declared_inputs"] = inputs

    def set_auto_parallel(self) -> None:
        """Accepted for compatibility."""

    def set_data_parallel(self) -> Cell:
        """Accepted for compatibility; returns this Cell."""
        return self

    def flatten_weights(self, fusion_size: int = 0) -> None:
        """Accepted for compatibility: XLA lays out memory itself."""

    # ***** hooks *****

    def register_forward_pre_hook(self, hook_fn: Callable) -> HookHandle:
        """Calls `hook_fn(cell_id, inputs)` before `construct`; what it returns replaces the inputs."""
        return HookHandle(self.__dict__["_pre_hooks"], _check_hook("register_forward_pre_hook", hook_fn))

    def register_forward_hook(self, hook_fn: Callable) -> HookHandle:
        """Calls `hook_fn(cell_id, inputs, output)` after `construct`; what it returns replaces the output."""
        return HookHandle(self.__dict__["_hooks"], _check_hook("register_forward_hook", hook_fn))

    def register_backward_hook(self, hook_fn: Callable) -> HookHandle:
        """Calls `hook_fn(cell_id, grad_input, grad_output)` in the gradient; what it returns replaces grad_input."""
        return HookHandle(self.__dict__["_backward_hooks"], _check_hook("register_backward_hook", hook_fn))

    # ***** text *****

    @property
    def cell_init_args(self) -> str:
        """How this Cell was made, for display."""
        return f"{type(self).__name__}<{self.extend_repr()}>"

    def extend_repr(self) -> str:
        """The part of `repr` between the brackets; layers override it."""
        return ""

    def __repr__(self) -> str:
        extra = self.extend_repr()
        children = []
        for name, cell in self._cells.items():
            text = repr(cell).split("\n")
            children.append(f"({name}): " + "\n".join([text[0], *("  " + line for line in text[1:])]))
        if not children:
            return f"{type(self).__name__}<{extra}>"
        lines = ([extra] if extra else []) + children
        return f"{type(self).__name__}<\n  " + "\n  ".join(lines) + "\n  >"

    def __getstate__(self) -> dict:
        state = dict(self.__dict__)
        state["_graph"] = state["_forward_record"] = None
        state.pop("_derived", None)
        return state

    def __deepcopy__(self, memo: dict) -> Cell:
        new = type(self).__new__(type(self))
        memo[id(self)] = new
        for key, value in self.__getstate__().items():
            new.__dict__[key] = copy.deepcopy(value, memo)
        return new


def _check_hook(owner: str, hook_fn: Any) -> Callable:
    if not inspect.isroutine(hook_fn) and not callable(hook_fn):
        raise TypeError(f"For '{owner}', 'hook_fn' should be a Python function, but got {describe(hook_fn)}.")
    return hook_fn


def cast_floats(value: Any, dtype: Any) -> Any:
    """Float Tensors in `value` converted to a NumPy dtype."""
    if isinstance(value, Tensor):
        if value._data.dtype != dtype and isinstance(value.dtype, mstype.Float):
            return functions["cast"](value, mstype.from_numpy_dtype(dtype))
        return value
    if isinstance(value, (tuple, list)):
        parts = [cast_floats(v, dtype) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


class GraphCell(Cell):
    """A network loaded from an exported graph; this package has no graph files of its own.

    MindSpore r1.8 `nn.GraphCell`.
    """

    def __init__(self, graph: Any, params_init: Any = None):
        super().__init__()
        self.graph = graph

    def construct(self, *inputs: Any) -> Any:
        """Runs the loaded graph."""
        return self.graph(*inputs)
