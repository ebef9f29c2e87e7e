"""Tensor indexing: `x[index]` and `x[index] = value`, for every index MindSpore takes.

An index of ints, slices, `...`, None and True is a slice of the array. The pattern (which axes, which lengths and
steps) chooses a kernel, the positions are its inputs, so that `x[i]` in a loop compiles once. An index that holds
Tensors or lists gathers.
"""
from __future__ import annotations

import weakref
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from mycelium.core import dtype as mstype
from mycelium.core.array import holder
from mycelium.core.errors import describe
from mycelium.core.local import local
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor, to_numpy
from mycelium.engine.kernel import Kernel
from mycelium.ops import registry
from mycelium.ops.index_plan import advanced, basic, check_mask, holds_tensors, is_bool, items

_GET: dict[Any, Kernel] = {}
_SET: dict[Any, Kernel] = {}


def getitem(x: Tensor, index: Any) -> Tensor:
    """`x[index]` as a new Tensor; writing into it by index writes into `x` too, as in MindSpore.

    Args:
        x: Tensor.
        index: int, slice, `...`, None, True, int or bool Tensor, list, or a tuple of them. A Tensor index may be
            negative; where it is out of range the result is 0.

    Returns:
        Tensor of the dtype of `x`.

    Raises:
        IndexError: A position is out of range, there are too many of them, or an index has another type.
        ValueError: A slice step is 0.

    Examples:
        >>> x = Tensor([[1, 2, 3], [4, 5, 6]])
        >>> print(x[0, ::-1], x[:, Tensor([0, 2])].shape)
        [3 2 1] (2, 2)
    """
    parts = items("getitem", index)
    data = x._data
    if type(x) is not Tensor or data is None:
        data = _read(x)
    found = basic(parts, data.shape)
    if found is not None:
        axes, new, starts = found
        kernel = _GET.get((axes, new))
        if kernel is None:
            kernel = _GET[axes, new] = Kernel(_basic_get(axes, new), "GetItem")
        out = Tensor._wrap(kernel([data, *starts]))
    else:
        plan, arrays = advanced("getitem", parts, data.shape)
        kernel = _GET.get(plan)
        if kernel is None:
            kernel = _GET[plan] = Kernel(_advanced_get(plan), "GetItem")
        out = Tensor._wrap(kernel([data, *arrays]))
    out._view_of = ((weakref.ref(x), index), *_live_views(x))     # type: ignore[attr-defined]
    return out


def setitem(x: Tensor, index: Any, value: Any) -> None:
    """`x[index] = value`: the Tensor gets a new array and keeps its dtype.

    Args:
        x: Tensor or Parameter.
        index: As for reading. A bool Tensor selects the elements that are written.
        value: Number, Tensor, or list or tuple of them, that broadcasts to the shape of `x[index]`.

    Raises:
        IndexError: As for reading; a Tensor index out of range too, in PYNATIVE mode.
        ValueError: `value` has another type, or its shape does not fit.

    Examples:
        >>> x = Tensor([1, 2, 3])
        >>> x[1:] = 7.9
        >>> print(x)
        [1 7 7]
    """
    if index is False:
        return
    if type(index) is list and not index:
        return
    _replace(x, _written(items("setitem", index), x._ready(), _value(value)))
    if "_view_of" in x.__dict__:
        _write_through(x._view_of, x)     # type: ignore[attr-defined]


def _read(x: Tensor) -> Any:
    """The array of a Parameter, cast as the surrounding Cell asks for it, or of a Tensor that was only declared."""
    data = x._ready()
    cast = local.cast
    if cast is not None and isinstance(x, Parameter) and data.dtype.kind in "fV" and data.dtype != cast:
        return registry.operators["cast"]([Tensor._wrap(data)], (mstype.from_numpy_dtype(cast),))._data
    return data


def _value(value: Any) -> Any:
    """What is assigned, as an array or a Python number."""
    if isinstance(value, Tensor):
        return value._ready()
    if isinstance(value, (bool, int, float, complex)):
        return value
    if isinstance(value, (list, tuple)):
        return registry.functions["stack"](list(map(_tensor, value)))._data if holds_tensors(value) else to_numpy(value)
    raise ValueError(f"For 'setitem', the value should be a number, a Tensor, or a list or tuple of them, but got "
                     f"{describe(value)}.")


def _tensor(value: Any) -> Tensor:
    return value if isinstance(value, Tensor) else Tensor._wrap(jnp.asarray(_value(value)))


