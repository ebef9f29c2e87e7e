"""`mindspore.communication`: the rank of this process and how many there are, as JAX's runtime knows them."""

from __future__ import annotations

import jax

from mycelium.core.errors import check_type, nearest

HCCL_WORLD_COMM_GROUP = "hccl_world_group"
NCCL_WORLD_COMM_GROUP = "nccl_world_group"
MCCL_WORLD_COMM_GROUP = "mccl_world_group"
_GROUPS = {"hccl": HCCL_WORLD_COMM_GROUP, "nccl": NCCL_WORLD_COMM_GROUP, "mccl": MCCL_WORLD_COMM_GROUP}

__all__ = [
    "GlobalComm",
    "HCCL_WORLD_COMM_GROUP",
    "MCCL_WORLD_COMM_GROUP",
    "NCCL_WORLD_COMM_GROUP",
    "get_group_size",
    "get_local_rank",
    "get_local_rank_size",
    "get_rank",
    "init",
    "release",
]


class GlobalComm:
    """The state of the communication: what `init` was called with, and whether it was."""

    BACKEND: str = "hccl"
    WORLD_COMM_GROUP: str = HCCL_WORLD_COMM_GROUP
    INITED = False


def init(backend_name: str | None = None) -> None:
    """Makes `get_rank` and its like answer.

    Args:
        backend_name: "hccl", "nccl", "mccl" or None; JAX's runtime is used, whichever is named.

    Raises:
        TypeError: `backend_name` is not a string.
        ValueError: It is another name.

    Examples:
        >>> from mycelium.parallel.communication import get_group_size, get_rank, init, release
        >>> init()
        >>> get_rank(), get_group_size()
        (0, 1)
        >>> release()

    MindSpore r1.8 `mindspore.communication.init`.
    """
    if backend_name is not None:
        check_type("init", "backend_name", backend_name, str)
        if backend_name not in _GROUPS:
            raise ValueError(
                f"For 'init', 'backend_name' should be one of {list(_GROUPS)}, but got {backend_name!r}"
                f"{nearest(backend_name, _GROUPS) or '.'}"
            )
        GlobalComm.BACKEND, GlobalComm.WORLD_COMM_GROUP = backend_name, _GROUPS[backend_name]
    GlobalComm.INITED = True


def release() -> None:
    """Ends the communication that `init` began; without one it does nothing."""
    GlobalComm.INITED = False


def get_rank(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The number of this process, from 0.

    Args:
        group: The group of all processes, the only one there is.

    Raises:
        RuntimeError: `init` has not been called.
        TypeError: `group` is not a string.
        ValueError: `group` is no known group.
    """
    _check("get_rank", group)
    return jax.process_index()


def get_group_size(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """How many processes there are; arguments and errors as for `get_rank`."""
    _check("get_group_size", group)
    return jax.process_count()


def get_local_rank(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The index on this machine of the process's first device; arguments and errors as for `get_rank`."""
    _check("get_local_rank", group)
    return jax.local_devices()[0].local_hardware_id or 0


def get_local_rank_size(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """How many devices this process has; arguments and errors as for `get_rank`."""
    _check("get_local_rank_size", group)
    return jax.local_device_count()


def _check(owner: str, group: str) -> None:
    check_type(owner, "group", group, str)
    if not GlobalComm.INITED:
        raise RuntimeError(
            f"For '{owner}', distributed communication has not been inited: call mindspore.communication.init() first."
        )
    if group not in _GROUPS.values():
        raise ValueError(
            f"For '{owner}', 'group' should be the world group {GlobalComm.WORLD_COMM_GROUP!r}, but got {group!r}; "
            "groups of some processes are not implemented by Mycelium yet."
        )
