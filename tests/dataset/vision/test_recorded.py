"""Image transforms give what real MindSpore 1.8.1 gave (tests/oracle/record_vision.py)."""

import json
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
import mycelium.dataset

ORACLE = Path(__file__).parents[2] / "oracle"
RECORD = json.loads((ORACLE / "vision.json").read_text())
CONTENT = (ORACLE / "vision.bin").read_bytes()

# How far ours may be off in uint8. OpenCV blurs and interpolates these in fixed point of its own; MindSpore takes a
# Pillow image through HSV and back even when the hue does not change.
NEARLY = {"GaussianBlur": 1, "BICUBIC": 1, "30,V.Inter.BILINEAR": 1, "resample=V.Inter.BILINEAR": 1,
          "AutoContrast(10": 1, "AdjustGamma": 1, "RandomLighting": 1, "RandomColorAdjust": 4}


@pytest.fixture(scope="module")
def names():
    found = {"ms": ms}
    exec(RECORD["inputs"], found)
    return found


def check(ours, theirs, tolerance):
    is_image = hasattr(ours, "getbands")
    assert (ours.mode if is_image else "array") == theirs["kind"]
    array = np.asarray(ours)
    wanted = np.frombuffer(CONTENT[slice(*theirs["at"])], theirs["dtype"]).reshape(theirs["shape"])
    assert (array.dtype, array.shape) == (wanted.dtype, wanted.shape)
    if array.dtype.kind in "fu" and array.dtype != np.uint8 or array.dtype.kind == "f":
        np.testing.assert_allclose(array, wanted, rtol=3e-6 if array.dtype != np.float16 else 1e-3, atol=3e-5)
    else:
        assert np.abs(array.astype(int) - wanted.astype(int)).max(initial=0) <= tolerance


@pytest.mark.parametrize("case", RECORD["cases"])
def test_as_recorded(case, names):
    theirs = RECORD["cases"][case]
    if isinstance(theirs, dict):
        with pytest.raises(Exception) as caught:
            eval(case, names)
        assert caught.type.__name__ == theirs["error"]
        return
    ours = eval(case, names)
    ours = ours if isinstance(ours, tuple) else (ours,)
    assert len(ours) == len(theirs)
    for mine, recorded in zip(ours, theirs, strict=True):
        if recorded["kind"] != "object":
            check(mine, recorded, max([n for word, n in NEARLY.items() if word in case], default=0))
