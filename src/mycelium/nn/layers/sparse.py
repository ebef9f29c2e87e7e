"""Sparse matrices as layers: SparseToDense, SparseTensorDenseMatmul."""
from __future__ import annotations

from mycelium import ops
from mycelium.core.errors import check_type, describe
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.ops.sparse_tensors import COOTensor


class SparseToDense(Cell):
    """A sparse Tensor as a dense one.

    Inputs:
        - **coo_tensor** (COOTensor): any shape.

    Outputs:
        Tensor of its shape and dtype.

    Raises:
        TypeError: The input is no COOTensor.

    Examples:
        >>> x = ms.COOTensor(Tensor([[0, 1]], ms.int32), Tensor([2.0]), (2, 2))
        >>> print(nn.SparseToDense()(x))
        [[0. 2.]
         [0. 0.]]

    MindSpore r1.8 `nn.SparseToDense`.
    """

    def construct(self, coo_tensor: COOTensor) -> Tensor:
        """The dense Tensor."""
        return check_type("SparseToDense", "coo_tensor", coo_tensor, COOTensor).to_dense()


class SparseTensorDenseMatmul(Cell):
    """The product of a sparse and a dense matrix.

    Args:
        adjoint_st: Transpose the sparse matrix. Default: False.
        adjoint_dt: Transpose the dense matrix. Default: False.

    Inputs:
        - **indices** (Tensor): int32 or int64, shape (n, 2): row and column of each value.
        - **values** (Tensor): shape (n,).
        - **sparse_shape** (tuple): (rows, columns).
        - **dense** (Tensor): the dense matrix.

    Outputs:
        Tensor, the product.

    Raises:
        TypeError: An argument of the wrong type.
        ValueError: The shapes do not fit.

    Examples:
        >>> indices, values = Tensor([[0, 1], [1, 2]], ms.int32), Tensor([1.0, 2.0])
        >>> dense = Tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
        >>> print(nn.SparseTensorDenseMatmul()(indices, values, (2, 3), dense))
        [[2. 2.]
         [6. 6.]]

    MindSpore r1.8 `nn.SparseTensorDenseMatmul`.
    """

    def __init__(self, adjoint_st: bool = False, adjoint_dt: bool = False):
        super().__init__()
        self.adjoint_st = check_type("SparseTensorDenseMatmul", "adjoint_st", adjoint_st, bool)
        self.adjoint_dt = check_type("SparseTensorDenseMatmul", "adjoint_dt", adjoint_dt, bool)

    def construct(self, indices: Tensor, values: Tensor, sparse_shape: tuple, dense: Tensor) -> Tensor:
        """The product."""
        if not isinstance(sparse_shape, tuple) or len(sparse_shape) != 2:
            raise ValueError(f"For 'SparseTensorDenseMatmul', 'sparse_shape' should be (rows, columns), but got "
                             f"{describe(sparse_shape)}.")
        rows, columns = (1, 0) if self.adjoint_st else (0, 1)
        if self.adjoint_dt:
            dense = ops.transpose(dense, (1, 0))
        if dense.ndim != 2 or dense.shape[0] != sparse_shape[columns]:
            raise ValueError(f"For 'SparseTensorDenseMatmul', the sparse matrix of shape {sparse_shape} and the "
                             f"dense one of shape {tuple(dense.shape)} do not fit together.")
        terms = ops.gather(dense, indices[:, columns], 0) * ops.expand_dims(values, 1)
        return ops.UnsortedSegmentSum()(terms, indices[:, rows], sparse_shape[rows])
