"""vjp as a function, Jacobians, linearize and gradients by name, in both modes, against what r2.0 gives."""
import numpy as np
import pytest

import mycelium as ms
from mycelium import Parameter, Tensor, nn, ops

X, Y = Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([[1.0, 2.0], [3.0, 5.0]])


class Two(nn.Cell):
    def construct(self, x, y):
        return x ** 3 + y


def test_vjp_gives_a_function_where_all_inputs_are_given(mode):
    out, pull = ops.vjp(Two(), X, Y)
    np.testing.assert_allclose(out.asnumpy(), X.asnumpy() ** 3 + Y.asnumpy())
    dx, dy = pull(Tensor(np.full((2, 2), 2, np.float32)))
    np.testing.assert_allclose(dx.asnumpy(), 6 * X.asnumpy() ** 2)
    np.testing.assert_allclose(dy.asnumpy(), 2)
    out, pull, aux = ops.vjp(lambda x, y: (2 * x + y, y ** 3), X, Y, has_aux=True)
    np.testing.assert_allclose(aux.asnumpy(), Y.asnumpy() ** 3)
    np.testing.assert_allclose(pull(ops.ones_like(X))[0].asnumpy(), 2)


def test_vjp_of_r18_stays(mode):
    out, g = ops.vjp(lambda x: x * x, X, ops.ones_like(X))
    np.testing.assert_allclose(g.asnumpy(), 2 * X.asnumpy())
    out, (dx, dy) = ops.vjp(Two(), (X, Y), ops.ones_like(X))
    np.testing.assert_allclose(dx.asnumpy(), 3 * X.asnumpy() ** 2)


@pytest.mark.parametrize("jacobian", [ops.jacrev, ops.jacfwd], ids=["jacrev", "jacfwd"])
def test_jacobians(jacobian, mode):
    def fn(x, y):
        return ops.stack([x * y, x + y]), y

    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    (by_x, by_y), aux = jacobian(fn, (0, 1), True)(x, y)
    eye = np.eye(2)
    np.testing.assert_allclose(by_x.asnumpy(), [eye * [3, 4], eye])
    np.testing.assert_allclose(by_y.asnumpy(), [eye * [1, 2], eye])
    assert aux.asnumpy().tolist() == [3, 4]
    with pytest.raises(TypeError, match="'fn' should be a Cell or a function"):
        jacobian(3)


def test_linearize(mode):
    out, push = ops.linearize(Two(), (X, Y))
    np.testing.assert_allclose(push((X, Y)).asnumpy(), 3 * X.asnumpy() ** 3 + Y.asnumpy())


def test_gradients_by_name(mode):
    w = Parameter(Tensor([2.0]), name="w")
    found = ops.grad(lambda x, y: x * y * w, (0, 1), return_ids=True)(Tensor([3.0]), Tensor([5.0]))
    assert [i for i, _ in found] == [0, 1]
    assert ops.get_grad(found, 1).asnumpy() == 6
    found = ops.grad(lambda x: x * w, 0, w, return_ids=True)(Tensor([3.0]))
    assert ops.get_grad(found, w).asnumpy() == 3 and ops.get_grad(found, 0).asnumpy() == 2
    with pytest.raises(RuntimeError, match="no gradient of 7"):
        ops.get_grad(found, 7)


def test_constexpr_without_instance():
    @ops.constexpr(get_instance=False, name="Length")
    def length(x):
        return len(x)

    assert length()((1, 2)) == 2 and ms.jit_class is ms.ms_class
