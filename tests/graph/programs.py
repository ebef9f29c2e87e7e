"""Programs with control flow on Tensors, as users write them: a table that the tests run in both modes."""
import numpy as np

from mycelium import Tensor, ops

PROGRAMS = []


def program(*inputs, grad=True):
    """Adds a program with the inputs to try; `grad` tells whether its gradients are compared as well."""
    def add(fn):
        PROGRAMS.append((fn, inputs, grad))
        return fn
    return add


def f32(*values):
    return np.array(values, np.float32)


def scalar(value):
    return np.float32(value)


@program((scalar(2),), (scalar(-2),))
def if_else(x):
    if x > 0:
        y = x * 2
    else:
        y = x * x
    return y


@program((scalar(2),), (scalar(-2),))
def if_without_else(x):
    y = x
    if x > 0:
        y = y * 3
    return y + 1


@program((scalar(2),), (scalar(-2),), (scalar(0),))
def elif_chain(x):
    if x > 1:
        y = x * 2
    elif x < -1:
        y = x * 3
    elif x == 0:
        y = x + 4
    else:
        y = -x
    return y


@program((scalar(3),), (scalar(0.5),), (scalar(-3),))
def nested_if(x):
    y = x
    if x > 0:
        if x > 1:
            y = y * 2
            z = y + 1
        else:
            z = y * y
        y = y + z
    else:
        y = y - 1
    return y


@program((scalar(3),), (scalar(-3),))
def early_return(x):
    if x > 0:
        return x * x
    return -x


@program((scalar(3),), (scalar(0.5),), (scalar(-1),))
def early_returns(x):
    if x > 1:
        return x * x
    y = x + 1
    if x > 0:
        return y * y
    return y


@program((scalar(3),), (scalar(0.5),), (scalar(-1),))
def partial_early_return(x):
    y = x
    if x > 0:
        if x > 1:
            return x * x
        y = y * 5
    else:
        y = y * 7
    return y + 1


@program((f32(1, 2),), (f32(-1, -2),))
def returns_tuple(x):
    if x.sum() > 0:
        return x, x * 2
    return -x, x * 3


@program((scalar(2),), (scalar(-2),))
def conditional_expression(x):
    y = x * 2 if x > 0 else x * x
    return y + (1 if x > 1 else 2)


@program((scalar(2),), (scalar(-2),), (scalar(0.5),))
def logic(x):
    y = x
    if x > 0 and x < 1:
        y = y * 2
    if x < 0 or x > 1:
        y = y * 3
    if not x > 0:
        y = y + 1
    return y


@program((scalar(2),), (scalar(7),), (scalar(-7),))
def chained_comparison(x):
    if 0 < x < 5:
        return x * 2
    if -5 > x > -9 and x != 3:
        return x * 4
    return x


@program((scalar(2),), (scalar(-2),))
def number_in_branches(x):
    if x > 0:
        k = 2
        f = 0.5
        flag = True
    else:
        k = 3
        f = 1
        flag = False
    y = x * k * f
    if flag:
        y = y + 1
    return y


@program((scalar(2),), (scalar(3),), (scalar(4),))
def membership(x):
    if x in (1, 2, 3):
        return x * 2
    if x not in [4.0]:
        return x * 3
    return x


@program((scalar(1.5),), (scalar(30),))
def while_loop(x):
    while x < 20:
        x = x * 2
    return x


@program((scalar(1.5),), (scalar(30),))
def while_with_counter(x):
    n = 0
    s = 0
    while x < 20:
        x = x * 1.5
        s = s + x * x
        n = n + 1
    return x, s, n


@program((scalar(1.5),), (scalar(30),))
def while_break(x):
    n = 0
    while x < 100:
        x = x * 2
        n += 1
        if x > 20:
            break
        x = x + 1
    return x + n


@program((scalar(1.5),), (scalar(30),))
def while_true_break(x):
    while True:
        x = x * 2
        if x > 20:
            break
    return x


