"""GRAPH_MODE answers as PYNATIVE_MODE to the programs of tests/graph/language, and both as MindSpore 1.8.1."""
import json
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from tests.graph.language import composition, flow, state, training, values  # noqa: F401  they fill the table
from tests.graph.language.table import PROGRAMS, Run

from mycelium.engine.compile import statistics

RECORDED = json.loads((Path(__file__).parents[1] / "data" / "language.json").read_text(encoding="utf-8"))
MOST = 60       # numbers that the recorder kept of an array

# where this package answers otherwise than MindSpore 1.8.1, and why
DIFFERS: dict[str, str] = {
    "composition.mutable_tuple": "MindSpore's gradient of a tuple made by mutable inside a function is empty",
    "flow.max_min_any_all": "abs() of Python cuts the gradient in MindSpore; here it is that of the absolute value",
    "state.TwoCellsOneParameter": "MindSpore's modes differ in the Parameter's gradient; here it is its GRAPH_MODE's",
    "values.tensor_indices": "a negative Tensor counts from the end here, as in NumPy; there only in some indices",
}


# run op by op in GRAPH_MODE, which says so
OP_BY_OP = {"composition.ArrayOfTensors", "composition.ArrayInAWhile", "composition.recursion_over_tensors"}


def _same(got, expected, rtol=2e-5, atol=1e-6):
    assert len(got) == len(expected)
    for g, e in zip(got, expected, strict=True):
        if e is None or isinstance(e, str):
            assert g == e
            continue
        assert g.shape == e.shape
        if g.dtype != e.dtype:      # a Python number may be a Tensor where a Tensor decided about it
            assert e.shape == () and e.dtype in (np.float64, np.int64, np.bool_) and g.dtype.kind == e.dtype.kind
        np.testing.assert_allclose(g, e, rtol=rtol, atol=atol)


@pytest.mark.parametrize("name", PROGRAMS)
def test_graph_equals_pynative_and_mindspore(name):
    found = PROGRAMS[name]
    pynative, graph = Run(found, "pynative"), Run(found, "graph")
    calls = found.calls if pynative.cell is not None else 1
    for i, case in enumerate(found.cases):
        pynative.restart()
        graph.restart()
        expected = [pynative.call(case) for _ in range(calls)] + [pynative.gradient(case) for _ in range(found.grad)]
        with pytest.warns(UserWarning, match="runs op by op") if name in OP_BY_OP and not i else nullcontext():
            got = [graph.call(case)]
        traces = statistics.traces
        got += [graph.call(case) for _ in range(calls - 1)]
        if calls == 1:
            graph.call(case)
        assert statistics.traces == traces, "the second call was traced again"
        with pytest.warns(UserWarning, match="runs op by op") if name in OP_BY_OP and found.grad and not i \
                else nullcontext():
            got += [graph.gradient(case) for _ in range(found.grad)]
        for g, e in zip(got, expected, strict=True):
            _same(g, e)
        if name not in DIFFERS:
            _compare_with_recorded(name, i, expected)


def _compare_with_recorded(name, i, expected):
    """PYNATIVE_MODE of MindSpore is the measure: its GRAPH_MODE, where it answers otherwise, drops writes and numbers
    of branches; it counts where PYNATIVE_MODE does not run. A second gradient of one Cell is left out: there MindSpore
    goes the way through the Python code that it recorded for the values of the first."""
    if isinstance(RECORDED[name], str):
        return
    if i and isinstance(PROGRAMS[name].make, type):
        expected = expected[:PROGRAMS[name].calls]
    for ours, pynative, graph in zip(expected, RECORDED[name]["pynative"][i], RECORDED[name]["graph"][i], strict=False):
        theirs = graph if isinstance(pynative, str) else pynative
        if isinstance(theirs, str):     # the type of its exception: it does not run there
            break
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            if b is None or isinstance(b, str):
                assert a == b
                continue
            dtype, shape, numbers = b
            assert list(a.shape) == shape
            assert str(a.dtype) == dtype or (not shape and a.dtype.kind == np.dtype(dtype).kind)
            np.testing.assert_allclose(a.reshape(-1)[:MOST], np.array(numbers, dtype), rtol=2e-4, atol=1e-5)
