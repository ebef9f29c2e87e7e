"""Derivatives in the forms of MindSpore r2.0: vjp as a function, whole Jacobians, linearize, gradients by name."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from mycelium import ops
from mycelium.autodiff import grad as first
from mycelium.autodiff.grad import jvp
from mycelium.core.errors import describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor


def _takes(fn: Callable, count: int) -> bool:
    """Whether `fn` can be called with `count` arguments, and not with fewer."""
    parameters = inspect.signature(getattr(fn, "construct", fn)).parameters.values()
    needed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in needed)
    return least == count or least <= count <= len(needed) and least > 1


def vjp(fn: Callable, *inputs: Any, v: Any = None, has_aux: bool = False) -> tuple:
    """The output of `fn` and the product of a vector with its Jacobian.

    r1.8 `vjp(fn, inputs, v)` gives (output, gradient). r2.0 `vjp(fn, *inputs, has_aux=False)` gives (output, a function
    from `v` to the gradients); it is meant where `fn` takes all that follows it, or `has_aux` is given.

    Args:
        fn: Cell or function.
        inputs: r1.8: a Tensor or tuple of Tensors to call it with, and the vector; r2.0: the arguments of `fn`.
        v: Tensor, or tuple of Tensors, of the shape of the output; r1.8.
        has_aux: Only the first output is differentiated, the others are returned as a third result; r2.0.

    Returns:
        (output, gradient) or (output, function): one gradient for one input, a tuple for several.

    Examples:
        >>> out, g = ops.vjp(lambda x: x * x, Tensor([3.0]), Tensor([1.0]))
        >>> print(out, g)
        [9.] [6.]
        >>> out, pull = ops.vjp(lambda x, y: x * y, Tensor([3.0]), Tensor([2.0]))
        >>> print(out, *pull(Tensor([1.0])))
        [6.] [2.] [3.]

    MindSpore r1.8 and r2.0 `ops.vjp`.
    """
    if v is not None:
        return first.vjp(fn, inputs[0], v)
    if len(inputs) == 2 and not has_aux and (isinstance(inputs[0], (tuple, list)) or not _takes(fn, 2)):
        return first.vjp(fn, *inputs)
    if not inputs:
        raise TypeError("For 'vjp', give the inputs of the function after it.")

    def run(*args: Any) -> Any:
        return fn(*args)[0]

    out = fn(*inputs)

    def pull(*vectors: Any) -> Any:
        return first.vjp(run if has_aux else fn, inputs, vectors[0] if len(vectors) == 1 else vectors)[1]

    if not has_aux:
        return out, pull
    return out[0], pull, tuple(out[1:]) if len(out) > 2 else out[1]


def linearize(fn: Callable, inputs: Any) -> tuple:
    """The output of `fn`, and the function from tangents of the inputs to that of the output.

    Args:
        fn: Cell or function of Tensors.
        inputs: Tensor, or tuple of Tensors, to call it with.

    Returns:
        (output, function of a Tensor or tuple of Tensors).

    Examples:
        >>> out, push = ops.linearize(lambda x: x * x, Tensor([3.0]))
        >>> print(out, push(Tensor([1.0])))
        [9.] [6.]

    MindSpore r2.0 `ops.linearize`.
    """
    args = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    return fn(*args), lambda v: jvp(fn, args, v)[1]


_JACOBIAN = """A function that returns the Jacobian of `fn`: the derivatives of each element of the output.

    Args:
        fn: Cell or function of Tensors.
        grad_position: Which argument to differentiate, or a tuple of them.
        has_aux: Only the first output is differentiated; the others are returned too: (Jacobian, others).

    Returns:
        A function with the arguments of `fn`; it gives a Tensor of shape (*output.shape, *input.shape), or a tuple.

    Examples:
        >>> print(ops.{name}(lambda x: x * x)(Tensor([1.0, 2.0])))
        [[2. 0.]
         [0. 4.]]

    MindSpore r2.0 `ops.{name}`, which computes {how}.
    """


def _unit(shape: tuple[int, ...], dtype: Any) -> Tensor:
    """The unit vectors of a space of Tensors along a first axis."""
    size = 1
    for n in shape:
        size *= n
    return ops.eye(size, size, dtype).reshape((size, *shape))


def _jacobian(name: str, rows: Callable) -> Callable:
    def derived(fn: Callable, grad_position: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable:
        if not callable(fn):
            raise TypeError(f"For '{name}', 'fn' should be a Cell or a function, but got {describe(fn)}.")
        positions = grad_position if isinstance(grad_position, tuple) else (grad_position,)

        def jacobian(*inputs: Any) -> Any:
            out = fn(*inputs)
            head = out[0] if has_aux else out

            def of(place: int) -> Callable:
                def run(x: Tensor) -> Tensor:
                    found = fn(*inputs[:place], x, *inputs[place + 1:])
                    return found[0] if has_aux else found

                return run

            found = tuple([rows(of(p), inputs[p], head).reshape((*head.shape, *inputs[p].shape)) for p in positions])
            result = found if isinstance(grad_position, tuple) else found[0]
            return (result, tuple(out[1:]) if len(out) > 2 else out[1]) if has_aux else result

        return jacobian

    derived.__name__ = derived.__qualname__ = name
    derived.__doc__ = _JACOBIAN.format(name=name, how="a row for each output" if name == "jacrev" else
                                       "a column for each input")
    return derived


def _by_rows(fn: Callable, x: Tensor, out: Tensor) -> Tensor:
    return ops.stack([first.vjp(fn, x, v)[1] for v in ops.unbind(_unit(out.shape, out.dtype))])


def _by_columns(fn: Callable, x: Tensor, out: Tensor) -> Tensor:
    return ops.stack([jvp(fn, x, v)[1] for v in ops.unbind(_unit(x.shape, x.dtype))], -1)


jacrev = _jacobian("jacrev", _by_rows)
jacfwd = _jacobian("jacfwd", _by_columns)


def grad(fn: Callable, grad_position: int | tuple[int, ...] | None = 0, weights: Any = None, has_aux: bool = False,
         sens_param: bool = False, return_ids: bool = False) -> Callable:
    """A function that returns the gradient of `fn`.

    Args:
        fn: Cell or function; the gradients of all its outputs start from ones.
        grad_position: Which arguments: an int gives one gradient, a tuple a tuple of them, None none.
        weights: Parameter, or several, to differentiate too; the result is then (inputs' gradients, Parameters').
        has_aux: Only the first output is differentiated; the others are returned too: (gradients, others).
        sens_param: The last argument of the derived function is the gradient of the output.
        return_ids: Each gradient comes with its position or the name of its Parameter, for `get_grad`; r2.0.

    Returns:
        A function with the arguments of `fn`.

    Raises:
        TypeError: `fn` is not callable or `grad_position` is no int, tuple or None.
        ValueError: Neither positions nor weights are given.

    Examples:
        >>> print(ops.grad(lambda x: x ** 3)(Tensor([2.0])))
        [12.]

    MindSpore r1.8 and r2.0 `ops.grad`.
    """
    derived = first.grad(fn, grad_position, weights, has_aux, sens_param)
    if not return_ids:
        return derived
    names = [p.name for p in ([weights] if isinstance(weights, Parameter) else weights or [])]

    def of_inputs(found: Any) -> Any:
        if isinstance(grad_position, tuple) and len(grad_position) > 1:
            return tuple(zip(grad_position, found, strict=True))
        return (grad_position[0] if isinstance(grad_position, tuple) and grad_position else grad_position, found)

    def identified(*args: Any, **kwargs: Any) -> Any:
        found = derived(*args, **kwargs)
        found, aux = found if has_aux else (found, None)
        if grad_position is None:
            found = tuple(zip(names, found, strict=True))
        elif weights is None:
            found = of_inputs(found)
        else:
            found = (of_inputs(found[0]), tuple(zip(names, found[1], strict=True)))
        return (found, aux) if has_aux else found

    return identified


def get_grad(gradients: Any, identifier: int | Parameter) -> Tensor:
    """The gradient of an input or of a Parameter in what `ops.grad(..., return_ids=True)` gave.

    Args:
        gradients: The result of the derived function.
        identifier: The position of the input, or the Parameter.

    Returns:
        Tensor.

    Raises:
        RuntimeError: It is not among them.

    Examples:
        >>> found = ops.grad(lambda x, y: x * y, (0, 1), return_ids=True)(Tensor([2.0]), Tensor([3.0]))
        >>> print(ops.get_grad(found, 1))
        [2.]

    MindSpore r2.0 `ops.get_grad`.
    """
    wanted = identifier.name if isinstance(identifier, Parameter) else identifier
    pending: list[Any] = [gradients]
    while pending:
        entry = pending.pop()
        if isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[0], (int, str)):
            if entry[0] == wanted:
                return entry[1]
        elif isinstance(entry, tuple):
            pending.extend(entry)
    raise RuntimeError(f"For 'get_grad', there is no gradient of {wanted!r} among those given.")
