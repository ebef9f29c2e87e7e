"""Writing into rows and places of a Parameter: ScatterAdd, ScatterNdAdd and their kin."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycelium.core.tensor import Tensor
from mycelium.ops.annotations import Array
from mycelium.ops.op import function, op
from mycelium.ops.scattering import (
    check_indices,
    combine,
    examine_points,
    examine_rows,
    into_dtype,
    points,
    rows,
)

_WORDS = {"update": "Replaces {} by updates", "add": "Adds updates to {}", "sub": "Subtracts updates from {}",
          "mul": "Multiplies {} by updates", "div": "Divides {} by updates",
          "max": "Raises {} to updates that are larger", "min": "Lowers {} to updates that are smaller"}
_RESULT = {"update": "[8. 2. 3.]", "add": "[ 9.  2.  3.]", "sub": "[-7.  2.  3.]", "mul": "[8. 2. 3.]",
           "div": "[0.125 2.    3.   ]", "max": "[8. 2. 3.]", "min": "[1. 2. 3.]"}
_ROWS_DOC = """{words}, in place: input_x[indices] {symbol} updates.

    Args:
        input_x: Parameter that is written.
        indices: Tensor of int32 or int64, rows of `input_x`; a row may come several times.
        updates: Tensor of shape indices.shape + input_x.shape[1:], converted to the dtype of `input_x`.
{use}
    Returns:
        Tensor, the new value of `input_x`.

    Raises:
        TypeError: `indices` is not an int Tensor, or `updates` would lose its kind or range.
        ValueError: The shape of `updates` does not fit.
        RuntimeError: An index is out of range (PYNATIVE; a compiled program drops the update).

    Examples:
        >>> p = ms.Parameter(Tensor([1.0, 2.0, 3.0]), name="p")
        >>> print({call}(p, Tensor([{index}]), Tensor([8.0])))
        {result}

    MindSpore r1.8 `ops.{name}`.
    """
_USE = "        use_locking: Accepted for compatibility; writes never race here.\n"


def _document(fn: Callable, how: str, name: str, call: str, nd: bool, use: bool) -> None:
    words = _WORDS[how].format("places of a Parameter" if nd else "rows of a Parameter")
    symbol = {"update": "=", "add": "+=", "sub": "-=", "mul": "*=", "div": "/="}.get(how, f"= {how} with")
    doc = _ROWS_DOC.format(words=words, symbol=symbol, use=_USE if use else "", call=call, name=name,
                           index="[0]" if nd else "0", result=_RESULT[how])
    if nd:
        doc = doc.replace("rows of `input_x`; a row may come several times", "(..., K), positions in the first K axes")
        doc = doc.replace("indices.shape + input_x.shape[1:]", "indices.shape[:-1] + input_x.shape[K:]")
    fn.__doc__ = doc


def _scatter(primitive: str | None, how: str, names: tuple[str, ...], nd: bool, locking: bool = False,
             function_locks: bool = False) -> None:
    """Defines the operator, its primitive and its function."""
    owner = primitive or "ScatterNdMul"

    def pure(input_x: Array, indices: Array, updates: Array, *, use_locking: bool = False) -> Any:
        check_indices(owner, indices)
        updates = into_dtype(owner, input_x, updates)
        where = points(owner, input_x.shape, indices, updates) if nd else rows(owner, input_x, indices, updates)
        return combine(how, input_x, updates, where)

    pure.__name__ = pure.__qualname__ = f"{names[0] if names else owner.lower()}_"
    pure.__kwdefaults__ = {"use_locking": locking}
    _document(pure, how, owner, f"ops.{primitive}()" if primitive else f"ops.{names[0]}", nd, True)
    run = op(primitive, function=None, writes=("input_x",), examine=examine_points if nd else examine_rows)(pure)

    if not names:
        return
    if function_locks:
        def public(input_x: Tensor, indices: Tensor, updates: Tensor,   # pyright: ignore[reportRedeclaration]
                   use_locking: bool = False) -> Tensor:
            return run(input_x, indices, updates, use_locking)
    else:
        def public(input_x: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
            return run(input_x, indices, updates)

    public.__name__ = public.__qualname__ = names[0]
    _document(public, how, names[0], f"ops.{names[0]}", nd, function_locks)
    function(*names)(public)


for _how in ("add", "div", "max", "min", "mul"):
    _scatter(f"Scatter{_how.title()}", _how, (f"scatter_{_how}",), nd=False)
_scatter("ScatterSub", "sub", (), nd=False)
_scatter("ScatterUpdate", "update", ("scatter_update",), nd=False, locking=True)

for _how in ("add", "div", "max", "min", "sub"):
    _scatter(f"ScatterNd{_how.title()}", _how, (f"scatter_nd_{_how}",), nd=True, function_locks=True)
_scatter(None, "mul", ("scatter_nd_mul",), nd=True, function_locks=True)
_scatter("ScatterNdUpdate", "update", ("scatter_nd_update",), nd=True, locking=True)
_scatter("ScatterNonAliasingAdd", "add", (), nd=True)
