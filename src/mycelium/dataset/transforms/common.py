"""The transforms that fit any data: types, one-hot, padding, slicing, and those that combine other transforms."""
from __future__ import annotations

import operator as compare
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.dataset.row_random import rng
from mycelium.dataset.rows import pad_end
from mycelium.dataset.transforms.base import (
    PyTensorOperation,
    TensorOperation,
    check_operations,
    is_user_code,
    run_all,
)

_CONSTANTS = (str, float, bool, int, bytes)


def numpy_type(owner: str, data_type: Any) -> np.dtype | None:
    """A `data_type` argument as a NumPy dtype, None for text; TypeError when it is no type."""
    if isinstance(data_type, mstype.Type):
        return None if data_type is mstype.string else mstype.to_numpy_dtype(data_type)
    if data_type is not None:
        try:
            return np.dtype(data_type)
        except TypeError:
            pass
    raise TypeError(f"For '{owner}', 'data_type' should be a type such as mindspore.float32 or numpy.float32, but got "
                    f"{describe(data_type)}.")


def cast(owner: str, data: np.ndarray, dtype: np.dtype | None) -> np.ndarray:
    """`data` as `dtype`; numbers that do not fit wrap around as in C."""
    if (data.dtype.kind == "S") != (dtype is None):
        raise RuntimeError(f"For '{owner}', text and numbers cannot be cast to each other: {data.dtype} to "
                           f"{'text' if dtype is None else dtype}.")
    with np.errstate(invalid="ignore"):
        return data.astype(data.dtype if dtype is None else dtype)


def _is_text(constant: Any) -> bool:
    return isinstance(constant, (str, bytes))


def _bytes(constant: Any) -> Any:
    return constant.encode() if isinstance(constant, str) else constant


def _probability(owner: str, prob: Any) -> float:
    if isinstance(prob, bool) or not isinstance(prob, (int, float)):
        raise TypeError(f"For '{owner}', 'prob' should be int or float, but got {describe(prob)}.")
    if not 0 <= prob <= 1:
        raise ValueError(f"For '{owner}', 'prob' should be from 0 to 1, but got {prob}.")
    return float(prob)


class TypeCast(TensorOperation):
    """Casts to another data type.

    Args:
        data_type: `mindspore.float32`, `numpy.float32` and the like.

    Raises:
        TypeError: `data_type` is not a type.
        RuntimeError: On use, the data is text.

    Examples:
        >>> ms.dataset.transforms.TypeCast(ms.float16)(np.array([1, 2]))
        array([1., 2.], dtype=float16)

    MindSpore r1.8 `dataset.transforms.TypeCast`.
    """

    vectorized = True

    def __init__(self, data_type: Any) -> None:
        self.data_type = data_type
        self._dtype = numpy_type(type(self).__name__, data_type)

    def apply(self, data: Any) -> np.ndarray:
        return cast(type(self).__name__, data, self._dtype)


