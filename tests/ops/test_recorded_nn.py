"""The calls of tests/oracle/nn_cases.py, compared with what MindSpore 1.8.1 gave for them."""
import json
from pathlib import Path

import numpy as np
import pytest
from tests.oracle.nn_cases import namespace

import mycelium as ms

RECORDED = json.loads((Path(__file__).parents[1] / "oracle" / "nn.json").read_text())
NAMES = namespace(ms)
ROUNDED = {"float16": 3e-3, "float32": 1e-5}


def arrays(value):
    if isinstance(value, (tuple, list)):
        return [a for v in value for a in arrays(v)]
    return [value.asnumpy() if isinstance(value, ms.Tensor) else np.asarray(value)]


@pytest.mark.parametrize("case", RECORDED)
def test_case(case):
    outs = arrays(eval(case, dict(NAMES)))
    assert len(outs) == len(RECORDED[case])
    for out, expected in zip(outs, RECORDED[case], strict=True):
        assert str(out.dtype) == expected["dtype"]
        assert list(out.shape) == expected["shape"]
        tolerance = max(ROUNDED.get(expected["dtype"], 0), 1e-4 if "CeLU" in case else 0)    # its CeLU has 4 digits
        np.testing.assert_allclose(out.ravel().astype(np.float64), expected["values"], tolerance, tolerance)
