"""Containers: SequentialCell runs its Cells one after another, CellList only holds them."""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from mycelium.core.errors import describe
from mycelium.core.local import config_version
from mycelium.nn.cell import Cell


def _check_cell(owner: str, value: Any) -> Cell:
    if not isinstance(value, Cell):
        raise TypeError(f"For '{owner}', each cell must be subclass of Cell, but got {type(value).__name__}.")
    return value


class _Sequence(Cell):
    """Cells by position, with list methods. Names of Parameters follow the positions."""

    def _index(self, index: Any) -> int:
        if isinstance(index, bool) or not hasattr(index, "__index__"):
            raise TypeError(f"For '{type(self).__name__}', the index should be an int or a slice, but got "
                            f"{describe(index)}.")
        i, count = index.__index__(), len(self)
        if not -count <= i < count:
            raise IndexError(f"For '{type(self).__name__}', the value of 'index' must be a number in range [{-count}, "
                             f"{count}), but got {i}.")
        return i % count

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(list(self._cells.values()))

    def __contains__(self, cell: Any) -> bool:
        return any(c is cell for c in self._cells.values())

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self._cells.values())[index]) if not isinstance(self, SequentialCell) else \
                type(self)(OrderedDict(list(self._cells.items())[index]))
        if isinstance(index, str):
            return self._cells[index]
        return list(self._cells.values())[self._index(index)]

    def __setitem__(self, index: int, cell: Cell) -> None:
        name = list(self._cells)[self._index(index)]
        self._replace([(n, _check_cell(type(self).__name__, cell) if n == name else c)
                       for n, c in self._cells.items()])

    def __delitem__(self, index: Any) -> None:
        names = list(self._cells)
        gone = set(names[index]) if isinstance(index, slice) else {names[self._index(index)]}
        left = [(n, c) for n, c in self._cells.items() if n not in gone]
        self._replace([(n if not n.isdigit() else str(i), c) for i, (n, c) in enumerate(left)])

    def _replace(self, items: list[tuple[str, Cell]]) -> None:
        """Puts these Cells in place of all; those whose name changed have their Parameters renamed."""
        before = {name: id(cell) for name, cell in self._cells.items()}
        prefix = _prefix(self)
        for name in self._cells:
            self.__dict__.pop(name, None)
        self._cells.clear()
        for name, cell in items:
            if self._auto_prefix and before.get(name) != id(cell):
                cell.update_parameters_name(f"{prefix}{name}.")
            self._cells[name] = self.__dict__[name] = cell
        config_version.bump()

    def append(self, cell: Cell) -> Any:
        """Adds a Cell at the end."""
        _check_cell(type(self).__name__, cell)
        self._replace([*self._cells.items(), (str(len(self)), cell)])
        return self

    def construct(self, *inputs: Any) -> Any:
        """Containers that only hold Cells cannot be called."""
        raise NotImplementedError(f"A '{type(self).__name__}' cannot be called: call the Cells in it, or use "
                                  "nn.SequentialCell, which runs them one after the other.")


def _prefix(container: Cell) -> str:
    """What stands before the container's own names in the names of its Parameters, as MindSpore guesses it.

    The first Parameter below the first Cell is asked, at the last place where its name has that Cell's key, unless an
    earlier place is confirmed by another Cell. So Cells that are appended one by one to a list that had no name yet
    are not called "1." and "2." where the first one holds lists itself; checkpoints have those names.
    """
    rows = [(key, next(iter(cell.get_parameters()), None)) for key, cell in container._cells.items() if cell]
    named = [(key, param.name.split(".")) for key, param in rows if param is not None]
    if not named:
        return ""
    (key, parts), (other, witness) = named[0], named[-1]
    place = 0
    for place in [i for i, part in enumerate(parts) if part == key]:
        if len(named) > 1 and witness[place:place + 1] == [other]:
            break
    return "".join(f"{part}." for part in parts[:place])


class SequentialCell(_Sequence):
    """Runs Cells one after another, each on the output of the one before.

    Args:
        args: A list of Cells, several Cells, or an OrderedDict from names to Cells.

    Inputs and outputs are those of the first and the last Cell.

    Raises:
        TypeError: An argument is not a Cell, or a single one is neither list nor OrderedDict.

    Examples:
        >>> net = nn.SequentialCell([nn.Dense(3, 2), nn.ReLU()])
        >>> net(Tensor(np.ones((4, 3), np.float32))).shape
        (4, 2)

    MindSpore r1.8 `nn.SequentialCell`.
    """

    def __init__(self, *args: Any):
        super().__init__()
        items: Iterable[tuple[str, Any]]
        if len(args) == 1:
            cells = args[0]
            if isinstance(cells, OrderedDict):
                items = cells.items()
            elif isinstance(cells, (list, tuple)):
                items = [(str(i), c) for i, c in enumerate(cells)]
            else:
                raise TypeError(f"For 'SequentialCell', the 'args[0]' must be list or orderedDict, but got "
                                f"{type(cells).__name__}.")
        else:
            items = [(str(i), c) for i, c in enumerate(args)]
        for name, cell in items:
            _check_cell("SequentialCell", cell)
            cell.update_parameters_name(name + ".")
            self.insert_child_to_cell(name, cell)

    def set_grad(self, flag: bool = True) -> SequentialCell:
        """Sets `requires_grad` here and in the Cells; returns this Cell."""
        super().set_grad(flag)
        for cell in self:
            cell.set_grad(flag)
        return self

    def construct(self, input_data: Any) -> Any:
        """The output of the last Cell."""
        for cell in self._cells.values():
            input_data = cell(input_data)
        return input_data


class CellList(_Sequence):
    """Holds Cells in a list; `construct` of the owner decides how they run.

    Args:
        args: A list of Cells.
        kwargs: auto_prefix (bool): put the positions before the names of Parameters. Default: True.

    Raises:
        TypeError: An element is not a Cell.

    Examples:
        >>> cells = nn.CellList([nn.Dense(3, 3), nn.Dense(3, 2)])
        >>> x = Tensor(np.ones((4, 3), np.float32))
        >>> for cell in cells:
        ...     x = cell(x)
        >>> x.shape
        (4, 2)

    MindSpore r1.8 `nn.CellList`.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(auto_prefix=kwargs.get("auto_prefix", True))
        if len(args) == 1:
            self.extend(args[0])

    def insert(self, index: int, cell: Cell) -> None:
        """Inserts a Cell before a position."""
        _check_cell("CellList", cell)
        i = self._index(index) if len(self) and index != len(self) else len(self)
        cells = list(self)
        cells.insert(i, cell)
        self._replace([(str(k), c) for k, c in enumerate(cells)])

    def extend(self, cells: Any) -> CellList:
        """Adds Cells at the end; returns this CellList."""
        if not isinstance(cells, (list, tuple, CellList)):
            raise TypeError(f"For 'CellList', the new cells should be instance of list, but got {describe(cells)}.")
        new = [*self, *(_check_cell("CellList", c) for c in cells)]
        self._replace([(str(k), c) for k, c in enumerate(new)])
        return self

    def set_grad(self, flag: bool = True) -> CellList:
        """Sets `requires_grad` here and in the Cells; returns this Cell."""
        super().set_grad(flag)
        for cell in self:
            cell.set_grad(flag)
        return self
