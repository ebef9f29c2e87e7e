"""Writing Parameters, cutting gradients, and ordering: Assign and its kin, stop_gradient, Depend, Print, Assert."""
from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.local import local
from mycelium.core.tensor import Tensor
from mycelium.engine import checks
from mycelium.engine.tape import detach
from mycelium.ops.annotations import Array
from mycelium.ops.op import function, op, primitive
from mycelium.ops.primitive import Primitive
from mycelium.ops.promotion import to_dtype

_KINDS = {"b": 0, "i": 1, "u": 1, "c": 3}     # of NumPy; all others are floats


def _as_written(name: str, variable: Any, value: Any) -> Any:
    """`value` in the variable's dtype; refused where it would lose its kind or range, or has another shape."""
    target = np.dtype(variable.dtype)
    order, target_type = mstype.implicit_conversion_seq, mstype.from_numpy_dtype(target)
    if not hasattr(value, "dtype") or getattr(value, "weak_type", False):   # a number: of a kind, but of any range
        kind = np.result_type(value).kind
        if _KINDS.get(kind, 2) > _KINDS.get(target.kind, 2):
            raise RuntimeError(f"For '{name}', {'an int' if kind in 'iu' else 'a float'} cannot be written into a "
                               f"Parameter of dtype {target_type} without loss. Convert it first with ops.cast, or "
                               "make the Parameter of another dtype.")
        return jnp.broadcast_to(to_dtype(value, target), variable.shape)
    source_type = mstype.from_numpy_dtype(value.dtype)
    if order.get(source_type, -1) > order.get(target_type, -1) or (source_type in order) != (target_type in order):
        raise RuntimeError(f"For '{name}', a value of dtype {source_type} cannot be written into a Parameter of dtype "
                           f"{target_type} without loss. Convert it first with ops.cast.")
    if tuple(value.shape) != tuple(variable.shape) and value.size != 1:
        raise ValueError(f"For '{name}', 'value' must have the same shape as 'variable'. But got 'value' shape: "
                         f"{tuple(value.shape)}, 'variable' shape: {tuple(variable.shape)}.")
    return jnp.broadcast_to(value.astype(target), variable.shape)


@op("Assign", writes=("variable",))
def assign(variable: Array, value: Array):
    """Writes `value` into a Parameter.

    Args:
        variable: Parameter.
        value: Tensor of the same shape, or number; converted to the Parameter's dtype where nothing is lost.

    Returns:
        Tensor, the new values.

    Raises:
        RuntimeError: The conversion would lose kind or range (float64 into float32).
        ValueError: The shapes differ.

    Examples:
        >>> p = ms.Parameter(Tensor([1.0, 2.0]), name="p")
        >>> print(ops.assign(p, Tensor([3.0, 4.0])), p.asnumpy())
        [3. 4.] [3. 4.]

    MindSpore r1.8 `ops.Assign`.
    """
    return _as_written("Assign", variable, value)


@op("AssignAdd", writes=("variable",))
def assign_add(variable: Array, value: Array):
    """Adds `value` to a Parameter.

    Args:
        variable: Parameter.
        value: Tensor of the same shape, or number.

    Returns:
        Tensor, the new values.

    Examples:
        >>> p = ms.Parameter(Tensor([1.0, 2.0]), name="p")
        >>> print(ops.assign_add(p, 1.0))
        [2. 3.]

    MindSpore r1.8 `ops.AssignAdd`.
    """
    return variable + _as_written("AssignAdd", variable, value)


@op("AssignSub", writes=("variable",))
def assign_sub(variable: Array, value: Array):
    """Subtracts `value` from a Parameter.

    Args:
        variable: Parameter.
        value: Tensor of the same shape, or number.

    Returns:
        Tensor, the new values.

    Examples:
        >>> p = ms.Parameter(Tensor([1.0, 2.0]), name="p")
        >>> print(ops.assign_sub(p, 1.0))
        [0. 1.]

    MindSpore r1.8 `ops.AssignSub`.
    """
    return variable - _as_written("AssignSub", variable, value)


