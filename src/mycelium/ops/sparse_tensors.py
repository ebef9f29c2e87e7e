"""COOTensor, CSRTensor and RowTensor, and the functions that take them."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.arithmetic import mul
from mycelium.ops.casting import cast
from mycelium.ops.division import div
from mycelium.ops.gather import gather_nd
from mycelium.ops.joining import stack
from mycelium.ops.masking import nonzero
from mycelium.ops.op import function
from mycelium.ops.rounding import abs_
from mycelium.ops.sparse import coo2csr, csr2coo, csr_dense, csr_gather, csr_product, csr_row_sums, sparse_to_dense


def _check(owner: str, name: str, value: Any, ndim: int | None = None, integer: bool = False) -> Tensor:
    if not isinstance(value, Tensor):
        raise TypeError(f"For '{owner}', '{name}' should be a Tensor, but got {describe(value)}.")
    if integer and value.dtype not in (mstype.int16, mstype.int32, mstype.int64):
        raise TypeError(f"For '{owner}', '{name}' should be int16, int32 or int64, but got {value.dtype}.")
    if ndim is not None and value.ndim != ndim:
        raise ValueError(f"For '{owner}', '{name}' should have {ndim} axes, but got shape {value.shape}.")
    return value


def _check_shape(owner: str, shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or not all(type(n) is int for n in shape):
        raise TypeError(f"For '{owner}', 'shape' should be a tuple of ints, but got {describe(shape)}.")
    if any(n < 1 for n in shape):
        raise ValueError(f"For '{owner}', 'shape' should hold positive sizes, but got {shape}.")
    return shape


def _text(tensor: Tensor) -> str:
    host = tensor.asnumpy()
    values = np.array2string(host, formatter={"float_kind": lambda v: f"{v: .8e}"})
    return f"Tensor(shape={list(host.shape)}, dtype={tensor.dtype}, value={chr(10) if host.ndim > 1 else ''}{values})"


class _Sparse:
    """What the sparse classes share. `_fields` lets compiled functions take and return them by their parts."""

    _fields: tuple[str, ...] = ()
    values: Tensor
    shape: tuple[int, ...]

    @property
    def dtype(self) -> mstype.Type:
        """The dtype of the values."""
        return self.values.dtype

    @property
    def size(self) -> int:
        """The number of values that are held."""
        return self.values.size

    @property
    def itemsize(self) -> int:
        """Bytes of one value."""
        return self.values.itemsize

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def to_tuple(self) -> tuple:
        """The parts it is made of."""
        return tuple([getattr(self, name) for name in self._fields])

    def _with_values(self, values: Tensor) -> Any:
        return type(self)(*[values if name == "values" else getattr(self, name) for name in self._fields])

    def astype(self, dtype: mstype.Type) -> Any:
        """The same places with values of another dtype."""
        return self._with_values(cast(self.values, dtype))

    def abs(self) -> Any:
        """The same places with the absolute values."""
        return self._with_values(abs_(self.values))

    def __repr__(self) -> str:
        parts = ", ".join(f"{name}={_text(getattr(self, name))}" for name in self._fields if name != "shape")
        return f"{type(self).__name__}(shape={list(self.shape)}, dtype={self.dtype}, {parts})"


class COOTensor(_Sparse):
    """A sparse matrix given by the coordinates of its values.

    Args:
        indices: Tensor of int16, int32 or int64, (N, 2).
        values: Tensor, (N,).
        shape: Tuple of two ints.
        coo_tensor: Another one to copy.

    Raises:
        TypeError: A part has another type.
        ValueError: The shapes do not fit.

    Examples:
        >>> x = ms.COOTensor(Tensor([[0, 1], [1, 2]]), Tensor([1.0, 2.0]), (3, 4))
        >>> print(x.to_dense()[1])
        [0. 0. 2. 0.]

    MindSpore r1.8 `mindspore.COOTensor`.
    """

    _fields = ("indices", "values", "shape")

    def __init__(self, indices: Any = None, values: Any = None, shape: Any = None, coo_tensor: Any = None):
        if coo_tensor is not None:
            indices, values, shape = coo_tensor.to_tuple()
        self.indices = _check("COOTensor", "indices", indices, 2, integer=True)
        self.values = _check("COOTensor", "values", values, 1)
        self.shape = _check_shape("COOTensor", shape)
        if len(self.shape) != 2 or indices.shape[1] != 2:
            raise ValueError(f"For 'COOTensor', 'shape' should have two sizes and 'indices' shape (N, 2), but got "
                             f"{shape} and {indices.shape}.")
        if indices.shape[0] != values.shape[0]:
            raise ValueError(f"For 'COOTensor', there should be one place for each value, but got {indices.shape[0]} "
                             f"places and {values.shape[0]} values.")

    def to_dense(self) -> Tensor:
        """The matrix as a dense Tensor."""
        return sparse_to_dense(self.indices, self.values, self.shape)

    def to_csr(self) -> CSRTensor:
        """The same matrix in compressed rows; the places should be sorted by row."""
        rows, columns = self.indices[:, 0], self.indices[:, 1]
        return CSRTensor(coo2csr(rows, self.shape[0]), columns, self.values, self.shape)


class CSRTensor(_Sparse):
    """A sparse matrix in compressed rows.

    Args:
        indptr: Tensor of int16, int32 or int64, (rows + 1,): where the values of each row begin.
        indices: Tensor of the same dtypes, (N,): the column of each value.
        values: Tensor, (N,).
        shape: Tuple of ints.
        csr_tensor: Another one to copy.

    Raises:
        TypeError: A part has another type.
        ValueError: The shapes do not fit.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 4))
        >>> print(x.to_dense()[1])
        [0. 2. 0. 0.]

    MindSpore r1.8 `mindspore.CSRTensor`.
    """

    _fields = ("indptr", "indices", "values", "shape")

    def __init__(self, indptr: Any = None, indices: Any = None, values: Any = None, shape: Any = None,
                 csr_tensor: Any = None):
        if csr_tensor is not None:
            indptr, indices, values, shape = csr_tensor.to_tuple()
        self.indptr = _check("CSRTensor", "indptr", indptr, 1, integer=True)
        self.indices = _check("CSRTensor", "indices", indices, 1, integer=True)
        self.values = _check("CSRTensor", "values", values)
        self.shape = _check_shape("CSRTensor", shape)
        if indptr.shape[0] != shape[0] + 1:
            raise ValueError(f"For 'CSRTensor', 'indptr' should have one element more than there are rows, "
                             f"{shape[0]}, but got {indptr.shape[0]}.")
        if values.shape[:1] != indices.shape:
            raise ValueError(f"For 'CSRTensor', there should be one column for each value, but got {indices.shape[0]} "
                             f"columns and values of shape {values.shape}.")

    def to_dense(self) -> Tensor:
        """The matrix as a dense Tensor."""
        return csr_dense(self.indptr, self.indices, self.values, self.shape)

    def to_coo(self) -> COOTensor:
        """The same matrix by coordinates."""
        rows = csr2coo(self.indptr, self.values.shape[0])
        return COOTensor(stack((rows, cast(self.indices, rows.dtype)), 1), self.values, self.shape)

    def mv(self, dense_vector: Tensor) -> Tensor:
        """The product with a column vector, (columns, 1)."""
        return csr_mv(self, dense_vector)

    def mm(self, dense_matrix: Tensor) -> Tensor:
        """The product with a dense matrix."""
        return _product("CSRTensor.mm", self, dense_matrix)

    def sum(self, axis: int) -> Tensor:
        """The sum of each row, (rows, 1); `axis` is 1."""
        return csr_reduce_sum(self, axis)

    def __mul__(self, other: Tensor) -> CSRTensor:
        return self._with_values(csr_mul(self, other))

    def __truediv__(self, other: Tensor) -> CSRTensor:
        return self._with_values(csr_div(self, other))


class RowTensor(_Sparse):
    """Some rows of a Tensor, the others being 0: the form of a gradient of rows.

    Args:
        indices: Tensor of ints, (N,).
        values: Tensor, (N, ...).
        shape: Tuple of ints, the shape of the whole.
        row_tensor: Another one to copy.

    Raises:
        TypeError: A part has another type.
        ValueError: The shapes do not fit.

    Examples:
        >>> x = ms.RowTensor(Tensor([0]), Tensor([[1.0, 2.0]]), (3, 2))
        >>> x.dense_shape
        (3, 2)

    MindSpore r1.8 `mindspore.RowTensor`.
    """

    _fields = ("indices", "values", "shape")

    def __init__(self, indices: Any = None, values: Any = None, shape: Any = None, row_tensor: Any = None):
        if row_tensor is not None:
            indices, values, shape = row_tensor.to_tuple()
        self.indices = _check("RowTensor", "indices", indices, 1, integer=True)
        self.values = _check("RowTensor", "values", values)
        self.shape = _check_shape("RowTensor", shape)
        if values.shape != (indices.shape[0], *shape[1:]):
            raise ValueError(f"For 'RowTensor', 'values' should have shape {(indices.shape[0], *shape[1:])}, but got "
                             f"{values.shape}.")

    @property
    def dense_shape(self) -> tuple[int, ...]:
        """The shape of the whole."""
        return self.shape


class SparseTensor(COOTensor):
    """A `COOTensor` under its name before r1.7.

    Args:
        indices: Tensor of ints, (N, 2).
        values: Tensor, (N,).
        shape: Tuple of two ints.

    Examples:
        >>> issubclass(ms.SparseTensor, ms.COOTensor)
        True

    MindSpore r1.8 `mindspore.SparseTensor`.
    """

    def __init__(self, indices: Any, values: Any, shape: Any):
        warnings.warn("'SparseTensor' is deprecated since MindSpore 1.7; use 'COOTensor'.", DeprecationWarning,
                      stacklevel=2)
        super().__init__(indices, values, shape)


# ***** functions *****


def _csr(owner: str, x: Any) -> CSRTensor:
    if not isinstance(x, CSRTensor):
        raise TypeError(f"For '{owner}', the input should be a CSRTensor, but got {describe(x)}.")
    return x


def _product(owner: str, x: CSRTensor, dense: Tensor) -> Tensor:
    _check(owner, "dense", dense, 2)
    if dense.shape[0] != x.shape[1]:
        raise ValueError(f"For '{owner}', the inner sizes should be equal, but got {x.shape} times {dense.shape}.")
    return csr_product(x.indptr, x.indices, x.values, dense, x.shape[0])


@function()
def csr_mv(csr_tensor: CSRTensor, dense: Tensor) -> Tensor:
    """A matrix in compressed rows times a column vector.

    Args:
        csr_tensor: CSRTensor, (rows, columns).
        dense: Tensor, (columns, 1).

    Returns:
        Tensor, (rows, 1).

    Raises:
        TypeError: The inputs have other types.
        ValueError: The inner sizes differ.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 2))
        >>> print(ops.csr_mv(x, Tensor([[3.0], [4.0]])))
        [[3.]
         [8.]]

    MindSpore r1.8 `ops.csr_mv`.
    """
    return _product("csr_mv", _csr("csr_mv", csr_tensor), dense)


def _at_places(owner: str, x: CSRTensor, y: Tensor) -> Tensor:
    """The elements of a dense Tensor where the sparse matrix has values."""
    x = _csr(owner, x)
    return csr_gather(x.indptr, x.indices, _check(owner, "y", y), x.shape)


@function()
def csr_mul(x: CSRTensor, y: Tensor) -> Tensor:
    """The values of a matrix in compressed rows times the elements of a dense one at their places.

    Args:
        x: CSRTensor.
        y: Tensor that broadcasts to its shape.

    Returns:
        Tensor of values, (N,).

    Raises:
        TypeError: The inputs have other types.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 2))
        >>> print(ops.csr_mul(x, Tensor([[3.0, 3.0], [4.0, 4.0]])))
        [3. 8.]

    MindSpore r1.8 `ops.csr_mul`.
    """
    return mul(_csr("csr_mul", x).values, _at_places("csr_mul", x, y))


@function()
def csr_div(x: CSRTensor, y: Tensor) -> Tensor:
    """The values of a matrix in compressed rows divided by the elements of a dense one at their places.

    Args:
        x: CSRTensor.
        y: Tensor that broadcasts to its shape.

    Returns:
        Tensor of values, (N,).

    Raises:
        TypeError: The inputs have other types.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 2))
        >>> print(ops.csr_div(x, Tensor([[4.0, 4.0], [4.0, 4.0]])))
        [0.25 0.5 ]

    MindSpore r1.8 `ops.csr_div`.
    """
    return div(_csr("csr_div", x).values, _at_places("csr_div", x, y))


@function()
def csr_reduce_sum(csr_tensor: CSRTensor, axis: int) -> Tensor:
    """The sum of each row of a matrix in compressed rows.

    Args:
        csr_tensor: CSRTensor.
        axis: 1, or -1.

    Returns:
        Tensor, (rows, 1).

    Raises:
        TypeError: The input is not a CSRTensor.
        ValueError: `axis` is another.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 2))
        >>> print(ops.csr_reduce_sum(x, 1))
        [[1.]
         [2.]]

    MindSpore r1.8 `ops.csr_reduce_sum`.
    """
    x = _csr("csr_reduce_sum", csr_tensor)
    if axis not in (1, -1):
        raise ValueError(f"For 'csr_reduce_sum', 'axis' should be 1 or -1, but got {axis}.")
    return csr_row_sums(x.indptr, x.values)


@function()
def csr_to_coo(tensor: CSRTensor) -> COOTensor:
    """A matrix in compressed rows by coordinates.

    Args:
        tensor: CSRTensor.

    Returns:
        COOTensor.

    Raises:
        TypeError: The input is not a CSRTensor.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 2]), Tensor([0, 1]), Tensor([1.0, 2.0]), (2, 2))
        >>> print(ops.csr_to_coo(x).indices)
        [[0 0]
         [1 1]]

    MindSpore r1.8 `ops.csr_to_coo`.
    """
    return _csr("csr_to_coo", tensor).to_coo()


@function(method="to_coo")
def dense_to_sparse_coo(tensor: Tensor) -> COOTensor:
    """The elements of a matrix that are not 0, by coordinates.

    Args:
        tensor: Tensor, (rows, columns).

    Returns:
        COOTensor with int32 places. In GRAPH_MODE the Cell around it runs op by op, as their number is data.

    Raises:
        TypeError: The input is not a Tensor.
        ValueError: It has not two axes.

    Examples:
        >>> print(ops.dense_to_sparse_coo(Tensor([[1.0, 0.0], [-5.0, 0.0]])).values)
        [ 1. -5.]

    MindSpore r1.8 `ops.dense_to_sparse_coo`.
    """
    places = cast(nonzero(_check("dense_to_sparse_coo", "tensor", tensor, 2)), mstype.int32)
    return COOTensor(places, gather_nd(tensor, places), tensor.shape)


@function(method="to_csr")
def dense_to_sparse_csr(tensor: Tensor) -> CSRTensor:
    """The elements of a matrix that are not 0, in compressed rows.

    Args:
        tensor: Tensor, (rows, columns).

    Returns:
        CSRTensor with int32 places. In GRAPH_MODE the Cell around it runs op by op, as their number is data.

    Raises:
        TypeError: The input is not a Tensor.
        ValueError: It has not two axes.

    Examples:
        >>> print(ops.dense_to_sparse_csr(Tensor([[1.0, 0.0], [-5.0, 0.0]])).indptr)
        [0 1 2]

    MindSpore r1.8 `ops.dense_to_sparse_csr`.
    """
    return dense_to_sparse_coo(tensor).to_csr()


def _part(kind: str, part: str, field: str) -> None:
    def get(tensor: Any) -> Any:
        return getattr(tensor, field)

    name = f"{kind}_tensor_get_{part}"
    get.__name__ = get.__qualname__ = name
    get.__doc__ = f"The {field} of a {kind.upper() if kind != 'row' else 'Row'}Tensor (MindSpore r1.8 `ops.{name}`)."
    function(name)(get)


for _kind, _names in (("coo", "indices values dense_shape"), ("csr", "indptr indices values dense_shape"),
                      ("row", "indices values dense_shape")):
    for _name in _names.split():
        _part(_kind, _name, "shape" if _name == "dense_shape" else _name)

for _kind, _cls in (("coo", COOTensor), ("csr", CSRTensor), ("row", RowTensor)):
    registry.add(registry.functions, f"make_{_kind}_tensor", _cls)


@function()
def make_sparse_tensor(indices: Tensor, values: Tensor, dense_shape: tuple) -> COOTensor:
    """A COOTensor of its parts, under its name before r1.7 (MindSpore r1.8 `ops.make_sparse_tensor`)."""
    return COOTensor(indices, values, dense_shape)
