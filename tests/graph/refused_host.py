"""More functions that GRAPH_MODE refuses: host code, and state that outlives a program."""
import math
import random
import threading
import time

import numpy as np
from tests.graph.refused import LAYER, refused, section

from mycelium import Parameter, Tensor, nn, ops

KEPT, CACHE = [], {}


section("Values of Tensors")

@refused(ValueError, "NumPy's 'sum' got Tensor.*mindspore.ops", "return Tensor(np.sum(x))")
def numpy_on_tensor(x):
    return Tensor(np.sum(x))


@refused(ValueError, "NumPy's 'add'", "return np.add(x, 1)")
def numpy_ufunc(x):
    return np.add(x, 1)


@refused(ValueError, "NumPy's 'concatenate'", "return np.concatenate([x, x])")
def numpy_on_list(x):
    return np.concatenate([x, x])


@refused(RuntimeError, "'asnumpy' needs the values of a Tensor", "return Tensor(x.asnumpy())")
def asnumpy(x):
    return Tensor(x.asnumpy())


@refused(ValueError, "'float' needs the value of a Tensor", "return x * float(x)")
def float_of_tensor(x):
    return x * float(x)


@refused(ValueError, "'int' needs the value of a Tensor", "return x * int(x)")
def int_of_tensor(x):
    return x * int(x)


@refused(ValueError, "'bool' needs the value of a Tensor", "return bool(x)")
def bool_of_tensor(x):
    return bool(x)


@refused(TypeError, "'float' needs the value of a Tensor", "return x * math.sqrt(x)")
def math_on_tensor(x):
    return x * math.sqrt(x)


@refused(ValueError, "condition of a comprehension", "return sum([v for v in [x, -x] if v > 0])")
def comprehension_condition(x):
    return sum([v for v in [x, -x] if v > 0])


@refused(ValueError, "The text of a Tensor is known only when the program runs", "name = f")
def text_of_tensor(x):
    name = f"x is {x}"
    return x * len(name)


@refused(ValueError, "The text of a Tensor is known only when the program runs", "return x * len(str(x))")
def str_of_tensor(x):
    return x * len(str(x))


@refused(ValueError, "'sorted' compares Tensors.*ops.sort", "return sorted([x, -x])")
def sorted_tensors(x):
    return sorted([x, -x])


@refused(TypeError, "cannot be the key of a dict", "return {0: x, 3: -x}[x]")
def tensor_as_key(x):
    return {0: x, 3: -x}[x]


@refused(TypeError, "'int' needs the value of a Tensor", "return x * len([1, 2, 3][:n])",
         [np.float32(3), np.int32(2)])
def tensor_bounds_a_list(x, n):
    return x * len([1, 2, 3][:n])


@refused(RuntimeError, "'item' needs the values of a Tensor", "if x.item() > 2:")
def item_of_tensor(x):
    if x.item() > 2:
        return x
    return -x


@refused(RecursionError, "calls itself without end. Let a Python number", "return x + endless_recursion(x)")
def endless_recursion(x):
    return x + endless_recursion(x)


@refused(TypeError, "the step should be a Python int", "for _ in range(0, 5, n):", [np.float32(3), np.int32(2)])
def range_with_tensor_step(x, n):
    for _ in range(0, 5, n):
        x = x + 1
    return x


@refused(TypeError, "bounds should be integers", "for _ in range(x):")
def range_of_float(x):
    for _ in range(x):
        x = x + 1
    return x


@refused(ValueError, "A Tensor without dimensions", "for v in x:")
def loop_over_a_number(x):
    total = x
    for v in x:
        total = total + v
    return total


section("Attributes, lists and dicts that outlive the program")


@refused(TypeError, "'self.count' is assigned .* should be a Parameter", "LAYER.count = 5")
def assigns_plain_attribute(x):
    LAYER.count = 5
    return x


@refused(TypeError, "'self.new' is assigned .* does not exist yet", "LAYER.new = x")
def assigns_new_attribute(x):
    LAYER.new = x
    return x


@refused(TypeError, "An element of 'LAYER.kept', a list", "LAYER.kept[0] = 4")
def assigns_element_of_attribute(x):
    LAYER.kept[0] = 4
    return x


