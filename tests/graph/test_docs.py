"""docs/refusals.md and docs/language.md say what the tests prove."""
import re
from pathlib import Path

import pytest
from tests.graph import write_refusals
from tests.graph.refused import REFUSED
from tests.graph.test_language import PROGRAMS

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", TABLE.split("## Control flow")[1])))


def test_the_page_of_refusals_is_up_to_date():
    assert len(REFUSED) >= 60
    assert write_refusals.PAGE.read_text(encoding="utf-8") == write_refusals.page(), \
        "write it anew: python -m tests.graph.write_refusals"


def test_every_refusal_says_what_to_do():
    """More than one sentence, or the words of Python's own errors."""
    short = [fn.__name__ for fn, _, _, _, inputs, title in REFUSED if not title.startswith("Wrong")
             and not re.search("[.;?] ", write_refusals.message(fn, inputs)[1].split("\n")[0])]
    assert not short


@pytest.mark.parametrize("test", NAMED)
def test_the_table_names_tests_that_exist(test):
    path, name, case = re.fullmatch(r"(\S+)::(\w+)(?:\[(\w+)])?", test).groups()
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"\ndef {name}(" in text
    assert case is None or case in {r[0].__name__ for r in REFUSED}


def test_the_table_names_programs_that_exist():
    named = set(re.findall(r"`P\[(\w+\.\w+)]`", TABLE))
    assert named and named <= set(PROGRAMS)
