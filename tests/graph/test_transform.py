"""The source transform on Python values: converted functions do exactly what they did."""
import functools
import json
import os
import random
import sys
import types

import pytest
from tests.graph.random_programs import load, random_python_program

from mycelium.graph import source
from mycelium.graph.convert import convert
from mycelium.graph.transform import runtime


def flow(n, flags):
    out = []
    for i in range(n):
        if flags & 1 and i == 1:
            continue
        for j in range(3):
            if flags & 2 and j == 2:
                break
            if flags & 4 and i + j == 4:
                return ("inner", i, j, out)
            out.append(i * j)
        else:
            out.append("else")
            if flags & 8:
                continue
            out.append("after")
        k = 0
        while k < 3:
            k += 1
            if flags & 16 and k == 2:
                continue
            if flags & 32 and i == 2:
                break
            out.append(-k)
        else:
            if flags & 64:
                return out, k
    else:
        if flags & 128:
            return "done", out
    if flags & 1:
        if flags & 2:
            return "both"
        tail = "one"
    else:
        tail = "none"
    return out, tail


def conditions(a, b, c):
    first = a and b or c
    second = not a or (b and not c)
    third = 0 < a < b <= c != 7
    fourth = (a if b else c) if c else (b if a else None)
    fifth = [x for x in (a, b, c) if x and x > 1]
    sixth = a in (b, c), b not in {c: 1}, a is b, a is not None
    return first, second, third, fourth, fifth, sixth


def scopes(n):
    total = 0
    makers = []
    for i in range(n):
        def add(x, i=i):
            return x + i + total  # noqa: B023  bound late on purpose
        makers.append(add)
        total += i
    squares = {str(k): k * k for k in range(n) if k % 2}
    pairs = [(a, b) for a in range(n) for b in range(a)]
    later = (x + total for x in range(n))
    total += 100
    lambdas = [lambda x: x if x > 2 else -x, lambda x, *a, k=3, **kw: (x, a, k, kw)]
    if (m := n * 2) > 3:
        total += m
    try_total = max(squares.values(), default=0)
    return [f(1) for f in makers], squares, pairs, list(later), [g(3) for g in lambdas], total, m, try_total


def unpacking(*args, scale=2, **named):
    first, *rest = args
    (a, b), c = (first, scale), rest
    values = {**named, "c": c}
    c[0], values["x"] = 7, a
    x = y = z = b
    x += 1
    y *= 3
    assert x == z + 1, "never"
    for _, (p, *q) in enumerate([(1, 2, 3), (4, 5)]):
        z += p + sum(q)
    text = f"{x:>3}|{y!r}|{values['x']}"
    return rest, values, x, y, z, text


CALLS = [*[(flow, (4, flags), {}) for flags in range(256)],
         *[(conditions, args, {}) for args in [(0, 1, 2), (1, 2, 3), (3, 0, 1), (2, 2, 0), (1, 5, 7), ([], "a", None)]
           if not (args[0] == [])],
         (scopes, (4,), {}), (scopes, (1,), {}), (unpacking, (1, 2, 3), {}), (unpacking, (5, 6), {"scale": 9, "k": 1})]


@pytest.mark.parametrize("fn", [flow, conditions, scopes, unpacking], ids=lambda f: f.__name__)
def test_python_values_decide_as_before(fn):
    converted = convert(fn)
    assert converted is not fn
    for _, args, kwargs in [c for c in CALLS if c[0] is fn]:
        assert converted(*args, **kwargs) == fn(*args, **kwargs), args


def test_random_nests_of_jumps():
    """Programs made at random from nested ifs, loops and jumps take the same path, converted and not."""
    rng = random.Random(0)
    for number in range(60):
        fn, source = random_python_program(rng, f"random_program_{number}")
        converted = convert(fn)
        assert converted is not fn
        for seed in range(30):
            assert _path(converted, seed) == _path(fn, seed), f"{source}\nseed {seed}"


def _path(fn, seed):
    rng, path = random.Random(seed), []

    def ask(place):
        path.append(place)
        return rng.random() < 0.45

    return fn(ask), path


# ***** functions of every kind *****

class Parent:
    scale = 10

    def method(self, x):
        return x * self.scale

    @classmethod
    def make(cls, x):
        return cls.scale + x if x else cls


class Child(Parent):
    scale = 3

    def method(self, x, *, more=1):
        if x > 2:
            return super().method(x) + more
        return [super(Child, self).method(v) for v in (x, more) if v]

    def __private(self, __x):
        if __x:
            self.__kept = __x
        return self.__kept

    def public(self, x):
        def inner(y):
            return self.__private(y) if y else super(Child, self).method(x)
        return inner(x), inner(0)


