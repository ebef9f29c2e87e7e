"""Records what real MindSpore answers: logits and losses of mindcv's models, into tests/data/mindcv.npz.

Run under MindSpore 2.0.0 with mindcv 0.3.0 from the root of the repository: `python tools/zoo/record.py [FAMILY ...]`.
Each family runs in a process of its own; families that are named replace what the file has of them.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.zoo.models import FAMILIES  # noqa: E402

TARGET = ROOT / "tests" / "data" / "mindcv.npz"
WORKER = "--one"


def record(family: str) -> dict[str, np.ndarray]:
    """The arrays of one family, by their names in the file."""
    import mindspore  # only in the process that runs the model

    mindspore.set_context(device_target="CPU")
    from tools.zoo import workload

    choice, found = FAMILIES[family], {}
    for mode in ("graph", "pynative"):
        if found:    # its modes agree: one is enough
            break
        try:
            run = workload.forward(choice.model, choice.size, mode, choice.gain, choice.half)
        except Exception as error:    # what MindSpore itself cannot run is worth knowing, and no reason to stop
            print(f"{family} {mode}: {str(error).splitlines()[:1]}", flush=True)
            continue
        print(f"{family} {mode}: {run.parameters / 1e6:.1f} M, logits {run.logits.mean():.3g} +- "
              f"{run.logits.std():.3g}, created {run.created:.1f} s, calls {run.first:.1f} s, {run.second:.1f} s",
              flush=True)
        found |= {f"{family}/logits": run.logits, f"{family}/names": np.array(run.names)}
    if choice.train:
        for style in workload.STYLES:
            losses, seconds = workload.train(choice.model, "graph", style, **choice.train)
            print(f"{family} {style}: losses {losses}, {[round(s, 1) for s in seconds]} s", flush=True)
            found[f"{family}/{style}"] = np.array(losses)
    return found


def main() -> None:
    """Records every family that is named, or all."""
    if sys.argv[1:2] == [WORKER]:
        np.savez(sys.argv[3], **record(sys.argv[2]))
        return
    kept = dict(np.load(TARGET)) if TARGET.exists() else {}
    for family in sys.argv[1:] or FAMILIES:
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            part = os.path.join(folder, "part.npz")
            done = subprocess.run([sys.executable, __file__, WORKER, family, part], timeout=3600)
            if done.returncode == 0:
                kept = {k: v for k, v in kept.items() if not k.startswith(f"{family}/")} | dict(np.load(part))
                np.savez_compressed(TARGET, **kept)
        print(json.dumps({"family": family, "rc": done.returncode, "s": round(time.perf_counter() - start, 1)}),
              flush=True)


if __name__ == "__main__":
    main()
