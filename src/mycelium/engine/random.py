"""Random streams: a state that every draw advances, an input and an output of compiled programs like a Parameter."""
from __future__ import annotations

import secrets
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import context
from mycelium.core.local import local

_ADVANCE = jax.jit(lambda state: state + np.array([0, 1], np.uint32))


class RandomState:
    """The seed and the number of draws so far, as a uint32 array of shape (2,); hashable, scoped like a Parameter."""

    __slots__ = ("_value", "__weakref__")
    requires_grad = False
    name = "random state"

    def __init__(self) -> None:
        self.seed(secrets.randbits(31))

    def seed(self, seed: int) -> None:
        """Starts the stream again."""
        self._value = np.array([seed & 0xFFFFFFFF, 0], np.uint32)

    @property
    def _array(self) -> Any:
        if type(self._value) is np.ndarray:     # made on first use: importing must not start JAX's devices
            with jax.ensure_compile_time_eval():    # a real array also when a trace is the first to ask for it
                self._value = jnp.array(self._value)
        return self._value

    @_array.setter
    def _array(self, array: Any) -> None:
        self._value = array

    @property
    def _data(self) -> Any:
        scope = local.scope
        return self._array if scope is None else scope.read(self)

    @_data.setter
    def _data(self, array: Any) -> None:
        scope = local.scope
        if scope is None:
            self._array = array
        else:
            scope.write(self, array)

    def next(self) -> Any:
        """Key data (uint32, shape (2,)) for one draw; the next call gives another."""
        key = self._data
        self._data = key + np.array([0, 1], np.uint32) if local.scope is not None else _ADVANCE(key)
        return key


generator = RandomState()
context.on_seed(generator.seed)


def make_key(key_data: Any, seed: int = 0, seed2: int = 0) -> Any:
    """A JAX key for one draw; an operator's own seeds, where given, take the place of the global one."""
    if seed or seed2:
        own = np.uint32((seed * 0x9E3779B1 + seed2 * 0x85EBCA77 + 1) & 0xFFFFFFFF)
        key_data = jnp.stack([jnp.asarray(own), key_data[1]])
    return jax.random.wrap_key_data(key_data, impl="threefry2x32")
