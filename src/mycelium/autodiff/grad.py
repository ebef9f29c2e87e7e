"""The public gradient functions: GradOperation, grad, value_and_grad, vjp, jvp, vmap, derivative, jet."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from mycelium.autodiff.reverse import differentiate
from mycelium.autodiff.sharing import shared
from mycelium.core import context
from mycelium.core.errors import check_type, describe
from mycelium.core.local import local
from mycelium.core.parameter import Parameter, ParameterTuple
from mycelium.core.tensor import Tensor
from mycelium.engine import transform
from mycelium.engine.user_code import prepare
from mycelium.graph.compiler import GraphFunction
from mycelium.graph.structure import flatten_result, unflatten
from mycelium.ops import registry


class _Derived:
    """A function made from another one: compiled as a whole in GRAPH_MODE, run as it is in PYNATIVE_MODE."""

    def __init__(self, fn: Callable, run: Callable, always_compiled: bool = False):
        self.fn = fn
        self._run = run
        self._always = always_compiled
        name = getattr(fn, "__name__", type(fn).__name__)
        self.__name__ = f"{run.__name__.strip('_')}_{name}"
        self._graph = GraphFunction(run, self.__name__, (object,), getattr(fn, "construct", fn))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if local.scope is None and (context.state.graph or self._always):
            return self._graph(args, kwargs)
        return self._run(*args, **kwargs)


def _derive(fn: Callable, key: tuple, make: Callable[[], _Derived]) -> _Derived:
    """The derived function for these options, kept with `fn` so that a program compiled once is found again."""
    owner, extra = (fn.__self__, fn.__func__) if inspect.ismethod(fn) else (fn, None)
    try:
        cache = owner.__dict__.setdefault("_derived", {}) if not isinstance(owner, type) else None
    except AttributeError:
        cache = None
    if cache is None:
        return make()
    found = cache.get((key, extra))
    if found is None:
        found = cache[key, extra] = make() if extra else shared(fn, key, make)
    return found


def _weights(weights: Any, owner: str) -> tuple[Parameter, ...] | None:
    if weights is None:
        return None
    found = (weights,) if isinstance(weights, Parameter) else tuple(weights)
    for p in found:
        if not isinstance(p, Parameter):
            raise TypeError(f"For '{owner}', 'weights' should be Parameters, but got {describe(p)}.")
    return found


def _check_fn(owner: str, fn: Any) -> Callable:
    if not callable(fn):
        raise TypeError(f"For '{owner}', the function to differentiate should be a Cell or a function, but got "
                        f"{describe(fn)}.")
    return fn


class GradOperation:
    """Turns a Cell or function into one that returns its gradients.

    The outputs' gradients start from ones, or from `sens`. What is returned: the gradient of the first input; with
    `get_all` a tuple with those of all inputs; with `get_by_list` a tuple with those of the Parameters; with both, the
    two tuples.

    Args:
        get_all: Gradients of all inputs.
        get_by_list: Gradients of the Parameters given at the call.
        sens_param: The last argument of the derived function is the gradient of the output.

    Raises:
        TypeError: An option is not a bool, or what is differentiated is not callable.

    Examples:
        >>> grad_all = ms.ops.GradOperation(get_all=True)
        >>> dx, dy = grad_all(lambda x, y: x * y)(Tensor([2.0]), Tensor([3.0]))
        >>> print(dx, dy)
        [3.] [2.]

    MindSpore r1.8 `ops.GradOperation`.
    """

    def __init__(self, get_all: bool = False, get_by_list: bool = False, sens_param: bool = False):
        self.get_all = check_type("GradOperation", "get_all", get_all, bool)
        self.get_by_list = check_type("GradOperation", "get_by_list", get_by_list, bool)
        self.sens_param = check_type("GradOperation", "sens_param", sens_param, bool)

    def __call__(self, fn: Callable, weights: Any = None) -> Callable:
        """The derived function of `fn`; `weights` are the Parameters for `get_by_list` (default: all of a Cell's)."""
        _check_fn("GradOperation", fn)
        params: tuple[Parameter, ...] = ()
        if self.get_by_list:
            if weights is None:
                if not hasattr(fn, "trainable_params"):
                    raise TypeError("For 'GradOperation' with get_by_list=True over a function, give the Parameters: "
                                    "grad_op(fn, weights).")
                weights = fn.trainable_params()
            params = _weights(weights, "GradOperation") or ()
        get_all, get_by_list, sens_param = self.get_all, self.get_by_list, self.sens_param

        def gradient(*args: Any, **kwargs: Any) -> Any:
            sens = None
            if sens_param:
                if "sens" in kwargs:
                    sens = kwargs.pop("sens")
                elif args:
                    *args, sens = args      # type: ignore[assignment]
                else:
                    raise TypeError("For 'GradOperation' with sens_param=True, give the gradient of the output as the "
                                    "last argument or as 'sens'.")
            return gradients(args, kwargs, sens)

        def gradients(args: Sequence, kwargs: dict, sens: Any) -> Any:
            every = tuple([i for i, a in enumerate(args) if _is_input(a)])
            positions = every if get_all else every[:1] if not get_by_list else ()
            inputs, weights = differentiate(fn, args, kwargs, positions, params).gradient(sens)
            if get_all:
                return (inputs, weights) if get_by_list else inputs
            if get_by_list:
                return weights
            return inputs[0] if inputs else ()

        single = isinstance(weights, Parameter)
        key = ("GradOperation", get_all, get_by_list, sens_param, params, single)
        return _derive(fn, key, lambda: _Derived(fn, gradient))


def _is_input(value: Any) -> bool:
    if isinstance(value, Tensor):
        return True
    return isinstance(value, (tuple, list)) and bool(value) and all(_is_input(v) for v in value)


def _grad(owner: str, fn: Callable, grad_position: Any, weights: Any, has_aux: bool, with_value: bool,
          sens_param: bool = False) -> Callable:
    _check_fn(owner, fn)
    check_type(owner, "has_aux", has_aux, bool)
    params = _weights(weights, owner)
    if grad_position is None and params is None:
        raise ValueError(f"For '{owner}', 'grad_position' and 'weights' are both None: there is nothing to "
                         "differentiate.")
    single = isinstance(grad_position, int) and not isinstance(grad_position, bool)
    if grad_position is None:
        positions: tuple = ()
    elif single:
        positions = (grad_position,)
    elif isinstance(grad_position, (tuple, list)) and all(isinstance(i, int) for i in grad_position):
        positions = tuple(grad_position)
    else:
        raise TypeError(f"For '{owner}', 'grad_position' should be int, a tuple of int or None, but got "
                        f"{describe(grad_position)}.")
    one_weight = isinstance(weights, Parameter)

    def gradient(*args: Any, **kwargs: Any) -> Any:
        sens = None
        if sens_param:
            *args, sens = args      # type: ignore[assignment]
        for i in positions:
            if i < 0 or i >= len(args):
                raise ValueError(f"For '{owner}', 'grad_position' {i} is not the position of an argument: there are "
                                 f"{len(args)}.")
        run = differentiate(fn, args, kwargs, positions, params or ())
        aux: tuple = ()
        only = None
        if has_aux:
            if not isinstance(run.out, (tuple, list)) or len(run.out) < 2:
                raise ValueError(f"For '{owner}' with has_aux=True, the function should return at least two outputs, "
                                 f"but got {describe(run.out)}.")
            aux = tuple(run.out[1:])
            only = len(_arrays(run.out[0]))
        inputs, wgrads = run.gradient(sens, only)
        result: Any = inputs[0] if single else inputs
        if params is not None:
            w = wgrads[0] if one_weight else wgrads
            result = w if grad_position is None else (result, w)
        if with_value:
            return run.out, result
        return (result, aux) if has_aux else result

    key = (owner, grad_position if single else positions, params, one_weight, has_aux, sens_param)
    return _derive(fn, key, lambda: _Derived(fn, gradient))


def _arrays(value: Any) -> list:
    arrays: list = []
    flatten_result(value, arrays)
    return arrays


def grad(fn: Callable, grad_position: int | tuple[int, ...] | None = 0, weights: Any = None, has_aux: bool = False,
         sens_param: bool = False) -> Callable:
    """A function that returns the gradient of `fn`.

    Args:
        fn: Cell or function; the gradients of all its outputs start from ones.
        grad_position: Which arguments: an int gives one gradient, a tuple a tuple of them, None none.
        weights: Parameter, or several, to differentiate too; the result is then (inputs' gradients, Parameters').
        has_aux: Only the first output is differentiated; the others are returned too: (gradients, others).
        sens_param: The last argument of the derived function is the gradient of the output.

    Returns:
        A function with the arguments of `fn`.

    Raises:
        TypeError: `fn` is not callable or `grad_position` is no int, tuple or None.
        ValueError: Neither positions nor weights are given.

    Examples:
        >>> print(ops.grad(lambda x: x ** 3)(Tensor([2.0])))
        [12.]

    MindSpore r1.8 `ops.grad`.
    """
    return _grad("grad", fn, grad_position, weights, has_aux, False, sens_param)


def value_and_grad(fn: Callable, grad_position: int | tuple[int, ...] | None = 0, weights: Any = None,
                   has_aux: bool = False) -> Callable:
    """A function that returns (what `fn` returns, its gradient).

    Args:
        fn: Cell or function.
        grad_position: As for `grad`.
        weights: As for `grad`.
        has_aux: Only the first output is differentiated.

    Returns:
        A function with the arguments of `fn`.

    Examples:
        >>> value, gradient = ops.value_and_grad(lambda x: x ** 2)(Tensor([3.0]))
        >>> print(value, gradient)
        [9.] [6.]

    MindSpore r1.8 `ops.value_and_grad`.
    """
    return _grad("value_and_grad", fn, grad_position, weights, has_aux, True)


def _as_tuple(value: Any) -> tuple:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def vjp(fn: Callable, inputs: Any, v: Any) -> tuple:
    """The output of `fn` and the product of `v` with its Jacobian.

    Args:
        fn: Cell or function.
        inputs: Tensor, or tuple of Tensors, to call it with.
        v: Tensor, or tuple of Tensors, of the shape of the output.

    Returns:
        (output, gradient): one gradient for one input, a tuple for several.

    Examples:
        >>> out, g = ops.vjp(lambda x: x * x, Tensor([3.0]), Tensor([1.0]))
        >>> print(out, g)
        [9.] [6.]

    MindSpore r1.8 `ops.vjp`.
    """
    args = _as_tuple(inputs)

    def vector_jacobian(args: tuple, v: Any) -> tuple:
        run = differentiate(fn, args, {}, tuple(range(len(args))), ())
        grads = run.gradient(v)[0]
        return run.out, grads if len(grads) > 1 else grads[0]   # pyright: ignore[reportGeneralTypeIssues]

    return _derive(_check_fn("vjp", fn), ("vjp",), lambda: _Derived(fn, vector_jacobian))(args, v)


def jvp(fn: Callable, inputs: Any, v: Any, has_aux: bool = False) -> tuple:
    """The output of `fn` and the product of its Jacobian with `v` (forward mode).

    Args:
        fn: Cell or function of Tensors; it is compiled in both modes.
        inputs: Tensor, or tuple of Tensors, to call it with.
        v: Tensor, or tuple of Tensors, of the shapes of the inputs.
        has_aux: The outputs after the first are returned without tangents.

    Returns:
        (output, tangent of the output).

    Examples:
        >>> out, t = ops.jvp(lambda x: x * x, Tensor([3.0]), Tensor([1.0]))
        >>> print(out, t)
        [9.] [6.]

    MindSpore r1.8 `ops.jvp`.
    """
    primals, tangents = _as_tuple(inputs), _as_tuple(v)
    if len(primals) != len(tangents):
        raise ValueError(f"For 'jvp', 'v' should have one Tensor per input ({len(primals)}), but got {len(tangents)}.")

    def jacobian_vector(primals: tuple, tangents: tuple) -> tuple:
        arrays, directions = _arrays(primals), _arrays(tangents)
        for a, d in zip(arrays, directions, strict=True):
            if a.shape != d.shape:
                raise ValueError(f"For 'jvp', 'v' should have the shape of the input, {tuple(a.shape)}, but got "
                                 f"{tuple(d.shape)}.")
        structure: list = []
        spec = flatten_result(primals, structure)

        def run(*values: Any) -> tuple[list, Any]:
            outs: list = []
            return outs, flatten_result(prepare(fn)(*unflatten(spec, iter(values))), outs)

        outs, moved, out_spec = transform.jvp(run, arrays, [d.astype(a.dtype) for a, d in
                                                            zip(arrays, directions, strict=True)])
        out, tangent = unflatten(out_spec, iter(outs)), unflatten(out_spec, iter(moved))
        if has_aux:
            return out[0], tangent[0], tuple(out[1:]) if len(out) > 2 else out[1]
        return out, tangent

    derived = _derive(_check_fn("jvp", fn), ("jvp", has_aux), lambda: _Derived(fn, jacobian_vector, True))
    return derived(primals, tangents)


def vmap(fn: Callable, in_axes: Any = 0, out_axes: Any = 0) -> Callable:
    """Maps `fn` over an axis of its arguments, as one vectorised program.

    Args:
        fn: Cell or function of Tensors; it is compiled in both modes.
        in_axes: For each argument the axis to map over, None for not mapped; one int for all.
        out_axes: The axis of each output that counts the elements; one int for all.

    Returns:
        A function with the arguments of `fn`.

    Raises:
        ValueError: No argument is mapped, or the structures differ.

    Examples:
        >>> print(ops.vmap(lambda x: x.sum())(Tensor([[1.0, 2.0], [3.0, 4.0]])))
        [3. 7.]

    MindSpore r1.8 `ops.vmap`.
    """
    def mapped(*args: Any) -> Any:
        axes = _axes(in_axes, args)
        if all(a is None for a in axes):
            raise ValueError(f"For 'vmap', at least one argument should be mapped, but 'in_axes' is {in_axes}.")
        arrays: list = []
        spec = flatten_result(args, arrays)

        def run(*values: Any) -> tuple[list, Any]:
            outs: list = []
            return outs, flatten_result(prepare(fn)(*unflatten(spec, iter(values))), outs)

        outs, out_spec = transform.vmap(run, arrays, axes, lambda s: _spec_axes(out_axes, s))
        return unflatten(out_spec, iter(outs))

    key = ("vmap", repr(in_axes), repr(out_axes))
    return _derive(_check_fn("vmap", fn), key, lambda: _Derived(fn, mapped, True))


def _axes(in_axes: Any, args: Any) -> list:
    """One axis per array in `args`."""
    if isinstance(args, (tuple, list)):
        if isinstance(in_axes, (tuple, list)):
            if len(in_axes) != len(args):
                raise ValueError(f"For 'vmap', 'in_axes' {in_axes} should have one entry per argument ({len(args)}).")
            return [a for i, v in zip(in_axes, args, strict=True) for a in _axes(i, v)]
        return [a for v in args for a in _axes(in_axes, v)]
    return [in_axes] if isinstance(args, Tensor) else []


def _spec_axes(out_axes: Any, spec: Any) -> list:
    if isinstance(spec, str):
        return [out_axes]
    if spec[0] in (tuple, list):
        axes = out_axes if isinstance(out_axes, (tuple, list)) else [out_axes] * len(spec[1])
        return [a for o, s in zip(axes, spec[1], strict=True) for a in _spec_axes(o, s)]
    return []


def _series(fn: Callable, primals: Any, series: Any) -> list:
    """Taylor coefficients by nested forward mode: derivatives of order 0, 1... along the curve that `series` gives."""
    xs, orders = _as_tuple(primals), [_as_tuple(s) for s in _as_tuple(series)]
    count = orders[0][0].shape[0]

    def along(t: Tensor) -> Any:
        point, power = list(xs), t
        factorial = 1.0
        for k in range(count):
            factorial *= k + 1
            point = [p + s[0][k] * (power / factorial) for p, s in zip(point, orders, strict=True)]
            power = power * t
        return prepare(fn)(*point)

    functions: list[Callable] = [along]
    for _ in range(count):
        previous = functions[-1]
        functions.append(lambda t, f=previous: jvp(f, t, Tensor(1.0, t.dtype))[1])
    zero = Tensor(0.0, xs[0].dtype)
    return [f(zero) for f in functions]


def jet(fn: Callable, primals: Any, series: Any) -> tuple:
    """Higher-order derivatives of `fn` along a curve.

    Args:
        fn: Cell or function.
        primals: Tensor, or tuple of Tensors: the point.
        series: As `primals`, with a leading axis for the derivatives of the curve of order 1, 2, ...

    Returns:
        (output, derivatives stacked along a leading axis).

    MindSpore r1.8 `ops.jet`.
    """
    values = _series(fn, primals, series)
    return values[0], _stack(values[1:])


def derivative(fn: Callable, primals: Any, order: int) -> tuple:
    """The output of `fn` and its derivative of the given order in each element's own direction.

    Args:
        fn: Cell or function that works element by element.
        primals: Tensor, or tuple of Tensors: the point.
        order: 1 or greater.

    Returns:
        (output, derivative).

    MindSpore r1.8 `ops.derivative`.
    """
    check_type("derivative", "order", order, int)
    if order < 1:
        raise ValueError(f"For 'derivative', 'order' should be 1 or greater, but got {order}.")
    xs = _as_tuple(primals)
    series = []
    for x in xs:
        rows = [x * 0 + 1] + [x * 0] * (order - 1)
        series.append(_stack(rows))
    values = _series(fn, xs, tuple(series))
    return values[0], values[-1]


def _stack(values: Iterable[Tensor]) -> Tensor:
    values = list(values)
    if isinstance(values[0], tuple):
        return tuple([_stack(v) for v in zip(*values, strict=True)])     # type: ignore[return-value]
    return registry.functions["stack"](values)


__all__ = ["GradOperation", "ParameterTuple", "derivative", "grad", "jet", "jvp", "value_and_grad", "vjp", "vmap"]
