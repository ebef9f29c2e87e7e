"""From a function's syntax tree to one whose control flow goes through the hooks that `graph.convert` lists.

Each branch and loop body becomes an inner function without arguments that binds the same variables (`nonlocal`), so
that a hook can run it, trace it, and read and set the variables through its closure. Every node keeps its place in the
user's file: tracebacks need no translation.
"""
# ast.NodeTransformer.visit is declared to return any AST.
# pyright: reportReturnType=false, reportAssignmentType=false
from __future__ import annotations

import ast
from collections.abc import Sequence

from mycelium.graph import liveness
from mycelium.graph.assignment import ItemStored, ItemUpdated, OutsideItem, rebind
from mycelium.graph.lower import Guard, TailIf, lower
from mycelium.graph.source import mangle

RUNTIME = "_mc"             # the hooks, seen by converted code as a variable of an enclosing function
BLOCK = "_mc_block"         # the names of generated functions start with it
_CHANGING = {"append", "extend", "insert", "add", "update", "setdefault", "appendleft"}
BLOCK_ARGUMENT = "_mc_"     # and generated lambdas have a parameter of this name


def emit_function(node: ast.FunctionDef, class_name: str | None, outside: set[str]) -> ast.FunctionDef:
    """The converted definition, without decorators and annotations; `outside` are names of no converted function."""
    new = _Emitter(class_name, outside).function(node)
    new.decorator_list, new.returns = [], None
    new.type_params = []                                    # type: ignore[attr-defined]
    for a in ast.walk(new.args):
        if isinstance(a, ast.arg):
            a.annotation = None
    return new


def emit_lambda(node: ast.Lambda, class_name: str | None, outside: set[str]) -> ast.Lambda:
    """The converted lambda."""
    emitter = _Emitter(class_name, outside)
    emitter.first = next(iter(liveness.parameters(node.args)), None)
    return emitter.visit(node)


class _Condition(ast.Expr):
    """Marks the condition of a loop until it is visited."""


