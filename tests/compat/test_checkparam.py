"""The argument checks that MindSpore's own Cells call: which values pass, which error the others get."""

import pytest

from mycelium.compat.checkparam import Rel, Validator, args_type_check, triple, twice

PASS = [
    ("check_positive_int", (1,)),
    ("check_non_negative_int", (0,)),
    ("check_negative_int", (-1,)),
    ("check_non_positive_int", (0,)),
    ("check_positive_float", (0.5,)),
    ("check_non_negative_float", (0.0,)),
    ("check_negative_float", (-0.5,)),
    ("check_non_positive_float", (0.0,)),
    ("check_int", (4, 4, Rel.GE)),
    ("check_float", (4.5, 4.0, Rel.NE)),
    ("check_equal_int", (4, 4)),
    ("check_int_range", (0, 0, 3, Rel.INC_LEFT)),
    ("check_float_range", (3.0, 0.0, 3.0, Rel.INC_RIGHT)),
    ("check_bool", (True,)),
    ("check_is_int", (3,)),
    ("check_is_float", (3.0,)),
    ("check_string", ("a", ["a", "b"])),
    ("check_positive_int_sequence", ((1, 2),)),
    ("check_non_negative_int_sequence", ([0, 2],)),
]


@pytest.mark.parametrize(("check", "args"), PASS)
def test_a_good_value_comes_back(check, args):
    assert getattr(Validator, check)(*args) is args[0]


# (check, arguments, the error real 1.8.1 raises, a part of the text)
FAIL = [
    ("check_positive_int", (0, "n", "Net"), ValueError, "For 'Net', 'n' should be greater than 0, but got 0"),
    ("check_positive_int", (1.5, "n", "Net"), TypeError, "'n' should be of type int, but got 1.5 of type float"),
    ("check_positive_int", (True, "n", "Net"), TypeError, "should be of type int, but got True of type bool"),
    ("check_positive_int", (-1,), ValueError, "the value should be greater than 0, but got -1"),
    ("check_non_negative_int", (-1, "n", "Net"), ValueError, "at least 0"),
    ("check_positive_float", (0.0, "n", "Net"), ValueError, "greater than 0"),
    ("check_positive_float", (float("inf"), "n", "Net"), ValueError, "but got inf"),
    ("check_non_negative_float", (-1.0, "n", "Net"), ValueError, "at least 0"),
    ("check_int", (3, 4, Rel.GE, "n", "Net"), ValueError, "at least 4, but got 3"),
    ("check_int_range", (5, 0, 3, Rel.INC_LEFT, "n", "Net"), ValueError, r"should lie in \[0, 3\), but got 5"),
    ("check_int_range", (1.5, 0, 3, Rel.INC_LEFT, "n", "Net"), TypeError, "of type int"),
    ("check_float_range", (5.0, 0, 3.0, Rel.INC_BOTH, "n", "Net"), ValueError, r"in \[0, 3.0\], but got 5.0"),
    ("check_float_range", (1, 0, 3.0, Rel.INC_BOTH, "n", "Net"), TypeError, "of type float"),
    ("check_string", ("a", ["b", "c"], "n", "Net"), ValueError, r"one of \['b', 'c'\]"),
    ("check_bool", (1, "n", "Net"), TypeError, "of type bool, but got 1 of type int"),
    ("check_is_int", (1.0, "n", "Net"), TypeError, "of type int"),
    ("check_is_float", (1, "n", "Net"), TypeError, "of type float"),
    ("check_positive_int_sequence", ([1, -1], "n", "Net"), ValueError, r"'n\[1\]' should be greater than 0"),
    ("check_non_negative_int_sequence", ([1, -1], "n", "Net"), ValueError, r"'n\[1\]' should be at least 0"),
    ("check_value_type", ("x", 3, [str], "Net"), TypeError, "For 'Net', 'x' should be of type str, but got 3"),
    ("check_value_type", ("x", True, int, "Net"), TypeError, "of type int, but got True of type bool"),
    ("check_isinstance", ("n", 3, str), ValueError, "'n' should be an instance of"),
    ("check", ("a", 1, "b", 2, Rel.EQ, "Net"), ValueError, "For 'Net', 'a' should be equal to b: 2, but got 1"),
    ("check", ("a", 1, "b", (2, 3), Rel.IN, None, TypeError), TypeError, "'a' should be one of b"),
]


@pytest.mark.parametrize(("check", "args", "error", "text"), FAIL)
def test_a_bad_value_is_named(check, args, error, text):
    with pytest.raises(error, match=text):
        getattr(Validator, check)(*args)


def test_value_types():
    assert Validator.check_value_type("x", 3, (int, str)) == 3
    assert Validator.check_value_type("x", True, [bool, int]) is True
    assert Validator.check_isinstance("x", "a", str) == "a"
    assert Validator.check("a", 2, "b", 2) == 2
    assert Validator.check("a", 1, "b", (2, 3), Rel.NOT_IN) == 1


def test_twice_and_triple():
    assert twice(3) == (3, 3) and twice((1, 2)) == (1, 2)
    assert triple(3) == (3, 3, 3) and triple((1, 2, 3)) == (1, 2, 3)


def test_args_type_check():
    @args_type_check(a=int, b=(str, type(None)))
    def double(a, b=None):
        return a * 2

    assert double(2, b="x") == 4
    with pytest.raises(TypeError, match="argument 'a' should be <class 'int'>, but got 'x' of type str"):
        double("x")
    with pytest.raises(TypeError, match="argument 'b'"):
        double(1, b=3)
