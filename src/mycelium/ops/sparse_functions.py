"""Functions of sparse Tensors that MindSpore r2.0 added: element by element, sums of two, softmax of rows."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.ops import registry
from mycelium.ops.annotations import Array
from mycelium.ops.casting import cast
from mycelium.ops.op import function, op
from mycelium.ops.sparse import coalesce
from mycelium.ops.sparse_tensors import COOTensor, CSRTensor

# The functions f with f(0) = 0 or not: only the values that are held change, as in MindSpore.
_ELEMENTWISE = """abs acos acosh asin asinh atan atanh ceil cos cosh exp expm1 floor inv isfinite isinf isnan log log1p
    neg relu relu6 round sigmoid sin sinh softsign sqrt square tan tanh"""


def _element(kind: type, name: str) -> None:
    plain = registry.functions[name]
    short = {COOTensor: "coo", CSRTensor: "csr"}[kind]

    def public(x: Any) -> Any:
        if not isinstance(x, kind):
            raise TypeError(f"For '{short}_{name}', 'x' should be a {kind.__name__}, but got {describe(x)}.")
        return x._with_values(plain(x.values))

    public.__name__ = public.__qualname__ = f"{short}_{name}"
    public.__doc__ = f"""`ops.{name}` of the values that are held.

    Args:
        x: {kind.__name__}.

    Returns:
        {kind.__name__} with the same places.

    MindSpore r2.0 `ops.{short}_{name}`.
    """
    function(public.__name__)(public)


for _name in _ELEMENTWISE.split():
    _element(COOTensor, _name)
    _element(CSRTensor, _name)


@function()
def coo_add(x1: COOTensor, x2: COOTensor, thresh: Tensor) -> COOTensor:
    """The sum of two sparse matrices; values that are not above a threshold are left out.

    Args:
        x1: COOTensor.
        x2: COOTensor of the same shape and dtype.
        thresh: Tensor of shape (): the threshold of absolute values.

    Returns:
        COOTensor, sorted.

    Examples:
        >>> x = ms.COOTensor(Tensor([[0, 1]]), Tensor([2.0]), (2, 2))
        >>> print(ops.coo_add(x, x, Tensor(0.0)).to_dense()[0])
        [0. 4.]

    MindSpore r2.0 `ops.coo_add`.
    """
    for name, x in (("x1", x1), ("x2", x2)):
        if not isinstance(x, COOTensor):
            raise TypeError(f"For 'coo_add', '{name}' should be a COOTensor, but got {describe(x)}.")
    if x1.shape != x2.shape:
        raise ValueError(f"For 'coo_add', the shapes should be equal, but got {x1.shape} and {x2.shape}.")
    places = np.concatenate([x1.indices.asnumpy(), x2.indices.asnumpy()])
    values = np.concatenate([x1.values.asnumpy(), x2.values.asnumpy()])
    found, where = np.unique(places, axis=0, return_inverse=True)
    total = np.zeros(len(found), values.dtype)
    np.add.at(total, where.ravel(), values)
    kept = np.abs(total) > thresh.asnumpy()
    return COOTensor(Tensor(found[kept]), Tensor(total[kept]), x1.shape)


@function()
def csr_add(a: CSRTensor, b: CSRTensor, alpha: Tensor, beta: Tensor) -> CSRTensor:
    """The sum of multiples of two sparse matrices: alpha a + beta b.

    Args:
        a: CSRTensor.
        b: CSRTensor of the same shape and dtype.
        alpha: Tensor of shape (): the factor of `a`.
        beta: Tensor of shape (): the factor of `b`.

    Returns:
        CSRTensor.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 1, 1]), Tensor([1]), Tensor([2.0]), (2, 2))
        >>> print(ops.csr_add(x, x, Tensor(1.0), Tensor(2.0)).to_dense()[0])
        [0. 6.]

    MindSpore r2.0 `ops.csr_add`.
    """
    for name, x in (("a", a), ("b", b)):
        if not isinstance(x, CSRTensor):
            raise TypeError(f"For 'csr_add', '{name}' should be a CSRTensor, but got {describe(x)}.")
    if a.shape != b.shape:
        raise ValueError(f"For 'csr_add', the shapes should be equal, but got {a.shape} and {b.shape}.")
    places = np.concatenate([_places(x) for x in (a, b)])
    values = np.concatenate([a.values.asnumpy() * alpha.asnumpy(), b.values.asnumpy() * beta.asnumpy()])
    found, where = np.unique(places, axis=0, return_inverse=True)
    total = np.zeros(len(found), a.values.asnumpy().dtype)
    np.add.at(total, where.ravel(), values)
    kind = a.indptr.asnumpy().dtype
    starts = np.searchsorted(found[:, 0], np.arange(a.shape[0] + 1)).astype(kind)
    return CSRTensor(Tensor(starts), Tensor(found[:, 1].astype(kind)), Tensor(total), a.shape)


def _places(x: CSRTensor) -> np.ndarray:
    """(row, column) of each value."""
    counts = np.diff(x.indptr.asnumpy())
    return np.stack([np.repeat(np.arange(len(counts)), counts), x.indices.asnumpy()], -1)


@op(None, function=None)
def softmax_of_rows(values: Array, rows: Array, *, count: int) -> Array:
    """Softmax of the values with the same row."""
    largest = jax.ops.segment_max(values, rows, count)
    power = jnp.exp(values - jax.lax.stop_gradient(largest)[rows])
    return power / jax.ops.segment_sum(power, rows, count)[rows]


@function()
def csr_softmax(logits: CSRTensor, dtype: mstype.Type) -> CSRTensor:
    """Softmax of the values that each row holds.

    Args:
        logits: CSRTensor.
        dtype: dtype of the result.

    Returns:
        CSRTensor with the same places.

    Examples:
        >>> x = ms.CSRTensor(Tensor([0, 2, 2]), Tensor([0, 1]), Tensor([1.0, 1.0]), (2, 2))
        >>> print(ops.csr_softmax(x, ms.float32).values)
        [0.5 0.5]

    MindSpore r2.0 `ops.csr_softmax`.
    """
    rows = Tensor(_places(logits)[:, 0])
    return logits._with_values(softmax_of_rows(cast(logits.values, dtype), rows, count=logits.shape[0]))


@function()
def csr_to_dense(csr_tensor: CSRTensor) -> Tensor:
    """The matrix as a dense Tensor.

    Args:
        csr_tensor: CSRTensor.

    Returns:
        Tensor.

    Examples:
        >>> print(ops.csr_to_dense(ms.CSRTensor(Tensor([0, 1]), Tensor([1]), Tensor([2.0]), (1, 2))))
        [[0. 2.]]

    MindSpore r2.0 `ops.csr_to_dense`.
    """
    return csr_tensor.to_dense()


@function()
def coo_concat(sp_input: Any, concat_dim: int = 0) -> COOTensor:
    """Sparse matrices joined along an axis.

    Args:
        sp_input: Tuple of COOTensors.
        concat_dim: 0 or 1.

    Returns:
        COOTensor, sorted.

    Examples:
        >>> x = ms.COOTensor(Tensor([[0, 1]]), Tensor([2.0]), (1, 2))
        >>> print(ops.coo_concat((x, x)).to_dense())
        [[0. 2.]
         [0. 2.]]

    MindSpore r2.0 `ops.coo_concat`.
    """
    axis, start, places, shape = concat_dim % 2, 0, [], list(sp_input[0].shape)
    for x in sp_input:
        moved = x.indices.asnumpy().copy()
        moved[:, axis] += start
        start += x.shape[axis]
        places.append(moved)
    shape[axis] = start
    found, values = np.concatenate(places), np.concatenate([x.values.asnumpy() for x in sp_input])
    order = np.lexsort(found.T[::-1])
    return COOTensor(Tensor(found[order]), Tensor(values[order]), tuple(shape))


def _method(kind: type, name: str) -> Callable:
    def decorate(fn: Callable) -> Callable:
        setattr(kind, name, fn)
        return fn

    return decorate


@_method(COOTensor, "add")
def _coo_add(self: COOTensor, other: COOTensor, thresh: Tensor) -> COOTensor:
    """The sum of this matrix and another, as `ops.coo_add` (MindSpore r2.0 `COOTensor.add`)."""
    return coo_add(self, other, thresh)


@_method(COOTensor, "coalesce")
def _coo_coalesce(self: COOTensor) -> COOTensor:
    """The same matrix with its places sorted, and equal ones added (MindSpore r2.0 `COOTensor.coalesce`)."""
    places, values, _ = coalesce(self.indices.transpose(), self.values, Tensor(np.int64(self.shape)))
    return COOTensor(places.transpose(), values, self.shape)


@_method(CSRTensor, "add")
def _csr_add(self: CSRTensor, b: CSRTensor, alpha: Tensor, beta: Tensor) -> CSRTensor:
    """alpha times this matrix plus beta times another, as `ops.csr_add` (MindSpore r2.0 `CSRTensor.add`)."""
    return csr_add(self, b, alpha, beta)
