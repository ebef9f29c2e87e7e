"""The names that docstring examples may use without importing them."""

from typing import Any

import numpy as np
import pytest

import mycelium as ms
from mycelium import Tensor, nn, ops


@pytest.fixture(autouse=True)
def _example_names(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace.update(ms=ms, np=np, nn=nn, ops=ops, Tensor=Tensor)
