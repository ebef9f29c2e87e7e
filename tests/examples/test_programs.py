"""The example programs learn, and take the same steps in both modes."""
from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import mycelium as ms
from mycelium.compat import install_as_mindspore, uninstall

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def program(request):
    """An example as a module, its `import mindspore` leading here."""
    install_as_mindspore()
    spec = importlib.util.spec_from_file_location(f"example_{request.param}", EXAMPLES / f"{request.param}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop(spec.name, None)
    uninstall()


def both(program, **kwargs):
    """What `train` returns in GRAPH_MODE and in PYNATIVE_MODE."""
    return program.train(ms.GRAPH_MODE, **kwargs), program.train(ms.PYNATIVE_MODE, **kwargs)


@pytest.mark.parametrize("program", ["pinn"], indirect=True)
def test_pinn(program):
    (graph, _), (pynative, _) = both(program, steps=30)
    np.testing.assert_allclose(graph, pynative, rtol=2e-3)
    assert graph[-1] < graph[0]


@pytest.mark.parametrize("program", ["actor_critic"], indirect=True)
def test_actor_critic(program):
    (graph, losses), (pynative, other) = both(program, episodes=6)
    assert graph == pynative
    np.testing.assert_allclose(losses, other, rtol=2e-3)