class _Emitter(ast.NodeTransformer):
    """Works on a tree it may change in place."""

    def __init__(self, class_name: str | None, outside: set[str]):
        self.class_name, self.outside = class_name, outside
        self.first: str | None = None       # the parameter that super() goes by
        self.count = 0
        self.bound: set[str] = set()        # variables of the current function that generated functions bind

    # ***** functions *****

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        outer = self.first, self.bound, self.outside
        names = liveness.parameters(node.args)
        local = set(names) | liveness.assigned(node.body)
        self.first, self.bound, self.outside = (names[0] if names else None), set(), self.outside - local
        body = lower(rebind(node.body, local, self.outside))
        liveness.annotate(body)
        stmts = self.stmts(body)
        missing = sorted(self.bound - set(names))
        if missing:     # never run: makes them variables of this function, unbound as in the user's code
            stmts.insert(0, self._at(ast.If(ast.Constant(False), [
                ast.Assign([ast.Name(mangle(n, self.class_name), ast.Store()) for n in missing], ast.Constant(None))],
                []), node))
        self.first, self.bound, self.outside = outer
        node.body = stmts
        self._arguments(node.args)
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        return node

    def _arguments(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(d) for d in args.defaults]
        args.kw_defaults = [d and self.visit(d) for d in args.kw_defaults]
        for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, *filter(None, (args.vararg, args.kwarg))):
            a.arg = mangle(a.arg, self.class_name)
            a.annotation = None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = mangle(node.name, self.class_name)
        node.returns = None
        return self.function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        outer = self.first
        self.first = next(iter(liveness.parameters(node.args)), None)
        node.body = self.visit(node.body)
        self._arguments(node.args)
        self.first = outer
        return node

    # ***** statements *****

    def stmts(self, stmts: Sequence[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for s in stmts:
            new = self.visit(s)
            out.extend(new if isinstance(new, list) else [new])
        return out or [ast.Pass(lineno=1, col_offset=0)]

    def _block(self, kind: str, stmts: list[ast.stmt], bound: set[str], at: ast.AST, args: Sequence[str] = ()) -> \
            tuple[ast.stmt, ast.expr]:
        """A generated function of statements, and an expression for it."""
        self.count += 1
        self.bound |= bound
        name = f"{BLOCK}_{kind}_{self.count}"
        body = self.stmts(stmts)
        if bound:
            body.insert(0, self._at(ast.Nonlocal([mangle(n, self.class_name) for n in sorted(bound)]), at))
        arguments = ast.arguments([], [ast.arg(a) for a in args], None, [], [], None, [])
        new = ast.FunctionDef(name, arguments, body, [])
        new.type_params = []                                # type: ignore[attr-defined]
        return self._at(new, at), self._at(ast.Name(name, ast.Load()), at)

    def visit_If(self, node: ast.If) -> list[ast.stmt]:
        tail = isinstance(node, TailIf)
        bound = liveness.assigned([*node.body, *node.orelse])
        body, run_body = self._block("then", node.body, bound, node)
        orelse, run_orelse = self._block("else", node.orelse or [self._at(ast.Pass(), node)], bound, node)
        test = self._condition(node.test)
        if tail:
            dead = ast.Constant(tuple(mangle(n, self.class_name) for n in sorted(bound)))
            call = self._hook("if_return", [test, run_body, run_orelse, dead], node.test)
            return [body, orelse, self._at(ast.Return(call), node.test)]
        hook = "guard" if isinstance(node, Guard) else "if_stmt"
        names = self._names(bound, node.live)               # type: ignore[attr-defined]
        return [body, orelse, self._expr(self._hook(hook, [test, run_body, run_orelse, *names], node.test))]

    visit_TailIf = visit_Guard = visit_If

    def visit_While(self, node: ast.While) -> list[ast.stmt]:
        bound = liveness.assigned(node.body) | liveness.stores(node.test)
        body, run_body = self._block("body", node.body, bound, node)
        again = self._at(ast.Return(_Condition(node.test)), node.test)
        test, run_test = self._block("test", [again], liveness.stores(node.test), node.test)
        return [test, body, self._expr(self._hook(
            "while_stmt", [run_test, run_body, self._stop(node), *self._names(bound, node.live)], node.test))]

    def visit_For(self, node: ast.For) -> list[ast.stmt]:
        target = liveness.stores(node.target)
        bound = liveness.assigned(node.body) | target
        item = "_mc_item"
        bind = self._at(ast.Assign([node.target], self._at(ast.Name(item, ast.Load()), node.target)), node.target)
        rollable = ast.Constant(isinstance(node.target, ast.Name) and node.target.id not in node.live   # type: ignore[attr-defined]
                                and liveness.only_indexes(node.body, node.target.id))
        body, run_body = self._block("body", [bind, *node.body], bound, node, [item])
        names = self._names(bound, node.live)               # type: ignore[attr-defined]
        return [body, self._expr(self._hook(
            "for_stmt", [self.visit(node.iter), run_body, self._stop(node), *names, rollable], node.iter))]

    def _stop(self, node: ast.For | ast.While) -> ast.expr:
        """A function that tells whether the loop was left, or None."""
        stops = node.stops                                  # type: ignore[union-attr]
        if not stops:
            return self._at(ast.Constant(None), node)
        flags: list[ast.expr] = [self._at(ast.Name(s, ast.Load()), node) for s in stops]
        return self._later(flags[0] if len(flags) == 1 else
                           self._hook("any_of", [flags[0], *[self._later(f, node) for f in flags[1:]]], node), node)

    def _names(self, bound: set[str], live: set[str]) -> list[ast.expr]:
        """The variables to hand on, and those that end with the block."""
        return [ast.Constant(tuple(mangle(n, self.class_name) for n in sorted(names)))
                for names in (bound & live, bound - live)]

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | list[ast.stmt]:
        node.value = self.visit(node.value)
        stores: list[ast.stmt] = []
        node.targets = [self._target(t, stores) for t in node.targets]
        return [node, *stores] if stores else node

    def _target(self, target: ast.expr, stores: list[ast.stmt]) -> ast.expr:
        """The target; an attribute is bound to a variable first and stored by a hook."""
        if isinstance(target, ast.Attribute):
            self.count += 1
            name = f"_mc_attr_{self.count}"
            stores.append(self._expr(self._hook("set_attribute", [
                self.visit(target.value), self._at(ast.Constant(mangle(target.attr, self.class_name)), target),
                self._at(ast.Name(name, ast.Load()), target)], target)))
            return self._at(ast.Name(name, ast.Store()), target)
        if isinstance(target, (ast.Tuple, ast.List)):
            target.elts = [self._target(t, stores) for t in target.elts]
            return target
        if isinstance(target, ast.Starred):
            target.value = self._target(target.value, stores)
            return target
        if isinstance(target, ast.Subscript):
            target.value = self._hook("stored_into", [self.visit(target.value), self._text(target.value)], target) \
                if isinstance(target.value, ast.Attribute) else self.visit(target.value)
            target.slice = self.visit(target.slice)
            return target
        return self.visit(target)

    def _text(self, node: ast.expr) -> ast.expr:
        """The source text of an expression, for messages."""
        return self._at(ast.Constant(ast.unparse(node)), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.stmt | list[ast.stmt]:
        node.value = self.visit(node.value)
        target = node.target
        if isinstance(target, ast.Attribute):
            owner = self.visit(target.value)
            self.count += 1
            name = f"_mc_attr_{self.count}"
            hold = self._at(ast.Assign([self._at(ast.Name(name, ast.Store()), target)], owner), target)
            attr = mangle(target.attr, self.class_name)
            old = self._at(ast.Attribute(self._at(ast.Name(name, ast.Load()), target), attr, ast.Load()), target)
            value = f"{name}_value"
            update = [
                self._at(ast.Assign([self._at(ast.Name(value, ast.Store()), target)], old), target),
                self._at(ast.AugAssign(self._at(ast.Name(value, ast.Store()), target), node.op, node.value), node),
                self._expr(self._hook("set_attribute", [
                    self._at(ast.Name(name, ast.Load()), target), self._at(ast.Constant(attr), target),
                    self._at(ast.Name(value, ast.Load()), target)], target))]
            return [hold, *update]
        node.target = self._target(target, []) if isinstance(target, ast.Subscript) else self.visit(target)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | list[ast.stmt]:
        if node.value is None:
            return self._at(ast.Pass(), node)
        return self.visit_Assign(self._at(ast.Assign([node.target], node.value), node))

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        if node.exc is not None:
            node.exc = self._hook("raising", [self.visit(node.exc)], node)
            node.cause = node.cause and self.visit(node.cause)
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        message = self._later(self.visit(node.msg), node) if node.msg else self._at(ast.Constant(None), node)
        return self._expr(self._hook("assert_", [self._condition(node.test), message], node.test))

    # ***** expressions *****

    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(a) for a in node.args]
        for k in node.keywords:
            k.value = self.visit(k.value)
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            if not node.args and self.first is not None:
                node.args = [self._at(ast.Name("__class__", ast.Load()), node),
                             self._at(ast.Name(mangle(self.first, self.class_name), ast.Load()), node)]
            return node
        if self._changes_outside(node.func):
            text = self._text(node.func.value)              # type: ignore[attr-defined]
            node.func = self._hook("change_outside", [self.visit(node.func), text], node.func)
            return node
        node.func = self._hook("call", [self.visit(node.func)], node.func)
        return node

    def _changes_outside(self, func: ast.expr) -> bool:
        """Whether a call may put something into a list, dict or set that outlives the program."""
        return isinstance(func, ast.Attribute) and func.attr in _CHANGING and (
            isinstance(func.value, ast.Attribute)
            or (isinstance(func.value, ast.Name) and func.value.id in self.outside))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        first, *others = map(self.visit, node.values)
        return self._logic(node, "and_" if isinstance(node.op, ast.And) else "or_", first, others)

    def _logic(self, node: ast.BoolOp, hook: str, first: ast.expr, others: list[ast.expr]) -> ast.expr:
        return self._hook(hook, [first, *[self._later(v, v) for v in others]], node)

    def _condition(self, node: ast.expr) -> ast.expr:
        """An expression of which only the truth is asked for: its operands may be of different types."""
        if not isinstance(node, ast.BoolOp):
            return self.visit(node)
        first, *others = map(self._condition, node.values)
        return self._logic(node, "all_of" if isinstance(node.op, ast.And) else "any_of", first, others)

    def visit__Condition(self, node: _Condition) -> ast.expr:
        return self._condition(node.value)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        if isinstance(node.op, ast.Not):
            return self._hook("not_", [self._condition(node.operand)], node)
        node.operand = self.visit(node.operand)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test, body, orelse = self._condition(node.test), self.visit(node.body), self.visit(node.orelse)
        return self._hook("if_exp", [test, self._later(body, body), self._later(orelse, orelse)], node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) == 1:
            left, right = self.visit(node.left), self.visit(node.comparators[0])
            if isinstance(node.ops[0], (ast.In, ast.NotIn)):
                found = self._hook("contains", [left, right], node)
                return found if isinstance(node.ops[0], ast.In) else self._hook("not_", [found], node)
            node.left, node.comparators = left, [right]
            return node
        # a < b < c: every operand once, the later ones only if needed
        steps: list[ast.expr] = []
        for op, right in zip(node.ops, node.comparators, strict=True):
            pair = self._at(ast.Compare(self._at(ast.Name("_mc_left", ast.Load()), node), [op],
                                        [self._at(ast.Name("_mc_right", ast.Load()), node)]), node)
            test = self.visit_Compare(pair)
            args = ast.arguments([], [ast.arg("_mc_left"), ast.arg("_mc_right")], None, [], [], None, [])
            steps += [self._later(self.visit(right), right), self._at(ast.Lambda(args, test), node)]
        return self._hook("chain", [self.visit(node.left), *steps], node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.expr:
        node.value = self._hook("in_text", [self.visit(node.value)], node.value)
        node.format_spec = node.format_spec and self.visit(node.format_spec)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value, node.slice = self.visit(node.value), self.visit(node.slice)
        if isinstance(node.ctx, ast.Load) and not isinstance(node.slice, (ast.Constant, ast.Slice, ast.Tuple)):
            return self._hook("item", [node.value, node.slice], node)
        return node

    def visit_ItemStored(self, node: ItemStored) -> ast.expr:
        value, owner = self.visit(node.value), self.visit(node.owner)       # type: ignore[attr-defined]
        return self._hook("with_item", [value, owner, *self._keys(node)], node)

    def visit_OutsideItem(self, node: OutsideItem) -> ast.expr:
        value, owner = self.visit(node.value), self.visit(node.owner)       # type: ignore[attr-defined]
        return self._hook("set_outside", [value, self._text(node.owner), owner, *self._keys(node)], node)   # type: ignore[attr-defined]

    def visit_ItemUpdated(self, node: ItemUpdated) -> ast.expr:
        owner = self.visit(node.owner)                      # type: ignore[attr-defined]
        path = self._at(ast.Tuple(self._keys(node), ast.Load()), node)
        return self._hook("with_updated_item", [
            owner, path, self.visit(node.value), self._at(ast.Constant(node.name), node)], node)    # type: ignore[attr-defined]

    def _keys(self, node: ItemStored | ItemUpdated | OutsideItem) -> list[ast.expr]:
        """The indices of a path as expressions; slices are valid in subscripts only."""
        keys = []
        for key in node.path:                               # type: ignore[attr-defined]
            at = self._at(ast.Name(RUNTIME, ast.Load()), key)
            index = self._at(ast.Attribute(at, "index", ast.Load()), key)
            keys.append(self._at(ast.Subscript(index, self.visit(key), ast.Load()), key))
        return keys

    def visit_comprehension(self, node: ast.comprehension) -> ast.comprehension:
        node.target, node.iter = self.visit(node.target), self.visit(node.iter)
        node.ifs = [self._hook("keep", [self._condition(i)], i) for i in node.ifs]
        return node

    # ***** names *****

    def visit_Name(self, node: ast.Name) -> ast.expr:
        node.id = mangle(node.id, self.class_name)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.attr = mangle(node.attr, self.class_name)
        node.value = self.visit(node.value)
        return node

    # ***** building nodes *****

    def _at(self, new: ast.AST, old: ast.AST) -> ast.AST:
        return ast.fix_missing_locations(ast.copy_location(new, old))

    def _expr(self, value: ast.expr) -> ast.stmt:
        return self._at(ast.Expr(value), value)

    def _hook(self, name: str, args: list[ast.expr], at: ast.AST) -> ast.expr:
        fn = self._at(ast.Attribute(self._at(ast.Name(RUNTIME, ast.Load()), at), name, ast.Load()), at)
        return self._at(ast.Call(fn, args, []), at)

    def _later(self, value: ast.expr, at: ast.AST) -> ast.expr:
        """A generated function that evaluates an expression."""
        args = ast.arguments([], [], None, [ast.arg(BLOCK_ARGUMENT)], [self._at(ast.Constant(None), at)], None, [])
        return self._at(ast.Lambda(args, value), at)
