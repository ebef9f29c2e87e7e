"""Pipelines, orders and transforms give what real MindSpore 1.8.1 gave (tests/oracle/record_dataset.py)."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
import mycelium.dataset

RECORD = json.loads((Path(__file__).parents[1] / "oracle" / "dataset.json").read_text())
CASES = [(group, case) for group, cases in RECORD["groups"].items() for case in cases]
# r2.0 dropped map's column_order: a map may make more or fewer columns without it, which r1.8 refuses.
SECOND = {
    "D(N(2).map(lambda x:(x,x+1), ['x'],['x','y']))": "list({x: <i8[]0, y: <i8[]1}, {x: <i8[]1, y: <i8[]2})",
    "D(N(2).map(lambda x:(x,x+1), ['x'],['p','q','r']))": "error RuntimeError",
    "D(N2(2).map(lambda a,b:a+b, ['a','b'],['c']))": "list({c: <f8[]0.0}, {c: <f8[]2.5})",
    "D(N2(2).map(lambda a,b:(a+b,a,b), ['a','b'],['c','d','e']))":
        "list({c: <f8[]0.0, d: <i8[]0, e: <f8[]0.0}, {c: <f8[]2.5, d: <i8[]1, e: <f8[]1.5})",
    "C(N2(2).map(lambda a:(a,a),['a'],['z','w']))": "list(z, w, b)",
}
NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")


@pytest.fixture(scope="module")
def names():
    found = {"ms": ms}
    exec(RECORD["names"], found)
    return found


def outcome(case, names):
    try:
        return names["show"](eval(case, names))
    except Exception as error:
        return f"error {type(error).__name__}"


@pytest.mark.parametrize("group, case", CASES, ids=[f"{g}-{i}" for i, (g, _) in enumerate(CASES)])
def test_as_recorded(group, case, names):
    ms.dataset.config.set_seed(1)
    ours, theirs = outcome(case, names), RECORD["groups"][group][case]
    if case in SECOND:
        assert theirs == "error ValueError"
        theirs = SECOND[case]
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs), case
    for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
        assert np.isclose(ast.literal_eval(a), ast.literal_eval(b), rtol=1e-6, atol=1e-9), case
