"""Functions that GRAPH_MODE refuses: (function, exception, what the message says, the line it points at)."""
import math

import numpy as np

from mycelium import nn, ops

REFUSED = []    # (function, exception, what the message says, the line it points at, inputs, section)
SECTIONS = []


def section(title):
    """Starts a section of docs/refusals.md."""
    SECTIONS.append(title)


def refused(error, says, points_at=None, inputs=None):
    """Adds a function; `points_at` is a part of the source line that the message shows."""
    def add(fn):
        REFUSED.append((fn, error, says, points_at, inputs or [np.float32(3)], SECTIONS[-1]))
        return fn
    return add


class Layer(nn.Cell):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.kept = [1, 2]


LAYER = Layer()


section("Statements")

@refused(RuntimeError, "cannot compile 'try'", "try:")
def try_statement(x):
    try:
        y = x + 1
    except ValueError:
        y = x
    return y


@refused(RuntimeError, "cannot compile 'with'", "with open('/dev/null') as f:")
def with_statement(x):
    with open('/dev/null') as f:
        y = x + len(f.name)
    return y


@refused(RuntimeError, "cannot compile 'yield'", "yield x")
def yield_statement(x):
    yield x
    return x


@refused(RuntimeError, "cannot compile 'yield from'", "yield from [x]")
def yield_from(x):
    yield from [x]
    return x


@refused(RuntimeError, "cannot compile 'global'", "global COUNT")
def global_statement(x):
    global COUNT
    COUNT = 1
    return x


@refused(RuntimeError, "cannot compile 'nonlocal'", "nonlocal k")
def nonlocal_statement(x):
    k = 1

    def change():
        nonlocal k
        k = 2
        return k
    return x * change() + k


@refused(RuntimeError, "cannot compile 'del'", "del y")
def del_statement(x):
    y = x
    del y
    return x


@refused(RuntimeError, "cannot compile 'import'", "import math as m")
def import_statement(x):
    import math as m
    return x * m.pi


@refused(RuntimeError, "cannot compile 'from ... import'", "from math import pi")
def from_import(x):
    from math import pi
    return x * pi


@refused(RuntimeError, "cannot compile 'class'", "class Inner:")
def class_statement(x):
    class Inner:
        pass
    return x, Inner


@refused(RuntimeError, "cannot compile 'match'", "match x:")
def match_statement(x):
    match x:
        case 3:
            return x
        case _:
            return -x


@refused(RuntimeError, "cannot compile 'try'", "try:")
def statement_in_helper(x):
    return _helper_with_try(x)


def _helper_with_try(x):
    try:
        return x * 2
    finally:
        x = x + 1


section("Returns and names")

@refused(TypeError, "Every path through 'missing_return' should end in 'return'", "def missing_return(x):")
def missing_return(x):
    if x > 0:
        return x


@refused(TypeError, "Every path through 'no_return'", "def no_return(x):")
def no_return(x):
    x + 1


@refused(TypeError, "Every path through 'inner'", "def inner(v):")
def missing_return_in_inner(x):
    def inner(v):
        if v > 0:
            return v
    return inner(x)


@refused(NameError, "'undefined_function' is not defined", "return undefined_function(x)")
def undefined_in_dead_branch(x):
    if False:
        return undefined_function(x)    # noqa: F821
    return x


@refused(NameError, "'maths' is not defined; did you mean 'math'?", "return x * maths.pi")
def misspelt_module(x):
    return x * maths.pi * math.e        # noqa: F821


@refused(NameError, "'y' has no value here. Where a Tensor decides", "return y")
def defined_in_one_branch(x):
    if x > 0:
        y = x * 2
    return y


section("Branches and loops whose paths do not fit together")

@refused(ValueError, r"'y' is Tensor\(shape=\(2,\), dtype=Float32\) when the condition is true, "
         r"but Tensor\(shape=\(\), dtype=Float32\) when it is false", "if x.sum() > 0:", [np.ones(2, np.float32)])
def shapes_differ(x):
    if x.sum() > 0:
        y = x
    else:
        y = x[0]
    return y


@refused(TypeError, r"'y' is Tensor.*Float32\) when the condition is true, but Tensor.*Float16\)", "if x > 0:")
def dtypes_differ(x):
    if x > 0:
        y = x
    else:
        y = x.astype("float16")
    return y


@refused(TypeError, "The returned value is Tensor.* but Tensor.*dtype=Int32", "if x > 0:")
def returned_dtypes_differ(x):
    if x > 0:
        return x
    return x.astype("int32")


@refused(TypeError, "The returned value is tuple of 2 .* but Tensor", "if x > 0:")
def returned_structures_differ(x):
    if x > 0:
        return x, x
    return x


@refused(TypeError, "'k' is None when the condition is true, but Tensor", "if x > 0:")
def none_or_tensor(x):
    if x > 0:
        k = None
    else:
        k = x
    return k


@refused(TypeError, "'k' is 'a' when the condition is true, but 'b'", "if x > 0:")
def strings_differ(x):
    k = "b"
    if x > 0:
        k = "a"
    return x if k == "a" else -x


@refused(TypeError, "'values' is list of 2 when the condition is true, but list of 1", "if x > 0:")
def list_grows_in_one_branch(x):
    values = [x]
    if x > 0:
        values.append(x)
    return values


@refused(TypeError, "The value of the conditional expression is Tensor.* but None", "y = x if x > 0 else None")
def conditional_expression_differs(x):
    y = x if x > 0 else None
    return y


@refused(ValueError, "A condition should be a Tensor with one element, but got shape \\(2,\\)", "if x > 1:",
         [np.ones(2, np.float32)])
def condition_of_many(x):
    if x > 1:
        return x
    return -x


@refused(ValueError, "'x' is Tensor.*before a step of the loop, but Tensor\\(shape=\\(4,\\)", "while x.sum() < 100:",
         [np.ones(2, np.float32)])
def shape_grows_in_loop(x):
    while x.sum() < 100:
        x = ops.concat((x, x))
    return x


@refused(TypeError, "'x' is Tensor.*Float32\\) before a step of the loop, but Tensor.*Int32", "while x < 10:")
def dtype_changes_in_loop(x):
    while x < 10:
        x = (x * 2).astype("int32")
    return x


@refused(TypeError, "'values' is list of 1 before a step of the loop, but list of 2 after it", "while x < 10:")
def list_grows_in_loop(x):
    values = [x]
    while x < 10:
        x = x + 1
        values.append(x)
    return values


@refused(TypeError, "'last' is None before a step of the loop, but Tensor", "while x < 10:")
def none_before_loop(x):
    last = None
    while x < 10:
        last = x
        x = x + 1
    return last


section("Exceptions")

@refused(RuntimeError, "'raise ValueError\\('big'\\)' stands under a condition on a Tensor", 'raise ValueError("big")')
def raise_under_tensor(x):
    if x > 0:
        raise ValueError("big")
    return x


@refused(RuntimeError, "has a Tensor in it", 'raise ValueError("got", x)')
def raise_with_tensor(x):
    if LAYER.count == 0:
        raise ValueError("got", x)
    return x


@refused(RuntimeError, "'assert' has a condition on a Tensor", "assert x > 0, ")
def assert_tensor(x):
    assert x > 0, "negative"
    return x