@program((scalar(1.5),), (scalar(3),))
def while_continue(x):
    s = x * 0
    while x < 50:
        x = x + 3
        if x > 10 and x < 30:
            continue
        s = s + x * x
    return s


@program((scalar(1.5),), (scalar(9),), (scalar(100),))
def while_return(x):
    y = x
    while y < 50:
        y = y * y
        if y > 10:
            return y + 1
        y = y + 1
    return y


@program((scalar(1.5),), (scalar(90),))
def while_else(x):
    while x < 50:
        x = x * 2
        if x > 40 and x < 45:
            break
    else:
        x = x + 1000
    return x


@program((scalar(1.5),), (scalar(6),))
def nested_while(x):
    total = x * 0
    while x < 10:
        y = x
        while y < 30:
            y = y * 2
            if y > 25:
                break
            total = total + y * x
        x = x + 2
    return total


@program((scalar(1.5), scalar(2)), (scalar(1.5), scalar(7)))
def for_range_of_python(x, y):
    s = x
    for i in range(4):
        if y > i:
            s = s + i * y
    return s


@program((scalar(1.5),), (scalar(3),), (scalar(100),))
def for_break(x):
    s = x
    for i in range(5):
        s = s * x
        if s > 20:
            break
        s = s + i
    return s


@program((scalar(1.5),), (scalar(3),), (scalar(100),))
def for_break_else(x):
    s = x
    for _ in range(5):
        s = s * x
        if s > 20:
            break
    else:
        s = s - 7
    return s


@program((scalar(1.5),), (scalar(3),), (scalar(100),))
def for_continue_return(x):
    s = x
    for i in range(5):
        if i == 1:
            continue
        s = s * x
        if s > 20:
            return s + i
        if s > 4:
            continue
        s = s + 1
    return s


@program((f32(1, -2, 3),))
def for_over_tensor(x):
    s = x[0] * 0
    for v in x:
        if v > 0:
            s = s + v * v
        else:
            s = s - v
    return s


@program((scalar(2), np.int64(3)), (scalar(2), np.int64(0)))
def for_range_of_tensor(x, n):
    s = x
    for i in range(n):
        s = s * x + i
    return s


@program((scalar(2), np.int64(7)), (scalar(1.2), np.int64(5)))
def for_range_of_tensor_break(x, n):
    s = x
    for i in range(1, n, 2):
        s = s * x + i
        if s > 15:
            break
    return s


@program((scalar(2),), (scalar(-1),))
def for_over_containers(x):
    pairs = {"a": x, "b": x * 2}
    s = x
    for _name, value in pairs.items():
        if value > 1:
            s = s + value
    for i, value in enumerate([x, x * 3]):
        if value < 3:
            s = s + i * value
    for a, b in zip((x, x), [1, 2], strict=True):
        s = s + a * b
    return s


@program((scalar(2),), (scalar(-1),))
def first_defined_in_branches(x):
    for i in range(2):
        if x > 0:
            z = x * i
        else:
            z = x + i
        x = x + z
    return x


@program((scalar(2),), (scalar(40),))
def first_defined_in_loop(x):
    z = x
    while x < 30:
        z = x * 2
        x = z + x
    return x + z


@program((scalar(2),), (scalar(-1),))
def list_in_branches(x):
    values = [x]
    if x > 0:
        values.append(x * 2)
    else:
        values.append(x * 3)
    values[0] = values[1] + 1
    if x > 0:
        values[1] = values[0]
    return values[0] + values[1]


@program((scalar(2),), (scalar(-1),))
def dict_in_branches(x):
    values = {"a": x, "b": x}
    if x > 0:
        values["a"] = x * 2
    return values["a"] + values["b"]


@program((scalar(2),))
def list_in_loop(x):
    values = [x, x * 0]
    while values[0] < 20:
        values[1] = values[1] + values[0]
        values[0] = values[0] * 2
    return values[0] + values[1]


