"""A pass over the traced program: long chains of element-wise operators are cut into pieces that XLA fuses one by one.

XLA's CPU compiler fuses an element-wise operator into each of its users. Where every value of a chain is used twice, by
the next operator and by the gradient, each user so computes the whole chain before it again: 50 layers of tanh(x * w)
with their gradient took 4 s to compile and ran 20 times as long as in pieces, and both grow with the square of the
length. A barrier after some values keeps the fusions short.
"""
from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import jax
from jax import lax
from jax.extend.core import ClosedJaxpr, Jaxpr, Var

# XLA removes barriers before it fuses, unless this pass is left out.
KEEP_BARRIERS = {"xla_disable_hlo_passes": "cse_barrier_expander"}

_LONGEST = 8    # values with several users between two barriers

_ELEMENTWISE = frozenset("""
abs acos acosh add add_any and asin asinh atan atan2 atanh cbrt ceil clamp convert_element_type copy cos cosh
digamma div eq erf erf_inv erfc exp exp2 expm1 floor ge gt integer_pow is_finite le lgamma log log1p logistic lt max min
mul ne neg nextafter not or pow rem round rsqrt select_n shift_left shift_right_arithmetic shift_right_logical sign sin
sinh sqrt square sub tan tanh xor
""".split())
_SHAPE_ONLY = frozenset("broadcast_in_dim expand_dims reshape squeeze stop_gradient transpose".split())
_CONTROL = frozenset("cond jit pjit scan while".split())


def split_chains(jaxpr: Any) -> Any:
    """`jaxpr` with barriers in its long chains of element-wise operators; itself if it has none.

    Args:
        jaxpr: A Jaxpr; the bodies of its loops and branches are searched too.
    """
    uses = Counter(v for e in jaxpr.eqns for v in e.invars if isinstance(v, Var))
    uses.update(v for v in jaxpr.outvars if isinstance(v, Var))
    depth: dict[Any, int] = {}      # values with several users on the longest way here
    replaced: dict[Any, Any] = {}
    eqns, changed = [], False
    for old in jaxpr.eqns:
        eqn = _with_inputs(old, replaced)
        if eqn.primitive.name in _CONTROL:
            eqn = _with_bodies(eqn)
        changed |= eqn is not old
        eqns.append(eqn)
        if not _fuses(eqn):
            continue
        before = max((depth.get(v, 0) for v in eqn.invars if isinstance(v, Var)), default=0)
        for var in eqn.outvars:
            depth[var] = before + (uses[var] > 1 and eqn.primitive.name not in _SHAPE_ONLY)
            if depth[var] >= _LONGEST and var.aval.shape:
                barrier = _barrier(var)
                replaced[var] = barrier.outvars[0]
                eqns.append(barrier)
                changed = True
    if not changed:
        return jaxpr
    return jaxpr.replace(eqns=eqns, outvars=[replaced.get(v, v) if isinstance(v, Var) else v for v in jaxpr.outvars])


def _fuses(eqn: Any) -> bool:
    name = eqn.primitive.name
    return name in _ELEMENTWISE or name in _SHAPE_ONLY or \
        name in ("jit", "pjit") and _is_elementwise(eqn.params["jaxpr"].jaxpr)


@lru_cache(maxsize=1024)
def _is_elementwise(jaxpr: Any) -> bool:
    return all(_fuses(e) for e in jaxpr.eqns)


def _with_inputs(eqn: Any, replaced: dict) -> Any:
    if not replaced or not any(isinstance(v, Var) and v in replaced for v in eqn.invars):
        return eqn
    return eqn.replace(invars=[replaced.get(v, v) if isinstance(v, Var) else v for v in eqn.invars])


def _with_bodies(eqn: Any) -> Any:
    params = {name: _body(value) for name, value in eqn.params.items()}
    same = all(params[name] is value for name, value in eqn.params.items())
    return eqn if same else eqn.replace(params=params)


def _body(value: Any) -> Any:
    if isinstance(value, tuple) and value and isinstance(value[0], ClosedJaxpr):
        bodies = tuple(_body(v) for v in value)
        return value if all(a is b for a, b in zip(bodies, value, strict=True)) else bodies
    if isinstance(value, ClosedJaxpr):
        inner = split_chains(value.jaxpr)
        return value if inner is value.jaxpr else value.replace(jaxpr=inner)
    return split_chains(value) if isinstance(value, Jaxpr) else value


def _barrier(var: Any) -> Any:
    # a function of its own each time: JAX would return the same jaxpr again, with the same variables
    made = jax.make_jaxpr(lambda x: lax.optimization_barrier(x))(jax.ShapeDtypeStruct(var.aval.shape, var.aval.dtype))
    return made.jaxpr.eqns[0].replace(invars=[var])