def twice(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        if args:
            return fn(*args, **kwargs) * 2
        return fn(*args, **kwargs)
    return wrapper


@twice
def decorated(x=4):
    return x if x > 3 else -x


def closure(k):
    def inner(x):
        if x > 1:
            return x * k + len(inner.__name__)
        return inner(x + 1)
    return inner


def recursive(n):
    return 1 if n < 2 else n * recursive(n - 1)


two_lambdas = [lambda x: x if x else 5, lambda x: x and 6]


def test_functions_of_every_kind():
    child = Child()
    for x in (1, 2, 5):
        assert convert(child.method)(x, more=4) == child.method(x, more=4)
    assert convert(child.public)(7) == child.public(7)
    assert convert(Child.make)(2) == 5 and convert(child.make)(0) is Child
    assert convert(decorated)() == 4 and convert(decorated)(2) == -4
    assert convert(closure(3))(0) == closure(3)(0) == 11
    assert convert(recursive)(5) == 120
    assert [convert(f)(0) for f in two_lambdas] == [5, 0] and [convert(f)(2) for f in two_lambdas] == [2, 6]
    assert convert(functools.partial(flow, 4))(3) == flow(4, 3)


def test_closures_stay_shared():
    def outer():
        count = 1

        def read(scale):
            if scale > 0:
                return count * scale
            return -count
        converted = convert(read)
        count = 5
        return converted(2)
    assert outer() == 10


def test_defaults_names_and_attributes_stay():
    def original(x, y=3, *, z=4):
        """Adds."""
        return x + y + z
    original.note = "kept"
    converted = convert(original)
    assert (converted.__name__, converted.__qualname__) == (original.__name__, original.__qualname__)
    assert converted.__wrapped__ is original and converted.note == "kept"
    assert converted(1) == 8


def test_conversion_is_cached_per_code():
    assert convert(closure(1)).__code__ is convert(closure(2)).__code__
    assert convert(convert(flow)).__code__ is convert(flow).__code__


def test_library_code_is_left_alone():
    for fn in (json.dumps, functools.reduce, print, len, Parent, pytest.raises, runtime.if_stmt, random.random):
        assert convert(fn) is fn


def test_installed_packages_are_converted_only_if_they_use_mindspore(monkeypatch, tmp_path):
    monkeypatch.setattr(source, "_INSTALLED", (f"{tmp_path}{os.sep}",))
    body = "def f(x):\n    return x if x else 0\n"
    cases = [("with_ops", "import mycelium.ops as ops\n", True), ("without", "import math\n", False)]
    for name, first, converted in cases:
        path = tmp_path / f"{name}.py"
        path.write_text(first + body)
        module = types.ModuleType(name)
        exec(compile(first + body, str(path), "exec"), module.__dict__)
        assert (convert(module.f) is not module.f) is converted


def test_functions_without_source_run_as_they_are():
    namespace = {}
    exec("def hidden(x):\n    if x:\n        return 1\n    return 2", namespace)
    assert convert(namespace["hidden"]) is namespace["hidden"]


def test_a_file_changed_since_import_is_not_used():
    fn = load("changed", "def f(x):\n    return x if x else 0\n")
    load("changed", "def f(a, b):\n    return a\n")
    assert convert(fn) is fn


def test_lines_of_errors_are_the_users():
    def fails(x):
        if x > 0:
            for i in range(3):
                if i == 2:
                    return x / 0
        return x
    with pytest.raises(ZeroDivisionError) as caught:
        convert(fails)(1)
    tb = caught.tb
    while tb.tb_next is not None:
        tb = tb.tb_next
    assert tb.tb_lineno == fails.__code__.co_firstlineno + 4
    assert tb.tb_frame.f_code.co_filename == __file__ and tb.tb_frame.f_code.co_name == "fails"


def test_unbound_variables_stay_unbound():
    def reads_late(x):
        if x:
            y = 1
        return y
    assert convert(reads_late)(True) == 1
    with pytest.raises(NameError):
        convert(reads_late)(False)


def test_type_parameters_and_annotations():
    generic = "[T]" if sys.version_info >= (3, 12) else ""
    fn = load("typed", f"def f{generic}(x: 'T', *a: 'T') -> 'T':\n    y: int = 3\n    z: int\n"
                       "    return x + y if x else x\n")
    assert convert(fn)(3) == 6
