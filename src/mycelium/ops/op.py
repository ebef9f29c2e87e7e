"""One operator, one definition: the decorator that turns a pure array function into primitive, function and method.

    @op("ReduceSum", method="reduce_sum")
    def reduce_sum(x: Array, axis: Ints = (), *, keep_dims: bool = False):
        '''Sums over axes. ...'''
        return jnp.sum(...)

Parameters annotated `Array`, `Arrays` (a sequence) or `Array | None` are Tensors. The other positional ones are
constants given at the call (`ops.ReduceSum()(x, axis)`); the keyword-only ones are attributes given to the primitive
(`ops.ReduceSum(keep_dims=True)`). The function takes all of them in this order. Annotations of constants and attributes
are checked, once per distinct value.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe
from mycelium.core.local import busy, local
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import HostAccessError, Tensor
from mycelium.engine import random
from mycelium.engine.compile import DynamicShapeError
from mycelium.engine.kernel import Kernel
from mycelium.ops import registry
from mycelium.ops.annotations import Array, Arrays, checker
from mycelium.ops.primitive import Primitive
from mycelium.ops.promotion import strong

_SCALARS = frozenset((bool, int, float, complex))
_PLAIN = frozenset((bool, int, float, str, type(None)))


class Op:
    """An operator: its pure function, how arguments are sorted, and its kernels.

    Attributes:
        pure: The array function, for use inside other operators.
        name: MindSpore's name of the primitive, used in messages.
    """

    __slots__ = ("pure", "name", "positional", "inputs", "statics", "attributes", "checks", "validate", "random",
                 "dynamic_shape", "writes", "examine", "_kernels")

    def __init__(self, pure: Callable, name: str, random: bool = False, dynamic_shape: bool = False,
                 writes: Sequence[str] = (), validate: Callable | None = None, examine: Callable | None = None):
        self.pure = pure
        self.name = name
        self.random = random
        self.dynamic_shape = dynamic_shape
        self.validate = validate
        self.examine = examine
        parameters = _parameters(pure)[int(random):]
        self.inputs = [p for p in parameters if p.annotation in (Array, Arrays, Array | None)]
        positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
        self.positional = [p for p in parameters if p.kind is positional]
        self.statics = [p for p in self.positional if p not in self.inputs]
        self.attributes = [p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
        self.checks = [(p.name, checker(p.annotation)) for p in (*self.statics, *self.attributes)]
        names = [p.name for p in self.inputs]
        self.writes = tuple(names.index(w) for w in writes)
        self._kernels: dict = {}

    def __call__(self, inputs: Sequence, constants: tuple) -> Any:
        """Runs the operator on Tensors; `constants` are the values of `statics` and `attributes`, in order."""
        arrays: list = []
        spec: Any = None
        for i, x in enumerate(inputs):
            kind = type(x)
            if kind is Tensor:
                data = x._data
                arrays.append(data if data is not None else x._ready())
            elif kind in _SCALARS:
                arrays.append(x)
            elif kind is Parameter:
                arrays.append(x._data)
            else:
                spec = self._collect(i, x, inputs, arrays)
                break
        if busy and local.cast is not None and not self.writes:
            self._cast_held(inputs, arrays, spec)
        if self.random:
            arrays.append(random.generator.next())
        for v in constants:
            if type(v) not in _PLAIN and not (type(v) is tuple and _PLAIN.issuperset(map(type, v))):
                constants = tuple([self._constant(v) for v in constants])
                break
        key = (spec, constants, tuple([type(v) if type(v) is not tuple else tuple(map(type, v)) for v in constants])) \
            if constants else spec       # 1, 1.0 and True are different constants
        try:
            kernel = self._kernels.get(key)
        except TypeError:
            raise TypeError(f"For '{self.name}', constants should be numbers, strings or tuples of them, but got "
                            f"{', '.join(map(describe, constants))}.") from None
        if kernel is None:
            kernel = self._kernel(key, spec, constants)
        traced = busy and local.scope is not None
        if traced and self.dynamic_shape:
            raise DynamicShapeError(self.name)
        if self.examine is not None and not traced:
            self.examine(self.name, *arrays)
        try:
            out = kernel(arrays) if busy else kernel.run(*arrays)
        except (TypeError, ValueError, ZeroDivisionError, IndexError, NotImplementedError) as error:
            raise self._explain(error, inputs) from None
        if self.writes:
            return self._write(inputs, out)
        if type(out) is tuple:
            return tuple([Tensor._wrap(o) for o in out])
        return Tensor._wrap(out)

    def _collect(self, start: int, x: Any, inputs: Sequence, arrays: list) -> tuple:
        """The slow way for inputs: Parameters, sequences, None, NumPy arrays. Returns how the inputs are laid out."""
        spec: list = [1] * start
        for x in inputs[start:]:
            if x is None:
                parameter = self.inputs[len(spec)]
                if parameter.annotation in (Array, Arrays):
                    raise TypeError(f"For '{self.name}', '{parameter.name}' should be a Tensor or number, but got "
                                    "None.")
                spec.append(None)
            elif isinstance(x, (list, tuple)) and self.inputs[len(spec)].annotation is Arrays:
                arrays.extend(self._array(v) for v in x)
                spec.append((len(x),))
            else:
                arrays.append(self._array(x))
                spec.append(1)
        return None if all(s == 1 for s in spec) else tuple(spec)   # type: ignore[return-value]

    def _cast_held(self, inputs: Sequence, arrays: list, spec: Any) -> None:
        """Inside a Cell with `to_float`: float Parameters and Tensors held by Cells are read in its type."""
        cast, i = local.cast, 0
        for x, s in zip(inputs, spec or [1] * len(inputs), strict=False):
            for v in x if type(s) is tuple else (x,) if s is not None else ():
                data = arrays[i]
                if isinstance(v, Tensor) and (isinstance(v, Parameter) or "_held" in v.__dict__) \
                        and data.dtype != cast and jnp.issubdtype(data.dtype, jnp.floating):
                    arrays[i] = registry.operators["cast"]([Tensor._wrap(data)], (mstype.from_numpy_dtype(cast),))._data
                i += 1

    def _array(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            return x._ready()
        if type(x) in _SCALARS:
            return x
        if isinstance(x, (np.ndarray, np.generic, list, tuple)):
            if _holds_tensors(x):
                return registry.functions["stack"](list(map(_tensor, x)))._data
            return Tensor(x)._data
        raise TypeError(f"For '{self.name}', the inputs should be Tensors or numbers, but got {describe(x)}.")

    def _constant(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return tuple([self._constant(v) for v in value])
        if isinstance(value, Tensor):
            try:
                return self._constant(value.asnumpy().tolist())
            except HostAccessError:
                raise TypeError(f"For '{self.name}', an argument that decides the shape or meaning of the operator "
                                "should be a constant, but got a Tensor computed inside the graph. Compute it from "
                                "shapes or Python numbers, or use PYNATIVE_MODE.") from None
        if isinstance(value, np.generic):
            return value.item()
        if isinstance(value, np.ndarray):
            return self._constant(value.tolist())
        return value

    def check(self, constants: Sequence, offset: int = 0) -> tuple:
        """The constants from place `offset` on, checked against their annotations."""
        values = tuple([check(self.name, name, v) if check else v
                        for (name, check), v in zip(self.checks[offset:], constants, strict=False)])
        if self.validate is not None:
            first = len(self.statics) - offset
            self.validate(self.name, **{p.name: v for p, v in zip(self.attributes, values[first:], strict=True)})
        return values

    def _kernel(self, key: Any, spec: Any, constants: tuple) -> Kernel:
        values = self.check(constants)
        names = [p.name for p in (*self.statics, *self.attributes)]
        attributes = dict(zip(names, values, strict=True))
        kernel = self._kernels[key] = Kernel(self._flat(spec, attributes), self.name, not self.dynamic_shape)
        return kernel

    def _flat(self, spec: Any, attributes: dict[str, Any]) -> Callable:
        """The pure function over flat arrays, for inputs laid out as `spec`."""
        pure, has_key = self.pure, self.random
        names = [p.name for p in self.inputs]

        def call(*arrays: Any) -> Any:
            key = ()
            if has_key:
                *arrays, last = arrays      # type: ignore[assignment]
                key = (last,)
            if spec is None:
                named = dict(zip(names, arrays, strict=False))
            else:
                flat, named = iter(arrays), {}
                for name, s in zip(names, spec, strict=False):
                    named[name] = None if s is None else next(flat) if s == 1 else [next(flat) for _ in range(s[0])]
            return strong(pure(*key, **named, **attributes))

        call.__name__ = call.__qualname__ = self.name
        return call

    def _write(self, inputs: Sequence, out: Any) -> Any:
        """Writes the first results into the Parameters they belong to; returns what is left, or the first Parameter."""
        outs = out if type(out) is tuple else (out,)
        for place, value in zip(self.writes, outs, strict=False):
            target = inputs[place]
            if not isinstance(target, Tensor):
                raise TypeError(f"For '{self.name}', {self.inputs[place].name!r} should be a Parameter, but got "
                                f"{describe(target)}.")
            if local.scope is not None and type(target) is Tensor:
                local.scope.mutate(target)
            target._data = value
        rest = tuple([Tensor._wrap(o) for o in outs[len(self.writes):]])
        if rest:
            return rest if len(rest) > 1 else rest[0]   # pyright: ignore[reportGeneralTypeIssues]
        # read back: a gradient through the result is one of the Parameter
        results = tuple([Tensor._wrap(inputs[place]._data) for place in self.writes])
        return results if len(results) > 1 else results[0]   # pyright: ignore[reportGeneralTypeIssues]

    def _explain(self, error: Exception, inputs: Sequence) -> Exception:
        """JAX's complaint in this package's words: the operator, what it got, and the reason."""
        text = str(error)
        if text.startswith("For '") or isinstance(error, HostAccessError):
            error.__dict__.pop("__notes__", None)     # what JAX says of frames it left out
            return error.with_traceback(None)
        got = ", ".join(f"{p.name}: {_short(x)}" for p, x in zip(self.inputs, inputs, strict=False))
        reason = text.strip().splitlines()[0] if text.strip() else type(error).__name__
        kind = type(error)
        if kind is TypeError and any(w in reason for w in ("shape", "broadcast", "dimension", "rank", "axis", "size")):
            kind = ValueError
        if kind not in (TypeError, ValueError, IndexError):
            kind = ValueError
        return kind(f"For '{self.name}', the inputs do not fit together: got {got}. Reason: {reason}")


_annotations: dict[tuple[str, str], Any] = {}


def _parameters(pure: Callable) -> list[inspect.Parameter]:
    """The parameters of a plain function, as `inspect.signature(eval_str=True)` gives them in ten times the time."""
    code, annotations, defaults = pure.__code__, pure.__annotations__, pure.__defaults__ or ()
    names = code.co_varnames[:code.co_argcount]
    first_default = len(names) - len(defaults)
    keyword_defaults = pure.__kwdefaults__ or {}

    def annotation(name: str) -> Any:
        text = annotations.get(name, inspect.Parameter.empty)
        if not isinstance(text, str):
            return text
        key = pure.__module__, text
        if key not in _annotations:
            _annotations[key] = eval(text, pure.__globals__)    # what the module wrote as an annotation
        return _annotations[key]

    positional, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    empty = inspect.Parameter.empty
    return [*[inspect.Parameter(n, positional, default=defaults[i - first_default] if i >= first_default else empty,
                                annotation=annotation(n)) for i, n in enumerate(names)],
            *[inspect.Parameter(n, keyword, default=keyword_defaults.get(n, empty), annotation=annotation(n))
              for n in code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount]]]


def _holds_tensors(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and any(isinstance(v, Tensor) for v in x)


def _tensor(x: Any) -> Tensor:
    return x if isinstance(x, Tensor) else Tensor(x)


def _short(x: Any) -> str:
    if isinstance(x, Tensor):
        return f"{x.dtype}{list(x.shape)}"
    if isinstance(x, (list, tuple)):
        return "(" + ", ".join(map(_short, x)) + ")"
    return describe(x)


def op(primitive: str | None = None, *, function: str | Sequence[str] | None = "",
       method: str | Sequence[str] | None = None, random: bool = False, dynamic_shape: bool = False,
       writes: Sequence[str] = (), validate: Callable[..., None] | None = None,
       examine: Callable[..., None] | None = None) -> Callable[[Callable], Any]:
    """Makes an operator of a pure array function.

    Args:
        primitive: Name of the primitive class, or None for none.
        function: Name or names under `ops`; default the function's own name, None for none.
        method: Name or names as Tensor methods.
        random: The function's first parameter gets a random key (uint32, shape (2,)); see engine.random.make_key.
        dynamic_shape: The output's shape depends on data: runs uncompiled.
        writes: Names of inputs (Parameters) that the first results are written into.
        validate: Called with the operator's name and all attributes by keyword; raises when they do not go together.
        examine: Called with the operator's name and the input arrays before an eager run; raises when their values are
            not allowed, which a compiled program cannot tell.

    Returns:
        A decorator that returns the public function; its `op` attribute is the Op, `pure` the array function.
    """
    def decorate(pure: Callable) -> Callable:
        name = pure.__name__
        operator = Op(pure, primitive or name, random, dynamic_shape, writes, validate, examine)
        registry.add(registry.operators, name, operator)
        public = _function(operator, name, pure)
        for f in ([name.rstrip("_")] if function == "" else _names(function)):
            registry.add(registry.functions, f, public)
        for m in _names(method):
            registry.add(registry.methods, m, public)
        if primitive is not None:
            registry.add(registry.primitives, primitive, _primitive(operator, primitive, pure))
        return public

    return decorate


def function(*names: str, method: str | Sequence[str] | None = None, primitive: str | None = None) -> Callable:
    """Registers a function on Tensors under `ops` (default its own name), as methods, as a primitive's call."""
    def decorate(fn: Callable) -> Callable:
        if primitive is not None:
            registry.add(registry.primitives, primitive, _primitive_of(primitive, fn))
        for n in names or (fn.__name__.rstrip("_"),):
            registry.add(registry.functions, n, fn)
        for m in _names(method):
            registry.add(registry.methods, m, fn)
        return fn

    return decorate