class OneHot(TensorOperation):
    """Turns class numbers into vectors that are 1 at the class and 0 elsewhere.

    With smoothing, `(1 - rate) * onehot + rate / num_classes` (Szegedy et al. 2016).

    Args:
        num_classes: Length of the vectors, above every class number.
        smoothing_rate: 0 to 1. Default: 0.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `num_classes` is below 1 or `smoothing_rate` is not in [0, 1].
        RuntimeError: On use, the data is not integer or holds a class number out of range.

    Examples:
        >>> ms.dataset.transforms.OneHot(3)(np.array([2, 0]))
        array([[0, 0, 1],
               [1, 0, 0]])

    MindSpore r1.8 `dataset.transforms.OneHot`.
    """

    vectorized = True

    def __init__(self, num_classes: int, smoothing_rate: float = 0.0) -> None:
        if isinstance(num_classes, bool) or not isinstance(num_classes, int):
            raise TypeError(f"For 'OneHot', 'num_classes' should be int, but got {describe(num_classes)}.")
        if num_classes < 1:
            raise ValueError(f"For 'OneHot', 'num_classes' should be 1 or greater, but got {num_classes}.")
        if not isinstance(smoothing_rate, (int, float)):
            raise TypeError(f"For 'OneHot', 'smoothing_rate' should be float, but got {describe(smoothing_rate)}.")
        if not 0 <= smoothing_rate <= 1:
            raise ValueError(f"For 'OneHot', 'smoothing_rate' should be from 0 to 1, but got {smoothing_rate}.")
        self.num_classes = num_classes
        self.smoothing_rate = smoothing_rate

    def apply(self, data: Any) -> np.ndarray:
        return self._encoded(data, 0)

    def on_batch(self, data: np.ndarray) -> np.ndarray:
        return self._encoded(data, 1)

    def _encoded(self, data: np.ndarray, outer: int) -> np.ndarray:
        """One-hot of `data`, whose first `outer` axes count rows; axes of size 1 within a row disappear."""
        if data.dtype.kind not in "iu":
            raise RuntimeError(f"For 'OneHot', the class numbers should be integers, but got {data.dtype}.")
        shape = data.shape[:outer] + tuple(n for n in data.shape[outer:] if n != 1)
        if len(shape) > outer + 1:
            raise RuntimeError(f"For 'OneHot', a row should be a number or a 1-D array, but has shape "
                               f"{data.shape[outer:]}.")
        bad = data[(data < 0) | (data >= self.num_classes)]
        if bad.size:
            raise RuntimeError(f"For 'OneHot', class numbers should be from 0 to {self.num_classes - 1}, but got "
                               f"{bad[0]}.")
        dtype = data.dtype if self.smoothing_rate == 0 else np.dtype(np.float64)
        off = self.smoothing_rate / self.num_classes
        out = np.full((*shape, self.num_classes), off, dtype)
        classes = data.reshape(*shape, 1).astype(np.int64)
        np.put_along_axis(out, classes, dtype.type(1 - self.smoothing_rate + off), axis=-1)
        return out


class Fill(TensorOperation):
    """Replaces every element by one value.

    Args:
        fill_value: A number, bool, str or bytes; cast to the type of the data.

    Raises:
        TypeError: `fill_value` has another type.
        RuntimeError: On use, only one of the data and `fill_value` is text.

    Examples:
        >>> ms.dataset.transforms.Fill(3)(np.array([1.5, 2.5]))
        array([3., 3.])

    MindSpore r1.8 `dataset.transforms.Fill`.
    """

    vectorized = True

    def __init__(self, fill_value: str | float | bool | int | bytes) -> None:
        if not isinstance(fill_value, _CONSTANTS):
            raise TypeError("For 'Fill', 'fill_value' should be a number, bool, str or bytes, but got "
                            f"{describe(fill_value)}.")
        self.fill_value = fill_value

    def apply(self, data: Any) -> np.ndarray:
        text = data.dtype.kind == "S"
        if _is_text(self.fill_value) != text:
            raise RuntimeError(f"For 'Fill', the fill value {self.fill_value!r} and the data of dtype {data.dtype} "
                               "should both be text or both be numbers.")
        value = np.array(_bytes(self.fill_value))
        return np.full(data.shape, value if text else cast("Fill", value, data.dtype))


class Slice(TensorOperation):
    """Takes parts along the axes; no axis is removed.

    Args:
        *slices: For each axis an int, a list of ints, a slice with a positive step, or None, `...` or True for all.

    Raises:
        TypeError: An argument has another type.
        RuntimeError: On use, more arguments than axes, or an index out of range.

    Examples:
        >>> ms.dataset.transforms.Slice(slice(1, 3))(np.array([1, 2, 3]))
        array([2, 3])

    MindSpore r1.8 `dataset.transforms.Slice`.
    """

    def __init__(self, *slices: Any) -> None:
        for i, part in enumerate(slices):
            kinds = (int, list, slice, type(None), type(...))
            if not isinstance(part, kinds) or isinstance(part, list) and not all(isinstance(n, int) for n in part):
                raise TypeError(f"For 'Slice', slices[{i}] should be an int, a list of ints, a slice, None or ..., but "
                                f"got {describe(part)}.")
        self.slices = slices

    def apply(self, data: Any) -> np.ndarray:
        if len(self.slices) > data.ndim:
            raise RuntimeError(f"For 'Slice', there are {len(self.slices)} slices for data of shape {data.shape}.")
        for axis, part in enumerate(self.slices):
            if part is None or part is ... or part is True:
                continue
            if isinstance(part, slice):
                if part.step is not None and part.step < 1:
                    raise RuntimeError(f"For 'Slice', a slice should have a positive step, but got {part}.")
                data = data[(slice(None),) * axis + (part,)]
                continue
            indices = part if isinstance(part, list) else [int(part)]
            try:
                data = np.take(data, indices, axis)
            except IndexError:
                raise RuntimeError(f"For 'Slice', the indices {indices} do not fit axis {axis} of data of shape "
                                   f"{data.shape}.") from None
        return data


