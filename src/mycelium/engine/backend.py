"""Arrays and devices on JAX. Importing this module gives `core` its array backend."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mycelium.core import context
from mycelium.core.array import holder
from mycelium.core.errors import warn
from mycelium.core.local import local

jax.config.update("jax_enable_x64", True)   # Tensor([1, 2]) is int64 and a float64 array stays float64
if hasattr(jax.config, "jax_use_simplified_jaxpr_constants"):
    # engine.compile finds Parameters among the constants of a traced program
    jax.config.update("jax_use_simplified_jaxpr_constants", False)

# XLA's default computes convolutions with YNNPACK too: 1.5 times as long for a ResNet-18 training step on two cores.
_XLA_OPTIONS: dict[str, str | bool] = {"xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_DOT"}

Array = Any     # a jax.Array or, while tracing, a jax.core.Tracer


def jit(fn: Callable, donate_argnums: int | tuple[int, ...] = (), **options: str | bool) -> Any:
    """`fn` compiled by XLA as this package wants it, with some more of XLA's options."""
    return jax.jit(fn, donate_argnums=donate_argnums, compiler_options=_XLA_OPTIONS | options)


def is_traced(array: Any) -> bool:
    """Whether `array` stands for a value of a program being traced."""
    return isinstance(array, jax.core.Tracer)


def alias(array: Any) -> Array:
    """Another array object on the same memory, to be told apart by identity."""
    if isinstance(array, jax.core.Tracer):
        return array
    if len(array.sharding.device_set) == 1:
        # bound to its device only if `array` is, which make_array_... does not keep: a kernel is compiled for each kind
        return type(array)(array.aval, array.sharding, [array], committed=array.committed, _skip_checks=True)
    return jax.make_array_from_single_device_arrays(
        array.shape, array.sharding, [s.data for s in array.addressable_shards])


class _Backend:
    """See `core.array.ArrayBackend`."""

    is_traced = staticmethod(is_traced)

    @staticmethod
    def put(value: Any) -> Array:
        # may_alias=False: the Tensor must not see later writes to the caller's NumPy array
        if local.scope is None:
            return jax.device_put(value, may_alias=False)
        with jax.ensure_compile_time_eval():    # a Tensor made of numbers is a constant of the program, with its values
            return jax.device_put(value, may_alias=False)

    alias = staticmethod(alias)

    @staticmethod
    def copy(array: Any) -> Array:
        return jnp.array(array, copy=True)

    @staticmethod
    def cast(array: Any, dtype: Any) -> Array:
        return array.astype(dtype)


holder.backend = _Backend()


def accelerator() -> str | None:
    """The JAX platform of the accelerator here ("gpu", "tpu"), or None."""
    platform = jax.default_backend()
    return None if platform == "cpu" else platform


@context.on_setting("device_target", "device_id")
def _select_device(target: str | None, device_id: int) -> None:
    platform = target.lower() if target else None
    if target == "Ascend":
        platform = accelerator() or "cpu"
        warn(f"device_target='Ascend' runs on this machine's {platform.upper()}: Mycelium compiles through XLA.")
    elif target == "GPU":
        platform = accelerator()
        if platform is None:
            raise RuntimeError("device_target='GPU' was asked for, but JAX finds no accelerator here. Install JAX for "
                               "your GPU (pip install 'jax[cuda12]'), or use set_context(device_target='CPU').")
    if platform is not None and device_id == 0:
        jax.config.update("jax_default_device", platform)   # by name: does not start the devices yet
        return
    devices = jax.devices(platform) if platform else jax.devices()
    if device_id >= len(devices):
        raise ValueError(f"For 'set_context', 'device_id' is {device_id}, but there are only {len(devices)} "
                         f"{devices[0].platform.upper()} device(s): use 0 to {len(devices) - 1}.")
    jax.config.update("jax_default_device", devices[device_id])


def device_target() -> str:
    """The device that programs run on when they ask for none."""
    return "CPU" if jax.default_backend() == "cpu" else "GPU" if jax.default_backend() in ("gpu", "cuda", "rocm") \
        else "Ascend"


context.default_device.append(device_target)


def block_until_ready(arrays: Any) -> Any:
    """Waits for the devices to finish computing `arrays`; returns them."""
    return jax.block_until_ready(arrays)


def versions() -> dict[str, str]:
    """The versions of the libraries underneath."""
    return {"jax": jax.__version__, "numpy": np.__version__}


def devices() -> list[str]:
    """The devices JAX finds, in its words."""
    return [str(d) for d in jax.devices()]
