"""What is known of a value without its numbers: shape, rank, size, type; and numbers becoming Tensors."""
from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.annotations import Array
from mycelium.ops.checks import tensors
from mycelium.ops.op import function, op


def _tensor(owner: str, x: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise TypeError(f"For '{owner}', the input should be a Tensor, but got {describe(x)}.")
    return x


@function("shape", "shape_", primitive="Shape")
def shape(input_x: Tensor) -> tuple[int, ...]:
    """The size of each axis, as a tuple of ints.

    Args:
        input_x: Tensor.

    Returns:
        Tuple of ints, a constant in compiled programs.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> ops.shape(Tensor(np.ones((3, 2))))
        (3, 2)

    MindSpore r1.8 `ops.Shape`.
    """
    return tuple(_tensor("Shape", input_x).shape)


@function("dyn_shape", primitive="TensorShape")
def dyn_shape(input_x: Tensor) -> Tensor:
    """The size of each axis, as a Tensor.

    Args:
        input_x: Tensor.

    Returns:
        Tensor of int64, (input_x.ndim,).

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> print(ops.dyn_shape(Tensor(np.ones((3, 2)))))
        [3 2]

    MindSpore r1.8 `ops.TensorShape`.
    """
    return Tensor(np.array(_tensor("TensorShape", input_x).shape, np.int64))


@function("rank", primitive="Rank")
def rank(input_x: Tensor) -> int:
    """The number of axes.

    Args:
        input_x: Tensor.

    Returns:
        int, a constant in compiled programs.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> ops.rank(Tensor([[1, 2]]))
        2

    MindSpore r1.8 `ops.Rank`.
    """
    return len(_tensor("Rank", input_x).shape)


@function("size", primitive="Size")
def size(input_x: Tensor) -> int:
    """The number of elements.

    Args:
        input_x: Tensor.

    Returns:
        int, a constant in compiled programs.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> ops.size(Tensor([[1, 2], [3, 4]]))
        4

    MindSpore r1.8 `ops.Size`.
    """
    return math.prod(_tensor("Size", input_x).shape)


@function("dtype", primitive="DType")
def dtype(input_x: Tensor) -> mstype.Type:
    """The dtype of the elements.

    Args:
        input_x: Tensor.

    Returns:
        dtype, a constant in compiled programs.

    Raises:
        TypeError: `input_x` is not a Tensor.

    Examples:
        >>> ops.dtype(Tensor([1.0]))
        mindspore.float32

    MindSpore r1.8 `ops.DType`.
    """
    return _tensor("DType", input_x).dtype


@function("typeof")
def typeof(x: Any) -> mstype.Type:
    """The type that describes a value: that of a Tensor's elements, or of a number, string, tuple...

    Args:
        x: Any value.

    Returns:
        dtype.

    Examples:
        >>> ops.typeof(3)
        mindspore.int64

    MindSpore r1.8 `ops.typeof`.
    """
    return mstype.get_py_obj_dtype(x)


def _is_kind(owner: str, value: Any, kind: Any) -> bool:
    """Whether the type `value` is `kind` or one of its kinds."""
    for name, t in (("sub_type", value), ("type_", kind)):
        if not isinstance(t, (mstype.Type, type)):
            raise TypeError(f"For '{owner}', '{name}' should be a type such as mindspore.int32, but got {describe(t)}.")
    return mstype.issubclass_(value, kind)


@function("issubclass_", primitive="IsSubClass")
def issubclass_(sub_type: mstype.Type, type_: mstype.Type) -> bool:
    """Whether a dtype is another one, or belongs to it.

    Args:
        sub_type: dtype.
        type_: dtype.

    Returns:
        bool.

    Raises:
        TypeError: One of the two is not a dtype.

    Examples:
        >>> ops.IsSubClass()(ms.int32, ms.number)
        True

    MindSpore r1.8 `ops.IsSubClass`.
    """
    return _is_kind("IsSubClass", sub_type, type_)


@function("isinstance_", primitive="IsInstance")
def isinstance_(inst: Any, type_: mstype.Type) -> bool:
    """Whether a value is of a type.

    Args:
        inst: Number, Tensor or other value; an int is int64, a float float32 (or float64).
        type_: dtype.

    Returns:
        bool.

    Raises:
        TypeError: `type_` is not a dtype.

    Examples:
        >>> ops.IsInstance()(1, ms.int32), ops.IsInstance()(1, ms.int64)
        (False, True)

    MindSpore r1.8 `ops.IsInstance`.
    """
    if isinstance(inst, Tensor):
        found: tuple = (mstype.tensor,)
    elif isinstance(inst, float):
        found = (mstype.float32, mstype.float64)
    else:
        found = (mstype.get_py_obj_dtype(inst),)
    return any([_is_kind("IsInstance", t, type_) for t in found])


@function("same_type_shape", primitive="SameTypeShape")
def same_type_shape(input_x: Tensor, input_y: Tensor) -> Tensor:
    """Checks that two Tensors have one dtype and shape, and returns the first.

    Args:
        input_x: Tensor.
        input_y: Tensor.

    Returns:
        `input_x`.

    Raises:
        TypeError: One is not a Tensor, or the dtypes differ.
        ValueError: The shapes differ.

    Examples:
        >>> print(ops.same_type_shape(Tensor([1, 2]), Tensor([3, 4])))
        [1 2]

    MindSpore r1.8 `ops.SameTypeShape`.
    """
    x, y = _tensor("SameTypeShape", input_x), _tensor("SameTypeShape", input_y)
    if x.dtype is not y.dtype:
        raise TypeError(f"For 'SameTypeShape', the dtypes should be equal, but got {x.dtype} and {y.dtype}.")
    if x.shape != y.shape:
        raise ValueError(f"For 'SameTypeShape', the shapes should be equal, but got {x.shape} and {y.shape}.")
    return x


registry.add(registry.primitives, "DynamicShape", registry.primitives["TensorShape"])    # its name in r1.6


@op("Identity")
def identity(x: Array) -> Array:
    """A Tensor with the same values.

    Args:
        x: Tensor.

    Returns:
        Tensor like `x`.

    Raises:
        TypeError: `x` is not a Tensor.

    Examples:
        >>> print(ops.Identity()(Tensor([1, 2])))
        [1 2]

    MindSpore r1.8 `ops.Identity`.
    """
    tensors("Identity", x=x)
    return jnp.array(x, copy=True)


# ***** numbers as Tensors *****


def _number(owner: str, x: Any, kinds: tuple = (int, float)) -> Any:
    if type(x) not in kinds:
        wanted = " or ".join(k.__name__ for k in kinds)
        raise TypeError(f"For '{owner}', the input should be {wanted}, but got {describe(x)}.")
    return x


@function("scalar_to_tensor", primitive="ScalarToTensor")
def scalar_to_tensor(input_x: float, dtype: mstype.Type = mstype.float32) -> Tensor:
    """A number as a Tensor.

    Args:
        input_x: int, float or bool.
        dtype: dtype of the result.

    Returns:
        Tensor without axes.

    Raises:
        TypeError: `input_x` is not a number.

    Examples:
        >>> print(ops.scalar_to_tensor(3, ms.int32))
        3

    MindSpore r1.8 `ops.scalar_to_tensor`.
    """
    return Tensor(_number("ScalarToTensor", input_x, (int, float, bool)), dtype)


@function("scalar_to_array", primitive="ScalarToArray")
def scalar_to_array(input_x: float) -> Tensor:
    """A number as a Tensor: int32 for an int, float32 for a float.

    Args:
        input_x: int or float.

    Returns:
        Tensor without axes.

    Raises:
        TypeError: `input_x` is neither.

    Examples:
        >>> print(ops.scalar_to_array(1.5))
        1.5

    MindSpore r1.8 `ops.ScalarToArray`.
    """
    whole = type(_number("ScalarToArray", input_x)) is int
    return Tensor(input_x, mstype.int32 if whole else mstype.float32)


@function("tuple_to_array", primitive="TupleToArray")
def tuple_to_array(input_x: tuple) -> Tensor:
    """A tuple of numbers as a Tensor: int32 for ints, float32 for floats.

    Args:
        input_x: Tuple of ints, or of floats.

    Returns:
        Tensor of one axis.

    Raises:
        TypeError: `input_x` is not a tuple of numbers of one type.

    Examples:
        >>> print(ops.tuple_to_array((1, 2, 3)))
        [1 2 3]

    MindSpore r1.8 `ops.TupleToArray`.
    """
    if not isinstance(input_x, tuple):
        raise TypeError(f"For 'TupleToArray', 'input_x' should be a tuple, but got {describe(input_x)}.")
    kinds = {type(_number("TupleToArray", v)) for v in input_x}
    if len(kinds) > 1:
        raise TypeError(f"For 'TupleToArray', the numbers should be of one type, but got {input_x}.")
    return Tensor(list(input_x), mstype.int32 if kinds == {int} else mstype.float32)
