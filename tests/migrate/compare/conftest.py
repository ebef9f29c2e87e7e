"""Comparisons run op by op unless a test says otherwise, and torch leaves a core to the other test processes."""

import pytest
import torch

import mycelium as ms


@pytest.fixture(autouse=True)
def op_by_op():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ms.set_context(mode=ms.PYNATIVE_MODE)
    yield
    torch.set_num_threads(threads)