def method(*names: str) -> Callable:
    """Registers a function whose first argument is the Tensor as Tensor methods only (default its own name)."""
    def decorate(fn: Callable) -> Callable:
        for n in names or (fn.__name__.rstrip("_"),):
            registry.add(registry.methods, n, fn)
        return fn

    return decorate


def primitive(cls: type) -> type:
    """Registers a Primitive written out as a class."""
    registry.add(registry.primitives, cls.__name__, cls)
    return cls


def _primitive_of(name: str, fn: Callable) -> type:
    def init(self: Any) -> None:
        Primitive.__init__(self, name)

    init.__qualname__ = f"{name}.__init__"
    return type(name, (Primitive,), {"__init__": init, "__call__": staticmethod(fn), "__doc__": fn.__doc__,
                                     "__module__": fn.__module__})


def _names(names: str | Sequence[str] | None) -> list[str]:
    return [] if not names else [names] if isinstance(names, str) else list(names)


def _function(operator: Op, name: str, pure: Callable) -> Callable:
    """The public function, with the real signature, so that help and tracebacks read as if written by hand."""
    parameters = (*operator.positional, *operator.attributes)
    ordered = sorted(parameters, key=lambda p: p.default is not p.empty)
    head = ", ".join(p.name if p.default is p.empty else f"{p.name}=_defaults[{p.name!r}]" for p in ordered)
    inputs = "".join(f"{p.name}, " for p in operator.inputs)
    constants = "".join(f"{p.name}, " for p in (*operator.statics, *operator.attributes))
    public_name = name.rstrip("_")
    source = f"def {public_name}({head}):\n    return _op(({inputs}), ({constants}))\n"
    namespace = {"_op": operator, "_defaults": {p.name: p.default for p in ordered}}
    exec(compile(source, "<mycelium>", "exec"), namespace)     # made of the signature above
    public = namespace[public_name]
    public.__doc__ = pure.__doc__
    public.__module__ = pure.__module__
    public.__annotations__ = {p.name: p.annotation for p in ordered}
    public.op, public.pure = operator, pure
    return public