def _written(parts: tuple, data: Any, value: Any) -> Any:
    """`data` with `value` written at the index `parts`."""
    if len(parts) == 1 and is_bool(parts[0]):
        return _masked_set(parts[0], data, value)
    found = basic(parts, data.shape)
    if found is not None:
        axes, new, starts = found
        if any(type(a) is tuple and a[0] == 0 for a in axes):
            return data
        stepped = any(type(a) is tuple and a[1] != 1 for a in axes)
        key = (axes, new, tuple(starts) if stepped else None)
        kernel = _SET.get(key)
        if kernel is None:
            kernel = _SET[key] = Kernel(_stepped_set(*key) if stepped else _basic_set(axes, new), "SetItem")
        return _run(kernel, [data, value] if stepped else [data, value, *starts])
    plan, arrays = advanced("setitem", parts, data.shape, checked=True)
    kernel = _SET.get(plan)
    if kernel is None:
        kernel = _SET[plan] = Kernel(_advanced_set(plan), "SetItem")
    return _run(kernel, [data, value, *arrays])


def _run(kernel: Kernel, arrays: list) -> Any:
    try:
        return kernel(arrays)
    except (ValueError, TypeError) as error:
        value, shape = arrays[1], np.shape(arrays[0])
        raise ValueError(f"For 'setitem', the value should broadcast to the indexed part of a Tensor of shape {shape}, "
                         f"but got a value of shape {np.shape(value)}. Reason: {str(error).splitlines()[0]}") from None


# ***** writing through: y[0][1] = v changes y *****


def _live_views(x: Tensor) -> tuple:
    """How `x` came out of other Tensors by indexing, innermost first, as long as one of them is still in use."""
    links = x.__dict__.get("_view_of", ())
    return links if any(ref() is not None for ref, _ in links) else ()


def _write_through(links: tuple, value: Tensor) -> None:
    """Writes `value` into the Tensors it was taken from; those nobody holds any more are rebuilt on the way out."""
    (ref, index), *outer = links
    parent = ref()
    if parent is None:
        parent = _rebuilt(outer)
        if parent is None:
            return
    _replace(parent, _written(items("setitem", index), parent._ready(), value._data))
    if outer:
        _write_through(tuple(outer), parent)


def _rebuilt(links: list) -> Tensor | None:
    if not links:
        return None
    (ref, index), *outer = links
    parent = ref()
    if parent is None:
        parent = _rebuilt(outer)
    return None if parent is None else getitem(parent, index)


def _replace(x: Tensor, array: Any) -> None:
    scope = local.scope
    if scope is not None and not isinstance(x, Parameter):
        scope.mutate(x)     # one made in this trace too: branches and loops ask what their body changed
    x._data = array


# ***** kernels *****


def _basic_get(axes: tuple, new: tuple) -> Any:
    def get(x: Any, *starts: Any) -> Any:
        low, sizes, steps, keep, flip = _extent(x.shape, axes, starts)
        if all(isinstance(s, int) for s in starts):
            out = lax.slice(x, low, [a + n for a, n in zip(low, sizes, strict=True)], steps)
        else:
            out = lax.dynamic_slice(x, low, sizes)
            if any(s != 1 for s in steps):
                out = lax.slice(out, [0] * x.ndim, sizes, steps)
        if flip:
            out = lax.rev(out, flip)
        shape = [n for a, n in enumerate(out.shape) if a in keep]
        for place in new:
            shape.insert(place, 1)
        return lax.reshape(out, shape)

    return get


def _extent(shape: tuple, axes: tuple, starts: tuple) -> tuple:
    """Per axis the lowest position, the extent and the step; which axes stay in the result; which are reversed."""
    low: list = [0] * len(shape)
    sizes, steps = list(shape), [1] * len(shape)
    keep, flip = set(range(len(shape))), []
    given = iter(starts)
    for a, what in enumerate(axes):
        if what is None:
            continue
        low[a] = next(given)
        if what == 0:
            sizes[a] = 1
            keep.discard(a)
        else:
            length, step = what
            steps[a] = abs(step)
            sizes[a] = (length - 1) * abs(step) + 1 if length else 0
            if step < 0:
                flip.append(a)
    return low, sizes, steps, keep, flip