@function("stop_gradient")
def stop_gradient(value: Any) -> Any:
    """The value as a constant to gradients: nothing flows through it, and the work for it is saved.

    Args:
        value: Tensor, or tuple or list of Tensors.

    Returns:
        The same values.

    Examples:
        >>> print(ops.grad(lambda x: x * ops.stop_gradient(x))(Tensor([3.0])))
        [3.]

    MindSpore r1.8 `ops.stop_gradient`.
    """
    if isinstance(value, (tuple, list)):
        return type(value)([stop_gradient(v) for v in value])
    if not isinstance(value, Tensor):
        return value
    array = value._ready()
    if holder.backend.is_traced(array) or local.scope is not None:
        return Tensor._wrap(jax.lax.stop_gradient(array))
    return Tensor._wrap(detach(array)) if local.tapes else Tensor._wrap(array)


@primitive
class Depend(Primitive):
    """Returns its first input, computed after the second; program order does that here by itself.

    Examples:
        >>> print(ops.Depend()(Tensor([1.0]), Tensor([2.0])))
        [1.]

    MindSpore r1.8 `ops.Depend`.
    """

    def __init__(self) -> None:
        super().__init__("Depend")

    def __call__(self, value: Any, expr: Any) -> Any:
        return value


@function("depend")
def depend(value: Any, expr: Any) -> Any:
    """Returns `value`, computed after `expr` (MindSpore 2.0 `ops.depend`)."""
    return value


def _printed(part: Any) -> str:
    """One argument of Print as text: a Tensor with its shape and dtype, as r1.8 prints it."""
    if isinstance(part, str):
        return part
    if hasattr(part, "dtype"):
        host = np.asarray(part)
        return f"Tensor(shape={list(host.shape)}, dtype={mstype.from_numpy_dtype(host.dtype)}, value={host})"
    return str(part)


@primitive
class Print(Primitive):
    """Prints Tensors and strings when the program runs, in program order.

    Examples:
        >>> ops.Print()("x:", Tensor(1.0))
        x:
        Tensor(shape=[], dtype=Float32, value=1.0)

    MindSpore r1.8 `ops.Print`.
    """

    def __init__(self) -> None:
        super().__init__("Print")

    def __call__(self, *input_x: Any) -> None:
        print_values(*input_x)


@function("print_")
def print_(*input_x: Any) -> None:
    """Prints Tensors and strings when the program runs, in program order, as `ops.Print`.

    Args:
        input_x: Tensors, strings and numbers.

    Examples:
        >>> ops.print_("x:", Tensor(1.0))
        x:
        Tensor(shape=[], dtype=Float32, value=1.0)

    MindSpore r1.8 and r2.0 `ops.print_`.
    """
    print_values(*input_x)


def print_values(*values: Any) -> None:
    """Prints each value on a line: now, or when the traced program runs."""
    arrays = [v._ready() for v in values if isinstance(v, Tensor)]
    if not any(map(holder.backend.is_traced, arrays)) and local.scope is None:
        print("\n".join(_printed(v._ready() if isinstance(v, Tensor) else v) for v in values))
        return

    def show(*arrays: Any) -> None:
        rest = iter(arrays)
        print("\n".join(_printed(next(rest) if isinstance(v, Tensor) else v) for v in values))

    jax.debug.callback(show, *arrays, ordered=True)


@primitive
class Assert(Primitive):
    """Raises RuntimeError with some Tensors when a condition is false.

    Args:
        summarize: How many elements of each Tensor the message shows. Default: 3.

    Examples:
        >>> ops.Assert()(True, [Tensor([1.0])])

    MindSpore r1.8 `ops.Assert`.
    """

    def __init__(self, summarize: int = 3):
        super().__init__("Assert")
        self.add_prim_attr("summarize", summarize)

    def __call__(self, condition: Any, input_data: Any) -> None:
        summarize = self.summarize      # type: ignore[attr-defined]

        def message(*arrays: Any) -> str:
            shown = "; ".join(str(np.asarray(a).reshape(-1)[:summarize]) for a in arrays)
            return f"Assert failed. Input data: {shown}"

        checks.require(condition._ready() if isinstance(condition, Tensor) else condition, message,
                       [v._ready() for v in input_data if isinstance(v, Tensor)])


