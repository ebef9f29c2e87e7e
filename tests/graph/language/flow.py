"""Control flow on Tensor values: branches, loops and jumps, nested."""
# ruff: noqa: B905, B007
from tests.graph.language.table import f32, grid, i32, mstype, ops, program, scalar

from mycelium import Tensor


@program((scalar(1), scalar(0.5)), (scalar(6), scalar(4)), (scalar(9), scalar(8)), grad=False)
def jumps_three_deep(x, y):
    total = x * 0
    for i in range(4):
        while x < 10:
            x = x + 1
            if x > 7:
                break
            for j in range(3):
                if y > 5 and j == 1:
                    continue
                if x + y > 12:
                    return total - x
                total = total + x * y + i
                y = y + 0.5
        if total > 60:
            break
        x = x - 5
    return total


@program((scalar(0.5),), (scalar(3),), (scalar(-4),), grad=False)
def continue_in_every_loop(x):
    total = x * 1
    for i in range(3):
        n = 0
        while n < 4:
            n = n + 1
            if total > 20:
                continue
            k = 0
            while k < 3:
                k = k + 1
                if x * k < 0:
                    continue
                if k == 2 and total > 10:
                    break
                total = total + x * 0.25
            total = total + 1
        if total < 0:
            continue
        total = total - i
    return total


@program((scalar(2),), (scalar(0.5),), (scalar(-0.5),), (scalar(-9),))
def elif_defines(x):
    if x > 1:
        y = x * 2
        pair = (y, x)
        k = 1
    elif x > 0:
        y = x + 1
        pair = (x, y)
        k = 2
    elif x < -3:
        z = x * x
        y = z - 1
        pair = (z, z)
        k = 3
    else:
        y = -x
        if y > 0.25:
            pair = (y, y * 3)
            k = 4
        else:
            pair = (y * 5, y)
            k = 5
    a, b = pair
    return y * a + b * k


@program((scalar(2), scalar(3)), (scalar(-2), scalar(3)), (scalar(12), scalar(1)), (scalar(3), scalar(12)))
def returns_from_every_depth(x, y):
    if x > 0:
        if y > 0:
            for i in range(3):
                if x > 10:
                    return x * i
                while y < 20:
                    y = y + x
                    if y > 15:
                        return y - i
            return x + y
        return -y
    if x < -1:
        return x * y
    return x


@program((scalar(2), scalar(3), scalar(4)), (scalar(3), scalar(3), scalar(4)), (scalar(5), scalar(3), scalar(9)))
def long_comparisons(x, y, z):
    out = x * 0
    if 0 < x <= y < z < 10:
        out = out + 1
    if x < y > 2 != z:
        out = out + x
    if not (x < y < z) or 1 < y == 3 < z:
        out = out + y * z
    return out + (x if 1 < x < 4 else y)


@program((scalar(3),), (scalar(1),), (scalar(7),))
def membership_of_tensors(x):
    y = x
    if x in (1, 2, 3):
        y = y + 10
    if x not in [x * 2, 7, x + 1]:
        y = y + 100
    if 3 in (x, 5) or x * 0 in (0, 1):
        y = y * 2
    names = {"a": 1, "b": 2}
    if "a" in names and "c" not in names and "b" in "abc":
        y = y - 1
    return y


@program((scalar(3),), (scalar(-3),))
def identity_tests(x, bias=None, scale=2):
    if bias is None:
        bias = x * 0
    y = x if scale is not None and bias is not None else bias
    if x > 0 and bias is not x:
        y = y * scale
    return y + bias


@program((scalar(3), scalar(1)), (scalar(-3), scalar(1)), (scalar(-3), scalar(-1)))
def nested_conditional_expressions(x, y):
    z = (x if y > 0 else -x) if x > 0 else (y if y < 0 else x * y)
    values = (z, -z) if z > 1 else (z * 2, z)
    return ops.maximum(values[0] if x > y else values[1], y) + (x * 2 if not x > 0 else x)


@program((scalar(1),), (scalar(30),))
def fibonacci(x):
    a, b = x * 0, x * 0 + 1
    count = 0
    while b < 50:
        a, b = b, a + b * x
        count += 1
    return a, b, count


