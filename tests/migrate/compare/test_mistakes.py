"""Thirty planted mistakes: whether `compare` clears the right port, and names layer and cause in the wrong one."""

import pytest
from tests.migrate.mistakes import MISTAKES

from mycelium.migrate import compare


def test_there_are_thirty():
    assert len({m.name for m in MISTAKES}) == len(MISTAKES) == 30


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name.replace(" ", "-"))
def test_a_mistake_is_found_and_explained(mistake):
    theirs = mistake.theirs()
    right = compare(mistake.ours(False), theirs, mistake.inputs, **mistake.options(False))
    assert right.agrees, right.summary()
    assert not right.causes

    wrong = compare(mistake.ours(True), theirs, mistake.inputs, **mistake.options(True))
    assert not wrong.agrees
    first = wrong.causes[0]
    assert first.verified, [c.text for c in wrong.causes]
    assert first.layer == mistake.layer
    told = f"{first.kind} {first.what} {first.text}".lower()
    assert all(word.lower() in told for word in mistake.cause), first.text
    assert first.after <= 1 < first.before