class Relational(IntEnum):
    """How `Mask` compares: EQ, NE, GT, GE, LT, LE.

    Examples:
        >>> ms.dataset.transforms.Relational.EQ.name
        'EQ'

    MindSpore r1.8 `dataset.transforms.Relational`.
    """

    EQ = 0
    NE = 1
    GT = 2
    GE = 3
    LT = 4
    LE = 5


_COMPARE = {Relational.EQ: compare.eq, Relational.NE: compare.ne, Relational.GT: compare.gt,
            Relational.GE: compare.ge, Relational.LT: compare.lt, Relational.LE: compare.le}


class Mask(TensorOperation):
    """Compares every element with a constant.

    Args:
        operator: A `Relational`.
        constant: A number, bool, str or bytes.
        dtype: Type of the result. Default: `mindspore.bool_`.

    Raises:
        TypeError: An argument has the wrong type.
        RuntimeError: On use, only one of the data and `constant` is text.

    Examples:
        >>> from mycelium.dataset.transforms import Mask, Relational
        >>> Mask(Relational.GT, 1)(np.array([1, 2]))
        array([False,  True])

    MindSpore r1.8 `dataset.transforms.Mask`.
    """

    vectorized = True

    def __init__(self, operator: Relational, constant: Any, dtype: Any = mstype.bool_) -> None:
        if not isinstance(operator, Relational):
            raise TypeError(f"For 'Mask', 'operator' should be a Relational, but got {describe(operator)}.")
        if not isinstance(constant, _CONSTANTS):
            raise TypeError(f"For 'Mask', 'constant' should be a number, bool, str or bytes, but got "
                            f"{describe(constant)}.")
        self.operator = operator
        self.constant = constant
        self.dtype = dtype
        self._dtype = numpy_type("Mask", dtype)

    def apply(self, data: Any) -> np.ndarray:
        if _is_text(self.constant) != (data.dtype.kind == "S"):
            raise RuntimeError(f"For 'Mask', the constant {self.constant!r} and the data of dtype {data.dtype} should "
                               "both be text or both be numbers.")
        constant = np.array(_bytes(self.constant))
        if constant.dtype.kind != "S":
            constant = cast("Mask", constant, data.dtype)   # 2.5 is compared with integers as 2
        return cast("Mask", np.asarray(_COMPARE[self.operator](data, constant)), self._dtype)


class PadEnd(TensorOperation):
    """Fills up with a value behind the data, or cuts off, to reach a shape.

    Args:
        pad_shape: The size of each axis, 1 or greater.
        pad_value: A number for numbers (default 0), text for text (default empty).

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: A size below 1.
        RuntimeError: On use, the rank differs, or only one of data and value is text.

    Examples:
        >>> ms.dataset.transforms.PadEnd([4], 10)(np.array([1, 2, 3]))
        array([ 1,  2,  3, 10])

    MindSpore r1.8 `dataset.transforms.PadEnd`.
    """

    def __init__(self, pad_shape: Sequence[int], pad_value: Any = None) -> None:
        if not isinstance(pad_shape, list):
            raise TypeError(f"For 'PadEnd', 'pad_shape' should be a list, but got {describe(pad_shape)}.")
        for size in pad_shape:
            if isinstance(size, bool) or not isinstance(size, int):
                raise TypeError(f"For 'PadEnd', 'pad_shape' should hold ints, but got {describe(size)}.")
            if size < 1:
                raise ValueError(f"For 'PadEnd', the sizes in 'pad_shape' should be 1 or greater, but got {size}.")
        if pad_value is not None and not isinstance(pad_value, _CONSTANTS):
            raise TypeError(f"For 'PadEnd', 'pad_value' should be a number or text, but got {describe(pad_value)}.")
        self.pad_shape = pad_shape
        self.pad_value = pad_value

    def apply(self, data: Any) -> np.ndarray:
        return pad_end(data, self.pad_shape, self.pad_value, "PadEnd")


