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
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs), case
    for a, b in zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True):
        assert np.isclose(ast.literal_eval(a), ast.literal_eval(b), rtol=1e-6, atol=1e-9), case
