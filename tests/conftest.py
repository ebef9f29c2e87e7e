"""The modes that tests run in; each starts in GRAPH_MODE with a fixed seed (conftest.py above)."""
from __future__ import annotations

import pytest

import mycelium as ms


@pytest.fixture(params=["pynative", "graph"])
def mode(request):
    """Runs the test in PYNATIVE_MODE and in GRAPH_MODE."""
    ms.set_context(mode=ms.PYNATIVE_MODE if request.param == "pynative" else ms.GRAPH_MODE)
    return request.param


@pytest.fixture
def pynative():
    """Runs the test in PYNATIVE_MODE."""
    ms.set_context(mode=ms.PYNATIVE_MODE)