class Concatenate(TensorOperation):
    """Joins 1-D arrays: one in front, the columns, one behind.

    Args:
        axis: 0 or -1. Default: 0.
        prepend: 1-D array to put in front.
        append: 1-D array to put behind.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: `axis` is neither 0 nor -1, or an array is not 1-D.
        RuntimeError: On use, the data is not 1-D or of another type than the arrays.

    Examples:
        >>> ms.dataset.transforms.Concatenate(0, np.array([9]), np.array([8]))(np.array([1, 2]))
        array([9, 1, 2, 8])

    MindSpore r1.8 `dataset.transforms.Concatenate`.
    """

    def __init__(self, axis: int = 0, prepend: np.ndarray | None = None, append: np.ndarray | None = None) -> None:
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise TypeError(f"For 'Concatenate', 'axis' should be int, but got {describe(axis)}.")
        if axis not in (0, -1):
            raise ValueError(f"For 'Concatenate', 'axis' should be 0 or -1: only 1-D data is joined; but got {axis}.")
        for name, array in (("prepend", prepend), ("append", append)):
            if array is not None and not isinstance(array, np.ndarray):
                raise TypeError(f"For 'Concatenate', {name!r} should be a NumPy array, but got {describe(array)}.")
            if array is not None and array.ndim != 1:
                raise ValueError(f"For 'Concatenate', {name!r} should be 1-D, but has shape {array.shape}.")
        self.axis = axis
        self._prepend, self._append = (np.char.encode(a, "utf-8") if a is not None and a.dtype.kind == "U" else a
                                       for a in (prepend, append))

    def run(self, *inputs: Any) -> np.ndarray:
        parts = [part for part in (self._prepend, *inputs, self._append) if part is not None]
        kinds = {"text" if part.dtype.kind == "S" else str(part.dtype) for part in parts}
        if len(kinds) > 1 or any(part.ndim != 1 for part in parts):
            raise RuntimeError("For 'Concatenate', the parts should be 1-D and of one type, but got "
                               f"{', '.join(describe(part) for part in parts)}.")
        return np.concatenate(parts)


class Duplicate(TensorOperation):
    """Gives the column twice; needs two output columns.

    Raises:
        RuntimeError: On use, more than one column.

    Examples:
        >>> ms.dataset.transforms.Duplicate()(np.array([1, 2]))
        (array([1, 2]), array([1, 2]))

    MindSpore r1.8 `dataset.transforms.Duplicate`.
    """

    def apply(self, data: Any) -> tuple[Any, Any]:
        return data, data.copy()


