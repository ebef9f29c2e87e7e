"""Whether a comparison fits in memory: asked before it starts, for a process that runs out may simply be killed."""
from __future__ import annotations

import os
from pathlib import Path

# Copies of the weights that stages hold at their highest, beside the two networks. Measured on 24 Dense layers of
# 2048 by 2048: 4.7 in evaluation mode, 6.5 with training mode, 8.1 with gradients, 20.8 with optimizer steps.
COPIES = {"modes": 7, "gradients": 9, "steps": 21}


def check_memory(size: int, gradients: bool, steps: int, recorded: bool) -> None:
    """Refuses a comparison for which there is not enough memory.

    Args:
        size: Of the weights of one network, in bytes.
        gradients: Whether gradients are compared.
        steps: How many optimizer steps are.
        recorded: Whether the reference is a recording.

    Raises:
        MemoryError: With what is needed, what is free, and what can be left out.
    """
    free = available()
    stage = "steps" if steps else "gradients" if gradients else "modes"
    if free is None or COPIES[stage] * size <= free:
        return
    left_out = []
    if steps:
        left_out.append(f"steps=0 (then about {_gib(COPIES['gradients' if gradients else 'modes'] * size)})")
    if gradients:
        left_out.append(f"{'and ' if steps else ''}gradients=False (about {_gib(COPIES['modes'] * size)})")
    ways = [f"Leave out {' '.join(left_out)}"] if left_out else []
    ways += [] if recorded else ["record the reference in a process of its own with mycelium.migrate.record, and "
                                 "compare with the file"]
    ways.append("compare a smaller network with the same layers")
    advice = "; ".join(ways)
    raise MemoryError(f"For 'compare', weights of {_gib(size)} need about {_gib(COPIES[stage] * size)} beside the two "
                      f"networks, but {_gib(free)} are free. {advice[0].upper()}{advice[1:]}.")


def available() -> int | None:
    """Bytes that can still be had: of the machine, or of the control group if that allows less; None if unknown."""
    found = [_machine(), _group()]
    return min((f for f in found if f is not None), default=None)


def _machine() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):    # no Linux: what lies in caches counts as taken there
        try:
            return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            return None


def _group() -> int | None:
    root = Path("/sys/fs/cgroup")
    try:
        return int((root / "memory.max").read_text()) - int((root / "memory.current").read_text())
    except (OSError, ValueError):                   # no such group, or "max": no limit
        return None


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"
