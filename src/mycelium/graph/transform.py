"""The source transform: user functions whose control flow on Tensor values becomes part of the program.

The transform is our own and not diastatic-malt, the maintained AutoGraph, after trying both on the same 49 functions:
malt takes 52 ms per function, this 3 ms; malt refuses `else` on loops and a line with two lambdas, and its tracebacks
point into a generated file, where here every node keeps its place, so that file, line and caret come for free; malt
turns every jump into a flag, which would put dead conditionals into programs, where most jumps need none; and 13,000
lines of it would leave tracing, state and messages, which are most of the work, to be written all the same.
"""
from __future__ import annotations

import ast
import builtins
import copy
import functools
from collections.abc import Callable
from types import CellType, CodeType, FunctionType, MethodType, SimpleNamespace

from mycelium.graph import syntax
from mycelium.graph.emit import BLOCK, BLOCK_ARGUMENT, RUNTIME, emit_function, emit_lambda
from mycelium.graph.source import find_source, is_user_function

_FACTORY, _FUNCTION = "_mc_factory", "_mc_function"

runtime = SimpleNamespace()     # the hooks that converted code calls; graph.convert fills it


class _Converted:
    """The code of a converted function and the globals it needs."""

    __slots__ = ("code", "globals")

    def __init__(self, code: CodeType, needed: list):
        self.code, self.globals = code, needed


# equal code objects may come from different files
_cache: dict[tuple[str, CodeType], _Converted | None] = {}
_made: set[CodeType] = set()        # converted code, inner functions too


def convert(fn: Callable) -> Callable:
    """An equivalent of `fn` whose control flow on Tensor values can be compiled.

    Python values decide while the program is traced, as if `fn` ran; functions of this package and of other libraries,
    functions without source and callable objects come back as they are.

    Args:
        fn: A function, method, `functools.partial` or any other callable.

    Raises:
        RuntimeError: The function contains a statement that GRAPH_MODE cannot compile.
        TypeError: A path through the function has no `return`.
        NameError: The function uses a name that exists nowhere.
    """
    if isinstance(fn, MethodType):
        inner = convert(fn.__func__)
        return fn if inner is fn.__func__ else MethodType(inner, fn.__self__)
    if isinstance(fn, functools.partial):
        inner = convert(fn.func)
        return fn if inner is fn.func else functools.partial(inner, *fn.args, **fn.keywords)
    if not isinstance(fn, FunctionType) or fn.__code__ in _made:
        return fn
    code = fn.__code__
    key = code.co_filename, code
    converted = _cache.get(key, False)
    if converted is False:
        converted = _cache[key] = _convert_code(fn) if is_user_function(fn) else None
    if not converted:
        return fn
    _check_names(fn, converted)
    return _build(fn, converted)


def _build(fn: FunctionType, converted: _Converted) -> FunctionType:
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    cells[RUNTIME] = CellType(runtime)
    new = FunctionType(converted.code, fn.__globals__, fn.__name__, fn.__defaults__,
                       tuple([cells[name] for name in converted.code.co_freevars]))
    new.__kwdefaults__ = fn.__kwdefaults__
    new.__qualname__ = fn.__qualname__
    new.__dict__.update(fn.__dict__)
    new.__wrapped__ = fn                                    # type: ignore[attr-defined]
    return new


def _convert_code(fn: FunctionType) -> _Converted | None:
    source = find_source(fn)
    if source is None or isinstance(source.node, ast.AsyncFunctionDef):
        return None
    syntax.check(source.node, source.filename)
    node = copy.deepcopy(source.node)
    needed = syntax.global_names(source.node, fn.__code__.co_freevars)
    free = [*fn.__code__.co_freevars]
    outside = {*free, *[n.id for n in needed]}
    if isinstance(node, ast.FunctionDef):
        node.name = _FUNCTION       # its own name keeps meaning what it means where the function was defined
        made: ast.stmt = emit_function(node, source.class_name, outside)
    else:
        made = ast.Return(emit_lambda(node, source.class_name, outside))
    parameters = ast.arguments([], [ast.arg(n) for n in [*free, RUNTIME]], None, [], [], None, [])
    factory = ast.FunctionDef(_FACTORY, parameters, [made], [])
    factory.type_params = []                                # type: ignore[attr-defined]
    tree = ast.fix_missing_locations(ast.copy_location(ast.Module([ast.copy_location(factory, node)], []), node))
    flags = fn.__code__.co_flags & 0x1000000                # from __future__ import annotations
    outer = compile(tree, source.filename, "exec", flags, dont_inherit=True)
    code = _inner(_inner(outer, _FACTORY), _FUNCTION if isinstance(node, ast.FunctionDef) else "<lambda>")
    return _Converted(_rename(code, fn.__code__.co_name, fn.__code__.co_qualname),
                      [(n, source.filename) for n in needed])


def _inner(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def _rename(code: CodeType, name: str, qualname: str) -> CodeType:
    """The code with generated functions named after the user's function they are part of."""
    consts = []
    for c in code.co_consts:
        if isinstance(c, CodeType):
            if c.co_name.startswith(BLOCK) or BLOCK_ARGUMENT in c.co_varnames[:c.co_kwonlyargcount]:
                c = _rename(c, name, qualname if qualname.endswith(".<block>") else qualname + ".<block>")
            else:
                base = qualname.removesuffix(".<block>")
                c = _rename(c, c.co_name, f"{base}.<locals>.{c.co_name}")
        consts.append(c)
    code = code.replace(co_consts=tuple(consts), co_name=name, co_qualname=qualname)
    _made.add(code)
    return code


def _check_names(fn: FunctionType, converted: _Converted) -> None:
    known, more = fn.__globals__, builtins.__dict__
    for node, filename in converted.globals:
        if node.id not in known and node.id not in more:
            raise syntax.undefined_name(node, filename, fn.__name__, known)