@program((scalar(1),), (scalar(30),))
def python_flag_becomes_tensor(x):
    done = False
    count = 0
    while not done:
        x = x * 2
        count += 1
        if x > 10:
            done = True
    return x, count


@program((scalar(1),), (scalar(5),), (scalar(30),))
def endless_loop_with_returns(x):
    y = x
    while True:
        y = y + 1
        if y > 20:
            return y * x
        if y * x > 12:
            return y - x
        x = x + 0.5


@program((scalar(1), True), (scalar(-1), True), (scalar(-1), False))
def python_and_tensor_conditions(x, flag):
    if flag and x > 0 or not flag and x < 0:
        x = x * 3
    if (x > 0 or flag) and not (flag and x < -2):
        return x + 1
    return x if flag else x * 5


@program((scalar(2),), (scalar(-2),))
def functions_in_branches(x):
    def double(v):
        return v * 2

    def shifted(v, by=1):
        if v > 0:
            return v + by
        return v - by

    if x > 0:
        f = double
    else:
        f = shifted
    g = (lambda v: v * 3 + x) if x > 1 else (lambda v: v - x)
    return f(x) + g(x) + shifted(double(x), by=4)


@program((scalar(2),), (scalar(-2),))
def pass_and_empty(x):
    if x > 0:
        pass
    else:
        x = x * 2
    if x > 5:
        x = x + 1
    elif x > 1:
        pass
    for _ in range(3):
        pass
    while x < -1:
        x = x + 1
    return x


@program((scalar(2),), (scalar(20),))
def loop_variables_afterwards(x):
    last = x * 0
    for i in range(5):
        y = x * i
        if y > 30:
            break
        last = last + y
    return last + i * y


@program((scalar(1), i32(3)), (scalar(2), i32(0)), (scalar(3), i32(5)), grad=False)
def range_of_a_tensor(x, n):
    total = x * 0
    for i in range(n):
        if total > 9:
            continue
        for j in range(i):
            total = total + x * j
            if total > 7:
                break
        total = total + 1
    return total


@program((scalar(1),), (scalar(4),))
def inner_loop_not_entered(x):
    total = x * 1
    n = 0
    while n < 4:
        m = n
        while m > 1:
            if total > 100:
                return total * x
            total = total * x + m
            m = m - 1
        n = n + 1
    return total


@program((f32(1, 2, 3),), (f32(-1, 5, 2),))
def rows_of_a_tensor(x):
    total = x[0] * 0
    for v in x:
        if v < 0:
            continue
        if total > 4:
            break
        total = total + v * v
    return total


@program((grid(3, 4),), (-grid(3, 4),))
def rows_of_rows(x):
    best = x[0][0] * 1
    for row in x:
        for v in row:
            if v > best:
                best = v * 2
        if best > 10:
            return best
    return best - x.sum()


@program((f32(1, 2),), (f32(-1, 3),))
def zip_enumerate_reversed(x):
    names = ["a", "b", "c"]
    scales = (1.0, 2.0, 3.0)
    total = x * 0
    for i, (name, s) in enumerate(zip(names, scales)):
        if name == "b" or x.sum() < 0:
            total = total + x * s
        elif total.sum() > 2:
            break
        total = total + i
    for s in scales[::-1]:
        if total.sum() > 30:
            break
        total = total * s
    return total


@program((f32(1, 2),), (f32(-1, 3),))
def loops_over_dicts(x):
    parts = {"a": x, "b": x * 2, "c": -x}
    total = x * 0
    for name in parts:
        if parts[name].sum() > 0:
            total = total + parts[name]
    for name, value in parts.items():
        if name != "b" and value.sum() > 1:
            continue
        total = total * 2 + value
    for value in parts.values():
        total = total + value.max()
    return total


@program((f32(1, 2),), (f32(-1, 3),))
def dict_updated_in_loops(x):
    state = {"h": x, "c": x * 0}
    steps = 0
    while state["h"].sum() < 20:
        new = {"h": state["h"] * 2 + 1, "c": state["c"] + state["h"]}
        state = new
        steps = steps + 1
        if state["c"].sum() > 15:
            state["c"] = state["c"] * 0.5
    return state["h"], state["c"], steps


