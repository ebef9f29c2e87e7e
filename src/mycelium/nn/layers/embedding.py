"""Embeddings: vectors looked up by index."""
from __future__ import annotations

from typing import Any

import numpy as np

from mycelium import ops
from mycelium.core import dtype as mstype
from mycelium.core.errors import check_choice, check_int, check_type
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.initializer import initializer
from mycelium.nn.cell import Cell


class Embedding(Cell):
    """Looks up vectors by index.

    Args:
        vocab_size: Number of vectors.
        embedding_size: Their size.
        use_one_hot: Multiply with one-hot vectors instead of gathering. Default: False.
        embedding_table: Initial vectors. Default: "normal", N(0, 0.01^2).
        dtype: Of the vectors. Default: float32.
        padding_idx: Index whose vector starts as zeros. Default: None.

    Inputs:
        - **ids** (Tensor): int32 or int64, shape (*).

    Outputs:
        Tensor, shape (*, embedding_size).

    Examples:
        >>> nn.Embedding(10, 4)(Tensor([[1, 2, 3]])).shape
        (1, 3, 4)

    MindSpore r1.8 `nn.Embedding`.
    """

    def __init__(self, vocab_size: int, embedding_size: int, use_one_hot: bool = False, embedding_table: Any = "normal",
                 dtype: mstype.Type = mstype.float32, padding_idx: int | None = None):
        super().__init__()
        self.vocab_size = check_int("Embedding", "vocab_size", vocab_size, 0)
        self.embedding_size = check_int("Embedding", "embedding_size", embedding_size, 0)
        self.use_one_hot = check_type("Embedding", "use_one_hot", use_one_hot, bool)
        self.dtype = dtype
        self.padding_idx = padding_idx
        table = initializer(embedding_table, (vocab_size, embedding_size), dtype)
        if padding_idx is not None:
            check_int("Embedding", "padding_idx", padding_idx, 0)
            if padding_idx >= vocab_size:
                raise ValueError(f"For 'Embedding', 'padding_idx' should be less than vocab_size={vocab_size}, but got "
                                 f"{padding_idx}.")
            host = table.init_data().asnumpy()
            host[padding_idx] = 0
            table = Tensor(host)
        self.embedding_table = Parameter(table, name="embedding_table")

    def construct(self, ids: Tensor) -> Tensor:
        """The vectors."""
        shape = (*ids.shape, self.embedding_size)
        flat = ops.reshape(ids, (-1,))
        if self.use_one_hot:
            one, zero = ops.cast(1.0, self.embedding_table.dtype), ops.cast(0.0, self.embedding_table.dtype)
            chosen = ops.OneHot()(flat, self.vocab_size, one, zero)
            return ops.reshape(ops.MatMul()(chosen, self.embedding_table), shape)
        return ops.reshape(ops.Gather()(self.embedding_table, flat, 0), shape)

    def extend_repr(self) -> str:
        """Sizes and table."""
        return (f"vocab_size={self.vocab_size}, embedding_size={self.embedding_size}, use_one_hot={self.use_one_hot}, "
                f"embedding_table={self.embedding_table}, dtype={self.dtype}, padding_idx={self.padding_idx}")


class EmbeddingLookup(Cell):
    """Looks up vectors by index.

    Args:
        vocab_size: Number of vectors.
        embedding_size: Their size.
        param_init: Initial vectors. Default: "normal".
        target: Kept for compatibility. Default: "CPU".
        slice_mode: Kept for compatibility.
        manual_shapes: Kept for compatibility.
        max_norm: Longer vectors are scaled down to this norm. Default: None.
        sparse: Kept for compatibility.
        vocab_cache_size: Kept for compatibility.

    Examples:
        >>> nn.EmbeddingLookup(4, 2)(Tensor([[1, 0], [3, 2]], ms.int32)).shape
        (2, 2, 2)

    MindSpore r1.8 `nn.EmbeddingLookup`.
    """

    BATCH_SLICE, FIELD_SLICE = "batch_slice", "field_slice"
    TABLE_ROW_SLICE, TABLE_COLUMN_SLICE = "table_row_slice", "table_column_slice"

    def __init__(self, vocab_size: int, embedding_size: int, param_init: Any = "normal", target: str = "CPU",
                 slice_mode: str = "batch_slice", manual_shapes: Any = None, max_norm: float | None = None,
                 sparse: bool = True, vocab_cache_size: int = 0):
        super().__init__()
        self.vocab_size = check_int("EmbeddingLookup", "vocab_size", vocab_size, 1)
        self.embedding_size = check_int("EmbeddingLookup", "embedding_size", embedding_size, 1)
        self.target = check_choice("EmbeddingLookup", "target", target, ("CPU", "DEVICE"))
        self.embedding_table = Parameter(initializer(param_init, (vocab_size, embedding_size)), name="embedding_table")
        self.max_norm = max_norm

    def construct(self, indices: Tensor) -> Tensor:
        """The vectors."""
        out = ops.Gather()(self.embedding_table, indices, 0)
        if self.max_norm is not None:
            norm = ops.Sqrt()(ops.ReduceSum(True)(ops.Square()(out), -1))
            out = out * ops.Minimum()(self.max_norm / ops.Maximum()(norm, np.float32(1e-12).item()), 1.0)
        return out