@program((scalar(2),), (scalar(-1),))
def tuple_in_loop(x):
    state = (x, (x * 2, 0))
    while state[0] < 20:
        a, (b, n) = state
        state = (a + b, (b * 1.5 + 4, n + 1))
    return state[0], state[1][0]


@program((scalar(2),), (scalar(-1),))
def nested_functions(x):
    k = 3

    def scale(v, *, by=2):
        if v > 1:
            return v * by * k
        return v + by

    def twice(fn, v):
        return fn(fn(v))

    return twice(lambda v: scale(v) if v < 10 else v, x) + scale(x, by=x)


@program((scalar(2),), (scalar(-1),))
def function_picked_by_tensor(x):
    def double(v):
        return v * 2

    fn = double if x > 0 else (lambda v: v * v)
    return fn(x)


@program((f32(1, 2, 3), np.int64(0)), (f32(1, 2, 3), np.int64(-1)))
def element_picked_by_tensor(x, i):
    layers = [lambda v: v * 2, lambda v: v * v, lambda v: -v]
    return layers[i](x)


@program((scalar(3),), (scalar(0.5),))
def recursion(x):
    return _countdown(x, 4)


def _countdown(x, depth):
    if depth == 0:
        return x
    if x > 1:
        return _countdown(x * 0.5, depth - 1)
    return _countdown(x + 1, depth - 1)


@program((scalar(3),), (scalar(0.5),))
def comprehension(x):
    values = [v * i if v > 1 else v for i, v in enumerate([x, x * 2, x * 3]) if i != 1]
    total = sum(values)
    return total + max([len(values), 1])


@program((scalar(3),), (scalar(0.5),))
def python_values_decide(x):
    table = {"double": 2, "triple": 3}
    label = "double" if len(table) == 2 else "none"
    if label in table and table.get("none") is None:
        x = x * table[label]
    for key in sorted(table, key=lambda k: -table[k]):
        if key == "triple":
            continue
        x = x + table[key]
    while len(table) > 0:
        table.popitem()
    assert not table, f"{label} left"
    return x


@program((f32(1, 2, 3),), (f32(-1, 2, -3),))
def assignment_by_index(x):
    y = x * 1
    if x[0] > 0:
        y[0] = y[1] * 2
    for i in range(3):
        if x[i] < 0:
            y[i] = 0
    return y


@program((f32(1, 2, 3),), (f32(-1, 2, -3),))
def assignment_by_index_in_while(x):
    y = x * 1
    while y[0] < 5:
        y[0] = y[0] + y[1]
        y[1] = y[1] * 1.5
    return y


@program((scalar(3),), (scalar(0.3),))
def none_is_static(x):
    previous = None
    for _ in range(3):
        if previous is not None and x > 1:
            x = x + previous * 0.5
        previous = x
    return x


@program((scalar(3),), (scalar(0.3),))
def augmented(x):
    y = x
    y += 1
    if x > 1:
        y *= 2
        y -= x
    while y < 10:
        y += x
    return y


@program((scalar(3),), (scalar(0.3),))
def value_of_and_or(x):
    a = x and x + 1
    b = x * 0 or x * 2
    return a + b


@program((scalar(0.5),), (scalar(3),))
def newton(x):
    """A square root by Newton's method until it is exact enough."""
    y = x
    while ops.abs(y * y - x) > 1e-4:
        y = (y + x / y) * 0.5
    return y


@program((f32(0.3, -0.2),), (f32(2, 1),))
def collatz_like(x):
    steps = 0
    while x.abs().sum() > 0.5:
        if x[0] > x[1]:
            x = x * 0.5
        else:
            x = x - 0.25
            if steps > 3:
                break
        steps = steps + 1
        if steps > 30:
            return x * 0, steps
    return x, steps


@program((Tensor,), grad=False)
def constants_only(x):
    if x is Tensor:
        return ops.add(Tensor(1.0), Tensor(2.0))
    return Tensor(0.0)