@program((f32(1, 2),), (f32(-1, 3),))
def nested_structures_in_loops(x):
    state = (x, [x * 0, {"n": x.sum()}])
    while state[0].sum() < 20:
        a, rest = state
        b = rest[0]
        n = rest[1]["n"]
        if n > 4:
            b = b + a
        state = (a + 1, [b, {"n": n + 0.5}])
    return state[0], state[1][0], state[1][1]["n"]


@program((f32(1, 2),), (f32(-1, 3),))
def list_elements_in_while(x):
    values = [x, x * 0, x + 1]
    n = 0
    while n < 4:
        values[0] = values[0] + values[2]
        if values[0].sum() > 9:
            values[1], values[2] = values[2], values[1] + 1
        n = n + 1
    return values[0] + values[1] * values[2]


@program((f32(1, 2),), (f32(-1, 3),))
def append_in_static_loop(x):
    outs = []
    h = x * 0
    for i in range(4):
        h = ops.tanh(h + x)
        if h.sum() > 1:
            h = h * 0.5
        outs.append(h)
    outs.extend([h, h * 2])
    return ops.stack(outs)[1:].sum(axis=0), len(outs)


@program((f32(1, 2, 3, 4),), (f32(4, 3, -2, 9),))
def bubble_sort(x):
    n = x.shape[0]
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                a = x[j] * 1
                x[j] = x[j + 1]
                x[j + 1] = a
    return x


@program((f32(1, 2, 3, 4), i32(2)), (f32(4, 3, -2, 9), i32(4)), grad=False)
def assignment_in_while(x, n):
    i = Tensor(0, mstype.int32)
    y = x * 1
    while i < n:
        if y[i] > 2:
            y[i] = y[i] * 10
        else:
            y[i] += 1
        i = i + 1
    return y


@program((f32(1, 2, 3, 4),), (f32(4, 3, -2, 9),))
def cumulative_by_index(x):
    y = ops.zeros_like(x)
    total = x[0] * 0
    i = 0
    while i < 4:
        total = total + x[i]
        if total > 6:
            break
        y[i] = total
        i += 1
    return y, total


@program((scalar(2),), (scalar(0.1),))
def newton_with_tolerance(x):
    guess = x * 0 + 1.0
    for _ in range(20):
        change = (guess * guess - x) / (2 * guess)
        guess = guess - change
        if ops.abs(change) < 1e-5:
            break
    return guess


@program((scalar(3),), (scalar(-1),))
def else_of_loops(x):
    n = 0
    while n < 3:
        n = n + 1
        if x > 2:
            x = x * 2
            break
    else:
        x = x + 10
    for i in range(3):
        if x > 20:
            break
        x = x + i
    else:
        return x * 0.5
    return x


@program((scalar(3), scalar(1)), (scalar(1), scalar(3)))
def max_min_any_all(x, y):
    z = max(x, y) - min(x, 2, y)
    if any([x > 2, y > 5]):
        z = z + 1
    if all((x > 2, y > 0)):
        z = z * 3
    return z + sum([x, y, 1]) + abs(x - y)


@program((f32(1, 2, 3, 4, 5, 6), i32(1)), (f32(1, 2, 3, 4, 5, 6), i32(3)), grad=False)
def windows(x, start):
    return x[start] + x[start - 1] * x[start + 2]


@program((scalar(2),), (scalar(-2),))
def return_none_or_value_static(x, extra=None):
    def helper(v, extra):
        if extra is None:
            return None
        return v * extra
    y = helper(x, extra)
    if y is None:
        if x > 0:
            return x
        return x * 2
    return y


@program((f32(3, 1, 2),), (f32(-3, 5, 0),))
def argmax_by_hand(x):
    best, place = x[0], 0
    for i, v in enumerate(x):
        if v > best:
            best, place = v, i
    return best * 2, place


@program((scalar(0.5),), (scalar(5),))
def assigned_in_condition_branch_then_loop(x):
    if x > 1:
        limit = 12
        step = x
    else:
        limit = 3
        step = x * 2
    total = x * 0
    while total < limit:
        total = total + step
    return total * limit


@program((f32(1, 2),), (f32(-1, 3),))
def while_over_two_tensors(x):
    y = -x
    k = 0
    while x.sum() < 10 and y.sum() > -50 or k < 2:
        x = x + 1 if y.min() < 0 else x + 2
        y = y * 1.5 - 0.1
        k += 1
    return x + y * k
