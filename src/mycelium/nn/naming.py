"""CellTree: Parameters and child Cells as attributes, how they are named, and how they are walked."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from mycelium.core.errors import describe
from mycelium.core.local import config_version, local
from mycelium.core.parameter import PARAMETER_NAME_DEFAULT, Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.ops.registry import functions


class CellTree:
    """The attribute side of a Cell. Parameters and Cells live in `__dict__` and in `_params` and `_cells`, in order."""

    _params: OrderedDict
    _cells: OrderedDict
    _params_list: OrderedDict
    _auto_prefix: bool

    def __setattr__(self, name: str, value: Any) -> None:
        d = self.__dict__
        if isinstance(value, Parameter):
            if "_params" not in d:
                raise AttributeError("For 'Cell', can not assign params before Cell.__init__() is called.")
            d.pop(name, None)
            d["_cells"].pop(name, None)
            self.insert_param_to_cell(name, value)
        elif isinstance(value, ParameterTuple):
            if "_params" not in d:
                raise AttributeError("For 'Cell', can not assign params before Cell.__init__() is called.")
            for p in value:
                if p.name == PARAMETER_NAME_DEFAULT:
                    p.name = name
            d["_params_list"][name] = d[name] = value
            for p in value:
                d["_params"].setdefault(p.name, p)
        elif isinstance(value, CellTree):
            if "_cells" not in d:
                raise AttributeError("For 'Cell', can not assign cells before Cell.__init__() is called.")
            if name in d["_params"]:
                raise TypeError(f"For 'Cell', the {name} must be Parameter, but got Cell.")
            if self._auto_prefix:
                value.update_parameters_name(name + ".")
            d["_cells"][name] = d[name] = value
        elif name in d.get("_params", ()):
            self._assign_to_parameter(name, value)
        elif name in d.get("_cells", ()):
            if value is not None:
                raise TypeError(f"For 'Cell', the type of {name} must be cell, but got {type(value).__name__}.")
            d["_cells"][name] = d[name] = None
        else:
            if type(value) is Tensor:
                value.__dict__["_held"] = True      # to_float reads it in its type
            object.__setattr__(self, name, value)
        config_version.value += 1

    def _assign_to_parameter(self, name: str, value: Any) -> None:
        param = self.__dict__["_params"][name]
        if isinstance(value, Tensor) and param is not None:
            param.set_data(value)
        elif value is None:
            self.__dict__["_params"][name] = self.__dict__[name] = None
        elif isinstance(value, (bool, int, float)) and param is not None and local.scope is not None:
            functions["assign"](param, value)   # in a compiled program; op by op MindSpore refuses it
        else:
            raise TypeError(f"For 'Cell', the type of {name} must be Parameter or ParameterTuple, but got "
                            f"{type(value).__name__}.")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"The '{type(self).__name__}' object has no attribute '{name}'.")

    def __delattr__(self, name: str) -> None:
        d = self.__dict__
        d["_params"].pop(name, None)
        d["_cells"].pop(name, None)
        d["_params_list"].pop(name, None)
        if name not in d:
            raise AttributeError(f"The '{type(self).__name__}' object has no attribute '{name}'.")
        del d[name]
        config_version.bump()

    # ***** inserting *****

    def insert_param_to_cell(self, param_name: str, param: Parameter | None,
                             check_name_contain_dot: bool = True) -> None:
        """Adds a Parameter under an attribute name.

        Args:
            param_name: The attribute.
            param: The Parameter; one without a name of its own gets the attribute's.
            check_name_contain_dot: Refuse a dot in the name.

        Raises:
            KeyError: The name is empty, has a dot, or is taken by something else.
            TypeError: `param` is not a Parameter.
        """
        if not param_name:
            raise KeyError("For 'insert_param_to_cell', the argument 'param_name' should not be None.")
        if check_name_contain_dot and "." in param_name:
            raise KeyError("For 'insert_param_to_cell', the argument 'param_name' should not contain \".\"")
        d = self.__dict__
        if "_params" not in d:
            raise AttributeError("For 'insert_param_to_cell', Cell.__init__() should be called first.")
        if param_name in d and param_name not in d["_params"]:
            raise KeyError(f"For 'insert_param_to_cell', the {param_name} parameter already exists in the network. "
                           "Cannot insert another parameter with the same name.")
        if not isinstance(param, Parameter) and param is not None:
            raise TypeError(f"For 'insert_param_to_cell', the argument 'param' must be 'Parameter' if not None, but "
                            f"got type {type(param)}.")
        if isinstance(param, Parameter) and param.name == PARAMETER_NAME_DEFAULT:
            param.name = param_name
        d["_params"][param_name] = d[param_name] = param
        config_version.bump()

    def insert_child_to_cell(self, child_name: str, child_cell: Any) -> None:
        """Adds a child Cell under an attribute name; its Parameters keep their names.

        Raises:
            KeyError: The name is empty or taken by something that is no Cell.
            TypeError: `child_cell` is not a Cell.
        """
        if not child_name or "." in child_name:
            raise KeyError("For 'insert_child_to_cell', the argument 'child_name' should not be None and should not "
                           "contain \".\"")
        d = self.__dict__
        if child_name in d and child_name not in d["_cells"]:
            raise KeyError(f"For 'insert_child_to_cell', the {child_name} child cell already exists in the network. "
                           "Cannot insert another child cell with the same name.")
        if not isinstance(child_cell, CellTree) and child_cell is not None:
            raise TypeError(f"For 'insert_child_to_cell', the argument 'child_cell' must be 'Cell' if not None, but "
                            f"got type {type(child_cell)}.")
        d["_cells"][child_name] = d[child_name] = child_cell
        config_version.bump()

    # ***** walking *****

    def cells(self) -> Any:
        """The direct children."""
        return self.name_cells().values()

    def name_cells(self) -> OrderedDict:
        """The direct children by attribute name, each once."""
        seen: set[int] = set()
        found = OrderedDict()
        for name, cell in self._cells.items():
            if cell is not None and id(cell) not in seen:
                seen.add(id(cell))
                found[name] = cell
        return found

    def cells_and_names(self, cells: set | None = None, name_prefix: str = "") -> Iterator[tuple[str, Any]]:
        """This Cell and all below it, each once, with attribute paths."""
        seen = set() if cells is None else cells
        if id(self) in seen:
            return
        seen.add(id(self))
        yield name_prefix, self
        for name, cell in self._cells.items():
            if cell is not None:
                path = f"{name_prefix}.{name}" if name_prefix else name
                yield from cell.cells_and_names(seen, path)

    def parameters_and_names(self, name_prefix: str = "", expand: bool = True) -> Iterator[tuple[str, Parameter]]:
        """All Parameters, each once, with attribute paths.

        Args:
            name_prefix: Goes before each path.
            expand: Also those of children.
        """
        seen: set[int] = set()
        cells = self.cells_and_names(name_prefix=name_prefix) if expand else [(name_prefix, self)]
        for path, cell in cells:
            for name, param in cell._params.items():
                if param is not None and id(param) not in seen:
                    seen.add(id(param))
                    yield (f"{path}.{name}" if path else name), param

    def get_parameters(self, expand: bool = True) -> Iterator[Parameter]:
        """All Parameters, each once; only this Cell's own ones with expand=False."""
        for _, param in self.parameters_and_names(expand=expand):
            yield param

    def parameters_dict(self, recurse: bool = True) -> OrderedDict:
        """All Parameters by name."""
        return OrderedDict((p.name, p) for p in self.get_parameters(recurse))

    def trainable_params(self, recurse: bool = True) -> list[Parameter]:
        """The Parameters that require gradients."""
        return [p for p in self.get_parameters(recurse) if p.requires_grad]

    def untrainable_params(self, recurse: bool = True) -> list[Parameter]:
        """The Parameters that do not require gradients."""
        return [p for p in self.get_parameters(recurse) if not p.requires_grad]

    def parameters_broadcast_dict(self, recurse: bool = True) -> OrderedDict | None:
        """The Parameters that data-parallel training broadcasts."""
        return self.parameters_dict(recurse) or None

    def init_parameters_data(self, auto_parallel_mode: bool = False) -> dict:
        """The Parameters, each mapped to itself: values are drawn when a Parameter is made."""
        return {p: p for p in self.get_parameters()}

    def update_parameters_name(self, prefix: str = "", recurse: bool = True) -> None:
        """Names every Parameter after its attribute path, with `prefix` before it."""
        if not isinstance(prefix, str):
            raise TypeError(f"For 'update_parameters_name', 'prefix' should be str, but got {describe(prefix)}.")
        in_tuple = {id(p) for t in self._params_list.values() for p in t}
        for path, param in self.parameters_and_names(expand=recurse):
            if prefix:
                param.is_init = False
            param.name = prefix + (param.name if id(param) in in_tuple else path)

    def _update_local_parameters_name(self, prefix: str = "", recurse: bool = True) -> None:
        for _, param in self.parameters_and_names(expand=recurse):
            param.name = prefix + param.name

    def update_cell_prefix(self) -> Any:
        """Notes the attribute path of every child as its `param_prefix`."""
        for path, cell in self.cells_and_names():
            cell.__dict__["param_prefix"] = path
        return self

    def update_cell_type(self, cell_type: str) -> None:
        """Notes the kind of Cell."""
        self.__dict__["cell_type"] = cell_type

    def check_names(self) -> None:
        """Raises ValueError when two Parameters have the same name."""
        seen: dict[str, Parameter] = {}
        for param in self.get_parameters():
            if param.name in seen and seen[param.name] is not param:
                raise ValueError(f"The value of {param} is not allowed: its name '{param.name}' already exists. Please "
                                 "set a unique name for the parameter.")
            seen[param.name] = param

    def apply(self, fn: Callable) -> Any:
        """Calls `fn(cell)` for every child and this Cell; returns this Cell."""
        for cell in self.cells():
            cell.apply(fn)
        fn(self)
        return self

    def load_parameter_slice(self, params: Any) -> None:
        """Accepted for compatibility."""