def _part(x: Any, axes: tuple, new: tuple) -> tuple[list, list]:
    """The shape of `x[index]`, and that of the same part with all axes of `x`."""
    _, sizes, steps, keep, _ = _extent(x.shape, axes, (0,) * len(axes))
    full = [-(-n // s) for n, s in zip(sizes, steps, strict=True)]
    shape = [n for a, n in enumerate(full) if a in keep]
    for place in new:
        shape.insert(place, 1)
    return shape, full


def _fit(value: Any, x: Any, shape: Any) -> Any:
    """`value` with the dtype of `x`, broadcast to `shape`."""
    value = jnp.asarray(value)
    if x.dtype == np.bool_ and value.dtype != np.bool_:
        value = value != 0
    return jnp.broadcast_to(lax.convert_element_type(value, x.dtype), tuple(shape))


def _basic_set(axes: tuple, new: tuple) -> Any:
    def put(x: Any, value: Any, *starts: Any) -> Any:
        shape, full = _part(x, axes, new)
        return lax.dynamic_update_slice(x, lax.reshape(_fit(value, x, shape), full),
                                        _extent(x.shape, axes, starts)[0])

    return put


def _stepped_set(axes: tuple, new: tuple, starts: tuple) -> Any:
    def put(x: Any, value: Any) -> Any:
        shape, full = _part(x, axes, new)
        low, sizes, steps, _, flip = _extent(x.shape, axes, starts)
        value = lax.reshape(_fit(value, x, shape), full)
        where = tuple([slice(a, a + n, s) for a, n, s in zip(low, sizes, steps, strict=True)])
        return x.at[where].set(lax.rev(value, flip) if flip else value)

    return put


def _where(plan: tuple, arrays: tuple) -> tuple:
    given = iter(arrays)
    return tuple([None if p is None else Ellipsis if p == "..." else next(given) if p == "a" else slice(*p)
                  for p in plan])


def _advanced_get(plan: tuple) -> Any:
    return lambda x, *arrays: x.at[_where(plan, arrays)].get(mode="fill", fill_value=0)


def _advanced_set(plan: tuple) -> Any:
    def put(x: Any, value: Any, *arrays: Any) -> Any:
        where = _where(plan, arrays)
        shape = jax.eval_shape(lambda a, *i: a.at[_where(plan, i)].get(), x, *arrays).shape
        return x.at[where].set(_fit(value, x, shape), mode="drop")

    return put


def _masked_set(mask: Tensor, data: Any, value: Any) -> Any:
    """`x[mask] = value` with a bool Tensor: of fixed shape, so that it compiles whole."""
    chosen = mask._ready()
    if chosen.ndim:
        check_mask(chosen.shape, data.shape, 0)
    rest = data.ndim - chosen.ndim
    lined_up = np.ndim(value) > rest and np.shape(value)[-rest - 1] != 1
    if lined_up and not holder.backend.is_traced(chosen):
        count = int(np.count_nonzero(np.asarray(chosen)))
        if np.shape(value)[-rest - 1] != count:
            raise ValueError(f"For 'setitem', the bool index selects {count} elements, but the value has shape "
                             f"{np.shape(value)}.")
    key = ("lined up", rest) if lined_up else ("mask", rest)
    kernel = _SET.get(key)
    if kernel is None:
        kernel = _SET[key] = Kernel(_select_lined_up(rest) if lined_up else _select(rest), "SetItem")
    return _run(kernel, [data, value, chosen])


def _select(rest: int) -> Any:
    def put(x: Any, value: Any, mask: Any) -> Any:
        if np.ndim(value) > rest:       # the axis of the selected ones, of size 1
            value = jnp.reshape(value, np.shape(value)[-rest:] if rest else ())
        value = _fit(value, x, x.shape[x.ndim - rest:])
        return jnp.where(jnp.reshape(mask, mask.shape + (1,) * rest), value, x)

    return put


def _select_lined_up(rest: int) -> Any:
    def put(x: Any, value: Any, mask: Any) -> Any:
        """Each selected place takes the value of its turn."""
        value = _fit(value, x, np.shape(value)[:1] + x.shape[x.ndim - rest:])
        turn = jnp.reshape(jnp.cumsum(jnp.ravel(mask)) - 1, mask.shape)
        return jnp.where(jnp.reshape(mask, mask.shape + (1,) * rest), jnp.take(value, turn, axis=0, mode="clip"), x)

    return put


registry.add(registry.methods, "__getitem__", getitem)
registry.add(registry.methods, "__setitem__", setitem)
