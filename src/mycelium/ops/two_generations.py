"""Functions that MindSpore r1.8 and r2.0 call differently: the arguments tell which is meant, r1.8 where they do not.

`compat/spellings.py` lists what the same call means in each.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycelium.core import dtype as mstype
from mycelium.core.tensor import Tensor
from mycelium.ops.axes import split_by_size
from mycelium.ops.creation import filled
from mycelium.ops.joining import split as equal_parts
from mycelium.ops.logic import logical_not
from mycelium.ops.op import function
from mycelium.ops.positions import arg_max_with_value, arg_min_with_value
from mycelium.ops.reductions import reduce_max, reduce_min, tensor_max, tensor_min
from mycelium.ops.statistics import norm as norm_over
from mycelium.ops.summaries import norm_of

_UNSET: Any = type("Unset", (), {"__repr__": lambda self: "unset"})()


def value_and_place(x: Tensor, axis: Any, keepdims: bool, extreme: Callable, over_all: Callable) -> tuple:
    """(value, place along the axis); over all elements the place is 0, as in r2.0."""
    if axis is None:
        return over_all(x), filled((), 0, mstype.to_numpy_dtype(mstype.int32))
    place, value = extreme(x, axis=axis, keep_dims=keepdims)
    return value, place


_EXTREME = """The {which} element along an axis, and its place.

    r1.8 `{name}(x, axis=0, keep_dims=False)` gives (place, value); r2.0 `{name}(input, axis=None, keepdims=False)`
    gives (value, place), and the place 0 over all elements. `keepdims`, `initial`, `where` or `axis=None` mean r2.0.

    Args:
        x: Tensor of numbers.
        axis: Axis to search along.
        keep_dims: Whether that axis stays, with length 1.
        keepdims: The same in r2.0.
        initial: Number the result is at {bound}; r2.0.
        where: Tensor of bool: what is False is left out; r2.0.

    Returns:
        Two Tensors.

    Raises:
        TypeError: `x` is bool, or `axis` no int.
        ValueError: `x` has no such axis.

    Examples:
        >>> x = Tensor([[1.0, 5.0], [4.0, 2.0]])
        >>> place, value = ops.{name}(x)
        >>> print(place, value)
        {first}
        >>> print(ops.{name}(x, axis=1, keepdims=False)[0])
        {second}

    MindSpore r1.8 and r2.0 `ops.{name}`.
    """


def _extreme(name: str, find: Callable, over: Callable, words: dict) -> None:
    def public(x: Tensor, axis: Any = _UNSET, keep_dims: bool = False, *, keepdims: Any = _UNSET, initial: Any = None,
               where: Any = None) -> tuple:
        if keepdims is _UNSET and axis is not None and initial is None and where is None:
            return find(x, axis=0 if axis is _UNSET else axis, keep_dims=keep_dims)
        axis = None if axis is _UNSET else axis
        keepdims = keep_dims if keepdims is _UNSET else keepdims
        if where is not None:
            x = limit_where(x, where, initial)
        elif initial is not None:
            x = (tensor_max if name == "max" else tensor_min)(x, axis=axis, keepdims=keepdims, initial=initial)
            return x, filled(x.shape, 0, mstype.to_numpy_dtype(mstype.int32))
        return value_and_place(x, axis, keepdims, find, over)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = _EXTREME.format(name=name, **words)
    function(name)(public)


def limit_where(x: Tensor, where: Tensor, initial: Any) -> Tensor:
    """`x` with `initial` where the condition does not hold."""
    if initial is None:
        raise ValueError("For 'max' and 'min', 'initial' should be given together with 'where': it stands for what is "
                         "masked out.")
    return x.masked_fill(logical_not(where), float(initial))


_extreme("max", arg_max_with_value, reduce_max,
         {"which": "largest", "bound": "least", "first": "[1 0] [4. 5.]", "second": "[5. 4.]"})
_extreme("min", arg_min_with_value, reduce_min,
         {"which": "smallest", "bound": "most", "first": "[0 1] [1. 2.]", "second": "[1. 2.]"})


def _bound(name: str, which: str, plain: Callable, masked: Callable, result: str) -> None:
    def public(x: Tensor, axis: Any = None, keep_dims: bool = False, *, keepdims: Any = _UNSET, initial: Any = None,
               where: Any = None) -> Tensor:
        keepdims = keep_dims if keepdims is _UNSET else keepdims
        if initial is None and where is None:
            return plain(x, () if axis is None else axis, keep_dims=keepdims)
        return masked(x, where, axis=() if axis is None else axis, keepdims=keepdims, initial=initial)

    public.__name__ = public.__qualname__ = name
    public.__doc__ = f"""The {which} element over axes.

    Args:
        x: Tensor.
        axis: Axis or axes to reduce; None or () is all of them.
        keep_dims: Whether the reduced axes stay, with length 1.
        keepdims: The same in r2.0.
        initial: Number that takes part.
        where: Tensor of bool: what is False is left out. Needs `initial`.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: `axis` is no int or tuple of ints.
        ValueError: `x` has no such axis.

    Examples:
        >>> print(ops.{name}(Tensor([[1.0, 2.0], [3.0, 4.0]]), 1))
        {result}

    MindSpore r1.8 and r2.0 `ops.{name}`.
    """
    function(name, method=name)(public)


_bound("amax", "largest", reduce_max, tensor_max, "[2. 4.]")
_bound("amin", "smallest", reduce_min, tensor_min, "[1. 3.]")


@function(method="norm")
def norm(x: Tensor, axis: Any = _UNSET, p: Any = _UNSET, keep_dims: Any = False, epsilon: float = 1e-12, *,
         ord: Any = _UNSET, dim: Any = _UNSET, keepdim: bool = False, dtype: mstype.Type | None = None) -> Tensor:
    """A norm over axes.

    r1.8 `norm(input_x, axis, p=2, keep_dims=False, epsilon=1e-12)`: the p-norm of vectors.
    r2.0 `norm(A, ord=None, dim=None, keepdim=False, *, dtype=None)`: also of matrices. `ord`, `dim`, `keepdim`,
    `dtype`, a word, an infinity, a float or what is no axis in the second place, or `x` alone mean r2.0.

    Args:
        x: Tensor of a float dtype.
        axis: Axis or axes of the vectors; r1.8.
        p: Order of the norm, 0 or greater; r1.8.
        keep_dims: Whether the reduced axes stay, with length 1.
        epsilon: Added under the root, so that the gradient at 0 is finite; r1.8.
        ord: Order: a number, an infinity, or "fro" and "nuc" of matrices. Default 2 of vectors, "fro" of matrices.
        dim: Axis of vectors or two axes of matrices; None is all elements, or the matrix itself where `ord` is given.
        keepdim: Whether the reduced axes stay, with length 1.
        dtype: dtype to compute in.

    Returns:
        Tensor.

    Raises:
        TypeError: `x` is not floating point, or an argument has a wrong type.
        ValueError: `p` is negative, or there is no such axis.

    Examples:
        >>> x = Tensor([[3.0, 4.0], [6.0, 8.0]])
        >>> print(ops.norm(x, 1), ops.norm(x, dim=0, ord=1))
        [ 5. 10.] [ 9. 12.]

    MindSpore r1.8 and r2.0 `ops.norm`.
    """
    later = ord is not _UNSET or dim is not _UNSET or keepdim or dtype is not None or axis in (_UNSET, None) or \
        isinstance(axis, (str, float)) or isinstance(axis, int) and p is _UNSET and not -x.ndim <= axis < x.ndim
    if not later:
        return norm_over(x, axis=axis, p=2 if p is _UNSET else p, keep_dims=keep_dims, epsilon=epsilon)
    if axis is not _UNSET:      # by place: (A, ord, dim, keepdim)
        ord = axis
        dim = p if p is not _UNSET else dim
    return norm_of(x, ord=None if ord is _UNSET else ord, dim=None if dim is _UNSET else dim,
                   keepdim=keepdim or bool(keep_dims), dtype=dtype)


@function(method="split")
def split(input_x: Tensor, axis: Any = _UNSET, output_num: Any = _UNSET, *,
          split_size_or_sections: Any = _UNSET) -> tuple[Tensor, ...]:
    """Cuts a Tensor along an axis.

    r1.8 `split(input_x, axis=0, output_num=1)`: into so many equal parts.
    r2.0 `split(tensor, split_size_or_sections, axis=0)`: into parts of one size, or of the sizes listed. The keyword, a
    list, or a lone number (which r1.8 would not cut at all) mean r2.0.

    Args:
        input_x: Tensor.
        axis: The axis that is cut; in r2.0 the sizes, where they are given by place.
        output_num: How many parts; divides the size of the axis.
        split_size_or_sections: Size of the parts, or a list or tuple of sizes.

    Returns:
        Tuple of Tensors.

    Raises:
        ValueError: There is no such axis, or its size does not fit.

    Examples:
        >>> print(*ops.split(Tensor([1, 2, 3, 4]), 0, 2))
        [1 2] [3 4]
        >>> print(*ops.split(Tensor([1, 2, 3, 4]), split_size_or_sections=3))
        [1 2 3] [4]

    MindSpore r1.8 and r2.0 `ops.split`.
    """
    if split_size_or_sections is not _UNSET:
        return split_by_size("split", input_x, split_size_or_sections, 0 if axis is _UNSET else axis)
    if isinstance(axis, (list, tuple)) or axis is not _UNSET and output_num is _UNSET and axis > 0:
        return split_by_size("split", input_x, axis, 0 if output_num is _UNSET else output_num)
    return equal_parts(input_x, axis=0 if axis is _UNSET else axis,
                       output_num=1 if output_num is _UNSET else output_num)
