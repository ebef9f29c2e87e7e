"""`set_auto_parallel_context` and what goes with it: the settings of r1.8 for programs on several devices."""

from __future__ import annotations

from typing import Any

import jax

from mycelium.core.errors import check_choice, check_range, check_type, nearest


class ParallelMode:
    """The ways of r1.8 to use several devices, as strings."""

    STAND_ALONE = "stand_alone"
    DATA_PARALLEL = "data_parallel"
    HYBRID_PARALLEL = "hybrid_parallel"
    SEMI_AUTO_PARALLEL = "semi_auto_parallel"
    AUTO_PARALLEL = "auto_parallel"
    MODE_LIST = [STAND_ALONE, DATA_PARALLEL, HYBRID_PARALLEL, SEMI_AUTO_PARALLEL, AUTO_PARALLEL]


_DEFAULTS: dict[str, Any] = {
    "device_num": 1,
    "global_rank": 0,
    "gradients_mean": False,
    "gradient_fp32_sync": True,
    "parallel_mode": ParallelMode.STAND_ALONE,
    "search_mode": "dynamic_programming",
    "parameter_broadcast": False,
    "strategy_ckpt_load_file": "",
    "strategy_ckpt_save_file": "",
    "full_batch": False,
    "dataset_strategy": "data_parallel",
    "enable_parallel_optimizer": False,
    "enable_alltoall": False,
    "all_reduce_fusion_config": [],
    "pipeline_stages": 1,
    "grad_accumulation_step": 1,
}
_values = dict(_DEFAULTS)


def set_auto_parallel_context(**kwargs: Any) -> None:
    """Sets how a program uses several devices. One process runs the same program under every mode.

    Args:
        **kwargs: The settings of r1.8, such as `parallel_mode` (a `ParallelMode`), `device_num` (int, 1 to 4096) and
            `gradients_mean` (bool). They are kept and read back.

    Raises:
        ValueError: An unknown setting, or a value outside its range.
        TypeError: A value of the wrong type.
        RuntimeError: A mode other than "stand_alone" with several processes, which is not implemented yet.

    Examples:
        >>> ms.set_auto_parallel_context(parallel_mode="data_parallel", gradients_mean=True)
        >>> ms.get_auto_parallel_context("parallel_mode")
        'data_parallel'
        >>> ms.reset_auto_parallel_context()

    MindSpore r1.8 `mindspore.set_auto_parallel_context`.
    """
    owner = "set_auto_parallel_context"
    for name, value in kwargs.items():
        _known(owner, name)
        if name == "parallel_mode":
            check_choice(owner, name, value, ParallelMode.MODE_LIST)
            if value != ParallelMode.STAND_ALONE and jax.process_count() > 1:
                raise RuntimeError(
                    f"For '{owner}', parallel_mode={value!r} over {jax.process_count()} processes is not implemented "
                    "by Mycelium yet: run the program in one process."
                )
        elif name == "device_num":
            check_range(owner, name, check_type(owner, name, value, int), 1, 4096)
        elif name == "dataset_strategy":
            check_type(owner, name, value, (str, tuple))
        else:
            check_type(owner, name, value, type(_DEFAULTS[name]))
    _values.update(kwargs)


def get_auto_parallel_context(attr_key: str) -> Any:
    """The value of a setting of `set_auto_parallel_context`; ValueError if there is no such setting."""
    _known("get_auto_parallel_context", attr_key)
    return _values[attr_key]


def reset_auto_parallel_context() -> None:
    """Sets every setting of `set_auto_parallel_context` to its default."""
    _values.update(_DEFAULTS)


def _known(owner: str, name: str) -> None:
    if name not in _DEFAULTS:
        raise ValueError(f"For '{owner}', {name!r} is not a setting{nearest(name, _DEFAULTS) or '.'}")
