"""AllReduce of the one process there is."""
from __future__ import annotations

import pytest

from mycelium import Tensor, ops


def test_one_process_keeps_its_own(mode):
    x = Tensor([1.0, 2.0])
    for kind in (ops.ReduceOp.SUM, ops.ReduceOp.MAX, ops.ReduceOp.MIN, ops.ReduceOp.PROD):
        assert ops.AllReduce(kind)(x).asnumpy().tolist() == [1, 2]


def test_what_is_no_reduction():
    with pytest.raises(ValueError, match="For 'AllReduce', 'op' should be one of"):
        ops.AllReduce("mean")
    with pytest.raises(TypeError, match="For 'AllReduce', the type of 'op' should be str"):
        ops.AllReduce(3)
    with pytest.raises(TypeError, match="the input should be a Tensor"):
        ops.AllReduce()(3)
