"""Reference networks: a torch.nn.Module, a Keras 3 model, or a recording, behind one small interface."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mycelium.core.errors import describe
from mycelium.core.tensor import Tensor
from mycelium.migrate.adapters.base import Inputs, Reference, map_leaves
from mycelium.migrate.adapters.keras_model import KerasReference, is_layer
from mycelium.migrate.adapters.recorded import RecordedReference
from mycelium.migrate.adapters.torch_module import TorchReference, is_module, is_tensor, to_numpy


def reference(network: Any) -> Reference:
    """The reference for a network of another framework.

    Args:
        network: torch.nn.Module, Keras 3 model, or the path of a recording.

    Raises:
        TypeError: `network` is something else.
    """
    if isinstance(network, Reference):
        return network
    if is_module(network):
        return TorchReference(network)
    if is_layer(network):
        return KerasReference(network)
    if isinstance(network, (str, Path)):
        return RecordedReference(network)
    raise TypeError(f"A reference should be a torch.nn.Module, a Keras 3 model or the path of a recorded .npz file, "
                    f"but got {describe(network)}.")


def inputs_of(value: Any) -> Inputs:
    """Arguments as NumPy: a dict goes in by name, a tuple or list by position, anything else is the one argument."""
    value = map_leaves(value, _host)
    if isinstance(value, Inputs):
        return value
    if isinstance(value, dict):
        return Inputs((), value)
    return Inputs(tuple(value) if isinstance(value, (tuple, list)) else (value,))


def _host(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.asnumpy()
    if is_tensor(value):
        return to_numpy(value)
    if isinstance(value, np.generic) or type(value).__module__.split(".")[0] in ("jax", "jaxlib"):
        return np.asarray(value)
    return value
