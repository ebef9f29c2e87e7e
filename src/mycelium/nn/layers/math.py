"""Mathematics as layers: moments, ranges, products, triangles, gamma and beta functions, diagonals."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.ops.layer_parts import lbeta, rolled, triangle


class Moments(Cell):
    """Mean and variance over axes; the variance is that of the population.

    Args:
        axis: int or tuple; None for all. Default: None.
        keep_dims: Keep the axes with size 1. Default: None, which does not.

    Inputs:
        - **x** (Tensor): float16 or float32.

    Outputs:
        Tuple of the mean and the variance, in the dtype of `x`.

    Raises:
        TypeError: An argument of the wrong type, or `x` is not float16 or float32.

    Examples:
        >>> mean, variance = nn.Moments(axis=0)(Tensor([1.0, 3.0]))
        >>> print(mean, variance)
        2.0 1.0

    MindSpore r1.8 `nn.Moments`.
    """

    def __init__(self, axis: Any = None, keep_dims: bool | None = None):
        super().__init__()
        self.axis = () if axis is None else check_type("Moments", "axis", axis, (int, tuple))
        self.keep_dims = False if keep_dims is None else check_type("Moments", "keep_dims", keep_dims, bool)

    def construct(self, x: Tensor) -> tuple:
        """(mean, variance)."""
        if x.dtype not in (mstype.float16, mstype.float32):
            raise TypeError(f"For 'Moments', 'x' should be float16 or float32, but got {x.dtype}.")
        wide = ops.cast(x, mstype.float32)
        mean = ops.ReduceMean(True)(wide, self.axis)
        variance = ops.ReduceMean(self.keep_dims)(ops.Square()(wide - mean), self.axis)
        mean = ops.reshape(mean, variance.shape)
        return ops.cast(mean, x.dtype), ops.cast(variance, x.dtype)


class ReduceLogSumExp(Cell):
    """ln(sum of e^x) over axes, without overflow.

    Args:
        axis: int, tuple or list; () for all.
        keep_dims: Keep the axes with size 1. Default: False.

    Inputs:
        - **x** (Tensor): float.

    Outputs:
        Tensor of the dtype of `x`.

    Raises:
        TypeError: An argument of the wrong type.

    Examples:
        >>> nn.ReduceLogSumExp(1)(Tensor(np.ones((2, 3), np.float32))).shape
        (2,)

    MindSpore r1.8 `nn.ReduceLogSumExp`.
    """

    def __init__(self, axis: Any, keep_dims: bool = False):
        super().__init__()
        check_type("ReduceLogSumExp", "axis", axis, (int, list, tuple))
        self.axis = tuple(axis) if isinstance(axis, list) else axis
        self.keep_dims = check_type("ReduceLogSumExp", "keep_dims", keep_dims, bool)

    def construct(self, x: Tensor) -> Tensor:
        """The logarithm."""
        return ops.logsumexp(x, self.axis, self.keep_dims)


class Range(Cell):
    """The numbers from `start` to before `limit` in steps of `delta`.

    Args:
        start: The first number, or the limit of a range from 0 when `limit` is None.
        limit: Where it ends, not included. Default: None.
        delta: Step, not 0. Default: 1.

    Outputs:
        Tensor, int32 when all arguments are ints, else float32.

    Raises:
        TypeError: An argument is no number.
        ValueError: `delta` is 0.

    Examples:
        >>> print(nn.Range(1, 8, 2)())
        [1 3 5 7]

    MindSpore r1.8 `nn.Range`.
    """

    def __init__(self, start: float, limit: float | None = None, delta: float = 1):
        super().__init__()
        if limit is None:
            start, limit = 0, start
        for name, value in (("start", start), ("limit", limit), ("delta", delta)):
            check_type("Range", name, value, (int, float))
        if delta == 0:
            raise ValueError("For 'Range', 'delta' should not be 0.")
        self.start, self.limit, self.delta = start, limit, delta
        whole = all(isinstance(v, int) for v in (start, limit, delta))
        self.result_tensor = Tensor(np.arange(start, limit, delta).astype(np.int32 if whole else np.float32))

    def construct(self) -> Tensor:
        """The numbers."""
        return self.result_tensor


class MatMul(Cell):
    """Matrix product, broadcasting over the axes before the last two.

    Args:
        transpose_x1: Swap the last two axes of the first input. Default: False.
        transpose_x2: Swap the last two axes of the second input. Default: False.

    Inputs:
        - **x1** (Tensor): shape (*, M, K).
        - **x2** (Tensor): shape (*, K, N).

    Outputs:
        Tensor, shape (*, M, N).

    Raises:
        TypeError: An argument is no bool.
        ValueError: The shapes do not fit.

    Examples:
        >>> nn.MatMul(transpose_x1=True)(Tensor(np.ones((4, 3), np.float32)), Tensor(np.ones((4, 2), np.float32))).shape
        (3, 2)

    MindSpore r1.8 `nn.MatMul`.
    """

    def __init__(self, transpose_x1: bool = False, transpose_x2: bool = False):
        super().__init__()
        self.transpose_x1 = check_type("MatMul", "transpose_x1", transpose_x1, bool)
        self.transpose_x2 = check_type("MatMul", "transpose_x2", transpose_x2, bool)

    def construct(self, x1: Tensor, x2: Tensor) -> Tensor:
        """The product."""
        if self.transpose_x1 and x1.ndim > 1:
            x1 = x1.swapaxes(-1, -2)
        if self.transpose_x2 and x2.ndim > 1:
            x2 = x2.swapaxes(-1, -2)
        return ops.matmul(x1, x2)


class _Triangle(Cell):
    upper = False

    def construct(self, x: Tensor, k: int = 0) -> Tensor:
        """The triangle that diagonal `k` ends."""
        return triangle(x, check_type(type(self).__name__, "k", k, int), upper=self.upper)


class Tril(_Triangle):
    """The lower triangle of matrices, zeros elsewhere.

    Inputs:
        - **x** (Tensor): shape (*, M, N).
        - **k** (int): The last diagonal that is kept. Default: 0.

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: `k` is no int.

    Examples:
        >>> print(nn.Tril()(Tensor([[1, 2], [3, 4]])))
        [[1 0]
         [3 4]]

    MindSpore r1.8 `nn.Tril`.
    """


class Triu(_Triangle):
    """The upper triangle of matrices, zeros elsewhere.

    Inputs:
        - **x** (Tensor): shape (*, M, N).
        - **k** (int): The first diagonal that is kept. Default: 0.

    Outputs:
        Tensor like `x`.

    Raises:
        TypeError: `k` is no int.

    Examples:
        >>> print(nn.Triu()(Tensor([[1, 2], [3, 4]])))
        [[1 2]
         [0 4]]

    MindSpore r1.8 `nn.Triu`.
    """

    upper = True


class Roll(Cell):
    """Moves elements along axes; those that fall off come in again.

    Args:
        shift: int, or one per axis.
        axis: int, or a tuple or list of the axes.

    Inputs:
        - **input_x** (Tensor): any shape.

    Outputs:
        Tensor like `input_x`.

    Raises:
        TypeError: An argument is no int, tuple or list.
        ValueError: There is not one shift for each axis.

    Examples:
        >>> print(nn.Roll(shift=2, axis=0)(Tensor([0.0, 1.0, 2.0, 3.0])))
        [2. 3. 0. 1.]

    MindSpore r1.8 `nn.Roll`.
    """

    def __init__(self, shift: Any, axis: Any):
        super().__init__()
        self.shift = self._tuple("shift", shift)
        self.axis = self._tuple("axis", axis)
        if len(self.shift) != len(self.axis):
            raise ValueError(f"For 'Roll', there should be one 'shift' for each 'axis', but got {shift} and {axis}.")

    def _tuple(self, name: str, value: Any) -> tuple[int, ...]:
        check_type("Roll", name, value, (int, tuple, list))
        values = (value,) if isinstance(value, int) else tuple(value)
        return tuple([check_type("Roll", name, v, int) for v in values])

    def construct(self, input_x: Tensor) -> Tensor:
        """`input_x`, moved."""
        return rolled(input_x, shift=self.shift, axis=self.axis)


class LGamma(Cell):
    """The logarithm of the absolute value of the gamma function of each element (MindSpore r1.8 `nn.LGamma`).

    Examples:
        >>> nn.LGamma()(Tensor([1.0, 2.0])).shape
        (2,)
    """

    def construct(self, x: Tensor) -> Tensor:
        """The values."""
        return ops.Lgamma()(x)


class DiGamma(Cell):
    """The derivative of the logarithm of the gamma function, for each element (MindSpore r1.8 `nn.DiGamma`).

    Examples:
        >>> nn.DiGamma()(Tensor([1.0, 2.0])).shape
        (2,)
    """

    def construct(self, x: Tensor) -> Tensor:
        """The values."""
        return ops.Digamma()(x)


class IGamma(Cell):
    """The lower regularised incomplete gamma function of `a` at `x` (MindSpore r1.8 `nn.IGamma`).

    Examples:
        >>> print(nn.IGamma()(Tensor([1.0, 2.0]), Tensor([0.0, 0.0])))
        [0. 0.]
    """

    def construct(self, a: Tensor, x: Tensor) -> Tensor:
        """The values."""
        return ops.Igamma()(a, x)


class LBeta(Cell):
    """ln(gamma(x) gamma(y) / gamma(x + y)) for each element (MindSpore r1.8 `nn.LBeta`).

    Examples:
        >>> nn.LBeta()(Tensor([1.0]), Tensor([1.0])).shape
        (1,)
    """

    def construct(self, x: Tensor, y: Tensor) -> Tensor:
        """The values."""
        return lbeta(x, y)


class MatInverse(Cell):
    """The inverse of positive definite matrices (MindSpore r1.8 `nn.MatInverse`).

    Examples:
        >>> print(nn.MatInverse()(Tensor([[2.0, 0.0], [0.0, 4.0]])))
        [[0.5  0.  ]
         [0.   0.25]]
    """

    def construct(self, a: Tensor) -> Tensor:
        """The inverses."""
        return ops.MatrixInverse()(a)


class MatDet(Cell):
    """The determinant of positive definite matrices (MindSpore r1.8 `nn.MatDet`).

    Examples:
        >>> print(nn.MatDet()(Tensor([[2.0, 0.0], [0.0, 4.0]])))
        8.0
    """

    def construct(self, a: Tensor) -> Tensor:
        """The determinants."""
        return ops.MatrixDeterminant()(a)


class MatrixDiag(Cell):
    """Matrices with the input on their diagonals.

    Inputs:
        - **input_x** (Tensor): shape (*, K).

    Outputs:
        Tensor, shape (*, K, K).

    Examples:
        >>> print(nn.MatrixDiag()(Tensor([1.0, -1.0])))
        [[ 1.  0.]
         [ 0. -1.]]

    MindSpore r1.8 `nn.MatrixDiag`.
    """

    def construct(self, input_x: Tensor) -> Tensor:
        """The matrices."""
        return ops.expand_dims(input_x, -1) * ops.eye(input_x.shape[-1], input_x.shape[-1], input_x.dtype)


def _matrices(owner: str, x: Tensor) -> Tensor:
    """Ones of the diagonals of `x`, shape (M, N)."""
    if x.ndim < 2:
        raise ValueError(f"For '{owner}', the input should have two or more axes, but got shape {tuple(x.shape)}.")
    return ops.eye(x.shape[-2], x.shape[-1], mstype.int32) == 1


class MatrixDiagPart(Cell):
    """The diagonals of matrices.

    Inputs:
        - **input_x** (Tensor): shape (*, M, N).

    Outputs:
        Tensor, shape (*, min(M, N)).

    Raises:
        ValueError: `input_x` has fewer than two axes.

    Examples:
        >>> print(nn.MatrixDiagPart()(Tensor([[1.0, 2.0], [3.0, 4.0]])))
        [1. 4.]

    MindSpore r1.8 `nn.MatrixDiagPart`.
    """

    def construct(self, input_x: Tensor) -> Tensor:
        """The diagonals."""
        _matrices("MatrixDiagPart", input_x)
        return input_x.diagonal(0, -2, -1)


class MatrixSetDiag(Cell):
    """Matrices with other diagonals.

    Inputs:
        - **input_x** (Tensor): shape (*, M, N).
        - **diagonal** (Tensor): shape (*, min(M, N)), dtype of `input_x`.

    Outputs:
        Tensor like `input_x`.

    Raises:
        ValueError: The shapes do not fit.

    Examples:
        >>> print(nn.MatrixSetDiag()(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([0.0, 9.0])))
        [[0. 2.]
         [3. 9.]]

    MindSpore r1.8 `nn.MatrixSetDiag`.
    """

    def construct(self, input_x: Tensor, diagonal: Tensor) -> Tensor:
        """The matrices."""
        on_diagonal = _matrices("MatrixSetDiag", input_x)
        m, n = input_x.shape[-2:]
        wanted = (*input_x.shape[:-2], min(m, n))
        if tuple(diagonal.shape) != wanted:
            raise ValueError(f"For 'MatrixSetDiag', 'diagonal' should have shape {wanted}, but got "
                             f"{describe(diagonal)}.")
        spread = ops.expand_dims(diagonal, -1 if m <= n else -2)
        shape = tuple(input_x.shape)
        return ops.select(ops.broadcast_to(on_diagonal, shape), ops.broadcast_to(spread, shape), input_x)
