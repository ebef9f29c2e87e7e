"""What every test and every docstring example starts from."""

import os
import signal
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

# `make test` sets it where thousands of small programs run once each: most of their time is XLA's, and half of that
# goes into making fast what is over at once. What a program means does not depend on it.
if os.environ.get("MYCELIUM_QUICK_COMPILE"):
    flags = ["--xla_backend_optimization_level=0"]
    if version("jaxlib") < "0.11":      # which knows one way of generating code only
        flags.append("--xla_cpu_use_fusion_emitters=false")
    os.environ["XLA_FLAGS"] = " ".join([os.environ.get("XLA_FLAGS", ""), *flags])
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:       # as a shell starts what it runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("KERAS_BACKEND", "jax")      # read when Keras, which tests compare with, is imported

import numpy as np
import pytest
import torch

import mycelium as ms
from mycelium import Tensor, nn, ops

# It is a module for other processes, and would take the name mindspore in this one.
collect_ignore = ["src/mycelium/compat/children/mindspore.py"]
collect_ignore_glob = ["tests/*/record_*.py", "tests/oracle/nn_cases.py",      # run under real MindSpore
                       "tests/graph/language/*"]     # programs of test_language.py, which a second import adds twice


@pytest.fixture(autouse=True)
def fresh_context() -> Iterator[None]:
    """GRAPH_MODE, the default, and fixed seeds, so that what fails once fails always."""
    ms.set_context(mode=ms.GRAPH_MODE)
    ms.set_seed(1)
    torch.manual_seed(1)
    yield
    ms.set_context(mode=ms.GRAPH_MODE)


@pytest.fixture(autouse=True)
def example_names(doctest_namespace: dict[str, Any]) -> None:
    """The names that docstring examples may use without importing them."""
    doctest_namespace.update(ms=ms, np=np, nn=nn, ops=ops, Tensor=Tensor)
