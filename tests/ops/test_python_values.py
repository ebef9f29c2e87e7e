"""Functions of Python values, as recorded from MindSpore 1.8.1."""
import pytest

from mycelium import Tensor, ops

CASES = [
    ("scalar_add", (1, 2), 3), ("scalar_sub", (1, 2), -1), ("scalar_mul", (3, 2), 6), ("scalar_div", (7, 2), 3),
    ("scalar_div", (-7, 2), -3), ("scalar_div", (7.0, 2), 3.5), ("scalar_floordiv", (-7, 2), -4),
    ("scalar_mod", (7, 4), 3), ("scalar_pow", (2, 3), 8), ("scalar_uadd", (2,), 2), ("scalar_usub", (2,), -2),
    ("scalar_log", (1.0,), 0.0), ("scalar_eq", (7, 2), False), ("scalar_ne", (7, 2), True), ("scalar_lt", (1, 2), True),
    ("scalar_le", (2, 2), True), ("scalar_gt", (1, 2), False), ("scalar_ge", (1, 2), False),
    ("bool_and", (True, False), False), ("bool_or", (True, False), True), ("bool_not", (True,), False),
    ("bool_eq", (True, True), True), ("string_eq", ("a", "a"), True), ("string_concat", ("a", "b"), "ab"),
    ("is_", (None, None), True), ("is_not", (None, None), False), ("in_dict", ("a", {"a": 1}), True),
    ("not_in_dict", ("a", {"a": 1}), False), ("make_tuple", (1, 2), (1, 2)), ("make_list", (1, 2), [1, 2]),
    ("make_dict", (("a", "b"), (1, 2)), {"a": 1, "b": 2}), ("make_slice", (1, 2, 3), slice(1, 2, 3)),
    ("make_range", (0, 5, 2), (0, 2, 4)), ("tuple_len", ((1, 2),), 2), ("list_len", ([1, 2],), 2),
    ("tuple_getitem", ((1, 2), 0), 1), ("list_getitem", ([1, 2], -1), 2), ("dict_getitem", ({"a": 1}, "a"), 1),
    ("tuple_setitem", ((1, 2), 0, 5), (5, 2)), ("list_setitem", ([1, 2], -1, 5), [1, 5]),
    ("dict_setitem", ({"a": 1}, "b", 2), {"a": 1, "b": 2}), ("tuple_equal", ((1, 2), (1, 2)), True),
    ("list_equal", ([1], [2]), False), ("tuple_reversed", ((1, 2, 3),), (3, 2, 1)),
    ("tuple_div", ((4, 6), (2, 3)), (2, 2)),
    ("shape_mul", ((2, 3),), 6), ("reduced_shape", ((2, 3), (0,)), (1, 3)), ("reduced_shape", ((2, 3), ()), (1, 1)),
    ("broadcast_gradient_args", ((2, 3), (3,)), ((), (0,))), ("isconstant", (3,), True),
    ("isconstant", (Tensor(1),), False), ("array_to_scalar", (Tensor(3),), 3),
]


@pytest.mark.parametrize("name, args, want", CASES)
def test_values(name, args, want):
    got = getattr(ops, name)(*args)
    assert got == want and type(got) is type(want)
