"""Parameter: a Tensor that belongs to a Cell, has a name, and is read and written by compiled programs."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import check_type, describe
from mycelium.core.local import config_version, local
from mycelium.core.printing import parameter_repr
from mycelium.core.tensor import Tensor

PARAMETER_NAME_DEFAULT = "Parameter"


class Parameter(Tensor):
    """A named, trainable Tensor of a Cell.

    Args:
        default_input: Tensor, initializer result, NumPy array, number or list with the initial values.
        name: Its name; a Cell that holds it puts its own path before it. Default: the attribute's name.
        requires_grad: Whether optimizers and `trainable_params` take it.
        layerwise_parallel: Kept for compatibility.
        parallel_optimizer: Kept for compatibility.

    Raises:
        TypeError: `default_input` cannot become a Tensor, or `name` is not a str.
        ValueError: `name` is longer than 1024 characters.

    Examples:
        >>> p = ms.Parameter(Tensor([1.0, 2.0]), name="p")
        >>> print(p)
        Parameter (name=p, shape=(2,), dtype=Float32, requires_grad=True)

    MindSpore r1.8 `mindspore.Parameter`.
    """

    __slots__ = ("_array", "_name", "_requires_grad", "_cast_cache")

    def __init__(self, default_input: Any, name: str | None = None, requires_grad: bool = True,
                 layerwise_parallel: bool = False, parallel_optimizer: bool = True):
        self._init = self._placeholder = None
        self._array = None
        self._adopt(default_input)
        self._name = PARAMETER_NAME_DEFAULT
        self.name = name
        self._requires_grad = check_type("Parameter", "requires_grad", requires_grad, bool)
        self.layerwise_parallel = check_type("Parameter", "layerwise_parallel", layerwise_parallel, bool)
        self.parallel_optimizer = check_type("Parameter", "parallel_optimizer", parallel_optimizer, bool)
        self.is_init = True
        self.cache_enable = self.cache_shape = None
        self.unique = self.is_param_ps = self.init_in_server = False
        self.comm_fusion = 1

    def _adopt(self, value: Any) -> None:
        if isinstance(value, Tensor):
            if value._data is None and (value.init is None or None in value.shape):
                raise RuntimeError(f"Parameter needs values, but got a Tensor that is only declared (shape="
                                   f"{value.shape}).")
            data = value._ready()
            # each Parameter owns its array: a compiled step may reuse its memory for the new value
            self._array = data if holder.backend.is_traced(data) else holder.backend.copy(data)
            return
        if isinstance(value, bool):
            raise ValueError("Parameter data can not be `bool`; use a bool Tensor.")
        if not isinstance(value, (int, float, np.ndarray, list)):
            raise TypeError(f"For 'Parameter', 'default_input' should be Tensor, int, float, numpy.ndarray or list, "
                            f"but got {describe(value)}.")
        host = np.asarray(value)
        if isinstance(value, int) and not isinstance(value, bool):
            host = np.asarray(value, np.int32)      # r1.8: an int makes an int32 Parameter, a float a float32 one
        self._array = Tensor(host if isinstance(value, (np.ndarray, int)) else value)._data

    # `_data` goes through the scope while a program is traced, so that reads and writes are seen
    @property
    def _data(self) -> Any:     # type: ignore[override]
        scope = local.scope
        return self._array if scope is None else scope.read(self)

    @_data.setter
    def _data(self, array: Any) -> None:
        scope = local.scope
        if scope is None:
            if local.tapes:
                # as MindSpore: nothing flows back through a write, and reads after it count as the Parameter too
                before, array = self._array, holder.backend.alias(array)
                for tape in local.tapes:
                    tape.record_custom(list, [before], (array,))
            self._array = array
        else:
            scope.write(self, array)

    @property
    def shape(self) -> tuple[int, ...]:
        """The size of each axis."""
        return self._array.shape

    @property
    def dtype(self) -> mstype.Type:
        """The MindSpore data type of the elements."""
        return mstype.from_numpy_dtype(self._array.dtype)

    @property
    def name(self) -> str:
        """The name under which checkpoints and optimizers know it."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        if name is None:
            name = PARAMETER_NAME_DEFAULT
        elif not isinstance(name, str):
            raise ValueError(f"For 'Parameter', the type of 'name' should be str or None, but got {describe(name)}.")
        name = name.strip() or PARAMETER_NAME_DEFAULT
        if len(name) > 1024:
            raise ValueError(f"For 'Parameter', 'name' should have at most 1024 characters, but got {len(name)}.")
        self._name = name
        self.param_info = self

    @property
    def requires_grad(self) -> bool:
        """Whether optimizers and `trainable_params` take it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        self._requires_grad = check_type("Parameter", "requires_grad", value, bool)
        config_version.bump()

    @property
    def data(self) -> Parameter:
        """This Parameter."""
        return self

    def value(self) -> Tensor:
        """The current values as a plain Tensor."""
        return Tensor._wrap(self._data)

    def set_data(self, data: Any, slice_shape: bool = False) -> Parameter:
        """Replaces the values.

        Args:
            data: Tensor, Parameter, initializer result, or number of the same shape; a float Parameter takes an
                int or narrower float Tensor, never the other way round.
            slice_shape: Accept another shape.

        Returns:
            This Parameter.

        Raises:
            TypeError: `data` is not convertible without loss of kind.
            ValueError: The shapes differ.

        Examples:
            >>> p = ms.Parameter(Tensor([1.0, 2.0]), name="p")
            >>> p.set_data(Tensor([3.0, 4.0])).asnumpy().tolist()
            [3.0, 4.0]

        MindSpore r1.8 `Parameter.set_data`.
        """
        if not isinstance(data, (Tensor, int, float)):
            raise TypeError(f"For 'Parameter.set_data', 'data' should be a Tensor, an initializer or a number, but got "
                            f"{describe(data)}. Wrap it: Tensor(data).")
        tensor = data if isinstance(data, Tensor) else Tensor(data)
        array = tensor._ready()
        if tuple(array.shape) != tuple(self.shape) and not slice_shape:
            raise ValueError(f"For Parameter '{self.name}', the new data should have shape {tuple(self.shape)}, but "
                             f"got {tuple(array.shape)}. Pass slice_shape=True to change the shape.")
        if array.dtype != self._array.dtype:
            if not _converts(array.dtype, self._array.dtype):
                raise TypeError(f"For Parameter '{self.name}' of dtype {self.dtype}, new data of dtype {tensor.dtype} "
                                "would lose its kind or range; convert it first with Tensor.astype.")
            array = holder.backend.cast(array, self._array.dtype)
        elif not holder.backend.is_traced(array):
            array = holder.backend.copy(array)
        if self._array.shape != array.shape:
            config_version.bump()
        self._data = array
        return self

    def assign_value(self, value: Tensor) -> Parameter:
        """Takes the values of another Tensor; returns this Parameter."""
        return self.set_data(value)

    def set_dtype(self, dtype: mstype.Type) -> Parameter:
        """Converts the values in place to a MindSpore dtype; returns this Parameter."""
        self._data = holder.backend.cast(self._data, mstype.to_numpy_dtype(dtype))
        config_version.bump()
        return self

    def clone(self, init: Any = "same") -> Parameter:
        """A new Parameter like this one.

        Args:
            init: "same" copies the values; "zeros", "ones", a number or an Initializer fills new ones.
        """
        if isinstance(init, str) and init == "same":
            source: Any = self.value()
        elif isinstance(init, (str, int, float)) and init in ("zeros", 0):
            source = np.zeros(self.shape, self.dtype.np_dtype)
        elif isinstance(init, (str, int, float)) and init in ("ones", 1):
            source = np.ones(self.shape, self.dtype.np_dtype)
        elif isinstance(init, (int, float)):
            source = np.full(self.shape, init, self.dtype.np_dtype)
        else:
            source = Tensor(shape=self.shape, dtype=self.dtype, init=_initializer(init))
        new = Parameter(source, self.name, self.requires_grad, self.layerwise_parallel, self.parallel_optimizer)
        return new

    def init_data(self, layout: Any = None, set_sliced: bool = False) -> Parameter:  # type: ignore[override]
        """Returns this Parameter: its values are drawn when it is made."""
        return self

    def set_param_ps(self, init_in_server: bool = False) -> None:
        """Accepted for compatibility with parameter-server training, which does not exist here."""

    def add_pipeline_stage(self, stage: int) -> None:
        """Accepted for compatibility."""

    @property
    def inited_param(self) -> Parameter:
        """This Parameter."""
        return self

    @property
    def sliced(self) -> bool:
        """False: values are never sliced by hand here."""
        return False

    def __str__(self) -> str:
        return parameter_repr(self)

    __repr__ = __str__

    def __deepcopy__(self, memo: dict) -> Parameter:
        new = self.clone()
        memo[id(self)] = new
        return new

    def __reduce__(self) -> tuple:
        return Parameter, (Tensor(self.asnumpy()), self.name, self.requires_grad)


def _initializer(init: Any) -> Any:
    if isinstance(init, str):
        found = initializer_by_name.get(init.lower())
        if found is None:
            raise ValueError(f"For 'Parameter.clone', {init!r} is not the name of an initializer.")
        return found()
    return init


initializer_by_name: dict[str, Any] = {}    # filled by mycelium.initializer


def _converts(source: Any, target: Any) -> bool:
    """Whether r1.8 converts implicitly: up its order of types, never down; bfloat16 stands beside float16."""
    order = {**mstype.implicit_conversion_seq, mstype.bfloat16: mstype.implicit_conversion_seq[mstype.float16]}
    source, target = mstype.from_numpy_dtype(source), mstype.from_numpy_dtype(target)
    return source in order and target in order and order[source] <= order[target]


class ParameterTuple(tuple):
    """A tuple of Parameters, as `Cell.trainable_params` feeds optimizers and gradients.

    Args:
        iterable: The Parameters.

    Raises:
        TypeError: An element is not a Parameter.

    Examples:
        >>> ms.ParameterTuple([ms.Parameter(Tensor([1.0]), name="a")])[0].name
        'a'

    MindSpore r1.8 `mindspore.ParameterTuple`.
    """

    def __new__(cls, iterable: Iterable[Parameter]) -> ParameterTuple:
        data = tuple(iterable)
        seen: dict[str, Parameter] = {}
        for p in data:
            if not isinstance(p, Parameter):
                raise TypeError(f"For 'ParameterTuple', every element should be Parameter, but got {describe(p)}.")
            if seen.setdefault(p.name, p) is not p and p.name != PARAMETER_NAME_DEFAULT:
                raise ValueError(f"The value {p} , its name '{p.name}' already exists. Please set a unique name for "
                                 "the parameter.")
        return super().__new__(cls, data)

    def clone(self, prefix: str, init: Any = "same") -> ParameterTuple:
        """New Parameters like these, each name with `prefix` and a dot before it.

        Args:
            prefix: What goes before each name.
            init: As for `Parameter.clone`.
        """
        check_type("ParameterTuple.clone", "prefix", prefix, str)
        new = []
        for p in self:
            q = p.clone(init)
            q.name = f"{prefix}.{p.name}"
            new.append(q)
        return ParameterTuple(new)