def _primitive(operator: Op, name: str, pure: Callable) -> type:
    """The primitive class of an operator."""
    call = operator.positional
    init_head = "".join(f", {p.name}" if p.default is p.empty else f", {p.name}=_defaults[{p.name!r}]"
                        for p in operator.attributes)
    init_values = "".join(f"{p.name}, " for p in operator.attributes)
    call_head = "".join(f", {p.name}" if p.default is p.empty else f", {p.name}=_defaults[{p.name!r}]"
                        for p in sorted(call, key=lambda p: p.default is not p.empty))
    inputs = "".join(f"{p.name}, " for p in operator.inputs)
    statics = "".join(f"{p.name}, " for p in operator.statics)
    source = (f"def __init__(self{init_head}):\n    _init(self, ({init_values}))\n"
              f"def __call__(self{call_head}):\n    return _op(({inputs}), ({statics}) + self._constants)\n")
    offset = len(operator.statics)
    attribute_names = [p.name for p in operator.attributes]

    def init(self: Any, values: tuple) -> None:
        Primitive.__init__(self, name)
        values = operator.check(tuple([operator._constant(v) for v in values]), offset)
        self._constants = values
        for k, v in zip(attribute_names, values, strict=True):
            self.add_prim_attr(k, v)

    namespace: dict[str, Any] = {"_op": operator, "_init": init,
                                 "_defaults": {p.name: p.default for p in (*call, *operator.attributes)}}
    exec(compile(source, "<mycelium>", "exec"), namespace)     # made of the signature above
    cls = type(name, (Primitive,), {"__init__": namespace["__init__"], "__call__": namespace["__call__"],
                                    "__doc__": pure.__doc__, "__module__": pure.__module__, "op": operator})
    for f in ("__init__", "__call__"):
        namespace[f].__qualname__ = f"{name}.{f}"
    return cls
