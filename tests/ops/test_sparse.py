"""Sparse matrices against their dense forms in NumPy, also as arguments and results of compiled functions."""
import numpy as np
import pytest
from tests.ops.harness import Case, Refusal, check, refuse

import mycelium as ms
from mycelium import COOTensor, CSRTensor, RowTensor, Tensor, ops
from mycelium.graph.compiler import GraphFunction

PLACES = np.array([[0, 1], [1, 2], [2, 0]])
VALUES = np.array([1, 2, -3], np.float32)
DENSE = np.array([[0, 1, 0, 0], [0, 0, 2, 0], [-3, 0, 0, 0]], np.float32)
RIGHT = np.arange(8, dtype=np.float32).reshape(4, 2)
POINTERS = np.array([0, 1, 2, 3])

CASES = [
    Case(ops.SparseToDense(), [PLACES, VALUES, (3, 4)], expect=DENSE),
    Case(ops.SparseToDense(), [PLACES[:2] * 0, VALUES[:2], (1, 2)], expect=np.float32([[3, 0]]), grad=1),
    Case(ops.SparseTensorDenseMatmul(), [PLACES, VALUES, (3, 4), RIGHT], numpy=lambda *a: DENSE @ a[3]),
    Case(ops.SparseTensorDenseMatmul(adjoint_st=True), [PLACES, VALUES, (3, 4), RIGHT[:3]],
         numpy=lambda *a: DENSE.T @ a[3], grad=1),
    Case(ops.SparseTensorDenseMatmul(adjoint_dt=True), [PLACES, VALUES, (3, 4), RIGHT.T.copy()],
         numpy=lambda *a: DENSE @ a[3].T, grad=1),
    Case(ops.Coalesce(), [np.array([[1, 0, 1], [2, 1, 2]]), VALUES, np.array([3, 3])],
         expect=([[0, 1], [1, 2]], [2, -2], [3, 3]), dtype="int64 float32 int64", dynamic=True, grad=0),
    Case(ops.csr2coo, [np.int32([0, 1, 1, 3]), 3], expect=[0, 2, 2], dtype="int32"),
    Case(ops.coo2csr, [np.int32([0, 2, 2]), 3], expect=[0, 1, 1, 3], dtype="int32"),
    Case(ops.csr_gather, [POINTERS, PLACES[:, 1], DENSE, (3, 4)], expect=VALUES),
]

