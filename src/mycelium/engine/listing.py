"""A compiled program as text that a person can read: `set_context(save_graphs=True)`."""
from __future__ import annotations

import itertools
import linecache
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from mycelium.core.errors import describe
from mycelium.engine.compile import Program

_INLINED = ("pjit", "jit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr",
            "remat", "checkpoint", "remat2")


def save(program: Program, arrays: list, name: str, about: str, folder: str,
         is_users: Callable[[CodeType], bool]) -> Path:
    """Writes NAME.txt, the operators under the source lines they come from, and NAME.mlir, what XLA is given.

    Args:
        program: The program.
        arrays: Arguments it can be lowered for.
        name: Of the files; what a file name cannot hold becomes "_".
        about: Text for the head of the listing.
        folder: Where to write; made if need be.
        is_users: Tells the user's code from everybody else's.

    Returns:
        The path of the listing.
    """
    place = Path(folder or ".")
    place.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^\w.-]+", "_", name)
    path = place / f"{stem}.txt"
    path.write_text(render(program, about, is_users))
    (place / f"{stem}.mlir").write_text(program.lower(arrays).as_text())
    return path


def render(program: Program, about: str, is_users: Callable[[CodeType], bool]) -> str:
    """The listing of a program, see `save`."""
    lines = [f"{program.name}", about, ""]
    rewritten = set(program.written)
    for p in program.params:
        lines.append(f"Parameter {p.name}: {_type(p._array)}" + (", written" if p in rewritten else ""))
    lines += [f"Parameter {p.name}: {_type(p._array)}, written only" for p in program.written
              if p not in set(program.params)]
    names = _Names()
    jaxpr, count = program.jaxpr.jaxpr, len(program.params)
    for var, p in zip(jaxpr.invars, program.params, strict=False):
        names.known[var] = p.name
    constants = jaxpr.invars[count:count + len(program.constants)]
    inputs = jaxpr.invars[count + len(constants):]
    for variables, prefix, what in ((constants, "const", "constant"), (inputs, "in", "input")):
        for i, v in enumerate(variables):
            names.known[v] = f"{prefix}{i}"
            lines.append(f"{what} {prefix}{i}: {_type(v.aval)}")
    lines += _Body(names, is_users).lines(jaxpr, "")
    outs = [names(v) for v in jaxpr.outvars]
    lines.append("")
    lines.append("return " + ", ".join(outs[:program.out_count]))
    lines += [f"write {p.name} = {out}" for p, out in zip(program.written, outs[program.out_count:], strict=True)]
    return "\n".join(lines) + "\n"


def _type(aval: Any) -> str:
    return f"{aval.dtype}{list(aval.shape)}" if hasattr(aval, "shape") and hasattr(aval, "dtype") else str(aval)


class _Names:
    """Short names for the variables of a program, given in the order they come up."""

    def __init__(self) -> None:
        self.known: dict[Any, str] = {}
        self._next = itertools.count()

    def __call__(self, v: Any) -> str:
        if hasattr(v, "val"):           # a literal
            return repr(v.val.item()) if getattr(v.val, "ndim", 1) == 0 else describe(v.val)
        if v not in self.known:
            self.known[v] = f"%{next(self._next)}"
        return self.known[v]


class _Body:
    """Writes the equations of a (nested) program, under the source line that each comes from."""

    def __init__(self, names: _Names, is_users: Callable[[CodeType], bool]):
        self.names, self.is_users = names, is_users
        self.place: str | None = None

    def lines(self, jaxpr: Any, indent: str) -> Iterator[str]:
        """The text of `jaxpr`."""
        for eqn in jaxpr.eqns:
            inner = [j for j in map(_body, eqn.params.values()) if j is not None]
            if eqn.primitive.name in _INLINED and len(inner) == 1 and len(inner[0].invars) == len(eqn.invars):
                for v, outside in zip(inner[0].invars, eqn.invars, strict=True):
                    self.names.known[v] = self.names(outside)
                yield from self.lines(inner[0], indent)
                for v, inside in zip(eqn.outvars, inner[0].outvars, strict=True):
                    self.names.known[v] = self.names(inside)
                continue
            place = self._source(eqn)
            if place is not None and place != self.place:
                self.place = place
                yield f"\n{indent}{place}"
            results = ", ".join(f"{self.names(v)}: {_type(v.aval)}" for v in eqn.outvars)
            yield f"{indent}    {results} = {eqn.primitive.name}({', '.join(map(self.names, eqn.invars))})" \
                + _attributes(eqn.params)
            for name, value in eqn.params.items():
                bodies = value if isinstance(value, (tuple, list)) else [value]
                for i, body in enumerate(filter(None, map(_body, bodies))):
                    yield f"{indent}      {name}{f' {i}' if len(bodies) > 1 else ''}(" \
                        + ", ".join(f"{self.names(v)}: {_type(v.aval)}" for v in body.invars) + "):"
                    yield from self.lines(body, indent + "        ")
                    yield f"{indent}          return {', '.join(map(self.names, body.outvars))}"

    def _source(self, eqn: Any) -> str | None:
        """The innermost line of the user's that an equation comes from."""
        traceback = eqn.source_info.traceback
        tb = traceback.as_python_traceback() if traceback is not None else None
        found = None
        while tb is not None:
            if self.is_users(tb.tb_frame.f_code):
                found = tb
            tb = tb.tb_next
        if found is None:
            return None
        code = found.tb_frame.f_code
        text = linecache.getline(code.co_filename, found.tb_lineno).strip()
        return f"# {code.co_filename}:{found.tb_lineno}: {text}"


def _body(value: Any) -> Any:
    """The jaxpr inside an equation's parameter, if it is one."""
    value = getattr(value, "jaxpr", value)
    return value if hasattr(value, "eqns") and hasattr(value, "invars") else None


def _attributes(params: dict) -> str:
    shown = {k: v for k, v in params.items() if v is not None and isinstance(v, (bool, int, float, str, tuple))
             and not (isinstance(v, tuple) and any(_body(x) is not None for x in v)) and v not in ((), "", False)}
    return "  " + ", ".join(f"{k}={v}" for k, v in shown.items()) if shown else ""