@refused(TypeError, "kept in 'LAYER.kept', a list", "LAYER.kept.append(x)")
def appends_to_attribute(x):
    LAYER.kept.append(x)
    return x


@refused(TypeError, "kept in 'KEPT', a list", "KEPT.append(x * 2)")
def appends_to_global(x):
    KEPT.append(x * 2)
    return x


@refused(TypeError, "kept in 'CACHE', a dict", 'CACHE["x"] = x')
def stores_into_global(x):
    CACHE["x"] = x
    return x


class Plain:
    """No Cell."""


PLAIN = Plain()


@refused(TypeError, "cannot be kept in the attribute 'last' of Plain", "PLAIN.last = x")
def assigns_attribute_of_object(x):
    PLAIN.last = x
    return x


@refused(ValueError, "shape", "HOLDS.p = x", [np.ones(3, np.float32)])
def assigns_parameter_of_other_shape(x):
    HOLDS.p = x
    return x


@refused(RuntimeError, "Float64 cannot be written into a Parameter.*ops.cast", "ops.assign(HOLDS.p, x)",
         [np.ones(2, np.float64)])
def assigns_parameter_of_other_dtype(x):
    ops.assign(HOLDS.p, x)
    return x


class Holds(nn.Cell):
    def __init__(self):
        super().__init__()
        self.p = Parameter(Tensor(np.ones(2, np.float32)), name="p")


HOLDS = Holds()


section("Host code")


@refused(RuntimeError, "A compiled function cannot start threads", "thread = threading.Thread(target=print)")
def thread(x):
    thread = threading.Thread(target=print)
    thread.start()
    return x


@refused(RuntimeError, "'time' of Python would be called while compiling only", "return x * time.time()")
def clock(x):
    return x * time.time()


@refused(RuntimeError, "'random' of Python.*ops.uniform", "return x * random.random()")
def python_random(x):
    return x * random.random()


@refused(RuntimeError, "'rand' of Python.*ops.standard_normal", "return x * Tensor(np.random.rand(1))")
def numpy_random(x):
    return x * Tensor(np.random.rand(1))


@refused(RuntimeError, "cannot call 'open'", "return x * len(open('/dev/null').read())")
def opens_file(x):
    return x * len(open('/dev/null').read())


@refused(RuntimeError, "cannot look at its own variables by name", 'return x * locals()["k"]')
def reads_locals(x):
    k = 3
    return x * locals()["k"] + k


@refused(RuntimeError, "cannot look at its own variables by name", 'return eval("x * 2")')
def evaluates(x):
    return eval("x * 2")


@refused(RuntimeError, "'Dense' is made in a compiled function.*Make it in '__init__'", "return nn.Dense(2, 3)(x)",
         [np.ones((1, 2), np.float32)])
def makes_a_layer(x):
    return nn.Dense(2, 3)(x)


@refused(RuntimeError, "'Parameter' is made in a compiled function", 'p = Parameter(Tensor(2.0), name="p")')
def makes_a_parameter(x):
    p = Parameter(Tensor(2.0), name="p")
    return x * p


section("Wrong operators and arguments")


@refused(AttributeError, "no attribute 'summ'", "return x.summ()")
def misspelt_method(x):
    return x.summ()


@refused(AttributeError, "no attribute 'softmaxx'", "return ops.softmaxx(x)")
def misspelt_operator(x):
    return ops.softmaxx(x)


@refused(TypeError, "Add", "return x + np.ones(2, np.float32)")
def array_as_operand(x):
    return x + np.ones(2, np.float32)


@refused(ValueError, "MatMul|matmul", "return ops.matmul(x, x)", [np.ones((2, 3), np.float32)])
def shapes_do_not_fit(x):
    return ops.matmul(x, x)


@refused(IndexError, "out of", "return x[5]", [np.ones(3, np.float32)])
def index_out_of_range(x):
    return x[5]


@refused(TypeError, "missing 1 required positional argument: 'b'", "return two(x)")
def argument_missing(x):
    def two(a, b):
        return a + b
    return two(x)


@refused(TypeError, "not callable", "return x(3)")
def calls_a_tensor(x):
    return x(3)