REFUSALS = [
    Refusal(ops.SparseToDense(), [PLACES, VALUES[:2], (3, 4)], ValueError, "should have shape (N, 2)"),
    Refusal(ops.SparseToDense(), [VALUES, VALUES, (3, 4)], TypeError, "int32 or int64"),
    Refusal(ops.SparseTensorDenseMatmul(), [PLACES, VALUES, (3, 4), RIGHT[:3]], ValueError, "inner sizes"),
    Refusal(ops.SparseTensorDenseMatmul(), [PLACES, VALUES, (3,), RIGHT], ValueError, "two axes"),
    Refusal(ops.SparseTensorDenseMatmul(), [PLACES, VALUES, (3, 4), RIGHT.astype(int)], TypeError, "one dtype"),
    Refusal(lambda: ops.SparseTensorDenseMatmul(1), [], TypeError, "should be bool"),
    Refusal(ops.Coalesce(), [PLACES, VALUES, np.array([3, 4])], ValueError, "(2, 3)", graph=False),
    Refusal(ops.csr_mv, [3, RIGHT], TypeError, "should be a CSRTensor"),
    Refusal(lambda v: COOTensor(Tensor(PLACES), v, (3,)), [VALUES], ValueError, "two sizes"),
    Refusal(lambda v: COOTensor(Tensor([0, 1]), v, (3, 4)), [VALUES], ValueError, "should have 2 axes"),
    Refusal(lambda v: COOTensor(Tensor(PLACES), v, (3, 4)), [VALUES[:2]], ValueError, "one place for each value"),
    Refusal(lambda v: COOTensor([[0, 1]], v, (3, 4)), [VALUES], TypeError, "'indices' should be a Tensor"),
    Refusal(lambda v: COOTensor(v, v, (3, 4)), [VALUES], TypeError, "int16, int32 or int64"),
    Refusal(lambda v: COOTensor(Tensor(PLACES), v, (3, 4.0)), [VALUES], TypeError, "tuple of ints"),
    Refusal(lambda v: COOTensor(Tensor(PLACES), v, (3, -4)), [VALUES], ValueError, "positive sizes"),
    Refusal(lambda v: CSRTensor(Tensor([0, 1]), Tensor([0, 1, 2]), v, (3, 4)), [VALUES], ValueError,
            "one element more"),
    Refusal(lambda v: CSRTensor(Tensor(POINTERS), Tensor([0, 1]), v, (3, 4)), [VALUES], ValueError, "one column for"),
    Refusal(lambda v: RowTensor(Tensor([0]), v, (3, 2)), [VALUES], ValueError, "should have shape (1, 2)"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(case):
    check(case)


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_refusals(refusal):
    refuse(refusal)


def _coo():
    return COOTensor(Tensor(PLACES, ms.int32), Tensor(VALUES), (3, 4))


def test_forms_turn_into_each_other():
    coo = _coo()
    csr = coo.to_csr()
    for form in (coo, csr, csr.to_coo(), ops.csr_to_coo(csr), Tensor(DENSE).to_coo(), Tensor(DENSE).to_csr(),
                 COOTensor(coo_tensor=coo), CSRTensor(csr_tensor=csr)):
        np.testing.assert_array_equal(form.to_dense().asnumpy(), DENSE)
        assert (form.shape, form.dtype, form.size, form.itemsize, form.ndim) == ((3, 4), ms.float32, 3, 4, 2)
    assert csr.indptr.dtype == ms.int32 and csr.indptr.asnumpy().tolist() == [0, 1, 2, 3]
    assert coo.astype(ms.float64).dtype == ms.float64 and csr.abs().values.asnumpy().tolist() == [1, 2, 3]
    assert len(csr.to_tuple()) == 4 and coo.to_tuple()[2] == (3, 4)


def test_text():
    assert repr(_coo()) == (
        "COOTensor(shape=[3, 4], dtype=Float32, indices=Tensor(shape=[3, 2], dtype=Int32, value=\n[[0 1]\n [1 2]\n "
        "[2 0]]), "
        "values=Tensor(shape=[3], dtype=Float32, value=[ 1.00000000e+00  2.00000000e+00 -3.00000000e+00]))")


def test_arithmetic_of_compressed_rows():
    csr = _coo().to_csr()
    np.testing.assert_array_equal(csr.mm(Tensor(RIGHT)).asnumpy(), DENSE @ RIGHT)
    np.testing.assert_array_equal(csr.mv(Tensor(RIGHT[:, :1])).asnumpy(), DENSE @ RIGHT[:, :1])
    np.testing.assert_array_equal(csr.sum(1).asnumpy(), DENSE.sum(1, keepdims=True))
    np.testing.assert_array_equal((csr * Tensor(DENSE + 1)).to_dense().asnumpy(), DENSE * (DENSE + 1))
    np.testing.assert_array_equal((csr / Tensor(DENSE * 2)).values.asnumpy(), [0.5] * 3)
    with pytest.raises(ValueError, match="'axis' should be 1 or -1"):
        csr.sum(0)
    with pytest.raises(ValueError, match="inner sizes"):
        csr.mm(Tensor(RIGHT[:3]))


def test_parts_by_function():
    coo, csr = _coo(), _coo().to_csr()
    row = ops.make_row_tensor(Tensor([0]), Tensor([[1.0, 2.0]]), (3, 2))
    assert ops.coo_tensor_get_dense_shape(coo) == ops.csr_tensor_get_dense_shape(csr) == (3, 4)
    assert ops.coo_tensor_get_indices(coo) is coo.indices and ops.csr_tensor_get_indptr(csr) is csr.indptr
    assert ops.row_tensor_get_dense_shape(row) == row.dense_shape == (3, 2)
    assert isinstance(ops.make_coo_tensor(coo.indices, coo.values, (3, 4)), COOTensor)


def test_compiled_functions_take_and_return_them():
    def run(coo, scale):
        csr = coo.to_csr()
        return csr.mm(Tensor(RIGHT)) * scale, COOTensor(coo.indices, coo.values * scale, coo.shape)

    product, scaled = GraphFunction(run, "sparse")((_coo(), Tensor(2.0)))
    np.testing.assert_array_equal(product.asnumpy(), DENSE @ RIGHT * 2)
    assert isinstance(scaled, COOTensor)
    np.testing.assert_array_equal(scaled.to_dense().asnumpy(), DENSE * 2)


def test_the_old_name_says_so():
    with pytest.warns(DeprecationWarning, match="COOTensor"):
        ms.SparseTensor(Tensor(PLACES), Tensor(VALUES), (3, 4))