class MultiFieldEmbeddingLookup(EmbeddingLookup):
    """Looks up vectors by index, weights them, and reduces those of each field.

    Args:
        vocab_size: Number of vectors.
        embedding_size: Their size.
        field_size: Number of fields.
        param_init: Initial vectors. Default: "normal".
        target: Kept for compatibility. Default: "CPU".
        slice_mode: Kept for compatibility.
        feature_num_list: Kept for compatibility.
        max_norm: Longer vectors are scaled down to this norm. Default: None.
        sparse: Kept for compatibility.
        operator: "SUM" (default), "MEAN" or "MAX" of the vectors of a field; a field without any gives 0.

    Inputs:
        - **input_indices** (Tensor): int32 or int64, shape (N, L).
        - **input_values** (Tensor): the weights, shape (N, L).
        - **field_ids** (Tensor): int32, shape (N, L), the field of each index.

    Outputs:
        Tensor, shape (N, field_size, embedding_size).

    Raises:
        TypeError: A size is no int.
        ValueError: A size is less than 1, another `operator`, or the shapes differ.

    Examples:
        >>> net = nn.MultiFieldEmbeddingLookup(10, 2, field_size=2)
        >>> ids, fields = Tensor([[2, 4, 6]], ms.int32), Tensor([[0, 1, 1]], ms.int32)
        >>> net(ids, Tensor(np.ones((1, 3), np.float32)), fields).shape
        (1, 2, 2)

    MindSpore r1.8 `nn.MultiFieldEmbeddingLookup`.
    """

    OPERATOR_SUM, OPERATOR_MEAN, OPERATOR_MAX = "SUM", "MEAN", "MAX"

    def __init__(self, vocab_size: int, embedding_size: int, field_size: int, param_init: Any = "normal",
                 target: str = "CPU", slice_mode: str = "batch_slice", feature_num_list: Any = None,
                 max_norm: float | None = None, sparse: bool = True, operator: str = "SUM"):
        super().__init__(vocab_size, embedding_size, param_init, target, slice_mode, feature_num_list, max_norm, sparse)
        self.field_size = check_int("MultiFieldEmbeddingLookup", "field_size", field_size, 1)
        self.operator = check_choice("MultiFieldEmbeddingLookup", "operator", operator, ("SUM", "MAX", "MEAN"))

    def construct(self, input_indices: Tensor, input_values: Tensor, field_ids: Tensor) -> Tensor:
        """The reduced vectors."""
        if input_indices.ndim != 2 or not input_indices.shape == input_values.shape == field_ids.shape:
            raise ValueError(f"For 'MultiFieldEmbeddingLookup', the inputs should have one shape (N, L), but got "
                             f"{tuple(input_indices.shape)}, {tuple(input_values.shape)} and {tuple(field_ids.shape)}.")
        n, fields = input_indices.shape[0], self.field_size
        vectors = super().construct(input_indices) * ops.expand_dims(input_values, -1)
        first = ops.reshape(ops.range(Tensor(0, field_ids.dtype), Tensor(n * fields, field_ids.dtype),
                                      Tensor(fields, field_ids.dtype)), (n, 1))
        segments = field_ids + first
        count = ops.UnsortedSegmentSum()(ops.ones_like(vectors), segments, n * fields)
        if self.operator == "MAX":
            out = ops.UnsortedSegmentMax()(vectors, segments, n * fields)
            out = ops.select(count > 0, out, ops.zeros_like(out))
        else:
            out = ops.UnsortedSegmentSum()(vectors, segments, n * fields)
            if self.operator == "MEAN":
                out = out / ops.maximum(count, 1.0)
        return ops.reshape(out, (n, fields, self.embedding_size))