class Unique(TensorOperation):
    """The distinct elements in the order they first appear, the number of each element in that list, and the counts.

    Raises:
        RuntimeError: On use, the data is text or a single number.

    Examples:
        >>> ms.dataset.transforms.Unique()(np.array([[3, 1], [1, 2]]))
        (array([3, 1, 2]), array([0, 1, 1, 2], dtype=int32), array([1, 2, 1], dtype=int32))

    MindSpore r1.8 `dataset.transforms.Unique`.
    """

    def apply(self, data: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if data.dtype.kind == "S" or not data.ndim:
            raise RuntimeError(f"For 'Unique', the data should be an array of numbers, but got {describe(data)}.")
        values, first, inverse, counts = np.unique(data.ravel(), return_index=True, return_inverse=True,
                                                   return_counts=True)
        order = np.argsort(first)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return values[order], place[inverse].astype(np.int32), counts[order].astype(np.int32)


class Plugin(TensorOperation):
    """MindSpore's C++ plugins, which cannot be loaded here.

    Args:
        lib_path: Path of the library.
        func_name: Name of the function.
        user_args: Text given to the function.

    Raises:
        NotImplementedError: Always.

    MindSpore r1.8 `dataset.transforms.Plugin`.
    """

    def __init__(self, lib_path: str, func_name: str, user_args: str | None = None) -> None:
        raise NotImplementedError(f"The plugin {func_name!r} of {lib_path!r} is built against MindSpore's C++ classes "
                                  "and cannot be loaded; give map a Python function instead.")


# ***** transforms of transforms *****


class Compose(TensorOperation):
    """Transforms one after the other.

    Args:
        transforms: List of transforms and functions.

    Raises:
        TypeError: It is not a list, or an element cannot be called.
        ValueError: It is empty.

    Examples:
        >>> from mycelium.dataset.transforms import Compose, Fill, TypeCast
        >>> Compose([TypeCast(ms.float32), Fill(3), lambda x: x + 1])(np.array([1, 2]))
        array([4., 4.], dtype=float32)

    MindSpore r1.8 `dataset.transforms.Compose`.
    """

    def __init__(self, transforms: list[Callable[..., Any]]) -> None:
        self.transforms = check_operations(type(self).__name__, transforms)

    @property
    def user_code(self) -> bool:
        return any(is_user_code(transform) for transform in self.transforms)

    def run(self, *inputs: Any) -> Any:
        values = run_all(self.transforms, inputs)
        return values[0] if len(values) == 1 else values


class RandomApply(Compose):
    """The transforms, one after the other, with a probability; otherwise nothing.

    Args:
        transforms: List of transforms and functions.
        prob: 0 to 1. Default: 0.5.

    Raises:
        TypeError: `transforms` is not a list of callables, or `prob` not a number.
        ValueError: `transforms` is empty, or `prob` out of range.

    Examples:
        >>> from mycelium.dataset.transforms import Fill, RandomApply
        >>> RandomApply([Fill(3)], prob=1.0)(np.array([1, 2]))
        array([3, 3])

    MindSpore r1.8 `dataset.transforms.RandomApply`.
    """

    def __init__(self, transforms: list[Callable[..., Any]], prob: float = 0.5) -> None:
        super().__init__(transforms)
        self.prob = _probability("RandomApply", prob)

    def run(self, *inputs: Any) -> Any:
        if rng().random() < self.prob:
            return super().run(*inputs)
        return inputs[0] if len(inputs) == 1 else inputs


class RandomChoice(Compose):
    """One of the transforms, chosen anew each time.

    Args:
        transforms: List of transforms and functions.

    Raises:
        TypeError: It is not a list of callables.
        ValueError: It is empty.

    Examples:
        >>> from mycelium.dataset.transforms import Fill, RandomChoice
        >>> RandomChoice([Fill(3)])(np.array([1, 2]))
        array([3, 3])

    MindSpore r1.8 `dataset.transforms.RandomChoice`.
    """

    def run(self, *inputs: Any) -> Any:
        values = run_all([rng().choice(self.transforms)], inputs)
        return values[0] if len(values) == 1 else values


class RandomOrder(Compose, PyTensorOperation):
    """All the transforms, in an order drawn anew each time.

    Args:
        transforms: List of transforms and functions.

    Raises:
        TypeError: It is not a list of callables.
        ValueError: It is empty.

    Examples:
        >>> from mycelium.dataset.transforms import RandomOrder
        >>> RandomOrder([lambda x: x + 1, lambda x: x + 2])(np.array([1, 2]))
        array([4, 5])

    MindSpore r1.8 `dataset.transforms.RandomOrder`.
    """

    def run(self, *inputs: Any) -> Any:
        order = list(self.transforms)
        rng().shuffle(order)
        values = run_all(order, inputs)
        return values[0] if len(values) == 1 else values


def not_random(function: Any) -> Any:
    """Marks a function as free of random numbers (MindSpore r1.8 uses it to cache; here it changes nothing).

    Examples:
        >>> ms.dataset.transforms.not_random(abs)(-1)
        1
    """
    return function
