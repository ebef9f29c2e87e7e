"""What every test starts from: GRAPH_MODE, the default, and a fixed seed."""
from __future__ import annotations

import pytest

import mycelium as ms


@pytest.fixture(autouse=True)
def fresh_context():
    ms.set_context(mode=ms.GRAPH_MODE)
    ms.set_seed(1)
    yield
    ms.set_context(mode=ms.GRAPH_MODE)


@pytest.fixture(params=["pynative", "graph"])
def mode(request):
    """Runs the test in PYNATIVE_MODE and in GRAPH_MODE."""
    ms.set_context(mode=ms.PYNATIVE_MODE if request.param == "pynative" else ms.GRAPH_MODE)
    return request.param


@pytest.fixture
def pynative():
    """Runs the test in PYNATIVE_MODE."""
    ms.set_context(mode=ms.PYNATIVE_MODE)
